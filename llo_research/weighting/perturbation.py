"""Estimated totals on replicate designs: replicates have totals of their own, whose spread is the covariance."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import CalibrationError
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.replicate_factors import contrasts
from llo_research.weighting.system import System

if TYPE_CHECKING:
    from llo_research.design.replicates import Replicates

# A total of which a smaller share of the variance is its own follows from the others.
_NO_VARIANCE = 1e-10


def replicate_totals(
    systems: tuple[System, ...],
    covs: tuple[Floats | None, ...],
    groups: tuple[Any, ...],
    full: Floats,
    weights: Floats,
    replicates: Replicates | None,
) -> list[Floats]:
    """Totals of each system: (p,) where they are known, (p, R) where they are estimated.

    With cov = A A' and orthonormal rows Q over the replicates, t_r = t + A Q_r / sqrt(scale rscales_r), so that
    scale sum_r rscales_r (t_r - t)(t_r - t)' = cov (Fuller, W. A. (1998). Replication variance estimation for the
    two-phase sample. Statistica Sinica, 8, 1153-1164; Opsomer, J. D. and Erciulescu, A. L. (2021). Replication variance
    estimation after sample-based calibration. Survey Methodology, 47, 265-277). The rows of Q are orthogonal to the
    deviations of the replicate weights as far as there is room, which keeps products of both out of the variance.
    Groups and totals take their turn by name, so that A and Q do not depend on the order in which they were given.

    full : (n,) full-sample weights and weights : (n, R) replicate weights before the step.
    """
    totals = [system.totals for system in systems]
    if replicates is None:
        return totals
    roots, names = {}, []
    for number in sorted(range(len(systems)), key=lambda k: str(groups[k])):
        cov = covs[number]
        if cov is not None and (np.diag(cov) > 0).any():
            keys = systems[number].keys()
            turn = [j for j in sorted(range(len(keys)), key=keys.__getitem__) if cov[j, j] > 0]
            roots[number] = _root(cov, np.array(turn))
            names += [f"{groups[number]}:{keys[j]}" for j in turn]
    if not roots:
        return totals
    ends = np.cumsum([root.shape[1] for root in roots.values()])
    shifts = _shifts(full, weights, replicates, int(ends[-1]), zlib.crc32("|".join(names).encode("utf-8")))
    for (number, root), shift in zip(roots.items(), np.split(shifts, ends[:-1]), strict=True):
        totals[number] = totals[number][:, None] + root[systems[number].columns] @ shift
    return totals


def _root(cov: Floats, turn: Codes) -> Floats:
    """A (P x q) with cov = A A': one direction for each total, in turn, that does not follow from those before."""
    error = np.sqrt(np.diag(cov)[turn])
    correlation = cov[np.ix_(turn, turn)] / np.outer(error, error)
    columns: list[Floats] = []
    left = correlation
    for j in range(len(turn)):
        if left[j, j] > _NO_VARIANCE:
            columns.append(left[:, j] / np.sqrt(left[j, j]))
            left = left - np.outer(columns[-1], columns[-1])
    out = np.zeros((len(cov), len(columns)))
    out[turn] = error[:, None] * np.column_stack(columns)
    return out


def _shifts(full: Floats, weights: Floats, replicates: Replicates, size: int, seed: int) -> Floats:
    """Q_r / sqrt(scale rscales_r), size x R; zero at replicates that do not count.

    The rows start from numbers drawn with a seed that the names of the totals give, one direction after the other.
    """
    factor = replicates.scale * replicates.rscales
    used = np.flatnonzero(factor > 0)
    root, groups = np.sqrt(factor[used]), [np.searchsorted(used, group) for group in replicates.centred()]
    if len(used) - len(groups) < size:
        raise CalibrationError(
            "There are too few replicates for the covariance of the estimated totals.",
            where="EstimatedTotals",
            found=f"{len(used)} replicates" + ("" if replicates.mse else " (around their mean)"),
            expected=f"at least {size + len(groups)}: the totals vary in {size} independent directions",
            todo="make more replicates (llo.replicate(svy, 'bootstrap', replicates=500, seed=...)), or join levels",
        )
    deviation = weights[:, used] - full[:, None]
    against = np.zeros((len(used), len(groups)))
    for k, group in enumerate(groups):
        deviation[:, group] -= deviation[:, group].mean(axis=1, keepdims=True)
        against[group, k] = 1 / root[group]
    deviation *= root
    start = np.random.PCG64(seed).random_raw(len(used) * size).reshape(len(used), size) / 2.0**63 - 1.0
    rows = contrasts(deviation.T @ deviation, against, start * root[:, None]).T
    out = np.zeros((size, len(factor)))
    out[:, used] = rows / root
    return out

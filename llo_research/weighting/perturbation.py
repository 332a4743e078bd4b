"""Estimated totals on replicate designs: replicates have totals of their own, whose spread is the covariance."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from llo_research.errors import CalibrationError
from llo_research.numerics.groups import Floats
from llo_research.numerics.replication import contrasts
from llo_research.weighting.system import System

if TYPE_CHECKING:
    from llo_research.survey.replicates import Replicates

# Directions of a correlation matrix with a smaller eigenvalue have no variance.
_NO_VARIANCE = 1e-11


def replicate_totals(
    systems: tuple[System, ...],
    covs: tuple[Floats | None, ...],
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

    full : (n,) full-sample weights and weights : (n, R) replicate weights before the step.
    """
    totals = [system.totals for system in systems]
    if replicates is None:
        return totals
    roots = [
        np.zeros((len(system.totals), 0)) if cov is None else _root(cov[np.ix_(system.columns, system.columns)])
        for system, cov in zip(systems, covs, strict=True)
    ]
    ends = np.cumsum([root.shape[1] for root in roots])
    if ends[-1] == 0:
        return totals
    names = "|".join(label for system in systems for label in system.labels)
    shifts = _shifts(full, weights, replicates, int(ends[-1]), zlib.crc32(names.encode("utf-8")))
    own = np.split(shifts, ends[:-1])
    return [
        total[:, None] + root @ shift if root.shape[1] else total
        for total, root, shift in zip(totals, roots, own, strict=True)
    ]


def _root(cov: Floats) -> Floats:
    """A (p x q) with cov = A A', from the spectral decomposition of the correlations, largest first."""
    error = np.sqrt(np.maximum(np.diag(cov), 0.0))
    safe = np.where(error > 0, error, 1.0)
    values, vectors = np.linalg.eigh(cov / np.outer(safe, safe))
    kept = np.flatnonzero(values > _NO_VARIANCE * max(float(values.max(initial=0.0)), 1.0))[::-1]
    return np.asarray(error[:, None] * vectors[:, kept] * np.sqrt(values[kept]))


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

"""Romano and Wolf's step-down p-values: claims about several rows at once that use how these go together."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from llo_research.design.residuals import Residuals
from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.results.exported import check_covariances
from llo_research.results.simultaneous import joint_draws
from llo_research.results.vcov import DESIGN, ByCluster

if TYPE_CHECKING:
    from llo_research.results.result import Result

# With fewer sampling units than this the joint t is no guide to the far tail, and multipliers are drawn.
FEW = 30
DRAWS = 9999
# A tail with fewer points than this is not told by points: Sidak's bound is taken, which errs on the safe side.
_FEW_POINTS = 50


def stepdown(statistic: Floats, p_value: Floats, draws: Floats, *, drawn: bool) -> Floats:
    """(k,) adjusted p-values of |t|, from draws (B, k) of |t| where there is nothing to claim.

    Rows in the order of their statistics; each is compared with the maximum over itself and those after it (Romano,
    J. P. and Wolf, M. (2005). Exact and approximate stepdown methods for multiple hypothesis testing. Journal of the
    American Statistical Association, 100, 94-108). p_value : (k,) of each row alone, below which no p falls. drawn :
    whether draws are random, of which the sample itself counts as one.
    """
    order = np.argsort(-np.abs(statistic), kind="stable")
    largest = np.maximum.accumulate(draws[:, order][:, ::-1], axis=1)[:, ::-1]
    at = np.abs(statistic)[order]
    counts = (largest >= at * (1 - 1e-9)).sum(axis=0)
    b, alone = len(draws), p_value[order]
    if drawn:
        found = (1 + counts) / (1 + b)
    else:
        sidak = -np.expm1(np.arange(len(order), 0, -1) * np.log1p(-np.minimum(alone, 1 - 1e-16)))
        found = np.where(counts < _FEW_POINTS, sidak, np.minimum(counts / b, sidak))
    out = np.empty(len(order))
    out[order] = np.minimum(np.maximum.accumulate(np.maximum(found, alone)), 1.0)
    return out


def romano_wolf(result: Result, statistic: Floats, p_value: Floats, seed: int | None) -> tuple[Floats, str]:
    """(k,) adjusted p-values of a result, nan without a test, and how they were made."""
    out = np.full(len(statistic), np.nan)
    known = np.flatnonzero(np.isfinite(p_value))
    if not len(known):
        return out, "romano-wolf"
    parts = contributions(result, known)
    if parts is None:
        check_covariances(result.meta, result.covariance, np.isin(np.arange(len(out)), known)[None, :], "Romano-Wolf")
        df = float(np.min(result.df[known]))
        scale = np.sqrt(np.diag(result.covariance)[known])
        correlation = result.covariance[np.ix_(known, known)] / np.outer(scale, scale)
        draws, told = np.abs(joint_draws(correlation, df)), "joint t"
    else:
        multiplied = _multiplied(*parts, _random(seed, len(parts[0])))
        draws, told = with_margins(multiplied, result.df[known]), f"{DRAWS} multipliers of units"
    out[known] = stepdown(statistic[known], p_value[known], draws, drawn=parts is not None)
    return out, told


def with_margins(draws: Floats, df: Floats) -> Floats:
    """(B, k) of |t|, each column by its ranks: how rows go together is that of the draws, each alone is Student's t.

    Normal multipliers of few units have thinner tails than t, and so would claim too much of independent rows.
    """
    b = len(draws)
    rank = np.empty(draws.shape)
    np.put_along_axis(rank, np.argsort(-draws, axis=0, kind="stable"), np.arange(1.0, b + 1)[:, None], axis=0)
    return np.asarray(stats.t.isf(rank / (b + 1) / 2, df))


def _random(seed: int | None, units: int) -> np.random.Generator:
    """The random numbers, which the caller asks for."""
    if seed is None or isinstance(seed, bool) or not isinstance(seed, Integral):
        raise DataError(
            "With few sampling units the step-down draws random numbers.",
            where="seed",
            found=f"{'no seed' if seed is None else repr(seed)}, and {units} sampling units",
            expected=f"a seed, a whole number; from {FEW} units on none is needed",
            todo="seed=1, or any other number that is told with the results; or method='holm'",
        )
    return np.random.default_rng(np.random.SeedSequence(int(seed)))


def contributions(result: Result, rows: Codes) -> tuple[Floats, Codes, Floats] | None:
    """What each of few sampling units adds to the rows (G, k), its stratum, and each stratum's n / (n - 1).

    None with more units, and where a result holds no scores of units: of replicates, imputations, or read from a file.
    """
    design, scores = result.design, result.scores
    if design is None or scores is None or result.draws:
        return None
    vcov = result.inference.vcov
    if isinstance(vcov, ByCluster) and vcov.name in ("cluster", "wild"):
        sums = scores.only(rows).sums(vcov.codes, int(vcov.codes.max(initial=-1)) + 1)
        return _few(np.sqrt(vcov.factor) * sums, np.zeros(len(sums), dtype=np.intp))
    if vcov.name != DESIGN.name or design.replicates is not None:
        return None
    stage = design.stages[0]
    if stage.unit is None and len(stage.stratum) >= FEW:
        return None
    unit = np.arange(len(stage.stratum)) if stage.unit is None else stage.unit
    if stage.n_units >= FEW and len(np.unique(unit[scores.weights != 0])) >= FEW:
        return None
    z = Residuals(scores.only(rows), design.steps).rows(slice(None))
    sums = group_sums(unit, z, stage.n_units)
    stratum = np.zeros(stage.n_units, dtype=np.intp)
    stratum[unit] = stage.stratum
    means = group_sums(stratum, sums, len(stage.units_per_stratum)) / stage.units_per_stratum[:, None]
    deviations = (sums - means[stratum]) * np.sqrt(stage.scale)[stratum][:, None]
    if stage.occasions is not None:
        who = stage.occasions.who
        return _few(group_sums(who, deviations, int(who.max()) + 1), np.zeros(int(who.max()) + 1, dtype=np.intp))
    return _few(deviations, stratum)


def _few(sums: Floats, stratum: Codes) -> tuple[Floats, Codes, Floats] | None:
    """The units that have a part in the rows, where they are few."""
    there = (sums != 0).any(axis=1)
    if not 2 <= there.sum() < FEW:
        return None
    _, codes = np.unique(stratum[there], return_inverse=True)
    number = np.bincount(codes).astype(np.float64)
    return sums[there], codes, np.divide(number, number - 1, out=np.ones_like(number), where=number > 1)


def _multiplied(sums: Floats, stratum: Codes, factor: Floats, source: np.random.Generator) -> Floats:
    """(B, k) of |t| when each unit's part is multiplied by a normal number, its error worked out anew.

    Within a stratum the error is that of the multiplied parts around their mean, which is independent of their sum.
    """
    draws = source.normal(size=(DRAWS, len(sums)))
    top, below = draws @ sums, np.zeros((DRAWS, sums.shape[1]))
    for h in range(len(factor)):
        own = stratum == h
        n = int(own.sum())
        if n < 2:
            continue
        part = draws[:, own] @ sums[own]
        below += factor[h] * (draws[:, own] ** 2 @ sums[own] ** 2 - part**2 / n)
    return np.abs(top) / np.sqrt(np.maximum(below, 1e-300))

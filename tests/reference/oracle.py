"""Slow, explicit answers for tests on random designs: all sums are loops, nothing is shared with the package.

Multi-stage variance of a total (Saerndal, Swensson and Wretman 1992, Model Assisted Survey Sampling,
section 4.3): with z the weighted value of a row, t_i the sum of z in unit i, n of N units taken in a stratum
and f = n / N,

    V(stage) = sum over strata [ (1 - f) n / (n - 1) sum_i (t_i - mean t)^2 + f sum_i V(stage below, in i) ]

Without a population count f = 0, so that later stages add nothing. Estimates that are not totals enter
through their linearised values (same book, section 5.5). Replicates: Wolter (2007), Introduction to Variance
Estimation, chapters 3 to 5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Row = Sequence[float]
Matrix = list[list[float]]
RULES = ("error", "remove", "adjust", "average", "certainty")


class LonelyUnitError(ValueError):
    """A stratum with one sampled unit of several, and the rule is to refuse."""


def _zeros(k: int) -> Matrix:
    return [[0.0] * k for _ in range(k)]


def _add(into: Matrix, other: Matrix, factor: float = 1.0) -> None:
    for a in range(len(into)):
        for b in range(len(into)):
            into[a][b] += factor * other[a][b]


def _outer(d: Sequence[float]) -> Matrix:
    return [[a * b for b in d] for a in d]


def _groups(keys: Sequence[object], rows: Sequence[int]) -> dict[object, list[int]]:
    found: dict[object, list[int]] = {}
    for i in rows:
        found.setdefault(keys[i], []).append(i)
    return found


def covariance(
    z: Sequence[Row],
    *,
    units: Sequence[Sequence[object]] = (),
    strata: Sequence[object] | None = None,
    counts: Sequence[Sequence[float]] = (),
    lonely: str = "error",
) -> Matrix:
    """Covariance of the column sums of `z` under a stratified multi-stage design.

    Parameters
    ----------
    z : n rows of k weighted values; rows outside a domain are zero, not absent.
    units : one sequence of n labels per stage, none for a sample of elements; labels may repeat elsewhere.
    strata : n labels of first-stage strata.
    counts : one sequence of n population counts per stage (units in the stratum; below that, in the parent).
    lonely : what a stratum with one unit of several adds: nothing (`remove`, `certainty`), the squared
        distance to the mean of all units (`adjust`; below the first stage, of all units of the parent), or
        as much as the other strata on average (`average`).
    """
    if lonely not in RULES:
        raise ValueError(f"lonely must be one of {RULES}, not {lonely!r}")
    n = len(z)
    stages = [list(labels) for labels in units] or [list(range(n))]
    first = list(strata) if strata is not None else [0] * n
    return _stage(z, list(range(n)), first, stages, [list(c) for c in counts], lonely)


def _stage(
    z: Sequence[Row],
    rows: list[int],
    strata: Sequence[object],
    units: list[list[object]],
    counts: list[list[float]],
    lonely: str,
) -> Matrix:
    k = len(z[0])
    here = {s: _groups(units[0], members) for s, members in _groups(strata, rows).items()}
    totals = {
        (s, u): [sum(z[i][c] for i in members) for c in range(k)]
        for s, found in here.items()
        for u, members in found.items()
    }
    grand = [sum(t[c] for t in totals.values()) / len(totals) for c in range(k)]
    variance, singles = _zeros(k), 0
    for s, found in here.items():
        n = len(found)
        some_row = next(iter(found.values()))[0]
        f = n / counts[0][some_row] if counts else 0.0
        mean = [sum(totals[s, u][c] for u in found) / n for c in range(k)]
        if n > 1:
            for u in found:
                _add(
                    variance,
                    _outer([t - m for t, m in zip(totals[s, u], mean, strict=True)]),
                    (1 - f) * n / (n - 1),
                )
        elif f < 1:  # one unit of several; one unit of one is certain and adds nothing
            singles += 1
            if lonely == "error":
                raise LonelyUnitError(f"stratum {s!r} has one unit")
            if lonely == "adjust":
                _add(variance, _outer([a - b for a, b in zip(mean, grand, strict=True)]), 1 - f)
    if lonely == "average" and singles:
        if singles == len(here):
            return [[math.nan] * k for _ in range(k)]
        variance = [[v * len(here) / (len(here) - singles) for v in line] for line in variance]
    if counts and len(units) > 1:
        for found in here.values():
            for members in found.values():
                f = len(found) / counts[0][members[0]]
                within = _stage(z, members, [0] * len(strata), units[1:], counts[1:], lonely)
                _add(variance, within, f)
    return variance


def total(w: Row, *columns: Row) -> tuple[list[float], list[list[float]]]:
    """Weighted totals and their linearised values, one row per person."""
    return (
        [sum(a * b for a, b in zip(w, y, strict=True)) for y in columns],
        [[w[i] * y[i] for y in columns] for i in range(len(w))],
    )


def mean(w: Row, *columns: Row) -> tuple[list[float], list[list[float]]]:
    """Weighted means and their linearised values w (y - mean) / sum(w)."""
    size = sum(w)
    means = [t / size for t in total(w, *columns)[0]]
    return means, [[w[i] * (y[i] - m) / size for y, m in zip(columns, means, strict=True)] for i in range(len(w))]


def ratio(w: Row, y: Row, x: Row) -> tuple[list[float], list[list[float]]]:
    """Ratio of two totals and its linearised values w (y - R x) / sum(w x)."""
    (top, bottom), _ = total(w, y, x)
    return [top / bottom], [[w[i] * (y[i] - top / bottom * x[i]) / bottom] for i in range(len(w))]


def replicate_covariance(
    full: Row,
    replicates: Sequence[Row],
    *,
    scale: float,
    rscales: Sequence[float] | None = None,
    mse: bool = True,
) -> Matrix:
    """scale * sum_r rscale_r d_r d_r', d_r = theta_r minus the estimate (mse) or their mean."""
    k = len(full)
    factors = list(rscales) if rscales is not None else [1.0] * len(replicates)
    used = [r for r, factor in zip(replicates, factors, strict=True) if factor > 0]
    centre = list(full) if mse else [sum(r[c] for r in used) / len(used) for c in range(k)]
    variance = _zeros(k)
    for replicate, factor in zip(replicates, factors, strict=True):
        _add(variance, _outer([a - b for a, b in zip(replicate, centre, strict=True)]), scale * factor)
    return variance

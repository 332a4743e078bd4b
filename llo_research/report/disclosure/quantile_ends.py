"""Ends of intervals of quantiles are values of persons: asked for at many levels, they would list the whole group.

They leave on a grid between whose lines as many persons lie as the rules ask, low ends to the line below and high ends
to the line above: an interval becomes wider, never narrower. Where fewer persons lie between both ends, and the
quantile, they do not leave, nor the standard error, which is made of them.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from llo_research.results.floors import facts_of
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_STEPS = (1.0, 2.0, 5.0, 10.0)  # of powers of ten, so that other levels and groups have the same lines


def of_quantiles(result: Result) -> np.ndarray:
    """(k,) rows that are quantiles with ends that were looked up in the data."""
    if result.own_ends is None or "quantile" not in result.rows:
        return np.zeros(len(result.rows), dtype=bool)
    return np.asarray(result.own_ends.here & result.rows["quantile"].notna().to_numpy(dtype=bool))


def few_between(result: Result, rules: Rules) -> np.ndarray:
    """(k,) quantiles with fewer persons between the ends of their interval than may be told of."""
    rows = of_quantiles(result)
    return rows & ~(_between(result) >= rules.units) if rows.any() else rows


def on_grid(result: Result, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """(k,) low and high ends, of quantiles on their grid."""
    own = result.own_ends
    assert own is not None
    low, high = (np.array(end, dtype=np.float64) for end in (own.low, own.high))
    rows = np.flatnonzero(of_quantiles(result) & (high > low))
    for i, persons in zip(rows, _between(result)[rows], strict=True) if len(rows) else ():
        step, decimals = _step(rules.units * float(high[i] - low[i]) / max(float(persons), 1.0))
        low[i] = round(float(np.floor(low[i] / step) * step), decimals)
        high[i] = round(float(np.ceil(high[i] / step) * step), decimals)
    return low, high


def _between(result: Result) -> np.ndarray:
    """(k,) persons between both ends, as if all had one weight: with other weights there are more."""
    assert result.own_ends is not None
    q = result.rows["quantile"].to_numpy(dtype=np.float64)
    n = facts_of(result)["n_units"].to_numpy(dtype=np.float64)
    return np.asarray(2 * norm.ppf((1 + result.own_ends.level) / 2) * np.sqrt(q * (1 - q) * n))


def _step(least: float) -> tuple[float, int]:
    """The smallest of the steps that is no smaller, and its decimals."""
    power = int(np.floor(np.log10(least)))
    factor = next(one for one in _STEPS if one * 10.0**power >= least * (1 - 1e-12))
    return factor * 10.0**power, max(0, 1 - power)

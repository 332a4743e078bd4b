"""Claims about several rows at once, and claims of no difference: adjusted p-values and tests of equivalence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from llo_research.errors import DataError
from llo_research.numerics.groups import Floats
from llo_research.options import check_option
from llo_research.results.stepdown import romano_wolf

if TYPE_CHECKING:
    from llo_research.results.result import Result

METHODS = ("holm", "bonferroni", "benjamini-hochberg")
STEPDOWN = "romano-wolf"


def adjusted(p: Floats, method: str) -> Floats:
    """(k,) p-values that may be compared with one level, whatever their number; unknown ones do not count.

    ``holm`` and ``bonferroni`` bound the chance of any false claim, under any dependence; ``benjamini-hochberg`` the
    expected share of false claims, for independent or positively dependent tests.
    """
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    m, order = len(known), np.argsort(p[known], kind="stable")
    ranked = p[known][order]
    if method == "bonferroni":
        made = m * ranked
    elif method == "holm":
        made = np.maximum.accumulate((m - np.arange(m)) * ranked)
    else:
        made = np.minimum.accumulate((m / np.arange(1, m + 1) * ranked)[::-1])[::-1]
    out[known[order]] = np.minimum(made, 1.0)
    return out


def equivalence(distance: Floats, std_error: Floats, df: Floats, bound: Floats) -> Floats:
    """(k,) p-values of "the distance from no difference is at least `bound` (k,), on one side or the other"."""
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(df > 0, df, np.nan)
        above, below = (distance + bound) / std_error, (distance - bound) / std_error
        return np.asarray(np.maximum(stats.t.sf(above, df), stats.t.cdf(below, df)))


def tests(result: Result) -> tuple[Floats, Floats]:
    """Statistics and p-values (k,) of the rows against no difference, on the scale on which it is tested."""
    distance, error = from_none(result)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(result.vanishing, np.nan, distance / error)
        df = np.where(result.df > 0, result.df, np.nan)
        return statistic, 2 * np.asarray(stats.t.sf(np.abs(statistic), df))


def from_none(result: Result) -> tuple[Floats, Floats]:
    """The distance (k,) of each row from no difference, and its standard error; of ratios on logarithms."""
    null = np.array([quantity.null or 0.0 for quantity in result.quantity])
    logs = _on_logs(result)
    with np.errstate(divide="ignore", invalid="ignore"):
        safe = np.where(logs, result.estimate, 1.0)
        distance = np.where(logs, np.log(safe), result.estimate - np.where(logs, 0.0, null))
        return distance, np.where(logs, result.std_error / safe, result.std_error)


def with_adjusted(result: Result, method: str, seed: int | None) -> dict[str, Any]:
    """Columns and ``.meta`` of a result with adjusted p-values."""
    _check_tested(result, "adjusted")
    check_option(method, "method", (*METHODS, STEPDOWN))
    statistic, p_value = result._tests
    if method == STEPDOWN:
        _check_joint(result)
        values, how = romano_wolf(result, statistic, p_value, seed)
        told = {"p_adjusted": method, "p_adjusted_by": how, **({} if seed is None else {"p_adjusted_seed": seed})}
        return {"columns": {**result.columns, "p_adjusted": values}, "meta": {**result.meta, **told}}
    columns = {**result.columns, "p_adjusted": adjusted(p_value, method)}
    return {"columns": columns, "meta": {**result.meta, "p_adjusted": method}}


def _check_joint(result: Result) -> None:
    """Tests that follow from the covariance of the rows."""
    if result.inference.vcov.name == "wild":
        raise DataError(
            "The wild bootstrap tests one coefficient at a time.",
            where="adjusted(method='romano-wolf')",
            found="vcov='wild'",
            todo="method='holm', or the model with vcov='cluster'",
        )


def of_equivalence(result: Result, bound: Any) -> dict[str, Floats]:
    """The columns of a test of equivalence."""
    _check_tested(result, "equivalence")
    logs = _on_logs(result)
    least = 1.0 if logs.any() else 0.0
    number = isinstance(bound, int | float | np.number) and not isinstance(bound, bool)
    if not number or not least < bound < np.inf:
        raise DataError(
            "bound is the largest difference that counts as none.",
            where="bound",
            found=repr(bound)[:60],
            expected=f"a number above {least:g}",
            todo="bound=0.02 for two percentage points; bound=1.1 for a ratio within a tenth",
        )
    p = equivalence(*from_none(result), result.df, np.where(logs, np.log(bound), bound))
    return {"bound": np.full(len(p), float(bound)), "p_equivalence": p}


def _on_logs(result: Result) -> np.ndarray:
    """(k,) rows that are compared on logarithms."""
    return np.array([quantity.on == "log" for quantity in result.quantity], dtype=bool)


def _check_tested(result: Result, what: str) -> None:
    """Rows that are compared with no difference."""
    if not result.tested:
        raise DataError(
            "The rows are not differences, and nothing is tested.",
            where=what,
            found=str((result.meta.get("call") or {}).get("function")),
            expected="gaps, changes, contrasts, coefficients",
            todo="compare rows first, as result.contrast({'high': 1, 'low': -1})",
        )

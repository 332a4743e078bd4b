"""Trimming: no weight outside bounds, and what was cut off given to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.design.recipe import KeepsFields, Regression
from llo_research.errors import CalibrationError, DesignError
from llo_research.numerics.auxiliaries import Auxiliaries, Dense
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.rank import independent_columns
from llo_research.numerics.trimming import Repeated, solve_within, spread, widest_needed
from llo_research.survey.variables import Variable, variable
from llo_research.weighting.account import told_totals
from llo_research.weighting.margins import read_margins
from llo_research.weighting.steps import GivenFactors, check_whole_survey, names_of_columns, ratio
from llo_research.weighting.system import System, make_system

if TYPE_CHECKING:
    from llo_research.design.replicates import Replicates
    from llo_research.survey.survey import Survey

_TOL, _MAX_ITER = 1e-10, 200
# Whole numbers with more levels than this keep their total, not the total of each level.
_MOST_LEVELS = 50


@dataclass(frozen=True, eq=False)
class Clip(GivenFactors):
    """Weights cut at bounds; the factors after / before are taken as given, also on replicates.

    before, after : (n,) weights; bounds : (lower, upper), infinite where there is none.
    """

    before: Floats
    after: Floats
    bounds: tuple[float, float]
    told: dict[str, Any]

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """The same factors: a replicate counts a row several times, it does not make its weight larger."""
        factor = np.divide(self.after, self.before, out=np.ones_like(self.after), where=self.before != 0)
        return np.asarray(weights * factor[:, None])

    def describe(self) -> dict[str, Any]:
        """For ``.meta``."""
        return dict(self.told)


@dataclass(frozen=True, eq=False)
class SpreadClip(Clip):
    """Weights cut at bounds, the excess spread equally over the others."""

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """A replicate counts row i weights_i / before_i times; the excess is spread over the rows so counted."""
        used = self.before != 0
        times = weights[used] / self.before[used][:, None]
        made = spread(self.before[used], times, *self.bounds)
        if not made.reached.all():
            raise CalibrationError(
                "The excess cannot be spread at some replicates.",
                where=f"replicate {int((~made.reached).argmax()) + 1}",
                found=f"{int((~made.reached).sum())} of {weights.shape[1]} replicates",
                todo="widen the bounds",
            )
        out = weights.copy()
        out[used] = made.values * times
        return np.asarray(out)


@dataclass(frozen=True, eq=False)
class MarginTrimming(KeepsFields):
    """Weights within bounds that keep the weighted totals of margins.

    before, after : (n,) weights; rows : (m,) those with a weight; cell : (n,) cell of each row that shares margins,
    C where it has no weight; auxiliaries : of the cells (C x p); low, high : (m,) bounds on g = after / before;
    inside : (n,) strictly within them.
    """

    before: Floats
    after: Floats
    rows: Codes
    cell: Codes
    auxiliaries: Auxiliaries
    low: Floats
    high: Floats
    inside: np.ndarray
    told: dict[str, Any]

    @cached_property
    def regression(self) -> Regression:
        """Of z / w' on the margins among the rows strictly within the bounds; w'(u - x'B) + w x'B.

        The totals that are kept are the sample's own.
        """
        counted = group_sums(self.cell, (self.before * self.inside)[:, None], self.auxiliaries.shape[0])
        gram = self.auxiliaries.grams(counted)[0]
        free = np.flatnonzero(independent_columns(gram).kept)

        def solved(sums: Floats) -> Floats:
            out = np.zeros_like(sums)
            out[free] = np.linalg.solve(gram[np.ix_(free, free)], sums[free])
            return out

        enters = ratio(self.before, self.after) * self.inside
        return Regression(self.cell, self.auxiliaries, enters, self.before - self.after, solved)

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """Keep the totals of other weights (n x R) under the same bounds on g."""
        x = Repeated(self.auxiliaries, self.cell[self.rows])
        made = solve_within(x, weights[self.rows], self.low, self.high, tol=_TOL, max_iter=_MAX_ITER)
        if not made.converged.all():
            raise CalibrationError(
                "The margins cannot be kept at some replicates.",
                where=f"replicate {int((~made.converged).argmax()) + 1}",
                found=f"{int((~made.converged).sum())} of {weights.shape[1]} replicates",
                todo="widen the bounds, or keep fewer margins",
            )
        out = np.array(weights)
        out[self.rows] *= made.g
        return out

    def describe(self) -> dict[str, Any]:
        """For ``.meta``."""
        return dict(self.told)


def trim(
    svy: Survey,
    *,
    lower: float | None = None,
    upper: float | None = None,
    preserve: str | Sequence[str | tuple[str, ...]] | None = None,
) -> Survey:
    """Cut weights at bounds, so that no single answer counts too much.

    Trimming trades a little bias for less variance. After plain trimming calibrated totals no longer hold; keep them
    with `preserve`, or calibrate again.

    Parameters
    ----------
    svy : Survey
        The whole survey. Rows with weight zero keep it.
    lower, upper : float, optional
        Bounds of the weights themselves (not of g).
    preserve : "total" or list of names and tuples, optional
        ``"total"``: what is cut off is spread equally over the rows that were within the bounds, again and again until
        all are (R's ``trimWeights(strict=TRUE)``). ``["education", ("sex", "age_group")]``: the weights within the
        bounds that change least and keep the current weighted totals of these margins; of a numeric column its total
        (whole numbers with up to 50 values: the total of each value).

    Returns
    -------
    Survey
        With weights in [lower, upper].

    Raises
    ------
    CalibrationError
        Bounds within which the total or the margins cannot be kept; the message has those that can.

    Notes
    -----
    In variances, the factors of plain trimming and of ``preserve="total"`` are taken as given, as in R [1]_: influence
    values pass through. With margins, rows i strictly within the bounds move by x_i' lambda, and the influence before
    the step is w'_i (u_i - x_i' B) + w_i x_i' B, B the coefficients of u = z / w' on the margins among those rows [2]_.
    A replicate counts a row several times and does not make its weight larger; so replicates have the same bounds on
    g_i = w'_i / w_i, in which the excess is spread, and the margins are kept, anew.

    References
    ----------
    .. [1] Potter, F. J. (1990). A study of procedures to identify and trim extreme sampling weights. Proceedings of the
       Section on Survey Research Methods, American Statistical Association, 225-230.
    .. [2] Deville, J.-C. and Sarndal, C.-E. (1992). Calibration estimators in survey sampling. Journal of the American
       Statistical Association, 87, 376-382.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"w": [1.0, 2.0, 3.0, 10.0]})
    >>> llo.trim(llo.Survey(frame, weights="w"), upper=7, preserve="total").weights.tolist()
    [2.0, 3.0, 4.0, 7.0]
    """
    check_whole_survey(svy, "trim")
    bounds = _bounds(lower, upper)
    before = svy._weights
    used = before != 0
    kept = preserve if preserve is None or preserve == "total" else _keys(preserve)
    outside = used & ((before < bounds[0]) | (before > bounds[1]))
    account = {
        "step": "trim",
        "lower": lower,
        "upper": upper,
        "preserve": kept if kept is None or isinstance(kept, str) else [" x ".join(key) for key in kept],
        "n_trimmed": int(outside.sum()),
    }
    if kept is None:
        after = np.where(used, np.clip(before, *bounds), before)
        return svy._weighted(Clip(before, after, bounds, account), after)
    if isinstance(kept, str):
        return _keep_total(svy, bounds, used, account)
    return _keep_margins(svy, bounds, used, kept, account)


def _bounds(lower: float | None, upper: float | None) -> tuple[float, float]:
    """Bounds as numbers, infinite where there is none."""
    for name, bound in (("lower", lower), ("upper", upper)):
        number = isinstance(bound, Real | Decimal) and not isinstance(bound, bool) and np.isfinite(float(bound))
        if bound is not None and not number:
            raise DesignError(f"{name} is a number.", where="trim", found=repr(bound), expected="a weight, as 42.5")
    low = -np.inf if lower is None else float(lower)
    high = np.inf if upper is None else float(upper)
    if lower is None and upper is None:
        raise DesignError("There is nothing to trim at.", where="trim", todo="give lower, upper or both")
    if not low < high or high <= 0:
        words = f"lower={lower}, upper={upper}"
        raise DesignError("The bounds are not in order.", where="trim", found=words, expected="lower < upper")
    return low, high


def _keys(preserve: Any) -> list[tuple[str, ...]]:
    """The margins to keep, each a tuple of names."""
    if isinstance(preserve, str):
        raise CalibrationError(
            f"preserve has no option {preserve!r}.",
            where="preserve",
            found=repr(preserve),
            expected="'total', or a list of margins, as ['education', ('sex', 'age_group')]",
        )
    margins = list(preserve) if isinstance(preserve, list | tuple) else []
    if not margins:
        raise CalibrationError("preserve names no margins.", where="preserve", found=repr(preserve)[:80])
    return [tuple(names_of_columns(key, "preserve")) for key in margins]


def _keep_total(svy: Survey, bounds: tuple[float, float], used: np.ndarray, told: dict[str, Any]) -> Survey:
    """Spread the excess over the rest."""
    before = svy._weights
    kept = spread(before[used], np.ones((int(used.sum()), 1)), *bounds)
    if not kept.reached[0]:
        mean = float(before[used].mean())
        raise CalibrationError(
            "No weights within these bounds have the same total.",
            where=f"lower={told['lower']}, upper={told['upper']}",
            found=f"{int(used.sum())} rows with a mean weight of {mean:.6g}",
            expected=f"lower at most {mean:.6g}, upper at least {mean:.6g}",
        )
    after = before.copy()
    after[used] = kept.values[:, 0]
    return svy._weighted(SpreadClip(before, after, bounds, told), after)


def _keep_margins(
    svy: Survey, bounds: tuple[float, float], used: np.ndarray, keys: list[tuple[str, ...]], told: dict[str, Any]
) -> Survey:
    """Keep the totals of margins."""
    before = svy._weights
    rows = np.flatnonzero(used)
    margins = read_margins(svy._frame, _current_totals(svy, keys, used), used)
    system = make_system(margins, rows, before, None, None)
    auxiliaries = system.auxiliaries
    told = {**told, "totals": [told_totals(None, margins, None)]}
    if all(margin.numeric for margin in margins):
        auxiliaries = _with_constant(auxiliaries, system.cell_sums(before[:, None]))
    low, high = (bound / before[rows] for bound in bounds)
    low, high = np.minimum(low, high), np.maximum(low, high)
    x = Repeated(auxiliaries, system.cell)
    solved = solve_within(x, before[rows][:, None], low, high, tol=_TOL, max_iter=_MAX_ITER)
    if not solved.converged[0]:
        counts = np.bincount(system.cell, minlength=system.n_cells).astype(np.float64)
        trimmed = np.zeros(len(before))
        trimmed[rows] = before[rows] * solved.g[:, 0]
        missed = _missed(system, trimmed)
        raise _infeasible(auxiliaries.x, counts, system.cell_sums(before[:, None])[:, 0], bounds, told, missed)
    g, cell, inside = solved.g[:, 0], np.full(len(before), system.n_cells, dtype=np.intp), np.zeros(len(before), bool)
    cell[rows], inside[rows] = system.cell, (g > low) & (g < high)
    after = before.copy()
    after[rows] = np.clip(before[rows] * g, *bounds)
    return svy._weighted(MarginTrimming(before, after, rows, cell, auxiliaries, low, high, inside, told), after)


def _with_constant(auxiliaries: Auxiliaries, weights: Floats) -> Auxiliaries:
    """With a column of ones, which keeps the sum of the weights."""
    x = np.column_stack([np.ones(auxiliaries.shape[0]), auxiliaries.x])
    return Dense(x[:, independent_columns((x * weights).T @ x).kept])


def _current_totals(svy: Survey, keys: list[tuple[str, ...]], used: np.ndarray) -> dict[Any, Any]:
    """The weighted totals of the margins, as calibrate takes them."""
    totals: dict[Any, Any] = {}
    w = svy._weights[used]
    for key in keys:
        typed = [variable(svy._frame, name, f"preserve {name!r}") for name in key]
        if len(typed) == 1 and not _has_levels(typed[0], used):
            totals[key[0]] = float((w * np.nan_to_num(typed[0].values)[used]).sum())
            continue
        columns = {v.name: np.array([*v.levels, None], dtype=object)[v.codes[used]] for v in typed}
        complete = ~np.logical_or.reduce([v.missing[used] for v in typed])
        codes = pd.DataFrame(columns)[complete]
        own = pd.Series(w[complete], index=codes.index)
        sums = own.groupby([codes[name] for name in key], sort=False, observed=True).sum()
        totals[key if len(key) > 1 else key[0]] = sums
    return totals


def _has_levels(found: Variable, used: np.ndarray) -> bool:
    """Whether a column is kept level by level."""
    if found.kind != "number":
        return True
    values = found.values[used & ~found.missing]
    return bool((values == np.round(values)).all()) and len(np.unique(values)) <= _MOST_LEVELS


def _missed(system: System, weights: Floats) -> tuple[str, str, str]:
    """Margin and level that these weights miss most, what they reach, and what was wanted."""
    reached = system.totals_of(weights)
    place = int((np.abs(reached - system.wanted) / np.maximum(np.abs(system.wanted), 1e-300)).argmax())
    name, level = system.names[place]
    where = f"margin {name}" + ("" if level is None else f", level {level!r}")
    return where, f"reached {reached[place]:.12g}", f"wanted {system.wanted[place]:.12g}"


def _infeasible(
    x: Floats,
    counts: Floats,
    sums: Floats,
    bounds: tuple[float, float],
    told: dict[str, Any],
    missed: tuple[str, str, str],
) -> CalibrationError:
    """Why there are no such weights, and which bounds have some."""
    needed = widest_needed(x, counts, sums, *bounds)
    where = f"{missed[0]}, lower={told['lower']}, upper={told['upper']}, margins {', '.join(told['preserve'])}"
    if needed is None:
        return CalibrationError(
            "The margins could not be kept within the bounds.",
            where=where,
            found=f"no convergence: {missed[1]}",
            expected=missed[2],
            todo="widen the bounds a little, or keep fewer margins",
        )
    upper, lower = needed
    parts = [f"with this lower, upper at least {upper:.6g}" if np.isfinite(upper) else ""]
    parts += [f"with this upper, lower at most {lower:.6g}" if np.isfinite(lower) else ""]
    return CalibrationError(
        "No weights within these bounds keep the margins.",
        where=where,
        found=f"infeasible: {missed[1]} at the last step",
        expected=f"{missed[2]}; " + ("; ".join(part for part in parts if part) or "wider bounds on both sides"),
        todo="widen the bounds, or keep fewer or coarser margins",
    )

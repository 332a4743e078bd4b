"""Quantiles with design-based intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from llo_research.design.design import Design
from llo_research.design.replicates import Replicates
from llo_research.errors import DataError, DesignError
from llo_research.estimation.assemble import Options, OwnFacts, Part, assemble, facts_of
from llo_research.estimation.quantile_intervals import METHODS, Ends, Problem, Shares, ends_of, shares_at
from llo_research.estimation.target import Target, make_target
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.quantiles import RULES, ordered, quantiles
from llo_research.numerics.ratios import CellRatios, divide
from llo_research.options import check_level, check_option, names_of
from llo_research.results import intervals, simultaneous
from llo_research.results.facts import Later
from llo_research.results.inference import at_replicates
from llo_research.results.intervals import OwnEnds
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.survey.collapsed import admitted
from llo_research.survey.lazy import is_lazy
from llo_research.survey.variables import Variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

_JACKKNIFE = ("jk1", "jk2", "jkn")
# Replicate weights are written out for so many numbers at a time (32 MB).
_PIECE = 4_000_000


def quantile(
    variables: str | Sequence[str],
    svy: Survey,
    *,
    q: float | Sequence[float],
    by: str | Sequence[str] | None = None,
    rule: str = "math",
    interval: str = "woodruff",
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> Result:
    """Quantiles (medians, quartiles, ...) of all people or of each cell of `by`.

    Parameters
    ----------
    variables : str or list of str
        Columns of numbers.
    svy : Survey
        The data; ``svy.where(...)`` for a domain.
    q : float or list of float
        Probabilities strictly between 0 and 1: 0.5 is the median.
    by : str or list of str, optional
        One set of rows for each cell.
    rule : {"math", "school", "hf1", ..., "hf9"}
        ``math`` (``hf1``): the smallest value with at least the share q at or below it. ``school`` (``hf2``): where
        that share is exactly q, the mean of this value and the next. ``hf3``: there, the one of both that is the
        even-numbered distinct value (as R's survey; for equal weights [1]_ take the nearest). ``hf4`` to ``hf9``
        interpolate between cumulative weights [1]_ [2]_; records with the same value form one level stretch and count
        with their mean weight, so that the order of the rows plays no role.
    interval : {"woodruff", "mean", "xlogit", "beta", "asin", "score", "replicate"}
        ``woodruff``: the interval of the share at the estimate, read back as values [3]_; on replicate designs it gives
        way to ``replicate``, the quantile at each replicate (not consistent for jackknives, which is flagged).
        ``mean``: R's name for Woodruff's, on every design. ``xlogit``, ``asin``, ``beta``: the same with the interval
        of the share that :func:`share` calls so. ``score``: the values that a test of "the share q lies at or below it"
        does not reject [4]_.
    level, missing, simultaneous
        As in :func:`mean`. The standard error of an interval of the share depends a little on the level.

    Returns
    -------
    Result
        As :func:`mean`, with `quantile`. An interval without an end in the data has ``nan`` there and the flag
        ``open_interval``; its standard error comes from the part that is in the data.

    Raises
    ------
    DataError
        A probability outside (0, 1), a column that is not a number, an unknown rule or interval.
    DesignError
        ``interval="replicate"`` without replicate weights.

    Notes
    -----
    With F(x) = sum w_i 1(x_i <= x) / sum w_i and an interval (p_l, p_u) of F at the estimate, the interval is
    (Q(p_l), Q(p_u)), its standard error (Q(p_u) - Q(p_l)) / (2 t). Influence values are
    ``z_i = -w_i (1(x_i <= Q) - F(Q)) / (f W)`` [5]_ with the density that the interval implies, f = SE(F) / SE(Q)
    [4]_: variances are then those of the intervals, and correlations those of the shares below.

    References
    ----------
    .. [1] Hyndman, R. J. and Fan, Y. (1996). Sample quantiles in statistical packages. The American Statistician, 50,
       361-365.
    .. [2] Lumley, T. (2021). Estimating quantiles. Vignette of the R package survey.
    .. [3] Woodruff, R. S. (1952). Confidence intervals for medians and other position measures. Journal of the American
       Statistical Association, 47, 635-646.
    .. [4] Francisco, C. A. and Fuller, W. A. (1991). Quantile estimation with a complex survey design. Annals of
       Statistics, 19, 454-469.
    .. [5] Deville, J.-C. (1999). Variance estimation for complex statistics and estimators: linearization and residual
       techniques. Survey Methodology, 25, 193-203.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"hours": [1.0, 2.0, 4.0, 8.0, 9.0], "w": [1.0, 1.0, 1.0, 1.0, 4.0]})
    >>> llo.quantile("hours", llo.Survey(frame, weights="w"), q=[0.25, 0.5]).estimate.tolist()
    [2.0, 8.0]
    """
    names, probabilities = names_of(variables, "variables"), _probabilities(q)
    _check_rule(rule)
    if is_lazy(svy):
        asked = {"variables": names, "q": probabilities, "by": by, "rule": rule, "interval": interval}
        asked |= {"level": level, "missing": missing, "simultaneous": simultaneous}
        by_passes: Result = svy.by_passes("quantile", asked)
        return by_passes
    target = make_target(admitted(svy), names, by, missing, "variables")
    method = _method(interval, target)
    call = {"function": "quantile", "variables": names, "q": probabilities.tolist(), "by": by, "rule": rule}
    check_level(level)
    made = []
    for found in target.variables:
        problem = _problem(target, found, missing, probabilities, rule)
        made.append((problem, ends_of(problem, method, _critical(problem, level))))
    parts = [_part(problem, ends, found, method) for (problem, ends), found in zip(made, target.variables, strict=True)]
    call |= {"interval": interval, "missing": missing}
    result = assemble(target, parts, Options(level, "replicate", simultaneous, call))
    return _finished(result, made, method)


def _probabilities(q: Any) -> Floats:
    """The probabilities, checked."""
    try:
        found = np.atleast_1d(np.asarray(q, dtype=np.float64))
    except (TypeError, ValueError):
        found = np.array([np.nan])
    text = isinstance(q, str) or np.asarray(q).dtype.kind in "USO"
    if isinstance(q, bool) or text or found.ndim != 1 or len(found) == 0 or not ((found > 0) & (found < 1)).all():
        raise DataError(
            "q holds probabilities strictly between 0 and 1.",
            where="q",
            found=repr(q)[:80],
            expected="0.5 for the median, or a list as [0.25, 0.5, 0.75]",
            todo="0.9 for the 90th percentile, not 90; minima and maxima are not quantiles of a population",
        )
    if len(np.unique(found)) < len(found):
        raise DataError(
            "A probability is given twice.",
            where="q",
            found=repr(q)[:80],
            expected="each once",
            todo="drop one of them",
        )
    return found


def _check_rule(rule: str) -> None:
    """A quantile rule by its name."""
    check_option(rule, "rule", tuple(RULES))


def _method(interval: str, target: Target) -> str:
    """The interval method; on replicate designs Woodruff's gives way to the quantiles at the replicates."""
    replicated = target.svy.design.replicates is not None
    intervals.check_interval(interval, ("mean", *METHODS))
    if interval == "mean":
        return "woodruff"
    if interval == "woodruff" and replicated:
        return "replicate"
    if interval == "replicate" and not replicated:
        raise DesignError(
            "There are no replicate weights.",
            where="interval='replicate'",
            expected=", ".join(METHODS[:-1]),
            todo="leave interval out, or make replicate weights first: llo.replicate(svy, 'bootstrap', ...)",
        )
    return interval


def problem_of(svy: Survey, names: list[str], by: Any, missing: str, q: Floats, rule: str) -> Problem:
    """Estimates of one variable, as :func:`quantile` makes them, before their intervals."""
    target = make_target(admitted(svy), names, by, missing, "variables")
    return _problem(target, target.variables[0], missing, q, rule)


def _problem(target: Target, found: Variable, missing: str, q: Floats, rule: str) -> Problem:
    """Estimates of one variable, and the shares below them."""
    if found.kind == "category":
        raise DataError(
            f"{found.name!r} is not a number.",
            where="quantile",
            found="text or categories",
            expected="a column of numbers",
            todo="llo.share for the distribution over categories",
        )
    k, weights = target.cells.number, target.weights
    codes = np.where(found.missing, k, target.cells.codes) if missing == "available" else target.cells.codes
    n, df = target.counts, target.df
    if missing == "available":
        used = np.where(weights != 0, codes, k)
        n = target.svy.design.rows_of_cells(used, k)
        df = target.svy.design.cell_degrees_of_freedom(used, k)
    stands = target.svy.design.stands
    people = np.ones(len(codes)) if stands is None else stands.counts
    data = ordered(codes, k, found.values, weights != 0, None if stands is None else people)
    cuts = quantiles(data, weights[:, None], np.tile(q, (k, 1)), rule)[0]
    shares = shares_at(target.svy.design, weights, codes, found.values, cuts)
    return Problem(target.svy.design, weights, codes, found.values, data, q, rule, cuts, shares, df, n, people)


def _critical(problem: Problem, level: float) -> Floats:
    """(K, Q) pointwise critical values; the normal one for a width where there are no degrees of freedom."""
    critical = simultaneous.pointwise(problem.df, level)
    critical = np.where(np.isnan(critical), stats.norm.isf((1 - level) / 2), critical)
    return np.repeat(critical[:, None], len(problem.q), axis=1)


def _shares_that_vary(problem: Problem, ends: Ends) -> Shares:
    """The shares below the estimates; below the lower ends where all people lie below an estimate that varies."""
    flat = (problem.shares.std_error == 0) & (ends.std_error > 0)
    if not flat.any():
        return problem.shares
    return shares_at(
        problem.design, problem.weights, problem.codes, problem.values, np.where(flat, ends.low, problem.cuts)
    )


def _facts(problem: Problem, ends: Ends, method: str) -> OwnFacts:
    """The people at or below, and at or above, whichever are fewer, stand behind a quantile, and behind its ends."""
    q, n = len(problem.q), np.repeat(problem.n[:, None], len(problem.q), axis=1)
    below, above = (_people(problem, problem.cuts, below=side) for side in (True, False))
    least, others = np.minimum(below, above), 2 * n - below - above  # those who have another value
    weights = np.repeat(problem.weights[:, None], q, axis=1)
    largest = facts_of(problem.codes, weights, len(problem.cuts))[1]
    if method == "replicate":
        return OwnFacts(n, least, others, largest)  # symmetric ends are nobody's value
    low = np.where(np.isnan(ends.low), n, _people(problem, ends.low, below=True))
    high = np.where(np.isnan(ends.high), n, _people(problem, ends.high, below=False))
    return OwnFacts(n, least, others, largest, np.minimum(low, high))


def _people(problem: Problem, cuts: Floats, *, below: bool) -> Floats:
    """(K, Q) people at or below some values of each cell, or at or above them."""
    codes, values = problem.codes, problem.values[:, None]
    at = np.vstack([np.nan_to_num(cuts, nan=0.0), np.zeros((1, len(problem.q)))])[codes]
    side = (values <= at if below else values >= at) & (problem.weights != 0)[:, None]
    return group_sums(codes, side * problem.people[:, None], len(problem.cuts))


def _part(problem: Problem, ends: Ends, found: Variable, method: str) -> Part:
    """One variable as columns of probabilities, with influence values from the density of the intervals."""
    codes, weights, shares = problem.codes, problem.weights, _shares_that_vary(problem, ends)
    slope = np.nan_to_num(divide(ends.std_error, shares.std_error), nan=0.0)
    influence = -shares.ratios.influence * np.vstack([slope, np.zeros((1, slope.shape[1]))])[codes]
    ratios = CellRatios(problem.cuts, shares.ratios.bottoms, influence)

    everywhere = shares.replicates
    if everywhere is not None:
        if method == "replicate":
            everywhere = at_replicates(problem.design, partial(_at_each, problem))
        else:
            everywhere = problem.cuts - (everywhere - shares.ratios.estimate) * slope
    return Part(
        [{"variable": found.name, "quantile": float(probability)} for probability in problem.q],
        codes,
        ratios,
        everywhere,
        Later(_spread, problem.design, codes, ratios, weights),
        Later(np.repeat, weights[:, None], len(problem.q), 1),
        [Quantity("quantile")] * len(problem.q),
        size=Later(np.abs, problem.cuts),
        facts=Later(_facts, problem, ends, method),
    )


def _at_each(problem: Problem, replicates: Replicates) -> Floats:
    """(R, K, Q) quantiles at the replicates."""
    codes, k = problem.codes, len(problem.cuts)
    everyone = ordered(codes, k, problem.values, np.ones(len(codes), dtype=bool))
    width = max(1, _PIECE // max(1, len(codes)))
    wanted = np.tile(problem.q, (k, 1))
    starts = range(0, replicates.n_replicates, width)
    return np.concatenate([quantiles(everyone, replicates.columns(a, a + width), wanted, problem.rule) for a in starts])


def _spread(design: Design, codes: Codes, ratios: CellRatios, weights: Floats) -> Floats:
    """(K, Q) variances that simple random sampling would give, times n."""
    return design.spread_within(codes, len(ratios.bottoms), ratios.influence, weights) * ratios.bottoms


@dataclass(frozen=True)
class _Flat:
    """Arrays (K, Q) of several variables in the order of a result's rows."""

    parts: list[Floats]

    @property
    def rows(self) -> Any:
        """Cells outside, variables and probabilities inside."""
        return np.hstack(self.parts).ravel()


def _finished(result: Result, made: Sequence[tuple[Problem, Ends]], method: str) -> Result:
    """The result with the intervals' own ends and flags."""
    flags = _Flat([ends.is_open for _, ends in made]).rows
    words = np.where(flags & np.isfinite(result.estimate), "open_interval", "")
    if method == "replicate":
        replicates = made[0][0].design.replicates
        told = "jackknife" if replicates is not None and replicates.method in _JACKKNIFE else ""
        return replace(result, extra_flags=(told,) * len(words))
    if result.simultaneous:
        critical = np.hsplit(result.critical.reshape(len(made[0][0].cuts), -1), len(made))
        ends = [ends_of(problem, method, c) for (problem, _), c in zip(made, critical, strict=True)]
    else:
        ends = [found for _, found in made]
    known = result.df > 0
    low = np.where(known, _Flat([found.low for found in ends]).rows, np.nan)
    high = np.where(known, _Flat([found.high for found in ends]).rows, np.nan)
    for array in (low, high):
        array.flags.writeable = False
    own = OwnEnds(result.level, result.simultaneous, low, high, np.ones(len(low), dtype=bool))
    return replace(result, interval=method, extra_flags=tuple(words.tolist()), own_ends=own)

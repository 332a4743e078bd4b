"""Gaps between two groups: a difference, a ratio or an odds ratio, always `of` against `minus`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.assemble import Options, assemble, smallest
from llo_research.estimation.imputations import over_plausible_values
from llo_research.estimation.means import columns_of, mean_part
from llo_research.estimation.result import Result, row_labels
from llo_research.estimation.straddling import flag_gap
from llo_research.estimation.target import Cells, Target, check_survey, make_target
from llo_research.expression import parse
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_option, check_switch, names_of
from llo_research.results.floors import in_words
from llo_research.survey import condition as conditions
from llo_research.survey.variables import variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

SCALES = ("difference", "ratio", "odds")
_FEW = 5


def gap(
    variable: str | Sequence[str],
    svy: Survey,
    *,
    group: str | None = None,
    of: Any,
    minus: Any,
    by: str | Sequence[str] | None = None,
    scale: str = "difference",
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
    simultaneous: bool = False,
) -> Result:
    """The gap between two groups in the mean of a variable: `of` minus `minus`, of all or in each cell of `by`.

    Parameters
    ----------
    variable : str or list of str
        Numbers, booleans or conditions (their means); text and categoricals give a row for each level.
    svy : Survey
        The data.
    group : str, optional
        Column of which `of` and `minus` are two levels. Without it `of` and `minus` are conditions
        (``of="education == 'high'", minus="~startkwalificatie"``); groups that overlap are refused.
    of, minus : level or str
        The two groups. Nothing swaps them: the sign is that of mean(of) - mean(minus).
    by : str or list of str, optional
        One gap for each cell. A cell without people of one group has an undefined gap, flagged ``empty``.
    scale : {"difference", "ratio", "odds"}
        mean(of) - mean(minus); mean(of) / mean(minus); or the odds ratio of two shares. Intervals and tests of the
        last two are made on the log scale, against a ratio of 1.
    plausible : bool
        Each name is a pattern of plausible values (``"PVLIT*"``): their gaps combined by Rubin's rules.
    level, missing, simultaneous
        As in :func:`mean`.

    Returns
    -------
    Result
        Columns `by`, `variable`, `level`, `measure`, `of`, `minus`, `estimate`, `std_error`, `statistic`, `df`,
        `p_value`, `conf_low`, `conf_high`, `n`, `flag`.

    Raises
    ------
    DataError
        Unknown levels, groups that overlap or are empty, shares outside (0, 1) for odds.

    Notes
    -----
    The covariance of the two means comes from the design, so that clusters or persons in both groups count. The
    degrees of freedom are those of the two groups together.

    References
    ----------
    Woodruff, R. S. (1971). A simple method for approximating the variance of a complicated estimate. Journal of the
    American Statistical Association, 66, 411-414.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"trained": [1, 1, 0, 1], "education": ["high", "high", "low", "low"], "w": [1.0] * 4})
    >>> svy = llo.Survey(frame, weights="w")
    >>> llo.gap("trained", svy, group="education", of="high", minus="low").estimate.tolist()
    [0.5]
    """
    names = names_of(variable, "variable")
    check_options(scale, missing, group, by)
    check_switch(plausible, "plausible")
    check_survey(svy)
    groups = columns_of_groups(group, of, minus)
    of, minus = named_levels(svy, group, of, minus)
    call = {
        "function": "gap",
        "variable": names,
        "group": group,
        "of": of,
        "minus": minus,
        "by": by,
        "scale": scale,
        "missing": missing,
        "plausible": plausible,
    }
    options = Options(level, "wald", simultaneous, call)

    def estimate(target: Target, missing: str, options: Options) -> Result:
        sides, left_out = two_groups(target.svy, group, of, minus, missing)
        target = replace(target, left_out={**target.left_out, **left_out})
        return _gaps(target, sides, scale, {"of": _text(of), "minus": _text(minus)}, options)

    if plausible:
        return over_plausible_values(
            names, svy, by=by, missing=missing, options=options, estimate=estimate, groups=groups
        )
    return estimate(make_target(svy, names, by, missing, "variable", groups=groups), missing, options)


def _gaps(target: Target, sides: Codes, scale: str, told: dict[str, str], options: Options) -> Result:
    """The gaps of all columns of a target, given the side of each row."""
    pairs = paired(target, sides)
    heads, columns = columns_of(target.variables, all_levels=False)
    if scale == "odds":
        check_shares(target)
    both = replace(target, cells=pairs)
    means = assemble(both, [mean_part(both, pairs.codes, heads, columns)], options)
    made = _gap(means, target, len(heads), scale, told)
    return flag_gap(made, target, np.where(pairs.codes < pairs.number, pairs.codes % 2, 2))


def check_options(scale: str, missing: str, group: Any, by: str | Sequence[str] | None) -> None:
    """Options that a gap has, and groups that are not its cells."""
    check_option(scale, "scale", SCALES)
    if missing == "available":
        raise DataError(
            "missing has no option 'available' for gaps.",
            where="missing",
            found="'available'",
            expected="omit, raise",
            todo="call llo.gap for each variable, and llo.joint for their covariance",
        )
    if group is not None and by is not None and group in names_of(by, "by"):
        raise DataError(
            "The groups of a gap cannot be its cells as well.",
            where=f"group={group!r}, by={by!r}",
            expected="different columns",
            todo="drop it from by; a cell of it holds one group only",
        )


def columns_of_groups(group: Any, of: Any, minus: Any) -> list[str]:
    """The columns that the two groups speak of."""
    if group is not None:
        return [group] if isinstance(group, str) else []
    texts = [text for text in (of, minus) if isinstance(text, str)]
    return [name for text in texts for name in parse(text, logical=True).names()]


def named_levels(svy: Survey, group: str | None, of: Any, minus: Any) -> tuple[Any, Any]:
    """The two levels as the data have them, where a label was given; conditions stay as they are."""
    if not isinstance(group, str):
        return of, minus
    found = variable(svy._with_conditions([group])._frame, group, "group", svy._labels)
    named = [(found.find_level(level), level) for level in (of, minus)]
    first, second = (level if place is None else found.levels[place] for place, level in named)
    return first, second


def two_groups(svy: Survey, group: str | None, of: Any, minus: Any, missing: str) -> tuple[Codes, dict[str, int]]:
    """Side of each row (0 of, 1 minus, 2 neither), and the rows of the domain for which it is unknown."""
    if group is not None:
        sides, unknown, told = *_by_levels(svy, group, of, minus), group
    else:
        sides, unknown, told = *_by_conditions(svy, of, minus), f"{of} / {minus}"
    inside = svy.domain
    for number, name, text in ((0, "of", of), (1, "minus", minus)):
        if not ((sides == number) & inside & (svy._weights != 0)).any():
            raise DataError(
                f"The group {name!r} is empty.",
                where=f"{name}={text!r}",
                found="no row of the domain with a weight",
                todo="check the condition, and the domain of svy.where",
            )
    count = int((unknown & inside).sum())
    if count and missing == "raise":
        raise DataError(
            "There are missing values.", where="group", found=f"{count} rows", todo="missing='omit' leaves them out"
        )
    return sides, {told: count} if count else {}


def _by_levels(svy: Survey, group: Any, of: Any, minus: Any) -> tuple[Codes, np.ndarray]:
    """Sides from two levels of a column, and the rows where it is missing."""
    if not isinstance(group, str):
        raise DataError(
            "group is a column name.",
            where="group",
            found=repr(group)[:60],
            expected="'education'",
            todo="group='education' with of='high', minus='low'",
        )
    found = variable(svy._frame, group, "group", svy._labels)
    first, second = found.level_number(of, "of"), found.level_number(minus, "minus")
    if first == second:
        raise DataError(
            "of and minus are the same group.",
            where=f"group {group!r}",
            found=repr(of),
            expected="two levels of " + ", ".join(repr(level) for level in found.levels[:20]),
            todo="name two different levels; the gap is the mean of `of` minus that of `minus`",
        )
    sides = np.where(found.codes == first, 0, np.where(found.codes == second, 1, 2)).astype(np.intp)
    return sides, found.missing


def _by_conditions(svy: Survey, of: Any, minus: Any) -> tuple[Codes, np.ndarray]:
    """Sides from two conditions, and the rows for which they are unknown."""
    for name, text in (("of", of), ("minus", minus)):
        if not isinstance(text, str) or not parse(text, logical=True).names():
            raise DataError(
                f"Without group, {name} is a condition on the data.",
                where=name,
                found=repr(text),
                todo="give group='education' for levels, or a condition as \"education == 'high'\"",
            )
    one, other = (conditions.evaluate(text, svy._frame, svy._labels) for text in (of, minus))
    overlap = one.true & other.true & svy.domain
    if overlap.any():
        raise DataError(
            f"The two groups overlap: {int(overlap.sum())} rows are in both.",
            where=f"of={of!r}, minus={minus!r}",
            found=f"for example row {int(overlap.argmax())}",
            expected="groups without a common member",
            todo="leave the members of one group out of the other, as minus=\"x > 1 & ~(education == 'high')\"",
        )
    sides = np.where(one.true, 0, np.where(other.true, 1, 2)).astype(np.intp)
    return sides, (one.unknown | other.unknown) & (sides == 2)


def paired(target: Target, sides: Codes) -> Cells:
    """Cells of `by` crossed with the two groups: 2 c for `of`, 2 c + 1 for `minus`."""
    k = target.cells.number
    outside = (sides == 2) | (target.cells.codes == k)
    codes = np.where(outside, 2 * k, 2 * target.cells.codes + sides)
    keys = target.cells.keys.iloc[np.repeat(np.arange(k), 2)].reset_index(drop=True)
    return Cells(codes, keys, target.cells.left_out, target.cells.absent)


def _gap(means: Result, target: Target, p: int, scale: str, sides: dict[str, str]) -> Result:
    """From the means of both groups in each cell (K x 2 x p) to the gaps (K x p)."""
    k = target.cells.number
    numbers = np.arange(2 * k * p).reshape(k, 2, p)
    first, second = numbers[:, 0].ravel(), numbers[:, 1].ravel()
    a, b = means.estimate[first], means.estimate[second]
    _check_scale(means, first, second, scale)
    estimate, to_a, to_b = _scaled(a, b, scale)
    matrix = np.zeros((k * p, 2 * k * p))
    matrix[np.arange(k * p), first] = to_a
    matrix[np.arange(k * p), second] = to_b
    empty = ~np.isfinite(estimate)
    matrix[empty] = 0
    replicates = None
    if means.replicates is not None:
        replicates = _scaled(means.replicates[:, first], means.replicates[:, second], scale)[0]
        design = target.svy.design.replicates
        assert design is not None
        covariance = design.covariance(replicates, estimate)
    else:
        covariance = matrix @ _known(means) @ matrix.T
    covariance[empty, :] = covariance[:, empty] = np.nan
    assert means.n is not None
    rows = means.rows.iloc[first].reset_index(drop=True).assign(measure=scale, **sides)
    return replace(
        means,
        rows=rows,
        estimate=estimate,
        covariance=covariance,
        df=_union_df(means, target, p),
        meta={**means.meta, "base_levels": {**means.meta["base_levels"], **sides}},
        labels=row_labels(rows, target.by),
        interval="wald" if scale == "difference" else "log",
        tested=True,
        n=means.n[first] + means.n[second],
        details=None,
        cell_details=None if means.cell_details is None else partial(_both_sides, means.cell_details, first, second),
        scores=None if means.scores is None else means.scores.mapped(matrix),
        replicates=replicates,
        extra_flags=tuple("empty" if gone else "" for gone in empty),
        scale=lambda: np.abs(matrix) @ np.nan_to_num(means.scales, nan=0.0),
    )


def _known(means: Result) -> Floats:
    """The covariance of the means, with zeros for empty groups."""
    undefined = np.isnan(means.estimate)
    covariance = means.covariance.copy()
    covariance[undefined, :] = covariance[:, undefined] = 0.0
    return covariance


def check_shares(target: Target) -> None:
    """Odds are of shares: the numbers of the call lie between 0 and 1."""
    inside = target.cells.codes < target.cells.number
    for found in target.variables:
        if found.kind != "number":
            continue
        values = found.values[inside]
        wrong = (values < 0) | (values > 1)
        if wrong.any():
            raise DataError(
                "Odds are those of a share.",
                where=f"column {found.name!r}",
                found=f"numbers such as {values[wrong][0]:g}",
                expected="booleans, categories, or numbers from 0 to 1",
                todo="use scale='difference' or 'ratio' for the means of numbers",
            )


def _scaled(a: Floats, b: Floats, scale: str) -> tuple[Floats, Floats, Floats]:
    """The gap on its scale and its derivatives in the two means; nan where it has no meaning."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "difference":
            return a - b, np.ones(a.shape[-1]), -np.ones(a.shape[-1])
        a = np.where(_meaningless(a, b, scale), np.nan, a)
        if scale == "ratio":
            return a / b, 1 / b, -a / b**2
        odds = a / (1 - a) / (b / (1 - b))
        return odds, odds / (a * (1 - a)), -odds / (b * (1 - b))


def _meaningless(a: Floats, b: Floats, scale: str) -> np.ndarray:
    """Means that have no ratio, or shares that have no odds."""
    wrong = (a <= 0) | (b <= 0)
    return np.asarray(wrong | (a >= 1) | (b >= 1) if scale == "odds" else wrong)


def _check_scale(means: Result, first: Codes, second: Codes, scale: str) -> None:
    """Refuse means for which a scale has no meaning, and say in which cells."""
    a, b = (means.estimate[rows] for rows in (first, second))
    wrong = _meaningless(a, b, scale) if scale != "difference" else np.zeros(len(a), dtype=bool)
    if not wrong.any():
        return
    what = "A ratio needs means above 0." if scale == "ratio" else "Odds need shares strictly between 0 and 1."
    rows = np.flatnonzero(wrong)
    cells = [cell_text(means.rows, first[i]) for i in rows]
    words = [tuple(in_words(means, int(s[i]), means.estimate[s[i]], "g") for s in (first, second)) for i in rows[:_FEW]]
    told = "; ".join(f"{cells[j]}: of {of}, minus {minus}" for j, (of, minus) in enumerate(words))
    raise DataError(
        what,
        where=f"scale={scale!r}, {cells[0]}",
        found=told + (f"; and {len(rows) - _FEW} more" if len(rows) > _FEW else ""),
        todo="use scale='difference', or leave the cells concerned out with svy.where(...)",
    )


def cell_text(rows: pd.DataFrame, place: int) -> str:
    """The cell, variable and level of a row, for messages."""
    values = rows.iloc[int(place)]
    return ", ".join(f"{name} {values[name]}" for name in rows.columns if not pd.isna(values[name]))


def _union_df(means: Result, target: Target, p: int) -> Floats:
    """Degrees of freedom of both groups of each cell together."""
    assert means.scores is not None
    k = target.cells.number
    codes = means.scores.blocks[0].codes // 2
    codes = np.where(target.weights != 0, np.minimum(codes, k), k)
    return np.repeat(target.svy.design.cell_degrees_of_freedom(codes, k), p)


def _both_sides(details: Callable[[], pd.DataFrame], first: Codes, second: Codes) -> pd.DataFrame:
    """Disclosure facts of the smaller group of each gap, and the counts of both."""
    facts = details()
    used = np.zeros((len(first), len(facts)), dtype=bool)
    used[np.arange(len(first)), first] = used[np.arange(len(first)), second] = True
    counts = facts["n"].to_numpy()
    return smallest(facts, used).assign(n_of=counts[first], n_minus=counts[second])


def _text(level: Any) -> str:
    """A level or condition as text."""
    return str(level)

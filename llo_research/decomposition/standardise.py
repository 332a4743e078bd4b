"""Change of a mean between times, laid to the means of cells and to the shares of the cells, with standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.decomposition.assembly import estimates_of
from llo_research.decomposition.breaks import AtBreaks, exposed
from llo_research.decomposition.parts import TOTAL, check_sum
from llo_research.decomposition.plausible import drawn
from llo_research.decomposition.shapley_values import check_number, shapley, weights_of
from llo_research.design.replicates import Replicates
from llo_research.design.scores import Block
from llo_research.errors import DataError, IdentificationError
from llo_research.estimation.placing import Clock, cells_by_time, conditions_of
from llo_research.estimation.series_breaks import concerned_by
from llo_research.estimation.target import Target, make_target
from llo_research.estimation.times import ordered, time_variable
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.options import check_level, check_option, check_switch, names_of, nearest
from llo_research.results.breaks import Exposure, account, breaks_in
from llo_research.results.dated import lies_after, text_of
from llo_research.results.decomposition import Decomposition, decomposition_of, labels_of
from llo_research.survey.lazy import survey_for

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def standardise(
    variable: str,
    svy: Survey,
    *,
    cells: str | Sequence[str],
    over: str,
    base: Any = None,
    by: str | Sequence[str] | None = None,
    breaks: str = "flag",
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
) -> Decomposition:
    """The change of a mean: what came with the means of cells, and what with the composition of the population.

    Use it to tell whether training grew because people of the same age and education train more, or because there are
    more of those who always did.

    Parameters
    ----------
    variable : str
        A number, boolean or condition, of which the mean changes.
    svy : Survey
        The data of all times (or countries, or other populations).
    cells : str or list of str
        Columns whose crossing makes the cells.
    over : str
        Column of the times.
    base : level, optional
        With which all others are compared; default the first.
    by : str or list of str, optional
        One decomposition for each cell of these.
    breaks : {"flag", "refuse"}
        Of a series break between the times, of the variable, the columns of cells, `by` or the domain: rows are
        flagged ``break``, or the call is refused.
    level, missing
        As in :func:`llo.mean`.
    plausible : bool
        A star in the variable (``PVLIT*``) names plausible values, which are combined by Rubin's rules.

    Returns
    -------
    Decomposition
        For each other time the rows ``change``, ``rate`` and ``composition``; with several `cells` the latter has a
        `term` for each of them.

    Raises
    ------
    DataError
        A series break between the times, fewer than two times, a base that is none of them, text that has no mean, more
        than 12 columns of cells.
    IdentificationError
        A cell with people at one time and none at the other: its mean is unknown there.

    Notes
    -----
    With means r and shares c of the cells, change = sum (r_1 - r_0)(c_0 + c_1)/2 + sum (c_1 - c_0)(r_0 + r_1)/2 [1]_.
    With several columns the share of a cell is a product of one factor for each, the geometric mean over all orders of
    its
    conditional shares, as (N_ij/N_j)^(1/2) (N_i/N)^(1/2) for the first of two; composition is laid to the columns by
    the average over all orders of the changes of these factors [2]_. All of it is a smooth function of the means and
    the sums of weights of the cells, whose covariance over the times is the design's.

    References
    ----------
    .. [1] Kitagawa, E. M. (1955). Components of a difference between two rates. Journal of the American Statistical
       Association, 50, 1168-1194.
    .. [2] Das Gupta, P. (1993). Standardization and Decomposition of Rates: A User's Manual. U.S. Bureau of the Census,
       Current Population Reports P23-186, chapter 6.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"t": [0, 1, 1, 1, 0, 1, 1, 1], "age": ["y", "o", "o", "y", "y", "o", "o", "o"],
    ...                       "year": [2014] * 4 + [2018] * 4, "w": 1.0})
    >>> svy = llo.Survey(frame, weights="w", strata="year", time="year")
    >>> parts = llo.decomposition.standardise("t", svy, cells="age", over="year")
    >>> parts.to_frame()[["component", "estimate"]].round(3).values.tolist()
    [['change', 0.0], ['rate', -0.188], ['composition', 0.188]]
    """
    if not isinstance(variable, str):
        raise DataError(
            "One variable is standardised at a time.",
            where="variable",
            found=repr(variable)[:80],
            expected="a name or a condition",
            todo="one call for each, and llo.joint for their covariance",
        )
    check_level(level)
    check_option(missing, "missing", ("omit", "raise"))
    check_option(breaks, "breaks", ("refuse", "flag"))
    check_switch(plausible, "plausible")
    if plausible:
        options: dict[str, Any] = {
            "cells": cells,
            "over": over,
            "base": base,
            "by": by,
            "level": level,
            "missing": missing,
        }
        options["breaks"] = breaks
        return drawn(standardise, [variable], svy, {"variable": variable}, **options)
    names, outer = names_of(cells, "cells"), [] if by is None else names_of(by, "by")
    check_number(len(names), "columns of cells")
    _check_apart(names, over, outer, variable)
    call = {"function": "standardise", "variable": variable, "cells": names, "over": over, "base": base, "by": by}
    svy = survey_for(svy, [], [variable, *outer, over, *names])
    target = make_target(svy, [variable], [*outer, over, *names], missing, "variable")
    numbers = _numbers(target, outer, over, names)
    first = _base(numbers, base, over)
    return _standardised(target, numbers, first, {**call, "breaks": breaks, "missing": missing}, level)


@dataclass(frozen=True, eq=False)
class CellNumbers:
    """Mean and sum of weights of K cells at T times in G outer cells, cells innermost.

    value : (G T, 2 K) mean and sum of weights of each cell. there : (G T, K) rows of each.
    codes : (G T K,) order; block, transform, replicates : as parts take them.
    keys : G rows. times : T levels. levels : (K, d) numbers of the levels of each cell.
    """

    value: Floats
    there: np.ndarray
    block: Block
    replicates: Floats | None
    keys: pd.DataFrame
    times: list[Any]
    levels: np.ndarray
    names: list[str]
    labels: list[str]
    outcome: Floats

    @property
    def transform(self) -> Floats:
        """(G T, 2K, 2K) the numbers are the estimates themselves."""
        size = self.value.shape[1]
        return np.broadcast_to(np.eye(size), (len(self.value), size, size))


def _check_apart(cells: list[str], over: str, by: list[str], variable: str) -> None:
    """The variable, cells, times and outer cells are different columns."""
    every = [variable, *cells, over, *by]
    twice = [name for i, name in enumerate(every) if name in every[:i]]
    if twice or not isinstance(over, str):
        raise DataError(
            "The variable, cells, over and by are different columns.",
            where="variable, cells, over, by",
            found=repr(twice[0] if twice else over),
            todo="name each column once",
        )


def _numbers(target: Target, outer: list[str], over: str, names: list[str]) -> CellNumbers:
    """Means and sums of weights of all cells."""
    (found,) = target.variables
    if found.kind == "category":
        raise DataError(
            "Text and categories have no mean.",
            where=f"variable {found.name!r}",
            expected="a number, a boolean or a condition",
            todo=f"name the level that counts, as \"{found.name} == 'yes'\"",
        )
    if not ((target.cells.codes < target.cells.number) & (target.weights != 0)).any():
        raise DataError(
            "No row has values and a weight.",
            where=f"variable {found.name!r}",
            found=f"rows left out for missing values: {target.left_out}",
            expected="people with values at two times",
            todo="check the variable, and the domain of svy.where",
        )
    keys = target.cells.keys
    times = list(dict.fromkeys(keys[over].sort_values(kind="stable")))
    outers, group = _distinct(keys, outer)
    levels, cell = _distinct(keys, names)
    place = (group * len(times) + keys[over].map({t: i for i, t in enumerate(times)}).to_numpy(dtype=np.intp)) * len(
        levels
    ) + cell
    number = len(outers) * len(times) * len(levels)
    codes = np.append(place, number)[target.cells.codes]
    y = np.where(codes < number, found.values, 0.0).astype(np.float64)
    sums = _Sums(codes, y, np.where(codes < number, target.weights, 0.0), number)
    return CellNumbers(
        sums.value.reshape(len(outers) * len(times), -1),
        _people(target, np.where(sums.w != 0, codes, number), number).reshape(-1, len(levels)),
        sums.block(),
        sums.at_replicates(target.svy.design.replicates, len(outers) * len(times)),
        outers,
        times,
        np.column_stack([pd.factorize(levels[name], sort=False)[0] for name in names]),
        names,
        [", ".join(f"{name} {row[name]}" for name in names) for _, row in levels.iterrows()],
        sums.sizes(len(outers)),
    )


def _people(target: Target, codes: Codes, number: int) -> Codes:
    """(number,) people of each cell."""
    return target.svy.design.rows_of_cells(codes, number).astype(np.intp)


class _Sums:
    """Means and sums of weights (w) of y in cells."""

    def __init__(self, codes: Codes, y: Floats, w: Floats, number: int) -> None:
        self.codes, self.y, self.w, self.number = codes, y, w, number
        self.totals = group_sums(codes, np.column_stack([w, w * y, w * y * y]), number)
        there = self.totals[:, 0] > 0
        self.mean = np.where(there, self.totals[:, 1] / np.where(there, self.totals[:, 0], 1.0), 0.0)

    @property
    def value(self) -> Floats:
        """(cells, 2) means, 0 where nobody is, and sums of weights."""
        return np.column_stack([self.mean, self.totals[:, 0]])

    def block(self) -> Block:
        """Their scores."""
        total = np.append(np.where(self.totals[:, 0] > 0, self.totals[:, 0], 1.0), 1.0)[self.codes]
        scores = self.w * (self.y - np.append(self.mean, 0.0)[self.codes]) / total
        return Block(self.codes, np.column_stack([scores, self.w]), self.number)

    def at_replicates(self, replicates: Replicates | None, rows: int) -> Floats | None:
        """(R, rows, ...) the same at the replicates; a cell that is empty there has no mean."""
        if replicates is None:
            return None
        at = replicates.totals(self.codes, np.column_stack([self.y, np.ones(len(self.y))]), self.number)
        there = at[..., 1] > 0
        nobody = np.where(self.totals[:, 0] > 0, np.nan, 0.0)
        means = np.where(there, at[..., 0] / np.where(there, at[..., 1], 1.0), nobody)
        return np.stack([means, at[..., 1]], axis=-1).reshape(len(at), rows, -1)

    def sizes(self, number: int) -> Floats:
        """(number,) root mean squares of y in as many sets of consecutive cells."""
        sums = self.totals.reshape(number, -1, 3).sum(axis=1)
        return np.asarray(np.sqrt(sums[:, 2] / np.where(sums[:, 0] > 0, sums[:, 0], 1.0)))


def _distinct(keys: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """The distinct rows of some columns, and which of them each row is."""
    if not names:
        return pd.DataFrame(index=range(1)), np.zeros(len(keys), dtype=np.intp)
    codes = keys.groupby(names, sort=True, observed=True, dropna=False).ngroup().to_numpy(dtype=np.intp)
    first = pd.Series(codes).drop_duplicates().sort_values().index
    return keys.loc[first, names].reset_index(drop=True), codes


def _base(numbers: CellNumbers, base: Any, over: str) -> int:
    """Position of the base; every cell has people at all times or at none."""
    if len(numbers.times) < 2:
        raise DataError("There is only one time.", where=f"over={over!r}", found=numbers.times, expected="at least two")
    if base is not None and base not in numbers.times:
        raise DataError(
            f"The base {text_of(base)!r} is not one of the times.",
            where=f"base={text_of(base)!r}, over={over!r}",
            found=f"{text_of(base)!r}{nearest(base, numbers.times)}",
            expected=", ".join(repr(text_of(time)) for time in numbers.times[:20]),
        )
    first = 0 if base is None else numbers.times.index(base)
    there = numbers.there.reshape(len(numbers.keys), len(numbers.times), -1) > 0
    lacking = there.any(axis=1, keepdims=True) & ~there
    if lacking.any():
        g, t, c = (int(i[0]) for i in np.nonzero(lacking))
        raise IdentificationError(
            "A cell has people at one time and none at another: its mean is unknown there.",
            where=", ".join(f"{k} {v}" for k, v in {**numbers.keys.iloc[g], over: text_of(numbers.times[t])}.items()),
            found=f"nobody in the cell {numbers.labels[c]}",
            expected="people in every cell at every time",
            todo="join levels, or leave the time out with svy.where(...)",
        )
    return first


def _parts(later: Floats, earlier: Floats, levels: np.ndarray) -> Floats:
    """(..., 2 + 1 + d) change, rate, composition and its terms, of two times' numbers (..., 2K)."""
    (r1, w1), (r0, w0) = ((n[..., 0::2], n[..., 1::2]) for n in (later, earlier))
    c1, c0 = (w / w.sum(axis=-1, keepdims=True) for w in (w1, w0))
    rate = ((r1 - r0) * (c1 + c0) / 2).sum(axis=-1, keepdims=True)
    mean = (r1 + r0) / 2
    composition = (mean * (c1 - c0)).sum(axis=-1, keepdims=True)
    change = (r1 * c1).sum(axis=-1, keepdims=True) - (r0 * c0).sum(axis=-1, keepdims=True)
    d = levels.shape[1]
    if d == 1:
        return np.concatenate([change, rate, composition], axis=-1)
    new, old = _factors(c1, levels), _factors(c0, levels)

    def product(members: frozenset[int]) -> Floats:
        out: Floats = np.ones_like(c1)
        for i in range(d):
            out = out * (new[i] if i in members else old[i])
        return out

    terms = [(mean * phi).sum(axis=-1, keepdims=True) for phi in shapley(product, d)]
    return np.concatenate([change, rate, composition, *terms], axis=-1)


def _factors(share: Floats, levels: np.ndarray) -> list[Floats]:
    """The factor of each column in the share of each cell: geometric mean over all orders of its conditional shares."""
    d = levels.shape[1]
    margins: dict[frozenset[int], Floats] = {}
    for size in range(d + 1):
        for some in combinations(range(d), size):
            _, codes = np.unique(levels[:, list(some)], axis=0, return_inverse=True)
            same = (codes.ravel()[:, None] == codes.ravel()).astype(np.float64)
            margins[frozenset(some)] = share @ same
    out = []
    for i in range(d):
        factor: Floats = np.ones_like(share)
        for members, margin in margins.items():
            if i not in members:
                there = np.abs(margin) > 0
                ratio = np.where(there, margins[members | {i}], 0.0) / np.where(there, margin, 1.0)
                empty = np.abs(ratio) == 0
                factor = factor * np.where(empty, 0.0, np.where(empty, 1.0, ratio) ** weights_of(len(members), d))
        out.append(factor)
    return out


def _standardised(
    target: Target, numbers: CellNumbers, first: int, call: dict[str, Any], level: float
) -> Decomposition:
    """The rows of all times and outer cells."""
    over, n_times = call["over"], len(numbers.times)
    others = [t for t in range(n_times) if t != first]
    size = numbers.value.shape[1]
    terms = [] if len(numbers.names) == 1 else numbers.names
    rows = [("change", TOTAL), ("rate", TOTAL), ("composition", TOTAL), *(("composition", name) for name in terms)]
    k, number = len(rows), len(numbers.keys)

    def f(values: Floats) -> Floats:
        times = [values[..., t * size : (t + 1) * size] for t in range(n_times)]
        return np.concatenate([_parts(times[t], times[first], numbers.levels) for t in others], axis=-1)

    used = np.zeros((len(others) * k, n_times), dtype=bool)
    for row, t in enumerate(others):
        used[row * k : (row + 1) * k, [t, first]] = True
    estimates = estimates_of(numbers, f, target.weights, times=n_times, used=used)
    _check_parts(estimates.value.reshape(-1, k), numbers)
    table = _table(target, numbers, rows, others, first, over)
    counts = numbers.there.sum(axis=1).reshape(number, n_times)
    n = np.repeat(np.stack([counts[:, t] + counts[:, first] for t in others], axis=1).ravel(), k).astype(np.float64)
    names = [*numbers.keys.columns, over]
    meta = {"call": call, **target.svy._meta(), "by": list(numbers.keys.columns), "time": over}
    meta["lines"] = [list(row) for row in rows]
    meta |= {"base": numbers.times[first], "times": numbers.times, "left_out": target.left_out, "base_levels": {}}
    known = target.svy.labels
    meta["labels"] = {name: known[name] for name in (call["variable"], *names, *numbers.names) if name in known}
    breaks = _at_breaks(target, numbers, others, first, call, table)
    return decomposition_of(
        estimates,
        table,
        target.svy.design,
        {**meta, **breaks.meta},
        unit=_unit(target),
        level=level,
        n=n,
        cells=_facts(numbers, others, first, k),
        by=names,
        flags=breaks.flags,
        whole=np.repeat(np.arange(len(table) // k) * k, k),
        outcome=np.repeat(numbers.outcome, len(others) * k),
    )


def _table(
    target: Target, numbers: CellNumbers, rows: list[tuple[str, str]], others: list[int], first: int, over: str
) -> pd.DataFrame:
    """What identifies each row: outer cell, time, variable, term, component."""
    k, number = len(rows), len(numbers.keys)
    table = numbers.keys.iloc[np.repeat(np.arange(number), len(others) * k)].reset_index(drop=True)
    times = pd.Series([numbers.times[t] for t in others for _ in rows] * number)
    stored = target.cells.keys[over].dtype
    table[over] = times.astype(stored) if isinstance(stored, pd.CategoricalDtype) else times
    table["variable"] = target.variables[0].name
    table["term"] = [term for _, term in rows] * (len(others) * number)
    table["component"] = [component for component, _ in rows] * (len(others) * number)
    table["of"], table["minus"] = [str(text_of(t)) for t in table[over]], str(text_of(numbers.times[first]))
    return table


def _unit(target: Target) -> str:
    """``share`` where the variable is one."""
    inside = target.cells.codes < target.cells.number
    return "share" if np.isin(target.variables[0].values[inside], (0.0, 1.0)).all() else "number"


def _check_parts(value: Floats, numbers: CellNumbers) -> None:
    """Parts that do not add up raise."""
    size = np.repeat(numbers.outcome, len(value) // len(numbers.outcome))
    where = [""] * len(value)
    check_sum(value[:, 0], value[:, 1:3], where, "components", size)
    if value.shape[1] > 3:
        check_sum(value[:, 2], value[:, 3:], where, "terms of composition", size)


def _facts(numbers: CellNumbers, others: list[int], first: int, k: int) -> pd.DataFrame:
    """Counts for disclosure control: those of the smallest cell at either time."""
    there = numbers.there.reshape(len(numbers.keys), len(numbers.times), -1)
    least = np.where(there > 0, there, np.iinfo(np.int64).max).min(axis=2)
    n = np.array([[min(own[t], own[first]) for t in others] for own in least]).ravel()
    return pd.DataFrame({name: np.repeat(n, k) for name in ("n", "n_units", "n_nonzero", "n_complement")}).assign(
        largest_share=0.0
    )


def _dates_breaks(svy: Survey, over: str) -> bool:
    """Whether breaks can be placed in the column of the call: it may hold countries, which have no dates."""
    found = time_variable(svy._frame, over)
    placed = [lies_after(found.levels, known.time, in_order=True) is not None for known in breaks_in(svy.source)]
    return over == svy.time or (ordered(found) and all(placed))


def _at_breaks(
    target: Target, numbers: CellNumbers, others: list[int], first: int, call: dict[str, Any], table: pd.DataFrame
) -> AtBreaks:
    """What series breaks of the variable or of the cells do to the comparisons of times."""
    size, codes = numbers.value.shape[1] // 2, numbers.block.codes
    cells = partial(cells_by_time, codes // size, len(numbers.value), target.weights)
    clock = Clock(target.svy, cells, call["over"] if _dates_breaks(target.svy, call["over"]) else None)
    columns, pairs = [target.variables[0].name, *numbers.keys.columns, *numbers.names], [(t, first) for t in others]
    seen = exposed(clock, columns, (len(numbers.times), 1), pairs)
    if not seen.breaks:
        return AtBreaks()
    if call["breaks"] == "refuse":
        every = dict.fromkeys([*columns, *conditions_of(target.svy)])
        names = [name for name in every if concerned_by(seen.breaks[0], target.svy, [name])]
        raise DataError(
            "The change straddles a series break.",
            where=f"{', '.join(names)}, over={call['over']!r}",
            found="; ".join(f"break of {known.time}: {known.what}" for known in seen.breaks),
            expected="times on one side of the break",
            todo="choose times on one side (svy.where), or breaks='flag' to see it marked",
        )
    rows = np.repeat(seen.straddles, len(table) // len(seen.straddles), axis=0)
    flags = tuple("break" if hit else "" for hit in (row.any() for row in rows))
    names = [*numbers.keys.columns, call["over"]]
    return AtBreaks({"breaks": account(Exposure(seen.breaks, rows), "flag", labels_of(table, names))}, flags)

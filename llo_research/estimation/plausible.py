"""Plausible values: one estimate for each pattern of numbered columns, combined over the draws."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.assemble import Options
from llo_research.estimation.target import Target, check_survey, make_target
from llo_research.options import nearest
from llo_research.results.columns import row_labels
from llo_research.results.draws import over_draws
from llo_research.results.facts import picked
from llo_research.results.result import Result
from llo_research.survey.variables import Variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

# the pattern in a condition, as "PVLIT* >= 276"
_IN_CONDITION = re.compile(r"[^\W\d]\w*\*(?=\s*(?:[<>]|[=!]=))")
_RANGE = re.compile(r"(.*)\[(\d+)-(\d+)\](.*)")


def over_plausible_values(
    patterns: Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str] | None,
    missing: str,
    options: Options,
    estimate: Callable[[Target, str, Options], Result],
    groups: Sequence[str] = (),
    levels: bool = False,
) -> Result:
    """One estimate for each pattern, cell (and level), combined over its plausible values.

    estimate : the estimator, given all columns of all patterns as variables of one target; rows tell them apart by
        `variable`.
    groups : further columns of the call. levels : whether every level of a variable gives a row.
    """
    sets = plausible_sets(patterns, svy)
    names = [name for columns in sets.values() for name in columns]
    target = make_target(svy, names, by, missing, "variables", groups=groups)
    if levels:
        target = replace(target, variables=_of_the_same_levels(target.variables, sets))
    for found in target.variables:
        if found.kind == "category" and not levels:
            raise DataError(
                "Plausible values are numbers.",
                where=f"column {found.name!r} of the pattern {patterns}",
                found="text or categories",
                expected="columns of numbers",
                todo="check the pattern",
            )
    return combine_sets(estimate(target, missing, options), sets, target.by)


def _of_the_same_levels(variables: Sequence[Variable], sets: Mapping[str, Sequence[str]]) -> tuple[Variable, ...]:
    """Plausible levels: those that occur in any of a pattern's columns are levels of all of them."""
    by_name = {found.name: found for found in variables}
    out = []
    for pattern, names in sets.items():
        found = [by_name[name] for name in names]
        declared = [variable.levels for variable in found if variable.declared]
        if declared and (len(declared) < len(found) or any(one != declared[0] for one in declared)):
            raise DataError(
                "The plausible values do not have the same levels.",
                where=f"pattern {pattern!r}",
                found="; ".join(f"{variable.name}: {variable.levels[:8]}" for variable in found[:3]),
                expected="the same levels, in the same order, in each column",
                todo="declare them alike: pandas.Categorical(..., categories=[...], ordered=True) in svy.assign",
            )
        if declared or found[0].kind == "boolean":
            out += found
            continue
        every = dict.fromkeys(level for variable in found for level in variable.levels)
        order = sorted(every, key=lambda level: (isinstance(level, str), level))
        out += [
            Variable(one.name, "category", one.series.astype(pd.CategoricalDtype(order, ordered=True)), declared=True)
            for one in found
        ]
    return tuple(out)


def plausible_sets(patterns: Sequence[str], svy: Survey) -> dict[str, list[str]]:
    """The columns of each pattern, as many of each and with the same numbers."""
    check_survey(svy)
    columns = list(svy._frame.columns)
    patterns = [_spelled(pattern, columns) for pattern in patterns]
    sets = {pattern: expand_pattern(pattern, columns) for pattern in patterns}
    lengths = {pattern: len(found) for pattern, found in sets.items()}
    numbers = {pattern: [_number_in(name, pattern) for name in found] for pattern, found in sets.items()}
    if len({tuple(found) for found in numbers.values()}) > 1:
        different = "numbers" if len(set(lengths.values())) > 1 else "values"
        raise DataError(
            f"The patterns find different {different} of plausible values.",
            where="plausible=True",
            found=lengths if different == "numbers" else {p: f"{n[0]} to {n[-1]}" for p, n in numbers.items()},
            expected="as many of each, drawn together",
            todo="call the estimator for each pattern, or name the columns of one draw by one number",
        )
    every = [name for found in sets.values() for name in found]
    twice = [name for i, name in enumerate(every) if name in every[:i]]
    if twice or len({stem_of(pattern) for pattern in sets}) < len(sets):
        raise DataError(
            "Two patterns stand for the same plausible values.",
            where="plausible=True",
            found=f"{list(sets)}{f', both with {twice[0]!r}' if twice else ''}",
            expected="patterns of different columns, with different names",
            todo="name each set of plausible values once",
        )
    return sets


def combine_sets(every: Result, sets: Mapping[str, Sequence[str]], by: Sequence[str]) -> Result:
    """The result of all columns of all patterns as one over their draws; rows are told apart by `variable`."""
    stem = {name: stem_of(pattern) for pattern, columns in sets.items() for name in columns}
    chosen = _by_draw(every, sets, stem)
    rows = every.rows.iloc[chosen[0]].reset_index(drop=True)
    rows["variable"] = [stem[str(name)] for name in rows["variable"]]
    labels = row_labels(rows, by)
    told = {"plausible_values": {p: list(c) for p, c in sets.items()}}
    parts = [_part(every, at) for at in chosen]
    draws = [replace(part, rows=rows, labels=labels, meta={**part.meta, **told}) for part in parts]
    meta = {**every.meta, **told}
    if unit := every.meta.get("unit"):
        meta["unit"] = {**unit, **{stem[name]: kind for name, kind in reversed(unit.items()) if name in stem}}
    return Result(**over_draws(draws, meta))


def _by_draw(every: Result, sets: Mapping[str, Sequence[str]], stem: Mapping[str, str]) -> list[np.ndarray]:
    """The positions of the rows of each draw, which are the same rows in all."""
    names, m = every.rows["variable"].astype(str).tolist(), len(next(iter(sets.values())))
    draw = {name: number for columns in sets.values() for number, name in enumerate(columns)}
    others = every.rows.drop(columns="variable").astype(str).itertuples(index=False, name=None)
    told = [(*other, stem[name]) for other, name in zip(others, names, strict=True)]
    chosen = [np.flatnonzero([draw[name] == number for name in names]) for number in range(m)]
    first = [told[i] for i in chosen[0]]
    for number, at in enumerate(chosen):
        if [told[i] for i in at] != first:
            raise DataError(
                "The plausible values do not have the same rows.",
                where=f"draw {number + 1} of {', '.join(sets)}",
                found=f"{len(at)} rows: {[':'.join(told[i]) for i in at][:5]}",
                expected=f"{len(first)} rows: {[':'.join(row) for row in first][:5]}",
                todo="declare the levels (a categorical) where one of them may be absent from a draw",
            )
    return chosen


def _part(every: Result, at: np.ndarray) -> Result:
    """These rows of a result as a result."""
    flags, interval = every.extra_flags, every.interval
    if every.own_ends is not None:
        interval = "wald"  # ends that the estimator found in one draw are not those of the average
    covariance = every.covariance[np.ix_(at, at)]
    return replace(
        every,
        rows=every.rows.iloc[at].reset_index(drop=True),
        labels=tuple(every.labels[i] for i in at),
        estimates=every.estimates.only(at),
        inference=replace(every.inference, covariance=covariance, sampling=covariance, df=every.df[at]),
        quantity=tuple(every.quantity[i] for i in at),
        n=None if every.n is None else every.n[at],
        details=picked(every.details, at),
        cell_details=picked(every.cell_details, at),
        extra_flags=tuple(flags[i] for i in at) if flags else (),
        interval=interval if isinstance(interval, str) else tuple(interval[i] for i in at),
        own_ends=None,
        standing=None if every.standing is None else every.standing.only(at),
    )


def _spelled(pattern: str, columns: Sequence[str]) -> str:
    """The pattern in the Unicode form in which the data spell its beginning."""
    if pattern.isascii():
        return pattern
    forms = [pattern, *(unicodedata.normalize(form, pattern) for form in ("NFC", "NFD"))]
    heads = {form: re.split(r"[*\[]", form)[0] for form in forms}
    return next((form for form in forms if any(str(c).startswith(heads[form]) for c in columns)), pattern)


def stem_of(pattern: str) -> str:
    """The name of a pattern's rows: ``PVLIT`` of ``PVLIT*`` and of ``PVLIT[1-10]``."""
    ranged = _RANGE.fullmatch(pattern)
    return ranged.group(1) + ranged.group(4) if ranged else pattern.replace("*", "")


def expand_pattern(pattern: str, columns: Sequence[str]) -> list[str]:
    """The plausible-value columns of a pattern such as ``PVLIT*``, ``PVLIT[1-10]`` or ``PV[01-10]``, by number.

    A condition on one (``PVLIT* >= 276``) gives the condition on each.
    """
    condition = _IN_CONDITION.search(pattern)
    if condition and pattern.count("*") == 1:
        return [pattern.replace(condition[0], name) for name in expand_pattern(condition[0], columns)]
    if _RANGE.fullmatch(pattern):
        found = _in_range(pattern, columns)
    elif pattern.count("*") != 1:
        found = [pattern] if pattern in columns else []
    else:
        numbered = [(_number_in(c, pattern), c) for c in columns if isinstance(c, str)]
        found = [name for _, name in sorted((number, name) for number, name in numbered if number is not None)]
        _check_numbers(found, pattern)
    if len(found) < 2:
        raise DataError(
            f"The pattern {pattern!r} finds {len(found)} columns of plausible values.",
            where="plausible=True",
            found=f"{found}{'' if found else nearest(pattern.rstrip('*'), columns)}",
            expected="at least two, numbered, as 'PVLIT*' for PVLIT1 to PVLIT10",
            todo="check the pattern against svy.frame.columns; for an ordinary column leave plausible=True out",
        )
    return found


def _in_range(pattern: str, columns: Sequence[str]) -> list[str]:
    """The columns of a range, all of which must be there; ``[01-10]`` writes numbers with leading zeros."""
    match = _RANGE.fullmatch(pattern)
    assert match is not None
    head, low, high, tail = match.groups()
    width = len(low) if len(low) == len(high) or low.startswith("0") else 0
    found = [f"{head}{i:0{width}d}{tail}" for i in range(int(low), int(high) + 1)]
    absent = [name for name in found if name not in columns]
    if absent:
        raise DataError(
            f"There is no column {absent[0]!r}.",
            where=f"pattern {pattern!r}",
            found=f"{len(found) - len(absent)} of {len(found)} columns{nearest(absent[0], columns)}",
            expected="every column of the range",
            todo="name the range that is there ([01-10] where numbers have leading zeros), or use a star",
        )
    return found


def _check_numbers(found: Sequence[str], pattern: str) -> None:
    """Each number once, and none left out between the first and the last."""
    numbers = [_number_in(name, pattern) or 0 for name in found]
    twice = [name for name, number in zip(found, numbers, strict=True) if numbers.count(number) > 1]
    gone = [number for number in range(min(numbers), max(numbers) + 1) if number not in numbers][:5] if numbers else []
    if not twice and not gone:
        return
    raise DataError(
        f"The pattern {pattern!r} finds {'a number twice' if twice else 'numbers with a gap'}.",
        where="plausible=True",
        found=", ".join(twice[:4] if twice else list(found)[:12]),
        expected="each draw once" if twice else f"also the number {gone[0]}",
        todo="name the range that is meant, as 'PV[1-10]'; drop or rename the columns that are no plausible values",
    )


def _number_in(name: str, pattern: str) -> int | None:
    """The number that the star or the range of the pattern stands for."""
    ranged = _RANGE.fullmatch(pattern)
    head, tail = (ranged.group(1), ranged.group(4)) if ranged else pattern.split("*", 1)
    match = re.fullmatch(re.escape(head) + r"(\d+)" + re.escape(tail), name, flags=re.ASCII)
    return int(match.group(1)) if match else None

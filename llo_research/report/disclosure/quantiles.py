"""Quantiles of a group with fewer persons between them than may be told of: together they list its values.

The influence values of a quantile have two values: of those who are at or below it, and of all others. So the persons
between two quantiles of a group are known whatever the group, the variable or the function is called.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.tables import Rows, Tables, rows_by_code
from llo_research.results.columns import IDENTIFIERS
from llo_research.results.floors import facts_of, is_missing
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result
from llo_research.survey.formulas import matrices

_SAME = 1e-9  # of the largest influence: rounding
_EDGE = 1e-6  # persons: 200 times 0.35 - 0.3 are ten
_MEASURE = re.compile(r"q[\d.]+")


def near_quantiles(
    tables: Tables, results: Mapping[str, Result], old: Collection[str], rules: Rules
) -> Iterator[tuple[str, int, float]]:
    """(result, row, persons between) of quantiles that lie near one that left before, or that stands before them."""
    told: dict[tuple[int, bool], list[Rows]] = {}
    for name in sorted(results, key=lambda name: name not in old):
        every = [(*one, False) for one in _quantiles(tables, results[name])]
        every += [(*one, True) for one in _counterfactual(tables, results[name])]
        for rows, cell, below, reweighted in every:
            size, between = len(tables.sets[cell]), rules.units
            if reweighted:  # whose weights may lie on a few at an end
                above = np.setdiff1d(tables.sets[cell], below, assume_unique=True)
                between = min(between, tables.people(below), tables.people(above))
            for one in told.get((cell, reweighted), []):
                apart = np.setxor1d(one, below, assume_unique=True)
                if 2 * len(apart) > size:  # values in the other order
                    apart = np.setdiff1d(tables.sets[cell], apart, assume_unique=True)
                between = min(between, tables.people(apart) or between)
            if between < rules.units and name not in old:
                yield from ((name, row, float(between)) for row in rows)
            else:
                told.setdefault((cell, reweighted), []).append(below)


def _quantiles(tables: Tables, result: Result) -> Iterator[tuple[list[int], int, Rows]]:
    """Of each quantile that a result tells the rows that tell it, its cell, and who is at or below it."""
    scores, wanted = result.scores, _rows_of_quantiles(result)
    if scores is None or not wanted or not np.isfinite(scores.weights).all():
        return
    made: Any = scores.rests().astype(np.int8) if scores.transform is None else scores.transform
    made, start = sparse.csc_array(sparse.csc_array(made) != 0), 0
    for block in scores.blocks:
        p = block.values.shape[1]
        cells = rows_by_code(np.where(scores.weights != 0, block.codes, block.n_cells), block.n_cells)
        for j in range(block.size):
            used = made.indices[made.indptr[start + j] : made.indptr[start + j + 1]]
            told = sorted({row for i in used for row in wanted.get(int(i), ())})
            if told and len(rows := cells[j // p]):
                each = block.values[rows][:, j % p] / scores.weights[rows]
                low, high = each.min(), each.max()
                least = _SAME * max(-low, high)
                if low < 0 < high and (np.minimum(each - low, high - each) <= least).all():
                    yield told, tables.add(rows), rows[each < 0]
        start += block.size


def _counterfactual(tables: Tables, result: Result) -> Iterator[tuple[list[int], int, Rows]]:
    """The same of quantiles of a group with the composition of another, which are values of persons of that group."""
    rows, scores = result.rows.reset_index(drop=True), result.scores
    call, data = result.meta.get("call") or {}, (result.meta.get("survey") or {}).get("values")
    if scores is None or data is None or call.get("function") != "reweight" or "measure" not in rows:
        return
    measure = rows["measure"].astype(str)
    wanted = measure.str.fullmatch(_MEASURE) & (rows["component"].astype(str) == "counterfactual")
    if not wanted.any():
        return
    block, left = scores.blocks[0], str(call["formula"]).partition("~")[0]
    cell = np.flatnonzero((block.codes == 1) & (scores.weights != 0))
    own = getattr(block.values, "own", np.arange(len(block.codes)))[cell]  # where they stand in their own data
    used = np.zeros(len(data.frames[0]), dtype=bool)
    used[own] = True
    values = matrices(f"~ 0 + {left}", data.frames[0], used).right.values[own, -1]
    for i in np.flatnonzero(wanted):
        below = cell[values <= result.estimate[i] + _SAME * np.ptp(values)]
        yield list(map(int, np.flatnonzero(measure == measure[i]))), tables.add(cell), below


def _rows_of_quantiles(result: Result) -> dict[int, list[int]]:
    """Of each row that is a quantile the rows that go with it: all of its measure in a decomposition."""
    rows = result.rows.reset_index(drop=True)
    if "quantile" in rows:
        return {i: [i] for i, q in enumerate(rows["quantile"]) if not is_missing(q)}
    if "measure" not in rows or "component" not in rows:
        return {}
    measure = rows["measure"].astype(str)
    means = rows["component"].astype(str).isin(["mean_of", "mean_minus"])
    return {
        int(i): list(map(int, np.flatnonzero(measure == measure[i])))
        for i in np.flatnonzero(means)
        if _MEASURE.fullmatch(measure[i])
    }


def near_by_names(
    results: Mapping[str, Result], old: Mapping[str, Result], apart: Collection[str], rules: Rules
) -> Iterator[Finding]:
    """The same of results of which the persons are not known (`apart`), by the names of their groups."""
    told: dict[tuple[str, ...], list[tuple[float, bool]]] = {}
    for name, result in {**old, **results}.items():
        rows = result.rows.reset_index(drop=True)
        if "quantile" not in rows:
            continue
        n, source, unknown = (
            facts_of(result)["n_units"].to_numpy(),
            repr(result.meta.get("domain") or []),
            name in apart,
        )
        for i in range(len(rows)):
            q, cell = float(rows["quantile"].iloc[i]), _cell(rows.iloc[i].to_dict(), source)
            others = [one for one, other in told.get(cell, []) if unknown or other]
            near = [one for one in others if _EDGE < n[i] * abs(one - q) < rules.units - _EDGE]
            if near and name in results:
                found = min(n[i] * abs(one - q) for one in near)
                yield Finding(name, i, "extreme", float(np.floor(found)), rules.units)
            else:
                told.setdefault(cell, []).append((q, unknown))


def _cell(row: Mapping[Any, Any], source: str) -> tuple[str, ...]:
    """Of which group and variable a row is."""
    names = sorted(str(name) for name in row if name not in IDENTIFIERS or name == "variable")
    return (source, *(f"{name}={row[name]}" for name in names))

"""The smallest group behind a model, decomposition or other result whose rows do not name their groups, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.disclosure.few_values import FEW
from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.tables import rows_by_code
from llo_research.results.result import Result

_OF_GROUPS = ("few", "complement", "saturated")  # rules that one small group breaks


def with_smallest_group(result: Result, found: Sequence[Finding]) -> list[Finding]:
    """Findings about a result, with the smallest group behind it where its rows do not name one."""
    unnamed = any(name in result.rows for name in ("term", "component")) or _panel(result)
    if not unnamed or not any(one.rule in _OF_GROUPS for one in found):
        return list(found)
    least = min((one.found, one.limit) for one in found if one.rule in _OF_GROUPS)
    words = smallest_group(result, least[1])
    return [one.told_by(words) if one.rule in _OF_GROUPS and not one.where else one for one in found]


def _panel(result: Result) -> bool:
    """Whether a result is of effects over time, whose rows are no cells."""
    return str((result.meta.get("call") or {}).get("function")).startswith("panel.")


def smallest_group(result: Result, limit: float) -> str:
    """The levels of the smallest group of fewer than a limit, of the columns that a result is made of; else nothing."""
    data, scores = (result.meta.get("survey") or {}).get("values"), result.scores
    if data is None or scores is None or result.design is None:
        return ""
    rows, cells = np.zeros(result.design.n, dtype=bool), list[np.ndarray]()
    for block in scores.blocks:
        own = rows_by_code(np.where(scores.weights != 0, block.codes, block.n_cells), block.n_cells)
        cells += own if len(own) > 1 else []
        rows[np.concatenate(own)] = True
    frame = next((one for one in data.frames if len(one) == result.design.n), None)
    if frame is None or not rows.any():
        return ""
    columns = _columns(result, frame)
    persons = np.arange(len(rows)) if result.design.persons is None else result.design.persons
    least = min((own for own in cells if len(own)), key=len, default=np.zeros(0, dtype=np.intp))
    if len(least) and len(np.unique(persons[least])) < limit:
        values = {name: column.iloc[least] for name, column in columns.items()}
        alike = {name: some.iloc[0] for name, some in values.items() if some.nunique(dropna=False) == 1}
        return _words(alike.items(), len(np.unique(persons[least])))
    return _smallest_level(columns, np.flatnonzero(rows), persons, limit)


def _smallest_level(columns: dict[str, pd.Series], rows: np.ndarray, persons: np.ndarray, limit: float) -> str:
    """The smallest level of a column of few values, or pair of levels of two."""
    few = {name: own.iloc[rows] for name, own in columns.items()}
    few = {name: own for name, own in few.items() if own.nunique() <= FEW or not pd.api.types.is_numeric_dtype(own)}
    for number in (1, 2):
        found = []
        for names in combinations(few, number):
            table = pd.DataFrame({name: few[name].astype(object).to_numpy() for name in names})
            times = table.assign(who=persons[rows]).groupby(list(names), observed=True)["who"].nunique()
            if len(times) and times.min() < limit:
                levels = times.idxmin()
                pairs = zip(names, levels if isinstance(levels, tuple) else (levels,), strict=True)
                found.append((int(times.min()), tuple(pairs)))
        if found:
            people, told = min(found, key=lambda one: one[0])
            return _words(told, people)
    return ""


def _words(pairs: Iterable[tuple[str, Any]], people: int) -> str:
    """Levels, and how many persons have them all."""
    told = [f"{name} {level:g}" if _is_number(level) else f"{name} {level}" for name, level in pairs]
    return f"{', '.join(told)} (n = {people})" if told else ""


def _is_number(level: Any) -> bool:
    """Whether a level is a number that is no yes or no."""
    return isinstance(level, int | float | np.number) and not isinstance(level, bool | np.bool_)


def _columns(result: Result, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns of the data that a call names."""
    names = dict.fromkeys(_named(result.meta.get("call") or {}))
    left = _explained(result)
    return {name: frame[name] for name in names if name in frame and name != left}


def _named(told: Any) -> Iterator[str]:
    """All words of the values of a call."""
    if isinstance(told, dict):
        for value in told.values():
            yield from _named(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from _named(value)
    elif isinstance(told, str):
        yield told
        yield from re.findall(r"\w+", told)


def _explained(result: Result) -> str:
    """What is explained, or averaged."""
    call = result.meta.get("call") or {}
    return str(call.get("formula", "")).split("~")[0].strip() or str(call.get("variable"))

"""Of what variables and which answer each row of a result speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llo_research.results.columns import IDENTIFIERS
from llo_research.results.floors import is_missing
from llo_research.results.result import Result

# Estimators whose estimates of yes and no are shares or totals, or are made of them.
OF_ANSWERS = (
    *("mean", "share", "total", "ratio", "crosstab", "banner", "gap", "change", "gap_change", "trend"),
    *("correlation", "covariance", "break_robustness"),
)
YES = "yes"


@dataclass(frozen=True)
class Speaking:
    """What one estimate is of.

    variables : what it is a number of. answer : (variable, level) pairs of the persons whom a share counts.
    answers : whether its influence values may tell who gave an answer. share : whether it is a share.
    yes_or_no : whether those without the answer gave the other one. where : (variable, level) pairs of the cell.
    """

    variables: tuple[str, ...]
    answer: tuple[tuple[str, str], ...] = ()
    answers: bool = False
    share: bool = False
    yes_or_no: bool = False
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Spoken:
    """The same for all rows of a result."""

    rows: tuple[Speaking, ...]

    def of(self, rows: np.ndarray) -> Speaking:
        """What rows that rest on one estimate say of it: all their variables, and the answer where they agree."""
        own: list[Speaking] = list(dict.fromkeys(self.rows[int(i)] for i in rows))
        if len(own) == 1:
            return own[0]
        variables = tuple(sorted({name for one in own for name in one.variables}))
        told = {one.answer for one in own}
        answer = own[0].answer if len(told) == 1 else ()
        where = tuple(pair for pair in own[0].where if all(pair in one.where for one in own)) if own else ()
        of_answers = bool(own) and all(one.answers for one in own)
        return Speaking(variables, answer, of_answers, any(one.share for one in own), False, where)


def speaking_of(result: Result) -> Spoken:
    """What each row of a result speaks of; a contrast of what the rows that it is made of do."""
    call = result.meta.get("call") or {}
    calls = call.get("results") or {}
    unit = result.meta.get("unit") or {}
    base = (result.meta.get("contrast_rows") or {}).get("rows")
    out = []
    for row in _rows(result.rows if base is None else base):
        own = calls.get(str(row["result"]), {}) if calls and "result" in row else call
        out.append(replace(_of_row(row, own or {}, unit), where=_where(row, own or {})))
    if base is not None:
        out = [Spoken(tuple(out)).of(np.arange(len(out)))] * len(result.rows)
    return Spoken(tuple(out))


def domains_of(result: Result) -> list[str]:
    """Of each row, in words, of whom it would be if all had answered: conditions, and groups that are chosen.

    Two rows of one domain are of different people for what these did not answer alone.
    """
    call = result.meta.get("call") or {}
    calls, notes = call.get("results") or {}, result.meta.get("domain") or []
    names = list(result.rows["result"].astype(str)) if "result" in result.rows else [""] * len(result.rows)
    out = []
    for name in names:
        own = calls.get(name) or call
        conditions = [note.get("condition") for note in notes if note.get("result") in (None, name)]
        chosen = () if own.get("minus") is None or _are_all(result, own) else (own["group"], own["of"], own["minus"])
        out.append(repr([*filter(None, conditions), *chosen]))
    return out


def _are_all(result: Result, call: Mapping[str, Any]) -> bool:
    """Whether everybody who answered is in one of two groups."""
    frames = result.design.frames if result.design is not None else ()
    name, two = call.get("group"), {str(call.get("of")), str(call.get("minus"))}
    return bool(frames) and all(name in one and set(map(str, one[name].dropna().unique())) <= two for one in frames)


def _rows(rows: Any) -> Iterator[dict[str, Any]]:
    """Rows of a frame, or of columns as lists, by name."""
    return (dict(zip(rows, values, strict=True)) for values in zip(*(rows[name] for name in rows), strict=True))


def _of_row(row: Mapping[str, Any], call: Mapping[str, Any], unit: Mapping[str, Any]) -> Speaking:
    """What one row speaks of."""
    function = str(call.get("function"))
    of_answers = function in OF_ANSWERS and is_missing(row.get("quantile"))
    if function == "crosstab":
        pair = (str(call.get("row")), str(call.get("column")))
        told = tuple((name, str(row[name])) for name in pair if name in row)
        return Speaking(tuple(sorted(pair)), told, of_answers, True)
    if "formula" in call:
        return Speaking(_variables(call))
    name = row.get("variable")
    if is_missing(name):
        return Speaking(_variables(call), (), of_answers)
    if function == "ratio":
        return Speaking((str(name), *_variables(call)), ((str(name), YES),), of_answers, False, True)
    level = row.get("answer") if function == "banner" else row.get("level")
    if is_missing(level):
        share = unit.get(str(name)) == "share"
        return Speaking((str(name),), ((str(name), YES),), of_answers, share, True)
    return Speaking((str(name),), ((str(name), str(level)),), of_answers, True)


def _where(row: Mapping[str, Any], call: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """In which cell of the columns of `by` a row is."""
    others = (*IDENTIFIERS, "result", call.get("row"), call.get("column"))
    return tuple((name, str(value)) for name, value in row.items() if name not in others and not is_missing(value))


def _variables(call: Mapping[str, Any]) -> tuple[str, ...]:
    """The variables of a call, of which its rows may tell the sums; of a model what is explained is one.

    Residuals add up to 0, so that a model tells the mean of what it explains.
    """
    parts = [_variables(own or {}) for own in (call.get("results") or {}).values()]
    names = {name for own in parts for name in own}
    if isinstance(of := call.get("of"), Mapping):  # of margins: the model
        names |= set(_variables(of))
    if "formula" in call:
        left = str(call["formula"]).split("~")[0].strip()
        names |= {f"model of {call['formula']}", left, *re.findall(r"[^\W\d]\w*", left)}
    for key in ("variables", "variable", "numerator", "denominator"):
        given = call.get(key) or ()
        names |= {given} if isinstance(given, str) else set(map(str, given))
    if call.get("function") == "crosstab":
        names |= {str(call.get("row")), str(call.get("column"))}
    return tuple(sorted(names))

"""What a stranger reads in exported files: rows of numbers, each with the people that it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.disclosure.digits import COARSE, STEP
from llo_research.results.storage import unpacked

People = Mapping[str, str]  # by classification
_NUMBERS = ("n", "estimate", "sum_weights")
_NO_GROUPS = ("variable", "level", "withheld", "std_error", "df", "conf_low", "conf_high")


@dataclass(frozen=True)
class Line:
    """A row of a table that left.

    result, row : where it stands. survey : the source, domain and weight, in one text.
    variable : what it is about; answer : the answer it tells of, None for a mean of a number.
    groups : the people, by classification. also : further classifications that the share is of (a crosstab).
    n, weights, share : what is told, nan where withheld; n and weights are of the group, share of those in `answer`.
    others : the table has more rows, which it does not name.
    """

    result: str
    row: int
    survey: str
    variable: str
    answer: str | None
    groups: People
    also: People = field(default_factory=dict)
    n: float = np.nan
    weights: float = np.nan
    share: float = np.nan
    withheld: bool = False
    # half the unit to which n and share were rounded
    n_error: float = 0.0
    share_error: float = 0.0
    rounded: bool = False  # weights to four digits
    others: bool = False

    @property
    def part(self) -> People:
        """The people of whom it tells the share."""
        own = {self.variable: self.answer} if self.answer is not None else {}
        return {**self.groups, **self.also, **own}

    @property
    def tells_share(self) -> bool:
        """Whether a share of people is told."""
        return self.answer is not None and not np.isnan(self.share)


def identifiers(told: Mapping[str, Any]) -> pd.DataFrame:
    """The identifying columns as texts; None where a row has none."""
    return pd.DataFrame(
        {name: pd.Series([_text(v) for v in column["values"]], dtype=object) for name, column in told.items()}
    )


def _text(value: Any) -> str | None:
    """A level as a text; None where there is none."""
    if value is None or value != value:
        return None
    if isinstance(value, Mapping):
        return json.dumps(value, sort_keys=True)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.12g}" if number else str(value)


def lines_of_file(name: str, told: Mapping[str, Any], rows: pd.DataFrame, base: float) -> list[Line]:
    """The rows of a result whose numbers add up: means, shares and totals, crosstabs, table books."""
    meta, k = told["meta"], len(rows)
    share, n = numbers(told.get("estimate"), k), numbers(told.get("n"), k)
    gone = np.isnan(n) | np.isnan(share)
    error = rounding(share, told.get("covariance"))
    weights = numbers((told.get("details") or {}).get("sum_weights"), k)
    out, others = [], bool((meta.get("exported") or {}).get("others"))
    for i, values in enumerate(rows.to_dict("records")):
        row: dict[str, str | None] = {str(name): value for name, value in values.items()}
        part = (meta.get("parts") or {}).get(row.get("result")) or {}
        if is_silent(part):
            continue
        call = ((meta.get("call") or {}).get("results") or {}).get(row.get("result")) or meta.get("call") or {}
        kind = told["quantity"][i][0]
        about = _about(row, kind, call)
        if about is None:
            continue
        if kind == "total":
            of_answers = about["answer"] is not None and weights[i] > 0
            share[i] = share[i] / weights[i] if of_answers else np.nan if not np.isnan(share[i]) else share[i]
            error[i] = error[i] / weights[i] if of_answers else 0.0
        survey = survey_of(part, meta)
        own = {"n": n[i], "weights": weights[i], "share": share[i], "share_error": error[i], "rounded": True}
        out.append(Line(name, i, survey, **about, **own, withheld=bool(gone[i]), others=others))
    return [replace(line, n_error=base / 2) for line in out] if base > 1 else out


def rounding(values: np.ndarray, covariance: Any) -> np.ndarray:
    """(k,) by how much numbers may have been rounded: a part of their error, or of themselves where that is unknown."""
    variance = np.diag(unpacked(covariance, len(values))) if covariance else np.full(len(values), np.nan)
    known = np.isfinite(variance) & (variance > 0)
    return np.where(known, np.sqrt(np.where(known, variance, 0.0)) * STEP, np.nan_to_num(np.abs(values)) * COARSE)


def survey_of(*told: Mapping[str, Any]) -> str:
    """The source, domain and weight of a result, by the first that tells each, in one text."""
    of = [next((one[key] for one in told if key in one), None) for key in ("source", "domain", "weight")]
    return json.dumps(of, sort_keys=True)


def is_silent(part: Mapping[str, Any]) -> bool:
    """Whether of a part of a joint result nothing left, so that its file tells neither its people nor its groups."""
    return bool(part) and set(part) <= {"call", "left_out", "domain"}


def _about(row: Mapping[str, str | None], kind: str, call: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a row is about: its variable, the answer, and the groups; None for rows that do not add up."""
    function = call.get("function")
    variable, answer = str(row.get("variable")), row.get("level")
    if function == "crosstab" and kind == "share":
        first, second = str(call["row"]), str(call["column"])
        groups = {name: value for name, value in row.items() if name not in (first, second) and value is not None}
        return {"variable": first, "answer": row[first], "groups": groups, "also": {second: str(row[second])}}
    if function == "banner":
        groups, answer = {str(row["group"]): str(row["level"])}, row.get("answer")
    elif function in ("mean", "share", "total"):
        groups = groups_of(row, call)
    else:
        return None
    yes = kind == "share" and answer is None
    return {"variable": variable, "answer": "yes" if yes else answer, "groups": groups}


def groups_of(row: Mapping[Any, Any], call: Mapping[str, Any]) -> dict[str, str]:
    """The cell of a row by the columns of `by`."""
    by = call.get("by") or []
    names = [by] if isinstance(by, str) else by
    return {name: str(row[name]) for name in names if row.get(name) is not None}


def numbers(values: Any, k: int) -> np.ndarray:
    """Numbers of a file; nan where there are none."""
    if values is None:
        return np.full(k, np.nan)
    return np.array([np.nan if value is None or value is pd.NA else float(value) for value in values])


def lines_of_frame(
    name: str, frame: pd.DataFrame, *, survey: str = "", n_to: float = 1.0, share_digits: int | None = None
) -> list[Line]:
    """The same of a table as a frame.

    Identifiers (`variable`, `level`, other columns of texts or categories), `n`, and, where it has them, `estimate`
    (shares; of a `variable` without `level`: of those who said yes) and `sum_weights`. A row without n or estimate is
    withheld. A frame without `estimate` is a table of counts.
    """
    told = {c: numbers(frame[c], len(frame)) for c in _NUMBERS if c in frame}
    nothing = np.full(len(frame), np.nan)
    n, share, weights = told["n"], told.get("estimate", nothing), told.get("sum_weights", nothing)
    shares = "estimate" in told
    names = [str(c) for c in frame.columns if c not in _NUMBERS and not (shares and c in _NO_GROUPS)]
    half = 0.0 if share_digits is None else 0.5 * 10.0**-share_digits
    out = []
    for i, values in enumerate(frame.to_dict("records")):
        row = {str(name): _text(value) for name, value in values.items() if name not in _NUMBERS}
        groups = {name: str(row[name]) for name in names if row[name] is not None}
        variable = str(row.get("variable")) if shares else ""
        answer = (row.get("level") or "yes") if shares else None
        gone = bool(np.isnan(n[i]) or (shares and np.isnan(share[i])))
        line = Line(name, i, survey, variable, answer, groups, {}, n[i], weights[i], share[i], gone)
        out.append(replace(line, n_error=n_to / 2 if n_to > 1 else 0.0, share_error=half))
    return out

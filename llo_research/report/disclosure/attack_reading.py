"""What a stranger reads in exported files: rows of numbers, each with the people that it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError

# identifiers that are no classification of people, and numbers
_NOT_GROUPS = ("result", "variable", "level", "term", "component", "measure", "quantile", "of", "minus", "group")


@dataclass(frozen=True)
class Line:
    """A row of a table that left.

    result, row : where it stands. survey : the source, domain and weight, in one text.
    variable : what it is about; answer : the answer it tells of, None for a mean of a number.
    groups : the people, by classification. also : further classifications that the share is of (a crosstab).
    n, weights, share : what is told, nan where withheld; n and weights are of the group, share of those in `answer`.
    """

    result: str
    row: int
    survey: str
    variable: str
    answer: str | None
    groups: Mapping[str, str]
    also: Mapping[str, str] = field(default_factory=dict)
    n: float = np.nan
    weights: float = np.nan
    share: float = np.nan
    withheld: bool = False
    # half the unit to which n and share were rounded
    n_error: float = 0.0
    share_error: float = 0.0


def read_folder(directory: str | Path) -> tuple[list[Line], dict[str, pd.DataFrame], float | None]:
    """Lines of all safe files of a folder, their identifiers by result, and the width that the profile asks."""
    folder = Path(directory)
    files = sorted(folder.glob("*.json"))
    if not files:
        raise DataError("There is no exported result here.", where="directory", found=str(folder), expected="NAME.json")
    lines: list[Line] = []
    rows, widths = {}, []
    for file in files:
        told = json.loads(file.read_text(encoding="utf-8"))
        name = file.stem if file.stem not in rows else f"{folder.name}/{file.stem}"
        rows[name] = _identifiers(told["rows"])
        lines += _lines_of_file(name, told, rows[name])
        rules = (told["meta"].get("exported") or {}).get("rules") or {}
        widths.append(rules.get("width"))
    asked = [float(width) for width in widths if width is not None]
    return lines, rows, max(asked) if asked else None


def _identifiers(told: Mapping[str, Any]) -> pd.DataFrame:
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


def _lines_of_file(name: str, told: Mapping[str, Any], rows: pd.DataFrame) -> list[Line]:
    """The rows of a safe file whose numbers add up: shares, totals of answers, means."""
    meta, k = told["meta"], len(rows)
    call = meta.get("call") or {}
    kinds = [quantity[0] for quantity in told["quantity"]]
    survey = json.dumps([meta.get("source"), meta.get("domain"), meta.get("weight")], sort_keys=True)
    numbers = {key: _numbers(told.get(key), k) for key in ("estimate", "n")}
    weights = _numbers((told.get("details") or {}).get("sum_weights"), k)
    base = float((((meta.get("exported") or {}).get("rules") or {}).get("rounding")) or 1)
    pair = [str(call.get("row")), str(call.get("column"))] if call.get("function") == "crosstab" else []
    out = []
    for i, row in enumerate(rows.to_dict("records")):
        if kinds[i] not in ("share", "total", "mean"):
            continue
        share = numbers["estimate"][i]
        if kinds[i] == "total":
            share = share / weights[i] if row.get("level") is not None and weights[i] > 0 else np.nan
        line = Line(
            name,
            i,
            survey,
            **_about(row, kinds[i], pair),
            n=numbers["n"][i],
            weights=weights[i],
            share=share,
            withheld=bool(np.isnan(numbers["n"][i]) or np.isnan(numbers["estimate"][i])),
            n_error=(base / 2 if base > 1 else 0.0),
        )
        out.append(line)
    return out


def _about(row: Mapping[str, str | None], kind: str, pair: list[str]) -> dict[str, Any]:
    """What a row is about: its variable, the answer, and the groups."""
    groups = {c: v for c, v in row.items() if c not in (*_NOT_GROUPS, *pair) and v is not None}
    if pair:
        first, second = (str(row[name]) for name in pair)
        return {"variable": pair[0], "answer": first, "groups": groups, "also": {pair[1]: second}}
    level = row.get("level")
    answer = level if level is not None else "yes" if kind == "share" else None
    return {"variable": str(row.get("variable")), "answer": answer, "groups": groups}


def _named(row: Mapping[str, str | None]) -> dict[str, str]:
    """The identifiers that a row has."""
    return {name: value for name, value in row.items() if value is not None}


def _numbers(values: Any, k: int) -> np.ndarray:
    """Numbers of a file; nan where there are none."""
    if values is None:
        return np.full(k, np.nan)
    return np.array([np.nan if value is None else float(value) for value in values])


def lines_of_frame(
    name: str, frame: pd.DataFrame, *, survey: str = "", n_to: float = 1.0, share_digits: int | None = None
) -> list[Line]:
    """The same of a table as a frame.

    Identifiers (`variable`, `level`, other columns of texts or categories), `n`, and, where it has them, `estimate`
    (shares; of a `variable` without `level`: of those who said yes) and `sum_weights`. A row without n or estimate is
    withheld. A frame without `estimate` is a table of counts.
    """
    numbers = [c for c in ("n", "estimate", "sum_weights") if c in frame]
    names = [
        str(c) for c in frame.columns if c not in (*numbers, "withheld", "std_error", "conf_low", "conf_high", "df")
    ]
    texts = pd.DataFrame({c: pd.Series([_text(v) for v in frame[c]], dtype=object) for c in names})
    told = {c: pd.to_numeric(frame[c]).to_numpy(dtype=np.float64, na_value=np.nan) for c in numbers}
    nothing = np.full(len(frame), np.nan)
    n, share = told["n"], told.get("estimate", nothing)
    shares = "estimate" in told
    out = []
    for i, row in enumerate(texts.to_dict("records")):
        gone = bool(np.isnan(n[i]) or (shares and np.isnan(share[i])))
        line = Line(
            name,
            i,
            survey,
            **(_about(row, "share", []) if shares else {"variable": "", "answer": None, "groups": _named(row)}),
            n=n[i],
            weights=told.get("sum_weights", nothing)[i],
            share=share[i],
            withheld=gone,
            n_error=n_to / 2 if n_to > 1 else 0.0,
            share_error=0.0 if share_digits is None else 0.5 * 10.0**-share_digits,
        )
        out.append(line)
    return out

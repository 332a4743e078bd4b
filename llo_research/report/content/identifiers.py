"""Which columns tell the rows of a result apart, with their heads and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from llo_research.report.content.conditions import row_head, variable_text
from llo_research.report.content.decompositions import component_text
from llo_research.report.content.labels import (
    capital,
    is_missing,
    plain,
    said,
    short_label,
    value_label,
    variable_label,
    word,
)
from llo_research.report.content.sides import side
from llo_research.report.content.terms import Terms
from llo_research.report.content.words import ROBUSTNESS
from llo_research.results.columns import RESERVED

_DISPLAYED = ("variable", "level", "component", "term", "measure", "quantile", "of", "minus")
_SIDES = ("of", "minus")
_WHEN_VARYING = ("variable", "measure", "quantile", "of", "minus")


@dataclass(frozen=True)
class Identifiers:
    """Display texts of the identifying columns (``names``), their heads, and the labels of the `by` variables."""

    names: pd.DataFrame
    heads: dict[str, str]
    by: list[str]


def choose(
    frame: pd.DataFrame, labels: Mapping[str, Any], language: str, meta: Mapping[str, Any] | None = None
) -> Identifiers:
    """The columns that tell rows apart; those that are the same in every row are left to the caption.

    meta : of the result, for the base levels and the outcome that the terms of a model speak of.
    """
    by = by_columns(frame)
    terms = _terms(frame, labels, language, meta or {})
    apart = _exclusive(frame, by)
    columns: dict[str, list[str]] = {}
    heads: dict[str, str] = {}
    if "result" in frame:
        columns["result"] = [variable_label(str(name), labels, language) for name in frame["result"]]
    for name in by if not apart else ():
        columns[name] = _cells(name, frame[name], labels, language, crossed="row" in (meta or {}).get("call", {}))
        heads[name] = variable_label(name, labels, language)
    if apart:
        columns["group"] = [_only(row, by, labels, language) for _, row in frame[by].iterrows()]
    for name in _DISPLAYED:
        if name == "term" and terms:
            columns[name] = terms
        elif name in frame and _shown(frame, name) and (not terms or name not in _SIDES or of_populations(meta or {})):
            columns[name] = [_fixed(name, row, labels, language, meta) for _, row in frame.iterrows()]
            if name == "level" and frame.get("variable", pd.Series(dtype=object)).nunique() == 1:
                heads["level"] = variable_label(str(frame["variable"].iloc[0]), labels, language)
    if not columns:
        columns = _single(frame, labels, language)
    if (meta or {}).get("call", {}).get("function") == "banner":  # its columns are no variables of the data
        heads |= {"group": word("breakdown", language), "level": word("group", language)}
    heads = {name: capital(heads.get(name) or word(name, language)) for name in columns}
    seen = [variable_label(name, labels, language) for name in by]
    return Identifiers(pd.DataFrame(columns), heads, seen)


def variables(frame: pd.DataFrame, meta: Mapping[str, Any], language: str) -> list[str]:
    """Labels of the variables of a result, each once."""
    if "variable" in frame:
        names = [str(name) for name in frame["variable"].dropna().unique()]
    else:
        call = meta.get("call", {})
        if "response" in meta:
            return [short_label(str(meta["response"]), meta.get("labels", {}), language)]
        calls = [part for part in (call.get("results") or {"": call}).values() if part]
        names = [name for one in calls for name in _told(one)]
    return list(dict.fromkeys(variable_text(name, meta.get("labels", {}), language) for name in names))


def _told(call: Mapping[str, Any]) -> list[str]:
    """The variables of a call, or the left-hand side of its formula."""
    if isinstance(call.get("of"), Mapping):
        return _told(call["of"])
    told: Any = next((call[name] for name in ("variables", "variable", "formula") if call.get(name)), [])
    return [told.partition("~")[0].strip()] if isinstance(told, str) else [str(name) for name in told]


def by_columns(frame: pd.DataFrame) -> list[str]:
    """The columns of the call's own, which are neither identifiers of every result nor numbers."""
    return [str(name) for name in frame.columns if name not in RESERVED]


def _cells(name: str, values: pd.Series, labels: Mapping[str, Any], language: str, *, crossed: bool) -> list[str]:
    """The levels of a column; 0 and 1 of a crosstab without labels of their own are no and yes."""
    texts = [value_label(name, value, labels, language) for value in values]
    return (
        [word({"0": "no", "1": "yes"}[text], language) for text in texts]
        if crossed and set(texts) <= {"0", "1"}
        else texts
    )


def _exclusive(frame: pd.DataFrame, by: list[str]) -> bool:
    """Whether each row fills at most one of several `by` columns, as in results joined side by side."""
    return len(by) > 1 and bool((frame[by].notna().sum(axis=1) <= 1).all())


def _only(row: pd.Series, by: list[str], labels: Mapping[str, Any], language: str) -> str:
    """The label of the one filled column."""
    filled = [value_label(name, row[name], labels, language) for name in by if not is_missing(row[name])]
    return filled[0] if filled else word("all", language)


def _shown(frame: pd.DataFrame, name: str) -> bool:
    """Whether a fixed identifier is shown."""
    values = frame[name]
    if not values.notna().any():
        return False
    if name in ("of", "minus") and any(_same_texts(values, frame[other]) for other in by_columns(frame)):
        return False
    if name == "term" and "component" in frame:
        return set(values.dropna()) != {"total"}
    if name == "variable" and "result" in frame and frame.groupby("result")["variable"].nunique().max() <= 1:
        return False
    return name not in _WHEN_VARYING or values.nunique(dropna=False) > 1


def _same_texts(one: pd.Series, other: pd.Series) -> bool:
    """Whether two columns say the same, as the time of a change and its `of` do."""
    return all(plain(a) == plain(b) for a, b in zip(one, other, strict=True))


def _fixed(
    name: str, row: pd.Series, labels: Mapping[str, Any], language: str, meta: Mapping[str, Any] | None = None
) -> str:
    """The text of a fixed identifier."""
    value = row[name]
    if is_missing(value):
        return ""
    if name == "component":
        sides = {key: side(row[key], meta or {}, language) for key in ("of", "minus") if not is_missing(row.get(key))}
        plain_mean = is_missing(row.get("measure")) or row["measure"] == "mean"
        measure = "" if plain_mean else value_label("measure", row["measure"], {}, language)
        return component_text(value, sides, language, measure)
    if name == "variable":
        return row_head(str(value), labels, language)
    if name in ("of", "minus"):
        own = call_of((meta or {}).get("call") or {}, row.get("result"))
        return side(value, {**(meta or {}), "labels": labels, "call": own}, language)
    if value == "rank_gap":
        return word("difference", language)
    if name == "level":
        return value_label(str(row.get("variable")), value, labels, language)
    return value_label(name, value, labels, language)


def call_of(call: Mapping[str, Any], result: Any) -> Mapping[str, Any]:
    """The call that a row comes from; where it is joint itself, one of its calls if all are of the same group."""
    own = (call.get("results") or {}).get(result, call)
    inner = list((own.get("results") or {}).values())
    found: Mapping[str, Any] = inner[0] if inner and len({str(one.get("group")) for one in inner}) == 1 else own
    return found


def _contrast(term: str, meta: Mapping[str, Any], labels: Mapping[str, Any], language: str) -> str:
    """A contrast of two cells by their labels; any other as it was written."""
    weights = meta["contrast"][term]
    by = meta.get("call", {}).get("by")
    names = [by] if isinstance(by, str) else list(by or [])
    if not isinstance(weights, Mapping) or sorted(weights.values()) != [-1.0, 1.0] or len(names) != 1:
        return term
    sides = sorted(weights, key=lambda cell: -weights[cell])
    minus = said(ROBUSTNESS, "minus", language)
    return f" {minus} ".join(value_label(names[0], cell.strip("`"), labels, language) for cell in sides)


def _terms(frame: pd.DataFrame, labels: Mapping[str, Any], language: str, meta: Mapping[str, Any]) -> list[str]:
    """The terms in words, with the levels that marginal effects compare; nothing where rows are no terms of a model."""
    if "term" not in frame or ("component" in frame and set(frame["term"].dropna()) <= {"total"}):
        return []
    if not all(isinstance(term, str) or is_missing(term) for term in frame["term"]) or "slope" in set(frame["term"]):
        return []
    terms = Terms(labels, language, meta.get("base_levels") or {}, str(meta.get("response", "")))
    if "of" in frame and "component" not in frame and not of_populations(meta):
        rows = zip(frame["term"], frame["of"], frame["minus"], strict=True)
        return ["" if is_missing(term) else terms.compared(term, of, minus) for term, of, minus in rows]
    told = meta.get("contrast") or {}
    return [
        "" if is_missing(term) else _contrast(term, meta, labels, language) if term in told else terms.text(term)
        for term in frame["term"]
    ]


def of_populations(meta: Mapping[str, Any]) -> bool:
    """Whether the sides are populations of which rates differ, and terms the factors of these, not levels of terms."""
    return "populations" in (meta.get("call") or {})


def _single(frame: pd.DataFrame, labels: Mapping[str, Any], language: str) -> dict[str, list[str]]:
    """The name of rows that nothing tells apart: their variable."""
    if "variable" in frame:
        return {"variable": [row_head(str(name), labels, language) for name in frame["variable"]]}
    return {"row": [str(i + 1) for i in range(len(frame))]}

"""The support of a decomposition as a table: people of both groups in each category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.report.content import weights
from llo_research.report.content.labels import capital, plain, variable_label, word
from llo_research.report.content.numbers import number
from llo_research.report.content.sides import side
from llo_research.report.content.support import SIDES, Shown, shown_support, support_word
from llo_research.report.content.terms import Terms, variables_of
from llo_research.report.tables.columns import Column, number_column
from llo_research.report.tables.grid import EMPTY, Table
from llo_research.results.floors import HIDDEN

_NUMBERS = ("n_of", "n_minus", "n_eff_of", "n_eff_minus", "largest_weight_share")


def support_table(frame: pd.DataFrame, digits: int, language: str, disclosure: str) -> Table:
    """The table of ``result.support``, without the small counts of restricted data and what follows from them."""
    if len(frame) == 0:
        raise DataError("The formula has no categories: there is no support to show.", where="result.support")
    meta = {str(key): value for key, value in frame.attrs.items()}
    seen = shown_support(frame, meta, disclosure, language)
    call = meta.get("call") or {}
    sides = {name: side(call.get(name, name), meta, language) for name in SIDES}
    names = _names(frame, meta, language)
    columns = names + [_counts(frame, name, sides[name], seen, language) for name in SIDES]
    columns += [_effective(frame, name, sides[name], seen, language) for name in SIDES]
    columns.append(_largest(frame, seen, digits, language))
    title = support_word("title", language, **sides)
    shown = frame.assign(n_of=columns[len(names)].values)
    content = weights.part_content(shown, list(names[-1].texts), "n_of", title, language)
    notes = [*([seen.note] if seen.note else []), support_word("largest", language), *content.notes.values()]
    return Table(
        content=content,
        frame=pd.DataFrame({column.head: column.texts for column in columns}, dtype=object),
        alignment="".join(column.side for column in columns),
        row_heads=len(names),
        title=title,
        notes=tuple(notes),
        full=tuple(_spreadsheet(column) for column in columns),
    )


def _names(frame: pd.DataFrame, meta: Mapping[str, Any], language: str) -> list[Column]:
    """The cells, the variable and the level of each row."""
    labels = meta.get("labels") or {}
    terms = Terms(labels, language)
    outer = [str(name) for name in frame.columns if name not in (*_NUMBERS, "term", "level")]
    heads = [capital(variable_label(name, labels, language)) for name in outer]
    told = [
        Column(head, tuple(terms.level(n, plain(v)) for v in frame[n])) for head, n in zip(heads, outer, strict=True)
    ]
    level = [_level(terms, str(t), v) for t, v in zip(frame["term"], frame["level"], strict=True)]
    return [
        *told,
        Column(capital(word("variable", language)), tuple(capital(terms.text(str(term))) for term in frame["term"])),
        Column(capital(word("level", language)), tuple(level)),
    ]


def _level(terms: Terms, term: str, level: object) -> str:
    """A level by its label; those of an interaction as they are."""
    names = variables_of(term)
    return terms.level(names[0], plain(level)) if len(names) == 1 else plain(level)


def _counts(frame: pd.DataFrame, name: str, called: str, seen: Shown, language: str) -> Column:
    """People of a group."""
    hidden = seen.hidden[name]
    values = np.where(hidden, np.nan, frame[f"n_{name}"].to_numpy(dtype=np.float64))
    texts = tuple(mark or number(v, 0, language) for mark, v in zip(seen.marks[name], values, strict=True))
    return Column(support_word("n", language, side=called), texts, "r", values, (0,) * len(frame))


def _effective(frame: pd.DataFrame, name: str, called: str, seen: Shown, language: str) -> Column:
    """Effective number of people of a group."""
    hidden = seen.hidden[name]
    values = np.where(hidden, np.nan, frame[f"n_eff_{name}"].to_numpy(dtype=np.float64))
    texts = tuple(HIDDEN if gone else number(v, 1, language) or EMPTY for gone, v in zip(hidden, values, strict=True))
    return Column(support_word("n_eff", language, side=called), texts, "r", values, (1,) * len(frame))


def _largest(frame: pd.DataFrame, seen: Shown, digits: int, language: str) -> Column:
    """The largest weight in the weight of each category."""
    values = np.where(seen.any, np.nan, frame["largest_weight_share"].to_numpy(dtype=np.float64) * 100)
    made = number_column(support_word("largest_weight_share", language), values, (digits,) * len(frame), language)
    return replace(made, texts=tuple(HIDDEN if h else t for h, t in zip(seen.any, made.texts, strict=True)))


def _spreadsheet(column: Column) -> tuple[str, list[Any], list[str]]:
    """A column with its numbers in full; texts where they are withheld."""
    if column.values is None:
        return column.head, list(column.texts), [""] * len(column.texts)
    cells = [float(v) if np.isfinite(v) else t for v, t in zip(column.values, column.texts, strict=True)]
    return column.head, cells, ["0" if p == 0 else f"0.{'0' * p}" for p in column.decimals]

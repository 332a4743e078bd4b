"""Columns of what is claimed of each row: p-values adjusted for their number, and tests of equivalence."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from llo_research.report.content.content import Content
from llo_research.report.content.labels import capital, said
from llo_research.report.content.numbers import p_text, unit_text
from llo_research.report.content.units import factors
from llo_research.report.content.words import CLAIMS
from llo_research.report.tables.columns import Column, number_column, with_columns
from llo_research.report.tables.grid import EMPTY, Table
from llo_research.results.floors import Withheld, withheld
from llo_research.results.result import Result
from llo_research.results.seen import frame_to_show

_P_DECIMALS = 3
_word = partial(said, CLAIMS)


def claims_of(result: Result, disclosure: str, hidden: Withheld | None = None) -> pd.DataFrame:
    """The columns of claims of a result, as they may be seen."""
    if not {"p_adjusted", "p_equivalence"} & set(result.columns):
        return pd.DataFrame()
    return frame_to_show(result, withheld(result, disclosure) if hidden is None else hidden)


def with_claims(table: Table, frame: pd.DataFrame) -> Table:
    """The table with the columns `p_adjusted`, `bound` and `p_equivalence` of its frame, and what they mean."""
    content = table.content
    columns, told = [], []
    if "p_adjusted" in frame:
        columns.append(_p_column("p_adjusted", frame, content))
        method = _method(str(content.meta.get("p_adjusted", "")), content.language)
        tests = int(np.isfinite(frame["p_adjusted"].to_numpy(dtype=np.float64)).sum())
        told.append(_word("adjusted note", content.language).format(method=method, tests=tests))
    if "p_equivalence" in frame:
        columns += [_bounds(frame, content), _p_column("p_equivalence", frame, content)]
        told.append(_word("equivalence note", content.language))
    if not columns:
        return table
    after = table.row_heads + 1 + (len(content.units) > 1) + content.has_interval
    return replace(with_columns(table, columns, after=after), notes=(*table.notes, *told))


def _p_column(name: str, frame: pd.DataFrame, content: Content) -> Column:
    """A column of p-values."""
    values = frame[name].to_numpy(dtype=np.float64)
    texts = tuple(p_text(float(value), content.language) or EMPTY for value in values)
    head = capital(_word(name, content.language))
    return Column(head, texts, "r", values, (_P_DECIMALS,) * len(values))


def _bounds(frame: pd.DataFrame, content: Content) -> Column:
    """The largest differences that count as none, in the units shown."""
    unit = unit_text(content.units[0], content.language) if len(content.units) == 1 else ""
    head = capital(_word("bound", content.language)) + (f" ({unit})" if unit else "")
    values = frame["bound"].to_numpy(dtype=np.float64) * factors(content.quantities)
    places = tuple(max(most, _decimals(value)) for most, value in zip(content.decimals, values, strict=True))
    return number_column(head, values, places, content.language)


def _decimals(value: float) -> int:
    """Decimals that show a number that a user gave as it was given."""
    return len(f"{value:.10g}".partition(".")[2]) if np.isfinite(value) else 0


def _method(name: str, language: str) -> str:
    """How p-values were adjusted, behind a comma."""
    return f" ({said(CLAIMS, name, language)})" if name in CLAIMS else ""

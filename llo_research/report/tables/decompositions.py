"""A decomposition as a table: terms under their component, parts as shares of the gap, and where support is thin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.decompositions import is_whole
from llo_research.report.content.labels import plain
from llo_research.report.content.numbers import NO_BREAK
from llo_research.report.content.support import SIDES, support_word
from llo_research.report.content.terms import Terms, variables_of
from llo_research.report.tables.columns import number_column, with_columns
from llo_research.report.tables.grid import Table, table_of_content
from llo_research.results.decomposition import Decomposition

_INDENT = 3 * NO_BREAK
_THIN = 10.0  # effective people of a category in a group: below it a coefficient of it is hardly estimated


def decomposition_table(result: Decomposition, content: Content, digits: int) -> Table:
    """The table: component and term in one column, estimate, share of the gap in percent, interval, n."""
    made = table_of_content(_indented(content))
    share = np.where(content.defined, result.share_of_gap * 100, np.nan) if result.whole is not None else np.array([])
    if np.isfinite(share).any():
        head = support_word(_share_of(content), content.language)
        after = made.row_heads + (2 if len(content.units) > 1 else 1)
        column = number_column(head, share, (digits,) * len(share), content.language)
        made = with_columns(made, [column], after=after)
    thin = _thin(result, content)
    return replace(made, notes=(thin, *made.notes), footer=(thin, *made.footer)) if thin else made


def _indented(content: Content) -> Content:
    """Component and term in one column, terms indented under their component."""
    names = content.names
    if not {"component", "term"} <= set(names):
        return content
    whole = is_whole(content.raw)
    told = [
        str(part) if total else f"{_INDENT}{term}"
        for part, term, total in zip(names["component"], names["term"], whole, strict=True)
    ]
    return replace(content, names=names.assign(component=told).drop(columns="term"))


def _share_of(content: Content) -> str:
    """What each part is a share of."""
    if "focal" in (content.meta.get("call") or {}):
        return "of coefficient"
    if "component" not in content.raw or "total" in set(content.raw["component"]):
        return "of total"
    return "of change" if {"change", "gap_change"} & set(content.raw["component"]) else "of gap"


def _thin(result: Decomposition, content: Content) -> str:
    """The categories that hardly anybody of one of the groups has."""
    support = result.support
    if support is None or len(support) == 0:
        return ""
    few = (support[[f"n_eff_{side}" for side in SIDES]] < _THIN).any(axis=1)
    labels = content.meta.get("labels") or {}
    terms = Terms(labels, content.language)
    told = []
    for _, row in support[few].iterrows():
        names = variables_of(str(row["term"]))
        level = terms.level(names[0], plain(row["level"])) if len(names) == 1 else plain(row["level"])
        told.append(f"{terms.text(str(row['term']))}: {level}")
    if not told:
        return ""
    return support_word("thin", content.language, levels="; ".join(dict.fromkeys(told)), least=plain(_THIN))

"""Tables of several populations: where each stands among the others, and what they have in common."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from llo_research.estimation.pooling import MetaAnalysis
from llo_research.estimation.ranking import Ranks
from llo_research.report.content.content import Content
from llo_research.report.content.labels import said
from llo_research.report.content.numbers import interval, level_text, number, p_text
from llo_research.report.content.population_words import POOLED, RANKS
from llo_research.report.content.ranked import kept_rows
from llo_research.report.content.reading import content_of
from llo_research.report.content.steps import take
from llo_research.report.content.units import factors
from llo_research.report.tables.columns import Column, number_column, with_columns
from llo_research.report.tables.grid import Table, table_of_content


def rank_table(found: Ranks, digits: int, language: str, disclosure: str) -> Table:
    """The estimates with their ranks and the intervals of these."""
    own, hidden = found.seen(disclosure), found.withheld(disclosure)
    rows = np.flatnonzero(own.kept)
    content = kept_rows(content_of(found.result, digits, language, disclosure, hidden), own.kept)
    made = table_of_content(content)
    level, places = level_text(own.level, language), (0,) * len(rows)
    word = partial(said, RANKS, language=language)
    ends = [_ends(own.rank_low[i], own.rank_high[i], language) for i in rows]
    columns = [
        number_column(word("rank"), own.rank[rows], places, language),
        Column(word("interval").format(level=level), tuple(ends), "r"),
    ]
    among = " / ".join(f"{count:.0f}" for count in dict.fromkeys(own.among[own.kept & np.isfinite(own.among)]))
    note = word("note").format(among=among, level=level, within=word("within") if own.by else "")
    after = made.row_heads + 1 + (len(content.units) > 1) + content.has_interval
    footer = (*made.footer, note) if made.footer else ()
    return replace(with_columns(made, columns, after=after), notes=(*made.notes, note), footer=footer)


def _ends(low: float, high: float, language: str) -> str:
    """The ends of the interval of a rank, once where they are one."""
    return number(low, 0, language) if low == high else interval(low, high, 0, language)


def pooled_table(found: MetaAnalysis, digits: int, language: str, disclosure: str) -> Table:
    """A row for each analysis: the mean, where a further population would lie, and how far they lie apart."""
    own, hidden = found.seen(disclosure), found.withheld(disclosure)
    content = content_of(found.result, digits, language, disclosure, hidden)
    word = partial(said, POOLED, language=language)
    parts = {measure: part.reset_index(drop=True) for measure, part in own.frame.groupby("measure", sort=False)}
    names = found.result.rows.reset_index(drop=True)
    first = [int(i) for i in (names.drop_duplicates([*found.by]).index if found.by else names.index[:1])]
    shown = _means(take(content, first), parts["mean"], list(found.by), word("all"), word("mean"))
    scale, level = factors(shown.quantities), level_text(found.result.level, language)
    low, high = (parts["prediction"][end].to_numpy() * scale for end in ("conf_low", "conf_high"))
    ends = [interval(a, b, places, language) for a, b, places in zip(low, high, shown.decimals, strict=True)]
    spread = np.sqrt(parts["tau2"]["estimate"].to_numpy()) * scale
    columns = [
        Column(word("prediction").format(level=level), tuple(ends), "r"),
        number_column(word("tau"), spread, shown.decimals, language),
        Column(word("i2"), tuple(number(100 * share, 0, language) for share in parts["i2"]["estimate"]), "r"),
        Column(word("q"), tuple(p_text(p, language) for p in parts["q"]["p_value"]), "r"),
    ]
    knapp = word("knapp") if found.knapp else ""
    used, left = ([pair[i] for pair in own.counts()] for i in (0, 1))
    if len(set(used)) > 1:
        columns.insert(0, number_column(word("k"), np.array(used, dtype=float), (0,) * len(used), language))
    note = word("note").format(k=_each(used), method=word(found.method), knapp=knapp)
    note += word("left").format(left=_each(left)) if any(left) else ""
    made = table_of_content(shown)
    footer = (*made.footer, note) if made.footer else ()
    return replace(with_columns(made, columns, after=made.row_heads + 2), notes=(note, *made.notes), footer=footer)


def _each(counts: list[int]) -> str:
    """A number, or the different ones in order."""
    return " / ".join(str(count) for count in dict.fromkeys(counts))


def _means(content: Content, mean: pd.DataFrame, by: list[str], alone: str, heading: str) -> Content:
    """The content of the first row of each block with the mean of the block in its place."""
    names, heads = content.names[[name for name in by if name in content.names]], content.heads
    if names.empty or not len(names.columns):
        names, heads = pd.DataFrame({"measure": [alone] * len(mean)}), {"measure": ""}
    scale = factors(content.quantities)
    value, low, high = (mean[name].to_numpy() * scale for name in ("estimate", "conf_low", "conf_high"))
    unit = content.heading.partition("(")[2]
    return replace(
        content,
        names=names,
        heads=dict(heads),
        estimate=value,
        low=low,
        high=high,
        n=None,
        flags=((),) * len(mean),
        before=("",) * len(mean),
        heading=f"{heading} ({unit}" if unit else heading,
        covariance=None,
    )

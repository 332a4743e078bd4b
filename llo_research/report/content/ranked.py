"""Ranks as what is shown: the rank of each row in the place of its estimate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from llo_research.estimation.ranking import Ranks
from llo_research.report.content.beside import BARS
from llo_research.report.content.content import Content
from llo_research.report.content.labels import said
from llo_research.report.content.numbers import level_text
from llo_research.report.content.population_words import RANKS
from llo_research.report.content.steps import take
from llo_research.results.quantities import Quantity


def kept_rows(content: Content, kept: np.ndarray) -> Content:
    """The rows that are shown; all of them as they are."""
    return content if kept.all() else take(content, [int(i) for i in np.flatnonzero(kept)])


def rank_content(own: Ranks, content: Content) -> Content:
    """The content of a result with its ranks, and their joint intervals, as the numbers."""
    k, level = len(content.estimate), level_text(own.level, content.language)
    shown = replace(
        content,
        estimate=own.rank,
        low=own.rank_low,
        high=own.rank_high,
        quantities=(Quantity("rank"),) * k,
        decimals=(0,) * k,
        before=("",) * k,
        covariance=None,
        std_error=None,
        heading=said(RANKS, "rank", content.language),
        meta={**content.meta, BARS: said(RANKS, "bars", content.language).format(level=level)},
    )
    return kept_rows(shown, own.kept)

"""The weight report as a figure: margins, outcomes after each step, or what weights were multiplied by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.options import check_option
from llo_research.report.content import weights
from llo_research.report.content.content import Content
from llo_research.report.content.labels import check_language
from llo_research.report.content.numbers import number, unit_text, with_unit
from llo_research.report.figures.figure import Figure
from llo_research.report.figures.wording import wording
from llo_research.results.rules import AUTO, check_disclosure_option

KINDS = ("margins", "outcomes", "g")


def weight_figure(
    report: Any,
    kind: str | None,
    digits: int,
    language: str,
    title: str | None,
    subtitle: str | None,
    disclosure: str = AUTO,
    limits: tuple[float, float] | None = None,
) -> Figure:
    """A figure of a weight report: its margins, its outcomes, or the distribution of g."""
    check_language(language)
    if kind is not None:
        check_option(kind, "kind", KINDS)
    chosen = kind or ("margins" if len(report.margins) else "outcomes" if len(report.outcomes) else "g")
    frame = {"margins": report.margins, "outcomes": report.outcomes, "g": report.distribution}[chosen]
    if len(frame) == 0:
        raise DataError(
            f"The weight report has no {chosen}.",
            where=f"kind={chosen!r}",
            todo="llo.weight_report(svy, ['training']) tells what happened to an outcome",
        )
    weights.guarded(frame, "distribution" if chosen == "g" else chosen, check_disclosure_option(disclosure))
    makers = {"margins": _margins, "outcomes": _outcomes, "g": _g}
    content, own_title = makers[chosen](frame, digits, language, disclosure)
    if len(content.units) > 1:
        raise DataError(
            "Outcomes in different units cannot share an axis.",
            found=", ".join(unit_text(unit, "en") or unit for unit in content.units),
            todo="make a report with outcomes of one kind; llo.report.table(report.outcomes) shows them together",
        )
    texts = wording(content, "dots", None, own_title if title is None else title, subtitle)
    if chosen != "g":
        return Figure(content, content, "dots", texts, None, limits)
    if limits is not None:
        raise DataError(
            "limits have no effect on a histogram: its bins are those of the report.",
            where="kind='g'",
            found=f"limits={limits!r}",
            todo="leave limits out",
        )
    alt = f"Histogram. {texts.title}. {texts.subtitle}: {_counted(content)}"
    return Figure(content, content, "histogram", replace(texts, alt=alt))


def _counted(content: Content) -> str:
    """The bins with rows, in words."""
    rows = [i for i, count in enumerate(content.estimate) if count > 0]
    return "; ".join(f"{content.names['g'].iloc[i]}: {content.estimate[i]:.0f}" for i in rows) + "."


def _margins(frame: pd.DataFrame, digits: int, language: str, disclosure: str) -> tuple[Content, str]:
    """Margins, with the largest difference in the title."""
    content = weights.margins_content(frame, digits, language, disclosure)
    before, now = (float(np.nanmax(np.abs(content.estimate[k::2]), initial=0.0)) for k in (0, 1))
    worst, left = (with_unit(value, digits, "percent", language) for value in (before, now))
    agree = now < 0.5 * 10.0**-digits
    told = {
        "nl": f"Randtotalen weken tot {worst} van hun doel af; na de weging {'kloppen ze' if agree else f'tot {left}'}",
        "en": f"Margins were up to {worst} off target; after weighting {'they agree' if agree else f'up to {left}'}",
    }
    return content, told[language]


def _outcomes(frame: pd.DataFrame, digits: int, language: str, disclosure: str) -> tuple[Content, str]:
    """Outcomes by step."""
    content = weights.outcomes_content(frame, digits, language, disclosure)
    return content, content.what


def _g(frame: pd.DataFrame, digits: int, language: str, disclosure: str) -> tuple[Content, str]:
    """The distribution of weight over base weight."""
    used = frame[frame["n"] > 0]
    ends = [number(float(end), 2, language) for end in (used["low"].min(), used["high"].max())]
    told = {
        "nl": f"De weging vermenigvuldigde gewichten met {ends[0]} tot {ends[1]}",
        "en": f"Weighting multiplied weights by {ends[0]} to {ends[1]}",
    }
    return weights.g_content(frame, language), told[language]

"""The strength of an omitted variable as a figure: its texts."""

from __future__ import annotations

from dataclasses import replace

from llo_research.errors import DataError
from llo_research.options import check_option
from llo_research.report.content.content import Content
from llo_research.report.content.labels import check_language, lowered
from llo_research.report.content.numbers import number
from llo_research.report.content.sensitivity import contour_content, sensitivity_word
from llo_research.report.content.terms import Terms
from llo_research.report.figures.contours import value_text
from llo_research.report.figures.figure import Figure
from llo_research.report.figures.wording import Wording, wording
from llo_research.results.sensitivity import Sensitivity

KIND = "contours"
_DECIMALS = 2


def sensitivity_figure(
    found: Sensitivity,
    kind: str | None,
    digits: int,
    language: str,
    texts: tuple[str | None, str | None],
    disclosure: str,
    without: tuple[object, ...],
) -> Figure:
    """The figure of a sensitivity. texts : title and subtitle. without : options that it does not have."""
    if any(one is not None for one in without):
        raise DataError("time, limits and level have no effect on contours.", where="figure", todo="leave them out")
    title, subtitle = texts
    check_option(kind or KIND, "kind", (KIND,))
    content = contour_content(found, digits + _DECIMALS, check_language(language), disclosure)
    words = wording(content, "dots", None, _finding(content) if title is None else title, subtitle)
    return Figure(content, content, KIND, replace(words, alt=_alt(content, words)))


def _finding(content: Content) -> str:
    """How strong a variable would bring the estimate to 0."""
    meta, language = content.meta, content.language
    terms = Terms(meta.get("labels") or {}, language, meta.get("base_levels") or {}, str(meta.get("response", "")))
    told = {
        "treatment": terms.text(str(meta["treatment"])),
        "outcome": lowered(terms.text(str(meta.get("response", "")))),
        "rv": f"{number(100 * meta['contours']['rv'], 1, language)}%",
    }
    return sensitivity_word("finding", language).format(**told)


def _alt(content: Content, texts: Wording) -> str:
    """The figure in words: the finding, the estimate, and what is left beside each benchmark."""
    language = content.language
    rows = [
        f"{content.names['name'].iloc[i]} ({_percent(content.names['x'].iloc[i], language)}, "
        f"{_percent(content.names['y'].iloc[i], language)}): {value_text(content, float(content.estimate[i]))}"
        for i in range(len(content.estimate))
    ]
    kind = sensitivity_word("contour figure", language)
    return f"{kind}. {texts.title.rstrip('.')}. {content.heads['x']}, {content.heads['y']}: {'; '.join(rows)}."


def _percent(share: float, language: str) -> str:
    """A share of variance."""
    return f"{number(100 * float(share), 1, language)}%"

"""What titles are made of: of what, when, sizes, and which estimates can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from llo_research.report.content.captions import joined
from llo_research.report.content.content import Content
from llo_research.report.content.identifiers import variables
from llo_research.report.content.labels import plain, spoken, value_label
from llo_research.report.content.numbers import NO_BREAK, with_unit
from llo_research.report.content.sides import side
from llo_research.report.content.surveys import reference_periods
from llo_research.report.content.years import one_year
from llo_research.report.figures.title_words import title
from llo_research.report.readings import direction
from llo_research.report.sentence_words import AGAIN


@dataclass(frozen=True)
class Found:
    """A finding, and the year that it is of as it stands behind the subject; empty where the finding says when."""

    told: str
    year: str = ""


def subject(content: Content) -> str:
    """Of what: the variable by its label, without the reference period, which the foot tells."""
    head = content.what.partition(": ")[0]
    if "contrast" in content.meta:
        return f"{head}, {content.row_name(0)}" if len(content.estimate) == 1 else head
    if content.published:
        return head
    names = variables(content.raw, content.meta, content.language)
    periods = reference_periods(content.meta)
    known = periods.values() if isinstance(periods, dict) else [periods]
    endings = {spoken(period, content.language) for period in known if period}
    cut = [next((name.removesuffix(f", {e}") for e in endings if name.endswith(f", {e}")), name) for name in names]
    level = one_level(content)
    told = joined(list(dict.fromkeys(cut)), content.language) if cut else head
    return f"{told} ({level})" if level else told


def one_level(content: Content) -> str:
    """The level that all rows are of, in words; nothing where there are several."""
    levels: list[Any] = list(content.raw["level"].dropna().unique()) if "level" in content.raw else []
    if len(levels) != 1:
        return ""
    call = content.meta.get("call") or {}
    name = call.get("variables") or call.get("variable") or ""
    name = name if isinstance(name, str) else str(name[0])
    return value_label(name, levels[0], content.meta.get("labels") or {}, content.language)


def when(content: Content) -> str:
    """The one year of the data, or of the domain, behind what is spoken of; nothing where it is not one."""
    year = one_year(content)
    return at(content, year) if year else ""


def at(content: Content, year: str) -> str:
    """A year behind what was found."""
    return title("in", content.language, year=year)


def straddled(content: Content) -> str:
    """The years of the method breaks between the times that a change compares; nothing where there are none."""
    found = [item["time"] for item in (content.meta.get("breaks") or {}).get("straddled", [])]
    return joined([plain(year) for year in dict.fromkeys(found)], content.language) if found else ""


def value(content: Content, i: int) -> str:
    """An estimate with its unit."""
    text = with_unit(content.estimate[i], content.decimals[i], content.quantities[i].unit, content.language)
    return f"{content.before[i]} {text}" if content.before[i] else text


def size(content: Content, i: int, j: int | None = None) -> str:
    """How large a comparison is, or the difference of two estimates, without its sign; of shares in points."""
    number = content.estimate[i] - (0.0 if j is None else content.estimate[j])
    unit = content.quantities[i].unit
    if unit not in ("points", "percent"):
        return with_unit(abs(number), content.decimals[i], unit, content.language)
    points = AGAIN["points"][content.language == "en"]
    return with_unit(abs(number), content.decimals[i], "number", content.language) + NO_BREAK + points


def sides(content: Content) -> dict[str, str] | None:
    """Both groups of a comparison by their labels; None where there are none, or only times."""
    call = content.meta.get("call") or {}
    if call.get("function") == "rank_gap":
        ends = (f"{end} {call['share']:g} of {call['rank']}" for end in ("highest", "lowest"))
        of, minus = (side(end, content.meta, content.language).split(" ") for end in ends)
        return {"of": " ".join(of[:2]), "minus": " ".join(minus)}
    if not {"of", "minus"} <= set(call) or isinstance(call["of"], dict) or "contrast" in content.meta:
        return None
    return {name: side(call[name], content.meta, content.language) for name in ("of", "minus")}


def is_share(content: Content, i: int) -> bool:
    """Whether a number counts people: more and less; of other numbers higher and lower."""
    return content.quantities[i].unit in ("points", "percent")


def verdict(content: Content, i: int, tests: int = 1) -> str:
    """More, less or unclear, for as many rows as are told together (Bonferroni); by the interval without an error."""
    null = content.quantities[i].null or 0.0
    if tests == 1 or content.std_error is None or content.quantities[i].on == "log":
        return direction(content, i, null)
    error, df = content.std_error[i], content.df[i]
    if not (np.isfinite(error) and error > 0 and df > 0):
        return direction(content, i, null)
    distance = (content.estimate[i] - null) / error
    critical = stats.t.isf((1 - content.level) / 2 / tests, df)
    return "unclear" if abs(distance) <= critical else "more" if distance > 0 else "less"


def extremes(content: Content, rows: Sequence[int]) -> tuple[int, int]:
    """The rows with the highest and the lowest number; the first of equals."""
    order = sorted(rows, key=lambda i: -content.estimate[i])
    return int(order[0]), int(order[-1])


def separated(content: Content, i: int, j: int, *, pairs: int = 1) -> bool | None:
    """Whether two estimates differ beyond their uncertainty; None where that cannot be said."""
    if content.covariance is None:
        return None
    c = content.covariance
    variance = c[i, i] + c[j, j] - 2 * c[i, j]
    df = float(min(content.df[i], content.df[j]))
    if not (np.isfinite(variance) and min(variance, c[i, i], c[j, j]) > 0 and df > 0):
        return None
    critical = stats.t.isf((1 - content.level) / 2 / pairs, df)
    return bool(abs(content.estimate[i] - content.estimate[j]) > critical * np.sqrt(variance))

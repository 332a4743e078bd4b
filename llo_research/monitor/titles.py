"""What a figure of the monitor found, for its title: a change within one method, or a difference of groups.

Of each survey by itself, and never over a method break. What cannot be told apart is said to be so; where nothing may
be said (a row withheld, no covariance, one number) the title is the name of the figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.monitor.surveys import PEOPLE

if TYPE_CHECKING:
    from llo_research.monitor.plans import Plan
    from llo_research.report.content.content import Content
    from llo_research.results.result import Result

_MOST = {"nl": "{name} {told}, het meest veranderd", "en": "{name} {told}, moved most"}


def title_of(name: str, plan: Plan, result: Result, content: Content) -> str:
    """The name of a figure, and what was found; the name alone where nothing can be said.

    content : the rows of the result, as they are drawn; a year that all have may have been taken from their names.
    """
    rows = result.rows
    if "year" not in rows or len(rows) != len(content.estimate) or any(content.withheld):
        return name
    years = rows["year"].to_numpy(dtype=float)
    survey = rows["survey"].astype(str).to_numpy() if "survey" in rows else np.full(len(rows), "")
    finds, told = _difference if plan.by else _change, {}
    for one in dict.fromkeys(map(str, survey)):
        own = [int(i) for i in np.flatnonzero((survey == one) & content.defined)]
        told[one] = finds(content, own, years, _breaks(result, content, one))
    heads = {one: f"{PEOPLE.get(one, {}).get(content.language, one)} " if len(told) > 1 else "" for one in told}
    parts = [f"{heads[one]}{text}" for one, text in told.items() if text]
    return f"{name}: {'; '.join(parts)}" if parts else name


def _breaks(result: Result, content: Content, survey: str) -> list[float]:
    """The method breaks of a survey that concern what is shown."""
    items: list[dict[str, Any]] = result.meta["source"].get("breaks") or []
    own = {float(item["time"]) for item in items if not survey or item.get("survey", survey) == survey}
    return sorted(own & {time for time, _ in content.breaks})


def _change(content: Content, own: list[int], years: np.ndarray, breaks: list[float]) -> str:
    """From the first to the last year of the latest stretch of one method; of several lines, what moved most."""
    from llo_research.report.figures.title_parts import separated, size
    from llo_research.report.figures.title_words import title

    stretch = np.searchsorted(breaks, years, side="right")
    lines: dict[str, list[int]] = {}
    for i in own:
        lines.setdefault(_named(content, i), []).append(i)
    for which in sorted({int(stretch[i]) for i in own}, reverse=True):
        there = [sorted((i for i in line if stretch[i] == which), key=lambda i: years[i]) for line in lines.values()]
        ends = [(line[0], line[-1]) for line in there if line]
        spans = {(years[first], years[last]) for first, last in ends}
        if len(spans) != 1 or len(ends) < len(lines) or ends[0][0] == ends[0][1]:
            continue
        places = {"base": f"{spans.copy().pop()[0]:.0f}", "later": f"{spans.pop()[1]:.0f}"}
        apart = [separated(content, last, first, pairs=len(ends)) for first, last in ends]
        if None in apart:
            return ""
        clear = [pair for pair, known in zip(ends, apart, strict=True) if known]
        if not clear:
            return title("still", content.language, **places)
        first, last = max(clear, key=lambda pair: abs(content.estimate[pair[1]] - content.estimate[pair[0]]))
        key, word = ("rose", "more") if content.estimate[last] > content.estimate[first] else ("fell", "less")
        amount = {"size": size(content, last, first), word: title(word, content.language)}
        moved = title(key, content.language, **amount, **places)
        return moved if len(lines) == 1 else _MOST[content.language].format(name=_named(content, last), told=moved)
    return ""


def _difference(content: Content, own: list[int], years: np.ndarray, breaks: list[float]) -> str:
    """Between the groups with the highest and the lowest number, in the latest year."""
    from llo_research.report.figures.title_parts import at, extremes, separated, size
    from llo_research.report.figures.title_words import title

    last = [i for i in own if years[i] == max(years[own])]
    names = {i: _named(content, i) for i in last}
    several = any(content.names[one].nunique() > 1 for one in ("level", "variable") if one in content.names)
    if len(last) < 2 or several:
        return ""
    high, low = extremes(content, last)
    apart = separated(content, high, low, pairs=len(last) * (len(last) - 1) // 2)
    if apart is None:
        return ""
    when, language = at(content, f"{years[high]:.0f}"), content.language
    places = {"high": names[high], "low": names[low]}
    if not apart:
        return title("none of two" if len(last) == 2 else "none of many", language, by="", **places) + when
    return title("two", language, size=size(content, high, low), more=title("more", language), **places) + when


def _named(content: Content, i: int) -> str:
    """The name of a line: what its row says but survey and year."""
    kept = [name for name in content.names if name not in ("survey", "year")]
    return ", ".join(text for text in content.names[kept].astype(str).iloc[i] if text)

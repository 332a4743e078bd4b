"""Titles of what moved: a line over time, changes, changes of gaps, trends; never a change over a method break."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llo_research.report.content.captions import joined
from llo_research.report.content.content import Content
from llo_research.report.content.labels import plain, word
from llo_research.report.content.times import series_of
from llo_research.report.figures.title_parts import (
    Found,
    at,
    is_share,
    separated,
    sides,
    size,
    straddled,
    value,
    verdict,
)
from llo_research.report.figures.title_words import title
from llo_research.report.sentence_parts import moved
from llo_research.report.sentence_words import told as sentence


def one_line(content: Content, rows: Sequence[int], times: np.ndarray) -> Found:
    """How one line moved, from its first time, or from the last method break on; else where it stands at the end."""
    language, last = content.language, rows[-1]
    breaks = [time for time, _ in content.breaks if times[rows[0]] < time <= times[last]]
    after = [i for i in rows if times[i] >= max(breaks)] if breaks else list(rows)
    note = title("after break", language, breaks=plain(max(breaks))) if breaks else ""
    if len(after) < 2:
        return Found(value(content, last) + note, at(content, f"{times[last]:.0f}"))
    first = after[0]
    span = {"base": f"{times[first]:.0f}", "later": f"{times[last]:.0f}"}
    apart = separated(content, first, last)
    if apart is None:
        told = title("from to", language, first=value(content, first), last=value(content, last), **span)
    elif not apart:
        told = title("still", language, **span)
    else:
        up = bool(content.estimate[last] > content.estimate[first])
        told = _moved(content, up, size(content, last, first), last, span)
    return Found(told + note)


def _moved(content: Content, up: bool, amount: str, i: int, span: dict[str, str]) -> str:
    """More or less, of people; higher or lower, of other numbers."""
    words = ("more", "less") if is_share(content, i) else ("higher", "lower")
    word = title(words[0 if up else 1], content.language)
    return title("rose" if up else "fell", content.language, size=amount, **span, **{"more" if up else "less": word})


def changed(content: Content, known: Sequence[int]) -> Found | None:
    """The change to the last time that no method break parts from the first."""
    call, language = content.meta["call"], content.language
    time = str(call["time"])
    if time not in content.raw or "variable" in content.names or "level" in content.names:
        return None
    base = plain(content.meta.get("base", call.get("base")))
    order = list(dict.fromkeys(plain(content.raw[time].iloc[i]) for i in known))
    at_time = {i: order.index(plain(content.raw[time].iloc[i])) for i in known}
    sound = [i for i in known if "break" not in content.flags[i]]
    both = sides(content)
    if not sound:
        return Found(title("gap over break" if both else "over break", language, base=base, **(both or {})))
    last = [i for i in sound if at_time[i] == max(at_time[j] for j in sound)]
    if len(last) > 1 and both:
        return None
    span = {"base": base, "later": order[at_time[last[0]]]}
    note = _break_note(content, last[0], before=at_time[last[0]] < len(order) - 1)
    names = {i: name for name, own in series_of(content, time).items() for i in own}
    whose = f"{names[last[0]]}, " if len(last) == 1 and names[last[0]] else ""
    return Found(whose + _change(content, last, time, span) + note)


def _change(content: Content, last: Sequence[int], time: str, span: dict[str, str]) -> str:
    """The change of a mean, a ratio or a gap; of several groups, which rose and which fell."""
    language, both, i = content.language, sides(content), last[0]
    if len(last) > 1:
        return title("span", language, told=_of_several(content, last, time), **span)
    if both:
        return _gap(content, i, both, span)
    if content.quantities[i].on == "log":
        return title("times", language, size=value(content, i), **span)
    way = verdict(content, i)
    return (
        title("still", language, **span)
        if way == "unclear"
        else _moved(content, way == "more", size(content, i), i, span)
    )


def _gap(content: Content, i: int, both: dict[str, str], span: dict[str, str]) -> str:
    """How a gap moved."""
    way = verdict(content, i)
    if way == "unclear":
        return title("moved unclear", content.language, **both, **span)
    if content.quantities[i].on == "log":
        ratio = word(content.quantities[i].kind, content.language)
        return sentence(
            f"factor {way}", content.language, value=value(content, i), ends="", ratio=ratio, **both, **span
        )
    return sentence(moved(content, i, way), content.language, size=size(content, i), ends="", **both, **span)


def _of_several(content: Content, rows: Sequence[int], time: str) -> str:
    """Which groups rose and fell, for as many as there are, and of which it cannot be told."""
    language = content.language
    names = {i: name for name, own in series_of(content, time).items() for i in own}
    keys = {"more": "rose for", "less": "fell for", "unclear": "unclear for"}
    ways = {i: verdict(content, i, len(rows)) for i in rows}
    found = {key: [names[i] for i in rows if ways[i] == way] for way, key in keys.items()}
    if len(found["unclear for"]) == len(rows):
        return title("none of many", language, by="")
    return "; ".join(title(key, language, names=joined(own, language)) for key, own in found.items() if own)


def _break_note(content: Content, i: int, *, before: bool) -> str:
    """That the change ends before a method break, or is net of its known shift."""
    years = straddled(content)
    key = "net of break" if "break_adjusted" in content.flags[i] else "before break" if before else ""
    return title(key, content.language, breaks=years) if key and years else ""


def slope(content: Content, known: Sequence[int]) -> Found | None:
    """The slope a year, with terms for breaks where there are breaks; None for several trends."""
    raw, language = content.raw, content.language
    slopes = [i for i in known if raw["term"].iloc[i] == "slope"]
    measures = {str(raw["measure"].iloc[i]) if "measure" in raw else "": i for i in slopes}
    if len(measures) != len(slopes):
        return None
    i = measures.get("with break term", slopes[0])
    if {"saturated", "not_identified", "no_df"} & set(content.flags[i]):
        return Found(sentence("slope not told", language))
    way = verdict(content, i)
    if way == "unclear":
        told = sentence("slope unclear", language, value="", ends="").partition(";")[0]
    else:
        told = sentence(f"slope {way}", language, size=size(content, i), ends="")
    return Found(told + (sentence("with term", language) if "with break term" in measures else ""))

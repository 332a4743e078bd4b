"""The finding of a decomposition as a title: the sentence of :func:`llo_research.report.sentence` without intervals."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from llo_research.report.content.captions import joined
from llo_research.report.content.content import Content
from llo_research.report.content.decompositions import is_whole
from llo_research.report.content.labels import capital, lowered, plain
from llo_research.report.content.sides import side
from llo_research.report.readings import NONE, UNCLEAR, Reader
from llo_research.report.sentence_parts import (
    WHOLES,
    coefficient_told,
    is_focal,
    moved,
    parts_told,
    totals_of,
    whole_of,
)


class Brief(Reader):
    """A reader that leaves intervals and lists of variables out: in a figure they are drawn."""

    most_names: ClassVar[int] = 2

    def interval(self, i: int, sign: float = 1.0) -> str:
        """Nothing."""
        return ""

    def ends(self, i: int, sign: float = 1.0) -> str:
        """Nothing."""
        return ""


def decomposition_title(content: Content, time: str | None = None) -> str | None:
    """What the decomposition finds, over `time` at the last; None where it holds several, or a part may not be seen."""
    raw = content.raw
    last = raw[time].iloc[-1] if time is not None else None
    rows = [i for i in range(len(raw)) if time is None or raw[time].iloc[i] == last]
    component = raw["component"].astype(str).to_numpy()
    whole = [str(component[i]) for i in rows if is_whole(raw)[i]]
    if len(set(whole)) < len(whole) or not content.defined[rows].all() or not set(WHOLES) & set(whole):
        return None
    reader = Brief(content, np.zeros(len(raw), dtype=bool), None)
    text = _across(reader, rows) + _told(reader, rows)
    dated = time is None or (content.meta.get("call") or {}).get("time") is not None
    return capital(text) if dated else f"{plain(last)}: {lowered(text)}"


def _across(reader: Reader, rows: list[int]) -> str:
    """That a change is measured across a method break, before what it is."""
    if not any("break" in reader.content.flags[i] for i in rows):
        return ""
    years = joined([plain(time) for time, _ in reader.content.breaks], reader.language) if reader.content.breaks else ""
    return reader.say("across", breaks=years or reader.say("some year"))


def _told(reader: Reader, rows: list[int]) -> str:
    """The whole, where its parts do not name it, and its parts."""
    content = reader.content
    totals = totals_of(content, rows)
    i = whole_of(totals)
    unclear = reader.verdict(i) in (UNCLEAR, NONE)
    if content.quantities[i].null is None or ("explained" in totals and not unclear):
        return parts_told(reader, rows)
    told = capital(coefficient_told(reader, i, rows) if is_focal(content) else _compared(reader, i))
    return f"{told}. {parts_told(reader, rows)}" if "explained" in totals else told


def _compared(reader: Reader, i: int) -> str:
    """The whole: which group or time has more, how a gap moved, or that it cannot be told."""
    content, verdict = reader.content, reader.verdict(i)
    meta, language = content.meta, content.language
    call = meta.get("call") or {}
    places = {"size": reader.size(i), "value": reader.value(i), "ends": "", "bound": ""}
    time = call.get("time") or call.get("over")
    if time is not None:
        later = content.raw[time].iloc[i] if time in content.raw else ""
        places |= {"later": plain(later), "base": plain(meta.get("base", call.get("base")))}
    if "over" in call:
        at = {"of": places["later"], "minus": places["base"]}
        sides = {f"at_{name}": reader.say("at time", name=text) for name, text in at.items()}
        return reader.say(verdict, **places, **at, **sides)
    if {"of", "minus"} <= set(call):
        at = {name: side(call[name], meta, language) for name in ("of", "minus")}
        sides = {f"at_{name}": reader.say("at group", name=text) for name, text in at.items()}
        return reader.say(verdict if time is None else moved(content, i, verdict), **places, **at, **sides)
    return reader.say(f"alone {verdict}", null=reader.say("zero"), **places)

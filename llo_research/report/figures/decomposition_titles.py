"""The finding of a decomposition as a title: the sentence of :func:`llo_research.report.sentence` without intervals."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.decompositions import is_whole
from llo_research.report.content.labels import capital, lowered, plain
from llo_research.report.figures.title_parts import at, sides, size, straddled, subject, when
from llo_research.report.figures.title_words import title
from llo_research.report.readings import MORE, NONE, UNCLEAR, Reader
from llo_research.report.sentence_parts import (
    WHOLES,
    coefficient_told,
    focal_label,
    is_focal,
    moved,
    parts_told,
    totals_of,
    whole_of,
)


class Brief(Reader):
    """A reader that leaves intervals and lists of variables out: in a figure they are drawn."""

    most_names: ClassVar[int] = 2
    is_brief: ClassVar[bool] = True

    def interval(self, i: int, sign: float = 1.0) -> str:
        """Nothing."""
        return ""

    def ends(self, i: int, sign: float = 1.0) -> str:
        """Nothing."""
        return ""


def decomposition_title(content: Content, time: str | None = None) -> str | None:
    """What the decomposition finds, over `time` at the last; None where it holds several, or a part may not be seen.

    A change over a method break is no finding: the last time before it is told, or that there is none.
    """
    raw, call = content.raw, content.meta.get("call") or {}
    every = list(range(len(raw)))
    rows = [i for i in every if "break" not in content.flags[i]]
    broken = len(rows) < len(every)
    if not rows:
        return capital(f"{_head(content)}: {_over_break(content)}")
    last = raw[time].iloc[rows[-1]] if time is not None else None
    rows = [i for i in rows if time is None or raw[time].iloc[i] == last]
    component = raw["component"].astype(str).to_numpy()
    whole = [str(component[i]) for i in rows if is_whole(raw)[i]]
    if len(set(whole)) < len(whole) or not content.defined[rows].all() or not set(WHOLES) & set(whole):
        return None
    reader = Brief(content, np.zeros(len(raw), dtype=bool), None)
    over = call.get("time") or call.get("over")
    year = when(content) if time is None or over is not None else at(content, plain(last))
    years = straddled(content) if broken else ""
    note = title("before break", content.language, breaks=years) if years else ""
    i = whole_of(totals_of(content, rows))
    divided = content.quantities[i].null is not None and "explained" in totals_of(content, rows)
    # of a gap below zero the parts are told without its sign, so that the whole says first who has less
    if divided and not is_focal(content) and reader.verdict(i) == MORE:
        span = title("years", content.language, **_span(content, i)) if over is not None else ""
        return capital(f"{_head(content, named=True)}{span or year}: {lowered(parts_told(reader, rows))}{note}")
    return capital(f"{_head(content)}{'' if over is not None else year}: {lowered(_told(reader, rows, i))}{note}")


def _head(content: Content, *, named: bool = False) -> str:
    """Of what, and, where the finding does not name them, the groups in the order of the difference."""
    both = sides(content) if named else None
    told = title("sides", content.language, **both) if both else ""
    if is_focal(content):
        told = f", {lowered(focal_label(content))}"
    return f"{subject(content)}{told}"


def _over_break(content: Content) -> str:
    """That a change, or that of a gap, cannot be read across a method break."""
    call, both = content.meta.get("call") or {}, sides(content)
    base = plain(content.meta.get("base", call.get("base")))
    return title("gap over break" if both else "over break", content.language, base=base, **(both or {}))


def _span(content: Content, i: int) -> dict[str, str]:
    """The times of a change."""
    call = content.meta.get("call") or {}
    time = call.get("time") or call.get("over")
    times = content.meta.get("times") or [""]
    later = content.raw[time].iloc[i] if time in content.raw else times[-1]
    return {"base": plain(content.meta.get("base", call.get("base"))), "later": plain(later)}


def _told(reader: Reader, rows: list[int], i: int) -> str:
    """The whole, where its parts do not name it, and its parts."""
    content, totals = reader.content, totals_of(reader.content, rows)
    if content.quantities[i].null is None:
        return parts_told(reader, rows)
    if is_focal(content) and reader.verdict(i) not in (UNCLEAR, NONE):
        return parts_told(reader, rows)
    told = coefficient_told(reader, i, rows) if is_focal(content) else _compared(reader, i)
    return f"{told}. {parts_told(reader, rows)}" if "explained" in totals else told


def _compared(reader: Reader, i: int) -> str:
    """The whole: which group or time has more, how a gap moved, or that it cannot be told."""
    content, verdict = reader.content, reader.verdict(i)
    call, language = content.meta.get("call") or {}, content.language
    unclear = verdict in (UNCLEAR, NONE)
    if "over" in call:
        return title("still", language, **_span(content, i)) if unclear else _moved_over(reader, i)
    both = sides(content)
    if both is None:
        return reader.say(
            f"alone {verdict}", null=reader.say("zero"), size=reader.size(i), value=reader.value(i), ends=""
        )
    if call.get("time") is not None:
        if unclear:
            return title("moved unclear", language, **both, **_span(content, i))
        return reader.say(moved(content, i, verdict), size=size(content, i), ends="", **both, **_span(content, i))
    if unclear:
        return title("unclear", language, **both)
    at_sides = {f"at_{name}": reader.say("at group", name=text) for name, text in both.items()}
    return reader.say(verdict, size=size(content, i), ends="", **both, **at_sides)


def _moved_over(reader: Reader, i: int) -> str:
    """More or less at the later time."""
    span = _span(reader.content, i)
    key, word = ("rose", "more") if reader.verdict(i) == MORE else ("fell", "less")
    language = reader.language
    return title(key, language, size=size(reader.content, i), **span, **{word: title(word, language)})

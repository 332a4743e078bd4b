"""The finding of a decomposition as a title: the sentence of :func:`llo_research.report.sentence` without intervals."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.decompositions import is_whole
from llo_research.report.content.identifiers import side
from llo_research.report.content.labels import capital, plain, variable_label
from llo_research.report.readings import NONE, UNCLEAR, Reader
from llo_research.report.sentence_parts import WHOLES, parts_told, totals_of, whole_of


class Brief(Reader):
    """A reader that leaves intervals and lists of variables out: in a figure they are drawn."""

    most_names: ClassVar[int] = 2

    def interval(self, i: int, sign: float = 1.0) -> str:
        """Nothing."""
        return ""

    def ends(self, i: int, sign: float = 1.0) -> str:
        """Nothing."""
        return ""


def decomposition_title(content: Content) -> str | None:
    """What the decomposition finds; None where it holds several, or a part may not be seen."""
    rows = list(range(len(content.estimate)))
    whole = np.array(is_whole(content.raw))
    component = content.raw["component"].astype(str).to_numpy()
    if len(set(component[whole])) < whole.sum() or not content.defined.all() or not set(WHOLES) & set(component[whole]):
        return None
    reader = Brief(content, np.zeros(len(rows), dtype=bool), None)
    i = whole_of(totals_of(content, rows))
    told = parts_told(reader, rows)
    if reader.verdict(i) in (UNCLEAR, NONE) and content.quantities[i].null is not None:
        told = f"{capital(_unclear(reader, i))}. {told}"
    return capital(told)


def _unclear(reader: Reader, i: int) -> str:
    """That the whole cannot be told from zero."""
    content = reader.content
    meta, language = content.meta, content.language
    call = meta.get("call") or {}
    places = {"value": reader.value(i), "ends": ""}
    if "focal" in call:
        focal = variable_label(str(call["focal"]), meta.get("labels") or {}, language)
        return f"{focal}: {reader.say('alone unclear', null=reader.say('zero'), **places)}"
    if not {"of", "minus"} <= set(call):
        return reader.say("alone unclear", null=reader.say("zero"), **places)
    places |= {name: side(call[name], meta, language) for name in ("of", "minus")}
    if "base" not in call or "time" not in call:
        return reader.say("unclear", **places)
    later = content.raw[str(call["time"])].iloc[i] if call["time"] in content.raw else meta.get("time", "")
    return reader.say("moved unclear", base=plain(meta.get("base", call["base"])), later=plain(later), **places)

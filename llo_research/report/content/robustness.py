"""The robustness of a change against a method break as content: the changes, and how to read the sizes beside them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from llo_research.estimation.break_robustness import BreakRobustness
from llo_research.report.content.content import Content
from llo_research.report.content.estimates import estimates_content
from llo_research.report.content.labels import capital, plain, said, spoken, word
from llo_research.report.content.words import ROBUSTNESS
from llo_research.results.rules import AUTO

SIZES = ("size_not_significant", "size_zero", "size_reversed")
_KNOWN = ("breaks", "what", "known_shift", "known_shift_se", "net_of_shift", "net_low", "net_high", "verdict")
phrase = partial(said, ROBUSTNESS)


def robustness_content(found: BreakRobustness, digits: int, language: str, disclosure: str = AUTO) -> Content:
    """The changes with their intervals; the breaks that they straddle are told, and no other."""
    hidden, found = found.withheld(disclosure), found.seen(disclosure)
    frame = found.frame.drop(columns=[name for name in (*SIZES, *_KNOWN) if name in found.frame])
    zero, end = (found.frame[name].to_numpy(dtype=np.float64) for name in ("size_zero", "size_reversed"))
    with np.errstate(divide="ignore", invalid="ignore"):
        other = zero**2 / end if in_factors(found) else 2 * zero - end
    frame = frame.assign(conf_low=np.minimum(end, other), conf_high=np.maximum(end, other))
    meta = {**found.meta, "labels": found.meta.get("labels", {})}
    level = float(found.meta.get("level", 0.95))
    content = estimates_content(frame, meta, found.quantity, None, level, digits, language, hidden)
    straddled = {plain(item["time"]) for item in found.meta["breaks"]["straddled"]}
    breaks = tuple((time, what) for time, what in content.breaks if plain(time) in straddled)
    notes = {"reading": _reading(found, language), **content.notes, "breaks": _breaks(found, breaks, language)}
    last = {"source": notes.pop("source")} if "source" in notes else {}
    return replace(content, breaks=breaks, notes={**notes, **last}, flags=_flags(found, content))


def _flags(found: BreakRobustness, content: Content) -> tuple[tuple[str, ...], ...]:
    """The flags of each change, with the break that it straddles where its shift was not taken off."""
    adjusted = found.meta["breaks"]["option"] == "adjust"
    over = [bool(text) and not adjusted for text in found.frame["breaks"]]
    return tuple(
        (*dict.fromkeys([*own, "break"]),) if gone else own for own, gone in zip(content.flags, over, strict=True)
    )


def in_factors(found: BreakRobustness) -> bool:
    """Whether sizes are factors, as those of ratios and odds are."""
    return all(quantity.on == "log" for quantity in found.quantity)


def _reading(found: BreakRobustness, language: str) -> str:
    """How to read the sizes."""
    text = phrase("reading", language).format(minus=phrase("over" if in_factors(found) else "minus", language))
    beyond = f" {phrase('beyond', language)}" if found.meta["breaks"]["option"] == "adjust" else ""
    return text + beyond


def _breaks(found: BreakRobustness, breaks: tuple[tuple[float, str], ...], language: str) -> str:
    """The breaks that are straddled, with what is known of their size."""
    texts, straddled = {plain(time): text for time, text in breaks}, found.meta["breaks"]["straddled"]
    if not straddled:
        return phrase("no breaks", language)
    told = []
    for item in straddled:
        what = texts.get(plain(item["time"])) or spoken(item.get("what"), language)
        size = spoken(item.get("known_size"), language)
        parts = [what, size]
        beside = "; ".join(part for part in parts if part)
        told.append(f"{word('break', language)} {plain(item['time'])}" + (f": {beside}" if beside else ""))
    return capital("; ".join(told)) + "."

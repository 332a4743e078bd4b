"""Points of synthetic series by what stands behind them: published, between published ones, or invented."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llo_research.report.content.content import Content

KNOWN = "how_known"  # in ``meta``: for each row one of those below
_WORDS = {
    "published": (("Punt met ring", "gepubliceerd niveau, ingebouwd"), ("Ringed point", "published level, built in")),
    "interpolated": (("Punt", "tussen gepubliceerde cijfers gelegd"), ("Point", "put between published figures")),
    "invented": (("Klein punt", "bedacht"), ("Small point", "invented")),
}
SHORT = {
    "published": ("gepubliceerd", "published"),
    "interpolated": ("ertussen gelegd", "put between"),
    "invented": ("bedacht", "invented"),
}
_SMALL, _RING = 0.6, 2.0  # of the size of a point


def known_of(content: Content) -> Sequence[str]:
    """What stands behind each row; empty where nothing is said of it."""
    told: Sequence[str] = content.meta.get(KNOWN) or ()
    return told if len(told) == len(content.estimate) else ()


def size_of(content: Content, i: int, size: float) -> float:
    """The size of a point: invented ones are small beside others."""
    told = known_of(content)
    return size * _SMALL if len(set(told)) > 1 and told[i] == "invented" else size


def draw_ring(axes: Any, content: Content, i: int, at: tuple[float, float], size: float, colour: str) -> None:
    """A ring round a published point."""
    told = known_of(content)
    if told and told[i] == "published":
        ring = {"markerfacecolor": "none", "markeredgecolor": colour, "markeredgewidth": 1.1}
        axes.plot(*[[place] for place in at], marker="o", markersize=size * _RING, clip_on=False, zorder=3.5, **ring)


def known_words(content: Content) -> list[str]:
    """The key in words, of the kinds that are there."""
    there, english = set(known_of(content)), content.language == "en"
    if len(there) == 1 and "published" not in there:
        return [f"{'All points' if english else 'Alle punten'}: {_WORDS[there.pop()][english][1]}."]
    parts = [": ".join(words[english]) for kind, words in _WORDS.items() if kind in there]
    return [f"{'; '.join([parts[0], *(part[0].lower() + part[1:] for part in parts[1:])])}."] if parts else []


def short_word(content: Content, i: int) -> str:
    """What stands behind a row, in a word."""
    told = known_of(content)
    return SHORT[told[i]][content.language == "en"] if told else ""

"""What a text may not lose in Dutch: that nothing can be told, a denial, a sentence, a stressed word, a disclaimer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llo_research.monitor.notebooks.twin_words import in_pairs, readings, short, without_places

_UNSURE = {
    "en": re.compile(r"\b(not|cannot|neither|nor|no clear|no longer|none|perhaps)\b|\bno .* is seen\b"),
    "nl": re.compile(
        r"\bniet\b.*\b(aan te tonen|aantoonbaar|te onderscheiden|te zeggen|te zien|duidelijk)\b"
        r"|\bgeen\b.*\b(duidelijk|aantoonbaar|te zien)\b|\bmisschien\b"
    ),
}
_SAME = re.compile(r"\b(even(veel|\s?zo\w*)?|evenzeer|gelijk\w*|hetzelfde|dezelfde|geen verschil|onveranderd)\b")
_SEEN = re.compile(r"\bgeen verschil\b(?=.* te zien)")
_DENIED = {
    "en": re.compile(r"\b(not|no|nor|never|none|cannot|nobody|neither|nothing|nowhere|\w+n't)\b", re.I),
    "nl": re.compile(r"\b(niet|geen|nooit|niemand|niets|nergens|noch|onaantoonbaar)\b", re.I),
}
_HALF = {  # what answers to a denial, and needs none beside it
    "en": re.compile(r"\b(without|un(?!der|ti|io|iv|iq)\w+|left out|taken off|outside|few|little)\b|\bnon-?\w", re.I),
    "nl": re.compile(r"\b(zonder|on(?!de|s\b|ze\b|tw|tl|tb)\w+|weinig|nee|hooguit)\b", re.I),
}
_NAMES = re.compile(r"\b(niet|non)-(?=formeel|formele|formal|informal)|\bno more(?=:)|`[^`]*`", re.I)
_BOLD = re.compile(r"\*\*(?=\S).+?\*\*", re.S)
_FORMULA = re.compile(r"\$\$.+?\$\$", re.S)
_END = re.compile(r"[.!?](?=[\s*\"')\]]|$)")
_ABBREVIATED = re.compile(r"\b(e\.g|i\.e|vs|etc|bijv|d\.w\.z|o\.a|m\.n|p|ca)\.|^[#>\s]*\d+\.(?=\s)", re.M)
_HELD = (
    (
        "that no number is about the Netherlands",
        r"\b(no|not|nothing)\b[^.]*\bNetherlands\b",
        r"\b(geen|niet|niets)\b[^.]*\bNederland\b",
    ),
    ("that data are synthetic", r"\b(synthetic|made-up|invented)\b", r"\b(synthetisch\w*|verzonnen)\b"),
)


def lost(english: str, dutch: str) -> Iterator[str]:
    """What a text says and its Dutch does not, or the other way round, of what :mod:`twin_words` does not compare."""
    for ours, theirs in zip(readings(english), readings(dutch), strict=False):
        if len(ours) > 2 and len(theirs) > 2:
            yield from _third(*(" ".join(text.lower().split()) for text in (ours[2], theirs[2])))
    for one, other in in_pairs(*(_NAMES.sub(" ", without_places(text)) for text in (english, dutch))):
        alone = [
            name
            for name, (text, here), (beside, there) in (
                ("English", (one, "en"), (other, "nl")),
                ("Dutch", (other, "nl"), (one, "en")),
            )
            if _DENIED[here].search(text) and not (_DENIED[there].search(beside) or _HALF[there].search(beside))
        ]
        yield from (f"denied in {name} alone: {short(one)!r} beside {short(other)!r}" for name in alone)
    for what, told, said in _HELD:
        if re.search(told, english, re.I) and not re.search(said, dutch, re.I):
            yield f"does not say in Dutch {what}"


def left_out(english: str, dutch: str) -> Iterator[str]:
    """Sentences and stressed words of a cell of prose that its Dutch does not have."""
    bold = [len(_BOLD.findall(text)) for text in (english, dutch)]
    if bold[1] < bold[0]:
        yield f"has {bold[1]} spans in bold, and {bold[0]} in English"
    one, other = map(sentences, (english, dutch))
    if other < one:
        yield f"has {other} sentences, and {one} in English"


def sentences(text: str) -> int:
    """How many sentences a text has."""
    return len(_END.findall(_ABBREVIATED.sub(" ", _FORMULA.sub(" ", text))))


def _third(english: str, dutch: str) -> Iterator[str]:
    """Whether the reading of what cannot be told says so in Dutch."""
    bare = dutch.replace("geen verschil", "") if "no difference" in english else _SEEN.sub("", dutch)
    if _SAME.search(bare) or (_UNSURE["en"].search(english) and not _UNSURE["nl"].search(dutch)):
        yield f"does not say that it cannot be told: {english!r} beside {dutch!r}"

"""Labels that share their words and say something else: denied, of another period, of another verb."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from llo_research.data.wording import bare

# What a label says beside its subject; the words of a kind mean the same (Dutch, English).
_KINDS = {
    "a denial": r"niet|geen|nooit|zonder|noch|nauwelijks|amper|zelden|not|no|never|without|hardly|rarely|seldom|"
    r"(?:do|does|did|have|has|is|are|can|could|was|were)n t",
    "little of it": r"weinig|minder|onvoldoende|te kort|gebrek|little|few|less|insufficient|lack",
    "the opposite": r"eentonig\w*|saai\w*|monoto\w+|boring|ontevreden|oneens|onbelangrijk|onzeker\w*|ongeschikt|"
    r"disagree|dissatisfied|unimportant|unsatisfied|unsure|tegengewerkt|belemmer\w*|obstruct\w*|hinder\w*",
    "an end": r"gestopt|stopgezet|gestaakt|beeindigd|afgebroken|afgehaakt|onderbroken|voortijdig|stopped|quit|"
    r"dropped|discontinued|interrupted|ended|gave up",
    "a wish or plan": r"zou|zouden|wilt|wil|willen|wens\w*|behoefte|van plan|plannen|voornemens|overweegt|wanted|want|"
    r"wants|would like|plan|plans|planning|intend\w*|need|needs|wish\w*|consider\w*",
    "an offer or request": r"aangeboden|aangevraagd|gevraagd|geweigerd|afgewezen|gemist|offered|requested|refused|"
    r"denied|missed",
    "what is to come": r"komende?|volgend\w*|toekomst\w*|straks|coming|upcoming|next|future",
}
_COMPILED = {kind: re.compile(rf"\b(?:{words})\b") for kind, words in _KINDS.items()}
_FINISHED = re.compile(r"\b(?:afgerond|voltooid|afgemaakt|completed|finished)\b")
_HIGHEST = re.compile(r"\b(?:hoogst\w*|highest|niveau|level)\b")  # the highest education is a completed one
# fmt: off
_NUMBERS = {
    "een": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6, "twaalf": 12, "half": 0.5, "halve": 0.5, "one": 1,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "twelve": 12,
}
_DAYS = {"d": 1, "w": 7, "m": 30.4375, "j": 365.25, "y": 365.25, "k": 91.3125, "q": 91.3125}
# fmt: on
_UNIT = r"(?:dag(?:en)?|days?|we(?:e|)k(?:en|s)?|maand(?:en)?|months?|jaar|jaren|years?|kwarta(?:al|len)|quarters?)"
_LEAD = r"afgelopen|laatste|voorbije|vorige|vorig|past|last|previous|preceding"
_PERIOD = re.compile(
    rf"\b(?:(?P<lead>{_LEAD}) )?(?:(?P<number>\d+|{'|'.join(_NUMBERS)}) )?(?P<unit>{_UNIT})\b(?P<old> oud| old)?"
)


@lru_cache(4096)
def _said(text: str) -> tuple[frozenset[str], frozenset[int]]:
    """What a label says beside its subject, and the periods (in days) that it names."""
    plain = bare(text)
    kinds = {kind for kind, words in _COMPILED.items() if words.search(plain)}
    if _FINISHED.search(plain) and not _HIGHEST.search(plain):
        kinds.add("a completion")
    periods = set()
    for hit in _PERIOD.finditer(plain):
        if not (hit["lead"] or hit["number"]) or hit["old"]:
            continue
        number = _NUMBERS.get(hit["number"] or "een") or float(hit["number"])
        periods.add(round(number * _DAYS[hit["unit"][0]]))
    return frozenset(kinds), frozenset(periods)


def turned(label: str, texts: Iterable[str], *, brief: bool = False) -> str:
    """Why a label may say something else than the texts of a variable, in words; '' when nothing tells so.

    A label is compared with the text that differs least: all words but one may be the same, and that one "geen".
    ``brief``: a label may say less than the texts, but nothing else.
    """
    told = [text for text in texts if text]
    if not bare(label) or not told:
        return ""
    return min(
        (_difference(label, text, brief) for text in told), key=lambda found: (len(found), found[:1]), default=""
    )


def _difference(label: str, text: str, brief: bool) -> str:
    """What one of two texts says and the other does not, in words."""
    (own, when), (ours, since) = _said(label), _said(text)
    words = [f"the label has {kind} ({_word(label, kind)}), ours has not" for kind in sorted(own - ours)]
    words += [f"ours has {kind} ({_word(text, kind)}), the label has not" for kind in sorted(ours - own) if not brief]
    if when != since and not _near(when, since) and (when or not brief):
        words.append(f"the label is of {_days(when)}, ours of {_days(since)}")
    return "; ".join(words)


def _word(text: str, kind: str) -> str:
    """The word of a text that is of a kind."""
    hit = (_COMPILED.get(kind) or _FINISHED).search(bare(text))
    return hit[0] if hit else kind


def _near(one: frozenset[int], other: frozenset[int]) -> bool:
    """Are the periods of two texts as long (12 months, a year; 24 months, two years)?"""
    pairs = zip(sorted(one), sorted(other), strict=False)
    return len(one) == len(other) and all(abs(a - b) <= 2 for a, b in pairs)


def _days(periods: frozenset[int]) -> str:
    """Periods in words."""
    if not periods:
        return "no period"
    told = []
    for days in sorted(periods):
        months = days / 30.4375
        whole = abs(months - round(months)) < 0.05 and round(months) > 0
        told.append(f"{round(months)} months" if whole else f"{days} days")
    return " and ".join(told)

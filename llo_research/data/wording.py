"""What a label says: its words beside those of a codebook, in Dutch or English, short or long, in another order."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

_KEPT = 4096  # labels of which the words are remembered: a file has the same ones in many columns
# A label means a code when nearly all it says is in the code's label, and that says not much more.
_SAID, _OF_THE_BOOK = 0.75, 0.3
# It fits its own code when it fits no other one twice as well.
_TWICE, _SURE, _PARTLY = 0.5, 0.9, 0.5
# The same words as another code's, and not those of its own.
_SAME, _NOT_SAME = 0.99, 0.85
_UNKNOWN_WORD = 0.25
# fmt: off
STOP = {
    "de", "het", "een", "van", "in", "op", "te", "u", "uw", "is", "en", "of", "dan", "the", "a", "an", "to", "at", "or",
    "than", "with", "met", "bij", "voor", "als", "aan", "om", "er", "zijn",
}
_FILLERS = {
    "contract", "dienstverband", "arbeidsovereenkomst", "arbeidsrelatie", "werknemer", "werknemers", "personen",
    "people", "employees", "staff", "opleiding", "opgeleid", "opgeleiden", "onderwijs", "niveau", "opleidingsniveau",
    "diploma", "education", "level", "educated", "bijna", "almost", "jaar", "year", "years", "aantal", "ongeveer",
    "about", "mee", "totaal", "sector", "bedrijfstak", "answer", "antwoord",
}
# fmt: on
_PHRASES = {
    r"voorbereidend middelbaar beroepsonderwijs|mavo|lbo|vbo": "vmbo",
    r"hoger beroepsonderwijs": "hbo",
    r"middelbaar beroepsonderwijs": "mbo",
    r"wetenschappelijk onderwijs|universiteit|universitair\w*": "wo",
    r"basisschool|lagere school|lager onderwijs|primary (?:school|education)": "basisonderwijs",
    r"gepromoveerd|promotie|phd|doctoraat|doctorate": "doctor",
    r"af en toe": "soms",
    r"onbepaalde tijd": "vast",
    r"bepaalde tijd": "tijdelijk",
    r"(?:hoog|hoger)(?: ?opgeleid\w*)?": "hoog",
    r"(?:laag|lager)(?: ?opgeleid\w*)?": "laag",
    r"(?:midden|middel|middelbaar|medium|mid)(?: ?opgeleid\w*)?": "middelbaar",
    r"manne(?:n|lijk)|men|mnl|jongens?|heer|heren|boys?": "man",
    r"vrouwe(?:n|lijk)|women|woman|vrl?|meisjes?|dames?|girls?": "vrouw",
    r"zelfstandig\w*(?: (?:zonder|met) personeel)?|zzp(?: ?er)?s?|freelance\w*|"
    r"self[- ]employed(?: (?:with|without) (?:staff|employees))?": "zelfstandig",
    r"uitzend\w*|(?:temp |temporary )?agency": "uitzend",
    r"oproep\w*|inval\w*|nul ?-?uren\w*|0 ?-?uren\w*|on[- ]call|zero[- ]hours?": "oproep",
    r"tertiary": "hoog",
    r"(?:geen|zonder) migratieachtergrond|(?:no|without) migration background": "nederland",
    r"nooit": "nee",
    r"enkele": "paar",
    r"grote mate": "hoge mate",
    r"wekelijks": "week",
    r"maandelijks": "maand",
    r"jaarlijks": "jaar",
}
_YES = ("ja", "yes", "wel", "true", "waar", "checked", "selected")
_NO = ("nee", "neen", "no", "false", "onwaar", "nooit", "never", "unchecked", "unselected")
_TIMES = re.compile(r"(\d+) ?(?:x|keer|maal|times?)(?= |$)")
_SIZES = {"small": r"klein\w*|small", "large": r"groot|grote|large|big"}
_LETTERS = {"m": "man", "v": "vrouw", "f": "female", "j": "ja", "y": "yes", "n": "nee"}
_NOT = {"niet", "geen", "zonder", "not", "no", "without", "non"}
# Opposites: what turns a label round, what it is about.
_SCALES = {
    "agree": (r"oneens|disagree|niet (?:helemaal )?(?:mee )?eens|not agree", r"eens(?! per| in| of| keer)|agree"),
    "satisfied": (r"ontevreden|dissatisfied|unsatisfied|niet tevreden|not satisfied", r"tevreden|satisfied"),
    "important": (r"onbelangrijk|unimportant|niet belangrijk|not important", r"belangrijk|important"),
    "true": (r"niet (?:erg )?waar|onwaar|not (?:too |at all )?true|untrue", r"waar|true"),
}
_STRONG = (
    r"helemaal|zeer|sterk|volledig|volkomen|totaal|geheel|heel|erg|strongly|completely|entirely|totally|fully|"
    r"very|at all"
)
_WEAKENED = r"niet (?:erg|zo|heel|zeer|helemaal)|not (?:too|very|so)"
_NEUTRAL = r"neutraal|neutral|neither|noch"
_MISSING = re.compile(
    r"(?:weet (?:ik |het |dat )?niet|geen (?:geldig )?antwoord|geen opgave|onbekend|niet (?:bekend|beantwoord|ingevuld|"
    r"gevraagd|gesteld|van toepassing)|wil (?:ik )?niet zeggen|weiger\w*|n ?v ?t|nvt|missing|ontbreek\w*|don ?t know|"
    r"refus\w*|no answer|not (?:applicable|asked|stated)|unknown|inapplicable|valid skip)(?:\W|$)|(?:na|n a|dk|iap)$"
)
_TO = r"\s*(?:-|–|tot en met|t m|tot|to|until)\s*"
_INTERVALS = (
    (rf"(\d+){_TO}(\d+)", lambda a, b: (a, b)),
    (r"(?:minder dan|less than|under|onder|jonger dan|kleiner dan|<) *(\d+)", lambda a: (0, a - 1)),
    (r"(?:meer dan|more than|over|boven|ouder dan|groter dan|>) *(\d+)", lambda a: (a + 1, math.inf)),
    (
        r"(\d+)(?: \w+)? *(?:\+|plus|of meer|en meer|or more|and more|and over|or over|of ouder|en ouder)",
        lambda a: (a, math.inf),
    ),
    (r"(\d+)(?: \w+)? *(?:of minder|of jonger|or less)", lambda a: (0, a)),
    (r"(?:hooguit|maximaal|tot en met|t m|at most|up to|tot) *(\d+)", lambda a: (0, a)),
)


def folded(text: object) -> str:
    """A label without what differs between writers: case, points, spaces."""
    return " ".join(re.sub(r"[^\w\s-]", " ", str(text).casefold()).split())


@lru_cache(_KEPT)
def bare(text: object) -> str:
    """A label in small letters without accents, marks of its numbers' thousands, or signs but - + < >."""
    plain = unicodedata.normalize("NFKD", str(text).casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", plain).replace("≥", ">=")
    return " ".join(re.sub(r"[^\w\s+<>–-]", " ", plain).split())


def means_missing(text: object) -> bool:
    """Does a label say that there is no answer?"""
    return _MISSING.match(bare(text)) is not None


@lru_cache(_KEPT)
def tokens(text: object) -> frozenset[str]:
    """The words of a label, the same for wordings that differ only in form; ``!word`` is its denial."""
    plain, found = bare(text), set()
    for scale, (against, about) in _SCALES.items():
        if not re.search(rf"\b(?:{against}|{about})\b", plain):
            continue
        no, yes = (
            re.findall(rf"\b(?:{against})\b", plain),
            re.findall(rf"\b(?:{about})\b", re.sub(rf"\b(?:{against})\b", " ", plain)),
        )
        strength = 1 if re.search(_WEAKENED, plain) or not re.search(rf"\b(?:{_STRONG})\b", plain) else 2
        neutral = (no and yes) or re.search(rf"\b(?:{_NEUTRAL})\b", plain) or len(no) > 1
        return frozenset({"~0" if neutral else f"~{scale}{'-' if no else '+'}{strength}"})
    if re.fullmatch(rf"(?:{_NEUTRAL})", plain):
        return frozenset({"~0"})
    for pattern, word in _PHRASES.items():
        plain = re.sub(rf"\b(?:{pattern})\b", word, plain)
    words = [word for word in re.findall(r"[^\W\d_]+|\d+", _LETTERS.get(plain, plain)) if word not in STOP]
    words = [word for word in words if len(word) > 1 or word.isdigit()]
    while words:
        word = words.pop(0)
        found.add(f"!{words.pop(0)}" if word in _NOT and words else word)
    return frozenset(found)


def alike(one: str, other: str) -> bool:
    """Are two words the same, or one the beginning of the other (uitzend, uitzendkracht)?"""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return len(short.lstrip("!")) >= 4 and not short.startswith("~") and long.startswith(short)


def interval(text: object) -> tuple[float, float] | None:
    """The range of numbers that a label names, or None."""
    for pattern, bounds in _INTERVALS:
        hit = re.search(pattern, bare(text))
        if hit:
            low, high = bounds(*map(float, hit.groups()))
            return (low, high) if low <= high else None
    return None


@dataclass(frozen=True)
class Book:
    """Codes of a variable and all that each is called."""

    wordings: Mapping[Hashable, Sequence[str]]

    @cached_property
    def words(self) -> dict[Hashable, list[frozenset[str]]]:
        """The words of each wording of each code."""
        return {code: [found for text in texts if (found := tokens(text))] for code, texts in self.wordings.items()}

    @cached_property
    def ranges(self) -> dict[Hashable, tuple[float, float]] | None:
        """The range of numbers of each code, when all are ranges."""
        found = {code: interval(texts[0]) for code, texts in self.wordings.items()}
        whole = {code: bounds for code, bounds in found.items() if bounds is not None}
        return whole if len(whole) == len(found) > 1 else None

    @cached_property
    def yes_no(self) -> dict[bool, Hashable] | None:
        """The codes of yes and no, when there is nothing else."""
        firsts = {bare(texts[0]): code for code, texts in self.wordings.items()}
        return {True: firsts["ja"], False: firsts["nee"]} if set(firsts) == {"ja", "nee"} else None

    @cached_property
    def weights(self) -> dict[str, float | None]:
        """Words whose weight is known already."""
        return {}

    def weight(self, word: str) -> float | None:
        """What a word tells: the more, the fewer codes have it; None when no code has it."""
        if word not in self.weights:
            codes = sum(any(alike(word, other) for said in texts for other in said) for texts in self.words.values())
            self.weights[word] = 1.0 / codes if codes else None
        return self.weights[word]

    def likeness(self, text: str, code: Hashable) -> tuple[float, float]:
        """Which part of a label a code's label says (best wording), and how much the two are alike: both 0 to 1."""
        said = tokens(text)
        weights = {word: self.weight(word) for word in said}
        said = frozenset(word for word in said if weights[word] is not None or word.lstrip("!") not in _FILLERS)
        best = (0.0, 0.0)
        for other in self.words.get(code, ()):
            if said and not _contradict(said, other):
                known = {word for word in said if any(alike(word, each) for each in other)}
                held = {each for each in other if any(alike(word, each) for word in said)}
                part = _sum(self, known) / _sum(self, said)
                best = max(
                    best, (part, math.sqrt(part * _sum(self, held) / _sum(self, other))), key=lambda pair: pair[1]
                )
        return best

    def meant(self, text: str, labels: Sequence[str] = ()) -> dict[Hashable, tuple[float, float]]:
        """For each code that a label may mean: which part of the label it says, and how alike they are.

        ``labels``: all labels of the column, for those that are told from the others only (no beside "followed").
        """
        if means_missing(text):
            return {}
        if self.yes_no is not None:
            side = _side(text, labels)
            return {} if side is None else {self.yes_no[side]: (1.0, 1.0)}
        bounds = interval(text)
        if self.ranges is not None and bounds is not None:
            inside = {code: _inside(bounds, own) for code, own in self.ranges.items()}
            return {code: (part, part) for code, part in inside.items() if part}
        if self.ranges is not None and (half := self._half(text)):
            return dict.fromkeys(half, (1.0, 1.0))
        found = {code: self.likeness(text, code) for code in self.wordings}
        return {code: pair for code, pair in found.items() if pair[1]}

    def _half(self, text: str) -> list[Hashable]:
        """Of classes of numbers the lower half for "small", the upper one for "large"; nothing for other words."""
        order = sorted(self.ranges or {}, key=lambda code: (self.ranges or {})[code])
        said = [size for size, pattern in _SIZES.items() if re.fullmatch(pattern, bare(text))]
        middle = len(order) // 2
        return [] if not said else order[: len(order) - middle] if said[0] == "small" else order[middle:]

    def meaning(self, text: str, labels: Sequence[str] = ()) -> list[Hashable]:
        """The codes that a label surely means: one, several that it does not tell apart, or none."""
        found = self.meant(text, labels)
        least = math.sqrt(_SAID * _OF_THE_BOOK)
        sure = {code: like for code, (part, like) in found.items() if part >= _SAID and like >= least}
        best = max(sure.values(), default=0.0)
        return [code for code, like in sure.items() if like >= 0.9 * best]

    def elsewhere(self, text: str, own: Hashable, labels: Sequence[str] = ()) -> list[Hashable]:
        """The codes that a label surely means when that is not the code at which it stands; else none."""
        exact = [code for code, texts in self.wordings.items() if bare(text) in map(bare, texts)]
        if exact:
            return [] if own in exact else exact
        found = self.meant(text, labels)
        part, like = found.get(own, (0.0, 0.0))
        others = self.meaning(text, labels)
        best = max((found[code][1] for code in others), default=0.0)
        if own in others or not others:
            return []
        if best >= _SAME and like <= _NOT_SAME:
            return others
        return others if like < _TWICE * best and (best >= _SURE or part < _PARTLY) else []

    def contradicted(self, text: str, own: Hashable) -> bool:
        """Does a label stand at another side of a scale than its code (neither, at the code of "agree")?"""
        said = [word for word in tokens(text) if word.startswith("~")]
        scales = [word for words in self.words.get(own, ()) for word in words if word.startswith("~")]
        if not said or not scales or any(_side_of(word) == _side_of(said[0]) for word in scales):
            return False
        return "~0" in (said[0], *scales) or any(word[:-2] == said[0][:-2] for word in scales)


def _side_of(word: str) -> str:
    """The side of a scale: against, neither, for."""
    return word[-2:-1]


def _sum(book: Book, words: Iterable[str]) -> float:
    """What words tell together."""
    weights = (book.weight(word) for word in sorted(words))
    return sum(_UNKNOWN_WORD if weight is None else weight for weight in weights)


def _contradict(one: frozenset[str], other: frozenset[str]) -> bool:
    """Does one label deny a word of the other, or stand at the other side of a scale?"""
    for said, by in ((one, other), (other, one)):
        for word in said:
            if word.startswith("!") and word not in by and any(alike(word[1:], each) for each in by):
                return True
    return False


def _side(text: str, labels: Sequence[str]) -> bool | None:
    """Yes or no, from the first word; of two labels from what one denies."""
    if times := _TIMES.match(bare(text)):
        return int(times[1]) > 0
    words = bare(text).replace("-", " ").split() or [""]
    words = words[1:] if words[0].isdigit() and len(words) > 1 else words
    first = _LETTERS.get(words[0], words[0])
    if first in (*_YES, *_NO):
        return first in _YES
    told = [label for label in labels if not means_missing(label)]
    denied = [label for label in told if _NOT & set(bare(label).split())]
    return text not in denied if len(told) == 2 and len(denied) == 1 else None


def _inside(bounds: tuple[float, float], own: tuple[float, float]) -> float:
    """Which part of a range lies inside another one; an open end counts as ten times its beginning."""
    low, high = bounds[0], min(bounds[1], 10 * max(bounds[0], 1.0))
    length = min(high, own[1]) - max(low, own[0])
    return max(0.0, (length + 1) / (high - low + 1)) if length >= 0 else 0.0


def block(name: str, told: Mapping[Any, str], book: Book) -> str:
    """Lines for a mapping file that give each code of a file our code, as far as its label tells; '' when none does."""
    labels = list(told.values())
    return lines_of(name, {code: (label, book.meaning(label, labels)) for code, label in told.items()})


def lines_of(name: str, meant: Mapping[Any, tuple[str, Sequence[Hashable]]]) -> str:
    """``[values.<name>]`` with a line for each code of the file; what is not sure is left to the user, as a comment."""
    lines, sure = [f"[values.{name}]"], False
    for code, (label, codes) in meant.items():
        key = str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)
        note = "" if key == label else label
        sure |= len(codes) == 1
        if len(codes) == 1:
            lines.append(f'"{key}" = "{codes[0]}"' + (f"  # {note}" if note else ""))
        elif not means_missing(label):
            which = " or ".join(map(str, codes)) if codes else "to be decided"
            lines.append(f'# "{key}" = "..."  # {note}{": " if note else ""}{which}')
    return (
        "\n".join(f"    {line}" for line in lines)
        if sure or (len(lines) > 1 and any(c for _, c in meant.values()))
        else ""
    )

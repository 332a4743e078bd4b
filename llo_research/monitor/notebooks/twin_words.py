"""What must be the same in two languages: numbers, places that are filled in, links, code, and which way things go."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from llo_research.monitor.notebooks.translate import with_names

_UP_EN = """
more most higher highest rise rises rose risen rising larger largest bigger biggest greater greatest widen widens
widened widening wider widest above over exceed exceeds exceeded increase increases increased increasing grow grows grew
grown growing growth longer longest older stronger strongest better best positive gain gains upwards upper
"""
_DOWN_EN = """
less least fewer fewest lower lowest fall falls fell fallen falling drop drops dropped smaller smallest narrow narrows
narrowed narrowing narrower below under decrease decreases decreased decreasing decline declines declined declining
shrink shrinks shrank shrunk shrinking shorter shortest younger weaker weakest worse worst negative downwards
"""
_UP_NL = """
meer meest meeste hoger hogere hoogst hoogste stijg stijgt stijgen steeg stegen gestegen stijging stijgend stijgende
groter grotere grootst grootste verwijdt verwijden verwijdde breder bredere boven toegenomen toename toenemen
groei groeit groeien groeide groeiden gegroeid langer langere langst langste ouder oudere ouderen sterker sterkere
sterkst sterkste beter betere best beste positief positieve vaker vaakst omhoog winst opgelopen oploopt
overschrijdt bovenkant
"""
_DOWN_NL = """
minder minst minste lager lagere laagst laagste daal daalt dalen daalde daalden gedaald daling dalend dalende kleiner
kleinere kleinst kleinste smaller smallere versmalt versmalde vernauwt nauwer nauwere afgenomen afname afnemen krimp
krimpt krimpen kromp krompen gekrompen korter kortere kortst kortste jonger jongere jongeren zwakker zwakkere zwakst
zwakste slechter slechtere slechtst slechtste negatief negatieve omlaag terugloopt teruggelopen onderkant
"""
_WAYS = {
    "en": {word: sign for words, sign in ((_UP_EN, 1), (_DOWN_EN, -1)) for word in words.split()},
    "nl": {word: sign for words, sign in ((_UP_NL, 1), (_DOWN_NL, -1)) for word in words.split()},
}
_PARTED = re.compile(r"\b(n[ae]+m[t]?|nemen|namen)\b[^.;:]*?\b(toe|af)\b")
_MOVED = re.compile(r"(?:^\s*|\b(?:go|goes|going|went|gone|moves?|moved|is|are) )(up|down)\b(?! to\b)")
_LESS_OFTEN = {
    "en": re.compile(r"\b(less|fewer)\s+(often|likely|frequent)"),
    "nl": re.compile(r"\bminder\s+(vaak|groot|hoog|sterk)"),
}
_COUNTS = {
    "en": ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"],
    "nl": ["twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf", "dertien"],
}
_SHARES = {  # the longest first: each is taken out before the next is looked for
    "en": {"three quarters?": "3/4", "two thirds?": "2/3", "hal(?:f|ves)": "1/2", "quarters?": "1/4", "thirds?": "1/3"},
    "nl": {
        "driekwart": "3/4",
        "twee ?derden?": "2/3",
        "helft|half|halve": "1/2",
        "kwart(?:en)?": "1/4",
        "derden?": "1/3",
    },
}
_SAME = {"OESO": "OECD", "VS": "US", "VK": "UK", "BI": "CI", "EBB": "LFS"}
_PLACE = re.compile(r"\{[^{}]*\}")
_LINK = re.compile(r"\]\(([^)\s]+)|(https?://[^\s)>\]]+)")
_SPAN = re.compile(r"`[^`\n]+`|\$[^$\n]+\$")
_DIPLOMA = re.compile(r"\bmbo[- ]?\d(?:-\d)?\b")  # a name, which the other language may not have
_NUMBER = re.compile(r"((?<![\w.,:;)])[-\u2212])?(\d+(?:[.,]\d+)*)")
_SENTENCES = re.compile(r"(?<=[.!?;:])\s+|\n\s*\n|\n(?=\s*(?:[-*>#]|\d+\.)\s)")


def differing(english: str, dutch: str, names: Mapping[str, str]) -> Iterator[str]:
    """What stands in one text and not in the other: numbers, places, links, spans of code, abbreviations."""
    for kind, pattern in (("places", _PLACE), ("links", _LINK), ("code", _SPAN)):
        found = [Counter(_head(with_names(at, names)) for at in _all(pattern, text)) for text in (english, dutch)]
        yield from _told(kind, *found)
    bare = [_SPAN.sub(" ", _PLACE.sub(" ", _LINK.sub("](", text))) for text in (english, dutch)]
    yield from _told("numbers", Counter(numbers(bare[0], "en")), Counter(numbers(bare[1], "nl")))
    counts = [Counter(_counts(text, language)) for text, language in zip(bare, ("en", "nl"), strict=True)]
    yield from _changed("numbers in words", *counts)
    yield from _changed("shares in words", *map(_shares, bare, ("en", "nl")))
    yield from _changed("abbreviations", *(Counter(set(_abbreviations(text))) for text in bare))


def _all(pattern: re.Pattern[str], text: str) -> list[str]:
    """All that a pattern finds, by its group where it has one."""
    return [next(filter(None, at.groups()), at[0]) if at.groups() else at[0] for at in pattern.finditer(text)]


def _head(place: str) -> str:
    """A place without the words that it may show."""
    return place.partition("|")[0].rstrip("}") if place.startswith("{") else place


def numbers(text: str, language: str) -> list[str]:
    """The numbers of a text in order, written alike: no sign between thousands, a point before decimals."""
    thousands, decimal = (",", ".") if language == "en" else (".", ",")
    grouped = re.compile(rf"\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d+)?")
    text = re.sub(r"(?<=\d)[\u00a0\u202f](?=\d{3}\b)", thousands, _DIPLOMA.sub(" ", text))
    told = []
    for at in _NUMBER.finditer(text):
        whole = at[2].replace(thousands, "") if grouped.fullmatch(at[2]) else at[2]
        told.append(("-" if at[1] else "") + (whole.replace(decimal, ".").lstrip("0") or "0"))
    return told


def _counts(text: str, language: str) -> Iterator[str]:
    """Small numbers that are written as words."""
    words = _COUNTS[language]
    return (str(words.index(word) + 2) for word in re.findall(r"\w+", text.lower()) if word in words)


def _shares(text: str, language: str) -> Counter[str]:
    """Shares that are written as words."""
    found: Counter[str] = Counter()
    for pattern, share in _SHARES[language].items():
        text, count = re.subn(rf"\b(?:{pattern})\b", " ", text, flags=re.I)
        found[share] += count
    return +found


def _abbreviations(text: str) -> Iterator[str]:
    """Abbreviations, such as names of surveys."""
    return (_SAME.get(word, word) for word in re.findall(r"\b[A-Z]{2,}\b", text))


def _told(kind: str, english: Counter[str], dutch: Counter[str]) -> Iterator[str]:
    """What is in one and not in the other."""
    lost, gained = list((english - dutch).elements()), list((dutch - english).elements())
    if lost or gained:
        said = [f"only in English {', '.join(lost)}"] if lost else []
        said += [f"only in Dutch {', '.join(gained)}"] if gained else []
        yield f"{kind} differ: {'; '.join(said)}"


def _changed(kind: str, english: Counter[str], dutch: Counter[str]) -> Iterator[str]:
    """As :func:`_told`, only where something came in the place of something else."""
    if english - dutch and dutch - english:
        yield from _told(kind, english, dutch)


def turned(english: str, dutch: str) -> Iterator[str]:
    """Where a text says the reverse: a word of direction is gone and one of the other direction has come."""
    for one, other in in_pairs(*map(without_places, (english, dutch))):
        if _is_turned(one, other):
            yield f"direction differs: {short(one)!r} beside {short(other)!r}"
    for ours, theirs in zip(readings(english), readings(dutch), strict=False):
        if len(set(theirs)) < len(theirs):
            yield f"readings are the same: {'|'.join(theirs)}"
        elif any(_is_turned(a, b) for a, b in zip(ours, theirs, strict=False)):
            yield f"readings are swapped: {'|'.join(ours)} beside {'|'.join(theirs)}"


def without_places(text: str) -> str:
    """A text without what results fill in."""
    return _PLACE.sub(" ", text)


def in_pairs(english: str, dutch: str) -> list[tuple[str, str]]:
    """The sentences of two texts beside each other; the whole texts where they have not equally many."""
    parts = [[part for part in _SENTENCES.split(text) if part.strip()] for text in (english, dutch)]
    return list(zip(*parts, strict=True)) if len(parts[0]) == len(parts[1]) else [(english, dutch)]


def readings(text: str) -> list[list[str]]:
    """The readings of each place that says a direction, by the name of the place."""
    found = [place.strip("{}").split("|") for place in _PLACE.findall(text) if "direction|" in place]
    return [readings[1:] for readings in sorted(found, key=lambda one: one[0])]


def ways(text: str, language: str, other: str = "") -> list[int]:
    """Which way the words of a text point, in order: 1 up, -1 down."""
    text = text.lower()
    text = _MOVED.sub(lambda at: "rises" if at[1] == "up" else "falls", text)
    if language == "nl":
        text = _PARTED.sub(lambda at: at[0].replace(at[2], "stijgt" if at[2] == "toe" else "daalt"), text)
        if re.search(r"\b(below|under)\b", other.lower()) or re.search(r"\b(above|over)\b", other.lower()):
            text = re.sub(r"\bonder\b", "lager", text)
    text = _LESS_OFTEN[language].sub("minder" if language == "nl" else "less", text)
    return [_WAYS[language][word] for word in re.findall(r"[^\W\d_]+", text) if word in _WAYS[language]]


def _is_turned(english: str, dutch: str) -> bool:
    """Whether one direction was lost and the other gained, or the order of the same words is another."""
    one, other = ways(english, "en"), ways(dutch, "nl", english)
    ups, downs = other.count(1) - one.count(1), other.count(-1) - one.count(-1)
    return ups * downs < 0 or (ups == downs == 0 and one != other)


def short(text: str) -> str:
    """The start of a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= 70 else text[:67] + "..."

"""Names of a twin that changed places: each fits the Dutch of the other better than its own.

What fits is learned from the words that the library has in both languages: how often two words stand beside each other
there, as the coefficient of Dice, L. R. (1945), Measures of the amount of ecologic association between species,
*Ecology* 26(3), 297-302.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations

from llo_research.monitor.notebooks.twin_labels import library_words

MARGIN = 0.3  # of a sum that runs to 4; the names of 13 twins stay below it, nine in ten of their swaps above
_COMPARED = {  # the clauses before and after
    language: re.compile(rf"([^.,:;{{}}]+?)\s(?:{words})\s([^.,:;{{}}]+)", re.I)
    for language, words in (("en", "compared\\swith"), ("nl", "vergeleken\\smet"))
}
STEM = 6  # letters by which a word is known, whatever its ending


def swapped(names: Mapping[str, str]) -> Iterator[str]:
    """Pairs of names whose Dutch fits better the other way round.

    Parameters
    ----------
    names : mapping
        Dutch by English.
    """
    fit = {(one, dutch): _fit(one, dutch) for one in names for dutch in names.values()}
    for (one, its), (other, others) in combinations(names.items(), 2):
        if fit[one, others] + fit[other, its] > fit[one, its] + fit[other, others] + MARGIN:
            yield f"{one!r} and {other!r} seem to have each other's Dutch: {its!r} and {others!r}"


def _fit(english: str, dutch: str) -> float:
    """How well two names go together, 0 to 2: the mean over the words of each of the best in the other."""
    one, other = _stems(english), _stems(dutch)
    if not one or not other:
        return 0.0
    best = [max(_dice(a, b) for b in other) for a in one], [max(_dice(a, b) for a in one) for b in other]
    return sum(best[0]) / len(one) + sum(best[1]) / len(other)


def _dice(english: str, dutch: str) -> float:
    """The association of two words in the library's own."""
    alone, both = _counts()
    if not both[english, dutch]:
        return float(english == dutch)
    return 2 * both[english, dutch] / (alone["en", english] + alone["nl", dutch])


@cache
def _counts() -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """How often words stand in the library's labels, by language, and beside each other."""
    alone: Counter[tuple[str, str]] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for english, every in library_words().items():
        for dutch in every:
            one, other = _stems(english), _stems(dutch)
            alone.update([("en", word) for word in one] + [("nl", word) for word in other])
            both.update((a, b) for a in one for b in other)
    return alone, both


def _stems(text: str) -> list[str]:
    """The words of a text, each once and without its ending."""
    return sorted({word[:STEM] for word in re.findall(r"[^\W\d_]{2,}", text.lower())})


def crossed(english: str, dutch: str) -> Iterator[str]:
    """Comparisons whose sides changed places: what stands before "compared with" fits what stands after it in Dutch."""
    told = _COMPARED["en"].findall(english), _COMPARED["nl"].findall(dutch)
    for one, other in zip(*told, strict=True) if len(told[0]) == len(told[1]) else ():
        straight, across = (_fit(one[0], other[k]) + _fit(one[1], other[1 - k]) for k in (0, 1))
        if across > straight + MARGIN:
            yield f"sides changed places: {' | '.join(one)!r} beside {' | '.join(other)!r}"

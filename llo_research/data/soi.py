"""Classes of the Dutch classification of education (SOI) by their names: low, middle or high, as CBS takes them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

from llo_research.data.wording import Book, bare

# In this order: lower secondary of havo and vwo, and mbo-1, are low. Source: CBS, Standaard Onderwijsindeling 2021.
_LEVELS = (
    ("low", r"onderbouw|basisonderwijs|praktijkonderwijs|vmbo|mavo|lbo|mbo ?-?1|mbo ?-?entree|entree ?opleiding"),
    ("middle", r"mbo ?-?[2-4]|mbo|havo|vwo|bovenbouw"),
    ("high", r"hbo|wo|universit\w*|doctor\w*|associate ?degree|bachelor|master"),
)
_COMPILED = tuple((level, re.compile(rf"\b(?:{words})\b")) for level, words in _LEVELS)
_SEVERAL = re.compile(r"\b(?:mbo ?-?1 ?(?:-|tot|t m) ?[2-4])\b")  # mbo-1 to 4: no one class


def level_of(label: str) -> str | None:
    """The class of three that a label of a kind of education belongs to."""
    plain = bare(label).replace("mbo1", "mbo 1")
    if _SEVERAL.search(plain):
        return None
    return next((level for level, words in _COMPILED if words.search(plain)), None)


class Levels(Book):
    """The three classes and all that they are called; a kind of education belongs to the class that CBS gives it."""

    def meant(self, text: str, labels: Sequence[str] = ()) -> dict[Hashable, tuple[float, float]]:
        """The class that a label means: "havo-, vwo-onderbouw" is low, though havo and vwo are not."""
        level = level_of(text)
        return {level: (1.0, 1.0)} if level in self.wordings else super().meant(text, labels)

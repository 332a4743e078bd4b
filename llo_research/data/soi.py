"""Classes of the Dutch classification of education (SOI) by their names: low, middle or high, as CBS takes them."""

from __future__ import annotations

import re

from llo_research.data.wording import bare

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

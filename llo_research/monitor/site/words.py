"""What the site says itself, in Dutch and English."""

from __future__ import annotations

SOURCE_WORDS = {
    "published": {
        "nl": ("Gepubliceerd", "gepubliceerde cijfers, elk met zijn bron"),
        "en": ("Published", "published figures, each with its source"),
    },
    "public": {
        "nl": ("Openbaar", "echte microdata die iedereen kan downloaden"),
        "en": ("Public", "real microdata that anyone may download"),
    },
    "synthetic": {
        "nl": ("Synthetisch", "gemaakte gegevens: het toont de methode, niet Nederland"),
        "en": ("Synthetic", "synthetic data: it shows method, not the Netherlands"),
    },
}

_WORDS = {
    "computed": {"nl": "berekend met", "en": "computed from"},
    "not_verified": {
        "nl": "**Hier niet nagerekend.** De getallen zijn die van een eerdere berekening: de gegevens zijn hier niet.",
        "en": "**Not verified in this build.** The numbers are the committed ones:",
    },
    "why": {"nl": "Waarom dit telt.", "en": "Why it matters."},
    "from_chapter": {"nl": "Uit het hoofdstuk", "en": "From the chapter"},
    "recomputed": {"nl": "nagerekend", "en": "recomputed"},
    "not_recomputed": {"nl": "niet nagerekend: getallen van eerder", "en": "not verified: committed numbers"},
}


def word(name: str, language: str) -> str:
    """A word or sentence of the site."""
    return _WORDS[name][language]


def source_words(source_class: str, language: str) -> tuple[str, str]:
    """What a chapter is computed from: the kind in a word, and what that is."""
    return SOURCE_WORDS[source_class][language]

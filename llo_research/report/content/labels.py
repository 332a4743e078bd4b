"""How anything is called in Dutch or English: by the words of the house, or by what the data call it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from llo_research.options import check_option
from llo_research.report.content.words import COMPONENTS, FLAGS, INTERVALS, WORDS

LANGUAGES = ("nl", "en")


def check_language(language: str) -> str:
    """A language that tables and figures speak."""
    check_option(language, "language", LANGUAGES)
    return language


_PERCENTILE = re.compile(r"q\d{1,2}(?:\.\d+)?")
_BLOCK = re.compile(r"(?:[-*+>]|#+|\d+\.)\s|\|")  # a list, a quotation, a heading or a table of Markdown


def word(key: str, language: str) -> str:
    """A house word; the key itself where there is none."""
    if key.startswith("quantile "):
        return quantile_text(float(key.removeprefix("quantile ")), language)
    words = WORDS if key in WORDS else COMPONENTS
    return said(words, key, language) if key in words else key


def flag_text(flag: str, language: str) -> str:
    """What a flag means; a flag without a text is shown as it is."""
    if flag.startswith("break "):
        after = ("na de methodebreuk van", "after the method break of")[LANGUAGES.index(language)]
        return f"{after} {flag.removeprefix('break ')}"
    return said(FLAGS, flag, language) if flag in FLAGS else flag


def quantile_text(probability: float, language: str) -> str:
    """A quantile by its name: ``mediaan``, ``25e percentiel``, ``12.5th percentile``."""
    if probability == 0.5:
        return word("median", language)
    rank = f"{100 * probability:.6g}"
    if language == "nl":
        return word("percentile", language).format(rank=rank.replace(".", ","))
    teen = rank[-2:] in ("11", "12", "13")
    ending = "th" if teen or "." in rank else {"1": "st", "2": "nd", "3": "rd"}.get(rank[-1], "th")
    return word("percentile", language).format(rank=f"{rank}{ending}")


def interval_text(method: str, language: str) -> str:
    """The name of an interval method."""
    return said(INTERVALS, method, language) if method in INTERVALS else method


def said(words: Mapping[str, tuple[str, str]], key: str, language: str) -> str:
    """A text from one of the tables of words."""
    return words[key][LANGUAGES.index(language)]


def spoken(text: Any, language: str) -> str:
    """Text that may be given in both languages as ``{"nl": ..., "en": ...}``; the other language before nothing."""
    if isinstance(text, Mapping):
        other = [text[name] for name in LANGUAGES if name in text]
        return str(text.get(language, other[0] if other else ""))
    return "" if text is None else str(text)


def variable_label(name: str, labels: Mapping[str, Any], language: str) -> str:
    """The label of a variable; its name where it has none."""
    entry = labels.get(name)
    if entry is None:
        return word(name, language) if name in ("year", "period", "base") else name
    return spoken(entry, language) or name


def short_label(name: str, labels: Mapping[str, Any], language: str) -> str:
    """The label of a variable for the head of a row: its short one where it has one."""
    entry = labels.get(name)
    short = entry.get("short") if isinstance(entry, Mapping) else None
    return spoken(short, language) or variable_label(name, labels, language)


def without_period(label: str, period: str) -> str:
    """A label beside the period that it ends with: ``Training, past two years`` with *past two years* is Training."""
    return label.removesuffix(f", {period}")


def value_label(name: str, value: Any, labels: Mapping[str, Any], language: str) -> str:
    """The label of a value of a variable; whole numbers without decimals; empty for a missing value."""
    if is_missing(value):
        return ""
    entry = labels.get(name)
    known = entry.get("values") if isinstance(entry, Mapping) else None
    text = plain(value)
    if isinstance(known, Mapping):
        for key, label in known.items():
            if key == value or plain(key) == text:
                return spoken(label, language) or text
    if name == "quantile" and isinstance(value, float | np.floating):
        return quantile_text(float(value), language)
    if name == "measure" and _PERCENTILE.fullmatch(text):
        return quantile_text(float(text[1:]) / 100, language)
    if name == "term" and text.startswith("step "):
        return f"{word('step', language)} {text.removeprefix('step ')}"
    return word(text, language) if name in ("component", "measure", "term") else text


def plain(value: Any) -> str:
    """A value as text, whole numbers without a decimal point."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def is_number(text: str) -> bool:
    """Whether a text is a number."""
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def is_missing(value: Any) -> bool:
    """Whether a cell holds nothing."""
    import pandas as pd

    return value is None or value is pd.NA or (isinstance(value, float | np.floating) and bool(np.isnan(value)))


def marked(text: str, language: str) -> str:
    """A text of synthetic data, with the word that says so before it; before a list or a table on a line of its own."""
    bare = unmarked(text, language).lstrip()
    apart = "\n\n" if _BLOCK.match(bare) else " "
    return f"{text[: len(text) - len(text.lstrip())]}{word('synthetic', language)}:{apart}{bare}"


def unmarked(text: str, language: str) -> str:
    """A text without that word, for where it is said in another way."""
    bare, mark = text.lstrip(), f"{word('synthetic', language)}:"
    return bare.removeprefix(mark).lstrip() if bare.startswith(mark) else text


def capital(text: str) -> str:
    """First letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """A label inside a sentence: small, but for abbreviations."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text

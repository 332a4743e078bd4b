"""The questions behind an indicator in the words of the codebook, and whether their wording was verified."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from llo_research.monitor.indicators import INSTRUMENTS

if TYPE_CHECKING:
    from llo_research.data.instrument import Instrument

_NAME = re.compile(r"[A-Za-z_]\w*")
_WORDS = {
    "nl": {
        "one": "Vraag ({survey}; {status})",
        "several": "Vragen ({survey}; {status})",
        "verified": "tekst nagegaan",
        "unverified": "tekst niet nagegaan, dit zijn onze woorden",
        "and": " en ",
    },
    "en": {
        "one": "Question ({survey}; {status})",
        "several": "Questions ({survey}; {status})",
        "verified": "Dutch wording verified",
        "unverified": "wording not verified, these words are ours",
        "and": " and ",
    },
}


def questions_note(formulas: Iterable[str], surveys: Iterable[str], language: str) -> str:
    """The questions whose answers formulas use, of each survey: in its own words where these are known (in Dutch).

    Questions of one status and with the same answers stand together; surveys that ask the same in one sentence.
    """
    texts = tuple(formulas)
    told: dict[str, list[str]] = {}
    for survey in surveys:
        if survey in INSTRUMENTS:
            for note in _of_survey(survey, texts, language):
                told.setdefault(note, []).append(survey.upper())
    words = _WORDS[language]
    return " ".join(note.replace("{survey}", words["and"].join(names)) for note, names in told.items())


@cache
def _of_survey(survey: str, formulas: tuple[str, ...], language: str) -> list[str]:
    """The sentences on one survey, whose name is left open."""
    from llo_research.data.codebook_frames import book_of
    from llo_research.data.instrument import instrument_of

    item, words = instrument_of(survey), _WORDS[language]
    book = book_of(item).set_index("variable")
    together: dict[tuple[str, str], list[str]] = {}
    for name in dict.fromkeys(one for text in formulas for one in _asked(_NAME.findall(text), item, set(book.index))):
        row = book.loc[name]
        verified = row["wording_status"] == "verified"
        status = words["verified" if verified else "unverified"] + (f": {row['source']}" if verified else "")
        said = f"“{row['question']}”" if language == "nl" and verified and row["question"] else row[f"label_{language}"]
        together.setdefault((status, str(row[f"codes_{language}"])), []).append(re.sub(r" \(code\)$", "", str(said)))
    notes = []
    for (status, codes), said in together.items():
        head = words["one" if len(said) == 1 else "several"].replace("{status}", status)
        notes.append(f"{head}: {'; '.join(said)}{f' ({codes})' if codes else ''}.")
    return notes


def _asked(names: Sequence[str], item: Instrument, known: set[str]) -> Iterable[str]:
    """The questions behind names: a harmonised variable stands for those in its rules."""
    for name in names:
        if name in item.harmonised and (
            behind := [one for one in _named(item.harmonised[name].get("rules", [])) if one != name]
        ):
            yield from _asked(behind, item, known)
        elif name in known:
            yield name


def _named(rules: Any) -> Iterable[str]:
    """All that rules name."""
    if isinstance(rules, str):
        yield rules
    elif isinstance(rules, Mapping):
        yield from (one for key, value in rules.items() for one in (key, *_named(value)))
    elif isinstance(rules, Sequence):
        yield from (one for value in rules for one in _named(value))

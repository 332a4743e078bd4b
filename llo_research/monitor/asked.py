"""What was asked, of whom, about which period and when: the questions behind a chapter as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError
from llo_research.monitor.listing import listing

if TYPE_CHECKING:
    from llo_research.report.sentences import Sentences

_HEADS = {
    "nl": ("Vraag", "Gevraagd aan", "Periode", "Jaren", "Formulering"),
    "en": ("Question", "Asked of", "Period", "Years", "Wording"),
}
_OF_NL = {
    "everyone": "iedereen",
    "followed training in the past two years": "wie in de afgelopen twee jaar een opleiding of cursus volgde",
    "has a supervisor": "wie een leidinggevende heeft",
    "without staff": "wie geen personeel heeft",
}
_HALVES = {"nl": ("", ", helft 1", ", helft 2"), "en": ("", ", half 1", ", half 2")}
_KNOWN = {"nl": ("niet nagegaan", "nagegaan"), "en": ("not verified", "verified")}
_NOW = {"nl": "nu", "en": "now"}


def asked(variables: Sequence[str], instrument: str = "nea", *, language: str = "nl") -> Sentences:
    """The questions behind a chapter: of whom, about which period, in which years, and whether the wording is known.

    Use it before two numbers are compared: question, people, period and method must agree.

    Parameters
    ----------
    variables : list of str
        Harmonised variables of ``llo.codebook(instrument)``.
    instrument : str
        One of ``llo.instruments()``.
    language : {"nl", "en"}

    Returns
    -------
    Sentences
        Text; in a notebook a table.

    Raises
    ------
    DataError
        A variable that the instrument does not have.

    Examples
    --------
    >>> import llo_research as llo
    >>> print(str(llo.monitor.asked(["training"], language="en")).splitlines()[-1])
    | Followed training or a course, past two years | everyone | past two years | 2007- | not verified |
    """
    import pandas as pd

    from llo_research.data.codebook_frames import codebook
    from llo_research.data.instrument import instrument_of

    heads = dict(zip(("question", "of", "period", "years", "wording"), _HEADS[language], strict=True))
    book, harmonised = codebook(instrument).set_index("variable"), instrument_of(instrument).harmonised
    absent = [name for name in variables if name not in harmonised]
    if absent:
        raise DataError(f"The {instrument} has no such harmonised variable.", where="variables", found=absent[0])
    rows = [_row(book.loc[name].to_dict(), harmonised[name], language) for name in variables]
    return listing(pd.DataFrame(rows), heads, language=language)


def _row(told: Mapping[Any, Any], entry: Mapping[str, Any], language: str) -> dict[str, str]:
    """A question in words."""
    period = entry.get("reference_period", {}).get(language, _NOW[language])
    of = told["universe"] if language == "en" else _OF_NL[told["universe"]]
    return {
        "question": told[f"label_{language}"],
        "of": of + _HALVES[language][told["half"]],
        "period": period,
        "years": told["years_asked"],
        "wording": _KNOWN[language][told["wording_status"] == "verified"],
    }

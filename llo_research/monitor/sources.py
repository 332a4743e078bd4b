"""The surveys behind the monitor as a table: who is asked, about which period, with which weight, and their breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llo_research.monitor.listing import listing

if TYPE_CHECKING:
    from llo_research.report.sentences import Sentences

_HEADS = {
    "nl": ("Onderzoek", "Populatie", "Periode", "Toegang", "Gewicht telt op tot", "Methodebreuken"),
    "en": ("Survey", "Population", "Period", "Access", "Weight adds up to", "Method breaks"),
}
_WORDS = {
    "restricted": {"nl": "beperkt", "en": "restricted"},
    "public": {"nl": "openbaar", "en": "public"},
    "expansion": {"nl": "de populatie", "en": "the population"},
    "proportional": {"nl": "de steekproef", "en": "the sample"},
}
_NONE = {"nl": "geen bekend", "en": "none known"}


def sources(instruments: Sequence[str], *, language: str = "nl") -> Sentences:
    """What the surveys of a chapter measure, in the words of their instrument files.

    Parameters
    ----------
    instruments : list of str
        Names of ``llo.instruments()``.
    language : {"nl", "en"}

    Returns
    -------
    Sentences
        Text; in a notebook a table.

    Raises
    ------
    DataError
        No such instrument.

    Examples
    --------
    >>> import llo_research as llo
    >>> print(str(llo.monitor.sources(["wea"], language="nl")).splitlines()[2].split(" | ")[3])
    beperkt
    """
    import pandas as pd

    from llo_research.report.content.labels import check_language

    check_language(language)
    names = ("survey", "population", "period", "access", "weight", "breaks")
    rows = [dict(zip(names, _row(name, language), strict=True)) for name in instruments]
    return listing(pd.DataFrame(rows), dict(zip(names, _HEADS[language], strict=True)), language=language)


def _row(name: str, language: str) -> tuple[str, ...]:
    """An instrument in words."""
    from llo_research.data.instrument import instrument_of

    item = instrument_of(name)
    about, design = item.about, item.design
    breaks = "; ".join(f"{one['time']}: {one['what'][language]}" for one in design.get("breaks", []))
    said = (about["title"][language], about["population"][language], about["reference_period"][language])
    return (
        *said,
        _WORDS[about["kind"]][language],
        _WORDS[design["weight_kind"]][language],
        breaks or _NONE[language],
    )

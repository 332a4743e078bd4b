"""What was published, series by series, in words that a reader looks things up by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llo_research.errors import DataError
from llo_research.monitor.listing import listing

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.report.sentences import Sentences

_HEADS = {
    "nl": ("Wat", "Onderzoek", "Over welke periode", "Wie", "Jaren", "Cijfers", "Methodebreuk", "Marge", "Naam"),
    "en": ("What", "Survey", "About which period", "Who", "Years", "Figures", "Method break", "Margin", "Name"),
}
WORDS = {
    "nl": {"none": "geen bekend", "yes": "gepubliceerd", "no": "niet gepubliceerd"},
    "en": {"none": "none known", "yes": "published", "no": "not published"},
}
_NAMES = ("what", "survey", "period", "who", "years", "figures", "breaks", "margin", "series")


def published_index(find: str | None = None, *, language: str = "nl") -> Sentences:
    """An index of the published figures: a row a series, to find the name that ``llo.published`` takes.

    Parameters
    ----------
    find : str, optional
        Only series with this in what they are of, in their survey, people, breakdown or name, in either language;
        capitals do not matter.
    language : {"nl", "en"}

    Returns
    -------
    Sentences
        Text; in a notebook a table. Series that were published with a margin of uncertainty say so; the others have
        none, and none is made up for them.

    Raises
    ------
    DataError
        Nothing is found.

    See Also
    --------
    llo_research.published : The figures themselves, with definition, source and what speaks against a comparison.

    Examples
    --------
    >>> import llo_research as llo
    >>> print(str(llo.monitor.published_index("SER25_train", language="en")).splitlines()[-1].split(" | ")[1:3])
    ['NEA', '2 years']
    """
    import pandas as pd

    from llo_research.data.published import published
    from llo_research.report.content.labels import check_language

    check_language(language)
    figures = published()
    rows = index_rows(figures, language=language)
    if find is not None:
        said = _searched(figures)
        rows = [row for row in rows if find.casefold() in said[str(row["series"])]]
    if not rows:
        raise DataError(
            "No published series has this in it.",
            where="find",
            found=repr(find),
            todo="llo.monitor.published_index() lists all",
        )
    return listing(pd.DataFrame(rows), dict(zip(_NAMES, _HEADS[language], strict=True)), language=language)


def index_rows(figures: pd.DataFrame, *, language: str) -> list[dict[str, str | int]]:
    """The series of published figures, each in words, by survey and then by what they are of."""
    words = figures.attrs.get("words", {})
    rows = [_row(str(name), own, words, language) for name, own in figures.groupby("series", sort=False)]
    return sorted(rows, key=lambda row: (str(row["survey"]), str(row["what"]).casefold(), str(row["series"])))


def _searched(figures: pd.DataFrame) -> dict[str, str]:
    """What each series is found by: its cells and the names of its categories, in both languages and as published."""
    words = figures.attrs.get("words", {})
    found = {name: set(own["category"].astype(str)) for name, own in figures.groupby("series")}
    texts = {
        name: [" ".join((text, *words.get(text, {}).values())) for text in sorted(own)] for name, own in found.items()
    }
    for language in _HEADS:
        for row in index_rows(figures, language=language):
            texts[str(row["series"])] += map(str, row.values())
    return {str(name): " ".join(own).casefold() for name, own in texts.items()}


def _row(name: str, own: pd.DataFrame, words: dict[str, dict[str, str]], language: str) -> dict[str, str | int]:
    """A series in words; what differs between its figures is told side by side."""

    def told(column: str) -> str:
        return "; ".join(dict.fromkeys(words.get(text, {}).get(language, text) for text in own[column].astype(str)))

    said, years = WORDS[language], [int(year) for year in own["year"].dropna()]
    span = f"{min(years)}-{max(years)}" if min(years) < max(years) else str(min(years))
    breaks = ", ".join(str(int(year)) for year in sorted(set(own["break_year"].dropna())))
    has_margin = bool({"conf_low", "conf_high"} & set(own["measure"]))
    cells = (told(f"label_{language}"), told("instrument"), told("reference_period"), told("population"), span)
    rest = (len(own), breaks or said["none"], said["yes" if has_margin else "no"], name)
    return dict(zip(_NAMES, (*cells, *rest), strict=True))

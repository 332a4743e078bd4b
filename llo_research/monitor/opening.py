"""The first lines of every chapter: edition, library version, data source, and a checksum of the data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llo_research import __version__
from llo_research.errors import DataError
from llo_research.monitor.absent import Held
from llo_research.monitor.chapters import LANGUAGES, SOURCE_CLASSES
from llo_research.monitor.editions import edition_of
from llo_research.options import check_option

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.survey import Survey

_CLASSES_NL = {
    "published": "gepubliceerde cijfers, elk met zijn bron",
    "public": "echte microdata die iedereen kan downloaden",
    "synthetic": "synthetische gegevens: dit toont de methode, niet Nederland",
}
_WITHOUT = {"nl": "Geen bestanden van {}: weggelaten", "en": "No files of {}: left out"}
_SHOWN = 16  # hexadecimal digits of a checksum: enough to tell two files apart, short enough to compare by eye


@dataclass(frozen=True, repr=False)
class Opening:
    """What a chapter is made from; shows itself in a notebook."""

    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_markdown_(self) -> str:
        return "\n".join(f"- {line}" for line in self.lines)


def opening(
    data: Survey | Mapping[str, Survey] | pd.DataFrame,
    *,
    edition: str,
    columns: Sequence[str] | None = None,
    language: str = "nl",
) -> Opening:
    """The edition, library version, data source and checksum that a chapter starts with.

    Parameters
    ----------
    data : Survey, mapping of str to Survey, or DataFrame
        The survey that the chapter is computed from, several of them (as :func:`surveys` gives), or what
        ``llo.published()`` gives.
    edition : str
        One of :func:`editions`.
    columns : list of str, optional
        The columns that the chapter uses. Microdata come in several files with the same values (a file of the producer,
        an extract of it), so the checksum of a survey is that of these values, not of a file. Of several surveys each
        has those that it has.
    language : {"nl", "en"}

    Returns
    -------
    Opening
        Lines of text; in a notebook a list.

    Raises
    ------
    DataError
        When the edition does not exist, a column is not there, or no columns are named for a survey.
    """
    import pandas as pd

    edition_of(edition)
    check_option(language, "language", LANGUAGES)
    if isinstance(data, pd.DataFrame):
        source, checksum = {str(k): v for k, v in data.attrs.items()}, hashlib.sha256()
        for name in sorted(source["files"]):
            checksum.update(f"{name} {source['files'][name]}\n".encode())
        told = [(source, len(data), checksum.hexdigest())]
    elif isinstance(data, Mapping):
        told = [_told(svy, [name for name in columns or () if name in svy.frame]) for svy in data.values()]
    else:
        told = [_told(data, columns or ())]
    absent = ", ".join(name.upper() for name in data.absent) if isinstance(data, Held) else ""
    without = (_WITHOUT[language].format(absent),) if absent else ()
    return Opening((*_lines(told, edition, language), *without))


def _told(svy: Survey, columns: Sequence[str]) -> tuple[dict[str, Any], int, str]:
    """What a survey comes from, its rows, and the checksum of these columns."""
    return svy.source, len(svy), checksum_of_values(svy.frame, columns)


def checksum_of_values(frame: pd.DataFrame, columns: Sequence[str]) -> str:
    """SHA-256 of these columns as text: the same for every file, and every type of column, with the same values."""
    absent = [name for name in columns if name not in frame]
    if absent or not columns:
        raise DataError(
            "A checksum of values needs the columns that are used.", where="columns", found=absent or "no columns"
        )
    checksum = hashlib.sha256()
    for name in columns:
        checksum.update("\n".join([name, *_texts(frame[name]), ""]).encode())
    return checksum.hexdigest()


def _texts(column: pd.Series) -> Iterator[str]:
    """The values of a column as text; each distinct value is written once, as most columns have few."""
    import pandas as pd

    codes, values = pd.factorize(column.astype(object))
    texts = [*map(_text, values), ""]  # the last one, -1, is that of what is missing
    return (texts[code] for code in codes)


def _text(value: Any) -> str:
    """A value as text: ten significant digits, nothing where it is missing."""
    import pandas as pd

    if pd.isna(value):
        return ""
    try:
        return f"{float(value):.10g}"
    except (TypeError, ValueError):
        return str(value)


def _lines(told: list[tuple[dict[str, Any], int, str]], edition: str, language: str) -> list[str]:
    """The lines, in a language."""
    if language == "nl":
        heads = ("Editie van de monitor", "Bibliotheek", "Gegevens", "rijen", "Controlegetal (SHA-256)")
    else:
        heads = ("Edition of the monitor", "Library", "Data", "rows", "Checksum (SHA-256)")
    lines = [f"{heads[0]}: {edition}", f"{heads[1]}: llo_research {__version__}"]
    for source, rows, digest in told:
        about, parts = _about(source, language)
        count = f"{rows:,}" if language == "en" else f"{rows:,}".replace(",", ".")
        what = ", ".join([*parts, f"{count} {heads[3]}"])
        lines += [f"{heads[2]}: {about}; {what}", f"{heads[4]}: {digest[:_SHOWN]}"]
    return lines


def _about(source: dict[str, Any], language: str) -> tuple[str, list[str]]:
    """What data are computed from, and their title, edition and country."""
    kind = "synthetic" if source.get("synthetic") else str(source.get("kind"))
    about = (_CLASSES_NL if language == "nl" else SOURCE_CLASSES).get(kind, kind)
    title = source.get("title", {})
    name = title.get(language, "") if isinstance(title, dict) else str(title)
    return about, [part for part in (name, *_samples(source, language)) if part]


def _samples(source: dict[str, Any], language: str) -> list[str]:
    """Edition and country; of several surveys those of each edition together."""
    places: dict[str, list[str]] = {}
    for part in (source.get("surveys") or {"": source}).values():
        wave = part.get("edition")
        wave = wave.get(language, "") if isinstance(wave, dict) else wave
        places.setdefault(wave or "", []).append(str(part.get("country") or "").upper())
    return [text for wave, found in places.items() for text in (wave, " ".join(found))]

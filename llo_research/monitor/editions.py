"""The editions of the monitor: a TOML file each, read with checks; what they share is taken from another edition."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from llo_research.errors import DataError
from llo_research.monitor import edition_files
from llo_research.monitor.declared import read_toml
from llo_research.monitor.edition_files import AVAILABLE, edition_of_table
from llo_research.monitor.entries import Edition, Entry
from llo_research.monitor.published_rows import check_published
from llo_research.options import check_option

if TYPE_CHECKING:
    import pandas as pd

_TALLY = {
    "nl": "{figures} figuren: {seen} gezien, {reconstructed} gereconstrueerd; "
    "{rebuilt} herbouwd, {published_only} alleen gepubliceerd, {not_available} niet beschikbaar",
    "en": "{figures} figures: {seen} seen, {reconstructed} reconstructed; "
    "{rebuilt} rebuilt, {published_only} published only, {not_available} not available",
}


_OWN: dict[str, Edition] = {}
_FILES: dict[str, Path] = {}  # of one's own editions, by id


def read_edition(path: str | Path) -> Edition:
    """Read an edition from a file of one's own; it is known by its id for this session.

    Use it to try an edition before its file is put among those of the monitor. On the command line it is the file:
    ``llo monitor --edition path/to/2026.toml``.

    Parameters
    ----------
    path : str or Path
        A TOML file as those in ``llo_research/monitor/editions``.

    Returns
    -------
    Edition

    Raises
    ------
    DataError
        What is wrong, and in which table: a key that does not exist, a figure that stands twice, an indicator that is
        not known, a published figure that does not exist, an id that an edition of the monitor has.
    """
    made = edition_of_table(read_toml(Path(path)), Path(path).name)
    if made.id in _monitors():
        raise DataError(
            f"{made.id!r} is an edition of the monitor.", where=Path(path).name, todo="Give yours another id."
        )
    check_published(made.figures.values(), Path(path).name)
    _OWN[made.id], _FILES[made.id] = made, Path(path).resolve()
    return made


def file_of(edition: str) -> Path | None:
    """The file that an edition of one's own was read from; None of an edition of the monitor."""
    return _FILES.get(edition) if edition in _OWN else None


def edition_of(name: str) -> Edition:
    """The edition of this id.

    Raises
    ------
    DataError
        When there is none.
    """
    known = {**_monitors(), **_OWN}
    check_option(name, "edition", tuple(known))
    return known[name]


def editions() -> pd.DataFrame:
    """The editions of the monitor that its chapters can be rebuilt for.

    Returns
    -------
    DataFrame
        ``edition``, ``appeared`` and ``data`` (in English), ``figures`` and how many of them are ``seen``,
        ``reconstructed``, ``rebuilt``, ``published_only`` and ``not_available``.

    Examples
    --------
    >>> from llo_research.monitor import editions
    >>> list(editions()["edition"])
    ['2022-1', '2022-2', '2023', '2025']
    """
    import pandas as pd

    rows = [
        {
            "edition": one.id,
            "appeared": one.appeared["en"],
            "data": one.data["en"],
            **counts(entries_of(one)),
        }
        for one in {**_monitors(), **_OWN}.values()
    ]
    return pd.DataFrame(rows)


def counts(entries: tuple[Entry, ...]) -> dict[str, int]:
    """How many figures there are: in all, by whether they were seen, by whether they can be rebuilt."""
    seen = sum(entry.seen for entry in entries)
    made = {word.replace(" ", "_"): sum(entry.available == word for entry in entries) for word in AVAILABLE}
    return {"figures": len(entries), "seen": seen, "reconstructed": len(entries) - seen, **made}


def entries_of(edition: Edition, chapter: str | None = None) -> tuple[Entry, ...]:
    """The figures of an edition, or of one of its chapters."""
    if chapter is None:
        return tuple(edition.figures.values())
    check_option(chapter, "chapter", tuple(edition.chapters), todo="llo.monitor.chapters(edition) has them")
    return tuple(edition.figures[number] for number in edition.chapters[chapter])


def tally(edition: str = "2023", language: str = "nl", chapter: str | None = None) -> str:
    """How many figures of an edition were seen, are reconstructed, and are not there: a line for a page.

    Parameters
    ----------
    edition : str
        One of :func:`editions`.
    language : {"nl", "en"}
    chapter : str, optional
        A chapter of the edition, such as ``"03_urgency"``: of its figures alone.

    Returns
    -------
    str

    Raises
    ------
    DataError
        No such edition, language or chapter.

    Examples
    --------
    >>> import llo_research as llo
    >>> llo.monitor.tally("2023", "en")
    '21 figures: 8 seen, 13 reconstructed; 20 rebuilt, 0 published only, 1 not available'
    """
    check_option(language, "language", tuple(_TALLY))
    return _TALLY[language].format(**counts(entries_of(edition_of(edition), chapter)))


@cache
def _monitors() -> dict[str, Edition]:
    """The editions of the monitor, in the order of their ids; a file for each."""
    found = {
        path.stem: edition_of_table(read_toml(path), path.name) for path in sorted(edition_files.FOLDER.glob("*.toml"))
    }
    for stem, edition in found.items():
        if stem != edition.id:
            raise DataError("The id of an edition is the name of its file.", where=f"{stem}.toml", found=edition.id)
    return found

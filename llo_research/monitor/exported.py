"""What left a secure environment, read back: the results of folders that ``llo export`` wrote, and the site of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from llo_research.errors import DataError
from llo_research.monitor.chapters import LANGUAGES
from llo_research.monitor.site.exported_pages import WRITTEN, pages
from llo_research.monitor.site.lay import lay_alone
from llo_research.monitor.site.site import build_pages
from llo_research.options import check_option
from llo_research.report.disclosure.export import read_export
from llo_research.results.result import Result


def build_exported(root: Path, folders: Sequence[Path], *, language: str | None = None, address: str = "") -> Path:
    """Build a site of exported results only: no data, no computation of new ones, no network.

    Each result has a page with its finding, figure and table, how it was computed, and what was withheld under which
    profile; the first page lists them.

    Parameters
    ----------
    root : Path
        Folder of the project: its ``docs`` hold the style.
    folders : sequence of Path
        Folders that :func:`llo_research.report.export` wrote.
    language : {"nl", "en"}, optional
        Default: both.
    address : str
        As :func:`llo_research.monitor.build.build_monitor`.

    Returns
    -------
    Path
        ``index.html`` of the site, in ``build/exported``.

    Raises
    ------
    DataError
        A folder without results, or with one that was not exported.
    LloError
        When the site cannot be built.

    Examples
    --------
    >>> from pathlib import Path
    >>> build_exported(Path("."), [Path("release_1")])    # doctest: +SKIP
    """
    if language is not None:
        check_option(language, "language", LANGUAGES)
    languages = LANGUAGES if language is None else (language,)
    root = root.resolve()
    found = read_exports(folders)
    folder = root / "build" / "exported"

    def lay(name: str, sources: Path) -> None:
        lay_alone(root, name, pages(root, found, name), sources, WRITTEN)

    for line in build_pages(root, languages, lay, folder / "site-source", folder / "site", address=address):
        print(f"    {line}")
    return folder / "site" / "index.html"


def read_exports(folders: Sequence[Path]) -> dict[str, Result]:
    """The results of the folders by name; one of a name that another folder has is numbered.

    Raises
    ------
    DataError
        A folder without results, or with one that was not exported.
    """
    found: dict[str, Result] = {}
    for folder in folders:
        for name, result in read_export(folder).items():
            if "exported" not in result.meta:
                raise DataError(
                    "The folder holds a result that was not exported.",
                    where=str(folder),
                    found=f"{name}.json",
                    expected="what llo export wrote",
                    todo="llo export, or llo.report.export: it leaves out what may not leave",
                )
            found[_free(name, found)] = result
    return found


def _free(name: str, taken: Mapping[str, Result]) -> str:
    """A name that no other has."""
    number, made = 1, name
    while made in taken:
        number += 1
        made = f"{name}_{number}"
    return made

"""What left a secure environment, read back: the results of folders that ``llo export`` wrote, and the site of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from llo_research.errors import DataError
from llo_research.monitor.chapters import LANGUAGES
from llo_research.monitor.site.exported_pages import WRITTEN, pages
from llo_research.monitor.site.lay import lay_alone
from llo_research.monitor.site.site import build_pages
from llo_research.options import check_option
from llo_research.results.result import Result
from llo_research.results.saved import read_result

_CONTROL = "control"


@dataclass(frozen=True)
class Exported:
    """A result that left, and the name of its file; two files of one name are numbered."""

    name: str
    result: Result


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
        A folder that is no export, or holds the documents that stay inside.
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
        made = pages(root, {one.name: one.result for one in found}, name, languages)
        lay_alone(root, name, made, sources, WRITTEN)

    for line in build_pages(root, languages, lay, folder / "site-source", folder / "site", address=address):
        print(f"    {line}")
    return folder / "site" / "index.html"


def read_exports(folders: Sequence[Path]) -> list[Exported]:
    """The results of the folders, in the order of their names.

    Raises
    ------
    DataError
        A folder that is no export, or holds the documents that stay inside.
    """
    found: list[Exported] = []
    for folder in folders:
        files = sorted(folder.glob("*.json")) if folder.is_dir() else []
        refuse = partial(_refused, folder)
        if not files:
            raise refuse(
                "holds no results", f"{len(list(folder.iterdir()))} other files" if folder.is_dir() else "none"
            )
        if (folder / _CONTROL).exists():
            raise refuse("holds the documents for the officer, which stay inside", _CONTROL)
        for file in files:
            result = read_result(file)
            if "exported" not in result.meta:
                raise refuse("holds a result that was not exported", file.name)
            found.append(Exported(_free(file.stem, [one.name for one in found]), result))
    return found


def _refused(folder: Path, what: str, found: str) -> DataError:
    """The error of a folder that is not what leaves."""
    return DataError(
        f"The folder {what}.",
        where=str(folder),
        found=found,
        expected="what llo export wrote, without the folder control",
        todo="llo export writes one: what leaves stands in it, what stays inside in its folder control",
    )


def _free(name: str, taken: Sequence[str]) -> str:
    """A name that no other has."""
    number, made = 1, name
    while made in taken:
        number += 1
        made = f"{name}_{number}"
    return made

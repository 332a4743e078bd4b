"""What a notebook says of itself: its source class, and the files without which it cannot be verified."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.chapters import SOURCE_CLASSES
from llo_research.options import nearest


@dataclass(frozen=True)
class About:
    """A notebook's own account.

    needs_one_of : files below a data folder, any one of which will do; empty when it needs none.
    obtain : the sentence that says how to get one.
    edition, language : those of the committed outputs.
    also_needs : further files, each a group like `needs_one_of`; a chapter on thirteen countries needs thirteen files.
    """

    path: Path
    source_class: str
    needs_one_of: tuple[str, ...]
    obtain: str
    edition: str
    language: str
    also_needs: tuple[tuple[str, ...], ...] = ()

    @property
    def name(self) -> str:
        """The notebook's name, without its suffix."""
        return self.path.stem


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook as JSON.

    Raises
    ------
    DataError
        When there is no such file, or it is no notebook.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        names = sorted(other.stem for other in path.parent.glob("*.ipynb"))
        begins = [name for name in names if name.startswith((path.stem.zfill(2), path.stem))]
        meant = f"; did you mean {' or '.join(map(repr, begins))}?" if begins else nearest(path.stem, names)
        raise DataError(
            f"There is no notebook {path.stem}.",
            where=path.parent.name,
            found=f"{path.stem!r}{meant}",
            expected=", ".join(names) or "no notebooks",
        ) from None
    except ValueError as error:
        raise DataError(f"{path.name} is not a notebook.", where=path.parent.name, found=str(error)) from error
    if not isinstance(notebook, dict) or "cells" not in notebook:
        raise DataError(f"{path.name} is not a notebook.", where=path.parent.name, found="no cells")
    return notebook


def about(path: Path) -> About:
    """Read a notebook's account of itself.

    Raises
    ------
    DataError
        When it declares no source class, or needs files without saying how to get them.
    """
    said = read_notebook(path).get("metadata", {}).get("llo", {})
    source_class = said.get("source_class")
    if source_class not in SOURCE_CLASSES:
        raise DataError(
            f"{path.name} does not say what it is computed from.",
            where="its metadata, llo.source_class",
            found=repr(source_class),
            expected=", ".join(SOURCE_CLASSES),
        )
    needs, obtain = tuple(said.get("needs_one_of", ())), said.get("obtain", "")
    if needs and not obtain:
        raise DataError(
            f"{path.name} needs files and does not say how to get them.", where="its metadata, llo.obtain", found=needs
        )
    if source_class == "public" and not needs:
        raise DataError(
            f"{path.name} is computed from public microdata and does not name the file.",
            where="its metadata, llo.needs_one_of",
            expected="file names below a data folder, such as piaac/prgnldp1.csv",
        )
    edition, language = str(said.get("edition", "")), str(said.get("language", ""))
    also = tuple(tuple(group) for group in said.get("also_needs", ()))
    return About(path, source_class, needs, obtain, edition, language, also)


def notebooks(root: Path) -> list[Path]:
    """All notebooks of the project, in order."""
    return sorted([*root.glob("notebooks/*.ipynb"), *root.glob("docs/tutorials/**/*.ipynb")])


def data_folders(root: Path) -> list[Path]:
    """Folders where microdata may lie, in the order in which they are looked in."""
    named = os.environ.get("LLO_DATA")
    return [*([Path(named).expanduser()] if named else []), root / "data_raw"]


def data_file(item: About, root: Path) -> Path | None:
    """The file that a notebook will read first, or None when none of those it needs is there."""
    return _first(item.needs_one_of, root)


def data_files(item: About, root: Path) -> list[Path]:
    """All files that are there of those a notebook will read."""
    files = (_first(group, root) for group in (item.needs_one_of, *item.also_needs))
    return [file for file in files if file is not None]


def reason_not_verifiable(item: About, root: Path) -> str | None:
    """Why a notebook cannot be verified here, with the sentence how to get the data; None when it can."""
    for group in (item.needs_one_of, *item.also_needs):
        if group and _first(group, root) is None:
            return f"none of {', '.join(group)} is in $LLO_DATA or data_raw. {item.obtain}"
    return None


def _first(names: tuple[str, ...], root: Path) -> Path | None:
    """The first of these files that is in a data folder."""
    files = (folder / name for folder in data_folders(root) for name in names)
    return next((file for file in files if file.is_file()), None)


def verifiable(root: Path) -> tuple[list[Path], dict[Path, str]]:
    """Which notebooks can be verified on this computer, and which cannot.

    Parameters
    ----------
    root : Path
        Folder of the project.

    Returns
    -------
    (list of Path, dict of Path to str)
        Notebooks that can be executed here; and for the others the reason, with how to get the data.
    """
    reasons = {path: reason_not_verifiable(about(path), root) for path in notebooks(root)}
    absent = {path: reason for path, reason in reasons.items() if reason is not None}
    return [path for path in reasons if path not in absent], absent

"""Which chapter is meant: its notebook by name, or by the number that its name begins with."""

from __future__ import annotations

from pathlib import Path

from llo_research.errors import DataError
from llo_research.monitor.chapters import CHAPTERS
from llo_research.monitor.notebooks.about import notebooks
from llo_research.options import nearest


def which_chapter(name: str, root: Path) -> str:
    """The name of the notebook that is meant by ``2``, ``02``, ``05m`` or ``02_learning_behaviour.ipynb``.

    Parameters
    ----------
    name : str
        Number or name of a chapter, or the path of its notebook.
    root : Path
        Folder of the project.

    Returns
    -------
    str
        The stem of a notebook in ``notebooks``.

    Raises
    ------
    DataError
        When there is none, with the nearest; or when several have the number.
    """
    wanted = Path(name).name.removesuffix(".ipynb")
    stems = sorted({chapter.name for chapter in CHAPTERS} | {path.stem for path in notebooks(root)})
    if wanted in stems:
        return wanted
    meant = [stem for stem in stems if _number(stem) == _number(wanted)] if _is_number(wanted) else []
    if len(meant) == 1:
        return meant[0]
    raise DataError(
        f"There is no chapter {name!r}." if not meant else f"Several chapters are number {name!r}.",
        where="notebooks",
        found=f"{name!r}{nearest(wanted, stems, 'there')}",
        expected=", ".join(stems),
        todo="Give a name or its number, as in: llo chapter 2",
    )


def _is_number(word: str) -> bool:
    """Whether a word is a chapter's number alone."""
    return word[:1].isdigit() and "_" not in word


def _number(stem: str) -> str:
    """What stands before the first underscore, without leading zeros."""
    return stem.partition("_")[0].lstrip("0")

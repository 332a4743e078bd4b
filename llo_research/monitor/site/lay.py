"""Lays the sources of one language together: written pages, Dutch ones over them, and those that are made."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from llo_research.monitor.chapters import LANGUAGES
from llo_research.monitor.site.registry import Frame, Pages, generated

WRITTEN_IN = "en"
_NOT_SOURCES = {".pyc"}
_HIDDEN = {"__pycache__", ".ipynb_checkpoints"}
_PAGES = {".md", ".ipynb"}
_IN_ENGLISH = "reference/api"  # docstrings
ONLY = "_generated/only.json"
_STYLE = ("conf.py", "_static", "_templates", "_extensions", "locale")


def source_files(docs: Path) -> Iterable[Path]:
    """Files of the pages; leftovers of Python and notebooks' checkpoints are none."""
    for path in sorted(docs.rglob("*")):
        if path.is_file() and path.suffix not in _NOT_SOURCES and not _HIDDEN & set(path.parts):
            yield path


def lay(frame: Frame, sources: Path) -> None:
    """Write the sources of the site in one language.

    A page ``docs/nl/how_to/cite.md`` stands, in Dutch, where ``docs/how_to/cite.md`` stands in English. A page that
    was not translated stands there in English, and the list of those goes along.

    Parameters
    ----------
    frame : Frame
        What the pages are made for.
    sources : Path
        Folder for them; what it holds is removed.
    """
    shutil.rmtree(sources, ignore_errors=True)
    made = generated(frame)
    other = {name: WRITTEN_IN for name in _copy(frame.root / "docs", sources, frame.language) if name not in made}
    other |= {name: WRITTEN_IN for name in made if name.startswith(_IN_ENGLISH)}
    other |= {f"{one.page}.ipynb": one.language for one in frame.rendered if one.language}
    only = {name.rpartition(".")[0]: language for name, language in other.items() if language != frame.language}
    _write(sources, {**made, ONLY: json.dumps(only, sort_keys=True)})


def lay_alone(root: Path, language: str, made: Pages, sources: Path, written: Iterable[str] = ()) -> None:
    """Write the sources of a site of pages that are made, in the style of the whole one.

    Parameters
    ----------
    root : Path
        Folder of the project.
    language : {"nl", "en"}
    made : Pages
        The pages, and what they refer to.
    sources : Path
        Folder for them; what it holds is removed.
    written : iterable of str
        Pages of ``docs`` that go along.
    """
    shutil.rmtree(sources, ignore_errors=True)
    docs = root / "docs"
    for path in source_files(docs):
        name = path.relative_to(docs)
        if name.parts[0] in _STYLE:
            _put(path, sources / name)
    for page in written:
        own = docs / language / page
        _put(own if own.is_file() else docs / page, sources / page)
    _write(sources, made)


def _copy(docs: Path, sources: Path, language: str) -> list[str]:
    """Copy what is written; give the pages that are not in this language."""
    other = []
    translated = docs / language
    for path in source_files(docs):
        name = path.relative_to(docs)
        if name.parts[0] in LANGUAGES or (path.suffix in _PAGES and set(name.parts[:-1]) & set(LANGUAGES)):
            continue  # laid over, or the twin of a notebook
        own = translated / name
        if path.suffix in _PAGES and not own.is_file():
            other.append(name.as_posix())
        _put(own if own.is_file() else path, sources / name)
    for path in source_files(translated) if language != WRITTEN_IN else ():
        _put(path, sources / path.relative_to(translated))
    return other


def _put(path: Path, target: Path) -> None:
    """Copy one file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def _write(sources: Path, made: Pages) -> None:
    """Write the pages that are made."""
    for name, content in made.items():
        target = sources / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))

"""The site: sources laid together in one folder, and Sphinx run over them. Needs no network, then or later."""

from __future__ import annotations

import html
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llo_research
from llo_research.errors import LloError
from llo_research.monitor.chapters import LANGUAGE, SOURCE_CLASSES, chapter_of
from llo_research.monitor.notebooks.about import About
from llo_research.monitor.notebooks.normalise import to_text
from llo_research.monitor.notebooks.runner import SURROUNDINGS
from llo_research.monitor.site.api_pages import pages
from llo_research.monitor.site.front_page import findings, write_findings

_NOT_SOURCES = {".pyc"}


@dataclass(frozen=True)
class Rendered:
    """A notebook as the site shows it.

    not_verified : why its outputs are the committed ones and not recomputed here; empty when they were recomputed.
    """

    about: About
    notebook: dict[str, Any]
    not_verified: str


def title_of(rendered: Rendered) -> str:
    """The heading of a notebook, or else the title of its chapter."""
    for cell in rendered.notebook["cells"]:
        if cell["cell_type"] == "markdown":
            for line in "".join(cell["source"]).splitlines():
                if line.startswith("# "):
                    return line.removeprefix("# ").strip()
    chapter = chapter_of(rendered.about.name)
    return chapter.title_en if chapter else rendered.about.name


def build_site(root: Path, rendered: Mapping[str, list[Rendered]], sources: Path, site: Path) -> list[str]:
    """Lay the sources together and build the site.

    Parameters
    ----------
    root : Path
        Folder of the project; its ``docs`` are the pages.
    rendered : mapping of str to list of Rendered
        The chapters, in order, by language; those in English are shown where there are any.
    sources, site : Path
        Folders for the sources and for the site; what they hold besides is removed.

    Returns
    -------
    list of str
        Warnings of Sphinx.

    Raises
    ------
    LloError
        When Sphinx is not installed or fails.
    """
    absent = [name for name in ("sphinx", "myst_nb", "pydata_sphinx_theme", "latex2mathml") if not _installed(name)]
    if absent:
        raise LloError(
            "The site cannot be built: packages are not installed.",
            found=f"absent: {', '.join(absent)}",
            todo="Install the extra 'docs' of this package, or let run.py set up the environment.",
        )
    shutil.rmtree(sources, ignore_errors=True)
    _lay(root / "docs", sources, _generated(rendered.get(LANGUAGE) or next(iter(rendered.values()), []), sources))
    return _sphinx(root, sources, site)


def _installed(name: str) -> bool:
    """Whether a package can be imported."""
    return importlib.util.find_spec(name) is not None


def _generated(rendered: list[Rendered], sources: Path) -> dict[str, str]:
    """Pages that are made and not written: chapters, their list, the front page's findings, the API reference."""
    titles = {one.about.name: title_of(one) for one in rendered}
    collected = [finding for one in rendered for finding in findings(one.notebook, one.about)]
    return {
        **{f"notebooks/{one.about.name}.ipynb": to_text(with_banner(one)) for one in rendered},
        "chapters.md": _chapter_list(rendered, titles),
        "_generated/findings.md": write_findings(collected, titles, sources),
        **pages(),
    }


def with_banner(one: Rendered) -> dict[str, Any]:
    """The notebook with a line under its title: what it is computed from, and whether that was done here."""
    cells = [_with_alt(cell) for cell in one.notebook["cells"]]
    if not cells or cells[0]["cell_type"] != "markdown" or not "".join(cells[0]["source"]).startswith("# "):
        title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": [f"# {title_of(one)}\n"]}
        cells.insert(0, title)
    first, _, rest = "".join(cells[0]["source"]).partition("\n")
    text = f"{first}\n\n{_banner(one)}\n{rest}"
    cells[0] = {**cells[0], "source": text.splitlines(keepends=True)}
    return {**one.notebook, "cells": cells}


def _with_alt(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell whose pictures carry, on the page, the alternative text that they have in the notebook."""
    texts = [
        str(about["alt"])
        for output in cell.get("outputs", [])
        for about in output.get("metadata", {}).values()
        if isinstance(about, dict) and about.get("alt")
    ]
    alt = " ".join(texts) or cell.get("metadata", {}).get("alt")
    return {**cell, "metadata": {**cell["metadata"], "mystnb": {"image": {"alt": alt}}}} if alt else dict(cell)


def _banner(one: Rendered) -> str:
    """The line under a chapter's title."""
    kind = one.about.source_class
    lines = [f"::::{{container}} llo-banner {kind}", f"**{kind.capitalize()}**: computed from {SOURCE_CLASSES[kind]}."]
    if one.not_verified:
        lines += ["", f"**Not verified in this build.** The numbers are the committed ones: {one.not_verified}"]
    return "\n".join([*lines, "::::", ""])


def _chapter_list(rendered: list[Rendered], titles: dict[str, str]) -> str:
    """The page that lists the chapters."""
    rows = [
        "# Chapters",
        "",
        "Each chapter is a notebook that was executed from top to bottom; the tests compare every",
    ]
    rows += ["output with what is shown here.", "", "| chapter | hoofdstuk | computed from | in this build |"]
    rows += ["|---|---|---|---|"]
    for one in rendered:
        chapter = chapter_of(one.about.name)
        dutch = f'<span lang="nl">{html.escape(chapter.title_nl)}</span>' if chapter else ""
        state = "**not verified**: committed numbers" if one.not_verified else "recomputed"
        link = f"[{titles[one.about.name]}](notebooks/{one.about.name}.ipynb)"
        rows.append(f"| {link} | {dutch} | {SOURCE_CLASSES[one.about.source_class]} | {state} |")
    rows += ["", "```{toctree}", ":hidden:", ""]
    return "\n".join([*rows, *(f"notebooks/{one.about.name}" for one in rendered), "```", ""])


def _lay(docs: Path, sources: Path, generated: dict[str, str]) -> None:
    """Copy the pages and write the generated ones."""
    for path in source_files(docs):
        target = sources / path.relative_to(docs)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for name, text in generated.items():
        target = sources / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)


def source_files(docs: Path) -> Iterable[Path]:
    """Files of the pages; leftovers of Python and notebooks' checkpoints are none."""
    hidden = {"__pycache__", ".ipynb_checkpoints"}
    for path in sorted(docs.rglob("*")):
        if path.is_file() and path.suffix not in _NOT_SOURCES and not hidden & set(path.parts):
            yield path


def _sphinx(root: Path, sources: Path, site: Path) -> list[str]:
    """Run Sphinx in a process of its own; give its warnings."""
    trees = sources.with_name(f"{sources.name}-read")
    shutil.rmtree(site, ignore_errors=True)
    shutil.rmtree(trees, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-d", str(trees), str(sources), str(site)]
    package = str(Path(llo_research.__file__).resolve().parents[1])
    env = {**dict(os.environ, **SURROUNDINGS), "MPLBACKEND": "Agg"}
    env["PYTHONPATH"] = os.pathsep.join([package, *filter(None, [env.get("PYTHONPATH")])])
    answer = subprocess.run(command, cwd=root, env=env, capture_output=True, encoding="utf-8", errors="replace")
    said = [line for line in answer.stderr.splitlines() if line.strip()]
    if answer.returncode or not (site / "index.html").is_file():
        raise LloError("Sphinx could not build the site.", where="docs", found="\n    ".join(said[-15:]))
    for leftover in (site / "_sources", site.with_name("jupyter_execute"), trees):
        shutil.rmtree(leftover, ignore_errors=True)
    for leftover in (site / ".buildinfo", site / "_static" / "webpack-macros.html"):
        leftover.unlink(missing_ok=True)
    return [line.replace(f"{sources}{os.sep}", "").replace(str(sources), "docs") for line in said]

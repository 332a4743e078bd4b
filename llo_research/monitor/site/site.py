"""The site: sources laid together for each language, and Sphinx run over them. Needs no network, then or later."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import llo_research
from llo_research.errors import DataError, LloError
from llo_research.monitor.chapters import LANGUAGES
from llo_research.monitor.notebooks.runner import SURROUNDINGS
from llo_research.monitor.site.lay import lay, source_files
from llo_research.monitor.site.registry import Frame
from llo_research.monitor.site.rendered import Rendered, title_of, with_banner
from llo_research.progress import Steps

__all__ = ["Rendered", "build_site", "source_files", "title_of", "whole_address", "with_banner"]

_NEEDED = ("sphinx", "myst_nb", "pydata_sphinx_theme", "latex2mathml")


def build_site(
    root: Path, rendered: Mapping[str, Sequence[Rendered]], sources: Path, site: Path, *, address: str = ""
) -> list[str]:
    """Lay the sources together and build the site, each language beside the other.

    Dutch stands at the root and English, on the same paths, below ``en/``; a single language stands at the root.

    Parameters
    ----------
    root : Path
        Folder of the project; its ``docs`` are the pages.
    rendered : mapping of str to list of Rendered
        The chapters, in order, by language.
    sources, site : Path
        Folders for the sources and for the site; what they hold besides is removed.
    address : str
        Where the site will stand (``https://example.org/monitor/``). Pages, and pictures that go along with a link to
        them, are named by their whole address; without one that is left out.

    Returns
    -------
    list of str
        Warnings of Sphinx.

    Raises
    ------
    DataError
        When the address is none.
    LloError
        When Sphinx is not installed or fails.
    """
    languages = tuple(name for name in LANGUAGES if name in rendered)
    chapters = _complete({name: rendered[name] for name in languages})

    def pages(name: str, laid: Path) -> None:
        lay(Frame(root, name, languages, chapters[name]), laid)

    return build_pages(root, languages, pages, sources, site, address=address)


def build_pages(
    root: Path,
    languages: Sequence[str],
    pages: Callable[[str, Path], None],
    sources: Path,
    site: Path,
    *,
    address: str = "",
) -> list[str]:
    """Build a site of pages that somebody lays: those of one language, in a folder for them.

    Parameters
    ----------
    root, sources, site, address
        As :func:`build_site`.
    languages : sequence of str
        The first stands at the root.
    pages : callable
        Lays the sources of a language in a folder.
    """
    address = whole_address(address)
    absent = [name for name in _NEEDED if not _installed(name)]
    if absent:
        raise LloError(
            "The site cannot be built: packages are not installed.",
            found=f"absent: {', '.join(absent)}",
            todo="Install the extra 'docs' of this package, or let run.py set up the environment.",
        )
    for folder in (sources, site):
        shutil.rmtree(folder, ignore_errors=True)
    runs, said, steps = [], [], Steps("site", 2 * len(languages))
    for name in languages:
        laid = sources / name
        with steps.step(f"pages ({name})"):
            pages(name, laid)
        below = "" if name == languages[0] else f"{name}/"
        runs.append(_Sphinx(root, name, languages, laid, site / below, address and address + below))
    for run in runs:
        with steps.step(f"HTML ({run.language})"):
            said += run.said()
    return said


def whole_address(address: str) -> str:
    """The address of a site with a slash at its end, or nothing; a :class:`DataError` when it is no such address."""
    if address and not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[^\s?#\"<>]*)?", address):
        raise DataError(
            "This is not the address of a site.",
            where="address",
            found=address,
            expected="https://, a host and a folder, without ? or #",
            todo="llo monitor --address https://example.org/monitor/",
        )
    return f"{address.rstrip('/')}/" if address else ""


def _complete(rendered: Mapping[str, Sequence[Rendered]]) -> dict[str, tuple[Rendered, ...]]:
    """The chapters by language; one that is absent in a language stands there in another, and says which."""
    longest = max(rendered.values(), key=len, default=())
    found = {language: {one.about.name: one for one in chapters} for language, chapters in rendered.items()}
    names = list(dict.fromkeys([one.about.name for one in longest] + [name for own in found.values() for name in own]))
    other = {name: (language, own[name]) for language, own in found.items() for name in own}

    def of(language: str, name: str) -> Rendered:
        written, one = other[name]
        return found[language].get(name) or replace(one, language=written)

    return {language: tuple(of(language, name) for name in names) for language in rendered}


def _installed(name: str) -> bool:
    """Whether a package can be imported."""
    return importlib.util.find_spec(name) is not None


class _Sphinx:
    """A run of Sphinx in a process of its own; the next may begin before it ends."""

    def __init__(
        self, root: Path, language: str, languages: Sequence[str], sources: Path, site: Path, address: str
    ) -> None:
        self.language, self.sources, self.site = language, sources, site
        self.trees = sources.with_name(f"{sources.name}-read")
        options = ["-D", f"language={language}", "-D", f"llo_languages={','.join(languages)}"]
        options += ["-D", f"html_baseurl={address}"] if address else []
        command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-d", str(self.trees), *options]
        package = str(Path(llo_research.__file__).resolve().parents[1])
        env = {**dict(os.environ, **SURROUNDINGS), "MPLBACKEND": "Agg"}
        env["PYTHONPATH"] = os.pathsep.join([package, *filter(None, [env.get("PYTHONPATH")])])
        self.log = sources.with_name(f"{sources.name}.log").open("w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            [*command, str(sources), str(site)], cwd=root, env=env, stdout=subprocess.DEVNULL, stderr=self.log
        )

    def said(self) -> list[str]:
        """Wait for the end, clear up, and give the warnings."""
        failed = self.process.wait()
        with self.log as log:
            log.seek(0)
            said = [line for line in log.read().splitlines() if line.strip()]
        if failed or not (self.site / "index.html").is_file():
            raise LloError(
                f"Sphinx could not build the site ({self.language}).", where="docs", found="\n    ".join(said[-15:])
            )
        for leftover in (self.site / "_sources", self.site.with_name("jupyter_execute"), self.trees):
            shutil.rmtree(leftover, ignore_errors=True)
        for name in (".buildinfo", "_static/webpack-macros.html"):
            (self.site / name).unlink(missing_ok=True)
        here = str(self.sources)
        return [f"{self.language}: " + line.replace(f"{here}{os.sep}", "").replace(here, "docs") for line in said]

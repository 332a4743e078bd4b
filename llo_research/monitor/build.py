"""Data to notebooks to site: what ``run.py monitor`` and ``llo chapter`` do. Nothing is done twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from llo_research.errors import DataError
from llo_research.monitor.chapters import EDITION, LANGUAGE, LANGUAGES, SOURCE, chapter_of, check_choices, sources_of
from llo_research.monitor.notebooks.about import About, about, data_file, data_files, notebooks
from llo_research.monitor.notebooks.execute import execute, inputs, save
from llo_research.monitor.notebooks.made_from import stale
from llo_research.monitor.notebooks.stamps import (
    BUILT_BY,
    Stamps,
    digest,
    digest_of_file,
    digest_of_files,
    digest_of_package,
    versions,
)
from llo_research.monitor.notebooks.withheld import cells_withheld, figures_here
from llo_research.monitor.place import Place, folder_of_site
from llo_research.monitor.rendering import render
from llo_research.monitor.site.site import Rendered, build_site, source_files, whole_address
from llo_research.monitor.surveys import years_of_files

FETCH_SECONDS = 5.0


def build_monitor(
    root: Path,
    *,
    edition: str = EDITION,
    language: str | None = None,
    source: str | None = None,
    offline: bool = False,
    address: str = "",
) -> Path:
    """Fetch what is open, execute the notebooks whose data are there in both languages, and build the site.

    A notebook is executed again only when it, its data, the library or the packages it runs on changed; the site
    likewise. Notebooks in ``notebooks/`` are left as they are: the executed copies go below ``build``.

    Parameters
    ----------
    root : Path
        Folder of the project.
    edition : str
        As ``llo_research.monitor.editions()``.
    source : {"real"}, optional
        Default: each chapter has its own source, and those that show method are on synthetic data. ``real``: the same,
        but these read the restricted files of whoever holds them, and say in its place what the files cannot show. All
        of it then goes below ``build/restricted``, with cells of fewer than 200 people withheld.
    language : {"nl", "en"}, optional
        Default: both, in one site below ``build`` or ``build/<edition>``. A site of one language goes to
        ``build/<edition>/<language>/real``.
    offline : bool
        Fetch nothing.
    address : str
        Where the site will stand (``https://example.org/monitor/``). Pages then give their own address and that of the
        picture that goes along with a link to them.

    Returns
    -------
    Path
        ``index.html`` of the site.

    Raises
    ------
    DataError
        When an option has no such value, the address is none, a notebook does not say what it is computed from, or real
        files are asked for and there are none of the edition's years.
    LloError
        When a notebook stops, or the site cannot be built.

    Examples
    --------
    >>> from pathlib import Path
    >>> from llo_research.monitor.build import build_monitor
    >>> build_monitor(Path("."), edition="2023", language="en", source="real", offline=True)    # doctest: +SKIP
    """
    languages = LANGUAGES if language is None else (language,)
    for name in languages:
        check_choices(edition, name, source)
    root, address = root.resolve(), whole_address(address)
    items = [about(path) for path in notebooks(root)]
    if not offline:
        _fetch(items, root)
    real = source == SOURCE
    if real:
        _tell_files(edition)
    rendered = render(items, [Place(root, edition, name, real=real) for name in languages])
    index = _site(rendered, root, folder_of_site(root, edition, language, real), address)
    for one in rendered.get(LANGUAGE, []):
        if one.not_verified:
            print(f"NOT VERIFIED: {one.about.name}. The site shows the committed numbers: {one.not_verified}")
    for line in stale(root):
        print(f"OUT OF DATE as committed: {line}")
    return index


def build_chapter(
    root: Path,
    name: str,
    *,
    edition: str = EDITION,
    language: str = LANGUAGE,
    source: str | None = None,
    offline: bool = False,
) -> Path:
    """Execute one chapter from the top, whether anything changed or not, and save it.

    The default edition and language and the chapter's own source are saved in place, as the notebook that is committed;
    another edition or language goes below ``build/<edition>/<language>``; Dutch is made with the twin of the notebook,
    ``nl/NAME.md`` beside it. A chapter on synthetic data that is told to
    read the real, restricted files goes below ``build/restricted``.

    Parameters
    ----------
    root : Path
        Folder of the project.
    name : str
        Name of the notebook, with or without ``.ipynb``.
    edition, offline
        As :func:`build_monitor`.
    language : {"en", "nl"}
    source : {"real", "synthetic"}, optional
        Default: the chapter's own. What the chapter cannot be computed from is refused.

    Returns
    -------
    Path
        The executed notebook.

    Raises
    ------
    DataError
        When there is no such notebook, its data are absent, with how to get them, or its Dutch twin does not fit it.
    LloError
        When a cell raises; the message names the cell.
    """
    stem = Path(name).name.removesuffix(".ipynb")
    own = sources_of(stem)[0]
    check_choices(edition, language, source or own, chapter=stem)
    root = root.resolve()
    place = Place(root, edition, language, real=(source or own) != own, alone=source or own)
    path = next((one for one in notebooks(root) if one.stem == stem), root / "notebooks" / f"{stem}.ipynb")
    item = about(path)
    if not offline:
        _fetch([item], root)
    parameters = place.parameters(stem)
    executed = execute(path, root, parameters, place.receipts(stem))
    if not_shown := cells_withheld(executed, language):
        what = "these files" if place.real else f"edition {edition}" if figures_here() else "this bundle"
        print(f"{stem}: cells that {what} cannot show: {not_shown}; each says why in its place")
    target = path if place.is_default else place.notebook(stem)
    save(executed, target)
    if place.is_default:
        save(executed, place.notebook(stem))
        place.stamps().record(stem, inputs(path, root, parameters))
    return target


def _tell_files(edition: str) -> None:
    """Say which years of which surveys there are real files of."""
    for name, years in years_of_files(edition).items():
        print(f"{name}: real files of {', '.join(map(str, sorted(years)))}")


def _fetch(items: Sequence[About], root: Path) -> None:
    """Get the open files of chapters where they are absent, each once; without internet, say so and go on."""
    from llo_research.data.fetch import fetch_piaac

    absent: dict[tuple[str, str, int], list[str]] = {}
    for item in items:
        chapter = chapter_of(item.name)
        if chapter is not None and chapter.fetch and item.needs_one_of and data_file(item, root) is None:
            absent.setdefault(chapter.fetch, []).append(item.name)
    for (instrument, country, cycle), names in absent.items():
        which = f"{instrument}, {country}, cycle {cycle}"
        print(f"{', '.join(names)}: fetching an open data file ({which}); --offline keeps from it")
        try:
            fetch_piaac(country, cycle, folder=root / "data_raw" / instrument, timeout=FETCH_SECONDS)
        except DataError as error:
            print(f"    not fetched, going on without it. {error.what} ({error.found})")


def _site(rendered: dict[str, list[Rendered]], root: Path, folder: Path, address: str) -> Path:
    """Build the site unless nothing in it changed; give its front page."""
    docs, site = root / "docs", folder / "site"
    shown = {
        language: [[one.about.name, one.notebook, one.not_verified] for one in chapters]
        for language, chapters in rendered.items()
    }
    read = {path for chapters in rendered.values() for one in chapters for path in data_files(one.about, root)}
    made_from = {
        "pages": digest_of_files(docs, source_files(docs)),
        "the citation": digest_of_file(root / "CITATION.cff"),
        "the data": digest(*map(digest_of_file, sorted(read))),
        "chapters": digest(json.dumps(shown, sort_keys=True)),
        "the library": digest_of_package(),
        "the address": address,
        "versions": versions(BUILT_BY),
    }
    stamps, index = Stamps(folder / "stamps.json"), site / "index.html"
    changed = stamps.changed("site", made_from) or ([] if index.is_file() else ["it is gone"])
    if not changed:
        print("site: up to date")
        return index
    print(f"site: building ({', '.join(changed)})", flush=True)
    stamps.forget("site")
    for line in build_site(root, rendered, folder / "site-source", site, address=address):
        print(f"    {line}")
    stamps.record("site", made_from)
    return index

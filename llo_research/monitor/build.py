"""Data to notebooks to site: what ``run.py monitor`` and ``llo chapter`` do. Nothing is done twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from llo_research.errors import DataError
from llo_research.monitor.chapters import EDITION, LANGUAGE, SOURCE, chapter_of, check_choices, sources_of
from llo_research.monitor.notebooks.about import (
    About,
    about,
    data_file,
    notebooks,
    read_notebook,
    reason_not_verifiable,
)
from llo_research.monitor.notebooks.execute import differences, execute, inputs, save
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.monitor.notebooks.stamps import BUILT_BY, Stamps, digest, digest_of_files, digest_of_package, versions
from llo_research.monitor.site.site import Rendered, build_site, source_files

FETCH_SECONDS = 5.0


@dataclass(frozen=True)
class Place:
    """Where one combination of edition, language and source is built, below ``build`` of the project.

    real : whether a chapter on synthetic data reads the real, restricted files; else each chapter has its own source.
    """

    root: Path
    edition: str
    language: str
    real: bool = False

    @property
    def is_default(self) -> bool:
        """Whether it is the combination whose notebooks are committed."""
        return (self.edition, self.language, self.real) == (EDITION, LANGUAGE, False)

    @property
    def folder(self) -> Path:
        """``build``, ``build/<edition>/<language>/real``, or that below ``build/restricted``."""
        build = self.root / "build"
        if self.is_default:
            return build
        return (build / "restricted" if self.real else build) / self.edition / self.language / SOURCE

    def parameters(self, name: str) -> dict[str, str]:
        """What a notebook is told."""
        source = SOURCE if self.real else sources_of(name)[0]
        return {"edition": self.edition, "language": self.language, "source": source}

    def notebook(self, name: str) -> Path:
        """Where the executed copy of a notebook goes."""
        return self.folder / "notebooks" / f"{name}.ipynb"

    def stamps(self) -> Stamps:
        """What was made here, and from what."""
        return Stamps(self.folder / "stamps.json")


def build_monitor(
    root: Path, *, edition: str = EDITION, language: str = LANGUAGE, source: str = SOURCE, offline: bool = False
) -> Path:
    """Fetch what is open, execute the notebooks whose data are there, and build the site.

    A notebook is executed again only when it, its data, the library or the packages it runs on changed; the site
    likewise. Notebooks in ``notebooks/`` are left as they are: the executed copies go below ``build``.

    Parameters
    ----------
    root : Path
        Folder of the project.
    edition, language, source : str
        As ``llo_research.monitor.editions()``; ``nl`` or ``en``; ``real``, in which each chapter has its own source:
        chapters that show method are on synthetic data. What is not built yet is refused.
    offline : bool
        Fetch nothing.

    Returns
    -------
    Path
        ``index.html`` of the site.

    Raises
    ------
    DataError
        When an option has no such value, or a notebook does not say what it is computed from.
    LloError
        When a notebook stops, or the site cannot be built.

    Examples
    --------
    >>> from pathlib import Path
    >>> from llo_research.monitor.build import build_monitor
    >>> build_monitor(Path("."), edition="2023", language="en", source="real", offline=True)    # doctest: +SKIP
    """
    check_choices(edition, language, source)
    root = root.resolve()
    place = Place(root, edition, language)
    items = [about(path) for path in notebooks(root)]
    if not offline:
        for item in items:
            _fetch(item, root)
    rendered = [_render(item, place) for item in items]
    index = _site(rendered, place)
    for one in rendered:
        if one.not_verified:
            print(f"NOT VERIFIED: {one.about.name}. The site shows the committed numbers: {one.not_verified}")
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
    another edition or language goes below ``build/<edition>/<language>``. A chapter on synthetic data that is told to
    read the real, restricted files goes below ``build/restricted``.

    Parameters
    ----------
    root : Path
        Folder of the project.
    name : str
        Name of the notebook, with or without ``.ipynb``.
    edition, language, offline
        As :func:`build_monitor`.
    source : {"real", "synthetic"}, optional
        Default: the chapter's own. What the chapter cannot be computed from is refused.

    Returns
    -------
    Path
        The executed notebook.

    Raises
    ------
    DataError
        When there is no such notebook, or its data are absent; the message says how to get them.
    LloError
        When a cell raises; the message names the cell.
    """
    stem = Path(name).name.removesuffix(".ipynb")
    own = sources_of(stem)[0]
    check_choices(edition, language, source or own, chapter=stem)
    root = root.resolve()
    place = Place(root, edition, language, real=(source or own) != own)
    path = next((one for one in notebooks(root) if one.stem == stem), root / "notebooks" / f"{stem}.ipynb")
    item = about(path)
    if not offline:
        _fetch(item, root)
    parameters = place.parameters(stem)
    executed = execute(path, root, parameters)
    target = path if place.is_default else place.notebook(stem)
    save(executed, target)
    if place.is_default:
        save(executed, place.notebook(stem))
        place.stamps().record(stem, inputs(path, root, parameters))
    return target


def _fetch(item: About, root: Path) -> None:
    """Get the open file of a chapter when it is absent; without internet, say so and go on."""
    chapter = chapter_of(item.name)
    if not item.needs_one_of or data_file(item, root) is not None or chapter is None or chapter.fetch is None:
        return
    from llo_research.data.fetch import fetch_piaac

    instrument, country, cycle = chapter.fetch
    print(f"{item.name}: fetching its open data file ({instrument}, {country}, cycle {cycle}); --offline keeps from it")
    try:
        fetch_piaac(country, cycle, folder=root / "data_raw" / instrument, timeout=FETCH_SECONDS)
    except DataError as error:
        print(f"    not fetched, going on without it. {error.what} ({error.found})")


def _render(item: About, place: Place) -> Rendered:
    """A notebook with outputs: recomputed, as recomputed before, or, without its data, as committed."""
    reason = reason_not_verifiable(item, place.root)
    if reason is not None:
        return Rendered(item, normalised(read_notebook(item.path)), reason)
    stamps, target = place.stamps(), place.notebook(item.name)
    parameters = place.parameters(item.name)
    made_from = inputs(item.path, place.root, parameters)
    changed = stamps.changed(item.name, made_from) or ([] if _is_whole(target) else ["its copy is gone"])
    if not changed:
        print(f"{item.name}: up to date")
        return Rendered(item, read_notebook(target), "")
    print(f"{item.name}: executing ({', '.join(changed)})", flush=True)
    stamps.forget(item.name)
    executed = execute(item.path, place.root, parameters)
    save(executed, target)
    stamps.record(item.name, made_from)
    differs = differences(executed, normalised(read_notebook(item.path))) if place.is_default else []
    if differs:
        cells = ", ".join(map(str, differs))
        print(
            f"    its outputs differ from the committed ones in code cell {cells}; 'llo chapter {item.name}' saves them"
        )
    return Rendered(item, executed, "")


def _is_whole(path: Path) -> bool:
    """Whether an executed copy is there and can be read."""
    try:
        return bool(read_notebook(path)["cells"])
    except DataError:
        return False


def _site(rendered: list[Rendered], place: Place) -> Path:
    """Build the site unless nothing in it changed; give its front page."""
    docs, site = place.root / "docs", place.folder / "site"
    shown = [[one.about.name, one.notebook, one.not_verified] for one in rendered]
    made_from = {
        "pages": digest_of_files(docs, source_files(docs)),
        "chapters": digest(json.dumps(shown, sort_keys=True)),
        "the library": digest_of_package(),
        "versions": versions(BUILT_BY),
    }
    stamps, index = place.stamps(), site / "index.html"
    changed = stamps.changed("site", made_from) or ([] if index.is_file() else ["it is gone"])
    if not changed:
        print("site: up to date")
        return index
    print(f"site: building ({', '.join(changed)})", flush=True)
    stamps.forget("site")
    for line in build_site(place.root, rendered, place.folder / "site-source", site):
        print(f"    {line}")
    stamps.record("site", made_from)
    return index

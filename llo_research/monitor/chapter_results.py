"""The results behind what a chapter shows, by names that a file may have: what ``llo export --chapter`` exports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from llo_research.data.places import project_root
from llo_research.errors import DataError
from llo_research.monitor.chapters import EDITION, LANGUAGE, check_choices, reads_restricted, sources_of
from llo_research.monitor.notebooks.about import notebooks
from llo_research.monitor.notebooks.execute import to_run
from llo_research.monitor.notebooks.withheld import figures_here
from llo_research.monitor.place import Place
from llo_research.monitor.verify.gather import gather
from llo_research.monitor.which_chapter import which_chapter
from llo_research.results.result import Result

LONGEST = 60  # a name, so that a path of Windows holds it
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_MEANS = ("mean", "share")  # what a name says nothing of
_SAME = 1e-9  # the same people, added up in another order
_SCALES = ("odds", "ratio", "log_odds", "relative")


def results(
    name: str, *, edition: str = EDITION, language: str = LANGUAGE, source: str | None = None
) -> dict[str, Result]:
    """The results behind a chapter of the monitor: what its figures, tables and sentences show.

    The code of the chapter is run here, in the project's folder. Use it to export a chapter together with results of
    your own: what leaves together is checked together. Outside, ``llo monitor --exported`` makes pages of them.

    Parameters
    ----------
    name : str
        Number or name of a chapter: ``"02"``.
    edition : str
        One of :func:`editions`.
    language : {"en", "nl"}
        Of labels that the chapter gives.
    source : {"real", "synthetic"}, optional
        Default: the chapter's own. On real files, what these cannot show is passed over.

    Returns
    -------
    dict of str to Result
        By names of small letters, digits and ``_`` that begin with the number of the chapter. A result that is shown
        twice stands there once; some rows, or a contrast of rows, of one that is there are left out.

    Raises
    ------
    DataError
        When this is no project, there is no such chapter, or its data are absent.

    See Also
    --------
    llo_research.report.export : What of them may leave a secure environment.

    Examples
    --------
    >>> import llo_research as llo
    >>> found = llo.monitor.results("02", source="real")    # doctest: +SKIP
    >>> llo.report.export(found, "release_1")    # doctest: +SKIP
    """
    root = project_root()
    if root is None:
        raise DataError(
            "This is not inside a project: there is no folder data_raw here or above.",
            where=str(Path.cwd()),
            todo="Run it in the project's folder: a clone of the repository, or its archive unpacked.",
        )
    return chapter_results(root, which_chapter(name, root), edition=edition, language=language, source=source)


def chapter_results(
    root: Path,
    name: str,
    *,
    edition: str = EDITION,
    language: str = LANGUAGE,
    source: str | None = None,
) -> dict[str, Result]:
    """As :func:`results`, of a project and the name of a notebook in it.

    Results have their scores, so that it is known who stands behind each row.

    Examples
    --------
    >>> from pathlib import Path
    >>> list(chapter_results(Path("."), "02_learning_behaviour"))[:2]    # doctest: +SKIP
    ['02_training_by_survey_year', '02_training_by_sector_year']
    """
    first = sources_of(name)[0]
    check_choices(edition, language, source or first, chapter=name)
    root = root.resolve()
    path = next((one for one in notebooks(root) if one.stem == name), root / "notebooks" / f"{name}.ipynb")
    place = Place(root, edition, language, real=(source or first) != first, alone=source or first)
    told = place.parameters(name)
    own = reads_restricted(name, told["source"])
    heard = gather(to_run(path, root, told), path.parent, goes_on=own or not figures_here(), whole=not own)
    return named(name.partition("_")[0], (result for one in heard.shown for result in one.results.values()))


def named(chapter: str, results: Iterable[Result]) -> dict[str, Result]:
    """Results by their names, each once, without contrasts and parts of one that is among them."""
    once: dict[tuple[Any, ...], Result] = {}
    for result in results:
        key = repr(_cells(result)), result.labels, result.estimate.tobytes(), result.covariance.tobytes()
        known = once.setdefault(key, result)
        if known.rows.shape[1] < result.rows.shape[1]:  # a figure of one year does not repeat the year in its rows
            once[key] = result
    several = list(once.values())
    whole = {repr(_cells(result)) for result in several if "contrast" not in result.meta}
    found: dict[str, Result] = {}
    for result in several:
        made_of_one = "contrast" in result.meta and repr(_cells(result)) in whole
        if not made_of_one and not any(_is_part(result, other) for other in several):
            found[_free(_name(chapter, result), found)] = result
    return found


def _is_part(result: Result, other: Result) -> bool:
    """Whether a result is some of the rows of another: the same call, of fewer years."""
    if result is other or len(result.rows) >= len(other.rows) or result.meta.get("call") != other.meta.get("call"):
        return False
    rows, place = _told(result), _told(other)
    return rows.keys() <= place.keys() and all(np.allclose(place[one], told, rtol=_SAME) for one, told in rows.items())


def _told(result: Result) -> dict[tuple[str, ...], tuple[float, float]]:
    """Estimate and variance by what identifies a row."""
    names = (tuple(f"{name}: {value}" for name, value in row.items()) for row in result.rows.to_dict("records"))
    return dict(zip(names, zip(result.estimate, np.diag(result.covariance), strict=True), strict=True))


def _cells(result: Result) -> tuple[Any, ...]:
    """The call of a result and the people of whom it is: those of a contrast are those of what it was made of."""
    return tuple(result.meta.get(key) for key in ("call", "domain", "source", "weight", "parts"))


def _name(chapter: str, result: Result) -> str:
    """What is computed, of what, and by which groups."""
    call: Mapping[str, Any] = result.meta.get("call") or {}
    function = str(call.get("function", type(result).__name__))
    about = list(dict.fromkeys(map(str, result.rows["variable"]))) if "variable" in result.rows else []
    asked = call.get("variables") or call.get("variable") or str(call.get("formula", "")).partition("~")[0]
    asked = asked or [call[key] for key in ("row", "column") if key in call]
    about = about or ([asked] if isinstance(asked, str) else [str(one) for one in asked])
    about += [one for one in dict.fromkeys(result.rows.get("measure", ())) if str(one) in _SCALES]
    by = call.get("by") or []
    groups = [call["group"]] if isinstance(call.get("group"), str) else []
    groups += [by] if isinstance(by, str) else [str(one) for one in by]
    words = [*([] if function in _MEANS else [function]), *about[:2], *(["and_more"] if len(about) > 2 else [])]
    words += ["by", *groups] if groups else []
    words += ["contrast"] if "contrast" in result.meta else []
    text = _NOT_IN_NAMES.sub("_", " ".join([chapter, *words]).lower()).strip("_")
    return text[:LONGEST].rstrip("_")


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """A name that no other has."""
    number, made = 1, name
    while made in taken:
        number += 1
        made = f"{name[: LONGEST - 4]}_{number}"
    return made

"""The results behind what a chapter shows, by names that a file may have: what ``llo export --chapter`` exports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from llo_research.monitor.chapters import EDITION, LANGUAGE, check_choices, reads_restricted, sources_of
from llo_research.monitor.notebooks.about import notebooks
from llo_research.monitor.notebooks.execute import to_run
from llo_research.monitor.place import Place
from llo_research.monitor.verify.gather import gather
from llo_research.results.result import Result

LONGEST = 60  # a name, so that a path of Windows holds it
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_MEANS = ("mean", "share")  # what a name says nothing of
_SCALES = ("odds", "ratio", "log_odds", "relative")


def chapter_results(
    root: Path,
    name: str,
    *,
    edition: str = EDITION,
    language: str = LANGUAGE,
    source: str | None = None,
) -> dict[str, Result]:
    """Run the code of a chapter in this process, and give every result behind its figures, tables and sentences.

    They have their scores, so that it is known who stands behind each row. A result that is shown twice is given once;
    a contrast of rows of one that is given is left out, since it can be made of that one wherever it is read.

    Parameters
    ----------
    root : Path
        Folder of the project.
    name : str
        Name of the notebook, as :func:`llo_research.monitor.which_chapter.which_chapter` gives it.
    edition, language, source
        As :func:`llo_research.monitor.build.build_chapter`. On real files, what these cannot show is passed over.

    Returns
    -------
    dict of str to Result
        By names of small letters, digits and ``_``, that begin with the number of the chapter.

    Raises
    ------
    DataError
        When there is no such chapter, or its data are absent.

    Examples
    --------
    >>> from pathlib import Path
    >>> results = chapter_results(Path("."), "02_learning_behaviour")    # doctest: +SKIP
    >>> list(results)[:2]    # doctest: +SKIP
    ['02_training_by_survey_year', '02_training_by_sector_year']
    """
    own = sources_of(name)[0]
    check_choices(edition, language, source or own, chapter=name)
    root = root.resolve()
    path = next((one for one in notebooks(root) if one.stem == name), root / "notebooks" / f"{name}.ipynb")
    place = Place(root, edition, language, real=(source or own) != own, alone=source or own)
    told = place.parameters(name)
    goes_on = reads_restricted(name, told["source"])
    heard = gather(to_run(path, root, told), path.parent, goes_on=goes_on)
    return named(name.partition("_")[0], (result for one in heard.shown for result in one.results.values()))


def named(chapter: str, results: Iterable[Result]) -> dict[str, Result]:
    """Results by their names, each once, without the contrasts of one that is among them."""
    once: dict[tuple[Any, ...], Result] = {}
    for result in results:
        key = repr(_cells(result)), result.labels, result.estimate.tobytes(), result.covariance.tobytes()
        known = once.setdefault(key, result)
        if known.rows.shape[1] < result.rows.shape[1]:  # a figure of one year does not repeat the year in its rows
            once[key] = result
    whole = {repr(_cells(result)) for result in once.values() if "contrast" not in result.meta}
    found: dict[str, Result] = {}
    for result in once.values():
        if "contrast" not in result.meta or repr(_cells(result)) not in whole:
            found[_free(_name(chapter, result), found)] = result
    return found


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

"""The results behind what a chapter shows: its code is run as it stands, and each call of llo.report is listened to."""

from __future__ import annotations

import ast
import contextlib
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research import report
from llo_research.monitor.notebooks.translate import with_parameters
from llo_research.results.result import Result
from llo_research.survey.survey import Survey

# what shows numbers: tables and figures, and sentences that say them
SHOWING = ("figure", "table", "sentences", "sentence")


@dataclass(frozen=True, eq=False)
class Shown:
    """What one call of llo.report shows.

    cell : identifier of the cell. kind : the function. value : what it gave. results : the results that it was given, by
    a name. other : kinds of what else it was given (published figures, tables of counts). whole : whether it was what
    the cell shows, not a text inside something else.
    """

    cell: str
    kind: str
    value: Any
    results: Mapping[str, Result]
    other: tuple[str, ...] = ()
    whole: bool = False


@dataclass
class Heard:
    """What was listened to: what was shown, and the survey behind each result."""

    shown: list[Shown] = field(default_factory=list)
    surveys: dict[int, tuple[Any, Survey]] = field(default_factory=dict)

    def survey_of(self, result: Result) -> Survey | None:
        """The survey of which a result was computed."""
        _, svy = self.surveys.get(id(result.meta.get("survey")), (None, None))
        return svy


def gather(notebook: dict[str, Any], folder: Path, parameters: Mapping[str, str] | None = None) -> Heard:
    """Run the code of a notebook in this process, and listen.

    Parameters
    ----------
    notebook : mapping
        As JSON; its outputs are not looked at.
    folder : Path
        Folder in which it runs: that of the notebook.
    parameters : mapping, optional
        Values for the names of its cell tagged ``parameters``.

    Returns
    -------
    Heard
    """
    told = with_parameters(notebook, parameters or {})
    heard, space = Heard(), {"__name__": "__main__"}
    with _in_folder(folder), _listening(heard) as at, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cell in told["cells"]:
            if cell["cell_type"] == "code":
                at.append(str(cell["id"]))
                _mark_whole(heard, _run("".join(cell["source"]), space))
    return heard


def _run(source: str, space: dict[str, Any]) -> Any:
    """The value of the last expression of a cell."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), space)
    return None if last is None else eval(compile(ast.Expression(last.value), "<cell>", "eval"), space)


def _mark_whole(heard: Heard, value: Any) -> None:
    """Note what the cell shows as its output."""
    for place, one in enumerate(heard.shown):
        if one.value is value and value is not None:
            heard.shown[place] = replace(one, whole=True)


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """In the folder of the notebooks, as they run."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _listening(heard: Heard) -> Iterator[list[str]]:
    """Every call of llo.report is noted, and every survey that tells a result of itself; gives where cells are told."""
    at: list[str] = []
    before = {name: getattr(report, name) for name in SHOWING}
    tell = Survey._meta

    def meta(svy: Survey) -> dict[str, Any]:
        told = tell(svy)
        heard.surveys[id(told["survey"])] = (told["survey"], svy)
        return told

    def noted(name: str, show: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            value = show(*args, **kwargs)
            results, other = _results((*args, *kwargs.values()))
            heard.shown.append(Shown(at[-1], name, value, results, other))
            return value

        return called

    try:
        for name, show in before.items():
            setattr(report, name, noted(name, show))
        Survey._meta = meta  # type: ignore[method-assign]  # put back below
        yield at
    finally:
        Survey._meta = tell  # type: ignore[method-assign]  # as it was
        for name, show in before.items():
            setattr(report, name, show)


def _results(given: Sequence[Any]) -> tuple[dict[str, Result], tuple[str, ...]]:
    """Results in arguments, alone, in lists, or behind ranks and the like; and kinds of the rest."""
    found: dict[str, Result] = {}
    other: list[str] = []
    for one in given:
        for result in _within(one):
            if isinstance(result, Result):
                found.setdefault(f"{len(found) + 1}", result)
            elif not isinstance(result, str | int | float | bool | type(None)):
                other.append(type(result).__name__)
    return found, tuple(dict.fromkeys(other))


def _within(one: Any) -> Iterator[Any]:
    """What stands inside of an argument."""
    if isinstance(one, Result) or isinstance(one, pd.DataFrame):
        yield one
    elif isinstance(one, Mapping):
        for item in one.values():
            yield from _within(item)
    elif isinstance(one, list | tuple):
        for item in one:
            yield from _within(item)
    elif hasattr(one, "_around"):
        yield one._around()[0]
    elif hasattr(one, "models"):
        yield from one.models
    else:
        yield one

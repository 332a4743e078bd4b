"""The receipt and the scripts of each figure and table that a notebook shows, in a file beside the notebook.

They are made while the notebook runs, in its kernel, and stand in no output: a notebook does not change with a script.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from llo_research.errors import LloError
from llo_research.monitor.notebooks.listening import Heard, Shown, listen
from llo_research.report.figures.figure import Figure
from llo_research.report.tables.grid import Table
from llo_research.results.receipts.as_text import text_of
from llo_research.results.receipts.closed import passed
from llo_research.results.receipts.programs import PROGRAMS
from llo_research.results.result import Result

LANGUAGES = ("en", "nl")
# what a script reads, by program
FILES = {"R": "data.csv", "Stata": "data.dta", "SPSS": "data.sav"}


def install(path: str) -> None:
    """Let this kernel write down the receipts of what it shows, each as it is shown."""
    heard, kept = Heard(), dict[str, Any]()
    listen(heard, lambda: "")

    def keep(key: str, results: list[Result]) -> None:
        kept[key] = kept.get(key) or [told_of(result) for result in results]
        _write(Path(path), kept)

    _write(Path(path), kept)
    _at_display(Figure, "_repr_mimebundle_", heard, lambda shown, results: keep(key_of_figure(shown[0]), results))
    _at_display(Table, "_repr_html_", heard, lambda shown, results: keep(key_of_table(shown), results))


def _write(path: Path, kept: Mapping[str, Any]) -> None:
    """The receipts so far."""
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8", newline="\n")


def _at_display(kind: type, method: str, heard: Heard, keep: Callable[[Any, list[Result]], None]) -> None:
    """Keep the receipts of what is shown by this method."""
    show = getattr(kind, method)

    def shown(self: Any, *args: Any, **kwargs: Any) -> Any:
        given = show(self, *args, **kwargs)
        behind = [one for one in heard.shown if one.value is self and one.results]
        if behind:
            keep(given, _distinct(behind[-1]))
        return given

    setattr(kind, method, shown)


def _distinct(shown: Shown) -> list[Result]:
    """The results that were shown, each once."""
    return list({id(result): result for result in shown.results.values()}.values())


def key_of_figure(data: Mapping[str, Any]) -> str:
    """What a figure is found by: its picture."""
    return _digest("".join(data["image/svg+xml"]))


def key_of_table(html: str) -> str:
    """What a table is found by: its HTML."""
    return _digest(html)


def _digest(text: str) -> str:
    """A short digest of a text, whatever the space in it."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:16]


def told_of(result: Result) -> dict[str, Any]:
    """Receipts in both languages, brief and whole; scripts by program, and why a program has none."""
    receipts = {language: result.receipt(language=language) for language in LANGUAGES}
    scripts, absent = scripts_of(result) if passed(result, "auto") else ({}, {})
    return {
        "brief": {language: text_of(dict(one), language, brief=True) for language, one in receipts.items()},
        "whole": {language: str(one) for language, one in receipts.items()},
        "scripts": scripts,
        "absent": absent,
    }


def scripts_of(result: Result) -> tuple[dict[str, str], dict[str, str]]:
    """The script of each program, and of those that have none why."""
    found, absent = dict[str, str](), dict[str, str]()
    for program, (_, method) in PROGRAMS.items():
        try:
            found[program] = getattr(result, method)(FILES[program])
        except LloError as error:
            absent[program] = f"{error.what} ({error.found})" if error.found else error.what
    return found, absent


def read_receipts(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Receipts by what they belong to; none where there is no file."""
    if not path.is_file():
        return {}
    found: dict[str, list[dict[str, Any]]] = json.loads(path.read_text(encoding="utf-8"))
    return found

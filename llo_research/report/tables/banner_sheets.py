"""The sheets of a table book: its numbers in full with number formats, and what stands behind them cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.report.content.numbers import number
from llo_research.report.tables.book import Book, gone
from llo_research.report.tables.sheet import Companion
from llo_research.report.tables.spreadsheet import style
from llo_research.results.floors import HIDDEN

_COMPANIONS = {
    "std_error": {"nl": ("SE", "standaardfouten"), "en": ("SE", "standard errors")},
    "n": {"nl": ("n", "ongewogen aantallen"), "en": ("n", "unweighted counts")},
    "n_eff": {"nl": ("n-eff", "effectieve aantallen"), "en": ("n-eff", "effective counts")},
    "difference": {"nl": ("verschil", "verschil met alle anderen"), "en": ("difference", "difference from all others")},
    "p_value": {"nl": ("p", "p-waarde van het verschil"), "en": ("p", "p-value of the difference")},
    "p_adjusted": {
        "nl": ("p-Holm", "p-waarde van het verschil, na correctie voor alle toetsen (Holm)"),
        "en": ("p-Holm", "p-value of the difference, corrected for all tests (Holm)"),
    },
}
_P_PLACES = 4


def columns(book: Book, names: list[str], what: str, flat: list[str]) -> list[tuple[str, list[Any], list[str]]]:
    """Names and numbers of all columns for a spreadsheet, with their formats."""
    out: list[tuple[str, list[Any], list[str]]] = [(flat[0], list(names), [""] * len(names))]
    rows = range(len(names))
    if book.total is not None:
        cells = [_of_total(book, row, what) for row in rows]
        out.append((flat[1], cells, [_format(book, row, what, None) for row in rows]))
    for j in range(len(book.columns)):
        cells = [None if (i := book.place[row][j]) is None else _value(book, i, what) for row in rows]
        formats = [_format(book, row, what, book.place[row][j]) for row in rows]
        out.append((flat[len(out)], cells, formats))
    return out


def _value(book: Book, i: int, what: str) -> Any:
    """A number of a cell in the units shown, or why there is none."""
    content = book.content
    if gone(content, i):
        return content.withheld[i] if what in ("n", "n_eff") else content.absent(i)
    if what == "estimate":
        return _number(content.estimate[i]) if content.defined[i] else content.absent(i)
    if what == "std_error":
        return None if content.std_error is None else _number(content.std_error[i])
    factor = 100.0 if what == "difference" and content.quantities[i].unit == "percent" else 1.0
    return _number(factor * book.frame[what].iloc[i])


def _of_total(book: Book, row: int, what: str) -> Any:
    """The same of everybody, who are compared with nobody."""
    total, frame = book.total, book.of_total
    assert total is not None and frame is not None
    if what in ("difference", "p_value", "p_adjusted"):
        return None
    if gone(total, row):
        return HIDDEN if what in ("n", "n_eff") else total.absent(row)
    if what in ("n", "n_eff"):
        return _number(frame[what].iloc[row])
    values = total.estimate if what == "estimate" else total.std_error
    return None if values is None else _number(values[row])


def _number(value: float) -> float | int | None:
    """A number without a negative zero; whole counts as such; None where there is none."""
    if not np.isfinite(value):
        return None
    return int(value) if isinstance(value, int | np.integer) else float(value) + 0.0


def _format(book: Book, row: int, what: str, i: int | None) -> str:
    """The number format of a cell: its decimals, and behind an estimate its arrow."""
    if what in ("n", "n_eff"):
        return style(0)
    if what in ("p_value", "p_adjusted"):
        least = number(10.0**-_P_PLACES, _P_PLACES, book.language)
        return f'[<{10.0**-_P_PLACES:.{_P_PLACES}f}]"< {least}";{style(_P_PLACES)}'
    if what != "estimate":
        return style(book.places[row] + (what == "std_error"))
    sign = "" if i is None else book.arrow(i)
    # a blank as wide as the sign where there is none, so that decimals stand below each other
    behind = "_ _(_↑_)" if not sign else f'" {sign}"' if sign.startswith("(") else f'" "_("{sign}"_)'
    return style(book.places[row]) + behind


def companions(book: Book, names: list[str], flat: list[str]) -> tuple[Companion, ...]:
    """Standard errors, counts and tests, in the same rows and columns."""
    made = []
    for what, words in _COMPANIONS.items():
        name, title = words[book.language]
        made.append(Companion(name, title, tuple(columns(book, names, what, flat))))
    return tuple(made)

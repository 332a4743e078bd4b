"""Value labels that stand one code beside the codes that occur: moved when the file was made, or of another coding."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from llo_research.data.wording import means_missing
from llo_research.errors import DataError, LloWarning


def _whole(values: Iterable[Any]) -> set[int] | None:
    """Whole numbers, or None when some are not."""
    listed = list(values)
    if not all(isinstance(value, (int, float)) and float(value).is_integer() for value in listed):
        return None
    return {int(value) for value in listed}


def shift_of(labels: Mapping[Any, str], occurring: Iterable[Any]) -> int:
    """How far the labels lie below the codes that occur (1 or -1); 0 when they are not moved.

    They are when a code without a label occurs, a labelled one does not, and all fit after a step of one.
    """
    told = _whole(code for code, label in labels.items() if not means_missing(label))
    gone = _whole(code for code, label in labels.items() if means_missing(label)) or set()
    found = _whole(occurring)
    if not told or not found or len(told) < 2:
        return 0
    found -= gone
    if not found - told or not told - found:
        return 0
    return next((step for step in (1, -1) if found <= {code + step for code in told}), 0)


def told_idle(labels: Mapping[Any, str], occurring: Iterable[Any]) -> str:
    """That codes occur without a label while labelled ones do not, in words; '' when it is not so."""
    told = _whole(code for code, label in labels.items() if not means_missing(label))
    gone = _whole(code for code, label in labels.items() if means_missing(label)) or set()
    found = _whole(occurring)
    if not told or not found or not found - told - gone or not told - found:
        return ""
    bare, idle = sorted(found - told - gone), sorted(told - found)
    words = f"{_listed(bare)} occurs without a label and {_listed(idle)} has one and does not occur"
    step = shift_of(labels, found)
    return words + ("" if not step else f": are the labels one {'lower' if step > 0 else 'higher'} than the codes?")


def _listed(codes: Iterable[int]) -> str:
    """Codes in words."""
    return ", ".join(map(str, codes))


def check_shift(
    name: str, labels: Mapping[Any, str], occurring: Iterable[Any], meant: Mapping[Any, Hashable], where: str, own: Any
) -> tuple[list[DataError], bool]:
    """What is wrong when labels are moved by one, and whether the mapping moves them back.

    Parameters
    ----------
    name : str
        Our variable.
    labels : mapping
        Code -> label, as in the file.
    occurring : iterable
        Codes that occur.
    meant : mapping
        Code -> our code that its label means, as far as it says so.
    where : str
        File and column.
    own : callable
        Code of the file -> our code that the mapping gives it, None when it gives none.
    """
    found = list(occurring)
    step = shift_of(labels, found)
    if not step:
        return [], False
    gone = {code for code, label in labels.items() if means_missing(label)}
    right = {code: meant.get(code - step) for code in sorted(set(found) - gone)}
    given = {code: own(code) for code in right}
    if all(given[code] is not None and str(given[code]) == str(ours) for code, ours in right.items()):
        return [], True
    words = f"The labels of {name} are one {'lower' if step > 0 else 'higher'} than its codes: were they moved?"
    shown = told_idle(labels, found).split(":")[0]
    if all(ours is not None for ours in given.values()):
        warnings.warn(
            LloWarning(f"{words}\n  where: {where}\n  found: {shown}; the mapping follows the labels"), stacklevel=8
        )
        return [], False
    lines = "\n".join(f'    "{_plain(code)}" = "{ours}"' for code, ours in right.items() if ours is not None)
    moved = f"when they were moved, the codes mean\n    [values.{name}]\n{lines}\n    " if lines else ""
    return [
        DataError(
            words,
            where=where,
            found=f"{shown}; labels: {', '.join(f'{_plain(code)} {label!r}' for code, label in labels.items())}",
            expected="a label for each code that occurs",
            todo=f"Ask the maker of the file, or lay it beside the questionnaire; {moved}"
            "and when the labels are right, what the code without a label means.",
        )
    ], False


def _plain(code: Any) -> str:
    """A code without '.0'."""
    return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)

"""An export attacked before it leaves: what follows from its files, and from those that left before."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DisclosureError, LloError, LloWarning
from llo_research.report.disclosure.attack import attack

_SECONDS = 1.0  # for each of many integer programmes
_NAMED = 10  # numbers that an error names


def attacked(place: Path, before: Sequence[Path]) -> pd.DataFrame | str:
    """The brackets of what is withheld, or in words why there are none.

    Raises
    ------
    DisclosureError
        A withheld number follows from what leaves, and not from what left before alone.

    Warns
    -----
    LloWarning
        It could not be shown in time that one does not.
    """
    try:
        found = attack(place, also=before, seconds=_SECONDS)
    except LloError as error:
        return " ".join(str(error).split())
    if (told := _proven(found)).any() and before:
        told &= ~_old(found, place, before)
    if told.any():
        raise _follows(found[told])
    if open_ := int(is_told(found).sum()):
        warnings.warn(
            f"Of {open_} withheld numbers it could not be shown that they do not follow from what leaves: "
            "see control/control.html before it goes.",
            LloWarning,
            stacklevel=2,
        )
    return found


def is_told(found: pd.DataFrame) -> np.ndarray:
    """Which withheld numbers are known.

    That nobody gave an answer is no person's answer; that a group has as many people as the profile asks is no secret,
    where its rows are withheld for their answers.
    """
    known = found["known"].to_numpy(dtype=bool) & (found["high"].to_numpy(dtype=np.float64) > 0)
    large = found["what"].str.startswith("n") & (found["low"] >= found.attrs["units"])
    return np.asarray(known & ~large.to_numpy(dtype=bool))


def _proven(found: pd.DataFrame) -> np.ndarray:
    """Of these, those whose ends are near; of others it is only not known that they are wide."""
    low, high = (found[name].to_numpy(dtype=np.float64) for name in ("low", "high"))
    return np.asarray(is_told(found) & (high - low < found.attrs["width"]))


def _old(found: pd.DataFrame, place: Path, before: Sequence[Path]) -> np.ndarray:
    """Which numbers of earlier exports follow from these alone: known there, or as near by the width asked for now.

    A stricter profile asks for more than what left under another one kept open.
    """
    told: dict[tuple[object, ...], tuple[float, float]] = {}
    for width in (found.attrs["width"], None):
        earlier = attack(before[0], also=before[1:], seconds=_SECONDS, width=width)
        for row in earlier[is_told(earlier)].to_dict("records"):
            told[_of(row)] = (row["low"], row["high"]) if width else (np.inf, -np.inf)
    ours = {file.stem for file in place.glob("*.json")}
    out = []
    for row in found.to_dict("records"):
        low, high = told.get(_of(row), (-np.inf, np.inf))
        out.append(row["result"].split(":")[0] not in ours and row["low"] <= low and high <= row["high"])
    return np.array(out, dtype=bool)


def _of(row: Mapping[Any, Any]) -> tuple[object, ...]:
    """What a number is, whatever folder its result is read from."""
    return str(row["result"]).rpartition("/")[2], row["row"], row["what"]


def _follows(found: pd.DataFrame) -> DisclosureError:
    """Which numbers are known."""
    names = [name for name in found.columns if name not in ("row", "low", "high", "known")]
    rows = found[names].head(_NAMED).to_dict("records")
    told = ["; ".join(str(value) for value in row.values() if value is not None and value == value) for row in rows]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return DisclosureError(
        f"{len(found)} withheld numbers follow from what would leave, so that nothing was written.",
        where="results",
        found=" | ".join(told) + more,
        expected="withheld numbers that stay open by as many people as the profile asks",
        todo="export fewer of these tables together, or wider groups; llo.report.check_disclosure says which rows",
    )

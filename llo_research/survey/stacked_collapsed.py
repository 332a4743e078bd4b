"""Collapsed surveys in a stack: what their rows stand for, and the numbers that are kept as sums."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from llo_research.design.stands_for import StandsFor, beside
from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats
from llo_research.survey.collapsed import Collapsed
from llo_research.survey.variables import KEPT

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def stands_of(parts: Sequence[Survey]) -> StandsFor | None:
    """What the rows of all surveys stand for; None where each is one."""
    if all(svy.design.stands is None for svy in parts):
        return None
    return beside([(svy.design.stands, len(svy), svy.design.n_distinct, partial(_units, svy)) for svy in parts])


def _units(svy: Survey, codes: Codes, n_cells: int) -> Floats:
    """(n_cells,) different units among the rows (n,) of a survey."""
    return svy.design.units_of_cells(codes, n_cells)


def stacked_numbers(
    names: Sequence[str], parts: Sequence[Survey], frame: pd.DataFrame
) -> tuple[pd.DataFrame, Collapsed | None]:
    """The stacked frame, told of all numbers, and these; what one survey keeps as sums is no column of another."""
    if all(svy._collapsed is None for svy in parts):
        return frame, None
    known = {name: svy._collapsed.values if svy._collapsed else {} for name, svy in zip(names, parts, strict=True)}
    values: dict[str, Floats] = {}
    for number in dict.fromkeys(number for own in known.values() for number in own):
        columns = [name for name, svy in zip(names, parts, strict=True) if number in svy._frame]
        if columns:
            raise DataError(
                f"{number!r} is kept as sums in one survey, and a column of another.",
                where="stack",
                found=f"sums in {', '.join(name for name in names if number in known[name])}, "
                f"a column in {', '.join(columns)}",
                todo="collapse all of them with the same numbers=",
            )
        own = [known[name].get(number, np.full(len(svy), np.nan)) for name, svy in zip(names, parts, strict=True)]
        values[number] = np.concatenate(own)
    frame.attrs[KEPT] = tuple(values)
    return frame, Collapsed(values)

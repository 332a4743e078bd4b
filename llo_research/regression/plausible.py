"""Models of plausible values: the model of each draw, combined."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.plausible import plausible_sets, stem_of
from llo_research.regression.fit import Fit, with_draws

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

Made = TypeVar("Made")
# ``PVLIT*`` where no factor follows the star, ``PVLIT[1-10]``, or either in backticks
_PATTERN = re.compile(r"`([^`]*(?:\*|\[\d+-\d+\])[^`]*)`|([^\W\d]\w*(?:\[\d+-\d+\]\w*|\*(?=\s*(?:$|[~+\-):,<>=!|]))))")


def patterns_in(formula: str) -> list[str]:
    """The patterns of plausible values in a formula, in order."""
    return list(dict.fromkeys(quoted or plain for quoted, plain in _PATTERN.findall(formula)))


def over_plausible(formula: str, svy: Survey, fit: Callable[[str, Survey], Fit], offset: str | None = None) -> Fit:
    """The model of each draw, combined by Rubin's rules; terms are named by the patterns' stems."""
    fits, told = draws_of(formula, svy, fit)
    return with_draws(fits, {**fits[0].meta, **told})


def draws_of(formula: str, svy: Survey, make: Callable[[str, Survey], Made]) -> tuple[list[Made], dict[str, Any]]:
    """What is made of each draw of the plausible values in a formula, and which columns they were, for ``.meta``.

    A row of which one plausible value is missing is left out of all draws, so that these speak of the same people.
    """
    patterns = patterns_in(formula if isinstance(formula, str) else "")
    if not patterns:
        raise DataError(
            "The formula names no plausible values.",
            where=f"formula {formula!r}",
            expected="a name with a star or a range, as 'PVLIT* ~ age' or 'wage ~ PVNUM[1-10]'",
            todo="leave plausible=True out for ordinary columns",
        )
    sets = plausible_sets(patterns, svy)
    stems = {pattern: _free_name(stem_of(pattern), svy) for pattern in sets}
    text = _PATTERN.sub(lambda match: f"`{stems[match[1] or match[2]]}`", formula)
    count = len(next(iter(sets.values())))
    made_of = []
    for number in range(count):
        made = {stems[pattern]: _draw(columns, number) for pattern, columns in sets.items()}
        made_of.append(make(text, svy.assign(**made)))
    told = {"plausible_values": {pattern: list(columns) for pattern, columns in sets.items()}}
    return made_of, told


def _draw(columns: list[str], number: int) -> Callable[[pd.DataFrame], Any]:
    """One draw, missing where any draw is."""

    def column(frame: pd.DataFrame) -> Any:
        gone = np.logical_or.reduce([frame[name].isna().to_numpy() for name in columns])
        return frame[columns[number]].where(~gone)

    return column


def _free_name(stem: str, svy: Survey) -> str:
    """The stem, which must not be a column of its own."""
    if stem in svy._frame.columns:
        raise DataError(
            "The name of the plausible values is a column too.",
            where=f"column {stem!r}",
            expected="a name that only the numbered columns begin with",
            todo=f"drop or rename the column {stem!r}",
        )
    return stem

"""Which columns a file for other programs holds: those asked for, those of the design, and those made of the survey."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.design.adjusted_replicates import AdjustedReplicates
from llo_research.design.replicates import Replicates
from llo_research.errors import DataError, DesignError
from llo_research.options import names_of
from llo_research.survey.file_columns import FileColumn, column_of
from llo_research.survey.variables import column

_WHERE = "svy.to_file"
_WORDS = {
    "in_domain": "In the domain (1) or not (0)",
    "final_weight": "Weight after all weighting steps",
    "stack_weight": "Weight of the own survey, before weighting steps",
}


def contents(svy: Any, columns: str | Sequence[str] | None) -> Iterator[FileColumn]:
    """The columns of the frame that are written, in its order, and those that are made of the survey."""
    frame: pd.DataFrame = svy._frame
    labels = svy.labels
    wanted: set[Any] = set(frame.columns)
    if columns is not None:
        asked = {column(frame, name, "columns").name for name in names_of(columns, "columns")}
        wanted = {*asked, *(name for name in _of_design(svy) if name in wanted)}
    added = dict(_added(svy))
    for place, name in enumerate(frame.columns):
        if name in added and name in wanted:
            raise DataError(
                f"The data have a column {name!r}, which is a name that the file needs.",
                where=f"{_WHERE}, column {name!r}",
                expected="no column of this name",
                todo="rename it before making the Survey",
            )
        if name in wanted:
            yield column_of(frame.iloc[:, place], _as_text(name), labels.get(name))
    for name, values in added.items():
        yield column_of(pd.Series(values), name, _WORDS.get(name))


def _as_text(name: Any) -> str:
    """The name of a column in a file, which has names of text."""
    if isinstance(name, tuple) or str(name) == "":
        raise DataError(
            "A column has no name that a file could give it.",
            where=_WHERE,
            found=repr(name)[:80],
            expected="names of text, at one level",
            todo="give the columns names of text before making the Survey",
        )
    return str(name)


def _of_design(svy: Any) -> list[str]:
    """Columns that the design and the weighting steps name."""
    columns = svy._design_columns()
    if "stacked" in svy.design.roles:  # replicate weights have columns of the file's own, by survey
        replicates = svy.design.replicates
        columns = {"survey", *columns} - set(() if replicates is None else replicates.names)
    texts = [*sorted(columns), *_strings([step.describe() for step in svy.design.steps])]
    return list(dict.fromkeys(name for text in texts for name in _inside(text, svy._frame)))


def _strings(told: Any) -> Iterator[str]:
    """All texts in what a step tells of itself."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, Mapping):
        for value in told.values():
            yield from _strings(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from _strings(value)


def _inside(text: str, frame: pd.DataFrame) -> list[str]:
    """The columns that a text names: itself, or those of a formula, a crossing or a pair of names."""
    if text in frame.columns:
        return [text]
    names = [name for name in frame.columns if isinstance(name, str) and name in text]
    return [name for name in names if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text)]


def _added(svy: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Columns that are made of the survey."""
    if svy._domain is not None:
        yield "in_domain", svy.domain.astype(np.int64)
    stacked = "stacked" in svy.design.roles
    if stacked:
        yield from _stacked_design(svy)
    if svy.design.steps:
        yield "final_weight", svy._weights
    replicates = svy.design.replicates
    if replicates is not None and (stacked or not set(replicates.names) <= set(svy._frame.columns)):
        base = _base_replicates(replicates, steps=bool(svy.design.steps))
        weights = _own_block(_in_blocks(base)) if _in_blocks(base) else base.weights
        for r in range(weights.shape[1]):
            yield f"replicate_{r + 1}", weights[:, r]


def _in_blocks(replicates: Replicates) -> tuple[Replicates, ...]:
    """The replicates of each survey of a stack, whose rows have the full weight at those of the others; else none."""
    alike = replicates.unit is not None or getattr(replicates, "full", None) is not None
    return tuple(getattr(replicates, "parts", ())) if alike else ()


def _own_block(parts: Sequence[Replicates]) -> np.ndarray:
    """(n, most replicates of a survey) each row at the replicates of its own survey; NaN where that has fewer."""
    most = max(part.n_replicates for part in parts)
    missing = [(part.weights, most - part.n_replicates) for part in parts]
    return np.concatenate([np.pad(own, ((0, 0), (0, lack)), constant_values=np.nan) for own, lack in missing])


def _stacked_design(svy: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Weights, strata, units and sampling fractions of a stack, whose surveys may have them in different columns."""
    yield "stack_weight", svy._base_weights
    for number, stage in enumerate(svy.design.stages, start=1):
        end = "" if number == 1 else f"_{number}"
        yield f"stack_stratum{end}", stage.stratum.astype(np.int64) + 1
        yield f"stack_psu{end}", (np.arange(len(svy)) if stage.unit is None else stage.unit).astype(np.int64) + 1
        if (stage.fraction > 0).any():
            yield f"stack_fpc{end}", stage.fraction[stage.stratum]


def _base_replicates(replicates: Replicates, *, steps: bool) -> Replicates:
    """Replicate weights as they were before weighting steps."""
    base = replicates
    while base.origin is not None or isinstance(base, AdjustedReplicates):
        base = base.origin if base.origin is not None else base.before  # type: ignore[attr-defined]  # as just tested
    if steps and base is replicates:
        raise DesignError(
            "The replicate weights from before the weighting steps are not known.",
            where=_WHERE,
            found="replicates of a stack, or read from a file of an earlier version",
            todo="make them again: llo.replicate(svy, ...), before or after the steps; write the surveys one by one",
        )
    return base

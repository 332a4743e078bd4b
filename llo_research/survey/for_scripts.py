"""What another program needs to know of a survey: columns and levels, how it was made, replicate weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.survey.construct import as_names

if TYPE_CHECKING:
    from llo_research.design.design import Design
    from llo_research.design.replicates import Replicates


class Columns:
    """The data by column, for disclosure control; in memory only: it is neither written nor pickled."""

    def __init__(self, *frames: pd.DataFrame) -> None:
        self.frames = frames

    def __contains__(self, name: str) -> bool:
        return any(name in frame for frame in self.frames)

    def __or__(self, other: Columns) -> Columns:
        known = {id(frame): frame for frame in (*self.frames, *other.frames)}
        return Columns(*known.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Columns)

    __hash__ = object.__hash__

    def __reduce__(self) -> tuple[type[Columns], tuple[()]]:
        return Columns, ()

    def __deepcopy__(self, memo: Any) -> Columns:
        return self

    def column(self, name: str) -> pd.Series:
        """A column as it is."""
        return next(frame[name] for frame in self.frames if name in frame)

    def numbers(self, name: str) -> np.ndarray | None:
        """(n,) a column of numbers, or of yes and no; None of another one."""
        column = self.column(name)
        if not (pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)):
            return None
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def for_scripts(frame: pd.DataFrame, design: Design, arguments: Mapping[str, Any], domain: bool) -> dict[str, Any]:
    """Facts for ``.meta["survey"]``.

    `values` : the columns themselves, in memory only. `columns` : kind of each column, ``number``, ``boolean``,
    ``date``, ``text``, or the levels of a category with whether they are ordered. `nest`, `lonely_psu` : as the survey
    was made. `rows` : of the data. `replicates` : columns, factors, centre and whether the columns are those of the
    data. `in_domain` : whether a file of the survey has that column. `returns` : whether waves drawn by themselves
    share people. `lonely` : number of strata with one unit. `fractions` : of each stage, whether it has sampling
    fractions; `fpc_fractions` : of each column of `fpc`, whether it holds fractions and not counts.
    """
    told: dict[str, Any] = {
        "values": Columns(frame),
        "columns": {str(name): _kind(dtype) for name, dtype in frame.dtypes.items()},
        "rows": len(frame) if design.stands is None else round(design.stands.counts.sum()),
        "nest": bool(arguments.get("nest", True)),
        "lonely_psu": design.lonely_psu,
        "in_domain": domain,
    }
    if fpc := as_names(arguments.get("fpc")):
        told["fpc_fractions"] = [bool((frame[column] <= 1).all()) for column in fpc if column in frame]
    if design.replicates is not None:
        stacked = "stacked" in design.roles
        in_file = not stacked and set(design.replicates.names) <= set(frame.columns)
        told["replicates"] = {**_replicates(design.replicates), "in_file": in_file}
    if design.stages:
        told["returns"] = design.stages[0].returning
        told["lonely"] = sum(len(stage.lonely) for stage in design.stages)
        told["fractions"] = [bool((stage.fraction > 0).any()) for stage in design.stages]
    return told


def _kind(dtype: Any) -> Any:
    """The kind of a column, or its levels."""
    if isinstance(dtype, pd.CategoricalDtype):
        return {"levels": [_plain(level) for level in dtype.categories], "ordered": bool(dtype.ordered)}
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if pd.api.types.is_numeric_dtype(dtype):
        return "number"
    return "date" if pd.api.types.is_datetime64_any_dtype(dtype) else "text"


def _plain(level: Any) -> Any:
    """A level as text or number."""
    if isinstance(level, np.generic):
        level = level.item()
    return level if isinstance(level, str | int | float | bool) else str(level)


def _replicates(replicates: Replicates) -> dict[str, Any]:
    """How replicate weights stand in a file, and what R calls their factors."""
    rscales = np.unique(replicates.rscales)
    parts = getattr(replicates, "parts", ())
    own: dict[str, Any] = {"parts": [part.n_replicates for part in parts]} if parts else {}
    if parts:
        own["parts_from_design"] = [bool(part.from_design) for part in parts]
    return {
        **own,
        "method": replicates.method,
        "columns": list(replicates.names),
        "n_replicates": replicates.n_replicates,
        "scale": float(replicates.scale),
        "rscales": [float(value) for value in (rscales if len(rscales) == 1 else replicates.rscales)],
        "mse": bool(replicates.mse),
        "fay": replicates.fay,
        "from_design": bool(replicates.from_design or (parts and all(part.from_design for part in parts))),
    }

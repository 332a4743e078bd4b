"""A survey in one file, without loss: numpy arrays and JSON in an ``.npz``, no pickles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.archive import write_archive
from llo_research.design.design import Design
from llo_research.errors import DataError
from llo_research.survey.packing import pack
from llo_research.survey.saved_columns import pack_column, pack_name, unpack_column, unpack_name

FORMATS = (1, 2)  # that are read; the last one is written
PACKED = ("arguments", "notes", "labels", "source", "origins", "kinds")
HELD = (*PACKED, "domain", "weights", "base_weights")  # what a survey holds beside its data and its design


def unpickled(self: Any, state: dict[str, Any]) -> None:
    """A survey that was pickled: its design, which is pickled without the data, knows them again."""
    design = state["_design"]
    known = design if design.frames else replace(design, frames=(state["_frame"],))
    self.__dict__.update(state, _design=known)


def save_survey(path: str | Path, frame: pd.DataFrame, design: Design, held: Mapping[str, Any]) -> Path:
    """Write a survey to a file; returns the path with its ending.

    held : the values of ``HELD``.
    """
    target = Path(path)
    if target.suffix != ".npz":
        target = target.with_name(target.name + ".npz")
    if "stacked" in design.roles:
        raise DataError(
            "A stack of surveys is not saved as one.",
            where="svy.save",
            found=", ".join(design.roles["stacked"]),
            todo="save the surveys, and stack them again after reading: llo.stack({'a': llo.read_survey(...), ...})",
        )
    arrays: dict[str, np.ndarray] = {} if held["domain"] is None else {"domain": held["domain"]}
    head = {
        "format": FORMATS[-1],
        "rows": len(frame),
        **_packed_frame(frame, arrays),
        **{name: pack(_plain(held[name]), name, arrays) for name in PACKED},
        "weighting": pack(_weighting(design, held), "weighting", arrays),
    }
    text = json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass")
    arrays["head"] = np.frombuffer(text, dtype=np.uint8)
    _check_plain(arrays)
    write_archive(target, arrays, "svy.save")
    return target


def _plain(value: Any) -> Any:
    """Mappings of any kind as a dict, the notes as the list they are in files."""
    return dict(value) if isinstance(value, Mapping) else list(value)


def _weighting(design: Design, held: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the constructor's arguments do not say: weights, steps, and replicate weights that were made here."""
    replicates = design.replicates
    if not design.steps and (replicates is None or held["arguments"]["replicate_weights"] is not None):
        return None
    if replicates is not None and replicates.origin is not None and not replicates.from_design:
        replicates = replace(replicates, origin=None)
    kept = {name: held[name] for name in ("weights", "base_weights")}
    return {**kept, "steps": design.steps, "replicates": replicates}


def frame_of(head: Mapping[str, Any], arrays: dict[str, np.ndarray]) -> pd.DataFrame:
    """The data frame back."""
    rows = head["rows"]
    columns = [unpack_column(column, arrays) for column in head["columns"]]
    index = [unpack_column(column, arrays) for column in head["index"]]
    if any(len(column) != rows for column in (*columns, *index)):
        raise ValueError("columns of different lengths")
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(rows))
    if head.get("levels", 1) > 1:
        names: list[Any] = list(frame.columns)
        frame.columns = pd.MultiIndex.from_tuples(names)
    frame.columns.names = [unpack_name(name) for name in head.get("column_names", [None])]
    frame.index = pd.Index(index[0]) if len(index) == 1 else pd.MultiIndex.from_arrays(index)
    frame.index.names = [unpack_name(name) for name in head["index_names"]]
    return frame


def _packed_frame(frame: pd.DataFrame, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """The data frame as JSON, its columns set aside in `arrays`."""
    index = frame.index.to_frame(index=False)
    return {
        "columns": [pack_column(frame.iloc[:, i], f"c{i}", arrays) for i in range(frame.shape[1])],
        "levels": frame.columns.nlevels,
        "column_names": [pack_name(name) for name in frame.columns.names],
        "index": [pack_column(index.iloc[:, i], f"i{i}", arrays) for i in range(index.shape[1])],
        "index_names": [pack_name(name) for name in frame.index.names],
    }


def _check_plain(arrays: Mapping[str, np.ndarray]) -> None:
    """No array holds objects: these would need pickles."""
    objects = [name for name, array in arrays.items() if array.dtype.hasobject]
    if objects:
        raise DataError(
            "The survey holds values that are neither numbers nor text.",
            where="svy.save",
            found=", ".join(objects),
            todo="convert these columns or steps before saving; a file never holds pickled objects",
        )

"""Results as files: JSON with everything, CSV for reading; never row-level values.

The covariance of k rows is k (k + 1) / 2 numbers: its lower triangle stands in the JSON as the bytes of doubles (little
endian, rows one after the other) in base64, exact and a twentieth of what digits would take.
"""

from __future__ import annotations

import base64
import datetime
import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.archive import write_text
from llo_research.numerics.groups import Floats
from llo_research.results.columns import DETAILS
from llo_research.results.intervals import OwnEnds
from llo_research.results.receipts.told import told_of as told_of_result
from llo_research.results.rules import guarded_kinds
from llo_research.results.standing import kept_sides

if TYPE_CHECKING:
    from llo_research.results.result import Result

FORMAT = 3
CHECKED = "checked"  # in files of restricted data: what profiles hold of the rows
BEHIND = "behind"  # in memory only: the result with its rows


def save_result(result: Result, path: str | Path) -> Path:
    """Write ``path.json`` and ``path.csv``; returns the path of the JSON file."""
    stem = Path(path)
    if stem.suffix in (".json", ".csv"):
        stem = stem.with_suffix("")
    target = stem.with_name(stem.name + ".json")
    told = {"format": FORMAT, **told_of(_checked(result))}
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(target, text + "\n", "result.save")
    frame = result.to_frame()
    if kind := data_of(result):
        frame["data"] = kind
    write_text(stem.with_name(stem.name + ".csv"), frame.to_csv(index=False, lineterminator="\n"), "result.save")
    return target


def _checked(result: Result) -> Result:
    """Of restricted data the result with what profiles hold of it, while it is known who stands behind it."""
    if result.design is None or not guarded_kinds(result.meta.get("source")):
        return result
    profiles = import_module("llo_research.report.disclosure.when_saved").checked(result)
    return replace(result, meta={**result.meta, CHECKED: {"of": result.estimate, "profiles": profiles}})


def data_of(result: Result) -> str:
    """What a result was made from, in a word that goes with each row of its table: synthetic, restricted or another."""
    source = result.meta.get("source") or {}
    if source.get("synthetic"):
        return "synthetic"
    return "restricted" if source.get("restricted") else str(source.get("kind") or "")


def told_of(result: Result) -> dict[str, Any]:
    """What a file keeps of a result."""
    details = None if result.details is None else result.details()
    cells = pd.DataFrame() if result.cell_details is None else result.cell_details()
    return {
        "kind": type(result).__name__,
        "rows": {name: told_column(result.rows[name]) for name in result.rows.columns},
        "estimate": plain(result.estimate),
        "covariance": packed(result.covariance),
        "vcov": {"name": result.inference.vcov.name, "facts": plain(result.inference.facts)},
        "df": plain(result.df),
        "scale": plain(result.scales),
        "n": plain(result.n),
        "labels": list(result.labels),
        "quantity": [[q.kind, q.unit, q.null, q.on] for q in result.quantity],
        "level": result.level,
        "interval": result.interval if isinstance(result.interval, str) else list(result.interval),
        "simultaneous": result.simultaneous,
        "tested": result.tested,
        "own_ends": None if result.own_ends is None else told_ends(result.own_ends),
        "draws": [_draw(draw) for draw in result.draws],
        "flags": result.flags,
        "details": {} if details is None else {c: plain(details[c].to_numpy()) for c in DETAILS if c in details},
        "columns": {name: plain(values) for name, values in result.columns.items()},
        "cells": {c: plain(cells[c].to_numpy()) for c in cells},
        "meta": plain({**result.meta, **_narrowed(result), **kept_sides(result)}),
        "own": result.kept(),
    }


def _narrowed(result: Result) -> dict[str, Any]:
    """What a file says of the survey: of its columns those that the result names."""
    told = result.meta.get("survey")
    kept = {name: value for name, value in (told or {}).items() if name not in ("values", BEHIND)}
    return {} if told is None else {"survey": {**kept, "columns": dict(told_of_result(result).columns)}}


def packed(covariance: Floats) -> dict[str, Any]:
    """A symmetric matrix as the bytes of its lower triangle."""
    triangle = covariance[np.tril_indices(len(covariance))]
    return {"size": len(covariance), "triangle": base64.b64encode(triangle.astype("<f8").tobytes()).decode("ascii")}


def unpacked(told: Any, size: int) -> Floats:
    """The matrix back; files of the first formats hold all its numbers."""
    if not isinstance(told, dict):
        return np.array(told, dtype=np.float64).reshape(size, size)
    triangle = np.frombuffer(base64.b64decode(told["triangle"], validate=True), dtype="<f8")
    if told["size"] != size or len(triangle) != size * (size + 1) // 2:
        raise ValueError("a covariance of another size")
    out = np.zeros((size, size))
    out[np.tril_indices(size)] = triangle
    return np.where(np.tri(size, dtype=bool), out, out.T)


def _draw(draw: Result) -> dict[str, Any]:
    """What a contrast needs of one imputation."""
    return {"estimate": plain(draw.estimate), "covariance": packed(draw.covariance), "df": plain(draw.df)}


def told_ends(own: OwnEnds) -> dict[str, Any]:
    """Ends of intervals that are not a function of estimate and standard error, and the rows that have them."""
    return {"low": plain(own.low), "high": plain(own.high), "here": plain(own.here)}


def told_column(series: pd.Series) -> dict[str, Any]:
    """A column of identifiers with its type, and its order of levels."""
    values = [None if gone else _level(value) for value, gone in zip(series, series.isna(), strict=True)]
    told: dict[str, Any] = {"values": values, "type": str(series.dtype)}
    if isinstance(series.dtype, pd.CategoricalDtype):
        told["levels"], told["ordered"] = [_level(v) for v in series.cat.categories], bool(series.cat.ordered)
    return told


def _level(value: Any) -> Any:
    """A level as JSON knows it; classes and times are marked."""
    if isinstance(value, pd.Interval):
        return {"class": [_level(value.left), _level(value.right), value.closed]}
    if isinstance(value, pd.Timestamp | datetime.date):
        return {"time": pd.Timestamp(value).isoformat()}
    if isinstance(value, pd.Timedelta):
        return {"duration": value.isoformat()}
    if isinstance(value, pd.Period):
        return {"period": [str(value), value.freqstr]}
    return plain(value)


def plain(value: Any) -> Any:
    """Numpy, unknown and infinite numbers as what JSON knows."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None if np.isnan(value) else str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)

"""Results on disk: JSON with everything, CSV for reading; never row-level values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.result import Result
from llo_research.results.floors import FACTS

_FORMAT = 1


def save_result(result: Result, path: str | Path) -> Path:
    """Write ``path.json`` and ``path.csv``; returns the path of the JSON file."""
    stem = Path(path)
    if stem.suffix in (".json", ".csv"):
        stem = stem.with_suffix("")
    stem.parent.mkdir(parents=True, exist_ok=True)
    frame = result.to_frame()
    told = {
        "format": _FORMAT,
        "rows": {name: _column(result.rows[name]) for name in result.rows.columns},
        "estimate": _plain(result.estimate),
        "covariance": _plain(result.covariance),
        "df": _plain(result.df),
        "scale": _plain(result.scales),
        "n": _plain(result.n),
        "labels": list(result.labels),
        "level": result.level,
        "interval": result.interval,
        "simultaneous": result.simultaneous,
        "tested": result.tested,
        "own_ends": None if result.own_ends is None else _plain(list(result.own_ends)),
        "flags": result.flags,
        "details": {c: _plain(frame[c].to_numpy()) for c in ("sum_weights", "n_eff", "deff") if c in frame},
        "cells": {c: _plain(result.cells[c].to_numpy()) for c in FACTS if c in result.cells},
        "meta": _plain(result.meta),
    }
    target = stem.with_name(stem.name + ".json")
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    target.write_text(text + "\n", encoding="utf-8", newline="\n")
    frame.to_csv(stem.with_name(stem.name + ".csv"), index=False, encoding="utf-8", lineterminator="\n")
    return target


def read_result(path: str | Path) -> Result:
    """Read back what :meth:`Result.save` wrote; influence values and replicates are not part of it.

    Parameters
    ----------
    path : str or Path
        With or without the ending ``.json``.

    Returns
    -------
    Result
        Estimates, covariance, df, intervals, table, contrasts; without influence values and replicates.

    Raises
    ------
    DataError
        No such file, or not a saved result.

    Examples
    --------
    >>> import llo_research as llo
    >>> llo.read_result("not_there")
    Traceback (most recent call last):
    ...
    llo_research.errors.DataError: There is no such file.
      where: not_there.json
      what to do: check the folder; result.save(path) writes one
    """
    target = _existing(path)
    try:
        told = json.loads(target.read_text(encoding="utf-8"))
        if told["format"] != _FORMAT:
            raise DataError(
                "The file was written by another version.",
                where=str(target),
                found=f"format {told['format']}",
                expected=f"format {_FORMAT}",
                todo="make the result again and save it",
            )
        rows = pd.DataFrame({name: _restore(column) for name, column in told["rows"].items()})
        scale = None if told.get("scale") is None else _array(told["scale"])
        details, cells = pd.DataFrame(told["details"], dtype=float), pd.DataFrame(told["cells"])
        return Result(
            rows=rows,
            estimate=_array(told["estimate"]),
            covariance=_array(told["covariance"]).reshape(len(rows), len(rows)),
            df=_array(told["df"]),
            meta=told["meta"],
            labels=tuple(told["labels"]),
            level=told["level"],
            interval=told["interval"],
            simultaneous=told["simultaneous"],
            tested=told["tested"],
            n=None if told["n"] is None else _array(told["n"]),
            details=(lambda: details) if len(details) else None,
            cell_details=(lambda: cells) if len(cells) else None,
            extra_flags=_extra(told["flags"]),
            own_ends=_ends(told.get("own_ends")),
            scale=None if scale is None else (lambda: scale),
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        raise DataError(
            "The file is not a saved result.",
            where=str(target),
            found=str(error)[:100],
            todo="result.save(path) makes one",
        ) from None


def _existing(path: str | Path) -> Path:
    """The JSON file of a saved result."""
    target = Path(path)
    if target.suffix != ".json":
        target = target.with_name(target.name + ".json")
    if not target.exists():
        raise DataError(
            "There is no such file.", where=str(target), todo="check the folder; result.save(path) writes one"
        )
    return target


def _ends(told: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Ends of intervals that are not a function of estimate and standard error."""
    return None if told is None else (_array(told[0]), _array(told[1]))


def _extra(flags: list[str]) -> tuple[str, ...]:
    """Flags that cannot be worked out again from the numbers."""
    keep = {"replicate_undefined", "empty", "break", "break_adjusted", "not_identified", "open_interval", "jackknife"}
    return tuple(" ".join(word for word in words.split() if word in keep) for words in flags)


def _column(series: pd.Series) -> dict[str, Any]:
    """A column of identifiers with its order of levels."""
    told: dict[str, Any] = {"values": _plain(series.astype(object).where(series.notna(), None).tolist())}
    if isinstance(series.dtype, pd.CategoricalDtype):
        told["levels"], told["ordered"] = _plain(list(series.cat.categories)), bool(series.cat.ordered)
    return told


def _restore(told: dict[str, Any]) -> Any:
    """The column back."""
    if "levels" in told:
        return pd.Categorical(told["values"], categories=told["levels"], ordered=told["ordered"])
    return told["values"]


def _array(values: Any) -> np.ndarray:
    """Numbers with null as nan."""
    return np.array(values, dtype=np.float64)


def _plain(value: Any) -> Any:
    """Numpy and infinite numbers as what JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)

"""Results on disk: JSON with everything, CSV for reading; never row-level values."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.believing import believed
from llo_research.estimation.intervals import OwnEnds
from llo_research.estimation.result import Known, Result
from llo_research.estimation.straddling import kept_sides
from llo_research.survey.archive import write_text

_FORMAT = 2
_READ = (1, 2)
# columns of rows that come back in their own type; anything else as pandas finds it
_TYPES = re.compile(r"u?int\d+|float\d+|bool|boolean|U?Int\d+|Float\d+|str|string|datetime64\[.*\]|timedelta64\[.*\]")
# what the first format told in meta as well
_ONCE_IN_META = ("level", "interval", "simultaneous")
_FACTS = ("sum_weights", "n_eff", "deff")


def save_result(result: Result, path: str | Path) -> Path:
    """Write ``path.json`` and ``path.csv``; returns the path of the JSON file."""
    stem = Path(path)
    if stem.suffix in (".json", ".csv"):
        stem = stem.with_suffix("")
    told = {"format": _FORMAT, **_told(result)}
    if type(result).__name__ == "Trend":
        told["kind"] = "Trend"
    differences = getattr(result, "differences", None)
    if differences is not None:
        told["banner"] = {"differences": _told(differences), "effect": _plain(getattr(result, "effect", None))}
    target = stem.with_name(stem.name + ".json")
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(target, text + "\n", "result.save")
    write_text(
        stem.with_name(stem.name + ".csv"), result.to_frame().to_csv(index=False, lineterminator="\n"), "result.save"
    )
    return target


def _told(result: Result) -> dict[str, Any]:
    """What a file keeps of a result."""
    frame = result.to_frame()
    cells = pd.DataFrame() if result.cell_details is None else result.cell_details()
    return {
        "rows": {name: _column(result.rows[name]) for name in result.rows.columns},
        "estimate": _plain(result.estimate),
        "covariance": _plain(result.covariance),
        "df": _plain(result.df),
        "scale": _plain(result.scales),
        "n": _plain(result.n),
        "labels": list(result.labels),
        "level": result.level,
        "interval": result.interval if isinstance(result.interval, str) else list(result.interval),
        "simultaneous": result.simultaneous,
        "tested": result.tested,
        "own_ends": None if result.own_ends is None else _told_ends(result.own_ends),
        "draws": [_draw(draw) for draw in result.draws],
        "flags": result.flags,
        "details": {c: _plain(frame[c].to_numpy()) for c in _FACTS if c in frame},
        "cells": {c: _plain(cells[c].to_numpy()) for c in cells},
        "meta": _plain({**result.meta, **kept_sides(result)}),
    }


@believed
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
        if told["format"] not in _READ:
            raise DataError(
                "The file was written by another version.",
                where=str(target),
                found=f"format {told['format']}",
                expected=f"format {' or '.join(map(str, _READ))}",
                todo="make the result again and save it",
            )
        result = _banner(told) if "banner" in told else _rebuilt(told)
        return _as_trend(result) if told.get("kind") == "Trend" else result
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        raise DataError(
            "The file is not a saved result.",
            where=str(target),
            found=str(error)[:100],
            todo="result.save(path) makes one",
        ) from None


def _rebuilt(told: dict[str, Any]) -> Result:
    """The result that a file tells."""
    rows = pd.DataFrame({name: _restore(column) for name, column in told["rows"].items()})
    level, simultaneous = told["level"], told["simultaneous"]
    scale = None if told.get("scale") is None else _array(told["scale"])
    details, cells = pd.DataFrame(told["details"], dtype=float), _facts(told["cells"])
    result = Result(
        rows=rows,
        estimate=_array(told["estimate"]),
        covariance=_array(told["covariance"]).reshape(len(rows), len(rows)),
        df=_array(told["df"]),
        meta={key: value for key, value in told["meta"].items() if key not in _ONCE_IN_META},
        labels=tuple(told["labels"]),
        level=level,
        interval=told["interval"] if isinstance(told["interval"], str) else tuple(told["interval"]),
        simultaneous=simultaneous,
        tested=told["tested"],
        n=None if told["n"] is None else _array(told["n"]),
        details=Known(details) if len(details) else None,
        cell_details=Known(cells) if len(cells) else None,
        extra_flags=tuple(told["flags"]),
        own_ends=_ends(told.get("own_ends"), level, simultaneous),
        scale=None if scale is None else Known(scale),
    )
    return replace(result, draws=tuple(_read_draw(result, draw) for draw in told.get("draws", [])))


def _as_trend(result: Result) -> Result:
    """A trend, with the tests that lie in its ``.meta``."""
    if not isinstance(result.meta["tests"], list):
        raise ValueError("a trend without its tests")
    from llo_research.estimation.trends import Trend

    return Trend(**{item.name: getattr(result, item.name) for item in fields(Result)})


def _banner(told: dict[str, Any]) -> Result:
    """A table book, with the differences beside its means."""
    from llo_research.estimation.banner import Banner

    means, differences = _rebuilt(told), _rebuilt(told["banner"]["differences"])
    effect = _array(told["banner"]["effect"])
    if len(differences.estimate) != len(means.estimate) or effect.shape != means.estimate.shape:
        raise ValueError("a table book with differences that do not fit its rows")
    known = {item.name: getattr(means, item.name) for item in fields(Result)}
    return Banner(**known, differences=differences, effect=effect)


def _draw(draw: Result) -> dict[str, Any]:
    """What a contrast needs of one imputation."""
    return {"estimate": _plain(draw.estimate), "covariance": _plain(draw.covariance), "df": _plain(draw.df)}


def _read_draw(result: Result, told: dict[str, Any]) -> Result:
    """One imputation of a result; its meta is that of the whole, but for being one over imputations."""
    names = ("imputations", "imputation_share_of_variance", "plausible_values", "imputed_variables")
    return replace(
        result,
        estimate=_array(told["estimate"]),
        covariance=_array(told["covariance"]).reshape(result.covariance.shape),
        df=_array(told["df"]),
        meta={name: value for name, value in result.meta.items() if name not in names},
    )


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


def _told_ends(own: OwnEnds) -> dict[str, Any]:
    """Ends of intervals that are not a function of estimate and standard error, and the rows that have them."""
    return {"low": _plain(own.low), "high": _plain(own.high), "here": _plain(own.here)}


def _ends(told: Any, level: float, simultaneous: bool) -> OwnEnds | None:
    """The ends back; in the first format they were a pair, of all rows."""
    if told is None:
        return None
    if isinstance(told, list):
        told = {"low": told[0], "high": told[1], "here": [True] * len(told[0])}
    low, high, here = _array(told["low"]), _array(told["high"]), np.array(told["here"], dtype=bool)
    return OwnEnds(float(level), simultaneous, low, high, here)


def _column(series: pd.Series) -> dict[str, Any]:
    """A column of identifiers with its type, and its order of levels."""
    values = [None if gone else _level(value) for value, gone in zip(series, series.isna(), strict=True)]
    told: dict[str, Any] = {"values": values, "type": str(series.dtype)}
    if isinstance(series.dtype, pd.CategoricalDtype):
        told["levels"], told["ordered"] = [_level(v) for v in series.cat.categories], bool(series.cat.ordered)
    return told


def _restore(told: dict[str, Any]) -> Any:
    """The column back."""
    values = [_known_level(value) for value in told["values"]]
    if "levels" in told:
        levels = [_known_level(value) for value in told["levels"]]
        if any(value is not None and value not in levels for value in values):
            raise ValueError("a value that is not among its levels")
        return pd.Categorical(values, categories=levels, ordered=told["ordered"])
    if _TYPES.fullmatch(told.get("type", "")):
        return pd.Series(values, dtype=told["type"])
    return pd.Series(values, dtype=object) if told.get("type") == "object" else values


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
    return _plain(value)


def _known_level(told: Any) -> Any:
    """The level back."""
    if not isinstance(told, dict):
        return told
    kind, value = next(iter(told.items()))
    if kind == "class":
        return pd.Interval(_known_level(value[0]), _known_level(value[1]), closed=value[2])
    if kind == "period":
        return pd.Period(value[0], freq=value[1])
    return pd.Timedelta(value) if kind == "duration" else pd.Timestamp(value)


def _facts(told: dict[str, list[Any]]) -> pd.DataFrame:
    """Counts as whole numbers, and shares, which may be unknown."""
    whole = {name for name, values in told.items() if all(isinstance(value, int) for value in values)}
    return pd.DataFrame({name: np.array(v, dtype=np.int64) if name in whole else _array(v) for name, v in told.items()})


def _array(values: Any) -> np.ndarray:
    """Numbers with null as nan."""
    return np.array(values, dtype=np.float64)


def _plain(value: Any) -> Any:
    """Numpy, unknown and infinite numbers as what JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None if np.isnan(value) else str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)

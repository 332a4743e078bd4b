"""A survey in one file, without loss: numpy arrays and JSON in an ``.npz``, no pickles."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.survey.packing import pack, unpack
from llo_research.survey.survey import Survey

_FORMAT = 1


def save_survey(svy: Survey, path: str | Path) -> Path:
    """Write data, design arguments, domain and notes; returns the path with its ending."""
    target = Path(path)
    if target.suffix != ".npz":
        target = target.with_name(target.name + ".npz")
    if "stacked" in svy.design.roles:
        raise DataError(
            "A stack of surveys is not saved as one.",
            where="svy.save",
            found=", ".join(svy.design.roles["stacked"]),
            todo="save the surveys, and stack them again after reading: llo.stack({'a': llo.read_survey(...), ...})",
        )
    arrays: dict[str, np.ndarray] = {}
    frame = svy.frame
    columns = [_pack(frame.iloc[:, i], f"c{i}", arrays) for i in range(frame.shape[1])]
    index_frame = frame.index.to_frame(index=False)
    index = [_pack(index_frame.iloc[:, i], f"i{i}", arrays) for i in range(index_frame.shape[1])]
    if svy._domain is not None:
        arrays["domain"] = svy._domain
    head = {
        "format": _FORMAT,
        "rows": len(frame),
        "columns": columns,
        "index": index,
        "index_names": [None if name is None else str(name) for name in frame.index.names],
        "arguments": _plain(svy._arguments),
        "notes": _plain(list(svy._notes)),
        "labels": _plain(svy.labels),
        "source": _plain(svy.source),
        "weighting": _weighting(svy, arrays),
    }
    arrays["head"] = np.frombuffer(json.dumps(head, ensure_ascii=False).encode("utf-8"), dtype=np.uint8)
    _write(target, arrays)
    return target


def _write(target: Path, arrays: dict[str, np.ndarray]) -> None:
    """The arrays as one file, without pickles."""
    objects = [name for name, array in arrays.items() if array.dtype.hasobject]
    if objects:
        raise DataError(
            "The survey holds values that are neither numbers nor text.",
            where="svy.save",
            found=", ".join(objects),
            todo="convert these columns or steps before saving; a file never holds pickled objects",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        # savez knows no allow_pickle before numpy 2.1, and would store it as an array of that name
        contents: dict[str, Any] = dict(arrays)
        np.savez_compressed(stream, **contents)


def read_survey(path: str | Path) -> Survey:
    """Read back what :meth:`Survey.save` wrote.

    Parameters
    ----------
    path : str or Path
        With or without the ending ``.npz``.

    Returns
    -------
    Survey
        Data, design, weighting steps, domain, labels and source as they were.

    Raises
    ------
    DataError
        No such file, or not a saved survey.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> svy = llo.Survey(pd.DataFrame({"y": [1.0, 3.0], "w": [1.0, 1.0]}), weights="w")
    >>> llo.mean("y", llo.read_survey(svy.save("small"))).estimate.tolist()
    [2.0]
    """
    target = Path(path)
    if not target.exists() and target.with_name(target.name + ".npz").exists():
        target = target.with_name(target.name + ".npz")
    if not target.exists():
        raise DataError("There is no such file.", where=str(path), todo="check the folder; svy.save(path) writes one")
    try:
        with np.load(target, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        head = json.loads(arrays["head"].tobytes().decode("utf-8"))
        if head["format"] != _FORMAT:
            raise DataError(
                "The file was written by another version.",
                where=str(path),
                found=f"format {head['format']}",
                expected=f"format {_FORMAT}",
                todo="make the survey again and save it",
            )
    except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, BadZipFile, zlib.error) as error:
        raise DataError(
            "The file is not a saved survey.",
            where=str(path),
            found=str(error)[:100],
            todo="svy.save(path) writes one",
        ) from None
    frame = pd.concat([_unpack(told, arrays) for told in head["columns"]], axis=1)
    parts = [_unpack(told, arrays) for told in head["index"]]
    frame.index = pd.Index(parts[0]) if len(parts) == 1 else pd.MultiIndex.from_arrays(parts)
    frame.index.names = head["index_names"]
    weight = head["arguments"]["weights"]
    known = frame if weight is None else frame.assign(**{weight: frame[weight].fillna(0)})
    svy = Survey(known, **head["arguments"], labels=head["labels"], source=head["source"])
    svy = svy._with(frame=frame, domain=arrays.get("domain"), notes=tuple(head["notes"]))
    return _weighted(svy, head["weighting"], arrays)


def _weighting(svy: Survey, arrays: dict[str, np.ndarray]) -> Any:
    """What the constructor's arguments do not say: weights, steps, and replicate weights that were made here."""
    made_here = svy.design.replicates is not None and svy._arguments["replicate_weights"] is None
    if not svy.design.steps and not made_here:
        return None
    kept = {"weights": svy._weights, "base_weights": svy._base_weights, "steps": svy.design.steps}
    replicates = svy.design.replicates
    if replicates is not None and replicates.origin is not None:
        replicates = replace(replicates, origin=None)
    return pack({**kept, "replicates": replicates}, "weighting", arrays)


def _weighted(svy: Survey, told: Any, arrays: dict[str, np.ndarray]) -> Survey:
    """The survey with its weights, steps and replicates."""
    if told is None:
        return svy
    kept = unpack(told, arrays)
    replicates = kept["replicates"]
    if replicates is not None and svy.design.replicates is not None:
        replicates = replace(replicates, origin=svy.design.replicates)
    design = replace(svy.design, steps=kept["steps"], replicates=replicates)
    return svy._with(design=design, weights=kept["weights"], base_weights=kept["base_weights"])


def _numpy_kind(series: pd.Series) -> str | None:
    """The numpy type that holds the values of a nullable or Arrow column of numbers or booleans."""
    if not pd.api.types.is_extension_array_dtype(series) or "decimal" in str(series.dtype):
        return None
    if pd.api.types.is_bool_dtype(series):
        return "bool"
    if pd.api.types.is_integer_dtype(series):
        return "uint64" if pd.api.types.is_unsigned_integer_dtype(series) else "int64"
    return "float64" if pd.api.types.is_float_dtype(series) else None


def _pack(series: pd.Series, key: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Store one column under `key`; returns what is needed to rebuild it."""
    told: dict[str, Any] = {"key": key, "name": _plain(series.name), "dtype": str(series.dtype)}
    if isinstance(series.dtype, pd.CategoricalDtype):
        arrays[key] = series.cat.codes.to_numpy()
        arrays[key + "_levels"] = np.empty(0)
        levels = series.cat.categories
        inner = _pack(pd.Series(levels), key + "_levels", arrays)
        return {**told, "dtype": "category", "ordered": bool(series.cat.ordered), "levels": inner}
    missing = series.isna().to_numpy()
    values = series.to_numpy()
    if values.dtype.kind in "biufM" and str(values.dtype) == str(series.dtype):
        arrays[key] = values.view("i8") if values.dtype.kind == "M" else values
        return told
    plain = _numpy_kind(series)
    if plain is not None:
        arrays[key] = series.to_numpy(dtype=plain, na_value=False if plain == "bool" else 0)
        arrays[key + "_missing"] = missing
        return told
    kinds = {type(value) for value in values[~missing]}
    if not kinds <= {str, bool, int, float, np.bool_, np.int64, np.float64}:
        raise DataError(
            f"The column {series.name!r} cannot be saved.",
            where="svy.save",
            found=", ".join(sorted(k.__name__ for k in kinds)),
            expected="numbers, booleans, text, dates without time zone, and categories of these",
            todo="convert it or drop it before making the Survey",
        )
    text = json.dumps(
        [None if gone else _plain(v) for v, gone in zip(values, missing, strict=True)], ensure_ascii=False
    )
    arrays[key] = np.frombuffer(text.encode("utf-8"), dtype=np.uint8)
    return {**told, "json": True}


def _unpack(told: dict[str, Any], arrays: dict[str, np.ndarray]) -> pd.Series:
    """Rebuild one column."""
    key, name = told["key"], told["name"]
    if told["dtype"] == "category":
        levels = _unpack(told["levels"], arrays)
        return pd.Series(
            pd.Categorical.from_codes(arrays[key], categories=pd.Index(levels), ordered=told["ordered"]),
            name=name,
        )
    if told.get("json"):
        values = json.loads(arrays[key].tobytes().decode("utf-8"))
        own_text_type = told["dtype"] != "str" or int(pd.__version__.split(".")[0]) >= 3
        return pd.Series(values, name=name, dtype=told["dtype"] if own_text_type else object)
    if key + "_missing" in arrays:
        values = pd.array(arrays[key], dtype=told["dtype"])
        values[arrays[key + "_missing"]] = pd.NA
        return pd.Series(values, name=name)
    if told["dtype"].startswith("datetime64"):
        return pd.Series(arrays[key].view(told["dtype"]), name=name)
    return pd.Series(arrays[key], name=name)


def _plain(value: Any) -> Any:
    """Numpy scalars, tuples and arrays as what JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    return value

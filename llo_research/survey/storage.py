"""A survey in one file, without loss: numpy arrays and JSON in an ``.npz``, no pickles."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.archive import UNREADABLE, read_archive, write_archive
from llo_research.errors import DataError, LloError
from llo_research.survey.packing import pack, unpack
from llo_research.survey.saved_columns import pack_column, pack_name, unpack_column, unpack_name
from llo_research.survey.survey import Survey

_FORMAT = 2
_KNOWN = (1, 2)
_PACKED = ("arguments", "notes", "labels", "source", "origins", "kinds")


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
    columns = [pack_column(frame.iloc[:, i], f"c{i}", arrays) for i in range(frame.shape[1])]
    index_frame = frame.index.to_frame(index=False)
    index = [pack_column(index_frame.iloc[:, i], f"i{i}", arrays) for i in range(index_frame.shape[1])]
    if svy._domain is not None:
        arrays["domain"] = svy._domain
    head = {
        "format": _FORMAT,
        "rows": len(frame),
        "columns": columns,
        "levels": frame.columns.nlevels,
        "column_names": [pack_name(name) for name in frame.columns.names],
        "index": index,
        "index_names": [pack_name(name) for name in frame.index.names],
        "arguments": pack(svy._arguments, "arguments", arrays),
        "notes": pack(list(svy._notes), "notes", arrays),
        "labels": pack(svy.labels, "labels", arrays),
        "source": pack(svy.source, "source", arrays),
        "origins": pack(dict(svy._origins), "origins", arrays),
        "kinds": pack(dict(svy._kinds), "kinds", arrays),
        "weighting": _weighting(svy, arrays),
    }
    text = json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass")
    arrays["head"] = np.frombuffer(text, dtype=np.uint8)
    _check_plain(arrays)
    write_archive(target, arrays, "svy.save")
    return target


def _check_plain(arrays: dict[str, np.ndarray]) -> None:
    """No array holds objects: these would need pickles."""
    objects = [name for name, array in arrays.items() if array.dtype.hasobject]
    if objects:
        raise DataError(
            "The survey holds values that are neither numbers nor text.",
            where="svy.save",
            found=", ".join(objects),
            todo="convert these columns or steps before saving; a file never holds pickled objects",
        )


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
        return _proven(_rebuilt(target))
    except LloError:
        raise
    except UNREADABLE as error:
        raise DataError(
            "The file is not a saved survey.",
            where=str(path),
            found=str(error)[:100],
            todo="svy.save(path) writes one",
        ) from None


def _proven(svy: Survey) -> Survey:
    """The survey, when its design can be told and gives a variance; what the design refuses is said when it is used."""
    if not all(isinstance(note, dict) for note in svy._notes):
        raise ValueError("a note that is none")
    weights = svy.weights.to_numpy()
    if weights.dtype.kind not in "iuf" or not np.isfinite(weights).all():
        raise ValueError("a weight that is none")
    with suppress(LloError):
        str(svy.describe()), svy._meta()
        svy.design.covariance(weights[:, None].astype(float))
    return svy


def _rebuilt(target: Path) -> Survey:
    """The survey in a file."""
    text, read_arrays = read_archive(target, "head")
    head = json.loads(text.decode("utf-8", "surrogatepass"))
    if head["format"] not in _KNOWN:
        raise DataError(
            "The file was written by another version.",
            where=str(target),
            found=f"format {head['format']}",
            expected=" or ".join(f"format {number}" for number in _KNOWN),
            todo="make the survey again and save it",
        )
    rows = head["rows"]
    arrays = read_arrays(rows)
    told = head if head["format"] == 1 else head | {n: unpack(head[n], arrays) for n in _PACKED}
    series = [unpack_column(column, arrays) for column in head["columns"]]
    parts = [unpack_column(column, arrays) for column in head["index"]]
    if any(len(column) != rows for column in (*series, *parts)):
        raise ValueError("columns of different lengths")
    frame = pd.concat(series, axis=1) if series else pd.DataFrame(index=range(rows))
    if head.get("levels", 1) > 1:
        names: list[Any] = list(frame.columns)
        frame.columns = pd.MultiIndex.from_tuples(names)
    frame.columns.names = [unpack_name(name) for name in head.get("column_names", [None])]
    frame.index = pd.Index(parts[0]) if len(parts) == 1 else pd.MultiIndex.from_arrays(parts)
    frame.index.names = [unpack_name(name) for name in head["index_names"]]
    weight = told["arguments"]["weights"]
    known = frame if weight is None else frame.assign(**{weight: frame[weight].fillna(0)})
    svy = Survey(known, **told["arguments"], labels=told["labels"], source=told["source"])
    domain = arrays.get("domain")
    if domain is not None and (domain.dtype != bool or domain.shape != (rows,)):
        raise ValueError("a domain of another length")
    origins = {name: tuple(sources) for name, sources in dict(told.get("origins", {})).items()}
    kinds = dict(told.get("kinds", {}))
    svy = svy._with(frame=frame, domain=domain, notes=tuple(told["notes"]), origins=origins, kinds=kinds)
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
    sizes = [len(kept[name]) for name in ("weights", "base_weights")]
    if (made := kept["replicates"]) is not None:
        sizes += [len(made.columns(0, 1))]
        if np.ndim(made.factors) != 2 or np.shape(made.rscales) != (made.n_replicates,):
            raise ValueError("replicates that do not fit their factors")
        if svy.design.replicates is not None:
            made = replace(made, origin=svy.design.replicates)
    if any(size != len(svy) for size in sizes):
        raise ValueError("weights of another length")
    design = replace(svy.design, steps=kept["steps"], replicates=made)
    return svy._with(design=design, weights=kept["weights"], base_weights=kept["base_weights"])

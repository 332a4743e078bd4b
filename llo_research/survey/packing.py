"""Frozen dataclasses of this library as JSON and arrays, and back; nothing else is ever built from a file."""

from __future__ import annotations

import dataclasses
from importlib import import_module
from typing import Any

import numpy as np

from llo_research.errors import DataError

# What a file may name, and where it lives today: a file holds the name of a class and never that of its module, so that
# classes can move. Files of format 1 and 2 name the module before a colon, which is passed over.
_PLACES = {
    "llo_research.design.adjusted_replicates": "AdjustedReplicates",
    "llo_research.design.recipe": "OnRows",
    "llo_research.design.replicates": "Replicates",
    "llo_research.numerics.auxiliaries": "RowColumns Dense Levels Apart Picked",
    "llo_research.numerics.calibration": "Distance Independence",
    "llo_research.numerics.trimming": "Repeated Spread",
    "llo_research.weighting.calibration": "Calibration",
    "llo_research.weighting.margins": "EstimatedTotals Margin",
    "llo_research.weighting.nonresponse": "ClassAdjustment PropensityAdjustment Everybody",
    "llo_research.weighting.parts": "Combination",
    "llo_research.weighting.system": "Members System",
    "llo_research.weighting.trimming": "Clip SpreadClip MarginTrimming",
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names.split()}


def pack(value: Any, key: str, arrays: dict[str, np.ndarray]) -> Any:
    """What JSON knows, with arrays set aside under names that begin with `key`."""
    if isinstance(value, np.ndarray):
        arrays[key] = value
        return {"array": key}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return {type(value).__name__: [pack(item, f"{key}.{i}", arrays) for i, item in enumerate(value)]}
    if isinstance(value, dict):
        pairs = [
            [pack(k, f"{key}.k{i}", arrays), pack(v, f"{key}.{i}", arrays)] for i, (k, v) in enumerate(value.items())
        ]
        return {"dict": pairs}
    name = type(value).__qualname__
    ours = type(value).__module__ == _PLACE_OF.get(name)
    if ours and hasattr(value, "packed"):
        return {"class": name, "packed": pack(value.packed(), key, arrays)}
    if ours:
        fields = {f.name: pack(getattr(value, f.name), f"{key}.{f.name}", arrays) for f in dataclasses.fields(value)}
        return {"class": name, "fields": fields}
    raise DataError(
        "A part of the survey cannot be saved.",
        where=key,
        found=f"{type(value).__module__}:{name}",
        expected="numbers, text, arrays and the weighting steps of this library",
        todo="save the survey before this step",
    )


def unpack(told: Any, arrays: dict[str, np.ndarray]) -> Any:
    """The value back."""
    if not isinstance(told, dict):
        return told
    if "array" in told:
        return arrays[told["array"]]
    if "list" in told:
        return [unpack(item, arrays) for item in told["list"]]
    if "tuple" in told:
        return tuple(unpack(item, arrays) for item in told["tuple"])
    if "dict" in told:
        return {unpack(k, arrays): unpack(v, arrays) for k, v in told["dict"]}
    kind = _class(told["class"])
    if "packed" in told:
        return kind.unpacked(unpack(told["packed"], arrays))
    return kind(**{name: unpack(value, arrays) for name, value in told["fields"].items()})


def _class(name: str) -> Any:
    """A dataclass of this library by its name."""
    kind = name.rpartition(":")[2]
    if kind not in _PLACE_OF:
        raise DataError("The file names something that this version does not have.", found=name)
    return getattr(import_module(_PLACE_OF[kind]), kind)

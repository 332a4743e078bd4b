"""Frozen dataclasses of this library as JSON and arrays, and back; nothing else is ever built from a file."""

from __future__ import annotations

import dataclasses
from importlib import import_module
from typing import Any

import numpy as np

from llo_research.errors import DataError

_OURS = "llo_research."


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
    name = f"{type(value).__module__}:{type(value).__qualname__}"
    if hasattr(value, "packed"):
        return {"class": name, "packed": pack(value.packed(), key, arrays)}
    if dataclasses.is_dataclass(value) and name.startswith(_OURS):
        fields = {f.name: pack(getattr(value, f.name), f"{key}.{f.name}", arrays) for f in dataclasses.fields(value)}
        return {"class": name, "fields": fields}
    raise DataError(
        "A part of the survey cannot be saved.",
        where=key,
        found=name,
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
    module, _, kind = name.partition(":")
    if not module.startswith(_OURS) or "." in kind:
        raise DataError("The file names something that is not of this library.", found=name)
    found = getattr(import_module(module), kind, None)
    if not dataclasses.is_dataclass(found):
        raise DataError("The file names something that this version does not have.", found=name)
    return found

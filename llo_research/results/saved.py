"""Results read back from files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.results.believing import believed
from llo_research.results.earlier import quantities_of as of_earlier
from llo_research.results.estimates import Estimates
from llo_research.results.facts import Known
from llo_research.results.inference import Inference
from llo_research.results.intervals import OwnEnds
from llo_research.results.quantities import Quantity
from llo_research.results.result import KINDS, Result
from llo_research.results.storage import BEHIND, FORMAT, told_of, unpacked
from llo_research.results.vcov import DESIGN, Told

_READ = (1, 2, FORMAT)
# rooms that make kinds of results of their own; a file names the kind, not the room
_ROOMS = ("estimation", "regression", "regression.panel", "decomposition")
# columns of rows that come back in their own type; anything else as pandas finds it
_TYPES = re.compile(r"u?int\d+|float\d+|bool|boolean|U?Int\d+|Float\d+|str|string|datetime64\[.*\]|timedelta64\[.*\]")
# what the first format told in meta as well
_ONCE_IN_META = ("level", "interval", "simultaneous")


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
        return rebuilt(_as_now(told))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        raise DataError(
            "The file is not a saved result.",
            where=str(target),
            found=str(error)[:100],
            todo="result.save(path) makes one",
        ) from None


def without_people(result: Result) -> Result:
    """The result as a file would hold it: of sums over people, which cannot be laid beside the people of another."""
    told: dict[str, Any] = json.loads(json.dumps(told_of(result), allow_nan=False))
    bare = rebuilt(told)
    return replace(bare, meta={**bare.meta, "survey": {**(bare.meta.get("survey") or {}), BEHIND: result}})


def with_people(result: Result) -> Result:
    """The result of which another was made by :func:`without_people`; others as they are."""
    found: Result = (result.meta.get("survey") or {}).get(BEHIND, result)
    return found


def _as_now(told: dict[str, Any]) -> dict[str, Any]:
    """What earlier formats told, as it is told now."""
    if told["format"] == FORMAT:
        return told
    kind, own = told.get("kind", "Result"), {}
    if "banner" in told:
        kind, own = "Banner", {**told["banner"], "differences": _as_now({**told["banner"]["differences"], "format": 2})}
    return {**told, "kind": kind, "own": own}


def rebuilt(told: dict[str, Any]) -> Result:
    """The result that a file tells, of the kind that it was."""
    rows = pd.DataFrame({name: _restore(column) for name, column in told["rows"].items()})
    k, level, simultaneous = len(rows), told["level"], told["simultaneous"]
    details, cells = pd.DataFrame(told["details"], dtype=float), _facts(told["cells"])
    covariance = unpacked(told["covariance"], k)
    meta = {key: value for key, value in told["meta"].items() if key not in _ONCE_IN_META}
    size = None if told.get("scale") is None else _array(told["scale"])
    vcov = told.get("vcov") or {"name": DESIGN.name, "facts": DESIGN.facts()}
    result = Result(
        rows=rows,
        labels=tuple(told["labels"]),
        estimates=Estimates(_array(told["estimate"]), size=size),
        inference=Inference(
            covariance, covariance, _array(told["df"]), Told(vcov["name"], vcov["facts"]), dict(vcov["facts"])
        ),
        meta=meta,
        quantity=tuple(Quantity(*one) for one in told["quantity"]) if "quantity" in told else of_earlier(rows, meta),
        level=level,
        interval=told["interval"] if isinstance(told["interval"], str) else tuple(told["interval"]),
        simultaneous=simultaneous,
        tested=told["tested"],
        n=None if told["n"] is None else _array(told["n"]),
        details=Known(details) if len(details) else None,
        cell_details=Known(cells) if len(cells) else None,
        extra_flags=tuple(told["flags"]),
        columns={name: _array(values) for name, values in told.get("columns", {}).items()},
        own_ends=_ends(told.get("own_ends"), level, simultaneous),
    )
    result = replace(result, draws=tuple(_read_draw(result, draw) for draw in told.get("draws", [])))
    return _of_kind(told["kind"]).restored(result, told["own"], rebuilt)


def _of_kind(kind: str) -> type[Result]:
    """The class of a kind of results; the rooms that make them are asked until one knows it."""
    for room in _ROOMS:
        if kind in KINDS:
            break
        import_module(f"llo_research.{room}")
    return KINDS[kind]


def _read_draw(result: Result, told: dict[str, Any]) -> Result:
    """One imputation of a result; its meta is that of the whole, but for being one over imputations."""
    covariance = unpacked(told["covariance"], len(result.rows))
    names = ("imputations", "imputation_share_of_variance", "plausible_values", "imputed_variables")
    return replace(
        result,
        estimates=replace(result.estimates, value=_array(told["estimate"])),
        inference=replace(result.inference, covariance=covariance, sampling=covariance, df=_array(told["df"])),
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


def _ends(told: Any, level: float, simultaneous: bool) -> OwnEnds | None:
    """The ends back; in the first format they were a pair, of all rows."""
    if told is None:
        return None
    if isinstance(told, list):
        told = {"low": told[0], "high": told[1], "here": [True] * len(told[0])}
    low, high, here = _array(told["low"]), _array(told["high"]), np.array(told["here"], dtype=bool)
    return OwnEnds(float(level), simultaneous, low, high, here)


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

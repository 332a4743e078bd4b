"""The design of a file, as its producer gives it: weights, strata and units, or replicate weights and their method."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.data.layout import Layout
from llo_research.errors import DataError, LloWarning


def design_arguments(frame: pd.DataFrame, header: list[str], layout: Layout, path: Path) -> dict[str, Any]:
    """Keyword arguments of ``Survey`` for a file of this instrument.

    Raises
    ------
    DataError
        When the file's own account of its replicate weights is missing, contradicts itself, or names columns that are
        not there.
    """
    design, columns = layout.instrument.design, layout.columns
    arguments: dict[str, Any] = {
        "weights": columns[design["weight"]],
        "weight_kind": design.get("weight_kind", "expansion"),
    }
    if design.get("replicates") == "producer":
        return {**arguments, **_producer(frame, header, layout, path)}
    for name in ("psu", "time", "unit", "lonely_psu"):
        if name in design:
            arguments[name] = columns.get(design[name], design[name])
    if "strata" in design:
        arguments["strata"] = [columns.get(name, name) for name in design["strata"]]
    return arguments


def weight_columns(header: list[str], layout: Layout) -> list[str]:
    """Full-sample weight and replicate weights in the header, the full-sample weight first."""
    design = layout.instrument.design
    prefix = design.get("replicate_prefix")
    if "weights" in layout.instrument.identify:
        kinds = (design["weight"], design.get("proportional", ""))
        return [layout.columns[name] for name in kinds if name in layout.columns]
    full = layout.columns[design["weight"]]
    return [full] if prefix is None else [full, *_replicates(header, prefix).values()]


def technical_columns(header: list[str], layout: Layout) -> list[str]:
    """Columns that the design and the identity of rows need, whatever else is read."""
    design, identify = layout.instrument.design, layout.instrument.identify
    names = [*identify["person"], identify.get("country", ""), identify.get("year", ""), *design.get("strata", ())]
    names += [design.get("psu", ""), design.get("half", ""), identify.get("synthetic", "")]
    names += [*design.get("halves", {}).values(), *design.get("proportional_halves", {}).values()]
    names.append(design.get("panel", {}).get("column", ""))
    found = [layout.columns[name] for name in dict.fromkeys(names) if name in layout.columns]
    return list(dict.fromkeys([*found, *layout.technical, *weight_columns(header, layout)]))


def _replicates(header: list[str], prefix: str) -> dict[int, str]:
    """Number of a replicate -> its column."""
    hits = {column: re.fullmatch(re.escape(prefix) + r"(\d+)", column, re.IGNORECASE) for column in header}
    pairs = {int(hit.group(1)): column for column, hit in hits.items() if hit is not None}
    return {number: pairs[number] for number in sorted(pairs) if number > 0}


def _constant(frame: pd.DataFrame, layout: Layout, name: str, path: Path) -> Any:
    """The one value of a column that must be the same in every row; None when the column is absent or empty."""
    column = layout.columns.get(name)
    if column is None or column not in frame:
        return None
    values = frame[column].dropna().unique()
    if len(values) > 1:
        raise DataError(
            f"{column} differs between rows: the file mixes samples with different replicate weights.",
            where=f"{path.name}, column {column}",
            found=", ".join(str(value) for value in values[:5]),
            expected="one value in the whole file",
            todo="Read one country at a time.",
        )
    return values[0] if len(values) else None


def _producer(frame: pd.DataFrame, header: list[str], layout: Layout, path: Path) -> dict[str, Any]:
    """Method, factor and columns of the replicate weights as the file tells them."""
    design = layout.instrument.design
    method = _method(frame, layout, path)
    available = _replicates(header, design["replicate_prefix"])
    used = _constant(frame, layout, design["replicates_used"], path)
    count = len(available) if used is None else int(used)
    if used is None and available:
        text = (
            f"{path.name} does not say how many replicate weights count ({design['replicates_used']}): all {count} do."
        )
        warnings.warn(LloWarning(text), stacklevel=2)
    absent = [number for number in range(1, count + 1) if number not in available]
    if not count or absent:
        prefix = design["replicate_prefix"]
        raise DataError(
            f"{path.name} lacks replicate weights: {prefix}1 to {prefix}{count or 80} are needed for standard errors.",
            where=f"{path.name}, column names",
            found=f"no {', '.join(f'{prefix}{number}' for number in absent[:5])}" if absent else f"no {prefix}1, ...",
            expected=f"{count} columns ({design['replicates_used']} in the file)" if count else "replicate weights",
            todo="Use the complete public use file.",
        )
    arguments = {"replicate_weights": [available[number] for number in range(1, count + 1)], "mse": True}
    factor = _constant(frame, layout, design["fay_factor"], path)
    factor = 0.0 if factor is None else float(factor)
    if method in ("brr", "fay") and 0.0 < factor < 1.0:
        return {**arguments, "replicate_method": "fay", "fay": factor}
    if method == "fay":
        raise DataError(
            "The file says that its replicate weights follow Fay's method, but gives no factor for it.",
            where=f"{path.name}, column {design['fay_factor']}",
            found=f"{factor:g}",
            expected="a number between 0 and 1",
            todo="Use the complete public use file.",
        )
    return {**arguments, "replicate_method": method}


def _method(frame: pd.DataFrame, layout: Layout, path: Path) -> str:
    """jk1, jk2, brr or fay, from the number and the name in the file, which must agree."""
    design = layout.instrument.design
    code = _constant(frame, layout, design["method_code"], path)
    name = _constant(frame, layout, design["method_name"], path)
    by_code = None if code is None else design["methods"].get(str(int(code)))
    by_name = None if name is None else str(name).strip().lower()
    if by_code is None and by_name is None:
        raise DataError(
            "The file does not say how its replicate weights were made.",
            where=f"{path.name}, columns {design['method_code']} and {design['method_name']}",
            found="neither is filled",
            expected="1 (JK1), 2 (JK2), 3 (BRR) or 4 (Fay)",
            todo="Use the complete public use file.",
        )
    if by_code and by_name and by_code != by_name:
        raise DataError(
            f"{design['method_code']} and {design['method_name']} contradict each other.",
            where=path.name,
            found=f"{int(code)} ({by_code}) and {name}",
            expected="the same method",
        )
    return by_code or str(by_name)

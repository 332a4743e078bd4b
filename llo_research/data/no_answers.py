"""What a country's file has a place for and nobody in: columns without answers, levels without people, replicates."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from llo_research.data.harmonised_file import HarmonisedFile, Request
from llo_research.errors import LloWarning


def lacking(frame: pd.DataFrame, part: HarmonisedFile, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Entries of the source of a country's file; empty for instruments without files per country.

    ``no_answers``: columns that are missing in every row, harmonised ones first. ``no_people``: levels of harmonised
    variables that nobody has in this file. ``replicates``: method, how many count, and how many columns the file has.
    """
    instrument = part.layout.instrument
    if "countries" not in instrument.identify:
        return {}
    empty = [str(name) for name in frame if frame[name].isna().all()]
    levels = {name: list(frame[name].cat.categories) for name in instrument.harmonised if _is_coded(frame, name)}
    missing = {
        name: [level for level in own if level not in set(frame[name])]
        for name, own in levels.items()
        if name not in empty
    }
    return {
        "no_answers": sorted(empty, key=lambda name: name not in instrument.harmonised),
        "no_people": {name: own for name, own in missing.items() if own},
        "replicates": _replicates(part, arguments),
    }


def _is_coded(frame: pd.DataFrame, name: str) -> bool:
    """Is this a variable with declared levels?"""
    return name in frame and isinstance(frame[name].dtype, pd.CategoricalDtype)


def _replicates(part: HarmonisedFile, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Method, number that count, number of columns in the file."""
    prefix = str(part.layout.instrument.design["replicate_prefix"])
    pattern = re.compile(re.escape(prefix) + r"0*[1-9]\d*", re.IGNORECASE)
    columns = [name for name in part.table.header if pattern.fullmatch(name)]
    used = len(arguments.get("replicate_weights", ()))
    return {"method": arguments.get("replicate_method"), "used": used, "columns": len(columns)}


def tell_lacking(told: Mapping[str, Any], part: HarmonisedFile, request: Request) -> None:
    """Warn of variables without a single answer that are harmonised or were asked for by name."""
    harmonised, asked = part.layout.instrument.harmonised, {name.casefold() for name in request.columns or ()}
    empty = [name for name in told.get("no_answers", ()) if name in harmonised or name.casefold() in asked]
    if empty:
        words = f"{part.table.path.name} has no answers to {_listed(empty)}: missing in every row."
        age = " The country gives age in groups of five years only: use age_group." if "age" in empty else ""
        warnings.warn(LloWarning(words + age), stacklevel=6)


def _listed(names: Sequence[str]) -> str:
    """A few names."""
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")

"""Strata and sampling units that some samples of a file have and others lack: never in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.exact import plain
from llo_research.data.stacking import identity
from llo_research.errors import DataError

STRATUM, UNIT = "sampling_stratum", "sampling_unit"
Lacks = dict[str, dict[str, str]]


def add_product(frame: pd.DataFrame, design: Mapping[str, Any]) -> None:
    """The weight as the product of two columns, in rows that do not have it.

    Raises
    ------
    DataError
        When a factor is missing there.
    """
    name, factors = design["weight"], list(design["weight_product"])
    own = frame[name] if name in frame else pd.Series(np.nan, index=frame.index)
    lacking = own.isna()
    if not lacking.any():
        return
    absent = [factor for factor in factors if factor not in frame or frame.loc[lacking, factor].isna().any()]
    if absent:
        row = int(lacking.to_numpy().argmax())
        raise DataError(
            f"There is no {name}, and it cannot be made.",
            where=f"column {name}, first in data row {row + 1}",
            found=f"{int(lacking.sum()):,} rows without {name}; missing there: {', '.join(absent)}",
            expected=f"{name}, or {' and '.join(factors)}, of which it is the product",
            todo="Download the integrated file with all weights; one without post-stratification is no substitute.",
        )
    frame[name] = own.where(~lacking, frame[factors].prod(axis=1))


def nested_units(frame: pd.DataFrame, design: Mapping[str, Any], person: Sequence[str]) -> tuple[list[str], str, Lacks]:
    """Names of the strata and of the sampling unit, written into the frame, and what samples lack.

    A sample is a time and country. One without strata is a stratum of its own; in one without sampling units each
    person is one, which makes standard errors too small where people were drawn in clusters: it is told.

    Raises
    ------
    DataError
        When part of the people of a sample have a stratum or a unit, and others do not.
    """
    *samples, own_stratum = design["strata"]
    keys = frame.groupby(list(samples), observed=True, sort=True).ngroup()
    stratum = _filled(frame, own_stratum, keys, samples)
    unit = _filled(frame, design["psu"], keys, samples)
    frame[STRATUM] = stratum.where(stratum.notna(), "none")
    frame[UNIT] = unit.where(unit.notna(), "person " + _joined(frame[list(person)]))
    lacks: Lacks = {}
    if when := _told(frame, samples, stratum.isna()):
        lacks["strata"] = {
            "nl": f"bestand zonder strata ({when}): marges als van een steekproef zonder stratificatie",
            "en": f"file without strata ({when}): margins as of a sample without stratification",
        }
    if when := _told(frame, samples, unit.isna()):
        lacks["sampling units"] = {
            "nl": f"bestand zonder steekproefeenheden ({when}): marges alsof ieder apart is getrokken, te smal waar "
            "dat in clusters ging",
            "en": f"file without sampling units ({when}): margins as if everyone was drawn apart, too narrow where "
            "people were drawn in clusters",
        }
    return [*samples, STRATUM], UNIT, lacks


def _filled(frame: pd.DataFrame, name: str, keys: pd.Series, samples: Sequence[str]) -> pd.Series:
    """A column as text, missing in samples that lack it."""
    if name not in frame or not frame[name].notna().any():
        return pd.Series(None, index=frame.index, dtype=object)
    there = frame[name].notna()
    part = there.groupby(keys).transform("any") & ~there
    if part.any():
        row = int(part.to_numpy().argmax())
        sample = ", ".join(plain(value) for value in frame.loc[row, list(samples)])
        raise DataError(
            f"Part of the people of a sample have no {name}.",
            where=f"column {name}, first in data row {row + 1}",
            found=f"{int(part.sum()):,} rows without, the first of {sample}",
            expected=f"{name} in every row of a sample, or in none",
            todo="Merge the producer's file of the sample design again, by country and person.",
        )
    return identity(frame[name].where(there, 0) if frame[name].dtype.kind == "f" else frame[name]).where(there, None)


def _joined(columns: pd.DataFrame) -> pd.Series:
    """Keys of persons as text."""
    told = [identity(columns[name]).astype(str).tolist() for name in columns]
    return pd.Series(["-".join(parts) for parts in zip(*told, strict=True)], index=columns.index)


def _told(frame: pd.DataFrame, samples: Sequence[str], lacking: pd.Series) -> str:
    """The times of the samples that lack something, and their countries where others of that time have it."""
    time, *others = samples
    told = []
    for when, rows in lacking.groupby(frame[time], observed=True):
        some = others and rows.any() and not rows.all()
        names = "/".join(sorted(set(frame.loc[rows[rows].index, others[0]].astype(str)))) if some else ""
        told += [f"{int(when)} {names}".strip()] if rows.any() else []
    return ", ".join(told)

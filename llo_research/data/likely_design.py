"""Columns of a file that may be those of its design, by name, label and numbers: proposed, never used unasked."""

from __future__ import annotations

import re

import pandas as pd

from llo_research.data.readers import Table

_SAID = {
    "weights": (
        r"weight|weeg|weging|ophoog|wgt|(?<!over)(?<!lichaams)gewicht(?! *\(?(?:in )?k(?:g|ilo))",
        r"(?:^|_)w(?:t|fac\w*)?(?:\d*$|_)",
    ),
    "strata": (r"strat(?:um|a)_?\d*(?!\w)|(?:^|_)strat(?:_|$)", r"steekproefstrat|^str\d*$"),
    "psu": (
        r"(?:^|_)v?psu(?:_?id|_?nr)?\d*(?:_|$)|primary sampling unit|(?:steekproef|trekkings)eenheid",
        r"(?:^|_)cluster(?:_?(?:id|nr))?\d*$",
    ),
}
_LIKE = {role: re.compile("|".join(patterns), re.IGNORECASE) for role, patterns in _SAID.items()}
_NEAR = 0.02  # part of a file of proportional weights has a mean near 1
_FEW_ROWS = 0.9  # of the rows: as many strata as rows are no strata


def likely_design(table: Table) -> dict[str, list[str]]:
    """By argument of a Survey, the columns that may be meant by it, in the order of the file."""
    found: dict[str, list[str]] = {role: [] for role in _SAID}
    for name in map(str, table.frame.columns):
        series, label = table.frame[name], table.labels.get(name, "")
        for role, pattern in _LIKE.items():
            if (pattern.search(name) or pattern.search(label)) and _fits(series, role):
                found[role].append(name)
    return {role: names for role, names in found.items() if names}


def _fits(series: pd.Series, role: str) -> bool:
    """Can the values be weights, or the labels of groups?"""
    if role == "weights":
        numbers = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)
        return bool(numbers and series.min() >= 0)
    number = series.nunique()
    return bool(1 < number < _FEW_ROWS * len(series))


def mean_one(weights: pd.Series) -> bool:
    """Are these proportional weights: unequal numbers with a mean of 1, so that their sum is no population?"""
    numbers = pd.to_numeric(weights, errors="coerce")
    return bool(numbers.nunique() > 1 and abs(numbers[numbers > 0].mean() - 1) < _NEAR)


def told_likely(found: dict[str, list[str]]) -> str:
    """The columns as arguments: ``weights='w', strata='stratum'``."""
    return ", ".join(f"{role}={names[0]!r}" for role, names in found.items())

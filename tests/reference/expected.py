"""Read the reference files: designs, samples, and the long tables of numbers `case,stat,term,value`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Value(NamedTuple):
    """One number of a reference table."""

    case: str
    stat: str
    term: str
    value: float


def read_values(path: Path) -> list[Value]:
    """All numbers of a long table; lines that start with # name the program, an empty value is NaN."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [Value(r["case"], r["stat"], r["term"], float(r["value"] or "nan")) for r in rows]


def by_case(values: list[Value], prefix: str = "") -> dict[str, list[Value]]:
    """The numbers of each case whose name starts with `prefix`, in the file's order."""
    cases: dict[str, list[Value]] = {}
    for value in values:
        if value.case.startswith(prefix):
            cases.setdefault(value.case, []).append(value)
    return cases


def read_designs(name: str) -> Iterator[dict[str, str]]:
    """The rows of designs.csv or replicate_designs.csv."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)

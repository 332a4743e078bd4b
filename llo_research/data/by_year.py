"""Harmonised files once more as Parquet by year: what ``llo.scan`` reads, for data that do not fit in memory."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.errors import DataError


def write_by_year(frame: pd.DataFrame, folder: Path) -> None:
    """A folder ``year=2014`` for each year with its rows, or one file where there are no years; whole or not at all.

    A run that is stopped leaves a folder with ``.part`` in its name, which the next run removes.
    """
    needed, free = int(frame.memory_usage(deep=True).sum()), shutil.disk_usage(folder.parent).free
    if free < needed:
        raise DataError(
            "There is too little disk space.",
            where=folder.name,
            found=f"{free / 1e6:,.0f} MB free",
            expected=f"{needed / 1e6:,.0f} MB, which is enough for the rows as they are in memory",
            todo="free disk space, and call again",
        )
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    mixed = {name: frame[name].astype("string") for name in frame.columns if frame[name].dtype == object}
    frame = frame.assign(**mixed)
    whole = "year" not in frame or frame["year"].isna().any()
    pieces = [("", frame)] if whole else [(f"year={year}", own) for year, own in frame.groupby("year", observed=True)]
    for name, rows in pieces:
        (part / name).mkdir(parents=True)
        rows = rows if whole else rows.drop(columns="year")
        rows.to_parquet(part / name / "rows.parquet", index=False)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def by_year(target: Path, entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Write what :func:`build_processed` made by year too; what to give to ``llo.scan``, for each file."""
    if importlib.util.find_spec("pyarrow") is None:
        raise DataError(
            "Parquet files need the package pyarrow, which is not installed.",
            where="--format parquet",
            todo="pip install pyarrow, or leave --format out",
        )
    globs = []
    for entry in entries:
        file = target / entry["file"]
        folder = file.with_name(f"{file.name.split('.')[0]}_by_year")
        if entry["made"] or not folder.is_dir():
            parquet = file.name.endswith(".parquet")
            write_by_year(pd.read_parquet(file) if parquet else pd.read_csv(file, low_memory=False), folder)
        globs.append((folder.relative_to(target) / "**" / "*.parquet").as_posix())
    return globs

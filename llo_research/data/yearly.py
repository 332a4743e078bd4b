"""A file a year: its mapping, the year it is of, our spelling of its columns, and whether it is synthetic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.exact import nfc
from llo_research.data.harmonised_file import Request
from llo_research.data.instrument import Instrument, instrument_with
from llo_research.data.mapping import Mapped
from llo_research.data.mapping_file import read_mapping
from llo_research.errors import DataError

# What a column of the year is called, letters only.
_YEARS = ("year", "jaar", "peiljaar", "enquetejaar", "onderzoeksjaar", "meetjaar", "surveyyear")
_FIRST, _LAST = 1990, 2100
_DATE = re.compile(r"((?:19|20)\d\d)[-/.]\d\d?[-/.]\d\d?(?:[ T].*)?|\d\d?[-/.]\d\d?[-/.]((?:19|20)\d\d)(?: .*)?")
_BIRTH = re.compile(r"geb|birth|dob|dienst|hire|start_?job|overl|death", re.IGNORECASE)
_SPAN = 12  # years between the first and the last wave of one file
_OTHER_YEAR = 0.2  # of the dates: a fieldwork may go on in January


def is_yearly(instrument: Instrument) -> bool:
    """Does this instrument come as several files, under other names than ours?"""
    return bool(instrument.about.get("several_files"))


def mapping_of(path: Path, instrument: Instrument, request: Request) -> Mapped:
    """The mapping of one file: the one given, else ``<file>.mapping.toml`` or ``mapping.toml`` beside it."""
    mapped = request.mapping
    if replace(mapped, several=False) == Mapped() and is_yearly(instrument):
        stem = path.name.split(".")[0]
        beside = [path.with_name(f"{stem}.mapping.toml"), path.with_name("mapping.toml")]
        found = next((place for place in beside if place.is_file()), None)
        if found is not None:
            mapped = replace(read_mapping(found), several=found == beside[1], beside=found == beside[1])
    return mapped


def with_choices(instrument: Instrument, paths: Sequence[Path], request: Request) -> Instrument:
    """The instrument with the cuts, minimum numbers and halves that the mappings of these files choose.

    Raises
    ------
    DataError
        When mappings of several files choose differently.
    """
    mappings = [mapping_of(path, instrument, request) for path in paths]
    first = mappings[0]
    for mapped, path in zip(mappings, paths, strict=True):
        if mapped.choices != first.choices:
            raise DataError(
                "The mappings of these files choose different cuts, minimum numbers of answers or halves.",
                where=f"{first.name} ({paths[0].name}) and {mapped.name} ({path.name})",
                found=f"{dict(first.choices)} and {dict(mapped.choices)}",
                expected="the same choices for files that are read together",
                todo="Put [cuts], [minimum] and [halves] in one mapping.toml beside the files.",
            )
    return instrument_with(instrument.name, first.choices, first.name) if first.choices else instrument


def named_year(path: Path) -> int | None:
    """The year in a file's name (nea2019.sav), when there is exactly one."""
    found = {int(text) for text in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", path.name)}
    return found.pop() if len(found) == 1 else None


def spelled(header: list[str], mapped: Mapped, instrument: Instrument) -> Mapped:
    """The mapping with our spelling for columns that differ from ours in letter case only (GEWICHT, Gewicht)."""
    if not is_yearly(instrument):
        return mapped
    known = {name.casefold(): name for name in [*instrument.file_names(None), *instrument.harmonised]}
    own = [nfc(name) for name in header]
    ours = {name: known.get(name.casefold(), name) for name in own if name not in mapped.columns}
    more = {name: our for name, our in ours.items() if our != name}
    return replace(mapped, columns={**mapped.columns, **more})


def year_added(header: list[str], instrument: Instrument, request: Request, mapped: Mapped, path: Path) -> int | None:
    """The year to be written in a file that has no column of it; None when it has one.

    Raises
    ------
    DataError
        When the year is not told anywhere, or a mapping of several files tells another than the name of this one.
    """
    if not is_yearly(instrument) or instrument.identify["year"] in header:
        return None
    named = named_year(path)
    year = request.year or mapped.year or named
    if request.year is None and mapped.several and mapped.year and named not in (None, mapped.year):
        raise DataError(
            f"{path.name} is not of the year that the mapping of all files tells.",
            where=f"{mapped.name}, [file] year",
            found=str(mapped.year),
            expected=f"{named}, as in the name of the file",
            todo="Take the line year out of the mapping: each file has its year in its name.",
        )
    if year is None:
        raise DataError(
            f"{path.name} does not say of which year it is.",
            where=f"{path.name}, column names and file name",
            found="no column year, and no year in the file's name",
            expected="a year",
            todo="Give year=2019, write [file] year = 2019 in its mapping, or map its column of the year.",
        )
    return year


def year_columns(header: Sequence[str]) -> list[str]:
    """Columns that are called the year of the survey and that no mapping names."""
    return [name for name in header if re.sub(r"[^a-z]", "", name.casefold()) in _YEARS]


def check_year_of_name(frame: pd.DataFrame, year: int, path: Path) -> None:
    """A year from the file's name must be that of the file's own column of the year, under whatever name.

    Raises
    ------
    DataError
        When such a column holds other years: all rows would be taken for those of the year in the name.
    """
    for name in year_columns([str(column) for column in frame.columns]):
        values = pd.to_numeric(pd.Series(frame[name].dropna().unique(), dtype=object), errors="coerce").astype(float)
        years = sorted({int(value) for value in values if _FIRST <= value <= _LAST})
        if len(years) == len(values) and years not in ([], [year]):
            raise DataError(
                f"{path.name} holds other years than the one in its name.",
                where=f"{path.name}, column {name}",
                found=", ".join(map(str, years[:10])),
                expected=str(year),
                todo=f'Map the column: "{name}" = "year" under [columns]; when it is something else, say year={year}.',
            )


def years_of_dates(series: pd.Series) -> pd.Series | None:
    """The year of each date of a column, as numbers; None for a column that holds no dates."""
    if series.dtype.kind == "M":
        years: pd.Series = series.dt.year.astype(float)
        return years
    if series.dtype.kind in "biufcm" or isinstance(series.dtype, pd.CategoricalDtype):
        return None
    codes, distinct = pd.factorize(series)
    hits = [_DATE.fullmatch(value) if isinstance(value, str) else None for value in distinct]
    if not len(distinct) or any(hit is None for hit in hits):
        return None
    told = [float(hit[1] or hit[2]) for hit in hits if hit is not None]
    return pd.Series(np.array([*told, np.nan])[codes], index=series.index, name=series.name)


def survey_dates(frame: pd.DataFrame) -> dict[str, list[int]]:
    """Columns of dates that may be those of the survey, with the years in them: few years, and not of birth."""
    found = {}
    for name in map(str, frame.columns):
        years = None if _BIRTH.search(name) else years_of_dates(frame[name])
        known = [] if years is None else sorted({int(year) for year in years.dropna().unique()})
        if known and known[-1] - known[0] <= _SPAN and known[0] >= _FIRST and known[-1] <= _LAST:
            found[name] = known
    return found


def check_year_of_dates(frame: pd.DataFrame, year: int, path: Path) -> None:
    """A year that is told must be that of the dates in the file.

    Raises
    ------
    DataError
        When many rows have a date of another year.
    """
    for name, found in survey_dates(frame).items():
        years = years_of_dates(frame[name])
        known = pd.Series(dtype=float) if years is None else years.dropna()
        other = int((known != year).sum())
        if year - _SPAN <= found[-1] and found[0] <= year + _SPAN and other > _OTHER_YEAR * len(known):
            raise DataError(
                f"{path.name} has dates of other years than {year}.",
                where=f"{path.name}, column {name}",
                found=", ".join(f"{each} in {int((known == each).sum()):,} rows" for each in found[:8]),
                expected=f"dates of {year}, the year that is told",
                todo=f'When the dates are those of the survey: "{name}" = "year" under [columns], without a year under '
                f'[file]. When they are something else, give the column a name: "{name}" = "other_{name.lower()}".',
            )


def years_in(frame: pd.DataFrame) -> list[int]:
    """Years in a frame, as far as they are years."""
    if "year" not in frame:
        return []
    values = pd.to_numeric(pd.Series(frame["year"].dropna().unique(), dtype=object), errors="coerce").astype(float)
    return sorted({int(value) for value in values[np.isfinite(values)]})


def check_told_year(frame: pd.DataFrame, request: Request, mapped: Mapped, path: Path) -> None:
    """The years in the column must be the year that is asked for, in the mapping or in the file's name."""
    year = request.year or mapped.year or named_year(path)
    years = years_in(frame)
    if year is None:
        return
    if years and years != [year]:
        raise DataError(
            f"{path.name} is not a file of {year}.",
            where=f"{path.name}, column year",
            found=", ".join(map(str, years)),
            expected=str(year),
            todo="Check the file's name, year= and the mapping; a file of several years has no year in its name.",
        )


def is_synthetic(frame: pd.DataFrame, instrument: Instrument, path: Path) -> bool:
    """Does the file say of itself that it is synthetic?

    Raises
    ------
    DataError
        When only part of its rows say so.
    """
    column = instrument.identify.get("synthetic")
    if column is None or column not in frame:
        return bool(instrument.about["kind"] == "synthetic")
    marks: set[Any] = set(frame[column].fillna(0).unique())
    if marks == {1}:
        return True
    if 1 in marks:
        rows = int(frame[column].eq(1).sum())
        raise DataError(
            f"{path.name} mixes synthetic with real people.",
            where=f"{path.name}, column {column}",
            found=f"{rows:,} of {len(frame):,} rows are synthetic",
            expected="all rows, or none",
            todo="Never put synthetic rows into a real file.",
        )
    return False

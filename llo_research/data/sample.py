"""Which sample a file is: country, round and year; files of different samples are not put together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.data.harmonised_file import HarmonisedFile, Request
from llo_research.data.instrument import Instrument
from llo_research.data.layout import Layout
from llo_research.errors import DataError


def year_of(instrument: Instrument, cycle: int | None, country: str | None, request: Request, path: Path) -> int | None:
    """The year of a file that has no year column: as asked, as in its name (prgusap1_2017.csv), or of its round."""
    if request.year is not None or cycle is None:
        return request.year
    named = re.search(r"_(20\d\d)\.", path.name)
    if named:
        return int(named.group(1))
    entry = instrument.cycle(cycle)
    return int(entry["year"][round_of(entry, country)])


def round_of(entry: Mapping[str, Any], country: str | None) -> str:
    """The round of a cycle in which a country took part."""
    return next((name for name in ("round2", "round3") if country in entry.get(name, ())), "round1")


def check_year(frame: pd.DataFrame, instrument: Instrument, request: Request, path: Path) -> None:
    """The year that the user gives must be the file's own, where it has one."""
    if request.year is None or "year" not in instrument.identify:
        return
    years = sorted(int(year) for year in frame["year"].dropna().unique())
    if years != [request.year]:
        raise DataError(
            f"{path.name} is not a file of {request.year}.",
            where=f"{path.name}, column {instrument.identify['year']}",
            found=", ".join(map(str, years)),
            expected=str(request.year),
            todo="Leave year= out: the file has a year column.",
        )


def country_of(frame: pd.DataFrame, layout: Layout, request: Request, path: Path) -> str | None:
    """The country of a file, which must be one, and the one asked for."""
    identify = layout.instrument.identify
    if "country" not in identify:
        return None
    column = layout.columns[identify["country"]]
    codes = [int(code) for code in frame[column].dropna().unique()]
    letters = {number: name for name, number in identify["countries"].items()}
    names = [f"{code} ({letters.get(code, 'unknown')})" for code in codes[:5]]
    where = f"{path.name}, column {column}"
    if len(codes) > 1:
        raise DataError(
            "The file holds several countries, each with its own sample and replicate weights.",
            where=where,
            found=", ".join(names),
            expected="one country",
            todo="Read one country at a time.",
        )
    if not codes or codes[0] not in letters:
        raise DataError(
            "The file does not say of which country it is."
            if not codes
            else "The file is of a country not known here.",
            where=where,
            found=names[0] if names else "empty",
            expected="a number of ISO 3166, such as 528 (nld)",
            todo="Use the complete public use file.",
        )
    country: str = letters[codes[0]]
    named = re.match(r"(?:prg([a-z]{3})p\d|([a-z]{3})\.)", path.name.lower())
    by_name = (named.group(1) or named.group(2)) if named else None
    expected = request.country or (by_name if by_name in identify["countries"] else country)
    if country != expected:
        asked = identify["countries"][expected]
        raise DataError(
            f"{path.name} is of another country than {'asked for' if request.country else 'its name says'}.",
            where=where,
            found=names[0],
            expected=f"{asked} ({expected})",
            todo=f"Ask for country={country!r}, or fetch the file of {expected}.",
        )
    return country


def of_country(frame: pd.DataFrame, layout: Layout, country: str | None, where: str) -> pd.DataFrame:
    """The rows of one country, in files that hold several: each country is a sample by itself.

    Raises
    ------
    DataError
        When the country is not in the file.
    """
    within = layout.instrument.identify.get("country_within")
    if within is None or country is None:
        return frame
    column = layout.columns[within]
    codes = frame[column].astype(str)
    kept = codes.str.casefold() == country.casefold()
    if not kept.any():
        raise DataError(
            f"{where} has nobody of {country!r}.",
            where=f"column {column}",
            found=", ".join(sorted(codes.unique())),
            expected="a country of the file, as two letters (ISO 3166): 'NL'",
            todo="Ask for a country that is there, or get the file that holds it.",
        )
    return frame[kept].reset_index(drop=True)


def check_same_sample(parts: Sequence[HarmonisedFile]) -> None:
    """Files read together must be of one country and cycle: each has its own sample."""
    first = parts[0]
    for part in parts[1:]:
        if part.synthetic != first.synthetic:
            made, real = (part, first) if part.synthetic else (first, part)
            raise DataError(
                "Real and synthetic files are never read together.",
                where=f"{real.table.path.name} and {made.table.path.name}",
                found=f"{made.table.path.name} is synthetic",
                expected="real files only, or synthetic files only",
                todo="Read each by itself.",
            )
        if (part.country, part.layout.cycle) != (first.country, first.layout.cycle):
            raise DataError(
                "The files are of different samples.",
                where=f"{first.table.path.name} and {part.table.path.name}",
                found=f"{first.country} cycle {first.layout.cycle} and {part.country} cycle {part.layout.cycle}",
                expected="files of one country and cycle",
                todo="Read each by itself; independent surveys are put together afterwards, as separate strata.",
            )

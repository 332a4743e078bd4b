"""Files of many countries in one go: one line a country, an interruption costs no file that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llo_research.data.fetch import (
    PIAAC_BASE,
    TIMEOUT,
    NoSuchFile,
    download_folder,
    of_country,
    piaac_name,
    say,
)
from llo_research.data.instrument import instrument_of
from llo_research.errors import DataError


@dataclass(frozen=True)
class Fetched:
    """Files that are there now, and for each country without one the reason."""

    files: list[Path]
    without: dict[str, str]


def fetch_countries(
    countries: Sequence[str] | None = None,
    cycle: int = 1,
    *,
    year: int | None = None,
    folder: Path | None = None,
    base: str = PIAAC_BASE,
    timeout: float = TIMEOUT,
    quiet: bool = False,
) -> Fetched:
    """Download the public use files of PIAAC of several countries, or of all that took part in a cycle.

    A file that is there already and is what ``SHA256SUMS`` says is left alone, and one that was cut off is gone on
    with: after an interruption the same call does the rest. All checksums stand in one ``SHA256SUMS``.

    Parameters
    ----------
    countries : sequence of str, optional
        Three letters each; all that took part in the cycle when absent. Of all, those without an open file are passed
        over and told; a country that was named and has none is an error, before anything is fetched where that is
        known, and after the others where only the server knows.
    cycle, year, folder, base, timeout, quiet
        As in :func:`fetch_piaac`.

    Returns
    -------
    Fetched

    Raises
    ------
    DataError
        No connection, a file cut off, a country that was named and has no file, of all not one file.

    Examples
    --------
    >>> from llo_research.data.fetch_countries import fetch_countries
    >>> fetch_countries(["nld", "swe"], 1)                        # doctest: +SKIP
    """
    listed = list(instrument_of("piaac").cycle(cycle).get("took_part", ())) if countries is None else list(countries)
    names: dict[str, str] = {}
    without: dict[str, str] = {}  # code -> why
    for code in dict.fromkeys(code.lower() for code in listed):
        try:
            names[code] = piaac_name(code, cycle, year)
        except DataError as error:
            if countries is not None:
                raise
            without[code] = "; ".join(str(part) for part in (error.found, error.todo) if part)
    place = folder or download_folder() / "piaac"
    files = _all_of(names, cycle, place, without, base=base, timeout=timeout, quiet=quiet)
    for code, why in without.items():
        say(quiet, f"no file of {code}: {why}")
    if countries is None and not files:
        raise DataError(
            f"The server has no file of any country, cycle {cycle}.",
            where=base,
            found="; ".join(dict.fromkeys(without.values())),
            todo="Check the address and the year; the producer may have moved all of them.",
        )
    if countries is not None and without:
        raise DataError(
            f"The server has no file of {' and '.join(without)}, cycle {cycle}.",
            where=base,
            found=f"{'; '.join(dict.fromkeys(without.values()))} (the other {len(files)} of {len(names)} are there)",
            todo="Check country and cycle; the producer may have moved them.",
        )
    return Fetched(files, without)


def _all_of(names: Mapping[str, str], cycle: int, place: Path, without: dict[str, str], **options: Any) -> list[Path]:
    """Fetch one after the other; what the server does not have is noted, anything else stops."""
    files = []
    for number, (code, name) in enumerate(names.items(), start=1):
        lead = f"{number} of {len(names)}, {code}: " if len(names) > 1 else ""
        try:
            files.append(of_country(code, cycle, place / name, lead=lead, **options))
        except NoSuchFile as error:
            if len(names) == 1:
                raise
            without[code] = str(error.found)
        except DataError as error:
            if len(names) == 1:
                raise
            raise DataError(
                f"{error.what} It stopped at {code}; {len(files)} of {len(names)} files are there.",
                where=error.where,
                found=error.found,
                expected=error.expected,
                todo=error.todo,
            ) from error
    return files

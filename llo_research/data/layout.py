"""Which column of a file is which variable of the codebook; which cycle and country a file is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from llo_research.data import textfile
from llo_research.data.exact import nfc
from llo_research.data.instrument import Instrument
from llo_research.errors import DataError


@dataclass(frozen=True)
class Layout:
    """``columns`` maps a codebook name to the file's column, ``names`` a file's column to its name in the codebook."""

    instrument: Instrument
    cycle: int | None
    columns: dict[str, str]
    names: dict[str, str]

    @property
    def technical(self) -> list[str]:
        """Columns that say how the replicate weights were made."""
        design = self.instrument.design
        named = [design.get(key, "") for key in ("method_code", "method_name", "fay_factor", "replicates_used")]
        return [self.columns[name] for name in named if name in self.columns]


def layout_of(header: list[str], instrument: Instrument, cycle: int | None) -> Layout:
    """Match the columns of a file with the codebook, letter case aside (SPSS and Stata files differ in it)."""
    known = instrument.file_names(cycle)
    folded = {name.casefold(): name for name in known}
    columns: dict[str, str] = {}
    names: dict[str, str] = {}
    for column in header:
        official = column if column in known else folded.get(column.casefold())
        names[column] = official or column
        if official is None:
            continue
        ours = known[official]
        if ours not in columns or official != ours:
            columns[ours] = column
    return Layout(instrument, cycle, columns, names)


def kind_problems(header: list[str], instrument: Instrument, path: Path) -> list[DataError]:
    """A file of another instrument, no weight, or required columns that are missing."""
    upper = {name.casefold() for name in header}
    required = list(instrument.identify["required"])
    problems = _no_weight(header, instrument, path)
    absent = [name for name in required if name.casefold() not in upper]
    if not absent:
        return problems
    if len(absent) * 2 > len(required) and len(required) > 1:
        other = DataError(
            f"{path.name} is not a file of {instrument.about['title']['en']}.",
            where=f"{path.name}, column names",
            found=", ".join(header[:6]) + (", ..." if len(header) > 6 else ""),
            expected=f"at least the columns {', '.join(required)}",
            todo="Check the file and the instrument; columns under other names are told with mapping=.",
        )
        return [*problems, other]
    near = {name: difflib.get_close_matches(name, header, n=3, cutoff=0.5) for name in absent}
    hints = [f"{name}: {', '.join(found)}" for name, found in near.items() if found]
    lacking = DataError(
        f"{path.name} lacks {'a column' if len(absent) == 1 else 'columns'} that {instrument.name} needs.",
        where=f"{path.name}, column names",
        found=f"no {', '.join(absent)}" + (f" (nearest names: {'; '.join(hints)})" if hints else ""),
        expected=", ".join(required),
        todo="Say which column it is with mapping={'column in file': 'our column'}, or get the complete file.",
    )
    return [*problems, lacking]


def _no_weight(header: list[str], instrument: Instrument, path: Path) -> list[DataError]:
    """One of several kinds of weights is there, for instruments that have several."""
    kinds = list(instrument.identify.get("weights", ()))
    folded = {name.casefold() for name in header}
    if not kinds or any(name.casefold() in folded for name in kinds):
        return []
    near = [n for n in header if any(word in n.casefold() for word in ("weight", "weeg", "gewicht", "wgt"))]
    error = DataError(
        f"{path.name} has no weight: {instrument.name} cannot be estimated without one.",
        where=f"{path.name}, column names",
        found=f"no {' or '.join(kinds)}" + (f"; columns that may be it: {', '.join(near[:5])}" if near else ""),
        expected=" or ".join(kinds),
        todo="Say which column it is with mapping={'column in file': '" + kinds[0] + "'}, or get the complete file.",
    )
    return [error]


def choose_columns(header: list[str], wanted: list[str], path: Path, made: Iterable[str] = ()) -> list[str]:
    """Columns of a file that fit the wanted names or patterns ('PVLIT*'), in the file's order.

    ``made``: names of variables that are made from the file, to suggest.

    Raises
    ------
    DataError
        When a wanted name fits no column; the message gives the nearest names.
    """
    hits: set[str] = set()
    for name in map(nfc, wanted):
        pattern = re.compile(re.escape(name).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE)
        found = [column for column in header if pattern.fullmatch(column)]
        if not found:
            known = {own.casefold(): own for own in [*header, *made]}
            near = [known[own] for own in difflib.get_close_matches(name.casefold(), known, n=3, cutoff=0.5)]
            raise DataError(
                f"{path.name} has no column {name!r}.",
                where=f"{path.name}, column names",
                found=f"nearest names: {', '.join(near)}" if near else f"{len(header)} columns, none like it",
                expected=name,
                todo="Check the spelling, or see llo.codebook(...) for the variables of this instrument.",
            )
        hits.update(found)
    return [column for column in header if column in hits]


def shown_cycle(header: list[str], instrument: Instrument) -> int | None:
    """The latest cycle whose own column names are in the header, or None."""
    upper = {name.casefold() for name in header}
    cycles = [int(number) for number in instrument.raw.get("cycles", {})]
    telling = {number: instrument.identify.get(f"cycle{number}_columns", ()) for number in cycles}
    return max((n for n in cycles if any(name.casefold() in upper for name in telling[n])), default=None)


def cycle_of(
    header: list[str], separator: str | None, instrument: Instrument, path: Path, asked: int | None
) -> int | None:
    """The cycle of a file: from its columns, what was asked, its name, its separator; it must be the one asked for.

    Raises
    ------
    DataError
        When the file is of another cycle than asked, or its separator is not the one of its cycle.
    """
    cycles = [int(number) for number in instrument.raw.get("cycles", {})]
    if not cycles:
        _check_separator(separator, instrument.about.get("separator"), instrument, path, "")
        return None
    named = re.match(r"prg[a-z]{3}p(\d)", path.name.lower())
    by_name = int(named.group(1)) if named and int(named.group(1)) in cycles else None
    by_mark = {instrument.cycle(number)["separator"]: number for number in cycles}
    # Names of a later cycle prove it; names of the first cycle do not disprove a later one.
    shown = shown_cycle(header, instrument)
    later = shown if shown is not None and shown > 1 else None
    cycle = later or asked or by_name or shown or by_mark.get(separator or "", cycles[0])
    if asked is not None and cycle != asked:
        raise DataError(
            f"{path.name} is a file of cycle {cycle}, not of cycle {asked}.",
            where=f"{path.name}, column names",
            found=f"columns of cycle {cycle}",
            expected=f"cycle {asked}",
            todo=f"Ask for cycle={cycle}, or fetch the file of cycle {asked}.",
        )
    _check_separator(separator, instrument.cycle(cycle)["separator"], instrument, path, f" of cycle {cycle}")
    return cycle


def _check_separator(found: str | None, expected: str | None, instrument: Instrument, path: Path, of: str) -> None:
    """The separator must be the producer's: another one means that a spreadsheet has rewritten the file."""
    if found is None or expected is None or found == expected:
        return
    raise DataError(
        f"{path.name} is separated by {textfile.separator_name(found)}; {instrument.name} files{of} are separated by "
        f"{textfile.separator_name(expected)}.",
        where=f"{path.name}, line 1",
        found=textfile.separator_name(found),
        expected=textfile.separator_name(expected),
        todo="A spreadsheet program has probably saved it anew, and may have changed numbers: use the original file."
        + (" Or it is a file of another cycle." if of else ""),
    )

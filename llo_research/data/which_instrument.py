"""Of which instrument a file is: told from its name or its columns, asked when they do not agree."""

from __future__ import annotations

import re
from pathlib import Path

from llo_research.data.exact import nfc
from llo_research.data.instrument import Instrument, instrument_names, instrument_of
from llo_research.data.likely_design import likely_design, told_likely
from llo_research.data.mapping import Mapped
from llo_research.data.readers import table_to_look_at
from llo_research.data.suggestions import guessed
from llo_research.data.yearly import is_yearly
from llo_research.errors import DataError

# So many columns more than the instrument of its name must another one know before there is doubt.
_MORE = 2


def told_instrument(path: Path, mapped: Mapped) -> tuple[Instrument, str]:
    """The instrument of a file, and how it was told.

    Raises
    ------
    DataError
        When neither its name nor its columns tell, or when they contradict each other.
    """
    header = table_to_look_at(path, {}, lambda names: names[:1])[0].header
    by_name, counts = _by_name(path), _known(header, mapped)
    known = {name: count for name, count in counts.items() if _tells(name, header, mapped)}
    most = max(known.values(), default=0)
    best = [name for name, count in known.items() if count == most]
    if len(best) > 1:
        telling = {name: _tells(name, header, mapped) for name in best}
        best = [name for name in best if telling[name] == max(telling.values())]
    if by_name is not None and most <= counts[by_name] + _MORE:
        how = "the file's name" + (f" and {counts[by_name]} of its columns" if counts[by_name] else "")
        return instrument_of(by_name), how
    if len(best) == 1 and by_name is None:
        return instrument_of(best[0]), "its columns"
    if best:
        names = [*([by_name] if by_name else []), *best]
        raise DataError(
            f"{path.name} may be a file of {' or '.join(names)}: say which.",
            where=f"{path.name}, name and columns",
            found=f"the name says {by_name}, the columns {' or '.join(best)}" if by_name else "columns of both",
            expected="one instrument",
            todo=f"Name it: --instrument {names[0]}.",
        )
    table, _ = table_to_look_at(path, {}, comma=True)
    guess = guessed(table, [name for name in instrument_names() if is_yearly(instrument_of(name))])
    if guess:
        (name, number), others = (
            guess[0],
            [f"--instrument {other}" for other, count in guess[1:] if count == guess[0][1]],
        )
        also = f" (as likely: {', '.join(others)})" if others else ""
        return instrument_of(name), f"the labels of {number} of its columns{also}"
    likely = told_likely(likely_design(table))
    raise DataError(
        f"{path.name} is not a file of an instrument that is known here.",
        where=f"{path.name}, column names",
        found=", ".join(header[:6]) + (", ..." if len(header) > 6 else ""),
        expected="a file of " + ", ".join(instrument_names()),
        todo="Name the instrument (--instrument) and, for columns under other names, a mapping (--mapping). A file of "
        f"none of these is read as it is: llo.read_file({str(path)!r}{', ' if likely else ''}{likely}).",
    )


def _by_name(path: Path) -> str | None:
    """The instrument whose name is a word of the file's name (nea2019.sav, DANS_NEA_2019.sav, prgnldp1.csv)."""
    name = path.name.casefold()
    words = set(re.findall(r"[a-z]+", name))
    found = [instrument for instrument in instrument_names() if instrument in words]
    found += ["piaac"] if re.match(r"prg[a-z]{3}p\d", name) and "piaac" not in found else []
    return found[0] if len(found) == 1 else None


def _upper(header: list[str], mapped: Mapped) -> set[str]:
    """Column names under our names, letter case aside."""
    return {nfc(mapped.columns.get(nfc(name), name)).casefold() for name in header}


def _known(header: list[str], mapped: Mapped) -> dict[str, int]:
    """How many of the file's columns each instrument knows."""
    upper = _upper(header, mapped)
    names = {name: instrument_of(name).file_names(None) for name in instrument_names()}
    return {name: sum(column.casefold() in upper for column in columns) for name, columns in names.items()}


def _tells(name: str, header: list[str], mapped: Mapped) -> float:
    """The part of the columns by which an instrument is told that is there, when it is half of them or more."""
    upper, identify = _upper(header, mapped), instrument_of(name).identify
    telling = identify.get("telling", identify.get("required", ()))
    there = sum(column.casefold() in upper for column in telling)
    return there / len(telling) if there and there * 2 >= len(telling) else 0.0

"""Rules of a mapping that hit nothing in any of the files: told, never silent."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

from llo_research.data.exact import nfc
from llo_research.data.harmonised_file import HarmonisedFile
from llo_research.data.instrument import Instrument
from llo_research.data.mapping import Mapped, Rule, nearest
from llo_research.data.readers import SUFFIXES
from llo_research.data.yearly import years_in
from llo_research.errors import DataError, LloWarning


def tell_unused(parts: Sequence[HarmonisedFile], instrument: Instrument) -> None:
    """Raise or warn for rules that hit nothing in any file that is read under their mapping.

    Raises
    ------
    DataError
        When a rule is about a column that none of the files has.
    """
    for group in _by_mapping(parts):
        problems, notes = unused(group, instrument)
        if problems:
            raise problems[0]
        for note in notes:
            warnings.warn(LloWarning(note), stacklevel=4)


def unused(parts: Sequence[HarmonisedFile], instrument: Instrument) -> tuple[list[DataError], list[str]]:
    """What is wrong with the rules of one mapping over its files, and which of them have hit nothing."""
    given = parts[0].given
    partly = given.beside and _others_unread(parts)
    problems = [] if partly else _absent_columns(parts, given)
    unknown, notes = _absent_variables(parts, given, instrument, partly=partly)
    notes += _idle_years(parts, given, instrument) + _misspelled(given, instrument)
    read = {name for part in parts for name in part.read}
    rules, hit = given.rules(read), {rule for part in parts for rule in part.hit}
    if idle := sorted(rules - hit):
        tokens = _tokens(idle, instrument)
        notes.append(
            f"Rules of the mapping that have hit nothing: {_listed(idle)}.\n  where: {given.name}; {_files(parts)}\n"
            f"  found: no row has such a value (or the file itself has declared it missing){tokens}\n"
            "  what to do: compare the codes with the file's; take the lines out when they are right and not needed."
        )
    return [*problems, *unknown], notes


def _by_mapping(parts: Iterable[HarmonisedFile]) -> list[list[HarmonisedFile]]:
    """Files by the mapping under which they are read."""
    groups: dict[str, list[HarmonisedFile]] = {}
    for part in parts:
        groups.setdefault(repr((part.given.name, part.given)), []).append(part)
    return list(groups.values())


def _others_unread(parts: Sequence[HarmonisedFile]) -> bool:
    """Are there data files beside a shared mapping that are not read now?"""
    read = {part.table.path.name for part in parts}
    folders = {part.table.path.parent for part in parts}
    there = {place.name for folder in folders for place in Path(folder).glob("*") if place.is_file()}
    return any(name not in read and name.lower().endswith(SUFFIXES) for name in there)


def _files(parts: Sequence[HarmonisedFile]) -> str:
    """The files in words."""
    return parts[0].table.path.name if len(parts) == 1 else f"{len(parts)} files, {parts[0].table.path.name} the first"


def _listed(rules: Sequence[Rule]) -> str:
    """Rules as the mapping writes them."""
    codes: dict[tuple[str, str], list[str]] = {}
    for table, name, code in rules:
        codes.setdefault((table, name), []).append(code)
    words = [
        f"[missing] {name} = {', '.join(told)}" if table == "missing" else f"[values.{name}] {', '.join(told)}"
        for (table, name), told in codes.items()
    ]
    return "; ".join(words)


def _tokens(rules: Sequence[Rule], instrument: Instrument) -> str:
    """Codes among these that are missing in every column of the instrument's files, in words."""
    codes = {code.strip('"') for _, _, code in rules}
    found = [token for token in instrument.missing.get("tokens", ()) if token in codes]
    return f"; {', '.join(found)} is read as missing in every column of {instrument.name}" if found else ""


def _absent_columns(parts: Sequence[HarmonisedFile], given: Mapped) -> list[DataError]:
    """Columns of the mapping that none of its files has."""
    header = list(dict.fromkeys(name for part in parts for name in part.table.own_header))
    there, years = {nfc(name) for name in header}, _years(parts)
    wanted = [*given.columns, *(name for year in years for name in given.by_year.get(year, ()))]
    first = parts[0].table.path.name
    return [
        DataError(
            f"{first} has no column {column!r}, which the mapping names."
            if len(parts) == 1
            else f"None of the {len(parts)} files has a column {column!r}, which the mapping names.",
            where=given.name,
            found=nearest(column, sorted(header)),
            expected="a column of the file" if len(parts) == 1 else "a column of at least one file",
        )
        for column in dict.fromkeys(wanted)
        if nfc(column) not in there
    ]


def _years(parts: Sequence[HarmonisedFile]) -> list[int]:
    """Years that are in the files."""
    return sorted({year for part in parts for year in years_in(part.frame)})


def _absent_variables(
    parts: Sequence[HarmonisedFile], given: Mapped, instrument: Instrument, *, partly: bool
) -> tuple[list[DataError], list[str]]:
    """Tables [values] and [missing] about a variable that no file has: a name unknown is an error, else a word."""
    header = list(dict.fromkeys(name for part in parts for name in part.table.header))
    theirs = {**given.columns, **{own: ours for of_year in given.by_year.values() for own, ours in of_year.items()}}
    problems, idle = [], []
    for name in dict.fromkeys([*given.values, *given.missing]):
        if given.inside(name, header) is not None:
            continue
        table = f"[values.{name}]" if name in given.values else f"[missing] {name}"
        known = instrument.variable(name) is not None or name in instrument.harmonised
        if known or name in theirs.values():
            idle += [] if partly else [table]
            continue
        ours = theirs.get(name)
        problems.append(
            DataError(
                f"The mapping has codes of {name!r}, and none of the files has such a variable."
                if len(parts) > 1
                else f"The mapping has codes of {name!r}, and {parts[0].table.path.name} has no such variable.",
                where=f"{given.name}, {table}",
                found=f"{name} stands under our name {ours}" if ours else nearest(name, header),
                expected="a name of ours, or of a column that is not mapped",
                todo=f"Write {table.replace(name, ours)}." if ours else "Check the spelling, or take the lines out.",
            )
        )
    words = f"The mapping has codes of variables that are not in {_files(parts)}: {', '.join(idle)}."
    return problems, [f"{words}\n  where: {given.name}"] if idle else []


def _misspelled(given: Mapped, instrument: Instrument) -> list[str]:
    """Columns mapped onto a name that is nearly one of ours: another name is allowed, a slip of the pen is told."""
    targets = {*given.columns.values(), *(name for own in given.by_year.values() for name in own.values())}
    known = [*instrument.file_names(None), *instrument.harmonised]
    notes = []
    for name in sorted(targets):
        if name in known or instrument.variable(name) is not None:
            continue
        near = [ours for ours in known if ours.casefold() == name.casefold()] or [
            ours
            for ours in difflib.get_close_matches(name, known, n=3, cutoff=0.85)
            if ours.rstrip("0123456789") != name.rstrip("0123456789")
        ]
        if near:
            notes.append(
                f"The mapping gives a column the name {name!r}, which {instrument.name} does not have: it stays as it "
                f"is.\n  where: {given.name}, [columns]\n  found: nearest names of ours: {', '.join(near)}"
            )
    return notes


def _idle_years(parts: Sequence[HarmonisedFile], given: Mapped, instrument: Instrument) -> list[str]:
    """Tables of years that a file of several years does not have, and years for an instrument without any."""
    years = _years(parts)
    several = [part for part in parts if len(_years([part])) > 1]
    if given.by_year and "year" not in instrument.identify:
        return [f"[years] of {given.name} is not used: {instrument.name} has no column of the year."]
    there = {nfc(name) for part in several for name in part.table.own_header}
    idle = [year for year, own in given.by_year.items() if year not in years and there & set(own)]
    notes = [
        f"[years.{year}] of {given.name} is not used: {_files(several)} has no rows of {year}, only of "
        f"{', '.join(map(str, _years(several)))}."
        for year in idle
    ]
    for part in [part for part in parts if len(_years([part])) <= 1]:
        header, here = {nfc(name) for name in part.table.own_header}, _years([part])
        notes += [
            f"[years.{year}] of {given.name} is not used for {part.table.path.name}, a file of "
            f"{', '.join(map(str, here)) or 'no year'} that has {theirs} and nothing else as {ours}."
            for year, own in given.by_year.items()
            for theirs, ours in own.items()
            if year not in years and theirs in header and ours not in part.table.header
        ]
    return notes

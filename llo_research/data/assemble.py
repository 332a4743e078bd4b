"""Files to one checked, harmonised frame and the arguments of its Survey; no Survey is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.data.codebook import Instrument
from llo_research.data.harmonise import columns_of, from_mapping, harmonise, usable_rule
from llo_research.data.layout import Layout, check_kind, choose_columns, cycle_of, layout_of
from llo_research.data.mapping import Mapped
from llo_research.data.provenance import check_sum, file_record
from llo_research.data.readers import Table, read_table
from llo_research.data.replication import design_arguments, technical_columns, weight_columns
from llo_research.data.validate import check_persons, check_weights, clean, raise_first
from llo_research.errors import DataError


@dataclass(frozen=True)
class Request:
    """What was asked: columns to read, the year, country and cycle the files must be of, and the user's mapping."""

    year: int | None = None
    columns: Sequence[str] | None = None
    country: str | None = None
    cycle: int | None = None
    mapping: Mapped = field(default_factory=Mapped)


@dataclass(frozen=True)
class Part:
    """One file, cleaned and harmonised, with what does not fit in it."""

    table: Table
    layout: Layout
    frame: pd.DataFrame
    country: str | None
    problems: list[DataError]
    not_carried: dict[str, str]
    kept_own: dict[str, str]


def assemble(paths: Sequence[Path], instrument: Instrument, request: Request) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read, check and harmonise files of one instrument.

    Returns
    -------
    (DataFrame, dict)
        The frame (the file's columns first, harmonised variables after them) and keyword arguments of ``Survey``.
    """
    parts = [read_part(path, instrument, request) for path in paths]
    for part in parts:
        raise_first(part.problems, part.table.path)
    _same_sample(parts)
    frames = [part.frame for part in parts]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    first = parts[0]
    if len(parts) > 1:
        persons = [first.layout.columns[name] for name in instrument.identify["person"]]
        raise_first(check_persons(frame, persons, "the files together"), first.table.path)
    arguments = design_arguments(frame, first.table.header, first.layout, first.table.path)
    raise_first(check_weights(frame, _weights(arguments), first.table.path), first.table.path)
    arguments["labels"] = labels(frame, first)
    arguments["source"] = source(frame, parts, request)
    return frame, arguments


def _weights(arguments: Mapping[str, Any]) -> list[str]:
    """Full-sample and replicate weight columns that are used."""
    return [arguments["weights"], *arguments.get("replicate_weights", ())]


def read_part(path: Path, instrument: Instrument, request: Request) -> Part:
    """Read, check and harmonise one file; problems with its values are listed, not raised."""
    found: dict[str, Any] = {}

    def choose(header: list[str]) -> list[str]:
        renamed = request.mapping.rename(header, path)
        check_kind(renamed, instrument, path)
        found["header"] = renamed
        if request.columns is None:
            return header
        layout = layout_of(renamed, instrument, cycle_of(renamed, None, instrument, path, request.cycle))
        keep = set(_needed(renamed, layout, list(request.columns), path))
        return [column for column, name in zip(header, renamed, strict=True) if name in keep]

    table = read_table(path, instrument.missing, choose)
    check_sum(path, table.sha256)
    header = found["header"]
    cycle = cycle_of(header, table.separator, instrument, path, request.cycle)
    layout = layout_of(header, instrument, cycle)
    raw = request.mapping.apply(table.frame)
    own, problems = clean(raw, layout, path)
    persons = [layout.columns[name] for name in instrument.identify["person"]]
    problems += check_persons(own, persons, path.name)
    if not problems:
        problems += check_weights(own, weight_columns(header, layout)[:1], path)
    country = None if problems else _country(own, layout, request, path)
    table = Table(path, table.frame, header, table.separator, table.encoding, table.sha256)
    if problems:
        return Part(table, layout, own, country, problems, {}, {})
    frame, reasons, kept = _with_harmonised(own, layout, request, country, path)
    return Part(table, layout, frame, country, [], reasons, kept)


def _needed(header: list[str], layout: Layout, columns: list[str], path: Path) -> list[str]:
    """Columns to read: those asked for, the sources of harmonised ones, and what the design needs."""
    harmonised = layout.instrument.harmonised
    names = [name for name in columns if name in harmonised] + ["year", "person"]
    needed = technical_columns(header, layout)
    for name in names:
        rule, absent = usable_rule(layout, name)
        if rule is None:
            raise DataError(
                f"{path.name} cannot carry {name}.",
                where=f"{path.name}, column names",
                found=f"no {', '.join(absent)}",
                expected=f"the columns from which {name} is made",
                todo=f"See llo.codebook({layout.instrument.name!r}) for its definition.",
            )
        needed += [layout.columns[column] for column in columns_of(rule, harmonised[name].get("universe", {}))]
    own = [layout.columns.get(name, name) for name in columns if name not in harmonised]
    return [*needed, *choose_columns(header, own, path)]


def _with_harmonised(
    own: pd.DataFrame, layout: Layout, request: Request, country: str | None, path: Path
) -> tuple[pd.DataFrame, dict[str, str], dict[str, str]]:
    """The file's columns with harmonised variables beside them; a column in the way is kept as ``<name>_own``."""
    instrument = layout.instrument
    wanted = list(instrument.harmonised)
    if request.columns is not None:
        wanted = [name for name in wanted if name in request.columns or name in ("year", "person")]
    direct = [name for name in request.mapping.columns.values() if name in instrument.harmonised]
    constants = {"year": _year(instrument, layout.cycle, country, request)}
    made, reasons = harmonise(own, layout, [n for n in wanted if n not in direct], constants, country)
    made |= {name: from_mapping(own[name], layout, name, f"{path.name}, column {name}") for name in direct}
    columns: dict[str, pd.Series] = {}
    kept: dict[str, str] = {}
    for name in own.columns:
        if name not in made or name in direct or _same(own[name], made[name]):
            columns[name] = made[name] if name in made else own[name]
            continue
        kept[name] = f"{name}_own"
        if f"{name}_own" in own.columns:
            raise DataError(
                f"{path.name} has both {name!r} and '{name}_own', and {name!r} is a harmonised variable.",
                where=f"{path.name}, column names",
                todo=f"Rename '{name}_own' with mapping=.",
            )
        columns[f"{name}_own"] = own[name]
    columns |= {name: made[name] for name in wanted if name in made}
    frame = pd.DataFrame({**columns, **{name: made[name] for name in direct}}, index=own.index)
    _check_year(frame, instrument, request, path)
    return frame, {**reasons, **instrument.about.get("not_carried", {})}, kept


def _same(own: pd.Series, made: pd.Series) -> bool:
    """Does the file's own column hold what the harmonised variable of that name holds?"""
    return not isinstance(made.dtype, pd.CategoricalDtype) and bool(own.equals(made))


def _year(instrument: Instrument, cycle: int | None, country: str | None, request: Request) -> int | None:
    """The year of a file that has no year column."""
    if request.year is not None or cycle is None:
        return request.year
    entry = instrument.cycle(cycle)
    return int(entry["year"][_round(entry, country)])


def _round(entry: Mapping[str, Any], country: str | None) -> str:
    """The round of a cycle in which a country took part."""
    return next((name for name in ("round2", "round3") if country in entry.get(name, ())), "round1")


def _check_year(frame: pd.DataFrame, instrument: Instrument, request: Request, path: Path) -> None:
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


def _country(frame: pd.DataFrame, layout: Layout, request: Request, path: Path) -> str | None:
    """The country of a file, which must be one, and the one asked for."""
    identify = layout.instrument.identify
    if "country" not in identify:
        return None
    column = layout.columns[identify["country"]]
    codes = [int(code) for code in frame[column].dropna().unique()]
    letters = {number: name for name, number in identify["countries"].items()}
    names = [f"{code} ({letters.get(code, 'unknown')})" for code in codes[:5]]
    where = f"{path.name}, column {column}"
    if len(codes) != 1:
        raise DataError(
            "The file holds several countries, each with its own sample and replicate weights.",
            where=where,
            found=", ".join(names) or "no country at all",
            expected="one country",
            todo="Read one country at a time.",
        )
    country = letters.get(codes[0])
    if request.country is not None and country != request.country:
        asked = identify["countries"][request.country]
        raise DataError(
            f"{path.name} is of another country than asked for.",
            where=where,
            found=names[0],
            expected=f"{asked} ({request.country})",
            todo=f"Ask for country={country!r}, or fetch the file of {request.country}.",
        )
    return country


def _same_sample(parts: list[Part]) -> None:
    """Files read together must be of one country and cycle: each has its own sample."""
    first = parts[0]
    for part in parts[1:]:
        if (part.country, part.layout.cycle) != (first.country, first.layout.cycle):
            raise DataError(
                "The files are of different samples.",
                where=f"{first.table.path.name} and {part.table.path.name}",
                found=f"{first.country} cycle {first.layout.cycle} and {part.country} cycle {part.layout.cycle}",
                expected="files of one country and cycle",
                todo="Read each by itself; independent surveys are put together afterwards, as separate strata.",
            )


def labels(frame: pd.DataFrame, part: Part) -> dict[str, dict[str, Any]]:
    """Labels in Dutch and English of every column that the codebook knows; coded ones with ``values``."""
    instrument, result = part.layout.instrument, {}
    for column in frame.columns:
        if column in instrument.harmonised:
            entry = instrument.harmonised[column]
            result[column] = {"nl": entry["nl"], "en": entry["en"]}
            if instrument.categories(column):
                result[column]["values"] = instrument.categories(column)
            continue
        name = next((own for own, kept in part.kept_own.items() if kept == column), column)
        variable = instrument.variable(part.layout.names.get(name, name), part.layout.cycle)
        if variable is not None:
            result[column] = dict(variable.label)
            if variable.values:
                result[column]["values"] = dict(variable.values)
    return result


def source(frame: pd.DataFrame, parts: list[Part], request: Request) -> dict[str, Any]:
    """Where the data come from, for ``.meta["source"]`` of every result."""
    first = parts[0]
    instrument, cycle = first.layout.instrument, first.layout.cycle
    entry, about = instrument.cycle(cycle), instrument.about
    edition = about.get("edition", "")
    if entry:
        edition = f"{entry['edition']}, {entry['period'][_round(entry, first.country)]}"
    periods = {
        name: item["reference_period"] for name, item in instrument.harmonised.items() if "reference_period" in item
    }
    result: dict[str, Any] = {
        "instrument": instrument.name,
        "title": dict(about["title"]),
        "edition": edition,
        "cycle": cycle,
        "country": first.country,
        "years": sorted(int(year) for year in frame["year"].dropna().unique()),
        "files": [file_record(part.table) for part in parts],
        "synthetic": about["kind"] == "synthetic",
        "kind": about["kind"],
        "credit": about["credit"],
        "licence": about["licence"],
        "reference_period": {name: text for name, text in periods.items() if name in frame},
        "definition": {n: item["definition"] for n, item in instrument.harmonised.items() if n in frame},
        "proxies": [n for n, item in instrument.harmonised.items() if item.get("wording") == "proxy" and n in frame],
        "not_carried": first.not_carried,
        "kept_own": first.kept_own,
        "breaks": list(instrument.design.get("breaks", ())),
    }
    if request.mapping.columns:
        result["mapping"] = dict(request.mapping.columns)
    return result

"""One file: read, named, checked and harmonised; what does not fit is listed, and the rest goes on."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.data.exact import distinct_of, find, key_of, plain
from llo_research.data.harmonise import as_classes, from_mapping, harmonise, ordered
from llo_research.data.harmonised_file import HarmonisedFile, Named, Request, attempt
from llo_research.data.instrument import Instrument
from llo_research.data.layout import Layout, layout_of
from llo_research.data.mapping import Mapped
from llo_research.data.meaning import check_labels
from llo_research.data.naming import cycle_or_guess, named, plan_of
from llo_research.data.producer_design import technical_columns, weight_columns
from llo_research.data.provenance import check_sum
from llo_research.data.readers import Table, read_table
from llo_research.data.rules import numbers_of
from llo_research.data.sample import check_year, country_of, year_of
from llo_research.data.validate import check_persons, check_weights, clean, raise_first, told_left_out, with_weight
from llo_research.data.yearly import check_told_year, is_synthetic, is_yearly, mapping_of
from llo_research.errors import DataError, LloWarning

# What a file is of, whatever columns are read: stacks of several are told apart by it.
_OF_FILE = ("cycle", "country")


def read_part(path: Path, instrument: Instrument, request: Request, *, strict: bool = True) -> HarmonisedFile:
    """Read, check and harmonise one file; problems with its values are listed, not raised.

    ``strict``: problems with its column names are raised before its values are read; else they are listed too.
    """
    found: dict[str, Any] = {}

    def choose(header: list[str]) -> list[str]:
        found["plan"] = plan_of(header, instrument, request, path)
        if strict:
            raise_first(list(found["plan"].problems), path)
        return list(found["plan"].kept)

    form = mapping_of(path, instrument, request).form
    comma = is_yearly(instrument)
    table = read_table(path, instrument.missing, choose, encoding=request.encoding, comma=comma, form=form)
    plan = found["plan"]
    check_sum(path, table.sha256)
    ours = named(table.frame, plan, instrument, path)
    if strict:
        raise_first(list(ours.problems), path)
    table = replace(table, header=ours.header, own_header=plan.header)
    return part_of(table, replace(ours, problems=[*plan.problems, *ours.problems]), instrument, request)


def unmapped(table: Table) -> Named:
    """A table that stands under our names already."""
    return Named(table.frame, table.header, {name: (name,) for name in table.header})


def part_of(table: Table, ours: Named, instrument: Instrument, request: Request) -> HarmonisedFile:
    """Check and harmonise the rows of one file that stand under our names."""
    path, header, mapped = table.path, table.header, ours.mapped
    cycle, contradictions = cycle_or_guess(header, table.separator, instrument, path, request.cycle)
    layout = layout_of(header, instrument, cycle)
    ours, left = _without_weight(ours, layout, path)
    own, by_column, doubtful = clean(ours.frame, layout, path)
    of_persons = _person_problems(own, layout, instrument, path)
    problems = [*ours.problems, *contradictions, *check_labels(table, layout, ours), *by_column.values(), *of_persons]
    sound = not (
        ours.problems or contradictions or of_persons or set(technical_columns(header, layout)) & set(by_column)
    )
    if sound:
        weights = [name for name in weight_columns(header, layout)[:1] if name in own]
        of_weights = check_weights(own, weights, path)
        problems, sound = [*problems, *of_weights], not of_weights
    _tell_doubt(doubtful)
    country = attempt(problems, country_of, own, layout, request, path) if sound else None
    if is_yearly(instrument):
        attempt(problems, check_told_year, own, request, ours.given, path)
    synthetic = bool(attempt(problems, is_synthetic, own, instrument, path))
    direct = _direct(own, layout.instrument, mapped)
    given = {name: attempt(problems, from_mapping, own[name], layout, name, table, ours.names) for name in direct}
    made: Any = None
    if not problems:
        asked = replace(request, mapping=mapped)
        made = attempt(problems, _with_harmonised, own, layout, asked, country, path, list(doubtful), given)
    frame, reasons, kept = made or (own, {}, {})
    part = HarmonisedFile(table, layout, frame, country, problems, reasons, kept, synthetic, mapped, sound=sound)
    return replace(
        part, left_out=left, given=ours.given, hit=ours.hit, read=tuple(ours.frame.columns), names=ours.names
    )


def _without_weight(ours: Named, layout: Layout, path: Path) -> tuple[Named, dict[str, int]]:
    """The rows that have a weight above zero, when the mapping leaves the others out; these are counted and told."""
    there = ours.given.without_weight and (
        "weights" in layout.instrument.identify or layout.instrument.design["weight"] in layout.columns
    )
    weights = [name for name in weight_columns(ours.header, layout)[:1] if name in ours.frame] if there else []
    if not weights:
        return ours, {}
    kept, counts = with_weight(ours.frame, weights[0])
    if not counts or not kept.any():
        return ours, {}
    warnings.warn(LloWarning(told_left_out(counts, weights[0], path.name)), stacklevel=5)
    return replace(ours, frame=ours.frame[kept].reset_index(drop=True)), counts


def _person_problems(own: pd.DataFrame, layout: Layout, instrument: Instrument, path: Path) -> list[DataError]:
    """Persons that are there once, when their columns are there."""
    persons = [layout.columns.get(name, name) for name in instrument.identify["person"]]
    return check_persons(own, persons, path.name) if all(name in own for name in persons) else []


def _tell_doubt(doubtful: dict[str, DataError]) -> None:
    """Warn of columns with codes that a cycle which has not been verified does not know."""
    for problem in doubtful.values():
        text = f"{problem.what} The codes of this cycle have not been verified: the column stays as it is.\n"
        warnings.warn(LloWarning(f"{text}  where: {problem.where}\n  found: {problem.found}"), stacklevel=5)


def _direct(own: pd.DataFrame, instrument: Instrument, mapped: Mapped) -> list[str]:
    """Columns that the user maps onto a harmonised variable."""
    ours = {*mapped.columns.values(), *(name for of_year in mapped.by_year.values() for name in of_year.values())}
    names = ours - set(instrument.raw["variables"])
    return [name for name in own.columns if name in names and name in instrument.harmonised]


def _with_harmonised(
    own: pd.DataFrame,
    layout: Layout,
    request: Request,
    country: str | None,
    path: Path,
    doubtful: Sequence[str],
    direct: Mapping[str, pd.Series],
) -> tuple[pd.DataFrame, dict[str, str], dict[str, str]]:
    """The file's columns with harmonised variables beside them; a column in the way is kept as ``<name>_own``."""
    instrument = layout.instrument
    wanted = list(instrument.harmonised)
    if request.columns is not None:
        wanted = [name for name in wanted if name in request.columns or name in ("year", "person", *_OF_FILE)]
    year = year_of(instrument, layout.cycle, country, request, path)
    constants: dict[str, Any] = {"year": year, "cycle": layout.cycle, "country": country}
    made, reasons = harmonise(own, layout, [n for n in wanted if n not in direct], constants, country, doubtful)
    made |= direct
    columns: dict[str, pd.Series] = {}
    kept: dict[str, str] = {}
    fitting, unlike = _named_as_ours(own, layout, made, path)
    made, direct = {**made, **fitting}, {**direct, **fitting}
    for name in own.columns:
        if name not in unlike and (name not in made or name in direct or _same(own[name], made[name])):
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
    check_year(frame, instrument, request, path)
    return frame, {**reasons, **instrument.about.get("not_carried", {})}, kept


def _named_as_ours(
    own: pd.DataFrame, layout: Layout, made: Collection[str], path: Path
) -> tuple[dict[str, pd.Series], list[str]]:
    """Columns with the name of a harmonised variable that is not made here: those with its values, and the others."""
    instrument, unlike = layout.instrument, []
    fitting: dict[str, pd.Series] = {}
    for name in own.columns:
        if name in made or name not in instrument.harmonised or instrument.variable(name) is not None:
            continue
        categories = instrument.categories(name)
        only = categories or numbers_of(instrument.harmonised[name])
        values = [value for value in distinct_of(own[name])[1] if key_of(value) is not None]
        if only and (find(pd.Series(values, dtype=object), list(only))[0] < 0).any():
            unlike.append(name)
            words = (
                f"{path.name} has a column {name!r} whose values are not those of the harmonised variable of this "
                f"name: it is kept as '{name}_own'.\n  found: {', '.join(map(plain, values[:5]))}\n"
                f"  expected: {', '.join(map(str, only))}\n"
                f"  what to do: when it is the same, map it and translate its codes: [values.{name}] in a mapping."
            )
            warnings.warn(LloWarning(words), stacklevel=6)
        elif categories:
            fitting[name] = ordered(as_classes(own[name]), list(categories))
    return fitting, unlike


def _same(own: pd.Series, made: pd.Series) -> bool:
    """Does the file's own column hold what the harmonised variable of that name holds?"""
    return not isinstance(made.dtype, pd.CategoricalDtype) and bool(own.equals(made))

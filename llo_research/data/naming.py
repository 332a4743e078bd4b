"""The columns of a file under our names: the whole file by one mapping, or each row by that of its year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from llo_research.data.exact import masked, nfc
from llo_research.data.harmonise import asked_elsewhere, usable_rule
from llo_research.data.harmonised_file import Named, Request, attempt
from llo_research.data.instrument import Instrument
from llo_research.data.layout import Layout, choose_columns, cycle_of, kind_problems, layout_of, shown_cycle
from llo_research.data.mapping import Mapped
from llo_research.data.producer_design import technical_columns
from llo_research.data.rules import columns_of
from llo_research.data.stacking import of_one_kind
from llo_research.data.yearly import (
    check_year_of_dates,
    check_year_of_name,
    is_yearly,
    mapping_of,
    named_year,
    spelled,
    year_added,
    year_columns,
    years_of_dates,
)
from llo_research.errors import DataError

# Stands for a column that another one replaces in the rows of a year.
_LEFT = ""


@dataclass(frozen=True)
class Plan:
    """What is known of a file from its header.

    ``header``: its own names; ``names``: ours in the same order; ``by_year``: ours for the rows of one year, when the
    file holds several; ``year``: written into a file that has no column of it; ``guessed``: from its name alone;
    ``kept``: own names of columns to read.
    """

    header: list[str]
    names: list[str]
    mapped: Mapped
    given: Mapped
    by_year: Mapping[int, list[str]] = field(default_factory=dict)
    year: int | None = None
    guessed: bool = False
    kept: Sequence[str] = ()
    problems: Sequence[DataError] = ()

    @property
    def full(self) -> list[str]:
        """Every name of ours that a row may have."""
        more = [name for names in self.by_year.values() for name in names if name != _LEFT]
        return list(dict.fromkeys([*self.names, *more]))


def plan_of(header: list[str], instrument: Instrument, request: Request, path: Path) -> Plan:
    """Which column is which of our names, which to read, and what is wrong with the header."""
    given = mapping_of(path, instrument, request)
    year = request.year or given.year or named_year(path)
    mapped = spelled(header, given.for_year(year), instrument)
    problems = [*mapped.absent(header, path), *mapped.twice(header, path)]
    by_year: dict[int, list[str]] = {}
    if year is None:
        for each in given.by_year:
            by_year[each], wrong = _names_of_year(header, given, each, instrument, path)
            problems += [problem for problem in wrong if str(problem) not in map(str, problems)]
    plan = Plan(header, _once(mapped.rename(header), header), mapped, given, by_year)
    problems += kind_problems(plan.full, instrument, path)
    added = attempt(problems, year_added, plan.full, instrument, request, given, path)
    full = plan.full if added is None else [instrument.identify["year"], *plan.full]
    kept = header
    if request.columns is not None:
        cycle = attempt(problems, cycle_of, full, None, instrument, path, request.cycle)
        keep = attempt(problems, needed, full, layout_of(full, instrument, cycle), list(request.columns), path)
        namings = [plan.names, *by_year.values()]
        if keep is not None:
            kept = [own for place, own in enumerate(header) if any(names[place] in keep for names in namings)]
    guessed = added is not None and not (request.year or given.year)
    if guessed and len(kept) < len(header):
        also = {*kept, *year_columns(header)}
        kept = [own for own in header if own in also]
    return Plan(header, plan.names, mapped, given, by_year, added, guessed, kept, problems)


def _names_of_year(
    header: list[str], given: Mapped, year: int, instrument: Instrument, path: Path
) -> tuple[list[str], list[DataError]]:
    """Our names in the rows of one year; a column that has the name which another one takes over is left out there."""
    of_year = spelled(header, given.for_year(year), instrument)
    takes, taken = set(map(nfc, given.by_year[year])), set(given.by_year[year].values())
    pairs = list(zip(header, of_year.rename(header), strict=True))
    left = {own for own, name in pairs if name in taken and nfc(own) not in takes}
    wrong = of_year.twice([own for own in header if own not in left], path)
    return _once([_LEFT if own in left else name for own, name in pairs], header), wrong


def _once(names: list[str], header: list[str]) -> list[str]:
    """Names with the file's own where one would stand twice (which is a problem that has been told)."""
    seen: set[str] = set()
    result = []
    for name, own in zip(names, header, strict=True):
        other = chain((name, own), (f"{own}_{k}" for k in range(2, len(header) + 3)))
        free = _LEFT if name == _LEFT else next(each for each in other if each not in seen)
        seen.add(free)
        result.append(free)
    return result


def cycle_or_guess(
    header: list[str], separator: str | None, instrument: Instrument, path: Path, asked: int | None
) -> tuple[int | None, list[DataError]]:
    """The cycle of a file, with the problem and the likeliest cycle when it contradicts itself."""
    problems: list[DataError] = []
    cycle = attempt(problems, cycle_of, header, separator, instrument, path, asked)
    if problems and instrument.raw.get("cycles"):
        cycle = shown_cycle(header, instrument) or int(next(iter(instrument.raw["cycles"])))
    return cycle, problems


def needed(header: list[str], layout: Layout, columns: list[str], path: Path) -> list[str]:
    """Columns to read: those asked for, the sources of harmonised ones, and what the design needs."""
    harmonised = layout.instrument.harmonised
    for name, reason in layout.instrument.about.get("not_carried", {}).items():
        if name in columns and name not in header:
            raise DataError(
                f"{layout.instrument.name} cannot carry {name}.",
                where="columns=",
                found=reason,
                expected="another variable",
            )
    names = [name for name in columns if name in harmonised] + ["year", "person"]
    required = technical_columns(header, layout)
    for name in names:
        if name in header and name not in layout.columns:
            required.append(name)  # mapped onto the harmonised variable by the user
            continue
        rule, absent = usable_rule(layout, name)
        if rule is None:
            raise DataError(
                f"{path.name} cannot carry {name}.",
                where=f"{path.name}, column names",
                found=asked_elsewhere(layout, name) or f"no {', '.join(absent)}",
                expected=f"the columns from which {name} is made",
                todo=f"See llo.codebook({layout.instrument.name!r}) for its definition.",
            )
        required += [layout.columns[column] for column in columns_of(rule, harmonised[name].get("universe", {}))]
    own = [layout.columns.get(name, name) for name in columns if name not in harmonised]
    made = [name for name in harmonised if usable_rule(layout, name)[0] is not None]
    return [*required, *choose_columns(header, own, path, made)]


def named(frame: pd.DataFrame, plan: Plan, instrument: Instrument, path: Path) -> Named:
    """The frame of a file under our names, its codes translated, and what stands under which name."""
    ours = dict(zip(plan.header, plan.names, strict=True))
    used: dict[str, tuple[str, ...]] = {own: (ours[own],) for own in plan.header}
    renamed = frame.set_axis([ours[column] for column in frame.columns], axis=1)
    renamed = _with_years(renamed, instrument)
    years = _years(renamed, plan, instrument)
    here = {year: names for year, names in plan.by_year.items() if years is not None and (years == year).any()}
    problems = _lacking(plan, here)
    if plan.guessed and plan.year is not None:
        attempt(problems, check_year_of_name, frame, plan.year, path)
    if plan.year is not None and is_yearly(instrument):
        own = [column for column in map(str, frame) if nfc(column) not in plan.mapped.columns]
        attempt(problems, check_year_of_dates, frame[own], plan.year, path)
    header = plan.names
    if here and years is not None:
        problems += _answered_twice(frame, plan, here, years)
        renamed, used = _by_row(frame, plan, here, years)
        unread = [name for own, name in ours.items() if own not in frame.columns]
        header = list(dict.fromkeys([*renamed.columns, *unread]))
    renamed, hit = plan.mapped.apply(renamed)
    if plan.year is not None:
        column = instrument.identify["year"]
        renamed.insert(0, column, plan.year)
        header = [column, *header]
    return Named(renamed, header, used, plan.mapped, plan.given, hit, problems)


def _with_years(renamed: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """The frame with the years of the dates, where a column of dates is mapped onto the year."""
    column = instrument.identify.get("year")
    years = years_of_dates(renamed[column]) if column in renamed and is_yearly(instrument) else None
    return renamed if years is None else renamed.assign(**{str(column): years})


def _years(renamed: pd.DataFrame, plan: Plan, instrument: Instrument) -> np.ndarray | None:
    """The year of each row, for a mapping whose columns differ by year; NaN where it is not known."""
    column = instrument.identify.get("year")
    if not plan.by_year or column not in renamed:
        return None
    translated, _ = plan.mapped.apply(renamed[[column]])
    return pd.to_numeric(translated[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _lacking(plan: Plan, here: Mapping[int, list[str]]) -> list[DataError]:
    """Columns that the mapping has for a year of the file and that the file lacks."""
    problems: list[DataError] = []
    for year in here:
        own = plan.given.by_year[year]
        short = Mapped(columns=own, name=f"{plan.given.name}, [years.{year}]")
        problems += [] if plan.given.several else short.absent(plan.header, Path(f"The file of {year}"))
    return problems


def _answered_twice(
    frame: pd.DataFrame, plan: Plan, here: Mapping[int, list[str]], years: np.ndarray
) -> list[DataError]:
    """A column that another one replaces in a year must be empty in it."""
    problems = []
    for year, names in here.items():
        for own, name in zip(plan.header, names, strict=True):
            answers = int(frame.loc[years == year, own].notna().sum()) if name == _LEFT and own in frame else 0
            if answers:
                problems.append(
                    DataError(
                        f"{own} has answers in {year}, in which the mapping takes another column for it.",
                        where=f"{plan.given.name}, [years.{year}]",
                        found=f"{answers:,} answers in {own}",
                        expected="one column with answers for each variable and year",
                        todo="Take the line out, or map the column that holds.",
                    )
                )
    return problems


def _by_row(
    frame: pd.DataFrame, plan: Plan, here: Mapping[int, list[str]], years: np.ndarray
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Each row under the names of its year: as if every year were a file of its own."""
    rest = ~np.isin(years, list(here))
    rows = [(rest, plan.names), *((years == year, names) for year, names in here.items())]
    place = {own: number for number, own in enumerate(plan.header)}
    taking = {own for own in plan.header if any(nfc(own) in plan.given.by_year[year] for year in here)}
    sources: dict[str, list[tuple[np.ndarray, str]]] = {}
    for own in frame.columns:
        for mask, names in rows:
            if names[place[own]] != _LEFT:
                sources.setdefault(names[place[own]], []).append((mask, own))
    columns: dict[str, pd.Series] = {}
    used: dict[str, tuple[str, ...]] = dict.fromkeys(plan.header, ())
    for name, pieces in sources.items():
        owns = list(dict.fromkeys(own for _, own in pieces))
        if len(owns) == 1:
            missing = ~np.logical_or.reduce([mask for mask, _ in pieces])
            column = masked(frame[owns[0]], missing)
        else:
            column = _joined(name, {own: frame[own] for own in owns}, pieces)
        as_it_stands = [own for own in owns if plan.names[place[own]] == name == nfc(own) and own not in taking]
        if column.notna().any() or as_it_stands:
            columns[name] = column
            for own in owns:
                used[own] = (*used[own], name)
    return pd.DataFrame(columns, index=frame.index), used


def _joined(name: str, own: Mapping[str, pd.Series], pieces: Sequence[tuple[np.ndarray, str]]) -> pd.Series:
    """One variable from the columns that hold it in different years."""
    parts = {f"{column} ({place})": own[column][mask] for place, (mask, column) in enumerate(pieces)}
    alike = of_one_kind(name, parts)
    joined: pd.Series = pd.concat([part for part in alike.values() if len(part)])
    return joined.reindex(next(iter(own.values())).index)

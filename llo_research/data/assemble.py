"""Files to one checked, harmonised frame and the arguments of its Survey; no Survey is made here."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.account import labels, source
from llo_research.data.codebook import Instrument
from llo_research.data.harmonise import from_mapping, harmonise, usable_rule
from llo_research.data.layout import Layout, check_kind, choose_columns, cycle_of, layout_of
from llo_research.data.mapping import Mapped, check_used
from llo_research.data.part import Part, Request
from llo_research.data.provenance import check_sum
from llo_research.data.readers import Table, read_table
from llo_research.data.replication import design_arguments, technical_columns, weight_columns
from llo_research.data.rules import columns_of
from llo_research.data.sample import check_same_sample, check_year, country_of, year_of
from llo_research.data.sampling import sampling_of, tell
from llo_research.data.validate import check_labels, check_persons, check_weights, check_years, clean, raise_first
from llo_research.data.yearly import (
    check_told_year,
    is_synthetic,
    is_yearly,
    mapping_of,
    spelled,
    with_choices,
    year_added,
)
from llo_research.errors import DataError, LloWarning


def assemble(paths: Sequence[Path], instrument: Instrument, request: Request) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read, check and harmonise files of one instrument.

    Returns
    -------
    (DataFrame, dict)
        The frame (the file's columns first, harmonised variables after them) and keyword arguments of ``Survey``.
    """
    instrument = with_choices(instrument, paths, request)
    if is_yearly(instrument) and len(paths) > 1:
        request = replace(request, mapping=replace(request.mapping, several=True))
    parts = [read_part(path, instrument, request) for path in paths]
    for part in parts:
        raise_first(part.problems, part.table.path)
    if is_yearly(instrument):
        years = sorted({int(year) for part in parts for year in part.frame["year"].unique()})
        check_used(request.mapping, {part.table.path.name: part.table.own_header for part in parts}, years)
    return together(parts, instrument, request)


def together(parts: list[Part], instrument: Instrument, request: Request) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Checked files of one instrument as one frame, and the arguments of its Survey."""
    check_same_sample(parts)
    frame = _below_each_other(parts)
    first = parts[0]
    if len(parts) > 1:
        persons = [first.layout.columns[name] for name in instrument.identify["person"]]
        raise_first(check_persons(frame, persons, "the files together"), first.table.path)
    sampling = sampling_of(frame, parts, instrument) if "weights" in instrument.identify else None
    if sampling is None:
        arguments = design_arguments(frame, first.table.header, first.layout, first.table.path)
    else:
        arguments = sampling.arguments
        tell(sampling, instrument.name if len(parts) > 1 else first.table.path.name)
    raise_first(check_weights(frame, _weights(arguments), first.table.path), first.table.path)
    if sampling is not None and sampling.item_weights:
        arguments["item_weights"] = sampling.item_weights
    arguments["labels"] = labels(frame, parts)
    arguments["source"] = source(frame, parts, request, sampling)
    return frame, arguments


def _below_each_other(parts: Sequence[Part]) -> pd.DataFrame:
    """Files of several years in one frame; a topic that was not asked in a year is missing in that year."""
    frames = [part.frame for part in parts]
    if len(frames) == 1:
        return frames[0]
    order = list(dict.fromkeys(column for frame in frames for column in frame.columns))
    kinds = {c: f[c].dtype for f in frames for c in f.columns if isinstance(f[c].dtype, pd.CategoricalDtype)}
    filled = []
    for frame in frames:
        absent = {name: kind for name, kind in kinds.items() if name not in frame}
        empty = {name: pd.Series(np.nan, index=frame.index, dtype=object).astype(kind) for name, kind in absent.items()}
        filled.append(frame.assign(**empty) if empty else frame)
    return pd.concat(filled, ignore_index=True)[order]


def _weights(arguments: Mapping[str, Any]) -> list[str]:
    """Full-sample and replicate weight columns that are used."""
    return [name for name in (arguments["weights"], *arguments.get("replicate_weights", ())) if name is not None]


def read_part(path: Path, instrument: Instrument, request: Request) -> Part:
    """Read, check and harmonise one file; problems with its values are listed, not raised."""
    found: dict[str, Any] = {}

    def choose(header: list[str]) -> list[str]:
        mapped = spelled(header, mapping_of(path, instrument, request), instrument)
        renamed = mapped.rename(header, path)
        check_kind(renamed, instrument, path)
        added = year_added(renamed, instrument, request, mapped, path)
        full = renamed if added is None else [instrument.identify["year"], *renamed]
        found.update(header=full, mapped=mapped, added=added, own=header)
        if request.columns is None:
            return header
        layout = layout_of(full, instrument, cycle_of(full, None, instrument, path, request.cycle))
        keep = set(_needed(full, layout, list(request.columns), path))
        return [column for column, name in zip(header, renamed, strict=True) if name in keep]

    table = read_table(path, instrument.missing, choose, encoding=request.encoding)
    check_sum(path, table.sha256)
    mapped: Mapped = found["mapped"]
    raw = mapped.apply(table.frame)
    if found["added"] is not None:
        raw = raw.assign(**{instrument.identify["year"]: found["added"]})[[instrument.identify["year"], *raw.columns]]
    table = replace(table, header=found["header"], own_header=found["own"])
    return part_of(table, raw, instrument, request, mapped)


def from_frame(
    frame: pd.DataFrame, instrument: Instrument, request: Request, *, name: str, sha256: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A frame under our names through the same checks, rules and design as a file; for data made by this library.

    Parameters
    ----------
    frame : DataFrame
        The instrument's own variables (not the harmonised ones), with codes, as in the codebook.
    instrument : Instrument
        The instrument.
    request : Request
        Columns to keep; everything when it names none.
    name : str
        What stands for the file's path in ``source["files"]``.
    sha256 : str
        Checksum of the contents.

    Returns
    -------
    (DataFrame, dict)
        The frame with harmonised variables beside its own, and keyword arguments of ``Survey``.
    """
    header = [str(column) for column in frame.columns]
    path = Path(name)
    check_kind(header, instrument, path)
    if request.columns is not None:
        layout = layout_of(header, instrument, None)
        keep = set(_needed(header, layout, list(request.columns), path))
        header = [column for column in header if column in keep]
    table = Table(path, frame[header], header, None, None, sha256, own_header=header)
    part = part_of(table, table.frame, instrument, request, request.mapping)
    raise_first(part.problems, path)
    return together([part], instrument, request)


def part_of(table: Table, raw: pd.DataFrame, instrument: Instrument, request: Request, mapped: Mapped) -> Part:
    """Check and harmonise the rows of one file that stand under our names."""
    path, header = table.path, table.header
    cycle = cycle_of(header, table.separator, instrument, path, request.cycle)
    layout = layout_of(header, instrument, cycle)
    own, problems, doubtful = clean(raw, layout, path)
    problems += check_labels(table, layout, mapped)
    persons = [layout.columns[name] for name in instrument.identify["person"]]
    problems += check_persons(own, persons, path.name)
    problems += check_years(own, instrument.identify.get("year"), path)
    if not problems:
        problems += check_weights(own, weight_columns(header, layout)[:1], path)
    country = None if problems else country_of(own, layout, request, path)
    if problems:
        return Part(table, layout, own, country, problems, {}, {}, mapping=mapped)
    for problem in doubtful.values():
        text = f"{problem.what} The codes of this cycle have not been verified: the column stays as it is.\n"
        warnings.warn(LloWarning(f"{text}  where: {problem.where}\n  found: {problem.found}"), stacklevel=4)
    if is_yearly(instrument):
        check_told_year(own, request, mapped, path)
    synthetic = is_synthetic(own, instrument, path)
    frame, reasons, kept = _with_harmonised(
        own, layout, replace(request, mapping=mapped), country, path, list(doubtful)
    )
    return Part(table, layout, frame, country, [], reasons, kept, synthetic, mapped)


def _needed(header: list[str], layout: Layout, columns: list[str], path: Path) -> list[str]:
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
    needed = technical_columns(header, layout)
    for name in names:
        if name in header and name not in layout.columns:
            needed.append(name)  # mapped onto the harmonised variable by the user
            continue
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
    own: pd.DataFrame, layout: Layout, request: Request, country: str | None, path: Path, doubtful: list[str]
) -> tuple[pd.DataFrame, dict[str, str], dict[str, str]]:
    """The file's columns with harmonised variables beside them; a column in the way is kept as ``<name>_own``."""
    instrument = layout.instrument
    wanted = list(instrument.harmonised)
    if request.columns is not None:
        wanted = [name for name in wanted if name in request.columns or name in ("year", "person")]
    mapped = set(request.mapping.columns.values()) - set(instrument.raw["variables"])
    direct = [name for name in own.columns if name in mapped and name in instrument.harmonised]
    constants = {"year": year_of(instrument, layout.cycle, country, request, path)}
    made, reasons = harmonise(own, layout, [n for n in wanted if n not in direct], constants, country, doubtful)
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
    check_year(frame, instrument, request, path)
    return frame, {**reasons, **instrument.about.get("not_carried", {})}, kept


def _same(own: pd.Series, made: pd.Series) -> bool:
    """Does the file's own column hold what the harmonised variable of that name holds?"""
    return not isinstance(made.dtype, pd.CategoricalDtype) and bool(own.equals(made))

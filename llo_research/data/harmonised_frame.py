"""Files to one checked, harmonised frame and the arguments of its Survey; no Survey is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.data.account import labels, source
from llo_research.data.harmonised_file import HarmonisedFile, Request
from llo_research.data.instrument import Instrument
from llo_research.data.layout import kind_problems, layout_of
from llo_research.data.naming import needed
from llo_research.data.no_answers import lacking, tell_lacking
from llo_research.data.producer_design import design_arguments
from llo_research.data.readers import Table
from llo_research.data.reading import part_of, read_part, unmapped
from llo_research.data.sample import check_same_sample, of_country
from llo_research.data.sampling import sampling_of, tell
from llo_research.data.stacking import below_each_other
from llo_research.data.successors import tell_successors
from llo_research.data.unused import tell_unused
from llo_research.data.validate import check_persons, check_weights, raise_first
from llo_research.data.yearly import is_yearly, with_choices


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
    tell_unused(parts, instrument)
    tell_successors(parts)
    return together(parts, instrument, request)


def together(
    parts: list[HarmonisedFile], instrument: Instrument, request: Request
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Checked files of one instrument as one frame, and the arguments of its Survey."""
    check_same_sample(parts)
    first = parts[0]
    telling = [first.layout.columns[name] for name in instrument.identify["person"] if name in first.layout.columns]
    frame = below_each_other({_name(part, number): part.frame for number, part in enumerate(parts)}, telling)
    frame = _of_years(of_country(frame, first.layout, request.country, first.table.path.name), request.years)
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
    told = lacking(frame, first, arguments)
    tell_lacking(told, first, request)
    arguments["source"] = source(frame, parts, request, sampling) | told
    return frame, arguments


def _of_years(frame: pd.DataFrame, years: Sequence[int] | None) -> pd.DataFrame:
    """The rows of the years asked for, before their design is made; all where a year is not there, which is refused."""
    if years is None or not set(years) <= set(frame["year"]):
        return frame
    return frame[frame["year"].isin(years)].reset_index(drop=True)


def _name(part: HarmonisedFile, number: int) -> str:
    """A file's name, told apart from others of the same name."""
    return part.table.path.name if number == 0 else f"{part.table.path.name} (file {number + 1})"


def _weights(arguments: Mapping[str, Any]) -> list[str]:
    """Full-sample and replicate weight columns that are used."""
    return [name for name in (arguments["weights"], *arguments.get("replicate_weights", ())) if name is not None]


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
    raise_first(kind_problems(header, instrument, path), path)
    if request.columns is not None:
        layout = layout_of(header, instrument, None)
        keep = set(needed(header, layout, list(request.columns), path))
        header = [column for column in header if column in keep]
    table = Table(path, frame[header], header, None, None, sha256, own_header=header)
    part = part_of(table, unmapped(table), instrument, request)
    raise_first(part.problems, path)
    return together([part], instrument, request)

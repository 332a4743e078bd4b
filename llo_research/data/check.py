"""A file laid beside its codebook: what fits, what is missing, what is unknown."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llo_research.data import textfile
from llo_research.data.assemble import read_part
from llo_research.data.codebook import Instrument, instrument_of, instruments
from llo_research.data.mapping import read_mapping
from llo_research.data.part import Part, Request
from llo_research.data.readers import read_table
from llo_research.data.replication import design_arguments
from llo_research.data.validate import check_weights
from llo_research.errors import DataError, LloWarning


@dataclass(frozen=True)
class Check:
    """``problems`` is empty when the file can be used; ``lines`` is the report."""

    problems: list[DataError]
    lines: list[str]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def check_file(
    path: str | Path,
    *,
    instrument: str | None = None,
    mapping: Mapping[str, str] | str | Path | None = None,
) -> Check:
    """Lay a file beside the codebook of its instrument and report in words.

    Parameters
    ----------
    path : path
        The file.
    instrument : str, optional
        Its instrument; told from the column names when absent.
    mapping : mapping or path, optional
        As in :func:`read_microdata`.

    Returns
    -------
    Check

    Raises
    ------
    DataError
        When the file cannot be read at all, or is of no known instrument.
    """
    path, mapped = Path(path), read_mapping(mapping)
    item = instrument_of(instrument) if instrument else _guess(path)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", LloWarning)
        part = read_part(path, item, Request(mapping=mapped))
        problems, design = list(part.problems), ""
        if not problems:
            design, problems = _design(part, path)
    notes = [f"to know: {note.message}" for note in told if issubclass(note.category, LloWarning)]
    return Check(problems, [*_about(part, item, design), *_columns(part, item), *notes, *_verdict(problems)])


def _design(part: Part, path: Path) -> tuple[str, list[DataError]]:
    """The design in words, or why there is none."""
    try:
        arguments = design_arguments(part.frame, part.table.header, part.layout, path)
    except DataError as error:
        return "", [error]
    weights = [arguments["weights"], *arguments.get("replicate_weights", ())]
    return _design_line(arguments), check_weights(part.frame, weights, path)


def _guess(path: Path) -> Instrument:
    """The instrument most of whose required columns are in the file."""
    header = read_table(path, {}, lambda names: names[:1]).header
    upper = {name.casefold() for name in header}
    best, most = None, 0.0
    for name in instruments()["instrument"]:
        item = instrument_of(name)
        required = item.identify.get("telling", item.identify.get("required", ()))
        share = sum(column.casefold() in upper for column in required) / max(len(required), 1)
        if share > most:
            best, most = item, share
    if best is None or most < 0.5:
        raise DataError(
            f"{path.name} is not a file of an instrument that is known here.",
            where=f"{path.name}, column names",
            found=", ".join(header[:6]) + (", ..." if len(header) > 6 else ""),
            expected="a file of " + ", ".join(instruments()["instrument"]),
            todo="Name the instrument (--instrument) and, for columns under other names, a mapping (--mapping).",
        )
    return best


def _about(part: Part, item: Instrument, design: str) -> list[str]:
    """What the file is."""
    table = part.table
    kind = "" if table.separator is None else f", separated by {textfile.separator_name(table.separator)}"
    lines = [
        f"{table.path.name}: {item.about['title']['en']}",
        f"  rows        {len(table.frame):,}",
        f"  columns     {len(table.header):,}{kind}" + (f", {table.encoding}" if table.encoding else ""),
        f"  SHA-256     {table.sha256}",
    ]
    if part.layout.cycle is not None:
        lines.append(f"  cycle       {part.layout.cycle}")
    if part.country is not None:
        lines.append(f"  country     {part.country}")
    return [*lines, design] if design else lines


def _design_line(arguments: Mapping[str, object]) -> str:
    """The design in words."""
    replicates = arguments.get("replicate_weights")
    if isinstance(replicates, list):
        fay = f", factor {arguments['fay']}" if "fay" in arguments else ""
        text = f"{len(replicates)} replicate weights, {arguments['replicate_method']}{fay}"
    else:
        text = f"strata {arguments.get('strata')}, sampling units {arguments.get('psu')}"
    return f"  design      weight {arguments['weights']}; {text}"


def _columns(part: Part, item: Instrument) -> list[str]:
    """Which variables of the codebook are there and which are not."""
    layout = part.layout
    known = [column for column in part.table.header if item.variable(layout.names[column], layout.cycle) is not None]
    absent = sorted(set(item.file_names(layout.cycle).values()) - set(layout.columns))
    made = [name for name in item.harmonised if name in part.frame.columns]
    others = len(part.table.header) - len(known)
    lines = [f"fits: {len(known):,} columns are in the codebook; {others:,} are kept as they are"]
    if made and not part.problems:
        lines += _wrapped("harmonised: ", ", ".join(made))
    lines += [f"not carried: {name} ({reason})" for name, reason in part.not_carried.items()]
    if absent:
        lines += _wrapped(f"missing: {len(absent)} variables of the codebook are not in the file: ", ", ".join(absent))
    return lines


def _wrapped(start: str, text: str) -> list[str]:
    """A long list over several lines."""
    return textwrap.wrap(start + text, width=110, subsequent_indent="  ")


def _verdict(problems: list[DataError]) -> list[str]:
    """The problems, or that there are none."""
    if not problems:
        return ["no problems: the file can be used"]
    lines = [f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}:"]
    for number, problem in enumerate(problems, 1):
        first, *rest = str(problem).splitlines()
        lines += [f"{number}. {first}", *rest]
    return lines

"""A file laid beside its codebook: what fits, what is missing, what is unknown."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llo_research.data import textfile
from llo_research.data.account import in_doubt
from llo_research.data.assemble import read_part
from llo_research.data.codebook import Instrument, instrument_of, instruments
from llo_research.data.mapping import Mapped, read_mapping
from llo_research.data.part import Part, Request
from llo_research.data.readers import read_table
from llo_research.data.replication import design_arguments
from llo_research.data.sampling import sampling_of, tell
from llo_research.data.validate import check_weights, folded
from llo_research.data.yearly import is_yearly, with_choices
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
    year: int | None = None,
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
    year : int, optional
        Year of the file, when it has no column of it.

    Returns
    -------
    Check

    Raises
    ------
    DataError
        When the file cannot be read at all, or is of no known instrument.
    """
    path, mapped = Path(path), read_mapping(mapping)
    item = instrument_of(instrument) if instrument else _guess(path, mapped)
    request = Request(year=year, mapping=mapped)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", LloWarning)
        item = with_choices(item, [path], request)
        part = read_part(path, item, request)
        problems, design = list(part.problems), ""
        if not problems:
            design, problems = _design(part, path)
    notes = [f"to know: {note.message}" for note in told if issubclass(note.category, LloWarning)]
    notes += [] if problems else [*_unexpected(part), *_compared(part)]
    return Check(problems, [*_about(part, item, design), *_columns(part, item), *notes, *_verdict(problems)])


def _design(part: Part, path: Path) -> tuple[str, list[DataError]]:
    """The design in words, or why there is none."""
    try:
        if "weights" in part.layout.instrument.identify:
            sampling = sampling_of(part.frame, [part], part.layout.instrument)
            tell(sampling, path.name)
            arguments = sampling.arguments
        else:
            arguments = design_arguments(part.frame, part.table.header, part.layout, path)
    except DataError as error:
        return "", [error]
    weights = [name for name in (arguments["weights"], *arguments.get("replicate_weights", ())) if name is not None]
    return _design_line(arguments), check_weights(part.frame, weights, path)


def _guess(path: Path, mapped: Mapped) -> Instrument:
    """The instrument that knows most of the file's columns, of those whose telling columns are there."""
    header = read_table(path, {}, lambda names: names[:1]).header
    upper = {mapped.columns.get(name, name).casefold() for name in header}
    best, most = None, 0
    for name in instruments()["instrument"]:
        item = instrument_of(name)
        telling = item.identify.get("telling", item.identify.get("required", ()))
        if sum(column.casefold() in upper for column in telling) * 2 < max(len(telling), 1):
            continue
        known = sum(column.casefold() in upper for column in item.file_names(None))
        if known > most:
            best, most = item, known
    if best is None:
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
    if is_yearly(item) and "year" in part.frame:
        lines.append(
            f"  years       {', '.join(str(int(year)) for year in sorted(part.frame['year'].dropna().unique()))}"
        )
        lines.append(f"  kind        {'SYNTHETIC' if part.synthetic else item.about['kind']}")
    if part.mapping.columns or part.mapping.values:
        used = [column for column in part.mapping.columns if column in part.table.own_header]
        unused = [column for column in part.mapping.columns if column not in used]
        lines.append(f"  mapping     {part.mapping.name}: {len(used)} columns under our names")
        lines += _wrapped("  mapped, but not in this file: ", ", ".join(unused)) if unused else []
    return [*lines, design] if design else lines


def _design_line(arguments: Mapping[str, object]) -> str:
    """The design in words."""
    replicates = arguments.get("replicate_weights")
    if isinstance(replicates, list):
        fay = f", factor {arguments['fay']}" if "fay" in arguments else ""
        text = f"{len(replicates)} replicate weights, {arguments['replicate_method']}{fay}"
    else:
        units = arguments.get("psu") or arguments.get("unit") or "rows"
        text = f"strata {arguments.get('strata')}, sampling units {units}"
    kind = f" ({arguments['weight_kind']})" if "weight_kind" in arguments else ""
    return f"  design      weight {arguments['weights']}{kind}; {text}"


def _columns(part: Part, item: Instrument) -> list[str]:
    """Which variables of the codebook are there and which are not."""
    layout = part.layout
    known = [column for column in part.table.header if item.variable(layout.names[column], layout.cycle) is not None]
    absent = sorted(set(item.file_names(layout.cycle).values()) - set(layout.columns))
    made = [name for name in item.harmonised if name in part.frame.columns]
    others = len(part.table.header) - len(known)
    kept = "1 is" if others == 1 else f"{others:,} are"
    lines = [
        f"fits: {len(known):,} columns are in the codebook; {kept} kept as {'it is' if others == 1 else 'they are'}"
    ]
    if made and not part.problems:
        lines += _wrapped("harmonised: ", ", ".join(made))
        doubt = [name for name in made if in_doubt(item.harmonised[name])]
        if is_yearly(item) and doubt:
            lines += _wrapped("not verified (see llo.codebook): ", ", ".join(doubt))
    for reason in dict.fromkeys(part.not_carried.values()):
        names = [name for name, why in part.not_carried.items() if why == reason]
        groups = [", ".join(names)] if is_yearly(item) else names
        lines += [f"not carried: {group} ({reason})" for group in groups]
    if is_yearly(item):
        absent = _expected(part, item, absent)
    if absent:
        lines += _wrapped(f"missing: {len(absent)} variables of the codebook are not in the file: ", ", ".join(absent))
    return lines


def _expected(part: Part, item: Instrument, absent: list[str]) -> list[str]:
    """Of variables that are absent, those that the codebook expects in the years of the file."""
    years = [int(year) for year in part.frame["year"].dropna().unique()] if "year" in part.frame else []
    optional = {item.identify.get("synthetic"), item.design.get("panel", {}).get("column"), "rinpersoon"}
    if item.design["weight"] in part.layout.columns:
        proportional = [item.design.get("proportional"), *item.design.get("proportional_halves", {}).values()]
        optional |= set(proportional)
    found = [(name, item.variable(name)) for name in absent if name not in optional]
    return [name for name, variable in found if variable and (not years or any(map(variable.asked_in, years)))]


def _unexpected(part: Part) -> list[str]:
    """Variables that are filled in a year in which the codebook does not have them as asked, and the reverse."""
    layout, frame = part.layout, part.frame
    if not is_yearly(layout.instrument):
        return []
    years = {int(year) for year in frame["year"].unique()}
    lines = []
    for name, column in layout.columns.items():
        variable = layout.instrument.variable(name)
        if variable is None or column not in frame or variable.group == "design":
            continue
        filled = {int(year) for year in frame.loc[frame[column].notna(), "year"].unique()}
        new = sorted(year for year in filled if not variable.asked_in(year))
        empty = sorted(year for year in years - filled if variable.asked_in(year))
        if new:
            lines.append(
                f"to know: {name} is answered in {', '.join(map(str, new))}; the codebook has {variable.years}"
            )
        if empty:
            lines.append(f"to know: {name} has no answers in {', '.join(map(str, empty))}")
    return lines


def _compared(part: Part) -> list[str]:
    """Value labels of the file that are worded otherwise than the codebook's: for a person to compare."""
    lines = []
    ours = dict(zip(part.table.own_header, part.table.header[-len(part.table.own_header) :], strict=False))
    for column, told in part.table.value_labels.items():
        variable = part.layout.instrument.variable(ours.get(column, column))
        if variable is None or not variable.values or not is_yearly(part.layout.instrument):
            continue
        valid = {int(code): text for code, text in told.items() if code in variable.values}
        if any(folded(text) not in map(folded, variable.values[code].values()) for code, text in valid.items()):
            expected = ", ".join(f"{code} {label['nl']}" for code, label in variable.values.items())
            shown = ", ".join(f"{code} {text}" for code, text in valid.items())
            lines += _wrapped("compare: ", f"{variable.name}: the file has {shown}; the codebook {expected}")
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

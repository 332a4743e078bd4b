"""A file laid beside its codebook: what fits, what is missing, what is unknown."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llo_research.data import textfile
from llo_research.data.account import in_doubt
from llo_research.data.beside import told_waves, waves_beside
from llo_research.data.check_next import (
    declared_lines,
    how_to_use,
    missing_lines,
    next_step,
    not_carried_lines,
    proposed,
    verdict,
    wrapped,
)
from llo_research.data.exact import nfc, plain
from llo_research.data.harmonised_file import HarmonisedFile, Request, attempt
from llo_research.data.instrument import Instrument, instrument_of
from llo_research.data.likely_missing import told_likely_missing
from llo_research.data.mapping import Mapped
from llo_research.data.mapping_file import read_mapping
from llo_research.data.meaning import book_of_variable
from llo_research.data.producer_design import design_arguments
from llo_research.data.readers import Table
from llo_research.data.reading import read_part
from llo_research.data.sampling import sampling_of, tell
from llo_research.data.successors import Successor, successors
from llo_research.data.suggestions import Suggestion, suggestions
from llo_research.data.unused import unused
from llo_research.data.validate import check_weights
from llo_research.data.which_instrument import told_instrument
from llo_research.data.wording import folded
from llo_research.data.yearly import is_yearly, mapping_of, with_choices, years_in
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
    """Lay a file beside the codebook of its instrument and report in words, to the end: all problems, then notes.

    Parameters
    ----------
    path : path
        The file.
    instrument : str, optional
        Its instrument; told from the file's name or its column names when absent.
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
    path = Path(path)
    problems: list[DataError] = []
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", LloWarning)
        mapped = attempt(problems, read_mapping, mapping) or Mapped(name="no mapping")
        item, how = (instrument_of(instrument), "") if instrument else told_instrument(path, mapped)
        request = Request(year=year, mapping=mapped)
        if attempt(problems, mapping_of, path, item, request) is None:
            request = replace(request, mapping=Mapped(name="no mapping"))
        item = attempt(problems, with_choices, item, [path], request) or item
        part = read_part(path, item, request, strict=False)
        problems += part.problems
        idle, notes = unused([part], item)
        known = set(map(str, problems))
        problems += [problem for problem in idle if str(problem) not in known]
        design = _design(part, path, problems)
    successor = successors([part]) if part.sound else []
    problems += [_taken_over(found) for found in successor if found.sure]
    notes = [str(note.message) for note in told if issubclass(note.category, LloWarning)] + notes
    notes += [str(found) for found in successor if not found.sure]
    notes += [told_waves(beside)] if (beside := waves_beside(part.table.own_header)) and is_yearly(item) else []
    notes += [f"looks like no answer, and is one so far: {line}" for line in told_likely_missing(_open_columns(part))]
    lines = [f"to know: {note}" for note in dict.fromkeys(notes)]
    lines += [*_unexpected(part, successor), *_compared(part)]
    mapped_already = bool(part.given.columns or part.given.by_year)
    found = suggestions(part.table, item) if is_yearly(item) and (problems or not mapped_already) else []
    about = [*_about(part, item, design, how), *_columns(part, item, found)]
    then = how_to_use(path, item, mapping) if not problems else []
    then += [*verdict(problems, found), *([] if mapped_already else next_step(part, found))]
    return Check(problems, [*about, *lines, *proposed(found, item), *then])


def _open_columns(part: HarmonisedFile) -> Table:
    """The columns of a file of which the codebook does not say which values are no answer, as they are read."""
    layout, frame = part.layout, part.frame
    item, names = layout.instrument, [str(name) for name in frame if str(name) in part.read]
    unknown = [name for name in names if item.variable(layout.names.get(name, name), layout.cycle) is None]
    own = [name for name in unknown if name not in item.harmonised]
    return replace(part.table, frame=frame[own if is_yearly(item) else []])


def _taken_over(found: Successor) -> DataError:
    """A variable that goes on under another name, as a problem."""
    return DataError(
        f"{found.variable} has no answers in {found.year}, and {found.column} has the same label and answers.",
        where=f"{found.file}, column {found.column}",
        found=f"answers of {found.year} in {found.column}",
        expected=f"answers of {found.variable} in every year that has them",
        todo=f"{found.column} has the same label and answers in {found.year}: add to the mapping\n"
        f'    [years.{found.year}]\n    "{found.column}" = "{found.variable}"',
    )


def _design(part: HarmonisedFile, path: Path, problems: list[DataError]) -> str:
    """The design in words; what keeps it from being made goes on the list."""
    if not part.sound or (part.country is None and "country" in part.layout.instrument.identify):
        return ""
    arguments = attempt(problems, _arguments, part, path)
    if arguments is None:
        return ""
    weights = [name for name in (arguments["weights"], *arguments.get("replicate_weights", ())) if name is not None]
    wrong = check_weights(part.frame, weights, path)
    problems += wrong
    return "" if wrong else _design_line(arguments)


def _arguments(part: HarmonisedFile, path: Path) -> dict[str, Any]:
    """Arguments of the Survey that the file would be."""
    if "weights" not in part.layout.instrument.identify:
        return design_arguments(part.frame, part.table.header, part.layout, path)
    sampling = sampling_of(part.frame.copy(), [part], part.layout.instrument)
    tell(sampling, path.name)
    return sampling.arguments


def _about(part: HarmonisedFile, item: Instrument, design: str, how: str) -> list[str]:
    """What the file is."""
    table = part.table
    kind = "" if table.separator is None else f", separated by {textfile.separator_name(table.separator)}"
    kind += f", {table.encoding}" if table.encoding else ""
    lines = [
        f"{table.path.name}: {item.about['title']['en']}",
        *([f"  instrument  {item.name}, told from {how}"] if how else []),
        f"  rows        {len(table.frame):,}",
        f"  columns     {len(table.own_header or table.header):,}{kind}"
        + (f", {table.encoding}" if table.encoding else ""),
        f"  SHA-256     {table.sha256}",
        *declared_lines(part),
    ]
    if part.layout.cycle is not None:
        lines.append(f"  cycle       {part.layout.cycle}")
    if part.country is not None:
        lines.append(f"  country     {part.country}")
    if is_yearly(item) and "year" in part.frame:
        lines.append(f"  years       {', '.join(map(str, years_in(part.frame)))}")
        lines.append(f"  kind        {'SYNTHETIC' if part.synthetic else item.about['kind']}")
    mapping = part.given
    if mapping.columns or mapping.by_year or mapping.values or mapping.missing:
        effective = dict.fromkeys([*part.mapping.columns, *(own for year in mapping.by_year.values() for own in year)])
        there = {nfc(name) for name in table.own_header}
        used = [column for column in effective if nfc(column) in there and _held(part, column)]
        lost = [column for column in part.mapping.columns if nfc(column) not in there]
        lines.append(f"  mapping     {mapping.name}: {len(used)} columns under our names")
        lines += wrapped("  mapped, but not in this file: ", ", ".join(lost)) if lost else []
    return [*lines, design] if design else lines


def _held(part: HarmonisedFile, column: str) -> bool:
    """Does a column of the mapping stand under our name in this file?"""
    names = {nfc(own): ours for own, ours in part.names.items()}
    return any(nfc(name) != nfc(column) for name in names.get(nfc(column), ()))


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


def _columns(part: HarmonisedFile, item: Instrument, found: Sequence[Suggestion]) -> list[str]:
    """Which variables of the codebook are there and which are not."""
    layout = part.layout
    known = [column for column in part.table.header if item.variable(layout.names[column], layout.cycle) is not None]
    absent = sorted(set(item.file_names(layout.cycle).values()) - set(layout.columns))
    made = [name for name in item.harmonised if name in part.frame.columns]
    others = len(part.table.header) - len(known)
    kept = "1 is" if others == 1 else f"{others:,} are"
    have = f"{len(known):,} columns are" if len(known) > 1 else "1 column is" if known else "no column is"
    lines = [f"fits: {have} in the codebook; {kept} kept as {'it is' if others == 1 else 'they are'}"]
    if made and not part.problems:
        lines += wrapped("harmonised: ", ", ".join(made))
        doubt = [name for name in made if in_doubt(item.harmonised[name])]
        if doubt and (is_yearly(item) or item.cycle(layout.cycle).get("codes") == "not verified"):
            lines += wrapped("not verified (see llo.codebook): ", ", ".join(doubt))
    lines += not_carried_lines(part, item)
    if is_yearly(item):
        absent = _expected(part, item, absent)
    return [*lines, *missing_lines(absent, item, found)]


def _expected(part: HarmonisedFile, item: Instrument, absent: list[str]) -> list[str]:
    """Of variables that are absent, those that the codebook expects in the years of the file."""
    years = years_in(part.frame)
    optional = {item.identify.get("synthetic"), item.design.get("panel", {}).get("column"), "rinpersoon"}
    if item.design["weight"] in part.layout.columns:
        proportional = [item.design.get("proportional"), *item.design.get("proportional_halves", {}).values()]
        optional |= set(proportional)
    found = [(name, item.variable(name)) for name in absent if name not in optional]
    return [name for name, variable in found if variable and (not years or any(map(variable.asked_in, years)))]


def _unexpected(part: HarmonisedFile, told: Sequence[Successor]) -> list[str]:
    """Variables that are filled in a year in which the codebook does not have them as asked, and the reverse."""
    layout, frame = part.layout, part.frame
    if not is_yearly(layout.instrument) or not part.sound or "year" not in frame:
        return []
    years = {int(year) for year in frame["year"].dropna().unique()}
    known = {(found.variable, found.year) for found in told}
    lines = []
    for name, column in layout.columns.items():
        variable = layout.instrument.variable(name)
        if variable is None or column not in frame or variable.group == "design":
            continue
        filled = {int(year) for year in frame.loc[frame[column].notna(), "year"].dropna().unique()}
        new = sorted(year for year in filled if not variable.asked_in(year))
        empty = sorted(year for year in years - filled if variable.asked_in(year) and (name, year) not in known)
        if new:
            lines.append(
                f"to know: {name} is answered in {', '.join(map(str, new))}; the codebook has {variable.years}"
            )
        if empty:
            lines.append(f"to know: {name} has no answers in {', '.join(map(str, empty))}")
    return lines


def _compared(part: HarmonisedFile) -> list[str]:
    """Value labels of the file that are worded otherwise than the codebook's: for a person to compare."""
    lines = []
    for column, told in part.table.value_labels.items():
        ours = next(iter(part.names.get(column, ())), column)
        variable = part.layout.instrument.variable(ours)
        if variable is None or not variable.values or variable.text or not is_yearly(part.layout.instrument):
            continue
        translated = {str(code): ours for code, ours in part.mapping.values.get(variable.name, {}).items()}
        coded = {translated.get(plain(code), code): text for code, text in told.items()}
        valid = {int(code): text for code, text in coded.items() if code in variable.values}
        book, labels = book_of_variable(part.layout.instrument, variable), list(told.values())
        other = [c for c, text in valid.items() if folded(text) not in map(folded, variable.values[c].values())]
        if any(book.meaning(valid[code], labels) != [code] for code in other):
            expected = ", ".join(f"{code} {label['nl']}" for code, label in variable.values.items())
            shown = ", ".join(f"{code} {text}" for code, text in valid.items())
            lines += wrapped("compare: ", f"{variable.name}: the file has {shown}; the codebook {expected}")
    return lines

"""A mapping file for a new wave: what is sure stands in it, what is doubtful is asked, the rest is named."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llo_research.data.beside import told_waves, waves_beside
from llo_research.data.instrument import Instrument, table_of
from llo_research.data.mapping import LEFT_OUT
from llo_research.data.readers import Table, table_to_look_at
from llo_research.data.suggestions import Suggestion, suggestions
from llo_research.data.text_form import FormError, TextForm
from llo_research.data.validate import with_weight
from llo_research.data.yearly import is_yearly, named_year, survey_dates
from llo_research.errors import DataError

_WIDTH = 118
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")  # signs that TOML does not take, not even in a comment


def mapping_template(path: str | Path, instrument: Instrument, year: int | None = None) -> str:
    """A mapping file for a new wave, as text.

    One suggestion for each column of the file at most: by its name, label, value labels and answers together. What is
    sure counts as it stands, with the codes translated by their labels; what is doubtful is commented out, and waits
    for a person. Columns that no variable is like are named, so that nothing is lost unseen.

    Parameters
    ----------
    path : path
        The data file.
    instrument : Instrument
        Its instrument.
    year : int, optional
        The year of the file, when its name does not have it.

    Returns
    -------
    str
        Text of a .toml file.
    """
    place = Path(path)
    table, odd = table_to_look_at(place, instrument.missing, comma=is_yearly(instrument))
    found = suggestions(table, instrument)
    return _text_of(table, instrument, found, _year_lines(place, year), odd)


def _year_lines(path: Path, year: int | None) -> list[str]:
    """The line of the year; none where the file's name has it, since a mapping may be that of other years too."""
    if year is None and named_year(path) is not None:
        return []
    return [f"year = {year}" if year else "# year = 2019"]


def _text_of(
    table: Table, instrument: Instrument, found: Sequence[Suggestion], year: Sequence[str], odd: Sequence[FormError]
) -> str:
    """The mapping file of these suggestions."""
    column = instrument.identify.get("year")
    dated = any(one.variable == column for one in found) or column in table.header
    sure = sum(one.sure for one in found)
    numbers = f"{_counted(sure, 'column')} sure, {_counted(len(found) - sure)} asked"
    lines = [
        f"# {table.path.name} as {instrument.name}: {numbers}.",
        "# Left the column of the file, right our variable. A line with # does not count: take the # away where it is",
        "# right (and that of its codes under [values]).",
    ]
    if beside := waves_beside(table.header):
        lines += [f"# {line}" for line in textwrap.wrap(told_waves(beside), _WIDTH - 2)]
    of_file = [*([] if dated else year), *_form_lines(odd)]
    of_file += _weight_lines(table, found)
    lines += ["[file]", *of_file] if of_file else []
    lines += [
        "",
        "[columns]",
        *([] if dated else _date_lines(table)),
        *(_line(one, instrument) for one in found if not one.years),
    ]
    coded = [one for one in found if (one.codes or one.open) and not one.years]
    if coded:
        lines += ["", "[values]  # code of the file = ours", *(_codes(one) for one in coded)]
    gone = [one for one in found if one.missing and not one.years]
    if gone:
        lines += ["", "[missing]  # codes that are no answer", *(_missing(one) for one in gone)]
    for when in sorted({year for one in found for year in one.years}):
        here = [one for one in found if when in one.years]
        lines += ["", f"[years.{when}]", *(_line(one, instrument) for one in here)]
    lines += ["", *_left(table, instrument, found)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _form_lines(odd: Sequence[FormError]) -> list[str]:
    """The lines that say how a text file is to be read; a question where it may be read in two ways."""
    form, lines = TextForm(), []
    for error in odd:
        form = form.along(error.remedy) if error.sure else form
        if not error.sure:
            words = f"{_plain(error.what)} Take one # away ({_plain(str(error.where))}):"
            lines += [f"# {line}" for line in textwrap.wrap(words, _WIDTH - 2)]
            lines += ['# thousands = "."', '# decimal = "."']
    if form.skip:
        why = "; ".join(_plain(str(error.found)) for error in odd if error.sure)
        shown = form.skip if isinstance(form.skip, int) else list(form.skip)
        lines.append(_cut(f"skip = {shown}  # {why}"))
    return lines


def _weight_lines(table: Table, found: Sequence[Suggestion]) -> list[str]:
    """What to do with rows without a weight, as a question."""
    column = next((one.column for one in found if one.variable in ("weight", "weight_proportional")), None)
    if column is None or column not in table.frame:
        return []
    counts = {kind: number for kind, number in with_weight(table.frame, column)[1].items() if kind != "zero"}
    told = " and ".join(f"{number:,} {kind}" for kind, number in counts.items())
    line = f'# without_weight = "{LEFT_OUT}"  # {column} has weights that are {told}: outside the survey?'
    return [_cut(line)] if told else []


def _date_lines(table: Table) -> list[str]:
    """Columns of dates of which the year may be that of the survey, as a question."""
    return [
        f'# {_quoted(name)} = "year"  # dates of {", ".join(map(str, years))}: their year is taken'
        for name, years in survey_dates(table.frame).items()
    ]


def _counted(number: int, what: str = "") -> str:
    """'1 column is' or '3 columns are'."""
    return " ".join([str(number), *([what + "s" * (number != 1)] if what else []), "is" if number == 1 else "are"])


def _line(one: Suggestion, instrument: Instrument) -> str:
    """A column and its variable; with the question where it is not sure."""
    text = f"{_quoted(one.column)} = {_quoted(one.variable)}"
    label = f"  # {_plain(one.label)}" if one.label else ""
    if one.sure:
        return _cut(text + label)
    asked = f"  # {_plain(one.label) or 'no label'}: is it {_called(one.variable, instrument).rstrip('?')}?"
    return _cut(f"# {text}{asked}") + "".join(f"\n#   but {why}" for why in textwrap.wrap(one.why, _WIDTH - 8))


def _cut(text: str) -> str:
    """A line that is not too long."""
    return text if len(text) <= _WIDTH else text[: _WIDTH - 4].rstrip() + " ..."


def _codes(one: Suggestion) -> str:
    """The codes of a variable on a line, and those that are asked on a second one."""
    pairs = ", ".join(f'"{_code(code)}" = {_quoted(str(ours))}' for code, ours in one.codes.items())
    line = f"{one.variable} = {{ {pairs} }}" if one.codes else f"{one.variable} = {{ }}"
    if one.open:  # the code is left to the user, as a question
        asked = ", ".join(f"{_code(code)} ({_plain(label)})" for code, label in one.open.items())
        line += f"  # which is {asked}?"
    return line if one.sure else f"# {line}"


def _missing(one: Suggestion) -> str:
    """The codes of a variable that are no answer."""
    codes = ", ".join(_code(code) if isinstance(code, (int, float)) else _quoted(code) for code in one.missing)
    return f"{'' if one.sure else '# '}{one.variable} = [{codes}]"


def _left(table: Table, instrument: Instrument, found: Sequence[Suggestion]) -> list[str]:
    """What was not used, on both sides, as comments; and the choices that an instrument leaves."""
    used = {one.column for one in found}
    known = {name.casefold() for name in (*instrument.file_names(None), *instrument.harmonised)}
    spare = [column for column in table.header if column not in used and column.casefold() not in known]
    lines = _listed("Kept under their own names, like no variable of ours: ", spare)
    there = {one.variable for one in found} | set(table.header)
    lost = [name for name in instrument.identify.get("required", ()) if name not in there]
    weights = list(instrument.identify.get("weights", ()))
    if weights and not there & set(weights):
        lost.append(" or ".join(weights))
    if lost:
        lines += _listed("Still needed: ", lost)
    tables = [name for name in ("cuts", "minimum", "halves") if _choices(instrument, name)]
    if tables:
        shown = ", ".join(f"[{name}]" for name in tables)
        lines.append(f"# Choices of your own: {shown}; and [missing], codes that mean no answer. See the how-to.")
    return lines


def _choices(instrument: Instrument, name: str) -> bool:
    """Does an instrument leave a choice of this kind?"""
    return "halves" in instrument.design if name == "halves" else bool(table_of(instrument.raw, "scales"))


def _listed(start: str, names: Sequence[str]) -> list[str]:
    """Names as a comment of a few lines."""
    if not names:
        return []
    text = textwrap.wrap(start + ", ".join(map(_plain, names)), width=_WIDTH - 2)
    return [f"# {line}" for line in (text if len(text) <= 4 else [*text[:3], f"... {len(names)} columns in all"])]


def _called(variable: str, instrument: Instrument) -> str:
    """What a variable of ours is called."""
    known = instrument.variable(variable)
    if known is not None:
        return known.question or known.label["nl"]
    return str(instrument.harmonised[variable]["nl"]) if variable in instrument.harmonised else variable


def _code(code: Any) -> str:
    """A code as a mapping writes it."""
    return str(int(code)) if isinstance(code, float) and code.is_integer() else _escaped(str(code))


def _quoted(text: str) -> str:
    """A string of TOML."""
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """A text within quotes."""
    return "".join(_ESCAPES.get(sign) or (f"\\u{ord(sign):04x}" if _CONTROL.match(sign) else sign) for sign in text)


def _plain(text: str) -> str:
    """A label on one line."""
    return " ".join(_CONTROL.sub(" ", str(text)).split())


def write_template(text: str, to: Path) -> Path:
    """Write a mapping file where there is none yet.

    Raises
    ------
    DataError
        When there is one: it may hold somebody's work.
    """
    if to.exists():
        raise DataError(
            "There is a mapping file already; it is not written over.",
            where=str(to),
            todo="Give another name, or take it away first.",
        )
    with to.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
    return to

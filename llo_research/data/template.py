"""A mapping file to fill in: every variable of the codebook, with the columns of the file that may be it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

from llo_research.data.codebook_frames import codes
from llo_research.data.instrument import CodebookVariable, Instrument, table_of
from llo_research.data.readers import Table, read_table
from llo_research.data.yearly import named_year
from llo_research.errors import DataError

_NEAR = 0.5
_STOP = {
    "de",
    "het",
    "een",
    "van",
    "in",
    "op",
    "te",
    "u",
    "uw",
    "is",
    "en",
    "the",
    "of",
    "a",
    "to",
    "at",
    "code",
    "zelf",
}


def mapping_template(path: str | Path, instrument: Instrument, year: int | None = None) -> str:
    """A mapping file for a new wave, as text.

    Every variable that the codebook expects stands in it with its label and codes. Columns of the file that may be it,
    by name, label and value labels, stand beside it as suggestions, all of them commented out: nothing is mapped until
    a person has looked.

    Parameters
    ----------
    path : path
        The data file.
    instrument : Instrument
        Its instrument.
    year : int, optional
        The year of the file; from its name when absent.

    Returns
    -------
    str
        Text of a .toml file.
    """
    place = Path(path)
    table = read_table(place, instrument.missing)
    year = year or named_year(place)
    lines = [
        f"# Mapping of {place.name} onto {instrument.name}: {instrument.about['title']['en']}.",
        "# A line counts when the # before it is taken away. Left: the column in the file; right: our variable.",
        f"# Columns that have our names already need no line. llo.codebook({instrument.name!r}) tells what each means.",
        "",
        "[file]",
        f"year = {year}" if year else "# year = 2019",
        "",
        "[columns]",
    ]
    taken = {name.casefold() for name in table.header} & {name.casefold() for name in instrument.file_names(None)}
    groups = table_of(instrument.raw, "groups") or {"": {"en": "Variables"}}
    for group, label in groups.items():
        names = [n for n, entry in table_of(instrument.raw, "variables").items() if entry.get("group", "") == group]
        lines += ["", f"# {label['en']}"]
        for name in names:
            variable = instrument.variable(name)
            if variable is not None and name.casefold() not in taken and name != instrument.identify.get("synthetic"):
                lines += _entry(variable, table)
    return "\n".join([*lines, "", *_tail(instrument)]) + "\n"


def _entry(variable: CodebookVariable, table: Table) -> list[str]:
    """A variable and the columns that may be it."""
    told = variable.question or variable.label["nl"]
    lines = [f"# {variable.name}: {told} ({variable.wording}; asked {variable.years})"]
    if variable.values:
        lines.append(f"#   codes: {codes(variable.values, 'nl')}")
    near = candidates(variable, table)
    for column in near:
        label = f"  # {table.labels[column]}" if column in table.labels else ""
        lines.append(f'# "{column}" = "{variable.name}"{label}')
    return lines if near else [*lines, f'# "" = "{variable.name}"']


def candidates(variable: CodebookVariable, table: Table) -> list[str]:
    """Columns of the file that may be this variable, the likeliest first, three at most."""
    aims = [variable.name, variable.label["nl"], variable.label["en"], variable.question]
    scores = {}
    for column in table.header:
        told = [column, table.labels.get(column, "")]
        likeness = max(_likeness(aim, text) for aim in aims for text in told if aim and text)
        if likeness >= _NEAR and _codes_fit(variable, table.value_labels.get(column, {})):
            scores[column] = likeness
    return sorted(scores, key=lambda column: -scores[column])[:3]


def _likeness(one: str, other: str) -> float:
    """How much two names or labels are alike, from 0 to 1: letters for names, words for labels."""
    first, second = one.casefold(), other.casefold()
    if " " not in first + second:
        return difflib.SequenceMatcher(None, first, second).ratio()
    words = [{word[:5] for word in re.findall(r"\w+", text) if word not in _STOP} for text in (first, second)]
    return len(words[0] & words[1]) / max(min(len(words[0]), len(words[1])), 1)


def _codes_fit(variable: CodebookVariable, told: Mapping[object, str]) -> bool:
    """Could the file's codes be the codebook's? Not when the codebook has more of them, or fewer by far."""
    numbers = {code for code in told if isinstance(code, (int, float))}
    return not numbers or not variable.values or len(variable.values) <= len(numbers) <= len(variable.values) + 4


def _tail(instrument: Instrument) -> list[str]:
    """Tables for codes, missing codes and choices, as examples."""
    lines = [
        "# Codes of the file that differ from ours: our variable, then file = ours.",
        "# [values.training_code]",
        '# "0" = "2"',
        "",
        "# Codes that mean missing in this file, beside those of the codebook.",
        "# [missing]",
        "# tenure = [-1]",
    ]
    scales = table_of(instrument.raw, "scales")
    if scales:
        cuts = [cut for scale in scales.values() for cut in scale.get("cuts", ())]
        lines += [
            "",
            "# Cuts and smallest numbers of answers; those that are not verified are this library's.",
            "# [cuts]",
        ]
        lines += [f"# {cut['name']} = {cut.get('below', cut.get('at_least'))}  # {cut['wording']}" for cut in cuts]
        lines += ["# [minimum]", *(f"# {name} = {scale['minimum']}" for name, scale in scales.items())]
    if "halves" in instrument.design:
        asked = {n: e["half"] for n, e in table_of(instrument.raw, "variables").items() if e.get("half")}
        lines += [
            "",
            "# Which half was asked (1, 2; 0: everyone). Not verified: see the survey's description.",
            "# [halves]",
        ]
        lines += [f"# {name} = {half}" for name, half in asked.items()]
    return lines


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

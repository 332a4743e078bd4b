"""The first lines of a text file: a title above the names of its columns, or a second line of names below them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from llo_research.data.text_form import FormError, TextForm
from llo_research.data.wording import means_missing

_LOOKED_AT = 200  # lines
_LONGEST = 20  # lines of a title
_NEARLY = 0.8  # of the lines have as many fields as the names
_NUMBERS = 0.9  # of a column's values are numbers
_NUMBER = re.compile(r"-?[\d.,]*\d[\d.,]*")
_LETTER = re.compile(r"[^\W\d_]{2}")


def check_title(text: str, separators: Sequence[str], path: Path) -> None:
    """The first line names the columns.

    Raises
    ------
    FormError
        When nearly all lines but the first ones have one number of fields: these may be a title.
    """
    lines = text.split("\n", _LOOKED_AT + 1)[:_LOOKED_AT]
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if len(filled) < 4:
        return
    parts = {mark: {number: _parts(lines[number], mark) for number in filled} for mark in separators}
    most = {mark: Counter(list(found.values())[1:]).most_common(1)[0] for mark, found in parts.items()}
    best = max(separators, key=lambda mark: most[mark][0])
    (count, times), found, first = most[best], parts[best], lines[filled[0]]
    if not count or times < _NEARLY * (len(filled) - 1) or found[filled[0]] == count:
        return
    start = next(number for number in filled if found[number] == count)
    if start > _LONGEST or any(found[number] != count for number in filled if number > start):
        return
    above = "line 1 is" if start == 1 else f"lines 1 to {start} are"
    raise FormError(
        f"{path.name} seems to have a title above its table: {above} of another form than the rest.",
        where=f"{path.name}, line {filled[0] + 1}",
        found=repr(first[:80]),
        expected=f"the names of {count + 1} columns, which may be in line {start + 1}: {lines[start][:60]!r}",
        todo=f"Leave the lines out: skip={start} (read_file), or in the mapping (read_microdata, llo check):\n"
        f"    [file]\n    skip = {start}",
    ).with_remedy(TextForm(skip=start), sure=True)


def _parts(line: str, mark: str) -> int:
    """How many separators a line has, but for those in quotes."""
    return len(next(csv.reader([line], delimiter=mark), [""])) - 1


def check_second_header(text: str, separator: str, header: Sequence[str], path: Path) -> None:
    """The second line is data.

    Raises
    ------
    FormError
        When it has text in every column that holds numbers below it.
    """
    lines = text.split("\n", _LOOKED_AT + 1)[:_LOOKED_AT]
    rows = [row for row in csv.reader(lines, delimiter=separator) if len(row) == len(header)]
    if len(rows) < 5:
        return
    second, rest = [field.strip() for field in rows[1]], rows[2:]
    if any(_NUMBER.fullmatch(field) for field in second):
        return
    numeric = [place for place in range(len(header)) if _numbers([row[place].strip() for row in rest])]
    told = [place for place in numeric if _LETTER.search(second[place]) and not means_missing(second[place])]
    if len(told) < 2 or len(told) < _NUMBERS * len(numeric):
        return
    shown = ", ".join(f"{second[place]!r} in {header[place]}" for place in told[:4])
    raise FormError(
        f"{path.name} seems to have a second line of column names: line 2 is text where the rest are numbers.",
        where=f"{path.name}, line 2",
        found=shown,
        expected="numbers, as in the lines below it",
        todo="Leave the line out: skip=[2] (read_file), or in the mapping (read_microdata, llo check):\n"
        "    [file]\n    skip = [2]     # or skip = 1, when line 2 has the better names",
    ).with_remedy(TextForm(skip=(2,)), sure=True)


def _numbers(values: Sequence[str]) -> bool:
    """Are nearly all values of a column numbers?"""
    filled = [value for value in values if value]
    return len(filled) > 2 and sum(_NUMBER.fullmatch(value) is not None for value in filled) >= _NUMBERS * len(filled)

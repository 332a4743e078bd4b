"""Points and commas in the numbers of a text file: thousands or decimals, told by the whole file or by the user."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from llo_research.data.text_form import FormError, TextForm
from llo_research.data.wording import means_missing
from llo_research.errors import DataError, LloWarning

_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:\.\d{3})+")  # 1.234, 1.234.567
_ROUND = re.compile(r"\.000(?!\d)")
_BELOW = re.compile(r"-?(?:0|[1-9]\d{0,2})")  # 950: a number that has no thousands
# What can only be thousands: two points, a comma behind a point, or commas that part other numbers of digits than 3.
_COMMAS = r"(?:^|[;\t|])\"?-?(?:\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}|\d+,(?:\d{1,2}|\d{4,}))\"?(?=[;\t|]|$)"
# What can only be decimals: more than three behind the point or before it, or nothing but a zero before it.
_POINTS = r"(?:^|[;\t|])\"?-?(?:\d+\.\d{4,}|\d{4,}\.\d+|0\.\d+)\"?(?=[;\t|]|$)"
_THOUSANDS = {".": r"\.", ",": ",", " ": "[ \u00a0\u202f]", "'": "['\u2019]"}


def doubtful(frame: pd.DataFrame, content: str, *, every: bool) -> list[str]:
    """Columns, parsed as numbers or left as text, in which every point may part thousands; still to be looked at.

    ``content``: the text they were parsed from; 12.000 is parsed as 12, of which nothing tells that it had a point.
    ``every``: all columns that may have a point or a comma.
    """
    round_too = _ROUND.search(content) is not None
    return [
        str(name)
        for name in frame
        if (every and frame[name].dtype.kind == "f") or _may_be_grouped(frame[name], round_too=round_too)
    ]


def _may_be_grouped(column: pd.Series, *, round_too: bool) -> bool:
    """Could each number of a column be whole, its points parting thousands? Round thousands are parsed as whole."""
    if column.dtype.kind == "f":
        values = column.to_numpy()
        values = values[~np.isnan(values)]
        if not len(values) or np.abs(values).max() >= 1000:
            return False
        thousandth = values * 1000
        whole = np.abs(thousandth - np.round(thousandth)) < 1e-6  # of a thousandth: the error of a float
        return bool((round_too or (values != np.floor(values)).any()) and whole.all())
    return column.dtype.kind not in "biufcmM"


def grouped(texts: pd.Series) -> bool:
    """Does a column of text hold points that may part thousands, and nothing else that is a number?"""
    values = [str(value).strip() for value in pd.unique(texts.dropna())]
    told = [value for value in values if any(sign.isdigit() for sign in value)]
    if not any(_GROUPED.fullmatch(value) for value in told):
        return False
    rest = [value for value in values if not _GROUPED.fullmatch(value) and not _BELOW.fullmatch(value)]
    return all(means_missing(value) or not re.search(r"\w", value) for value in rest)


def settled(content: str, columns: list[str], form: TextForm, path: Path) -> TextForm:
    """The marks of a file that has such columns: as told, else as the rest of the file shows.

    Raises
    ------
    FormError
        When nothing shows it: 1.234 is one or a thousand.
    """
    if form.decimal is not None or form.thousands is not None:
        return TextForm(form.decimal or ("." if form.thousands != "." else None), form.thousands, form.skip)
    commas = re.search(_COMMAS, content, re.MULTILINE)
    points = re.search(_POINTS, content, re.MULTILINE)
    if points and not commas:
        return TextForm(".", None, form.skip)
    shown = ", ".join(columns[:5]) + (f" and {len(columns) - 5} more" if len(columns) > 5 else "")
    if commas and not points:
        words = (
            f"{path.name}: points part thousands in {shown}, as its other numbers show "
            f"({commas[0].strip(';|').strip()}): 1.234 is read as 1234."
        )
        warnings.warn(LloWarning(f"{words}\n  what to do: if they are decimals, say decimal='.'"), stacklevel=4)
        return TextForm(",", ".", form.skip)
    raise FormError(
        f"{path.name} has points that may part thousands or decimals: 1.234 is a thousand or one.",
        where=f"{path.name}, column {shown}",
        found="points with three digits behind each of them, and no other number of the file that tells",
        expected="to be told which",
        todo="Say thousands='.' or decimal='.' (read_file), or write it in the mapping (read_microdata, llo check):\n"
        '    [file]\n    thousands = "."   # 1.234 is 1234\n    decimal = "."     # or: 1.234 is one and a bit',
    ).with_remedy(TextForm(".", None, form.skip), sure=False)


def without_thousands(texts: pd.Series, form: TextForm, path: Path) -> pd.Series:
    """A column of text whose numbers have no marks for thousands, and a point for decimals.

    Raises
    ------
    DataError
        When the column is one of numbers and has some that are not written so.
    """
    mark, decimal = form.thousands, form.decimal or ("," if form.thousands == "." else ".")
    group = "" if mark is None else rf"(?:{_THOUSANDS[mark]}\d{{3}})*"
    number = re.compile(rf"-?\d+(?:{re.escape(decimal)}\d+)?|-?\d{{1,3}}{group}(?:{re.escape(decimal)}\d+)?")
    codes, distinct = pd.factorize(texts)
    told = [str(value).strip() for value in distinct if re.fullmatch(r"\s*-?[\d.,]*\d\s*", str(value))]
    other = [value for value in told if not number.fullmatch(value)]
    if other and len(told) == len(distinct):
        raise DataError(
            f"{texts.name} has numbers that are not written as is said.",
            where=f"{path.name}, column {texts.name}",
            found=", ".join(other[:5]),
            expected=f"numbers with {decimal!r} for decimals" + (f" and {mark!r} for thousands" if mark else ""),
            todo="Correct decimal and thousands, or the file.",
        )
    values = [_bare(str(value), number, mark, decimal) for value in distinct]
    return pd.Series(np.array([*values, None], dtype=object)[codes], index=texts.index, name=texts.name)


def _bare(value: str, number: re.Pattern[str], mark: str | None, decimal: str) -> str:
    """A number without marks; other text as it stands."""
    if not number.fullmatch(value.strip()):
        return value
    plain = value.strip() if mark is None else re.sub(_THOUSANDS[mark], "", value.strip())
    return plain.replace(decimal, ".")

"""What a user says of a text file: the marks in its numbers, and lines of it that are no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llo_research.errors import DataError

_DECIMAL, _THOUSANDS = (".", ","), (".", ",", " ", "'")


@dataclass(frozen=True)
class TextForm:
    """How numbers are written and which lines are no data.

    decimal, thousands : the marks in numbers, None where the file must tell.
    skip : a number of lines at the top, or the numbers of lines, from 1; -1 is the last one.
    """

    decimal: str | None = None
    thousands: str | None = None
    skip: int | tuple[int, ...] = 0

    def along(self, other: TextForm) -> TextForm:
        """Both forms together; lines of the other one are counted in the file without the lines of this one."""
        own, more = self._lines(), other._lines()
        top = [line for line in own if line > 0]
        later = [line + sum(1 for each in top if each <= line + len(top)) if line > 0 else line for line in more]
        later = [line - sum(1 for each in own if each < 0) if line < 0 else line for line in later]
        skip: int | tuple[int, ...] = tuple(dict.fromkeys([*own, *later]))
        if skip == tuple(range(1, len(own) + len(later) + 1)):
            skip = len(own) + len(later)
        return TextForm(other.decimal or self.decimal, other.thousands or self.thousands, skip)

    def _lines(self) -> list[int]:
        """The lines that are skipped."""
        return list(range(1, self.skip + 1)) if isinstance(self.skip, int) else list(self.skip)


class FormError(DataError):
    """A text file that must be read in another form: ``remedy`` is that form, ``sure`` whether nothing else will do."""

    remedy: TextForm
    sure: bool = True

    def with_remedy(self, remedy: TextForm, *, sure: bool) -> FormError:
        """The error with its way out."""
        self.remedy, self.sure = remedy, sure
        return self


def text_form(decimal: object = None, thousands: object = None, skip: object = 0, where: str = "") -> TextForm:
    """The form of a text file, checked; ``where`` is the place of the three in a mapping, '' for arguments.

    Raises
    ------
    DataError
        For marks that are none, or the same one twice, and for lines that are no whole numbers.
    """
    for name, value, allowed in (("decimal", decimal, _DECIMAL), ("thousands", thousands, _THOUSANDS)):
        if value is not None and value not in allowed:
            shown = ", ".join(map(repr, allowed))
            raise DataError(
                f"{name} is a mark in numbers.", where=where or f"{name}=", found=repr(value)[:40], expected=shown
            )
    if decimal is not None and decimal == thousands:
        raise DataError(
            "One mark cannot part thousands and decimals.",
            where=where or "decimal=, thousands=",
            found=repr(decimal),
            expected="two marks",
        )
    several = isinstance(skip, (list, tuple))
    lines = [line for line in (skip if isinstance(skip, (list, tuple)) else [skip]) if type(line) is int]
    if len(lines) != (len(skip) if isinstance(skip, (list, tuple)) else 1) or (not several and lines[0] < 0):
        raise DataError(
            "skip says which lines of a text file are no data.",
            where=where or "skip=",
            found=repr(skip)[:60],
            expected="a number of lines at the top, such as 2, or a list of lines: [2], or [-1] for the last one",
        )
    point, group = (None if mark is None else str(mark) for mark in (decimal, thousands))
    return TextForm(point, group, tuple(lines) if several else lines[0])


def without_lines(content: str, skip: int | Sequence[int], name: str) -> str:
    """The text without the lines that are no data.

    Raises
    ------
    DataError
        When the file has no such line.
    """
    if skip in (0, ()):
        return content
    lines = content.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    gone = range(1, skip + 1) if isinstance(skip, int) else skip
    places = {line - 1 if line > 0 else len(lines) + line for line in gone}
    beyond = [line for line in gone if line == 0 or not 0 <= (line - 1 if line > 0 else len(lines) + line) < len(lines)]
    if beyond:
        raise DataError(
            f"{name} has no line {beyond[0]}.", where="skip", found=f"{len(lines):,} lines", expected="lines it has"
        )
    return "\n".join(line for place, line in enumerate(lines) if place not in places) + "\n"

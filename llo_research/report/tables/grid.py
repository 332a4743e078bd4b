"""The table itself: display texts in rows and columns, with caption and notes, and what it is written as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from llo_research.report.content.content import Content, interval_head
from llo_research.report.content.labels import capital, flag_text, word
from llo_research.report.content.notes import flag_rows
from llo_research.report.content.numbers import interval, number, unit_text
from llo_research.report.tables import markup, spreadsheet
from llo_research.report.tables.sheet import Columns, Companion

EMPTY = "–"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, repr=False)
class Table:
    """A table as it is shown; made by :func:`llo_research.report.table`.

    Attributes
    ----------
    content : Content
        The numbers behind it, in the units shown.
    frame : DataFrame
        Display texts, one row for each estimate.
    alignment : str
        ``l`` or ``r`` for each column.
    row_heads : int
        How many columns at the left name the row.
    title : str
        What the table shows.
    notes : tuple of str
        All that is said of the table.
    footer : tuple of str
        What stands under it: the marks, and at most two lines on the rows shown; () for all notes.
    numbers : dict
        Values and decimals behind further columns of numbers, by head.
    full : tuple
        Head, values and number formats of each column of a spreadsheet, where these are not the columns shown.
    spans, heads : tuple
        Heads over several columns with their number (or none), and the heads below them.
    faint : frozenset
        Rows and columns of cells that are shown in grey.
    bases : int
        How many rows at the foot are counts.
    companions : tuple of Companion
        Other numbers in the same rows and columns, each a further sheet of a workbook.
    """

    content: Content
    frame: pd.DataFrame
    alignment: str
    row_heads: int
    title: str
    notes: tuple[str, ...]
    footer: tuple[str, ...] = ()
    numbers: Mapping[str, tuple[np.ndarray, tuple[int, ...]]] = field(default_factory=dict)
    full: Columns = ()
    spans: tuple[tuple[str, int], ...] = ()
    heads: tuple[str, ...] = ()
    faint: frozenset[tuple[int, int]] = frozenset()
    bases: int = 0
    companions: tuple[Companion, ...] = ()

    @property
    def more(self) -> tuple[str, ...]:
        """The notes that the footer leaves out, for who asks about the figures."""
        if not self.footer:
            return ()
        return tuple(note for note in self.notes if note not in (*self.footer, *self.content.in_footer))

    @property
    def caption(self) -> str:
        """The title, with the word that says so when the data are synthetic."""
        if not self.content.synthetic:
            return self.title
        mark = word("synthetic", self.content.language)
        return f"{mark}: {self.title}" if self.title else mark

    def to_frame(self) -> pd.DataFrame:
        """The display texts as a DataFrame; for unrounded numbers use ``result.to_frame()``."""
        return self.frame.copy()

    def to_html(self) -> str:
        """An HTML table with a caption, scopes for screen readers, and the notes in its foot."""
        return markup.html(self)

    def to_markdown(self) -> str:
        """A pipe table with its caption above and the notes below."""
        return markup.markdown(self)

    def to_latex(self) -> str:
        """A ``table`` environment; needs the package booktabs."""
        return markup.latex(self)

    def to_excel(self, path: str | Path) -> Path:
        """An Excel file: numbers as numbers on one sheet, the caption and notes on another.

        Parameters
        ----------
        path : str or Path
            A file name that ends in ``.xlsx``, in a folder that is there.

        Raises
        ------
        DataError
            Another ending, a folder that does not exist, a place that cannot be written, or openpyxl is not installed.
        """
        return spreadsheet.write(self, Path(path))

    def __str__(self) -> str:
        return markup.text(self)

    def __repr__(self) -> str:
        return markup.text(self)

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def table_of_content(content: Content) -> Table:
    """The display texts of a content."""
    language = content.language
    flags = flag_rows(content.flags)
    marks = {flag: _mark(i) for i, flag in enumerate(flags)}
    columns: list[tuple[str, list[str], str]] = []
    columns += [
        (content.heads[name], [str(text) for text in content.names[name]], "l") for name in map(str, content.names)
    ]
    row_heads = len(columns)
    columns.append((content.heading, [_estimate(content, i) for i in range(len(content.names))], "r"))
    if len(content.units) > 1:
        columns.append(
            (capital(word("unit", language)), [unit_text(s.unit, language) for s in content.quantities], "l")
        )
    if content.has_interval:
        columns.append((interval_head(content), [_interval(content, i) for i in range(len(content.names))], "r"))
    if content.n is not None:
        columns.append(("n", [content.count(i) or EMPTY for i in range(len(content.n))], "r"))
    if flags:
        texts = [" ".join(marks[flag] for flag in words) for words in content.flags]
        columns.append((capital(word("note", language)), texts, "l"))
    explained = [f"{marks[flag]}: {flag_text(flag, language)}." for flag in flags]
    return Table(
        content=content,
        frame=_frame(columns),
        alignment="".join(side for _, _, side in columns),
        row_heads=row_heads,
        title=content.what,
        notes=(*explained, *content.notes.values()),
        footer=(*explained, *content.footer) if content.footer else (),
    )


def _frame(columns: list[tuple[str, list[str], str]]) -> pd.DataFrame:
    """A frame of texts; heads that are the same are numbered."""
    heads: list[str] = []
    for head, _, _ in columns:
        count = sum(known == head or (known.startswith(f"{head} (") and known.endswith(f"{head})")) for known in heads)
        heads.append(head if not count else f"{head} ({count + 1})")
    return pd.DataFrame({head: texts for head, (_, texts, _) in zip(heads, columns, strict=True)}, dtype=object)


def _mark(i: int) -> str:
    """a, b, ..., z, aa, bb, ..."""
    return _LETTERS[i % len(_LETTERS)] * (i // len(_LETTERS) + 1)


def _estimate(content: Content, i: int) -> str:
    """The text of an estimate."""
    text = number(content.estimate[i], content.decimals[i], content.language)
    if not text:
        return content.absent(i)
    return f"{content.before[i]} {text}" if content.before[i] else text


def _interval(content: Content, i: int) -> str:
    """The text of an interval."""
    if not np.isfinite(content.estimate[i]):
        return EMPTY
    ends = interval(content.low[i], content.high[i], content.decimals[i], content.language)
    if ends:
        return ends
    return EMPTY if content.published else word("no_interval", content.language)

"""What text, markup and spreadsheets ask of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from llo_research.report.content.content import Content

Columns = tuple[tuple[str, list[Any], list[str]], ...]


@dataclass(frozen=True)
class Companion:
    """Other numbers in the same rows and columns: standard errors, counts. A sheet of its own in a workbook.

    name : what its sheet is called behind the name of the table.
    title : what its numbers are.
    columns : head, values and number formats of each column.
    """

    name: str
    title: str
    columns: Columns


class Sheet(Protocol):
    """A table as far as writing it goes."""

    @property
    def content(self) -> Content:
        """The numbers behind it, in the units shown."""

    @property
    def frame(self) -> pd.DataFrame:
        """Display texts, one row for each estimate."""

    @property
    def alignment(self) -> str:
        """``l`` or ``r`` for each column."""

    @property
    def row_heads(self) -> int:
        """How many columns at the left name the row."""

    @property
    def title(self) -> str:
        """What the table shows."""

    @property
    def caption(self) -> str:
        """The title, with the word that says so when the data are synthetic."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences under the table."""

    @property
    def footer(self) -> tuple[str, ...]:
        """What of them stands in sight; () for all."""

    @property
    def more(self) -> tuple[str, ...]:
        """The rest of them."""

    @property
    def numbers(self) -> Mapping[str, tuple[np.ndarray, tuple[int, ...]]]:
        """Values and decimals behind further columns of numbers, by head."""

    @property
    def full(self) -> Columns:
        """Head, values and formats of each column of a spreadsheet, where these are not the columns shown."""

    @property
    def spans(self) -> tuple[tuple[str, int], ...]:
        """Heads over several columns, with their number; "" over columns without one; () where there are none."""

    @property
    def heads(self) -> tuple[str, ...]:
        """The head of each column below those."""

    @property
    def faint(self) -> frozenset[tuple[int, int]]:
        """Rows and columns of cells that matter less, shown in grey."""

    @property
    def bases(self) -> int:
        """How many rows at the foot are counts."""

    @property
    def companions(self) -> tuple[Companion, ...]:
        """Other numbers in the same rows and columns."""

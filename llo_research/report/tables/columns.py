"""Further columns of a table, beside the estimate and its interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from llo_research.report.content.numbers import number
from llo_research.report.tables.grid import EMPTY, Table


@dataclass(frozen=True)
class Column:
    """A column as texts; ``values`` and ``decimals`` where they are numbers, for spreadsheets."""

    head: str
    texts: tuple[str, ...]
    side: str = "l"
    values: np.ndarray | None = None
    decimals: tuple[int, ...] = ()


def number_column(head: str, values: np.ndarray, decimals: tuple[int, ...], language: str) -> Column:
    """A column of numbers; a dash where there is none."""
    pairs = zip(values, decimals, strict=True)
    texts = tuple(number(float(value), places, language) or EMPTY for value, places in pairs)
    return Column(head, texts, "r", np.asarray(values, dtype=np.float64), decimals)


def with_columns(table: Table, columns: list[Column], *, after: int) -> Table:
    """The table with these columns behind the first `after` ones."""
    known = [(str(head), table.frame[head].tolist()) for head in table.frame.columns]
    taken = {head for head, _ in known}
    columns = [replace(c, head=f"{c.head} (2)") if c.head in taken else c for c in columns]
    new = [(column.head, list(column.texts)) for column in columns]
    numbers = {c.head: (c.values, c.decimals) for c in columns if c.values is not None}
    return replace(
        table,
        frame=pd.DataFrame(dict([*known[:after], *new, *known[after:]]), dtype=object),
        alignment=table.alignment[:after] + "".join(c.side for c in columns) + table.alignment[after:],
        numbers={**table.numbers, **numbers},
    )

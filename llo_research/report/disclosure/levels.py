"""Numbers of a variable that are made of how many persons there are in each of its levels.

A mean of an ordered answer is sum_k k n_k / n: beside the levels that are told it is one equation more about those that
are not. So it is told only where all levels of its cell are, or where it shares nobody with a cell that hides some.
"""

from __future__ import annotations

import numpy as np

from llo_research.report.disclosure.tables import Tables

Row = tuple[str, int]


def beside_levels(tables: Tables, hidden: set[Row], old: set[str]) -> list[Row]:
    """Rows that would tell hidden levels of the same variable. old : results that left before."""
    shown: dict[str, set[int]] = {}
    secret: dict[str, set[int]] = {}
    numbers: list[tuple[Row, str, int]] = []
    for row, claims in tables.rests.items():
        gone = row in hidden and row[0] not in old
        own = [tables.claims[i] for i in claims]
        levels = {(name, one.of) for one in own if one.of >= 0 for name, _ in one.answer if not one.yes_or_no}
        for name, cell in levels:
            (secret if gone else shown).setdefault(name, set()).add(cell)
        if not gone and not any(one.of >= 0 for one in own):
            numbers += [(row, name, one.set) for one in own for name in one.variables]
    return list(
        dict.fromkeys(
            row
            for row, name, cell in numbers
            if row[0] not in old and _tells(tables, cell, shown.get(name, set()), secret.get(name, set()))
        )
    )


def _tells(tables: Tables, cell: int, shown: set[int], secret: set[int]) -> bool:
    """Whether a number over a cell tells of levels that are hidden in it, or in cells that overlap with it."""
    if cell in secret or not secret or cell in shown:
        return cell in secret
    inside = np.zeros(tables.n, dtype=bool)
    inside[tables.sets[cell]] = True
    return any(inside[tables.sets[one]].any() for one in secret)

"""Numbers kept as sums: the rows that carry them, with their weights and the products of weights between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats
from llo_research.survey.sums import Sums

Product = Callable[[str | None, str], Any]
# Variances lose this ratio squared of their 16 digits.
_FAR, _FEW = 1e6, 10


@dataclass(frozen=True, eq=False)
class Nodes:
    """The rows of a collapsed survey: each node of each pattern, without those in which nobody has a share.

    A share is l_k = table[k, 0] + sum_j table[k, j] d_j, with d_j the number less its least value.

    names : "" and then the numbers, as the columns of `table` (K, K).
    kept : (m,) the rows, as node * n + pattern; all nodes of a pattern of weight 0 are one.
    pattern : (m,) the pattern of each.
    weights : (m,) sum of w l.
    values : number -> (m,) its value at the node, nan where the pattern does not have it; where all people of a pattern
        have one value it is that, at each node, so that what does not vary has an error of 0.
    """

    names: tuple[str, ...]
    table: Floats
    kept: Codes
    pattern: Codes
    weights: Floats
    values: dict[str, Floats]

    def counts(self, people: Floats) -> Floats:
        """(m,) those of the patterns (n,), each with the heaviest of its nodes."""
        order = np.lexsort((-self.weights, self.pattern))
        first = order[np.diff(self.pattern[order], prepend=-1) != 0]
        out = np.zeros(len(self.pattern))
        out[first] = people[self.pattern[first]]
        return out

    def products(self, of: Product) -> sparse.csr_array:
        """(m, m) sums of products of what people weigh in two rows; `of` gives those of two of the names, (n, n)."""
        size = len(self.names)
        terms = {(a, b): of(self.names[a], self.names[b]) for a in range(size) for b in range(a, size)}
        terms |= {(b, a): term.T for (a, b), term in terms.items() if a != b}
        blocks = [
            [sum(one[a] * other[b] * term for (a, b), term in terms.items()) for other in self.table]
            for one in self.table
        ]
        whole = sparse.csr_array(sparse.block_array(blocks))
        return sparse.csr_array(whole[self.kept][:, self.kept])

    def sums(self, of: Callable[[str], Any]) -> sparse.csr_array:
        """(H, m) sums of what people weigh in a row; `of` gives those of a name, (H, n)."""
        terms = [of(name) for name in self.names]
        blocks = [sum(t * term for t, term in zip(row, terms, strict=True)) for row in self.table]
        return sparse.csr_array(sparse.csr_array(sparse.hstack(blocks))[:, self.kept])


def nodes_of(sums: Sums) -> Nodes:
    """The nodes of these sums; a number from 0 to 1 that is no share has them further apart, so as not to look so."""
    names, n = sums.numbers, len(sums.counts)
    size = len(names) + 1
    table, values = np.zeros((size, size)), {}
    table[0, 0] = 1.0
    for j, name in enumerate(names, start=1):
        low, high = sums.ends[name]
        moment = sums.moments[name]
        below = float((low, high) == (0.0, 1.0) and not np.array_equal(moment[:, 0], moment[:, 1]))
        reach = len(names) * ((high - low + below) or 1.0)
        table[j, 0], table[j, j] = below / reach, 1 / reach
        table[0] -= table[j]
        values[name] = np.full(size, low - below)
        values[name][j] += reach
    amounts = np.column_stack([sums.weights, *(sums.moments[name][:, 0] for name in names)])
    weights = np.maximum(table @ amounts.T, 0.0).ravel()
    kept = np.flatnonzero((weights > 0) | (np.tile(sums.weights == 0, size) & (np.arange(size * n) < n)))
    node, pattern = np.divmod(kept, n)
    known = {name: sums.known(name)[pattern] for name in names}
    alike = {name: own[:, 0] == own[:, 1] for name, own in sums.own_ends.items()}
    at = {name: np.where(alike[name][pattern], sums.own_ends[name][pattern, 0], values[name][node]) for name in names}
    of_rows = {name: np.where(known[name], at[name], np.nan) for name in names}
    return Nodes(("", *names), table, kept, pattern, weights[kept], of_rows)


def check_digits(sums: Sums, design: Sequence[str]) -> None:
    """Squares are added up from the least value on: refuse cells that lie so far from it that their spread is lost.

    design : columns that make no cells. A cell of a few people is let through: its error is off by 1e-8 of the range.
    """
    cells = sums.frame[[name for name in sums.frame if name not in design]]
    cell = cells.groupby(list(cells), dropna=False, observed=True, sort=False).ngroup() if len(cells.columns) else 0
    for name, ends in sums.own_ends.items():
        rows = pd.DataFrame({"cell": cell, "low": ends[:, 0], "high": ends[:, 1], "n": sums.counts})
        rows = rows[rows["high"].notna()]
        of = rows.groupby("cell")
        spread = of["high"].transform("max") - of["low"].transform("min")
        varies = (rows["high"] > rows["low"]) & (of["n"].transform("sum") >= _FEW)
        far = varies & (rows["high"] - sums.ends[name][0] > _FAR * spread)
        if far.any():
            first = rows[far].iloc[0]
            raise DataError(
                "Values lie so far apart that sums of their squares lose the digits of some cells.",
                where=f"column {name!r}",
                found=f"values from {first['low']:.10g} to {first['high']:.10g} beside a least one of "
                f"{sums.ends[name][0]:.10g}",
                expected="values of a cell that vary by more than a millionth of their distance from the least",
                todo="leave codes as -9999999999 out with where(...), take one unit of measurement for all, or "
                "subtract a round number first: assign(...)",
            )


def between_people(sums: Sums, first: str | None, second: str) -> Any:
    """(n, n) sums over units of what a unit weighs in two rows: w, or w d of a number."""
    if sums.pairs is not None:
        found = sums.pairs.get((first, second))
        return _nothing(sums) if found is None else found
    if first == second == "":
        return sparse.diags_array(np.asarray(sums.squares))
    return _of_people(sums, str(first), second, 2, 1)


def within_patterns(sums: Sums, first: str | None, second: str) -> Any:
    """(n, n) sums of w, w d, or w d d' over the people of a pattern."""
    if first == second == "":
        return sparse.diags_array(sums.weights)
    return _of_people(sums, str(first), second, 0, 0)


def _of_people(sums: Sums, first: str, second: str, place: int, of_two: int) -> Any:
    """Moments on the diagonal: those of one number stand at `place` and after it, those of two at `of_two`."""
    if first == "" or first == second:
        return sparse.diags_array(sums.moments[second][:, place + (first == second)])
    found = sums.moments.get((first, second), sums.moments.get((second, first)))
    return _nothing(sums) if found is None else sparse.diags_array(found[:, of_two])


def _nothing(sums: Sums) -> sparse.csr_array:
    """What is not known of two numbers, and cancels where only one of them is asked for."""
    n = len(sums.counts)
    return sparse.csr_array((n, n))

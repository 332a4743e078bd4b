"""Groups by whose mean a model is bound: residuals add up to 0 over each group whose indicator its regressors span.

Beside the means of response and regressors, the coefficients then tell how many are in such a group and, of a yes or
no, how many of them said yes. Looked at are the levels of all regressors of few values (a dummy, a number with its
powers), those at the base level of a factor, and the cells of two of them, or of as many as one product is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from llo_research.report.disclosure.few_values import FEW
from llo_research.report.disclosure.tables import Rows, Tables
from llo_research.results.result import Result

_CELLS = 100_000  # from which the cells that somebody is in are numbered anew
_SPANNED = 1e-9  # of an indicator's size: what is left of it beside the regressors, but for rounding


def fewest_bound(tables: Tables, result: Result, limit: int) -> int | None:
    """The persons of the smallest group by whose mean a model is bound, where they are fewer than a limit."""
    found = []
    for model in getattr(result, "models", ())[:1]:
        data = model.data
        for group in (*_groups(data, limit * tables.most_rows), *_unlike(data)):
            if 0 < (people := tables.people(np.sort(np.asarray(data.rows)[group]))) < limit:
                found.append(people)
    return min(found, default=None)


def _groups(data: Any, most: int) -> Iterator[Rows]:
    """The rows of groups of fewer than so many."""
    x = np.asarray(data.x, dtype=np.float64)
    levels = [np.unique(column, return_inverse=True)[1] for column in x.T]
    few = {j: own for j, own in enumerate(levels) if 0 < own.max(initial=0) < FEW}
    names = list(data.names)[-x.shape[1] :]
    space, seen = _space(x), set[bytes]()
    for own in (*_partitions(few, names), *combinations(few.values(), 2)):
        cell = own[0]
        for other in own[1:]:
            cell = cell * (other.max() + 1) + other
            if cell.max() > _CELLS:
                cell = np.unique(cell, return_inverse=True)[1]
        times = np.bincount(cell)
        for one in np.flatnonzero((times > 0) & (times < most)):
            rows = np.flatnonzero(cell == one)
            if rows.tobytes() not in seen:
                seen.add(rows.tobytes())
                told = space[rows].sum(axis=0)
                if len(rows) - float(told @ told) <= _SPANNED * len(rows):
                    yield rows


def _partitions(few: dict[int, np.ndarray], names: Sequence[str]) -> Iterator[tuple[np.ndarray, ...]]:
    """The levels of each regressor, of each factor, and the cells of those that a product is made of."""
    place = {name: j for j, name in enumerate(names)}
    factors: dict[str, list[np.ndarray]] = {}
    for j, own in few.items():
        yield (own,)
        if "[T." in names[j] and ":" not in names[j]:
            factors.setdefault(names[j].split("[T.")[0], []).append(own)
        parts = [place.get(part, -1) for part in names[j].split(":")]
        if len(parts) > 1 and all(part in few for part in parts):
            yield tuple(few[part] for part in parts)
    yield from (tuple(own) for own in factors.values())


def _space(x: np.ndarray) -> np.ndarray:
    """An orthonormal basis of the regressors and a constant."""
    left, size, _ = np.linalg.svd(np.column_stack([np.ones(len(x)), x]), full_matrices=False)
    return np.asarray(left[:, size > size.max() * 1e-10])


def _unlike(data: Any) -> Iterator[Rows]:
    """Those whose response, which a formula may have made, is another than that of nearly all."""
    if not data.levels:
        values, which, times = np.unique(data.y, return_inverse=True, return_counts=True)
        if len(values) > 1:
            yield np.flatnonzero(which != times.argmax())

"""Groups by whose mean a model is bound: residuals add up to 0 over each group whose indicator its regressors span.

Beside the means of response and regressors, the coefficients then tell how many are in such a group and, of a yes or
no, how many of them said yes. Looked at are what regressors of two values tell apart: those who have each and those
who have not, those at the base level of a factor, and the four cells of two of them where their product is spanned.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from llo_research.report.disclosure.tables import Rows, Tables
from llo_research.results.result import Result

_SPANNED = 1e-9  # of an indicator's size: what is left of it beside the regressors, but for rounding


def fewest_bound(tables: Tables, result: Result, limit: int) -> int | None:
    """The persons of the smallest group by whose mean a model is bound, where they are fewer than a limit."""
    found = []
    for model in getattr(result, "models", ())[:1]:
        data = model.data
        for group in (*_groups(data, limit * tables.most_rows()), *_unlike(data)):
            if 0 < (people := tables.people(np.sort(np.asarray(data.rows)[group]))) < limit:
                found.append(people)
    return min(found, default=None)


def _groups(data: Any, most: int) -> Iterator[Rows]:
    """The rows of groups of fewer than so many."""
    x, names = np.asarray(data.x, dtype=np.float64), list(data.names)[-np.asarray(data.x).shape[1] :]
    two = [
        j for j in range(x.shape[1]) if np.ptp(x[:, j]) > 0 and np.isin(x[:, j], (x[:, j].min(), x[:, j].max())).all()
    ]
    has = {j: x[:, j] == x[:, j].max() for j in two}
    every = [group for one in has.values() for group in (one, ~one)]
    factors: dict[str, list[int]] = {}
    for j in two:
        if "[T." in names[j] and ":" not in names[j]:
            factors.setdefault(names[j].split("[T.")[0], []).append(j)
    every += [~np.any([has[j] for j in own], axis=0) for own in factors.values()]
    space: np.ndarray | None = None
    for i, j in combinations(two, 2):
        cells = [one & other for one in (has[i], ~has[i]) for other in (has[j], ~has[j])]
        if any(0 < cell.sum() < most for cell in cells):
            space = _space(x) if space is None else space
            both = cells[0].astype(np.float64)
            left = both - space @ (space.T @ both)
            every += cells if float(left @ left) <= _SPANNED * float(both @ both) else []
    return (np.flatnonzero(one) for one in every if 0 < one.sum() < most)


def _space(x: np.ndarray) -> np.ndarray:
    """An orthonormal basis of the regressors and a constant."""
    left, size, _ = np.linalg.svd(np.column_stack([np.ones(len(x)), x]), full_matrices=False)
    return np.asarray(left[:, size > size.max() * 1e-10])


def _unlike(data: Any) -> Iterator[Rows]:
    """Those whose response is another than that of nearly all."""
    if not data.levels:
        values, which, times = np.unique(data.y, return_inverse=True, return_counts=True)
        if len(values) > 1:
            yield np.flatnonzero(which != times.argmax())

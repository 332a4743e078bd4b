"""Numbers that rest on a few persons who are unlike all others.

What a variable is, is told by its values and not by the estimator: an index of inequality, a decomposition or a model
of a number that all but three persons have in common tells of these three, as its mean does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.design.scores import Block, Scores
from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.tables import rows_by_code
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_SAME = 1e-9  # of the largest influence: rounding
_SIDES = 2  # estimates that a mean or a difference is made of; a coefficient is made of all sums of its model
_OF_NUMBERS = ("inequality", "correlation", "covariance", "standardise")


def unlike(name: str, result: Result, rules: Rules) -> Iterator[Finding]:
    """Rows of which fewer persons than may be have another influence than nearly everybody."""
    for one in (result, *result.draws):
        scores, design = one.scores, one.design
        if scores is None or design is None:
            continue
        people = np.concatenate(
            [_unlike_most(block, scores.weights, design.persons, rules.complement) for block in scores.blocks]
        )
        made = _made_of(scores)
        rests = made & np.isfinite(people)
        hit = rests.any(axis=1) & (made.sum(axis=1) <= _SIDES)
        hit |= _whole(one) & rests.any(axis=1)
        if "component" in one.rows and hit.any():  # the parts of a gap are of the same answers
            hit[:], rests[:] = True, rests[hit].any(axis=0)
        for row in np.flatnonzero(hit):
            yield Finding(name, int(row), "complement", float(people[rests[row]].min()), rules.complement)


def _whole(result: Result) -> bool:
    """Whether each row is of one number, whatever estimates it was made of: not the coefficients of a model."""
    return str((result.meta.get("call") or {}).get("function")) in _OF_NUMBERS


def _made_of(scores: Scores) -> np.ndarray:
    """(k, m) bool: of which estimates each is made; not by what others of its model it was found."""
    transform: Any = scores.transform
    if transform is None:
        return np.asarray(scores.rests())
    return np.asarray((sparse.csr_array(transform) != 0).toarray())


def _unlike_most(block: Block, weights: np.ndarray, persons: np.ndarray | None, limit: int) -> np.ndarray:
    """(m,) persons of each estimate whose influence by weight is not that of nearly all; infinite where many."""
    codes, values, cells = block.codes, block.values, block.n_cells
    out = np.full((cells, values.shape[1]), np.inf)
    for cell, rows in enumerate(rows_by_code(np.where(weights != 0, codes, cells), cells)):
        own = weights[rows]
        if not len(rows) or not np.isfinite(own).all():
            continue
        each = values[rows] / own[:, None]
        other = np.abs(each - np.median(each, axis=0)) > _SAME * np.abs(each).max(axis=0, initial=0.0)
        for j in np.flatnonzero(other.any(axis=0)):
            own_rows = rows[other[:, j]]
            if persons is not None:
                own_rows = np.unique(np.where(persons[own_rows] >= 0, persons[own_rows], -1 - own_rows))
            if len(own_rows) < limit:
                out[cell, j] = len(own_rows)
    return out.ravel()

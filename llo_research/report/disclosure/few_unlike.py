"""Numbers that rest on a few persons who are unlike all others, and quantiles that lie too near each other.

What a variable is, is told by its values and not by the estimator: an index of inequality, a decomposition or a model
of a number that all but three persons have in common tells of these three, as its mean does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.design.scores import Block, Scores
from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.tables import rows_by_code
from llo_research.results.columns import IDENTIFIERS
from llo_research.results.floors import facts_of
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_SAME = 1e-9  # of the largest influence: rounding
_SIDES = 2  # estimates that a mean or a difference is made of; a coefficient is made of all sums of its model
_OF_NUMBERS = ("inequality", "correlation", "covariance", "standardise")
_EDGE = 1e-6  # persons: 200 times 0.35 - 0.3 are ten


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


def near_quantiles(results: Mapping[str, Result], old: Mapping[str, Result], rules: Rules) -> Iterator[Finding]:
    """Quantiles of a group with fewer persons between them than may be told of: together they list its values."""
    told: dict[tuple[str, ...], list[float]] = {}
    for name, result in {**old, **results}.items():
        rows = result.rows.reset_index(drop=True)
        if "quantile" not in rows:
            continue
        n, source = facts_of(result)["n_units"].to_numpy(), repr(result.meta.get("domain") or [])
        for i in range(len(rows)):
            q, cell = float(rows["quantile"].iloc[i]), _cell(rows.iloc[i].to_dict(), source)
            near = [one for one in told.get(cell, []) if _EDGE < n[i] * abs(one - q) < rules.units - _EDGE]
            if near and name in results:
                found = min(n[i] * abs(one - q) for one in near)
                yield Finding(name, i, "extreme", float(np.floor(found)), rules.units)
            else:
                told.setdefault(cell, []).append(q)


def _cell(row: Mapping[Any, Any], source: str) -> tuple[str, ...]:
    """Of which group and variable a row is."""
    names = sorted(str(name) for name in row if name not in IDENTIFIERS or name == "variable")
    return (source, *(f"{name}={row[name]}" for name in names))

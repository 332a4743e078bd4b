"""From the numbers of both groups in all cells to the estimates of the parts, with counts for disclosure control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.decomposition.parts import TOTAL
from llo_research.decomposition.sides import Sides
from llo_research.decomposition.support import largest_shares
from llo_research.decomposition.two_groups import Groups
from llo_research.design.scores import Block, Scores
from llo_research.numerics.groups import Codes, Floats, distinct_pairs
from llo_research.results.estimates import Estimates
from llo_research.results.facts import counted

_STEP = 1e-100
_OF_OUTCOME = ("mean_of", "mean_minus", "gap")  # rows that no regressor makes
Map = Callable[[Floats], Floats]


class Numbers(Protocol):
    """What parts are a map of: m numbers of each of C cells.

    value : (C, m). block : scores, p estimates for each cell. transform : (C, m, p) from these to the numbers.
    replicates : (R, C, m) or None.
    """

    @property
    def value(self) -> Floats: ...
    @property
    def block(self) -> Block: ...
    @property
    def transform(self) -> Floats: ...
    @property
    def replicates(self) -> Floats | None: ...


def estimates_of(
    made: Numbers,
    f: Map,
    weights: Floats,
    *,
    times: int = 1,
    used: np.ndarray | None = None,
    fitted: tuple[Floats, Floats] | None = None,
) -> Estimates:
    """The parts of all cells as estimates.

    f : (..., times * m) -> (..., k), from the numbers of `times` cells one after the other to the parts; the same for
        all, also of complex numbers.
    weights : (n,) of the survey.
    used : (k, times) the cells that each part rests on, for its degrees of freedom; default all.
    fitted : scores (n, q) of a fitted reference, and the map (C, m, q) from its coefficients to the numbers.
    """
    value = made.value.reshape(-1, times * made.value.shape[1])
    parts, slopes = np.asarray(f(value)), slopes_of(f, value)
    p = made.transform.shape[-1]
    number, k = parts.shape
    own = slopes.reshape(number, k, times, -1)
    maps = np.einsum("gktm,gtmp->gktp", own, made.transform.reshape(number, times, -1, p)).reshape(number, k, -1)
    transform: Any = sparse.block_diag(list(maps), format="csr")
    own_cells = np.ones((k, times), dtype=bool) if used is None else used
    uses = np.kron(np.eye(number, dtype=bool), np.repeat(own_cells, p, axis=1))
    blocks = [made.block]
    if fitted is not None:
        scores, through = fitted
        blocks.append(Block(np.zeros(len(scores), dtype=np.intp), scores, 1))
        moved = np.einsum("gktm,gtmq->gkq", own, through.reshape(number, times, -1, scores.shape[1]))
        transform = sparse.hstack([transform, sparse.csr_array(moved.reshape(number * k, -1))], format="csr")
        uses = np.hstack([uses, np.zeros((number * k, scores.shape[1]), dtype=bool)])
    undefined = np.isnan(parts)
    replicates = None
    if made.replicates is not None:
        with np.errstate(invalid="ignore", divide="ignore"):
            replicates = np.asarray(f(made.replicates.reshape(len(made.replicates), number, -1)))
        replicates = replicates.reshape(len(replicates), -1)
    size = np.einsum("gkm,gm->gk", np.abs(slopes), np.nan_to_num(np.abs(value)))
    return Estimates(
        np.where(undefined, np.nan, parts).ravel(),
        Scores(tuple(blocks), weights, transform, uses),
        replicates,
        {},
        size.ravel(),
        np.zeros(number * k),
    )


def slopes_of(f: Map, value: Floats) -> Floats:
    """(C, k, m) derivatives of a map of each cell's numbers (C, m), by complex step; 0 for what is undefined."""
    moved = np.where(np.isnan(value), 0.0, value) + 1j * _STEP * np.eye(value.shape[-1])[:, None, :]
    turned = np.asarray(f(moved)).imag / _STEP
    return np.moveaxis(np.nan_to_num(turned, nan=0.0, posinf=0.0, neginf=0.0), 0, 2)


def facts_of(made: Sides, rows: list[tuple[str, str]]) -> pd.DataFrame:
    """Counts for disclosure control of each cell's rows (component, term): those of the smaller group."""
    groups, stages = made.groups, made.data.svy.design.stages
    if groups.counts is not None:
        return _facts_of_collapsed(groups, rows)
    counts = np.bincount(groups.cell, minlength=2 * groups.n_cells)
    unit = stages[0].unit if stages else None
    units = counts if unit is None else _units(groups.cell, unit[groups.rows], len(counts))
    share = bool(np.isin(groups.y, (0.0, 1.0)).all())
    yes = np.bincount(groups.cell, weights=(groups.y != 0).astype(float), minlength=len(counts)) if share else counts
    no = counts - yes if share else counts
    largest = largest_shares(groups, np.ones(len(groups.y)) if share else groups.y)
    behind = {term: _behind(made, term) for term in dict.fromkeys(term for _, term in rows)}
    # it is the sum of the terms, whether these have rows of their own or not
    behind[TOTAL] = [own for term in _terms(made) for own in _behind(made, term)]
    out = []
    for c in range(groups.n_cells):
        for component, term in rows:
            mine = slice(2 * c + (component == "mean_minus"), 2 * c + 1 + (component != "mean_of"))
            least = [] if component in _OF_OUTCOME else [int(own[mine].min()) for own in behind[term]]
            out.append(
                {
                    "n": int(counts[mine].min()),
                    "n_units": int(units[mine].min()),
                    "n_nonzero": min([int(yes[mine].min()), *(count for count in least if count > 0)]),
                    "n_complement": int(no[mine].min()),
                    "largest_share": float(largest[mine].max()),
                    "n_of": int(counts[2 * c]),
                    "n_minus": int(counts[2 * c + 1]),
                }
            )
    return pd.DataFrame(out)


def _facts_of_collapsed(groups: Groups, rows: list[tuple[str, str]]) -> pd.DataFrame:
    """Counts of people of each cell's rows, by collapsed rows: what single people have is not known."""
    counts, out = groups.people(), []
    for c in range(groups.n_cells):
        of, minus = int(counts[2 * c]), int(counts[2 * c + 1])
        for component, _ in rows:
            n = of if component == "mean_of" else minus if component == "mean_minus" else min(of, minus)
            out.append(counted([n]).assign(n_of=of, n_minus=minus))
    return pd.concat(out, ignore_index=True)


def _speaks_of(level: Any, term: str) -> bool:
    """Whether a row of a decomposition is about a level of a category."""
    return f"[{level}]" in term or f"[T.{level}]" in term


def _terms(made: Sides) -> list[str]:
    """The terms of the formula."""
    return list(dict.fromkeys(column.term for column in made.columns.columns))


def _behind(made: Sides, term: str) -> list[Codes]:
    """People (2C,) of each group without whom a row could not tell of a term: who has its level, or the base of it."""
    groups = made.groups
    out = [_people(made, level.there) for level in made.levels if _speaks_of(level.level, term)]
    for j, column in enumerate(made.columns.columns):
        if term not in (column.name, column.term) or j == groups.constant:
            continue
        factors = {factor for factor, _ in column.key}
        out += [
            _people(made, level.there)
            for level in made.levels
            if (level.base or term == column.term) and {f for f, _ in level.key} <= factors
        ]
        if not factors <= set(made.columns.levels):
            out.append(_apart(made, j))
    return out


def _people(made: Sides, which: np.ndarray) -> Codes:
    """People (2C,) of each group, of the rows of a mask: persons, where a person has several rows."""
    groups, persons = made.groups, made.data.svy.design.persons
    if persons is None:
        return groups.people(which)
    own = persons[groups.rows[which]]
    own = np.where(own < 0, own.max(initial=-1) + 1 + np.arange(len(own)), own)
    return _units(groups.cell[which], own, 2 * groups.n_cells)


def _apart(made: Sides, j: int) -> Codes:
    """People (2C,) of each group who have another value of a regressor than most have; all where most have none.

    Of a 0 and 1 that few have, or a number that is 0 but for a few, what a row tells is theirs.
    """
    groups, apart = made.groups, np.ones(len(made.groups.y), dtype=bool)
    for g in range(2 * groups.n_cells):
        rows = np.flatnonzero(groups.cell == g)
        _, which, times = np.unique(groups.x[rows, j], return_inverse=True, return_counts=True)
        if len(rows) and 2 * times.max() > len(rows):
            apart[rows] = which != times.argmax()
    return _people(made, apart)


def _units(cell: Codes, unit: Codes, number: int) -> Codes:
    """Sampling units in each group."""
    pairs, _ = distinct_pairs(cell, unit, int(unit.max(initial=0)) + 1)
    return np.bincount(pairs, minlength=number)

"""Where the two groups overlap: people and weight of each category, what is empty, and what is then left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.decomposition.columns import Columns, Key
from llo_research.decomposition.two_groups import Groups
from llo_research.errors import IdentificationError
from llo_research.numerics.groups import Codes, Floats, group_maxima, group_sums
from llo_research.regression.model_data import ModelData
from llo_research.survey.formulas import matrices

SIDES = ("of", "minus")


@dataclass(frozen=True, eq=False)
class Level:
    """One level of a category, or one cell of an interaction, in the groups of all cells.

    term : as the formula has it. level : as the data have it. base : whether it has no column of its own.
    key : its factors with their levels. there : (m,) rows that have it.
    """

    term: str
    level: Any
    base: bool
    key: Key
    there: np.ndarray


def levels_of(data: ModelData, columns: Columns) -> list[Level]:
    """The levels of all categories of a formula, and the cells of their interactions."""
    out, place = [], {column.key: j for j, column in enumerate(columns.columns)}
    for factor, levels in columns.levels.items():
        dummies = _dummies(data, columns, factor)
        if len(dummies) != len(levels):
            continue
        for level, there in zip(levels, dummies, strict=True):
            key = frozenset({(factor, level)})
            out.append(Level(factor, level, key not in place, key, there))
    for j, column in enumerate(columns.columns):
        if len(column.key) > 1 and all(factor in columns.levels for factor, _ in column.key):
            named = ":".join(str(level) for _, level in sorted(column.key, key=str))
            out.append(Level(column.term, named, False, column.key, data.x[:, j] != 0))
    return out


def _dummies(data: ModelData, columns: Columns, factor: str) -> list[np.ndarray]:
    """(m,) rows of each level of a category: from the model's own columns where these are dummies of all but one."""
    place = {column.key: j for j, column in enumerate(columns.columns)}
    own = [place.get(frozenset({(factor, level)})) for level in columns.levels[factor]]
    if factor in columns.treatment and own.count(None) <= 1 < len(own):
        there = [None if j is None else data.x[:, j] != 0 for j in own]
        rest = ~np.logical_or.reduce([rows for rows in there if rows is not None])
        return [rest if rows is None else rows for rows in there]
    used = np.zeros(len(data.svy), dtype=bool)
    used[data.rows] = True
    made = matrices(f"~ 0 + {factor}", data.svy._frame, used).right.values[data.rows]
    return [column != 0 for column in made.T]


def overlap(groups: Groups, levels: list[Level], keys: pd.DataFrame) -> pd.DataFrame:
    """Counts and largest weights of each level in each group, by cell: the frame ``result.support``."""
    n_cells, parts, w = groups.n_cells, [], groups.weights
    place, first = groups.alike.codes, groups.alike.first
    each = np.ones(len(w)) if groups.counts is None else groups.counts
    alike = group_sums(place, np.column_stack([each, w, w**2]), len(first))
    cell, maxima = groups.cell[first], group_maxima(place, w, len(first))
    for level in levels:
        codes = np.where(level.there[first], cell, 2 * n_cells)
        counts, sums, squares = group_sums(codes, alike, 2 * n_cells).T
        with np.errstate(invalid="ignore", divide="ignore"):
            largest = group_maxima(codes, maxima, 2 * n_cells) / sums
            effective = np.where(counts > 0, sums**2 / squares, 0.0)
        table = keys.reset_index(drop=True).copy()
        table["term"], table["level"] = level.term, [level.level] * n_cells
        for side, name in enumerate(SIDES):
            table[f"n_{name}"] = counts[side::2].astype(np.intp)
            table[f"n_eff_{name}"] = effective[side::2]
        table["largest_weight_share"] = np.fmax(largest[0::2], largest[1::2])
        if groups.counts is not None:  # what single people weigh is not known
            table[["n_eff_of", "n_eff_minus", "largest_weight_share"]] = np.nan
        parts.append(table)
    wanted = [*keys.columns, "term", "level", "n_of", "n_minus", "n_eff_of", "n_eff_minus", "largest_weight_share"]
    if not parts:
        return pd.DataFrame({name: [] for name in wanted})
    return pd.concat(parts, ignore_index=True)[wanted]


def empty_rows(groups: Groups, levels: list[Level]) -> np.ndarray:
    """(m,) rows in levels of which the other group of their cell has nobody."""
    gone = np.zeros(len(groups.y), dtype=bool)
    for level in levels:
        counts = counts_of(groups, level)
        lonely = counts[(groups.cell // 2) * 2 + 1 - groups.cell % 2] == 0
        gone |= level.there & lonely
    return gone


def counts_of(groups: Groups, level: Level) -> Codes:
    """(2C,) people with a level in each group."""
    return groups.people(level.there)


def pinned_of(
    groups: Groups,
    levels: list[Level],
    columns: Columns,
    needs: tuple[str, ...],
    names: list[str],
    normalised: frozenset[str] = frozenset(),
) -> np.ndarray | None:
    """(2C, q) coefficients of empty categories that nothing asks for; those that are asked for raise.

    needs : the groups whose coefficients are used for people of the other; ``both``: a model of
    both. names : of the groups, for messages.
    normalised : factors of which means over all levels are asked for.
    """
    pinned = np.zeros((2 * groups.n_cells, groups.q), dtype=bool)
    people = groups.people() > 0
    for level in levels:
        counts = counts_of(groups, level)
        if "both" in needs and (people & (counts == 0)).reshape(-1, 2).all(axis=1).any():
            raise _nobody(level)
        other = counts.reshape(-1, 2)[:, ::-1].ravel()
        empty = counts == 0
        asked = empty & (other > 0) & np.tile([side in needs for side in SIDES], groups.n_cells)
        averaged = level.base or any(factor in normalised for factor, _ in level.key)
        wrong = asked | (empty & averaged)
        if wrong.any():
            raise _empty(level, int(wrong.argmax()), other, names, bool(asked.any()))
        for j, column in enumerate(columns.columns):
            if level.key <= column.key:
                pinned[:, j] |= empty
    return pinned if pinned.any() else None


def _nobody(level: Level) -> IdentificationError:
    """The error for a category that neither group has."""
    return IdentificationError(
        "A category is empty in both groups: the model of both together has no coefficient for it.",
        where=f"term {level.term}, level {level.level!r}",
        found="no row in either group (of a cell of by, where there are several)",
        expected="people in every category",
        todo="join the level with another, leave the interaction out of the formula, or reference='minus'",
    )


def _empty(level: Level, group: int, other: Codes, names: list[str], asked: bool) -> IdentificationError:
    """The error for a category that one group does not have."""
    side = SIDES[group % 2]
    used = (
        f"its coefficients are used for the {other[group]} rows of the other group that have it"
        if asked
        else "it is the base level, or its coefficients are averaged over all levels"
    )
    return IdentificationError(
        "A category is empty in one of the groups: its coefficient cannot be estimated there.",
        where=f"term {level.term}, level {level.level!r}, group {side} ({names[group]})",
        found=f"no row; {used}",
        expected="people of both groups in every category",
        todo="join the level with another, or support='trim' to leave people out whom the other group does not have "
        "(result.support tells which)",
    )


def largest_shares(groups: Groups, values: Floats) -> Floats:
    """(2C,) the largest row's part of the weighted sum of absolute values in each group."""
    size = groups.weights * np.abs(values)
    sums = group_sums(groups.cell, size, 2 * groups.n_cells)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums > 0, group_maxima(groups.cell, size, 2 * groups.n_cells) / sums, 0.0)

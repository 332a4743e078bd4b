"""How many people stand behind each coefficient, for disclosure control: those of a level, and of its base level."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.numerics.groups import Codes, Floats
from llo_research.regression.model_data import ModelData
from llo_research.results.facts import Later


def counts_behind(data: ModelData, x: Floats, y: Floats | None = None) -> Later | None:
    """Who stands behind each column of x (m, p), when somebody asks; None of collapsed rows, which do not tell."""
    if data.svy.design.stands is not None:
        return None
    unit = data.svy._arguments["unit"]
    persons = None if unit is None else data.svy._frame[unit].to_numpy()[data.rows]
    return Later(counts_of_terms, x, data.weights, persons, y)


def counts_of_terms(x: Floats, weights: Floats, units: Codes | None, y: Floats | None = None) -> pd.DataFrame:
    """Counts for disclosure control of each column of x (m, p): rows, units, and the fewest people that it compares.

    A column of two values compares the people who have it with its base: those who have none of the columns that
    exclude it. Of another column that most have one value of, as of a product with a rare answer, those who have not
    count: its coefficient is theirs. A constant is about the smallest base. With few people on a side, the
    coefficients of a model of categories give their mean away. Where the response `y` (m,) is 0 and 1, the fewest with
    either answer count.
    """
    m, p = x.shape
    first, there = x[0], x == x.max(axis=0)
    two = np.array([_are_two(x[:, j]) for j in range(p)], dtype=bool)
    answers = np.ones((m, 1)) if y is None or not np.isin(y, (0.0, 1.0)).all() else np.column_stack([y, 1 - y])
    inside, base = _sides(there[:, two], answers)
    total = np.abs(x).T @ weights
    largest = (np.abs(x) * weights[:, None]).max(axis=0)
    nonzero, complement = np.full(p, m), np.full(p, m)
    nonzero[two] = np.where(base.any(axis=1), np.minimum(inside.min(axis=1), base.min(axis=1)), inside.min(axis=1))
    complement[two] = m - there[:, two].sum(axis=0)
    nonzero[~two] = [_apart(x[:, j], answers) for j in np.flatnonzero(~two)]
    held = base[base.any(axis=1)]
    if len(held):
        nonzero[(x == first).all(axis=0)] = held.min()
    return pd.DataFrame(
        {
            "n": m,
            "n_units": m if units is None else len(np.unique(units)),
            "n_nonzero": nonzero,
            "n_complement": complement,
            "largest_share": largest / np.where(total > 0, total, 1.0),
        }
    )


def _are_two(column: Floats) -> bool:
    """Whether a column has two values."""
    return len(np.unique(column[:1000])) <= 2 and len(np.unique(column)) == 2


def _apart(column: Floats, answers: Floats) -> int:
    """The fewest people by answer (m, a) who have not the value that most have; all where most have no one value."""
    values, times = np.unique(column, return_counts=True)
    if len(values) == 1 or 2 * times.max() <= len(column):
        return len(column)
    return int(answers[column != values[times.argmax()]].sum(axis=0).min())


def _sides(there: np.ndarray, answers: Floats) -> tuple[Codes, Codes]:
    """People (d, a) by answer (m, a) who have each of these columns (m, d), and who are its base."""
    having = sparse.csr_array(there.astype(np.float64))
    apart = (having.T @ having).toarray() == 0
    np.fill_diagonal(apart, True)
    base = np.array([(~there[:, excluded].any(axis=1)).astype(np.float64) @ answers for excluded in apart])
    return np.rint(having.T @ answers).astype(np.int64), np.rint(base.reshape(-1, answers.shape[1])).astype(np.int64)

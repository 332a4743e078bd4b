"""Weights of few values are a classification of persons, of whom weighted numbers tell how many are in each class.

With weights 1 and 2.37 a cell of n persons and weighted sum W holds (W - n) / 1.37 of the heavier ones; a share to all
its digits, or its error, tells as well how many of these said yes. So numbers of cells with few persons in a class (or
few in it with an answer) leave without weighted sums and errors, and with fewer digits. Of more classes the digits in
which all numbers leave do not tell one combination from another.
"""

from __future__ import annotations

import numpy as np

from llo_research.design.scores import Block, Scores
from llo_research.report.disclosure.tables import rows_by_code
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_TWO, _THREE = 2, 3  # values of a weight in a cell
_SMALL = 60  # persons up to which three values have few combinations
_DIGITS = 9  # of a weight


def few_in_a_class(result: Result, rules: Rules) -> np.ndarray:
    """(k,) rows of a cell in which a class of the weights, or an answer in one, holds few persons."""
    scores = result.scores
    assert scores is not None
    assert result.design is not None
    persons, limit = result.design.persons, min(rules.units, rules.complement)
    told = np.concatenate([_few(scores, block, persons, limit) for block in scores.blocks])
    rests = np.asarray(scores.rests() @ told.astype(np.int64)).ravel()
    return np.asarray(rests > 0)


def _few(scores: Scores, block: Block, persons: np.ndarray | None, limit: int) -> np.ndarray:
    """(m,) of the estimates of a block."""
    out = np.zeros((block.n_cells, block.values.shape[1]), dtype=bool)
    cells = rows_by_code(np.where(scores.weights != 0, block.codes, block.n_cells), block.n_cells)
    for cell, rows in enumerate(cells):
        weights = scores.weights[rows]
        kinds, which = np.unique(_rounded(weights), return_inverse=True)
        most = _THREE if len(rows) < _SMALL else _TWO
        if not 1 < len(kinds) <= most or not np.isfinite(weights).all():
            continue
        who = rows if persons is None else np.where(persons[rows] >= 0, persons[rows], -1 - rows)
        values = block.values[rows]
        for j in range(out.shape[1]):
            out[cell, j] = _fewest(which, values[:, j] / weights, who) < limit
    return out.ravel()


def _fewest(which: np.ndarray, values: np.ndarray, who: np.ndarray) -> int:
    """The fewest persons in a class, or of a yes or no in a class with one answer."""
    answers, side = np.unique(_rounded(values), return_inverse=True)
    both = np.unique(np.column_stack([which * 2 + side if len(answers) == 2 else which, who]), axis=0)
    return int(np.unique(both[:, 0], return_counts=True)[1].min(initial=len(who)))


def _rounded(values: np.ndarray) -> np.ndarray:
    """Numbers that are the same but for rounding as one."""
    size = np.abs(values).max(initial=0.0)
    return np.round(values / size, _DIGITS) + 0.0 if size > 0 else values

"""Replicates that differ from the weights for a few persons: the error is then how much these few change an estimate.

Of two replicates of which one lacks a person, or of a group of three in a jackknife of four, the error beside the mean
gives the value of the person, or their mean, back.
"""

from __future__ import annotations

import numpy as np

from llo_research.design.replicates import Replicates
from llo_research.report.disclosure.tables import rows_by_code
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_MUCH = 0.01  # of the largest difference of a weight: what counts as a difference
_ROUNDING = 1e-9


def few_in_a_replicate(result: Result, rules: Rules) -> np.ndarray:
    """(k,) rows whose variance is mostly that of replicates which differ for the same few persons."""
    told, design, scores = result.replicates, result.design, result.scores
    none = np.zeros(len(result.estimate), dtype=bool)
    if told is None or scores is None or design is None or design.replicates is None:
        return none
    made: Replicates = design.replicates
    factor = made.weights / np.where(scores.weights != 0, scores.weights, np.nan)[:, None]
    marks = np.random.default_rng(0).integers(0, 2**63, len(factor), dtype=np.uint64)
    sets, people = [], []
    for block in scores.blocks:
        cells = rows_by_code(np.where(scores.weights != 0, block.codes, block.n_cells), block.n_cells)
        for rows in cells:
            own = (
                rows if design.persons is None else np.where(design.persons[rows] >= 0, design.persons[rows], -1 - rows)
            )
            of, n = _apart(factor[rows], scores.weights[rows], marks[rows], own)
            sets += [of] * block.values.shape[1]
            people += [n] * block.values.shape[1]
    rests = np.asarray(scores.rests())
    centre = result.estimate if made.mse else told.mean(axis=0)
    out = none.copy()
    for j in range(len(out)):
        of, n = (np.array([one[i] for i in np.flatnonzero(rests[j])]).sum(axis=0) for one in (sets, people))
        out[j] = _few_make_it(of, n, made.scale * made.rscales * (told[:, j] - centre[j]) ** 2, rules)
    return out


def _few_make_it(of: np.ndarray, people: np.ndarray, parts: np.ndarray, rules: Rules) -> bool:
    """Whether replicates of one set of few persons make up most of a variance; of is (R,) the number of the set."""
    few = (people > 0) & (people < min(rules.units, rules.complement)) & np.isfinite(parts)
    _, which = np.unique(of[few], return_inverse=True)
    return bool(np.bincount(which, parts[few]).max(initial=0.0) > rules.largest_share * np.nansum(parts))


def _apart(
    factor: np.ndarray, weights: np.ndarray, marks: np.ndarray, persons: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(R,) a number for the set of rows whose weight a replicate changes otherwise than most, and persons in it."""
    if not len(factor):
        return np.zeros(factor.shape[1], dtype=np.uint64), np.zeros(factor.shape[1], dtype=np.int64)
    differ = np.abs(factor - np.median(factor, axis=0)) * weights[:, None]
    largest = differ.max(axis=0)
    apart = (differ > _MUCH * largest) & (largest > _ROUNDING * weights.max())
    sets = [int(marks[one].sum()) for one in apart.T]
    return np.array(sets, dtype=np.uint64), np.array([len(np.unique(persons[one])) for one in apart.T])

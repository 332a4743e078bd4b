"""Errors that tell how many changed their answer: of numbers of which few kinds of persons make the variance.

A coefficient that is a change of yes and no between two waves adds 1, 0 or -1 for a person, whatever model it is of;
its variance is a sum over persons, so that beside the change itself it tells how many went either way.
"""

from __future__ import annotations

import numpy as np

from llo_research.results.result import Result

_KINDS = 4  # of persons by what they add; of more the digits of an error do not tell one combination from another
_LOOK = 200  # persons by whom nearly all numbers are seen to have more kinds
_DIGITS = 8  # of the largest


def few_changed(result: Result, limit: int) -> tuple[np.ndarray, float]:
    """(k,) rows whose error tells of fewer persons of several rows and one kind than a limit, and the fewest."""
    k, fewest = len(result.estimate), np.inf
    out, scores, design = np.zeros(k, dtype=bool), result.scores, result.design
    if scores is None or design is None or design.persons is None or not np.isfinite(scores.weights).all():
        return out, fewest
    rows = np.flatnonzero((scores.weights != 0) & (design.persons >= 0))
    _, who, times = np.unique(design.persons[rows], return_inverse=True, return_counts=True)
    several = np.flatnonzero(times > 1)
    if len(several) < limit:
        return out, fewest
    for i, values in enumerate(scores.dense()[rows].T):
        each = np.bincount(who.ravel(), values / scores.weights[rows])[several]
        size = np.abs(each).max()
        if size > 0 and len(_kinds(each[:_LOOK], size)[0]) <= _KINDS:
            kinds, people = _kinds(each, size)
            if 2 < len(kinds) <= _KINDS and people.min() < limit:
                out[i], fewest = True, min(fewest, float(people.min()))
    return out, fewest


def _kinds(values: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Different values, but for rounding, and how often each stands."""
    return np.unique(np.round(values / size, _DIGITS) + 0.0, return_counts=True)

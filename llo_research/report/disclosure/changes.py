"""Errors that tell how many changed their answer: of numbers of which few kinds of persons make the variance.

A coefficient that is a change of yes and no between two waves adds 1, 0 or -1 for a person, whatever model it is of;
its variance is a sum over persons, so that beside the change itself it tells how many went either way. Of three waves
and more the coefficients, their errors and their covariances are as many sums over the ways that persons went: where
all numbers of persons that fit them, to the digits that leave, have nearly as many of a rare way, they tell it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

from llo_research.report.disclosure.digits import ERROR, STEP, relative_step
from llo_research.report.disclosure.few_values import between
from llo_research.results.result import Result

_KINDS = 4  # of persons by what they add to one number: then its error tells each
_MOST = 8  # by what they add to several such numbers; of more the digits do not tell one combination from another
_LOOK = 200  # persons by whom nearly all numbers are seen to have more kinds
_DIGITS = 8  # of the largest


def few_changed(result: Result, limit: int, width: int) -> tuple[np.ndarray, np.ndarray, float]:
    """(k, k) covariances and (k,) errors that tell of fewer persons of several rows and one kind than a limit.

    width : persons by which their number must be able to be more or less. The fewest persons come last.
    """
    k, scores, design = len(result.estimate), result.scores, result.design
    none = np.zeros((k, k), dtype=bool), np.zeros(k, dtype=bool), np.inf
    if scores is None or design is None or design.persons is None or not np.isfinite(scores.weights).all():
        return none
    rows = np.flatnonzero((scores.weights != 0) & (design.persons >= 0))
    _, who, times = np.unique(design.persons[rows], return_inverse=True, return_counts=True)
    several = np.flatnonzero(times > 1)
    if len(several) < limit:
        return none
    each = scores.dense()[rows] / scores.weights[rows][:, None]
    found = list(_of_few_kinds(np.bincount(who.ravel(), values)[several] for values in each.T))
    errors = result.std_error
    out, fewest = none[1].copy(), np.inf
    for i, own in found:
        people = _few(own[:, None], errors[[i]], limit, width, False)
        out[i], fewest = people > 0, min(fewest, people or np.inf)
    pairs = out[:, None] | out
    left = [(i, own) for i, own in found if not out[i]]
    if len(left) > 1:
        here, each = np.array([i for i, _ in left]), np.column_stack([own for _, own in left])
        for covariances in (False, True):
            if people := _few(each, errors[here], limit, width, covariances):
                out[here] |= not covariances
                pairs[np.ix_(here, here)] = True
                return pairs, out, min(fewest, people)
    return pairs, out, fewest


def _of_few_kinds(columns: Iterable[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """The numbers of which persons add few different amounts, with these as parts of the largest."""
    for i, each in enumerate(columns):
        size = np.abs(each).max()
        if size > 0 and all(len(np.unique(_rounded(own / size))) <= _KINDS for own in (each[:_LOOK], each)):
            yield i, _rounded(each / size)


def _rounded(values: np.ndarray) -> np.ndarray:
    """Values of which those that differ by rounding are the same."""
    return np.asarray(np.round(values, _DIGITS) + 0.0)


def _few(each: np.ndarray, errors: np.ndarray, limit: int, width: int, covariances: bool) -> float:
    """The persons of a rare kind of which the sums of what (m, j) persons add tell, with their errors; 0 of none."""
    kinds, counts = np.unique(each, axis=0, return_counts=True)
    rare = [int(one) for one in np.flatnonzero(counts < limit)]
    if not rare or not 2 < len(kinds) <= _MOST:
        return 0.0
    if each.shape[1] == 1:
        return float(counts.min())
    numbers = counts.astype(np.float64)
    size = np.sqrt(kinds.T**2 @ numbers)
    steps = np.array([[relative_step(float(one), part) for one in errors] for part in (STEP, 10.0 ** (1 - ERROR))])
    sums, slack = [np.ones(len(kinds)), *kinds.T, *kinds.T**2], [0.0, *(steps[0] * size / 2), *(steps[1] * size**2)]
    for i, j in combinations(range(len(size)), 2) if covariances else ():
        sums.append(kinds[:, i] * kinds[:, j])
        slack.append(steps[1].max() * size[i] * size[j])
    told = [one for one in rare if between(np.array(sums), numbers, np.array(slack), one) < width]
    return float(counts[told].min()) if told else 0.0

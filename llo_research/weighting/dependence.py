"""Estimated totals of which some follow from others: their covariance must know that too.

The levels of each categorical margin add up to the same population, crossings share their marginals, and a number may
be a combination of levels: A t = 0 for the totals t, whatever the sample that estimated them. A covariance C with
A C A' above zero says otherwise, and the answer would depend on which of the totals is left out.
"""

from __future__ import annotations

import numpy as np

from llo_research.errors import CalibrationError
from llo_research.numerics.groups import Floats
from llo_research.weighting.system import System

# Variance of what is always zero, as a share of the variances it is made of, that rounding may leave in a covariance.
_ROUNDING = 1e-6
# Variances and directions below this share of their own size are none.
_NONE = 1e-10
_MOST_SHOWN, _MOST_TERMS = 12, 8


def given_dependence(cov: Floats, system: System) -> Floats:
    """The covariance (P x P) of the totals without what rounding left; one that ignores their dependence is refused."""
    relations = _relations(system)
    error = np.sqrt(np.maximum(np.diag(cov), 0.0))
    uncertain = error > 0
    inside = relations[:, uncertain] * error[uncertain]
    length = np.sqrt((inside**2).sum(axis=1))
    if not (length > 0).any():
        return cov
    _, values, directions = np.linalg.svd(inside[length > 0] / length[length > 0, None], full_matrices=False)
    directions = directions[values > _NONE * values.max()]
    correlation = cov[np.ix_(uncertain, uncertain)] / np.outer(error[uncertain], error[uncertain])
    left = directions @ correlation @ directions.T
    if np.linalg.eigvalsh(left).max() > _ROUNDING:
        raise _refused(cov, correlation, directions, system)
    off = np.eye(len(correlation)) - directions.T @ directions
    return _placed(off @ correlation @ off, error)


def _relations(system: System) -> Floats:
    """A (dependent totals x P): each total that follows from the others, minus what it follows from."""
    dependent = np.ones(len(system.wanted), dtype=bool)
    dependent[system.columns] = False
    out = np.zeros((int(dependent.sum()), len(system.wanted)))
    out[:, system.columns] = -system.expand[dependent]
    out[np.arange(len(out)), np.flatnonzero(dependent)] = 1.0
    return out


def _placed(correlation: Floats, error: Floats) -> Floats:
    """A symmetric covariance of all totals from the matrix of those that have an error."""
    uncertain = error > 0
    out = np.zeros((len(error), len(error)))
    out[np.ix_(uncertain, uncertain)] = (correlation + correlation.T) / 2 * np.outer(error[uncertain], error[uncertain])
    return out


def _refused(cov: Floats, correlation: Floats, directions: Floats, system: System) -> CalibrationError:
    """What contradicts, and the covariance given the dependence: C - C A'(A C A')^+ A C."""
    relations = _relations(system)
    spread = np.einsum("ij,jk,ik->i", relations, cov, relations)
    size = (relations**2) @ np.diag(cov)
    worst = int(np.divide(spread, size, out=np.zeros_like(spread), where=size > 0).argmax())
    half = directions @ correlation
    inner = np.linalg.pinv(half @ directions.T, rcond=_NONE, hermitian=True)
    error = np.sqrt(np.maximum(np.diag(cov), 0.0))
    remaining = correlation - half.T @ inner @ half
    gone = np.diag(remaining) < _NONE
    remaining[gone] = remaining[:, gone] = 0.0
    mended = _placed(remaining, error)
    todo = "give the covariance given the dependence, C - C A'(A C A')^+ A C with A the rows that are always 0"
    if len(cov) <= _MOST_SHOWN:
        rows = ", ".join("[" + ", ".join(f"{value:.12g}" for value in row) + "]" for row in mended)
        todo += f": [{rows}]"
    else:
        todo += "; it is in the attribute `covariance` of this error"
    refused = CalibrationError(
        "The covariance of the totals ignores that they depend on each other.",
        where="EstimatedTotals",
        found=f"a standard error of {np.sqrt(spread[worst]):.6g} for {_in_words(relations[worst], system)}",
        expected="0: these totals always agree, whatever sample estimated them",
        todo=todo,
    )
    refused.covariance = mended
    return refused


def _in_words(relation: Floats, system: System) -> str:
    """A sum of totals that is always zero."""
    parts: list[str] = []
    for j in np.flatnonzero(np.abs(relation) > _NONE)[np.argsort(-relation[np.abs(relation) > _NONE], kind="stable")]:
        name, level = system.names[j]
        shown = " & ".join(map(str, level)) if isinstance(level, tuple) else str(level)
        size = abs(relation[j])
        times = "" if abs(size - 1) < _NONE else f"{size:.4g} "
        sign = "-" if relation[j] < 0 else "+" if parts else ""
        parts.append(f"{sign} {times}{name}{'' if level is None else f'={shown}'}".strip())
    return " ".join(parts[:_MOST_TERMS]) + (" ..." if len(parts) > _MOST_TERMS else "")

"""The digits in which numbers leave: those that a reader needs, and no fingerprint of whole numbers.

All digits of a share, an error or a covariance are a number that one combination of counts alone gives, so that trying
them out finds the persons in each stratum. Digit five of an error is of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from llo_research.report.disclosure.passing import Passing
from llo_research.results.result import Result

STEP = 1e-3  # of its error, to which an estimate is rounded at least
COARSE = 0.1  # the same where weights tell of few persons
ERROR, COARSE_ERROR = 4, 2  # significant digits of an error, and of one that may not tell much
_OF_ERROR = 3  # the same of what is made of it
_CORRELATION, _OF_MODEL = 4, 7  # decimals; predictions of a model are small differences of large covariances


def rounded_estimate(result: Result, passing: Passing) -> np.ndarray:
    """(k,) estimates, to a part of their error; to significant digits where they have none."""
    error = np.where(result.vanishing, 0.0, result.std_error)
    return to_part(result.estimate, error, np.where(passing.coarse, COARSE, STEP))


def to_part(values: np.ndarray, errors: np.ndarray, part: np.ndarray | float = STEP) -> np.ndarray:
    """Numbers to a power of ten that is at most a part of their error, or of themselves where they have none."""
    known = np.asarray(values, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        size = np.where((errors > 0) & np.isfinite(errors), errors, np.abs(known)) * part
    return _to_step(known, size)


def significant(values: np.ndarray, digits: int = _OF_ERROR) -> np.ndarray:
    """Numbers to so many significant digits."""
    known = np.asarray(values, dtype=np.float64)
    return _to_step(known, np.abs(known) * 10.0 ** (1 - digits))


def _to_step(values: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Numbers to the largest power of ten that is no larger than a size; others as they are."""
    flat, out = np.broadcast_to(size, values.shape).ravel(), values.ravel().copy()
    for i in np.flatnonzero(np.isfinite(out) & (flat > 0) & np.isfinite(flat)):
        out[i] = round(float(out[i]), -int(np.floor(np.log10(flat[i]))))
    return out.reshape(values.shape)


def relative_step(error: float, part: float) -> float:
    """The power of ten to which a number is rounded, by part of an error, over that error; the least where unknown."""
    return float(10.0 ** np.floor(np.log10(error * part)) / error) if error > 0 and np.isfinite(error) else part / 10


def rounded_covariance(covariance: np.ndarray, meta: Mapping[str, Any], coarse: np.ndarray | None = None) -> np.ndarray:
    """(k, k) errors to four digits (`coarse` ones to two), and correlations to the decimals that what is made of
    them needs."""
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        told = np.round(covariance / np.outer(error, error), _OF_MODEL if is_model(meta) else _CORRELATION)
    own = significant(error, ERROR)
    own = own if coarse is None else np.where(coarse, significant(error, COARSE_ERROR), own)
    out = np.where(np.isnan(told), covariance, told * np.outer(own, own))
    np.fill_diagonal(out, own**2)
    return np.asarray(out)


def is_model(meta: Mapping[str, Any]) -> bool:
    """Whether coefficients stand behind the rows."""
    call = meta.get("call") or {}
    return any("formula" in (one or {}) for one in (call, *(call.get("results") or {}).values()))

"""What a file says of a result is looked at before it is believed: damage is told in words, when it is read."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path

import numpy as np

from llo_research.archive import UNREADABLE
from llo_research.errors import DataError, LloError
from llo_research.results.result import Result

_ROUNDING = 1e-8


def believed(read: Callable[[str | Path], Result]) -> Callable[[str | Path], Result]:
    """A reader of results that refuses what cannot be one."""

    @wraps(read)
    def checked(path: str | Path) -> Result:
        try:
            result = read(path)
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                _check(result)
        except LloError:
            raise
        except UNREADABLE as error:
            raise DataError(
                "The file is not a saved result.",
                where=str(path),
                found=str(error)[:100],
                todo="result.save(path) makes one",
            ) from None
        return result

    return checked


def _check(result: Result) -> None:
    """The parts are of their kind and size, the covariance is one, and the result can be told."""
    k, meta = len(result.estimate), result.meta
    if not isinstance(meta, dict) or not all(
        isinstance(meta.get(n) or {}, Mapping) for n in ("source", "call", "labels")
    ):
        raise ValueError("no account of the call")
    if not all(isinstance(label, str) for label in result.labels):
        raise ValueError("a label that is no text")
    if not all(isinstance(value, bool) for value in (result.simultaneous, result.tested)):
        raise ValueError("neither true nor false")
    level = result.level
    if isinstance(level, bool) or not isinstance(level, float) or not 0 < level < 1:
        raise ValueError(f"a level of {level!r}")
    sizes = [np.shape(part) for part in (result.estimate, result.df, result.scales, *result.ends)]
    sizes += [] if result.n is None else [np.shape(result.n)]
    if any(size != (k,) for size in sizes):
        raise ValueError("parts of different lengths")
    spread = np.diag(result.covariance)
    largest = np.nanmax(np.abs(result.covariance), initial=0.0)
    apart = np.abs(result.covariance - result.covariance.T)
    # a variance that vanishes may be below zero by rounding, in the estimates' own size
    below = -_ROUNDING * np.square(np.nan_to_num(result.scales))
    if (spread < below).any() or (apart > _ROUNDING * largest).any():
        raise ValueError("a covariance that is none")
    if not np.isfinite(result.estimate[np.isfinite(spread)]).all():
        raise ValueError("a standard error of no estimate")
    if len(result.to_frame()) != k or len(result.cells) not in (0, k):
        raise ValueError("parts of different lengths")
    result.summary()

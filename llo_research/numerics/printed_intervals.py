"""What a printed interval of a share tells: of how many respondents, and made by which method.

References
----------
Agresti, A. and Coull, B. A. (1998). Approximate is better than "exact" for interval estimation of binomial proportions.
The American Statistician 52, 119-126.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Z = 1.959963984540054  # standard normal, 97.5 per cent
_SHARES, _SIZES = 41, 4000  # of the grid on which printed numbers are looked for
_SLACK = 1e-9  # of rounding, for numbers that lie on the edge


@dataclass(frozen=True)
class PrintedInterval:
    """What one printed interval of a share allows.

    effective : effective number of respondents, on the logit scale, of the printed ends as they stand.
    low, high : fewest and most of which a logit interval rounds to the printed one; nan where none does.
    fits : by method (``wald``, ``logit``, ``wilson``), whether an interval of it rounds to the printed one.
    """

    effective: float
    low: float
    high: float
    fits: dict[str, bool]


def printed_interval(share: float, low: float, high: float, *, step: float = 0.001) -> PrintedInterval:
    """The effective number behind a printed 95 % interval, and which methods can have given it.

    On the logit scale n = 4 z^2 / (p (1 - p) (logit(u) - logit(l))^2). Share and ends are known to within half a step:
    a method fits when some share and some effective number round to all three.
    """
    p, n = np.meshgrid(share + np.linspace(-step / 2, step / 2, _SHARES), np.geomspace(500, 200_000, _SIZES))
    possible = {name: n[_rounds_to(method(p, n), low, high, step)] for name, method in METHODS.items()}
    sizes = possible["logit"]
    ends = (float(sizes.min()), float(sizes.max())) if sizes.size else (np.nan, np.nan)
    effective = 4 * Z**2 / (share * (1 - share) * (_logit(high) - _logit(low)) ** 2)
    return PrintedInterval(float(effective), *ends, {name: bool(found.size) for name, found in possible.items()})


def _rounds_to(ends: tuple[np.ndarray, np.ndarray], low: float, high: float, step: float) -> np.ndarray:
    """Whether both ends lie within half a step of the printed ones."""
    half = step / 2 + _SLACK
    return (abs(ends[0] - low) <= half) & (abs(ends[1] - high) <= half)


def _logit(p: np.ndarray | float) -> np.ndarray | float:
    """Log odds."""
    return np.log(p / (1 - p))


def _wald(p: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The symmetric interval."""
    half = Z * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


def _by_logit(p: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric on the logit scale."""
    half = Z / np.sqrt(n * p * (1 - p))
    return 1 / (1 + np.exp(half - _logit(p))), 1 / (1 + np.exp(-half - _logit(p)))


def _wilson(p: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The interval of score tests."""
    middle, half = p + Z**2 / (2 * n), Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return (middle - half) / (1 + Z**2 / n), (middle + half) / (1 + Z**2 / n)


METHODS: dict[str, Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "wald": _wald,
    "logit": _by_logit,
    "wilson": _wilson,
}

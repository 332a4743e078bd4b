"""What can be said of one effect whatever the strength of its instruments: Anderson-Rubin sets, the effective F.

Both rest on the reduced form: coefficients g (q,) of the instruments in a regression of the outcome, p (q,) in that of
the endogenous regressor, and their joint covariance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import linalg, stats

from llo_research.numerics.groups import Floats
from llo_research.numerics.wald import regular

# An end of a set of which the imaginary part is below this share of its size is real.
_REAL = 1e-7
# A worst-case bias of this share of that of least squares, at 5 %.
_BIAS, _SIZE = 0.10, 0.05


@dataclass(frozen=True)
class ConfidenceSet:
    """Values that are not rejected.

    kind : ``interval``, ``two rays`` (all but an interval), ``ray``, ``everything``, ``nothing`` or ``intervals``.
    parts : low and high end of each piece, in order; infinite where it has none.
    """

    kind: str
    parts: tuple[tuple[float, float], ...]


def wald_limit(level: float, q: int, df: float, *, exact: bool) -> float:
    """What x'V^-1 x of q numbers stays below with this chance; infinite where V has no inverse.

    A covariance of d degrees of freedom, from d sums, is Wishart's in a way: d q / (d - q + 1) F on (q, d - q + 1), as
    Hotelling's T2. q F on (q, d) where V is `exact` but for one variance; without it sets of many instruments beside
    few sampling units are far too short (of 31 beside 44 df one in a hundred held the truth).
    """
    left = df if exact else df - q + 1
    if not left > 0:
        return np.inf
    if np.isinf(df):
        return float(stats.chi2.ppf(level, q))
    return float(q * df / left * stats.f.ppf(level, q, left))


def anderson_rubin(outcome: Floats, endogenous: Floats, covariance: Floats, limit: float) -> ConfidenceSet:
    """All b at which r'(V_r)^-1 r <= limit, r = outcome - b endogenous (q,) and V_r its covariance.

    covariance : (2q, 2q) of both, outcome first. By Schur's complement the condition is det [[V_r, r], [r', limit]]
    not below 0 for a positive definite V_r: a polynomial matrix in b, whose eigenvalues are the ends (Anderson, T. W.
    and Rubin, H. (1949). Estimation of the parameters of a single equation in a complete system of stochastic
    equations. Annals of Mathematical Statistics, 20, 46-63; for robust errors Andrews, I., Stock, J. H. and Sun, L.
    (2019). Weak instruments in instrumental variables regression. Annual Review of Economics, 11, 727-753).
    """
    q = len(outcome)
    scale = _scale(outcome, endogenous, covariance)
    size = np.sqrt(np.diag(covariance)[:q])
    g, p = outcome / size, endogenous * scale / size
    turn = np.concatenate([1 / size, scale / size])
    v = covariance * np.outer(turn, turn)
    zero, one, two = (np.zeros((q + 1, q + 1)) for _ in range(3))
    zero[:q, :q], one[:q, :q], two[:q, :q] = v[:q, :q], -(v[:q, q:] + v[q:, :q]), v[q:, q:]
    zero[:q, q] = zero[q, :q] = g
    one[:q, q] = one[q, :q] = -p
    zero[q, q] = limit
    ends = _eigenvalues(zero, one, two)

    def inside(b: float) -> bool:
        left = v[:q, :q] - b * (v[:q, q:] + v[q:, :q]) + b**2 * v[q:, q:]
        return bool((g - b * p) @ np.linalg.solve(left, g - b * p) <= limit)

    return _pieces(ends, inside, scale)


def _scale(outcome: Floats, endogenous: Floats, covariance: Floats) -> float:
    """A unit of the effect in which both coefficients have errors of one size."""
    q = len(outcome)
    return float(np.sqrt(np.trace(covariance[:q, :q]) / np.trace(covariance[q:, q:])))


def _eigenvalues(zero: Floats, one: Floats, two: Floats) -> Floats:
    """Real b in order with det(zero + b one + b^2 two) = 0, as eigenvalues of a pencil of twice the size."""
    n = len(zero)
    left = np.block([[-one, -zero], [np.eye(n), np.zeros((n, n))]])
    right = np.block([[two, np.zeros((n, n))], [np.zeros((n, n)), np.eye(n)]])
    above, below = linalg.eig(left, right, right=False, homogeneous_eigvals=True)
    finite = np.abs(below) > 1e-12 * np.maximum(np.abs(above), 1e-300)
    found = above[finite] / below[finite]
    real = np.abs(found.imag) <= _REAL * np.maximum(np.abs(found), 1.0)
    return np.sort(found.real[real])


def _pieces(ends: Floats, inside: Callable[[float], bool], scale: float) -> ConfidenceSet:
    """The set between these ends: of each stretch whether a point of it belongs to the set."""
    edges = np.concatenate([[-np.inf], ends, [np.inf]])
    parts: list[list[float]] = []
    for low, high in pairwise(edges):
        if not low < high:
            continue
        if not inside(_between(float(low), float(high))):
            continue
        if parts and parts[-1][1] == low:
            parts[-1][1] = float(high)
        else:
            parts.append([float(low), float(high)])
    found = tuple((low * scale, high * scale) for low, high in parts)
    return ConfidenceSet(_kind(found), found)


def _between(low: float, high: float) -> float:
    """A point between two ends of which some may be infinite."""
    if np.isinf(low) and np.isinf(high):
        return 0.0
    if np.isinf(low):
        return high - 1 - abs(high)
    return low + 1 + abs(low) if np.isinf(high) else (low + high) / 2


def _kind(parts: tuple[tuple[float, float], ...]) -> str:
    """The shape of a set."""
    if not parts:
        return "nothing"
    unbounded = sum(np.isinf(part).sum() for part in np.array(parts))
    if len(parts) == 1:
        return ("interval", "ray", "everything")[int(unbounded)]
    return "two rays" if len(parts) == 2 and unbounded == 2 else "intervals"


@dataclass(frozen=True)
class Strength:
    """The effective F of instruments. critical : below it the bias may exceed a tenth of the worst; df : effective."""

    statistic: float
    critical: float
    df: float


def effective_f(endogenous: Floats, covariance: Floats, square: Floats) -> Strength:
    """F of the instruments that tells the bias of two-stage least squares, whatever the errors.

    endogenous : (q,) coefficients of the instruments. covariance : (q, q). square : (q, q) of the instruments, the
    exogenous regressors taken out. With orthonormal instruments F = p'p / tr(V); the critical value is Patnaik's for a
    bias of at most a tenth at 5 % (Montiel Olea, J. L. and Pflueger, C. (2013). A robust test for weak instruments.
    Journal of Business and Economic Statistics, 31, 358-369), the simple one, which holds however the errors of both
    equations go together; that of Stata's weakivtest knows how they do, and is never larger.
    """
    root = np.linalg.cholesky(square)
    spread = root.T @ covariance @ root
    total, largest = float(np.trace(spread)), float(np.linalg.eigvalsh(spread)[-1])
    x = 1 / _BIAS
    df = total**2 * (1 + 2 * x) / (float((spread**2).sum()) + 2 * x * total * largest)
    critical = float(stats.ncx2.ppf(1 - _SIZE, df, df * x) / df)
    return Strength(float(endogenous @ square @ endogenous) / total, critical, df)


def conditional_wald(endogenous: Floats, covariance: Floats, square: Floats, term: int) -> float:
    """x'V^-1 x of what moves one endogenous term apart from the others, on q - e + 1 degrees of freedom; nan without V.

    endogenous : (e, q) coefficients of the instruments. covariance : (e q, e q). square : as in :func:`effective_f`.
    The term less its two-stage least squares fit by the others, regressed on the instruments (Sanderson, E. and
    Windmeijer, F. (2016). A weak instrument F-test in linear IV models with multiple endogenous variables. Journal of
    Econometrics, 190, 212-221).
    """
    e, q = endogenous.shape
    others = np.delete(endogenous, term, axis=0)
    combination = np.insert(-np.linalg.solve(others @ square @ others.T, others @ square @ endogenous[term]), term, 1.0)
    left = combination @ endogenous
    spread = np.einsum("a,aibj,b->ij", combination, covariance.reshape(e, q, e, q), combination)
    return float(left @ np.linalg.solve(spread, left)) if regular(spread) else np.nan

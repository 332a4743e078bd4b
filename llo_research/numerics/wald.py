"""One Wald test for all: that q numbers with an estimated covariance are zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from llo_research.numerics.groups import Floats

# Eigenvalues of the correlation matrix below this share of the largest count as zero: sums of rounding errors stay
# under 1e-12 of it, and a test that rests on a direction as thin as this says nothing.
RANK = 1e-10


@dataclass(frozen=True)
class Outcome:
    """Statistic, degrees of freedom and p-value; nan without a test. `deff`: mean generalised design effect, or nan."""

    statistic: float
    df: float
    df_denominator: float
    p_value: float
    deff: float = np.nan


UNDEFINED = Outcome(np.nan, np.nan, np.nan, np.nan)


def wald(deviation: Floats, covariance: Floats, design_df: float) -> Outcome:
    """F = (d - q + 1) / (d q) x'V^-1 x on q and d - q + 1 degrees of freedom, as Hotelling's T2.

    A covariance from d degrees of freedom has at most rank d: with more restrictions than that, or a singular
    covariance, there is no statistic.

    Fellegi, I. P. (1980). Approximate tests of independence and goodness of fit based on stratified multistage
    samples. Journal of the American Statistical Association, 75, 261-268; Korn, E. L. and Graubard, B. I. (1990).
    Simultaneous testing of regression coefficients with complex survey data. The American Statistician, 44, 270-276.
    """
    q = len(deviation)
    denominator = float(design_df) - q + 1
    undefined = Outcome(np.nan, float(q), denominator, np.nan)
    if q == 0 or not denominator > 0 or not regular(covariance):
        return undefined
    share = 1.0 if np.isinf(design_df) else denominator / design_df
    statistic = share / q * float(deviation @ np.linalg.solve(covariance, deviation))
    tail = stats.chi2.sf(q * statistic, q) if np.isinf(denominator) else stats.f.sf(statistic, q, denominator)
    return Outcome(statistic, float(q), denominator, float(tail))


def regular(covariance: Floats) -> bool:
    """Whether a covariance has full rank, whatever the units of its rows."""
    variance = np.diag(covariance)
    if not np.isfinite(covariance).all() or not (variance > 0).all():
        return False
    size = np.sqrt(variance)
    values = np.linalg.eigvalsh(covariance / np.outer(size, size))
    return bool(values[0] > RANK * values[-1])

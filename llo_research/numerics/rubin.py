"""Rubin's rules: estimates from M imputations as one, with the degrees of freedom of Barnard and Rubin.

Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley. Barnard, J. and Rubin, D. B. (1999).
Small-sample degrees of freedom with multiple imputation. Biometrika, 86, 948-955.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Floats


@dataclass(frozen=True)
class Pooled:
    """Estimates (k,), their covariance (k, k), degrees of freedom (k,) and the imputations' share of variance (k,)."""

    estimate: Floats
    covariance: Floats
    df: Floats
    share: Floats


def pooled(estimates: Floats, within: Floats, complete: Floats) -> Pooled:
    """Combine estimates (M x k) with their average sampling covariance `within` (k x k).

    complete : (k,) degrees of freedom that the data would have without imputation; may be infinite.
    """
    m = len(estimates)
    theta = estimates.mean(axis=0)
    deviation = estimates - theta
    between = deviation.T @ deviation / (m - 1)
    covariance = within + (1 + 1 / m) * between
    total, added = np.diag(covariance), (1 + 1 / m) * np.diag(between)
    share = np.divide(added, total, out=np.zeros(len(theta)), where=total > 0)
    return Pooled(theta, covariance, barnard_rubin(share, m, complete), share)


def barnard_rubin(share: Floats, m: int, complete: Floats) -> Floats:
    """1 / (1/nu_m + 1/nu_obs): nu_m = (M - 1) / share^2, nu_obs = (nu + 1)/(nu + 3) nu (1 - share)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = (complete + 1) / (complete + 3) * complete * (1 - share)
        inverse = np.where(np.isinf(complete), 0.0, 1 / observed)
        return np.asarray(1 / (share**2 / (m - 1) + inverse), dtype=np.float64)

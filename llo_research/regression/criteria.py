"""How well a model fits: design-based AIC and pseudo R-squared."""

from __future__ import annotations

import numpy as np

from llo_research.design.scores import Block, Scores
from llo_research.numerics.groups import Floats
from llo_research.regression.model import Model, over_replicates
from llo_research.regression.ordered_model import AnyModel
from llo_research.results.estimates import Estimates
from llo_research.results.inference import infer
from llo_research.results.vcov import Vcov

# Squared residuals below this share of the squared response are rounding (1e-16 of each, with room for its growth).
_EXACT = 1e-26


def aic(model: AnyModel, covariance: Floats, vcov: Vcov) -> float:
    """-2 l + 2 sum_j lambda_j: generalised design effects of the coefficients but the constant, and of the variance.

    With weights of mean one; under simple random sampling of a right model every lambda is 1. The constant is in the
    model against which others are judged, and costs nothing.
    """
    if _exact(model):
        return np.nan
    which, dispersion = model.priced, 1.0
    linear = isinstance(model, Model) and model.family.name == "gaussian"
    if isinstance(model, Model) and model.family.name == "gamma":
        dispersion = model.dispersion
    if isinstance(model, Model) and linear:
        dispersion = float(residual_variance(model, model.beta, model.data.weights))
    penalty = float(np.trace(_design_effects(model, covariance, which))) / dispersion if len(which) else 0.0
    if isinstance(model, Model) and linear:
        penalty += variance_effect(model, vcov, dispersion)
    return -2 * model.log_likelihood + 2 * penalty


def pseudo_r2(model: AnyModel) -> float:
    """1 - D / D_0."""
    return 1 - model.deviance / model.null_deviance if model.null_deviance > 0 else np.nan


def _exact(model: AnyModel) -> bool:
    """Whether a linear model fits its data but for rounding: its likelihood has no bound."""
    if not isinstance(model, Model) or model.family.name != "gaussian":
        return False
    return model.deviance <= _EXACT * float(model.data.scaled_weights @ model.data.y**2)


def _design_effects(model: AnyModel, covariance: Floats, which: np.ndarray) -> Floats:
    """V0^-1 V of some coefficients, V0 the covariance under the model for dispersion one."""
    naive = (model.inverse * model.data.mean_weight)[np.ix_(which, which)]
    return np.asarray(np.linalg.solve(naive, covariance[np.ix_(which, which)]))


def residual_variance(model: Model, beta: Floats, weights: Floats) -> Floats:
    """Weighted mean of squared residuals; (R,) at coefficients (p, R) and weights (m, R)."""
    data = model.data
    mean = model.mean(data.x, data.offset, beta)
    y = data.y if mean.ndim == 1 else data.y[:, None]
    return np.asarray((weights * (y - mean) ** 2).sum(axis=0) / weights.sum(axis=0))


def variance_effect(model: Model, vcov: Vcov, variance: float) -> float:
    """The design effect of the residual variance: its variance over 2 sigma^4 / n; 1 under the classical covariance."""
    if vcov.name == "iid":
        return 1.0
    data, done = model.data, 0
    z = data.weights * ((data.y - model.at.mean) ** 2 - variance) / data.weights.sum()

    def at_replicates(weights: Floats) -> Floats:
        nonlocal done
        assert model.replicates is not None
        beta = model.replicates[done : done + weights.shape[1]].T
        done += weights.shape[1]
        return residual_variance(model, beta, weights)[:, None]

    scores = Scores((Block(data.codes, data.everywhere(z[:, None]), 1),), data.all_weights)
    estimates = Estimates(np.array([float(variance)]), scores, over_replicates(data, at_replicates))
    found = infer(estimates, data.svy.design, vcov).covariance[0, 0]
    return float(found / (2 * float(variance) ** 2 / data.people))

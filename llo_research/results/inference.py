"""From estimates to their covariance and degrees of freedom: the one place that asks whether there are replicates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.design.design import Design
from llo_research.errors import DesignError
from llo_research.numerics.groups import Floats
from llo_research.results.estimates import Estimates, Matrix
from llo_research.results.vcov import DESIGN, Vcov


@dataclass(frozen=True, eq=False)
class Inference:
    """Covariance and degrees of freedom of k estimates.

    covariance : (k, k) nan for undefined estimates.
    sampling : (k, k) the part of it that is sampling: without the estimates' other errors; the same array if there are
        none.
    df : (k,)
    vcov : which covariance it is.
    facts : its small-sample factor, in words and as a number.
    """

    covariance: Floats
    sampling: Floats
    df: Floats
    vcov: Vcov = DESIGN
    facts: dict[str, Any] = field(default_factory=dict)


def infer(
    estimates: Estimates,
    design: Design,
    vcov: Vcov = DESIGN,
    *,
    of: Inference | None = None,
    jacobian: Matrix | None = None,
) -> Inference:
    """The covariance of estimates by their replicates, by a known covariance and a map, or by the kernel.

    of, jacobian : what is known of the estimates that these are a map of, and the map (m, k): J V J' needs no row of
        the survey. Without them the influence values go through the kernel.
    """
    undefined = np.isnan(estimates.value)
    if design.replicates is not None and vcov.name == DESIGN.name and estimates.replicates is not None:
        sampling = design.replicates.covariance(estimates.replicates, estimates.value)
    elif of is not None and jacobian is not None:
        sampling = transported(of.sampling, jacobian)
    elif estimates.scores is None or (design.replicates is not None and vcov.name == DESIGN.name):
        raise DesignError(
            "These estimates hold nothing that a covariance could be made of.",
            expected="influence values, or the estimates at the replicates",
            todo="call the estimator again on the survey",
        )
    else:
        sampling = vcov.covariance(estimates.scores, design)
    covariance = sampling
    for loading in estimates.errors.values():
        covariance = covariance + loading.T @ loading
    for matrix in (sampling, covariance):
        matrix[undefined, :] = matrix[:, undefined] = np.nan
    return Inference(covariance, sampling, vcov.df(estimates, design), vcov, vcov.facts())


def transported(covariance: Floats, jacobian: Matrix) -> Floats:
    """J V J', where estimates that are undefined carry nothing (the map gives them no slope)."""
    undefined = np.isnan(np.diag(covariance))
    if undefined.any():
        covariance = np.where(undefined[:, None] | undefined, 0.0, covariance)
    if sparse.issparse(jacobian):
        half = jacobian @ covariance
        return np.asarray((jacobian @ half.T).T)
    moving = (jacobian != 0).any(axis=0)
    slopes = jacobian[:, moving]
    return np.asarray(slopes @ covariance[np.ix_(moving, moving)] @ slopes.T)

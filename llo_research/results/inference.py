"""From estimates to their covariance and degrees of freedom: the one place that asks whether there are replicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.design.design import Design
from llo_research.design.kernel import symmetric
from llo_research.design.replicates import Replicates
from llo_research.errors import DesignError
from llo_research.numerics.groups import Floats
from llo_research.results.estimates import Estimates, Matrix
from llo_research.results.freedom import freedom_of_map
from llo_research.results.vcov import DESIGN, Vcov

# Rows of a sparse map are taken in pieces of so many, of which the products stay near the processor.
_PIECE = 256


@dataclass(frozen=True, eq=False)
class Inference:
    """Covariance and degrees of freedom of k estimates.

    covariance : (k, k) nan for undefined estimates.
    sampling : (k, k) the part of it that is sampling: without the estimates' other errors; the same array if there are
        none.
    df : (k,)
    vcov : which covariance it is.
    facts : its small-sample factor, in words and as a number.
    known : whether it was worked out.
    """

    covariance: Floats
    sampling: Floats
    df: Floats
    vcov: Vcov = DESIGN
    facts: dict[str, Any] = field(default_factory=dict)
    known: bool = True

    @classmethod
    def left(cls, k: int) -> Inference:
        """Nothing worked out, of estimates that only a map of them will ask for."""
        nothing = np.broadcast_to(np.nan, (k, k))
        return cls(nothing, nothing, nothing.diagonal(), known=False)


def infer(
    estimates: Estimates,
    design: Design | None,
    vcov: Vcov | None = None,
    *,
    of: tuple[Estimates, Inference] | None = None,
    jacobian: Matrix | None = None,
    uses: np.ndarray | None = None,
    df: Floats | None = None,
) -> Inference:
    """The covariance of estimates by their replicates, by a known covariance and a map, or by the kernel.

    design : None for estimates that were read from a file, whose covariance and df are known.
    vcov : which covariance; default that of `of`, else the design's.
    of, jacobian : the estimates that these are a map of, with what is known of them, and the map (m, k): J V J' needs
        no row of the survey. Without them, or where nothing was worked out, influence values go through the kernel.
    uses : (m, k) bool, the estimates of `of` that each one rests on: where their df is not the design's, it decides.
    df : (k,) degrees of freedom, where they are known.
    """
    if of is not None and not of[1].known:
        of = None
    vcov = vcov or (DESIGN if of is None else of[1].vcov)
    if of is not None and jacobian is not None and not _replicated(estimates, design, vcov):
        sampling = transported(of[1].sampling, jacobian)
    else:
        sampling = sampling_covariance(estimates, design, vcov)
    undefined = np.isnan(estimates.value)
    covariance = _with_errors(sampling, estimates)
    for matrix in (sampling,) if covariance is sampling else (sampling, covariance):
        matrix[undefined, :] = matrix[:, undefined] = np.nan
    if df is not None:
        pass
    elif of is not None and uses is not None and (vcov.name == DESIGN.name or design is None):
        df = freedom_of_map(of[0], design, of[1].df, uses)
    elif design is None:
        raise ValueError("degrees of freedom of a map need what it uses")
    else:
        df = vcov.df(estimates, design)
    return Inference(covariance, sampling, df, vcov, vcov.facts() if of is None else of[1].facts)


def sampling_covariance(estimates: Estimates, design: Design | None, vcov: Vcov = DESIGN) -> Floats:
    """(k, k) by the estimates at the replicates, or by the kernel."""
    if design is not None and design.replicates is not None and vcov.name == DESIGN.name:
        if estimates.replicates is not None:
            return design.replicates.covariance(estimates.replicates, estimates.value)
    elif estimates.scores is not None and design is not None:
        return vcov.covariance(estimates.scores, design)
    raise DesignError(
        "These estimates hold nothing that a covariance could be made of.",
        expected="influence values, or the estimates at the replicates",
        todo="call the estimator again on the survey",
    )


def _replicated(estimates: Estimates, design: Design | None, vcov: Vcov) -> bool:
    """Whether the estimates at the replicates give the covariance."""
    replicated = design is not None and design.replicates is not None and vcov.name == DESIGN.name
    return replicated and estimates.replicates is not None


def _with_errors(sampling: Floats, estimates: Estimates) -> Floats:
    """The covariance with the uncertainty that is not sampling."""
    out = sampling
    for loading in estimates.errors.values():
        out = out + loading.T @ loading
    return out


def at_replicates(design: Design, make: Callable[[Replicates], Floats]) -> Floats | None:
    """Estimates at the replicates of a design, or None where it has none."""
    return None if design.replicates is None else make(design.replicates)


def transported(covariance: Floats, jacobian: Matrix) -> Floats:
    """J V J'; what has a slope in an estimate without a variance has none either, so of covariances."""
    unknown = np.isnan(np.diag(covariance))
    if unknown.any():
        out = transported(np.where(unknown[:, None] | unknown, 0.0, covariance), jacobian)
        touched = abs(jacobian) @ unknown.astype(np.float64) > 0
        out[touched, :] = out[:, touched] = np.nan
        return out
    if (apart := np.isnan(covariance)).any():  # of two that have a variance each
        out = transported(np.where(apart, 0.0, covariance), jacobian)
        slopes = abs(jacobian)
        out[np.asarray((slopes @ (slopes @ apart.astype(np.float64)).T) > 0)] = np.nan
        return out
    if sparse.issparse(jacobian):
        m = jacobian.shape[0]
        out = np.empty((m, m))
        for first in range(0, m, _PIECE):
            half = jacobian[first : first + _PIECE] @ covariance
            out[first : first + _PIECE] = (jacobian @ half.T).T
        return symmetric(out)
    moving = (jacobian != 0).any(axis=0)
    slopes = jacobian[:, moving]
    return symmetric(np.asarray(slopes @ covariance[np.ix_(moving, moving)] @ slopes.T))

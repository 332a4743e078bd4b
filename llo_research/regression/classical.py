"""The classical covariance of a model: it holds of its coefficients, when the model does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.design.design import Design
from llo_research.design.scores import Scores
from llo_research.errors import DesignError
from llo_research.numerics.groups import Floats
from llo_research.results.estimates import Estimates


@dataclass(frozen=True, eq=False)
class Classical:
    """Dispersion times inverse information, of maps of the coefficients.

    matrix : (p, p) of the coefficients. base : (p, p) the map from sums of scores to them. df_of : n - p.
    """

    matrix: Floats
    base: Floats
    df_of: float
    name: str = "iid"

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """(k, k) of coefficients, or of a map of them: T = J T_0 gives J."""
        transform = scores.transform
        if len(scores.blocks) != 1 or scores.n_base != len(self.matrix) or transform is None:
            raise DesignError(
                "The classical covariance is that of the coefficients only.",
                where="vcov='iid'",
                found="an estimate that rests on more than one model's coefficients",
                expected="coefficients, or maps of them",
                todo="take the people averaged over as given: margins(..., fixed=True); or another vcov",
            )
        dense = transform.toarray() if hasattr(transform, "toarray") else np.asarray(transform)
        jacobian = np.linalg.solve(self.base.T, dense.T).T
        return np.asarray(jacobian @ self.matrix @ jacobian.T)

    def df(self, estimates: Estimates, design: Design) -> Floats:
        """(k,) rows less coefficients."""
        return np.full(len(estimates.value), self.df_of)

    def facts(self) -> dict[str, Any]:
        """Its dispersion stands in the covariance."""
        return {"vcov": self.name, "small_sample": "dispersion over n - k"}

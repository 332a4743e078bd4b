"""Classical errors of a decomposition: independent observations, models that hold, regressors that are sampled.

What Stata's ``oaxaca`` gives by default: V(b_g) is the model's own covariance (s^2 (X'X)^{-1} of linear models, the
inverse information of others), V(xbar_g) = S_g / n_g with n_g - 1 in S_g, both independent of each other and between
groups. With a pooled model the coefficients are correlated, and their covariance is that of their scores
(n / (n - 1) sum z z', as by ``suest``). Weights count as analytic weights of mean one, sums of weights as given
(Jann, B. (2008). The Blinder-Oaxaca decomposition for linear regression models. Stata Journal, 8, 453-479).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, sparse

from llo_research.decomposition.group_estimates import observed
from llo_research.decomposition.parts import Parts
from llo_research.decomposition.sides import Sides
from llo_research.decomposition.two_groups import TwoGroups, by_code, linear
from llo_research.design.design import Design
from llo_research.design.kernel import symmetric
from llo_research.design.scores import Scores
from llo_research.errors import DesignError
from llo_research.numerics import glm
from llo_research.numerics.groups import Floats
from llo_research.results.estimates import Estimates
from llo_research.results.freedom import degrees_of_freedom


@dataclass(frozen=True, eq=False)
class Delta:
    """The covariance by the delta method from that of coefficients and means.

    base : (m, m) covariance of the sums of the blocks' columns.
    """

    base: sparse.csr_array
    name: str = "delta"

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """(k, k) of the estimates."""
        if scores.transform is None or scores.n_base != self.base.shape[0]:
            raise DesignError(
                "Classical errors belong to one decomposition.",
                where="vcov='delta'",
                found="estimates of other calls among these",
                todo="vcov='design' for what is computed from several results",
            )
        half = scores.transform @ self.base
        return symmetric(np.asarray(sparse.csr_array(half @ scores.transform.T).toarray()))

    def df(self, estimates: Estimates, design: Design) -> Floats:
        """(k,) the design's, as those of all decompositions."""
        return degrees_of_freedom(estimates, design)

    def facts(self) -> dict[str, Any]:
        """What is assumed."""
        return {"vcov": self.name, "small_sample": "n - k of the models, n - 1 of the means; weights as analytic"}


def delta_vcov(sides: Sides, made: TwoGroups, parts: Parts) -> Delta:
    """The classical covariance of one decomposition."""
    if sides.data.svy.design.replicates is not None:
        raise DesignError(
            "Classical errors and replicate weights do not go together.",
            where="vcov='delta'",
            found="a replicate design",
            todo="vcov='design' takes the replicates",
        )
    if parts.question.fitted is not None:
        raise DesignError(
            "Classical errors know nothing of the covariance with a fitted reference.",
            where="vcov='delta', reference",
            expected="vcov='design', or a reference of this call",
        )
    groups = sides.groups
    own = np.stack([made.value[:, made.layout.names[name]] for name in ("b_of", "b_minus")], axis=1)
    blocks = [
        _of_group(sides, made, parts, rows, own.reshape(-1, groups.q)[g])
        for g, rows in enumerate(by_code(groups.cell, 2 * groups.n_cells))
    ]
    return Delta(sparse.csr_array(linalg.block_diag(*blocks)))


def _of_group(sides: Sides, made: TwoGroups, parts: Parts, rows: Any, beta: Floats) -> Floats:
    """(p, p) covariance of the sums of one group's columns."""
    groups, family = sides.groups, parts.question.family
    x, y, w = groups.x[rows], groups.y[rows], groups.weights[rows]
    q, n, total = groups.q, len(rows), groups.weights[rows].sum()
    p = made.block.values.shape[1]
    eta = x @ beta
    at = glm.working(eta, y, family)
    columns = made.block.values[groups.rows[rows]]
    # from regressors alone: their means, and mean predictions (y takes the place of its own)
    sampled = [*range(q, 2 * q), 2 * q, *range(p - made.layout.predictions, p)]
    moving = columns[:, sampled].copy()
    moving[:, q] = w / total * (at.mean - w @ at.mean / total)
    out = np.zeros((p, p))
    out[np.ix_(sampled, sampled)] = (moving * (total / w)[:, None]).T @ moving / (n - 1)
    # from residuals: scores, and the residual in y
    erring = [*range(q), 2 * q]
    if made.layout.pool:
        erring += range(2 * q + 2, p - made.layout.predictions)
        z = columns[:, erring].copy()
        z[:, q] = w / total * (y - at.mean)
        both = np.isin(groups.cell // 2, groups.cell[rows[0]] // 2).sum()
        out[np.ix_(erring, erring)] += both / (both - 1) * z.T @ z
        return out
    slope = family.link.slope(eta)
    dispersion = float(w @ (y - at.mean) ** 2) * n / total / (n - q) if linear(family) else 1.0
    scale = dispersion * total / n
    top = (x * (w * observed(eta, y, family))[:, None]).T @ x
    side = x.T @ (w * slope) / total
    out[np.ix_(erring, erring)] += scale * np.block(
        [[top, side[:, None]], [side[None], np.array([[w @ family.variance(at.mean) / total**2]])]]
    )
    return out

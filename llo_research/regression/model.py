"""A fitted generalised linear model: its coefficients as estimates with influence values, its means and likelihood."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from llo_research.design.scores import Block, Scores
from llo_research.numerics import glm
from llo_research.numerics.families import Family
from llo_research.numerics.groups import Floats
from llo_research.regression.identification import check_columns, check_solution
from llo_research.regression.model_data import ModelData
from llo_research.results.estimates import Estimates

_PIECE = 8_000_000  # numbers of replicate weights held at once (64 MB)


class GivenRegressors:
    """Of a model whose regressors are what they are, whatever the weights."""

    @property
    def regressors_move(self) -> bool:
        """Whether regressors are others at some replicates."""
        return False

    @property
    def weighted_regressors(self) -> bool:
        """Whether regressors were made with the weights, so that they move with them."""
        return False

    def through_regressors(self, slopes: Floats, held: Collection[str]) -> Floats:
        """(m, q) influence of sums, with slopes (m, q) in the rows' linear predictors, through such regressors."""
        return np.zeros_like(slopes)

    def regressors_at(self, x: Floats, weights: Floats, held: Collection[str]) -> Floats:
        """The regressors as other weights make them."""
        return x


@dataclass(frozen=True, eq=False)
class Model(GivenRegressors):
    """A model at its solution.

    data : what it was fitted to (m rows, p regressors).
    family : mean and variance functions.
    beta : (p,) coefficients.
    inverse : (p, p) inverse of the expected information X' diag(w mu'^2 / V) X.
    turn : (p, p) where columns are nearly dependent, the map to orthogonal ones; None where they are not.
    replicates : (R, p) coefficients at the replicates, nan where there is no solution; None without replicates.
    """

    data: ModelData
    family: Family
    beta: Floats
    inverse: Floats
    replicates: Floats | None
    turn: Floats | None = None

    @cached_property
    def eta(self) -> Floats:
        """(m,) linear predictors."""
        return self.data.alike.of_each(self._distinct_eta)

    @cached_property
    def at(self) -> glm.Working:
        """Means, scores and information at the solution, of the rows."""
        each, few = self.data.alike.of_each, self._distinct_at
        return glm.Working(each(few.mean), each(few.residual), each(few.information))

    @cached_property
    def _distinct_eta(self) -> Floats:
        """(d,) linear predictors of the rows that differ."""
        return linear_predictor(self.data.distinct.x, self.beta, self.data.distinct.offset)

    @cached_property
    def _distinct_at(self) -> glm.Working:
        """The same of the rows that differ."""
        return glm.working(self._distinct_eta, self.data.distinct.y, self.family)

    def _over_rows(self, values: Floats) -> float:
        """Sum of values of the rows that differ (d,), of weights of mean one."""
        return float(self.data.distinct.weights @ values / self.data.mean_weight)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return self.data.names

    @property
    def coefficients(self) -> Floats:
        """(k,) all parameters, those of the rows of the result."""
        return self.beta

    @property
    def share(self) -> bool:
        """Whether the mean is a probability."""
        return self.family.share

    @property
    def priced(self) -> np.ndarray:
        """The coefficients that a criterion counts: all but the constant."""
        return np.array([j for j, name in enumerate(self.names) if name != "Intercept"], dtype=np.intp)

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """What is predicted: one mean."""
        return (None,)

    @property
    def kept(self) -> slice:
        """The columns of the formula that are regressors."""
        return slice(None)

    def mean(self, x: Floats, offset: Floats | None, theta: Floats, outcome: int = 0) -> Floats:
        """(m,) or (m, R) means of regressors x at coefficients theta (p,) or (p, R)."""
        return np.asarray(self.family.link.mean(linear_predictor(x, theta, offset)))

    def mean_derivative(self, x: Floats, offset: Floats | None, outcome: int = 0) -> Floats:
        """(m, p) derivatives of the means in the coefficients."""
        return np.asarray(self.family.link.slope(linear_predictor(x, self.beta, offset))[:, None] * x)

    def slope(self, x: Floats, d: Floats, offset: Floats | None, theta: Floats, outcome: int = 0) -> Floats:
        """(m,) or (m, R) derivatives of the means along a column whose regressors have the derivatives d (m, p)."""
        return np.asarray(self.family.link.slope(linear_predictor(x, theta, offset)) * (d @ theta))

    def slope_derivative(self, x: Floats, d: Floats, offset: Floats | None, outcome: int = 0) -> Floats:
        """(m, p) derivatives of these slopes in the coefficients."""
        eta, along = linear_predictor(x, self.beta, offset), d @ self.beta
        link = self.family.link
        return np.asarray((link.curvature(eta) * along)[:, None] * x + link.slope(eta)[:, None] * d)

    def mean_along(self, x: Floats, offset: Floats | None, outcome: int = 0) -> Floats:
        """(m,) derivatives of the means in the linear predictor."""
        return np.asarray(self.family.link.slope(linear_predictor(x, self.beta, offset)))

    def slope_along(self, x: Floats, d: Floats, offset: Floats | None, outcome: int = 0) -> Floats:
        """(m,) derivatives of the slopes in the linear predictor."""
        return np.asarray(self.family.link.curvature(linear_predictor(x, self.beta, offset)) * (d @ self.beta))

    @cached_property
    def deviance(self) -> float:
        """Deviance with weights of mean one."""
        return self._over_rows(self.family.deviance(self.data.distinct.y, self._distinct_at.mean))

    @cached_property
    def null_deviance(self) -> float:
        """Deviance of the model with a constant (and the offset) only."""
        few = self.data.distinct
        one = np.ones((len(few.y), 1))
        made = glm.fit(one, few.y, few.weights[:, None], self.family, offset=few.offset)
        eta = linear_predictor(one, made.coefficients[:, 0], few.offset)
        return self._over_rows(self.family.deviance(few.y, np.asarray(self.family.link.mean(eta))))

    @cached_property
    def dispersion(self) -> float:
        """Pearson's statistic over n - p, with weights of mean one; 1 for answers of yes and no, and for counts."""
        if self.family.name in ("binomial", "poisson"):
            return 1.0
        mean, (m, p) = self._distinct_at.mean, (self.data.people, self.data.x.shape[1])
        return float(self._over_rows((self.data.distinct.y - mean) ** 2 / self.family.variance(mean)) / (m - p))

    @cached_property
    def log_likelihood(self) -> float:
        """Pseudo log-likelihood with weights of mean one, at the maximum likelihood dispersion of a linear model."""
        y, mean, name, people = self.data.distinct.y, self._distinct_at.mean, self.family.name, self.data.people
        if name == "binomial":
            return self._over_rows(special.xlogy(y, mean) + special.xlog1py(1 - y, -mean))
        if name == "poisson":
            return self._over_rows(special.xlogy(y, mean) - mean - special.gammaln(y + 1))
        if name == "gaussian":
            return float(-people / 2 * (np.log(2 * np.pi * self._over_rows((y - mean) ** 2) / people) + 1))
        shape = 1 / self.dispersion
        return self._over_rows(shape * np.log(shape * y / mean) - shape * y / mean - np.log(y) - special.gammaln(shape))

    def restricted_deviance(self, free: Floats, start: Floats) -> float:
        """Deviance of the model whose coefficients are start + free g, free (p, r), of weights of mean one."""
        data, few = self.data, self.data.distinct
        offset = linear_predictor(few.x, start, few.offset)
        if free.shape[1]:
            x = few.x @ free
            made = glm.fit(x, few.y, few.weights[:, None], self.family, offset=offset)
            check_solution(data, x, self.family, made.coefficients[:, 0], bool(made.converged[0]), offset)
            offset = linear_predictor(x, made.coefficients[:, 0], offset)
        return self._over_rows(self.family.deviance(few.y, np.asarray(self.family.link.mean(offset))))

    def linear_predictor(self, x: Floats, offset: Floats | None) -> Floats:
        """(m,) of other regressors."""
        return linear_predictor(x, self.beta, offset)

    def inverse_link(self, eta: Floats) -> tuple[Floats, Floats]:
        """Means and their slopes at linear predictors."""
        return np.asarray(self.family.link.mean(eta)), np.asarray(self.family.link.slope(eta))

    def estimates(self) -> Estimates:
        """The coefficients: z_i = A^-1 x_i w_i e_i, df less p - 1."""
        data, few, at, p = self.data, self.data.distinct, self._distinct_at, len(self.beta)
        x = few.x if self.turn is None else few.x @ self.turn
        values = x * (few.weights * at.residual)[:, None]
        scores = Scores((Block(data.codes, data.scores(values), 1),), data.all_weights, self.transform)
        part = float((few.weights * at.information) @ self._distinct_eta**2)
        size = np.sqrt(np.maximum(np.diag(self.inverse), 0) * part)
        return Estimates(
            self.beta, scores, self.replicates, {}, np.maximum(size, np.abs(self.beta)), np.full(p, p - 1.0)
        )

    @cached_property
    def transform(self) -> Floats:
        """(p, p) from the sum of scores to the coefficients."""
        if self.turn is None:
            return self.inverse
        x = self.data.distinct.x @ self.turn
        information = glm.grams(x, (self.data.distinct.weights * self._distinct_at.information)[:, None])[0]
        return np.asarray(self.turn @ inverse_of(information))

    def classical(self) -> Floats:
        """(p, p) covariance under the model: dispersion times inverse information, weights of mean one."""
        return np.asarray(self.dispersion * self.inverse * self.data.mean_weight)


def linear_predictor(x: Floats, beta: Floats, offset: Floats | None) -> Floats:
    """x beta + offset."""
    out = np.asarray(x @ beta)
    return out if offset is None else out + offset.reshape(-1, *(1,) * (out.ndim - 1))


def fit_model(data: ModelData, family: Family) -> Model:
    """Solve the estimating equations at the weights and at each replicate."""
    turn, few = check_columns(data), data.distinct
    x = few.x if turn is None else few.x @ turn
    made = glm.fit(x, few.y, few.weights[:, None], family, offset=few.offset)
    gamma = made.coefficients[:, 0]
    check_solution(data, x, family, gamma, bool(made.converged[0]))
    at = glm.working(linear_predictor(x, gamma, few.offset), few.y, family)
    inverse = inverse_of(glm.grams(x, (few.weights * at.information)[:, None])[0])
    replicates = at_replicates(data, x, family, gamma)
    if turn is None:
        return Model(data, family, gamma, inverse, replicates)
    back = None if replicates is None else replicates @ turn.T
    return Model(data, family, turn @ gamma, turn @ inverse @ turn.T, back, turn)


def at_replicates(data: ModelData, x: Floats, family: Family, start: Floats) -> Floats | None:
    """(R, p) coefficients at each replicate, of regressors (d, p); nan where there is no solution."""
    few = data.distinct

    def solve(weights: Floats) -> Floats:
        made = glm.fit(x, few.y, data.alike.summed(weights), family, offset=few.offset, start=start)
        return np.where(made.converged[:, None], made.coefficients.T, np.nan)

    return over_replicates(data, solve)


def over_replicates(data: ModelData, solve: Callable[[Floats], Floats]) -> Floats | None:
    """What `solve` makes of the weights (m, r) of some replicates at a time, (r, ...), for all of them."""
    replicates = data.svy.design.replicates
    if replicates is None:
        return None
    width = max(1, _PIECE // max(len(data.rows), 1))
    first, stop = replicates.span(data.rows)
    parts = [solve(replicates.at(data.rows, a, min(a + width, stop))) for a in range(first, stop, width)]
    outside = [first, replicates.n_replicates - stop]
    if any(outside):  # there these rows weigh what they weigh in the full sample
        same = solve(data.weights[:, None])
        parts = [np.repeat(same, outside[0], axis=0), *parts, np.repeat(same, outside[1], axis=0)]
    return np.concatenate(parts)


def inverse_of(information: Floats) -> Floats:
    """Inverse of a positive definite matrix, scaled to a unit diagonal first."""
    length = np.sqrt(np.diag(information))
    scaled = np.linalg.inv(information / np.outer(length, length))
    return np.asarray((scaled + scaled.T) / 2 / np.outer(length, length))

"""A fitted cumulative-link model: parameters as estimates, probabilities of the levels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from llo_research.design.scores import Block, Scores
from llo_research.errors import IdentificationError
from llo_research.numerics import ordered
from llo_research.numerics.families import LINKS, Link
from llo_research.numerics.groups import Floats
from llo_research.numerics.separation import separating_direction
from llo_research.regression.identification import check_columns, separated
from llo_research.regression.model import GivenRegressors, Model, inverse_of, over_replicates
from llo_research.regression.model_data import ModelData
from llo_research.results.estimates import Estimates

# A range of the linear predictor that makes one ask whether a direction separates the answers: where one does, the
# iteration stalls beyond 30 in a logit, beyond 8 in a probit.
_FAR = {"probit": 7.0}
_FAR_ELSE = 12.0


@dataclass(frozen=True, eq=False)
class OrderedModel(GivenRegressors):
    """P(Y <= k) = F(tau_k - x'b) at its solution.

    x : (m, p) regressors without the constant, which the thresholds are; `kept` their places in the formula's columns.
    coefficients : (q,) slopes, then thresholds. inverse : (q, q) of the observed information.
    replicates : (R, q), or None.
    """

    data: ModelData
    link: Link
    x: Floats
    kept: np.ndarray
    coefficients: Floats
    inverse: Floats
    replicates: Floats | None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Slopes by name, then thresholds between neighbouring levels, as ``low|middle``."""
        levels = [str(level) for level in self.data.levels]
        between = [f"{low}|{high}" for low, high in pairwise(levels)]
        return (*(self.data.names[j] for j in self.kept), *between)

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """The levels of the response."""
        return self.data.levels

    @property
    def share(self) -> bool:
        """Whether what is predicted is a probability."""
        return True

    @property
    def priced(self) -> np.ndarray:
        """The parameters that a criterion counts: the slopes."""
        return np.arange(self.x.shape[1])

    @cached_property
    def bounds(self) -> ordered.Bounds:
        """Thresholds above and below each answer."""
        return ordered.bounds(self.x, self.data.y.astype(np.intp), len(self.data.levels))

    def _ends(self, x: Floats, theta: Floats, outcome: int) -> tuple[Floats, Floats]:
        """Thresholds above and below a level, less the linear predictor; infinite at the ends."""
        p = x.shape[1]
        eta, tau = x @ theta[:p], theta[p:]
        edge = np.full(theta.shape[1:], np.inf)
        high = tau[outcome] if outcome < len(tau) else edge
        low = tau[outcome - 1] if outcome > 0 else -edge
        return high - eta, low - eta

    def _slopes(self, x: Floats, theta: Floats, outcome: int) -> tuple[Floats, Floats, Floats, Floats]:
        """F' and F'' at both ends; 0 where there is none."""
        out = []
        for end in self._ends(x, theta, outcome):
            there = np.isfinite(end)
            safe = np.where(there, end, 0.0)
            out += [np.where(there, self.link.slope(safe), 0.0), np.where(there, self.link.curvature(safe), 0.0)]
        return out[0], out[2], out[1], out[3]

    def mean(self, x: Floats, offset: Floats | None, theta: Floats, outcome: int = 0) -> Floats:
        """(m,) or (m, R) probabilities of a level."""
        high, low = self._ends(x, theta, outcome)
        return ordered.probability(high, low, self.link)

    def mean_derivative(self, x: Floats, offset: Floats | None, outcome: int = 0) -> Floats:
        """(m, q) derivatives of the probabilities in the parameters."""
        up, down, _, _ = self._slopes(x, self.coefficients, outcome)
        return self._by_parameter(-(up - down)[:, None] * x, up, down, outcome)

    def slope(self, x: Floats, d: Floats, offset: Floats | None, theta: Floats, outcome: int = 0) -> Floats:
        """(m,) or (m, R) derivatives of the probabilities along a column."""
        up, down, _, _ = self._slopes(x, theta, outcome)
        return np.asarray(-(up - down) * (d @ theta[: x.shape[1]]))

    def slope_derivative(self, x: Floats, d: Floats, offset: Floats | None, outcome: int = 0) -> Floats:
        """(m, q) derivatives of these slopes in the parameters."""
        up, down, bent_up, bent_down = self._slopes(x, self.coefficients, outcome)
        along = d @ self.coefficients[: x.shape[1]]
        by_slopes = -(up - down)[:, None] * d + ((bent_up - bent_down) * along)[:, None] * x
        return self._by_parameter(by_slopes, -bent_up * along, -bent_down * along, outcome)

    def mean_along(self, x: Floats, offset: Floats | None, outcome: int = 0) -> Floats:
        """(m,) derivatives of the probabilities in the linear predictor."""
        up, down, _, _ = self._slopes(x, self.coefficients, outcome)
        return np.asarray(down - up)

    def slope_along(self, x: Floats, d: Floats, offset: Floats | None, outcome: int = 0) -> Floats:
        """(m,) derivatives of the slopes in the linear predictor."""
        _, _, bent_up, bent_down = self._slopes(x, self.coefficients, outcome)
        return np.asarray((bent_up - bent_down) * (d @ self.coefficients[: x.shape[1]]))

    def _by_parameter(self, by_slopes: Floats, by_high: Floats, by_low: Floats, outcome: int) -> Floats:
        """(m, q) from derivatives in the slopes, in the threshold above (as it stands) and in the one below (minus)."""
        p, thresholds = by_slopes.shape[1], len(self.data.levels) - 1
        out = np.hstack([by_slopes, np.zeros((len(by_slopes), thresholds))])
        if outcome < thresholds:
            out[:, p + outcome] += by_high
        if outcome > 0:
            out[:, p + outcome - 1] -= by_low
        return out

    @cached_property
    def log_likelihood(self) -> float:
        """Pseudo log-likelihood with weights of mean one."""
        d = ordered.derivatives(self.coefficients[:, None], self.bounds, self.link)
        return float(self.data.scaled_weights @ d.log_probability[:, 0])

    @property
    def deviance(self) -> float:
        """Minus twice the pseudo log-likelihood."""
        return -2 * self.log_likelihood

    @cached_property
    def null_deviance(self) -> float:
        """The same of the model with thresholds only, which gives the shares of the levels."""
        w = self.data.scaled_weights
        sums = np.bincount(self.data.y.astype(np.intp), w)
        return float(-2 * (sums @ np.log(sums / sums.sum())))

    def restricted_deviance(self, free: Floats, start: Floats) -> float:
        """Deviance of the model whose parameters are start + free g."""
        w = self.data.scaled_weights
        at = self.bounds.restricted(free, start)
        g = np.asarray(
            np.linalg.lstsq(free, first_parameters(self.data, self.x.shape[1], self.link) - start, rcond=None)[0],
            dtype=np.float64,
        )
        made = ordered.solve(at, w[:, None], self.link, g[:, None])
        if not made.converged[0]:
            raise IdentificationError("The restricted model did not converge.", where="test")
        return float(-2 * (w @ ordered.derivatives(made.theta, at, self.link).log_probability[:, 0]))

    def estimates(self) -> Estimates:
        """The parameters: z_i = H^-1 w_i s_i, H the observed information; df less q - 1."""
        data, q = self.data, len(self.coefficients)
        d = ordered.derivatives(self.coefficients[:, None], self.bounds, self.link)
        values = data.weights[:, None] * (self.bounds.upper * d.by_upper + self.bounds.lower * d.by_lower)
        scores = Scores((Block(data.codes, data.everywhere(values), 1),), data.all_weights, self.inverse)
        size = np.maximum(np.abs(self.coefficients), np.sqrt(np.diag(self.inverse) * data.weights.sum()))
        return Estimates(self.coefficients, scores, self.replicates, {}, size, np.full(q, q - 1.0))

    def classical(self) -> Floats:
        """(q, q) inverse observed information with weights of mean one."""
        return np.asarray(self.inverse * self.data.mean_weight)


AnyModel: TypeAlias = Model | OrderedModel


def first_parameters(data: ModelData, p: int, link: Link) -> Floats:
    """(q,) no slopes, and the thresholds of the weighted shares."""
    shares = np.cumsum(np.bincount(data.y.astype(np.intp), data.weights))
    return np.concatenate([np.zeros(p), link.predictor(shares[:-1] / shares[-1])])


def fit_ordered(data: ModelData, link_name: str) -> OrderedModel:
    """Maximise the pseudo-likelihood at the weights and at each replicate."""
    link = LINKS[link_name]
    check_columns(data, constant=True)
    kept = np.array([j for j, name in enumerate(data.names) if name != "Intercept"], dtype=np.intp)
    x = np.ascontiguousarray(data.x[:, kept])
    centre = np.average(x, axis=0, weights=np.abs(data.weights)) if len(kept) else np.zeros(0)
    spread = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=np.abs(data.weights))) if len(kept) else centre
    at = ordered.bounds((x - centre) / spread, data.y.astype(np.intp), len(data.levels))
    start = first_parameters(data, len(kept), link)
    made = ordered.solve(at, data.weights[:, None], link, start[:, None])
    theta = made.theta[:, 0]
    d = ordered.derivatives(made.theta, at, link)

    def far(own: Floats) -> np.ndarray:
        return np.asarray(np.ptp((x / spread) @ own[: len(kept)], axis=0) > _FAR.get(link_name, _FAR_ELSE))

    if far(made.theta)[0] or not made.converged[0]:
        _check_separation(data, at, link_name, centre, spread, bool(made.converged[0]))
    inverse = inverse_of(ordered.information(at, d, data.weights[:, None])[0])

    def solve(weights: Floats) -> Floats:
        own = ordered.solve(at, weights, link, np.repeat(theta[:, None], weights.shape[1], axis=1))
        found = own.converged.copy()
        for r in np.flatnonzero(found & far(own.theta)):
            found[r] = _direction(at, weights[:, r] > 0) is None
        return np.where(found[:, None], own.theta.T, np.nan)

    replicates = over_replicates(data, solve)
    back = _undone(centre, spread, len(data.levels) - 1)
    replicates = None if replicates is None else replicates @ back.T
    return OrderedModel(data, link, x, kept, back @ theta, back @ inverse @ back.T, replicates)


def _undone(centre: Floats, spread: Floats, thresholds: int) -> Floats:
    """(q, q) parameters of x from those of (x - centre) / spread: b = b' / s, tau = tau' + centre'b."""
    p = len(centre)
    out = np.eye(p + thresholds)
    out[:p, :p] = np.diag(1 / spread)
    out[p:, :p] = centre / spread
    return out


def _direction(at: ordered.Bounds, seen: np.ndarray) -> Floats | None:
    """A direction (q,) that separates the answers of these rows (n,), or None."""
    above, below = at.above & seen, at.below & seen
    sides = np.repeat([1.0, 0.0], [int(above.sum()), int(below.sum())])
    return separating_direction(np.vstack([at.upper[above], at.lower[below]]), sides)


def _check_separation(
    data: ModelData, at: ordered.Bounds, link: str, centre: Floats, spread: Floats, converged: bool
) -> None:
    """Refuse answers that follow from the regressors, and a fit that did not converge."""
    direction = _direction(at, np.ones(len(data.y), dtype=bool))
    if direction is not None:
        p = len(centre)
        slopes = direction[:p] / spread
        named = [name for name in data.names if name != "Intercept"]
        raise separated(data, slopes, named, data.x[:, [data.names.index(name) for name in named]])
    if not converged:
        raise IdentificationError(
            "The model did not converge.",
            where=f"formula {data.formula!r}, link {link!r}",
            found="no maximum of the likelihood was reached",
            todo="use fewer terms, or join levels of few people",
        )

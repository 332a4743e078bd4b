"""One group reweighted to another: measures of the counterfactual distribution, with their influence values.

With p = P(of | x) by a logit of both groups, people of `minus` count w p/(1-p): their x is then that of `of`. With T a
measure, omega = w p/(1-p) and W_C their sum, the influence values of T(F_omega) are omega_j IF(y_j) / W_C, and through
the coefficients of the logit (sum_j omega_j IF(y_j) x_j / W_C)' A^{-1} x_i w_i (of_i - p_i).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from llo_research.decomposition.two_groups import solved, standards, unstandardised
from llo_research.design.replicates import Replicates
from llo_research.design.scores import Block
from llo_research.numerics import glm
from llo_research.numerics.families import family_of
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.recentered import Measure, distribution, recentered

LOGIT = family_of("binomial", "logit")
ROWS = ("mean_of", "mean_minus", "counterfactual", "gap", "explained", "unexplained")
# from the measure of `of`, of `minus` and of the counterfactual to the rows
_MAP = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, -1, 0], [0, -1, 1], [1, 0, -1]], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class People:
    """The rows used of both groups.

    y : (m,). x : (m, q). of : (m,) whether a row is of `of`. kept : (m,) False where trimmed.
    rows : (m,) their positions among the rows of the survey.
    code : (n,) 0 of, 1 minus, 2 neither, of the survey's rows.
    """

    y: Floats
    x: Floats
    of: np.ndarray
    kept: np.ndarray
    rows: Codes
    code: Codes


@dataclass(frozen=True, eq=False)
class Reweighted:
    """The numbers of all measures, as :func:`estimates_of` takes them.

    value : (1, k). block : scores of two groups. transform : (1, k, 2k). replicates : (R, 1, k) or None.
    """

    value: Floats
    block: Block
    transform: Floats
    replicates: Floats | None = None


def propensities(x: Floats, of: np.ndarray, weights: Floats) -> glm.Fit:
    """Coefficients (q, R) of the logit of being of `of`, at sets of weights (m, R)."""
    scale, _ = standards(x, weights[:, 0], None)
    made = glm.fit(x / scale, of.astype(np.float64), weights, LOGIT)
    return replace(made, coefficients=made.coefficients / scale[:, None])


def odds(x: Floats, beta: Floats) -> Floats:
    """p / (1 - p)"""
    return np.exp(x @ beta)


def measured(
    people: People, weights: Floats, beta: Floats, measures: Sequence[Measure], robust: bool
) -> tuple[Floats, list[Floats]]:
    """(3 M,) of `of`, `minus` and the counterfactual, one measure after the other; values behind them."""
    groups = _three(people, weights, beta)
    out, parts = [], []
    for measure in measures:
        for side, (rows, w) in enumerate(groups):
            made = distribution(people.y[rows], w)
            values = recentered(made, measure)
            parts.append(values)
            if robust and side == 2:
                out.append(_robust(people, groups)[0])
            elif measure.density:
                out.append(sum(sign * made.quantile(tau) for tau, sign in measure.at))
            else:
                out.append(float(w @ values / w.sum()))
    return np.array(out), parts


def _three(people: People, weights: Floats, beta: Floats) -> list[tuple[Codes, Floats]]:
    """Rows and weights of both groups and of the counterfactual."""
    used = people.kept & (weights > 0)
    of, minus = np.flatnonzero(used & people.of), np.flatnonzero(used & ~people.of)
    return [(of, weights[of]), (minus, weights[minus]), (minus, weights[minus] * odds(people.x[minus], beta))]


def _robust(people: People, groups: list[tuple[Codes, Floats]]) -> tuple[float, Floats, Floats, Floats]:
    """Mean of the regression of `minus` over `of`, plus the reweighted mean of its residuals; and what it rests on.

    Returns the estimate, residuals (of `minus`), fitted values (of `of`), and the coefficients' slopes (q,).
    """
    (of, w), (minus, v), (_, omega) = groups
    x, y = people.x[minus], people.y[minus]
    beta = _least_squares(x, y, v)
    left, fitted = y - x @ beta, people.x[of] @ beta
    estimate = float(w @ fitted / w.sum() + omega @ left / omega.sum())
    return estimate, left, fitted, w @ people.x[of] / w.sum() - omega @ x / omega.sum()


def _least_squares(x: Floats, y: Floats, w: Floats) -> Floats:
    """(q,) weighted coefficients."""
    scale, _ = standards(x, w, None)
    z = x / scale
    return unstandardised(solved((z * w[:, None]).T @ z, (z * w[:, None]).T @ y), scale, np.zeros(len(scale)), None)


def reweighted(people: People, weights: Floats, beta: Floats, measures: Sequence[Measure], robust: bool) -> Reweighted:
    """The rows of all measures with their influence values."""
    value, parts = measured(people, weights, beta, measures, robust)
    groups = _three(people, weights, beta)
    influence = np.zeros((len(people.y), len(value)))
    logit = _through_the_logit(people, weights, beta)
    for j, values in enumerate(parts):
        rows, w = groups[j % 3]
        if j % 3 == 2 and robust:
            influence[:, j] = _robust_influence(people, groups, logit)
            continue
        own = w * (values - w @ values / w.sum()) / w.sum()
        influence[rows, j] = own
        if j % 3 == 2:
            influence[:, j] += logit @ (own @ people.x[rows])
    m = len(measures)
    full = np.kron(np.eye(m), _MAP)
    columns = np.zeros((len(people.code), len(full)))
    columns[people.rows] = influence @ full.T
    eye = np.eye(len(full))
    return Reweighted((full @ value)[None], Block(people.code, columns, 2), np.hstack([eye, eye])[None])


def _through_the_logit(people: People, weights: Floats, beta: Floats) -> Floats:
    """(m, q) influence values of the logit's coefficients."""
    p = np.asarray(LOGIT.link.mean(people.x @ beta))
    scale, _ = standards(people.x, weights, None)
    z = people.x / scale
    information = (z * (weights * p * (1 - p))[:, None]).T @ z
    scores = z * (weights * (people.of - p))[:, None]
    return np.asarray(np.linalg.solve(information, scores.T).T / scale)


def _robust_influence(people: People, groups: list[tuple[Codes, Floats]], logit: Floats) -> Floats:
    """(m,) of the doubly robust mean: through fitted values, residuals, both models."""
    (of, w), (minus, v), (_, omega) = groups
    _, left, fitted, apart = _robust(people, groups)
    x = people.x[minus]
    out = np.zeros(len(people.y))
    out[of] = w * (fitted - w @ fitted / w.sum()) / w.sum()
    own = omega * (left - omega @ left / omega.sum()) / omega.sum()
    scale, _ = standards(x, v, None)
    z = x / scale
    through = np.linalg.solve((z * v[:, None]).T @ z, apart / scale)
    out[minus] = own + v * left * (z @ through)
    return np.asarray(out + logit @ (own @ x))


def at_replicates(people: People, replicates: Replicates, measures: Sequence[Measure], robust: bool) -> Floats:
    """(R, 1, k) with the logit fitted and everything but who is trimmed found anew."""
    weights = replicates.at(people.rows)
    fitted = propensities(people.x, people.of, weights)
    full = np.kron(np.eye(len(measures)), _MAP)
    out = np.full((weights.shape[1], 1, len(full)), np.nan)
    for r in range(weights.shape[1]):
        if fitted.converged[r]:
            beta = fitted.coefficients[:, r]
            out[r, 0] = full @ measured(people, weights[:, r], beta, measures, robust)[0]
    return out

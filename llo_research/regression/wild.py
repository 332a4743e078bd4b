"""Wild cluster bootstrap of the coefficients of a linear model, with the null imposed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from numbers import Integral

import numpy as np

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.options import check_seed
from llo_research.regression.covariances import VcovOptions

ALL_DRAWS = 4096  # with no more sign patterns than this every one is taken
_TIES = 1e-9  # two statistics this near (relative) are one
# Ends are looked for up to 2^17 standard errors away: further out the draw that repeats the sample is lost in rounding.
_DOUBLINGS, _HALVINGS = 17, 60


@dataclass(frozen=True, eq=False)
class WildTests:
    """p_value, low, high : (p,) of each coefficient; ends are infinite where no value is rejected.

    draws : how many sign patterns; exact : whether they are all there are.
    """

    p_value: Floats
    low: Floats
    high: Floats
    draws: int
    exact: bool


@dataclass(frozen=True, eq=False)
class LinearFit:
    """What the bootstrap needs of a linear model.

    x : (m, p) regressors. y : (m,) response. weights : (m,). beta : (p,). inverse : (p, p) of X'WX.
    codes : (m,) cluster of each row; G clusters. std_error : (p,) by cluster, with the factor `factor`.
    """

    x: Floats
    y: Floats
    weights: Floats
    beta: Floats
    inverse: Floats
    codes: Codes
    clusters: int
    std_error: Floats
    factor: float


def signs(clusters: int, seed: int | None, draws: int) -> tuple[Floats, bool]:
    """(B, G) Rademacher weights: all patterns when there are at most `ALL_DRAWS`, else drawn; and which of the two."""
    if 2**clusters <= ALL_DRAWS:
        return np.array(list(product((1.0, -1.0), repeat=clusters))), True
    check_seed(seed)
    if seed is None:
        raise DataError(
            "The wild bootstrap draws random numbers.",
            where="seed",
            found=f"no seed, and {clusters} clusters",
            expected="a seed, a whole number; with at most 12 clusters all draws are made and none is needed",
            todo="seed=1, or any other number that is told with the results",
        )
    if isinstance(draws, bool) or not isinstance(draws, Integral) or draws < 1:
        raise DataError("draws is a number of draws.", where="draws", found=repr(draws), expected="as 9999")
    random = np.random.default_rng(np.random.SeedSequence(seed))
    return 2.0 * random.integers(0, 2, (int(draws), clusters)) - 1.0, False


def wild_tests(fit: LinearFit, options: VcovOptions, level: float, first: int | None = None) -> WildTests:
    """Restricted wild cluster bootstrap-t of each coefficient (or of the first few), and its interval by inversion.

    For beta_j = b the residuals u of the restricted fit are multiplied by one sign a cluster; t* is compared with
    t = (beta_j - b) / se. All that depends on b is linear in it, so that a draw is six numbers whatever b is.

    Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008). Bootstrap-based improvements for inference with clustered
    errors. Review of Economics and Statistics, 90, 414-427; Roodman, D., Nielsen, M. O., MacKinnon, J. G. and Webb,
    M. D. (2019). Fast and wild: bootstrap inference in Stata using boottest. Stata Journal, 19, 4-60.
    """
    draws, exact = signs(fit.clusters, options.seed, options.draws)
    p = len(fit.beta) if first is None else first
    grams = _grams(fit)
    parts = [_of_coefficient(fit, j, grams, draws, exact, 1 - level) for j in range(p)]
    p_value, low, high = (np.array(several) for several in zip(*parts, strict=True))
    return WildTests(p_value, low, high, len(draws), exact)


def _grams(fit: LinearFit) -> Floats:
    """(G, p, p) X_g'W X_g of each cluster."""
    p = fit.x.shape[1]
    first, second = np.triu_indices(p)
    sums = group_sums(fit.codes, fit.weights[:, None] * fit.x[:, first] * fit.x[:, second], fit.clusters)
    out = np.zeros((fit.clusters, p, p))
    out[:, first, second] = out[:, second, first] = sums
    return out


def _of_coefficient(
    fit: LinearFit, j: int, grams: Floats, draws: Floats, exact: bool, alpha: float
) -> tuple[float, float, float]:
    """p-value of beta_j = 0, and the ends of the values that are not rejected."""
    weighted = fit.weights[:, None] * fit.x
    others = np.arange(len(fit.beta)) != j
    residual = fit.y - fit.x @ fit.beta + fit.x[:, j] * fit.beta[j]
    along = fit.x[:, j].copy()
    if others.any():
        gram = grams[:, others][:, :, others].sum(axis=0)
        both = np.linalg.solve(gram, weighted[:, others].T @ np.column_stack([residual, along]))
        residual, along = residual - fit.x[:, others] @ both[:, 0], along - fit.x[:, others] @ both[:, 1]
    row = fit.inverse[j]
    seen = grams @ row  # (G, p): what a change of the coefficients takes off the scores of each cluster
    numerators, spreads = [], []
    for values in (residual, along):
        scores = group_sums(fit.codes, weighted * values[:, None], fit.clusters)
        own = scores @ row
        moved = draws @ (scores @ fit.inverse)
        numerators.append(draws @ own)
        spreads.append(draws * own - moved @ seen.T)
    squares = [np.einsum("bg,bg->b", spreads[a], spreads[b]) for a, b in ((0, 0), (0, 1), (1, 1))]

    def p_value(value: float) -> float:
        observed = abs(fit.beta[j] - value) / fit.std_error[j]
        variance = fit.factor * (squares[0] - 2 * value * squares[1] + value**2 * squares[2])
        top = np.abs(numerators[0] - value * numerators[1])
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = np.where(variance > 0, top / np.sqrt(np.maximum(variance, 0)), np.inf)
        count = float((drawn >= observed * (1 - _TIES)).sum())
        return count / len(drawn) if exact else (1 + count) / (1 + len(drawn))

    ends = [_end(p_value, float(fit.beta[j]), side * float(fit.std_error[j]), alpha) for side in (-1, 1)]
    return p_value(0.0), ends[0], ends[1]


def _end(p_value: Callable[[float], float], centre: float, step: float, alpha: float) -> float:
    """Where the values that are not rejected end, on one side; infinite when none is rejected."""
    inside, width = centre, step
    for _ in range(_DOUBLINGS):
        outside = centre + width
        if p_value(outside) < alpha:
            break
        inside, width = outside, 2 * width
    else:
        return float(np.sign(step) * np.inf)
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if p_value(middle) < alpha else (middle, outside)
    return float((inside + outside) / 2)

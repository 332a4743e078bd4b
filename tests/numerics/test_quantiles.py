"""Proves that quantiles follow Hyndman and Fan's nine definitions, weighted as their formulas, in any order of rows."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics import quantiles as module
from llo_research.numerics.quantiles import RULES, ordered, quantiles, steps

NUMPY = {
    "math": "inverted_cdf",
    "school": "averaged_inverted_cdf",
    "hf1": "inverted_cdf",
    "hf2": "averaged_inverted_cdf",
    "hf3": "closest_observation",
    "hf4": "interpolated_inverted_cdf",
    "hf5": "hazen",
    "hf6": "weibull",
    "hf7": "linear",
    "hf8": "median_unbiased",
    "hf9": "normal_unbiased",
}
# (a, b) of p_k = (C_k - a w_k) / (C_n + b w_n), from Hyndman and Fan's table of p_k with n, k for C_n, C_k.
POSITIONS = {
    "hf4": (0, 0),
    "hf5": (0.5, 0),
    "hf6": (0, 1),
    "hf7": (1, -1),
    "hf8": (1 / 3, 1 / 3),
    "hf9": (3 / 8, 1 / 4),
}
PROBABILITIES = np.array([0.0, 0.03, 0.1, 0.25, 0.37, 0.5, 0.62, 0.75, 0.9, 0.99, 1.0])
CLOSE = 1e-9  # relative; sums of a few dozen weights, and ties are told at 1e-10


def _alone(values: np.ndarray, weights: np.ndarray, probabilities: np.ndarray, rule: str) -> np.ndarray:
    """Quantiles of one cell at one set of weights."""
    data = ordered(np.zeros(len(values), dtype=np.intp), 1, values, weights != 0)
    return quantiles(data, weights[:, None], probabilities[None], rule)[0, 0]


def _looped(values: np.ndarray, weights: np.ndarray, probability: float, rule: str) -> float:
    """Values without ties, one after the other."""
    order = np.argsort(values)
    x, w = values[order], weights[order]
    up_to, total = np.cumsum(w), w.sum()
    if rule in POSITIONS:
        a, b = POSITIONS[rule]
        p = [(up_to[k] - a * w[k]) / (total + b * w[-1]) for k in range(len(x))]
        if probability <= p[0]:
            return float(x[0])
        for k in range(1, len(x)):
            if probability <= p[k]:
                return float(x[k - 1] + (x[k] - x[k - 1]) * (probability - p[k - 1]) / (p[k] - p[k - 1]))
        return float(x[-1])
    k = next((k for k in range(len(x)) if up_to[k] / total >= probability - 1e-12), len(x) - 1)
    exactly = abs(up_to[k] / total - probability) < 1e-12 and k + 1 < len(x)
    if rule in ("school", "hf2") and exactly:
        return float((x[k] + x[k + 1]) / 2)
    if rule == "hf3" and exactly and (k + 1) % 2 == 1:
        return float(x[k + 1])
    return float(x[k])


@pytest.mark.parametrize("n", [1, 2, 5, 10, 20])
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "hf3"])
def test_equal_weights_are_numpys_definitions(rule: str, n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    wanted = np.quantile(values, PROBABILITIES, method=NUMPY[rule])
    assert _alone(values, np.full(n, 2.5), PROBABILITIES, rule) == pytest.approx(wanted, rel=CLOSE)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(4))
def test_weights_are_the_formulas_in_a_loop(rule: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(size=17), rng.choice([0.5, 1.0, 2.0, 3.5], 17)
    probabilities = np.append(PROBABILITIES, np.cumsum(weights[np.argsort(values)])[[2, 3, 8, 9]] / weights.sum())
    wanted = [_looped(values, weights, p, rule) for p in probabilities]
    assert _alone(values, weights, probabilities, rule) == pytest.approx(wanted, rel=CLOSE)


@pytest.mark.parametrize("rule", ["math", "school", "hf1", "hf2"])
def test_whole_weights_are_repeated_rows(rule: str) -> None:
    rng = np.random.default_rng(9)
    values, weights = rng.integers(0, 8, 15).astype(float), rng.integers(1, 5, 15)
    repeated = np.repeat(values, weights)
    wanted = np.quantile(repeated, PROBABILITIES, method=NUMPY[rule])
    assert _alone(values, weights.astype(float), PROBABILITIES, rule).tolist() == wanted.tolist()


@pytest.mark.parametrize("rule", RULES)
def test_neither_order_nor_rows_without_weight_matter(rule: str) -> None:
    rng = np.random.default_rng(3)
    values, weights = rng.integers(0, 6, 30).astype(float), rng.uniform(0.5, 3, 30)
    found = _alone(values, weights, PROBABILITIES, rule)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(30)
        assert _alone(values[order], weights[order], PROBABILITIES, rule) == pytest.approx(found, rel=CLOSE)
    more = np.append(values, [-5.0, 2.5, 99.0]), np.append(weights, [0.0, 0.0, 0.0])
    data = ordered(np.zeros(33, dtype=np.intp), 1, more[0], np.ones(33, dtype=bool))  # as at a replicate
    assert quantiles(data, more[1][:, None], PROBABILITIES[None], rule)[0, 0] == pytest.approx(found, rel=CLOSE)


@pytest.mark.parametrize("piece", [1, 70, 4_000_000])
@pytest.mark.parametrize("rule", RULES)
def test_cells_and_replicates_are_each_by_itself(rule: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PIECE", piece)
    rng = np.random.default_rng(5)
    n, cells, r = 60, 6, 5  # cell 2 has no rows, cell 4 no weight at replicate 3; some rows are outside
    codes = rng.integers(0, cells + 1, n).astype(np.intp)
    codes[codes == 2] = cells
    values = rng.integers(0, 9, n).astype(float)
    weights = rng.uniform(0.5, 3, (n, r)) * (rng.random((n, r)) < 0.8)
    weights[codes == 4, 3] = 0.0
    used = rng.random(n) < 0.9
    probabilities = rng.uniform(0.05, 0.95, (cells, 2))
    found = quantiles(ordered(codes, cells, values, used), weights, probabilities, rule)
    assert found.shape == (r, cells, 2)
    undefined = 0
    for replicate in range(r):
        for cell in range(cells):
            own = (codes == cell) & used & (weights[:, replicate] != 0)
            if not own.any():
                assert np.isnan(found[replicate, cell]).all()
                undefined += 1
                continue
            wanted = _alone(values[own], weights[own, replicate], probabilities[cell], rule)
            assert found[replicate, cell] == pytest.approx(wanted, rel=CLOSE)
    assert undefined == r + 1


def test_no_rows_no_quantiles() -> None:
    data = ordered(np.full(4, 2, dtype=np.intp), 2, np.arange(4.0), np.ones(4, dtype=bool))
    assert np.isnan(quantiles(data, np.ones((4, 3)), np.full((2, 1), 0.5), "math")).all()


def test_steps_are_shares() -> None:
    codes = np.array([0, 0, 0, 1, 1, 2], dtype=np.intp)
    values, weights = np.array([3.0, 1, 3, 5, 5, 7]), np.array([1.0, 2, 5, 1, 3, 4])
    found = steps(ordered(codes, 3, values, np.ones(6, dtype=bool)), weights[:, None])
    assert found.own[:, 0].tolist() == [0.25, 0.75, 1.0, 1.0]
    assert found.up_to[:, 0].tolist() == [0.25, 1.0, 1.0, 1.0]
    assert found.mean[:, 0].tolist() == [0.25, 0.375, 0.5, 1.0]

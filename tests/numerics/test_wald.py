"""Proves the one Wald test: Hotelling's T2 where data are normal, and nothing without the rank for it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from llo_research.numerics import two_way as independence
from llo_research.numerics.wald import UNDEFINED, regular, wald

EXACT = 1e-10  # relative; the same sums in another order


def _covariance(rng: np.random.Generator, q: int) -> np.ndarray:
    root = rng.normal(size=(q, q + 3))
    return root @ root.T


def test_one_restriction_is_the_square_of_a_t_test() -> None:
    test = wald(np.array([1.3]), np.array([[0.4]]), 7)
    assert test.statistic == pytest.approx(1.3**2 / 0.4, rel=EXACT)
    assert test.p_value == pytest.approx(2 * stats.t.sf(1.3 / np.sqrt(0.4), 7), rel=EXACT)
    assert (test.df, test.df_denominator) == (1.0, 7.0)


def test_it_is_hotellings_t2_of_a_normal_sample() -> None:
    """T2 (n - q) / ((n - 1) q) on q and n - q, with the covariance of the mean from n - 1 degrees of freedom."""
    rng = np.random.default_rng(1)
    n, q = 12, 3
    x = rng.normal(0.2, 1, size=(n, q))
    t2 = n * x.mean(axis=0) @ np.linalg.inv(np.cov(x.T)) @ x.mean(axis=0)
    test = wald(x.mean(axis=0), np.cov(x.T) / n, n - 1)
    assert test.statistic == pytest.approx(t2 * (n - q) / ((n - 1) * q), rel=EXACT)
    assert test.p_value == pytest.approx(stats.f.sf(t2 * (n - q) / ((n - 1) * q), q, n - q), rel=EXACT)


def test_it_holds_its_level_with_few_degrees_of_freedom() -> None:
    """5 % of 4,000 samples of 6 with 4 restrictions; W / q on (q, d) would reject three in four of them."""
    rng, rejected = np.random.default_rng(2), 0
    for _ in range(4000):
        x = rng.normal(size=(6, 4))
        rejected += wald(x.mean(axis=0), np.cov(x.T) / 6, 5).p_value < 0.05
    assert 150 <= rejected <= 250  # 200 expected, standard deviation 14


@pytest.mark.parametrize("d", [1, 2, 3])
def test_more_restrictions_than_degrees_of_freedom_are_not_tested(d: int) -> None:
    rng = np.random.default_rng(3)
    for q in range(1, 6):
        test = wald(rng.normal(size=q), _covariance(rng, q), d)
        assert np.isfinite(test.statistic) == np.isfinite(test.p_value) == (q <= d)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_a_singular_covariance_is_not_tested_in_any_unit(scale: float) -> None:
    rng = np.random.default_rng(4)
    root = rng.normal(size=(4, 3))
    units = np.array([1.0, scale, 1.0, 1 / scale])
    lacking, whole = root @ root.T * np.outer(units, units), _covariance(rng, 4) * np.outer(units, units)
    assert not regular(lacking) and regular(whole)
    assert np.isnan(wald(rng.normal(size=4), lacking, 50).statistic)
    wanted = wald(np.ones(4), whole / np.outer(units, units), 50)
    assert wald(units, whole, 50).statistic == pytest.approx(wanted.statistic, rel=1e-7)


def test_nothing_to_test_and_unknown_numbers() -> None:
    assert np.isnan(wald(np.zeros(0), np.zeros((0, 0)), 9).statistic)
    assert np.isnan(wald(np.ones(2), np.diag([1.0, 0.0]), 9).statistic)
    assert np.isnan(wald(np.ones(2), np.diag([1.0, np.nan]), 9).statistic)
    assert np.isnan(wald(np.ones(2), np.eye(2), 0).statistic) and np.isnan(wald(np.ones(2), np.eye(2), np.nan).p_value)
    assert np.isnan(UNDEFINED.statistic)


def test_infinite_degrees_of_freedom_are_chi_square() -> None:
    x, v = np.array([1.0, 2.0]), np.array([[1.0, 0.3], [0.3, 2.0]])
    test = wald(x, v, np.inf)
    chi = float(x @ np.linalg.inv(v) @ x)
    assert test.statistic == pytest.approx(chi / 2, rel=EXACT)
    assert test.p_value == pytest.approx(stats.chi2.sf(chi, 2), rel=EXACT)
    assert wald(x, v, 1e9).p_value == pytest.approx(test.p_value, rel=1e-6)


@pytest.mark.parametrize("units", [3, 4, 6])
def test_rao_scott_at_few_sampling_units_is_rs_formula(units: int) -> None:
    """svychisq(statistic="F"): X2 / tr(D) against F on tr(D)^2 / tr(D^2) and that times the design's df."""
    rng = np.random.default_rng(units)
    counts = rng.integers(3, 20, size=(units, 6)).astype(float)
    weights = counts / counts.sum()
    p = weights.sum(axis=0).reshape(3, 2)
    z = weights - weights.sum(axis=1, keepdims=True) * p.ravel()  # influence of the shares, by unit
    covariance = units / (units - 1) * (z - z.mean(axis=0)).T @ (z - z.mean(axis=0))
    n = counts.sum()
    row, column = np.repeat(np.arange(3), 2), np.tile(np.arange(2), 3)
    x1 = np.column_stack([np.ones(6), row == 1, row == 2, column == 1]).astype(float)
    x12 = np.column_stack([(row == 1) & (column == 1), (row == 2) & (column == 1)]).astype(float)
    expected = np.outer(p.sum(axis=1), p.sum(axis=0)).ravel()
    contrasts = x12 - x1 @ np.linalg.lstsq(x1, x12, rcond=None)[0]
    scaled = contrasts / p.ravel()[:, None]
    delta = np.linalg.solve(contrasts.T @ scaled / n, scaled.T @ covariance @ scaled)
    x2 = n * ((p.ravel() - expected) ** 2 / expected).sum()
    trace, square = np.trace(delta), np.trace(delta @ delta)
    test = independence.rao_scott(p, covariance, n, units - 1, second_order=True)
    assert test.df == pytest.approx(trace**2 / square, rel=1e-6)
    assert test.df_denominator == pytest.approx((units - 1) * trace**2 / square, rel=1e-6)
    assert test.statistic == pytest.approx(x2 / trace, rel=1e-6)
    assert test.p_value == pytest.approx(stats.f.sf(x2 / trace, test.df, test.df_denominator), rel=1e-9)
    first = independence.rao_scott(p, covariance, n, units - 1, second_order=False)
    assert first.p_value == pytest.approx(stats.chi2.sf(x2 / (trace / 2), 2), rel=1e-6)
    assert test.df <= units - 1 + 1e-9  # no more directions than the covariance has

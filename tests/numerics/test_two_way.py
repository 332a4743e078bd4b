"""Proves the tests of independence: multinomial samples give the classical ones, and the slopes are derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from llo_research.numerics import two_way
from llo_research.numerics.wald import wald

CLOSE = 1e-9  # relative; eigenvalues of small matrices
# Central differences with a relative step of 1e-6: 1e-12 from the third derivative, 1e-10 from rounding.
STEP, NUMERICAL = 1e-6, 1e-7


def _shares(r: int, c: int, seed: int = 1) -> np.ndarray:
    table = np.random.default_rng(seed).uniform(1, 5, (r, c))
    return table / table.sum()


def _multinomial(shares: np.ndarray, n: float) -> np.ndarray:
    p = shares.ravel()
    return (np.diag(p) - np.outer(p, p)) / n


@pytest.mark.parametrize(("r", "c"), [(2, 2), (2, 4), (3, 3), (4, 3)])
def test_pearsons_statistic_is_scipys(r: int, c: int) -> None:
    counts = np.random.default_rng(r * c).integers(5, 60, (r, c))
    wanted = stats.chi2_contingency(counts, correction=False)
    assert two_way.pearson(counts / counts.sum(), counts.sum()) == pytest.approx(wanted.statistic, rel=CLOSE)


@pytest.mark.parametrize(("r", "c"), [(2, 2), (2, 4), (3, 3), (4, 3)])
@pytest.mark.parametrize("deff", [1.0, 1.7])
def test_a_multinomial_sample_has_design_effects_of_one(r: int, c: int, deff: float) -> None:
    shares, n = _shares(r, c), 250.0
    effects = two_way.design_effects(shares, deff * _multinomial(shares, n), n)
    assert effects == pytest.approx([deff] * ((r - 1) * (c - 1)), rel=CLOSE)


@pytest.mark.parametrize("deff", [1.0, 1.7])
def test_equal_design_effects_divide_the_classical_statistic(deff: float) -> None:
    shares, n, k, df = _shares(3, 4), 250.0, 6, 40.0
    covariance, x2 = deff * _multinomial(shares, n), two_way.pearson(shares, n)
    first = two_way.rao_scott(shares, covariance, n, df, second_order=False)
    assert (first.statistic, first.df, first.df_denominator) == (pytest.approx(x2, rel=CLOSE), k, np.inf)
    assert first.p_value == pytest.approx(stats.chi2.sf(x2 / deff, k), rel=CLOSE)
    second = two_way.rao_scott(shares, covariance, n, df, second_order=True)
    assert second.statistic == pytest.approx(x2 / deff / k, rel=CLOSE)
    assert (second.df, second.df_denominator) == (pytest.approx(k, rel=CLOSE), pytest.approx(k * df, rel=CLOSE))
    assert second.p_value == pytest.approx(stats.f.sf(x2 / deff / k, k, k * df), rel=CLOSE)
    assert first.deff == second.deff == pytest.approx(deff, rel=CLOSE)


def test_empty_cells_enter_neither_covariance() -> None:
    """One of nine leaves all four directions; three that are left know two."""
    shares = _shares(3, 3)
    shares[0, 0] = 0.0
    shares /= shares.sum()
    assert two_way.design_effects(shares, _multinomial(shares, 100.0), 100.0) == pytest.approx([1.0] * 4, rel=CLOSE)
    diagonal = np.diag([0.2, 0.3, 0.5])
    effects = two_way.design_effects(diagonal, _multinomial(diagonal, 100.0), 100.0)
    assert len(effects) == 4 and np.isnan(effects).all()
    outcome = two_way.rao_scott(diagonal, _multinomial(diagonal, 100.0), 100.0, 20.0, second_order=True)
    assert np.isnan([outcome.statistic, outcome.p_value]).all()


def test_nothing_is_tested_without_degrees_of_freedom_or_variance() -> None:
    shares, n = _shares(2, 3), 100.0
    none = two_way.rao_scott(shares, 0 * _multinomial(shares, n), n, 10.0, second_order=True)
    assert np.isnan([none.statistic, none.p_value]).all()
    for df in (0.0, -1.0, np.nan):
        without = two_way.rao_scott(shares, _multinomial(shares, n), n, df, second_order=True)
        assert np.isnan([without.statistic, without.p_value]).all() and without.df == pytest.approx(2.0, rel=CLOSE)


@pytest.mark.parametrize(("r", "c"), [(2, 2), (2, 3), (4, 3)])
def test_the_wald_test_is_that_of_differences_from_independence(r: int, c: int) -> None:
    """With slopes by numerical differentiation."""
    rng = np.random.default_rng(r + c)
    totals = rng.uniform(100, 400, (r, c))
    root = rng.normal(size=(r * c, r * c + 4)) * 10
    covariance = root @ root.T

    def difference(cells: np.ndarray) -> np.ndarray:
        table = cells.reshape(r, c)
        return (table - np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum())[:-1, :-1].ravel()

    at = totals.ravel()
    moves = STEP * np.diag(at)
    slopes = np.column_stack([(difference(at + m) - difference(at - m)) / (2 * m.sum()) for m in moves])
    wanted = wald(difference(at), slopes @ covariance @ slopes.T, 30.0)
    found = two_way.wald(totals, covariance, 30.0)
    assert found.statistic == pytest.approx(wanted.statistic, rel=NUMERICAL)
    assert (
        (found.df, found.df_denominator)
        == (wanted.df, wanted.df_denominator)
        == ((r - 1) * (c - 1), 30.0 - (r - 1) * (c - 1) + 1)
    )
    assert found.p_value == pytest.approx(wanted.p_value, rel=NUMERICAL)

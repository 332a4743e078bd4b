"""Proves critical values for joint intervals against known distributions, bounds, and invariance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import llo_research as llo
from llo_research.results.simultaneous import critical_values, pointwise
from tests.survey import samples

QUANTILE = 0.005  # relative error of a quantile from 2^15 points


def _critical(correlation: np.ndarray, df: float, level: float = 0.95) -> float:
    values = critical_values(correlation, np.full(len(correlation), float(df)), level)
    assert (values == values[0]).all()
    return float(values[0])


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("k", [2, 5, 20])
def test_independent_normal_estimates_have_sidaks_value(k: int, level: float) -> None:
    assert _critical(np.eye(k), 1e7, level) == pytest.approx(stats.norm.ppf((1 + level ** (1 / k)) / 2), rel=QUANTILE)


@pytest.mark.parametrize("df", [3, 10, 60])
def test_perfectly_dependent_estimates_have_the_pointwise_value(df: int) -> None:
    assert _critical(np.ones((4, 4)), df) == pytest.approx(stats.t.ppf(0.975, df), rel=QUANTILE)
    signs = np.outer([1, -1, 1, -1], [1, -1, 1, -1]).astype(float)
    assert _critical(signs, df) == pytest.approx(stats.t.ppf(0.975, df), rel=QUANTILE)


@pytest.mark.parametrize(("k", "df", "rho"), [(3, 10, 0.0), (5, 20, 0.0), (8, 60, 0.0), (3, 10, 0.5), (5, 20, 0.9)])
def test_against_a_large_simulation(k: int, df: int, rho: float) -> None:
    correlation = np.full((k, k), rho) + (1 - rho) * np.eye(k)
    rng = np.random.default_rng(1)
    normal = rng.multivariate_normal(np.zeros(k), correlation, 400_000)
    simulated = np.quantile(np.abs(normal).max(axis=1) / np.sqrt(rng.chisquare(df, 400_000) / df), 0.95)
    assert _critical(correlation, df) == pytest.approx(simulated, rel=0.008)


def test_values_lie_between_pointwise_and_sidak_and_do_not_depend_on_scale_or_order() -> None:
    rng = np.random.default_rng(2)
    for k in (2, 4, 9):
        root = rng.normal(size=(k, k))
        covariance = root @ root.T
        found = _critical(covariance, 12)
        sidak = stats.t.isf((1 - 0.95 ** (1 / k)) / 2, 12)
        assert stats.t.ppf(0.975, 12) <= found <= sidak
        scale = rng.uniform(0.01, 100, k)
        assert _critical(covariance * np.outer(scale, scale), 12) == pytest.approx(found, rel=1e-9)
        order = rng.permutation(k)
        assert _critical(covariance[np.ix_(order, order)], 12) == pytest.approx(found, rel=QUANTILE)


def test_the_same_input_gives_the_same_output() -> None:
    covariance = llo.mean("y", samples.survey(), by="education").covariance
    assert _critical(covariance, 9) == _critical(covariance, 9)


def test_shares_that_add_up_to_one() -> None:
    result = llo.share("education", samples.survey("clusters", 1), simultaneous=True)
    pointwise_result = llo.share("education", samples.survey("clusters", 1))
    assert result.critical[0] > pointwise_result.critical[0]
    low, high = result.ends
    narrow_low, narrow_high = pointwise_result.ends
    assert (low[:3] < narrow_low[:3]).all() and (high[:3] > narrow_high[:3]).all()


def test_rows_without_spread_or_df_do_not_count() -> None:
    covariance = np.diag([1.0, 0.0, 2.0, np.nan])
    two = _critical(np.eye(2), 9)
    assert critical_values(covariance, np.full(4, 9.0), 0.95)[0] == pytest.approx(two, rel=QUANTILE)
    values = critical_values(np.eye(3), np.array([9.0, 9.0, 0.0]), 0.95)
    assert values[:2] == pytest.approx([two, two], rel=QUANTILE)
    assert np.isnan(values[2])


def test_the_smallest_df_decides() -> None:
    values = critical_values(np.eye(2), np.array([4.0, 400.0]), 0.95)
    assert values == pytest.approx([_critical(np.eye(2), 4)] * 2, rel=1e-12)


def test_one_row_and_very_many_rows() -> None:
    assert critical_values(np.eye(1), np.array([7.0]), 0.95) == pytest.approx(pointwise(np.array([7.0]), 0.95))
    many = critical_values(np.eye(300), np.full(300, 50.0), 0.95)
    assert many[0] == pytest.approx(stats.t.isf((1 - 0.95 ** (1 / 300)) / 2, 50), rel=1e-12)


@pytest.mark.parametrize("call", ["mean", "total", "gap", "plausible", "share"])
def test_every_estimator_takes_the_option(call: str) -> None:
    svy = samples.survey("clusters", 2, places=8)
    calls = {
        "mean": lambda on: llo.mean("y", svy, by="education", simultaneous=on),
        "total": lambda on: llo.total("y", svy, by="education", simultaneous=on),
        "gap": lambda on: llo.gap("y", svy, group="older", of=True, minus=False, by="education", simultaneous=on),
        "plausible": lambda on: llo.mean("PV*", svy, by="education", plausible=True, simultaneous=on),
        "share": lambda on: llo.share("region", svy, by="education", simultaneous=on, interval="wilson"),
    }
    one, other = calls[call](False), calls[call](True)
    assert other.simultaneous is True and one.simultaneous is False
    assert llo.report.table(other, language="en").content.notes["interval"].startswith("CI: simultaneous 95%")
    assert llo.report.table(one, language="en").content.notes["interval"].startswith("CI: 95%")
    assert one.std_error.tolist() == other.std_error.tolist()
    assert (other.ends[0] < one.ends[0]).all() and (other.ends[1] > one.ends[1]).all()


def _permuted(covariance: np.ndarray, df: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The critical values with the rows in another order, put back."""
    out = np.empty(len(df))
    out[order] = critical_values(covariance[np.ix_(order, order)], df[order], 0.95)
    return out


STRUCTURES = {
    "any": lambda rng: (root := rng.normal(size=(7, 7))) @ root.T,
    "exchangeable": lambda rng: np.eye(6) + 0.4,
    "independent": lambda rng: np.eye(5),
    "pairs": lambda rng: np.kron(np.eye(3), [[1, 0.5], [0.5, 1]]),
    "a chain": lambda rng: np.eye(6) + 0.4 * (np.eye(6, k=1) + np.eye(6, k=-1)),
    "a ring": lambda rng: np.eye(6) + 0.4 * (np.roll(np.eye(6), 1, 0) + np.roll(np.eye(6), -1, 0)),
    "differences of all pairs": lambda rng: (
        (c := np.array([np.eye(5)[i] - np.eye(5)[j] for i in range(5) for j in range(i)]))
        @ np.diag([1.0, 2, 3, 4, 5])
        @ c.T
    ),
    "shares that add up": lambda rng: np.diag([0.2, 0.3, 0.5]) - np.outer([0.2, 0.3, 0.5], [0.2, 0.3, 0.5]),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_order_of_rows_does_not_matter(name: str) -> None:
    rng = np.random.default_rng(11)
    covariance = np.asarray(STRUCTURES[name](rng))
    k = len(covariance)
    df = rng.uniform(5, 50, k)
    wanted = critical_values(covariance, df, 0.95)
    for _ in range(6):
        assert _permuted(covariance, df, rng.permutation(k)) == pytest.approx(wanted, rel=1e-12)


def test_a_row_twice_counts_once() -> None:
    rng = np.random.default_rng(12)
    root = rng.normal(size=(4, 4))
    covariance, df = root @ root.T, np.full(4, 9.0)
    wanted = critical_values(covariance, df, 0.95)[0]
    twice, scale = np.array([0, 1, 1, 2, 3, 3, 0]), np.array([1, 1, -2, 1, 1, 1e6, 1e-6])
    repeated = covariance[np.ix_(twice, twice)] * np.outer(scale, scale)
    assert critical_values(repeated, np.full(7, 9.0), 0.95) == pytest.approx([wanted] * 7, rel=1e-12)
    single = critical_values(np.ones((3, 3)), np.full(3, 9.0), 0.95)
    assert single == pytest.approx([stats.t.isf(0.025, 9)] * 3, rel=1e-12)


def test_rows_that_vanish_but_for_rounding_have_no_part_in_it() -> None:
    covariance = np.diag([1.0, 1e-32, 2.0])
    without = critical_values(np.diag([1.0, 2.0]), np.full(2, 9.0), 0.95)[0]
    vanishing = np.array([False, True, False])
    assert critical_values(covariance, np.full(3, 9.0), 0.95, vanishing) == pytest.approx([without] * 3, rel=1e-12)
    assert critical_values(covariance, np.full(3, 9.0), 0.95)[0] > without


def test_rows_without_numbers_are_left_out() -> None:
    covariance = np.array([[1.0, 0.2, np.nan], [0.2, 1.0, np.nan], [np.nan, np.nan, np.nan]])
    two = critical_values(covariance[:2, :2], np.full(2, 9.0), 0.95)[0]
    values = critical_values(covariance, np.array([9.0, 9.0, np.nan]), 0.95)
    assert values[:2] == pytest.approx([two, two], rel=1e-12) and np.isnan(values[2])
    holes = np.array([[1.0, np.nan], [np.nan, 1.0]])  # nobody knows how they hang together: Sidak's bound
    sidak = stats.t.isf((1 - 0.95**0.5) / 2, 9)
    assert critical_values(holes, np.full(2, 9.0), 0.95) == pytest.approx([sidak] * 2, rel=1e-12)
    infinite = critical_values(np.eye(2), np.array([np.inf, np.inf]), 0.95)
    assert infinite == pytest.approx([stats.norm.ppf((1 + 0.95**0.5) / 2)] * 2, rel=QUANTILE)


def test_joint_intervals_of_cells_in_another_order() -> None:
    svy = samples.survey("clusters", 2, places=8)
    text = svy.assign(cell=lambda d: d["education"].astype(str), other=lambda d: d["education"].astype(str).str[::-1])
    one, two = (llo.mean(["y", "hours"], text, by=name, simultaneous=True) for name in ("cell", "other"))
    assert one.rows["cell"].tolist() != [label[::-1] for label in two.rows["other"]]
    assert one.critical[0] == pytest.approx(two.critical[0], rel=1e-9)

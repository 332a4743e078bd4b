"""Proves replicate factors by their defining properties: Hadamard matrices, balance, deleted units, rescaled draws."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics import replicate_factors as replication

STRATA = np.array([0, 0, 1, 1, 1, 2, 2, 2, 2])
SIZES = np.array([2.0, 3.0, 4.0])
FRACTIONS = np.array([0.0, 0.25, 0.6])


@pytest.mark.parametrize("at_least", range(1, 201))
def test_hadamard_matrices_are_orthogonal(at_least: int) -> None:
    matrix = replication.hadamard(at_least)
    order = len(matrix)
    assert order % 4 == 0 and at_least <= order < at_least + 12
    assert (np.abs(matrix) == 1).all()
    assert (matrix @ matrix.T == order * np.eye(order)).all()
    assert (matrix[:, 0] == 1).all()


@pytest.mark.parametrize("fay", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("n_strata", [1, 3, 7, 8, 30, 91])
def test_halves_are_in_full_orthogonal_balance(n_strata: int, fay: float) -> None:
    stratum = np.tile(np.arange(n_strata), 2)
    made = replication.balanced_halves(stratum, n_strata, fay)
    deviation = made.factors - 1
    same = stratum[:, None] == stratum[None, :]
    twin = np.where(np.eye(len(stratum), dtype=bool), 1.0, -1.0)
    wanted = np.where(same, twin, 0.0)
    spread = made.scale * deviation @ np.diag(made.rscales) @ deviation.T
    assert spread == pytest.approx(wanted, abs=1e-13)
    assert deviation.mean(axis=1) == pytest.approx(0.0, abs=1e-14)
    assert sorted(set(made.factors.ravel())) == pytest.approx([fay, 2 - fay])


def test_jackknife_without_strata_deletes_each_unit_once() -> None:
    made = replication.jackknife_1(5, 0.2)
    assert (made.factors == np.where(np.eye(5, dtype=bool), 0.0, 5 / 4)).all()
    assert made.scale == pytest.approx(0.8 * 4 / 5, rel=1e-15)


def test_jackknife_within_strata_leaves_other_strata_alone() -> None:
    made = replication.jackknife_n(STRATA, SIZES, FRACTIONS)
    assert made.factors.shape == (9, 9)
    for r in range(9):
        home = STRATA[r] == STRATA
        size = home.sum()
        assert made.factors[r, r] == 0
        assert (made.factors[~home, r] == 1).all()
        assert made.factors[home, r].sum() == pytest.approx(size, rel=1e-15)
        assert made.rscales[r] == pytest.approx((1 - FRACTIONS[STRATA[r]]) * (size - 1) / size, rel=1e-15)


def test_a_unit_alone_is_never_deleted() -> None:
    made = replication.jackknife_n(np.array([0, 1, 1]), np.array([1.0, 2.0]), np.zeros(2))
    assert made.factors.tolist() == [[1, 1], [0, 2], [2, 0]]


def _bootstrap(replicates: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    return replication.rescaled_bootstrap(STRATA, SIZES, FRACTIONS, replicates, np.random.default_rng(seed))


def test_bootstrap_draws_one_unit_less_in_each_stratum() -> None:
    factors, counts = _bootstrap(200)
    for h in range(3):
        home = h == STRATA
        assert (counts[home].sum(axis=0) == SIZES[h] - 1).all()
        assert factors[home].sum(axis=0) == pytest.approx(SIZES[h], rel=1e-14)
    root = np.sqrt(1 - FRACTIONS)[STRATA, None]
    blown_up = (SIZES / (SIZES - 1))[STRATA, None]
    assert factors == pytest.approx(1 - root + root * blown_up * counts, rel=1e-15)
    assert (factors >= 0).all()


def test_bootstrap_factors_have_the_moments_of_the_linear_case() -> None:
    """E a = 1; E (a_i - 1)(a_j - 1) = (1 - f)(1 if i = j else -1/(n - 1)) within a stratum, 0 across."""
    replicates = 200_000
    deviation = _bootstrap(replicates)[0] - 1
    same = STRATA[:, None] == STRATA[None, :]
    wanted = np.where(same, -1 / (SIZES - 1)[STRATA][:, None], 0.0)
    np.fill_diagonal(wanted, 1.0)
    wanted *= (1 - FRACTIONS)[STRATA][:, None]
    products = deviation @ deviation.T / replicates
    spread = np.sqrt((deviation**2 @ (deviation**2).T) / replicates - products**2)
    assert (np.abs(products - wanted) < 4.5 * spread / np.sqrt(replicates) + 1e-12).all()
    assert (np.abs(deviation.mean(axis=1)) < 4.5 * deviation.std(axis=1) / np.sqrt(replicates)).all()


def test_more_replicates_leave_the_first_ones_as_they_are() -> None:
    assert (_bootstrap(500)[0][:, :100] == _bootstrap(100)[0]).all()
    assert (_bootstrap(100)[0] != _bootstrap(100, seed=4)[0]).any()


def test_a_unit_alone_keeps_its_weight_in_the_bootstrap() -> None:
    rng = np.random.default_rng(1)
    factors, _ = replication.rescaled_bootstrap(np.array([0, 1, 1]), np.array([1.0, 2.0]), np.zeros(2), 20, rng)
    assert (factors[0] == 1).all()
    assert (factors[1:] != 1).all()


def test_contrasts_are_orthonormal_and_lie_where_replicates_do_not_differ() -> None:
    rng = np.random.default_rng(4)
    deviations, against, start = rng.normal(size=(6, 20)), np.ones((20, 1)), rng.normal(size=(20, 9))
    made = replication.contrasts(deviations.T @ deviations, against, start)
    assert made.T @ made == pytest.approx(np.eye(9), abs=1e-12)
    assert against.T @ made == pytest.approx(np.zeros((1, 9)), abs=1e-9)
    assert np.abs(deviations @ made).max() < 1e-3
    # Thirteen directions are free of both; the next ones have some of the deviations, and are orthonormal all the same.
    more = replication.contrasts(deviations.T @ deviations, against, rng.normal(size=(20, 19)))
    assert more.T @ more == pytest.approx(np.eye(19), abs=1e-9)
    assert np.abs(deviations @ more[:, :13]).max() < 1e-2 < np.abs(deviations @ more[:, 13:]).max()

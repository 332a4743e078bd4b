"""Proves that every route through the variance kernel gives the covariance of the plain formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.design import unit_sums
from llo_research.errors import DesignError
from tests.reference import oracle
from tests.survey import samples

CLOSE = 1e-11


def formula(z: np.ndarray, stratum: np.ndarray, unit: np.ndarray | None = None) -> np.ndarray:
    """sum_h n_h/(n_h-1) sum_i (z_hi - zbar_h)(z_hi - zbar_h)', with unit sums centred before they are squared."""
    total = np.zeros((z.shape[1], z.shape[1]))
    for h in np.unique(stratum):
        rows = stratum == h
        sums = z[rows] if unit is None else pd.DataFrame(z[rows]).groupby(unit[rows]).sum().to_numpy()
        deviation = sums - sums.mean(axis=0)
        total += len(sums) / (len(sums) - 1) * deviation.T @ deviation
    return total


def _frame(n: int, cells: int, strata: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "y": rng.normal(size=n),
            "x": rng.gamma(2, size=n),
            "w": rng.uniform(1, 5, n),
            "s": rng.permutation(np.arange(n) % strata),
            "p": rng.permutation(np.arange(n) // 4),
            "cell": rng.permutation(np.arange(n) % cells),
        }
    )


@pytest.mark.parametrize("cells", [1, 2, 40, 150])
@pytest.mark.parametrize("variables", [["y"], ["y", "x"], ["y", "x", "w", "s"]])
def test_the_moments_of_elements_are_the_formula(cells: int, variables: list[str]) -> None:
    frame = _frame(600, cells, 7)
    result = llo.mean(variables, llo.Survey(frame, weights="w", strata="s"), by="cell")
    wanted = formula(result.influence, frame["s"].to_numpy())
    assert np.abs(result.covariance - wanted).max() <= CLOSE * np.abs(wanted).max()


@pytest.mark.parametrize("cells", [1, 40])
def test_elements_and_units_of_one_row_are_the_same_design(cells: int) -> None:
    frame = _frame(600, cells, 7).assign(row=range(600))
    moments = llo.mean(["y", "x"], llo.Survey(frame, weights="w", strata="s"), by="cell")
    sums = llo.mean(["y", "x"], llo.Survey(frame, weights="w", strata="s", psu="row"), by="cell")
    assert np.abs(moments.covariance - sums.covariance).max() <= CLOSE * np.abs(sums.covariance).max()
    assert moments.df.tolist() == sums.df.tolist()


@pytest.mark.parametrize("offset", [1e6, 1e9])
@pytest.mark.parametrize("cells", [1, 5])
def test_totals_of_huge_numbers_keep_their_spread(offset: float, cells: int) -> None:
    frame = _frame(400, cells, 3).assign(w=2.0)
    frame["big"] = frame["y"] + offset
    svy = llo.Survey(frame, weights="w", strata="s")
    result = llo.total("big", svy, by="cell")
    wanted = formula(result.influence, frame["s"].to_numpy())
    # doubles of size `offset` hold the spread to 1e-16 * offset
    assert np.abs(result.covariance - wanted).max() <= (1e-12 + 1e-15 * offset) * np.abs(wanted).max()
    if cells == 1:
        small = llo.total("y", svy)
        assert result.std_error == pytest.approx(small.std_error, rel=1e-11 + 1e-15 * offset)


@pytest.mark.parametrize("piece", [1, 7, 50, 1000])
@pytest.mark.parametrize("psu", [None, "p"])
def test_the_size_of_the_pieces_does_not_matter(piece: int, psu: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = _frame(400, 3, 1)
    frame["s"] = frame["p"] % 5
    svy = llo.Survey(frame, weights="w", strata="s", psu=psu)
    whole = llo.joint({"m": llo.mean(["y", "x"], svy, by="cell"), "t": llo.total("y", svy)})
    monkeypatch.setattr(unit_sums, "_PIECE", piece)
    pieces = llo.joint({"m": llo.mean(["y", "x"], svy, by="cell"), "t": llo.total("y", svy)})
    assert np.abs(whole.covariance - pieces.covariance).max() <= CLOSE * np.abs(whole.covariance).max()
    unit = None if psu is None else frame["p"].to_numpy()
    wanted = formula(whole.influence, frame["s"].to_numpy(), unit)
    assert np.abs(pieces.covariance - wanted).max() <= CLOSE * np.abs(wanted).max()


def test_many_units_and_cells() -> None:
    rng = np.random.default_rng(4)
    n = 60_000
    frame = pd.DataFrame({"y": rng.normal(size=n), "w": rng.uniform(1, 3, n), "cell": rng.integers(0, 80, n)})
    frame["p"] = np.arange(n) // 2
    frame["s"] = frame["p"] % 50
    result = llo.mean("y", llo.Survey(frame, weights="w", strata="s", psu="p"), by="cell")
    wanted = formula(result.influence, frame["s"].to_numpy(), frame["p"].to_numpy())
    assert np.abs(result.covariance - wanted).max() <= CLOSE * np.abs(wanted).max()


LONELY = {"s0": 4, "s1": 1, "s2": 3, "s3": 1}


def _lonely(rule: str, **keywords: Any) -> llo.Survey:
    rng = np.random.default_rng(8)
    rows = [(s, p) for s, places in LONELY.items() for p in range(places) for _ in range(3)]
    frame = pd.DataFrame(rows, columns=["s", "p"])
    frame["y"], frame["w"] = rng.normal(5, 2, len(frame)), rng.uniform(1, 4, len(frame))
    return llo.Survey(frame, weights="w", strata="s", psu="p", lonely_psu=rule, **keywords)


@pytest.mark.parametrize("rule", ["remove", "certainty", "adjust", "average"])
@pytest.mark.parametrize("name", ["mean", "total"])
def test_lonely_units_by_their_rule(rule: str, name: str) -> None:
    svy = _lonely(rule)
    result = getattr(llo, name)("y", svy)
    frame = svy.frame
    units, strata = [frame["p"].tolist()], frame["s"].tolist()
    wanted = oracle.covariance(result.influence.tolist(), units=units, strata=strata, lonely=rule)
    assert result.covariance[0, 0] == pytest.approx(wanted[0][0], rel=1e-12)


def test_lonely_units_are_refused_by_default_and_named() -> None:
    svy = _lonely("error")
    with pytest.raises(DesignError, match="2 strata have a single sampling unit") as caught:
        llo.mean("y", svy)
    assert "s1, s3" in str(caught.value)
    assert any("s1, s3" in problem for problem in svy.describe().problems)


def test_a_stratum_sampled_completely_is_not_lonely() -> None:
    frame = _lonely("error").frame.assign(N=lambda d: d["s"].map(LONELY).astype(float))
    frame.loc[frame["s"].isin(["s0", "s2"]), "N"] += 4
    frame = frame.assign(N=frame["N"])
    result = llo.total("y", llo.Survey(frame, weights="w", strata="s", psu="p", fpc="N"))
    removed = llo.total("y", llo.Survey(frame, weights="w", strata="s", psu="p", fpc="N", lonely_psu="remove"))
    assert result.std_error == pytest.approx(removed.std_error, rel=1e-14)
    assert result.std_error[0] > 0


def test_a_domain_with_one_unit_in_a_stratum_is_not_lonely() -> None:
    svy = samples.survey("clusters", 3)
    domain = svy.where("stratum == 's0' & place == 1 | stratum != 's0'")
    assert np.isfinite(llo.mean("y", domain).std_error).all()


def test_counts_and_fractions_are_the_same_correction() -> None:
    frame = samples.people(2).assign(fraction=lambda d: 4 / d["places"])
    one = llo.mean("y", llo.Survey(frame, weights="w", strata="stratum", psu="place", fpc="places"))
    other = llo.mean("y", llo.Survey(frame, weights="w", strata="stratum", psu="place", fpc="fraction"))
    assert one.std_error == pytest.approx(other.std_error, rel=1e-14)


def test_fpc_gives_the_weights() -> None:
    frame = samples.people(2)
    svy = llo.Survey(frame, strata="stratum", psu=["place", "home"], fpc=["places", "homes"])
    wanted = frame["places"] / 4 * frame["homes"] / 3
    assert svy.weights.to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-14)


def test_a_census_has_no_sampling_error() -> None:
    frame = samples.people(2).assign(N=24.0)
    result = llo.mean("y", llo.Survey(frame, strata="stratum", fpc="N"))
    assert result.std_error.tolist() == [0.0]
    assert result.estimate[0] == pytest.approx(frame["y"].mean(), rel=1e-14)


def test_covariance_of_influence_from_outside() -> None:
    svy = samples.survey("clusters", 2)
    z = llo.mean(["y", "hours"], svy).influence
    assert svy.design.covariance(z[:, 0]).shape == (1, 1)
    assert svy.design.covariance(z) == pytest.approx(llo.mean(["y", "hours"], svy).covariance, rel=1e-12)


def test_pairs_of_blocks_equal_unit_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    n = 500
    frame = pd.DataFrame({"h": rng.integers(0, 4, n), "g": rng.integers(0, 6, n), "k": rng.integers(0, 5, n)})
    frame["y"], frame["x"], frame["w"] = rng.normal(3, 1, n), rng.normal(size=n), rng.uniform(1, 5, n)
    for shift in (0.0, 1e6):  # far from zero, moments would lose their digits
        svy = llo.Survey(frame.assign(y=frame["y"] + shift), weights="w", strata="h")
        parts = {"a": llo.mean(["y", "x"], svy, by="g"), "b": llo.total("y", svy, by="k"), "c": llo.mean("x", svy)}
        moments = llo.joint(parts).covariance
        with monkeypatch.context() as patch:
            patch.setattr("llo_research.design.kernel._FEW_TOGETHER", 10_000)
            sums = llo.joint(parts).covariance
        size = np.sqrt(np.diag(sums))
        assert np.all(np.abs(moments - sums) <= 1e-9 * np.outer(size, size))

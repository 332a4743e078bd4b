"""Proves correlations and covariances: definition, influence values, replicates, intervals, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import llo_research as llo
from tests.survey import samples

STEP = 1e-5  # relative; a central difference errs by its square, rounding by 1e-16 / STEP


def _plain(a: np.ndarray, b: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    """Correlation and covariance by hand."""
    a, b = a - np.average(a, weights=w), b - np.average(b, weights=w)
    together, n = np.average(a * b, weights=w), (w != 0).sum()
    spread = np.average(a**2, weights=w) * np.average(b**2, weights=w)
    return together / np.sqrt(spread), together * n / (n - 1)


def test_equal_weights_give_those_of_numpy() -> None:
    frame = samples.people(1).assign(w=0.7)
    frame = frame.assign(square=frame["y"] ** 2)
    names = ["y", "hours", "square"]
    svy = llo.Survey(frame, weights="w")
    r, c = llo.correlation(names, svy, by="region"), llo.covariance(names, svy, by="region")
    assert len(r.estimate) == 3 * frame["region"].nunique()
    for result, of in ((r, np.corrcoef), (c, np.cov)):
        for row in result.to_frame().itertuples():
            a, b = row.variable.split(":")
            here = frame[frame["region"] == row.region]
            assert row.estimate == pytest.approx(of(here[a], here[b])[0, 1], rel=1e-11)


def test_weights_and_the_variance_of_a_number_beside_itself() -> None:
    frame = samples.people(2).assign(again=lambda d: d["y"] * 3 + 1e6)
    svy = llo.Survey(frame, weights="w", strata="stratum")
    assert llo.correlation(["y", "hours"], svy).estimate[0] == pytest.approx(
        _plain(*(frame[n].to_numpy(float) for n in ("y", "hours", "w")))[0], rel=1e-12
    )
    alike = llo.covariance(["y", "again"], svy)
    variance = llo.variance("y", svy)
    assert alike.estimate[0] == pytest.approx(3 * variance.estimate[0], rel=1e-9)
    assert alike.std_error[0] == pytest.approx(3 * variance.std_error[0], rel=1e-8)
    same = llo.correlation(["y", "again"], svy)
    assert same.estimate[0] == pytest.approx(1, abs=1e-9) and same.std_error[0] < 1e-7


def test_a_shift_and_a_scale_change_no_correlation_and_a_turn_its_sign() -> None:
    frame = samples.people(2)
    svy = llo.Survey(frame.assign(far=-(frame["y"] * 1e3 + 1e6)), weights="w", strata="stratum")
    near, far = llo.correlation(["y", "hours"], svy), llo.correlation(["far", "hours"], svy)
    assert far.estimate[0] == pytest.approx(-near.estimate[0], rel=1e-8)
    assert far.std_error[0] == pytest.approx(near.std_error[0], rel=1e-7)
    turned = llo.correlation(["hours", "y"], svy)
    assert turned.estimate[0] == pytest.approx(near.estimate[0], rel=1e-13)


@pytest.mark.parametrize("what", ["correlation", "covariance"])
def test_influence_is_the_numerical_derivative(what: str) -> None:
    frame = samples.people(3, strata=2, places=3, size=4)

    def call(weights: np.ndarray) -> llo.Result:
        svy = llo.Survey(frame.assign(w=weights), weights="w")
        return getattr(llo, what)(["gappy", "hours", "y"], svy, by="region")

    w = frame["w"].to_numpy()
    numerical = np.array(
        [
            (call(w * (1 + STEP * (np.arange(len(w)) == i))).estimate)
            - (call(w * (1 - STEP * (np.arange(len(w)) == i))).estimate)
            for i in range(len(w))
        ]
    ) / (2 * STEP)
    assert np.abs(call(w).influence - numerical).max() <= 2e-8 * np.abs(numerical).max()


def test_a_correlation_is_the_contrast_of_covariances_and_variances() -> None:
    svy = samples.survey()
    r, c = llo.correlation(["y", "hours"], svy), llo.covariance(["y", "hours"], svy)
    both = llo.joint({"c": c, "v": llo.variance(["y", "hours"], svy)})
    again = both.contrast("c / sqrt(`v:y` * `v:hours`)")
    assert again.estimate[0] == pytest.approx(r.estimate[0], rel=1e-12)
    assert again.std_error[0] == pytest.approx(r.std_error[0], rel=1e-10)
    assert again.df.tolist() == r.df.tolist()


def test_replicates_are_the_correlations_at_each_set_of_weights() -> None:
    svy = samples.replicate_survey()
    names = ["y", "hours"]
    result, frame = llo.correlation(names, svy, by="region"), svy.frame
    plain = frame.drop(columns=[f"r{r + 1}" for r in range(12)])
    assert result.replicates is not None
    for r in range(12):
        again = llo.correlation(names, llo.Survey(plain.assign(w=frame[f"r{r + 1}"]), weights="w"), by="region")
        assert result.replicates[r] == pytest.approx(again.estimate, rel=1e-10)


def test_fishers_interval_of_a_simple_sample() -> None:
    frame = pd.DataFrame(
        np.random.default_rng(5).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 400), columns=["a", "b"]
    )
    result = llo.correlation(["a", "b"], llo.Survey(frame.assign(w=1.0), weights="w"))
    low, high = result.ends
    r, se = result.estimate[0], result.std_error[0]
    half = stats.t.isf(0.025, 399) * se / (1 - r**2)
    assert (low[0], high[0]) == pytest.approx((np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)), rel=1e-12)
    # of normal numbers the classical error is near: the sampling of a robust one at n = 400 is within a fifth
    assert se == pytest.approx((1 - r**2) / np.sqrt(399), rel=0.2)
    assert result.intervals == ("fisher",) and result.to_frame()["p_value"].iloc[0] < 1e-10
    assert llo.correlation(["a", "b"], llo.Survey(frame.assign(w=1.0), weights="w"), interval="wald").intervals == (
        "wald",
    )


@pytest.mark.slow
def test_intervals_hold_what_they_say() -> None:
    rng, hits, runs = np.random.default_rng(8), 0, 2000
    for _ in range(runs):
        shift = rng.normal(size=(60, 2)) @ np.linalg.cholesky([[0.3, 0.15], [0.15, 0.3]]).T
        inner = rng.normal(size=(60, 10, 2)) @ np.linalg.cholesky([[0.7, 0.25], [0.25, 0.7]]).T
        a, b = (shift[:, None, :] + inner).reshape(-1, 2).T
        frame = pd.DataFrame({"a": a, "b": b, "w": 1.0, "place": np.repeat(np.arange(60), 10)})
        low, high = llo.correlation(["a", "b"], llo.Survey(frame, weights="w", psu="place")).ends
        hits += low[0] <= 0.4 <= high[0]
    assert 0.935 <= hits / runs <= 0.965  # three Monte-Carlo errors of 0.0049 around 95 %


def test_cells_without_spread_have_no_correlation() -> None:
    frame = samples.people(4).assign(fixed=lambda d: np.where(d["region"] == d["region"].iloc[0], 3.0, d["y"]))
    result = llo.correlation(["fixed", "hours"], llo.Survey(frame, weights="w"), by="region").to_frame()
    none = result["region"] == frame["region"].iloc[0]
    assert result.loc[none, ["estimate", "std_error", "conf_low"]].isna().all(axis=None)
    assert result.loc[~none, ["estimate", "std_error", "conf_low"]].notna().all(axis=None)


def test_domains_conditions_and_files(tmp_path: Path) -> None:
    svy = samples.survey()
    region = svy.frame["region"].iloc[0]
    inside = llo.correlation(["y > 4", "hours"], svy.where(f"region == '{region}'"))
    by = llo.correlation(["y > 4", "hours"], svy, by="region").to_frame().set_index("region")
    assert inside.estimate[0] == pytest.approx(by.loc[region, "estimate"], rel=1e-12)
    assert inside.std_error[0] == pytest.approx(by.loc[region, "std_error"], rel=1e-10)
    inside.save(tmp_path / "r")
    pd.testing.assert_frame_equal(llo.read_result(tmp_path / "r.json").to_frame(), inside.to_frame())
    cells = llo.correlation(["y > 4", "hours"], svy, by="region").cells
    shares = llo.mean("y > 4", svy, by="region").cells
    assert (cells["n_complement"].to_numpy() <= shares["n_complement"].to_numpy()).all()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (["y"], "two variables"),
        ("y", "two variables"),
        (["y", "region"], "not a number"),
        (["y", "hourz"], "did you mean"),
    ],
)
def test_what_is_refused(variables: object, words: str) -> None:
    with pytest.raises(llo.DataError, match=words):
        llo.correlation(variables, samples.survey())  # type: ignore[arg-type]  # wrong on purpose

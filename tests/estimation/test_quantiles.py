"""Proves the rules and laws of quantiles, and that their covariance, intervals and flags say what they should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import llo_research as llo
from tests.survey import samples

EXACT = 1e-12
RULES = ["math", "school", *(f"hf{k}" for k in range(1, 10))]
INTERVALS = ["woodruff", "xlogit", "beta", "asin", "score"]
Q = [0.1, 0.25, 0.5, 0.8]
# numpy's names of the rules; hf3 is R's, not numpy's: see test_rule_hf3
NUMPY = {"hf1": "inverted_cdf", "hf2": "averaged_inverted_cdf", "hf4": "interpolated_inverted_cdf", "hf5": "hazen"}
NUMPY |= {"hf6": "weibull", "hf7": "linear", "hf8": "median_unbiased", "hf9": "normal_unbiased"}


def _tied(seed: int = 0) -> pd.DataFrame:
    frame = samples.people(seed)
    return frame.assign(tied=frame["hours"].round())


@pytest.mark.parametrize("rule", NUMPY)
@pytest.mark.parametrize("column", ["hours", "tied"])
def test_equal_weights_give_the_quantiles_of_numpy(rule: str, column: str) -> None:
    frame = _tied().assign(w=0.3)
    result = llo.quantile(column, llo.Survey(frame, weights="w"), q=Q, by="region", rule=rule).to_frame()
    for region, rows in result.groupby("region"):
        wanted = np.quantile(frame.loc[frame["region"] == region, column], Q, method=NUMPY[str(rule)])
        assert rows["estimate"].to_numpy() == pytest.approx(wanted, rel=EXACT)


def test_rule_hf3_takes_the_even_one_of_two_values() -> None:
    svy = llo.Survey(pd.DataFrame({"y": range(1, 11), "w": 1.0}), weights="w")
    assert llo.quantile("y", svy, q=[0.1, 0.2, 0.25, 0.3, 0.4], rule="hf3").estimate.tolist() == [2, 2, 3, 4, 4]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    values=st.lists(st.integers(0, 8), min_size=3, max_size=12),
    seed=st.integers(0, 1000),
    q=st.floats(0.02, 0.98),
)
def test_math_and_school_by_definition(values: list[int], seed: int, q: float) -> None:
    w = np.random.default_rng(seed).integers(0, 4, len(values)).astype(float)
    w[0] = 1.0
    x, shares = np.array(values, dtype=float), []
    points = np.unique(x[w > 0])
    shares = [w[x <= point].sum() / w.sum() for point in points]
    first = next(k for k, share in enumerate(shares) if share >= q - 1e-10)
    exact = abs(shares[first] - q) <= 1e-10 and first + 1 < len(points)
    svy = llo.Survey(pd.DataFrame({"x": x, "w": w}), weights="w")
    assert llo.quantile("x", svy, q=q).estimate[0] == points[first]
    wanted = (points[first] + points[first + 1]) / 2 if exact else points[first]
    assert llo.quantile("x", svy, q=q, rule="school").estimate[0] == pytest.approx(wanted, rel=EXACT)


@pytest.mark.parametrize("rule", RULES)
def test_laws_of_every_rule(rule: str) -> None:
    frame = _tied(3)
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place")
    grid = np.linspace(0.02, 0.98, 25).tolist()
    one = llo.quantile(["hours", "tied"], svy, q=grid, by="education", rule=rule)
    steps = np.diff(one.estimate.reshape(-1, len(grid)), axis=1)
    assert (steps >= -EXACT).all(), "monotone in q"
    for changed in (frame.sample(frac=1, random_state=4), frame.assign(w=frame["w"] * 1234.5)):
        other = llo.Survey(changed, weights="w", strata="stratum", psu="place")
        again = llo.quantile(["hours", "tied"], other, q=grid, by="education", rule=rule)
        assert one.estimate == pytest.approx(again.estimate, rel=EXACT)
        assert one.std_error == pytest.approx(again.std_error, rel=1e-9)
        assert np.array(one.ends) == pytest.approx(np.array(again.ends), rel=EXACT, nan_ok=True)


@pytest.mark.parametrize("interval", INTERVALS)
def test_an_increasing_change_of_scale_carries_estimates_and_ends_along(interval: str) -> None:
    frame = samples.people(5)
    svy = llo.Survey(frame.assign(cubed=frame["hours"] ** 3), weights="w", strata="stratum", psu="place")
    one, other = (llo.quantile(name, svy, q=Q, by="region", interval=interval) for name in ("hours", "cubed"))
    assert one.estimate**3 == pytest.approx(other.estimate, rel=EXACT)
    assert np.array(one.ends) ** 3 == pytest.approx(np.array(other.ends), rel=EXACT, nan_ok=True)


@pytest.mark.parametrize("rule", RULES[:5])
def test_a_record_split_in_two_changes_nothing(rule: str) -> None:
    frame = _tied(6).assign(id=lambda d: d["person"])
    twice = pd.concat([frame, frame.iloc[:20]], ignore_index=True)
    twice.loc[twice["id"].isin(frame["id"][:20]), "w"] /= 2
    results = [llo.quantile("tied", llo.Survey(f, weights="w", psu="id"), q=Q, rule=rule) for f in (frame, twice)]
    assert results[0].estimate == pytest.approx(results[1].estimate, rel=EXACT)
    assert results[0].std_error == pytest.approx(results[1].std_error, rel=1e-9)


@pytest.mark.parametrize("design", samples.DESIGNS)
@pytest.mark.parametrize("interval", INTERVALS)
def test_cells_are_domains(interval: str, design: str) -> None:
    svy = samples.survey(design, 7)
    cells = llo.quantile("hours", svy, q=Q, by="region", interval=interval)
    for number, region in enumerate(["north", "south"]):
        alone = llo.quantile("hours", svy.where(f"region == '{region}'"), q=Q, interval=interval)
        rows = slice(number * 4, number * 4 + 4)
        for name in ("estimate", "std_error", "df"):
            assert getattr(cells, name)[rows] == pytest.approx(getattr(alone, name), rel=1e-10)
        assert np.array(cells.ends)[:, rows] == pytest.approx(np.array(alone.ends), rel=1e-10, nan_ok=True)


def test_ends_stand_where_the_interval_of_the_share_ends() -> None:
    svy = samples.survey("clusters", 8)
    result = llo.quantile("hours", svy, q=0.5, level=0.9)
    below = llo.share("below", svy.assign(below=lambda d: d["hours"] <= result.estimate[0]), interval="wald", level=0.9)
    low, high = (float(end[1]) for end in below.ends)
    ends = llo.quantile("hours", svy, q=[low, high]).estimate
    assert [float(end[0]) for end in result.ends] == ends.tolist()
    assert result.std_error[0] == pytest.approx((ends[1] - ends[0]) / (2 * result.critical[0]), rel=1e-12)


def test_covariance_has_the_variances_of_the_intervals_and_the_correlations_of_the_shares() -> None:
    svy = samples.survey("clusters", 9)
    result = llo.quantile("hours", svy, q=[0.25, 0.5, 0.75])
    width = (result.ends[1] - result.ends[0]) / (2 * result.critical)
    assert result.std_error == pytest.approx(width, rel=1e-12)
    cuts = {f"i{k}": (svy.frame["hours"] <= cut).to_numpy() * 1.0 for k, cut in enumerate(result.estimate)}
    shares = llo.mean(list(cuts), svy.assign(**cuts))
    scale = np.outer(shares.std_error, shares.std_error)
    own = result.covariance / np.outer(result.std_error, result.std_error)
    assert own == pytest.approx(shares.covariance / scale, rel=1e-10)
    assert svy.design.covariance(result.influence) == pytest.approx(result.covariance, rel=1e-10)
    difference = result.contrast({"0.75": 1, "0.25": -1})
    wanted = np.sqrt(np.array([1, -1]) @ result.covariance[np.ix_([2, 0], [2, 0])] @ np.array([1, -1]))
    assert difference.std_error[0] == pytest.approx(wanted, rel=1e-12)


def test_joint_with_a_mean_and_with_another_quantile() -> None:
    svy = samples.survey("clusters", 10)
    first, second = (llo.quantile(name, svy, q=0.5) for name in ("hours", "y"))
    both = llo.joint({"hours": first, "y": second})
    assert both.std_error == pytest.approx(np.concatenate([first.std_error, second.std_error]), rel=1e-12)
    assert np.array(both.ends).T.tolist() == [[e[0] for e in first.ends], [e[0] for e in second.ends]]
    mixed = llo.joint({"median": first, "mean": llo.mean("hours", svy)})
    half = mixed.critical[0] * mixed.std_error[0]
    assert mixed.ends[1][0] - mixed.ends[0][0] == pytest.approx(2 * half, rel=1e-12)


def test_simultaneous_intervals_hold_more_and_leave_the_standard_errors() -> None:
    svy = samples.survey("clusters", 11)
    one = llo.quantile("hours", svy, q=[0.3, 0.5, 0.7], by="region")
    both = llo.quantile("hours", svy, q=[0.3, 0.5, 0.7], by="region", simultaneous=True)
    assert both.std_error.tolist() == one.std_error.tolist()
    assert both.critical[0] > one.critical[0]
    assert (both.ends[0] <= one.ends[0]).all() or np.isnan(both.ends[0]).any()
    assert np.nanmax(both.ends[1] - both.ends[0]) > np.nanmax(one.ends[1] - one.ends[0])


def test_ends_outside_the_data_are_missing_and_flagged() -> None:
    frame = samples.people(12)
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place")
    frame = llo.quantile("hours", svy, q=[0.01, 0.5, 0.99]).to_frame()
    assert frame["conf_low"].isna().tolist() == [True, False, False] or frame["conf_low"].isna()[0]
    assert frame["conf_high"].isna().tolist()[1] is False
    assert "open_interval" in frame["flag"][0]
    assert frame["flag"][1] == "low_df"
    assert (frame["std_error"][:2] > 0).all()


def test_replicates_give_the_quantile_at_each_set_of_weights() -> None:
    svy = samples.replicate_survey()
    result = llo.quantile("hours", svy, q=Q, by="region")
    frame = svy.frame
    for r in range(12):
        again = llo.Survey(
            frame.drop(columns=[f"r{k + 1}" for k in range(12)]).assign(w=frame[f"r{r + 1}"]), weights="w"
        )
        wanted = llo.quantile("hours", again, q=Q, by="region").estimate
        assert result.replicates[r] == pytest.approx(wanted, rel=EXACT)
    assert result.interval == "replicate"
    deviation = result.replicates - result.estimate
    assert result.std_error == pytest.approx(np.sqrt((deviation**2).sum(axis=0) / 11), rel=1e-12)


def test_woodruff_on_replicates_takes_the_variance_of_the_share() -> None:
    svy = samples.replicate_survey()
    result = llo.quantile("hours", svy, q=[0.3, 0.6], interval="mean")
    below = svy.assign(a=lambda d: d["hours"] <= result.estimate[0], b=lambda d: d["hours"] <= result.estimate[1])
    shares = llo.mean(["a", "b"], below)
    half = shares.critical * shares.std_error
    ends = [llo.quantile("hours", svy, q=list(shares.estimate + sign * half)).estimate for sign in (-1, 1)]
    assert [end.tolist() for end in result.ends] == [end.tolist() for end in ends]
    assert result.std_error == pytest.approx((ends[1] - ends[0]) / (2 * result.critical), rel=1e-12)
    one = result.contrast({"0.3": 1.0})
    assert one.std_error[0] == pytest.approx(result.std_error[0], rel=1e-12)


def test_jackknives_are_flagged() -> None:
    svy = samples.replicate_survey(replicate_method="jk1")
    assert "jackknife" in llo.quantile("hours", svy, q=0.5).to_frame()["flag"][0]
    assert "jackknife" not in llo.quantile("hours", svy, q=0.5, interval="mean").to_frame()["flag"][0]


@pytest.mark.parametrize("seed", range(3))
def test_linearised_and_bootstrap_standard_errors_agree(seed: int) -> None:
    svy = samples.survey("clusters", seed, strata=4, places=30, size=8)
    boot = llo.replicate(svy, "bootstrap", replicates=400, seed=seed)
    one = llo.quantile("hours", svy, q=[0.25, 0.5, 0.75]).std_error
    other = llo.quantile("hours", boot, q=[0.25, 0.5, 0.75]).std_error
    assert one == pytest.approx(other, rel=0.35)  # both estimate; 400 replicates alone leave 4 %


def test_missing_values_and_several_variables() -> None:
    svy = samples.survey("clusters", 13)
    omitted = llo.quantile(["gappy", "hours"], svy, q=0.5)
    known = svy.where("notna(gappy)")
    assert omitted.estimate.tolist() == llo.quantile(["gappy", "hours"], known, q=0.5).estimate.tolist()
    assert omitted.meta["left_out"] == {"gappy": int(svy.frame["gappy"].isna().sum())}
    available = llo.quantile(["gappy", "hours"], svy, q=0.5, missing="available")
    assert available.estimate[1] == llo.quantile("hours", svy, q=0.5).estimate[0]
    assert available.n.tolist() == [int(svy.frame["gappy"].notna().sum()), len(svy)]
    with pytest.raises(llo.DataError, match="missing values"):
        llo.quantile("gappy", svy, q=0.5, missing="raise")


def test_rows_labels_and_frame() -> None:
    svy = samples.survey("clusters", 14)
    result = llo.quantile(["hours", "y"], svy, q=[0.25, 0.5], by="region")
    assert list(result.to_frame())[:4] == ["region", "variable", "quantile", "estimate"]
    assert result.labels[:4] == ("hours:0.25:north", "hours:0.5:north", "y:0.25:north", "y:0.5:north")
    assert llo.quantile("hours", svy, q=0.5).labels == ("hours",)
    assert llo.quantile("hours", svy, q=[0.25, 0.5]).labels == ("0.25", "0.5")
    assert result.influence.shape == (len(svy), 8)
    assert (result.cells["largest_share"] <= 1).all()


def test_saved_and_read_again(tmp_path: Path) -> None:
    result = llo.quantile("hours", samples.survey("clusters", 15), q=[0.01, 0.5], interval="beta")
    again = llo.read_result(result.save(tmp_path / "medians"))
    pd.testing.assert_frame_equal(again.to_frame(), result.to_frame(), check_dtype=False)


def test_people_without_weight_and_constant_numbers() -> None:
    frame = samples.people(16).assign(one=1.0)
    frame.loc[:10, "w"] = 0.0
    svy = llo.Survey(frame, weights="w")
    without = llo.Survey(frame[frame["w"] > 0], weights="w")
    assert llo.quantile("hours", svy, q=Q).estimate.tolist() == llo.quantile("hours", without, q=Q).estimate.tolist()
    constant = llo.quantile("one", svy, q=0.5).to_frame().iloc[0]
    assert (constant["estimate"], constant["std_error"], constant["flag"]) == (1.0, 0.0, "zero_se")
    empty = llo.quantile("hours", svy.assign(never=np.arange(len(svy)) < 5), q=0.5, by="never").to_frame()
    assert empty["flag"].tolist()[1] == "empty"
    assert np.isnan(empty["estimate"][1])


@pytest.mark.parametrize("q", [0, 1, 50, -0.1, float("nan"), "median", [], [0.5, 2], True, None, [0.5, 0.5]])
def test_probabilities_that_are_none(q: Any) -> None:
    with pytest.raises(llo.DataError, match=r"strictly between 0 and 1|given twice"):
        llo.quantile("hours", samples.survey(), q=q)


def test_other_bad_input() -> None:
    svy = samples.survey()
    with pytest.raises(llo.DataError, match="not a number"):
        llo.quantile("education", svy, q=0.5)
    with pytest.raises(llo.DataError, match="rule has no option 'hf10'"):
        llo.quantile("hours", svy, q=0.5, rule="hf10")
    with pytest.raises(llo.DataError, match="interval has no option 'wilson'"):
        llo.quantile("hours", svy, q=0.5, interval="wilson")
    with pytest.raises(llo.DesignError, match="no replicate weights"):
        llo.quantile("hours", svy, q=0.5, interval="replicate")
    with pytest.raises(llo.DataError, match="level is a probability"):
        llo.quantile("hours", svy, q=0.5, level=95)
    with pytest.raises(llo.DataError, match="no column"):
        llo.quantile("hour", svy, q=0.5)


@pytest.mark.parametrize(("design", "seed"), [("clusters", 0), ("elements", 1), ("psu", 2), ("clusters", 5)])
def test_the_score_interval_is_every_value_that_a_test_does_not_reject(design: str, seed: int) -> None:
    svy = llo.Survey(_tied(seed), weights="w", **samples.DESIGNS[design])
    q = [0.02, 0.3, 0.5, 0.97]
    table = llo.quantile("tied", svy, q=q, by="region", interval="score", level=0.9).to_frame()
    for row in table.itertuples():
        part = svy.where(f"region == '{row.region}'")
        values = np.unique(svy.frame["tied"][svy.frame["region"] == row.region])
        gap, margin = [], []
        for value in values:
            below = llo.mean("below", part.assign(below=lambda d, v=value: d["tied"] <= v))
            gap.append(below.estimate[0] - row.quantile)
            margin.append(stats.t.isf(0.05, below.df[0]) * below.std_error[0])
        kept = np.abs(gap) <= margin
        first, last = np.searchsorted(values, [row.conf_low, row.conf_high])
        # it begins with a value that is kept after one that is too low, and ends with the first that is too high
        assert kept[first] or first == last
        assert first == 0 or gap[first - 1] < -margin[first - 1]
        assert gap[last] > margin[last] and not (gap[last - 1] > margin[last - 1] and last > first)
        if kept.sum() and (np.diff(np.flatnonzero(kept)) == 1).all():
            # the share below is level up to the next value
            assert (row.conf_low, row.conf_high) == (values[kept][0], values[np.flatnonzero(kept)[-1] + 1])
        assert row.std_error == pytest.approx((row.conf_high - row.conf_low) / 2 / stats.t.isf(0.05, row.df), abs=1e-12)


def test_a_score_interval_does_not_depend_on_the_company() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.integers(0, 8, 30).astype(float), "w": rng.gamma(3, 1, 30), "c": rng.integers(0, 8, 30)}
    )
    svy = llo.Survey(frame, weights="w", psu="c")
    q = [0.02, 0.3, 0.5, 0.97]
    together = llo.quantile("x", svy, q=q, interval="score").to_frame()
    for row, probability in zip(together.itertuples(), q, strict=True):
        alone = llo.quantile("x", svy, q=probability, interval="score").to_frame().iloc[0]
        assert (row.conf_low, row.conf_high, row.std_error) == (alone.conf_low, alone.conf_high, alone.std_error)


def test_a_score_interval_ends_at_the_next_value() -> None:
    frame = pd.DataFrame({"y": np.repeat([2.0, 3, 4, 5], [30, 21, 19, 30]), "w": 10.0})
    row = llo.quantile("y", llo.Survey(frame, weights="w"), q=0.5, interval="score").to_frame().iloc[0]
    assert (row["conf_low"], row["conf_high"]) == (3, 4)
    assert row["std_error"] == pytest.approx(0.5 / stats.t.isf(0.025, 99), rel=1e-12)
    # far from every probability but at one jump, the quantile is that value for certain
    sure = pd.DataFrame({"y": np.repeat([2.0, 3, 4], [2000, 6000, 2000]), "w": 1.0})
    row = llo.quantile("y", llo.Survey(sure, weights="w"), q=0.5, interval="score").to_frame().iloc[0]
    assert (row["conf_low"], row["conf_high"], row["std_error"]) == (3, 3, 0)


@pytest.mark.parametrize(
    "q", [[np.float64(0.25), np.float32(0.5)], (0.25, 0.5), np.array([0.25, 0.5]), pd.Series([0.25, 0.5])]
)
def test_probabilities_of_any_sequence(q: object) -> None:
    svy = samples.survey()
    assert llo.quantile("y", svy, q=q).estimate.tolist() == llo.quantile("y", svy, q=[0.25, 0.5]).estimate.tolist()


@pytest.mark.parametrize("q", ["0.5", ["0.5"], None, {0.5}, [[0.5]], 0.5 + 0j, [True]])
def test_what_is_no_probability_is_refused(q: object) -> None:
    with pytest.raises(llo.DataError, match="strictly between 0 and 1"):
        llo.quantile("y", samples.survey(), q=q)

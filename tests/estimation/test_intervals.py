"""Proves each interval against its formula worked out here, its inversion of a test, and its behaviour at the edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

import llo_research as llo
from llo_research.errors import DataError
from llo_research.results import intervals
from tests.survey import samples

METHODS = ("logit", "wald", "beta", "wilson", "asin", "xlogit", "likelihood")


def _share(interval: str, level: float = 0.95, seed: int = 1) -> tuple[float, float, float, float, float, int]:
    """Estimate, standard error, df, both ends and n of the share of people with training."""
    row = llo.share("trained", samples.survey("clusters", seed), interval=interval, level=level).to_frame().iloc[1]
    return tuple(row[["estimate", "std_error", "df", "conf_low", "conf_high", "n"]])


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_wald_logit_and_asin_are_symmetric_on_their_scale(level: float) -> None:
    p, se, df, *_ = _share("wald")
    t = stats.t.ppf((1 + level) / 2, df)
    low, high = _share("wald", level)[3:5]
    assert (low, high) == pytest.approx((p - t * se, p + t * se), rel=1e-12)
    for name in ("logit", "xlogit"):
        low, high = _share(name, level)[3:5]
        ends = np.log(np.array([low, high]) / (1 - np.array([low, high])))
        centre, half = np.log(p / (1 - p)), t * se / (p * (1 - p))
        assert ends == pytest.approx([centre - half, centre + half], rel=1e-10)
    low, high = _share("asin", level)[3:5]
    half = t * se / (2 * np.sqrt(p * (1 - p)))
    ends = np.sin(np.clip(np.arcsin(np.sqrt(p)) + np.array([-half, half]), 0, np.pi / 2)) ** 2
    assert [low, high] == pytest.approx(ends, rel=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_beta_and_wilson_invert_a_binomial_test_at_the_effective_n(level: float) -> None:
    p, se, df, low, high, n = _share("beta", level)
    tail = (1 - level) / 2
    n_eff = p * (1 - p) / se**2 * (stats.t.ppf(1 - tail, n - 1) / stats.t.ppf(1 - tail, df)) ** 2
    x = p * n_eff
    # Clopper-Pearson: the shares at which x or more, x or fewer, have probability `tail`
    assert stats.beta.cdf(low, x, n_eff - x + 1) == pytest.approx(tail, rel=1e-9)
    assert stats.beta.sf(high, x + 1, n_eff - x) == pytest.approx(tail, rel=1e-9)
    low, high = _share("wilson", level)[3:5]
    # the score test inverted with Student's t, at the effective n as it comes (R 4.5)
    n_eff, t = p * (1 - p) / se**2, stats.t.ppf(1 - tail, df)
    for end in (low, high):
        assert abs(p - end) / np.sqrt(end * (1 - end) / n_eff) == pytest.approx(t, rel=1e-9)


def test_likelihood_ends_lie_at_the_scaled_quantile() -> None:
    p, se, df, low, high, n = _share("likelihood")

    def deviance(q: float) -> float:
        return 2 * n * (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))

    target = stats.t.ppf(0.975, df) ** 2 * se**2 / (p * (1 - p) / n) * n / (n - 1)
    exact = [optimize.brentq(lambda q: deviance(q) - target, 1e-9, p)]
    exact.append(optimize.brentq(lambda q: deviance(q) - target, p, 1 - 1e-9))
    # R interpolates its profile by a spline; so do we, to meet its numbers
    assert [low, high] == pytest.approx(exact, rel=2e-3)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(p=st.floats(0.01, 0.99), relative=st.floats(0.001, 0.5), df=st.integers(1, 500), n=st.integers(20, 5000))
def test_every_interval_holds_its_estimate_and_stays_in_the_unit_interval(
    p: float, relative: float, df: int, n: int
) -> None:
    se = relative * np.sqrt(p * (1 - p)) / 2
    one = np.ones(1)
    critical = np.array([stats.t.ppf(0.975, df)])
    evidence = intervals.Evidence(one * p, one * se, one * df, critical, one * n)
    wider = intervals.Evidence(one * p, one * se, one * df, critical * 1.2, one * n)
    mirrored = intervals.Evidence(one * (1 - p), one * se, one * df, critical, one * n)
    for name in METHODS:
        with np.errstate(all="ignore"):
            low, high = (float(e[0]) for e in intervals.ALL[name](evidence))
            far = [float(e[0]) for e in intervals.ALL[name](wider)]
            turned = [float(e[0]) for e in intervals.ALL[name](mirrored)]
        assert low <= p <= high, name
        assert far[0] <= low + 1e-12 and high <= far[1] + 1e-12, name
        assert turned == pytest.approx([1 - high, 1 - low], abs=1e-9), name
        if name != "wald":
            assert low >= 0 and high <= 1, name


@pytest.mark.parametrize("method", METHODS)
def test_at_zero_and_one_beta_takes_the_place_of_what_is_not_defined_there(method: str) -> None:
    frame = samples.people(1).assign(never=False, always=True)
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place")
    made = llo.share(["never", "always"], svy, interval=method)
    result = made.to_frame()
    assert set(made.intervals) == {method if method in ("wald", "beta", "wilson") else "beta"}
    assert made.interval == method
    assert result["estimate"].tolist() == pytest.approx([1, 0, 0, 1])
    if method == "wald":
        return
    assert all("boundary" in flag.split() for flag in result["flag"])
    if method == "wilson":
        t2 = stats.t.ppf(0.975, 9) ** 2
        assert result["conf_high"][1] == pytest.approx(t2 / (72 + t2), rel=1e-12)
        assert result["conf_low"][1] == pytest.approx(0, abs=1e-15)
    else:
        assert result["conf_high"][1] == pytest.approx(1 - 0.025 ** (1 / 72), rel=1e-9)
        assert result["conf_low"][0] == pytest.approx(0.025 ** (1 / 72), rel=1e-9)


def test_a_wald_interval_of_a_share_without_spread_says_that_nothing_varies() -> None:
    svy = samples.survey().assign(never=False)
    assert "zero_se" in llo.share("never", svy, interval="wald").flags[0]


def test_without_degrees_of_freedom_there_is_no_interval() -> None:
    frame = samples.people(1, strata=3, places=1)
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place", lonely_psu="adjust")
    for result in (llo.mean("y", svy), *(llo.share("trained", svy, interval=name) for name in METHODS)):
        table = result.to_frame()
        assert table["conf_low"].isna().all() and table["conf_high"].isna().all()
        assert all("no_df" in flag.split() for flag in table["flag"])


def test_few_degrees_of_freedom_are_flagged() -> None:
    assert llo.mean("y", samples.survey("clusters", places=4)).flags == ["low_df"]
    assert llo.mean("y", samples.survey("clusters", places=5)).flags == [""]


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_means_and_gaps_use_the_t_distribution(level: float) -> None:
    svy = samples.survey("clusters", 2)
    mean = llo.mean("y", svy, level=level).to_frame().iloc[0]
    t = stats.t.ppf((1 + level) / 2, mean["df"])
    assert mean["conf_high"] - mean["estimate"] == pytest.approx(t * mean["std_error"], rel=1e-12)
    gap = llo.gap("y", svy, group="education", of="high", minus="low", level=level).to_frame().iloc[0]
    t = stats.t.ppf((1 + level) / 2, gap["df"])
    assert gap["conf_high"] - gap["estimate"] == pytest.approx(t * gap["std_error"], rel=1e-12)
    assert gap["statistic"] == pytest.approx(gap["estimate"] / gap["std_error"], rel=1e-14)
    assert gap["p_value"] == pytest.approx(2 * stats.t.sf(abs(gap["statistic"]), gap["df"]), rel=1e-12)


@pytest.mark.parametrize("scale", ["ratio", "odds"])
def test_ratios_are_tested_against_one_on_the_log_scale(scale: str) -> None:
    gap = llo.gap(
        "trained", samples.survey("clusters", 2), group="education", of="high", minus="low", scale=scale
    ).to_frame()
    row = gap.iloc[0]
    half = stats.t.ppf(0.975, row["df"]) * row["std_error"] / row["estimate"]
    assert np.log(row[["conf_low", "conf_high"]].to_numpy(dtype=float)) == pytest.approx(
        [np.log(row["estimate"]) - half, np.log(row["estimate"]) + half], rel=1e-10
    )
    assert row["statistic"] == pytest.approx(np.log(row["estimate"]) / (row["std_error"] / row["estimate"]), rel=1e-12)
    assert (row["p_value"] < 0.05) == (not row["conf_low"] < 1 < row["conf_high"])


def test_design_effect_against_simple_random_sampling() -> None:
    frame = samples.people(4)
    row = llo.mean("y", llo.Survey(frame, weights="w", strata="stratum", psu="place")).to_frame().iloc[0]
    n, w = len(frame), frame["w"]
    mean = np.average(frame["y"], weights=w)
    s2 = np.average((frame["y"] - mean) ** 2, weights=w) * n / (n - 1)
    simple = s2 / n * (1 - n / w.sum())
    assert row["deff"] == pytest.approx(row["std_error"] ** 2 / simple, rel=1e-12)
    assert row["n_eff"] == pytest.approx(n / row["deff"], rel=1e-12)
    assert row["cv"] == pytest.approx(row["std_error"] / row["estimate"], rel=1e-12)
    proportional = frame.assign(w=w / w.mean())
    svy = llo.Survey(proportional, weights="w", strata="stratum", psu="place", weight_kind="proportional")
    replaced = llo.mean("y", svy).to_frame().iloc[0]
    assert replaced["deff"] == pytest.approx(replaced["std_error"] ** 2 / (s2 / n), rel=1e-12)


def test_equal_weights_and_no_design_have_no_design_effect() -> None:
    frame = samples.people(4).assign(w=50.0)
    svy = llo.Survey(frame.assign(N=72 * 50.0), weights="w", fpc="N")
    table = pd.concat([llo.mean("y", svy).to_frame(), llo.share("trained", svy).to_frame()])
    assert table["deff"].to_numpy() == pytest.approx(1.0, rel=1e-10)
    assert table["n_eff"].to_numpy() == pytest.approx(72, rel=1e-10)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, "0.95", None, float("nan")])
def test_a_level_is_a_probability(level: object) -> None:
    with pytest.raises(DataError, match="level is a probability"):
        llo.mean("y", samples.survey(), level=level)
    with pytest.raises(DataError, match="level is a probability"):
        llo.mean("y", samples.survey()).contrast({"y": 1}, level=level) if level is not None else llo.share(
            "trained", samples.survey(), level=level
        )


@pytest.mark.parametrize(
    ("share", "deff", "n", "df"), [(0.5, 227, 1000, 60), (0.03, 227, 5000, 200), (0.4, 1.5, 80, 1), (0.97, 40, 300, 3)]
)
def test_a_likelihood_interval_has_ends_at_any_design_effect(share: float, deff: float, n: int, df: int) -> None:
    one = np.ones(1)
    se, t = np.sqrt(deff * share * (1 - share) / n), stats.t.ppf(0.975, df)
    low, high = intervals.likelihood(intervals.Evidence(one * share, one * se, one * df, one * t, one * n))
    for end in (low[0], high[0]):
        ratio = share * np.log(share / end) + (1 - share) * (np.log1p(-share) - np.log1p(-end))
        assert 2 * (n - 1) * ratio == pytest.approx(t**2 * deff, rel=1e-5)
    assert 0 < low[0] < share < high[0] < 1


def test_an_estimate_outside_its_range_has_no_interval_and_says_so() -> None:
    frame = pd.DataFrame({"y": [1, 1, 1, 0], "w": [2.0, 2.0, 2.0, 1.0], "r1": [2, 2, 1, 1], "r2": [3, 1, 3, 1]})
    svy = llo.Survey(frame, weights="w", replicate_weights=["r1", "r2"], replicate_method="bootstrap")
    mean = llo.mean("y", svy)
    # as a calibrated weight below zero can give
    result = replace(mean, estimates=replace(mean.estimates, value=np.array([1.02])))
    assert result.to_frame()["conf_low"].isna().all() and "no_interval" in result.flags[0].split()


# -- which method a row has -------------------------------------------------------------------------------------------


def test_a_mean_of_zeros_and_ones_is_a_share() -> None:
    svy = samples.survey().assign(
        never=0, whole=lambda d: d["trained"].astype("Int64"), half=lambda d: d["trained"] / 2
    )
    for name in ("trained", "older", "whole"):
        mean, share = llo.mean(name, svy, by="region"), llo.share(name, svy, by="region")
        level = share.to_frame()["level"].isin([1, True])
        assert mean.interval == "logit"
        for column in ("conf_low", "conf_high"):
            assert mean.to_frame()[column].to_numpy() == pytest.approx(share.to_frame()[column][level], rel=1e-12)
    never = llo.mean("never", svy)
    assert never.intervals == ("beta",) and never.to_frame()["conf_low"][0] == 0
    assert never.to_frame()["conf_high"][0] == pytest.approx(1 - 0.025 ** (1 / 72), rel=1e-9)
    assert never.flags == ["boundary low_df"]
    for name in ("half", "hours"):
        assert llo.mean(name, svy).interval == "wald"
    wald = llo.mean("trained", svy, interval="wald").to_frame().iloc[0]
    assert wald["conf_high"] - wald["estimate"] == pytest.approx(stats.t.ppf(0.975, 9) * wald["std_error"], rel=1e-12)


def test_a_method_belongs_to_a_row() -> None:
    svy = samples.survey()
    mixed = llo.mean(["trained", "hours", "education"], svy, by="region")
    assert mixed.interval == ("logit", "wald", "logit", "logit", "logit", "logit") * 2
    for name in ("trained", "hours", "education"):
        alone = llo.mean(name, svy, by="region").to_frame()
        rows = mixed.to_frame()[mixed.to_frame()["variable"] == name]
        assert rows["conf_low"].to_numpy() == pytest.approx(alone["conf_low"].to_numpy(), rel=1e-12, nan_ok=True)
        assert rows["conf_high"].to_numpy() == pytest.approx(alone["conf_high"].to_numpy(), rel=1e-12, nan_ok=True)
    note = llo.report.table(mixed, language="en").content.notes["interval"]
    assert "logit or symmetric (Wald) or at 0 and 100% Korn-Graubard" in note


def test_a_method_of_shares_is_refused_for_other_means() -> None:
    with pytest.raises(DataError, match="'hours' is not a share"):
        llo.mean(["trained", "hours"], samples.survey(), interval="beta")
    with pytest.raises(DataError, match="interval has no option 'normal'"):
        llo.mean("trained", samples.survey(), interval="normal")


def test_no_interval_of_a_share_leaves_zero_to_one() -> None:
    svy = samples.survey("clusters", 3, places=3, size=4).assign(
        rare=lambda d: d.index == 5, common=lambda d: d.index != 5
    )
    results = [llo.mean(["rare", "common", "education"], svy, by="region", simultaneous=on) for on in (False, True)]
    results += [llo.share(["rare", "education"], svy, by="region", interval=m) for m in METHODS if m != "wald"]
    results += [llo.crosstab("region", "rare", svy), llo.mean("common", samples.survey().assign(common=True))]
    for result in results:
        table = result.to_frame()
        assert table["conf_low"].between(0, 1).all() and table["conf_high"].between(0, 1).all()
        assert (table["conf_low"] <= table["estimate"]).all() and (table["estimate"] <= table["conf_high"]).all()


@pytest.mark.parametrize("level", [np.float64(0.9), np.float32(0.5)])
def test_a_level_of_numpy_is_a_level(level: float) -> None:
    svy = samples.survey()
    assert llo.mean("y", svy, level=level).ends == llo.mean("y", svy, level=float(level)).ends
    assert isinstance(llo.mean("y", svy, level=level).level, float)

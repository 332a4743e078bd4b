"""Proves that the weight report tells what was done: steps, margins, largest weights, design effects, outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.weighting import samples
from tests.weighting.samples import margin


def _weighted(seed: int = 1, design: str = "strata") -> tuple[llo.Survey, list[llo.Survey]]:
    """A survey after four steps, and the surveys on the way."""
    base = samples.survey(seed, 200, design)
    answered = llo.adjust_nonresponse(base, "came", classes="education")
    totals = {"education": margin(base, "education"), "sex": margin(base, "sex")}
    calibrated = llo.calibrate(answered, totals)
    trimmed = llo.trim(calibrated, lower=60, upper=350)
    last = llo.calibrate(trimmed, totals)
    return last, [base, answered, calibrated, trimmed, last]


def test_steps() -> None:
    svy, stages = _weighted()
    steps = llo.weight_report(svy).steps
    assert steps["name"].tolist() == ["base weights", "nonresponse", "calibration", "trimming", "calibration"]
    for k, stage in enumerate(stages):
        w = stage.weights[stage.weights != 0]
        row = steps.iloc[k]
        assert (row["n"], row["weight_min"], row["weight_max"]) == (len(w), w.min(), w.max())
        assert row["weight_median"] == w.median() and row["sum_weights"] == pytest.approx(w.sum())
        assert row["deff_kish"] == pytest.approx(1 + w.var(ddof=0) / w.mean() ** 2)
        assert row["n_eff"] == pytest.approx(w.sum() ** 2 / (w**2).sum())
        if k:
            g = (stage.weights / stages[k - 1].weights)[stage.weights != 0]
            assert [row["g_min"], row["g_median"], row["g_max"]] == pytest.approx([g.min(), g.median(), g.max()])
    assert np.isnan(steps["g_min"].iloc[0])


def test_margins_before_after_target_and_now() -> None:
    """Every level stands there, also those that follow from the others, with what the weights of each moment give."""
    svy, stages = _weighted()
    margins = llo.weight_report(svy).margins
    assert len(margins) == 2 * 5 and margins["step"].unique().tolist() == [2, 4]
    for _, row in margins.iterrows():
        inside = svy.frame[row["margin"]] == row["level"]
        weights = {"before": stages[row["step"] - 1], "after": stages[row["step"]], "now": svy}
        for name, stage in weights.items():
            assert row[name] == pytest.approx(stage.weights[inside].sum(), rel=1e-9)
        assert row["after"] == pytest.approx(row["target"], rel=1e-9)
        assert row["target"] == pytest.approx(margin(svy, row["margin"])[row["level"]], rel=1e-12)


def test_margins_of_groups_crossings_and_numbers() -> None:
    base = samples.survey(1, 200)
    totals = {half: {("education", "sex"): margin(base, "education", "sex"), "age": 46 * 2e4} for half in (1, 2)}
    totals = {half: {**t, "age": 46 * t[("education", "sex")].sum()} for half, t in totals.items()}
    margins = llo.weight_report(llo.calibrate(base, totals, by="half")).margins
    assert len(margins) == 2 * 7 and set(margins["group"]) == {1, 2}
    assert set(margins["margin"]) == {"education x sex", "age"} and "low & m" in set(margins["level"])
    numeric = margins[(margins["margin"] == "age") & (margins["group"] == 1)].iloc[0]
    inside = base.frame["half"] == 1
    assert numeric["before"] == pytest.approx((base.weights * base.frame["age"])[inside].sum())


def test_largest_weights() -> None:
    svy, stages = _weighted()
    largest = llo.weight_report(svy).largest
    wanted = svy.weights.sort_values(ascending=False, kind="stable")[:10]
    assert largest["weight"].tolist() == wanted.tolist() and len(largest) == 10
    assert largest["share"].tolist() == pytest.approx((wanted / svy.weights.sum()).tolist())
    assert largest["g"].tolist() == pytest.approx((svy.weights / stages[0].weights)[largest["row"]].tolist())
    assert list(largest.columns) == ["row", "base_weight", "weight", "g", "share"]


def test_largest_weights_name_the_unit() -> None:
    frame = samples.people(1, 60).assign(person=lambda d: [f"p{i}" for i in d.index], year=2022)
    report = llo.weight_report(llo.Survey(frame, weights="w", unit="person", time="year", strata="stratum"))
    assert report.largest["person"].iloc[0] == f"p{frame['w'].idxmax()}"


def test_outcomes_after_each_step() -> None:
    """Estimates and standard errors are those of the survey on the way."""
    svy, stages = _weighted()
    outcomes = llo.weight_report(svy, ["y", "education", "trained"]).outcomes
    for k, stage in enumerate(stages):
        wanted = llo.mean(["y", "education", "trained"], stage).to_frame()
        found = outcomes[outcomes["step"] == k]
        order = {"y": 0, "education": 1, "trained": 2}
        found = found.sort_values("variable", key=lambda s: s.map(order), kind="stable")
        for column in ("estimate", "std_error", "df", "conf_low", "conf_high", "n"):
            assert found[column].tolist() == pytest.approx(wanted[column].tolist(), rel=1e-9, abs=1e-9), column


def test_intervals_of_shares_stay_between_0_and_1() -> None:
    svy = samples.survey(1, 60, "elements").assign(rare=lambda d: d.index == 3, never=0, always=True)
    found = llo.weight_report(svy, ["rare", "never", "always"], level=0.9).outcomes
    wanted = llo.mean(["rare", "never", "always"], svy, level=0.9).to_frame()
    for column in ("conf_low", "conf_high"):
        assert found[column].between(0, 1).all()
        assert found[column].tolist() == pytest.approx(wanted[column].tolist(), rel=1e-9, abs=1e-12)


def test_outcomes_with_missing_values_and_replicates() -> None:
    svy, _ = _weighted(2)
    gappy = svy.assign(gappy=svy.frame["y"].where(svy.frame.index % 5 != 0))
    found = llo.weight_report(gappy, "gappy").outcomes.iloc[-1]
    wanted = llo.mean("gappy", gappy).to_frame().iloc[0]
    assert [found["estimate"], found["std_error"]] == pytest.approx([wanted["estimate"], wanted["std_error"]])
    redone = llo.replicate(svy, "jkn")
    rows = llo.weight_report(redone, "y").outcomes
    assert rows["std_error"].iloc[:-1].isna().all()
    assert rows["std_error"].iloc[-1] == pytest.approx(llo.mean("y", redone).std_error[0], rel=1e-9)


def test_design_effect_of_henry_and_valliant() -> None:
    """Their equation 3.4, term by term, with moments weighted by the weights before the calibration."""
    base = samples.survey(3, 250, "elements")
    svy = llo.calibrate(base, {"education": margin(base, "education"), "age": 46 * margin(base, "education").sum()})
    frame, w, n = base.frame, base.weights.to_numpy(), len(base)
    x = np.column_stack([pd.get_dummies(frame["education"]).to_numpy(float), frame["age"]])
    y = frame["y"].to_numpy()
    e = y - x @ np.linalg.solve((x * w[:, None]).T @ x, (x * w[:, None]).T @ y)
    u = 4.2 + e  # the constant of the regression, whatever it is

    def mean(v: np.ndarray) -> float:
        return float(w @ v / w.sum())

    def cov(a: np.ndarray, b: np.ndarray) -> float:
        return mean((a - mean(a)) * (b - mean(b)))

    kish = n * (w**2).sum() / w.sum() ** 2
    wanted = kish * cov(u, u) / cov(y, y) + n / (w.sum() * cov(y, y)) * (cov(u**2, w) - 2 * mean(u) * cov(u, w))
    outcomes = llo.weight_report(svy, "y").outcomes
    assert outcomes["deff_henry"].iloc[1] == pytest.approx(wanted, rel=1e-10)
    assert np.isnan(outcomes["deff_henry"].iloc[0]) and outcomes["deff_kish"].iloc[0] == pytest.approx(kish)
    # with equal weights: the share of the variance that the auxiliaries leave
    equal = llo.Survey(frame.assign(w=1.0), weights="w")
    flat = llo.calibrate(equal, {"education": frame["education"].value_counts()})
    r2 = 1 - (frame["y"] - frame.groupby("education", observed=True)["y"].transform("mean")).var() / frame["y"].var()
    assert llo.weight_report(flat, "y").outcomes["deff_henry"].iloc[1] == pytest.approx(1 - r2)


def test_a_survey_without_steps_and_its_texts() -> None:
    svy, _ = _weighted()
    for report in (llo.weight_report(svy, "y"), llo.weight_report(samples.survey(1))):
        assert "Weight report" in str(report) and report._repr_html_().count("<table") == len(report.parts)
        assert "nan" not in str(report).lower() and " at 0x" not in repr(report)
        assert report.to_frame().equals(report.steps) and report.to_frame() is not report.steps
    assert len(llo.weight_report(samples.survey(1)).steps) == 1


def test_the_kind_of_weights_stays_and_the_report_does_not_depend_on_it() -> None:
    """Weights with mean 1 are as unequal as the same weights that count a population."""
    frame = samples.people(3, 120)
    expansion = llo.Survey(frame, weights="w", strata="stratum")
    mean = frame["w"].mean()
    one = llo.Survey(frame.assign(w=frame["w"] / mean), weights="w", strata="stratum", weight_kind="proportional")
    sums = frame["w"].groupby(frame["sex"]).sum() * [1.1, 0.9]
    sums *= frame["w"].sum() / sums.sum()

    def steps(svy: llo.Survey, size: float) -> llo.Survey:
        calibrated = llo.calibrate(svy, {"sex": sums / size}, method="raking")
        return llo.trim(calibrated, upper=200 / size, preserve="total")

    large, small = steps(expansion, 1.0), steps(one, mean)
    assert (large.weight_kind, small.weight_kind) == ("expansion", "proportional")
    assert llo.trim(one, upper=1.5).weight_kind == llo.adjust_nonresponse(one, "came").weight_kind == "proportional"
    reports = [llo.weight_report(svy, ["y", "trained"]) for svy in (large, small)]
    for name in ("g_min", "g_max", "deff_kish", "n_eff"):
        assert reports[0].steps[name].to_numpy() == pytest.approx(reports[1].steps[name].to_numpy(), nan_ok=True)
    for name in ("estimate", "std_error", "df", "deff_kish", "deff_henry"):
        assert reports[0].outcomes[name].to_numpy() == pytest.approx(reports[1].outcomes[name].to_numpy(), nan_ok=True)

"""Proves that halves weighted apart combine to their weighted average, and what their variance is."""

from __future__ import annotations

import numpy as np
import pytest

import llo_research as llo
from tests.weighting import samples
from tests.weighting.samples import margin


def _halves(seed: int = 1) -> llo.Survey:
    svy = llo.Survey(samples.people(seed, 300), weights="w", strata="half")
    return llo.calibrate(svy, {half: {"education": margin(svy, "education")} for half in (1, 2)}, by="half")


@pytest.mark.parametrize("to", ["n", "n_eff", {1: 0.25, 2: 0.75}])
def test_a_mean_is_the_weighted_average_of_the_halves(to: object) -> None:
    svy = _halves()
    out = llo.combine_parts(svy, "half", proportional_to=to)
    halves = svy.frame["half"]
    if to == "n":
        shares = (halves.value_counts() / len(svy)).sort_index()
    elif to == "n_eff":
        effective = (svy.weights.groupby(halves).sum() ** 2) / (svy.weights**2).groupby(halves).sum()
        shares = effective / effective.sum()
    else:
        shares = [0.25, 0.75]
    parts = llo.mean("y", svy, by="half")
    whole = llo.mean("y", out)
    assert whole.estimate[0] == pytest.approx(np.dot(shares, parts.estimate), rel=1e-12)
    variance = np.dot(np.square(shares), np.diag(parts.covariance))
    assert whole.std_error[0] == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert out.weights.sum() == pytest.approx(margin(svy, "education").sum())


def test_an_estimate_within_a_half_does_not_change() -> None:
    svy = _halves()
    out = llo.combine_parts(svy, "half")
    one, two = (llo.mean("y", s.where("half == 1")) for s in (svy, out))
    assert two.estimate[0] == pytest.approx(one.estimate[0], rel=1e-12)
    assert two.std_error[0] == pytest.approx(one.std_error[0], rel=1e-9)


def test_people_without_a_weight_do_not_count() -> None:
    """Non-respondents do not raise the share of their half."""
    svy = llo.adjust_nonresponse(samples.survey(2, 300), "came")
    whole = {half: {"sex": margin(svy, "sex")} for half in (1, 2)}
    out = llo.combine_parts(llo.calibrate(svy, whole, by="half"), "half")
    came = svy.frame["came"]
    shares = svy.frame["half"][came].value_counts(normalize=True)
    told = out.design.facts()["steps"][-1]["shares"]
    assert told == pytest.approx({str(half): share for half, share in shares.items()})


def test_many_parts() -> None:
    svy = samples.survey(2, 300).assign(third=lambda d: np.arange(len(d)) % 3)
    out = llo.calibrate(svy, {part: {"sex": margin(svy, "sex")} for part in range(3)}, by="third")
    assert llo.combine_parts(out, "third").weights.sum() == pytest.approx(margin(svy, "sex").sum())

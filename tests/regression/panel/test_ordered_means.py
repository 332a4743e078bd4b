"""Correlated random effects of ordered levels: the ordered model with columns of means, two levels, simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.regression.panel.panels import frame, survey

SAME = 1e-9
CRE = llo.panel.correlated_random_effects


def with_column(data: Any) -> llo.Survey:
    weighted = data.assign(wx=data["w"] * data["x"]).groupby("who")
    means = (weighted["wx"].sum() / weighted["w"].sum()).reindex(data["who"]).to_numpy()
    return survey(data.assign(m=means))


@pytest.mark.parametrize(("family", "link"), [("ordered", "probit"), ("ordered_logit", "logit")])
def test_it_is_the_ordered_model_with_columns_of_means(family: str, link: str) -> None:
    data = frame(60, 4)
    fit = CRE("scale ~ x + fixed", survey(data), family=family)
    plain = llo.ordered("scale ~ x + fixed + m", with_column(data), link=link)
    assert fit.estimate == pytest.approx(plain.estimate, rel=SAME)
    # one weight a person: what the means' movement adds sums to 0 within each sampling unit
    assert fit.covariance == pytest.approx(plain.covariance, rel=SAME)
    assert fit.df.tolist() == plain.df.tolist() and fit.labels[:3] == ("x", "fixed", "mean(x)")
    assert fit.labels[3:] == plain.labels[3:]
    both = [f.margins(["x"], by="year") for f in (fit, plain)]
    assert both[0].estimate == pytest.approx(both[1].estimate, rel=SAME)
    assert both[0].covariance == pytest.approx(both[1].covariance, rel=1e-8, abs=1e-14)
    assert fit.fitted[:, :].sum(axis=1) == pytest.approx(np.ones(len(data)), rel=1e-12)


@pytest.mark.parametrize("family", ["probit", "logit"])
def test_two_levels_are_yes_and_no(family: str) -> None:
    svy = survey(frame(80, 4, constant=False))
    ordered = CRE("yes ~ x + u", svy, family={"probit": "ordered", "logit": "ordered_logit"}[family])
    binary = CRE("yes ~ x + u", svy, family=family)
    at = [list(ordered.labels).index(term) for term in ("x", "u", "mean(x)", "mean(u)")]
    own = [list(binary.labels).index(term) for term in ("x", "u", "mean(x)", "mean(u)")]
    assert ordered.estimate[at] == pytest.approx(binary.estimate[own], rel=SAME)
    assert ordered.estimate[-1] == pytest.approx(-binary.estimate[0], rel=SAME)
    if family == "logit":  # of a probit one has the observed information, the other the expected one
        assert ordered.covariance[np.ix_(at, at)] == pytest.approx(binary.covariance[np.ix_(own, own)], rel=1e-8)
        margins = [f.margins(["x", "u"]) for f in (ordered, binary)]
        higher = margins[0].rows["level"] == 1
        assert margins[0].estimate[higher] == pytest.approx(margins[1].estimate, rel=SAME)
        assert margins[0].std_error[higher] == pytest.approx(margins[1].std_error, rel=1e-8)


def test_effects_of_persons_that_go_with_the_regressor_are_held_fixed() -> None:
    rng = np.random.default_rng(7)
    persons, waves = 3000, 4
    who = np.repeat(np.arange(persons), waves)
    between = rng.normal(size=persons)[who]
    data = pd.DataFrame({"who": who, "year": np.tile(np.arange(waves), persons), "w": 1.0})
    data["x"] = between + rng.normal(size=len(who))
    means = data.groupby("who")["x"].transform("mean")
    latent = 0.5 * data["x"] + means + rng.normal(size=persons)[who] + rng.normal(size=len(who))
    data["scale"] = np.digitize(latent, [-1.0, 0.5, 1.5])
    fit = CRE("scale ~ x", llo.Survey(data, weights="w", unit="who", time="year"), family="ordered")
    truth = np.array([0.5, 1.0, -1.0, 0.5, 1.5]) / np.sqrt(2)  # the population average
    assert (np.abs(fit.estimate - truth) < 3.5 * fit.std_error).all()


def test_no_order_is_refused() -> None:
    with pytest.raises(DataError, match="no order"):
        CRE("level ~ x", survey(frame()), family="ordered")

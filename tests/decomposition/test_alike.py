"""Proves that decompositions give the same numbers whether rows that are alike are joined or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

N = 1_200
CLOSE = 1e-9  # relative to the largest: the same sums in another order, differenced


@pytest.fixture
def frame() -> pd.DataFrame:
    """Few values everywhere but in the weights, over three years."""
    rng = np.random.default_rng(21)
    educ, scale, g = rng.integers(0, 3, N), rng.integers(0, 4, N) / 2, rng.choice(["a", "b"], N)
    y = (rng.random(N) < 0.2 + 0.1 * educ + 0.1 * scale + 0.1 * (g == "a")).astype(float)
    frame = pd.DataFrame({"educ": pd.Categorical.from_codes(educ, ["low", "middle", "high"]), "scale": scale, "g": g})
    year, h, u = 2014 + rng.integers(0, 3, N), rng.integers(0, 3, N), rng.integers(0, 60, N)
    sex, w = rng.choice(["m", "f"], N), rng.uniform(0.5, 3, N)
    return frame.assign(y=y, year=year, h=10 * year + h, u=u, sex=sex, w=w)


def _surveys(frame: pd.DataFrame) -> dict[str, llo.Survey]:
    elements = llo.Survey(frame, weights="w", strata="h", time="year")
    totals = {
        int(year): {"sex": own.groupby("sex")["w"].sum() * pd.Series({"m": 1.05, "f": 0.97})}
        for year, own in frame.groupby("year")
    }
    return {
        "elements": elements,
        "domain": elements.where("sex == 'm' or scale > 0"),
        "calibrated": llo.calibrate(elements, totals, by="year"),
        "clusters": llo.Survey(frame, weights="w", psu="u", time="year"),
        "replicates": llo.replicate(llo.Survey(frame, weights="w", psu="u"), "bootstrap", replicates=30, seed=4),
    }


@pytest.mark.parametrize("design", ["elements", "domain", "calibrated", "clusters", "replicates"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"family": "logit", "reference": "pooled"},
        {"reference": "neumark", "normalize": "educ"},
        {"call": "change", "chain": True},
    ],
)
def test_joined_or_not(
    design: str, options: dict[str, Any], frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    svy, given = _surveys(frame)[design], {**options, "group": "g", "of": "a", "minus": "b"}
    change = given.pop("call", None) == "change"

    def made() -> Any:
        if change:
            return llo.decomposition.oaxaca_change("y ~ C(educ) + scale", svy, time="year", base=2014, **given)
        return llo.decomposition.oaxaca_blinder("y ~ C(educ) + scale", svy, by="year", **given)

    joined = made()
    monkeypatch.setattr("llo_research.survey.alike.joined", lambda *arguments: None)
    apart = made()
    for name, one, other in (("estimate", joined.estimate, apart.estimate), ("cov", joined.cov, apart.cov)):
        one, other = np.asarray(one), np.asarray(other)
        assert np.abs(one - other).max() < CLOSE * np.abs(other).max(), name
    assert joined.df.tolist() == apart.df.tolist()
    pd.testing.assert_frame_equal(joined.support, apart.support, rtol=CLOSE)
    told = joined.to_frame()
    assert told.select_dtypes(exclude="float").equals(apart.to_frame().select_dtypes(exclude="float"))


def test_rows_are_joined_in_this_test(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    from llo_research.survey.alike import Alike

    seen, plain = [], Alike.with_codes
    monkeypatch.setattr(Alike, "with_codes", lambda *given: seen.append(plain(*given)) or seen[-1])
    svy = llo.Survey(frame, weights="w")
    llo.decomposition.oaxaca_blinder("y ~ C(educ) + scale", svy, group="g", of="a", minus="b")
    llo.decomposition.oaxaca_blinder("y ~ scale", svy, group="g", of="a", minus="b")
    assert [len(alike.first) for alike in seen] == [48, 16]
    llo.decomposition.oaxaca_blinder("w ~ scale", svy, group="g", of="a", minus="b")
    assert seen[-1].place is None

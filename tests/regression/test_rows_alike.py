"""Proves that models of categories give the numbers of all rows, though rows that are alike count once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.regression.model_data import model_data

N = 1_500
CLOSE = 1e-11  # relative to the largest of its kind: the same sums in another order


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Categories, scales and counts of few values, some missing, over three years."""
    rng = np.random.default_rng(8)
    educ, scale = rng.integers(0, 3, N), rng.integers(0, 4, N) / 2
    y = (rng.random(N) < 0.2 + 0.1 * educ + 0.1 * scale).astype(float)
    known = rng.random(N) > 0.05
    return pd.DataFrame(
        {
            "educ": pd.Categorical.from_codes(np.where(known, educ, -1), ["low", "middle", "high"]),
            "scale": np.where(rng.random(N) < 0.03, np.nan, scale),
            "sex": rng.choice(["m", "f"], N),
            "year": 2014 + rng.integers(0, 3, N),
            "y": np.where(rng.random(N) < 0.04, np.nan, y),
            "courses": rng.poisson(0.5 + 0.5 * educ),
            "grade": 1.0 + rng.integers(0, 4, N) + educ,
            "hours": rng.gamma(2.0, 3.0, N),
            "h": rng.integers(0, 9, N),
            "u": rng.integers(0, 60, N),
            "w": np.where(rng.random(N) < 0.02, 0.0, rng.uniform(0.5, 3, N)),
        }
    )


SEX = {"sex": {"m": 1400.0, "f": 1300.0}}
DESIGNS: dict[str, Callable[[pd.DataFrame], llo.Survey]] = {
    "elements": lambda d: llo.Survey(d, weights="w", strata="h"),
    "domain": lambda d: llo.Survey(d, weights="w", strata="h").where("sex == 'm' or year > 2014"),
    "calibrated": lambda d: llo.calibrate(llo.Survey(d, weights="w", strata="h"), SEX),
    "psu": lambda d: llo.Survey(d, weights="w", psu="u", time="year"),
    "psu, raked": lambda d: llo.calibrate(llo.Survey(d, weights="w", psu="u"), SEX, method="raking"),
    "replicates": lambda d: llo.replicate(llo.Survey(d, weights="w", psu="u"), "bootstrap", replicates=25, seed=4),
    "persons": lambda d: llo.Survey(d.drop_duplicates(["u", "year"]), weights="w", unit="u", time="year"),
}
MODELS: dict[str, dict[str, Any]] = {
    "logit": {"formula": "y ~ educ * sex + scale", "family": "logit"},
    "probit": {"formula": "y ~ educ + C(year)", "family": "probit"},
    "cloglog": {"formula": "educ == 'high' ~ sex + scale", "family": "cloglog"},
    "linear": {"formula": "y ~ C(educ, contr.sum) + sex", "family": "gaussian"},
    "linear of numbers": {"formula": "grade ~ scale + year", "family": "gaussian"},
    "counts": {"formula": "courses ~ educ + sex", "family": "poisson"},
    "gamma": {"formula": "grade ~ educ + sex", "family": "gamma"},
    "root": {"formula": "courses ~ educ", "family": "poisson", "link": "identity"},
    "clusters": {"formula": "y ~ educ", "family": "logit", "vcov": "cluster", "cluster": "u"},
    "iid": {"formula": "grade ~ educ + sex", "family": "gaussian", "vcov": "iid"},
    "hc1": {"formula": "y ~ educ", "family": "gaussian", "vcov": "hc1"},
}


def _told(svy: llo.Survey, model: dict[str, Any]) -> dict[str, Any]:
    """Everything that a fit gives."""
    fit = llo.glm(svy=svy, **model)
    told: dict[str, Any] = {"fit": fit.to_frame(), "covariance": fit.covariance}
    # around year 0 the covariance of a constant and a slope cancels by a factor of a million
    told |= {} if "year" in model["formula"] and "C(" not in model["formula"] else {"predict": fit.predict()}
    told |= {"fitted": fit.fitted, "residuals": fit.residuals, "replicates": fit.replicates}
    told |= {"criteria": np.array([fit.aic, fit.pseudo_r2])} if model.get("vcov", "design") == "design" else {}
    told |= {"influence": fit.influence, "counts": fit.cells} if fit.replicates is None else {}
    if model.get("vcov") is None:
        told |= {method: fit.test(f"`{fit.labels[1]}` = 0", method=method).to_frame() for method in ("wald", "lr")}
    for fixed in (True,) if model.get("vcov") == "iid" else (False, True):
        name = next(name for name in ("educ", "scale") if name in model["formula"].split("~")[1])
        told[f"margins {fixed}"] = fit.margins([name], by="sex", fixed=fixed)
        told[f"margins {fixed}"] = (told[f"margins {fixed}"].to_frame(), told[f"margins {fixed}"].covariance)
    return told


def _same(one: Any, other: Any, where: str) -> None:
    """Numbers but for rounding, all else as it is."""
    if isinstance(one, tuple):
        for a, b in zip(one, other, strict=True):
            _same(a, b, where)
    elif isinstance(one, pd.DataFrame):
        assert list(one.columns) == list(other.columns), where
        for name in one.columns:
            if pd.api.types.is_float_dtype(one[name]):
                _same(one[name].to_numpy(), other[name].to_numpy(), f"{where}, {name}")
            else:
                assert one[name].astype(str).tolist() == other[name].astype(str).tolist(), f"{where}, {name}"
    elif one is not None:
        # a likelihood ratio is a difference of deviances
        size = np.nanmax(np.abs(other), initial=1.0 if ", lr" in where else 1e-8)
        np.testing.assert_allclose(one, other, rtol=0, atol=CLOSE * size, err_msg=where)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("model", MODELS)
def test_rows_that_are_alike_count_once(
    design: str, model: str, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    svy = DESIGNS[design](frame)
    joined = _told(svy, MODELS[model])
    monkeypatch.setattr("llo_research.survey.alike.joined", lambda *arguments: None)
    apart = _told(svy, MODELS[model])
    for name, value in joined.items():
        _same(value, apart[name], f"{design}, {model}, {name}")


def test_they_are_joined_in_these_models_and_only_there(frame: pd.DataFrame) -> None:
    svy = DESIGNS["elements"](frame)
    for model in MODELS.values():
        found = model_data(model["formula"], svy).alike
        assert found.place is not None and len(found.first) < N / 4
        assert (np.diff(found.first) > 0).all()
    assert model_data("hours ~ educ", svy).alike.place is None
    assert model_data("y ~ hours", svy).alike.place is None
    assert model_data("courses ~ educ", svy, offset="log(hours)").alike.place is None


def test_a_separated_answer_is_told_of_all_rows(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    svy = llo.Survey(frame.assign(sure=lambda d: (d["educ"] == "high") * 1.0), weights="w")
    messages = []
    for _ in range(2):
        with pytest.raises(llo.IdentificationError, match="separation") as found:
            llo.glm("sure ~ educ", svy, family="logit")
        messages.append(str(found.value))
        monkeypatch.setattr("llo_research.survey.alike.joined", lambda *arguments: None)
    assert messages[0] == messages[1]

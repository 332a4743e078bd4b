"""Plausible values in models: Rubin's rules by hand, of responses and regressors, margins and predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import llo_research as llo
from llo_research import DataError
from llo_research.regression.plausible import patterns_in
from tests.regression import models


def rubin(parts: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Mean estimate, and mean covariance plus (1 + 1/M) times the covariance between draws."""
    values = np.array([part.estimate for part in parts])
    between = np.atleast_2d(np.cov(values.T))
    within = np.mean([part.covariance for part in parts], axis=0)
    return values.mean(axis=0), within + (1 + 1 / len(parts)) * between


@pytest.mark.parametrize("formula", ["PV* ~ hours + older", "hours ~ PV[1-3] + older", "hours ~ PV*:older"])
@pytest.mark.parametrize("design", ["linearised", "replicated"])
def test_rubins_rules(formula: str, design: str) -> None:
    svy = models.survey(models.people()) if design == "linearised" else models.replicated()
    fit = llo.glm(formula, svy, plausible=True)
    parts = [llo.glm(formula.replace("PV[1-3]", "PV*").replace("PV*", f"PV{m}"), svy) for m in (1, 2, 3)]
    estimate, covariance = rubin(parts)
    np.testing.assert_allclose(fit.estimate, estimate, rtol=1e-12)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-10)
    assert fit.labels == tuple(name.replace("PV1", "PV") for name in parts[0].labels)
    assert fit.meta["imputations"] == 3 and (fit.df <= parts[0].df).all()


def test_a_condition_on_plausible_values() -> None:
    svy = models.survey(models.people())
    fit = llo.glm("PV* >= 5 ~ hours", svy, family="logit", plausible=True)
    parts = [llo.glm(f"PV{m} >= 5 ~ hours", svy, family="logit") for m in (1, 2, 3)]
    np.testing.assert_allclose(fit.covariance, rubin(parts)[1], rtol=1e-9)


def test_margins_and_contrasts_are_worked_out_in_each_draw() -> None:
    svy = models.survey(models.people())
    fit = llo.glm("logit ~ PV* + C(education)", svy, family="logit", plausible=True)
    parts = [llo.glm(f"logit ~ PV{m} + C(education)", svy, family="logit") for m in (1, 2, 3)]
    found = fit.margins(["PV", "education"])
    estimate, covariance = rubin([part.margins([f"PV{m + 1}", "education"]) for m, part in enumerate(parts)])
    np.testing.assert_allclose(found.estimate, estimate, rtol=1e-9)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-8)
    apart = fit.contrast("`C(education)[T.high]` - `C(education)[T.middle]`")
    wanted = rubin([part.contrast("`C(education)[T.high]` - `C(education)[T.middle]`") for part in parts])
    np.testing.assert_allclose(apart.covariance, wanted[1], rtol=1e-9)


def test_rows_with_any_draw_missing_are_left_out_of_all() -> None:
    frame = models.people()
    frame["PV2"] = frame["PV2"].mask(frame.index < 7)
    fit = llo.glm("PV* ~ hours", models.survey(frame), plausible=True)
    assert fit.nobs == len(frame) - 7


def test_ordered_models_take_them_too() -> None:
    svy = models.survey(models.people())
    fit = llo.ordered("scale ~ PV*", svy, plausible=True)
    parts = [llo.ordered(f"scale ~ PV{m}", svy) for m in (1, 2, 3)]
    np.testing.assert_allclose(fit.covariance, rubin(parts)[1], rtol=1e-9)


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("PVLIT* ~ age", ["PVLIT*"]),
        ("wage ~ PVLIT* + PVNUM*", ["PVLIT*", "PVNUM*"]),
        ("wage ~ PVLIT[1-10]:age", ["PVLIT[1-10]"]),
        ("wage ~ a*b + PVLIT*", ["PVLIT*"]),
        ("wage ~ a * b", []),
        ("wage ~ np.log(PVLIT*) + `PV*X`", ["PVLIT*", "PV*X"]),
    ],
)
def test_a_star_before_a_factor_crosses_it(formula: str, found: list[str]) -> None:
    assert patterns_in(formula) == found


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("y ~ hours", "names no plausible values"),
        ("PVX* ~ hours", "finds 0 columns"),
        ("PV[1-9] ~ hours", "no column 'PV4'"),
    ],
)
def test_wrong_patterns_are_refused(formula: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        llo.glm(formula, models.survey(), plausible=True)

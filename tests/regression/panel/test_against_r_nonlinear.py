"""R (survival, glm, survey and AER with dummies): conditional and ordered logit, Poisson, instruments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import llo_research as llo
from tests.regression.panel import nonlinear

P = llo.panel
R_DIGITS = 1e-8  # clogit stops at 1e-14 of the likelihood, glm where the deviance stands still
SAME = 1e-9  # least squares with dummies by QR there, by projections here
FORMULA = "count ~ x + u"
RAW: dict[str, Any] = {"vcov": "cluster", "small_sample": "none"}
COUNTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "poisson": ("one", ("unit",)),
    "poisson_weighted": ("wv", ("unit",)),
    "poisson_two": ("wv", ("unit", "time")),
}
INSTRUMENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "iv_just": ("y ~ x + [e ~ z1]", ("unit",)),
    "iv_over": ("y ~ x + [e ~ z1 + z2]", ("unit",)),
    "iv_two": ("y ~ x + [e ~ z1]", ("unit", "time")),
}


@pytest.mark.parametrize(("case", "weights"), [("clogit", "one"), ("clogit_weighted", "w")])
def test_clogit_of_r(case: str, weights: str) -> None:
    fit = P.conditional_logit("yes ~ x + u", nonlinear.panel(weights), vcov="iid")
    coefficients, covariance = nonlinear.theirs(case, fit.labels)
    assert fit.estimate == pytest.approx(coefficients, rel=R_DIGITS)
    # a whole weight is so many persons to clogit; the classical covariance takes weights of mean one
    rows = nonlinear.data()[np.isfinite(fit.fitted)]
    mean = rows.groupby("who")[weights].first().mean()
    assert fit.covariance == pytest.approx(covariance * mean, rel=R_DIGITS)
    loglik = nonlinear.known()[(case, "loglik", "_model")]
    assert fit.meta["log_likelihood"] == pytest.approx(loglik, rel=R_DIGITS)


@pytest.mark.parametrize(("case", "weights"), [("buc", "one"), ("buc_weighted", "w")])
def test_blown_up_clogit_of_r(case: str, weights: str) -> None:
    fit = P.fixed_effects_ordered("level ~ x + u", nonlinear.panel(weights))
    assert fit.estimate == pytest.approx(nonlinear.theirs(case, fit.labels)[0], rel=R_DIGITS)


@pytest.mark.parametrize("case", COUNTS)
def test_dummies_of_r(case: str) -> None:
    weights, effects = COUNTS[case]
    fit = P.fixed_effects_poisson(FORMULA, nonlinear.panel(weights), effects=effects, **RAW)
    coefficients, covariance = nonlinear.theirs(f"{case}:cluster", fit.labels)
    assert fit.estimate == pytest.approx(coefficients, rel=R_DIGITS)
    assert fit.covariance == pytest.approx(covariance, rel=R_DIGITS)
    classical = P.fixed_effects_poisson(FORMULA, nonlinear.panel(weights), effects=effects, vcov="iid")
    mean = nonlinear.data()[weights][np.isfinite(fit.fitted)].mean()
    assert classical.covariance == pytest.approx(nonlinear.theirs(f"{case}:iid", fit.labels)[1] * mean, rel=R_DIGITS)


def test_svyglm_with_dummies() -> None:
    fit = P.fixed_effects_poisson(FORMULA, nonlinear.panel("w", strata="stratum", psu="who"))
    coefficients, covariance = nonlinear.theirs("poisson:design", fit.labels)
    assert fit.estimate == pytest.approx(coefficients, rel=R_DIGITS)
    assert fit.covariance == pytest.approx(covariance, rel=R_DIGITS)


@pytest.mark.parametrize("case", INSTRUMENTS)
def test_ivreg_of_r_with_dummies(case: str) -> None:
    formula, effects = INSTRUMENTS[case]
    fit = P.fixed_effects_iv(formula, nonlinear.panel("wv"), effects=effects, **RAW)
    coefficients, covariance = nonlinear.theirs(f"{case}:cluster", fit.labels)
    assert fit.estimate == pytest.approx(coefficients, rel=SAME)
    assert fit.covariance == pytest.approx(covariance, rel=SAME)

"""Models of real microdata, against published values and other programs; skipped where the data are not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo


def test_nhanes_predictive_margins(reference_dir: Path) -> None:
    """Stata's margins with the delta method: points and errors to the seven digits published."""
    frame = pd.read_csv(reference_dir / "survey" / "data" / "nhanes.csv")
    svy = llo.Survey(frame, weights="WTMEC2YR", strata="SDMVSTRA", psu="SDMVPSU", nest=True)
    fit = llo.glm("HI_CHOL ~ C(agecat) + C(RIAGENDR)", svy, family="logit")
    margins = fit.margins(at={"RIAGENDR": [1, 2]}, fixed=True)
    assert fit.nobs == 7846
    np.testing.assert_allclose(margins.estimate, [0.1020398, 0.1215787], atol=5e-8)
    np.testing.assert_allclose(margins.std_error, [0.0076131, 0.0062657], atol=5e-8)
    effect = fit.margins("RIAGENDR", fixed=True)
    assert effect.estimate[0] == pytest.approx(margins.estimate[1] - margins.estimate[0], abs=1e-15)


def test_drivers_in_the_gss(data_dir: Path) -> None:
    svy = llo.load("gss")
    items = {
        "learn": "learnnew",
        "varied": "workdiff",
        "decide": "wkdecide",
        "cares": "supcares",
        "freedom": "wkfreedm",
    }
    made = {name: (lambda d, item=item: 5 - d[item]) for name, item in items.items()}
    svy = svy.assign(**made, high="degree >= 3", older="age >= 55").where("wrkslf == 2")
    fit = llo.glm("learn ~ varied + decide + cares + freedom + high + older + C(year) + sex", svy)
    assert fit.nobs == 3273
    np.testing.assert_allclose(fit.estimate[1:5], [0.4218, 0.0943, 0.0371, 0.0319], atol=5e-5)
    np.testing.assert_allclose(fit.std_error[1:5], [0.0244, 0.0165, 0.0173, 0.0184], atol=5e-5)


def test_drivers_in_piaac(data_dir: Path) -> None:
    svy = llo.load("piaac", country="nld", cycle=1)
    svy = svy.assign(over55="AGEG5LFS >= 9", flexible="D_Q09 >= 2").where("C_D05 == 1 & AGEG5LFS >= 3 & D_Q04 == 1")
    formula = "LEARNATWORK ~ TASKDISC + INFLUENCE + F_Q05b + over55 + flexible + C(D_Q06a) + education"
    fit = llo.glm(formula, svy)
    assert fit.nobs == 2510 and fit.replicates is not None and fit.replicates.shape == (80, 12)
    np.testing.assert_allclose(fit.estimate[1:4], [0.009, 0.241, 0.166], atol=5e-4)
    np.testing.assert_allclose(fit.std_error[1:4], [0.021, 0.024, 0.017], atol=5e-4)


def test_a_regression_on_plausible_values(data_dir: Path) -> None:
    """The mean of literacy as a model of a constant is the mean with its plausible values."""
    svy = llo.load("piaac", country="nld", cycle=1)
    fit, mean = llo.glm("PVLIT* ~ 1", svy, plausible=True), llo.mean("PVLIT*", svy, plausible=True)
    assert fit.estimate[0] == pytest.approx(mean.estimate[0], rel=1e-12)
    assert fit.std_error[0] == pytest.approx(mean.std_error[0], rel=1e-10)
    assert fit.df[0] == pytest.approx(mean.df[0], rel=1e-9)

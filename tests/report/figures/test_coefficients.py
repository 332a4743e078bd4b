"""Proves that models are drawn with the numbers of their fits, without what is on another scale, and say so."""

from __future__ import annotations

import numpy as np

import llo_research as llo
from tests.regression import models


def test_one_fit_without_its_constant() -> None:
    fit = llo.glm("y ~ hours + C(education)", models.survey())
    drawn = llo.report.figure(fit, language="en")
    assert drawn.kind == "coefficients" and len(drawn.frame) == len(fit.estimate) - 1
    assert np.allclose(drawn.frame["estimate"], fit.estimate[1:], rtol=0, atol=0), "the numbers of the fit"
    assert np.allclose(drawn.frame[["conf_low", "conf_high"]], fit.to_frame()[["conf_low", "conf_high"]].iloc[1:])
    foot = " ".join(drawn.wording.foot)
    assert "The constant is not drawn." in foot and f"n = {fit.nobs}." in foot and f"n = {fit.nobs}." in drawn.alt_text
    assert "De constante is niet getekend." in " ".join(llo.report.figure(fit).wording.foot)
    assert len(llo.report.figure(fit, kind="dots").frame) == len(fit.estimate), "dots have every row"


def test_a_model_of_a_constant_alone_is_drawn() -> None:
    drawn = llo.report.figure(llo.glm("y ~ 1", models.survey()), language="en")
    assert len(drawn.frame) == 1 and "not drawn" not in " ".join(drawn.wording.foot)


def test_models_stand_together_under_each_term() -> None:
    svy = models.survey()
    fits = {"short": llo.glm("y ~ hours", svy), "long": llo.glm("y ~ hours + C(education)", svy)}
    drawn = llo.report.figure(llo.compare(fits), language="en")
    assert drawn.frame.iloc[:2, 1].tolist() == ["short", "long"]
    assert np.array_equal(drawn.frame["estimate"].iloc[:2], [fit.estimate[1] for fit in fits.values()])
    less = llo.report.figure(llo.compare(fits, controls={"schooling": ["education"]}), language="en")
    assert "Also in the models, not drawn: schooling." in " ".join(less.wording.foot)
    assert set(less.frame["Term"]) == {"hours"}


def test_each_model_has_its_own_n() -> None:
    svy = models.survey()
    both = llo.compare(
        {"all": llo.glm("y ~ hours", svy), "some": llo.glm("y ~ hours", svy.where("education != 'low'"))}
    )
    n = [int(fit.nobs) for fit in both.models]
    assert f"n = {n[0]} (all), {n[1]} (some)." in " ".join(llo.report.figure(both, language="en").wording.foot)


def test_synthetic_data_say_so() -> None:
    svy = models.survey(source={"kind": "synthetic", "synthetic": True, "title": "Made"})
    drawn = llo.report.figure(llo.compare([llo.glm("y ~ hours", svy)]), language="en")
    assert drawn.content.synthetic and drawn.title.lower().startswith("synthetic")
    assert "SYNTHETIC" in drawn.alt_text and drawn.content.notes["synthetic"] in drawn.wording.foot
    assert drawn.title.endswith("one model")

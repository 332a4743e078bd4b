"""What careless calls are told: which error, and the words that say what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research import DataError, IdentificationError
from tests.regression import models


def careless() -> pd.DataFrame:
    """People with columns in which things go wrong."""
    frame = models.people()
    frame["twice"] = 2 * frame["hours"] + 1
    frame["copy"] = (frame["education"] == "high").astype(float)
    frame["known"] = np.where(frame["logit"] == 1, "a", "b")
    frame["some"] = np.where((frame["logit"] == 1) & (frame.index < 60), "only yes", "mixed")
    frame["none_here"] = np.where(frame.index < 20, "empty", "full")
    frame.loc[frame.index < 20, "poisson"] = 0.0
    frame["text"] = np.where(frame["logit"] == 1, "ja", "nee")
    frame["same"], frame["negative"] = 1.0, -frame["hours"]
    frame["w0"] = np.where(frame["education"] == "high", 0.0, frame["w"])
    frame["zero"] = 0.0
    frame["nothing"] = np.nan
    frame["one"] = "x"
    return frame


# what is called -> class of error, words of the message
MESSAGES: dict[str, tuple[tuple[Any, ...], dict[str, Any], type[Exception], tuple[str, ...]]] = {
    "collinear": (
        ("y ~ hours + twice",),
        {},
        IdentificationError,
        ("combination of the others", "term 'twice'", "combination of Intercept, hours"),
    ),
    "collinear with a level": (
        ("y ~ C(education) + copy",),
        {},
        IdentificationError,
        ("term 'copy'", "C(education)[T.high]"),
    ),
    "constant": (("y ~ same",), {}, IdentificationError, ("term 'same'", "Intercept")),
    "zero": (("y ~ hours + zero",), {}, IdentificationError, ("term 'zero'", "is 0 for everybody")),
    "separated": (
        ("logit ~ known",),
        {"family": "logit"},
        IdentificationError,
        ("separation", "known[T.b]", "99 rows"),
    ),
    "separated in a level": (
        ("logit ~ hours + some",),
        {"family": "probit"},
        IdentificationError,
        ("separation", "some[T.only yes]"),
    ),
    "nothing counted": (
        ("poisson ~ hours + none_here",),
        {"family": "poisson"},
        IdentificationError,
        ("separation", "none_here[T.full]", "20 rows"),
    ),
    "typo in a column": (("y ~ huors",), {}, DataError, ("no column 'huors'", "did you mean 'hours'")),
    "typo in the formula": (("y ~ hours +* older",), {}, DataError, ("cannot be read",)),
    "no response": (("hours + older",), {}, DataError, ("has a response",)),
    "no regressors": (("y ~ 0",), {}, IdentificationError, ("no regressors",)),
    "text as response": (
        ("text ~ hours",),
        {"family": "logit"},
        DataError,
        ("not categories", "text == 'nee' ~"),
    ),
    "one answer": (("same ~ hours",), {"family": "logit"}, IdentificationError, ("same answer", "1 in all 160 rows")),
    "yes and no as 1 and 2": (
        ("hours ~ older",),
        {"family": "logit"},
        DataError,
        ("family 'binomial'", "numbers from 0 to 1"),
    ),
    "negative counts": (("negative ~ older",), {"family": "poisson"}, DataError, ("not below 0",)),
    "zero under gamma": (("poisson ~ older",), {"family": "gamma"}, DataError, ("above 0",)),
    "unknown family": (("y ~ hours",), {"family": "gausian"}, DataError, ("family has no option", "gaussian")),
    "link of another family": (("y ~ hours",), {"link": "logit"}, DataError, ("link has no option", "identity, log")),
    "two links": (("logit ~ hours",), {"family": "logit", "link": "probit"}, DataError, ("has its own link",)),
    "offset as data": (
        ("poisson ~ hours",),
        {"family": "poisson", "offset": [1, 2]},
        DataError,
        ("offset", "svy.assign"),
    ),
    "offset of levels": (("poisson ~ hours",), {"offset": "region"}, DataError, ("one number a row",)),
    "missing refused": (("hours ~ gappy",), {"missing": "raise"}, DataError, ("There are missing values", "gappy")),
    "missing apart": (("hours ~ gappy",), {"missing": "available"}, DataError, ("missing has no option",)),
    "nobody known": (("y ~ nothing",), {}, DataError, ("No row has values",)),
    "logarithm of zero": (("y ~ np.log(zero)",), {}, DataError, ("not a number for some rows", "np.log(zero)")),
    "response explains itself": (("y ~ hours + y",), {}, IdentificationError, ("among the regressors", "term 'y'")),
    "one level": (
        ("y ~ hours + one",),
        {},
        IdentificationError,
        ("has one level", "column 'one'", "'x' for everybody"),
    ),
    "two responses": (("y + hours ~ older",), {}, DataError, ("one number a row", "I(a + b)")),
    "level as percent": (("y ~ hours",), {"level": 95}, DataError, ("level is a probability",)),
}


@pytest.mark.parametrize("call", MESSAGES)
def test_messages(call: str) -> None:
    arguments, options, kind, words = MESSAGES[call]
    with pytest.raises(kind) as caught:
        llo.glm(*arguments, models.survey(careless()), **options)
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_the_survey_comes_second() -> None:
    with pytest.raises(DataError, match="The data of an estimator are a Survey"):
        llo.glm("y ~ hours", careless())


def test_a_level_without_weight_is_named() -> None:
    svy = llo.Survey(careless(), weights="w0", strata="stratum", psu="place")
    with pytest.raises(IdentificationError, match="no row with a weight") as caught:
        llo.glm("y ~ education", svy)
    assert "'high'" in str(caught.value)
    fit = llo.glm("y ~ education", svy.where("education != 'high'"))
    assert fit.labels == ("Intercept", "education[T.middle]")


def test_a_group_of_five() -> None:
    svy = models.survey(careless()).where(pd.Series(np.arange(160) < 5))
    few = llo.glm("y ~ hours", svy)
    assert few.nobs == 5 and all("no_df" in flag for flag in few.flags)
    with pytest.raises(IdentificationError, match=r"as many coefficients as rows|combination"):
        llo.glm("y ~ hours + gappy + log_time + poisson", svy)


def test_restricted_data_hide_the_coefficient_of_a_small_group() -> None:
    frame = careless()
    frame["rare"] = (frame.index < 4).astype(float)
    fit = llo.glm("y ~ hours + rare", models.survey(frame))
    cells = fit.cells.set_index("term")
    assert cells.loc["rare", "n_nonzero"] == 4 and cells.loc["rare", "n_complement"] == 156
    assert cells.loc["hours", "n_nonzero"] == 160 and fit.nobs == 160

"""Surveys of a stack as groups: independent samples, whose variances add up: linearised and at replicates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.decomposition import gelbach, oaxaca_blinder, oaxaca_change
from tests.decomposition.people import frame, replicated, survey

# Sums of the same few hundred numbers in another order.
SAME = 1e-10
GROUPS: dict[str, Any] = {"group": "survey", "of": "esp", "minus": "nld", "reference": "minus"}


def two() -> tuple[pd.DataFrame, pd.DataFrame]:
    """People of two countries."""
    other = frame(n=200, seed=6)
    return frame(), other.assign(x=other["x"] + 0.3)


def coefficients(data: pd.DataFrame, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Plain weighted least squares of y on x and c; means of the columns and of y."""
    x = np.column_stack([np.ones(len(data)), data["x"], data["c"] == "q", data["c"] == "r"]).astype(float)
    b = np.linalg.solve((x * w[:, None]).T @ x, (x * w[:, None]).T @ data["y"])
    return b, w @ x / w.sum(), float(w @ data["y"] / w.sum())


def test_the_gap_is_that_of_means_and_variances_add_up() -> None:
    nld, esp = two()
    for one, other in ((survey(nld), survey(esp)), (replicated(nld)[0], replicated(esp, number=15, seed=3)[0])):
        svy = llo.stack({"nld": one, "esp": other})
        parts = oaxaca_blinder("y ~ x + C(c)", svy, **GROUPS)
        row, gap = parts.labels.index("gap"), llo.gap("y", svy, group="survey", of="esp", minus="nld")
        assert parts.estimate[row] == pytest.approx(gap.estimate[0], abs=SAME)
        assert parts.std_error[row] == pytest.approx(gap.std_error[0], rel=SAME)
        assert parts.df[row] == gap.df[0]
        apart = [llo.mean("y", each).std_error[0] ** 2 for each in (one, other)]
        assert parts.std_error[row] ** 2 == pytest.approx(sum(apart), rel=SAME)


def test_parts_move_with_the_replicates_of_each_survey_alone() -> None:
    """The variance of every part is that of the replicates of one survey, plus that of the other, by plain loops."""
    (nld, esp), number = two(), (12, 15)
    (one, w_nld), (other, w_esp) = replicated(nld, number[0]), replicated(esp, number[1], seed=3)
    made = oaxaca_blinder("y ~ x + C(c)", llo.stack({"nld": one, "esp": other}), **GROUPS, detail=False)

    def parts(w: np.ndarray, v: np.ndarray) -> np.ndarray:
        (b0, x0, y0), (b1, x1, y1) = coefficients(nld, w), coefficients(esp, v)
        return np.array([y1, y0, y1 - y0, (x1 - x0) @ b0, x1 @ (b1 - b0)])

    w, v = nld["w"].to_numpy(), esp["w"].to_numpy()
    value = parts(w, v)
    first = np.array([parts(own, v) - value for own in w_nld.T])
    second = np.array([parts(w, own) - value for own in w_esp.T])
    expected = first.T @ first / number[0] + second.T @ second / number[1]
    assert made.estimate == pytest.approx(value, abs=SAME)
    assert made.covariance == pytest.approx(expected, abs=SAME)


def test_the_change_of_a_gap_between_surveys() -> None:
    parts = []
    for number, data in enumerate(two()):
        later = frame(n=180, seed=8 + number).assign(year=2018)
        both = pd.concat([data.assign(year=2014), later], ignore_index=True)
        parts.append(llo.Survey(both, weights="w", strata=["year", "stratum"], psu="unit", nest=True, time="year"))
    svy = llo.stack(dict(zip(("nld", "esp"), parts, strict=True)))
    made = oaxaca_change("y ~ x + C(c)", svy, **GROUPS, time="year", base=2014)
    gap = llo.gap_change("y", svy, group="survey", of="esp", minus="nld", time="year", base=2014)
    changes = [llo.change("y", each, time="year", base=2014) for each in parts]
    assert made.estimate[0] == pytest.approx(gap.estimate[0], abs=SAME)
    assert made.estimate[0] == pytest.approx(changes[1].estimate[0] - changes[0].estimate[0], abs=SAME)
    assert made.std_error[0] == pytest.approx(gap.std_error[0], rel=SAME)
    assert made.std_error[0] ** 2 == pytest.approx(sum(one.std_error[0] ** 2 for one in changes), rel=SAME)


def test_what_takes_off_a_difference_between_surveys() -> None:
    """The survey is a regressor like any other: the same numbers as from one frame with independent strata."""
    nld, esp = two()
    svy = llo.stack({"nld": survey(nld), "esp": survey(esp)})
    made = gelbach("y ~ C(survey) + x", svy, focal="C(survey)[T.esp]", groups={"x": ["x"]})
    joined = pd.concat([nld.assign(country="nld"), esp.assign(country="esp")], ignore_index=True)
    joined["country"] = pd.Categorical(joined["country"], ["nld", "esp"])
    plain = llo.Survey(joined, weights="w", strata=["country", "stratum"], psu="unit", nest=True)
    known = gelbach("y ~ C(country) + x", plain, focal="C(country)[T.esp]", groups={"x": ["x"]})
    assert made.estimate == pytest.approx(known.estimate, abs=SAME)
    assert made.std_error == pytest.approx(known.std_error, rel=SAME)

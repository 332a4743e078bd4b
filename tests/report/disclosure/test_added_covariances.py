"""Covariances of two answers add up over cells, so that all but one of them tell the one that is withheld."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide

_N = 900


def _survey(both: int) -> llo.Survey:
    """Two answers that so many of the second group gave both."""
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"w": 1.0, "group": pd.Categorical(rng.choice(list("AB"), _N))})
    frame["a"], frame["b"] = ((rng.random(_N) < 0.3).astype(int) for _ in range(2))
    gave = np.flatnonzero((frame["group"] == "B") & (frame["a"] == 1) & (frame["b"] == 1))
    frame.loc[gave[both:], "b"] = 0
    return llo.Survey(frame, weights="w")


def _cells(survey: llo.Survey) -> llo.Result:
    return llo.mean(["a", "b"], survey, by="group")


def _domain(survey: llo.Survey) -> llo.Result:
    return llo.mean(["a", "b"], survey.where("group == 'A'"))


@pytest.mark.parametrize("part", [_cells, _domain])
@pytest.mark.parametrize("both, shut", [(3, True), (40, False)])
def test_a_covariance_beside_those_of_other_cells(
    part: Callable[[llo.Survey], llo.Result], both: int, shut: bool
) -> None:
    survey = _survey(both)
    whole = llo.mean(["a", "b"], survey)
    found = decide({"part": part(survey), "whole": whole})
    assert found.covariances["whole"].pairs[0, 1] == shut
    assert not found.covariances["whole"].ends.any() and not found.hidden["whole"].any()
    if shut:  # everybody who gave both, by the covariance of all, less those of group A: those of group B
        inside = _domain(survey)
        n = inside.n[0]
        in_a = (inside.covariance[0, 1] * (_N - 1) / _N * n + inside.estimate.prod()) * n
        assert (whole.covariance[0, 1] * (_N - 1) + whole.estimate.prod()) * _N - in_a == pytest.approx(both)


@pytest.mark.parametrize("both, shut", [(3, True), (40, False)])
def test_the_error_of_a_difference_beside_a_covariance(both: int, shut: bool) -> None:
    survey = _survey(both)
    parts = {"a": llo.mean("a", survey), "b": llo.mean("b", survey)}
    found = decide({"part": _domain(survey), "difference": llo.joint(parts).contrast({"a": 1, "b": -1})})
    assert found.covariances["difference"].ends.tolist() == [shut]

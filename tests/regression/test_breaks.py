"""Models across a series break: the coefficients that mix method and reality say so, with and without a break term."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

BREAK = {"time": 2016, "what": "other questionnaire", "series": ["y"]}


def survey(shift: float = 0.0, breaks: Any = (BREAK,)) -> llo.Survey:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"who": np.repeat(np.arange(80), 5), "year": np.tile(np.arange(2013, 2018), 80), "w": 1.0})
    frame["x"] = rng.normal(size=400)
    frame["cohort"] = frame["who"] % 4
    frame["x"] += frame["cohort"] * (frame["year"] - 2015)
    frame["y"] = (
        frame["x"] + 2 * rng.normal(size=80)[frame["who"]] + rng.normal(size=400) + shift * (frame["year"] >= 2016)
    )
    made = llo.Survey(frame, weights="w", unit="who", time="year", source={"breaks": list(breaks)})
    return made.assign(later="year >= 2016")


def flags(fit: Any) -> dict[str, str]:
    return dict(zip(fit.labels, fit.to_frame()["flag"], strict=True))


CASES: dict[str, tuple[list[str], str]] = {
    "y ~ x": ([], "without break term"),
    "y ~ x + year": (["year"], "without break term"),
    "y ~ x + year + later": ([], "with break term"),
    "y ~ x + later": ([], "with break term"),
    "y ~ x + C(year)": (["C(year)[T.2016]", "C(year)[T.2017]"], "saturated"),
    "y ~ x + poly(year, 2)": (["poly(year, 2)[1]"], "without break term"),
}


@pytest.mark.parametrize("formula", CASES)
@pytest.mark.parametrize("kind", ["glm", "fixed_effects", "random_effects"])
def test_rows_that_a_shift_of_everybody_moves_are_flagged(formula: str, kind: str) -> None:
    # by refitting: what is flagged moves when everybody's answers shift after the break, what is not does not
    rows, model = CASES[formula]
    make = llo.glm if kind == "glm" else getattr(llo.panel, kind)
    fit, moved = make(formula, survey()), make(formula, survey(shift=3.0))
    told = flags(fit)
    assert fit.meta["breaks"]["straddled"][0]["model"].startswith(model)
    if "poly" not in formula:
        assert [term for term, flag in told.items() if "break" in flag.split()] == rows
    time = [term for term in fit.labels if "year" in term]
    change = dict(zip(fit.labels, np.abs(moved.estimate - fit.estimate), strict=True))
    for term in time:
        assert ("break" in told[term].split()) == (change[term] > 0.5), term


def test_effects_of_time_hold_the_break() -> None:
    fit = llo.panel.fixed_effects("y ~ x", survey(), effects=("unit", "time"))
    assert flags(fit) == {"x": ""} and fit.meta["breaks"]["straddled"][0]["model"].startswith("saturated")


def test_other_series_other_years_and_one_side_are_left_alone() -> None:
    other = {**BREAK, "series": ["z"]}
    assert "breaks" not in llo.glm("y ~ x + year", survey(breaks=[other])).meta
    late = {**BREAK, "time": 2030}
    assert "breaks" not in llo.glm("y ~ x + year", survey(breaks=[late])).meta
    assert "breaks" not in llo.glm("y ~ x + year", survey().where("year < 2016")).meta
    assert "breaks" in llo.glm("y ~ x + year", survey(breaks=[{"time": 2016}])).meta


def test_what_was_made_of_a_broken_series_is_broken() -> None:
    svy = survey().assign(high="y > 0")
    assert "break" in flags(llo.glm("high ~ x + year", svy, family="logit"))["year"]
    assert "break" in flags(llo.glm("log(I(y + 20)) ~ year", svy))["year"]
    assert "break" in flags(llo.panel.pseudo_panel("y ~ x + year", svy, cohort="cohort"))["year"]

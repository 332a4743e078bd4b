"""Proves that a condition is a variable: a share by hand, missing where unknown, in every estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.survey import samples


def _survey() -> llo.Survey:
    frame = samples.people(3)
    answers = np.random.default_rng(3).choice(["ja", "nee", None], len(frame), p=[0.5, 0.3, 0.2])
    frame["cursus"] = pd.Series(answers, dtype=object)
    # the same by hand
    frame["yes"] = pd.Series([np.nan if a is None else float(a == "ja") for a in answers])
    frame["long"] = (frame["hours"] >= 6).astype(float)
    return llo.Survey(frame, weights="w", strata="stratum", psu="place")


YES, LONG = "cursus == 'ja'", "hours >= 6"
CALLS: dict[str, Any] = {
    "mean": lambda s, y, x: llo.mean(y, s),
    "mean by": lambda s, y, x: llo.mean(y, s, by="region"),
    "two": lambda s, y, x: llo.mean([y, x], s),
    "available": lambda s, y, x: llo.mean([y, x], s, missing="available"),
    "total": lambda s, y, x: llo.total(y, s),
    "ratio": lambda s, y, x: llo.ratio(y, x, s),
    "gap": lambda s, y, x: llo.gap(y, s, group="region", of="north", minus="south"),
    "gap of conditions": lambda s, y, x: llo.gap(y, s, of="y > 6", minus="y < 5"),
    "change": lambda s, y, x: llo.change(y, s, time="year", base=2014),
    "gap change": lambda s, y, x: llo.gap_change(
        y, s, group="region", of="north", minus="south", time="year", base=2014
    ),
    "trend": lambda s, y, x: llo.trend(y, s, time="year"),
    "in a domain": lambda s, y, x: llo.mean(y, s.where("older")),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_condition_counts_as_the_column_of_0_and_1_made_by_hand(name: str) -> None:
    svy = _survey()
    found, wanted = CALLS[name](svy, YES, LONG), CALLS[name](svy, "yes", "long")
    assert found.estimate == pytest.approx(wanted.estimate, rel=1e-13)
    assert found.std_error == pytest.approx(wanted.std_error, rel=1e-12)
    assert found.df.tolist() == wanted.df.tolist()
    assert found.n.tolist() == wanted.n.tolist()


def test_it_is_named_by_its_text_and_its_unknown_rows_are_missing() -> None:
    svy = _survey()
    result = llo.mean(YES, svy)
    known = svy.frame["cursus"].notna()
    frame = svy.frame[known]
    assert result.estimate[0] == pytest.approx(np.average(frame["cursus"] == "ja", weights=frame["w"]), rel=1e-13)
    assert result.labels == (YES,) and result.to_frame()["variable"].tolist() == [YES]
    assert result.meta["left_out"] == {YES: int((~known).sum())}
    with pytest.raises(DataError, match="missing values"):
        llo.mean(YES, svy, missing="raise")
    assert YES not in svy.frame


def test_shares_crosstabs_cells_and_groups_of_conditions() -> None:
    svy = _survey()
    shares = llo.share(YES, svy).to_frame()
    assert shares["level"].tolist() == [False, True]
    yes = float(llo.mean("yes", svy).estimate[0])
    assert shares["estimate"].tolist() == pytest.approx([1 - yes, yes], rel=1e-12)
    by = llo.mean("y", svy, by=[LONG, "region"])
    assert by.estimate == pytest.approx(llo.mean("y", svy, by=["long", "region"]).estimate, rel=1e-13)
    assert by.to_frame()[LONG].tolist() == [False, False, True, True]
    one, two = llo.crosstab(YES, LONG, svy).test("F"), llo.crosstab("yes", "long", svy.where("notna(yes)")).test("F")
    assert one.statistic == pytest.approx(two.statistic, rel=1e-10)
    gap = llo.gap("y", svy, group=LONG, of=True, minus=False)
    assert gap.estimate == pytest.approx(llo.gap("y", svy, group="long", of=1, minus=0).estimate, rel=1e-13)


def test_contrasts_and_joint_results_of_conditions() -> None:
    svy = _survey()
    two = llo.mean([YES, LONG], svy)
    wanted = float(two.estimate[0] - two.estimate[1])
    assert two.contrast({YES: 1, LONG: -1}).estimate[0] == pytest.approx(wanted, rel=1e-13)
    assert two.contrast(f"`{YES}` - `{LONG}`").estimate[0] == pytest.approx(wanted, rel=1e-13)


def test_a_column_of_that_name_wins() -> None:
    frame = samples.people(3).assign(**{"y > 5": 7.0})
    assert llo.mean("y > 5", llo.Survey(frame, weights="w")).estimate == pytest.approx([7.0], rel=1e-14)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cursu == 'ja'", "no column 'cursu'"),
        ("cursus == 'jaa'", "no level 'jaa'"),
        ("cursuss", "did you mean 'cursus'"),
        ("hours => 6", "no column 'hours => 6'"),
        ("hours + y", "no column 'hours . y'"),
        ("1 == 1", "no column '1 == 1'"),
    ],
)
def test_what_is_neither_a_column_nor_a_condition_is_refused(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        llo.mean(text, _survey())

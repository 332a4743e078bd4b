"""Proves that contrasts and gaps of times on two sides of a series break are flagged, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import llo_research as llo
from tests.estimation import rotating

BROKEN = [rotating.BREAK]


def flags(result: llo.Result) -> list[bool]:
    """Which rows are flagged."""
    return ["break" in flag.split() for flag in result.flags]


@pytest.mark.parametrize("make", [rotating.survey, rotating.replicated])
@pytest.mark.parametrize(
    ("what", "straddles"),
    [
        ("`2022` - `2018`", True),
        ({"2022": 1, "2014": -1}, True),
        ("log(`2022` / `2018`)", True),
        ("`2018` - `2014`", False),
        ("`2022`", False),
    ],
)
def test_contrasts_of_times(make: Any, what: Any, straddles: bool, tmp_path: Path) -> None:
    svy = make(breaks=BROKEN)
    means = llo.mean("trained", svy, by="year")
    told = means.contrast(what)
    assert flags(told) == [straddles]
    assert bool(told.meta.get("breaks")) is straddles
    again = llo.read_result(means.save(tmp_path / "means"))
    assert flags(again.contrast(what)) == [straddles]
    assert flags(llo.mean("hours", svy, by="year").contrast(what)) == [False]
    assert flags(llo.mean("trained", make(), by="year").contrast(what)) == [False]


def test_within_a_time_a_break_says_nothing() -> None:
    means = llo.mean("trained", rotating.survey(breaks=BROKEN), by=["year", "sex"])
    assert flags(means.contrast(["`2022:m` - `2022:f`", "`2022:m` - `2018:m`"])) == [False, True]
    twice = "(`2022:m` - `2022:f`) - (`2018:m` - `2018:f`)"
    assert flags(means.contrast(twice)) == [True]


@pytest.mark.parametrize("scale", ["difference", "ratio", "odds"])
def test_gaps_between_times(scale: str) -> None:
    svy = rotating.survey(breaks=BROKEN)
    across: dict[str, Any] = {"group": "year", "of": 2022, "minus": 2018, "scale": scale}
    assert flags(llo.gap("trained", svy, **across)) == [True]
    assert flags(llo.gap("trained", svy, **across, by="sex")) == [True, True]
    assert flags(llo.gap("hours", svy, **(across | {"scale": "difference"}))) == [False]
    assert flags(llo.gap("trained", svy, **(across | {"of": 2014}))) == [False]
    assert flags(llo.gap("trained", svy, of="year == 2022", minus="year < 2022", scale=scale)) == [True]
    assert flags(llo.gap("trained", svy, group="sex", of="m", minus="f", scale=scale)) == [False]
    gaps = llo.gap("trained", svy, group="sex", of="m", minus="f", by="year")
    assert flags(gaps) == [False] * 3 and flags(gaps.contrast("`2022` - `2018`")) == [True]


def test_an_adjusted_change_stays_adjusted() -> None:
    known = [{**rotating.BREAK, "shift": 0.05, "shift_se": 0.01}]
    change = llo.change("trained", rotating.survey(breaks=known), time="year", base=2014, breaks="adjust")
    told = change.contrast("`2022` - `2018`").flags[0].split()
    assert "break_adjusted" in told and "break" not in told


def test_a_joint_result_with_other_columns_in_each_part_is_contrasted() -> None:
    """The parts' own columns are missing in the rows of the others; that says nothing of breaks."""
    frame = pd.DataFrame({"year": [2021, 2022] * 20, "y": range(40), "g": list("ab") * 20, "w": 1.0})
    told = {"breaks": [{"time": 2022, "what": "new questions"}]}
    svy = llo.Survey(frame, weights="w", strata="year", time="year", source=told)
    both = llo.joint({"years": llo.mean("y", svy, by="year"), "groups": llo.mean("y", svy, by="g")})
    assert both.contrast("`years:2022` - 0.5").flags == [""]
    assert "break" in both.contrast("`years:2022` - `years:2021`").flags[0]

"""A new definition of groups, cells or a domain is a series break of what is estimated of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from tests.decomposition.test_change import GROUPS, TIMES, survey, waves

CONDITIONS = {"of": "g == 'a'", "minus": "g == 'b'"}
ONE_GROUP = "g == 'a'"
decomposition = llo.decomposition
Call = Callable[[llo.Survey, str], llo.Result]


def entry(**more: Any) -> dict[str, Any]:
    return {"time": 2018, "what": "groups are made anew", "series": ["g"], **more}


def broken(**more: Any) -> llo.Survey:
    """Waves between the last two of which the groups are defined anew."""
    return survey(waves(), source={"breaks": [entry(**more)]})


CALLS: dict[str, Call] = {
    "oaxaca_change": lambda svy, word: decomposition.oaxaca_change("y ~ x", svy, **GROUPS, **TIMES, breaks=word),
    "oaxaca_change, conditions": lambda svy, word: decomposition.oaxaca_change(
        "y ~ x", svy, **CONDITIONS, **TIMES, breaks=word
    ),
    "oaxaca_change, smith-welch": lambda svy, word: decomposition.oaxaca_change(
        "y ~ x", svy, **GROUPS, **TIMES, breaks=word, method="smith-welch"
    ),
    "gap_change": lambda svy, word: llo.gap_change("y", svy, **GROUPS, **TIMES, breaks=word),
    "gap_change, conditions": lambda svy, word: llo.gap_change("y", svy, **CONDITIONS, **TIMES, breaks=word),
    "change by": lambda svy, word: llo.change("y", svy, by="g", **TIMES, breaks=word),
    "change by a condition": lambda svy, word: llo.change("y", svy, by=ONE_GROUP, **TIMES, breaks=word),
    "change of a domain": lambda svy, word: llo.change("y", svy.where(ONE_GROUP), **TIMES, breaks=word),
    "change by what is made of it": lambda svy, word: llo.change(
        "y", svy.assign(own=ONE_GROUP), by="own", **TIMES, breaks=word
    ),
    "trend by": lambda svy, word: llo.trend("y", svy, by="g", time="year", breaks=word),
    "standardise by": lambda svy, word: decomposition.standardise(
        "y", svy, cells="c", over="year", by="g", breaks=word
    ),
    "standardise cells": lambda svy, word: decomposition.standardise("y", svy, cells="g", over="year", breaks=word),
    "standardise a domain": lambda svy, word: decomposition.standardise(
        "y", svy.where(ONE_GROUP), cells="c", over="year", breaks=word
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_refused_naming_the_column(name: str) -> None:
    with pytest.raises(llo.DataError, match=r"(?s)straddles a series break.*where: [^,]*\bg\b.*groups are made anew"):
        CALLS[name](broken(), "refuse")


@pytest.mark.parametrize("name", CALLS)
def test_flagged_where_the_times_straddle(name: str) -> None:
    made = CALLS[name](broken(), "flag")
    hit = np.array(["break" in flag.split() for flag in made.flags])
    if name == "trend by":
        assert hit.tolist() == [measure == "without break term" for measure in made.rows["measure"]]
    else:
        assert hit.tolist() == made.rows["year"].eq(2018).tolist()
    assert made.meta["breaks"]["straddled"][0]["series"] == ["g"]
    same = CALLS[name](survey(waves()), "flag")
    assert not any("break" in flag.split() for flag in same.flags)
    if name != "trend by":  # which has steps beside the plain line
        assert made.estimate.tolist() == same.estimate.tolist()


@pytest.mark.parametrize("name", [name for name in CALLS if not name.startswith("standardise")])
def test_without_a_known_shift_there_is_no_adjustment(name: str) -> None:
    with pytest.raises(llo.DataError, match=r"(?s)(is not known|more than the outcome).*\bg\b"):
        CALLS[name](broken(), "adjust")
    # a shift of the grouping variable itself is none of the outcome among its groups
    with pytest.raises(llo.DataError, match=r"(?s)(is not known|more than the outcome).*\bg\b"):
        CALLS[name](broken(shift=0.1, shift_se=0.01), "adjust")


def test_a_shift_that_is_known_for_both_groups_is_taken_off_the_gap_but_not_off_parts() -> None:
    shifts = [
        {"variable": "y", "g": level, "shift": size, "shift_se": 0.01} for level, size in (("a", 0.05), ("b", 0.02))
    ]
    svy = broken(shifts=shifts)
    plain, off = (llo.gap_change("y", svy, **GROUPS, **TIMES, breaks=word) for word in ("flag", "adjust"))
    assert plain.estimate - off.estimate == pytest.approx([0.0, 0.03], abs=1e-12)
    assert np.diag(off.covariance - plain.covariance) == pytest.approx([0.0, 2 * 0.01**2], abs=1e-12)
    whole = decomposition.oaxaca_change("y ~ 1", svy, **GROUPS, **TIMES, breaks="adjust")
    last = whole.labels.index("gap_change:2018")
    assert whole.estimate[last] == pytest.approx(off.estimate[1], abs=1e-12)
    with pytest.raises(llo.DataError, match=r"(?s)more than the outcome.*gap_change"):
        decomposition.oaxaca_change("y ~ x", svy, **GROUPS, **TIMES, breaks="adjust")


def test_contrasts_of_cells_and_domains_are_flagged_and_no_others() -> None:
    svy = broken()
    by_group, everybody = llo.mean("y", svy, by=["year", "g"]), llo.mean("y", svy, by="year")
    one, gap = llo.mean("y", svy.where(ONE_GROUP), by="year"), llo.gap("y", svy, **GROUPS, by="year")

    def flags(made: llo.Result, *which: str) -> list[str]:
        return list(made.contrast(list(which)).flags)

    assert flags(by_group, "`2018:a` - `2014:a`", "`2016:a` - `2014:a`") == ["break", ""]
    assert flags(one, "`2018` - `2014`", "`2016` - `2014`") == ["break", ""]
    assert flags(gap, "`2018` - `2014`", "`2016` - `2014`") == ["break", ""]
    assert flags(everybody, "`2018` - `2014`") == [""]
    both = llo.joint({"one": by_group, "other": everybody})
    assert flags(both, "`one:2018:a` - `one:2014:a`", "`other:2018` - `other:2014`") == ["break", ""]


def test_a_break_of_another_column_says_nothing() -> None:
    other = survey(waves(), source={"breaks": [{**entry(), "series": ["stratum"]}]})
    for call in CALLS.values():
        assert not any("break" in flag.split() for flag in call(other, "refuse").flags)


def test_standardise_places_breaks_in_its_own_column_where_the_survey_has_no_time() -> None:
    frame = waves().rename(columns={"year": "wave"})
    svy = llo.Survey(frame, weights="w", source={"breaks": [entry()]})

    def call(word: str, over: str = "wave") -> llo.Result:
        return decomposition.standardise("y", svy, cells="g", over=over, breaks=word)

    with pytest.raises(llo.DataError, match="straddles a series break"):
        call("refuse")
    assert {text for flag in call("flag").to_frame()["flag"] for text in flag.split()} >= {"break"}
    # groups of people have no dates, in which a break could be placed
    assert not any("break" in flag for flag in call("refuse", "c").to_frame()["flag"])

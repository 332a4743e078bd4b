"""Proves that a weight's kind belongs to its column, and that a domain keeps the weight of the half it lies in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, DesignError
from tests.survey import samples


def _frame(seed: int = 1) -> pd.DataFrame:
    frame = samples.people(seed)
    frame["w"] = frame["w"] * 100
    frame["wp"] = frame["w"] / frame["w"].mean()
    return frame


def _survey(**changes: Any) -> llo.Survey:
    return llo.Survey(_frame(), **{"weights": "w", "strata": "stratum", **changes})


def test_a_weight_of_mean_one_is_proportional() -> None:
    part = _survey().use_weights("wp")
    own = llo.Survey(_frame(), weights="wp", weight_kind="proportional", strata="stratum")
    assert part.weight_kind == "proportional"
    assert llo.mean("y", part).to_frame()["deff"].tolist() == llo.mean("y", own).to_frame()["deff"].tolist()
    assert llo.mean("y", part).meta["weight_kind"] == "proportional"
    with pytest.raises(DesignError, match="sum to the sample"):
        llo.total("y", part)


def test_the_kind_comes_back_with_the_column() -> None:
    svy = _survey()
    back = svy.use_weights("wp").use_weights("w")
    assert back.weight_kind == "expansion"
    assert llo.total("y", back).estimate.tolist() == llo.total("y", svy).estimate.tolist()
    other = llo.Survey(_frame(), weights="wp", weight_kind="proportional").use_weights("w")
    assert other.weight_kind == "expansion"
    assert other.use_weights("wp").weight_kind == "proportional"
    declared = llo.Survey(_frame(), weights="wp", weight_kind="expansion")
    assert declared.use_weights("w").use_weights("wp").weight_kind == "expansion"


def test_a_kind_that_is_given_wins_over_the_source_and_the_source_over_the_mean() -> None:
    known = _survey(source={"weight_kinds": {"wp": "expansion", "hours": "proportional"}})
    assert known.use_weights("wp").weight_kind == "expansion"
    assert known.use_weights("hours").weight_kind == "proportional"
    assert known.use_weights("wp", weight_kind="proportional").weight_kind == "proportional"
    assert known.use_weights("wp", weight_kind="proportional").use_weights("w").use_weights("wp").weight_kind == (
        "proportional"
    )
    with pytest.raises(DesignError, match="weight_kind has no option 'prop'"):
        known.use_weights("wp", weight_kind="prop")


def test_the_mean_is_that_of_the_rows_with_a_weight() -> None:
    frame = _frame()
    frame["half"] = frame["wp"].where(frame["person"] % 2 == 0)
    frame["half"] /= frame["half"].mean()
    frame["near"] = frame["wp"] * (1 + 5e-7)
    frame["far"] = frame["wp"] * (1 + 5e-6)
    svy = llo.Survey(frame, weights="w")
    assert svy.use_weights("half").weight_kind == "proportional"
    assert svy.use_weights("near").weight_kind == "proportional"
    assert svy.use_weights("far").weight_kind == "expansion"


def test_item_weights_have_a_kind_of_their_own() -> None:
    svy = _survey(item_weights={"hours": "wp"})
    assert llo.mean("hours", svy).meta["weight_kind"] == "proportional"
    with pytest.raises(DesignError, match="sum to the sample"):
        llo.total("hours", svy)
    assert llo.total("y", svy).meta["weight_kind"] == "expansion"
    reverse = llo.Survey(_frame(), weights="wp", weight_kind="proportional", item_weights={"hours": "w"})
    frame = _frame()
    assert llo.total("hours", reverse).estimate[0] == pytest.approx(float(frame["hours"] @ frame["w"]), rel=1e-12)
    with pytest.raises(DesignError, match="sum to the sample"):
        llo.total("y", reverse)


def test_a_stack_keeps_kinds_and_refuses_a_mixture() -> None:
    one = _survey(item_weights={"hours": "w"})
    other = llo.Survey(_frame(2), weights="w", item_weights={"hours": "w"})
    assert llo.total("hours", llo.stack({"a": one, "b": other})).meta["weight_kind"] == "expansion"
    with pytest.raises(DesignError, match="different kinds of weights for 'hours'"):
        llo.stack({"a": one, "b": llo.Survey(_frame(2), weights="w", item_weights={"hours": "wp"})})


# -- halves -----------------------------------------------------------------------------------------------------


def _halves(both: bool = True) -> llo.Survey:
    rng = np.random.default_rng(2)
    n = 400
    frame = pd.DataFrame({"half": np.tile([1, 2], n // 2), "w": 10.0, "one": 1.0, "age": rng.integers(20, 70, n)})
    frame["y"] = pd.Series(rng.integers(0, 2, n), dtype=float).where(frame["half"] == 1)
    frame["z"] = pd.Series(rng.integers(0, 2, n), dtype=float).where(frame["half"] == 2)
    frame["w1"] = np.where(frame["half"] == 1, 20.0, np.nan)
    frame["w2"] = np.where(frame["half"] == 2, 20.0, np.nan)
    own = {"y": "w1", "z": "w2"} if both else {"y": "w1"}
    return llo.Survey(frame, weights="w", item_weights=own)


# domains of which nobody knows the column: the half's weight holds for variables without one
BY_ROWS: dict[str, Any] = {
    "series": lambda s: s.where(s.frame["y"] == 1),
    "array": lambda s: s.where((s.frame["y"] == 1).to_numpy()),
    "list": lambda s: s.where((s.frame["y"] == 1).tolist()),
    "nullable": lambda s: s.where(s.frame["y"].astype("Int64") == 1),
    "assigned array": lambda s: s.assign(yes=(s.frame["y"] == 1).to_numpy()).where("yes == True"),
    "chain, series first": lambda s: s.where(s.frame["y"] == 1).where("one == 1"),
    "chain, series last": lambda s: s.where("one == 1").where(s.frame["y"] == 1),
    "chain, condition on an item first": lambda s: s.where("y >= 0").where(s.frame["y"] == 1),
    "chain of series": lambda s: s.where(s.frame["y"] == 1).where(s.frame["age"] > 0),
}
# domains whose conditions name an item: refused beside a variable of all, until a weight is chosen
BY_NAME: dict[str, Any] = {
    "text": lambda s: s.where("y == 1"),
    "assigned text": lambda s: s.assign(yes="y == 1").where("yes"),
    "assigned function": lambda s: s.assign(yes=lambda d: d["y"].where(d["y"].notna()) == 1).where("yes"),
    "assigned series": lambda s: s.assign(yes=s.frame["y"] == 1).where("yes"),
    "renamed": lambda s: s.assign(copy=lambda d: d["y"]).where("copy == 1"),
    "renamed twice": lambda s: s.assign(a=lambda d: d["y"]).assign(b=lambda d: d["a"]).where("b == 1"),
}


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("name", BY_ROWS)
def test_a_series_keeps_the_weight_of_the_half_in_which_its_rows_lie(name: str, both: bool) -> None:
    svy = _halves(both)
    part = BY_ROWS[name](svy)
    assert llo.total("one", part).estimate.tolist() == [20.0 * float((svy.frame["y"] == 1).sum())]
    assert llo.mean("age", part).meta["weight"] == "w1"
    assert llo.mean("y", part.use_weights("w")).meta["weight"] == "w"
    if both:
        with pytest.raises(DesignError, match="different weights"):
            llo.mean("z", part)


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("name", BY_NAME)
def test_a_condition_on_an_item_needs_its_weight(name: str, both: bool) -> None:
    svy = _halves(both)
    part = BY_NAME[name](svy)
    assert llo.mean("y", part).meta["weight"] == "w1"
    with pytest.raises(DesignError, match="different weights"):
        llo.total("one", part)
    assert llo.total("one", part.use_weights("w1")).estimate.tolist() == [20.0 * float((svy.frame["y"] == 1).sum())]


def test_a_series_over_both_halves_keeps_the_weight_of_all() -> None:
    svy = _halves()
    part = svy.where(svy.frame["age"] >= 45)
    assert llo.total("one", part).estimate.tolist() == [10.0 * float((svy.frame["age"] >= 45).sum())]
    assert "item_weight" not in llo.mean("age", part).meta["domain"][-1]


def test_years_before_a_split_have_the_weight_of_all_and_two_weights_of_a_half_are_told() -> None:
    svy = _halves()
    frame = pd.concat([svy.frame.assign(year=2023), svy.frame.assign(year=2019)], ignore_index=True)
    before = frame["year"] == 2019
    frame[["w1", "w2"]] = frame[["w1", "w2"]].mask(before, frame["w"], axis=0)
    waves = llo.Survey(frame, weights="w", strata="year", item_weights={"y": "w1", "z": "w2"})
    early = waves.where(before & (frame["y"] == 1))
    assert llo.total("one", early).estimate.tolist() == [10.0 * float((before & (frame["y"] == 1)).sum())]
    late = waves.where(~before & (frame["y"] == 1))
    assert llo.total("one", late).estimate.tolist() == [20.0 * float((~before & (frame["y"] == 1)).sum())]
    frame["w3"] = frame["w1"] * 1.1
    several = llo.Survey(frame, weights="w", strata="year", item_weights={"y": "w1", "z": "w2", "age": "w3"})
    with pytest.raises(DesignError, match="different weights"):
        llo.total("one", several.where(~before & (frame["y"] == 1)))


def test_series_on_a_stack_of_surveys_with_and_without_halves() -> None:
    other = llo.Survey(samples.people(2)[["w"]].rename(columns={"w": "w_own"}).assign(one=1.0), weights="w_own")
    both = llo.stack({"a": _halves(), "b": other})
    frame = both.frame
    in_b = llo.total("one", both.where(frame["survey"] == "b"))
    assert in_b.estimate[0] == pytest.approx(float(samples.people(2)["w"].sum()), rel=1e-12)
    in_half = llo.total("one", both.where(frame["y"] == 1))
    assert in_half.estimate.tolist() == [20.0 * float((frame["y"] == 1).sum())]


def test_a_weight_that_everyone_has_is_no_half() -> None:
    frame = _halves().frame.assign(wa=11.0)
    svy = llo.Survey(frame, weights="w", item_weights={"age": "wa"})
    part = svy.where(svy.frame["age"] >= 45)
    assert llo.mean("one", part).meta["weight"] == "w"


DERIVED: dict[str, Any] = {
    "condition": "y == 1",
    "function": lambda d: d["y"] * 2,
    "renamed": lambda d: d["y"],
    "with a variable of all": lambda d: d["y"] + d["age"],
    "in two": lambda d: d[["y", "age"]].sum(axis=1, skipna=False),
}


@pytest.mark.parametrize("name", DERIVED)
def test_derived_variables_take_the_weight_of_what_they_are_made_of(name: str) -> None:
    svy = _halves().assign(new=DERIVED[name])
    assert llo.mean("new", svy).meta["weight"] == "w1"
    assert llo.mean("y", svy, by="half").meta["weight"] == "w1"
    with pytest.raises(DesignError, match="different weights"):
        llo.mean("age", svy, by="new")


def test_conditions_as_variables_take_the_weight_of_their_columns() -> None:
    svy = _halves()
    result = llo.mean("y == 1 & age >= 40", svy)
    assert result.meta["weight"] == "w1"
    rows = svy.frame[svy.frame["half"] == 1]
    assert result.estimate[0] == pytest.approx(float(((rows["y"] == 1) & (rows["age"] >= 40)).mean()), rel=1e-12)
    with pytest.raises(DesignError, match="different weights"):
        llo.mean("y == 1 | z == 1", svy)


# -- longitudinal weights ---------------------------------------------------------------------------------------


def test_unit_weights_are_kept_and_checked() -> None:
    frame = _frame().assign(long=lambda d: d["w"] * 2)
    svy = llo.Survey(frame, weights="w", unit="person", time="year", unit_weights="long")
    assert llo.mean("y", svy).meta["unit_weights"] == "long"
    assert "unit_weights" not in llo.mean("y", _survey()).meta
    with pytest.raises(DesignError, match="makes the design"):
        svy.assign(long=1)
    with pytest.raises(DataError, match="no column 'lng'"):
        llo.Survey(frame, weights="w", unit_weights="lng")
    with pytest.raises(DesignError, match="negative"):
        llo.Survey(frame.assign(long=-1.0), weights="w", unit_weights="long")
    with pytest.raises(DataError, match="name of one column"):
        llo.Survey(frame, weights="w", unit_weights=["long"])
    assert svy.use_weights("wp")._arguments["unit_weights"] == "long"

"""Times have an order: numbers, dates and ordered categories give the same changes; plain text is refused, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.results.dated import lies_after
from tests.estimation.rotating import frame, number_of, survey

EXACT = 1e-12
Column = Callable[[pd.DataFrame], Any]
WAVES = ["wave 8", "wave 9", "wave 10"]


def _waves(data: pd.DataFrame) -> pd.Series:
    return number_of(data["year"]).map(lambda number: WAVES[number])


def _dates(data: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(data["year"].astype(str) + "-10-01")


WITH_ORDER: dict[str, tuple[Column, Any, list[str]]] = {
    "floats": (lambda d: d["year"].astype(float), 2014, ["2018", "2022"]),
    "small": (lambda d: number_of(d["year"]).astype("int8"), 0, ["1", "2"]),
    "nullable": (lambda d: d["year"].astype("Int64"), 2014, ["2018", "2022"]),
    "objects": (lambda d: d["year"].astype(object), 2014, ["2018", "2022"]),
    "decimals": (lambda d: d["year"] + 0.75, 2014.75, ["2018.75", "2022.75"]),
    "ordered text": (lambda d: pd.Categorical(_waves(d), WAVES, ordered=True), "wave 8", WAVES[1:]),
    "ordered numbers": (lambda d: pd.Categorical(d["year"], ordered=True), 2014, ["2018", "2022"]),
    "dates": (_dates, "2014-10-01", ["2018-10-01", "2022-10-01"]),
    "stamps": (_dates, pd.Timestamp("2014-10-01"), ["2018-10-01", "2022-10-01"]),
    "days": (lambda d: _dates(d).dt.date, "2014-10-01", ["2018-10-01", "2022-10-01"]),
    "zone": (lambda d: _dates(d).dt.tz_localize("Europe/Amsterdam"), "2014-10-01", ["2018-10-01", "2022-10-01"]),
    "quarters": (lambda d: _dates(d).dt.to_period("Q"), "2014Q4", ["2018Q4", "2022Q4"]),
}


@pytest.mark.parametrize("name", WITH_ORDER)
def test_times_with_an_order_give_the_same_change(name: str) -> None:
    column, base, labels = WITH_ORDER[name]
    data = frame()
    svy = survey(data.assign(t=column(data)))
    wanted = llo.change("hours", survey(data), time="year", base=2014)
    found = llo.change("hours", svy, time="t", base=base)
    assert list(found.labels) == labels
    assert found.estimate == pytest.approx(wanted.estimate, rel=EXACT)
    assert found.std_error == pytest.approx(wanted.std_error, rel=EXACT)
    times = list(dict.fromkeys(svy.frame.sort_values("year")["t"]))
    if name != "days":  # which come back as time stamps
        assert found.to_frame()["t"].tolist() == times[1:]
    later = llo.change("hours", svy, time="t", base=times[1])
    assert later.estimate[0] == pytest.approx(wanted.estimate[1] - wanted.estimate[0], rel=1e-9)


@pytest.mark.parametrize("name", ["floats", "nullable", "dates", "quarters", "ordered text"])
def test_a_missing_time_is_counted_and_left_out(name: str) -> None:
    column, base, _ = WITH_ORDER[name]
    data = frame()
    gone = data.index % 7 == 0
    times = pd.Series(column(data), index=data.index)
    found = llo.change("hours", survey(data.assign(t=times.where(~gone))), time="t", base=base)
    alone = llo.change("hours", survey(data).where(pd.Series(~gone)), time="year", base=2014)
    assert found.meta["left_out"]["t"] == gone.sum()
    assert found.estimate == pytest.approx(alone.estimate, rel=EXACT)
    assert found.std_error == pytest.approx(alone.std_error, rel=EXACT)


WITHOUT_ORDER: dict[str, tuple[Column, Any, str]] = {
    "text": (_waves, "wave 8", "plain text, such as 'wave 10'"),
    "typed text": (lambda d: _waves(d).astype("string"), "wave 8", "plain text"),
    "digits": (lambda d: d["year"].astype(str), "2014", "plain text, such as '2014'"),
    "unordered": (lambda d: pd.Categorical(_waves(d)), "wave 8", "categories without an order"),
    "unordered numbers": (lambda d: pd.Categorical(d["year"]), 2014, "categories without an order, such as 2014"),
    "booleans": (lambda d: d["year"] > 2014, False, "true and false"),
}


@pytest.mark.parametrize("name", WITHOUT_ORDER)
@pytest.mark.parametrize("kind", ["change", "gap_change", "trend"])
def test_times_without_an_order_are_refused(name: str, kind: str) -> None:
    column, base, found = WITHOUT_ORDER[name]
    data = frame()
    svy = survey(data.assign(t=column(data)))
    with pytest.raises(DataError) as caught:
        if kind == "change":
            llo.change("hours", svy, time="t", base=base)
        elif kind == "gap_change":
            llo.gap_change("hours", svy, group="sex", of="m", minus="f", time="t", base=base)
        else:
            llo.trend("hours", svy, time="t")
    message = str(caught.value)
    assert "svy.assign(t=" in message
    assert "times that are numbers" in message if kind == "trend" else ("have no order" in message and found in message)


@pytest.mark.parametrize("role", [False, True])
@pytest.mark.parametrize("name", WITHOUT_ORDER)
def test_what_the_message_says_to_do_is_right(name: str, role: bool) -> None:
    """The words are followed to the letter: the change is that of the numbers."""
    column, base, _ = WITHOUT_ORDER[name]
    data = frame().drop(columns="year").assign(t=column(frame()))
    svy = llo.Survey(data, weights="w", unit="person", time="t" if role else None)
    with pytest.raises(DataError) as caught:
        llo.change("hours", svy, time="t", base=base)
    todo = str(caught.value).split("what to do: ")[1].split("; or ")[0]
    call = todo.split(", and time=")[0].split(", with the times")[0]
    mended = eval(call, {"svy": svy, "pd": pd})
    time = mended.frame.columns[-1] if role else "t"
    first = int(base) if name == "digits" else base
    found = llo.change("hours", mended, time=time, base=first)
    whole = frame().assign(later=lambda d: (d["year"] > 2014).astype(int))
    plain = llo.Survey(whole, weights="w", unit="person")
    booleans = name == "booleans"
    wanted = llo.change("hours", plain, time="later" if booleans else "year", base=0 if booleans else 2014)
    assert found.estimate == pytest.approx(wanted.estimate, rel=EXACT)


def test_text_is_no_role_that_needs_an_order() -> None:
    """A survey, its domains and means of such times are fine."""
    data = frame().assign(wave=lambda d: _waves(d))
    svy = llo.Survey(data, weights="w", unit="person", time="wave")
    found = llo.mean("hours", svy, by="wave")
    assert found.labels == tuple(sorted(WAVES))
    assert found.contrast("`wave 10` - `wave 9`").flags == [""]
    assert llo.gap("hours", svy, group="wave", of="wave 10", minus="wave 9").flags == [""]


def test_one_time_written_in_two_ways_is_refused() -> None:
    data = frame()
    spelled = np.where(data["year"] == 2014, np.where(data["sex"] == "m", "Wave 1", "wave 1 "), "wave 2")
    levels = ["Wave 1", "wave 1 ", "wave 2"]
    svy = survey(data.assign(t=pd.Categorical(spelled, levels, ordered=True)))
    with pytest.raises(DataError, match="written in two ways") as caught:
        llo.change("hours", svy, time="t", base="Wave 1")
    assert "'Wave 1' and 'wave 1 '" in str(caught.value)
    assert llo.change("hours", svy.where("sex == 'm'"), time="t", base="Wave 1").n is not None


@pytest.mark.parametrize(
    ("time", "message"),
    [
        (["year"], "given by its name"),
        (("year",), "no column"),
        (None, "no column None"),
        (2014, "no column 2014"),
        (pd.Series([2014]), "given by its name"),
    ],
)
def test_a_time_is_the_name_of_a_column(time: Any, message: str) -> None:
    for call in (
        lambda: llo.change("hours", survey(), time=time, base=2014),
        lambda: llo.trend("hours", survey(), time=time),
    ):
        with pytest.raises(DataError, match=message):
            call()


@pytest.mark.parametrize("base", ["2014-10-02", 2014, "spring", pd.Timestamp("2013-10-01"), None])
def test_a_base_that_is_no_date_of_the_data_is_refused(base: Any) -> None:
    data = frame()
    with pytest.raises(DataError, match="not one of the times") as caught:
        llo.change("hours", survey(data.assign(t=_dates(data))), time="t", base=base)
    assert "'2014-10-01', '2018-10-01', '2022-10-01'" in str(caught.value)


@pytest.mark.parametrize(
    ("times", "at", "after"),
    [
        ([2014, 2022], 2022, [False, True]),
        (["2014", "2022"], "2022", [False, True]),
        ([2014.75, 2022.75], 2022, [False, True]),
        ([pd.Timestamp("2021-12-31"), pd.Timestamp("2022-01-01")], 2022, [False, True]),
        ([pd.Timestamp("2022-02-01"), pd.Timestamp("2022-04-01")], "2022-03-01", [False, True]),
        ([pd.Timestamp("2022-02-01"), pd.Timestamp("2022-04-01")], pd.Timestamp("2022-03-01").date(), [False, True]),
        ([pd.Timestamp("2021-12-31", tz="UTC"), pd.Timestamp("2022-01-01", tz="UTC")], 2022, [False, True]),
        ([pd.Period("2021Q4"), pd.Period("2022Q1")], 2022, [False, True]),
        (["old", "new"], "new", [False, True]),
        (["old", "new"], 2022, None),
        ([1, 2, 3], 2022, None),  # numbers of waves are no years
        ([1, 2, 3], 3, [False, False, True]),
        ([2014, 2018], "spring", None),
        ([pd.Timestamp("2022-02-01")], "spring", None),
    ],
)
def test_where_a_break_lies(times: list[Any], at: Any, after: list[bool] | None) -> None:
    found = lies_after(times, at, in_order=True)
    assert found is None if after is None else found is not None and found.tolist() == after


def test_levels_without_an_order_place_no_break() -> None:
    assert lies_after(["w1", "w10", "w2"], "w10", in_order=False) is None

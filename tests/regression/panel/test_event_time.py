"""Profiles by time since an event: equal to dummies made by hand, whichever way the event is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, IdentificationError
from tests.regression.panel.panels import frame, survey

CLOSE = 1e-9


def data() -> Any:
    made = frame(80, 6, complete=True)
    made["when"] = np.where(made["who"] % 3 == 0, np.nan, 2016.0 + made["who"] % 2)
    made["happened"] = (made["year"] >= made["when"]).astype(int)
    return made


def test_equals_dummies_made_by_hand() -> None:
    made = data()
    since = (made["year"] - made["when"]).clip(-2, 2)
    for k in (-2, 0, 1, 2):
        made[f"d{k + 2}"] = (since == k).astype(float)
    known = llo.panel.fixed_effects("y ~ x + d0 + d2 + d3 + d4", survey(made), effects=("unit", "time"))
    fit = llo.panel.event_time("y ~ x", survey(made), event="when", window=(-2, 2))
    assert fit.labels == ("x", "event[-2]", "event[0]", "event[1]", "event[2]")
    assert fit.estimate == pytest.approx(known.estimate, rel=CLOSE)
    assert fit.covariance == pytest.approx(known.covariance, rel=CLOSE)
    assert fit.meta["reference"] == "event[-1]"
    assert fit.meta["without_event"] == made["when"].isna().sum()


def test_a_column_of_yes_and_no_says_the_same() -> None:
    made = data()
    by_time = llo.panel.event_time("y ~ 1", survey(made), event="when")
    for changed in (made, made.assign(happened=made["happened"] == 1)):
        by_answer = llo.panel.event_time("y ~ 1", survey(changed), event="happened")
        assert by_answer.estimate == pytest.approx(by_time.estimate, rel=CLOSE)


def test_waves_in_categories_are_counted_by_place() -> None:
    made = data()
    years = sorted(made["year"].unique())
    labels = {year: f"wave {year}" for year in years}
    told = made.assign(
        year=pd.Categorical(made["year"].map(labels), categories=list(labels.values()), ordered=True),
        when=made["when"].map(labels),
    )
    one, other = (llo.panel.event_time("y ~ 1", survey(d), event="when") for d in (made, told))
    assert one.estimate == pytest.approx(other.estimate, rel=CLOSE)


def test_without_people_without_an_event_a_line_is_not_identified() -> None:
    made = data()
    all_of_them = made[made["when"].notna()]
    with pytest.raises(IdentificationError):
        llo.panel.event_time("y ~ 1", survey(all_of_them), event="when", window=(-9, 9))


def test_text_is_no_event() -> None:
    with pytest.raises(DataError, match="neither a time nor yes and no"):
        llo.panel.event_time("y ~ 1", survey(data()), event="level")

"""Proves that scales of items, labels of one's own and supposed breaks are what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError

FRAME = pd.DataFrame({"a": [1.0, 2.0, None, 4.0], "b": [3.0, None, None, 5.0], "c": [2, 2, 2, 6], "w": 1.0})


def survey() -> llo.Survey:
    return llo.Survey(FRAME, weights="w", labels={"c": {"en": "C", "values": {2: {"en": "two"}}}})


@pytest.mark.parametrize(("answered", "wanted"), [(None, [2.0, np.nan, np.nan, 5.0]), (1, [2.0, 2.0, 2.0, 5.0])])
def test_a_scale_is_the_mean_of_what_was_answered(answered: int | None, wanted: list[float]) -> None:
    scale = survey().assign(scale=llo.item_mean(["a", "b", "c"], answered=answered))
    np.testing.assert_array_equal(scale.frame["scale"], wanted)
    assert scale._sources_of("scale")[1:] == ("a", "b", "c")


@pytest.mark.parametrize(("items", "answered"), [([], None), ("abc", None), (["a"], 0), (["a"], 2)])
def test_a_scale_without_items_is_refused(items: list[str], answered: int | None) -> None:
    with pytest.raises(DataError, match="A scale needs items"):
        llo.item_mean(items, answered=answered)


def test_a_label_is_said_and_the_names_of_values_stay() -> None:
    svy = survey().assign(big="c > 2").label(big="Big", c={"nl": "See", "en": "Sea"})
    assert svy.labels["big"] == {"nl": "Big", "en": "Big"}
    assert svy.labels["c"] == {"nl": "See", "en": "Sea", "values": {2: {"en": "two"}}}
    told = llo.report.table(llo.mean("a", svy.where("big & c == 6")), language="nl").to_markdown()
    assert "selectie: big en see 6" in told.lower()


def test_a_label_needs_a_column() -> None:
    with pytest.raises(DataError, match="absent"):
        survey().label(absent="Absent")


def test_a_supposed_break_moves_a_gap_by_what_it_adds() -> None:
    nea = llo.synthetic("nea", years=[2021, 2022])
    ask = {"group": "education", "of": "high", "minus": "low", "time": "year", "base": 2021}
    with pytest.raises(DataError, match="straddles"):
        llo.gap_change("training", nea, **ask)
    plain, moved = (
        llo.gap_change(
            "training",
            llo.suppose_break(
                nea, "training", time=2022, by="education", shifts={"low": low, "high": 0.01}, error=0.02
            ),
            **ask,
            breaks="adjust",
        )
        for low in (0.01, 0.05)
    )
    np.testing.assert_allclose(moved.estimate - plain.estimate, 0.04, atol=1e-12)

"""Proves that what an SPSS file declares missing is missing, in dates and text too, and that labels keep to codes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo

pyreadstat = pytest.importorskip("pyreadstat")
pytestmark = pytest.mark.filterwarnings("ignore:No weights")


def test_a_date_may_have_values_declared_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    day = 86_400 * 159_000.0  # days since 14 October 1582
    frame = pd.DataFrame({"d": [day, 99.0, 8_000.0], "t": [day + 60, 99.0, 7.0], "a": [1.0, 2.0, 9.0]})
    pyreadstat.write_sav(
        frame,
        str(path),
        variable_format={"d": "DATE11", "t": "DATETIME20"},
        missing_ranges={"d": [99, {"lo": 1000, "hi": 9000}], "t": [99, 7], "a": [9]},
        variable_value_labels={"d": {99: "onbekend"}},
    )
    svy = llo.read_file(path, restricted=False)
    start = pd.Timestamp("1582-10-14") + pd.Timedelta(days=159_000)
    assert svy.frame["d"].tolist()[0] == start
    assert svy.frame["t"].tolist()[0] == start + pd.Timedelta(minutes=1)
    assert svy.frame.isna().to_numpy().tolist() == [[False] * 3, [True, True, False], [True] * 3]
    assert svy.source["user_missing"] == {"d": 2, "t": 2, "a": 1}


def test_a_label_of_01_is_not_one_of_1(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"a": ["1", "2"], "b": ["01", "2"], "c": ["1", "2"]})
    labels = {"a": {"01": "x", "2": "y"}, "b": {"01": "x", "2": "y"}, "c": {"1": "x", "2": "y"}}
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    made = llo.read_file(path, restricted=False).frame
    assert made["a"].tolist() == [1, 2]
    assert made["b"].tolist() == ["x", "y"]
    assert made["c"].tolist() == ["x", "y"]

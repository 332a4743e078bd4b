"""Proves that bounds from rounding are shown, and never called a confidence interval."""

from __future__ import annotations

import pandas as pd
import pytest

import llo_research as llo


@pytest.fixture
def gaps() -> pd.DataFrame:
    return pd.DataFrame(
        {"year": [2007, 2011], "value": [15.0, 11.0], "unit": "points", "rounding": 1.0}
        | {"rounding_low": [14.0, 10.0], "rounding_high": [16.0, 12.0], "source": "a table"}
    )


def test_a_table_heads_them_as_rounding(gaps: pd.DataFrame) -> None:
    shown = llo.report.table(gaps, language="en")
    assert shown.to_frame()["rounding"].tolist() == ["14 to 16", "10 to 12"]
    assert "Bounds: what the rounding of the figures allows; no confidence interval was published." in shown.notes
    assert "CI" not in " ".join([*shown.to_frame().columns, *shown.notes])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_figure_says_so_in_its_foot_and_in_words(gaps: pd.DataFrame, language: str) -> None:
    shown = llo.report.figure(gaps, language=language)
    note = shown.content.notes["interval"]
    assert note in " ".join(shown.wording.foot)
    assert note in shown.alt_text
    assert "published interval" not in shown.alt_text and "gepubliceerde interval" not in shown.alt_text
    assert shown.frame[["conf_low", "conf_high"]].to_numpy().tolist() == [[14.0, 16.0], [10.0, 12.0]]

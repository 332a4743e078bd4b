"""Proves that a listing shows texts and whole numbers as they are, and takes nothing that needs rounding."""

from __future__ import annotations

import pandas as pd
import pytest

from llo_research.errors import DataError
from llo_research.monitor import listing

FRAME = pd.DataFrame({"text": ["a | b"], "count": [3211], "share": [0.5]})


def test_columns_stand_in_the_order_of_their_heads() -> None:
    lines = str(listing(FRAME, {"count": "N", "text": "What"}, language="en")).split("\n")
    assert lines == ["| N | What |", "| :-- | :-- |", "| 3,211 | a / b |"]


@pytest.mark.parametrize(("column", "said"), [("share", "whole numbers"), ("nowhere", "lacks a column")])
def test_what_is_no_text_or_count_is_refused(column: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        listing(FRAME, {column: "X"})

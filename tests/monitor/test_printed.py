"""Proves that published figures are picked one by one, and that shares and differences carry what rounding allows."""

from __future__ import annotations

import pytest

from llo_research.errors import DataError
from llo_research.monitor import printed, printed_difference, printed_rates

EXACT = 1e-12  # the same arithmetic by hand


def test_rows_come_in_the_order_asked_under_the_words_asked() -> None:
    rows = printed({"later": ("SER25_train", "total", 2024), "first": ("WEA_75", "total", 2021)})
    assert rows["value"].to_dict() == {"later": 54.0, "first": 21.0}
    assert rows["instrument"].tolist() == ["NEA", "WEA"]


@pytest.mark.parametrize("category", ["nobody", "Total"])
def test_what_is_not_one_row_is_refused(category: str) -> None:
    with pytest.raises(DataError, match="not one published figure"):
        printed({"x": ("AES_2011", category, 2011)}, measure="no measure")


def test_a_share_of_counts_has_the_bounds_of_both() -> None:
    row = printed_rates({"250+": ("LFS_size_2025", "250+ workers")}).loc["250+"]
    assert row["value"] == pytest.approx(100 * 1159 / 3345, abs=EXACT)
    assert row["rounding_low"] == pytest.approx(100 * 1158.5 / 3345.5, abs=EXACT)
    assert row["rounding_high"] == pytest.approx(100 * 1159.5 / 3344.5, abs=EXACT)


def test_a_difference_is_as_wide_as_both_roundings() -> None:
    size = {"1-9": ("LFS_size_2025", "1-9 workers")}
    every, formal = printed_rates(size), printed_rates(size, part="participants_formal")
    rest = printed_difference(every, formal).loc["1-9"]
    assert rest["rounding_high"] == pytest.approx(100 * (603.5 / 2150.5 - 249.5 / 2151.5), abs=EXACT)
    assert rest["rounding_low"] == pytest.approx(100 * (602.5 / 2151.5 - 250.5 / 2150.5), abs=EXACT)
    with pytest.raises(DataError, match="same rows"):
        printed_difference(every, formal.rename(index={"1-9": "other"}))

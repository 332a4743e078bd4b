"""Proves that published figures are picked one by one, and that shares and differences carry what rounding allows."""

from __future__ import annotations

import pytest

import llo_research as llo
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


def test_the_gap_of_a_series_is_the_difference_of_its_categories_year_by_year() -> None:
    gap = llo.monitor.printed_gap("LFS4w_edu", of="high", minus="low", label="Gap")
    book = llo.published("LFS4w_edu", breaks="flag").set_index(["category", "year"])["value"]
    assert gap["value"].tolist() == [book["high", year] - book["low", year] for year in gap.index]
    assert set(gap["label_en"]) == {"Gap"} and (gap["rounding_high"] - gap["rounding_low"] == 2).all()
    told = "{g[2007]:direction|above|below|cannot be told}"
    assert str(llo.report.sentences(told, g=gap, language="en")) == "above"


def test_what_chapter_09_says_of_the_steps_of_this_gap_holds() -> None:
    """From year to year to the edge of what rounding explains and no further, but for the step of 2013."""
    gap = llo.monitor.printed_gap("LFS4w_edu", of="high", minus="low", label="Gap")
    low, high = gap["rounding_low"], gap["rounding_high"]
    apart = (low > high.shift()) | (high < low.shift())
    assert gap.index[apart].tolist() == [2013]


def test_figures_together_keep_their_words_values_and_sources() -> None:
    wanted = {"four weeks": ("LFS4w_age_2019", "25-64 all", 2019), "two years": ("SER25_train", "total", 2020)}
    rows = llo.monitor.printed(wanted)
    one = llo.monitor.printed_together(rows)
    assert one["category"].tolist() == list(wanted) and "population" not in one
    both = llo.monitor.printed_together({"first": rows.iloc[:1], "second": rows.iloc[1:]})
    assert both["label_nl"].tolist() == ["first", "second"] and both["source_title"].notna().all()
    with pytest.raises(llo.DataError, match="no such column"):
        llo.monitor.printed_together(rows, show=("colour",))


def test_categories_of_rates_are_shown_in_the_language_of_the_page() -> None:
    rates = printed_rates({"1-9 workers": ("LFS_size_2025", "1-9 workers")})
    rows = llo.monitor.printed_together({"Alle leren": rates}, show=())
    assert "workers" not in str(llo.report.table(rows, language="nl"))

"""Proves that numbers are Dutch or English, rounded by half up, and never a negative zero."""

from __future__ import annotations

import locale

import pytest

from llo_research.report.content.numbers import decimals_for, interval, level_text, number, with_unit

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "places", "dutch", "english"),
    [
        (1234567.891, 1, "1.234.567,9", "1,234,567.9"),
        (73.25, 1, "73,3", "73.3"),
        (0.25, 1, "0,3", "0.3"),
        (-0.04, 1, "0,0", "0.0"),
        (-0.0, 0, "0", "0"),
        (-0.06, 1, "-0,1", "-0.1"),
        (2.675, 2, "2,68", "2.68"),
        (100.0, 0, "100", "100"),
        (1e-7, 3, "0,000", "0.000"),
        (float("nan"), 1, "", ""),
        (float("inf"), 1, "", ""),
    ],
)
def test_number(value: float, places: int, dutch: str, english: str) -> None:
    assert number(value, places, "nl") == dutch
    assert number(value, places, "en") == english


def test_units_in_running_text() -> None:
    assert with_unit(73.3, 1, "percent", "nl") == "73,3%"
    assert with_unit(73.3, 1, "percent", "en") == "73.3%"
    assert with_unit(-28.3, 1, "points", "nl") == f"-28,3{NBSP}procentpunt"
    assert with_unit(4.0, 1, "number", "en") == "4.0"
    assert with_unit(float("nan"), 1, "percent", "nl") == "geen gegevens"


def test_interval_is_unambiguous_below_zero_and_empty_when_half_known() -> None:
    assert interval(-3.1, 2.0, 1, "nl") == "-3,1 tot 2,0"
    assert interval(-3.1, 2.0, 1, "en") == "-3.1 to 2.0"
    assert interval(float("nan"), 2.0, 1, "nl") == ""


def test_decimals_show_the_first_digit_of_the_standard_error() -> None:
    assert [decimals_for(se, 1) for se in (12.0, 0.5, 0.02, 0.0004)] == [1, 1, 2, 4]
    assert decimals_for(float("nan"), 1) == decimals_for(0.0, 1) == 1
    assert decimals_for(1e-30, 1) == 6


def test_level() -> None:
    assert level_text(0.95, "nl") == "95"
    assert level_text(0.995, "nl") == "99,5"
    assert level_text(0.995, "en") == "99.5"


def test_the_machines_locale_has_no_say() -> None:
    before = locale.setlocale(locale.LC_ALL)
    try:
        for name in ("C", "de_DE.UTF-8", "nl_NL.UTF-8"):
            try:
                locale.setlocale(locale.LC_ALL, name)
            except locale.Error:
                continue
            assert number(1234.5, 1, "en") == "1,234.5"
    finally:
        locale.setlocale(locale.LC_ALL, before)

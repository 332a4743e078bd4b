"""Proves that a break is drawn once, and only through the lines that it breaks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

EMPLOYEES = {"e20": ("SER25_train", "total", 2020), "e24": ("SER25_train", "total", 2024)}
EMPLOYERS = {f"w{year}": ("WEA_75", "total", year) for year in (2016, 2021, 2024)}


def dashes(axes: Any) -> list[tuple[float, float, float]]:
    """Where each break is drawn: its year, and from where to where in the drawing."""
    found = [line for line in axes.lines if len(set(line.get_xdata())) == 1 and line.get_linestyle() == "--"]
    return [(float(line.get_xdata()[0]), *map(float, line.get_ydata())) for line in found]


def joined(axes: Any) -> list[tuple[float, float]]:
    """First and last year of each line of two points and more."""
    lines = [line for line in axes.lines if len(line.get_xdata()) > 1 and line.get_linewidth() == 1.8]
    return [(float(min(line.get_xdata())), float(max(line.get_xdata()))) for line in lines]


def test_a_break_of_one_survey_leaves_the_line_of_the_other_whole() -> None:
    flagged = llo.monitor.printed({**EMPLOYEES, **EMPLOYERS})
    parts = {"Employees": flagged.loc[list(EMPLOYEES)], "Employers": flagged.loc[list(EMPLOYERS)]}
    together = llo.monitor.printed_together({k: v.reset_index(drop=True) for k, v in parts.items()}, show=("year",))
    axes = llo.report.figure(together, language="en").plot().axes[0]
    ((at, low, high),) = dashes(axes)
    scale = axes.get_ylim()
    assert at == 2022.5 and high == 1
    assert 21 < scale[0] + low * (scale[1] - scale[0]) < 49, "below the employees, and above the employers"
    assert joined(axes) == [(2016.0, 2024.0)], "employers go on, employees do not"


def test_a_break_of_all_lines_is_drawn_from_below_to_above_and_once() -> None:
    total = llo.monitor.printed_together(llo.published("LFS4w_total", breaks="flag"), show=("year",))
    axes = llo.report.figure(total, language="en").plot().axes[0]
    assert [span for _, *span in dashes(axes)] == [[0.0, 1.0]], "two sources name the break of 2013"
    assert [text.get_text() for text in axes.texts].count("method break 2013") == 1
    assert joined(axes) == [(2010.0, 2012.0), (2013.0, 2019.0)] * 2


@pytest.mark.parametrize(("up", "expected"), [(30.0, (0.0, False)), (-30.0, (False, 1.0))])
def test_a_break_stops_before_a_line_above_or_below(up: float, expected: tuple[float, float]) -> None:
    rows = [(survey, year) for survey in ("nea", "zea") for year in (2014, 2016, 2018)]
    data = pd.DataFrame(rows, columns=["survey", "year"])
    data["estimate"] = (50 + np.where(data["survey"] == "zea", up, 0.0)) / 100
    data["conf_low"], data["conf_high"], data["n"] = data["estimate"] - 0.01, data["estimate"] + 0.01, 500
    breaks = [{"time": 2018, "survey": "nea", "what": {"nl": "anders", "en": "other"}}]
    data.attrs = {"unit": "share", "source": {"title": "Made up", "breaks": breaks}}
    ((_, *span),) = dashes(llo.report.figure(data, language="en").plot().axes[0])
    for found, end in zip(span, expected, strict=True):
        assert found == end if end is not False else 0 < found < 1

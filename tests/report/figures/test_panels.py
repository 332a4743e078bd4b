"""Proves that many lines become small multiples that hold every number once, on one axis, in the same colours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from llo_research.report import figure
from llo_research.report.figures.style import COLOURS

YEARS = [2014, 2016, 2018]


def frame(groups: list[str], levels: list[str], without: tuple[tuple[str, str], ...] = ()) -> pd.DataFrame:
    rows = [(g, e, y) for g in groups for e in levels for y in YEARS if (g, e) not in without]
    out = pd.DataFrame(rows, columns=["survey", "education", "year"])
    out["estimate"] = np.linspace(0.1, 0.8, len(out))
    out["conf_low"], out["conf_high"], out["n"] = out["estimate"] - 0.02, out["estimate"] + 0.02, 500
    out.attrs = {"unit": "share"}
    return out


def drawn_in(axes: Any) -> dict[str, list[float]]:
    """The heights of points by colour."""
    found: dict[str, list[float]] = {}
    for line in axes.lines:
        if line.get_marker() not in ("None", None, "_") and line.get_transform().contains_branch(axes.transData):
            found.setdefault(line.get_color(), []).extend(np.asarray(line.get_ydata(), dtype=float))
    return found


@pytest.mark.parametrize("narrow", [False, True])
def test_each_panel_holds_its_own_numbers_in_the_colours_of_all(narrow: bool) -> None:
    data = frame(["nea", "zea"], ["low", "middle", "high"], without=(("zea", "low"),))
    shown = figure(data, language="en")
    picture = (shown.narrow() if narrow else shown).plot()
    panels = [axes for axes in picture.axes if axes.axison]
    assert len(panels) == 2
    colours = dict(zip(["low", "middle", "high"], COLOURS, strict=False))
    for axes, survey in zip(panels, ["nea", "zea"], strict=True):
        points = drawn_in(axes)
        of = data[data["survey"] == survey]
        assert set(points) == {colours[name] for name in of["education"]}
        for name, rows in of.groupby("education"):
            heights = [y for y in points[colours[str(name)]] if y > 1]  # the key is drawn in parts of the axes
            assert sorted(heights) == pytest.approx(sorted(100 * rows["estimate"]))
        assert axes.get_ylim() == panels[0].get_ylim() and axes.get_xlim() == panels[0].get_xlim()
        assert survey in {
            text.get_text() for text in axes.texts if text.get_fontproperties().get_file().endswith("Bold.ttf")
        }
    tops = [axes.get_position().y1 for axes in panels]
    assert tops == sorted(tops, reverse=True) and panels[1].get_position().y1 < panels[0].get_position().y0


@pytest.mark.parametrize(
    ("groups", "levels"),
    [(["nea", "zea"], ["low", "high"]), (["nea"], list("abcdef"))],
    ids=["four lines", "one identifier"],
)
def test_lines_that_can_stand_together_do(groups: list[str], levels: list[str]) -> None:
    assert len(figure(frame(groups, levels), language="en").plot().axes) == 1


def test_a_break_stands_in_the_panel_of_its_survey() -> None:
    data = frame(["nea", "zea"], ["low", "middle", "high"])
    breaks = [{"time": 2018, "survey": "nea", "what": {"nl": "anders", "en": "other"}}]
    data.attrs |= {"source": {"title": "Made up", "breaks": breaks}}
    panels = [axes for axes in figure(data, language="en").plot().axes if axes.axison]
    names = [[text.get_text() for text in axes.texts if "break" in text.get_text()] for axes in panels]
    assert names == [["method break 2018"], []]

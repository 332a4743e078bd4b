"""Proves that each point of a synthetic series tells what stands behind it, by the targets that made the data."""

from __future__ import annotations

import pytest

import llo_research as llo
from llo_research.data.synthetic.parameters import folder
from llo_research.monitor.how_known import _fitted, _told


@pytest.fixture(scope="module")
def nea():
    return {"nea": llo.synthetic("nea", years=[2019, 2020, 2021, 2022])}


def test_published_between_and_invented_points_are_told_apart(nea) -> None:
    shown = llo.monitor.figure("1", surveys=nea, language="en")
    told = dict(zip(shown.frame.iloc[:, 0], shown.frame["how_known"], strict=True))
    assert told == {"2019": "invented", "2020": "published", "2021": "interpolated", "2022": "interpolated"}
    key = "Ringed point: published level, built in; point: put between published figures; small point: invented."
    assert key in shown.notes
    assert "[published]" in shown.alt_text and "[invented]" in shown.alt_text


def test_a_group_is_published_only_where_that_group_was(nea) -> None:
    shown = llo.monitor.figure("1", surveys=nea, by="diploma", years=2022, language="nl")
    assert shown.frame["how_known"].tolist() == ["published", "invented", "published"]
    part = llo.monitor.figure("1", surveys=nea, where="age >= 55", language="nl")
    assert set(part.frame["how_known"]) == {"invented"} and "Alle punten: bedacht." in part.notes


def test_the_marks_are_in_the_drawing(nea) -> None:
    shown = llo.monitor.figure("1", surveys=nea, language="en")
    axes = shown.plot().axes[0]
    sizes = [line.get_markersize() for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    rings = [line for line in axes.lines if line.get_markerfacecolor() == "none" and line.get_marker() == "o"]
    assert [float(line.get_xdata()[0]) for line in rings] == [2020.0]
    assert len(set(sizes)) == 3  # ring, point, small point


def test_every_level_that_is_said_to_lie_between_is_one_of_the_generators_and_no_target() -> None:
    for survey, variables in _told()["interpolated"].items():
        text = (folder() / f"{survey}.toml").read_text(encoding="utf-8")
        for variable, years in variables.items():
            assert f'variable = "{variable}"' in text or f"[path.{variable}]" in text
            assert not {(variable, year, ()) for year in years} & _fitted(survey)


def test_other_figures_say_nothing_of_it(nea) -> None:
    own = llo.report.figure(llo.mean("training", nea["nea"], by="year"), language="en")
    assert "how_known" not in own.frame and not any("invented" in note for note in own.notes)

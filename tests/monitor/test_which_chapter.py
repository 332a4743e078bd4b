"""Proves that a chapter is found by its number or name, and that one that is not there is refused with the nearest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from llo_research.errors import DataError
from llo_research.monitor.chapters import CHAPTERS
from llo_research.monitor.which_chapter import which_chapter


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2", "02_learning_behaviour"),
        ("02", "02_learning_behaviour"),
        ("0", "00_data_and_method"),
        ("5", "05_drivers_of_informal_learning"),
        ("5m", "05m_drivers_method"),
        ("notebooks/08_netherlands_in_piaac.ipynb", "08_netherlands_in_piaac"),
    ],
)
def test_by_number_and_by_name(said: str, meant: str, project: Path) -> None:
    assert which_chapter(said, project) == meant


def test_every_chapter_has_a_number_of_its_own(project: Path) -> None:
    for chapter in CHAPTERS:
        assert which_chapter(chapter.name.partition("_")[0], project) == chapter.name


def test_a_notebook_of_ones_own(project: Path, notebook: Callable[..., Path]) -> None:
    notebook("21_mine", [])
    assert which_chapter("21", project) == "21_mine"
    notebook("21_another", [])
    with pytest.raises(DataError, match="Several chapters are number '21'"):
        which_chapter("21", project)


@pytest.mark.parametrize("said", ["77", "02_learning_behavior", "", "x"])
def test_what_is_not_there(said: str, project: Path) -> None:
    with pytest.raises(DataError, match="There is no chapter") as caught:
        which_chapter(said, project)
    assert ("did you mean '02_learning_behaviour'" in str(caught.value)) == (said == "02_learning_behavior")

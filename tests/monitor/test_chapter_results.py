"""The results behind a chapter: each once, with who stands behind it, under a name that a file may have."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo
from llo_research.monitor.chapter_results import LONGEST, chapter_results, named
from tests.monitor.conftest import ROOT
from tests.monitor.test_own_files import write

CHAPTER = "02_learning_behaviour"
_NAME = re.compile(r"02_[a-z0-9_]+")


@pytest.fixture(scope="module")
def svy() -> llo.Survey:
    frame = pd.DataFrame({"y": [1, 0, 0, 1] * 30, "sex": ["m", "v", "m", "v"] * 30, "z": [0, 0, 1, 1] * 30})
    return llo.Survey(frame.assign(w=1.5), weights="w")


def test_what_is_shown_twice_is_given_once(svy: llo.Survey) -> None:
    found = named("03", [llo.mean("y", svy, by="sex"), llo.mean("y", svy, by="sex"), llo.mean("z", svy, by="sex")])
    assert list(found) == ["03_y_by_sex", "03_z_by_sex"]


def test_a_contrast_of_what_is_given_is_left_out_and_one_of_what_is_not_is_given(svy: llo.Survey) -> None:
    means, gaps = llo.mean("y", svy, by="sex"), llo.joint({"y": llo.mean("y", svy), "z": llo.mean("z", svy)})
    apart, between = means.contrast({"v": 1, "m": -1}), gaps.contrast({"y": 1, "z": -1})
    assert list(named("03", [apart, means, between])) == ["03_y_by_sex", "03_joint_contrast"]
    assert list(named("03", [apart])) == ["03_y_by_sex_contrast"]


def test_the_same_call_of_other_people_is_another_result(svy: llo.Survey) -> None:
    some = llo.mean("y", svy.where("z == 1"), by="sex").contrast({"v": 1, "m": -1})
    assert list(named("03", [llo.mean("y", svy, by="sex"), some])) == ["03_y_by_sex", "03_y_by_sex_contrast"]


def test_long_names_are_cut_and_numbered(svy: llo.Survey) -> None:
    long = "a_name_of_a_variable_that_somebody_made_and_that_is_so_long_that_no_file"
    other = svy.assign(**{long: "y == 1", f"{long}_has_it": "y == 0"})
    found = named("03", [llo.mean(long, other), llo.mean(f"{long}_has_it", other)])
    assert len(found) == 2
    assert all(len(name) <= LONGEST for name in found)


def test_a_chapter_on_synthetic_data_gives_all_that_it_shows() -> None:
    found = chapter_results(ROOT, CHAPTER)
    assert {"02_training_by_survey_year", "02_crosstab_training_informal_learning"} <= set(found)
    assert all(_NAME.fullmatch(name) and len(name) <= LONGEST for name in found)
    assert all(result.estimates.scores is not None for result in found.values())
    assert {result.meta["source"]["kind"] for result in found.values()} == {"synthetic"}


def test_a_chapter_on_real_files_passes_over_what_they_lack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the self-employed, and without one of the questions: the same chapter gives the rest."""
    write(tmp_path / "nea", "nea", range(2019, 2023), ("training_purpose_code",))
    monkeypatch.setenv("LLO_DATA", str(tmp_path))
    found = chapter_results(ROOT, CHAPTER, source="real")
    assert "02_training_by_sector_year" in found
    assert not [name for name in found if "purpose" in name or "over_75" in name]
    assert {result.meta["source"]["kind"] for result in found.values()} == {"restricted"}


def test_a_chapter_that_does_not_exist_is_refused() -> None:
    with pytest.raises(llo.DataError):
        chapter_results(ROOT, "12_no_such_chapter")


def test_some_rows_of_what_is_given_are_left_out(svy: llo.Survey) -> None:
    part, whole = llo.mean("y", svy.where("sex == 'v'"), by="sex"), llo.mean("y", svy, by="sex")
    assert list(named("03", [part, whole])) == ["03_y_by_sex"]
    assert named("03", [part, whole])["03_y_by_sex"] is whole
    others = llo.mean("y", svy.where("sex == 'v' & z == 1"), by="sex")  # other people under the same name
    assert list(named("03", [others, whole])) == ["03_y_by_sex", "03_y_by_sex_2"]

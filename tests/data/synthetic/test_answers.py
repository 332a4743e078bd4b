"""Proves that answers belong to persons and years, meet the targets, and differ between scenarios as they should."""

from __future__ import annotations

import numpy as np
import pytest

import llo_research as llo
from llo_research.data.instrument import instrument_of
from llo_research.data.synthetic.answers import Answers, People, people
from llo_research.data.synthetic.fitting import share
from llo_research.data.synthetic.indicators import INDICATORS, available, indicator
from llo_research.data.synthetic.parameters import parameters

# The aim is 0.3 percentage points for figures in the fit; they are met to the rounding of the fitted numbers.
AIM = 0.05


@pytest.mark.parametrize("instrument", ["nea", "zea"])
def test_figures_in_the_fit_are_met(instrument: str) -> None:
    given = parameters(instrument)
    fitted = [target for target in given.raw["targets"] if target.get("fit")]
    for year in sorted({target["year"] for target in fitted})[-4:]:
        answers = Answers(given, people(given, year))
        for target in fitted:
            if target["year"] == year:
                assert 100 * share(answers, target) == pytest.approx(target["value"], abs=AIM), target["name"]


def test_half_of_the_published_figures_is_held_out() -> None:
    targets = [target for name in ("nea", "zea") for target in parameters(name).raw["targets"]]
    assert len(targets) == 39
    assert sum(bool(target.get("fit")) for target in targets) == 20
    assert all(("moves" in target) == bool(target.get("fit")) for target in targets)


def test_an_answer_does_not_depend_on_who_else_is_there() -> None:
    given = parameters("nea")
    some = np.array([5, 123_456, 700_000], dtype=np.int64)
    few, all_of_them = Answers(given, people(given, 2022, some)), Answers(given, people(given, 2022))
    for item in ("autonomy3", "learn_people", "training_code", "skills_match_code", "hr4"):
        assert np.array_equal(few.item(item), all_of_them.item(item)[some]), item


def test_without_the_break_only_its_items_differ_and_only_since_2022() -> None:
    given, other = parameters("nea"), parameters("nea", "no_break")
    some = np.arange(0, 700_000, 70, dtype=np.int64)
    moved = set(given.raw["break"]) - {"year"}
    for year, expected in ((2021, set()), (2022, moved)):
        pair = [Answers(each, people(each, year, some)) for each in (given, other)]
        differ = {item for item in given.raw["items"] if not np.array_equal(*(each.item(item) for each in pair))}
        assert differ == expected


def test_what_stays_with_a_person_stays() -> None:
    """The covariance of a latent over two waves is what stays; tables are the same in both."""
    given = parameters("nea")
    first = people(given, 2007, np.arange(0, 700_000, 4, dtype=np.int64))
    later = People(2007, 2008, first.person, first.attributes)
    for latent in ("autonomy", "variety"):
        own, now = Answers(given, first).latent(latent)
        again = Answers(given, later).latent(latent)
        assert np.array_equal(own, again[0])
        if latent == "autonomy":
            noise = now - own, again[1] - again[0]
            stays = given.latent(latent)["person"]
            assert np.var(noise[0]) == pytest.approx(1 - stays, abs=0.01)
            assert abs(np.corrcoef(*noise)[0, 1]) < 0.01


@pytest.mark.parametrize(("instrument", "year"), [("nea", 2018), ("nea", 2022), ("zea", 2021)])
def test_indicators_are_what_the_codebook_makes_of_the_items(instrument: str, year: int) -> None:
    """Two routes: sums of codes for a whole population, and the rules of the codebook on a sample with open answers."""
    given = parameters(instrument)
    frame = llo.synthetic(instrument, years=year).frame
    answers = Answers(given, people(given, year, frame["id"].to_numpy(dtype=np.int64) - 1))
    compared = 0
    for name in set(available(given)) & set(frame.columns):
        values, asked = indicator(answers, name)
        answered = frame[name].notna().to_numpy()
        compared += bool(answered.any())
        assert np.allclose(frame[name].to_numpy(dtype=float)[answered], values[answered], rtol=0, atol=1e-12), name
        assert asked is None or asked[answered].all(), name
    assert compared > 12


def test_indicators_are_those_of_the_codebook() -> None:
    for name in ("nea", "zea"):
        known = set(instrument_of(name).harmonised) | {"autonomy1_regularly", "demands2_often", "fewer_skills"}
        assert set(available(parameters(name))) - {"not_connected"} <= known
    assert set(available(parameters("nea"))) == set(INDICATORS)

"""Proves which instruments ask the same of training, so that a stack lets them stand beside each other."""

from __future__ import annotations

from itertools import combinations

import pytest

import llo_research as llo
from llo_research.data.instrument import instrument_names, instrument_of
from llo_research.definitions import differing

# CBS asks employees and the self-employed the same; the ROA items are taken from the NEA
ALIKE = {("nea", "zea"), ("nea", "roa"), ("roa", "zea")}
ASKED = [name for name in instrument_names() if "training" in instrument_of(name).harmonised]


@pytest.mark.parametrize("pair", list(combinations(ASKED, 2)))
def test_training_is_one_question_in_these_surveys_only(pair: tuple[str, str]) -> None:
    entries = {name: instrument_of(name).harmonised["training"] for name in pair}
    sources = {
        name: {
            "reference_period": {"training": entry.get("reference_period")},
            "definition": {"training": entry["definition"]},
        }
        for name, entry in entries.items()
    }
    found = differing({"surveys": sources}, "training", pair)
    assert (found is None) == (tuple(sorted(pair)) in ALIKE)


def test_two_years_and_twelve_months_are_told_apart_in_the_monitor() -> None:
    """A figure of the monitor over NEA and an instrument of twelve months is refused, as any stack is."""
    nea, zea = (llo.synthetic(name, years=[2021], n=2000, seed=1) for name in ("nea", "zea"))
    period = {**zea.source["reference_period"], "training": {"nl": "afgelopen jaar", "en": "past twelve months"}}
    other = zea._with(source={**zea.source, "reference_period": period})
    assert len(llo.monitor.estimates("1", surveys={"nea": nea, "zea": zea}, years=2021).rows)
    with pytest.raises(llo.DataError, match="another reference period"):
        llo.monitor.estimates("1", surveys={"nea": nea, "zea": other}, years=2021)

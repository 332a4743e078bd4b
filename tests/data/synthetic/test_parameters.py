"""Proves that the parameters fit the codebook and the published figures, and say of each number what it is."""

from __future__ import annotations

import re

import pytest

import llo_research as llo
from llo_research.data.instrument import instrument_of
from llo_research.data.synthetic.parameters import INSTRUMENTS, along, parameters
from llo_research.data.synthetic.questionnaire import is_asked

STATUS = re.compile(r"(published|derived|interpolated|invented)")


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_targets_are_the_published_figures(name: str) -> None:
    figures = llo.published(breaks="flag")
    for target in parameters(name).raw["targets"]:
        rows = figures[(figures["series"] == target["series"]) & (figures["category"] == target["category"])]
        period = target.get("period")
        rows = rows[rows["period"] == period] if period else rows[rows["year"] == target["year"]]
        assert rows["value"].tolist() == [target["value"]], target["name"]
        if "more than" in target["category"]:
            assert not target.get("fit")


def test_every_published_figure_of_these_variables_is_a_target() -> None:
    """Nothing is left out of the comparison in silence: series on what the surveys ask, apart from other breakdowns."""
    series = {t["series"] for name in INSTRUMENTS for t in parameters(name).raw["targets"]}
    figures = llo.published(breaks="flag")
    used = {
        (t["series"], t["category"], t.get("period") or t["year"])
        for name in INSTRUMENTS
        for t in parameters(name).raw["targets"]
    }
    for row in figures[figures["series"].isin(series)].itertuples():
        when = row.period if (row.series, row.category, row.period) in used else row.year
        occupation = str(row.series).startswith("NEA22_occ") and row.category != "Total"
        assert occupation or (row.series, row.category, when) in used, (row.series, row.category, row.year)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_margins_say_what_they_are_and_add_up(name: str) -> None:
    for margin, given in parameters(name).raw["margins"].items():
        assert len(given["status"]) == len(given["years"]) == len(given["values"]), margin
        assert all(STATUS.match(text) for text in given["status"]), margin
        for values in given["values"]:
            for shares in values if margin == "education" else [values]:
                if margin != "total":
                    assert len(shares) == len(given["levels"])
                    assert sum(shares) == pytest.approx(100, abs=0.2), (margin, shares)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_levels_are_those_of_the_codebook(name: str) -> None:
    given, item = parameters(name), instrument_of(name)
    harmonised = {"contract": "contract10"} if name == "nea" else {}
    for dimension in ("education", "sex", "origin", "sector", "firm_size", *harmonised):
        known = list(item.categories(harmonised.get(dimension, dimension)))
        assert given.levels(dimension) == known[: len(given.levels(dimension))], dimension
        if dimension != "contract":
            assert len(known) == len(given.levels(dimension))


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_items_have_the_codes_of_the_codebook(name: str) -> None:
    given, item = parameters(name), instrument_of(name)
    for code, spec in given.raw["items"].items():
        variable = item.variable(code)
        assert variable is not None and len(variable.values) == len(spec["shares"]), code
        assert sum(spec["shares"]) == pytest.approx(1)
        cuts = given.cuts(code)
        assert len(cuts) == len(spec["shares"]) - 1 and cuts == sorted(cuts)
        assert any(is_asked(item, code, year) for year in given.years), code


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_equations_speak_of_levels_that_there_are(name: str) -> None:
    given = parameters(name)
    for latent, equation in given.raw["latents"].items():
        for dimension, table in equation.get("tables", {}).items():
            fitted = given.fitted.get("tables", {}).get(latent, {}).get(dimension, {})
            assert {*table, *fitted} == set(given.levels(dimension)), (latent, dimension)
        for on, slope in equation.get("slopes", {}).items():
            assert list(given.raw["latents"]).index(on) < list(given.raw["latents"]).index(latent)
            assert set(slope) <= {"score", "between", "education", "drift"}
    for moved in set(given.raw.get("break", {})) - {"year"}:
        assert moved in given.raw["items"]


def test_values_between_the_years_given_lie_on_a_line() -> None:
    path = {"years": [2010, 2020], "values": [[0.0, 10.0], [5.0, 0.0]]}
    assert along(path, 2012).tolist() == [1.0, 8.0]
    assert along(path, 2000).tolist() == [0.0, 10.0] and along(path, 2030).tolist() == [5.0, 0.0]

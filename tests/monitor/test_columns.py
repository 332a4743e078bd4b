"""Proves that declared indicators and groups serve any estimator, under their words, and what is refused."""

from __future__ import annotations

from importlib import import_module

import pytest

import llo_research as llo

groups, own = import_module("llo_research.monitor.groups"), import_module("llo_research.monitor.indicators")


@pytest.fixture(scope="module")
def nea() -> llo.Survey:
    return llo.synthetic("nea", years=[2020], n=2000)


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares ends with it."""
    monkeypatch.setattr(own, "_OWN", {})
    monkeypatch.setattr(groups, "_OWN", {})


def test_the_columns_are_those_of_the_conditions(nea: llo.Survey) -> None:
    neither = llo.monitor.indicator(
        "neither", "training == 0 & informal_learning == 0", label_nl="Op geen manier", label_en="In neither way"
    )
    svy = llo.monitor.with_columns(nea, neither, "over55")
    found = llo.gap("neither", svy, group="over55", of="over_55", minus="under_55")
    plain = llo.gap("training == 0 & informal_learning == 0", nea, of="age >= 55", minus="age < 55")
    assert found.estimate[0] == plain.estimate[0]
    assert found.std_error[0] == plain.std_error[0]


def test_results_are_told_in_the_declared_words_of_both_languages(nea: llo.Survey) -> None:
    parts = {"interview": "hr1 == 1", "plan": "hr2 == 1"}
    several = llo.monitor.indicator("several", parts, label_nl="Instrumenten", label_en="Instruments")
    svy = llo.monitor.with_columns(nea, several, "education", "over55", "skills_obsolete")
    assert {"nl": "plan", "en": "plan"}.items() <= svy.labels["plan"].items()
    dutch = llo.report.table(llo.mean("skills_obsolete", svy, by=["over55", "education"]), language="nl").to_markdown()
    assert "Kennis en vaardigheden in hoge mate verouderd" in dutch
    assert "55 jaar en ouder" in dutch and "hbo of wo" in dutch
    english = llo.report.table(llo.mean("plan", svy, by="over55"), language="en").to_markdown()
    assert "55 and over" in english
    assert "over55" not in nea.labels, "the survey that was given stays as it was"


def test_the_groups_of_joint_results_of_joint_results_are_told_in_words(nea: llo.Survey) -> None:
    svy = llo.monitor.with_columns(nea, "over55", "education")
    old = {"of": "over_55", "minus": "under_55"}
    inner = {name: llo.gap(name, svy, group="over55", **old) for name in ("training", "informal_tasks")}
    told = llo.report.table(llo.joint({"a": llo.joint(inner), "b": llo.joint(inner)}), language="nl").to_markdown()
    assert "over_55" not in told
    assert "55 jaar en ouder" in told


def test_what_makes_no_column_is_refused(nea: llo.Survey) -> None:
    with pytest.raises(llo.DataError, match="no such indicator or group"):
        llo.monitor.with_columns(nea, "nothing")
    adults = llo.monitor.indicator("adults", "training == 1", universe="age >= 25", label_nl="x", label_en="x")
    with pytest.raises(llo.DataError, match="makes no column"):
        llo.monitor.with_columns(nea, adults)
    with pytest.raises(llo.DataError, match="'over55'"):
        llo.monitor.with_columns(nea, "over55", "over55")


def test_estimates_of_one_year_need_no_year_in_their_labels() -> None:
    nea = llo.synthetic("nea", years=[2020, 2022], n=2000)
    dated = llo.monitor.estimates("8", surveys={"nea": nea}, by="education", years=2022)
    plain = llo.monitor.undated(dated)
    assert plain.labels == ("low", "middle", "high")
    assert dated.labels == ("low:2022", "middle:2022", "high:2022")
    of, minus = {"low": 1, "high": -1}, {"low:2022": 1, "high:2022": -1}
    assert plain.contrast(of).std_error[0] == dated.contrast(minus).std_error[0]
    with pytest.raises(llo.DataError, match="Only their year"):
        llo.monitor.undated(llo.monitor.estimates("8", surveys={"nea": nea}))

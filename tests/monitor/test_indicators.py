"""Proves that a student declares an indicator and a group in ten lines, and what is refused."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

import llo_research as llo
from llo_research.data.instrument import instrument_of
from llo_research.monitor.indicators import indicators

SAME = 1e-12  # the same calls on the same rows: rounding of sums only
groups, own = import_module("llo_research.monitor.groups"), import_module("llo_research.monitor.indicators")


@pytest.fixture(scope="module")
def nea() -> llo.Survey:
    return llo.synthetic("nea", years=[2020, 2022], n=2000)


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares ends with it."""
    monkeypatch.setattr(own, "_OWN", {})
    monkeypatch.setattr(groups, "_OWN", {})


def test_a_students_indicator_and_group_in_ten_lines(nea: llo.Survey) -> None:
    llo.monitor.indicator(
        "learns_neither",
        "training == 0 & informal_learning == 0",
        universe="age >= 25",
        label_nl="Leert niet formeel en niet informeel",
        label_en="Learns neither formally nor informally",
    )
    llo.monitor.group("half_way", {"25-44": "age >= 25 & age < 45", "45 and over": "age >= 45"}, label_en="Age")
    figure = llo.monitor.figure(
        "learns_neither", surveys={"nea": nea}, by="half_way", where="hours >= 12", language="en"
    )
    asked = nea.where("age >= 25").where("hours >= 12").assign(older="age >= 45")
    by_hand = llo.mean("training == 0 & informal_learning == 0", asked, by=["older", "year"])
    np.testing.assert_allclose(figure.frame["estimate"] / 100, by_hand.estimate, rtol=SAME)
    assert figure.frame["Age"].tolist() == ["25-44", "25-44", "45 and over", "45 and over"]
    assert "Learns neither formally nor informally" in figure.alt_text and "of the Monitor" not in figure.alt_text


def test_unknown_answers_are_left_out_and_not_no(nea: llo.Survey) -> None:
    llo.monitor.indicator("no_training", "training == 0", label_nl="a", label_en="b")
    found = llo.monitor.estimates("no_training", surveys={"nea": nea})
    trained = llo.mean("training", nea, by="year")
    np.testing.assert_allclose(found.estimate, 1 - trained.estimate, rtol=SAME)
    assert found.n.tolist() == trained.n.tolist()


def test_years_without_one_of_the_questions_are_left_out() -> None:
    """In 2019 nobody was asked about informal learning: of those who trained "neither" is known, of the rest not."""
    nea = llo.synthetic("nea", years=[2018, 2019], n=2000)
    llo.monitor.indicator("learns_neither", "training == 0 & informal_learning == 0", label_nl="a", label_en="b")
    assert llo.monitor.estimates("learns_neither", surveys={"nea": nea}).rows["year"].tolist() == [2018]
    with pytest.raises(llo.DataError, match="nea: 2018"):
        llo.monitor.estimates("learns_neither", surveys={"nea": nea}, years=2019)


def test_a_year_that_did_not_ask_both_questions_is_left_out() -> None:
    nea = llo.synthetic("nea", years=[2020, 2021, 2022])
    label = {"label_nl": "a", "label_en": "b"}
    unmet = llo.monitor.indicator("unmet", "need_training == 1 & satisfied_learning == 0", **label)
    found = llo.monitor.estimates(unmet, surveys={"nea": nea})
    # 2021 asked satisfaction alone: false is then known of whoever is satisfied, and the share would be nought
    assert found.labels == ("2020", "2022") and "weight_half1" in str(found.meta["weight"])
    by_hand = llo.mean("need_training == 1 & satisfied_learning == 0", nea.where("year == 2020"))
    np.testing.assert_allclose(found.estimate[0], by_hand.estimate[0], rtol=SAME)
    with pytest.raises(llo.DataError, match="no answers to 'unmet'"):
        llo.monitor.estimates(unmet, surveys={"nea": nea}, years=2021)
    either = llo.monitor.indicator("either", "isna(need_training) | satisfied_learning == 0", **label)
    assert llo.monitor.estimates(either, surveys={"nea": nea}, years=2021).estimate[0] == 1  # it says what is missing


def test_a_mean_several_parts_and_half_weights(nea: llo.Survey) -> None:
    score = llo.monitor.indicator("score", "engagement", label_nl="Score", label_en="Score")
    found = llo.monitor.estimates(score, surveys={"nea": nea})
    np.testing.assert_allclose(found.estimate, llo.mean("engagement", nea, by="year").estimate, rtol=SAME)
    assert "weight_half2" in str(found.meta["weight"])
    formulas = {"from tasks": "learn_tasks >= 3", "from people": "learn_people >= 3"}
    parts = llo.monitor.indicator("both", formulas, label_nl="Leren", label_en="Learning")
    found = llo.monitor.estimates(parts, surveys={"nea": nea}, years=2022)
    assert found.rows["variable"].tolist() == ["from tasks", "from people"]
    by_hand = [llo.mean(text, nea.where("year == 2022")).estimate[0] for text in formulas.values()]
    np.testing.assert_allclose(found.estimate, by_hand, rtol=SAME)


def test_a_group_of_the_monitor_has_its_words(nea: llo.Survey) -> None:
    figure = llo.monitor.figure("1", surveys={"nea": nea}, by="education", years=2022)
    assert figure.frame["Opleiding"].tolist() == ["tot en met mbo-1", "havo, vwo, mbo 2-4", "hbo of wo"]
    made = llo.monitor.estimates("1", surveys={"nea": nea}, by="diploma", years=2022).estimate
    by_hand = llo.mean("training", nea.where("year == 2022"), by="education").estimate
    np.testing.assert_allclose(made, by_hand[::-1], rtol=SAME)  # the same three classes, the other way round


def test_people_in_no_level_are_left_out_and_counted(nea: llo.Survey) -> None:
    llo.monitor.group("young_old", {"old": "age >= 55", "young": "age < 25"})
    found = llo.monitor.estimates("1", surveys={"nea": nea}, by="young_old", years=2022)
    assert found.rows["young_old"].tolist() == ["old", "young"]
    assert sum(found.meta["left_out"].values()) >= int(nea.frame["age"].between(25, 54).sum() / 2)


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ({"a": "age < 50", "b": "age > 40"}, r"overlap[\s\S]*'overlapping: a' and 'overlapping: b'"),
        ({"a": "age < 50", "b": "age > 400"}, r"Nobody is in this level[\s\S]*b"),
        ({"a": "aeg < 50", "b": "age >= 50"}, "aeg"),
    ],
)
def test_groups_that_do_not_fit(levels: dict[str, str], said: str, nea: llo.Survey) -> None:
    llo.monitor.group("overlapping", levels)
    with pytest.raises(llo.DataError, match=said):
        llo.monitor.figure("1", surveys={"nea": nea}, by="overlapping")


def test_groups_that_are_refused_at_once(nea: llo.Survey) -> None:
    with pytest.raises(llo.DataError, match="is a group of the monitor"):
        llo.monitor.group("education", {"a": "age < 50", "b": "age >= 50"})
    with pytest.raises(llo.DataError, match="Python name"):
        llo.monitor.group("a group", {"a": "age < 50", "b": "age >= 50"})
    with pytest.raises(llo.DataError, match="two levels or more"):
        llo.monitor.group("one", {"a": "age < 50"})
    with pytest.raises(llo.DataError, match=r"level 'b'[\s\S]*'wheer'; did you mean 'where'"):
        llo.monitor.group("two", {"a": "age < 50", "b": {"wheer": "age >= 50", "nl": "b", "en": "b"}})
    llo.monitor.group("sex", {"a": "age < 50", "b": "age >= 50"})
    with pytest.raises(llo.DataError, match="column 'sex' of its own"):
        llo.monitor.figure("1", surveys={"nea": nea}, by="sex")


def test_indicators_that_are_refused(nea: llo.Survey) -> None:
    words = {"label_nl": "a", "label_en": "b"}
    with pytest.raises(llo.DataError, match="'training' is an indicator of the monitor"):
        llo.monitor.indicator("training", "age >= 55", **words)
    with pytest.raises(llo.DataError, match="Python name"):
        llo.monitor.indicator("my own", "age >= 55", **words)
    with pytest.raises(llo.DataError, match="label_nl"):
        llo.monitor.indicator("mine", "age >= 55", label_nl="", label_en="b")
    with pytest.raises(llo.DataError, match="formula"):
        llo.monitor.indicator("mine", {}, **words)
    llo.monitor.indicator("mine", "trainign", **words)
    with pytest.raises(llo.DataError, match="did you mean 'training'"):
        llo.monitor.figure("mine", surveys={"nea": nea})
    llo.monitor.indicator("sector", "age >= 55", **words)
    with pytest.raises(llo.DataError, match="column 'sector' of its own"):
        llo.monitor.figure("sector", surveys={"nea": nea})


def test_the_monitors_indicators_are_of_their_instruments() -> None:
    for name, indicator in indicators().items():
        for instrument in indicator.instruments:
            known = instrument_of(instrument)
            for formula in indicator.formulas.values():
                variable = formula.split(" ")[0]
                columns = {*known.harmonised, *known.raw["variables"], *_cuts(known.raw)}
                assert variable in columns, f"{name}: {variable} is not asked in {instrument}"


def _cuts(raw: dict[str, dict[str, dict[str, list[dict[str, str]]]]]) -> set[str]:
    """The 0/1 variables that are made from scales."""
    return {cut["name"] for scale in raw.get("scales", {}).values() for cut in scale.get("cuts", [])}

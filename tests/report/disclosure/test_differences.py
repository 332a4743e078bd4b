"""Proves that what results tell of a few, or of one, by their difference is found, and that safe neighbours pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide
from llo_research.results.result import Result
from tests.report.disclosure.test_planted import people as others

N = 600


def people() -> pd.DataFrame:
    """Persons of whom six are 60 years old, and say yes."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "index": np.arange(N),
            "age": rng.integers(18, 70, N),
            "edu": rng.choice(["low", "mid", "high"], N),
            "region": rng.choice(list("ABCDEFGH"), N),
            "yes": rng.integers(0, 2, N),
            "other": rng.integers(0, 2, N),
            "income": rng.lognormal(7.5, 0.4, N).round(),
            "w": rng.uniform(0.5, 2, N).round(3),
        }
    )
    sixty = np.arange(N) % 100 == 7
    frame["age"] = np.where(sixty, 60, np.where(frame["age"] == 60, 59, frame["age"]))
    frame["yes"] = np.where(sixty, 1, frame["yes"])
    return frame


def survey(frame: pd.DataFrame, weights: str = "w") -> llo.Survey:
    """A survey of it."""
    return llo.Survey(frame, weights=weights)


def rules_of(results: Mapping[str, Result]) -> set[str]:
    """The rules that are broken; each result passes alone."""
    assert all(decide({name: one}).findings.empty for name, one in results.items())
    return set(decide(results).findings["rule"])


AGES = ("age < 40", "age >= 40 and age < 60", "age > 60")


def test_a_total_and_parts_that_are_results_of_their_own() -> None:
    svy = survey(people())
    results = {age: llo.mean("yes", svy.where(age)) for age in AGES}
    assert not rules_of(results)
    decision = decide({"all": llo.mean("yes", svy), **results})
    assert decision.findings["rule"].tolist() == ["difference"] and decision.findings["found"].tolist() == [6]
    whole = {**results, AGES[-1]: llo.mean("yes", svy.where("age >= 60"))}
    assert not rules_of({"all": llo.mean("yes", svy), **whole})


def test_parts_that_add_up_beside_all_but_a_few() -> None:
    svy = survey(people())
    older, without = llo.mean("yes", svy.where("age >= 40")), llo.mean("yes", svy.where("age != 60"))
    assert "difference" in rules_of({"younger": llo.mean("yes", svy.where("age < 40")), "older": older, "w": without})
    assert not rules_of({"older": older, "without": without})


@pytest.mark.parametrize(
    ("told", "again"),
    [
        ("yes", "yes == 1"),
        ("yes", "yes == 0"),
        ("yes", "copy"),
        ("income", "doubled"),
        ("income", "squared"),
        ("yes", "income"),  # another one, of which n tells of the same persons
    ],
)
def test_the_same_variable_by_another_name(told: str, again: str) -> None:
    frame = people()
    frame["copy"], frame["doubled"], frame["squared"] = frame["yes"], 5 - 2 * frame["income"], frame["income"] ** 2
    svy = survey(frame)
    results = {"a": llo.mean(told, svy.where("age >= 60")), "b": llo.mean(again, svy.where("age > 60"))}
    assert rules_of(results) == {"difference"}


@pytest.mark.parametrize("condition", ["edu == 'low'", "edu != 'low'", "other == 1"])
def test_levels_beside_a_condition(condition: str) -> None:
    svy = survey(people())
    results = {"a": llo.share("edu", svy.where("age >= 60")), "b": llo.mean(condition, svy.where("age > 60"))}
    assert rules_of(results) == {"difference"}
    table = llo.crosstab("edu", "yes", svy.where("age >= 60"))
    assert rules_of({**results, "a": table}) == {"difference"}


@pytest.mark.parametrize("again", ["yes == 0", "other == 0"])
def test_answers_in_the_rest_by_another_name(again: str) -> None:
    frame = people()
    younger = frame["age"] < 30
    frame["yes"] = np.where(younger, 0, frame["yes"])
    frame.loc[frame.index[younger][:3], "yes"] = 1
    svy = survey(frame)
    results = {"all": llo.mean("yes", svy), "older": llo.mean(again, svy.where("age >= 30"))}
    assert rules_of(results) == ({"difference"} if again == "yes == 0" else set())


def test_models_tell_the_mean_of_what_they_explain() -> None:
    frame = people().assign(missing=lambda f: f["other"].astype(float), sex=np.where(np.arange(N) % 2, "m", "f"))
    frame.loc[2, "missing"] = np.nan
    svy, sides = survey(frame), {"group": "sex", "of": "m", "minus": "f"}
    one, two = llo.glm("income ~ age", svy), llo.glm("income ~ age + missing", svy)
    parts = llo.decomposition.oaxaca_blinder("income ~ age + missing", svy, **sides)
    assert "difference" in rules_of({"one": one, "two": two})
    assert "difference" in rules_of({"mean": llo.mean("income", svy), "two": two})
    assert "difference" in rules_of({"means": llo.mean("income", svy, by="sex"), "parts": parts})
    assert not rules_of({"mean": llo.mean("yes", svy), "two": two})
    assert not rules_of({"mean": llo.mean("income", svy), "one": one})


def test_ratios_tell_of_both_their_parts() -> None:
    svy = survey(people())
    both = {"ratio": llo.ratio("income", "age", svy), "age": llo.mean("age", svy)}
    assert "difference" in rules_of({**both, "but one": llo.mean("income", svy.where("index != 5"))})
    assert not rules_of({**both, "older": llo.mean("income", svy.where("age > 30"))})


def test_contrasts_of_groups_that_differ_by_a_few() -> None:
    svy = survey(people())
    for condition, rules in (("index > 3", {"difference"}), ("index > 30", set())):
        joint = llo.joint({"a": llo.mean("yes", svy), "b": llo.mean("yes", svy.where(condition))})
        told = decide({"contrast": joint.contrast({"a": 600, "b": -596})}).findings
        assert set(told["rule"]) == rules


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_a_model_of_an_answer_that_few_gave(family: str) -> None:
    frame = people().assign(rare=(np.arange(N) < 3).astype(int))
    told = decide({"model": llo.glm("rare ~ age", survey(frame), family=family)}).findings
    assert "complement" in set(told["rule"])
    assert not rules_of({"model": llo.glm("yes ~ age", survey(frame), family=family)})


def with_one_rich() -> tuple[pd.DataFrame, int]:
    """The same persons, of whom one of region H earns more than the others there together."""
    frame = people()
    one = int(frame.index[frame["region"] == "H"][0])
    frame.loc[one, "income"] = 400_000
    return frame, one


@pytest.mark.parametrize("how", [llo.mean, llo.total])
def test_what_is_left_of_a_group_is_made_up_by_one(how: Callable[..., Result]) -> None:
    frame, _ = with_one_rich()
    svy = survey(frame)
    assert "dominance" in set(decide({"by region": how("income", svy, by="region")}).findings["rule"])
    assert "difference" in rules_of({"all": how("income", svy), "but H": how("income", svy.where("region != 'H'"))})
    assert not rules_of({"all": how("income", svy), "but A": how("income", svy.where("region != 'A'"))})


@pytest.mark.parametrize("answer", [0, 1])
@pytest.mark.parametrize("what", ["mean", "share", "crosstab"])
def test_one_person_has_most_of_the_weight_behind_an_answer(answer: int, what: str) -> None:
    frame, one = with_one_rich()
    frame["w"], frame["income"] = 1.0, 1.0
    frame.loc[one, ["w", "yes"]] = [5000, answer]
    svy = survey(frame)
    makers = {
        "mean": lambda s: llo.mean("yes", s),
        "share": lambda s: llo.share("yes", s.assign(yes="yes == 1")),
        "crosstab": lambda s: llo.crosstab("yes", "other", s),
    }
    assert "dominance" in set(decide({"H": makers[what](svy.where("region == 'H'"))}).findings["rule"])
    assert not rules_of({"A": makers[what](svy.where("region == 'A'"))})


def test_one_person_has_most_of_the_weight_behind_what_is_left() -> None:
    frame, one = with_one_rich()
    frame["w"] = 1.0
    frame.loc[one, ["w", "yes"]] = [300, 0]  # of 320 who say no outside H, and of nearly all in it
    svy = survey(frame)
    results = {"all": llo.mean("yes", svy), "but H": llo.mean("yes", svy.where("region != 'H'"))}
    assert decide({"but H": results["but H"]}).findings.empty
    assert set(decide(results).findings["rule"]) <= {"difference", "dominance"} and len(decide(results).findings)


def test_a_saturated_model_of_a_group_that_one_person_makes_up() -> None:
    frame, _ = with_one_rich()
    assert "saturated" in set(decide({"m": llo.glm("income ~ C(region)", survey(frame))}).findings["rule"])
    assert not rules_of({"m": llo.glm("income ~ C(region)", survey(people()))})


def graded(rare: int) -> pd.DataFrame:
    """Persons with a grade of 1 to 5, of whom a few have the highest."""
    frame = people()
    frame["grade"] = np.random.default_rng(2).choice([1, 2, 3], N)
    frame.loc[: rare - 1, "grade"] = 5
    frame.loc[100:129, "grade"] = 4
    return frame.assign(w=1.0, doubled=lambda f: 2 * f["grade"])


@pytest.mark.parametrize("name", ["grade", "doubled"])
def test_a_mean_beside_the_shares_of_its_levels(name: str) -> None:
    svy = survey(graded(4))
    levels, mean = llo.share("grade", svy), llo.mean(name, svy)
    hidden = decide({"levels": levels, "mean": mean}).hidden
    assert hidden["levels"].sum() == 2 and hidden["mean"].all()
    by_region = decide({"levels": levels, "mean": llo.mean(name, svy, by="region")}).hidden
    assert by_region["mean"].any()  # they add up to the mean of all
    assert not decide({"levels": levels, "mean": llo.mean("income", svy)}).hidden["mean"].any()
    assert not rules_of({"levels": llo.share("grade", survey(graded(40))), "mean": llo.mean(name, svy)})


def test_a_mean_beside_levels_that_are_hidden_elsewhere() -> None:
    frame = graded(40)
    frame.loc[(frame["region"] == "B") & (frame["grade"] == 5), "grade"] = 3
    frame.loc[frame.index[frame["region"] == "B"][:3], "grade"] = 5
    svy = survey(frame)
    b, a = svy.where("region == 'B'"), svy.where("region == 'A'")
    assert decide({"B": llo.share("grade", b), "mean": llo.mean("grade", b)}).hidden["mean"].all()
    assert not decide({"B": llo.share("grade", b), "mean": llo.mean("grade", a)}).hidden["mean"].any()


def nested() -> pd.DataFrame:
    """Persons of whom three have a grade of 4, three more have one answer than another, and three gave both of two."""
    frame, at = people(), np.arange(N)
    frame["grade"] = np.where(at < 3, 4, np.where(at < 160, 5, 1 + at % 3))
    frame["one"], frame["two"] = (at < 100).astype(int), ((at >= 97) & (at < 250)).astype(int)
    frame["wider"] = np.where(np.isin(at, np.flatnonzero(frame["yes"] == 0)[:3]), 1, frame["yes"])
    return frame.assign(w=1.0, some=np.where(at == 2, np.nan, frame["other"]))


@pytest.mark.parametrize(
    ("conditions", "few"),
    [
        (["grade >= 4", "grade >= 5"], True),
        (["grade < 4", "grade >= 5"], True),
        (["grade >= 2", "grade >= 5"], False),
        (["yes", "wider"], True),
        (["one", "one == 1 and two == 0"], True),
        (["one", "two", "one == 1 or two == 1"], True),
        (["one", "two", "yes"], False),
        (["some", "yes"], False),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_answers_that_few_gave_by_the_answers_of_others(conditions: list[str], few: bool, together: bool) -> None:
    svy = survey(nested())
    each = {str(i): llo.mean(name, svy) for i, name in enumerate(conditions)}
    told = decide({"all": llo.mean(conditions, svy)} if together else each)
    assert set(told.findings["rule"]) == ({"difference"} if few else set())
    assert told.checked == ()


@pytest.mark.parametrize("name", ["yes", "income"])
def test_two_groups_with_a_few_in_common_beside_both_of_them(name: str) -> None:
    svy = survey(nested())
    one, two = llo.mean(name, svy.where("one == 1")), llo.mean(name, svy.where("two == 1"))
    either = llo.mean(name, svy.where("one == 1 or two == 1"))
    assert "difference" in rules_of({"one": one, "two": two, "either": either})
    assert not rules_of({"one": one, "two": two, "all": llo.mean(name, svy)})


def test_a_file_that_is_read_without_its_weights(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "a.csv", index=False)
    people().drop(columns="edu").to_csv(tmp_path / "b.csv", index=False)
    others(900, 2).assign(age=65).to_csv(tmp_path / "c.csv", index=False)
    a = llo.mean("yes", llo.read_file(tmp_path / "a.csv", weights="w").where("age >= 60"))
    with pytest.warns(llo.LloWarning, match="No weights"):
        read = {name: llo.read_file(tmp_path / f"{name}.csv").where("age > 60") for name in "abc"}
    for name in "ab":
        assert rules_of({"a": a, "again": llo.mean("yes", read[name])}) == {"difference"}
    assert any("no people in common" in text for text in decide({"a": a, "c": llo.mean("yes", read["c"])}).checked)

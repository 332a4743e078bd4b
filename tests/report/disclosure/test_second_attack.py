"""Planted ways to a few persons that a second attack found, each beside a safe neighbour that leaves whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide

N = 600


def people(**columns: Any) -> pd.DataFrame:
    """Persons."""
    rng = np.random.default_rng(5)
    frame = {
        "w": rng.uniform(0.8, 1.6, N).round(3),
        "income": rng.lognormal(7.5, 0.4, N).round(2),
        "yes": rng.integers(0, 2, N),
        "x": rng.integers(0, 2, N),
        "sex": rng.choice(["m", "v"], N),
        "region": rng.choice(list("ABC"), N),
    }
    return pd.DataFrame({**frame, **columns})


def survey(frame: pd.DataFrame, weights: str = "w") -> llo.Survey:
    """A survey of them."""
    return llo.Survey(frame, weights=weights)


def in_common(few: int) -> dict[str, np.ndarray]:
    """Three groups: two by two they have many in common, all three a few."""
    rng = np.random.default_rng(1)
    p, q, r = (rng.random(N) < 0.6 for _ in range(3))
    r &= ~(p & q)
    for one in (p, q, r):
        one[:few] = True
    return {"p": p, "q": q, "r": r}


def by_inclusion(few: int, variable: str = "income", **columns: Any) -> dict[str, llo.Result]:
    """The groups, what two of them have in common, and who is in any."""
    svy = survey(people(**in_common(few), **columns))
    return {one: llo.mean(variable, svy.where(one)) for one in ("p", "q", "r", "p & q", "p & r", "q & r", "p | q | r")}


@pytest.mark.parametrize("few, shut", [(3, True), (60, False)])
def test_inclusion_and_exclusion_of_three_groups(few: int, shut: bool) -> None:
    assert any(gone.any() for gone in decide(by_inclusion(few)).hidden.values()) == shut


def test_those_in_all_three_groups_all_agree() -> None:
    agree = np.random.default_rng(2).integers(0, 2, N)
    assert not any(gone.any() for gone in decide(by_inclusion(60, "answer", answer=agree)).hidden.values())
    agree[:60] = 1
    assert any(gone.any() for gone in decide(by_inclusion(60, "answer", answer=agree)).hidden.values())


def test_one_of_those_in_all_three_groups_makes_it_up() -> None:
    pay = np.random.default_rng(2).lognormal(5, 0.4, N)
    pay[0] = 4 * pay[1:60].sum()
    assert any(gone.any() for gone in decide(by_inclusion(60, "pay", pay=pay)).hidden.values())


@pytest.mark.parametrize("few, shut", [(1, True), (5, True), (N, False)])
def test_weights_that_differ_for_a_few(few: int, shut: bool) -> None:
    frame = people()
    frame["w2"] = np.where(np.arange(N) < few, frame["w"] * np.linspace(0.5, 3, N), frame["w"])
    results = {"a": llo.mean("income", survey(frame)), "b": llo.mean("income", survey(frame, "w2"))}
    assert decide(results).hidden["b"].any() == shut


@pytest.mark.parametrize("few, shut", [(3, True), (60, False)])
def test_a_number_beside_itself_with_its_top_cut_off(few: int, shut: bool) -> None:
    frame = people()
    frame["top"] = frame["income"].clip(upper=np.sort(frame["income"])[-few - 1])
    svy = survey(frame)
    hidden = decide({"a": llo.mean("income", svy), "b": llo.mean("top", svy)}).hidden
    assert (hidden["a"].any() or hidden["b"].any()) == shut


def test_quantiles_near_each_other_list_the_values() -> None:
    svy = survey(people())
    assert not decide({"q": llo.quantile("income", svy, q=[0.1, 0.25, 0.5, 0.75, 0.9])}).hidden["q"].any()
    near = [0.4, 0.41, 0.42, 0.5]
    assert decide({"q": llo.quantile("income", svy, q=near)}).hidden["q"].tolist() == [False, True, False, False]
    apart = {f"q{q}": llo.quantile("income", svy, q=q) for q in near}
    assert [bool(gone.any()) for gone in decide(apart).hidden.values()] == [False, True, False, False]


@pytest.mark.parametrize("q, shut", [(0.32, True), (0.4, False)])
def test_near_quantiles_by_other_names(q: float, shut: bool) -> None:
    frame = people()
    frame["copy"], frame["log"], frame["down"] = frame["income"], np.log(frame["income"]), -frame["income"]
    frame["place"] = frame["region"].str.lower()
    svy = survey(frame)
    first = llo.quantile("income", svy, q=0.3, by="region")
    others = {
        "domain": llo.quantile("income", svy.where("region == 'A'"), q=q),
        "recoded": llo.quantile("income", svy, q=q, by="place"),
        "copy": llo.quantile("copy", svy, q=q, by="region"),
        "logarithm": llo.quantile("log", svy, q=q, by="region"),
        "from above": llo.quantile("down", svy, q=1 - q, by="region"),
        "measure": llo.decomposition.reweight(
            "income ~ x", svy, group="region", of="A", minus="B", measures=[f"q{100 * q:.0f}"]
        ),
    }
    for name, other in others.items():
        assert decide({"first": first, "other": other}).hidden["other"].any() == shut, name


def test_near_measures_of_a_decomposition() -> None:
    measures = ["q30", "q32", "q50"]
    result = llo.decomposition.reweight(
        "income ~ x", survey(people()), group="region", of="A", minus="B", measures=measures
    )
    hidden = decide({"measures": result}).hidden["measures"]
    assert set(result.rows["measure"][hidden]) == {"q32"}


@pytest.mark.parametrize("few, shut", [(3, True), (100, False)])
def test_a_question_for_those_with_a_hidden_answer(few: int, shut: bool) -> None:
    frame = people(trained=(np.arange(N) >= few).astype(float))
    frame["purpose"] = np.where(frame["trained"] == 1, frame["yes"], np.nan)
    svy = survey(frame)
    hidden = decide({name: llo.mean(name, svy) for name in ("trained", "purpose", "yes")}).hidden
    assert hidden["purpose"].any() == shut and not hidden["yes"].any()


def test_a_question_that_others_did_not_answer_is_no_routing() -> None:
    frame = people(trained=(np.arange(N) >= 3).astype(float))
    frame["score"] = np.where(np.arange(N) > N - 4, np.nan, frame["income"])
    hidden = decide({name: llo.mean(name, survey(frame)) for name in ("trained", "score")}).hidden
    assert hidden["trained"].any() and not hidden["score"].any()


MODELS: dict[str, Callable[[llo.Survey], llo.Result]] = {
    "a column": lambda s: llo.glm("income ~ rare + x", s),
    "a cell of an interaction": lambda s: llo.glm("income ~ sex * own + x", s),
    "a base level": lambda s: llo.glm("income ~ C(level) + x", s),
    "a response": lambda s: llo.glm("rare ~ x", s),
    "a response of two other values": lambda s: llo.glm("code ~ x", s),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("few, shut", [(3, True), (100, False)])
def test_a_model_is_bound_to_the_mean_of_a_few(name: str, few: int, shut: bool) -> None:
    rare = np.zeros(N, dtype=int)
    rare[:few] = 1
    frame = people(rare=rare, code=rare + 1)
    own = (frame["sex"] == "m") & (np.arange(N) % 3 == 0)
    own |= (frame["sex"] == "v") & (frame["sex"] == "v").cumsum().le(few)
    level = np.where(rare == 1, "a", np.where(np.arange(N) % 2, "b", "c"))
    svy = survey(frame.assign(own=own.astype(int), level=level))
    assert decide({"m": MODELS[name](svy)}).hidden["m"].all() == shut


@pytest.mark.parametrize("few, shut", [(3, True), (60, False)])
def test_indices_of_a_number_that_nearly_all_have_in_common(few: int, shut: bool) -> None:
    frame = people(courses=np.where(np.arange(N) < few, 5.0, 1.0))
    found = decide({"gini": llo.decomposition.inequality("courses", survey(frame), measure="gini")})
    assert found.hidden["gini"].all() == shut


@pytest.mark.parametrize("function", [llo.mean, llo.variance])
@pytest.mark.parametrize("both, shut", [(3, True), (40, False)])
def test_a_covariance_of_two_variances_tells_who_gave_both(function: Any, both: int, shut: bool) -> None:
    a, b = np.arange(N) < 120, (np.arange(N) >= 120 - both) & (np.arange(N) < 240)
    result = function(["a", "b"], survey(people(a=a.astype(int), b=b.astype(int), w=np.ones(N))))
    decision = decide({"r": result})
    assert not decision.hidden["r"].any()
    assert bool(decision.covariances["r"].pairs[0, 1]) == shut


@pytest.mark.parametrize("both, shut", [(3, True), (40, False)])
def test_the_share_by_imputation_goes_with_the_error(both: int, shut: bool, tmp_path: Path) -> None:
    a = (np.arange(N) < 120).astype(int)
    own = (np.arange(N) >= 120 - both) & (np.arange(N) < 240)
    filled = [np.where((np.arange(N) >= 400 + 3 * m) & (np.arange(N) < 430), 1, own).astype(int) for m in range(4)]
    means = [llo.mean(["a", "b"], survey(people(a=a, b=b, w=np.ones(N)))) for b in filled]
    whole = llo.combine_imputations(means)
    llo.report.export({"c": whole.contrast({"a": 1, "b": -1}), "m": whole}, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "c.json").read_text("utf-8"))
    assert told["estimate"][0] is not None
    assert (told["meta"]["imputation_share_of_variance"][0] is None) == shut
    assert (told["df"][0] is None) == shut
    assert llo.read_result(tmp_path / "out" / "c.json").to_frame()["std_error"].isna().all() == shut


@pytest.mark.parametrize("few, shut", [(1, True), (60, False)])
def test_a_second_day_tells_of_all_but_a_few(few: int, shut: bool, tmp_path: Path) -> None:
    svy = survey(people(id=np.arange(N), age=np.arange(N) % 40))
    first = {"mean": llo.mean("income", svy), "by": llo.mean("income", svy, by="sex")}
    llo.report.export(first, tmp_path / "first")
    folder = {file.stem: llo.read_result(file) for file in (tmp_path / "first").glob("*.json")}
    some = svy.where(f"id >= {few}")
    later: dict[str, Callable[[], llo.Result]] = {
        "mean": lambda: llo.mean("income", some),
        "total": lambda: llo.total("income", some),
        "groups": lambda: llo.mean("income", some, by="region"),
        "model": lambda: llo.glm("income ~ x", some),
        "ratio": lambda: llo.ratio("income", "age", some),
        "gap": lambda: llo.gap("income", some, group="sex", of="m", minus="v"),
        "variance": lambda: llo.variance("income", some),
        "another variable": lambda: llo.mean("age", some),
        "parts": lambda: llo.decomposition.oaxaca_blinder("income ~ x", some, group="sex", of="m", minus="v"),
        "joint": lambda: llo.joint({"a": llo.mean("income", some), "b": llo.mean("age", some)}),
    }
    for name, call in later.items():
        assert decide({"later": call()}, left_before=folder).hidden["later"].any() == shut, name
        assert decide({"later": call()}, left_before=first).hidden["later"].any() == shut, name


def test_a_second_day_of_other_people_of_about_as_many(tmp_path: Path) -> None:
    svy = survey(people(half=np.arange(N) < 298, third=np.arange(N) >= 303))
    llo.report.export({"a": llo.mean("income", svy.where("half"))}, tmp_path / "first")
    before = {"a": llo.read_result(tmp_path / "first" / "a.json")}
    assert not decide({"b": llo.mean("x", svy.where("third"))}, left_before=before).hidden["b"].any()


def test_what_left_before_may_be_a_result_a_list_or_a_mapping(tmp_path: Path) -> None:
    svy = survey(people(id=np.arange(N)))
    whole, but = llo.mean("income", svy), llo.mean("income", svy.where("id != 7"))
    for before in (whole, [whole], (whole,), {"whole": whole}):
        with pytest.raises(llo.DisclosureError, match="Nothing of these"):
            llo.report.export(but, tmp_path / "out", left_before=before)
    with pytest.raises(llo.DataError, match=r"left_before, 'result_2'"):
        llo.report.export(but, tmp_path / "out", left_before=[whole, 3])
    assert set(llo.report.check_disclosure([whole, but])["result"]) == {"result_2"}
    with pytest.raises(llo.DataError, match="a dict"):
        llo.report.check_disclosure({"a": {"b": whole}})


@pytest.mark.parametrize("few, shut", [(6, True), (60, False)])
def test_counts_of_different_variables_add_up_to_all_but_a_few(few: int, shut: bool) -> None:
    cat = np.where(np.arange(N) < few, "r", np.where(np.arange(N) < 350, "p", "q"))
    svy = survey(people(cat=cat))
    every = {"all": llo.mean("yes", svy)}
    beside = {
        "two domains": {
            "p": llo.mean("income", svy.where("cat == 'p'")),
            "q": llo.mean("x", svy.where("cat == 'q'")),
        },
        "one domain": {"but": llo.mean("income", svy.where("cat != 'r'"))},
        "a gap": {"gap": llo.gap("income", svy, group="cat", of="p", minus="q")},
        "a decomposition": {
            "parts": llo.decomposition.oaxaca_blinder("income ~ x", svy, group="cat", of="p", minus="q")
        },
    }
    for name, others in beside.items():
        assert any(gone.any() for gone in decide(every | others).hidden.values()) == shut, name


def test_a_few_who_did_not_answer_one_question_are_no_secret() -> None:
    frame = people()
    frame.loc[:2, "income"] = np.nan
    svy = survey(frame)
    results = {"income": llo.mean("income", svy), "yes": llo.mean("yes", svy), "by": llo.mean("x", svy, by="region")}
    assert not any(gone.any() for gone in decide(results).hidden.values())


@pytest.mark.parametrize("down, shut", [(3, True), (40, False)])
def test_the_error_of_a_change_by_a_model_of_a_panel(down: int, shut: bool) -> None:
    rng = np.random.default_rng(20)
    before = rng.integers(0, 2, N)
    after = before.copy()
    after[np.flatnonzero(before == 0)[:50]], after[np.flatnonzero(before == 1)[:down]] = 1, 0
    waves = [people(pid=np.arange(N), wave=wave, w=1.0, yes=own) for wave, own in ((0, before), (1, after))]
    svy = llo.Survey(pd.concat(waves, ignore_index=True), weights="w", unit="pid", time="wave")
    models = {
        "within": llo.panel.fixed_effects("yes ~ wave", svy),
        "differences": llo.panel.first_difference("yes ~ wave", svy),
        "pooled": llo.glm("yes ~ wave", svy),
        "margins": llo.glm("yes ~ wave", svy, family="binomial").margins("wave"),
        "change": llo.change("yes", svy, time="wave", base=0),
    }
    for name, model in models.items():
        decision = decide({name: model})
        assert decision.covariances[name].ends[-1] == shut and not decision.hidden[name].any(), name


def waves_of(paths: dict[str, int]) -> llo.Survey:
    """Persons by what they answered in each wave, as "101" for yes, no, yes."""
    answers = np.array([[int(one) for one in path] for path, number in paths.items() for _ in range(number)])
    n, waves = answers.shape
    frame = pd.DataFrame({"pid": np.repeat(np.arange(n), waves), "w": 1.0, "yes": answers.ravel()})
    frame["wave"] = pd.Categorical(np.tile(np.arange(waves), n))
    return llo.Survey(frame.assign(t=frame["wave"].astype(int)), weights="w", unit="pid", time="t")


# of each change between two waves there are many, of two ways through all three few
PATHS = {"000": 210, "001": 30, "010": 0, "011": 40, "100": 35, "101": 0, "110": 25, "111": 190}
THREE: dict[str, Callable[[llo.Survey], llo.Result]] = {
    "within": lambda s: llo.panel.fixed_effects("yes ~ C(wave)", s),
    "pooled": lambda s: llo.glm("yes ~ C(wave)", s),
}


@pytest.mark.parametrize("model", THREE)
@pytest.mark.parametrize("few, other, shut", [(3, 2, True), (3, 60, False), (60, 60, False)])
def test_errors_and_covariances_of_three_waves(model: str, few: int, other: int, shut: bool) -> None:
    svy = waves_of(PATHS | {"101": few, "010": other})
    found = decide({"m": THREE[model](svy)}).covariances["m"]
    assert found.pairs.any() == shut and (not shut or found.found == other)


def fitting(paths: dict[str, int]) -> set[int]:
    """By trying all: who may have gone 101, of all numbers of the eight ways with these shares, errors, covariance."""
    y = np.array([[int(one) for one in name] for name in paths])
    d = np.column_stack([y[:, 1] - y[:, 0], y[:, 2] - y[:, 0]])
    own = np.array(list(paths.values()))
    exact = np.vstack([np.ones(8), y.T, d.T**2, (d[:, 0] * d[:, 1])[None]])
    step = np.where(y.sum(axis=1) % 2, -1, 1)  # the one direction in which eight counts are free of seven sums
    assert np.linalg.matrix_rank(exact) == 7 and np.allclose(exact @ step, 0)
    moves = [own + k * step for k in range(-500, 501)]
    return {int(one[list(paths).index("101")]) for one in moves if (one >= 0).all()}


def test_seven_sums_of_three_waves_leave_the_counts_one_way_to_move() -> None:
    assert fitting(PATHS | {"101": 3, "010": 2}) == {0, 1, 2, 3, 4, 5}
    assert len(fitting(PATHS | {"101": 3, "010": 60})) > 10

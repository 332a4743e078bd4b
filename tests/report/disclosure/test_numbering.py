"""Proves that the same people are known in other surveys: fewer rows, a second load, a stack, other columns."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide
from llo_research.report.disclosure.numbering import people_of
from llo_research.results.result import Result
from tests.report.disclosure.test_second_attack import N, people, survey

Made = Callable[[pd.DataFrame], pd.DataFrame]
CHANGED: dict[str, Made] = {
    "as it is": lambda frame: frame,
    "in another order": lambda frame: frame.iloc[::-1].reset_index(drop=True),
    "with a new column": lambda frame: frame.assign(new=1),
    "without a column": lambda frame: frame.drop(columns="x"),
    "with weights scaled": lambda frame: frame.assign(w=frame["w"] * 3),
    "with whole numbers as others": lambda frame: frame.assign(yes=frame["yes"].astype("float32")),
    "with levels as categories": lambda frame: frame.assign(region=frame["region"].astype("category")),
}


def hides(results: dict[str, Result]) -> bool:
    """Whether anything stays inside."""
    return any(gone.any() for gone in decide(results).hidden.values())


@pytest.mark.parametrize("few, shut", [(1, True), (60, False)])
@pytest.mark.parametrize("change", CHANGED.values(), ids=list(CHANGED))
def test_a_frame_without_a_few(change: Made, few: int, shut: bool) -> None:
    frame = people()
    left = change(frame[frame.index >= few])
    assert hides({"a": llo.mean("income", survey(frame)), "b": llo.mean("income", survey(left))}) == shut


@pytest.mark.parametrize("few, shut", [(1, True), (60, False)])
def test_answers_alone_and_labels_of_rows(few: int, shut: bool) -> None:
    frame = people()[["yes", "x", "region"]].assign(w=1.0)
    svy = {"a": survey(frame), "b": survey(frame[frame.index >= few])}
    assert hides({name: llo.mean("yes", own) for name, own in svy.items()}) == shut


def test_other_people_of_the_same_questions_are_others() -> None:
    rng = np.random.default_rng(9)
    frame = people(id=np.arange(N))
    other = frame.assign(income=rng.lognormal(7.5, 0.4, N).round(2), w=rng.uniform(0.8, 1.6, N), yes=1 - frame["yes"])
    few = other[other["id"] != 7].drop(columns=["x", "sex", "region"])
    assert not hides({"a": llo.mean("income", survey(frame)), "b": llo.mean("income", survey(few))})
    short = {seed: rng.integers(0, 2, (n, 4)) for seed, n in ((1, 600), (2, 598))}
    answers = [survey(pd.DataFrame(values, columns=list("abcd")).assign(w=1.0)) for values in short.values()]
    assert not hides({name: llo.mean("a", own) for name, own in zip("ab", answers, strict=True)})


@pytest.mark.parametrize("few, shut", [(1, True), (4, True), (60, False)])
def test_a_stack_less_its_surveys(few: int, shut: bool) -> None:
    one, two = people(id=np.arange(N)), people(id=np.arange(N))
    two["income"] = np.random.default_rng(8).lognormal(7.5, 0.4, N).round(2)
    two["w"] = two["income"] / 1000
    both = {"one": survey(one), "two": survey(two)}
    results = {
        "stack": llo.mean("income", llo.stack(both)),
        "one": llo.mean("income", both["one"]),
        "but": llo.mean("income", both["two"].where(f"id >= {few}")),
    }
    assert hides(results) == shut
    of_frames = {name: survey(svy.frame) for name, svy in both.items()}  # made anew
    results["but"] = llo.mean("income", of_frames["two"].where(f"id >= {few}"))
    assert hides(results) == shut


@pytest.mark.parametrize("condition, shut", [("id != 434", True), ("sector != 'A'", False)])
def test_a_year_that_is_loaded_twice(condition: str, shut: bool) -> None:
    long, short = llo.synthetic("nea", years=[2021, 2022]), llo.synthetic("nea", years=[2022])
    results = {"x": llo.mean("hours", long.where("year == 2022")), "y": llo.mean("hours", short.where(condition))}
    assert hides(results) == shut


def test_persons_are_the_same_in_both_surveys() -> None:
    frame = pd.concat([people(id=np.arange(N), wave=wave) for wave in (1, 2)], ignore_index=True)
    whole = llo.Survey(frame, weights="w", unit="id", time="wave")
    part = survey(frame[frame["wave"] == 2])
    (found,) = people_of({"a": llo.mean("yes", whole), "b": llo.mean("yes", part)})
    assert found.n == 2 * N and found.persons is not None and len(np.unique(found.persons)) == N


def _through_a_pickle(one: Any) -> Any:
    return pickle.loads(pickle.dumps(one))


@pytest.mark.parametrize("few, shut", [(1, True), (60, False)])
@pytest.mark.parametrize("way", [copy.deepcopy, _through_a_pickle])
def test_copies_of_surveys_and_of_results(way: Callable[[Any], Any], few: int, shut: bool) -> None:
    svy = survey(people(id=np.arange(N)))
    whole, some = llo.mean("income", svy), f"id >= {few}"
    made = {
        "of a survey": (whole, llo.mean("income", way(svy).where(some))),
        "of a result": (whole, way(llo.mean("income", svy.where(some)))),
        "of each": (way(whole), way(llo.mean("income", svy.where(some)))),
    }
    assert {name: hides({"a": a, "b": b}) for name, (a, b) in made.items()} == dict.fromkeys(made, shut)


def test_what_is_not_known_of_a_pickled_result_is_said() -> None:
    svy = survey(people())
    (said,) = decide({"a": llo.mean("yes", svy), "b": _through_a_pickle(llo.mean("income", svy))}).checked
    assert said.startswith("b: it was pickled")

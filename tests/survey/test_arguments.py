"""Proves that misspelled arguments of a Survey are told apart by name, and that options are checked in one way."""

from __future__ import annotations

import copy
import inspect
import pickle
from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo
from llo_research.options import check_option
from llo_research.survey.foreign_words import _HOW, _MEANT

FRAME = pd.DataFrame({"y": [1.0, 2.0], "w": [1.0, 3.0], "id": [1, 2]})


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("weight", "weights"),
        ("Weights", "weights"),
        ("weigths", "weights"),
        ("wgt", "weights"),
        ("stratum", "strata"),
        ("ids", "psu"),
        ("cluster", "psu"),
        ("wave", "time"),
        ("lonely", "lonely_psu"),
        ("repweights", "replicate_weights"),
        ("replicate_method_", "replicate_method"),
        ("type", "replicate_method"),
    ],
)
def test_a_misspelled_argument_is_told_by_the_one_that_was_meant(given: str, meant: str) -> None:
    with pytest.raises(llo.DataError, match=f"Survey has no argument '{given}'[\\s\\S]*did you mean '{meant}'"):
        llo.Survey(FRAME, **{given: "w"})


def test_an_argument_like_no_other_lists_those_that_are_there() -> None:
    with pytest.raises(
        llo.DataError, match=r"no argument 'zzz'[\s\S]*found: zzz\n[\s\S]*expected: frame, weights, strata"
    ):
        llo.Survey(FRAME, weights="w", zzz=1)


def test_words_of_other_programs_are_no_arguments_and_mean_one() -> None:
    arguments = set(inspect.signature(llo.Survey).parameters)
    assert set(_MEANT.values()) <= arguments
    assert not set(_MEANT) & arguments


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("WEIGHT BY", ["did you mean 'weights'", "counts them as people", "result.naive()"]),
        ("probs", ["did you mean 'weights'", "one over the probability"]),
        ("fweight", ["did you mean 'weights'", "equal people"]),
        ("user_missing", ["[missing] in a mapping"]),
        ("SPLIT FILE", ["by= of an estimator"]),
        ("filter", ["svy.where("]),
        ("SELECT IF", ["svy.where("]),
        ("Recode", ["svy.assign("]),
        ("complex samples plan", ["ANALYSISWEIGHT is weights=", "CLUSTER is psu="]),
        ("CSPLAN", ["STRATA is strata="]),
        ("calibrate.formula", ["llo.calibrate(svy, totals)"]),
        ("subpop", ["svy.where("]),
    ],
)
def test_words_of_spss_stata_and_r_say_how_it_is_done_here(given: str, words: list[str], tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    for call in (lambda: llo.Survey(FRAME, **{given: "w"}), lambda: llo.read_file(tmp_path / "a.csv", **{given: "w"})):
        with pytest.raises(llo.DataError, match="has no argument") as refused:
            call()
        for word in words:
            assert word in str(refused.value), word


def test_what_other_programs_do_to_data_is_no_method_and_says_how() -> None:
    svy = llo.Survey(FRAME, weights="w")
    for name in ("select_if", "filter", "recode", "split_file"):
        with pytest.raises(AttributeError, match=f"no '{name}'. What to do: "):
            getattr(svy, name)
    with pytest.raises(AttributeError, match=r"no 'zzz'\.$"):
        _ = svy.zzz
    assert not hasattr(svy, "_zzz") and not set(_HOW) & set(dir(svy)) and not set(_HOW) & set(_MEANT)


def test_the_signature_and_copies_are_those_of_a_plain_class() -> None:
    assert [*inspect.signature(llo.Survey).parameters][:2] == ["frame", "weights"]
    svy = llo.Survey(FRAME, weights="w")
    for again in (copy.copy(svy), copy.deepcopy(svy), pickle.loads(pickle.dumps(svy))):
        assert llo.mean("y", again).estimate.tolist() == [1.75]


def test_the_warning_of_missing_weights_names_the_line_of_the_call() -> None:
    with pytest.warns(llo.LloWarning, match="every row counts the same") as caught:
        llo.Survey(FRAME)
    assert caught[0].filename == __file__


def test_an_option_is_refused_in_the_words_of_its_place() -> None:
    check_option("a", "x", ("a", "b"))
    with pytest.raises(llo.DesignError) as refused:
        check_option("weigths", "x", ("weights", "b"), error=llo.DesignError, also="a number", todo="think")
    assert str(refused.value).splitlines() == [
        "x has no option 'weigths'.",
        "  where: x",
        "  found: 'weigths'; did you mean 'weights'?",
        "  expected: weights, b, or a number",
        "  what to do: think",
    ]
    for wrong in (None, 1, ["a"], "A"):
        with pytest.raises(llo.DataError, match="x has no option"):
            check_option(wrong, "x", ("a", "b"))


def test_the_roles_of_a_design_cannot_be_changed() -> None:
    strata = ["w", "id"]
    svy = llo.Survey(FRAME, weights="w", strata=strata)
    strata.append("y")
    for design in (svy.design, pickle.loads(pickle.dumps(svy.design)), copy.deepcopy(svy.design)):
        assert design.roles["strata"] == ["w", "id"]
        with pytest.raises(TypeError, match="does not support item assignment"):
            design.roles["strata"] = None

"""Proves that columns and levels are found by name and label, and that arguments of a wrong kind are refused."""

from __future__ import annotations

import unicodedata
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, LloError
from tests.survey import samples

NFC, NFD = (unicodedata.normalize(form, "opleidingé") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("have", "use"), [(NFC, NFD), (NFD, NFC)])
def test_names_in_another_unicode_form_are_the_same_names(have: str, use: str) -> None:
    frame = samples.people(1).rename(columns={"region": have, "w": "w" + have, "year": "t" + have})
    svy = llo.Survey(frame, weights="w" + use, strata=use, item_weights={"y": "w" + use})
    plain = llo.Survey(samples.people(1), weights="w", strata="region")
    assert llo.mean("y", svy, by=use).estimate.tolist() == llo.mean("y", plain, by="region").estimate.tolist()
    assert llo.mean("y", svy, by=use).std_error.tolist() == llo.mean("y", plain, by="region").std_error.tolist()
    assert llo.mean("y", svy, by=use).to_frame().columns.tolist().index(use) == 0
    rows = plain.where("region == 'north'").domain.tolist()
    assert svy.where(f"{use} == 'north'").domain.tolist() == rows
    assert svy.where(f"`{use}` == 'north'").domain.tolist() == rows
    assert llo.gap("y", svy, group=use, of="north", minus="south").estimate.tolist() == (
        llo.gap("y", plain, group="region", of="north", minus="south").estimate.tolist()
    )
    joined = svy.join(pd.DataFrame({use: ["north", "south"], "code": [1, 2]}), on=use)
    assert (joined.frame["code"] == np.where(frame[have] == "north", 1, 2)).all()
    assert svy.use_weights("w" + use).weights.tolist() == frame["w" + have].tolist()
    assert svy.assign(yes=f"{use} == 'north'").frame["yes"].tolist() == rows
    with pytest.raises(llo.DesignError, match="makes the design"):
        svy.assign(**{"w" + have: 1})
    change = llo.change("y", svy, time="t" + use, base=2014)
    assert change.estimate.tolist() == llo.change("y", plain, time="year", base=2014).estimate.tolist()


def test_levels_in_another_unicode_form() -> None:
    frame = pd.DataFrame({"x": [NFC, "b", NFC], "y": [1.0, 2.0, 3.0], "w": 1.0})
    svy = llo.Survey(frame, weights="w")
    assert svy.where(f"x == '{NFD}'").domain.tolist() == [True, False, True]
    assert llo.gap("y", svy, group="x", of=NFD, minus="b").estimate.tolist() == [0.0]


# -- levels by label --------------------------------------------------------------------------------------------

LABELS: dict[str, Any] = {
    "education": {
        "nl": "Opleiding",
        "values": {"low": {"nl": "laag", "en": "low"}, "high": {"nl": "hoog", "en": "high level"}},
    },
    "code": {"values": {1: {"nl": "Vast"}, 2: {"nl": "Tijdelijk"}, 3: {"nl": "Tijdelijk"}, 4: {"nl": "Overig"}}},
    "swapped": {"values": {"a": {"nl": "b"}, "b": {"nl": "a"}, "c": "see"}},
}


def _labelled() -> llo.Survey:
    frame = samples.people(1)
    frame["code"] = np.arange(len(frame)) % 4 + 1
    frame["swapped"] = np.array(["a", "b", "c"])[np.arange(len(frame)) % 3]
    return llo.Survey(frame, weights="w", strata="stratum", labels=LABELS)


SAME: list[tuple[str, str]] = [
    ("education == 'hoog'", "education == 'high'"),
    ("education == 'high level'", "education == 'high'"),
    ("education in ['laag', 'high']", "education in ['low', 'high']"),
    ("education != 'laag'", "education != 'low'"),
    ("education >= 'hoog'", "education >= 'high'"),
    ("code == 'Vast'", "code == 1"),
    ("code in ['Vast', 4]", "code in [1, 4]"),
    ("code != 'Overig'", "code != 4"),
    ("swapped == 'a'", "swapped in ['a']"),
    ("swapped == 'see'", "swapped == 'c'"),
]


@pytest.mark.parametrize(("by_label", "by_value"), SAME)
def test_conditions_name_levels_by_their_label(by_label: str, by_value: str) -> None:
    svy = _labelled()
    assert svy.where(by_label).domain.tolist() == svy.where(by_value).domain.tolist()
    assert svy.assign(new=by_label).frame["new"].tolist() == svy.assign(new=by_value).frame["new"].tolist()


def test_a_value_goes_before_a_label() -> None:
    svy = _labelled()
    assert svy.where("swapped == 'a'").domain.tolist() == (svy.frame["swapped"] == "a").tolist()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code == 'Tijdelijk'", "the label of 2, 3"),
        ("education == 'hoogg'", "did you mean 'hoog'"),
        ("code > 'Vast'", "not a number"),
        ("hours == 'Vast'", "not a number"),
    ],
)
def test_labels_that_name_no_level_are_refused(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        _labelled().where(text)


def test_gaps_and_their_changes_name_levels_by_label_and_tell_the_level() -> None:
    svy = _labelled()
    for options in ({"group": "education"}, {"group": "education", "by": "region"}):
        one, two = (
            llo.gap("y", svy, of=of, minus=minus, **options) for of, minus in (("hoog", "laag"), ("high", "low"))
        )
        assert one.to_frame().equals(two.to_frame())
    time = {"group": "education", "time": "year", "base": 2014}
    one, two = (
        llo.gap_change("y", svy, of=of, minus=minus, **time) for of, minus in (("hoog", "laag"), ("high", "low"))
    )
    assert one.to_frame().equals(two.to_frame())
    coded = llo.gap("y", svy, group="code", of="Vast", minus="Overig").to_frame()
    assert coded[["of", "minus"]].iloc[0].tolist() == ["1", "4"]
    texts = llo.gap("y", svy, of="education == 'hoog'", minus="education == 'laag'")
    assert texts.estimate.tolist() == llo.gap("y", svy, group="education", of="high", minus="low").estimate.tolist()
    with pytest.raises(DataError, match="the same group"):
        llo.gap("y", svy, group="education", of="hoog", minus="high")


# -- patterns, domains, wrong kinds -----------------------------------------------------------------------------


def test_ranges_with_zeros_in_front_keep_them() -> None:
    frame = samples.with_replicates(samples.people(1))
    padded = frame.rename(columns={f"r{i}": f"r{i:02d}" for i in range(1, 13)})
    options: dict[str, Any] = {"weights": "w", "replicate_method": "bootstrap"}
    plain = llo.Survey(frame, replicate_weights="r[1-12]", **options)
    zeros = llo.Survey(padded, replicate_weights="r[01-12]", **options)
    assert zeros.design.replicates is not None and zeros.design.replicates.names[0] == "r01"
    assert llo.mean("y", zeros).std_error.tolist() == llo.mean("y", plain).std_error.tolist()
    with pytest.raises(llo.DesignError, match="no column 'r1'"):
        llo.Survey(padded, replicate_weights="r[1-12]", **options)


def test_a_domain_cannot_be_changed_from_outside() -> None:
    svy = samples.survey()
    part = svy.where("y > 5")
    before = llo.mean("y", part).estimate.tolist()
    for mask in (svy.domain, part.domain):
        with pytest.raises(ValueError, match="read-only"):
            mask[:] = False
    assert llo.mean("y", part).estimate.tolist() == before


WRONG: list[Any] = [
    5,
    2.5,
    True,
    [],
    ["zz"],
    {"a": 1},
    np.array([1, 2]),
    pd.Series([1]),
    "",
    "zz",
    b"w",
    object(),
    np.int64(3),
    np.nan,
    ("w", 1),
    {1, 2},
    pd.NA,
    pd.DataFrame(),
    "w ==",
    "`w",
]
_ROLES = (
    "weights",
    "strata",
    "psu",
    "fpc",
    "unit",
    "time",
    "unit_weights",
    "lonely_psu",
    "weight_kind",
    "item_weights",
)
_OTHER = pd.DataFrame({"person": [1], "q": [2]})
CALLS: dict[str, Any] = {
    **{role: (lambda s, v, role=role: llo.Survey(s.frame, **{"weights": "w", role: v})) for role in _ROLES},
    "replicate_weights": lambda s, v: llo.Survey(s.frame, weights="w", replicate_weights=v),
    "replicate_method": lambda s, v: llo.Survey(
        s.frame, weights="w", replicate_weights=["hours", "w"], replicate_method=v
    ),
    "item": lambda s, v: llo.Survey(s.frame, weights="w", item_weights={"y": v}),
    "frame": lambda s, v: llo.Survey(v, weights="w"),
    "where": lambda s, v: s.where(v),
    "use_weights": lambda s, v: s.use_weights(v),
    "weight_kind of use_weights": lambda s, v: s.use_weights("w", weight_kind=v),
    "join": lambda s, v: s.join(v, on="person"),
    "join on": lambda s, v: s.join(_OTHER, on=v),
    "join validate": lambda s, v: s.join(_OTHER, on="person", validate=v),
    "stack": lambda s, v: llo.stack(v),
    "variable": lambda s, v: llo.mean(v, s),
    "by": lambda s, v: llo.mean("y", s, by=v),
    "of": lambda s, v: llo.gap("y", s, group="region", of=v, minus="south"),
    "group": lambda s, v: llo.gap("y", s, group=v, of="north", minus="south"),
}


@pytest.mark.parametrize("name", CALLS)
def test_arguments_of_a_wrong_kind_are_refused_in_words(name: str) -> None:
    svy = samples.survey()
    for value in WRONG:
        if name == "item_weights" and isinstance(value, dict):
            continue  # a mapping is its right kind
        if name in ("strata", "psu", "fpc") and isinstance(value, list) and not value:
            continue  # no strata
        with warnings.catch_warnings(), pytest.raises(LloError):
            warnings.simplefilter("ignore")
            CALLS[name](svy, value)


@pytest.mark.parametrize("text", ["age + 1", "age+age", "age * 2 - 1", "-age", "age / age"])
def test_a_sum_is_not_put_into_every_row_as_text(text: str) -> None:
    """One writes sums as functions; a text that reads columns and is no condition is no word."""
    frame = pd.DataFrame({"age": [50.0, 60.0], "w": 1.0})
    svy = llo.Survey(frame, weights="w")
    with pytest.raises(llo.DataError, match="no condition") as caught:
        svy.assign(new=text)
    assert "lambda d:" in str(caught.value)
    for word in ("aged 50+", "low-high", "NEA 2023", "of age"):
        assert svy.assign(new=word).frame["new"].tolist() == [word, word]


def test_assign_takes_one_value_or_one_for_each_row() -> None:
    svy = samples.survey()
    for value in ([1], {"a": 1}, np.array([1, 2]), pd.DataFrame({"a": range(72)}), lambda d: lambda e: e, {1, 2}):
        with pytest.raises(DataError, match="one value for each row"):
            svy.assign(new=value)
    assert svy.assign(new=np.int64(3)).frame["new"].tolist() == [3] * 72


@pytest.mark.parametrize(("have", "use"), [(NFC, NFD), (NFD, NFC)])
def test_labels_breakdowns_and_patterns_in_another_unicode_form(have: str, use: str) -> None:
    frame = pd.DataFrame(
        {have: [have, "b", have, "b"], f"{have}1": [1.0, 2, 3, 5], f"{have}2": [1.0, 2, 4, 5], "w": 1.0}
    )
    svy = llo.Survey(frame, weights="w")
    means = llo.mean(f"{use}1", svy, by=use)
    assert (
        means.contrast(f"`{use}` - b").estimate.tolist()
        == means.contrast({use: 1, "b": -1}).estimate.tolist()
        == [-1.5]
    )
    assert llo.banner(f"{use}1", svy, by=use).to_frame()["difference"].tolist() == pytest.approx([1.5, -1.5])
    assert llo.mean(f"{use}*", svy, plausible=True).estimate.tolist() == [2.875]


def test_assigning_to_a_name_in_another_unicode_form_replaces_the_column() -> None:
    """A second column of that look would leave the old numbers behind it."""
    svy = llo.Survey(pd.DataFrame({NFC: [1.0, 2.0], "w": 1.0, f"{NFC}w": 1.0}), weights=f"{NFC}w")
    changed = svy.assign(**{NFD: lambda d: d[NFC] * 2})
    assert changed.frame.columns.tolist() == svy.frame.columns.tolist()
    assert llo.mean(NFC, changed).estimate.tolist() == llo.mean(NFD, changed).estimate.tolist() == [3.0]
    with pytest.raises(llo.DesignError, match="makes the design"):
        svy.assign(**{f"{NFD}w": 1.0})


@pytest.mark.parametrize(("have", "use"), [(NFC, NFD), (NFD, NFC)])
def test_keys_and_totals_in_another_unicode_form(have: str, use: str) -> None:
    svy = llo.Survey(pd.DataFrame({"g": [have, "b", have, "b"], "s": list("xxyy"), "w": 1.0}), weights="w")
    joined = svy.join(pd.DataFrame({"g": [use, "b"], "k": [1.0, 2.0]}), on="g")
    assert joined.frame["k"].tolist() == [1.0, 2.0, 1.0, 2.0]
    assert llo.calibrate(svy, {"g": {use: 6.0, "b": 4.0}}).weights.tolist() == [3.0, 2.0, 3.0, 2.0]
    cells = pd.Series({(use, "x"): 1.0, ("b", "x"): 2.0, (use, "y"): 3.0, ("b", "y"): 4.0})
    assert llo.poststratify(svy, {("g", "s"): cells}).weights.tolist() == [1.0, 2.0, 3.0, 4.0]
    both = svy.join(pd.DataFrame({"g": [NFC, NFD], "k": [1.0, 2.0]}), on="g").frame["k"]
    assert both.dropna().tolist() == [1.0 if have == NFC else 2.0] * 2

"""Proves that what an export cannot do, or a profile says in vain, is said in words."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, LloWarning
from tests.report.disclosure.test_differences import people, survey

PROFILE = """
title = "own"
[rules.restricted]
units = 10
complement = 10
largest_share = 0.5
[rules.{name}]
units = 20
"""


@pytest.mark.parametrize("name", ["neaa", "nea", "registered", "own_file"])
def test_rules_of_a_source_that_nobody_knows(name: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(PROFILE.format(name=name), "utf-8")
    svy = survey(people())
    result = llo.mean("yes", svy._with(source={**svy.source, "name": "own_file"}))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        llo.report.check_disclosure(result, str(path))
    said = [str(one.message) for one in told if one.category is LloWarning and "has rules for" in str(one.message)]
    assert len(said) == (name == "neaa") and all("'neaa'" in one and "'nea'" in one for one in said)


@pytest.mark.parametrize("directory", [None, 3, "", ["out"]])
def test_a_folder_that_is_none(directory: Any) -> None:
    with pytest.raises(DataError, match="folder of its own"):
        llo.report.export(llo.mean("yes", survey(people())), directory)


def test_what_a_table_with_rows_left_out_has_not(tmp_path: Path) -> None:
    frame = people()
    inside = llo.crosstab("region", "edu", survey(frame))
    file = llo.report.export({"t": inside}, tmp_path / "out") / "t.json"
    data = json.loads(file.read_text("utf-8")) | {"kind": "Result", "own": {}}  # as one of which rows were left out
    file.write_text(json.dumps(data), "utf-8")
    outside = llo.read_result(file)
    assert not hasattr(outside, "test")
    with pytest.raises(AttributeError, match="left a secure environment"):
        outside.test("F")  # type: ignore[attr-defined]  # what it is about
    with pytest.raises(AttributeError, match="A Result has no 'tset'"):
        llo.mean("yes", survey(frame)).tset  # type: ignore[attr-defined]  # noqa: B018  # what it is about


def ages(n: int = 3000) -> pd.DataFrame:
    """Four people of 64, spread over three years; seven in region E."""
    rng = np.random.default_rng(111)
    frame = pd.DataFrame({"age": rng.integers(20, 65, n), "year": rng.choice([2018, 2019, 2020], n), "w": 1.0})
    frame.loc[frame.index[frame["age"] == 64][4:], "age"] = 63
    return frame.assign(
        income=rng.lognormal(7.5, 0.4, n).round(), region=np.where(np.arange(n) < 7, "E", rng.choice(list("ABC"), n))
    )


def test_the_smallest_group_of_what_names_none_is_named() -> None:
    svy = llo.Survey(ages(), weights="w")
    told = llo.report.check_disclosure(llo.panel.age_period_cohort("income", svy, age="age", period="year"))
    assert set(told["where"]) == {"age 64, year 2020 (n = 1)"}
    assert told["why"].str.endswith("join it with another, or leave its people out of all that leaves").all()
    told = llo.report.check_disclosure(llo.glm("income ~ region + age", svy))
    assert set(told["where"]) == {"region E (n = 7)"}
    assert not len(llo.report.check_disclosure(llo.glm("income ~ age", svy)))


def test_nothing_that_leaves_says_which_group_is_too_small(tmp_path: Path) -> None:
    result = llo.panel.age_period_cohort("income", llo.Survey(ages(), weights="w"), age="age", period="year")
    with pytest.raises(llo.DisclosureError, match=r"few: 187 rows \(age 64, year 2020 \(n = 1\)\)"):
        llo.report.export(result, tmp_path / "out")


def test_a_difference_names_the_numbers_by_which_it_is_told() -> None:
    svy = llo.Survey(ages(), weights="w")
    results = {"every": llo.mean("income", svy), "some": llo.mean("income", svy.where("region != 'E'"))}
    told = llo.report.check_disclosure(results)
    assert told["where"].tolist() == ["every (income)"] and "leave one of these out" in told["why"].iloc[0]

"""Proves that a profile of one's own is read whole or refused, and that the strictest rules hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.results.profiles.profile import strictest
from llo_research.results.rules import check_profile, rules_for

GOOD = """
confirmed = 2024-03-01
title = "rules of the house"
[rules.restricted]
units = 20
complement = 15
largest_share = 0.4
[rules.nea]
units = 30
[export]
degrees_of_freedom = 12
one_category = 0.95
width = 8
"""
OTHERS = "one_category_others = 50\nwidth"


def written(tmp_path: Path, text: str) -> Path:
    """A file with this text."""
    path = tmp_path / "house.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    own = check_profile(written(tmp_path, GOOD))
    assert (own.name, own.confirmed, own.title["nl"]) == ("house", "2024-03-01", "rules of the house")
    plain = own.rules["restricted"]
    assert (plain.units, plain.complement, plain.largest_share) == (20, 15, 0.4)
    assert (plain.degrees_of_freedom, plain.one_category, plain.width) == (12, 0.95, 8)
    assert own.rules["registered"] == plain
    assert rules_for({"kind": "restricted", "instrument": "nea"}, own).units == 30
    stacked = {"kind": "restricted", "surveys": {"nea": {"kind": "restricted"}, "zea": {"kind": "registered"}}}
    assert rules_for(stacked, own).units == 30 and rules_for(stacked, own).complement == 15
    assert rules_for({"kind": "public"}, own) == plain


def test_a_profile_that_is_silent_on_the_others_has_no_exception(tmp_path: Path) -> None:
    silent = check_profile(written(tmp_path, GOOD)).rules["restricted"]
    told = check_profile(written(tmp_path, GOOD.replace("width", OTHERS))).rules["restricted"]
    assert (silent.one_category_others, told.one_category_others) == (None, 50)
    assert silent.one_sided(9_600, 10_000) and told.one_sided(960, 1_000) and not told.one_sided(9_600, 10_000)
    assert strictest([told, silent]) == strictest([silent, told]) == silent
    more = replace(told, one_category_others=70)
    assert strictest([told, more]).one_category_others == 70


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("units = 20", "unit = 20"), "no rule 'unit'"),
        (("units = 20", "units = 0"), "no number of persons"),
        (("units = 20", "units = 10.5"), "no number of persons"),
        (("units = 20", "units = true"), "no number of persons"),
        (("units = 20\n", ""), "does not tell 'units'"),
        (("largest_share = 0.4", "largest_share = 40"), "no share"),
        (("one_category = 0.95", "one_category = 0"), "no share"),
        (("width", "one_category_others = 0.5\nwidth"), "no number of persons"),
        (("[export]", "[exports]"), "no rule 'exports'"),
        (("[rules.restricted]", "[rules.closed]"), "does not tell 'rules.restricted'"),
        (("2024-03-01", '"1 March 2024"'), "when it was checked"),
        (("2024-03-01", "20240301"), "when it was checked"),
        (("2024-03-01", "2999-01-01"), "has not come"),
        (('"rules of the house"', "3"), "no text"),
        (("width = 8", "width = 8 persons"), "no TOML file"),
    ],
)
def test_a_mistake_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        check_profile(written(tmp_path, GOOD.replace(*change)))
    told = caught.value
    assert told.where and told.found and told.expected and told.todo


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file"):
        check_profile(tmp_path / "none.toml")
    with pytest.raises(DataError, match="no such profile"):
        check_profile("loose")


def test_it_says_unconfirmed_until_somebody_dates_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"x": np.arange(100.0), "w": 1.0})
    result = llo.mean("x", llo.Survey(frame, weights="w"))
    told = llo.report.check_disclosure(result)
    assert capsys.readouterr().out == "profile cbs: unconfirmed\n" and told.attrs["confirmed"] == "unconfirmed"
    told = llo.report.check_disclosure(result, written(tmp_path, GOOD))
    assert capsys.readouterr().out == "" and told.attrs["confirmed"] == "2024-03-01"
    assert told.attrs["profile"] == "house"
    # the same file where a table is looked at
    assert "·" not in llo.report.table(result, disclosure=str(written(tmp_path, GOOD))).to_markdown()


def test_a_result_read_from_a_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"g": ["a"] * 60 + ["b"] * 50 + ["c"] * 4, "w": 1.0})
    frame["yes"] = np.arange(114) % 2
    result = llo.mean("yes", llo.Survey(frame, weights="w"), by="g")
    result.save(tmp_path / "r")
    back = llo.read_result(tmp_path / "r")
    told = llo.report.check_disclosure({"r": back, "other": result})
    assert set(told.loc[(told["result"] == "r") & (told["g"] == "c"), "rule"]) == {"few", "complement"}
    assert any(text.startswith("r: nobody knows which people") for text in told.attrs["checked"])


def test_unknown_is_not_safe() -> None:
    frame = pd.DataFrame({"yes": np.arange(200) % 2, "w": 1.0})
    result = llo.mean("yes", llo.Survey(frame, weights="w"))
    bare = replace(result, estimates=replace(result.estimates, scores=None), cell_details=None, n=None, design=None)
    told = llo.report.check_disclosure(bare)
    assert told["rule"].tolist() == ["unknown"] and "is not known" in told["why"].iloc[0]


def test_what_is_no_result_is_refused() -> None:
    with pytest.raises(DataError, match="told by results"):
        llo.report.check_disclosure(pd.DataFrame({"estimate": [1.0]}))  # type: ignore[arg-type]  # it must be refused

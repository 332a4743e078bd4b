"""Proves that saved results come back with all but row-level values, and that results are frozen and tell all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.estimation import Result
from llo_research.results.columns import FLAGS
from tests.survey import samples

GROUP = {"group": "education", "of": "high", "minus": "low"}
CALLS: dict[str, Callable[[llo.Survey], Result]] = {
    "mean": lambda s: llo.mean(["gappy", "hours"], s, by=["education", "older"]),
    "mean by numbers": lambda s: llo.mean("y", s, by="year", simultaneous=True, level=0.9),
    "share": lambda s: llo.share(["region", "older", "trained"], s, by="education", interval="beta"),
    "total": lambda s: llo.total("education", s.where("older")),
    "ratio": lambda s: llo.ratio("y", "hours", s),
    "gap": lambda s: llo.gap("trained", s, **GROUP, scale="odds"),
    "gap, one side empty": lambda s: llo.gap("y", s.where("education != 'low' | older"), **GROUP, by="older"),
    "contrast": lambda s: llo.mean("y", s, by="education").contrast("log(high / low)"),
    "joint": lambda s: llo.joint({"a": llo.mean("y", s, by="region"), "b": llo.gap("y", s, **GROUP)}),
    "plausible": lambda s: llo.mean("PV*", s, by="region", plausible=True),
    "empty": lambda s: llo.mean("none", s.assign(none=np.nan)),
}


def test_infinite_degrees_of_freedom_come_back(tmp_path: Path) -> None:
    made = llo.mean("y", samples.survey(), by="region")
    result = replace(made, inference=replace(made.inference, df=np.array([np.inf, np.nan])))
    again = llo.read_result(result.save(tmp_path / "r"))
    assert np.isposinf(again.df[0]) and np.isnan(again.df[1])
    assert again.contrast({"north": 1}).df.tolist() == [np.inf]


@pytest.mark.parametrize("design", ["clusters", "replicates"])
@pytest.mark.parametrize("name", CALLS)
def test_a_result_comes_back_as_it_was(name: str, design: str, tmp_path: Path) -> None:
    svy = samples.replicate_survey(1) if design == "replicates" else samples.survey(design, 1)
    result = CALLS[name](svy)
    path = result.save(tmp_path / "folder" / "result")
    assert sorted(p.name for p in path.parent.iterdir()) == ["result.csv", "result.json"]
    for again in (llo.read_result(path), llo.read_result(path.with_suffix("")), llo.read_result(str(path))):
        pd.testing.assert_frame_equal(again.to_frame(), result.to_frame(), rtol=1e-12, check_dtype=False)
        assert again.estimate.tolist() == pytest.approx(result.estimate.tolist(), rel=0, nan_ok=True)
        np.testing.assert_array_equal(again.covariance, result.covariance)
        assert again.labels == result.labels and again.flags == result.flags
        assert again.meta["call"]["function"] == result.meta["call"]["function"]
        assert again.cells["n"].tolist() == result.cells["n"].tolist()
        assert again.summary().splitlines()[1:] == result.summary().splitlines()[1:]


@pytest.mark.parametrize("name", CALLS)
def test_saving_twice_gives_the_same_bytes_and_no_row_level_values(name: str, tmp_path: Path) -> None:
    result = CALLS[name](samples.survey(seed=1))
    one, other = result.save(tmp_path / "a"), llo.read_result(result.save(tmp_path / "b")).save(tmp_path / "c")
    assert one.read_bytes() == other.with_name("b.json").read_bytes()
    assert one.with_suffix(".csv").read_bytes() == other.with_suffix(".csv").read_bytes()
    text = one.read_text(encoding="utf-8")
    assert "\r" not in text and text.endswith("\n")

    def longest(value: Any) -> int:
        if isinstance(value, dict):
            return max((longest(v) for v in value.values()), default=0)
        return max([len(value), *map(longest, value)]) if isinstance(value, list) else 0

    assert longest(json.loads(text)) < 72  # the sample's rows
    assert "NaN" not in text and "Infinity" not in text


def test_a_saved_result_can_be_contrasted(tmp_path: Path) -> None:
    result = llo.mean("y", samples.survey(), by="education")
    again = llo.read_result(result.save(tmp_path / "r.json"))
    one, other = result.contrast("log(high / low)"), again.contrast("log(high / low)")
    assert other.estimate.tolist() == one.estimate.tolist()
    assert other.std_error == pytest.approx(one.std_error, rel=1e-13)
    assert other.df.tolist() == [min(result.df[0], result.df[2])]  # the union of the cells is not in the file


def test_the_csv_is_the_table(tmp_path: Path) -> None:
    result = llo.mean("y", samples.survey(), by="education")
    table = pd.read_csv(result.save(tmp_path / "r").with_suffix(".csv"), keep_default_na=False, na_values=[""])
    assert table.columns.tolist() == result.to_frame().columns.tolist()
    assert table["estimate"].tolist() == pytest.approx(result.estimate.tolist(), rel=1e-15)


BROKEN: dict[str, str | bytes] = {
    "empty": "",
    "text": "estimate,std_error\n1,2\n",
    "truncated": '{"format": 1, "rows": {"variable"',
    "a list": "[1, 2]",
    "a number": "5",
    "null": "null",
    "another object": '{"format": 1}',
    "rows as a list": '{"format": 1, "rows": [1], "estimate": [1]}',
    "lengths": json.dumps(
        {
            "format": 1,
            "rows": {"variable": {"values": ["y"]}},
            "estimate": [1, 2],
            "covariance": [[1]],
            "df": [1],
            "n": None,
            "labels": ["y"],
            "level": 0.95,
            "interval": "wald",
            "simultaneous": False,
            "tested": False,
            "flags": [""],
            "details": {},
            "cells": {},
            "meta": {},
        }
    ),
    "another version": '{"format": 99}',
    "bytes": b"\xff\xfe\x00\x01",
    "binary": b"PK\x03\x04garbage",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_as_such(name: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    content = BROKEN[name]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=r"not a saved result|another version|do not fit") as caught:
        llo.read_result(path)
    assert isinstance(caught.value, DataError)


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        llo.read_result(tmp_path / "nothing")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(DataError, match="not a saved result"):
        llo.read_result(tmp_path / "folder.json")


# -- what every result promises ---------------------------------------------------------------------------------


@pytest.mark.parametrize("design", ["clusters", "replicates"])
@pytest.mark.parametrize("name", CALLS)
def test_arrays_of_a_result_are_read_only(name: str, design: str) -> None:
    result = CALLS[name](samples.replicate_survey(1) if design == "replicates" else samples.survey(design, 1))
    arrays = [result.estimate, result.covariance, result.df, result.std_error, result.critical, *result.ends, result.n]
    arrays += [result.replicates] if result.replicates is not None else []
    for array in arrays:
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    before = result.to_frame()
    table = result.to_frame()
    table.loc[:, "estimate"] = 0.0
    pd.testing.assert_frame_equal(result.to_frame(), before)


COLUMNS = {
    "mean": "education older variable estimate std_error df conf_low conf_high n sum_weights n_eff deff cv flag",
    "share": "education variable level estimate std_error df conf_low conf_high n sum_weights n_eff deff cv flag",
    "total": "variable level estimate std_error df conf_low conf_high n sum_weights n_eff deff cv flag",
    "ratio": "variable estimate std_error df conf_low conf_high n sum_weights n_eff deff cv flag",
    "gap": "variable measure of minus estimate std_error statistic df p_value conf_low conf_high n flag",
    "contrast": "term estimate std_error statistic df p_value conf_low conf_high n flag",
    "plausible": "region variable estimate std_error df conf_low conf_high n sum_weights cv flag",
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_and_their_order(name: str) -> None:
    assert CALLS[name](samples.survey(seed=1)).to_frame().columns.tolist() == COLUMNS[name].split()


@pytest.mark.parametrize("name", CALLS)
def test_flags_are_words_of_the_list(name: str) -> None:
    for flag in CALLS[name](samples.survey(seed=1)).to_frame()["flag"]:
        words = flag.split()
        assert set(words) <= set(FLAGS)
        assert len(set(words)) == len(words)


@pytest.mark.parametrize("name", CALLS)
def test_meta_tells_the_call_again(name: str) -> None:
    svy = llo.Survey(
        samples.people(1),
        weights="w",
        strata="stratum",
        psu="place",
        source={"path": "people.csv", "sha256": "abc", "synthetic": True},
        labels={"y": {"nl": "score", "en": "score"}},
    )
    result = CALLS[name](svy)
    meta = result.meta
    assert meta["source"]["sha256"] == "abc" and meta["synthetic"] is True
    assert meta["weight"] == "w" and meta["weight_kind"] == "expansion"
    assert meta["design"]["strata"] == "stratum" and meta["design"]["n_psu"] == 12
    assert meta["design"]["lonely_psu"] == "error"
    assert meta["version"] == llo.__version__
    assert meta["call"]["function"]
    assert "left_out" in meta
    assert "SYNTHETIC DATA" in result.summary() and "Synthetic data" in result._repr_html_()
    json.dumps(meta, default=str)


@pytest.mark.parametrize("name", CALLS)
def test_summary_and_html_are_text_that_does_not_change(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    results = [CALLS[name](samples.survey(seed=1)) for _ in range(2)]
    assert results[0].summary() == results[1].summary() == repr(results[1])
    assert results[0]._repr_html_() == results[1]._repr_html_()
    assert capsys.readouterr().out == ""
    assert "<table" in results[0]._repr_html_() and "-0.0000" not in results[0].summary()
    assert " at 0x" not in results[0].summary()


def test_html_of_labels_is_escaped() -> None:
    svy = samples.survey().assign(g=lambda d: np.where(d["older"], "<script>alert(1)</script>", "a & b"))
    assert "<script>" not in llo.mean("y", svy, by="g")._repr_html_()


def test_cells_for_disclosure() -> None:
    svy = samples.survey()
    frame = svy.frame
    cells = llo.total("trained", svy, by="education").cells
    for level, row in cells.set_index("education").iterrows():
        part = frame[frame["education"] == level]
        weighted = part["w"] * part["trained"]
        assert row["n"] == len(part)
        assert row["n_nonzero"] == (weighted > 0).sum()
        assert row["largest_share"] == pytest.approx(weighted.max() / weighted.sum(), rel=1e-12)


def test_a_saved_trend_keeps_its_tests(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"year": [2014, 2016, 2018] * 20, "y": np.arange(60.0) ** 2 % 11, "g": list("ab") * 30, "w": 1.0}
    )
    svy = llo.Survey(frame, weights="w", strata="year", time="year")
    trend = llo.trend("y", svy, time="year", by="g")
    again = llo.read_result(trend.save(tmp_path / "trend"))
    assert again.summary() == trend.summary() and type(again) is type(trend)
    pd.testing.assert_frame_equal(again.tests, trend.tests)  # type: ignore[attr-defined]  # a trend, as just said
    difference = trend.contrast({trend.labels[0]: 1, trend.labels[1]: -1})
    read = llo.read_result(difference.save(tmp_path / "contrast"))
    assert type(read) is llo.Result and read.summary() == difference.summary()
    told = json.loads((tmp_path / "trend.json").read_text())
    (tmp_path / "lies.json").write_text(json.dumps({**told, "meta": {}}))
    with pytest.raises(DataError, match="not a saved result"):
        llo.read_result(tmp_path / "lies")

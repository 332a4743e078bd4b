"""Proves that every result comes back from its file as it was: table, cells, flags, intervals and their words."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.survey import samples

GROUP = {"group": "education", "of": "high", "minus": "low"}
TIME = {"time": "year", "base": 2014}
BREAK: dict[str, Any] = {"time": 2016, "series": ["y", "trained"], "what": "new questions"}
BREAK |= {"shift": {"y": 0.1, "trained": 0.02}, "shift_se": {"y": 0.05, "trained": 0.01}}
METHODS = ("logit", "wald", "beta", "wilson", "asin", "xlogit", "likelihood")
OF_QUANTILES = ("woodruff", "mean", "xlogit", "beta", "asin", "score")


def _survey(design: str = "clusters", breaks: bool = False) -> llo.Survey:
    """A sample with classes, levels that nobody has, shares of 0 and 1, and text that looks like numbers."""
    frame = samples.people(1)
    frame["class"] = pd.cut(frame["hours"], [0, 4, 8, 100])
    frame["code"] = pd.Categorical((frame.index % 3) + 1, categories=[3, 2, 1, 9], ordered=True)
    frame["text"] = pd.Series(frame.index % 2).map({0: "01", 1: "1"})
    frame["never"], frame["always"], frame["nobody"] = 0, True, np.nan
    frame["maybe"] = pd.array(np.where(frame.index % 5 == 0, None, frame["older"]), dtype="boolean")
    for m in range(1, 4):
        frame[f"PVL{m}"] = np.clip(frame[f"PV{m}"].round(), 3, 7).astype(int)
    options: dict[str, Any] = dict(samples.DESIGNS["clusters"])
    if design == "replicates":
        frame = samples.with_replicates(frame)
        options = {"replicate_weights": "r[1-12]", "replicate_method": "jk1"}
    source = {"breaks": [BREAK]} if breaks else None
    return llo.Survey(frame, weights="w", time="year", source=source, **options)


CALLS: dict[str, Callable[[llo.Survey], llo.Result]] = {
    "means of several kinds": lambda s: llo.mean(["trained", "hours", "code", "maybe", "never"], s, by="region"),
    "available": lambda s: llo.mean(["gappy", "maybe", "y"], s, by="region", missing="available"),
    "nobody": lambda s: llo.mean("nobody", s),
    "cells of classes": lambda s: llo.mean("y", s, by=["class", "code"]),
    "cells of text and yes or no": lambda s: llo.mean("y", s, by=["text", "older"]),
    "cells of unknown": lambda s: llo.total("y", s, by="maybe"),
    "wald of a share": lambda s: llo.mean(["trained", "always"], s, interval="wald", level=0.8),
    "joint intervals": lambda s: llo.mean(["trained", "hours"], s, by="region", simultaneous=True, level=0.9),
    "simultaneous shares": lambda s: llo.share("education", s, by="region", simultaneous=True, interval="beta"),
    "total": lambda s: llo.total(["y", "code", "class"], s),
    "ratio": lambda s: llo.ratio("y", "hours", s, by="education"),
    "variance": lambda s: llo.variance(["y", "trained"], s, by="region"),
    "odds": lambda s: llo.gap("trained", s, **GROUP, scale="odds", by="older", simultaneous=True),
    "one side empty": lambda s: llo.gap("y", s.where("education != 'low' | older"), **GROUP, by="older"),
    "conditions": lambda s: llo.gap("code", s, of="hours > 8", minus="hours < 4"),
    "change": lambda s: llo.change(["y", "code"], s, by="region", **TIME, breaks="flag"),
    "change, adjusted": lambda s: llo.change(["y", "trained"], s, **TIME, breaks="adjust"),
    "change, ratio": lambda s: llo.change("trained", s, **TIME, scale="ratio", breaks="flag", level=0.5),
    "gap change": lambda s: llo.gap_change("trained", s, **GROUP, **TIME, breaks="flag", simultaneous=True),
    "trend": lambda s: llo.trend("y", s, time="year", by="region", breaks="flag"),
    "table": lambda s: llo.crosstab("code", "trained", s, by="region", interval="wilson"),
    "rows of a table": lambda s: llo.crosstab("code", "never", s).shares("row"),
    "contrast": lambda s: llo.mean("y", s, by="education", simultaneous=True).contrast(["high - low", "log(high)"]),
    "contrast at another level": lambda s: llo.mean("y", s, by="education").contrast({"high": 1}, level=0.8),
    "contrast over a break": lambda s: llo.mean("y", s, by="year").contrast("`2018` - `2014`"),
    "plausible": lambda s: llo.mean("PV[1-3]", s, by="region", plausible=True),
    "plausible levels": lambda s: llo.share("PVL*", s, by="older", plausible=True),
    "plausible gap": lambda s: llo.gap("PV[1-3]", s, **GROUP, plausible=True, scale="ratio", by="region"),
    "imputations": lambda s: llo.combine_imputations([llo.mean(f"PV{m}", s, by="region") for m in (1, 2, 3)]),
    "joint": lambda s: llo.joint(
        {
            "mean": llo.mean(["trained", "hours"], s, by="region"),
            "gap": llo.gap("y", s, **GROUP),
            "ratio": llo.gap("hours", s, **GROUP, scale="ratio"),
            "share": llo.share(["code", "never"], s),
            "median": llo.quantile("hours", s, q=[0.2, 0.5], by="code"),
        }
    ),
    "joint at another level": lambda s: llo.joint(
        {"m": llo.quantile("y", s, q=0.5), "s": llo.share("older", s)}, level=0.8
    ),
    "joint, simultaneous": lambda s: llo.joint(
        {"m": llo.quantile("y", s, q=0.5), "s": llo.mean("y", s)}, simultaneous=True
    ),
    **{f"share {m}": lambda s, m=m: llo.share(["code", "always"], s, by="older", interval=m) for m in METHODS},
    **{f"quantile {m}": lambda s, m=m: llo.quantile("hours", s, q=[0.02, 0.3, 0.97], interval=m) for m in OF_QUANTILES},
    "quantiles": lambda s: llo.quantile(["y", "gappy"], s, q=[0.1, 0.5], by="region", simultaneous=True, rule="hf7"),
    "quantile at 80": lambda s: llo.quantile("y", s, q=0.5, level=0.8, missing="available"),
}  # fmt: skip
DESIGNS = ("clusters", "replicates")


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("name", CALLS)
def test_a_file_gives_the_result_back(name: str, design: str, tmp_path: Path) -> None:
    result = CALLS[name](_survey(design, breaks="break" in name or "change" in name or name == "trend"))
    again = llo.read_result(result.save(tmp_path / "result"))
    pd.testing.assert_frame_equal(again.to_frame(), result.to_frame(), rtol=1e-13, check_column_type=False)
    pd.testing.assert_frame_equal(again.cells, result.cells, rtol=1e-13)
    assert again.flags == result.flags and again.labels == result.labels
    assert again.interval == result.interval and again.intervals == result.intervals
    assert (again.level, again.simultaneous, again.tested) == (result.level, result.simultaneous, result.tested)
    np.testing.assert_array_equal(again.covariance, result.covariance)
    np.testing.assert_array_equal(again.df, result.df)
    assert again.critical == pytest.approx(result.critical, rel=1e-13, nan_ok=True)
    # a second time through a file, and shown: nothing is lost on the way
    third = llo.read_result(again.save(tmp_path / "again"))
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "result.json").read_bytes()
    pd.testing.assert_frame_equal(third.to_frame(), again.to_frame())
    assert llo.report.table(again).content.notes == llo.report.table(result).content.notes


@pytest.mark.parametrize("name", CALLS)
def test_a_pickle_and_a_copy_give_the_result_back(name: str) -> None:
    result = CALLS[name](_survey(breaks="break" in name))
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        pd.testing.assert_frame_equal(again.to_frame(), result.to_frame())
        pd.testing.assert_frame_equal(again.cells, result.cells)
        assert again.intervals == result.intervals
        if result.scores is not None:
            np.testing.assert_array_equal(again.influence, result.influence)
        with pytest.raises(ValueError, match="read-only"):
            again.estimate[0] = 0


@pytest.mark.parametrize("name", ["share logit", "quantile score", "contrast", "plausible"])
def test_files_of_the_first_format_are_read(name: str, tmp_path: Path) -> None:
    result = CALLS[name](_survey())
    path = result.save(tmp_path / "result")
    told = json.loads(path.read_text(encoding="utf-8"))
    told["format"] = 1
    for column in told["rows"].values():
        del column["type"]
    if told["own_ends"] is not None:
        told["own_ends"] = [told["own_ends"]["low"], told["own_ends"]["high"]]
    told["meta"] |= {"level": 0.95, "interval": told["interval"], "simultaneous": False}
    path.write_text(json.dumps(told), encoding="utf-8")
    again = llo.read_result(path)
    pd.testing.assert_frame_equal(again.to_frame(), result.to_frame(), check_dtype=False)
    assert again.intervals == result.intervals and "interval" not in again.meta


KINDS_OF_OLD = "means of several kinds,total,ratio,variance,odds,conditions,change,gap change,share logit,quantiles"


@pytest.mark.parametrize("name", KINDS_OF_OLD.split(","))
def test_files_that_do_not_tell_their_quantities_have_the_same(name: str, tmp_path: Path) -> None:
    result = CALLS[name](_survey())
    path = result.save(tmp_path / "result")
    told = json.loads(path.read_text(encoding="utf-8"))
    told["format"] = 2
    del told["quantity"]
    path.write_text(json.dumps(told), encoding="utf-8")
    again = llo.read_result(path)
    assert again.quantity == result.quantity


def test_computed_rows_that_do_not_tell_their_quantities_are_plain_numbers(tmp_path: Path) -> None:
    result = CALLS["contrast"](_survey())
    path = result.save(tmp_path / "result")
    told = json.loads(path.read_text(encoding="utf-8"))
    told["format"] = 2
    del told["quantity"]
    path.write_text(json.dumps(told), encoding="utf-8")
    assert {one.unit for one in llo.read_result(path).quantity} == {"number"}


def test_every_flag_comes_back(tmp_path: Path) -> None:
    """A flag that somebody adds tomorrow, too."""
    result = replace(llo.mean("y", _survey(), by="region"), extra_flags=("of_tomorrow", ""))
    again = llo.read_result(result.save(tmp_path / "result"))
    assert again.flags == result.flags
    assert "of_tomorrow" in again.flags[0].split() and "of_tomorrow" not in again.flags[1].split()


def test_infinite_degrees_of_freedom_come_back(tmp_path: Path) -> None:
    made = llo.mean("y", _survey(), by="region")
    result = replace(made, inference=replace(made.inference, df=np.array([np.inf, 5.0])))
    again = llo.read_result(result.save(tmp_path / "result"))
    assert again.df.tolist() == [np.inf, 5.0]
    pd.testing.assert_frame_equal(again.to_frame(), result.to_frame())


def test_the_type_of_all_results_is_public() -> None:
    from llo_research.results.result import Result

    assert llo.Result is Result and isinstance(CALLS["table"](_survey()), llo.Result)


def test_a_table_comes_out_of_a_pickle_with_its_tests_and_shares() -> None:
    table = CALLS["table"](_survey())
    again = pickle.loads(pickle.dumps(table))
    for of in ("row", "column"):
        pd.testing.assert_frame_equal(again.shares(of).to_frame(), table.shares(of).to_frame())
    assert again.test("wald").to_frame().equals(table.test("wald").to_frame())

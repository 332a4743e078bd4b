"""Proves that new columns know where they come from, that conditions keep missing, and that a lost missing is told."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, LloWarning

FRAME = pd.DataFrame(
    {
        "x": ["ja", None, "nee", "ja"],
        "n": [1.0, 2.0, np.nan, 4.0],
        "z": [1, 2, 3, 4],
        "age": [20, 60, 55, 30],
        "group": pd.Categorical(["a", "b", None, "a"]),
        "w": 1.0,
    }
)
SVY = llo.Survey(FRAME, weights="w")


def _two_steps(frame: pd.DataFrame) -> Any:
    frame = frame.copy()
    frame["half"] = frame["z"] / 2
    return frame["half"] + frame["n"]


def _with_a_limit(frame: pd.DataFrame) -> Any:
    limit = 1  # noqa: F841  # query reads it as @limit
    return frame["age"].where(frame.index.isin(frame.query("n > @limit").index))


def _writes(frame: pd.DataFrame) -> Any:
    frame.loc[frame["z"] > 2, "n"] = -1.0
    frame["z"] = 0
    return frame["n"]


def _in_place(frame: pd.DataFrame) -> Any:
    frame.fillna({"n": 0.0}, inplace=True)
    frame.insert(0, "half", frame["n"] / 2)
    del frame["group"]
    assert list(frame) == ["half", "x", "n", "z", "age", "w"]
    return frame["half"] + frame["z"]


READ: dict[str, tuple[Any, list[str]]] = {
    "brackets": (lambda d: d["n"] * 2, ["n"]),
    "attribute": (lambda d: d.n + d.z, ["n", "z"]),
    "renamed": (lambda d: d["n"], ["n"]),
    "loc": (lambda d: d.loc[:, "n"] * 2, ["n"]),
    "iloc": (lambda d: d.iloc[:, 2] * 2, ["z"]),
    "list": (lambda d: d[["n", "z"]].mean(axis=1), ["n", "z"]),
    "filter": (lambda d: d.filter(items=["n", "z"]).sum(axis=1), ["n", "z"]),
    "rows": (lambda d: d.apply(lambda row: row["n"] + row.z, axis=1), ["n", "z"]),
    "eval": (lambda d: d.eval("n + z"), ["n", "z"]),
    "concat": (lambda d: pd.concat([d["n"], d["z"]], axis=1).sum(axis=1), ["n", "z"]),
    "get": (lambda d: d.get("z"), ["z"]),
    "arrays": (lambda d: d["n"].to_numpy() + d.z.values, ["n", "z"]),
    "in two steps": (_two_steps, ["n", "z"]),
    "query": (_with_a_limit, ["age", "n"]),
    "assign": (lambda d: d.assign(k=lambda e: e["n"] * 2)["k"], ["n"]),
    "rename": (lambda d: d.rename(columns={"n": "m"})["m"], ["n"]),
    "pipe": (lambda d: d.pipe(lambda e: e["n"] + 1), ["n"]),
    "group": (lambda d: d.groupby("z")["n"].transform("mean"), ["n", "z"]),
    "merge": (lambda d: d.merge(d[["z"]], on="z")["n"], ["age", "group", "n", "w", "x", "z"]),
    "writes": (_writes, ["n", "z"]),
    "in place": (_in_place, ["age", "group", "n", "w", "x", "z"]),
    "category": (lambda d: d["group"].cat.codes, ["group"]),
    "cut": (lambda d: pd.cut(d["n"], [0, 2, 5]), ["n"]),
    "text": ("n > 1 & z > 2", ["n", "z"]),
    "isna": ("isna(n)", ["n"]),
    "whole frame": (lambda d: d.select_dtypes("number").sum(axis=1), ["age", "n", "w", "z"]),
    "no column": (lambda d: np.arange(len(d)), []),
    "constant": (lambda d: "text", []),
    "index": (lambda d: d.index.to_numpy() + len(d.columns), []),
    "a series": (FRAME["n"] > 1, ["n"]),
    "an array": (FRAME["n"].to_numpy(), []),
}


@pytest.mark.parametrize("name", READ)
def test_a_new_column_knows_what_it_was_made_of(name: str) -> None:
    made, wanted = READ[name]
    svy = SVY.assign(new=made)
    assert svy._sources_of("new")[0] == "new"
    assert sorted(svy._sources_of("new")[1:]) == wanted
    if callable(made):
        expected = FRAME.copy().assign(new=made)["new"]
        assert pd.testing.assert_series_equal(svy.frame["new"], expected) is None
        assert type(svy.frame["new"]) is pd.Series
    assert SVY.frame.equals(FRAME)


def test_origins_follow_columns_made_of_made_columns_and_conditions() -> None:
    svy = SVY.assign(a="n > 1").assign(b=lambda d: d["a"], c="b & z > 1")
    assert svy._sources_of("b") == ("b", "a", "n")
    assert svy._sources_of("c") == ("c", "b", "a", "n", "z")
    assert svy._sources_of("c | age > 5") == ("c | age > 5", "c", "b", "a", "n", "z", "age")
    assert svy.assign(c=[1, 2, 3, 4])._sources_of("c") == ("c",)
    assert svy.join(pd.DataFrame({"z": [1, 2], "q": [1, 2]}), on="z")._sources_of("q") == ("q", "z")
    assert svy.where("z > 1").use_weights("w")._sources_of("b") == ("b", "a", "n")


def test_copies_and_pickles_keep_origins_and_kinds() -> None:
    svy = SVY.assign(a="n > 1").assign(b=lambda d: d["a"]).use_weights("w", weight_kind="expansion")
    for made in (pickle.loads(pickle.dumps(svy)), copy.deepcopy(svy), copy.copy(svy)):
        assert made._sources_of("b") == ("b", "a", "n")
        assert made.use_weights("w").weight_kind == "expansion"


def test_a_condition_as_text_keeps_missing_as_missing() -> None:
    svy = SVY.assign(yes="x == 'ja'", many="n > 1 | z > 2", same="yes")
    assert svy.frame["yes"].tolist() == [True, pd.NA, False, True]
    assert svy.frame["many"].tolist() == [False, True, True, True]
    assert svy.frame["same"].tolist() == [True, pd.NA, False, True]
    assert llo.mean("yes", svy).estimate.tolist() == [2 / 3]
    assert llo.mean("yes", svy).n.tolist() == [3]


def test_text_that_is_no_condition_is_the_same_in_every_row_and_a_broken_condition_is_refused() -> None:
    for text in ("NEA 2014", "R&D", "ja and nee", "not known", "a - b", "text"):
        assert SVY.assign(f=text).frame["f"].tolist() == [text] * 4
    assert SVY.assign(f=lambda d: "n > 1").frame["f"].tolist() == ["n > 1"] * 4
    for text in ("age => 5", "n > 1 &", "age >= 55 ja"):
        with pytest.raises(DataError, match="looks like a condition"):
            SVY.assign(f=text)
    with pytest.raises(DataError, match="no column 'agee'"):
        SVY.assign(f="agee > 5")
    with pytest.raises(DataError, match="not a condition by itself"):
        SVY.assign(f="age")


def _helper(series: pd.Series) -> Any:
    return series.where(pd.notna(series))


LOST: dict[str, Any] = {
    "comparison": lambda d: d["x"] == "ja",
    "unequal": lambda d: d["x"] != "ja",
    "number": lambda d: d.n > 1,
    "as 0 and 1": lambda d: (d.n > 1).astype(int),
    "np.where": lambda d: np.where(d["n"] > 1, "much", "little"),
    "np.select": lambda d: np.select([d.n > 1, d.z > 3], [1, 2], 0),
    "isin": lambda d: d["x"].isin(["ja"]),
    "between": lambda d: d["n"].between(1, 2),
    "reversed": lambda d: np.float64(1.0) < d.n,
    "and": lambda d: (d["x"] == "ja") & (d["z"] > 1),
    "negated": lambda d: ~(d["x"] == "ja"),
    "arrays": lambda d: d["n"].to_numpy() > 1,
    "rows": lambda d: d.apply(lambda row: row["n"] > 1, axis=1),
    "category": lambda d: d["group"] == "a",
    "loc": lambda d: d.loc[:, "n"] > 1,
}


@pytest.mark.parametrize("name", LOST)
def test_a_missing_answer_that_becomes_no_is_told(name: str) -> None:
    with pytest.warns(LloWarning, match=r"1 rows without .*svy\.assign\(new="):
        svy = SVY.assign(new=LOST[name])
    assert svy.frame["new"].tolist() == FRAME.assign(new=LOST[name])["new"].tolist()


KEPT: dict[str, Any] = {
    "notna": lambda d: d["n"].notna(),
    "isna of pandas": lambda d: pd.isna(d["n"]),
    "isnan of numpy": lambda d: np.isnan(d["n"]),
    "fillna": lambda d: d["x"].fillna("nee") == "ja",
    "notna beside": lambda d: d["n"].notna() & (d["n"] > 1),
    "missing brought back": lambda d: (d["n"] > 1).where(d["n"].notna()),
    "in a function": lambda d: _helper(d["n"]) > 1,
    "no missing": lambda d: d["z"] > 2,
    "settled by the other side": lambda d: (d["x"] == "ja") & (d["z"] > 2),
    "nullable": lambda d: d["n"].astype("Float64") > 1,
    "numbers": lambda d: d["n"] * 2,
    "map": lambda d: d["x"].map({"ja": 1, "nee": 0}),
}


@pytest.mark.parametrize("name", KEPT)
def test_no_warning_where_no_missing_is_lost(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SVY.assign(new=KEPT[name])


def test_only_rows_that_count_are_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SVY.where("z > 2").assign(new=lambda d: d["x"] == "ja")
        zero = llo.Survey(FRAME.assign(w=[1.0, 0.0, 1.0, 1.0]), weights="w")
        zero.assign(new=lambda d: d["x"] == "ja")
        half = FRAME.assign(w1=[2.0, np.nan, 2.0, np.nan])
        llo.Survey(half, weights="w", item_weights={"x": "w1"}).assign(new=lambda d: d["x"] == "ja")


def test_joined_columns_are_made_from_their_keys() -> None:
    """Own weights and breaks of a key hold for what is looked up by it; a table by year holds classes of years."""
    frame = pd.DataFrame(
        {"year": [2018, 2020, 2022] * 20, "job": list("abcd") * 15, "y": range(60), "w": 1.0, "v": 2.0}
    )
    told = {"breaks": [{"time": 2022, "what": "new coding of jobs", "series": ["job"]}]}
    svy = llo.Survey(frame, weights="w", strata="year", time="year", source=told, item_weights={"job": "v"})
    jobs = svy.join(pd.DataFrame({"job": list("abcd"), "status": [1.0, 2, 3, 5]}), on="job")
    assert llo.mean("status", jobs).meta["weight"] == "v"
    with pytest.raises(DataError, match="straddles"):
        llo.change("status", jobs, time="year", base=2018)
    years = svy.join(pd.DataFrame({"year": [2018, 2020, 2022], "period": ["old", "old", "new"]}), on="year")
    assert llo.mean("y", years, by="period").meta["derived_from"] == {"period": ["year"]}
    assert "break" in llo.gap("job == 'a'", years, group="period", of="new", minus="old").flags[0]
    assert llo.gap("y", years, group="period", of="new", minus="old").flags == [""]

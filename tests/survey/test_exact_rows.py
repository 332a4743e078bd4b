"""Proves that joined and stacked data keep whole numbers above 2^53, and match no person with another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError

BIG = 2**53
IDS = [BIG + i for i in range(6)]
TYPES = ["int64", "uint64", "Int64", "UInt64", "object", "int64[pyarrow]", "category"]


def _ids(values: list[Any], dtype: str) -> pd.Series:
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    return (
        pd.Series(values, dtype="Int64").astype("category") if dtype == "category" else pd.Series(values, dtype=dtype)
    )


# -- join -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theirs", TYPES)
@pytest.mark.parametrize("ours", TYPES)
def test_join_matches_the_same_number_of_whatever_type(ours: str, theirs: str) -> None:
    svy = llo.Survey(pd.DataFrame({"id": _ids(IDS, ours), "w": 1.0}), weights="w")
    other = pd.DataFrame({"id": _ids(IDS[1::2], theirs), "q": IDS[1::2]})
    frame = svy.join(other, on="id").frame
    wanted = {value: value for value in IDS[1::2]}
    assert [None if pd.isna(q) else int(q) for q in frame["q"]] == [wanted.get(value) for value in IDS]
    assert frame["id"].dtype == svy.frame["id"].dtype


def test_join_of_whole_numbers_with_missing_and_floats() -> None:
    ids = pd.Series([1, None, BIG + 1, BIG], dtype="Int64")
    svy = llo.Survey(pd.DataFrame({"id": ids, "w": 1.0}), weights="w")
    joined = svy.join(pd.DataFrame({"id": [1.0, 2.5], "q": ["one", "half"]}), on="id")
    assert joined.frame["q"].isna().tolist() == [False, True, True, True]
    assert joined._notes[-1] == {"join": ["id"], "unmatched_rows": 3}
    with pytest.raises(DataError, match="as floats"):
        svy.join(pd.DataFrame({"id": [float(BIG)], "q": ["who"]}), on="id")
    floats = llo.Survey(pd.DataFrame({"id": [1.0, np.nan, 2.5], "w": 1.0}), weights="w")
    with pytest.raises(DataError, match="as floats"):
        llo.Survey(pd.DataFrame({"id": [float(BIG), 1.0], "w": 1.0}), weights="w").join(
            pd.DataFrame({"id": [BIG], "q": [1]}), on="id"
        )
    right = floats.join(pd.DataFrame({"id": pd.Series([1, BIG + 1], dtype="Int64"), "q": ["one", "big"]}), on="id")
    assert right.frame["q"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize("dtype", ["object", "string", "str", "category", "string[pyarrow]"])
def test_join_by_text_keeps_zeros_and_length(dtype: str) -> None:
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    ids = ["007", "7", "90071992547409921", "90071992547409922", "1E1", "10"]
    svy = llo.Survey(pd.DataFrame({"id": ids, "w": 1.0}), weights="w")
    other = pd.DataFrame({"id": pd.Series(ids[::-1], dtype=dtype), "q": range(6)})
    assert svy.join(other, on="id").frame["q"].tolist() == [5, 4, 3, 2, 1, 0]
    with pytest.raises(DataError, match="another type"):
        svy.join(pd.DataFrame({"id": [7], "q": [1]}), on="id")


@pytest.mark.parametrize("name", ["_merge", "_merge_side", "index", "key_0", "q_x", "q_y", "level_0", 0])
def test_join_takes_columns_of_any_name(name: Any) -> None:
    svy = llo.Survey(pd.DataFrame({"id": [1, 2], "q": [1, 2], "w": 1.0}), weights="w")
    joined = svy.join(pd.DataFrame({"id": [2, 1], name: ["two", "one"]}), on="id")
    assert joined.frame[name].tolist() == ["one", "two"]
    assert list(joined.frame.columns) == ["id", "q", "w", name]
    if isinstance(name, str):
        keyed = llo.Survey(pd.DataFrame({name: [1, 2], "w": 1.0}), weights="w")
        assert keyed.join(pd.DataFrame({name: [2, 1], "r": [20, 10]}), on=name).frame["r"].tolist() == [10, 20]


def test_join_of_several_keys_and_dates_against_a_loop() -> None:
    rng = np.random.default_rng(4)
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 3, 30), "D")
    frame = pd.DataFrame({"a": rng.integers(BIG, BIG + 3, 30), "day": days, "t": rng.choice(["x", "y"], 30), "w": 1.0})
    other = frame[["a", "day", "t"]].drop_duplicates().sample(frac=0.7, random_state=1).reset_index(drop=True)
    other["q"] = np.arange(len(other)) + 0.5
    found = llo.Survey(frame, weights="w").join(other, on=["a", "day", "t"]).frame["q"]
    table = {(int(r.a), r.day, r.t): r.q for r in other.itertuples()}
    wanted = [table.get((int(r.a), r.day, r.t)) for r in frame.itertuples()]
    assert [None if pd.isna(q) else q for q in found] == wanted


# -- stack ------------------------------------------------------------------------------------------------------


def _stack(a: Any, b: Any) -> pd.Series:
    parts = {
        name: llo.Survey(pd.DataFrame({"id": values, "w": 1.0}), weights="w") for name, values in (("a", a), ("b", b))
    }
    return llo.stack(parts).frame["id"]


STACKED: dict[str, tuple[Any, Any]] = {
    "int and int": (np.array([BIG + 1, 2]), np.array([BIG + 3, 4])),
    "int and uint": (np.array([BIG + 1, 2]), np.array([BIG + 3, 4], dtype="uint64")),
    "uint beyond int": (np.array([2**64 - 1, 2], dtype="uint64"), np.array([BIG + 3, 4])),
    "int and nullable": (np.array([BIG + 1, 2]), pd.array([BIG + 3, None], dtype="Int64")),
    "int and floats with missing": (np.array([BIG + 1, 2]), np.array([3.0, np.nan])),
    "nullable and floats": (pd.array([BIG + 1, None], dtype="Int64"), np.array([3.0, 4.0])),
    "int and bits": (np.array([BIG + 1, 2]), np.array([1, 2], dtype="int8")),
    "categories": (pd.Categorical([BIG + 1, BIG]), pd.Categorical([BIG + 2, BIG])),
    "categories of numbers of both kinds": (pd.Categorical([BIG + 1, BIG]), pd.Categorical([2.0, 1.5])),
}


@pytest.mark.parametrize("name", STACKED)
def test_stacked_numbers_are_those_of_the_surveys(name: str) -> None:
    a, b = STACKED[name]
    wanted = [None if pd.isna(value) else value for part in (a, b) for value in list(part)]
    found = [None if pd.isna(value) else value for value in _stack(a, b).astype(object)]
    assert found == wanted


def test_a_column_that_one_survey_lacks_stays_exact() -> None:
    one = llo.Survey(pd.DataFrame({"id": [BIG + 1, BIG], "w": 1.0}), weights="w")
    other = llo.Survey(pd.DataFrame({"w": [1.0, 2.0]}), weights="w")
    found = llo.stack({"one": one, "other": other}).frame["id"]
    assert found.astype(object).where(found.notna(), None).tolist() == [BIG + 1, BIG, None, None]


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (np.array([BIG + 1]), np.array([float(BIG)]), "as floats"),
        (np.array([BIG + 1]), np.array([0.5]), "fractions"),
        (np.array([-1]), np.array([2**64 - 1], dtype="uint64"), "negative"),
    ],
)
def test_numbers_that_cannot_stand_together_are_refused(a: Any, b: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        _stack(a, b)


def test_units_of_two_surveys_with_neighbouring_numbers_are_different_units() -> None:
    def part(first: int, dtype: str) -> llo.Survey:
        ids = pd.Series([first, first, first + 2, first + 2], dtype=dtype)
        return llo.Survey(pd.DataFrame({"id": ids, "y": [1.0, 2, 3, 5], "w": 1.0}), weights="w", unit="id")

    both = llo.stack({"a": part(BIG, "int64"), "b": part(BIG + 1, "Int64")})
    assert both._arguments["unit"] == "id"
    assert both.frame["id"].nunique() == 4
    same = llo.stack({"a": part(BIG, "int64"), "b": part(BIG, "Int64")})
    assert same.frame[same._arguments["unit"]].nunique() == 4

"""Proves that a saved survey comes back without loss, and that broken files are named as such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.survey import samples


def _wide() -> pd.DataFrame:
    frame = samples.people(3)
    n = len(frame)
    gone = np.arange(n) % 7 == 3
    frame["nullable"] = pd.array(np.arange(n), dtype="Int16")
    frame["maybe"] = pd.array(np.arange(n) % 2 == 0, dtype="boolean")
    frame["float"] = pd.array(np.linspace(0, 1, n), dtype="Float32")
    for name in ("nullable", "maybe", "float"):
        frame.loc[gone, name] = pd.NA
    frame["text"] = pd.array([f"é{i}" for i in range(n)], dtype="string")
    frame["mixed"] = [None if g else ("ja" if i % 2 else "nee") for i, g in enumerate(gone)]
    frame["single"] = frame["y"].astype("float32")
    frame["small"] = np.arange(n, dtype="int8")
    frame["day"] = pd.date_range("2020-01-01", periods=n)
    frame["coded"] = pd.Categorical(np.where(gone, None, np.arange(n) % 3), categories=[2, 1, 0])
    return frame


@pytest.mark.parametrize("design", [*samples.DESIGNS, "replicates"])
def test_a_survey_comes_back_as_it_was(design: str, tmp_path: Path) -> None:
    frame = samples.with_replicates(_wide())
    options: dict[str, Any] = {"weights": "w", **samples.DESIGNS.get(design, {})}
    if design == "replicates":
        options |= {"replicate_weights": "r[1-12]", "replicate_method": "fay", "fay": 0.5, "mse": False}
    svy = llo.Survey(frame, **options, labels={"y": {"nl": "leren"}}, source={"synthetic": True, "path": "a b.csv"})
    svy = svy.where("older & nullable > 3").assign(new=1.5)
    again = llo.read_survey(svy.save(tmp_path / "folder with blanks" / "survey"))
    pd.testing.assert_frame_equal(again.frame, svy.frame)
    assert again.weights.tolist() == svy.weights.tolist()
    assert again.domain.tolist() == svy.domain.tolist()
    assert (again.labels, again.source) == (svy.labels, svy.source)
    assert str(again.describe()) == str(svy.describe())
    for call in (lambda s: llo.mean("y", s, by="education"), lambda s: llo.total("float", s)):
        one, other = call(svy), call(again)
        assert one.covariance.tolist() == other.covariance.tolist()
        assert one.meta == other.meta


@pytest.mark.parametrize("dtype", ["double[pyarrow]", "int64[pyarrow]", "bool[pyarrow]", "string[pyarrow]"])
def test_arrow_columns_come_back(dtype: str, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    frame = samples.people(3)
    column = frame["older"] if "bool" in dtype else frame["region"] if "string" in dtype else frame["trained"]
    frame["arrow"] = column.astype(dtype)
    frame.loc[[1, 5], "arrow"] = pd.NA
    svy = llo.Survey(frame, weights="w")
    again = llo.read_survey(svy.save(tmp_path / "arrow"))
    assert again.frame["arrow"].isna().tolist() == frame["arrow"].isna().tolist()
    assert again.frame["arrow"].dropna().tolist() == frame["arrow"].dropna().tolist()


INDEXES = {
    "text": pd.Index([f"p{i}" for i in range(72)], name="id"),
    "several": pd.MultiIndex.from_product([["a", "b", "c"], range(24)], names=["x", None]),
    "repeated": pd.Index([1] * 72),
}


@pytest.mark.parametrize("name", INDEXES)
def test_the_index_comes_back(name: str, tmp_path: Path) -> None:
    svy = llo.Survey(samples.people(3).set_axis(INDEXES[name], axis=0), weights="w")
    again = llo.read_survey(svy.save(tmp_path / "s"))
    assert again.frame.index.equals(svy.frame.index)
    assert list(again.frame.index.names) == list(svy.frame.index.names)


def test_a_part_of_a_split_sample_comes_back(tmp_path: Path) -> None:
    frame = samples.people(3)
    frame["part"] = frame["w"].where(frame["person"] % 2 == 0)
    frame["item"] = frame["y"].where(frame["person"] % 2 == 0)
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place", item_weights={"item": "part"})
    for one in (svy, svy.use_weights("part")):
        again = llo.read_survey(one.save(tmp_path / "s"))
        assert llo.mean("item", again).covariance.tolist() == llo.mean("item", one).covariance.tolist()
        assert llo.mean("item", again).meta == llo.mean("item", one).meta
        assert again.frame["part"].isna().sum() == 36


def test_results_of_a_survey_that_was_read_can_be_joined_with_each_other_only(tmp_path: Path) -> None:
    svy = samples.survey()
    again = llo.read_survey(svy.save(tmp_path / "s"))
    llo.joint({"a": llo.mean("y", again), "b": llo.mean("hours", again)})
    with pytest.raises(llo.DesignError, match="different surveys"):
        llo.joint({"a": llo.mean("y", svy), "b": llo.mean("hours", again)})


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "text": b"a,b\n1,2\n",
    "binary": b"\x00\xff" * 50,
    "a zip that is none": b"PK\x03\x04" + b"garbage" * 20,
}


@pytest.mark.parametrize("name", [*BROKEN, "truncated", "an array", "other arrays", "a folder", "flipped bytes"])
def test_a_broken_file_is_named_as_such(name: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    good = samples.survey().save(tmp_path / "good").read_bytes()
    if name in BROKEN:
        path.write_bytes(BROKEN[name])
    elif name == "truncated":
        path.write_bytes(good[: len(good) // 2])
    elif name == "flipped bytes":
        path.write_bytes(good[:2000] + bytes(255 - b for b in good[2000:2400]) + good[2400:])
    elif name == "an array":
        with path.open("wb") as stream:
            np.save(stream, np.arange(3))
    elif name == "other arrays":
        np.savez(path, a=np.arange(3))
    else:
        path.mkdir()
    with pytest.raises(DataError, match="not a saved survey"):
        llo.read_survey(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        llo.read_survey(tmp_path / "nothing")


def test_a_column_that_cannot_be_saved_is_named(tmp_path: Path) -> None:
    svy = samples.survey().assign(odd=[(1, 2)] * 72)
    with pytest.raises(DataError, match="column 'odd' cannot be saved"):
        svy.save(tmp_path / "s")


def test_names_that_are_numbers_and_the_file_s_own_entries(tmp_path: Path) -> None:
    frame = pd.DataFrame({7: [1.0, 2.0], "w": [1.0, 1.0]}, index=pd.Index(np.array([4, 9])))
    frame.columns = pd.Index([np.int64(7), "w"], dtype=object)
    path = llo.Survey(frame, weights="w").save(tmp_path / "numbers")
    with np.load(path, allow_pickle=False) as stored:
        assert "allow_pickle" not in stored.files
    again = llo.read_survey(path).frame
    assert list(again.columns) == [7, "w"] and again.index.tolist() == [4, 9]

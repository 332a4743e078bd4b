"""Proves what each format keeps: indexes, categories and large numbers of Parquet, dates and encodings of SPSS."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

ROWS = np.arange(12)


def people() -> pd.DataFrame:
    """A frame with a weight."""
    return pd.DataFrame({"year": 2019, "id": (ROWS * 7) % 13, "y": ROWS / 2, "w": 1.0 + ROWS})


# -- Parquet --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [["id"], ["year", "id"]])
def test_a_named_index_of_parquet_is_a_column(index: list[str], tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    people().set_index(index).to_parquet(tmp_path / "a.parquet")
    frame = llo.read_file(tmp_path / "a.parquet", weights="w").frame
    pd.testing.assert_frame_equal(frame[["year", "id", "y", "w"]], people())


def test_a_range_with_a_name_is_a_column_and_an_index_without_one_is_none(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    people().drop(columns="id").set_axis(pd.RangeIndex(5, 17, name="id"), axis=0).to_parquet(path)
    assert llo.read_file(path, weights="w").frame["id"].tolist() == list(range(5, 17))
    people().set_axis(ROWS[::-1], axis=0).to_parquet(path)
    frame = llo.read_file(path, weights="w").frame
    assert list(frame.columns) == ["year", "id", "y", "w"] and frame.index.tolist() == list(range(12))


def test_an_index_that_is_told_with_other_numbers_of_rows(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    for stop in (10**13, "x"):
        about = {"index_columns": [{"kind": "range", "name": "id", "start": 0, "stop": stop, "step": 1}], "columns": []}
        table = pyarrow.table({"w": [1.0, 2.0]}).replace_schema_metadata({"pandas": json.dumps(about)})
        parquet.write_table(table, tmp_path / "a.parquet")
        with pytest.raises(llo.DataError, match="damaged"):
            llo.read_file(tmp_path / "a.parquet", weights="w")
        assert len(llo.read_file(tmp_path / "a.parquet", weights="w", columns="w")) == 2


def test_nested_columns_are_refused_by_name_unless_they_are_not_chosen(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    people().assign(jobs=[[1, 2]] * 12, raw=[b"x"] * 12).to_parquet(path)
    with pytest.raises(llo.DataError, match="a kind that is not read: 'jobs'"):
        llo.read_file(path, weights="w")
    assert list(llo.read_file(path, weights="w", columns=["y"]).frame.columns) == ["y", "w"]


def test_a_period_of_parquet_is_no_number(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    people().assign(month=pd.period_range("2020-01", periods=12, freq="M")).to_parquet(path)
    with pytest.raises(llo.DataError, match=r"'month'(.|\n)*pandas.period"):
        llo.read_file(path, weights="w")


def test_categories_keep_their_order_and_whole_numbers_their_digits(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    large = pd.array([2**53 + 1 + k for k in ROWS], dtype="Int64")
    large[3] = pd.NA
    frame = people().assign(
        level=pd.Categorical(np.array(["low", "high"])[ROWS % 2], ["low", "middle", "high"], ordered=True),
        size=pd.Categorical(ROWS % 3, [2, 0, 1]),
        large=large,
        small=pd.array(ROWS, dtype="Int16"),
        unsigned=np.uint64(2**64 - 1) - ROWS.astype("u8"),
        zoned=pd.date_range("2020-03-28 12:00", periods=12, tz="Europe/Amsterdam"),
        day=[datetime.date(2020, 1, 1 + k) for k in ROWS],
        span=pd.to_timedelta(ROWS, unit="h"),
        sure=pd.array([True, None] * 6, dtype="boolean"),
    )
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=5)
    read = llo.read_file(tmp_path / "a.parquet", weights="w").frame
    for name in ("level", "large", "small", "unsigned", "sure"):
        pd.testing.assert_series_equal(read[name], frame[name])
    assert (read["zoned"] == frame["zoned"]).all() and str(read["zoned"].dt.tz) == "Europe/Amsterdam"
    assert (read["day"] == pd.to_datetime(frame["day"])).all() and (read["span"] == frame["span"]).all()


def test_whole_numbers_with_gaps_and_no_word_of_pandas(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"big": [2**53 + 1, None, 2**53 + 2], "few": [1, None, 3], "w": [1.0, 1.0, 1.0]})
    parquet.write_table(table, tmp_path / "a.parquet")
    frame = llo.read_file(tmp_path / "a.parquet", weights="w").frame
    assert frame["big"].dropna().tolist() == [2**53 + 1, 2**53 + 2] and frame["big"].isna().tolist()[1]
    assert frame["few"].dtype == float


# -- SPSS and Stata -------------------------------------------------------------------------------------------------


def spss(path: Path, frame: pd.DataFrame, **options: Any) -> Path:
    """An SPSS file."""
    pyreadstat = pytest.importorskip("pyreadstat")
    pyreadstat.write_sav(frame, str(path), **options)
    return path


@pytest.mark.parametrize("way", [{}, {"compress": True}, {"row_compress": True}])
def test_dates_of_spss_are_those_that_pyreadstat_finds(way: dict[str, bool], tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = people().assign(
        day=[datetime.date(1583 + 300 * (k % 3), 1 + k, 28) for k in ROWS],
        moment=[datetime.datetime(2019, 2, 28, 23, 59, k) for k in ROWS],
        clock=[datetime.time(k, 30, 15) for k in ROWS],
    )
    path = spss(tmp_path / "a.sav", frame, **way)
    own, _ = pyreadstat.read_sav(str(path))
    read = llo.read_file(path, weights="w").frame
    assert [value.date() for value in read["day"]] == own["day"].tolist() == frame["day"].tolist()
    assert read["moment"].tolist() == pd.to_datetime(own["moment"]).tolist()
    assert [pd.Timedelta(hours=t.hour, minutes=t.minute, seconds=t.second) for t in own["clock"]] == read[
        "clock"
    ].tolist()
    pd.testing.assert_frame_equal(read[["year", "id", "y", "w"]], people(), check_dtype=False)


@pytest.mark.parametrize("ranges", [[{"lo": 3, "hi": 5}], [9, {"lo": -1, "hi": 0}], [2]])
def test_values_declared_missing_are_those_that_pyreadstat_leaves_out(ranges: list[Any], tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = people().assign(answer=ROWS % 10 - 1.0, word=np.array(["x", "y", "z"])[ROWS % 3])
    path = spss(tmp_path / "a.sav", frame, missing_ranges={"answer": ranges, "word": ["x"]})
    own, _ = pyreadstat.read_sav(str(path))
    svy = llo.read_file(path, weights="w")
    assert svy.frame["answer"].isna().tolist() == own["answer"].isna().tolist()
    assert svy.frame["word"].fillna("").tolist() == [str(v) if isinstance(v, str) else "" for v in own["word"]]
    assert svy.source["user_missing"] == {"answer": int(own["answer"].isna().sum()), "word": 4}


def other_encoding(tmp_path: Path) -> Path:
    """A file that says UTF-8 and is cp1252."""
    path = spss(tmp_path / "a.sav", people().assign(job=np.array(["coQrdinator", "kok"])[ROWS % 2]))
    path.write_bytes(path.read_bytes().replace(b"coQrdinator", b"co\xf6rdinator"))
    return path


def test_an_encoding_that_lies_is_told_and_can_be_named(tmp_path: Path) -> None:
    path = other_encoding(tmp_path)
    with pytest.raises(llo.DataError, match=r"not in the encoding that the file says(.|\n)*encoding='cp1252'"):
        llo.read_file(path, weights="w")
    assert set(llo.read_file(path, weights="w", encoding="cp1252").frame["job"]) == {"coördinator", "kok"}


def test_read_microdata_takes_an_encoding(piaac: Any, write: Any) -> None:
    path = write(piaac().assign(job="coQrdinator"), "nld.sav")
    path.write_bytes(path.read_bytes().replace(b"coQrdinator", b"co\xf6rdinator"))
    with pytest.raises(llo.DataError, match="encoding="):
        llo.read_microdata(path, "piaac")
    assert llo.read_microdata(path, "piaac", encoding="cp1252").frame["job"].eq("coördinator").all()
    with pytest.raises(llo.DataError, match="There is no encoding 'latin-99'"):
        llo.read_microdata(path, "piaac", encoding="latin-99")


def test_encodings_of_other_formats(tmp_path: Path) -> None:
    frame = people().assign(job="privé – kok")
    frame.to_csv(tmp_path / "a.csv", index=False, encoding="cp850", errors="replace")
    assert llo.read_file(tmp_path / "a.csv", weights="w", encoding="cp850").frame["job"][0].startswith("privé")
    frame.to_csv(tmp_path / "b.csv", index=False, encoding="utf-16")
    assert llo.read_file(tmp_path / "b.csv", weights="w", encoding="utf-16").frame["job"][0] == "privé – kok"
    with pytest.raises(llo.DataError, match="not in the encoding 'ascii'"):
        llo.read_file(tmp_path / "a.csv", weights="w", encoding="ascii")
    frame.to_stata(tmp_path / "a.dta", write_index=False, version=118)
    assert llo.read_file(tmp_path / "a.dta", weights="w").frame["job"][0] == "privé – kok"
    with pytest.raises(llo.DataError, match="takes no encoding"):
        llo.read_file(tmp_path / "a.dta", weights="w", encoding="cp1252")
    frame.assign(job="kok Q").to_stata(tmp_path / "old.dta", write_index=False, version=114)
    raw = (tmp_path / "old.dta").read_bytes().replace(b"kok Q", b"kok \x96")  # a dash in cp1252, a control in latin-1
    (tmp_path / "old.dta").write_bytes(raw)
    assert llo.read_file(tmp_path / "old.dta", weights="w", encoding="cp1252").frame["job"][0] == "kok –"


# -- text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"sep=;\na;b;w\n1;2;1\n3;4;1\n",
        b"\xef\xbb\xbfsep=;\r\na;b;w\r\n1;2;1\r\n3;4;1\r\n",
        b'"sep=;"\na;b;w\n1;2;1\n3;4;1\n',
        b"\xef\xbb\xbf\xef\xbb\xbfa;b;w\n1;2;1\n3;4;1\n",
    ],
)
def test_first_lines_of_excel(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    frame = llo.read_file(tmp_path / "a.csv", weights="w").frame
    assert list(frame.columns) == ["a", "b", "w"] and frame["a"].tolist() == [1, 3]


def test_a_decimal_comma_in_a_file_of_ones_own(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "a.csv", index=False, sep=";", decimal=",")
    assert llo.read_file(tmp_path / "a.csv", weights="w").frame["y"].tolist() == people()["y"].tolist()


def test_large_whole_numbers_of_text_stay_exact_with_gaps(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"id,w\n{2**53 + 1},1\n,1\n{2**53 + 2},1\n", encoding="utf-8", newline="\n")
    frame = llo.read_file(tmp_path / "a.csv", weights="w").frame
    assert frame["id"].dropna().tolist() == [2**53 + 1, 2**53 + 2]

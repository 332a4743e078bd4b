"""Proves that codes of a mapping are compared exactly: numbers as numbers, text as text, dates as dates."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.exact import find, keys_of, masked, nfc, number_of, of_distinct, translated
from tests.data import yearly

KINDS = ["nea.csv", "nea.parquet", "nea.dta", "nea.sav"]


def read(folder: Path, frame: pd.DataFrame, name: str, text: str) -> pd.DataFrame:
    """A frame as a file of this kind, read with a mapping."""
    path = folder / name
    if name.endswith(".sav"):
        pytest.importorskip("pyreadstat").write_sav(frame, str(path))
    elif name.endswith(".dta"):
        frame.to_stata(path, write_index=False, version=118)
    elif name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False)
    (folder / "m.toml").write_text(text, encoding="utf-8", newline="\n")
    return llo.read_microdata(path, "nea", mapping=folder / "m.toml").frame


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    ("code", "written"),
    [
        (9999999.0, "[9999999]"),
        (-99999999.0, "[-99999999]"),
        (1234.5678, "[1234.5678]"),
        (9.0, "[9.0]"),
        (9.0, "9"),
        (9.0, '["9"]'),
        (1e12, "[1e12]"),
        (-0.1, "[-0.1]"),
        (123456789012.0, '["123456789012.0"]'),
    ],
)
def test_a_missing_code_is_the_number_that_it_is(name: str, code: float, written: str, tmp_path: Path) -> None:
    frame = yearly.small_nea(2019, rows=60)
    frame["score"] = np.where(frame.index % 3 == 0, code, 1.5)
    made = read(tmp_path, frame, name, f"[missing]\nscore = {written}\n")["score"]
    assert made.isna().tolist() == (frame.index % 3 == 0).tolist() and made.dropna().eq(1.5).all()


@pytest.mark.parametrize("name", KINDS)
def test_a_code_near_another_is_another(name: str, tmp_path: Path) -> None:
    frame = yearly.small_nea(2019, rows=60)
    frame["score"] = np.where(frame.index % 2 == 0, 9999999.0, 9999998.0)
    with pytest.warns(llo.LloWarning, match=r"hit nothing: \[missing\] score = 10000000"):
        made = read(tmp_path, frame, name, "[missing]\nscore = [9999999, 10000000]\n")["score"]
    assert made.notna().sum() == 30 and made.dropna().eq(9999998).all()


def test_values_of_a_mapping_are_compared_and_written_exactly(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019, rows=60)
    frame["score"] = np.where(frame.index % 2 == 0, 1234567.5, 2.0)
    text = '[values.score]\n"1234567.5" = "7"\n"2.0" = 3\n'
    for name in KINDS:
        made = read(tmp_path, frame, name, text)["score"]
        assert made.tolist() == np.where(frame.index % 2 == 0, 7.0, 3.0).tolist(), name


def test_numbers_of_single_precision_are_found_as_they_were_written(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019, rows=60)
    frame["score"] = np.where(frame.index % 2 == 0, 9.9, 1.0).astype(np.float32)
    for name in ("nea.dta", "nea.parquet"):
        assert read(tmp_path, frame, name, "[missing]\nscore = [9.9]\n")["score"].isna().sum() == 30
    assert (find(pd.Series([16777216.0], dtype=np.float32), [16777217])[0] == -1).all()  # whole codes are not rounded


def test_dates_and_yes_or_no_of_toml_are_codes(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019, rows=60)
    even = frame.index % 2 == 0
    frame["day"] = pd.Series(np.where(even, np.datetime64("1900-01-01"), np.datetime64("2019-05-06"))).astype("M8[ns]")
    frame["flag"] = even
    text = '[missing]\nday = [1900-01-01]\n[values.flag]\n"true" = 5\nfalse = 6\n'
    for name in ("nea.parquet", "nea.sav"):
        made = read(
            tmp_path,
            frame.assign(flag=frame["flag"].astype(bool)),
            name,
            text.replace("true", "1").replace("false", "0"),
        )
        assert made["day"].isna().tolist() == even.tolist(), name
    made = read(tmp_path, frame, "nea.parquet", text)
    assert made["flag"].tolist() == np.where(even, 5.0, 6.0).tolist()
    assert keys_of(datetime.date(1900, 1, 1)) == keys_of("1900-01-01")


def test_text_is_compared_as_text() -> None:
    column = pd.Series(["01", "1", "1.0", "1E0", None])
    assert find(column, ["01"])[0].tolist() == [0, -1, -1, -1, -1]
    assert find(column, [1])[0].tolist() == [-1, 0, -1, -1, -1]
    assert find(pd.Series([1.0, 10.0]), ["01"])[0].tolist() == [-1, -1]
    assert [number_of(text) for text in ("9.0", "-99999999", "1e3", "01", "inf", "nan", "1_0", "９")] == [
        9,
        -99999999,
        1000,
        *[None] * 5,
    ]


def test_whole_numbers_beyond_2_53_stay_exact() -> None:
    big = 2**53
    column = pd.Series([big, big + 1, big + 2])
    assert find(column, [big + 1])[0].tolist() == [-1, 0, -1]
    assert find(column.astype(float), [big + 1])[0].tolist() == [-1, -1, -1]  # the float 2^53 is not 2^53 + 1
    assert find(column, [str(big + 1)])[0].tolist() == [-1, 0, -1]
    hidden = masked(column, np.array([True, False, False]))
    assert hidden.dropna().tolist() == [big + 1, big + 2] and hidden.isna().sum() == 1
    found, _ = find(column, [str(big)])
    assert translated(column, {str(big): "0"}, found).tolist() == [0, big + 1, big + 2]
    assert of_distinct(np.array([0, -1, 1]), [big + 1, 2], column.index)[0] == big + 1


def test_a_code_with_two_meanings_is_refused(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019, rows=60)
    with pytest.raises(llo.DataError, match="gives one code of training_code two meanings"):
        read(tmp_path, frame, "nea.csv", '[values.training_code]\n"1" = "2"\n"1.0" = "1"\n')
    made = read(tmp_path, frame, "nea.csv", '[values.training_code]\n"1" = "2"\n"1.0" = "2"\n"2" = "1"\n')
    assert made["training_code"].tolist() == (3 - frame["training_code"]).tolist()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_and_levels_in_either_unicode_form(form: str, tmp_path: Path) -> None:
    import unicodedata

    frame = yearly.small_nea(2019, rows=60).rename(columns={"training_code": unicodedata.normalize(form, "gevolgdé")})
    frame[unicodedata.normalize(form, "café")] = np.where(
        frame.index % 2 == 0, unicodedata.normalize(form, "België"), "Nederland"
    )
    for other in ("NFC", "NFD"):
        text = '[columns]\n"gevolgdé" = "training_code"\n[values."café"]\n"België" = "B"\n'
        made = read(tmp_path, frame, "nea.csv", unicodedata.normalize(other, text))
        assert made["training"].notna().all() and set(made["café"]) == {"B", "Nederland"}
    plain = read(tmp_path, frame, "nea.csv", '[columns]\n"gevolgdé" = "training_code"\n')
    assert set(plain["café"]) == {"België", "Nederland"} and nfc("e\u0301") == "é"


@pytest.mark.parametrize("name", ["nea.csv", "nea.parquet"])
def test_ids_keep_their_text_or_their_exact_number(name: str, tmp_path: Path) -> None:
    frame = yearly.small_nea(2019, rows=40)
    for ids in (
        [f"A{k:03d}" for k in range(40)],
        [2**53 + k for k in range(40)],
        [90071992547409930 + k for k in range(40)],
        [1.25 + k / 4 for k in range(40)],
    ):
        made = read(tmp_path, frame.assign(id=ids), name, "")
        assert made["person"].nunique() == 40
        told = [f"{k:g}" if isinstance(k, float) else str(k) for k in ids]
        assert made["person"].tolist() == [f"2019-{k}" for k in told]
    zeros = frame.assign(id=[f"{k:03d}" for k in range(1, 41)])
    assert read(tmp_path, zeros, name, "")["person"].nunique() == 40


def test_ids_that_floats_have_cut_are_refused(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019, rows=40)
    frame["id"] = (2**53 + 4.0 * np.arange(40)).astype(float)
    with pytest.raises(llo.DataError, match="too large to tell persons apart"):
        read(tmp_path, frame, "nea.parquet", "")


def test_a_year_with_decimals_is_refused(tmp_path: Path) -> None:
    frame: Any = yearly.small_nea(2019, rows=40).assign(year=2019.5)
    with pytest.raises(llo.DataError, match="year holds a value that the codebook does not know"):
        read(tmp_path, frame, "nea.csv", "")

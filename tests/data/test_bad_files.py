"""Proves that a file that does not fit is refused, and that the message says what, where and what was expected."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

Frame = pd.DataFrame
Case = tuple[str, str, Callable[[Frame], Any], str, list[str]]


def text(frame: Frame, separator: str = ",") -> str:
    """A frame as delimited text."""
    return str(frame.to_csv(index=False, sep=separator, lineterminator="\n"))


def changed(frame: Frame, **columns: Any) -> Frame:
    """The frame with columns replaced."""
    return frame.assign(**columns)


def set_cell(frame: Frame, row: int, column: str, value: Any) -> Frame:
    """The frame with one cell replaced."""
    frame = frame.copy()
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame


def cut_row(frame: Frame) -> str:
    """Text that ends in the middle of its last row."""
    lines = text(frame).splitlines()
    return "\n".join([*lines[:-1], lines[-1][: len(lines[-1]) // 2]])


def short_row(frame: Frame) -> str:
    """Text in which the fifth row lost two fields."""
    lines = text(frame).splitlines()
    lines[5] = ",".join(lines[5].split(",")[:-2])
    return "\n".join(lines) + "\n"


# name of the case, file name, what is done to a good frame, first words of the message, words in the rest of it
CASES: list[Case] = [
    ("empty file", "prgnldp1.csv", lambda f: b"", "prgnldp1.csv is empty", ["0 bytes"]),
    ("only blank lines", "prgnldp1.csv", lambda f: b"\n\n", "prgnldp1.csv is empty", []),
    (
        "header without rows",
        "prgnldp1.csv",
        lambda f: text(f.iloc[:0]),
        "prgnldp1.csv has column names but no",
        ["0 rows"],
    ),
    (
        "gzip cut off",
        "nld.csv.gz",
        lambda f: gzip.compress(text(f).encode(), mtime=0)[:-40],
        "nld.csv.gz is cut off or damaged",
        ["complete gzip"],
    ),
    ("gzip in name only", "nld.csv.gz", lambda f: text(f), "nld.csv.gz is named as a gzip file", ["1f 8b"]),
    (
        "gzip with a damaged middle",
        "nld.csv.gz",
        lambda f: (lambda raw: raw[:60] + b"\x00\x00\x00\x00" + raw[64:])(gzip.compress(text(f).encode(), mtime=0)),
        "nld.csv.gz is cut off or damaged",
        [],
    ),
    ("last row cut off", "prgnldp1.csv", cut_row, "prgnldp1.csv is cut off in its last row", ["line 13", "27 fields"]),
    ("row with fewer fields", "prgnldp1.csv", short_row, "prgnldp1.csv has a row of another length", ["line 6", "25"]),
    ("UTF-16 text", "prgnldp1.csv", lambda f: text(f).encode("utf-16"), "prgnldp1.csv is not plain text", ["UTF-16"]),
    (
        "bytes that are no text",
        "prgnldp1.csv",
        lambda f: text(f).encode().replace(b"JK2", b"J\x81\x02", 3),
        "prgnldp1.csv is garbled",
        ["line 2"],
    ),
    (
        "a web page",
        "prgnldp1.csv",
        lambda f: b"<!DOCTYPE html><html>404</html>",
        "prgnldp1.csv is a web page",
        ["fetch"],
    ),
    ("a kind that is not read", "prgnldp1.xlsx", lambda f: b"PK\x03\x04", "prgnldp1.xlsx is of a kind", [".parquet"]),
    ("one column", "prgnldp1.csv", lambda f: "CNTRYID\n528\n", "prgnldp1.csv has one column only", ["'CNTRYID'"]),
    (
        "a column twice",
        "prgnldp1.csv",
        lambda f: text(f).replace("GENDER_R", "AGE_R", 1),
        "prgnldp1.csv has columns",
        ["AGE_R"],
    ),
    (
        "semicolons in cycle 1",
        "prgnldp1.csv",
        lambda f: text(f, ";"),
        "prgnldp1.csv is separated by semicolons",
        ["commas"],
    ),
    ("commas in cycle 2", "prgnldp2.csv", lambda f: text(f), "prgnldp2.csv is separated by commas", ["semicolons"]),
    (
        "decimal commas",
        "prgnldp2.csv",
        lambda f: text(f, ";").replace(".0;", ",0;"),
        "D_Q04 has numbers with a decimal comma",
        ["decimal point"],
    ),
    (
        "another instrument",
        "other.csv",
        lambda f: "year,score\n2014,3\n",
        "other.csv is not a file of Survey of Adult Skills",
        ["year, score", "SPFWT0"],
    ),
    (
        "no weight, a name like it",
        "prgnldp1.csv",
        lambda f: f.rename(columns={"SPFWT0": "SPFWT_0"}),
        "prgnldp1.csv lacks a column",
        ["no SPFWT0", "nearest names", "SPFWT_0"],
    ),
    (
        "unknown code",
        "prgnldp1.csv",
        lambda f: changed(f, EDCAT6=[8, 8, 8, *f["EDCAT6"][3:]]),
        "EDCAT6 holds a value that the codebook does not know",
        ["8 in 3 rows", "data row 1", "1, 2, 3, 4, 5, 6, 7"],
    ),
    (
        "unknown text code",
        "prgnldp1.csv",
        lambda f: set_cell(f, 2, "ISIC1C", "ZZ"),
        "ISIC1C holds a value that the codebook does not know",
        ["'ZZ' in 1 row", "data row 3"],
    ),
    (
        "text in a numeric column",
        "prgnldp1.csv",
        lambda f: set_cell(f, 4, "GENDER_R", "woman"),
        "GENDER_R holds a value that the codebook does not know",
        ["'woman'"],
    ),
    (
        "an age of 197",
        "prgnldp1.csv",
        lambda f: set_cell(f, 0, "AGE_R", 197),
        "AGE_R holds a value that the codebook does not know",
        ["197 in 1 row", "14 to 90"],
    ),
    (
        "a person twice",
        "prgnldp1.csv",
        lambda f: pd.concat([f, f.iloc[[3]]]),
        "1 person occurs more than once",
        ["SEQID 4 in data rows 4, 13"],
    ),
    (
        "no person number",
        "prgnldp1.csv",
        lambda f: set_cell(f, 6, "SEQID", np.nan),
        "1 row has no person number",
        ["row 7"],
    ),
    (
        "negative weight",
        "prgnldp1.csv",
        lambda f: set_cell(f, 1, "SPFWT0", -3.0),
        "1 row has a negative weight",
        ["row 2"],
    ),
    (
        "no weight in a row",
        "prgnldp1.csv",
        lambda f: set_cell(f, 1, "SPFWT0", ""),
        "1 row has a missing weight",
        ["row 2"],
    ),
    ("all weights zero", "prgnldp1.csv", lambda f: changed(f, SPFWT0=0.0), "All weights are zero", []),
    (
        "no replicate weight in a row",
        "prgnldp1.csv",
        lambda f: set_cell(f, 0, "SPFWT3", ""),
        "1 row has a missing weight",
        ["column SPFWT3"],
    ),
    (
        "fewer replicate columns than VENREPS",
        "prgnldp1.csv",
        lambda f: f.drop(columns="SPFWT4"),
        "prgnldp1.csv lacks replicate weights",
        ["no SPFWT4", "VENREPS"],
    ),
    (
        "no replicate method",
        "prgnldp1.csv",
        lambda f: f.drop(columns=["VEMETHOD", "VEMETHODN"]),
        "The file does not say how its replicate weights were made",
        ["VEMETHODN"],
    ),
    (
        "methods that contradict",
        "prgnldp1.csv",
        lambda f: changed(f, VEMETHODN=1),
        "VEMETHODN and VEMETHOD contradict each other",
        ["jk1", "JK2"],
    ),
    (
        "Fay without a factor",
        "prgnldp1.csv",
        lambda f: changed(f, VEMETHODN=4, VEMETHOD="FAY"),
        "The file says that its replicate weights follow Fay",
        ["VEFAYFAC"],
    ),
    (
        "a country against the file's name",
        "prgbelp1.csv",
        lambda f: f,
        "prgbelp1.csv is of another country than its name says",
        ["528 (nld)", "56 (bel)"],
    ),
    (
        "two countries",
        "both.csv",
        lambda f: set_cell(f, 5, "CNTRYID", 56),
        "The file holds several countries",
        ["528 (nld), 56 (bel)"],
    ),
    (
        "a country not known",
        "some.csv",
        lambda f: changed(f, CNTRYID=999),
        "The file is of a country not known",
        ["999"],
    ),
    (
        "no country",
        "some.csv",
        lambda f: changed(f, CNTRYID=""),
        "The file does not say of which country it is",
        ["528"],
    ),
    (
        "a quotation mark too many",
        "prgnldp1.csv",
        lambda f: text(f).replace("JK2", '"JK2', 1),
        "prgnldp1.csv has a quotation mark that does not fit",
        ["near line"],
    ),
    (
        "a damaged SPSS file",
        "prgnldp1.sav",
        lambda f: b"$FL2 nothing more",
        "prgnldp1.sav is cut off or damaged",
        ["SPSS"],
    ),
    (
        "a damaged Stata file",
        "prgnldp1.dta",
        lambda f: b"<stata_dta><header>",
        "prgnldp1.dta is cut off or damaged",
        ["Stata"],
    ),
    (
        "a damaged Parquet file",
        "prgnldp1.parquet",
        lambda f: b"PAR1....PAR1",
        "prgnldp1.parquet is cut off or",
        ["Parquet"],
    ),
    (
        "two problems at once",
        "prgnldp1.csv",
        lambda f: changed(f, EDCAT6=8, GENDER_R=3),
        "GENDER_R holds a value that the codebook does not know",
        ["1 more", "llo check prgnldp1.csv"],
    ),
]


@pytest.mark.parametrize(("name", "break_it", "first", "rest"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_refused_with_a_message(
    name: str, break_it: Callable[[Frame], Any], first: str, rest: list[str], piaac: Any, write: Any
) -> None:
    if name.endswith((".sav", ".parquet")):
        pytest.importorskip("pyreadstat" if name.endswith(".sav") else "pyarrow")
    path = write(break_it(piaac()), name)
    with pytest.raises(llo.DataError) as caught:
        llo.read_microdata(path, instrument="piaac")
    message = str(caught.value)
    assert message.startswith(first)
    for words in rest:
        assert words in message
    assert str(path.parent) not in message or "cannot be read" in message


def test_the_unbroken_file_is_read(piaac: Any, write: Any) -> None:
    assert len(llo.read_microdata(write(piaac()), instrument="piaac")) == 12


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(llo.DataError, match=r"none\.csv cannot be read"):
        llo.read_microdata(tmp_path / "none.csv", instrument="piaac")


def test_another_country_than_asked_for(piaac: Any, write: Any, away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(piaac(), "piaac/bel.csv")
    monkeypatch.setenv("LLO_DATA", str(path.parent.parent))
    with pytest.raises(llo.DataError, match="another country than asked for") as caught:
        llo.load("piaac", country="bel")
    assert "528 (nld)" in str(caught.value) and "56 (bel)" in str(caught.value)


def test_a_file_changed_since_it_was_fetched(piaac: Any, write: Any) -> None:
    path = write(piaac())
    (path.parent / "SHA256SUMS").write_text(f"{'0' * 64}  {path.name}\n", encoding="utf-8")
    with pytest.raises(llo.DataError, match="not the file that was recorded"):
        llo.read_microdata(path, instrument="piaac")


def test_the_same_file_twice(piaac: Any, write: Any) -> None:
    path = write(piaac())
    with pytest.raises(llo.DataError, match="12 persons occur more than once"):
        llo.read_microdata([path, path], instrument="piaac")


@pytest.mark.parametrize("year", ["x", "2012", 2012.0, True, [2012]])
def test_a_year_that_is_no_whole_number(year: Any, piaac: Any, write: Any) -> None:
    with pytest.raises(llo.DataError, match=r"year= takes a whole number(.|\n)*expected: 2019, or None"):
        llo.read_microdata(write(piaac()), instrument="piaac", year=year)


@pytest.mark.parametrize("number", [2, 7])
def test_several_unknown_codes_are_counted(number: int, piaac: Any, write: Any) -> None:
    unknown = [11.0 + code for code in range(number)]
    frame = changed(piaac(), D_Q13b=[*unknown, np.nan, *[1.0] * (11 - number)])
    with pytest.raises(llo.DataError, match="D_Q13b holds values that the codebook does not know") as caught:
        llo.read_microdata(write(frame), instrument="piaac")
    assert "11 in 1 row" in str(caught.value) and ("and 2 more" in str(caught.value)) == (number == 7)


def test_an_unknown_instrument_names_the_nearest() -> None:
    with pytest.raises(llo.DataError, match="Did you mean 'piaac'"):
        llo.load("PIACC", country="nld")


def test_a_column_that_is_not_there_names_the_nearest(piaac: Any, write: Any) -> None:
    with pytest.raises(llo.DataError, match="nearest names: PVLIT"):
        llo.read_microdata(write(piaac()), instrument="piaac", columns=["PVLITT"])


def test_gss_persons_repeat_over_years_but_not_within(gss: Any, write: Any) -> None:
    frame = gss()
    assert len(llo.read_microdata(write(frame, "gss.csv"), instrument="gss")) == 24
    frame.loc[1, "id"] = frame.loc[0, "id"]
    with pytest.raises(llo.DataError, match="1 person occurs more than once") as caught:
        llo.read_microdata(write(frame, "gss.csv"), instrument="gss")
    assert "year 2014, id 1" in str(caught.value)

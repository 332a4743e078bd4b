"""Files as people have them: a scan gives the numbers of a Survey of pandas' reading of them, or says what is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

N = 240
RNG = np.random.default_rng(7)
FRAME = pd.DataFrame(
    {
        "year": np.repeat([2014, 2015, 2016], N // 3),
        "hours": RNG.gamma(2, 10, N).round(3),
        "contract": RNG.choice(["a", "b", "c"], N),
        "trained": RNG.integers(0, 2, N),
        "w": RNG.gamma(2, 1, N).round(3),
    }
)


def numbers(svy: Any, variable: str = "trained", by: Any = "contract") -> np.ndarray:
    """Estimates with their standard errors."""
    return np.asarray(llo.mean(variable, svy, by=by).to_frame()[["estimate", "std_error"]].to_numpy())


def same(svy: Any, other: Any, variable: str = "trained", by: Any = "contract") -> None:
    """The same numbers from both."""
    np.testing.assert_allclose(numbers(svy, variable, by), numbers(other, variable, by), rtol=1e-10, atol=1e-14)


def test_a_mean_of_all_rows_without_a_design(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "a.parquet")
    same(llo.scan(tmp_path / "a.parquet", weights="w"), llo.Survey(FRAME, weights="w"), "hours", None)


# Text, and what it is: columns of 240 rows that a program guesses wrongly, beside what pandas reads.
COLUMNS: dict[str, list[str]] = {
    "a mark of comments": ["#1", "2", "#3"],
    "T and F": ["T", "F", "T"],
    "only F": ["F"],
    "yes and no": ["yes", "no", "yes"],
    "true and false": ["true", "False", "TRUE"],
    "leading zeros are text": ["01", "02", "10"],
    "missing as R has it": ["NA", "x", "y"],
    "missing as pandas has it": ["n/a", "x", "#N/A"],
    "None is missing": ["None", "x", "null"],
    "a separator in quotes": ["a,b", "c", "d,e,f"],
    "quotes in quotes": ['say "a"', "b", "c"],
    "a line break in quotes": ["a\nb", "c", "d"],
    "text late": ["1"] * (N - 1) + ["abc"],
}


@pytest.mark.parametrize("case", [case for case in COLUMNS if "zeros" not in case])
def test_text_is_read_as_pandas_reads_it(tmp_path: Path, case: str) -> None:
    values = (COLUMNS[case] * N)[:N]
    FRAME.assign(x=values).to_csv(tmp_path / "a.csv", index=False)
    survey = llo.Survey(pd.read_csv(tmp_path / "a.csv"), weights="w")
    scan = llo.scan(tmp_path / "a.csv", weights="w")
    same(scan, survey, "trained", "x")
    told = [sorted(map(str, llo.mean("trained", one, by="x").to_frame()["x"])) for one in (scan, survey)]
    assert told[0] == told[1]
    assert scan.describe().n == N


def test_numbers_below_many_empty_rows(tmp_path: Path) -> None:
    frame = pd.DataFrame({"w": 1.0, "x": [None] * 30_000 + [1.5, 2.5, 4.5] * 100, "year": 2014})
    frame.to_csv(tmp_path / "a.csv", index=False)
    same(llo.scan(tmp_path / "a.csv", weights="w"), llo.Survey(frame.astype({"x": float}), weights="w"), "x", None)


def test_leading_zeros_stay(tmp_path: Path) -> None:
    FRAME.assign(code=(["01", "02", "10"] * N)[:N]).to_csv(tmp_path / "a.csv", index=False)
    found = llo.mean("trained", llo.scan(tmp_path / "a.csv", weights="w"), by="code").to_frame()
    assert found["code"].tolist() == ["01", "02", "10"]


def test_identifiers_of_twenty_digits_are_not_rounded(tmp_path: Path) -> None:
    ids = [f"{10**20 + own // 2}" for own in range(N)]
    FRAME.assign(person=ids).to_csv(tmp_path / "a.csv", index=False)
    assert llo.scan(tmp_path / "a.csv", weights="w", unit="person").describe().psus == N // 2


WRITTEN: dict[str, dict[str, Any]] = {
    "semicolons": {"sep": ";"},
    "semicolons and decimal commas": {"sep": ";", "decimal": ","},
    "tabs": {"sep": "\t"},
    "bars": {"sep": "|"},
    "a mark at its beginning": {"encoding": "utf-8-sig"},
    "lines of Windows": {"lineterminator": "\r\n"},
    "all in quotes": {"quoting": 1},
}


@pytest.mark.parametrize("case", WRITTEN)
def test_text_however_it_was_written(tmp_path: Path, case: str) -> None:
    for place, part in enumerate((FRAME[:100], FRAME[100:][FRAME.columns[::-1]])):
        part.to_csv(tmp_path / f"{place}.csv", index=False, **WRITTEN[case])
    scan = llo.scan(tmp_path / "*.csv", weights="w")
    same(scan, llo.Survey(FRAME, weights="w"))
    same(scan, llo.Survey(FRAME, weights="w"), "hours", "year")


def test_decimal_commas_in_one_file_and_whole_numbers_in_another(tmp_path: Path) -> None:
    frame = FRAME.assign(hours=FRAME["hours"].where(FRAME.index >= 100, 3))
    frame[:100].astype({"hours": int}).to_csv(tmp_path / "a.csv", index=False, sep=";", decimal=",")
    frame[100:].to_csv(tmp_path / "b.csv", index=False, sep=";", decimal=",")
    for order in (["a", "b"], ["b", "a"]):
        scan = llo.scan([tmp_path / f"{own}.csv" for own in order], weights="w")
        same(scan, llo.Survey(frame, weights="w"), "hours")


TEXTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "The file is empty."),
    "a header only": (b"w,x\n", "The files hold no rows."),
    "a row too long": (b"w,x\n1,1\n2,0,7\n3,1\n", "A row of a text file does not fit its header."),
    "a row too short": (b"w,x,y\n1,1,3\n2,0\n3,1,3\n", "A row of a text file does not fit its header."),
    "all rows longer": (b"w,x\n1,1,1\n2,0,1\n", "A row of a text file does not fit its header."),
    "cut off in a row": (b"w,x,y\n1,1,3\n2,0,1\n3", "A row of a text file does not fit its header."),
    "a line above": (b"Table 1\n\nw,x\n1,1\n2,0\n", "A row of a text file does not fit its header."),
    "quotes that do not end": (b'w,x\n1,"a\n2,b\n', "A row of a text file does not fit its header."),
    "latin-1": ("w,x\n1,\u00e9\n2,b\n".encode("latin-1"), "The text of a file is not in UTF-8."),
    "latin-1 far below": (b"w,x\n" + b"1,b\n" * 300_000 + b"1,\xe9\n", "The text of a file is not in UTF-8."),
    "utf-16": ("w,x\n1,2\n".encode("utf-16"), "The text of a file is not in UTF-8."),
    "utf-16 without a mark": ("w,x\n1,2\n".encode("utf-16-le"), "The text of a file is not in UTF-8."),
    "bytes": (bytes(range(256)) * 20, "The text of a file is not in UTF-8."),
    "one name twice": (b"w,x,x\n1,1,0\n2,0,1\n", "Two columns are called alike."),
    "names that differ in capitals": (b"w,x,X\n1,1,0\n2,0,1\n", "Two columns are called alike."),
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_that_is_refused(tmp_path: Path, case: str) -> None:
    content, what = TEXTS[case]
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(llo.DataError) as error:
        llo.scan(tmp_path / "a.csv", weights="w")
    assert error.value.what == what
    assert error.value.where == "a.csv"


def test_the_message_does_not_show_the_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("w,x\n1,1\n2,secret,7\n", "utf-8")
    with pytest.raises(llo.DataError) as error:
        llo.scan(tmp_path / "a.csv", weights="w")
    assert "Line: 3" in str(error.value)
    assert "secret" not in str(error.value)


PAIRS: dict[str, tuple[pd.DataFrame, pd.DataFrame, str]] = {
    "text beside numbers, the first file without a value": (
        FRAME.assign(x=None),
        FRAME.assign(x="abc"),
        "The column 'x' is of another type in one of the files.",
    ),
    "capitals that differ": (FRAME, FRAME.rename(columns={"hours": "Hours"}), "A file lacks the column 'hours'."),
}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("case", PAIRS)
def test_files_that_differ(tmp_path: Path, case: str, ending: str) -> None:
    first, second, what = PAIRS[case]
    for name, frame in (("a", first), ("b", second), ("c", first.assign(x=1) if "x" in first else first)):
        write(frame, tmp_path / f"{name}.{ending}")
    with pytest.raises(llo.DataError) as error:
        llo.scan(tmp_path / f"*.{ending}", weights="w")
    assert error.value.what == what


def write(frame: pd.DataFrame, file: Path) -> None:
    """A frame as the kind of file that its name says."""
    if file.suffix == ".csv":
        frame.to_csv(file, index=False)
    else:
        frame.to_parquet(file)


def test_separators_that_differ_are_refused(tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    FRAME.to_csv(tmp_path / "b.csv", index=False, sep=";")
    with pytest.raises(llo.DataError, match="different separators"):
        llo.scan(tmp_path / "*.csv", weights="w")


def test_a_type_of_an_empty_column_says_nothing(tmp_path: Path) -> None:
    for ending in ("csv", "parquet"):
        write(FRAME[:80].assign(x=np.nan), tmp_path / f"a.{ending}")
        write(FRAME[80:].assign(x=FRAME["contract"]), tmp_path / f"b.{ending}")
        whole = FRAME.assign(x=FRAME["contract"].where(FRAME.index >= 80))
        same(llo.scan(tmp_path / f"*.{ending}", weights="w"), llo.Survey(whole, weights="w"), "trained", "x")


def test_the_index_of_a_frame_is_no_column(tmp_path: Path) -> None:
    FRAME[:80].to_parquet(tmp_path / "a.parquet")
    FRAME[80:].sample(frac=1, random_state=1).to_parquet(tmp_path / "b.parquet")
    scan = llo.scan(tmp_path / "*.parquet", weights="w")
    assert scan.columns == list(FRAME.columns)
    same(scan, llo.Survey(FRAME, weights="w"))


# -- folders and names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_folder_does_not_stand_for_what_a_file_says(tmp_path: Path, ending: str) -> None:
    folder = tmp_path / "year=1999" / "data"
    folder.mkdir(parents=True)
    write(FRAME, folder / f"a.{ending}")
    with pytest.raises(llo.DataError, match="say different things of 'year'"):
        llo.scan(folder / f"a.{ending}", weights="w")


def test_folders_above_the_working_directory_say_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "year=1999" / "region=1"
    folder.mkdir(parents=True)
    FRAME.to_parquet(folder / "a.parquet")
    monkeypatch.chdir(tmp_path / "year=1999")
    monkeypatch.chdir(folder)
    scan = llo.scan("a.parquet", weights="w")
    assert scan.columns == list(FRAME.columns)
    same(scan, llo.Survey(FRAME, weights="w"), by="year")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_folders_that_repeat_what_the_files_say(tmp_path: Path, ending: str) -> None:
    for year, own in FRAME.groupby("year"):
        (tmp_path / f"year={year}").mkdir()
        write(own, tmp_path / f"year={year}" / f"a.{ending}")
    same(llo.scan(tmp_path / "*" / f"*.{ending}", weights="w"), llo.Survey(FRAME, weights="w"), by="year")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["a*b", "a?b", "a[1]b", "a'b", 'a"b', "a b", "\u00e9\u20ac", "a{1,2}", "a\\b", "a=b"])
def test_a_file_is_read_whatever_its_name(tmp_path: Path, name: str, ending: str) -> None:
    for decoy in ("aXb", "a1b"):
        write(FRAME.assign(trained=1), tmp_path / f"{decoy}.{ending}")
    write(FRAME, tmp_path / f"{name}.{ending}")
    same(llo.scan(tmp_path / f"{name}.{ending}", weights="w"), llo.Survey(FRAME, weights="w"))


@pytest.mark.parametrize("name", ["select", 'a"b', "a'b", "a b", "unit", "n", "k0", "Number", "w2", "*", "where 1: x"])
def test_columns_of_any_name(tmp_path: Path, name: str) -> None:
    frame = FRAME.rename(columns={"hours": name})
    frame.to_parquet(tmp_path / "a.parquet")
    for design in ({"weights": "w"}, {"weights": "w", "unit": "trained", "time": "year"}):
        same(llo.scan(tmp_path / "a.parquet", **design), llo.Survey(frame, **design), name)


# -- files that change ------------------------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[Path], object]] = {
    "other rows": lambda file: write(FRAME.assign(hours=FRAME["hours"] - 100), file),
    "fewer rows": lambda file: write(FRAME[:50], file),
    "another type": lambda file: write(FRAME.assign(hours="x"), file),
}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("case", CHANGES)
def test_a_file_that_changed_is_not_read_with_what_was_known_of_it(tmp_path: Path, case: str, ending: str) -> None:
    file = tmp_path / f"a.{ending}"
    write(FRAME, file)
    scan = llo.scan(file, weights="w")
    numbers(scan, "hours")
    CHANGES[case](file)
    with pytest.raises(llo.DataError, match="was changed after the scan was made"):
        numbers(scan, "hours")
    with pytest.raises(llo.DataError, match="was changed after the scan was made"):
        scan.describe()


def test_a_file_that_went(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "a.parquet")
    scan = llo.scan(tmp_path / "a.parquet", weights="w")
    (tmp_path / "a.parquet").unlink()
    with pytest.raises(llo.DataError, match="A file cannot be read"):
        numbers(scan)


def test_a_scan_stays_with_its_files_when_the_working_directory_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FRAME.to_parquet(tmp_path / "a.parquet")
    (tmp_path / "other").mkdir()
    FRAME.assign(trained=1).to_parquet(tmp_path / "other" / "a.parquet")
    monkeypatch.chdir(tmp_path)
    scan = llo.scan("a.parquet", weights="w")
    monkeypatch.chdir(tmp_path / "other")
    same(scan, llo.Survey(FRAME, weights="w"))

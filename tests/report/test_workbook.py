"""Proves that Excel files hold numbers as numbers, no formula from data, and the same bytes every time."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llo_research.errors import DataError
from llo_research.report import table

openpyxl = pytest.importorskip("openpyxl")


def test_numbers_are_numbers(by_education: Any, tmp_path: Path) -> None:
    path = table(by_education).to_excel(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Tabel", "Toelichting"]
    rows = list(book["Tabel"].iter_rows(values_only=True))
    assert rows == [
        ("Opleidingsniveau", "Aandeel (%)", "95%-BI onder", "95%-BI boven", "n"),
        ("laag", 45.0, 41.8, 48.2, 782),
        ("hoog", 73.3, 70.9, 75.7, 1300),
    ]
    assert book["Tabel"]["B2"].number_format == "#,##0.0"
    notes = [row[0] for row in book["Toelichting"].iter_rows(values_only=True)]
    assert notes == [table(by_education).caption, *table(by_education).notes]


def test_missing_and_synthetic(over_time: Any, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(table(over_time, language="en").to_excel(tmp_path / "t.xlsx"))
    rows = list(book["Table"].iter_rows(values_only=True))
    assert len(rows) == 9
    assert rows[7][2:6] == ("no data", None, None, 0)
    assert book["Notes"]["A1"].value.startswith("SYNTHETIC: ")


@pytest.mark.parametrize("label", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_labels_never_run(make_result: Callable[..., Any], tmp_path: Path, label: str) -> None:
    meta = {"labels": {"g": label}, "source": {"title": label}}
    path = table(make_result({"g": [label, "b"]}, [1, 2], [0.1, 0.1], None, meta)).to_excel(tmp_path / "t.xlsx")
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    with zipfile.ZipFile(path) as archive:
        assert all(b"<f>" not in archive.read(name) for name in archive.namelist())


def test_same_bytes(by_education: Any, tmp_path: Path) -> None:
    first, second = (table(by_education).to_excel(tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert first == second
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"1980-01-01T00:00:00Z") == 2


def test_a_missing_folder_is_refused_and_not_made(by_education: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist") as told:
        table(by_education).to_excel(tmp_path / "new" / "t.xlsx")
    assert "mkdir" in str(told.value)
    assert not (tmp_path / "new").exists()
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(DataError, match="name of a folder"):
        table(by_education).to_excel(tmp_path / "folder.xlsx")


def test_another_ending_is_refused(by_education: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ends in \.xlsx"):
        table(by_education).to_excel(tmp_path / "t.csv")

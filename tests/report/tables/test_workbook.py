"""Proves that Excel files hold numbers as numbers, no formula from data, and the same bytes every time."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llo_research.errors import DataError
from llo_research.report import table, workbook
from llo_research.results.quantities import Quantity

openpyxl = pytest.importorskip("openpyxl")


def test_numbers_are_numbers(by_education: Any, tmp_path: Path) -> None:
    path = table(by_education).to_excel(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Tabel", "Toelichting"]
    rows = list(book["Tabel"].iter_rows(values_only=True))
    assert rows[0] == ("Opleidingsniveau", "Aandeel (%)", "standaardfout", "95%-BI onder", "95%-BI boven", "n")
    told = by_education.to_frame()
    for row, label, numbers in zip(rows[1:], ("laag", "hoog"), told.itertuples(), strict=True):
        full = [numbers.estimate * 100, numbers.std_error * 100, numbers.conf_low * 100, numbers.conf_high * 100]
        assert row == (label, *full, numbers.n), "in full, not rounded"
    formats = [book["Tabel"].cell(row=2, column=j).number_format for j in range(2, 7)]
    assert formats == ["#,##0.0", "#,##0.00", "#,##0.0", "#,##0.0", "#,##0"]
    notes = [row[0] for row in book["Toelichting"].iter_rows(values_only=True)]
    assert notes == [table(by_education).caption, *table(by_education).notes]


def test_missing_and_synthetic(over_time: Any, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(table(over_time, language="en").to_excel(tmp_path / "t.xlsx"))
    rows = list(book["Table"].iter_rows(values_only=True))
    assert len(rows) == 9
    assert rows[0][:4] == ("Year", "Education", "Share (%)", "standard error")
    assert rows[7] == (2024, "low", "no data", None, None, None, 0, "a"), "a year is a number"
    assert book["Table"]["A2"].number_format == "0"
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


def test_a_workbook_has_a_sheet_for_each_result(by_education: Any, over_time: Any, tmp_path: Path) -> None:
    results = {"training": by_education, "over time": table(over_time, language="en", title="Later")}
    path = workbook(results, tmp_path / "all.xlsx", language="en", digits=2)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Contents", "training", "over time"]
    first, shown = book["training"], table(by_education, digits=2, language="en")
    rows = [[v for v in row if v is not None] for row in first.iter_rows(values_only=True)]
    assert rows[0] == [shown.caption] and rows[1] == []
    assert rows[2] == ["Education", "Share (%)", "standard error", "95% CI low", "95% CI high", "n"]
    assert rows[3][:3] == ["low", 45.0, by_education.std_error[0] * 100]
    assert [row[0] for row in rows[6:-2]] == list(shown.notes), "notes below the numbers"
    assert rows[-2:] == [[], ["← Contents"]]
    assert first["B4"].number_format == "#,##0.00"
    assert book["over time"]["A1"].value == "SYNTHETIC: Later" and book["over time"]["A4"].value == 2016
    again = workbook(results, tmp_path / "again.xlsx", language="en", digits=2)
    assert again.read_bytes() == path.read_bytes()


def test_names_of_sheets_are_legal_and_differ(by_education: Any, tmp_path: Path) -> None:
    names = ["a/b:c", "a-b-c", "A-B-C", "x" * 40, "x" * 41, "'quoted'", "[=1+1]*?\\", "", "history", "\t"]
    path = workbook(dict.fromkeys(names, by_education), tmp_path / "t.xlsx")
    sheets = openpyxl.load_workbook(path).sheetnames
    assert sheets.pop(0) == "Inhoud"
    assert len(sheets) == len(names) == len({name.casefold() for name in sheets})
    assert sheets[:3] == ["a-b-c", "a-b-c (2)", "A-B-C (3)"]
    for name in sheets:
        assert 1 <= len(name) <= 31 and not set("[]:*?/\\") & set(name) and name.strip("'") == name
    assert "history" not in [name.casefold() for name in sheets]


def test_signs_that_xml_refuses_are_left_out(make_result: Callable[..., Any], tmp_path: Path) -> None:
    """Half a pair of Unicode, control characters, and what is no character."""
    label = "b\x07c\uffffd"
    made = table(make_result({"g": [label, "b"]}, [1, 2], [0.1, 0.1], None, {"labels": {}}), title="a\ud800" + label)
    read = openpyxl.load_workbook(workbook({"t": made}, tmp_path / "t.xlsx"))
    assert (read["t"]["A1"].value, read["t"]["A4"].value) == ("a b c d", "b c d")


@pytest.mark.parametrize("label", ["=1+1", "+cmd", "-2", "@SUM(A1)"])
def test_workbooks_hold_no_formula(make_result: Callable[..., Any], tmp_path: Path, label: str) -> None:
    meta = {"labels": {"g": label}, "source": {"title": label}}
    made = table(make_result({"g": [label, "b"]}, [1, 2], [0.1, 0.1], None, meta), title=label)
    for sheet in openpyxl.load_workbook(workbook({label: made}, tmp_path / "t.xlsx")):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_workbooks_refuse_in_words(by_education: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for nothing in ({}, [by_education], by_education):
        with pytest.raises(DataError, match="a sheet for each of several results"):
            workbook(nothing, tmp_path / "t.xlsx")
    with pytest.raises(DataError, match="same name as text"):
        workbook({1: by_education, "1": by_education}, tmp_path / "t.xlsx")  # type: ignore[dict-item]  # wrong on purpose
    with pytest.raises(DataError, match="cannot be shown"):
        workbook({"a": 1}, tmp_path / "t.xlsx")
    with pytest.raises(DataError, match=r"ends in \.xlsx"):
        workbook({"a": by_education}, tmp_path / "t.xls")
    assert not list(tmp_path.iterdir())
    kept = workbook({"a": by_education}, tmp_path / "t.xlsx").read_bytes()

    def held(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", held)
    for write in (lambda: workbook({"a": by_education}, tmp_path / "t.xlsx"), lambda: to_excel(by_education, tmp_path)):
        with pytest.raises(DataError, match=r"cannot be written[\s\S]*Permission denied"):
            write()
    assert [path.name for path in tmp_path.iterdir()] == ["t.xlsx"]
    assert (tmp_path / "t.xlsx").read_bytes() == kept, "what was there stays whole"


def to_excel(result: Any, folder: Path) -> Path:
    """One table as a file."""
    return table(result).to_excel(folder / "one.xlsx")


def test_another_ending_is_refused(by_education: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ends in \.xlsx"):
        table(by_education).to_excel(tmp_path / "t.csv")


def test_the_contents_say_two_years_where_the_survey_ran_over_two(
    make_result: Callable[..., Any], by_education: Any, tmp_path: Path
) -> None:
    source = {"title": "PIAAC", "edition": {"nl": "cyclus 1, 2011-12", "en": "cycle 1, 2011-12"}, "years": [2012]}
    rows = {"education": ["low", "high"], "variable": ["training"] * 2}
    meta = {**by_education.meta, "source": source}
    result = make_result(rows, [0.45, 0.733], [0.016, 0.012], [782, 1300], meta, Quantity("share", "percent"))
    assert any(note.startswith("Source: PIAAC, cycle 1, 2011-12") for note in table(result, language="en").notes)
    book = openpyxl.load_workbook(workbook({"a": result}, tmp_path / "a.xlsx", language="en"))
    assert book["Contents"]["F5"].value == "2011\u201312"

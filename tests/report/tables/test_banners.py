"""Proves that a table book in Excel holds, cell by cell, what mean and gap give, and that no sheet shows the few."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report import table, workbook

openpyxl = pytest.importorskip("openpyxl")

# Numbers go through a file as text of 17 digits; differences of shares are multiplied by 100 first.
EXACT = 1e-12
LABELS = {
    "trained": {"nl": "Cursus gevolgd", "en": "Trained"},
    "sex": {"nl": "Geslacht", "en": "Sex", "values": {"v": {"nl": "vrouw", "en": "woman"}}},
}
GROUPS = {"sex": ["v", "m"], "age": [20, 40, 60], "kind": ["a", "b"]}


def survey(source: dict[str, Any] | None = None, n: int = 800) -> llo.Survey:
    """People with shares, numbers and answers, some of them missing, in strata and clusters."""
    draw = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "sex": pd.Categorical(draw.choice(["m", "v"], n), ["v", "m"]),
            "age": draw.choice([20, 40, 60], n),
            "kind": draw.choice(["a", "b"], n, p=[0.8, 0.2]),
            "stratum": draw.integers(0, 3, n),
            "cluster": draw.integers(0, 60, n),
            "w": draw.uniform(1, 4, n),
        }
    )
    frame["trained"] = (draw.uniform(size=n) < 0.3 + 0.3 * (frame["age"] == 20)).astype(float)
    frame["hours"] = draw.gamma(2, 5, n) + 6 * (frame["age"] == 60)
    frame["reach"] = pd.Categorical(draw.choice(["never", "often", "always"], n), ["never", "often", "always"])
    frame.loc[:30, "trained"] = np.nan
    frame.loc[20:60, "sex"] = None
    return llo.Survey(frame, weights="w", strata="stratum", psu="cluster", labels=LABELS, source=source)


@pytest.fixture(scope="module")
def svy() -> llo.Survey:
    """The survey of most tests."""
    return survey()


@pytest.fixture(scope="module")
def book(svy: llo.Survey) -> Any:
    """Three indicators, of which one has answers, by three breakdowns."""
    return llo.banner(["trained", "hours", "reach"], svy, by=list(GROUPS))


@pytest.fixture(scope="module")
def sheets(book: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The table book as Excel reads it."""
    return openpyxl.load_workbook(workbook({"book": book}, tmp_path_factory.mktemp("book") / "t.xlsx", language="en"))


def numbers(sheet: Any) -> list[list[Any]]:
    """The cells of a sheet of the book, below its heads, without the names of rows: five rows, eight columns."""
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=9, min_col=2, max_col=9)]


def test_every_cell_of_the_file_is_a_mean_and_a_gap(svy: llo.Survey, sheets: Any) -> None:
    lines = [("trained", 0, 100.0), ("hours", 0, 1.0), ("reach", 0, 100.0), ("reach", 1, 100.0), ("reach", 2, 100.0)]
    read = {name.removeprefix("book").strip(): numbers(sheets[name]) for name in sheets.sheetnames[1:]}
    assert list(read) == ["", "SE", "n", "n-eff", "difference", "p", "p-Holm"]
    for row, (variable, place, unit) in enumerate(lines):
        whole = llo.mean(variable, svy).to_frame().iloc[place]
        assert [read[name][row][0] for name in ("difference", "p", "p-Holm")] == [None] * 3
        expected = (whole["estimate"] * unit, whole["std_error"] * unit, whole["n"], whole["n_eff"])
        assert [read[name][row][0] for name in ("", "SE", "n", "n-eff")] == pytest.approx(expected, rel=EXACT)
        column = 1
        for group, levels in GROUPS.items():
            means = llo.mean(variable, svy, by=group).to_frame()
            for level in levels:
                one = means[means[group] == level].iloc[place]
                cell = f"{group} == {level!r}"
                rest = f"{group} in {[other for other in levels if other != level]}"
                gap = llo.gap(variable, svy, of=cell, minus=rest).to_frame().iloc[place]
                expected = (one["estimate"] * unit, one["std_error"] * unit, one["n"], one["n_eff"])
                found = [read[name][row][column] for name in ("", "SE", "n", "n-eff")]
                assert found == pytest.approx(expected, rel=EXACT), (variable, group, level)
                assert isinstance(found[2], int)
                tests = [read[name][row][column] for name in ("difference", "p")]
                assert tests == pytest.approx([gap["estimate"] * unit, gap["p_value"]], rel=1e-9)
                column += 1
        assert column == 8


def test_p_values_on_their_sheet_are_those_of_the_frame(book: Any, sheets: Any) -> None:
    """All of them are under one correction: 7 cells of 5 rows."""
    told = book.to_frame()
    found = np.array([row[1:] for row in numbers(sheets["book p-Holm"])], dtype=float)
    assert found.size == len(told) == 35
    np.testing.assert_allclose(np.sort(found.ravel()), np.sort(told["p_adjusted"].to_numpy()), rtol=EXACT)
    assert sheets["book p-Holm"]["C5"].number_format == '[<0.0001]"< 0.0001";#,##0.0000'


def test_the_arrow_stands_in_the_format_so_that_cells_stay_numbers(book: Any, sheets: Any) -> None:
    shown = table(book, language="en").to_frame()
    for i, row in enumerate(sheets["book"].iter_rows(min_row=5, max_row=9, min_col=2, max_col=9)):
        for j, cell in enumerate(row):
            text = shown.iloc[i, j + 1]
            assert isinstance(cell.value, float)
            sign = text.partition(" ")[2]
            literal = cell.number_format.replace("_ ", "").replace("_(", "").replace("_)", "").replace("_↑", "")
            assert literal.partition('"')[2].replace('"', "").strip() == sign, (cell.coordinate, cell.number_format)
            grey = cell.font.color.rgb == "FF6B6B6B"
            assert grey is ("(" in sign), "grey where the difference is small"
            places = len(text.split()[0].partition(".")[2])
            assert cell.number_format.startswith("#,##0" + ("." + "0" * places if places else ""))


def test_the_layout_is_that_of_table_books(sheets: Any) -> None:
    sheet = sheets["book"]
    heads = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=4, max_col=9)]
    assert heads[0] == [None, None, "Sex", None, "age", None, None, "kind", None]
    assert heads[1] == ["Variable", "Total", "woman", "m", "20", "40", "60", "a", "b"]
    assert [sheet.cell(row=row, column=1).value for row in range(5, 12)] == [
        *("Trained (%)", "hours", "reach: never (%)", "reach: often (%)", "reach: always (%)"),
        *("n, unweighted", "n, effective"),
    ]
    merged = {str(one) for one in sheet.merged_cells.ranges}
    assert {"C3:D3", "E3:G3", "H3:I3"} <= merged and any(one.startswith("A1:") for one in merged)
    assert sheet.freeze_panes == "B5" and sheet.print_title_rows == "$1:$4"
    assert sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.column_dimensions["A"].width > len("reach: always (%)")


def test_contents_lead_to_every_sheet(sheets: Any) -> None:
    rows = list(sheets["Contents"].iter_rows(min_row=5))
    assert [row[0].value for row in rows] == sheets.sheetnames[1:]
    for row in rows:
        assert row[0].hyperlink.location == f"'{row[0].value}'!A1"
    first = [cell.value for cell in rows[0]]
    assert first[1].startswith("Trained, hours, reach by sex, age and kind") and first[2] == "%, number"
    assert all(isinstance(value, int) for value in first[3:5])
    for name in sheets.sheetnames[1:]:
        links = [cell.hyperlink.location for row in sheets[name].iter_rows() for cell in row if cell.hyperlink]
        assert links == ["'Contents'!A1"]


def test_two_runs_give_the_same_bytes(book: Any, tmp_path: Path) -> None:
    one, other = (workbook({"a": book, "b": book}, tmp_path / f"{i}.xlsx").read_bytes() for i in (1, 2))
    assert one == other


def test_few_people_are_on_no_sheet(tmp_path: Path) -> None:
    """Neither their number nor what would tell it: errors, counts, differences, p-values."""
    frame = survey().frame.assign(kind=["a"] * 4 + ["b"] * 60 + ["c"] * 300 + ["d"] * 436)
    guarded = llo.Survey(frame, weights="w", source={"kind": "restricted"})
    book = llo.banner(["hours", "reach"], guarded, by=["kind", "sex"])
    told = book.to_frame()
    few = told[told["level"].isin(["a"]) & (told["group"] == "kind")]
    read = openpyxl.load_workbook(workbook({"b": book}, tmp_path / "t.xlsx", language="en"))
    every = [cell.value for sheet in read for row in sheet.iter_rows() for cell in row]
    held = np.array([value for value in every if isinstance(value, float)])
    for name in ("estimate", "std_error", "n_eff", "difference", "p_value", "p_adjusted"):
        for value in few[name].dropna():
            if value not in (0.0, 1.0):
                assert not np.isclose(held, value, rtol=1e-9).any() and not np.isclose(held, 100 * value).any(), name
    assert 4 not in [value for value in every if isinstance(value, int)]
    main = read["b"]
    assert [main.cell(row=5, column=column).value for column in (2, 3, 4)] == ["withheld"] * 3, "the total too"
    assert read["b n"]["C5"].value == "<10" and read["b SE"]["C5"].value == "withheld"
    assert any(str(value).startswith("Withheld") for value in every)
    whole = openpyxl.load_workbook(workbook({"b": book}, tmp_path / "o.xlsx", language="en", disclosure="off"))
    assert whole["b n"]["C5"].value == 4


def test_answers_hide_each_other(tmp_path: Path) -> None:
    """Of three answers in a cell that add up, one of few takes the next smallest with it."""
    frame = survey().frame.assign(reach=["never"] * 4 + ["often"] * 300 + ["always"] * 496)
    guarded = llo.Survey(frame, weights="w", source={"kind": "restricted"})
    shown = table(llo.banner("reach", guarded, by="kind"), language="en").to_frame().iloc[:3, 1:]
    assert (shown == "withheld").sum().min() >= 2, "one alone would be 100 % less the others"
    gap = table(llo.gap("reach", guarded, group="kind", of="a", minus="b"), language="en").to_frame()
    assert (gap.iloc[:, 1] == "withheld").sum() >= 2, "4 of one group and nobody of the other are 4"


def test_labels_that_are_formulas_control_signs_or_very_long(tmp_path: Path) -> None:
    frame = survey().frame.rename(columns={"sex": "=1+1"}).assign(**{"+x": lambda d: d["hours"]})
    labels = {"+x": {"nl": "@SUM(A1)\x07", "en": "x"}, "=1+1": {"nl": "-" + "lang " * 80, "en": "x"}}
    book = llo.banner("+x", llo.Survey(frame, weights="w", labels=labels), by=["=1+1", "age"])
    name = "[een] heel lange naam: van een blad / met tekens"
    path = workbook({name: book, name + "!": book}, tmp_path / "t.xlsx")
    read = openpyxl.load_workbook(path)
    assert all(len(one) <= 31 and not set("[]:*?/\\") & set(one) for one in read.sheetnames)
    assert len({one.casefold() for one in read.sheetnames}) == 15 == len(read.sheetnames)
    assert {"SE", "n", "p-Holm"} <= {one.split(" (")[0].split()[-1] for one in read.sheetnames}
    for sheet in read:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    title = read.worksheets[1]["A1"]
    assert len(title.value) > 300 and title.alignment.wrap_text, "whole, over several lines"
    assert read.worksheets[1].row_dimensions[1].height >= 3 * 18


def test_a_book_beside_other_results_of_other_surveys(svy: llo.Survey, book: Any, tmp_path: Path) -> None:
    other = survey({"title": "Another", "years": [2019, 2023], "synthetic": True, "kind": "synthetic"}, n=200)
    results = {
        "book": book,
        "models": llo.compare([llo.glm("hours ~ C(sex)", svy), llo.glm("hours ~ C(sex) + age", svy)]),
        "test": llo.crosstab("kind", "reach", svy).test("F"),
        "parts": llo.decomposition.oaxaca_blinder("hours ~ age + C(kind)", svy, group="sex", of="m", minus="v"),
        "published": llo.published("LFS4w_edu", breaks="flag"),
        "other": llo.mean("trained", other, by="age"),
        "spss": llo.mean("trained", svy, by="age").naive(),
    }
    read = openpyxl.load_workbook(workbook(results, tmp_path / "t.xlsx", language="en"))
    assert set(results) <= set(read.sheetnames)
    lines = {row[0]: row for row in read["Contents"].iter_rows(min_row=5, values_only=True)}
    assert lines["other"][1].startswith("SYNTHETIC: ") and lines["other"][5] == "2019–2023"
    assert "Another" in lines["other"][6] and "Another" not in lines["book"][6]
    assert read["Contents"]["A1"].value == "Contents", "one of seven is synthetic, and its own line says so"
    assert not lines["book"][1].startswith("SYNTHETIC") and read["book"]["A1"].value.startswith("Trained")
    assert all(read[name]["A1"].value for name in read.sheetnames)


def test_what_cannot_be_shown_is_named(book: Any, tmp_path: Path) -> None:
    with pytest.raises(llo.DataError, match=r"where: results\['wrong'\]"):
        workbook({"book": book, "wrong": "hours"}, tmp_path / "t.xlsx")
    with pytest.raises(llo.DataError, match="place of an Excel file is a path"):
        workbook({"book": book}, 5)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(llo.DataError, match=r"for example t\.xlsx"):
        workbook({"book": book}, tmp_path / "t.xls")
    assert not list(tmp_path.iterdir())


def test_what_spss_prints_stands_beside_ours(svy: llo.Survey) -> None:
    result = llo.mean("trained", svy, by="age")
    naive, shown = result.naive(), table(result.naive(), language="nl")
    assert [span for span, _ in shown.spans][2:] == [
        *("Volgens de steekproefopzet", "Gewichten gemiddeld 1, zonder opzet"),
        "Gewichten als aantallen (SPSS, WEIGHT BY)",
    ]
    frame = shown.to_frame()
    errors = frame["Gewichten als aantallen (SPSS, WEIGHT BY): standaardfout"].tolist()
    assert errors == [f"{100 * value:.2f}".replace(".", ",") for value in naive.counts]
    full = {head: values for head, values, _ in shown.full}
    assert full["Gewichten gemiddeld 1, zonder opzet: n"] == pytest.approx(list(naive.n_mean_one))
    assert naive.reason("nl") in shown.notes and "SPSS" in shown.title
    english = table(result.naive(), language="en")
    assert naive.reason("en") in english.notes and "beside what SPSS would print" in english.title
    guarded = llo.Survey(svy.frame.assign(few=["a"] * 4 + ["b"] * 796), weights="w", source={"kind": "restricted"})
    hidden = llo.mean("hours", guarded, by="few").naive()
    cells = table(hidden, language="en").to_frame().iloc[0].tolist()
    assert cells == ["a", "withheld", *["–"] * 9] or set(cells[1:]) <= {"withheld", "–"}


def test_a_cell_that_a_book_withholds_is_on_no_other_sheet(tmp_path: Path) -> None:
    """The next smallest goes with the few, beside the total: means of the same people show it neither."""
    frame = survey().frame.assign(kind=["a"] * 4 + ["b"] * 60 + ["c"] * 300 + ["d"] * 436)
    guarded = llo.Survey(frame, weights="w", source={"kind": "restricted"})
    results = {"book": llo.banner("hours", guarded, by=["kind", "age"]), "mean": llo.mean("hours", guarded, by="kind")}
    read = openpyxl.load_workbook(workbook(results, tmp_path / "t.xlsx", language="en"))
    in_book = [read["book"].cell(row=5, column=column).value for column in range(3, 7)]
    in_mean = [read["mean"].cell(row=row, column=2).value for row in range(4, 8)]
    for values in (in_book, in_mean):
        assert [value == "withheld" for value in values] == [True, True, False, False]
    alone = openpyxl.load_workbook(workbook({"mean": results["mean"]}, tmp_path / "one.xlsx", language="en"))
    assert alone["mean"]["B5"].value != "withheld", "without the book nothing tells the few"


def test_a_book_speaks_in_words_of_the_years_shown(tmp_path: Path) -> None:
    frame = pd.DataFrame({"c": ["ja", "nee"] * 60, "sex": ["v", "v", "m"] * 40, "year": [2019, 2021] * 60, "w": 1.0})
    frame.loc[:3, "c"] = None
    labels = {"c": {"nl": "Cursus, afgelopen twee jaar"}, "sex": {"nl": "Geslacht"}, "year": {"nl": "Jaar"}}
    source = {
        "title": {"nl": "Enquête Arbeid"},
        "credit": {"nl": "TNO en CBS, Enquête Arbeid"},
        "years": [2019, 2021],
        "reference_period": {"c": {"nl": "afgelopen twee jaar"}, "d": {"nl": "afgelopen jaar"}},
    }
    svy = llo.Survey(frame.assign(d=frame["c"]), weights="w", labels=labels, source=source, strata="year", time="year")
    book = llo.banner(["c == 'ja'", "c", "d"], svy.where("year == 2021"), by="sex")
    shown = table(book, language="nl")
    assert shown.title == "Cursus, afgelopen twee jaar: ja, Cursus, afgelopen twee jaar, d naar geslacht"
    assert shown.frame.iloc[0, 0] == "Cursus, afgelopen twee jaar: ja (%)"
    assert "Zonder antwoord (weggelaten): Cursus, afgelopen twee jaar: ja (2); " in str(shown)
    assert "Referentieperiode: Cursus: afgelopen twee jaar; d: afgelopen jaar." in str(shown)
    assert "Bron: Enquête Arbeid, 2019-2021; TNO en CBS." in str(shown)
    assert "c ==" not in str(shown)
    contents = openpyxl.load_workbook(workbook({"boek": book}, tmp_path / "b.xlsx", language="nl"))["Inhoud"]
    assert contents.cell(5, 6).value == "2021; Cursus: afgelopen twee jaar; d: afgelopen jaar"


def test_the_naive_table_of_a_book_has_dutch_heads(svy: llo.Survey) -> None:
    shown = table(llo.banner("trained", svy, by=["sex", "kind"]).naive(), language="nl")
    assert list(shown.to_frame().columns[:2]) == ["Uitsplitsing", "Groep"]

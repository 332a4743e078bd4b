"""Proves that points for thousands, total rows and answers that are none are read rightly or refused with a way."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from llo_research.data.readers import read_table

N = 40
EXACT = 1e-12  # sums of forty numbers


def people() -> pd.DataFrame:
    """Forty people with whole weights below and above a thousand."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "nr": np.arange(1, N + 1),
            "jaar": 2023,
            "leeftijd": rng.integers(20, 60, N),
            "cursus": rng.choice(["ja", "nee"], N),
            "gewicht": rng.integers(700, 3000, N),
        }
    )


def grouped(values: pd.Series) -> list[str]:
    """Whole numbers with points for thousands."""
    return [f"{value:,}".replace(",", ".") for value in values]


def written(folder: Path, frame: pd.DataFrame, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> Path:
    """A file with semicolons, and lines above and below its table."""
    lines = [*before, *frame.to_csv(sep=";", index=False).strip().splitlines(), *after]
    path = folder / "nea2023.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return path


def share(frame: pd.DataFrame) -> float:
    """The weighted share that says yes."""
    return float(np.average(frame["cursus"] == "ja", weights=frame["gewicht"]))


def test_points_of_which_nothing_tells_what_they_are_are_refused(tmp_path: Path) -> None:
    frame = people()
    path = written(tmp_path, frame.assign(gewicht=grouped(frame["gewicht"])))
    with pytest.raises(llo.DataError, match="points that may part thousands or decimals") as refused:
        llo.read_file(path, weights="gewicht")
    assert "gewicht" in str(refused.value) and 'thousands = "."' in str(refused.value)
    svy = llo.read_file(path, weights="gewicht", thousands=".")
    assert float(svy.weights.sum()) == frame["gewicht"].sum()
    assert llo.mean("cursus == 'ja'", svy).estimate[0] == pytest.approx(share(frame), rel=EXACT)
    decimals = llo.read_file(path, weights="gewicht", decimal=".")
    told = [float(value) for value in grouped(frame["gewicht"])]
    assert float(decimals.weights.sum()) == pytest.approx(sum(told), rel=EXACT)


@pytest.mark.parametrize("code", ["0363", "363"])
@pytest.mark.parametrize(("first", "second"), [("12.000", "25.000"), ("12.000", "950"), ("-12.000", "25.500")])
def test_round_thousands_are_not_read_as_small_numbers(tmp_path: Path, code: str, first: str, second: str) -> None:
    """12.000 is parsed as 12, with or without a column of codes beside it."""
    path = tmp_path / "income.csv"
    path.write_text(f"gem;income\n{code};{first}\n0518;{second}\n", encoding="utf-8")
    with pytest.raises(llo.DataError, match=r"points that may part thousands[\s\S]*income"):
        read_table(path, {})
    path.write_text(f"gem;income;hours\n{code};{first};1,5\n0518;{second};2,5\n", encoding="utf-8")
    with pytest.warns(llo.LloWarning, match="points part thousands in income"):
        table = read_table(path, {})
    assert list(table.frame["income"]) == [int(first.replace(".", "")), int(second.replace(".", ""))]
    path.write_text(f"gem;income;hours\n{code};{first};0.5\n0518;{second};2.5\n", encoding="utf-8")
    assert list(read_table(path, {}).frame["income"]) == [float(first), float(second)]


@pytest.mark.parametrize(("other", "right"), [("12,5", True), ("1.234.567", True), ("1.234,50", True), ("0.5", False)])
def test_the_rest_of_the_file_tells_what_points_are(tmp_path: Path, other: str, right: bool) -> None:
    """One number that can only be read one way settles the others: with thousands, in a warning."""
    frame = people()
    path = written(tmp_path, frame.assign(gewicht=grouped(frame["gewicht"]), bedrag=other))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        total = float(llo.read_file(path, weights="gewicht").weights.sum())
    assert any("points part thousands in gewicht" in str(each.message) for each in told) == right
    expected = frame["gewicht"].sum() if right else sum(float(value) for value in grouped(frame["gewicht"]))
    assert total == pytest.approx(expected, rel=EXACT)


def test_numbers_that_contradict_what_is_said_are_refused(tmp_path: Path) -> None:
    frame = people()
    frame["gewicht"] = frame["gewicht"] + 0.25
    with pytest.raises(llo.DataError, match="not written as is said"):
        llo.read_file(written(tmp_path, frame), weights="gewicht", thousands=".")


def test_a_mapping_says_what_points_are(tmp_path: Path) -> None:
    frame = people()
    path = written(tmp_path, frame.assign(gewicht=grouped(frame["gewicht"])))
    mapping = tmp_path / "m.toml"
    lines = '[columns]\n"nr" = "id"\n"jaar" = "year"\n"leeftijd" = "age"\n"gewicht" = "weight"\n'
    mapping.write_text(lines, encoding="utf-8")
    with pytest.raises(llo.DataError, match="points that may part"):
        llo.read_microdata(path, "nea", mapping=mapping)
    mapping.write_text('[file]\nthousands = "."\n' + lines, encoding="utf-8")
    with pytest.warns(llo.LloWarning):
        svy = llo.read_microdata(path, "nea", mapping=mapping)
    assert float(svy.weights.sum()) == frame["gewicht"].sum()


TOTALS = {
    "word": "Totaal;;44,8;;{sum}",
    "category": "{next};2023;45;Totaal;{sum}",
    "empty": ";;45;;{sum}",
    "number": "{next};2023;45;ja;{sum}",
    "sum only": ";;;;{sum}",
    "half of all weight, rounded": "{next};2023;45;ja;{about}",
    "mean": "Gemiddeld;2023;41,2;;{mean}",
    "note": "Bron: enquête 2023;;;;",
}


@pytest.mark.parametrize("kind", TOTALS)
def test_a_total_below_the_table_is_nobody(tmp_path: Path, kind: str) -> None:
    """It is refused with the row, and left out where the user says so."""
    frame = people()
    numbers = {"sum": frame["gewicht"].sum(), "mean": round(frame["gewicht"].mean()), "next": N + 1}
    numbers["about"] = round(frame["gewicht"].sum() * 1.01)
    path = written(tmp_path, frame, after=[TOTALS[kind].format(**numbers)])
    with pytest.raises(llo.DataError, match="a row that is nobody") as refused:
        llo.read_file(path, weights="gewicht")
    assert f"data row {N + 1} of {N + 1}" in str(refused.value)
    svy = llo.read_file(path, weights="gewicht", skip=[-1])
    assert len(svy) == N and float(svy.weights.sum()) == frame["gewicht"].sum()


def test_a_total_in_an_spss_file_is_nobody_too(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = people()[["nr", "gewicht"]].astype(float)
    whole = pd.concat([frame, pd.DataFrame({"nr": [N + 1.0], "gewicht": [frame["gewicht"].sum()]})])
    pyreadstat.write_sav(whole, tmp_path / "own.sav")
    with pytest.raises(llo.DataError, match="the sum of all other rows"):
        llo.read_file(tmp_path / "own.sav", weights="gewicht")


def test_a_category_called_total_is_no_total_row(tmp_path: Path) -> None:
    """A word that stands in many rows is an answer; one heavy person is not all people."""
    frame = people()
    frame.loc[frame.index[::4], "cursus"] = "Totaal"
    frame.loc[3, "gewicht"] = 8000
    frame.loc[N - 1, "cursus"] = "Totaal"
    assert len(llo.read_file(written(tmp_path, frame), weights="gewicht")) == N


def test_empty_rows_at_the_end_are_left_out_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, people(), after=[";;;;", ";;;;"])
    with pytest.warns(llo.LloWarning, match="ends with 2 empty rows: left out"):
        assert len(llo.read_file(path, weights="gewicht")) == N


def test_words_and_codes_that_are_no_answer_are_named_and_can_be_told(tmp_path: Path) -> None:
    """Counts stand in the warning; what is told missing is out of the share and counted in the source."""
    frame = people()
    frame["score"] = np.where(np.arange(N) % 10 == 0, 9, np.arange(N) % 5 + 1)
    frame.loc[frame.index[:5], "cursus"] = "Weet niet"
    frame.loc[frame.index[5:8], "cursus"] = "n.v.t."
    path = written(tmp_path, frame)
    with pytest.warns(llo.LloWarning, match="look like no answer") as told:
        llo.read_file(path, weights="gewicht")
    words = str(told[0].message)
    assert 'cursus: "Weet niet" (5 rows), "n.v.t." (3 rows)' in words and "score: 9 (4 rows)" in words
    assert "gewicht" not in words and "leeftijd" not in words
    svy = llo.read_file(path, weights="gewicht", missing={"cursus": ["Weet niet", "n.v.t."], "score": 9})
    known = frame.iloc[8:]
    assert llo.mean("cursus == 'ja'", svy).estimate[0] == pytest.approx(share(known), rel=EXACT)
    assert svy.source["told_missing"] == {"cursus": 8, "score": 4}
    everywhere = llo.read_file(path, weights="gewicht", missing=["Weet niet", "n.v.t.", 9])
    assert everywhere.frame["cursus"].isna().sum() == 8
    with pytest.raises(llo.DataError, match="no column 'cursis'"):
        llo.read_file(path, weights="gewicht", missing={"cursis": [9]})


def test_a_check_names_values_that_look_like_no_answer(tmp_path: Path) -> None:
    frame = people()
    frame.loc[frame.index[:5], "cursus"] = "Weet niet"
    report = "\n".join(check_file(written(tmp_path, frame), instrument="nea").lines)
    assert 'cursus: "Weet niet" (5 rows)' in report

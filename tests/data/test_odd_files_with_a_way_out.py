"""Proves that titles, second headers, dates for years and rows without weights are refused with a way, which works."""

from __future__ import annotations

import tomllib
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from llo_research.data.instrument import instrument_of
from llo_research.data.template import mapping_template

pyreadstat = pytest.importorskip("pyreadstat")

N = 60
COLUMNS = '[columns]\n"RESPNR" = "id"\n"LEEFTIJD" = "age"\n"GEWICHT" = "weight"\n"D40" = "training_code"\n'
EXACT = 1e-12  # sums of sixty numbers
pytestmark = pytest.mark.filterwarnings("ignore:.*file without", "ignore:No weights")


def people() -> pd.DataFrame:
    """Sixty people of two years, with the date of the interview."""
    rng = np.random.default_rng(17)
    year = np.repeat([2022, 2023], N // 2)
    return pd.DataFrame(
        {
            "RESPNR": np.arange(1, N + 1),
            "DATUM": pd.to_datetime([f"{y}-{m:02d}-15" for y, m in zip(year, rng.integers(1, 13, N), strict=True)]),
            "LEEFTIJD": rng.integers(20, 60, N),
            "GEWICHT": np.round(rng.gamma(4, 500, N), 4),
            "D40": rng.integers(1, 3, N),
        }
    )


def text_file(folder: Path, frame: pd.DataFrame, lines: list[str], at: int) -> Path:
    """A Dutch text file with semicolons and decimal commas, and odd lines put before this line."""
    table = frame.to_csv(sep=";", decimal=",", index=False, date_format="%d-%m-%Y").strip().splitlines()
    path = folder / "nea.csv"
    path.write_text("\n".join([*table[:at], *lines, *table[at:]]) + "\n", encoding="utf-8", newline="\n")
    return path


def mapped(folder: Path, text: str) -> Path:
    """A mapping file."""
    (folder / "m.toml").write_text(text, encoding="utf-8", newline="\n")
    return folder / "m.toml"


def trained(frame: pd.DataFrame) -> float:
    """The weighted share with code 1."""
    return float(np.average(frame["D40"] == 1, weights=frame["GEWICHT"]))


TITLE = ["NEA 2022-2023, bewerking afdeling Onderzoek, versie 2", ""]
SECOND = ["Respondent;Datum;Leeftijd in jaren;Ophooggewicht;Cursus gevolgd"]


@pytest.mark.parametrize(
    ("lines", "at", "words", "skip"),
    [(TITLE, 0, "a title above its table", 2), (SECOND, 1, "a second line of column names", [2])],
    ids=["title", "second header"],
)
def test_lines_above_the_data(tmp_path: Path, lines: list[str], at: int, words: str, skip: int | list[int]) -> None:
    """The message names the line and the option, the template has it, and the numbers are those of the table."""
    frame = people()
    path = text_file(tmp_path, frame, lines, at)
    with pytest.raises(llo.DataError, match=words) as refused:
        llo.read_file(path, weights="GEWICHT")
    assert f"skip={skip}" in str(refused.value) and f"skip = {skip}" in str(refused.value)
    svy = llo.read_file(path, weights="GEWICHT", skip=skip)
    assert llo.mean("D40 == 1", svy).estimate[0] == pytest.approx(trained(frame), rel=EXACT)
    text = mapping_template(path, instrument_of("nea"))
    assert tomllib.loads(text)["file"]["skip"] == skip
    mapping = mapped(tmp_path, f"[file]\nskip = {skip}\n{COLUMNS}" + '"DATUM" = "year"\n')
    svy = llo.read_microdata(path, "nea", mapping=mapping)
    assert llo.mean("training", svy).estimate[0] == pytest.approx(trained(frame), rel=EXACT)


def test_a_decimal_comma_between_semicolons_is_the_original(tmp_path: Path) -> None:
    """Weights, wages and weights of three decimals are read as they are."""
    frame = people().assign(LOON=lambda f: f["GEWICHT"] / 100)
    path = text_file(tmp_path, frame, [], 0)
    svy = llo.read_microdata(path, "nea", mapping=mapped(tmp_path, COLUMNS + '"DATUM" = "year"\n'))
    assert float(svy.weights.sum()) == pytest.approx(frame["GEWICHT"].sum(), rel=EXACT)
    assert llo.mean("LOON", svy).estimate[0] == pytest.approx(
        np.average(frame["LOON"], weights=frame["GEWICHT"]), rel=EXACT
    )


@pytest.mark.parametrize("kind", ["sav", "csv"])
def test_the_year_of_a_date(tmp_path: Path, kind: str) -> None:
    """A column of dates that is mapped onto the year gives the year of each; a year that is told must agree."""
    frame = people()
    path = text_file(tmp_path, frame, [], 0)
    if kind == "sav":
        path = tmp_path / "nea.sav"
        pyreadstat.write_sav(frame, path)
    asked = [line for line in mapping_template(path, instrument_of("nea")).splitlines() if '"DATUM"' in line]
    assert asked == ['# "DATUM" = "year"  # dates of 2022, 2023: their year is taken']
    svy = llo.read_microdata(path, "nea", mapping=mapped(tmp_path, COLUMNS + '"DATUM" = "year"\n'))
    shares = llo.mean("training", svy, by="year").to_frame().set_index("year")["estimate"]
    for year, rows in frame.groupby(frame["DATUM"].dt.year):
        assert shares[year] == pytest.approx(trained(rows), rel=EXACT)
    with pytest.raises(llo.DataError, match="dates of other years than 2022"):
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path, "[file]\nyear = 2022\n" + COLUMNS))
    other = "[file]\nyear = 2022\n" + COLUMNS + '"DATUM" = "date_of_contract"\n'
    assert set(llo.read_microdata(path, "nea", mapping=mapped(tmp_path, other)).frame["year"]) == {2022}


def test_a_fieldwork_that_goes_on_in_january_is_of_its_year(tmp_path: Path) -> None:
    frame = people()
    frame["DATUM"] = pd.to_datetime(["2023-01-03"] * 5 + ["2022-11-20"] * (N - 5))
    frame["GEBDAT"] = pd.to_datetime([f"{1960 + k % 40}-05-01" for k in range(N)])
    path = text_file(tmp_path, frame, [], 0)
    svy = llo.read_microdata(path, "nea", mapping=mapped(tmp_path, "[file]\nyear = 2022\n" + COLUMNS))
    assert set(svy.frame["year"]) == {2022}


def test_rows_without_a_weight_are_left_out_when_told_and_counted(tmp_path: Path) -> None:
    """Missing, negative and zero: refused with the line that leaves them out, never left out in silence."""
    frame = people().drop(columns="DATUM")
    frame.loc[[3, 9], "GEWICHT"] = np.nan
    frame.loc[5, "GEWICHT"], frame.loc[7, "GEWICHT"] = -1.0, 0.0
    path = tmp_path / "nea2023.sav"
    pyreadstat.write_sav(frame, path)
    rest = frame[frame["GEWICHT"] > 0]
    counts = {"missing": 2, "negative": 1, "zero": 1}
    with pytest.raises(llo.DataError, match='without_weight = "leave out"'):
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path, COLUMNS))
    with pytest.raises(llo.DataError, match="without_weight='leave out'"):
        llo.read_file(path, weights="GEWICHT")
    assert '# without_weight = "leave out"' in mapping_template(path, instrument_of("nea"))
    told = '[file]\nwithout_weight = "leave out"\n'
    with pytest.warns(llo.LloWarning, match="4 rows without a weight above zero left out"):
        svy = llo.read_microdata(path, "nea", mapping=mapped(tmp_path, told + COLUMNS))
    result = llo.mean("training", svy)
    assert result.estimate[0] == pytest.approx(trained(rest), rel=EXACT)
    assert result.meta["source"]["without_weight"] == {"nea2023.sav": counts}
    with pytest.warns(llo.LloWarning, match="GEWICHT: 2 missing, 1 negative, 1 zero"):
        own = llo.read_file(path, weights="GEWICHT", without_weight="leave out")
    assert len(own) == len(rest) and own.source["without_weight"] == counts
    assert not check_file(path, instrument="nea", mapping=mapped(tmp_path, told + COLUMNS)).problems


@pytest.mark.parametrize(
    "line", ['without_weight = "zero"', 'decimal = "!"', "skip = 1.5", "skip = -1", 'decimal = ","\nthousands = ","']
)
def test_words_that_a_mapping_does_not_know_are_refused(tmp_path: Path, line: str) -> None:
    path = text_file(tmp_path, people(), [], 0)
    with pytest.raises(llo.DataError) as refused:
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path, f"[file]\n{line}\n{COLUMNS}"))
    assert "[file]" in str(refused.value)


def test_a_line_that_is_not_there_cannot_be_skipped(tmp_path: Path) -> None:
    with warnings.catch_warnings(), pytest.raises(llo.DataError, match="has no line 900"):
        llo.read_file(text_file(tmp_path, people(), [], 0), skip=[900])

"""Proves that the report of a file that nobody has mapped says in a page what it is, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from llo_research.data.instrument import instrument_of
from llo_research.data.template import mapping_template
from tests.data.test_suggestions import people, written

PAGE = 40  # lines of a terminal, about


def unmapped(folder: Path) -> Path:
    """Three waves in one file, of which the name tells nothing."""
    return written(folder, people())


def test_a_file_that_nobody_has_mapped_is_told_in_a_page(tmp_path: Path) -> None:
    check = check_file(unmapped(tmp_path))
    report = str(check)
    assert len(report.splitlines()) < PAGE and len(check.problems) == 3
    for words in (
        "told from the labels of",
        "no column is in the codebook",
        "to map: 12 columns are surely ours under other names: RESPNR = id, PEILJAAR = year, WEEGF = weight",
        'map it, "WEEGF" = "weight"; the template has that line',
        "like no column of the file",
        "llo.codebook('nea')",
    ):
        assert words in report, words
    command = f"llo check {tmp_path / 'leren_en_werk.sav'} --instrument nea"
    assert report.splitlines()[-2] == f"next: {command} --template {tmp_path / 'mapping.toml'}"
    assert "training_code" not in report.split("missing: ")[1].split("to map")[0], "a column is like it"


def test_what_the_report_says_to_do_does_it(tmp_path: Path) -> None:
    path = unmapped(tmp_path)
    text = mapping_template(path, instrument_of("nea"))
    (tmp_path / "mapping.toml").write_text(text, encoding="utf-8", newline="\n")
    check = check_file(path)
    report = str(check)
    assert not check.problems and report.endswith("no problems: the file can be used")
    assert "  columns     14" in report, "as many as the file has, not as many as are left after mapping"
    assert "not carried: autonomy, low_autonomy, high_autonomy (not in the file: autonomy1, " in report, "a near miss"
    assert report.count("not carried: ") == 2 and len(report.splitlines()) < PAGE
    assert f"to use: llo.read_microdata({str(path)!r}, 'nea')" in report
    assert "next: " not in report and "to map: " not in report


def test_what_the_file_declares_missing_is_counted(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": np.arange(40) + 1, "weight": 1.5, "age": [99.0] * 3 + [40.0] * 37})
    ranges: dict[str, Any] = {"age": [{"lo": 97, "hi": 99}]}
    pyreadstat.write_sav(frame, tmp_path / "nea2019.sav", missing_ranges=ranges)
    report = str(check_file(tmp_path / "nea2019.sav"))
    assert "3 values that the file declares missing, in 1 column (age)" in report


def test_the_year_of_the_name_does_not_win_from_the_column(tmp_path: Path) -> None:
    """All rows of three waves would be taken for those of the year in the name."""
    frame = pd.DataFrame({"id": np.arange(60) + 1, "weight": 1.5, "peiljaar": np.repeat([2019, 2021, 2023], 20)})
    path = tmp_path / "nea2023.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(llo.DataError, match=r"other years than the one in its name(.|\n)*2019, 2021, 2023"):
        llo.read_microdata(path, "nea")
    with pytest.raises(llo.DataError, match="other years"):
        llo.read_microdata(path, "nea", columns=["weight"])
    assert "other years" in str(check_file(path))
    with pytest.warns(llo.LloWarning):
        assert llo.read_microdata(path, "nea", year=2023).frame["year"].eq(2023).all(), "said by the user"
    frame.assign(peiljaar=2023).to_csv(path, index=False)
    with pytest.warns(llo.LloWarning):
        assert len(llo.read_microdata(path, "nea")) == 60


def test_a_decimal_comma_between_semicolons_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": np.arange(40) + 1, "weight": 1 + np.arange(40) / 7, "opmerking": "één"})
    frame.to_csv(tmp_path / "nea2019.csv", index=False, sep=";", decimal=",", encoding="cp1252")
    with pytest.warns(llo.LloWarning):
        svy = llo.read_microdata(tmp_path / "nea2019.csv", "nea")
    assert svy.weights.tolist() == frame["weight"].tolist() and svy.frame["opmerking"][0] == "één"


def test_columns_without_labels_are_asked_by_their_names(tmp_path: Path) -> None:
    frame = people().rename(columns=str.lower)
    frame.to_csv(tmp_path / "nea.csv", index=False, sep=";", decimal=",")
    report = str(check_file(tmp_path / "nea.csv"))
    assert "to ask: " in report and "lftd (age?)" in report and "gesl (sex_code?)" in report
    text = mapping_template(tmp_path / "nea.csv", instrument_of("nea"))
    assert '# "lftd" = "age"' in text, "a name alone is never sure"


def test_a_file_of_no_instrument_is_told_how_it_can_be_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"nr": np.arange(30), "q1": 1, "gewicht": 1.5, "stratum": np.arange(30) % 3})
    frame.to_csv(tmp_path / "klanten.csv", index=False)
    with pytest.raises(llo.DataError, match="not a file of an instrument") as caught:
        check_file(tmp_path / "klanten.csv")
    line = f"llo.read_file({str(tmp_path / 'klanten.csv')!r}, weights='gewicht', strata='stratum')"
    assert line in str(caught.value)


def test_what_a_mapping_has_left_out_is_still_proposed(tmp_path: Path) -> None:
    path = unmapped(tmp_path)
    (tmp_path / "m.toml").write_text('[columns]\n"RESPNR" = "id"\n', encoding="utf-8", newline="\n")
    report = str(check_file(path, instrument="nea", mapping=tmp_path / "m.toml"))
    assert "to map: " in report and "PEILJAAR = year" in report and "RESPNR = id" not in report
    assert 'map it, "WEEGF" = "weight"' in report and "next: " not in report

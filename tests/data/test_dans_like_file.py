"""Proves that an SPSS file with other names, labels and user-missing codes is mapped, checked and estimated rightly."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.cli import main
from llo_research.data.check import check_file
from llo_research.data.instrument import instrument_of
from llo_research.data.template import mapping_template
from tests.data import yearly

LACKS = "file without strata"


def with_missing(year: int) -> pd.DataFrame:
    """The people of a year, some of whom did not answer: codes 8 and 9, declared missing in the file."""
    frame = yearly.small_nea(year)
    frame.loc[frame.index % 10 == 3, "autonomy3"] = 8.0
    frame.loc[frame.index % 11 == 4, "autonomy5"] = 9.0
    frame.loc[frame.index % 25 == 6, "training_code"] = 9
    frame.loc[frame.index % 40 == 7, "education_code"] = 99
    return frame


@pytest.fixture
def dans(tmp_path: Path) -> Path:
    return yearly.write_dans(tmp_path / "NEA2019_beveiligd.sav", with_missing(2019))


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return yearly.write_mapping(tmp_path / "map.toml", yearly.dans_columns())


def by_hand(frame: pd.DataFrame) -> tuple[float, float, int]:
    """Weighted share of low autonomy, its standard error without strata, and n, by plain numpy."""
    items = frame[yearly.ITEMS].to_numpy()
    answered = (items <= 3).all(axis=1)
    low = (items.sum(axis=1) < 12.5) & answered
    w = np.where(answered, frame["weight"], 0.0)
    share = float((w * low).sum() / w.sum())
    z = w * (low - share) / w.sum()
    n = len(frame)
    return share, float(np.sqrt(n / (n - 1) * ((z - z.mean()) ** 2).sum())), int(answered.sum())


def test_read_and_estimated(dans: Path, mapping: Path) -> None:
    with pytest.warns(llo.LloWarning, match=LACKS):
        svy = llo.read_microdata(dans, instrument="nea", mapping=mapping)
    frame = with_missing(2019)
    result = llo.mean("low_autonomy", svy).to_frame().iloc[0]
    share, error, n = by_hand(frame)
    assert result["estimate"] == pytest.approx(share, abs=1e-12)
    assert result["std_error"] == pytest.approx(error, rel=1e-9) and result["n"] == n
    answered = frame["training_code"] != 9
    expected = np.average(frame["training_code"][answered] == 1, weights=frame["weight"][answered])
    assert llo.mean("training", svy).to_frame()["estimate"][0] == pytest.approx(expected, abs=1e-12)
    assert svy.frame["year"].eq(2019).all() and svy.frame["person"].iloc[0] == "2019-1"
    assert svy.frame["OPM"].iloc[2] == "tekst 2"
    assert list(svy.frame["education"].cat.categories) == ["low", "middle", "high"]
    assert int(svy.frame["education"].isna().sum()) == int((frame["education_code"] == 99).sum())


def test_what_the_file_does_not_tell_stands_under_every_table(dans: Path, mapping: Path) -> None:
    with pytest.warns(llo.LloWarning, match=LACKS):
        svy = llo.read_microdata(dans, instrument="nea", mapping=mapping)
    source = svy.source
    assert source["kind"] == "restricted" and source["restricted"] is True and source["synthetic"] is False
    assert source["design"]["level"] == "without strata" and source["publication_floor"] == 200
    assert source["mapping"]["V_21A"] == "autonomy1"
    assert "low_autonomy" not in source["unverified"] and "high_autonomy" in source["unverified"]
    table = llo.report.table(llo.mean("low_autonomy", svy, by="education"), language="en").to_markdown()
    assert "restricted microdata" in table and LACKS in table
    dutch = llo.report.table(llo.mean("low_autonomy", svy, by="education"), language="nl").to_markdown()
    assert "besloten microdata" in dutch and "bestand zonder strata" in dutch


def test_several_years_with_one_variable_renamed(tmp_path: Path) -> None:
    one = yearly.write_dans(tmp_path / "nea2019.sav", with_missing(2019))
    other = {"training_code": "Opl_curs"}
    two = yearly.write_dans(tmp_path / "nea2020.sav", with_missing(2020), renamed=other)
    mapping = yearly.write_mapping(
        tmp_path / "mapping.toml", yearly.dans_columns(), '[years.2020]\n"Opl_curs" = "training_code"\n'
    )
    with pytest.warns(llo.LloWarning, match=LACKS):
        svy = llo.read_microdata([one, two], instrument="nea", mapping=mapping)
    with pytest.warns(llo.LloWarning, match=LACKS):  # mapping.toml beside the files is found
        found = llo.read_microdata([one, two], instrument="nea")
    assert svy.source["years"] == [2019, 2020] and len(svy) == 480
    for each in (svy, found):
        assert each.frame["training"].notna().groupby(each.frame["year"]).sum().tolist() == [230, 230]
    pd.testing.assert_frame_equal(svy.frame, found.frame)
    with pytest.warns(llo.LloWarning, match=LACKS):  # a year by itself needs nothing of the other's
        assert len(llo.read_microdata(one, instrument="nea", mapping=mapping)) == 240
    report = str(check_file(two, instrument="nea"))
    assert "mapped, but not in this file" not in report and "mapping     mapping.toml: 12 columns" in report
    with mapping.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write('"V_99" = "commitment"\n')
    assert "mapped, but not in this file: V_99" in str(check_file(two, instrument="nea"))


def test_a_mapping_of_ones_own_for_a_file(dans: Path) -> None:
    yearly.write_mapping(dans.with_name("NEA2019_beveiligd.mapping.toml"), yearly.dans_columns())
    with pytest.warns(llo.LloWarning, match=LACKS):
        assert len(llo.read_microdata(dans, instrument="nea")) == 240


def test_columns_limit_what_is_read(dans: Path, mapping: Path) -> None:
    with pytest.warns(llo.LloWarning, match=LACKS):
        svy = llo.read_microdata(dans, instrument="nea", mapping=mapping, columns=["low_autonomy", "education"])
    assert set(svy.frame) == {
        *yearly.ITEMS,
        "education_code",
        "education",
        "low_autonomy",
        "id",
        "weight",
        "year",
        "person",
    }


def test_the_check_says_what_fits_and_what_lacks(dans: Path, mapping: Path) -> None:
    check = check_file(dans, instrument="nea", mapping=mapping)
    report = str(check)
    assert check.problems == []
    for words in (
        "Netherlands Working Conditions Survey",
        "rows        240",
        "years       2019",
        "kind        restricted",
        "mapping     map.toml: 12 columns under our names",
        "design      weight weight (expansion); strata ['year'], sampling units rows",
        f"to know: NEA2019_beveiligd.sav: {LACKS}",
        "not carried: training_length, long_training, training_purpose, informal_tasks, informal_people,",
        "informal_scale (no column of",
        "not verified (see llo.codebook): training, education,",
        "no problems: the file can be used",
    ):
        assert words in report, words
    missing = report.split("missing: ")[1].split("to know")[0]
    assert "variety1" in missing and "stratum" in missing and "need_training_code" not in missing  # not asked in 2019


def test_a_template_finds_columns_by_their_labels_and_reads_the_file(dans: Path, tmp_path: Path) -> None:
    text = mapping_template(dans, instrument_of("nea"))
    written = tomllib.loads(text)
    assert written["columns"] == yearly.dans_columns() and "file" not in written, "the year stands in its name"
    assert "values" not in written, "the codes are those of the codebook"
    assert "OPM" in text.split("Kept under their own names")[1]
    filled = tmp_path / "filled.toml"
    filled.write_text(text, encoding="utf-8", newline="\n")
    with pytest.warns(llo.LloWarning, match=LACKS):
        svy = llo.read_microdata(dans, instrument="nea", mapping=filled)
    assert llo.mean("low_autonomy", svy).to_frame()["estimate"][0] == pytest.approx(by_hand(with_missing(2019))[0])


def test_the_template_from_the_shell_is_not_written_over(dans: Path, tmp_path: Path, capsys: Any) -> None:
    to = tmp_path / "new.toml"
    arguments = ["check", str(dans), "--instrument", "nea", "--template", str(to)]
    assert main(arguments) == 0 and to.is_file()
    assert main(arguments) == 2 and "not written over" in capsys.readouterr().err
    assert main(["check", str(dans), "--template"]) == 0 and "as nea" in capsys.readouterr().out
    assert main(["check", str(dans), "--instrument", "nea", "--year", "2019", "--template"]) == 0
    assert "[columns]" in capsys.readouterr().out
    yearly.write_mapping(tmp_path / "map.toml", yearly.dans_columns())
    assert main(["check", str(dans), "--instrument", "nea", "--mapping", str(tmp_path / "map.toml")]) == 0


def test_linking_to_a_register_by_person(dans: Path, mapping: Path) -> None:
    with pytest.warns(llo.LloWarning, match=LACKS):
        svy = llo.read_microdata(dans, instrument="nea", mapping=mapping)
    register = pd.DataFrame({"id": np.arange(1.0, 201.0), "wage": np.arange(200.0)})
    joined = svy.join(register, on="id", validate="m:1")
    assert len(joined) == 240 and joined.frame["wage"].isna().sum() == 40
    assert llo.mean("wage", joined).to_frame()["n"][0] == 200

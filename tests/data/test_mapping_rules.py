"""Proves that a rule of a mapping that hits nothing is told, and that mapping files of any shape end in words."""

from __future__ import annotations

import random
import warnings
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.data.check import check_file
from llo_research.data.instrument import instrument_of
from llo_research.data.mapping_file import read_mapping
from llo_research.data.template import mapping_template
from tests.data import yearly


def files(folder: Path, years: tuple[int, ...] = (2018, 2019)) -> list[Path]:
    """A file a year; 2018 without skills_match_code."""
    paths = []
    for year in years:
        frame = yearly.small_nea(year, rows=60).assign(score=range(60))
        paths.append(folder / f"nea{year}.csv")
        (frame.drop(columns="skills_match_code") if year == 2018 else frame).to_csv(paths[-1], index=False)
    return paths


def mapped(folder: Path, text: str, name: str = "m.toml") -> Path:
    """A mapping file."""
    (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / name


def test_a_code_that_occurs_in_one_of_the_files_is_enough(tmp_path: Path) -> None:
    paths = files(tmp_path)
    mapping = mapped(tmp_path, "[missing]\nscore = [59]\n[values.skills_match_code]\n1 = 3\n3 = 1\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = llo.read_microdata(paths, "nea", mapping=mapping).frame
    assert made["score"].isna().sum() == 2
    mapping = mapped(tmp_path, '[missing]\nscore = [59, 99]\n[values.education_code]\n"1" = 2\n"11" = 1\n')
    with pytest.warns(llo.LloWarning, match=r'\[missing\] score = 99; \[values.education_code\] "11"') as caught:
        llo.read_microdata(paths, "nea", mapping=mapping)
    assert len(caught) == 1 and "2 files, nea2018.csv the first" in str(caught[0].message)
    assert "to know: Rules of the mapping that have hit nothing" in str(check_file(paths[0], mapping=mapping))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[missing]\nscoer = [59]\n", ["codes of 'scoer'", "nearest names: score"]),
        ('[values.trainings_code]\n"1" = 2\n', ["codes of 'trainings_code'", "training_code"]),
        (
            '[columns]\nscore = "hours"\n[missing]\nscore = [59]\n',
            ["stands under our name hours", "Write [missing] hours"],
        ),
        ('[columns]\nscoer = "hours"\n', ["column 'scoer'"]),
        ('[years.2018]\nscoer = "hours"\n', ["column 'scoer'"]),
    ],
)
def test_a_rule_about_a_column_that_is_nowhere_is_an_error(text: str, words: list[str], tmp_path: Path) -> None:
    paths, mapping = files(tmp_path), mapped(tmp_path, text)
    for each in (paths, paths[0]):
        with pytest.raises(llo.DataError) as caught:
            llo.read_microdata(each, "nea", mapping=mapping)
        assert all(word in str(caught.value) for word in words), str(caught.value)
    assert all(word in str(check_file(paths[0], mapping=mapping)) for word in words)


def test_a_variable_of_the_codebook_that_these_files_lack_is_a_word(tmp_path: Path) -> None:
    paths, mapping = files(tmp_path), mapped(tmp_path, "[missing]\ntenure = [-1]\n")
    with pytest.warns(llo.LloWarning, match=r"codes of variables that are not in nea2018.csv: \[missing\] tenure"):
        llo.read_microdata(paths[0], "nea", mapping=mapping)
    with warnings.catch_warnings():  # columns that are not asked for are not looked at
        warnings.simplefilter("error")
        mapping = mapped(tmp_path, "[missing]\nscore = [59]\n")
        llo.read_microdata(paths[0], "nea", mapping=mapping, columns=["training"])


def test_a_mapping_beside_a_folder_of_files_is_held_when_all_of_them_are_read(tmp_path: Path) -> None:
    paths = files(tmp_path)
    mapped(tmp_path, '[columns]\n"V_99" = "tenure"\n', "mapping.toml")
    assert len(llo.read_microdata(paths[0], "nea")) == 60  # the other file may have it
    with pytest.raises(llo.DataError, match="None of the 2 files has a column 'V_99'"):
        llo.read_microdata(paths, "nea")
    (tmp_path / "nea2020.csv").write_text("id,weight\n1,1\n", encoding="utf-8")
    assert len(llo.read_microdata(paths, "nea")) == 120
    with pytest.raises(llo.DataError, match="None of the 2 files has a column 'V_99'"):  # asked for by name
        llo.read_microdata(paths, "nea", mapping=tmp_path / "mapping.toml")


def test_a_mapping_in_cp1252_is_read_with_a_word(tmp_path: Path) -> None:
    path = files(tmp_path)[1]
    frame = yearly.small_nea(2019, rows=60).rename(columns={"training_code": "gevolgdé"})
    frame.to_csv(path, index=False, encoding="utf-8")
    text = '# bijscholing\n[columns]\n"gevolgdé" = "training_code"\n'
    for name, content in (("m.toml", text), ("m.csv", "file;ours\ngevolgdé;training_code\n")):
        mapping = tmp_path / name
        mapping.write_bytes(content.encode("cp1252"))
        with pytest.warns(llo.LloWarning, match=f"{name} is not UTF-8: it was read as Windows cp1252 text. Save it as"):
            made = llo.read_microdata(path, "nea", mapping=mapping).frame
        assert made["training"].notna().all()
        assert f"to know: {name} is not UTF-8" in str(check_file(path, mapping=mapping))
    for raw in (text.encode("utf-16"), b"\x81\x8d\x00", text.encode("utf-8")[:-2] + b"\xff\x81"):
        mapping.write_bytes(raw)
        with pytest.raises(llo.DataError, match="not text in UTF-8") as caught:
            llo.read_microdata(path, "nea", mapping=mapping)
        assert "Save it as UTF-8" in str(caught.value)


SHAPES = [
    "3",
    "[1, 2]",
    "{ a = 1 }",
    "[[1]]",
    '"x"',
    "true",
    "nan",
    "inf",
    "2019-01-01",
    '""',
    "0x" + "F" * 40,
    "1e999",
]
LINES = [
    "columns = 3",
    "values = 1",
    "missing = []",
    "years = [1]",
    "[[columns]]\na = 1",
    "[values]\nx = 1",
    "cuts = 1",
    "[values.x.y]\nz = 1",
    "[values.training_code]\n1 = {}",
    "[file]\nyear = {}",
    "[file]\ncharset = 'x'",
    "[years.x]",
    '[years."²019"]',
    "[columns]\na.b = 'c'",
    "[columns]\na = ''",
    "[missing]\nage = {}",
    "[missing]\nage = [[1]]",
    "[columns]\na = 'b'\na = 'c'",
    "[cuts]\nhigh_variety = nan",
    "[minimum]\nvariety = true",
    "[halves]\nhr1 = true",
    "a = " + "[" * 3000,
]


@pytest.mark.parametrize("line", LINES)
def test_tables_of_another_shape_are_refused_in_words(line: str, tmp_path: Path) -> None:
    path = files(tmp_path)[1]
    with pytest.raises(llo.DataError) as caught:
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path, line + "\n"))
    assert str(caught.value.where).startswith("m.toml")


@pytest.mark.parametrize("mapping", [3, ["a"], {"a": 1}, {"a": {"b": "c"}}, {1: "id"}, "no/such\0file", "."])
def test_mappings_of_the_wrong_kind(mapping: Any, tmp_path: Path) -> None:
    with pytest.raises(llo.DataError):
        llo.read_microdata(files(tmp_path)[1], "nea", mapping=mapping)


def test_damaged_mapping_files_are_read_or_refused(tmp_path: Path) -> None:
    good = '[columns]\n"V 1" = "hours"\n[values.hours]\n"1" = 2\n[missing]\nhours = [9, 1.5]\n[years.2019]\nb = "age"\n'
    dice, refused = random.Random(7), 0
    for turn in range(600):
        raw = bytearray((good + f"[cuts]\nx = {dice.choice(SHAPES)}\n").encode())
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(raw))
            raw[place : place + dice.randint(0, 2)] = bytes([dice.randrange(256)])
        path = tmp_path / ("m.toml" if turn % 3 else "m.csv")
        path.write_bytes(bytes(raw))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", llo.LloWarning)
            try:
                read_mapping(path)
            except llo.DataError:
                refused += 1
    assert 100 < refused <= 600


def test_a_year_in_the_mapping_of_all_files_is_not_that_of_a_file_of_another_year(tmp_path: Path) -> None:
    """A template made from one wave serves all: with its year in it, every wave would be read as that one."""
    rows = "nr;gewicht;laag;cursus\n1;2;1;1\n2;3;1;2\n3;2;1;1\n"
    for year in (2019, 2021):
        (tmp_path / f"nea{year}.csv").write_text(rows, encoding="utf-8")
    columns = '[columns]\n"nr" = "id"\n"gewicht" = "weight"\n"laag" = "stratum"\n"cursus" = "training_code"\n'
    (tmp_path / "mapping.toml").write_text(f"[file]\nyear = 2021\n{columns}", encoding="utf-8")
    with pytest.raises(llo.DataError, match="is not of the year") as caught:
        llo.read_microdata([tmp_path / "nea2019.csv", tmp_path / "nea2021.csv"], "nea")
    assert caught.value.found == "2021" and "2019" in str(caught.value.expected)
    (tmp_path / "mapping.toml").write_text(columns, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that much of the survey is not in these files
        svy = llo.read_microdata([tmp_path / "nea2019.csv", tmp_path / "nea2021.csv"], "nea")
    assert sorted(svy.frame["year"].unique()) == [2019, 2021]
    told = mapping_template(tmp_path / "nea2019.csv", instrument_of("nea"))
    assert "year = " not in told

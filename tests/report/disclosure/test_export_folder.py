"""An export is a folder of its own: whole or not at all, under names that every system takes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure import control_pages
from tests.report.disclosure.people import restricted


@pytest.fixture(scope="module")
def result() -> llo.Result:
    """Means of large groups."""
    return llo.mean("hours", restricted(), by="education")


def test_what_stands_in_it(result: llo.Result, tmp_path: Path) -> None:
    code = tmp_path / "analysis.py"
    code.write_text("print('mine')\n", encoding="utf-8")
    folder = llo.report.export({"a": result, "b": result.contrast("high - low")}, tmp_path / "deep" / "out", code=code)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    control_files = ["attack.csv", "code/analysis.py", "control.html", "control.md", "counts.csv", "suppressed.csv"]
    assert names == ["README.txt", "a.csv", "a.json", "b.csv", "b.json", *(f"control/{name}" for name in control_files)]
    assert b"\r" not in (folder / "a.csv").read_bytes()
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("one", ["result", "list", "comparison"])
def test_other_ways_to_hand_results_over(one: str, result: llo.Result, tmp_path: Path) -> None:
    svy = restricted()
    models = llo.compare(
        [llo.glm("hours ~ sex", svy), llo.glm("hours ~ sex + worked", svy)], labels=["Kort", "Lang: 2"]
    )
    given: dict[str, Any] = {"result": result, "list": [result, result], "comparison": {"m": models}}
    folder = llo.report.export(given[one], tmp_path / "out")
    names = {"result": ["result"], "list": ["result_1", "result_2"], "comparison": ["m_Kort", "m_Lang_2"]}[one]
    assert sorted(path.stem for path in folder.glob("*.json")) == names


def test_two_runs_give_the_same_bytes(result: llo.Result, tmp_path: Path) -> None:
    one, other = (llo.report.export({"a": result}, tmp_path / name) for name in ("one", "other"))
    for path in one.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (other / path.relative_to(one)).read_bytes(), path.name


def test_a_folder_with_files_is_left_alone(result: llo.Result, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(llo.DataError, match="a folder with files in it"):
        llo.report.export(result, tmp_path)
    with pytest.raises(llo.DataError, match="a file"):
        llo.report.export(result, tmp_path / "note.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
    (tmp_path / "empty").mkdir()
    assert (llo.report.export(result, tmp_path / "empty") / "result.json").exists()


def test_nothing_half_made_is_left(result: llo.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(control_pages, "counts_of", full)
    with pytest.raises(llo.DataError, match="No space left"):
        llo.report.export(result, tmp_path / "out")
    monkeypatch.setattr(control_pages, "counts_of", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        llo.report.export(result, tmp_path / "out")
    assert os.listdir(tmp_path) == []


def test_nothing_passes_and_nothing_is_written(tmp_path: Path) -> None:
    few = llo.mean("hours", restricted().where("id == 77 | id == 78"))
    with pytest.raises(llo.DisclosureError, match="Nothing of these results may leave") as error:
        llo.report.export(few, tmp_path / "out")
    assert "few" in str(error.value) and "check_disclosure" in str(error.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "names",
    [
        *(["a/b"], ["a\\b"], ["CON"], ["nul.x"], ["com1"], ["a."], [" a"], [""], ["a:b"], ["x" * 101], ["control"]),
        *(["README"], ["Gap", "gap"], ["é", "e\u0301"], [".hidden"], ["a\nb"], ["a*"]),
    ],
)
def test_names_that_no_file_may_have(names: list[str], result: llo.Result, tmp_path: Path) -> None:
    with pytest.raises(llo.DataError, match=r"name|file"):
        llo.report.export(dict.fromkeys(names, result), tmp_path / "out")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["Opleiding 2022", "één", "a.b", "gap-1_x", "kolom (2)"])
def test_names_that_a_file_may_have(name: str, result: llo.Result, tmp_path: Path) -> None:
    folder = llo.report.export({name: result}, tmp_path / "a path with spaces")
    assert llo.read_result(folder / f"{name}.json").labels == result.labels


def test_git_is_warned_of(result: llo.Result, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.warns(llo.LloWarning, match="must not be committed"):
        llo.report.export(result, tmp_path / "build" / "out")


def test_what_is_no_result_says_what_to_hand_over(result: llo.Result, tmp_path: Path) -> None:
    svy = restricted()
    others = {
        "test": (llo.crosstab("education", "sex", svy).test("F"), "export the model or table"),
        "ranks": (llo.ranks(result), "llo.ranks"),
        "pooled": (llo.meta_analysis(result), "llo.meta_analysis"),
        "naive": (result.naive(), "export the result itself"),
        "weights": (llo.weight_report(svy), "weights of people"),
        "table": (llo.report.table(result), "makes the table"),
        "figure": (llo.report.figure(result), "draws it"),
        "frame": (result.to_frame(), "whom its numbers rest on"),
        "survey": (svy, "people do not leave"),
        "text": ("hours", "a Result"),
        "none": (None, "a Result"),
    }
    for name, (given, words) in others.items():
        with pytest.raises(llo.DataError) as error:
            llo.report.export({name: given}, tmp_path / "out")
        assert words in str(error.value) and name in str(error.value), name
    with pytest.raises(llo.DataError, match="nothing to export"):
        llo.report.export({}, tmp_path / "out")
    with pytest.raises(llo.DataError, match="no such file with code"):
        llo.report.export(result, tmp_path / "out", code=tmp_path / "gone.py")
    with pytest.raises(llo.DataError, match="profile"):
        llo.report.export(result, tmp_path / "out", profile="cbz")
    with pytest.raises(llo.DataError, match="language"):
        llo.report.export(result, tmp_path / "out", language="de")
    assert os.listdir(tmp_path) == []


def test_what_left_does_not_leave_again(result: llo.Result, tmp_path: Path) -> None:
    folder = llo.report.export({"a": result}, tmp_path / "out")
    with pytest.raises(llo.DataError, match="has left already"):
        llo.report.export({"a": llo.read_result(folder / "a")}, tmp_path / "again")
    with pytest.warns(llo.LloWarning, match="differences from them were NOT checked"):
        again = llo.report.export({"b": result}, tmp_path / "again", left_before=folder)
    short = (again / "control" / "control.md").read_text("utf-8").split("## In short")[1]
    assert "out/a" in short.strip().splitlines()[0]  # before all that is said there
    alone = (folder / "control" / "control.md").read_text("utf-8").split("## In short")[1]
    assert alone.strip().startswith("No earlier export was named")
    with pytest.raises(llo.DataError, match="no export here"):
        llo.report.export(result, tmp_path / "third", left_before=tmp_path / "nowhere")


def test_labels_that_become_one_file_are_refused(tmp_path: Path) -> None:
    svy = restricted()
    fits = [llo.glm(f"hours ~ {name}", svy) for name in ("sex", "education")]
    with pytest.raises(llo.DataError, match="same file"):
        llo.report.export({"c": llo.compare(fits, labels=["a/b", "a b"])}, tmp_path / "out")
    with pytest.raises(llo.DataError, match="same file"):
        llo.report.export({"c": llo.compare(fits, labels=["1", "2"]), "c_1": fits[0]}, tmp_path / "out")
    assert os.listdir(tmp_path) == []


def test_no_text_is_a_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    """Levels that begin like a formula get an apostrophe in tables; numbers and the safe file are as they were."""
    levels = ["=1+1", "+31 6", "-5", "@home"]
    frame = pd.DataFrame({"g": np.repeat(levels, 100), "y": np.arange(400) % 7 - 6.0, "w": 1.0})
    folder = llo.report.export({"m": llo.mean("y", llo.Survey(frame, weights="w"), by="g")}, tmp_path / "out")
    table = pd.read_csv(folder / "m.csv", dtype={"g": str})
    assert sorted(table["g"]) == sorted(["'=1+1", "'+31 6", "-5", "'@home"])
    assert (table["estimate"] < 0).all() and table["estimate"].dtype == float
    assert set(llo.read_result(folder / "m").rows["g"]) == set(levels)
    counts = pd.read_csv(folder / "control" / "counts.csv", dtype=str)
    assert not counts["g"].str.startswith(("=", "+", "@")).any()


def test_no_number_has_digits_that_say_nothing(tmp_path: Path) -> None:
    """What is computed of rounded numbers is rounded too: an officer looks for what such digits may hide."""
    svy = restricted()
    made = {"gap": llo.gap("training", svy, group="education", of="high", minus="low")}
    made["parts"] = llo.decomposition.oaxaca_blinder(
        "hours ~ sex", svy, group="education", of="high", minus="low", detail=False
    )
    made["means"] = llo.mean("hours", svy, by="education")
    folder = llo.report.export(made, tmp_path / "out")
    for name in made:
        table = pd.read_csv(folder / f"{name}.csv", dtype=str)
        assert {"conf_low", "conf_high"} <= set(table)
        digits = table.map(lambda text: len(re.sub(r"e.*|\D|^0+", "", str(text).removeprefix("0."))))
        numbers = digits.drop(columns=[column for column in table if table[column].str.contains("[a-z_]").all()])
        assert int(numbers.to_numpy().max()) <= 8, table


def test_what_needs_people_says_what_to_export(tmp_path: Path) -> None:
    svy = restricted()
    fit = llo.glm("training ~ sex + education", svy, family="binomial")
    parts = llo.decomposition.oaxaca_blinder(
        "hours ~ education", svy, group="sex", of="v", minus="m", reference="minus"
    )
    folder = llo.report.export({"fit": fit, "parts": parts}, tmp_path / "out")
    model, decomposed = llo.read_result(folder / "fit"), llo.read_result(folder / "parts")
    refused = {
        "influence": (lambda: model.influence, "llo.joint"),
        "margins": (lambda: model.margins("sex"), "fit.margins"),
        "predict": (lambda: model.predict(), "fit.margins"),
        "aic": (lambda: model.aic, "contrasts of its coefficients"),
        "lr": (lambda: model.test("sex", method="lr"), "export"),
        "to_r": (lambda: model.to_r(), "result.to_r()"),
        "to_stata": (lambda: model.to_stata(), "result.to_stata()"),
        "to_spss": (lambda: model.to_spss(), "result.to_spss()"),
        "joint": (lambda: llo.joint({"a": model, "b": decomposed}), "llo.joint({...})"),
        "shares": (lambda: decomposed.shares(), "result.shares()"),
    }
    for name, (call, words) in refused.items():
        with pytest.raises(llo.DataError) as error:
            call()
        assert words in str(error.value) and "profile cbs" in str(error.value), name
    assert model.replicates is None and model.scores is None and model.fitted is None


def test_contrasts_of_withheld_rows_are_refused(tmp_path: Path) -> None:
    svy = restricted()
    few = llo.mean("hours", svy.where("year == 2014"), by=["education", "contract"])
    folder = llo.report.export({"few": few}, tmp_path / "out")
    back = llo.read_result(folder / "few")
    gone = back.meta["exported"]["withheld"]
    hidden = next(label for label, out in zip(back.labels, gone, strict=True) if out)
    shown = next(label for label, out in zip(back.labels, gone, strict=True) if not out)
    with pytest.raises(llo.DataError, match="withheld"):
        back.contrast({hidden: 1, shown: -1})

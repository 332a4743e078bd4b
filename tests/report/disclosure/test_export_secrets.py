"""No byte outside the folder ``control`` tells what may not leave: places, people, small cells, hidden conditions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.report.disclosure.people import CHECKSUM, MAKERS, PATH, ROWS, restricted, with_town

# facts of people and files by name, wherever in a safe file they might stand
FORBIDDEN = {
    *("n_nonzero", "n_complement", "largest_share", "n_units", "n_psu", "n_strata", "sha256", "path", "files", "rows"),
    *("fitted", "residuals", "scores", "influence", "replicates", "support", "totals_of_margins", "unknown", "seed"),
    *("singletons", "units_with_changes", "waves_per_unit", "n_rows", "factor", "absent_levels", "negative"),
}


def outside(folder: Path) -> str:
    """Every byte that leaves."""
    return "".join(file.read_text("utf-8") for file in sorted(folder.iterdir()) if file.is_file())


def names_in(value: Any, above: str = "") -> set[str]:
    """Every key in what JSON holds; the rows of identifiers and the covariance have keys of the user's own."""
    if isinstance(value, dict):
        return {f"{above}.{key}" for key in value} | {n for key, item in value.items() for n in names_in(item, key)}
    return {name for item in value for name in names_in(item, above)} if isinstance(value, list) else set()


@pytest.mark.parametrize("kind", ["clusters", "calibrated", "jkn", "panel"])
def test_no_file_tells_of_places_and_counts(kind: str, tmp_path: Path) -> None:
    svy, results = restricted(kind), {}
    for name, make in MAKERS.items():
        try:
            results[name.replace(" ", "_")] = make(svy)
        except llo.LloError:
            continue
    folder = llo.report.export(results, tmp_path / "out")
    text = outside(folder)
    for secret in (PATH, Path(PATH).name, "nea_2022_full", CHECKSUM, str(ROWS), str(tmp_path)):
        assert secret not in text, secret
    assert len(svy) > 400 and not re.search(rf'"rows": {len(svy)}\b', text)
    for file in folder.glob("*.json"):
        told = json.loads(file.read_text("utf-8"))
        allowed = {"told.rows", ".rows", "straddled.rows", "contrast_rows.rows", "design.replicates", "shares.rows"}
        allowed |= {"differences.rows", "total.rows", "row.rows", "column.rows", "call.support", "call.seed"}
        allowed |= set() if told["own"].get("support") else {"own.support"}
        found = {name for name in names_in(told) if name.split(".")[-1] in FORBIDDEN} - allowed
        # the rules of the profile are public
        assert {name for name in found if not name.startswith("rules.")} == set(), file.name


def test_a_withheld_row_has_no_number_anywhere(tmp_path: Path) -> None:
    svy = restricted().where("year == 2014")
    small = llo.mean(["hours", "training"], svy, by=["education", "contract"])
    folder = llo.report.export({"small": small}, tmp_path / "out")
    told, table = json.loads((folder / "small.json").read_text("utf-8")), pd.read_csv(folder / "small.csv")
    gone = np.array(told["meta"]["exported"]["withheld"])
    assert gone.any() and not gone.all()
    assert table["withheld"].eq("yes").tolist() == gone.tolist()
    named = ["education", "contract", "variable", "withheld", "data"]
    numbers = table[table["withheld"].eq("yes")].drop(columns=named)
    assert numbers.isna().all(axis=None)
    for name in ("estimate", "df", "scale", "n"):
        assert [value is None for value in told[name]] == gone.tolist(), name
    back = llo.read_result(folder / "small.json")
    assert np.isnan(back.covariance[gone]).all() and np.isnan(back.covariance[:, gone]).all()
    whole = ~gone & ~np.array(told["meta"]["exported"]["ends"])  # of few weights, with few persons each: no error
    assert whole.any() and np.isfinite(back.covariance[np.ix_(whole, whole)]).all()
    shown = {label for label, out in zip(back.labels, gone, strict=True) if not out}
    left = np.array([label in shown for label in small.labels])
    hidden = {*small.estimate[~left], *small.std_error[~left], *np.diag(small.covariance)[~left]}
    text = outside(folder)
    told_of_hidden = [value for value in hidden if value not in (0.0, 1.0) and repr(float(value)) in text]
    assert told_of_hidden == []


def test_names_that_nobody_declared_do_not_leave(tmp_path: Path) -> None:
    svy = with_town(restricted())
    by_town = llo.mean("hours", svy, by="town")
    model = llo.glm("hours ~ worked + town", svy)
    folder = llo.report.export({"town": by_town, "model": model}, tmp_path / "out")
    text = outside(folder)
    assert "Geheimveld" not in text and "Stad" in text
    assert "Geheimveld" in (folder / "control" / "counts.csv").read_text("utf-8")
    back = llo.read_result(folder / "town")
    assert set(back.labels) == {"Stad", "Dorp"}
    assert "have no name" in (folder / "README.txt").read_text("utf-8")


def test_names_that_nobody_declared_do_not_leave_beside_rows_that_do(tmp_path: Path) -> None:
    svy = with_town(restricted())
    lone = svy.frame["town"].where(svy.frame["town"].isin(["Stad", "Dorp"]), "Geheimveld")
    small = svy.assign(village=lone.where(np.arange(len(lone)) > 20, "Gehucht"))  # 40 people and 20
    by = llo.mean("hours", small, by="village")
    results = {
        "by": by,
        "contrasts": by.contrast({"a": {"Stad": 1, "Dorp": -1}, "b": {"Gehucht": 1, "Dorp": -1}}),
        "model": llo.glm("hours ~ worked + village", small),
        "joint": llo.joint({"by": by, "all": llo.mean("hours", small)}),
        "share": llo.share("village", small),
        "gap": llo.gap("hours", small, group="village", of="Stad", minus="Dorp"),
    }
    own = tmp_path / "thirty.toml"
    own.write_text(
        'confirmed = ""\n[title]\nnl = "dertig"\nen = "thirty"\n'
        "[rules.restricted]\nunits = 30\ncomplement = 30\nlargest_share = 0.5\n",
        encoding="utf-8",
    )
    folder = llo.report.export(results, tmp_path / "out", profile=own)
    left = {file.stem: llo.read_result(file) for file in folder.glob("*.json")}
    assert {"by", "joint", "gap"} <= set(left) and "model" not in left  # bound to the mean of few
    for name, text in {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.is_file()}.items():
        assert "Gehucht" not in text, name


def test_a_base_level_of_a_few_people_is_not_named(tmp_path: Path) -> None:
    svy = restricted()
    town = np.where(np.arange(len(svy)) % 2 == 0, "Stad", "Dorp").astype(object)
    town[[3, 50, 99]] = "Aardhuizen"  # the first in the alphabet is the base
    model = llo.glm("hours ~ worked + town", svy.assign(town=town))
    assert model.meta["base_levels"]["town"] == "Aardhuizen"
    folder = llo.report.export({"model": model, "all": llo.mean("hours", svy)}, tmp_path / "out")
    assert "Aardhuizen" not in outside(folder)
    assert not (folder / "model.json").exists()  # bound to their mean


def test_declared_categories_of_people_do_not_leave(tmp_path: Path) -> None:
    svy = with_town(restricted())
    declared = svy.assign(town=lambda d: pd.Categorical(d["town"]))
    results = {"town": llo.share("town", declared), "by": llo.mean("hours", declared, by="town")}
    folder = llo.report.export({**results, "all": llo.mean("hours", declared)}, tmp_path / "out")
    names = re.findall(r"Geheimveld\d+", outside(folder))
    assert names == []


def test_values_of_conditions_that_pass_nothing_do_not_leave(tmp_path: Path) -> None:
    svy = restricted()
    few, many = svy.where("id == 123 | hours > 6.754"), svy.where("worked >= 15")
    assert 0 < llo.mean("hours", few).n[0] < 10
    both = llo.joint({"few": llo.mean("hours", few), "many": llo.mean("hours", many)})
    pair = llo.mean(["worked > 39.87654", "training"], svy)
    folder = llo.report.export(
        {"both": both, "pair": pair, "gone": llo.mean("hours", svy.where("id == 77"))}, tmp_path / "out"
    )
    text = outside(folder)
    assert "6.754" not in text and "123" not in re.findall(r"== (\d+)", text)
    assert "77" not in re.findall(r"== (\d+)", text) and "worked >= 15" in text
    assert not (folder / "gone.json").exists()
    assert "gone" in (folder / "control" / "control.md").read_text("utf-8")


def test_small_counts_of_missing_values_do_not_leave(tmp_path: Path) -> None:
    svy = restricted()
    frame = svy.frame
    lost = frame["worked"].where(np.arange(len(frame)) >= 4)  # four people without an answer
    result = llo.mean(["hours", "lost"], svy.assign(lost=lost), missing="available")
    assert result.meta["left_out"] == {"hours": 24, "lost": 4}
    back = llo.read_result(llo.report.export(result, tmp_path / "out") / "result")
    assert back.meta["left_out"] == {"hours": 20}


def test_ends_that_are_people_do_not_leave(tmp_path: Path) -> None:
    svy = restricted()
    tails = llo.quantile("hours", svy, q=[0.01, 0.03, 0.5, 0.99])
    back = llo.read_result(llo.report.export(tails, tmp_path / "out") / "result")
    told = back.meta["exported"]
    gone = np.array(told["withheld"]) | np.array(told["ends"])
    assert gone.tolist() == [True, True, False, True]
    assert np.isnan(back.ends[0][gone]).all() and np.isnan(back.std_error[gone]).all()


def test_a_table_book_does_not_tell_cells_from_a_rest_that_is_withheld(tmp_path: Path) -> None:
    book = llo.banner(["training", "contract"], restricted().where("year == 2014"), by=["education", "h"])
    back = llo.read_result(llo.report.export(book, tmp_path / "out") / "result")
    frame = back.to_frame()
    broken = frame.groupby(["variable", "answer", "group"], dropna=False)["estimate"].transform(
        lambda x: x.isna().any()
    )
    assert broken.any() and not broken.all()
    apart = frame[broken]
    assert apart[["difference", "difference_low", "difference_high", "p_value", "effect"]].isna().all(axis=None)
    assert not apart["flag"].str.contains("above|below|weak").any()
    assert np.isfinite(frame.loc[~broken, "difference"]).any()


@pytest.mark.parametrize("condition", ["number != 345", "hours > -1 & number != 34", "number != 345 or sex == 'v'"])
def test_a_condition_that_all_but_one_meet_is_told_by_its_columns(condition: str, tmp_path: Path) -> None:
    """The mean of all but one leaves; whom the condition leaves out does not."""
    svy = restricted()
    svy = svy.assign(number=np.arange(len(svy)))
    results = {"m": llo.mean("hours", svy.where(condition))}
    results["j"] = llo.joint({"a": results["m"], "b": results["m"]})
    for name, one in results.items():
        folder = llo.report.export({name: one}, tmp_path / name)
        told = "".join((folder / f"{name}.{ending}").read_text("utf-8") for ending in ("json", "csv"))
        assert condition not in told and re.search(r"(?<![\d.])34(5)?(?![\d.])", told) is None and "number" in told
        assert llo.read_result(folder / name).summary()
    wide = llo.report.export({"m": llo.mean("hours", svy.where("number >= 100"))}, tmp_path / "wide")
    assert "number >= 100" in (wide / "m.json").read_text("utf-8")

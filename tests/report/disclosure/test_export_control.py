"""The documents for an officer tell what leaves, who stands behind it, and what was not checked."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.report.disclosure.people import PATH, restricted


@pytest.fixture(scope="module")
def results() -> dict[str, llo.Result]:
    """Tables with withheld rows, a model, and a crosstab."""
    svy = restricted()
    return {
        "means": llo.mean("hours", svy.where("year == 2014"), by=["education", "contract"]),
        "fit": llo.glm("training ~ sex + education", svy, family="binomial"),
        "table": llo.crosstab("education", "contract", svy),
    }


@pytest.mark.parametrize(("language", "words"), [("en", "stays inside"), ("nl", "blijft binnen")])
def test_an_officer_reads_what_leaves(
    language: str, words: str, results: dict[str, llo.Result], tmp_path: Path
) -> None:
    folder = llo.report.export(results, tmp_path / "out", language=language)
    page, text = ((folder / "control" / f"control.{kind}").read_text("utf-8") for kind in ("html", "md"))
    assert words in text.split("##")[0] and words in page.split("<h2>")[0]
    assert f'lang="{language}"' in page and "http" not in page.replace('charset="utf-8"', "")
    for file in folder.glob("*.*"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() in text and file.name in page
    assert ("UNCONFIRMED" if language == "en" else "NIET BEVESTIGD") in text
    for name in results:
        assert f"### {name}" in text
    assert "llo.glm('training ~ sex + education'" in text and PATH in text
    assert not re.search(r"\bnan\b|None|<NA>", text)


def test_every_row_has_its_people(results: dict[str, llo.Result], tmp_path: Path) -> None:
    folder = llo.report.export(results, tmp_path / "out")
    counts = pd.read_csv(folder / "control" / "counts.csv")
    for name, result in results.items():
        own = counts[counts["result"] == name]
        assert len(own) == len(result.estimate)
        assert own["n"].to_numpy().tolist() == np.asarray(result.n).tolist(), name
    told = pd.read_csv(folder / "means.csv")
    leaves = counts[(counts["result"] == "means") & (counts["leaves"] == "yes")]
    assert sorted(leaves["n"]) == sorted(told.loc[told["withheld"] != "yes", "n"])
    why = pd.read_csv(folder / "control" / "suppressed.csv")
    gone = counts[(counts["result"] == "means") & (counts["leaves"] == "no")]
    named = why[why["result"] == "means"][["education", "contract"]].drop_duplicates()
    assert len(named) == len(gone) > 0 and why["rule"].notna().all()


def test_the_files_beside_the_document_speak_its_language_and_count_in_whole_numbers(
    results: dict[str, llo.Result], tmp_path: Path
) -> None:
    inside = llo.report.export(results, tmp_path / "out", language="nl") / "control"
    why = pd.read_csv(inside / "suppressed.csv", dtype=str)
    assert why["why"].str.contains("person|rij").all() and not why["why"].str.contains("people|needed|row").any()
    counts = pd.read_csv(inside / "counts.csv", dtype=str)
    assert not counts[["n", "n_units", "df"]].stack().str.contains(r"\.").any()
    unchecked = (inside / "control.md").read_text("utf-8").partition("## Wat niet kon worden nagegaan")[2]
    assert "left_before" in unchecked.partition("##")[0] and "is nagegaan" not in unchecked.partition("##")[0]


@pytest.mark.parametrize(("language", "words"), [("en", "and leaves all the same"), ("nl", "gaat toch naar buiten")])
def test_an_officer_sees_what_leaves_though_nearly_all_are_alike(tmp_path: Path, language: str, words: str) -> None:
    frame = pd.DataFrame({"yes": [1] * 160 + [0] * 1840, "hours": np.linspace(8, 40, 2000), "w": 1.0})
    svy = llo.Survey(frame, weights="w")
    rare = {"rare": llo.mean("yes", svy), "hours": llo.mean("hours", svy)}
    text = (llo.report.export(rare, tmp_path / "a", language=language) / "control" / "control.md").read_text("utf-8")
    told = text.partition(words)[2].partition("##")[0]
    assert "| rare | yes | 92.0 % | 160 |" in told and "hours" not in told
    strict = llo.report.export(rare, tmp_path / "b", profile="strict", language=language)
    assert words not in (strict / "control" / "control.md").read_text("utf-8")


def test_a_saved_result_says_that_differences_were_not_checked(results: dict[str, llo.Result], tmp_path: Path) -> None:
    saved = llo.read_result(results["means"].save(tmp_path / "means"))
    folder = llo.report.export({"means": saved}, tmp_path / "out")
    assert "not checked" in (folder / "control" / "control.md").read_text("utf-8")


def test_an_officer_sees_where_a_profile_asks_less_than_the_usual_one(
    results: dict[str, llo.Result], tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    rules = "units = 5\ncomplement = 10\nlargest_share = 0.6\none_category = 0.85\none_category_others = 20\n"
    own.write_text(f'title = "own"\n[rules.restricted]\n{rules}', encoding="utf-8")
    text = (llo.report.export(results, tmp_path / "a", profile=own) / "control" / "control.md").read_text("utf-8")
    looser = [line for line in text.splitlines() if "LOOSER than the profile cbs" in line]
    assert [re.findall(r"\d+", line) for line in looser] == [["5", "10"], ["60", "50"], ["20", "100"]]
    usual = llo.report.export(results, tmp_path / "b", profile="cbs") / "control" / "control.md"
    assert "LOOSER" not in usual.read_text("utf-8")


def test_a_profile_of_ones_own(results: dict[str, llo.Result], tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'confirmed = "2026-01-31"\n[title]\nnl = "eigen regels"\nen = "own rules"\n'
        "[rules.restricted]\nunits = 30\ncomplement = 10\nlargest_share = 0.5\n",
        encoding="utf-8",
    )
    strict = llo.report.export(results, tmp_path / "out", profile=own)
    assert "2026-01-31" in (strict / "control" / "control.md").read_text("utf-8")
    back = llo.read_result(strict / "means")
    assert np.nanmin(back.n) >= 30
    assert "own, confirmed on 2026-01-31" in str(back.receipt())
    assert back.meta["exported"]["rules"]["units"] == 30


def test_counts_are_rounded_where_the_profile_asks(results: dict[str, llo.Result], tmp_path: Path) -> None:
    own = tmp_path / "tens.toml"
    own.write_text(
        'confirmed = ""\n[title]\nnl = "op tientallen"\nen = "to tens"\n'
        "[rules.restricted]\nunits = 10\ncomplement = 10\nlargest_share = 0.5\n[export]\nrounding = 10\n",
        encoding="utf-8",
    )
    folder = llo.report.export(results, tmp_path / "out", profile=own)
    for name in ("means", "fit"):
        inside, back = results[name], llo.read_result(folder / name)
        shown = np.isfinite(back.estimate)
        where = [list(inside.labels).index(label) for label, out in zip(back.labels, shown, strict=True) if out]
        assert back.n is not None and inside.n is not None
        assert np.abs(back.n[shown] - inside.n[where]).max() <= 5 and (back.n[shown] % 10 == 0).all()
        assert (back.df[shown] <= inside.df[where]).all() and (back.df[shown] % 10 == 0)[back.df[shown] > 10].all()
        assert not {"n_eff", "deff", "sum_weights"} & set(back.to_frame())
    assert "rounded to 10" in (folder / "README.txt").read_text("utf-8")
    table = pd.read_csv(folder / "means.csv")
    assert (table["n"].dropna() % 10 == 0).all() and np.isclose(table["estimate"], table["estimate"]).any()

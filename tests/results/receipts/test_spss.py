"""Proves that scripts for SPSS say what ours does: conditions by its logic, syntax by files held against the manual."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.results.receipts.spss.words import condition, known_column, name
from llo_research.results.receipts.told import told_of
from tests.results.receipts import golden
from tests.results.receipts.spss_logic import Spss

LEVELS = ["low", "middle", "high"]


def survey(n: int = 240, seed: int = 5) -> llo.Survey:
    """Waves of clusters in strata, with missing values of every kind."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"year": np.repeat([2018, 2022], n // 2), "h": np.arange(n) % 3, "firm": np.arange(n) // 6})
    frame["w"] = rng.gamma(4, 25, n)
    frame["education"] = pd.Categorical(rng.choice([*LEVELS, None], n), LEVELS, ordered=True)
    frame["age"] = np.where(rng.random(n) < 0.1, np.nan, rng.integers(18, 70, n))
    frame["training"] = np.where(rng.random(n) < 0.1, np.nan, rng.random(n) < 0.5).astype(float)
    frame["sex"] = rng.choice(["m", "v", None], n)
    frame["hours per week"] = rng.integers(0, 40, n)
    labels = {"education": {"en": "Education", "values": {"low": {"nl": "laag"}, "high": {"nl": "hoog"}}}}
    return llo.Survey(frame, weights="w", strata=["year", "h"], psu="firm", time="year", labels=labels)


def calls(svy: llo.Survey) -> dict[str, llo.Result]:
    """One result of each kind."""
    adults = svy.where("age >= 25 & education != 'laag'")
    by = {"by": "education"}
    gap = {"group": "education", "of": "high", "minus": "low"}
    return {
        "mean": llo.mean(["training", "age"], adults, by=["year", "education"]),
        "share": llo.share("sex", svy, by="year"),
        "condition": llo.mean("age >= 55", svy),
        "total": llo.total("hours per week", svy, by="sex"),
        "ratio": llo.ratio("training", "age", svy),
        "crosstab": llo.crosstab("education", "training", svy),
        "gap": llo.gap("training", svy, by="year", **gap),
        "gap_of_conditions": llo.gap("training", svy, of="age >= 55", minus="age < 35"),
        "change": llo.change("training", svy, time="year", base=2018, **by),
        "gap_change": llo.gap_change("training", svy, time="year", base=2018, **gap),
        "contrast": llo.mean("training", svy, **by).contrast({"high": 1, "low": -0.5, "middle": -0.5}),
        "odds": llo.gap("training", svy, scale="odds", **gap),
        "linear_model": llo.glm("age ~ education * training + `hours per week` + sex", svy),
        "logit": llo.glm("training ~ C(education) + age", adults, family="binomial"),
        "ordered": llo.ordered("education ~ age", svy),
        "quantile": llo.quantile("age", svy, q=0.5),
        "by_mask": llo.mean("training", svy.where(svy.frame["age"] > 40)),
        "calibrated": llo.mean("training", llo.calibrate(svy, {"year": {2018: 1e4, 2022: 2e4}})),
    }


@pytest.mark.parametrize("kind", [*golden.CASES, *golden.MADE_OF])
def test_scripts_are_those_that_were_held_against_the_manual(kind: str) -> None:
    assert golden.place(kind, "spss").read_text(encoding="utf-8") == golden.script(kind, "spss")


def test_conditions_are_worth_the_same_in_spss(tmp_path: Path) -> None:
    """A thousand random conditions on missing numbers, levels, texts; unknown is neither true nor false."""
    svy = survey()
    told = told_of(llo.mean("age", svy, by=["education", "sex"]))
    data = svy.frame.rename(columns=lambda column: name(str(column)))
    data["education"] = data["education"].cat.codes.replace(-1, np.nan) + 1
    data["sex"] = np.where(data["sex"].isna(), "", data["sex"]).astype(object)
    data[known_column(told, "sex")] = np.where(data["sex"] != "", 1.0, np.nan)
    rng = np.random.default_rng(11)
    leaves = [
        "age >= 40",
        "age in [20, 30, 40]",
        "education == 'hoog'",
        "education < 'high'",
        "sex == 'v'",
        "isna(sex)",
    ]
    leaves += [
        "sex != 'm'",
        "notna(age)",
        "training == 1",
        "`hours per week` / age > 0.5",
        "age % 3 == 1",
        "sex in ['v']",
    ]
    leaves += ["20 < age <= 60", "isna(training)", "age - `hours per week` > -2"]

    def grown(depth: int) -> str:
        if depth == 0 or rng.random() < 0.2:
            return str(rng.choice(leaves))
        if rng.random() < 0.3:
            return f"not ({grown(depth - 1)})"
        return f"({grown(depth - 1)}) {rng.choice(['and', 'or', '&', '|'])} ({grown(depth - 1)})"

    different = 0
    for _ in range(1000):
        words = grown(3)
        true, missing = Spss(condition(told, words), data).truth()
        ours = svy.assign(c=words).frame["c"].astype("boolean")
        np.testing.assert_array_equal(true, ours.fillna(False).to_numpy(dtype=bool), err_msg=words)
        np.testing.assert_array_equal(missing, ours.isna().to_numpy(), err_msg=words)
        different += bool(missing.any())
    assert different > 300


@pytest.mark.parametrize("kind", list(calls(survey())))
def test_syntax(kind: str, tmp_path: Path) -> None:
    """Commands end with a full stop, quotes close, lines fit, and each column is in the file or made by the script."""
    svy = survey()
    result = calls(svy)[kind]
    script = result.to_spss()
    commands = [part for part in re.split(r"(?<=\.)\n", script) if part.strip()]
    words_of_file = {name(str(column)).lower() for column in svy.frame} | {"in_domain", "final_weight"}
    made = {word.lower() for word in re.findall(r"(?:COMPUTE|IF \([^\n]*\)) (\w+) =", script)}
    for part in commands:
        body = part.strip()
        assert body.endswith("."), body
        if body.startswith("*"):
            assert "\n" not in body
            continue
        assert all(len(line) <= 120 for line in body.splitlines())
        assert re.sub(r"'(?:[^']|'')*'", "", body).count("'") == 0, body
        bare = re.sub(r"'(?:[^']|'')*'", "", body)
        assert bare.count("(") == bare.count(")"), body
        if body.startswith(("COMPUTE", "RECODE", "SELECT", "MEANS", "CSGLM", "CSLOGISTIC", "CSORDINAL", "WEIGHT BY")):
            for word in re.findall(r"\b[a-z]\w*\b", bare):
                assert word in words_of_file | made or word == "e", (word, body)


def test_what_spss_cannot_do_is_said_first() -> None:
    found = calls(survey())
    assert "takes calibrated weights as they are" in found["calibrated"].to_spss()
    assert "knows the design" in found["quantile"].to_spss()
    assert "Ratios and odds ratios" in found["odds"].to_spss()
    assert "is called hours_per_week" in found["total"].to_spss()
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": rng.normal(size=30), "w": 1.0, **{f"r{i}": rng.gamma(3, 1, 30) for i in range(8)}})
    replicated = llo.Survey(frame, weights="w", replicate_weights="r[0-7]", replicate_method="brr")
    assert "takes no replicate weights" in llo.mean("y", replicated).to_spss()


def test_roles_of_the_plan_are_analysed_by_a_copy() -> None:
    """Complex Samples refuses a weight, stratum or cluster among the variables that it analyses."""
    svy = survey()
    assert "COMPUTE h_copy = h." in llo.mean("h", svy).to_spss()
    assert "/SUMMARY VARIABLES=h_copy" in llo.mean("h", svy).to_spss()
    assert "CSGLM w_copy WITH" in llo.glm("w ~ age", svy).to_spss()
    assert "CSGLM w_copy WITH" in llo.change("w", svy, time="year", base=2018).to_spss()


def test_a_stack_stands_on_the_columns_of_its_file() -> None:
    """Each survey has its own strata and weights; the file of a stack has them in columns of one name."""
    one, other = survey(120), survey(120, seed=6)
    script = llo.mean("training", llo.stack({"one": one, "other": other}), by="survey").to_spss()
    assert "ANALYSISWEIGHT=stack_weight" in script and "/DESIGN STRATA=stack_stratum CLUSTER=stack_psu" in script


def test_waves_with_people_who_return_keep_their_cells() -> None:
    frame = survey().frame
    frame["person"] = np.tile(np.arange(len(frame) // 2), 2)
    svy = llo.Survey(frame, weights="w", strata=["year", "h"], unit="person", time="year")
    result = llo.change("training", svy, time="year", base=2018, simultaneous=True)
    script = result.to_spss()
    first = script.split("GET FILE")[0].replace(".\n* ", " ")
    assert "/CUSTOM LABEL='training' LMATRIX=cell_1 1 cell_2 -1" in script
    assert "waves that share people" in first and "Joint intervals are not made" in first


def test_levels_are_counted_and_never_averaged() -> None:
    """A share of whole numbers, and a total of a category, are of their levels: codes are no numbers."""
    svy = survey()
    frame = svy.frame.assign(k=np.arange(len(svy)) % 3)
    coded = llo.Survey(frame, weights="w", strata=["year", "h"], psu="firm", time="year")
    assert "/TABLES VARIABLES=k" in llo.share("k", coded).to_spss()
    total = llo.total("education", svy).to_spss()
    assert "/CELLS POPSIZE" in total and "CSDESCRIPTIVES" not in total


def test_fractions_are_chances_to_be_drawn() -> None:
    """An fpc of fractions is no size of a population; weights that follow from it are in no column of the file."""
    frame = survey().frame
    frame["f"], frame["size"] = 0.25, 400
    drawn = {"strata": ["year", "h"], "psu": "firm"}
    assert "/INCLPROB VARIABLE=f" in llo.mean("training", llo.Survey(frame, weights="w", fpc="f", **drawn)).to_spss()
    assert (
        "/POPSIZE VARIABLE=size" in llo.mean("training", llo.Survey(frame, weights="w", fpc="size", **drawn)).to_spss()
    )
    script = llo.mean("training", llo.Survey(frame, fpc="f", **drawn)).to_spss()
    assert "The weights follow from the fpc columns" in script and "CSDESCRIPTIVES" not in script


@pytest.mark.parametrize("call", ["margins", "median", "variance", "correlation", "fixed_effects"])
def test_no_other_number_stands_for_one_that_spss_cannot_give(call: str) -> None:
    svy = survey()
    frame = svy.frame.assign(person=np.tile(np.arange(len(svy) // 2), 2))
    panel = llo.Survey(frame, weights="w", unit="person", time="year")
    made = {
        "margins": lambda: llo.glm("training ~ age", svy, family="binomial").margins(["age"]),
        "median": lambda: llo.quantile("age", svy, q=0.5),
        "variance": lambda: llo.variance("age", svy),
        "correlation": lambda: llo.correlation(["age", "training"], svy),
        "fixed_effects": lambda: llo.panel.fixed_effects("age ~ training", panel, vcov="cluster"),
    }
    script = made[call]().to_spss()
    assert "Nearest:" in script.replace(".\n* ", " ") and "/MEAN" not in script and "CELLS=MEAN" not in script
    assert script.startswith("* Towards the numbers of")


def test_what_was_added_to_a_result_is_told() -> None:
    gap = llo.gap("training", survey(), group="education", of="high", minus="low")
    assert "Not made: p_adjusted" in gap.adjusted("holm").to_spss()
    assert "GET FILE reads .sav only" in gap.to_spss("data.csv")


def test_a_condition_on_one_survey_of_a_stack_leaves_the_others_in() -> None:
    one, other = survey(120), survey(120, seed=6)
    stack = llo.stack({"one": one.where("age >= 40"), "other": other})
    script, stata = llo.mean("training", stack).to_spss(), llo.mean("training", stack).to_stata()
    assert "(survey <> " in script and ") OR (age >= 40)" in script
    assert "survey != " in stata and "age >= 40" in stata

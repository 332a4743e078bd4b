"""Proves that what was planted is found, by the rule that it breaks, and that ordinary tables pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide
from llo_research.results.result import Result


def people(n: int = 1200, seed: int = 1) -> pd.DataFrame:
    """Persons with a group, a sex, an age, a yes or no, and hours; weights differ."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "group": rng.choice(list("abcd"), n),
            "sex": rng.choice(["m", "v"], n),
            "age": rng.integers(20, 60, n),
            "yes": rng.integers(0, 2, n),
            "choice": pd.Categorical(rng.choice(["p", "q", "r"], n)),
            "hours": rng.gamma(4.0, 8.0, n).round(1),
            "w": rng.uniform(1, 3, n),
        }
    )


def survey(frame: pd.DataFrame) -> llo.Survey:
    """A survey of it."""
    return llo.Survey(frame, weights="w")


def found(results: Result | Mapping[str, Result], profile: str = "cbs") -> set[tuple[str, int, str]]:
    """(result, row, rule) of what is found."""
    parts = {"result": results} if isinstance(results, Result) else results
    frame = decide(parts, profile).findings
    return set(zip(frame["name"], frame["row"], frame["rule"], strict=True))


def rules_of(results: Result | Mapping[str, Result]) -> set[str]:
    """The rules that are broken anywhere."""
    return {rule for _, _, rule in found(results)}


# -- safe -------------------------------------------------------------------------------------------------------------


def test_ordinary_tables_pass() -> None:
    svy = survey(people())
    results = {
        "all": llo.mean(["yes", "hours"], svy),
        "by group": llo.mean("yes", svy, by="group"),
        "by both": llo.mean("yes", svy, by=["group", "sex"]),
        "levels": llo.share("choice", svy, by="group"),
        "table": llo.crosstab("group", "choice", svy),
        "gap": llo.gap("yes", svy, group="sex", of="v", minus="m", by="group"),
        "total": llo.total("yes", svy, by="sex"),
        "median": llo.quantile("hours", svy, q=0.5, by="group"),
        "model": llo.glm("yes ~ group + hours", svy, family="logit"),
        "correlation": llo.correlation(["hours", "age"], svy),
        "parts": llo.decomposition.oaxaca_blinder("hours ~ age + group", svy, group="sex", of="v", minus="m"),
    }
    decision = decide(results)
    assert decision.findings.empty and decision.checked == ()
    assert not any(gone.any() for gone in decision.hidden.values())


def test_a_saturated_model_of_large_groups_passes() -> None:
    assert not found(llo.glm("hours ~ group * sex", survey(people())))


# -- one row by itself ------------------------------------------------------------------------------------------------


def test_a_small_cell() -> None:
    frame = people()
    frame.loc[:6, "group"] = "e"
    small = llo.mean("hours", survey(frame), by="group")
    told = found(small)
    assert ("result", 4, "few") in told
    # and one other cell, since the number of all persons is known
    assert {rule for _, row, rule in told if row != 4} == {"secondary"} and len({row for _, row, _ in told}) == 2


def test_dominance() -> None:
    frame = people(200)
    frame.loc[3, "hours"] = 1e6
    assert ("result", 0, "dominance") in found(llo.total("hours", survey(frame)))


@pytest.mark.parametrize("answer", [0, 1])
def test_few_on_one_side_of_a_share(answer: int) -> None:
    frame = people(400)
    frame["yes"] = 1 - answer
    frame.loc[:5, "yes"] = answer
    assert ("result", 0, "complement") in found(llo.mean("yes", survey(frame)))


@pytest.mark.parametrize("answer", [0, 1])
def test_nearly_everybody_in_one_category(answer: int) -> None:
    frame = people(1000)
    frame["yes"] = answer
    frame.loc[:98, "yes"] = 1 - answer  # 99 of 1000: 90.1 % agree
    assert found(llo.mean("yes", survey(frame))) == {("result", 0, "one_category")}
    frame.loc[99, "yes"] = 1 - answer  # 90 %, as many as may be
    assert not found(llo.mean("yes", survey(frame)))


@pytest.mark.parametrize("answer", [0, 1])
def test_a_hundred_outside_are_enough_unless_the_rule_says_otherwise(answer: int) -> None:
    frame = people(2000)
    frame["yes"] = answer
    frame.loc[:159, "yes"] = 1 - answer  # 160 of 2,000: 92 % agree, and nothing is told of each of them
    result = llo.mean("yes", survey(frame))
    assert not found(result)
    assert found(result, "strict") == {("result", 0, "one_category")}
    frame.loc[99:159, "yes"] = answer  # 99 are left outside
    assert found(llo.mean("yes", survey(frame))) == {("result", 0, "one_category")}


def test_a_row_of_a_crosstab_with_a_hundred_in_its_other_cells_passes() -> None:
    frame = people(6000)
    frame.loc[frame["group"] == "a", "choice"] = "q"
    frame.loc[frame.index[frame["group"] == "a"][:120], "choice"] = "p"
    table = {"table": llo.crosstab("group", "choice", survey(frame))}
    assert "one_category" not in rules_of(table)
    assert "one_category" in {rule for _, _, rule in found(table, "strict")}


def test_one_answer_of_numbers() -> None:
    frame = people(300)
    frame.loc[frame["group"] == "b", "hours"] = 36.0
    result = llo.mean("hours", survey(frame), by="group")
    assert ("result", 1, "one_category") in found(result)
    # a gap with that group tells it as well
    gap = llo.gap("hours", survey(frame), group="group", of="b", minus="a")
    assert ("result", 0, "one_category") in found(gap)


def test_a_row_of_a_crosstab_in_one_cell() -> None:
    frame = people()
    frame.loc[frame["group"] == "a", "choice"] = "q"
    frame.loc[frame.index[frame["group"] == "a"][:12], "choice"] = "p"
    table = llo.crosstab("group", "choice", survey(frame))
    at = [
        i
        for i, (g, c) in enumerate(zip(table.rows["group"], table.rows["choice"], strict=True))
        if (g, c) == ("a", "q")
    ]
    assert ("result", at[0], "one_category") in found(table)


def test_a_quantile_near_the_end() -> None:
    result = llo.quantile("hours", survey(people(150)), q=[0.02, 0.5])
    told = found(result)
    assert ("result", 0, "extreme") in told and not any(row == 1 for _, row, _ in told)


def test_few_persons_beside_the_coefficients() -> None:
    frame = people(24)
    frame["x1"], frame["x2"], frame["x3"] = np.random.default_rng(5).normal(size=(3, 24))
    model = llo.glm("hours ~ x1 + x2 + x3 + age", survey(frame))
    assert "degrees_of_freedom" not in rules_of(model)  # 24 less 5
    more = llo.glm(
        "hours ~ x1 + x2 + x3 + age + I(x1 ** 2) + I(x2 ** 2) + I(x3 ** 2) + x1:x2 + x1:x3 + x2:x3 + w + yes + age:w"
        " + age:x1",
        survey(frame),
    )
    assert {row for _, row, rule in found(more) if rule == "degrees_of_freedom"} == set(range(15))


def test_a_saturated_model() -> None:
    frame = people()
    frame["flag"] = ((frame["group"] == "a") & (frame["sex"] == "m")).astype(int)
    frame.loc[frame.index[frame["flag"] == 1][4:], "sex"] = "v"  # four men are left in group a
    model = llo.glm("hours ~ group * sex", survey(frame))
    assert {row for _, row, rule in found(model) if rule == "saturated"} == set(range(8))


def test_a_model_that_singles_out_one_person() -> None:
    frame = people(300)
    frame["x"] = np.random.default_rng(2).normal(size=300)
    frame.loc[0, "x"] = 1e4  # the line goes through this person
    assert "saturated" in rules_of(llo.glm("hours ~ x", survey(frame)))


def test_margins_of_a_saturated_model() -> None:
    frame = people()
    frame.loc[frame.index[(frame["group"] == "a") & (frame["sex"] == "m")][4:], "sex"] = "v"
    margins = llo.glm("hours ~ group * sex", survey(frame)).margins(by=["group", "sex"])
    assert rules_of(margins) & {"saturated", "few"}


def test_a_decomposition_of_a_group_of_five() -> None:
    frame = people(300)
    frame["sex"] = ["v"] * 5 + ["m"] * 295
    parts = llo.decomposition.oaxaca_blinder("hours ~ age", survey(frame), group="sex", of="v", minus="m")
    told = found(parts)
    assert {row for _, row, rule in told if rule == "few"} >= {0, 1} or len({row for _, row, _ in told}) == len(
        parts.rows
    )
    assert decide({"result": parts}).hidden["result"].all()


# -- together ---------------------------------------------------------------------------------------------------------


def test_domains_that_differ_by_a_few() -> None:
    frame = people()
    frame["age"] = np.where(np.arange(1200) < 6, 20, np.maximum(frame["age"], 21))
    svy = survey(frame)
    every, older = llo.mean("hours", svy), llo.mean("hours", svy.where("age >= 21"))
    assert not found(every) and not found(older)
    told = decide({"every": every, "older": older}).findings
    assert told["rule"].tolist() == ["difference"] and told["found"].tolist() == [6]
    # of other variables the counts are told beside each other as well, where a condition says whose they are
    other = decide({"every": every, "older": llo.mean("yes", svy.where("age >= 21"))}).findings
    assert set(other["rule"]) == {"difference"} and set(other["found"]) == {6}
    frame.loc[:5, "yes"] = np.nan  # a missing answer says nothing of whom
    assert not found({"every": llo.mean("hours", survey(frame)), "older": llo.mean("yes", survey(frame))})


def test_domains_that_overlap_but_for_a_few_on_both_sides() -> None:
    frame = people()
    frame["age"] = np.where(np.arange(1200) < 3, 20, np.where(np.arange(1200) < 7, 60, 40))
    svy = survey(frame)
    both = {"to 59": llo.mean("hours", svy.where("age < 60")), "from 21": llo.mean("hours", svy.where("age > 20"))}
    assert rules_of(both) == {"difference"}


def test_answers_of_those_by_whom_two_groups_differ() -> None:
    frame = people(2000)
    younger = np.arange(2000) < 60
    frame["age"], frame["yes"] = np.where(younger, 20, 40), np.where(younger, 0, frame["yes"])
    frame.loc[:2, "yes"] = 1  # three of the sixty
    svy = survey(frame)
    both = {"every": llo.mean("yes", svy), "older": llo.mean("yes", svy.where("age > 20"))}
    assert not found(both["every"]) and not found(both["older"])
    assert "difference" in rules_of(both)


def test_a_total_and_the_parts_that_it_has() -> None:
    frame = people()
    frame.loc[:5, "group"] = None
    svy = survey(frame)
    parts, total = llo.mean("hours", svy, by="group"), llo.mean("hours", svy)
    assert not found(parts) and not found(total)
    assert "difference" in rules_of({"parts": parts, "total": total})


def test_two_results_that_only_together_give_a_cell_away() -> None:
    frame = people()
    frame["wide"] = np.where(frame["group"].isin(["a", "b"]), "ab", "cd")
    frame.loc[frame.index[frame["group"] == "b"][4:], "group"] = "a"  # four in group b
    svy = survey(frame)
    fine, wide = llo.mean("hours", svy.where("group != 'b'"), by="group"), llo.mean("hours", svy, by="wide")
    assert not found(fine) and not found(wide)
    assert "difference" in rules_of({"fine": fine, "wide": wide})


def test_what_left_before_counts() -> None:
    frame = people()
    frame["age"] = np.where(np.arange(1200) < 6, 20, np.maximum(frame["age"], 21))
    svy = survey(frame)
    every, older = llo.mean("hours", svy), llo.mean("hours", svy.where("age >= 21"))
    decision = decide({"older": older}, left_before={"every": every})
    assert decision.hidden["older"].all() and decision.findings["rule"].tolist() == ["difference"]


def test_what_cannot_be_mended_is_said() -> None:
    frame = people()
    frame["age"] = np.where(np.arange(1200) < 6, 20, np.maximum(frame["age"], 21))
    svy = survey(frame)
    before = {"every": llo.mean("hours", svy), "older": llo.mean("hours", svy.where("age >= 21"))}
    decision = decide({"groups": llo.mean("hours", svy, by="group")}, left_before=before)
    assert any("follow from what is known already" in text for text in decision.checked)
    assert not decision.hidden["groups"].any()


def test_a_crosstab_and_its_shares_by_row_hide_the_same_cells() -> None:
    frame = people()
    at = frame.index[(frame["group"] == "a") & (frame["choice"] == "p")]
    frame.loc[at[4:], "choice"] = "q"  # four are left
    table = llo.crosstab("group", "choice", survey(frame))
    results = {"table": table, "rows": table.shares("row"), "columns": table.shares("column")}
    assert ("table", 0, "complement") in found(results)
    hidden = decide(results).hidden
    cells = hidden["table"].reshape(4, 3)
    assert cells[0, 0] and hidden["rows"].reshape(4, 3).tolist() == cells.tolist()
    assert not any(line.sum() == 1 for line in [*cells, *cells.T])


def test_a_hidden_cell_is_not_the_rest_of_a_margin() -> None:
    frame = people()
    frame.loc[frame.index[(frame["group"] == "a") & (frame["sex"] == "m")][6:], "sex"] = "v"
    svy = survey(frame)
    results = {
        "cells": llo.mean("hours", svy, by=["group", "sex"]),
        "rows": llo.mean("hours", svy, by="group"),
        "columns": llo.mean("hours", svy, by="sex"),
    }
    hidden = decide(results).hidden
    by_cell = hidden["cells"].reshape(4, 2)
    assert by_cell[0, 0]
    for line in [*by_cell, *by_cell.T]:
        assert line.sum() != 1
    assert not hidden["rows"].any() and not hidden["columns"].any()


def test_what_was_withheld_before_did_not_leave() -> None:
    frame = people()
    frame.loc[frame.index[frame["group"] == "b"][8:], "group"] = "a"  # eight in group b
    svy = survey(frame)
    before = {"by group": llo.mean("yes", svy, by="group"), "all": llo.mean("yes", svy)}
    decision = decide({"hours": llo.mean("hours", svy, by="group")}, left_before=before)
    assert decision.hidden["hours"].tolist() == decide(before).hidden["by group"].tolist()
    assert decision.hidden["hours"].sum() == 2 and not decision.checked


@pytest.mark.parametrize("others", [0, 1, 9, 10])
@pytest.mark.parametrize("q", [0.25, 0.5, 0.75])
def test_a_quantile_that_nearly_everybody_has(others: int, q: float) -> None:
    frame = people()
    inside = frame.index[frame["group"] == "b"]
    frame.loc[inside[others:], "hours"] = 36.0
    frame.loc[inside[:others], "hours"] = 1.0 + np.arange(others)
    told = found(llo.quantile("hours", survey(frame), q=q, by="group"))
    assert (("result", 1, "complement") in told) == (others < 10)
    assert not {row for _, row, _ in told} - ({1} if others < 10 else set())


@pytest.mark.parametrize("few", [9, 10])
@pytest.mark.parametrize("size", [1.0, 7.5])
def test_a_number_that_few_of_a_group_have_in_a_decomposition(few: int, size: float) -> None:
    frame = people()
    men = frame.index[frame["sex"] == "m"]
    frame["rare"] = np.where(frame["sex"] == "v", np.arange(len(frame)) % 5 == 0, 0) * size
    frame.loc[men[:few], "rare"] = size
    frame["few"] = np.where(frame["rare"] > 0, "few", "most")
    svy, sides = survey(frame), {"group": "sex", "of": "v", "minus": "m"}
    for term in ("rare", "few"):
        parts = llo.decomposition.oaxaca_blinder(f"hours ~ age + {term}", svy, **sides)
        decision, terms = decide({"parts": parts}), parts.rows["term"].str.startswith(term)
        sums = (parts.rows["term"] == "total") & parts.rows["component"].isin(["explained", "unexplained"])
        assert decision.hidden["parts"].tolist() == ((terms | sums) & (few < 10)).tolist()
        whole = llo.decomposition.oaxaca_blinder(f"hours ~ age + {term}", svy, **sides, detail=False)
        both = whole.rows["component"].isin(["explained", "unexplained"])
        assert decide({"whole": whole}).hidden["whole"].tolist() == (both & (few < 10)).tolist()

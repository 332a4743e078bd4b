"""Proves whom a result speaks of, against counts by hand on the frame, and that persons are counted, not rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide
from llo_research.report.disclosure.tables import Tables, add_result
from llo_research.results.result import Result


def waves(people: int = 200, seed: int = 3) -> pd.DataFrame:
    """Two rows a person; answers may change."""
    rng = np.random.default_rng(seed)
    n = 2 * people
    return pd.DataFrame(
        {
            "id": np.repeat(np.arange(people), 2),
            "year": np.tile([2019, 2021], people),
            "group": rng.choice(list("abc"), n),
            "yes": rng.integers(0, 2, n).astype(float),
            "choice": rng.choice(["p", "q", "r"], n),
            "w": rng.uniform(1, 3, n),
        }
    )


def told(result: Result) -> Tables:
    """The sets of persons of one result."""
    assert result.design is not None
    tables = Tables(result.design.n, result.design.persons)
    add_result(tables, "result", result)
    return tables


def sets_of(tables: Tables, row: int) -> dict[bool, set[int]]:
    """The rows in the cell of a row of a result (False), and those with the answer (True)."""
    claims = [tables.claims[i] for i in tables.rests["result", row]]
    return {claim.of >= 0: set(tables.sets[claim.set].tolist()) for claim in claims}


@pytest.mark.parametrize("how", ["plain", "calibrated", "replicates", "domain", "missing", "stacked"])
def test_persons_with_the_answer_are_those_of_the_frame(how: str) -> None:
    frame = waves()
    if how == "missing":
        frame.loc[::7, "yes"] = np.nan
    svy = llo.Survey(frame, weights="w", unit="id", time="year")
    inside = np.ones(len(frame), dtype=bool)
    if how == "calibrated":
        svy = llo.calibrate(svy, {"group": {"a": 200.0, "b": 300.0, "c": 250.0}}, method="linear")
    if how == "replicates":
        svy = llo.replicate(svy, method="jk1")
    if how == "domain":
        svy, inside = svy.where("year == 2021"), (frame["year"] == 2021).to_numpy()
    if how == "stacked":
        other = llo.Survey(waves(150, 8), weights="w", unit="id", time="year")
        svy = llo.stack({"one": svy, "two": other})
        frame = pd.concat([frame.assign(survey="one"), waves(150, 8).assign(survey="two")], ignore_index=True)
        inside = np.ones(len(frame), dtype=bool)
    shares, levels = llo.mean("yes", svy, by="group"), llo.share("choice", svy, by="group")
    tables = told(shares)
    for i, group in enumerate(shares.rows["group"]):
        cell = {
            j
            for j in range(len(frame))
            if inside[j] and frame["group"][j] == group and frame["yes"][j] == frame["yes"][j]
        }
        answer = {j for j in cell if frame["yes"][j] == 1}
        assert sets_of(tables, i) == {False: cell, True: answer}
    tables = told(levels)
    for i, (group, level) in enumerate(zip(levels.rows["group"], levels.rows["level"], strict=True)):
        answer = {
            j for j in range(len(frame)) if inside[j] and (frame["group"][j], frame["choice"][j]) == (group, level)
        }
        assert sets_of(tables, i)[True] == answer


def test_cells_of_crosstabs_gaps_changes_totals_and_joint_results() -> None:
    frame = waves()
    svy = llo.Survey(frame, weights="w", unit="id", time="year")
    table = llo.crosstab("group", "choice", svy)
    tables = told(table)
    for i, row in table.rows.iterrows():
        hit = (frame["group"] == row["group"]) & (frame["choice"] == row["choice"])
        assert sets_of(tables, int(i))[True] == set(np.flatnonzero(hit).tolist())  # type: ignore[arg-type]  # a number
    gap = llo.gap("yes", svy, group="group", of="a", minus="b")
    cells = {frozenset(gap_set.tolist()) for gap_set in told(gap).sets}
    for group in "ab":
        assert frozenset(np.flatnonzero(frame["group"] == group).tolist()) in cells
        assert frozenset(np.flatnonzero((frame["group"] == group) & (frame["yes"] == 1)).tolist()) in cells
    total = llo.joint({"t": llo.total("yes", svy), "m": llo.mean("yes", svy)})
    tables = told(total)
    for row in range(2):
        assert sets_of(tables, row)[True] == set(np.flatnonzero(frame["yes"] == 1).tolist())


def test_many_rows_of_few_persons() -> None:
    frame = pd.DataFrame({"id": np.repeat(np.arange(60), 5), "year": np.tile(range(2019, 2024), 60), "w": 1.0})
    rng = np.random.default_rng(4)
    frame["yes"] = rng.integers(0, 2, 300)
    frame["group"] = np.where(frame["id"] < 6, "few", "many")  # six persons, thirty rows
    svy = llo.Survey(frame, weights="w", unit="id", time="year")
    told_of = decide({"r": llo.mean("yes", svy, by="group")}).findings
    row = told_of[(told_of["group"] == "few") & (told_of["rule"] == "few")]
    assert row["found"].tolist() == [6]
    # without the person of each row they are thirty
    plain = decide({"r": llo.mean("yes", llo.Survey(frame.drop(columns="id"), weights="w"), by="group")}).findings
    assert "few" not in set(plain["rule"])


def test_answers_of_few_persons_in_many_rows() -> None:
    frame = pd.DataFrame({"id": np.repeat(np.arange(60), 5), "year": np.tile(range(2019, 2024), 60), "w": 1.0})
    frame["yes"] = (frame["id"] < 6).astype(int)  # thirty of three hundred rows, of six persons
    svy = llo.Survey(frame, weights="w", unit="id", time="year")
    rules = decide({"r": llo.mean("yes", svy)}).findings
    assert rules.loc[rules["rule"] == "complement", "found"].tolist() == [6]


def test_one_person_in_several_rows_makes_up_a_total() -> None:
    frame = pd.DataFrame({"id": np.repeat(np.arange(20), 4), "year": np.tile(range(4), 20), "pay": 1.0, "w": 1.0})
    frame.loc[frame["id"] == 3, "pay"] = 20.0  # 80 of 156 together, no row more than 20
    svy = llo.Survey(frame, weights="w", unit="id", time="year")
    total = llo.total("pay", svy)
    assert total.cells["largest_share"].tolist() == pytest.approx([80 / 156], rel=1e-12)
    assert set(decide({"r": total}).findings["rule"]) == {"dominance", "complement"}  # all others have the same


def test_a_result_over_imputations_is_checked_by_its_rows() -> None:
    frame = waves()
    frame["g"] = np.where(frame["id"] < 4, "few", "many")
    rng = np.random.default_rng(6)
    draws = [
        llo.mean(
            "y", llo.Survey(frame.assign(y=rng.normal(size=len(frame))), weights="w", unit="id", time="year"), by="g"
        )
        for _ in range(2)
    ]
    decision = decide({"r": llo.combine_imputations(draws)})
    assert "few" in set(decision.findings["rule"]) and decision.checked == ()


def test_a_law_raising_the_floor_never_shows_more(tmp_path: object) -> None:
    rng = np.random.default_rng(11)
    for seed in range(4):
        n = 400
        frame = pd.DataFrame({"g": rng.choice(list("abcdef"), n, p=[0.4, 0.3, 0.15, 0.08, 0.05, 0.02])})
        frame["yes"], frame["w"] = rng.integers(0, 2, n), 1.0
        result = llo.mean("yes", llo.Survey(frame, weights="w"), by="g")
        shown = []
        for floor in (5, 10, 20, 40):
            path = tmp_path / f"own_{seed}_{floor}.toml"  # type: ignore[operator]  # a path
            path.write_text(
                f"[rules.restricted]\nunits = {floor}\ncomplement = {floor}\nlargest_share = 0.5\n"
                f"[export]\nwidth = {floor}\n",
                encoding="utf-8",
            )
            primary = decide({"r": result}, path).findings
            shown.append(set(range(len(result.rows))) - set(primary["row"]))
        for less, more in zip(shown[1:], shown[:-1], strict=True):
            assert less <= more

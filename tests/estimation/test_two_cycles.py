"""Proves changes over two cycles of PIAAC: beside plain loops, with known changes planted, and never across a break."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.piaac_cycles import (
    CYCLE_2,
    FORMULA,
    OUTCOME,
    made_up,
    people_of,
    second_file,
    truth,
    two_cycles,
    write_as_oecd,
)

# Loops and the library add up the same numbers in another order.
SAME = 1e-9
GAP = {"group": "education", "of": "high", "minus": "low", "time": "cycle", "base": 1}


@pytest.fixture
def countries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> llo.Survey:
    """Two made-up countries in both cycles, as one stack of four independent surveys."""
    for name, number in (("bel", 56), ("nor", 578)):
        for cycle in (1, 2):
            write_as_oecd(made_up(cycle, country=number), tmp_path / "piaac", f"prg{name}p{cycle}.csv")
    monkeypatch.setenv("LLO_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    surveys = {(c, k): llo.load("piaac", country=c, cycle=k) for c in ("bel", "nor") for k in (1, 2)}
    return llo.stack({f"{country} {cycle}": svy for (country, cycle), svy in surveys.items()})


def known(countries: llo.Survey) -> llo.Survey:
    """The same, by somebody who says that the cycles ask two questions under one name."""
    return countries._with(source={**countries.source, "differing": "flag"})


def gap_of(frame: pd.DataFrame, weights: pd.Series) -> float:
    """The gap in a sample, by its definition."""
    there = frame[OUTCOME].notna()
    means = [
        np.average(
            frame.loc[there & (frame["education"] == e), OUTCOME], weights=weights[there & (frame["education"] == e)]
        )
        for e in ("high", "low")
    ]
    return float(means[0] - means[1])


def explained_of(frame: pd.DataFrame, weights: pd.Series) -> float:
    """The part of the gap that goes with autonomy, by the coefficients of the low educated."""
    used = frame[[OUTCOME, "autonomy"]].notna().all(axis=1)
    sides = {e: used & (frame["education"] == e) for e in ("high", "low")}
    mean = {e: np.average(frame.loc[s, "autonomy"], weights=weights[s]) for e, s in sides.items()}
    low, w = frame[sides["low"]], weights[sides["low"]]
    x, y = low["autonomy"] - np.average(low["autonomy"], weights=w), low[OUTCOME]
    return float((mean["high"] - mean["low"]) * (w * x * y).sum() / (w * x * x).sum())


@pytest.mark.parametrize("number", [gap_of, explained_of])
def test_beside_loops_over_the_replicates_of_both_surveys(number: Any, countries: llo.Survey) -> None:
    expected = []
    for country in ("bel", "nor"):
        change = variance = 0.0
        for cycle, sign in ((1, -1), (2, 1)):
            frame = llo.load("piaac", country=country, cycle=cycle).frame
            full = number(frame, frame["SPFWT0"])
            change += sign * full
            variance += sum((number(frame, frame[f"SPFWT{r}"]) - full) ** 2 for r in range(1, 21))
        expected.append((change, np.sqrt(variance)))
    if number is gap_of:
        found = llo.gap_change(OUTCOME, countries, by="country", **GAP).to_frame()
    else:
        made = llo.decomposition.oaxaca_change(
            f"{OUTCOME} ~ autonomy", countries, by="country", reference="minus", **GAP
        ).to_frame()
        found = made[(made["component"] == "explained") & (made["term"] == "total")]
    assert found["country"].tolist() == ["bel", "nor"] and set(found["df"]) == {38.0}  # 19 of each survey
    np.testing.assert_allclose(found[["estimate", "std_error"]], expected, rtol=SAME, atol=SAME)


def test_countries_are_independent_and_parts_add_up(countries: llo.Survey) -> None:
    gap = llo.gap_change(OUTCOME, countries, by="country", **GAP)
    assert gap.cov.iloc[0, 1] == 0.0
    parts = llo.decomposition.oaxaca_change(
        f"{OUTCOME} ~ autonomy + C(contract)", countries, by="country", method="smith-welch", **GAP
    ).to_frame()
    totals = parts[parts["term"] == "total"].pivot(index="country", columns="component", values="estimate")
    np.testing.assert_allclose(totals.drop(columns="gap_change").sum(axis=1), totals["gap_change"], atol=1e-10)
    np.testing.assert_allclose(totals["gap_change"], gap.estimate, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("learn_item_a", "item a of learning at work asks something else"),
        ("learning_at_work", "item a of learning at work asks something else"),
        ("training", "the training module was redesigned"),
        ("training_job_related", "the training module was redesigned"),
        ("variety", "short repetitive tasks"),
    ],
)
def test_what_was_asked_otherwise_is_refused_or_flagged(name: str, words: str, countries: llo.Survey) -> None:
    countries = known(countries)
    for call in (
        lambda **k: llo.change(name, countries, by="country", time="cycle", base=1, **k),
        lambda **k: llo.gap_change(name, countries, by="country", **GAP, **k),
        lambda **k: llo.narrowing(name, countries, by="country", **GAP, **k),
        lambda **k: llo.decomposition.oaxaca_change(f"{name} ~ autonomy", countries, by="country", **GAP, **k),
    ):
        with pytest.raises(llo.DataError, match=words) as caught:
            call()
        assert name in str(caught.value)
        assert call(breaks="flag").to_frame()["flag"].str.contains("break").all()


@pytest.mark.parametrize(
    ("group", "of", "minus"), [("cycle", 2, 1), ("survey", "bel 2", "bel 1"), ("sex", "female", "male")]
)
def test_parts_of_a_gap_are_marked_as_the_gap_is(group: str, of: Any, minus: Any, countries: llo.Survey) -> None:
    """Between the cycles; not between groups that have both. The mean of one group compares nothing."""
    bel, sides = countries.where("country == 'bel'"), {"group": group, "of": of, "minus": minus}
    marked = llo.gap("training", bel, **sides).to_frame()["flag"].str.contains("break").all()
    made = llo.decomposition.oaxaca_blinder("training ~ autonomy", bel, **sides)
    parts = made.to_frame()
    means = parts["component"].isin(["mean_of", "mean_minus"])
    assert marked == (group != "sex")
    assert (parts["flag"].str.contains("break") == (~means & marked)).all()
    assert ("breaks" in made.meta) == marked
    same = llo.decomposition.oaxaca_blinder(f"{OUTCOME} ~ autonomy", bel, **sides)
    assert not same.to_frame()["flag"].str.contains("break").any()


def test_terms_of_surveys_across_a_break_are_marked(countries: llo.Survey) -> None:
    """A shift of everybody in cycle 2 moves the terms of the second cycle, not that of a country in the first."""

    def marked(formula: str) -> list[str]:
        frame = llo.glm(formula, countries).to_frame()
        return frame.loc[frame["flag"].str.contains("break"), "term"].tolist()

    assert marked("training ~ survey") == ["survey[T.bel 2]", "survey[T.nor 2]"]
    assert marked(f"{OUTCOME} ~ survey") == []
    assert marked("training ~ country + C(cycle)") == ["C(cycle)[T.2]"]
    assert marked("training ~ country + autonomy") == []


def test_rows_on_two_sides_of_a_break_are_not_ranked_or_pooled(countries: llo.Survey) -> None:
    both, same = (llo.mean(name, countries, by=["survey", "cycle"]) for name in ("training", OUTCOME))
    for call in (llo.ranks, llo.meta_analysis):
        with pytest.raises(llo.DataError, match="before and after a series break do not measure the same") as caught:
            call(both)
        assert "training module was redesigned" in str(caught.value)
        call(same)
    assert list(llo.ranks(both, by="cycle").to_frame()["rank_high"].dropna().unique()) != []
    llo.ranks(llo.mean("training", countries.where("cycle == 1"), by="survey"))


@pytest.mark.parametrize("name", ["learn_item_a", "learning_at_work", "variety"])
def test_two_questions_under_one_name_are_not_pooled(name: str, countries: llo.Survey) -> None:
    """Not in a mean, nor as a regressor or a condition, unless the stack says that they are two; a cycle alone is."""
    calls = {
        "mean": lambda svy: llo.mean(name, svy),
        "regressor": lambda svy: llo.glm(f"{OUTCOME} ~ {name}", svy),
        "condition": lambda svy: llo.mean(OUTCOME, svy.where(f"{name} >= 1")),
        "parts": lambda svy: llo.decomposition.oaxaca_blinder(
            f"{OUTCOME} ~ {name}", svy, group="education", of="high", minus="low"
        ),
    }
    for what, call in calls.items():
        with pytest.raises(llo.DataError, match=f"'{name}' is defined otherwise in each of these surveys"):
            call(countries)
        assert call(known(countries)).to_frame()["flag"].str.contains("definition").all(), what
        for cycle in (1, 2):
            assert not call(countries.where(f"cycle == {cycle}")).to_frame()["flag"].str.contains("defin|break").any()


def test_a_regressor_that_was_asked_otherwise_is_refused_too(countries: llo.Survey) -> None:
    countries = known(countries)
    with pytest.raises(llo.DataError, match="short repetitive tasks"):
        llo.decomposition.oaxaca_change(f"{OUTCOME} ~ variety", countries, by="country", **GAP)


def test_cycle_1_alone_straddles_nothing(countries: llo.Survey) -> None:
    first = countries.where("cycle == 1")
    assert set(llo.gap("training", first, group="education", of="high", minus="low", by="country").flags) == {""}


def test_a_country_without_a_second_cycle_is_empty_not_wrong(countries: llo.Survey) -> None:
    some = countries.where("country == 'bel' | cycle == 1")
    found = llo.change(OUTCOME, some, by="country", time="cycle", base=1).to_frame().set_index("country")
    assert np.isfinite(found.loc["bel", "estimate"]) and found.loc["nor", "flag"] == "empty"


def test_the_real_first_cycle_and_a_second_made_of_it(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = {*CYCLE_2, "CNTRYID", "SEQID", "AGE_R", "GENDER_R", "FNFAET12", "VEMETHODN", "VENREPS"}
    raw = pd.read_csv(data_dir / "piaac" / "nld.csv.gz", usecols=lambda n: n in used or n.startswith("SPFWT"))
    write_as_oecd(raw, tmp_path / "piaac", "prgnldp1.csv")
    second = second_file(raw, 5)
    write_as_oecd(second, tmp_path / "piaac", "prgnldp2.csv")
    monkeypatch.setenv("LLO_DATA", str(tmp_path))
    both = llo.stack({"1": llo.load("piaac", country="nld"), "2": llo.load("piaac", country="nld", cycle=2)})
    found = llo.change(OUTCOME, both, time="cycle", base=1)
    at_work = {1: raw[raw["C_D05"] == 1], 2: second[second["C2_D05"] == 1]}
    means = {}
    for cycle, frame in at_work.items():
        items = frame[["D_Q13b", "D_Q13c"] if cycle == 1 else ["H2_Q09b", "H2_Q09c"]].to_numpy()
        learns = np.where((items >= 4).any(axis=1), 1.0, np.where(np.isfinite(items).all(axis=1), 0.0, np.nan))
        known = np.isfinite(learns)
        means[cycle] = np.average(learns[known], weights=frame["SPFWT0"].to_numpy()[known])
    assert found.estimate[0] == pytest.approx(means[2] - means[1], abs=SAME) and found.df[0] == 158
    with pytest.raises(llo.DataError, match="is defined otherwise in each of these surveys"):
        llo.change("learn_item_a", both, time="cycle", base=1)


def a_country() -> pd.DataFrame:
    """People of the real Dutch first cycle where it is here, else of a made-up country."""
    names = [OUTCOME, "autonomy", "contract", "education"]
    try:
        return people_of(llo.load("piaac", country="nld", columns=names))
    except llo.DataError:
        return a_made_up_country()


def a_made_up_country() -> pd.DataFrame:
    """People who learn more with autonomy and education, of whom nothing is real."""
    draw, n = np.random.default_rng(3), 3000
    high = draw.random(n) < 0.45
    autonomy = np.round(np.clip(draw.normal(3.2 + 0.5 * high, 0.9, n), 1, 5), 2)
    contract = draw.random(n)
    learns = draw.random(n) < 0.15 + 0.1 * autonomy + 0.12 * high
    people = {OUTCOME: learns.astype(float), "autonomy": autonomy, "flexible": (contract < 0.2).astype(float)}
    people |= {"own_account": (contract > 0.88).astype(float), "high": high, "weight": draw.uniform(50, 150, n)}
    return pd.DataFrame(people)


def found_in(svy: llo.Survey) -> pd.DataFrame:
    """Every planted change of each draw as it is estimated, with its interval."""
    level = llo.change(OUTCOME, svy, by="draw", time="cycle", base=1).to_frame().assign(what="level")
    groups = llo.change(OUTCOME, svy, by=["draw", "education"], time="cycle", base=1).to_frame()
    gap = llo.gap_change(OUTCOME, svy, by="draw", **GAP).to_frame().assign(what="gap")
    parts = llo.decomposition.oaxaca_change(FORMULA, svy, by="draw", reference="minus", **GAP).to_frame()
    parts = parts[(parts["term"] == "total") & (parts["component"] != "gap_change")]
    rows = [level, groups.assign(what=groups["education"]), gap, parts.assign(what=parts["component"])]
    assert all(set(frame["df"]) == {158.0} for frame in rows)  # 79 of each cycle
    return pd.concat(rows)[["what", "draw", "estimate", "std_error", "conf_low", "conf_high"]]


def study(people: pd.DataFrame, draws: int, n: int) -> pd.DataFrame:
    """How often each interval holds its planted change, and the mean distance from it in standard errors."""
    at_once = 20
    batches = (two_cycles(people, n, [14, number], at_once) for number in range(draws // at_once))
    found = pd.concat([found_in(svy) for svy in batches], ignore_index=True)
    true = found["what"].map(truth(people))
    found["held"] = (found["conf_low"] <= true) & (true <= found["conf_high"])
    found["distance"] = (found["estimate"] - true) / found["std_error"]
    made = found.groupby("what")[["held", "distance"]].agg(["mean", "count"])
    assert (made["held", "count"] == draws).all()
    return pd.DataFrame({"held": made["held", "mean"], "distance": made["distance", "mean"]})


def test_planted_changes_are_found() -> None:
    made = study(a_made_up_country(), 20, 1200)
    assert set(made.index) == {"level", "high", "low", "gap", "explained", "unexplained"}
    # of 20 draws 19 hold the change, fewer than 16 in three of a thousand studies; the mean distance has error 0.22
    assert made["held"].min() >= 16 / 20 and made["distance"].abs().max() < 4 / np.sqrt(20)


@pytest.mark.slow
def test_planted_changes_are_covered_in_a_thousand_draws() -> None:
    made = study(a_country(), 1000, 1500)
    # the error of a share of 1,000 draws is 0.7 points, of a mean distance 0.03
    assert made["held"].between(0.93, 0.97).all(), made
    assert made["distance"].abs().max() < 0.15, made


def test_levels_that_surveys_do_not_share_stand_in_the_order_of_the_stack() -> None:
    def own(level: str) -> llo.Survey:
        kind = pd.CategoricalDtype([level], ordered=True)
        return llo.Survey(pd.DataFrame({"country": pd.Series([level] * 3, dtype=kind), "w": 1.0}), weights="w")

    both = llo.stack({name: own(name) for name in ("nor", "bel", "swe")})
    assert both.frame["country"].cat.categories.tolist() == ["nor", "bel", "swe"]

"""Proves the tables of ranks and of a meta-analysis: every number is that of the result, in both languages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.content.numbers import number

COUNTRIES = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def gaps() -> llo.Result:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"country": np.repeat(COUNTRIES, 200), "group": np.tile([0, 1], 400), "w": 1.0})
    for name, step in (("trained", 0.2), ("learns", 0.05)):
        chance = 0.3 + step * frame["group"] * (1 + frame["country"].map(COUNTRIES.index))
        frame[name] = (rng.random(800) < chance).astype(float)
    svy = llo.Survey(frame, weights="w", strata="country")
    asked = {"group": "group", "of": 1, "minus": 0, "by": "country"}
    return llo.joint({name: llo.gap(name, svy, **asked) for name in ("trained", "learns")})


@pytest.mark.parametrize(("language", "to"), [("en", "to"), ("nl", "tot")])
def test_ranks_stand_beside_the_estimates(gaps: llo.Result, language: str, to: str) -> None:
    found = llo.ranks(gaps, by="result").of(country="b")
    table = llo.report.table(found, language=language)
    frame, own = table.to_frame(), found.to_frame()
    heads = {"en": ("Rank", "Rank, 95% CI"), "nl": ("Rang", "Rang, 95%-BI")}[language]
    assert frame[heads[0]].tolist() == [str(rank) for rank in own["rank"]]
    ends = zip(own["rank_low"], own["rank_high"], strict=True)
    assert frame[heads[1]].tolist() == [str(a) if a == b else f"{a} {to} {b}" for a, b in ends]
    points = [number(100 * value, 1, language) for value in own["estimate"]]
    assert frame.iloc[:, table.row_heads].tolist() == points
    assert any(" 4" in note and "95%" in note for note in table.notes)


def test_the_mean_and_the_prediction_of_each_outcome(gaps: llo.Result) -> None:
    found = llo.meta_analysis(gaps, by="result")
    told = found.to_frame().set_index(["result", "measure"])
    frame = llo.report.table(found, language="en").to_frame().set_index("Outcome")
    for name in ("trained", "learns"):
        row, mean, ahead = frame.loc[name], told.loc[(name, "mean")], told.loc[(name, "prediction")]
        assert row["Mean (percentage points)"] == number(100 * mean["estimate"], 1, "en")
        for part, head in ((mean, "95% CI"), (ahead, "Prediction (95%)")):
            assert row[head] == " to ".join(number(100 * part[end], 1, "en") for end in ("conf_low", "conf_high"))
        spread = 100 * np.sqrt(told.loc[(name, "tau2"), "estimate"])
        assert row["Spread between"] == number(spread, 1, "en")
        assert row["I² (%)"] == f"{100 * told.loc[(name, 'i2'), 'estimate']:.0f}"
    alone = llo.report.table(llo.meta_analysis(gaps.contrast({c: {f"trained:{c}": 1} for c in COUNTRIES})))
    assert alone.to_frame().iloc[0, 0] == "alle"


def test_a_table_tells_how_many_estimates_were_taken_and_left_out(gaps: llo.Result) -> None:
    every = llo.report.table(llo.meta_analysis(gaps, by="result"), language="en")
    assert "these 4 are a sample" in " ".join(every.notes) and "Left out" not in " ".join(every.notes)
    assert "Estimates" not in every.to_frame()
    value = gaps.estimate.copy()
    value[0] = np.nan
    less = replace(gaps, estimates=replace(gaps.estimates, value=value))
    table = llo.report.table(llo.meta_analysis(less, by="result"), language="en", disclosure="off")
    assert table.to_frame().set_index("Outcome")["Estimates"].to_dict() == {"trained": "3", "learns": "4"}
    note = " ".join(table.notes)
    assert "these 3 / 4 are a sample" in note and "Left out: 1 / 0, without an estimate" in note
    assert "Weggelaten: 1 / 0" in " ".join(llo.report.table(llo.meta_analysis(less, by="result")).notes)


def test_sentences_and_figures_take_ranks(gaps: llo.Result) -> None:
    found = llo.ranks(gaps, by="result").of(result="trained")
    own = found.to_frame()
    told = llo.report.sentences("Rank {r[trained:d]:estimate}, {r[trained:d]:interval}", r=found, language="en")
    row = own[own["country"] == "d"].iloc[0]
    assert str(told) == f"Rank {row['rank']}, {row['rank_low']} to {row['rank_high']}"
    figure = llo.report.figure(found, language="en")
    assert figure.frame["estimate"].tolist() == own["rank"].tolist()
    assert figure.frame["conf_high"].tolist() == own["rank_high"].tolist()
    assert "interval of the rank" in " ".join(figure.notes)

"""Proves that each cell of a table book equals a call of mean and of gap, and which cells are called above or below."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError

LABELS = {"trained": {"nl": "Cursus gevolgd", "en": "Trained"}, "sex": {"nl": "Geslacht", "en": "Sex"}}


def survey(source: dict[str, Any] | None = None, n: int = 600) -> llo.Survey:
    """People with two indicators, two breakdowns with missing levels, strata and clusters."""
    draw = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "sex": pd.Categorical(draw.choice(["m", "v"], n), ["v", "m"]),
            "age": draw.choice([20, 40, 60], n),
            "stratum": draw.integers(0, 3, n),
            "cluster": draw.integers(0, 40, n),
            "w": draw.uniform(1, 4, n),
        }
    )
    frame["trained"] = (draw.uniform(size=n) < 0.3 + 0.3 * (frame["age"] == 20)).astype(float)
    frame["hours"] = draw.gamma(2, 5, n) + 0.4 * (frame["sex"] == "m") + 6 * (frame["age"] == 60)
    frame.loc[:20, "trained"] = np.nan
    frame.loc[15:40, "sex"] = None
    return llo.Survey(frame, weights="w", strata="stratum", psu="cluster", labels=LABELS, source=source)


def test_every_cell_is_a_mean_and_a_gap() -> None:
    svy = survey()
    book = llo.banner(["trained", "hours"], svy, by=["sex", "age"])
    told = book.to_frame()
    keys = told[["variable", "group", "level"]].values.tolist()
    by_hand = [
        [v, g, c] for v in ("trained", "hours") for g, cells in (("sex", "vm"), ("age", (20, 40, 60))) for c in cells
    ]
    assert keys == by_hand
    for i, row in told.iterrows():
        cell = f"sex == '{row['level']}'" if row["group"] == "sex" else f"age == {row['level']}"
        mean = llo.mean(row["variable"], svy, by=row["group"]).to_frame()
        mean = mean[mean[row["group"]] == row["level"]].iloc[0]
        for name in ("estimate", "std_error", "df", "conf_low", "conf_high", "n", "sum_weights"):
            assert row[name] == pytest.approx(mean[name], rel=1e-12), name
        rest = f"~({cell}) & (sex == 'v' | sex == 'm')" if row["group"] == "sex" else f"~({cell})"
        gap = llo.gap(row["variable"], svy, of=cell, minus=rest).to_frame().iloc[0]
        names = {
            "difference": "estimate",
            "difference_low": "conf_low",
            "difference_high": "conf_high",
            "p_value": "p_value",
        }
        for ours, theirs in names.items():
            assert row[ours] == pytest.approx(gap[theirs], rel=1e-9), ours
        assert (row["of"], row["minus"]) == (str(row["level"]), "rest")
        assert int(str(i)) < 10


def test_effects_and_flags_against_loops() -> None:
    svy = survey()
    told = llo.banner(["trained", "hours"], svy, by=["sex", "age"], weak=0.2).to_frame()
    frame = svy.frame
    for _, row in told.iterrows():
        known = frame[frame[row["variable"]].notna() & frame[row["group"]].notna()]
        cell = known[known[row["group"]] == row["level"]]
        rest = known[known[row["group"]] != row["level"]]
        one, other = (np.average(part[row["variable"]], weights=part["w"]) for part in (cell, rest))
        if row["variable"] == "trained":
            effect = 2 * np.arcsin(np.sqrt(one)) - 2 * np.arcsin(np.sqrt(other))
        else:
            squares = 0.0
            for part, centre in ((cell, one), (rest, other)):
                n = len(part)
                spread = np.average((part["hours"] - centre) ** 2, weights=part["w"]) * n / (n - 1)
                squares += (n - 1) * spread
            effect = (one - other) / np.sqrt(squares / (len(known) - 2))
        assert row["effect"] == pytest.approx(effect, rel=1e-9)
        words = row["flag"].split()
        sure = row["p_value"] < 0.05
        assert ("above" in words) is bool(sure and row["difference"] > 0)
        assert ("below" in words) is bool(sure and row["difference"] < 0)
        assert ("weak" in words) is bool(sure and abs(effect) < 0.2)
    assert {"above", "below"} <= set(" ".join(told["flag"]).split())


def test_it_is_a_result() -> None:
    book = llo.banner("trained", survey(), by=["sex", "age"])
    assert book.labels == ("sex:v", "sex:m", "age:20", "age:40", "age:60")
    assert book.covariance.shape == (5, 5) and book.differences is not None
    first = book.contrast("`age:20` - `age:60`")
    assert first.estimate[0] == pytest.approx(book.estimate[2] - book.estimate[4])
    assert "banner(" in book.summary() and "<table" in book._repr_html_()


def test_the_table_is_laid_out_as_table_books_are() -> None:
    book = llo.banner(["trained", "hours"], survey(), by=["sex", "age"])
    shown = llo.report.table(book, language="en")
    frame = shown.to_frame()
    assert list(frame.columns) == ["Variable", "Sex: v", "Sex: m", "age: 20", "age: 40", "age: 60"]
    assert frame["Variable"].tolist() == ["Trained (%)", "hours"]
    twenty = book.to_frame().set_index(["variable", "group", "level"]).loc[("trained", "age", 20)]
    assert frame["age: 20"][0] == f"{twenty['estimate'] * 100:.1f} ↑" and twenty["flag"] == "above"
    assert "everybody else" in str(shown) and r"$\uparrow$" in shown.to_latex()
    assert shown.title == "Trained, hours by sex and age"
    drawn = llo.report.figure(llo.banner("trained", survey(), by=["sex", "age"]), language="en")
    assert drawn.frame.iloc[:, 1].tolist() == ["v", "m", "20", "40", "60"] and "difference" not in drawn.alt_text
    values, _ = shown.numbers["age: 20"]
    assert values[0] == pytest.approx(twenty["estimate"] * 100)


def test_few_people_are_withheld_with_the_next_smallest() -> None:
    svy = survey({"kind": "restricted", "title": "x"})
    frame = svy.frame.assign(kind=["a"] * 4 + ["b"] * 96 + ["c"] * 200 + ["d"] * 300)
    book = llo.banner("hours", llo.Survey(frame, weights="w", source={"kind": "restricted"}), by="kind")
    shown = llo.report.table(book, language="en").to_frame().iloc[0, 1:].tolist()
    assert [text == "withheld" for text in shown] == [True, True, False, False]
    text = book.summary()
    for name in ("estimate", "difference", "p_value", "effect"):
        assert f"{book.to_frame()[name].iloc[0]:.4f}" not in text


def test_bad_input_is_refused_in_words() -> None:
    svy = survey()
    for options, said in (
        ({"by": "sex", "against": "all"}, "against has no option"),
        ({"by": "sex", "weak": -1}, "size of effect"),
        ({"by": "sex", "weak": "x"}, "size of effect"),
        ({"by": "nothing"}, "no column"),
        ({"by": "sex", "level": 95}, "level"),
    ):
        with pytest.raises(DataError, match=said):
            llo.banner("trained", svy, **options)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(DataError, match="text or categories"):
        llo.banner("sex", svy, by="age")
    with pytest.raises(DataError, match="nobody else"):
        llo.banner("trained", svy.where("age == 20"), by="age")


def test_a_saved_book_comes_back_whole(tmp_path: Path) -> None:
    book = llo.banner(["trained", "hours"], survey(), by=["sex", "age"])
    again = llo.read_result(book.save(tmp_path / "book"))
    pd.testing.assert_frame_equal(again.to_frame(), book.to_frame())
    assert again.summary() == book.summary()
    again.save(tmp_path / "again")
    for ending in (".json", ".csv"):
        assert (tmp_path / f"again{ending}").read_text() == (tmp_path / f"book{ending}").read_text()
    told = json.loads((tmp_path / "book.json").read_text())
    told["own"]["effect"] = told["own"]["effect"][1:]
    (tmp_path / "lies.json").write_text(json.dumps(told))
    with pytest.raises(DataError, match="not a saved result"):
        llo.read_result(tmp_path / "lies")


def test_breakdowns_may_be_conditions() -> None:
    svy = survey()
    ours = llo.banner("hours", svy, by=["age > 30", "sex"]).to_frame()
    theirs = llo.banner("hours", svy.assign(old="age > 30"), by=["old", "sex"]).to_frame()
    assert set(ours["group"]) == {"age > 30", "sex"}
    pd.testing.assert_frame_equal(ours.drop(columns="group"), theirs.drop(columns="group"))


def test_books_are_not_combined_over_imputations() -> None:
    """Their flags say what one imputation found; those of the others may differ."""
    svy = survey().assign(hours1=lambda d: d["hours"], hours2=lambda d: -d["hours"])
    books = [llo.banner(name, svy, by="age") for name in ("hours1", "hours2")]
    with pytest.raises(DataError, match="not combined"):
        llo.combine_imputations(books)


def test_indicators_with_weights_of_their_own_are_told_apart() -> None:
    frame = survey().frame.assign(w2=lambda d: d["w"] ** 2)
    book = llo.banner(["trained", "hours"], llo.Survey(frame, weights="w", item_weights={"hours": "w2"}), by="sex")
    assert book.meta["weight"] == "w (trained), w2 (hours)"


def test_differences_over_a_series_break_are_flagged() -> None:
    """A year against all years on the other side of a break, as a gap between them is."""
    frame = survey().frame.assign(year=lambda d: 2020 + 2 * (d["age"] > 20))
    broken = {"breaks": [{"time": 2022, "what": "new question", "series": ["trained"]}]}
    svy = llo.Survey(frame, weights="w", strata="year", time="year", source=broken)
    flags = [flag.split() for flag in llo.banner(["trained", "hours"], svy, by=["year", "sex"]).flags]
    assert ["break" in words for words in flags] == [True, True] + [False] * 6

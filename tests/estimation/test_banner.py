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
    assert list(frame.columns) == ["Variable", "Total", "Sex: v", "Sex: m", "age: 20", "age: 40", "age: 60"]
    assert shown.spans == (("", 1), ("", 1), ("Sex", 2), ("age", 3))
    assert frame["Variable"].tolist() == ["Trained (%)", "hours", "n, unweighted", "n, effective"]
    twenty = book.to_frame().set_index(["variable", "group", "level"]).loc[("trained", "age", 20)]
    assert frame["age: 20"][0] == f"{twenty['estimate'] * 100:.1f} ↑" and twenty["flag"] == "above"
    assert frame["Total"][0] == f"{book.total.estimate[0] * 100:.1f}"  # type: ignore[union-attr]  # it has one
    counts = book.to_frame().query("group == 'age' and level == 20")["n"]
    assert frame["age: 20"][2] == f"{counts.min()}–{counts.max()}"
    assert "everybody else" in str(shown) and r"$\uparrow$" in shown.to_latex()
    assert r"\multicolumn{3}{l}{age}" in shown.to_latex() and 'scope="colgroup" colspan="3"' in shown.to_html()
    assert shown.title == "Trained, hours by sex and age"
    drawn = llo.report.figure(llo.banner("trained", survey(), by=["sex", "age"]), language="en")
    assert drawn.frame.iloc[:, 1].tolist() == ["v", "m", "20", "40", "60"] and "difference" not in drawn.alt_text
    values, _ = shown.numbers["age: 20"]
    assert values[0] == pytest.approx(twenty["estimate"] * 100)


def test_arrows_tell_what_holds_for_all_cells_at_once() -> None:
    """Straight where Holm's p is under 5 %, slanted where only the cell's own is, in brackets where it is small."""
    svy, seen = survey(n=3000), set()
    book = llo.banner(["trained", "hours"], svy.assign(odd=lambda d: np.arange(len(d)) % 7), by=["sex", "age", "odd"])
    told, shown = book.to_frame(), llo.report.table(book, language="en").to_frame()
    for _, row in told.iterrows():
        label = {"sex": "Sex"}.get(row["group"], row["group"])
        text = shown[f"{label}: {row['level']}"][0 if row["variable"] == "trained" else 1]
        sign = text.partition(" ")[2]
        up, sure = row["difference"] > 0, row["p_adjusted"] < 0.05
        wanted = ("↑" if up else "↓") if sure else ("↗" if up else "↘")
        wanted = f"({wanted})" if abs(row["effect"]) < 0.1 else wanted
        assert sign == (wanted if row["p_value"] < 0.05 else ""), row
        seen.add(sign)
    assert len(seen) >= 4, "several kinds of arrows"


def test_who_is_in_no_column_is_told() -> None:
    frame = survey().frame.assign(kind=lambda d: pd.Categorical(np.where(d["age"] > 20, "a", "b"), ["a", "b", "c"]))
    book = llo.banner(["trained", "hours"], llo.Survey(frame, weights="w", labels=LABELS), by=["sex", "kind"])
    notes = llo.report.table(book, language="nl").notes
    assert "Zonder antwoord (weggelaten): Cursus gevolgd (21)." in notes
    assert "Uitsplitsing onbekend (in het totaal en in andere uitsplitsingen wel meegeteld): Geslacht (26)." in notes
    assert "Zonder waarnemingen: kind: c." in notes


def test_totals_do_not_tell_of_few_without_a_breakdown() -> None:
    """Cells add up to the total less those without a breakdown: of 5 of these it is withheld, of 26 it is not."""
    for few in (5, 26):
        frame = survey().frame.assign(sex=lambda d: np.where(np.arange(len(d)) % 2, "m", "v").astype(object))
        frame.loc[: few - 1, "sex"] = None
        svy = llo.Survey(frame, weights="w", source={"kind": "restricted"})
        shown = llo.report.table(llo.banner("hours", svy, by="sex"), language="en")
        assert (shown.to_frame()["Total"][0] == "withheld") is (few == 5)
        text = shown.to_html() + str(shown.full) + str(shown.companions)
        assert (f"{llo.mean('hours', svy).estimate[0]}"[:7] in text) is (few != 5)
        assert ("(<10)" in " ".join(shown.notes)) is (few == 5)


def test_few_people_are_withheld_with_the_next_smallest() -> None:
    svy = survey({"kind": "restricted", "title": "x"})
    frame = svy.frame.assign(kind=["a"] * 4 + ["b"] * 96 + ["c"] * 200 + ["d"] * 300)
    book = llo.banner("hours", llo.Survey(frame, weights="w", source={"kind": "restricted"}), by="kind")
    shown = llo.report.table(book, language="en").to_frame().iloc[0, 2:].tolist()
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
    with pytest.raises(DataError, match="nobody else"):
        llo.banner("trained", svy.where("age == 20"), by="age")
    with pytest.raises(DataError, match="an indicator and a breakdown"):
        llo.banner(["trained", "sex"], svy, by=["age", "sex"])
    for twice in ({"variables": ["trained", "trained"], "by": "sex"}, {"variables": "trained", "by": ["sex", "sex"]}):
        with pytest.raises(DataError, match="named twice"):
            llo.banner(svy=svy, **twice)  # type: ignore[arg-type]  # wrong on purpose
    many = svy.assign(place=lambda d: np.arange(len(d)) % 150)
    with pytest.raises(DataError, match=r"too many levels[\s\S]*classes"):
        llo.banner("hours", many, by="place")


def test_answers_of_categories_are_rows_of_their_own() -> None:
    """Each answer is a share, against the rest as the gap of the same answer; conditions are indicators too."""
    svy = survey().assign(kind=lambda d: pd.Categorical(np.where(d["hours"] > 12, "long", "short"), ["short", "long"]))
    book = llo.banner(["kind", "hours", "age > 30"], svy, by=["sex", "age"])
    told = book.to_frame()
    assert told.columns[:4].tolist() == ["variable", "answer", "group", "level"]
    assert len(told) == 2 * 5 + 5 + 5 and told["answer"].isna().tolist() == [False] * 10 + [True] * 10
    assert book.labels[:3] == ("kind:short:sex:v", "kind:long:sex:v", "kind:short:sex:m")
    means = llo.mean("kind", svy, by="sex").to_frame()
    np.testing.assert_array_equal(told["estimate"][:4], means["estimate"])
    gaps = llo.gap("kind", svy, group="sex", of="m", minus="v").to_frame()
    for name, theirs in {"difference": "estimate", "p_value": "p_value", "difference_low": "conf_low"}.items():
        np.testing.assert_allclose(told[name][2:4], gaps[theirs], rtol=1e-12)
    assert np.allclose(told["effect"][2], -told["effect"][3])
    condition = llo.mean("age > 30", svy, by="sex").to_frame()["estimate"]
    np.testing.assert_array_equal(told["estimate"][15:17], condition)


def test_p_values_hold_for_all_cells_at_once() -> None:
    """Holm by hand: the smallest times their number, the next times one less, never below the one before."""
    told = llo.banner(["trained", "hours"], survey(), by=["sex", "age"]).to_frame()
    p, largest = told["p_value"].to_numpy(), 0.0
    for rank, i in enumerate(np.argsort(p)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[i]))
        assert told["p_adjusted"][i] == pytest.approx(largest, rel=1e-12)


def test_the_total_is_the_mean_of_everybody() -> None:
    """Also of those whose breakdown is not known."""
    svy = survey()
    total = llo.banner(["trained", "hours"], svy, by="sex").total
    assert total is not None
    for i, name in enumerate(("trained", "hours")):
        one = llo.mean(name, svy)
        assert (total.estimate[i], total.std_error[i]) == pytest.approx((one.estimate[0], one.std_error[0]))
        assert total.n is not None and one.n is not None and total.n[i] == one.n[0]


def test_cells_without_people_and_of_one_person() -> None:
    """A declared level of nobody is told, one person has no interval, a constant no test: none is dropped or fails."""
    frame = survey().frame.assign(
        kind=lambda d: pd.Categorical(["one"] + ["two", "three"] * 299 + ["two"], ["none", "one", "two", "three"]),
        same=7.0,
        unweighted=lambda d: np.where(d["age"] == 20, 0.0, d["w"]),
        nothing=np.nan,
    )
    svy = llo.Survey(frame, weights="w", strata="stratum")
    book = llo.banner(["hours", "same"], svy, by="kind")
    told = book.to_frame()
    assert told["level"].tolist() == ["one", "two", "three"] * 2 and book.meta["absent_levels"] == {"kind": ["none"]}
    assert told["n"][0] == 1 and told["effect"].notna().tolist() == [True] * 3 + [False] * 3
    assert told["estimate"][3:].tolist() == pytest.approx([7.0] * 3, rel=1e-12), "but for rounding"
    assert told["p_value"][0] < 1e-9, "one person has no variance, so that the test of the gap is none"
    assert not told["flag"].str.contains("above|below").any(), "and says nothing of those like this person"
    zero = llo.banner("hours", llo.Survey(frame, weights="unweighted", strata="stratum"), by="age").to_frame()
    assert np.isnan(zero["estimate"][0]) and np.isnan(zero["difference"][0]) and "empty" in zero["flag"][0]
    none = llo.banner(["nothing", "hours"], svy, by="sex").to_frame()
    assert none["estimate"].isna().tolist() == [True, True, False, False] and "empty" in none["flag"][0]


@pytest.mark.parametrize(("few", "marked"), [(3, False), (60, True)])
def test_answers_all_alike_are_marked_only_when_many_gave_them(few: int, marked: bool) -> None:
    """Nobody of 3 or of 60, against a half of the others: the one is chance, the other not; on both sides."""
    yes = np.r_[np.zeros(few), np.tile([1.0, 0.0], 100)]
    frame = pd.DataFrame({"yes": yes, "group": ["few"] * few + ["many"] * 200, "w": 1.0})
    told = llo.banner("yes", llo.Survey(frame, weights="w"), by="group").to_frame()
    assert (told["p_value"] < 1e-9).all()
    assert [("below" in told["flag"][0]), ("above" in told["flag"][1])] == [marked, marked]


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


def test_a_period_is_that_of_its_own_indicator() -> None:
    """One question looks back two years: the others do not."""
    source = {"title": "x", "reference_period": {"trained": {"nl": "twee jaar", "en": "two years"}}}
    notes = llo.report.table(llo.banner(["trained", "hours"], survey(source), by="sex"), language="nl").notes
    assert "Referentieperiode: Cursus gevolgd: twee jaar." in notes
    alone = llo.report.table(llo.banner("trained", survey(source), by="sex"), language="nl").notes
    assert "Referentieperiode: twee jaar." in alone


def test_variables_of_one_label_are_told_apart() -> None:
    """Two breakdowns called the same are two heads, with their names."""
    frame = survey().frame.assign(other=lambda d: d["age"])
    labels = {"age": {"nl": "Leeftijd", "en": "Age"}, "other": {"nl": "Leeftijd", "en": "Age"}}
    shown = llo.report.table(llo.banner("hours", llo.Survey(frame, weights="w", labels=labels), by=["age", "other"]))
    assert [head for head, _ in shown.spans] == ["", "", "Leeftijd [age]", "Leeftijd [other]"]

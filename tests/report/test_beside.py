"""Proves that own and published numbers stand beside one another under their own source and period, never as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import llo_research as llo
from llo_research.report import figure, table
from tests.report.figures.title_survey import survey


def published(**columns: Any) -> pd.DataFrame:
    """Figures as llo.published gives them: two groups in five years, with a break in 2016."""
    years = [2014, 2015, 2016, 2017, 2018]
    frame = pd.DataFrame([{"year": year, "category": name} for name in ("low", "high") for year in years])
    frame["value"] = [9.0, 9.0, 12.0, 12.0, 13.0, 24.0, 24.0, 26.0, 26.0, 26.0]
    told = {
        "series": "LFS4w",
        "label_nl": "Opleiding of cursus, vier weken",
        "label_en": "Education or training, four weeks",
        "instrument": "EBB",
        "reference_period": "4 weeks",
        "definition": "in the four weeks before the interview",
        "population": "residents of 25-64",
        "measure": "share",
        "unit": "%",
        "rounding": 1.0,
        "source_title": "Deelname aan LLO",
        "source_year": 2018,
    }
    frame = frame.assign(**{**told, **columns})
    frame["period"] = frame["year"].astype(str)
    after = frame["year"] == 2016
    return frame.assign(break_year=2016, break_what="new collection", break_flag=after)


def shown(parts: list[Any], language: str = "en", **options: Any) -> pd.DataFrame:
    frame = figure(parts, language=language, **options).frame
    return frame.rename(columns={"Source": "source", "Group": "group", "Education": "group", "Year": "year"})


def test_every_number_stands_under_its_source_and_period() -> None:
    own, theirs = llo.mean("training", survey(), by=["year", "education"]), published()
    frame = shown([own, theirs])
    mine = own.to_frame()
    assert len(frame) == len(mine) + len(theirs)
    for i, row in mine.iterrows():
        found = frame[(frame["year"] == str(row["year"])) & frame["source"].str.startswith("NEA")]
        label = {"low": "up to mbo-1", "middle": "mbo 2-4", "high": "higher"}[row["education"]]
        cell = found[found["group"] == label]
        assert len(cell) == 1 and cell["estimate"].iloc[0] == pytest.approx(100 * row["estimate"]), i
        assert cell["conf_low"].iloc[0] == pytest.approx(100 * row["conf_low"])
    for _, row in theirs.iterrows():
        found = frame[(frame["year"] == str(row["year"])) & (frame["group"] == row["category"])]
        found = found[found["source"].str.startswith("EBB")]
        assert found["estimate"].tolist() == [row["value"]] and found["conf_low"].isna().all()
    assert {name.partition(" (")[0] for name in frame["source"]} == {
        "NEA, own estimate, past two years",
        "EBB, published, 4 weeks",
    }


def test_no_line_joins_two_sources_or_the_sides_of_a_break() -> None:
    own = llo.mean("training", survey(), by="year")
    drawn = figure([own, published()[lambda f: f["category"] == "low"]], language="en")
    assert drawn.kind == "lines"
    axes = drawn.plot().axes[0]
    solid = [line for line in axes.lines if len(line.get_xdata()) > 1 and line.get_zorder() == 3]
    spans = sorted((float(min(line.get_xdata())), float(max(line.get_xdata()))) for line in solid)
    assert spans == [(2014, 2015), (2014, 2018), (2016, 2018), (2022, 2024)]
    words = {text.get_text() for text in axes.texts}
    for name in (
        "NEA, own estimate, past two years (2014-2018)",
        "NEA, own estimate, past two years (2022-2024)",
        "EBB, published, 4 weeks (2014-2015), low",
        "EBB, published, 4 weeks (2016-2018), low",
    ):
        assert name in words
    # no leader from the end of one line across the others
    thin = [line for line in axes.lines if line.get_linewidth() == 0.7]
    assert not any(line.get_xdata()[0] < 0.9 for line in thin)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            "Training, past two years (NEA) beside education or training, four weeks (EBB); different reference "
            "periods, not one series",
        ),
        (
            "nl",
            "Scholing, afgelopen twee jaar (NEA) naast opleiding of cursus, vier weken (EBB); verschillende "
            "referentieperioden, niet één reeks",
        ),
    ],
)
def test_the_title_names_both_and_claims_no_difference(language: str, told: str) -> None:
    parts = [llo.mean("training", survey(), by="year"), published()]
    assert figure(parts, language=language).title == told
    assert table(parts, language=language).title == told


def test_definition_population_breaks_and_source_of_each_stand_below(tmp_path: Path) -> None:
    parts = [llo.mean("training", survey(years=(2018,)), by="education"), published()[lambda f: f["year"] == 2018]]
    drawn = figure(parts, language="en")
    assert drawn.kind == "dots"
    assert drawn.wording.foot[1:] == (
        "Open diamond: published.",
        "Source: NEA, 2018; n = 400; weighted.",
        "Source: Deelname aan LLO (2018); residents of 25-64.",
        "Reference period: past two years.",
    )
    made = table(parts, language="en")
    foot = [line for line in made.notes if line.startswith("EBB, published, 4 weeks: ")]
    assert len(foot) == 1
    for told in ("four weeks before the interview", "residents of 25-64", "Deelname aan LLO (2018)"):
        assert told in foot[0]
    assert "Bar: 95% confidence interval of own figures." in drawn.wording.foot[0]
    assert drawn.frame["Year"].tolist() == ["2018"] * 5
    assert drawn.narrow().plot() is not None
    assert set(drawn.save(tmp_path)) == {"svg", "png", "csv", "txt"}
    assert made.to_frame()["n"].tolist() == ["400", "400", "400", "–", "–"]
    assert made.to_frame()["Share (%)"].tolist() == ["20.0", "44.0", "62.0", "13", "26"]


def test_series_of_one_source_are_told_apart_by_what_they_measure() -> None:
    other = published(series="other", label_en="Other", label_nl="Anders", definition="other")
    frame = shown([llo.mean("training", survey(years=(2018,))), pd.concat([published(), other])])
    names = set(frame["source"].str.partition(" (")[0])
    assert {"EBB, published, 4 weeks: Education or training, four weeks", "EBB, published, 4 weeks: Other"} <= names


def test_what_all_rows_of_a_source_share_is_said() -> None:
    high = published()[lambda f: (f["category"] == "high") & (f["year"] >= 2017)]
    frame = shown([llo.mean("training", survey(years=(2018,)), by="education"), high])
    theirs = frame[frame["source"].str.startswith("EBB")]
    assert theirs[["group", "year"]].to_numpy().tolist() == [["high", "2017"], ["high", "2018"]]
    one = shown([llo.mean("training", survey(years=(2018,))), high[high["year"] == 2018]])
    assert one[["group", "year"]].to_numpy().tolist() == [["", "2018"], ["high", "2018"]]


def test_an_unknown_period_is_named_but_not_called_different() -> None:
    parts = [llo.mean("training", survey(), by="year"), published(reference_period="not stated")]
    assert "different" not in figure(parts, language="en").title
    assert any("not stated" in name for name in shown(parts)["source"])


@pytest.mark.parametrize(
    ("own", "frame", "what"),
    [
        (lambda svy: llo.mean("autonomy", svy), published(), "different units"),
        (lambda svy: llo.total("training", svy), published(), "different units"),
        (lambda svy: llo.gap("training", svy, group="education", of="high", minus="low"), published(), "units"),
        (lambda svy: llo.mean("training", svy), published(unit="x1000 persons", measure="persons"), "different units"),
        (lambda svy: llo.total("training", svy), published(unit="", measure="share"), "different kinds"),
        (lambda svy: llo.glm("training ~ autonomy", svy), published(), "terms of a model"),
        (lambda svy: llo.mean("training", svy, level=0.9), [llo.mean("training", survey()), published()], "levels"),
    ],
)
def test_what_does_not_compare_is_refused(own: Any, frame: Any, what: str) -> None:
    made = own(survey(years=(2024,)))
    others = frame if isinstance(frame, list) else [frame]
    for show in (figure, table):
        with pytest.raises(llo.DataError, match=what):
            show([made, *others])


def test_own_results_by_themselves_are_joined_by_their_covariance_instead() -> None:
    own = llo.mean("training", survey())
    with pytest.raises(llo.DataError, match="cannot be shown") as refused:
        figure([own, own])
    assert "llo.joint" in str(refused.value)
    with pytest.raises(llo.DataError, match="cannot be shown"):
        table([])


def test_withheld_cells_stay_withheld() -> None:
    svy = survey(years=(2018,))
    few = llo.Survey(svy.frame.iloc[::60], weights="w", labels=svy.labels, source={"title": "x", "restricted": True})
    frame = shown([llo.mean("training", few, by=["education", "contract"]), published()[lambda f: f["year"] == 2018]])
    own = frame[frame["source"].str.contains("own")]
    assert own["estimate"].isna().any() and (own.loc[own["estimate"].isna(), "flag"] == "withheld").all()


def test_a_period_spelled_otherwise_is_the_same_and_each_source_stands_in_the_foot() -> None:
    own = llo.mean("training", llo.synthetic("nea", years=[2020], n=2000, seed=3), by="year")
    given = llo.published(series="SER25_train", breaks="flag")
    drawn = figure([own, given], language="nl")
    assert "verschillende referentieperioden" not in drawn.title, "afgelopen twee jaar is 2 jaar"
    sources = [line.partition(";")[0] for line in drawn.wording.foot if line.startswith("Bron: ")]
    assert sources == [
        "Bron: Nationale Enquête Arbeidsomstandigheden (NEA), 2020",
        "Bron: Monitor Leercultuur 2025 (SER/TNO), perstekst (2025)",
    ]
    weeks = figure(
        [own, llo.published(series="LFS4w_total", breaks="flag").query("instrument == 'EBB'")], language="nl"
    )
    assert "verschillende referentieperioden" in weeks.title


def test_published_points_have_a_form_of_their_own() -> None:
    parts = [llo.mean("training", survey(years=(2018,)), by="education"), published()[lambda f: f["year"] == 2018]]
    drawn = figure(parts, language="en")
    points = [line for line in drawn.plot().axes[0].lines if line.get_marker() in ("o", "D")]
    own = len(parts[0].to_frame())
    assert [point.get_marker() for point in points] == ["o"] * own + ["D"] * (len(points) - own)
    assert len(points) > own and "Open diamond: published." in drawn.notes
    assert not [note for note in figure(parts[1], language="en").notes if "diamond" in note]

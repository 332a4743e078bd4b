"""Proves that published figures stand beside the same quantities, and what the interval covers and the fit explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

import llo_research as llo
from llo_research.data.synthetic import targets_of
from llo_research.monitor.editions import edition_of
from llo_research.monitor.entries import Target
from llo_research.monitor.replicated import published_of

SAME = 1e-12  # the same calls on the same rows: rounding of sums only


@pytest.fixture(scope="module")
def surveys() -> dict[str, llo.Survey]:
    return {
        "nea": llo.synthetic("nea", years=[2019, 2020, 2022]),
        "zea": llo.synthetic("zea", years=2019),
        "wea": llo.synthetic("wea", years=2016),
    }


@pytest.mark.parametrize("edition", ["2022-1", "2022-2", "2023", "2025"])
def test_every_published_figure_is_one_row_of_a_source(edition: str) -> None:
    for entry in edition_of(edition).figures.values():
        for target in entry.published:
            row = published_of(target, llo.published(target.series, breaks="flag"))
            assert row["unit"] == "%" and row["measure"] == "share" and str(row["source"])
            if edition in ("2022-2", "2023") and target.series != "NEA22_occ_aut" and "CBS" not in target.series:
                assert row["source_year"] <= 2024  # an edition printed no number of a later one


def test_rows_are_calls_by_hand(surveys: Mapping[str, llo.Survey]) -> None:
    frame = llo.monitor.beside("1", surveys=surveys).frame.set_index("what_en")
    row = frame.loc["Training course or education followed, by education, hbo or wo, 2022"]
    by_hand = llo.mean("training", surveys["nea"].where("year == 2022 & hbo_wo == 1")).to_frame().iloc[0]
    for name, mine in (("ours", "estimate"), ("conf_low", "conf_low"), ("conf_high", "conf_high")):
        assert row[name] == pytest.approx(100 * by_hand[mine], rel=SAME)
    assert row["theirs"] == 60 and row["difference"] == pytest.approx(row["ours"] - 60, rel=SAME)
    assert row["rounding"] == 1 and row["n"] == by_hand["n"]
    zzp = frame.loc["Course or training followed, by contract, self-employed, products, 2019"]
    zea = surveys["zea"].where("contract10 == 'zzp products'")
    assert zzp["ours"] == pytest.approx(100 * llo.mean("training", zea).estimate[0], rel=SAME)
    assert zzp["survey"] == "zea" and zzp["theirs"] == 26.5


def test_covers_and_what_cannot_be_judged(surveys: Mapping[str, llo.Survey]) -> None:
    frame = llo.monitor.beside(surveys=surveys).frame
    exact = frame["qualifier"] == "exactly as printed"
    assert frame.loc[~exact, "covers"].isna().all() and set(frame.loc[~exact, "number"]) == {"6", "8"}
    judged = frame[exact & frame["ours"].notna()]
    half = judged["rounding"] / 2
    inside = (judged["conf_low"] - half <= judged["theirs"]) & (judged["theirs"] <= judged["conf_high"] + half)
    assert judged["covers"].tolist() == inside.tolist() and not inside.all() and inside.any()
    # years that the surveys given do not have are kept, without an estimate
    gone = frame["ours"].isna()
    assert frame.loc[gone, "year"].tolist() == ["2021", "2012", "2014-2018"]
    assert frame.loc[gone, "covers"].isna().all()
    assert frame.loc[frame["qualifier"] == "more than", "difference"].isna().all()


def test_what_is_in_the_fit_is_said(surveys: Mapping[str, llo.Survey]) -> None:
    beside = llo.monitor.beside("1", surveys=surveys)
    fit = {(one["series"], one["category"]) for name in ("nea", "zea") for one in targets_of(name) if one.get("fit")}
    named = [(target.series, target.category) in fit for target in edition_of("2023").figures["1"].published]
    assert beside.frame["in_fit"].tolist() == named and sum(named) == 7
    assert beside.meta["synthetic"] and "7 van deze 12" in beside.meta["by_construction"]
    assert "de populatie is zo gemaakt dat 7 van deze 12 cijfers kloppen" in beside.figure("nl").wording.subtitle
    assert "in the fit" in str(beside.table("en")).lower()


def test_real_files_say_nothing_of_a_fit_and_keep_small_groups(surveys: Mapping[str, llo.Survey]) -> None:
    nea = surveys["nea"]
    source = {**nea.source, "synthetic": False, "kind": "restricted", "restricted": True}
    design = {"weights": "weight", "strata": ["year", "stratum"], "time": "year", "lonely_psu": "adjust"}
    real = llo.Survey(nea.frame.assign(synthetic=0), **design, source=source)
    beside = llo.monitor.beside("1", surveys={"nea": real})
    assert beside.frame["in_fit"].isna().all() and not beside.meta["synthetic"]
    small = beside.frame.set_index("what_en").loc[
        "Course or training followed, by contract, temporary under a year, 2019"
    ]
    assert np.isnan(small["ours"]) and np.isnan(small["n"])
    assert "fit" not in str(beside.table("en")).lower() and beside.figure("en").wording.subtitle == ""


def test_both_numbers_are_drawn(surveys: Mapping[str, llo.Survey]) -> None:
    beside = llo.monitor.beside("2", surveys=surveys, language="en")
    figure = beside.figure("en")
    known = beside.frame["ours"].notna().sum()
    assert len(figure.frame) == 2 * len(beside.frame) and known == 1
    figure.plot()
    assert "25.0" in str(beside) and "<table" in beside._repr_html_()


def test_one_number_is_not_several(surveys: Mapping[str, llo.Survey]) -> None:
    beside = llo.monitor.beside("2", surveys=surveys)
    one = replace(beside, frame=beside.frame[beside.frame["covers"].notna()].head(1))
    said = {"nl": "Het gepubliceerde cijfer ligt", "en": "The published figure"}
    assert all(text in one.figure(language).wording.title for language, text in said.items())
    assert "Hier geschat, naast wat is gepubliceerd" in str(one.table("nl"))
    none = replace(one, frame=one.frame.assign(covers=None).astype({"covers": "boolean"}))
    assert "geen precies getal" in none._title("nl")[0]


def test_numbers_are_as_printed_and_counted_alike(surveys: Mapping[str, llo.Survey]) -> None:
    beside = llo.monitor.beside("6", surveys=surveys)
    text = str(beside.table("nl"))
    assert beside.frame["qualifier"].tolist() == ["more than"] and "meer dan 90 " in text and "90,0" not in text
    assert "meer dan 90%" in beside.figure("nl").alt_text and "0 van deze 0" not in beside.figure("nl").wording.subtitle
    frame = llo.monitor.beside("1", surveys=surveys).frame
    frame = frame.assign(covers=[True, False, False, *[None] * (len(frame) - 3)]).astype({"covers": "boolean"})
    frame = frame.assign(in_fit=[True, True, False, *[True] * (len(frame) - 3)]).astype({"in_fit": "boolean"})
    title, note = replace(beside, frame=frame)._title("nl")
    assert title == "1 van 3 gepubliceerde cijfers ligt, op afronding na, in het interval"
    assert "dat 2 van deze 3 cijfers kloppen, en 1 daarvan ligt in" in note, "of those that are judged"
    assert note.endswith(f"hier niet te schatten: {len(frame) - 3}.")


def test_several_figures_of_a_chapter(surveys: Mapping[str, llo.Survey]) -> None:
    frame = llo.monitor.beside(["7", "8"], surveys=surveys).frame
    everything = llo.monitor.beside(surveys=surveys).frame
    chosen = everything[everything["number"].isin(["7", "8"])].reset_index(drop=True)
    assert frame.equals(chosen) and frame["number"].tolist() == ["7"] * 3 + ["8"] * 3


def test_refused(surveys: Mapping[str, llo.Survey]) -> None:
    with pytest.raises(llo.DataError, match=r"Beside figure 3[\s\S]*1, 2, 6, 7, 8"):
        llo.monitor.beside(["7", "3"], surveys=surveys)
    with pytest.raises(llo.DataError, match=r"Beside figure 3[\s\S]*1, 2, 6, 7, 8"):
        llo.monitor.beside("3", surveys=surveys)
    with pytest.raises(llo.DataError, match="no figure of this edition"):
        llo.monitor.beside("1", edition="2022-1", surveys=surveys)
    with pytest.raises(llo.DataError, match="None of these figures can be estimated"):
        llo.monitor.beside("2", surveys={"nea": surveys["nea"]})
    with pytest.raises(llo.DataError, match=r"not one published figure[\s\S]*agriculture 2021"):
        published_of(Target("WEA_75_agri", (2016, 2016), "wea", "agriculture"), llo.published(breaks="flag"))

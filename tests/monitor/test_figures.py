"""Proves that figures of all editions draw, with the numbers that the public estimators give by hand."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import llo_research as llo
from llo_research.monitor.editions import edition_of
from llo_research.monitor.replicated import PUBLICATION
from tests.data.yearly import small_nea

EDITIONS = ("2022-1", "2022-2", "2023", "2025")
SAME = 1e-12  # the same calls on the same rows: rounding of sums only
SMALL = 2000


@pytest.fixture(scope="module")
def surveys() -> dict[str, llo.Survey]:
    """Small samples, in years of each edition and on both sides of the break."""
    return {
        "nea": llo.synthetic("nea", years=[2018, 2020, 2022, 2024], n=SMALL),
        "zea": llo.synthetic("zea", years=[2017, 2019, 2021, 2023], n=SMALL),
        "wea": llo.synthetic("wea", n=SMALL),
    }


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_figure_draws_or_says_why_not(edition: str, surveys: Mapping[str, llo.Survey]) -> None:
    language = "nl" if edition == "2023" else "en"
    for number, entry in edition_of(edition).figures.items():
        if entry.available != "rebuilt":
            with pytest.raises(llo.DataError, match=rf"Figure {number} of edition {edition} cannot be rebuilt"):
                llo.monitor.figure(number, edition=edition, surveys=surveys)
            continue
        figure = llo.monitor.figure(number, edition=edition, surveys=surveys, language=language)
        head = figure.wording.subtitle
        assert f": {entry.title[language]}" in figure.title and edition in head and figure.content.synthetic
        # only a figure that was seen has a number of the monitor
        numbered = f"Naar figuur {number} " if language == "nl" else f"After figure {number} "
        assert head.startswith(numbered) == entry.seen
        assert np.isfinite(figure.frame["estimate"]).all() and (figure.frame["n"] > 0).all(), number
        if edition == "2023":
            figure.plot()


def test_employees_and_self_employed_side_by_side(surveys: Mapping[str, llo.Survey]) -> None:
    found = llo.monitor.estimates("1", edition="2025", surveys=surveys).to_frame().set_index(["survey", "year"])
    for name in ("nea", "zea"):
        alone = llo.mean("training", surveys[name], by="year").to_frame().set_index("year")
        rows = found.loc[name]
        assert rows.index.tolist() == alone.index.tolist()
        for column in ("estimate", "std_error", "df", "conf_low", "conf_high", "n"):
            np.testing.assert_allclose(rows[column].astype(float), alone[column].astype(float), rtol=SAME)


@pytest.mark.parametrize(
    ("number", "variable", "survey"),
    [("7", "skills_match", "nea"), ("3", "training_purpose", "nea"), ("9", "skills_match", "zea")],
)
def test_a_category_is_a_share_of_each_level(
    number: str, variable: str, survey: str, surveys: Mapping[str, llo.Survey]
) -> None:
    found = llo.monitor.estimates(number, edition="2025", surveys=surveys).to_frame()
    by_hand = llo.share(variable, surveys[survey], by="year").to_frame()
    assert found["level"].tolist() == by_hand["level"].tolist()
    np.testing.assert_allclose(found["estimate"], by_hand["estimate"], rtol=SAME)
    np.testing.assert_allclose(found["conf_high"], by_hand["conf_high"], rtol=SAME)


def test_groups_where_and_years(surveys: Mapping[str, llo.Survey]) -> None:
    chosen = {"by": "education", "where": "hours >= 24", "years": [2020, 2022]}
    nea = llo.monitor.estimates("5", surveys=surveys, **chosen).to_frame()
    domain = surveys["nea"].where("hours >= 24 & year in [2020, 2022]")
    by_hand = llo.mean("informal_tasks", domain, by=["education", "year"]).to_frame()
    np.testing.assert_allclose(nea["estimate"], by_hand["estimate"], rtol=SAME)
    np.testing.assert_allclose(nea["std_error"], by_hand["std_error"], rtol=SAME)


def test_a_survey_without_these_years_is_named(surveys: Mapping[str, llo.Survey]) -> None:
    assert llo.monitor.estimates("5", surveys=surveys, years=2022).meta["without"] == ("zea",)
    subtitle = llo.monitor.figure("5", surveys=surveys, years=2022, language="en").wording.subtitle
    assert "Without self-employed (ZEA): no answers in these years." in subtitle
    assert "Without" not in llo.monitor.figure("5", surveys=surveys, language="en").wording.subtitle
    with pytest.raises(llo.DataError, match=r"no answers to 'informal_tasks'[\s\S]*zea: 2017, 2019, 2021, 2023"):
        llo.monitor.estimates("5", surveys={"zea": surveys["zea"]}, years=2022)


def test_years_are_those_of_the_edition_in_which_the_question_was_asked(surveys: Mapping[str, llo.Survey]) -> None:
    def of(number: str, edition: str) -> list[int]:
        return sorted(set(llo.monitor.estimates(number, edition=edition, surveys=surveys).rows["year"]))

    assert of("1", "2022-1") == [2017, 2018, 2019, 2020]
    assert of("8", "2023") == [2018, 2020, 2022] and of("8", "2025") == [2018, 2020, 2022, 2024]
    assert of("2", "2023") == [2016, 2021] and of("2", "2025") == [2016, 2021, 2024]


def test_the_break_of_one_survey_is_shown_and_cuts_its_lines_only(surveys: Mapping[str, llo.Survey]) -> None:
    figure = llo.monitor.figure("1", edition="2025", surveys=surveys)
    assert [time for time, _ in figure.content.breaks] == [2022]
    axes = figure.plot().axes[0]
    spans = [line.get_xdata() for line in axes.get_lines() if line.get_linewidth() == 1.8]
    crossing = [x for x in spans if min(x) < 2022 <= max(x)]
    assert [list(x) for x in crossing] == [[2017, 2019, 2021, 2023]]
    told = llo.monitor.estimates("1", edition="2025", surveys=surveys).meta["source"]["breaks"]
    assert [(item["time"], item["survey"], item["judged"]) for item in told] == [(2022, "nea", "not read")]
    # a figure of years after a break does not speak of it
    assert not llo.monitor.figure("1", surveys={"nea": surveys["nea"]}, years=[2022, 2024]).content.breaks


def test_more_lines_than_can_be_read_are_the_latest_year(surveys: Mapping[str, llo.Survey]) -> None:
    lines = llo.monitor.figure("1", surveys=surveys, by="education")
    assert lines.kind == "lines"
    dots = llo.monitor.figure("1", surveys=surveys, by="sector")
    found = llo.monitor.estimates("1", surveys=surveys, by="sector").rows
    assert dots.kind == "dots" and len(dots.frame) == 26
    assert found.groupby("survey", observed=True)["year"].unique().map(list).to_dict() == {"nea": [2022], "zea": [2021]}
    with pytest.raises(llo.DataError, match="lines cannot be told apart"):
        llo.monitor.figure("1", surveys=surveys, by="sector", years=[2020, 2022, 2021]).plot()
    one = llo.monitor.figure("1", surveys={"nea": surveys["nea"]}, by="sector", language="en")
    assert "2022" in one.wording.subtitle and "Survey year" not in one.frame


def test_parts_of_an_indicator_are_rows(surveys: Mapping[str, llo.Survey]) -> None:
    found = llo.monitor.estimates("20", surveys=surveys, years=2022).to_frame().set_index("variable")
    by_hand = llo.mean("hr3 == 1", surveys["nea"].where("year == 2022")).to_frame()
    assert found.loc["career", "estimate"] == pytest.approx(by_hand["estimate"][0], rel=SAME)
    assert found.loc["career", "n"] == by_hand["n"][0]
    shown = llo.monitor.figure("21", surveys=surveys, years=2021, language="nl")
    assert "loopbaanadvies of loopbaanbegeleiding" in shown.alt_text
    assert shown.title == "SYNTHETISCH: HR-instrumenten van werkgevers", "of one year of several parts nothing is found"


def test_the_title_says_what_was_found_within_one_method() -> None:
    nea = llo.synthetic("nea", years=[2014, 2021, 2022])
    shown = llo.monitor.figure("1", surveys={"nea": nea}, language="nl").title
    moved = llo.monitor.estimates("1", surveys={"nea": nea}).contrast({"2021": 1, "2014": -1})  # not over 2022
    assert abs(moved.estimate[0]) > 1.96 * moved.std_error[0] and moved.estimate[0] < 0
    size = f"{abs(100 * moved.estimate[0]):.1f}".replace(".", ",")
    assert shown.replace("\xa0", " ").endswith(f"twee jaar: {size} punten minder in 2021 dan in 2014")
    small = nea.where("sector == 'agriculture'")
    told = llo.monitor.figure("1", surveys={"nea": small}, language="nl").title
    assert told.endswith("twee jaar: geen aantoonbare verandering van 2014 tot 2021")


def test_the_title_says_which_groups_differ(surveys: Mapping[str, llo.Survey]) -> None:
    of = {"nea": surveys["nea"]}
    shown = llo.monitor.figure("1", surveys=of, by="education", language="en").title
    apart = llo.monitor.estimates("1", surveys=of, by="education").contrast({"high:2022": 1, "low:2022": -1})
    size = f"{100 * apart.estimate[0]:.1f}"
    assert shown.replace("\xa0", " ").endswith(f": {size} points more for hbo or wo than for up to mbo-1, 2022")
    several = llo.monitor.figure("7", surveys=of, by="education", language="en").title
    assert several.endswith("with the work, according to employees"), "of groups and answers at once the name alone"


def test_employers_are_counted_by_themselves_or_by_their_workers(surveys: Mapping[str, llo.Survey]) -> None:
    wea = surveys["wea"]
    firms = llo.monitor.estimates("2", edition="2025", surveys=surveys).estimate
    workers = llo.monitor.estimates("trained_over_75_employees", edition="2025", surveys=surveys).estimate
    np.testing.assert_allclose(firms, llo.mean("trained_over_75", wea, by="year").estimate, rtol=SAME)
    by_hand = llo.mean("trained_over_75", wea.use_weights("weight_employees"), by="year").estimate
    np.testing.assert_allclose(workers, by_hand, rtol=SAME)
    assert np.abs(firms - workers).min() > 0


def test_small_groups_of_restricted_files_are_withheld(surveys: Mapping[str, llo.Survey]) -> None:
    nea = surveys["nea"]
    frame = nea.frame.assign(synthetic=0)
    source = {**nea.source, "synthetic": False, "kind": "restricted", "restricted": True}
    real = llo.Survey(
        frame, weights="weight", strata=["year", "stratum"], time="year", lonely_psu="adjust", source=source
    )
    figure = llo.monitor.figure("1", surveys={"nea": real}, by="sector", years=2022, language="en")
    gone = figure.frame["flag"] == "withheld"
    assert gone.any() and not gone.all()
    assert figure.frame.loc[gone, "estimate"].isna().all()
    shown = llo.report.figure(llo.mean("training", real.where("year == 2022"), by="sector"), disclosure=PUBLICATION)
    assert gone.tolist() == (shown.frame["flag"] == "withheld").tolist()


@pytest.mark.parametrize(
    "other", [{"by": "education"}, {"where": "age >= 25"}, {"years": [2020, 2022]}, {"surveys": None}]
)
def test_only_the_figure_itself_has_its_number(other: dict[str, object], surveys: Mapping[str, llo.Survey]) -> None:
    options = {"surveys": surveys, **other, "language": "en"}
    if options["surveys"] is None:
        options["surveys"] = {"nea": surveys["nea"]}
    subtitle = llo.monitor.figure("1", **options).wording.subtitle
    assert subtitle.startswith("Variation on figure 1 of the Monitor Leercultuur, edition 2023. Share")
    own = llo.monitor.figure("1", surveys=surveys, language="en").wording.subtitle
    assert own.startswith("After figure 1 of the Monitor Leercultuur, edition 2023. Share by survey and survey year")


def test_files_are_saved(tmp_path: Path, surveys: Mapping[str, llo.Survey]) -> None:
    paths = llo.monitor.figure("16", surveys=surveys).save(tmp_path)
    assert {path.suffix for path in paths.values()} == {".svg", ".png", ".csv", ".txt"}


def test_surveys_of_an_edition_are_loaded_once() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        loaded = llo.monitor.surveys("2022-1")
    assert len([one for one in told if "these data are synthetic" in str(one.message)]) <= 2
    assert list(loaded) == ["nea", "zea"]
    years = sorted(int(year) for year in loaded["nea"].frame["year"].unique())
    assert years == list(range(2012, 2021)) and set(loaded["zea"].frame["year"]) == {2015, 2017, 2019}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert llo.monitor.surveys("2022-1")["nea"] is loaded["nea"]


def test_the_source_names_the_one_year_that_is_shown(surveys: Mapping[str, llo.Survey]) -> None:
    notes = llo.monitor.figure("1", surveys={"nea": surveys["nea"]}, years=2022, language="en").notes
    source = next(note for note in notes if note.startswith("Source:"))
    assert "(NEA), 2022;" in source and "to 2013" not in source
    found = llo.monitor.estimates("1", surveys={"nea": surveys["nea"]}, years=[2022], by="education")
    assert "(NEA), 2022;" in str(llo.report.table(found.contrast({"high:2022": 1, "low:2022": -1}), language="en"))


def test_surveys_of_a_chapter_are_those_of_its_figures() -> None:
    of = import_module("llo_research.monitor.surveys")._used_in
    chosen = edition_of("2023")
    assert of(chosen, "03_urgency") == {"nea", "zea"}  # figure 10, of the WEA, cannot be rebuilt
    assert of(chosen, "04_stimulating_factors") == {"nea", "zea", "wea"}
    with pytest.raises(llo.DataError, match=r"03_urgenty[\s\S]*did you mean '03_urgency'"):
        llo.monitor.surveys("2023", source="synthetic", chapter="03_urgenty")


def test_real_files_are_taken_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for year in (2012, 2019, 2020):
        (tmp_path / "nea").mkdir(exist_ok=True)
        small_nea(year).to_csv(tmp_path / "nea" / f"nea{year}.csv", index=False)
    monkeypatch.setenv("LLO_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    loaded = import_module("llo_research.monitor.surveys")._loaded
    loaded.cache_clear()
    try:
        figure = llo.monitor.figure("1", edition="2022-1", surveys={"nea": llo.load("nea")}, language="en")
        nea = import_module("llo_research.monitor.surveys").load_of(edition_of("2022-1"), "nea")
        assert not nea.source["synthetic"] and nea.source["restricted"]
        again = llo.monitor.figure("1", edition="2022-1", surveys={"nea": nea}, language="en")
        assert figure.frame.equals(again.frame) and figure.alt_text == again.alt_text
        assert "SYNTHETIC" not in figure.title and "Selection" not in " ".join(again.wording.foot)
        mixed = {"nea": nea, "zea": llo.synthetic("zea", years=2019, n=SMALL)}
        for show in (llo.monitor.figure, llo.monitor.beside):
            with pytest.raises(llo.DataError, match=r"not shown together[\s\S]*nea real, zea synthetic"):
                show("1", surveys=mixed)
        there = llo.monitor.surveys("2022-1", source="real")
        assert isinstance(there["nea"], llo.Survey) and not isinstance(there["zea"], llo.Survey)
    finally:
        loaded.cache_clear()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"number": "99"}, r"no such figure[\s\S]*'99'[\s\S]*1, 2, 3"),
        ({"number": "trainin"}, "did you mean 'training'"),
        ({"number": "1", "edition": "2024"}, "2022-1, 2022-2, 2023, 2025"),
        ({"number": "10"}, r"Figure 10 of edition 2023 cannot be rebuilt \(not available\)[\s\S]*not known"),
        ({"number": "2", "surveys": {}}, r"not the surveys of this figure[\s\S]*wea"),
        ({"number": "1", "surveys": {"piaac": None}}, r"piaac[\s\S]*nea, zea"),
        ({"number": "1", "language": "de"}, "nl, en"),
        ({"number": "1", "where": "agee > 5"}, "agee"),
        ({"number": "1", "by": "nothing"}, "nothing"),
    ],
)
def test_refused(options: dict[str, object], said: str, surveys: Mapping[str, llo.Survey]) -> None:
    with pytest.raises(llo.DataError, match=said):
        llo.monitor.figure(**{"surveys": surveys, **options})


def test_a_survey_under_the_name_of_another_is_refused(surveys: Mapping[str, llo.Survey]) -> None:
    turned = {"nea": surveys["zea"], "zea": surveys["nea"]}
    with pytest.raises(llo.DataError, match=r"under the name of another[\s\S]*'nea'[\s\S]*a survey of zea"):
        llo.monitor.figure("1", surveys=turned)
    with pytest.raises(llo.DataError, match=r"given by name[\s\S]*Survey"):
        llo.monitor.estimates("1", surveys=surveys["nea"])  # type: ignore[arg-type]  # what is refused


def test_a_year_beyond_all_data_is_no_slip_in_silence(surveys: dict[str, llo.Survey]) -> None:
    nea, last = surveys["nea"], 2024
    with pytest.raises(llo.DataError, match="no answers to 'training' in these years") as caught:
        llo.monitor.estimates("1", surveys={"nea": nea}, years=[last, 2030])
    assert caught.value.found == "2030"
    assert llo.monitor.estimates("1", surveys={"nea": nea}, years=range(last, 2031)).labels == (str(last),)

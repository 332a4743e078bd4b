"""Proves that answers to different questions never stand beside each other unmarked, whatever the verb."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from tests.survey.unlike import TWELVE, TWO, frame_of, parts, survey

GAP: dict[str, Any] = {"group": "education", "of": "high", "minus": "low"}
BETWEEN: dict[str, Any] = {"group": "survey", "of": "nea", "minus": "piaac"}
MODEL = "training ~ education + hours"

# every verb that may set the two shares beside each other, or mix them
VERBS: dict[str, Any] = {
    "mean": lambda s: llo.mean("training", s, by="survey"),
    "mean of all": lambda s: llo.mean("training", s),
    "mean of a condition": lambda s: llo.mean("training == 1", s, by="survey"),
    "mean of a copy": lambda s: llo.mean("t", s.assign(t=lambda d: d["training"]), by="survey"),
    "share": lambda s: llo.share("training", s, by="survey"),
    "total": lambda s: llo.total("training", s, by="survey"),
    "ratio": lambda s: llo.ratio("training", "hours", s, by="survey"),
    "covariance": lambda s: llo.covariance(["training", "hours"], s),
    "ordered": lambda s: llo.ordered("autonomy ~ training", s),
    "variance": lambda s: llo.variance("training", s),
    "quantile": lambda s: llo.quantile("training", s, q=[0.5]),
    "correlation": lambda s: llo.correlation(["training", "hours"], s),
    "gap within": lambda s: llo.gap("training", s, **GAP, by="survey"),
    "gap between": lambda s: llo.gap("training", s, **BETWEEN),
    "change": lambda s: llo.change("training", s, by="survey", time="year", base=2014),
    "gap_change": lambda s: llo.gap_change("training", s, **GAP, time="year", base=2014),
    "trend": lambda s: llo.trend("training", s, time="year", by="survey"),
    "crosstab": lambda s: llo.crosstab("education", "training", s),
    "crosstab by survey": lambda s: llo.crosstab("survey", "training", s),
    "banner": lambda s: llo.banner(["training"], s, by=["survey"]),
    "banner by education": lambda s: llo.banner(["training", "hours"], s, by=["education"]),
    "rank_gap": lambda s: llo.rank_gap("training", s, rank="hours"),
    "ranks": lambda s: llo.ranks(llo.mean("training", s, by="survey")),
    "glm": lambda s: llo.glm(MODEL, s),
    "logit": lambda s: llo.glm(MODEL, s, family="binomial"),
    "glm as a regressor": lambda s: llo.glm("wage ~ training + hours", s),
    "of the trained": lambda s: llo.mean("wage", s.where("training == 1"), by="survey"),
    "by training": lambda s: llo.mean("wage", s, by="training"),
    "oaxaca": lambda s: llo.decomposition.oaxaca_blinder("training ~ hours + autonomy", s, **GAP, reference="minus"),
    "oaxaca between": lambda s: llo.decomposition.oaxaca_blinder(
        "training ~ hours + autonomy", s, **BETWEEN, reference="minus"
    ),
    "oaxaca with training": lambda s: llo.decomposition.oaxaca_blinder(
        "wage ~ training", s, **BETWEEN, reference="minus"
    ),
    "oaxaca_change": lambda s: llo.decomposition.oaxaca_change(
        "training ~ hours", s, **GAP, time="year", base=2014, reference="minus"
    ),
    "standardise": lambda s: llo.decomposition.standardise("training", s, cells=["education"], over="year"),
    "standardise over surveys": lambda s: llo.decomposition.standardise(
        "training", s, cells=["education"], over="survey"
    ),
    "gelbach": lambda s: llo.decomposition.gelbach(
        "training ~ hours + autonomy", s, focal="hours", groups={"job": ["autonomy"]}
    ),
    "sequential": lambda s: llo.decomposition.sequential(
        "training ~ hours", s, focal="hours", blocks={"job": ["autonomy"]}
    ),
    "shapley_r2": lambda s: llo.decomposition.shapley_r2("training ~ hours + autonomy", s),
    "joint": lambda s: llo.joint(
        {name: llo.mean("training", s.where(f"survey == '{name}'")) for name in ("nea", "piaac")}
    ),
    "joint of models": lambda s: llo.joint(
        {name: llo.glm(MODEL, s.where(f"survey == '{name}'")) for name in ("nea", "piaac")}
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_two_year_share_beside_a_twelve_month_one_is_refused(verb: str) -> None:
    with pytest.raises(llo.DataError, match="another reference period") as caught:
        VERBS[verb](llo.stack(parts()))
    assert "nea: past two years; piaac: past twelve months" in str(caught.value)
    assert "breaks='flag'" in str(caught.value)


@pytest.mark.parametrize("verb", VERBS)
def test_where_it_is_said_every_number_is_marked(verb: str) -> None:
    result = VERBS[verb](llo.stack(parts(), breaks="flag"))
    frame = result.to_frame()
    about = frame if "variable" not in frame else frame[frame["variable"].astype(str).isin(["training", "t"])]
    about = frame if about.empty else about
    assert len(about) and about["flag"].str.contains("period").all()
    told = result.meta["definitions"]["training"]["surveys"]
    assert {name: own["reference_period"]["en"] for name, own in told.items()} == {
        "nea": TWO["en"],
        "piaac": TWELVE["en"],
    }


@pytest.mark.parametrize("verb", VERBS)
def test_one_question_in_both_is_untouched(verb: str) -> None:
    result = VERBS[verb](llo.stack(parts(period=TWO)))
    assert not result.to_frame()["flag"].str.contains("period|definition").any()
    assert "definitions" not in result.meta


@pytest.mark.parametrize("verb", ["mean", "gap between", "glm", "joint", "oaxaca"])
def test_another_definition_over_the_same_period_is_refused_too(verb: str) -> None:
    other = {"period": TWO, "definition": "formal and non-formal"}
    with pytest.raises(llo.DataError, match="is defined otherwise"):
        VERBS[verb](llo.stack(parts(**other)))
    frame = VERBS[verb](llo.stack(parts(**other), breaks="flag")).to_frame()
    assert frame["flag"].str.contains("definition").all()


def test_numbers_are_those_of_the_surveys_alone() -> None:
    """Marking changes no number."""
    two = llo.mean("training", llo.stack(parts(), breaks="flag"), by="survey").to_frame()
    alone = [llo.mean("training", svy).to_frame().iloc[0] for svy in parts().values()]
    assert two["estimate"].tolist() == pytest.approx([one["estimate"] for one in alone], rel=1e-14)  # order of sums
    assert two["std_error"].tolist() == pytest.approx([one["std_error"] for one in alone], rel=1e-12)


def test_one_survey_of_the_stack_is_no_mixture() -> None:
    one = llo.mean("training", llo.stack(parts()).where("survey == 'nea'"))
    assert one.meta["of_surveys"] == {"training": ["nea"]} and one.to_frame()["flag"].tolist() == [""]
    asked_once = {
        **parts(),
        "piaac": survey("piaac", TWELVE, "x", 2).assign(training=lambda d: d["training"] * float("nan")),
    }
    assert llo.mean("training", llo.stack(asked_once)).meta["of_surveys"] == {"training": ["nea"]}


def test_a_domain_of_one_survey_is_no_mixture() -> None:
    trained = {name: svy.where("training == 1") for name, svy in parts().items()}
    with pytest.raises(llo.DataError, match="another reference period"):
        llo.mean("wage", llo.stack(trained), by="survey")
    one = llo.stack({**parts(), "nea": trained["nea"]})
    assert llo.mean("wage", one, by="survey").to_frame()["flag"].tolist() == ["", ""]


def test_models_of_two_surveys_in_one_table_keep_their_periods() -> None:
    fits = [llo.glm(MODEL, svy) for svy in parts().values()]
    text = llo.report.table(llo.compare(fits, labels=["nea", "piaac"]), language="en").to_markdown()
    assert "nea: Reference period: past two years" in text and "piaac: Reference period: past twelve months" in text


def test_what_both_ask_alike_stays_comparable() -> None:
    both = llo.stack(parts())
    assert llo.gap("wage", both, **BETWEEN).to_frame()["flag"].tolist() == [""]
    assert llo.mean("wage", both, by=["survey", "education"]).meta["of_surveys"] == {"wage": ["nea", "piaac"]}


def test_classes_that_differ_are_told_and_not_refused() -> None:
    other = survey("gss", TWO, "any course", 2)
    other = other._with(source={**other.source, "definition": {**other.source["definition"], "education": "degrees"}})
    both = llo.stack({"nea": parts()["nea"], "gss": other})
    result = llo.mean("training", both, by=["survey", "education"])
    assert result.meta["definitions"]["education"]["groups"] is True
    assert not result.to_frame()["flag"].str.contains("definition").any()
    note = llo.report.table(result, language="en").to_markdown()
    assert "Classed otherwise in each survey: education (nea, gss)" in note
    with pytest.raises(llo.DataError, match="'education' is defined otherwise"):
        llo.share("education", both, by="survey")


def test_classes_that_no_two_surveys_share_are_no_comparison() -> None:
    """Employees have classes of contract, the self-employed have others."""
    nea, zea = survey("nea", TWO, "any course", 1), survey("zea", TWO, "any course", 2)
    made = {}
    for name, svy, codes in (("nea", nea, {"low": "a", "high": "b"}), ("zea", zea, {"low": "c", "high": "d"})):
        definition = {**svy.source["definition"], "contract": f"classes of the {name}"}
        own = svy._with(source={**svy.source, "definition": definition})
        made[name] = own.assign(contract=own.frame["education"].astype(object).map(codes))
    assert "definitions" not in llo.mean("training", llo.stack(made), by="contract").meta


def test_surveys_that_say_nothing_are_taken_as_they_are() -> None:
    plain = llo.Survey(frame_of(3), weights="w", strata="year", time="year")
    both = llo.stack({"nea": parts()["nea"], "own": plain})
    assert llo.mean("training", both, by="survey").to_frame()["flag"].tolist() == ["", ""]


def test_contrasts_of_marked_numbers_are_marked() -> None:
    means = llo.mean("training", llo.stack(parts(), breaks="flag"), by="survey")
    assert means.contrast({"nea": 1, "piaac": -1}).to_frame()["flag"].tolist() == ["period"]
    assert means.contrast("log(nea / piaac)").to_frame()["flag"].tolist() == ["period"]


@pytest.mark.parametrize(
    ("language", "words", "period", "note"),
    [
        ("en", "past two years", "Reference period: nea: past two years; piaac: past twelve months", "not one series"),
        ("nl", "afgelopen twee jaar", "Referentieperiode: nea: afgelopen twee jaar; piaac:", "niet één reeks"),
    ],
)
def test_tables_figures_and_files_carry_it(tmp_path: Path, language: str, words: str, period: str, note: str) -> None:
    result = llo.mean("training", llo.stack(parts(), breaks="flag"), by="survey")
    table = llo.report.table(result, language=language)
    text = table.to_markdown()
    assert f"| nea ({words})" in text and period in text and note in text
    figure = llo.report.figure(result, language=language)
    assert figure.frame["flag"].tolist() == ["period", "period"] and f"nea ({words})" in figure.alt_text
    svg = (figure.save(tmp_path) or tmp_path) and "".join(p.read_text("utf-8") for p in tmp_path.rglob("*.svg"))
    assert words in svg and note in svg
    openpyxl = pytest.importorskip("openpyxl")
    table.to_excel(tmp_path / "t.xlsx")
    llo.report.workbook({"training": result}, tmp_path / "w.xlsx", language=language)
    for name in ("t.xlsx", "w.xlsx"):
        book = openpyxl.load_workbook(tmp_path / name)
        cells = " ".join(
            str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None
        )
        assert words in cells and note in cells


def test_a_label_never_gives_one_survey_the_words_of_another() -> None:
    """The label of the first survey holds its period, which is not that of the second."""
    result = llo.gap("training", llo.stack(parts(), breaks="flag"), **BETWEEN)
    told = str(llo.report.sentence(result, language="en"))
    assert told.startswith("Training: ") and "nea (past two years) and piaac (past twelve months)" in told
    assert told.endswith("Different reference periods: not one series.")
    assert "Verschillende referentieperioden" in str(llo.report.sentence(result, language="nl"))


def test_labels_that_differ_stand_beside_each_other() -> None:
    two = parts()
    two["piaac"] = two["piaac"].label(training={"nl": "Cursus, afgelopen twaalf maanden", "en": "Course"})
    labels = llo.stack(two, breaks="flag").labels["training"]
    assert labels["nl"] == "Opleiding (nea) / Cursus (piaac)" and labels["en"] == "Training (nea) / Course (piaac)"
    assert llo.stack(parts(period=TWO)).labels["training"]["en"] == "Training, past two years"


def test_a_break_is_told_with_the_survey_whose_series_it_breaks() -> None:
    entry = {"time": 2018, "what": {"nl": "andere vraag", "en": "new question"}, "series": ["training"]}
    both = llo.stack(parts(period=TWO, breaks=[entry]))
    text = llo.report.table(llo.mean("training", both, by=["survey", "year"]), language="en").to_markdown()
    assert "Method break 2018 (piaac): new question." in text


def test_saved_and_read_it_is_marked_still(tmp_path: Path) -> None:
    result = llo.mean("training", llo.stack(parts(), breaks="flag"), by="survey")
    result.save(tmp_path / "r")
    assert llo.read_result(tmp_path / "r").to_frame()["flag"].tolist() == ["period", "period"]


def test_options_are_checked() -> None:
    with pytest.raises(llo.DataError, match="breaks"):
        llo.stack(parts(), breaks="ignore")


def test_pooling_marked_numbers_says_so_in_what_it_keeps() -> None:
    """A meta-analysis keeps what its result says of itself, the differing questions too."""
    three = {**parts(), "ess": survey("ess", TWELVE, "course, lecture or conference", 3)}
    with pytest.raises(llo.DataError, match="another reference period"):
        llo.mean("training", llo.stack(three), by="survey")
    pooled = llo.meta_analysis(llo.mean("training", llo.stack(three, breaks="flag"), by="survey"))
    assert set(pooled.meta["definitions"]["training"]["surveys"]) == set(three)


def test_the_title_of_a_figure_claims_no_difference() -> None:
    figure = llo.report.figure(llo.gap("training", llo.stack(parts(), breaks="flag"), **BETWEEN), language="en")
    assert "different reference periods, not one series" in figure.alt_text and "points more" not in figure.alt_text


def test_results_of_two_surveys_are_no_list_of_one_figure_and_no_joint_result() -> None:
    """Apart they stay apart: only a stack sets them beside each other."""
    two = {name: llo.mean("training", svy) for name, svy in parts().items()}
    with pytest.raises(llo.DataError, match="cannot be shown"):
        llo.report.figure(list(two.values()), language="en")
    with pytest.raises(llo.DesignError, match="different surveys"):
        llo.joint(two)

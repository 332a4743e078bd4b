"""Proves what tables say, to the letter, in Dutch and English; every row of a result stays a row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.report import figure, table
from llo_research.results.quantities import Quantity

DUTCH = """\
Opleiding of cursus gevolgd: aandeel naar opleidingsniveau
---------------------------------------------------
Opleidingsniveau  Aandeel (%)         95%-BI      n
---------------------------------------------------
laag                     45,0  41,8 tot 48,2    782
hoog                     73,3  70,9 tot 75,7  1.300
---------------------------------------------------
Bron: Enquête, 2021-2024; selectie: age >= 25 (2.000 waarnemingen, 4 onbekend); n = 782 tot 1.300 per rij; gewogen.
Referentieperiode: afgelopen twee jaar.
Over deze cijfers: Weging: w. BI: 95%-betrouwbaarheidsinterval; symmetrisch (Wald). \
Weggelaten wegens ontbrekende waarden: Opleiding of cursus gevolgd (3). Bron: Enquête, 2024; CBS & TNO."""


def test_dutch(by_education: Any) -> None:
    assert str(table(by_education)) == DUTCH
    assert repr(table(by_education)) == DUTCH


def test_english(by_education: Any) -> None:
    shown = table(by_education, language="en")
    assert shown.to_frame().to_dict("list") == {
        "Education": ["low", "high"],
        "Share (%)": ["45.0", "73.3"],
        "95% CI": ["41.8 to 48.2", "70.9 to 75.7"],
        "n": ["782", "1,300"],
    }
    assert shown.caption == "Followed training: share by education"
    assert shown.notes == (
        "Selection: age >= 25 (2,000 observations, 4 unknown).",
        "Unweighted count per row: n = 782 to 1,300.",
        "Weight: w.",
        "CI: 95% confidence interval; symmetric (Wald).",
        "Left out for missing values: Followed training (3).",
        "Reference period: past two years.",
        "Source: Survey, 2024; CBS & TNO.",
    )


def test_digits(by_education: Any) -> None:
    assert table(by_education, digits=0).to_frame()["Aandeel (%)"].tolist() == ["45", "73"]
    assert table(by_education, digits=2).to_frame()["95%-BI"].tolist() == ["41,80 tot 48,20", "70,90 tot 75,70"]


def test_no_negative_zero(make_result: Callable[..., Any]) -> None:
    points = Quantity("difference", "points", 0.0)
    rows = {"variable": ["y"], "measure": ["difference"], "of": ["a"], "minus": ["b"]}
    shown = table(make_result(rows, [-0.0002], [0.0001], quantity=points, tested=True)).to_frame()
    assert shown["Verschil (procentpunt)"].tolist() == ["0,0"]
    assert shown["95%-BI"].tolist() == ["0,0 tot 0,0"]


def test_empty_rows_and_flags_are_shown_and_explained(make_result: Callable[..., Any]) -> None:
    rows = {"g": ["a", "b", "c"], "variable": ["y"] * 3}
    share, errors = Quantity("share", "percent"), [0.1, np.nan, 0.0]
    shown = table(make_result(rows, [0.5, np.nan, 1.0], errors, [40, 0, 12], quantity=share, interval="logit"))
    frame = shown.to_frame()
    assert frame["Aandeel (%)"].tolist() == ["50,0", "geen gegevens", "100,0"]
    # 0.025 ** (1 / 12), Clopper and Pearson's lower end for 12 of 12
    assert frame["95%-BI"].tolist()[1:] == ["–", "73,5 tot 100,0"]
    assert "logit of bij 0 en 100% Korn-Graubard" in shown.content.notes["interval"]
    assert frame["Noot"].tolist() == ["", "a", "b"]
    assert shown.notes[:2] == (
        "a: geen waarnemingen met een gewicht.",
        "b: aandeel van precies 0 of 100%; alleen de beta- en wilson-intervallen zijn dan gedefinieerd.",
    )


def test_synthetic_data_say_so_everywhere(over_time: Any) -> None:
    for language, word in (("nl", "SYNTHETISCH"), ("en", "SYNTHETIC")):
        shown = table(over_time, language=language)
        assert shown.caption.startswith(f"{word}: ")
        for text in (str(shown), shown.to_html(), shown.to_markdown(), shown.to_latex()):
            assert text.count(word) >= 2


def test_another_weight_is_a_note_of_its_own_and_no_condition() -> None:
    frame = pd.DataFrame({"a": [1.0, 0.0, 1.0, 0.0], "w": [1.0, 2.0, 3.0, 4.0], "half": [2.0, 3.0, np.nan, np.nan]})
    svy = llo.Survey(frame, weights="w", item_weights={"a": "half"})
    for result in (llo.mean("a", svy), llo.mean("a", svy.use_weights("half"))):
        text = str(table(result, language="en"))
        assert "Weight: half." in text
        assert "Selection" not in text


def test_a_title_of_ones_own(by_education: Any, over_time: Any) -> None:
    shown = table(by_education, title="Wie volgt_een cursus?")
    assert shown.title == shown.caption == str(shown).split("\n")[0] == "Wie volgt_een cursus?"
    assert "<caption>Wie volgt_een cursus?</caption>" in shown.to_html()
    assert shown.to_latex().count(r"\caption{Wie volgt\_een cursus?}") == 1
    assert shown.notes == table(by_education).notes
    assert table(over_time, title="Deelname").caption == "SYNTHETISCH: Deelname"
    assert table(over_time, title="").caption == "SYNTHETISCH"
    bare = table(by_education, title="")
    assert str(bare).startswith("-") and bare.to_markdown().startswith("| ")
    assert "caption" not in bare.to_html() + bare.to_latex()
    with pytest.raises(DataError, match="A title is text"):
        table(by_education, title=3)  # type: ignore[arg-type]  # refused on purpose


def test_a_crosstab_is_in_percentages_and_says_of_whom(survey: llo.Survey) -> None:
    found = llo.crosstab("training", "contract", survey)
    shown = table(found, language="en")
    assert shown.title == "Followed training and contract: share of all"
    frame = shown.to_frame()
    assert frame.columns.tolist() == ["Followed training", "Contract", "Share (%)", "95% CI", "n"]
    assert frame["Share (%)"].tolist() == [f"{100 * value:.1f}" for value in found.estimate]
    assert frame["Followed training"].tolist() == ["no", "no", "yes", "yes"]
    assert table(found).title == "Opleiding of cursus gevolgd en contract: aandeel van allen"
    assert table(found).content.heading == "Aandeel (%)"
    by = llo.crosstab("training", "contract", survey, by="education")
    assert table(by, language="en").title == "Followed training and contract: share within education"
    assert table(by).title == "Opleiding of cursus gevolgd en contract: aandeel binnen opleidingsniveau"
    assert table(found.shares("row"), language="en").title == "Contract: share by followed training"


def test_a_crosstab_tells_reference_period_and_breaks(survey: llo.Survey) -> None:
    source = {
        "title": "Made up",
        "reference_period": {"training": "past year"},
        "breaks": [{"time": 2022, "what": "new collection", "series": ["training"]}],
    }
    svy = llo.Survey(survey.frame, weights="w", labels=survey.labels, source=source)
    found = llo.crosstab("training", "contract", svy)
    for shown in (table(found, language="en"), table(found.test("F"), language="en")):
        assert {"Reference period: past year.", "Method break 2022: new collection."} <= set(shown.notes)


def test_quantiles_are_named(survey: llo.Survey) -> None:
    several = table(llo.quantile("hours", survey, q=[0.25, 0.5, 0.125]))
    assert several.title == "Uren: kwantielen"
    assert several.to_frame().columns.tolist() == ["Kwantiel", "Waarde", "95%-BI", "n"]
    assert several.to_frame()["Kwantiel"].tolist() == ["25e percentiel", "mediaan", "12,5e percentiel"]
    median = table(llo.quantile("hours", survey, q=0.5, by="education"))
    assert median.title == "Uren: mediaan naar opleidingsniveau"
    assert median.to_frame().columns.tolist() == ["Opleidingsniveau", "Mediaan", "95%-BI", "n"]
    assert any("; Woodruff; " in note for note in median.notes)
    single = table(llo.quantile("hours", survey, q=0.9), language="en")
    assert single.title == "Hours: 90th percentile"
    assert single.to_frame().columns.tolist() == ["Variable", "90th percentile", "95% CI", "n"]


def test_variances_are_named(survey: llo.Survey) -> None:
    for language, title, head in (("nl", "Uren: variantie", "Variantie"), ("en", "Hours: variance", "Variance")):
        shown = table(llo.variance("hours", survey), language=language)
        assert (shown.title, shown.content.heading) == (title, head)


def test_breaks_are_mentioned_where_they_concern_the_variable(over_time: Any, by_education: Any) -> None:
    assert "Methodebreuk 2022: andere waarneming." in table(over_time).notes
    assert not any("breuk" in note for note in table(by_education).notes)


def test_every_shape_of_result_keeps_its_rows(survey: llo.Survey) -> None:
    mean = llo.mean("training", survey, by=["education", "contract"])
    gaps = llo.gap("training", survey, group="education", of="high", minus="low", by="contract")
    joint = llo.joint({"education": llo.mean("training", survey, by="education"), "all": llo.mean("hours", survey)})
    results = {
        "mean": mean,
        "share": llo.share("contract", survey, by="education"),
        "gap": gaps,
        "odds": llo.gap("training", survey, group="education", of="high", minus="low", scale="odds"),
        "total": llo.total(["training", "hours"], survey),
        "ratio": llo.ratio("training", "hours", survey),
        "contrast": mean.contrast({"x": {mean.labels[0]: 1, mean.labels[1]: -1}}),
        "joint": joint,
    }
    for name, result in results.items():
        frame = table(result).to_frame()
        assert len(frame) == len(result.to_frame()), name
        assert frame.columns.is_unique, name
    assert table(gaps).title == "Opleiding of cursus gevolgd: verschil, hoog tegenover laag, naar contract"
    assert table(joint).to_frame().iloc[:, :2].to_numpy().tolist() == [
        ["Opleidingsniveau", "laag"],
        ["Opleidingsniveau", "hoog"],
        ["all", ""],
    ]


def test_a_contrast_of_joint_results_is_called_by_their_variables(survey: llo.Survey) -> None:
    both = llo.joint({"a": llo.mean("training", survey), "b": llo.mean("hours", survey)})
    assert table(both.contrast("b - a"), language="en").title == "Followed training, Hours: contrast"
    same = llo.joint({"a": llo.mean("hours", survey), "b": llo.mean("hours", survey.where("training == 1"))})
    assert table(same.contrast("b - a"), language="en").title == "Hours: contrast"


def test_plausible_values_are_named_by_their_label(survey: llo.Survey) -> None:
    frame = survey.frame.assign(PV1=survey.frame["hours"], PV2=survey.frame["hours"] + 1)
    labels = {"PV1": {"nl": "Uren, plausibele waarde 1", "en": "Hours - plausible value 1"}}
    svy = llo.Survey(frame, weights="w", labels=labels)
    shown = table(llo.mean("PV*", svy, plausible=True), language="en")
    assert shown.caption == "Hours: mean"
    assert any("2 plausible values (Rubin's rules)" in note for note in shown.notes)


def test_mixed_units_get_a_column(survey: llo.Survey) -> None:
    frame = table(llo.mean(["training", "hours"], survey)).to_frame()
    assert frame["Eenheid"].tolist() == ["%", ""]
    assert frame["Variabele"].tolist() == ["Opleiding of cursus gevolgd", "Uren"]


def test_a_saved_result_reads_the_same(survey: llo.Survey, tmp_path: Any) -> None:
    result = llo.mean("training", survey, by="education")
    result.save(tmp_path / "r")
    assert str(table(llo.read_result(tmp_path / "r"))) == str(table(result))


def test_a_frame_of_estimates_without_source_says_so() -> None:
    shown = table(pd.DataFrame({"g": ["a"], "estimate": [1.5]}), language="en")
    assert shown.to_frame().to_dict("list") == {"G": ["a"], "Estimate": ["1.5"]}
    assert shown.notes == ("Without confidence interval.", "Source: not stated.")


def test_same_heads_are_numbered(make_result: Callable[..., Any]) -> None:
    labels = {"a": "Kenmerk", "b": "Kenmerk"}
    result = make_result({"a": ["x", "y"], "b": ["p", "q"]}, [1, 2], [0.1, 0.1], None, {"labels": labels})
    assert table(result).to_frame().columns[:2].tolist() == ["Kenmerk", "Kenmerk (2)"]


@pytest.mark.parametrize(
    ("what", "options", "message"),
    [
        ([1, 2], {}, "cannot be shown"),
        (pd.DataFrame({"x": [1]}), {}, "columns .'x'."),
        (pd.DataFrame({"estimate": []}), {}, "no rows"),
        (pd.DataFrame({"estimate": [1.0]}), {"digits": 1.5}, "digits is a number of decimals"),
        (pd.DataFrame({"estimate": [1.0]}), {"digits": -1}, "0 to 6"),
        (pd.DataFrame({"estimate": [1.0]}), {"digits": True}, "digits"),
        (pd.DataFrame({"estimate": [1.0]}), {"language": "fr"}, "nl, en"),
    ],
)
def test_what_cannot_be_shown_is_refused(what: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        table(what, **options)


def test_several_results_are_pointed_to_joint(by_education: Any) -> None:
    with pytest.raises(DataError, match="joint"):
        table([by_education, by_education])


def test_changes_name_their_base_and_not_the_time_twice(make_result: Callable[..., Any]) -> None:
    rows = {
        "education": ["low", "low"],
        "year": [2018, 2024],
        "variable": ["y"] * 2,
        "measure": ["difference"] * 2,
        "of": ["2018", "2024"],
        "minus": ["2014"] * 2,
    }
    meta = {"call": {"time": "year", "base": 2014}}
    how: dict[str, Any] = {"quantity": Quantity("change", "points", 0.0), "tested": True, "extra_flags": ("", "break")}
    result = make_result(rows, [0.05, -0.06], [0.01, 0.04], [9, 9], meta, **how)
    shown = table(result, language="en")
    assert shown.title == "Y: change since 2014 by education and year"
    assert shown.to_frame().columns[:3].tolist() == ["Education", "Year", "Change (percentage points)"]
    assert shown.notes[0].startswith("a: the times compared lie on two sides of a method break")
    drawn = figure(result, language="en")
    assert drawn.kind == "lines"
    assert drawn.title.replace("\u00a0", " ") == "Y: low, 5.0 points more in 2018 than in 2014"
    assert any(list(line.get_ydata()) == [0, 0] for line in drawn.plot().axes[0].lines)


def test_trends_of_shares_are_points_a_year(make_result: Callable[..., Any]) -> None:
    rows = {"variable": ["y"] * 2, "term": ["slope", "step 2022"], "measure": ["with break term"] * 2}
    trend = Quantity("trend", "points", 0.0)
    frame = table(make_result(rows, [0.0056, -0.014], [0.003, 0.04], [9, 9], quantity=trend)).to_frame()
    assert frame["Term"].tolist() == ["helling per jaar", "sprong 2022"]
    assert frame["Trend (procentpunt)"].tolist() == ["0,56", "-1,40"]


def test_variables_of_different_size_have_decimals_of_their_own() -> None:
    y = np.tile([1.0, 2, 3, 4, 5], 24)
    frame = pd.DataFrame({"hours": y, "fraction": y / 1000 + 0.001, "share": y == 1, "w": 1.0})
    svy = llo.Survey(frame, weights="w", source={"title": "x"})
    rows = table(llo.mean(["hours", "fraction", "share"], svy), digits=1).to_frame()
    assert rows["Schatting"].tolist() == ["3,0", "0,0040", "20,0"]
    alone = table(llo.mean("fraction", svy), digits=1).to_frame()
    assert alone.iloc[0, 1] == "0,0040", "as in a table of its own"
    for kind in (partial(llo.quantile, q=0.5), llo.total):
        both = table(kind(["hours", "fraction"], svy)).to_frame()
        for name in ("hours", "fraction"):
            own = table(kind(name, svy)).to_frame().iloc[0, 1:3].tolist()
            assert both.loc[both.iloc[:, 0] == name].iloc[0, 1:3].tolist() == own


def test_a_small_number_without_a_standard_error_is_not_shown_as_zero() -> None:
    frame = pd.DataFrame({"variable": ["a", "b"], "estimate": [0.004, 250.0]})
    assert table(frame, language="en").to_frame()["Estimate"].tolist() == ["0.0040", "250.0"]

"""No English in Dutch output, no Dutch in English: tables, figures, sentences and workbooks of all kinds of results."""

from __future__ import annotations

import contextlib
import csv
import re
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.data.published_files import folder
from llo_research.report import figure, sentence, table
from tests.report.languages import every_pair, evidence, labels_of_one_language

YEARS = [2018, 2019, 2022]
D = llo.decomposition
EDUCATION = {"group": "education", "of": "high", "minus": "low"}
SINCE = {"time": "year", "base": 2018, "breaks": "flag"}
CALLS: dict[str, Any] = {
    "mean": lambda s, o: llo.mean("training", s, by=["year", "education"]),
    "several": lambda s, o: llo.mean(["training", "autonomy"], o, by="contract", missing="available"),
    "condition": lambda s, o: llo.mean("education == 'hoog' & age >= 35", o, by="sex"),
    "share": lambda s, o: llo.share("contract10", o),
    "share of yes and no": lambda s, o: llo.share("training", o, by="firm_size"),
    "total": lambda s, o: llo.total("training", s, by="year"),
    "ratio": lambda s, o: llo.ratio("hours", "age", o, by="sex"),
    "variance": lambda s, o: llo.variance("autonomy", o),
    "quantile": lambda s, o: llo.quantile("hours", o, q=[0.25, 0.5, 0.75], by="sex"),
    "gap": lambda s, o: llo.gap("training", s, by="year", **EDUCATION),
    "gap of conditions": lambda s, o: llo.gap("training", o, of="age >= 55", minus="age < 35"),
    "odds": lambda s, o: llo.gap("training", o, scale="odds", **EDUCATION),
    "change": lambda s, o: llo.change("training", s, by="education", **SINCE),
    "gap change": lambda s, o: llo.gap_change("training", s, **EDUCATION, **SINCE),
    "trend": lambda s, o: llo.trend("training", s, time="year", by="education", breaks="flag"),
    "robustness": lambda s, o: llo.break_robustness(llo.change("training", s, **SINCE)),
    "crosstab": lambda s, o: llo.crosstab("contract", "training", o),
    "test": lambda s, o: llo.crosstab("contract", "training", o).test("F"),
    "contrast": lambda s, o: llo.mean("training", o, by="education").contrast({"high": 1, "low": -1}),
    "correlation": lambda s, o: llo.correlation(["autonomy", "age"], o, by="sex"),
    "banner": lambda s, o: llo.banner(["training", "autonomy"], o, by=["education", "age_group"]),
    "rank gap": lambda s, o: llo.rank_gap("training", o, rank="education"),
    "equivalence": lambda s, o: llo.gap("training", s, by="year", **EDUCATION).adjusted().equivalence(0.02),
    "joint": lambda s, o: llo.joint({by: llo.mean("training", o, by=by) for by in ("education", "contract")}),
    "glm": lambda s, o: llo.glm("training ~ autonomy + C(education) + C(sex)*age", o),
    "margins": lambda s, o: llo.glm("training ~ autonomy + C(education)", o, family="logit").margins(["education"]),
    "compare": lambda s, o: llo.compare([llo.glm(f"training ~ {right}", o) for right in ("age", "age + C(sex)")]),
    "sensitivity": lambda s, o: llo.panel.omitted_variable_bias(
        llo.glm("training ~ autonomy + age", o), treatment="autonomy", benchmark=["age"]
    ),
    "oaxaca": lambda s, o: D.oaxaca_blinder("training ~ autonomy + C(sex)", o, **EDUCATION),
    "threefold": lambda s, o: D.oaxaca_blinder("training ~ autonomy", o, kind="threefold", **EDUCATION),
    "support": lambda s, o: D.oaxaca_blinder("training ~ autonomy + C(sex)", o, **EDUCATION).support,
    "oaxaca change": lambda s, o: D.oaxaca_change("training ~ autonomy", s, **EDUCATION, **SINCE),
    "smith-welch": lambda s, o: D.oaxaca_change("training ~ autonomy", s, method="smith-welch", **EDUCATION, **SINCE),
    "standardise": lambda s, o: D.standardise("training", s, cells=["education", "age_group"], over="year"),
    "gelbach": lambda s, o: D.gelbach("training ~ age + autonomy + hours", o, focal="age", groups={"g": ["autonomy"]}),
    "sequential": lambda s, o: D.sequential("training ~ age", o, focal="age", blocks={"g": ["autonomy"]}),
    "shapley": lambda s, o: D.shapley_r2("training ~ age + autonomy", o),
}


@pytest.fixture(scope="module")
def nea() -> llo.Survey:
    return llo.synthetic("nea", years=YEARS, n=2000, seed=7)


@pytest.fixture(scope="module")
def words() -> list[dict[str, str]]:
    """The words of published figures."""
    with (folder() / "words.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def texts_of(shown: Any, language: str, path: Path) -> list[str]:
    """All that a table, its workbook, a figure and a sentence of a result say."""
    openpyxl = pytest.importorskip("openpyxl")
    made = table(shown, language=language)
    said = [made.caption, *map(str, made.frame.columns), *made.frame.astype(str).to_numpy().ravel(), *made.notes]
    said += [made.to_html(), *made.footer]
    made.to_excel(path)
    book = openpyxl.load_workbook(path)
    said += [
        cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)
    ]
    said += book.sheetnames
    with contextlib.suppress(llo.LloError):  # what is no figure
        drawn = figure(shown, language=language)
        said += [drawn.title, drawn.wording.subtitle, drawn.alt_text, *drawn.notes, *drawn.more]
        said += [str(head) for head in drawn.frame.columns if head not in ("conf_low", "conf_high", "estimate", "unit")]
    with contextlib.suppress(llo.LloError):  # several findings
        said.append(str(sentence(shown, language=language)))
    return [re.sub(r"<[^>]*>", " ", text) for text in said]


def findings(said: list[str], language: str, names: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Words and labels of the other language, by the text in which they stand."""
    labels = labels_of_one_language()[language]
    found = {text: evidence(text, language, names) for text in said}
    for text in said:
        found[text] += [label for label in labels if label in text.lower()]
    return {text: wrong for text, wrong in found.items() if wrong}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", CALLS)
def test_one_language(name: str, language: str, nea: llo.Survey, tmp_path: Path) -> None:
    shown = CALLS[name](nea, nea.where("year == 2019"))
    assert findings(texts_of(shown, language, tmp_path / "a.xlsx"), language) == {}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_published_series(language: str, tmp_path: Path) -> None:
    everything = llo.published()
    titles = tuple(_without_remark(title) for title in everything["source_title"].unique())
    for name in everything["series"].unique():
        said = texts_of(llo.published(name, breaks="flag"), language, tmp_path / "a.xlsx")
        assert findings(said, language, titles) == {}, name


def _without_remark(title: str) -> str:
    """The title of a publication as printed, without what was added in brackets; that is to be translated."""
    return re.split(r" \((?!EU-AES|15 tot)|, (?:summary|landing|press|text|reported|citing)", title)[0]


def test_every_text_in_both_languages(words: list[dict[str, str]]) -> None:
    told = [*every_pair(), *(("published", row["nl"], row["en"]) for row in words if "(" not in row["text"])]
    titles = tuple(_without_remark(str(title)) for title in llo.published()["source_title"].unique())
    wrong = [
        (place, text, found)
        for place, nl, en in told
        for text, language in ((nl, "nl"), (en, "en"))
        if (found := evidence(text, language, titles))
    ]
    assert wrong == [] and len(told) > 1500, "what has no pair is not looked at"


def test_what_gives_a_language_away_is_seen() -> None:
    assert evidence("Populatie: population of the Netherlands", "nl") == ["population", "the"]
    assert evidence("Population: werknemers van 15", "en") == ["van", "werknemers"]
    assert findings(["Opleiding: basic qualification (havo, vwo or at least mbo-2)"], "nl")
    assert evidence("Bron: General Social Survey", "nl") == []

"""The two lines under tables and figures: exact, in both languages, and only on the rows shown."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import llo_research as llo
from llo_research.report import figure, table

YEARS = [2010, 2013, 2015, 2019, 2022]
MARK = ("SYNTHETISCHE GEGEVENS: dit toont de methode, niet de bevolking.",)
MARK += ("SYNTHETIC DATA: this shows the method, not the population.",)
PERIOD = (" Referentieperiode: afgelopen twee jaar.", " Reference period: past two years.")
NEA = ("Bron: Nationale Enquête Arbeidsomstandigheden (NEA), ", "Source: Netherlands Working Conditions Survey (NEA), ")
WHO = ("werknemers van 15 tot 75 jaar", "employees aged 15 to 74")
BEFORE = (" (tot en met 2013: 15 tot 65 jaar)", " (to 2013: 15 to 64)")
WORK = (" die in Nederland wonen en werken; ", " working in the Netherlands; ")
WEIGHTED = ("; gewogen.", "; weighted.")


def breaks(years: tuple[str, str]) -> tuple[str, str]:
    """The warning of a break."""
    return (
        f" Methodebreuk in {years[0]}: vergelijk niet zonder meer over de breuk heen.",
        f" Method break in {years[1]}: do not simply compare across it.",
    )


NONE = ("", "")
IN_2022 = breaks(("2022", "2022"))
BOTH = breaks(("2014 en 2022", "2014 and 2022"))
# What is called; the years told; whether the population before 2014 is; the selection; n; period; breaks.
CALLS: dict[str, tuple[Any, ...]] = {
    "all years": (
        lambda s: llo.mean("training", s, by="year"),
        ("2010-2022", True, NONE, "per row", PERIOD, BOTH),
    ),
    "before the first break": (
        lambda s: llo.mean("training", s.where("year <= 2013"), by="year"),
        (
            "2010-2013",
            True,
            ("jaar van onderzoek: tot en met 2013", "survey year: up to 2013"),
            "per row",
            PERIOD,
            NONE,
        ),
    ),
    "between the breaks": (
        lambda s: llo.mean("training", s.where("2015 <= year < 2022"), by="year"),
        (
            "2015-2019",
            False,
            ("jaar van onderzoek: vanaf 2015 en voor 2022", "survey year: from 2015 and before 2022"),
            "per row",
            PERIOD,
            NONE,
        ),
    ),
    "one year": (
        lambda s: llo.mean("training", s.where("year == 2019 & education == 'hoog'")),
        (
            "2019",
            False,
            (
                "jaar van onderzoek: 2019 en opleidingsniveau hbo of wo",
                "survey year: 2019 and education hbo or wo",
            ),
            "one",
            PERIOD,
            NONE,
        ),
    ),
    "pooled over a break": (
        lambda s: llo.share("contract", s.where("year >= 2015")),
        ("2015-2022", False, ("jaar van onderzoek: vanaf 2015", "survey year: from 2015"), "one", NONE, IN_2022),
    ),
    "a gap": (
        lambda s: llo.gap("training", s.where("year >= 2015"), group="education", of="hoog", minus="laag", by="year"),
        ("2015-2022", False, ("jaar van onderzoek: vanaf 2015", "survey year: from 2015"), "per row", PERIOD, IN_2022),
    ),
    "a change since before both": (
        lambda s: llo.change("training", s, time="year", base=2013, breaks="flag"),
        ("2013-2022", True, NONE, "per row", PERIOD, BOTH),
    ),
    "several results of one domain": (
        lambda s: llo.joint(
            {by: llo.mean("training", s.where("year == 2019"), by=by) for by in ("sex", "education")},
        ),
        ("2019", False, ("jaar van onderzoek: 2019", "survey year: 2019"), "per row", PERIOD, NONE),
    ),
}


@pytest.fixture(scope="module")
def nea() -> llo.Survey:
    return llo.synthetic("nea", years=YEARS, n=2000, seed=7)


@pytest.mark.parametrize("number", [0, 1], ids=["nl", "en"])
@pytest.mark.parametrize("name", CALLS)
def test_two_lines(name: str, number: int, nea: llo.Survey) -> None:
    call, (years, before, selection, rows, period, warned) = CALLS[name]
    found, language = call(nea), ("nl", "en")[number]
    shown = table(found, language=language)
    n = found.to_frame()["n"].astype(int)
    spelled = [f"{end:,}".replace(",", ",."[number == 0]) for end in (n.min(), n.max())]
    to = (" tot ", " to ")[number]
    count = f"n = {spelled[0]}" if rows == "one" else f"n = {to.join(spelled)}"
    count += ("", "")[number] if rows == "one" else (" per rij", " per row")[number]
    chosen = ""
    if selection[number]:
        kept = f"{found.meta['domain'][-1]['rows']:,}".replace(",", ",."[number == 0])
        head, word = (("selectie", "waarnemingen"), ("selection", "observations"))[number]
        chosen = f"{head}: {selection[number]} ({kept} {word}); "
    who = WHO[number] + (BEFORE[number] if before else "") + WORK[number]
    assert shown.content.footer == (
        f"{NEA[number]}{years}; {who}{chosen}{count}{WEIGHTED[number]}".replace("; ; ", "; "),
        MARK[number] + period[number] + warned[number],
    )
    left = ("Weggelaten", "Left out")[number]
    assert sum(note.count(left) for note in shown.notes) <= 1


PUBLISHED = {
    "LFS4w_edu": (
        (
            "Bron: Deelname aan LLO: hoogst behaald onderwijsniveau (OCW in cijfers; EBB) (2018); bevolking van "
            "Nederland, niet in instellingen.",
            f"Referentieperiode: 4 weken.{breaks(('2010 en 2013', ''))[0]} Er is geen betrouwbaarheidsinterval "
            "gepubliceerd.",
        ),
        (
            "Source: Deelname aan LLO: hoogst behaald onderwijsniveau (OCW in cijfers; EBB) (2018); population of the "
            "Netherlands, not in institutions.",
            f"Reference period: 4 weeks.{breaks(('', '2010 and 2013'))[1]} No confidence interval was published.",
        ),
    ),
    "CI_83049": (
        (
            "Bron: StatLine 83049NED Psychosociale arbeidsbelasting werknemers; geslacht en leeftijd (2023); "
            "werknemers die in Nederland werken.",
            "Referentieperiode: niet vermeld. BI: zoals gepubliceerd.",
        ),
        (
            "Source: StatLine 83049NED Psychosociale arbeidsbelasting werknemers; geslacht en leeftijd (2023); "
            "employees working in the Netherlands.",
            "Reference period: not stated. CI: as published.",
        ),
    ),
}


@pytest.mark.parametrize("number", [0, 1], ids=["nl", "en"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_two_lines_of_published_figures(name: str, number: int) -> None:
    shown = table(llo.published(name, breaks="flag"), language=("nl", "en")[number])
    assert shown.content.footer == PUBLISHED[name][number]


def folded(shown: Any) -> tuple[str, str]:
    """The foot of an HTML table: what is in sight, and what is folded away."""
    foot = shown.to_html().partition("<tfoot>")[2]
    seen, _, rest = foot.partition("<details>")
    return seen, rest


@pytest.mark.parametrize(("language", "head"), [("nl", "Over deze cijfers"), ("en", "About these figures")])
def test_the_rest_is_folded_or_below(language: str, head: str, nea: llo.Survey) -> None:
    shown = table(llo.mean("training", nea, by="year"), language=language)
    seen, rest = folded(shown)
    method = {"nl": "linearisatie", "en": "linearisation"}[language]
    assert f"<summary>{head}</summary>" in rest and method in rest and method not in seen
    assert f"- {head}: " in shown.to_markdown() and f"{head}: " in str(shown)
    assert set(shown.more) <= set(shown.notes) and not set(shown.more) & set(shown.footer)
    drawn = figure(llo.mean("training", nea, by="year"), language=language)
    assert drawn.notes[-2:] == shown.content.footer and drawn.more == shown.content.more


def test_halves_are_told_under_items_of_a_half_only(nea: llo.Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    lack = {"nl": "bestand zonder gewichten van de helften", "en": "file without weights of the halves"}
    source = {
        **nea._source,
        "edition": {language: f"synthetisch; {text}" for language, text in lack.items()},
        "design": {"lacks": {"half weights": lack}},
    }
    monkeypatch.setattr(nea, "_source", source)
    notes = {name: " ".join(table(llo.mean(name, nea, by="year")).notes) for name in ("training", "good_match")}
    assert lack["nl"] not in notes["training"] and lack["nl"] in notes["good_match"]


def test_a_period_is_said_of_what_was_made_from_questions_too() -> None:
    frame = pd.DataFrame({"course": [1, 0, 1, 0] * 9, "match": [1, 1, 0, 0] * 9, "age": [30, 60, 40] * 12, "w": 1.0})
    periods = {"course": {"nl": "twee jaar", "en": "two years"}, "match": {"nl": "nu", "en": "now"}}
    svy = llo.Survey(frame, weights="w", source={"title": "Made up", "reference_period": periods})
    svy = svy.assign(either="course == 1 | match == 1", old="age >= 55", part="course == 1 | age >= 55")
    said = {
        name: " ".join(figure(llo.mean(name, svy), language="en").notes) for name in ("either", "old", "course", "part")
    }
    said["by"] = " ".join(figure(llo.mean("w", svy, by="either"), language="en").notes)
    said["unknown"] = " ".join(figure(llo.mean("isna(match)", svy), language="en").notes)
    assert "Reference period: two years, now." in said["either"] and "Reference period: two years." in said["course"]
    for name in ("old", "part", "by", "unknown"):  # of part of it nothing is known; groups; no answers
        assert "Reference period" not in said[name], name
    both = figure(llo.joint({name: llo.mean(name, svy) for name in ("course", "either")}), language="en")
    assert "Reference period: course: two years; either: two years, now." in " ".join(both.notes)

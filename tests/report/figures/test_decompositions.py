"""Proves that figures of decompositions lead from one group to the other, name both, and say the finding in words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, DisclosureError
from llo_research.report import figure, sentence
from llo_research.report.figures.style import INK
from llo_research.results.result import Result

DRAWN = 1e-9  # sums of parts in percentage points


def text(nl: str, en: str, **values: tuple[str, str]) -> dict[str, Any]:
    return {
        "nl": nl,
        "en": en,
        "values": {key: dict(zip(("nl", "en"), told, strict=True)) for key, told in values.items()},
    }


LABELS = {
    "group": text(
        "Opleiding",
        "Education",
        high=("hoogopgeleiden", "the highly educated"),
        low=("laagopgeleiden", "the less educated"),
    ),
    "trained": text("Cursus gevolgd", "Followed training"),
    "influence": text("Invloed", "Influence"),
    "contract": text("Soort contract", "Type of contract"),
    "high": text("Hoogopgeleid", "Highly educated"),
}


def survey(n: int = 900, years: tuple[int, ...] = (2020,), source: dict[str, Any] | None = None) -> llo.Survey:
    """People of two groups who differ in influence and contract."""
    draw, waves = np.random.default_rng(5), []
    for year in years:
        high = np.arange(n) < 0.6 * n
        frame = pd.DataFrame({"group": np.where(high, "high", "low"), "high": high.astype(float), "year": year})
        frame["influence"] = draw.normal(size=n) + 0.8 * high
        frame["contract"] = pd.Categorical(draw.choice(["fixed", "flex", "self"], n), ["fixed", "flex", "self"])
        frame["trained"] = (draw.random(n) < 0.3 + 0.12 * frame["influence"].clip(-1, 2) + 0.1 * high).astype(float)
        frame["w"] = draw.uniform(1, 2, n)
        waves.append(frame)
    data = pd.concat(waves, ignore_index=True)
    strata, time = ("year", "year") if len(years) > 1 else (None, None)
    return llo.Survey(data, weights="w", strata=strata, time=time, labels=LABELS, source=source or {"title": "open"})


GROUPS = {"group": "group", "of": "high", "minus": "low", "reference": "minus"}
FORMULA = "trained ~ influence + C(contract)"


@pytest.fixture(scope="module")
def gap() -> Result:
    return llo.decomposition.oaxaca_blinder(FORMULA, survey(), **GROUPS)


def plain(told: str) -> str:
    return told.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "names", "start"),
    [
        (
            "nl",
            [
                "Gemiddelde van laagopgeleiden",
                "Invloed",
                "Soort contract",
                "Onverklaard",
                "Gemiddelde van hoogopgeleiden",
            ],
            "Cursus gevolgd, hoogopgeleiden min laagopgeleiden: van de ",
        ),
        (
            "en",
            [
                "Mean of the less educated",
                "Influence",
                "Type of contract",
                "Unexplained",
                "Mean of the highly educated",
            ],
            "Followed training, the highly educated minus the less educated: of the ",
        ),
    ],
)
def test_from_one_group_to_the_other(gap: Result, language: str, names: list[str], start: str) -> None:
    drawn = figure(gap, language=language)
    frame, own = drawn.frame, gap.to_frame().set_index(["component", "term"])["estimate"] * 100
    assert frame.iloc[:, 0].tolist() == names
    value = frame["estimate"].to_numpy()
    assert value[0] + value[1:-1].sum() == pytest.approx(value[-1], abs=DRAWN)
    assert value[[0, 1, 3, 4]] == pytest.approx(
        [
            own["mean_minus", "total"],
            own["explained", "influence"],
            own["unexplained", "total"],
            own["mean_of", "total"],
        ]
    )
    assert plain(drawn.title).startswith(start)
    assert "(" not in plain(drawn.title).split(";")[0]  # no interval
    groups = [drawn.frame.iloc[i, 0].split(" ", 2)[2] for i in (-1, 0)]
    assert all(name in drawn.wording.subtitle and name in drawn.alt_text for name in groups)


def test_the_levels_of_a_category_are_one_driver_with_its_own_interval(gap: Result) -> None:
    labels = [label for label in gap.labels if label.startswith("explained:C(contract)")]
    total = gap.contrast(dict.fromkeys(labels, 1.0)).to_frame().iloc[0] * 1
    row = figure(gap, language="en").frame.set_index("Component").loc["Type of contract"]
    assert len(labels) == 2
    assert [row[name] / 100 for name in ("estimate", "conf_low", "conf_high")] == pytest.approx(
        [total[name] for name in ("estimate", "conf_low", "conf_high")]
    )


def test_the_title_has_the_numbers_of_the_sentence(gap: Result) -> None:
    said = plain(str(sentence(gap, language="en")))
    whole = plain(figure(gap, language="en").title).partition(",")[0]
    assert whole in said


def test_bars_follow_one_another_and_carry_their_intervals(gap: Result) -> None:
    drawn = figure(gap)
    axes = drawn.plot().axes[0]
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    value = drawn.frame["estimate"].to_numpy()
    path = value[0] + np.append(0.0, np.cumsum(value[1:-1]))
    assert bars == [pytest.approx(sorted(pair)) for pair in pairwise(path)]
    black = [sorted(x) for x in (line.get_xdata() for line in axes.lines if line.get_color() == INK) if len(x) == 2]
    width = (drawn.frame["conf_high"] - drawn.frame["conf_low"]).to_numpy()
    assert [high - low for low, high in black] == pytest.approx(width.tolist())


def test_a_coefficient_leads_from_with_to_without_controls() -> None:
    made = llo.decomposition.gelbach(
        "trained ~ high + influence", survey(), focal="high", groups={"werk": ["influence"]}
    )
    frame = figure(made, language="nl").frame
    assert frame["Onderdeel"].tolist() == ["Met de andere kenmerken", "Werk", "Zonder de andere kenmerken"]
    assert set(frame["unit"]) == {"procentpunt"}


def test_parts_that_may_not_be_seen_are_not_drawn() -> None:
    few = survey(20, source={"restricted": True})
    made = llo.decomposition.oaxaca_blinder("trained ~ influence", few, **GROUPS)
    with pytest.raises(DisclosureError, match="may not be seen"):
        figure(made)
    assert figure(made, disclosure="off").frame["estimate"].notna().all()


def test_an_order_beside_none_is_a_pair_of_dots_by_block() -> None:
    svy = survey()
    free = llo.decomposition.gelbach(
        "trained ~ high + influence + C(contract)",
        svy,
        focal="high",
        groups={"werk": ["influence"], "baan": ["contract"]},
    )
    order = llo.decomposition.sequential(
        "trained ~ high", svy, focal="high", blocks={"baan": ["C(contract)"], "werk": ["influence"]}
    )
    drawn = figure([order, free], language="en")
    frame = drawn.frame
    heads = ["Without the controls", "Baan", "Werk", "With the controls"]
    assert frame["Component"].tolist() == [head for head in heads for _ in range(2)]
    own = frame.set_index(["Component", "Division"])["estimate"] / 100
    for made, way in ((order, "added in order"), (free, "free of order (Gelbach)")):
        told = made.to_frame().set_index(["component", "term"])["estimate"]
        assert own["Werk", way] == pytest.approx(told["explained", "werk"])
        assert own["Without the controls", way] == pytest.approx(told["base", "total"])
    assert "takes off the coefficient, in order and free of order" in drawn.title and drawn.narrow().plot() is not None
    with pytest.raises(DataError, match="two divisions of one coefficient"):
        figure([order, order])


BREAK = {"title": "open", "breaks": [{"time": 2019, "what": {"nl": "anders", "en": "other"}}]}


def test_a_change_over_waves_is_drawn_as_lines_that_stop_at_a_break() -> None:
    svy = survey(500, (2014, 2016, 2018, 2020, 2022), BREAK)
    how = {"group": "group", "of": "high", "minus": "low", "time": "year", "base": 2014, "breaks": "flag"}
    made = llo.decomposition.oaxaca_change("trained ~ influence", svy, **how)
    drawn = figure(made, language="en")
    assert drawn.kind == "lines"
    assert drawn.frame["Component"].tolist()[:3] == ["change of the gap", "explained", "unexplained"]
    assert len(drawn.frame) == 12
    lines = [line.get_xdata() for line in drawn.plot().axes[0].lines if len(line.get_xdata()) > 1]
    assert not any(min(x) < 2019 < max(x) for x in lines if 0 not in x and 1 not in x)
    start = (
        "Followed training, the highly educated minus the less educated, from 2014 to 2018: whether a part of the 15.2 "
    )
    assert plain(drawn.title).startswith(start)
    assert drawn.title.endswith(", before the method break of 2019")


def test_gaps_by_year_say_the_last() -> None:
    made = llo.decomposition.oaxaca_blinder(FORMULA, survey(years=(2020, 2022)), **GROUPS, by="year")
    drawn = figure(made, language="nl")
    assert drawn.kind == "lines"
    assert drawn.title.startswith("Cursus gevolgd, hoogopgeleiden min laagopgeleiden, 2022: van de ")
    with pytest.raises(DataError, match="kind='lines'"):
        figure(made, kind="waterfall")


@pytest.mark.parametrize(
    ("language", "start"),
    [
        ("nl", "Cursus gevolgd: geen aantoonbare verandering van 2020 tot 2022"),
        ("en", "Followed training: no distinguishable change from 2020 to 2022"),
    ],
)
def test_a_change_of_a_mean_is_told_between_its_times(language: str, start: str) -> None:
    svy = survey(years=(2020, 2022))
    made = llo.decomposition.standardise("trained", svy, cells=["group", "contract"], over="year")
    drawn = figure(made, language=language)
    assert drawn.title.startswith(start)
    assert drawn.frame["estimate"].iloc[:-1].sum() == pytest.approx(drawn.frame["estimate"].iloc[-1])


def test_smith_welch_tells_how_the_gap_moved() -> None:
    svy = survey(years=(2020, 2022))
    how = {"group": "group", "of": "high", "minus": "low", "time": "year", "base": 2020, "method": "smith-welch"}
    drawn = figure(llo.decomposition.oaxaca_change("trained ~ influence", svy, **how), language="nl")
    assert drawn.frame["Onderdeel"].tolist()[0] == "Kenmerken: verschil veranderd"
    assert "van 2020 tot 2022" in drawn.title


TITLES = {
    "minus nl": "met de kenmerken van hoogopgeleiden en de eigen coëfficiënten zou het bij laagopgeleiden",
    "minus en": "with the characteristics of the highly educated and coefficients of their own, the model gives",
    "of nl": "met de kenmerken van laagopgeleiden en de eigen coëfficiënten zou het bij hoogopgeleiden",
    "of en": "with the characteristics of the less educated and coefficients of their own, the model gives",
}
ROWS = {
    "minus": "The less educated with the characteristics of the highly educated",
    "of": "The highly educated with the characteristics of the less educated",
}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("reference", "number"), [("minus", 0.0), ("of", 1)])
def test_a_counterfactual_is_the_mean_at_the_coefficients_of_a_group(
    reference: str, number: float, language: str
) -> None:
    how = {**GROUPS, "reference": reference}
    made = llo.decomposition.oaxaca_blinder(FORMULA, survey(), **how)
    drawn = figure(made, kind="counterfactual", language=language)
    parts = {"mean_minus": 1.0, "explained": 1.0} if reference == "minus" else {"mean_of": 1.0, "explained": -1.0}
    own = made.contrast(parts).to_frame().iloc[0]
    row = drawn.frame.iloc[1]
    for name in ("estimate", "conf_low", "conf_high"):
        assert row[name] / 100 == pytest.approx(own[name])
    subject = "Cursus gevolgd: " if language == "nl" else "Followed training: "
    assert drawn.title.startswith(subject + TITLES[f"{reference} {language}"]) and drawn.title in drawn.alt_text
    assert language == "nl" or row.iloc[0] == ROWS[reference]
    assert drawn.narrow().plot() is not None
    same = llo.decomposition.oaxaca_blinder(FORMULA, survey(), **{**how, "reference": number})
    assert figure(same, kind="counterfactual", language=language).title == drawn.title


def test_the_counterfactual_of_one_group_is_its_model_at_the_means_of_the_other() -> None:
    """By hand: least squares of the highly educated at the means of the less educated."""
    svy = survey()
    made = llo.decomposition.oaxaca_blinder("trained ~ influence", svy, **{**GROUPS, "reference": "of"})
    data = svy.frame
    high, low = (data[data["group"] == name] for name in ("high", "low"))
    x = np.column_stack([np.ones(len(high)), high["influence"]])
    w = high["w"].to_numpy()
    beta = np.linalg.solve(x.T @ (x * w[:, None]), x.T @ (w * high["trained"]))
    at = beta[0] + beta[1] * np.average(low["influence"], weights=low["w"])
    assert figure(made, kind="counterfactual").frame["estimate"].iloc[1] == pytest.approx(100 * at)


@pytest.mark.parametrize("reference", ["pooled", "neumark", "cotton", "reimers", 0.3])
def test_no_counterfactual_at_coefficients_of_nobody(reference: Any) -> None:
    made = llo.decomposition.oaxaca_blinder(FORMULA, survey(), **{**GROUPS, "reference": reference})
    with pytest.raises(DataError, match="belong to neither group"):
        figure(made, kind="counterfactual")


def test_a_counterfactual_needs_a_decomposition() -> None:
    with pytest.raises(DataError, match="A counterfactual needs"):
        figure(llo.mean("trained", survey(), by="group"), kind="counterfactual")

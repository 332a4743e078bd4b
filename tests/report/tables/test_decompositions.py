"""Proves that a table of a decomposition names both groups, indents terms and tells shares, and withholds these too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report import table

GROUP = {
    "nl": "Opleiding",
    "en": "Education",
    "values": {"high": {"nl": "hoog", "en": "high"}, "low": {"nl": "laag", "en": "low"}},
}
HOW = {"group": "group", "of": "high", "minus": "low", "reference": "minus"}


def survey(n: int = 300, source: dict[str, Any] | None = None, few: int = 40) -> llo.Survey:
    """Two groups, of which the higher is trained more; `few` of the lower have the last contract."""
    draw = np.random.default_rng(8)
    high = np.arange(n) < n // 2
    frame = pd.DataFrame({"group": np.where(high, "high", "low"), "x": draw.normal(size=n) + high, "w": 1.0})
    frame["contract"] = np.where(draw.random(n) < 0.5, "fixed", "flex")
    frame.loc[~high, "contract"] = ["flex"] * few + ["fixed"] * (int((~high).sum()) - few)
    frame["contract"] = pd.Categorical(frame["contract"], ["fixed", "flex"])
    frame["y"] = (draw.random(n) < 0.3 + 0.3 * high).astype(float)
    frame["year"] = np.where(np.arange(n) % 2, 2020, 2022)
    labels = {"group": GROUP, "x": {"nl": "Invloed", "en": "Influence"}}
    return llo.Survey(frame, weights="w", labels=labels, source=source or {"title": "open"})


@pytest.mark.parametrize(
    ("language", "title", "heads", "first"),
    [
        (
            "nl",
            "Y: decompositie, hoog tegenover laag",
            ["Onderdeel", "Deel van het verschil (%)"],
            "gemiddelde van hoog",
        ),
        ("en", "Y: decomposition, high against low", ["Component", "Share of the gap (%)"], "mean of high"),
    ],
)
def test_groups_terms_and_shares(language: str, title: str, heads: list[str], first: str, tmp_path: Path) -> None:
    made = llo.decomposition.oaxaca_blinder("y ~ x + C(contract)", survey(), **HOW)
    shown = table(made, language=language)
    frame = shown.to_frame()
    assert (shown.title, frame[heads[0]].iloc[0]) == (title, first)
    own = made.to_frame()
    inside = [text.startswith("\N{NO-BREAK SPACE}") for text in frame[heads[0]]]
    assert inside == (own["term"] != "total").tolist()
    told = frame[heads[1]].replace("–", None).str.replace(",", ".").astype(float)
    assert told.tolist() == pytest.approx((own["share_of_gap"] * 100).tolist(), abs=0.05 + 1e-9, nan_ok=True)
    pytest.importorskip("openpyxl")
    sheet = pd.read_excel(shown.to_excel(tmp_path / "parts.xlsx"))
    assert sheet[heads[1]].tolist() == pytest.approx((own["share_of_gap"] * 100).tolist(), nan_ok=True)


def test_what_the_share_is_of() -> None:
    change = llo.decomposition.standardise("y", survey(), cells="contract", over="year")
    assert "Share of the change (%)" in table(change, language="en").to_frame()
    assert "Share of the total (%)" in table(llo.decomposition.shapley_r2("y ~ x", survey()), language="en").to_frame()


def test_thin_overlap_is_told() -> None:
    def notes(few: int) -> str:
        made = llo.decomposition.oaxaca_blinder("y ~ x + C(contract)", survey(few=few), **HOW)
        return " ".join(table(made, language="en").notes)

    assert "Little overlap: fewer than 10 effective observations in one of the groups at contract: flex." in notes(4)
    assert "Little overlap" not in notes(40)


def test_shares_of_withheld_parts_are_withheld() -> None:
    made = llo.decomposition.oaxaca_blinder("y ~ x", survey(20, {"restricted": True}, few=2), **HOW)
    frame = table(made, language="en")
    assert "Share of the gap (%)" not in frame.to_frame()
    assert "Share of the gap (%)" in table(made, language="en", disclosure="off").to_frame()


def test_factors_of_rates_are_no_levels_of_terms() -> None:
    factors = {"people": {1970: 2.0, 1980: 3.0, 1990: 4.0}, "hours": {1970: 5.0, 1980: 4.0, 1990: 3.0}}
    made = [llo.decomposition.das_gupta(factors, years) for years in ([1970, 1980], [1970, 1980, 1990])]
    one, several = (llo.report.table(result, language="en").to_markdown() for result in made)
    assert "1980 against 1970" in one
    assert "| people | 4.5 |" in one
    assert "| people | 1990 | 1980 | 3.5 |" in several
    assert "(base:" not in one + several


def test_what_rounding_leaves_open_is_told_below() -> None:
    years = {2014: [20, 60], 2024: [30, 60]}
    rates, people = pd.DataFrame(years), pd.DataFrame({2014: [50, 50], 2024: [40, 60]})
    made = llo.decomposition.kitagawa(rates, people, rounding=0.5, total=100)
    table = llo.report.table(made, language="en").to_markdown()
    assert "Rounding leaves open: gap 6.65 to 9.35; rate 3.45 to 5.55; composition 3.06 to 3.96." in table
    assert "Rounding" not in llo.report.table(llo.decomposition.kitagawa(rates, people), language="en").to_markdown()

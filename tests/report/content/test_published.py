"""Proves that published figures are shown as printed, and that a missing interval is told."""

from __future__ import annotations

import pandas as pd
import pytest

from llo_research.report import figure, table


@pytest.fixture
def figures() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "series": ["S"] * 3,
            "label_nl": ["Cursus gevolgd"] * 3,
            "label_en": ["Followed a course"] * 3,
            "instrument": ["NEA"] * 3,
            "category": ["total"] * 3,
            "year": [2020, 2022, 2024],
            "measure": ["share"] * 3,
            "value": [49.0, 51.25, 54.0],
            "unit": ["%"] * 3,
            "rounding": [1.0, 0.01, None],
            "qualifier": ["exactly as printed", "exactly as printed", "about"],
            "break_year": [None, 2022, 2022],
            "break_what": ["", "new collection", "new collection"],
            "break_flag": [False, True, True],
            "flag": ["", "break 2022", "break 2022"],
            "source_title": ["Monitor", "Monitor", "Press"],
            "source_year": [2022, 2022, 2025],
        }
    )
    return frame


def test_numbers_are_as_printed(figures: pd.DataFrame) -> None:
    shown = table(figures)
    assert shown.to_frame().to_dict("list") == {
        "Jaar": ["2020", "2022", "2024"],
        "Aandeel (%)": ["49", "51,25", "circa 54,0"],
        "Noot": ["", "a", "a"],
    }
    assert shown.title == "Cursus gevolgd"
    assert "Er is geen betrouwbaarheidsinterval gepubliceerd." in shown.notes
    assert "Methodebreuk 2022: new collection." in shown.notes
    assert "Bron: Monitor (2022); Press (2025)." in shown.notes


def test_published_ends_become_an_interval(figures: pd.DataFrame) -> None:
    ends = figures.iloc[[0, 0]].assign(measure=["conf_low", "conf_high"], value=[47.5, 50.5])
    shown = table(pd.concat([figures, ends], ignore_index=True), language="en")
    assert shown.to_frame()["CI"].tolist() == ["48 to 51", "–", "–"]
    assert "Where no interval is shown, none was published." in shown.notes
    assert len(shown.to_frame()) == 3


def test_an_end_without_its_estimate_stays_a_row(figures: pd.DataFrame) -> None:
    lonely = figures.iloc[[0]].assign(measure="conf_low", value=40.0, year=1999)
    assert len(table(pd.concat([figures, lonely], ignore_index=True)).to_frame()) == 4


def test_a_figure_of_published_numbers_shows_the_break_and_no_interval(figures: pd.DataFrame) -> None:
    drawn = figure(figures, language="en")
    assert drawn.kind == "lines"
    assert drawn.title == "Followed a course: 51.25% in 2022, about 54.0% in 2024, after the method break of 2022"
    assert "No confidence interval was published." in " ".join(drawn.wording.foot)
    assert len(drawn.frame) == 3
    assert drawn.frame["conf_low"].isna().all()


def test_values_only() -> None:
    shown = table(pd.DataFrame({"category": ["a", "b"], "value": [1.0, None], "unit": ["x1000 persons"] * 2}))
    assert shown.to_frame()["Gepubliceerd (x 1.000 personen)"].tolist() == ["1,0", "geen gegevens"]

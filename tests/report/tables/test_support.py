"""Proves that a table of support names groups and levels, and tells no small count of restricted data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.report import table

LABELS = {
    "group": {"nl": "Opleiding", "en": "Education", "values": {"high": {"nl": "hoog", "en": "high"}}},
    "contract": {"nl": "Contract", "en": "Contract", "values": {"flex": {"nl": "flexibel", "en": "flexible"}}},
}


def support(counts: dict[str, int], source: dict[str, Any] | None = None) -> pd.DataFrame:
    """The support of a decomposition whose group of high has these people by contract, and low forty of each."""
    rows = [("high", level) for level, n in counts.items() for _ in range(n)]
    rows += [("low", level) for level in counts for _ in range(40)]
    data = pd.DataFrame(rows, columns=["group", "contract"])
    data["contract"] = pd.Categorical(data["contract"], list(counts))
    data["y"] = np.random.default_rng(2).normal(size=len(data))
    svy = llo.Survey(data.assign(w=1.0), weights="w", labels=LABELS, source=source or {"title": "open"})
    how = {"group": "group", "of": "high", "minus": "low", "reference": "pooled"}
    made = llo.decomposition.oaxaca_blinder("y ~ C(contract)", svy, **how).support
    assert isinstance(made, pd.DataFrame)
    return made


def test_open_data_are_shown_whole() -> None:
    shown = table(support({"fixed": 60, "flex": 3}), language="nl").to_frame()
    assert shown["n, hoog"].tolist() == ["60", "3"]
    assert shown["Antwoord"].tolist() == ["fixed", "flexibel"]
    assert table(support({"fixed": 60, "flex": 3}), language="en").title == "Overlap of high and low, by category"


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"fixed": 60, "flex": 30}, ["60", "30"]),
        ({"fixed": 60, "flex": 9}, ["·", "<10"]),
        ({"fixed": 60, "flex": 9, "self": 20}, ["60", "<10", "·"]),
        ({"fixed": 60, "flex": 3, "self": 4, "none": 20}, ["60", "<10", "<10", "·"]),  # seven together follow
        ({"fixed": 60, "flex": 8, "self": 7, "none": 20}, ["60", "<10", "<10", "20"]),
    ],
)
def test_small_counts_and_what_gives_them_away_are_withheld(
    counts: dict[str, int], shown: list[str], tmp_path: Path
) -> None:
    frame = support(counts, {"restricted": True})
    made = table(frame, language="en")
    assert made.to_frame()["n, high"].tolist() == shown
    gone = [text in ("·", "<10") for text in shown]
    for head in ("Effective n, high", "Largest weight (% of its group)"):
        assert [text == "·" for text in made.to_frame()[head]] == gone
    assert any("Withheld" in note for note in made.notes) == any(gone)
    pytest.importorskip("openpyxl")
    cells = pd.read_excel(made.to_excel(tmp_path / "support.xlsx"), sheet_name=0)
    told = set(cells.select_dtypes("number").to_numpy().ravel()) | {
        float(v) for v in cells.to_numpy().ravel() if isinstance(v, int | float)
    }
    assert not told & {float(n) for n, hidden in zip(counts.values(), gone, strict=True) if hidden}
    assert table(frame, disclosure="off").to_frame()["n, hoog"].tolist() == [str(n) for n in counts.values()]


def test_a_formula_without_categories_has_no_table() -> None:
    with pytest.raises(DataError, match="no categories"):
        table(support({"fixed": 60, "flex": 30}).iloc[:0])

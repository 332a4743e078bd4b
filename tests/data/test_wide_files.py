"""Proves that a file of a thousand labelled columns is proposed in work that grows with their number, not faster."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from llo_research.data import likeness
from llo_research.data.instrument import instrument_of
from llo_research.data.readers import Table
from llo_research.data.suggestions import suggestions

ROWS = 50
LINEAR = 2.2  # twice the columns: twice the work, and what all columns share


def wide(columns: int) -> Table:
    """Columns with labels and codes that are nobody's, beside one that is ours."""
    rng = np.random.default_rng(4)
    words = ["winkel", "reis", "sport", "buurt", "muziek", "auto", "tuin", "eten", "boek", "dier"]
    names = [f"V{number}" for number in range(columns)]
    frame = pd.DataFrame({name: rng.integers(1, 5, ROWS) for name in names} | {"D40": rng.integers(1, 3, ROWS)})
    labels = {name: " ".join(rng.choice(words, 4)) for name in names}
    labels["D40"] = "Opleiding of cursus gevolgd in de afgelopen twee jaar"
    coded = {name: {1: "Nooit", 2: "Soms", 3: "Vaak", 4: "Altijd"} for name in names} | {"D40": {1: "Ja", 2: "Nee"}}
    return Table(Path("wide.sav"), frame, list(frame), None, None, "", labels, coded)


def test_work_grows_with_the_number_of_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparisons of labels are counted: seconds would depend on the machine."""
    counted = {"calls": 0}
    common = likeness.Likeness._common

    def counting(self: likeness.Likeness, one: frozenset[str], other: frozenset[str]) -> float:
        counted["calls"] += 1
        return common(self, one, other)

    monkeypatch.setattr(likeness.Likeness, "_common", counting)
    calls = []
    for columns in (100, 200, 400):
        counted["calls"] = 0
        found = suggestions(wide(columns), instrument_of("nea"))
        assert [(one.column, one.variable, one.sure) for one in found if one.column == "D40"] == [
            ("D40", "training_code", True)
        ]
        calls.append(counted["calls"])
    assert calls[1] <= LINEAR * calls[0] and calls[2] <= LINEAR * calls[1]

"""R cdgd (Ang Yu), on its own simulated example of 1,000 people of equal weight."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo

CDGD = {
    "gap": (0.2675, 0.0390),
    "baseline": (0.0421, 0.0131),
    "prevalence": (0.2579, 0.0337),
    "effect": (-0.1372, 0.0209),
    "selection": (0.1047, 0.0150),
}
PRINTED = 5.1e-5  # four digits, rounded


def test_the_four_parts(reference_dir: Path) -> None:
    data = pd.read_csv(reference_dir / "decomposition" / "cdgd.csv").assign(w=1.0)
    options = {"group": "group_a", "of": 1, "minus": 0, "treatment": "treatment"}
    made = llo.decomposition.four_parts("outcome ~ confounder + Q", llo.Survey(data, weights="w"), **options).to_frame()
    for component, (estimate, error) in CDGD.items():
        row = made[made["component"] == component].iloc[0]
        assert row["estimate"] == pytest.approx(estimate, abs=PRINTED), component
        assert row["std_error"] == pytest.approx(error, abs=PRINTED), component

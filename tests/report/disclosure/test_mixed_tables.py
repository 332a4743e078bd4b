"""Proves that tables of several kinds over the same cells leave together, and that none tells what another hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.report.disclosure.attack import attack
from llo_research.report.disclosure.attacked import is_told

BY = ["sector", "contract"]


def results(kind: str, least: int) -> dict[str, Any]:
    """Means by two columns beside what else tells of them, of few enough people that some cells are small."""
    svy = llo.synthetic("nea", years=[2019, 2022]).where("year == 2022").where(f"age >= {least}")
    mean = {"mean": llo.mean("training", svy, by=BY)}
    if kind == "a table book":
        return mean | {"book": llo.banner(["training", "autonomy"], svy, by=BY)}
    # who gave an answer is a cell of the means; the other answers of these shares tell it as well
    shares = {"share": llo.share("contract", svy, by="sector"), "cross": llo.crosstab("sector", "contract", svy)}
    return mean | shares | {"total": llo.total("training", svy, by="sector")}


# shares of those of 60 and more told who of a sector had which contract; the sums of small sectors of those of 50 and
# more counted as known, since so many persons of average weight were not behind them
@pytest.mark.parametrize("kind", ["a table book", "shares and a crosstab"])
@pytest.mark.parametrize("least", [50, 60])
def test_tables_of_several_kinds_leave_and_what_they_withhold_stays_open(kind: str, least: int, tmp_path: Path) -> None:
    folder = llo.report.export(results(kind, least), tmp_path / "out")
    found = attack(folder, seconds=1.0)
    assert len(found) > 10 and not is_told(found).any()

"""Proves that adjusted p-values are those of R's p.adjust, and that equivalence is an interval within its bounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.results import claims
from tests.survey import samples

GROUP = {"group": "education", "of": "high", "minus": "low"}
# R 4.5: p.adjust(c(0.01, 0.04, 0.03, NA, 0.005), method)
P = np.array([0.01, 0.04, 0.03, np.nan, 0.005])
IN_R = {
    "holm": [0.03, 0.06, 0.06, np.nan, 0.02],
    "bonferroni": [0.04, 0.16, 0.12, np.nan, 0.02],
    "benjamini-hochberg": [0.02, 0.04, 0.04, np.nan, 0.02],
}
ROUNDING = 1e-12


@pytest.mark.parametrize("method", claims.METHODS)
def test_adjusted_p_values_are_those_of_r(method: str) -> None:
    assert claims.adjusted(P, method) == pytest.approx(IN_R[method], rel=ROUNDING, nan_ok=True)


@pytest.mark.parametrize("scale", ["difference", "ratio"])
def test_equivalence_is_an_interval_within_its_bounds(scale: str) -> None:
    """The larger of both one-sided p-values is alpha where an end of the interval at 1 - 2 alpha is the bound."""
    gap = llo.gap("y", samples.survey(), **GROUP, by="region", scale=scale, level=0.9)
    for row, ends in enumerate(zip(*gap.ends, strict=True)):
        bound = max(abs(end) if scale == "difference" else max(end, 1 / end) for end in ends)
        frame = gap.equivalence(bound).to_frame()
        assert frame["p_equivalence"][row] == pytest.approx(0.05, rel=1e-9)
        assert frame["bound"][row] == bound


def test_the_columns_stand_in_the_table_and_come_back_from_a_file(tmp_path: Path) -> None:
    made = llo.gap("y", samples.survey(), **GROUP, by="region").adjusted().equivalence(1.0)
    frame = made.to_frame()
    assert list(frame.columns[-5:]) == ["p_adjusted", "bound", "p_equivalence", "n", "flag"]
    assert (frame["p_adjusted"] >= frame["p_value"]).all() and made.meta["p_adjusted"] == "holm"
    again = llo.read_result(made.save(tmp_path / "r")).to_frame()
    assert again["p_adjusted"].tolist() == pytest.approx(frame["p_adjusted"].tolist(), rel=ROUNDING)


def test_what_is_refused() -> None:
    mean, gap = llo.mean("y", samples.survey()), llo.gap("trained", samples.survey(), **GROUP, scale="ratio")
    for call in (mean.adjusted, lambda: mean.equivalence(1)):
        with pytest.raises(DataError, match="nothing is tested"):
            call()
    for bound in (0.9, 1, np.inf, "2", True):
        with pytest.raises(DataError, match="largest difference"):
            gap.equivalence(bound)
    with pytest.raises(DataError, match="holm"):
        gap.adjusted("none")

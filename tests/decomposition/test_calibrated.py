"""Errors of distributions, inequality and effects after calibration are those of a jackknife that calibrates anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import llo_research as llo
from tests.decomposition.people import GROUPS, frame, survey

D = llo.decomposition
# How far a linearised error and that of a jackknife with 40 units may be apart.
APART = 0.15
CALLS: dict[str, Callable[[llo.Survey], llo.Result]] = {
    "rif": lambda s: D.rif("y ~ x", s, **GROUPS, measure="gini"),
    "reweight": lambda s: D.reweight("y ~ x", s, **GROUPS, measures=["mean", "variance"]),
    "robust": lambda s: D.reweight("y ~ x", s, **GROUPS, method="doubly-robust"),
    "inequality": lambda s: D.inequality("y", s, by="c", measure="theil"),
    "concentration": lambda s: D.inequality("y ~ C(c)", s, measure="concentration", rank="x"),
    "four_parts": lambda s: D.four_parts("y ~ x", s, **GROUPS, treatment="c == 'q'"),
    "gap_closing": lambda s: D.gap_closing("y ~ x", s, **GROUPS, intervene="c == 'q'", folds=1),
}


def totals(svy: llo.Survey) -> dict[str, dict[str, float]]:
    """Margins a tenth above the sample's own."""
    sums = svy.frame.groupby("c", observed=True)["w"].sum() * 1.1
    return {"c": sums.to_dict()}


@pytest.mark.parametrize("name", CALLS)
def test_errors_after_calibration(name: str) -> None:
    data = frame(n=1200).assign(y=lambda d: np.exp(d["y"] / 2))
    plain = survey(data)
    one = CALLS[name](llo.calibrate(plain, totals(plain)))
    other = CALLS[name](llo.calibrate(llo.replicate(plain, "jkn"), totals(plain)))
    without = CALLS[name](plain)
    assert one.estimate == pytest.approx(other.estimate, abs=1e-10)
    # a product of two differences that are both near 0 is linear in neither, and small beside the rest
    kept = other.std_error > 0.05 * other.std_error.max()
    assert one.std_error[kept] == pytest.approx(other.std_error[kept], rel=APART)
    assert np.abs(one.std_error / without.std_error - 1).max() > 1e-4

"""Replicates that are kept by unit, or by unit and cell, against the same weights in full columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import llo_research as llo
from tests.decomposition.people import GROUPS, frame, survey

EXACT = 1e-11  # sums in another order, and Newton's steps to 1e-14


@pytest.mark.parametrize("step", [None, "c"])
def test_replicates_kept_by_unit_and_cell_are_those_of_full_columns(step: str | None) -> None:
    """Replicates by factors, before and after a calibration that tells them by cell, against their weights in full."""
    data = frame(n=240).assign(year=lambda d: np.arange(len(d)) % 2, yes=lambda d: (d["y"] > 0.4).astype(float))
    kept = llo.replicate(survey(data), "jkn")
    if step is not None:
        kept = llo.calibrate(kept, {step: data.groupby(step, observed=True)["w"].sum() * np.array([1.2, 0.9, 1.0])})
    replicates = kept.design.replicates
    assert replicates is not None
    full = replicates.weights
    wide = data.assign(w=kept.weights, **{f"r{i + 1}": column for i, column in enumerate(full.T)})
    columns = llo.Survey(
        wide,
        weights="w",
        replicate_weights=f"r[1-{full.shape[1]}]",
        replicate_method="jkn",
        replicate_scale=replicates.scale,
        replicate_rscales=replicates.rscales,
    )
    made = llo.decomposition
    calls: list[Any] = [
        lambda svy: made.oaxaca_blinder("y ~ x + C(c)", svy, **GROUPS),
        lambda svy: made.oaxaca_blinder("yes ~ x + C(c)", svy, **GROUPS, family="logit", normalize="c"),
        lambda svy: made.oaxaca_change("y ~ x", svy, **GROUPS, time="year", base=0),
        lambda svy: made.gelbach("y ~ x + C(c)", svy, focal="x", groups={"c": ["C(c)"]}),
        lambda svy: made.sequential("y ~ x", svy, focal="x", blocks={"c": ["C(c)"]}),
        lambda svy: made.shapley_r2("y ~ x + C(c)", svy),
        lambda svy: made.standardise("y", svy, cells="c", over="year"),
        lambda svy: llo.rank_gap("y", svy, rank="x"),
    ]
    for call in calls:
        one, other = call(kept), call(columns)
        assert one.replicates == pytest.approx(other.replicates, abs=EXACT)
        assert one.std_error == pytest.approx(other.std_error, abs=EXACT)

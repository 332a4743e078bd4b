"""Plausible values and imputations: the estimates of all draws leave, and all of them are laid beside other results."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide

_N = 500


def _people(apart: int) -> llo.Survey:
    """Two sets of plausible values, and copies of them in which so many persons have nothing."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"w": 1.0, "region": rng.choice(list("AB"), _N)})
    for i in (1, 2):
        frame[f"PV{i}"] = rng.normal(250, 40, _N)
        frame[f"OTHER{i}"] = rng.normal(250, 40, _N)
    copies = {f"COPY{i}": np.where(np.arange(_N) < apart, 0.0, frame[f"PV{i}"]) for i in (1, 2)}
    return llo.Survey(frame.assign(**copies), weights="w")


@pytest.mark.parametrize("draw", [1, 2])
@pytest.mark.parametrize("apart, shut", [(1, True), (200, False)])
def test_each_draw_is_laid_beside_other_results(draw: int, apart: int, shut: bool) -> None:
    survey = _people(apart)
    plausible = llo.mean("PV*", survey, plausible=True)
    found = decide({"pv": plausible, "copy": llo.mean(f"COPY{draw}", survey)})
    assert any(gone.any() for gone in found.hidden.values()) == shut
    if shut:
        assert set(found.findings["rule"]) == {"difference"}


@pytest.mark.parametrize("draw", [1, 2])
def test_draws_are_laid_beside_each_other(draw: int) -> None:
    """Two sets of which one draw is the same for all but a person, and the other one is not."""
    for apart, shut in ((1, True), (200, False)):
        survey = _people(apart)
        names = ["COPY1", "OTHER2"] if draw == 1 else ["OTHER1", "COPY2"]
        mixed = survey.assign(**{f"MIX{i}": lambda d, name=name: d[name] for i, name in enumerate(names, start=1)})
        results = {"pv": llo.mean("PV*", mixed, plausible=True), "mix": llo.mean("MIX*", mixed, plausible=True)}
        assert any(gone.any() for gone in decide(results).hidden.values()) == shut


def test_plausible_values_by_groups_leave_beside_shares() -> None:
    survey = _people(0)
    results = {"pv": llo.mean("PV*", survey, by="region", plausible=True), "region": llo.share("region", survey)}
    assert not any(gone.any() for gone in decide(results).hidden.values())

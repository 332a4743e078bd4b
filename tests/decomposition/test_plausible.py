"""Decompositions of plausible values: each draw by itself, combined by Rubin's rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import llo_research as llo
from llo_research.decomposition import (
    four_parts,
    gap_closing,
    gelbach,
    inequality,
    reweight,
    rif,
    sequential,
    shapley_r2,
    standardise,
)
from tests.decomposition.people import GROUPS, frame, survey

# Both add the same numbers in another order.
SAME = 1e-12
ASKED: list[tuple[Any, str, dict[str, Any]]] = [
    (gelbach, "{} ~ x + C(c) + z", {"focal": "x", "groups": {"more": ["z", "C(c)"]}}),
    (gelbach, "y ~ {} + z", {"focal": "PV", "groups": {"more": ["z"]}}),
    (sequential, "{} ~ x", {"focal": "x", "blocks": {"one": ["z"], "two": ["C(c)"]}}),
    (shapley_r2, "y ~ {} + z + C(c)", {}),
    (standardise, "{}", {"cells": ["c", "half"], "over": "g", "base": "a"}),
    (standardise, "{} > 0.2", {"cells": "c", "over": "g"}),
    (llo.rank_gap, "{}", {"rank": "x", "share": 0.25, "by": "c"}),
    (rif, "{} ~ x", {**GROUPS, "measure": "variance"}),
    (reweight, "{} ~ x", GROUPS),
    (inequality, "{}", {"measure": "erreygers", "rank": "x", "bounds": (-9, 9)}),
    (four_parts, "{} ~ x", {**GROUPS, "treatment": "half"}),
    (gap_closing, "{} ~ x", {**GROUPS, "intervene": "half", "folds": 2}),
]


def drawn() -> llo.Survey:
    """Three plausible values of a skill, one of them missing once."""
    data = frame(n=240)
    rng = np.random.default_rng(2)
    for number in (1, 2, 3):
        data[f"PV{number}"] = data["y"] + 0.4 * rng.normal(size=len(data))
    data["z"], data["half"] = rng.normal(size=len(data)), np.arange(len(data)) % 2
    data.loc[7, "PV2"] = np.nan
    return survey(data)


@pytest.mark.parametrize(("estimate", "text", "options"), ASKED)
def test_draws_are_combined(estimate: Any, text: str, options: dict[str, Any]) -> None:
    svy = drawn()
    made = estimate(text.format("PV*"), svy, **options, plausible=True)
    known = svy.where("PV2 == PV2")
    apart = []
    for number in (1, 2, 3):
        one = known.assign(PV=lambda d, number=number: d[f"PV{number}"])
        apart.append(estimate(text.format("PV"), one, **options))
    whole = llo.combine_imputations(apart)
    assert made.estimate == pytest.approx(whole.estimate, abs=SAME)
    assert made.std_error == pytest.approx(whole.std_error, rel=SAME)
    assert made.df == pytest.approx(whole.df, rel=1e-9)
    assert np.ptp([one.std_error for one in apart], axis=0).max() > 0
    assert text.format("PV*") in str(made.meta["call"])


def test_a_block_may_hold_the_plausible_values() -> None:
    svy = drawn()
    made = sequential("y ~ x", svy, focal="x", blocks={"skill": ["PV*"], "rest": ["z"]}, plausible=True)
    beside = sequential("y ~ x", svy, focal="x", blocks={"skill": ["PV1"], "rest": ["z"]})
    assert made.labels == beside.labels
    assert made.estimate[0] == pytest.approx(beside.estimate[0], abs=0.02)
    assert made.estimate[3] != pytest.approx(beside.estimate[3], abs=1e-6)


@pytest.mark.parametrize(("estimate", "text", "options"), [ASKED[0], ASKED[4], ASKED[6]])
def test_without_a_pattern_there_is_nothing_to_combine(estimate: Any, text: str, options: dict[str, Any]) -> None:
    with pytest.raises(llo.DataError, match="names no plausible values"):
        estimate(text.format("y"), drawn(), **options, plausible=True)

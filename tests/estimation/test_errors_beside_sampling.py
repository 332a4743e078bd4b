"""Proves that an uncertainty which is not sampling (a known shift of a break) is carried through maps and joints."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import llo_research as llo
from tests.estimation.test_changes import EXACT, SHIFT, TIMES, replicated, survey


@pytest.mark.parametrize("make", [survey, replicated])
def test_adjusted_changes_are_joined_and_share_the_error_of_the_shift(make: Callable[..., llo.Survey]) -> None:
    svy = make(breaks=[SHIFT])
    found, flagged = (llo.change("trained", svy, breaks=option, **TIMES) for option in ("adjust", "flag"))
    both = llo.joint({"a": found, "b": flagged})
    assert both.covariance[:2, :2] == pytest.approx(found.covariance, rel=EXACT)
    # the shift's error is not in the other result, and cancels between two that take it off
    assert both.contrast("`a:2022` - `b:2022`").std_error[0] == pytest.approx(0.01, rel=1e-6)
    twice = llo.joint({"a": found, "b": found.contrast({"x": "`2022` * 1", "y": "`2018` * 1"})})
    assert twice.covariance[1, 2] == pytest.approx(found.covariance[1, 1], rel=EXACT)
    assert (found.replicates is None) == (svy.design.replicates is None)

"""Proves that the one value that all of a group have is told by nothing that averages, adds up or explains it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide
from tests.report.disclosure.people import SOURCE

FEW = 12


def survey(alike: bool) -> llo.Survey:
    """Five groups; in the last of twelve persons all have the same pay, or nobody has that of another."""
    rng = np.random.default_rng(1)
    pay = rng.lognormal(7, 0.5, 600 + FEW)
    pay[600:] = 3000.0 if alike else pay[600:]
    group = np.append(rng.integers(0, 4, 600), np.full(FEW, 4)).astype(str)
    frame = pd.DataFrame({"group": group, "pay": pay, "hours": rng.lognormal(3, 0.5, len(pay)), "one": 1.0})
    return llo.Survey(frame.assign(w=rng.uniform(1, 3, len(pay))), weights="w", source=SOURCE)


OF: dict[str, Callable[[llo.Survey], llo.Result]] = {
    "mean": lambda svy: llo.mean("pay", svy, by="group"),
    "total": lambda svy: llo.total("pay", svy, by="group"),
    "numerator": lambda svy: llo.ratio("pay", "hours", svy, by="group"),
    "denominator": lambda svy: llo.ratio("hours", "pay", svy, by="group"),
    "gap": lambda svy: llo.gap("pay", svy, group="group", of="4", minus="0"),
    "model": lambda svy: llo.glm("pay ~ C(group)", svy),
    "collapsed mean": lambda svy: llo.mean("pay", svy.collapse(["group"], numbers=["pay"]), by="group"),
    "collapsed total": lambda svy: llo.total("pay", svy.collapse(["group"], numbers=["pay"]), by="group"),
}


@pytest.mark.parametrize("name", OF)
@pytest.mark.parametrize("alike", [True, False])
def test_what_is_the_same_for_all_of_a_group_stays_inside(name: str, alike: bool) -> None:
    hidden = decide({"r": OF[name](survey(alike))}).hidden["r"]
    assert bool(hidden[-1]) == alike and (alike or not hidden.any())


def test_a_number_that_everybody_has_tells_of_nobody() -> None:
    """The total of ones is the estimated number of people."""
    assert not decide({"r": llo.total("one", survey(True), by="group")}).hidden["r"].any()

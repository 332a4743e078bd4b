"""What R has no commands for that give design errors, and what comes nearest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_WHY = {
    "rif": (
        "no package of R decomposes recentered influence functions with the errors of a survey design",
        "dineq's rif() and svyglm of its values by group, of whose coefficients and means the parts are products",
    ),
    "reweight": (
        "no package of R reweights one group to the other with the errors of a survey design and of the propensities",
        "svyglm of the group (quasibinomial), whose odds are the factors of the weights, and svymean with these, which "
        "takes the propensities as known",
    ),
    "gap_closing": (
        "no package of R closes gaps with the errors of a survey design",
        "gapclosing's gapclosing() with weights, whose bootstrap draws people and not sampling units",
    ),
    "four_parts": (
        "no package of R has the four parts with weights and the errors of a survey design",
        "cdgd's cdgd0_manual() for people of equal weight, drawn one by one",
    ),
    "inequality": (
        "package survey has no measures of inequality within and between groups",
        "convey's svygei and svygini for the whole population",
    ),
}


def _unwritten(told: Told, script: Script) -> None:
    """Says so."""
    raise NotInR(*_WHY[told.function])


WRITERS: Mapping[str, Callable[[Told, Script], None]] = dict.fromkeys(_WHY, _unwritten)

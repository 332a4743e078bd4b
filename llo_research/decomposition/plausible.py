"""Decompositions of plausible values: that of each draw, combined by Rubin's rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from llo_research.regression.plausible import draws_of
from llo_research.results.decomposition import Decomposition
from llo_research.results.draws import over_draws

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def over_plausible(formula: str, svy: Survey, make: Callable[[str, Survey], Decomposition]) -> Decomposition:
    """The decomposition of each draw of the plausible values in a formula, combined."""
    made, told = draws_of(formula, svy, make)
    combined = over_draws(made, {**made[0].meta, **told})
    first = made[0]
    sizes = [one.outcome for one in made if one.outcome is not None]
    outcome = np.mean(sizes, axis=0) if sizes else None
    return Decomposition(**combined, whole=first.whole, outcome=outcome, support=first.support)

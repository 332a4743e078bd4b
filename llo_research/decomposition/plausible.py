"""Decompositions of plausible values: that of each draw, combined by Rubin's rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from llo_research.regression.plausible import draws_of
from llo_research.results.decomposition import Decomposition
from llo_research.results.draws import over_draws
from llo_research.results.result import Result

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

Made = TypeVar("Made", bound=Result)
# Stands between texts that are read together: a star before it ends a pattern.
_BETWEEN = "\n,"


def over_plausible(formula: str, svy: Survey, make: Callable[[str, Survey], Decomposition]) -> Decomposition:
    """The decomposition of each draw of the plausible values in a formula, combined."""
    made, told = draws_of(formula, svy, make)
    return _together(made, told)


def drawn(
    function: Callable[..., Made], texts: Sequence[str], svy: Survey, given: dict[str, Any], **options: Any
) -> Made:
    """`function` (texts..., survey, options) of each draw of the plausible values in some texts, combined.

    given : the arguments that hold the texts, for ``.meta``.
    """

    def make(joined: str, data: Survey) -> Made:
        return function(*(_plain(text) for text in joined.split(_BETWEEN)), data, **options)

    made, told = draws_of(_BETWEEN.join(texts), svy, make)
    told["call"] = {**made[0].meta["call"], **given, "plausible": True}
    if isinstance(made[0], Decomposition):
        return _together(made, told)  # type: ignore[arg-type, return-value]  # all are what the first is
    return type(made[0])(**over_draws(made, {**made[0].meta, **told}))


def _plain(text: str) -> str:
    """A name without the backticks that it has in formulas."""
    inside = text.strip()
    return inside[1:-1] if inside.startswith("`") and inside.find("`", 1) == len(inside) - 1 else text


def _together(made: list[Decomposition], told: dict[str, Any]) -> Decomposition:
    """The draws of a decomposition by Rubin's rules."""
    combined = over_draws(made, {**made[0].meta, **told})
    first = made[0]
    sizes = [one.outcome for one in made if one.outcome is not None]
    outcome = np.mean(sizes, axis=0) if sizes else None
    return Decomposition(**combined, whole=first.whole, outcome=outcome, support=first.support)

"""Which writer a model has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from llo_research.results.receipts.r import (
    age_period_cohort,
    conditional,
    covariances,
    event_time,
    instruments,
    margins,
    models,
    ordered,
    panels,
    poisson_effects,
    pseudo_panels,
    random_effects,
    unit_means,
)
from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.r.model_rows import wanted
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

Writer: TypeAlias = Callable[[Told, Script], None]
_MODELS: dict[str, Writer] = {
    "glm": models.write,
    "ordered": ordered.write,
    "panel.between": panels.between,
    "panel.conditional_logit": conditional.logit,
    "panel.correlated_random_effects": unit_means.write,
    "panel.event_time": event_time.write,
    "panel.first_difference": panels.first_difference,
    "panel.fixed_effects": panels.fixed_effects,
    "panel.fixed_effects_iv": instruments.write,
    "panel.fixed_effects_ordered": conditional.ordered,
    "panel.fixed_effects_poisson": poisson_effects.write,
    "panel.hybrid": unit_means.write,
    "panel.mundlak": unit_means.write,
    "panel.pseudo_panel": pseudo_panels.write,
    "panel.random_effects": random_effects.write,
}


def _of_model(write: Writer) -> Writer:
    """The estimates of all coefficients, and those of the rows among them."""

    def written(told: Told, script: Script) -> None:
        write(told, script)
        wanted(told, script)

    return written


WRITERS: dict[str, Writer] = {
    "margins": margins.write,
    "panel.age_period_cohort": age_period_cohort.write,
    **{name: _of_model(write) for name, write in _MODELS.items()},
}


def fit_of(told: Told) -> Told:
    """The model itself: of margins the one that they are of."""
    return margins.of_fit(told) if told.function == "margins" else told


def spends(told: Told) -> bool:
    """Whether estimates take degrees of freedom, so that the script leaves `taken`."""
    return told.function in WRITERS


def by_design(told: Told) -> bool:
    """Whether the covariance is the design's."""
    return not spends(told) or fit_of(told).call.get("vcov", "design") == "design"


def cannot(told: Told) -> str | None:
    """What R cannot do of a model, why, and what comes nearest; None where it can do all."""
    if not spends(told):
        return None
    try:
        WRITERS[told.function](told, Script("#"))
    except NotInR as reason:
        return in_words(reason)
    return covariances.WILD if fit_of(told).call.get("vcov") == "wild" else None


def in_words(reason: NotInR) -> str:
    """The first lines of a script that cannot be whole."""
    nearest = f" Nearest comes {reason.nearest}." if reason.nearest else ""
    return f"Not to be had in R by this script: {reason}.{nearest}"

"""Which writer a model has."""

from __future__ import annotations

from collections.abc import Callable

from llo_research.results.receipts.r import (
    event_time,
    margins,
    models,
    ordered,
    panels,
    pseudo_panels,
    random_effects,
    unit_means,
)
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WRITERS: dict[str, Callable[[Told, Script], None]] = {
    "glm": models.write,
    "margins": margins.write,
    "ordered": ordered.write,
    "panel.between": panels.between,
    "panel.correlated_random_effects": unit_means.write,
    "panel.event_time": event_time.write,
    "panel.first_difference": panels.first_difference,
    "panel.fixed_effects": panels.fixed_effects,
    "panel.hybrid": unit_means.write,
    "panel.mundlak": unit_means.write,
    "panel.pseudo_panel": pseudo_panels.write,
    "panel.random_effects": random_effects.write,
}

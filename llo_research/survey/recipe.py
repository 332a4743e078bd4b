"""The protocol of weighting steps, by which the kernel takes residuals and replicates redo the weights.

A Survey holds its recipe: the steps that led from its base weights to its current ones. The steps themselves
live in ``llo_research.weighting``; the survey layer knows only these two questions.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from llo_research.numerics.groups import Floats


@runtime_checkable
class WeightingStep(Protocol):
    """One step from weights to weights."""

    name: str

    def residuals(self, influence: Floats) -> Floats:
        """Influence values (n x k) at the weights after the step -> those of the weights before it."""
        ...

    def redo(self, weights: Floats) -> Floats:
        """Weights (n or n x R) before the step -> weights after it; for replicate designs."""
        ...

    def describe(self) -> dict[str, Any]:
        """What the step did, for ``.meta``."""
        ...

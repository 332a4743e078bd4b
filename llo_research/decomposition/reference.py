"""Whose coefficients are the yardstick of a decomposition: a group's, a mixture, a pooled model's, a fitted one's."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from llo_research.errors import DataError
from llo_research.numerics.groups import Floats

WORDS = ("of", "minus", "pooled", "neumark", "cotton", "reimers")


@dataclass(frozen=True)
class Reference:
    """The reference coefficients b* as a smooth function of both groups' estimates.

    kind : ``of``, ``minus``, ``pooled``, ``neumark``, ``cotton``, ``reimers``, ``number`` or ``fit``.
    share : weight of the coefficients of `of`, where it is a number.
    """

    kind: str
    share: float | None = None

    @property
    def pooled(self) -> bool:
        """Whether a third set of coefficients stands beside those of the groups."""
        return self.kind in ("pooled", "neumark", "fit")

    @property
    def needs(self) -> tuple[str, ...]:
        """The groups whose own coefficients must exist for every category that the other group has.

        ``both``: a model of both groups together must have one for every category.
        """
        if self.kind in ("pooled", "neumark"):
            return ("of", "minus", "both")
        return (self.kind,) if self.kind in ("of", "minus") else ("of", "minus")

    def star(self, numbers: dict[str, Floats]) -> Floats:
        """(..., q) b* from the numbers of a cell by name; also of complex ones."""
        if self.pooled:
            return numbers["pool"]
        if self.kind in ("of", "minus"):
            return numbers[f"b_{self.kind}"]
        if self.kind == "cotton":
            share: Any = numbers["w_of"] / (numbers["w_of"] + numbers["w_minus"])
        else:
            share = self.share
        return np.asarray(share * numbers["b_of"] + (1 - share) * numbers["b_minus"])


def reference_of(given: Any) -> Reference:
    """The reference that a call asks for.

    Raises
    ------
    DataError
        An unknown word, a number outside [0, 1], anything that has no coefficients.
    """
    if isinstance(given, str) and given in WORDS:
        return Reference(given, 0.5 if given == "reimers" else None)
    if isinstance(given, Real | np.number) and not isinstance(given, bool) and 0 <= float(given) <= 1:
        return Reference("number", float(given))
    if not isinstance(given, str) and hasattr(given, "estimates") and hasattr(given, "labels"):
        return Reference("fit")
    raise DataError(
        f"reference has no option {given!r}." if isinstance(given, str) else "This is no reference.",
        where="reference",
        found=repr(given)[:80],
        expected=", ".join(WORDS) + ", a number from 0 to 1 (the weight of `of`), or a fitted model",
        todo="'pooled' is a model of both groups with a term for the group; 'neumark' the same without it",
    )

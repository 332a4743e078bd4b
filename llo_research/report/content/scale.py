"""How one row of a result is shown: what kind of number, in which unit, against which value of no difference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """How a row is shown.

    kind : word for what is estimated (``share``, ``mean``, ``total``, ``difference``, ``ratio``, ``odds``, ...).
    unit : ``percent``, ``points``, ``number`` or the name of a unit.
    factor : what the estimate is multiplied by.
    null : the value that says "no difference", where the row is a comparison.
    """

    kind: str
    unit: str
    factor: float = 1.0
    null: float | None = None


def difference(kind: str, share: bool) -> Scale:
    """A difference; of shares, it is in percentage points."""
    return Scale(kind, "points", 100.0, 0.0) if share else Scale(kind, "number", 1.0, 0.0)

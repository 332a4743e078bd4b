"""What kind of number a row of a result is: all that a table, a figure or a sentence needs to know of its estimator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llo_research.results.linear import Linear

SHARE, NUMBER = "share", "number"


@dataclass(frozen=True)
class Quantity:
    """What kind of number an estimate is.

    kind : what is estimated: ``share``, ``mean``, ``total``, ``ratio``, ``variance``, ``quantile``, ``difference``,
        ``change``, ``gap_change``, ``odds``, ``trend``, ``coefficient``, ``contrast``, ...
    unit : ``percent`` (a share; shown times 100), ``points`` (a difference of shares), ``number``.
    null : the value that says "no difference" and is tested against; None where the row is no comparison.
    on : the scale on which intervals and tests are made and differences add up: ``identity`` or ``log``.
    """

    kind: str
    unit: str = "number"
    null: float | None = None
    on: str = "identity"

    def compared(self, kind: str, scale: str) -> Quantity:
        """What the comparison of two such numbers is, on the scale ``difference``, ``ratio`` or ``odds``."""
        if scale == "difference":
            return Quantity(kind, "points" if self.unit in ("percent", "points") else self.unit, 0.0)
        return Quantity(scale, "number", 1.0, "log")


def mean_of(unit: str) -> Quantity:
    """The mean of a variable whose unit is ``share`` or ``number``."""
    return Quantity("share", "percent") if unit == SHARE else Quantity("mean")


def of_contrast(parts: Sequence[Quantity], linear: Linear | None) -> Quantity:
    """What a contrast of these numbers is; `linear` is None where it is not linear.

    A difference of shares, or a share with a constant taken off, is in percentage points, and so is every linear
    combination of differences of shares; an average of shares is a share. What is not linear, mixes units, or was
    multiplied to percentages by the user is a plain number. Coefficients and differences combined without a constant
    are compared with 0, as they are themselves.
    """
    if linear is None or not parts:
        return Quantity("contrast")
    units = {part.unit for part in parts if part.on == "identity"} | {NUMBER for part in parts if part.on != "identity"}
    unit = units.pop() if len(units) == 1 and not linear.rescaled else NUMBER
    if unit == "points" or (unit == "percent" and linear.form == "difference"):
        return Quantity("contrast", "points", 0.0)
    if linear.form == "difference":
        return Quantity("contrast", unit, 0.0)
    compared = linear.constant == 0 and all(part.null == 0.0 and part.on == "identity" for part in parts)
    return Quantity("contrast", unit if linear.form == "average" else NUMBER, 0.0 if compared else None)

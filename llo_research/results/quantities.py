"""What kind of number a row of a result is: all that a table, a figure or a sentence needs to know of its estimator."""

from __future__ import annotations

from dataclasses import dataclass, replace

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


def of_contrast(parts: list[Quantity], weights: list[float] | None) -> Quantity:
    """What a contrast of these numbers is; `weights` of a linear one, None of any other expression.

    Weights that add up to 0 give a difference, those of an average the same kind of number; all else is a number.
    """
    same = len(set(parts)) == 1
    if weights is None or not parts:
        return Quantity("contrast")
    total = sum(weights)
    alike = len({part.unit for part in parts}) == 1 and all(part.on == "identity" for part in parts)
    if abs(total) < 1e-9:
        first = replace(parts[0], unit=parts[0].unit if alike else NUMBER)
        return first.compared("contrast", "difference")
    if same and abs(total - 1) < 1e-9 and min(weights) >= 0 and parts[0].on == "identity":
        return replace(parts[0], kind="contrast")
    return Quantity("contrast")

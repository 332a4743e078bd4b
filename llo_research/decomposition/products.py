"""The parts of a change of a gap of linear models: products of coefficients and means of two groups at two times.

a is `of`, b is `minus`, 1 the later time, 0 the earlier one; dX_t = X_at - X_bt and D_t = beta_at - beta_bt. The parts
of each method add up to dX_1'beta_b1 + X_a1'D_1 less the same at 0, the change of the gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Floats


@dataclass(frozen=True, eq=False)
class TwoTimes:
    """Means x and coefficients b (..., Q) of `of` (a) and `minus` (b) at the later (1) and the earlier time (0)."""

    xa1: Floats
    xb1: Floats
    xa0: Floats
    xb0: Floats
    ba1: Floats
    bb1: Floats
    ba0: Floats
    bb0: Floats
    constant: np.ndarray


def _smith_welch(at: TwoTimes) -> dict[str, Floats]:
    """At the earlier coefficients of `minus`, and what coefficients did at the later means of `of`."""
    return {
        "main": ((at.xa1 - at.xb1) - (at.xa0 - at.xb0)) * at.bb0,
        "group": (at.xa1 - at.xa0) * (at.ba0 - at.bb0),
        "time": (at.xa1 - at.xb1) * (at.bb1 - at.bb0),
        "group_time": at.xa1 * ((at.ba1 - at.bb1) - (at.ba0 - at.bb0)),
    }


def _makepeace(at: TwoTimes) -> dict[str, Floats]:
    """With the coefficients of `of` as the yardstick, and the means of `minus` for what is not explained."""
    return {
        "explained_quantity": ((at.xa1 - at.xb1) - (at.xa0 - at.xb0)) * at.ba1,
        "explained_price": (at.xa0 - at.xb0) * (at.ba1 - at.ba0),
        "unexplained_quantity": (at.xb1 - at.xb0) * (at.ba0 - at.bb0),
        "unexplained_price": at.xb1 * ((at.ba1 - at.bb1) - (at.ba0 - at.bb0)),
    }


def _kim(at: TwoTimes) -> dict[str, Floats]:
    """Everything at means of both groups and both times; the constants apart."""
    x1, x0, b1, b0 = (at.xa1 + at.xb1) / 2, (at.xa0 + at.xb0) / 2, (at.ba1 + at.bb1) / 2, (at.ba0 + at.bb0) / 2
    apart1, apart0, differ1, differ0 = at.ba1 - at.bb1, at.ba0 - at.bb0, at.xa1 - at.xb1, at.xa0 - at.xb0
    moved = (apart1 - apart0) * (x1 + x0) / 2
    return {
        "intercept": np.where(at.constant, moved, 0.0),
        "coefficients": np.where(at.constant, 0.0, moved),
        "coefficients_interaction": (x1 - x0) * (apart1 + apart0) / 2,
        "endowments": (differ1 - differ0) * (b1 + b0) / 2,
        "endowments_interaction": (b1 - b0) * (differ1 + differ0) / 2,
    }


def _interventionist(at: TwoTimes) -> dict[str, Floats]:
    """Each group's own change from its earlier time on, in three, less that of the other."""
    da, db, ea, eb = at.xa1 - at.xa0, at.xb1 - at.xb0, at.ba1 - at.ba0, at.bb1 - at.bb0
    return {
        "endowments": da * at.ba0 - db * at.bb0,
        "coefficients": at.xa0 * ea - at.xb0 * eb,
        "interaction": da * ea - db * eb,
    }


PRODUCTS: dict[str, Callable[[TwoTimes], dict[str, Floats]]] = {
    "smith-welch": _smith_welch,
    "kim": _kim,
    "makepeace": _makepeace,
    "interventionist": _interventionist,
}
# the component that holds what the constants did, which lists them (that of Kim is they alone)
OF_CONSTANTS = {
    "smith-welch": "group_time",
    "kim": "intercept",
    "makepeace": "unexplained_price",
    "interventionist": "coefficients",
}
COMPONENTS = {
    "smith-welch": ("main", "group", "time", "group_time"),
    "kim": ("intercept", "coefficients", "coefficients_interaction", "endowments", "endowments_interaction"),
    "makepeace": ("explained_quantity", "explained_price", "unexplained_quantity", "unexplained_price"),
    "interventionist": ("endowments", "coefficients", "interaction"),
}

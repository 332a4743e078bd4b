"""Proves what a contrast of numbers is compared with."""

from __future__ import annotations

import pytest

from llo_research.results.linear import linear_of
from llo_research.results.quantities import Quantity, of_contrast

COEFFICIENT, MEAN = Quantity("coefficient", null=0.0), Quantity("mean")


@pytest.mark.parametrize(
    ("part", "spec", "null"),
    [
        (COEFFICIENT, {"x": 1}, 0.0),
        (COEFFICIENT, {"x": 1, "z": 2}, 0.0),
        (COEFFICIENT, "x - z", 0.0),
        (COEFFICIENT, "x + 3", None),
        (COEFFICIENT, "x * z", None),
        (MEAN, {"x": 1}, None),
        (MEAN, "x - z", 0.0),
        (Quantity("ratio", "number", 1.0, "log"), {"x": 1}, None),
    ],
)
def test_a_combination_is_compared_with_zero_where_its_parts_are(
    part: Quantity, spec: dict[str, int] | str, null: float | None
) -> None:
    assert of_contrast([part, part], linear_of(spec)).null == null

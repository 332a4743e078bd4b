"""Where the names of points stand, so that no two overlap and none lies on a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_NEAR, _FAR, _STEPS = 6.0, 46.0, 6
_POINT = 4.0  # half of the room that a point takes
_GAP = 1.5


class Box(NamedTuple):
    """A rectangle in points."""

    left: float
    low: float
    right: float
    high: float

    def meets(self, other: Box) -> bool:
        """Whether two rectangles share any place."""
        return bool(
            self.left < other.right and other.left < self.right and self.low < other.high and other.low < self.high
        )


class Label(NamedTuple):
    """The box of a name, and how far it stands from its point."""

    box: Box
    away: float


def label_places(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    room: tuple[float, float],
    lines: Sequence[Box] = (),
) -> list[Label]:
    """A box for each name: as near to its point as can be, over as few lines as can be, on nothing else.

    points : places in points from the lower left; sizes : width and height of each name; room : width and height.
    lines : rectangles that names had better not cover. The first name has the first choice.
    """
    taken = [Box(x - _POINT, y - _POINT, x + _POINT, y + _POINT) for x, y in points]
    middle = np.array(points)
    crowded = [float(np.sort(np.hypot(*(middle - point).T))[: min(4, len(points))].sum()) for point in middle]
    order = [0, *sorted(range(1, len(points)), key=lambda i: crowded[i])]
    out: dict[int, Label] = {}
    for i in order:
        others = [*taken[:i], *taken[i + 1 :], *(label.box for label in out.values())]
        out[i] = min(_choices(points[i], sizes[i]), key=lambda choice: _cost(choice, others, lines, room))
    return [out[i] for i in range(len(points))]


def _choices(point: tuple[float, float], size: tuple[float, float]) -> list[Label]:
    """Boxes around a point, the nearest first: right, left, above, below, and the corners."""
    (x, y), (wide, tall) = point, size
    out = []
    for away in np.linspace(_NEAR, _FAR, _STEPS):
        for across, up in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
            step = away * (0.75 if across and up else 1.0)
            left = x + across * step - (wide / 2 if across == 0 else wide if across < 0 else 0.0)
            low = y + up * step - (tall / 2 if up == 0 else tall if up < 0 else 0.0)
            out.append(Label(Box(left, low, left + wide, low + tall), float(away)))
    return out


def _cost(label: Label, others: Sequence[Box], lines: Sequence[Box], room: tuple[float, float]) -> tuple[float, ...]:
    """What speaks against a place: other names and points, the edge; then lines below it and the distance."""
    box = Box(label.box.left - _GAP, label.box.low - _GAP, label.box.right + _GAP, label.box.high + _GAP)
    outside = box.left < 0 or box.low < 0 or box.right > room[0] or box.high > room[1]
    hits = sum(box.meets(other) for other in others)
    return hits + 2.0 * outside, 4.0 * sum(label.box.meets(line) for line in lines) + label.away

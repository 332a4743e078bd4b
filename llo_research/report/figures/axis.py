"""Where an axis starts and ends, and the numbers beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.errors import DataError
from llo_research.report.content.content import Content
from llo_research.report.content.numbers import number
from llo_research.report.figures.style import BODY, width_of

_STEPS = (1, 2, 2.5, 5, 10)
_NEAR = 0.4


@dataclass(frozen=True)
class Axis:
    """Ends of an axis, its ticks and their texts."""

    low: float
    high: float
    ticks: tuple[float, ...]
    texts: tuple[str, ...]


def value_axis(content: Content, limits: tuple[float, float] | None, room: float | None = None) -> Axis:
    """The axis of the estimates: from 0 for shares, with no difference in sight for comparisons, else around them.

    With `room`, the points there are for an axis that lies flat, there are no more ticks than fit.
    """
    found = np.concatenate([content.estimate, content.low, content.high])
    found = found[np.isfinite(found)]
    if limits is not None:
        low, high = checked_limits(limits)
    elif len(found) == 0:
        low, high = 0.0, 1.0
    else:
        low, high = _around(content, float(found.min()), float(found.max()))
    axis = _axis(content, low, high, 5, round_up=limits is None)
    for count in (4, 3, 2, 1):
        if room is None or _fits(axis, room):
            break
        axis = _axis(content, low, high, count, round_up=limits is None)
    return axis


def _axis(content: Content, low: float, high: float, count: int, *, round_up: bool) -> Axis:
    """An axis with about so many steps."""
    ticks = _ticks(low, high, count)
    if round_up and len(ticks) > 1:
        low, high = _to_tick(low, high, ticks[0], ticks[-1], ticks[1] - ticks[0])
        ticks = _ticks(low, high, count)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    places = next((p for p in range(7) if abs(round(step, p) - step) < 1e-9 * max(1.0, abs(step))), 6)
    return Axis(low, high, tuple(ticks), tuple(number(tick, places, content.language) for tick in ticks))


def _fits(axis: Axis, room: float) -> bool:
    """Whether the texts of the ticks fit beside each other in this many points."""
    if len(axis.ticks) < 2:
        return True
    step = (axis.ticks[1] - axis.ticks[0]) / (axis.high - axis.low) * room
    return max(width_of(text, BODY) for text in axis.texts) + 8 <= step


def _to_tick(low: float, high: float, first: float, last: float, step: float) -> tuple[float, float]:
    """Ends moved to the next round number when they are close to it."""
    low = first - step if low - (first - step) < _NEAR * step else low
    high = last + step if last + step - high < _NEAR * step else high
    return low, high


def checked_limits(limits: tuple[float, float]) -> tuple[float, float]:
    """Ends that the user gives, in the units shown."""
    try:
        low, high = (float(end) for end in limits)
    except (TypeError, ValueError):
        low, high = 0.0, 0.0
    if not (low < high and np.isfinite(low) and np.isfinite(high)):
        raise DataError(
            "limits are two numbers, the lower one first.",
            where="limits",
            found=repr(limits)[:60],
            expected="(0, 100) for shares: the units shown",
            todo="leave limits out for an axis that fits the numbers",
        )
    return low, high


def _around(content: Content, low: float, high: float) -> tuple[float, float]:
    """Ends for these numbers."""
    nulls = {scale.null for scale in content.quantities}
    if set(content.units) == {"percent"} or (content.published and low >= 0):
        top = high + 0.02 * (high - min(0.0, low)) or 1.0
        return min(0.0, low), min(top, 100.0) if high <= 100 and set(content.units) == {"percent"} else top
    if len(nulls) == 1 and None not in nulls:
        null = float(next(iter(n for n in nulls if n is not None)))
        low, high = min(low, null), max(high, null)
    room = 0.06 * (high - low) or max(abs(high) * 0.1, 0.5)
    return low - room, high + room


def _ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers between the ends, about `count` steps."""
    raw = (high - low) / count
    size = 10 ** np.floor(np.log10(raw))
    step = float(next(s * size for s in _STEPS if s * size >= raw * 0.999))
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return [float(f"{i * step:.12g}") + 0.0 for i in range(int(first), int(last) + 1)]

"""Totals that are not reached: which margin and level, how near one comes, and how wide bounds on g have to be."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.errors import CalibrationError
from llo_research.numerics.calibration import Distance
from llo_research.numerics.groups import Floats
from llo_research.weighting.system import System

_MOST_CELLS = 200_000
_POSITIVE = (0.0, np.inf)
_OTHER_TOTALS = "other totals: no weights that are not negative reach these"


def not_reached(
    system: System, old: Floats, reached: Floats, distance: Distance, iterations: int, replicate: str = ""
) -> CalibrationError:
    """The error that says why there are no weights, or none were found.

    old : (C,) sums of the weights; reached : (p,) totals of the last step; replicate : which one, if it is one.
    """
    said = "The totals are not reached at some replicates." if replicate else ""
    bounds = distance.bounds or (_POSITIVE if distance.name == "raking" and not distance.own else None)
    needed = None if bounds is None else _needed(system, old, bounds)
    if bounds is None or needed is None:
        place = _worst(system, reached)
        beside = "" if bounds is None or distance.bounds is not None else _within_reach(system, old)
        return CalibrationError(
            said or f"The totals were not reached in {iterations} steps.",
            where=f"{replicate}margin {system.labels[place]}",
            found=f"reached {reached[place]:.12g}",
            expected=f"wanted {system.totals[place]:.12g}",
            todo="join small levels; each replicate needs people in all of them"
            if replicate
            else f"join small levels, drop a margin, use another method{beside}, or raise max_iter",
        )
    nearest = _nearest(system, old, bounds)
    reached = reached if nearest is None else nearest
    place = _worst(system, reached)
    within = "" if distance.bounds is None else f", bounds={distance.bounds}"
    wider = within and needed != _OTHER_TOTALS
    todo = ("widen the bounds" if wider else "make the margins consistent") + ", or join small levels"
    return CalibrationError(
        said or f"No weights {'within these bounds' if within else 'above zero'} reach the totals.",
        where=f"{replicate}margin {system.labels[place]}{within}",
        found=f"infeasible: reached {reached[place]:.12g} at the nearest",
        expected=f"wanted {system.totals[place]:.12g}; {needed}",
        todo=todo + ("; each replicate needs people in all of them" if replicate else ""),
    )


def _needed(system: System, old: Floats, bounds: tuple[float, float]) -> str | None:
    """What would do in place of these bounds; None where they can be met."""
    if np.isfinite(bounds).all():
        return wider_bounds(system, old, bounds)
    return None if system.n_cells > _MOST_CELLS or _meets(system, old, bounds) else _OTHER_TOTALS


def _worst(system: System, reached: Floats) -> int:
    """The total that is missed most, as a share of itself."""
    miss = np.abs(reached - system.totals) / np.maximum(np.abs(system.totals), 1e-300)
    return int(np.nan_to_num(miss, nan=np.inf).argmax())


def _within_reach(system: System, old: Floats) -> str:
    """The narrowest bounds of a calibration that stalled."""
    if system.n_cells > _MOST_CELLS:
        return ""
    both = _in_proportion(system, old, (0.0, 2.0), 0.0)
    if both is None:
        return ""
    ends = (_outwards(max(0.0, 1 - both), upper=False), _outwards(1 + both, upper=True))
    return f" (truncated, bounds at least as wide as ({ends[0]:g}, {ends[1]:g}))"


def _nearest(system: System, old: Floats, bounds: tuple[float, float]) -> Floats | None:
    """The totals (p,) nearest to those wanted, by the sum of relative misses, among weights within the bounds."""
    equal, right = _equations(system, old)
    p, c = equal.shape
    whole = np.hstack([equal, np.eye(p), -np.eye(p)])
    cost = np.append(np.zeros(c), np.ones(2 * p))
    solution = _solved(cost, whole, right, [*[bounds] * c, *[(0.0, None)] * (2 * p)])
    return None if solution is None else _sizes(system, old) * (equal @ solution[:c])


def wider_bounds(system: System, old: Floats, bounds: tuple[float, float]) -> str | None:
    """The narrowest bounds that can be met, in words: one of them widened alone where that suffices, else both.

    No advice makes weights negative unless the bounds do. None when the given bounds can be met, or nobody can tell.
    """
    low, high = bounds
    if system.n_cells > _MOST_CELLS or _meets(system, old, bounds):
        return None
    least = min(low, 0.0)
    upper = _end(system, old, low, (high, np.inf), upper=True)
    lower = _end(system, old, high, (least, low), upper=False)
    said = [] if upper is None else [f"({low:g}, {_outwards(upper, upper=True):g})"]
    said += [] if lower is None else [f"({_outwards(lower, upper=False):g}, {high:g})"]
    if said:
        return "bounds at least as wide as " + " or ".join(said)
    both = _in_proportion(system, old, bounds, least)
    if both is not None:
        lower, upper = max(least, 1 - both * (1 - low)), 1 + both * (high - 1)
        return f"bounds at least as wide as ({_outwards(lower, upper=False):g}, {_outwards(upper, upper=True):g})"
    return _OTHER_TOTALS if low >= 0 else "a lower bound below this one"


def _outwards(bound: float, *, upper: bool) -> float:
    """Rounded to five digits so that it is met."""
    unit = 10.0 ** (np.floor(np.log10(max(abs(bound), 1e-5))) - 4)
    return float((np.ceil if upper else np.floor)(bound / unit) * unit) if upper or bound > 0 else bound


def _meets(system: System, old: Floats, bounds: tuple[float, float]) -> bool:
    """Whether some g within the bounds reach the totals."""
    equal, right = _equations(system, old)
    return _solved(np.zeros(equal.shape[1]), equal, right, [bounds] * equal.shape[1]) is not None


def _end(system: System, old: Floats, other: float, within: tuple[float, float], *, upper: bool) -> float | None:
    """The upper end nearest to 1 (or the lower one) that goes with the other: a linear programme on the cells."""
    from scipy import sparse

    equal, right = _equations(system, old)
    c, sign = equal.shape[1], 1.0 if upper else -1.0
    beyond = sparse.hstack([sign * sparse.eye_array(c, format="csr"), sparse.csr_array(np.full((c, 1), -sign))])
    side = (other, None) if upper else (None, other)
    limits = [*[side] * c, within]
    whole = np.hstack([equal, np.zeros((len(equal), 1))])
    solution = _solved(np.append(np.zeros(c), sign), whole, right, limits, beyond)
    return None if solution is None else float(solution[-1])


def _in_proportion(system: System, old: Floats, bounds: tuple[float, float], least: float) -> float | None:
    """The smallest s for which g in [1 - s (1 - low), 1 + s (high - 1)], and not below `least`, reach the totals."""
    from scipy import sparse

    equal, right = _equations(system, old)
    c, (low, high) = equal.shape[1], bounds
    one = sparse.eye_array(c, format="csr")
    above = sparse.hstack([one, sparse.csr_array(np.full((c, 1), 1 - high))])
    below = sparse.hstack([-one, sparse.csr_array(np.full((c, 1), low - 1))])
    side = np.append(np.ones(c), -np.ones(c))
    whole = np.hstack([equal, np.zeros((len(equal), 1))])
    limits = [*[(least, None)] * c, (0.0, None)]
    solution = _solved(np.append(np.zeros(c), 1.0), whole, right, limits, sparse.vstack([above, below]), side)
    return None if solution is None else float(solution[-1])


def _equations(system: System, old: Floats) -> tuple[Floats, Floats]:
    """Totals of the cells in use, each divided by its size: p x c, and p."""
    used, size = old != 0, _sizes(system, old)
    return (system.x[used] * old[used, None]).T / size[:, None], system.totals / size


def _sizes(system: System, old: Floats) -> Floats:
    """(p,) what the totals are measured by."""
    now = system.auxiliaries.sizes(np.abs(old)[:, None])[:, 0]
    return np.where(system.totals != 0, np.abs(system.totals), np.where(now > 0, now, 1.0))


def _solved(
    cost: Floats, equal: Floats, right: Floats, limits: Any, beyond: Any = None, side: Floats | None = None
) -> Floats | None:
    """The solution of a linear programme, or None."""
    from scipy import optimize

    limits = [tuple(None if end is None or not np.isfinite(end) else end for end in pair) for pair in limits]
    above = np.zeros(beyond.shape[0]) if beyond is not None and side is None else side
    solution = optimize.linprog(cost, A_ub=beyond, b_ub=above, A_eq=equal, b_eq=right, bounds=limits, method="highs")
    return np.asarray(solution.x) if solution.success and solution.x is not None else None

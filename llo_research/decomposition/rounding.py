"""What rounding of published figures leaves open: the least and the most that each part of a difference may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from llo_research.decomposition.shapley_values import effects
from llo_research.errors import DataError
from llo_research.numerics.groups import Floats

# The search for the composition's bounds stops at so many branches; what is then known to enclose is returned.
_BRANCHES = 20_000
# Objective of the search: its tolerances (1e-6) are small beside numbers of this size.
_SCALE = 1e3


@dataclass(frozen=True)
class Bounds:
    """Ends (k,) that no part leaves, and whether (k,) they can be reached."""

    low: Floats
    high: Floats
    exact: np.ndarray

    @property
    def columns(self) -> dict[str, Floats]:
        """For the table of a result."""
        return {"bound_low": self.low, "bound_high": self.high}

    @property
    def flags(self) -> tuple[str, ...]:
        """(k,) ``enclosing`` where the ends may lie beyond what can be reached."""
        return tuple("" if one else "enclosing" for one in self.exact)


@dataclass(frozen=True)
class Box:
    """Numbers low to high, as printed numbers and half the unit of their last digit leave them."""

    low: Floats
    high: Floats

    def from_zero(self) -> Box:
        """What is counted from 0 up."""
        return Box(np.maximum(self.low, 0.0), self.high)


def box(values: Floats, half: Any, where: str) -> Box:
    """Printed values and half-widths: a number, or one for each value."""
    try:
        widths = np.broadcast_to(np.asarray(half, dtype=np.float64), np.shape(values))
        good = bool(np.isfinite(widths).all() and (widths >= 0).all())
    except (TypeError, ValueError):
        good = False
    if not good:
        raise DataError(
            "Rounding is told by half the unit of the last digit that is printed.",
            where=where,
            found=repr(half)[:80],
            expected="a number from 0 up, or one for each value",
            todo="0.5 for percentages without decimals, 0.05 with one, 0 for what is known exactly",
        )
    return Box(values - widths, values + widths)


def halves(rounding: Any, names: Sequence[Any]) -> dict[Any, Any]:
    """The half-widths by name or population: one for all, or a mapping, in which what is absent is exact."""
    if not isinstance(rounding, Mapping):
        return dict.fromkeys(names, rounding)
    unknown = [name for name in rounding if name not in names]
    if unknown:
        raise DataError(
            "rounding names something that is not there.",
            where="rounding",
            found=repr(unknown[0]),
            expected=", ".join(map(repr, names)),
        )
    return {name: rounding.get(name, 0.0) for name in names}


def told(rounding: Any) -> Any:
    """The half-widths for ``.meta``."""
    if isinstance(rounding, Mapping):
        return {str(name): told(value) for name, value in rounding.items()}
    values = np.asarray(rounding, dtype=np.float64)
    return values.tolist()


# -- rates and composition of two populations ------------------------------------------------------------------


@dataclass(frozen=True)
class Shares:
    """Shares y of cells with low s <= y <= high s and sum 1; s is free, or 1 where low and high are shares already."""

    low: Floats
    high: Floats
    fixed: bool

    def most(self, a: Floats) -> float:
        """The largest a'y: cells with the largest a at their upper ends, the others at their lower ones."""
        order = np.argsort(-a, kind="stable")
        a, low, high = a[order], self.low[order], self.high[order]
        if self.fixed:
            room = np.diff(np.minimum(np.cumsum(np.append(0.0, high - low)), 1 - low.sum()))
            return float(a @ (low + room))
        gained = np.append(0.0, np.cumsum(high - low)) + low.sum()
        some = gained > 0
        sums = (np.append(0.0, np.cumsum(a * (high - low))) + a @ low)[some]
        return float((sums / gained[some]).max())


def shares_of(people: Box, printed: Floats, total: float | None, where: str) -> Shares:
    """The shares that printed people, or shares that add up to a known total, leave open."""
    known = isinstance(total, int | float) and not isinstance(total, bool) and 0 < total < np.inf
    if total is not None and not known:
        raise DataError(
            "total is what the shares of a column add up to.",
            where="total",
            found=repr(total)[:60],
            expected="100, or 1",
        )
    size = float(printed.sum()) if total is None else total
    low, high = people.low / size, people.high / size
    if total is not None and not low.sum() <= 1 <= high.sum():
        raise DataError(
            "The shares cannot add up to their total, however they were rounded.",
            where=f"composition, {where}",
            found=f"between {people.low.sum():g} and {people.high.sum():g}",
            expected=f"{total:g}",
            todo="check the cells and rounding, or leave `total` out",
        )
    return Shares(low, high, total is not None)


def of_kitagawa(rates: Sequence[Box], shares: Sequence[Shares]) -> Bounds:
    """Bounds of gap, rate and composition: what does best, over all rates and shares that were printed so."""

    def gap(new: int, old: int) -> tuple[float, bool]:
        return shares[new].most(rates[new].high) + shares[old].most(-rates[old].low), True

    def rate(new: int, old: int) -> tuple[float, bool]:
        apart = rates[new].high - rates[old].low
        return (shares[0].most(apart) + shares[1].most(apart)) / 2, True

    def composition(new: int, old: int) -> tuple[float, bool]:
        low, high = ((rates[0].low + rates[1].low) / 2, (rates[0].high + rates[1].high) / 2)
        return _most_of_composition(shares[old], shares[new], low, high)

    high, low = ([part(new, old) for part in (gap, rate, composition)] for new, old in ((1, 0), (0, 1)))
    exact = np.array([one and other for (_, one), (_, other) in zip(low, high, strict=True)])
    return Bounds(np.array([-value for value, _ in low]), np.array([value for value, _ in high]), exact)


def _most_of_composition(old: Shares, new: Shares, low: Floats, high: Floats) -> tuple[float, bool]:
    """The largest sum of m (y_new - y_old) over shares and means m of rates from low to high.

    The best m of a cell is `high` where its share grows and `low` where it falls, so that the sum is a convex function
    of the shares; which cells grow is searched for by branch and bound. With these the rest is linear.
    """
    grows, beyond, proven = _growing(old, new, low, high)
    mean = np.where(grows, high, low)
    reached = new.most(mean) + old.most(-mean)
    return (reached, True) if proven else (max(reached, beyond), False)


def _growing(old: Shares, new: Shares, low: Floats, high: Floats) -> tuple[np.ndarray, float, bool]:
    """Which cells grow at the largest sum, a value that it does not exceed, and whether the search ended.

    Variables are y_old, y_new (k each), s_old, s_new, u = |y_new - y_old| and whether y_new > y_old (k each).
    """
    k, eye = len(low), sparse.identity(len(low), format="csr")
    none, single = sparse.csr_array((k, k)), sparse.csr_array((k, 1))
    mean, half = (low + high) / 2, (high - low) / 2
    scale = _SCALE / max(float(np.abs(mean).max() + half.max()), np.finfo(float).tiny)
    rows = []
    for number, side in enumerate((old, new)):
        y = [none, none]
        y[number] = eye
        for end, sign in ((side.low, 1.0), (side.high, -1.0)):
            s = [single, single]
            s[number] = sparse.csr_array(sign * end[:, None])
            rows.append(sparse.hstack([*(-sign * one for one in y), *s, none, none]))
    # u is at most y_new - y_old where the cell grows, and y_old - y_new where it does not; shares differ by 1 at most
    rows.append(sparse.hstack([eye, -eye, single, single, eye, 2 * eye]))
    rows.append(sparse.hstack([-eye, eye, single, single, eye, -2 * eye]))
    upper = np.concatenate([np.zeros(4 * k), np.full(k, 2.0), np.zeros(k)])
    sums = np.zeros((2, 4 * k + 2))
    sums[0, :k] = sums[1, k : 2 * k] = 1.0
    ends = [(1.0, 1.0) if side.fixed else (0.0, np.inf) for side in (old, new)]
    bounds = optimize.Bounds(
        np.concatenate([np.zeros(2 * k), [low for low, _ in ends], np.zeros(2 * k)]),
        np.concatenate([np.ones(2 * k), [high for _, high in ends], np.ones(2 * k)]),
    )
    found = optimize.milp(
        -scale * np.concatenate([-mean, mean, [0.0, 0.0], half, np.zeros(k)]),
        integrality=np.append(np.zeros(3 * k + 2), np.ones(k)),
        bounds=bounds,
        constraints=[
            optimize.LinearConstraint(sparse.vstack(rows), -np.inf, upper),
            optimize.LinearConstraint(sums, 1.0, 1.0),
        ],
        options={"mip_rel_gap": 0.0, "node_limit": _BRANCHES},
    )
    beyond = np.inf if found.mip_dual_bound is None else -float(found.mip_dual_bound) / scale
    grows = mean > np.median(mean) if found.x is None else found.x[3 * k + 2 :] > 0.5
    return grows, beyond, found.status == 0


# -- products of factors ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pairs:
    """Bounds (n, N, N) of the effect of each factor between populations [later, earlier], and whether they are reached.

    boxes : for each of N populations its n factors, from 0 up.
    """

    boxes: Sequence[Sequence[Box]]
    low: Floats
    high: Floats
    exact: np.ndarray

    def bounds(self, i: int, j: int) -> Bounds:
        """Bounds (n + 1,) of the effects between populations j (later) and i, and of the whole difference."""
        own = _consistent(self, i, j)
        low, high = (
            float(np.sum(_cellwise(*(getattr(one, a) for one in self.boxes[j]))))
            - float(np.sum(_cellwise(*(getattr(one, b) for one in self.boxes[i]))))
            for a, b in (("low", "high"), ("high", "low"))
        )
        return Bounds(np.append(own.low, low), np.append(own.high, high), np.append(own.exact, True))


def of_products(boxes: Sequence[Sequence[Box]]) -> Pairs:
    """The bounds of pairwise effects of factors of a product.

    The effect of a factor, its own change times a sum of products of the others, grows with its later and falls with
    its earlier value; where it changes upwards it grows with all others, and else falls with them.
    """
    number, n = len(boxes), len(boxes[0])
    low, high = np.zeros((n, number, number)), np.zeros((n, number, number))
    exact = np.ones((n, number, number), dtype=bool)
    for later in range(number):
        for earlier in range(later):
            for i in range(n):
                least, most, reached = _effect(boxes[earlier], boxes[later], i)
                low[i, later, earlier], high[i, later, earlier] = least, most
                low[i, earlier, later], high[i, earlier, later] = -most, -least
                exact[i, later, earlier] = exact[i, earlier, later] = reached
    return Pairs(boxes, low, high, exact)


def _effect(old: Sequence[Box], new: Sequence[Box], i: int) -> tuple[float, float, bool]:
    """Least and most of the effect of factor i, and whether both are reached."""
    small, large = (
        effects(_cellwise, *_beside(i, [getattr(one, end) for one in old], [getattr(one, end) for one in new]))[i]
        for end in ("low", "high")
    )
    down, up = new[i].low - old[i].high, new[i].high - old[i].low
    least = np.sum(down * np.where(down >= 0, small, large))
    most = np.sum(up * np.where(up >= 0, large, small))
    shapes = [np.shape(one.low) for one in old]
    whole = np.broadcast_shapes(*shapes)
    apart = all(shape == whole for j, shape in enumerate(shapes) if j != i)
    same = all((one >= 0).all() or (one <= 0).all() for one in (np.asarray(down), np.asarray(up)))
    return float(least), float(most), apart or same


def _cellwise(*factors: Floats) -> Floats:
    """The product of factors in each cell."""
    out: Floats = np.ones(())
    for factor in factors:
        out = out * factor
    return out


def _beside(i: int, old: list[Floats], new: list[Floats]) -> tuple[list[Floats], list[Floats]]:
    """Factors of which number i goes from 0 to 1, so that its effect is what its change is multiplied by."""
    old[i], new[i] = np.zeros(()), np.ones(())
    return old, new


def _consistent(pairs: Pairs, i: int, j: int) -> Bounds:
    """Bounds (n,) of effects between populations j (later) and i that agree over all N populations.

    With more than two they are averages of pairwise effects, (2 a_ji + sum over others k of a_jk + a_ki) / N, whose
    bounds are added up: what they enclose need not all be reached.
    """
    number = pairs.low.shape[1]
    if number == 2:
        return Bounds(pairs.low[:, j, i], pairs.high[:, j, i], pairs.exact[:, j, i])
    others = [k for k in range(number) if k not in (i, j)]
    low, high = (
        (2 * a[:, j, i] + a[:, j, others].sum(axis=1) + a[:, others, i].sum(axis=1)) / number
        for a in (pairs.low, pairs.high)
    )
    return Bounds(low, high, high <= low)


def together(parts: Sequence[Bounds]) -> Bounds:
    """Bounds of several sets of rows, one below the other."""
    return Bounds(*(np.concatenate([getattr(one, name) for one in parts]) for name in ("low", "high", "exact")))


def aligned(half: Any, index: pd.Index, column: Any) -> Any:
    """The half-widths of a column of a table: those of a table of them, or one for all."""
    return half.reindex(index=index)[column].to_numpy() if isinstance(half, pd.DataFrame) else half

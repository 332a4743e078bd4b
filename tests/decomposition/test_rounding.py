"""Bounds of published parts: against all corners by plain loops, and random tables that round to what was printed."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

EXACT = 1e-12  # sums in another order
YEARS = (2014, 2024)
kitagawa, das_gupta = llo.decomposition.kitagawa, llo.decomposition.das_gupta


def ends(made: llo.Result) -> np.ndarray:
    """Lower and upper bound of each row."""
    return made.to_frame()[["bound_low", "bound_high"]].to_numpy()


def enclosing(made: llo.Result) -> list[bool]:
    """Which rows may have bounds that are too wide."""
    return ["enclosing" in flag.split() for flag in made.flags]


def printed(seed: int, cells: int = 3) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rates in whole percentages, and shares in whole percentages that do not quite add up to 100."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(cells, 6.0), 2).T * 100
    shares[:, 1] = 0.9 * shares[:, 0] + 0.1 * shares[:, 1]  # close together: which shares grow is not plain
    rates = rng.uniform(5, 60, (cells, 2))
    return pd.DataFrame(np.rint(rates), columns=YEARS), pd.DataFrame(np.rint(shares), columns=YEARS)


def parts(rates: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Kitagawa's, in one line each; arrays (..., cells, 2)."""
    c = people / people.sum(axis=-2, keepdims=True)
    gap = (rates[..., 1] * c[..., 1]).sum(axis=-1) - (rates[..., 0] * c[..., 0]).sum(axis=-1)
    rate = ((rates[..., 1] - rates[..., 0]) * c.mean(axis=-1)).sum(axis=-1)
    return np.stack([gap, rate, gap - rate], axis=-1)


def corners(low: np.ndarray, high: np.ndarray, total: float | None) -> np.ndarray:
    """(v, k) the corners of a box, or of its cut where the numbers add up to a total."""
    k = len(low)
    both = np.array(list(product(*zip(low, high, strict=True))))
    if total is None:
        return both
    out = []
    for free in range(k):
        for corner in both:
            point = corner.copy()
            point[free] = total - (corner.sum() - corner[free])
            if low[free] - EXACT <= point[free] <= high[free] + EXACT:
                out.append(point)
    return np.array(out)


@pytest.mark.parametrize("total", [None, 100.0])
@pytest.mark.parametrize("seed", range(6))
def test_kitagawas_bounds_are_the_largest_and_least_over_all_corners(seed: int, total: float | None) -> None:
    rates, people = printed(seed)
    made = kitagawa(rates, people, rounding=0.5, total=total)
    own, size = rates.to_numpy(), people.to_numpy()
    r = np.stack([np.array(list(product(*((v - 0.5, v + 0.5) for v in own[:, j])))) for j in (0, 1)])
    c = [corners(size[:, j] - 0.5, size[:, j] + 0.5, total) for j in (0, 1)]
    every = []
    for one, other in product(range(len(r[0])), range(len(r[1]))):
        both = np.stack([r[0][one], r[1][other]], axis=-1)
        pairs = np.stack(np.broadcast_arrays(c[0][:, None, :], c[1][None, :, :]), axis=-1).reshape(-1, len(own), 2)
        every.append(parts(both, pairs))
    found = np.concatenate(every)
    assert ends(made)[:, 0] == pytest.approx(found.min(axis=0), abs=1e-10)
    assert ends(made)[:, 1] == pytest.approx(found.max(axis=0), abs=1e-10)
    assert not any(enclosing(made))


@pytest.mark.parametrize("cells", [4, 12, 30])
@pytest.mark.parametrize("total", [None, 100.0])
def test_no_table_that_rounds_to_the_printed_one_lies_outside(cells: int, total: float | None) -> None:
    """Random tables, at any place and at corners; shares that are rounded add up to 100 before."""
    rng = np.random.default_rng(cells)
    exact = rng.dirichlet(np.full(cells, 4.0), 2).T * 100
    shares = pd.DataFrame(np.rint(exact), columns=YEARS)
    rates = pd.DataFrame(np.rint(rng.uniform(5, 60, (cells, 2))), columns=YEARS)
    made = ends(kitagawa(rates, shares, rounding=0.5, total=total))
    for step in range(400):
        at = rng.uniform(-0.5, 0.5, (cells, 2)) if step % 2 else rng.choice([-0.5, 0.5], (cells, 2))
        if total is None:
            people = np.maximum(shares.to_numpy() + rng.uniform(-0.5, 0.5, (cells, 2)), 0.0)
        else:
            people = exact
        found = parts(rates.to_numpy() + at, people)
        assert (made[:, 0] - 1e-9 <= found).all()
        assert (found <= made[:, 1] + 1e-9).all()


def test_a_known_total_narrows_the_bounds_and_no_rounding_leaves_the_estimate() -> None:
    rates, shares = printed(3)
    free, known = (ends(kitagawa(rates, shares, rounding=0.5, total=total)) for total in (None, 100.0))
    assert (free[:, 0] <= known[:, 0] + EXACT).all()
    assert (known[:, 1] <= free[:, 1] + EXACT).all()
    assert (known[:, 1] - known[:, 0]).sum() < (free[:, 1] - free[:, 0]).sum()
    made = kitagawa(rates, shares, rounding=0)
    assert ends(made) == pytest.approx(np.column_stack([made.estimate] * 2), abs=1e-10)
    plain = kitagawa(rates, shares)
    assert made.estimate.tolist() == plain.estimate.tolist()
    assert "bound_low" not in plain.to_frame()


def test_bounds_of_kitagawa_change_sign_with_the_order_and_do_not_depend_on_rows() -> None:
    rates, shares = printed(4)
    made = ends(kitagawa(rates, shares, rounding={"rates": 0.5, "composition": 0.3}))
    turned = [frame[[YEARS[1], YEARS[0]]] for frame in (rates, shares)]
    assert ends(kitagawa(*turned, rounding={"rates": 0.5, "composition": 0.3})) == pytest.approx(
        -made[:, ::-1], abs=1e-10
    )
    widths = pd.DataFrame(0.5, rates.index, YEARS)
    other = kitagawa(rates.iloc[::-1], shares, rounding={"rates": widths, "composition": 0.3})
    assert ends(other) == pytest.approx(made, abs=1e-10)
    # people by the thousand, rounded to a thousand: the unit says nothing
    many = kitagawa(rates, shares * 1e6, rounding={"rates": 0.5, "composition": 0.3e6})
    assert ends(many) == pytest.approx(made, abs=1e-9)


def every_corner(
    factors: dict[str, dict[int, np.ndarray]], half: dict[str, float], populations: list[int]
) -> np.ndarray:
    """(v, rows) the effects at all corners of the numbers printed, each by das_gupta itself, without rounding."""
    places = [(name, one) for name in factors for one in populations if half[name]]
    sizes = [np.size(factors[name][one]) for name, one in places]
    out = []
    for signs in product((-1.0, 1.0), repeat=sum(sizes)):
        moved: dict[str, dict[int, Any]] = {name: dict(values) for name, values in factors.items()}
        start = 0
        for (name, one), size in zip(places, sizes, strict=True):
            step = np.array(signs[start : start + size]).reshape(np.shape(factors[name][one]))
            moved[name][one] = np.maximum(factors[name][one] + half[name] * step, 0.0)
            start += size
        out.append(das_gupta(moved, populations).estimate)
    return np.array(out)


@pytest.mark.parametrize("seed", range(3))
def test_bounds_of_das_gupta_are_reached_between_two_populations(seed: int) -> None:
    rng = np.random.default_rng(seed)
    factors = {name: {one: np.rint(rng.uniform(1, 9, 2)) for one in YEARS} for name in ("a", "b")}
    factors["c"] = {one: np.rint(rng.uniform(1, 9) if seed == 0 else rng.uniform(1, 9, 2)) for one in YEARS}
    if seed == 0:  # a factor of all cells is reached too where all change in one direction
        factors["a"], factors["b"] = ({YEARS[0]: np.array([2.0, 3.0]), YEARS[1]: np.array([5.0, 6.0])} for _ in "ab")
    factors["a"][YEARS[0]][0] = 0.0  # printed as nothing, and not below it
    half = {"a": 0.5, "b": 0.25, "c": 0.5 if seed == 0 else 0.0}
    made = das_gupta(factors, list(YEARS), rounding=half)
    found = every_corner(factors, half, list(YEARS))
    assert ends(made)[:, 0] == pytest.approx(found.min(axis=0), abs=1e-9)
    assert ends(made)[:, 1] == pytest.approx(found.max(axis=0), abs=1e-9)
    assert not any(enclosing(made))


def test_a_factor_that_cells_share_is_enclosed_and_says_so() -> None:
    """What goes up in one cell and down in another wants the shared factor high and low at once."""
    factors = {
        "hours": {2014: np.array(30.0), 2024: np.array(34.0)},
        "people": {2014: np.array([10.0, 20.0]), 2024: np.array([14.0, 15.0])},
    }
    half = {"hours": 0.5, "people": 0.5}
    made = das_gupta(factors, list(YEARS), rounding=0.5)
    found = every_corner(factors, half, list(YEARS))
    assert enclosing(made) == [False, True, False]
    for row, exact in enumerate((True, False, True)):
        low, high = ends(made)[row]
        if exact:
            assert (low, high) == (pytest.approx(found[:, row].min()), pytest.approx(found[:, row].max()))
        else:
            assert low < found[:, row].min()
            assert found[:, row].max() < high
    same = das_gupta({**factors, "people": {2014: [10, 20], 2024: [14, 25]}}, list(YEARS), rounding=0.5)
    assert not any(enclosing(same))


def test_effects_over_three_populations_are_enclosed() -> None:
    rng = np.random.default_rng(8)
    years = [2014, 2019, 2024]
    factors = {name: {one: np.rint(rng.uniform(2, 9)) for one in years} for name in ("a", "b", "c")}
    half = {"a": 0.5, "b": 0.5, "c": 0.0}
    made = das_gupta(factors, years, rounding=half)
    found = every_corner(factors, half, years)
    assert (ends(made)[:, 0] <= found.min(axis=0) + EXACT).all()
    assert (found.max(axis=0) <= ends(made)[:, 1] + EXACT).all()
    whole = made.rows["term"].eq("total").to_numpy()
    assert enclosing(made) == (~whole).tolist()
    assert ends(made)[whole, 1] == pytest.approx(found.max(axis=0)[whole], abs=1e-10)
    # not idly wide: at most twice what corners reach
    assert (ends(made)[:, 1] - ends(made)[:, 0] <= 2 * np.ptp(found, axis=0)).all()


def test_two_factors_bound_kitagawas_rate_where_shares_are_free() -> None:
    """Shares known exactly: then the two functions ask the same."""
    rates, shares = printed(5)
    part = shares / shares.sum()
    one = kitagawa(rates, part, rounding={"rates": 0.5})
    other = das_gupta({"rate": dict(rates), "share": dict(part)}, list(YEARS), rounding={"rate": 0.5})
    assert ends(one)[[1, 2, 0]] == pytest.approx(ends(other), abs=1e-10)


def test_bounds_are_saved_and_the_call_tells_the_rounding(tmp_path: Path) -> None:
    rates, shares = printed(6)
    made = kitagawa(rates, shares, rounding={"rates": 0.5, "composition": 0.5}, total=100)
    again = llo.read_result(made.save(tmp_path / "parts"))
    assert ends(again).tolist() == ends(made).tolist()
    assert again.meta["call"]["rounding"] == {"rates": 0.5, "composition": 0.5}
    assert again.meta["call"]["total"] == 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rounding": -0.5}, r"(?s)half the unit.*rounding of rates"),
        ({"rounding": "one decimal"}, "half the unit"),
        ({"rounding": {"shares": 0.5}}, r"(?s)not there.*'shares'.*'rates', 'composition'"),
        ({"rounding": 0.5, "total": 1}, r"(?s)cannot add up.*2014.*between"),
        ({"rounding": {"rates": pd.DataFrame({2014: [0.5]})}}, r"half the unit|not the cells"),
        ({"total": 100}, "total.*rounding"),
        ({"rounding": 0.5, "total": "all"}, "total"),
    ],
)
def test_kitagawa_refuses(options: dict[str, Any], message: str) -> None:
    with pytest.raises(llo.DataError, match=message):
        kitagawa(*printed(0), **options)


@pytest.mark.parametrize(
    ("factors", "options", "message"),
    [
        ({"a": {1: 2.0, 2: 3.0}}, {"rounding": 0.5, "rate": lambda a: a**2}, "products of factors"),
        ({"a": {1: -2.0, 2: 3.0}}, {"rounding": 0.5}, r"(?s)from 0 up.*'a'.*population 1"),
        ({"a": {1: 2.0, 2: 3.0}}, {"rounding": {"b": 0.5}}, r"(?s)not there.*'b'"),
        ({"a": {1: 2.0, 2: 3.0}}, {"rounding": {"a": [0.5, 0.5]}}, r"(?s)half the unit.*'a'"),
        ({"a": {1: 2.0, 2: 3.0}}, {"rounding": {"a": {3: 0.5}}}, r"(?s)not there.*3"),
    ],
)
def test_das_gupta_refuses(factors: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(llo.DataError, match=message):
        das_gupta(factors, [1, 2], **options)

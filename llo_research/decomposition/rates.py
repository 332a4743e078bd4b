"""Kitagawa and Das Gupta: differences between rates of populations, from published figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from llo_research import __version__
from llo_research.decomposition import rounding as rounded
from llo_research.decomposition.published import (
    check_bounded,
    check_factors,
    check_product,
    check_tables,
    populations_of,
)
from llo_research.decomposition.shapley_values import effects, product_of
from llo_research.errors import DataError
from llo_research.numerics.groups import Floats
from llo_research.results.decomposition import of_aggregates
from llo_research.results.result import Result

# Effects and their sum differ by rounding, of a size well below this.
_ADDS_UP = 1e-10


def kitagawa(
    rates: pd.DataFrame, composition: pd.DataFrame, *, rounding: Any = None, total: float | None = None
) -> Result:
    """The difference between the rates of two populations: what goes with rates by cell, and what with composition.

    Use it on published tables: training by age and the age structure, of two years or two countries. For microdata
    :func:`standardise` does the same with standard errors.

    Parameters
    ----------
    rates : DataFrame
        Rates of the cells (rows) in two populations (columns).
    composition : DataFrame
        People, or shares, of the same cells in the same populations; each column is divided by its sum.
    rounding : number or mapping, optional
        Half the unit of the last digit printed, for the columns `bound_low` and `bound_high`: 0.5 for percentages
        without decimals, in both tables, or ``{"rates": 0.05, "composition": 500}``; a table that is not named is
        exact. A DataFrame of half-widths says it cell by cell.
    total : number, optional
        With `rounding`: what each column of `composition` adds up to before it is rounded, 100 or 1 where it holds
        shares. Bounds are then narrower than for people, whose sum is as uncertain as they are.

    Returns
    -------
    Result
        Rows ``gap``, ``rate``, ``composition``: second column minus first, named in `of` and `minus`. There are no
        standard errors. With `rounding` the least and most that each may be, whatever was rounded to these tables.

    Raises
    ------
    DataError
        Other than two columns, different cells or columns, numbers that are missing or below 0; half-widths below 0;
        shares that cannot add up to `total`.

    Notes
    -----
    With rates r and shares c: sum (r_2 - r_1)(c_1 + c_2)/2 + sum (c_2 - c_1)(r_1 + r_2)/2.

    Bounds are no confidence interval: nothing is known of where within them the truth lies, and they say nothing of
    sampling. Each is reached by some tables that round to these: gap and rate are linear in rates and in shares, so one
    end of each rate serves and the shares are those of a linear (fractional) programme, solved in closed form;
    composition is a convex function of the shares, of which branch and bound finds the largest value. (Should that not
    end within 20,000 branches, the row is flagged ``enclosing``: its bounds may be too wide, never too narrow.) The
    bounds of the parts do not add up to those of the gap: not all are reached at once. People printed as 0 or more are
    0 or more. Where printed shares do not add up to `total`, the estimate divides by their sum and may lie outside.

    References
    ----------
    Kitagawa, E. M. (1955). Components of a difference between two rates. Journal of the American Statistical
    Association, 50, 1168-1194.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> rates = pd.DataFrame({2014: [0.2, 0.6], 2024: [0.3, 0.6]}, index=["low", "high"])
    >>> people = pd.DataFrame({2014: [50, 50], 2024: [40, 60]}, index=["low", "high"])
    >>> llo.decomposition.kitagawa(rates, people).estimate.round(3).tolist()
    [0.08, 0.045, 0.035]
    >>> rounded = llo.decomposition.kitagawa(rates, people, rounding={"rates": 0.05, "composition": 0.5}, total=100)
    >>> rounded.to_frame()[["bound_low", "bound_high"]].round(3).values.tolist()
    [[-0.024, 0.184], [-0.056, 0.146], [0.022, 0.049]]
    """
    check_tables(rates, composition)
    cells = composition.reindex(index=rates.index, columns=rates.columns).to_numpy(dtype=np.float64)
    shares = cells / cells.sum(axis=0)
    values = rates.to_numpy(dtype=np.float64)
    first, second = rates.columns
    rate = float(((values[:, 1] - values[:, 0]) * shares.mean(axis=1)).sum())
    structure = float(((shares[:, 1] - shares[:, 0]) * values.mean(axis=1)).sum())
    gap = float((values[:, 1] * shares[:, 1]).sum() - (values[:, 0] * shares[:, 0]).sum())
    rows = pd.DataFrame({"component": ["gap", "rate", "composition"], "of": str(second), "minus": str(first)})
    cell_names = [str(c) for c in rates.index]
    call: dict[str, Any] = {"function": "kitagawa", "of": str(second), "minus": str(first), "cells": cell_names}
    value = np.array([gap, rate, structure])
    told = {"call": call, "version": __version__, "tables": {"rates": values.tolist(), "composition": cells.tolist()}}
    if rounding is None:
        if total is not None:
            raise DataError("total is for the bounds of rounding.", where="total", todo="give rounding as well")
        return of_aggregates(rows, value, told)
    bounds = _kitagawa_bounds(rates, values, cells, rounding, total)
    call |= {"rounding": rounded.told(rounding), "total": total}
    return of_aggregates(rows, value, told, columns=bounds.columns, extra_flags=bounds.flags)


def _kitagawa_bounds(
    rates: pd.DataFrame, values: Floats, people: Floats, rounding: Any, total: float | None
) -> rounded.Bounds:
    """What rounding of both tables leaves open; arrays (cells, 2) in the order of the table of rates."""
    half = rounded.halves(rounding, ("rates", "composition"))
    of_rates, shares = [], []
    for j, column in enumerate(rates.columns):
        own = {name: rounded.aligned(width, rates.index, column) for name, width in half.items()}
        of_rates.append(rounded.box(values[:, j], own["rates"], "rounding of rates"))
        found = rounded.box(people[:, j], own["composition"], "rounding of composition").from_zero()
        shares.append(rounded.shares_of(found, people[:, j], total, str(column)))
    return rounded.of_kitagawa(of_rates, shares)


def das_gupta(
    factors: Mapping[str, Mapping[Any, Any]],
    populations: Sequence[Any],
    rate: Callable[..., Any] | None = None,
    *,
    rounding: Any = None,
) -> Result:
    """Differences between rates of populations, laid to any number of factors; consistent over many populations.

    Use it where a rate is made of several factors: people times hours times wages, or any function of them.

    Parameters
    ----------
    factors : mapping
        ``{name: {population: number or array}}``: each factor in each population; arrays hold cells.
    populations : sequence
        The populations to compare, in order: differences are later minus earlier, of all pairs.
    rate : callable, optional
        The rate as a function of the factors, in their order; default their product, summed over cells.
    rounding : number or mapping, optional
        Half the unit of the last digit printed, for the columns `bound_low` and `bound_high`: one for all factors, or
        ``{name: number}`` or ``{name: {population: number or array}}``; a factor that is not named is exact. For
        products alone.

    Returns
    -------
    Result
        A row for each pair of populations and factor (`term`), and ``total``; `of` is the later population. With
        `rounding` the least and most that each may be, whatever was rounded to these numbers.

    Raises
    ------
    DataError
        Fewer than two populations, a factor without one of them, more than 12 factors, a rate that is not a number;
        `rounding` with a rate of one's own, or with factors below 0.

    Notes
    -----
    The effect of a factor is the average, over all orders in which the factors may change one by one, of what its own
    change adds. Over more than two populations pairwise effects need not agree with each other (1 to 2 and 2 to 3 with
    1 to 3); with alpha_ij the pairwise effect, s_i = (1/N) sum_k alpha_ik gives effects s_i - s_j that do, and still
    add up to the differences of the rates.

    Bounds are no confidence interval (see :func:`kitagawa`). Of two populations they are reached: the effect of a
    factor of a product is its change times a sum of products of the others, so that one corner is the largest. Two
    kinds hold whatever rounding allows, may be wider, and are flagged ``enclosing``: effects over more than two
    populations, added up from pairs, and effects that go up in some cells and down in others beside a factor that cells
    share. Numbers printed as 0 or more are 0 or more; that shares add up to 1 is not used.

    References
    ----------
    Das Gupta, P. (1993). Standardization and Decomposition of Rates: A User's Manual. U.S. Bureau of the Census,
    Current Population Reports P23-186.

    Examples
    --------
    >>> import llo_research as llo
    >>> factors = {"earners": {1960: 10930, 1970: 16591}, "earnings": {1960: 0.717892, 1970: 0.825974}}
    >>> llo.decomposition.das_gupta(factors, [1960, 1970]).estimate.round(2).tolist()
    [4369.91, 1487.26, 5857.18]
    """
    several = populations_of(populations)
    check_factors(factors, several)
    names, function = list(factors), product_of if rate is None else rate
    if rate is None:
        check_product(factors, several)
    if not callable(function):
        raise DataError(
            "rate is a function of the factors, in their order.",
            where="rate",
            found=repr(rate)[:60],
            expected="lambda people, hours: (people * hours).sum(), or None for their product",
        )
    if rounding is not None:
        check_bounded(factors, several, rate)
    inputs = [[np.asarray(factors[name][one], dtype=np.float64) for name in names] for one in several]
    totals = np.array([_number(function(*own), one) for own, one in zip(inputs, several, strict=True)])
    number = len(several)
    pairwise = np.zeros((len(names), number, number))
    for i, j in combinations(range(number), 2):
        effect = np.array([float(e) for e in effects(function, inputs[i], inputs[j])])
        pairwise[:, j, i], pairwise[:, i, j] = effect, -effect
    scores = pairwise.mean(axis=2)
    pairs = None if rounding is None else rounded.of_products(_boxes(inputs, names, several, rounding))
    rows, values, bounds = [], [], []
    for i, j in combinations(range(number), 2):
        own = scores[:, j] - scores[:, i] if number > 2 else pairwise[:, j, i]
        _check_sum(own, totals[j] - totals[i], totals)
        for name, value in [*zip(names, own, strict=True), ("total", totals[j] - totals[i])]:
            rows.append({"term": name, "of": str(several[j]), "minus": str(several[i])})
            values.append(value)
        bounds += [] if pairs is None else [pairs.bounds(i, j)]
    call: dict[str, Any] = {"function": "das_gupta", "factors": names, "populations": [str(one) for one in several]}
    table = pd.DataFrame(rows)
    told: dict[str, Any] = {"call": call, "version": __version__, "tables": _tables(names, inputs)}
    if rate is not None:
        told["own_rate"] = True
    if rounding is None:
        return of_aggregates(table, np.array(values), told)
    call["rounding"] = rounded.told(rounding)
    whole = rounded.together(bounds)
    return of_aggregates(table, np.array(values), told, columns=whole.columns, extra_flags=whole.flags)


def _tables(names: list[str], inputs: list[list[Floats]]) -> dict[str, list[list[float]]]:
    """For `.meta`: the numbers of each factor in each population, cells in one row."""
    shape = np.broadcast_shapes(*(own[0].shape for own in zip(*inputs, strict=True))) if _alike(inputs) else None
    out = {}
    for place, name in enumerate(names):
        values = [own[place] for own in inputs]
        if shape is not None and values[0].size > 1:
            values = [np.broadcast_to(value, shape) for value in values]
        out[name] = [np.ravel(value).tolist() for value in values]
    return out


def _alike(inputs: list[list[Floats]]) -> bool:
    """Whether the factors can be laid beside each other, cell by cell."""
    try:
        np.broadcast_shapes(*(own.shape for own in inputs[0]))
    except ValueError:
        return False
    return True


def _boxes(inputs: list[list[Floats]], names: list[str], several: list[Any], rounding: Any) -> list[list[rounded.Box]]:
    """What rounding leaves open of each factor in each population."""
    half = {name: rounded.halves(own, several) for name, own in rounded.halves(rounding, names).items()}
    return [
        [
            rounded.box(value, half[name][one], f"rounding of {name!r}").from_zero()
            for name, value in zip(names, own, strict=True)
        ]
        for one, own in zip(several, inputs, strict=True)
    ]


def _number(value: Any, population: Any) -> float:
    """A rate as a number."""
    array = np.asarray(value, dtype=np.float64)
    if array.size != 1 or not np.isfinite(array).all():
        raise DataError(
            "The rate is one finite number for each population.",
            where=f"rate, population {population!r}",
            found=f"an array of shape {array.shape}" if array.size != 1 else repr(value),
            todo="sum over the cells in `rate`",
        )
    return float(array.ravel()[0])


def _check_sum(parts: Floats, whole: float, totals: Floats) -> None:
    """Effects that do not add up to the difference raise."""
    if abs(parts.sum() - whole) > _ADDS_UP * max(np.abs(parts).sum(), np.abs(totals).max()):
        raise DataError(
            "The effects do not add up to the difference of the rates.",
            where="das_gupta",
            found=f"{parts.sum():.12g}",
            expected=f"{whole:.12g}",
            todo="the rate must be the same function of its factors at every call",
        )

"""Published tables and factors, checked: the same cells and populations, and numbers that are numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.decomposition.shapley_values import check_number
from llo_research.errors import DataError


def check_bounded(factors: Mapping[str, Mapping[Any, Any]], several: list[Any], rate: Any) -> None:
    """Bounds are of products of numbers from 0 up."""
    if rate is not None:
        raise DataError(
            "Bounds are known for products of factors, not for any function.",
            where="rounding, rate",
            found="a rate of one's own",
            expected="rate=None: the product of the factors, summed over cells",
            todo="leave rounding out, or write the rate as a product",
        )
    for name in factors:
        for one in several:
            least = float(np.min(np.asarray(factors[name][one], dtype=np.float64), initial=np.inf))
            if least < 0:
                raise DataError(
                    "Bounds are known for factors from 0 up.",
                    where=f"rounding, factors[{name!r}], population {one!r}",
                    found=f"{least:g}",
                    todo="leave rounding out",
                )


def check_tables(rates: Any, composition: Any) -> None:
    """Two frames of the same cells and populations."""
    for name, frame in (("rates", rates), ("composition", composition)):
        if not isinstance(frame, pd.DataFrame) or frame.shape[1] != 2:
            raise DataError(
                "Kitagawa's components are of two populations.",
                where=name,
                found=f"{frame.shape[1]} columns" if isinstance(frame, pd.DataFrame) else f"a {type(frame).__name__}",
                expected="a DataFrame with a row for each cell and a column for each of two populations",
                todo="take two columns, as frame[[2014, 2024]]; llo.decomposition.das_gupta compares many populations",
            )
        if not frame.index.is_unique:
            raise DataError(
                "A cell is there twice.",
                where=name,
                found=list(frame.index[frame.index.duplicated()])[:5],
                expected="one row for each cell",
                todo="sum the people of both rows, and average their rates by these",
            )
        if not frame.columns.is_unique:
            raise DataError(
                "Both columns have the same name.",
                where=name,
                found=list(frame.columns),
                expected="two populations with names of their own, the second minus the first",
            )
        values = frame.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
        known = np.isfinite(values).all()
        if not known or (name == "composition" and ((values < 0).any() or (values.sum(axis=0) == 0).any())):
            raise DataError(
                "People are counted from 0 up." if known else "Cells hold numbers.",
                where=name,
                found="numbers below 0, or nobody" if known else "missing values, text or infinity",
                todo="fill the cell, or leave it out of both tables",
            )
    if set(rates.index) != set(composition.index) or list(rates.columns) != list(composition.columns):
        raise DataError(
            "The tables do not have the same cells and populations.",
            where="rates, composition",
            found=f"{list(rates.columns)} by {len(rates)} cells, {list(composition.columns)} by {len(composition)}",
            expected="the same index, and the same two columns in the same order",
        )


def populations_of(populations: Any) -> list[Any]:
    """The populations as a list."""
    if isinstance(populations, Sequence | np.ndarray | pd.Index) and not isinstance(populations, str):
        return list(populations)
    raise DataError(
        "populations is a list of those to compare, in order.",
        where="populations",
        found=repr(populations)[:60],
        expected="as [2014, 2024]",
    )


def check_factors(factors: Any, populations: list[Any]) -> None:
    """Every factor in every population, in the same shape."""
    if not isinstance(factors, Mapping) or not factors or not all(isinstance(f, Mapping) for f in factors.values()):
        raise DataError(
            "Factors are mappings of populations to numbers or arrays.",
            where="factors",
            found=repr(factors)[:80],
            expected="{'people': {2014: 10930, 2024: 16591}, 'wage': {...}}",
        )
    check_number(len(factors), "factors")
    if len(populations) < 2 or len(set(populations)) < len(populations):
        raise DataError(
            "At least two different populations are compared.",
            where="populations",
            found=populations,
            expected="a list in order: differences are later minus earlier",
        )
    for name, values in factors.items():
        lacking = [one for one in populations if one not in values]
        if lacking:
            raise DataError(
                "A factor is not known in a population.",
                where=f"factors[{name!r}]",
                found=f"{list(values)}, without {lacking[0]!r}",
                expected=f"all of {populations}",
            )
        for one in populations:
            _check_numbers(values[one], f"factors[{name!r}], population {one!r}")
        if len({np.shape(values[one]) for one in populations}) > 1:
            raise DataError(
                "A factor has other cells in another population.",
                where=f"factors[{name!r}]",
                found=", ".join(f"{one!r}: {np.shape(values[one])}" for one in populations),
                expected="the same cells in the same order",
            )


def check_product(factors: Mapping[str, Mapping[Any, Any]], populations: list[Any]) -> None:
    """Factors that are multiplied cell by cell have the same cells; a rate of one's own may take them otherwise."""
    _check_cells({(name, one): factors[name][one] for name in factors for one in populations})
    shapes = {name: np.shape(factors[name][populations[0]]) for name in factors}
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        raise DataError(
            "The factors do not have the same cells.",
            where="factors",
            found=", ".join(f"{name}: {shape}" for name, shape in shapes.items()),
            expected="a number, or an array of the same cells, for each factor",
        ) from None


def _check_numbers(values: Any, where: str) -> None:
    """Numbers that are known."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
        good = bool(numbers.size and np.isfinite(numbers).all())
    except (TypeError, ValueError):
        good = False
    if not good:
        raise DataError(
            "A factor holds numbers.",
            where=where,
            found=repr(values)[:60],
            expected="a finite number, or an array of them",
            todo="fill what is missing, or leave the cell out of all factors",
        )


def _check_cells(given: Mapping[tuple[str, Any], Any]) -> None:
    """Series and frames name their cells, which must be the same in the same order."""
    named = {place: own for place, own in given.items() if isinstance(own, pd.Series | pd.DataFrame)}
    for place, own in named.items():
        first = next(iter(named.values()))
        if own.shape == first.shape and not own.index.equals(first.index):
            raise DataError(
                "The cells of two factors are not the same, or not in the same order.",
                where=f"factors[{place[0]!r}], population {place[1]!r}",
                found=repr(list(own.index[:6])),
                expected=repr(list(first.index[:6])),
                todo="give all factors the same index, as factor.reindex(cells)",
            )

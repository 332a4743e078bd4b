"""What a call speaks of: its variables, its cells, and who is left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_option, names_of
from llo_research.results.columns import RESERVED
from llo_research.survey.collapsed import check_admitted
from llo_research.survey.lazy import refuse_lazy
from llo_research.survey.unlike import alike_or_told
from llo_research.survey.variables import Variable, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

MISSING = ("omit", "raise", "available")
_MOST_CELLS = 100_000
# The standard error of a variance takes fourth powers of values, times squared weights, over many rows.
_LARGEST = 1e60
# Their joint covariance takes 800 MB.
_MOST_PRESENT = 10_000


@dataclass(frozen=True)
class Cells:
    """The cells of `by`, within the domain.

    codes : (n,) cell of each row; ``len(keys)`` outside the domain or with a missing `by`.
    keys : one row per cell, the `by` columns.
    left_out : rows of the domain with a missing value, by column.
    absent : declared levels (or combinations) of which the domain has no row.
    """

    codes: Codes
    keys: pd.DataFrame
    left_out: dict[str, int]
    absent: int

    @property
    def number(self) -> int:
        """Number of cells K."""
        return len(self.keys)


@dataclass(frozen=True)
class Target:
    """A survey with the weight of the call, the cells, and the call's variables without missing rows.

    svy : Survey with the right weight.
    cells : Cells; rows with a missing variable have the code outside.
    variables : the variables, in the order of the call.
    left_out : rows of the domain left out for a missing value, by column.
    groups : further columns of the call (the groups of a gap).
    """

    svy: Survey
    cells: Cells
    variables: tuple[Variable, ...]
    by: tuple[str, ...]
    left_out: dict[str, int]
    groups: tuple[str, ...] = ()

    @cached_property
    def weights(self) -> Floats:
        """(n,) current weights."""
        return self.svy._weights

    @cached_property
    def counts(self) -> Floats:
        """(K,) unweighted rows with a weight."""
        k = self.cells.number
        return self.svy.design.rows_of_cells(np.where(self.weights != 0, self.cells.codes, k), k)

    @cached_property
    def df(self) -> Floats:
        """(K,) degrees of freedom of each cell."""
        codes, k = self.cells.codes, self.cells.number
        if (self.weights == 0).any():
            codes = np.where(self.weights != 0, codes, k)
        return self.svy.design.cell_degrees_of_freedom(codes, k)


def make_target(
    svy: Survey,
    names: Sequence[str],
    by: str | Sequence[str] | None,
    missing: str,
    role: str,
    groups: Sequence[str] = (),
) -> Target:
    """Bring a survey, the names of variables and `by` together; `groups` are further columns of the call.

    A name that is no column may be a condition, as "age >= 55": a boolean variable, missing where it is unknown.
    """
    check_survey(svy)
    check_option(missing, "missing", MISSING)
    by_names = [] if by is None else names_of(by, "by")
    _refuse_reserved(by_names)
    svy = svy._with_conditions([*names, *by_names, *groups])
    svy = alike_or_told(svy._for_variables(names, [*by_names, *groups]), names, [*by_names, *groups])
    variables = tuple(variable(svy._frame, name, role) for name in names)
    _check_sizes(variables)
    cells = make_cells(svy, by_names)
    codes, outside = cells.codes, cells.number
    left_out = dict(cells.left_out)
    inside = codes < outside
    for found in variables:
        if found.any_missing:
            left_out[found.name] = svy._count(found.missing & inside)
    if missing == "raise" and any(left_out.values()):
        told = ", ".join(f"{name}: {count} rows" for name, count in left_out.items() if count)
        raise DataError("There are missing values.", where=role, found=told, todo="missing='omit' leaves them out")
    if missing != "available" and any(left_out.get(found.name) for found in variables):
        gone = np.logical_or.reduce([found.missing for found in variables if found.any_missing])
        codes = np.where(gone, outside, codes)
    cells = Cells(codes, cells.keys, cells.left_out, cells.absent)
    return Target(svy, cells, variables, tuple(by_names), left_out, tuple(groups))


def _check_sizes(variables: Sequence[Variable]) -> None:
    """Numbers whose squares and fourth powers a computer still holds."""
    for found in variables:
        if found.kind != "number":
            continue
        largest = float(np.fmax.reduce(np.abs(found.values), initial=0.0))
        if largest > _LARGEST:
            raise DataError(
                "The values are too large to compute with.",
                where=f"column {found.name!r}, row {int(np.nanargmax(np.abs(found.values)))}",
                found=f"{largest:g}",
                expected=f"numbers up to {_LARGEST:g} in size",
                todo="such a number often stands for a missing value: make it missing with svy.assign(...); or change "
                "the unit",
            )


def _refuse_reserved(by: Sequence[str]) -> None:
    """The columns of `by` stand in the result beside its own."""
    taken = [name for name in by if name in RESERVED]
    if taken:
        raise DataError(
            f"A result has a column {taken[0]!r} of its own.",
            where=f"by={list(by)}",
            expected="a column that is not called as one of the result's: variable, level, n, estimate, ...",
            todo=f"give the column another name: svy.assign({taken[0]}_=lambda d: d[{taken[0]!r}])",
        )


def check_survey(svy: object) -> None:
    """The second argument of every estimator."""
    from llo_research.survey.survey import Survey

    refuse_lazy(svy, "the second argument")
    if not isinstance(svy, Survey):
        raise DataError(
            "The data of an estimator are a Survey.",
            where="the second argument",
            found=f"a {type(svy).__name__}",
            todo="llo.mean('training', svy) with svy = llo.Survey(frame, weights=...)",
        )
    check_admitted(svy)


def make_cells(svy: Survey, by: Sequence[str]) -> Cells:
    """Cells of the crossed `by` columns among the rows of the domain."""
    n = len(svy)
    domain = svy._domain
    if not by:
        codes = np.zeros(n, dtype=np.intp) if domain is None else np.where(domain, 0, 1).astype(np.intp)
        return Cells(codes, pd.DataFrame(index=range(1)), {}, 0)
    found = [variable(svy._frame, name, "by") for name in by]
    _check_levels(found)
    sizes = [len(v.levels) for v in found]
    total = int(np.prod(sizes))
    codes = found[0].codes if len(found) == 1 else np.ravel_multi_index([np.maximum(v.codes, 0) for v in found], sizes)
    left_out, gone = {}, None if domain is None else ~domain
    for v in found:
        if v.any_missing:
            left_out[v.name] = svy._count(v.missing & svy.domain)
            gone = v.missing if gone is None else gone | v.missing
    if gone is not None:
        codes = np.where(gone, total, codes)
    present = np.bincount(codes, minlength=total + 1)[:total] > 0
    kept = np.flatnonzero(present)
    _check_present(by, len(kept), left_out)
    if len(kept) < total:
        renumber = np.full(total + 1, len(kept), dtype=np.intp)
        renumber[kept] = np.arange(len(kept))
        codes = renumber[codes]
    positions = np.unravel_index(kept, sizes)
    keys = pd.DataFrame({v.name: _level_column(v, pos) for v, pos in zip(found, positions, strict=True)})
    return Cells(codes, keys, left_out, total - len(kept))


def _check_levels(found: Sequence[Variable]) -> None:
    """Cells are of groups, and of a number that a computer can cross."""
    where = f"by={[v.name for v in found]}"
    for v in found:
        if v.kind == "number" and not all(isinstance(level, int) for level in v.levels):
            raise DataError(
                f"{v.name!r} holds numbers with decimals; cells need groups.",
                where=where,
                found=f"{len(v.levels)} different numbers, from {v.levels[0]:g} to {v.levels[-1]:g}",
                expected="text, categories, booleans or whole numbers",
                todo=f"group it into classes first, with pandas.cut in svy.assign({v.name}_class=...)",
            )
    if np.prod([len(v.levels) for v in found], dtype=float) > _MOST_CELLS:
        raise DataError(
            "The crossing of `by` has too many cells.",
            where=where,
            found=", ".join(f"{v.name}: {len(v.levels)} levels" for v in found),
            expected=f"at most {_MOST_CELLS}",
            todo="group the numbers into classes first",
        )


def _check_present(by: Sequence[str], present: int, left_out: dict[str, int]) -> None:
    """There are cells with people, and not too many for their joint covariance."""
    if present == 0:
        raise DataError(
            "No row of the domain has a value.",
            where=f"by={list(by)}",
            found=f"missing: {left_out}" if left_out else "an empty domain",
            todo="check the column, or the condition of svy.where",
        )
    if present > _MOST_PRESENT:
        raise DataError(
            "There are too many cells for their joint covariance.",
            where=f"by={list(by)}",
            found=f"{present} cells with people",
            expected=f"at most {_MOST_PRESENT}",
            todo="group the levels into classes first, or take a part at a time with svy.where(...)",
        )


def _level_column(found: Variable, positions: Codes) -> Any:
    """The levels at these positions, with the column's own type (a categorical keeps its order)."""
    if found.declared:
        return found.series.cat.categories.take(positions).astype(found.series.dtype)
    return pd.Series([found.levels[i] for i in positions])

"""From a formula, a survey and two groups to the arrays of a decomposition, checked for what they can tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.decomposition.columns import Columns, columns_of
from llo_research.decomposition.support import Level, empty_rows, levels_of, overlap, pinned_of
from llo_research.decomposition.two_groups import Groups, by_code
from llo_research.errors import DataError, IdentificationError
from llo_research.estimation.pairs import columns_of_groups, named_levels, two_groups
from llo_research.estimation.placing import sources_of
from llo_research.estimation.target import check_survey, make_cells
from llo_research.numerics.families import Family
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import names_of
from llo_research.regression.identification import check_columns, check_response, check_solution
from llo_research.regression.model_data import ModelData, model_data
from llo_research.results.columns import RESERVED
from llo_research.survey.collapsed import admitted
from llo_research.survey.lazy import survey_of_formula

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@dataclass(frozen=True)
class Asked:
    """The groups and cells that a call names.

    group : column of which `of` and `minus` are levels, or None where they are conditions.
    by : columns of the cells. missing : ``omit`` or ``raise``. support : ``raise`` or ``trim``.
    collapsed : whether the call gives of collapsed rows what it gives of all.
    """

    group: str | None
    of: Any
    minus: Any
    by: tuple[str, ...] = ()
    missing: str = "omit"
    support: str = "raise"
    collapsed: bool = False

    @property
    def told(self) -> dict[str, str]:
        """The groups in words, as rows name them."""
        return {"of": str(self.of), "minus": str(self.minus)}


@dataclass(frozen=True, eq=False)
class Sides:
    """The arrays of both groups of a formula.

    data : what the formula makes of the rows used. columns : what each of its columns is. groups : the arrays.
    keys : C rows, the `by` columns. support : people and weight of each category. trimmed : rows left out for lack of
    overlap, by group. levels : of the categories.
    """

    data: ModelData
    columns: Columns
    groups: Groups
    asked: Asked
    keys: pd.DataFrame
    support: pd.DataFrame
    left_out: dict[str, int]
    trimmed: dict[str, int]
    levels: tuple[Level, ...] = ()

    @cached_property
    def cells(self) -> list[str]:
        """The cells in words, empty where there are none."""
        names = list(self.keys.columns)
        return [", ".join(f"{name} {row[name]}" for name in names) for _, row in self.keys.iterrows()]

    @cached_property
    def group_names(self) -> list[str]:
        """(2C,) the groups in words, of each cell."""
        both = (self.asked.told["of"], self.asked.told["minus"])
        return [f"{name}, {cell}" if cell else name for cell in self.cells for name in both]


def sides_of(
    formula: str,
    svy: Survey,
    asked: Asked,
    needs: tuple[str, ...],
    *,
    normalize: Sequence[str] = (),
    also: Sequence[str] = (),
) -> Sides:
    """Both groups of a formula in every cell; `needs` are the groups whose coefficients are used for the other.

    also : further columns that must be known.
    """
    by = list(asked.by)
    columns = columns_of_groups(asked.group, asked.of, asked.minus)
    svy = survey_of_formula(svy, formula, [*by, *columns, *also])
    svy = admitted(svy) if asked.collapsed else svy
    check_survey(svy)
    _refuse_columns(asked)
    svy = svy._with_conditions([*by, *columns])
    of, minus = named_levels(svy, asked.group, asked.of, asked.minus)
    asked = replace(asked, of=of, minus=minus)
    side, left_out = two_groups(svy, asked.group, of, minus, asked.missing)
    svy = svy._with(domain=svy.domain & (side < 2))
    also = [*by, *columns, *also]
    made = _arrays(model_data(formula, svy, missing=asked.missing, also=also), asked, side)
    _refuse_group(made)
    trimmed = {"of": 0, "minus": 0}
    while asked.support == "trim":
        gone = empty_rows(made.groups, levels_of(made.data, made.columns))
        if not gone.any():
            break
        for number, name in enumerate(trimmed):
            trimmed[name] += int((gone & (made.groups.cell % 2 == number)).sum())
        domain = svy.domain.copy()
        domain[made.data.rows[gone]] = False
        svy = svy._with(domain=domain)
        _refuse_nothing_left(svy, side, asked)
        made = _arrays(model_data(formula, svy, missing=asked.missing, also=also), asked, side)
    _check_sizes(made)
    levels = levels_of(made.data, made.columns)
    factors = frozenset(factor for name in normalize if (factor := made.columns.factor(name)) is not None)
    pinned = pinned_of(made.groups, levels, made.columns, needs, made.group_names, factors)
    support = overlap(made.groups, levels, made.keys)
    groups = made.groups if pinned is None else replace(made.groups, pinned=pinned)
    left_out = {**made.data.left_out, **left_out}
    return replace(made, groups=groups, support=support, left_out=left_out, trimmed=trimmed, levels=tuple(levels))


def _arrays(data: ModelData, asked: Asked, side: Codes) -> Sides:
    """The arrays of the rows that a formula uses."""
    cells = make_cells(data.svy, list(asked.by))
    columns = columns_of(data.right.spec)
    codes = 2 * cells.codes[data.rows] + side[data.rows]
    alike = data.alike.with_codes(codes, 2 * cells.number)
    groups = Groups(
        data.y, data.x, data.weights, codes, data.rows, cells.number, len(data.svy), alike, columns.constant
    )
    if (stands := data.svy.design.stands) is not None:
        groups = replace(groups, counts=stands.counts[data.rows])
    return Sides(data, columns, groups, asked, cells.keys, pd.DataFrame(), {}, {})


def checked_by(by: str | Sequence[str] | None) -> tuple[str, ...]:
    """The names of `by`."""
    return () if by is None else tuple(names_of(by, "by"))


def _refuse_columns(asked: Asked) -> None:
    """Columns of `by` that the result has itself, or that make the groups."""
    taken = [name for name in asked.by if name in RESERVED or name == asked.group]
    if taken:
        raise DataError(
            "The cells of a decomposition are other columns than its groups and those of the result.",
            where=f"by={list(asked.by)}",
            found=repr(taken[0]),
            todo=f"leave it out, or give the column another name: svy.assign({taken[0]}_=lambda d: d[{taken[0]!r}])",
        )


def _refuse_group(made: Sides) -> None:
    """The group cannot explain the gap between the groups."""
    if made.asked.group is not None and made.asked.group in made.data.columns:
        raise DataError(
            "The column of the groups stands in the formula.",
            where=f"formula {made.data.formula!r}",
            found=repr(made.asked.group),
            expected="an outcome and what may explain its gap",
            todo="leave it out; reference='pooled' has a term for the group by itself",
        )
    if not made.data.x.shape[1]:
        raise IdentificationError(
            "The model has no constant: the parts would not add up to the gap.",
            where=f"formula {made.data.formula!r}",
            found="no term at all",
            expected="a constant, or a category with all its levels",
        )
    _refuse_outcome(made)


def _refuse_outcome(made: Sides) -> None:
    """The outcome makes neither the groups nor the cells in which it is compared."""
    asked, response = made.asked, made.data.response
    own = [name for name in made.data.columns if name in (response.strip("`"), *re.findall(r"\w+", response))]
    for name in [*asked.by, *columns_of_groups(asked.group, asked.of, asked.minus)]:
        sources = sources_of(made.data.svy, name)
        outcome = next((one for one in own if one in sources), None)
        if outcome is not None:
            raise DataError(
                "The groups or cells are made of the outcome: their gap in it is what they are made by.",
                where=f"response {response!r}, {'by' if name in asked.by else 'groups'}",
                found=repr(name) if name == outcome else f"{name!r}, made from {outcome!r}",
                expected="groups and cells that do not depend on the outcome",
                todo="choose other groups, or leave it out of by",
            )


def _refuse_nothing_left(svy: Survey, side: Codes, asked: Asked) -> None:
    """Trimming that leaves nobody of a group."""
    inside = svy.domain & (svy._weights != 0)
    for number, name in enumerate(("of", "minus")):
        if not (inside & (side == number)).any():
            raise IdentificationError(
                "The groups have no category in common.",
                where=f"{name}={asked.told[name]!r}, support='trim'",
                found="nobody is left",
                todo="join levels of the categories, or leave a category out of the formula",
            )


def _check_sizes(made: Sides) -> None:
    """Enough people of both groups in every cell."""
    q, names = made.groups.q, made.group_names
    counts = made.groups.people()
    empty = np.flatnonzero(counts == 0)
    if len(empty):
        raise DataError(
            "A group has no row with values for the formula.",
            where=f"{('of', 'minus')[empty[0] % 2]}={names[empty[0]]}",
            found=f"rows left out for missing values: {made.data.left_out}" if made.data.left_out else "none",
            expected="people of both groups in every cell",
            todo="leave the cell out with svy.where(...), or join cells",
        )
    few = np.flatnonzero(counts <= q)
    if len(few):
        raise IdentificationError(
            "A group has as few rows as its model has coefficients: it would fit whatever was found.",
            where=f"group {('of', 'minus')[few[0] % 2]} ({names[few[0]]})",
            found=f"{counts[few[0]]} rows, {q} coefficients",
            expected="more rows than coefficients in both groups",
            todo="leave terms out, or join levels, or widen the group",
        )


def check_models(made: Sides, family: Family, own: Floats) -> None:
    """Refuse what cannot be estimated in one of the groups, naming term and group; `own` are coefficients (2C, q)."""
    groups, constant = made.groups.distinct, made.columns.constant
    for cell, rows in enumerate(by_code(groups.cell, len(own))):
        free = groups.free(cell)
        part, where = (
            _part(made.data, groups, rows, free),
            f"group {('of', 'minus')[cell % 2]} ({made.group_names[cell]})",
        )
        try:
            try:
                _check_model(part, family, own[cell][free])
            except (DataError, IdentificationError):
                # all rows decide, and are what the message counts
                rows = np.flatnonzero(made.groups.cell == cell)
                _check_model(_part(made.data, made.groups, rows, free), family, own[cell][free])
        except IdentificationError as error:
            raise _in_group(error, where) from None
        if constant is None and not _spans_constant(part):
            raise IdentificationError(
                "The model has no constant: the parts would not add up to the gap.",
                where=f"formula {made.data.formula!r}",
                expected="a constant, or a category with all its levels",
                todo="leave '0 +' and '- 1' out of the formula",
            )


def _check_model(part: ModelData, family: Family, own: Floats) -> None:
    """Refuse what cannot be estimated in one group."""
    check_response(part, family)
    if _doubtful(part.x, part.weights) or np.isnan(own).any():
        check_columns(part)
    check_solution(part, part.distinct.x, family, own, not np.isnan(own).any())


def _part(data: ModelData, groups: Groups, rows: Codes, free: np.ndarray) -> ModelData:
    """Some rows of the groups and columns of a model as its data."""
    names = tuple(name for name, kept in zip(data.names, free, strict=True) if kept)
    x = groups.x[rows] if free.all() else groups.x[rows][:, free]
    weights, own = groups.weights[rows], groups.rows[rows]
    return replace(data, y=groups.y[rows], x=x, names=names, weights=weights, rows=own, joins=False)


def _in_group(error: IdentificationError, where: str) -> IdentificationError:
    """The same error with the group in it."""
    place = f"{error.where}, {where}" if error.where else where
    return IdentificationError(error.what, where=place, found=error.found, expected=error.expected, todo=error.todo)


# Smallest eigenvalue of standardised products from which on columns are looked at one by one.
_DOUBTFUL = 1e-6


def _doubtful(x: Floats, weights: Floats) -> bool:
    """Whether columns of a group may be combinations of each other."""
    gram = (x * weights[:, None]).T @ x
    length = np.sqrt(np.diag(gram))
    return bool((length == 0).any() or np.linalg.eigvalsh(gram / np.outer(length, length))[0] < _DOUBTFUL)


def _spans_constant(part: ModelData) -> bool:
    """Whether a combination of the columns is constant."""
    root = np.sqrt(part.weights)
    coefficients = np.linalg.lstsq(part.x * root[:, None], root, rcond=None)[0]
    return bool(np.abs(part.x @ coefficients - 1).max() < 1e-8)

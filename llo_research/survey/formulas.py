"""Formulas as matrices of numbers, by formulaic: categories with their declared levels, missing values marked."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats
from llo_research.packages import Package
from llo_research.survey.alike import alike, firsts
from llo_research.survey.exact import exact
from llo_research.survey.variables import Variable, variable

if TYPE_CHECKING:
    from formulaic import ModelSpec

formulaic = Package("formulaic")

# Rows of which formulaic makes the columns' names and kinds, where the columns stand in the data as they are.
_FEW = 8
# Rows that are written at a time.
_PIECE = 8192


@dataclass(frozen=True)
class Matrix:
    """One side of a formula for all rows of a survey.

    table : (n, p) numbers; rows that are not complete hold zeros. Where many rows are alike, (d, p): one row for these.
    place : (n,) the row of the table that each row has; None where it has its own.
    names : (p,) formulaic's names of the columns.
    complete : (n,) whether no variable of the formula is missing.
    missing : number of rows with a missing value, by column of the data.
    base : the base level of each category.
    spec : how to make the same columns of other data.
    """

    table: Floats
    place: Codes | None
    names: tuple[str, ...]
    complete: np.ndarray
    missing: dict[str, int]
    base: dict[str, Any]
    spec: ModelSpec

    @cached_property
    def values(self) -> Floats:
        """(n, p) numbers of all rows."""
        return self.table if self.place is None else self.table[self.place]

    def at(self, rows: Codes) -> Floats:
        """(m, p) numbers of some rows."""
        return self.table[rows if self.place is None else self.place[rows]]

    @property
    def terms(self) -> dict[str, slice]:
        """The columns of each term, by its name (``"1"`` is the intercept)."""
        return {str(term): place for term, place in self.spec.term_slices.items()}


@dataclass(frozen=True)
class Sides:
    """The sides of a formula: `left` is None where it has no ``~``'s left-hand side."""

    left: Matrix | None
    right: Matrix
    text: str


def matrices(formula: str, frame: pd.DataFrame, rows: np.ndarray | None = None) -> Sides:
    """Both sides of a formula, ``"y ~ x + C(group)"`` or ``"~ x"``.

    Parameters
    ----------
    formula : str
        In formulaic's grammar, all its features on. Names that are not Python names stand in backticks.
    frame : DataFrame
        The data; text is a category with sorted levels, a categorical keeps its declared ones.
    rows : (n,) mask, optional
        The rows that matter: others may be missing or without a level, and hold zeros.

    Raises
    ------
    DataError
        No text, a formula that cannot be read, unknown columns, a term that is not a number for some row.
    """
    parsed = _parsed(formula)
    several = hasattr(parsed, "rhs") or hasattr(parsed, "lhs")
    right = parsed.rhs if several else parsed
    left = getattr(parsed, "lhs", None) if several else None
    if isinstance(right, tuple) or isinstance(left, tuple):
        raise DataError("The formula has several parts (|) where one is expected.", where=f"formula {formula!r}")
    used = np.ones(len(frame), dtype=bool) if rows is None else rows
    names = sorted({name for side in (left, right) if side is not None for name in _columns_of(side, frame)})
    found = [variable(frame, name, f"formula {formula!r}") for name in names]
    gone = {v.name: v.missing & used for v in found}
    complete = used & ~np.logical_or.reduce([*gone.values(), np.zeros(len(frame), dtype=bool)])
    if not complete.any():
        raise DataError(
            "No row has values for all variables of the formula.",
            where=f"formula {formula!r}",
            found={name: int(mask.sum()) for name, mask in gone.items()},
            todo="leave out what is missing everywhere, or widen the domain of svy.where",
        )
    inside = _inside(found, complete)
    missing = {name: int(mask.sum()) for name, mask in gone.items() if mask.any()}
    sides = [None if side is None else _matrix(side, inside, complete, missing, formula) for side in (left, right)]
    assert sides[1] is not None
    return Sides(sides[0], sides[1], formula)


def formula_columns(formula: str, frame: pd.DataFrame) -> list[str]:
    """The columns of the data that a formula speaks of, sorted."""
    parsed = _parsed(formula)
    several = hasattr(parsed, "rhs") or hasattr(parsed, "lhs")
    sides = [getattr(parsed, "lhs", None), parsed.rhs] if several else [parsed]
    parts = [part for side in sides for part in (side if isinstance(side, tuple) else (side,))]
    return sorted({name for part in parts if part is not None for name in _columns_of(part, frame)})


def model_frame(names: Sequence[str], frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Columns as a formula sees them, for some rows (a mask): numbers, or categories with the levels that occur."""
    return _inside([variable(frame, name, "the model") for name in names], rows)


def new_values(matrix: Matrix, frame: pd.DataFrame) -> Floats:
    """The columns of a matrix for other data (as :func:`model_frame` makes them), which know no further levels."""
    _check_known_levels(matrix, frame)
    try:
        with np.errstate(all="ignore"):
            made = matrix.spec.get_model_matrix(frame, na_action="ignore", output="numpy", context={})
    except formulaic.errors.FormulaicError as error:
        raise DataError(
            "The terms of the model cannot be made of these data.",
            where="the formula of the fit",
            found=str(error).strip().splitlines()[0][:200],
            expected="values that its functions are defined for",
            todo="splines beyond the data they were made of need bs(x, ..., extrapolation='extend')",
        ) from None
    return np.asarray(made, dtype=np.float64)


def linear_constraints(text: str, names: Sequence[str]) -> tuple[Floats, Floats]:
    """The matrix (q, p) and values (q,) of restrictions as ``"x1 = x2, x3 = 0"`` on named coefficients."""
    try:
        made = formulaic.utils.constraints.LinearConstraints.from_spec(text, variable_names=list(names))
    except (formulaic.errors.FormulaicError, SyntaxError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise DataError(
            "The restrictions cannot be read.",
            where=f"hypothesis {text!r}",
            found=(str(error).strip().splitlines() or [type(error).__name__])[0][:160],
            expected=f"'x1 = x2, x3 = 0' with names among {', '.join(names[:20])}",
            todo="names that are not Python names stand in backticks",
        ) from None
    return np.asarray(made.constraint_matrix, dtype=np.float64), np.asarray(made.constraint_values, dtype=np.float64)


def categories_of(matrix: Matrix) -> dict[str, tuple[str, list[Any]]]:
    """By column of the data that is a category in the formula: its factor, as ``C(year)``, and the levels it has."""
    found = {}
    for factor in dict.fromkeys(factor for term in matrix.spec.formula for factor in term.factors):
        kind, state = matrix.spec.encoder_state.get(factor.expr, (None, {}))
        names = [
            str(name)
            for name in matrix.spec.factor_variables.get(factor, ())
            if any(role.value == "value" for role in name.roles)
        ]
        if "categories" in state and len(names) == 1 and kind is not None:
            found[names[0].strip("`")] = (factor.expr, list(state["categories"]))
    return found


def levels_of(matrix: Matrix) -> dict[str, list[Any]]:
    """The levels of each factor that is a category, as ``C(year)``, the base among them."""
    states = ((str(factor), state) for factor, (_, state) in matrix.spec.encoder_state.items())
    return {factor: list(state["categories"]) for factor, state in states if "categories" in state}


def is_categorical(matrix: Matrix) -> bool:
    """Whether any factor of a side is a category."""
    return any(str(kind.value) == "categorical" for kind, _ in matrix.spec.encoder_state.values())


def _check_known_levels(matrix: Matrix, frame: pd.DataFrame) -> None:
    """A level that the fit has not seen has no coefficient; formulaic would take it for the base."""
    for name, (factor, levels) in categories_of(matrix).items():
        if name in frame:
            there = pd.unique(frame[name].dropna())
            new = [level for level in there if level not in levels]
            if new:
                raise DataError(
                    "The data have a level that the model has not seen.",
                    where=f"column {name!r} (term {factor})",
                    found=", ".join(repr(level) for level in new[:8]),
                    expected=", ".join(repr(level) for level in levels[:12]),
                    todo="leave these rows out, or fit the model to data that have the level",
                )


def _inside(found: Sequence[Variable], rows: np.ndarray) -> pd.DataFrame:
    """Variables as a formula sees them, for some rows."""
    return pd.DataFrame({v.name: _column(v, rows) for v in found}, index=range(int(rows.sum())), copy=False)


def _parsed(formula: str) -> Any:
    """The formula as formulaic reads it."""
    if not isinstance(formula, str) or not formula.strip():
        raise DataError(
            "A formula is text.", where="formula", found=repr(formula)[:80], expected="'y ~ x + C(group)' or '~ x'"
        )
    try:
        return formulaic.Formula(formula, _parser=formulaic.parser.DefaultFormulaParser(feature_flags={"all"}))
    except (formulaic.errors.FormulaicError, SyntaxError, ValueError, TypeError) as error:
        raise _unreadable(formula, error) from None


def _columns_of(side: Any, frame: pd.DataFrame) -> set[str]:
    """The columns of the data that one side speaks of, also inside functions."""
    found: set[str] = set()
    for factor in dict.fromkeys(factor for term in side for factor in term.factors):
        if str(factor.eval_method.value) == "lookup":
            found.add(factor.expr)
        elif str(factor.eval_method.value) == "python":
            quoted = set(re.findall(r"`([^`]*)`", factor.expr))
            code = ast.parse(re.sub(r"`[^`]*`", "_", factor.expr), mode="eval")
            names = {node.id for node in ast.walk(code) if isinstance(node, ast.Name)}
            found |= quoted | {name for name in names if name in frame.columns}
    # a name with a dot, as "api.stu", is one name: formulaic asks for its first part too
    parts = {name for whole in found for name in [whole.split(".")[0]] if name != whole}
    return found | {str(name) for name in side.required_variables} - parts


def _unreadable(formula: str, error: Exception) -> DataError:
    """A formula that formulaic does not take."""
    told = str(error).strip().splitlines()
    return DataError(
        "The formula cannot be read.",
        where=f"formula {formula!r}",
        found=told[0][:160] if told else type(error).__name__,
        expected="columns of the data and functions of them, as 'training ~ age + C(education)'",
        todo="put names that are not Python names in backticks",
    )


def _column(found: Variable, rows: np.ndarray) -> Any:
    """The values of these rows as formulaic should see them: numbers, or a category with the levels that occur."""
    if found.kind == "category":
        codes = found.codes if rows.all() else found.codes[rows]
        present = np.bincount(codes, minlength=len(found.levels)) > 0
        levels = [level for level, there in zip(found.levels, present, strict=True) if there]
        place = np.cumsum(present) - 1
        return pd.Categorical.from_codes(place[codes], categories=pd.Index(levels, dtype=object))
    if found.kind == "number" and pd.api.types.is_integer_dtype(found.series.dtype):
        return exact(found.series[rows]).values
    return found.values if rows.all() else found.values[rows]


def _matrix(
    side: Any,
    inside: pd.DataFrame,
    complete: np.ndarray,
    missing: dict[str, int],
    formula: str,
) -> Matrix:
    """The columns of one side."""
    plain = _plain(side, inside)
    place = alike(side, inside) if plain is None else None
    try:
        with np.errstate(all="ignore"):
            data = inside.iloc[:_FEW] if plain is not None else inside if place is None else inside.iloc[firsts(place)]
            made = side.get_model_matrix(data, na_action="ignore", output="numpy", context={})
            numbers = np.asarray(made, dtype=np.float64)
    except (formulaic.errors.FormulaicError, ValueError, TypeError, NameError, SyntaxError, KeyError) as error:
        raise _unreadable(formula, error) from None
    names = tuple(str(name) for name in made.model_spec.column_names)
    if plain is not None:
        assert len(plain) == len(names)
        numbers = _side_by_side(plain, len(inside))
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        wrong = wrong if place is None else wrong[place]
        j = int(wrong.any(axis=0).argmax())
        raise DataError(
            "A term of the formula is not a number for some rows.",
            where=f"formula {formula!r}, term {names[j]!r}",
            found=f"{int(wrong[:, j].sum())} rows, first at row {int(np.flatnonzero(complete)[wrong[:, j].argmax()])}",
            todo="restrict the domain, or change the term (a logarithm of 0 is infinite)",
        )
    table, where = _everywhere(numbers, place, complete)
    return Matrix(table, where, names, complete, missing, _bases(made.model_spec), made.model_spec)


def _everywhere(numbers: Floats, place: Codes | None, complete: np.ndarray) -> tuple[Floats, Codes | None]:
    """Numbers of the complete rows, or of those that differ, with zeros for the others, and where they stand."""
    if complete.all():
        return numbers, place
    if place is None:
        table = np.zeros((len(complete), numbers.shape[1]))
        table[complete] = numbers
        return table, None
    where = np.full(len(complete), len(numbers), dtype=np.intp)
    where[complete] = place
    return np.vstack([numbers, np.zeros((1, numbers.shape[1]))]), where


def _plain(side: Any, inside: pd.DataFrame) -> list[np.ndarray] | None:
    """The columns of a side in its order, where every term is a constant or a column of numbers as it stands."""
    found = []
    for term in side:
        kinds = [str(factor.eval_method.value) for factor in term.factors]
        if str(term) == "1":
            found.append(np.ones(1))
        elif kinds == ["lookup"] and term.factors[0].expr in inside and inside[term.factors[0].expr].dtype.kind in "fi":
            found.append(inside[term.factors[0].expr].to_numpy())
        else:
            return None
    return found


def _side_by_side(columns: Sequence[np.ndarray], n: int) -> Floats:
    """(n, p) of p columns, a piece of rows at a time, which stays near the processor."""
    out = np.empty((n, len(columns)))
    for first in range(0, n, _PIECE):
        for j, column in enumerate(columns):
            out[first : first + _PIECE, j] = column if len(column) == 1 else column[first : first + _PIECE]
    return out


def _bases(spec: ModelSpec) -> dict[str, Any]:
    """The base level of each category with treatment contrasts, by the factor's name."""
    found = {}
    for factor, (_, state) in spec.encoder_state.items():
        contrasts = state.get("contrasts")
        if contrasts is not None and hasattr(contrasts.contrasts, "base"):
            given = contrasts.contrasts.base
            levels = list(contrasts.levels)
            found[str(factor)] = given if given in levels else levels[0]
    return found

"""Conditions on rows, as in ``svy.where("age >= 55 & contract == 'permanent'")``, in three-valued logic.

A comparison with a missing value is unknown; unknown rows are in neither a domain nor its complement, and are counted.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.expression import Expression, parse, refuse, shortened
from llo_research.survey.exact import Exact, combine, compare, exact
from llo_research.survey.variables import Variable, column, spelled, variable

_ALLOWED = "names, numbers, text, comparisons, in [..], & | ~ and or not, + - * /, isna(x), notna(x), brackets"
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}


@dataclass(frozen=True)
class Truth:
    """Three-valued: true where `true`, unknown where `unknown`, false elsewhere; both (n,)."""

    true: np.ndarray
    unknown: np.ndarray


@dataclass(frozen=True)
class Scope:
    """What a condition speaks of: its text, the data, and the labels of the survey."""

    expression: Expression
    frame: pd.DataFrame
    labels: Mapping[str, Any] | None

    @property
    def where(self) -> str:
        """The condition, for a message."""
        return shortened(self.expression.text)

    def column(self, node: ast.Name) -> Variable:
        """The column of a name."""
        role = f"condition {self.expression.text!r}"
        return variable(self.frame, self.expression.name(node), role, self.labels)

    def refuse(self, node: ast.AST, allowed: str = _ALLOWED) -> DataError:
        """The error for a construct outside the grammar."""
        return refuse(node, self.expression, allowed)


@dataclass(frozen=True)
class Numbers:
    """Numbers of an expression, and the column where they are one."""

    numbers: Exact
    column: Variable | None = None


def as_condition(text: str, frame: pd.DataFrame) -> Expression | None:
    """The text as a condition on the data; None for text that is none (a name that is no column, a sum, a sentence)."""
    try:
        expression = parse(text, logical=True)
    except DataError:
        return None
    tree = expression.tree
    if isinstance(tree, ast.Name):
        return expression if spelled(frame, expression.name(tree)) in frame.columns else None
    logical = isinstance(tree, ast.BoolOp | ast.Compare | ast.Call)
    logical = logical or (isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not))
    return expression if logical and expression.names() else None


def evaluate(condition: str, frame: pd.DataFrame, labels: Mapping[str, Any] | None = None) -> Truth:
    """The rows of `frame` for which a condition is true, and those for which it is unknown.

    labels : those of the survey, by which levels may be named.
    """
    scope = Scope(parse(condition, logical=True), frame, labels)
    with np.errstate(all="ignore"):
        return _truth(scope.expression.tree, scope)


def _truth(node: ast.expr, scope: Scope) -> Truth:
    """A node that must be true, false or unknown."""
    if isinstance(node, ast.BoolOp):
        parts = [_truth(value, scope) for value in node.values]
        false = [~part.true & ~part.unknown for part in parts]
        if isinstance(node.op, ast.And):
            true = np.logical_and.reduce([part.true for part in parts])
            return Truth(true, ~true & ~np.logical_or.reduce(false))
        true = np.logical_or.reduce([part.true for part in parts])
        return Truth(true, ~true & ~np.logical_and.reduce(false))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _truth(node.operand, scope)
        return Truth(~inner.true & ~inner.unknown, inner.unknown)
    if isinstance(node, ast.Compare):
        return _comparison(node, scope)
    if isinstance(node, ast.Call):
        return _missing_call(node, scope)
    if isinstance(node, ast.Name):
        return _boolean_column(scope.column(node))
    raise scope.refuse(node)


def _boolean_column(found: Variable) -> Truth:
    """A column used as a condition by itself: booleans, or numbers that are only 0 and 1."""
    if found.kind == "boolean" or (found.kind == "number" and np.isin(found.values[~found.missing], (0.0, 1.0)).all()):
        return Truth(np.nan_to_num(found.values) == 1, found.missing)
    raise DataError(
        f"{found.name!r} is not a condition by itself.",
        where=found.name,
        found=f"a {found.kind} with values such as {found.levels[:4]}",
        todo=f"compare it, for example {found.name} == {found.levels[0]!r}" if found.levels else None,
    )


def _missing_call(node: ast.Call, scope: Scope) -> Truth:
    """isna(x) and notna(x)."""
    is_missing_call = isinstance(node.func, ast.Name) and node.func.id in ("isna", "notna")
    if not is_missing_call or len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Name):
        raise scope.refuse(node)
    assert isinstance(node.func, ast.Name)
    missing = scope.column(node.args[0]).missing
    return Truth(missing if node.func.id == "isna" else ~missing, np.zeros(len(scope.frame), dtype=bool))


def _comparison(node: ast.Compare, scope: Scope) -> Truth:
    """A chain of comparisons: all its links must hold."""
    operands = [node.left, *node.comparators]
    links = [_link(left, op, right, scope) for left, op, right in zip(operands, node.ops, operands[1:], strict=False)]
    true = np.logical_and.reduce([link.true for link in links])
    false = np.logical_or.reduce([~link.true & ~link.unknown for link in links])
    return Truth(true, ~true & ~false)


def _link(left: ast.expr, op: ast.cmpop, right: ast.expr, scope: Scope) -> Truth:
    """One comparison."""
    a, b = _operand(left, scope), _operand(right, scope)
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(a, Variable | Numbers) or not isinstance(b, list):
            raise scope.refuse(op, "name in [values]")
        links = [_compare(a, ast.Eq(), value, scope) for value in b]
        true = np.logical_or.reduce([link.true for link in links]) if links else np.zeros(len(scope.frame), dtype=bool)
        unknown = np.logical_or.reduce([link.unknown for link in links]) if links else true
        unknown = unknown & ~true
        return Truth(true if isinstance(op, ast.In) else ~true & ~unknown, unknown)
    if isinstance(b, Variable | Numbers) and not isinstance(a, Variable | Numbers):
        mirror: dict[type, ast.cmpop] = {
            ast.Lt: ast.Gt(),
            ast.LtE: ast.GtE(),
            ast.Gt: ast.Lt(),
            ast.GtE: ast.LtE(),
        }
        a, b, op = b, a, mirror.get(type(op), op)
    return _compare(a, op, b, scope)


def _operand(node: ast.expr, scope: Scope) -> Any:
    """A column, a constant, a list of constants, or arithmetic."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [_operand(item, scope) for item in node.elts]
    if isinstance(node, ast.Name):
        found = scope.column(node)
        return Numbers(_exact(found, scope), found) if found.kind == "number" else found
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _number(node.operand, scope)
        if isinstance(node.op, ast.UAdd):
            return Numbers(value) if isinstance(value, Exact) else value
        return Numbers(combine(operator.sub, 0, value, scope.where)) if isinstance(value, Exact) else -value
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        sign = _ARITHMETIC[type(node.op)]
        left, right = _number(node.left, scope), _number(node.right, scope)
        if isinstance(left, Exact) or isinstance(right, Exact):
            return Numbers(combine(sign, left, right, scope.where))
        return _constant(sign, left, right, scope)
    raise scope.refuse(node)


def _exact(found: Variable, scope: Scope) -> Exact:
    """The numbers of a column; infinite ones are refused, as everywhere."""
    numbers = exact(column(scope.frame, found.name, scope.where))
    if numbers.values.dtype.kind == "f" and np.isinf(numbers.values).any():
        return Exact(found.values, numbers.missing, found.name)
    return numbers


def _constant(sign: Callable[[Any, Any], Any], left: Any, right: Any, scope: Scope) -> int | float:
    """Arithmetic of two constants."""
    try:
        value = sign(left, right)
    except (ZeroDivisionError, OverflowError):
        value = np.nan
    _finite(value, scope)
    return float(value) if isinstance(value, float) else int(value)


def _number(node: ast.expr, scope: Scope) -> Any:
    """An operand of arithmetic."""
    value = _operand(node, scope)
    if isinstance(value, Variable) and value.kind == "boolean":
        return exact(value.series)
    if isinstance(value, Numbers):
        return value.numbers
    if isinstance(value, int | float):
        _finite(value, scope)
        return value
    raise DataError(
        "Only numbers can be added or multiplied.",
        where=scope.where,
        found=repr(value)[:60],
        expected="numbers, and columns of numbers or booleans",
        todo="compare text and categories with ==; numbers in a text column are made numbers with svy.assign(...)",
    )


def _finite(value: Any, scope: Scope) -> None:
    """A constant of arithmetic or of a comparison must be a number that a computer holds."""
    try:
        number = float(value)
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise DataError(
            "A number is undefined or too large.",
            where=scope.where,
            expected="no division by zero, and numbers below 1e308",
            todo="change the number in the condition",
        )


def _compare(a: Any, op: ast.cmpop, b: Any, scope: Scope) -> Truth:
    """Compare a column or numbers with a constant or another column."""
    if type(op) not in _COMPARE:
        raise scope.refuse(op)
    if isinstance(a, Numbers):
        return Truth(*compare(_COMPARE[type(op)], a.numbers, _other_number(a, op, b, scope), scope.where))
    if isinstance(a, Variable):
        return _compare_levels(a, op, b, scope)
    raise DataError(
        "A comparison needs a column on one side.",
        where=scope.where,
        found=repr(a)[:60],
        todo="text stands in quotes, names of columns do not",
    )


def _other_number(a: Numbers, op: ast.cmpop, b: Any, scope: Scope) -> Exact | int | float:
    """What numbers are compared with: numbers, or the code that a label names."""
    if isinstance(b, Numbers):
        return b.numbers
    if isinstance(b, int | float):
        _finite(b, scope)
        return b
    if isinstance(b, str) and a.column is not None and a.column.labels and isinstance(op, ast.Eq | ast.NotEq):
        code: Any = a.column.levels[_level_in_condition(a.column, b, scope)]
        return code  # type: ignore[no-any-return]  # a level of a column of numbers
    raise DataError(
        "Numbers are compared with something that is not a number.",
        where=scope.where,
        found=repr(b)[:60],
        expected="a number, or a column of numbers",
        todo="isna(x) asks for missing values; in [...] compares with several numbers",
    )


def _compare_levels(a: Variable, op: ast.cmpop, b: Any, scope: Scope) -> Truth:
    """Compare a category or boolean with one of its levels, or with another column of the same levels."""
    ordered = a.kind == "boolean" or (a.declared and bool(a.series.cat.ordered))
    if not isinstance(op, ast.Eq | ast.NotEq) and not ordered:
        raise DataError(
            f"{a.name!r} has no declared order, so that < and > mean nothing.",
            where=scope.where,
            todo="use == or in [...], or declare an ordered categorical",
        )
    if isinstance(b, Variable):
        if a.levels != b.levels:
            raise DataError(
                f"{a.name!r} and {b.name!r} have different levels.",
                where=scope.where,
                found=f"{a.levels[:6]} and {b.levels[:6]}",
                todo="give both the same categories, in the same order",
            )
        unknown = a.missing | b.missing
        return Truth(_COMPARE[type(op)](a.codes, b.codes) & ~unknown, unknown)
    if isinstance(b, list):
        raise DataError(
            "A list is compared with in, not with ==.",
            where=scope.where,
            todo=f"{a.name} in {b!r}"[:80],
        )
    if isinstance(b, Numbers):
        raise DataError(
            f"{a.name!r} is compared with numbers.",
            where=scope.where,
            found=repr(a),
            expected="one of its levels, in quotes when they are text",
            todo="compare it with a level, or make it a number first with svy.assign(...)",
        )
    number = _level_in_condition(a, b, scope)
    return Truth(_COMPARE[type(op)](a.codes, number) & ~a.missing, a.missing)


def _level_in_condition(a: Variable, level: object, scope: Scope) -> int:
    """Position of the level; a level that does not exist is a mistake, not an empty domain."""
    return a.level_number(level, scope.where)


def from_series(condition: Any, frame: pd.DataFrame) -> Truth:
    """A boolean Series or array as a condition, by position; missing values are unknown."""
    known = isinstance(condition, pd.Series | list | np.ndarray | pd.api.extensions.ExtensionArray)
    if not known or np.ndim(condition) != 1:
        raise DataError(
            "A condition is text, or a boolean Series or array.",
            where="svy.where",
            found=f"a {type(condition).__name__}",
            todo="svy.where(\"age >= 55\"), or svy.where(svy.frame['age'] >= 55)",
        )
    if len(condition) != len(frame):
        raise DataError(
            "The condition has another length.",
            where="svy.where",
            found=f"{len(condition)} values",
            expected=f"{len(frame)} rows",
            todo="compute it from svy.frame, which holds all rows; a domain never drops any",
        )
    series = condition if isinstance(condition, pd.Series) else pd.Series(condition, index=frame.index)
    if not series.index.equals(frame.index):
        raise DataError(
            "The condition's index is not that of the data, so that rows might be mixed up.",
            where="svy.where",
            expected="the index of svy.frame",
            todo="compute it from svy.frame, or give it as an array in row order",
        )
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    if inferred != "boolean":
        raise DataError(
            "The condition is not boolean.",
            where="svy.where",
            found=f"{inferred} values",
            expected="True and False",
            todo="compare: svy.where(svy.frame['age'] >= 55)",
        )
    missing = series.isna().to_numpy()
    return Truth(series.astype("boolean").fillna(False).to_numpy(dtype=bool), missing)

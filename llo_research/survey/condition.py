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
from llo_research.survey.expression import Expression, parse, refuse, shortened
from llo_research.survey.variables import Variable, nearest, spelled, variable

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
class Numbers:
    """Numbers of an arithmetic expression; nan is unknown."""

    values: Any


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
    expression = parse(condition, logical=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _truth(expression.tree, expression, frame)


def _truth(node: ast.expr, expression: Expression, frame: pd.DataFrame) -> Truth:
    """A node that must be true, false or unknown."""
    if isinstance(node, ast.BoolOp):
        parts = [_truth(value, expression, frame) for value in node.values]
        false = [~part.true & ~part.unknown for part in parts]
        if isinstance(node.op, ast.And):
            true = np.logical_and.reduce([part.true for part in parts])
            return Truth(true, ~true & ~np.logical_or.reduce(false))
        true = np.logical_or.reduce([part.true for part in parts])
        return Truth(true, ~true & ~np.logical_and.reduce(false))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _truth(node.operand, expression, frame)
        return Truth(~inner.true & ~inner.unknown, inner.unknown)
    if isinstance(node, ast.Compare):
        return _comparison(node, expression, frame)
    if isinstance(node, ast.Call):
        return _missing_call(node, expression, frame)
    if isinstance(node, ast.Name):
        return _boolean_column(variable(frame, expression.name(node), f"condition {expression.text!r}"))
    raise refuse(node, expression, _ALLOWED)


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


def _missing_call(node: ast.Call, expression: Expression, frame: pd.DataFrame) -> Truth:
    """isna(x) and notna(x)."""
    known = isinstance(node.func, ast.Name) and node.func.id in ("isna", "notna")
    if not known or len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Name):
        raise refuse(node, expression, _ALLOWED)
    assert isinstance(node.func, ast.Name)
    missing = variable(frame, expression.name(node.args[0]), f"condition {expression.text!r}").missing
    return Truth(missing if node.func.id == "isna" else ~missing, np.zeros(len(frame), dtype=bool))


def _comparison(node: ast.Compare, expression: Expression, frame: pd.DataFrame) -> Truth:
    """A chain of comparisons: all its links must hold."""
    operands = [node.left, *node.comparators]
    links = [
        _link(left, op, right, expression, frame)
        for left, op, right in zip(operands, node.ops, operands[1:], strict=False)
    ]
    true = np.logical_and.reduce([link.true for link in links])
    false = np.logical_or.reduce([~link.true & ~link.unknown for link in links])
    return Truth(true, ~true & ~false)


def _link(left: ast.expr, op: ast.cmpop, right: ast.expr, expression: Expression, frame: pd.DataFrame) -> Truth:
    """One comparison."""
    a, b = _operand(left, expression, frame), _operand(right, expression, frame)
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(a, Variable | Numbers) or not isinstance(b, list):
            raise refuse(op, expression, "name in [values]")
        links = [_compare(a, ast.Eq(), value, expression) for value in b]
        true = np.logical_or.reduce([link.true for link in links]) if links else np.zeros(len(frame), dtype=bool)
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
    return _compare(a, op, b, expression)


def _operand(node: ast.expr, expression: Expression, frame: pd.DataFrame) -> Any:
    """A column, a constant, a list of constants, or arithmetic."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [_operand(item, expression, frame) for item in node.elts]
    if isinstance(node, ast.Name):
        found = variable(frame, expression.name(node), f"condition {expression.text!r}")
        return Numbers(found.values) if found.kind == "number" else found
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _number(node.operand, expression, frame)
        value = -value if isinstance(node.op, ast.USub) else value
        return Numbers(value) if np.ndim(value) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        left, right = _number(node.left, expression, frame), _number(node.right, expression, frame)
        value = _ARITHMETIC[type(node.op)](np.asarray(left, dtype=np.float64), right)
        return Numbers(np.where(np.isfinite(value), value, np.nan)) if np.ndim(value) else _finite(value, expression)
    raise refuse(node, expression, _ALLOWED)


def _number(node: ast.expr, expression: Expression, frame: pd.DataFrame) -> Any:
    """An operand of arithmetic."""
    value = _operand(node, expression, frame)
    if isinstance(value, Variable) and value.kind == "boolean":
        return value.values
    if isinstance(value, Numbers):
        return value.values
    if isinstance(value, int | float):
        _finite(value, expression)
        return value
    raise DataError(
        "Only numbers can be added or multiplied.",
        where=shortened(expression.text),
        found=repr(value)[:60],
        expected="numbers, and columns of numbers or booleans",
        todo="compare text and categories with ==; numbers in a text column are made numbers with svy.assign(...)",
    )


def _finite(value: Any, expression: Expression) -> float:
    """A constant of arithmetic or of a comparison, as a number that a computer holds."""
    try:
        number = float(value)
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise DataError(
            "A number is undefined or too large.",
            where=shortened(expression.text),
            expected="no division by zero, and numbers below 1e308",
            todo="change the number in the condition",
        )
    return number


def _compare(a: Any, op: ast.cmpop, b: Any, expression: Expression) -> Truth:
    """Compare a column or numbers with a constant or another column."""
    if type(op) not in _COMPARE:
        raise refuse(op, expression, _ALLOWED)
    if isinstance(a, Numbers):
        if isinstance(b, Numbers):
            other = b.values
        elif isinstance(b, int | float):
            other = _finite(b, expression)
        else:
            raise DataError(
                "Numbers are compared with something that is not a number.",
                where=shortened(expression.text),
                found=repr(b)[:60],
                expected="a number, or a column of numbers",
                todo="isna(x) asks for missing values; in [...] compares with several numbers",
            )
        unknown = np.isnan(a.values) | np.isnan(other)
        return Truth(_COMPARE[type(op)](a.values, other) & ~unknown, unknown)
    if isinstance(a, Variable):
        return _compare_levels(a, op, b, expression)
    raise DataError(
        "A comparison needs a column on one side.",
        where=shortened(expression.text),
        found=repr(a)[:60],
        todo="text stands in quotes, names of columns do not",
    )


def _compare_levels(a: Variable, op: ast.cmpop, b: Any, expression: Expression) -> Truth:
    """Compare a category or boolean with one of its levels, or with another column of the same levels."""
    ordered = a.kind == "boolean" or (a.declared and bool(a.series.cat.ordered))
    if not isinstance(op, ast.Eq | ast.NotEq) and not ordered:
        raise DataError(
            f"{a.name!r} has no declared order, so that < and > mean nothing.",
            where=shortened(expression.text),
            todo="use == or in [...], or declare an ordered categorical",
        )
    if isinstance(b, Variable):
        if a.levels != b.levels:
            raise DataError(
                f"{a.name!r} and {b.name!r} have different levels.",
                where=shortened(expression.text),
                found=f"{a.levels[:6]} and {b.levels[:6]}",
                todo="give both the same categories, in the same order",
            )
        unknown = a.missing | b.missing
        return Truth(_COMPARE[type(op)](a.codes, b.codes) & ~unknown, unknown)
    if isinstance(b, list):
        raise DataError(
            "A list is compared with in, not with ==.",
            where=shortened(expression.text),
            todo=f"{a.name} in {b!r}"[:80],
        )
    if isinstance(b, Numbers):
        raise DataError(
            f"{a.name!r} is compared with numbers.",
            where=shortened(expression.text),
            found=repr(a),
            expected="one of its levels, in quotes when they are text",
            todo="compare it with a level, or make it a number first with svy.assign(...)",
        )
    number = _level_in_condition(a, b, expression)
    return Truth(_COMPARE[type(op)](a.codes, number) & ~a.missing, a.missing)


def _level_in_condition(a: Variable, level: object, expression: Expression) -> int:
    """Position of the level; a level that does not exist is a mistake, not an empty domain."""
    known = list(a.levels)
    if level in known:
        return known.index(level)
    raise DataError(
        f"{a.name!r} has no level {level!r}.",
        where=shortened(expression.text),
        found=f"{level!r}{nearest(level, known)}",
        expected=", ".join(repr(k) for k in known[:20]),
        todo="write the level as in the data: text in quotes, numbers and True or False without",
    )


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

"""Conditions in the grammar of ``Survey.where`` as expressions of an engine, in the same three-valued logic.

A condition is first tried on a few rows that hold the levels of its columns: what a Survey refuses is refused here, in
the same words. What passes is then told to the engine, where a comparison with a missing value is unknown too.
"""

from __future__ import annotations

import ast
import functools
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from llo_research.errors import DataError
from llo_research.expression import Expression
from llo_research.survey.condition import _ARITHMETIC, _COMPARE, Scope
from llo_research.survey.variables import Variable

_MIRROR: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.gt,
    ast.LtE: operator.ge,
    ast.Gt: operator.lt,
    ast.GtE: operator.le,
}


@dataclass(frozen=True)
class _Value:
    """An operand: an expression of the engine, and the column where it is one; `whole` by its type."""

    of: Any
    column: Variable | None = None
    whole: bool = False

    @property
    def levels(self) -> bool:
        """Whether it is compared as a level: a category or boolean."""
        return self.column is not None and self.column.kind != "number"


class Translation:
    """Turns a condition that was tried into an expression of the engine.

    Parameters
    ----------
    expression : Expression
        The condition.
    table : ibis.Table
        Where its columns are.
    probe : DataFrame
        A few rows with the levels of these columns.
    labels : mapping
        By which levels may be named.
    """

    def __init__(self, expression: Expression, table: Any, probe: pd.DataFrame, labels: Mapping[str, Any]) -> None:
        import ibis

        self._ibis, self._table = ibis, table
        self._scope = Scope(expression, probe, labels)

    def truth(self) -> Any:
        """True, false, or missing where unknown."""
        return self._truth(self._scope.expression.tree)

    def _truth(self, node: ast.expr) -> Any:
        if isinstance(node, ast.BoolOp):
            sign = operator.and_ if isinstance(node.op, ast.And) else operator.or_
            return functools.reduce(sign, [self._truth(value) for value in node.values])
        if isinstance(node, ast.UnaryOp):
            return ~self._truth(node.operand)
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            links = [self._link(a, op, b) for a, op, b in zip(operands, node.ops, operands[1:], strict=False)]
            return functools.reduce(operator.and_, links)
        if isinstance(node, ast.Call):
            missing = self._operand(node.args[0]).of.isnull()
            return missing if node.func.id == "isna" else ~missing  # type: ignore[attr-defined]  # was tried
        found = self._operand(node)
        return found.of if found.levels else found.of == 1

    def _link(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Any:
        """One comparison, the column first."""
        a, b = self._operand(left), self._operand(right)
        if isinstance(op, ast.In | ast.NotIn):
            if not b:
                return self._ibis.literal(isinstance(op, ast.NotIn))
            found = functools.reduce(operator.or_, [self._compare(a, operator.eq, value) for value in b])
            return found if isinstance(op, ast.In) else ~found
        sign = _COMPARE[type(op)]
        if isinstance(b, _Value) and not isinstance(a, _Value):
            return self._compare(b, _MIRROR.get(type(op), sign), a)
        return self._compare(a, sign, b)

    def _compare(self, a: _Value, sign: Callable[[Any, Any], Any], b: Any) -> Any:
        if a.levels:
            return self._compare_levels(a, sign, b)
        if isinstance(b, _Value):
            return sign(a.of, b.of)
        if isinstance(b, str):
            assert a.column is not None
            b = a.column.levels[a.column.level_number(b, self._scope.where)]
        if a.whole and isinstance(b, float):
            return self._whole_with_float(a.of, sign, b)
        return sign(a.of, self._within(a, int(b) if a.whole else float(b)))

    def _within(self, a: _Value, number: int | float) -> Any:
        """A whole number beyond 64 bits is compared as a double; every value lies on one side of it."""
        return float(number) if a.whole and abs(number) >= 2**63 else number

    def _whole_with_float(self, values: Any, sign: Callable[[Any, Any], Any], number: float) -> Any:
        """Whole numbers and a fraction: none is equal, and less than it is at most the whole number below."""
        if number.is_integer():
            return sign(values, int(number) if abs(number) < 2**63 else number)
        if sign in (operator.eq, operator.ne):
            return values.isnull().ifelse(None, self._ibis.literal(sign is operator.ne))
        return (operator.le if sign in (operator.lt, operator.le) else operator.gt)(values, math.floor(number))

    def _compare_levels(self, a: _Value, sign: Callable[[Any, Any], Any], b: Any) -> Any:
        """A category or boolean with one of its levels, or with another column of the same levels."""
        assert a.column is not None
        equal = sign in (operator.eq, operator.ne)
        if isinstance(b, _Value):
            return sign(a.of, b.of) if equal else sign(self._places(a), self._places(b))
        number = a.column.level_number(b, self._scope.where)
        return sign(a.of, a.column.levels[number]) if equal else sign(self._places(a), number)

    def _places(self, a: _Value) -> Any:
        """The place of each row's level in the declared order."""
        assert a.column is not None
        if a.column.kind == "boolean":
            return a.of.cast("int64")
        places = [(a.of == level, place) for place, level in enumerate(a.column.levels)]
        return self._ibis.cases(*places)

    def _operand(self, node: ast.expr) -> Any:
        """A column, a constant, a list of constants, or arithmetic."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.List | ast.Tuple):
            return [self._operand(item) for item in node.elts]
        if isinstance(node, ast.Name):
            column = self._scope.column(node)
            values = self._table[column.name]
            return _Value(values, column, values.type().is_integer())
        if isinstance(node, ast.UnaryOp):
            value = self._number(node.operand)
            negative = isinstance(node.op, ast.USub)
            if isinstance(value, _Value):
                return _Value(-value.of, whole=value.whole) if negative else value
            return -value if negative else value
        assert isinstance(node, ast.BinOp)
        return self._combined(_ARITHMETIC[type(node.op)], self._number(node.left), self._number(node.right))

    def _number(self, node: ast.expr) -> Any:
        """An operand of arithmetic: booleans count as 0 and 1, whole numbers have 64 bits."""
        value = self._operand(node)
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, _Value) and (value.whole or value.levels):
            return _Value(value.of.cast("int64"), whole=True)
        return value

    def _combined(self, sign: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        """Arithmetic; what is not finite, as a division by zero, is unknown."""
        if not isinstance(a, _Value) and not isinstance(b, _Value):
            value = sign(a, b)
            return float(value) if isinstance(value, float) else int(value)
        whole = all(side.whole if isinstance(side, _Value) else isinstance(side, int) for side in (a, b))
        one, other = (self._typed(side, whole and sign is not operator.truediv) for side in (a, b))
        if sign is operator.mod:
            other = other.nullif(0)
            rest = one % other
            # the remainder has the sign of the divisor, as in Python
            value = ((rest != 0) & ((rest < 0) != (other < 0))).ifelse(rest + other, rest)
        else:
            value = one / other.nullif(0) if sign is operator.truediv else sign(one, other)
        if whole and sign is not operator.truediv:
            return _Value(value.cast("int64"), whole=True)
        return _Value((value.isinf() | value.isnan()).ifelse(None, value))

    def _typed(self, side: Any, whole: bool) -> Any:
        """One side of arithmetic as whole numbers or as doubles."""
        value = side.of if isinstance(side, _Value) else self._ibis.literal(side)
        return value.cast("int64" if whole else "float64")


def constants(expression: Expression) -> list[str]:
    """The texts that a condition compares with."""
    return [n.value for n in ast.walk(expression.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def bare(expression: Expression) -> set[str]:
    """The names that stand as a condition by themselves: booleans, or numbers that are only 0 and 1."""
    found: set[str] = set()
    todo: list[ast.AST] = [expression.tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.BoolOp):
            todo += node.values
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            todo.append(node.operand)
        elif isinstance(node, ast.Name):
            found.add(expression.name(node))
    return found


def computed(expression: Expression) -> set[str]:
    """The names that stand in arithmetic."""
    parts = [node for node in ast.walk(expression.tree) if isinstance(node, ast.BinOp)]
    return {expression.name(name) for part in parts for name in ast.walk(part) if isinstance(name, ast.Name)}


def refuse_other(given: object, where: str) -> DataError:
    """Conditions of a scan are text: there is no frame from which a Series could come."""
    return DataError(
        "A condition on a scan is text.",
        where=where,
        found=f"a {type(given).__name__}",
        expected='text in the grammar of Survey.where, as "age >= 55"',
        todo="write the condition as text; rows of a scan are in no frame",
    )


def refuse_random(value: Any, where: str) -> None:
    """Refuse a column that would be another in each pass over the data."""
    import ibis.expr.operations as operations

    if value.op().find(operations.Impure):
        raise DataError(
            "A column of random numbers would be another at each pass.",
            where=where,
            expected="the same value for a row whenever it is read",
            todo="write such a column to the file once",
        )

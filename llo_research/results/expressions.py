"""Expressions of labels: their value, slopes and the rows they use (forward-mode differentiation)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from llo_research.errors import DataError
from llo_research.expression import Expression, refuse, shortened
from llo_research.numerics.groups import Floats

_ALLOWED = "labels, numbers, + - * / **, log(x), exp(x), sqrt(x), logit(x), expit(x), brackets"


@dataclass(frozen=True)
class Dual:
    """A value with its gradient in the k estimates, and which of them it speaks of.

    uses : (k,) bool. A slope may be 0 by chance (a * a at 0) or cancel (a - a): the value rests on the row.
    """

    value: Any
    gradient: Floats
    uses: np.ndarray


_FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "log": (np.log, lambda x: 1 / x),
    "exp": (np.exp, np.exp),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "logit": (special.logit, lambda x: 1 / (x * (1 - x))),
    "expit": (special.expit, lambda x: special.expit(x) * special.expit(-x)),
}


def labels_in(expression: Expression) -> list[str]:
    """The labels of an expression: its names, but for those of functions that are called."""
    called = {id(node.func) for node in ast.walk(expression.tree) if isinstance(node, ast.Call)}
    nodes = [node for node in ast.walk(expression.tree) if isinstance(node, ast.Name) and id(node) not in called]
    return list(dict.fromkeys(expression.name(node) for node in nodes))


def refuse_numbers_that_are_labels(expression: Expression, labels: Sequence[str]) -> None:
    """A number that is also the label of a row could mean either, but in a power or beside a ratio (``a / b - 1``)."""
    known: dict[float, str] = {}
    for label in labels:
        try:
            known.setdefault(float(label), label)
        except ValueError:
            continue
    clear = _clear_numbers(expression.tree) if known else set()
    for node in ast.walk(expression.tree) if known else ():
        value = _number(node)
        if value is not None and value in known and id(node) not in clear:
            label = known[value]
            raise DataError(
                f"The number {ast.unparse(node)} is also the label of a row.",
                where=shortened(expression.text),
                found=ast.unparse(node),
                expected=f"`{label}`, in backticks, for the row",
                todo="write rows whose labels are numbers in backticks; where the number itself is meant, give the "
                "weights as a mapping ({'high': 2, 'low': -1}) or the levels other names",
            )


def _clear_numbers(tree: ast.expr) -> set[int]:
    """The numbers that no row can stand for: powers, and what is added to a number without unit, such as a ratio."""
    clear: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.BinOp):
            continue
        if isinstance(node.op, ast.Pow):
            clear |= {id(part) for part in ast.walk(node.right)}
        for side, other in ((node.left, node.right), (node.right, node.left)):
            added = isinstance(node.op, ast.Add | ast.Sub) and _number(side) is not None
            if added and _degree(other) == 0 and any(isinstance(part, ast.Name) for part in ast.walk(other)):
                clear |= {id(part) for part in ast.walk(side)}
    return clear


def _degree(node: ast.expr) -> float:
    """The power of the estimates' unit: 1 of a row or a difference, 0 of a ratio, a function and a number."""
    if isinstance(node, ast.UnaryOp):
        return _degree(node.operand)
    if isinstance(node, ast.BinOp):
        a, b = _degree(node.left), _degree(node.right)
        if isinstance(node.op, ast.Mult | ast.Div):
            return a + b if isinstance(node.op, ast.Mult) else a - b
        return a * (_number(node.right) or 0.0) if isinstance(node.op, ast.Pow) else max(a, b)
    return 1.0 if isinstance(node, ast.Name) else 0.0


def _number(node: ast.AST) -> float | None:
    """The value of a number of an expression, with its sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e308:
        return None
    return float(value)


def evaluate(node: ast.expr, expression: Expression, known: dict[str, Dual], *, gradient: bool = True) -> Dual:
    """Evaluate a node and its derivative."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return Dual(np.float64(_finite(node.value, expression)), np.zeros(1), np.zeros(1, dtype=bool))
    if isinstance(node, ast.Name):
        return known[expression.name(node)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = evaluate(node.operand, expression, known, gradient=gradient)
        return Dual(-inner.value, -inner.gradient, inner.uses) if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        if len(node.args) != 1 or node.keywords:
            raise refuse(node, expression, _ALLOWED)
        inner = evaluate(node.args[0], expression, known, gradient=gradient)
        function, derivative = _FUNCTIONS[node.func.id]
        slope = derivative(inner.value) * inner.gradient if gradient else inner.gradient
        return Dual(function(inner.value), slope, inner.uses)
    if isinstance(node, ast.BinOp):
        a = evaluate(node.left, expression, known, gradient=gradient)
        b = evaluate(node.right, expression, known, gradient=gradient)
        return _binary(node, expression, a, b, gradient)
    raise refuse(node, expression, _ALLOWED)


def _finite(value: float, expression: Expression) -> float:
    """A constant that a computer holds."""
    if abs(value) > 1e308:
        raise DataError(
            "A number is too large.",
            where=shortened(expression.text),
            expected="numbers below 1e308",
            todo="write a smaller number",
        )
    return float(value)


def _binary(node: ast.BinOp, expression: Expression, a: Dual, b: Dual, gradient: bool) -> Dual:
    """The rules of differentiation for + - * / **."""
    zero, uses = np.zeros(1), a.uses | b.uses
    if isinstance(node.op, ast.Add):
        return Dual(a.value + b.value, a.gradient + b.gradient, uses)
    if isinstance(node.op, ast.Sub):
        return Dual(a.value - b.value, a.gradient - b.gradient, uses)
    if isinstance(node.op, ast.Mult):
        slope = a.gradient * b.value + b.gradient * a.value if gradient else zero
        none = any(not side.uses.any() and np.all(side.value == 0) for side in (a, b))
        return Dual(a.value * b.value, slope, uses & (not none))
    if isinstance(node.op, ast.Div):
        b_value = np.asarray(b.value, dtype=np.float64)
        slope = (a.gradient - a.value / b_value * b.gradient) / b_value if gradient else zero
        return Dual(a.value / b_value, slope, uses)
    if isinstance(node.op, ast.Pow) and b.uses.any():
        raise DataError(
            "The power of a contrast is a number.",
            where=shortened(expression.text),
            found=ast.unparse(node.right),
            todo="write a ** b as exp(b * log(a))",
        )
    if isinstance(node.op, ast.Pow):
        a_value = np.asarray(a.value, dtype=np.float64)
        slope = b.value * a_value ** (b.value - 1) * a.gradient if gradient else zero
        return Dual(a_value**b.value, slope, uses)
    raise refuse(node.op, expression, _ALLOWED)

"""Contrasts that are linear: their weights and constant, whether they were given as such or as an expression."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llo_research.errors import DataError
from llo_research.expression import Expression, parse

_ZERO = 1e-9  # weights such as 1/3 add up to 1 but for rounding
_RESCALED = 10.0  # weights this large say that the user already turned shares into percentages


@dataclass(frozen=True)
class Linear:
    """A linear combination of rows: their weights, and a constant that is added."""

    weights: dict[str, float]
    constant: float = 0.0

    def times(self, factor: float) -> Linear:
        """Every part multiplied by a number."""
        return Linear({name: factor * weight for name, weight in self.weights.items()}, factor * self.constant)

    def plus(self, other: Linear) -> Linear:
        """The sum of two combinations."""
        names = dict.fromkeys([*self.weights, *other.weights])
        weights = {name: self.weights.get(name, 0.0) + other.weights.get(name, 0.0) for name in names}
        return Linear(weights, self.constant + other.constant)

    @property
    def form(self) -> str:
        """``difference`` (weights that add up to 0, a constant taken off), ``average`` (or 1 minus it) or ``other``."""
        total, low, high = sum(self.weights.values()), min(self.weights.values()), max(self.weights.values())
        if abs(total) < _ZERO:
            return "difference"
        up, down = abs(total - 1) < _ZERO and low >= 0, abs(total + 1) < _ZERO and high <= 0
        if (up and self.constant == 0) or (down and self.constant == 1):
            return "average"
        if (up and self.constant < 0) or (down and self.constant > 0):
            return "difference"
        return "other"

    @property
    def rescaled(self) -> bool:
        """Whether its weights are so large that shares were turned into percentages."""
        return max(map(abs, self.weights.values()), default=0.0) >= _RESCALED or abs(self.constant) > 1


def linear_of(spec: Any) -> Linear | None:
    """A contrast as weights and a constant; None when it is not linear."""
    if isinstance(spec, Mapping):
        return Linear({str(name): float(weight) for name, weight in spec.items()})
    try:
        expression = parse(str(spec), logical=False)
    except DataError:
        return None  # a text that is no expression has no unit of its own
    return _walk(expression.tree, expression)


def _walk(node: ast.expr, expression: Expression) -> Linear | None:
    """A node as a linear combination."""
    if isinstance(node, ast.Name):
        return Linear({expression.name(node): 1.0})
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Linear({}, float(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _walk(node.operand, expression)
        return None if inner is None else inner.times(-1.0 if isinstance(node.op, ast.USub) else 1.0)
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _walk(node.left, expression), _walk(node.right, expression)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add | ast.Sub):
        return left.plus(right.times(-1.0 if isinstance(node.op, ast.Sub) else 1.0))
    if isinstance(node.op, ast.Mult) and not (left.weights and right.weights):
        return right.times(left.constant) if right.weights else left.times(right.constant)
    if isinstance(node.op, ast.Div) and not right.weights and right.constant:
        return left.times(1 / right.constant)
    return None

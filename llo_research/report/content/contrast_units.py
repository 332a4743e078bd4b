"""What kind of number a contrast is: percentage points only where it is a difference of shares and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from llo_research.errors import DataError
from llo_research.expression import Expression, parse
from llo_research.results.quantities import Quantity

_ZERO = 1e-9
_RESCALED = 10.0  # weights this large say that the user already turned shares into percentages
IsShare = Callable[[str], bool]


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


def contrast_quantity(spec: Any, call: Mapping[str, Any], is_share: IsShare) -> Quantity:
    """The quantity of one contrast of the results of a call.

    Shares combined with weights that add to nothing, or with a constant taken off, are percentage points; an average
    of shares is a share; what is not linear, or was multiplied to percentages by the user, stays a plain number.
    """
    linear, nature = linear_of(spec), _nature(call, is_share)
    plain = Quantity("contrast")
    if linear is None:
        return plain
    kind = _kind(linear)
    rescaled = max(map(abs, linear.weights.values()), default=0.0) >= _RESCALED or abs(linear.constant) > 1
    if nature == "number" or rescaled:
        return Quantity("contrast", "number", 0.0) if kind == "difference" else plain
    if nature == "points" or kind == "difference":
        return Quantity("contrast", "points", 0.0)
    return Quantity("contrast", "percent") if kind == "average" else plain


def linear_of(spec: Any) -> Linear | None:
    """A contrast as weights and a constant; None when it is not linear."""
    if isinstance(spec, Mapping):
        return Linear({str(name): float(weight) for name, weight in spec.items()})
    try:
        expression = parse(str(spec), logical=False)
    except DataError:
        return None  # a text that is no expression has no unit of its own
    return _walk(expression.tree, expression)


def _kind(linear: Linear) -> str:
    """``difference``, ``average`` (also one minus an average), or ``other``."""
    total, low, high = sum(linear.weights.values()), min(linear.weights.values()), max(linear.weights.values())
    if abs(total) < _ZERO:
        return "difference"
    up, down = abs(total - 1) < _ZERO and low >= 0, abs(total + 1) < _ZERO and high <= 0
    if (up and linear.constant == 0) or (down and linear.constant == 1):
        return "average"
    if (up and linear.constant < 0) or (down and linear.constant > 0):
        return "difference"
    return "other"


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


def _nature(call: Mapping[str, Any], is_share: IsShare) -> str:
    """Whether all estimates behind a contrast are shares, differences of shares (``points``), or neither."""
    function = call.get("function")
    if function == "joint":
        found = {_nature(part or {}, is_share) for part in call.get("results", {}).values()}
        return found.pop() if len(found) == 1 else "number"
    if function in ("share", "crosstab"):
        return "share"
    names = call.get("variables") or call.get("variable") or []
    names = [names] if isinstance(names, str) else names
    if not names or not all(is_share(name) for name in names):
        return "number"
    if function == "mean":
        return "share"
    compared = function in ("gap", "change", "gap_change") and call.get("scale") == "difference"
    return "points" if compared else "number"

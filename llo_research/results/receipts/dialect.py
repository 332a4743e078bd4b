"""Conditions of our grammar in the words of another program."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from llo_research.expression import Expression, parse

SIGNS: dict[type, str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


@dataclass(frozen=True)
class Dialect:
    """How a program writes a condition.

    name : a column; literal : a number or text, as compared with a column (None where it is compared with none).
    both, either, negated : of texts in brackets; member : of a column and literals; missing : of a column.
    signs : signs that are not ours, by ours; remainder : of two texts; divisor : a text as what is divided by, where
    division by zero is a number there (here it is unknown); link : a comparison and the columns that it reads, where
    the program takes a missing value for a value.
    """

    name: Callable[[str], str]
    literal: Callable[[Any, str | None], str]
    both: str
    either: str
    negated: str
    member: Callable[[str, list[str]], str]
    missing: Callable[[str], str]
    signs: Mapping[str, str]
    remainder: Callable[[str, str], str]
    divisor: Callable[[str], str] = str
    link: Callable[[str, list[str]], str] = lambda words, columns: words


def translated(condition: str, dialect: Dialect) -> str:
    """A condition, as ``"age >= 55 & contract == 'permanent'"``, in another program's words."""
    expression = parse(condition, logical=True)
    return _Writer(expression, dialect).write(expression.tree)


@dataclass(frozen=True)
class _Writer:
    """Walks the tree of a condition."""

    expression: Expression
    dialect: Dialect

    def write(self, node: ast.expr, beside: str | None = None) -> str:
        """A node; `beside` is the column that it is compared with."""
        d = self.dialect
        match node:
            case ast.BoolOp():
                sign = d.both if isinstance(node.op, ast.And) else d.either
                return sign.join(f"({self.write(value)})" for value in node.values)
            case ast.UnaryOp(op=ast.Not()):
                return f"{d.negated}({self.write(node.operand)})"
            case ast.UnaryOp(op=ast.USub()):
                return f"-{self.write(node.operand, beside)}"
            case ast.UnaryOp():
                return self.write(node.operand, beside)
            case ast.Compare():
                return self._compared(node)
            case ast.BinOp(op=ast.Mod()):
                return d.remainder(self.write(node.left), self.write(node.right))
            case ast.BinOp():
                sign, right = self._sign(node.op), self.write(node.right)
                constant = isinstance(node.right, ast.Constant) and node.right.value != 0
                right = d.divisor(right) if isinstance(node.op, ast.Div) and not constant else right
                return f"({self.write(node.left)} {sign} {right})"
            case ast.Call():
                there = d.missing(self.write(node.args[0]))
                return there if getattr(node.func, "id", "") == "isna" else f"{d.negated}({there})"
            case ast.Name():
                return d.name(self.expression.name(node))
            case ast.Constant():
                return d.literal(node.value, beside)
        raise ValueError(f"no words for {ast.dump(node)[:60]}")

    def _sign(self, operator: ast.AST) -> str:
        """A sign in the program's spelling."""
        own = SIGNS[type(operator)]
        return self.dialect.signs.get(own, own)

    def _column(self, node: ast.expr) -> str | None:
        """The name of a column, if the node is one."""
        return self.expression.name(node) if isinstance(node, ast.Name) else None

    def _columns_of(self, node: ast.expr) -> list[str]:
        """The columns that a side of a comparison reads."""
        return [self.expression.name(own) for own in ast.walk(node) if isinstance(own, ast.Name)]

    def _compared(self, node: ast.Compare) -> str:
        """A comparison, a chain of them, or ``in [...]``."""
        parts, left = [], node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple):
                values = [self.write(value, self._column(left)) for value in right.elts]
                inside = self.dialect.link(self.dialect.member(self.write(left), values), self._columns_of(left))
                parts.append(inside if isinstance(operator, ast.In) else f"{self.dialect.negated}({inside})")
            else:
                one, other = self.write(left, self._column(right)), self.write(right, self._column(left))
                columns = [*self._columns_of(left), *self._columns_of(right)]
                parts.append(self.dialect.link(f"{one} {self._sign(operator)} {other}", columns))
            left = right
        return parts[0] if len(parts) == 1 else self.dialect.both.join(f"({part})" for part in parts)

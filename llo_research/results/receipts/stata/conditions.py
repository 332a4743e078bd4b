"""Conditions in Stata, where a missing number is larger than all others: what is unknown is neither true nor false.

Two conditions are written for each of ours, the one that is true where ours is true and the one that is true where ours
is false. Negation is moved down to the comparisons by de Morgan's laws, and each comparison that a missing value would
make true is joined to ``!missing(...)``. So no unknown comparison is ever negated.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from llo_research.expression import Expression, parse
from llo_research.results.receipts.dialect import SIGNS
from llo_research.results.receipts.stata.words import code, is_coded, name, text
from llo_research.results.receipts.told import Told

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRROR = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def true(told: Told, words: str) -> str:
    """A condition that is 1 where ours is true and 0 where ours is false or unknown."""
    expression = parse(words, logical=True)
    return _Writer(told, expression).write(expression.tree, wanted=True)


def false(told: Told, words: str) -> str:
    """A condition that is 1 where ours is false and 0 where ours is true or unknown."""
    expression = parse(words, logical=True)
    return _Writer(told, expression).write(expression.tree, wanted=False)


def indicator(told: Told, words: str, made: str) -> list[str]:
    """Lines that make a column of 1, 0 and missing of a condition."""
    return [
        f"generate byte {made} = 1 if {true(told, words)}",
        f"replace {made} = 0 if {false(told, words)}",
    ]


@dataclass(frozen=True)
class _Writer:
    """Walks the tree of a condition."""

    told: Told
    expression: Expression

    def write(self, node: ast.expr, *, wanted: bool) -> str:
        """A condition that is true where the node is what is wanted, true or false."""
        match node:
            case ast.BoolOp():
                both = isinstance(node.op, ast.And) is wanted
                return (" & " if both else " | ").join(f"({self.write(one, wanted=wanted)})" for one in node.values)
            case ast.UnaryOp(op=ast.Not()):
                return self.write(node.operand, wanted=not wanted)
            case ast.Compare():
                return self._chain(node, wanted=wanted)
            case ast.Call():
                inside = self._value(node.args[0])
                there = (getattr(node.func, "id", "") == "isna") is wanted
                return f"missing({inside})" if there else f"!missing({inside})"
            case ast.Name():
                return f"{name(self.expression.name(node))} == {int(wanted)}"
        raise ValueError(f"no words for {ast.dump(node)[:60]}")

    def _chain(self, node: ast.Compare, *, wanted: bool) -> str:
        """A comparison, or a chain of them."""
        links, left = [], node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                assert isinstance(right, ast.List | ast.Tuple)
                links.append(self._member(left, right.elts, inside=isinstance(operator, ast.In) is wanted))
            else:
                sign = SIGNS[type(operator)]
                links.append(self._compared(left, sign if wanted else _OPPOSITE[sign], right))
            left = right
        if len(links) == 1:
            return links[0]
        return (" & " if wanted else " | ").join(f"({link})" for link in links)

    def _member(self, node: ast.expr, values: list[ast.expr], *, inside: bool) -> str:
        """``x in [...]``, or known and outside; nothing is in an empty list."""
        if not values:
            return "0" if inside else "1"
        column, known = self._column(node), self._value(node)
        told = [self._value(value, column) for value in values]
        if len(told) > 1 and not any('"' in one or "char(" in one for one in told):
            member = f"inlist({known}, {', '.join(told)})"
            return member if inside else f"!{member} & !missing({known})"
        links = [self._compared(node, "==" if inside else "!=", value) for value in values]
        return (" | " if inside else " & ").join(f"({link})" for link in links) if len(links) > 1 else links[0]

    def _compared(self, left: ast.expr, sign: str, right: ast.expr) -> str:
        """One comparison, false where a side is missing."""
        if isinstance(left, ast.Constant):
            left, sign, right = right, _MIRROR[sign], left
        column, other = self._column(left), self._column(right)
        if column is not None and sign not in ("==", "!=") and not isinstance(right, ast.Name):
            levels = self.told.levels(column)
            if levels is not None and not is_coded(self.told, column) and levels != sorted(levels):
                return self._in_order(column, sign, right)
        one, two = self._value(left, other), self._value(right, column)
        constant = other is None and self._is_constant(right)
        # a missing left side is smaller than nothing; a missing right side is larger than all
        guard = {"<": [two], "<=": [two], ">": [one], ">=": [one], "==": [one], "!=": [one, two]}[sign]
        if constant:
            guard = [] if sign in ("<", "<=", "==") else [one]
        known = "".join(f" & !missing({side})" for side in guard)
        return f"{one} {sign} {two}{known}"

    def _in_order(self, column: str, sign: str, right: ast.expr) -> str:
        """A comparison in the declared order, where that is not the order of the numbers."""
        levels = self.told.levels(column) or []
        place = levels.index(self.told.stored(column, getattr(right, "value", None)))
        keep = {"<": levels[:place], "<=": levels[: place + 1], ">": levels[place + 1 :], ">=": levels[place:]}[sign]
        return f"inlist({name(column)}, {', '.join(map(text, keep))})" if keep else "0"

    def _is_constant(self, node: ast.expr) -> bool:
        """Whether a node holds no column."""
        return not any(isinstance(part, ast.Name) for part in ast.walk(node))

    def _column(self, node: ast.expr) -> str | None:
        """The name of a column, if the node is one."""
        return self.expression.name(node) if isinstance(node, ast.Name) else None

    def _value(self, node: ast.expr, beside: str | None = None) -> str:
        """A number or text; `beside` is the column that it is compared with."""
        match node:
            case ast.Name():
                return name(self.expression.name(node))
            case ast.Constant():
                return text(node.value) if beside is None else code(self.told, beside, node.value)
            case ast.UnaryOp():
                sign = "-" if isinstance(node.op, ast.USub) else ""
                if sign and isinstance(node.operand, ast.Constant):
                    value: Any = node.operand.value
                    return text(-value) if beside is None else code(self.told, beside, -value)
                return f"({sign}{self._value(node.operand)})" if sign else self._value(node.operand, beside)
            case ast.BinOp(op=ast.Mod()):
                return f"mod({self._value(node.left)}, {self._value(node.right)})"
            case ast.BinOp():
                return f"({self._value(node.left)} {SIGNS[type(node.op)]} {self._value(node.right)})"
        raise ValueError(f"no words for {ast.dump(node)[:60]}")

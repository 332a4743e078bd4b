"""Conditions in words: ``education == 'high' & age >= 55`` reads ``education: high and age: 55 or more``."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llo_research.errors import DataError
from llo_research.expression import Expression, parse
from llo_research.report.content.labels import (
    capital,
    is_number,
    lowered,
    said,
    short_label,
    value_label,
    variable_label,
    word,
)
from llo_research.report.content.numbers import number, unit_after

_RANK_PART = re.compile(r"(?P<end>highest|lowest) (?P<share>[\d.e-]+) of (?P<name>.+)")
_ENDS: dict[str, tuple[str, str]] = {
    "highest": ("{the} hoogste {share} naar {rank}", "the highest {share} by {rank}"),
    "lowest": ("{the} laagste {share} naar {rank}", "the lowest {share} by {rank}"),
}
_SHARES: dict[str, tuple[str, str]] = {
    "0.5": ("helft", "half"),
    "0.333333": ("derde deel", "third"),
    "0.25": ("kwart", "quarter"),
    "0.2": ("vijfde deel", "fifth"),
    "0.1": ("tiende deel", "tenth"),
}
_SIGNS: dict[type, tuple[str, str]] = {
    ast.NotEq: ("niet {}", "not {}"),
    ast.Lt: ("minder dan {}", "less than {}"),
    ast.LtE: ("{} of minder", "{} or less"),
    ast.Gt: ("meer dan {}", "more than {}"),
    ast.GtE: ("{} of meer", "{} or more"),
}
_RANKED: dict[type, tuple[str, str]] = {
    **_SIGNS,
    ast.Lt: ("lager dan {}", "below {}"),
    ast.LtE: ("{} of lager", "{} or below"),
    ast.Gt: ("hoger dan {}", "above {}"),
    ast.GtE: ("{} of hoger", "{} or above"),
}
_YEARS: dict[type, tuple[str, str]] = {
    **_SIGNS,
    ast.Lt: ("voor {}", "before {}"),
    ast.LtE: ("tot en met {}", "up to {}"),
    ast.Gt: ("na {}", "after {}"),
    ast.GtE: ("vanaf {}", "from {}"),
}
_YEAR = re.compile(r"(19|20)\d\d")
_MIRROR: dict[type, type] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}


# The column by which surveys of a stack are told apart has no codebook.
_OF_STACKS = {"survey": {"nl": "onderzoek", "en": "survey"}}


class _NotTold(Exception):  # never leaves this file
    """A construct that is better shown as it was written."""


def variable_text(name: str, labels: Mapping[str, Any], language: str) -> str:
    """The label of a variable, also of one that is a condition, a ratio or a pair of others; else its name."""
    if name in labels:
        return variable_label(name, labels, language)
    for sign, shown in ((" / ", " / "), (":", f" {word('and', language)} ")):
        parts = name.split(sign)
        if len(parts) > 1 and all(part in labels for part in parts):
            texts = [variable_label(part, labels, language) for part in parts]
            return shown.join([texts[0], *map(lowered, texts[1:])])
    told = condition_text(name, labels, language)
    return variable_label(name, labels, language) if told == name else capital(told)


def row_head(name: str, labels: Mapping[str, Any], language: str) -> str:
    """A variable at the head of a row: by its short label where it has one."""
    return short_label(name, labels, language) if name in labels else variable_text(name, labels, language)


def side_text(text: str, labels: Mapping[str, Any], language: str) -> str:
    """A side of a comparison that is no level of a group: a condition, or the highest part of a ranking."""
    if found := _RANK_PART.fullmatch(text):
        share = _share(float(found["share"]), language)
        the = "het" if share.endswith(("deel", "kwart")) else "de"
        rank = lowered(variable_label(found["name"], labels, language))
        return said(_ENDS, found["end"], language).format(the=the, share=share, rank=rank)
    return condition_text(text, labels, language)


def _share(share: float, language: str) -> str:
    """A share of the people by its name."""
    key = f"{share:.6g}"
    return (
        said(_SHARES, key, language)
        if key in _SHARES
        else number(100 * share, 0, language) + unit_after("percent", language)
    )


def condition_text(text: str, labels: Mapping[str, Any], language: str) -> str:
    """A condition in words; as it was written where it computes, or names a column without a label."""
    try:
        expression, labels = parse(text, logical=True), {**_OF_STACKS, **labels}
        if isinstance(expression.tree, ast.Constant) or (text not in labels and isinstance(expression.tree, ast.Name)):
            return text
        return _Teller(expression, labels, language).told(expression.tree)
    except (DataError, _NotTold):
        return text


@dataclass(frozen=True)
class _Teller:
    """Tells the parts of one condition."""

    expression: Expression
    labels: Mapping[str, Any]
    language: str

    def told(self, node: ast.expr, *, inside: bool = False) -> str:
        """A part that is true or not."""
        if isinstance(node, ast.BoolOp):
            joiner = word("and" if isinstance(node.op, ast.And) else "or", self.language)
            text = f" {joiner} ".join(self.told(value, inside=True) for value in node.values)
            return f"({text})" if inside else text
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self._said(("niet {}", "not {}")).format(f"({self.told(node.operand)})")
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            known = self._said(("onbekend", "unknown") if node.func.id == "isna" else ("bekend", "known"))
            return f"{self._label(node.args[0])}: {known}"
        if isinstance(node, ast.Name):
            return self._label(node)
        raise _NotTold

    def _comparison(self, node: ast.Compare) -> str:
        """One column beside its values."""
        sides, operators = [node.left, *node.comparators], [type(op) for op in node.ops]
        at = next((i for i, side in enumerate(sides) if isinstance(side, ast.Name)), None)
        if at is None:
            raise _NotTold
        column, parts = sides[at], []
        for i, operator in enumerate(operators):
            if at not in (i, i + 1):
                raise _NotTold
            value = sides[i + 1] if at == i else sides[i]
            parts.append(self._value(column, operator if at == i else _MIRROR.get(operator, operator), value))
        joiner = f" {word('and', self.language)} "
        label = self._label(column)
        is_text = any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides)
        if operators == [ast.Eq] and parts == [word("yes", self.language)] and not is_text:
            return label
        return f"{label}{'' if label.isalpha() else ':'} {joiner.join(parts)}"

    def _value(self, column: ast.expr, operator: type, node: ast.expr) -> str:
        """What a column is compared with."""
        if operator in (ast.In, ast.NotIn) and isinstance(node, ast.List | ast.Tuple):
            text = f" {word('or', self.language)} ".join(self._level(column, item) for item in node.elts)
            return text if operator is ast.In else self._said(_SIGNS[ast.NotEq]).format(text)
        level = self._level(column, node)
        if operator is ast.Eq:
            return level
        signs = _YEARS if _YEAR.fullmatch(level) else _SIGNS if is_number(level) else _RANKED
        return self._said(signs[operator]).format(level)

    def _level(self, column: ast.expr, node: ast.expr) -> str:
        """A value by its label."""
        try:
            value = ast.literal_eval(node)
        except ValueError:
            raise _NotTold from None
        text = value_label(self._name(column), value, self.labels, self.language)
        text = self._translated(column, text)
        return text.replace(".", ",") if self.language == "nl" and isinstance(value, float) else text

    def _translated(self, column: ast.expr, text: str) -> str:
        """A level that the user named by its label, in the other language."""
        for label in ((self.labels.get(self._name(column)) or {}).get("values") or {}).values():
            if isinstance(label, Mapping) and text in (label.get("nl"), label.get("en"), *label.get("also", ())):
                return str(label.get(self.language, text))
        return (
            word({"True": "yes", "False": "no"}.get(text, text), self.language) if text in ("True", "False") else text
        )

    def _label(self, node: ast.expr) -> str:
        """A column by its label."""
        name = self._name(node)
        if name not in self.labels:
            raise _NotTold
        return lowered(short_label(name, self.labels, self.language))

    def _name(self, node: ast.expr) -> str:
        """The name of a column."""
        if not isinstance(node, ast.Name):
            raise _NotTold
        return self.expression.name(node)

    def _said(self, pair: tuple[str, str]) -> str:
        """A text in the language."""
        return pair[self.language == "en"]

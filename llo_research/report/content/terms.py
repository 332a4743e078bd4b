"""Terms of a formula in words: ``C(education)[T.high]`` reads ``education: high (base: low)``."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from llo_research.packages import Package
from llo_research.report.content.labels import is_missing, lowered, plain, short_label, value_label, word

_LEVEL = re.compile(r"(?P<factor>.+?)\[(?P<treated>T\.)?(?P<level>.*)\]$", re.DOTALL)
_CATEGORY = re.compile(r"C\(\s*(?P<name>`[^`]+`|[^,()`]+?)\s*(?:,.*)?\)$", re.DOTALL)
_MEAN = re.compile(r"mean\((?P<inner>.+)\)$", re.DOTALL)
_OF_ONE = re.compile(r"(?:np\.)?(?P<function>log|log10|log1p|exp|sqrt)\((?P<name>\w+)\)$")
_SQUARE = re.compile(r"(?:I\(|\{)?\s*(?P<name>\w+)\s*\*\*\s*(?P<power>[23])\s*[)}]?$")
# Arithmetic stands in a call or in braces; a column may be named "a-b" or "hours (paid)".
_COMPUTED = re.compile(r"[\w.]+\(|\{")
_OPENS, _CLOSES = "([{", ")]}"
_POWERS = {"2": "²", "3": "³"}


@dataclass(frozen=True)
class Factor:
    """One factor of a term.

    name : the column, or the expression where it is no column. level, base : of a category; None for numbers.
    treated : whether the level is compared with a base, as ``[T.high]`` is. mean : whether it is a unit's mean.
    """

    name: str
    level: str | None = None
    base: str | None = None
    treated: bool = False
    mean: bool = False


@dataclass(frozen=True)
class Terms:
    """How the terms of a model are read.

    labels : of variables and their values. bases : base level by factor, as ``.meta["base_levels"]`` has them.
    response : the outcome, whose levels name the thresholds of an ordered model.
    """

    labels: Mapping[str, Any]
    language: str
    bases: Mapping[str, Any] = field(default_factory=dict)
    response: str = ""

    def key(self, term: str) -> tuple[Factor, ...]:
        """What a term is, however it is spelled: what tells whether two models have the same one."""
        return tuple(self._factor(part) for part in split(term))

    def text(self, term: str) -> str:
        """A term in words."""
        if term in self.labels:
            return short_label(term, self.labels, self.language)
        if "|" in term and "[" not in term and "(" not in term:
            return self._threshold(term)
        return self.told(self.key(term))

    def told(self, factors: Sequence[Factor]) -> str:
        """Factors in words; of an interaction without the base levels."""
        if len(factors) == 1:
            return self._one(factors[0], base=True)
        parts = [self._one(factor, base=False) for factor in factors]
        return " × ".join([parts[0], *(lowered(part) for part in parts[1:])])

    def level(self, name: str, level: Any) -> str:
        """A level in words: its label, yes or no, or itself."""
        if is_missing(level):
            return ""
        text = str(level)
        number = float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None
        shown = value_label(name, text if number is None else number, self.labels, self.language)
        return word({"True": "yes", "False": "no"}.get(shown, shown), self.language)

    def compared(self, name: str, of: Any, minus: Any) -> str:
        """A variable, or the difference between two of its levels, as marginal effects have them."""
        if is_missing(of):
            return self.text(name)
        return self.told([Factor(name, plain(of), None if is_missing(minus) else plain(minus), True)])

    def _factor(self, part: str) -> Factor:
        """One part of a term."""
        if inner := _MEAN.match(part):
            return replace(self._factor(inner["inner"]), mean=True)
        found = _LEVEL.match(part)
        if found is None or part.startswith("`"):
            return Factor(_column(part))
        base = self.bases.get(found["factor"]) if found["treated"] else None
        level = found["level"]
        known = None if is_missing(base) else plain(base)
        return Factor(_column(found["factor"]), _plain(level), known, bool(found["treated"]))

    def _one(self, factor: Factor, *, base: bool) -> str:
        """One factor in words."""
        text = self._name(factor.name)
        if factor.level is not None:
            text = f"{text}: {self.level(factor.name, factor.level)}"
            if base and factor.base is not None:
                text += f" ({word('base', self.language)}: {self.level(factor.name, factor.base)})"
        return f"{text}, {word('unit mean', self.language)}" if factor.mean else text

    def _name(self, name: str) -> str:
        """A column by its label; a simple expression of one column around its label."""
        if name in self.labels:
            return short_label(name, self.labels, self.language)
        if name in ("Intercept", "prediction", "total"):
            return word(name, self.language)
        if (one := _OF_ONE.match(name)) and one["name"] in self.labels:
            return f"{one['function']}({lowered(short_label(one['name'], self.labels, self.language))})"
        if (power := _SQUARE.match(name)) and not name.isidentifier():
            return short_label(power["name"], self.labels, self.language) + _POWERS[power["power"]]
        return short_label(name, self.labels, self.language)

    def _threshold(self, term: str) -> str:
        """A threshold of an ordered model, by the levels on either side."""
        ends = [self.level(self.response, end.strip()) for end in term.split("|")]
        return f"{word('threshold', self.language)} {' | '.join(ends)}"


def split(term: str) -> list[str]:
    """The factors of a term: its parts between colons that stand in no bracket and no backticks."""
    parts, depth, quoted = [""], 0, False
    for sign in term:
        quoted ^= sign == "`"
        depth += 0 if quoted else (sign in _OPENS) - (sign in _CLOSES)
        depth = max(depth, 0)
        if sign == ":" and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return parts if all(parts) else [term]


def variables_of(term: str) -> list[str]:
    """The columns, or expressions, that a term is made of."""
    return list(dict.fromkeys(factor.name for factor in Terms({}, "en").key(term)))


def columns_of_formula(formula: str) -> list[str]:
    """The columns of the right-hand side of a formula, each once: ``x`` of ``bs(x, df=3)`` as well."""
    formulaic = Package("formulaic")
    sides = formulaic.Formula(formula, _parser=formulaic.parser.DefaultFormulaParser(feature_flags={"all"}))
    factors = [factor.expr for term in getattr(sides, "rhs", sides) for factor in term.factors if factor.expr != "1"]
    return list(dict.fromkeys(column for factor in factors for column in columns_in(_column(str(factor)))))


def columns_in(name: str) -> list[str]:
    """The columns of a factor: ``age`` of ``I(age ** 2)``; the name itself where it is no expression."""
    if not _COMPUTED.match(name):
        return [name]
    try:
        code = ast.parse(name.strip("{} "), mode="eval")
    except SyntaxError:
        return [name]
    called = {id(part.func) for part in ast.walk(code) if isinstance(part, ast.Call)}
    owners = {id(part.value) for part in ast.walk(code) if isinstance(part, ast.Attribute)}
    names = [part for part in ast.walk(code) if isinstance(part, ast.Name)]
    return list(dict.fromkeys(part.id for part in names if id(part) not in called | owners)) or [name]


def is_constant(names: Sequence[str]) -> bool:
    """Whether a term of these columns is a constant or a threshold, which is on a scale of its own."""
    return list(names) == ["Intercept"] or any("|" in name for name in names)


def _column(text: str) -> str:
    """The column of a factor: ``education`` of ``C(education)``."""
    found = _CATEGORY.match(text)
    return (found["name"] if found else text).strip("`")


def _plain(level: str) -> str:
    """A level without needless decimals."""
    return level[:-2] if re.fullmatch(r"-?\d+\.0", level) else level

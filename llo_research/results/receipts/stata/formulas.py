"""Formulas of ours in Stata: factor variables with our base levels, and the name of each of our coefficients there."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata.conditions import true
from llo_research.results.receipts.stata.words import ARITHMETIC, code, fresh, is_coded, name, text
from llo_research.results.receipts.told import Told

_PART = re.compile(r"((?:[^:\[\]()`]|\[[^\]]*\]|\((?:[^()]|\([^()]*\))*\)|`[^`]*`)+)")
_LEVEL = re.compile(r"^(.*)\[(T\.)?(.*)\]$", re.DOTALL)
_FUNCTIONS = {
    **{word: word for word in ("log10", "exp", "sqrt", "abs", "sin", "cos")},
    "log": "ln",
    "log1p": "ln1p",
    "I": "",
    "minimum": "min",
    "maximum": "max",
    "absolute": "abs",
}


class NotInStata(Exception):
    """What Stata cannot say, and why; nearest : what comes nearest."""

    def __init__(self, why: str, nearest: str = "a column made in Python: svy.assign()") -> None:
        super().__init__(why)
        self.nearest = nearest


@dataclass
class InStata:
    """A formula in Stata.

    response : its column. right : the terms. names : our name of each coefficient -> Stata's. pieces : our name -> what
    it is the product of, as expressions. columns : what must be known.
    """

    response: str
    right: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    constant: bool = True


def in_stata(told: Told, script: Script) -> InStata:
    """The formula of a model as it was read, its terms from the names of its coefficients."""
    formula = str(told.meta.get("formula") or told.call["formula"])
    writer = _Writer(told, script)
    model = InStata(writer.response(formula.split("~", 1)[0].strip()))
    terms = [term for term in told.meta["terms"] if term != "Intercept"]
    model.constant = "Intercept" in told.meta["terms"]
    parsed = {term: [_split(part) for part in _PART.findall(term)] for term in terms}
    for term, parts in parsed.items():
        alike = [own for own in parsed.values() if [e for e, _ in own] == [e for e, _ in parts]]
        made = [writer.factor(expr, level, [dict(own).get(expr) for own in alike]) for expr, level in parts]
        ordered = sorted(made, key=lambda one: one.level is None)  # Stata's order: factor variables first
        lone = len(made) == 1
        spec = "#".join(one.spec(lone=lone) for one in ordered)
        if spec not in model.right:
            model.right.append(spec)
        model.names[term] = "#".join(one.spelled(lone=lone) for one in ordered)
        model.pieces[term] = " * ".join(one.number() for one in ordered)
    if model.constant:
        model.names["Intercept"] = "_cons"
    model.columns = [model.response, *writer.columns]
    return model


def _split(part: str) -> tuple[str, str | None]:
    """A piece of a coefficient's name: the variable, and its level."""
    found = _LEVEL.match(part)
    return (found[1].strip("`"), found[3]) if found else (part.strip("`"), None)


@dataclass(frozen=True)
class _Factor:
    """A variable of a term: its column; of a category the number of the level and the base (None: all levels)."""

    column: str
    level: str | None = None
    base: str | None = None

    def spec(self, *, lone: bool) -> str:
        """As a term has it."""
        if self.level is None:
            return self.column if lone else f"c.{self.column}"
        return f"ib{self.base}.{self.column}" if self.base is not None else f"ibn.{self.column}"

    def spelled(self, *, lone: bool) -> str:
        """As the coefficient is called."""
        return f"{self.level}.{self.column}" if self.level is not None else self.column if lone else f"c.{self.column}"

    def number(self) -> str:
        """As a number."""
        return self.column if self.level is None else f"({self.column} == {self.level})"


@dataclass
class _Writer:
    """Variables of a formula, one by one."""

    told: Told
    script: Script
    columns: list[str] = field(default_factory=list)
    made: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    @property
    def _known(self) -> Mapping[str, Any]:
        """The columns of the survey."""
        return dict(self.told.survey.get("columns") or {})

    def _use(self, column: str) -> None:
        """A column that has to be known."""
        if column not in self.columns:
            self.columns.append(column)

    def response(self, words: str) -> str:
        """The column of the response."""
        bare = words.strip("`")
        if bare in self._known or self.told.meta.get("response") in self._known:
            return name(bare if bare in self._known else str(self.told.meta["response"]))
        if bare in self.told.conditions or re.search(r"[=<>]|\bin\b", words):
            column = fresh(self.told, "outcome")
            self.script.add(f"generate byte {column} = 1 if {true(self.told, bare)}")
            self.script.add(f"replace {column} = 0 if {true(self.told, f'not ({bare})')}")
            return column
        return self._numeric(words)

    def factor(self, expr: str, level: str | None, levels: list[str | None]) -> _Factor:
        """A variable, at a level of a category; `levels` : all that the term has a coefficient of."""
        if level is None:
            return _Factor(self._number(expr))
        column, codes = self.category(expr)
        every = [str(one) for one in (self.told.meta.get("category_levels") or {}).get(expr, codes)]
        base = (self.told.meta.get("base_levels") or {}).get(expr)
        full = set(every) <= {one for one in levels if one is not None}
        return _Factor(column, codes[level], None if full or base is None else codes[str(base)])

    def category(self, expr: str) -> tuple[str, dict[str, str]]:
        """The column of a category, and the number of each level."""
        if expr in self.made:
            return self.made[expr]
        levels = (self.told.meta.get("category_levels") or {}).get(expr)
        if levels is None:
            raise NotInStata(f"the levels of {expr} are not known outside of formulaic")
        bare = re.sub(r"^C\((.*?)(?:,.*)?\)$", r"\1", expr).strip().strip("`")
        if bare not in self._known:
            raise NotInStata(f"{bare} is no column of the file")
        plain = [one.item() if hasattr(one, "item") else one for one in levels]
        whole = all(isinstance(one, int | float) and float(one).is_integer() and one >= 0 for one in plain)
        if (self.told.levels(bare) is not None and is_coded(self.told, bare)) or whole:
            self.made[expr] = name(bare), {str(one): code(self.told, bare, one) for one in levels}
        else:
            column = fresh(self.told, f"{name(bare)[:24]}_number")
            self.script.say(f"{column}: {', '.join(f'{i} {one}' for i, one in enumerate(levels, start=1))}")
            self.script.add(f"generate int {column} = .")
            for i, one in enumerate(plain, start=1):
                self.script.add(f"replace {column} = {i} if {name(bare)} == {code(self.told, bare, one)}")
            self.made[expr] = column, {str(one): str(i) for i, one in enumerate(levels, start=1)}
        self._use(self.made[expr][0])
        return self.made[expr]

    def _number(self, expr: str) -> str:
        """A column of numbers, as it stands or made of an expression."""
        if expr in self._known:
            self._use(name(expr))
            return name(expr)
        return self._numeric(expr)

    def _numeric(self, expr: str) -> str:
        """A new column of an expression."""
        if expr not in self.made:
            quoted: dict[str, str] = {}

            def kept(found: re.Match[str]) -> str:
                quoted[f"quoted_{len(quoted)}_"] = found[1]
                return f"quoted_{len(quoted) - 1}_"

            try:
                tree = ast.parse(re.sub(r"`([^`]*)`", kept, expr), mode="eval").body
            except SyntaxError:
                raise NotInStata(f"{expr} is no expression of columns") from None
            stem = re.sub(r"[^A-Za-z0-9]+", "_", expr.replace("np.", "")).strip("_")[:26]
            column = fresh(self.told, stem if stem[:1].isalpha() else f"x_{stem}"[:28])
            while any(column == own for own, _ in self.made.values()):
                column += "_"
            self.script.add(f"generate double {column} = {self._written(tree, quoted)}")
            self.made[expr] = column, {}
            self._use(column)
        return self.made[expr][0]

    def _written(self, node: ast.expr, quoted: Mapping[str, str]) -> str:
        """A node of an expression."""
        match node:
            case ast.Name():
                column = quoted.get(node.id, node.id)
                if column not in self._known:
                    raise NotInStata(f"{column} is no column of the file")
                return name(column)
            case ast.Constant():
                return text(node.value)
            case ast.UnaryOp(op=ast.USub()):
                return f"(-{self._written(node.operand, quoted)})"
            case ast.BinOp() if type(node.op) in ARITHMETIC:
                left, right = (self._written(side, quoted) for side in (node.left, node.right))
                return f"({left} {ARITHMETIC[type(node.op)]} {right})"
            case ast.Call():
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in _FUNCTIONS and not node.keywords:
                    return f"{_FUNCTIONS[called]}({', '.join(self._written(arg, quoted) for arg in node.args)})"
        raise NotInStata(f"Stata has no words that surely mean {ast.unparse(node)}")

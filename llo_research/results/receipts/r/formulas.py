"""Formulas of ours in R: the same columns under names that are known beforehand, or a word on why there are none."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

from llo_research.packages import Package
from llo_research.results.receipts.dialect import SIGNS
from llo_research.results.receipts.r.words import condition, name, text
from llo_research.results.receipts.told import Told

formulaic = Package("formulaic")

_ARITHMETIC: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.Mod: "%%"}
_FUNCTIONS = {
    **{word: word for word in ("log", "log10", "log2", "log1p", "exp", "sqrt", "abs", "sin", "cos")},
    "minimum": "pmin",
    "maximum": "pmax",
    "absolute": "abs",
    "I": "",
}
# columns of which there are several, made of the values of the rows used
_BASES = {"poly": ("poly", ("degree",)), "bs": ("splines::bs", ("df", "degree"))}
_BY_HAND = "svyglm on columns made beforehand: with svy.assign(...) they are in the file, and the script is complete"


class NotInR(Exception):
    """What R cannot say and why, and what comes nearest."""

    def __init__(self, what: str, nearest: str = "") -> None:
        super().__init__(what)
        self.nearest = nearest


@dataclass(frozen=True)
class Factor:
    """A variable of a formula: `label` is what R calls its column; `levels` of a category."""

    label: str
    levels: tuple[str, ...] = ()


@dataclass
class InR:
    """A formula in R.

    response : the name of the response's column. right : the right-hand side. columns : columns of the data.
    made : columns that the script makes, name -> words of R. before : lines that these need.
    names : our name of each coefficient -> R's.
    """

    response: str
    right: str
    columns: list[str] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The whole formula."""
        return f"{self.response} ~ {self.right}"


def in_r(told: Told, formula: str, offset: str | None = None) -> InR:
    """A formula as it was read, its terms written out: R's own operators read some of ours in another way."""
    parsed = formulaic.Formula(formula, _parser=formulaic.parser.DefaultFormulaParser(feature_flags={"all"}))
    writer = _Writer(told)
    response = writer.response(parsed.lhs)
    terms = list(parsed.rhs)
    order: list[str] = []
    for term in terms:
        for factor in term.factors:
            if str(factor.eval_method.value) != "literal" and factor.expr not in order:
                order.append(factor.expr)
    known = {expr: writer.factor(expr, looked_up=_looked_up(parsed.rhs, expr)) for expr in order}
    spelled: dict[str, dict[str, str | None]] = {}
    for term in terms:
        inside = [f.expr for f in term.factors if str(f.eval_method.value) != "literal"]
        for part in _parts(inside):
            spelled |= _names(part, known)
    kept = {ours: spelled[ours] for ours in told.meta["terms"] if ours != "Intercept"}
    parts = list(dict.fromkeys(tuple(sorted(levels, key=order.index)) for levels in kept.values()))
    order = list(dict.fromkeys(expr for part in parts for expr in part))  # R's: as they first occur
    names = {"Intercept": "(Intercept)"}
    for ours, levels in kept.items():
        names[ours] = ":".join(known[expr].label + (levels[expr] or "") for expr in order if expr in levels)
    right = [":".join(known[expr].label for expr in part) for part in parts] or ["1"]
    if "Intercept" not in told.meta["terms"]:
        right.insert(0, "0")
    if offset is not None:
        right.append(f"offset({writer.number(offset)})")
    return InR(response, " + ".join(right), writer.columns, writer.made, names, writer.before)


def _parts(inside: Sequence[str]) -> list[list[str]]:
    """All parts of an interaction: formulaic splits one whose main effects are absent."""
    return [list(part) for size in range(len(inside), 0, -1) for part in combinations(inside, size)]


def _looked_up(side: Any, expr: str) -> bool:
    """Whether a variable is a column as it stands."""
    return any(f.expr == expr and str(f.eval_method.value) == "lookup" for term in side for f in term.factors)


def _names(inside: Sequence[str], known: Mapping[str, Factor]) -> dict[str, dict[str, str | None]]:
    """All names that the columns of a term may have, each with the level of its variables."""
    out: dict[str, dict[str, str | None]] = {}
    choices: list[list[tuple[str, str | None]]] = [
        [(expr, level) for level in known[expr].levels or (None,)] for expr in inside
    ]
    for chosen in product(*choices):
        levels = dict(chosen)
        spelled = [_spelled(expr, levels[expr]) for expr in inside]
        out |= {":".join(ours): levels for ours in product(*spelled)}
    return out


def _spelled(expr: str, level: str | None) -> list[str]:
    """Our names of a variable, or of a level of it."""
    bare = [expr, f"`{expr}`"]
    if level is None:
        return bare
    return [f"{one}{opening}{level}]" for one in bare for opening in ("[T.", "[")]


@dataclass
class _Writer:
    """Variables of a formula, one by one."""

    told: Told
    columns: list[str] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)

    def response(self, side: Any) -> str:
        """The name of the response's column: a column, or one that is made of a condition or expression."""
        factor = next(f for term in side for f in term.factors)
        if str(factor.eval_method.value) == "lookup":
            if self._is_condition(factor.expr):
                return self._made("y", f"as.numeric({condition(self.told, factor.expr)})")
            self._use(factor.expr)
            boolean = self.told.survey["columns"][factor.expr] == "boolean"
            return self._made("y", f"as.numeric({name(factor.expr)})") if boolean else name(factor.expr)
        return self._made("y", self.number(factor.expr))

    def _is_condition(self, expr: str) -> bool:
        """Whether a response was no column but a condition."""
        given = str(self.told.call.get("formula", "")).split("~", 1)[0].strip()
        return given != f"`{expr}`" and re.fullmatch(r"[\w.]+", expr) is None

    @property
    def _known(self) -> Mapping[str, Any]:
        """The columns of the survey."""
        return dict(self.told.survey.get("columns") or {})

    def _use(self, column: str) -> None:
        """A column of the data that has to be known."""
        if column in self._known and column not in self.columns:
            self.columns.append(column)

    def _made(self, wanted: str, words: str) -> str:
        """A new column, by a name that no other has."""
        own = re.sub(r"[^A-Za-z0-9]+", ".", wanted).strip(".") or "x"
        own = own if own[0].isalpha() else f"x.{own}"
        while (own in self._known or own in self.made) and self.made.get(own) != words:
            own += "."
        self.made[own] = words
        return own

    def factor(self, expr: str, *, looked_up: bool) -> Factor:
        """A variable: a number as it stands, a category with the levels that occur, or an expression."""
        levels = (self.told.meta.get("category_levels") or {}).get(expr)
        if levels is None:
            if looked_up:
                self._use(expr)
                boolean = self._known.get(expr) == "boolean"
                return Factor(self._made(f"{expr}.true", f"as.numeric({name(expr)})") if boolean else name(expr))
            if made := self._basis(expr):
                return made
            boolean = isinstance(_tree(expr)[0].body, ast.Compare | ast.BoolOp)
            if boolean or re.match(r"C\(", expr):
                raise NotInR(f"the levels of {expr} are not known outside of formulaic", _BY_HAND)
            return Factor(self._made(expr, self.number(expr)))
        base = (self.told.meta.get("base_levels") or {}).get(expr)
        if base is None:
            raise NotInR(f"the contrasts of {expr} are not those of a base level", _BY_HAND)
        ordered = [base, *(level for level in levels if level != base)]
        inner = name(expr) if looked_up else self.number(_inside_c(expr))
        if looked_up:
            self._use(expr)
            if [str(v) for v in self.told.levels(expr) or ()] == [str(v) for v in ordered]:
                return Factor(name(expr), tuple(str(v) for v in ordered))
        column = expr if looked_up else _inside_c(expr)
        return Factor(self._made(f"{column}.factor", _as_factor(inner, ordered)), tuple(str(v) for v in ordered))

    def _basis(self, expr: str) -> Factor | None:
        """Polynomials and splines, of which the rows used make several columns."""
        tree, quoted = _tree(expr)
        call = tree.body
        function = getattr(getattr(call, "func", None), "id", "")
        if not isinstance(call, ast.Call) or function not in _BASES:
            return None
        theirs, known = _BASES[function]
        given = dict(zip(known, call.args[1:], strict=False)) | {str(word.arg): word.value for word in call.keywords}
        if set(given) - set(known) or not all(isinstance(value, ast.Constant) for value in given.values()):
            raise NotInR(f"the options of {expr} are not read by R", _BY_HAND)
        own = self._written(call.args[0], quoted)
        options = "".join(
            f", {word} = {value.value!r}" for word, value in given.items() if isinstance(value, ast.Constant)
        )
        column = self._made(expr, "")
        self.before.append(f"basis.{column} <- with(rows.used, {theirs}({own}{options}))")
        self.made[column] = f"predict(basis.{column}, {own})"
        terms = [term for term in self.told.meta["terms"] if expr in term]
        numbers = {n for term in terms for n in re.findall(rf"{re.escape(expr)}\[(\d+)\]", term)}
        return Factor(column, tuple(sorted(numbers, key=int)))

    def _standardised(self, own: str, function: str) -> str:
        """Less the mean of the rows used, and over their standard deviation; both without weights, as formulaic."""
        stem = f"{function}.{len(self.before) + 1}"
        self.before.append(f"{stem} <- with(rows.used, c(mean({own}), {'sd' if function == 'scale' else ''}({own})))")
        centred = f"({own} - {stem}[1])"
        return f"({centred} / {stem}[2])" if function == "scale" else centred

    def number(self, expr: str) -> str:
        """A numeric expression of formulas in R."""
        if expr in self._known:
            self._use(expr)
            return name(expr)
        tree, quoted = _tree(expr)
        return self._written(tree.body, quoted)

    def _written(self, node: ast.expr, quoted: Mapping[str, str]) -> str:
        """A node of an expression."""
        match node:
            case ast.Name():
                column = quoted.get(node.id, node.id)
                if column not in self._known:
                    raise NotInR(f"{column} is no column of the data", _BY_HAND)
                self._use(column)
                return name(column)
            case ast.Constant():
                return text(node.value)
            case ast.UnaryOp(op=ast.USub()):
                return f"-{self._written(node.operand, quoted)}"
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                left, right = (self._written(side, quoted) for side in (node.left, node.right))
                return f"({left} {_ARITHMETIC[type(node.op)]} {right})"
            case ast.Compare(ops=[one]) if type(one) in SIGNS:
                left, right = (self._written(side, quoted) for side in (node.left, node.comparators[0]))
                return f"({left} {SIGNS[type(one)]} {right})"
            case ast.Call():
                function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if function in _FUNCTIONS and not node.keywords:
                    return f"{_FUNCTIONS[function]}({', '.join(self._written(arg, quoted) for arg in node.args)})"
                if function in ("center", "scale") and len(node.args) == 1 and not node.keywords:
                    return self._standardised(self._written(node.args[0], quoted), function)
        raise NotInR(f"R has no words that surely mean {ast.unparse(node)}", _BY_HAND)


def _tree(expr: str) -> tuple[ast.Expression, dict[str, str]]:
    """An expression as Python reads it, with names for what stands in backticks."""
    quoted: dict[str, str] = {}

    def replaced(match: re.Match[str]) -> str:
        return quoted.setdefault(f"quoted_{len(quoted)}_", match[1]) and f"quoted_{len(quoted) - 1}_"

    return ast.parse(re.sub(r"`([^`]*)`", replaced, expr), mode="eval"), quoted


def _inside_c(expr: str) -> str:
    """What stands in C(...), or the expression itself."""
    body = ast.parse(expr, mode="eval").body if "`" not in expr else None
    if isinstance(body, ast.Call) and getattr(body.func, "id", "") == "C":
        return ast.unparse(body.args[0])
    if found := re.fullmatch(r"C\(\s*`([^`]*)`.*\)", expr):
        return found[1]
    return expr


def _as_factor(words: str, levels: Sequence[Any]) -> str:
    """A factor with these levels, the base first."""
    values = ", ".join(text(_plain(level)) for level in levels)
    labels = ", ".join(text(str(level)) for level in levels)
    shown = "" if all(isinstance(level, str) for level in levels) else f", labels = c({labels})"
    return f"factor({words}, levels = c({values}){shown})"


def _plain(level: Any) -> Any:
    """A level as a plain value."""
    return level.item() if hasattr(level, "item") else level

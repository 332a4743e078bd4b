"""Small changes of a program, one at a time: a sign, an operator, a factor, a bound, a constant."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

_OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_NAMES = {
    "any": "all",
    "maximum": "minimum",
    "max": "min",
    "argmax": "argmin",
    "zeros": "ones",
    "zeros_like": "ones_like",
}
_NAMES |= {other: name for name, other in _NAMES.items()}
# What is words or types, not numbers.
_NOT_ENTERED = (ast.Raise, ast.Assert, ast.JoinedStr, ast.Import, ast.ImportFrom)
_FIELDS_NOT_ENTERED = {"annotation", "returns", "decorator_list", "bases", "type_params", "args"}


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    module : path from the package's folder.
    function : where the change is; empty at the top level.
    line : its number.
    before, after : the statement (its first line), without and with the change.
    source : the whole module.
    """

    module: str
    function: str
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}\n    - {self.before}\n    + {self.after}"


@dataclass(frozen=True)
class _Place:
    """A node, and where it hangs: `holder` is a list with a position, or a node with the name of a field."""

    node: ast.AST
    holder: Any
    key: Any
    statement: ast.stmt
    function: str

    def put(self, node: ast.AST) -> None:
        """Hang another node there."""
        if isinstance(self.holder, list):
            self.holder[self.key] = node
        else:
            setattr(self.holder, self.key, node)


def count(source: str) -> int:
    """How many mutants a module has."""
    return sum(1 for place in _places(ast.parse(source), None, "") for _ in _changed(place))


def mutants(source: str, module: str, numbers: Container[int]) -> Iterator[Mutant]:
    """The mutants of a module with these numbers, counted from 0 in the order of its lines."""
    tree = ast.parse(source)
    every = [(place, changed) for place in _places(tree, None, "") for changed in _changed(place)]
    for number, (place, changed) in enumerate(every):
        if number not in numbers:
            continue
        before = _first_line(place.statement)
        place.put(changed)
        statement = changed if place.node is place.statement else place.statement
        after, text = _first_line(statement), ast.unparse(ast.fix_missing_locations(tree))
        place.put(place.node)
        yield Mutant(module, place.function, place.statement.lineno, before, after, text)


def _first_line(statement: ast.AST) -> str:
    """The statement, or the head of one with a body."""
    lines = ast.unparse(statement).split("\n")
    return next(line for line in lines if not line.startswith("@"))


def _places(node: ast.AST, statement: ast.stmt | None, function: str) -> Iterator[_Place]:
    """Every node below this one that may change."""
    for name, value in ast.iter_fields(node):
        if name in _FIELDS_NOT_ENTERED and not isinstance(node, ast.Call):
            continue
        children = list(enumerate(value)) if isinstance(value, list) else [(name, value)]
        for key, child in children:
            if not isinstance(child, ast.AST) or isinstance(child, _NOT_ENTERED) or _says_words(child):
                continue
            own = child if isinstance(child, ast.stmt) else statement
            assert own is not None
            inside = function
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inside = f"{function}.{child.name}".lstrip(".")
            yield _Place(child, value if isinstance(value, list) else node, key, own, inside)
            yield from _places(child, own, inside)


def _says_words(node: ast.AST) -> bool:
    """Whether a node makes an error or asks for a type."""
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func)
    return name.endswith("Error") or name in ("isinstance", "cast")


def _changed(place: _Place) -> Iterator[ast.AST]:
    """What a node may become; at the top level of a module constants only."""
    node = place.node
    if isinstance(node, ast.Constant):
        yield from _other_constants(node.value)
    if not place.function:
        return
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in _OPERATORS:
                yield ast.BinOp(left, _OPERATORS[type(op)](), right)
            if isinstance(op, ast.Mult | ast.Div):
                yield left
            if isinstance(op, ast.Mult):
                yield right
            if isinstance(op, ast.MatMult):
                yield ast.UnaryOp(ast.USub(), node)
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in _OPERATORS:
            yield ast.AugAssign(target, _OPERATORS[type(op)](), value, lineno=node.lineno)
        case ast.Compare(left=left, ops=ops, comparators=others):
            for i, op in enumerate(ops):
                yield ast.Compare(left, [*ops[:i], _OPERATORS[type(op)](), *ops[i + 1 :]], others)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(_OPERATORS[type(op)](), values)
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Slice(lower=lower, upper=upper, step=step):
            if lower is not None and not isinstance(lower, ast.Constant):
                yield ast.Slice(_one_more(lower), upper, step)
            if upper is not None and not isinstance(upper, ast.Constant):
                yield ast.Slice(lower, _one_more(upper), step)
        case ast.Attribute(value=value, attr=name) if name in _NAMES:
            yield ast.Attribute(value, _NAMES[name], ast.Load())
        case ast.Name(id=name) if name in _NAMES:
            yield ast.Name(_NAMES[name], ast.Load())


def _other_constants(value: object) -> Iterator[ast.AST]:
    """Another constant of the same kind; text stays."""
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, float):
        yield ast.Constant(2 * value if value else 1.0)


def _one_more(node: ast.expr) -> ast.expr:
    """One more than a bound."""
    return ast.BinOp(node, ast.Add(), ast.Constant(1))

"""What each column of a formula's matrix is: its term, and the level of each of its categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError
from llo_research.survey.alike import CATEGORY

if TYPE_CHECKING:
    from formulaic import ModelSpec

Key = frozenset[tuple[str, Any]]


@dataclass(frozen=True)
class Column:
    """A column of a model matrix.

    name : formulaic's name. term : the term of the formula it belongs to.
    key : its factors, each with its level (a category) or its piece (numbers); empty for the constant.
    """

    name: str
    term: str
    key: Key


@dataclass(frozen=True)
class Columns:
    """All columns of a right-hand side, with the levels of its categories.

    levels : by factor of the formula (``C(education)``), in declared order.
    treatment : factors with treatment contrasts.
    """

    columns: tuple[Column, ...]
    levels: dict[str, tuple[Any, ...]]
    treatment: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """Formulaic's names."""
        return tuple(column.name for column in self.columns)

    @property
    def constant(self) -> int | None:
        """Which column is the constant, if one is."""
        return next((j for j, column in enumerate(self.columns) if not column.key), None)

    def factor(self, name: str) -> str | None:
        """The factor that a user means by its own text, or by the column inside its ``C(...)``."""
        if name in self.levels:
            return name
        plain = [factor for factor in self.levels if variable_of(factor) == name.strip("`")]
        return plain[0] if len(plain) == 1 else None

    def belonging(self, name: str) -> list[int]:
        """Columns that a name speaks of: a column, a term of the formula, or a variable by itself."""
        exact = [j for j, column in enumerate(self.columns) if column.name == name or column.term == name]
        if exact:
            return exact
        return [j for j, column in enumerate(self.columns) if variable_of(column.term) == name.strip("`")]


def variable_of(factor: str) -> str:
    """The column of the data in ``C(column)`` or in backticks; any other text as it stands."""
    match = CATEGORY.fullmatch(factor)
    return (match.group(1) if match else factor).strip("`")


def columns_of(spec: ModelSpec) -> Columns:
    """The columns of a formula's right-hand side."""
    levels, treatment = {}, set()
    for factor, (_, state) in spec.encoder_state.items():
        contrasts = state.get("contrasts")
        if contrasts is not None:
            levels[str(factor)] = tuple(contrasts.levels)
            if hasattr(contrasts.contrasts, "base"):
                treatment.add(str(factor))
    out = []
    for encoded in spec.structure:
        keys = [key for scoped in encoded.scoped_terms for key in _keys(scoped, levels, spec)]
        if len(keys) != len(encoded.columns):
            # a factor of several numbers (a spline): its columns are what they are called
            keys = [frozenset({(name, None)}) for name in encoded.columns]
        out += [Column(str(n), str(encoded.term), key) for n, key in zip(encoded.columns, keys, strict=True)]
    return Columns(tuple(out), levels, frozenset(treatment))


def _keys(scoped: Any, levels: dict[str, tuple[Any, ...]], spec: ModelSpec) -> list[Key]:
    """Factors and levels of the columns of one part of a term, the first factor running fastest."""
    choices = []
    for part in scoped.factors:
        factor = str(part.factor.expr)
        if factor not in levels:
            choices.append([(factor, None)])
            continue
        known = levels[factor]
        base = base_of(spec, factor)
        choices.append([(factor, level) for level in known if not (part.reduced and level == base)])
    return [frozenset(reversed(pairs)) for pairs in product(*reversed(choices))]


def base_of(spec: ModelSpec, factor: str) -> Any:
    """The base level of a category."""
    for name, (_, state) in spec.encoder_state.items():
        if str(name) == factor:
            contrasts = state["contrasts"]
            given = getattr(contrasts.contrasts, "base", None)
            known = list(contrasts.levels)
            return given if given in known else known[0]
    return None


def named_terms(given: Any, role: str) -> dict[str, list[str]]:
    """Terms by the name of their group, each a list of at least one."""
    if isinstance(given, Mapping) and given:
        out = {str(name): [terms] if isinstance(terms, str) else terms for name, terms in given.items()}
        if all(isinstance(terms, list | tuple) and terms and all(map(_is_text, terms)) for terms in out.values()):
            return {name: list(terms) for name, terms in out.items()}
    raise DataError(
        f"{role} is a mapping of names to terms, one at least for each name.",
        where=role,
        found=repr(given)[:60],
        expected="{'job': ['autonomy', 'C(contract)'], 'firm': ['firm_size']}",
    )


def _is_text(value: object) -> bool:
    """Whether something is text."""
    return isinstance(value, str)

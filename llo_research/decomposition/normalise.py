"""Coefficients of categories as deviations from their own mean, so that no base level matters.

For a category with coefficients b_1..b_K (0 for the base) and their mean c = sum_k b_k / K, the normalised ones are
b_k - c, and c goes to what the category is multiplied with: the constant, or in an interaction the other factor
(Gardeazabal, J. and Ugidos, A. (2004). More on identification in detailed wage decompositions. Review of Economics and
Statistics, 86, 1034-1036; Yun, M.-S. (2005). A simple solution to the identification problem in detailed wage
decompositions. Economic Inquiry, 43, 766-772). Both the coefficients and the means of the columns are linear maps of
the model's own, of which every row of the decomposition is a product: the prediction x'b stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.decomposition.columns import Columns, Key, base_of, columns_of, variable_of
from llo_research.errors import DataError
from llo_research.numerics.groups import Floats

if TYPE_CHECKING:
    from formulaic import ModelSpec


@dataclass(frozen=True, eq=False)
class Terms:
    """The rows that a decomposition lists, as linear maps of a model's coefficients and column means.

    names : (Q,) how each is called.
    coefficients, means : (Q, q) from the model's q coefficients, and from the means of its q columns.
    constant : (Q,) whether it is the constant, which explains nothing.
    owners : (Q,) the model's columns (numbers) or, of a category, the factor, by which subsets name them.
    """

    names: tuple[str, ...]
    coefficients: Floats
    means: Floats
    constant: np.ndarray
    owners: tuple[tuple[str, ...], ...]


def terms_of(spec: ModelSpec, normalise: Sequence[str] = ()) -> Terms:
    """The rows of a formula's right-hand side; `normalise` names categories that list every level.

    Raises
    ------
    DataError
        A name that is no category of the formula, or one with contrasts of its own.
    """
    columns = columns_of(spec)
    factors = tuple(dict.fromkeys(_checked(name, columns) for name in normalise))
    if factors:
        return _Normalised(columns, spec, factors).terms()
    eye = np.eye(len(columns.columns))
    constant = np.array([not column.key for column in columns.columns])
    owners = tuple((c.name, c.term, variable_of(c.term)) for c in columns.columns)
    return Terms(columns.names, eye, eye, constant, owners)


def _checked(name: str, columns: Columns) -> str:
    """The factor of a name in `normalize`."""
    factor = columns.factor(name) if isinstance(name, str) else None
    if factor is None:
        known = ", ".join(repr(variable_of(f)) for f in columns.levels)
        raise DataError(
            "Only categories of the formula can be normalised.",
            where="normalize",
            found=repr(name),
            expected=known or "a formula with a category, as C(education)",
            todo="name the column as the formula does; leave numbers out",
        )
    if factor not in columns.treatment:
        raise DataError(
            "A category with contrasts of its own cannot be normalised.",
            where=f"normalize, {factor}",
            expected="C(column), whose base level has no coefficient",
            todo=f"write C({variable_of(factor)}) in the formula",
        )
    return factor


class _Normalised:
    """Works out the maps of the normalised terms of one formula."""

    def __init__(self, columns: Columns, spec: ModelSpec, factors: tuple[str, ...]) -> None:
        self.columns, self.factors = columns, factors
        self.base = {factor: base_of(spec, factor) for factor in columns.levels}
        self.place = {column.key: j for j, column in enumerate(columns.columns)}
        self.q = len(columns.columns)
        self.term_of: dict[Key, str] = {}

    def terms(self) -> Terms:
        """Every level of the normalised categories, coefficients moved."""
        coefficients = {key: self._unit(j) for key, j in self.place.items()}
        keys = list(self._listed())
        for key in keys:
            coefficients.setdefault(key, np.zeros(self.q))
        for factor in self.factors:
            for rest in self._rests(coefficients, factor):
                levels = [rest | {(factor, level)} for level in self.columns.levels[factor]]
                mean = np.mean([coefficients[key] for key in levels], axis=0)
                for key in levels:
                    coefficients[key] = coefficients[key] - mean
                coefficients[rest] = coefficients.get(rest, np.zeros(self.q)) + mean
        keys += [key for key in coefficients if key not in keys]
        keys.sort(key=lambda key: len(key) > 0)
        return Terms(
            tuple(self._name(key) for key in keys),
            np.array([coefficients[key] for key in keys]),
            np.array([self._mean(key) for key in keys]),
            np.array([not key for key in keys]),
            tuple(self._owners(key) for key in keys),
        )

    def _unit(self, j: int) -> Floats:
        """(q,) the j-th of the model's own."""
        out = np.zeros(self.q)
        out[j] = 1.0
        return out

    def _listed(self) -> Iterator[Key]:
        """The model's columns in order, with all levels of the normalised categories at the first of each term."""
        seen: set[Key] = set()
        for column in self.columns.columns:
            wholes = [frozenset(column.key)]
            for factor in self.factors:
                wholes = [one for key in wholes for one in self._all_levels(key, factor)]
            for key in wholes:
                self.term_of.setdefault(key, column.term)
                if key not in seen:
                    seen.add(key)
                    yield key

    def _all_levels(self, key: Key, factor: str) -> list[Key]:
        """A column at every level of a factor that it has."""
        own = [pair for pair in key if pair[0] == factor]
        if not own:
            return [key]
        return [key - set(own) | {(factor, level)} for level in self.columns.levels[factor]]

    def _rests(self, coefficients: dict[Key, Floats], factor: str) -> list[Key]:
        """What a factor is multiplied with, longest first."""
        rests = {key - {pair}: None for key in coefficients for pair in key if pair[0] == factor}
        return sorted(rests, key=len, reverse=True)

    def _mean(self, key: Key) -> Floats:
        """(q,) the mean of a column, as a map of the means of the model's own columns."""
        if key in self.place:
            return self._unit(self.place[key])
        for factor, level in sorted(key, key=str):
            if factor in self.base and level == self.base[factor]:
                rest = key - {(factor, level)}
                others = [rest | {(factor, other)} for other in self.columns.levels[factor] if other != level]
                return np.asarray(self._mean(rest) - np.sum([self._mean(other) for other in others], axis=0))
        for factor, levels in self.columns.levels.items():
            whole = [key | {(factor, level)} for level in levels]
            if not any(pair[0] == factor for pair in key) and all(one in self.place for one in whole):
                return np.asarray(np.sum([self._unit(self.place[one]) for one in whole], axis=0))
        raise DataError(
            "A category stands in an interaction in a way that cannot be normalised.",
            where=f"normalize, {self._name(key)}",
            expected="the interaction's factors by themselves in the formula too, as C(a) * C(b)",
            todo="write the main effects, or leave the category out of normalize",
        )

    def _name(self, key: Key) -> str:
        """``education[high]`` of a normalised category, formulaic's words of all else."""
        if not key:
            return "Intercept"
        if key in self.place and not any(factor in self.factors for factor, _ in key):
            return self.columns.columns[self.place[key]].name
        return ":".join(self._part(factor, level) for factor, level in sorted(key, key=self._order))

    def _order(self, pair: tuple[str, Any]) -> tuple[int, str]:
        """Factors in the order of the formula."""
        known = list(self.columns.levels)
        return (known.index(pair[0]) if pair[0] in known else len(known), pair[0])

    def _part(self, factor: str, level: Any) -> str:
        """One factor of a name."""
        if factor in self.factors:
            return f"{variable_of(factor)}[{level}]"
        return factor if level is None else f"{factor}[T.{level}]"

    def _owners(self, key: Key) -> tuple[str, ...]:
        """Names by which a subset may speak of it."""
        own = [self.columns.columns[self.place[key]].name] if key in self.place else []
        term = self.term_of.get(key, "")
        return (*own, self._name(key), *((term, variable_of(term)) if term else ()))

"""Which rows of a model are alike: with categories and scales of few values, people answer in few ways."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from llo_research.decomposition.columns import Columns, variable_of
from llo_research.numerics.groups import Codes, Floats, codes_of_pairs
from llo_research.regression.model_data import ModelData
from llo_research.survey.variables import variable

# Rows are joined where at most this share of them is left; a look at so many of them tells whether that may be.
_SHARE, _LOOK = 1 / 2, 1000


def places_of(data: ModelData, columns: Columns, cell: Codes, number: int) -> Codes | None:
    """(m,) the same number for rows with equal outcome, regressors and cell; None where hardly any are.

    cell : (m,) codes below `number`. Rows with equal variables have equal regressors where each factor of the formula
    is a column as it stands or a category; of other functions nothing is known.
    """
    factors = [factor for term in data.right.spec.formula for factor in term.factors]
    kinds = {factor.expr: str(factor.eval_method.value) for factor in factors}
    names = [variable_of(name) if name in columns.levels else name for name, kind in kinds.items() if kind != "literal"]
    if not set(names) <= set(data.columns):
        return None
    place = cell
    for codes, own in _coded(data, names):
        place, kept = codes_of_pairs(place, codes, number, own)
        number = len(kept)
        if number > _SHARE * len(place):
            return None
    return place


def _coded(data: ModelData, names: list[str]) -> Iterator[tuple[Codes, int]]:
    """Codes of the outcome and of these columns for the rows used, and their number."""
    yield from _numbers(data.y)
    for name in names:
        found = variable(data.svy._frame, name, "the model")
        if found.kind == "category":
            yield found.codes[data.rows], len(found.levels)
        else:
            yield from _numbers(found.values[data.rows])


def _numbers(values: Floats) -> Iterator[tuple[Codes, int]]:
    """Codes of numbers; as many as rows where a look at some finds many."""
    some = values[:: max(1, len(values) // _LOOK)]
    if len(np.unique(some)) > _SHARE * len(some):
        yield np.arange(len(values)), len(values)
    else:
        codes, kept = pd.factorize(values)
        yield codes.astype(np.intp, copy=False), len(kept)

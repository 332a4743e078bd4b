"""Weighted means of cells of a model's rows, as estimates with influence and replicates."""

from __future__ import annotations

import numpy as np

from llo_research.design.scores import Block, Scores
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.regression.model_data import ModelData
from llo_research.results.estimates import Estimates


def means_of_cells(data: ModelData, values: Floats, cell: Codes, number: int) -> tuple[Estimates, Floats, Floats]:
    """Sums of weights (K,) and weighted means (K, q) of all cells; as estimates cell by cell, and by themselves.

    values : (m, q) of the rows of the model. cell : (m,) cell of each. number : K.
    """
    q = values.shape[1]
    weights = group_sums(cell, data.weights, number)
    means = group_sums(cell, data.weights[:, None] * values, number) / weights[:, None]
    codes = np.full(len(data.svy), number, dtype=np.intp)
    codes[data.rows] = cell
    deviation = (values - means[cell]) * (data.weights / weights[cell])[:, None]
    influence = np.zeros((len(data.svy), q + 1))
    influence[data.rows] = np.column_stack([data.weights, deviation])
    replicates = data.svy.design.replicates
    at = None
    if replicates is not None:
        given = np.zeros((len(data.svy), q + 1))
        given[data.rows] = np.column_stack([np.ones(len(cell)), values])
        totals = replicates.totals(codes, given, number)
        there = totals[:, :, :1]
        of_cells = np.divide(totals[:, :, 1:], there, out=np.zeros_like(totals[:, :, 1:]), where=there > 0)
        at = np.concatenate([there, of_cells], axis=2).reshape(len(totals), -1)
    value = np.column_stack([weights, means]).ravel()
    scores = Scores((Block(codes, influence, number),), data.all_weights)
    return Estimates(value, scores, at), weights, means

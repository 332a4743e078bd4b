"""The wild cluster bootstrap of panel estimators: their transformed rows as a linear model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.rank import independent_columns
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.panel.effects import Groups, effects_of, is_nested
from llo_research.regression.panel.solution import cross_products
from llo_research.regression.wild import LinearFit, WildTests, wild_tests
from llo_research.results.vcov import ByCluster

# Dummies of effects that are not nested in the clusters stand among the regressors up to this number.
_MOST_DUMMIES = 300
# Dummies of which this share of their weight is left are carried by nested effects.
_THIN = 1e-10


@dataclass(frozen=True, eq=False)
class LinearRows:
    """The rows of a linear estimator.

    x : (d, p) regressors, further ones after those of the terms. y, weights : (d,).
    """

    x: Floats
    y: Floats
    weights: Floats


def within_rows(x: Floats, y: Floats, weights: Floats, effects: Sequence[Groups], clusters: Codes) -> LinearRows:
    """Rows of a within estimator: nested effects are taken out, dummies of the others are regressors.

    A sign for a whole cluster leaves what is within nested groups within them; the effects of other groups must be
    fitted to each draw. clusters : (d,) cluster of each row.
    """
    inside = [group for group in effects if is_nested(group.codes, clusters, group.number)]
    others = [group for group in effects if group not in inside]
    if sum(group.number for group in others) > _MOST_DUMMIES:
        raise DataError(
            "The wild bootstrap would have to fit too many effects to each draw.",
            where="vcov='wild'",
            found=", ".join(f"{group.name}: {group.number}" for group in others),
            expected=f"at most {_MOST_DUMMIES} effects that are not nested in the clusters",
            todo="cluster by a column in which the units are nested",
        )
    dummies = [(group.codes[:, None] == np.arange(group.number)).astype(np.float64) for group in others]
    columns = np.column_stack([x, *dummies, y])
    if inside:
        columns = effects_of(inside, weights).project(columns).left
    gram = cross_products(columns[:, :-1], columns[:, -1], weights)[:-1, :-1]
    # dummies of which nested effects leave rounding only
    size = np.concatenate([np.zeros(x.shape[1]), *(weights @ dummy for dummy in dummies)])
    thin = np.diag(gram) <= _THIN * size
    gram[thin] = gram[:, thin] = 0.0
    return LinearRows(columns[:, :-1][:, independent_columns(gram).kept], columns[:, -1], weights)


def tests(rows: LinearRows, p: int, vcov: ByCluster, clusters: Codes, options: VcovOptions, level: float) -> WildTests:
    """The tests of the first p coefficients. clusters : (d,) cluster of each row."""
    products = cross_products(rows.x, rows.y, rows.weights)
    inverse = np.asarray(np.linalg.inv(products[:-1, :-1]), dtype=np.float64)
    beta = inverse @ products[:-1, -1]
    number = int(clusters.max()) + 1
    scores = rows.x * (rows.weights * (rows.y - rows.x @ beta))[:, None]
    sums = group_sums(clusters, scores, number) @ inverse
    errors = np.asarray(np.sqrt(vcov.factor * np.einsum("gj,gj->j", sums, sums)), dtype=np.float64)
    bread = np.asarray(inverse, dtype=np.float64)
    fit = LinearFit(rows.x, rows.y, rows.weights, beta, bread, clusters, number, errors, vcov.factor)
    return wild_tests(fit, options, level, first=p)

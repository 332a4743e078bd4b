"""The random-effects estimator as a function of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llo_research.design.replicates import Replicates
from llo_research.numerics.groups import Codes, Floats
from llo_research.regression.panel import replicates as at_replicates
from llo_research.regression.panel.effects import Panel
from llo_research.regression.panel.random_components import Components, Moments, components, gram_of
from llo_research.regression.panel.solution import Solution, least_squares


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of [x, y] as unit means and what is left of them.

    left : (m, q) values less their unit's mean. means : (N, q). waves, weights : (N,) of the units.
    first : (N,) number of a row of each unit.
    """

    left: Floats
    means: Floats
    waves: Floats
    weights: Floats
    first: Codes


def split(x: Floats, y: Floats, panel: Panel) -> Split:
    """Means and deviations; every unit has one weight."""
    values = np.column_stack([x, y])
    means = panel.means(values)
    first = np.empty(panel.unit.number, dtype=np.intp)
    first[panel.unit.codes[::-1]] = np.arange(len(y))[::-1]
    return Split(values - means[panel.unit.codes], means, panel.waves, panel.weights[first], first)


def moments(parts: Split, panel: Panel) -> Moments:
    """Cross-products at the full sample."""
    values, which = np.unique(parts.waves, return_inverse=True)
    w, own = panel.weights, parts.weights

    def of_means(weights: Floats) -> Floats:
        chosen = [which == v for v in range(len(values))]
        return np.array([(parts.means[c] * weights[c, None]).T @ parts.means[c] for c in chosen])

    return Moments(
        np.asarray(values),
        np.bincount(which, own).astype(np.float64),
        (parts.left * w[:, None]).T @ parts.left,
        (parts.left * w[:, None] ** 2).T @ parts.left,
        of_means(own),
        of_means(own**2),
    )


def random(x: Floats, y: Floats, panel: Panel, names: Sequence[str]) -> tuple[Solution, Components]:
    """Least squares of rows less theta times their unit's mean, and the variance components.

    Parameters
    ----------
    x : (m, p) regressors, the constant among them
    y : (m,)
    panel : units of the rows, with one weight each
    names : (p,)
    """
    found = components(moments(split(x, y, panel), panel))
    moved = transformed(x, y, panel, found)
    return least_squares(moved[:, :-1], moved[:, -1], panel.weights, names), found


def transformed(x: Floats, y: Floats, panel: Panel, found: Components) -> Floats:
    """(m, p + 1) rows of [x, y] less theta times their unit's mean."""
    parts = split(x, y, panel)
    kept = (1 - found.theta(parts.waves))[:, None] * parts.means
    return np.asarray(parts.left + kept[panel.unit.codes])


def random_at_replicates(x: Floats, y: Floats, panel: Panel, replicates: Replicates, rows: Codes) -> Floats:
    """(R, p) coefficients, with the components estimated anew at each replicate."""
    parts = split(x, y, panel)
    values, which = np.unique(parts.waves, return_inverse=True)
    with_one = np.column_stack([parts.means, np.ones(len(parts.means))])

    def rows_of(power: int) -> Floats:
        w = panel.weights
        return at_replicates.grams_at(replicates, rows, parts.left, w**power, w, power=power)

    def units(power: int) -> Floats:
        made = []
        for v in range(len(values)):
            c = which == v
            w = parts.weights[c]
            made.append(at_replicates.grams_at(replicates, rows[parts.first[c]], with_one[c], w**power, w, power=power))
        return np.array(made).transpose(1, 0, 2, 3)

    within, within_squared, means, squared = rows_of(1), rows_of(2), units(1), units(2)
    squares = []
    for r in range(replicates.n_replicates):
        own = means[r][:, :-1, :-1]
        at = Moments(values, means[r][:, -1, -1], within[r], within_squared[r], own, squared[r][:, :-1, :-1])
        squares.append(gram_of(at, components(at)))
    return at_replicates.from_grams(np.array(squares), x.shape[1])

"""The between estimator as a function of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from llo_research.numerics.groups import Floats
from llo_research.regression.panel.effects import Panel
from llo_research.regression.panel.solution import Solution, least_squares


def between(x: Floats, y: Floats, panel: Panel, names: Sequence[str]) -> Solution:
    """Least squares of unit means, each unit with the mean W_i of its weights; scores stand at the rows.

    Means and W_i move with the weights, so that a row's score is w_it / T_i (x_it u_i + xbar_i e_it - xbar_i u_i), u_i
    the residual of the means and e_it that of the row.
    """
    means = panel.means(np.column_stack([x, y]))
    weights = panel.totals / panel.waves
    solution = least_squares(means[:, :-1], means[:, -1], weights, names)
    code = panel.unit.codes
    of_unit, of_row = solution.residuals[code, None], (y - x @ solution.coefficients)[:, None]
    moved = x * of_unit + means[code, :-1] * (of_row - of_unit)
    return replace(solution, scores=moved * (panel.weights / panel.waves[code])[:, None])


def unit_rows(x: Floats, y: Floats, panel: Panel) -> tuple[Floats, Floats]:
    """(N, p + 1) means of x and y, and (N,) weights of the units."""
    return panel.means(np.column_stack([x, y])), panel.totals / panel.waves

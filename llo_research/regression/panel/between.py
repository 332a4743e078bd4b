"""Between estimator: what goes with differences between units."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from llo_research.numerics.groups import Floats, group_sums
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.model_data import ModelData
from llo_research.regression.panel.between_fit import between as between_fit
from llo_research.regression.panel.between_fit import unit_rows
from llo_research.regression.panel.call import Call, Found
from llo_research.regression.panel.effects import Panel
from llo_research.regression.panel.replicates import from_grams, grams_at, one_by_one, one_factor
from llo_research.regression.panel.wild_rows import LinearRows

if TYPE_CHECKING:
    from llo_research.design.replicates import Replicates
    from llo_research.survey.survey import Survey


def between(
    formula: str,
    svy: Survey,
    *,
    vcov: str = "design",
    cluster: str | list[str] | None = None,
    lags: int | None = None,
    small_sample: str | None = None,
    seed: int | None = None,
    draws: int = 9999,
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
) -> Fit:
    """Regression of the units' means of y on their means of x.

    Use it to see what goes with lasting differences between persons, beside what goes with changes within them
    (:func:`fixed_effects`); :func:`hybrid` has both in one model.

    Parameters
    ----------
    formula : str
        ``"y ~ x"``.
    svy : Survey
        With `unit`.
    vcov, cluster, lags, small_sample, seed, draws, level, missing, plausible
        As in :func:`fixed_effects`.

    Returns
    -------
    Fit
        One row per `term`; ``nobs`` counts units.

    Raises
    ------
    IdentificationError
        A regressor that does not vary between units; one unit.
    DataError
        A unit with two rows at one time.

    Notes
    -----
    b solves sum_i W_i (ybar_i - xbar_i'b) xbar_i = 0, ybar_i and xbar_i weighted means of the unit's rows and W_i the
    mean of its T_i weights [1]_. With u_i the residual of the means and e_it that of a row, its influence is
    w_it / T_i B^-1 (x_it u_i + xbar_i e_it - xbar_i u_i), B = sum W_i xbar_i xbar_i': means and W_i move with weights.

    References
    ----------
    .. [1] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed. MIT Press, section
       10.2; Baltagi, B. H. (2021). Econometric Analysis of Panel Data, 6th ed. Springer, section 2.2.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3], "year": [1, 2] * 3, "x": [0.0, 1, 0, 2, 1, 2], "w": 1.0})
    >>> frame["y"] = [1.0, 2, 2, 3, 3, 4]
    >>> fit = llo.panel.between("y ~ x", llo.Survey(frame, weights="w", unit="who", time="year"))
    >>> fit.to_frame()["estimate"].round(3).tolist(), fit.nobs
    ([0.5, 2.0], 3)
    """
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    call = Call("between", formula, options, level, missing, plausible)
    return call.fit(svy, lambda data, panel: found(data, panel, by_unit=vcov != "design"))


def found(data: ModelData, panel: Panel, *, by_unit: bool) -> Found:
    """The estimator on the rows of a model; `by_unit`: scores stand at one row of each unit."""
    solution = between_fit(data.x, data.y, panel, data.names)
    replicates, n_units = data.svy.design.replicates, panel.unit.number
    at = None if replicates is None else _at_replicates(data, panel, replicates)
    means, weights = unit_rows(data.x, data.y, panel)
    code, rows = panel.unit.codes, data.rows
    fitted = (means[:, :-1] @ solution.coefficients)[code]
    residuals = solution.residuals[code]
    if by_unit:
        first = np.unique(code, return_index=True)[1]
        solution = replace(solution, scores=group_sums(code, solution.scores, n_units))
        rows, fitted, residuals = rows[first], fitted[first], residuals[first]
    told = {"estimand": panel.estimand("means of units"), "r2_between": solution.explained, "n_rows": len(data.rows)}
    linear = LinearRows(means[:, :-1], means[:, -1], weights)
    return Found(
        data,
        panel,
        data.names,
        solution,
        rows,
        fitted,
        residuals,
        n_units,
        at,
        (),
        told,
        linear=lambda clusters: linear,
    )


def _at_replicates(data: ModelData, panel: Panel, replicates: Replicates) -> Floats:
    """(R, p) coefficients; means stay where a unit's rows have one factor."""
    p = data.x.shape[1]
    if one_factor(replicates, data.rows, panel.unit.codes, panel.weights):
        first = np.unique(panel.unit.codes, return_index=True)[1]
        means, weights = unit_rows(data.x, data.y, panel)
        own = panel.weights[first]
        return from_grams(grams_at(replicates, data.rows[first], means, weights, own), p)

    def solve(weights: Floats) -> Floats:
        used = weights > 0
        totals = np.bincount(panel.unit.codes, weights, panel.unit.number)
        waves = np.bincount(panel.unit.codes, used, panel.unit.number)
        values = np.column_stack([data.x, data.y])
        there = totals > 0
        means = group_sums(panel.unit.codes, weights[:, None] * values, panel.unit.number)[there] / totals[there, None]
        square = (means * (totals[there] / waves[there])[:, None]).T @ means
        return np.asarray(from_grams(square[None], p)[0])

    return one_by_one(replicates, data.rows, solve)

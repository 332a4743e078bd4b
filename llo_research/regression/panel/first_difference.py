"""First differences: what goes with changes from one wave to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from llo_research.errors import IdentificationError
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.model_data import ModelData
from llo_research.regression.panel.call import Call, Found, without_constant
from llo_research.regression.panel.differences import differences
from llo_research.regression.panel.effects import Panel, check_constant, check_followed, column_of
from llo_research.regression.panel.replicates import from_grams, grams_at
from llo_research.regression.panel.solution import check_absorbed, least_squares, squares
from llo_research.regression.panel.wild_rows import LinearRows

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def first_difference(
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
    """Regression of the changes of y on the changes of x, from one wave of the survey to the next.

    Use it beside :func:`fixed_effects`: both hold fixed what stays the same of a person, and agree with two waves; with
    more they differ where errors last, or where effects come late.

    Parameters
    ----------
    formula : str
        ``"y ~ x"``; there is no constant. Effects of time are a term, ``C(year)``.
    svy : Survey
        With `unit` and `time`, and one weight for each unit (or ``unit_weights``).
    vcov, cluster, lags, small_sample, seed, draws, level, missing, plausible
        As in :func:`fixed_effects`.

    Returns
    -------
    Fit
        One row per `term`; ``nobs`` counts differences. A unit that was absent in between gives none: ``.meta`` counts
        these gaps.

    Raises
    ------
    DesignError
        Weights that vary within units; a survey without `unit` or `time`.
    IdentificationError
        A regressor that never changes; no unit in two adjoining waves.

    Notes
    -----
    b solves sum w_i (dy_it - dx_it'b) dx_it = 0 over units and waves, w_i the probability weight of the unit (a
    difference has no other [1]_; programs that scale rows before they subtract solve another equation). A difference
    counts at its later row, with influence w_i (dX'W dX)^-1 dx_it de_it: the sum over a unit's rows is the derivative
    in the unit's weight.

    References
    ----------
    .. [1] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed. MIT Press, section
       10.6.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3], "year": [1, 2] * 3, "x": [0.0, 1, 0, 2, 1, 1], "w": 1.0})
    >>> frame["y"] = 2 * frame["x"] + 5 * frame["who"] + [0, 0.5, 0, 0, 0, 0]
    >>> fit = llo.panel.first_difference("y ~ x", llo.Survey(frame, weights="w", unit="who", time="year"))
    >>> fit.to_frame()["estimate"].round(3).tolist(), fit.nobs
    ([2.1], 3)
    """
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    column_of("time", svy)
    call = Call("first_difference", formula, options, level, missing, plausible)
    return call.fit(svy, found)


def found(data: ModelData, panel: Panel) -> Found:
    """The estimator on the rows of a model."""
    check_constant(panel, "A regression of differences")
    check_followed(panel, "A regression of differences")
    pairs = differences(panel)
    if not len(pairs.later):
        raise IdentificationError(
            "No unit is observed in two adjoining waves.",
            where=f"time {data.svy._arguments['time']!r}",
            found=f"{pairs.gaps} pairs of rows with waves between them",
            todo="llo.panel.fixed_effects, which compares waves at any distance",
        )
    x, names = without_constant(data)
    moved, y, weights = pairs.of(x), pairs.of(data.y), panel.weights[pairs.later]
    check_absorbed(weights @ moved**2, *squares(x, panel.weights), names, ["the unit"])
    solution = least_squares(moved, y, weights, names)
    replicates, rows = data.svy.design.replicates, data.rows[pairs.later]
    told = {"estimand": panel.estimand("changes between adjoining waves"), "gaps": pairs.gaps, "n_rows": len(data.rows)}
    at = None
    if replicates is not None:
        at = from_grams(grams_at(replicates, rows, np.column_stack([moved, y]), weights, weights), len(names))
    residuals = solution.residuals
    linear = LinearRows(moved, y, weights)
    return Found(
        data,
        panel,
        names,
        solution,
        rows,
        y - residuals,
        residuals,
        len(rows),
        at,
        (),
        told,
        linear=lambda clusters: linear,
    )

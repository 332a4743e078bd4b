"""Mundlak's device and the hybrid model: within and between differences in one regression."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from llo_research.numerics.families import Family, family_of
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.model_data import ModelData
from llo_research.regression.panel.call import Call, Found
from llo_research.regression.panel.effects import Panel, check_followed
from llo_research.regression.panel.solution import Solution
from llo_research.regression.panel.unit_means import ModelWithMeans, scores, with_means, with_unit_means
from llo_research.regression.panel.wild_rows import LinearRows

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def mundlak(
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
    """Pooled regression with the units' means of the regressors beside them (Mundlak's device).

    Use it for the coefficients of :func:`fixed_effects` (those of x are equal to them) together with regressors that
    never change; a coefficient of ``mean(x)`` is how much more differences between persons carry than changes within.

    Parameters
    ----------
    formula : str
        ``"y ~ x + z"``; each regressor that varies within units gets a term ``mean(x)``, unless its means are equal
        (dummies of years, when everybody is there in all): ``.meta["means_equal"]`` names these.
    svy : Survey
        With `unit`.
    vcov, cluster, lags, small_sample, seed, draws, level, missing, plausible
        As in :func:`fixed_effects`.

    Returns
    -------
    Fit
        One row per `term`.

    Raises
    ------
    IdentificationError
        A regressor that is a combination of others; no unit in two waves.

    Notes
    -----
    y_it = x_it'b + m_i'g + z_i'd + e_it by weighted least squares over all rows [1]_, with weighted means
    m_i = sum_t w_it x_it / sum_t w_it: only with the weights of the regression is b that of fixed effects. The
    influence has the derivative of the means in the weights.

    References
    ----------
    .. [1] Mundlak, Y. (1978). On the pooling of time series and cross section data. Econometrica, 46, 69-85.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3], "year": [1, 2] * 3, "x": [0.0, 1, 0, 2, 1, 1], "w": 1.0})
    >>> frame["y"] = 2 * frame["x"] + 5 * frame["who"] + [0, 0.5, 0, 0, 0, 0]
    >>> fit = llo.panel.mundlak("y ~ x", llo.Survey(frame, weights="w", unit="who", time="year"))
    >>> fit.to_frame()[["term", "estimate"]].round(2).values.tolist()
    [['Intercept', -2.0], ['x', 2.1], ['mean(x)', 14.4]]
    """
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    call = Call("mundlak", formula, options, level, missing, plausible)
    return call.fit(svy, lambda data, panel: found(data, panel, family_of("gaussian"), missing))


def hybrid(
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
    """Within-between model: the effect of changes within units and that of differences between them, side by side.

    Use it as :func:`mundlak`, when the effect between persons itself is wanted and not what it has beyond that within.

    Parameters
    ----------
    formula : str
        ``"y ~ x + z"``. The term ``x`` is the effect within units (that of :func:`fixed_effects`), ``mean(x)`` that
        between them; regressors that never change have one term. So have those whose means are the same for all units,
        as ``C(year)`` where everybody is there in each year: the constant stands for them (``.meta["means_equal"]``).
    svy : Survey
        With `unit`.
    vcov, cluster, lags, small_sample, seed, draws, level, missing, plausible
        As in :func:`fixed_effects`.

    Returns
    -------
    Fit
        One row per `term`.

    Raises
    ------
    IdentificationError
        A regressor that is a combination of others; no unit in two waves.

    Notes
    -----
    y_it = (x_it - m_i)'b_W + m_i'b_B + z_i'd + e_it, pooled weighted least squares with weighted means [1]_: the model
    of :func:`mundlak` with b_B = b + g.

    References
    ----------
    .. [1] Bell, A. and Jones, K. (2015). Explaining fixed effects: random effects modeling of time-series
       cross-sectional and panel data. Political Science Research and Methods, 3, 133-153.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3], "year": [1, 2] * 3, "x": [0.0, 1, 0, 2, 1, 1], "w": 1.0})
    >>> frame["y"] = 2 * frame["x"] + 5 * frame["who"] + [0, 0.5, 0, 0, 0, 0]
    >>> fit = llo.panel.hybrid("y ~ x", llo.Survey(frame, weights="w", unit="who", time="year"))
    >>> fit.to_frame()[["term", "estimate"]].round(2).values.tolist()
    [['Intercept', -2.0], ['x', 2.1], ['mean(x)', 16.5]]
    """
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    call = Call("hybrid", formula, options, level, missing, plausible)
    return call.fit(svy, lambda data, panel: _turned(found(data, panel, family_of("gaussian"), missing)))


def found(data: ModelData, panel: Panel, family: Family, missing: str) -> Found:
    """A pooled model with unit means, on the rows of a model."""
    check_followed(panel, "A model with unit means")
    wider = with_means(data, panel, missing)
    model = with_unit_means(wider, panel, family)
    own, fitted = model.data, model.at.mean
    names = tuple(name.strip("`") for name in own.names)
    told = {
        "estimand": panel.estimand("pooled regression with unit means"),
        "means_of": [names[j] for j in model.source],
        "means_equal": list(wider.equal),
        "family": family.name,
        "link": family.link.name,
    }
    residuals = own.y - fitted
    solution = _solution(model)
    n = len(own.rows)
    linear = LinearRows(own.x, own.y, own.weights)
    return Found(
        own,
        panel,
        names,
        solution,
        own.rows,
        fitted,
        residuals,
        n,
        model.replicates,
        (),
        told,
        (model,),
        (lambda clusters: linear) if family.name == "gaussian" else None,
    )


def _solution(model: ModelWithMeans) -> Solution:
    """The model as its coefficients and scores."""
    w, y = model.data.weights, model.data.y
    total = float(w @ (y - w @ y / w.sum()) ** 2)
    left = float(w @ (y - model.at.mean) ** 2)
    return Solution(
        model.beta,
        model.inverse,
        scores(model),
        y - model.at.mean,
        len(model.beta),
        model.dispersion * float(w.mean()),
        1 - left / total if total > 0 else np.nan,
    )


def _turned(pooled: Found) -> Found:
    """The hybrid's coefficients: those of the means are the sum of both."""
    model = pooled.models[0]
    assert isinstance(model, ModelWithMeans)
    turn = np.eye(len(pooled.names))
    turn[list(model.means), list(model.source)] = 1.0
    at = None if pooled.replicates is None else pooled.replicates @ turn.T
    back = np.linalg.inv(turn)
    solution = replace(
        pooled.solution,
        coefficients=turn @ pooled.solution.coefficients,
        inverse=turn @ pooled.solution.inverse @ turn.T,
        scores=pooled.solution.scores @ back,
    )
    linear = LinearRows(model.data.x @ back, model.data.y, model.data.weights)
    return replace(pooled, solution=solution, replicates=at, models=(), linear=lambda clusters: linear)

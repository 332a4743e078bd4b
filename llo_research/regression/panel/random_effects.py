"""Random effects: within and between differences weighed by how much units differ."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from llo_research.errors import LloWarning
from llo_research.numerics.groups import Codes
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.model_data import ModelData
from llo_research.regression.panel.call import Call, Found
from llo_research.regression.panel.effects import Panel, check_constant, check_followed
from llo_research.regression.panel.random_components import Components
from llo_research.regression.panel.random_fit import random, random_at_replicates, transformed
from llo_research.regression.panel.wild_rows import LinearRows

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def random_effects(
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
    """Random-effects regression, with variance components of Swamy and Arora (Baltagi and Chang when unbalanced).

    Use it when what is unseen of persons may be taken as unrelated to the regressors (test it with :func:`hausman`);
    it keeps regressors that never change, and is more precise than :func:`fixed_effects` if that holds.

    Parameters
    ----------
    formula : str
        ``"y ~ x"``.
    svy : Survey
        With `unit`, and one weight for each unit (or ``unit_weights``).
    vcov, cluster, lags, small_sample, seed, draws, level, missing, plausible
        As in :func:`fixed_effects`.

    Returns
    -------
    Fit
        One row per `term`; ``.meta["components"]`` has the variances of errors and unit effects, and the shares theta
        of the unit's mean that are taken off.

    Raises
    ------
    DesignError
        Weights that vary within units.
    IdentificationError
        A regressor that is a combination of others; no unit in two waves.

    Warns
    -----
    LloWarning
        A variance of unit effects below zero, which is set to 0: the fit is then the pooled regression.

    Notes
    -----
    Rows less theta_i times their unit's mean, theta_i = 1 - sqrt(s2_e / (T_i s2_u + s2_e)), are regressed with the
    units' weights. s2_e comes from the residuals within units, s2_u from those of the means [1]_, unbalanced panels by
    [2]_, with the weights in all moments and their expectations (with equal weights these are the numbers of R's plm).
    The influence w_i (X*'WX*)^-1 x*_it e*_it holds the components at their values (``.meta`` says so): if the model
    holds, b does not depend on them on average, and their error is one of second order. Replicates estimate them anew.

    References
    ----------
    .. [1] Swamy, P. A. V. B. and Arora, S. S. (1972). The exact finite sample properties of the estimators of
       coefficients in the error components regression models. Econometrica, 40, 261-275.
    .. [2] Baltagi, B. H. and Chang, Y.-J. (1994). Incomplete panels: a comparative study of alternative estimators for
       the unbalanced one-way error component regression model. Journal of Econometrics, 62, 67-89.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"who": np.repeat(range(60), 3), "year": [1, 2, 3] * 60, "w": 1.0})
    >>> frame["x"] = rng.normal(size=180)
    >>> frame["y"] = frame["x"] + np.repeat(rng.normal(size=60), 3) + rng.normal(size=180)
    >>> fit = llo.panel.random_effects("y ~ x", llo.Survey(frame, weights="w", unit="who", time="year"))
    >>> fit.to_frame()["term"].tolist(), bool(abs(fit.to_frame()["estimate"][1] - 1) < 0.2)
    (['Intercept', 'x'], True)
    """
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    return Call("random_effects", formula, options, level, missing, plausible).fit(svy, found)


def found(data: ModelData, panel: Panel) -> Found:
    """The estimator on the rows of a model."""
    check_constant(panel, "A random-effects regression")
    check_followed(panel, "A random-effects regression")
    solution, parts = random(data.x, data.y, panel, data.names)
    _tell(parts)
    replicates = data.svy.design.replicates
    at = None if replicates is None else random_at_replicates(data.x, data.y, panel, replicates, data.rows)
    theta = parts.theta(panel.waves)
    told = {
        "estimand": panel.estimand("random effects"),
        "components": {
            "variance_error": parts.error,
            "variance_unit": parts.unit,
            "theta": [float(theta.min()), float(theta.max())],
            "set_to_zero": parts.negative,
            "in_variance": "held at their values; replicates estimate them anew",
        },
    }
    fitted = data.x @ solution.coefficients

    def linear(clusters: Codes) -> LinearRows:
        moved = transformed(data.x, data.y, panel, parts)
        return LinearRows(moved[:, :-1], moved[:, -1], panel.weights)

    return Found(
        data,
        panel,
        data.names,
        solution,
        data.rows,
        fitted,
        data.y - fitted,
        len(data.rows),
        at,
        (),
        told,
        linear=linear,
    )


def _tell(parts: Components) -> None:
    """Warn of a variance that was set to 0."""
    if parts.negative:
        warnings.warn(
            LloWarning("The variance of unit effects was estimated below zero and set to 0: the fit is pooled."),
            stacklevel=6,
        )

"""Ordered logit and probit of survey data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import DataError
from llo_research.options import check_level, check_option, check_switch
from llo_research.regression.breaks import at_breaks
from llo_research.regression.classical import Classical
from llo_research.regression.covariances import TAKEN, Sample, VcovOptions, vcov_of
from llo_research.regression.fit import Fit, fit_of
from llo_research.regression.model_data import ModelData, model_data
from llo_research.regression.ordered_model import fit_ordered
from llo_research.regression.plausible import over_plausible
from llo_research.regression.term_counts import counts_behind
from llo_research.survey.collapsed import admitted
from llo_research.survey.lazy import survey_of_formula

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

LINKS = ("logit", "probit")


def ordered(
    formula: str,
    svy: Survey,
    *,
    link: str = "logit",
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
    """Ordered logit or probit with survey weights and design-based standard errors.

    Use it for answers on a scale whose steps need not be equally wide, such as never, monthly, weekly, daily.

    Parameters
    ----------
    formula : str
        ``"learning_scale ~ autonomy"``. The response is an ordered categorical or a whole number.
    svy : Survey
        The data; ``svy.where(...)`` for a domain.
    link : {"logit", "probit"}
        F is the logistic or the normal distribution.
    vcov, cluster, lags, small_sample, seed, draws, level, missing, plausible
        As in :func:`glm`; ``wild`` is for linear models only.

    Returns
    -------
    Fit
        One row per `term`: slopes by name, then thresholds named by the levels that they part, as ``low|middle``.

    Raises
    ------
    DataError
        A response without an order, or with one level.
    IdentificationError
        Collinear regressors, or answers that follow from the regressors (separation).

    Notes
    -----
    P(Y <= k) = F(tau_k - x'b), so that a positive slope goes with higher answers [1]_. The pseudo-likelihood is
    maximised to 1e-12; the influence is z_i = H^-1 w_i s_i with s_i the score of row i and H the observed information,
    the exact derivative in the weights [2]_. df is the design's df + 1 - k, thresholds counted.

    References
    ----------
    .. [1] McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal Statistical Society B, 42,
       109-142.
    .. [2] Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys.
       International Statistical Review, 51, 279-292.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1, 2, 1, 3, 2, 3, 3, 1], "x": [0.0, 1, 2, 3, 4, 5, 6, 3], "w": 1.0})
    >>> fit = llo.ordered("y ~ x", llo.Survey(frame, weights="w"))
    >>> fit.to_frame()[["term", "estimate"]].round(2).values.tolist()
    [['x', 0.94], ['1|2', 1.93], ['2|3', 3.61]]
    """
    check_option(link, "link", LINKS)
    check_level(level)
    check_switch(plausible, "plausible")
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    if vcov == "wild":
        raise DataError("The wild bootstrap is that of linear models.", where="vcov='wild'", todo="vcov='cluster'")
    told = {"link": link, "missing": missing, "plausible": plausible, **options.as_call()}
    call: dict[str, Any] = {"function": "ordered", "formula": formula, **told}

    if vcov in TAKEN:
        svy = admitted(survey_of_formula(svy, formula, options.columns))

    def fitted(text: str, data: Survey) -> Fit:
        return _fitted(model_data(text, data, missing=missing, ordered=True), link, options, call, level)

    return over_plausible(formula, svy, fitted) if plausible else fitted(formula, svy)


def _fitted(data: ModelData, link: str, options: VcovOptions, call: dict[str, Any], level: float) -> Fit:
    """Fit the model and tell its covariance."""
    model = fit_ordered(data, link)
    m, q = data.people, len(model.coefficients)
    sample = Sample(data.svy, data.rows, q)
    classical = options.vcov == "iid"
    vcov = Classical(model.classical(), model.inverse, float(m - q)) if classical else vcov_of(options, sample)
    thresholds = (data.y[:, None] <= np.arange(len(data.levels) - 1)).astype(np.float64)
    means = [model.mean(model.x, None, model.coefficients, k) for k in range(len(data.levels))]
    broken = at_breaks(data, model.names)
    told = {"family": "ordered", "link": link, "formula": data.formula, "levels": list(data.levels), **broken.meta}
    return fit_of(
        model.estimates(),
        model.names,
        data.svy,
        vcov,
        data.meta(call, told),
        level=level,
        n=m,
        cells=counts_behind(data, np.hstack([model.x, thresholds])),
        flags=broken.flags,
        models=(model,),
        fitted=data.everywhere(np.column_stack(means), np.nan),
    )

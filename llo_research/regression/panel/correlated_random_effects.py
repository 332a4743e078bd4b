"""Correlated random effects: chances of an answer, with unit means for what is unseen of units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llo_research.numerics.families import family_of
from llo_research.options import check_option
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.panel import ordered_means
from llo_research.regression.panel.call import Call
from llo_research.regression.panel.mundlak import found

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

FAMILIES = ("probit", "logit", "ordered", "ordered_logit")
_LINKS = {"ordered": "probit", "ordered_logit": "logit"}


def correlated_random_effects(
    formula: str,
    svy: Survey,
    *,
    family: str = "probit",
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
    """Pooled probit or logit, also ordered, with the units' means of the regressors (Chamberlain-Mundlak).

    Use it for outcomes of yes and no, or of ordered levels: unlike dummies of units in a probit it is consistent with
    few waves, and unlike a conditional logit it gives average marginal effects, ``fit.margins(["x"])``.

    Parameters
    ----------
    formula : str
        ``"training ~ x + z"``; each regressor that varies within units gets a term ``mean(x)``.
    svy : Survey
        With `unit`.
    family : {"probit", "logit", "ordered", "ordered_logit"}
        The link; ``ordered`` is the ordered probit, for an ordered categorical or whole numbers.
    vcov, cluster, lags, small_sample, seed, draws, level, missing, plausible
        As in :func:`fixed_effects`.

    Returns
    -------
    Fit
        One row per `term`; of ordered levels also the thresholds, named by the levels that they part. Coefficients are
        those of the population average (scaled by 1 / sqrt(1 + s2_u) in a probit); average marginal effects are those
        of the effects' own scale.

    Raises
    ------
    IdentificationError
        A regressor that is a combination of others, or separates the answers; no unit in two waves.
    DataError
        With ``ordered``, a response without an order.

    Notes
    -----
    P(y_it = 1) = G(x_it'b + m_i'g + z_i'd), pooled, with weighted means m_i, for units of as many waves each [1]_;
    with unequal numbers the effect's distribution should depend on these [2]_: add the number of waves to the formula.
    Scores are those of :func:`llo_research.glm` (expected information) and :func:`llo_research.ordered` (observed),
    with the derivative of the means.

    References
    ----------
    .. [1] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed. MIT Press, section
       15.8.3; Papke, L. E. and Wooldridge, J. M. (2008). Panel data methods for fractional response variables with an
       application to test pass rates. Journal of Econometrics, 145, 121-133.
    .. [2] Wooldridge, J. M. (2019). Correlated random effects models with unbalanced panels. Journal of Econometrics,
       211, 137-150.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"who": np.repeat(range(90), 3), "year": [1, 2, 3] * 90, "w": 1.0})
    >>> frame["x"] = rng.normal(size=270)
    >>> frame["y"] = (frame["x"] + rng.normal(size=270) > 0).astype(int)
    >>> fit = llo.panel.correlated_random_effects("y ~ x", llo.Survey(frame, weights="w", unit="who", time="year"))
    >>> fit.to_frame()["term"].tolist()
    ['Intercept', 'x', 'mean(x)']
    """
    check_option(family, "family", FAMILIES)
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    call = Call("correlated_random_effects", formula, options, level, missing, plausible, {"family": family})
    if family in _LINKS:
        link = _LINKS[family]
        return call.fit(svy, lambda data, panel: ordered_means.found(data, panel, link, missing), ordered=True)
    return call.fit(svy, lambda data, panel: found(data, panel, family_of("binomial", family), missing))

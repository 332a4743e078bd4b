"""Hausman's test: whether what is unseen of units goes with the regressors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.wald import regular
from llo_research.options import check_level, check_switch
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.model_data import ModelData
from llo_research.regression.panel.call import read
from llo_research.regression.panel.effects import check_constant, check_followed, effects_of, panel_of
from llo_research.regression.panel.mundlak import mundlak
from llo_research.regression.panel.random_fit import random
from llo_research.regression.panel.unit_means import varying_columns
from llo_research.regression.panel.within_fit import within
from llo_research.results.hypothesis import HypothesisTest

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def hausman(
    formula: str,
    svy: Survey,
    robust: bool = True,
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
) -> HypothesisTest:
    """Test of random against fixed effects.

    Use it to decide whether :func:`random_effects`, which takes the unseen of persons as unrelated to the regressors,
    may stand for :func:`fixed_effects`. A small p says that it may not.

    Parameters
    ----------
    formula : str
        ``"y ~ x"``.
    svy : Survey
        With `unit`.
    robust : bool
        True: the joint test that the coefficients of all unit means are 0 in the regression of :func:`mundlak`, with
        the design's covariance, valid whatever the errors and weights. False: Hausman's own comparison, which needs
        errors that are alike and independent, and one weight for each unit.
    vcov, cluster, lags, small_sample, plausible
        Of the robust test, as in :func:`fixed_effects`; not ``"wild"``, which tests one coefficient at a time. Of
        plausible values the combined coefficients of the means are tested.
    seed, draws, level
        Of all models; a test of no draws and with no interval does not use them.
    missing : {"omit", "raise"}
        As in :func:`fixed_effects`.

    Returns
    -------
    HypothesisTest
        One row: `statistic` (W, of chi-square size), `df` (restrictions), `p_value`; the robust p is that of W / df on
        F(df, `df_denominator`).

    Raises
    ------
    IdentificationError
        No regressor varies within units; the covariances of the classical test have no positive difference.
    DataError
        The classical test with another covariance, or of plausible values; the wild bootstrap.

    Notes
    -----
    Robust: W = g'V_g^-1 g with g the coefficients of the means [1]_ [2]_. Classical: H = (b_FE - b_RE)'(V_FE - V_RE)^-1
    (b_FE - b_RE) over the coefficients of both, each with its classical covariance [3]_, as in R's plm.

    References
    ----------
    .. [1] Arellano, M. (1993). On the testing of correlated effects with panel data. Journal of Econometrics, 59,
       87-97.
    .. [2] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed. MIT Press, section
       10.7.3.
    .. [3] Hausman, J. A. (1978). Specification tests in econometrics. Econometrica, 46, 1251-1271.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> rng = np.random.default_rng(1)
    >>> person = rng.normal(size=80)
    >>> frame = pd.DataFrame({"who": np.repeat(range(80), 3), "year": [1, 2, 3] * 80, "w": 1.0})
    >>> frame["x"] = np.repeat(person, 3) + rng.normal(size=240)
    >>> frame["y"] = frame["x"] + np.repeat(person, 3) + rng.normal(size=240)
    >>> test = llo.panel.hausman("y ~ x", llo.Survey(frame, weights="w", unit="who", time="year"))
    >>> test.df, bool(test.p_value < 0.001)
    (1.0, True)
    """
    check_switch(robust, "robust")
    check_level(level)
    check_switch(plausible, "plausible")
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    if vcov == "wild":
        raise DataError(
            "The wild bootstrap tests one coefficient at a time.",
            where="vcov='wild'",
            found="a joint test of all unit means",
            expected="another covariance",
            todo="vcov='cluster'",
        )
    if robust:
        own: dict[str, Any] = {"vcov": vcov, "cluster": cluster, "lags": lags, "small_sample": small_sample}
        return _of_means(mundlak(formula, svy, missing=missing, plausible=plausible, **own))
    _check_classical(options, plausible)
    return _of_difference(read(formula, svy, missing))


def _check_classical(options: VcovOptions, plausible: bool) -> None:
    """Hausman's own comparison has the classical covariances, of one set of data."""
    asked: dict[str, Any] = {"vcov": None if options.vcov in ("design", "iid") else options.vcov}
    asked |= {name: getattr(options, name) for name in ("cluster", "lags", "small_sample")}
    asked |= {"plausible": plausible or None}
    given = {name: value for name, value in asked.items() if value is not None}
    if given:
        raise DataError(
            "Hausman's own comparison has the classical covariances, of one set of data.",
            where="hausman(robust=False)",
            found=", ".join(f"{name}={value!r}" for name, value in given.items()),
            todo="robust=True, which takes any covariance and plausible values",
        )


def _of_means(fit: Fit) -> HypothesisTest:
    """Wald test of the unit means."""
    place = [fit.labels.index(f"mean({name})") for name in fit.meta["means_of"]]
    if not place:
        raise IdentificationError(
            "No regressor varies within units: fixed effects have nothing to compare.",
            where="hausman",
            found=", ".join(fit.labels),
            todo="take a regressor that changes over the waves",
        )
    means, covariance = fit.estimate[place], fit.covariance[np.ix_(place, place)]
    q, df = len(place), float(np.min(fit.df[place]))
    possible = df > 0 and q <= df and regular(covariance) and not fit.vanishing[place].all()
    statistic = float(means @ np.linalg.solve(covariance, means)) if possible else np.nan
    p_value = float(stats.f.sf(statistic / q, q, df)) if possible else np.nan
    restrictions = [{"terms": {fit.labels[j]: 1.0}, "value": 0.0} for j in place]
    made = _told(fit.meta, statistic, q, df, p_value, "robust: coefficients of the unit means are 0")
    return replace(made, meta={**made.meta, "unit_means": restrictions}, of=fit)


def _of_difference(data: ModelData) -> HypothesisTest:
    """Hausman's statistic from both fits with their classical covariances."""
    panel = panel_of(data.svy, data.rows, data.weights)
    check_constant(panel, "The classical test")
    check_followed(panel, "The classical test")
    varying, _ = varying_columns(data.x, panel)
    names = [data.names[j] for j in varying]
    fixed = within(data.x[:, varying], data.y, effects_of([panel.unit], data.weights), names, ["unit"])
    random_fit, _ = random(data.x, data.y, panel, data.names)
    own = random_fit.variance * random_fit.inverse[np.ix_(varying, varying)]
    spread = fixed.variance * fixed.inverse - own
    if not regular(spread):
        raise IdentificationError(
            "The covariance of fixed effects is not larger than that of random effects: there is no classical test.",
            where="hausman(robust=False)",
            found="a difference of covariances that is not positive definite",
            todo="robust=True, which is always defined",
        )
    difference = fixed.coefficients - random_fit.coefficients[varying]
    statistic, q = float(difference @ np.linalg.solve(spread, difference)), len(names)
    call = {"function": "panel.hausman", "formula": data.formula, "robust": False}
    meta = data.meta(call, panel.facts())
    p_value = float(stats.chi2.sf(statistic, q))
    return _told(meta, statistic, q, np.inf, p_value, "classical: random and fixed effects agree")


def _told(meta: dict[str, Any], statistic: float, q: int, df: float, p_value: float, hypothesis: str) -> HypothesisTest:
    """The one row of the test."""
    return HypothesisTest(
        rows=pd.DataFrame(index=range(1)),
        statistics=np.array([statistic]),
        dfs=np.array([float(q)]),
        df_denominators=np.array([df]),
        p_values=np.array([p_value]),
        details=pd.DataFrame({"n": [meta["nobs"]], "flag": ["" if np.isfinite(statistic) else "no_test"]}),
        meta={**meta, "test": "hausman", "hypothesis": hypothesis},
    )

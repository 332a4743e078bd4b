"""Generalised linear models of survey data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import DataError
from llo_research.numerics.families import FAMILIES, Family, family_of, links_of
from llo_research.options import check_level, check_option, check_switch
from llo_research.regression.breaks import at_breaks
from llo_research.regression.classical import Classical
from llo_research.regression.covariances import TAKEN, Sample, VcovOptions, vcov_of
from llo_research.regression.fit import Fit, fit_of
from llo_research.regression.identification import check_response
from llo_research.regression.model import Model, fit_model
from llo_research.regression.model_data import ModelData, model_data
from llo_research.regression.plausible import over_plausible
from llo_research.regression.term_counts import counts_behind
from llo_research.regression.wild import LinearFit, WildTests, wild_tests
from llo_research.results.vcov import ByCluster, Vcov
from llo_research.survey.collapsed import admitted, kept_as_sums
from llo_research.survey.lazy import is_lazy, survey_of_formula

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

# families by the name of a link, as they are often asked for
_BY_LINK = {"logit": "binomial", "probit": "binomial", "cloglog": "binomial"}


def glm(
    formula: str,
    svy: Survey,
    *,
    family: str = "gaussian",
    link: str | None = None,
    offset: str | None = None,
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
    """Generalised linear model with survey weights and design-based standard errors.

    Use it for what goes with an outcome when other things are held fixed: means, chances and counts of a population,
    in one survey or several pooled waves.

    Parameters
    ----------
    formula : str
        ``"informal_learning ~ autonomy + C(education)"``, in formulaic's grammar. The response is a number, a boolean,
        or a condition, as ``"cursus == 'ja' ~ age"``. The base of a category is its first declared level.
    svy : Survey
        The data; ``svy.where(...)`` for a domain.
    family : {"gaussian", "binomial", "poisson", "gamma"}
        Also ``"logit"``, ``"probit"``, ``"cloglog"``: binomial with that link.
    link : str, optional
        Default identity, logit, log and log.
    offset : str, optional
        A column, or an expression of columns as ``"log(hours)"``, added to the linear predictor.
    vcov : {"design", "cluster", "two-way", "driscoll-kraay", "hc1", "iid", "wild"}
        ``design`` uses strata, sampling units, stages and weighting steps, or the replicate weights; all others take
        the weights as given.
    cluster : str or list of str, optional
        Column of the clusters, two for ``two-way``; default the sampling units, else the persons.
    lags : int, optional
        Of Driscoll-Kraay, in the smallest steps between times: of numeric times with gaps the distances count, so that
        a wave that was skipped stays skipped; others stand in their order. Default floor(4 (T/100)^(2/9)).
    small_sample : {"nonnested", "none"}, optional
        ``nonnested``, the default of clusters: G/(G-1) (n-1)/(n-k).
    seed, draws : int
        Of the wild bootstrap; with at most 12 clusters all draws are made and no seed is needed.
    level : float
        Confidence level.
    missing : {"omit", "raise"}
        Rows with a missing value: left out as a domain and counted in ``.meta["left_out"]``, or an error.
    plausible : bool
        Names with a star or a range of numbers (``"PVLIT*"``) are plausible values, combined by Rubin's rules.

    Returns
    -------
    Fit
        One row per `term`: `estimate`, `std_error`, `statistic`, `df`, `p_value`, `conf_low`, `conf_high`, `n`, `flag`.

    Raises
    ------
    DataError
        A formula that cannot be read, a column that is not there, a response outside the family's range.
    IdentificationError
        A regressor that is a combination of the others, answers that follow from the regressors (separation), a level
        without weight, as many coefficients as rows; it names the term.
    DesignError
        A stratum with one sampling unit, or no clusters to cluster by.

    Notes
    -----
    beta solves sum_i w_i e_i x_i = 0, e_i = (y_i - mu_i) mu'_i / V(mu_i) [1]_, iterated until no linear predictor moves
    by 1e-12. Its influence is z_i = A^-1 x_i w_i e_i with the expected information A = sum w_i (mu'_i^2 / V_i) x_i x_i'
    at the solution, and the variance is the design's variance of sum z_i [2]_. With the canonical link this is the
    exact derivative in the weights; with probit, cloglog and the log link of gamma the observed information would
    differ by a term of mean zero. Replicates solve the equations anew. df is the design's df + 1 - k.

    References
    ----------
    .. [1] McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, 2nd ed. Chapman and Hall.
    .. [2] Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys.
       International Statistical Review, 51, 279-292.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 2.0, 4.0, 5.0], "x": [0.0, 1.0, 2.0, 3.0, 4.0], "w": [1, 2, 1, 2, 1]})
    >>> fit = llo.glm("y ~ x", llo.Survey(frame, weights="w"))
    >>> fit.to_frame()[["term", "estimate"]].round(3).values.tolist()
    [['Intercept', 0.857], ['x', 1.0]]
    """
    if is_lazy(svy):
        found: Fit | None = svy.by_passes("glm", dict(locals()))
        if found is not None:
            return found
    kind = chosen_family(family, link)
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    check_level(level)
    check_switch(plausible, "plausible")
    told = {"family": kind.name, "link": kind.link.name, "offset": offset, "missing": missing, "plausible": plausible}
    call: dict[str, Any] = {"function": "glm", "formula": formula, **told, **options.as_call()}

    if vcov in TAKEN:
        linear = vcov != "iid" and (kind.name, kind.link.name) == ("gaussian", "identity")
        response = [str(formula).split("~")[0].strip()] if linear else []
        also = [*([] if offset is None else [offset]), *options.columns]
        svy = admitted(survey_of_formula(svy, formula, also, linear), linear=response)

    def fitted(text: str, data: Survey) -> Fit:
        return _fitted(model_data(text, data, offset=offset, missing=missing), kind, options, call, level)

    if plausible and vcov == "wild":
        raise DataError("There is no wild bootstrap of plausible values.", where="vcov='wild'", todo="vcov='cluster'")
    if plausible:
        return over_plausible(formula, svy, fitted, offset)
    return fitted(formula, svy)


def chosen_family(family: str, link: str | None) -> Family:
    """The family and link of a call."""
    check_option(family, "family", (*FAMILIES, *_BY_LINK))
    if family in _BY_LINK:
        if link not in (None, family):
            check_option(link, "link", (family,), f"family={family!r} has its own link, not {link!r}.")
        family, link = _BY_LINK[family], family
    if link is not None:
        check_option(link, "link", links_of(family))
    return family_of(family, link)


def _fitted(data: ModelData, family: Family, options: VcovOptions, call: dict[str, Any], level: float) -> Fit:
    """Fit the model and tell its covariance."""
    check_response(data, family)
    model = fit_model(data, family)
    vcov, wild = _covariance(model, options, level)
    mean = data.everywhere(model.at.mean, np.nan)
    broken = at_breaks(data, data.names)
    told = {"family": family.name, "link": family.link.name, "formula": data.formula, **broken.meta}
    return fit_of(
        model.estimates(),
        data.names,
        data.svy,
        vcov,
        data.meta(call, told),
        level=level,
        n=data.people,
        cells=counts_behind(data, data.x, data.y),
        flags=broken.flags,
        wild=wild,
        models=() if kept_as_sums(data.svy, data.response) else (model,),
        fitted=mean,
        residuals=data.everywhere(data.y, np.nan) - mean,
    )


def _covariance(model: Model, options: VcovOptions, level: float) -> tuple[Vcov, WildTests | None]:
    """The covariance that was asked for, and the tests of the wild bootstrap."""
    m, p = model.data.people, model.data.x.shape[1]
    if options.vcov == "iid":
        return Classical(model.classical(), model.transform, float(m - p)), None
    sample = Sample(model.data.svy, model.data.rows, p)
    vcov = vcov_of(options, sample)
    return vcov, _wild(model, vcov, options, level) if options.vcov == "wild" else None


def _wild(model: Model, vcov: Vcov, options: VcovOptions, level: float) -> WildTests:
    """The wild bootstrap of a linear model."""
    data = model.data
    if (model.family.name, model.family.link.name) != ("gaussian", "identity"):
        raise DataError(
            "The wild bootstrap is that of linear models.",
            where="vcov='wild'",
            found=f"family {model.family.name!r} with link {model.family.link.name!r}",
            expected="family='gaussian'",
            todo="vcov='cluster' for other families",
        )
    assert isinstance(vcov, ByCluster)
    y = data.y if data.offset is None else data.y - data.offset
    covariance = vcov.covariance(model.estimates().scores, data.svy.design)  # type: ignore[arg-type]  # just made
    codes = vcov.codes[data.rows]
    error = np.sqrt(np.diag(covariance))
    found = LinearFit(
        data.x, y, data.weights, model.beta, model.inverse, codes, int(codes.max()) + 1, error, vcov.factor
    )
    return wild_tests(found, options, level)

"""Fit: a result whose rows are coefficients, with what may be asked of a fitted model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, DesignError
from llo_research.numerics.groups import Floats
from llo_research.regression.covariances import inference_of
from llo_research.regression.criteria import aic, pseudo_r2
from llo_research.regression.hypotheses import test
from llo_research.regression.margins import margins
from llo_research.regression.prediction import predict
from llo_research.regression.wild import WildTests
from llo_research.results.draws import over_draws
from llo_research.results.estimates import Estimates
from llo_research.results.exported import is_exported, not_outside
from llo_research.results.facts import Facts, Known
from llo_research.results.intervals import OwnEnds
from llo_research.results.making import result_of
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.results.vcov import Vcov

if TYPE_CHECKING:
    from llo_research.regression.ordered_model import AnyModel
    from llo_research.results.hypothesis import HypothesisTest
    from llo_research.survey.survey import Survey


@dataclass(frozen=True, repr=False, eq=False)
class Fit(Result):
    """Coefficients of a model, one row per `term`; made by the estimators of models, not by hand.

    Parameters
    ----------
    models : tuple
        The model behind the coefficients, of which margins and predictions are made; one for each draw of plausible
        values; none where an estimator has no means to predict.
    fitted, residuals : (n,) arrays
        Fitted means, and response less fitted mean, in the rows of the survey; nan for rows that were not used.
        None in a result read from a file, and where an estimator has none: values of people are never saved.
    wild : WildTests, optional
        Tests of the wild bootstrap.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 2.0, 4.0], "x": [0.0, 1.0, 2.0, 3.0], "w": 1.0})
    >>> fit = llo.glm("y ~ x", llo.Survey(frame, weights="w"))
    >>> fit.nobs, fit.fitted.round(2).tolist()
    (4, [0.9, 1.8, 2.7, 3.6])
    """

    models: tuple[AnyModel, ...] = ()
    fitted: Floats | None = None
    residuals: Floats | None = None
    wild: WildTests | None = None

    @property
    def vcov(self) -> Vcov:
        """Which covariance it is."""
        return self.inference.vcov

    @property
    def nobs(self) -> int:
        """Rows used, unweighted."""
        return int(self.meta["nobs"])

    @property
    def aic(self) -> float:
        """Design-based AIC: minus twice the pseudo log-likelihood plus twice the sum of generalised design effects.

        Lumley, T. and Scott, A. (2015). AIC and BIC for modeling with complex survey data. Journal of Survey Statistics
        and Methodology, 3, 1-18.
        """
        parts = [aic(model, part.covariance, self.vcov) for model, part in self._by_draw("aic")]
        return float(np.mean(parts))

    @property
    def pseudo_r2(self) -> float:
        """One minus deviance over null deviance, of weights of mean one: R-squared of a linear model.

        McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In P. Zarembka (ed.), Frontiers
        in Econometrics, 105-142. Academic Press.
        """
        return float(np.mean([pseudo_r2(model) for model, _ in self._by_draw("pseudo_r2")]))

    def margins(
        self,
        variables: str | Sequence[str] | None = None,
        at: Mapping[str, Any] | None = None,
        by: str | Sequence[str] | None = None,
        fixed: bool = False,
    ) -> Result:
        """Weighted average marginal effects, contrasts of predictions for categories, or predictive margins.

        Parameters
        ----------
        variables : str or list of str, optional
            Columns of the data (not terms). A number gives the average slope of the mean, a category or boolean the
            average difference of predictions between each level and its base. Without variables, and for a category
            that `at` fixes: the average prediction.
        at : mapping, optional
            Values at which columns are held for everybody, ``{"education": "high"}``; a list gives a row for each.
        by : str or list of str, optional
            Averages over the people of each cell.
        fixed : bool
            True takes the people averaged over as given, as Stata's delta method. By default they are a sample too, and
            their uncertainty enters.

        Returns
        -------
        Result
            Columns of `by` and `at`, `term` (the variable, or ``"prediction"``), `of` and `minus` for levels.

        Raises
        ------
        DataError
            A column or level that is not in the model.

        Notes
        -----
        mbar = sum w_i h_i(beta) / sum w_i with h_i = g'(eta_i) d eta_i / dx, or the difference of two predictions; its
        influence is w_i (h_i - mbar) / sum w + J z_i, J the mean of the derivatives of h_i in beta and z_i the
        influence of beta [1]_. ``fixed=True`` drops the first part [2]_.

        References
        ----------
        .. [1] Korn, E. L. and Graubard, B. I. (1999). Analysis of Health Surveys. Wiley, section 3.7.
        .. [2] Graubard, B. I. and Korn, E. L. (1999). Predictive margins with survey data. Biometrics, 55, 652-659.
        """
        return margins(self, variables, at=at, by=by, fixed=fixed)

    def predict(self, frame: pd.DataFrame | None = None, *, level: float = 0.95) -> pd.DataFrame:
        """Predicted means with standard errors and intervals.

        Parameters
        ----------
        frame : DataFrame, optional
            The people to predict for; default those of the survey, nan for rows that were not used. Columns that were
            made with the weights, as ``mean(x)`` of :func:`~llo_research.panel.mundlak`, are taken as the frame gives
            them. Those of the survey move with the weights, but by amounts that add up to 0 within a unit: the standard
            error has no part of it while a unit's rows share a sampling unit and weights are not calibrated.
        level : float
            Confidence level.

        Returns
        -------
        DataFrame
            `estimate`, `std_error` (delta method), `conf_low`, `conf_high` (made for the linear predictor and carried
            over, so that they stay in the range of the mean); one row per row of `frame`.

        Raises
        ------
        DataError
            A column or level that is not in the model, or missing values.
        """
        return predict(self, frame, level=level)

    def test(self, hypothesis: str, *, method: str = "wald") -> HypothesisTest:
        """Test linear restrictions on the coefficients.

        Parameters
        ----------
        hypothesis : str
            ``"x1 = x2, x3 = 0"``: formulaic's linear constraints; names that are not Python names stand in backticks.
            Names alone say that these coefficients, or all coefficients of these terms, are 0.
        method : {"wald", "lr"}
            Wald, F = W / q on (q, df of the fit); or the likelihood ratio with Rao and Scott's distribution.

        Returns
        -------
        HypothesisTest
            `statistic`, `df`, `df_denominator`, `p_value`.

        Raises
        ------
        DataError
            A hypothesis that cannot be read or contradicts itself.

        Notes
        -----
        Wald: F = (R b - r)' (R V R')^-1 (R b - r) / q. Likelihood ratio: the difference of deviances D_0 - D (weights
        of mean one) is distributed as a sum of lambda_j chi2_1, with lambda the eigenvalues of (R V0 R')^-1 (R V R')
        and V0 the inverse information [1]_; p is that of the sum over chi2_df / df [2]_. With more restrictions than
        degrees of freedom, or a singular covariance, there is no test.

        References
        ----------
        .. [1] Rao, J. N. K. and Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with cell
           proportions estimated from survey data. Annals of Statistics, 12, 46-60.
        .. [2] Lumley, T. and Scott, A. (2014). Tests for regression models fitted to survey data. Australian and New
           Zealand Journal of Statistics, 56, 1-14.
        """
        return test(self, hypothesis, method=method)

    def kept(self) -> dict[str, Any]:
        """What a file keeps: the tests of the wild bootstrap; never the people's values."""
        return {} if self.wild is None else {"p_value": [float(p) for p in self.wild.p_value]}

    @classmethod
    def restored(cls, result: Result, own: Mapping[str, Any], rebuilt: Callable[[dict[str, Any]], Result]) -> Result:
        """The coefficients back, without the model."""
        fields = result.as_fields()
        if "p_value" not in own:
            return cls(**fields)
        p_value = np.array(own["p_value"], dtype=np.float64)
        low, high = result.ends
        return cls(**fields, wild=WildTests(p_value, low, high, 0, True))

    def contrast(self, what: Any, *, level: float | None = None) -> Result:
        """A combination of the coefficients with its standard error, as :meth:`Result.contrast`."""
        self._refuse_wild("contrast")
        return super().contrast(what, level=level)

    @property
    def _tests(self) -> tuple[Floats, Floats]:
        """Test statistics and p-values; those of the wild bootstrap where it was asked for."""
        statistic, p_value = super()._tests
        return (statistic, p_value) if self.wild is None else (statistic, self.wild.p_value)

    def _refuse_wild(self, what: str) -> None:
        """The wild bootstrap tests coefficients, one at a time."""
        if self.wild is not None:
            raise DesignError(
                f"The wild bootstrap gives no {what}.",
                where=what,
                found="vcov='wild'",
                expected="tests of single coefficients",
                todo="fit the model with vcov='cluster' for it",
            )

    def _by_draw(self, what: str) -> list[tuple[AnyModel, Result]]:
        """The model and the coefficients of each draw of plausible values; one pair where there are none."""
        if is_exported(self.meta):
            instead = "fit.margins(...), or contrasts of its coefficients, and export that result"
            raise not_outside(self.meta, f"What needs the model ({what})", instead, what)
        if not self.models:
            raise DataError(
                f"No model stands behind these coefficients that could give {what}.",
                where=str(self.meta.get("call", {}).get("function")),
                found="a result read from a file, or an estimator without predictions",
                expected="a fit of llo.glm or llo.ordered",
                todo="fit the model again",
            )
        return list(zip(self.models, self.draws or (self,), strict=True))


def fit_of(
    estimates: Estimates,
    names: Sequence[str],
    svy: Survey,
    vcov: Vcov,
    meta: dict[str, Any],
    *,
    level: float,
    n: float,
    cells: pd.DataFrame | Facts | None = None,
    rows: pd.DataFrame | None = None,
    flags: tuple[str, ...] = (),
    wild: WildTests | None = None,
    **parts: Any,
) -> Fit:
    """Coefficients as a Fit: the one place in which models become results.

    names : of the terms. n : rows used. cells : counts for disclosure control, one row a term. rows : identifying
    columns where there are more than `term`. parts : `models`, `fitted`, `residuals`.
    """
    inference, negative = inference_of(estimates, svy.design, vcov)
    made = result_of(
        pd.DataFrame({"term": list(names)}) if rows is None else rows,
        estimates,
        svy.design,
        inference=inference,
        quantity=Quantity("coefficient", "number", 0.0),
        labels=tuple(names),
        n=np.full(len(names), float(n)),
        meta=meta,
        level=level,
        extra_flags=tuple(" ".join(two).strip() for two in zip(flags, negative, strict=True))
        if flags and negative
        else flags or negative,
        cell_details=Known(cells) if isinstance(cells, pd.DataFrame) else cells,
    )
    own = made.as_fields()
    if wild is not None:
        here = np.isfinite(wild.p_value)
        own["own_ends"] = OwnEnds(level, False, wild.low, wild.high, here)
        own["interval"] = tuple("wild" if there else "wald" for there in here)
    return Fit(**own, wild=wild, **parts)


def with_draws(fits: Sequence[Fit], meta: dict[str, Any]) -> Fit:
    """Fits of the draws of plausible values as one, by Rubin's rules."""
    return Fit(
        **over_draws(fits, meta),
        models=tuple(model for fit in fits for model in fit.models),
        fitted=_mean_of([fit.fitted for fit in fits]),
        residuals=_mean_of([fit.residuals for fit in fits]),
    )


def _mean_of(values: Sequence[Floats | None]) -> Floats | None:
    """The mean over the draws."""
    known = [value for value in values if value is not None]
    return np.mean(known, axis=0) if known else None

"""Random-effects meta-analysis: what estimates of several populations have in common, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.errors import DataError
from llo_research.estimation.row_blocks import blocks, known_rows
from llo_research.numerics import heterogeneity
from llo_research.numerics.groups import Floats
from llo_research.options import check_option, check_switch
from llo_research.results import floors
from llo_research.results.columns import rounded
from llo_research.results.exported import check_covariances
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.result import Result
from llo_research.results.retold import RetoldAround
from llo_research.results.rules import AUTO
from llo_research.results.seen import seen
from llo_research.survey.construct import as_names

METHODS = {
    "paule-mandel": heterogeneity.paule_mandel,
    "dersimonian-laird": heterogeneity.dersimonian_laird,
    "reml": heterogeneity.restricted_likelihood,
}


@dataclass(frozen=True, eq=False, repr=False)
class MetaAnalysis(RetoldAround):
    """What estimates have in common, and how far they lie apart; made by :func:`meta_analysis`.

    frame : one row a `measure` (mean, prediction, tau2, i2, q), for each block.
    result : the estimates. method, knapp : as asked. by : the identifiers whose values make the blocks.
    """

    frame: pd.DataFrame
    result: Result
    method: str
    knapp: bool
    by: tuple[str, ...] = ()

    @property
    def meta(self) -> dict[str, Any]:
        """That of the result."""
        return self.result.meta

    def _made_of(self) -> MadeOf:
        given = [f"by={list(self.by)!r}"] if self.by else []
        given += [f"method={self.method!r}"] if self.method != "paule-mandel" else []
        given += [] if self.knapp else ["knapp=False"]
        apart = np.nan_to_num(self.result.covariance - np.diag(np.diag(self.result.covariance)))
        asked = {"method": self.method, "knapp": self.knapp, "by": self.by, "independent": not apart.any()}
        return MadeOf("meta_analysis", f"llo.meta_analysis({', '.join(['{}', *given])})", asked, self.result)

    def withheld(self, disclosure: str = AUTO) -> floors.Withheld | None:
        """The rows of the result that may not be seen; None where all may."""
        return floors.withheld(self.result, disclosure)

    def seen(self, disclosure: str = AUTO) -> MetaAnalysis:
        """The analysis of the rows that may be seen: one of all would tell of the others."""
        hidden = self.withheld(disclosure)
        if not hidden:
            return self
        return meta_analysis(seen(self.result, hidden), method=self.method, knapp=self.knapp, by=self.by or None)

    def counts(self) -> list[tuple[int, int]]:
        """How many estimates each analysis takes, and how many it leaves out."""
        own = [(block, len(_known(self.result, block))) for block in blocks(self.result, self.by, "meta_analysis")]
        return [(used, len(block) - used) for block, used in own]

    def to_frame(self) -> pd.DataFrame:
        """The columns of `by`, `measure`, `estimate`, `std_error`, `conf_low`, `conf_high`, `df`, `p_value`."""
        return self.frame.copy()

    def summary(self) -> str:
        """The numbers as text."""
        hidden, own = self.withheld(), self.seen()
        errors = "Knapp and Hartung" if self.knapp else "normal"
        lines = ["SYNTHETIC DATA: shows method, not the population"] if self.meta.get("synthetic") else []
        used, left = (sum(counts) for counts in zip(*own.counts(), strict=True))
        lines += [f"random effects of {used} estimates; {self.method}; errors: {errors}"]
        if left:
            lines += [f"left out: {left} without an estimate, or with a standard error that is unknown or 0"]
        lines += [""]
        lines += [rounded(own.frame).to_string(index=False), "", NOTE]
        return "\n".join([*lines, *([hidden.note("en")] if hidden else [])])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary())}</pre>"


NOTE = (
    "mean: of the populations that these are a sample of; prediction: where a further one would lie; tau2: variance "
    "between populations; i2: its share in that of the estimates; q: whether there is any."
)


def meta_analysis(
    result: Result, *, method: str = "paule-mandel", knapp: bool = True, by: str | Sequence[str] | None = None
) -> MetaAnalysis:
    """What the estimates of several populations have in common: their mean, where a further one would lie, and spread.

    The rows are taken as drawn from a population of populations (countries, editions): each has its own true value
    around a mean. Their sampling errors are those of their designs, and may be correlated.

    Parameters
    ----------
    result : Result
        Three rows or more, such as the gap of each country. Ratios and odds are taken on logarithms, and the mean and
        the prediction come back as ratios.
    method : {"paule-mandel", "dersimonian-laird", "reml"}
        How the variance between populations is estimated [1]_ [2]_.
    knapp : bool
        Knapp and Hartung's errors with Student's t (k - 1) [3]_, which hold with few populations; else normal.
    by : str or list of str, optional
        Identifiers of the rows, such as ``"term"`` of the joint models of several countries: an analysis for each of
        their values.

    Returns
    -------
    MetaAnalysis
        ``.to_frame()`` has a row each of `measure` with `estimate`, `std_error`, `conf_low`, `conf_high`, `df`,
        `p_value`:

        - ``mean``, its interval, and, of comparisons, the test of no difference (0; 1 of ratios);
        - ``prediction``: the same mean with the interval in which the true value of a further population lies [4]_;
        - ``tau2``: the variance between, with the interval from profiling Q [5]_;
        - ``i2``: tau2 / (tau2 + typical sampling variance), from 0 to 1 [6]_;
        - ``q``: Cochran's Q, with its degrees of freedom and the p-value of no variance between.

    Raises
    ------
    DataError
        Something else than a result, fewer than three rows with a standard error above 0 (others are left out), rows of
        several kinds or variables, or estimates of which some combination is certain.

    Notes
    -----
    y = mu + u + e, var(u) = tau2 I, var(e) = V. With W = (V + tau2 I)^-1: mu = 1'Wy / 1'W1, var(mu) = s2 / 1'W1, with
    s2 = (y - mu)'W(y - mu) / (k - 1) by Knapp and Hartung, else 1. The prediction adds tau2 to var(mu) and takes
    Student's t with k - 2 degrees of freedom; of twelve populations it held 93 %, as tau2 is itself uncertain. Paule
    and Mandel choose tau2 such that (y - mu)'W(y - mu) = k - 1. Where tau2 is 0, s2 may be below 1, and the interval
    narrower than that of one common value: read it beside Q.

    References
    ----------
    .. [1] Paule, R. C. and Mandel, J. (1982). Consensus values and weighting factors. Journal of Research of the
       National Bureau of Standards, 87, 377-385.
    .. [2] DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials, 7,
       177-188.
    .. [3] Knapp, G. and Hartung, J. (2003). Improved tests for a random effects meta-regression with a single
       covariate. Statistics in Medicine, 22, 2693-2710.
    .. [4] Higgins, J. P. T., Thompson, S. G. and Spiegelhalter, D. J. (2009). A re-evaluation of random-effects
       meta-analysis. Journal of the Royal Statistical Society, Series A, 172, 137-159.
    .. [5] Viechtbauer, W. (2007). Confidence intervals for the amount of heterogeneity in meta-analysis. Statistics in
       Medicine, 26, 37-52.
    .. [6] Higgins, J. P. T. and Thompson, S. G. (2002). Quantifying heterogeneity in a meta-analysis. Statistics in
       Medicine, 21, 1539-1558.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"country": np.repeat(list("abcdef"), 50), "w": 1.0})
    >>> frame["y"] = rng.normal(size=300) + np.repeat(rng.normal(size=6), 50)
    >>> by_country = llo.mean("y", llo.Survey(frame, weights="w", strata="country"), by="country")
    >>> llo.meta_analysis(by_country).to_frame()["measure"].tolist()
    ['mean', 'prediction', 'tau2', 'i2', 'q']
    """
    check_option(method, "method", tuple(METHODS))
    check_switch(knapp, "knapp")
    if not isinstance(result, Result):
        raise DataError(
            "A meta-analysis is of a result.",
            where="meta_analysis",
            found=type(result).__name__,
            expected='a Result such as llo.gap("training", stacked, ..., by="survey")',
        )
    names = () if by is None else as_names(by, "by")
    parts = []
    for block in blocks(result, names, "meta_analysis"):
        told = result.rows.iloc[block[:1]][list(names)]
        part = _pooled(result, _known(result, block), method, knapp)
        for i, name in enumerate(names):
            part.insert(i, name, told[name].iloc[0])
        parts.append(part)
    return MetaAnalysis(pd.concat(parts, ignore_index=True), result, method, knapp, tuple(names))


def _pooled(result: Result, known: np.ndarray, method: str, knapp: bool) -> pd.DataFrame:
    """The five rows of the known estimates."""
    log = result.quantity[known[0]].on == "log"
    used = np.isin(np.arange(len(result.estimate)), known)
    check_covariances(result.meta, result.covariance, used[None, :], "A pooled estimate")
    y, v = result.estimate[known], result.covariance[np.ix_(known, known)]
    if log:
        v, y = v / np.outer(y, y), np.log(y)
    if np.linalg.eigvalsh(v).min() <= np.finfo(float).eps * len(v) * np.diag(v).max():
        raise DataError(
            "A meta-analysis weighs estimates by their uncertainty, and some combination of these is certain.",
            where="meta_analysis",
            todo="leave out what is known without error, and rows that are others added up",
        )
    tau2 = METHODS[method](y, v)
    mean, variance, q = heterogeneity.centre(y, heterogeneity.weights(v, tau2))
    k = len(y)
    error = float(np.sqrt(variance * (q / (k - 1) if knapp else 1.0)))
    frame = _frame(y, v, tau2, mean, error, result.level, k - 1.0 if knapp else np.inf)
    if result.quantity[known[0]].null is None:
        frame.loc[0, "p_value"] = np.nan
    if log:
        ends = ["estimate", "conf_low", "conf_high"]
        frame.loc[:1, "std_error"] *= np.exp(mean)
        frame.loc[:1, ends] = np.exp(frame.loc[:1, ends])
    return frame


def _frame(y: Floats, v: Floats, tau2: float, mean: float, error: float, level: float, df: float) -> pd.DataFrame:
    """The five rows, the mean and the prediction on the scale on which estimates were pooled."""
    k, within = len(y), heterogeneity.typical_variance(v)
    t = float(stats.t.isf((1 - level) / 2, df))
    spread, wide = float(np.hypot(error, np.sqrt(tau2))), float(stats.t.isf((1 - level) / 2, k - 2))
    low, high = heterogeneity.profile(y, v, level)
    q = heterogeneity.generalised_q(y, v, 0.0)
    p = float(2 * stats.t.sf(abs(mean) / error, df)) if error > 0 else np.nan
    nan = np.nan
    rows = [
        ("mean", mean, error, mean - t * error, mean + t * error, df, p),
        ("prediction", mean, spread, mean - wide * spread, mean + wide * spread, k - 2.0, nan),
        ("tau2", tau2, nan, low, high, nan, nan),
        ("i2", tau2 / (tau2 + within), nan, low / (low + within), high / (high + within), nan, nan),
        ("q", q, nan, nan, nan, k - 1.0, float(stats.chi2.sf(q, k - 1))),
    ]
    return pd.DataFrame(rows, columns=["measure", "estimate", "std_error", "conf_low", "conf_high", "df", "p_value"])


def _known(result: Result, block: np.ndarray) -> np.ndarray:
    """The rows of a block that can be pooled."""
    needs = "A variance between populations needs three estimates with a standard error."
    return known_rows(result, block, "meta_analysis", ("common mean", needs), 3)

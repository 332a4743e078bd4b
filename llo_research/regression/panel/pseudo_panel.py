"""Pseudo-panels: cohorts followed through repeated cross-sections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_level, check_option, check_switch, names_of
from llo_research.regression.breaks import at_breaks
from llo_research.regression.covariances import Sample, VcovOptions, vcov_of
from llo_research.regression.fit import Fit, fit_of
from llo_research.regression.model_data import ModelData, model_data
from llo_research.regression.panel.call import check_not_negative, without_constant
from llo_research.regression.panel.cell_means import means_of_cells
from llo_research.regression.panel.cohort_means import Cells, check_noise, jacobian, noise, slopes
from llo_research.regression.panel.effects import column_of, groups
from llo_research.regression.panel.solution import check_absorbed, check_independent, squares
from llo_research.regression.plausible import over_plausible
from llo_research.regression.term_counts import counts_of_terms
from llo_research.results.estimates import Estimates
from llo_research.results.inference import infer

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

CORRECTIONS = ("verbeek-nijman", "deaton")
# The joint covariance of the means is a square matrix of so many rows at most (200 MB).
_MOST = 5000


def pseudo_panel(
    formula: str,
    svy: Survey,
    *,
    cohort: str | Sequence[str],
    time: str | None = None,
    correction: str | None = "verbeek-nijman",
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
    """Fixed effects of cohorts that are followed through repeated cross-sections.

    Use it where each wave asked other people: groups that nobody enters or leaves (year of birth, education of adults)
    take the place of persons, and their means are followed.

    Parameters
    ----------
    formula : str
        ``"y ~ x"``; add ``C(year)`` for what changes for all cohorts.
    svy : Survey
        The waves together.
    cohort : str or list of str
        Columns that make the cohorts (several are crossed).
    time : str, optional
        Column of the waves; default that of the survey.
    correction : {"verbeek-nijman", "deaton", None}
        Means of samples err, which draws slopes to 0: their design covariance is taken off the cross-products, in the
        form that goes with means less the cohort's mean [2]_, or whole [1]_; None takes means as they are.
    vcov, cluster, lags, small_sample, level, missing, plausible
        As in :func:`fixed_effects`; not ``"iid"`` or ``"wild"``: means of samples have no errors that are alike, and
        no residuals of persons to draw signs for.
    seed, draws
        Of all models; without the wild bootstrap nothing is drawn.

    Returns
    -------
    Fit
        One row per `term`. ``.meta`` counts cohorts and cells, and tells the smallest cell and the share of each
        regressor's movement that is sampling error.

    Raises
    ------
    IdentificationError
        A regressor whose means do not move within cohorts, or move no more than they err; one time; cells of one row,
        whose error is unknown, where it is to be taken off.
    DataError
        So many cells that their joint covariance is too large.

    Notes
    -----
    With cell means xbar_ct and ybar_ct, cells weighted by their sums of weights, and ~ for the mean less the cohort's,
    b = (sum W x~ x~' - S_xx)^-1 (sum W x~ y~ - s_xy), S = sum_ab Q_ab Cov(mean_a, mean_b), Q the projection that takes
    the cohorts' means out: with independent cells of n persons and T waves S is (T - 1) / T of the sampling variance,
    as in [2]_, and with overlapping samples the covariance between waves counts too. The variance of b is that of the
    means through the exact derivatives, S held at its value.

    References
    ----------
    .. [1] Deaton, A. (1985). Panel data from time series of cross-sections. Journal of Econometrics, 30, 109-126.
    .. [2] Verbeek, M. and Nijman, T. (1993). Minimum MSE estimation of a regression model with fixed effects from a
       series of cross-sections. Journal of Econometrics, 59, 125-136.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"birth": np.tile(np.repeat(range(5), 100), 4), "year": np.repeat(range(4), 500)})
    >>> frame["w"] = 1.0
    >>> frame["x"] = frame["birth"] * frame["year"] + rng.normal(size=2000)
    >>> frame["y"] = 2 * frame["x"] + frame["birth"] + rng.normal(size=2000)
    >>> svy = llo.Survey(frame, weights="w", strata="year", time="year")
    >>> fit = llo.panel.pseudo_panel("y ~ x", svy, cohort="birth")
    >>> fit.to_frame()["estimate"].round(1).tolist(), fit.meta["n_cells"]
    ([2.0], 20)
    """
    if correction is not None:
        check_option(correction, "correction", CORRECTIONS)
    check_level(level)
    check_switch(plausible, "plausible")
    check_option(vcov, "vcov", ("design", "cluster", "two-way", "driscoll-kraay", "hc1"))
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    columns = names_of(cohort, "cohort")
    when = column_of("time", svy) if time is None else time
    call: dict[str, Any] = {"function": "panel.pseudo_panel", "formula": formula, "cohort": columns, "time": when}
    call |= {"correction": correction, "missing": missing, "plausible": plausible, **options.as_call()}

    def one(text: str, survey: Survey) -> Fit:
        data = model_data(text, survey, missing=missing, also=[*columns, when])
        check_not_negative(data)
        return _fitted(data, columns, when, correction, options, call, level)

    return over_plausible(formula, svy, one) if plausible else one(formula, svy)


def _fitted(
    data: ModelData,
    columns: list[str],
    when: str,
    correction: str | None,
    options: VcovOptions,
    call: dict[str, Any],
    level: float,
) -> Fit:
    """Means of the cells, and the regression as a map of them."""
    x, names = without_constant(data)
    cell, cohort, n_times = _cells(data, columns, when)
    values = np.column_stack([x, data.y])
    _check_sizes(cell, columns, when, correction)
    base, weights, means = means_of_cells(data, values, cell, len(cohort))
    cells = Cells(cohort, weights, means)
    left = cells.within()
    spread, size = squares(cells.means[:, :-1], cells.weights)
    check_absorbed(cells.weights @ left[:, :-1] ** 2, spread, size, names, ["the cohorts"])
    check_independent((left[:, :-1] * cells.weights[:, None]).T @ left[:, :-1], names)
    of_means = np.flatnonzero(np.arange(len(base.value)) % (values.shape[1] + 1) > 0)
    spread = infer(base, data.svy.design).covariance[np.ix_(of_means, of_means)]
    taken_off = noise(cells, spread, correction)
    check_noise(cells, taken_off, names)
    estimates = _mapped(base, cells, taken_off, len(names))
    sampling = np.diag(noise(cells, spread, "verbeek-nijman"))[:-1]
    moved = np.einsum("a,aj,aj->j", cells.weights, left[:, :-1], left[:, :-1])
    n_cohorts = int(cohort.max()) + 1
    told = {
        "formula": data.formula,
        "n_cohorts": n_cohorts,
        "n_times": n_times,
        "n_cells": len(cohort),
        "smallest_cell": int(np.bincount(cell).min()),
        "sampling_share": dict(zip(names, (sampling / moved).tolist(), strict=True)),
        "estimand": "changes of cohort means, cells by their sums of weights",
    }
    broken = at_breaks(data, names)
    vcov = vcov_of(options, Sample(data.svy, data.rows, len(names) + n_cohorts))
    return fit_of(
        estimates,
        names,
        data.svy,
        vcov,
        data.meta(call, {**told, **broken.meta}),
        level=level,
        n=len(data.rows),
        cells=counts_of_terms(x, data.weights, None),
        flags=broken.flags,
    )


def _cells(data: ModelData, columns: list[str], when: str) -> tuple[Codes, Codes, int]:
    """(m,) cell of each row, (K,) cohort of each cell, and the number of times."""
    svy, rows = data.svy, data.rows
    cohort = np.zeros(len(rows), dtype=np.intp)
    for name in columns:
        found = groups(svy, name, rows, "cohort")
        cohort = cohort * found.number + found.codes
    cohort = pd.factorize(cohort, sort=True)[0].astype(np.intp)
    time = groups(svy, when, rows, "time")
    if time.number < 2:
        raise IdentificationError(
            "There is one time: no cohort can be followed.",
            where=f"time {when!r}",
            found=f"{len(rows)} rows at {time.labels[0]!r}",
            todo="take more waves into the domain",
        )
    pairs, cell = np.unique(cohort * np.intp(time.number) + time.codes, return_inverse=True)
    if len(pairs) * (data.x.shape[1] + 2) > _MOST:
        raise DataError(
            "There are too many cells for their joint covariance.",
            where=f"cohort {columns}, time {when!r}",
            found=f"{len(pairs)} cells of {data.x.shape[1] + 1} means",
            expected=f"at most {_MOST} means",
            todo="group cohorts into classes, as birth5 for birth year",
        )
    return cell.astype(np.intp), (pairs // time.number).astype(np.intp), time.number


def _check_sizes(cell: Codes, columns: list[str], when: str, correction: str | None) -> None:
    """A mean of one row tells nothing of how much it errs: taken as exact, it would go uncorrected."""
    alone = np.bincount(cell) == 1
    if correction is not None and alone.any():
        raise IdentificationError(
            "Cells of one row do not tell how much their means err.",
            where=f"cohort {columns}, time {when!r}",
            found=f"{int(alone.sum())} of {len(alone)} cells have one row",
            expected="cells of two rows or more, and better of a hundred",
            todo="group cohorts into classes, leave these out with svy.where(...), or take correction=None",
        )


def _mapped(base: Estimates, cells: Cells, taken_off: Floats, p: int) -> Estimates:
    """The coefficients as a map of the cells' means and weights."""
    found = slopes(cells, taken_off)
    slope = jacobian(cells, taken_off, found)
    at = None
    if base.replicates is not None:
        parts = base.replicates.reshape(len(base.replicates), len(cells.cohort), -1)
        at = np.array([slopes(Cells(cells.cohort, own[:, 0], own[:, 1:]), taken_off) for own in parts])
    uses = np.ones(slope.shape, dtype=bool)
    return base.mapped(found, slope, replicates=at, uses=uses, taken=np.full(p, p - 1.0))

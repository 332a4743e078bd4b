"""Means and shares, with design-based standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.design.design import Design
from llo_research.design.replicates import Replicates
from llo_research.errors import DataError
from llo_research.estimation.assemble import Options, Part, assemble, unit_of
from llo_research.estimation.plausible import over_plausible_values
from llo_research.estimation.target import Target, make_target
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.ratios import CellRatios, cell_means, divide
from llo_research.options import check_switch, names_of
from llo_research.results import intervals
from llo_research.results.facts import Later
from llo_research.results.inference import at_replicates
from llo_research.results.quantities import Quantity, mean_of
from llo_research.results.result import Result
from llo_research.survey.lazy import cells_of, survey_for
from llo_research.survey.variables import Variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

_MOST_LEVELS = 200


def mean(
    variables: str | Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    interval: str | None = None,
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
    simultaneous: bool = False,
) -> Result:
    """Weighted mean, of all people or of each cell of `by`.

    Numbers and booleans give one row; text and categoricals give a row for each level: its share.

    Parameters
    ----------
    variables : str or list of str
        Columns, or conditions in the grammar of :meth:`Survey.where`, as ``"cursus == 'ja'"``: the share of people for
        whom one holds; where it is unknown the person is missing. Several speak of the same people: rows with a missing
        value in any are left out of all.
    svy : Survey
        The data; ``svy.where(...)`` for a domain.
    by : str or list of str, optional
        One row for each cell that occurs in the domain.
    interval : str, optional
        By default that of :func:`share` for shares (booleans, levels, numbers that are only 0 and 1): ``logit``,
        ``beta`` at 0 and 1; other means have ``wald``. ``interval="wald"`` is R's ``svymean``; the other methods of
        :func:`share` are for shares only.
    level : float
        Confidence level.
    missing : {"omit", "raise", "available"}
        Rows with a missing value: left out as a domain and counted in ``.meta["left_out"]``; an error; or left out
        for each variable separately.
    plausible : bool
        Each name is a pattern (``"PVLIT*"``, ``"PVLIT[1-10]"``) of plausible values, combined by Rubin's rules with
        the sampling variance averaged over all of them.
    simultaneous : bool
        Joint intervals for all rows.

    Returns
    -------
    Result
        Columns `by`, `variable`, `level`, `estimate`, `std_error`, `df`, `conf_low`, `conf_high`, `n`,
        `sum_weights`, `n_eff`, `deff`, `cv`, `flag`.

    Raises
    ------
    DataError
        No such column, a column that is neither number nor category, missing values with ``missing="raise"``.
    DesignError
        A stratum with one sampling unit (see `lonely_psu` of :class:`Survey`), or variables with different weights.

    Notes
    -----
    ybar = sum w_i y_i / sum w_i, with influence z_i = w_i (y_i - ybar) / sum w_i, zero outside the cell; the variance
    is the design's variance of sum z_i [1]_ [2]_. The design effect compares with simple random sampling without
    replacement of the same n (with replacement for proportional weights).

    References
    ----------
    .. [1] Woodruff, R. S. (1971). A simple method for approximating the variance of a complicated estimate. Journal of
       the American Statistical Association, 66, 411-414.
    .. [2] Sarndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling. Springer, section 5.6.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"hours": [1.0, 3.0, 2.0, 6.0], "sex": ["m", "m", "v", "v"], "w": [1.0, 1.0, 2.0, 2.0]})
    >>> llo.mean("hours", llo.Survey(frame, weights="w"), by="sex").to_frame()["estimate"].tolist()
    [2.0, 4.0]
    """
    names = names_of(variables, "variables")
    check_switch(plausible, "plausible")
    if interval is not None:
        intervals.check_interval(interval, intervals.PROPORTION)
    call = {"function": "mean", "variables": names, "by": by, "interval": interval, "missing": missing}
    options = Options(level, "wald", simultaneous, {**call, "plausible": plausible})
    svy = survey_for(svy, names, cells_of(by))

    def estimate(target: Target, missing: str, options: Options) -> Result:
        methods = _methods(target.variables, interval)
        return means_of(target, missing, replace(options, interval=methods))

    if plausible:
        return over_plausible_values(names, svy, by=by, missing=missing, options=options, estimate=estimate)
    return estimate(make_target(svy, names, by, missing, "variables"), missing, options)


def _methods(variables: Sequence[Variable], interval: str | None) -> tuple[str, ...]:
    """The method of the interval of each column: a share's, or the symmetric one."""
    methods: list[str] = []
    for found in variables:
        share_of = unit_of(found) == "share"
        if interval not in (None, "wald") and not share_of:
            raise DataError(
                f"{found.name!r} is not a share.",
                where=f"interval={interval!r}",
                found="numbers other than 0 and 1",
                expected="booleans, categories, or numbers that are only 0 and 1",
                todo="leave interval out: each variable then has its own; or interval='wald' for all",
            )
        word = interval or ("logit" if share_of else "wald")
        methods += [word] * (len(found.levels) if found.kind == "category" else 1)
    return tuple(methods)


def share(
    variables: str | Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    interval: str = "logit",
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
    simultaneous: bool = False,
) -> Result:
    """Share of people in each level of a categorical, boolean or integer variable, of all or of each cell of `by`.

    Parameters
    ----------
    variables : str or list of str
        Text, categoricals, booleans, whole numbers or conditions; every level gives a row.
    svy : Survey
        The data.
    by : str or list of str, optional
        One set of rows for each cell.
    interval : {"logit", "wald", "beta", "wilson", "asin", "xlogit", "likelihood"}
        ``logit`` (same as ``xlogit``): symmetric on the logit scale. ``beta``: Korn and Graubard's exact-type interval
        at the effective sample size [1]_. ``wilson``: the score interval with Student's t, at p (1 - p) / variance
        [2]_. ``asin``: arcsine square root. ``likelihood``: Rao-Scott scaled binomial likelihood [3]_. ``wald``:
        symmetric; the only one that may leave 0 to 1.
    plausible : bool
        Each name is a pattern of plausible values, as levels of proficiency drawn for each person, combined by Rubin's
        rules (:func:`mean`).
    level, missing, simultaneous
        As in :func:`mean`.

    Returns
    -------
    Result
        As :func:`mean`, with `level`. A share of exactly 0 or 1 is flagged ``boundary``; only ``beta`` and ``wilson``
        are defined there (they take n as the effective sample size), and the other methods but ``wald`` give way to
        ``beta``: ``.intervals`` names the method of each row.

    Raises
    ------
    DataError
        A variable with broken numbers, or an unknown interval.

    References
    ----------
    .. [1] Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of
       positive counts estimated from survey data. Survey Methodology, 24, 193-201.
    .. [2] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the
       American Statistical Association, 22, 209-212; Dean, N. and Pagano, M. (2015). Evaluating confidence interval
       methods for binomial proportions in clustered surveys. Journal of Survey Statistics and Methodology, 3, 484-503.
    .. [3] Rao, J. N. K. and Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with cell
       proportions estimated from survey data. Annals of Statistics, 12, 46-60.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"contract": ["fixed", "flex", "fixed", "flex"], "w": [3.0, 1.0, 3.0, 1.0]})
    >>> llo.share("contract", llo.Survey(frame, weights="w")).to_frame()[["level", "estimate"]].values.tolist()
    [['fixed', 0.75], ['flex', 0.25]]
    """
    intervals.check_interval(interval, intervals.PROPORTION)
    names = names_of(variables, "variables")
    check_switch(plausible, "plausible")
    call = {"function": "share", "variables": names, "by": by, "interval": interval, "missing": missing}
    options = Options(level, interval, simultaneous, {**call, "plausible": plausible})
    svy = survey_for(svy, [], [*names, *cells_of(by)])

    def estimate(target: Target, missing: str, options: Options) -> Result:
        for found in target.variables:
            check_levels(found)
        return means_of(target, missing, options, all_levels=True)

    if plausible:
        return over_plausible_values(
            names, svy, by=by, missing=missing, options=options, estimate=estimate, levels=True
        )
    return estimate(make_target(svy, names, by, missing, "variables"), missing, options)


def check_levels(found: Variable) -> None:
    """A variable whose levels can be counted."""
    if found.kind == "number":
        values = found.values[~found.missing]
        if (values != np.round(values)).any():
            raise DataError(
                f"{found.name!r} holds numbers with decimals; a share needs levels.",
                where=f"share, column {found.name!r}",
                found=f"for example {values[values != np.round(values)][0]:g}",
                expected="text, categories, booleans or whole numbers",
                todo="llo.mean for a mean, or group the numbers into classes first",
            )


def _check_number_of_levels(found: Variable) -> None:
    """A row for each level: at least one, and not as many as there are people."""
    if not 0 < len(found.levels) <= _MOST_LEVELS:
        raise DataError(
            f"{found.name!r} has {len(found.levels) or 'no'} levels.",
            where=f"column {found.name!r}",
            found=f"{int((~found.missing).sum())} values, the rest missing" if not found.levels else found.levels[:5],
            expected=f"1 to {_MOST_LEVELS} levels",
            todo="check the column" if not found.levels else "group the values into classes first",
        )


def means_of(target: Target, missing: str, options: Options, *, all_levels: bool = False) -> Result:
    """Means of all columns of a target, as a Result."""
    if missing != "available":
        heads, columns = columns_of(target.variables, all_levels=all_levels)
        return assemble(target, [mean_part(target, target.cells.codes, heads, columns)], options)
    parts = []
    for found in target.variables:
        heads, columns = columns_of([found], all_levels=all_levels)
        codes = np.where(found.missing, target.cells.number, target.cells.codes)
        parts.append(mean_part(target, codes, heads, columns))
    return assemble(target, parts, options)


def columns_of(variables: Sequence[Variable], *, all_levels: bool) -> tuple[list[dict[str, Any]], Floats]:
    """The numbers to average (n x p), missing as 0, and what each column is."""
    heads: list[dict[str, Any]] = []
    columns: list[Floats] = []
    for found in variables:
        if found.kind == "category" or all_levels:
            _check_number_of_levels(found)
            for number, name in enumerate(found.levels):
                heads.append({"variable": found.name, "level": name})
                columns.append((found.codes == number).astype(np.float64))
        else:
            heads.append({"variable": found.name})
            columns.append(np.nan_to_num(found.values, nan=0.0) if found.any_missing else found.values)
    return heads, columns[0][:, None] if len(columns) == 1 else np.column_stack(columns)


def mean_part(target: Target, codes: Codes, heads: Sequence[dict[str, Any]], columns: Floats) -> Part:
    """Means of these columns in these cells."""
    weights, k = target.weights, target.cells.number
    ratios = cell_means(codes, k, columns, weights)
    return Part(
        heads,
        codes,
        ratios,
        at_replicates(target.svy.design, partial(_means, codes, columns, k)),
        Later(_spread, codes, ratios, weights, target.svy.design),
        Later(np.multiply, weights[:, None], columns),
        quantities_of(target, heads),
        two_sided=True,
    )


def quantities_of(target: Target, heads: Sequence[dict[str, Any]]) -> list[Quantity]:
    """What kind of number the mean of each column is."""
    units = {found.name: unit_of(found) for found in target.variables}
    return [mean_of("share" if head.get("level") is not None else units[head["variable"]]) for head in heads]


def _means(codes: Codes, columns: Floats, k: int, replicates: Replicates) -> Floats:
    """(R, K, p) means at the replicates."""
    totals = replicates.totals(codes, np.column_stack([np.ones(len(codes)), columns]), k)
    return divide(totals[:, :, 1:], totals[:, :, :1])


def _spread(codes: Codes, ratios: CellRatios, weights: Floats, design: Design) -> Floats:
    """(K, p) variances of people in each cell, over its people."""
    return design.spread_within(codes, len(ratios.bottoms), ratios.influence, weights) * ratios.bottoms

"""Totals and ratios of totals, with design-based standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from llo_research.design.design import Design
from llo_research.design.replicates import Replicates
from llo_research.errors import DataError, DesignError
from llo_research.estimation.assemble import Options, OwnFacts, Part, assemble, facts_of
from llo_research.estimation.means import columns_of
from llo_research.estimation.target import MISSING, Target, make_target
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.ratios import CellRatios, cell_means, cell_ratios, cell_totals, divide
from llo_research.options import check_option, names_of
from llo_research.results.facts import Later
from llo_research.results.inference import at_replicates
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.survey.collapsed import kept_as_sums
from llo_research.survey.lazy import cells_of, survey_for

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def total(
    variables: str | Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> Result:
    """Weighted total, of all people or of each cell of `by`; for text and categoricals the number in each level.

    Parameters
    ----------
    variables, svy, by, level, simultaneous
        As in :func:`mean`.
    missing : {"omit", "raise"}
        As in :func:`mean`; rows left out count as zero, so that a total is of those who answered.

    Returns
    -------
    Result
        As :func:`mean`, without `level` for numbers.

    Raises
    ------
    DesignError
        With proportional weights (they sum to the sample, so that a total has no meaning).

    Notes
    -----
    Y = sum w_i y_i, with influence z_i = w_i y_i [1]_.

    References
    ----------
    .. [1] Horvitz, D. G. and Thompson, D. J. (1952). A generalization of sampling without replacement from a finite
       universe. Journal of the American Statistical Association, 47, 663-685.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"trained": [1, 0, 1], "w": [10.0, 20.0, 30.0]})
    >>> llo.total("trained", llo.Survey(frame, weights="w")).to_frame()["estimate"].tolist()
    [40.0]
    """
    names = names_of(variables, "variables")
    if missing == "available":
        raise DataError(
            "missing has no option 'available' for totals.",
            where="missing",
            found="'available'",
            expected="omit, raise",
            todo="call llo.total for each variable, and llo.joint for their covariance",
        )
    target = make_target(survey_for(svy, names, cells_of(by)), names, by, missing, "variables")
    if target.svy.weight_kind == "proportional":
        raise DesignError(
            "Proportional weights sum to the sample; a total of them has no meaning.",
            where=f"total({names})",
            todo="use the expansion weights of the file, or llo.mean and llo.share",
        )
    heads, columns = columns_of(target.variables, all_levels=False)
    codes, k, weights = target.cells.codes, target.cells.number, target.weights
    ratios = cell_totals(codes, k, columns, weights)

    call = {"function": "total", "variables": names, "by": by, "missing": missing}
    part = Part(
        heads,
        codes,
        ratios,
        at_replicates(target.svy.design, lambda replicates: replicates.totals(codes, columns, k)),
        Later(_spread_of_total, codes, k, columns, weights, target.svy.design),
        Later(np.multiply, weights[:, None], columns),
        [Quantity("total")] * len(heads),
    )
    return assemble(target, [part], Options(level, "wald", simultaneous, call))


def _spread_of_total(codes: Codes, k: int, columns: Floats, weights: Floats, design: Design) -> Floats:
    """(K, p) the variance of people around the mean, for as many as the weights add up to."""
    means = cell_means(codes, k, columns, weights)
    return design.spread_within(codes, k, means.influence, weights) * means.bottoms**3


def ratio(
    numerator: str,
    denominator: str,
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> Result:
    """Ratio of two weighted totals, as hours of training per hour worked; of all people or of each cell of `by`.

    Parameters
    ----------
    numerator, denominator : str
        Columns of numbers or booleans.
    svy, by, level, simultaneous
        As in :func:`mean`.
    missing : {"omit", "raise", "available"}
        As in :func:`mean`. Numerator and denominator of one ratio speak of the same people, those with a value of both:
        ``available`` is here what ``omit`` is.

    Returns
    -------
    Result
        As :func:`mean`; `variable` is ``numerator / denominator``.

    Raises
    ------
    DataError
        A column that is not a number, or a denominator that sums to zero in a cell.

    Notes
    -----
    R = sum w_i a_i / sum w_i b_i, with influence z_i = w_i (a_i - R b_i) / sum w_i b_i [1]_.

    References
    ----------
    .. [1] Cochran, W. G. (1977). Sampling Techniques, 3rd ed. Wiley, chapter 6.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"learned": [1.0, 2.0], "worked": [10.0, 20.0], "w": [1.0, 3.0]})
    >>> llo.ratio("learned", "worked", llo.Survey(frame, weights="w")).to_frame()["estimate"].tolist()
    [0.1]
    """
    target = _numerator_and_denominator(numerator, denominator, svy, by, missing)
    codes, k, weights = target.cells.codes, target.cells.number, target.weights
    top, bottom = (np.nan_to_num(found.values, nan=0.0)[:, None] for found in target.variables)
    ratios = cell_ratios(codes, k, top, bottom, weights)
    _check_denominator(target, ratios, denominator)

    call = {"function": "ratio", "numerator": numerator, "denominator": denominator, "by": by, "missing": missing}
    heads = [{"variable": f"{numerator} / {denominator}"}]
    part = Part(
        heads,
        codes,
        ratios,
        at_replicates(target.svy.design, partial(_ratios, codes, top, bottom, k)),
        Later(_spread_of_ratio, codes, ratios, weights, target.svy.design),
        Later(np.multiply, weights[:, None], top),
        [Quantity("ratio")],
        facts=Later(_facts, codes, k, top, bottom, weights)
        if target.svy.design.stands is None
        else Later(_facts_of_sums, target),
    )
    return assemble(target, [part], Options(level, "wald", simultaneous, call))


def _ratios(codes: Codes, top: Floats, bottom: Floats, k: int, replicates: Replicates) -> Floats:
    """(R, K, 1) ratios at the replicates."""
    totals = replicates.totals(codes, np.hstack([top, bottom]), k)
    return divide(totals[:, :, :1], totals[:, :, 1:])


def _spread_of_ratio(codes: Codes, ratios: CellRatios, weights: Floats, design: Design) -> Floats:
    """(K, 1) the variance of what people's numerators differ by from the ratio of their denominators."""
    k = len(ratios.bottoms)
    return design.spread_within(codes, k, ratios.influence, weights) * group_sums(codes, weights, k)[:, None]


def _facts(codes: Codes, k: int, top: Floats, bottom: Floats, weights: Floats) -> OwnFacts:
    """Of the rows with a denominator; a ratio of two counts is a share of them."""
    n, below = facts_of(codes, weights[:, None] * bottom, k)
    above, of_top = facts_of(codes, weights[:, None] * top, k)
    both, _ = facts_of(codes, weights[:, None] * top * (bottom != 0), k)
    counted = bool((((top == 0) | (top == 1)) & ((bottom == 0) | (bottom == 1))).all())
    return OwnFacts(n, above, n - both if counted else n, np.fmax(below, of_top))


def _facts_of_sums(target: Target) -> OwnFacts:
    """The same of rows that stand for many; of numbers that they hold the sums of, as far as it is known."""
    stands, codes, k, weights = target.svy.design.stands, target.cells.codes, target.cells.number, target.weights
    assert stands is not None
    counts, parts, values = [], [], []
    for found in target.variables:
        known = stands.of_number(found.name, codes, weights, k)
        own = np.nan_to_num(found.values, nan=0.0)
        if known is not None and known.kinds.max(initial=0) > 2:
            counts.append(known.other)
            parts.append(known.largest)
            own = np.full(len(own), 2.0)  # neither 0 nor 1
        elif kept_as_sums(target.svy, found.name):
            counts.append(np.full(k, np.nan))
            parts.append(np.full(k, np.nan))
        else:
            size = np.abs(weights * own)
            counts.append(stands.rows(np.where(size > 0, codes, k), k))
            parts.append(divide(stands.largest(codes, size[:, None], weights, k)[:, 0], group_sums(codes, size, k)))
        values.append(own)
    n, (top, bottom) = counts[1], values
    both = stands.rows(np.where((top != 0) & (bottom != 0) & (weights != 0), codes, k), k)
    counted = bool(np.isin(values, (0.0, 1.0)).all())
    facts = n, counts[0], n - both if counted else n, np.maximum(*parts)
    return OwnFacts(*(own[:, None] for own in facts))


def _numerator_and_denominator(
    numerator: str, denominator: str, svy: Survey, by: str | Sequence[str] | None, missing: str
) -> Target:
    """The target of a ratio: two columns of numbers."""
    names = [*names_of(numerator, "numerator"), *names_of(denominator, "denominator")]
    if len(names) != 2:
        raise DataError(
            "A ratio has one numerator and one denominator.",
            where="ratio",
            found=names,
            expected="two names, as llo.ratio('hours_training', 'hours_worked', svy)",
            todo="call llo.ratio for each pair, and llo.joint for their covariance",
        )
    check_option(missing, "missing", MISSING)
    same_people = "omit" if missing == "available" else missing
    target = make_target(survey_for(svy, names, cells_of(by)), names, by, same_people, "numerator and denominator")
    for found in target.variables:
        if found.kind == "category":
            raise DataError(
                f"{found.name!r} is not a number.",
                where="ratio",
                found=f"a {found.kind}",
                expected="numbers or booleans",
                todo="make it a number with svy.assign(...), or compare shares with llo.gap",
            )
    return target


def _check_denominator(target: Target, ratios: CellRatios, name: str) -> None:
    """A denominator that sums to zero has no ratio."""
    zero = (ratios.bottoms[:, 0] == 0) & (target.counts > 0)
    if zero.any():
        cell = target.cells.keys.iloc[int(zero.argmax())].to_dict()
        raise DataError(
            "The denominator sums to zero.",
            where=f"ratio, {name!r}, cell {cell or 'all'}",
            found=f"0 over {int(target.counts[int(zero.argmax())])} rows",
            todo="leave this cell out with svy.where(...), or check the column",
        )

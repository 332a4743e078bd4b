"""The spread of numbers in the population: its variance, with a design-based standard error."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from llo_research.design.design import Design
from llo_research.design.replicates import Replicates
from llo_research.errors import DataError
from llo_research.estimation.assemble import Options, Part, assemble
from llo_research.estimation.target import Target, make_target
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.ratios import CellRatios, cell_means, divide
from llo_research.options import names_of
from llo_research.results.facts import Later
from llo_research.results.inference import at_replicates
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.survey.lazy import cells_of, survey_for
from llo_research.survey.variables import Variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def variance(
    variables: str | Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> Result:
    """Variance of a number in the population, of all people or of each cell of `by`.

    Not the variance of an estimate (that is ``std_error ** 2`` of any result), but how much people differ.

    Parameters
    ----------
    variables, svy, by, level, missing, simultaneous
        As in :func:`mean`; columns of numbers or booleans.

    Returns
    -------
    Result
        As :func:`mean`. ``result.contrast("sqrt(wage)")`` is the standard deviation.

    Raises
    ------
    DataError
        Text or categories.

    Notes
    -----
    S2 = n/(n-1) sum w_i (y_i - ybar)^2 / sum w_i, n the people with a weight in the cell; its influence values are
    z_i = n/(n-1) w_i ((y_i - ybar)^2 - s2) / sum w_i with s2 = (n-1)/n S2 [1]_. The estimate of ybar adds nothing
    to first order. A cell of one person has no variance.

    References
    ----------
    .. [1] Sarndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling. Springer, section 5.9.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"wage": [1.0, 2.0, 3.0, 6.0], "w": [1.0] * 4})
    >>> llo.variance("wage", llo.Survey(frame, weights="w")).estimate.round(3).tolist()
    [4.667]
    """
    names = names_of(variables, "variables")
    svy = survey_for(svy, [], [*names, *cells_of(by)])
    target = make_target(svy, names, by, missing, "variables")
    parts = []
    for found in target.variables:
        if found.kind == "category":
            raise DataError(
                f"{found.name!r} is not a number.",
                where="variance",
                found="text or categories",
                expected="a column of numbers",
                todo="llo.share for the distribution over categories",
            )
        outside = found.missing if missing == "available" else np.zeros(len(svy), dtype=bool)
        codes = np.where(outside, target.cells.number, target.cells.codes) if outside.any() else target.cells.codes
        parts.append(_part(target, found, codes))
    call = {"function": "variance", "variables": names, "by": by, "missing": missing}
    return assemble(target, parts, Options(level, "wald", simultaneous, call))


def _part(target: Target, found: Variable, codes: Codes) -> Part:
    """One variable: the mean of its squared deviations, times n / (n - 1)."""
    weights, k = target.weights, target.cells.number
    values = np.nan_to_num(found.values, nan=0.0)[:, None]
    centre = np.append(np.nan_to_num(cell_means(codes, k, values, weights).estimate[:, 0], nan=0.0), 0.0)
    deviation = values - centre[codes][:, None]
    n = target.svy.design.rows_of_cells(np.where(weights != 0, codes, k), k)
    factor = divide(n, n - 1)[:, None]
    factor[n < 2] = np.nan
    squares = cell_means(codes, k, deviation**2, weights)
    # The deviations sum to zero but for rounding, which the square of their mean takes off.
    rest = cell_means(codes, k, deviation, weights).estimate ** 2
    per_row = np.append(np.nan_to_num(factor[:, 0], nan=0.0), 0.0)[codes][:, None]
    ratios = CellRatios(factor * (squares.estimate - rest), squares.bottoms, squares.influence * per_row)

    return Part(
        [{"variable": found.name}],
        codes,
        ratios,
        at_replicates(target.svy.design, partial(_variances, codes, deviation, factor, k)),
        Later(_spread, target.svy.design, codes, ratios, weights),
        Later(_contributions, codes, k, values, deviation, weights),
        [Quantity("variance")],
        size=Later(_size, ratios.estimate, centre),
        two_sided=True,
    )


def _variances(codes: Codes, deviation: Floats, factor: Floats, k: int, replicates: Replicates) -> Floats:
    """(R, K, 1) variances at the replicates."""
    columns = np.column_stack([np.ones(len(codes)), deviation, deviation**2])
    totals = replicates.totals(codes, columns, k)
    means = divide(totals[:, :, 1:], totals[:, :, :1])
    return np.asarray((means[:, :, 1:] - means[:, :, :1] ** 2) * factor)


def _spread(design: Design, codes: Codes, ratios: CellRatios, weights: Floats) -> Floats:
    """(K, 1) variances of people's squared deviations."""
    return design.spread_within(codes, len(ratios.bottoms), ratios.influence, weights) * ratios.bottoms


def _contributions(codes: Codes, k: int, values: Floats, deviation: Floats, weights: Floats) -> Floats:
    """(n, 1) squared deviations; of two values, as codes 1 and 2, who has the larger one: a share in other words."""
    inside = values[(codes < k) & (weights != 0)]
    ends = (inside.min(initial=np.inf), inside.max(initial=-np.inf))
    binary = bool(((inside == ends[0]) | (inside == ends[1])).all())
    return np.asarray(weights[:, None] * ((values == ends[1]) if binary else deviation**2))


def _size(estimate: Floats, centre: Floats) -> Floats:
    """(K, 1) of the squares that are subtracted: a constant has a variance of rounding size, and so has its spread."""
    return np.asarray(np.abs(estimate) + centre[:-1, None] ** 2)

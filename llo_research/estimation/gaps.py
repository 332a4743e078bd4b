"""Gaps between two groups: a difference, a ratio or an odds ratio, always `of` against `minus`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.estimation.assemble import Options, assemble
from llo_research.estimation.comparisons import Map, compare
from llo_research.estimation.means import columns_of, mean_part
from llo_research.estimation.pairs import (
    check_options,
    check_shares,
    columns_of_groups,
    named_levels,
    paired,
    two_groups,
)
from llo_research.estimation.plausible import over_plausible_values
from llo_research.estimation.target import Target, check_survey, make_target
from llo_research.numerics.groups import Codes
from llo_research.options import check_switch, names_of
from llo_research.results.behind import are_levels, smallest
from llo_research.results.facts import Facts, Later
from llo_research.results.result import Result
from llo_research.results.standing import straddled
from llo_research.survey.lazy import cells_of, survey_for

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def gap(
    variable: str | Sequence[str],
    svy: Survey,
    *,
    group: str | None = None,
    of: Any,
    minus: Any,
    by: str | Sequence[str] | None = None,
    scale: str = "difference",
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
    simultaneous: bool = False,
) -> Result:
    """The gap between two groups in the mean of a variable: `of` minus `minus`, of all or in each cell of `by`.

    Parameters
    ----------
    variable : str or list of str
        Numbers, booleans or conditions (their means); text and categoricals give a row for each level.
    svy : Survey
        The data.
    group : str, optional
        Column of which `of` and `minus` are two levels. Without it `of` and `minus` are conditions
        (``of="education == 'high'", minus="~startkwalificatie"``); groups that overlap are refused.
    of, minus : level or str
        The two groups. Nothing swaps them: the sign is that of mean(of) - mean(minus).
    by : str or list of str, optional
        One gap for each cell. A cell without people of one group has an undefined gap, flagged ``empty``.
    scale : {"difference", "ratio", "odds"}
        mean(of) - mean(minus); mean(of) / mean(minus); or the odds ratio of two shares. Intervals and tests of the
        last two are made on the log scale, against a ratio of 1.
    plausible : bool
        Each name is a pattern of plausible values (``"PVLIT*"``): their gaps combined by Rubin's rules.
    level, missing, simultaneous
        As in :func:`mean`.

    Returns
    -------
    Result
        Columns `by`, `variable`, `level`, `measure`, `of`, `minus`, `estimate`, `std_error`, `statistic`, `df`,
        `p_value`, `conf_low`, `conf_high`, `n`, `flag`.

    Raises
    ------
    DataError
        Unknown levels, groups that overlap or are empty, shares outside (0, 1) for odds.

    Notes
    -----
    The covariance of the two means comes from the design, so that clusters or persons in both groups count. The
    degrees of freedom are those of the two groups together.

    References
    ----------
    Woodruff, R. S. (1971). A simple method for approximating the variance of a complicated estimate. Journal of the
    American Statistical Association, 66, 411-414.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"trained": [1, 1, 0, 1], "education": ["high", "high", "low", "low"], "w": [1.0] * 4})
    >>> svy = llo.Survey(frame, weights="w")
    >>> llo.gap("trained", svy, group="education", of="high", minus="low").estimate.tolist()
    [0.5]
    """
    names = names_of(variable, "variable")
    check_options(scale, missing, group, by)
    check_switch(plausible, "plausible")
    groups = columns_of_groups(group, of, minus)
    svy = survey_for(svy, names, [*groups, *cells_of(by)])
    check_survey(svy)
    of, minus = named_levels(svy, group, of, minus)
    call = {
        "function": "gap",
        "variable": names,
        "group": group,
        "of": of,
        "minus": minus,
        "by": by,
        "scale": scale,
        "missing": missing,
        "plausible": plausible,
    }
    options = Options(level, "wald", simultaneous, call)

    def estimate(target: Target, missing: str, options: Options) -> Result:
        sides, left_out = two_groups(target.svy, group, of, minus, missing)
        target = replace(target, left_out={**target.left_out, **left_out})
        return _gaps(target, sides, scale, {"of": _text(of), "minus": _text(minus)}, options)

    if plausible:
        return over_plausible_values(
            names, svy, by=by, missing=missing, options=options, estimate=estimate, groups=groups
        )
    return estimate(make_target(svy, names, by, missing, "variable", groups=groups), missing, options)


def _gaps(target: Target, sides: Codes, scale: str, told: dict[str, str], options: Options) -> Result:
    """The gaps of all columns of a target, given the side of each row: one comparison of two means in each cell."""
    pairs = paired(target, sides)
    heads, columns = columns_of(target.variables, all_levels=False)
    if scale == "odds":
        check_shares(target)
    both = replace(target, cells=pairs)
    means = assemble(both, [mean_part(both, pairs.codes, heads, columns)], options, inferred=False)
    k, p = target.cells.number, len(heads)
    numbers = np.arange(2 * k * p).reshape(k, 2, p)
    first, second = numbers[:, 0].ravel(), numbers[:, 1].ravel()
    places = np.column_stack([first, second]).ravel(), 2 * np.arange(k * p + 1)
    shape = (k * p, 2 * k * p)
    combined = Map(
        sparse.csr_array((np.tile([1.0, -1.0], k * p), *places), shape=shape),
        sparse.csr_array((np.ones(2 * k * p, dtype=bool), *places), shape=shape),
        np.isnan(means.estimate[first]) | np.isnan(means.estimate[second]),
    )
    rows = means.rows.iloc[first].reset_index(drop=True).assign(measure=scale, **told)
    made = compare(
        means,
        rows,
        combined,
        kind="difference",
        scale=scale,
        labels=(rows, target.by),
        meta={"base_levels": {**means.meta["base_levels"], **told}},
        facts=None
        if means.cell_details is None
        else Later(_both_sides, means.cell_details, combined.uses, are_levels(means.rows)),
    )
    flags, breaks = straddled(means, combined.uses.toarray(), None, made.labels, made.extra_flags)
    return replace(made, extra_flags=flags, meta={**made.meta, **breaks})


def _both_sides(details: Facts, uses: sparse.csr_array, levels: np.ndarray) -> pd.DataFrame:
    """Disclosure facts of the smaller group of each gap, and the counts of both."""
    facts = details()
    counts = facts["n"].to_numpy()[uses.indices].reshape(-1, 2)
    return smallest(facts, uses, levels).assign(n_of=counts[:, 0], n_minus=counts[:, 1])


def _text(level: Any) -> str:
    """A level or condition as text."""
    return str(level)

"""Gelbach's decomposition: what each group of controls takes off a coefficient, whatever the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from llo_research.decomposition.columns import named_terms
from llo_research.decomposition.moments import coefficients_at, grouped, moments_of, moments_result, one_column
from llo_research.decomposition.parts import TOTAL, check_sum
from llo_research.decomposition.plausible import drawn
from llo_research.numerics.groups import Floats
from llo_research.options import check_level, check_option, check_switch
from llo_research.results.decomposition import Decomposition

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def gelbach(
    formula: str,
    svy: Survey,
    *,
    focal: str,
    groups: Mapping[str, Sequence[str]],
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
) -> Decomposition:
    """How much each group of controls takes off the coefficient of a focal regressor.

    Use it instead of adding controls block by block, where what a block "explains" depends on its place in the order.

    Parameters
    ----------
    formula : str
        The full model, ``"y ~ focal + a + b + c"``.
    svy : Survey
        The data.
    focal : str
        The regressor whose coefficient is decomposed: one column.
    groups : mapping
        ``{"job": ["a", "b"], "firm": ["c"]}``: terms by group. What is in no group stays in the base model.
    level, missing
        As in :func:`llo.glm`.
    plausible : bool
        A star in the formula (``PVLIT*``; its stem in `focal` and `groups`) names plausible values,
        which are combined by Rubin's rules.

    Returns
    -------
    Decomposition
        Rows ``base`` and ``full`` (the coefficient without and with the groups) and ``explained`` (base - full) with
        `term` a group or ``total``; `share_of_gap` is the share of the base coefficient.
        Of a 0/1 outcome tables and sentences show percentage points.

    Raises
    ------
    DataError
        A focal regressor of several columns, a group that names no term.
    IdentificationError
        Collinear columns, as many coefficients as rows.

    Notes
    -----
    With X_1 the base regressors and X_2 the groups', b_base - b_full = sum_g (X_1'WX_1)^{-1} X_1'W X_2g b_2g of the
    full model, an identity [1]_. All of it is a smooth function of one matrix of sums of products, so that the parts
    have one design-based covariance.

    References
    ----------
    .. [1] Gelbach, J. B. (2016). When do covariates matter? And which ones, and how much? Journal of Labor Economics,
       34, 509-543.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1.0, 3.0, 4.0, 4.0, 7.0, 7.0], "x": [0.0, 1.0, 1.0, 2.0, 3.0, 3.0],
    ...                       "a": [0.0, 0.0, 1.0, 0.0, 1.0, 1.0], "w": 1.0})
    >>> parts = llo.decomposition.gelbach("y ~ x + a", llo.Survey(frame, weights="w"), focal="x", groups={"job": ["a"]})
    >>> parts.to_frame()[["component", "estimate"]].round(3).values.tolist()
    [['base', 1.864], ['full', 1.5], ['explained', 0.364], ['explained', 0.364]]
    """
    check_level(level)
    check_option(missing, "missing", ("omit", "raise"))
    check_switch(plausible, "plausible")
    if plausible:
        return drawn(
            gelbach, [formula], svy, {"formula": formula}, focal=focal, groups=groups, level=level, missing=missing
        )
    made = moments_of(formula, svy, missing)
    at = one_column(made.columns, focal)
    named = grouped(made.columns, groups, "groups", at)
    q = made.data.x.shape[1]
    moved = np.concatenate(list(named.values()))
    base = np.array([j for j in range(q) if j not in moved])
    place, every, scale = int(np.flatnonzero(base == at)[0]), np.arange(q), made.standard[0][at]

    def parts(grams: Floats) -> Floats:
        full = coefficients_at(grams, every, q)
        alone = coefficients_at(grams, base, q)[..., place]
        through = coefficients_at(grams, base, moved)[..., place, :] * full[..., moved]
        ends = np.cumsum([len(own) for own in named.values()])[:-1]
        explained = [part.sum(axis=-1) for part in np.split(through, ends, axis=-1)]
        return np.asarray(np.stack([alone, full[..., at], alone - full[..., at], *explained], axis=-1) / scale)

    estimates = made.smooth(parts)
    value = estimates.value[None]
    check_sum(value[:, 2], value[:, 3:], [""], "groups", np.abs(value[:, :2]).max(axis=1))
    rows = pd.DataFrame(
        {"term": [TOTAL, TOTAL, TOTAL, *named], "component": ["base", "full", *["explained"] * (1 + len(named))]}
    )
    call = {
        "function": "gelbach",
        "formula": formula,
        "focal": focal,
        "groups": named_terms(groups, "groups"),
    }
    return moments_result(made, estimates, rows, {**call, "missing": missing}, level, 0, named, at)

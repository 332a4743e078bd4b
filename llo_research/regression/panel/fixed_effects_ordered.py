"""Ordered logit with an effect for each unit: blow-up and cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.model_data import ModelData
from llo_research.regression.panel import conditional_fit
from llo_research.regression.panel.call import Call, Found
from llo_research.regression.panel.effects import Panel

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def fixed_effects_ordered(
    formula: str,
    svy: Survey,
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
) -> Fit:
    """Ordered logit with an effect for each unit, by blow-up and cluster (BUC).

    Use it for scales of a few ordered answers (satisfaction, agreement) where whatever stays the same of a person is
    to be held fixed, and distances between answers are not to be assumed.

    Parameters
    ----------
    formula : str
        ``"satisfaction ~ x + C(z)"``; the response is an ordered categorical or whole numbers. A constant is part of
        the effects.
    svy : Survey
        With `unit`, and one weight for each unit (or ``unit_weights``).
    vcov, cluster, lags, small_sample, seed, draws, level, missing, plausible
        As in :func:`fixed_effects`; ``wild`` is for linear models, ``iid`` is refused: copies of a row are not
        independent.

    Returns
    -------
    Fit
        One row per `term`: changes of the log odds of any higher answer within a unit. ``nobs`` counts the rows, once
        each, of units whose answers change; ``.meta["units_without_variation"]`` the other units,
        ``.meta["units_by_cut"]`` those that cross each cut-off. Neither thresholds nor effects are estimated: there
        are no margins (:func:`correlated_random_effects` with ``family="ordered"`` gives these).

    Raises
    ------
    IdentificationError
        No unit whose answers change; a regressor that never changes in these; answers that follow from the regressors.
    DataError
        A response without an order, or with one level.
    DesignError
        Weights that vary within units; a survey without `unit`.

    Notes
    -----
    With levels 1 to K each unit stands K - 1 times in a conditional logit (see :func:`conditional_logit`), of
    y_it > k for k = 1, ..., K - 1, with one b for all [1]_. It maximises the sum of these likelihoods; unlike the best
    single cut-off, or a cut at each unit's mean, it is consistent (a cut that depends on the answers is not). A row's
    influence sums its scores over the cut-offs, so that its copies always stay in one sampling unit. In 1,000 samples
    as in :func:`conditional_logit` 95 % intervals held the truth in 93 to 94 %.

    References
    ----------
    .. [1] Baetschmann, G., Staub, K. E. and Winkelmann, R. (2015). Consistent estimation of the fixed effects ordered
       logit model. Journal of the Royal Statistical Society A, 178, 685-703.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3, 4, 4], "year": [1, 2] * 4, "w": 1.0})
    >>> frame["x"], frame["y"] = [0, 1, 0, 1, 1, 0, 0, 1], [1, 3, 2, 3, 2, 1, 3, 1]
    >>> fit = llo.panel.fixed_effects_ordered("y ~ x", llo.Survey(frame, weights="w", unit="who", time="year"))
    >>> fit.to_frame()["estimate"].round(4).tolist()  # log of 4 cut-offs crossed along with x to 2 against it
    [0.6931]
    """
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    conditional_fit.check_sandwich(options)
    return Call("fixed_effects_ordered", formula, options, level, missing, plausible).fit(svy, found, ordered=True)


def found(data: ModelData, panel: Panel) -> Found:
    """The estimator on the rows of a model."""
    above = [data.y > cut for cut in range(len(data.levels) - 1)]
    told = {"family": "ordered", "link": "logit", "levels": list(data.levels)}
    crossed = {
        f"{low}|{high}": int(np.count_nonzero(conditional_fit.changes(yes, panel)))
        for low, high, yes in zip(data.levels[:-1], data.levels[1:], above, strict=True)
    }
    return conditional_fit.found(data, panel, above, "Fixed-effects ordered logit", {**told, "units_by_cut": crossed})

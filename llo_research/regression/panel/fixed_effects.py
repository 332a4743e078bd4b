"""Fixed effects: what goes with changes within a unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.model_data import ModelData
from llo_research.regression.panel.call import Call, Found, without_constant
from llo_research.regression.panel.effects import Panel, check_followed, effect_names, effects_of, groups
from llo_research.regression.panel.wild_rows import within_rows
from llo_research.regression.panel.within_fit import within, within_at_replicates
from llo_research.survey.lazy import is_lazy

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def fixed_effects(
    formula: str,
    svy: Survey,
    *,
    effects: str | Sequence[str] = ("unit",),
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
    """Weighted fixed effects (within estimator), for any number of effects.

    Use it to ask what goes with changes within persons: whatever of a person stays the same, seen or unseen, is held
    fixed. With ``effects=("unit", "time")`` what changes for everybody from wave to wave is held fixed too.

    Parameters
    ----------
    formula : str
        ``"y ~ x + C(z)"``; a constant is part of the effects.
    svy : Survey
        With `unit` (the person). ``unit_weights`` are used where the survey has them.
    effects : str or list of str
        Roles of the survey, ``"unit"`` and ``"time"``, or columns, as ``("sector", "year")``.
    vcov : {"design", "cluster", "two-way", "driscoll-kraay", "hc1", "iid", "wild"}
        As in :func:`llo_research.glm`.
    small_sample : {"nonnested", "none"}, optional
        With clusters by default G/(G-1) (n-1)/(n-k): k counts coefficients, a constant, and the effects that are not
        nested in the clusters.
    cluster, lags, seed, draws, level, missing, plausible
        As in :func:`llo_research.glm`.

    Returns
    -------
    Fit
        One row per `term`. ``.meta`` counts units, singletons (which stay in ``nobs``) and units that are observed more
        than once, and names the estimand when weights vary within units.
        Terms of time that mix method and reality at a series break (``svy.source["breaks"]``) are flagged ``break``;
        ``.meta["breaks"]`` says whether the model has a break term, or a level for every wave.

    Raises
    ------
    IdentificationError
        A regressor that the effects carry or that is a combination of others; one unit; no unit in two waves.
    DataError
        A unit with two rows at one time.
    DesignError
        A survey without `unit`.

    Notes
    -----
    With x~ and y~ the residuals of the weighted projection on the dummies of all effects, b = (X~'WX~)^-1 X~'Wy~, which
    is the coefficient of the weighted regression on x and all dummies [1]_. The influence is w_i e_i (X~'WX~)^-1 x~_i,
    e_i the residual: the exact derivative in w_i, so that the design's kernel, and weighting steps before it, apply as
    to any other estimator [2]_. Replicates are solved again from the Gram matrices of the sampling units. df is the
    design's df + 1 - k, k the number of terms.

    References
    ----------
    .. [1] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed. MIT Press, section
       10.5; Frisch, R. and Waugh, F. V. (1933). Partial time regressions as compared with individual trends.
       Econometrica, 1, 387-401.
    .. [2] Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys.
       International Statistical Review, 51, 279-292.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3], "year": [1, 2] * 3, "x": [0.0, 1, 0, 2, 1, 1], "w": 1.0})
    >>> frame["y"] = 2 * frame["x"] + 5 * frame["who"] + [0, 0.5, 0, 0, 0, 0]
    >>> fit = llo.panel.fixed_effects("y ~ x", llo.Survey(frame, weights="w", unit="who", time="year"))
    >>> fit.to_frame()[["term", "estimate"]].round(3).values.tolist(), fit.meta["n_units"]
    ([['x', 2.1]], 3)
    """
    if is_lazy(svy):
        made: Fit = svy.by_passes("fixed_effects", dict(locals()))
        return made
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    names = effect_names(effects, svy)
    own = {"effects": list(names)}
    call = Call("fixed_effects", formula, options, level, missing, plausible, own)
    return call.fit(
        svy, lambda data, panel: found(data, panel, names), also=list(names.values()), needs_unit="unit" in names
    )


def found(data: ModelData, panel: Panel, effects: dict[str, str], also: dict[str, Any] | None = None) -> Found:
    """The within estimator on the rows of a model.

    effects : the columns, by role or name. also : what ``.meta`` says besides.
    """
    known = {group.name: group for group in (panel.unit, panel.time) if group is not None}
    taken = tuple(known.get(name) or groups(data.svy, name, data.rows, "effects") for name in effects.values())
    if panel.unit.name in effects.values():
        check_followed(panel, "An effect of the unit")
    x, names = without_constant(data)
    inside = effects_of(taken, data.weights)
    solution = within(x, data.y, inside, names, list(effects))
    replicates = data.svy.design.replicates
    told = {
        "effects": {name: group.number for name, group in zip(effects, taken, strict=True)},
        "estimand": panel.estimand("weighted within regression"),
        "units_with_changes": int((panel.waves > 1).sum()),
        "r2_within": solution.explained,
        **(also or {}),
    }
    return Found(
        data,
        panel,
        names,
        solution,
        data.rows,
        data.y - solution.residuals,
        solution.residuals,
        len(data.rows),
        None if replicates is None else within_at_replicates(x, data.y, inside, replicates, data.rows),
        taken,
        told,
        linear=lambda clusters: within_rows(x, data.y, data.weights, taken, clusters),
    )

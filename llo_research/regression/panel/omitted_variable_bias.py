"""How strong an omitted variable would have to be: Cinelli and Hazlett's robustness values, Oster's delta."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.groups import Floats
from llo_research.options import names_of, nearest
from llo_research.regression.fit import Fit
from llo_research.regression.model import Model
from llo_research.regression.panel.call import PanelFit
from llo_research.regression.panel.solution import INTERCEPT
from llo_research.results.floors import facts_of
from llo_research.results.sensitivity import Sensitivity

# Oster's bound for the R-squared of a model with everything in it, on that of the model at hand.
_OSTER = 1.3
_TIMES = (1.0, 2.0, 3.0)


def omitted_variable_bias(
    fit: Fit,
    *,
    treatment: str,
    benchmark: str | Sequence[str] | None = None,
    r2_max: float | None = None,
) -> Sensitivity:
    """How strongly an omitted variable would have to go with treatment and outcome to undo an estimate.

    Use it beside every coefficient that is to be read as an effect: with benchmarks, "a confounder three times as
    strong as education would not undo it" is a sentence that can be checked.

    Parameters
    ----------
    fit : Fit
        A linear model: of the panel estimators, or of :func:`llo_research.glm` with family gaussian.
    treatment : str
        Its term.
    benchmark : str or list of str, optional
        Terms or columns with which an omitted variable is compared; several columns of one category count together.
    r2_max : float, optional
        Oster's R-squared of a model with everything in it; default the smaller of 1 and 1.3 times that at hand.

    Returns
    -------
    Sensitivity
        ``.to_frame()`` has rows by `measure`: ``partial_r2`` (of the treatment with the outcome), ``rv`` (an omitted
        variable that explains this share of what is left of both treatment and outcome brings the estimate to 0),
        ``rv_interval`` (brings it into the reach of 0 at the fit's level), ``oster_delta`` (how much more strongly
        than the observed regressors the unobserved would have to go with the treatment), ``oster_beta`` (the estimate
        if as strongly), ``r2_short``, ``r2_full``, ``r2_max``; for each benchmark and `times` 1, 2 and 3
        ``bound_treatment``, ``bound_outcome`` (partial R-squared of a variable so many times as strong) and
        ``adjusted`` (the estimate with it; nan where no variable can be so strong).

    Raises
    ------
    DataError
        A fit that is no linear model, a term that it does not have.
    IdentificationError
        A benchmark that is the treatment.

    Notes
    -----
    With f^2 = R^2 / (1 - R^2) of the treatment, RV = (sqrt(f^4 + 4 f^2) - f^2) / 2 [1]_; for the interval f is reduced
    by t* over the size of t, t from the fit's own standard error (with classical errors this is their RV_alpha).
    Partial R-squared are weighted, of rows as the model sees them (within units for fixed effects). delta and beta as
    in [2]_, with the short model of the treatment alone.

    References
    ----------
    .. [1] Cinelli, C. and Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias. Journal of
       the Royal Statistical Society B, 82, 39-67.
    .. [2] Oster, E. (2019). Unobservable selection and coefficient stability: theory and evidence. Journal of Business
       & Economic Statistics, 37, 187-204.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"z": rng.normal(size=400), "w": 1.0})
    >>> frame["x"] = frame["z"] + rng.normal(size=400)
    >>> frame["y"] = frame["x"] + frame["z"] + rng.normal(size=400)
    >>> fit = llo.glm("y ~ x + z", llo.Survey(frame, weights="w"))
    >>> told = llo.panel.omitted_variable_bias(fit, treatment="x", benchmark="z").to_frame()
    >>> told["measure"].tolist()[:4]
    ['partial_r2', 'rv', 'rv_interval', 'oster_delta']
    >>> shown = llo.report.table(llo.panel.omitted_variable_bias(fit, treatment="x"), language="en").to_frame()
    >>> shown.iloc[1, 0]
    'Robustness value: brings the estimate to 0'
    """
    products, names = _products(fit)
    place = _place(treatment, names, "treatment")
    if len(place) != 1:
        raise DataError("The treatment is one term.", where="treatment", found=", ".join(names[j] for j in place))
    d, y = place[0], len(names)
    others = [j for j in range(len(names)) if j != d]
    partial = _partial(products, y, [d], others)
    f = np.sqrt(partial / (1 - partial))
    beta = float(fit.estimate[fit.labels.index(names[d])])
    rows: list[tuple[str, str, float, float]] = [("partial_r2", "", np.nan, partial), ("rv", "", np.nan, _rv(f))]
    rows.append(("rv_interval", "", np.nan, _rv(f * _beyond_chance(fit, names[d]))))
    rows += [(name, "", np.nan, value) for name, value in _oster(products, d, others, beta, r2_max).items()]
    benchmarks: dict[str, list[int]] = {}
    for name in [] if benchmark is None else names_of(benchmark, "benchmark"):
        own = benchmarks[name] = _place(name, names, "benchmark")
        if d in own:
            raise IdentificationError("The benchmark is the treatment itself.", where="benchmark", found=repr(name))
        rows += [row for k in _TIMES for row in _bounds(products, d, own, others, beta, f, name, k)]
    frame = pd.DataFrame(rows, columns=["measure", "term", "times", "estimate"])
    places = {"treatment": d, "benchmarks": benchmarks, "r2_max": r2_max}
    meta = {**fit.meta, "treatment": treatment, "benchmark": benchmark, "of": fit.meta["call"], "places": places}
    return Sensitivity(frame, meta, fit.rows, facts_of(fit), fit)


def _products(fit: Fit) -> tuple[Floats, tuple[str, ...]]:
    """Cross-products of [regressors, y] around their means where there is a constant, and the regressors' names."""
    if isinstance(fit, PanelFit) and fit.products is not None:
        square, names = fit.products, fit.labels
    elif isinstance(fit, Fit) and len(fit.models) == 1 and is_linear(fit.models[0]):
        data = fit.models[0].data
        columns = np.column_stack([data.x, data.y])
        square, names = (columns * data.weights[:, None]).T @ columns, fit.labels
    else:
        raise DataError(
            "Omitted variables are asked of a linear model.",
            where="fit",
            found=f"a {type(fit).__name__} of {getattr(fit, 'meta', {}).get('call', {}).get('function')}",
            expected="a fit of llo.glm with family gaussian, or of a linear panel estimator, without draws",
        )
    if INTERCEPT in names:
        at = list(names).index(INTERCEPT)
        square = square - np.outer(square[:, at], square[at]) / square[at, at]
        kept = [j for j in range(len(square)) if j != at]
        square, names = square[np.ix_(kept, kept)], tuple(name for name in names if name != INTERCEPT)
    return square, names


def is_linear(model: object) -> bool:
    """Whether a model is least squares."""
    return isinstance(model, Model) and (model.family.name, model.family.link.name) == ("gaussian", "identity")


def _place(name: str, names: tuple[str, ...], role: str) -> list[int]:
    """The columns of a term: its own, or those of the levels of a category."""
    starts = (f"{name}[", f"C({name})[", f"C({name},")
    found = [j for j, term in enumerate(names) if term == name or term.startswith(starts)]
    if not found:
        raise DataError(
            f"The model has no term {name!r}.",
            where=role,
            found=f"{name!r}{nearest(name, names, 'in the model')}",
            expected=", ".join(names),
        )
    return found


def _residual(products: Floats, rows: list[int], controls: list[int]) -> Floats:
    """Cross-products of columns less their projection on the controls."""
    own = products[np.ix_(rows, rows)]
    if not controls:
        return own
    across = products[np.ix_(controls, rows)]
    return np.asarray(own - across.T @ np.linalg.solve(products[np.ix_(controls, controls)], across))


def _partial(products: Floats, outcome: int, of: list[int], given: list[int]) -> float:
    """Partial R-squared of some columns with another, given further ones."""
    left = _residual(products, [*of, outcome], given)
    k = len(of)
    return float(left[:k, k] @ np.linalg.solve(left[:k, :k], left[:k, k]) / left[k, k])


def _rv(f: float) -> float:
    """Robustness value."""
    f = max(f, 0.0)
    return float((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


def _beyond_chance(fit: Fit, name: str) -> float:
    """Share of the estimate that would have to go for its interval to reach 0."""
    j = fit.labels.index(name)
    df = float(fit.df[j])
    t = abs(float(fit.estimate[j] / fit.std_error[j]))
    if not df > 1 or not np.isfinite(t):
        return np.nan
    return float(1 - stats.t.ppf((1 + fit.level) / 2, df - 1) * np.sqrt(df / (df - 1)) / t)


def _oster(products: Floats, d: int, others: list[int], beta: float, r2_max: float | None) -> dict[str, float]:
    """delta for an estimate of 0, the estimate at delta = 1, and the R-squared of the three models."""
    y = len(products) - 1
    total, treated = products[y, y], products[d, d]
    short = products[d, y] / treated
    r_short = short * products[d, y] / total
    r_full = _partial(products, y, [d, *others], [])
    r_max = min(1.0, _OSTER * r_full) if r2_max is None else float(r2_max)
    if not r_full <= r_max <= 1:
        raise DataError("r2_max lies between the model's R-squared and 1.", where="r2_max", found=f"{r_max:.4g}")
    tau = float(_residual(products, [d], others)[0, 0]) / treated
    # in units of the treatment's variance
    moved, beyond, gap = (r_full - r_short) * total / treated, (r_max - r_full) * total / treated, short - beta
    delta = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        cube = beta**3 * (tau - tau**2)
        above = beta * moved * tau + beta * tau * gap**2 + 2 * beta**2 * tau * gap + cube
        below = beyond * gap + beta * beyond * (1 - tau) + beta**2 * tau * gap + cube
        delta = float(above / below) if below else np.inf
    # v = beta - beta*, of the sign of the movement from the short model to this one
    a, b, c = tau * gap, moved * tau + tau * gap**2 - beyond * (1 - tau), -beyond * gap
    roots = np.roots([a, b, c]) if a else np.array([0.0])
    same = [float(root.real) for root in np.atleast_1d(roots) if np.sign(root.real) == np.sign(gap) or root == 0]
    adjusted = beta - same[0] if same else np.nan
    out = {"oster_delta": delta, "oster_beta": adjusted, "r2_short": r_short, "r2_full": r_full}
    return {**{name: float(value) for name, value in out.items()}, "r2_max": r_max}


def _bounds(
    products: Floats, d: int, own: list[int], others: list[int], beta: float, f: float, name: str, k: float
) -> list[tuple[str, str, float, float]]:
    """Strength of a confounder k times as strong as a benchmark, and the estimate with it."""
    y = len(products) - 1
    rest = [j for j in others if j not in own]
    with_treatment, with_outcome = _partial(products, d, own, rest), _partial(products, y, own, [d, *rest])
    strength = k * with_treatment / (1 - with_treatment)
    shared = k * with_treatment**2 / ((1 - k * with_treatment) * (1 - with_treatment))
    if strength >= 1 or not 0 <= shared < 1:
        outcome = adjusted = np.nan
    else:
        factor = (np.sqrt(k) + np.sqrt(shared)) / np.sqrt(1 - shared)
        outcome = min(float(factor**2 * with_outcome / (1 - with_outcome)), 1.0)
        bias = abs(beta) / f * np.sqrt(outcome * strength / (1 - strength))
        adjusted = float(np.sign(beta) * (abs(beta) - bias))
    values = {"bound_treatment": min(strength, 1.0), "bound_outcome": outcome, "adjusted": adjusted}
    return [(measure, name, k, float(value)) for measure, value in values.items()]

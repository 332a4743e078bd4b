"""From the call of a panel estimator to its Fit: options checked, rows read, covariance chosen, counts told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError, DesignError, IdentificationError
from llo_research.estimation.target import check_survey
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_level, check_switch
from llo_research.regression.breaks import at_breaks
from llo_research.regression.classical import Classical
from llo_research.regression.covariances import Sample, VcovOptions, cluster_codes, default_cluster, vcov_of
from llo_research.regression.fit import Fit, fit_of
from llo_research.regression.model_data import ModelData, model_data
from llo_research.regression.ordered_model import AnyModel
from llo_research.regression.panel.effects import (
    ROLES,
    Groups,
    Panel,
    column_of,
    nested_levels,
    panel_of,
    with_unit_weights,
)
from llo_research.regression.panel.solution import INTERCEPT, Solution
from llo_research.regression.panel.wild_rows import LinearRows, tests
from llo_research.regression.plausible import over_plausible
from llo_research.regression.wild import WildTests
from llo_research.results.estimates import Estimates
from llo_research.results.vcov import ByCluster, Vcov

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@dataclass(frozen=True, repr=False, eq=False)
class PanelFit(Fit):
    """Coefficients of a panel model; made by the estimators, not by hand.

    Parameters
    ----------
    products : (p + 1, p + 1) array, optional
        Cross-products of regressors and response as the model sees them (within units, differenced, ...), by which
        :func:`omitted_variable_bias` asks what is left out.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 2], "t": [1, 2] * 2, "x": [0.0, 1, 0, 2], "y": [1.0, 2, 3, 6], "w": 1})
    >>> fit = llo.panel.fixed_effects("y ~ x", llo.Survey(frame, weights="w", unit="who", time="t"))
    >>> fit.products.tolist()
    [[2.5, 3.5], [3.5, 5.0]]
    """

    products: Floats | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What a panel estimator found.

    data : the rows of the model. panel : their units and times. names : (p,) terms.
    solution : coefficients and scores; `rows` : (d,) positions in the survey of the rows that scores stand at.
    fitted, residuals : (d,) of these rows, in the units of the response; of levels (d, levels) and nan.
    n : observations that are counted. effects : groups whose dummies were taken out, and their `dummies` (rank).
    replicates : (R, p) or None. meta : what ``.meta`` says besides. models : for predictions, where there is one.
    linear : from the cluster of each row (d,) to the transformed rows, for the wild bootstrap of linear models.
    columns : (m, p) what stands behind each term, where terms are no columns of the formula.
    """

    data: ModelData
    panel: Panel
    names: tuple[str, ...]
    solution: Solution
    rows: Codes
    fitted: Floats
    residuals: Floats
    n: int
    replicates: Floats | None
    effects: tuple[Groups, ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)
    models: tuple[AnyModel, ...] = ()
    linear: Callable[[Codes], LinearRows] | None = None
    columns: Floats | None = None

    @property
    def k(self) -> int:
        """Degrees of freedom that coefficients and effects took."""
        return self.solution.rank


# Rows are looked at in pieces of so many.
_LOOK = 8192
Estimator: TypeAlias = Callable[[ModelData, Panel], Found]


@dataclass(frozen=True)
class Call:
    """The arguments that all panel estimators share.

    function : its name. formula : as it was given. options : of the covariance. own : further arguments.
    """

    function: str
    formula: str
    options: VcovOptions
    level: float
    missing: str
    plausible: bool
    own: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_level(self.level)
        check_switch(self.plausible, "plausible")

    def _within(self) -> bool:
        """Whether the estimator compares each unit with itself only."""
        alone = self.function in ("first_difference", "conditional_logit", "fixed_effects_ordered")
        return alone or "unit" in self.own.get("effects", ())

    def told(self) -> dict[str, Any]:
        """The call, for ``.meta``."""
        told = {"function": f"panel.{self.function}", "formula": self.formula, **self.own}
        return {**told, "missing": self.missing, "plausible": self.plausible, **self.options.as_call()}

    def fit(
        self,
        svy: Survey,
        estimate: Callable[[ModelData, Panel], Found],
        also: Sequence[str] = (),
        *,
        needs_unit: bool = True,
        ordered: bool = False,
        offset: str | None = None,
    ) -> Fit:
        """The estimator on a survey; of plausible values on each draw. ordered : whether the response has levels."""

        def one(text: str, data: Survey) -> Fit:
            model = read(text, data, self.missing, also, ordered=ordered, offset=offset)
            panel = panel_of(model.svy, model.rows, model.weights, needs_unit=needs_unit)
            return self.finished(estimate(model, panel))

        return over_plausible(self.formula, svy, one, offset) if self.plausible else one(self.formula, svy)

    def finished(self, found: Found) -> Fit:
        """What was found as a Fit."""
        data, n = found.data, len(found.data.svy)
        fitted, residuals = np.full((n, *found.fitted.shape[1:]), np.nan), np.full(n, np.nan)
        fitted[found.rows], residuals[found.rows] = found.fitted, found.residuals
        x = _named(data, found.names) if found.columns is None else found.columns
        broken = at_breaks(data, found.names, [effect.name for effect in found.effects])
        told = {"formula": data.formula, **found.panel.facts(), **found.meta, **broken.meta}
        meta = data.meta(self.told(), told)
        vcov = covariance_of(found, self.options)
        made = fit_of(
            estimates_of(found),
            found.names,
            data.svy,
            vcov,
            {**meta, "nobs": found.n},
            level=self.level,
            n=found.n,
            cells=counts(x, data.weights, found.panel.unit.codes, within=self._within()),
            flags=broken.flags,
            wild=self._wild(found, vcov),
            models=found.models,
            fitted=fitted,
            residuals=residuals,
        )
        own = {item.name: getattr(made, item.name) for item in fields(Fit)}
        return PanelFit(**own, products=found.solution.products)

    def _wild(self, found: Found, vcov: Vcov) -> WildTests | None:
        """The tests of the wild bootstrap, where they were asked for."""
        if self.options.vcov != "wild":
            return None
        if found.linear is None or not isinstance(vcov, ByCluster):
            raise DataError(
                "The wild bootstrap is that of linear models.",
                where="vcov='wild'",
                found=f"panel.{self.function}",
                todo="vcov='cluster'",
            )
        clusters = vcov.codes[found.rows]
        return tests(found.linear(clusters), len(found.names), vcov, clusters, self.options, self.level)


def read(
    formula: str,
    svy: Survey,
    missing: str,
    also: Sequence[str] = (),
    *,
    ordered: bool = False,
    offset: str | None = None,
) -> ModelData:
    """The rows of a panel model, with the unit weights where the survey has them."""
    check_survey(svy)
    svy = with_unit_weights(svy)
    roles = [column_of(role, svy) for role in ROLES if svy._arguments.get(role) is not None]
    also = list(dict.fromkeys([*roles, *also]))
    data = model_data(formula, svy, missing=missing, ordered=ordered, offset=offset, also=also)
    check_not_negative(data)
    return data


def check_not_negative(data: ModelData) -> None:
    """Means of units and squares of errors have no meaning with weights below zero."""
    below = data.weights < 0
    if below.any():
        raise DesignError(
            "Some weights are negative.",
            where=f"row {int(data.rows[below.argmax()])}",
            found=f"{int(below.sum())} rows with a weight below 0",
            expected="weights of 0 or more",
            todo="calibrate with method='raking' or 'logit', which keep weights positive",
        )


def without_constant(data: ModelData) -> tuple[Floats, tuple[str, ...]]:
    """Regressors and names without the constant, which effects and differences take out."""
    kept = [j for j, name in enumerate(data.names) if name != INTERCEPT]
    if not kept:
        raise IdentificationError(
            "The formula has no regressors.",
            where=f"formula {data.formula!r}",
            expected="at least one beside the constant, which the effects take out",
            todo="llo.glm('y ~ 1', ...) for a mean",
        )
    x = data.x[:, kept] if kept != list(range(kept[0], kept[0] + len(kept))) else data.x[:, kept[0] : kept[-1] + 1]
    return x, tuple(data.names[j] for j in kept)


def _named(data: ModelData, names: Sequence[str]) -> Floats:
    """The regressors of these names; ones for terms that an estimator made itself."""
    place = {name.strip("`"): j for j, name in enumerate(data.names)}
    at = [place.get(name, -1) for name in names]
    if at == list(range(at[0], at[0] + len(at))):
        return data.x[:, at[0] : at[0] + len(at)]
    return np.column_stack([data.x[:, j] if j >= 0 else np.ones(len(data.y)) for j in at])


def counts(x: Floats, weights: Floats, units: Codes, *, within: bool = False) -> pd.DataFrame:
    """Counts for disclosure control of each column of x (m, p), in pieces of rows: units, with and without it.

    within : whether only units of which a column changes tell of its coefficient; they count then.
    """
    m, p = x.shape
    first = x[:_LOOK]
    few = [j for j in range(p) if len(np.unique(first[:, j])) <= 2]
    total, largest = np.zeros(p), np.zeros((min(m, _LOOK), p))
    for start in range(0, m, _LOOK):
        size = np.abs(x[start : start + _LOOK])
        total += weights[start : start + _LOOK] @ size
        size *= weights[start : start + _LOOK, None]
        np.maximum(largest[: len(size)], size, out=largest[: len(size)])
    largest = largest.max(axis=0)
    two, there, without = np.zeros(p, dtype=bool), np.full(p, m), np.full(p, m)
    two[few] = [len(np.unique(x[:, j])) == 2 for j in few]
    for j in range(p):
        having = x[:, j] != 0
        if two[j] or 2 * np.count_nonzero(having) < m:  # most are 0, as in a product with a rare answer
            there[j] = len(np.unique(units[having]))
        if two[j]:
            without[j] = len(np.unique(units[~having]))
        if within and (changing := _changing(x[:, j], units)):
            there[j] = min(there[j], changing)
    return pd.DataFrame(
        {
            "n": m,
            "n_units": len(np.unique(units)),
            "n_nonzero": there,
            "n_complement": without,
            "largest_share": largest / np.where(total > 0, total, 1.0),
        }
    )


def _changing(column: Floats, units: Codes) -> int:
    """The units in which a column has several values."""
    order = np.argsort(units, kind="stable")
    own, sorted_values = units[order], column[order]
    return len(np.unique(own[1:][(own[1:] == own[:-1]) & (sorted_values[1:] != sorted_values[:-1])]))


def estimates_of(found: Found) -> Estimates:
    """Coefficients with their influence, df less k - 1 for k terms."""
    data, solution, n = found.data, found.solution, len(found.data.svy)
    p = len(found.names)
    codes, values = np.ones(n, dtype=np.intp), solution.scores
    codes[found.rows] = 0
    if len(found.rows) < n or not (found.rows == np.arange(n)).all():
        values = np.zeros((n, p))
        values[found.rows] = solution.scores
    scores = Scores((Block(codes, values, 1),), data.all_weights, solution.inverse)
    size = np.sqrt(np.maximum(np.diag(solution.inverse), 0) * (data.weights @ data.y**2))
    magnitude = np.maximum(size, np.abs(solution.coefficients))
    return Estimates(solution.coefficients, scores, found.replicates, {}, magnitude, np.full(p, p - 1.0))


def covariance_of(found: Found, options: VcovOptions) -> Vcov:
    """The covariance that was asked for."""
    solution = found.solution
    if options.vcov == "iid":
        return Classical(solution.variance * solution.inverse, solution.inverse, float(found.n - found.k))
    sample = Sample(found.data.svy, found.rows, found.k)
    return vcov_of(options, sample, _nested(found, options, sample))


def _nested(found: Found, options: VcovOptions, sample: Sample) -> dict[str, int]:
    """Effects nested in any of the clusters, by the column of these."""
    if not found.effects or options.vcov not in ("cluster", "two-way", "wild"):
        return {}
    names = [options.cluster] if isinstance(options.cluster, str) else list(options.cluster or ())
    rank = found.k - len(found.names)
    names = names or [str(default_cluster(found.data.svy))]
    codes = [cluster_codes(name, sample)[0][found.rows] for name in names]
    return dict.fromkeys(names, nested_levels(found.effects, codes, rank))

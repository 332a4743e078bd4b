"""Ordered models with the means of units among the regressors, whose derivative in the weights enters the influence.

With s = d log p / d theta of a row, the means m_i = sum_t w_it x_it / sum_t w_it add to its influence, w_it times
(x_it - m_i) sbar_i for the coefficients of the means, sbar_i the unit's mean of d log p / d eta, and
tbar_i (x_it - m_i)'g, tbar_i the unit's mean of d s / d eta and g the coefficients of the means.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from llo_research.design.scores import Block, Scores
from llo_research.numerics import ordered
from llo_research.numerics.groups import Floats
from llo_research.regression.model_data import ModelData
from llo_research.regression.ordered_model import OrderedModel, fit_ordered
from llo_research.regression.panel.call import Found
from llo_research.regression.panel.effects import Panel, check_followed
from llo_research.regression.panel.replicates import one_by_one
from llo_research.regression.panel.solution import Solution
from llo_research.regression.panel.unit_means import MeansAmongRegressors, Wider, with_means
from llo_research.results.estimates import Estimates


@dataclass(frozen=True, eq=False)
class OrderedWithMeans(MeansAmongRegressors, OrderedModel):
    """An ordered model with unit means among its regressors."""

    @property
    def columns(self) -> Floats:
        """(m, p) the regressors."""
        return self.x

    @cached_property
    def scores(self) -> Floats:
        """(m, q) derivatives of the estimating equations in each weight, times the weight."""
        d = ordered.derivatives(self.coefficients[:, None], self.bounds, self.link)
        values = self.bounds.upper * d.by_upper + self.bounds.lower * d.by_lower
        slope = -(d.by_upper + d.by_lower)
        bent = self.bounds.upper * (d.upper_upper + d.upper_lower)
        bent += self.bounds.lower * (d.lower_lower + d.upper_lower)
        panel, means = self.panel, list(self.means)
        assert panel is not None
        apart = self.x[:, list(self.source)] - self.x[:, means]
        code = panel.unit.codes
        values += panel.means(bent)[code] * (apart @ self.coefficients[means])[:, None]
        values[:, means] += apart * panel.means(slope)[code]
        return np.asarray(values * panel.weights[:, None])

    def estimates(self) -> Estimates:
        """The parameters, with the derivative of the means in their influence."""
        data = self.data
        block = Block(data.codes, data.everywhere(self.scores), 1)
        return replace(super().estimates(), scores=Scores((block,), data.all_weights, self.inverse))


def found(data: ModelData, panel: Panel, link: str, missing: str) -> Found:
    """A pooled ordered model with unit means, on the rows of a model."""
    check_followed(panel, "A model with unit means")
    wider = with_means(data, panel, missing)
    model = _with_replicates(_model(wider, panel, link))
    own, names = model.data, tuple(name.strip("`") for name in model.names)
    told = {
        "estimand": panel.estimand("pooled ordered model with unit means"),
        "means_of": list(wider.source),
        "means_equal": list(wider.equal),
        "family": "ordered",
        "link": link,
        "levels": list(own.levels),
    }
    count = len(own.levels)
    thresholds = (own.y[:, None] <= np.arange(count - 1)).astype(np.float64)
    solution = Solution(
        coefficients=model.coefficients,
        inverse=model.inverse,
        scores=model.scores,
        residuals=np.full(len(own.rows), np.nan),
        rank=len(model.coefficients),
        variance=float(own.weights.mean()),
        explained=1 - model.deviance / model.null_deviance,
    )
    return Found(
        own,
        panel,
        names,
        solution,
        own.rows,
        np.column_stack([model.mean(model.x, None, model.coefficients, k) for k in range(count)]),
        solution.residuals,
        len(own.rows),
        model.replicates,
        (),
        told,
        (model,),
        columns=np.hstack([model.x, thresholds]),
    )


def _model(wider: Wider, panel: Panel, link: str) -> OrderedWithMeans:
    """The pooled model of these rows."""
    model = fit_ordered(wider.data, link)
    source, means = wider.places([wider.data.names[j] for j in model.kept])
    own = {item.name: getattr(model, item.name) for item in fields(OrderedModel)}
    return OrderedWithMeans(**own, panel=panel, source=source, means=means)


def _with_replicates(model: OrderedWithMeans) -> OrderedWithMeans:
    """The model whose means are taken anew at replicates at which they are others."""
    data, replicates = model.data, model.data.svy.design.replicates
    if replicates is None or not model.regressors_move:
        return model
    answer, levels = data.y.astype(np.intp), len(data.levels)

    def solve(weights: Floats) -> Floats:
        at = ordered.bounds(model.regressors_at(model.x, weights, ()), answer, levels)
        made = ordered.solve(at, weights[:, None], model.link, model.coefficients[:, None])
        return np.where(made.converged[0], made.theta[:, 0], np.nan)

    return replace(model, replicates=one_by_one(replicates, data.rows, solve))

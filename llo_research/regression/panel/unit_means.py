"""Models with the means of units among the regressors, whose derivative in the weights enters the influence.

The means m_i = sum_t w_it x_it / sum_t w_it move with the weights: dm_i / dw_it = (x_it - m_i) / S_i. With z = (x, m)
and estimating equations sum w s z = 0, the influence of a row is w_it times

    z_it s_it + (0, x_it - m_i) sbar_i - hbar_i (x_it - m_i)'g,

sbar_i and hbar_i the unit's weighted means of s and of z h (h = - ds / d eta, 1 for least squares) and g the
coefficients of the means. The added terms sum to 0 within each unit: they matter once weights were calibrated.
A mean of h(z'b) over people moves with the means too: by w_it (x_it - m_i)'g times the unit's mean of dh / d eta.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError
from llo_research.numerics import glm
from llo_research.numerics.families import Family
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.regression.identification import check_response
from llo_research.regression.model import Model, fit_model
from llo_research.regression.model_data import ModelData, model_data
from llo_research.regression.panel.effects import Panel
from llo_research.regression.panel.replicates import one_by_one, one_factor
from llo_research.results.estimates import Estimates

# A regressor of which nothing varies within units, but for rounding of this size.
_CONSTANT = 1e-10


class HasMeans(Protocol):
    """A model with unit means among its regressors.

    columns : (m, p) the regressors. panel : the units. source : (c,) regressors that have a mean. means : (c,) numbers
    of their means' columns.
    """

    @property
    def data(self) -> ModelData:
        """The rows."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters, regressors first."""

    @property
    def coefficients(self) -> Floats:
        """Of the regressors first."""

    @property
    def columns(self) -> Floats:
        """The regressors."""

    @property
    def panel(self) -> Panel | None:
        """The units."""

    @property
    def source(self) -> tuple[int, ...]:
        """Regressors that have a mean."""

    @property
    def means(self) -> tuple[int, ...]:
        """Their means."""


@dataclass(frozen=True, eq=False)
class MeansAmongRegressors:
    """Of a model with unit means among its regressors: they move with the weights.

    panel : the units. source : (c,) regressors that have a mean. means : (c,) numbers of their means' columns.
    """

    panel: Panel | None = None
    source: tuple[int, ...] = ()
    means: tuple[int, ...] = ()

    @property
    def weighted_regressors(self) -> bool:
        """The means."""
        return True

    def through_regressors(self: HasMeans, slopes: Floats, held: Collection[str]) -> Floats:
        """(m, q) influence of sums, with slopes (m, q) in the rows' linear predictors, through the means."""
        panel, x = self.panel, self.columns
        assert panel is not None
        free = [(j, k) for j, k in zip(self.source, self.means, strict=True) if self.names[k].strip("`") not in held]
        sources, means = [j for j, _ in free], [k for _, k in free]
        along = (x[:, sources] - x[:, means]) @ self.coefficients[means]
        sums = group_sums(panel.unit.codes, slopes, panel.unit.number) / panel.totals[:, None]
        return np.asarray((panel.weights * along)[:, None] * sums[panel.unit.codes])

    @cached_property
    def regressors_move(self: HasMeans) -> bool:
        """Whether the means are others at some replicates."""
        data, panel, replicates = self.data, self.panel, self.data.svy.design.replicates
        assert panel is not None
        return replicates is not None and not one_factor(replicates, data.rows, panel.unit.codes, panel.weights)

    def regressors_at(self: HasMeans, x: Floats, weights: Floats, held: Collection[str]) -> Floats:
        """(m, p) regressors x with the means that other weights (m,) give; rows of units without weight stay."""
        out, panel = x.copy(), self.panel
        assert panel is not None
        code, totals = panel.unit.codes, group_sums(panel.unit.codes, weights, panel.unit.number)
        values = weights[:, None] * self.columns[:, list(self.source)]
        sums = group_sums(code, values, panel.unit.number)
        there = totals[code] > 0
        for j, k in enumerate(self.means):
            if self.names[k].strip("`") not in held:
                out[there, k] = sums[code[there], j] / totals[code[there]]
        return out


@dataclass(frozen=True, eq=False)
class ModelWithMeans(MeansAmongRegressors, Model):
    """A generalised linear model with unit means among its regressors."""

    @property
    def columns(self) -> Floats:
        """(m, p) the regressors."""
        return self.data.x

    def estimates(self) -> Estimates:
        """The coefficients, with the derivative of the means in their influence."""
        base = super().estimates()
        values = scores(self)
        block = Block(self.data.codes, self.data.everywhere(values), 1)
        return replace(base, scores=Scores((block,), self.data.all_weights, self.inverse))


def scores(model: ModelWithMeans) -> Floats:
    """(m, p) derivatives of the estimating equations in each weight, times the weight."""
    panel, z, means = model.panel, model.data.x, list(model.means)
    assert panel is not None
    code, s, h = panel.unit.codes, model.at.residual, model.at.information
    deviation = z[:, list(model.source)] - z[:, means]
    out = z * s[:, None] - panel.means(z * h[:, None])[code] * (deviation @ model.beta[means])[:, None]
    out[:, means] += deviation * panel.means(s[:, None])[code]
    return np.asarray(out * panel.weights[:, None])


def varying_columns(x: Floats, panel: Panel) -> tuple[Codes, Floats]:
    """Numbers of the columns that vary within units, and all columns' weighted means at each row."""
    means = panel.means(x)[panel.unit.codes]
    weights = panel.weights
    spread = np.sqrt(weights @ (x - weights @ x / weights.sum()) ** 2)
    varies = np.sqrt(weights @ (x - means) ** 2) > _CONSTANT * np.maximum(spread, 1e-300)
    return np.flatnonzero(varies), means


@dataclass(frozen=True, eq=False)
class Wider:
    """The rows of a model with a column ``mean(x)`` for each regressor x that varies within units.

    source : regressors that have a mean. means : the means. equal : regressors whose means are the same for all units,
    as those of years where everybody is there in each.
    """

    data: ModelData
    source: tuple[str, ...]
    means: tuple[str, ...]
    equal: tuple[str, ...]

    def places(self, names: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Numbers of sources and means among regressors of these names."""
        place = {name.strip("`"): j for j, name in enumerate(names)}
        return tuple(place[name] for name in self.source), tuple(place[name] for name in self.means)


def with_means(data: ModelData, panel: Panel, missing: str) -> Wider:
    """The model with a column ``mean(x)`` for each regressor x that varies within units, as its means between them."""
    varying, means = varying_columns(data.x, panel)
    varying, equal = _without_equal(data, varying, means)
    made = {f"mean({data.names[j]})": data.everywhere(means[:, j], np.nan) for j in varying}
    taken = [name for name in made if name in data.svy._frame.columns]
    if taken:
        raise DataError(
            f"The means of units are called {taken[0]!r}, and so is a column.",
            where="the survey",
            todo="rename the column; means are made here, with the weights",
        )
    text = " + ".join([data.formula, *(f"`{name}`" for name in made)])
    ordered = bool(data.levels)
    wider = model_data(text, data.svy.assign(**made), missing=missing, ordered=ordered, also=[panel.unit.name])
    return Wider(
        replace(wider, left_out=data.left_out), tuple(data.names[j].strip("`") for j in varying), tuple(made), equal
    )


def with_unit_means(wider: Wider, panel: Panel, family: Family) -> ModelWithMeans:
    """The pooled model of these rows."""
    check_response(wider.data, family)
    model = fit_model(wider.data, family)
    source, columns = wider.places(wider.data.names)
    own = {item.name: getattr(model, item.name) for item in fields(Model)}
    found = ModelWithMeans(**own, panel=panel, source=source, means=columns)
    return replace(found, replicates=_at_replicates(found)) if model.replicates is not None else found


def _without_equal(data: ModelData, varying: Codes, means: Floats) -> tuple[Codes, tuple[str, ...]]:
    """Regressors whose means differ between units, and the names of the others, which the constant stands for."""
    if "Intercept" not in data.names:
        return varying, ()
    spread = np.ptp(means[:, varying], axis=0)
    differs = spread > _CONSTANT * abs(data.x[:, varying]).max(axis=0)
    return varying[differs], tuple(data.names[j] for j in varying[~differs])


def _at_replicates(model: ModelWithMeans) -> Floats:
    """(R, p) coefficients; the means stay where a unit's rows have one factor, else they are taken anew."""
    data, panel, replicates = model.data, model.panel, model.data.svy.design.replicates
    assert panel is not None and replicates is not None and model.replicates is not None
    if not model.regressors_move:
        return model.replicates

    def solve(weights: Floats) -> Floats:
        used = np.flatnonzero(weights > 0)
        z = model.regressors_at(data.x, weights, ())[used]
        made = glm.fit(z, data.y[used], weights[used, None], model.family, start=model.beta)
        return np.where(made.converged[0], made.coefficients[:, 0], np.nan)

    return one_by_one(replicates, data.rows, solve)

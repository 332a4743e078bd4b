"""Conditional likelihood on the rows of a model: units with both answers, coefficients, scores and replicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from llo_research.errors import DataError, IdentificationError
from llo_research.numerics import conditional
from llo_research.numerics.conditional import Choices
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.separation import separating_direction
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.model import inverse_of, over_replicates
from llo_research.regression.model_data import ModelData
from llo_research.regression.panel.call import Found, without_constant
from llo_research.regression.panel.effects import Panel, check_constant, check_followed, panel_of
from llo_research.regression.panel.replicates import check_one_factor
from llo_research.regression.panel.solution import Solution, check_absorbed, check_independent, cross_products, squares

# A linear predictor that spreads this far within a unit makes one ask whether a direction separates the answers.
_FAR = 15.0
_NO_SHARE = 1e-7


def found(data: ModelData, panel: Panel, answers: Sequence[np.ndarray], what: str, told: dict[str, Any]) -> Found:
    """Coefficients that maximise the conditional likelihood, summed over answers of yes and no.

    answers : each (m,) bool. what : the model, for messages. told : what ``.meta`` says besides.
    """
    check_constant(panel, what)
    check_followed(panel, what)
    counts = {"n_rows": len(data.rows), "units_without_variation": 0}
    varies = np.logical_or.reduce([changes(yes, panel) for yes in answers])
    counts["units_without_variation"] = int((~varies).sum())
    if not varies.any():
        raise IdentificationError(
            f"{what} speaks of units whose answers change, and none do.",
            where=f"response {data.response!r}, unit {panel.unit.name!r}",
            found=f"{panel.unit.number} units, each with one answer at all its times",
            todo="take more waves into the domain; or llo.panel.correlated_random_effects, which keeps these units",
        )
    kept = varies[panel.unit.codes]
    data = rows_of(data, kept)
    panel = panel_of(data.svy, data.rows, data.weights)
    return _solved(data, panel, [yes[kept] for yes in answers], what, {**told, **counts})


def changes(yes: np.ndarray, panel: Panel) -> np.ndarray:
    """(N,) units of which some rows (m,) say yes and some do not."""
    ones = np.bincount(panel.unit.codes, yes, panel.unit.number)
    return np.asarray((ones > 0) & (ones < panel.waves))


def check_sandwich(options: VcovOptions) -> None:
    """Several copies of a row are not independent, whatever the errors are."""
    if options.vcov == "iid":
        raise DataError(
            "There is no classical covariance of an estimator that counts a row several times.",
            where="vcov='iid'",
            expected="vcov='design' or 'cluster'",
            todo="vcov='cluster', with the units as clusters",
        )


def rows_of(data: ModelData, kept: np.ndarray) -> ModelData:
    """The model on some of its rows (m,) bool."""
    return replace(data, y=data.y[kept], x=data.x[kept], weights=data.weights[kept], rows=data.rows[kept])


def _solved(data: ModelData, panel: Panel, answers: Sequence[np.ndarray], what: str, told: dict[str, Any]) -> Found:
    """The estimator on units whose answers change."""
    x, names = without_constant(data)
    m, number = len(x), panel.unit.number
    weights = panel.totals / panel.waves
    groups = _groups(x, answers, panel.unit.codes, number)
    _check_regressors(x, names, panel)
    made = conditional.solve(groups, weights, np.zeros(len(names)))
    beta = made.coefficients
    _check_separation(data, groups, weights, names, beta, made.converged, what)
    at = conditional.moments(groups, weights, beta)
    score, residual = conditional.scores(groups, beta, m)
    solution = Solution(
        coefficients=beta,
        inverse=inverse_of(at.information),
        scores=score * data.weights[:, None],
        residuals=residual,
        rank=len(names),
        variance=float(weights.mean()),
        explained=1 - at.value / conditional.moments(groups, weights, np.zeros(len(names))).value,
    )
    return Found(
        data,
        panel,
        names,
        solution,
        data.rows,
        sum(answers) - residual,
        residual,
        m,
        _at_replicates(data, panel, groups, beta, names, what),
        (),
        {**told, "estimand": panel.estimand(what), "pseudo_r2": solution.explained, "log_likelihood": at.value},
    )


def _groups(x: Floats, answers: Sequence[np.ndarray], unit: Codes, number: int) -> list[Choices]:
    """A group for each unit and each way to part the answers."""
    every = np.arange(number)
    return [block for yes in answers for block in conditional.choices(x, yes, unit, every)]


def _check_regressors(x: Floats, names: Sequence[str], panel: Panel) -> None:
    """Regressors that change within these units, none a combination of others."""
    within = x - (group_sums(panel.unit.codes, x, panel.unit.number) / panel.waves[:, None])[panel.unit.codes]
    products = cross_products(within, np.zeros(len(x)), panel.weights)[:-1, :-1]
    check_absorbed(np.diag(products), *squares(x, panel.weights), names, ["the units whose answers change"])
    check_independent(products, names)


def _check_separation(
    data: ModelData,
    groups: Sequence[Choices],
    weights: Floats,
    names: Sequence[str],
    beta: Floats,
    converged: bool,
    what: str,
) -> None:
    """Refuse answers that the regressors put in order within every unit, and a fit that did not converge."""
    if converged and not _far(groups, beta):
        return
    differences = conditional.pairs(groups, weights)
    direction = separating_direction(differences, np.ones(len(differences)))
    if direction is not None:
        size = np.abs(direction) * np.abs(differences).max(axis=0)
        terms = [names[int(j)] for j in np.flatnonzero(size > _NO_SHARE * size.max())]
        raise IdentificationError(
            "Within units the answers follow from the regressors (separation): a coefficient runs to infinity.",
            where=f"formula {data.formula!r}, term {', '.join(repr(name) for name in terms[:6])}",
            found="no unit says yes at a lower value and no at a higher one",
            expected="changes of the answer in both directions when a regressor changes",
            todo="leave the term out, or join levels",
        )
    if not converged:
        raise IdentificationError(
            f"{what} did not converge.",
            where=f"formula {data.formula!r}",
            found="no maximum of the conditional likelihood was reached",
            todo="use fewer terms, or regressors of comparable size; check outliers",
        )


def _far(groups: Sequence[Choices], beta: Floats) -> bool:
    """Whether the linear predictor spreads so far within a group that answers may be certain."""
    return any(float(np.ptp(block.x @ beta, axis=1).max()) > _FAR for block in groups)


def _at_replicates(
    data: ModelData, panel: Panel, groups: Sequence[Choices], start: Floats, names: Sequence[str], what: str
) -> Floats | None:
    """(R, p) coefficients at the replicates, nan where there is no solution."""
    replicates = data.svy.design.replicates
    if replicates is None:
        return None
    check_one_factor(replicates, data.rows, panel, what)
    _, first = np.unique(panel.unit.codes, return_index=True)

    def one(weights: Floats) -> Floats:
        made = conditional.solve(groups, weights, start)
        sound = made.converged
        if sound and _far(groups, made.coefficients):
            differences = conditional.pairs(groups, weights)
            sound = separating_direction(differences, np.ones(len(differences))) is None
        return made.coefficients if sound else np.full(len(names), np.nan)

    units = replace(data, rows=data.rows[first], weights=data.weights[first])
    return over_replicates(units, lambda w: np.array([one(w[:, r]) for r in range(w.shape[1])]))

"""Attrition: the weights of those who stay in a panel also stand for those who left, with the model's uncertainty."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from llo_research.design.recipe import KeepsFields, Regression
from llo_research.errors import CalibrationError, DataError, DesignError, LloWarning
from llo_research.numerics import glm
from llo_research.numerics.auxiliaries import Dense
from llo_research.numerics.families import family_of
from llo_research.numerics.groups import Codes, Floats
from llo_research.regression.panel.effects import column_of, groups, panel_of
from llo_research.regression.panel.solution import check_independent
from llo_research.survey.formulas import Matrix, matrices
from llo_research.survey.variables import variable
from llo_research.weighting.options import check_negative
from llo_research.weighting.steps import check_whole_survey, nth_row

if TYPE_CHECKING:
    from llo_research.design.replicates import Replicates
    from llo_research.survey.survey import Survey

# A fitted probability so close to 0 or 1 belongs to a coefficient that runs to infinity.
_SEPARATED = 1e-8


@dataclass(frozen=True, eq=False)
class AttritionAdjustment(KeepsFields):
    """Weights over the product of the fitted probabilities to stay, over the unit's earlier waves.

    before, after : (n,) weights.
    rows : (m,) positions of the rows that the model was fitted to. x : (m, p). stayed : (m,) 1 or 0.
    probability : (m,) fitted.
    previous : (n,) number among `rows` of the unit's row one wave before; -1 at its first row; -2 for rows of units
        that had left and came back, whose weight is 0.
    depth : (n,) number of the unit's rows before this one.
    """

    before: Floats
    after: Floats
    rows: Codes
    x: Floats
    stayed: Floats
    probability: Floats
    previous: Codes
    depth: Codes
    told: dict[str, Any]

    def _along(self, values: Floats) -> Floats:
        """(n, ...) sums of values (m, ...) of the model's rows over the unit's earlier rows."""
        out = np.zeros((len(self.previous), *values.shape[1:]))
        for k in range(1, int(self.depth.max(initial=0)) + 1):
            here = np.flatnonzero((self.depth == k) & (self.previous >= 0))
            before = self.previous[here]
            out[here] = out[self.rows[before]] + values[before]
        return out

    @cached_property
    def regression(self) -> Regression:
        """B = A^-1 C, A = sum w p (1 - p) x x', C = sum of z g, g the sum of (1 - p) x over earlier rows."""
        p, w = self.probability, self.before[self.rows]
        information = (self.x * (w * p * (1 - p))[:, None]).T @ self.x
        moves = self._along((1 - p)[:, None] * self.x)
        n, m = moves.shape[0], len(self.rows)
        cell = np.full(n, m, dtype=np.intp)
        cell[self.rows] = np.arange(m)
        leaves = np.zeros(n)
        leaves[self.rows] = -w * (self.stayed - p)
        return Regression(
            np.arange(n),
            Dense(moves),
            np.ones(n),
            leaves,
            lambda sums: np.asarray(np.linalg.solve(information, sums)),
            members=(cell, Dense(np.vstack([self.x, np.zeros((1, self.x.shape[1]))]))),
        )

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """Fit the model with other weights (n x R) and adjust them."""
        made = glm.fit(self.x, self.stayed, weights[self.rows], family_of("binomial"))
        if not made.converged.all():
            raise CalibrationError(
                "The model of staying has no solution at some replicates.",
                where=f"replicate {int((~made.converged).argmax()) + 1}",
                found=f"{int((~made.converged).sum())} of {weights.shape[1]} replicates",
                todo="use fewer terms, or join small levels",
            )
        return self.adjusted(weights, expit(self.x @ made.coefficients))

    def adjusted(self, weights: Floats, probability: Floats) -> Floats:
        """Weights (n, R) over the products of probabilities (m, R)."""
        factor = np.exp(-self._along(np.log(probability)))
        return np.asarray(weights * factor * (self.previous > -2)[:, None])

    def describe(self) -> dict[str, Any]:
        """For ``.meta``."""
        return dict(self.told)


def attrition_weights(formula: str, svy: Survey) -> Survey:
    """Let the weights of those who stay also stand for those who left the panel.

    Use it before a panel model when who leaves depends on what is known of them: each row is weighted by one over the
    chance that its person was still there.

    Parameters
    ----------
    formula : str
        ``"responded_next ~ age + education"``: a boolean (or 0/1) column that says of each row whether its person is
        there in the next wave, on what is known in this one. Add ``C(year)`` where attrition differs between waves.
    svy : Survey
        With `unit` and `time`. In the last wave the response is not looked at.

    Returns
    -------
    Survey
        Weights w_it / prod_{s < t} p_is: those of a person's first wave stay. Variances know that p was estimated,
        replicates estimate it anew. Rows of people who had left and came back get weight 0, with a warning.

    Raises
    ------
    DataError
        A response that contradicts the rows that are there, or is unknown; a regressor that is missing.
    CalibrationError
        Somebody's staying follows from the regressors (separation).
    IdentificationError
        A regressor that is a combination of others.
    DesignError
        A survey without `unit` or `time`, a domain, or one with ``unit_weights``.

    Warns
    -----
    LloWarning
        Rows after a return.

    Notes
    -----
    One logistic regression over all waves but the last, with the weights at hand [1]_. With z' the influence at the new
    weights, that before the step is z'_it - w_it (r_it - p_it) x_it'A^-1 C, A = sum w p (1 - p) x x' and C = sum z'_it
    sum_{s < t} (1 - p_is) x_is: the exact derivative. Weights consistently estimate what would be found without
    attrition if leaving depends on what is in the model only [2]_.

    References
    ----------
    .. [1] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed. MIT Press, section
       19.9.3.
    .. [2] Robins, J. M., Rotnitzky, A. and Zhao, L. P. (1995). Analysis of semiparametric regression models for
       repeated outcomes in the presence of missing data. Journal of the American Statistical Association, 90, 106-121.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": [1, 1, 2, 3, 3, 4], "year": [1, 2, 1, 1, 2, 1], "w": 1.0})
    >>> frame["stays"] = [True, None, False, True, None, False]
    >>> svy = llo.Survey(frame, weights="w", unit="who", time="year")
    >>> llo.panel.attrition_weights("stays ~ 1", svy).weights.round(6).tolist()
    [1.0, 2.0, 1.0, 1.0, 2.0, 1.0]
    """
    check_whole_survey(svy, "attrition_weights")
    if svy._arguments.get("unit_weights") is not None:
        raise DesignError(
            "Attrition weights are made of the weights of the waves; the survey also has unit_weights.",
            where="attrition_weights",
            found=f"unit_weights={svy._arguments['unit_weights']!r}",
            todo="make the Survey without unit_weights: longitudinal weights already stand for those who left",
        )
    check_negative(svy._weights, "response model", "attrition_weights")
    response, right = _parts(formula)
    before, used = svy._weights, np.flatnonzero(svy._weights != 0)
    chain = _chain(svy, used, response)
    sides = matrices(right, svy._frame, _mask(len(svy), chain.rows)).right
    _check_known(sides, formula)
    x = sides.values[chain.rows]
    made = _fitted(x, chain.stayed, before[chain.rows], sides.names, formula)
    p = expit(x @ made)
    told = {
        "step": "attrition_weights",
        "formula": formula,
        "n": len(chain.rows),
        "n_stayed": int(chain.stayed.sum()),
        "n_returned": int((chain.previous == -2).sum()),
        "coefficients": dict(zip(sides.names, made.tolist(), strict=True)),
        "base_levels": {name: str(level) for name, level in sides.base.items()},
        "smallest_probability": float(p[chain.stayed == 1].min()),
    }
    step = AttritionAdjustment(before, before, chain.rows, x, chain.stayed, p, chain.previous, chain.depth, told)
    after = step.adjusted(before[:, None], p[:, None])[:, 0]
    own = AttritionAdjustment(before, after, chain.rows, x, chain.stayed, p, chain.previous, chain.depth, told)
    return svy._weighted(own, after)


@dataclass(frozen=True, eq=False)
class _Chain:
    """Who was there when: the rows of the model and the links between waves, as in :class:`AttritionAdjustment`."""

    rows: Codes
    stayed: Floats
    previous: Codes
    depth: Codes


def _parts(formula: str) -> tuple[str, str]:
    """The response and the right-hand side of a formula."""
    if not isinstance(formula, str) or formula.count("~") != 1 or not formula.split("~")[0].strip():
        raise DataError(
            "The formula names who responds next, and what that depends on.",
            where="formula",
            found=repr(formula)[:80],
            expected="'responded_next ~ age + C(education)'",
        )
    left, right = formula.split("~")
    return left.strip().strip("`"), f"~{right}"


def _mask(n: int, rows: Codes) -> np.ndarray:
    """(n,) these rows."""
    out = np.zeros(n, dtype=bool)
    out[rows] = True
    return out


def _chain(svy: Survey, used: Codes, response: str) -> _Chain:
    """The rows of the model, and each row's predecessor."""
    column_of("time", svy)
    panel = panel_of(svy, used, svy._weights[used], needs_time=True)
    time = groups(svy, column_of("time", svy), used, "time")
    answer = _answers(svy, used, response, time.codes < time.number - 1)
    order = np.lexsort((time.codes, panel.unit.codes))
    unit, when, stays = panel.unit.codes[order], time.codes[order], answer[order]
    follows = np.zeros(len(order), dtype=bool)
    follows[1:] = (unit[1:] == unit[:-1]) & (when[1:] == when[:-1] + 1)
    _check_answers(svy, used[order], stays, follows, when == time.number - 1, response)
    start = np.flatnonzero(np.diff(unit, prepend=-1))
    depth = np.arange(len(order)) - np.repeat(start, np.diff(np.append(start, len(order))))
    broken = np.cumsum(~follows & (depth > 0))
    valid = broken == np.repeat(broken[start], np.diff(np.append(start, len(order))))
    in_model = valid & (when < time.number - 1)
    number = np.cumsum(in_model) - 1
    link = np.where(depth > 0, np.append(-1, number[:-1]), -1)
    n = len(svy)
    previous, deep = np.full(n, -1, dtype=np.intp), np.zeros(n, dtype=np.intp)
    previous[used[order]] = np.where(valid, link, -2)
    deep[used[order]] = depth
    if not valid.all():
        warnings.warn(
            LloWarning(
                f"{int((~valid).sum())} rows of units that had left the panel and came back have weight 0: attrition "
                "is modelled as leaving for good."
            ),
            stacklevel=3,
        )
    return _Chain(used[order][in_model], stays[in_model], previous, deep)


def _answers(svy: Survey, used: Codes, response: str, asked: np.ndarray) -> Floats:
    """(m,) 1 for those who respond next, 0 for others; nan where it is not asked."""
    found = variable(svy._frame, response, "formula")
    missing = found.missing[used] & asked
    if missing.any():
        raise DataError(
            "It is not known of everybody whether they respond next.",
            where=f"column {response!r}",
            found=nth_row(_mask(len(svy), used[missing])),
            expected="True or False before the last wave for everybody with a weight",
        )
    values = None if found.kind == "category" else found.values[used]
    if values is None or not np.isin(values[asked], (0.0, 1.0)).all():
        raise DataError(
            "The response is yes or no.",
            where=f"column {response!r}",
            expected="True for those who are there in the next wave, False for those who are not",
        )
    return np.asarray(np.where(asked, values, np.nan))


def _check_answers(
    svy: Survey, rows: Codes, stays: Floats, follows: np.ndarray, last: np.ndarray, response: str
) -> None:
    """What the response says is what the rows show."""
    followed = np.append(follows[1:], False)
    wrong = ((stays == 1) != followed) & ~last
    if wrong.any():
        row = int(rows[wrong.argmax()])
        there = bool(followed[wrong.argmax()])
        raise DataError(
            f"{response!r} contradicts the rows that are there.",
            where=f"row {row}, unit {svy._frame[column_of('unit', svy)].iloc[row]}",
            found=f"{response} is {not there} and the unit has {'a' if there else 'no'} row with a weight in the next "
            f"wave ({int(wrong.sum())} rows alike)",
            todo="the next wave is the next time that occurs in the survey; leave rows out before the Survey is made, "
            "not by weights of 0",
        )


def _check_known(right: Matrix, formula: str) -> None:
    """Regressors are known for everybody who might leave."""
    if right.missing:
        raise DataError(
            "A regressor is missing for people with a weight.",
            where=f"formula {formula!r}",
            found=", ".join(f"{name}: {count} rows" for name, count in right.missing.items()),
            expected="known in every wave but the last",
        )


def _fitted(x: Floats, stayed: Floats, weights: Floats, names: tuple[str, ...], formula: str) -> Floats:
    """(p,) coefficients of staying."""
    if stayed.all() or not stayed.any():
        raise CalibrationError(
            "Everybody stayed: there is no attrition to model." if stayed.all() else "Nobody stayed.",
            where=f"formula {formula!r}",
            found=f"{int(stayed.sum())} of {len(stayed)} rows before the last wave are followed by another",
            todo="use the weights as they are" if stayed.all() else "check the column, and which waves are there",
        )
    check_independent((x * weights[:, None]).T @ x, names)
    made = glm.fit(x, stayed, weights[:, None], family_of("binomial"))
    p = expit(x @ made.coefficients[:, 0])
    outside = (p < _SEPARATED) | (p > 1 - _SEPARATED) | ~np.isfinite(p)
    if outside.any() or not made.converged.all():
        reach = np.abs(made.coefficients[:, 0]) * np.abs(x[outside]).max(axis=0, initial=0.0)
        raise CalibrationError(
            "The model of staying has no solution: for some people it follows from the regressors (separation).",
            where=f"formula {formula!r}, most of all {names[int(np.nan_to_num(reach, nan=np.inf).argmax())]}",
            found=f"fitted probabilities of 0 or 1 in {int(outside.sum())} rows",
            todo="join a level in which everybody or nobody stayed with another",
        )
    return np.asarray(made.coefficients[:, 0])

"""Nonresponse: the weights of those who answered also stand for those who did not, by class or by propensity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit

from llo_research.design.recipe import KeepsFields, Regression
from llo_research.errors import CalibrationError, DataError, IdentificationError
from llo_research.numerics import glm
from llo_research.numerics.auxiliaries import Dense, Levels
from llo_research.numerics.families import family_of
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.rank import independent_columns
from llo_research.survey.variables import Variable, variable
from llo_research.weighting.options import check_negative
from llo_research.weighting.steps import GivenFactors, check_whole_survey, names_of_columns, nth_row, ratio

if TYPE_CHECKING:
    from llo_research.design.replicates import Replicates
    from llo_research.survey.formulas import Matrix
    from llo_research.survey.survey import Survey

# A fitted probability so close to 0 or 1 belongs to a coefficient that runs to infinity.
_SEPARATED = 1e-8
_SHOWN = 12


@dataclass(frozen=True, eq=False)
class ClassAdjustment(KeepsFields):
    """Weights of respondents times sum of weights of all over that of respondents, class by class.

    before, after : (n,) weights; cell : (n,) class, ``n_cells`` for rows without a weight; responded : (n,) mask.
    """

    before: Floats
    after: Floats
    cell: Codes
    n_cells: int
    responded: np.ndarray
    names: tuple[str, ...]
    told: dict[str, Any]

    @cached_property
    def regression(self) -> Regression:
        """Mean ubar_c of z / w' of the respondents of each class; residuals z + (w - w') ubar_c."""
        sizes = group_sums(self.cell, self.after, self.n_cells)[:, None]
        x = Levels.full([np.arange(self.n_cells)], [self.n_cells])
        moved = self.before - self.after
        return Regression(self.cell, x, self.responded.astype(np.float64), moved, lambda sums: np.asarray(sums / sizes))

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """The adjustment of other weights (n x R)."""
        everyone = group_sums(self.cell, weights, self.n_cells)
        answered = group_sums(self.cell, weights * self.responded[:, None], self.n_cells)
        lost = (answered == 0) & (everyone != 0)
        if lost.any():
            c, r = np.argwhere(lost)[0]
            raise CalibrationError(
                "A class has no respondents at some replicates.",
                where=f"class {self.names[c]}, replicate {r + 1}",
                found=f"{int(lost.any(axis=0).sum())} of {weights.shape[1]} replicates",
                todo="join small classes; each replicate needs respondents in all of them",
            )
        factor = np.vstack([ratio(everyone, answered), np.ones((1, weights.shape[1]))])
        return np.asarray(weights * factor[self.cell] * self.responded[:, None])

    def describe(self) -> dict[str, Any]:
        """For ``.meta``."""
        return dict(self.told)


@dataclass(frozen=True, eq=False)
class PropensityAdjustment(KeepsFields):
    """Weights of respondents over their fitted probability to respond.

    before, after : (n,) weights; cell : (n,) combination of regressors, ``len(x)`` for rows without a weight.
    x : (C, p) regressors of the cells; probability : (C,) fitted; responded : (n,) mask.
    """

    before: Floats
    after: Floats
    cell: Codes
    x: Floats
    probability: Floats
    responded: np.ndarray
    told: dict[str, Any]

    @cached_property
    def regression(self) -> Regression:
        """B = A^-1 C, A = sum w p (1 - p) x x', C = sum over respondents of z (1 - p) x; z - w (r - p) x'B."""
        p = self.probability
        slope = group_sums(self.cell, self.before, len(self.x)) * p * (1 - p)
        information = (self.x * slope[:, None]).T @ self.x
        of_row = np.append(p, 0.0)[self.cell]
        enters, leaves = self.responded * (1 - of_row), -self.before * (self.responded - of_row)
        return Regression(
            self.cell, Dense(self.x), enters, leaves, lambda sums: np.asarray(np.linalg.solve(information, sums))
        )

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """Fit the model with other weights (n x R) and adjust them."""
        c = len(self.x)
        yes = group_sums(self.cell, weights * self.responded[:, None], c)
        fitted = _propensities(self.x, yes, group_sums(self.cell, weights, c) - yes)
        if not fitted.converged.all():
            raise CalibrationError(
                "The response model has no solution at some replicates.",
                where=f"replicate {int((~fitted.converged).argmax()) + 1}",
                found=f"{int((~fitted.converged).sum())} of {weights.shape[1]} replicates",
                todo="use fewer terms, or join small levels",
            )
        probability = np.vstack([expit(self.x @ fitted.coefficients), np.ones((1, weights.shape[1]))])[self.cell]
        return np.asarray(weights * self.responded[:, None] / np.where(self.responded[:, None], probability, 1.0))

    def describe(self) -> dict[str, Any]:
        """For ``.meta``."""
        return dict(self.told)


@dataclass(frozen=True, eq=False)
class Everybody(GivenFactors):
    """Everybody responded: a response model has nothing to fit, and the weights stay.

    before, after : (n,) the same weights.
    """

    before: Floats
    after: Floats
    told: dict[str, Any]

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """The weights as they are."""
        return weights

    def describe(self) -> dict[str, Any]:
        """For ``.meta``."""
        return dict(self.told)


def adjust_nonresponse(
    svy: Survey, responded: str, *, classes: str | Sequence[str] | None = None, formula: str | None = None
) -> Survey:
    """Let the weights of respondents also stand for the people who were drawn and did not answer.

    The survey holds everybody who was drawn. Afterwards non-respondents have weight 0 and stay in the design; what they
    did not answer may be missing. Give either `classes` or a `formula`; without both everybody is one class.

    Parameters
    ----------
    svy : Survey
        The gross sample, with design weights.
    responded : str
        Boolean (or 0/1) column, known for everybody with a weight.
    classes : str or list of str, optional
        Columns that make the response classes (several are crossed), known for everybody with a weight.
    formula : str, optional
        A model of the propensity to respond, ``"age + C(education)"``: logistic regression with the current weights.
        Where everybody responded there is nothing to fit, and weights stay as they are (as with `classes`).

    Returns
    -------
    Survey
        With adjusted weights. Linearised variances know that the factors were estimated, and replicates estimate them
        anew.

    Raises
    ------
    DataError
        `responded` is not boolean or is missing; a class or a regressor is missing for somebody with a weight.
    CalibrationError
        A class without respondents; nobody responded; a model without a solution because somebody's answer follows from
        the regressors (separation).
    IdentificationError
        A regressor that is a combination of the others.

    Notes
    -----
    Classes [1]_: w' = w S_c / R_c with S_c the sum of weights of all and R_c that of respondents; the influence before
    the step is z_i + (w_i - w'_i) ubar_c, ubar_c the weighted mean of z / w' of the respondents of class c. Propensity
    [2]_: w' = w / p_i; the influence is z_i - w_i (r_i - p_i) x_i' A^-1 C with A = sum w p (1 - p) x x' and
    C = sum over respondents of z (1 - p) x, so that the variance has the uncertainty of the model. Both are the exact
    derivatives in the weights. Variances with a finite population correction leave out the chance of responding itself
    (of the order of the sampling fraction).

    References
    ----------
    .. [1] Little, R. J. A. (1986). Survey nonresponse adjustments for estimates of means. International Statistical
       Review, 54, 139-157.
    .. [2] Kim, J. K. and Kim, J. J. (2007). Nonresponse weighting adjustment using estimated response probability.
       Canadian Journal of Statistics, 35, 501-514.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"came": [True, False, True, True], "sex": ["m", "m", "v", "v"], "w": [1.0] * 4})
    >>> llo.adjust_nonresponse(llo.Survey(frame, weights="w"), "came", classes="sex").weights.tolist()
    [2.0, 0.0, 1.0, 1.0]
    """
    check_whole_survey(svy, "adjust_nonresponse")
    if classes is not None and formula is not None:
        raise CalibrationError(
            "Give classes or a formula, not both.",
            where="adjust_nonresponse",
            found=f"classes={classes!r}, formula={formula!r}",
            todo="a class can be a term of the formula: C(education)",
        )
    used = svy._weights != 0
    answered = _answered(svy, responded, used)
    if formula is not None and not (answered | ~used).all():
        return _by_propensity(svy, responded, answered, used, formula)
    if formula is not None:
        _regressors(svy, used, formula)
        account = _told(svy, responded, answered, used, {"formula": formula, "coefficients": {}})
        return svy._weighted(Everybody(svy._weights, svy._weights, account), svy._weights)
    names = [] if classes is None else names_of_columns(classes, "classes")
    return _by_class(svy, responded, answered, used, names)


def _answered(svy: Survey, responded: str, used: np.ndarray) -> np.ndarray:
    """(n,) mask of the respondents with a weight."""
    typed = variable(svy._frame, responded, "responded")
    missing = typed.missing & used
    if missing.any():
        raise DataError(
            "It is not known of everybody whether they responded.",
            where=f"column {responded!r}",
            found=nth_row(missing),
            expected="True or False for everybody with a weight",
        )
    values = None if typed.kind == "category" else np.nan_to_num(typed.values)
    if values is None or not np.isin(values[used], (0.0, 1.0)).all():
        shown = typed.levels[:4] if values is None else np.unique(values[used])[:4].tolist()
        raise DataError(
            "responded must be boolean.",
            where=f"column {responded!r}",
            found=", ".join(repr(value) for value in shown),
            expected="True for those who responded, False for those who did not",
            todo=f"svy.assign(came=lambda d: d[{responded!r}] == ...)",
        )
    answered = (values == 1) & used
    if not answered.any():
        raise CalibrationError("Nobody responded.", where=f"column {responded!r}", found=f"{int(used.sum())} people")
    return np.asarray(answered)


def _told(svy: Survey, responded: str, answered: np.ndarray, used: np.ndarray, how: dict[str, Any]) -> dict[str, Any]:
    """What the step did, for ``.meta``."""
    w = svy._weights
    counts = {"n": int(used.sum()), "n_responded": int(answered.sum())}
    rate = {"response_rate": float(w[answered].sum() / w[used].sum())}
    return {"step": "adjust_nonresponse", "responded": responded, **how, **counts, **rate}


def _by_class(svy: Survey, responded: str, answered: np.ndarray, used: np.ndarray, names: list[str]) -> Survey:
    """Adjustment within classes."""
    typed = [variable(svy._frame, name, "classes") for name in names]
    for one in typed:
        missing = one.missing & used
        if missing.any():
            raise DataError(
                "A class is missing for people with a weight.",
                where=f"column {one.name!r}",
                found=nth_row(missing),
                expected="known for everybody who was drawn, also for those who did not answer",
                todo="use columns of the sampling frame",
            )
    before = svy._weights
    cell, labels = _cells(typed, used)
    n_cells = len(labels)
    everyone, those = group_sums(cell, before, n_cells), group_sums(cell, before * answered, n_cells)
    empty = np.flatnonzero(group_sums(cell, answered.astype(np.float64), n_cells) == 0)
    if len(empty):
        raise CalibrationError(
            f"{'A class has' if len(empty) == 1 else f'{len(empty)} classes have'} no respondents.",
            where="class " + "; ".join(labels[c] for c in empty[:_SHOWN]),
            found="0 respondents",
            todo="join it with a class that resembles it",
        )
    factor = np.append(everyone / those, 1.0)[cell]
    after = np.where(answered, before * factor, 0.0)
    how = {"classes": names, "n_classes": n_cells, "largest_factor": float(factor[answered].max())}
    account = _told(svy, responded, answered, used, how)
    return svy._weighted(ClassAdjustment(before, after, cell, n_cells, answered, labels, account), after)


def _cells(found: list[Variable], used: np.ndarray) -> tuple[Codes, tuple[str, ...]]:
    """Class of each row (the number of classes where it has no weight), and what the classes are called."""
    both = np.zeros(len(used), dtype=np.intp)
    for one in found:
        both = both * max(len(one.levels), 1) + np.maximum(one.codes, 0)
    kept, first, inverse = np.unique(both[used], return_index=True, return_inverse=True)
    cell = np.full(len(used), len(kept), dtype=np.intp)
    cell[used] = inverse
    rows = np.flatnonzero(used)[first]
    labels = tuple(" & ".join(f"{v.name}={v.levels[v.codes[row]]!r}" for v in found) or "everybody" for row in rows)
    return cell, labels


def _by_propensity(svy: Survey, responded: str, answered: np.ndarray, used: np.ndarray, formula: str) -> Survey:
    """Adjustment by the fitted propensity."""
    right = _regressors(svy, used, formula)
    before = svy._weights
    check_negative(before, "response model", "adjust_nonresponse")
    cell, x = _distinct_rows(right.values, used)
    yes = group_sums(cell, before * answered, len(x))
    total = group_sums(cell, before, len(x))
    columns = independent_columns((x * total[:, None]).T @ x)
    if not columns.kept.all():
        raise IdentificationError(
            "A regressor is a combination of the others.",
            where=f"formula {formula!r}",
            found=", ".join(np.array(right.names)[~columns.kept]),
            todo="leave it out",
        )
    fitted = _propensities(x, yes[:, None], (total - yes)[:, None])
    p = expit(x @ fitted.coefficients[:, 0])
    _check_fit(fitted, x, p, right.names, formula)
    after = np.where(answered, before / np.append(p, 1.0)[cell], 0.0)
    how = {
        "formula": formula,
        "coefficients": dict(zip(right.names, fitted.coefficients[:, 0].tolist(), strict=True)),
        "base_levels": {name: str(level) for name, level in right.base.items()},
        "smallest_propensity": float(np.append(p, 1.0)[cell][answered].min()),
    }
    account = _told(svy, responded, answered, used, how)
    return svy._weighted(PropensityAdjustment(before, after, cell, x, p, answered, account), after)


def _propensities(x: Floats, yes: Floats, no: Floats) -> glm.Fit:
    """The logistic regression of answers on x (C x p), from weights of those who did and did not answer (C x R)."""
    answers = np.repeat([1.0, 0.0], len(x))
    return glm.fit(np.vstack([x, x]), answers, np.vstack([yes, no]), family_of("binomial"))


def _regressors(svy: Survey, used: np.ndarray, formula: str) -> Matrix:
    """The regressors of everybody with a weight."""
    from llo_research.survey.formulas import matrices

    if not isinstance(formula, str):
        raise DataError("A formula is text.", where="formula", found=repr(formula)[:80], expected="'age + C(region)'")
    sides = matrices(formula if "~" in formula else f"~ {formula}", svy._frame, used)
    if sides.left is not None:
        raise DataError(
            "The formula has a left-hand side; the response is named by `responded`.",
            where=f"formula {formula!r}",
            todo="write the regressors only: '~ age + C(education)'",
        )
    if sides.right.values.shape[1] == 0:
        raise DataError(
            "The formula has no terms.",
            where=f"formula {formula!r}",
            expected="'1' for one propensity of all, or regressors, as 'age + C(region)'",
        )
    if sides.right.missing:
        raise DataError(
            "A regressor is missing for people with a weight.",
            where=f"formula {formula!r}",
            found=", ".join(f"{name}: {count} rows" for name, count in sides.right.missing.items()),
            expected="known for everybody who was drawn, also for those who did not answer",
        )
    return sides.right


def _distinct_rows(values: Floats, used: np.ndarray) -> tuple[Codes, Floats]:
    """Cell of each row (the number of cells where it has no weight), and the regressors of the cells."""
    inside = values[used]
    code = np.zeros(len(inside), dtype=np.int64)
    for j in range(values.shape[1]):
        levels, names = pd.factorize(inside[:, j])
        code, distinct = pd.factorize(code * len(names) + levels)
        if 2 * len(distinct) > len(inside):
            code = np.arange(len(inside))
            break
    n_cells = int(code.max()) + 1
    first = np.empty(n_cells, dtype=np.intp)
    first[code[::-1]] = np.arange(len(code))[::-1]
    cell = np.full(len(used), n_cells, dtype=np.intp)
    cell[used] = code
    return cell, inside[first]


def _check_fit(fitted: glm.Fit, x: Floats, p: Floats, names: tuple[str, ...], formula: str) -> None:
    """A model with a solution inside."""
    outside = (p < _SEPARATED) | (p > 1 - _SEPARATED) | ~np.isfinite(p)
    if outside.any():
        reach = np.abs(fitted.coefficients[:, 0]) * np.abs(x[outside]).max(axis=0)
        raise CalibrationError(
            "The response model has no solution: for some people the answer follows from the regressors (separation).",
            where=f"formula {formula!r}, most of all {names[int(np.nan_to_num(reach, nan=np.inf).argmax())]}",
            found=f"fitted propensities of 0 or 1 in {int(outside.sum())} combinations of the regressors",
            todo="join a level in which everybody or nobody responded with another, or use classes",
        )
    if not fitted.converged.all():
        raise CalibrationError(
            "The response model did not converge.",
            where=f"formula {formula!r}",
            todo="use fewer terms, or regressors of comparable size",
        )

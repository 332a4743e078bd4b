"""Tests of linear restrictions on the coefficients of a model: Wald, and Rao and Scott's likelihood ratio."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import linalg, stats

from llo_research.errors import DataError
from llo_research.numerics.groups import Floats
from llo_research.numerics.quadratic_forms import weighted_f_tail
from llo_research.numerics.wald import regular
from llo_research.options import check_option, nearest
from llo_research.results import floors
from llo_research.results.exported import check_covariances
from llo_research.results.hypothesis import HypothesisTest
from llo_research.survey.formulas import Matrix, linear_constraints

if TYPE_CHECKING:
    from llo_research.regression.fit import Fit

METHODS = ("wald", "lr")


@dataclass(frozen=True)
class Restrictions:
    """R beta = r: matrix (q, p), values (q,)."""

    matrix: Floats
    values: Floats


def test(fit: Fit, hypothesis: str, *, method: str) -> HypothesisTest:
    """See :meth:`Fit.test`."""
    check_option(method, "method", METHODS)
    fit._refuse_wild("test")
    if method == "lr":
        fit._by_draw("likelihood ratio")
    restrictions = restrictions_of(hypothesis, fit.labels, fit.models[0].data.right if fit.models else None)
    statistic, q, df, p_value = _wald(fit, restrictions) if method == "wald" else _ratio(fit, restrictions)
    flag = "" if np.isfinite(statistic) else "no_test"
    return HypothesisTest(
        rows=pd.DataFrame(index=range(1)),
        statistics=np.array([statistic]),
        dfs=np.array([q]),
        df_denominators=np.array([df]),
        p_values=np.array([p_value]),
        details=pd.DataFrame({"n": [fit.nobs], "flag": [flag]}),
        meta={**fit.meta, "test": method, "hypothesis": hypothesis, "restrictions": _told(restrictions, fit.labels)},
        tested=(fit.rows, floors.facts_of(fit), (restrictions.matrix != 0).any(axis=0)),
        of=fit,
    )


def _told(restrictions: Restrictions, names: Sequence[str]) -> list[dict[str, Any]]:
    """Each restriction as the multiples of its terms and the value of their sum."""
    return [
        {"terms": {names[int(j)]: float(row[j]) for j in np.flatnonzero(row)}, "value": float(value)}
        for row, value in zip(restrictions.matrix, restrictions.values, strict=True)
    ]


def restrictions_of(hypothesis: str, names: Sequence[str], right: Matrix | None) -> Restrictions:
    """The restrictions that a text speaks of."""
    if not isinstance(hypothesis, str) or not hypothesis.strip():
        raise DataError(
            "A hypothesis is text.", where="test", found=repr(hypothesis)[:80], expected="'x1 = x2, x3 = 0' or 'x1, x2'"
        )
    hypothesis = _terms_of_zero(hypothesis, names)
    if "=" not in hypothesis:
        chosen = [place for part in _parts(hypothesis) for place in _places(part, names, right)]
        matrix = np.eye(len(names))[list(dict.fromkeys(chosen))]
        return Restrictions(matrix, np.zeros(len(matrix)))
    matrix, values = linear_constraints(hypothesis, names)
    return _consistent(Restrictions(matrix, values), hypothesis)


def _terms_of_zero(text: str, names: Sequence[str]) -> str:
    """Where every part says that a whole term is 0, as ``"C(education) = 0"``, the terms alone."""
    sides = [part.rsplit("=", 1) for part in _parts(text)]
    if all(len(side) == 2 and side[1].strip() in ("0", "0.0") for side in sides):
        left = [side[0].strip().strip("`") for side in sides]
        if any(name not in names for name in left) and all(re.fullmatch(r"[^=*/+-]+", name) for name in left):
            return ", ".join(f"`{name}`" for name in left)
    return text


def _consistent(restrictions: Restrictions, text: str) -> Restrictions:
    """Restrictions that say something each, and do not contradict each other."""
    matrix = restrictions.matrix
    if np.linalg.matrix_rank(matrix) < len(matrix):
        both = np.column_stack([matrix, restrictions.values])
        same = np.linalg.matrix_rank(both) == np.linalg.matrix_rank(matrix)
        raise DataError(
            "The restrictions repeat each other." if same else "The restrictions contradict each other.",
            where="test",
            found=repr(text),
            expected="restrictions of which none follows from the others",
            todo="leave out what the others say already",
        )
    return restrictions


def _parts(text: str) -> list[str]:
    """Names separated by commas, outside brackets and backticks."""
    out, depth, quoted, start = [], 0, False, 0
    for place, sign in enumerate(text):
        quoted ^= sign == "`"
        depth += (sign in "([") - (sign in ")]") if not quoted else 0
        if sign == "," and depth == 0 and not quoted:
            out.append(text[start:place])
            start = place + 1
    return [part.strip().strip("`") for part in [*out, text[start:]] if part.strip()]


def _places(name: str, names: Sequence[str], right: Matrix | None) -> list[int]:
    """The coefficients that a name stands for: one, or all of a term."""
    if name in names:
        return [list(names).index(name)]
    terms = {} if right is None else {str(term): where for term, where in right.spec.term_slices.items()}
    if name in terms and right is not None:
        return [list(names).index(column) for column in right.names[terms[name]] if column in names]
    raise DataError(
        f"The model has no coefficient or term {name!r}.",
        where="test",
        found=f"{name!r}{nearest(name, [*names, *terms], 'in the model')}",
        expected=", ".join(names[:20]),
        todo="take the names from fit.labels, or a term as it stands in the formula",
    )


def _wald(fit: Fit, restrictions: Restrictions) -> tuple[float, float, float, float]:
    """F = W / q on (q, df), its degrees of freedom and p."""
    matrix = restrictions.matrix
    used = (matrix != 0).any(axis=0)
    q, df = float(len(matrix)), float(np.min(fit.df[used]))
    check_covariances(fit.meta, fit.covariance, used[None, :], "The test")
    covariance = matrix @ np.where(used[:, None] & used, fit.covariance, 0.0) @ matrix.T
    if not 0 < q <= df or not regular(covariance) or _vanishing(fit, matrix):
        return np.nan, q, df, np.nan
    gap = matrix @ fit.estimate - restrictions.values
    statistic = float(gap @ np.linalg.solve(covariance, gap)) / q
    tail = stats.chi2.sf(q * statistic, q) if np.isinf(df) else stats.f.sf(statistic, q, df)
    return statistic, q, df, float(tail)


def _vanishing(fit: Fit, matrix: Floats) -> bool:
    """Whether a restriction is on coefficients of which all standard errors are 0 but for rounding."""
    return bool((~(matrix != 0) | fit.vanishing).all(axis=1).any())


def _ratio(fit: Fit, restrictions: Restrictions) -> tuple[float, float, float, float]:
    """Difference of deviances, restrictions, denominator and p."""
    if len(fit.models) > 1:
        raise DataError(
            "There is no likelihood ratio of plausible values.",
            where="method='lr'",
            found=f"{len(fit.models)} draws",
            todo="method='wald' tests the combined coefficients",
        )
    model, matrix = fit.models[0], restrictions.matrix
    q, df = float(len(matrix)), float(np.min(fit.df))
    covariance = matrix @ fit.covariance @ matrix.T
    if not 0 < q <= df or not regular(covariance) or _vanishing(fit, matrix):
        return np.nan, q, df, np.nan
    start = np.asarray(np.linalg.lstsq(matrix, restrictions.values, rcond=None)[0], dtype=np.float64)
    statistic = model.restricted_deviance(linalg.null_space(matrix), start) - model.deviance
    naive = matrix @ (model.inverse * model.data.mean_weight) @ matrix.T
    weights = np.real(np.linalg.eigvals(np.linalg.solve(naive, covariance)))
    return statistic, q, df, weighted_f_tail(statistic, np.sort(weights), df)

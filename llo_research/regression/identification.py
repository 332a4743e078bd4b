"""What data can tell: collinear regressors, separated answers, impossible responses, each named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.families import Family
from llo_research.numerics.glm import grams
from llo_research.numerics.groups import Floats
from llo_research.numerics.separation import certain, direction_without_maximum
from llo_research.regression.model_data import ModelData

# A column whose part that the others do not explain is below this share of its length: sums of rounding errors of a
# million rows stay under 1e-12 of it, and what is thinner cannot be told from them.
_COLLINEAR = 1e-10
# Gram matrices with a smaller eigenvalue (unit diagonal) are solved in orthogonal columns: above it squaring loses at
# most six of sixteen digits, which the steps of the iteration win back.
_ILL_CONDITIONED = 1e-6
_NO_SHARE = 1e-7
_SHOWN = 6


def check_columns(data: ModelData, constant: bool = False) -> Floats | None:
    """Refuse no regressors, as many as rows, or one that is a combination of the others (and of a constant).

    Returns a map (p, p) to orthogonal columns where the regressors are nearly dependent.
    """
    x, names = data.distinct.x, data.names
    if constant and "Intercept" not in names:
        x, names = np.column_stack([np.ones(len(x)), x]), ("the thresholds", *names)
    m, p = len(data.y), x.shape[1]
    if p == 0:
        raise IdentificationError(
            "The formula has no regressors.", where=f"formula {data.formula!r}", todo="write 'y ~ 1' for a mean"
        )
    thin = thin_columns(x, data.distinct.weights)
    dependent = None if thin is None else thin.dependent()
    if dependent is not None:
        j, others = dependent
        with_ = [names[i] for i in others[:_SHOWN]]
        told = f"is a combination of {', '.join(with_)}" if with_ else "is 0 for everybody with a weight"
        raise IdentificationError(
            "A regressor is a combination of the others: its coefficient cannot be told from theirs.",
            where=f"formula {data.formula!r}, term {names[j]!r}",
            found=f"{names[j]} {told}, in the {m} rows used",
            expected="regressors of which each varies when the others are held fixed",
            todo="leave one of them out",
        )
    if m <= p:
        raise IdentificationError(
            "There are as many coefficients as rows: the model fits whatever was found.",
            where=f"formula {data.formula!r}",
            found=f"{m} rows, {p} coefficients",
            expected="more rows than coefficients",
            todo="leave terms out, or widen the domain",
        )
    return None if thin is None else thin.turn(float(data.weights.sum()))


@dataclass(frozen=True, eq=False)
class Thin:
    """A nearly dependent set of columns: the triangle R of Q R = sqrt(w) x / length, and the lengths (p,)."""

    triangle: Floats
    length: Floats

    def dependent(self) -> tuple[int, list[int]] | None:
        """The first column that is a combination of earlier ones, and those with a share in it; None without one."""
        p = len(self.length)
        depth = np.zeros(p)
        depth[: min(self.triangle.shape)] = np.abs(np.diag(self.triangle))
        thin = np.flatnonzero(depth <= _COLLINEAR)
        if not len(thin):
            return None
        j = int(thin[0])
        share = linalg.solve_triangular(self.triangle[:j, :j], self.triangle[:j, j]) if j else np.empty(0)
        return j, [int(i) for i in np.flatnonzero(np.abs(share) > _NO_SHARE)]

    def turn(self, total: float) -> Floats:
        """(p, p) the map to orthogonal columns with a weighted square of `total`."""
        p = len(self.length)
        back = linalg.solve_triangular(self.triangle[:p], np.eye(p)) / self.length[:, None]
        return np.asarray(back * np.sqrt(total))


def thin_columns(x: Floats, weights: Floats) -> Thin | None:
    """The columns where they are nearly dependent; None where their Gram matrix can be solved as it is."""
    length = np.sqrt(np.einsum("i,ij,ij->j", weights, x, x))
    if (length > 0).all():
        gram = grams(x / length, weights[:, None])[0]
        if np.linalg.eigvalsh(gram)[0] > _ILL_CONDITIONED:
            return None
    safe = np.where(length > 0, length, 1.0)
    return Thin(np.atleast_2d(linalg.qr(np.sqrt(weights)[:, None] * (x / safe), mode="r")[0]), safe)


def check_response(data: ModelData, family: Family) -> None:
    """Refuse responses outside the range of the family, or without variation where that gives no solution."""
    y, low, high = data.y, family.low, family.high
    outside = (y < low) | (y > high) | ((y == low) if family.open_low else np.zeros(len(y), dtype=bool))
    if outside.any():
        bounds = "above 0" if family.open_low else "from 0 to 1" if high == 1 else "not below 0"
        raise DataError(
            f"The response cannot be that of family {family.name!r}.",
            where=f"response {data.response!r}, first at row {int(data.rows[outside.argmax()])}",
            found=f"{int(outside.sum())} values, as {y[outside][0]:g}",
            expected=f"numbers {bounds}",
            todo="check the coding, as 0/1 for yes and no; or another family",
        )
    bounded = np.isfinite(low) and not family.open_low
    if bounded and ((y == low).all() or (y == high).all()):
        raise IdentificationError(
            "Everybody gave the same answer: there is nothing to explain.",
            where=f"response {data.response!r}",
            found=f"{y[0]:g} in all {len(y)} rows used",
            expected="both answers",
            todo="widen the domain, or check the coding",
        )


def check_solution(
    data: ModelData, x: Floats, family: Family, beta: Floats, converged: bool, offset: Floats | None = None
) -> None:
    """Refuse a fit that ran to infinity, naming the terms and rows that separate the answers, or did not converge.

    x, beta : regressors (of combinations) of the distinct rows, and coefficients. offset : default that of these rows.
    """
    few = data.distinct
    shift = few.offset if offset is None else offset
    mean = np.asarray(family.link.mean(x @ beta + (0 if shift is None else shift)))
    if not converged or certain(mean, few.y, few.weights, family).any():
        direction = direction_without_maximum(few.x, few.y, family)
        if direction is not None:
            raise separated(data, direction, data.names, data.x)
    if not converged:
        raise IdentificationError(
            "The model did not converge.",
            where=f"formula {data.formula!r}",
            found="no solution of the estimating equations was reached",
            todo="use fewer terms, or regressors of comparable size; check outliers",
        )


def separated(data: ModelData, direction: Floats, names: Sequence[str], x: Floats) -> IdentificationError:
    """The error that names the terms of a separating direction, and the rows whose answer is known by it."""
    spread = np.abs(direction) * np.abs(x).max(axis=0)
    terms = [names[int(j)] for j in np.flatnonzero(spread > _NO_SHARE * spread.max())]
    named = [name for name in terms if name != "Intercept"] or terms
    along = x @ direction
    known = np.abs(along) > _NO_SHARE * np.abs(along).max()
    answers = ", ".join(f"{answer:g}" for answer in np.unique(data.y[known])[:4])
    if data.levels:
        answers = ", ".join(repr(data.levels[int(code)]) for code in np.unique(data.y[known])[:4])
    return IdentificationError(
        "The answers follow from the regressors (separation): a coefficient runs to infinity.",
        where=f"formula {data.formula!r}, term {', '.join(named[:_SHOWN])}",
        found=f"it tells {int(known.sum())} rows apart (answers {answers}), first row {int(data.rows[known.argmax()])}",
        expected="for every value of a regressor more than one answer; of counts, something other than 0",
        todo="join the level with another, leave the term out, or leave these rows out of the domain",
    )

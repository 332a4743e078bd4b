"""Concentration indices: an amount along a ranking of people, laid to what goes with both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.decomposition.columns import columns_of
from llo_research.decomposition.parts import TOTAL
from llo_research.decomposition.rank_gap import check_order, ranks_of
from llo_research.decomposition.spread import Spread, check_amounts, check_someone
from llo_research.decomposition.two_groups import solved, standards, unstandardised
from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError, IdentificationError
from llo_research.estimation.target import make_target
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.inequality import factor_of, ranked_scores
from llo_research.regression.identification import check_columns
from llo_research.regression.model_data import model_data
from llo_research.results.estimates import Estimates, smooth
from llo_research.survey.collapsed import admitted
from llo_research.survey.lazy import survey_for, survey_of_formula
from llo_research.survey.variables import Variable, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@dataclass(frozen=True, eq=False)
class _People:
    """Those used: amounts y (m,), regressors x (m, q), ranks (m,), rows (m,) of the survey; names of the terms.

    model : what a formula's model tells of itself.
    """

    svy: Survey
    y: Floats
    x: Floats
    rank: Codes
    rows: Codes
    terms: tuple[str, ...]
    kept: np.ndarray
    left_out: dict[str, int]
    model: dict[str, Any] = field(default_factory=dict)


def ranked(text: str, svy: Survey, rank: str, measure: str, bounds: Any, missing: str) -> Spread:
    """The index of a column, or of a formula's outcome with its parts."""
    if "~" in text:
        people = _of_formula(text, admitted(survey_of_formula(svy, text, [rank])), rank, missing)
    else:
        people = _of_column(text, survey_for(svy, [], [text, rank]), rank, missing)
    if people.rank.max(initial=0) == people.rank.min(initial=0):
        raise IdentificationError(
            "All people have the same rank: nothing can go with it.",
            where=f"rank={rank!r}",
            found=f"one class, of {len(people.rank)} people",
            todo="choose another ranking",
        )
    weights = people.svy._weights[people.rows]
    low, high = _bounds(people.y, measure, bounds, text)
    numbers, influence = _scored(people, weights)
    values = np.zeros((len(people.svy), influence.shape[1]))
    values[people.rows] = influence
    codes = np.ones(len(people.svy), dtype=np.intp)
    codes[people.rows] = 0
    replicates = people.svy.design.replicates
    at = None
    if replicates is not None:
        at = np.stack([_scored(people, w)[0] for w in replicates.at(people.rows).T])
    base = Estimates(numbers, Scores((Block(codes, values, 1),), people.svy._weights), at)
    q = people.x.shape[1]
    made = smooth(base, lambda found: _rows(found, q, people.kept, measure, low, high))
    components: tuple[str, ...] = ("total",)
    terms: tuple[str, ...] = (TOTAL,)
    if q:
        components = ("total", "explained", *("explained" for _ in people.terms), "residual")
        terms = (TOTAL, TOTAL, *people.terms, TOTAL)
    amounts = np.zeros(len(people.svy))
    amounts[people.rows] = people.y
    tied = people.svy._count(codes == 0) - len(np.unique(people.rank))
    told: dict[str, Any] = {"ranks_shared": int(tied), **people.model}
    told |= {"range": [low, high]} if measure != "concentration" else {}
    return Spread(people.svy, codes, 1, amounts, made, components, terms, people.left_out, told)


def _of_column(name: str, svy: Survey, rank: str, missing: str) -> _People:
    """The people of a column."""
    target = make_target(svy, [name, rank], None, missing, "variable")
    found, order = target.variables
    if found.kind == "category":
        raise DataError(
            f"{name!r} is not a number.", where="variable", found="text or categories", expected="an amount"
        )
    rows = np.flatnonzero((target.cells.codes < target.cells.number) & (target.weights != 0))
    check_someone(rows, name)
    y = np.asarray(found.values, dtype=np.float64)[rows]
    nothing = np.zeros((len(rows), 0))
    return _People(target.svy, y, nothing, _ranks(order, rows), rows, (), np.zeros(0, dtype=bool), target.left_out)


def _of_formula(text: str, svy: Survey, rank: str, missing: str) -> _People:
    """The people of a formula; the ranking may be a column of it."""
    data = model_data(text, svy, missing=missing, also=[rank])
    check_columns(data)
    order = variable(data.svy._frame, rank, "rank", data.svy._labels)
    kept = np.array([bool(column.key) for column in columns_of(data.right.spec).columns])
    names = tuple(name for name, there in zip(data.names, kept, strict=True) if there)
    rows = data.rows
    said = data.meta({}, {"formula": data.formula})
    model = {name: said[name] for name in ("formula", "response", "terms", "category_levels", "base_levels")}
    return _People(data.svy, data.y, data.x, _ranks(order, rows), rows, names, kept, data.left_out, model)


def _ranks(order: Variable, rows: Codes) -> Codes:
    """(m,) places in the ranking, from 0 without gaps."""
    check_order(order)
    return np.asarray(np.unique(ranks_of(order)[rows], return_inverse=True)[1].ravel(), dtype=np.intp)


def _bounds(y: Floats, measure: str, bounds: Any, text: str) -> tuple[float, float]:
    """The bounds of the outcome, within which it lies."""
    where = f"variable {text!r}, measure={measure!r}"
    if measure == "concentration":
        check_amounts(y, text)
        return 0.0, np.inf
    if bounds is None:
        if not np.isin(y, (0.0, 1.0)).all():
            raise DataError(
                "The bounds of the outcome must be told.",
                where=where,
                found=f"values from {y.min():g} to {y.max():g}",
                todo="bounds=(low, high): the least and the most that anybody can have",
            )
        bounds = (0.0, 1.0)
    try:
        low, high = (float(end) for end in bounds)
    except (TypeError, ValueError):
        low = high = np.nan
    alike = measure == "wagstaff" and (y.max() == low or y.min() == high)
    if not low < high or y.min() < low or y.max() > high or alike:
        raise DataError(
            "The outcome lies within its bounds, and not all of it on one of them.",
            where=where,
            found=f"bounds {bounds!r}, values from {y.min():g} to {y.max():g}",
        )
    return low, high


def _scored(people: _People, w: Floats) -> tuple[Floats, Floats]:
    """N, sums and V of y and the columns, and coefficients (3 + 3q,), with their influence values (m, 3 + 3q)."""
    columns = np.column_stack([people.y, people.x])
    pairs, of_pairs = ranked_scores(people.rank, columns, w)
    sums, own = w @ columns, w[:, None] * columns
    numbers, influence = [np.array([w.sum()]), sums, pairs], [w[:, None], own, of_pairs]
    if people.x.shape[1]:
        beta, scores = _coefficients(people.x, people.y, w)
        numbers.append(beta)
        influence.append(scores)
    return np.concatenate(numbers), np.column_stack(influence)


def _coefficients(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats]:
    """(q,) weighted least squares, and (m, q) influence values."""
    scale, _ = standards(x, w, None)
    z = x / scale
    gram = (z * w[:, None]).T @ z
    beta = solved(gram, (z * w[:, None]).T @ y)
    left = z * (w * (y - z @ beta))[:, None]
    zero = np.zeros(len(scale))
    return unstandardised(beta, scale, zero, None), np.linalg.solve(gram, left.T).T / scale


def _rows(numbers: Any, q: int, kept: np.ndarray, measure: str, low: float, high: float) -> Any:
    """(..., k) total, and of a formula explained, its terms and the residual."""
    n, sums, pairs = numbers[..., :1], numbers[..., 1 : 2 + q], numbers[..., 2 + q : 3 + 2 * q]
    along = 2 * pairs / n**2 - sums / n
    factor = factor_of(measure, sums[..., :1] / n, low, high)
    total = factor * along[..., :1]
    if not q:
        return total
    parts = factor * numbers[..., 3 + 2 * q :] * along[..., 1:]
    explained = parts.sum(-1, keepdims=True)
    return np.concatenate([total, explained, parts[..., kept], total - explained], axis=-1)

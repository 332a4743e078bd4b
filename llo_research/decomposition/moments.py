"""Statistics of linear models as functions of the sums of products of regressors and outcome.

With z = (x, y) and G = sum_i w_i z_i z_i', coefficients, their differences between models and R-squared are smooth
functions g(G). The influence value of row i is w_i z_i'(dg/dG) z_i, and at replicates g is taken of the sums of
products there: nothing is fitted twice, and no row is touched more than once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.decomposition.columns import Columns, columns_of, named_terms
from llo_research.decomposition.two_groups import solved, standards
from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError
from llo_research.numerics.grams import grams_of
from llo_research.numerics.groups import Codes, Floats
from llo_research.regression.identification import check_columns
from llo_research.regression.model_data import ModelData, model_data
from llo_research.results.decomposition import Decomposition, decomposition_of
from llo_research.results.estimates import Estimates
from llo_research.results.facts import counted
from llo_research.survey.collapsed import admitted
from llo_research.survey.lazy import survey_of_formula

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

_STEP = 1e-100


@dataclass(frozen=True, eq=False)
class Moments:
    """Standardised regressors and outcome of the rows used, and their sums of products.

    data, columns : the model's. scale, shift : (q,) by which its columns are standardised.
    """

    data: ModelData
    columns: Columns

    @cached_property
    def standard(self) -> tuple[Floats, Floats]:
        """Scale and shift (q,) of the regressors."""
        return standards(self.data.x, self.data.weights, self.columns.constant)

    @cached_property
    def z(self) -> Floats:
        """(m, q + 1) standardised regressors, and the outcome, centred where the model has a constant."""
        scale, shift = self.standard
        data = self.data
        level = 0.0 if self.columns.constant is None else float(data.weights @ data.y / data.weights.sum())
        return np.column_stack([(data.x - shift) / scale, data.y - level])

    @cached_property
    def gram(self) -> Floats:
        """(q + 1, q + 1) at the full sample."""
        return np.asarray(grams_of(self.z, self.data.weights).raw()[0])

    def estimates(self, value: Floats, slopes: Floats, at_replicates: Callable[[Floats], Floats]) -> Estimates:
        """Estimates (k,) with the derivatives (k, q + 1, q + 1) in the sums of products.

        at_replicates : (R, q + 1, q + 1) -> (R, k).
        """
        data = self.data
        own = np.column_stack([np.einsum("ij,ij->i", self.z @ slope, self.z) for slope in slopes])
        scores = Scores((Block(data.codes, data.everywhere(own * data.weights[:, None]), 1),), data.all_weights)
        design, replicates = data.svy.design.replicates, None
        if design is not None:
            codes = np.zeros(len(self.z), dtype=np.intp)
            replicates = at_replicates(design.grams(self.z, codes, 1, rows=data.rows)[:, 0])
        size = np.abs(value).max() * np.ones(len(value))
        return Estimates(value, scores, replicates, {}, size, np.zeros(len(value)))

    def smooth(self, f: Callable[[Floats], Floats]) -> Estimates:
        """Estimates f(G), f : (..., q + 1, q + 1) -> (..., k), also of complex numbers; slopes by complex step."""
        q = len(self.gram)
        first, second = np.triu_indices(q)
        step = np.zeros((len(first), q, q), dtype=complex)
        step[np.arange(len(first)), first, second] = step[np.arange(len(first)), second, first] = 1j * _STEP
        turned = np.asarray(f(self.gram + step)).imag / _STEP
        value = np.asarray(f(self.gram))
        slopes = np.zeros((len(value), q, q))
        slopes[:, first, second] = turned.T
        return self.estimates(value, slopes, f)


def moments_of(formula: str, svy: Survey, missing: str) -> Moments:
    """The moments of a formula's columns, each of which varies when the others are held fixed."""
    data = model_data(formula, admitted(survey_of_formula(svy, formula)), missing=missing)
    check_columns(data)
    return Moments(data, columns_of(data.right.spec))


def moments_result(
    made: Moments,
    estimates: Estimates,
    rows: pd.DataFrame,
    call: dict[str, Any],
    level: float,
    whole: int,
    named: Mapping[str, Codes],
    focal: int | None = None,
) -> Decomposition:
    """A decomposition of one model's statistics.

    named : the columns of each group, told in ``.meta["laid_to"]`` by column.
    focal : the column whose coefficient is divided, in points where the outcome is 0 or 1; None for other statistics.
    """
    data, k = made.data, len(rows)
    m = data.people
    is_share = bool(np.isin(data.y, (0.0, 1.0)).all())
    held = data.svy.design.stands is not None
    cells = counted([m] * k) if held else pd.DataFrame(_facts(made, focal, is_share), index=range(k))
    lines = rows if "component" in rows else rows.assign(component="")
    told: dict[str, Any] = {"formula": data.formula, "laid_to": _owners(data.x.shape[1], named), "focal_column": focal}
    told["lines"] = lines[["component", "term"]].values.tolist()
    size = float(np.sqrt(data.weights @ data.y**2 / data.weights.sum()))
    return decomposition_of(
        estimates,
        rows,
        data.svy.design,
        data.meta(call, told),
        unit="share" if is_share and focal is not None else "number",
        level=level,
        n=np.full(k, float(m)),
        cells=cells,
        by=[],
        whole=np.full(k, whole),
        outcome=np.full(k, min(size, 1.0)),
    )


def _owners(q: int, named: Mapping[str, Codes]) -> list[str]:
    """(q,) the group of each column, empty of those in none."""
    owner = {int(j): name for name, columns in named.items() for j in columns}
    return [owner.get(j, "") for j in range(q)]


def _facts(made: Moments, focal: int | None, is_share: bool) -> dict[str, float]:
    """Counts for disclosure control: of a 0/1 focal column those of its smaller side, else those of all."""
    data, stages = made.data, made.data.svy.design.stages
    unit = stages[0].unit[data.rows] if stages and stages[0].unit is not None else np.arange(len(data.rows))
    told = []
    for side in _sides(made, focal):
        weights, yes = data.weights[side], int((data.y[side] != 0).sum())
        n = int(side.sum())
        counts = {"n": n, "n_units": len(np.unique(unit[side]))}
        counts |= {"n_nonzero": yes, "n_complement": n - yes} if is_share else {"n_nonzero": n, "n_complement": n}
        told.append({**counts, "largest_share": -float(weights.max() / weights.sum()) if n else -1.0})
    least = {name: min(facts[name] for facts in told) for name in told[0]}
    return {**least, "largest_share": -least["largest_share"]}


def _sides(made: Moments, focal: int | None) -> list[np.ndarray]:
    """Rows with a focal column and those of its base level, where it is 0 or 1; else all rows."""
    x = made.data.x
    if focal is None or not np.isin(x[:, focal], (0.0, 1.0)).all():
        return [np.ones(len(x), dtype=bool)]
    term = made.columns.columns[focal].term
    own = [j for j, column in enumerate(made.columns.columns) if column.term == term]
    return [x[:, focal] == 1, (x[:, own] == 0).all(axis=1)]


def coefficients_at(grams: Floats, regressors: Codes, responses: Codes | int) -> Floats:
    """(..., p) or (..., p, r) coefficients of some columns on others, from sums of products, also complex ones."""
    left = grams[..., regressors[:, None], regressors]
    if isinstance(responses, int):
        right = grams[..., regressors, responses]
        if np.iscomplexobj(grams):
            return np.asarray(np.linalg.solve(left, right[..., None])[..., 0])
        return solved(left, right)
    right = grams[..., regressors[:, None], responses]
    if np.iscomplexobj(grams):
        return np.asarray(np.linalg.solve(left, right))
    return np.stack([solved(left, right[..., j]) for j in range(right.shape[-1])], axis=-1)


def one_column(columns: Columns, focal: str) -> int:
    """The column of the focal term."""
    found = columns.belonging(focal) if isinstance(focal, str) else []
    if len(found) != 1:
        raise DataError(
            "focal is one column of the formula.",
            where="focal",
            found=f"{focal!r}: {[columns.names[j] for j in found] or 'none of them'}",
            expected=", ".join(columns.names),
            todo="name a number, or one column of a category as the formula makes it: 'C(sex)[T.2]'",
        )
    return found[0]


def grouped(columns: Columns, groups: Mapping[str, Sequence[str]], role: str, focal: int | None) -> dict[str, Codes]:
    """The columns of each named group; none is in two, and none is the focal one."""
    out: dict[str, Codes] = {}
    taken: dict[int, str] = {}
    for label, items in named_terms(groups, role).items():
        mine: list[int] = []
        for item in items:
            found = columns.belonging(item)
            twice = [j for j in found if j == focal or taken.get(j, label) != label]
            if not found or twice:
                raise DataError(
                    "A group names no term of the formula."
                    if not found
                    else "A term is the focal one, or in two groups.",
                    where=f"{role}, {label!r}",
                    found=repr(item),
                    expected=", ".join(dict.fromkeys(column.term for column in columns.columns)),
                    todo="name terms as the formula does, each in one group",
                )
            mine += [j for j in found if j not in mine]
        taken |= dict.fromkeys(mine, label)
        out[label] = np.array(mine, dtype=np.intp)
    return out

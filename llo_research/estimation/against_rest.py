"""Each cell of a breakdown against everybody else whose cell is known: the gap of each, of one pass over the people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.estimation.assemble import Options, assemble
from llo_research.estimation.comparisons import Map, compare
from llo_research.estimation.means import columns_of, mean_part
from llo_research.estimation.target import Cells, Target, make_target
from llo_research.numerics.effect_sizes import Effects, against_others
from llo_research.results.result import Result
from llo_research.results.standing import straddled

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

REST = "rest"


@dataclass(frozen=True)
class Against:
    """The differences of a variable between each of K cells and the others; cells outside, its p levels inside.

    differences : Result of K p rows.
    effects : their sizes, and whether people on either side differ at all.
    """

    differences: Result
    effects: Effects


def against_rest(name: str, svy: Survey, group: str, level: float) -> Against:
    """Each cell of a breakdown against all others whose cell is known."""
    target = make_target(svy, [name], group, "omit", "variables")
    heads, columns = columns_of(target.variables, all_levels=False)
    codes, k, weights = target.cells.codes, target.cells.number, target.weights
    both = replace(target, cells=Cells(codes, pd.DataFrame(index=range(2)), target.cells.left_out, 0))
    parts = [
        mean_part(both, np.where(codes == k, 2, np.where(codes == cell, 0, 1)), heads, columns) for cell in range(k)
    ]
    call = {"function": "gap", "variable": [name], "group": group, "by": None, "scale": "difference"}
    means = assemble(both, parts, Options(level, "wald", False, call), inferred=False)
    shares = np.array([quantity.kind == "share" for quantity in parts[0].quantities])
    return Against(
        _differences(means, target, len(heads)), against_others(codes, k, columns, weights, shares, target.counts)
    )


def told_apart(found: Result, against: Against) -> np.ndarray:
    """(K p,) cells that differ from the rest beyond uncertainty.

    People who are all alike, as one person is, have no variance of their own, however few they are: the rest must then
    lie outside the cell's own interval, and a cell outside that of another one where those outside it are all alike.
    """
    differences, effects = against.differences.to_frame(), against.effects
    shape = effects.size.shape
    estimate, low, high = (values.reshape(shape) for values in (found.estimate, *found.ends))
    rest = estimate - differences["estimate"].to_numpy().reshape(shape)
    sure = (differences["p_value"] < 1 - found.level).to_numpy().reshape(shape)
    sure = sure & (effects.varies | (rest < low) | (rest > high))
    of_others = (estimate[:, None] < low[None]) | (estimate[:, None] > high[None])
    of_others &= ~np.eye(len(estimate), dtype=bool)[:, :, None]
    return np.asarray(sure & (effects.others_vary | of_others.any(axis=1))).ravel()


def _differences(means: Result, target: Target, p: int) -> Result:
    """The first half of the means, of the cells, minus the second half, of those outside them."""
    m = len(means.estimate) // 2
    order = np.arange(m)
    places = np.column_stack([order, order + m]).ravel(), 2 * np.arange(m + 1)
    combined = Map(
        sparse.csr_array((np.tile([1.0, -1.0], m), *places), shape=(m, 2 * m)),
        sparse.csr_array((np.ones(2 * m, dtype=bool), *places), shape=(m, 2 * m)),
        np.isnan(means.estimate[:m]) | np.isnan(means.estimate[m:]),
    )
    cells = target.cells.keys.iloc[:, 0].repeat(p).reset_index(drop=True)
    rows = means.rows.iloc[:m].reset_index(drop=True).assign(of=cells.astype(str), minus=REST)
    made = compare(
        means,
        rows,
        combined,
        kind="difference",
        labels=(rows, ()),
        meta={},
    )
    flags, breaks = straddled(means, combined.uses.toarray(), None, made.labels, made.extra_flags)
    meta: dict[str, Any] = {**made.meta, **breaks}
    return replace(made, extra_flags=flags, meta=meta)

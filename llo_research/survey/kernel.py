"""The variance kernel: covariance of any estimates from their influence values and the design.

For one stage with strata h, units i = 1..n_h and unit sums z_hi of the influence values,

    V = sum_h (1 - f_h) n_h / (n_h - 1) sum_i (z_hi - zbar_h)(z_hi - zbar_h)',

and for further stages the same within each unit, times the sampling fractions of the stages before
(Sarndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling. Springer, result 4.3.1).

A stratum with one unit (lonely PSU) contributes by rule: nothing (`remove`, `certainty`); the squared deviation of its
unit from the mean of all units (`adjust`; below the first stage the unit is its parent's mean and adds nothing); or as
much as the other strata of the stage on average (`average`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llo_research.errors import DesignError
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.survey.recipe import Residuals
from llo_research.survey.scores import Block, Scores

LONELY_PSU = ("error", "remove", "adjust", "average", "certainty")

# Unit sums are held in pieces of at most this many numbers (32 MB), whatever the survey's size.
_PIECE = 4_000_000
# Moments lose digits when a stratum's mean dwarfs its spread; from this loss on, they are taken again around the mean.
_CANCELLATION = 1e-4
_FEW_COLUMNS = 3


@dataclass(frozen=True)
class Stage:
    """One stage of sampling.

    unit : (n,) sampling unit of each row, or None when every row is its own unit.
    stratum : (n,) stratum of each row; a unit lies in one stratum.
    units_per_stratum : (H,) n_h, the sampled units.
    fraction : (H,) sampling fraction f_h, 0 for sampling with replacement.
    carry : (H,) product of the sampling fractions of the stages before.
    names : (H,) what the strata are called in messages.
    survey : (H,) which survey of a stack a stratum belongs to; None when there is one survey.
    """

    unit: Codes | None
    stratum: Codes
    units_per_stratum: Floats
    fraction: Floats
    carry: Floats
    names: np.ndarray
    survey: Codes | None = None

    @cached_property
    def n_units(self) -> int:
        """Number of units."""
        return int(self.units_per_stratum.sum())

    @cached_property
    def lonely(self) -> Codes:
        """Strata with one sampled unit that are not sampled completely."""
        return np.flatnonzero((self.units_per_stratum == 1) & (self.fraction < 1) & (self.carry > 0))

    @cached_property
    def scale(self) -> Floats:
        """(H,) factor of the squared deviations; 0 for strata with one unit."""
        n_h = self.units_per_stratum
        factor = np.divide(n_h, n_h - 1, out=np.zeros_like(n_h), where=n_h > 1)
        return factor * (1 - self.fraction) * self.carry

    @cached_property
    def rows_by_unit(self) -> tuple[Codes, Codes]:
        """Order of the rows by unit, and the position after each unit's last row."""
        assert self.unit is not None
        order = np.argsort(self.unit, kind="stable")
        return order, np.cumsum(np.bincount(self.unit, minlength=self.n_units))


def covariance(scores: Scores, stages: tuple[Stage, ...], lonely_psu: str) -> Floats:
    """Covariance (k x k) of the estimates with these scores; symmetric to the last bit."""
    total = _over_stages(stages, lonely_psu, scores.n_base, lambda stage: _parts(scores, stage))
    return total if scores.transform is None else symmetric(scores.transform @ total @ scores.transform.T)


def residual_covariance(residuals: Residuals, stages: tuple[Stage, ...], lonely_psu: str) -> Floats:
    """The same from residuals of weighting steps, which are streamed in pieces of rows."""
    size = residuals.scores.size
    total = _over_stages(stages, lonely_psu, size, lambda stage: _streamed_parts(residuals, stage))
    return symmetric(total + residuals.added_covariance())


def symmetric(matrix: Floats) -> Floats:
    """The matrix without the rounding that makes it asymmetric."""
    return (matrix + matrix.T) / 2


def _over_stages(
    stages: tuple[Stage, ...], lonely_psu: str, size: int, parts: Callable[[Stage], tuple[Floats, Floats]]
) -> Floats:
    """Sum of the stages' contributions; `parts` gives the stratum sums and the strata with several units."""
    total = np.zeros((size, size))
    for number, stage in enumerate(stages, start=1):
        if not (stage.carry > 0).any():
            break
        sums, within = parts(stage)
        total += _with_lonely_units(within, sums, stage, number, lonely_psu)
    return symmetric(total)


def _parts(scores: Scores, stage: Stage) -> tuple[Floats, Floats]:
    """Stratum sums, and the contribution of the strata with several units, from blocks."""
    sums = np.hstack([_stratum_sums(block, stage) for block in scores.blocks])
    if stage.unit is None and len(scores.blocks) == 1 and _moments_are_cheaper(scores.blocks[0]):
        return sums, _from_moments(scores.blocks[0], stage, sums)
    return sums, _from_unit_sums(scores, stage, sums)


def _with_lonely_units(out: Floats, sums: Floats, stage: Stage, number: int, lonely_psu: str) -> Floats:
    """A stage's contribution with that of its strata with a single unit, by rule."""
    if len(stage.lonely) == 0:
        return out
    if lonely_psu == "error":
        names = ", ".join(str(stage.names[h]) for h in stage.lonely[:5]) or "(all rows)"
        count = len(stage.lonely)
        raise DesignError(
            f"{count} {'stratum has' if count == 1 else 'strata have'} a single sampling unit at stage {number}; "
            "the variance cannot be estimated.",
            where=f"stratum {names}{' ...' if count > 5 else ''}",
            todo="merge strata, or choose lonely_psu='remove', 'adjust', 'average' or 'certainty'",
        )
    if lonely_psu == "adjust" and number == 1:
        deviation = sums[stage.lonely] - _mean_of_units(stage, sums)
        factor = (1 - stage.fraction[stage.lonely]) * stage.carry[stage.lonely]
        out += (deviation * factor[:, None]).T @ deviation
    if lonely_psu == "average":
        n_strata = len(stage.units_per_stratum)
        out *= n_strata / (n_strata - len(stage.lonely)) if n_strata > len(stage.lonely) else np.nan
    return out


def _mean_of_units(stage: Stage, sums: Floats) -> Floats:
    """The mean of all units (of the same survey) for each lonely stratum, from the stratum sums."""
    if stage.survey is None:
        return np.asarray(sums.sum(axis=0) / stage.n_units)
    n_surveys = int(stage.survey.max()) + 1
    counts = group_sums(stage.survey, stage.units_per_stratum, n_surveys)
    return np.asarray((group_sums(stage.survey, sums, n_surveys) / counts[:, None])[stage.survey[stage.lonely]])


def _moments_are_cheaper(block: Block) -> bool:
    """One sum over the rows for each pair of columns, against one product of the whole n x k array."""
    return block.n_cells > 1 or block.values.shape[1] <= _FEW_COLUMNS


def _stratum_sums(block: Block, stage: Stage) -> Floats:
    """Sums of a block's scores by stratum: H x (n_cells p)."""
    n_strata, n_cells, p = len(stage.units_per_stratum), block.n_cells, block.values.shape[1]
    both = stage.stratum * (n_cells + 1) + block.codes
    sums = group_sums(both, block.values, n_strata * (n_cells + 1))
    return sums.reshape(n_strata, n_cells + 1, p)[:, :n_cells].reshape(n_strata, n_cells * p)


def _from_moments(block: Block, stage: Stage, sums: Floats) -> Floats:
    """Rows are units and touch one cell each: stratum-by-cell moments suffice."""
    n_strata, n_cells, p = len(stage.units_per_stratum), block.n_cells, block.values.shape[1]
    n_h, scale = stage.units_per_stratum, stage.scale
    both = stage.stratum * (n_cells + 1) + block.codes
    weighted = sums * np.sqrt(scale / n_h)[:, None]
    out = -(weighted.T @ weighted)
    cell_sums = sums.reshape(n_strata, n_cells, p)
    for i in range(p):
        for j in range(i, p):
            square = _products(block, both, n_strata, i, j)
            between = cell_sums[:, :, i] * cell_sums[:, :, j] / n_h[:, None]
            within = scale @ (square - between)
            if i == j and (within < _CANCELLATION * (scale @ square)).any():
                return _from_centred_moments(block, stage, sums)
            here, there = np.arange(n_cells) * p + i, np.arange(n_cells) * p + j
            out[here, there] += scale @ square
            if i != j:
                out[there, here] += scale @ square
    return out


def _products(block: Block, both: Codes, n_strata: int, i: int, j: int) -> Floats:
    """Sums of products of two score columns by stratum and cell: H x n_cells."""
    products = block.values[:, i] * block.values[:, j]
    return group_sums(both, products, n_strata * (block.n_cells + 1)).reshape(n_strata, -1)[:, : block.n_cells]


def _from_centred_moments(block: Block, stage: Stage, sums: Floats) -> Floats:
    """The same from deviations around the stratum-by-cell means, without cancellation.

    Different cells share no row, so that their products are -S_c S_c' / n_h, exact as they stand.
    """
    n_strata, n_cells, p = len(stage.units_per_stratum), block.n_cells, block.values.shape[1]
    n_h, scale = stage.units_per_stratum, stage.scale
    both = stage.stratum * (n_cells + 1) + block.codes
    counts = np.bincount(both, minlength=n_strata * (n_cells + 1)).reshape(n_strata, -1)[:, :n_cells]
    cell_sums = sums.reshape(n_strata, n_cells, p)
    means = np.divide(cell_sums, counts[:, :, None], out=np.zeros_like(cell_sums), where=counts[:, :, None] > 0)
    padded = np.concatenate([means, np.zeros((n_strata, 1, p))], axis=1).reshape(-1, p)
    centred = Block(block.codes, block.values - padded[both], n_cells)
    weighted = sums * np.sqrt(scale / n_h)[:, None]
    out = -(weighted.T @ weighted)
    for i in range(p):
        for j in range(i, p):
            spread = _products(centred, both, n_strata, i, j)
            outside = (counts * (1 - counts / n_h[:, None])) * means[:, :, i] * means[:, :, j]
            own = scale @ (spread + outside)
            here, there = np.arange(n_cells) * p + i, np.arange(n_cells) * p + j
            out[here, there] = out[there, here] = own
    return out


def _from_unit_sums(scores: Scores, stage: Stage, sums: Floats) -> Floats:
    """The general case: unit sums minus their stratum's mean, in pieces of bounded size."""
    width = scores.n_base
    out = np.zeros((width, width))
    root = np.sqrt(stage.scale)
    means = sums / stage.units_per_stratum[:, None]
    piece = max(1, _PIECE // max(width, 1))
    for first in range(0, stage.n_units, piece):
        last = min(first + piece, stage.n_units)
        rows, unit = _rows_of_units(stage, first, last)
        units = np.hstack([_unit_sums(block, rows, unit, last - first) for block in scores.blocks])
        stratum = stage.stratum[rows]
        if unit is not None:
            stratum = _by_unit(stratum, unit, last - first)
        deviation = units
        deviation -= means[stratum]
        deviation *= root[stratum][:, None]
        out += deviation.T @ deviation
    return out


def _rows_of_units(stage: Stage, first: int, last: int) -> tuple[slice | Codes, Codes | None]:
    """The rows of the units first..last-1, and each row's unit counted from `first` (None: rows are units)."""
    if stage.unit is None:
        return slice(first, last), None
    if first == 0 and last == stage.n_units:
        return slice(None), stage.unit
    order, ends = stage.rows_by_unit
    rows = order[ends[first - 1] if first else 0 : ends[last - 1]]
    return rows, stage.unit[rows] - first


def _unit_sums(block: Block, rows: slice | Codes, unit: Codes | None, n_units: int) -> Floats:
    """Sums of a block's scores by unit, for the given rows: n_units x (n_cells p)."""
    n_cells, p = block.n_cells, block.values.shape[1]
    codes, values = block.codes[rows], block.values[rows]
    if unit is None and n_cells == 1:
        return np.where((codes < 1)[:, None], values, 0.0)
    both = (np.arange(n_units) if unit is None else unit) * (n_cells + 1) + codes
    sums = group_sums(both, values, n_units * (n_cells + 1))
    return sums.reshape(n_units, n_cells + 1, p)[:, :n_cells].reshape(n_units, n_cells * p)


def _streamed_parts(residuals: Residuals, stage: Stage) -> tuple[Floats, Floats]:
    """Stratum sums and deviations from them: in one pass where the unit sums fit, else in two."""
    n_strata, size = len(stage.units_per_stratum), residuals.scores.size
    root, out = np.sqrt(stage.scale), np.zeros((size, size))
    if stage.n_units * size <= _PIECE:
        units, stratum = _all_unit_sums(residuals, stage)
        sums = group_sums(stratum, units, n_strata)
        units -= (sums / stage.units_per_stratum[:, None])[stratum]
        units *= root[stratum][:, None]
        return sums, units.T @ units
    sums = np.zeros((n_strata, size))
    for piece, influence in residuals.pieces():
        sums += group_sums(stage.stratum[piece], influence, n_strata)
    means = sums / stage.units_per_stratum[:, None]
    for first, last in _pieces_of_units(stage, size):
        rows, unit = _rows_of_units(stage, first, last)
        values, stratum = residuals.rows(rows), stage.stratum[rows]
        if unit is not None:
            values = group_sums(unit, values, last - first)
            stratum = _by_unit(stratum, unit, last - first)
        deviation = (values - means[stratum]) * root[stratum][:, None]
        out += deviation.T @ deviation
    return sums, out


def _all_unit_sums(residuals: Residuals, stage: Stage) -> tuple[Floats, Codes]:
    """Sums of the residuals by unit (U x k), and each unit's stratum."""
    if stage.unit is None:
        return np.concatenate([influence for _, influence in residuals.pieces()]), stage.stratum
    units = np.zeros((stage.n_units, residuals.scores.size))
    for piece, influence in residuals.pieces():
        units += group_sums(stage.unit[piece], influence, stage.n_units)
    return units, _by_unit(stage.stratum, stage.unit, stage.n_units)


def _by_unit(stratum: Codes, unit: Codes, n_units: int) -> Codes:
    """The stratum of each unit, from that of its rows."""
    out = np.empty(n_units, dtype=np.intp)
    out[unit] = stratum
    return out


def _pieces_of_units(stage: Stage, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of units whose rows are few enough to be held at once."""
    rows_before = np.arange(stage.n_units + 1) if stage.unit is None else np.append(0, stage.rows_by_unit[1])
    length, first = max(1, _PIECE // max(size, 1)), 0
    while first < stage.n_units:
        last = int(np.searchsorted(rows_before, rows_before[first] + length, side="right")) - 1
        last = min(max(last, first + 1), stage.n_units)
        yield first, last
        first = last

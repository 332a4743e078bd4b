"""The variance kernel: covariance of any estimates from their influence values and the design.

For one stage with strata h, units i = 1..n_h and unit sums z_hi of the influence values,

    V = sum_h (1 - f_h) n_h / (n_h - 1) sum_i (z_hi - zbar_h)(z_hi - zbar_h)',

and for further stages the same within each unit, times the sampling fractions of the stages before
(Sarndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling. Springer, result 4.3.1).

A stratum with one unit (lonely PSU) contributes by rule: nothing (`remove`, `certainty`); the squared deviation of its
unit from the mean of all units (`adjust`; below the first stage the unit is its parent's mean and adds nothing); or as
much as the other strata of the stage on average (`average`). An estimate of a domain knows the strata with rows in the
domain only: a lonely stratum without members raises nothing, and lends and takes nothing. (After weighting steps every
row has a residual, and all strata count.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

from llo_research.design.occasions import Occasions
from llo_research.design.recipe import Rows
from llo_research.design.scores import Block, Scores
from llo_research.errors import DesignError
from llo_research.numerics.groups import Codes, Floats, group_sums

LONELY_PSU = ("error", "remove", "adjust", "average", "certainty")

# Unit sums are held in pieces of at most this many numbers (32 MB), whatever the survey's size.
_PIECE = 4_000_000
# Moments lose digits when a stratum's mean dwarfs its spread; from this loss on, they are taken again around the mean.
CANCELLATION = 1e-4
_FEW_COLUMNS, _FEW_TOGETHER = 3, 8


class Streamed(Protocol):
    """Influence values that are worked out when they are asked for."""

    scores: Scores

    def rows(self, rows: Rows) -> Floats:
        """Those of these rows (m x k)."""
        ...

    def pieces(self) -> Iterator[tuple[slice, Floats]]:
        """All of them, in pieces of consecutive rows."""
        ...


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
    rules : the lonely-PSU rule of each survey of a stack; empty when there is one survey.
    occasions : waves drawn by themselves, whose units may return; None where every unit lies in one stratum.
    """

    unit: Codes | None
    stratum: Codes
    units_per_stratum: Floats
    fraction: Floats
    carry: Floats
    names: np.ndarray
    survey: Codes | None = None
    rules: tuple[str, ...] = ()
    occasions: Occasions | None = None

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
    def root(self) -> Floats:
        """(H,) factor of the deviations; without the sampling fraction where products over waves take it."""
        if self.occasions is None:
            return np.sqrt(self.scale)
        n_h = self.units_per_stratum
        return np.sqrt(np.divide(n_h, n_h - 1, out=np.zeros_like(n_h), where=n_h > 1) * self.carry)

    def products(self, deviation: Floats, first: int = 0) -> Floats:
        """Sum of products (k x k) of the deviations (m x k) of the units from `first` on."""
        if self.occasions is None:
            return np.asarray(deviation.T @ deviation)
        return self.occasions.products(deviation, first)

    def by_rule(self, lonely_psu: str) -> Iterator[tuple[Stage, str]]:
        """Stages that follow one lonely-PSU rule each; in a stack, surveys of the rule `average` stand alone."""
        if not self.rules or self.survey is None or len(self.lonely) == 0:
            yield self, lonely_psu
            return
        own: dict[tuple[str, int], list[int]] = {}
        for number, rule in enumerate(self.rules):
            own.setdefault((rule, number if rule == "average" else 0), []).append(number)
        for (rule, _), members in own.items():
            yield replace(self, carry=np.where(np.isin(self.survey, members), self.carry, 0.0)), rule

    @cached_property
    def stratum_of_units(self) -> Codes:
        """(U,) the stratum of each unit."""
        return self.stratum if self.unit is None else _by_unit(self.stratum, self.unit, self.n_units)

    @cached_property
    def rows_by_unit(self) -> tuple[Codes, Codes]:
        """Order of the rows by unit, and the position after each unit's last row."""
        assert self.unit is not None
        order = np.argsort(self.unit, kind="stable")
        return order, np.cumsum(np.bincount(self.unit, minlength=self.n_units))


def covariance(scores: Scores, stages: tuple[Stage, ...], lonely_psu: str) -> Floats:
    """Covariance (k x k) of the estimates with these scores; symmetric to the last bit."""

    def present(stage: Stage) -> np.ndarray:
        return np.hstack([_strata_met(block, stage) for block in scores.blocks])

    total = _over_stages(stages, lonely_psu, scores.n_base, lambda stage: _parts(scores, stage), present)
    return total if scores.transform is None else symmetric(np.asarray(scores.transform @ total @ scores.transform.T))


def scores_moments(scores: Scores, stages: tuple[Stage, ...], lonely_psu: str) -> tuple[Floats, Floats]:
    """Covariance (m x m) before the map, all strata counting, and the size (m,) of what its diagonal is left of."""
    size = np.zeros(scores.n_base)

    def parts(stage: Stage) -> tuple[Floats, Floats]:
        sums = np.hstack([_stratum_sums(block, stage) for block in scores.blocks])
        if stage.unit is None:
            within, own = _from_pairs(scores.blocks, stage, sums)
        else:
            within = _from_unit_sums(scores, stage, sums)
            own = np.diag(within)
        size[:] += own
        return sums, within

    total = _over_stages(stages, lonely_psu, scores.n_base, parts, _everywhere(scores.n_base))
    return total, size


def streamed_covariance(streamed: Streamed, stages: tuple[Stage, ...], lonely_psu: str) -> Floats:
    """The covariance (k x k) from influence values of rows, streamed in pieces; all strata count."""
    size = streamed.scores.size
    return _over_stages(stages, lonely_psu, size, lambda stage: _streamed_parts(streamed, stage), _everywhere(size))


def _everywhere(size: int) -> Callable[[Stage], np.ndarray]:
    """Every stratum counts for every estimate."""
    return lambda stage: np.ones((len(stage.units_per_stratum), size), dtype=bool)


def symmetric(matrix: Floats) -> Floats:
    """The matrix without the rounding that makes it asymmetric."""
    return (matrix + matrix.T) / 2


def _over_stages(
    stages: tuple[Stage, ...],
    lonely_psu: str,
    size: int,
    parts: Callable[[Stage], tuple[Floats, Floats]],
    present: Callable[[Stage], np.ndarray],
) -> Floats:
    """Sum of the stages' contributions.

    `parts` gives the stratum sums and the strata with several units; `present` (H x k) the strata with rows in the
    domain of each estimate.
    """
    total = np.zeros((size, size))
    for number, stage in enumerate(stages, start=1):
        if not (stage.carry > 0).any():
            break
        for own, rule in stage.by_rule(lonely_psu):
            sums, within = parts(own)
            total += _with_lonely_units(within, sums, own, number, rule, present) if len(own.lonely) else within
    return symmetric(total)


def _parts(scores: Scores, stage: Stage) -> tuple[Floats, Floats]:
    """Stratum sums, and the contribution of the strata with several units, from blocks."""
    sums = np.hstack([_stratum_sums(block, stage) for block in scores.blocks])
    if stage.unit is None and len(scores.blocks) == 1 and _moments_are_cheaper(scores.blocks[0]):
        return sums, _from_moments(scores.blocks[0], stage, sums)
    if stage.unit is None and len(scores.blocks) > 1 and scores.n_base > _FEW_TOGETHER:
        within, size = _from_pairs(scores.blocks, stage, sums)
        if (np.diag(within) >= CANCELLATION * size).all():
            return sums, within
    return sums, _from_unit_sums(scores, stage, sums)


def _with_lonely_units(
    out: Floats, sums: Floats, stage: Stage, number: int, rule: str, present: Callable[[Stage], np.ndarray]
) -> Floats:
    """A stage's contribution with that of its strata with a single unit, by rule."""
    met = present(stage)
    alone = met[stage.lonely]
    if rule == "error" and alone.any():
        raise _lonely_error(stage, stage.lonely[alone.any(axis=1)], number)
    if rule == "adjust" and number == 1:
        deviation = np.where(alone, sums[stage.lonely] - _mean_of_units(stage, sums, met), 0.0)
        factor = (1 - stage.fraction[stage.lonely]) * stage.carry[stage.lonely]
        out += (deviation * factor[:, None]).T @ deviation
    if rule == "average":
        strata, lonely = met[stage.carry > 0].sum(axis=0), alone.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(lonely == 0, 1.0, np.where(strata > lonely, strata / (strata - lonely), np.nan))
        out *= np.sqrt(np.outer(factor, factor))
    return out


def _lonely_error(stage: Stage, lonely: Codes, number: int) -> DesignError:
    """The refusal of strata with a single unit."""
    names, count = ", ".join(str(stage.names[h]) for h in lonely[:5]) or "(all rows)", len(lonely)
    return DesignError(
        f"{count} {'stratum has' if count == 1 else 'strata have'} a single sampling unit at stage {number}; "
        "the variance cannot be estimated.",
        where=f"stratum {names}{' ...' if count > 5 else ''}",
        todo="merge strata, or choose lonely_psu='remove', 'adjust', 'average' or 'certainty'",
    )


def _mean_of_units(stage: Stage, sums: Floats, met: np.ndarray) -> Floats:
    """The mean of all units (of the same survey, in strata of the domain) for each lonely stratum, from their sums."""
    survey = np.zeros(len(sums), dtype=np.intp) if stage.survey is None else stage.survey
    n_surveys = int(survey.max()) + 1
    counts = group_sums(survey, met * stage.units_per_stratum[:, None], n_surveys)
    totals = group_sums(survey, sums, n_surveys)
    means = np.divide(totals, counts, out=np.zeros_like(totals), where=counts > 0)
    return np.asarray(means[survey[stage.lonely]])


def _strata_met(block: Block, stage: Stage) -> np.ndarray:
    """H x (n_cells p): whether a stratum has rows in the cell of each estimate of a block."""
    n_strata, n_cells = len(stage.units_per_stratum), block.n_cells
    both = stage.stratum * (n_cells + 1) + block.codes
    met = np.bincount(both, minlength=n_strata * (n_cells + 1)).reshape(n_strata, -1)[:, :n_cells] > 0
    return np.repeat(met, block.values.shape[1], axis=1)


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
            if i == j and (within < CANCELLATION * (scale @ square)).any():
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


def _from_pairs(blocks: tuple[Block, ...], stage: Stage, sums: Floats) -> tuple[Floats, Floats]:
    """Rows are units: products of pairs of blocks, less those of the stratum sums; and the first alone (diagonal)."""
    scale = stage.scale
    weighted = sums * np.sqrt(scale / stage.units_per_stratum)[:, None]
    out = -(weighted.T @ weighted)
    ends = np.cumsum([0, *(block.size for block in blocks)])
    places = [slice(first, last) for first, last in pairwise(ends)]
    size, of_row = np.zeros(int(ends[-1])), scale[stage.stratum]
    for a, (one, here) in enumerate(zip(blocks, places, strict=True)):
        own = pair_sums(one, one, of_row)
        size[here] = np.diag(own)
        out[here, here] += own
        for other, there in zip(blocks[a + 1 :], places[a + 1 :], strict=True):
            products = pair_sums(one, other, of_row)
            out[here, there] += products
            out[there, here] += products.T
    return out, size


def pair_sums(one: Block, other: Block, weights: Floats) -> Floats:
    """Sums over the rows of weights z z' for the scores of two blocks: one.size x other.size."""
    p, q = one.values.shape[1], other.values.shape[1]
    if one.n_cells == other.n_cells == 1:
        inside = (one.codes < 1) & (other.codes < 1)
        rows = slice(None) if inside.all() else inside
        return np.asarray((one.values[rows] * weights[rows, None]).T @ other.values[rows])
    if p > q:
        return pair_sums(other, one, weights).T
    out = np.zeros((one.n_cells, p, other.n_cells, q))
    if one.codes is other.codes and p > _FEW_COLUMNS:
        order = np.argsort(one.codes, kind="stable")
        ends = np.searchsorted(one.codes[order], np.arange(one.n_cells + 1))
        for cell, (first, last) in enumerate(pairwise(ends)):
            own = order[first:last]
            out[cell, :, cell] = (one.values[own] * weights[own, None]).T @ other.values[own]
    elif one.codes is other.codes:
        cells = np.arange(one.n_cells)
        for j in range(p):
            products = (weights * one.values[:, j])[:, None] * other.values
            out[cells, j, cells] = group_sums(one.codes, products, one.n_cells)
    else:
        both = one.codes * (other.n_cells + 1) + other.codes
        shape = (one.n_cells + 1, other.n_cells + 1, q)
        for j in range(p):
            products = (weights * one.values[:, j])[:, None] * other.values
            sums = group_sums(both, products, shape[0] * shape[1]).reshape(shape)
            out[:, j] = sums[: one.n_cells, : other.n_cells]
    return out.reshape(one.size, other.size)


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
    means = sums / stage.units_per_stratum[:, None]
    for first, last in _ranges_of_units(stage, max(1, _PIECE // max(width, 1))):
        rows, unit = _rows_of_units(stage, first, last)
        units = np.hstack([_unit_sums(block, rows, unit, last - first) for block in scores.blocks])
        stratum = stage.stratum[rows]
        if unit is not None:
            stratum = _by_unit(stratum, unit, last - first)
        deviation = units
        deviation -= means[stratum]
        deviation *= stage.root[stratum][:, None]
        out += stage.products(deviation, first)
    return out


def _ranges_of_units(stage: Stage, length: int) -> Iterator[tuple[int, int]]:
    """Ranges of `length` units; who returns in another wave is not torn apart."""
    first = 0
    while first < stage.n_units:
        last = min(first + length, stage.n_units)
        last = last if stage.occasions is None else stage.occasions.end(last)
        yield first, last
        first = last


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


def _streamed_parts(streamed: Streamed, stage: Stage) -> tuple[Floats, Floats]:
    """Stratum sums and deviations from them: in one pass where the unit sums fit, else in two."""
    n_strata, size = len(stage.units_per_stratum), streamed.scores.size
    out = np.zeros((size, size))
    if stage.n_units * size <= _PIECE:
        units, stratum = _all_unit_sums(streamed, stage)
        sums = group_sums(stratum, units, n_strata)
        units -= (sums / stage.units_per_stratum[:, None])[stratum]
        units *= stage.root[stratum][:, None]
        return sums, stage.products(units)
    sums = np.zeros((n_strata, size))
    for piece, influence in streamed.pieces():
        sums += group_sums(stage.stratum[piece], influence, n_strata)
    means = sums / stage.units_per_stratum[:, None]
    for first, last in _pieces_of_units(stage, size):
        rows, unit = _rows_of_units(stage, first, last)
        values, stratum = streamed.rows(rows), stage.stratum[rows]
        if unit is not None:
            values = group_sums(unit, values, last - first)
            stratum = _by_unit(stratum, unit, last - first)
        out += stage.products((values - means[stratum]) * stage.root[stratum][:, None], first)
    return sums, out


def _all_unit_sums(streamed: Streamed, stage: Stage) -> tuple[Floats, Codes]:
    """Sums of the residuals by unit (U x k), and each unit's stratum."""
    if stage.unit is None:
        return np.concatenate([influence for _, influence in streamed.pieces()]), stage.stratum
    units = np.zeros((stage.n_units, streamed.scores.size))
    for piece, influence in streamed.pieces():
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
        last = last if stage.occasions is None else stage.occasions.end(last)
        yield first, last
        first = last

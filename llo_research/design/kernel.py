"""The variance kernel: covariance of any estimates from their influence values and the design.

For one stage with strata h, units i = 1..n_h and unit sums z_hi of the influence values,

    V = sum_h (1 - f_h) n_h / (n_h - 1) sum_i (z_hi - zbar_h)(z_hi - zbar_h)',

and for further stages the same within each unit, times the sampling fractions of the stages before
(Sarndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling. Springer, result 4.3.1).

(`lonely` tells what strata with one unit contribute.) The routes give the same numbers: elements by moments, units that
touch few of many columns by sparse sums, strata that touch no column in common each by themselves, rows that stand
for many by their `pairs`, all else by unit sums in pieces.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from llo_research.design.components import components
from llo_research.design.lonely import Present, StratumSums, strata_met, with_lonely_units
from llo_research.design.moments import FEW_COLUMNS, from_centred_moments, from_pairs, stratum_sums
from llo_research.design.pair_products import from_blocks
from llo_research.design.scores import Block, Matrix, Scores
from llo_research.design.sparse_sums import from_sparse_sums, multiplications, unit_scores
from llo_research.design.stages import Stage
from llo_research.design.unit_sums import Streamed, from_stream, from_unit_sums
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.multiples import Multiples

# Moments lose digits when a stratum's mean dwarfs its spread; from this loss on, they are taken again around the mean.
CANCELLATION = 1e-4
_FEW_TOGETHER = 8
# So many products of dense unit sums (about a tenth of a second) make one look for columns that do not touch; a product
# of sparse numbers takes about so many times as long as a dense one.
_MANY_PRODUCTS, _SPARSE_TIMES = 500_000_000, 25
# Columns of a map with more than this share of numbers that are not 0 are multiplied as dense ones.
_HEAVY = 1 / 8
# Matrices are made symmetric in squares of so many rows, which stay in the processor's cache.
_SQUARE = 256


def covariance(scores: Scores, stages: tuple[Stage, ...], lonely_psu: str) -> Floats:
    """Covariance (k x k) of the estimates with these scores; symmetric to the last bit."""
    own = (scores if any(len(stage.lonely) for stage in stages) else scores.folded()).trimmed()
    total = _over_stages(
        stages,
        lonely_psu,
        own.n_base,
        lambda stage: _within(own.blocks, stage),
        lambda stage: strata_met(own.blocks, stage),
        lambda stage: stratum_sums(own.blocks, stage),
    )
    return symmetric(total) if own.transform is None else quadratic(own.transform, total)


def scores_moments(scores: Scores, stages: tuple[Stage, ...], lonely_psu: str) -> tuple[Floats, Floats]:
    """Covariance (m x m) before the map, all strata counting, and the size (m,) of what its diagonal is left of."""
    size = np.zeros(scores.n_base)

    def within(stage: Stage) -> Floats:
        made, own = _moments(scores.blocks, stage)
        size[:] += own
        return made

    everywhere, sums = _everywhere(scores.n_base), lambda stage: stratum_sums(scores.blocks, stage)
    total = _over_stages(stages, lonely_psu, scores.n_base, within, everywhere, sums)
    return total, size


def streamed_covariance(streamed: Streamed, stages: tuple[Stage, ...], lonely_psu: str) -> Floats:
    """The covariance (k x k) from influence values of rows, streamed in pieces; all strata count."""
    size, sums = streamed.scores.size, np.zeros((0, 0))

    def within(stage: Stage) -> Floats:
        nonlocal sums
        sums, made = from_stream(streamed, stage)
        return made

    return symmetric(_over_stages(stages, lonely_psu, size, within, _everywhere(size), lambda stage: sums))


def quadratic(transform: Matrix, matrix: Floats, labels: Codes | None = None) -> Floats:
    """T V T' (k x k) for a symmetric V; full columns of a sparse T are multiplied as dense ones.

    What touches a variance that is not known (nan) is not known; nothing else is.

    labels : (m,) sets of columns between which V is 0.
    """
    unknown = np.isnan(np.diag(matrix))
    if unknown.any():
        out = quadratic(transform, np.where(unknown[:, None] | unknown, 0.0, matrix), labels)
        touched = abs(transform) @ unknown.astype(np.float64) > 0
        out[touched, :] = out[:, touched] = np.nan
        return out
    if isinstance(transform, np.ndarray):
        return symmetric(np.asarray(transform @ matrix @ transform.T))
    if labels is not None:
        return _by_sets(transform, matrix, labels)
    filled = np.bincount(transform.indices, minlength=transform.shape[1])
    heavy = np.flatnonzero(filled > _HEAVY * transform.shape[0])
    light = np.flatnonzero((filled > 0) & (filled <= _HEAVY * transform.shape[0]))
    few = transform if len(light) == len(filled) else sparse.csr_array(transform[:, light])
    out = _light(few, matrix if len(light) == len(filled) else matrix[np.ix_(light, light)])
    if len(heavy):
        full = transform[:, heavy].toarray()
        beside = np.asarray(few @ matrix[np.ix_(light, heavy)])
        beside += full @ (matrix[np.ix_(heavy, heavy)] / 2)
        beside *= 2
        out += full @ beside.T
    return symmetric(out)


def _by_sets(transform: sparse.csr_array, matrix: Floats, labels: Codes) -> Floats:
    """T V T' (k x k) set by set of the columns of a V that is 0 between them."""
    out = np.zeros((transform.shape[0],) * 2)
    by_column = sparse.csc_array(transform)
    for label in range(int(labels.max()) + 1):
        columns = np.flatnonzero(labels == label)
        own = sparse.csr_array(by_column[:, columns])
        rows = np.flatnonzero(np.diff(own.indptr))
        out[np.ix_(rows, rows)] += quadratic(own[rows], matrix[np.ix_(columns, columns)])
    return out


def _light(transform: sparse.csr_array, matrix: Floats) -> Floats:
    """T V T' (k x k) for a sparse T, which may be the identity."""
    k, m = transform.shape
    if k == m == transform.nnz and (transform.indices == np.arange(m)).all() and (transform.data == 1).all():
        return matrix
    half = np.asarray(transform @ matrix)
    return np.asarray(transform @ half.T)


def symmetric(matrix: Floats) -> Floats:
    """The matrix without the rounding that makes it asymmetric, in its own place."""
    size = len(matrix)
    for first in range(0, size, _SQUARE):
        for other in range(first, size, _SQUARE):
            upper = matrix[first : first + _SQUARE, other : other + _SQUARE]
            lower = matrix[other : other + _SQUARE, first : first + _SQUARE]
            mean = (upper + lower.T) / 2
            upper[:], lower[:] = mean, mean.T
    return matrix


def _everywhere(size: int) -> Present:
    """Every stratum counts for every estimate."""
    return lambda stage: np.ones((len(stage.units_per_stratum), size), dtype=bool)


def _over_stages(
    stages: tuple[Stage, ...],
    lonely_psu: str,
    size: int,
    within: Callable[[Stage], Floats],
    present: Present,
    sums: StratumSums,
) -> Floats:
    """Sum of the stages' contributions.

    `within` gives that of the strata with several units; `present` (H x k) the strata with rows in the domain of each
    estimate, and `sums` (H x k) the sums by stratum, for the lonely ones.
    """
    total: Floats | None = None
    for number, stage in enumerate(stages, start=1):
        if not (stage.carry > 0).any():
            break
        for own, rule in stage.by_rule(lonely_psu):
            made = within(own)
            if len(own.lonely):
                made = with_lonely_units(made, own, number, rule, present, sums)
            if total is None:
                total = made
            else:
                total += made
    return np.zeros((size, size)) if total is None else total


def _within(blocks: tuple[Block, ...], stage: Stage) -> Floats:
    """The contribution (m x m) of the strata with several units, whatever its mean."""
    if stage.pairs is not None:
        return from_blocks(blocks, stage)
    one, width = blocks[0], sum(block.size for block in blocks)
    few = isinstance(one.values, Multiples) or one.values.shape[1] <= FEW_COLUMNS
    single = len(blocks) == 1 and (one.n_cells > 1 or few)
    if stage.unit is None and (single or (len(blocks) > 1 and width > _FEW_TOGETHER)):
        made, size = from_pairs(blocks, stage)
        if not _cancels(made, size):
            return made
        if single:
            return from_centred_moments(one, stage)
    return _of_units(blocks, stage)[0]


def _moments(blocks: tuple[Block, ...], stage: Stage) -> tuple[Floats, Floats]:
    """The same from moments, and what their diagonal is left of."""
    if stage.pairs is not None:
        made = from_blocks(blocks, stage)
        return made, np.diag(made).copy()
    return from_pairs(blocks, stage) if stage.unit is None else _of_units(blocks, stage)


def _of_units(blocks: tuple[Block, ...], stage: Stage) -> tuple[Floats, Floats]:
    """The same from sums by unit, by the cheapest route."""
    width = sum(block.size for block in blocks)
    dense = float(stage.n_units) * width**2
    if dense > _MANY_PRODUCTS:
        apart = list(components(blocks, stage))
        if apart:
            return _apart([(part.columns, _of_units(part.blocks, part.stage)) for part in apart], width)
        z = unit_scores(blocks, stage)
        if _SPARSE_TIMES * multiplications(z, stage) < dense:
            made, size = from_sparse_sums(z, stage)
            if not _cancels(made, size):
                return made, size
    made = from_unit_sums(blocks, stage)
    return made, np.diag(made).copy()


def _cancels(made: Floats, size: Floats) -> bool:
    """Whether sums of squares lost digits to the squares of the means."""
    return bool((np.diag(made) < CANCELLATION * size).any())


def _apart(parts: list[tuple[Codes, tuple[Floats, Floats]]], width: int) -> tuple[Floats, Floats]:
    """The contributions of columns that do not touch, in their places."""
    out, size = np.zeros((width, width)), np.zeros(width)
    for columns, (made, own) in parts:
        out[np.ix_(columns, columns)], size[columns] = made, own
    return out, size

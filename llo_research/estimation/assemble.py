"""From cell arithmetic to a Result: estimates with their influence values, counts, design effects."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research import __version__
from llo_research.design.scores import Block, Scores
from llo_research.design.stands_for import StandsFor
from llo_research.estimation.placing import derived, standing_of
from llo_research.estimation.target import Target
from llo_research.numerics.groups import Codes, Floats, group_maxima, group_sums
from llo_research.numerics.ratios import CellRatios, divide
from llo_research.options import check_level, check_switch
from llo_research.results.columns import row_labels
from llo_research.results.estimates import Estimates
from llo_research.results.facts import Facts, Later
from llo_research.results.freedom import counts
from llo_research.results.inference import Inference, infer
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.results.vanishing import scale_of, vanishes
from llo_research.survey.spoken import labels_told
from llo_research.survey.variables import Variable

# Numbers that are not 0 and 1 show it early; only those that may be are read whole.
_FIRST_LOOK = 1000
_LOOKED_AT = 200
_SAME = 1e-12  # of a value: what multiplying by a weight and dividing by it leaves


@dataclass(frozen=True)
class OwnFacts:
    """What disclosure control reads of a part, all (K, p).

    n : unweighted rows that the estimate rests on.
    n_nonzero : those behind the numerator of a share, or with a value other than 0.
    n_complement : the others, for a share or a total of 0 and 1; `n` for what is none.
    largest_share : the largest person's part of the weighted total.
    n_ends : rows at or beyond the ends of the interval, where those are values of people.
    """

    n: Floats
    n_nonzero: Floats
    n_complement: Floats
    largest_share: Floats
    n_ends: Floats | None = None


@dataclass(frozen=True)
class Part:
    """Estimates of p columns in the cells of one set of codes; what few ask for is worked out later, from arrays.

    heads : p mappings with what identifies a column (`variable`, `level`, `quantile`).
    codes : (n,) cells, K outside.
    ratios : CellRatios of these cells.
    replicates : (R, K, p) the same estimates at each replicate, or None.
    spread : (K, p) variances that simple random sampling of the same n would give.
    contributions : (n, p) weighted contributions of each row, for disclosure control.
    quantities : what kind of number each column is.
    size : (K, p) absolute size of what an estimate is made of; None for the mean absolute contribution.
    facts : what disclosure control reads, where the contributions do not tell it.
    two_sided : whether it is a mean, of which a constant tells something; not a total.
    """

    heads: Sequence[dict[str, Any]]
    codes: Codes
    ratios: CellRatios
    replicates: Floats | None
    spread: Facts
    contributions: Facts
    quantities: Sequence[Quantity]
    size: Facts | None = None
    facts: Facts | None = None
    two_sided: bool = False

    @property
    def sizes(self) -> Floats:
        """(K, p) absolute size of what the estimates are made of."""
        if self.size is not None:
            return np.asarray(self.size())
        totals = group_sums(self.codes, np.abs(self.contributions()), len(self.ratios.bottoms))
        return np.abs(divide(totals, self.ratios.bottoms))


@dataclass(frozen=True)
class Behind:
    """The rows behind the parts of a result: no frame, but the arrays that facts are counted from.

    parts : the parts.
    order : (k,) place of each row of the result among the estimates of the parts.
    weights : (n,) weights of the call.
    persons : (n,) number of each row's person, -1 where it is not known; None where the survey names no unit.
    expansion : whether the weights expand to a population, whose size is known.
    stands : how many people each row stands for; None where it is one.
    sums : numbers of which rows hold the sums, so that nobody's is known.
    """

    parts: Sequence[Part]
    order: Codes
    weights: Floats
    persons: Codes | None
    expansion: bool
    stands: StandsFor | None = None
    sums: tuple[str, ...] = ()

    def people(self, codes: Codes, which: np.ndarray) -> Floats:
        """(K, p) how many people of each cell are in columns of a mask (n, p)."""
        each = which.astype(np.float64)
        return group_sums(codes, each, self.number, None if self.stands is None else self.stands.counts)

    @property
    def number(self) -> int:
        """Number of cells K."""
        return len(self.parts[0].ratios.bottoms)

    def spread(self) -> Floats:
        """(k,) variances that simple random sampling of the same n would give."""
        return np.concatenate([np.asarray(part.spread()).ravel() for part in self.parts])[self.order]

    def scale(self, n: Floats) -> Floats:
        """(k,) what a standard error is small or large against."""
        size = np.concatenate([part.sizes.ravel() for part in self.parts])[self.order]
        with np.errstate(invalid="ignore"):
            return scale_of(np.sqrt(self.spread() * n), size)


@dataclass(frozen=True)
class Options:
    """How a result is to be read: level, interval method (of all, or of each column), joint intervals, the call."""

    level: float
    interval: str | tuple[str, ...]
    simultaneous: bool
    call: dict[str, Any]


def assemble(
    target: Target,
    parts: Sequence[Part],
    options: Options,
    extra: dict[str, Any] | None = None,
    *,
    inferred: bool = True,
) -> Result:
    """One Result of all parts, cells in the outer order, columns in the inner one.

    inferred : whether it is asked for its own covariance; not so where only a map of it is.
    """
    check_level(options.level)
    check_switch(options.simultaneous, "simultaneous")
    k_cells, design = target.cells.number, target.svy.design
    order = _cell_major([len(part.heads) for part in parts], k_cells)
    kept = () if target.svy._collapsed is None else tuple(target.svy._collapsed.values)
    behind = Behind(
        parts, order, target.weights, design.persons, target.svy.weight_kind == "expansion", design.stands, kept
    )
    scores = _scores(behind)
    n = counts(scores, design)
    estimates = Estimates(
        np.concatenate([part.ratios.estimate.ravel() for part in parts])[order],
        scores,
        _replicates(behind),
        size=Later(behind.scale, n),
    )
    inference = infer(estimates, design) if inferred else Inference.left(len(n))
    rows, meta = _rows(target.cells.keys, parts), make_meta(target, options, extra)
    return Result(
        rows=rows,
        labels=row_labels(rows, target.by),
        estimates=estimates,
        inference=inference,
        meta=meta,
        design=design,
        quantity=tuple(quantity for part in parts for quantity in part.quantities) * k_cells,
        level=options.level,
        interval=options.interval if isinstance(options.interval, str) else options.interval * k_cells,
        simultaneous=options.simultaneous,
        n=n,
        details=Later(_details, behind, np.diag(inference.covariance), n, estimates),
        cell_details=Later(_cell_details, behind, n),
        standing=standing_of(target.svy, scores, rows, meta),
        data=Later(_checksum, target.svy._frame.iloc[:: max(1, len(target.svy) // _LOOKED_AT)].copy()),
    )


def _checksum(some: pd.DataFrame) -> str:
    """A number for some rows of the data, that two imputations do not have in common."""
    sums = [zlib.crc32(repr(some[name].tolist()).encode()) for name in some.columns]
    return f"{len(some)}:{sums}"


def _scores(behind: Behind) -> Scores:
    """Influence values of all parts, in the order of the rows."""
    blocks = tuple(Block(part.codes, part.ratios.influence, behind.number) for part in behind.parts)
    k = len(behind.order)
    transform = None if len(blocks) == 1 else sparse.eye_array(k, format="csr")[behind.order]
    return Scores(blocks, behind.weights, transform)


def _replicates(behind: Behind) -> Floats | None:
    """(R, k) the estimates of all parts at the replicates."""
    known = [part.replicates.reshape(len(part.replicates), -1) for part in behind.parts if part.replicates is not None]
    return np.concatenate(known, axis=1)[:, behind.order] if known else None


def make_meta(target: Target, options: Options, extra: dict[str, Any] | None) -> dict[str, Any]:
    """What the result says of itself."""
    return {
        "call": options.call,
        "version": __version__,
        **target.svy._meta(),
        "by": list(target.by),
        "left_out": dict(target.left_out),
        "empty_cells": target.cells.absent,
        "base_levels": {v.name: v.levels[0] for v in target.variables if v.kind == "category" and v.levels},
        "unit": {v.name: unit_of(v) for v in target.variables},
        "derived_from": derived(target.svy, _named(target)),
        "labels": labels_told(
            target.svy.labels, [*_named(target), *(options.call.get(side) for side in ("of", "minus"))]
        ),
        **(extra or {}),
    }


def unit_of(found: Variable) -> str:
    """``share`` for categories, booleans and numbers that are only 0 and 1; else ``number``."""
    if found.kind != "number":
        return "share"
    some = found.values[:_FIRST_LOOK]
    if not _zero_or_one(some):
        return "number"
    return "share" if _zero_or_one(found.values) and not np.isnan(found.values).all() else "number"


def _zero_or_one(values: Floats) -> bool:
    """Whether all known values are 0 or 1."""
    return bool(((values == 0) | (values == 1) | np.isnan(values)).all())


def _named(target: Target) -> list[str]:
    """The columns of a call."""
    return [*(v.name for v in target.variables), *target.by, *target.groups]


def _cell_major(widths: Sequence[int], k_cells: int) -> Codes:
    """Order that puts cells outside and columns inside, given parts that are each cell-major."""
    starts = np.cumsum([0, *[width * k_cells for width in widths]])
    numbers = [
        np.arange(width * k_cells).reshape(k_cells, width) + start
        for width, start in zip(widths, starts[:-1], strict=True)
    ]
    return np.hstack(numbers).ravel()


def _rows(keys: pd.DataFrame, parts: Sequence[Part]) -> pd.DataFrame:
    """Identifying columns, cells outside and columns inside."""
    heads = [head for part in parts for head in part.heads]
    k, p = len(keys), len(heads)
    rows = keys.iloc[np.repeat(np.arange(k), p)].reset_index(drop=True)
    for name in ("variable", "level", "quantile"):
        if any(name in head for head in heads):
            values = [head.get(name) for head in heads]
            rows[name] = pd.Series(values * k, dtype=object if name == "level" else None)
    return rows


def _details(behind: Behind, variance: Floats, n: Floats, estimates: Estimates) -> pd.DataFrame:
    """Sums of weights, effective n and design effects."""
    sums = [np.repeat(group_sums(p.codes, behind.weights, behind.number), len(p.heads)) for p in behind.parts]
    sum_weights = np.concatenate(sums)[behind.order]
    scale, simple = estimates.magnitude, behind.spread()
    zero = vanishes(np.sqrt(np.maximum(variance, 0)), scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        differ = np.sqrt(simple * n) >= scale
        simple = simple * n / (n - 1)
        if behind.expansion:
            beyond = 1 - n / sum_weights
            simple = np.where(sum_weights >= n, simple * np.where(beyond > _SAME, beyond, 0.0), np.nan)
        deff = np.where((simple > 0) & differ, np.where(zero, 0.0, variance / simple), np.nan)
        n_eff = np.where(deff > 0, n / deff, np.nan)
        return pd.DataFrame({"sum_weights": sum_weights, "n_eff": n_eff, "deff": deff})


def _cell_details(behind: Behind, n: Floats) -> pd.DataFrame:
    """Counts and the largest unit's share of each row's total.

    `n_units` counts persons where rows of one person may be several; `n_complement` those on the other side of a share
    (everybody, for what is no share).
    """
    k, order = behind.number, behind.order
    largest: list[Floats] = []
    inside: list[Floats] = []
    outside: list[Floats] = []
    for part in behind.parts:
        signed = part.contributions()
        contributions = np.abs(signed)
        totals = group_sums(part.codes, contributions, k)
        top = _largest(behind, part.codes, contributions)
        facts = divide(top, totals), *_both_sides(behind, part, signed, behind.people(part.codes, contributions > 0))
        for kept, own in zip((largest, inside, outside), _with_sums(behind, part, facts), strict=True):
            kept.append(own.ravel())
    frame = pd.DataFrame(
        {
            "n": n.astype(np.int64),
            "n_units": np.concatenate([_units(behind, part) for part in behind.parts])[order].astype(np.int64),
            "n_nonzero": _whole(np.concatenate(inside)[order]),
            "n_complement": _whole(np.concatenate(outside)[order]),
            "largest_share": np.concatenate(largest)[order],
        }
    )
    return _with_own_facts(frame, behind.parts, order)


def _with_sums(behind: Behind, part: Part, facts: Sequence[Floats]) -> list[Floats]:
    """Largest parts and people on both sides (K, p), of columns that rows hold the sums of by what is known of those.

    Of two values nobody knows who has which.
    """
    unknown, out = _are_sums(behind, part), [np.array(own, dtype=np.float64) for own in facts]
    for j in np.flatnonzero(unknown).tolist():
        name, stands = str(part.heads[j].get("variable")), behind.stands
        known = None if stands is None else stands.of_number(name, part.codes, behind.weights, behind.number)
        sure = known is not None and known.kinds.max(initial=0) > 2
        told: Sequence[Any] = (np.nan,) * 3
        if known is not None and sure:
            told = known.largest, known.other, known.rows
        for own, values in zip(out, told, strict=True):
            own[:, j] = values
    return out if unknown.any() else list(facts)


def _are_sums(behind: Behind, part: Part) -> np.ndarray:
    """(p,) columns that rows hold the sums of: who has how much of them is not known by the rows."""
    kinds = [quantity.kind for quantity in part.quantities]
    names = [head.get("variable") for head in part.heads]
    told = [name in behind.sums or kind == "ratio" for name, kind in zip(names, kinds, strict=True)]
    return np.array(told, dtype=bool) & (behind.stands is not None)


def _whole(counts: Floats) -> np.ndarray:
    """Counts as whole numbers, where all are known."""
    return counts if np.isnan(counts).any() else counts.astype(np.int64)


def _largest(behind: Behind, codes: Codes, contributions: Floats) -> Floats:
    """(K, p) the largest contribution of one person, over all his rows in the cell; a bound where rows are of many."""
    k = behind.number
    if behind.stands is not None:
        return behind.stands.largest(codes, contributions, behind.weights, k)
    if behind.persons is None:
        return np.column_stack([group_maxima(codes, column, k) for column in contributions.T])
    rows = np.flatnonzero(codes < k)
    alone = behind.persons.max(initial=-1) + 1 + np.arange(len(codes))  # rows of nobody that is known
    whose = np.where(behind.persons < 0, alone, behind.persons)[rows]
    pairs, which = np.unique(codes[rows] * (alone[-1] + 1) + whose, return_inverse=True)
    sums = group_sums(which.ravel(), contributions[rows], len(pairs))
    cells = (pairs // (alone[-1] + 1)).astype(np.intp)
    return np.column_stack([group_maxima(cells, column, k) for column in sums.T])


def _with_own_facts(frame: pd.DataFrame, parts: Sequence[Part], order: Codes) -> pd.DataFrame:
    """The counts for disclosure control, with those of parts whose contributions do not tell them."""
    made = [None if part.facts is None else part.facts() for part in parts]
    if not any(made):
        return frame
    sizes = np.cumsum([0, *(part.ratios.estimate.size for part in parts)])
    if any(own is not None and own.n_ends is not None for own in made):
        frame["n_ends"] = frame["n"]
    for name in frame.columns.intersection([item.name for item in fields(OwnFacts)]):
        values = frame[name].to_numpy(dtype=np.float64)[np.argsort(order)]
        for own, first, last in zip(made, sizes[:-1], sizes[1:], strict=True):
            told = None if own is None else getattr(own, name)
            if told is not None:
                values[first:last] = told.ravel()
        frame[name] = values[order] if name == "largest_share" else _whole(values[order])
    return frame


def facts_of(codes: Codes, contributions: Floats, k: int) -> tuple[Floats, Floats]:
    """Contributions (n, p) that are not zero, and the largest one's share of their total; (K, p) each."""
    sizes = np.abs(contributions)
    top = np.column_stack([group_maxima(codes, column, k) for column in sizes.T])
    return group_sums(codes, (sizes > 0).astype(np.float64), k), divide(top, group_sums(codes, sizes, k))


def _both_sides(behind: Behind, part: Part, contributions: Floats, counted: Floats) -> tuple[Floats, Floats]:
    """(K, p) rows behind each estimate, and rows on the other side; all of them where there is no other side.

    A mean of two values, such as codes 1 and 2, is a share in other words. A total of 0 and 1 stands beside its sum of
    weights: who is not counted is known by subtraction, but a total of everybody (1 for all) tells nothing.
    """
    k = behind.number
    used = np.flatnonzero((part.codes < k) & (behind.weights != 0))
    weights = behind.weights[used]
    n = behind.people(np.where(behind.weights != 0, part.codes, k), np.ones((len(part.codes), 1)))
    above, below = counted.copy(), np.repeat(n, counted.shape[1], axis=1)
    if part.facts is not None:
        return above, below
    for j, column in enumerate(contributions[used].T):
        first = column[:_FIRST_LOOK] / weights[:_FIRST_LOOK]
        if not len(first) or not _two(first).all():
            continue
        values = column / weights
        if not _two(values).all():
            continue
        low, high = values.min(), values.max()
        shares = bool(np.isin(np.round([low, high], 9), (0.0, 1.0)).all())
        if shares and (part.two_sided or low < high / 2):
            below[:, j] = n[:, 0] - counted[:, j]
        elif part.two_sided and high - low > _SAME * abs(high):
            upper = np.zeros((len(part.codes), 1), dtype=bool)
            upper[used, 0] = values > (low + high) / 2
            above[:, j] = behind.people(part.codes, upper)[:, 0]
            below[:, j] = n[:, 0] - above[:, j]
    return above, below


def _two(values: Floats) -> np.ndarray:
    """Which values are the smallest or the largest of them, but for rounding."""
    ends = (values.min(), values.max())
    return np.asarray(np.isclose(values, ends[0], _SAME, _SAME) | np.isclose(values, ends[1], _SAME, _SAME))


def _units(behind: Behind, part: Part) -> Floats:
    """Distinct units with a weight behind each column of a part; rows where the survey names no unit."""
    k = behind.number
    used = np.where(behind.weights != 0, part.codes, k)
    if behind.stands is not None:
        count = behind.stands.distinct or behind.stands.rows
        return np.repeat(count(used, k), len(part.heads))
    if behind.persons is not None:
        width = int(behind.persons.max(initial=-1)) + 2
        used = np.unique(used.astype(np.int64) * width + behind.persons + 1) // width
    return np.repeat(np.bincount(used, minlength=k + 1)[:k].astype(np.float64), len(part.heads))

"""From cell arithmetic to a Result: covariance by the kernel or by replicates, df, counts, design effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from llo_research import __version__
from llo_research.design.scores import Block, Scores
from llo_research.estimation.placing import derived
from llo_research.estimation.result import Result, row_labels
from llo_research.estimation.target import Target
from llo_research.estimation.vanishing import scale_of, vanishes
from llo_research.numerics.groups import Codes, Floats, group_maxima, group_sums
from llo_research.numerics.ratios import CellRatios, divide
from llo_research.options import check_level, check_switch
from llo_research.survey.variables import Variable

# Numbers that are not 0 and 1 show it early; only those that may be are read whole.
_FIRST_LOOK = 1000
_SAME = 1e-12  # of a value: what multiplying by a weight and dividing by it leaves


@dataclass(frozen=True)
class Facts:
    """What disclosure control reads of a part, all (K, p).

    n : unweighted rows that the estimate rests on.
    n_nonzero : those behind the numerator of a share, or with a value other than 0.
    n_complement : the others, for a share or a total of 0 and 1; `n` for what is none.
    largest_share : the largest row's part of the weighted total.
    n_ends : rows at or beyond the ends of the interval, where those are values of people.
    """

    n: Floats
    n_nonzero: Floats
    n_complement: Floats
    largest_share: Floats
    n_ends: Floats | None = None


@dataclass(frozen=True)
class Part:
    """Estimates of p columns in the cells of one set of codes.

    heads : p mappings with what identifies a column (`variable`, `level`, `quantile`).
    codes : (n,) cells, K outside.
    ratios : CellRatios of these cells.
    at_replicates : the same estimates at each replicate, R x K x p, on request.
    spread : (K, p) variances that simple random sampling of the same n would give, on request.
    contributions : (n, p) weighted contributions of each row, for disclosure control, on request.
    size : (K, p) absolute size of what an estimate is made of, on request; None for the mean absolute contribution.
    facts : what disclosure control reads, where the contributions do not tell it.
    two_sided : whether it is a mean, of which a constant tells something; not a total.
    """

    heads: Sequence[dict[str, Any]]
    codes: Codes
    ratios: CellRatios
    at_replicates: Callable[[], Floats]
    spread: Callable[[], Floats]
    contributions: Callable[[], Floats]
    size: Callable[[], Floats] | None = None
    facts: Callable[[], Facts] | None = None
    two_sided: bool = False


@dataclass(frozen=True)
class Options:
    """How a result is to be read: level, interval method (of all, or of each column), joint intervals, the call."""

    level: float
    interval: str | tuple[str, ...]
    simultaneous: bool
    call: dict[str, Any]


def assemble(target: Target, parts: Sequence[Part], options: Options, extra: dict[str, Any] | None = None) -> Result:
    """One Result of all parts, cells in the outer order, columns in the inner one."""
    check_level(options.level)
    check_switch(options.simultaneous, "simultaneous")
    k_cells = target.cells.number
    order = _cell_major([len(part.heads) for part in parts], k_cells)
    blocks = tuple(Block(part.codes, part.ratios.influence, k_cells) for part in parts)
    estimate = np.concatenate([part.ratios.estimate.ravel() for part in parts])[order]
    transform = None if len(parts) == 1 else np.eye(len(order))[order]
    scores = Scores(blocks, target.weights, transform)
    covariance, replicates = _covariance(target, parts, order, estimate, scores)
    n, df = _counts(target, parts, order)
    rows = _rows(target.cells.keys, parts)

    @cache
    def spread() -> Floats:
        return np.concatenate([part.spread().ravel() for part in parts])[order]

    @cache
    def scale() -> Floats:
        size = np.concatenate([_size(target, part).ravel() for part in parts])[order]
        with np.errstate(invalid="ignore"):
            return scale_of(np.sqrt(spread() * n), size)

    return Result(
        rows=rows,
        estimate=estimate,
        covariance=covariance,
        df=df,
        meta=make_meta(target, options, extra),
        labels=row_labels(rows, target.by),
        level=options.level,
        interval=options.interval if isinstance(options.interval, str) else options.interval * k_cells,
        simultaneous=options.simultaneous,
        n=n,
        details=lambda: _details(target, parts, order, np.diag(covariance), n, spread(), scale()),
        cell_details=lambda: _with_own_facts(_cell_details(target, parts, order, n), parts, order),
        scores=scores,
        replicates=replicates,
        survey=target.svy,
        scale=scale,
    )


def _covariance(
    target: Target, parts: Sequence[Part], order: Codes, estimate: Floats, scores: Scores
) -> tuple[Floats, Floats | None]:
    """Covariance by the kernel, or from the estimates at the replicates, which come with it."""
    design, replicates = target.svy.design, None
    if design.replicates is not None:
        r = design.replicates.n_replicates
        replicates = np.concatenate([part.at_replicates().reshape(r, -1) for part in parts], axis=1)[:, order]
        covariance = design.replicates.covariance(replicates, estimate)
    else:
        covariance = design.covariance(scores)
    undefined = np.isnan(estimate)
    covariance[undefined, :] = covariance[:, undefined] = np.nan
    return covariance, replicates


def _size(target: Target, part: Part) -> Floats:
    """(K, p) absolute size of what the estimates of a part are made of."""
    if part.size is not None:
        return part.size()
    totals = group_sums(part.codes, np.abs(part.contributions()), target.cells.number)
    return np.abs(divide(totals, part.ratios.bottoms))


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
        "labels": {name: target.svy.labels[name] for name in _named(target) if name in target.svy.labels},
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


def _counts(target: Target, parts: Sequence[Part], order: Codes) -> tuple[Floats, Floats]:
    """Unweighted counts and degrees of freedom of each row."""
    same = all(part.codes is target.cells.codes for part in parts)
    k = target.cells.number
    n_parts, df_parts = [], []
    for part in parts:
        if same:
            n, df = target.counts, target.df
        else:
            used = np.where(target.weights != 0, part.codes, k)
            n = np.bincount(used, minlength=k + 1)[:k].astype(np.float64)
            df = target.svy.design.cell_degrees_of_freedom(used, k)
        n_parts.append(np.repeat(n, len(part.heads)))
        df_parts.append(np.repeat(df, len(part.heads)))
    return np.concatenate(n_parts)[order], np.concatenate(df_parts)[order]


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


def _details(
    target: Target, parts: Sequence[Part], order: Codes, variance: Floats, n: Floats, simple: Floats, scale: Floats
) -> pd.DataFrame:
    """Sums of weights, effective n and design effects."""
    k = target.cells.number
    sums = [np.repeat(group_sums(p.codes, target.weights, k), len(p.heads)) for p in parts]
    sum_weights = np.concatenate(sums)[order]
    zero = vanishes(np.sqrt(np.maximum(variance, 0)), scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        differ = np.sqrt(simple * n) >= scale
        simple = simple * n / (n - 1)
        if target.svy.weight_kind == "expansion":
            simple = np.where(sum_weights >= n, simple * (1 - n / sum_weights), np.nan)
        deff = np.where((simple > 0) & differ, np.where(zero, 0.0, variance / simple), np.nan)
        n_eff = np.where(deff > 0, n / deff, np.nan)
        return pd.DataFrame({"sum_weights": sum_weights, "n_eff": n_eff, "deff": deff})


def _cell_details(target: Target, parts: Sequence[Part], order: Codes, n: Floats) -> pd.DataFrame:
    """Counts and the largest unit's share of each row's total.

    `n_units` counts persons where rows of one person may be several; `n_complement` those on the other side of a share
    (everybody, for what is no share).
    """
    k = target.cells.number
    largest, inside, outside = [], [], []
    for part in parts:
        signed = part.contributions()
        contributions = np.abs(signed)
        totals = group_sums(part.codes, contributions, k)
        top = np.column_stack([group_maxima(part.codes, column, k) for column in contributions.T])
        largest.append(divide(top, totals).ravel())
        counted = group_sums(part.codes, (contributions > 0).astype(np.float64), k)
        both = _both_sides(target, part, signed, counted)
        inside.append(both[0].ravel())
        outside.append(both[1].ravel())
    return pd.DataFrame(
        {
            "n": n.astype(np.int64),
            "n_units": np.concatenate([_units(target, part) for part in parts])[order].astype(np.int64),
            "n_nonzero": np.concatenate(inside)[order].astype(np.int64),
            "n_complement": np.concatenate(outside)[order].astype(np.int64),
            "largest_share": np.concatenate(largest)[order],
        }
    )


def _with_own_facts(frame: pd.DataFrame, parts: Sequence[Part], order: Codes) -> pd.DataFrame:
    """The counts for disclosure control, with those of parts whose contributions do not tell them."""
    made = [None if part.facts is None else part.facts() for part in parts]
    if not any(made):
        return frame
    sizes = np.cumsum([0, *(part.ratios.estimate.size for part in parts)])
    if any(own is not None and own.n_ends is not None for own in made):
        frame["n_ends"] = frame["n"]
    for name in frame.columns.intersection([item.name for item in fields(Facts)]):
        values = frame[name].to_numpy()[np.argsort(order)]
        for own, first, last in zip(made, sizes[:-1], sizes[1:], strict=True):
            told = None if own is None else getattr(own, name)
            if told is not None:
                values[first:last] = told.ravel()
        frame[name] = values[order]
    return frame


def facts_of(codes: Codes, contributions: Floats, k: int) -> tuple[Floats, Floats]:
    """Contributions (n, p) that are not zero, and the largest one's share of their total; (K, p) each."""
    sizes = np.abs(contributions)
    top = np.column_stack([group_maxima(codes, column, k) for column in sizes.T])
    return group_sums(codes, (sizes > 0).astype(np.float64), k), divide(top, group_sums(codes, sizes, k))


def smallest(facts: pd.DataFrame, used: np.ndarray) -> pd.DataFrame:
    """Facts for disclosure control of the smallest cells that each of k combinations rests on; `used` is (k, m)."""
    out = {}
    for name in facts.columns:
        values = np.where(used, facts[name].to_numpy(dtype=np.float64)[None, :], np.nan)
        extreme = np.fmax.reduce if name == "largest_share" else np.fmin.reduce
        out[name] = extreme(values, axis=1, initial=np.nan)
    counts = [name for name in out if name not in ("largest_share", "n_ends")]
    return pd.DataFrame(out).fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, np.int64))


def _both_sides(target: Target, part: Part, contributions: Floats, counted: Floats) -> tuple[Floats, Floats]:
    """(K, p) rows behind each estimate, and rows on the other side; all of them where there is no other side.

    A mean of two values, such as codes 1 and 2, is a share in other words. A total of 0 and 1 stands beside its sum of
    weights: who is not counted is known by subtraction, but a total of everybody (1 for all) tells nothing.
    """
    k = target.cells.number
    used = np.flatnonzero((part.codes < k) & (target.weights != 0))
    codes, weights = part.codes[used], target.weights[used]
    n = group_sums(codes, np.ones((len(used), 1)), k)
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
            upper = (values > (low + high) / 2).astype(np.float64)
            above[:, j] = group_sums(codes, upper[:, None], k)[:, 0]
            below[:, j] = n[:, 0] - above[:, j]
    return above, below


def _two(values: Floats) -> np.ndarray:
    """Which values are the smallest or the largest of them, but for rounding."""
    ends = (values.min(), values.max())
    return np.asarray(np.isclose(values, ends[0], _SAME, _SAME) | np.isclose(values, ends[1], _SAME, _SAME))


def _units(target: Target, part: Part) -> Floats:
    """Distinct units with a weight behind each column of a part; rows where the survey names no unit."""
    k, role = target.cells.number, target.svy._arguments["unit"]
    used = np.where(target.weights != 0, part.codes, k)
    if role is not None:
        persons = pd.factorize(target.svy._frame[role])[0].astype(np.int64)
        pairs = np.unique(used.astype(np.int64) * (int(persons.max(initial=-1)) + 2) + persons + 1)
        used = pairs // (int(persons.max(initial=-1)) + 2)
    return np.repeat(np.bincount(used, minlength=k + 1)[:k].astype(np.float64), len(part.heads))

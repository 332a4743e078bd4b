"""Comparisons of means: linear maps of them, of their logarithms, or of their log odds. Gaps, changes and trends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse, special

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_option
from llo_research.results.behind import are_levels, smallest
from llo_research.results.columns import row_labels
from llo_research.results.facts import Facts, Later
from llo_research.results.floors import in_words
from llo_research.results.inference import infer
from llo_research.results.result import Result

SCALES = ("difference", "ratio", "odds")
_FEW = 5


@dataclass(frozen=True)
class Map:
    """k combinations of m means.

    linear : (k, m) sparse, the weight of each mean.
    uses : (k, m) sparse bool, the means that a row rests on; a weight may be 0 by chance.
    empty : (k,) rows without an estimate.
    """

    linear: sparse.csr_array
    uses: sparse.csr_array
    empty: np.ndarray

    @property
    def defined(self) -> sparse.csr_array:
        """(k, m) the weights, without those of empty rows."""
        return sparse.csr_array(sparse.diags_array((~self.empty).astype(np.float64)) @ self.linear)


@dataclass(frozen=True)
class Shifts:
    """Known shifts that are taken off the means: means - design @ size, with errors of their own.

    design : (m, r) which shift each mean carries.
    size, std_error : (r,) the shifts and their standard errors, independent of each other and of the survey.
    sources : (r,) what each shift is of, so that results that take off the same one share its error.
    """

    design: Floats
    size: Floats
    std_error: Floats
    sources: tuple[str, ...]

    @property
    def means(self) -> Floats:
        """(m,) what the means are too high."""
        return np.asarray(self.design @ self.size)

    @property
    def errors(self) -> dict[str, Floats]:
        """Loadings (1, m) of each shift's error on the means."""
        parts = zip(self.sources, self.design.T, self.std_error, strict=True)
        return {source: -(carried * error)[None, :] for source, carried, error in parts}


def compare(
    means: Result,
    rows: pd.DataFrame,
    combined: Map,
    *,
    kind: str,
    scale: str = "difference",
    shifts: Shifts | None = None,
    labels: tuple[pd.DataFrame, Sequence[str]],
    meta: Mapping[str, Any],
    facts: Facts | None = None,
) -> Result:
    """The comparisons of means as a Result, on their scale.

    kind : what they are called in a table, as ``gap_change``. labels : the rows as they are labelled, and their `by`.
    facts : what disclosure control reads; default that of the smallest mean of each row.
    """
    base, linear, empty = means.estimates, combined.defined, combined.empty
    if shifts is not None:
        taken = None if base.replicates is None else base.replicates - shifts.means
        base = replace(base, value=base.value - shifts.means, replicates=taken, errors=shifts.errors)
    value, slope = _scaled(linear, base.value, scale, means)
    value[empty] = np.nan
    jacobian = linear
    if scale != "difference":
        jacobian = sparse.diags_array(np.nan_to_num(value)) @ linear @ sparse.diags_array(slope)
    replicates = None if base.replicates is None else _at_replicates(linear, base.replicates, empty, scale)
    estimates = base.mapped(value, sparse.csr_array(jacobian), replicates=replicates, uses=combined.uses)
    cells = means.cell_details
    return replace(
        means,
        rows=rows,
        labels=row_labels(*labels),
        estimates=estimates,
        inference=infer(estimates, means.design, of=(base, means.inference), jacobian=jacobian),
        meta={**means.meta, **meta, **({} if shifts is None else _taken_off(shifts, linear, row_labels(*labels)))},
        quantity=tuple(means.quantity[i].compared(kind, scale) for i in _first(combined.uses)),
        interval="wald" if scale == "difference" else "log",
        tested=True,
        n=combined.uses.astype(np.float64) @ (np.zeros(len(means.estimate)) if means.n is None else means.n),
        details=None,
        cell_details=facts
        or (None if cells is None else Later(_smallest, cells, combined.uses, are_levels(means.rows))),
        extra_flags=tuple("empty" if gone else "" for gone in empty),
        standing=None if means.standing is None else means.standing.of_rows(combined.uses.toarray()),
    )


def _taken_off(shifts: Shifts, linear: sparse.csr_array, labels: Sequence[str]) -> dict[str, Any]:
    """For `.meta`: what is taken off each row, by label, and its uncertainty."""
    loadings = [np.asarray(linear @ own[0]) for own in shifts.errors.values()]
    told = [
        {label: float(size) for label, size in zip(labels, row, strict=True) if size}
        for row in (np.asarray(linear @ shifts.means), *loadings)
    ]
    return {"taken_off": {"shift": told[0], "errors": told[1:], "sources": list(shifts.errors)}}


def check_scale(scale: str) -> None:
    """A scale by its name."""
    check_option(scale, "scale", SCALES)


def _first(uses: sparse.csr_array) -> Codes:
    """(k,) one of the means that each row rests on; all of them are the same kind of number."""
    return np.asarray(np.append(uses.indices, 0)[np.minimum(uses.indptr[:-1], len(uses.indices))], dtype=np.intp)


def _smallest(cells: Facts, uses: sparse.csr_array, levels: np.ndarray) -> pd.DataFrame:
    """Disclosure facts of the smallest mean of each row."""
    return smallest(cells(), uses, levels)


def _scaled(linear: sparse.csr_array, theta: Floats, scale: str, means: Result) -> tuple[Floats, Floats]:
    """The comparisons (k,) on their scale, and the slope of each mean (m,) on the scale on which they add up."""
    if scale == "difference":
        return linear @ np.nan_to_num(theta, nan=0.0), np.ones(len(theta))
    used = abs(linear).sum(axis=0) != 0
    _refuse(linear, theta, used, scale, means)
    safe = np.where(used, theta, 0.5)
    value = np.log(safe) if scale == "ratio" else special.logit(safe)
    return np.exp(linear @ value), 1 / safe if scale == "ratio" else 1 / (safe * (1 - safe))


def _refuse(linear: sparse.csr_array, theta: Floats, used: np.ndarray, scale: str, means: Result) -> None:
    """Means for which a scale has no meaning, and in which cells."""
    wrong = used & ((theta <= 0) | ((theta >= 1) if scale == "odds" else False))
    if not wrong.any():
        return
    rows = np.flatnonzero(abs(linear) @ wrong.astype(np.float64))
    told, first = [], ""
    for row in rows[:_FEW]:
        at = slice(linear.indptr[row], linear.indptr[row + 1])
        signed = list(zip(linear.indices[at], linear.data[at], strict=True))
        words = [f"{'of' if w > 0 else 'minus'} {in_words(means, int(i), theta[i], 'g')}" for i, w in signed]
        cell = cell_text(means.rows, max(signed, key=lambda item: item[1])[0])
        told.append(f"{cell}: {', '.join(words)}")
        first = first or cell
    more = f"; and {len(rows) - _FEW} more" if len(rows) > _FEW else ""
    raise DataError(
        "A ratio needs means above 0." if scale == "ratio" else "Odds need shares strictly between 0 and 1.",
        where=f"scale={scale!r}, {first}",
        found="; ".join(told) + more,
        todo="use scale='difference', or leave the cells concerned out with svy.where(...)",
    )


def cell_text(rows: pd.DataFrame, place: int) -> str:
    """The cell, variable and level of a row, for messages."""
    values = rows.iloc[int(place)]
    return ", ".join(f"{name} {values[name]}" for name in rows.columns if not pd.isna(values[name]))


def _at_replicates(linear: sparse.csr_array, replicates: Floats, empty: np.ndarray, scale: str) -> Floats:
    """The comparisons at each replicate (R x k); nan where they are not defined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = replicates if scale == "difference" else np.log(replicates)
        value = special.logit(replicates) if scale == "odds" else value
    undefined = ~np.isfinite(value)
    out = np.asarray(linear @ np.where(undefined, 0.0, value).T).T
    out = out if scale == "difference" else np.exp(out)
    if undefined.any():
        out[np.asarray(abs(linear) @ undefined.T.astype(np.float64)).T > 0] = np.nan
    out[:, empty] = np.nan
    return out

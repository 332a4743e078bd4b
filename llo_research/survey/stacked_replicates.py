"""Replicates of independent surveys in a stack: those of one beside the full weights of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.design.replicates import CellCounts, Replicates
from llo_research.numerics.grams import grams_of
from llo_research.numerics.groups import Codes, Floats, Rows, replicate_sums

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@dataclass(frozen=True)
class StackedReplicates(Replicates):
    """Replicates of several surveys: those of one beside the full weights of the others.

    parts : the replicates of each survey.
    block : (R,) the survey that a replicate belongs to.
    home : (n,) the survey that a row belongs to.
    full : (n,) full-sample weights, where replicates are kept by survey.
    """

    parts: tuple[Replicates, ...] = ()
    block: Codes | None = None
    home: Codes | None = None
    full: Floats | None = None

    def with_weights(self, weights: Floats) -> StackedReplicates:
        """The same replicates with other weights (n, R)."""
        return replace(self, factors=np.ascontiguousarray(weights), unit=None, base=None)

    def cell_degrees_of_freedom(self, codes: Codes, n_cells: int, units_minus_strata: CellCounts) -> Floats:
        """(n_cells,) the sum over the surveys, each over its own rows of the cell."""
        assert self.home is not None
        total = np.zeros(n_cells)
        for number, part in enumerate(self.parts):
            mine = np.flatnonzero(self.home == number)
            own = partial(_of_some_rows, units_minus_strata, mine, len(codes))
            total += part.cell_degrees_of_freedom(codes[mine], n_cells, own)
        return total

    def centred(self) -> tuple[Codes, ...]:
        """Replicates that share a centre of their own mean, survey by survey."""
        first = np.cumsum([0, *(part.n_replicates for part in self.parts)])
        return tuple(own + first[k] for k, part in enumerate(self.parts) for own in part.centred())

    def covariance(self, replicates: Floats, estimate: Floats) -> Floats:
        """Sum of the surveys' covariances, each around its own centre."""
        total = np.zeros((len(estimate), len(estimate)))
        for number, part in enumerate(self.parts):
            total += part.covariance(replicates[self.block == number], estimate)
        return total


@dataclass(frozen=True)
class BySurvey(StackedReplicates):
    """Of n x R weights only the blocks on the diagonal are kept, those of a survey's own rows and replicates.

    (`factors` holds no rows; ask for `weights`, `columns` or `at`.)
    """

    def with_weights(self, weights: Floats) -> StackedReplicates:
        """Replicates with other weights (n, R), which need not be the full ones of the other surveys."""
        own = {item.name: getattr(self, item.name) for item in fields(self)}
        return StackedReplicates(**{**own, "factors": np.ascontiguousarray(weights), "full": None})

    @property
    def weights(self) -> Floats:
        """The full (n, R) replicate weights, built on request."""
        return self.at(slice(None))

    def at(self, rows: Rows, first: int = 0, last: int | None = None) -> Floats:
        """(m, last - first) full weights of these rows at some replicates."""
        place = np.arange(self._n_rows)[rows]
        stop = self.n_replicates if last is None else min(last, self.n_replicates)
        out = np.repeat(self._full[place, None], max(stop - first, 0), axis=1)
        for part, mine, start, column in self._own(place):
            a, b = max(first, column), min(stop, column + part.n_replicates)
            if a < b:
                out[mine, a - first : b - first] = part.at(place[mine] - start, a - column, b - column)
        return out

    def span(self, rows: Rows) -> tuple[int, int]:
        """From which replicate to before which these rows may weigh other than in the full sample."""
        own = [(column, column + part.n_replicates) for part, _, _, column in self._own(np.arange(self._n_rows)[rows])]
        return (own[0][0], own[-1][1]) if own else (0, 0)

    def totals(self, codes: Codes, values: Floats, n_cells: int) -> Floats:
        """Weighted totals of `values` (n x p) in each cell, at each replicate: R x n_cells x p."""
        out = np.zeros((self.n_replicates, n_cells, values.shape[1]))
        for part, mine, _, column in self._own(np.arange(self._n_rows)):
            own = slice(column, column + part.n_replicates)
            at_full = replicate_sums(codes[mine], values[mine], n_cells, self._full[mine, None])
            out[: own.start] += at_full
            out[own] += part.totals(codes[mine], values[mine], n_cells)
            out[own.stop :] += at_full
        return out

    def _products(self, x: Floats, codes: Codes, n_cells: int, place: Codes, times: Floats) -> Floats:
        """(R, n_cells, q (q + 1) / 2) the upper triangles of the Gram matrices."""
        first, second = np.triu_indices(x.shape[1])
        out = np.zeros((self.n_replicates, n_cells, len(first)))
        for part, mine, start, column in self._own(place):
            own = slice(column, column + part.n_replicates)
            weights = self._full[place[mine]] * times[mine]
            at_full = grams_of(x[mine], weights, codes[mine], n_cells).raw()[:, first, second]
            out[: own.start] += at_full
            out[own] += part._products(x[mine], codes[mine], n_cells, place[mine] - start, times[mine])
            out[own.stop :] += at_full
        return out

    def newton(
        self, step: Callable[[Floats, Floats], Floats], start: Floats, *, rows: Rows = slice(None), **options: Any
    ) -> Floats:
        """(R, p) the solution at each replicate; at those of surveys that have no row here it is the full sample's."""
        own = list(self._own(np.arange(self._n_rows)[rows]))
        if len(own) != 1:
            return super().newton(step, start, rows=rows, **options)
        ((part, mine, row, column),) = own
        out = np.repeat(start[None], self.n_replicates, axis=0)
        place = np.arange(self._n_rows)[rows][mine] - row
        out[column : column + part.n_replicates] = part.newton(step, start, rows=place, **options)
        return out

    def _own(self, place: Codes) -> Iterator[tuple[Replicates, Codes, int, int]]:
        """For each survey with rows among these: its replicates, its rows, its first row and its first replicate."""
        home = self._home[place]
        rows = np.cumsum([0, *np.bincount(self._home, minlength=len(self.parts))])
        columns = np.cumsum([0, *(part.n_replicates for part in self.parts)])
        for k, part in enumerate(self.parts):
            mine = np.flatnonzero(home == k)
            if len(mine):
                yield part, mine, int(rows[k]), int(columns[k])

    @property
    def _full(self) -> Floats:
        """(n,) full-sample weights."""
        assert self.full is not None
        return self.full

    @property
    def _home(self) -> Codes:
        """(n,) the survey of each row."""
        assert self.home is not None
        return self.home

    @property
    def _n_rows(self) -> int:
        """Number of rows of the stack."""
        return len(self._home)


def _of_some_rows(units_minus_strata: CellCounts, rows: Codes, n: int, codes: Codes, n_cells: int) -> Floats:
    """Units minus strata of codes that some rows of a stack have; the others are outside."""
    all_codes = np.full(n, n_cells, dtype=np.intp)
    all_codes[rows] = codes
    return units_minus_strata(all_codes, n_cells)


def stacked_replicates(surveys: Sequence[Survey]) -> StackedReplicates:
    """A survey's replicates beside the full weights of the others; kept by unit where all are, else by survey.

    V = sum over surveys of scale_s sum_r rscales_sr (theta_sr - centre_s)(theta_sr - centre_s)'.
    """
    parts = tuple(svy.design.replicates for svy in surveys if svy.design.replicates is not None)
    numbers = [part.n_replicates for part in parts]
    by_unit = all(part.unit is not None and part.base is not None for part in parts)
    unit = base = None
    factors = np.empty((0, sum(numbers)))
    if by_unit:
        rows = np.cumsum([0, *(len(part.factors) for part in parts)])
        factors = np.ones((rows[-1], sum(numbers)))
        for part, row, column in zip(parts, rows, np.cumsum([0, *numbers]), strict=False):
            factors[row : row + len(part.factors), column : column + part.n_replicates] = part.factors
        unit = np.concatenate([part.unit + rows[k] for k, part in enumerate(parts) if part.unit is not None])
        base = np.concatenate([part.base for part in parts if part.base is not None])
    methods = list(dict.fromkeys(part.method for part in parts))
    fays = {part.fay for part in parts}
    kind = StackedReplicates if by_unit else BySurvey
    return kind(
        factors=factors,
        scale=1.0,
        rscales=np.concatenate([part.scale * part.rscales for part in parts]),
        mse=all(part.mse for part in parts),
        method=" + ".join(methods),
        fay=fays.pop() if len(fays) == 1 else None,
        names=tuple(dict.fromkeys(name for part in parts for name in part.names)),
        unit=unit,
        base=base,
        parts=parts,
        block=np.repeat(np.arange(len(parts)), numbers),
        home=np.repeat(np.arange(len(parts)), [len(svy) for svy in surveys]),
        full=None if by_unit else np.concatenate([svy._weights for svy in surveys]),
    )

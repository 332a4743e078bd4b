"""Replicate weights and the covariance that their spread gives.

V = scale * sum_r rscales_r (theta_r - centre)(theta_r - centre)', where the centre is the full-sample estimate
(``mse=True``) or the mean of the replicate estimates (Wolter, K. M. (2007). Introduction to Variance Estimation,
2nd ed. Springer).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from llo_research.errors import DesignError
from llo_research.numerics.grams import grams_of, squared
from llo_research.numerics.groups import Codes, Floats, Rows, replicate_sums, unit_replicate_sums
from llo_research.numerics.rank import matrix_rank

METHODS = ("jk1", "jk2", "jkn", "brr", "fay", "bootstrap", "sdr")
# Where so many rows a replicate already have the rank of all rows, the others need not be looked at.
_ROWS_PER_REPLICATE = (2, 8)

# Replicates and rows are taken in pieces of at most this many numbers (32 MB).
_PIECE = 4_000_000

CellCounts = Callable[[Codes, int], Floats]


@dataclass(frozen=True)
class Replicates:
    """Replicate weights of a survey: a column for each replicate, or a factor for each sampling unit and replicate.

    factors : (n, R) full replicate weights, row-major; with `unit`, (U, R) factors of the units' base weights.
    scale, rscales : the factors of the variance formula; rscales is (R,).
    mse : deviations from the full-sample estimate (True) or from the replicates' mean (False).
    method, fay, names : what made them, Fay's rho, the columns they came from.
    unit, base : (n,) unit and base weight of each row, where factors are kept by unit.
    from_design : made from the sampling units of this survey's own design, not by the producer of the data.
    origin : the producer's replicates as they were before weighting steps; None where no step was made.
    """

    factors: Floats
    scale: float
    rscales: Floats
    mse: bool
    method: str
    fay: float | None
    names: tuple[str, ...]
    unit: Codes | None = None
    base: Floats | None = None
    from_design: bool = False
    origin: Replicates | None = None

    @property
    def n_replicates(self) -> int:
        """Number of replicates R."""
        return int(self.factors.shape[1])

    @property
    def weights(self) -> Floats:
        """The full (n, R) replicate weights, built on request."""
        if self.unit is None or self.base is None:
            return self.factors
        return self.base[:, None] * self.factors[self.unit]

    def with_weights(self, weights: Floats) -> Replicates:
        """The same replicates with other weights (n, R)."""
        origin = self.origin or self
        return replace(self, factors=np.ascontiguousarray(weights), unit=None, base=None, origin=origin)

    @cached_property
    def rank(self) -> int:
        """Rank of the replicate weights."""
        return _rank_up_to(self.weights, min(self.factors.shape))

    def cell_degrees_of_freedom(self, codes: Codes, n_cells: int, units_minus_strata: CellCounts) -> Floats:
        """(n_cells,) degrees of freedom among the rows of each cell; code ``n_cells`` is outside.

        Sampling units minus strata where these made the replicates. Else the rank of the cell's rows of the replicate
        weights, before weighting steps, minus one: steps add no sampling units, and a cell has only its own.
        """
        if self.from_design:
            return units_minus_strata(codes, n_cells)
        source = self.origin or self
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=n_cells + 1))[:n_cells]
        ranks = np.zeros(n_cells)
        for cell, rows in enumerate(np.split(order, ends)[:n_cells]):
            if len(rows):
                ranks[cell] = source.rank if len(rows) == len(codes) else _rank_up_to(source.weights, source.rank, rows)
        return np.maximum(ranks - 1, 0.0)

    def centred(self) -> tuple[Codes, ...]:
        """Replicates that share a centre of their own mean; none where the centre is the full-sample estimate."""
        return () if self.mse else (np.flatnonzero(self.rscales > 0),)

    def columns(self, first: int, last: int) -> Floats:
        """(n, last - first) full weights of some replicates."""
        return self.at(slice(None), first, last)

    def at(self, rows: Rows, first: int = 0, last: int | None = None) -> Floats:
        """(m, last - first) full weights of these rows at some replicates."""
        if self.unit is None or self.base is None:
            return self.factors[rows, first:last]
        out = self.factors[self.unit[rows], first:last]
        out *= self.base[rows, None]
        return out

    def span(self, rows: Rows) -> tuple[int, int]:
        """From which replicate to before which these rows may weigh other than in the full sample."""
        return 0, self.n_replicates

    def grams(
        self, x: Floats, codes: Codes, n_cells: int, *, rows: Codes | None = None, times: Floats | None = None
    ) -> Floats:
        """(R, n_cells, q, q) sums of w_r x x' within each cell, at each replicate; never n x R numbers at once.

        Sums add up: rows may come in blocks. Take columns from their mean first where that is far from zero.

        x : (m, q) numbers of these rows. codes : (m,) their cells, ``n_cells`` for none. rows : (m,) which rows of the
        survey they are; default all. times : (m,) a further factor of each row.
        """
        place = np.arange(len(codes)) if rows is None else rows
        factor = np.ones(len(codes)) if times is None else times
        return squared(self._products(x, codes, n_cells, place, factor), x.shape[1])

    def _products(self, x: Floats, codes: Codes, n_cells: int, place: Codes, times: Floats) -> Floats:
        """(R, n_cells, q (q + 1) / 2) the upper triangles of the Gram matrices."""
        first, second = np.triu_indices(x.shape[1])
        unit = place if self.unit is None else self.unit[place]
        inside = np.flatnonzero(codes < n_cells)
        order = inside[np.lexsort((unit[inside], codes[inside]))]
        out = np.zeros((self.n_replicates, n_cells, len(first)))
        length = max(1, _PIECE // max(len(first), self.n_replicates, 1))
        for start in range(0, len(order), length):
            own = order[start : start + length]
            z, code, who = x[own], codes[own], unit[own]
            if self.unit is None or self.base is None:
                products, weights = z[:, first] * (z[:, second] * times[own, None]), self.at(place[own])
            else:
                starts = (np.diff(code, prepend=-1) != 0) | (np.diff(who, prepend=-1) != 0)
                alike = np.flatnonzero(starts)
                sums = grams_of(z, self.base[place[own]] * times[own], np.cumsum(starts) - 1, len(alike)).raw()
                products = sums[:, first, second]
                code, weights = code[alike], self.factors[who[alike]]
            ends = np.flatnonzero(np.diff(code, append=-1) != 0) + 1
            for a, b in pairwise([0, *ends]):
                out[:, code[a]] += weights[a:b].T @ products[a:b]
        return out

    def newton(
        self,
        step: Callable[[Floats, Floats], Floats],
        start: Floats,
        *,
        rows: Rows = slice(None),
        size: Floats | float = 1.0,
        tolerance: float = 1e-12,
        most: int = 50,
    ) -> Floats:
        """(R, p) the solution at each replicate by Newton steps from the full sample's; nan where there is none.

        Replicates are solved some at a time, all of these at once.

        step : from weights (m, r) of these rows and coefficients (r, p) to what is added to the coefficients (r, p).
        start : (p,) the solution at the full sample. size : (p,) magnitudes beside which a step is small or is not,
        where a coefficient itself is smaller.
        """
        out = np.full((self.n_replicates, len(start)), np.nan)
        m = len(np.arange(self._n_rows)[rows])
        width = max(1, _PIECE // max(m, 1))
        for first in range(0, self.n_replicates, width):
            weights = self.at(rows, first, first + width)
            beta = np.repeat(start[None], weights.shape[1], axis=0)
            done = np.zeros(len(beta), dtype=bool)
            for _ in range(most):
                with np.errstate(all="ignore"):
                    move = step(weights, beta)
                broken = ~np.isfinite(move).all(axis=1)
                beta = np.where((done | broken)[:, None], beta, beta + move)
                done |= ~broken & (np.abs(move) <= tolerance * np.maximum(np.abs(beta), size)).all(axis=1)
                if (done | broken).all():
                    break
            out[first : first + len(beta)][done] = beta[done]
        return out

    @property
    def _n_rows(self) -> int:
        """Number of rows of the survey."""
        return len(self.factors) if self.unit is None else len(self.unit)

    def totals(self, codes: Codes, values: Floats, n_cells: int) -> Floats:
        """Weighted totals of `values` (n x p) in each cell, at each replicate: R x n_cells x p."""
        if self.unit is None or self.base is None:
            return replicate_sums(codes, values, n_cells, self.factors)
        return unit_replicate_sums(codes, self.base[:, None] * values, n_cells, self.unit, self.factors)

    def covariance(self, replicates: Floats, estimate: Floats) -> Floats:
        """Covariance (k x k) from the estimates at the replicates (R x k) and at the full sample (k,)."""
        used = self.rscales > 0
        centre = estimate if self.mse else replicates[used].mean(axis=0)
        deviation = (replicates - centre) * np.sqrt(self.scale * self.rscales)[:, None]
        return np.asarray(deviation[used].T @ deviation[used])


def _rank_up_to(weights: Floats, most: int, rows: Codes | None = None) -> int:
    """Rank of these rows (default all), which cannot be above `most`: a part of the rows may tell."""
    n = len(weights) if rows is None else len(rows)
    for times in _ROWS_PER_REPLICATE:
        every = n // (times * weights.shape[1])
        if every > 1:
            part = weights[::every] if rows is None else weights[rows[::every]]
            if matrix_rank(part) == most:
                return most
    return matrix_rank(weights if rows is None else weights[rows])


def default_factors(method: str, n_replicates: int, fay: float | None, rscales: Floats | None) -> tuple[float, Floats]:
    """Scale and rscales of a method where the producer of the weights gives none."""
    r = n_replicates
    ones = np.ones(r)
    if method == "jkn" and rscales is None:
        raise DesignError(
            "replicate_method='jkn' needs replicate_rscales: (n_h - 1) / n_h of each replicate's stratum.",
            where="replicate_rscales",
            found="no replicate_rscales",
            todo="give replicate_rscales, one number for each replicate (see the producer's documentation)",
        )
    if method != "fay" and fay is not None:
        raise DesignError(
            f"fay has no meaning with replicate_method={method!r}.",
            where="fay",
            found=f"fay={fay!r}",
            expected="fay only with replicate_method='fay'",
            todo="replicate_method='fay' when the producer used Fay's method; otherwise leave fay out",
        )
    if method == "fay" and not (isinstance(fay, int | float) and 0 <= fay < 1):
        raise DesignError(
            "replicate_method='fay' needs Fay's coefficient.",
            where="fay",
            found=f"fay={fay!r}",
            expected="fay=rho with 0 <= rho < 1",
            todo="look up rho in the producer's documentation (often 0.3 or 0.5)",
        )
    scales = {
        "jk1": (r - 1) / r,
        "jk2": 1.0,
        "jkn": 1.0,
        "brr": 1 / r,
        "fay": 1 / (r * (1 - (fay or 0.0)) ** 2),
        "bootstrap": 1 / (r - 1),
        "sdr": 4 / r,
    }
    return scales[method], ones if rscales is None else rscales

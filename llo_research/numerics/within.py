"""Within transformation: values less their weighted projection on the dummies of one or more sets of groups.

The effect with the most groups is taken out by its weighted means; for the others a system of their levels is left,
S = D'W M D (Schur complement), which is solved exactly: by its independent columns where it is small, by conjugate
gradients where it is large (Frisch, R. and Waugh, F. V. (1933). Partial time regressions as compared with individual
trends. Econometrica, 1, 387-401; Guimaraes, P. and Portugal, P. (2010). A simple feasible procedure to fit models with
high-dimensional fixed effects. Stata Journal, 10, 628-649, for the problem). What comes out equals the residuals of the
regression on all dummies. Rows with weight zero come out as zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse import linalg as sparse_linalg

from llo_research.errors import IdentificationError
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.rank import independent_columns

# Systems of so many levels are solved as matrices.
_MOST_LEVELS = 1500
# A level of which the main effect leaves less than this share of its weight is carried by it: what is left is rounding.
_CARRIED = 1e-10
# What is left of a group's mean, on the scale of the values, when the projection counts as done.
_LEFT = 1e-13
_ROUNDS = 4
_CG_STEP, _CG_ITERATIONS = 1e-14, 5000


# Rows are walked in pieces of so many numbers, which stay near the processor (1 MB).
_PIECE = 131_072


@dataclass(frozen=True, eq=False)
class Projection:
    """What effects leave of some columns.

    left : (n, q). spread : (q,) sums of w (v - mean)^2 before. size : (q,) sums of w v^2 before.
    """

    left: Floats
    spread: Floats
    size: Floats


def _pieces(values: Floats) -> Iterator[slice]:
    """Consecutive rows, a piece at a time."""
    length = max(1, _PIECE // max(1, values.shape[1]))
    for first in range(0, len(values), length):
        yield slice(first, first + length)


@dataclass(frozen=True, eq=False)
class Effects:
    """Sets of groups that are taken out.

    codes : for each effect the group (n,) of each row. numbers : how many groups each has.
    weights : (n,), not negative.
    """

    codes: tuple[Codes, ...]
    numbers: tuple[int, ...]
    weights: Floats

    @cached_property
    def _main(self) -> int:
        """The effect with the most groups."""
        return int(np.argmax(self.numbers))

    @cached_property
    def _main_sums(self) -> Floats:
        """Weights of the groups of the main effect."""
        return group_sums(self.codes[self._main], self.weights, self.numbers[self._main])

    @cached_property
    def _others(self) -> list[int]:
        """The other effects."""
        return [k for k in range(len(self.codes)) if k != self._main]

    @cached_property
    def _starts(self) -> Codes:
        """Position of the first level of each of the other effects among all their levels, and their number."""
        return np.cumsum([0, *(self.numbers[k] for k in self._others)])

    @cached_property
    def _dummies(self) -> sparse.csr_array:
        """(n, L) indicators of the levels of the other effects."""
        n = len(self.weights)
        columns = np.stack(
            [self.codes[k] + first for k, first in zip(self._others, self._starts, strict=False)], axis=1
        )
        ends = np.arange(0, n * len(self._others) + 1, len(self._others))
        return sparse.csr_array((np.ones(columns.size), columns.ravel(), ends), shape=(n, int(self._starts[-1])))

    @cached_property
    def _weighted(self) -> sparse.csr_array:
        """(n, L) W D: the weights in place of the indicators."""
        dummies = self._dummies
        data = np.repeat(self.weights, len(self._others))
        return sparse.csr_array((data, dummies.indices, dummies.indptr), shape=dummies.shape)

    @cached_property
    def _of_main(self) -> sparse.csc_array:
        """(N, n) M'W: the weight of each row in its group of the main effect."""
        n, main = len(self.weights), self.codes[self._main]
        return sparse.csc_array((self.weights, main, np.arange(n + 1)), shape=(self.numbers[self._main], n))

    @cached_property
    def _crossed(self) -> sparse.csr_array:
        """(N, L) weights by group of the main effect and level of the others."""
        main, shape = self.codes[self._main], (self.numbers[self._main], int(self._starts[-1]))
        parts = [
            sparse.coo_array((self.weights, (main, self.codes[k] + first)), shape=shape).tocsr()
            for k, first in zip(self._others, self._starts, strict=False)
        ]
        return sparse.csr_array(sum(parts[1:], start=parts[0]))

    @cached_property
    def _schur(self) -> sparse.csr_array:
        """(L, L) S = D'WD - A' diag(1/w) A."""
        inverse = np.divide(1.0, self._main_sums, out=np.zeros_like(self._main_sums), where=self._main_sums > 0)
        table = self._crossed
        share = table.data * np.repeat(inverse, np.diff(table.indptr))
        shares = sparse.csr_array((share, table.indices, table.indptr), shape=table.shape)
        return sparse.csr_array(self._squares - table.T @ shares)

    @property
    def _squares(self) -> sparse.csr_array:
        """(L, L) D'WD."""
        if len(self._others) == 1:
            return sparse.csr_array(sparse.diags_array(self._schur_diagonal))
        return sparse.csr_array(self._dummies.T @ self._weighted)

    @cached_property
    def _kept(self) -> Codes:
        """Independent levels of the other effects, where their system is small."""
        system = self._schur.toarray()
        carried = np.diag(system) <= _CARRIED * self._schur_diagonal
        system[carried] = system[:, carried] = 0.0
        return np.flatnonzero(independent_columns(system).kept)

    @cached_property
    def rank(self) -> int:
        """Number of independent dummies among rows with a weight.

        For two effects of any size: groups less connected parts (Abowd, J. M., Creecy, R. H. and Kramarz, F. (2002).
        Computing person and firm effects. Census Technical Paper TP-2002-06); for more of them by the system of levels.
        """
        used = int((self._main_sums > 0).sum())
        if not self._others:
            return used
        if self._starts[-1] <= _MOST_LEVELS:
            return used + len(self._kept)
        if len(self._others) == 1:
            levels = int((self._schur_diagonal > 0).sum())
            return used + levels - self._connected_parts
        raise IdentificationError(
            "The dummies of three large effects cannot be counted.",
            where="effects",
            found=f"{int(self._starts[-1])} levels beside the largest effect",
            expected=f"at most {_MOST_LEVELS}, or two effects",
            todo="join levels, or leave an effect out",
        )

    @property
    def _schur_diagonal(self) -> Floats:
        """Weights of the levels of the other effects."""
        return np.asarray(self._dummies.T @ self.weights)

    @property
    def _connected_parts(self) -> int:
        """Parts of the graph of main groups and levels that share rows with a weight."""
        table = self._crossed
        n_main, n_levels = table.shape
        whole = sparse.bmat([[None, table], [table.T, None]], format="csr")
        _, label = csgraph.connected_components(whole, directed=False)
        used = np.concatenate([self._main_sums > 0, self._schur_diagonal > 0])
        assert len(label) == n_main + n_levels
        return len(np.unique(label[used]))

    def singletons(self) -> int:
        """Rows with a weight that are alone in a group of the main effect: they carry no information on slopes."""
        counts = np.bincount(self.codes[self._main][self.weights > 0], minlength=self.numbers[self._main])
        return int((counts == 1).sum())

    def residuals(self, values: Floats) -> Floats:
        """Values (n x q) less their weighted projection on all dummies."""
        return self.project(np.array(values, dtype=np.float64)).left

    def project(self, values: Floats) -> Projection:
        """Take the effects out of values (n x q), which are overwritten.

        The means of the main effect and the coefficients of the other levels follow from sums by group, so that rows
        are walked twice: once to add up, once to take off. What rounding leaves is taken off again.
        """
        total = self.weights.sum()
        centre = self.weights @ values / (total if total > 0 else 1.0)
        spread = np.zeros(values.shape[1])
        for rows in _pieces(values):
            part = values[rows]
            part -= centre
            spread += self.weights[rows] @ part**2
        size = np.sqrt(spread * self.weights.max(initial=0.0))
        left = self._weighted.T @ values if self._others else np.zeros((0, values.shape[1]))
        for _ in range(_ROUNDS):
            self._take_off(values, self._of_main @ values, left)
            if not self._others:
                break
            left = self._weighted.T @ values
            if (np.abs(left) <= _LEFT * size).all():
                break
        return Projection(values, spread, total * centre**2 + spread)

    def _take_off(self, values: Floats, sums: Floats, left: Floats) -> None:
        """Means and coefficients from sums by group of the main effect (N x q) and by other levels (L x q)."""
        inverse = np.divide(1.0, self._main_sums, out=np.zeros_like(self._main_sums), where=self._main_sums > 0)
        means, main = sums * inverse[:, None], self.codes[self._main]
        if self._others:
            levels = self._solved(left - self._crossed.T @ means)
            means -= (self._crossed @ levels) * inverse[:, None]
        for rows in _pieces(values):
            part = values[rows]
            part -= means[main[rows]]
            for k, first in zip(self._others, self._starts, strict=False):
                part -= levels[self.codes[k][rows] + first]
        if self._some_zero:
            values[self.weights == 0] = 0.0

    @cached_property
    def _some_zero(self) -> bool:
        """Whether some rows have no weight."""
        return bool((self.weights == 0).any())

    def _solved(self, right: Floats) -> Floats:
        """S^+ right (L x q)."""
        out = np.zeros_like(right)
        if len(right) <= _MOST_LEVELS:
            system = self._schur.toarray()[np.ix_(self._kept, self._kept)]
            out[self._kept] = np.linalg.solve(system, right[self._kept])
            return out
        diagonal = self._schur.diagonal()
        inverse = np.divide(1.0, diagonal, out=np.zeros_like(diagonal), where=diagonal > 0)
        scaled = sparse_linalg.LinearOperator(self._schur.shape, matvec=lambda v: inverse * v)
        for j in range(right.shape[1]):
            found, failed = sparse_linalg.cg(self._schur, right[:, j], rtol=_CG_STEP, maxiter=_CG_ITERATIONS, M=scaled)
            if failed > 0 and np.abs(self._schur @ found - right[:, j]).max() > 1e-9 * np.abs(right[:, j]).max():
                raise IdentificationError(
                    "The projection on the effects did not converge.",
                    where="effects",
                    found=f"{_CG_ITERATIONS} iterations",
                    todo="groups that hang together by few rows converge slowly: join small groups",
                )
            out[:, j] = found
        return out

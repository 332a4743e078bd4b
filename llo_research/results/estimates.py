"""Estimates with their influence values or their values at the replicates, and smooth maps of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from llo_research.design.scores import Scores, stacked
from llo_research.errors import DesignError
from llo_research.numerics.groups import Codes, Floats
from llo_research.results.facts import Facts, Later

Matrix: TypeAlias = Floats | sparse.csr_array

_STEP = 1e-100  # of the complex step: nothing is subtracted, so that nothing cancels
_BESIDE = 0.01  # how far, in its own size, an estimate is moved to see which others depend on it
# Slopes by complex step are checked by a difference over this step, to this share: what has no complex form is far off.
_CHECK, _AGREES = 1e-5, 1e-2


@dataclass(frozen=True, eq=False)
class Estimates:
    """k estimates of one survey, and what their variance is made of. Made once by an estimator; all else is a map.

    value : (k,) nan where an estimate is undefined.
    scores : influence values (n x k), as blocks; None of what was read from a file. ``scores.rests()`` tells the cells
        that each estimate rests on, for degrees of freedom, counts and disclosure.
    replicates : (R, k) the estimates at the replicates, of a replicate design.
    errors : uncertainty that is not sampling, by source (a break, a weighting step): loadings (e, k), so that two
        estimates with the same source vary together.
    size : (k,) magnitude of what an estimate is made of: against it a standard error is or is not rounding; or what
        works it out when it is asked for.
    taken : (k,) degrees of freedom spent on coefficients: k - 1 for those of a model, 0 for means.
    """

    value: Floats
    scores: Scores | None = None
    replicates: Floats | None = None
    errors: Mapping[str, Floats] = field(default_factory=dict)
    size: Floats | Facts | None = None
    taken: Floats | None = None

    def __post_init__(self) -> None:
        k = len(self.value)
        widths = [
            array.shape[-1]
            for array in (self.replicates, self.size, self.taken, *self.errors.values())
            if isinstance(array, np.ndarray)
        ]
        if self.scores is not None:
            widths.append(self.scores.size)
        if any(width != k for width in widths):
            raise ValueError(f"estimates of {k} rows with parts of {widths}")

    @property
    def magnitude(self) -> Floats:
        """(k,) `size`, or where it is not known the estimates' own."""
        if self.size is None:
            return np.abs(self.value)
        return self.size if isinstance(self.size, np.ndarray) else np.asarray(self.size())

    @property
    def spent(self) -> Floats:
        """(k,) `taken`, 0 where nothing is said."""
        return np.zeros(len(self.value)) if self.taken is None else self.taken

    def mapped(
        self,
        value: Floats,
        jacobian: Matrix,
        *,
        replicates: Floats | None = None,
        uses: np.ndarray | sparse.csr_array | None = None,
        taken: Floats | None = None,
    ) -> Estimates:
        """The estimates of a smooth map of these.

        value : (m,) of the map at these estimates; nan where it is undefined.
        jacobian : (m, k), dense or sparse, finite: 0 for rows that are undefined.
        replicates : (R, m) of the map at each replicate; None takes uncertainty from the jacobian alone.
        uses : (m, k) bool, the estimates that each row rests on; a slope may be 0 by chance, or cancel.
        taken : (m,) degrees of freedom spent; default the most among the estimates that a row rests on.
        """
        rests = jacobian != 0 if uses is None else uses
        if taken is None and self.taken is not None:
            taken = np.array([self.spent[_at(rests, row)].max(initial=0.0) for row in range(len(value))])
        return Estimates(
            value,
            None if self.scores is None else self.scores.mapped(jacobian, uses),
            replicates,
            {source: np.asarray((jacobian @ loading.T).T) for source, loading in self.errors.items()},
            Later(_carried, jacobian, self.size, self.value),
            taken,
        )

    def only(self, rows: Codes) -> Estimates:
        """Some of the estimates, in this order."""
        k = len(self.value)
        pick = sparse.csr_array((np.ones(len(rows)), (np.arange(len(rows)), rows)), shape=(len(rows), k))
        replicates = None if self.replicates is None else self.replicates[:, rows]
        made = self.mapped(self.value[rows], pick, replicates=replicates)
        return Estimates(
            made.value,
            made.scores,
            replicates,
            made.errors,
            None if self.size is None else Later(_carried, pick, self.size, self.value),
            None if self.taken is None else self.taken[rows],
        )


def smooth(
    base: Estimates,
    f: Callable[[np.ndarray], np.ndarray],
    *,
    jacobian: Matrix | None = None,
    uses: np.ndarray | None = None,
    taken: Floats | None = None,
) -> Estimates:
    """A smooth function of estimates: its value, its slopes, and its values at the replicates.

    Parameters
    ----------
    base : Estimates of m numbers
    f : (..., m) -> (..., k)
        Works on the last axis, also of complex numbers when `jacobian` is left out: write expit as
        ``1 / (1 + np.exp(-x))``; what has no complex form (abs, sign) gives its own slopes.
    jacobian : (k, m) array, optional
        The slopes at the estimates; default by complex step, exact to rounding.
    uses : (k, m) bool, optional
        The estimates that each row rests on; default those with a slope here or a little to either side.
    taken : (k,) array, optional
        Degrees of freedom spent; default the most among the estimates that a row rests on.

    Raises
    ------
    ValueError
        A function that has no complex form, without its slopes: they would be 0, and so would its standard errors.

    References
    ----------
    Squire, W. and Trapp, G. (1998). Using complex variables to estimate derivatives of real functions. SIAM Review,
    40, 110-112.
    """
    value = np.asarray(f(base.value))
    if jacobian is None:
        jacobian = slopes(f, base.value)
        _check_slopes(f, base.value, jacobian)
        if uses is None:
            uses = jacobian != 0
            for side in (1, -1):
                moved = base.value * (1 + side * _BESIDE) + side * _BESIDE * (base.value == 0)
                uses = uses | (np.nan_to_num(slopes(f, moved)) != 0)
    replicates = None if base.replicates is None else np.asarray(f(base.replicates))
    return base.mapped(value, jacobian, replicates=replicates, uses=uses, taken=taken)


def slopes(f: Callable[[np.ndarray], np.ndarray], at: Floats) -> Floats:
    """(k, m) derivatives of a function at a point, by complex step."""
    turned = np.asarray(f(at + 1j * _STEP * np.eye(len(at))))
    return np.asarray(turned.imag.T / _STEP)


def _check_slopes(f: Callable[[np.ndarray], np.ndarray], at: Floats, jacobian: Floats) -> None:
    """Slopes by complex step are those of the function, to both sides or to one; not so of one that is not analytic."""
    value, step = np.asarray(f(at)), _CHECK * np.where(at == 0, 1.0, at) * np.cos(np.arange(len(at)))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        above, below = np.asarray(f(at + step)) - value, value - np.asarray(f(at - step))
        wanted, allowed = jacobian @ step, _AGREES * (np.abs(jacobian) @ np.abs(step)) + _CHECK**2 * np.abs(value)
        found = ((above + below) / 2, above, below)
        off = np.all([np.abs(moved - wanted) > allowed for moved in found], axis=0)
    if off.any():
        raise ValueError(
            f"row {int(off.argmax())} of the map has other slopes by complex step than by differences: a function with "
            "abs, sign or real parts gives its own slopes, smooth(..., jacobian=...)"
        )


def beside(parts: Mapping[str, Estimates]) -> Estimates:
    """Several estimates of one survey as one; equal sources of error are one source."""
    several = list(parts.values())
    with_scores = [part.scores for part in several if part.scores is not None]
    with_replicates = [part.replicates for part in several if part.replicates is not None]
    if len(with_scores) not in (0, len(several)) or len(with_replicates) not in (0, len(several)):
        raise DesignError(
            "Estimates with and without influence values cannot stand together.",
            where=", ".join(parts),
            expected="results of one survey, none of them read from a file",
            todo="call the estimators again on one survey",
        )
    known = any(part.taken is not None for part in several)
    return Estimates(
        np.concatenate([part.value for part in several]),
        stacked(with_scores) if with_scores else None,
        np.hstack(with_replicates) if with_replicates else None,
        _errors(several),
        Later(_sizes, [part.size for part in several], [part.value for part in several]),
        np.concatenate([part.spent for part in several]) if known else None,
    )


def _errors(parts: list[Estimates]) -> dict[str, Floats]:
    """Loadings side by side, of each source once."""
    out: dict[str, Floats] = {}
    ends = np.cumsum([0, *(len(part.value) for part in parts)])
    for part, first, last in zip(parts, ends[:-1], ends[1:], strict=True):
        for source, loading in part.errors.items():
            whole = out.setdefault(source, np.zeros((len(loading), int(ends[-1]))))
            if len(whole) != len(loading):
                raise ValueError(f"{source} is of {len(whole)} and of {len(loading)} errors")
            whole[:, first:last] = loading
    return out


def _sizes(sizes: list[Floats | Facts | None], values: list[Floats]) -> Floats:
    """Magnitudes side by side."""
    return np.concatenate([Estimates(value, size=size).magnitude for size, value in zip(sizes, values, strict=True)])


def _carried(jacobian: Matrix, size: Floats | Facts | None, value: Floats) -> Floats:
    """The magnitudes of a map of estimates of these magnitudes."""
    return np.asarray(abs(jacobian) @ np.nan_to_num(Estimates(value, size=size).magnitude, nan=0.0))


def _at(matrix: Any, row: int) -> np.ndarray:
    """(k,) bool, the places of a row that are not 0."""
    if sparse.issparse(matrix):
        out = np.zeros(matrix.shape[1], dtype=bool)
        out[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]] = True
        return out
    return np.asarray(matrix[row] != 0)

"""Regressions of cohort means with and without correction for their sampling error, as functions of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.errors import IdentificationError
from llo_research.numerics.groups import Codes, Floats, group_sums


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of cohort by time.

    cohort : (K,) cohort of each cell. weights : (K,) sums of weights. means : (K, p + 1) of regressors and response.
    """

    cohort: Codes
    weights: Floats
    means: Floats

    def within(self) -> Floats:
        """(K, p + 1) means less those of their cohort."""
        number = int(self.cohort.max()) + 1
        totals = group_sums(self.cohort, self.weights, number)
        sums = group_sums(self.cohort, self.weights[:, None] * self.means, number)
        centres = np.divide(sums, totals[:, None], out=np.zeros_like(sums), where=totals[:, None] > 0)
        return np.asarray(self.means - centres[self.cohort])

    def projection(self) -> Floats:
        """(K, K) Q: m'Qm are the cross-products of means less those of their cohort."""
        number = int(self.cohort.max()) + 1
        totals = group_sums(self.cohort, self.weights, number)
        same = self.cohort[:, None] == self.cohort
        return np.asarray(
            np.diag(self.weights) - same * np.outer(self.weights, self.weights) / totals[self.cohort][:, None]
        )


def noise(cells: Cells, covariance: Floats, correction: str | None) -> Floats:
    """(p + 1, p + 1) what the sampling of the means adds to the cross-products, on average.

    covariance : (K (p + 1), K (p + 1)) of the means, cell by cell.
    """
    k, q = cells.means.shape
    blocks = covariance.reshape(k, q, k, q)
    if correction is None:
        return np.zeros((q, q))
    if correction == "deaton":
        return np.asarray(np.einsum("a,ajak->jk", cells.weights, blocks))
    out = np.einsum("ab,ajbk->jk", cells.projection(), blocks)
    return np.asarray((out + out.T) / 2)


def slopes(cells: Cells, taken_off: Floats) -> Floats:
    """(p,) coefficients."""
    left = cells.within()
    square = (cells.weights[:, None] * left).T @ left - taken_off
    return np.asarray(np.linalg.solve(square[:-1, :-1], square[:-1, -1]))


def check_noise(cells: Cells, taken_off: Floats, names: tuple[str, ...]) -> None:
    """The cohorts move by more than their means err."""
    left = cells.within()[:, :-1]
    square = (cells.weights[:, None] * left).T @ left
    size = np.sqrt(np.diag(square))
    clean = (square - taken_off[:-1, :-1]) / np.outer(size, size)
    if np.linalg.eigvalsh(clean)[0] <= 1e-10:
        share = np.diag(taken_off)[:-1] / size**2
        worst = int(share.argmax())
        raise IdentificationError(
            "The means of the cohorts move no more than they err.",
            where=f"term {names[worst]!r}",
            found=f"{100 * share[worst]:.0f} % of the movement of its means within cohorts is sampling error",
            todo="take fewer and larger cohorts, or more waves; correction=None only where cells are very large",
        )


def jacobian(cells: Cells, taken_off: Floats, coefficients: Floats) -> Floats:
    """(p, K (p + 2)) derivatives of the coefficients in the sum of weights and in the means of each cell."""
    k, q = cells.means.shape
    p = q - 1
    left = cells.within()
    x, error = left[:, :p], left[:, p] - left[:, :p] @ coefficients
    square = (cells.weights[:, None] * x).T @ x - taken_off[:p, :p]
    out = np.zeros((p, k, q + 1))
    out[:, :, 0] = (x * error[:, None]).T
    weighted = cells.weights[:, None] * x
    out[:, :, 1 : p + 1] = -weighted.T[:, :, None] * coefficients
    for j in range(p):
        out[j, :, 1 + j] += cells.weights * error
    out[:, :, q] = weighted.T
    return np.asarray(np.linalg.solve(square, out.reshape(p, -1)))

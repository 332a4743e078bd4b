"""Factors of replicate weights: for each sampling unit and replicate, what its weight is multiplied with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.numerics.groups import Codes, Floats

# Directions in which replicates differ by less than this share of the usual count as ones in which they do not. What
# rounding leaves is blown up by its inverse: with a smaller one, answers depend on the order of the rows.
_RIDGE = 1e-4


@dataclass(frozen=True)
class Factors:
    """Replicate factors.

    factors : (U, R); scale and rscales (R,) of the variance formula.
    """

    factors: Floats
    scale: float
    rscales: Floats


def jackknife_1(n_units: int, fraction: float) -> Factors:
    """Delete one unit at a time, one stratum: n/(n - 1) for the others; scale (1 - f)(n - 1)/n."""
    factors = np.full((n_units, n_units), n_units / (n_units - 1))
    np.fill_diagonal(factors, 0.0)
    return Factors(factors, (1 - fraction) * (n_units - 1) / n_units, np.ones(n_units))


def jackknife_n(stratum: Codes, units_per_stratum: Floats, fraction: Floats) -> Factors:
    """Delete one unit at a time within strata: n_h/(n_h - 1) for the others of its stratum.

    rscales (1 - f_h)(n_h - 1)/n_h. Units of strata that are alone are never deleted.
    """
    deleted = np.flatnonzero(units_per_stratum[stratum] > 1)
    home = stratum[deleted]
    n_h = units_per_stratum[home]
    factors = np.where(stratum[:, None] == home[None, :], n_h / (n_h - 1), 1.0)
    factors[deleted, np.arange(len(deleted))] = 0.0
    return Factors(factors, 1.0, (1 - fraction[home]) * (n_h - 1) / n_h)


def balanced_halves(stratum: Codes, n_strata: int, fay: float) -> Factors:
    """Balanced repeated replication with two units a stratum: 2 - rho and rho, by the rows of a Hadamard matrix."""
    signs = hadamard(n_strata + 1)[:, 1 : n_strata + 1]
    r = len(signs)
    second = np.zeros(len(stratum), dtype=bool)
    order = np.argsort(stratum, kind="stable")
    second[order[1::2]] = True
    chosen = np.where(second[:, None], -1, 1) * signs[:, stratum].T > 0
    return Factors(np.where(chosen, 2.0 - fay, fay), 1 / (r * (1 - fay) ** 2), np.ones(r))


def hadamard(at_least: int) -> np.ndarray:
    """A Hadamard matrix of the smallest order at hand that is not below `at_least` (Sylvester, Paley)."""
    order = max(4, -(-at_least // 4) * 4)
    while True:
        doubled, base = 1, order
        while True:
            if base in (1, 2):
                matrix = np.array([[1]]) if base == 1 else np.array([[1, 1], [1, -1]])
                break
            if base % 4 == 0 and _is_prime(base - 1):
                matrix = _paley(base - 1)
                break
            if base % 2:
                matrix = np.empty((0, 0))
                break
            base, doubled = base // 2, doubled * 2
        if len(matrix):
            while doubled > 1:
                matrix, doubled = np.block([[matrix, matrix], [matrix, -matrix]]), doubled // 2
            return matrix
        order += 4


def contrasts(gram: Floats, against: Floats, start: Floats) -> Floats:
    """Orthonormal columns (R x p), orthogonal to `against` (R x k), in which there is as little of `gram` as possible.

    (PGP + ridge)^-1 P start, P the projection off `against`, made orthonormal in the order of the columns: within the
    null space of `gram` (R x R) as far as it goes, and beyond it where `gram` is small. Needs p <= R - k.
    """
    basis = np.linalg.qr(against)[0]
    inside = gram - basis @ (basis.T @ gram)
    inside -= (inside @ basis) @ basis.T
    size = float(np.trace(inside)) / len(inside)
    ridge = _RIDGE * size if size > 0 else 1.0
    inside[np.diag_indices_from(inside)] += ridge
    made = np.linalg.solve(inside, start - basis @ (basis.T @ start))
    made -= basis @ (basis.T @ made)
    columns, upper = np.linalg.qr(made)
    return np.asarray(columns * np.where(np.diag(upper) < 0, -1.0, 1.0))


def _is_prime(number: int) -> bool:
    """Whether a small number is prime."""
    return number > 1 and all(number % d for d in range(2, int(number**0.5) + 1))


def _paley(q: int) -> np.ndarray:
    """Paley's first construction of order q + 1 for a prime q = 3 mod 4, with a first row and column of ones."""
    squares = {(i * i) % q for i in range(1, q)}
    character = np.array([0] + [1 if i in squares else -1 for i in range(1, q)])
    jacobsthal = character[(np.arange(q)[:, None] - np.arange(q)[None, :]) % q]
    matrix = np.ones((q + 1, q + 1), dtype=int)
    matrix[1:, 1:] = jacobsthal + np.eye(q, dtype=int)
    matrix[1:, 0] = -1
    matrix[0, 0] = 1
    return matrix * matrix[:, :1]


def rescaled_bootstrap(
    stratum: Codes, units_per_stratum: Floats, fraction: Floats, replicates: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw n_h - 1 units with replacement in each stratum; factors and counts, both (U, R).

    factor = 1 - s + s n/(n - 1) r, s = sqrt(1 - f), r the number of times a unit is drawn (Rao, J. N. K., Wu, C. F. J.
    and Yue, K. (1992). Some recent work on resampling methods for complex surveys. Survey Methodology,
    18, 209-217). A stratum's only unit keeps its weight.
    """
    draws = np.maximum(units_per_stratum.astype(np.intp) - 1, 0)
    first = np.concatenate([[0], np.cumsum(units_per_stratum.astype(np.intp))])[:-1]
    order = np.argsort(stratum, kind="stable")
    home = np.repeat(np.arange(len(draws)), draws)
    counts = np.zeros((len(stratum), replicates))
    for r in range(replicates):
        place = first[home] + (rng.random(len(home)) * units_per_stratum[home]).astype(np.intp)
        counts[:, r] = np.bincount(order[place], minlength=len(stratum))
    n_h = units_per_stratum[stratum]
    root = np.sqrt(1 - fraction[stratum])
    blown_up = np.divide(n_h, n_h - 1, out=np.ones_like(n_h), where=n_h > 1)
    alone = n_h <= 1
    counts[alone] = 1.0
    factors = (1 - root)[:, None] + (root * blown_up)[:, None] * counts
    return np.where(alone[:, None], 1.0, factors), counts

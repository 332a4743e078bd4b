"""Values of factors when each may be changed before or after any other: Shapley's, which are Das Gupta's effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np

from llo_research.errors import DataError

# Orderings of more factors are averaged over 2^n sets; twelve have 4,096.
MOST = 12


def check_number(n: int, what: str, together: str = "groups") -> None:
    """No more factors than can be averaged over all orders."""
    if n > MOST:
        raise DataError(
            f"There are too many {what} to average over all orders.",
            where=what,
            found=n,
            expected=f"at most {MOST}",
            todo=f"put {what} together in {together}",
        )


def weights_of(size: int, n: int) -> float:
    """Share of the orders of n factors in which a given factor stands right after a given set of this size."""
    return factorial(size) * factorial(n - size - 1) / factorial(n)


def owen_weight(member: int, there: frozenset[int], unions: Sequence[frozenset[int]]) -> float:
    """Share of the orders, unions of factors side by side, in which a factor stands right after a given set.

    Where each factor is a union of its own it is ``weights_of(len(there), n)``.
    """
    own = next(union for union in unions if member in union)
    whole = 0
    for union in unions:
        if union is not own and there & union:
            if not union <= there:
                return 0.0
            whole += 1
    return weights_of(whole, len(unions)) * weights_of(len(there & own), len(own))


def shapley(value: Callable[[frozenset[int]], Any], n: int) -> list[Any]:
    """phi_j = sum over sets S without j of |S|! (n - |S| - 1)! / n! (v(S + j) - v(S)); the values may be arrays."""
    known: dict[frozenset[int], Any] = {}
    for size in range(n + 1):
        for some in combinations(range(n), size):
            known[frozenset(some)] = value(frozenset(some))
    out = []
    for j in range(n):
        total: Any = 0.0
        for members, at in known.items():
            if j not in members:
                total = total + weights_of(len(members), n) * (known[members | {j}] - at)
        out.append(total)
    return out


def effects(rate: Callable[..., Any], old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    """Effect of each factor on the change of a rate from old factors to new ones, averaged over all orders."""

    def at(members: frozenset[int]) -> Any:
        return rate(*(new[i] if i in members else old[i] for i in range(len(old))))

    return shapley(at, len(old))


def product_of(*factors: Any) -> Any:
    """The product of factors, summed over cells where they are arrays."""
    out: Any = 1.0
    for factor in factors:
        out = out * np.asarray(factor)
    return np.sum(out)

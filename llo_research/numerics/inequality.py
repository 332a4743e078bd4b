"""Measures of inequality of a population and within and between its groups, as smooth maps of sums over groups.

The sums of group k are N_k = sum w, S_k = sum w y and U_k = sum w u(y) with u = y log y (Theil), log y (mean log
deviation; Atkinson at aversion 1) or y^(1 - e) (Atkinson); for Gini's coefficient U_k is sum_i sum_j w_i w_j
|y_i - y_j|, and U the same over everybody. A group without people (at a replicate) adds nothing.
mu_k = S_k / N_k, f_k = N_k / N, s_k = S_k / S.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.numerics.groups import Codes, Floats, group_sums

GROUPED = ("theil", "mld", "atkinson", "gini")
RANKED = ("concentration", "erreygers", "wagstaff")


@dataclass(frozen=True)
class Index:
    """A measure by its name; `aversion` of Atkinson's."""

    name: str
    aversion: float = 1.0

    @property
    def parts(self) -> tuple[str, ...]:
        """What adds up to it, of groups."""
        return ("within", "between", "overlap") if self.name == "gini" else ("within", "between")

    @property
    def of_logarithms(self) -> bool:
        """Whether a zero makes it undefined."""
        return self.name == "mld" or (self.name == "atkinson" and self.aversion >= 1)

    def term(self, y: Floats) -> Floats:
        """(n,) u(y)"""
        if self.name == "theil":
            return np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0)), 0.0)
        if self.name == "atkinson" and self.aversion != 1:
            return np.asarray(y ** (1 - self.aversion))
        return np.asarray(np.log(y))

    def values(self, sums: Any) -> Any:
        """(..., 1 + parts) total and parts from (..., K, 3) sums, for Gini followed by U; also of complex numbers."""
        k = sums.shape[-1] // 3
        groups = sums[..., : 3 * k].reshape(*sums.shape[:-1], k, 3)
        n_k, s_k, u_k = (groups[..., j] for j in range(3))
        n, s = n_k.sum(-1), s_k.sum(-1)
        own = {"theil": _theil, "mld": _mld, "atkinson": self._atkinson, "gini": _gini}[self.name]
        everybody = sums[..., -1] if self.name == "gini" else u_k.sum(-1)
        return np.stack(own(n_k, s_k, u_k, n, s, everybody), axis=-1)

    def _atkinson(self, n_k: Any, s_k: Any, u_k: Any, n: Any, s: Any, u: Any) -> list[Any]:
        """1 - EDE / mu; within 1 - sum f_k EDE_k / mu, between the rest: what equal shares of EDE_k would save."""
        there = n_k.real > 0
        whole = self._equal(u / n)
        own = np.where(there, self._equal(np.where(there, u_k, 1.0) / np.where(there, n_k, 1.0)), 0.0)
        kept = (n_k * own).sum(-1) / s
        return [1 - whole * n / s, 1 - kept, kept - whole * n / s]

    def _equal(self, mean: Any) -> Any:
        """The equally distributed equivalent of a mean of u."""
        return np.exp(mean) if self.aversion == 1 else mean ** (1 / (1 - self.aversion))


def _theil(n_k: Any, s_k: Any, u_k: Any, n: Any, s: Any, u: Any) -> list[Any]:
    """sum s_k T_k within, sum s_k log(mu_k / mu) between; a group that has nothing adds nothing."""
    has = s_k.real > 0
    own = np.log(np.where(has, s_k, 1.0) / np.where(has, n_k, 1.0))
    within = np.where(has, u_k - s_k * own, 0.0).sum(-1) / s
    between = np.where(has, s_k * (own - np.log(s / n)[..., None]), 0.0).sum(-1) / s
    return [u / s - np.log(s / n), within, between]


def _mld(n_k: Any, s_k: Any, u_k: Any, n: Any, s: Any, u: Any) -> list[Any]:
    """sum f_k L_k within, sum f_k log(mu / mu_k) between."""
    there = n_k.real > 0
    own = np.log(np.where(there, s_k, 1.0) / np.where(there, n_k, 1.0))
    within = (n_k * own - u_k).sum(-1) / n
    between = (n_k * (np.log(s / n)[..., None] - own)).sum(-1) / n
    return [np.log(s / n) - u / n, within, between]


def _gini(n_k: Any, s_k: Any, u_k: Any, n: Any, s: Any, u: Any) -> list[Any]:
    """sum f_k s_k G_k within, Gini's coefficient of the groups' means between, the rest: groups that overlap."""
    size = 2 * n * s
    mean = s_k / np.where(n_k.real > 0, n_k, 1.0)
    apart = mean[..., :, None] - mean[..., None, :]
    apart = np.where(apart.real < 0, -apart, apart)
    within = u_k.sum(-1) / size
    between = (n_k[..., :, None] * n_k[..., None, :] * apart).sum((-1, -2)) / size
    return [u / size, within, between, u / size - within - between]


def grouped_scores(index: Index, y: Floats, w: Floats, codes: Codes, k: int) -> tuple[Floats, Floats, Floats]:
    """(3K or 3K + 1,) sums; (m, 3) influence values by group, and of Gini's (m, 1) those of U, else (m, 0)."""
    if index.name != "gini":
        columns = w[:, None] * np.column_stack([np.ones_like(y), y, index.term(y)])
        return group_sums(codes, columns, k).ravel(), columns, np.zeros((len(y), 0))
    own, whole = np.zeros(len(y)), w * distances(y, w)
    for code in range(k):
        rows = np.flatnonzero(codes == code)
        own[rows] = w[rows] * distances(y[rows], w[rows])
    columns = np.column_stack([w, w * y, own])
    sums = group_sums(codes, columns, k)
    return np.append(sums.ravel(), whole.sum()), columns * [1.0, 1.0, 2.0], 2 * whole[:, None]


def distances(y: Floats, w: Floats) -> Floats:
    """(m,) sum_j w_j |y_i - y_j|, from one sorting."""
    order = np.argsort(y, kind="stable")
    v, x = w[order], y[order]
    below, lower = np.cumsum(v), np.cumsum(v * x)
    out = np.empty(len(y))
    out[order] = x * (2 * below - below[-1]) + lower[-1] - 2 * lower if len(y) else 0.0
    return out


def ranked_scores(rank: Codes, x: Floats, w: Floats) -> tuple[Floats, Floats]:
    """(p,) V = sum_i sum_j w_i w_j x_i K(i, j) for columns x (m, p), and their influence values (m, p).

    K(i, j) is 1 where j ranks below i, 1/2 where they rank alike: V / N^2 is the mean of x times the fractional rank.
    """
    k = int(rank.max()) + 1
    weight = group_sums(rank, w, k)
    under = np.cumsum(weight) - weight / 2
    sums = group_sums(rank, x, k, w)
    over = sums.sum(axis=0) - np.cumsum(sums, axis=0) + sums / 2
    first = w[:, None] * x * under[rank][:, None]
    return first.sum(axis=0), first + w[:, None] * over[rank]


def factor_of(name: str, mean: Any, low: float, high: float) -> Any:
    """What 2 cov(y, rank) is multiplied with: 1/mu, Erreygers' 4/(b - a), Wagstaff's (b - a)/((b - mu)(mu - a))."""
    if name == "concentration":
        return 1 / mean
    return 4 / (high - low) + 0 * mean if name == "erreygers" else (high - low) / ((high - mean) * (mean - low))

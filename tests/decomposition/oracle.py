"""Decompositions worked out by plain loops: weighted fits by Newton's steps, parts by their definitions."""

from __future__ import annotations

from itertools import permutations
from math import erf, exp, pi, sqrt
from typing import Any

import numpy as np
import pandas as pd


def matrix(frame: pd.DataFrame) -> np.ndarray:
    """Constant, x, and dummies of c without its first level: the columns of ``y ~ x + C(c)``."""
    return np.column_stack([np.ones(len(frame)), frame["x"], frame["c"] == "q", frame["c"] == "r"]).astype(float)


def mean(eta: float, family: str) -> float:
    """The mean at a linear predictor."""
    if family == "gaussian":
        return eta
    if family == "poisson":
        return exp(eta)
    return 1 / (1 + exp(-eta)) if family == "logit" else (1 + erf(eta / sqrt(2))) / 2


def slope(eta: float, family: str) -> float:
    """Its derivative."""
    if family == "gaussian":
        return 1.0
    if family == "poisson":
        return exp(eta)
    if family == "logit":
        return mean(eta, "logit") * (1 - mean(eta, "logit"))
    return exp(-eta * eta / 2) / sqrt(2 * pi)


def variance(mu: float, family: str) -> float:
    """Its variance function."""
    return {"gaussian": 1.0, "poisson": mu}.get(family, mu * (1 - mu))


def fitted(x: np.ndarray, y: np.ndarray, w: np.ndarray, family: str) -> np.ndarray:
    """Weighted coefficients."""
    beta = np.zeros(x.shape[1])
    for _ in range(60):
        score, information = np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
        for row, value, weight in zip(x, y, w, strict=True):
            eta = float(row @ beta)
            mu, d = mean(eta, family), slope(eta, family)
            score += weight * row * (value - mu) * d / variance(mu, family)
            information += weight * np.outer(row, row) * d * d / variance(mu, family)
        step = np.linalg.solve(information, score)
        beta = beta + step
        if np.abs(step).max() < 1e-14:
            break
    return beta


def predicted(x: np.ndarray, w: np.ndarray, beta: np.ndarray, family: str) -> float:
    """Mean prediction."""
    return sum(weight * mean(float(row @ beta), family) for row, weight in zip(x, w, strict=True)) / w.sum()


def reference(kind: Any, x: dict, y: dict, w: dict, b: dict, family: str) -> np.ndarray:
    """The reference coefficients."""
    if kind in ("of", "minus"):
        return b[kind]
    if kind in ("pooled", "neumark"):
        both = np.vstack([x["of"], x["minus"]])
        side = np.r_[np.zeros(len(x["of"])), np.ones(len(x["minus"]))]
        design = np.column_stack([both, side]) if kind == "pooled" else both
        return fitted(design, np.r_[y["of"], y["minus"]], np.r_[w["of"], w["minus"]], family)[: both.shape[1]]
    share = {"cotton": w["of"].sum() / (w["of"].sum() + w["minus"].sum()), "reimers": 0.5}.get(kind, kind)
    return share * b["of"] + (1 - share) * b["minus"]


def twofold(frame: pd.DataFrame, weights: np.ndarray, kind: Any, family: str = "gaussian") -> dict[str, float]:
    """Means, gap, totals and terms of a twofold decomposition of ``y ~ x + C(c)`` between g == 'a' and g == 'b'."""
    x, y, w, b, xbar = {}, {}, {}, {}, {}
    for name, level in (("of", "a"), ("minus", "b")):
        rows = ((frame["g"] == level) & (weights > 0)).to_numpy()
        x[name], y[name], w[name] = matrix(frame[rows]), frame["y"].to_numpy(float)[rows], weights[rows]
        b[name] = fitted(x[name], y[name], w[name], family)
        xbar[name] = w[name] @ x[name] / w[name].sum()
    star = reference(kind, x, y, w, b, family)
    means = {name: float(w[name] @ y[name] / w[name].sum()) for name in x}
    at = {(g, k): predicted(x[g], w[g], beta, family) for g in x for k, beta in (("own", b[g]), ("star", star))}
    explained = at["of", "star"] - at["minus", "star"]
    first, second = at["of", "own"] - at["of", "star"], at["minus", "star"] - at["minus", "own"]
    out = {"mean_of": means["of"], "mean_minus": means["minus"], "gap": means["of"] - means["minus"]}
    out["explained"] = explained
    names = ["Intercept", "x", "C(c)[T.q]", "C(c)[T.r]"]
    parts = (xbar["of"] - xbar["minus"]) * star
    for j, name in enumerate(names[1:], start=1):
        out[f"explained:{name}"] = parts[j] if family == "gaussian" else explained * parts[j] / parts.sum()
    out["unexplained"] = out["gap"] - explained
    one, other = xbar["of"] * (b["of"] - star), xbar["minus"] * (star - b["minus"])
    for j, name in enumerate(names):
        if family == "gaussian":
            out[f"unexplained:{name}"] = one[j] + other[j]
            continue
        laid = first * one[j] / one.sum() if np.abs(one).max() else 0.0
        out[f"unexplained:{name}"] = laid + (second * other[j] / other.sum() if np.abs(other).max() else 0.0)
    if family == "probit":
        out["unexplained:residual"] = out["gap"] - explained - first - second
    return out


def orders(value: Any, n: int) -> list[float]:
    """What each of n factors adds, averaged over all orders one by one."""
    out = [0.0] * n
    every = list(permutations(range(n)))
    for order in every:
        there: frozenset[int] = frozenset()
        for j in order:
            out[j] += (value(there | {j}) - value(there)) / len(every)
            there = there | {j}
    return out

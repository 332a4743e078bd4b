"""Time decompositions of distributions, inequality and causal readings beside what peers make of the same numbers.

    OPENBLAS_NUM_THREADS=1 python benchmarks/distributions.py [--rows N]

Writes distributions.md beside this file. Processor seconds of one thread, the best of three runs, ours with errors of
the design. No program with these estimators and survey errors could be run here (R's dineq, convey, cdgd and Stata's
fairlie were not there), so that the peer is statsmodels' fits alone, which give no errors of the parts, or the
simulation that Fairlie's programs do. Points that both have must agree.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

import llo_research as llo

HERE = Path(__file__).resolve().parent
RUNS, UNITS, ORDERS = 3, 2_000, 100
AGREE = 1e-6
GROUPS = {"group": "g", "of": "a", "minus": "b"}
FAIRLIE = {"family": "logit", "nonlinear": "fairlie", "reference": "neumark"}
D = llo.decomposition


def people(rows: int) -> pd.DataFrame:
    """Two groups, two numbers, a treatment, an amount and a share."""
    rng = np.random.default_rng(7)
    g = rng.integers(0, 2, rows)
    x, z = rng.normal(size=rows) + 0.3 * g, rng.normal(size=rows)
    d = (rng.uniform(size=rows) < 1 / (1 + np.exp(-0.3 * g - 0.4 * x))).astype(float)
    eta = 0.4 * x + 0.3 * z + 0.2 * g + 0.3 * d
    frame = pd.DataFrame(
        {"g": np.where(g == 1, "a", "b"), "x": x, "z": z, "d": d, "y": np.exp(eta + rng.normal(size=rows))}
    )
    frame["yes"] = (rng.uniform(size=rows) < 1 / (1 + np.exp(-eta))).astype(float)
    return frame.assign(w=rng.uniform(0.5, 2, rows), unit=rng.integers(0, UNITS, rows))


def best(call: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of a call, the best of several, and what it gives."""
    found = []
    for _ in range(RUNS):
        started = time.process_time()
        made = call()
        found.append((time.process_time() - started, made))
    return min(found, key=lambda one: one[0])


def columns(data: pd.DataFrame) -> np.ndarray:
    """Constant, x, z."""
    return sm.add_constant(data[["x", "z"]].to_numpy())


def simulated(data: pd.DataFrame) -> np.ndarray:
    """Fairlie's parts by random orders: people of equal rank, weights by drawing; as his programs do."""
    logit = sm.GLM(data["yes"], columns(data), sm.families.Binomial(), freq_weights=data["w"]).fit()
    beta, rng, out = logit.params.to_numpy(), np.random.default_rng(1), np.zeros(2)
    sides = [data[data["g"] == level] for level in "ab"]
    size = min(map(len, sides))
    for _ in range(ORDERS):
        drawn = [s.iloc[rng.choice(len(s), size, p=(s["w"] / s["w"].sum()).to_numpy())] for s in sides]
        of, minus = (columns(s)[np.argsort(columns(s) @ beta)] for s in drawn)
        at = minus.copy()
        before = (1 / (1 + np.exp(-at @ beta))).mean()
        for k in rng.permutation(2):
            at[:, k + 1] = of[:, k + 1]
            after = (1 / (1 + np.exp(-at @ beta))).mean()
            out[k] += (after - before) / ORDERS
            before = after
    return out


def odds(data: pd.DataFrame) -> float:
    """The mean of b with the composition of a, without an error."""
    made = sm.GLM((data["g"] == "a").astype(float), columns(data), sm.families.Binomial(), freq_weights=data["w"]).fit()
    other = (data["g"] == "b").to_numpy()
    w = (data["w"] * np.exp(columns(data) @ made.params))[other]
    return float(np.average(data["y"][other], weights=w))


def pairs(data: pd.DataFrame) -> float:
    """Gini's coefficient by sorting, without an error or parts."""
    own = data.sort_values("y")
    w, y = own["w"].to_numpy(), own["y"].to_numpy()
    rank = (np.cumsum(w) - w / 2) / w.sum()
    return float(2 * np.sum(w * y * rank) / np.sum(w * y) - 1)


def doubly(data: pd.DataFrame) -> float:
    """Mean of y(1) in a less that in b, by statsmodels' fits, without an error."""
    x = np.column_stack([columns(data), data["g"] == "a"]).astype(float)
    d, w = data["d"].to_numpy() == 1, data["w"].to_numpy()
    mean = sm.GLM(data["yes"][d], x[d], sm.families.Binomial(), freq_weights=w[d]).fit().predict(x)
    chance = sm.GLM(data["d"], x, sm.families.Binomial(), freq_weights=w).fit().predict(x)
    ratio = d / chance
    value = mean + ratio / np.average(ratio, weights=w) * (data["yes"] - mean)
    first = (data["g"] == "a").to_numpy()
    return float(np.average(value[first], weights=w[first]) - np.average(value[~first], weights=w[~first]))


def tasks(data: pd.DataFrame, svy: llo.Survey) -> list[tuple[str, Any, str, Any, Any]]:
    """Name, our call, the peer's name, its call, and how far both are apart."""
    return [
        (
            "Fairlie's parts, two terms",
            lambda: D.oaxaca_blinder(
                "yes ~ x + z", svy, **GROUPS, family="logit", nonlinear="fairlie", reference="neumark"
            ),
            f"{ORDERS} random orders and samples",
            lambda: simulated(data),
            None,
        ),
        ("RIF, median", lambda: D.rif("y ~ x + z", svy, **GROUPS), "", None, None),
        ("RIF, Gini", lambda: D.rif("y ~ x + z", svy, **GROUPS, measure="gini"), "", None, None),
        (
            "reweighting, mean",
            lambda: D.reweight("y ~ x + z", svy, **GROUPS),
            "statsmodels' logit, mean with its odds",
            lambda: odds(data),
            lambda made, peer: abs(made.estimate[2] - peer),
        ),
        (
            "Gini within and between",
            lambda: D.inequality("y", svy, by="g", measure="gini"),
            "the total by sorting",
            lambda: pairs(data),
            lambda made, peer: abs(made.estimate[0] - peer),
        ),
        (
            "gap closing, to a level",
            lambda: D.gap_closing("yes ~ x + z", svy, **GROUPS, intervene="d", to=1, folds=1),
            "statsmodels' fits at one level",
            lambda: doubly(data),
            lambda made, peer: abs(made.estimate[5] - peer),
        ),
        ("four parts", lambda: D.four_parts("yes ~ x + z", svy, **GROUPS, treatment="d"), "", None, None),
    ]


def page(rows: int) -> str:
    """The table."""
    data = people(rows)
    found = tasks(data, llo.Survey(data, weights="w", psu="unit"))
    lines = [
        "# Decompositions of distributions",
        "",
        f"{rows:,} rows in {UNITS:,} sampling units, processor seconds of one thread, best of {RUNS}.",
        "",
        "| what | ours | peer, points only | its seconds |",
        "|---|---|---|---|",
    ]
    for name, own, peer_name, peer, off in found:
        mine, made = best(own)
        theirs, answer = best(peer) if peer else (float("nan"), None)
        if off is not None and not off(made, answer) < AGREE:
            raise SystemExit(f"{name}: the peer gives another number, off by {off(made, answer):g}")
        if name.startswith("Fairlie"):
            parts = made.estimate[[made.labels.index(f"explained:{term}") for term in "xz"]]
            print("Fairlie", parts, "simulated", answer)
        lines.append(f"| {name} | {mine:.2f} | {peer_name or 'none here'} | {f'{theirs:.2f}' if peer else ''} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    text = page(parser.parse_args().rows)
    (HERE / "distributions.md").write_text(text, encoding="utf-8", newline="\n")
    print(text)

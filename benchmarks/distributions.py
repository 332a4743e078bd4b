"""Time decompositions of distributions, inequality and causal readings beside what peers make of the same numbers.

    OPENBLAS_NUM_THREADS=1 python benchmarks/distributions.py [--rows N] [--peers PYTHON]

Writes distributions.md beside this file. Processor seconds of one thread, the best of three runs, ours with errors of
the design. Beside it statsmodels' fits, which give no errors of the parts; the simulation that Fairlie's programs do;
R's laeken where Rscript has it; DoubleML and zEpid where --peers is a Python that has both (pip install doubleml
zepid, in an environment of its own). No program with these estimators and survey errors could be run here (R's dineq,
convey, gapclosing, cdgd and Stata's fairlie were not there). Points that both have must agree.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
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
# Where peers fit other models (each group by itself) or draw other folds: a few standard errors.
NEAR = 0.02
IN_R = """
library(laeken); d <- read.csv("PATH"); best <- Inf
for (i in 1:RUNS) {
  t <- system.time({ g <- gini(d$y, weights = d$w)$value; gini(d$y, weights = d$w, breakdown = d$g) })
  best <- min(best, t[["user.self"]] + t[["sys.self"]])
}
cat(sprintf('{"seconds": %.6f, "answer": %.12f}', best, g / 100))
"""
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


def regressed(data: pd.DataFrame, values: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
    """What is explained by regressions of the values of each group's recentered influence function, no errors."""
    sides = []
    for level in "ab":
        own = data[data["g"] == level]
        x, w = columns(own), own["w"].to_numpy()
        made = sm.WLS(values(own["y"].to_numpy(), w), x, weights=w).fit()
        sides.append((np.average(x, axis=0, weights=w), made.params))
    return float((sides[0][0] - sides[1][0]) @ sides[1][1])


def of_median(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Values of the median, with the kernel that `rif` has."""
    order = np.argsort(y)
    below = np.cumsum(w[order]) / w.sum()
    at, low, high = (y[order][np.searchsorted(below, share - 1e-10)] for share in (0.5, 0.25, 0.75))
    spread = np.sqrt(np.average((y - np.average(y, weights=w)) ** 2, weights=w))
    width = 0.9 * min(spread, (high - low) / 1.349) * len(y) ** -0.2
    density = np.average(0.75 * np.clip(1 - ((y - at) / width) ** 2, 0, None), weights=w) / width
    return np.asarray(at + (0.5 - (y <= at)) / density)


def of_gini(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Values of Gini's coefficient, by sorting."""
    order = np.argsort(y)
    below, lower = np.cumsum(w[order]), np.cumsum(w[order] * y[order])
    apart = np.empty(len(y))
    apart[order] = (y[order] * (2 * below - w.sum()) + lower[-1] - 2 * lower) / w.sum()
    mean = np.average(y, weights=w)
    return np.asarray((apart - np.average(apart, weights=w) / (2 * mean) * y) / mean)


def share_of_a(data: pd.DataFrame) -> float:
    """The share of a with d: the part `effect` is this share of the difference in effects."""
    first = data["g"] == "a"
    return float(np.average(data["d"][first], weights=data["w"][first]))


def outside(data: pd.DataFrame, peers: str | None) -> dict[str, dict[str, float]]:
    """Seconds and answers of programs of their own, by name; those that are there."""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        data.to_csv(path, index=False)
        if shutil.which("Rscript"):
            words = IN_R.replace("PATH", str(path)).replace("RUNS", str(RUNS))
            done = subprocess.run(["Rscript", "--vanilla", "-e", words], capture_output=True, text=True)
            found |= {"laeken": json.loads(done.stdout)} if done.returncode == 0 else {}
        if peers is not None:
            command = [peers, str(HERE / "peers" / "treated_peer.py"), str(path)]
            found |= json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


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
        (
            "RIF, median",
            lambda: D.rif("y ~ x + z", svy, **GROUPS),
            "statsmodels' regressions of the values",
            lambda: regressed(data, of_median),
            lambda made, peer: abs(made.estimate[3] - peer),
        ),
        (
            "RIF, Gini",
            lambda: D.rif("y ~ x + z", svy, **GROUPS, measure="gini"),
            "statsmodels' regressions of the values",
            lambda: regressed(data, of_gini),
            lambda made, peer: abs(made.estimate[3] - peer),
        ),
        *_of_means(data, svy),
    ]


def _of_means(data: pd.DataFrame, svy: llo.Survey) -> list[tuple[str, Any, str, Any, Any]]:
    """The same of reweighting, inequality and a treatment."""
    return [
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
            "the total alone, by sorting",
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
    ]


# What programs of their own are laid beside: our call, the peer, its number among ours, how near it must be
FURTHER: list[tuple[str, Callable[[llo.Survey], Any], str, str, Callable[[Any, pd.DataFrame], float], float]] = [
    (
        "Gini within and between",
        lambda svy: D.inequality("y", svy, by="g", measure="gini"),
        "laeken",
        "R laeken's gini, in all and by group",
        lambda made, data: float(made.estimate[0]),
        1e-4,
    ),
    (
        "gap closing, to a level, five folds",
        lambda svy: D.gap_closing("yes ~ x + z", svy, **GROUPS, intervene="d", to=1, folds=5),
        "doubleml",
        "DoubleML's APO in each group, with an error without the design",
        lambda made, data: float(made.estimate[5]),
        NEAR,
    ),
    (
        "four parts",
        lambda svy: D.four_parts("yes ~ x + z", svy, **GROUPS, treatment="d"),
        "zepid",
        "zEpid's AIPTW in each group: effects alone",
        lambda made, data: float(made.estimate[5]) / share_of_a(data),
        NEAR,
    ),
]


def page(rows: int, peers: str | None = None) -> str:
    """The table."""
    data = people(rows)
    svy = llo.Survey(data, weights="w", psu="unit")
    lines = [
        "# Decompositions of distributions",
        "",
        f"{rows:,} rows in {UNITS:,} sampling units, processor seconds of one thread, best of {RUNS}. Ours have errors",
        "of the design. A peer that gives points alone takes its seconds once more for each draw of a bootstrap.",
        "",
        "| what | ours | peer, points only where not told | its seconds | times ours |",
        "|---|---:|---|---:|---:|",
    ]
    for name, own, peer_name, peer, off in tasks(data, svy):
        mine, made = best(own)
        theirs, answer = best(peer)
        if off is not None and not off(made, answer) < AGREE:
            raise SystemExit(f"{name}: the peer gives another number, off by {off(made, answer):g}")
        if name.startswith("Fairlie"):
            parts = made.estimate[[made.labels.index(f"explained:{term}") for term in "xz"]]
            print("Fairlie", parts, "simulated", answer)
        lines.append(line(name, mine, peer_name, theirs))
    there = outside(data, peers)
    for name, call, key, peer_name, number, near in FURTHER:
        mine, made = best(lambda call=call: call(svy))
        if key not in there:
            lines.append(f"| {name} | {mine:.2f} | {peer_name}: not there | | |")
            continue
        if not abs(number(made, data) - there[key]["answer"]) < near:
            raise SystemExit(f"{name}: {peer_name} gives {there[key]['answer']:g}, ours is {number(made, data):g}")
        lines.append(line(name, mine, peer_name, there[key]["seconds"]))
    return "\n".join([*lines, ""])


def line(name: str, mine: float, peer: str, theirs: float) -> str:
    """A row."""
    return f"| {name} | {mine:.2f} | {peer} | {theirs:.2f} | {theirs / mine:.1f} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--peers", help="a Python that has doubleml and zepid")
    asked = parser.parse_args()
    text = page(asked.rows, asked.peers)
    (HERE / "distributions.md").write_text(text, encoding="utf-8", newline="\n")
    print(text)

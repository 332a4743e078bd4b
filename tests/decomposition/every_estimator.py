"""Every estimator of decompositions on one survey of two waves, for what all of them must do alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo

GROUPS: dict[str, Any] = {"group": "g", "of": "a", "minus": "b"}
OUTCOMES = {"gaussian": "y", "logit": "yes", "probit": "yes", "poisson": "times"}
REFERENCES = ("of", "minus", "pooled", "neumark", "cotton", "reimers", 0.5)
decomposition = llo.decomposition
Call = Callable[[llo.Survey], llo.Result]


def frame(n: int = 480) -> pd.DataFrame:
    """Two waves, groups a and b, a number x, a category c, outcomes of each family, an ordered ranking."""
    rng = np.random.default_rng(17)
    out = pd.DataFrame({"year": np.where(np.arange(n) < n // 2, 2014, 2018), "g": rng.choice(["a", "b"], n)})
    first = (out["g"] == "a").to_numpy()
    out["x"] = 2.0 + rng.normal(size=n) + 0.5 * first
    out["c"] = pd.Categorical(rng.choice(["p", "q", "r"], n, p=[0.4, 0.35, 0.25]), ["p", "q", "r"])
    out["f"] = rng.normal(size=n) + 0.3 * out["x"]
    eta = 0.2 + 0.3 * (out["x"] - 2) + 0.4 * (out["c"] == "q") + 0.2 * first
    out["y"] = eta + rng.normal(size=n)
    out["yes"] = (rng.uniform(size=n) < 1 / (1 + np.exp(-eta))).astype(float)
    out["times"] = rng.poisson(np.exp(0.5 * eta)).astype(float)
    out["rank"] = pd.Categorical(rng.choice(["low", "mid", "high"], n), ["low", "mid", "high"], ordered=True)
    return out.assign(w=rng.uniform(0.5, 2, n), stratum=np.arange(n) % 4, unit=np.arange(n) % 60)


def survey(data: pd.DataFrame, **more: Any) -> llo.Survey:
    """Units within strata, seen in both waves."""
    return llo.Survey(data, **{"weights": "w", "strata": "stratum", "psu": "unit", "time": "year", **more})


def oaxaca(formula: str = "{y} ~ x + C(c)", family: str = "gaussian", **more: Any) -> Call:
    text = formula.format(y=OUTCOMES[family])
    return lambda svy: decomposition.oaxaca_blinder(text, svy, **{**GROUPS, **more}, family=family)


def moved(formula: str = "{y} ~ x + C(c)", family: str = "gaussian", **more: Any) -> Call:
    text, times = formula.format(y=OUTCOMES[family]), {"time": "year", "base": 2014}
    return lambda svy: decomposition.oaxaca_change(text, svy, **{**GROUPS, **times, **more}, family=family)


CALLS: dict[str, Call] = {
    **{
        f"oaxaca_blinder {family} {one}": oaxaca(family=family, reference=one)
        for family in OUTCOMES
        for one in REFERENCES
    },
    "oaxaca_blinder threefold": oaxaca(kind="threefold", reference="minus"),
    "oaxaca_blinder normalised": oaxaca(normalize="c"),
    "oaxaca_blinder logit fairlie": oaxaca(family="logit", nonlinear="fairlie"),
    "oaxaca_blinder by": oaxaca(by="year"),
    "oaxaca_blinder delta": oaxaca(vcov="delta"),
    **{f"oaxaca_change {family}": moved(family=family) for family in OUTCOMES},
    **{
        f"oaxaca_change {method}": moved(method=method)
        for method in ("smith-welch", "kim", "makepeace", "interventionist")
    },
    "rif q50": lambda svy: decomposition.rif("y ~ x + C(c)", svy, **GROUPS),
    "rif variance": lambda svy: decomposition.rif("y ~ x + C(c)", svy, **GROUPS, measure="variance"),
    "reweight": lambda svy: decomposition.reweight("y ~ x + C(c)", svy, **GROUPS, measures=["mean", "variance"]),
    "reweight doubly-robust": lambda svy: decomposition.reweight(
        "yes ~ x + C(c)", svy, **GROUPS, trim=0.01, method="doubly-robust"
    ),
    "inequality": lambda svy: decomposition.inequality("times", svy, by="c", measure="gini"),
    "inequality ranked": lambda svy: decomposition.inequality(
        "times ~ f + C(c)", svy, measure="concentration", rank="rank"
    ),
    "four_parts": lambda svy: decomposition.four_parts("y ~ x + C(c)", svy, **GROUPS, treatment="f > 0.6"),
    "gap_closing": lambda svy: decomposition.gap_closing("y ~ x + C(c)", svy, **GROUPS, intervene="f > 0.6", folds=3),
    "standardise": lambda svy: decomposition.standardise("y", svy, cells=["c", "g"], over="year"),
    "gelbach": lambda svy: decomposition.gelbach(
        "y ~ f + x + C(c)", svy, focal="f", groups={"one": ["x"], "two": ["c"]}
    ),
    "sequential": lambda svy: decomposition.sequential("y ~ f", svy, focal="f", blocks={"one": ["x"], "two": ["C(c)"]}),
    "shapley_r2": lambda svy: decomposition.shapley_r2("y ~ f + x + C(c)", svy),
    "rank_gap": lambda svy: llo.rank_gap("y", svy, rank="rank", by="year"),
}

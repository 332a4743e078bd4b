"""Write docs/reference/conventions.md: each covariance of ours beside other programs, on one small panel.

    python -m tests.conventions

Ours, statsmodels and linearmodels are computed here. What R, pyfixest and diff-diff gave lies in `tests/reference`
beside the scripts that asked them. A factor by which a program differs is written down below; `test_conventions.py`
holds that it explains the whole difference.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo
from tests import conventions_page, conventions_peers

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "docs" / "reference" / "conventions.md"
FRAME = pd.read_csv(HERE / "reference" / "conventions_panel.csv")
FORMULA = "y ~ x + u"
MODELS: dict[str, Callable[..., Any]] = {
    "glm": lambda svy, **options: llo.glm(FORMULA, svy, **options),
    "logit": lambda svy, **options: llo.glm("yes ~ x + u", svy, family="logit", **options),
    "fe1": lambda svy, **options: llo.panel.fixed_effects(FORMULA, svy, **options),
    "fe2": lambda svy, **options: llo.panel.fixed_effects(FORMULA, svy, effects=("unit", "time"), **options),
    "fd": lambda svy, **options: llo.panel.first_difference(FORMULA, svy, **options),
    "re": lambda svy, **options: llo.panel.random_effects(FORMULA, svy, **options),
    "between": lambda svy, **options: llo.panel.between(FORMULA, svy, **options),
    "mundlak": lambda svy, **options: llo.panel.mundlak(FORMULA, svy, **options),
}
VCOVS: dict[str, dict[str, Any]] = {
    "design": {},
    "cluster": {},
    "two-way": {"cluster": ["firm", "year"]},
    "driscoll-kraay": {"lags": 1},
    "hc1": {},
    "iid": {},
    "wild": {},
}
# Not in the tables: wild is that of linear models; a mean over waves has no year of its own.
LEFT_OUT = {("logit", "wild"), ("between", "two-way"), ("between", "driscoll-kraay")}


@dataclass(frozen=True)
class Ours:
    """What the coefficient of x has under one covariance."""

    estimate: float
    std_error: float
    df: float
    p_value: float
    factor: float | None
    told: str


@dataclass(frozen=True)
class Theirs:
    """A program's standard error beside ours, and the ratio that its factor explains."""

    case: str
    program: str
    ratio: float
    explained: float
    words: str
    df: float
    own: Ours


@cache
def survey(weighted: bool) -> llo.Survey:
    """The panel: strata, firms as sampling units, persons, years."""
    frame = FRAME if weighted else FRAME.assign(w=1.0)
    return llo.Survey(frame, weights="w", strata="stratum", psu="firm", unit="who", time="year", nest=False)


@cache
def fit(model: str, vcov: str, small_sample: str | None = None, cluster: str | None = None) -> Any:
    """One fit; a model whose name ends in u has no weights, and persons as clusters, as plm."""
    plain = model.endswith("u")
    options: dict[str, Any] = {**VCOVS[vcov], "vcov": vcov}
    if small_sample:
        options["small_sample"] = small_sample
    if vcov == "cluster" and (cluster or plain):
        options["cluster"] = cluster or "who"
    return MODELS[model.removesuffix("u") if plain else model](survey(not plain), **options)


@cache
def ours(model: str, vcov: str) -> Ours:
    """The row of x."""
    made = fit(model, vcov)
    row = made.to_frame().set_index("term").loc["x"]
    facts = made.meta.get("vcov") or {}
    factor = facts.get("factor")
    factor = factor[0] if isinstance(factor, list) else factor
    told = facts.get("small_sample", "n_h/(n_h-1) in each stratum")
    return Ours(row["estimate"], row["std_error"], row["df"], row["p_value"], factor, told)


def theirs() -> list[Theirs]:
    """Every row of another program."""
    rows = [*conventions_peers.live(FRAME), *_committed("conventions_r.csv"), *_committed("conventions_peers.csv")]
    return [_beside(**row) for row in rows]


def _committed(name: str) -> list[dict[str, Any]]:
    """Rows that a script wrote."""
    return [dict(row) for row in pd.read_csv(HERE / "reference" / name).to_dict("records")]


def _beside(case: str, program: str, estimate: float, std_error: float, df: float, p_value: float) -> Theirs:
    """One row beside ours."""
    model, _, vcov = case.partition(" ")
    own = ours(model, vcov)
    if abs(estimate / own.estimate - 1) > 1e-8:
        raise ValueError(f"{case}, {program}: {estimate} is not the coefficient {own.estimate}")
    explained, words = explanation(model, vcov, program, own)
    return Theirs(case, program, std_error / own.std_error, explained, words, df, own)


def explanation(model: str, vcov: str, program: str, own: Ours) -> tuple[float, str]:
    """The ratio of standard errors that the program's factor explains, and the factor in words."""
    if vcov == "two-way" and program.startswith(("statsmodels", "lm", "glm")):
        k = conventions_peers.coefficients(model, FRAME)
        return _each_its_own(model, k) / own.std_error, f"each way its own G/(G-1), times (n-1)/(n-k), k = {k}"
    if (model, vcov) == ("logit", "iid") and program == "glm":
        return np.sqrt(_dispersion()), "the dispersion is estimated; ours is 1"
    known = conventions_peers.factor(model, vcov, program, FRAME)
    if known is None or own.factor is None:
        return 1.0, "as ours"
    value, words = known
    return float(np.sqrt(value / own.factor)), words


def _each_its_own(model: str, k: int) -> float:
    """The two-way standard error when each part has its own number of clusters in its factor."""
    n = len(FRAME)
    frame = FRAME.assign(both=FRAME["firm"] * 10_000 + FRAME["year"])
    total = 0.0
    for name, sign in (("firm", 1), ("year", 1), ("both", -1)):
        svy = llo.Survey(frame, weights="w", unit="who", time="year")
        made = MODELS[model](svy, vcov="cluster", cluster=name, small_sample="none")
        g = frame[name].nunique()
        variance = float(made.to_frame().set_index("term").loc["x", "std_error"]) ** 2
        total += sign * g / (g - 1) * (n - 1) / (n - k) * variance
    return float(np.sqrt(total))


def _dispersion() -> float:
    """Pearson's chi-square of the logit over n - k, weights of mean one."""
    made = fit("logit", "iid")
    mean, weights = made.fitted, FRAME["w"] / FRAME["w"].mean()
    return float((weights * made.residuals**2 / (mean * (1 - mean))).sum() / (len(FRAME) - 3))


def page() -> str:
    """The text of the page."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = {(m, v): ours(m, v) for m in MODELS for v in VCOVS if (m, v) not in LEFT_OUT}
        return conventions_page.text(table, theirs())


if __name__ == "__main__":
    with TARGET.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(page())

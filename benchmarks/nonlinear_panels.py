"""Time panel models of other outcomes beside their nearest peers, one thread each.

    python benchmarks/nonlinear_panels.py [--persons 20000] [--repeats 3] [--peers PLACE]

Conditional logit beside statsmodels' ConditionalLogit and R's clogit (its fit alone, without starting R), Poisson with
fixed effects beside pyfixest's fepois where it can be imported (--peers: a folder with it), instruments beside
linearmodels' IV2SLS on columns less their means. Every program gets a data frame in memory and gives coefficients with
standard errors; coefficients must agree to 1e-6 (statsmodels: 2e-4). Weights are equal: of the peers only pyfixest and
linearmodels take others. Processor seconds, the median; results go to benchmarks/nonlinear_panels.md.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
WAVES, REGRESSORS, SEED = 6, 4, 20231130
NAMES = [f"x{j}" for j in range(REGRESSORS)]
RIGHT = " + ".join(NAMES)
AGREE = 1e-6
# Where its own optimiser stops.
OF_STATSMODELS = 2e-4
# statsmodels works out each person's likelihood in Python: it gets so many persons, and its time is scaled up.
MOST_OF_STATSMODELS = 2_000
IN_R = f"""
library(survival); d <- read.csv("PATH")
for (i in 1:REPEATS) {{
  t <- system.time(f <- clogit(yes ~ {RIGHT} + strata(person), d, method = "exact"))
  cat(t[["user.self"]] + t[["sys.self"]], coef(f), "\\n")
}}
"""


def panel(persons: int) -> pd.DataFrame:
    """Persons in waves: answers, counts, numbers, an instrument."""
    rng, n = np.random.default_rng(SEED), persons * WAVES
    who = np.repeat(np.arange(persons), WAVES)
    unseen = rng.normal(size=persons)[who]
    out = pd.DataFrame({"person": who, "year": np.tile(np.arange(WAVES), persons), "w": 1.0})
    for name in NAMES:
        out[name] = rng.normal(size=n) + 0.3 * unseen
    eta = 0.2 * out[NAMES].sum(axis=1).to_numpy() + unseen
    out["yes"] = (eta + rng.logistic(size=n) > 0).astype(int)
    out["count"] = rng.poisson(np.exp(0.5 * eta))
    out["z"], common = rng.normal(size=n), rng.normal(size=n)
    out["e"] = out["z"] + common + rng.normal(size=n)
    out["y"] = eta + 0.5 * out["e"] + common + rng.normal(size=n)
    return out


def timed(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Median processor seconds, and what came of it."""
    seconds, result = [], None
    for _ in range(repeats):
        start = time.process_time()
        result = call()
        seconds.append(time.process_time() - start)
    return median(seconds), result


def ours(data: pd.DataFrame, function: str, formula: str) -> Any:
    """A panel estimator, with standard errors by person."""
    import llo_research as llo

    svy = llo.Survey(data, weights="w", unit="person", time="year")
    fit = getattr(llo.panel, function)(formula, svy, vcov="cluster")
    return fit.estimate, fit.std_error


def of_statsmodels(data: pd.DataFrame) -> Any:
    """Conditional logit; standard errors of the model."""
    from statsmodels.discrete.conditional_models import ConditionalLogit

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = ConditionalLogit(data["yes"], data[NAMES], groups=data["person"]).fit(disp=0)
    return fit.params.to_numpy(), fit.bse.to_numpy()


def of_r(data: pd.DataFrame, repeats: int) -> tuple[float, np.ndarray] | None:
    """R's clogit: median seconds of the fit alone."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        data.to_csv(path, index=False)
        script = IN_R.replace("PATH", path.as_posix()).replace("REPEATS", str(repeats))
        printed = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True).stdout
    rows = [list(map(float, line.split())) for line in printed.splitlines()]
    return median(row[0] for row in rows), np.array(rows[0][1:])


def of_pyfixest(data: pd.DataFrame) -> Any:
    """Poisson with fixed effects."""
    import pyfixest

    fit = pyfixest.fepois(f"count ~ {RIGHT} | person", data=data, vcov={"CRV1": "person"}, iwls_tol=1e-10)
    return fit.coef()[NAMES].to_numpy(), fit.se()[NAMES].to_numpy()


def of_linearmodels(data: pd.DataFrame) -> Any:
    """Instruments, on columns less the means of persons."""
    from linearmodels.iv import IV2SLS

    columns = [*NAMES, "e", "z", "y"]
    left = data[columns] - data.groupby("person")[columns].transform("mean")
    fit = IV2SLS(left["y"], left[NAMES], left["e"], left["z"]).fit(cov_type="clustered", clusters=data["person"])
    return fit.params.to_numpy(), fit.std_errors.to_numpy()


def main() -> None:
    """Time all programs and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", default="")
    asked = parser.parse_args()
    if asked.peers:
        sys.path.insert(0, asked.peers)
    data = panel(asked.persons)
    rows: list[tuple[str, str, float, float]] = []

    def compared(model: str, program: str, seconds: float, known: Any, own: tuple[float, Any]) -> None:
        worst = float(np.abs(np.asarray(known) - own[1][0]).max())
        assert worst < (OF_STATSMODELS if program == "statsmodels" else AGREE), (model, program, worst)
        rows.append((model, program, seconds, seconds / own[0]))

    logit = timed(lambda: ours(data, "conditional_logit", f"yes ~ {RIGHT}"), asked.repeats)
    rows.append(("conditional logit", "llo_research", logit[0], 1.0))
    few = data[data["person"] < MOST_OF_STATSMODELS]
    own = timed(lambda: ours(few, "conditional_logit", f"yes ~ {RIGHT}"), asked.repeats)
    peer = timed(lambda: of_statsmodels(few), 1)
    compared(f"conditional logit, {MOST_OF_STATSMODELS:,} persons", "statsmodels", peer[0], peer[1][0], own)
    in_r = of_r(data, asked.repeats)
    if in_r is not None:
        compared("conditional logit", "R survival::clogit", in_r[0], in_r[1], logit)
    poisson = timed(lambda: ours(data, "fixed_effects_poisson", f"count ~ {RIGHT}"), asked.repeats)
    rows.append(("Poisson, fixed effects", "llo_research", poisson[0], 1.0))
    try:
        of_pyfixest(data.head(600))
    except ImportError:
        print("pyfixest is not here")
    else:
        peer = timed(lambda: of_pyfixest(data), asked.repeats)
        compared("Poisson, fixed effects", "pyfixest", peer[0], peer[1][0], poisson)
    iv = timed(lambda: ours(data, "fixed_effects_iv", f"y ~ {RIGHT} + [e ~ z]"), asked.repeats)
    rows.append(("instruments, fixed effects", "llo_research", iv[0], 1.0))
    peer = timed(lambda: of_linearmodels(data), asked.repeats)
    compared("instruments, fixed effects", "linearmodels", peer[0], peer[1][0], iv)
    written(rows, asked.persons, asked.repeats)


def written(rows: list[tuple[str, str, float, float]], persons: int, repeats: int) -> None:
    """The page."""
    lines = [
        "# Panel models of other outcomes",
        "",
        f"`python benchmarks/nonlinear_panels.py`: {persons:,} persons in {WAVES} waves, {REGRESSORS} regressors; one",
        f"thread. Processor seconds (median of {repeats}; statsmodels once). Ours have standard errors by person,",
        "those of statsmodels and clogit the model's; linearmodels gets columns less their means, and the time of",
        "making them. Times ours: on the same rows.",
        "",
        "| model | program | seconds | times ours |",
        "|---|---|---:|---:|",
        *(f"| {model} | {program} | {seconds:.2f} | {times:.1f} |" for model, program, seconds, times in rows),
    ]
    (HERE / "nonlinear_panels.md").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

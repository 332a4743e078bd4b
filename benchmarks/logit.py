"""Time a survey logit of 500,000 rows and 20 regressors beside svy, one thread each.

    python benchmarks/logit.py [--rows 500000] [--repeats 3] [--peers FOLDER]

Both fit the same model to the same invented sample (50 strata of 40 sampling units, unequal weights), each in a
process of its own, from data in memory to coefficients with design-based standard errors; ours through its formula.
Coefficients and standard errors must agree to 1e-6. svy takes part where it can be imported: --peers names a folder
with it (``pip install --target``). Results go to benchmarks/logit.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measure import added

HERE = Path(__file__).parent
STRATA, UNITS, REGRESSORS, SEED = 50, 40, 20, 20231130
NAMES = [f"x{j:02d}" for j in range(REGRESSORS)]
# svy stops its iteration at 1e-8, ours at 1e-12.
AGREE = 1e-6


def sample(rows: int) -> pd.DataFrame:
    """People in strata and sampling units, and an answer of yes or no."""
    rng = np.random.default_rng(SEED)
    unit = rng.integers(0, STRATA * UNITS, rows)
    out = pd.DataFrame({name: rng.normal(size=rows) for name in NAMES})
    shared = rng.normal(size=STRATA * UNITS)[unit]
    chance = 1 / (1 + np.exp(-(0.1 * out[NAMES].sum(axis=1) + 0.3 * shared - 0.5)))
    out["y"] = (rng.random(rows) < chance).astype(np.int64)
    out["stratum"], out["psu"], out["w"] = unit % STRATA, unit, rng.gamma(4, 1, rows)
    return out


def ours(data: pd.DataFrame) -> Any:
    """llo_research, through its public call."""
    import llo_research as llo

    svy = llo.Survey(data, weights="w", strata="stratum", psu="psu")

    def fit() -> Any:
        found = llo.glm("y ~ " + " + ".join(NAMES), svy, family="logit").to_frame().set_index("term")
        return found.loc[NAMES, "estimate"].to_numpy(), found.loc[NAMES, "std_error"].to_numpy()

    return fit


def theirs(data: pd.DataFrame) -> Any:
    """svy, from a polars frame."""
    import polars as pl
    import svy

    drawn = svy.Sample(pl.from_pandas(data), svy.Design(stratum="stratum", psu="psu", wgt="w"))

    def fit() -> Any:
        rows = {row.term: row for row in drawn.glm.fit("y", x=NAMES, family="binomial").fitted.coefs}
        return np.array([rows[name].est for name in NAMES]), np.array([rows[name].se for name in NAMES])

    return fit


def one(program: str, rows: int, repeats: int) -> None:
    """Time one program in this process, and print what was found as JSON."""
    fit, seconds, memory = {"llo_research": ours, "svy": theirs}[program](sample(rows)), [], []
    for _ in range(repeats):
        start = time.process_time()
        (estimate, std_error), more = added(fit)
        seconds.append(time.process_time() - start)
        memory.append(more or 0.0)
    found = {"estimate": estimate.tolist(), "std_error": std_error.tolist()}
    print(json.dumps({**found, "seconds": float(np.median(seconds)), "memory": max(memory)}))


def measured(program: str, options: argparse.Namespace) -> dict[str, Any]:
    """One program in a process of its own, on one thread."""
    folders = [str(HERE.parent), *([options.peers] if options.peers and program != "llo_research" else [])]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"), "1")
    command = [sys.executable, str(HERE / "logit.py"), "--one", program, "--rows", str(options.rows)]
    environment = {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run(
        [*command, "--repeats", str(options.repeats)], env=environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Measure, compare, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", help="folder with svy")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return one(options.one, options.rows, options.repeats)
    found = {name: measured(name, options) for name in ("llo_research", "svy")}
    for part in ("estimate", "std_error"):
        np.testing.assert_allclose(found["svy"][part], found["llo_research"][part], rtol=AGREE)
    own = found["llo_research"]["seconds"]
    lines = [
        "# Survey logit",
        "",
        f"`python benchmarks/logit.py`: {options.rows:,} rows, {REGRESSORS} regressors, {STRATA} strata of {UNITS} "
        "sampling units; one thread.",
        f"Processor seconds (median of {options.repeats}) and memory that the call adds in MB.",
        "",
        "| program | seconds | MB | times ours |",
        "|---|---:|---:|---:|",
        *(f"| {n} | {r['seconds']:.2f} | {r['memory']:.0f} | {r['seconds'] / own:.1f} |" for n, r in found.items()),
        "",
    ]
    (HERE / "logit.md").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return None


if __name__ == "__main__":
    main()

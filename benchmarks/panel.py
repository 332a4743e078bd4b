"""Time weighted two-way fixed effects, clustered by person, beside linearmodels and pyfixest, one thread each.

    python benchmarks/panel.py [--rows 1000000] [--repeats 3] [--peers PLACE] [--no-peers]

Every program fits the same model to the same invented panel (persons seen in five waves, 15 regressors, weights that
vary, effects of person and wave) in a process of its own, from a data frame in memory to a table of coefficients with
clustered standard errors. What is compared is processor time, which a busy machine does not change as much as the
clock, and the memory that the call adds. Coefficients must agree to 1e-8. linearmodels comes with the project; pyfixest
takes part where it can be imported: --peers names a Python that has it, or a folder with it (``pip install --target``).
Results go to benchmarks/panel.md.
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
ROOT = HERE.parent
SEED, WAVES, REGRESSORS = 20231130, 5, 15
NAMES = [f"x{j}" for j in range(REGRESSORS)]
FORMULA = "y ~ " + " + ".join(NAMES)
# Coefficients differ by the order in which a million rows are added up, and by where a program's iteration stops.
AGREE = 1e-8
# How many rows linearmodels gets: it needs minutes and gigabytes for more.
MOST_OF_LINEARMODELS = 200_000
REPLICATES, UNITS = 1000, 2000


def panel(rows: int) -> pd.DataFrame:
    """Persons in waves, regressors that go with what is unseen of them, and weights."""
    rng, persons = np.random.default_rng(SEED), rows // WAVES
    who = np.repeat(np.arange(persons), WAVES)
    unseen = rng.normal(size=persons)[who]
    out = pd.DataFrame({"person": who, "year": np.tile(np.arange(2014, 2014 + WAVES), persons)})
    out["psu"] = who % UNITS
    for name in NAMES:
        out[name] = rng.normal(size=rows) + 0.3 * unseen
    out["y"] = 0.1 * out[NAMES].sum(axis=1) + unseen + rng.normal(size=rows)
    out["w"] = rng.gamma(4, 1, persons)[who] * rng.uniform(0.8, 1.2, rows)
    return out


def ours(data: pd.DataFrame) -> Any:
    """llo_research, through its public call."""
    import llo_research as llo

    svy = llo.Survey(data, weights="w", unit="person", time="year")

    def fit() -> Any:
        found = llo.panel.fixed_effects(FORMULA, svy, effects=("unit", "time"), vcov="cluster")
        return found.estimate, found.std_error

    return fit


def replicates(data: pd.DataFrame) -> Any:
    """llo_research on 1,000 bootstrap replicates of 2,000 sampling units."""
    import llo_research as llo

    svy = llo.Survey(data, weights="w", psu="psu", unit="person", time="year")
    drawn = llo.replicate(svy, "bootstrap", replicates=REPLICATES, seed=1)

    def fit() -> Any:
        found = llo.panel.fixed_effects(FORMULA, drawn, effects=("unit", "time"))
        return found.estimate, found.std_error

    return fit


def linearmodels(data: pd.DataFrame) -> Any:
    """linearmodels: its own data structure is made outside the clock."""
    from linearmodels.panel import PanelOLS

    moved = data.set_index(["person", "year"])

    def fit() -> Any:
        model = PanelOLS(moved["y"], moved[NAMES], weights=moved["w"], entity_effects=True, time_effects=True)
        found = model.fit(cov_type="clustered", cluster_entity=True)
        return found.params.to_numpy(), found.std_errors.to_numpy()

    return fit


def pyfixest(data: pd.DataFrame) -> Any:
    """pyfixest with lean results."""
    import pyfixest as pf

    def fit() -> Any:
        found = pf.feols(f"{FORMULA} | person + year", data, vcov={"CRV1": "person"}, weights="w", lean=True)
        return found.coef().to_numpy(), found.se().to_numpy()

    return fit


PROGRAMS = {"ours": ours, "replicates": replicates, "linearmodels": linearmodels, "pyfixest": pyfixest}


def timed(program: str, rows: int, repeats: int) -> dict[str, Any]:
    """Processor seconds (the median) and memory after a first call, which imports and compiles; and the answer."""
    fit = PROGRAMS[program](panel(rows))
    fit()
    _, memory = added(fit)
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        estimate, error = fit()
        seconds.append(time.process_time() - started)
    told = {"seconds": float(np.median(seconds)), "megabytes": memory}
    return {**told, "estimate": list(map(float, estimate)), "error": list(map(float, error))}


def measure(program: str, rows: int, arguments: argparse.Namespace) -> dict[str, Any] | None:
    """A program in a process of its own; None where it cannot be imported."""
    place = arguments.peers if program == "pyfixest" and arguments.peers else sys.executable
    python, folder = (sys.executable, [place]) if Path(place).is_dir() else (place, [])
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "RAYON", "VECLIB_MAXIMUM")}
    environment = {**os.environ, **threads, "PYTHONPATH": os.pathsep.join([*folder, str(HERE), str(ROOT)])}
    foreign = program in ("linearmodels", "pyfixest")
    if foreign and subprocess.run([python, "-c", f"import {program}"], env=environment, capture_output=True).returncode:
        print(f"{program} cannot be imported: not measured")
        return None
    print(f"{program}, {rows:,} rows ...", flush=True)
    command = [python, str(HERE / "panel.py"), "--one", program, "--rows", str(rows)]
    repeats = ["--repeats", str(arguments.repeats)]
    made = subprocess.run([*command, *repeats], env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return found


def line(name: str, rows: int, found: dict[str, Any], beside: dict[str, Any] | None = None) -> str:
    """A row of the table."""
    memory = "" if found["megabytes"] is None else f"{found['megabytes']:.0f}"
    ratio = "" if beside is None else f"{found['seconds'] / beside['seconds']:.1f}"
    return f"| {name} | {rows:,} | {found['seconds']:.2f} | {memory} | {ratio} |"


def check(name: str, found: dict[str, Any], known: dict[str, Any]) -> None:
    """Programs that answer another question are not compared."""
    difference = max(abs(a / b - 1) for a, b in zip(found["estimate"], known["estimate"], strict=True))
    if not difference < AGREE:
        raise SystemExit(f"{name} differs by {difference:.2g} in a coefficient, more than {AGREE:g}")


def page(arguments: argparse.Namespace) -> str:
    """The table: every peer beside us on its own number of rows."""
    rows = arguments.rows
    lines = [
        "# Weighted two-way fixed effects",
        "",
        f"`python benchmarks/panel.py`: {REGRESSORS} regressors, persons in {WAVES} waves, effects of person and wave,",
        "weights, standard errors clustered by person; one thread; from a data frame to coefficients, through each",
        "program's formula or model. Processor seconds (median of "
        f"{arguments.repeats}), memory that the call adds in MB, and how many times our seconds.",
        "",
        "| program | rows | seconds | MB | times ours |",
        "|---|---:|---:|---:|---:|",
    ]
    for size in dict.fromkeys((min(rows, MOST_OF_LINEARMODELS), rows, 3 * rows)):
        own = measure("ours", size, arguments)
        assert own is not None
        lines.append(line("llo_research", size, own))
        peers = [] if arguments.no_peers or size > rows else ["pyfixest"]
        peers += ["linearmodels"] if size <= MOST_OF_LINEARMODELS and not arguments.no_peers else []
        for name in peers:
            found = measure(name, size, arguments)
            if found is not None:
                check(name, found, own)
                lines.append(line(name, size, found, own))
        if size == rows:
            found = measure("replicates", size, arguments)
            assert found is not None
            lines.append(line(f"llo_research, {REPLICATES:,} replicates of {UNITS:,} units", size, found, own))
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", help="a Python that has pyfixest, or a folder with it")
    parser.add_argument("--no-peers", action="store_true", help="time ours only")
    parser.add_argument("--one", choices=[*PROGRAMS], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(timed(arguments.one, arguments.rows, arguments.repeats)))
        return
    text = page(arguments)
    (HERE / "panel.md").write_text(text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()

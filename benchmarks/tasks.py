"""What is timed, on which invented data: the same files for every program, numpy's plain binary arrays."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

SEED = 20231130
LEVELS = (10, 8, 7, 6, 5, 4)  # of the six margins, 40 in all
# Relative differences between programs that are their right: another order of summing a million rows; another point at
# which an iteration to 1e-10 stops; other random draws (500 replicates: 3 % of a standard error, for each program).
ROUNDING, ITERATION, CHANCE = 1e-9, 1e-8, 0.2


@dataclass(frozen=True)
class Task:
    """One benchmark: what is asked, of how many rows, under which design, and what was promised.

    kind : mean (of each domain), raking, linear (calibration), calibrated (mean after raking) or bootstrap.
    times_svy, times_r : how many times faster than the peers; 0 where nothing was promised.
    megabytes : at most so much memory added; 0 where nothing was promised.
    differ, differ_error : allowed relative difference of estimates and of standard errors between programs.
    """

    name: str
    title: str
    rows: int
    kind: str = "mean"
    domains: int = 100
    strata: int = 0
    psus_per_stratum: int = 0
    replicates: int = 0
    margins: int = 0
    times_svy: float = 0
    times_r: float = 0
    megabytes: float = 0
    differ: float = ROUNDING
    differ_error: float = ROUNDING


def _calibration(name: str, title: str, rows: int, **more: float) -> Task:
    kind = name.split(" ")[0]
    differ = ROUNDING if kind == "linear" else ITERATION
    return Task(name, title, rows, kind, domains=0, margins=len(LEVELS), differ=differ, differ_error=differ, **more)


LINEARISED = {"strata": 200, "times_svy": 50, "times_r": 50, "megabytes": 250}
TASKS = {
    task.name: task
    for task in (
        Task("elements", "mean by domain, linearised, stratified sample of elements", 1_000_000, **LINEARISED),
        Task(
            "clusters",
            "mean by domain, linearised, stratified sample of clusters",
            1_000_000,
            psus_per_stratum=20,
            **LINEARISED,
        ),
        Task("replicates", "mean by domain, replicate weights", 200_000, replicates=80),
        _calibration("raking", "raking to 1e-10", 1_000_000, times_svy=10, times_r=50),
        _calibration("linear", "linear calibration", 1_000_000, times_svy=20),
        Task(
            "bootstrap",
            "mean with its standard error from a Rao-Wu bootstrap, replicates drawn in the call",
            100_000,
            "bootstrap",
            domains=0,
            strata=100,
            psus_per_stratum=20,
            replicates=500,
            times_svy=10,
            megabytes=200,
            differ_error=CHANCE,
        ),
    )
}
GROWTH = {
    kind: [_calibration(f"{kind} {rows}", title, rows) for rows in (100_000, 1_000_000, 10_000_000)]
    for kind, title in (("raking", "raking"), ("linear", "linear calibration"), ("calibrated", "mean after raking"))
}


def write_data(task: Task, folder: Path) -> None:
    """Draw the task's columns and write each as one binary file, with `task.json` beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.bin"):
        old.unlink()
    rng = np.random.default_rng(SEED)
    domain = rng.integers(0, max(task.domains, 1), task.rows, dtype=np.int32)
    columns = {"y": rng.normal(size=task.rows) + domain / 50 + 3, "w": rng.uniform(0.5, 4.0, task.rows)}
    if task.domains:
        columns["domain"] = domain
    if task.strata:
        columns["stratum"] = rng.integers(0, task.strata, task.rows, dtype=np.int32)
    if task.psus_per_stratum:
        columns["psu"] = rng.integers(0, task.psus_per_stratum, task.rows, dtype=np.int32)
        columns["y"] += 0.2 * rng.normal(size=(task.strata, task.psus_per_stratum))[columns["stratum"], columns["psu"]]
    for r in range(task.replicates if task.kind == "mean" else 0):
        columns[f"r{r + 1}"] = columns["w"] * rng.integers(0, 2, task.rows) * 2.0
    totals = []
    for m, n_levels in enumerate(LEVELS[: task.margins]):
        level = rng.integers(0, n_levels, task.rows, dtype=np.int32)
        columns[f"m{m + 1}"] = level
        columns["y"] += level / 10
        wanted = np.bincount(level, weights=columns["w"]) * rng.uniform(0.7, 1.4, n_levels)
        totals.append(wanted * (columns["w"].sum() / wanted.sum()))
    if totals:
        columns["totals"] = np.concatenate(totals)
    for name, values in columns.items():
        values.tofile(folder / f"{name}.bin")
    (folder / "task.json").write_text(json.dumps(asdict(task)), encoding="utf-8", newline="\n")


def read_data(folder: Path) -> tuple[Task, dict[str, np.ndarray]]:
    """The task and its columns."""
    task = Task(**json.loads((folder / "task.json").read_text(encoding="utf-8")))
    names = ["y", "w", *["domain"] * bool(task.domains)]
    names += ["stratum"] * bool(task.strata) + ["psu"] * bool(task.psus_per_stratum)
    names += [f"r{r + 1}" for r in range(task.replicates if task.kind == "mean" else 0)]
    names += [f"m{m + 1}" for m in range(task.margins)]
    kinds = {name: np.int32 if name in ("domain", "stratum", "psu") or name[0] == "m" else np.float64 for name in names}
    return task, {name: np.fromfile(folder / f"{name}.bin", dtype=kind) for name, kind in kinds.items()}


def read_totals(folder: Path) -> dict[str, dict[str, float]]:
    """The totals of each margin's levels, which are called 0, 1, ..."""
    flat = np.fromfile(folder / "totals.bin").tolist()
    starts = np.cumsum([0, *LEVELS])
    return {f"m{m + 1}": {str(i): flat[starts[m] + i] for i in range(n_levels)} for m, n_levels in enumerate(LEVELS)}


def some_rows(weights: np.ndarray) -> list[tuple[str, float, float]]:
    """A thousand of the weights, to compare programs by."""
    places = range(0, len(weights), max(1, len(weights) // 1000))
    return [(f"row {i}", float(weights[i]), float(weights[i])) for i in places]

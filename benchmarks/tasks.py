"""What is timed, on which invented data: the same files for every program, numpy's plain binary arrays."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

SEED = 20231130


@dataclass(frozen=True)
class Task:
    """One benchmark: sizes, and which design the programs are told of."""

    name: str
    title: str
    rows: int
    domains: int = 100
    strata: int = 0
    psus_per_stratum: int = 0
    replicates: int = 0


TASKS = {
    task.name: task
    for task in (
        Task("elements", "mean by domain, linearised, stratified sample of elements", 1_000_000, strata=200),
        Task(
            "clusters",
            "mean by domain, linearised, stratified sample of clusters",
            1_000_000,
            strata=200,
            psus_per_stratum=20,
        ),
        Task("replicates", "mean by domain, replicate weights", 200_000, replicates=80),
    )
}


def write_data(task: Task, folder: Path) -> None:
    """Draw the task's columns and write each as one binary file, with `task.json` beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    domain = rng.integers(0, task.domains, task.rows, dtype=np.int32)
    columns = {
        "y": rng.normal(size=task.rows) + domain / 50 + 3,
        "w": rng.uniform(0.5, 4.0, task.rows),
        "domain": domain,
    }
    if task.strata:
        columns["stratum"] = rng.integers(0, task.strata, task.rows, dtype=np.int32)
    if task.psus_per_stratum:
        columns["psu"] = rng.integers(0, task.psus_per_stratum, task.rows, dtype=np.int32)
        columns["y"] += 0.2 * rng.normal(size=(task.strata, task.psus_per_stratum))[columns["stratum"], columns["psu"]]
    for r in range(task.replicates):
        columns[f"r{r + 1}"] = columns["w"] * rng.integers(0, 2, task.rows) * 2.0
    for name, values in columns.items():
        values.tofile(folder / f"{name}.bin")
    (folder / "task.json").write_text(json.dumps(asdict(task)), encoding="utf-8", newline="\n")


def read_data(folder: Path) -> tuple[Task, dict[str, np.ndarray]]:
    """The task and its columns."""
    task = Task(**json.loads((folder / "task.json").read_text(encoding="utf-8")))
    names = ["y", "w", "domain"]
    names += ["stratum"] * bool(task.strata) + ["psu"] * bool(task.psus_per_stratum)
    names += [f"r{r + 1}" for r in range(task.replicates)]
    integers = ("domain", "stratum", "psu")
    kinds = {name: np.int32 if name in integers else np.float64 for name in names}
    return task, {name: np.fromfile(folder / f"{name}.bin", dtype=kind) for name, kind in kinds.items()}

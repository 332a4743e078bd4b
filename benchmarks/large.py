"""What a survey beyond memory costs: one file of 1e6, 1e7 and 1e8 rows, estimates in DuckDB on one thread.

    python benchmarks/large.py FOLDER [--rows 1e6 1e7 1e8] [--spark]

Makes the files in FOLDER (large_file.py; 1.6 GB for 1e8 rows), runs each task in a process of its own with 400 MB for
DuckDB, and writes FOLDER/large.json, from which `large_page.py` makes `large.md`. At 1e6 rows the same is asked in
memory too; with --spark of Spark at 1e7 rows in 1, 2 and 8 partitions (where pyspark and Java are there).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from large_file import LEVELS, make, rows_of

import llo_research as llo

DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu", "unit": "person", "time": "year"}
MEMORY = "400MB"
EIGHT = "training ~ " + " + ".join(f"C({name})" for name in LEVELS)
FIVE = "training ~ hours + tenure + autonomy + pressure + distance"


def calibrated(svy: Any, rows: float) -> Any:
    """Each year to two margins of a population of 9 million."""
    people = 9e6
    margins = {"sex": {"man": 0.49, "woman": 0.51}, "education": {"low": 0.3, "middle": 0.4, "high": 0.3}}
    totals = {name: {level: share * people for level, share in own.items()} for name, own in margins.items()}
    return llo.calibrate(svy, dict.fromkeys(range(2005, 2023), totals), method="raking", by="year")


TASKS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "means": ("means by 18 years x 4 regions", lambda svy: llo.mean("training", svy, by=["year", "region"])),
    "gap": (
        "gap by education in each year",
        lambda svy: llo.gap("training", svy, group="education", of="high", minus="low", by="year"),
    ),
    "calibration": (
        "means by year, each year raked to two margins",
        lambda svy: llo.mean("training", calibrated(svy, 0), by="year"),
    ),
    "logit": ("survey logit on eight categoricals", lambda svy: llo.glm(EIGHT, svy, family="binomial")),
    "effects": (
        "person and year effects, five numbers",
        lambda svy: llo.panel.fixed_effects(FIVE, svy, effects=("unit", "time")),
    ),
    "quantiles": (
        "median and 90th percentile by year",
        lambda svy: llo.quantile("tenure", svy, q=[0.5, 0.9], by="year"),
    ),
    "persons": (
        "means by year, persons as the sampling units",
        lambda svy: llo.mean("training", svy, by="year"),
    ),
}


def opened(where: Path, engine: str, design: dict[str, Any] = DESIGN) -> tuple[Any, Callable[[], dict[str, Any]]]:
    """The data as an engine has them, and what it says of its passes."""
    files, source = str(where / "*" / "*.parquet"), {"restricted": False}
    if engine == "memory":
        frame = pd.read_parquet(where)
        frame["year"] = frame["year"].astype(int)
        return llo.Survey(frame, **design), dict
    if engine == "duckdb":
        import ibis

        connection = ibis.duckdb.connect(threads=1, memory_limit=MEMORY, temp_directory=str(where.parent / "spill"))
        big = llo.scan(files, engine=connection, source=source, **design)
    else:
        from pyspark.sql import SparkSession

        settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.memory": "2g"}
        build = SparkSession.builder.master("local[2]").config("spark.sql.shuffle.partitions", "4")
        for name, value in settings.items():
            build = build.config(name, value)
        session = build.getOrCreate()
        big = llo.scan(session.read.parquet(str(where)).repartition(int(engine.split("-")[1])), source=source, **design)
    return big, lambda: {"passes": len(big._reading.passes), "read": big._reading.passes}


def run(task: str, where: Path, engine: str) -> dict[str, Any]:
    """One task: wall and processor seconds, memory at its peak, passes, and the numbers."""
    design = {role: name for role, name in DESIGN.items() if task != "persons" or role != "psu"}
    big, account = opened(where, engine, design)
    before, started = os.times(), time.perf_counter()
    found = TASKS[task][1](big).to_frame()
    after = os.times()
    return {
        "seconds": time.perf_counter() - started,
        "cpu": after.user + after.system - before.user - before.system,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "load": os.getloadavg()[0],
        "numbers": {name: found[name].tolist() for name in ("estimate", "std_error", "df", "n")},
        **account(),
    }


def differs(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The largest relative difference of estimates, standard errors, degrees of freedom and counts.

    Rows are put in the order of their estimates: Spark has the levels of categories in that of the alphabet.
    """
    worst = 0.0
    order = [np.argsort(found["numbers"]["estimate"], kind="stable") for found in (one, other)]
    for name, values in one["numbers"].items():
        a, b = np.array(values, dtype=float)[order[0]], np.array(other["numbers"][name], dtype=float)[order[1]]
        worst = max(worst, float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-300))))
    return worst


def main() -> None:
    """Ask for every task at every size, each in a process of its own, and keep what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=float, nargs="+", default=[1e6, 1e7, 1e8])
    parser.add_argument("--tasks", nargs="+", default=list(TASKS))
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--one", nargs=3, metavar=("TASK", "FILE", "ENGINE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print("FOUND" + json.dumps(run(given.one[0], Path(given.one[1]), given.one[2])))
        return
    out = given.folder / "large.json"
    kept = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else {}
    for rows in given.rows:
        where = make(rows, given.folder / f"rows-{rows:.0e}")
        engines = ["duckdb", *(["memory"] if rows <= 1e6 else [])]
        if given.spark:
            engines = ["spark-1", "spark-2", "spark-8"]
        for task in given.tasks:
            for engine in engines:
                asked = [sys.executable, __file__, str(given.folder), "--one", task, str(where), engine]
                answer = subprocess.run(asked, capture_output=True, text=True)
                line = next((line for line in answer.stdout.splitlines() if line.startswith("FOUND")), None)
                if line is None:
                    print(task, engine, rows, "failed:", answer.stderr[-1500:])
                    continue
                found = json.loads(line[5:])
                kept[f"{task} {engine} {rows_of(rows)}"] = found
                told = [f"{found[name]:.1f}" for name in ("seconds", "cpu", "megabytes", "load")]
                print(task, engine, rows_of(rows), *told, found.get("passes", ""), flush=True)
                out.write_text(json.dumps(kept) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

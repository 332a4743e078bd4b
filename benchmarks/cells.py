"""What many cells of a survey cost: calibrated against uncalibrated, gaps against means, and routes against products.

    python benchmarks/cells.py

Writes `cells.md`. Times are processor seconds of this process on one thread, the smallest of several turns, all in one
run; memory is what a first call adds, at its peak, to what the process held. On a busy machine look at the ratios.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measure import added

import llo_research as llo
from llo_research.design import kernel
from llo_research.weighting.calibration import Calibration

SEED, TURNS = 20231130, 3
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ROWS, CELLS, YEARS, GROUPS, HALVES = 300_000, 1_800, 18, 100, 4_000
LEVELS = {"sex_age": 8, "region": 10, "sector": 12}


@dataclass(frozen=True)
class Pair:
    """Two calls that are compared: the second may take at most `promise` times the first (0: nothing was promised)."""

    title: str
    names: tuple[str, str]
    calls: tuple[Callable[[], Any], Callable[[], Any]]
    promise: float = 0.0


def people(rng: np.random.Generator) -> pd.DataFrame:
    """Invented people in cells, groups and years, with three margins; clusters of twenty lie in a year's stratum."""
    frame = pd.DataFrame({name: rng.integers(0, size, ROWS) for name, size in LEVELS.items()})
    frame["training"] = rng.integers(0, 2, ROWS).astype(float)
    frame["w"] = rng.uniform(50, 150, ROWS)
    frame["cell"], frame["group"] = rng.integers(0, CELLS, ROWS), rng.integers(0, GROUPS, ROWS)
    frame["cluster"] = np.arange(ROWS) // 20
    frame["stratum"] = frame["cluster"] % 20
    frame["year"] = 2005 + frame["cluster"] // 20 % YEARS
    own = np.random.default_rng(SEED)
    frame["half"], frame["side"] = own.integers(0, HALVES, ROWS), own.integers(0, 2, ROWS)
    frame["person"] = np.arange(ROWS) % (ROWS // 3)
    return frame


def totals(frame: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.Series]:
    """Three margins a little off the sample's, with one population total."""
    found, whole = {}, float(frame["w"].sum())
    for name in LEVELS:
        sums = frame.groupby(name)["w"].sum() * rng.uniform(0.9, 1.1, LEVELS[name])
        found[name] = sums * (whole / sums.sum())
    return found


def without(owner: Any, name: str, value: Any, call: Callable[[], Any]) -> Callable[[], Any]:
    """The call with one thing of the library turned off."""

    def run() -> Any:
        usual = getattr(owner, name)
        setattr(owner, name, value)
        try:
            return call()
        finally:
            setattr(owner, name, usual)

    return run


def cells(svy: llo.Survey) -> Callable[[], Any]:
    """Means of the cells."""
    return lambda: llo.mean("training", svy, by="cell")


def gaps(svy: llo.Survey) -> Callable[[], Any]:
    """Gaps between the two sides of the halves."""
    return lambda: llo.gap("training", svy, group="side", of=1, minus=0, by="half")


def sides(svy: llo.Survey) -> Callable[[], Any]:
    """Means of both sides of the halves."""
    return lambda: llo.mean("training", svy, by=["half", "side"])


def changes(svy: llo.Survey) -> Callable[[], Any]:
    """Changes of the groups from the first year on."""
    return lambda: llo.change("training", svy, by="group", time="year", base=2005)


def waves(svy: llo.Survey) -> Callable[[], Any]:
    """Means by year and group."""
    return lambda: llo.mean("training", svy, by=["year", "group"])


def steps() -> list[Pair]:
    """Calibrated against uncalibrated, and gaps against the means that they are of."""
    rng = np.random.default_rng(SEED)
    frame = people(rng)
    plain = llo.Survey(frame, weights="w", strata="stratum")
    by_year = llo.Survey(frame, weights="w", strata=["year", "stratum"], time="year")
    own = {year: totals(part, rng) for year, part in frame.groupby("year")}
    calibrated, calibrated_by_year = llo.calibrate(plain, totals(frame, rng)), llo.calibrate(by_year, own, by="year")
    names, rows = ("uncalibrated", "calibrated"), f"{ROWS:,} rows"
    title = f"change over {YEARS} years in {GROUPS} groups, {rows}, calibrated year by year"
    return [
        Pair(f"mean of {CELLS:,} cells, {rows}, three margins", names, (cells(plain), cells(calibrated)), 3),
        Pair(
            f"{HALVES:,} gaps, {rows}",
            (f"mean of their {2 * HALVES:,} cells", "gap"),
            (sides(plain), gaps(plain)),
            1.2,
        ),
        Pair(title, names, (changes(by_year), changes(calibrated_by_year)), 4),
    ]


def routes() -> list[Pair]:
    """What the kernel and replicates do against the same without it."""
    rng = np.random.default_rng(SEED)
    frame = people(rng)
    clusters = llo.Survey(frame, weights="w", strata=["year", "stratum"], psu="cluster", time="year")
    returning = frame.assign(year=2005 + np.arange(ROWS) // (ROWS // 3))
    people_back = llo.Survey(returning, weights="w", strata=["year", "sector"], unit="person", time="year")
    third = frame[: ROWS // 3]
    sample = llo.Survey(third, weights="w", strata="stratum", psu="cluster")
    replicated, wanted = llo.replicate(sample, "bootstrap", replicates=500, seed=SEED), totals(third, rng)

    def again() -> Any:
        return llo.mean("training", llo.calibrate(replicated, wanted), by="region")

    names, rows = ("by the kernel's routes", "all products"), f"{ROWS:,} rows"
    plainly = partial(without, kernel, "_MANY_PRODUCTS", sys.maxsize)
    in_full = without(Calibration, "redo_cells", lambda step, replicates: None, again)
    return [
        Pair(
            f"mean by {YEARS} years and {GROUPS} groups, {rows} in clusters of 20",
            names,
            (waves(clusters), plainly(waves(clusters))),
        ),
        Pair(
            f"mean by 3 waves and {GROUPS} groups, {rows}, everybody returns",
            names,
            (waves(people_back), plainly(waves(people_back))),
        ),
        Pair(
            f"calibration of 500 bootstrap replicates and a mean, {ROWS // 3:,} rows",
            ("replicates by their factors", "full replicate weights"),
            (again, in_full),
        ),
    ]


def measured(pair: Pair) -> tuple[list[float], list[float]]:
    """Seconds and megabytes of both calls, in turns; their standard errors agree where one is a route of the other."""
    memory = []
    errors = []
    for call in pair.calls:
        result, more = added(call)
        memory.append(float("nan") if more is None else more)
        errors.append(result.std_error)
    if not pair.promise:
        assert np.allclose(errors[0], errors[1], rtol=1e-10, atol=0), pair.title
    seconds: list[list[float]] = [[], []]
    for _ in range(TURNS):
        for place, call in enumerate(pair.calls):
            start = time.process_time()
            call()
            seconds[place].append(time.process_time() - start)
    return [min(own) for own in seconds], memory


def main() -> int:
    """Measure all pairs and write the page; 1 when a promise is not kept."""
    lines = [
        "# Many cells",
        "",
        "Written by `python benchmarks/cells.py`: processor seconds on one thread, all in one run.",
        "",
        "| what | first | s | MB added | second | s | MB added | second / first | promise |",
        "|---|---|---:|---:|---|---:|---:|---:|---|",
    ]
    kept = True
    for pair in [*steps(), *routes()]:
        (one, other), (small, large) = measured(pair)
        told = (
            ""
            if not pair.promise
            else f"below {pair.promise:g}: {'kept' if other / one < pair.promise else 'not kept'}"
        )
        kept &= not told.endswith("not kept")
        first, second = pair.names
        lines.append(
            f"| {pair.title} | {first} | {one:.3f} | {small:.0f} | {second} | {other:.3f} | {large:.0f} "
            f"| {other / one:.2f} | {told} |"
        )
        print(lines[-1])
    Path(__file__).with_name("cells.md").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return 0 if kept else 1


if __name__ == "__main__":
    if all(os.environ.get(name) == "1" for name in ONE_THREAD):
        sys.exit(main())
    sys.exit(subprocess.run([sys.executable, *sys.argv], env={**os.environ, **ONE_THREAD}).returncode)

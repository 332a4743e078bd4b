"""Time a program's calls and measure the memory they add; run inside each program's own process."""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Rows = list[tuple[str, float, float]]


def _status(field: str) -> float | None:
    """A memory field of this process in MB (Linux), or None where the system does not tell."""
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return None


def _reset_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def added(call: Callable[[], Any]) -> tuple[Any, float | None]:
    """Result of a call and how far resident memory rose above where it stood, in MB."""
    gc.collect()
    _reset_peak()
    before = _status("VmRSS")
    result = call()
    peak = _status("VmHWM")
    return result, None if before is None or peak is None else peak - before


def run(build: Callable[[], Any], estimate: Callable[[Any], Any], rows: Callable[[Any], Rows], version: str) -> None:
    """Repeat build and estimate as the command line says, and write times, memory and answers as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    survey, memory_build = added(build)
    answer, memory_estimate = added(lambda: estimate(survey))
    times: dict[str, list[float]] = {"build": [], "first": [], "again": []}
    for _ in range(arguments.repeats):
        del survey
        gc.collect()
        started = time.perf_counter()
        survey = build()
        built = time.perf_counter()
        answer = estimate(survey)
        first = time.perf_counter()
        answer = estimate(survey)
        again = time.perf_counter()
        for name, seconds in (("build", built - started), ("first", first - built), ("again", again - first)):
            times[name].append(seconds)
    found = {
        "version": version,
        "times": times,
        "memory": {"build": memory_build, "estimate": memory_estimate},
        "rows": rows(answer),
    }
    arguments.out.write_text(json.dumps(found), encoding="utf-8", newline="\n")

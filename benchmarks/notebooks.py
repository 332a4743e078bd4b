"""Time and memory of each notebook: python -m benchmarks.notebooks [NAME ...]; writes benchmarks/notebooks.csv.

Each is executed from the top in a process of its own, with one thread. CPU seconds and the largest resident memory are
those of its kernel, as the system counts them.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from llo_research.monitor.notebooks.about import about, notebooks, reason_not_verifiable
from llo_research.monitor.notebooks.execute import execute

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "benchmarks" / "notebooks.csv"
HEADS = ("notebook", "cpu_seconds", "wall_seconds", "peak_megabytes", "date", "machine")


def measured(name: str) -> dict[str, object]:
    """Execute one notebook in this process' child, and say what that took."""
    path = next(path for path in notebooks(ROOT) if path.stem == name)
    began = time.monotonic()
    execute(path, ROOT)
    wall = time.monotonic() - began
    with contextlib.suppress(ChildProcessError):  # the system counts a process when it was waited for
        while os.wait():
            pass
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    megabytes = used.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    seconds = used.ru_utime + used.ru_stime
    return {"cpu_seconds": round(seconds, 1), "wall_seconds": round(wall, 1), "peak_megabytes": round(megabytes)}


def machine() -> str:
    """This machine in a line, with how busy it was."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores (load {os.getloadavg()[0]:.0f}), {system}"


def main(names: list[str]) -> None:
    """Measure these notebooks, or all, and keep what is known of the others."""
    known = {row["notebook"]: row for row in csv.DictReader(TABLE.open(encoding="utf-8"))} if TABLE.is_file() else {}
    every = [about(path) for path in notebooks(ROOT)]
    for item in every:
        if (names and item.name not in names) or reason_not_verifiable(item, ROOT):
            continue
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.notebooks", "--one", item.name], cwd=ROOT, capture_output=True, text=True
        )
        if told.returncode:
            print(f"{item.name}: {told.stderr.strip().splitlines()[-1]}")
            continue
        about_it = {"date": datetime.now(UTC).date().isoformat(), "machine": machine()}
        known[item.name] = {"notebook": item.name, **json.loads(told.stdout.splitlines()[-1]), **about_it}
        print(known[item.name], flush=True)
        rows = [known[one.name] for one in every if one.name in known]
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HEADS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(sys.argv[2])))
    else:
        main(sys.argv[1:])

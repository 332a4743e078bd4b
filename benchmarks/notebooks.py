"""Time and memory of each notebook: python -m benchmarks.notebooks [NAME ...]; writes benchmarks/notebooks.json.

Each is executed from the top in a process of its own, with one thread. CPU seconds and the largest resident memory are
those of its kernel, as /proc tells them three times a second (Linux).
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from llo_research.monitor.notebooks.about import about, notebooks, reason_not_verifiable
from llo_research.monitor.notebooks.execute import execute

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "benchmarks" / "notebooks.json"


def measured(name: str) -> dict[str, object]:
    """Execute one notebook in this process' child, and say what that took."""
    path = next(path for path in notebooks(ROOT) if path.stem == name)
    began = time.monotonic()
    done, seen = threading.Event(), dict[int, tuple[float, int]]()
    watcher = threading.Thread(target=watch, args=(done, seen))
    watcher.start()
    execute(path, ROOT)
    wall = time.monotonic() - began
    done.set()
    watcher.join()
    cpu, memory = sum(seconds for seconds, _ in seen.values()), max(kilobytes for _, kilobytes in seen.values())
    return {"cpu_seconds": round(cpu, 1), "wall_seconds": round(wall, 1), "peak_megabytes": round(memory / 1024)}


def watch(done: threading.Event, seen: dict[int, tuple[float, int]]) -> None:
    """Keep the CPU seconds and the peak memory (kB) of each process below this one, as /proc tells them (Linux)."""
    tick = os.sysconf("SC_CLK_TCK")
    while not done.wait(0.3):
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError, KeyError):
                told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
                if int(told["PPid"]) in (os.getpid(), *seen):
                    fields = status.with_name("stat").read_text().rpartition(")")[2].split()
                    used = (int(fields[11]) + int(fields[12])) / tick
                    seen[int(told["Pid"])] = (used, int(told["VmHWM"].split()[0]))


def machine() -> str:
    """This machine in a line."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def main(names: list[str]) -> None:
    """Measure these notebooks, or all, and keep what is known of the others."""
    known = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.is_file() else {}
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
        about_it = {
            "load": round(os.getloadavg()[0]),
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
        }
        known[item.name] = {**json.loads(told.stdout.splitlines()[-1]), **about_it}
        print(item.name, known[item.name], flush=True)
        in_order = {one.name: known[one.name] for one in every if one.name in known}
        TABLE.write_text(json.dumps(in_order, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(sys.argv[2])))
    else:
        main(sys.argv[1:])

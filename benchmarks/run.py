"""Time llo_research beside svy and R's survey on the same data, one thread each, and check that they agree.

    python benchmarks/run.py [--task elements] [--repeats 5] [--repeats-r 1] [--no-r] [--no-growth] [--peers PYTHON]

Run it with the project's Python. svy gets an environment of its own under build/; R's survey takes part when Rscript
and the package are there. Results go to benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from page import Found, growth_table, head, table
from tasks import GROWTH, TASKS, Task, write_data

HERE = Path(__file__).parent
ROOT = HERE.parent
WORK = ROOT / "build" / "benchmarks"
SVY = "svy==0.35.0"
GROWTH_REPEATS = 3
THREADS = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR", "RAYON")


def single_threaded() -> dict[str, str]:
    """The environment of a timed process: one thread for each library that would take more."""
    settings = {f"{name}_NUM_THREADS": "1" for name in THREADS}
    paths = os.pathsep.join([str(HERE), str(ROOT)])
    return {**os.environ, **settings, "POLARS_MAX_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1", "PYTHONPATH": paths}


def svy_python() -> Path:
    """Python of svy's own environment, made when it is not there."""
    folder = WORK / "env"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print("making an environment for svy")
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", SVY, "pyarrow"], check=True)
    return python


def r_survey() -> str | None:
    """Rscript, when it has the survey package."""
    found = shutil.which("Rscript")
    if found is None:
        return None
    probe = subprocess.run([found, "-e", "library(survey)"], capture_output=True, check=False)
    return found if probe.returncode == 0 else None


def time_one(name: str, command: list[str], out: Path) -> dict[str, Any]:
    """Run one program in its own process and read what it measured."""
    print(f"  {name} ...", flush=True)
    out.unlink(missing_ok=True)
    subprocess.run(command, check=True, env=single_threaded(), cwd=ROOT)
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def differences(ours: dict[str, Any], peer: dict[str, Any]) -> tuple[float, float]:
    """Largest relative differences in an estimate and in a standard error; the same rows must be there."""
    mine = {row[0]: row[1:] for row in ours["rows"]}
    theirs = {row[0]: row[1:] for row in peer["rows"]}
    if mine.keys() != theirs.keys():
        raise SystemExit(f"{peer['version']} answered for other domains")
    estimate, error = (max(abs(mine[key][i] / theirs[key][i] - 1) for key in mine) for i in (0, 1))
    return estimate, error


def check_agreement(task: Task, found: Found) -> None:
    """Programs that differ by more than they may are not compared."""
    for program in found.values():
        estimate, error = differences(found["ours"], program)
        if not (estimate < task.differ and error < task.differ_error):
            raise SystemExit(
                f"{program['version']} differs by {estimate:.2g} ({error:.2g} in standard errors) on {task.name}, "
                f"more than {task.differ:g} ({task.differ_error:g})"
            )
        program["difference"], program["difference_error"] = estimate, error


def measure(task: Task, arguments: argparse.Namespace) -> Found:
    """All programs on one task; raises when their answers differ."""
    folder = WORK / task.name
    print(f"{task.name}: {task.title}, {task.rows:,} rows")
    write_data(task, folder)
    repeats = ["--repeats", str(arguments.repeats)]
    programs = {
        "ours": [sys.executable, str(HERE / "peers" / "ours.py"), *repeats],
        "svy": [str(arguments.peers or svy_python()), str(HERE / "peers" / "svy_peer.py"), *repeats],
    }
    found = {}
    for name, command in programs.items():
        out = folder / f"{name}.json"
        found[name] = time_one(name, [*command, "--out", str(out), str(folder)], out)
    rscript = None if arguments.no_r else r_survey()
    if rscript:
        out, script = folder / "r.json", str(HERE / "peers" / "survey_peer.R")
        command = [rscript, "--vanilla", script, str(arguments.repeats_r), str(out), str(folder)]
        found["r"] = time_one("R survey", command, out)
    check_agreement(task, found)
    return found


def measure_growth() -> list[str]:
    """Our times from a hundred thousand to ten million rows."""
    found: dict[str, list[tuple[Task, dict[str, Any]]]] = {}
    for kind, tasks in GROWTH.items():
        found[kind] = []
        for task in tasks:
            folder = WORK / task.name.replace(" ", "_")
            print(f"{task.title}, {task.rows:,} rows")
            write_data(task, folder)
            out = folder / "ours.json"
            command = [sys.executable, str(HERE / "peers" / "ours.py"), "--repeats", str(GROWTH_REPEATS)]
            found[kind].append((task, time_one("ours", [*command, "--out", str(out), str(folder)], out)))
            shutil.rmtree(folder)
    return growth_table(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=[*TASKS], action="append", help="only these (default: all)")
    parser.add_argument("--repeats", type=int, default=5, help="repeats of each Python program")
    parser.add_argument("--repeats-r", type=int, default=1, help="repeats of R, which needs minutes")
    parser.add_argument("--no-r", action="store_true", help="leave R out")
    parser.add_argument("--no-growth", action="store_true", help="leave out how time grows with rows")
    parser.add_argument("--peers", type=Path, help="a Python that has svy, instead of an environment under build/")
    arguments = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    lines = head(arguments.repeats, arguments.repeats_r)
    for name in arguments.task or TASKS:
        lines += table(TASKS[name], measure(TASKS[name], arguments))
    if not (arguments.task or arguments.no_growth):
        lines += measure_growth()
    text = "\n".join(lines).rstrip() + "\n"
    target = HERE / "results.md" if not arguments.task else WORK / "results.md"
    target.write_text(text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()

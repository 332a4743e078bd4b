"""Time llo_research beside svy and R's survey on the same data, one thread each, and check that they agree.

    python benchmarks/run.py [--task elements] [--repeats 5] [--repeats-r 1] [--no-r] [--peers PYTHON]

Run it with the project's Python. svy gets an environment of its own under build/; R's survey takes part when Rscript
and the package are there. Results go to benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from tasks import TASKS, Task, write_data

HERE = Path(__file__).parent
ROOT = HERE.parent
WORK = ROOT / "build" / "benchmarks"
SVY = "svy==0.35.0"
AGREE = 1e-9  # relative; the programs add up a million rows in different orders
TARGET = 50
MEMORY_TARGET = 250
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


def largest_difference(ours: dict[str, Any], peer: dict[str, Any]) -> float:
    """Largest relative difference in an estimate or standard error; the same domains must be there."""
    mine = {row[0]: row[1:] for row in ours["rows"]}
    theirs = {row[0]: row[1:] for row in peer["rows"]}
    if mine.keys() != theirs.keys():
        raise SystemExit(f"{peer['version']} answered for other domains")
    return max(abs(a / b - 1) for key in mine for a, b in zip(mine[key], theirs[key], strict=True))


def median(found: dict[str, Any], *steps: str) -> float:
    """Median over the repeats of the time of some steps together, in seconds."""
    return statistics.median(sum(parts) for parts in zip(*(found["times"][s] for s in steps), strict=True))


def measure(task: Task, arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
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
    for peer in found.values():
        peer["difference"] = largest_difference(found["ours"], peer)
        if not peer["difference"] < AGREE:
            raise SystemExit(f"{peer['version']} differs by {peer['difference']:.2g}, more than {AGREE:g}")
    return found


def _megabytes(found: dict[str, Any]) -> str:
    values = [v for v in found["memory"].values() if v is not None]
    return f"{max(values):.0f}" if values else "not measured"


def table(task: Task, found: dict[str, dict[str, Any]]) -> list[str]:
    """One task as Markdown."""
    design = [f"{task.rows:,} rows", f"{task.domains} domains"]
    design += [f"{task.strata} strata"] * bool(task.strata)
    design += [f"{task.strata * task.psus_per_stratum:,} PSUs"] * bool(task.psus_per_stratum)
    design += [f"{task.replicates} replicate weights"] * bool(task.replicates)
    lines = [f"## {task.title.capitalize()}", "", ", ".join(design) + ".", ""]
    lines += [
        "| program | design, s | first call, s | next call, s | MB added | call: times ours | with design: times ours |"
    ]
    lines += ["|---|---:|---:|---:|---:|---:|---:|"]
    ours = found["ours"]
    for peer in found.values():
        call = median(peer, "first") / median(ours, "first")
        whole = median(peer, "build", "first") / median(ours, "build", "first")
        cells = [f"{median(peer, step):.4f}" for step in ("build", "first", "again")]
        lines.append(f"| {peer['version']} | {' | '.join(cells)} | {_megabytes(peer)} | {call:.1f} | {whole:.1f} |")
    worst = max(peer["difference"] for peer in found.values())
    return [*lines, "", f"Largest relative difference between the programs: {worst:.1e}.", ""]


def machine() -> str:
    """The machine, without names or places."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    return (
        f"{platform.system()} {platform.machine()}, {model}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=[*TASKS], action="append", help="only these (default: all)")
    parser.add_argument("--repeats", type=int, default=5, help="repeats of each Python program")
    parser.add_argument("--repeats-r", type=int, default=1, help="repeats of R, which needs minutes")
    parser.add_argument("--no-r", action="store_true", help="leave R out")
    parser.add_argument("--peers", type=Path, help="a Python that has svy, instead of an environment under build/")
    arguments = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    lines = ["# Benchmarks", "", f"Written by `python benchmarks/run.py`. {machine()}. One thread per program;", ""]
    lines[-2] += f" medians of {arguments.repeats} repeats ({arguments.repeats_r} for R), all in one run."
    lines += [
        "What is timed: making the design from a frame in memory; the first call for the mean of each domain with"
    ]
    lines += [
        "its standard error, to the finished table; the next call on the same design. Memory is the larger of what"
    ]
    lines += [
        "the two steps add to the resident size at their peak (R: its own count). Target for the linearised means:"
    ]
    lines += [f"at least {TARGET} times faster than the peers, under {MEMORY_TARGET} MB.", ""]
    for name in arguments.task or TASKS:
        lines += table(TASKS[name], measure(TASKS[name], arguments))
    text = "\n".join(lines).rstrip() + "\n"
    target = HERE / "results.md" if not arguments.task else WORK / "results.md"
    target.write_text(text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()

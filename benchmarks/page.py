"""What the benchmarks found, as Markdown."""

from __future__ import annotations

import os
import platform
import statistics
from pathlib import Path
from typing import Any

from tasks import LEVELS, Task

Found = dict[str, dict[str, Any]]
PEERS = {"svy": "svy", "r": "R survey"}


def median(found: dict[str, Any], *steps: str) -> float:
    """Median over the repeats of the time of some steps together, in seconds."""
    return statistics.median(sum(parts) for parts in zip(*(found["times"][s] for s in steps), strict=True))


def megabytes(found: dict[str, Any]) -> float | None:
    """What the heavier step added to the resident size."""
    return max((v for v in found["memory"].values() if v is not None), default=None)


def head(repeats: int, repeats_r: int) -> list[str]:
    """Machine, and what the columns are."""
    return [
        "# Benchmarks",
        "",
        f"Written by `python benchmarks/run.py`. {machine()}. One thread per program;",
        f"medians of {repeats} repeats ({repeats_r} for R), all programs of a task one after another in one run.",
        "",
        "What is timed: making the design from a frame in memory; the first call on it, to the finished table or the",
        "weights; the next call on the same design. Memory is the larger of what the two steps add to the resident",
        "size at their peak (R: its own count). Each program gets categories in its own best form.",
        "",
    ]


def table(task: Task, found: Found) -> list[str]:
    """One task."""
    design = [f"{task.rows:,} rows"]
    design += [f"{task.domains} domains"] * bool(task.domains)
    design += [f"{task.margins} margins with {sum(LEVELS)} categories"] * bool(task.margins)
    design += [f"{task.strata} strata"] * bool(task.strata)
    design += [f"{task.strata * task.psus_per_stratum:,} PSUs"] * bool(task.psus_per_stratum)
    design += [f"{task.replicates} replicates"] * bool(task.replicates)
    lines = [f"## {task.title[0].upper()}{task.title[1:]}", "", ", ".join(design) + ".", ""]
    lines += [
        "| program | design, s | first call, s | next call, s | MB added | call: times ours | with design: times ours |"
    ]
    lines += ["|---|---:|---:|---:|---:|---:|---:|"]
    ours = found["ours"]
    for program in found.values():
        call = median(program, "first") / median(ours, "first")
        whole = median(program, "build", "first") / median(ours, "build", "first")
        cells = [f"{median(program, step):.4f}" for step in ("build", "first", "again")]
        memory = megabytes(program)
        cells.append("not measured" if memory is None else f"{memory:.0f}")
        lines.append(f"| {program['version']} | {' | '.join(cells)} | {call:.1f} | {whole:.1f} |")
    return [*lines, "", *_promises(task, found), _agreement(task, found), ""]


def _promises(task: Task, found: Found) -> list[str]:
    """What was promised of this task, and whether it was kept."""
    told = []
    for name, times in (("svy", task.times_svy), ("r", task.times_r)):
        if times and name in found:
            reached = median(found[name], "first") / median(found["ours"], "first")
            told.append(f"at least {times:g} times faster than {PEERS[name]}: {_kept(reached >= times)}")
    memory = megabytes(found["ours"])
    if task.megabytes and memory is not None:
        told.append(f"under {task.megabytes:g} MB added: {_kept(memory < task.megabytes)}")
    return [f"Targets: {'; '.join(told)}."] if told else []


def _kept(kept: bool) -> str:
    return "met" if kept else "**missed**"


def _agreement(task: Task, found: Found) -> str:
    """How far the programs are apart."""
    worst = max(program["difference"] for program in found.values())
    error = max(program["difference_error"] for program in found.values())
    if task.differ_error > task.differ:
        apart = f"{worst:.1e} in estimates; {error:.1e} in standard errors, as draws differ"
    else:
        apart = f"{max(worst, error):.1e}"
    return f"Largest relative difference between the programs: {apart}."


def growth_table(found: dict[str, list[tuple[Task, dict[str, Any]]]]) -> list[str]:
    """Our times as the number of rows grows."""
    kinds = list(found)
    lines = [
        "## How time grows with rows",
        "",
        f"Ours alone, first call; {len(LEVELS)} margins, {sum(LEVELS)} categories.",
    ]
    lines += ["The standard error of the mean after raking is that of the residuals.", ""]
    lines += ["| rows | " + " | ".join(f"{found[kind][0][0].title}, s | MB added" for kind in kinds) + " |"]
    lines += ["|---:|" + "---:|---:|" * len(kinds)]
    for rows in zip(*found.values(), strict=True):
        cells = [f"{median(one, 'first'):.4f} | {one['memory']['estimate'] or 0:.0f}" for _, one in rows]
        lines.append(f"| {rows[0][0].rows:,} | {' | '.join(cells)} |")
    return [*lines, ""]


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

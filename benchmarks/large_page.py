"""What large.py found, as `large.md`.

python benchmarks/large_page.py FOLDER/large.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from large import TASKS, differs
from page import machine

HEAD = """# Beyond memory

Written by `python benchmarks/large_page.py` from what `python benchmarks/large.py` measured. {machine}.
One DuckDB thread with a limit of 400 MB (600 MB for means, gap, calibration and logit at 1e8 rows), each task in a
process of its own, once. The file: 19 columns, a rotating panel of 18 years, 200 strata, 4,000 sampling units
(`large_file.py`).

Seconds are those of the clock and, in brackets, of the processor: other work ran on the machine, and `load` is the mean
number of processes that wanted one of its cores at the end of the task. Memory is the largest resident size of the
whole process, Python and its packages among it.
"""


def key(task: str, engine: str, rows: int) -> str:
    """As large.py names what it keeps."""
    return f"{task} {engine} {rows}"


def sizes(kept: dict[str, Any], engine: str) -> list[int]:
    """Numbers of rows that were measured with an engine."""
    return sorted({int(name.split()[2]) for name in kept if name.split()[1] == engine})


def growth(kept: dict[str, Any]) -> list[str]:
    """DuckDB at each size."""
    lines = [
        "## DuckDB",
        "",
        "| task | rows | seconds (processor) | MB | passes | load |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for task, (title, _) in TASKS.items():
        for rows in sizes(kept, "duckdb"):
            found = kept.get(key(task, "duckdb", rows))
            if found:
                told = f"{found['seconds']:.1f} ({found['cpu']:.1f}) | {found['megabytes']:.0f} | {found['passes']}"
                lines.append(f"| {title} | {rows:,} | {told} | {found['load']:.1f} |")
    return [*lines, ""]


def beside_memory(kept: dict[str, Any]) -> list[str]:
    """The same in memory."""
    lines = [
        "## Beside a Survey in memory",
        "",
        "Largest relative difference of estimates, standard errors, df and n.",
        "",
    ]
    lines += ["| task | rows | difference | in memory: seconds | MB |", "|---|---:|---:|---:|---:|"]
    for task, (title, _) in TASKS.items():
        for rows in sizes(kept, "memory"):
            own, other = kept.get(key(task, "duckdb", rows)), kept.get(key(task, "memory", rows))
            if own and other:
                told = f"{differs(own, other):.0e} | {other['seconds']:.1f} ({other['cpu']:.1f})"
                lines.append(f"| {title} | {rows:,} | {told} | {other['megabytes']:.0f} |")
    return [*lines, ""]


def on_spark(kept: dict[str, Any]) -> list[str]:
    """Spark on one machine."""
    lines = ["## Spark", "", "`local[2]` on the same machine, reading and cutting into partitions among the time.", ""]
    lines += ["| task | rows | partitions | seconds | difference from DuckDB |", "|---|---:|---:|---:|---:|"]
    start = len(lines)
    for task in ("means", "effects"):  # a logit has another base where levels are in another order
        title = TASKS[task][0]
        for parts in (1, 2, 8):
            for rows in sizes(kept, f"spark-{parts}"):
                found, other = kept.get(key(task, f"spark-{parts}", rows)), kept.get(key(task, "duckdb", rows))
                if found and other:
                    told = f"{found['seconds']:.0f} | {differs(found, other):.0e}"
                    lines.append(f"| {title} | {rows:,} | {parts} | {told} |")
    return [*lines, ""] if len(lines) > start else []


def main() -> None:
    """Write the page."""
    kept = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = [HEAD.format(machine=machine()), *growth(kept), *beside_memory(kept), *on_spark(kept)]
    target = Path(__file__).with_name("large.md")
    target.write_text("\n".join(text).rstrip() + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

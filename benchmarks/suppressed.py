"""How much of the monitor's own tables may not leave, by chapter and profile, on synthetic data.

    python benchmarks/suppressed.py            all chapters that read restricted files, all profiles
    python benchmarks/suppressed.py 02 07      some chapters

Each chapter is one export: all results behind its figures, tables and sentences, decided together. Rows that break a
rule by themselves are told apart from those that are hidden because they would give such a row away.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from llo_research.monitor.chapter_results import chapter_results
from llo_research.monitor.chapters import CHAPTERS
from llo_research.report.disclosure.decided import decide

ROOT = Path(__file__).resolve().parents[1]
PROFILES = ("cbs", "strict", "publication")
# hidden beside another row, not for what they are
BESIDE = ("secondary",)


def suppressed(chapter: str, profile: str, results: dict[str, Any]) -> dict[str, Any]:
    """Rows of a chapter, and how many of them are hidden for themselves and beside others."""
    began = time.monotonic()
    decision = decide(results, profile)
    found = decision.findings
    own = found[~found["rule"].isin(BESIDE)][["name", "row"]].drop_duplicates()
    hidden = sum(int(rows.sum()) for rows in decision.hidden.values())
    return {
        "chapter": chapter,
        "profile": profile,
        "results": len(results),
        "whole": sum(bool(rows.all()) for rows in decision.hidden.values()),
        "rows": sum(len(rows) for rows in decision.hidden.values()),
        "own": len(own),
        "beside": hidden - len(own),
        "rules": found["rule"].value_counts().to_dict(),
        "told": list(decision.checked),
        "seconds": round(time.monotonic() - began, 1),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """The figures as a table of Markdown: a line a chapter, a total below."""
    heads = ["Chapter", "Results", "Rows", *(f"`{name}`" for name in PROFILES)]
    lines = ["| " + " | ".join(heads) + " |", "|---|--:|--:|" + "--:|" * len(PROFILES)]
    chapters = list(dict.fromkeys(one["chapter"] for one in rows))
    for chapter in [*chapters, "all"]:
        here = [one for one in rows if chapter in (one["chapter"], "all")]
        cells = [
            chapter,
            *(str(sum(one[key] for one in here if one["profile"] == PROFILES[0])) for key in ("results", "rows")),
        ]
        for profile in PROFILES:
            mine = [one for one in here if one["profile"] == profile]
            total, own, beside = (sum(one[key] for one in mine) for key in ("rows", "own", "beside"))
            cells.append(f"{own} + {beside} ({100 * (own + beside) / max(total, 1):.1f}%)")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(numbers: list[str]) -> None:
    """Run the chapters, the quick profiles first, print the table, and keep the figures beside this file."""
    names = [chapter.name for chapter in CHAPTERS if chapter.reads_real]
    results = {name: chapter_results(ROOT, name) for name in names if not numbers or name.partition("_")[0] in numbers}
    rows = []
    for profile in PROFILES:
        for name, found in results.items():
            rows.append(suppressed(name.partition("_")[0], profile, found))
            print(json.dumps(rows[-1]), flush=True)
    print(table(rows))
    if not numbers:
        text = json.dumps(rows, indent=1) + "\n"
        Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])

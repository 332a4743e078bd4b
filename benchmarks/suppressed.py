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
    """Run the chapters, print the table, and keep the figures beside this file."""
    rows = []
    for chapter in CHAPTERS:
        number = chapter.name.partition("_")[0]
        if chapter.reads_real and (not numbers or number in numbers):
            results = chapter_results(ROOT, chapter.name)
            for profile in PROFILES:
                rows.append(suppressed(number, profile, results))
                print(json.dumps(rows[-1]), flush=True)
    print(table(rows))
    if not numbers:
        text = json.dumps(rows, indent=1) + "\n"
        Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])

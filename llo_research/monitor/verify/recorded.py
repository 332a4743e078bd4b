"""What a chapter shows now beside what its committed notebook recorded."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from llo_research.monitor.notebooks.listening import Shown
from llo_research.report.figures.bundle import MIME
from llo_research.report.figures.fingerprint import fingerprint

_NUMBER = re.compile(r"-?\d[\d,.]*")
_CELL = re.compile(r"<td[^>]*>([^<]*)</td>")


def recorded(shown: Shown, notebook: Mapping[str, Any]) -> tuple[int, str]:
    """How many numbers of a figure or table stand in the notebook, and what differs now; empty where nothing does."""
    outputs = [one.get("data", {}) for cell in notebook["cells"] if cell["id"] == shown.cell for one in _outputs(cell)]
    if shown.kind == "figure":
        return _figure(shown, [data[MIME] for data in outputs if MIME in data])
    return _table(
        shown, ["".join(data["text/html"]) for data in outputs if "<table" in "".join(data.get("text/html", ""))]
    )


def _outputs(cell: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The outputs of a cell."""
    return list(cell.get("outputs", []))


def _figure(shown: Shown, told: list[Mapping[str, Any]]) -> tuple[int, str]:
    """The rows of a figure, by their fingerprint."""
    now = fingerprint(shown.value.frame)
    if not told:
        return 0, "the notebook has no such figure"
    rows = list(csv.reader(io.StringIO(told[0]["rows"])))
    count = sum(bool(_NUMBER.fullmatch(text)) for row in rows[1:] for text in row)
    return count, "" if told[0]["numbers"] == now else "the numbers of the figure are others"


def _table(shown: Shown, told: list[str]) -> tuple[int, str]:
    """The cells of a table, as they are printed."""
    if not told:
        return 0, "the notebook has no such table"
    now, then = (_cells(html) for html in (shown.value.to_html(), told[0]))
    apart = [f"{a} recorded, {b} now" for a, b in zip(then, now, strict=False) if a != b]
    if len(now) != len(then):
        apart.append(f"{len(then)} cells recorded, {len(now)} now")
    return sum(bool(_NUMBER.search(text)) for text in then), "; ".join(apart[:3])


def _cells(html: str) -> list[str]:
    """The texts of the cells of a table."""
    return [" ".join(text.split()) for text in _CELL.findall(html)]

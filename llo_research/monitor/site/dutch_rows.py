"""The rows of a figure for a Dutch reader: heads, flags and origins in Dutch words; numbers as they are."""

from __future__ import annotations

import csv
import io
import re

from llo_research.report.content.labels import flag_text
from llo_research.report.content.words import FLAGS
from llo_research.report.figures.known import KNOWN, SHORT

HEADS = {
    "estimate": "getal",
    "conf_low": "interval van",
    "conf_high": "interval tot",
    "unit": "eenheid",
    "flag": "opmerking",
    KNOWN: "herkomst van het niveau",
}
_FLAG = re.compile(rf"break \d{{4}}|withheld|{'|'.join(sorted(FLAGS, key=len, reverse=True))}")


def in_dutch(rows: str) -> str:
    """The CSV of a figure's rows in Dutch words."""
    (head, *body), text = csv.reader(io.StringIO(rows)), io.StringIO()
    told = [[_said(name, cell) for name, cell in zip(head, row, strict=True)] for row in body]
    csv.writer(text, lineterminator="\n").writerows([[HEADS.get(name, name) for name in head], *told])
    return text.getvalue()


def _said(name: str, cell: str) -> str:
    """A cell of a column."""
    if name == "flag" and not _FLAG.sub("", cell).strip():  # else there is one without Dutch words, and it stays
        return "; ".join(map(_of_flag, _FLAG.finditer(cell)))
    return SHORT[cell][0] if name == KNOWN and cell in SHORT else cell


def _of_flag(found: re.Match[str]) -> str:
    """A flag in words."""
    return "weggelaten: te weinig mensen" if found[0] == "withheld" else flag_text(found[0], "nl")

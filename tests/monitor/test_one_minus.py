"""Proves that a page has one minus, and that a Dutch reader's rows of a figure hold no English word."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from llo_research.monitor.site.dutch_rows import HEADS, in_dutch
from llo_research.monitor.site.minus import with_minus
from llo_research.report.figures.bundle import MIME
from llo_research.results.columns import FLAGS
from tests.monitor.conftest import ROOT

SCRIPT = (ROOT / "docs" / "_static" / "risen.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<td>-16,0</td><p>van -2 tot -1,5 (-3)</p>", "<td>−16,0</td><p>van −2 tot −1,5 (−3)</p>"),
        ("<text x='-3'>-1</text>", "<text x='-3'>−1</text>"),
        ("mbo-1, 2011-12, 55-64, 1.5-2, p. 3-4", "mbo-1, 2011-12, 55-64, 1.5-2, p. 3-4"),
        ("<em>2011</em>-12 en <b>a</b> -12", "<em>2011</em>-12 en <b>a</b> −12"),
        (
            "<pre>x = -1</pre><code>-1</code><math><mn>-1</mn></math>",
            "<pre>x = -1</pre><code>-1</code><math><mn>-1</mn></math>",
        ),
        ("<script>var a = -1;</script> -1", "<script>var a = -1;</script> −1"),
    ],
)
def test_a_number_below_zero_has_a_minus_and_nothing_else(page: str, shown: str) -> None:
    assert with_minus(page) == shown
    assert with_minus(shown) == shown


def test_the_slider_writes_the_same_minus() -> None:
    assert r'"\u2212"' in SCRIPT and '"-"' not in SCRIPT


def test_rows_are_told_in_dutch() -> None:
    rows = "Groep,estimate,conf_low,conf_high,n,unit,flag,how_known\n"
    rows += "a,-1.5,-2,-1,20,%,instrument reference period break 2022,invented\n"
    rows += "b,2,,,,%,withheld,\nc,2,1,3,9,%,,published\n"
    head, *body = csv.reader(io.StringIO(in_dutch(rows)))
    heads = [*("Groep", "getal", "interval van", "interval tot", "n", "eenheid", "opmerking")]
    assert head == [*heads, "herkomst van het niveau"]
    assert [row[1:5] for row in body] == [["-1.5", "-2", "-1", "20"], ["2", "", "", ""], ["2", "1", "3", "9"]]
    assert body[0][6].split("; ") == [
        *("verschillende instrumenten: niet één reeks", "verschillende referentieperioden: niet één reeks"),
        "na de methodebreuk van 2022",
    ]
    assert body[1][6] == "weggelaten: te weinig mensen" and (body[0][7], body[2][7]) == ("bedacht", "gepubliceerd")


def _rows(path: Path) -> list[str]:
    """The rows of the figures of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return [data[MIME]["rows"] for data in outputs if MIME in data]


def test_every_flag_that_there_is_has_dutch_words() -> None:
    found = {flag for name in FLAGS for flag in [f"estimate,flag\n1,{name}\n"]}
    found |= {rows for path in sorted((ROOT / "notebooks").glob("*.ipynb")) for rows in _rows(path)}
    for rows in found:
        head, *body = csv.reader(io.StringIO(rows))
        told = list(csv.reader(io.StringIO(in_dutch(rows))))
        assert not set(told[0]) & set(HEADS)
        for before, after in zip(body, told[1:], strict=True):
            flag, said = before[head.index("flag")], after[head.index("flag")]
            assert bool(flag) == bool(said), flag
            assert said != flag or not flag, flag
    assert in_dutch("estimate,flag\n1,never seen\n").endswith("\n1,never seen\n"), "no flag is lost"

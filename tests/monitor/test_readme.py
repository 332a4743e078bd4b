"""Proves that the README's lines run and give the numbers beside them, and that its links and commands are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.console.parser import parser
from llo_research.data.places import find
from tests.monitor.conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"[+-]?\d+\.\d")


def said(line: str) -> list[float]:
    """The numbers in the comment of a line that begins so."""
    (comment,) = re.findall(rf"^{re.escape(line)}.*?  # (.*)$", TEXT, re.MULTILINE)
    return [float(number) for number in NUMBER.findall(comment)]


def test_the_ten_lines_give_what_stands_beside_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not find("piaac", ["prgnldp1.csv"]):
        pytest.skip("the PIAAC file is not here")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert len(names["svy"]) == 5170 and "5,170 adults" in block
    shares = llo.mean("training", names["workers"], by="education").to_frame()["estimate"]
    assert [round(100 * share, 1) for share in shares] == said("print(llo.mean(")
    for name in ("formal", "informal"):
        (gap,) = names[name].to_frame()["estimate"]
        assert [round(100 * gap, 1)] == said(f"{name} = ")
    row = names["both"].contrast({"informal": 1, "formal": -1}).to_frame().iloc[0]
    shown = [round(100 * float(row[name]), 1) for name in ("estimate", "conf_low", "conf_high")]
    assert shown == said("print(both.contrast(")
    assert list((tmp_path / "build" / "figures").iterdir())


def test_links_lead_somewhere() -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", TEXT)]
    assert len(links) > 10
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_commands_are_there() -> None:
    verbs = set(re.findall(r"run\.py (?:--\S+ (?:[A-Z]+ )?)?([a-z]+)", TEXT))
    assert verbs == {"monitor", "test", "shell", "lab", "bundle"}
    assert all(f'"{verb}": "' in (ROOT / "run.py").read_text(encoding="utf-8") for verb in verbs)
    for words in ("data fetch piaac", "check mine.sav"):
        assert f"llo {words}" in TEXT and parser().parse_args(words.split())

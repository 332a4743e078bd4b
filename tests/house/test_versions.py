"""Proves that the version is the same wherever it stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import llo_research


def test_one_version(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    (cited,) = re.findall(r"^version:\s*\"?([^\s\"]+)", citation, flags=re.MULTILINE)
    assert project["version"] == llo_research.__version__ == cited

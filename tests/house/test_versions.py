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


def test_pages_and_changelog_name_it(root: Path) -> None:
    for page in ("docs/how_to/cite.md", "docs/nl/how_to/cite.md"):
        said = re.findall(r"llo_research\s+>?\s*(\d+\.\d+\.\d+)", (root / page).read_text(encoding="utf-8"))
        assert said == [llo_research.__version__]
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (\d+\.\d+\.\d+) - (\S+)$", changelog, flags=re.MULTILINE)
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert heads[0][0] == llo_research.__version__ and f"date-released: {heads[0][1]}" in citation

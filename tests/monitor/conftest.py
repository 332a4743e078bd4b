"""Small notebooks made on the spot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cell = tuple[str, str] | tuple[str, str, list[str]]
ROOT = Path(__file__).resolve().parents[2]


def write_notebook(path: Path, cells: list[Cell], **llo: Any) -> Path:
    """A notebook that never ran: cells are (type, source) or (type, source, tags)."""
    made = []
    for kind, source, *tags in cells:
        cell: dict[str, Any] = {"cell_type": kind, "metadata": {"tags": tags[0]} if tags else {}, "source": source}
        made.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    about = {"source_class": "published", "edition": "2023", "language": "nl"} | llo
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": made, "metadata": {"llo": about}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, in a path with a space, on a computer without data of its own."""
    root = tmp_path / "a project"
    for folder in ("notebooks", "data_raw/published", "docs"):
        (root / folder).mkdir(parents=True)
    monkeypatch.delenv("LLO_DATA", raising=False)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def notebook(project: Path) -> Callable[..., Path]:
    """Write a notebook into the project: `notebook(name, cells, **metadata)`."""
    return lambda name, cells, **llo: write_notebook(project / "notebooks" / f"{name}.ipynb", cells, **llo)


@pytest.fixture(scope="session")
def built_site() -> Path:
    """The site as ``run.py monitor`` built it last."""
    built = sorted((ROOT / "build").glob("**/site/index.html"), key=lambda path: path.stat().st_mtime)
    if not built:
        pytest.skip("the site is not built here: run.py monitor")
    return built[-1].parent

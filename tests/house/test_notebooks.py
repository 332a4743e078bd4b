"""Proves that each saved notebook ran from top to bottom without error, skip, timing or absolute path."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.house.notebook_rules import problems

HOME = "/" + "home/anna"
SOUND: dict[str, Any] = {
    "metadata": {"kernelspec": {"name": "python3"}},
    "cells": [
        {"cell_type": "markdown", "source": "# Title", "metadata": {}},
        {
            "cell_type": "code",
            "source": ["x = 1\n", "x"],
            "metadata": {},
            "execution_count": 1,
            "outputs": [
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "data": {"text/plain": "1"},
                    "metadata": {},
                }
            ],
        },
    ],
}

SPOILED = {
    "never ran": ("execution_count", None, "ran as number None"),
    "out of order": ("execution_count", 3, "ran as number 3"),
    "skip tag": ("metadata", {"tags": ["nbval-skip"]}, "skip tag"),
    "skip comment": ("source", "# NBVAL_IGNORE_OUTPUT\nx", "nbval skip"),
    "timing": ("metadata", {"execution": {"iopub.execute_input": "2023"}}, "timing metadata"),
    "path in code": ("source", f"read('{HOME}/nea.sav')", "absolute path"),
    "windows path in code": ("source", r"read('C:\data\nea.sav')", "absolute path"),
    "error": ("outputs", [{"output_type": "error", "ename": "ValueError"}], "error ValueError"),
    "stderr": ("outputs", [{"output_type": "stream", "name": "stderr", "text": "careful"}], "stderr"),
    "address": (
        "outputs",
        [{"output_type": "stream", "name": "stdout", "text": "<X at 0x7f00aabbcc>"}],
        "differs",
    ),
    "path in output": (
        "outputs",
        [{"output_type": "display_data", "data": {"text/html": [HOME]}}],
        "differs",
    ),
}


def notebooks(root: Path) -> list[Path]:
    """All notebooks of the project that readers see."""
    return sorted([*root.glob("notebooks/*.ipynb"), *root.glob("docs/tutorials/**/*.ipynb")])


def test_saved_notebooks_are_sound(root: Path) -> None:
    found = {path.name: problems(path) for path in notebooks(root)}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_sound_notebook_passes(tmp_path: Path) -> None:
    (tmp_path / "sound.ipynb").write_text(json.dumps(SOUND), encoding="utf-8")
    assert problems(tmp_path / "sound.ipynb") == []


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_notebook_is_refused(case: str, tmp_path: Path) -> None:
    field, value, message = SPOILED[case]
    notebook = copy.deepcopy(SOUND)
    notebook["cells"][1][field] = value
    (tmp_path / "spoiled.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert message in "\n".join(problems(tmp_path / "spoiled.ipynb"))

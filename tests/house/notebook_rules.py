"""What a saved notebook must be, so that one that never ran cannot pass; test_notebooks.py applies it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SKIP_TAGS = {
    "nbval-skip",
    "nbval-ignore-output",
    "nbval-raises-exception",
    "raises-exception",
    "skip-execution",
}
SKIP_WORDS = re.compile(r"#\s*(?:NBVAL_(?:SKIP|IGNORE_OUTPUT|RAISES_EXCEPTION)|PYTEST_VALIDATE_IGNORE_OUTPUT)")
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/>)])/(?:home|Users|work|tmp|root|mnt|opt|var|usr)/\w|\b[A-Z]:\\\\?\w")
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")


def text_of(value: Any) -> str:
    """Text of a notebook field, which is a string or a list of lines."""
    return "".join(value) if isinstance(value, list) else str(value)


def texts(output: dict[str, Any]) -> Iterator[str]:
    """All text that an output shows; pictures are left out."""
    yield text_of(output.get("text", ""))
    for kind, value in output.get("data", {}).items():
        if kind.startswith("text/") or kind.endswith("json"):
            yield text_of(value)


def problems_of_cell(cell: dict[str, Any], expected_count: int) -> Iterator[str]:
    """What is wrong with one code cell."""
    source = text_of(cell["source"])
    if cell.get("execution_count") != expected_count:
        yield f"ran as number {cell.get('execution_count')}, expected {expected_count}: run it from the top"
    if tags := SKIP_TAGS & set(cell.get("metadata", {}).get("tags", [])):
        yield f"skip tag {sorted(tags)}"
    if SKIP_WORDS.search(source):
        yield "comment that makes nbval skip"
    if "execution" in cell.get("metadata", {}):
        yield "timing metadata: save it with the project's runner"
    if ABSOLUTE_PATH.search(source):
        yield "absolute path in the code"
    for output in cell.get("outputs", []):
        if output["output_type"] == "error":
            yield f"error {output.get('ename')}"
        if output.get("name") == "stderr":
            yield "output on stderr"
        if output.get("execution_count", expected_count) != expected_count:
            yield "output of an earlier run"
        for text in texts(output):
            if match := ABSOLUTE_PATH.search(text) or ADDRESS.search(text):
                yield f"output holds {match[0]!r}, which differs between machines"


def problems(path: Path) -> list[str]:
    """What is wrong with a notebook; an empty list when nothing is."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    found = []
    if notebook.get("metadata", {}).get("kernelspec", {}).get("name") != "python3":
        found.append("the kernel must be named python3")
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    ran = [cell for cell in code if text_of(cell["source"]).strip()]
    if not ran:
        found.append("no code cell")
    for number, cell in enumerate(ran, start=1):
        found += [f"cell {number}: {problem}" for problem in problems_of_cell(cell, number)]
    if len(ran) < len(code):
        found.append("empty code cells")
    return found

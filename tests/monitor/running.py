"""Runs the code of a notebook in this process, without a kernel, and gives the texts that each cell shows."""

from __future__ import annotations

import ast
import contextlib
import io
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from IPython.lib.pretty import pretty

from llo_research.monitor.notebooks.twin_file import source_of
from llo_research.results import rules

KINDS = ("text/markdown", "text/plain")


def saved(notebook: dict[str, Any]) -> dict[str, str]:
    """The texts of an executed notebook, by cell: markdown where an output has it, else as it prints."""
    texts = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            data = [(output.get("text"), output.get("data", {})) for output in cell["outputs"]]
            told = [text or next((kinds[kind] for kind in KINDS if kind in kinds), "") for text, kinds in data]
            texts[cell["id"]] = "\n".join("".join(text) for text in told)
    return texts


def run(notebook: dict[str, Any], folder: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """The texts that the code of a notebook shows when run here as for the monitor's pages."""
    patch.setitem(rules._CHOSEN, rules.AUTO, "publication")
    for module in ("indicators", "groups"):  # what it declares is forgotten afterwards
        patch.setattr(import_module(f"llo_research.monitor.{module}"), "_OWN", {})
    patch.chdir(folder)
    names: dict[str, Any] = {"__name__": "__main__"}
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    with pd.option_context("display.width", 80, "display.max_columns", 20):  # as in a kernel
        return {cell["id"]: _run(source_of(cell), cell["id"], names) for cell in code}


def _run(code: str, cell: str, names: dict[str, Any]) -> str:
    """What one cell shows: what it prints, and the value of its last expression."""
    tree = ast.parse(code)
    is_shown = tree.body and isinstance(tree.body[-1], ast.Expr) and not code.rstrip().endswith(";")
    last = tree.body.pop() if is_shown else None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(tree, cell, "exec"), names)
        value = eval(compile(ast.Expression(last.value), cell, "eval"), names) if isinstance(last, ast.Expr) else None
    return printed.getvalue() + ("" if value is None else _text(value))


def _text(value: Any) -> str:
    """A value as a notebook shows it."""
    return str(value._repr_markdown_()) if hasattr(value, "_repr_markdown_") else pretty(value)

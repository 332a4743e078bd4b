"""A notebook's bytes depend on its content alone: no timing, random identifiers, order of arrival or version."""

from __future__ import annotations

import json
from typing import Any

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "pygments_lexer": "ipython3",
}
CELL_METADATA = ("tags", "alt", "editable", "slideshow")


def normalised(notebook: dict[str, Any]) -> dict[str, Any]:
    """A copy with everything taken out that two runs of the same notebook may have different."""
    cells = [
        cell for cell in notebook["cells"] if cell["cell_type"] != "code" or "".join(cell.get("source", "")).strip()
    ]
    return {
        "cells": [_cell(cell, number) for number, cell in enumerate(cells, start=1)],
        "metadata": {
            "kernelspec": KERNELSPEC,
            "language_info": LANGUAGE_INFO,
            **{key: value for key, value in notebook.get("metadata", {}).items() if key == "llo"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def to_text(notebook: dict[str, Any]) -> str:
    """The notebook as the text of its file: keys in order, lines as lists, as nbformat writes them."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _cell(cell: dict[str, Any], number: int) -> dict[str, Any]:
    """One cell."""
    kept = {key: value for key, value in cell.get("metadata", {}).items() if key in CELL_METADATA}
    result: dict[str, Any] = {
        "cell_type": cell["cell_type"],
        "id": f"cell-{number:02d}",
        "metadata": kept,
        "source": _lines(cell["source"]),
    }
    if cell.get("attachments"):
        result["attachments"] = cell["attachments"]
    if cell["cell_type"] == "code":
        result["execution_count"] = cell.get("execution_count")
        result["outputs"] = [_output(output) for output in _streams_in_order(cell.get("outputs", []))]
    return result


def _streams_in_order(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbouring streams put together, stdout before stderr: they arrive in any order and in any pieces."""
    result: list[dict[str, Any]] = []
    run: dict[str, list[str]] = {}

    def finish() -> None:
        for name in ("stdout", "stderr"):
            if name in run:
                result.append({"output_type": "stream", "name": name, "text": "".join(run.pop(name))})

    for output in outputs:
        if output["output_type"] == "stream":
            run.setdefault(output["name"], []).append("".join(output["text"]))
        else:
            finish()
            result.append(output)
    finish()
    return result


def _output(output: dict[str, Any]) -> dict[str, Any]:
    """One output, its texts as lists of lines; pictures keep their text whole."""
    result = {key: value for key, value in output.items() if key != "transient"}
    if "text" in result:
        result["text"] = _lines(result["text"])
    if "data" in result:
        result["data"] = {kind: _data(kind, value) for kind, value in result["data"].items()}
    return result


def _data(kind: str, value: Any) -> Any:
    """Data of one kind, as nbformat saves it."""
    if isinstance(value, list):
        value = "".join(value)
    is_text = isinstance(value, str) and (kind.startswith("text/") or kind == "image/svg+xml")
    return _lines(value) if is_text else value


def _lines(text: str | list[str]) -> list[str]:
    """A text as a list of lines that keep their ends."""
    return "".join(text).splitlines(keepends=True)

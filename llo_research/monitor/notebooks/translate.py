"""A notebook in Dutch: its prose replaced by that of its twin, and the words in its code; the code itself stays."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from llo_research.monitor.notebooks.literals import Literal, with_literals
from llo_research.monitor.notebooks.twin_file import TODO, Twin, source_of

PARAMETERS, DUTCH = "parameters", "nl"
_IN_BRACKETS = re.compile(r"(\{[^{}\[|]*\[)([^\]]*)(\])")
_IN_BACKTICKS = re.compile(r"(`)([^`\n]+)(`)")


def with_parameters(notebook: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    """A copy whose cell tagged ``parameters`` assigns these values; names that it does not assign stay away."""
    result = copy.deepcopy(notebook)
    for cell in result["cells"]:
        if is_parameters(cell):
            source = source_of(cell)
            for name, value in sorted(parameters.items()):
                source = re.sub(rf"^{name} = .*$", lambda _: f'{name} = "{value}"', source, flags=re.M)  # noqa: B023  # used at once
            cell["source"] = source.splitlines(keepends=True)
    return result


def is_parameters(cell: Mapping[str, Any]) -> bool:
    """Whether it is the cell that a build fills in."""
    return bool(cell["cell_type"] == "code" and PARAMETERS in cell["metadata"].get("tags", []))


def in_language(notebook: dict[str, Any], twin: Twin) -> dict[str, Any]:
    """A copy of a notebook in the language of its twin; what the twin does not have, or has to do, stays as it is.

    Cells of prose are replaced whole. In code only string literals are: those of a pair of the cell, and names.
    """
    result = with_parameters(notebook, {"language": DUTCH})
    if "llo" in result["metadata"]:
        result["metadata"]["llo"]["language"] = DUTCH
    names = _done(twin.names)
    for cell in result["cells"]:
        block = twin.blocks.get(cell.get("id", ""))
        if cell["cell_type"] == "code" and not is_parameters(cell):
            pairs = _done(dict(block.pairs)) if block else {}
            cell["source"] = _code(source_of(cell), pairs, names).splitlines(keepends=True)
        elif cell["cell_type"] == "markdown" and block:
            cell["source"] = block.text.splitlines(keepends=True)
    return result


def _done(pairs: Mapping[str, str]) -> dict[str, str]:
    """The pairs that have their Dutch."""
    return {english: dutch for english, dutch in pairs.items() if not dutch.startswith(TODO)}


def _code(code: str, pairs: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Code with its literals in Dutch."""

    def dutch(one: Literal) -> str:
        inner = one.text.strip()
        if one.is_of_one_language or not inner:
            return one.text
        if inner in pairs:
            lead, _, trail = one.text.partition(inner)
            return lead + with_names(pairs[inner], names) + trail
        return with_names(renamed(one.text, names), names)

    return with_literals(code, dutch)


def renamed(label: str, names: Mapping[str, str]) -> str:
    """A label, or the parts of it between colons, by its Dutch name."""
    return names.get(label) or ":".join(names.get(part, part) for part in label.split(":"))


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A template or contrast whose rows go by their Dutch names: ``{t[by doing]}``, or a label in backticks."""
    for pattern in (_IN_BRACKETS, _IN_BACKTICKS):
        text = pattern.sub(lambda at: at[1] + renamed(at[2], names) + at[3], text)
    return text

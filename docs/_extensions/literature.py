"""Docstrings as they are meant: references as a plain numbered list, and ``p_.`` in a formula as no link."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

MARK = re.compile(r"\[(\d+)\]_")
ENTRY = re.compile(r"^(\s*)\.\. \[(\d+)\]\s+")
TRAILING = re.compile(r"(?<=\w)_(?!\w)")


def plain(lines: list[str]) -> list[str]:
    """Docstring lines with ``[1]_`` as text, and ``.. [1] Author`` as items of a numbered list."""
    result: list[str] = []
    for line in lines:
        entry = ENTRY.match(line)
        if entry:
            result.append("")
            line = f"{entry[1]}{entry[2]}. {line[entry.end() :]}"
        result.append(_without_links(MARK.sub(r"[\1]", line)))
    return result


def _without_links(line: str) -> str:
    """A line in which a word that ends in an underscore is no link; code stays as it is."""
    if line.lstrip().startswith((">>>", "...")):
        return line
    pieces = line.split("`")
    return "`".join(TRAILING.sub(r"\\_", piece) if i % 2 == 0 else piece for i, piece in enumerate(pieces))


def process(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Change the docstring in place, as autodoc asks."""
    lines[:] = plain(lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Run before napoleon reads the sections."""
    app.connect("autodoc-process-docstring", process, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""What is wrong with the Dutch twin of a notebook, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.notebooks.about import read_notebook
from llo_research.monitor.notebooks.literals import Literal, is_prose, literals
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.monitor.notebooks.translate import is_parameters, renamed, with_names
from llo_research.monitor.notebooks.twin_file import TODO, Block, Twin, path_of_twin, read_twin, source_of, stamp_of
from llo_research.monitor.notebooks.twin_labels import mistaken, said_otherwise
from llo_research.monitor.notebooks.twin_sense import denied, left_out, lost
from llo_research.monitor.notebooks.twin_swaps import crossed, swapped
from llo_research.monitor.notebooks.twin_words import differing, turned


def faults_of(path: Path) -> list[str]:
    """What is wrong with the twin of the notebook at this path."""
    try:
        twin = read_twin(path_of_twin(path))
        return [*faults(normalised(read_notebook(path)), twin), *said_otherwise(path, twin)]
    except DataError as error:
        return [f"{error.what} {error.found or ''}".strip()]


def sound_twin(path: Path) -> Twin:
    """The twin of the notebook at this path.

    Raises
    ------
    DataError
        When there is none, or it has faults: words that do not fit their numbers are not shown.
    """
    found = faults_of(path)
    if found:
        raise DataError(
            f"{path.stem} cannot be shown in Dutch: its twin does not fit it.",
            where=path_of_twin(path).name,
            found="\n    ".join([*found[:5], *(["..."] if len(found) > 5 else [])]),
            todo=f"python -m llo_research.monitor.notebooks.twins check {path.stem}",
        )
    return read_twin(path_of_twin(path))


def faults(notebook: dict[str, Any], twin: Twin) -> list[str]:
    """What is wrong with a twin; empty when it may be shown.

    Parameters
    ----------
    notebook : dict
        In English, with the ids of :func:`~llo_research.monitor.notebooks.normalise.normalised`.
    twin : Twin

    Returns
    -------
    list of str
        A sentence for each fault, with the cell.
    """
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    found = [f"{cell}: the notebook has no such cell" for cell in twin.blocks if cell not in cells]
    for name, cell in cells.items():
        block = twin.blocks.get(name)
        told = _of_prose(cell, block, twin) if cell["cell_type"] == "markdown" else _of_code(cell, block, twin)
        try:
            found += [f"{name}: {what}" for what in told]
        except DataError as error:
            found.append(f"{name}: {error.what} {error.found}")
    if not any(is_parameters(cell) and "\nlanguage = " in "\n" + source_of(cell) for cell in cells.values()):
        found.append("no cell tagged parameters assigns language")
    return found + _of_names(notebook, twin)


def untranslated(cell: dict[str, Any], twin: Twin) -> list[str]:
    """Literals of a code cell that look like words for readers, and have no Dutch."""
    known = {english for english, _ in twin.blocks[cell["id"]].pairs} if cell["id"] in twin.blocks else set()
    texts = [one.text.strip() for one in _shown(cell)]
    return [
        text
        for text in dict.fromkeys(texts)
        if is_prose(text) and text not in {*known, *twin.keep} and not _is_named(text, twin)
    ]


def _shown(cell: dict[str, Any]) -> list[Literal]:
    """Literals that a twin may replace."""
    return [] if is_parameters(cell) else [one for one in literals(source_of(cell)).whole if not one.is_of_one_language]


def _is_named(text: str, twin: Twin) -> bool:
    """Whether the names of a twin say this label in Dutch."""
    return renamed(text, twin.names) != text or text in twin.names


def _of_prose(cell: dict[str, Any], block: Block | None, twin: Twin) -> Iterator[str]:
    """Faults of a cell of prose."""
    if block is None:
        yield "has no Dutch"
        return
    yield from _of_block(cell, block)
    yield from differing(source_of(cell), block.text, twin.names)
    yield from left_out(source_of(cell), block.text)
    yield from _of_sense(source_of(cell), block.text, block)


def _of_block(cell: dict[str, Any], block: Block) -> Iterator[str]:
    """Faults of any block."""
    if block.stamp != stamp_of(cell):
        yield "its English changed since it was translated; when it fits again: twins stamp NAME " + cell["id"]
    if TODO in block.text:
        yield f"holds {TODO}"
    if not block.text.strip():
        yield "is empty"


def _of_code(cell: dict[str, Any], block: Block | None, twin: Twin) -> Iterator[str]:
    """Faults of a cell of code."""
    for text in untranslated(cell, twin):
        yield f"has no Dutch for {text!r}"
    for text in literals(source_of(cell)).in_f_strings:
        named = renamed(text, twin.names) != text or with_names(text, twin.names) != text
        if ((" " in text and is_prose(text)) or named) and text.strip() not in twin.keep:
            yield f"has words in an f-string, where they cannot be translated: {text.strip()!r}"
    if not is_parameters(cell):
        for one in _shown(cell):
            if one.text in ("en", "nl") or (one.text.endswith("_en") and not one.is_key):
                yield f"is of one language: {one.text!r} where language should stand"
    if block is not None:
        yield from _of_block(cell, block)
        yield from _of_pairs(cell, block, twin)


def _of_pairs(cell: dict[str, Any], block: Block, twin: Twin) -> Iterator[str]:
    """Faults of the pairs of a cell of code."""
    told = literals(source_of(cell))
    known = {one.text.strip() for one in _shown(cell)}
    for english, dutch in block.pairs:
        if english not in known:
            inside = any(english in text for text in told.in_f_strings)
            yield f"{'translates inside an f-string' if inside else 'has no literal'} {english!r}"
        if not dutch:
            yield f"has no Dutch for {english!r}"
        yield from () if block.is_free else mistaken(english, dutch)
        yield from _of_sense(english, dutch, block)
    if block.pairs:
        yield from differing("\n".join(dict(block.pairs)), "\n".join(dict(block.pairs).values()), twin.names)
    else:
        yield "has no pairs"


def _of_sense(english: str, dutch: str, block: Block) -> Iterator[str]:
    """What says something else in Dutch."""
    yield from lost(english, dutch)
    yield from () if block.is_free else _otherwise(english, dutch)


def _otherwise(english: str, dutch: str) -> Iterator[str]:
    """Directions, denials and comparisons that are other ones in Dutch."""
    for rule in (turned, denied, crossed):
        yield from rule(english, dutch)


def _of_names(notebook: dict[str, Any], twin: Twin) -> list[str]:
    """Names that no cell uses, or of which two are one in Dutch."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    texts = [one.text for cell in code for one in _shown(cell)]
    inside = {text.strip() for cell in code for text in literals(source_of(cell)).in_f_strings}
    swaps = [f"names: {what}" for what in swapped(twin.names)]
    found = swaps + [f"names: {name!r} holds {TODO}" for name, dutch in twin.names.items() if TODO in dutch]
    for name, dutch in twin.names.items():
        found += [f"names: {what}" for what in (*mistaken(name, dutch), *differing(name, dutch, {}))]
        if all(renamed(text, {name: "\0"}) == text and with_names(text, {name: "\0"}) == text for text in texts):
            found.append(f"names: no cell uses {name!r}")
        if list(twin.names.values()).count(dutch) > 1:
            found.append(f"names: {dutch!r} stands for several names")
    stripped = {text.strip() for text in texts} | inside
    return found + [f"names: no cell has the literal to keep {text!r}" for text in twin.keep if text not in stripped]

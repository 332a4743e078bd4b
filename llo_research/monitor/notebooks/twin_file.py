"""The Dutch twin of a notebook: a text file with a block for each cell that has something to translate."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from llo_research.errors import DataError

TODO = "TODO"
_HEAD = re.compile(r"^<!-- (?:(names)|(cell-\d+) ([0-9a-f]{8})( free)?) -->$")
_FENCED = re.compile(r"^```(en|nl)\n(.*?)\n?^```$", re.M | re.S)
_LINE = re.compile(r"^(en|nl):(.*)$", re.M)


@dataclass(frozen=True)
class Block:
    """What a cell is in Dutch.

    cell : the cell's id.
    stamp : of the English cell that it was made from, :func:`stamp_of`.
    text : the block as written.
    pairs : English literals with their Dutch, in a block of a code cell; without the spaces around them.
    is_free : whether words of direction are not compared.
    """

    cell: str
    stamp: str
    text: str
    is_free: bool = False

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """English and Dutch of each literal."""
        found = [(at.start(), at[1], at[2]) for at in _FENCED.finditer(self.text)]
        outside = _FENCED.sub(lambda at: " " * len(at[0]), self.text)
        found += [(at.start(), at[1], at[2]) for at in _LINE.finditer(outside)]
        said = [(language, text.strip()) for _, language, text in sorted(found)]
        if [language for language, _ in said] != ["en", "nl"] * (len(said) // 2):
            raise DataError("A block of a twin needs nl after each en.", where=self.cell, found=self.text[:200])
        rest = _LINE.sub("", outside).strip()
        if rest:
            raise DataError("A line of a twin is neither en nor nl.", where=self.cell, found=rest.splitlines()[0])
        texts = [text for _, text in said]
        return tuple(zip(texts[::2], texts[1::2], strict=True))


@dataclass(frozen=True)
class Twin:
    """A twin: its blocks by cell; names that are replaced in every code cell; literals that stay as they are.

    free : names that are other Dutch than in other twins.
    """

    blocks: dict[str, Block] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    free: tuple[str, ...] = ()

    def with_block(self, block: Block) -> Twin:
        """The twin with another block for a cell."""
        return replace(self, blocks={**self.blocks, block.cell: block})


def path_of_twin(notebook: Path) -> Path:
    """Where the twin of a notebook lies."""
    return notebook.parent / "nl" / f"{notebook.stem}.md"


def source_of(cell: dict[str, Any]) -> str:
    """The source of a cell as one text."""
    return "".join(cell["source"])


def stamp_of(cell: dict[str, Any]) -> str:
    """The first eight digits of the SHA-256 of a cell's source."""
    return hashlib.sha256(source_of(cell).encode()).hexdigest()[:8]


def read_twin(path: Path) -> Twin:
    """Read a twin.

    Raises
    ------
    DataError
        When there is none, or it has text that belongs to no cell, or a cell twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(f"{path.stem} has no Dutch twin.", where=f"{path.parent.name}/{path.name}") from None
    blocks: dict[str, Block] = {}
    names: dict[str, str] = {}
    keep: list[str] = []
    free: list[str] = []
    for head, body in _parts(text, path.name):
        if head[1]:
            _read_names(body, names, keep, free, path.name)
        elif head[2] in blocks:
            raise DataError("A twin has a cell twice.", where=path.name, found=head[2])
        else:
            blocks[head[2]] = Block(head[2], head[3], body, bool(head[4]))
    return Twin(blocks, names, tuple(keep), tuple(free))


def _parts(text: str, name: str) -> list[tuple[re.Match[str], str]]:
    """Head and body of each block."""
    parts: list[tuple[re.Match[str], list[str]]] = []
    for line in text.splitlines():
        head = _HEAD.match(line.rstrip())
        if head:
            parts.append((head, []))
        elif parts:
            parts[-1][1].append(line)
        elif line.strip():
            raise DataError("A twin begins with text of no cell.", where=name, found=line)
        if head is None and line.startswith(("<!-- cell-", "<!-- names")):
            raise DataError(
                "A head of a twin cannot be read.", where=name, found=line, expected="<!-- cell-07 12ab34cd -->"
            )
    return [(head, "\n".join(lines).strip("\n")) for head, lines in parts]


def _read_names(body: str, names: dict[str, str], keep: list[str], free: list[str], name: str) -> None:
    """Read the block of names."""
    for line in filter(str.strip, body.splitlines()):
        if line.startswith("keep:"):
            keep.append(line.removeprefix("keep:").strip())
            continue
        english, sign, dutch = line.removeprefix("free: ").partition(" = ")
        if not sign or not english.strip() or not dutch.strip() or english.strip() in names:
            raise DataError(
                "A name of a twin needs one Dutch name.", where=name, found=line, expected="by doing = door te doen"
            )
        names[english.strip()] = dutch.strip()
        free += [english.strip()] if line.startswith("free: ") else []


def text_of_twin(twin: Twin) -> str:
    """A twin as the text of its file, its cells in order."""
    lines = [f"{'free: ' if one in twin.free else ''}{one} = {dutch}" for one, dutch in twin.names.items()]
    lines += [f"keep: {text}" for text in twin.keep]
    parts = ["\n".join(["<!-- names -->", *lines])] if lines else []
    for cell in sorted(twin.blocks, key=lambda cell: int(cell.removeprefix("cell-"))):
        block = twin.blocks[cell]
        parts.append(f"<!-- {cell} {block.stamp}{' free' if block.is_free else ''} -->\n{block.text}")
    return "\n\n".join(parts) + "\n"


def pair_text(english: str, dutch: str) -> str:
    """A pair as it is written: on two lines, or fenced when the literal has several."""
    if "\n" in english:
        return f"```en\n{english}\n```\n```nl\n{dutch}\n```"
    return f"en: {english}\nnl: {dutch}"

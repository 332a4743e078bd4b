"""Dutch twins of notebooks: what is wrong with one, and the commands with which a translator works.

From the command line: ``python -m llo_research.monitor.notebooks.twins draft|check|stamp|execute NAME``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from llo_research.errors import DataError, LloError
from llo_research.monitor.notebooks.about import notebooks, read_notebook
from llo_research.monitor.notebooks.execute import save
from llo_research.monitor.notebooks.literals import literals
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.monitor.notebooks.runner import run_cells
from llo_research.monitor.notebooks.translate import in_language
from llo_research.monitor.notebooks.twin_faults import faults, faults_of, untranslated
from llo_research.monitor.notebooks.twin_file import (
    TODO,
    Block,
    Twin,
    pair_text,
    path_of_twin,
    read_twin,
    source_of,
    stamp_of,
    text_of_twin,
)

__all__ = ["faults", "in_language", "main", "read_twin"]


def drafted(notebook: dict[str, Any], twin: Twin) -> Twin:
    """A twin with the English text, marked, in place of what is missing; blocks follow cells that moved."""
    twin = _moved(notebook, twin)
    for cell in notebook["cells"]:
        block = twin.blocks.get(cell["id"])
        if cell["cell_type"] == "markdown" and block is None:
            twin = twin.with_block(Block(cell["id"], stamp_of(cell), f"{TODO} {source_of(cell)}"))
        elif cell["cell_type"] == "code":
            labels = {one.text for one in literals(source_of(cell)).whole if one.is_key} & {*untranslated(cell, twin)}
            twin = replace(twin, names={**twin.names, **{one: f"{TODO} {one}" for one in sorted(labels)}})
            lacking = [pair_text(text, f"{TODO} {text}") for text in untranslated(cell, twin)]
            if lacking:
                made = block or Block(cell["id"], stamp_of(cell), "")
                text = "\n".join([*filter(None, [made.text]), *lacking])
                twin = twin.with_block(replace(made, text=text))
    return twin


def _moved(notebook: dict[str, Any], twin: Twin) -> Twin:
    """A twin whose blocks stand at the cells with the source that they were made from, where these moved."""
    stamps = {cell["id"]: stamp_of(cell) for cell in notebook["cells"]}
    fits = {cell: block for cell, block in twin.blocks.items() if stamps.get(cell) == block.stamp}
    free = [cell for cell in stamps if cell not in fits]
    blocks = dict(fits)
    for cell, block in twin.blocks.items():
        if cell in fits:
            continue
        target = next((one for one in free if stamps[one] == block.stamp), None)
        if target is not None:
            free.remove(target)
            blocks[target] = replace(block, cell=target)
    for cell, block in twin.blocks.items():  # what changed stays where it is, where that is still free
        if cell not in fits and block.stamp not in {one.stamp for one in blocks.values()}:
            blocks.setdefault(cell, block)
    return replace(twin, blocks=blocks)


def stamped(notebook: dict[str, Any], twin: Twin, cells: Sequence[str]) -> Twin:
    """A twin of which these blocks were looked at again: they belong to the English of now."""
    stamps = {cell["id"]: stamp_of(cell) for cell in notebook["cells"]}
    for cell in cells:
        if cell not in stamps or cell not in twin.blocks:
            raise DataError(
                "There is no such cell in both.", where=cell, expected=", ".join(set(stamps) & set(twin.blocks))
            )
        twin = twin.with_block(replace(twin.blocks[cell], stamp=stamps[cell]))
    return twin


def main(arguments: Sequence[str] | None = None) -> int:
    """Draft, check, stamp or execute a twin; 1 when a twin has faults, 2 on an error."""
    parser = argparse.ArgumentParser(prog="python -m llo_research.monitor.notebooks.twins", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("draft", help="write what is missing in a twin: the English text, marked TODO")
    actions.add_parser("check", help="say what is wrong with one twin, or with all")
    actions.add_parser("stamp", help="say that a block was looked at again and fits the English of now")
    actions.add_parser("execute", help="run the Dutch notebook, into build/twins")
    for name, action in actions.choices.items():
        action.add_argument("name", nargs="?" if name == "check" else None, metavar="NAME", help="name of the notebook")
        if name == "stamp":
            action.add_argument("cells", nargs="+", metavar="CELL", help="such as cell-07")
        action.add_argument("--root", type=Path, default=Path(), help="folder of the project (default: here)")
    options = parser.parse_args(arguments)
    try:
        return _COMMANDS[options.action](options)
    except LloError as error:
        print(error, file=sys.stderr)
        return 2


def _paths(options: argparse.Namespace) -> list[Path]:
    """The notebooks that are meant."""
    every = notebooks(options.root)
    stem = Path(options.name).name.removesuffix(".ipynb") if options.name else None
    found = [path for path in every if stem in (None, path.stem) or path.stem.startswith(f"{stem}_")]
    if not found:
        raise DataError(f"There is no notebook {stem}.", expected=", ".join(path.stem for path in every))
    return found


def _read(path: Path) -> tuple[dict[str, Any], Twin]:
    """A notebook and its twin."""
    return normalised(read_notebook(path)), read_twin(path_of_twin(path))


def _write(path: Path, twin: Twin) -> None:
    """Save the twin of a notebook."""
    target = path_of_twin(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text_of_twin(twin))
    print(target.as_posix())


def _draft(options: argparse.Namespace) -> int:
    """Write what is missing."""
    (path,) = _paths(options)
    notebook = normalised(read_notebook(path))
    known = read_twin(path_of_twin(path)) if path_of_twin(path).exists() else Twin()
    _write(path, drafted(notebook, known))
    return 0


def _check(options: argparse.Namespace) -> int:
    """Print what is wrong."""
    found = {path.stem: faults_of(path) for path in _paths(options)}
    for name, said in found.items():
        print(f"{name}: {'no faults' if not said else f'{len(said)} faults'}")
        for line in said:
            print(f"    {line}")
    return 1 if any(found.values()) else 0


def _stamp(options: argparse.Namespace) -> int:
    """Write new stamps."""
    (path,) = _paths(options)
    notebook, twin = _read(path)
    _write(path, stamped(notebook, twin, options.cells))
    return 0


def _execute(options: argparse.Namespace) -> int:
    """Run the Dutch notebook, whatever is wrong with its twin."""
    (path,) = _paths(options)
    notebook, twin = _read(path)
    for line in faults(notebook, twin):
        print(line)
    target = options.root / "build" / "twins" / path.name
    executed = run_cells(in_language(notebook, twin), path.resolve().parent, path.stem, options.root)
    save(normalised(executed), target)
    print(target.as_posix())
    return 0


_COMMANDS = {"draft": _draft, "check": _check, "stamp": _stamp, "execute": _execute}

if __name__ == "__main__":
    sys.exit(main())

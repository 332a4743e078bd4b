"""Executes notebooks so that two runs give identical files, and saves them only when they ran whole.

From the command line: ``python -m llo_research.monitor.notebooks.execute execute notebooks/NAME.ipynb ...``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from llo_research.errors import DataError, LloError
from llo_research.monitor.chapters import EDITION, reads_restricted
from llo_research.monitor.editions import file_of
from llo_research.monitor.notebooks.about import about, data_files, read_notebook, reason_not_verifiable, verifiable
from llo_research.monitor.notebooks.made_from import marked
from llo_research.monitor.notebooks.needed import that_hold
from llo_research.monitor.notebooks.normalise import normalised, to_text
from llo_research.monitor.notebooks.runner import run_cells
from llo_research.monitor.notebooks.stamps import (
    SHOWN_BY,
    digest,
    digest_of_file,
    digest_of_files,
    digest_of_package,
    versions,
)
from llo_research.monitor.notebooks.translate import DUTCH, in_language, with_parameters
from llo_research.monitor.notebooks.twin_faults import sound_twin
from llo_research.monitor.notebooks.twin_file import path_of_twin
from llo_research.monitor.notebooks.withheld import figures_here
from llo_research.monitor.surveys import marks_of_files, years_of_files

__all__ = ["execute", "inputs", "main", "save", "verifiable"]


def execute(
    path: Path, root: Path, parameters: Mapping[str, str] | None = None, receipts: Path | None = None
) -> dict[str, Any]:
    """Run a notebook from the top and give it back as it should be saved; its file is left alone.

    Parameters
    ----------
    path : Path
        The notebook.
    root : Path
        Folder of the project.
    parameters : mapping of str to str, optional
        Values for the names that the cell tagged ``parameters`` assigns (``edition``, ``language``, ``source``). A
        notebook without such a cell has one form only. With ``language`` ``nl`` it is executed as its twin has it.
    receipts : Path, optional
        Where the receipts of what it shows are written.

    Returns
    -------
    dict
        The notebook with outputs, without timing or anything else in which two runs differ.

    Raises
    ------
    DataError
        When none of the files it needs is there, with how to get one; or when its Dutch twin is absent or has faults.
    LloError
        When a cell raises; the message names the notebook, the cell and the error.
    """
    item, told = about(path), parameters or {}
    notebook = to_run(path, root, told)
    language, own = told.get("language", "en"), reads_restricted(item.name, told.get("source"))
    edition = told.get("edition", EDITION)
    lacking = "" if own or edition == EDITION else edition  # its own edition a chapter shows whole, or it stops
    whole = not own and not lacking
    tells = language if not whole or not figures_here() else ""
    if receipts is not None:
        receipts.parent.mkdir(parents=True, exist_ok=True)
    at, own_edition = path.resolve().parent, file_of(edition)
    executed = run_cells(notebook, at, item.name, root, own_edition, tells, lacking, whole, receipts)
    return marked(normalised(executed), item, root)


def to_run(path: Path, root: Path, told: Mapping[str, str]) -> dict[str, Any]:
    """A notebook as it is run: with these values, in their language, with the cells that the edition and files have."""
    item = about(path)
    reason = reason_not_verifiable(item, root)
    if reason is not None:
        raise DataError(
            f"Notebook {item.name} cannot be executed here: its data are absent.", found=reason, todo=item.obtain
        )
    notebook = normalised(read_notebook(path))
    if told.get("language") == DUTCH:
        notebook = in_language(notebook, sound_twin(path))
    notebook = with_parameters(notebook, told)
    if "edition" in told:
        held = years_of_files(told["edition"]) if reads_restricted(item.name, told.get("source")) else None
        notebook = that_hold(notebook, told["edition"], told.get("language", "en"), held)
    return notebook


def save(notebook: Mapping[str, Any], path: Path) -> None:
    """Write a notebook, UTF-8 and LF, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.part")
    with half.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(to_text(dict(notebook)))
    half.replace(path)


def inputs(path: Path, root: Path, parameters: Mapping[str, str]) -> dict[str, str]:
    """Everything that a notebook's outputs depend on, by what it is called when it changed."""
    item, notebook = about(path), with_parameters(normalised(read_notebook(path)), parameters)
    cells = [(cell["cell_type"], "".join(cell["source"]), repr(cell["metadata"])) for cell in notebook["cells"]]
    files = data_files(item, root)
    published = root / "data_raw" / "published"
    twin = {"its Dutch twin": digest_of_file(path_of_twin(path))} if parameters.get("language") == DUTCH else {}
    own = file_of(parameters.get("edition", ""))
    holds = {"the restricted files": marks_of_files()} if reads_restricted(item.name, parameters.get("source")) else {}
    return {
        **twin,
        **holds,
        **({} if own is None else {"the edition": digest_of_file(own)}),
        "the notebook": digest(*(part for cell in cells for part in cell)),
        "the library": digest_of_package(),
        "the data": digest(*map(digest_of_file, files)) if files else "none",
        "published figures": digest_of_files(published, (one for one in published.rglob("*") if one.is_file())),
        "versions": versions(SHOWN_BY),
    }


def differences(made: Mapping[str, Any], committed: Mapping[str, Any]) -> list[int]:
    """Code cells, from 1, whose texts differ from the committed ones, if these ever ran; pictures are not compared."""
    pairs = [[cell for cell in one["cells"] if cell["cell_type"] == "code"] for one in (made, committed)]
    if not any(cell.get("outputs") for cell in pairs[1]):  # as in a sealed bundle
        return []
    if len(pairs[0]) != len(pairs[1]):
        return list(range(1, len(pairs[0]) + 1))
    return [i for i, (a, b) in enumerate(zip(*pairs, strict=True), start=1) if _shown(a) != _shown(b)]


def _shown(cell: Mapping[str, Any]) -> list[str]:
    """Texts that a cell shows."""
    shown = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        texts = [output.get("text", ""), *(data[kind] for kind in sorted(data) if kind == "text/plain")]
        shown.append("".join("".join(text) for text in texts))
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Execute notebooks and save them in place, or list which can be verified here; 2 on an error."""
    parser = argparse.ArgumentParser(prog="python -m llo_research.monitor.notebooks.execute", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser("execute", help="run notebooks from the top and save them in place")
    run.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    actions.add_parser("verifiable", help="say which notebooks can be verified on this computer")
    for action in actions.choices.values():
        action.add_argument("--root", type=Path, default=Path(), help="folder of the project (default: here)")
    options = parser.parse_args(arguments)
    try:
        if options.action == "execute":
            for path in options.notebooks:
                save(execute(path, options.root), path)
                print(f"{path.as_posix()}: executed and saved")
            return 0
        return _list_verifiable(options.root)
    except LloError as error:
        print(error, file=sys.stderr)
        return 2


def _list_verifiable(root: Path) -> int:
    """Print which notebooks can be verified here; 1 when some cannot."""
    can, cannot = verifiable(root)
    for path in can:
        print(f"{path.relative_to(root).as_posix()}: can be verified")
    for path, reason in cannot.items():
        print(f"{path.relative_to(root).as_posix()} is NOT VERIFIED: {reason}")
    return 1 if cannot else 0


if __name__ == "__main__":
    sys.exit(main())

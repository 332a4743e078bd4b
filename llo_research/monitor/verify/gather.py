"""The results behind what a chapter shows: its code is run as it stands, in this process, and listened to."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from llo_research.errors import LloError
from llo_research.monitor.notebooks.listening import Heard, listen
from llo_research.monitor.notebooks.translate import with_parameters
from llo_research.monitor.notebooks.withheld import Reason, gone_on


def gather(
    notebook: dict[str, Any],
    folder: Path,
    parameters: Mapping[str, str] | None = None,
    *,
    goes_on: bool = False,
    whole: bool = False,
) -> Heard:
    """Run the code of a notebook in this process, and listen.

    Parameters
    ----------
    notebook : mapping
        As JSON; its outputs are not looked at.
    folder : Path
        Folder in which it runs: that of the notebook.
    parameters : mapping, optional
        Values for the names of its cell tagged ``parameters``.
    goes_on : bool
        Whether what real files, or a sealed bundle, cannot show is passed over, as the page does; else it stops there.
    whole : bool
        Whether it is on data that have everything: only what is not in a sealed bundle is then passed over.

    Returns
    -------
    Heard
    """
    told = with_parameters(notebook, parameters or {})
    heard, space, lost = Heard(), {"__name__": "__main__"}, dict[str, Reason]()
    at = [""]
    stop = listen(heard, lambda: at[-1])
    try:
        with _in_folder(folder), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for cell in told["cells"]:
                if cell["cell_type"] == "code":
                    at.append(str(cell["id"]))
                    source = "".join(cell["source"])
                    try:
                        _mark_whole(heard, _run(source, space))
                    except (LloError, NameError) as error:
                        if not goes_on or gone_on(source, error, error.__traceback__, space, lost, whole=whole) is None:
                            raise
    finally:
        stop()
    return heard


def _run(source: str, space: dict[str, Any]) -> Any:
    """The value of the last expression of a cell."""
    tree = ast.parse(source)
    last = tree.body[-1] if tree.body else None
    last = last if isinstance(last, ast.Expr) else None
    if last is not None:
        tree.body.pop()
    exec(compile(tree, "<cell>", "exec"), space)
    return (
        None if not isinstance(last, ast.Expr) else eval(compile(ast.Expression(last.value), "<cell>", "eval"), space)
    )


def _mark_whole(heard: Heard, value: Any) -> None:
    """Note what the cell shows as its output."""
    for place, one in enumerate(heard.shown):
        if one.value is value and value is not None:
            heard.shown[place] = replace(one, whole=True)


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """In the folder of the notebooks, as they run."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)

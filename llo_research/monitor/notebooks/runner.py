"""Runs the cells of a notebook in a kernel of this very interpreter, whatever kernels are registered."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llo_research
from llo_research.data.spill import for_programs, spill
from llo_research.errors import LloError
from llo_research.monitor.notebooks.withheld import MAY_BE_TOLD

CELL_SECONDS = 900
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
# One thread and fixed hashes: the last digit of a sum, and the order of a set, are then the same everywhere.
SURROUNDINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "TZ": "UTC",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
# On the monitor's pages `disclosure="auto"` is the floor for publication; it concerns restricted files only.
FIRST = "from llo_research.results.rules import use_for_auto as _use; _use('publication'); del _use"
# An edition of one's own is known to the kernel as it is here.
_OWN_EDITION = "from llo_research.monitor.editions import read_edition as _read; _read({!r}); del _read"


# On real files a chapter tells what these cannot show; for another edition than its own, which years that lacks.
_KEEPS = "from llo_research.monitor.notebooks.receipts import install as _keep; _keep({!r}); del _keep"
_TELLS = (
    "from llo_research.monitor.notebooks.withheld import install as _tell; _tell({!r}, {!r}, whole={!r}); del _tell"
)


def run_cells(
    notebook: dict[str, Any],
    folder: Path,
    name: str,
    root: Path,
    edition: Path | None = None,
    tells: str = "",
    lacking: str = "",
    whole: bool = False,
    receipts: Path | None = None,
) -> dict[str, Any]:
    """Execute a notebook from the top and give it back with its outputs.

    Parameters
    ----------
    notebook : dict
        As read from its file.
    folder : Path
        Working directory of the kernel: the folder in which the notebook lies, as for Jupyter and nbval.
    name : str
        What messages call it.
    root : Path
        Folder of the project: what the kernel keeps for a moment stands below its ``data_processed/restricted/tmp``.
    edition : Path, optional
        The file of an edition of one's own that it is executed for.
    tells : str
        The language in which a chapter says what it cannot show (:mod:`.withheld`); none: it stops.
    lacking : str
        The edition of which it says that it lacks years; none: it says what real files cannot show.
    whole : bool
        That it has all its files, and says of published figures and true values alone that they are not here.
    receipts : Path, optional
        Where it writes the receipts of what it shows (:mod:`.receipts`).

    Raises
    ------
    LloError
        When a cell raises, writes to stderr, does not end, or shows a path of this computer.
    """
    import nbformat
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    _make_font_list()
    node = nbformat.reads(json.dumps(notebook), as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    at: list[int] = [0]
    with spill(root, "kernel") as own:
        first = [FIRST, *([] if edition is None else [_OWN_EDITION.format(str(edition))])]
        first += [_TELLS.format(tells, lacking, whole)] if tells else []
        first += [_KEEPS.format(str(receipts))] if receipts else []
        client = _client(node, folder, at, first, own / "connection.json")
        client.allow_error_names = list(MAY_BE_TOLD) if tells else []
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(client.async_execute(env=_surroundings(own)))
        except CellExecutionError as error:
            raise _stopped(name, node, at[0], f"{error.ename}: {error.evalue}") from error
        except CellTimeoutError as error:
            raise _stopped(name, node, at[0], f"not ready after {CELL_SECONDS} seconds") from error
        except DeadKernelError as error:
            raise _stopped(name, node, at[0], "Python itself ended (out of memory?)") from error
    _check_errors(name, node)
    _check_outputs(name, node, folder)
    return dict(node)


def _check_errors(name: str, node: Any) -> None:
    """Stop at the first cell that raised what is not told as withheld."""
    for index, cell in enumerate(node["cells"]):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                raise _stopped(name, node, index, f"{output['ename']}: {output['evalue']}")


def _client(node: Any, folder: Path, at: list[int], first: list[str], connection: Path) -> Any:
    """A client of nbclient whose kernel is this interpreter and runs `first`; ``at`` follows the cell that runs."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class ThisInterpreter(KernelSpecManager):
        """Knows one kernel, which need not be registered."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            """The kernel of the running interpreter, under any name."""
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"]
            argv += [f"--IPKernelApp.exec_lines={line}" for line in first]
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    manager = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=ThisInterpreter(), connection_file=str(connection)
    )

    def follow(cell: Any, cell_index: int) -> None:
        at[0] = cell_index

    return NotebookClient(
        node,
        km=manager,
        timeout=CELL_SECONDS,
        record_timing=False,
        coalesce_streams=True,
        on_cell_execute=follow,
        resources={"metadata": {"path": str(folder)}},
    )


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """On Windows the event loop that kernels need; elsewhere the usual one."""
    return asyncio.SelectorEventLoop if sys.platform == "win32" else None


def _surroundings(own: Path) -> dict[str, str]:
    """Environment of the kernel: this package first, and no settings or start-up files of the user."""
    package = str(Path(llo_research.__file__).resolve().parents[1])
    inherited = {key: value for key, value in dict(os.environ, **SURROUNDINGS).items() if key != "PYTHONSTARTUP"}
    paths = [package, *filter(None, [inherited.get("PYTHONPATH")])]
    return {**inherited, **for_programs(own), "PYTHONPATH": os.pathsep.join(paths), "IPYTHONDIR": str(own)}


def _make_font_list() -> None:
    """Let matplotlib list the fonts here, once: in a kernel it would say so on stderr."""
    import matplotlib.font_manager  # noqa: F401  # the import is what makes the list


def _stopped(name: str, node: Any, index: int, found: str) -> LloError:
    """The error that says where a notebook stopped."""
    number = _code_number(node, index)
    source = "".join(node["cells"][index]["source"]).strip()
    return LloError(
        f"Notebook {name} stopped in code cell {number}.",
        where="\n    ".join(source.splitlines()[:12]),
        found=found.strip(),
        todo=f"Open the notebook, mend cell {number} and run it again: llo chapter {name}",
    )


def _code_number(node: Any, index: int) -> int:
    """Which code cell the cell at this position is, from 1; empty ones do not count."""
    cells = node["cells"][: index + 1]
    return sum(cell["cell_type"] == "code" and bool("".join(cell["source"]).strip()) for cell in cells)


def _check_outputs(name: str, node: Any, folder: Path) -> None:
    """Refuse words on stderr, and paths of this computer, which no reader elsewhere would get."""
    here = {str(place) for place in (folder.resolve(), folder.resolve().parent, Path.home(), Path(sys.prefix))}
    here = {place for place in here if len(place) > 3}  # not the top of a disk
    for index, cell in enumerate(node["cells"]):
        for output in cell.get("outputs", []):
            number, text = _code_number(node, index), _text(output)
            if output.get("name") == "stderr":
                raise LloError(
                    f"Notebook {name}: code cell {number} wrote to stderr.",
                    found=text.strip()[:500],
                    todo="A chapter is shown without warnings: resolve it, or say in the text what it means.",
                )
            if address := _ADDRESS.search(text):
                raise LloError(
                    f"Notebook {name}: code cell {number} shows an address in memory, which differs in each run.",
                    found=address[0],
                    todo="Show a table or figure of the report package; end a plotting line with a semicolon.",
                )
            for place in sorted(here):
                if place in text:
                    raise LloError(
                        f"Notebook {name}: code cell {number} shows a path of this computer.",
                        found=place,
                        todo="Show paths relative to the data folder or the project.",
                    )


def _text(output: Any) -> str:
    """The text that an output shows; pictures are left out."""
    data = {kind: value for kind, value in output.get("data", {}).items() if kind.startswith("text/")}
    return "\n".join("".join(value) for value in [output.get("text", ""), *data.values()])

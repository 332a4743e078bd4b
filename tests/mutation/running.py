"""Runs the tests of a module on its mutants, each in a process of its own; no file of the checkout is touched."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import io
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

from tests.mutation.changes import Mutant, count, mutants
from tests.mutation.modules import PACKAGE, ROOT, UNSEEN

SURVIVED, CAUGHT, NOT_LOADED = 0, (1, 2, 3), 99
# Heavy and unchanged: imported once by the server that forks the processes.
_IMPORTED = ["numpy", "pandas", "scipy.stats", "scipy.sparse", "scipy.optimize", "scipy.linalg", "pytest", "hypothesis"]


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: `how` is caught, endless (caught by the clock), unseen (known to be) or survived."""

    mutant: Mutant
    how: str
    seconds: float


class _Loader(SourceFileLoader):
    """Loads a module from other text than that of its file."""

    text = ""

    def get_code(self, fullname: str) -> CodeType:
        return compile(ast.parse(self.text), self.path, "exec")


class _Finder:
    """Finds the one module that is changed."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        self.name, self.loader = name, _Loader(name, str(path))
        self.loader.text = text

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The changed module, or None."""
        return importlib.util.spec_from_loader(name, self.loader) if name == self.name else None


def dotted(module: str) -> str:
    """``design/kernel.py`` as the name that is imported."""
    return ".".join([PACKAGE, *Path(module).with_suffix("").parts])


def _run(module: str, text: str, files: Sequence[str]) -> None:
    """In a process of its own: load the changed module, run the tests, end with the code of pytest."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.meta_path.insert(0, _Finder(dotted(module), ROOT / PACKAGE / module, text))  # type: ignore[arg-type]  # one method is enough
    import pytest

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        options = ["-x", "-q", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:nbval"]
        code = int(pytest.main([*options, *files]))
    loaded = sys.modules.get(dotted(module))
    if code == 0 and not isinstance(getattr(loaded, "__loader__", None), _Loader):
        code = NOT_LOADED
    os._exit(code)


def _exit_code(module: str, text: str, files: Sequence[str], seconds: float) -> int | None:
    """The code with which the tests end; None when they do not end in time."""
    kinds = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in kinds else "spawn")
    if "forkserver" in kinds:
        context.set_forkserver_preload(_IMPORTED)
    process = context.Process(target=_run, args=(module, text, files))
    process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return None
    return process.exitcode


def run(module: str, files: Sequence[str], chosen: Sequence[Mutant]) -> Iterator[Outcome]:
    """The outcomes of some mutants of a module under the tests in `files`, which must pass without a change."""
    start = time.perf_counter()
    code = _exit_code(module, (ROOT / PACKAGE / module).read_text("utf-8"), files, 600.0)
    if code != SURVIVED:
        raise RuntimeError(f"{', '.join(files)} must pass and import {module}; without a change they end with {code}")
    limit = 30 + 5 * (time.perf_counter() - start)
    for mutant in chosen:
        start = time.perf_counter()
        code = _exit_code(module, mutant.source, files, limit)
        if code is not None and code != SURVIVED and code not in CAUGHT and code > 0:
            raise RuntimeError(f"the tests of {module} end with {code}\n{mutant}")
        how = "endless" if code is None else "caught" if code != SURVIVED else "unseen" if known(mutant) else "survived"
        yield Outcome(mutant, how, time.perf_counter() - start)


def known(mutant: Mutant) -> bool:
    """Whether a change is listed as one that nobody can see."""
    return any(
        one.module in ("", mutant.module)
        and any(part in mutant.before for part in one.before)
        and (not one.after or any(part in mutant.after for part in one.after))
        for one in UNSEEN
    )


def sample(modules: Sequence[str], number: int, seed: int) -> dict[str, list[Mutant]]:
    """Some mutants of all modules, drawn together, by module in the order of their lines; the same for a seed."""
    sources = {module: (ROOT / PACKAGE / module).read_text("utf-8") for module in modules}
    every = [(module, i) for module, source in sources.items() for i in range(count(source))]
    drawn = [every[i] for i in np.random.default_rng(seed).permutation(len(every))[:number]]
    return {
        module: list(mutants(source, module, {i for owner, i in drawn if owner == module}))
        for module, source in sources.items()
    }


def share(outcomes: Sequence[Outcome]) -> float:
    """Share caught, of those that can be seen."""
    seen = [one for one in outcomes if one.how != "unseen"]
    return sum(one.how != "survived" for one in seen) / len(seen) if seen else 1.0

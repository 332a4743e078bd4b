"""A process beside ours that reads what C libraries parse: a damaged file may end it, never the one who asks.

The process is started at the first .sav or .parquet file (a bare interpreter: pyreadstat or pyarrow, and numpy), kept
for the files after it, and ends with ours. It has limits in time and memory that follow from the file's size. Its
answers are lines of JSON and arrays as bytes, through a pipe: nothing is written to a disk, no pickles.
"""

from __future__ import annotations

import atexit
import contextlib
import inspect
import json
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from llo_research.data import reading_child
from llo_research.errors import LloWarning

_BOOT = (
    "import sys, json; told = json.loads(sys.stdin.buffer.readline()); sys.path[:] = told['path']; "
    "room = {'__name__': 'reading_child'}; exec(compile(told['text'], 'reading_child.py', 'exec'), room); "
    "room['serve']()"
)
_START = 60.0  # seconds in which the process must be there, on a busy computer
_GIB = 1 << 30


class BrokenOff(Exception):
    """The process ended before its answer: killed by the file, or by its limits."""


class _Child:
    """The process that reads."""

    def __init__(self) -> None:
        text = inspect.getsource(reading_child)
        self.owner, self.fresh = os.getpid(), True
        self.process = subprocess.Popen(
            [_interpreter(), "-c", _BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=1 << 20,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        )
        try:
            self._send({"path": sys.path, "text": text})
            with self._no_longer_than(_START):
                self._line()
        except BaseException:  # interrupted too: it must not stay behind
            self.end()
            raise

    def ask(self, job: dict[str, Any]) -> Iterator[reading_child.Column]:
        """Its answers to one question."""
        self._send(job)
        with self._no_longer_than(job["seconds"] + 5):
            while True:
                told = self._line()
                if "end" in told:
                    break
                yield told, [self._array(kind, length) for kind, length in told.pop("arrays")]
        self.fresh = False

    def _send(self, told: dict[str, Any]) -> None:
        """One line to it."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(told).encode("ascii") + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            raise BrokenOff(str(error)) from error

    def _line(self) -> dict[str, Any]:
        """One line from it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            raise BrokenOff(self._how())
        told: dict[str, Any] = json.loads(line)
        return told

    def _array(self, kind: str, length: int) -> np.ndarray:
        """One array from it."""
        array = np.empty(length, dtype=kind)
        stream: Any = self.process.stdout
        if length and stream.readinto(array.view("u1")) != array.nbytes:
            raise BrokenOff(self._how())
        return array

    def _how(self) -> str:
        """How it ended, in words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        code = self.process.returncode
        return "it took too long" if code in (1, None, -24) else f"the reader broke down (code {code})"

    @contextlib.contextmanager
    def _no_longer_than(self, seconds: float) -> Iterator[None]:
        """Kill it when it has not answered by then."""
        timer = threading.Timer(seconds, self.process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def end(self) -> None:
        """End it, at once; in a copy of our process (fork) only let go of it."""
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()


class _Place:
    """The one process that is kept, and whether one can be had at all."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.child: _Child | None = None
        self.impossible = ""

    def ready(self) -> _Child | None:
        """The process; None when there can be none."""
        if self.child is not None and (self.child.owner != os.getpid() or self.child.process.poll() is not None):
            self.drop()
        if self.child is None and not self.impossible:
            try:
                self.child = _Child()
            except (OSError, ValueError, BrokenOff) as error:
                self.impossible = str(error)[:120] or type(error).__name__
        return self.child

    def drop(self) -> None:
        """End the process that is kept."""
        child, self.child = self.child, None
        if child is not None:
            child.end()

    def after_fork(self) -> None:
        """In a copy of our process: another lock, and a process of its own."""
        self.lock = threading.RLock()
        self.drop()


_PLACE = _Place()
atexit.register(lambda: _PLACE.drop())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _PLACE.after_fork())


def _interpreter() -> str:
    """The Python that runs us; programs that hold a Python inside name themselves instead."""
    for name in (sys.executable, getattr(sys, "_base_executable", None)):
        if name and Path(name).stem.casefold().startswith(("python", "pypy")) and Path(name).is_file():
            return str(name)
    raise OSError(f"no Python interpreter at {Path(sys.executable or 'nowhere').name!r}")


def start() -> None:
    """Start the process, so that it is there when the first question comes."""
    with _PLACE.lock:
        _PLACE.ready()


def ask(job: dict[str, Any], *, size: int, cells: int) -> list[reading_child.Column]:
    """Answers from the process beside ours, with limits for a file of this size and number of cells.

    Where no process can be had, the file is read here, with a warning.

    Raises
    ------
    BrokenOff
        When the file ended the process, twice if that had read others before.
    """
    job = {**job, **_limits(size, cells)}
    with _PLACE.lock:
        for _ in range(2):
            child = _PLACE.ready()
            if child is None:
                _warn(_PLACE.impossible)
                return list(reading_child.run(job))
            fresh = child.fresh
            try:
                return list(child.ask(job))
            except BrokenOff:
                _PLACE.drop()
                if fresh:
                    raise
            except BaseException:  # interrupted: what is still in the pipe would be taken for the next answer
                _PLACE.drop()
                raise
    raise BrokenOff("the reader broke down twice")


def _limits(size: int, cells: int) -> dict[str, Any]:
    """Seconds, seconds of the processor, and bytes."""
    return {
        "seconds": 20 + size / 1e6 + cells / 1e5,
        "cpu": int(3 + size / 4e6 + cells / 4e5),
        "memory": int(2 * _GIB + 30 * size + 160 * cells),
    }


def _warn(why: str) -> None:
    """Say that a file is read without the process beside ours."""
    text = (
        f"Files are read without a process beside this one ({why}): a damaged .sav or .parquet file may end this "
        "session. Save your work first, or read a CSV file."
    )
    warnings.warn(LloWarning(text), stacklevel=6)

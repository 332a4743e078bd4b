"""Files of a moment: in one folder of the project, emptied on exit and, after a kill, on the next start.

They may be made of restricted data (a file for R, what a kernel keeps, what another program caches), so they never
stand in the folder of the system for such files. Each process has its own folder in ``data_processed/restricted/tmp``
and holds a lock beside it as long as it lives; the system lets go of a lock when its process is gone, however it went.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO

from llo_research.errors import DataError

PLACE = Path("data_processed", "restricted", "tmp")
_LOCK = ".lock"
# what programs look at to know where to put such files
_NAMED_BY = ("TMPDIR", "TEMP", "TMP")


@dataclass(frozen=True)
class _Own:
    """The folder of this process, and the lock that it holds."""

    folder: Path
    lock: IO[bytes]
    process: int


_OWN: dict[Path, _Own] = {}
_NUMBERS = count(1)


@contextmanager
def spill(root: Path, what: str) -> Iterator[Path]:
    """A new folder for files of a moment, removed at the end.

    Parameters
    ----------
    root : Path
        Folder of the project.
    what : str
        Begins its name: who looks there sees what it was for.

    Yields
    ------
    Path
        An empty folder below ``data_processed/restricted/tmp``.

    Raises
    ------
    DataError
        When files cannot be written, or locked, there.

    Examples
    --------
    >>> with spill(Path("."), "verify") as folder:    # doctest: +SKIP
    ...     folder.name
    'verify-1'
    """
    folder = _own(root.resolve()) / f"{what}-{next(_NUMBERS)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def for_programs(folder: Path) -> dict[str, str]:
    """What the environment of another program says, so that its files of a moment go there too."""
    return dict.fromkeys(_NAMED_BY, str(folder))


def sweep(root: Path) -> list[str]:
    """Remove what processes left that are gone; give their names. The folder of one that runs is left alone."""
    place = root.resolve() / PLACE
    swept = []
    for folder in sorted(place.iterdir()) if place.is_dir() else ():
        if folder.is_dir() and not folder.is_symlink() and _removed(folder):
            swept.append(folder.name)
    for lock in sorted(place.glob(f"*{_LOCK}")) if place.is_dir() else ():  # of one that was killed before its folder
        if not lock.with_suffix("").exists():
            _removed(lock.with_suffix(""))
    with suppress(OSError):  # another process is there
        place.rmdir()
    return swept


def _own(root: Path) -> Path:
    """The folder of this process in a project; what others left is removed when it is made."""
    own = _OWN.get(root)
    if own is None or own.process != os.getpid() or not own.folder.is_dir():
        sweep(root)
        own = _OWN[root] = _begun(root / PLACE)
        atexit.register(_end, root, own)
    return own.folder


def _begun(place: Path) -> _Own:
    """A folder of a name that no other process has."""
    for number in count(1):
        folder = place / (f"{os.getpid()}" if number == 1 else f"{os.getpid()}-{number}")
        place.mkdir(parents=True, exist_ok=True)
        try:
            lock = _locked(folder)
        except FileNotFoundError:  # another process found the place empty, and took it away
            continue
        except OSError as error:
            raise DataError(
                "Files of a moment cannot be kept here.",
                where=str(place),
                found=error.strerror,
                expected="a folder in which files can be written and locked",
                todo="Put the project on a disk of this computer, or ask for a network drive that knows locks.",
            ) from None
        if lock is not None:
            with suppress(FileExistsError):
                folder.mkdir()
                return _Own(folder, lock, os.getpid())
            lock.close()
    raise AssertionError  # counting does not end


def _end(root: Path, own: _Own) -> None:
    """Empty the folder of this process; a process that was forked off leaves it alone."""
    if own.process != os.getpid():
        return
    shutil.rmtree(own.folder, ignore_errors=True)
    _let_go(own.folder, own.lock)
    if _OWN.get(root) is own:
        del _OWN[root]
    with suppress(OSError):
        (root / PLACE).rmdir()


def _removed(folder: Path) -> bool:
    """Remove the folder of a process that is gone; whether it was."""
    try:
        lock = _locked(folder)
    except OSError:  # of another user
        return False
    if lock is None:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    _let_go(folder, lock)
    return not folder.exists()


def _locked(folder: Path) -> IO[bytes] | None:
    """The lock of a folder, or None while another holds it, or has just removed it."""
    path = folder.with_name(folder.name + _LOCK)
    lock = path.open("ab")
    try:
        if _takes(lock) and (sys.platform == "win32" or _is_at(path, lock)):
            return lock
    except OSError:
        lock.close()
        raise
    lock.close()
    return None


def _is_at(path: Path, lock: IO[bytes]) -> bool:
    """Whether the open file is the one of this name: its holder removes it before it lets go."""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _let_go(folder: Path, lock: IO[bytes]) -> None:
    """Remove the lock; Windows removes no open file, elsewhere it goes while it is held."""
    path = folder.with_name(folder.name + _LOCK)
    if sys.platform == "win32":
        lock.close()
    with suppress(OSError):
        path.unlink()
    lock.close()


def _takes(lock: IO[bytes]) -> bool:
    """Take a lock that the system lets go of when the process ends; False where another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True

"""Where an export stands: a folder of its own, written beside its place and put there when it is complete."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from llo_research.errors import DataError, LloWarning


def free_place(directory: str | Path, restricted: bool) -> Path:
    """A folder that is not there yet, or is empty; restricted data below a folder that git keeps are warned of."""
    if not isinstance(directory, str | Path):
        raise DataError(
            "An export has a folder of its own.",
            where="directory",
            found=f"a {type(directory).__name__}",
            expected="the path of a folder that is not there yet, or is empty",
            todo="llo.report.export(results, 'export_1')",
        )
    target = Path(directory)
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise DataError(
            "An export has a folder of its own.",
            where=str(target),
            found="a file" if target.is_file() else "a folder with files in it",
            expected="a folder that is not there yet, or is empty",
            todo="give another name; nothing was written",
        )
    if restricted and any((above / ".git").exists() for above in target.absolute().parents):
        warnings.warn(
            f"{target} lies in a folder of git: what stands in its folder control must not be committed.",
            LloWarning,
            stacklevel=4,
        )
    return target


def code_files(code: str | Path | Sequence[str | Path] | None) -> list[Path]:
    """The user's own programs, which go with the documents."""
    told = [] if code is None else [code] if isinstance(code, str | Path) else list(code)
    files = [Path(one) for one in told]
    for file in files:
        if not file.is_file():
            raise DataError(
                "There is no such file with code.",
                where="code",
                found=str(file),
                expected="the path of the script or notebook that made the results, or a list of them",
            )
    names = [file.name.casefold() for file in files]
    if len(set(names)) < len(names):
        raise DataError(
            "Two files with code have the same name.", where="code", found=", ".join(file.name for file in files)
        )
    return files


def write_whole(target: Path, write: Callable[[Path], None]) -> None:
    """Write a folder beside its place and put it there when it is complete; nothing half-made is left."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        write(part)
        if target.is_dir():
            target.rmdir()  # it is empty; Windows renames onto nothing
        part.rename(target)
    except OSError as error:
        raise DataError(
            "The export cannot be written.",
            where=str(target),
            found=str(error.strerror or error),
            expected="a folder of yours with room",
            todo="choose another place; nothing was written",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)

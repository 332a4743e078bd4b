"""Asking an engine, with an account of it: passes over the data and seconds; and what fails there in our words."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from llo_research.errors import DataError
from llo_research.progress import Steps


@dataclass
class Reading:
    """What a scan reads, and what it has read so far.

    files : names of the files, without folders; empty for a table of an engine.
    engine : what adds up: "duckdb", "pyspark", ...
    rows : rows of the files, where they tell without a pass.
    stamps : by path of a file its size and when it was written, as they were when the scan was made.
    """

    files: tuple[str, ...]
    engine: str
    rows: int | None = None
    passes: list[tuple[str, float]] = field(default_factory=list)
    current: dict[str, Any] = field(default_factory=dict)
    steps: Steps | None = None
    stamps: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What is read, for a message."""
        if not self.files:
            return f"a table of {self.engine}"
        more = "" if len(self.files) < 4 else f" and {len(self.files) - 3} more"
        return ", ".join(self.files[:3]) + more

    def read(self, expression: Any, what: str) -> Any:
        """The answer to an expression as an Arrow table: one pass over the data."""
        self._unchanged()
        steps = self.steps or Steps(f"scan of {self.words}", 1)
        began = time.perf_counter()
        with steps.step(what), told(self.words), _ONE_AT_A_TIME:
            answer = expression.to_pyarrow()
        self._unchanged()
        self._count(what, time.perf_counter() - began)
        return answer

    def _unchanged(self) -> None:
        """Refuse files that are others than when the scan was made: what is known of them would be wrong."""
        for file, stamp in self.stamps.items():
            try:
                now = stamp_of(file)
            except OSError as error:
                raise DataError(
                    "A file cannot be read.",
                    where=file.name,
                    found=error.strerror,
                    expected="a file that is there, and that this user may read",
                    todo="check that it was not moved or removed since the scan was made",
                ) from None
            if now != stamp:
                raise DataError(
                    "A file was changed after the scan was made.",
                    where=file.name,
                    found=f"{now[0]:,} bytes" if now[0] != stamp[0] else "the same size, written later",
                    expected=f"{stamp[0]:,} bytes, as it was",
                    todo="make the scan again: llo.scan(...)",
                )

    @contextmanager
    def work(self, total: int) -> Iterator[None]:
        """Several passes as the steps of one piece of work."""
        own, self.steps = self.steps, self.steps or Steps(f"scan of {self.words}", total)
        try:
            yield
        finally:
            self.steps = own

    def begin(self) -> dict[str, Any]:
        """A new account, which ``.meta`` shows: what is read from now on for one survey, also by its estimators."""
        self.current = self.account(len(self.passes), self.rows)
        return self.current

    def account(self, since: int, rows: int | None) -> dict[str, Any]:
        """Files, passes, rows of each pass and seconds, from the pass of this number on."""
        passes = self.passes[since:]
        return {
            "engine": self.engine,
            "files": list(self.files),
            "rows": self.rows if rows is None else rows,
            "passes": len(passes),
            "seconds": round(sum(seconds for _, seconds in passes), 3),
            "read": [what for what, _ in passes],
        }

    def _count(self, what: str, seconds: float) -> None:
        """A pass more."""
        self.passes.append((what, seconds))
        if self.current:
            self.current["passes"] += 1
            self.current["seconds"] = round(self.current["seconds"] + seconds, 3)
            self.current["read"].append(what)


# A connection does one thing at a time; engines use several threads for it.
_ONE_AT_A_TIME = RLock()


def stamp_of(file: Path) -> tuple[int, int]:
    """Size of a file, and when it was written."""
    own = file.stat()
    return own.st_size, own.st_mtime_ns


# What engines say (DuckDB, Spark), and what it is here: sentence, what was expected, what to do.
_FAILURES: Sequence[tuple[str, str, str, str]] = (
    (
        r"(?i)no space left|disk.*full|max_temp_directory_size|disk quota",
        "There is too little disk space for what does not fit in memory.",
        "room for the sums of each unit",
        "free disk space, or give a folder with room: engine=ibis.duckdb.connect(temp_directory='...')",
    ),
    (
        r"(?i)out of memory|failed to (allocate|offload)|OutOfMemory",
        "The engine ran out of memory.",
        "sums that fit, or a place to put what does not",
        "name fewer columns, or give more: engine=ibis.duckdb.connect(memory_limit='8GB', temp_directory=...)",
    ),
    (
        r"(?i)connection[a-z ]*closed|stopped SparkContext|setCallSite|session.*(stopped|closed)",
        "The connection to the engine is closed.",
        "a connection, or a session, that lives as long as the scan",
        "open it again, and make the scan again: llo.scan(..., engine=...)",
    ),
    (
        r"(?i)not utf-?8|byte sequence mismatch|MALFORMED_CHARACTER",
        "The text of a file is not in UTF-8.",
        "UTF-8, with or without a mark at its beginning",
        "write the file in UTF-8, or as Parquet: llo.read_file reads other encodings into memory",
    ),
    (
        r"(?i)expected number of columns|unterminated quote|value with unterminated|csv error on line|MALFORMED_CSV",
        "A row of a text file does not fit its header.",
        "as many values in each row as the header has columns; a separator or quote within a value is quoted",
        "look at this line: the file may have been cut off, or have lines above its header",
    ),
    (
        r"(?i)snappy|zstd|corrupt|magic|thrift|TProtocol|footer|gzip|unexpected end|file ended|truncat|too small"
        "|page header",
        "A file is damaged, or was cut off.",
        "a whole file",
        "copy the file again, and compare its size or checksum with that of the source",
    ),
    (
        r"(?i)conversion error|could not convert|cast(ing)? error|CAST_INVALID_INPUT|expected.*column|sniff",
        "A value does not have the type of its column.",
        "one type for each column, in all rows and files",
        "mend the file; text that stands for missing is left empty",
    ),
    (
        r"(?i)overflow|out of range",
        "A computation gives a number that 64 bits do not hold.",
        "numbers below 9.2e18",
        "check the columns of the condition; change the unit of large numbers",
    ),
    (
        r"(?i)no such file|cannot open|could not (open|read)|not.?found|does not exist|IO Error",
        "A file cannot be read.",
        "a file that is there, and that this user may read",
        "check that the files were not moved or removed since the scan was made",
    ),
)


@contextmanager
def told(where: str) -> Iterator[None]:
    """Errors of an engine as ours; what is no fault of data or machine stays as it is."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # engines have no common error: DuckDB, Ibis, Spark and Arrow each have their own
        text = str(error)
        if "query interrupted" in text.lower():
            raise KeyboardInterrupt from error
        for pattern, what, expected, todo in _FAILURES:
            if re.search(pattern, f"{type(error).__name__}: {text}"):
                # the row itself, which DuckDB shows, is of one person; its options are not ours
                found = " ".join(re.sub(r"(?m)^Original Line:.*$", "", text.split("Possible")[0]).split())
                raise DataError(
                    what, where=_file_in(text) or where, found=found[:200], expected=expected, todo=todo
                ) from error
        raise


def _file_in(text: str) -> str | None:
    """The file that a message of an engine names, without its folders."""
    match = re.search(r"([^\s'\"/\\]+\.(?:parquet|csv(?:\.gz)?))", text)
    return match.group(1) if match else None

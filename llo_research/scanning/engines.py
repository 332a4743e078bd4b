"""What does the adding up: DuckDB in this process, or the engine of a table, a connection or a Spark session."""

from __future__ import annotations

import os
import re
import shutil
import weakref
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Any

from llo_research.data.places import project_root
from llo_research.data.spill import spill
from llo_research.errors import DataError
from llo_research.packages import need
from llo_research.scanning.columns import Column, columns_of, plain_table, refuse_twice
from llo_research.scanning.files import called, file_table, found_files
from llo_research.scanning.reading import Reading, stamp_of, told
from llo_research.scanning.spark_files import spark_files

_MEMORY = "2GB"
_NUMBERS = count(1)
# where DuckDB puts what does not fit, when nobody said where
_OF_NOBODY = (".tmp", "", None)
# the name of a table: no path, no glob, no ending
_NAME = re.compile(r"\w+")


def opened(data: Any, engine: Any) -> tuple[Any, dict[str, Column], Reading]:
    """What is scanned as an Ibis table with missing values that are missing, its columns, and the account of it."""
    need("ibis")
    import ibis

    if isinstance(data, ibis.Table):
        return _table(data)
    if _of_pyspark(data) and hasattr(data, "createOrReplaceTempView"):
        return _table(_of_spark(data, data.sparkSession))
    connection: Any = None if engine is None else _connection(engine)
    if isinstance(data, str) and connection is not None and _NAME.fullmatch(data) and not Path(data).exists():
        return _table(_named(connection, data))
    files = found_files(data)
    names = tuple(called(files))
    stamps = {file.absolute(): stamp_of(file) for file in files}
    if connection is None:
        connection = _duckdb()
    if connection.name == "pyspark":
        table, columns, reading = _table(_of_spark(spark_files(connection._session, files), connection._session))
        return table, columns, Reading(names, reading.engine, stamps=stamps)
    if connection.name != "duckdb":
        raise DataError(
            "Files are read by DuckDB or Spark.",
            where="engine",
            found=f"Ibis on {connection.name}",
            todo="leave engine out, or give a table of this engine: llo.scan(connection.table(...))",
        )
    with told(", ".join(names[:3])):
        _spilling(connection)
    table, columns, rows = file_table(connection, files)
    return plain_table(table), columns, Reading(names, "duckdb", rows, stamps=stamps)


def _table(table: Any) -> tuple[Any, dict[str, Column], Reading]:
    """A table of an engine."""
    with told("a table of an engine"):
        columns = columns_of(table.schema())
    refuse_twice(columns, "a table of an engine")
    backends = table._find_backends()[0]
    if backends:
        with suppress(Exception):  # a connection that has put rows aside already goes on where it does
            _spilling(backends[0])
    name = str(backends[0].name) if backends else "duckdb"
    return plain_table(table), columns, Reading((), name)


def _named(connection: Any, name: str) -> Any:
    """A table of a connection by its name."""
    import ibis

    try:
        return connection.table(name)
    except ibis.common.exceptions.TableNotFound:
        raise DataError(
            f"The engine has no table {name!r}.",
            where="the first argument",
            expected="the name of a table or view, or a path",
            todo="give the table itself: llo.scan(connection.table(...))",
        ) from None


def _connection(engine: Any) -> Any:
    """An Ibis connection, or that of a Spark session."""
    import ibis

    if isinstance(engine, ibis.backends.BaseBackend):
        return engine
    if _of_pyspark(engine) and hasattr(engine, "read"):
        return ibis.pyspark.connect(engine)
    if type(engine).__name__ == "DuckDBPyConnection":
        return ibis.duckdb.from_connection(engine)
    raise DataError(
        "engine is what adds up.",
        where="engine",
        found=repr(engine)[:60],
        expected="None (DuckDB), a connection of Ibis or DuckDB, or a PySpark session",
        todo="engine=ibis.duckdb.connect(memory_limit='8GB'), or leave it out",
    )


def _of_pyspark(given: Any) -> bool:
    """Whether something is of PySpark, which is not imported to find out."""
    return type(given).__module__.startswith("pyspark.sql")


def _of_spark(frame: Any, session: Any) -> Any:
    """A PySpark DataFrame as an Ibis table: a view that lives as long as the session."""
    import ibis

    name = f"llo_scan_{id(frame):x}"
    frame.createOrReplaceTempView(name)
    return ibis.pyspark.connect(session).table(name)


def _duckdb() -> Any:
    """DuckDB in this process."""
    need("duckdb")
    import ibis

    return ibis.duckdb.connect(memory_limit=_MEMORY)


def _spilling(connection: Any) -> None:
    """What does not fit in memory goes to a folder that is removed, unless the connection names one of its own.

    By itself DuckDB would put it in the working directory, and leave it there when it is killed.
    """
    if connection.name != "duckdb":
        return
    named = connection.con.execute("SELECT current_setting('temp_directory')").fetchone()[0]
    if named not in _OF_NOBODY:
        return
    room, root = ExitStack(), project_root()
    if root is not None:
        folder = room.enter_context(spill(root, "scan"))
    else:  # made by DuckDB when it needs it
        folder = Path.cwd() / f"scan-{os.getpid()}-{next(_NUMBERS)}.tmp"
        room.callback(shutil.rmtree, folder, ignore_errors=True)
    connection.con.execute("SET temp_directory = ?", [str(folder)])
    weakref.finalize(connection, room.close)


_KINDS = ("restricted", "registered", "synthetic", "public", "published", "own")


def is_restricted(source: Mapping[str, Any] | None) -> bool:
    """Whether results are shown with care: files are restricted unless their source says otherwise."""
    own = source or {}
    if not isinstance(own.get("restricted", True), bool):
        raise DataError(
            "restricted is True or False.",
            where="source",
            found=repr(own["restricted"])[:60],
            todo='source={"restricted": False} for data that anybody may have; else leave it out',
        )
    kind = own.get("kind", "restricted")
    if kind not in _KINDS:
        raise DataError(
            f"source has no kind {kind!r}.", where="source", found=repr(kind)[:60], expected=", ".join(_KINDS)
        )
    said = own.get("restricted", "kind" not in own)
    return bool(said) or ("kind" in own and kind in ("restricted", "registered"))

"""Reading .sav and .parquet with their C libraries, in a process of its own: whatever a file does, only it can end.

This module stands alone (its text is sent to a bare interpreter, see ``sealed_reading``), so it imports nothing of
this library. A reader gives a header, then columns one by one as ``(told, arrays)``: ``told`` says what they are.
"""

from __future__ import annotations

import faulthandler
import json
import math
import os
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

Column = tuple[dict[str, Any], list[np.ndarray]]
_IDLE = 300.0  # seconds after which a process that nobody asks anything ends
_NOT_A_TIME = np.iinfo("i8").min
_NULLABLE = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean")
_GROUP = 16  # columns of a Parquet file that are decoded while the ones before are on their way


def run(job: dict[str, Any]) -> Iterator[Column]:
    """Answer one question: ``{"kind": "sav" | "parquet", "ask": "header" | "columns", "path": ...}``."""
    reader = {
        ("sav", "header"): _sav_header,
        ("sav", "columns"): _sav_columns,
        ("parquet", "header"): _parquet_header,
        ("parquet", "columns"): _parquet_columns,
    }[job["kind"], job["ask"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield from reader(job)
        # Whatever a damaged file makes a library raise is told in words by the one who asked.
        except Exception as error:  # whatever stops a reader of files is told to the process that asked
            yield {"error": _sort_of(error), "type": type(error).__name__, "text": str(error)[:200]}, []


def _sort_of(error: Exception) -> str:
    """``encoding``, ``package``, ``memory`` or ``damaged``."""
    text = str(error).casefold()
    if isinstance(error, UnicodeDecodeError) or any(w in text for w in ("byte sequence", "charset", "utf8", "utf-8")):
        return "encoding"
    if isinstance(error, ImportError):
        return "package"
    return "memory" if isinstance(error, MemoryError) or "alloc" in text else "damaged"


# -- SPSS ---------------------------------------------------------------------------------------------------------


def _sav_header(job: dict[str, Any]) -> Iterator[Column]:
    """Names, labels, formats and user-missing values."""
    import pyreadstat

    _, told = pyreadstat.read_sav(
        job["path"],
        metadataonly=True,
        user_missing=True,
        encoding=job["encoding"],
        output_format="dict",
        disable_datetime_conversion=True,  # missing values of dates are told as seconds
    )
    given: dict[str, Any] = dict(told.missing_ranges)
    missing = {n: [[r["lo"], r["hi"]] for r in ranges] for n, ranges in given.items()}
    yield (
        {
            "names": [str(name) for name in told.column_names],
            "labels": {name: str(text) for name, text in told.column_names_to_labels.items() if text},
            "values": {name: list(codes.items()) for name, codes in told.variable_value_labels.items()},
            "formats": dict(told.original_variable_types),
            "missing": missing,
            "rows": told.number_rows,
        },
        [],
    )


def _sav_columns(job: dict[str, Any]) -> Iterator[Column]:
    """Columns as they stand: dates as seconds, user-missing values as values."""
    import pandas
    import pyreadstat

    with pandas.option_context("future.infer_string", False):
        data, _ = pyreadstat.read_sav(
            job["path"],
            usecols=job["names"],
            encoding=job["encoding"],
            user_missing=True,
            disable_datetime_conversion=True,
        )
    for name in job["names"]:
        values = data[name].to_numpy()  # pop() would move all columns at each of a thousand
        yield _plain(name, [values]) if values.dtype.kind in "biuf" else _texts(name, values.tolist())


# -- Parquet ------------------------------------------------------------------------------------------------------


def _parquet_header(job: dict[str, Any]) -> Iterator[Column]:
    """Names, index columns that pandas left, and columns of kinds that are not read."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(job["path"]) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
    about = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    index = [level for level in about.get("index_columns", ()) if isinstance(level, dict) and level.get("name")]
    unnamed = {n for n in about.get("index_columns", ()) if isinstance(n, str) and n.startswith("__index_level_")}
    named = {
        column.get("field_name"): column["name"]
        for column in about.get("columns", ())
        if column.get("field_name") in unnamed and column.get("name") is not None
    }
    names = [name for name in schema.names if not name.startswith("__index_level_") or name in named]
    refused = {field.name: why for field in schema if (why := _refused(field))}
    yield {"names": names, "rows": rows, "ranges": index, "refused": refused, "named": named}, []


def _refused(field: Any) -> str | None:
    """Why a column of this kind is not read; None when it is."""
    import pyarrow.types as types

    kind = field.type
    extension = (field.metadata or {}).get(b"ARROW:extension:name", b"").decode("utf-8", "replace")
    if extension or isinstance(kind, _extension_type()):
        return extension or str(kind)
    inner = kind.value_type if types.is_dictionary(kind) else kind
    tests = ("integer", "floating", "boolean", "string", "large_string", "date", "time", "timestamp", "duration")
    fits = any(getattr(types, f"is_{test}")(inner) for test in (*tests, "decimal", "null"))
    return None if fits or str(inner) == "string_view" else str(kind)


def _extension_type() -> Any:
    """The class of Arrow types that others define."""
    import pyarrow

    return pyarrow.BaseExtensionType


def _parquet_columns(job: dict[str, Any]) -> Iterator[Column]:
    """Columns, decoded in groups."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(job["path"]) as file:
        about = json.loads((file.schema_arrow.metadata or {}).get(b"pandas", b"{}"))
        kinds = {c.get("field_name"): c.get("numpy_type") for c in about.get("columns", ())}
        for start in range(0, len(job["names"]), _GROUP):
            names = job["names"][start : start + _GROUP]
            table = file.read(columns=names, use_pandas_metadata=False)
            for name in names:
                column = table.column(name)
                column.validate(full=True)
                yield _arrow(name, column, kinds.get(name))


def _arrow(name: str, column: Any, pandas_type: str | None) -> Column:
    """One Arrow column."""
    import pyarrow
    import pyarrow.compute
    import pyarrow.types as types

    kind = column.type
    if types.is_dictionary(kind):
        return _categories(name, column)
    if types.is_decimal(kind):
        exact = kind.scale == 0 and kind.precision <= 18
        return _arrow(name, column.cast(pyarrow.int64() if exact else pyarrow.float64()), None)
    if types.is_null(kind):
        return _plain(name, [np.full(len(column), np.nan)])
    if types.is_temporal(kind):
        return _times(name, column)
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
        coded = column.cast(pyarrow.large_string()).combine_chunks().dictionary_encode()
        whole = coded if isinstance(coded, pyarrow.Array) else coded.combine_chunks()
        codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("i4")
        return {"name": name, "kind": "text", "values": whole.dictionary.to_pylist()}, [codes]
    gone = column.null_count > 0
    if types.is_floating(kind) or not gone:
        told, parts = _plain(name, [chunk.to_numpy(zero_copy_only=False) for chunk in column.chunks])
    else:
        told, parts = _plain(name, [column.fill_null(False if types.is_boolean(kind) else 0).to_numpy()])
        told["kind"] = "masked"
        parts.append(column.is_null().to_numpy())
    if pandas_type in _NULLABLE:
        told["pandas"] = pandas_type
    return told, parts


def _times(name: str, column: Any) -> Column:
    """Dates, times with or without a zone, and durations, as whole numbers of their unit."""
    import pyarrow
    import pyarrow.types as types

    kind, zone = column.type, None
    if types.is_date(kind):
        column = column.cast(pyarrow.timestamp("s" if types.is_date32(kind) else "ms"))
    unit, sort = getattr(column.type, "unit", "s"), "M" if not types.is_duration(kind) else "m"
    if types.is_timestamp(kind):
        zone = kind.tz
    if types.is_time(kind):
        sort, column = "m", column.cast(pyarrow.int32() if types.is_time32(kind) else pyarrow.int64())
    whole = column.cast(pyarrow.int64()).fill_null(_NOT_A_TIME).to_numpy()
    return {"name": name, "kind": "time", "as": f"{sort}8[{unit}]", "zone": zone}, [whole]


def _categories(name: str, column: Any) -> Column:
    """Categories in the file's order, and codes."""
    import pyarrow

    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pyarrow.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pyarrow.array([], type=column.type)
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("i4")
    levels = whole.dictionary
    told: dict[str, Any] = {"name": name, "kind": "categories", "ordered": bool(column.type.ordered)}
    about, arrays = _arrow("", pyarrow.chunked_array([levels]), None)
    return {**told, "levels": about}, [codes, *arrays]


# -- columns as arrays --------------------------------------------------------------------------------------------


def _plain(name: str, parts: list[np.ndarray]) -> Column:
    """Numbers, in one or several pieces."""
    kind = parts[0].dtype.newbyteorder("=") if parts else np.dtype("f8")
    return {"name": name, "kind": "plain"}, [np.ascontiguousarray(part, dtype=kind) for part in parts]


def _texts(name: str, values: Iterable[Any]) -> Column:
    """Text as distinct values and codes, -1 where there is none."""
    table: dict[Any, int] = {}
    codes = np.array(
        [-1 if v is None or v != v else table.setdefault(v, len(table)) for v in values],
        dtype="i4",
    )
    if not all(isinstance(value, str) for value in table):
        raise TypeError(f"{name} mixes numbers and text")
    return {"name": name, "kind": "text", "values": list(table)}, [codes]


# -- the process --------------------------------------------------------------------------------------------------


def serve() -> None:
    """Answer questions from standard input, one line each, until there are no more; arrays go out as bytes."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # stays open as long as the process
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    os.dup2(nowhere.fileno(), 1)
    sys.setrecursionlimit(2000)
    _say(out, {"ready": True})
    while True:
        faulthandler.dump_traceback_later(_IDLE, exit=True, file=nowhere)
        line = sys.stdin.buffer.readline()
        if not line:
            return
        job = json.loads(line)
        faulthandler.dump_traceback_later(job["seconds"], exit=True, file=nowhere)
        _limit(job)
        for told, arrays in run(job):
            _say(out, {**told, "arrays": [[a.dtype.str, len(a)] for a in arrays]})
            for array in arrays:
                out.write(array.view("u1").data if len(array) else b"")
        _say(out, {"end": True})


def _say(out: Any, told: dict[str, Any]) -> None:
    """One line."""
    out.write(json.dumps(told).encode("ascii") + b"\n")
    out.flush()


def _limit(job: dict[str, Any]) -> None:
    """Memory and processor time for one question, where the system has such limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    used = math.ceil(time.process_time())
    bounds = {"RLIMIT_CPU": used + job["cpu"]}
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            pages = int(stream.read().split()[0])
        bounds["RLIMIT_AS"] = pages * resource.getpagesize() + job["memory"]
    except OSError:  # no such place on macOS, whose limit on memory does not hold either
        pass
    for name, bound in bounds.items():
        which = getattr(resource, name)
        _, hard = resource.getrlimit(which)
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(which, (bound, hard))

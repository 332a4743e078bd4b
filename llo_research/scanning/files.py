"""Files for a scan: found, each told apart from what is none, with the same columns of the same types in all."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.errors import DataError
from llo_research.options import nearest
from llo_research.scanning.columns import KINDS, Column, columns_of
from llo_research.scanning.reading import told

_KINDS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".csv.gz": "csv"}
# What stands for missing in text files of R, pandas and SPSS, beside nothing at all.
_NOTHING = ["", "NA", "NaN", "nan", "NULL"]


def found_files(data: Any) -> list[Path]:
    """The files that paths, globs and lists of them name, in order."""
    given = [data] if isinstance(data, str | os.PathLike) else list(data) if isinstance(data, list | tuple) else []
    if not given or not all(isinstance(item, str | os.PathLike) for item in given):
        raise DataError(
            "A scan reads files, or a table of an engine.",
            where="the first argument",
            found=repr(data)[:60] if isinstance(data, list | tuple | int) else f"a {type(data).__name__}",
            expected="a path, a glob as 'data/*.parquet', a list of these; an Ibis table, a PySpark DataFrame",
            todo="a frame in memory is a Survey: llo.Survey(frame, weights=...)",
        )
    files = [file for item in given for file in _files_of(os.fspath(item))]
    seen: dict[Path, Path] = {}
    for file in files:
        real = file.resolve()
        if real in seen:
            raise DataError(
                "A file is named twice; its rows would count twice.",
                where=file.name,
                found=f"{seen[real]} and {file}",
                expected="each file once",
                todo="name it once, or narrow the glob",
            )
        seen[real] = file
    kinds = {_kind(file) for file in files}
    if len(kinds) > 1:
        raise DataError(
            "The files are of several kinds.",
            where=", ".join(file.name for file in files[:4]),
            found=" and ".join(sorted(kinds)),
            expected="all Parquet, or all CSV",
            todo="make one scan of each kind, or write the CSV files as Parquet",
        )
    return files


def _files_of(item: str) -> list[Path]:
    """The files of one path or glob."""
    path = Path(item)
    if path.is_dir():
        inside = sorted(file.suffix for file in path.iterdir() if file.suffix in _KINDS)
        raise DataError(
            "A scan reads files, not a folder.",
            where=item,
            found=f"a folder with {len(inside)} Parquet or CSV files",
            expected="a file, or a glob",
            todo=f"name what is in it: {str(path / '*') + (inside or ['.parquet'])[0]!r}; ** reaches folders below it",
        )
    if path.exists():
        return [path]
    if glob.has_magic(item):
        files = [Path(name) for name in sorted(glob.glob(item, recursive=True)) if not Path(name).is_dir()]
        if files:
            return files
        raise DataError(
            "No file fits the glob.",
            where=item,
            found=f"the working directory is {Path.cwd().name!r}",
            expected="at least one file",
            todo="check folder and ending; a relative path starts at the working directory",
        )
    there = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    raise DataError(
        "There is no such file.",
        where=item,
        found=f"{len(there)} files in that folder{nearest(path.name, there)}",
        todo="check the path; a relative one starts at the working directory",
    )


def _kind(file: Path) -> str:
    """Parquet or CSV, by the ending of the name."""
    for ending, kind in _KINDS.items():
        if file.name.lower().endswith(ending):
            return kind
    raise DataError(
        "A scan reads Parquet and CSV.",
        where=file.name,
        found=f"a file ending in {file.suffix!r}",
        expected=", ".join(_KINDS),
        todo="llo.read_file reads .sav and .dta into memory; write it as Parquet once: svy.frame.to_parquet(...)",
    )


def file_table(connection: Any, files: Sequence[Path]) -> tuple[Any, dict[str, Column], int | None]:
    """The files as one Ibis table, its columns, and its rows where the files tell."""
    parquet = _kind(files[0]) == "parquet"
    rows, dtypes = _footers(files) if parquet else (None, {})
    names = called(files)
    opened = {}
    for name, file in zip(names, files, strict=True):
        with told(name):
            opened[name] = connection.read_parquet(str(file)) if parquet else _csv(connection, [file])
    mixed = _alike(opened, parquet)
    with told(", ".join(names[:3])):
        if parquet:
            table = connection.read_parquet([str(file) for file in files], union_by_name=True)
        else:
            table = _csv(connection, files, types=mixed)
    columns = {name: replace(column, declared=dtypes.get(name)) for name, column in columns_of(table).items()}
    return table, columns, rows


def _csv(connection: Any, files: Sequence[Path], types: Mapping[str, str] | None = None) -> Any:
    """CSV files, their types from all rows."""
    options: dict[str, Any] = {"header": True, "nullstr": _NOTHING, "sample_size": -1, "union_by_name": True}
    if types:
        options["types"] = dict(types)
    return connection.read_csv([str(file) for file in files], **options)


def _footers(files: Sequence[Path]) -> tuple[int, dict[str, pd.CategoricalDtype]]:
    """Rows of Parquet files, and the categories that all of them declare; a file without its end is refused."""
    import pyarrow as pa
    from pyarrow import parquet

    rows, declared = 0, []
    for file in files:
        try:
            opened = parquet.ParquetFile(file)
        except (pa.ArrowException, OSError) as error:
            size = file.stat().st_size
            raise DataError(
                "The file is no Parquet file, or was cut off." if size else "The file is empty.",
                where=file.name,
                found=f"{size:,} bytes; {' '.join(str(error).split())[:120]}",
                expected="a whole Parquet file: its last bytes say where its columns are",
                todo="copy it again, and compare its size or checksum with that of the source",
            ) from None
        with opened:
            rows += opened.metadata.num_rows
            declared.append(_declared(opened))
    if rows == 0:
        raise DataError("The files hold no rows.", where=files[0].name, expected="at least one row")
    names = dict.fromkeys(name for own in declared for name in own)
    return rows, {name: dtype for name in names if (dtype := _agreed(name, declared, files)) is not None}


def _declared(opened: Any) -> dict[str, pd.CategoricalDtype]:
    """The categories of one file: of columns that were written as pandas or Arrow categories."""
    import pyarrow as pa

    names = [field.name for field in opened.schema_arrow if pa.types.is_dictionary(field.type)]
    if not names or opened.metadata.num_row_groups == 0:
        return {}
    found = opened.read_row_group(0, columns=names)
    kinds = {}
    for name in names:
        levels = found[name].chunk(0).dictionary.to_pylist() if found[name].num_chunks else []
        kinds[name] = pd.CategoricalDtype(levels, ordered=opened.schema_arrow.field(name).type.ordered)
    return kinds


def _agreed(
    name: str, declared: Sequence[Mapping[str, pd.CategoricalDtype]], files: Sequence[Path]
) -> pd.CategoricalDtype | None:
    """The categories of a column over the files; where unordered ones differ it is text, as pandas' concat has it."""
    levels = [None if (kind := kinds.get(name)) is None else list(kind.categories) for kinds in declared]
    if all(own is not None and own == levels[0] for own in levels):
        return declared[0][name]
    if any(name in kinds and kinds[name].ordered for kinds in declared):
        other = next(i for i, own in enumerate(levels) if own is None or own != levels[0])
        raise DataError(
            f"The ordered categories of {name!r} differ between files.",
            where=f"{files[other].name}, beside {files[0].name}",
            found="none" if (found := levels[other]) is None else f"{found[:8]}",
            expected="none" if (first := levels[0]) is None else f"{first[:8]}",
            todo="write all files with the same categories in the same order",
        )
    return None


def _alike(opened: Mapping[str, Any], parquet: bool) -> dict[str, str]:
    """The same columns of the same kinds in all files; for CSV, those of whole numbers here and fractions there.

    opened : by name of the file, its Ibis table.
    """
    files, each = list(opened), {name: columns_of(table) for name, table in opened.items()}
    first = each[files[0]]
    double: dict[str, str] = {}
    for file in files[1:]:
        lacking = [name for name in first if name not in each[file]]
        extra = [name for name in each[file] if name not in first]
        if lacking or extra:
            without, name = (file, lacking[0]) if lacking else (files[0], extra[0])
            raise DataError(
                f"A file lacks the column {name!r}.",
                where=without,
                found=f"{len(each[without])} columns{nearest(name, each[without])}",
                expected=f"the columns of {files[0] if lacking else file}",
                todo="write it with this column, empty where it was not asked; or scan the files that have it",
            )
        for name, column in each[file].items():
            known = first[name]
            if column.kind == known.kind or _empty(opened[file], name) or _empty(opened[files[0]], name):
                continue
            if not parquet and {column.kind, known.kind} == {"whole", "number"}:
                double[name] = "DOUBLE"
                continue
            raise DataError(
                f"The column {name!r} is of another type in one of the files.",
                where=file,
                found=f"{KINDS[column.kind]} ({column.found})",
                expected=f"{KINDS[known.kind]} ({known.found}), as in {files[0]}",
                todo="write the file again with the type of the others",
            )
    return double


def _empty(table: Any, name: str) -> bool:
    """Whether a column has no value in a file, so that its type says nothing."""
    return int(table[name].count().to_pyarrow().as_py()) == 0


def called(files: Sequence[Path]) -> list[str]:
    """What files are called: their names, with the folder where two have the same."""
    names = [file.name for file in files]
    return [f"{file.parent.name}/{file.name}" if names.count(file.name) > 1 else file.name for file in files]

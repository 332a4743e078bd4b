"""Files for a scan: found, each told apart from what is none, with the same columns of the same types in all."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.options import nearest
from llo_research.scanning.columns import KINDS, Column, columns_of
from llo_research.scanning.parquet_files import agreed, footer_of, is_index
from llo_research.scanning.reading import told
from llo_research.scanning.text_files import COMMA, header_of, text_table, text_types, with_points

_KINDS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".csv.gz": "csv"}
# A folder that holds the value of a column for the files in it, as year=2014.
_KEY = re.compile(r"([^=]+)=([^=]*)")


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
    if re.match(r"\w{2,}://", item):
        raise DataError(
            "A scan reads files of this machine.",
            where=item,
            found="an address",
            todo="copy the files here, or give a table of an engine that reaches them: llo.scan(connection.table(...))",
        )
    path = Path(item).expanduser()
    item = str(path)
    if path.is_dir():
        ending, below = _inside(path)
        raise DataError(
            "A scan reads files, not a folder.",
            where=item,
            found="a folder" if ending else "a folder without Parquet or CSV files",
            expected="a file, or a glob",
            todo=f"name what is in it: {str(path / ('**/*' if below else '*')) + (ending or '.parquet')!r}",
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


def _inside(folder: Path) -> tuple[str, bool]:
    """The ending of a file that a scan reads in a folder, and whether it is in one below."""
    for below, names in ((False, "*"), (True, "*/*"), (True, "*/*/*")):
        if endings := sorted(file.suffix for file in folder.glob(names) if file.suffix in _KINDS):
            return endings[0], below
    return "", False


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


@dataclass(frozen=True)
class _Own:
    """What one file is by itself: its columns, those without a value, and for text the types of DuckDB."""

    columns: dict[str, Column]
    empty: frozenset[str] = frozenset()
    types: Mapping[str, str] | None = None
    table: Any = None

    def has_nothing(self, name: str) -> bool:
        """Whether a column has no value in this file, so that its type says nothing."""
        return name in self.empty or (self.table is not None and not self.table[name].count().to_pyarrow().as_py())


def file_table(connection: Any, files: Sequence[Path]) -> tuple[Any, dict[str, Column], int | None]:
    """The files as one Ibis table of DuckDB, its columns, and its rows where the files tell."""
    names = called(files)
    if _kind(files[0]) == "csv":
        table = _text(connection, files, names)
        return table, columns_of(table.schema()), None
    rows, declared, own = parquet_ends(files, names)
    hive = any(folder_keys(file) for file in files)
    with told(", ".join(names[:3])):
        paths = [glob.escape(str(file.absolute())) for file in files]
        table = connection.read_parquet(paths, union_by_name=True, hive_partitioning=hive)
    table = _of_folders(connection, table, files, own) if hive else table
    table = table.drop(*[name for name in table.columns if is_index(name)])
    known = columns_of(table.schema())
    return table, {name: replace(column, declared=declared.get(name)) for name, column in known.items()}, rows


def parquet_ends(files: Sequence[Path], names: Sequence[str]) -> tuple[int, dict[str, Any], dict[str, _Own]]:
    """Rows of Parquet files, the categories that all declare, and what each is; the same columns in all."""
    ends = {name: footer_of(file, name) for name, file in zip(names, files, strict=True)}
    rows = sum(end.rows for end in ends.values())
    if rows == 0:
        raise DataError("The files hold no rows.", where=names[0], expected="at least one row")
    own = {name: _Own(end.columns, end.empty) for name, end in ends.items()}
    same_columns(own, files)
    one_kind(own)
    return rows, agreed(ends), own


def _text(connection: Any, files: Sequence[Path], names: Sequence[str]) -> Any:
    """CSV files as one table, their types from all rows."""
    separator, headers = text_headers(files, names)
    own = {}
    for name, file in zip(names, files, strict=True):
        with told(name):
            types, table = text_types(connection, file, separator, headers[name])
        columns = columns_of(table.schema())
        for column, kind in types.items():
            found = {"VARCHAR": ("text", "string"), COMMA: ("number", COMMA)}.get(kind)
            columns[column] = Column(column, *found) if found else columns[column]
        own[name] = _Own(columns, types=types, table=table)
    same_columns(own, files)
    types = one_kind(own)
    hive = any(folder_keys(file) for file in files)
    with told(", ".join(names[:3])):
        plain = {name: "VARCHAR" if kind == COMMA else kind for name, kind in types.items()}
        table = text_table(connection, files, separator, types=plain, hive_partitioning=hive)
    table = with_points(table, [name for name, kind in types.items() if kind == COMMA])
    if not table.limit(1).count().to_pyarrow().as_py():
        raise DataError("The files hold no rows.", where=names[0], expected="at least one row below the header")
    return _of_folders(connection, table, files, own) if hive else table


def text_headers(files: Sequence[Path], names: Sequence[str]) -> tuple[str, dict[str, list[str]]]:
    """The separator of text files, and the header of each."""
    found = {name: header_of(file) for name, file in zip(names, files, strict=True)}
    first = found[names[0]][0]
    for name, (separator, header) in found.items():
        if separator != first and len(header) > 1 and len(found[names[0]][1]) > 1:
            raise DataError(
                "The files have different separators.",
                where=name,
                found=repr(separator),
                expected=f"{first!r}, as in {names[0]}",
                todo="write the file again with the separator of the others",
            )
    return first, {name: header for name, (_, header) in found.items()}


def folder_keys(file: Path) -> dict[str, str]:
    """What the folders of a path say of the rows below them: {"year": "2014"}."""
    return {found[1]: found[2] for part in file.parent.parts if (found := _KEY.fullmatch(part))}


def _of_folders(connection: Any, table: Any, files: Sequence[Path], own: Mapping[str, _Own]) -> Any:
    """The table with the columns of the folders that were named; none of them stands for another of the file itself."""
    named = {key.casefold() for file in files for key in folder_keys(file)}
    for file, one in zip(files, own.values(), strict=True):
        inside = {name.casefold(): name for name in one.columns}
        for key, value in folder_keys(file.absolute()).items():
            if key.casefold() in inside:
                _agree(connection, file, inside[key.casefold()], f"{key}={value}", one)
    above = {key.casefold() for file in files for key in folder_keys(file.absolute())} - named
    known = {name.casefold() for one in own.values() for name in one.columns}
    return table.drop(*[name for name in table.columns if name.casefold() in above - known])


def _agree(connection: Any, file: Path, name: str, folder: str, own: _Own) -> None:
    """Refuse a file whose own column says something else than the folder in which it is."""
    alone = own.table
    if alone is None:
        alone = connection.read_parquet([glob.escape(str(file.absolute()))], hive_partitioning=False)
    said = alone[name].cast("string").fill_null("nothing")
    other = alone.filter(said != folder.split("=", 1)[1]).select(said=said).limit(1).to_pyarrow().to_pylist()
    if other:
        raise DataError(
            f"A file and the folder in which it is say different things of {name!r}.",
            where=f"{folder}/{file.name}",
            found=f"{other[0]['said']} in the file",
            expected="one answer: engines take that of the folder",
            todo="give the folder another name, or leave the column out of the file",
        )


def same_columns(own: Mapping[str, _Own], files: Sequence[Path]) -> None:
    """The same columns in all files, in whatever order; those of the folders too."""
    each = {
        name: [*one.columns, *(key for key in folder_keys(file) if key not in one.columns)]
        for (name, one), file in zip(own.items(), files, strict=True)
    }
    first, names = next(iter(each)), next(iter(each.values()))
    for file, others in each.items():
        lacking, extra = [name for name in names if name not in others], [name for name in others if name not in names]
        if lacking or extra:
            without, name = (file, lacking[0]) if lacking else (first, extra[0])
            raise DataError(
                f"A file lacks the column {name!r}.",
                where=without,
                found=f"{len(each[without])} columns{nearest(name, each[without])}",
                expected=f"the columns of {first if lacking else file}",
                todo="write it with this column, empty where it was not asked; or scan the files that have it",
            )


def one_kind(own: Mapping[str, _Own]) -> dict[str, str]:
    """By column its type in DuckDB, for text; refused where kinds differ, but for whole numbers in text beside others.

    A column without a value in a file has the kind of the others.
    """
    types: dict[str, str] = {}
    for name in next(iter(own.values())).columns:
        kinds = _kinds(name, own)
        if len(kinds) > 1:
            kinds = _kinds(name, {file: one for file, one in own.items() if not one.has_nothing(name)}) or kinds
        first, *others = kinds.values()
        for file in others:
            _refuse_another_kind(name, (first, own[first]), (file, own[file]))
        # of numbers in text: those with a decimal comma before fractions, and fractions before whole numbers
        decides = own[max(kinds.items(), key=lambda item: (item[0][1], item[0][0] == "number"))[1]]
        if decides.types:
            types[name] = decides.types[name]
    return types


def _kinds(name: str, own: Mapping[str, _Own]) -> dict[tuple[str, bool], str]:
    """By kind of a column, and whether with a decimal comma, the first file that has it so."""
    kinds: dict[tuple[str, bool], str] = {}
    for file, one in own.items():
        kinds.setdefault((one.columns[name].kind, one.columns[name].found == COMMA), file)
    return kinds


def _refuse_another_kind(name: str, first: tuple[str, _Own], second: tuple[str, _Own]) -> None:
    """Refuse a column that is of one kind here and of another there."""
    column, before = second[1].columns[name], first[1].columns[name]
    if second[1].types and {column.kind, before.kind} <= {"whole", "number"}:
        return
    raise DataError(
        f"The column {name!r} is of another type in one of the files.",
        where=second[0],
        found=f"{KINDS[column.kind]} ({column.found})",
        expected=f"{KINDS[before.kind]} ({before.found}), as in {first[0]}",
        todo="write the file again with the type of the others",
    )


def called(files: Sequence[Path]) -> list[str]:
    """What files are called: their names, with the folder where two have the same."""
    names = [file.name for file in files]
    return [f"{file.parent.name}/{file.name}" if names.count(file.name) > 1 else file.name for file in files]

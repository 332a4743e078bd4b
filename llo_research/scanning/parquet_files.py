"""Parquet files for a scan: what their last bytes tell, before any row is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.errors import DataError
from llo_research.scanning.columns import Column, columns_of, refuse_twice


@dataclass(frozen=True)
class Footer:
    """The end of a Parquet file.

    columns : by name; without the index of a frame, which pandas writes beside them.
    declared : categories, of columns that were written as pandas or Arrow categories.
    empty : columns without a value, so that their type says nothing.
    """

    rows: int
    columns: dict[str, Column]
    declared: dict[str, pd.CategoricalDtype]
    empty: frozenset[str]


def is_index(name: str) -> bool:
    """Whether a column is the index of a frame without a name."""
    return name.startswith("__index_level_") and name.endswith("__")


def footer_of(file: Path, called: str) -> Footer:
    """The end of one file; a file without its end is refused."""
    import ibis
    import pyarrow as pa
    from pyarrow import parquet

    try:
        opened = parquet.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        size = file.stat().st_size
        raise DataError(
            "The file is no Parquet file, or was cut off." if size else "The file is empty.",
            where=called,
            found=f"{size:,} bytes; {' '.join(str(error).split())[:120]}",
            expected="a whole Parquet file: its last bytes say where its columns are",
            todo="copy it again, and compare its size or checksum with that of the source",
        ) from None
    with opened:
        schema, metadata = opened.schema_arrow, opened.metadata
        refuse_twice(schema.names, called)
        columns = columns_of(ibis.Schema.from_pyarrow(schema))
        columns = {name: column for name, column in columns.items() if not is_index(name)}
        return Footer(metadata.num_rows, columns, _declared(opened, called), _empty(metadata, schema))


def _empty(metadata: Any, schema: Any) -> frozenset[str]:
    """Columns of which the file says that no row has a value."""
    missing = dict.fromkeys(schema.names, 0)
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            known = column.statistics is not None and column.statistics.has_null_count
            if column.path_in_schema in missing and known:
                missing[column.path_in_schema] += column.statistics.null_count
    return frozenset(name for name, count in missing.items() if count == metadata.num_rows)


def _declared(opened: Any, called: str) -> dict[str, pd.CategoricalDtype]:
    """The categories of a file: of columns that were written as pandas or Arrow categories, the same in all its parts.

    Where the parts of a file have others, unordered ones are text, as in pandas.
    """
    import pyarrow as pa

    names = [field.name for field in opened.schema_arrow if pa.types.is_dictionary(field.type)]
    kinds: dict[str, pd.CategoricalDtype] = {}
    for part in range(opened.metadata.num_row_groups if names else 0):
        if opened.metadata.row_group(part).num_rows == 0:
            continue
        found = next(opened.iter_batches(batch_size=1, row_groups=[part], columns=names))
        for name in list(names):
            ordered = opened.schema_arrow.field(name).type.ordered
            levels = found[name].dictionary.to_pylist()
            known = kinds.setdefault(name, pd.CategoricalDtype(levels, ordered))
            if levels == list(known.categories):
                continue
            if ordered:
                raise _ordered_otherwise(name, called, levels, list(known.categories))
            names.remove(name)
            del kinds[name]
    return kinds


def _ordered_otherwise(name: str, where: str, found: list[Any] | None, expected: list[Any] | None) -> DataError:
    """The error for an order that is not the same everywhere."""
    return DataError(
        f"The ordered categories of {name!r} differ between files.",
        where=where,
        found="none" if found is None else f"{found[:8]}",
        expected="none" if expected is None else f"{expected[:8]}",
        todo="write all files with the same categories in the same order",
    )


def agreed(footers: Mapping[str, Footer]) -> dict[str, pd.CategoricalDtype]:
    """The categories of columns that all files declare, by column."""
    names = dict.fromkeys(name for own in footers.values() for name in own.declared)
    kinds = [own.declared for own in footers.values()]
    return {name: dtype for name in names if (dtype := _agreed(name, kinds, list(footers))) is not None}


def _agreed(
    name: str, declared: Sequence[Mapping[str, pd.CategoricalDtype]], files: Sequence[str]
) -> pd.CategoricalDtype | None:
    """The categories of a column over the files; where unordered ones differ it is text, as pandas' concat has it."""
    levels = [None if (kind := kinds.get(name)) is None else list(kind.categories) for kinds in declared]
    if all(own is not None and own == levels[0] for own in levels):
        return declared[0][name]
    if any(name in kinds and kinds[name].ordered for kinds in declared):
        other = next(i for i, own in enumerate(levels) if own is None or own != levels[0])
        raise _ordered_otherwise(name, f"{files[other]}, beside {files[0]}", levels[other], levels[0])
    return None

"""What the columns of a scan are: numbers, whole numbers, booleans, or text with or without declared categories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.options import nearest
from llo_research.survey.variables import spelled

KINDS = {"whole": "whole numbers", "number": "numbers", "boolean": "booleans", "text": "text", "other": "values"}


@dataclass(frozen=True)
class Column:
    """A column of a scan.

    kind : "whole", "number", "boolean", "text" or "other".
    found : the type as the engine calls it.
    declared : categories in their order, where the file declares them.
    """

    name: str
    kind: str
    found: str
    declared: pd.CategoricalDtype | None = None


# Holds 1 in every row; of no file, and told in no list.
EVERY_ROW = "(every row)"


def columns_of(schema: Any) -> dict[str, Column]:
    """The columns of an Ibis schema by name."""
    return {str(name): Column(str(name), kind_of(dtype), str(dtype)) for name, dtype in schema.items()}


def kind_of(dtype: Any) -> str:
    """The kind of an Ibis type."""
    if dtype.is_boolean():
        return "boolean"
    if dtype.is_integer():
        return "whole"
    if dtype.is_floating() or dtype.is_decimal():
        return "number"
    empty = dtype.is_null() or "NULL" in str(dtype)
    return "text" if dtype.is_string() or empty else "other"


def plain_table(table: Any) -> Any:
    """The table with nan as missing, numbers as double, and columns of nothing as text without values."""
    import ibis

    made = {EVERY_ROW: ibis.literal(1.0)}
    for name, dtype in table.schema().items():
        if dtype.is_floating():
            values = table[name].cast("float64")
            made[name] = values.isnan().ifelse(None, values)
        elif dtype.is_decimal():
            made[name] = table[name].cast("float64")
        elif kind_of(dtype) == "text" and not dtype.is_string():
            made[name] = table[name].cast("string")
    return table.mutate(**made)


def refuse_twice(names: Iterable[str], where: str) -> None:
    """Refuse columns whose names differ in capitals only: an engine reads one of them for both."""
    seen: dict[str, str] = {}
    for name in names:
        if name and name.casefold() in seen:
            raise DataError(
                "Two columns are called alike.",
                where=where,
                found=f"{seen[name.casefold()]!r} and {name!r}",
                expected="names that differ in more than capitals; engines take these for one",
                todo="give one of them another name",
            )
        seen[name.casefold()] = name


def found_column(columns: Mapping[str, Column], name: Any, role: str) -> Column:
    """A column by name; a wrong one gets the nearest that is there."""
    if not isinstance(name, str):
        raise DataError(
            "A column is given by its name.", where=role, found=f"a {type(name).__name__}", expected="text, as 'weight'"
        )
    own = spelled(pd.DataFrame(columns=list(columns)), name)
    if own not in columns:
        raise DataError(
            f"There is no column {name!r} in the data.",
            where=role,
            found=f"{len(columns)} columns{nearest(name, columns)}",
            todo="check the spelling; scan.columns lists what is there",
        )
    return columns[own]


def series_of(values: Any, column: Column) -> pd.Series:
    """A column of an answer (Arrow) as pandas has it in a Survey: whole numbers exact, categories as declared."""
    missing = np.asarray(values.is_null())
    objects = values.to_pandas(integer_object_nulls=True)
    if column.declared is not None:
        series = pd.Series(pd.Categorical(objects, dtype=column.declared), name=column.name)
        if (strange := series.isna().to_numpy() & ~missing).any():
            raise DataError(
                f"The column {column.name!r} holds a category that its file does not declare.",
                where=f"column {column.name!r}",
                found=repr(objects[strange].iloc[0]),
                expected=", ".join(repr(level) for level in column.declared.categories[:8]),
                todo="write the file again with all categories",
            )
        return series
    if column.kind == "whole":
        whole = [0 if gone else int(value) for value, gone in zip(objects, missing, strict=True)]
        unsigned = bool(whole) and max(whole) > np.iinfo(np.int64).max
        exact = np.array(whole, dtype=np.uint64 if unsigned else np.int64)
        return pd.Series(pd.arrays.IntegerArray(exact, missing) if missing.any() else exact, name=column.name)
    if column.kind == "boolean":
        own = np.array([not gone and bool(value) for value, gone in zip(objects, missing, strict=True)], dtype=bool)
        return pd.Series(pd.arrays.BooleanArray(own, missing) if missing.any() else own, name=column.name)
    if column.kind == "number":
        return pd.Series(objects.to_numpy(dtype=np.float64, na_value=np.nan), name=column.name)
    return pd.Series(objects.to_numpy(dtype=object), name=column.name) if column.kind == "text" else objects

"""Files read by Spark, which by itself takes the columns of the first file for those of all, and leaves rows out."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.scanning.files import called, folder_keys, parquet_ends, text_headers
from llo_research.scanning.parquet_files import is_index
from llo_research.scanning.reading import told


def spark_files(session: Any, files: Sequence[Path]) -> Any:
    """A Spark DataFrame of files with the same columns."""
    names = called(files)
    if hidden := [name for name, file in zip(names, files, strict=True) if file.name[0] in "._"]:
        raise DataError(
            "Spark leaves out files whose name begins with a point or a line.",
            where=hidden[0],
            todo="give the file another name, or read it with DuckDB: leave engine out",
        )
    paths = [re.sub(r"([\\*?\[\]{}])", r"\\\1", str(file.resolve())) for file in files]
    reader = session.read
    if any(folder_keys(file) for file in files):
        reader = reader.option("basePath", str(_above(files)))
    if ".parquet" in files[0].name.lower() or ".pq" in files[0].name.lower():
        parquet_ends(files, names)
        with told(", ".join(names[:3])):
            frame = reader.parquet(*paths)
            return frame.drop(*[name for name in frame.columns if is_index(name)])
    separator, headers = text_headers(files, names)
    for name, header in headers.items():
        if header != headers[names[0]]:
            raise DataError(
                "The columns of text files stand in another order, which Spark does not see.",
                where=name,
                found=", ".join(header)[:120],
                expected=f"{', '.join(headers[names[0]])[:120]}, as in {names[0]}",
                todo="write the files with the same columns in the same order, or as Parquet",
            )
    with told(", ".join(names[:3])):
        return reader.csv(
            paths,
            header=True,
            inferSchema=True,
            sep=separator,
            quote='"',
            escape='"',
            nullValue="NA",
            mode="FAILFAST",
            encoding="UTF-8",
        )


def _above(files: Sequence[Path]) -> Path:
    """The folder above those that hold the value of a column, as year=2014."""
    tops = []
    for file in files:
        folders = [folder for folder in reversed(file.resolve().parents) if folder_keys(folder / "_")]
        tops.append(folders[0].parent if folders else file.resolve().parent)
    return Path(os.path.commonpath(tops))

"""Columns of several files, or of several years, below each other: exact, and of one kind."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.exact import LIMIT, beyond, distinct_of, key_of, of_distinct, plain, whole_numbers
from llo_research.errors import DataError, LloWarning


def below_each_other(frames: Mapping[str, pd.DataFrame], identifiers: Sequence[str] = ()) -> pd.DataFrame:
    """Frames in one, columns in order of appearance; what a frame lacks is missing in its rows.

    Parameters
    ----------
    frames : mapping
        Name of a file -> its frame.
    identifiers : sequence of str
        Columns that tell persons apart: they must be of one kind in all files.

    Raises
    ------
    DataError
        When a column cannot be put together without loss.
    """
    if len(frames) == 1:
        return next(iter(frames.values()))
    order = list(dict.fromkeys(column for frame in frames.values() for column in frame.columns))
    lengths = {name: len(frame) for name, frame in frames.items()}
    columns = {}
    for column in order:
        pieces = {name: frame[column] for name, frame in frames.items() if column in frame.columns}
        columns[column] = _stacked(column, pieces, lengths, identifier=column in identifiers)
    return pd.DataFrame(columns)


def _stacked(
    column: str, pieces: Mapping[str, pd.Series], lengths: Mapping[str, int], *, identifier: bool
) -> pd.Series:
    """One column of all files."""
    pieces = of_one_kind(column, pieces, identifier=identifier, complete=len(pieces) == len(lengths))
    kind = next(iter(pieces.values())).dtype
    filled = []
    for name, rows in lengths.items():
        piece = pieces.get(name)
        if piece is None:
            empty = np.full(rows, np.nan)
            own = kind if isinstance(kind, pd.api.extensions.ExtensionDtype) or kind.kind == "O" else float
            piece = pd.Series(empty, dtype=object).astype(own)
        filled.append(piece.reset_index(drop=True))
    return pd.concat(filled, ignore_index=True)


def of_one_kind(
    column: str, pieces: Mapping[str, pd.Series], *, identifier: bool = False, complete: bool = False
) -> dict[str, pd.Series]:
    """The pieces of a column, so that they can stand below each other without loss.

    Text and numbers become text, with a warning (refused for identifiers); whole numbers beyond 2^53 become Int64, but
    where all rows have one (``complete``).
    """
    kinds = {name: kind for name, piece in pieces.items() if (kind := kind_of_values(piece))}
    told = dict.fromkeys(kinds.values())
    if len({"number" if kind == "yes or no" else kind for kind in told}) > 1:
        return _as_text(column, pieces, kinds, identifier=identifier)
    if len(told) > 1:
        pieces = {name: piece.astype(float) if _is_bool(piece) else piece for name, piece in pieces.items()}
    numbers = [piece for name, piece in pieces.items() if kinds.get(name) == "number"]
    if not any(_whole(piece) and beyond(piece) for piece in numbers):
        return dict(pieces)
    if complete and len({piece.dtype for piece in pieces.values()}) == 1:
        return dict(pieces)
    exact = {name: _exact(column, piece, name) for name, piece in pieces.items()}
    if len({piece.dtype for piece in exact.values()}) == 1:
        return exact
    return {name: whole_numbers(piece, unsigned=True) for name, piece in exact.items()}


def kind_of_values(piece: pd.Series) -> str:
    """What a column holds: numbers, text, dates, yes or no, a mixture; '' when it is empty."""
    if isinstance(piece.dtype, pd.CategoricalDtype):
        return "text" if piece.notna().any() else ""
    if piece.dtype.kind in "iuf":
        return "number" if piece.notna().any() else ""
    if piece.dtype.kind in "bM":
        return {"b": "yes or no", "M": "date"}[piece.dtype.kind] if piece.notna().any() else ""
    names = {"bool": "yes or no", "other": "text"}
    kinds = {names.get(key[0], key[0]) for value in distinct_of(piece)[1] if (key := key_of(value)) is not None}
    return " and ".join(sorted(kinds))


def _is_bool(piece: pd.Series) -> bool:
    return piece.dtype.kind == "b"


def _whole(piece: pd.Series) -> bool:
    """Is this a column of whole numbers by its type?"""
    return piece.dtype.kind in "iu"


def _as_text(
    column: str, pieces: Mapping[str, pd.Series], kinds: Mapping[str, str], *, identifier: bool
) -> dict[str, pd.Series]:
    """Text and numbers of one column as text; what else differs is refused."""
    found = "; ".join(f"{kind} in {name}" for name, kind in kinds.items())
    if identifier or not {word for kind in kinds.values() for word in kind.split(" and ")} <= {"text", "number"}:
        raise DataError(
            f"{column} is of different kinds in these files.",
            where=f"column {column}, the files together",
            found=found,
            expected="numbers in every file, or text in every file",
            todo="Export the files with the same type for this column"
            + (
                ": persons are told apart by it."
                if identifier
                else ", or translate its codes with [values] in a mapping."
            ),
        )
    words = f"{column} is text in one file and numbers in another: it stays text in all.\n  found: {found}"
    warnings.warn(LloWarning(words), stacklevel=6)
    return {name: as_text(piece) for name, piece in pieces.items()}


def as_text(piece: pd.Series) -> pd.Series:
    """Values as text, numbers as people write them (8, not 8.0); missing stays missing."""
    numbers, distinct = distinct_of(piece)
    return of_distinct(
        numbers, [plain(value) if key_of(value) is not None else None for value in distinct], piece.index
    )


def identity(piece: pd.Series) -> pd.Series:
    """A key of persons as text, whole numbers without a point; text stays what it is."""
    if _whole(piece) or (piece.dtype.kind == "f" and not (piece % 1).any() and not beyond(piece)):
        return piece.astype("int64" if piece.dtype.kind != "u" else "uint64").astype(str)
    return as_text(piece)


def _exact(column: str, piece: pd.Series, name: str) -> pd.Series:
    """A column of whole numbers as Int64, when floats would cut them.

    Raises
    ------
    DataError
        When it has decimals: one column cannot hold both exactly.
    """
    known: Any = piece.dropna()
    if piece.dtype.kind == "f" and not (known % 1 == 0).all():
        raise DataError(
            f"{column} has decimals in one file and whole numbers beyond {LIMIT:,} in another.",
            where=f"{name}, column {column}",
            found=plain(known[known % 1 != 0].iloc[0]),
            expected="whole numbers in every file, or numbers that a float holds exactly",
            todo="Export the files with the same type for this column.",
        )
    return whole_numbers(piece)

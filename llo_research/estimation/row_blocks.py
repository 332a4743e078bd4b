"""The rows of a result in blocks, by identifiers that they share: what is ranked or pooled together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.results.result import Result
from llo_research.results.standing import straddled

# What a row is a number of; the other identifiers say of whom.
_THINGS = ("variable", "level", "measure", "component", "of", "minus")


def identifier(result: Result, name: str, where: str) -> pd.Series:
    """The values of an identifier of the rows, as text."""
    if name not in result.rows:
        raise DataError(
            f"The rows have no identifier {name!r}.", where=where, found=name, expected=", ".join(map(str, result.rows))
        )
    return result.rows[name].astype(str)


def blocks(result: Result, names: Sequence[str], where: str) -> Iterator[np.ndarray]:
    """The places of the rows of each block, refused where its rows are numbers of several things."""
    for block in _places(result, names, where):
        _check_alike(result.rows.iloc[block], where)
        yield block


def _check_alike(rows: pd.DataFrame, where: str) -> None:
    """Refuse several variables, pairs of groups or terms in one block; to rank one number of each is a list of them."""
    told = rows.reindex(columns=[name for name in _THINGS if name in rows]).astype(str)
    mixed = [name for name in told if told[name].nunique() > 1]
    several = len(told[mixed].drop_duplicates()) if mixed else 1
    if "result" in rows and "term" in rows and 1 < rows["result"].nunique() < len(rows) and rows["term"].nunique() > 1:
        mixed.append("term")
    elif several == 1 or (where == "ranks" and several == len(rows)):
        return
    raise DataError(
        "Rows of several variables, groups or terms are numbers of different things.",
        where=where,
        found="; ".join(f"{name}: " + ", ".join(dict.fromkeys(rows[name].astype(str))) for name in mixed)[:200],
        expected="one number of several populations",
        todo=f"take each apart: by={mixed[0]!r}, or by='result' of llo.joint({{...}})",
    )


def _places(result: Result, names: Sequence[str], where: str) -> Iterator[np.ndarray]:
    """The places of the rows of each block, in the order of their first rows; all rows without names."""
    if not names:
        yield np.arange(len(result.estimate))
        return
    keys = [tuple(row) for row in zip(*(identifier(result, name, where) for name in names), strict=True)]
    for key in dict.fromkeys(keys):
        yield np.flatnonzero([other == key for other in keys])


def _check_one_side(result: Result, known: np.ndarray, where: str) -> None:
    """Refuse rows on both sides of a series break of their variable: no league and no population has both."""
    used = np.zeros((1, len(result.estimate)), dtype=bool)
    used[0, known] = True
    flags, told = straddled(result, used, None, [where], [""])
    if flags == ("break",):
        first = told["breaks"]["straddled"][0]
        raise DataError(
            "Rows before and after a series break do not measure the same.",
            where=where,
            found=f"break of {first['time']}: {first['what']}",
            expected="rows on one side of the break",
            todo="choose times on one side (svy.where), or take each side apart: by='cycle', a column of the rows",
        )


def known_rows(
    result: Result, block: np.ndarray, where: str, words: tuple[str, str], least: int, most: float = math.inf
) -> np.ndarray:
    """The rows of a block that have an estimate and an error; words: what several kinds lack, what is needed."""
    kinds = {(q.kind, q.unit, q.on) for q in (result.quantity[i] for i in block)}
    if len(kinds) > 1:
        raise DataError(
            f"Rows of several kinds have no {words[0]}.",
            where=where,
            found=", ".join(sorted({str(kind) for kind in kinds}))[:200],
            todo='take one variable and one measure at a time: by="result", or result.contrast(...) picks rows',
        )
    known = block[(np.isfinite(result.estimate) & (result.std_error > 0) & ~result.vanishing)[block]]
    known = known[result.df[known] > 0]
    if not least <= len(known) <= most:
        raise DataError(
            words[1],
            where=where,
            found=f"{len(known)} of {len(block)} rows have one",
            expected=f"{least} or more" if most == math.inf else f"{least} to {most}",
        )
    _check_one_side(result, known, where)
    return np.asarray(known)

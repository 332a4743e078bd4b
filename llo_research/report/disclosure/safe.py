"""The safe file of a result: what passes, in the form of ``result.save``, so that ``llo.read_result`` reads it outside.

What becomes of each part of a result is told by :func:`llo_research.report.export`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.disclosure.digits import (
    COARSE,
    STEP,
    rounded_covariance,
    rounded_estimate,
    significant,
    to_part,
)
from llo_research.report.disclosure.passing import Passing
from llo_research.report.disclosure.quantile_ends import of_quantiles, on_grid
from llo_research.report.disclosure.safe_conditions import as_columns, narrow
from llo_research.report.disclosure.safe_kinds import DIFFERENCES, own_of
from llo_research.report.disclosure.safe_meta import condition, safe_counts, safe_facts, safe_meta
from llo_research.report.disclosure.safe_rows import nameable, secrets_of, unnamed, without_names
from llo_research.results.columns import BESIDE_REST, DETAILS
from llo_research.results.exported import EXPORTED
from llo_research.results.floors import HIDDEN, blanked_like
from llo_research.results.receipts.closed import without
from llo_research.results.result import Result
from llo_research.results.seen import seen
from llo_research.results.standing import kept_sides
from llo_research.results.storage import FORMAT, packed, plain, told_column

_STEPS = 20  # of shares of people on one side of a series break
# what the codebook says, and what this export does
_OF_THE_SOURCE = ("source", "labels", "spoken", EXPORTED)
# numbers that are functions of the error, and not shown where it is not
_OF_ERROR = ("n_eff", "deff")
_DIGITS = {"n_eff": 3, "deff": 3}  # of others four


def safe(result: Result, passing: Passing, kept: np.ndarray | None = None) -> dict[str, Any]:
    """What a safe file tells of a result; withheld rows that may be named are there without numbers.

    kept : the rows that are told, where those of another result decide it.
    """
    if kept is None:
        kept = np.flatnonzero(nameable(result.rows.reset_index(drop=True), passing.gone, result.meta))
    kind, own = own_of(result, passing, kept, safe)
    told = {"kind": kind, **_told(result, passing, kept), "meta": _meta(result, passing, kept), "own": own}
    if names := unnamed(result.rows.reset_index(drop=True), passing.gone, kept, result.meta):
        told["meta"] |= {n: without_names(told["meta"][n], names) for n in told["meta"] if n not in _OF_THE_SOURCE}
    hidden = narrow(result.meta, passing.rules.units)
    secret = _secrets(result, passing.gone)
    for name in ("rows", "labels", "meta"):
        told[name] = as_columns(told[name], hidden) if hidden else told[name]
        told[name] = without(told[name], secret) if secret else told[name]
    return {"format": FORMAT, **told}


def _told(result: Result, passing: Passing, kept: np.ndarray) -> dict[str, Any]:
    """The numbers, by row."""
    gone, lost, base = passing.gone, passing.lost, passing.rounding
    shown = seen(result, passing.as_withheld())
    n = None if result.n is None else _picked(np.round(np.asarray(result.n) / base) * base, gone, kept)
    interval = result.interval
    return {
        "rows": {name: told_column(column) for name, column in _rows(result, kept).items()},
        "estimate": _picked(rounded_estimate(result, passing), gone, kept),
        "covariance": packed(_covariance(shown, result.meta, passing, kept)),
        "vcov": {"name": result.inference.vcov.name, "facts": safe_facts(result.inference.facts)},
        "df": _picked(_coarse(significant(result.df, 4), base), lost if result.draws else gone, kept),
        "scale": _picked(significant(result.scales, 1), gone, kept),
        "n": n,
        "labels": [result.labels[i] for i in kept],
        "quantity": [[q.kind, q.unit, q.null, q.on] for q in (result.quantity[i] for i in kept)],
        "level": result.level,
        "interval": interval if isinstance(interval, str) else [interval[i] for i in kept],
        "simultaneous": result.simultaneous,
        "tested": result.tested,
        "own_ends": _own_ends(result, passing, kept),
        "draws": [_draw(draw, passing, kept) for draw in result.draws],
        "flags": _flags(result, passing, kept),
        "details": _details(result, passing, kept),
        "columns": {
            name: _picked(significant(values, 4), lost | passing.coarse, kept) for name, values in shown.columns.items()
        },
        "cells": {} if n is None else {"n": n},
    }


def _flags(result: Result, passing: Passing, kept: np.ndarray) -> list[str]:
    """Flags of rows that leave; not what tells a cell of a table book from the rest where the difference does not."""
    apart = passing.inner.get(DIFFERENCES, passing).lost
    words = [
        [word for word in flag.split() if word not in BESIDE_REST or not apart[i]]
        for i, flag in enumerate(result.flags)
    ]
    return ["" if passing.gone[i] else " ".join(words[i]) for i in kept]


def _rows(result: Result, kept: np.ndarray) -> pd.DataFrame:
    """The identifiers of some rows; levels that no row has are not told."""
    rows = result.rows.reset_index(drop=True).iloc[kept].reset_index(drop=True)
    for name in rows.columns:
        if isinstance(rows[name].dtype, pd.CategoricalDtype):
            rows[name] = rows[name].cat.remove_unused_categories()
    return rows


def _picked(values: Any, gone: np.ndarray, kept: np.ndarray) -> list[Any]:
    """The numbers of some rows, none of those that are withheld."""
    known = np.asarray(values, dtype=np.float64)
    return list(plain(np.where(gone, np.nan, known)[kept]))


def _coarse(df: np.ndarray, base: int) -> np.ndarray:
    """Degrees of freedom, which tell the people behind a row, rounded down where counts are rounded."""
    return df if base == 1 else np.where(df > base, np.floor(df / base) * base, df)


def _own_ends(result: Result, passing: Passing, kept: np.ndarray) -> dict[str, Any] | None:
    """Ends of intervals that the estimator found itself, of rows that leave with their interval."""
    if (own := result.own_ends) is None:
        return None
    part, lines = np.where(passing.coarse, COARSE, STEP), of_quantiles(result)
    told = [
        np.where(lines, line, to_part(np.asarray(end), result.std_error, part))
        for end, line in zip((own.low, own.high), on_grid(result, passing.rules), strict=True)
    ]
    ends = {name: _picked(end, passing.lost, kept) for name, end in zip(("low", "high"), told, strict=True)}
    return {**ends, "here": plain(np.asarray(own.here)[kept])}


def _details(result: Result, passing: Passing, kept: np.ndarray) -> dict[str, Any]:
    """Weighted people and design effects; none where counts are rounded, of which these are functions."""
    if result.details is None or passing.rounding > 1:
        return {}
    details = result.details()
    names = [name for name in DETAILS if name in details]
    out = {name: passing.coarse | (passing.lost if name in _OF_ERROR else passing.gone) for name in names}
    told = {name: details[name].to_numpy(dtype=np.float64) for name in names}
    return {name: _picked(significant(told[name], _DIGITS.get(name, 4)), out[name], kept) for name in names}


def _covariance(shown: Result, meta: Mapping[str, Any], passing: Passing, kept: np.ndarray) -> np.ndarray:
    """(kept, kept) the covariances that leave."""
    coarse = passing.coarse | of_quantiles(shown)  # errors of quantiles are widths between values of persons
    return rounded_covariance(passing.covariance(shown.covariance, kept), meta, coarse[kept])


def _draw(draw: Result, passing: Passing, kept: np.ndarray) -> dict[str, Any]:
    """The estimates of one imputation, of the rows that leave: contrasts need them."""
    shown = seen(draw, passing.as_withheld())
    return {
        "estimate": _picked(rounded_estimate(draw, passing), passing.gone, kept),
        "covariance": packed(_covariance(shown, draw.meta, passing, kept)),
        "df": _picked(_coarse(significant(draw.df, 4), passing.rounding), passing.lost, kept),
    }


def _meta(result: Result, passing: Passing, kept: np.ndarray) -> dict[str, Any]:
    """The account of the call, with what was withheld."""
    meta, gone, units = result.meta, passing.gone, passing.rules.units
    out = safe_meta(meta, result.labels, gone, units, lost=passing.lost)
    if "nobs" in out:
        out["nobs"] = int(np.round(out["nobs"] / passing.rounding) * passing.rounding)
    if not gone.any() and "contrast_rows" in meta:
        out["contrast_rows"] = meta["contrast_rows"]
    if "tests" in meta:
        tests = blanked_like(pd.DataFrame(meta["tests"]), result.rows.reset_index(drop=True), passing.as_withheld())
        out["tests"] = tests[~(tests == HIDDEN).any(axis=1)].to_dict("records")
    if sides := kept_sides(result):
        out |= {name: {k: _sides(v, gone, kept) for k, v in told.items()} for name, told in sides.items()}
    if parts := meta.get("parts"):
        out |= _joint(result, parts, passing)
    return dict(plain({**out, EXPORTED: passing.of_rows(kept)}))


def _sides(values: Any, gone: np.ndarray, kept: np.ndarray) -> list[list[Any]]:
    """On which side of series breaks some rows stand, shares of their people to twentieths; not of withheld ones."""
    return [[None if gone[i] else round(_STEPS * value) / _STEPS if value == value else None for value in values[i]]
            for i in kept]  # fmt: skip


def _joint(result: Result, parts: Mapping[str, Any], passing: Passing) -> dict[str, Any]:
    """The accounts of the results in a joint one; of those of which nothing leaves the name of the function alone."""
    told, calls = {}, {}
    of = _part_of_row(result, parts)
    for name, part in parts.items():
        mine = of == name
        gone = passing.gone[mine] if mine.any() else passing.gone
        labels = [label for label, here in zip(result.labels, mine, strict=True) if here]
        if gone.all():
            calls[name] = {"function": (part.get("call") or {}).get("function")}
            told[name] = {"call": calls[name], "left_out": {}, "domain": []}
        else:
            calls[name] = part.get("call")
            told[name] = safe_meta(part, labels or result.labels, gone, passing.rules.units)
            told[name].pop("source")
    silent = [name for name in calls if told[name].keys() == {"call", "left_out", "domain"}]
    left_out = {
        name: n
        for name, n in safe_counts(result.meta.get("left_out") or {}, passing.rules.units).items()
        if name.split(": ")[0] not in silent
    }
    domain = [note for note in result.meta.get("domain") or () if str(note.get("result")).split(":")[0] not in silent]
    own = dict(result.meta.get("call") or {})
    own = {**own, "results": calls} if "results" in own else own
    return {"parts": told, "call": own, "left_out": left_out, "domain": [condition(note) for note in domain]}


def _part_of_row(result: Result, parts: Mapping[str, Any]) -> np.ndarray:
    """(k,) the part of a joint result that each row is of; nothing where rows do not say."""
    rows = result.rows
    return np.array(rows["result"].astype(str) if "result" in rows else [""] * len(rows), dtype=object)


def _secrets(result: Result, gone: np.ndarray) -> list[str]:
    """Values that conditions of withheld rows, or of parts of which nothing leaves, compare with."""
    rows = result.rows.reset_index(drop=True)
    texts = [[value for value in rows.iloc[i] if isinstance(value, str)] for i in range(len(rows))]
    shown: list[Any] = [text for i in np.flatnonzero(~gone) for text in texts[i]]
    hidden: list[Any] = [text for i in np.flatnonzero(gone) for text in texts[i]]
    parts, of = result.meta.get("parts") or {}, _part_of_row(result, result.meta.get("parts") or {})
    for name, part in parts.items():
        mine = of == name
        where = hidden if mine.any() and gone[mine].all() else shown
        where += [part.get("call"), part.get("domain")]
    if not parts:
        shown += [result.meta.get("domain")]
    return secrets_of(shown, hidden)

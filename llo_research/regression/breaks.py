"""Models across a series break: which coefficients mix method and reality, and whether the model has a break term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from llo_research.estimation.placing import Clock, conditions_of
from llo_research.estimation.series_breaks import concerned_by
from llo_research.estimation.times import ordered
from llo_research.numerics.groups import Codes, Floats
from llo_research.regression.model_data import ModelData
from llo_research.results.breaks import Break, Exposure, account, breaks_in, flagged
from llo_research.results.dated import lies_after
from llo_research.survey.unlike import LABEL

# A shift of method that moves a coefficient by less than this share of itself does so by rounding.
_NONE = 1e-8
WITHOUT, WITH = "without break term", "with break term"
SATURATED = "saturated: every wave has its own level, from which the break cannot be told"


@dataclass(frozen=True)
class AtBreaks:
    """What the series breaks that a model straddles do to its rows.

    flags : (k,) ``break`` for rows that mix method and reality. meta : the breaks and the model's term, for ``.meta``.
    """

    flags: tuple[str, ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)


def at_breaks(data: ModelData, names: Sequence[str], absorbed: Sequence[str] = ()) -> AtBreaks:
    """The breaks between the rows of a model.

    Of the terms that are functions of the time alone (``year``, ``C(year)``, a step ``year >= 2022``), or of the
    surveys of a stack, those are flagged that a shift of everybody after the break would move. Not the break term
    itself: where the terms of time carry a step at the break and are fewer than the times, its coefficient is what the
    series does at the break, and the others are free of it. Terms of time that are as many as the times leave nothing
    to tell the break from.

    names : (k,) terms of the result. absorbed : columns whose levels were taken out.
    """
    found = breaks_in(data.svy.source)
    if not found:
        return AtBreaks()
    clock = Clock(data.svy, lambda *_: np.zeros((0, 0)))
    told: list[tuple[Break, np.ndarray, str]] = []
    for known in found:
        if concerned_by(known, data.svy, [*data.columns, *conditions_of(data.svy)]):
            placed = _placed(clock, known, data.rows)
            if placed is not None:
                moved, model = _moved(data, names, *placed, absorbed=placed[2] in absorbed)
                if model != WITH:
                    moved = moved | _between_surveys(data, names, *placed[:2], clock._own(known))
                told.append((known, moved, model))
    if not told:
        return AtBreaks()
    exposure = Exposure(tuple(entry for entry, _, _ in told), np.column_stack([rows for _, rows, _ in told]))
    meta = account(exposure, "flag", names)
    for entry, (_, _, model) in zip(meta["straddled"], told, strict=True):
        entry["model"] = model
    return AtBreaks(flagged(("",) * len(names), exposure.rows, "break"), {"breaks": meta})


def _placed(clock: Clock, known: Break, rows: Codes) -> tuple[Codes, np.ndarray, str] | None:
    """Time of each row (m,) and which times lie after a break (T,), by the first column that has both sides."""
    own = clock._own(known)
    for column in clock.columns:
        after = lies_after(column.levels, known.time, in_order=ordered(column))
        codes = column.codes[rows]
        there = np.unique(codes[(codes >= 0) & (True if own is None else own[rows])])
        if after is not None and after[there].any() and not after[there].all():
            return codes, after, column.name
    return None


def _moved(
    data: ModelData, names: Sequence[str], codes: Codes, after: np.ndarray, name: str, *, absorbed: bool
) -> tuple[np.ndarray, str]:
    """(k,) the terms of time that a shift after the break moves, and what the model is."""
    times, first, at = np.unique(codes, return_index=True, return_inverse=True)
    step = after[times].astype(np.float64)
    if absorbed:
        return np.zeros(len(names), dtype=bool), SATURATED
    moved, columns, carried = _carrying(data, names, step, first, at)
    saturated = np.linalg.matrix_rank(columns) == len(times)
    model = SATURATED if saturated else WITH if carried else WITHOUT
    return moved & (model != WITH), model


def _between_surveys(
    data: ModelData, names: Sequence[str], codes: Codes, after: np.ndarray, own: np.ndarray | None
) -> np.ndarray:
    """(k,) the terms that tell the surveys of a stack apart and that a shift after the break moves."""
    if LABEL not in data.svy._frame.columns:
        return np.zeros(len(names), dtype=bool)
    surveys, levels = pd.factorize(data.svy._frame[LABEL].iloc[data.rows])
    _, first, at = np.unique(codes * len(levels) + surveys, return_index=True, return_inverse=True)
    step = after[codes[first]] & (True if own is None else own[data.rows][first])
    return _carrying(data, names, step.astype(np.float64), first, at)[0]


def _carrying(
    data: ModelData, names: Sequence[str], step: Floats, first: Codes, at: Codes
) -> tuple[np.ndarray, Floats, bool]:
    """(k,) the terms that are the same within a time (or survey) and move with a step; their columns; if they are it.

    first, at : of each time the first row, and of each row its time.
    """
    place = {term: j for j, term in enumerate(data.names)}
    own = [k for k, term in enumerate(names) if term in place and _of_time(data.x[:, place[term]], first, at)]
    columns = np.column_stack([np.ones(len(step)), *(data.x[first, place[names[k]]] for k in own)])
    constant = np.flatnonzero(np.ptp(columns[:, 1:], axis=0) == 0)
    columns[:, 1 + constant] = 0.0
    effect = np.linalg.lstsq(columns, step, rcond=None)[0]
    size = np.abs(columns).max(axis=0)
    moved = np.zeros(len(names), dtype=bool)
    moved[np.array(own, dtype=np.intp)[np.abs(effect[1:]) * size[1:] > _NONE]] = True
    return moved, columns, bool(np.abs(columns @ effect - step).max() < _NONE)


def _of_time(column: Floats, first: Codes, at: Codes) -> bool:
    """Whether a column is a function of the time."""
    return bool((column == column[first][at]).all())

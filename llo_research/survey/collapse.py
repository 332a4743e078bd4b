"""Collapsing a survey in memory: what an engine adds up elsewhere, of a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.design.stages import Stage
from llo_research.numerics.groups import Codes, Floats, codes_of_pairs, distinct_pairs, group_sums
from llo_research.survey.collapsed import survey_of
from llo_research.survey.construct import as_names
from llo_research.survey.sums import KNOWN, Key, Sums
from llo_research.survey.variables import variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def collapse(
    svy: Survey, columns: Sequence[str], numbers: Sequence[str], together: Sequence[tuple[str, str]]
) -> Survey:
    """A collapsed survey of some columns of a survey in memory (`Survey.collapse`)."""
    frame, weights = svy._frame, svy._base_weights
    roles = {name: svy._arguments[name] for name in ("weights", "strata", "psu", "fpc", "nest", "unit", "time")}
    kept = list(dict.fromkeys([*_kept_roles(roles), *columns]))
    values = {name: variable(frame, name, "numbers").values for name in numbers}
    told = {KNOWN.format(name): ~np.isnan(own) for name, own in values.items() if np.isnan(own).any()}
    keys = frame[kept].assign(**told)
    row, first = _rows(keys, weights == 0)
    sums = _sums(svy, keys.iloc[first].reset_index(drop=True), row, values, together)
    return survey_of(
        sums,
        **roles,
        lonely_psu=svy.design.lonely_psu,
        weight_kind=svy.weight_kind,
        labels=svy.labels,
        source=svy.source,
    )


def _kept_roles(roles: Mapping[str, Any]) -> list[str]:
    """Columns of the design that a row has one value of."""
    return [name for role in ("strata", "psu", "fpc", "time") for name in as_names(roles[role])]


def _rows(keys: pd.DataFrame, apart: np.ndarray) -> tuple[Codes, Codes]:
    """(N,) the number of each row's pattern, and the first row of each (n,), in the order of the values."""
    codes, number = apart.astype(np.intp), 2
    for name in keys.columns:
        own, n_own = _codes(keys[name])
        codes, found = codes_of_pairs(codes, own, number, n_own)
        number = len(found)
    first = np.empty(number, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return codes, first


def _codes(values: pd.Series) -> tuple[Codes, int]:
    """Codes of a column, a missing value being one more."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.intp) + 1, len(values.cat.categories) + 1
    codes, levels = pd.factorize(values, sort=True)
    return codes.astype(np.intp) + 1, len(levels) + 1


def _sums(
    svy: Survey, frame: pd.DataFrame, row: Codes, values: Mapping[str, Floats], together: Sequence[tuple[str, str]]
) -> Sums:
    """What is added up of a frame whose rows belong to these patterns."""
    n, w, stage = len(frame), svy._base_weights, svy.design.stages[0]
    ends = {name: (float(np.nanmin(own)), float(np.nanmax(own))) for name, own in values.items()}
    d = {name: np.nan_to_num(own - ends[name][0]) for name, own in values.items()}

    def add(of: Floats) -> Floats:
        return group_sums(row, of, n)

    moments: dict[Any, Floats] = {
        name: np.column_stack(
            [add(w * own), add(w * own**2), add(w**2 * own), add((w * own) ** 2), add(~np.isnan(values[name]) * 1.0)]
        )
        for name, own in d.items()
    }
    for a, b in together:
        moments[a, b] = np.column_stack([add(w * d[a] * d[b]), add(w**2 * d[a] * d[b])])
    own: dict[str, Any] = {}
    if svy._arguments["psu"] is None:
        own["units_per_stratum"] = _units_per_stratum(svy, stage)
        if stage.unit is None:
            own["squares"] = add(w**2)
        else:
            own |= _of_units(stage, row, n, {"": w, **{name: w * x for name, x in d.items()}})
    return Sums(frame, add(np.ones(len(row))), add(w), moments=moments, ends=ends, together=tuple(together), **own)


def _units_per_stratum(svy: Survey, stage: Stage) -> pd.DataFrame:
    """The strata with their units and their fractions."""
    names = as_names(svy._arguments["strata"])
    first = np.empty(len(stage.units_per_stratum), dtype=np.intp)
    first[stage.stratum[::-1]] = np.arange(len(svy))[::-1]
    per = svy._frame[names].iloc[first].reset_index(drop=True)
    return per.assign(units=stage.units_per_stratum, **({"fraction": stage.fraction} if stage.fraction.any() else {}))


def _of_units(stage: Stage, row: Codes, n: int, amounts: Mapping[str, Floats]) -> dict[str, Any]:
    """Sums over units of several rows."""
    occasions, unit = stage.occasions, stage.unit
    assert unit is not None
    who = unit if occasions is None else occasions.who[unit]
    number = int(who.max()) + 1
    held = {
        name: sparse.csr_array(sparse.coo_array((own, (who, row)), shape=(number, n))) for name, own in amounts.items()
    }
    names = list(held)
    pairs: dict[Key, Any] = {(a, b): held[a].T @ held[b] for i, a in enumerate(names) for b in names[i:]}
    if occasions is not None:
        shape = (number, len(stage.units_per_stratum))
        cells = sparse.csr_array((np.ones(len(occasions.who)), (occasions.who, occasions.stratum)), shape=shape)
        pairs |= {(None, name): cells.T @ own for name, own in held.items()}
        pairs[None, None] = cells.T @ cells
    met = distinct_pairs(who, row, n)
    return {"pairs": pairs, "units": number, "distinct": partial(_distinct, met, n)}


def _distinct(met: tuple[Codes, Codes], n: int, codes: Codes, n_cells: int) -> Floats:
    """Different units among the rows of each cell, from the pairs of unit and row that occur."""
    unit, row = met
    cell = codes[row]
    inside = cell < n_cells
    own, _ = distinct_pairs(cell[inside], unit[inside], int(unit.max()) + 1)
    return np.bincount(own, minlength=n_cells).astype(np.float64)

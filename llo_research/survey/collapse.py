"""Collapsing a survey in memory: what an engine adds up elsewhere, of a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.design.collapsed_steps import key_of, of_rows
from llo_research.design.of_numbers import places_of
from llo_research.design.stages import Stage
from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats, codes_of_pairs, distinct_pairs, group_maxima, group_sums
from llo_research.survey.collapsed import check_not_collapsed
from llo_research.survey.collapsed_replicates import replicates_of_rows
from llo_research.survey.construct import Names, as_names
from llo_research.survey.made_of_sums import made_of
from llo_research.survey.sums import KNOWN, Key, Sums
from llo_research.survey.variables import column, variable


def collapse(
    self: Any, columns: Names, *, numbers: Names = None, together: Sequence[tuple[str, str]] | None = None
) -> Any:
    """Collapse the rows without loss: one for each stratum, sampling unit and pattern of some columns.

    Where many people answer in few ways, the rows of a survey are few kinds of row. The collapsed survey holds each
    once, with the number of people and their weights; every estimator that takes it gives the numbers of the survey
    itself, to rounding: estimates, standard errors, degrees of freedom, counts and design effects.

    Parameters
    ----------
    columns : str or list of str
        What the calls to come speak of: variables, cells, groups, margins of a calibration; also conditions. Columns of
        the design are kept by themselves.
    numbers : str or list of str, optional
        Numbers of many values, as hours or wages, of which sums are kept: they give means, totals, ratios, gaps,
        changes, trends and linear models with the number on the left. Whatever else is asked of them is refused.
    together : list of pairs of str, optional
        Two of the numbers that one call names, as the two of a ratio: the sums of their products are kept too.

    Returns
    -------
    Survey
        With weights that are sums, the domain, and the weighting steps and replicate weights so far. ``describe()``
        and ``.meta["collapsed"]`` of results say how many rows it stands for.

        It is taken by mean, share, total, ratio, variance, covariance, correlation, quantile, gap, change, gap_change,
        trend, narrowing, crosstab, banner, joint, contrasts, calibrate, poststratify, stack, glm and ordered
        (regressors as columns and ``C(...)``; errors by the design, by clusters that are a column of the pattern, over
        times, or classical), rank_gap, standardise, oaxaca_blinder and oaxaca_change (not Fairlie's parts), rif,
        reweight, gelbach, sequential, shapley_r2 and inequality, and by what is made of their results.

        Everything else refuses it: panel estimators and counts of persons (the person is not kept), robust errors by
        row, wild bootstraps and folds (drawn by row), gap_closing and four_parts, trimming, adjustment for nonresponse
        and, without psu, making replicates (do these before: their weights are kept), and saving (collapse again).

    Raises
    ------
    DataError
        A survey that is collapsed already, or a stack; a number that is none, or is a column of the pattern.

    Notes
    -----
    With z_i = w_i u, and u one number for a pattern r, sums over people of z_i z_j are u_r u_s times sums of w_i w_j:
    of squares where people are the sampling units, of all pairs of rows of a person over waves. PSUs of many rows stay
    rows of their own. Of a number y a person is divided over two rows that stand at its least and its largest value, a
    share (y - least) / (largest - least) in the second: whatever is linear in y stays the same.

    Collapsed rows are microdata (many stand for one person): they are not saved or written, and neither they nor their
    results leave by :func:`llo.report.export`.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"trained": [1, 0, 1, 1], "sex": list("mmvv"), "hours": [3.0, 0.0, 2.0, 8.0], "w": 2.0})
    >>> svy = llo.Survey(frame, weights="w")
    >>> few = svy.collapse(["trained", "sex"], numbers="hours")
    >>> llo.mean("hours", few, by="sex").to_frame()[["estimate", "std_error", "n"]].round(3).values.tolist()
    [[1.5, 1.225, 2.0], [5.0, 2.449, 2.0]]
    """
    return collapsed(self, as_names(columns, "columns"), as_names(numbers, "numbers"), together or ())


def collapsed(svy: Any, columns: list[str], numbers: list[str], together: Sequence[tuple[str, str]]) -> Any:
    """The collapsed survey of these names."""
    _check(svy, columns, numbers)
    svy = svy._with_conditions(columns)._for_variables([*columns, *numbers])
    frame, roles = svy._frame, {name: svy._arguments[name] for name in ("strata", "psu", "fpc", "unit", "time")}
    kept = list(dict.fromkeys(name for role in ("strata", "psu", "fpc", "time") for name in as_names(roles[role])))
    values = {name: variable(frame, name, "numbers").values for name in numbers}
    told = {KNOWN.format(name): ~np.isnan(own) for name, own in values.items() if np.isnan(own).any()}
    keys = frame[list(dict.fromkeys([*kept, *columns]))].assign(**told)
    apart = [svy._base_weights == 0, ~svy.domain, *(key for step in svy.design.steps for key in key_of(step))]
    row, first = _rows([*(pd.Series(key) for key in apart), *(keys[name] for name in keys.columns)])
    counts = svy.domain & (svy._base_weights > 0)
    ends = {name: _ends_of(own, counts) for name, own in values.items()}
    amounts = {name: np.where(counts, np.nan_to_num(own - ends[name][0]), 0.0) for name, own in values.items()}
    sums = _sums(svy, keys.iloc[first].reset_index(drop=True), row, values, amounts, together)
    own_ends = {name: _ends_by_row(own, counts, row, len(first)) for name, own in values.items()}
    people = {name: _people(own, counts, svy._base_weights, row, ends[name][0]) for name, own in values.items()}
    sums = replace(sums, ends=ends, own_ends=own_ends, people=people)
    told = {name: svy._arguments[name] for name in ("weights", "nest", "lonely_psu", "weight_kind")}
    made = made_of(type(svy), sums, {**roles, **told, "labels": svy.labels, "source": svy.source})
    return _as_weighted(svy, made, row, amounts)


def _check(svy: Any, columns: Sequence[str], numbers: Sequence[str]) -> None:
    """A survey of rows, columns of the pattern, and numbers that are none of these."""
    check_not_collapsed(svy, "svy.collapse")
    if "stacked" in svy.design.roles:
        raise DataError(
            "A stack of surveys is not collapsed.",
            where="svy.collapse",
            found=", ".join(svy.design.roles["stacked"]),
            expected="one survey",
            todo="collapse each survey, and stack what comes of it",
        )
    both = [name for name in numbers if name in columns or name in svy._design_columns()]
    if both:
        raise DataError(
            f"{both[0]!r} is a column of the pattern or the design, and a number kept as sums.",
            where="svy.collapse, numbers",
            found=", ".join(both),
            todo="name it once: among the columns for every estimator, among the numbers for means and totals",
        )
    for name in numbers:
        column(svy._frame, name, "svy.collapse, numbers")
        found = variable(svy._frame, name, "svy.collapse, numbers")
        if found.kind == "category" or found.missing.all():
            raise DataError(
                f"{name!r} is not a number.",
                where="svy.collapse, numbers",
                found="categories" if found.kind == "category" else "no value at all",
                expected="numbers",
                todo="name it among the columns",
            )


def _rows(keys: Sequence[pd.Series]) -> tuple[Codes, Codes]:
    """(N,) the number of each row's pattern, and the first row of each (n,), in the order of the values."""
    codes, number = np.zeros(len(keys[0]), dtype=np.intp), 1
    for key in keys:
        own, n_own = _codes(key)
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


def _ends_of(values: Floats, counts: np.ndarray) -> tuple[float, float]:
    """The least and the largest value of a number among rows that count; among all where none of these has it."""
    own = values[counts & ~np.isnan(values)]
    own = own if len(own) else values[~np.isnan(values)]
    return float(own.min()), float(own.max())


def _ends_by_row(values: Floats, counts: np.ndarray, row: Codes, n: int) -> Floats:
    """(n, 2) the same of each row of the collapsed survey; nan where none counts."""
    kept = counts & ~np.isnan(values)
    out = np.full((n, 2), [np.inf, -np.inf])
    np.minimum.at(out[:, 0], row[kept], values[kept])
    np.maximum.at(out[:, 1], row[kept], values[kept])
    return np.where(np.isinf(out), np.nan, out)


def _people(values: Floats, counts: np.ndarray, weights: Floats, row: Codes, low: float) -> Floats:
    """(n, 7) what is told of the people behind a number, as `Sums.people`."""
    kept = counts & ~np.isnan(values)
    own, at, n = values[kept], row[kept], int(row.max()) + 1
    size, place = weights[kept] * np.abs(own), places_of(own)
    bits = np.zeros(n, dtype=np.int64)
    np.bitwise_or.at(bits, at, np.left_shift(1, place))
    each = size, own != 0, own - low, (own - low) ** 2, place & 1
    sums = [group_sums(at, np.asarray(one, dtype=np.float64), n) for one in each]
    return np.column_stack([group_maxima(at, size, n), *sums[:4], bits, sums[4]])


def _sums(
    svy: Any,
    frame: pd.DataFrame,
    row: Codes,
    values: Mapping[str, Floats],
    d: Mapping[str, Floats],
    together: Sequence[tuple[str, str]],
) -> Sums:
    """What is added up of a frame whose rows belong to these patterns."""
    w, stage = svy._base_weights, svy.design.stages[0]

    def add(*amounts: Floats) -> Floats:
        return np.column_stack([group_sums(row, of, len(frame)) for of in amounts])

    moments: dict[Any, Floats] = {
        name: add(w * x, w * x**2, w**2 * x, (w * x) ** 2, (~np.isnan(values[name])).astype(np.float64))
        for name, x in d.items()
    }
    moments |= {(a, b): add(w * d[a] * d[b], w**2 * d[a] * d[b]) for a, b in together}
    own: dict[str, Any] = {}
    if svy._arguments["psu"] is None:
        own["units_per_stratum"] = _units_per_stratum(svy, stage)
        if stage.unit is None:
            own["squares"] = add(w**2)[:, 0]
        else:
            own |= _of_units(stage, row, len(frame), {"": w, **{name: w * x for name, x in d.items()}})
    return Sums(
        frame,
        add(np.ones(len(row)))[:, 0],
        add(w)[:, 0],
        heaviest=group_maxima(row, w, len(frame)),
        moments=moments,
        together=tuple(together),
        **own,
    )


def _units_per_stratum(svy: Any, stage: Stage) -> pd.DataFrame:
    """The strata with their units and their fractions."""
    names = as_names(svy._arguments["strata"])
    first = np.empty(len(stage.units_per_stratum), dtype=np.intp)
    first[stage.stratum[::-1]] = np.arange(len(svy))[::-1]
    per: pd.DataFrame = svy._frame[names].iloc[first].reset_index(drop=True)
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
    return {"pairs": pairs, "units": number, "distinct": partial(_distinct, met)}


def _distinct(met: tuple[Codes, Codes], codes: Codes, n_cells: int) -> Floats:
    """Different units among the rows of each cell, from the pairs of unit and row that occur."""
    unit, row = met
    cell = codes[row]
    inside = cell < n_cells
    own, _ = distinct_pairs(cell[inside], unit[inside], int(unit.max()) + 1)
    return np.bincount(own, minlength=n_cells).astype(np.float64)


def _as_weighted(svy: Any, made: Any, row: Codes, d: Mapping[str, Floats]) -> Any:
    """The collapsed survey with the domain, the weighting steps and the replicates of the survey."""
    assert made._collapsed is not None and made._collapsed.nodes is not None
    nodes, n = made._collapsed.nodes, int(row.max()) + 1
    first = np.empty(n, dtype=np.intp)
    first[row[::-1]] = np.arange(len(row))[::-1]
    before = group_sums(row, svy._base_weights, n)
    # what the people of a pattern share in the weight of a node
    share = np.divide(made._weights, before[nodes.pattern], out=np.zeros(len(made)), where=made._weights != 0)
    weights = share * group_sums(row, svy._weights, n)[nodes.pattern]
    steps = tuple(of_rows(step, row, first, nodes.pattern, share) for step in svy.design.steps)
    design = replace(made.design, steps=steps, replicates=replicates_of_rows(svy.design, nodes, row, d))
    domain = None if svy._domain is None else svy._domain[first][nodes.pattern]
    current = weights if steps else made._weights
    known = replace(made._collapsed, drawn=svy.design.stages[0].drawn if svy.design.stages else None)
    kept = {"notes": svy._notes, "origins": svy._origins, "collapsed": known}
    return made._with(design=design, weights=current, domain=domain, **kept)

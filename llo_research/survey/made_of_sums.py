"""A collapsed survey: a row for each stratum, sampling unit and pattern of some columns, that stands for many.

Whoever adds up (this package in memory, a database, a cluster) hands over `Sums`; `survey_of` makes the Survey, on
which estimators give the numbers of the rows themselves: people of one pattern are alike, so that of a row only its
number of people, its sum of weights and (where people are sampling units) the sums of products of weights are needed.

A number that is kept as sums is carried by one row a *node*: with k numbers y_j from lo_j on, of range R_j, a person
has the shares l_j = (y_j - lo_j) / (k R_j) and l_0 = 1 - l_1 - ... in the nodes, at which the numbers are lo, and lo
with k R_j added to the j-th: whatever is linear in the numbers is the same, sum_k l_k f(node_k) = f(y).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.design.occasions import factors
from llo_research.design.of_numbers import OfNumber
from llo_research.design.pairs import pairs_of
from llo_research.design.stages import Stage
from llo_research.design.stands_for import Distinct, StandsFor
from llo_research.errors import DesignError
from llo_research.numerics.groups import Codes, Floats
from llo_research.survey.collapsed import Collapsed
from llo_research.survey.construct import as_names, crossed_codes
from llo_research.survey.nodes import Nodes, between_people, check_digits, nodes_of, within_patterns
from llo_research.survey.sums import Sums
from llo_research.survey.variables import KEPT


def made_of(make: Callable[..., Any], sums: Sums, arguments: Mapping[str, Any]) -> Any:
    """The collapsed survey of these sums, by the constructor of surveys; arguments as of the data added up."""
    given = {"weight_kind": "expansion", "lonely_psu": "error", "nest": True, **arguments}
    design = [name for role in ("strata", "psu", "fpc") for name in as_names(given.get(role))]
    check_digits(sums, [name for name in design if name != given.get("time")])
    nodes = nodes_of(sums)
    frame = sums.frame.iloc[nodes.pattern].reset_index(drop=True)
    weights = given.get("weights")
    column = weights or _unused(frame)
    frame[column] = nodes.weights
    roles = {role: given.get(role) for role in ("strata", "psu", "fpc", "unit", "time")}
    kept = {role: roles[role] for role in ("psu", "fpc", "time")} | {"nest": given["nest"]} if roles["psu"] else {}
    told = {name: given.get(name) for name in ("lonely_psu", "weight_kind", "labels", "source")}
    svy = make(frame, weights=column, strata=roles["strata"], **kept, **told)
    stages = svy.design.stages
    if roles["psu"] is None:
        stages = (_stage(stages[0], sums, nodes, as_names(roles["strata"]), roles["time"]),)
    unknown = roles["psu"] is not None and roles["unit"] is not None  # who has several rows
    stands = replace(
        _stands_for(sums, nodes),
        most=None if unknown else _most_of_one(sums),
        heaviest=None if unknown else _part(_heaviest(sums), sums),
        numbers={} if unknown else {name: _of_number(sums, name) for name in sums.people},
        pattern=nodes.pattern,
    )
    design = replace(svy.design, stages=stages, stands=stands, roles=roles)
    own = frame if weights else frame.drop(columns=column)
    own.attrs[KEPT] = tuple(nodes.values)
    return svy._with(
        frame=own,
        design=design,
        arguments={**svy._arguments, **roles, "nest": given["nest"], "weights": weights},
        collapsed=Collapsed(nodes.values, nodes=nodes),
    )


def _unused(frame: pd.DataFrame) -> str:
    """The name of a column that is not there."""
    name = "weight"
    while name in frame.columns:
        name += "_"
    return name


def _stands_for(sums: Sums, nodes: Nodes) -> StandsFor:
    """How many people the rows stand for."""
    distinct: Distinct | None = None
    if sums.distinct is not None:
        distinct = partial(_of_patterns, sums.distinct, nodes.pattern, len(sums.counts))
    squares = None
    if sums.ends:
        per = np.divide(1.0, nodes.weights, out=np.zeros(len(nodes.weights)), where=nodes.weights > 0)
        squares = sparse.csr_array(sparse.diags_array(per) @ nodes.products(partial(within_patterns, sums)))
    together = frozenset(map(frozenset, sums.together))
    return StandsFor(nodes.counts(sums.counts), distinct, sums.units, squares, together)


def _most_of_one(sums: Sums) -> Floats:
    """(n,) the part of a pattern's weight that one person makes up at most: of rows, the root of the sum of squares."""
    return _part(_heaviest(sums) if sums.pairs is None else np.sqrt(sums.pairs["", ""].diagonal()), sums)


def _heaviest(sums: Sums) -> Floats:
    """(n,) at least the largest weight of one row of the data."""
    if sums.heaviest is not None:
        return sums.heaviest
    squares = sums.squares if sums.pairs is None else sums.pairs["", ""].diagonal()
    return sums.weights if squares is None else np.asarray(np.sqrt(squares))


def _part(weights: Floats, sums: Sums) -> Floats:
    """(n,) of the weight of each pattern, 1 at most."""
    part = np.divide(weights, sums.weights, out=np.ones(len(weights)), where=sums.weights > 0)
    return np.asarray(np.minimum(1.0, part))


def _of_number(sums: Sums, name: str) -> OfNumber:
    """What is known of the people behind a number: of those with several rows, the root of the sum of squares."""
    most, size, other, first, second, places, odd = sums.people[name].T
    one = most
    if sums.pairs is not None:
        low = sums.ends[name][0]
        squares = (sums.pairs[key, key].diagonal() for key in (name, ""))
        own, weights = (np.sqrt(np.maximum(found, 0.0)) for found in squares)
        one = own + abs(low) * weights
    return OfNumber(
        weights=sums.weights,
        most=most,
        one=one,
        size=size,
        other=other,
        ends=sums.own_ends[name],
        sums=np.column_stack([sums.moments[name][:, 4], first, second]),
        origin=sums.ends[name][0],
        places=places.astype(np.int64),
        odd=odd,
    )


def _of_patterns(distinct: Distinct, pattern: Codes, number: int, codes: Codes, n_cells: int) -> Floats:
    """Different units in cells, by the patterns whose nodes lie in them."""
    own = np.full(number, n_cells, dtype=np.intp)
    np.minimum.at(own, pattern, codes)
    return distinct(own, n_cells)


def _stage(made: Stage, sums: Sums, nodes: Nodes, strata: list[str], time: str | None) -> Stage:
    """The stage of rows that stand for many."""
    per = sums.units_per_stratum
    assert per is not None
    place, labels = crossed_codes(per, strata, "strata")
    if len(labels) != len(made.names) or (labels != made.names).any():
        raise DesignError(
            "The strata of the rows are not those whose units were counted.",
            where="Sums.units_per_stratum",
            found=f"{len(labels)} strata",
            expected=f"the {len(made.names)} strata of Sums.frame",
            todo="count the units of every stratum, and hand over a row of each",
        )
    order = np.argsort(place)
    units = per["units"].to_numpy(dtype=np.float64)[order]
    fraction = per["fraction"].to_numpy(dtype=np.float64)[order] if "fraction" in per else np.zeros(len(units))
    within, weights = nodes.products(partial(between_people, sums)), nodes.weights
    pairs = sums.pairs or {}
    if (None, None) not in pairs:
        known = pairs_of(within, weights, made.stratum, units)
    else:
        both = sparse.csr_array(pairs[None, None])[order][:, order]
        across = nodes.sums(lambda name: sparse.csr_array(pairs[None, name])[order])
        factor = None
        if fraction.any():
            home = crossed_codes(per, [name for name in strata if name != time], "strata")[0][order]
            factor = factors(both.toarray(), units, fraction, home)
        known = pairs_of(within, weights, made.stratum, units, across=across, both=both, factor=factor, returning=True)
    return replace(made, units_per_stratum=units, fraction=fraction, pairs=known)

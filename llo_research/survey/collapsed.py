"""A collapsed survey: a row for each stratum, sampling unit and pattern of some columns, that stands for many.

Whoever adds up (this package in memory, a database, a cluster) hands over `Sums`; `survey_of` makes the Survey, on
which estimators give the numbers of the rows themselves: people of one pattern are alike, so that of a row only its
number of people, its sum of weights and (where people are sampling units) the sums of products of weights are needed.

A number that is kept as sums is carried by one row a *node*: with k numbers y_j from lo_j on, of range R_j, a person
has the shares l_j = (y_j - lo_j) / (k R_j) and l_0 = 1 - l_1 - ... in the nodes, at which the numbers are lo, and lo
with k R_j added to the j-th: whatever is linear in the numbers is the same, sum_k l_k f(node_k) = f(y).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.design.occasions import factors
from llo_research.design.pairs import pairs_of
from llo_research.design.stages import Stage
from llo_research.design.stands_for import Distinct, StandsFor, check_together
from llo_research.errors import DataError, DesignError
from llo_research.numerics.groups import Codes, Floats
from llo_research.survey.construct import as_names, crossed_codes
from llo_research.survey.nodes import Nodes, between_people, nodes_of, within_patterns
from llo_research.survey.sums import Lazy, Sums
from llo_research.survey.variables import KEPT

__all__ = ["Collapsed", "Lazy", "Sums", "survey_of"]


@dataclass(frozen=True, eq=False)
class Collapsed:
    """What a collapsed survey knows beside its rows.

    sums : what was added up.
    nodes : the rows, by pattern and node.
    admitted : whether the call at hand gives what it would give of the rows that these stand for.
    """

    sums: Sums
    nodes: Nodes
    admitted: bool = False

    @property
    def values(self) -> Mapping[str, Floats]:
        """Number -> (n,) its value in each row, nan where it is missing."""
        return self.nodes.values


def survey_of(
    sums: Sums,
    survey: type[Any],
    *,
    weights: str | None = None,
    strata: str | Sequence[str] | None = None,
    psu: str | Sequence[str] | None = None,
    fpc: str | Sequence[str] | None = None,
    nest: bool = True,
    lonely_psu: str = "error",
    unit: str | None = None,
    time: str | None = None,
    weight_kind: str = "expansion",
    labels: Mapping[str, Any] | None = None,
    source: Mapping[str, Any] | None = None,
) -> Any:
    """The collapsed survey of these sums; `survey` is the class Survey, the arguments are its own."""
    nodes = nodes_of(sums)
    frame = sums.frame.iloc[nodes.pattern].reset_index(drop=True)
    column = weights or _unused(frame)
    frame[column] = nodes.weights
    frame.attrs[KEPT] = tuple(nodes.values)
    roles = {"strata": strata, "psu": psu, "fpc": fpc, "unit": unit, "time": time}
    kept: dict[str, Any] = {"psu": psu, "fpc": fpc, "nest": nest, "time": time} if psu is not None else {}
    kept |= {"strata": strata, "lonely_psu": lonely_psu, "weight_kind": weight_kind, "labels": labels, "source": source}
    svy = survey(frame, weights=column, **kept)
    stages = svy.design.stages
    if psu is None:
        stages = (_stage(stages[0], sums, nodes, as_names(strata), time),)
    design = replace(svy.design, stages=stages, stands=_stands_for(sums, nodes), roles=roles)
    arguments = {**svy._arguments, **roles, "nest": nest, "weights": weights}
    own = frame if weights else frame.drop(columns=column)
    return svy._with(frame=own, design=design, arguments=arguments, collapsed=Collapsed(sums, nodes))


def admitted(svy: Any, *, linear: Sequence[str] = ()) -> Any:
    """The survey for a call that is known to give of collapsed rows what it gives of all; others as they are.

    linear : variables in which the estimate, given the patterns, is a ratio of sums: of these numbers may be kept.
    """
    known: Collapsed | None = getattr(svy, "_collapsed", None)
    if known is None or known.admitted:
        return svy
    numbers = [name for name in dict.fromkeys(linear) if name in known.values]
    check_together(svy.design.stands, numbers)
    frame = svy._frame.assign(**{name: known.values[name] for name in numbers})
    frame.attrs[KEPT] = tuple(name for name in known.values if name not in numbers)
    return svy._with(frame=frame, collapsed=replace(known, admitted=True))


def check_not_collapsed(svy: Any, where: str) -> None:
    """What takes a row for a person has no use for collapsed ones."""
    if svy._collapsed is not None:
        raise DataError(
            "This is not done with collapsed rows.",
            where=where,
            found=f"{len(svy)} rows that stand for {svy._count(None)}",
            expected="a survey with a row for each person",
            todo="do it with the survey itself, and collapse it then",
        )


def told_of(svy: Any) -> dict[str, Any]:
    """What a result says of the collapsed rows that it was made of, for ``.meta["collapsed"]``."""
    known = svy._collapsed
    assert known is not None
    numbers = [name for name in known.values if name in svy._frame.columns]
    return {"rows": len(svy), "stand_for": svy._count(None), "numbers": numbers}


def kept_as_sums(svy: Any, name: str) -> bool:
    """Whether a column is a number of which collapsed rows hold the sums."""
    return svy._collapsed is not None and name in svy._collapsed.values


def check_admitted(svy: Any) -> None:
    """A call that was not held to the rows themselves takes no collapsed ones."""
    known = svy._collapsed
    if known is None or known.admitted:
        return
    raise DataError(
        "This call does not take collapsed rows.",
        where="the data",
        found=f"{len(svy)} rows that stand for {svy._count(None)}",
        expected="a survey with a row for each person",
        todo="give the survey itself, before svy.collapse; what takes collapsed rows is told in the help of "
        "Survey.collapse",
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

"""Units, times and effects of a panel: roles, what they carry, who is alone in a group, whom the weights speak for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, DesignError, IdentificationError
from llo_research.estimation.target import check_survey
from llo_research.numerics.groups import Codes, Floats, group_maxima, group_sums
from llo_research.numerics.within import Effects
from llo_research.options import names_of
from llo_research.survey.variables import column

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

ROLES = ("unit", "time")
# Weights of a unit that differ by less than this share are one weight.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of some rows, in the order of their labels.

    name : column. codes : (m,) group of each row. labels : (G,)
    """

    name: str
    codes: Codes
    labels: np.ndarray

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Panel:
    """Who is observed when: the units and times of m rows.

    unit, time : the groups; time is None where the survey has none.
    weights : (m,)
    followed : whether the survey follows units; else every row is one.
    """

    unit: Groups
    time: Groups | None
    weights: Floats
    followed: bool = True

    @cached_property
    def waves(self) -> Floats:
        """(N,) rows of each unit."""
        return np.bincount(self.unit.codes, minlength=self.unit.number).astype(np.float64)

    @property
    def singletons(self) -> int:
        """Units that are observed once: they stay in the counts and tell nothing of changes."""
        return int((self.waves == 1).sum())

    @cached_property
    def totals(self) -> Floats:
        """(N,) sums of weights by unit."""
        return group_sums(self.unit.codes, self.weights, self.unit.number)

    @cached_property
    def varying_weights(self) -> bool:
        """Whether a unit has different weights in different waves."""
        largest = group_maxima(self.unit.codes, self.weights, self.unit.number)
        return bool((np.abs(self.weights - largest[self.unit.codes]) > _SAME * largest[self.unit.codes]).any())

    def means(self, values: Floats) -> Floats:
        """(N, q) weighted means of each unit."""
        sums = group_sums(self.unit.codes, self.weights[:, None] * values, self.unit.number)
        return np.asarray(sums / self.totals[:, None])

    def facts(self) -> dict[str, Any]:
        """Counts for ``.meta``."""
        if not self.followed:
            return {} if self.time is None else {"n_times": self.time.number}
        told: dict[str, Any] = {"n_units": self.unit.number, "singletons": self.singletons}
        if self.time is not None:
            told["n_times"] = self.time.number
        told["weights_vary_within_units"] = self.varying_weights
        return {**told, "waves_per_unit": [float(self.waves.min()), float(self.waves.mean()), float(self.waves.max())]}

    def estimand(self, what: str) -> str:
        """Whom the coefficients speak for, as the weights have it."""
        if not self.varying_weights:
            return f"{what}, each unit with its one weight"
        return (
            f"{what}, each row with the weight of its wave (weights vary within units): persons at the time of a wave, "
            "not persons followed; unit_weights of the Survey speak for these"
        )


def column_of(role: str, svy: Survey) -> str:
    """The column of a role, else of that name."""
    check_survey(svy)
    own = svy._arguments.get(role) if role in ROLES else None
    if own is not None:
        return str(own)
    if role in svy._frame.columns:
        return role
    if role in ROLES:
        raise DesignError(
            f"The survey does not say which column is the {role}.",
            where=f"{role} of the Survey",
            found="None",
            todo=f"llo.Survey(..., {role}='person')" if role == "unit" else "llo.Survey(..., time='year')",
        )
    column(svy._frame, role, "effects")
    return role


def effect_names(effects: str | Sequence[str], svy: Survey) -> dict[str, str]:
    """The columns of effects, by role or name."""
    check_survey(svy)
    names = names_of(effects, "effects")
    found = {name: column_of(name, svy) for name in names}
    if len(set(found.values())) < len(found):
        raise DataError("An effect is named twice.", where="effects", found=list(found.items()), expected="each once")
    return found


def groups(svy: Survey, name: str, rows: Codes, role: str) -> Groups:
    """The groups of a column among these rows, in the order of the labels."""
    series = column(svy._frame, name, role).iloc[rows]
    codes, labels = pd.factorize(series, sort=True)
    if (codes < 0).any():
        raise DataError(
            "Some rows are in no group.",
            where=f"{role} {name!r}",
            found=f"{int((codes < 0).sum())} rows without a value",
            todo="leave these rows out with svy.where(...)",
        )
    return Groups(name, codes.astype(np.intp, copy=False), np.asarray(labels, dtype=object))


def panel_of(svy: Survey, rows: Codes, weights: Floats, *, needs_unit: bool = True, needs_time: bool = False) -> Panel:
    """The panel of these rows; nobody stands twice in one wave, and somebody stands in two."""
    followed = svy._arguments.get("unit") is not None
    if needs_unit:
        column_of("unit", svy)
    unit = groups(svy, column_of("unit", svy), rows, "unit") if followed or needs_unit else _rows_as_units(rows)
    named = svy._arguments.get("time")
    time = groups(svy, column_of("time", svy), rows, "time") if needs_time or named is not None else None
    if unit.number < 2:
        raise IdentificationError(
            "There is one unit: nothing can be compared between units.",
            where=f"unit {unit.name!r}",
            found=f"{len(rows)} rows of unit {unit.labels[0]!r}",
            todo="check which column is the unit, and the condition of svy.where",
        )
    if time is not None and (followed or needs_unit):
        _check_once(unit, time)
    return Panel(unit, time, weights, followed or needs_unit)


def _rows_as_units(rows: Codes) -> Groups:
    """Every row by itself."""
    return Groups("row", np.arange(len(rows)), rows)


def _check_once(unit: Groups, time: Groups) -> None:
    """Nobody stands twice in one wave."""
    both = unit.codes * np.intp(time.number) + time.codes
    if unit.number * time.number <= 8 * len(both):
        counts = np.bincount(both)
        twice = np.repeat(np.flatnonzero(counts > 1), counts[counts > 1] - 1)
    else:
        order = np.sort(both)
        twice = order[1:][order[1:] == order[:-1]]
    if len(twice):
        who, when = divmod(int(twice[0]), time.number)
        raise DataError(
            "A unit has several rows at one time.",
            where=f"unit {unit.name!r}, time {time.name!r}",
            found=f"{len(twice)} rows too many, for example unit {unit.labels[who]!r} at {time.labels[when]!r}",
            expected="one row for each unit and time",
            todo="drop repeated rows; persons of independent samples need identifiers of their own",
        )


def check_followed(panel: Panel, what: str) -> None:
    """Somebody is observed more than once."""
    if panel.waves.max() < 2:
        times = 1 if panel.time is None else panel.time.number
        raise IdentificationError(
            f"{what} needs units that are observed more than once.",
            where=f"unit {panel.unit.name!r}",
            found=f"{panel.unit.number} units with one row each, at {times} {'time' if times == 1 else 'times'}",
            todo="take more waves into the domain; or llo.panel.pseudo_panel for repeated cross-sections",
        )


def check_constant(panel: Panel, what: str) -> None:
    """Every unit has one weight."""
    if panel.varying_weights:
        raise DesignError(
            f"{what} needs one weight for each unit.",
            where=f"unit {panel.unit.name!r}",
            found="weights that vary within units: which of a unit's weights would a change between waves have?",
            expected="weights that are constant within the unit, or unit_weights",
            todo="llo.Survey(..., unit_weights='longitudinal_weight'); or llo.panel.fixed_effects, which takes weights "
            "that vary",
        )


def with_unit_weights(svy: Survey) -> Survey:
    """The survey with its longitudinal weights, where it has these: panel estimators speak of persons followed."""
    name = svy._arguments.get("unit_weights")
    if name is None:
        return svy
    if svy.design.replicates is not None or svy.design.steps:
        made = "replicate weights" if svy.design.replicates is not None else "weighting steps"
        raise DesignError(
            f"The unit weights stand beside {made}, which belong to the weights of the waves.",
            where=f"unit_weights {name!r}",
            found=f"{made} of the weight {svy._arguments['weights']!r}",
            expected="one of the two",
            todo="make the Survey with the unit weight as its weights and calibrate or replicate that",
        )
    return svy.use_weights(name)


def effects_of(found: Sequence[Groups], weights: Floats) -> Effects:
    """The within transformation of these groups."""
    return Effects(tuple(g.codes for g in found), tuple(g.number for g in found), weights)


def nested_levels(found: Sequence[Groups], clusters: Sequence[Codes], rank: int) -> int:
    """Effects nested in clusters, which do not count in the degrees of freedom of a cluster's factor.

    found : the effects. clusters : (m,) cluster of each row, one way or two. rank : of all dummies together.
    A constant is always counted: of nested effects all levels but one each, and never more than rank - 1
    (Correia, S. (2017). Linear models with high-dimensional fixed effects. Working paper, for reghdfe; fixest alike).
    """
    inside = [effect for effect in found if any(is_nested(effect.codes, codes, effect.number) for codes in clusters)]
    levels = sum(effect.number - 1 for effect in inside)
    return min(levels, rank - 1)


def is_nested(inner: Codes, outer: Codes, number: int) -> bool:
    """Whether every group of `inner` lies in one group of `outer`."""
    home = np.zeros(number, dtype=np.intp)
    home[inner] = outer
    return bool((home[inner] == outer).all())

"""The design of several independent surveys as one: their strata, replicates and weighting steps beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from llo_research.design.occasions import Occasions
from llo_research.design.recipe import OnRows
from llo_research.design.replicates import CellCounts, Replicates
from llo_research.design.stages import Stage
from llo_research.errors import DesignError
from llo_research.numerics.groups import Codes, Floats

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def stacked_stages(names: Sequence[str], surveys: Sequence[Survey]) -> tuple[tuple[Stage, ...], str]:
    """The stages of all surveys, each with its own rule for lonely PSUs, and the rules in a word."""
    number = max(len(svy.design.stages) for svy in surveys)
    stages = tuple(_stacked_stage(names, surveys, s) for s in range(number))
    return stages, " / ".join(dict.fromkeys(svy.design.lonely_psu for svy in surveys))


def _stacked_stage(names: Sequence[str], surveys: Sequence[Survey], number: int) -> Stage:
    """One stage; a survey that has fewer stages contributes nothing to it."""
    parts = [_own_stage(svy, number) for svy in surveys]
    alone = all(part.unit is None for part in parts)
    units, strata, n_units, n_strata = [], [], 0, 0
    for part in parts:
        units.append((np.arange(len(part.stratum)) if part.unit is None else part.unit) + n_units)
        strata.append(part.stratum + n_strata)
        n_units, n_strata = n_units + part.n_units, n_strata + len(part.units_per_stratum)
    labels = [f"{name}: {label}" for name, part in zip(names, parts, strict=True) for label in part.names]
    whole = Stage(
        unit=None if alone else np.concatenate(units).astype(np.intp),
        stratum=np.concatenate(strata).astype(np.intp),
        units_per_stratum=np.concatenate([part.units_per_stratum for part in parts]),
        fraction=np.concatenate([part.fraction for part in parts]),
        carry=np.concatenate([part.carry for part in parts]),
        names=np.array(labels, dtype=object),
        survey=np.repeat(np.arange(len(parts)), [len(part.units_per_stratum) for part in parts]).astype(np.intp),
        rules=tuple(svy.design.lonely_psu for svy in surveys),
    )
    return replace(whole, occasions=_stacked_occasions(parts, whole))


def _own_stage(svy: Survey, number: int) -> Stage:
    """A survey's stage; where it has none, a stage that counts nothing."""
    if number < len(svy.design.stages):
        return svy.design.stages[number]
    n, nothing = len(svy), np.zeros(1)
    return Stage(None, np.zeros(n, dtype=np.intp), np.full(1, float(n)), nothing, nothing, np.array([""], object))


def _stacked_occasions(parts: Sequence[Stage], whole: Stage) -> Occasions | None:
    """Who returns in which wave of its own survey; None where nobody does."""
    if all(part.occasions is None for part in parts):
        return None
    who, stratum, home, n_who, n_strata, n_homes = [], [], [], 0, 0, 0
    for part in parts:
        own = part.occasions
        strata = len(part.units_per_stratum)
        who.append((np.arange(part.n_units) if own is None else own.who) + n_who)
        stratum.append(part.stratum_of_units + n_strata)
        home.append((np.arange(strata) if own is None else own.home) + n_homes)
        n_who, n_strata, n_homes = int(who[-1][-1]) + 1, n_strata + strata, int(home[-1].max()) + 1
    return Occasions(
        np.concatenate(who).astype(np.intp),
        np.concatenate(stratum).astype(np.intp),
        np.concatenate(home).astype(np.intp),
        whole.units_per_stratum,
        whole.fraction,
    )


def stacked_steps(names: Sequence[str], surveys: Sequence[Survey]) -> tuple[OnRows, ...]:
    """The weighting steps of all surveys, one survey after the other; each acts on its own rows."""
    running = np.concatenate([svy._base_weights if svy.design.steps else svy._weights for svy in surveys])
    steps, start = [], 0
    for name, svy in zip(names, surveys, strict=True):
        stop = start + len(svy)
        for place, step in enumerate(svy.design.steps, start=1):
            before, running = running, running.copy()
            last = place == len(svy.design.steps)
            running[start:stop] = svy._weights if last else getattr(step, "after", running[start:stop])
            steps.append(OnRows(step, start, stop, before, running, name))
        start = stop
    return tuple(steps)


@dataclass(frozen=True)
class StackedReplicates(Replicates):
    """Replicates of several surveys: those of one beside the full weights of the others.

    parts : the replicates of each survey.
    block : (R,) the survey that a replicate belongs to.
    home : (n,) the survey that a row belongs to.
    """

    parts: tuple[Replicates, ...] = ()
    block: Codes | None = None
    home: Codes | None = None

    def with_weights(self, weights: Floats) -> StackedReplicates:
        """The same replicates with other weights (n, R)."""
        return replace(self, factors=np.ascontiguousarray(weights), unit=None, base=None)

    def cell_degrees_of_freedom(self, codes: Codes, n_cells: int, units_minus_strata: CellCounts) -> Floats:
        """(n_cells,) the sum over the surveys, each over its own rows of the cell."""
        assert self.home is not None
        total = np.zeros(n_cells)
        for number, part in enumerate(self.parts):
            mine = np.flatnonzero(self.home == number)
            own = partial(_of_some_rows, units_minus_strata, mine, len(codes))
            total += part.cell_degrees_of_freedom(codes[mine], n_cells, own)
        return total

    def centred(self) -> tuple[Codes, ...]:
        """Replicates that share a centre of their own mean, survey by survey."""
        first = np.cumsum([0, *(part.n_replicates for part in self.parts)])
        return tuple(own + first[k] for k, part in enumerate(self.parts) for own in part.centred())

    def covariance(self, replicates: Floats, estimate: Floats) -> Floats:
        """Sum of the surveys' covariances, each around its own centre."""
        total = np.zeros((len(estimate), len(estimate)))
        for number, part in enumerate(self.parts):
            total += part.covariance(replicates[self.block == number], estimate)
        return total


def _of_some_rows(units_minus_strata: CellCounts, rows: Codes, n: int, codes: Codes, n_cells: int) -> Floats:
    """Units minus strata of codes that some rows of a stack have; the others are outside."""
    all_codes = np.full(n, n_cells, dtype=np.intp)
    all_codes[rows] = codes
    return units_minus_strata(all_codes, n_cells)


def stacked_replicates(surveys: Sequence[Survey]) -> StackedReplicates:
    """Block by block: a survey's replicates beside the full weights of the others.

    V = sum over surveys of scale_s sum_r rscales_sr (theta_sr - centre_s)(theta_sr - centre_s)'.
    """
    parts = tuple(svy.design.replicates for svy in surveys if svy.design.replicates is not None)
    by_unit = all(part.unit is not None and part.base is not None for part in parts)
    sizes = [len(part.factors) if by_unit else len(svy) for svy, part in zip(surveys, parts, strict=True)]
    columns = np.cumsum([0, *(part.n_replicates for part in parts)])
    rows = np.cumsum([0, *sizes])
    factors = np.ones((rows[-1], columns[-1]))
    for k, (svy, part) in enumerate(zip(surveys, parts, strict=True)):
        here, mine = slice(rows[k], rows[k + 1]), slice(columns[k], columns[k + 1])
        if not by_unit:
            factors[here] = svy._weights[:, None]
        factors[here, mine] = part.factors if by_unit else part.weights
    unit = base = None
    if by_unit:
        unit = np.concatenate([part.unit + rows[k] for k, part in enumerate(parts) if part.unit is not None])
        base = np.concatenate([part.base for part in parts if part.base is not None])
    methods = list(dict.fromkeys(part.method for part in parts))
    fays = {part.fay for part in parts}
    return StackedReplicates(
        factors=factors,
        scale=1.0,
        rscales=np.concatenate([part.scale * part.rscales for part in parts]),
        mse=all(part.mse for part in parts),
        method=" + ".join(methods),
        fay=fays.pop() if len(fays) == 1 else None,
        names=tuple(dict.fromkeys(name for part in parts for name in part.names)),
        unit=unit,
        base=base,
        parts=parts,
        block=np.repeat(np.arange(len(parts)), np.diff(columns)),
        home=np.repeat(np.arange(len(parts)), [len(svy) for svy in surveys]),
    )


def check_designs(names: Sequence[str], surveys: Sequence[Survey]) -> bool:
    """Designs that can stand together; True where all have replicate weights."""
    replicated = [svy.design.replicates is not None for svy in surveys]
    if any(replicated) and not all(replicated):
        with_them = [name for name, has in zip(names, replicated, strict=True) if has]
        raise DesignError(
            "Surveys with and without replicate weights cannot be stacked.",
            where="stack",
            found=f"replicate weights in {', '.join(with_them)} only",
            expected="all with strata and sampling units, or all with replicate weights",
            todo="make replicate weights for the others first: llo.replicate(svy, 'bootstrap', seed=...)",
        )
    kinds = {svy.weight_kind for svy in surveys}
    if len(kinds) > 1:
        raise DesignError(
            "The surveys have different kinds of weights.",
            where="stack",
            found=", ".join(f"{name}: {svy.weight_kind}" for name, svy in zip(names, surveys, strict=True)),
            expected="expansion weights in all, or proportional ones in all",
            todo="with expansion weights the surveys count in proportion to their populations, else to their samples",
        )
    return all(replicated)

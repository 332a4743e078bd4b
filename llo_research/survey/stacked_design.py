"""The design of several independent surveys as one: their strata, replicates and weighting steps beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from llo_research.design.occasions import Occasions
from llo_research.design.pairs import Pairs, beside
from llo_research.design.recipe import OnRows
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
    if any(part.pairs is not None for part in parts):
        return replace(whole, unit=None, pairs=beside(_pairs_of(names, parts)))
    return replace(whole, occasions=_stacked_occasions(parts, whole))


def _pairs_of(names: Sequence[str], parts: Sequence[Stage]) -> list[tuple[Pairs, Codes, Floats]]:
    """What is known of the units of collapsed rows, survey by survey."""
    kept = [name for name, part in zip(names, parts, strict=True) if part.pairs is None]
    if kept:
        raise DesignError(
            "Collapsed rows without sampling units stand beside rows with them.",
            where="stack",
            found=f"{', '.join(kept)}: rows of one sampling unit each",
            expected="surveys of elements or persons that are all collapsed; or surveys with psu, collapsed or not",
            todo="collapse the others too, or stack the surveys themselves",
        )
    return [(part.pairs, part.stratum, part.fraction) for part in parts if part.pairs is not None]


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

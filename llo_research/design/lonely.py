"""Strata with a single sampling unit, by rule.

A lonely unit contributes nothing (`remove`, `certainty`); its squared deviation from the mean of all units (`adjust`;
below the first stage the unit is its parent's mean and adds nothing); or as much as the other strata of the stage on
average (`average`). An estimate of a domain knows the strata with rows in the domain only: a lonely stratum without
members raises nothing, and lends and takes nothing. (After weighting steps every row has a residual, and all strata
count.)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from llo_research.design.scores import Block
from llo_research.design.stages import Stage
from llo_research.errors import DesignError
from llo_research.numerics.groups import Codes, Floats, group_sums

LONELY_PSU = ("error", "remove", "adjust", "average", "certainty")

# From a stage to the strata (H x k) that count for each estimate, and to the sums of scores by stratum (H x k).
Present = Callable[[Stage], np.ndarray]
StratumSums = Callable[[Stage], Floats]


def with_lonely_units(
    out: Floats, stage: Stage, number: int, rule: str, present: Present, sums_of: StratumSums
) -> Floats:
    """A stage's contribution with that of its strata with a single unit, by rule; `number` is the stage's, from 1."""
    met = present(stage)
    alone = met[stage.lonely]
    if rule == "error" and alone.any():
        raise _refusal(stage, stage.lonely[alone.any(axis=1)], number)
    if rule == "adjust" and number == 1:
        sums = sums_of(stage)
        deviation = np.where(alone, sums[stage.lonely] - _mean_of_units(stage, sums, met), 0.0)
        factor = (1 - stage.fraction[stage.lonely]) * stage.carry[stage.lonely]
        out += (deviation * factor[:, None]).T @ deviation
    if rule == "average":
        strata, lonely = met[stage.carry > 0].sum(axis=0), alone.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(lonely == 0, 1.0, np.where(strata > lonely, strata / (strata - lonely), np.nan))
        out *= np.sqrt(np.outer(factor, factor))
    return out


def strata_met(blocks: tuple[Block, ...], stage: Stage) -> np.ndarray:
    """H x m: whether a stratum has rows in the cell of each estimate."""
    n_strata, parts = len(stage.units_per_stratum), []
    for block in blocks:
        both = stage.stratum * (block.n_cells + 1) + block.codes
        met = np.bincount(both, minlength=n_strata * (block.n_cells + 1)).reshape(n_strata, -1)[:, : block.n_cells] > 0
        parts.append(np.repeat(met, block.values.shape[1], axis=1))
    return np.hstack(parts)


def _refusal(stage: Stage, lonely: Codes, number: int) -> DesignError:
    """The refusal of strata with a single unit."""
    names, count = ", ".join(str(stage.names[h]) for h in lonely[:5]) or "(all rows)", len(lonely)
    return DesignError(
        f"{count} {'stratum has' if count == 1 else 'strata have'} a single sampling unit at stage {number}; "
        "the variance cannot be estimated.",
        where=f"stratum {names}{' ...' if count > 5 else ''}",
        todo="merge strata, or choose lonely_psu='remove', 'adjust', 'average' or 'certainty'",
    )


def _mean_of_units(stage: Stage, sums: Floats, met: np.ndarray) -> Floats:
    """The mean of all units (of the same survey, in strata of the domain) for each lonely stratum, from their sums."""
    survey = np.zeros(len(sums), dtype=np.intp) if stage.survey is None else stage.survey
    n_surveys = int(survey.max()) + 1
    counts = group_sums(survey, met * stage.units_per_stratum[:, None], n_surveys)
    totals = group_sums(survey, sums, n_surveys)
    means = np.divide(totals, counts, out=np.zeros_like(totals), where=counts > 0)
    return np.asarray(means[survey[stage.lonely]])

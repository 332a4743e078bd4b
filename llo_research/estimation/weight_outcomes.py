"""Outcomes with the weights after each step, for the weight report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.design.design import Design
from llo_research.design.replicates import Replicates
from llo_research.design.scores import Block, Scores
from llo_research.estimation.assemble import unit_of
from llo_research.estimation.means import columns_of
from llo_research.numerics.groups import Floats, group_sums
from llo_research.numerics.rank import independent_columns
from llo_research.numerics.ratios import cell_means
from llo_research.options import check_level
from llo_research.results.estimates import Estimates
from llo_research.results.inference import at_replicates
from llo_research.results.making import result_of
from llo_research.results.quantities import mean_of
from llo_research.survey.variables import Variable, variable
from llo_research.weighting.calibration import Calibration
from llo_research.weighting.steps import KeptStep

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

COLUMNS = (
    *("step", "name", "variable", "level", "estimate", "std_error", "df", "conf_low", "conf_high", "n"),
    *("deff_kish", "deff_henry"),
)


def outcomes_by_step(
    svy: Survey, names: list[str], steps: list[KeptStep], weights: list[Floats], titles: list[str], level: float
) -> pd.DataFrame:
    """Mean or shares of each variable after each step, with standard errors that know the steps up to there."""
    check_level(level)
    rows: list[dict[str, Any]] = []
    for name in names:
        found = variable(svy._frame, name, "outcomes")
        heads, columns = columns_of([found], all_levels=False)
        for k, w in enumerate(weights):
            step = steps[k - 1] if k else None
            told = {"step": k, "name": titles[k]}
            facts = _estimates(svy.design, found, columns, w, steps[:k], last=k == len(steps), level=level)
            henry = _henry(step, found, columns) if isinstance(step, Calibration) else np.full(len(heads), np.nan)
            for j, head in enumerate(heads):
                rows.append({**told, **head, **{key: value[j] for key, value in facts.items()}, "deff_henry": henry[j]})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def units_of(svy: Survey, names: list[str]) -> dict[str, str]:
    """Which outcomes are shares: categories, booleans and columns of zeros and ones."""
    return {name: unit_of(variable(svy._frame, name, "outcomes")) for name in names}


def _estimates(
    design: Design, found: Variable, columns: Floats, w: Floats, steps: list[KeptStep], *, last: bool, level: float
) -> dict[str, Any]:
    """Estimates, standard errors and the intervals that `llo.mean` gives by default, with these weights."""
    p = columns.shape[1]
    known = ~found.missing & (w != 0)
    codes = np.where(known, 0, 1).astype(np.intp)
    means = cell_means(codes, 1, columns, w)

    def at_each(replicates: Replicates) -> Floats:
        if not last:  # earlier replicate weights are not kept
            return np.full((replicates.n_replicates, p), np.nan)
        totals = replicates.totals(codes, np.column_stack([np.ones(len(codes)), columns]), 1)[:, 0]
        return np.asarray(totals[:, 1:] / totals[:, :1])

    scores = Scores((Block(codes, means.influence, 1),), w)
    quantity = mean_of(unit_of(found))
    made = result_of(
        pd.DataFrame({"variable": [found.name] * p}),
        Estimates(means.estimate[0], scores, at_replicates(design, at_each)),
        design if last else replace(design, steps=tuple(steps)),
        quantity=quantity,
        labels=[str(j) for j in range(p)],
        meta={},
        level=level,
        interval="logit" if quantity.kind == "share" else "wald",
    )
    inside = w[known]
    kish = len(inside) * (inside**2).sum() / inside.sum() ** 2 if len(inside) else np.nan
    return {
        "estimate": made.estimate,
        "std_error": made.std_error,
        "df": made.df,
        "conf_low": made.ends[0],
        "conf_high": made.ends[1],
        "n": [int(known.sum())] * p,
        "deff_kish": np.full(p, kish),
    }


def _henry(step: Calibration, found: Variable, columns: Floats) -> Floats:
    """Henry and Valliant's design effect of each column: n sum w^2 e^2 / (N^2 s2_y), w before the calibration."""
    known = ~found.missing & (step.before != 0)
    w = np.where(known, step.before, 0.0)
    fitted = np.zeros_like(columns)
    for system in step.systems:
        gram = system.auxiliaries.grams(system.cell_sums(w[:, None]) * system.scale[:, None])[0]
        kept = np.flatnonzero(independent_columns(gram).kept)
        weighted = group_sums(system.cell, w[system.rows][:, None] * columns[system.rows], system.n_cells)
        right = system.auxiliaries.sums(system.scale[:, None] * weighted)
        b = np.zeros((len(gram), columns.shape[1]))
        b[kept] = np.linalg.solve(gram[np.ix_(kept, kept)], right[kept])
        fitted[system.rows] = system.auxiliaries.times(b)[system.cell]
    total = w.sum()
    spread = (w[:, None] * (columns - w @ columns / total) ** 2).sum(axis=0) / total
    error = np.where(known[:, None], columns - fitted, 0.0)
    error = np.where(known[:, None], error - w @ error / total, 0.0)
    top = known.sum() * ((w[:, None] * error) ** 2).sum(axis=0)
    out = np.full(columns.shape[1], np.nan)
    np.divide(top, total**2 * spread, out=out, where=spread > 0)
    return out

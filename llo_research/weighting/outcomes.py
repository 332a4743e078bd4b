"""Outcomes with the weights after each step, for the weight report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special, stats

from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError
from llo_research.numerics.groups import Floats, group_sums
from llo_research.numerics.rank import independent_columns
from llo_research.numerics.ratios import cell_means
from llo_research.survey.variables import Variable, variable
from llo_research.weighting.calibration import Calibration
from llo_research.weighting.steps import KeptStep

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

COLUMNS = (
    *("step", "name", "variable", "level", "estimate", "std_error", "df", "conf_low", "conf_high", "n"),
    *("deff_kish", "deff_henry"),
)
_MOST_LEVELS = 200
# a share this near to 0 or 1 is one of 0 or 1
_ROUNDING = 1e-12


def outcomes_by_step(
    svy: Survey, names: list[str], steps: list[KeptStep], weights: list[Floats], titles: list[str], level: float
) -> pd.DataFrame:
    """Mean or shares of each variable after each step, with standard errors that know the steps up to there."""
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise DataError("level is a confidence level.", where="level", found=repr(level), expected="between 0 and 1")
    rows: list[dict[str, Any]] = []
    for name in names:
        found = variable(svy._frame, name, "outcomes")
        heads, columns = _columns(found)
        for k, w in enumerate(weights):
            step = steps[k - 1] if k else None
            told = {"step": k, "name": titles[k]}
            facts = _estimates(svy, found, columns, w, steps[:k], last=k == len(steps), level=level)
            henry = _henry(step, found, columns) if isinstance(step, Calibration) else np.full(len(heads), np.nan)
            for j, head in enumerate(heads):
                rows.append({**told, **head, **{key: value[j] for key, value in facts.items()}, "deff_henry": henry[j]})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def units_of(svy: Survey, names: list[str]) -> dict[str, str]:
    """Which outcomes are shares: categories, booleans and columns of zeros and ones."""
    out = {}
    for name in names:
        found = variable(svy._frame, name, "outcomes")
        values = () if found.kind == "category" else np.unique(found.values[~found.missing])
        out[name] = "share" if set(values) <= {0.0, 1.0} else "number"
    return out


def _columns(found: Variable) -> tuple[list[dict[str, Any]], Floats]:
    """The numbers to average (n x p), missing as 0, and what each column is."""
    if found.kind != "category":
        return [{"variable": found.name, "level": None}], np.nan_to_num(found.values)[:, None]
    if not 0 < len(found.levels) <= _MOST_LEVELS:
        raise DataError(
            f"{found.name!r} has {len(found.levels) or 'no'} levels.",
            where="outcomes",
            expected=f"1 to {_MOST_LEVELS} levels",
            todo="group the values into classes first",
        )
    heads = [{"variable": found.name, "level": level} for level in found.levels]
    return heads, (found.codes[:, None] == np.arange(len(heads))).astype(np.float64)


def _estimates(
    svy: Survey, found: Variable, columns: Floats, w: Floats, steps: list[KeptStep], *, last: bool, level: float
) -> dict[str, Any]:
    """Estimates, standard errors and intervals with these weights."""
    p = columns.shape[1]
    known = ~found.missing & (w != 0)
    codes = np.where(known, 0, 1).astype(np.intp)
    means = cell_means(codes, 1, columns, w)
    estimate = means.estimate[0]
    design = svy.design
    if design.replicates is None:
        here = replace(design, steps=tuple(steps))
        cov = here.covariance(Scores((Block(codes, means.influence, 1),), w))
        se = np.sqrt(np.diag(cov))
    elif last:
        totals = design.replicates.totals(codes, np.column_stack([np.ones(len(codes)), columns]), 1)[:, 0]
        se = np.sqrt(np.diag(design.replicates.covariance(totals[:, 1:] / totals[:, :1], estimate)))
    else:
        se = np.full(p, np.nan)
    df = design.degrees_of_freedom(known)
    values = np.unique(columns[known])
    low, high = _ends(estimate, se, df, level, int(known.sum()), share=set(values) <= {0.0, 1.0})
    inside = w[known]
    return {
        "estimate": estimate,
        "std_error": se,
        "df": np.full(p, df),
        "conf_low": low,
        "conf_high": high,
        "n": [int(known.sum())] * p,
        "deff_kish": np.full(p, len(inside) * (inside**2).sum() / inside.sum() ** 2 if len(inside) else np.nan),
    }


def _ends(estimate: Floats, se: Floats, df: float, level: float, n: int, *, share: bool) -> tuple[Floats, Floats]:
    """The ends that `llo.mean` gives by default: symmetric ones, of shares on the logit scale.

    At shares of exactly 0 and 1, and there only, they are Clopper and Pearson's; what does not vary is a point.
    """
    critical = stats.t.ppf((1 + level) / 2, df) if df > 0 else np.nan
    if not share:
        return estimate - critical * se, estimate + critical * se
    with np.errstate(divide="ignore", invalid="ignore"):
        half = critical * se / (estimate * (1 - estimate))
        low, high = (special.expit(special.logit(estimate) + sign * half) for sign in (-1, 1))
    tail = (1 - level) / 2 if df > 0 else np.nan
    none, every = np.isclose(estimate, 0, atol=_ROUNDING, rtol=0), np.isclose(estimate, 1, atol=_ROUNDING, rtol=0)
    low = np.where(none, 0 * tail, np.where(every, tail ** (1 / max(n, 1)), low))
    high = np.where(every, 1 + 0 * tail, np.where(none, 1 - tail ** (1 / max(n, 1)), high))
    return low, high


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

"""Weights of the synthetic samples, by the library's own calibration to the margins of the population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.synthetic.bits import Floats, Integers, key, uniforms
from llo_research.data.synthetic.drawing import Sample
from llo_research.data.synthetic.parameters import Parameters
from llo_research.data.synthetic.population import population
from llo_research.survey import Survey
from llo_research.weighting import EstimatedTotals, calibrate

# Weights are delivered with this many decimals, as a file would: the last bits of a solver never reach the user.
DECIMALS = 2


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of one year's respondents; of the halves nan outside the half (none before the split)."""

    expansion: Floats
    halves: tuple[Floats, ...]


def margins(parameters: Parameters, year: int) -> dict[Any, dict[Any, float]]:
    """Population totals of a year for :func:`llo_research.calibrate`, under the level numbers of the population."""
    whole = population(parameters, year)
    counts = whole.counts() * whole.scale
    totals: dict[Any, dict[Any, float]] = {}
    for names in parameters.raw["weighting"]["margins"]:
        sizes = [len(parameters.levels(name)) for name in names]
        cell = np.zeros(len(counts), dtype=np.int64)
        for name, size in zip(names, sizes, strict=True):
            cell = cell * size + whole.codes[name]
        sums = np.bincount(cell, counts, int(np.prod(sizes)))
        levels = np.stack(np.unravel_index(np.arange(len(sums)), sizes), axis=1)
        named = {tuple(int(x) for x in row): float(s) for row, s in zip(levels, sums, strict=True) if s > 0}
        if len(names) == 1:
            totals[names[0]] = {level[0]: total for level, total in named.items()}
        else:
            totals[tuple(names)] = named
    return totals


def estimated_margin(parameters: Parameters, year: int, seed: int) -> tuple[str, dict[int, float], Floats] | None:
    """A margin that a labour force sample estimates: its name, totals and their covariance; None where there is none.

    The labour force sample is a simple random one of the same population, drawn for each seed; its shares are applied
    to the known number of people, so that the rows of the covariance add up to zero.
    """
    rule = parameters.raw["weighting"].get("estimated")
    if rule is None:
        return None
    whole, size, name = population(parameters, year), int(rule["n"]), str(rule["margin"])
    u = uniforms(key(parameters.instrument, year, "labour force", seed), np.arange(size, dtype=np.int64))
    seen = whole.attributes(np.floor(u * whole.size).astype(np.int64))[name]
    share = np.bincount(seen, minlength=len(parameters.levels(name))) / size
    people = whole.size * whole.scale
    covariance = people**2 * (np.diag(share) - np.outer(share, share)) / size
    return name, {level: float(s * people) for level, s in enumerate(share)}, covariance


def weigh(parameters: Parameters, sample: Sample, attributes: dict[str, Integers], seed: int) -> Weights:
    """Rake the design weights to the margins; since the split each half apart, combined in proportion to response."""
    totals = margins(parameters, sample.year)
    estimated = estimated_margin(parameters, sample.year, seed)
    names = list(dict.fromkeys(name for group in parameters.raw["weighting"]["margins"] for name in group))
    names += [estimated[0]] if estimated is not None else []
    frame = pd.DataFrame(
        {
            name: pd.Categorical.from_codes(attributes[name], pd.RangeIndex(len(parameters.levels(name))))
            for name in names
        }
    )
    frame["weight"] = sample.design_weight
    if not sample.half.any():
        return Weights(np.round(_calibrated(frame, totals, estimated), DECIMALS), ())
    halves, shares = [], []
    for half in (1, 2):
        inside = sample.half == half
        weight = np.full(len(frame), np.nan)
        part = frame[inside].reset_index(drop=True)
        weight[inside] = np.round(_calibrated(part, totals, estimated), DECIMALS)
        halves.append(weight)
        shares.append(np.count_nonzero(inside) / len(frame))
    combined: Floats = np.where(sample.half == 1, halves[0] * shares[0], halves[1] * shares[1])
    return Weights(np.asarray(np.round(combined, DECIMALS), dtype=np.float64), tuple(halves))


def _calibrated(
    frame: pd.DataFrame, totals: dict[Any, Any], estimated: tuple[str, dict[int, float], Floats] | None
) -> Floats:
    """Raked weights; estimated totals go in with their covariance."""
    given: dict[Any, Any] = {k: pd.Series(v) if isinstance(k, tuple) else v for k, v in totals.items()}
    survey = Survey(frame, weights="weight")
    if estimated is None:
        return calibrate(survey, given, method="raking").weights.to_numpy()
    name, levels, covariance = estimated
    known = sum(len(levels) for levels in given.values())
    whole = np.zeros((known + len(levels), known + len(levels)))
    whole[known:, known:] = covariance
    return calibrate(survey, EstimatedTotals({**given, name: levels}, whole), method="raking").weights.to_numpy()


def proportional(weight: Floats, rows: Sequence[np.ndarray]) -> Floats:
    """Weights with mean 1 within each of these groups of rows."""
    out = np.full(len(weight), np.nan)
    for inside in rows:
        out[inside] = np.round(weight[inside] * (np.count_nonzero(inside) / np.sum(weight[inside])), 6)
    return out

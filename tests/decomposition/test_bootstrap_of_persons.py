"""Standard errors of changes are the spread of a bootstrap that draws persons, half of whom are in both waves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import llo_research as llo

YEARS, PERSONS, WAVE, DRAWS = (2014, 2018), 2400, 1600, 1500
GROUPS: dict[str, Any] = {"group": "g", "of": "a", "minus": "b"}
TERMS = ("Intercept", "x", "C(c)[T.q]")
CELLS = ("young", "mid", "old")
# Linearisation leaves terms of the order of 1 / n, of groups of some 800.
_SECOND_ORDER = 0.03

Estimator = Callable[[pd.DataFrame, np.ndarray], dict[str, float]]


def waves() -> pd.DataFrame:
    """Persons 0 to 1,599 in the first wave and 800 to 2,399 in the second; much of what they are stays."""
    rng = np.random.default_rng(11)
    group = rng.choice(["a", "b"], PERSONS)
    steady, habit = rng.normal(size=PERSONS), rng.normal(size=PERSONS)
    age, weight = rng.choice(CELLS, PERSONS, p=[0.4, 0.35, 0.25]), rng.uniform(0.5, 2.0, PERSONS)
    parts = []
    for late, year in enumerate(YEARS):
        person = np.arange(WAVE) + late * (PERSONS - WAVE)
        one = pd.DataFrame(
            {"year": year, "person": person, "g": group[person], "age": age[person], "w": weight[person]}
        )
        first = (one["g"] == "a").to_numpy()
        one["x"] = 0.4 + (0.9 + 0.6 * late) * first + 0.5 * late + steady[person] + 0.4 * rng.normal(size=WAVE)
        chance = 0.25 + 0.25 * first + 0.2 * late
        one["c"] = pd.Categorical(np.where(rng.uniform(size=WAVE) < chance, "q", "p"), ["p", "q"])
        slope = 0.5 + 0.5 * first + 0.4 * late + 0.5 * late * first
        one["y"] = 1 + 0.5 * first + slope * one["x"] + 0.8 * (one["c"] == "q") * (1 + late + first)
        one["y"] += 1.2 * habit[person] + 0.5 * late * (one["age"] == "old") + 0.6 * rng.normal(size=WAVE)
        parts.append(one)
    out = pd.concat(parts, ignore_index=True)
    # some grow older
    older = (out["year"] == YEARS[1]) & (out["age"] == "young") & (out["person"] % 3 == 0)
    return out.assign(age=pd.Categorical(out["age"].where(~older, "mid"), CELLS))


def at(data: pd.DataFrame, w: np.ndarray, year: int, level: str) -> tuple[np.ndarray, np.ndarray]:
    """Means and coefficients of one group at one time."""
    rows = ((data["year"] == year) & (data["g"] == level)).to_numpy()
    x = np.column_stack([np.ones(rows.sum()), data["x"][rows], data["c"][rows] == "q"]).astype(float)
    own = w[rows]
    return own @ x / own.sum(), np.linalg.solve((x * own[:, None]).T @ x, x.T @ (own * data["y"].to_numpy()[rows]))


def difference(data: pd.DataFrame, w: np.ndarray) -> dict[str, float]:
    """The twofold parts of the later wave less those of the first, at the coefficients of b."""
    out: dict[str, float] = {}
    for sign, year in ((-1, YEARS[0]), (1, YEARS[1])):
        (xa, ba), (xb, bb) = (at(data, w, year, level) for level in "ab")
        for name, values in (("explained", (xa - xb) * bb), ("unexplained", xa * (ba - bb))):
            for term, value in [("total", values.sum()), *zip(TERMS, values, strict=True)]:
                out[f"{name}:{term}"] = out.get(f"{name}:{term}", 0.0) + sign * value
    return {**out, "gap_change:total": out["explained:total"] + out["unexplained:total"]}


def smith_welch(data: pd.DataFrame, w: np.ndarray) -> dict[str, float]:
    """Smith and Welch's four parts."""
    (xa0, ba0), (xb0, bb0), (xa1, ba1), (xb1, bb1) = (at(data, w, year, level) for year in YEARS for level in "ab")
    parts = {
        "main": ((xa1 - xb1) - (xa0 - xb0)) * bb0,
        "group": (xa1 - xa0) * (ba0 - bb0),
        "time": (xa1 - xb1) * (bb1 - bb0),
        "group_time": xa1 * ((ba1 - bb1) - (ba0 - bb0)),
    }
    rows = {f"{name}:total": values.sum() for name, values in parts.items()}
    rows |= {f"{name}:{term}": v for name, values in parts.items() for term, v in zip(TERMS, values, strict=True)}
    return rows


def standardised(data: pd.DataFrame, w: np.ndarray) -> dict[str, float]:
    """Kitagawa's parts over age."""
    sides = []
    for year in YEARS:
        rows = [((data["year"] == year) & (data["age"] == cell)).to_numpy() for cell in CELLS]
        sums = np.array([w[own].sum() for own in rows])
        sides.append((np.array([w[own] @ data["y"].to_numpy()[own] for own in rows]) / sums, sums / sums.sum()))
    (r0, c0), (r1, c1) = sides
    rate, structure = ((r1 - r0) * (c0 + c1) / 2).sum(), ((c1 - c0) * (r0 + r1) / 2).sum()
    return {"change:total": rate + structure, "rate:total": rate, "composition:total": structure}


def survey(data: pd.DataFrame) -> llo.Survey:
    """Persons drawn once, seen in one wave or two."""
    return llo.Survey(data, weights="w", unit="person", time="year")


def change(svy: llo.Survey, **more: Any) -> llo.Result:
    return llo.decomposition.oaxaca_change("y ~ x + C(c)", svy, **GROUPS, time="year", base=YEARS[0], **more)


CASES: dict[str, tuple[Callable[[llo.Survey], llo.Result], Estimator]] = {
    "difference": (change, difference),
    "smith-welch": (lambda svy: change(svy, method="smith-welch"), smith_welch),
    "standardise": (lambda svy: llo.decomposition.standardise("y", svy, cells="age", over="year"), standardised),
}


def errors(result: llo.Result, column: str = "std_error") -> dict[str, float]:
    """Standard errors (or estimates) by component and term."""
    rows = result.to_frame()
    return dict(zip(rows["component"] + ":" + rows["term"].astype(str), rows[column], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_errors_are_the_spread_of_persons_drawn_again(case: str) -> None:
    made, by_hand = CASES[case]
    data = waves()
    weights, person = data["w"].to_numpy(), data["person"].to_numpy()
    result = made(survey(data))
    one = by_hand(data, weights)
    told = errors(result, "estimate")
    names = [name for name in told if name in one]
    assert {name: told[name] for name in names} == pytest.approx({name: one[name] for name in names}, abs=1e-9)
    assert len(names) >= 3
    rng = np.random.default_rng(29)
    drawn = []
    for _ in range(DRAWS):
        times = np.bincount(rng.integers(PERSONS, size=PERSONS), minlength=PERSONS)
        drawn.append(by_hand(data, weights * times[person]))
    spread = pd.DataFrame(drawn)[names].std() * np.sqrt(PERSONS / (PERSONS - 1))
    linear = pd.Series(errors(result))[names]
    # the spread of so many draws is known to 1 / sqrt(2 (draws - 1)); three of these, shared out over the rows
    chance = norm.isf(norm.sf(3.0) / len(names)) / np.sqrt(2 * (DRAWS - 1))
    off = (linear / spread - 1).abs()
    assert off.max() < chance + _SECOND_ORDER, off.sort_values().tail(3).to_dict()
    # waves that do not know who came back have other errors: the comparison can tell
    apart = pd.Series(errors(made(llo.Survey(data, weights="w", strata="year", time="year"))))[names]
    assert (apart / spread - 1).abs().max() > 2 * (chance + _SECOND_ORDER)

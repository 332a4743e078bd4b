"""Proves on 1,000 seeded samples that estimates find the true values: no bias, and intervals that hold 95 %."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.synthetic.parameters import parameters
from llo_research.data.synthetic.weights import estimated_margin

SAMPLES = 1000
BASE, LATER, ZEA_YEAR = 2021, 2022, 2021
COLUMNS = ["training", "education", "contract10", "sex", "age_group", "origin", "sector", "firm_size", "informal_scale"]
DRIVERS = ["autonomy", "variety", "supervisor_support"]
GAP: dict[str, Any] = {"group": "education", "of": "high", "minus": "low"}
MARGINS = ["education", "age_group", "sex", "origin", "sector", "contract10", "firm_size"]
# An estimate of a mean of 1,000 estimates is off by more than three of its standard errors once in 370 times.
MOST = 3.0


def _totals() -> dict[int, dict[str, dict[str, float]]]:
    """Known totals of each year, as llo.calibrate takes them."""
    values = llo.truth("nea").query("quantity == 'total' and group != ''")
    made: dict[int, dict[str, dict[str, float]]] = {}
    for year in (BASE, LATER):
        rows = values[values["year"] == year]
        made[year] = {
            name: dict(zip(part["level"], part["value"], strict=True))
            for name, part in rows[rows["group"].isin(MARGINS)].groupby("group")
        }
    return made


def _true(quantity: str, **where: Any) -> float:
    """One value of the table."""
    rows = llo.truth("nea")
    for name, value in {"quantity": quantity, **where}.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1, (quantity, where, len(rows))
    return float(rows["value"].iloc[0])


def _least_squares(svy: llo.Survey) -> tuple[np.ndarray, np.ndarray]:
    """Weighted least squares of informal learning on its drivers, plain numpy; standard errors from the design."""
    frame = svy.frame
    used = (frame["year"] == LATER).to_numpy() & frame[["informal_scale", *DRIVERS]].notna().all(axis=1).to_numpy()
    w = np.where(used, svy.weights.to_numpy(), 0.0)
    x = np.column_stack([np.ones(len(frame)), *(frame[name].fillna(0.0) for name in DRIVERS)]).astype(float)
    y = frame["informal_scale"].fillna(0.0).to_numpy()
    inverse = np.linalg.inv((x * w[:, None]).T @ x)
    slopes = inverse @ (x * w[:, None]).T @ y
    influence = (x * (w * (y - x @ slopes))[:, None]) @ inverse
    return slopes[1:], np.sqrt(np.diag(svy.design.covariance(influence)))[1:]


def _estimates(svy: llo.Survey) -> dict[str, tuple[float, float, float]]:
    """Estimate and interval of each quantity."""
    found: dict[str, Any] = {
        "gap": llo.gap("training", svy.where(f"year == {LATER}"), **GAP),
        "change, break as measured": llo.gap_change("training", svy, **GAP, time="year", base=BASE, breaks="flag"),
        "change, break taken out": llo.gap_change("training", svy, **GAP, time="year", base=BASE, breaks="adjust"),
    }
    out = {}
    for name, result in found.items():
        row = result.to_frame().iloc[0]
        out[name] = (row["estimate"], row["conf_low"], row["conf_high"])
    for name, slope, error in zip(DRIVERS, *_least_squares(svy), strict=True):
        out[f"slope on {name}"] = (slope, slope - 1.96 * error, slope + 1.96 * error)
    return out


def _expected() -> dict[str, float]:
    """The true values."""
    pair = {"variable": "training", "group": "education", "of": "high", "minus": "low", "year": LATER}
    values = {
        "gap": _true("gap", **pair),
        "change, break as measured": _true("gap_change", **pair, base=BASE),
        "change, break taken out": _true("gap_change, without break", **pair, base=BASE),
    }
    for name in DRIVERS:
        values[f"slope on {name}"] = _true("pooled", variable="informal_scale", term=name, year=LATER, group="")
    return values


def _one(seed: int, totals: dict[int, Any]) -> dict[str, tuple[float, float, float]]:
    """One sample, with variances that know of the calibration."""
    svy = llo.synthetic("nea", years=[BASE, LATER], seed=seed, columns=[*COLUMNS, *DRIVERS])
    return _estimates(llo.calibrate(svy, totals, by="year", method="raking"))


@pytest.mark.slow
def test_samples_find_the_truth() -> None:
    totals, expected = _totals(), _expected()
    runs = [_one(seed, totals) for seed in range(1, SAMPLES + 1)]
    rows = []
    for name, true in expected.items():
        values = np.array([run[name] for run in runs])
        bias, error = values[:, 0].mean() - true, values[:, 0].std(ddof=1) / math.sqrt(SAMPLES)
        held = float(((values[:, 1] <= true) & (true <= values[:, 2])).mean())
        spread = math.sqrt(0.95 * 0.05 / SAMPLES)
        rows.append((name, true, bias, bias / error, held, (held - 0.95) / spread))
    table = pd.DataFrame(rows, columns=["quantity", "true", "bias", "bias / MC SE", "coverage", "coverage / MC SE"])
    print(table.to_string(index=False))
    assert (table["bias / MC SE"].abs() < MOST).all(), table.to_string()
    assert (table["coverage / MC SE"].abs() < MOST).all(), table.to_string()


def _zea(seed: int, known: dict[str, dict[str, float]]) -> tuple[float, float, float]:
    """Training of the self-employed, education calibrated to estimated totals with their covariance."""
    given = parameters("zea")
    svy = llo.synthetic("zea", years=ZEA_YEAR, seed=seed, columns=["training", "education", *known])
    margin = estimated_margin(given, ZEA_YEAR, seed)
    assert margin is not None
    name, totals, covariance = margin
    size = sum(len(levels) for levels in known.values())
    whole = np.zeros((size + len(totals), size + len(totals)))
    whole[size:, size:] = covariance
    estimated = {given.levels(name)[level]: total for level, total in totals.items()}
    svy = llo.calibrate(svy, llo.EstimatedTotals({**known, name: estimated}, whole), method="raking")
    row = llo.mean("training", svy).to_frame().iloc[0]
    return row["estimate"], row["conf_low"], row["conf_high"]


@pytest.mark.slow
def test_margins_that_are_estimated_count_in_the_intervals() -> None:
    totals = llo.truth("zea").query(f"quantity == 'total' and year == {ZEA_YEAR}")
    known = {
        group: dict(zip(rows["level"], rows["value"], strict=True))
        for group, rows in totals[totals["group"].isin(["sex", "age_group", "origin", "sector"])].groupby("group")
    }
    rows = llo.truth("zea").query("quantity == 'mean' and variable == 'training' and group == ''")
    true = rows.loc[rows["year"] == ZEA_YEAR, "value"].item()
    values = np.array([_zea(seed, known) for seed in range(1, SAMPLES + 1)])
    bias, error = values[:, 0].mean() - true, values[:, 0].std(ddof=1) / math.sqrt(SAMPLES)
    held = float(((values[:, 1] <= true) & (true <= values[:, 2])).mean())
    print(f"true {true:.4f}, bias {bias:.5f}, {bias / error:.2f} MC SE, coverage {held:.3f}")
    assert abs(bias) < MOST * error
    assert abs(held - 0.95) < MOST * math.sqrt(0.95 * 0.05 / SAMPLES)


def test_a_few_samples_lie_around_the_truth() -> None:
    totals, expected = _totals(), _expected()
    runs = [_one(seed, totals) for seed in range(1, 13)]
    for name, true in expected.items():
        values = np.array([run[name][0] for run in runs])
        assert abs(values.mean() - true) < 4.5 * values.std(ddof=1) / math.sqrt(len(runs)), name

"""Proves that ends of intervals of quantiles, and indices of the smallest, do not list persons' values."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide


def pay(n: int, seed: int = 6) -> pd.DataFrame:
    """Pay of persons, whose values are all different."""
    rng = np.random.default_rng(seed)
    values = np.unique(np.round(rng.lognormal(7.5, 0.5, 4 * n), 2))
    return pd.DataFrame({"pay": rng.choice(values, n, replace=False), "w": rng.uniform(1, 2, n)})


@pytest.mark.parametrize("weighted", [False, True])
def test_a_median_at_many_levels_lists_no_values(tmp_path: Path, weighted: bool) -> None:
    frame = pay(600)
    svy = llo.Survey(frame.assign(w=frame["w"] if weighted else 1.0), weights="w")
    levels = [*np.linspace(0.05, 0.99, 25), 0.95]
    medians = {f"m{i}": llo.quantile("pay", svy, q=[0.5], level=float(level)) for i, level in enumerate(levels)}
    inside = {float(end) for own in medians.values() for side in own.ends for end in side}
    assert len(inside) > 40, "the values of so many persons, inside"
    folder = llo.report.export(medians, tmp_path / "out")
    told = pd.concat([pd.read_csv(file) for file in folder.glob("*.csv")])
    ends = np.unique(told[["conf_low", "conf_high"]].to_numpy().ravel())
    ends = ends[np.isfinite(ends)]
    between = np.diff(np.searchsorted(np.sort(frame["pay"]), ends))
    assert len(ends) > 3 and between.min() >= 8  # the rule asks ten; the density is that around the median
    small = pd.read_csv(folder / "m0.csv")  # 5 %: from one person to the next
    assert small[["std_error", "conf_low", "conf_high"]].isna().all(axis=None) and small["estimate"].notna().all()


@pytest.mark.parametrize("q", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("n", [150, 1_000, 20_000])
def test_an_interval_leaves_wider_and_not_much(tmp_path: Path, q: float, n: int) -> None:
    svy = llo.Survey(pay(n), weights="w")
    inside = llo.quantile("pay", svy, q=[q])
    (low,), (high,) = inside.ends
    row = pd.read_csv(llo.report.export({"q": inside}, tmp_path / "out") / "q.csv").iloc[0]
    assert row["conf_low"] <= low < high <= row["conf_high"]
    # a step holds ten persons or, up to the next round number, two and a half times as many
    persons = 2 * 1.96 * np.sqrt(q * (1 - q) * n)
    assert row["conf_high"] - row["conf_low"] <= (high - low) * (1 + 2 * 2.5 * 10 / persons) + 0.01
    again = llo.read_result(tmp_path / "out" / "q")
    assert (again.ends[0][0], again.ends[1][0]) == (row["conf_low"], row["conf_high"])


def test_few_persons_have_no_interval(tmp_path: Path) -> None:
    svy = llo.Survey(pay(60), weights="w")
    lower = llo.quantile("pay", svy, q=[0.5], level=0.75)  # 2 * 1.15 * 0.5 * sqrt(60) = 8.9 persons
    row = pd.read_csv(llo.report.export({"q": lower}, tmp_path / "out") / "q.csv").iloc[0]
    assert np.isnan(row["conf_low"]) and np.isnan(row["std_error"]) and row["estimate"] > 0


@pytest.mark.parametrize(("aversion", "leaves"), [(0.5, True), (1.0, True), (2.0, True), (5.0, False), (50.0, False)])
def test_an_index_that_tells_the_smallest_value_does_not_leave(aversion: float, leaves: bool) -> None:
    svy = llo.Survey(pay(600), weights="w")
    found = llo.report.check_disclosure(llo.decomposition.inequality("pay", svy, measure="atkinson", aversion=aversion))
    assert (len(found) == 0) == leaves and set(found["rule"]) <= {"extreme"}


@pytest.mark.parametrize("outcome", ["income", "log(income)"])
@pytest.mark.parametrize("apart, shut", [(3.0, True), (0.0, False)])
@pytest.mark.parametrize("beside", [False, True])
def test_quantiles_of_a_reweighted_group_that_few_lie_between(
    outcome: str, apart: float, shut: bool, beside: bool
) -> None:
    """Its weights are on few where the groups differ: persons between are counted, whatever the shares say."""
    rng, n = np.random.default_rng(5), 4000
    group = np.repeat(["a", "b"], n // 2)
    x = rng.normal(size=n) + apart * (group == "a")
    income = np.exp(7.5 + 0.4 * x + rng.normal(0, 0.1, n)).round(2)
    frame = pd.DataFrame({"group": group, "x": x, "income": income, "w": 1.0, "id": np.arange(n)})
    svy = llo.Survey(frame, weights="w")
    made = llo.decomposition.reweight(
        f"{outcome} ~ x", svy, group="group", of="a", minus="b", measures=["q30", "q31", "q32", "mean"]
    )
    told, own = made.estimate[2:18:6], income[group == "b"] if outcome == "income" else np.log(income[group == "b"])
    between = [int(((own > low) & (own <= high)).sum()) for low, high in pairwise(told)]
    assert (min(between) < 10) == shut
    # rows of another survey stand in one numbering with these
    other = {"other": llo.mean("x", llo.Survey(frame.iloc[::-1][: n - 40], weights="w"))} if beside else {}
    hidden = decide(other | {"made": made}).hidden["made"].reshape(-1, 6)
    assert hidden[:3].all(axis=1).any() == shut and not hidden[0].any() and not hidden[3].any()

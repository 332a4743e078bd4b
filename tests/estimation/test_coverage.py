"""Proves that 95 % intervals hold the truth in 95 % of the samples of a known, clustered, stratified population."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import llo_research as llo
from llo_research.estimation import Result

pytestmark = pytest.mark.slow

SAMPLES = 2_000
CHUNK = 100  # samples that go through one call, each in strata of its own
SLACK = 3 * np.sqrt(0.95 * 0.05 / SAMPLES)  # three Monte-Carlo standard errors
STRATA = np.array([220, 180, 160, 140, 110])  # places in each stratum of the population
# With 12 places and one stratum of 40 % of the weight, gaps hold 93 %: df count places, not their share of the variance
DRAWN, TAKEN = 24, 8  # places drawn in a stratum, people taken in a place
GROUP = {"group": "education", "of": "high", "minus": "low"}


@cache
def population() -> pd.DataFrame:
    """About 27,000 people in 810 places; outcomes depend on place, stratum and education."""
    rng = np.random.default_rng(2024)
    stratum = np.repeat(np.arange(len(STRATA)), STRATA)
    size = rng.integers(12, 56, len(stratum))
    place = np.repeat(np.arange(len(stratum)), size)
    n, h = len(place), stratum[place]
    shift = rng.normal(0, 0.5, len(stratum))[place]
    education = rng.choice(["low", "middle", "high"], n, p=[0.3, 0.4, 0.3])
    slope = np.select([education == "high", education == "low"], [0.7, -0.5], 0.0)
    odds = np.exp(-0.6 + 0.3 * h + shift + slope)
    return pd.DataFrame(
        {
            "stratum": h,
            "place": place,
            "size": size[place],
            "education": education,
            "region": np.where(rng.random(n) < 0.45, "north", "south"),
            "y": 10 + h + 2 * shift + 2 * slope + rng.normal(0, 2, n),
            "hours": rng.gamma(2, 2 + 0.3 * h, n),
            "trained": rng.random(n) < odds / (1 + odds),
            "rare": rng.random(n) < 0.06 * np.exp(0.5 * shift),
        }
    )


@cache
def drawn() -> tuple[pd.DataFrame, ...]:
    """Chunks of samples: places with replacement within strata, people without within each place drawn."""
    people, rng = population(), np.random.default_rng(77)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(people["place"])) + 1])
    size = np.diff(np.append(starts, len(people)))
    first = np.concatenate([[0], np.cumsum(STRATA)])
    chunks = []
    for _ in range(SAMPLES // CHUNK):
        places = np.concatenate([rng.integers(a, b, (CHUNK, DRAWN)) for a, b in pairwise(first)], 1)
        flat = places.ravel()
        order = np.argsort(
            np.where(np.arange(size.max()) < size[flat][:, None], rng.random((flat.size, size.max())), 2)
        )
        rows = (starts[flat][:, None] + order[:, :TAKEN]).ravel()
        frame = people.iloc[rows].reset_index(drop=True)
        frame["sample"] = np.repeat(np.arange(CHUNK), places.shape[1] * TAKEN)
        frame["draw"] = np.repeat(np.arange(flat.size), TAKEN)
        frame["w"] = STRATA[frame["stratum"]] / DRAWN * frame["size"] / TAKEN
        chunks.append(frame)
    return tuple(chunks)


def _truth(name: str) -> Any:
    p = population()
    by_group = p.groupby("education")
    means = {v: by_group[v].mean() for v in ("y", "trained")}
    cells = p.groupby(["region", "education"])["trained"].mean().unstack()
    a, b = means["trained"]["high"], means["trained"]["low"]
    return {
        "mean": p["y"].mean(),
        "mean in a domain": p.loc[p["region"] == "north", "y"].mean(),
        "share": p["trained"].mean(),
        "small share": p["rare"].mean(),
        "total": p["hours"].sum(),
        "ratio": p["hours"].sum() / p["y"].sum(),
        "gap": means["y"]["high"] - means["y"]["low"],
        "ratio gap": a / b,
        "odds gap": a / (1 - a) / (b / (1 - b)),
        "gaps by region": (cells["high"] - cells["low"]).to_numpy(),
    }[name]


def _yes(result: Result) -> pd.DataFrame:
    frame = result.to_frame()
    return frame[frame["level"].astype(bool)]


Call = Callable[[llo.Survey], Any]
CASES: dict[str, tuple[str, Call, bool]] = {  # what is true, the call by sample, whether more than 95 % may hold
    "mean": ("mean", lambda s: llo.mean("y", s, by="sample"), False),
    "mean in a domain": (
        "mean in a domain",
        lambda s: llo.mean("y", s.where("region == 'north'"), by="sample"),
        False,
    ),
    "total": ("total", lambda s: llo.total("hours", s, by="sample"), False),
    "ratio": ("ratio", lambda s: llo.ratio("hours", "y", s, by="sample"), False),
    "gap": ("gap", lambda s: llo.gap("y", s, **GROUP, by="sample"), False),
    "ratio gap": ("ratio gap", lambda s: llo.gap("trained", s, **GROUP, by="sample", scale="ratio"), False),
    "odds gap": ("odds gap", lambda s: llo.gap("trained", s, **GROUP, by="sample", scale="odds"), False),
    "gaps by region": ("gaps by region", lambda s: llo.gap("trained", s, **GROUP, by=["sample", "region"]), False),
}
for method in ("logit", "wilson", "beta", "asin", "likelihood"):
    CASES[f"share, {method}"] = (
        "share",
        lambda s, m=method: _yes(llo.share("trained", s, by="sample", interval=m)),
        method == "beta",
    )
for method in ("logit", "wilson", "beta"):
    CASES[f"small share, {method}"] = (
        "small share",
        lambda s, m=method: _yes(llo.share("rare", s, by="sample", interval=m)),
        method == "beta",
    )


def _survey(frame: pd.DataFrame) -> llo.Survey:
    return llo.Survey(frame, weights="w", strata=["sample", "stratum"], psu="draw")


@pytest.mark.parametrize("name", CASES)
def test_intervals_hold_the_truth(name: str, record_property: Callable[[str, object], None]) -> None:
    what, call, more = CASES[name]
    truth = np.atleast_1d(_truth(what))
    inside, bias, se = [], [], []
    for frame in drawn():
        out = call(_survey(frame))
        table = out if isinstance(out, pd.DataFrame) else out.to_frame()
        true = np.tile(truth, CHUNK)
        inside.append((table["conf_low"].to_numpy() <= true) & (true <= table["conf_high"].to_numpy()))
        bias.append(table["estimate"].to_numpy() - true)
        se.append(table["std_error"].to_numpy())
    errors = np.concatenate(bias).reshape(-1, len(truth))
    coverage = float(np.concatenate(inside).mean())
    honest = np.concatenate(se).reshape(-1, len(truth)).mean(axis=0) / errors.std(axis=0)
    record_property("coverage", coverage)
    print(f"coverage of {name}: {coverage:.4f}; mean standard error over the true one: {np.round(honest, 3)}")
    assert coverage >= 0.95 - SLACK
    assert more or coverage <= 0.95 + SLACK
    assert honest == pytest.approx(1, abs=0.06)


def test_joint_intervals_hold_together(record_property: Callable[[str, object], None]) -> None:
    p = population()
    truth = p.groupby(["education", "region"])["y"].mean().to_numpy()
    together = apart = 0
    for frame in drawn():
        for _, sample in frame.groupby("sample"):
            svy = llo.Survey(sample, weights="w", strata="stratum", psu="draw")
            result = llo.mean("y", svy, by=["education", "region"], simultaneous=True)
            low, high = result.ends
            together += bool(((low <= truth) & (truth <= high)).all())
            distance = np.abs(result.estimate - truth) / result.std_error
            apart += bool((distance <= stats.t.isf(0.025, result.df)).all())
    record_property("coverage", together / SAMPLES)
    print(f"six means at once: {together / SAMPLES:.4f} with joint intervals, {apart / SAMPLES:.4f} without")
    assert abs(together / SAMPLES - 0.95) <= SLACK
    assert apart / SAMPLES < 0.85


def test_one_sample_in_a_chunk_is_the_sample_alone() -> None:
    frame = drawn()[0]
    chunk = llo.gap("trained", _survey(frame), **GROUP, by="sample").to_frame()
    for number in (0, 7, CHUNK - 1):
        sample = frame[frame["sample"] == number]
        alone = llo.gap("trained", llo.Survey(sample, weights="w", strata="stratum", psu="draw"), **GROUP).to_frame()
        for column in ("estimate", "std_error", "df", "conf_low", "conf_high", "n"):
            assert chunk[column][number] == pytest.approx(alone[column][0], rel=1e-12)

"""Proves ranks: a plain loop, laws, joint coverage, and what is refused."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research import DataError
from llo_research.results.simultaneous import critical_values
from tests.estimation.test_pooling import estimates, people, survey

Y, V = [3.0, 1.0, 2.0, 1.1, 5.0, 4.9], [0.01, 0.02, 0.01, 0.03, 0.002, 0.05]


def test_the_ranks_of_a_plain_loop() -> None:
    result = estimates(Y, V)
    found = llo.ranks(result)
    pairs = [(i, j) for i in range(6) for j in range(i)]
    errors = {(i, j): float(np.sqrt(V[i] + V[j])) for i, j in pairs}
    design = np.zeros((15, 6))
    for row, (i, j) in enumerate(pairs):
        design[row, i], design[row, j] = 1, -1
    c = critical_values(design @ np.diag(V) @ design.T, np.full(15, float(result.df.min())), 0.95)[0]
    assert found.critical == pytest.approx(c, rel=5e-3)  # pairs in another order: the error of the integral
    for i in range(6):
        others = [(Y[i] - Y[j]) / errors[max(i, j), min(i, j)] for j in range(6) if j != i]
        assert found.rank[i] == 1 + sum(t < 0 for t in others)
        assert found.rank_low[i] == 1 + sum(t < -c for t in others)
        assert found.rank_high[i] == 6 - sum(t > c for t in others)


def test_laws() -> None:
    result = estimates(Y, V)
    found = llo.ranks(result).to_frame()
    assert (found["rank_low"] <= found["rank"]).all() and (found["rank"] <= found["rank_high"]).all()
    order = [4, 2, 0, 5, 1, 3]
    turned = llo.ranks(estimates([Y[i] for i in order], [V[i] for i in order])).to_frame()
    for name in ("rank", "rank_low", "rank_high"):
        assert turned[name].tolist() == found[name].iloc[order].tolist()
    scaled = llo.ranks(estimates([7 * y + 3 for y in Y], [49 * v for v in V])).to_frame()
    assert scaled["rank_high"].tolist() == found["rank_high"].tolist()
    widths = [
        (one["rank_high"] - one["rank_low"]).sum()
        for one in (llo.ranks(result, level=level).to_frame() for level in (0.5, 0.9, 0.99))
    ]
    assert all(a <= b for a, b in pairwise(widths))


def test_equal_estimates_share_a_rank_and_the_overlap_of_waves_counts() -> None:
    tied = llo.ranks(estimates([1.0, 1.0, 0.0], [0.1, 0.1, 0.1])).to_frame()
    assert tied["rank"].tolist() == [1, 1, 3]
    rng = np.random.default_rng(2)
    person = rng.normal(size=200)
    frame = pd.DataFrame({"id": np.tile(np.arange(200), 2), "year": np.repeat([2020, 2021], 200), "w": 1.0})
    frame["y"] = np.tile(person, 2) + np.repeat([0.0, 0.1], 200) + 0.1 * rng.normal(size=400)
    panel = llo.Survey(frame, weights="w", unit="id", time="year")
    alone = llo.Survey(frame, weights="w", strata="year", time="year")
    assert llo.ranks(llo.mean("y", panel, by="year")).rank_low.tolist() == [2, 1]
    assert llo.ranks(llo.mean("y", alone, by="year")).rank_low.tolist() == [1, 1]


def test_blocks_are_ranked_by_themselves_and_some_rows_can_be_shown() -> None:
    svy = survey(y=people(Y, V), z=people([2 * y for y in reversed(Y)], V))
    parts = {name: llo.mean(name, svy, by="group") for name in ("y", "z")}
    found = llo.ranks(llo.joint(parts), by="result")
    for part, alone in parts.items():
        own = found.of(result=part).to_frame()
        for name in ("rank", "rank_low", "rank_high"):
            assert own[name].tolist() == llo.ranks(alone).to_frame()[name].tolist()
    shown = found.of(group="g4")
    assert shown.labels == ("y:g4", "z:g4")
    assert shown.to_frame()["rank"].tolist() == [1, 6]  # the lowest of the six, doubled
    assert shown.among.tolist() == [6.0] * 12
    with pytest.raises(DataError, match="identifier 'country'"):
        found.of(country="g4")
    with pytest.raises(DataError, match="called so"):
        found.of(group="g9")


@pytest.mark.slow
@pytest.mark.parametrize("truth", [[0.0] * 8, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [0.0, 0.0, 0.0, 3.0, 3.0, 6.0]])
def test_all_ranks_lie_in_their_intervals_together(truth: list[float]) -> None:
    rng, k, draws = np.random.default_rng(5), len(truth), 300
    n, held = 60, 0
    # with ties any order of the tied is a true one: the intervals must hold them all
    low = [1 + sum(other > own for other in truth) for own in truth]
    high = [k - sum(other < own for other in truth) for own in truth]
    frame = pd.DataFrame({"group": np.repeat(np.arange(k), n), "w": 1.0})
    for _ in range(draws):
        frame["y"] = np.repeat(truth, n) + rng.normal(size=k * n) * np.repeat(rng.uniform(0.5, 2, k), n)
        found = llo.ranks(llo.mean("y", llo.Survey(frame, weights="w", strata="group"), by="group"))
        held += bool((found.rank_low <= low).all() and (found.rank_high >= high).all())
    # at least 95 % less three standard errors of 300 draws
    assert held / draws >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / draws)


def test_what_has_no_rank() -> None:
    frame = pd.DataFrame({"g": ["a"] * 10 + ["b"] * 10 + ["c"] * 10, "y": [1.0, 2.0] * 10 + [np.nan] * 10, "w": 1.0})
    found = llo.ranks(llo.mean("y", llo.Survey(frame.astype({"g": "category"}), weights="w"), by="g")).to_frame()
    assert found["rank"].isna().tolist() == [False, False, True]
    with pytest.raises(DataError, match="two rows"):
        llo.ranks(estimates([1.0], [0.1]))
    with pytest.raises(DataError, match="of a result"):
        llo.ranks(frame)  # type: ignore[arg-type]  # the mistake itself
    with pytest.raises(DataError, match="several kinds"):
        svy = llo.Survey(frame.assign(z=frame["y"] > 1), weights="w")
        llo.ranks(llo.joint({"a": llo.mean("y", svy), "b": llo.total("y", svy)}))


def test_a_row_without_variance_is_not_the_first_for_certain() -> None:
    """All of a small group said yes: it has no rank, and the others are ranked as without it."""
    frame = pd.DataFrame({"g": np.repeat(["a", "b", "c", "d"], [300, 300, 300, 3]), "w": 1.0})
    frame["y"] = np.random.default_rng(3).random(903) < np.repeat([0.3, 0.5, 0.55, 1.1], [300, 300, 300, 3])
    svy = llo.Survey(frame, weights="w", strata="g")
    found, without = (llo.ranks(llo.mean("y", own, by="g")) for own in (svy, svy.where("g != 'd'")))
    table = found.to_frame()
    assert table["estimate"].iloc[3] == 1.0 and "boundary" in table["flag"].iloc[3]
    assert table[["rank", "rank_low", "rank_high"]].iloc[3].isna().all()
    for name in ("rank", "rank_low", "rank_high"):
        assert table[name].tolist()[:3] == without.to_frame()[name].tolist()
    assert "1 without a rank" in found.summary() and "without a rank" not in without.summary()


def test_numbers_of_different_things_are_not_ranked_among_each_other() -> None:
    svy = survey(y=people(Y, V), z=people(V, Y))
    both = llo.joint({name: llo.mean(name, svy, by="group") for name in "yz"})
    with pytest.raises(DataError, match="different things") as caught:
        llo.ranks(both)
    assert "by='variable'" in str(caught.value)
    apart = llo.ranks(both, by="variable").to_frame()
    assert apart["rank"].tolist()[:6] == llo.ranks(estimates(Y, V)).to_frame()["rank"].tolist()
    llo.ranks(llo.mean(["y", "z"], svy))  # which of both is larger: two items of one population


def test_ranks_of_withheld_rows_are_not_seen() -> None:
    frame = pd.DataFrame({"g": np.repeat(["a", "b", "c"], [300, 300, 4]), "w": 1.0})
    frame["y"] = np.random.default_rng(1).normal(size=604)
    svy = llo.Survey(frame, weights="w", source={"kind": "restricted"})
    own = llo.ranks(llo.mean("y", svy, by="g"))
    assert own.seen().to_frame()["rank"].isna().tolist() == [False, False, True]
    two = llo.ranks(llo.mean("y", svy.where("g != 'c'"), by="g"))
    assert own.seen().critical == pytest.approx(two.critical)

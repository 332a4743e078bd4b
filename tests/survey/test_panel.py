"""Proves that persons and waves enter the variance: overlap, independent waves, and what a panel may not contradict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DesignError


def _waves(n: int = 60, overlap: float = 1.0, seed: int = 1) -> pd.DataFrame:
    """Two waves of n persons, a share of whom is the same; persons stay in their stratum."""
    rng = np.random.default_rng(seed)
    kept = round(n * overlap)
    first = pd.DataFrame({"person": np.arange(n), "year": 2014})
    second = pd.DataFrame({"person": np.concatenate([np.arange(kept), np.arange(n, 2 * n - kept)]), "year": 2018})
    frame = pd.concat([first, second], ignore_index=True)
    frame["region"] = np.array(["north", "south", "west"])[frame["person"] % 3]
    frame["place"] = frame["person"] % 3 * 10 + frame["person"] // 3 % 5
    trait = rng.normal(size=2 * n)
    frame["y"] = trait[frame["person"]] + 0.5 * rng.normal(size=len(frame)) + (frame["year"] == 2018)
    frame["w"] = rng.uniform(1, 4, 2 * n)[frame["person"]]
    return frame


def _change(svy: llo.Survey) -> Any:
    return llo.mean("y", svy, by="year").contrast({"2018": 1, "2014": -1})


def test_full_overlap_gives_the_paired_difference() -> None:
    frame = _waves()
    change = _change(llo.Survey(frame, weights="w", strata="region", unit="person", time="year"))
    wide = frame.pivot(index="person", columns="year", values="y")
    paired = frame.drop_duplicates("person").set_index("person").assign(d=wide[2018] - wide[2014])
    difference = llo.mean("d", llo.Survey(paired, weights="w", strata="region"))
    assert change.estimate == pytest.approx(difference.estimate, rel=1e-12)
    assert change.std_error == pytest.approx(difference.std_error, rel=1e-12)
    assert change.df.tolist() == difference.df.tolist() == [57.0]


def test_no_overlap_gives_the_independent_sum() -> None:
    frame = _waves(overlap=0.0)
    change = _change(llo.Survey(frame, weights="w", strata=["year", "region"], time="year"))
    apart = [
        llo.mean("y", llo.Survey(frame[frame["year"] == year], weights="w", strata="region")) for year in (2014, 2018)
    ]
    assert change.estimate[0] == pytest.approx(apart[1].estimate[0] - apart[0].estimate[0], rel=1e-12)
    assert change.std_error[0] ** 2 == pytest.approx(sum(a.std_error[0] ** 2 for a in apart), rel=1e-12)
    assert change.df.tolist() == [114.0]


@pytest.mark.parametrize("overlap", [0.25, 0.5, 0.75])
def test_partial_overlap_lies_between_and_carries_the_covariance(overlap: float) -> None:
    frame = _waves(n=600, overlap=overlap)
    linked = llo.mean("y", llo.Survey(frame, weights="w", strata="region", unit="person", time="year"), by="year")
    correlation = linked.covariance[0, 1] / np.prod(linked.std_error)
    # the trait has variance 1 of 1.25, so that the waves correlate by about 0.8 times the overlap
    assert correlation == pytest.approx(0.8 * overlap, abs=0.12)
    apart = llo.mean("y", llo.Survey(frame, weights="w", strata=["year", "region"], time="year"), by="year")
    assert apart.covariance[0, 1] == pytest.approx(0, abs=1e-12)
    assert linked.contrast({"2018": 1, "2014": -1}).std_error[0] < apart.contrast({"2018": 1, "2014": -1}).std_error[0]


def test_rows_of_a_person_are_one_unit() -> None:
    frame = _waves()
    by_unit = llo.mean("y", llo.Survey(frame, weights="w", strata="region", unit="person", time="year"), by="year")
    by_psu = llo.mean("y", llo.Survey(frame, weights="w", strata="region", psu="person"), by="year")
    assert by_unit.covariance == pytest.approx(by_psu.covariance, rel=1e-14)
    assert by_unit.df.tolist() == by_psu.df.tolist()


def test_a_psu_coarser_than_the_person_wins() -> None:
    frame = _waves()
    both = llo.mean("y", llo.Survey(frame, weights="w", strata="region", psu="place", unit="person", time="year"))
    psu = llo.mean("y", llo.Survey(frame, weights="w", strata="region", psu="place"))
    assert both.std_error.tolist() == psu.std_error.tolist()
    assert both.df.tolist() == [15 - 3]


def test_time_never_enters_the_strata() -> None:
    frame = _waves()
    one = llo.mean("y", llo.Survey(frame, weights="w", strata="region", unit="person", time="year"))
    other = llo.mean("y", llo.Survey(frame, weights="w", strata="region", unit="person"))
    assert one.std_error.tolist() == other.std_error.tolist()
    assert llo.Survey(frame, weights="w", unit="person", time="year").describe().strata == 1


def test_a_unit_in_two_strata_is_refused() -> None:
    frame = _waves()
    frame.loc[frame.index[-1], "region"] = "elsewhere"
    with pytest.raises(DesignError, match="occur in more than one stratum") as caught:
        llo.Survey(frame, weights="w", strata="region", unit="person", time="year")
    assert "59" in str(caught.value.where)
    assert "first wave" in str(caught.value.todo)


def test_a_unit_in_two_psus_is_refused() -> None:
    frame = _waves()
    frame.loc[frame.index[-1], "place"] = 21
    with pytest.raises(DesignError, match="1 units lie in more than one psu"):
        llo.Survey(frame, weights="w", strata="region", psu="place", unit="person")


def test_a_stratum_that_spans_times_is_refused_with_the_advice() -> None:
    frame = _waves()
    with pytest.raises(DesignError, match="span several times") as caught:
        llo.Survey(frame, weights="w", strata="region", time="year")
    assert "strata=['year', 'region']" in str(caught.value.todo)
    with pytest.raises(DesignError, match="span several times") as caught:
        llo.Survey(frame, weights="w", time="year")
    assert "strata=['year']" in str(caught.value.todo)
    llo.Survey(frame[frame["year"] == 2014], weights="w", strata="region", time="year")
    llo.Survey(frame, weights="w", strata="region", time="year", psu="place")


@pytest.mark.parametrize("role", ["unit", "time", "strata", "psu"])
def test_missing_labels_are_refused(role: str) -> None:
    frame = _waves().assign(label=lambda d: d["person"].astype(float))
    frame.loc[4, "label"] = np.nan
    with pytest.raises(DesignError, match="missing values") as caught:
        llo.Survey(frame, weights="w", **{"unit": None, role: "label"})
    assert "first at row 4" in str(caught.value.where)


def test_replicate_weights_carry_the_overlap_too() -> None:
    frame = _waves()
    rng = np.random.default_rng(5)
    factors = rng.gamma(4, 0.25, (60, 40))[frame["person"].to_numpy()]
    replicates = {f"r{i + 1}": frame["w"] * factors[:, i] for i in range(40)}
    frame = pd.concat([frame, pd.DataFrame(replicates)], axis=1)
    options: dict[str, Any] = {"replicate_weights": "r[1-40]", "replicate_method": "bootstrap"}
    means = llo.mean("y", llo.Survey(frame, weights="w", unit="person", time="year", **options), by="year")
    assert means.covariance[0, 1] / np.prod(means.std_error) > 0.5

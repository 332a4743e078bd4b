"""Proves the degrees of freedom of replicates that were made here: sampling units minus strata; and coverage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.survey import samples


@pytest.mark.parametrize("method", ["jkn", "bootstrap"])
def test_df_is_places_minus_strata_calibrated_or_not(method: str) -> None:
    """Of the rows with a weight, in domains too: steps add no places, and a domain has only its own."""
    how = {"seed": 1, "replicates": 60} if method == "bootstrap" else {}
    plain = samples.survey()
    sums = plain.weights.groupby(plain.frame["region"]).sum() * [1.05, 0.95]

    def calibrated(svy: llo.Survey) -> llo.Survey:
        return llo.calibrate(svy, {"region": sums})

    drawn = llo.replicate(plain, method, **how)
    for svy in (drawn, llo.replicate(calibrated(plain), method, **how), calibrated(drawn)):
        assert llo.mean("y", svy).df.tolist() == [9]
        assert llo.mean("y", svy, by="stratum").df.tolist() == [3, 3, 3]
        assert llo.total("y", svy.where("place < 2 & stratum != 's0'")).df.tolist() == [2]
        gap = llo.gap("y", svy.where("place < 3"), group="stratum", of="s0", minus="s1")
        means = llo.mean("y", svy.where("place < 3"), by="stratum")
        assert gap.df.tolist() == means.contrast({"s0": 1, "s1": -1}).df.tolist() == [4]
        assert svy.describe().df == 9
    frame = plain.frame.assign(w=plain.frame["w"].where(plain.frame["place"] > 0, 0.0))
    without = llo.replicate(llo.Survey(frame, weights="w", strata="stratum", psu="place"), method, **how)
    assert llo.mean("y", without, by="stratum").df.tolist() == [2, 2, 2]


@pytest.mark.parametrize("producer", [True, False])
def test_df_after_saving_and_reading_back(producer: bool, tmp_path: Path) -> None:
    svy = samples.replicate_survey(3) if producer else llo.replicate(samples.survey(), "jkn")
    weighted = llo.calibrate(svy, {"region": svy.weights.groupby(svy.frame["region"]).sum() * [1.05, 0.95]})
    again = llo.read_survey(weighted.save(tmp_path / "weighted"))
    for call in (lambda s: llo.mean("y", s, by="stratum"), lambda s: llo.total("y", s)):
        assert call(again).df.tolist() == call(weighted).df.tolist() == call(svy).df.tolist()


# 2,000 samples: the standard error of a share of 0.95 is 0.005; the intervals may miss by four of them, and by what t
# leaves open where six places are all there is.
SAMPLES = 2_000
METHODS = (("jkn", {}), ("bootstrap", {"seed": 1, "replicates": 200}))


def _coverage(strata: int, places: int, size: int, seed: int) -> dict[str, float]:
    """Shares of samples in which the 95 % interval of a calibrated mean, and of a domain's, holds the truth.

    Places have effects of their own; people have a group of which the total is known, and which matters for y.
    """
    rng = np.random.default_rng(seed)
    n = strata * places * size
    stratum = np.repeat(np.arange(strata), places * size)
    place = np.repeat(np.arange(strata * places), size)
    hits: dict[str, list[bool]] = {f"{method}:{what}": [] for method, _ in METHODS for what in ("all", "domain")}
    for _ in range(SAMPLES):
        shift = rng.normal(0, 1, strata * places)[place]
        group = rng.random(n) < 0.5
        y = shift + 1.0 * group + rng.normal(0, 1, n)
        frame = pd.DataFrame({"stratum": stratum, "place": place, "g": np.where(group, "a", "b"), "y": y, "w": 10.0})
        svy = llo.Survey(frame, weights="w", strata="stratum", psu="place", nest=False)
        calibrated = llo.calibrate(svy, {"g": {"a": 5.0 * n, "b": 5.0 * n}})
        for method, options in METHODS:
            drawn = llo.replicate(calibrated, method, **options)
            for what, one in (("all", drawn), ("domain", drawn.where(f"stratum < {max(2, strata // 5)}"))):
                row = llo.mean("y", one).to_frame().iloc[0]
                hits[f"{method}:{what}"].append(row["conf_low"] <= 0.5 <= row["conf_high"])
    return {name: float(np.mean(held)) for name, held in hits.items()}


@pytest.mark.slow
@pytest.mark.parametrize(("strata", "places"), [(3, 2), (30, 2)])
def test_intervals_after_calibration_hold_their_level(strata: int, places: int) -> None:
    """Six and sixty places; the domain has four places in two strata, or twelve in six."""
    found = _coverage(strata, places, 10, seed=20231130 + strata)
    print(found)
    for name, share in found.items():
        assert share > 0.95 - 0.02 - 0.03 * (strata == 3), (name, share)
        assert share < 0.995, (name, share)

"""Proves that a standard error of rounding size counts as zero: calibrated margins, constants, and tests on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.results.intervals import PROPORTION
from tests.survey import samples

DESIGNS = ["elements", "strata", "clusters", "replicates"]


def calibrated(design: str, seed: int = 1) -> llo.Survey:
    """A survey whose weights meet the counts of sex by group, so that nothing of these varies."""
    svy = samples.replicate_survey(seed) if design == "replicates" else samples.survey(design, seed)
    frame = svy.frame
    rng = np.random.default_rng(seed)
    svy = svy.assign(
        sex=pd.Categorical(np.where(rng.random(len(frame)) < 0.43, "f", "m")),
        part=pd.Categorical(np.where(rng.random(len(frame)) < 0.3, "a", "b")),
    )
    total = float(svy.weights.sum())
    shares = {("f", "a"): 0.13, ("f", "b"): 0.37, ("m", "a"): 0.17, ("m", "b"): 0.33}
    cells = pd.Series({pair: share * total for pair, share in shares.items()})
    cells.index = cells.index.set_names(["sex", "part"])
    return llo.calibrate(svy, {("sex", "part"): cells})


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("interval", PROPORTION)
@pytest.mark.parametrize("seed", range(4))
def test_the_share_of_a_calibrated_margin_is_known(design: str, interval: str, seed: int) -> None:
    result = llo.share("sex", calibrated(design, seed), interval=interval)
    frame = result.to_frame()
    assert frame["estimate"].tolist() == pytest.approx([0.5, 0.5])
    assert frame["conf_low"].tolist() == frame["estimate"].tolist() == frame["conf_high"].tolist()
    assert all("zero_se" in flag.split() for flag in frame["flag"])
    assert frame["n_eff"].isna().all() and frame["deff"].tolist() == [0, 0]
    assert (np.diag(result.covariance) < 1e-20).all()


@pytest.mark.parametrize("design", DESIGNS)
def test_what_is_not_calibrated_keeps_its_error(design: str) -> None:
    svy = calibrated(design)
    far = svy.assign(far=lambda d: d["y"] + 1e7)
    for result in (llo.mean("y", svy), llo.total("y", svy), llo.mean("far", far), llo.variance("y", svy)):
        assert not result.vanishing.any()
        assert result.to_frame()["deff"].notna().all()


def test_a_constant_has_no_spread_and_its_total_has() -> None:
    svy = samples.survey("clusters", 1).assign(same=0.1, huge=1e9 + 0.3)
    for result in (llo.mean(["same", "huge"], svy), llo.variance(["same", "huge"], svy)):
        assert result.vanishing.all() and all("zero_se" in flag for flag in result.flags)
    assert not llo.total("same", svy).vanishing.any()


@pytest.mark.parametrize("design", DESIGNS)
def test_contrasts_gaps_and_saved_results_know_it(design: str, tmp_path: Path) -> None:
    svy = calibrated(design)
    shares = llo.share("sex", svy, by="part", interval="beta")
    compared = shares.contrast("`f:a` - `f:b`").to_frame().iloc[0]
    assert "zero_se" in compared["flag"] and np.isnan(compared["statistic"]) and np.isnan(compared["p_value"])
    gap = llo.gap("sex", svy, group="part", of="a", minus="b", scale="ratio").to_frame()
    assert all("zero_se" in flag for flag in gap["flag"]) and gap["p_value"].isna().all()
    assert gap["conf_low"].tolist() == gap["estimate"].tolist()
    again = llo.read_result(shares.save(tmp_path / "shares")).to_frame()
    pd.testing.assert_frame_equal(again, shares.to_frame(), check_dtype=False)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("statistic", ["F", "chisq", "wald"])
def test_independence_of_calibrated_cells_is_not_tested(design: str, statistic: str) -> None:
    svy = calibrated(design)
    told = llo.crosstab("sex", "part", svy).test(statistic).to_frame().iloc[0]
    assert np.isnan(told["p_value"]) and np.isnan(told["statistic"]) and "zero_se" in told["flag"]
    other = llo.crosstab("sex", "older", svy).test("F")
    assert 0 < other.p_value < 1 and "zero_se" not in other.to_frame()["flag"].iloc[0]

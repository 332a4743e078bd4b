"""Proves that digits, weighted sums and saved covariances do not tell what the rows that leave may not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

N = 600


def by_region(weights: np.ndarray, heavy: int) -> llo.Result:
    """A share by region; `heavy` persons of the fifth have the second weight."""
    rng = np.random.default_rng(5)
    region = rng.choice(list("ABCDE"), N)
    kind = (rng.random(N) < 0.3).astype(int)
    inside = np.flatnonzero(region == "E")
    kind[inside] = 0
    kind[inside[:heavy]] = 1
    frame = pd.DataFrame({"region": region, "yes": rng.integers(0, 2, N), "w": weights[kind]})
    return llo.mean("yes", llo.Survey(frame, weights="w"), by="region")


@pytest.mark.parametrize("heavy, shut", [(3, True), (50, False)])
def test_weights_of_two_values_tell_how_many_have_each(heavy: int, shut: bool, tmp_path: Path) -> None:
    result = by_region(np.array([1.0, 2.37]), heavy)
    inside = result.details()["sum_weights"].to_numpy()[-1]
    assert (inside - result.n[-1]) / 1.37 == pytest.approx(heavy)  # the attack
    out = llo.read_result(llo.report.export({"r": result}, tmp_path / "out") / "r")
    assert np.isnan(out.details()["sum_weights"].to_numpy()[-1]) == shut
    assert np.isnan(out.std_error[-1]) == shut and np.isfinite(out.estimate).all()


def test_an_error_is_no_fingerprint(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    stratum = rng.choice(["s1", "s2"], N)
    frame = pd.DataFrame({"yes": rng.integers(0, 2, N), "s": stratum, "region": rng.choice(list("ABC"), N), "w": 1.0})
    result = llo.mean("yes", llo.Survey(frame, weights="w", strata="s"), by="region")
    out = llo.read_result(llo.report.export({"r": result}, tmp_path / "out") / "r")
    for told, inside in ((out.std_error, result.std_error), (out.estimate, result.estimate)):
        assert [float(f"{x:.6g}") for x in told] == pytest.approx(told.tolist(), rel=1e-12)  # six digits at most
        assert np.allclose(told, inside, rtol=5e-4)


def test_covariances_of_a_saved_result_were_not_looked_at(tmp_path: Path) -> None:
    place = np.arange(N)
    frame = pd.DataFrame({"a": place < 61, "b": (place >= 58) & (place < 130), "x": place % 7, "w": 1.0}).astype(float)
    svy = llo.Survey(frame, weights="w")
    llo.mean(["a", "b"], svy).save(tmp_path / "mean")
    saved = llo.read_result(tmp_path / "mean")
    out = llo.read_result(llo.report.export({"r": saved}, tmp_path / "out") / "r")
    assert np.isnan(out.covariance[0, 1]) and np.isfinite(out.std_error).all()
    llo.glm("x ~ a", svy).save(tmp_path / "model")
    found = llo.report.check_disclosure({"m": llo.read_result(tmp_path / "model")})
    assert set(found["rule"]) == {"unknown"} and len(found) == 2

"""Coverage of changes between waves that were drawn by themselves, and whose people return in part."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

pytestmark = pytest.mark.slow
SAMPLES = 2000
# 2,000 samples: four Monte Carlo standard errors of a coverage of 95 %
TOLERANCE = 2.0
STRATA, TAKEN = 4, 40


def population(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Values (H, N, 2) at two waves, correlated 0.7, with strata that differ."""
    rng = np.random.default_rng(7)
    own = rng.normal(size=(STRATA, size, 1))
    y = np.arange(STRATA)[:, None, None] * 2 + own + 0.65 * rng.normal(size=(STRATA, size, 2)) + [0.0, 0.3]
    return y, np.full(STRATA, size / TAKEN)


def draw(rng: np.random.Generator, y: np.ndarray, overlap: float | None) -> pd.DataFrame:
    """Two waves of TAKEN people a stratum; `overlap` of them are the same, None: drawn independently."""
    parts = []
    for h in range(STRATA):
        order = rng.permutation(y.shape[1])
        first = order[:TAKEN]
        kept = 0 if overlap is None else int(overlap * TAKEN)
        second = rng.permutation(y.shape[1])[:TAKEN]
        if overlap is not None:
            second = np.concatenate([first[:kept], order[TAKEN : 2 * TAKEN - kept]])
        for t, people in enumerate((first, second)):
            parts.append(pd.DataFrame({"t": t, "h": h, "id": h * y.shape[1] + people, "y": y[h, people, t]}))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("overlap", [0.0, 0.5, 1.0, None], ids=["none", "half", "all", "independent"])
@pytest.mark.parametrize("fraction", [0.0, 0.2], ids=["replacement", "fpc"])
def test_change(overlap: float | None, fraction: float) -> None:
    size = int(TAKEN / fraction) if fraction else 100 * TAKEN
    y, blown = population(size)
    truth = (y[..., 1] - y[..., 0]).mean()
    rng = np.random.default_rng(20261126)
    hits, errors, estimates = 0, [], []
    for _ in range(SAMPLES):
        frame = draw(rng, y, overlap).assign(w=blown[0], N=float(size))
        fpc = "N" if fraction else None
        svy = llo.Survey(frame, weights="w", strata=["t", "h"], unit="id", time="t", fpc=fpc)
        found = llo.change("y", svy, time="t", base=0)
        low, high = (float(end[0]) for end in found.ends)
        hits += low <= truth <= high
        errors.append(float(found.std_error[0]))
        estimates.append(float(found.estimate[0]))
    coverage, ratio = 100 * hits / SAMPLES, float(np.mean(errors) / np.std(estimates))
    print(f"overlap {overlap}, f {fraction}: coverage {coverage:.1f}, mean error / spread {ratio:.3f}")
    if overlap == 0.0 and fraction:
        # disjoint on purpose is not independent: the covariance -S/N of two disjoint samples is left out
        assert coverage >= 95 - TOLERANCE - 3
    else:
        assert abs(coverage - 95) < TOLERANCE

"""Proves that 95 % intervals of quantiles hold the truth in 95 % of the samples of a known, clustered population."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import llo_research as llo
from tests.estimation import test_coverage as coverage

pytestmark = pytest.mark.slow

Q = [0.25, 0.5, 0.9]
INTERVALS = ["woodruff", "xlogit", "beta", "asin", "score"]


@pytest.mark.parametrize("interval", INTERVALS)
def test_intervals_of_quantiles_hold_the_truth(
    interval: str, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    truth = np.quantile(coverage.population()["y"], Q, method="inverted_cdf")
    held = np.zeros(len(Q))
    ratio = np.zeros((2, len(Q)))
    for chunk in coverage.drawn():
        result = llo.quantile("y", coverage._survey(chunk), q=Q, by="sample", interval=interval)
        low, high = (np.asarray(end).reshape(-1, len(Q)) for end in result.ends)
        held += ((low <= truth) & (truth <= high)).sum(axis=0)
        estimate, error = result.estimate.reshape(-1, len(Q)), result.std_error.reshape(-1, len(Q))
        ratio += [((estimate - truth) ** 2).sum(axis=0), (error**2).sum(axis=0)]
    shares = held / coverage.SAMPLES
    record_property("coverage", dict(zip(Q, shares.tolist(), strict=True)))
    with capsys.disabled():
        print(f"\n{interval}: " + ", ".join(f"q{q:g} {share:.4f}" for q, share in zip(Q, shares, strict=True)))
    assert (shares >= 0.95 - coverage.SLACK).all()
    assert (shares <= 0.95 + 2 * coverage.SLACK).all()  # intervals of discrete ends hold a little more
    assert ratio[1] / ratio[0] == pytest.approx(np.ones(len(Q)), rel=0.15)

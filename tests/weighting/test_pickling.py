"""Results and surveys can be pickled and copied after any weighting steps, and before and after they were used."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import llo_research as llo
from llo_research.numerics.calibration import BY_NAME, Distance
from tests.weighting.samples import margin, survey
from tests.weighting.test_two_routes import CHAINS

BOUNDED = {
    method: lambda s, method=method: llo.calibrate(s, {"sex": margin(s, "sex")}, method=method, bounds=(0.3, 3))
    for method in ("logit", "truncated")
}


@pytest.mark.parametrize("name", [*CHAINS, *BOUNDED])
def test_weighted_surveys_and_their_results(name: str) -> None:
    chain = (CHAINS | BOUNDED)[name]
    svy = chain(survey(n=200))
    wanted = llo.mean("y", svy, by="sex")
    for again in (pickle.loads(pickle.dumps(wanted)), copy.deepcopy(wanted)):
        assert np.array_equal(again.covariance, wanted.covariance)
        assert again.contrast({"v": 1, "m": -1}).std_error == wanted.contrast({"v": 1, "m": -1}).std_error
    both = llo.stack({"a": svy, "b": chain(survey(7, n=200))})
    for other in (svy, copy.deepcopy(svy), both):
        total = llo.total("x", other, by="sex")
        assert np.array_equal(pickle.loads(pickle.dumps(total)).covariance, total.covariance)
    assert np.array_equal(llo.mean("y", pickle.loads(pickle.dumps(svy)), by="sex").covariance, wanted.covariance)


@pytest.mark.parametrize("name", BY_NAME)
def test_distances_are_values(name: str) -> None:
    distance = BY_NAME[name](*((0.2, 4.0) if name in BOUNDED else ()))
    u = np.linspace(-3, 3, 61)
    for again in (pickle.loads(pickle.dumps(distance)), Distance.unpacked(distance.packed())):
        assert np.array_equal(again.g(u), distance.g(u))
        assert np.array_equal(again.derivative(u), distance.derivative(u))
        assert again.packed() == distance.packed()
    assert distance.g(np.zeros(1)) == pytest.approx([1.0])
    if name != "truncated":
        slope = (distance.g(u + 1e-6) - distance.g(u - 1e-6)) / 2e-6
        assert distance.derivative(u) == pytest.approx(slope, abs=1e-7)

"""Errors by replicates of which one differs from the weights for a few persons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide

_N = 400
_RNG = np.random.default_rng(7)
_FRAME = pd.DataFrame({"w": 1.0, "income": _RNG.normal(2000, 500, _N).round(2), "sex": _RNG.choice(["m", "v"], _N)})


def _without(groups: list[range], method: str = "bootstrap", **options: object) -> llo.Survey:
    """Replicates each of which lacks some persons."""
    columns = {f"r{i}": np.where(np.isin(range(_N), list(one)), 0.0, 1.0) for i, one in enumerate(groups)}
    return llo.Survey(
        _FRAME.assign(**columns), weights="w", replicate_weights=[*columns], replicate_method=method, **options
    )


@pytest.mark.parametrize(
    "groups, shut",
    [
        ([range(7, 8), range(0), range(0), range(0)], True),  # mean less its error times (n - 1) is the person's income
        ([range(7, 8)] * 20, True),
        ([range(3), range(3, 140), range(140, 270), range(270, _N)], False),  # three persons make little of this error
        ([range(100 * i, 100 * i + 100) for i in range(4)], False),
    ],
)
def test_an_error_that_is_what_a_few_persons_change(groups: list[range], shut: bool) -> None:
    survey = _without(groups)
    found = decide({"mean": llo.mean("income", survey), "by": llo.mean("income", survey, by="sex")})
    assert found.covariances["mean"].ends.all() == shut
    assert not found.hidden["mean"].any()
    if shut:
        mean = llo.mean("income", _without(groups[:2], replicate_scale=1.0, replicate_rscales=[1.0, 0.0])).to_frame()
        told = mean["estimate"][0] + np.array([1, -1]) * mean["std_error"][0] * (_N - 1)
        assert np.isclose(told, _FRAME["income"][7]).any()


def test_a_jackknife_of_persons_leaves_with_its_errors() -> None:
    survey = llo.replicate(llo.Survey(_FRAME, weights="w"), "jk1")
    assert not decide({"mean": llo.mean("income", survey, by="sex")}).covariances["mean"].ends.any()

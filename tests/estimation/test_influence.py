"""Proves that influence values are w_i times the derivative in w_i, taken numerically, for every estimator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.estimation import Result
from tests.survey import samples

STEP = 1e-5  # relative; a central difference errs by its square, rounding by 1e-16 / STEP
CLOSE = 2e-8  # of the largest influence value
Call = Callable[[llo.Survey], Result]
GROUP = {"group": "education", "of": "high", "minus": "low"}


def _joint(svy: llo.Survey) -> Result:
    results = {"all": llo.mean("y", svy), "older": llo.mean("hours", svy.where("older"), by="region")}
    return llo.joint({**results, "gap": llo.gap("trained", svy, **GROUP)})


CALLS: dict[str, Call] = {
    "mean": lambda s: llo.mean("y", s),
    "mean by": lambda s: llo.mean(["y", "hours"], s, by=["education", "older"]),
    "mean of a category": lambda s: llo.mean("education", s, by="region"),
    "mean in a domain": lambda s: llo.mean("y", s.where("hours > 4 & older"), by="region"),
    "mean, missing omitted": lambda s: llo.mean(["gappy", "hours"], s, by="region"),
    "mean, missing available": lambda s: llo.mean(["gappy", "hours"], s, by="region", missing="available"),
    "share": lambda s: llo.share(["education", "older"], s, by="region"),
    "total": lambda s: llo.total(["y", "trained"], s, by="education"),
    "total of a category": lambda s: llo.total("region", s),
    "ratio": lambda s: llo.ratio("y", "hours", s, by="education"),
    "gap": lambda s: llo.gap("trained", s, **GROUP, by="region"),
    "gap as a ratio": lambda s: llo.gap("hours", s, **GROUP, scale="ratio"),
    "gap as odds": lambda s: llo.gap(["trained", "older"], s, **GROUP, scale="odds"),
    "gap of conditions": lambda s: llo.gap("y", s, of="hours > 6", minus="hours <= 6 & older"),
    "contrast": lambda s: llo.mean("y", s, by="education").contrast({"high": 1, "low": -0.5, "middle": -0.5}),
    "smooth contrast": lambda s: llo.mean("hours", s, by="education").contrast(
        {"a": "log(high / low)", "b": "sqrt(high) * middle ** 2 - exp(-low / 3)", "c": "logit(expit(high) / 2)"}
    ),
    "joint": _joint,
    "contrast of joint": lambda s: _joint(s).contrast("gap * all - `older:north` / `older:south`"),
    "plausible values": lambda s: llo.mean("PV*", s, plausible=True, by="region"),
    "imputations": lambda s: llo.combine_imputations([llo.mean(f"PV{m}", s, by="region") for m in (1, 2, 3)]),
}


def _numerical(call: Call, frame: pd.DataFrame) -> np.ndarray:
    """w_i d(theta) / d(w_i) by central differences; zero for people with weight zero."""
    out = []
    for i, w in enumerate(frame["w"]):
        ends = []
        for sign in (1, -1):
            weights = frame["w"].to_numpy(copy=True)
            weights[i] = w * (1 + sign * STEP)
            ends.append(call(llo.Survey(frame.assign(w=weights), weights="w", strata="stratum", psu="place")).estimate)
        out.append((ends[0] - ends[1]) / (2 * STEP))
    return np.array(out)


@pytest.mark.parametrize("name", CALLS)
def test_influence_is_the_derivative_in_the_weights(name: str) -> None:
    frame = samples.people(3, places=3, size=5)
    frame.loc[[4, 11], "w"] = 0.0
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place")
    result = CALLS[name](svy)
    influence = result.influence
    assert influence.shape == (len(svy), len(result.estimate))
    wanted = _numerical(CALLS[name], frame)
    assert np.abs(influence - wanted).max() <= CLOSE * np.abs(wanted).max()


@pytest.mark.parametrize("name", CALLS)
def test_influence_is_the_same_array_at_every_request(name: str) -> None:
    result = CALLS[name](samples.survey())
    first = result.influence
    first[:] = np.nan
    assert np.isfinite(result.influence).all()


def test_influence_is_zero_outside_the_domain_and_has_all_rows() -> None:
    svy = samples.survey()
    domain = svy.where("older & education != 'low'")
    influence = llo.mean("y", domain).influence
    assert len(influence) == len(svy) == len(domain)
    assert (influence[~domain.domain] == 0).all()
    assert (influence[domain.domain] != 0).all()


@pytest.mark.parametrize("name", [n for n in CALLS if "total" not in n])
def test_influence_of_what_does_not_depend_on_the_scale_adds_up_to_zero(name: str) -> None:
    influence = CALLS[name](samples.survey()).influence
    assert np.abs(influence.sum(axis=0)).max() < 1e-12 * max(1.0, np.abs(influence).sum(axis=0).max())


def test_influence_of_a_total_adds_up_to_it() -> None:
    result = llo.total(["y", "hours"], samples.survey(), by="education")
    assert result.influence.sum(axis=0) == pytest.approx(result.estimate, rel=1e-12)


def test_influence_of_a_saved_result_is_refused_in_words(tmp_path: object) -> None:
    path = llo.mean("y", samples.survey()).save(f"{tmp_path}/result")
    with pytest.raises(DataError, match="holds no influence values"):
        _ = llo.read_result(path).influence

"""What contrasts are called and which are refused, by name; and that their numbers are those of the algebra."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

EXACT = 1e-12


def _survey() -> llo.Survey:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"h": np.arange(90) // 30, "w": rng.uniform(1, 4, 90), "y": rng.normal(5, 1, 90)})
    frame["school"] = pd.Categorical(rng.choice(["low", "middle", "high"], 90), ["low", "middle", "high"])
    return llo.Survey(frame, weights="w", strata="h")


MEANS = llo.mean("y", _survey(), by="school")


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("text", ["log(low - low)", "sqrt(low - low)", "middle / (low - low)", "log(-low)"])
def test_the_contrast_that_is_undefined_is_named(text: str, place: int) -> None:
    """Also where the value is finite and the slope is not, and beside others that are defined."""
    items = [("first", "high - low"), ("second", "log(high / low)")]
    items.insert(place, ("undefined", text))
    with pytest.raises(llo.DataError, match="not defined") as refused:
        MEANS.contrast(dict(items))
    assert refused.value.where == "undefined"


MIXED: tuple[Any, ...] = (
    {"high": 1, "low": "middle"},
    {"a": "high - low", "b": 3},
    {"a": "high - low", "b": None},
    {"high": 1, "low": {"middle": 1}},
    ["high - low", 3],
    [],
    {},
    7,
)


@pytest.mark.parametrize("what", MIXED, ids=repr)
def test_what_is_neither_one_contrast_nor_several_is_refused(what: Any) -> None:
    with pytest.raises(llo.DataError, match="A contrast is a mapping of labels to numbers"):
        MEANS.contrast(what)


NAMES: dict[str, tuple[dict[str, float], list[float]]] = {
    "high - low": ({"high": 1, "low": -1}, [-1, 0, 1]),
    "-low + high": ({"low": -1, "high": 1}, [-1, 0, 1]),
    "low + 0 * high": ({"low": 1, "high": 0}, [1, 0, 0]),
    "0 * low + middle": ({"low": 0, "middle": 1}, [0, 1, 0]),
    "-2 * low - 0.5 * high": ({"low": -2, "high": -0.5}, [-2, 0, -0.5]),
    "0.25 * middle": ({"middle": 0.25}, [0, 0.25, 0]),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_linear_contrast_is_called_by_its_weights(name: str) -> None:
    weights, row = NAMES[name]
    result = MEANS.contrast(weights)
    a = np.array(row)
    assert result.labels == (name,)
    assert result.estimate[0] == pytest.approx(a @ MEANS.estimate, rel=EXACT)
    assert result.covariance[0, 0] == pytest.approx(a @ MEANS.covariance @ a, rel=1e-10)
    if "0 *" not in name:
        again = MEANS.contrast(name)
        assert again.estimate == pytest.approx(result.estimate, rel=EXACT)
        assert again.std_error == pytest.approx(result.std_error, rel=1e-10)


def test_a_contrast_of_a_contrast_keeps_its_influence() -> None:
    first = MEANS.contrast({"a": "high - low", "b": "middle - low", "c": "log(high)"})
    second = first.contrast({"x": {"a": 2, "b": -1}, "y": "exp(c) - a"})
    at = np.array([MEANS.estimate[2], *MEANS.estimate])[0]
    jacobian = np.array([[-1, -1, 2], [1, 0, 0]]) + 0.0 * at
    assert second.estimate == pytest.approx(jacobian @ MEANS.estimate, rel=EXACT)
    assert second.influence == pytest.approx(MEANS.influence @ jacobian.T, rel=1e-10, abs=1e-15)
    assert second.covariance == pytest.approx(jacobian @ MEANS.covariance @ jacobian.T, rel=1e-9)


def test_a_contrast_that_calibration_fixed_has_no_error() -> None:
    """Rounding is told from an error by the size of what the contrast is made of."""
    svy = _survey().assign(one=1.0)
    calibrated = llo.calibrate(svy, {"school": {"low": 60.0, "middle": 80.0, "high": 90.0}})
    sums = llo.total("one", calibrated, by="school")
    fixed = sums.contrast({"a": "high - low", "b": "high / low", "c": {"high": 1, "middle": -1}})
    assert fixed.estimate == pytest.approx([30, 1.5, 10], rel=1e-9)
    assert fixed.std_error.tolist() == sums.std_error.tolist() == [0.0, 0.0, 0.0]
    moving = llo.total("y", calibrated, by="school").contrast("high - low")
    assert moving.std_error[0] > 0

"""Proves that results are small: no survey in memory, no data in a pickle, a covariance of a few bytes a number."""

from __future__ import annotations

import gc
import pickle
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.results.storage import packed, unpacked
from tests.survey import samples

GROUP = {"group": "education", "of": "high", "minus": "low"}
CALLS: dict[str, Callable[[llo.Survey], llo.Result]] = {
    "mean": lambda s: llo.mean(["y", "trained"], s, by="region"),
    "total": lambda s: llo.total("y", s),
    "ratio": lambda s: llo.ratio("y", "hours", s),
    "variance": lambda s: llo.variance("y", s),
    "quantile": lambda s: llo.quantile("y", s, q=0.5),
    "gap": lambda s: llo.gap("y", s, **GROUP),
    "change": lambda s: llo.change("y", s, time="year", base=2014),
    "contrast": lambda s: llo.mean("y", s, by="region").contrast({"north": 1, "south": -1}),
    "joint": lambda s: llo.joint({"a": llo.mean("y", s), "b": llo.mean("hours", s)}),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_result_holds_no_survey(name: str) -> None:
    # its design knows the rows of the data, by which exports tell the same people in two surveys
    svy = llo.Survey(samples.people(1), weights="w", time="year", **samples.DESIGNS["clusters"])
    result, survey = CALLS[name](svy), weakref.ref(svy)
    del svy
    gc.collect()
    assert survey() is None
    pickled = pickle.dumps(result)
    assert b"Survey" not in pickled and pickle.loads(pickled).design.frames == ()


@pytest.mark.parametrize("name", CALLS)
def test_a_pickled_result_answers_as_before(name: str) -> None:
    svy = llo.Survey(samples.people(1), weights="w", time="year", **samples.DESIGNS["clusters"])
    result = CALLS[name](svy)
    again = pickle.loads(pickle.dumps(result))
    pd.testing.assert_frame_equal(again.to_frame(), result.to_frame())
    pd.testing.assert_frame_equal(again.cells, result.cells)
    np.testing.assert_array_equal(again.influence, result.influence)
    label = {result.labels[0]: 2.0}
    np.testing.assert_array_equal(again.contrast(label).covariance, result.contrast(label).covariance)


def test_a_covariance_comes_back_to_the_last_bit() -> None:
    root = np.random.default_rng(1).normal(size=(7, 7))
    matrix: Any = root @ root.T
    matrix = (matrix + matrix.T) / 2
    matrix[2, :] = matrix[:, 2] = np.nan
    np.testing.assert_array_equal(unpacked(packed(matrix), 7), matrix)
    with pytest.raises(ValueError, match="another size"):
        unpacked(packed(matrix), 6)


def test_the_bytes_of_a_saved_covariance(tmp_path: Path) -> None:
    """Ten and two thirds bytes a number of the triangle: eight in base64."""
    frame = pd.DataFrame({"g": np.arange(1200) % 400, "y": np.arange(1200.0) % 7, "w": 1.0})
    result = llo.mean("y", llo.Survey(frame, weights="w"), by="g")
    told = packed(result.covariance)
    assert len(told["triangle"]) == pytest.approx(400 * 401 / 2 * 8 * 4 / 3, rel=1e-3)
    assert result.save(tmp_path / "r").stat().st_size < 1.4 * len(told["triangle"])

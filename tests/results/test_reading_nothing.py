"""Proves that a contrast whose variance vanishes, or is below zero by rounding, can be saved and read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import llo_research as llo


def mean() -> llo.Result:
    """A mean of six people."""
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 8.0, 3.0, 9.0], "w": 1.0})
    return llo.mean("y", llo.Survey(frame, weights="w"))


def with_variance(variance: float) -> llo.Result:
    """The mean with another variance."""
    made, matrix = mean(), np.array([[variance]])
    return replace(made, inference=replace(made.inference, covariance=matrix, sampling=matrix))


def test_a_variance_below_zero_by_rounding_is_read(tmp_path):
    made = with_variance(-1e-14)
    made.save(tmp_path / "r")
    read = llo.read_result(tmp_path / "r")
    pd.testing.assert_frame_equal(read.to_frame(), made.to_frame(), check_exact=True)


def test_one_well_below_zero_is_not(tmp_path):
    with_variance(-0.5).save(tmp_path / "r")
    with pytest.raises(llo.LloError, match="a covariance that is none"):
        llo.read_result(tmp_path / "r")

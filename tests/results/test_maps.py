"""Proves that a map of estimates without a complex form is refused, where its standard error would be 0."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.design.scores import Block, Scores
from llo_research.results.estimates import Estimates, smooth

VALUE = np.array([1.0, -2.0, 3.0, 0.0])


def base() -> Estimates:
    """Four estimates of five people."""
    values = np.arange(20.0).reshape(5, 4)
    return Estimates(VALUE, Scores((Block(np.zeros(5, dtype=int), values, 1),), np.ones(5)))


@pytest.mark.parametrize(
    "f",
    [
        np.abs,
        lambda x: np.stack([x[..., 0] * x[..., 2], np.abs(x[..., 1]) + x[..., 0]], axis=-1),
        lambda x: x.real**2,
    ],
)
def test_a_map_without_a_complex_form_is_refused(f):
    with pytest.raises(ValueError, match="gives its own slopes"):
        smooth(base(), f)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sort(x, axis=-1),
        lambda x: 1 / (1 + np.exp(-x)),
        lambda x: x[..., :1] / (x[..., :1] + x[..., 2:3]),
        lambda x: 0 * x[..., :1] + 1,
        lambda x: 1e12 * x[..., :1] - 1e12 * x[..., 2:3] / 3,
    ],
)
def test_maps_with_one_are_not(f):
    assert np.isfinite(smooth(base(), f).value).all()


def test_own_slopes_are_taken_as_given():
    made = smooth(base(), np.abs, jacobian=np.diag(np.sign(VALUE)))
    assert np.array_equal(made.scores.dense()[:, 1], -base().scores.dense()[:, 1])

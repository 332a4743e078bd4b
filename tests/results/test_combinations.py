"""Proves contrasts by replicates, degrees of freedom that coefficients took, and what maps of estimates may be.

Contrasts against a loop over the replicates; degrees of freedom against counts of clusters and strata.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import llo_research as llo
from llo_research.design.scores import Block, Scores
from llo_research.results.estimates import Estimates, beside, smooth
from llo_research.results.freedom import counts, counts_of_map, degrees_of_freedom, freedom_of_map
from llo_research.results.inference import Inference, infer
from tests.survey import samples

# The same numbers, by another sum.
SAME = 1e-12


def by_hand(at: dict[str, Any]) -> np.ndarray:
    """The contrasts, of numbers or of their values at the replicates."""
    return np.stack([2 * at["high"] - at["low"], np.log(at["high"] / at["low"]), at["middle"] * at["low"] - 3], axis=-1)


SPECS: dict[str, Any] = {"difference": {"high": 2, "low": -1}, "log": "log(high / low)", "product": "middle * low - 3"}


@pytest.mark.parametrize("mse", [True, False])
def test_contrasts_and_contrasts_of_them_are_taken_at_each_replicate(mse: bool) -> None:
    """In words or by weights; around the estimate or around the mean of the replicates."""
    result = llo.mean("hours", samples.replicate_survey(3, mse=mse), by="education")
    assert result.replicates is not None
    at = dict(zip(result.labels, result.replicates.T, strict=True))
    full = by_hand(dict(zip(result.labels, result.estimate, strict=True)))
    made = result.contrast(SPECS)
    assert made.replicates == pytest.approx(by_hand(at), rel=SAME)
    assert made.estimate == pytest.approx(full, rel=SAME)
    factor = result.std_error[0] ** 2 / ((at[result.labels[0]] - _centre(result, 0, mse)) ** 2).sum()
    deviation = by_hand(at) - (full if mse else by_hand(at).mean(axis=0))
    assert made.covariance == pytest.approx(factor * deviation.T @ deviation, rel=1e-9)
    again = made.contrast({"difference": -1, "product": 0.5})
    assert again.replicates is not None and made.replicates is not None
    assert again.replicates[:, 0] == pytest.approx(made.replicates @ [-1, 0, 0.5], rel=SAME)


def _centre(result: llo.Result, row: int, mse: bool) -> float:
    assert result.replicates is not None
    return float(result.estimate[row] if mse else result.replicates[:, row].mean())


# Two strata of three clusters, two people each; the last stratum has one of its own.
STRATUM = np.repeat([0, 0, 0, 1, 1, 1, 2, 2], 2)
CLUSTER = np.repeat(np.arange(8), 2)
DESIGN = llo.Survey(pd.DataFrame({"w": 1.0, "h": STRATUM, "p": CLUSTER}), weights="w", strata="h", psu="p").design


def estimates(clusters: list[list[int]], taken: list[float] | None = None) -> Estimates:
    """One estimate for each set of clusters, a block each."""
    ones = np.ones(len(CLUSTER))
    blocks = tuple(Block(np.where(np.isin(CLUSTER, own), 0, 1), ones[:, None], 1) for own in clusters)
    spent = None if taken is None else np.array(taken)
    return Estimates(np.arange(1.0, len(clusters) + 1), Scores(blocks, ones), taken=spent)


def test_what_coefficients_took_is_taken_once_from_the_union() -> None:
    """Not the smaller of the two: together they rest on more clusters."""
    base = estimates([[0, 1, 2], [3, 4, 5], [6, 7]], [1, 1, 0])
    df = degrees_of_freedom(base, DESIGN)
    assert df.tolist() == [3 - 1 - 1, 3 - 1 - 1, 2 - 1]
    uses = np.array([[True, True, False], [False, True, True], [True, True, True], [True, False, False]])
    assert freedom_of_map(base, DESIGN, df, uses).tolist() == [6 - 2 - 1, 5 - 2 - 1, 8 - 3 - 1, 1]
    own = df.copy()
    own[2] = 0.5  # not the design's: it lends no more than its own
    assert freedom_of_map(base, DESIGN, own, uses).tolist() == [3, 0.5, 0.5, 1]
    own[2] = np.inf
    assert freedom_of_map(base, DESIGN, own, uses).tolist() == [3, 1, 3, 1]
    assert freedom_of_map(base, None, np.array([1.0, 3.0, 2.0]), uses).tolist() == [1, 2, 1, 1]


def test_what_is_used_counts_whatever_the_map() -> None:
    base = estimates([[0, 1, 2], [3, 4, 5]]).scores
    assert base is not None
    both = Scores(base.blocks, base.weights, None, np.array([[True, False], [True, True]]))
    assert counts(base, None).tolist() == [6, 6]
    assert counts(both, None).tolist() == [6, 12]
    swapped = sparse.csr_array(np.eye(2)[::-1])
    assert counts(Scores(base.blocks, base.weights, swapped), None).tolist() == [6, 6]
    assert counts(Scores(base.blocks, base.weights, swapped, both.uses), None).tolist() == [6, 12]
    mixed = sparse.csr_array(np.array([[0.0, 1.0], [2.0, -1.0], [1.0, 0.0]]))
    assert counts(Scores(base.blocks, base.weights, mixed), None).tolist() == [6, 12, 6]
    uses = np.array([[True, True], [False, True], [False, False]])
    assert counts_of_map(base, uses, None).tolist() == [12, 6, 0]
    assert counts_of_map(base, uses[1:2], None).tolist() == [6]


@pytest.mark.parametrize("constant", [1e12, -1e12, 0.0])
def test_a_large_constant_does_not_hide_that_slopes_are_right(constant: float) -> None:
    """Differences over a small step are rounding there, which is no reason to refuse the map."""
    made = smooth(estimates([[0], [1]]), lambda x: constant + x)
    assert made.value.tolist() == [constant + 1, constant + 2]
    assert made.scores is not None and (made.scores.dense() == estimates([[0], [1]]).scores.dense()).all()


def test_slopes_are_checked_on_the_scale_of_each_estimate() -> None:
    """Over a step that a small one does not cross 0 by, and that is none only where nothing moves."""
    small = Estimates(np.array([1e-8, 0.0]), estimates([[0], [1]]).scores)
    made = smooth(small, lambda x: np.stack([1 / x[..., 0], 3 * x[..., 1]], axis=-1))
    assert made.value.tolist() == pytest.approx([1e8, 0.0], rel=SAME)
    with pytest.raises(ValueError, match="row 1 of the map has other slopes"):
        smooth(small, lambda x: np.stack([1 / x[..., 0], 3 * x[..., 1].real], axis=-1))


def test_what_a_map_rests_on_is_looked_for_close_by() -> None:
    """A slope of 0 at the estimates, and far from them too."""
    value = np.array([0.0, 1.0])
    base = Estimates(value, estimates([[0], [1]]).scores)
    made = smooth(base, lambda x: np.where(np.abs(x.real - value) < 0.5, 1 + (x - value) ** 2, 2 + 0 * x))
    assert made.scores is not None
    assert (made.scores.dense() == 0).all() and made.scores.rests().tolist() == np.eye(2, dtype=bool).tolist()


def test_what_was_read_from_a_file_is_mapped_by_its_covariance() -> None:
    """Without influence values, replicates or a design: J V J', the errors of a source, and the smallest df."""
    root, jacobian = np.random.default_rng(2).normal(size=(3, 3)), np.array([[1.0, -1.0, 0.0], [0.0, 2.0, 0.5]])
    base = Estimates(np.arange(3.0), errors={"break": np.array([[0.0, 1.0, 2.0]])})
    known = Inference(root @ root.T + np.outer([0, 1, 2], [0, 1, 2]), root @ root.T, np.array([9.0, 5.0, 7.0]))
    made = infer(
        base.mapped(jacobian @ base.value, jacobian), None, of=(base, known), jacobian=jacobian, uses=jacobian != 0
    )
    assert made.sampling == pytest.approx(jacobian @ known.sampling @ jacobian.T, rel=SAME)
    assert made.covariance == pytest.approx(jacobian @ known.covariance @ jacobian.T, rel=SAME)
    assert made.df.tolist() == [5, 5]


def test_sources_of_error_stand_once_and_in_their_places() -> None:
    one, two = estimates([[0], [1]]), estimates([[2]])
    first = Estimates(one.value, one.scores, errors={"a": np.array([[1.0, 2.0]]), "b": np.array([[3.0, 4.0]])})
    second = Estimates(two.value, two.scores, errors={"b": np.array([[5.0]]), "c": np.array([[6.0], [7.0]])})
    both = beside({"one": first, "two": second})
    assert {name: loading.tolist() for name, loading in both.errors.items()} == {
        "a": [[1, 2, 0]],
        "b": [[3, 4, 5]],
        "c": [[0, 0, 6], [0, 0, 7]],
    }


def test_what_is_undefined_has_no_size() -> None:
    base = Estimates(np.array([np.nan, -2.0]), estimates([[0], [1]]).scores)
    assert base.mapped(np.array([np.nan, 6.0]), np.array([[1.0, 1.0], [0.0, -3.0]])).magnitude.tolist() == [2, 6]


def test_a_label_as_it_is_spelled_comes_before_others_like_it() -> None:
    """One letter, or a letter and an accent: two levels of a file, each found by its own text, one by either."""
    one, two = "caf\u00e9", "cafe\u0301"
    frame = pd.DataFrame({"y": [1.0, 2, 4, 8], "w": 1.0, "c": [one, one, two, two]})
    both = llo.mean("y", llo.Survey(frame, weights="w"), by="c")
    assert both.contrast({one: 1}).estimate.tolist() == [1.5]
    assert both.contrast({two: 1}).estimate.tolist() == [6]
    alone = llo.mean("y", llo.Survey(frame.replace(two, "thee"), weights="w"), by="c")
    assert alone.contrast({two: 1}).estimate.tolist() == [1.5]

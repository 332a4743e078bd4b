"""Proves that replicates kept by survey are those of the whole matrix, of which only the diagonal blocks are held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.survey.stacked_replicates import BySurvey, StackedReplicates

SIZES = {"a": (40, 6, "jk2"), "b": (30, 5, "jk1"), "c": (50, 8, "jk2")}  # rows, replicates, method


def _survey(rows: int, replicates: int, method: str, seed: int) -> llo.Survey:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    frame = pd.DataFrame({"x": x, "y": (x + rng.logistic(size=rows) > 0).astype(float), "w0": rng.uniform(1, 3, rows)})
    for r in range(1, replicates + 1):
        frame[f"w{r}"] = frame["w0"] * rng.choice([0.0, 1.0, 2.0], rows)
    names = [f"w{r}" for r in range(1, replicates + 1)]
    frame["g"] = rng.choice(["p", "q"], rows)
    return llo.Survey(frame, weights="w0", replicate_weights=names, replicate_method=method)


@pytest.fixture(scope="module")
def stack() -> llo.Survey:
    return llo.stack({name: _survey(*size, seed) for seed, (name, size) in enumerate(SIZES.items())})


@pytest.fixture(scope="module")
def pair(stack: llo.Survey) -> tuple[BySurvey, StackedReplicates]:
    """As they are kept, and the whole matrix made by hand."""
    kept = stack.design.replicates
    assert isinstance(kept, BySurvey) and len(kept.factors) == 0
    columns = []
    for name, (_, replicates, _) in SIZES.items():
        own = stack.frame["survey"].eq(name).to_numpy()
        for r in range(1, replicates + 1):
            columns.append(np.where(own, stack.frame[f"w{r}"], stack.frame["w0"]))
    whole = kept.with_weights(np.column_stack(columns))
    assert not isinstance(whole, BySurvey)
    return kept, whole


def test_weights_rows_and_columns_are_those_of_the_matrix(pair: tuple[BySurvey, StackedReplicates]) -> None:
    kept, whole = pair
    rng = np.random.default_rng(3)
    assert np.array_equal(kept.weights, whole.factors) and kept.n_replicates == whole.n_replicates == 19
    for rows in (slice(None), slice(35, 75), rng.integers(0, 120, 33), np.arange(5)):
        for first, last in ((0, None), (4, 9), (6, 11), (18, 40), (3, 3)):
            assert np.array_equal(kept.at(rows, first, last), whole.at(rows, first, last))
    assert np.array_equal(kept.columns(5, 12), whole.columns(5, 12))


def test_totals_grams_and_degrees_of_freedom(pair: tuple[BySurvey, StackedReplicates]) -> None:
    kept, whole = pair
    rng = np.random.default_rng(4)
    codes, values = rng.integers(0, 4, 120), rng.normal(size=(120, 3))  # code 3 is outside
    np.testing.assert_allclose(kept.totals(codes, values, 3), whole.totals(codes, values, 3), rtol=1e-12, atol=1e-12)
    for rows in (None, np.flatnonzero(rng.random(120) < 0.6), np.arange(41, 69)):
        own = np.arange(120) if rows is None else rows
        one, other = (r.grams(values[own], codes[own], 3, rows=rows) for r in (kept, whole))
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-10)
    counts = (codes, 3, lambda codes, n: np.zeros(n))
    assert np.array_equal(kept.cell_degrees_of_freedom(*counts), whole.cell_degrees_of_freedom(*counts))


def test_only_replicates_that_change_the_rows_are_spanned(pair: tuple[BySurvey, StackedReplicates]) -> None:
    kept, whole = pair
    assert kept.span(slice(None)) == whole.span(slice(None)) == (0, 19)
    assert kept.span(np.arange(40, 70)) == (6, 11) and kept.span(np.arange(39, 70)) == (0, 11)
    assert whole.span(np.arange(40, 70)) == (0, 19)


@pytest.mark.parametrize("condition", ["survey == 'b'", "survey != 'b'", "x > 0"])
def test_models_give_what_the_whole_matrix_gives(
    condition: str, stack: llo.Survey, pair: tuple[BySurvey, StackedReplicates]
) -> None:
    dense = stack._with(design=replace(stack.design, replicates=pair[1]))
    for make in (
        lambda svy: llo.glm("y ~ x", svy, family="binomial"),
        lambda svy: llo.glm("y ~ x", svy),
        lambda svy: llo.mean("y", svy, by="g"),
        lambda svy: llo.quantile("x", svy, q=[0.5]),
    ):
        one, other = make(stack.where(condition)), make(dense.where(condition))
        np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-10)
        np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-8, atol=1e-14)


def test_a_part_of_the_stack_has_the_standard_error_of_its_survey(stack: llo.Survey) -> None:
    alone = llo.glm("y ~ x", _survey(*SIZES["b"], 1), family="binomial")
    among = llo.glm("y ~ x", stack.where("survey == 'b'"), family="binomial")
    np.testing.assert_allclose(among.estimate, alone.estimate, rtol=1e-10)
    np.testing.assert_allclose(among.std_error, alone.std_error, rtol=1e-8)


def test_a_weighting_step_makes_other_weights(stack: llo.Survey) -> None:
    """After a calibration of the whole, a replicate of one survey changes the weights of the others too."""
    raked = llo.calibrate(stack, {"g": {"p": 130.0, "q": 110.0}})
    assert not isinstance(raked.design.replicates, BySurvey)
    np.testing.assert_allclose(raked.design.replicates.weights.sum(axis=0), 240.0)

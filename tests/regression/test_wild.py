"""The wild cluster bootstrap: every draw by a loop, inversion, seeds, size with few clusters."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research import DataError, DesignError


def sample(clusters: int, seed: int = 3, effect: float = 0.3) -> pd.DataFrame:
    """Twelve people in each cluster, whose errors go together."""
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(clusters), 12)
    frame = pd.DataFrame({"g": g, "x": rng.normal(size=len(g)) + rng.normal(size=clusters)[g]})
    frame["z"], frame["w"] = rng.normal(size=len(g)), rng.uniform(1, 3, len(g))
    frame["y"] = 1 + effect * frame["x"] + rng.normal(size=clusters)[g] + rng.normal(size=len(g))
    return frame


def fitted(frame: pd.DataFrame, **options: object) -> llo.Result:
    return llo.glm("y ~ x + z", llo.Survey(frame, weights="w", psu="g"), vcov="wild", **options)


def by_loop(frame: pd.DataFrame, j: int, value: float) -> float:
    """Share of all sign patterns with |t*| at least |t|, refitting in each."""
    x = np.column_stack([np.ones(len(frame)), frame["x"], frame["z"]])
    w, y, g = frame["w"].to_numpy(), frame["y"].to_numpy(), frame["g"].to_numpy()
    inverse = np.linalg.inv((x * w[:, None]).T @ x)
    clusters = g.max() + 1

    def statistic(response: np.ndarray) -> float:
        beta = inverse @ (x.T @ (w * response))
        scores = x * (w * (response - x @ beta))[:, None]
        sums = np.array([scores[g == c].sum(axis=0) for c in range(clusters)])
        return float((beta[j] - value) / np.sqrt((inverse @ sums.T @ sums @ inverse)[j, j]))

    others = [k for k in range(3) if k != j]
    rest = y - value * x[:, j]
    small = np.linalg.solve((x[:, others] * w[:, None]).T @ x[:, others], x[:, others].T @ (w * rest))
    mean = value * x[:, j] + x[:, others] @ small
    observed = abs(statistic(y))
    drawn = [abs(statistic(mean + np.array(e)[g] * (y - mean))) for e in product((1, -1), repeat=clusters)]
    return float(np.mean(np.array(drawn) >= observed - 1e-9))


def test_all_draws_are_the_loop() -> None:
    frame = sample(7)
    fit = fitted(frame)
    told = fit.to_frame()
    for j in range(3):
        assert told["p_value"].iloc[j] == pytest.approx(by_loop(frame, j, 0.0), abs=1e-12)
    cluster = llo.glm("y ~ x + z", llo.Survey(frame, weights="w", psu="g"), vcov="cluster")
    np.testing.assert_array_equal(fit.std_error, cluster.std_error)
    assert fit.intervals == ("wild",) * 3


def test_ends_are_where_the_test_turns() -> None:
    frame = sample(7)
    told = fitted(frame).to_frame()
    for end, side in (("conf_low", -1), ("conf_high", 1)):
        value = told[end].iloc[1]
        assert by_loop(frame, 1, value - side * 1e-4) >= 0.05 > by_loop(frame, 1, value + side * 1e-4)


def test_ends_that_no_value_reaches_are_infinite() -> None:
    """With four clusters there are sixteen draws, and none is rarer than one in eight."""
    told = fitted(sample(4)).to_frame()
    assert np.isinf(told[["conf_low", "conf_high"]].to_numpy()).all() and (told["p_value"] >= 1 / 8).all()


def test_drawn_signs_need_a_seed_and_do_not_hang_on_rows() -> None:
    frame = sample(30)
    with pytest.raises(DataError, match="draws random numbers"):
        fitted(frame)
    first = fitted(frame, seed=1, draws=499).to_frame()
    mixed = fitted(frame.sample(frac=1, random_state=2), seed=1, draws=499).to_frame()
    pd.testing.assert_frame_equal(first, mixed, rtol=1e-9)
    other = fitted(frame, seed=2, draws=499).to_frame()
    assert (first["p_value"] != other["p_value"]).any()
    np.testing.assert_allclose(first["p_value"], other["p_value"], atol=0.1)


def test_nothing_else_is_made_of_it() -> None:
    fit = fitted(sample(6))
    for call in (
        lambda: fit.contrast("x - z"),
        lambda: llo.joint({"one": fit, "same": fit}),
        lambda: fit.margins("x"),
        lambda: fit.test("x = 0"),
        lambda: fit.predict(),
    ):
        with pytest.raises(DesignError, match="wild bootstrap gives no"):
            call()
    svy = llo.Survey(sample(6).assign(yes=lambda d: (d["y"] > 1).astype(int)), weights="w", psu="g")
    with pytest.raises(DataError, match="that of linear models"):
        llo.glm("yes ~ x", svy, family="logit", vcov="wild")


@pytest.mark.slow
def test_it_holds_its_size_with_ten_clusters() -> None:
    """At 5 % without an effect of a regressor that varies between clusters: 500 samples, three Monte-Carlo errors."""
    rejected = sum(fitted(sample(10, seed, effect=0.0)).to_frame()["p_value"].iloc[1] < 0.05 for seed in range(500))
    assert abs(rejected / 500 - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 500)

"""Proves that Gram matrices and solutions from the factors of replicates are those of refits, one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.design import replicates as module
from llo_research.design.adjusted_replicates import AdjustedReplicates
from llo_research.design.replicates import Replicates
from llo_research.numerics import glm
from llo_research.numerics.families import family_of

# Refits solve to 1e-12; sums are taken in another order.
AGREE = 1e-10
METHODS = ["jk1", "jkn", "brr", "fay", "bootstrap"]
KINDS = [*METHODS, "calibrated", "twice", "grouped", "producer", "producer, calibrated", "stack"]


def people(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 480
    frame = pd.DataFrame({"s": np.arange(n) % 12, "w": rng.uniform(1, 3, n), "id": np.arange(n)})
    frame["p"] = (np.arange(n) // 12) % 2
    frame["a"], frame["b"] = rng.integers(0, 3, n), rng.integers(0, 2, n)
    frame["x"], frame["z"] = rng.normal(size=n), rng.normal(size=n) + frame["a"]
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(-(0.3 + 0.6 * frame["x"] - 0.4 * frame["z"])))).astype(float)
    return frame


def margins(frame: pd.DataFrame, *names: str, times: float = 1.1) -> dict[Any, Any]:
    found = {}
    for name in names:
        sums = frame.groupby(name)["w"].sum()
        up = sums * np.linspace(1, times, len(sums))
        found[name] = up * (frame["w"].sum() / up.sum())
    return found


def survey(kind: str, seed: int = 0) -> llo.Survey:
    frame = people(seed)
    strata = {"weights": "w", "strata": "s", "psu": "p"}
    if kind == "jk1":
        return llo.replicate(llo.Survey(frame.assign(u=frame["id"] // 10), weights="w", psu="u"), "jk1")
    if kind in ("jkn", "brr"):
        return llo.replicate(llo.Survey(frame, **strata), kind)
    if kind == "fay":
        return llo.replicate(llo.Survey(frame, **strata), "fay", fay=0.3)
    if kind == "bootstrap":
        return llo.replicate(llo.Survey(frame, **strata), "bootstrap", replicates=30, seed=1)
    if kind == "calibrated":
        return llo.calibrate(survey("fay", seed), margins(frame, "a", "b"))
    if kind == "twice":
        svy = llo.calibrate(survey("bootstrap", seed), margins(frame, "a", "b"), method="raking")
        return llo.calibrate(svy, margins(frame, "b", times=1.3))
    if kind == "grouped":
        totals = {level: margins(part, "a") for level, part in frame.groupby("b")}
        return llo.calibrate(survey("jkn", seed), totals, by="b")
    made = survey("brr", seed).design.replicates
    assert made is not None
    names = [f"r{k + 1}" for k in range(made.n_replicates)]
    wide = pd.concat([frame, pd.DataFrame(made.weights, columns=names)], axis=1)
    own = llo.Survey(wide, weights="w", replicate_weights=names, replicate_method="brr")
    if kind == "stack":
        return llo.stack({"one": own, "other": survey("producer", seed + 1)})
    return llo.calibrate(own, margins(frame, "a", "b")) if kind == "producer, calibrated" else own


def parts(svy: llo.Survey) -> tuple[Replicates, np.ndarray, np.ndarray]:
    made = svy.design.replicates
    assert made is not None
    frame = svy.frame
    return made, np.column_stack([np.ones(len(frame)), frame["x"], frame["z"]]), frame["y"].to_numpy(float)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("piece", [700, 4_000_000])
def test_grams_are_those_of_the_full_weights(kind: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    svy = survey(kind)
    made, x, _ = parts(svy)
    codes = np.where(svy.frame["x"] > 1.5, 3, svy.frame["a"]).astype(np.intp)  # code 3 is in no cell
    times = np.abs(svy.frame["z"].to_numpy())
    weights = made.weights
    wanted = np.array(
        [
            [(x[codes == c] * (weights[:, r] * times)[codes == c, None]).T @ x[codes == c] for c in range(3)]
            for r in range(made.n_replicates)
        ]
    )
    monkeypatch.setattr(module, "_PIECE", piece)
    found = made.grams(x, codes, 3, times=times)
    assert np.abs(found - wanted).max() <= AGREE * np.abs(wanted).max()
    halves = [np.arange(0, 200), np.arange(200, len(x))]
    added = sum(made.grams(x[rows], codes[rows], 3, rows=rows, times=times[rows]) for rows in halves)
    assert np.abs(added - wanted).max() <= AGREE * np.abs(wanted).max()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("piece", [5_000, 4_000_000])
def test_newton_is_a_refit_at_each_replicate(kind: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    svy = survey(kind)
    made, x, y = parts(svy)
    family = family_of("binomial", "logit")
    used = np.flatnonzero(svy.frame["z"] < 3)
    x, y = x[used], y[used]
    own = svy.weights.to_numpy()[used, None]
    start = glm.fit(x, y, own, family).coefficients[:, 0]

    def step(weights: np.ndarray, beta: np.ndarray) -> np.ndarray:
        at = glm.working(x @ beta.T, y[:, None], family)
        score = x.T @ (weights * at.residual)
        return np.linalg.solve(glm.grams(x, weights * at.information), score.T[:, :, None])[:, :, 0]

    monkeypatch.setattr(module, "_PIECE", piece)
    found = made.newton(step, start, rows=used)
    for r in range(made.n_replicates):
        wanted = glm.fit(x, y, made.columns(r, r + 1)[used], family).coefficients[:, 0]
        assert found[r] == pytest.approx(wanted, rel=AGREE, abs=AGREE)


def test_what_has_no_solution_is_nan() -> None:
    made, x, _ = parts(survey("brr"))
    found = made.newton(lambda w, beta: np.where(np.arange(len(beta))[:, None] == 2, np.nan, 0.0) + 0 * beta, x[0])
    assert np.isnan(found[2]).all()
    assert (found[[0, 1, 3]] == x[0]).all()
    never = made.newton(lambda w, beta: np.ones_like(beta), x[0], most=5)
    assert np.isnan(never).all()


@pytest.mark.parametrize("kind", ["calibrated", "twice", "grouped", "producer, calibrated"])
def test_calibrated_replicates_keep_their_factors_and_are_those_redone_on_full_weights(kind: str) -> None:
    svy = survey(kind)
    made = svy.design.replicates
    assert isinstance(made, AdjustedReplicates)
    assert made.g.shape[0] < 10
    before: Replicates = made
    while isinstance(before, AdjustedReplicates):
        before = before.before
    full = before.weights
    for step in svy.design.steps:
        full = step.redo(full, None)
    assert np.abs(made.weights - full).max() <= AGREE * full.max()
    dense = before.with_weights(full)
    codes, values = svy.frame["a"].to_numpy(np.intp), svy.frame[["x", "y"]].to_numpy(float)
    assert np.abs(made.totals(codes, values, 3) - dense.totals(codes, values, 3)).max() <= AGREE * 1e3
    assert made.n_replicates == dense.n_replicates
    assert (made.scale, made.mse, made.from_design) == (dense.scale, dense.mse, dense.from_design)
    every = np.zeros(len(svy), dtype=np.intp)
    same = [r.cell_degrees_of_freedom(every, 1, lambda codes, k: np.full(k, 7.0)) for r in (made, dense)]
    assert same[0] == same[1]
    assert made.rank == dense.rank


def test_totals_of_calibrated_replicates_are_reached_at_each() -> None:
    svy, frame = survey("twice"), people()
    made = svy.design.replicates
    assert made is not None
    wanted = margins(frame, "b", times=1.3)["b"].to_numpy()
    found = made.totals(frame["b"].to_numpy(np.intp), np.ones((len(frame), 1)), 2)[:, :, 0]
    assert np.abs(found - wanted).max() <= 1e-9 * wanted.max()


def test_calibrated_replicates_survive_saving_and_stacking(tmp_path: Any) -> None:
    for kind in ("calibrated", "producer, calibrated"):
        svy = survey(kind)
        again = llo.read_survey(svy.save(tmp_path / kind.replace(", ", "_")))
        one, two = llo.mean("y", svy, by="a"), llo.mean("y", again, by="a")
        assert (one.std_error == two.std_error).all()
        assert (one.df == two.df).all()
    both = llo.stack({"one": survey("calibrated"), "other": survey("calibrated", 1)})
    alone = llo.mean("y", survey("calibrated"))
    apart = llo.mean("y", both, by="survey")
    assert apart.std_error[0] == pytest.approx(alone.std_error[0], rel=AGREE)

"""Proves that all routes through the kernel give one covariance: sparse sums, strata apart, moments, unit sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import llo_research as llo
from llo_research.design import kernel, residuals
from llo_research.design.components import components
from llo_research.design.kernel import quadratic, symmetric
from llo_research.design.scores import Block, Scores
from llo_research.design.sparse_sums import from_sparse_sums, multiplications, unit_scores
from llo_research.design.unit_sums import from_unit_sums

# Sums of a few thousand numbers, taken in another order: rounding only.
AGREE = 1e-12
YEARS, GROUPS, PERSONS = 5, 7, 60


def waves(kind: str, seed: int = 0) -> llo.Survey:
    """Yearly samples of clusters (apart), one panel in strata, or waves drawn by themselves with people who return."""
    rng = np.random.default_rng(seed)
    n = YEARS * GROUPS * PERSONS
    frame = pd.DataFrame({"year": np.repeat(np.arange(YEARS), GROUPS * PERSONS), "w": rng.uniform(1, 4, n)})
    frame["person"] = np.tile(np.arange(GROUPS * PERSONS), YEARS)
    frame["s"] = frame["person"] % 4
    frame["p"] = frame["person"] // 12
    frame["g"] = rng.integers(0, GROUPS, n)
    frame["y"], frame["x"] = rng.normal(3, 1, n), rng.gamma(2, size=n)
    frame = frame[rng.random(n) < 0.8].reset_index(drop=True)
    frame["N"] = 500.0
    if kind == "apart":
        return llo.Survey(frame, weights="w", strata=["year", "s"], psu="p")
    if kind == "panel":
        return llo.Survey(frame, weights="w", strata="s", unit="person", time="year")
    fpc = {"fpc": "N"} if kind == "returning, fpc" else {}
    return llo.Survey(frame, weights="w", strata=["year", "s"], unit="person", time="year", **fpc)


def blocks_of(svy: llo.Survey, seed: int = 1) -> tuple[Block, ...]:
    """Two variables by group and year, five regressors by year, and one of all rows; some rows outside."""
    rng = np.random.default_rng(seed)
    frame = svy.frame
    n = len(frame)
    cell = (frame["year"] * GROUPS + frame["g"]).to_numpy(np.intp)
    outside = rng.random(n) < 0.1
    year = frame["year"].to_numpy(np.intp)
    return (
        Block(np.where(outside, YEARS * GROUPS, cell), rng.normal(size=(n, 2)), YEARS * GROUPS),
        Block(year, rng.normal(size=(n, 5)), YEARS),
    )


def near(made: np.ndarray, wanted: np.ndarray) -> None:
    size = np.sqrt(np.diag(wanted))
    assert np.all(np.abs(made - wanted) <= AGREE * np.outer(size, size))
    assert (size > 0).all()


KINDS = ["apart", "panel", "returning", "returning, fpc"]


@pytest.mark.parametrize("kind", KINDS)
def test_sparse_sums_are_unit_sums(kind: str) -> None:
    svy = waves(kind)
    stage, blocks = svy.design.stages[0], blocks_of(svy)
    made, size = from_sparse_sums(unit_scores(blocks, stage), stage)
    wanted = from_unit_sums(blocks, stage)
    near(made, wanted)
    assert (size >= np.diag(made) * (1 - AGREE)).all()


def test_waves_without_common_units_are_apart_and_add_up() -> None:
    svy = waves("apart")
    stage, blocks = svy.design.stages[0], blocks_of(svy)
    parts = list(components(blocks, stage))
    assert len(parts) == YEARS
    out = np.zeros((sum(block.size for block in blocks),) * 2)
    for part in parts:
        out[np.ix_(part.columns, part.columns)] = from_unit_sums(part.blocks, part.stage)
    near(out, from_unit_sums(blocks, stage))
    assert np.sort(np.concatenate([part.columns for part in parts])).tolist() == list(range(len(out)))


@pytest.mark.parametrize("kind", ["panel", "returning", "returning, fpc"])
def test_waves_with_common_units_are_not_apart(kind: str) -> None:
    svy = waves(kind)
    assert list(components(blocks_of(svy), svy.design.stages[0])) == []


def test_a_column_of_all_rows_leaves_nothing_apart() -> None:
    svy = waves("apart")
    everyone = Block(np.zeros(len(svy), dtype=np.intp), np.ones((len(svy), 1)), 1)
    assert list(components((*blocks_of(svy), everyone), svy.design.stages[0])) == []


def test_cells_and_strata_without_rows_take_no_part() -> None:
    svy = waves("apart")
    year = svy.frame["year"].to_numpy(np.intp)
    values = np.random.default_rng(5).normal(size=(len(svy), 1))
    gone = Block(np.where(year == 2, 9, year), values, 9)  # cells 5 to 8 are empty, one year is outside
    stage = svy.design.stages[0]
    parts = list(components((gone,), stage))
    assert sorted(np.concatenate([part.columns for part in parts]).tolist()) == [0, 1, 3, 4]
    out = np.zeros((9, 9))
    for part in parts:
        out[np.ix_(part.columns, part.columns)] = from_unit_sums(part.blocks, part.stage)
    assert np.abs(out - from_unit_sums((gone,), stage)).max() <= AGREE * out.max()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lonely", ["remove", "adjust", "average"])
def test_the_public_covariance_does_not_depend_on_the_route(
    kind: str, lonely: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = waves(kind).frame
    alone = frame["person"] == int(frame["person"].iloc[0])
    frame = frame.assign(s=np.where(alone, 9, frame["s"]))
    common: dict[str, Any] = {"weights": "w", "lonely_psu": lonely}
    if kind == "apart":
        svy = llo.Survey(frame, strata=["year", "s"], psu="p", **common)
    else:
        strata: Any = "s" if kind == "panel" else ["year", "s"]
        fpc = {"fpc": "N"} if kind == "returning, fpc" else {}
        svy = llo.Survey(frame, strata=strata, unit="person", time="year", **common, **fpc)
    scores = Scores(blocks_of(svy), np.ones(len(svy)))
    plain = svy.design.covariance(scores)
    for times in (0.0, np.inf):  # sparse sums always, and never
        monkeypatch.setattr(kernel, "_MANY_PRODUCTS", 0)
        monkeypatch.setattr(kernel, "_SPARSE_TIMES", times)
        near(svy.design.covariance(scores), plain)


def test_sparse_sums_far_from_zero_are_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    svy = waves("returning")
    blocks = tuple(Block(block.codes, block.values + 1e6, block.n_cells) for block in blocks_of(svy))
    scores = Scores(blocks, np.ones(len(svy)))
    plain = svy.design.covariance(scores)
    monkeypatch.setattr(kernel, "_MANY_PRODUCTS", 0)
    monkeypatch.setattr(kernel, "_SPARSE_TIMES", 0)
    lost, size = from_sparse_sums(unit_scores(blocks, svy.design.stages[0]), svy.design.stages[0])
    assert (np.diag(lost) < kernel.CANCELLATION * size).any()
    near(svy.design.covariance(scores), plain)


def test_the_count_of_products_knows_who_returns() -> None:
    apart, returning = waves("apart"), waves("returning")
    for svy, more in ((apart, False), (returning, True)):
        z = unit_scores(blocks_of(svy), svy.design.stages[0])
        alone = float((np.diff(z.indptr).astype(float) ** 2).sum())
        assert (multiplications(z, svy.design.stages[0]) > alone) is more


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("shift", [0.0, 1e5])
def test_elements_by_moments_are_unit_sums(columns: int, shift: float) -> None:
    frame = waves("apart").frame
    svy = llo.Survey(frame, weights="w", strata=["year", "s"])
    cell = (frame["year"] * GROUPS + frame["g"]).to_numpy(np.intp)
    rng = np.random.default_rng(columns)
    block = Block(cell, rng.normal(size=(len(frame), columns)) + shift, YEARS * GROUPS)
    made = svy.design.covariance(Scores((block,), np.ones(len(frame))))
    near(made, from_unit_sums((block,), svy.design.stages[0]))


@pytest.mark.parametrize("shape", ["dense", "few", "full columns", "identity", "empty columns"])
def test_maps_of_every_shape(shape: str) -> None:
    rng = np.random.default_rng(3)
    root = rng.normal(size=(30, 40))
    middle = root.T @ root
    full = {
        "dense": rng.normal(size=(20, 40)),
        "few": np.eye(40)[rng.integers(0, 40, 20)] - np.eye(40)[rng.integers(0, 40, 20)],
        "full columns": np.hstack([np.eye(35), rng.normal(size=(35, 5))]),
        "identity": np.eye(40),
        "empty columns": np.hstack([np.eye(35), np.zeros((35, 5))]),
    }[shape]
    wanted = full @ middle @ full.T
    for transform in (full, sparse.csr_array(full)):
        made = quadratic(transform, middle.copy())
        assert np.abs(made - wanted).max() <= AGREE * np.abs(wanted).max()
        assert (made == made.T).all()


def test_symmetry_in_squares_is_the_mean_with_the_transpose() -> None:
    matrix = np.random.default_rng(0).normal(size=(600, 600))
    assert (symmetric(matrix.copy()) == (matrix + matrix.T) / 2).all()


@pytest.mark.parametrize("kind", ["apart", "returning"])
@pytest.mark.parametrize("lonely", ["remove", "adjust", "average"])
def test_steps_by_year_are_mapped_year_by_year(kind: str, lonely: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = waves(kind).frame
    frame = frame.assign(s=np.where(frame["person"] == int(frame["person"].iloc[0]), 9, frame["s"]), a=frame["p"] % 3)
    units: dict[str, Any] = {"psu": "p"} if kind == "apart" else {"unit": "person", "time": "year"}
    svy = llo.Survey(frame, weights="w", strata=["year", "s"], lonely_psu=lonely, **units)
    totals = {}
    for year, part in frame.groupby("year"):
        sums = part.groupby("a")["w"].sum()
        up = sums * [1.0, 1.1, 0.9]
        totals[year] = {"a": up * (sums.sum() / up.sum())}
    own = llo.calibrate(svy, totals, by="year")
    results = []
    for many in (0, 10_000):
        monkeypatch.setattr(residuals, "_MANY", many)
        results.append(llo.mean(["y", "x"], own, by=["year", "g"]).covariance)
    near(results[0], results[1])

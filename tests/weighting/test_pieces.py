"""Proves that calibrated weights have the variance of written-out residuals, in pieces of any size, by any route."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
import llo_research.design
from tests.reference import oracle

# Relative to the standard errors: residuals of a hundred rows from a solve with a condition below 1e4.
CLOSE = 1e-9
N = 120
LEVELS = ["low", "middle", "high"]


def _frame() -> pd.DataFrame:
    """Rows of clusters in strata, in no order."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"h": np.repeat([0, 1, 2, 3], 30), "p": np.arange(N) // 3, "i": np.arange(N) % 3})
    frame["w"], frame["y"], frame["x"] = rng.uniform(1, 5, N), rng.normal(5, 2, N), rng.gamma(2, 1, N)
    frame["z"] = rng.normal(size=N)
    frame["e"] = pd.Categorical(rng.choice(LEVELS, N), LEVELS)
    frame["cell"] = rng.integers(0, 5, N)
    frame["N"], frame["M"] = frame["h"].map({0: 20.0, 1: 10.0, 2: 50.0, 3: 15.0}), 6.0
    return frame.sample(frac=1, random_state=2).reset_index(drop=True)


FRAME = _frame()
DESIGNS: dict[str, dict[str, Any]] = {
    "elements": {"strata": "h"},
    "clusters": {"strata": "h", "psu": "p"},
    "clusters without strata": {"psu": "p"},
    "two stages": {"strata": "h", "psu": ["p", "i"], "fpc": ["N", "M"]},
}
TOTALS = {"e": {"low": 150.0, "middle": 90.0, "high": 120.0}}


def _oracle(z: np.ndarray, name: str) -> np.ndarray:
    roles = DESIGNS[name]
    psu = roles.get("psu", [])
    units = [FRAME[column].tolist() for column in ([psu] if isinstance(psu, str) else psu)]
    counts = [FRAME[column].tolist() for column in roles.get("fpc", [])]
    strata = FRAME["h"].tolist() if "strata" in roles else None
    return np.asarray(oracle.covariance(z.tolist(), units=units, strata=strata, counts=counts))


def _residuals(svy: llo.Survey, influence: np.ndarray) -> np.ndarray:
    """z - w x'B, with B from the base weights d: (sum d x x')^-1 sum d x (z / w)'."""
    x = (FRAME["e"].to_numpy()[:, None] == np.array(LEVELS)).astype(float)
    d, w = FRAME["w"].to_numpy(), svy.weights.to_numpy()
    b = np.linalg.solve((x * d[:, None]).T @ x, (x * d[:, None]).T @ (influence / w[:, None]))
    return np.asarray(influence - w[:, None] * (x @ b))


def _results(svy: llo.Survey) -> dict[str, llo.Result]:
    """Few estimates, many in one block, and blocks beside each other."""
    few = llo.mean(["y", "x"], svy)
    many = llo.mean(["y", "x", "z"], svy, by="cell")
    return {
        "few": few,
        "contrast": few.contrast({"y": 1, "x": -1}),
        "cells": llo.total("y", svy, by="cell"),
        "many": many,
        "contrasts of many": many.contrast("`0, y` - `1, y`" if "0, y" in many.labels else {many.labels[0]: 1.0}),
        "joint": llo.joint({"few": few, "many": many, "domain": llo.total("y", svy.where("cell <= 2"))}),
        "fixed": llo.joint({"many": many, "total": llo.total("one", svy, by="e")}),
    }


def _pieces(monkeypatch: pytest.MonkeyPatch, length: int) -> int:
    """Set the size of the pieces wherever rows or units are taken in pieces."""
    changed = 0
    for info in pkgutil.iter_modules(llo_research.design.__path__):
        module = importlib.import_module(f"llo_research.design.{info.name}")
        if hasattr(module, "_PIECE"):
            monkeypatch.setattr(module, "_PIECE", length)
            changed += 1
    return changed


def _agree(found: np.ndarray, wanted: np.ndarray) -> None:
    size = np.sqrt(np.diag(wanted))
    assert found.shape == wanted.shape and size.max() > 0
    size = np.maximum(size, 1e-4 * size.max())  # totals that calibration fixes keep the rounding of what they were
    assert np.all(np.abs(found - wanted) <= CLOSE * np.outer(size, size))


@pytest.mark.parametrize("piece", [1, 50, 4_000_000])
@pytest.mark.parametrize("design", DESIGNS)
def test_calibrated_weights(design: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _pieces(monkeypatch, piece) >= 2
    svy = llo.calibrate(llo.Survey(FRAME.assign(one=1.0), weights="w", **DESIGNS[design]), TOTALS)
    for result in _results(svy).values():
        _agree(result.covariance, _oracle(_residuals(svy, result.influence), design))


@pytest.mark.parametrize("piece", [1, 50, 4_000_000])
@pytest.mark.parametrize("design", DESIGNS)
def test_weights_as_they_were_drawn(design: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _pieces(monkeypatch, piece) >= 2
    svy = llo.Survey(FRAME.assign(one=1.0), weights="w", **DESIGNS[design])
    for result in _results(svy).values():
        _agree(result.covariance, _oracle(result.influence, design))


def test_what_calibration_fixed_keeps_no_rounding() -> None:
    """Among so many estimates that their covariance is made of moments, of which everything cancels."""
    frame = FRAME.assign(one=1.0, fixed=2 * FRAME["x"] + 3.0 * (FRAME["e"] == "low"))
    for roles in DESIGNS.values():
        base = llo.Survey(frame, weights="w", **roles)
        svy = llo.calibrate(base, {**TOTALS, "x": 800.0})
        sums = {"a": llo.total("fixed", svy), "b": llo.mean(["y", "x", "z"], svy, by="cell")}
        before, after = llo.total("fixed", base).covariance[0, 0], llo.joint(sums).covariance[0, 0]
        # Residuals are rounding, some 1e-15 of the values, and squared; moments would leave 1e-16 of the square.
        assert 0 <= after < 1e-22 * before


@pytest.mark.parametrize("rule", ["remove", "adjust", "average"])
@pytest.mark.parametrize("piece", [1, 50, 4_000_000])
def test_lonely_strata_of_calibrated_weights(rule: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row has a residual: all strata count, whatever the domain."""
    _pieces(monkeypatch, piece)
    alone = FRAME["h"].where(~FRAME["p"].isin([0, 39]), "alone" + FRAME["p"].astype(str)).astype(str)
    frame = FRAME.assign(one=1.0, s=alone)
    svy = llo.calibrate(llo.Survey(frame, weights="w", strata="s", psu="p", lonely_psu=rule), TOTALS)
    for result in _results(svy).values():
        z = _residuals(svy, result.influence)
        wanted = oracle.covariance(z.tolist(), units=[frame["p"].tolist()], strata=alone.tolist(), lonely=rule)
        _agree(result.covariance, np.asarray(wanted))


@pytest.mark.parametrize("piece", [1, 50, 4_000_000])
@pytest.mark.parametrize("fpc", [None, "N"])
def test_units_that_return_in_another_wave(fpc: str | None, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces tear no unit apart: the same as at once, as drawn and calibrated, also with a lonely stratum."""
    frame = FRAME.assign(t=2000 + FRAME["i"], one=1.0)
    frame["h"] = frame["h"].where(frame["p"] != 39, 9)  # alone in each wave
    frame["N"] = frame["N"].where(frame["p"] != 39, 4.0)
    svy = llo.Survey(frame, weights="w", time="t", strata=["t", "h"], unit="p", fpc=fpc, lonely_psu="remove")
    assert svy.design.stages[0].occasions is not None
    surveys = [svy, llo.calibrate(svy, TOTALS)]
    whole = [{name: result.covariance for name, result in _results(one).items()} for one in surveys]
    _pieces(monkeypatch, piece)
    for one, known in zip(surveys, whole, strict=True):
        for name, result in _results(one).items():
            _agree(result.covariance, known[name])

"""Covariances after weighting steps: residuals streamed row by row, and moments of augmented scores, agree."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import llo_research as llo
from llo_research.design import residuals
from llo_research.numerics.auxiliaries import Apart, Dense, Levels
from tests.weighting.samples import margin, survey

EXACT = 1e-9
Chain = Callable[[llo.Survey], llo.Survey]


def _by_sex(svy: llo.Survey) -> llo.Survey:
    """Each sex has its own totals: a margin, and a number."""
    frame = svy.frame
    totals = {
        sex: {
            "education": 1.05 * rows.groupby("education", observed=False)["w"].sum(),
            "age": 1.04 * float((rows["w"] * rows["age"]).sum()),
        }
        for sex, rows in frame.groupby("sex")
    }
    return llo.calibrate(svy, totals, by="sex")


CHAINS: dict[str, Chain] = {
    "margins": lambda s: llo.calibrate(s, {"education": margin(s, "education"), "sex": margin(s, "sex")}),
    "raking": lambda s: llo.calibrate(
        s, {"education": margin(s, "education"), "sex": margin(s, "sex")}, method="raking"
    ),
    "a number": lambda s: llo.calibrate(
        s, {"sex": margin(s, "sex"), "age": 1.01 * float((s.weights * s.frame["age"]).sum())}
    ),
    "groups": lambda s: llo.poststratify(s, {("sex", "education"): margin(s, "sex", "education")}),
    "by": _by_sex,
    "estimated": lambda s: llo.calibrate(
        s, llo.EstimatedTotals({"sex": margin(s, "sex")}, 900.0 * np.array([[1.0, -1], [-1, 1]]))
    ),
    "nonresponse": lambda s: llo.adjust_nonresponse(s, "came", classes=["education"]),
    "propensity": lambda s: llo.adjust_nonresponse(s, "came", formula="age + C(education)"),
    "trimmed": lambda s: llo.trim(s, lower=60.0, upper=200.0, preserve=["sex"]),
    "chain": lambda s: llo.trim(
        llo.calibrate(
            llo.adjust_nonresponse(s, "came", classes=["sex"]), {"education": margin(s, "education")}, method="raking"
        ),
        upper=400.0,
        preserve=["sex"],
    ),
}
CALLS: dict[str, Callable[[llo.Survey], llo.Result]] = {
    "cells": lambda s: llo.mean("y", s, by=["stratum", "education", "sex"]),
    "several": lambda s: llo.mean(["y", "x", "trained"], s, by="education"),
    "totals": lambda s: llo.total(["x", "trained"], s, by="sex"),
    "fixed": lambda s: llo.share("education", s, by="sex"),
    "gaps": lambda s: llo.gap("y", s, group="sex", of="v", minus="m", by=["stratum", "education"]),
    "joint": lambda s: llo.joint({"a": llo.mean("y", s, by="education"), "b": llo.ratio("y", "x", s, by="sex")}),
}


@pytest.mark.parametrize("design", ["strata", "places"])
@pytest.mark.parametrize("name", CHAINS)
def test_both_routes_agree(name: str, design: str, monkeypatch: pytest.MonkeyPatch) -> None:
    svy = CHAINS[name](survey(design=design, n=400))
    for call in CALLS.values():
        covariances = []
        for few in (10_000, 0):
            monkeypatch.setattr(residuals, "_FEW", few)
            covariances.append(call(svy).covariance)
        size = np.sqrt(np.diag(covariances[0]))
        scale = np.maximum(np.outer(size, size), 1e-6 * size.max() ** 2)
        assert np.all(np.abs(covariances[0] - covariances[1]) <= EXACT * scale)


def test_what_calibration_fixed_has_no_error_on_either_route(monkeypatch: pytest.MonkeyPatch) -> None:
    svy = CHAINS["groups"](survey(n=400))
    for few in (10_000, 0):
        monkeypatch.setattr(residuals, "_FEW", few)
        fixed = llo.share("education", svy, by="sex")
        assert fixed.std_error.max() < 1e-13
        assert set(fixed.to_frame()["flag"]) == {"zero_se"}


def test_a_stack_undoes_the_steps_of_each_survey(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {"a": CHAINS["chain"](survey(1, 300)), "b": CHAINS["by"](survey(2, 300)), "c": survey(3, 200)}
    both = llo.stack(parts)
    for few in (10_000, 0):
        monkeypatch.setattr(residuals, "_FEW", few)
        together = llo.mean("y", both, by=["survey", "education"])
        own = np.concatenate([llo.mean("y", svy, by="education").std_error for svy in parts.values()])
        assert together.std_error == pytest.approx(own, rel=EXACT)
        apart = together.covariance[:3, 3:]
        assert np.abs(apart).max() < 1e-12 * together.covariance.max()


def test_small_pieces_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("by", "chain", "propensity"):
        svy = CHAINS[name](survey(n=300))
        monkeypatch.setattr(residuals, "_FEW", 10_000)
        whole = llo.mean(["y", "x"], svy, by="education").covariance
        with monkeypatch.context() as patch:
            patch.setattr(residuals, "_PIECE", 40)
            pieces = llo.mean(["y", "x"], svy, by="education").covariance
        assert np.allclose(whole, pieces, rtol=1e-11, atol=1e-16)


def test_auxiliaries_apart_are_a_block_diagonal_matrix() -> None:
    rng = np.random.default_rng(5)
    level, other = rng.integers(0, 3, 7), rng.integers(0, 2, 7)
    parts = (
        Levels.full([level, other], [3, 2]).only(np.array([0, 1, 2, 4])),
        Levels.full([rng.integers(0, 2, 4)], [2]),
        Dense(rng.normal(size=(5, 3))),
    )
    x = np.zeros((16, 9))
    x[:7, :4], x[7:11, 4:6], x[11:, 6:] = (part.x for part in parts)
    apart = Apart(parts)
    assert apart.shape == (16, 9)
    b, v = rng.normal(size=(9, 2)), rng.normal(size=(16, 2))
    assert apart.times(b) == pytest.approx(x @ b)
    assert apart.sums(v) == pytest.approx(x.T @ v)
    cells = np.array([3, 15, 8, 3, 0, 12])
    assert apart.at(cells).times(b) == pytest.approx(x[cells] @ b)
    assert apart.at(cells).sums(v[:6]) == pytest.approx(x[cells].T @ v[:6])
    rows = np.append(cells, 16)  # the last row is in no cell
    rebuilt = np.zeros((7, 9))
    for columns in apart.columns_at(rows):
        q = columns.values.shape[1]
        for i, (code, values) in enumerate(zip(columns.codes, columns.values, strict=True)):
            for j in range(q if code < columns.number else 0):
                at = columns.place[code * q + j]
                if at >= 0:
                    rebuilt[i, at] += values[j]
    assert rebuilt == pytest.approx(np.vstack([x[cells], np.zeros(9)]))

"""Every route through the variance gives the plain formula, also where sums dwarf their spread and cells are strata."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.design.scores import Block, Scores
from tests.reference import oracle

# Relative to the standard errors: both centre sums of some hundred numbers of size 1e6 around a spread of 1.
FAR = 1e6
CLOSE = 1e-9


def _frame(seed: int = 1) -> pd.DataFrame:
    """Four strata; cells that are one stratum, two, or all rows of one but for a few."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"h": np.repeat([0, 1, 2, 3], [30, 25, 35, 20])})
    n = len(frame)
    frame["cell"] = frame["h"].map({0: "a", 1: "a", 2: "b", 3: "c"})
    frame.loc[[95, 100, 107], "cell"] = ["d", "d", "e"]
    frame["other"] = rng.choice(list("uvw"), n)
    frame["w"] = np.where(frame["h"] == 2, 3.0, 2.0)
    frame["inside"] = rng.random(n) < 0.9
    for name in "yxvz":
        frame[name] = rng.normal(0, 1, n)
        frame[f"far_{name}"] = FAR * (-1 if name == "x" else 1) + frame[name]
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def _agree(result: llo.Result, wanted: Any) -> None:
    """The covariance, relative to the standard errors."""
    v = np.asarray(wanted)
    size = np.sqrt(np.diag(v))
    assert (size > 0).sum() > 0 and v.shape == result.covariance.shape
    assert np.all(np.abs(result.covariance - v) <= CLOSE * np.outer(size, size) + 1e-12 * size.max() ** 2)


@pytest.mark.parametrize("by", [None, "cell", "other"])
@pytest.mark.parametrize("domain", [None, "inside == True"])
@pytest.mark.parametrize(
    "columns", [["far_y"], ["far_y", "far_x"], ["far_y", "x", "far_z"], ["far_y", "far_x", "v", "z"]]
)
def test_totals_far_from_their_spread(columns: list[str], domain: str | None, by: str | None) -> None:
    frame = _frame()
    svy = llo.Survey(frame, weights="w", strata="h")
    result = llo.total(columns, svy if domain is None else svy.where(domain), by=by)
    _agree(result, oracle.covariance(result.influence.tolist(), strata=frame["h"].tolist()))


@pytest.mark.parametrize("far", ["", "far_"])
@pytest.mark.parametrize("domain", [None, "inside == True"])
def test_several_results_of_elements_together(domain: str | None, far: str) -> None:
    """One cell beside many, few columns beside many, each before and after the other."""
    frame = _frame(2)
    svy = llo.Survey(frame, weights="w", strata="h")
    svy = svy if domain is None else svy.where(domain)
    parts = {
        "all": llo.total(f"{far}y", svy),
        "cells": llo.total([f"{far}{name}" for name in "yx"], svy, by="cell"),
        "many": llo.mean([f"{far}{name}" for name in "yxvz"], svy, by="other"),
        "two": llo.mean([f"{far}{name}" for name in "xv"], svy),
    }
    for names in (list(parts), list(parts)[::-1], ["all", "two"], ["many", "all"]):
        result = llo.joint({name: parts[name] for name in names})
        _agree(result, oracle.covariance(result.influence.tolist(), strata=frame["h"].tolist()))


def test_domains_beside_the_whole_and_each_other() -> None:
    """A total's scores outside its domain are not 0: they must be left out, whichever comes first."""
    frame = _frame(4)
    svy = llo.Survey(frame, weights="w", strata="h")
    parts = {
        "domain": llo.total(["y", "x"], svy.where("inside == True")),
        "whole": llo.total(["y", "v"], svy),
        "other": llo.total(["y", "z"], svy.where("other == 'u'")),
        "cells": llo.total("y", svy.where("inside == False"), by="other"),
    }
    for names in (list(parts), list(parts)[::-1]):
        result = llo.joint({name: parts[name] for name in names})
        assert len(result.estimate) == 9
        _agree(result, oracle.covariance(result.influence.tolist(), strata=frame["h"].tolist()))


@pytest.mark.parametrize("widths", [(3, 1), (1, 3), (2, 2, 1), (5, 4), (4, 5), (5, 2), (2, 5), (6, 1, 4)])
@pytest.mark.parametrize("cells", [1, 4])
def test_blocks_of_the_same_cells(cells: int, widths: tuple[int, ...]) -> None:
    """As the columns of a weighting step beside the scores; some rows are outside, with numbers of their own."""
    rng = np.random.default_rng(cells)
    frame = _frame(5)
    n = len(frame)
    codes = rng.integers(0, cells + 1, n).astype(np.intp)
    scores = Scores(tuple(Block(codes, rng.normal(size=(n, width)), cells) for width in widths), np.ones(n))
    found = llo.Survey(frame, weights="w", strata="h").design.covariance(scores)
    wanted = np.asarray(oracle.covariance(scores.dense().tolist(), strata=frame["h"].tolist()))
    size = np.sqrt(np.diag(wanted))
    assert np.all(np.abs(found - wanted) <= CLOSE * np.outer(size, size))


@pytest.mark.parametrize("fpc", [None, "N"])
def test_fractions_of_strata_that_are_cells(fpc: str | None) -> None:
    frame = _frame(3).assign(N=lambda d: d["h"].map({0: 60.0, 1: 25.0, 2: 50.0, 3: 400.0}))
    svy = llo.Survey(frame, weights="w", strata="h", fpc=fpc)
    result = llo.total(["far_y", "far_x"], svy, by="cell")
    counts = [] if fpc is None else [frame["N"].tolist()]
    _agree(result, oracle.covariance(result.influence.tolist(), strata=frame["h"].tolist(), counts=counts))


@pytest.mark.parametrize("domain", ["h == 1", "h in [1, 2]", "h == 2"])
@pytest.mark.parametrize("rule", ["remove", "adjust", "average"])
@pytest.mark.parametrize("estimator", ["mean", "total"])
def test_domains_of_lonely_strata(estimator: str, rule: str, domain: str) -> None:
    """A single unit is its own mean: it adds nothing; with two lonely strata, their squared distance to the middle."""
    frame = pd.DataFrame({"h": [0, 0, 0, 1, 1, 2, 3, 3], "p": [0, 1, 2, 3, 3, 4, 5, 6], "w": 2.0})
    frame["y"] = [3.0, 5, 4, 9, 7, 2, 6, 8]
    svy = llo.Survey(frame, weights="w", strata="h", psu="p", lonely_psu=rule).where(domain)
    result = getattr(llo, estimator)("y", svy)
    z = result.influence[:, 0]
    sums = [z[frame["h"] == h].sum() for h in (1, 2) if (svy.domain & (frame["h"] == h)).any()]
    middle = sum(sums) / len(sums)
    wanted = {"remove": 0.0, "adjust": sum((one - middle) ** 2 for one in sums), "average": np.nan}[rule]
    assert result.covariance[0, 0] == pytest.approx(wanted, rel=1e-12, abs=1e-12, nan_ok=True)

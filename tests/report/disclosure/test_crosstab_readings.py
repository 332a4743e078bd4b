"""Proves that a crosstab leaves as one thing: of all, of rows and of columns, and no count below the width follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import llo_research as llo
from llo_research.report.disclosure.attack import attack

ROWS, COLUMNS = list("ABCDE"), list("pqrs")
FEW, WIDTH = 10, 10


def people(seed: int, n: int = 900) -> pd.DataFrame:
    """Few are in region E, and few gave the answer s."""
    rng = np.random.default_rng(seed)
    region = rng.choice(ROWS, n, p=[0.3, 0.3, 0.2, 0.195, 0.005])
    answer = rng.choice(COLUMNS, n, p=[0.5, 0.3, 0.195, 0.005])
    return pd.DataFrame({"region": pd.Categorical(region), "cat": pd.Categorical(answer), "w": 1.0})


def told(table: Any) -> list[list[tuple[str, str]]]:
    """The cells of which each number that left tells the sum: of a share within a row also its row."""
    out = []
    for of in ("joint", "row", "column"):
        shares = table.shares(of)
        for row, share in zip(shares.rows.to_dict("records"), shares.estimate, strict=True):
            if np.isfinite(share):
                region, answer = row.get("region", row.get("level")), row.get("cat", row.get("level"))
                out.append([(region, answer)])
                out += [[(region, one) for one in COLUMNS]] if of == "row" else []
                out += [[(one, answer) for one in ROWS]] if of == "column" else []
    return out


# tables 6, 7 and 10 stopped the export once: two constants were taken for one variable
@pytest.mark.parametrize("seed", [0, 3, 6, 7, 10])
def test_one_pattern_protects_all_readings_of_a_crosstab(seed: int, tmp_path: Path) -> None:
    frame = people(seed)
    llo.report.export({"table": llo.crosstab("region", "cat", llo.Survey(frame, weights="w"))}, tmp_path / "left")
    table: Any = llo.read_result(tmp_path / "left" / "table")
    counts = pd.crosstab(frame["region"], frame["cat"]).to_numpy().ravel().astype(float)
    place = {(a, b): i * len(COLUMNS) + j for i, a in enumerate(ROWS) for j, b in enumerate(COLUMNS)}
    sums = told(table)
    known = np.zeros((len(sums) + 1, len(counts)))
    known[-1] = 1.0
    for line, cells in zip(known, sums, strict=False):
        line[[place[one] for one in cells]] = 1.0
    assert np.isfinite(table.estimate).sum() >= 6 and len(sums) >= 16
    for i in np.flatnonzero((counts > 0) & (counts < FEW)):
        ends = [linprog(sign * np.eye(len(counts))[i], A_eq=known, b_eq=known @ counts).fun for sign in (1, -1)]
        assert -ends[1] - ends[0] >= WIDTH
    assert not attack(tmp_path / "left")["known"].any()


def test_a_class_that_a_difference_would_count_twice_stops_no_export(tmp_path: Path) -> None:
    """Drawn at random: nobody can be in it, and it stopped the search for what to hide."""
    rng = np.random.default_rng(10_030)
    n, rows, columns = int(rng.integers(250, 2500)), int(rng.integers(2, 6)), int(rng.integers(2, 5))
    p, q = rng.dirichlet(np.full(rows, 1.2)), rng.dirichlet(np.full(columns, 1.2))
    frame = pd.DataFrame(
        {
            "g": pd.Categorical(rng.choice([f"g{i}" for i in range(rows)], n, p=p)),
            "c": pd.Categorical(rng.choice([f"c{i}" for i in range(columns)], n, p=q)),
        }
    )
    frame["yes"] = rng.random(n) < rng.uniform(0.05, 0.6)
    frame["w"] = rng.uniform(0.5, 2, n)
    svy = llo.Survey(frame, weights="w")
    groups: dict[str, list[str] | str | None] = {"both": ["g", "c"], "by_g": "g", "by_c": "c", "all": None}
    results: dict[str, Any] = {name: llo.mean("yes", svy, by=by) for name, by in groups.items()}
    llo.report.export({"cross": llo.crosstab("g", "c", svy)} | results, tmp_path / "left")
    assert not attack(tmp_path / "left")["known"].any()

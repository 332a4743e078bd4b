"""Proves by plain linear programmes that nothing that may not be told follows from what is shown.

The reader's programme is written here from the frame alone: classes are groups by sexes by answers, what is shown are
counts of persons in the rows that are not hidden, and each small count and its like is bracketed.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import llo_research as llo
from llo_research.report.disclosure.decided import decide
from llo_research.results.result import Result

FLOOR, WIDTH = 10, 10
_WHOLE = 1e-6  # of a linear programme's answer: HiGHS meets bounds to 1e-7


def frame_of(seed: int) -> pd.DataFrame:
    """Groups of very different sizes."""
    rng = np.random.default_rng(seed)
    n = 500
    frame = pd.DataFrame({"g": rng.choice(list("abcd"), n, p=[0.5, 0.3, 0.15, 0.05]), "s": rng.choice(["m", "v"], n)})
    frame["yes"] = (rng.uniform(size=n) < np.where(frame["g"] == "c", 0.12, 0.5)).astype(int)
    frame["w"] = rng.uniform(1, 2, n)
    return frame


@pytest.mark.parametrize("seed", range(6))
def test_small_counts_stay_unknown(seed: int) -> None:
    frame = frame_of(seed)
    svy = llo.Survey(frame, weights="w")
    results = {
        "g": llo.mean("yes", svy, by="g"),
        "s": llo.mean("yes", svy, by="s"),
        "both": llo.mean("yes", svy, by=["g", "s"]),
        "all": llo.mean("yes", svy),
    }
    decision = decide(results)
    assert _narrowest(frame, results, decision.hidden) >= WIDTH - _WHOLE
    # the programme does find what follows where only the rows that break a rule are hidden
    if (decision.findings["rule"] == "secondary").any():
        alone = decision.findings[~decision.findings["rule"].isin(["secondary", "difference"])]
        primary = {
            name: np.isin(np.arange(len(r.rows)), alone.loc[alone["name"] == name, "row"])
            for name, r in results.items()
        }
        assert _narrowest(frame, results, primary) < WIDTH


def _narrowest(frame: pd.DataFrame, results: Mapping[str, Result], hidden: Mapping[str, np.ndarray]) -> float:
    """The narrowest bracket of what may not be told, given what is not hidden and the number of all persons."""
    classes = list(product("abcd", "mv", (0, 1)))
    truth = np.array([((frame["g"] == g) & (frame["s"] == s) & (frame["yes"] == y)).sum() for g, s, y in classes])
    known, rows = [], []
    for name, result in results.items():
        for i, row in result.rows.iterrows():
            inside = np.array([row.get("g", g) == g and row.get("s", s) == s for g, s, _ in classes], dtype=float)
            answer = inside * np.array([y for _, _, y in classes])
            rows.append((inside, answer))
            if not hidden[name][int(i)]:  # type: ignore[call-overload]  # a number
                known += [inside, answer]
    known += [np.ones(len(classes))]
    narrowest = []
    for inside, answer in rows:
        n, yes = inside @ truth, answer @ truth
        small = [inside] if 0 < n < FLOOR else []
        small += [answer] if yes < FLOOR else []
        small += [inside - answer] if n - yes < FLOOR else []
        for secret in small:
            low, high = (_end(sign * secret, np.array(known), truth) * sign for sign in (1, -1))
            narrowest.append(high - low)
    return min(narrowest)


def _end(objective: np.ndarray, known: np.ndarray, truth: np.ndarray) -> float:
    """The least that an objective can be, of counts that are not negative and agree with what is known."""
    made = linprog(objective, A_eq=known, b_eq=known @ truth, bounds=(0, None), method="highs")
    return float(made.fun) if made.status == 0 else -np.inf


@pytest.mark.parametrize("seed", range(4))
def test_cells_of_a_crosstab_stay_unknown_beside_its_shares_and_its_margins(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    n = 600
    frame = pd.DataFrame(
        {"g": rng.choice(list("abcd"), n), "c": rng.choice(list("pqrs"), n, p=[0.45, 0.35, 0.16, 0.04])}
    )
    frame["hours"], frame["w"] = rng.gamma(4, 8, n), 1.0
    svy = llo.Survey(frame, weights="w")
    table = llo.crosstab("g", "c", svy)
    results = {
        "table": table,
        "rows": table.shares("row"),
        "columns": table.shares("column"),
        "g": llo.mean("hours", svy, by="g"),
        "c": llo.share("c", svy),
        "both": llo.mean("hours", svy.where("c != 's'"), by=["g", "c"]),
    }
    hidden = decide(results).hidden
    classes = list(product("abcd", "pqrs"))
    truth = np.array([((frame["g"] == g) & (frame["c"] == c)).sum() for g, c in classes])
    known = [np.ones(len(classes))]
    for name, result in results.items():
        for i, row in result.rows.reset_index(drop=True).iterrows():
            if hidden[name][int(i)]:  # type: ignore[call-overload]  # a number
                continue
            by = {"g": row.get("g"), "c": row.get("c")}
            by |= {row["variable"]: row["level"]} if "level" in result.rows else {}
            by = {key: value for key, value in by.items() if isinstance(value, str)}
            known.append(
                np.array([all({"g": g, "c": c}[k] == v for k, v in by.items()) for g, c in classes], dtype=float)
            )
            if name in ("rows", "columns"):  # a share tells its base as well
                base = {"g": by["g"]} if name == "rows" else {"c": by["c"]}
                known.append(
                    np.array([all({"g": g, "c": c}[k] == v for k, v in base.items()) for g, c in classes], dtype=float)
                )
    small = [i for i, count in enumerate(truth) if 0 < count < FLOOR]
    assert small
    for i in small:
        secret = np.eye(len(classes))[i]
        low, high = (_end(sign * secret, np.array(known), truth) * sign for sign in (1, -1))
        assert high - low >= WIDTH - _WHOLE, (classes[i], truth[i], low, high)


def test_the_same_file_read_with_and_without_weights_is_the_same_people(tmp_path: Path) -> None:
    """Those of 60 and older, weighted, and those older than 60, of another copy without weights: six are between."""
    rng = np.random.default_rng(1)
    age = rng.integers(18, 60, 600)
    age[:60], age[7:13] = 65, 60
    frame = pd.DataFrame({"age": age, "y": rng.integers(0, 2, 600), "w": rng.uniform(0.5, 2, 600).round(3)})
    for name in ("x.csv", "copy.csv"):
        frame.to_csv(tmp_path / name, index=False)
    weighted = llo.read_file(tmp_path / "x.csv", weights="w")
    with pytest.warns(llo.LloWarning, match="every row counts the same"):
        plain = llo.read_file(tmp_path / "copy.csv")
    results = {"a": llo.mean("y", weighted.where("age >= 60")), "b": llo.mean("y", plain.where("age > 60"))}
    found = decide(results)
    assert found.hidden["a"].any() or found.hidden["b"].any()
    assert not any("different data" in text for text in found.checked)

"""Sums of the same persons of which a combination is of one of them: from the files his pay follows, or it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide

N, WHO = 600, 5


def people(**columns: Any) -> pd.DataFrame:
    """Persons with pay, of whom one is looked for."""
    rng = np.random.default_rng(141)
    frame = {
        "w": rng.uniform(0.8, 1.6, N).round(3),
        "pay": rng.lognormal(7.5, 0.4, N).round(2),
        "region": np.where(np.arange(N) == WHO, "B", rng.choice(list("AB"), N)),
        "k": rng.normal(size=N),
        "bonus": rng.integers(0, 2, N),
    }
    return pd.DataFrame({**frame, **columns})


def with_weights(few: int) -> dict[str, llo.Result]:
    """Pay by region, and of all with weights that are others by a factor for each region, but for a few."""
    frame = people()
    own = (np.arange(N) - WHO) % N < few
    frame["w2"] = np.where(own, 4 * frame["w"], np.where(frame["region"] == "A", 1.25, 1.0) * frame["w"])
    by = llo.mean("pay", llo.Survey(frame, weights="w"), by="region")
    return {"by": by, "all": llo.mean("pay", llo.Survey(frame, weights="w2"))}


def of_weights(got: dict[str, dict[str, np.ndarray]]) -> float:
    """What is left of all beside both regions, over the weights that are left."""
    (a, b), whole = got["by"]["estimate"], got["all"]["estimate"][0]
    (v, w), total = got["by"]["sum_weights"], got["all"]["sum_weights"][0]
    return float((whole * total - 1.25 * a * v - b * w) / (total - 1.25 * v - w))


def with_parts(few: int) -> dict[str, llo.Result]:
    """Pay with some of a number that is told as well, and the same without the pay of a few."""
    frame = people()
    own = (np.arange(N) - WHO) % N < few
    frame = frame.assign(a=frame["pay"] + 50 * frame["k"], b=frame["pay"] * ~own + 20 * frame["k"], w=1.0)
    svy = llo.Survey(frame, weights="w")
    return {name: llo.mean(name, svy) for name in ("a", "b", "k")}


def of_parts(got: dict[str, dict[str, np.ndarray]]) -> float:
    """The sum of what is left."""
    a, b, k = (got[name]["estimate"][0] for name in ("a", "b", "k"))
    return float(N * (a - b - 30 * k))


def with_answers(few: int) -> dict[str, llo.Result]:
    """Pay, pay with a bonus of which it is told who has it, and the bonus, which is another one for a few."""
    frame = people(w=1.0)
    own = (np.arange(N) - WHO) % N < few
    frame["all"] = frame["pay"] + 100 * frame["bonus"] + own * frame["pay"]
    svy = llo.Survey(frame, weights="w")
    return {"pay": llo.mean("pay", svy), "bonus": llo.mean("bonus", svy), "all": llo.mean("all", svy)}


def of_answers(got: dict[str, dict[str, np.ndarray]]) -> float:
    """The sum of what is left."""
    pay, bonus, every = (got[name]["estimate"][0] for name in ("pay", "bonus", "all"))
    return float(N * (every - pay - 100 * bonus))


WAYS: dict[str, tuple[Callable[[int], dict[str, llo.Result]], Callable[[Any], float]]] = {
    "weights in step": (with_weights, of_weights),
    "three numbers": (with_parts, of_parts),
    "numbers and an answer": (with_answers, of_answers),
}


def read(folder: Path, results: dict[str, llo.Result]) -> dict[str, dict[str, np.ndarray]]:
    """The columns of the tables of an export."""
    llo.report.export(results, folder, profile="cbs")
    assert json.loads((folder / f"{next(iter(results))}.json").read_text("utf-8"))
    return {name: {k: own.to_numpy() for k, own in pd.read_csv(folder / f"{name}.csv").items()} for name in results}


@pytest.mark.parametrize("way", WAYS)
def test_the_pay_of_one_person_follows_from_the_results_and_not_from_what_leaves(way: str, tmp_path: Path) -> None:
    made, solved = WAYS[way]
    results, own = made(1), people()["pay"][WHO]
    inside = {name: {k: v.to_numpy() for k, v in one.to_frame().items()} for name, one in results.items()}
    assert solved(inside) == pytest.approx(own, rel=1e-6)
    hidden = decide(results).hidden
    assert [name for name in results if hidden[name].any()] == [list(results)[-1 if way != "three numbers" else 2]]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_of_many_leaves(way: str, tmp_path: Path) -> None:
    results = WAYS[way][0](60)
    got = read(tmp_path / "out", results)
    assert all(np.isfinite(own["estimate"]).all() for own in got.values())

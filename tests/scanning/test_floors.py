"""Proves that numbers of a restricted scan leave where those of a Survey of the rows do, and never elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import Decision, decide

RESTRICTED = {"restricted": True, "kind": "restricted"}
FACTS = ["n", "n_units", "n_nonzero", "n_complement", "largest_share"]
DESIGNS: dict[str, dict[str, Any]] = {
    "plain": {},
    "strata": {"strata": "h"},
    "psu": {"strata": "h", "psu": "u"},
    "persons over waves": {"unit": "who", "time": "wave"},
}
CALLS: dict[str, Callable[[Any], llo.Result]] = {
    "mean": lambda s: llo.mean("wage", s, by=["group", "wave"]),
    "two means": lambda s: llo.mean(["wage", "worked"], s, by=["group", "wave"]),
    "total": lambda s: llo.total("wage", s, by="wave"),
    "ratio": lambda s: llo.ratio("wage", "worked", s, by="wave"),
    "ratio to a pattern": lambda s: llo.ratio("wage", "days", s, by=["group", "wave"]),
    "gap": lambda s: llo.gap("wage", s, group="group", of="a", minus="f", by="wave"),
    "domain": lambda s: llo.mean("wage", s.where("days >= 3"), by="wave"),
    "available": lambda s: llo.mean(["wage", "debt"], s, by="wave", missing="available"),
}


def uneven(seed: int, n: int = 600) -> pd.DataFrame:
    """Persons whose weights and wages are far apart, so that some make up most of a cell."""
    draw = np.random.default_rng(seed)
    debt = np.where(draw.random(n) < 0.6, 0.0, draw.pareto(0.7, n)).round(3) - 5.0
    return pd.DataFrame(
        {
            "w": draw.pareto(0.8, n) + 0.1,
            "h": draw.integers(0, 2, n),
            "u": draw.integers(0, 9, n),
            "who": np.arange(n) // 3,
            "wave": np.arange(n) % 3,
            "group": pd.Categorical(draw.choice(list("abcdef"), n, p=[0.4, 0.3, 0.2, 0.05, 0.03, 0.02])),
            "wage": (draw.lognormal(3, 1, n) - 5).round(2),
            "worked": draw.lognormal(2, 0.5, n).round(2),
            "days": draw.integers(1, 6, n),
            "debt": np.where(draw.random(n) < 0.1, np.nan, debt),
        }
    )


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("seed", range(5))
def test_floors_of_numbers_are_those_of_the_rows(design: str, seed: int, tmp_path: Path) -> None:
    frame, roles = uneven(seed), {"weights": "w", "source": RESTRICTED, **DESIGNS[design]}
    frame.to_parquet(tmp_path / "rows.parquet")
    rows, big = llo.Survey(frame, **roles), llo.scan(tmp_path / "rows.parquet", **roles)
    for name, call in CALLS.items():
        one, other = call(rows), call(big)
        pd.testing.assert_frame_equal(other.cells[FACTS], one.cells[FACTS], check_dtype=False, obj=f"{name}, {seed}")
        if seed > 1 or "ratio" in name:  # of which a Survey takes a residual for a value
            continue
        found, told = decide({"r": one}), decide({"r": other})
        broken, kept = (own_rules(decision) for decision in (found, told))
        assert kept >= broken, name
        assert (one.cells["n"].iloc[sorted(kept - broken)] < 40).all(), name  # too few to be sure of over five values
        closed = found.covariances["r"].ends & ~found.hidden["r"]
        assert (told.covariances["r"].ends[closed] | told.hidden["r"][closed]).all(), name


def own_rules(decision: Decision) -> set[int]:
    """The rows that break a rule by themselves, and not beside others."""
    return set(decision.findings["row"][~decision.findings["rule"].isin(["secondary", "difference"])])


@pytest.mark.parametrize("seed", range(2))
def test_of_persons_over_several_waves_the_largest_is_never_too_small(seed: int, tmp_path: Path) -> None:
    frame, roles = uneven(seed), {"weights": "w", "source": RESTRICTED, **DESIGNS["persons over waves"]}
    frame.to_parquet(tmp_path / "rows.parquet")
    rows, big = llo.Survey(frame, **roles), llo.scan(tmp_path / "rows.parquet", **roles)
    for by in (None, "group"):
        one, other = (llo.mean(["wage", "debt"], data, by=by, missing="available") for data in (rows, big))
        assert (other.cells["largest_share"] >= one.cells["largest_share"] - 1e-12).all()
        assert (decide({"r": other}).hidden["r"] >= decide({"r": one}).hidden["r"]).all()


def planted(few: int) -> dict[str, np.ndarray]:
    """Numbers of which a mean tells of a few, and the same of many."""
    draw, n = np.random.default_rng(4), 900
    rare, wage = np.arange(n) < few, draw.lognormal(7, 0.5, n).round(2)
    return {
        "in common": np.where(rare, wage, 1.5),
        "two values": np.where(rare, 2.5, 1.5),
        "three values": np.where(rare, 0.5, draw.integers(1, 3, n) + 0.5),
        "whole, in common": np.where(rare, draw.integers(3, 9, n), 1),
        "whole, three values": np.where(rare, 2, draw.integers(0, 2, n)),
        "wage": wage,
    }


@pytest.mark.parametrize("name", planted(1))
@pytest.mark.parametrize("few", [3, 300])
def test_what_a_number_is_by_its_values_is_looked_at(name: str, few: int, tmp_path: Path) -> None:
    frame = pd.DataFrame({"number": planted(few)[name], "w": np.linspace(1, 2, 900)})
    frame.to_parquet(tmp_path / "rows.parquet")
    roles: dict[str, Any] = {"weights": "w", "source": RESTRICTED}
    rows, big = llo.Survey(frame, **roles), llo.scan(tmp_path / "rows.parquet", **roles)
    found, told = (decide({"r": llo.mean("number", data)}) for data in (rows, big))
    shut, own = (bool(one.hidden["r"][0] or one.covariances["r"].ends[0]) for one in (found, told))
    assert shut == (few == 3 and name != "wage")
    assert own == shut or name in ("two values", "three values")  # who has which of few fractions is not known


@pytest.mark.parametrize("top, shut", [(1e7, True), (4000.0, False)])
def test_a_planted_person_who_dominates_is_caught(top: float, shut: bool, tmp_path: Path) -> None:
    wage = np.r_[top, np.random.default_rng(1).lognormal(7, 0.5, 899)]
    pd.DataFrame({"wage": wage, "w": 1.0, "one": "all"}).to_parquet(tmp_path / "rows.parquet")
    big = llo.scan(tmp_path / "rows.parquet", weights="w", source=RESTRICTED)
    results = {"mean": llo.mean("wage", big), "total": llo.total("wage", big, by="one")}
    if shut:
        with pytest.raises(llo.DisclosureError, match="may leave"):
            llo.report.export(results, tmp_path / "out")
        assert "·" in str(llo.report.table(results["mean"]))
        return
    left = llo.report.export(results, tmp_path / "out")
    assert llo.read_result(left / "mean").estimate[0] == pytest.approx(wage.mean(), rel=1e-2)
    assert "not checked" in (left / "control" / "control.md").read_text("utf-8")


def test_one_outlier_leaves_the_mean_without_its_error(tmp_path: Path) -> None:
    wage = np.r_[98765.0, np.random.default_rng(1).lognormal(7.5, 0.4, 599)]
    pd.DataFrame({"wage": wage, "w": 1.0}).to_parquet(tmp_path / "rows.parquet")
    decision = decide({"m": llo.mean("wage", llo.scan(tmp_path / "rows.parquet", weights="w", source=RESTRICTED))})
    assert not decision.hidden["m"][0] and decision.covariances["m"].ends[0]


def test_no_more_is_read_than_of_open_data(tmp_path: Path) -> None:
    uneven(1).to_parquet(tmp_path / "rows.parquet")
    for call in CALLS.values():
        passes = []
        for source in (RESTRICTED, {"restricted": False}):
            result = call(llo.scan(tmp_path / "rows.parquet", weights="w", source=source))
            decide({"r": result})
            passes.append(result.meta["read"]["passes"])
        assert passes[0] == passes[1]

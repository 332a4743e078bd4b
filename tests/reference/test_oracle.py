"""The oracle that other tests lean on gives R's numbers (1e-10) for every design of the reference files."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.reference import expected, oracle

HERE = expected.HERE
R = {(v.case, v.stat, v.term): v.value for v in expected.read_values(HERE / "survey_expected.csv")}
BY_HAND = {(v.case, v.stat, v.term): v.value for v in expected.read_values(HERE / "by_hand_expected.csv")}
STAGES = pd.read_csv(HERE / "stages.csv")
PAIRS = pd.read_csv(HERE / "pairs.csv")
DESIGNS = {d["design"]: d for d in expected.read_designs("designs.csv")}
REPLICATES = {d["design"]: d for d in expected.read_designs("replicate_designs.csv")}
EXACT = 1e-10  # both are sums over about a hundred rows


def _arguments(design: dict[str, str]) -> tuple[pd.DataFrame, dict[str, object], list[float]]:
    """The rows of a design, the oracle's keywords, and the weights."""
    frame = STAGES[STAGES["stratum"].isin(list(design["keep"]))].reset_index(drop=True)
    units = [frame[c].tolist() for c in design["ids"].split()]
    strata = frame["stratum"].tolist() if design["strata"] else None
    counts = [frame[c.replace("f1", "fpc1").replace("f2", "fpc2")].tolist() for c in design["fpc"].split()]
    weights = frame[design["weights"]].tolist() if design["weights"] else _from_counts(frame, design)
    return frame, {"units": units, "strata": strata, "counts": counts, "lonely": design["lonely"]}, weights


def _from_counts(frame: pd.DataFrame, design: dict[str, str]) -> list[float]:
    """Product over the stages of units in the population by units in the sample."""
    weight = np.ones(len(frame))
    parents = ["stratum"]
    for unit, count in zip(design["ids"].split(), ["fpc1", "fpc2", "fpc3"], strict=False):
        weight *= frame[count] / frame.groupby(parents)[unit].transform("nunique")
        parents = [*parents, unit]
    return list(weight)


def _answers(frame: pd.DataFrame, w: list[float]) -> dict[str, tuple[list[str], list[float], list[list[float]]]]:
    y, x = frame["y"].tolist(), frame["x"].tolist()
    inside = ((frame["inside"] == 1) & (frame["x"] > 6)).tolist()
    masked = [v * d for v, d in zip(w, inside, strict=True)]
    answers = {
        "mean": (["y", "x"], *oracle.mean(w, y, x)),
        "total": (["y", "x"], *oracle.total(w, y, x)),
        "ratio": (["y/x"], *oracle.ratio(w, y, x)),
        "subset_mean": (["y"], *oracle.mean(masked, y)),
        "subset_total": (["y"], *oracle.total(masked, y)),
    }
    cells = sorted(set(frame["g"]))
    found = [oracle.mean([v * (g == c) for v, g in zip(w, frame["g"], strict=True)], y) for c in cells]
    together = [[line[0] for line in lines] for lines in zip(*(z for _, z in found), strict=True)]
    return {**answers, "by_mean": (cells, [m[0] for m, _ in found], together)}


def _compare(case: str, terms: list[str], estimates: list[float], v: list[list[float]], table: dict) -> int:
    compared = 0
    for a, term in enumerate(terms):
        wanted = {("est", term): estimates[a], ("se", term): math.sqrt(v[a][a])}
        wanted |= {("vcov", f"{term}|{other}"): v[a][b] for b, other in enumerate(terms)}
        for (stat, name), value in wanted.items():
            if (case, stat, name) in table:
                scale = abs(v[a][a]) if stat == "vcov" else 0.0
                assert value == pytest.approx(table[case, stat, name], rel=EXACT, abs=EXACT * scale), (
                    case,
                    stat,
                    name,
                )
                compared += 1
    return compared


@pytest.mark.parametrize("name", [n for n, d in DESIGNS.items() if d["set"] != "fails"])
def test_linearised_variance_is_that_of_r(name: str) -> None:
    frame, keywords, w = _arguments(DESIGNS[name])
    compared = 0
    for statistic, (terms, estimates, z) in _answers(frame, w).items():
        v = oracle.covariance(z, **keywords)
        for table in (R, BY_HAND):
            compared += _compare(f"{name}:{statistic}", terms, estimates, v, table)
    assert compared >= 20


@pytest.mark.parametrize("name", [n for n, d in DESIGNS.items() if d["set"] == "fails"])
def test_a_lonely_unit_is_refused_where_r_fails(name: str) -> None:
    frame, keywords, w = _arguments(DESIGNS[name])
    assert R[name, "fails", "mean"] == 1
    with pytest.raises(oracle.LonelyUnitError):
        oracle.covariance(oracle.mean(w, frame["y"].tolist())[1], **keywords)


@pytest.mark.parametrize("name", REPLICATES)
def test_replicate_variance_is_that_of_r(name: str) -> None:
    design = REPLICATES[name]
    columns = [c for c in PAIRS if c.startswith(design["prefix"])]
    rscales = {"ramp": [(r + 1) / 10 for r in range(len(columns))], "": None}.get(
        design["rscales"], [0.5] * len(columns)
    )
    full = _answers(PAIRS, PAIRS["w"].tolist())
    replicates = [_answers(PAIRS, PAIRS[c].tolist()) for c in columns]
    compared = 0
    for statistic, (terms, estimates, _) in full.items():
        v = oracle.replicate_covariance(
            estimates,
            [r[statistic][1] for r in replicates],
            scale=R[f"replicates:{name}", "scale", "scale"],
            rscales=rscales,
            mse=design["mse"] == "TRUE",
        )
        compared += _compare(f"replicates:{name}:{statistic}", terms, estimates, v, R)
    assert compared >= 20


def test_the_numbers_worked_out_by_hand_are_those_of_r_where_r_has_them() -> None:
    shared = [key for key in BY_HAND if key in R]
    assert len(shared) > 40
    for key in shared:
        assert BY_HAND[key] == pytest.approx(R[key], rel=EXACT), key

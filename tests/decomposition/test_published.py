"""Numbers that others published or computed: Jann's examples, Das Gupta's tables, Gelbach's, a public survey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

PRINTED = 6e-8  # seven decimals
GROUPS = {"group": "female", "of": 0, "minus": 1}
FORMULA = "lnwage ~ educ + exper + tenure"
KINDS = {"of", "minus", "reimers", "cotton", "pooled", "neumark"}


@pytest.fixture(scope="module")
def expected(reference_dir: Path) -> pd.DataFrame:
    return pd.read_csv(reference_dir / "decomposition" / "expected.csv")


@pytest.fixture(scope="module")
def wages(reference_dir: Path) -> llo.Survey:
    data = pd.read_csv(reference_dir / "decomposition" / "oaxaca_slms1998.csv")
    return llo.Survey(data[data["lnwage"].notna()].assign(one=1.0), weights="one")


def numbers(expected: pd.DataFrame, case: str, stat: str) -> dict[str, float]:
    rows = expected[(expected["case"] == case) & (expected["stat"] == stat)]
    assert len(rows), f"no {stat} of {case}"
    return {term: float(value) for term, value in zip(rows["term"], rows["value"], strict=True)}


def labelled(result: llo.Result, column: str) -> dict[str, float]:
    return dict(zip(result.labels, result.to_frame()[column], strict=True))


def agree(result: llo.Result, column: str, wanted: dict[str, float]) -> None:
    made = labelled(result, column)
    for term, value in wanted.items():
        assert made[term] == pytest.approx(value, abs=PRINTED), term


def test_threefold_and_stata_delta_method(expected: pd.DataFrame, wages: llo.Survey) -> None:
    made = llo.decomposition.oaxaca_blinder(FORMULA, wages, **GROUPS, kind="threefold", vcov="delta")
    agree(made, "estimate", numbers(expected, "jann_threefold", "estimate"))
    agree(made, "std_error", numbers(expected, "jann_threefold", "std_error_delta_iid"))


@pytest.mark.parametrize("reference", sorted(KINDS))
def test_twofold_references(expected: pd.DataFrame, wages: llo.Survey, reference: str) -> None:
    made = llo.decomposition.oaxaca_blinder(FORMULA, wages, **GROUPS, reference=reference)
    agree(made, "estimate", numbers(expected, f"jann_twofold_{reference}", "estimate"))


def test_design_based_errors(expected: pd.DataFrame, wages: llo.Survey) -> None:
    made = llo.decomposition.oaxaca_blinder(FORMULA, wages, **GROUPS)
    agree(made, "std_error", numbers(expected, "jann_pooled_design", "std_error"))


def test_weighted(expected: pd.DataFrame, reference_dir: Path) -> None:
    data = pd.read_csv(reference_dir / "decomposition" / "oaxaca_slms1998.csv")
    svy = llo.Survey(data[data["lnwage"].notna()], weights="wt")
    made = llo.decomposition.oaxaca_blinder(FORMULA, svy, **GROUPS)
    for stat in ("estimate", "std_error"):
        agree(made, stat, numbers(expected, "jann_pooled_wt", stat))


@pytest.mark.parametrize("table", ["2.1", "2.2", "2.3", "2.4"])
def test_das_guptas_tables(expected: pd.DataFrame, table: str) -> None:
    (row,) = expected[expected["case"] == f"dasgupta_{table}"].itertuples()
    old, new = ([float(v) for v in side.replace("x", ",").split(",")] for side in row.term.split("->"))
    factors = {str(i): {1: a, 2: b} for i, (a, b) in enumerate(zip(old, new, strict=True))}
    made = llo.decomposition.das_gupta(factors, [1, 2])
    assert made.estimate[:-1] == pytest.approx([float(v) for v in row.value.split(";")], abs=5e-7)


def test_gelbach(expected: pd.DataFrame, reference_dir: Path) -> None:
    data = pd.read_csv(reference_dir / "decomposition" / "gelbach.csv").assign(one=1.0)
    made = llo.decomposition.gelbach(
        "y ~ x1 + x21 + x22 + x23",
        llo.Survey(data, weights="one", psu="cluster"),
        focal="x1",
        groups={"g1": ["x21", "x22"], "g2": ["x23"]},
    )
    wanted = expected[expected["case"] == "gelbach"]["value"].astype(float).to_numpy()
    assert made.estimate[[3, 4, 2]] == pytest.approx(wanted, abs=6e-7)


def test_piaac_gap_between_high_and_low(data_dir: Path) -> None:
    """Employees of 25 to 65, JK2 over the whole decomposition, as published to four decimals."""
    svy = llo.load("piaac", country="nld", cycle=1)
    svy = svy.assign(over55="AGEG5LFS >= 9", flexible="D_Q09 != 1")
    svy = svy.assign(female=lambda d: (d["GENDER_R"] == 2).astype(float)).where(
        "C_D05 == 1 & D_Q04 == 1 & AGEG5LFS >= 3"
    )
    made = llo.decomposition.oaxaca_blinder(
        "NFE12JR ~ TASKDISC + INFLUENCE + F_Q05b + over55 + flexible + C(D_Q06a) + female + D_Q10",
        svy,
        of="EDCAT6 >= 4",
        minus="EDCAT6 == 1",
        reference="minus",
    )
    estimates, errors = labelled(made, "estimate"), labelled(made, "std_error")
    published = {
        "gap": (0.2384, 0.0256),
        "explained": (0.1394, 0.0224),
        "unexplained": (0.0990, 0.0342),
        "explained:INFLUENCE": (0.0795, 0.0208),
    }
    for label, (estimate, error) in published.items():
        assert estimates[label] == pytest.approx(estimate, abs=6e-5)
        assert errors[label] == pytest.approx(error, abs=6e-5)
    counts = made.to_frame()["n"].to_numpy()
    assert np.array_equal(counts[:2], [1041, 504])

"""Proves the numbers of the chapter on countries: plain loops over 80 replicates of the raw files, and laws."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.figures.bundle import MIME
from tests.monitor.conftest import ROOT

CODES = ["nld", "swe", "ltu"]
# sums of 80 replicates in another order: a few units of rounding
CLOSE = {"rtol": 1e-8, "atol": 1e-12}
EXACT = 1e-10
DRAWN = 1e-6  # a figure keeps seven digits
COLUMNS = ["AGE_R", "C_D05", "FNFAET12", "EDCAT6", "D_Q04", "D_Q09", "D_Q06a", "GENDER_R", "AGEG5LFS"]
COLUMNS += ["D_Q13a", "D_Q13b", "D_Q13c", "LEARNATWORK", "TASKDISC", "INFLUENCE", "F_Q05b"]
USED = ["training", "informal_learning", "learn_by_doing", "learn_from_others", "education", "contract", "age"]
USED += ["age_group", "sex", "employed", *COLUMNS[5:7], "D_Q04", *COLUMNS[12:]]
CHAPTER = ROOT / "notebooks" / "10_the_netherlands_among_countries.ipynb"


@pytest.fixture(scope="module")
def raw(data_dir: Path) -> dict[str, pd.DataFrame]:
    """The columns of each file as they are, people in work of 25 and over."""
    found = {}
    for code in CODES:
        path = data_dir / "piaac" / f"{code}.csv.gz"
        if not path.is_file():
            pytest.skip(f"the file of {code} is not in LLO_DATA")
        weights = [f"SPFWT{i}" for i in range(81)]
        frame = pd.read_csv(path, usecols=[*COLUMNS, *weights]).apply(pd.to_numeric, errors="coerce")
        found[code] = frame[(frame["C_D05"] == 1) & (frame["AGE_R"] >= 25)]
    return found


@pytest.fixture(scope="module")
def work(raw: dict[str, pd.DataFrame]) -> llo.Survey:
    """The same people as the chapter has them."""
    alone = "(learn_from_others == 0 | isna(learn_from_others))"
    svy = llo.load("piaac", country=CODES, cycle=1, columns=USED).assign(
        neither=f"training == 0 & informal_learning == 0 & {alone}",
        over55="age >= 55",
        flexible="contract == 'flexible'",
        small="D_Q06a == 1",
        large="D_Q06a >= 4",
    )
    return svy.where("employed == 1 & age >= 25")


def looped(frame: pd.DataFrame, statistic: Any) -> tuple[np.ndarray, np.ndarray]:
    """A statistic of a frame and weights, and its standard error by JK2: the sum of squared deviations."""
    values = [np.atleast_1d(statistic(frame, frame[f"SPFWT{i}"].to_numpy())) for i in range(81)]
    full = values[0]
    return full, np.sqrt(sum((value - full) ** 2 for value in values[1:]))


def mean(y: pd.Series, w: np.ndarray, inside: pd.Series | None = None) -> float:
    """A weighted mean of who has an answer and is inside."""
    rows = (y.notna() & (inside if inside is not None else True)).to_numpy()
    return float(np.average(y[rows], weights=w[rows]))


def outcome(name: str, frame: pd.DataFrame) -> pd.Series:
    """An outcome from the raw answers."""
    weekly = {letter: (frame[f"D_Q13{letter}"] >= 4).where(frame[f"D_Q13{letter}"].notna()) for letter in "abc"}
    trained = frame["FNFAET12"]
    both = weekly["b"].notna() & weekly["c"].notna()
    some = (weekly["b"] == 1) | (weekly["c"] == 1)
    informal = some.where(some | both)  # one yes is enough, no needs both answers
    if name == "neither":
        # as conditions read: false as soon as one part is, unknown where the rest is
        parts = [(trained == 0).where(trained.notna()), (informal == 0).where(informal.notna()), weekly["a"] != 1]
        no = np.any([part == 0 for part in parts], axis=0)
        known = trained.notna() & informal.notna()
        return pd.Series(np.where(no, 0.0, 1.0), frame.index).where(known | no)
    return {"training": trained, "informal_learning": informal, "learn_by_doing": weekly["b"]}[name].astype(float)


SIDES = {
    "education": (lambda f: f["EDCAT6"] >= 4, lambda f: f["EDCAT6"] == 1),
    "contract": (lambda f: (f["D_Q04"] != 2) & (f["D_Q09"] == 1), lambda f: (f["D_Q04"] != 2) & (f["D_Q09"] >= 2)),
    "age": (lambda f: f["AGE_R"] < 55, lambda f: f["AGE_R"] >= 55),
    "workplace": (lambda f: f["D_Q06a"] >= 4, lambda f: f["D_Q06a"] == 1),
    "self-employed": (lambda f: f["D_Q04"] == 1, lambda f: f["D_Q04"] == 2),
}
PAIRS: dict[str, dict[str, Any]] = {
    "education": {"group": "education", "of": "high", "minus": "low"},
    "contract": {"group": "contract", "of": "permanent", "minus": "flexible"},
    "age": {"of": "age < 55", "minus": "age >= 55"},
    "workplace": {"of": "D_Q06a >= 4", "minus": "D_Q06a == 1"},
    "self-employed": {"group": "D_Q04", "of": 1, "minus": 2},
}


def same(result: llo.Result, found: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Estimates and standard errors are those of the loops."""
    np.testing.assert_allclose(result.estimate, [value[0] for value, _ in found], **CLOSE)
    np.testing.assert_allclose(result.std_error, [error[0] for _, error in found], **CLOSE)


@pytest.mark.parametrize("name", ["training", "informal_learning", "neither", "learn_by_doing"])
def test_levels_of_a_plain_loop(name: str, raw: dict[str, pd.DataFrame], work: llo.Survey) -> None:
    answers = [(frame, outcome(name, frame)) for frame in raw.values()]
    found = [looped(frame, lambda _, w, y=y: mean(y, w)) for frame, y in answers]
    same(llo.mean(name, work, by="country"), found)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("name", ["training", "informal_learning", "learn_by_doing"])
def test_gaps_of_a_plain_loop(name: str, pair: str, raw: dict[str, pd.DataFrame], work: llo.Survey) -> None:
    found = []
    for frame in raw.values():
        y, of, minus = outcome(name, frame), *(side(frame) for side in SIDES[pair])
        found.append(looped(frame, lambda _, w, y=y, of=of, minus=minus: mean(y, w, of) - mean(y, w, minus)))
    same(llo.gap(name, work, by="country", **PAIRS[pair]), found)


def design(f: pd.DataFrame, *, education: bool) -> np.ndarray:
    """The columns of the chapter's decompositions, the constant first."""
    columns = [np.ones(len(f))]
    columns += [f["EDCAT6"].between(2, 3), f["EDCAT6"] >= 4] if education else []
    columns += [f["AGEG5LFS"].between(low, low + 1) for low in (5, 7, 9)]
    columns += [f["GENDER_R"] == 2, f["D_Q09"] >= 2, f["D_Q06a"] == 1, f["D_Q06a"] >= 4]
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


def answered(f: pd.DataFrame) -> pd.DataFrame:
    """Employees with an answer to all questions of a decomposition."""
    kept = f[["FNFAET12", "EDCAT6", "D_Q09", "D_Q06a", "GENDER_R", "AGEG5LFS"]].notna().all(axis=1)
    return f[(f["D_Q04"] == 1) & kept]


def parts(of: pd.DataFrame, minus: pd.DataFrame, weight: str, *, education: bool) -> np.ndarray:
    """Gap, explained at the coefficients of `minus`, and the rest."""
    x = [design(f, education=education) for f in (of, minus)]
    w, y = [f[weight].to_numpy() for f in (of, minus)], [f["FNFAET12"].to_numpy() for f in (of, minus)]
    means = [np.average(part, axis=0, weights=own) for part, own in zip(x, w, strict=True)]
    root = np.sqrt(w[1])
    beta = np.linalg.lstsq(x[1] * root[:, None], y[1] * root, rcond=None)[0]
    gap = np.average(y[0], weights=w[0]) - np.average(y[1], weights=w[1])
    explained = float((means[0] - means[1]) @ beta)
    return np.array([gap, explained, gap - explained])


FORMULA = "age_group + sex + flexible + small + large"
SPLIT = {"reference": "minus", "detail": False}
ROWS = ["gap", "explained", "unexplained"]


@pytest.mark.parametrize("other", ["swe", "ltu"])
def test_the_level_in_parts(other: str, raw: dict[str, pd.DataFrame], work: llo.Survey) -> None:
    of, minus = (answered(raw[code]) for code in ("nld", other))
    full = parts(of, minus, "SPFWT0", education=True)
    # two samples: each country's replicates move while the other's weights stay
    moved = [parts(of.assign(SPFWT0=of[f"SPFWT{i}"]), minus, "SPFWT0", education=True) for i in range(1, 81)]
    moved += [parts(of, minus.assign(SPFWT0=minus[f"SPFWT{i}"]), "SPFWT0", education=True) for i in range(1, 81)]
    error = np.sqrt(sum((value - full) ** 2 for value in moved))
    employees = work.where("D_Q04 == 1 & notna(contract) & notna(D_Q06a)")
    pair = employees.where(f"country == 'nld' | country == '{other}'")
    asked = {"group": "country", "of": "nld", "minus": other}
    found = llo.decomposition.oaxaca_blinder(f"training ~ education + {FORMULA}", pair, **asked, **SPLIT)
    own = found.to_frame().query("term == 'total'").set_index("component").loc[ROWS]
    np.testing.assert_allclose(own["estimate"], full, **CLOSE)
    np.testing.assert_allclose(own["std_error"], error, **CLOSE)
    assert abs(own["estimate"].iloc[0] - own["estimate"].iloc[1:].sum()) < EXACT
    complete = pair.where("notna(education) & notna(age_group) & notna(sex) & notna(training)")
    assert abs(own["estimate"].iloc[0] - llo.gap("training", complete, **asked).estimate[0]) < EXACT


def test_the_gap_by_education_in_parts(raw: dict[str, pd.DataFrame], work: llo.Survey) -> None:
    employees = work.where("D_Q04 == 1 & notna(contract) & notna(D_Q06a)")
    made = llo.decomposition.oaxaca_blinder(
        f"training ~ {FORMULA}", employees, **PAIRS["education"], by="country", **SPLIT
    )
    for code, frame in raw.items():
        kept = answered(frame)
        of, minus = kept[kept["EDCAT6"] >= 4], kept[kept["EDCAT6"] == 1]
        values = [parts(of, minus, f"SPFWT{i}", education=False) for i in range(81)]
        error = np.sqrt(sum((value - values[0]) ** 2 for value in values[1:]))
        own = made.contrast({row: f"`{row}:{code}`" for row in ROWS})
        np.testing.assert_allclose(own.estimate, values[0], **CLOSE)
        np.testing.assert_allclose(own.std_error, error, **CLOSE)
    against = {row: made.contrast({row: f"`{row}:nld` - `{row}:swe`"}).estimate[0] for row in ROWS}
    assert abs(against["gap"] - against["explained"] - against["unexplained"]) < EXACT
    complete = employees.where("notna(age_group) & notna(sex) & notna(training)")
    gaps = llo.gap("training", complete, by="country", **PAIRS["education"])
    assert abs(against["gap"] - gaps.contrast("nld - swe").estimate[0]) < EXACT


def test_task_discretion_in_the_netherlands(work: llo.Survey) -> None:
    drivers = "TASKDISC + INFLUENCE + F_Q05b + over55 + flexible + C(D_Q06a) + education"
    svy = work.where("D_Q04 == 1 & country == 'nld' & notna(contract) & notna(D_Q06a)")
    row = llo.glm(f"LEARNATWORK ~ {drivers}", svy).to_frame().set_index("term").loc["TASKDISC"]
    # computed elsewhere, to three decimals
    assert (round(row["estimate"], 3), round(row["std_error"], 3), row["n"]) == (0.009, 0.021, 2510)


def test_the_first_picture_shows_the_numbers_of_the_loop(raw: dict[str, pd.DataFrame]) -> None:
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    shown = [o["data"][MIME] for cell in cells for o in cell.get("outputs", []) if MIME in o.get("data", {})]
    drawn = pd.read_csv(io.StringIO(shown[0]["rows"]))
    names = {"nld": "Netherlands", "swe": "Sweden", "ltu": "Lithuania"}
    of, minus = SIDES["education"]
    for code, frame in raw.items():
        y, w = outcome("training", frame), frame["SPFWT0"].to_numpy()
        values = [mean(y, w), mean(y, w, of(frame)) - mean(y, w, minus(frame))]
        own = drawn[drawn["Country"] == names[code]]["estimate"]
        np.testing.assert_allclose(own, 100 * np.array(values), rtol=DRAWN)

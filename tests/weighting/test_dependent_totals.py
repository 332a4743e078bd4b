"""Proves that totals which follow from each other need a covariance that knows it, and that no order matters then."""

from __future__ import annotations

import ast
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import block_diag

import llo_research as llo
from tests.survey import samples as designs
from tests.weighting import samples

# Sums in another order.
SAME = 1e-12
SVY = samples.survey(3, 300, "places")
SIZE = 30_000.0
EDUCATION = {"low": 0.3 * SIZE, "middle": 0.4 * SIZE, "high": 0.3 * SIZE}
SEX = {"m": 0.48 * SIZE, "v": 0.52 * SIZE}
RANDOM = np.random.default_rng(1).normal(size=(8, 8))
ANY = RANDOM @ RANDOM.T * 1e4


def crossing(rows: dict[str, float], columns: dict[str, float], names: tuple[str, str]) -> pd.Series:
    """Totals of a crossing of which the marginals are these."""
    index = pd.MultiIndex.from_product([rows, columns], names=names)
    return pd.Series(np.outer(list(rows.values()), list(columns.values())).ravel() / SIZE, index=index)


# What always adds up: margins, and rows of A with one number for each total.
DEPENDENT: dict[str, tuple[dict[Any, Any], list[list[float]]]] = {
    "two margins": ({"education": EDUCATION, "sex": SEX}, [[1, 1, 1, -1, -1]]),
    "a margin and a crossing": (
        {"sex": SEX, ("education", "sex"): crossing(EDUCATION, SEX, ("education", "sex"))},
        [[1, 0, -1, 0, -1, 0, -1, 0], [0, 1, 0, -1, 0, -1, 0, -1]],
    ),
    "a number that levels make": (
        {"education": EDUCATION, "points": 2 * EDUCATION["middle"] + 5 * EDUCATION["high"]},
        [[0, 2, 5, -1]],
    ),
    "three margins": (
        {"education": EDUCATION, "half": {1: SIZE / 2, 2: SIZE / 2}, "sex": SEX},
        [[1, 1, 1, -1, -1, 0, 0], [1, 1, 1, 0, 0, -1, -1]],
    ),
}


def survey(svy: llo.Survey = SVY) -> llo.Survey:
    return svy.assign(points=lambda d: d["education"].map({"low": 0, "middle": 2, "high": 5}).astype(float))


def given(cov: np.ndarray, rows: list[list[float]]) -> np.ndarray:
    """C - C A'(A C A')^+ A C."""
    a = np.array(rows, dtype=float)
    return cov - cov @ a.T @ np.linalg.pinv(a @ cov @ a.T) @ a @ cov


@pytest.mark.parametrize("name", DEPENDENT)
def test_a_covariance_that_ignores_the_dependence_is_refused_with_the_one_that_knows_it(name: str) -> None:
    totals, rows = DEPENDENT[name]
    size = len(rows[0])
    cov = ANY[:size, :size]
    with pytest.raises(llo.CalibrationError, match="ignores that they depend on each other") as refused:
        llo.calibrate(survey(), llo.EstimatedTotals(totals, cov))
    wanted = given(cov, rows)
    assert refused.value.covariance == pytest.approx(wanted, abs=1e-9 * np.abs(cov).max())
    pasted = ast.literal_eval(str(refused.value.todo).partition(": ")[2])
    assert np.array(pasted) == pytest.approx(wanted, abs=1e-9 * np.abs(cov).max())
    for mended in (pasted, wanted):
        calibrated = llo.calibrate(survey(), llo.EstimatedTotals(totals, mended))
        first = next(iter(totals))
        found = llo.total(first, calibrated) if isinstance(first, str) else None
        if found is not None:
            levels = len(totals[first])
            assert np.asarray(found.cov) == pytest.approx(wanted[:levels, :levels], rel=1e-6)


def test_what_contradicts_is_said() -> None:
    totals, _ = DEPENDENT["two margins"]
    cov = np.diag([1.0, 4.0, 4.0, 0.0, 0.0])
    with pytest.raises(llo.CalibrationError) as refused:
        llo.calibrate(SVY, llo.EstimatedTotals(totals, cov))
    message = str(refused.value)
    assert "a standard error of 3 for" in message and "education=high" in message and "sex=m" in message
    assert "C - C A'(A C A')^+ A C" in message
    with pytest.raises(llo.CalibrationError, match="group 2: EstimatedTotals"):
        llo.calibrate(SVY, {1: totals, 2: llo.EstimatedTotals(totals, cov)}, by="half")


def test_many_totals_have_their_covariance_in_the_error() -> None:
    frame = SVY.frame.assign(region=np.arange(300) % 14)
    svy = llo.Survey(frame, weights="w", psu="place")
    totals = {"region": dict.fromkeys(range(14), SIZE / 14), "sex": SEX}
    with pytest.raises(llo.CalibrationError, match="the attribute `covariance`") as refused:
        llo.calibrate(svy, llo.EstimatedTotals(totals, np.eye(16) * 1e4))
    assert refused.value.covariance == pytest.approx(given(np.eye(16) * 1e4, [[1] * 14 + [-1] * 2]), abs=1e-6)
    llo.calibrate(svy, llo.EstimatedTotals(totals, refused.value.covariance))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_what_counts_as_rounding_is_relative(scale: float) -> None:
    """Seven printed digits pass, one in a thousand does not, whatever the unit."""
    totals = {name: {k: v * scale for k, v in margin.items()} for name, margin in DEPENDENT["two margins"][0].items()}
    share = np.array([0.3, 0.4, 0.3])
    block = (np.diag(share) - np.outer(share, share)) * (SIZE * scale) ** 2 / 500
    svy = llo.Survey(SVY.frame.assign(w=SVY.weights * scale), weights="w", psu="place")
    exact = llo.total("y", llo.calibrate(svy, llo.EstimatedTotals(totals, block_diag(block, np.zeros((2, 2))))))
    rounded = block_diag([[float(f"{value:.7g}") for value in row] for row in block], np.zeros((2, 2)))
    near = llo.total("y", llo.calibrate(svy, llo.EstimatedTotals(totals, rounded)))
    assert near.std_error == pytest.approx(exact.std_error, rel=1e-6)
    wrong = block_diag(block + np.diag([0.001 * block[0, 0], 0, 0]), np.zeros((2, 2)))
    with pytest.raises(llo.CalibrationError, match="depend on each other"):
        llo.calibrate(svy, llo.EstimatedTotals(totals, wrong))


def parts() -> dict[Any, tuple[dict[Any, Any], np.ndarray]]:
    """Margins with their part of the covariance: education estimated, a crossing known, a number estimated."""
    share = np.array([0.3, 0.4, 0.3])
    sexes = crossing(SEX, {1: SIZE / 2, 2: SIZE / 2}, ("sex", "half"))
    return {
        "education": (EDUCATION, SIZE**2 * (np.diag(share) - np.outer(share, share)) / 500),
        ("sex", "half"): (sexes.to_dict(), np.zeros((4, 4))),
        "x": (SIZE * 6.0, np.array([[(SIZE * 0.05) ** 2]])),
    }


def in_order(order: tuple[Any, ...], *, turned: bool) -> llo.EstimatedTotals:
    """The same totals and covariance, margins in this order, levels and crossings perhaps the other way round."""
    totals, blocks = {}, []
    for name in order:
        margin, block = parts()[name]
        if turned and isinstance(margin, dict):
            margin, block = dict(reversed(margin.items())), block[::-1, ::-1]
        if turned and isinstance(name, tuple):
            name, margin = name[::-1], {level[::-1]: total for level, total in margin.items()}
        totals[name] = margin
        blocks.append(block)
    return llo.EstimatedTotals(totals, block_diag(*blocks))


@pytest.mark.parametrize("method", ["linear", "raking"])
@pytest.mark.parametrize("how", ["linearised", "jkn", "bootstrap"])
def test_no_answer_depends_on_the_order_of_margins_or_levels(how: str, method: str) -> None:
    answers = []
    for order in permutations(parts()):
        for turned in (False, True):
            svy = llo.calibrate(SVY, in_order(order, turned=turned), method=method)
            if how != "linearised":
                svy = llo.replicate(svy, how, **({"seed": 2, "replicates": 70} if how == "bootstrap" else {}))
            result = llo.total(["y", "x"], svy, by="sex")
            answers.append(np.concatenate([svy.weights, result.estimate, result.std_error]))
    for answer in answers[1:]:
        assert answer == pytest.approx(answers[0], rel=SAME)


def test_no_answer_depends_on_the_order_of_groups() -> None:
    told = {1: in_order(tuple(parts())[:2], turned=False), 2: in_order(tuple(parts())[1::-1], turned=True)}
    frame = SVY.frame
    named = frame.assign(half=pd.Categorical(frame["half"], categories=[2, 1]))
    errors = []
    for data, totals in ((frame, told), (frame, dict(reversed(told.items()))), (named, told)):
        svy = llo.calibrate(llo.Survey(data, weights="w", psu="place"), only_sex(totals), by="half")
        drawn = llo.replicate(svy, "bootstrap", seed=2, replicates=70)
        errors.append(llo.total(["y", "x"], drawn).std_error)
    assert errors[1] == pytest.approx(errors[0], rel=SAME)
    assert errors[2] == pytest.approx(errors[0], rel=SAME)


def only_sex(told: dict[int, llo.EstimatedTotals]) -> dict[int, llo.EstimatedTotals]:
    """Without the crossing with half, which has one level in each group."""
    out = {}
    for half, given_totals in told.items():
        blocks = [("education", EDUCATION, parts()["education"][1]), ("sex", SEX, np.zeros((2, 2)))]
        blocks = blocks if next(iter(given_totals.totals)) == "education" else blocks[::-1]
        cov = block_diag(*[block for _, _, block in blocks])
        out[half] = llo.EstimatedTotals({name: totals for name, totals, _ in blocks}, cov)
    return out


STEPS: dict[str, Any] = {
    "estimated": lambda s: llo.calibrate(s, in_order(tuple(parts()), turned=False), method="raking"),
    "a chain": lambda s: llo.trim(
        llo.calibrate(
            llo.adjust_nonresponse(s, "came", formula="age + education"),
            in_order(tuple(parts())[:2], turned=False),
            method="raking",
        ),
        upper=900,
        preserve=["sex"],
    ),
}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(("method", "options"), [("jkn", {}), ("bootstrap", {"seed": 1, "replicates": 150})])
def test_no_answer_depends_on_the_order_of_rows(name: str, method: str, options: dict[str, Any]) -> None:
    """Steps redone, totals of their own at each replicate: to what adding up in another order changes."""
    errors = []
    for frame in (SVY.frame, SVY.frame.sample(frac=1, random_state=4)):
        svy = STEPS[name](llo.Survey(frame, weights="w", strata="stratum", psu="place"))
        drawn = llo.replicate(svy, method, **options)
        result = llo.total(["y", "x"], drawn, by="sex")
        errors.append(np.concatenate([result.estimate, result.std_error, llo.mean("y", svy).std_error]))
    assert errors[1] == pytest.approx(errors[0], rel=SAME)


@pytest.mark.parametrize("method", ["jkn", "bootstrap", "brr"])
def test_no_draw_depends_on_the_declared_order_of_labels(method: str) -> None:
    """Draws are keyed on sorted labels: of text, of numbers, of categories in any order, some of which do not occur."""
    frame = designs.people(5, strata=4, places=2)
    frame["place"] = frame["place"].astype(str)
    options: dict[str, Any] = {"seed": 1, "replicates": 40} if method == "bootstrap" else {}
    forms = [
        frame,
        frame.assign(place=pd.Categorical(frame["place"], categories=["1", "none", "0"])),
        frame.assign(stratum=pd.Categorical(frame["stratum"], categories=["s3", "s0", "s2", "s1"])),
        frame.assign(place=frame["place"].astype("string")),
        frame.assign(place=frame["place"].astype(float)),
        frame.assign(place=pd.Categorical(frame["place"].astype(int), categories=[1, "none", 0])),
    ]
    errors = []
    for form in forms:
        drawn = llo.replicate(llo.Survey(form, weights="w", strata="stratum", psu="place"), method, **options)
        errors.append(llo.mean(["y", "hours"], drawn, by="region").std_error)
    for error in errors[1:]:
        assert error == pytest.approx(errors[0], rel=SAME)

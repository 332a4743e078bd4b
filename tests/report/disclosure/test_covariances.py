"""Proves that covariances which tell how many gave both of two answers stay inside, and that all others leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.report.disclosure.decided import decide
from llo_research.results.result import Result
from tests.report.disclosure.test_export_round_trip import CONTRAST, DIGITS, PART

N = 600
BOTH = 3  # persons who gave both answers


def people(**columns: Any) -> pd.DataFrame:
    """Persons with two answers that three gave both of, a third that many share with either, and an income."""
    rng = np.random.default_rng(1)
    place = np.arange(N)
    return pd.DataFrame(
        {
            "r1": (place < 120).astype(int),
            "r2": ((place >= 120 - BOTH) & (place < 300)).astype(int),
            "r3": (place % 3 == 0).astype(int),
            "sex": np.where(place % 2, "m", "v"),
            "income": rng.lognormal(7.5, 0.4, N).round(),
            "w": 1.0,
            **columns,
        }
    )


def survey(**columns: Any) -> llo.Survey:
    """A survey of them."""
    return llo.Survey(people(**columns), weights="w")


def leaves(result: Any, folder: Path, name: str = "m") -> Result:
    """The result as it is outside."""
    llo.report.export({name: result}, folder / "out")
    return llo.read_result(folder / "out" / f"{name}.json")


def same(out: llo.Result, inside: llo.Result) -> bool:
    """Whether estimates and errors left, in the digits in which they do."""
    estimates = np.abs(out.estimate - inside.estimate) <= PART * inside.std_error
    return bool(estimates.all() and np.allclose(out.std_error, inside.std_error, rtol=DIGITS))


def missing(result: Result) -> set[tuple[str, str]]:
    """The pairs of rows whose covariance did not leave."""
    first, second = np.nonzero(np.triu(np.isnan(result.cov.to_numpy())))
    return {(result.labels[i], result.labels[j]) for i, j in zip(first, second, strict=True)}


def test_the_attack_that_is_kept_from() -> None:
    m = llo.mean(["r1", "r2"], survey())
    told = (m.cov.to_numpy()[0, 1] * (N - 1) + m.estimate[0] * m.estimate[1]) * N
    assert told == pytest.approx(BOTH, abs=1e-6)  # rounding of sums of 600 numbers


def test_a_covariance_that_tells_of_three_stays_inside(tmp_path: Path) -> None:
    m = llo.mean(["r1", "r2", "r3"], survey())
    out = leaves(m, tmp_path)
    assert missing(out) == {("r1", "r2")}
    assert same(out, m)
    assert "covariances between rows that did not leave: 1." in (tmp_path / "out/control/control.md").read_text("utf-8")


def test_outside_it_is_said_and_the_others_work(tmp_path: Path) -> None:
    m = llo.mean(["r1", "r2", "r3"], survey())
    out = leaves(m, tmp_path)
    for what in ("r1 - r2", "r1 + r2 - r3"):
        with pytest.raises(DataError, match="this covariance did not leave"):
            out.contrast(what)
    with pytest.raises(DataError, match="this covariance did not leave"):
        llo.ranks(out)
    inside, made = (one.contrast(["r1 - r3", "r2 - r3"]) for one in (m, out))
    assert made.std_error == pytest.approx(inside.std_error, rel=CONTRAST)
    assert np.isnan(made.covariance[0, 1])


def test_a_contrast_of_a_joint_result_tells_it_too(tmp_path: Path) -> None:
    svy = survey()
    both = llo.joint({"a": llo.mean("r1", svy), "b": llo.mean("r2", svy), "c": llo.mean("r3", svy)})
    a, b, c = both.labels
    out = leaves(both.contrast([f"{a} - {b}", f"{a} - {c}"]), tmp_path)
    assert np.isfinite(out.std_error).tolist() == [False, True]


@pytest.mark.parametrize("make", ["joint", "contrast", "product"])
def test_other_ways_to_say_it(tmp_path: Path, make: str) -> None:
    svy = survey()
    m = llo.mean(["r1", "r2", "r3"], svy)
    if make == "joint":
        out = leaves(llo.joint({"a": llo.mean("r1", svy), "b": llo.mean("r2", svy)}), tmp_path)
        assert len(missing(out)) == 1
        return
    out = leaves(m.contrast(["r1 - r2", "r1 - r3"] if make == "contrast" else ["r1 * r2", "r1 - r3"]), tmp_path)
    assert np.isnan(out.std_error[0]) and np.isfinite(out.std_error[1]) and np.isfinite(out.estimate).all()


def test_of_a_number_beside_an_answer_of_a_few_who_gave_both(tmp_path: Path) -> None:
    income = people()["income"].where((np.arange(N) < 4) | (np.arange(N) >= 120))
    svy = survey(income=income)
    out = leaves(llo.joint({"a": llo.mean("r1", svy), "b": llo.mean("income", svy)}), tmp_path)
    assert len(missing(out)) == 1 and np.isfinite(out.std_error).all()


def test_of_a_number_that_one_of_those_with_the_answer_makes_up(tmp_path: Path) -> None:
    income = people()["income"]
    # more than half of what those with the first answer earn; of all squares a third
    income[[0, N - 2, N - 1]] = 1.2 * income[1:120].sum()
    svy = survey(income=income)
    out = leaves(llo.mean(["r1", "r3", "income"], svy), tmp_path)
    assert ("r1", "income") in missing(out) and ("r3", "income") not in missing(out)


def test_overlapping_groups(tmp_path: Path) -> None:
    svy = survey(a=(np.arange(N) < 200).astype(int), b=(np.arange(N) >= 196).astype(int))
    parts = {"a": llo.mean("income", svy.where("a == 1")), "b": llo.mean("income", svy.where("b == 1"))}
    found = decide({"j": llo.joint(parts)}).covariances["j"]
    assert found.pairs[0, 1] and found.found == 4


def test_replicates_tell_the_same(tmp_path: Path) -> None:
    svy = llo.replicate(survey(), "jk1")
    m = llo.mean(["r1", "r2"], svy)
    told = (m.cov.to_numpy()[0, 1] * (N - 1) + m.estimate[0] * m.estimate[1]) * N
    assert told == pytest.approx(BOTH, abs=0.01)  # the jackknife of a mean is the variance of it but for rounding
    assert missing(leaves(m, tmp_path)) == {("r1", "r2")}


@pytest.mark.parametrize("estimator", [llo.correlation, llo.covariance])
def test_a_correlation_of_two_answers_is_their_crosstab(estimator: Any) -> None:
    svy = survey(one_two=people()["r1"] + 1)
    frame = llo.report.check_disclosure(estimator(["r1", "r2", "r3", "one_two"], svy))
    broken = set(frame.loc[frame["rule"] == "few", "variable"])
    assert {"r1:r2", "r2:one_two"} <= broken and not {"r1:r3", "r2:r3"} & broken


def test_correlations_of_a_rare_answer_however_it_is_coded() -> None:
    svy = survey(rare=1 + (np.arange(N) < 5))
    frame = llo.report.check_disclosure(llo.covariance(["income", "rare"], svy))
    assert set(frame["rule"]) >= {"few"}


def test_the_classical_covariance_of_a_model_is_a_table(tmp_path: Path) -> None:
    svy = survey()
    fit = llo.glm("income ~ r1 + r2", svy, vcov="iid")
    inverse = np.linalg.inv(fit.covariance)
    assert inverse[1, 2] / inverse[0, 0] * N == pytest.approx(BOTH, abs=1e-6)  # rounding of an inverse
    out = leaves(fit, tmp_path)
    assert np.isnan(out.std_error).all()
    assert np.allclose(out.estimate, fit.estimate, rtol=0, atol=PART * fit.std_error)
    of_design = llo.glm("income ~ r1 + r2", svy)
    out = leaves(of_design, tmp_path / "design")
    assert missing(out) == {("r1", "r2")} and same(out, of_design)
    with pytest.raises(DataError, match="this covariance did not leave"):
        out.test("r1 - r2 = 0")
    alone = out.test("r1 = 0")
    assert alone.statistic == pytest.approx(of_design.test("r1 = 0").statistic, rel=CONTRAST)


def test_ordinary_means_of_many_leave_whole(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({f"r{i}": rng.integers(0, 2, 5000) for i in range(4)})
    frame = frame.assign(hours=rng.gamma(4.0, 8.0, 5000), sex=rng.choice(["m", "v"], 5000), w=rng.uniform(1, 3, 5000))
    svy = llo.Survey(frame, weights="w")
    for i, one in enumerate(
        [
            llo.mean(["r0", "r1", "r2", "r3", "hours"], svy),
            llo.mean(["r0", "r1", "hours"], svy, by="sex"),
            llo.correlation(["r0", "r1", "hours"], svy),
            llo.glm("hours ~ r0 + r1 + sex", svy, vcov="iid"),
        ]
    ):
        out = leaves(one, tmp_path / str(i))
        assert same(out, one) and np.isfinite(out.covariance).all(), i


def test_a_ratio_of_two_answers_leaves_without_its_error(tmp_path: Path) -> None:
    svy = survey()
    few, many = llo.ratio("r1", "r2", svy), llo.ratio("r1", "r3", svy)
    assert np.isnan(leaves(few, tmp_path / "few").std_error[0])
    assert same(leaves(many, tmp_path / "many"), many)


@pytest.mark.parametrize("formula", ["income ~ rare:age + age", "income ~ rare * age", "income ~ I(rare * age) + age"])
def test_a_product_with_a_rare_answer_is_about_a_few(formula: str) -> None:
    svy = survey(rare=(np.arange(N) < 5).astype(int), age=20 + np.arange(N) % 50)
    frame = llo.report.check_disclosure(llo.glm(formula, svy))
    assert any("rare" in term and "age" in term for term in frame["term"])
    common = survey(rare=(np.arange(N) < 50).astype(int), age=20 + np.arange(N) % 50)
    assert not len(llo.report.check_disclosure(llo.glm(formula, common)))


def panel(gained: int, lost: int) -> llo.Survey:
    """Two waves of the same 200 persons, of whom few began with what is asked and others ended it."""
    rng = np.random.default_rng(3)
    first = np.arange(200) % 2
    second = first.copy()
    second[np.flatnonzero(first == 0)[:gained]], second[np.flatnonzero(first == 1)[:lost]] = 1, 0
    x = rng.normal(size=400)
    frame = pd.DataFrame({"id": np.tile(np.arange(200), 2), "year": np.repeat([2020, 2021], 200), "w": 1.0, "x": x})
    frame = frame.assign(answer=np.concatenate([first, second]), y=rng.normal(size=400), rare=(frame["id"] < 5) * x)
    return llo.Survey(frame, weights="w", unit="id", time="year", psu="id")


def test_the_error_of_a_change_in_a_panel_tells_who_changed_answers(tmp_path: Path) -> None:
    few = llo.change("answer", panel(3, 20), time="year", base=2020)
    # var(change) of persons that are the sampling units: those who began and ended, less the square of the difference
    told = few.covariance[0, 0] * 199 + few.estimate[0] ** 2
    assert told * 200 == pytest.approx(3 + 20, abs=1e-6)  # rounding of sums of 400 numbers
    assert np.isnan(leaves(few, tmp_path / "few").std_error[0])
    many = llo.change("answer", panel(30, 40), time="year", base=2020)
    assert same(leaves(many, tmp_path / "many"), many)


def test_waves_of_five_persons_are_five_persons() -> None:
    frame = llo.report.check_disclosure(llo.panel.between("y ~ x + rare", panel(30, 40)))
    assert frame.loc[frame["rule"] != "saturated", ["term", "found"]].values.tolist() == [["rare", 5.0]]

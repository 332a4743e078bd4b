"""One g for each cluster whose members have other weights: means of clusters change with the weights of the members."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.design import residuals
from tests.weighting.samples import derivative_of_redone_steps, influence_before, margin, people


def sample(n: int = 120, seed: int = 3) -> pd.DataFrame:
    """People of households that do not follow the sampling units."""
    return people(seed, n).assign(household=np.random.default_rng(seed).integers(0, n // 3, n))


def steps(svy: llo.Survey, totals: dict[str, object]) -> llo.Survey:
    """Weights that differ within households, and one g for each household."""
    answered = llo.adjust_nonresponse(svy, "came", classes=["education"])
    return llo.calibrate(answered, totals, cluster="household")


def known(svy: llo.Survey) -> dict[str, object]:
    """Totals of a margin and a number."""
    frame = svy.frame
    return {"sex": margin(svy, "sex"), "age": 1.01 * float((frame["w"] * frame["age"]).sum())}


@pytest.mark.parametrize("method", ["jkn", "bootstrap"])
def test_each_replicate_is_calibrated_anew(method: str) -> None:
    svy = llo.Survey(sample(), weights="w", strata="stratum", psu="place")
    made = llo.replicate(svy, method, **({"replicates": 12, "seed": 1} if method == "bootstrap" else {}))
    totals = known(svy)
    out, plain = steps(made, totals), made.design.replicates
    assert plain is not None and out.design.replicates is not None
    frame = svy.frame
    for r in range(plain.n_replicates):
        weights = out.design.replicates.weights[:, r]
        fresh = steps(llo.Survey(frame.assign(w=plain.weights[:, r]), weights="w"), totals)
        assert weights == pytest.approx(fresh.weights.to_numpy(), rel=1e-8)
        assert weights @ frame["age"] == pytest.approx(totals["age"], rel=1e-9)
        assert weights[frame["sex"] == "m"].sum() == pytest.approx(totals["sex"]["m"], rel=1e-9)


def test_residuals_are_those_of_people(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = sample()
    svy = llo.Survey(frame, weights="w", strata="stratum")
    out = llo.calibrate(svy, known(svy), cluster="household")
    d, w = frame["w"].to_numpy(), out.weights.to_numpy()
    x = np.column_stack([frame["sex"] == "m", frame["sex"] == "v", frame["age"]]).astype(float)
    y, z = frame["y"].to_numpy(), np.zeros((len(frame), 6))
    for j, (_, rows) in enumerate(sorted(frame.groupby(["sex", "stratum"]).indices.items())):
        z[rows, j] = w[rows] * (y[rows] - np.average(y[rows], weights=w[rows])) / w[rows].sum()
    gram, right = np.zeros((3, 3)), np.zeros((3, 6))
    for rows in frame.groupby("household").indices.values():
        size = d[rows].sum()
        mean = d[rows] @ x[rows] / size
        gram += size * np.outer(mean, mean)
        right += np.outer(mean, (d[rows, None] * z[rows] / w[rows, None]).sum(axis=0))
    left = z - w[:, None] * (x @ np.linalg.solve(gram, right))
    wanted = np.zeros((6, 6))
    for rows in frame.groupby("stratum").indices.values():
        own = left[rows] - left[rows].mean(axis=0)
        wanted += len(rows) / (len(rows) - 1) * own.T @ own
    for few in (10_000, 0):
        monkeypatch.setattr(residuals, "_FEW", few)
        found = llo.mean("y", out, by=["sex", "stratum"]).covariance
        assert np.allclose(found, wanted, rtol=1e-8, atol=1e-12)


def test_linearised_errors_are_near_those_of_the_derivative() -> None:
    svy = llo.Survey(sample(600), weights="w")
    out = steps(svy, known(svy))
    own, exact = (
        np.sqrt(((z - z.mean(axis=0)) ** 2).sum(axis=0))
        for z in (influence_before(out), derivative_of_redone_steps(out))
    )
    assert own == pytest.approx(exact, rel=0.02)


def test_saved_stacked_and_by_group(tmp_path: Path) -> None:
    frame = sample(240)
    frame["home"] = frame["household"].astype(str) + frame["sex"]
    svy = llo.Survey(frame, weights="w", strata="stratum")
    totals = {
        sex: {"education": 1.05 * rows.groupby("education", observed=False)["w"].sum()}
        for sex, rows in frame.groupby("sex")
    }
    out = llo.calibrate(svy, totals, by="sex", cluster="home", scale="x")
    wanted = llo.mean("y", out, by=["sex", "education", "stratum"]).covariance
    out.save(tmp_path / "survey.npz")
    again = llo.read_survey(tmp_path / "survey.npz")
    assert np.array_equal(llo.mean("y", again, by=["sex", "education", "stratum"]).covariance, wanted)
    both = llo.stack({"a": out, "b": llo.Survey(sample(90, 8), weights="w", strata="stratum")})
    first = llo.mean("y", both.where("survey == 'a'"), by=["sex", "education", "stratum"]).covariance
    assert np.allclose(first, wanted, rtol=1e-9, atol=1e-14)


def test_margins_of_the_report_are_those_of_people() -> None:
    svy = llo.Survey(sample(), weights="w", strata="stratum")
    made = steps(svy, known(svy))
    out = llo.trim(made, upper=float(made.weights.quantile(0.9)))
    frame, weights = svy.frame, out.weights
    told = llo.weight_report(out).margins
    wanted = {
        "m": weights[frame["sex"] == "m"].sum(),
        "v": weights[frame["sex"] == "v"].sum(),
        "age": (weights * frame["age"]).sum(),
    }
    assert told["now"].tolist() == pytest.approx(list(wanted.values()), rel=1e-10)
    answered = frame["sex"][frame["came"]].value_counts()
    assert told["n"].tolist()[:2] == [answered["m"], answered["v"]]

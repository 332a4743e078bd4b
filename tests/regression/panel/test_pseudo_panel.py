"""Cohorts followed through repeated cross-sections: equal to other routes, unbiased where cohorts err, and refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import llo_research as llo
from tests.regression.panel.panels import dummies

CLOSE = 1e-9


def waves(size: int = 40, *, seed: int = 1) -> Any:
    """Twelve cohorts in six waves of other people; y goes with x by 1.5, within a cell by 2.3."""
    rng, known = np.random.default_rng(seed), np.random.default_rng(99)
    lasting, moved = known.normal(size=12), 0.6 * known.normal(size=(12, 6))
    data = pd.DataFrame({"birth": np.tile(np.repeat(range(12), size), 6), "year": np.repeat(range(6), 12 * size)})
    data["own"] = rng.normal(size=len(data))
    data["x"] = moved[data["birth"], data["year"]] + lasting[data["birth"]] + data["own"]
    data["u"] = rng.normal(size=len(data)) + 0.5 * data["birth"] * data["year"] / 6
    data["y"] = 1.5 * data["x"] + 2 * lasting[data["birth"]] + 0.8 * data["own"] + rng.normal(size=len(data)) / 2
    data["w"] = rng.gamma(4, 1, len(data))
    return data


def survey(data: Any) -> llo.Survey:
    return llo.Survey(data, weights="w", strata="year", time="year")


def cells(data: Any) -> Any:
    names = ["y", "x", "u"]
    sums = data[names].mul(data["w"], axis=0).assign(w=data["w"]).groupby([data["birth"], data["year"]]).sum()
    return sums[names].div(sums["w"], axis=0).assign(w=sums["w"]).reset_index()


def test_without_correction_it_is_least_squares_of_means() -> None:
    data = waves()
    means = cells(data)
    x = np.hstack([means[["x", "u"]].to_numpy(), dummies(means["birth"], means["year"])[:, :-1]])
    known = sm.WLS(means["y"], x, weights=means["w"]).fit()
    fit = llo.panel.pseudo_panel("y ~ x + u + C(year)", survey(data), cohort="birth", correction=None)
    place = [fit.labels.index(name) for name in ("x", "u")]
    assert fit.estimate[place] == pytest.approx(known.params.iloc[:2].to_numpy(), rel=CLOSE)
    assert fit.meta["n_cells"] == 72 and fit.meta["n_cohorts"] == 12


def test_correction_takes_off_the_sampling_variance_of_means() -> None:
    # independent cells: sum over cells of w (1 - w / sum w of the cohort) times the variance of its mean
    data = waves()
    svy = survey(data)
    means = cells(data)
    total = means.groupby("birth")["w"].transform("sum")
    names = ["x", "u", "y"]
    left = means[names] - means[names].mul(means["w"], axis=0).groupby(means["birth"]).transform("sum").div(
        total, axis=0
    )
    square = (left.mul(means["w"], axis=0)).T @ left
    for correction in ("verbeek-nijman", "deaton"):
        off = np.zeros((3, 3))
        joint = llo.mean(names, svy, by=["birth", "year"])
        frame = joint.to_frame().reset_index()
        for row, cell in means.iterrows():
            own = frame[(frame["birth"] == cell["birth"]) & (frame["year"] == cell["year"])]
            at = [own.index[own["variable"] == name][0] for name in names]
            factor = cell["w"] * (1 - cell["w"] / total[row]) if correction == "verbeek-nijman" else cell["w"]
            off += factor * joint.covariance[np.ix_(at, at)]
        # cells of a wave share its stratum: their covariance is of the order of 1 / n and counts too
        clean = square.to_numpy() - off
        known = np.linalg.solve(clean[:2, :2], clean[:2, 2])
        fit = llo.panel.pseudo_panel("y ~ x + u", svy, cohort="birth", correction=correction)
        assert fit.estimate == pytest.approx(known, rel=1e-3)


def test_correction_mends_the_bias_of_small_cohorts() -> None:
    found: dict[Any, list[float]] = {"verbeek-nijman": [], None: []}
    for seed in range(40):
        svy = survey(waves(15, seed=seed))
        for correction, values in found.items():
            values.append(
                float(llo.panel.pseudo_panel("y ~ x", svy, cohort="birth", correction=correction).estimate[0])
            )
    middle = {name: np.mean(values) - 1.5 for name, values in found.items()}
    error = {name: np.std(values) / np.sqrt(40) for name, values in found.items()}
    assert middle[None] > 10 * error[None]
    assert abs(middle["verbeek-nijman"]) < 3.5 * error["verbeek-nijman"]


def test_large_cells_need_none() -> None:
    fits = [
        llo.panel.pseudo_panel("y ~ x", survey(waves(1500)), cohort="birth", correction=correction)
        for correction in ("verbeek-nijman", "deaton", None)
    ]
    assert max(fit.meta["sampling_share"]["x"] for fit in fits) < 0.01
    assert fits[0].estimate == pytest.approx(fits[2].estimate, rel=0.01)
    assert fits[0].std_error == pytest.approx(fits[2].std_error, rel=0.02)


def test_crossed_cohorts_and_other_covariances() -> None:
    data = waves().assign(sex=lambda d: np.where(d.index % 2 == 0, "m", "f"))
    fit = llo.panel.pseudo_panel("y ~ x", survey(data), cohort=["birth", "sex"], time="year")
    assert fit.meta["n_cells"] == 144
    clustered = llo.panel.pseudo_panel("y ~ x", survey(data), cohort="birth", vcov="cluster", cluster="birth")
    assert clustered.df[0] == 11


def test_plausible_values_are_combined() -> None:
    data = waves()
    rng = np.random.default_rng(8)
    for number in (1, 2, 3):
        data[f"PVX{number}"] = data["x"] + 0.2 * rng.normal(size=len(data))
    fit = llo.panel.pseudo_panel("y ~ PVX*", survey(data), cohort="birth", plausible=True, seed=1, draws=99)
    each = [llo.panel.pseudo_panel(f"y ~ PVX{number}", survey(data), cohort="birth") for number in (1, 2, 3)]
    slopes = np.array([own.estimate[0] for own in each])
    variance = np.mean([own.std_error[0] ** 2 for own in each]) + (1 + 1 / 3) * slopes.var(ddof=1)
    assert fit.to_frame()["term"].tolist() == ["PVX"]
    assert fit.estimate[0] == pytest.approx(slopes.mean(), rel=1e-12)
    assert fit.std_error[0] == pytest.approx(np.sqrt(variance), rel=1e-12)


@pytest.mark.parametrize("vcov", ["iid", "wild"])
def test_covariances_that_means_do_not_have(vcov: str) -> None:
    with pytest.raises(llo.LloError, match="vcov"):
        llo.panel.pseudo_panel("y ~ x", survey(waves()), cohort="birth", vcov=vcov)

"""Tests of restrictions: by hand, invariances, exact tails of weighted sums, size under the null."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import llo_research as llo
from llo_research import DataError
from llo_research.numerics.quadratic_forms import weighted_f_tail
from tests.regression import models

CALL = f"logit ~ {models.REGRESSORS}"


def fitted(seed: int = 0) -> llo.Result:
    return llo.glm(CALL, models.survey(models.people(seed)), family="logit")


def test_wald_by_hand() -> None:
    fit = fitted()
    found = fit.test("hours = 0.1, `C(education)[T.high]` = 2 * `C(education)[T.middle]`")
    matrix = np.zeros((2, 7))
    matrix[0, fit.labels.index("hours")] = 1
    matrix[1, fit.labels.index("C(education)[T.high]")] = 1
    matrix[1, fit.labels.index("C(education)[T.middle]")] = -2
    gap = matrix @ fit.estimate - [0.1, 0]
    statistic = gap @ np.linalg.solve(matrix @ fit.covariance @ matrix.T, gap) / 2
    assert found.statistic == pytest.approx(statistic, rel=1e-10)
    assert (found.df, found.df_denominator) == (2, fit.df[0])
    assert found.p_value == pytest.approx(stats.f.sf(statistic, 2, fit.df[0]), rel=1e-10)


def test_one_restriction_is_the_t_test() -> None:
    fit = fitted()
    row = fit.to_frame().set_index("term").loc["hours"]
    found = fit.test("hours = 0")
    assert found.statistic == pytest.approx(row["statistic"] ** 2, rel=1e-10)
    assert found.p_value == pytest.approx(row["p_value"], rel=1e-8)


@pytest.mark.parametrize("method", ["wald", "lr"])
def test_a_term_stands_for_its_coefficients(method: str) -> None:
    fit = fitted()
    term = fit.test("C(education):older, hours", method=method)
    zero = fit.test("C(education):older = 0, hours = 0", method=method)
    assert zero.statistic == term.statistic
    names = "`C(education)[T.middle]:older` = 0, `C(education)[T.high]:older` = 0, hours = 0"
    assert term.statistic == pytest.approx(fit.test(names, method=method).statistic, rel=1e-10)


def test_the_ratio_is_that_of_two_fits() -> None:
    frame = models.people()
    fit = fitted()
    small = llo.glm("logit ~ hours + C(education) + older", models.survey(frame), family="logit")
    found = fit.test("C(education):older", method="lr")
    assert found.statistic == pytest.approx(small.models[0].deviance - fit.models[0].deviance, rel=1e-9)


def test_a_restriction_with_values_is_a_fit_with_an_offset() -> None:
    frame = models.people()
    frame["part"] = 0.2 * frame["hours"]
    found = fitted().test("hours = 0.2", method="lr")
    rest = llo.glm(CALL.replace("hours + ", ""), models.survey(frame), family="logit", offset="part")
    assert found.statistic == pytest.approx(rest.models[0].deviance - fitted().models[0].deviance, rel=1e-9)


def test_more_restrictions_than_degrees_of_freedom_give_no_test() -> None:
    frame = models.people(0, strata=2, places=4, size=12)
    fit = llo.glm(f"y ~ {models.REGRESSORS}", models.survey(frame))
    assert fit.df[0] == 0
    for method in ("wald", "lr"):
        found = fit.test("hours, C(education)", method=method)
        assert np.isnan(found.statistic) and found.to_frame()["flag"].tolist() == ["no_test"]


@pytest.mark.parametrize(
    ("hypothesis", "words"),
    [
        ("hour", "did you mean 'hours'"),
        ("hours = x", "cannot be read"),
        ("hours = 0, hours = 1", "contradict"),
        ("hours = 0, 2 * hours = 0", "repeat"),
        ("", "A hypothesis is text"),
        ("hours ==== 0", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused(hypothesis: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        fitted().test(hypothesis)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(DataError, match="method has no option"):
        fitted().test("hours", method="score")


def test_tails_of_weighted_sums() -> None:
    """Equal weights give F; unequal ones are drawn; the saddlepoint joins the integral."""
    for q, df, value in ((2, 9.0, 3.0), (4, 30.0, 1.5), (3, np.inf, 4.0)):
        found = weighted_f_tail(q * value, np.full(q, 1.0), df)
        exact = stats.f.sf(value, q, df) if np.isfinite(df) else stats.chi2.sf(q * value, q)
        assert found == pytest.approx(exact, abs=1e-9)
    assert weighted_f_tail(6.0, np.array([2.0]), 7.0) == pytest.approx(stats.f.sf(3.0, 1, 7), rel=1e-12)
    apart = np.array([900.0, 5.0, 1.0])  # too far apart for the series
    assert weighted_f_tail(2000.0, apart, 20.0) == pytest.approx(
        weighted_f_tail(2000.0, np.array([900.0, 5.01, 4.6]), 20.0), rel=0.02
    )
    rng = np.random.default_rng(1)
    n, weights = 2_000_000, np.array([3.0, 1.0, 0.2])
    drawn = (rng.chisquare(1, (n, 3)) @ weights) / (rng.chisquare(12, n) / 12)
    share = (drawn > 9).mean()
    assert weighted_f_tail(9.0, weights, 12.0) == pytest.approx(share, abs=4 * np.sqrt(share / n))
    small = weighted_f_tail(60.0, np.array([1.0, 1.0, 1.0]), np.inf)
    assert small == pytest.approx(stats.chi2.sf(60, 3), rel=0.03)
    assert weighted_f_tail(0.0, weights, 5.0) == 1.0


@pytest.mark.slow
def test_both_tests_hold_their_size() -> None:
    """In clustered samples without an effect, at 5 %: 400 samples, three Monte-Carlo errors."""
    rejected = np.zeros(2)
    for seed in range(400):
        rng = np.random.default_rng(seed)
        place = np.repeat(np.arange(40), 10)
        shared = rng.normal(size=(40, 2))[place]
        x = rng.normal(size=(400, 2)) + shared
        y = (rng.random(400) < 1 / (1 + np.exp(-0.8 * rng.normal(size=40)[place]))).astype(float)
        frame = pd.DataFrame({"y": y, "a": x[:, 0], "b": x[:, 1], "place": place, "w": rng.uniform(1, 4, 400)})
        fit = llo.glm("y ~ a + b", llo.Survey(frame, weights="w", psu="place"), family="logit")
        rejected += [fit.test("a, b", method=method).p_value < 0.05 for method in ("wald", "lr")]
    assert (np.abs(rejected / 400 - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 400) + 0.015).all(), rejected / 400

"""Wages and Grunfeld's firms against linearmodels, pyfixest, statsmodels and R (plm, sandwich, survey) by case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

LINEAR = 1e-9  # what the issue asks; all programs solve one system, in other orders
SAME = 1e-12  # survey-weighted fixed effects
LIKELIHOOD = 1e-7  # iterations that stop at their own points
OF_GLM = 1e-6  # R's glm stops when the deviance stands still to 1e-8: 8e-7 on a coefficient near 0

SHORT = "lwage ~ expersq + union + married"
LONG = f"{SHORT} + black + hisp + educ"
CRE = "union ~ married + expersq + educ + black + hisp"
RAW: dict[str, Any] = {"vcov": "cluster", "cluster": "nr", "small_sample": "none"}
GROUPS = np.sqrt(545 / 544)  # the factor G / (G - 1) alone

Make = Callable[[llo.Survey], Any]


def fe(formula: str = SHORT, **options: Any) -> Make:
    return lambda svy: llo.panel.fixed_effects(formula, svy, **options)


TWO: dict[str, Any] = {"effects": ("unit", "time")}
FIRMS = "inv ~ value + capital"
# case: weight, estimator, programs, factor of their standard errors over ours
CASES: dict[str, tuple[str, Make, tuple[str, ...], float]] = {
    "W01_pooled_iid": ("one", lambda s: llo.glm(LONG, s, vcov="iid"), ("linearmodels", "pyfixest", "R_lm"), 1),
    "W01_pooled_robust": ("one", lambda s: llo.glm(LONG, s, vcov="hc1"), ("linearmodels", "pyfixest", "R_lm"), 1),
    "W01_pooled_cl_id": (
        "one",
        lambda s: llo.glm(LONG, s, vcov="cluster"),
        ("pyfixest", "statsmodels", "R_sandwich", "plm_sss"),
        1,
    ),
    "W01_pooled_cl_id_groupdebias": ("one", lambda s: llo.glm(LONG, s, vcov="cluster"), ("linearmodels",), 1),
    "W01_pooled_cl2": (
        "one",
        lambda s: llo.glm(LONG, s, vcov="two-way", cluster=["nr", "year"]),
        ("pyfixest",),
        1,
    ),
    "W02_wpooled_cl_id": (
        "wt",
        lambda s: llo.glm(LONG, s, vcov="cluster"),
        ("linearmodels", "pyfixest", "statsmodels", "R_sandwich"),
        1,
    ),
    "W03_between": (
        "one",
        lambda s: llo.panel.between(SHORT, s, vcov="iid"),
        ("linearmodels", "statsmodels", "plm"),
        1,
    ),
    "W04_fe_iid": ("one", fe(vcov="iid"), ("linearmodels", "pyfixest", "plm"), 1),
    "W04_fe_cl_id_raw": ("one", fe(**RAW), ("linearmodels", "pyfixest", "plm_HC0"), 1),
    "W04_fe_w_iid": ("wt", fe(vcov="iid"), ("linearmodels", "pyfixest", "R_lm_dummies"), 1),
    "W04_fe_w_cl_id_raw": ("wt", fe(**RAW), ("linearmodels", "pyfixest", "R_lm_dummies"), 1),
    "W05_fe2_iid": ("one", fe(vcov="iid", **TWO), ("linearmodels", "pyfixest", "plm"), 1),
    "W05_fe2_cl_id_raw": ("one", fe(**RAW, **TWO), ("linearmodels", "pyfixest", "plm_HC0"), 1),
    "W05_fe2_w_iid": ("wt", fe(vcov="iid", **TWO), ("linearmodels", "pyfixest", "R_lm_dummies"), 1),
    "W05_fe2_w_cl_id_raw": ("wt", fe(**RAW, **TWO), ("linearmodels", "pyfixest", "R_lm_dummies"), 1),
    "W06_fd_iid": ("one", lambda s: llo.panel.first_difference(SHORT, s, vcov="iid"), ("linearmodels", "plm"), 1),
    "W07_re_swar": ("one", lambda s: llo.panel.random_effects(LONG, s, vcov="iid"), ("linearmodels", "plm"), 1),
    "W08_mundlak_pooled_cl_id": (
        "one",
        lambda s: llo.panel.mundlak(LONG, s, vcov="cluster"),
        ("pyfixest", "statsmodels", "R_sandwich"),
        1,
    ),
    "W08_mundlak_re_iid": (
        "one",
        lambda s: llo.panel.random_effects(f"{LONG} + m_expersq + m_union + m_married", s, vcov="iid"),
        ("linearmodels", "plm"),
        1,
    ),
    "W09_re_tv": ("one", lambda s: llo.panel.random_effects(SHORT, s, vcov="iid"), ("linearmodels", "plm"), 1),
    "W10_fe_dk_bw1": (
        "one",
        fe(vcov="driscoll-kraay", lags=1),
        ("linearmodels", "pyfixest", "plm_SCC"),
        1,
    ),
    "G01_fe": ("firms", fe(FIRMS, vcov="iid"), ("linearmodels", "pyfixest", "plm"), 1),
    "G02_fe2": ("firms", fe(FIRMS, vcov="iid", **TWO), ("linearmodels", "pyfixest", "plm"), 1),
    "G03_re": ("firms", lambda s: llo.panel.random_effects(FIRMS, s, vcov="iid"), ("linearmodels", "plm"), 1),
}
# Cases with a test of their own below, and those of estimators that the library does not have.
OWN = ("S01_svy_fe_strat", "S03_svy_mundlak_strat", "S05_svy_cre_logit", "W13_cre_probit")
ABSENT = {
    "W07_re_tv_amemiya": "random effects have Swamy and Arora's components",
    "W07_re_tv_nerlove": "the same",
    "W07_re_tv_walhus": "the same",
    "W14_mixed_ml": "no mixed models by likelihood: the hybrid model is pooled",
    "W14_mixed_reml": "the same",
}


@pytest.fixture(scope="module")
def golden(reference_dir: Path) -> pd.DataFrame:
    return (
        pd.read_csv(reference_dir / "panel" / "golden.csv")
        .set_index(["case", "impl", "stat", "term"])["value"]
        .sort_index()
    )


@pytest.fixture(scope="module")
def surveys(reference_dir: Path) -> dict[str, llo.Survey]:
    folder = reference_dir / "panel" / "data"
    wages, firms = pd.read_csv(folder / "wage_panel.csv"), pd.read_csv(folder / "Grunfeld_plm.csv")
    wages["one"], firms["one"] = 1.0, 1.0
    wages["educ3"] = np.where(wages["educ"] < 11.5, 1, np.where(wages["educ"] <= 12.5, 2, 3))
    return {
        "one": llo.Survey(wages, weights="one", unit="nr", time="year"),
        "wt": llo.Survey(wages, weights="wt", unit="nr", time="year"),
        "design": llo.Survey(wages, weights="wt", strata="educ3", psu="nr", unit="nr", time="year"),
        "firms": llo.Survey(firms, weights="one", unit="firm", time="year"),
    }


def told(golden: pd.Series, case: str, program: str, stat: str, terms: tuple[str, ...]) -> np.ndarray:
    known = golden.loc[(case, program, stat)].rename({"(Intercept)": "const"})
    theirs = {"Intercept": "const"} | {term: f"m_{term[5:-1]}" for term in terms if term.startswith("mean(")}
    return known.reindex([theirs.get(term, term) for term in terms]).to_numpy(float)


def check(golden: pd.Series, fit: Any, case: str, program: str, factor: float, tolerance: float) -> None:
    coefficients, errors = (told(golden, case, program, stat, fit.labels) for stat in ("coef", "se"))
    assert np.isfinite(coefficients).all() and np.isfinite(errors).all()
    assert fit.estimate == pytest.approx(coefficients, rel=tolerance)
    assert fit.std_error * factor == pytest.approx(errors, rel=tolerance)


def test_no_case_is_forgotten(golden: pd.Series) -> None:
    assert set(golden.index.get_level_values("case")) == {*CASES, *OWN, *ABSENT}


@pytest.mark.parametrize("case", CASES)
def test_case(golden: pd.Series, surveys: dict[str, llo.Survey], case: str) -> None:
    weight, make, programs, factor = CASES[case]
    fit = make(surveys[weight])
    for program in programs:
        check(golden, fit, case, program, factor, LINEAR)
        counted = golden.get((case, program, "nobs", "_model"))
        assert counted is None or fit.nobs == counted


def test_small_factors_of_two_way_clusters(golden: pd.Series, surveys: dict[str, llo.Survey]) -> None:
    # statsmodels, linearmodels and sandwich take each part's own G / (G - 1); reghdfe, fixest and we the smaller one
    fit = llo.glm(LONG, surveys["one"], vcov="two-way", cluster=["nr", "year"], small_sample="none")
    parts = {}
    for name in ("nr", "year"):
        parts[name] = llo.glm(LONG, surveys["one"], vcov="cluster", cluster=name, small_sample="none").covariance
    crossed = parts["nr"] + parts["year"] - fit.covariance
    n, k = 4360, 7
    factors = {g: g / (g - 1) * (n - 1) / (n - k) for g in (545, 8, n)}
    theirs = factors[545] * parts["nr"] + factors[8] * parts["year"] - factors[n] * crossed
    for program in ("statsmodels", "linearmodels", "R_sandwich"):
        known = told(golden, "W01_pooled_cl2", program, "se", fit.labels)
        assert np.sqrt(np.diag(theirs)) == pytest.approx(known, rel=LINEAR)


def test_factor_of_linearmodels_is_n_over_n_less_k(golden: pd.Series, surveys: dict[str, llo.Survey]) -> None:
    fit = llo.glm(LONG, surveys["one"], vcov="cluster")
    check(golden, fit, "W01_pooled_cl_id", "linearmodels", np.sqrt(4360 / 4359) / GROUPS, LINEAR)


def test_survey_weighted_fixed_effects(golden: pd.Series, surveys: dict[str, llo.Survey]) -> None:
    fit = llo.panel.fixed_effects(SHORT, surveys["design"])
    check(golden, fit, "S01_svy_fe_strat", "R_survey", 1, SAME)
    assert (fit.df == 545 - 3 + 1 - 3).all()


def test_survey_weighted_means_of_the_file(golden: pd.Series, surveys: dict[str, llo.Survey]) -> None:
    # the file's means are not weighted, so that they are columns like others
    means = "m_expersq + m_union + m_married"
    check(golden, llo.glm(f"{LONG} + {means}", surveys["design"]), "S03_svy_mundlak_strat", "R_survey", 1, LINEAR)
    fit = llo.glm(f"{CRE} + m_married + m_expersq", surveys["design"], family="logit")
    check(golden, fit, "S05_svy_cre_logit", "R_survey", 1, LIKELIHOOD)


def test_correlated_random_effects(golden: pd.Series, surveys: dict[str, llo.Survey]) -> None:
    fit = llo.panel.correlated_random_effects(CRE, surveys["one"], **RAW)
    check(golden, fit, "W13_cre_probit", "R_glm", GROUPS, OF_GLM)
    known = told(golden, "W13_cre_probit", "statsmodels", "coef", fit.labels)
    assert fit.estimate == pytest.approx(known, rel=LINEAR)


def test_random_effects_with_unit_means(golden: pd.Series, surveys: dict[str, llo.Survey]) -> None:
    text = f"{LONG} + m_expersq + m_union + m_married"
    fit = llo.panel.random_effects(text, surveys["one"], vcov="iid")
    for program in ("linearmodels", "plm"):
        check(golden, fit, "W08_mundlak_re_iid", program, 1, LINEAR)


def test_variance_components(golden: pd.Series, surveys: dict[str, llo.Survey]) -> None:
    parts = llo.panel.random_effects(LONG, surveys["one"]).meta["components"]
    for program in ("linearmodels", "plm"):
        for stat, name in (("s2_e", "variance_error"), ("s2_u", "variance_unit")):
            assert parts[name] == pytest.approx(golden[("W07_re_swar", program, stat, "_model")], rel=LINEAR)


def test_hausman(golden: pd.Series, surveys: dict[str, llo.Survey]) -> None:
    test = llo.panel.hausman(LONG, surveys["one"], vcov="cluster")
    for program in ("statsmodels", "R_sandwich"):
        known = golden[("W08_mundlak_pooled_cl_id", program, "mundlak_wald_chi2", "_model")]
        assert test.statistic == pytest.approx(known, rel=LINEAR)
    assert test.df == 3


def test_within_r_squared(golden: pd.Series, surveys: dict[str, llo.Survey]) -> None:
    for case, options in (("W04_fe_iid", {}), ("W05_fe2_iid", TWO)):
        fit = llo.panel.fixed_effects(SHORT, surveys["one"], **options)
        known = golden[(case, "pyfixest", "r2_within", "_model")]
        assert fit.meta["r2_within"] == pytest.approx(known, rel=LINEAR)

"""Proves that estimators which need passes over the rows give the numbers of a Survey in memory, in each engine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.numerics import lumps
from llo_research.scanning import model_passes
from tests.scanning.spark import of_files

# Sums in another order, and Gram matrices where memory has rows.
SAME = 1e-10
DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu", "unit": "person", "time": "year"}
# `run.py test --spark` asks for Spark; other runs do not count it among what was skipped.
SPARK = ["spark-1", "spark-2", "spark-8"] if os.environ.get("LLO_TEST_SPARK") == "1" else []
ENGINES = ["duckdb", *SPARK]
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")


def people() -> pd.DataFrame:
    """A panel of four waves: persons in PSUs in strata, some answers missing, some weights zero."""
    rng = np.random.default_rng(11)
    who = pd.DataFrame({"person": np.arange(900)})
    who["psu"] = rng.integers(0, 48, 900)
    who["stratum"] = who["psu"] % 6
    who["education"] = pd.Categorical(rng.choice(["high", "low", "middle"], 900), ["high", "low", "middle"])
    frame = who.merge(pd.DataFrame({"year": range(2018, 2022)}), how="cross")
    n = len(frame)
    frame["sex"] = rng.choice(["m", "f"], n)
    frame["hours"] = np.round(rng.gamma(4, 9, n), 1)
    frame["autonomy"] = rng.normal(size=n)
    chance = 1 / (1 + np.exp(-(0.4 * frame["autonomy"] + 0.3 * (frame["education"] == "high") - 0.02 * frame["hours"])))
    frame["training"] = rng.random(n) < chance
    frame["courses"] = rng.poisson(np.exp(0.2 * frame["autonomy"]))
    frame["w"] = np.where(rng.random(n) < 0.02, 0.0, rng.uniform(1, 3, n))
    frame.loc[rng.random(n) < 0.03, "hours"] = np.nan
    return frame.sample(frac=0.8, random_state=2).reset_index(drop=True)


FRAME = people()
SURVEY = llo.Survey(FRAME, **DESIGN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows as three files."""
    folder = tmp_path_factory.mktemp("rows")
    for number, part in enumerate(np.array_split(np.arange(len(FRAME)), 3)):
        FRAME.iloc[part].to_parquet(folder / f"part-{number}.parquet")
    return folder


@pytest.fixture(params=ENGINES)
def big(request: pytest.FixtureRequest, folder: Path) -> Any:
    """The scan in an engine."""
    source = {"restricted": False}
    if request.param == "duckdb":
        return llo.scan(str(folder / "*.parquet"), source=source, **DESIGN)
    return llo.scan(of_files(folder, int(request.param.split("-")[1])), source=source, **DESIGN)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns are many, so that models take passes; lumps are split as if rows were many."""
    monkeypatch.setattr(model_passes, "_FEW", 0)
    monkeypatch.setattr(lumps, "FEW", 5)
    monkeypatch.setattr(lumps, "FIRST", 8)


def same(found: Any, expected: Any) -> None:
    """The same rows, estimates, errors, degrees of freedom, intervals, counts and flags."""
    one, other = found.to_frame(), expected.to_frame()
    assert list(one.columns) == list(other.columns)
    for name in one:
        if one[name].dtype.kind == "f" or name == "n":
            np.testing.assert_allclose(one[name].astype(float), other[name].astype(float), rtol=SAME, atol=1e-13)
        else:
            assert one[name].astype(str).tolist() == other[name].astype(str).tolist(), name
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-8, atol=1e-15)


QUANTILES: list[dict[str, Any]] = [
    {"variables": "hours", "q": [0.1, 0.5, 0.9], "by": ["year", "education"]},
    {"variables": "hours", "q": 0.5, "rule": "school", "interval": "beta"},
    {"variables": "autonomy", "q": [0.25, 0.75], "by": "sex", "rule": "hf7", "interval": "xlogit"},
    {"variables": "autonomy", "q": [0.01, 0.99], "rule": "hf8", "interval": "asin"},
    {"variables": "hours", "q": 0.5, "rule": "hf6", "interval": "mean", "by": "year"},
    {"variables": "courses", "q": [0.3, 0.6], "by": "education", "rule": "hf4"},
]


@pytest.mark.parametrize("call", QUANTILES, ids=lambda call: f"{call['variables']}-{call.get('rule', 'math')}")
def test_quantiles_are_those_of_all_rows(big: Any, many: None, call: dict[str, Any]) -> None:
    same(llo.quantile(svy=big, **call), llo.quantile(svy=SURVEY, **call))


@pytest.mark.parametrize("roles", [{}, {"strata": "stratum"}, {"strata": "stratum", "unit": "person"}], ids=str)
def test_quantiles_in_other_designs(folder: Path, many: None, roles: dict[str, str]) -> None:
    big = llo.scan(str(folder / "*.parquet"), weights="w", source={"restricted": False}, **roles)
    svy = llo.Survey(FRAME, weights="w", **roles)
    same(llo.quantile("hours", big, q=[0.2, 0.5], by="sex"), llo.quantile("hours", svy, q=[0.2, 0.5], by="sex"))


MODELS = [
    ("training ~ C(education) + C(sex) + C(year)", "binomial"),
    ("training ~ C(education) + C(sex)", "probit"),
    ("training ~ C(education)*autonomy + hours", "binomial"),
    ("courses ~ autonomy + C(sex)", "poisson"),
    ("hours ~ C(sex)*autonomy + C(year)", "gaussian"),
    ("hours >= 40 ~ autonomy", "logit"),
    ("hours ~ C(education)", "gaussian"),
]


@pytest.mark.parametrize(("formula", "family"), MODELS)
@pytest.mark.parametrize("vcov", ["design", "cluster"])
def test_models_are_those_of_all_rows(big: Any, many: None, formula: str, family: str, vcov: str) -> None:
    found, expected = (llo.glm(formula, data, family=family, vcov=vcov) for data in (big, SURVEY))
    same(found, expected)
    for name in ("nobs", "n_psu", "left_out", "base_levels", "response", "domain"):
        assert found.meta[name] == expected.meta[name], name
    assert found.meta["mean_y"] == pytest.approx(expected.meta["mean_y"], rel=SAME)


@pytest.mark.parametrize("effects", [("unit",), ("unit", "time")], ids=str)
@pytest.mark.parametrize("formula", ["training ~ hours + autonomy", "hours ~ C(sex)*autonomy", "autonomy ~ C(sex)"])
@pytest.mark.parametrize("vcov", ["design", "cluster"])
def test_fixed_effects_are_those_of_all_rows(big: Any, formula: str, effects: tuple[str, ...], vcov: str) -> None:
    found, expected = (llo.panel.fixed_effects(formula, data, effects=effects, vcov=vcov) for data in (big, SURVEY))
    same(found, expected)
    for name in ("nobs", "n_units", "effects", "units_with_changes", "weights_vary_within_units", "left_out"):
        assert found.meta[name] == expected.meta[name], name
    assert found.meta["r2_within"] == pytest.approx(expected.meta["r2_within"], rel=1e-9)


ESTIMATES: dict[str, Callable[[Any], Any]] = {
    "mean": lambda svy: llo.mean("training", svy, by=["year", "sex"]),
    "gap": lambda svy: llo.gap("training", svy, group="education", of="high", minus="low", by="year"),
    "crosstab": lambda svy: llo.crosstab("training", "education", svy),
}


@pytest.mark.parametrize("name", ESTIMATES)
def test_collapsed_estimates_in_each_engine(big: Any, name: str) -> None:
    found, expected = ESTIMATES[name](big).to_frame(), ESTIMATES[name](SURVEY).to_frame()
    for column in ("estimate", "std_error", "df"):
        np.testing.assert_allclose(found[column].astype(float), expected[column].astype(float), rtol=1e-12)


def test_a_domain_keeps_its_design(big: Any, many: None) -> None:
    big, svy = big.where("year >= 2019"), SURVEY.where("year >= 2019")
    same(llo.quantile("hours", big, q=0.5, by="sex"), llo.quantile("hours", svy, q=0.5, by="sex"))
    fits = [llo.glm("training ~ autonomy", data, family="logit") for data in (big, svy)]
    same(*fits)
    assert fits[0].meta["domain"] == fits[1].meta["domain"]
    same(llo.panel.fixed_effects("training ~ autonomy", big), llo.panel.fixed_effects("training ~ autonomy", svy))


REFUSED: list[tuple[str, Callable[[Any], Any]]] = [
    ("rule='hf3'", lambda big: llo.quantile("hours", big, q=0.5, rule="hf3")),
    ("interval='score'", lambda big: llo.quantile("hours", big, q=0.5, interval="score")),
    ("one column a call", lambda big: llo.quantile(["hours", "autonomy"], big, q=0.5)),
    ("Quantiles are of numbers", lambda big: llo.quantile("education", big, q=0.5)),
    ("columns, C", lambda big: llo.glm("training ~ log(hours)", big, family="logit")),
    ("columns, C", lambda big: llo.glm("training ~ center(autonomy)", big, family="logit")),
    ("not linear", lambda big: llo.glm("training ~ hours:autonomy", big, family="logit")),
    ("vcov='hc1'", lambda big: llo.glm("training ~ hours", big, family="logit", vcov="hc1")),
    ("link of its family", lambda big: llo.glm("training ~ hours", big, family="probit")),
    ("clusters are the sampling units", lambda big: llo.glm("hours ~ autonomy", big, vcov="cluster", cluster="sex")),
    ("those of the unit", lambda big: llo.panel.fixed_effects("hours ~ autonomy", big, effects=("sex",))),
    ("carry it", lambda big: llo.panel.fixed_effects("hours ~ C(education)", big)),
    ("combination", lambda big: llo.glm("hours ~ autonomy + twice", big.assign(twice=lambda t: t.autonomy * 2))),
    ("No row of the domain", lambda big: llo.glm("hours ~ autonomy", big.where("hours > 900"))),
]


@pytest.mark.parametrize(("words", "call"), REFUSED)
def test_what_passes_do_not_give_is_refused(folder: Path, words: str, call: Callable[[Any], Any]) -> None:
    big = llo.scan(str(folder / "*.parquet"), source={"restricted": False}, **DESIGN)
    with pytest.raises(llo.LloError, match=words.replace("(", r"\(")):
        call(big)


def test_persons_in_several_sampling_units_are_refused(folder: Path) -> None:
    moved = FRAME.assign(psu=np.where(FRAME["year"] == 2021, (FRAME["psu"] + 6) % 48, FRAME["psu"]))
    big = llo.scan(ibis.memtable(moved), source={"restricted": False}, **DESIGN)
    with pytest.raises(llo.DesignError, match=r"several sampling units|more than one psu"):
        llo.panel.fixed_effects("hours ~ autonomy", big)


def test_answers_that_follow_from_the_regressors_are_refused(folder: Path) -> None:
    big = llo.scan(str(folder / "*.parquet"), source={"restricted": False}, **DESIGN)
    big = big.assign(
        known=lambda t: t.training & (t.education != "low"),
        rare=lambda t: t.courses * (t.education != "low").cast("int64"),
    )
    for formula, family in (("known ~ hours + education", "logit"), ("rare ~ hours + education", "poisson")):
        with pytest.raises(llo.IdentificationError, match="separation") as error:
            llo.glm(formula, big, family=family)
        assert "education[T.low]" in str(error.value.where)
    with pytest.raises(llo.IdentificationError, match="separation"):
        llo.glm("hours > 40 ~ hours", big, family="logit")


def test_a_level_without_weight_is_no_base_in_silence(folder: Path) -> None:
    none = FRAME.assign(w=FRAME["w"].where(FRAME["education"] != "high", 0.0))
    big = llo.scan(ibis.memtable(none), source={"restricted": False}, **DESIGN)
    for data in (big, llo.Survey(none, **DESIGN)):
        with pytest.raises(llo.IdentificationError, match="no row with a weight"):
            llo.glm("hours ~ autonomy + education", data)


def test_a_result_says_its_passes(folder: Path) -> None:
    big = llo.scan(str(folder / "*.parquet"), source={"restricted": False}, **DESIGN)
    told = llo.panel.fixed_effects("training ~ hours", big).meta["read"]
    assert told["read"] == [
        "least, largest and mean values",
        "sums by pattern",
        "sums",
        "sums by time",
        "products of sums by person",
    ]


def test_a_fit_by_passes_has_its_receipt(folder: Path) -> None:
    big = llo.scan(str(folder / "*.parquet"), source={"restricted": False}, **DESIGN)
    fit = llo.glm("training ~ autonomy + hours", big, family="logit")
    assert "svyglm" in fit.to_r()
    assert "autonomy" in str(fit.receipt())
    with pytest.raises(llo.DataError, match="no influence values of people"):
        fit.naive()

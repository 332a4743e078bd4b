"""One call of a Survey and of a scan of the same rows: every number is the same, in every design."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

# Sums of doubles in another order; of a standard error near 0 or a p-value, what is left of the digits.
CLOSE = {"rtol": 1e-11, "atol": 1e-13}


def people() -> pd.DataFrame:
    """Waves of persons, some of whom return; each column has missing values, and some have no weight."""
    rng = np.random.default_rng(11)
    n = 2400
    frame = pd.DataFrame({"year": rng.integers(2014, 2018, n), "person": rng.integers(0, 1100, n)})
    frame = frame.drop_duplicates(ignore_index=True)
    n = len(frame)
    frame["region"] = frame["person"] % 3
    frame["firm"] = frame["region"] * 100 + frame["person"] % 17
    frame["education"] = pd.Categorical(
        rng.choice(["low", "middle", "high", None], n), categories=["low", "middle", "high", "other"], ordered=True
    )
    frame["sex"] = rng.choice(np.array(["m", "v", None], dtype=object), n)
    frame["trained"] = pd.array(rng.choice(np.array([True, False, None], dtype=object), n), dtype="boolean")
    frame["age"] = rng.integers(16, 75, n)
    frame["hours"] = np.where(rng.random(n) < 0.2, np.nan, 1000 + rng.gamma(2, 10, n))
    frame["wage"] = np.where(rng.random(n) < 0.1, np.nan, rng.gamma(3, 5, n))
    frame["w"] = np.where(rng.random(n) < 0.05, 0.0, rng.gamma(2, 1, n))
    return frame


FRAME = people()
DESIGNS: dict[str, dict[str, Any]] = {
    "elements": {},
    "strata": {"strata": ["year", "region"], "time": "year"},
    "psu": {"strata": "region", "psu": "firm"},
    "panel": {"strata": "region", "unit": "person", "time": "year"},
    "waves": {"strata": ["year", "region"], "unit": "person", "time": "year"},
    "proportional": {"strata": "region", "weight_kind": "proportional"},
}

CALLS: dict[str, Callable[[Any], Any]] = {
    "mean": lambda s: llo.mean("trained", s, by=["year", "education"]),
    "mean of two": lambda s: llo.mean(["trained", "age >= 55"], s, by="sex"),
    "mean available": lambda s: llo.mean(["trained", "sex"], s, missing="available"),
    "mean of numbers": lambda s: llo.mean(["hours", "wage"], s, by="education"),
    "mean of age": lambda s: llo.mean("age", s, by="trained"),
    "share": lambda s: llo.share("education", s, by="year"),
    "ratio": lambda s: llo.ratio("wage", "hours", s, by="year"),
    "gap": lambda s: llo.gap("trained", s, group="education", of="high", minus="low", by="year"),
    "gap of conditions": lambda s: llo.gap("hours", s, of="age >= 55", minus="age < 35", scale="ratio"),
    "change": lambda s: llo.change("trained", s, by="sex", time="year", base=2014),
    "gap change": lambda s: llo.gap_change("trained", s, group="sex", of="m", minus="v", time="year", base=2015),
    "trend": lambda s: llo.trend("hours", s, time="year", by="sex"),
    "crosstab": lambda s: llo.crosstab("education", "trained", s),
    "domain": lambda s: llo.mean("trained", s.where("age >= 30 & sex == 'm'").where("education != 'low'"), by="year"),
    "assigned": lambda s: llo.mean("old", s.assign(old="age >= 55 | hours > 1020"), by="sex"),
    "logit": lambda s: llo.glm("trained ~ education * sex", s, family="binomial"),
    "logit of a condition": lambda s: llo.glm("age >= 55 ~ C(year) + sex", s, family="binomial"),
    "linear": lambda s: llo.glm("hours ~ education + age", s.where("sex == 'm'")),
    "variance": lambda s: llo.variance(["age", "trained"], s, by="sex"),
    "correlation": lambda s: llo.correlation(["age", "trained"], s, by="education"),
    "rank gap": lambda s: llo.rank_gap("trained", s, rank="education"),
    "gini": lambda s: llo.decomposition.inequality("age", s, by="education", measure="gini"),
    "concentration": lambda s: llo.decomposition.inequality("age", s, rank="education", measure="concentration"),
    "ordered": lambda s: llo.ordered("education ~ sex + trained", s),
    "gelbach": lambda s: llo.decomposition.gelbach(
        "trained ~ sex + education + C(region)", s, focal="sex", groups={"a": ["education"], "b": ["C(region)"]}
    ),
    "blocks": lambda s: llo.decomposition.sequential("age ~ sex", s, focal="sex", blocks={"a": ["education"]}),
    "shapley": lambda s: llo.decomposition.shapley_r2("age ~ sex + education", s),
    "rif": lambda s: llo.decomposition.rif("age ~ education", s, group="sex", of="m", minus="v", measure="variance"),
    "reweighted": lambda s: llo.decomposition.reweight("age ~ education", s, group="sex", of="m", minus="v"),
    "joint": lambda s: both(s if isinstance(s, llo.Survey) else s.collapse(["trained", "sex"])),
    "calibrated": lambda s: llo.mean("trained", calibrated(s), by="sex"),
    "calibrated domain": lambda s: llo.gap(
        "hours", calibrated(s).where("age < 60"), group="sex", of="m", minus="v", by="year"
    ),
}


def both(svy: Any) -> Any:
    """Two results of one survey: a scan is collapsed once for both."""
    return llo.joint({"all": llo.mean("trained", svy), "sex": llo.mean("trained", svy, by="sex")})


def calibrated(svy: Any) -> Any:
    """Weights that meet two margins, by raking."""
    margin = pd.Series(300.0, index=pd.MultiIndex.from_product([range(2014, 2018), range(3)]))
    return llo.calibrate(svy, {("year", "region"): margin, "grown": {False: 1200.0, True: 2400.0}}, method="raking")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows in two files."""
    folder = tmp_path_factory.mktemp("scan")
    FRAME[:900].to_parquet(folder / "a.parquet")
    FRAME[900:].to_parquet(folder / "b.parquet")
    return folder / "*.parquet"


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("design", DESIGNS)
def test_a_scan_gives_the_numbers_of_a_survey(file: Path, design: str, call: str) -> None:
    roles = {"weights": "w", **DESIGNS[design]}
    if design == "elements" and call in ("change", "gap change", "trend"):
        pytest.skip("no waves in this design")
    svy = llo.Survey(FRAME, **roles).assign(grown="age >= 35")
    big = llo.scan(str(file), **roles, source={"restricted": False}).assign(grown="age >= 35")
    wanted, found = CALLS[call](svy), CALLS[call](big)
    same(found, wanted)
    assert found.meta["domain"] == wanted.meta["domain"]
    assert found.meta.get("left_out") == wanted.meta.get("left_out")


def same(found: Any, wanted: Any) -> None:
    """Rows, numbers and flags, and the covariance of all."""
    pd.testing.assert_frame_equal(found.to_frame(), wanted.to_frame(), **CLOSE)
    scale = np.sqrt(np.outer(np.diag(wanted.cov), np.diag(wanted.cov)))
    assert np.nanmax(np.abs(found.cov.to_numpy() - wanted.cov.to_numpy()) / np.where(scale > 0, scale, 1)) < 1e-11


@pytest.mark.parametrize("formula", ["hours ~ education", "wage ~ hours + sex", "trained ~ hours"])
def test_scripts_of_models_are_those_of_the_rows(file: Path, formula: str) -> None:
    """By sums and by passes: the response and regressors are of the file, of kinds that the script knows."""
    roles = {"weights": "w", **DESIGNS["psu"]}
    svy, big = llo.Survey(FRAME, **roles), llo.scan(str(file), **roles, source={"restricted": False})
    one, other = (llo.glm(formula, data).to_r(path="data.csv").splitlines() for data in (svy, big))
    assert [line for line in other if line not in one and "collapsed rows" not in line] == []
    assert [line for line in one if line not in other] == []

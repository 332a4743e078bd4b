"""A population, designs and calls on which collapsed rows are held to the rows that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo

COLUMNS = ["education", "training", "sex", "year", "region", "courses"]
NUMBERS = ["hours", "wage", "part"]
SEX = {True: 2500.0, False: 2600.0}
YEARS = {2019: 1700.0, 2020: 1800.0, 2021: 1600.0}
EDUCATION = {"low": 1500.0, "middle": 1600.0, "high": 1500.0}


def people(seed: int = 1, n: int = 1500) -> pd.DataFrame:
    """Persons in up to three years: categories, a number that is 0 or 1, numbers with decimals, missing values."""
    rng = np.random.default_rng(seed)
    pairs = pd.DataFrame({"person": rng.integers(0, n // 2, n), "year": rng.integers(2019, 2022, n)})
    frame = pairs.drop_duplicates().reset_index(drop=True)
    m = len(frame)
    education = np.array(["low", "middle", "high", None], dtype=object)[rng.choice(4, m, p=[0.3, 0.35, 0.3, 0.05])]
    hours = rng.gamma(2.0, 3.0, m)
    return frame.assign(
        stratum=np.array(list("abcd"))[frame["person"] % 4],
        moved=np.array(list("abcd"))[(frame["person"] + (rng.random(m) < 0.2)) % 4],
        psu=rng.integers(0, 12, m),
        size=np.array([900, 800, 700, 1000])[frame["person"] % 4],
        fraction=np.array([0.2, 0.5, 0.3])[frame["year"] - 2019],
        education=pd.Categorical(education, ["low", "middle", "high"], ordered=True),
        training=np.where(rng.random(m) < 0.04, np.nan, (rng.random(m) < 0.4) * 1.0),
        sex=rng.random(m) < 0.5,
        region=np.array(["noord", "zuid"])[rng.integers(0, 2, m)],
        hours=hours,
        wage=rng.gamma(3.0, 1.0, m) + 0.3 * hours,
        part=np.where(rng.random(m) < 0.1, np.nan, rng.random(m).round(1)),
        w=np.where(rng.random(m) < 0.03, 0.0, rng.uniform(0.5, 3.0, m)),
        equal=1.5,
        courses=(frame["person"] * 7 + frame["year"]) % 5 + 1,
    )


DESIGNS: dict[str, dict[str, Any]] = {
    "elements": {},
    "elements in strata": {"strata": "stratum"},
    "equal weights": {"strata": "stratum", "weights": "equal"},
    "fractions": {"strata": "stratum", "fpc": "size"},
    "psu": {"psu": "psu"},
    "psu in strata": {"strata": "stratum", "psu": "psu"},
    "persons of psus": {"strata": "stratum", "psu": ["psu"], "time": "year"},
    "panel": {"strata": "stratum", "unit": "person", "time": "year"},
    "waves": {"strata": ["year", "moved"], "unit": "person", "time": "year"},
    "waves with fractions": {"strata": ["year", "stratum"], "unit": "person", "time": "year", "fpc": "fraction"},
    "psus of waves": {"strata": ["year"], "psu": "psu", "time": "year", "nest": False},
}
GAP = {"group": "education", "of": "high", "minus": "low"}
SEXES = {"group": "sex", "of": True, "minus": False}
TIMES = {"time": "year", "base": 2019}


def raked(svy: llo.Survey) -> llo.Survey:
    """Calibrated to two margins."""
    return llo.calibrate(svy, {"sex": SEX, "year": YEARS}, method="raking")


CALLS: dict[str, Callable[[llo.Survey], Any]] = {
    "mean of yes and no": lambda s: llo.mean(["training", "sex"], s, by=["year", "education"]),
    "mean of levels": lambda s: llo.mean("education", s, by="sex"),
    "mean of a condition": lambda s: llo.mean("education == 'high' & year > 2019", s, by="region"),
    "mean of a number": lambda s: llo.mean("hours", s, by="education"),
    "mean of a number from 0 to 1": lambda s: llo.mean("part", s, by="year"),
    "means of available values": lambda s: llo.mean(["part", "training"], s, by="sex", missing="available"),
    "two numbers": lambda s: llo.mean(["hours", "wage"], s, by="year"),
    "share": lambda s: llo.share("education", s, by="year", interval="beta"),
    "share of a number of levels": lambda s: llo.share("training", s, interval="wilson"),
    "total": lambda s: llo.total(["training", "hours"], s, by="sex"),
    "ratio": lambda s: llo.ratio("hours", "wage", s, by="education"),
    "gap": lambda s: llo.gap("training", s, **GAP, by="year"),
    "gap of a number as a ratio": lambda s: llo.gap("hours", s, **GAP, scale="ratio"),
    "odds of two conditions": lambda s: llo.gap("training", s, of="year > 2020", minus="year < 2020", scale="odds"),
    "change": lambda s: llo.change("training", s, by="education", **TIMES),
    "change of a number": lambda s: llo.change("wage", s, **TIMES),
    "gap change": lambda s: llo.gap_change("hours", s, **GAP, **TIMES),
    "trend": lambda s: llo.trend("training", s, time="year", by="sex"),
    "crosstab": lambda s: llo.crosstab("education", "training", s),
    "crosstab test": lambda s: llo.crosstab("education", "sex", s, by="year").test("F"),
    "banner": lambda s: llo.banner(["training", "sex"], s, by=["education", "year"]),
    "domain": lambda s: llo.mean("training", s.where("year >= 2020 & sex"), by="education"),
    "contrast": lambda s: llo.mean("training", s, by="education").contrast("log(high / low)"),
    "ranks": lambda s: llo.ranks(llo.mean("training", s, by="education")),
    "joint": lambda s: llo.joint({"a": llo.mean("training", s, by="sex"), "b": llo.gap("hours", s, **GAP)}),
    "assigned": lambda s: llo.mean("late", s.assign(late="year > 2019 & sex"), by="education"),
    "few, raked": lambda s: llo.mean(["training", "hours"], raked(s), by="education"),
    "many, raked": lambda s: llo.mean("training", raked(s), by=["year", "education", "sex"]),
    "linear by year": lambda s: llo.mean(
        "training", llo.calibrate(s, {year: {"sex": SEX} for year in YEARS}, by="year"), by="sex"
    ),
    "poststratified": lambda s: llo.gap("training", llo.poststratify(s, {"sex": SEX}), **GAP),
    "linear model": lambda s: llo.glm("hours ~ education + C(year) + sex", s),
    "logit": lambda s: llo.glm("training ~ education * sex + year", s, family="logit"),
    "probit of a condition": lambda s: llo.glm("education == 'high' ~ sex + region", s, family="probit"),
    "margins": lambda s: llo.glm("training ~ education + sex", s, family="logit").margins(["sex"], by="region"),
    "test of a model": lambda s: llo.glm("training ~ education + sex", s, family="logit").test("sex", method="lr"),
    "quantiles": lambda s: llo.quantile("year", s, q=[0.3, 0.5], by="sex"),
    "quantile by another rule, raked": lambda s: llo.quantile(
        "year", raked(s), q=0.4, by="education", rule="hf6", interval="xlogit"
    ),
    "standardised": lambda s: llo.decomposition.standardise("training", s, cells=["education", "sex"], over="year"),
    "oaxaca": lambda s: llo.decomposition.oaxaca_blinder("training ~ education + C(year)", s, **SEXES),
    "oaxaca, threefold by region": lambda s: llo.decomposition.oaxaca_blinder(
        "training ~ education", s, **SEXES, kind="threefold", by="region", normalize=["education"]
    ),
    "oaxaca of a logit, raked": lambda s: llo.decomposition.oaxaca_blinder(
        "training ~ education + region", raked(s), **SEXES, family="logit", reference="minus"
    ),
    "oaxaca of a change": lambda s: llo.decomposition.oaxaca_change("training ~ education", s, **SEXES, **TIMES),
    "smith and welch": lambda s: llo.decomposition.oaxaca_change(
        "training ~ education", s, **SEXES, **TIMES, method="smith-welch"
    ),
    "variance": lambda s: llo.variance(["training", "courses"], s, by="region", missing="available"),
    "variance, raked": lambda s: llo.variance("courses", raked(s), by="sex"),
    "correlation": lambda s: llo.correlation(["training", "courses"], s, by="sex"),
    "covariance": lambda s: llo.covariance(["training", "courses", "education == 'high'"], s),
    "rank gap": lambda s: llo.rank_gap(["training", "courses"], s, rank="education", by="region"),
    "narrowing": lambda s: llo.narrowing(
        "training", s.where("year < 2021"), by="region", time="year", base=2019, **GAP
    ),
    "gini by sex": lambda s: llo.decomposition.inequality("courses", s, by="sex", measure="gini"),
    "theil, raked": lambda s: llo.decomposition.inequality("courses", raked(s)),
    "concentration": lambda s: llo.decomposition.inequality("courses", s, rank="education", measure="concentration"),
    "gelbach": lambda s: llo.decomposition.gelbach(
        "training ~ sex + education + region", s, focal="sex", groups={"a": ["education"], "b": ["region"]}
    ),
    "shapley": lambda s: llo.decomposition.shapley_r2("courses ~ sex + education + region", s),
    "blocks": lambda s: llo.decomposition.sequential(
        "training ~ sex", s, focal="sex", blocks={"a": ["education"], "b": ["region"]}
    ),
    "rif of a variance": lambda s: llo.decomposition.rif("courses ~ region + training", s, **SEXES, measure="variance"),
    "rif of a gini, raked": lambda s: llo.decomposition.rif("courses ~ education", raked(s), **SEXES, measure="gini"),
    "reweighted": lambda s: llo.decomposition.reweight(
        "courses ~ education + region", s, **SEXES, measures=["mean", "variance"], trim=0.01
    ),
    "doubly robust": lambda s: llo.decomposition.reweight("training ~ education", s, **SEXES, method="doubly-robust"),
    "ordered logit": lambda s: llo.ordered("education ~ sex + courses", s),
    "ordered margins, raked": lambda s: llo.ordered("education ~ sex", raked(s), link="probit").margins(["sex"]),
    "clusters": lambda s: llo.glm("hours ~ sex + training", s, vcov="cluster", cluster="region"),
    "two ways": lambda s: llo.glm("training ~ sex", s, family="logit", vcov="two-way", cluster=["year", "courses"]),
    "classical": lambda s: llo.glm("courses ~ sex + education", s, vcov="iid"),
    "ordered, classical": lambda s: llo.ordered("education ~ region", s, vcov="iid"),
    "logit, raked": lambda s: llo.glm("training ~ education + region", raked(s), family="logit"),
}


def survey(design: str, frame: pd.DataFrame | None = None, **further: Any) -> llo.Survey:
    """The survey of one of the designs."""
    return llo.Survey(people() if frame is None else frame, **{"weights": "w", **DESIGNS[design], **further})


def collapsed(svy: llo.Survey) -> llo.Survey:
    """The same, collapsed."""
    return svy.collapse(COLUMNS, numbers=NUMBERS, together=[("hours", "wage")])

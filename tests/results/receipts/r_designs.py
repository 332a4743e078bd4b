"""Surveys of every design and weighting that a script in R can begin with, and one that is drawn by chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo

N = 480
LEVELS = ["low", "middle", "high"]
REPLICATES = 8


def people(seed: int = 11) -> pd.DataFrame:
    """Clusters in strata, with what weighting needs."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"h": np.repeat(["A", "B", "C"], N // 3), "psu": np.arange(N) // 8, "w": rng.gamma(4, 25, N)})
    frame["education"] = pd.Categorical(rng.choice(LEVELS, N), LEVELS, ordered=True)
    frame["sex"], frame["age"] = rng.choice(["f", "m"], N), rng.choice(["young", "old"], N)
    frame["income"] = rng.gamma(2, 1000, N)
    frame["y"] = rng.gamma(2, 5, N) + frame["education"].cat.codes + frame["income"] / 2000
    frame["half"], frame["q"], frame["house"] = rng.integers(1, 3, N), rng.uniform(0.5, 2, N), np.arange(N) // 4
    frame["came"] = rng.random(N) < 0.55 + 0.1 * frame["education"].cat.codes
    frame["who"], frame["year"] = np.arange(N) % (N // 3), 2019 + np.arange(N) // (N // 3)
    frame["who_h"] = frame["who"] % 3
    for r in range(1, REPLICATES + 1):
        frame[f"rw{r}"] = frame["w"] * rng.choice([0.5, 1.5], N)
    return frame


def stages(seed: int = 12) -> pd.DataFrame:
    """Two stages with known sizes."""
    rng = np.random.default_rng(seed)
    rows = [
        (h, p, i, size, members, 5 / size)
        for h, size in (("A", 40), ("B", 60))
        for p, members in enumerate(rng.integers(10, 30, 5))
        for i in range(6)
    ]
    frame = pd.DataFrame(rows, columns=["h", "p", "i", "size", "members", "f1"])
    frame["f2"], frame["everybody"] = 6 / frame["members"], 1000
    n = len(frame)
    frame["y"], frame["w"], frame["age"] = rng.gamma(2, 5, n), rng.gamma(4, 2, n), rng.choice(["young", "old"], n)
    frame["sex"] = rng.choice(["f", "m"], n)
    return frame


def lonely(rule: str) -> llo.Survey:
    """A stratum with one cluster."""
    frame = people()
    frame.loc[frame["h"] == "C", "psu"] = 999
    return llo.Survey(frame, weights="w", strata="h", psu="psu", lonely_psu=rule)


def plain(frame: pd.DataFrame | None = None, **more: Any) -> llo.Survey:
    """The clusters in strata."""
    return llo.Survey(people() if frame is None else frame, weights="w", strata="h", psu="psu", **more)


def produced(method: str, **more: Any) -> llo.Survey:
    """A producer's replicate weights."""
    return llo.Survey(people(), weights="w", replicate_weights=f"rw[1-{REPLICATES}]", replicate_method=method, **more)


def zeros() -> llo.Survey:
    """Some people without weight, of whom less is known."""
    frame = people()
    frame.loc[np.arange(N) % 9 == 0, "w"] = 0.0
    frame.loc[frame["w"] == 0, "income"] = np.nan
    return plain(frame)


def halves() -> llo.Survey:
    """A question that half of the sample was asked."""
    frame = people()
    frame["w_half"] = np.where(frame["half"] == 1, 2 * frame["w"], np.nan)
    return plain(frame, item_weights={"y": "w_half"})


def proportional() -> llo.Survey:
    """Weights of mean 1."""
    frame = people()
    frame["w"] /= frame["w"].mean()
    return plain(frame, weight_kind="proportional")


def pairs() -> llo.Survey:
    """Two clusters in each stratum."""
    frame = people()
    frame["h"] = frame["psu"] // 2
    return plain(frame)


def designs() -> dict[str, llo.Survey]:
    """Designs without weighting steps."""
    one, two = people(), stages()
    made: dict[str, llo.Survey] = {
        "element": llo.Survey(one, weights="w"),
        "no weights": llo.Survey(one),
        "strata crossed": llo.Survey(one, weights="w", strata=["h", "sex"]),
        "clusters": llo.Survey(one, weights="w", psu="psu"),
        "strata and clusters": plain(),
        "labels that are not nested": plain(nest=False),
        "zero weights": zeros(),
        "proportional": proportional(),
        "fraction of elements": llo.Survey(two, fpc="everybody"),
        "one stage, counts": llo.Survey(two, strata="h", psu="p", fpc="size"),
        "two stages, counts": llo.Survey(two, strata="h", psu=["p", "i"], fpc=["size", "members"]),
        "two stages, fractions": llo.Survey(two, weights="w", strata="h", psu=["p", "i"], fpc=["f1", "f2"]),
        "two stages, one count": llo.Survey(two, weights="w", strata="h", psu=["p", "i"], fpc="size"),
        "two stages, one fraction": llo.Survey(two, weights="w", strata="h", psu=["p", "i"], fpc="f1"),
        "panel": llo.Survey(one, weights="w", unit="who", time="year", strata="who_h"),
        "waves": llo.Survey(one, weights="w", strata=["year", "h"], psu="house", time="year"),
        "asked of a half": halves(),
        "weight of a half": halves().use_weights("w_half"),
    }
    made |= {f"lonely: {rule}": lonely(rule) for rule in ("remove", "certainty", "average", "adjust")}
    return made


def replicated() -> dict[str, llo.Survey]:
    """Replicate weights of a producer, or made here."""
    made = {
        f"{m}, mse {mse}": produced(m, mse=mse)
        for m in ("jk1", "jk2", "brr", "bootstrap", "sdr")
        for mse in (False, True)
    }
    made |= {
        "fay": produced("fay", fay=0.3),
        "jkn": produced("jkn", replicate_rscales=list(np.linspace(0.3, 0.9, REPLICATES))),
        "scale": produced("jk1", replicate_scale=0.4),
        "made jk1": llo.replicate(llo.Survey(people(), weights="w", psu="psu"), "jk1"),
        "made jkn": llo.replicate(plain(), "jkn", mse=False),
        "made brr": llo.replicate(pairs(), "brr"),
        "made fay": llo.replicate(pairs(), "fay", fay=0.3),
        "made bootstrap": llo.replicate(designs()["two stages, counts"], "bootstrap", replicates=20, seed=2),
    }
    return made


def totals(svy: llo.Survey) -> dict[str, dict[Any, Any]]:
    """Totals near those of the sample."""
    frame, w = svy.frame, svy.weights.to_numpy()
    size = 1.02 * float(w.sum())

    def margin(names: Any) -> pd.Series:
        keys = [frame[name].astype(object) for name in names]
        sums = pd.Series(w).groupby(keys if len(keys) > 1 else keys[0], observed=True).sum()
        moved = sums * (1 + 0.05 * np.cos(np.arange(len(sums))))
        return moved / moved.sum() * size

    crossed = {"education": margin(["education"]), ("sex", "age"): margin(["sex", "age"])}
    income = 1.01 * size / float(w.sum()) * float((w * frame["income"].fillna(0)).sum())
    return {
        "crossed": crossed,
        "income": {**crossed, "income": income},
        "education": {"education": crossed["education"]},
    }


def errors(svy: llo.Survey) -> llo.EstimatedTotals:
    """Shares of another sample times a known population."""
    education = totals(svy)["education"]["education"]
    share = (education / education.sum()).to_numpy()
    cov = (np.diag(share) - np.outer(share, share)) * float(education.sum()) ** 2 / 300
    return llo.EstimatedTotals({"education": education}, cov)


def leaving(seed: int = 13) -> llo.Survey:
    """A panel that people leave, some of them to come back."""
    frame, rng = people(seed), np.random.default_rng(seed)
    frame = frame[(frame["year"] == 2019) | (rng.random(N) < 0.8)].reset_index(drop=True)
    there = set(zip(frame["who"], frame["year"], strict=True))
    frame["stays"] = [(who, year + 1) in there for who, year in zip(frame["who"], frame["year"], strict=True)]
    return llo.Survey(frame, weights="w", unit="who", time="year", strata="who_h")


def bounds(svy: llo.Survey) -> dict[str, float]:
    """Bounds of the weights that cut some."""
    mean = float(svy.weights[svy.weights != 0].mean())
    return {"lower": 0.3 * mean, "upper": 1.8 * mean}


def steps() -> dict[str, Callable[[llo.Survey], llo.Survey]]:
    """Weighting steps."""

    def by_half(svy: llo.Survey) -> llo.Survey:
        own = totals(svy)["crossed"]
        return llo.calibrate(svy, {1: own, 2: own}, by="half", method="raking")

    return {
        "linear": lambda s: llo.calibrate(s, totals(s)["income"]),
        "raking": lambda s: llo.calibrate(s, totals(s)["income"], method="raking"),
        "logit": lambda s: llo.calibrate(s, totals(s)["crossed"], method="logit", bounds=(0.3, 3)),
        "truncated": lambda s: llo.calibrate(s, totals(s)["crossed"], method="truncated", bounds=(0.94, 1.2)),
        "by half": by_half,
        "scale": lambda s: llo.calibrate(s, totals(s)["crossed"], method="raking", scale="q"),
        "one for a house": lambda s: llo.calibrate(s, totals(s)["income"], cluster="house", scale="q"),
        "poststratified": lambda s: llo.poststratify(s, {("sex", "age"): totals(s)["crossed"]["sex", "age"]}),
        "twice": lambda s: llo.calibrate(
            llo.calibrate(s, totals(s)["education"], method="raking"), totals(s)["income"]
        ),
        "trimmed": lambda s: llo.trim(s, **bounds(s)),
        "trimmed, total": lambda s: llo.trim(s, **bounds(s), preserve="total"),
        "trimmed, margins": lambda s: llo.trim(s, **bounds(s), preserve=["education", ("sex", "age")]),
        "trimmed, a number": lambda s: llo.trim(s, **bounds(s), preserve=["y"]),
        "response by class": lambda s: llo.adjust_nonresponse(s, "came", classes=["education", "sex"]),
        "response of all": lambda s: llo.adjust_nonresponse(s, "came"),
        "response by formula": lambda s: llo.adjust_nonresponse(s, "came", formula="C(education) + sex + y"),
        "parts": lambda s: llo.combine_parts(by_half(s), "half"),
        "response, raked, trimmed": lambda s: llo.trim(
            llo.calibrate(llo.adjust_nonresponse(s, "came", classes="sex"), totals(s)["crossed"], method="raking"),
            upper=350,
            preserve="total",
        ),
        "response, trimmed, raked": lambda s: llo.calibrate(
            llo.trim(llo.adjust_nonresponse(s, "came", formula="education * sex"), upper=300),
            totals(s)["crossed"],
            method="raking",
        ),
    }


def by_chance(seed: int) -> llo.Survey:
    """A design, steps and a domain composed at random."""
    rng = np.random.default_rng(seed)
    frame = people(100 + seed)
    if rng.random() < 0.3:
        frame.loc[rng.random(N) < 0.1, "w"] = 0.0
    options: dict[str, Any] = {"weights": "w"} if rng.random() < 0.9 else {}
    options |= [{"strata": "h"}, {"strata": ["h", "sex"]}, {}][int(rng.integers(3))]
    clusters = [{"psu": "psu"}, {"psu": ["psu", "house"]}, {}, {"psu": "psu", "nest": False}][int(rng.integers(4))]
    options |= {} if clusters.get("nest") is False and options.get("strata") == ["h", "sex"] else clusters
    svy = llo.Survey(frame, **options, lonely_psu=str(rng.choice(["remove", "average"])))
    units = "psu" in options and options.get("strata") != ["h", "sex"]  # in which houses lie as a whole
    fixed = {"truncated", "response, raked, trimmed"} | (set() if units else {"one for a house"})
    known = [name for name in steps() if name not in fixed]
    names = rng.choice(known, int(rng.integers(0, 4)), replace=False)
    first = rng.random() < 0.25
    if first:
        svy = llo.replicate(svy, "bootstrap", replicates=25, seed=seed)
    for name in names:
        svy = steps()[str(name)](svy)
    if not first and rng.random() < 0.2:
        svy = llo.replicate(svy, "bootstrap", replicates=25, seed=seed)
    conditions = ["age == 'young'", "income > 1500 & education >= 'middle'", "~(sex == 'f' | half == 1)"]
    return svy.where(str(rng.choice(conditions))) if rng.random() < 0.7 else svy

"""Proves that R prints the same coefficients of panel models from the scripts that results write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pytest import approx

import llo_research as llo
from tests.results.receipts.r_models import panel, worst
from tests.results.receipts.r_runs import in_r, r_with

# least squares by QR there, by Gram matrices here; pooled probits come near their solution by a factor a step
DIGITS = 1e-8
FORMULA = "y ~ x + education"
P = llo.panel


def check(found: dict[str, float]) -> None:
    assert not {name: size for name, size in found.items() if not size < DIGITS}


def by_vcov(fit: Callable[..., Any], svy: llo.Survey, name: str, formula: str = FORMULA, **own: Any) -> dict[str, Any]:
    """A model with every covariance."""
    ways: dict[str, dict[str, Any]] = {name: {} for name in ("design", "cluster", "driscoll-kraay", "hc1", "iid")}
    ways["two-way"] = {"cluster": ["who", "year"]}
    return {f"{name} {vcov}": fit(formula, svy, vcov=vcov, **how, **own) for vcov, how in ways.items()}


@r_with()
def test_every_covariance(tmp_path: Path) -> None:
    vary, same = panel(vary=True), panel()
    rows = by_vcov(P.fixed_effects, vary, "fixed") | by_vcov(P.fixed_effects, vary, "two", effects=("unit", "time"))
    rows |= by_vcov(P.between, vary, "between") | by_vcov(P.mundlak, vary, "mundlak", FORMULA + " + z")
    rows |= by_vcov(P.hybrid, vary, "hybrid", "y ~ x + C(year) + z")
    rows |= by_vcov(P.correlated_random_effects, vary, "correlated", "yes ~ x + z")
    rows["sectors"] = P.fixed_effects("y ~ x", vary, effects=("sector", "year"))
    rows["persons"] = P.fixed_effects("y ~ x", vary, vcov="cluster", cluster="who", effects=("unit", "time"))
    rows["condition"] = P.correlated_random_effects("y > 0.5 ~ x + z", vary, family="logit")
    units = by_vcov(P.first_difference, same, "differences") | by_vcov(
        P.random_effects, same, "random", FORMULA + " + z"
    )
    check(worst({"rows": (vary, rows), "units": (same, units)}, tmp_path))


@r_with()
def test_replicates_and_calibrated_designs(tmp_path: Path) -> None:
    vary, same = panel(vary=True), panel()
    totals = {"h": {"A": 9000.0, "B": 11000.0}}
    groups = {}
    for name, wide, long in (
        ("replicates", llo.replicate(vary, "bootstrap", replicates=30, seed=1), llo.replicate(same, "jkn")),
        ("calibrated", llo.calibrate(vary, totals, method="linear"), llo.calibrate(same, totals, method="linear")),
    ):
        rows = {
            "fixed": P.fixed_effects(FORMULA, wide),
            "two": P.fixed_effects(FORMULA, wide, effects=("unit", "time")),
            "between": P.between(FORMULA, wide),
            "mundlak": P.mundlak(FORMULA, wide),
            "hybrid": P.hybrid(FORMULA, wide.where("z > -1")),
            "correlated": P.correlated_random_effects("yes ~ x", wide),
        }
        units = {"differences": P.first_difference(FORMULA, long), "random": P.random_effects(FORMULA + " + z", long)}
        groups |= {f"{name} by row": (wide, rows), f"{name} by unit": (long, units)}
    check(worst(groups, tmp_path))


@r_with()
def test_conditional_likelihoods_and_ordered_levels(tmp_path: Path) -> None:
    same = panel()
    plain = by_vcov(P.conditional_logit, same, "conditional", "yes ~ x + education")
    plain["domain"] = P.conditional_logit("y > 0.5 ~ x", same.where("z > -1"))
    plain["levels"] = P.fixed_effects_ordered("education ~ x + y", same)
    plain["levels by cluster"] = P.fixed_effects_ordered("education ~ x + y", same, vcov="cluster", cluster="who")
    plain |= by_vcov(P.correlated_random_effects, same, "probit", "education ~ y + z", family="ordered")
    groups: dict[str, Any] = {"plain": (same, plain)}
    totals = {"h": {"A": 9000.0, "B": 11000.0}}
    for name, svy in {"replicates": llo.replicate(same, "jkn"), "calibrated": llo.calibrate(same, totals)}.items():
        own = {"means": P.correlated_random_effects("education ~ x + z", svy, family="ordered_logit")}
        own |= {"yes": P.conditional_logit("yes ~ x", svy), "levels": P.fixed_effects_ordered("education ~ x", svy)}
        groups[name] = (svy, own)
    check(worst(groups, tmp_path))


@r_with()
def test_margins_of_ordered_models_with_means(tmp_path: Path) -> None:
    same = panel()
    totals = {"h": {"A": 9000.0, "B": 11000.0}}
    surveys = {"plain": same, "replicates": llo.replicate(same, "jkn"), "calibrated": llo.calibrate(same, totals)}
    groups: dict[str, Any] = {}
    for name, svy in surveys.items():
        probit = P.correlated_random_effects("education ~ x + z + y", svy, family="ordered")
        own = {"slopes": probit.margins(["x", "z"]), "by": probit.margins("x", by="sector")}
        logit = P.correlated_random_effects("education ~ x + sector", svy, family="ordered_logit")
        own |= {"fixed": probit.margins("x", fixed=True), "levels": logit.margins("sector")}
        groups[name] = (svy, own | {"at": logit.margins(at={"x": [0.0, 1.0]}), "chances": probit.margins()})
    check(worst(groups, tmp_path))


@r_with()
def test_units_of_many_rows(tmp_path: Path) -> None:
    rng, units, rows = np.random.default_rng(2), 12, 60  # 1e17 answers with as many yeses
    who = np.repeat(np.arange(units), rows)
    frame = pd.DataFrame({"who": who, "year": np.tile(np.arange(rows), units), "w": rng.gamma(4, 1, units)[who]})
    frame["x"], frame["z"] = rng.normal(size=(2, len(frame)))
    frame["level"] = np.digitize(frame["x"] + rng.logistic(size=len(frame)) + who / units, [-1, 1])
    frame["yes"] = frame["level"] > 1
    svy = llo.Survey(frame, weights="w", unit="who", time="year")
    own = {"yes": P.conditional_logit("yes ~ x + z", svy), "levels": P.fixed_effects_ordered("level ~ x + z", svy)}
    check(worst({"long": (svy, own)}, tmp_path))


@r_with()
def test_poisson_with_effects(tmp_path: Path) -> None:
    vary = panel(vary=True)
    vary = vary.assign(count=lambda d: d["education"].cat.codes.astype(float))
    own = by_vcov(P.fixed_effects_poisson, vary, "one", "count ~ x + y")
    own |= by_vcov(P.fixed_effects_poisson, vary, "two", "count ~ x + y", effects=("unit", "time"))
    own["offset"] = P.fixed_effects_poisson("count ~ x", vary, effects=("unit", "time"), offset="z")
    own["domain"] = P.fixed_effects_poisson("y > 0.5 ~ x", vary.where("z > -1"), effects=("sector", "year"))
    groups: dict[str, Any] = {"plain": (vary, own)}
    totals = {"h": {"A": 9000.0, "B": 11000.0}}
    for name, svy in {"replicates": llo.replicate(vary, "jkn"), "calibrated": llo.calibrate(vary, totals)}.items():
        groups[name] = (
            svy,
            {
                "one": P.fixed_effects_poisson("count ~ x", svy),
                "two": P.fixed_effects_poisson("count ~ x", svy, effects=("unit", "time")),
            },
        )
    check(worst(groups, tmp_path))


@r_with()
def test_instruments(tmp_path: Path) -> None:
    vary = panel(vary=True)
    number = vary.frame.index.to_numpy()
    vary = vary.assign(push=lambda d: d["x"] + np.sin(number), pull=lambda d: d["x"] - np.cos(3 * number))
    own = by_vcov(P.fixed_effects_iv, vary, "over", "y ~ education + [x ~ push + pull]")
    own |= by_vcov(P.fixed_effects_iv, vary, "two", "y ~ [x ~ push]", effects=("unit", "time"))
    groups: dict[str, Any] = {"plain": (vary, own)}
    totals = {"h": {"A": 9000.0, "B": 11000.0}}
    for name, svy in {"replicates": llo.replicate(vary, "jkn"), "calibrated": llo.calibrate(vary, totals)}.items():
        groups[name] = (
            svy,
            {
                "over": P.fixed_effects_iv("y ~ education + [x ~ push + pull]", svy),
                "two": P.fixed_effects_iv("y ~ [x ~ push]", svy.where("z > -1"), effects=("unit", "time")),
            },
        )
    check(worst(groups, tmp_path))


@r_with()
def test_age_period_cohort(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"age": rng.choice(range(25, 51, 5), 600), "year": rng.choice(range(2005, 2021, 5), 600)})
    frame["psu"], frame["w"] = np.arange(600) // 6, rng.gamma(4, 20, 600)
    frame["h"] = np.where(frame["psu"] % 2, "A", "B")
    frame["y"] = (frame["age"] - 37) ** 2 / 100 + 0.1 * frame["year"] + rng.normal(size=600)
    svy = llo.Survey(frame, weights="w", strata="h", psu="psu")
    whole = P.age_period_cohort("y", svy, age="age", period="year")
    own = {"number": whole, "contrast": whole.contrast({"d": {whole.labels[0]: 1, whole.labels[5]: -2}})}
    own["condition"] = P.age_period_cohort("y > 202", svy.where("age < 50"), age="age", period="year")
    again = llo.replicate(svy, "jkn")
    more = {"replicates": P.age_period_cohort("y", again, age="age", period="year")}
    check(worst({"plain": (svy, own), "replicates": (again, more)}, tmp_path))


@r_with()
def test_margins_of_models_with_unit_means(tmp_path: Path) -> None:
    vary = panel(vary=True)
    groups = {}
    for name, svy in {
        "plain": vary,
        "calibrated": llo.calibrate(vary, {"h": {"A": 9000.0, "B": 11000.0}}, method="linear"),
        "replicates": llo.replicate(vary, "bootstrap", replicates=30, seed=1),
    }.items():
        probit = P.correlated_random_effects("yes ~ x + education + z", svy)
        own = {
            "slopes": probit.margins(["x", "education", "z"]),
            "fixed": probit.margins(["x"], fixed=True),
            "at": probit.margins(at={"education": ["low", "high"]}, by="h"),
            "linear": P.mundlak("y ~ x*education", svy).margins(["x"], by="sector"),
        }
        groups[name] = (svy, own)
    check(worst(groups, tmp_path))


@r_with()
def test_contrasts_and_joint_results(tmp_path: Path) -> None:
    svy = panel(vary=True)
    fixed, pooled = P.fixed_effects(FORMULA, svy, effects=("unit", "time")), P.mundlak(FORMULA, svy)
    linear = llo.glm("y ~ x", svy)
    results = {
        "contrast": fixed.contrast({"d": {"education[T.high]": 1, "education[T.middle]": -1}}),
        "joint": llo.joint({"fixed": fixed, "pooled": pooled, "linear": linear}),
        "of joint": llo.joint({"fixed": fixed, "linear": linear}).contrast({"d": {"fixed:x": 1, "linear:x": -1}}),
        "thresholds": llo.ordered("education ~ x", svy).contrast({"d": {"low|middle": 1, "middle|high": -1}}),
    }
    check(worst({"waves": (svy, results)}, tmp_path))


@r_with()
def test_omitted_variables(tmp_path: Path) -> None:
    svy = panel()
    path = tmp_path / "data.csv"
    svy.to_file(path)
    asked = {
        "linear": (llo.glm("y ~ x + education + z", svy), ["education", "z"], None),
        "fixed": (P.fixed_effects(FORMULA, svy, effects=("unit", "time")), ["education"], None),
        "differences": (P.first_difference(FORMULA, svy), ["education"], 0.9),
        "random": (P.random_effects(FORMULA + " + z", svy, vcov="cluster"), ["z"], None),
    }
    told = {
        name: P.omitted_variable_bias(fit, treatment="x", benchmark=own, r2_max=most)
        for name, (fit, own, most) in asked.items()
    }
    found = in_r({name: one.to_r(str(path)) for name, one in told.items()}, tmp_path)
    for name, one in told.items():
        answer, ours = found[name], one.to_frame()
        assert not isinstance(answer, str), (name, answer)
        assert answer["measure"].tolist() == ours["measure"].tolist()
        assert answer["estimate"].tolist() == approx(ours["estimate"].tolist(), rel=DIGITS, nan_ok=True), name


@r_with()
def test_event_time(tmp_path: Path) -> None:
    svy = panel()
    results = {
        "time": P.event_time("y ~ 1", svy, event="when", window=(-2, 2)),
        "yes and no": P.event_time(
            "y ~ x*education", svy.where("z > -1"), event="done", window=(-1, 2), vcov="cluster"
        ),
    }
    check(worst({"waves": (svy, results)}, tmp_path))


@r_with()
def test_pseudo_panels(tmp_path: Path) -> None:
    rng, n = np.random.default_rng(2), 1200
    frame = pd.DataFrame({"birth": rng.integers(0, 5, n), "year": rng.integers(0, 4, n), "w": rng.gamma(4, 20, n)})
    frame["psu"], frame["sex"] = np.arange(n) // 12, rng.choice(list("mv"), n)
    frame["h"] = np.where(frame["psu"] % 2, "A", "B")
    frame["x"] = frame["birth"] * frame["year"] / 2 + rng.normal(size=n)
    frame["u"] = (frame["birth"] - frame["year"]) ** 2 / 5 + rng.normal(size=n)
    frame["y"] = frame["x"] + frame["birth"] + rng.normal(size=n)
    svy = llo.Survey(frame, weights="w", strata="h", psu="psu", time="year")
    corrections = ("verbeek-nijman", "deaton", None)
    results = {f"{c}": P.pseudo_panel("y ~ x + u", svy, cohort="birth", correction=c) for c in corrections}
    results["crossed"] = P.pseudo_panel("y ~ x", svy, cohort=["birth", "sex"], vcov="cluster")
    again = llo.replicate(svy, "jkn")
    own = {vcov: P.pseudo_panel("y ~ x + u", again, cohort="birth", vcov=vcov) for vcov in ("design", "hc1")}
    check(worst({"plain": (svy, results), "replicates": (again, own)}, tmp_path))

"""Proves that R gives the same distributions, pairings and causal readings from the scripts that results write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from tests.results.receipts.decomposed import DESIGNS, GROUPS, furthest, people, replicated
from tests.results.receipts.r_runs import answers, in_r, r_with

of = llo.decomposition
# sums in another order, of Newton's steps to convergence
DIGITS = 1e-9
MODEL = "hours ~ age + C(education) + region"
WHO: dict[str, Any] = {"of": "sex == 'm' & age > 30", "minus": "sex == 'f' & age > 30"}


def agrees(results: dict[str, Any], svy: llo.Survey, folder: Path) -> None:
    """R prints the same numbers."""
    found = answers(results, svy, folder)
    off = {name: furthest(result, found[name]) for name, result in results.items()}
    print({name: f"{far:.0e}" for name, far in off.items()})
    assert max(off.values()) < DIGITS, off


@r_with()
@pytest.mark.parametrize("design", DESIGNS)
def test_recentered_influence_functions(design: str, tmp_path: Path) -> None:
    svy = DESIGNS[design]()
    results = {name: of.rif(MODEL, svy, **GROUPS, measure=name) for name in ("q50", "iqr", "variance", "gini", "mean")}
    results["by"] = of.rif(
        "hours ~ age + region", svy.where("hours > 3"), **GROUPS, by="h", measure="gini", reference="cotton"
    )
    named = {"who": ["age", "region"]}
    results["sums"] = of.rif(
        MODEL, svy, **GROUPS, measure="variance", normalize="education", subsets=named, reference=0.3
    )
    results["tail"] = of.rif(MODEL, svy, **WHO, measure="q10", detail=False, reference="of")
    results["shares"] = results["sums"].shares()
    agrees(results, svy, tmp_path)


@r_with()
def test_densities_are_those_of_density(tmp_path: Path) -> None:
    """R's own, whose `bw` is the standard deviation of the kernel, and which is binned: hence the digits."""
    svy = DESIGNS["clusters"]()
    made = of.rif(MODEL, svy, **GROUPS, measure="iqr")
    script = (
        'd <- na.omit(read.csv("data.csv")[c("hours", "age", "education", "region", "sex", "w")])\n'
        "at <- function(one, share) {\n"
        "  d <- d[d$sex == one, ]\n"
        "  d <- d[order(d$hours), ]\n"
        "  q <- function(s) d$hours[which(cumsum(d$w) / sum(d$w) >= s - 1e-10)[1]]\n"
        "  spread <- sqrt(weighted.mean((d$hours - weighted.mean(d$hours, d$w))^2, d$w))\n"
        "  bw <- 0.9 * min(spread, (q(0.75) - q(0.25)) / 1.349) * nrow(d)^-0.2\n"
        '  made <- density(d$hours, bw = bw, kernel = "epanechnikov", weights = d$w / sum(d$w), n = 2^15)\n'
        "  approx(made, xout = q(share))$y\n"
        "}\n"
        "answer <- data.frame(estimate = c(SIDES))\n"
    )
    sides = ", ".join(f'at("{GROUPS[side]}", {share})' for side in ("of", "minus") for share in (0.75, 0.25))
    svy.to_file(tmp_path / "data.csv")
    found = in_r({"densities": script.replace("SIDES", sides)}, tmp_path)["densities"]
    assert not isinstance(found, str), found
    assert np.ravel(made.meta["densities"]) == pytest.approx(found["estimate"].to_numpy(), rel=1e-4)


@r_with()
@pytest.mark.parametrize("design", DESIGNS)
def test_reweighting(design: str, tmp_path: Path) -> None:
    svy = DESIGNS[design]()
    many = of.reweight(MODEL, svy, **GROUPS, measures=["mean", "q50", "gini", "variance", "iqr"])
    results = {
        "many": many,
        "trimmed": of.reweight(MODEL, svy.where("hours > 3"), **GROUPS, trim=0.45, measures="q25"),
        "robust": of.reweight("training ~ age + C(education)", svy, **GROUPS, method="doubly-robust"),
        "robust, trimmed": of.reweight(MODEL, svy, **WHO, method="doubly-robust", trim=0.45),
        "shares": many.shares(),
        "contrast": many.contrast({"apart": {many.labels[4]: 1, many.labels[10]: -1}}),
    }
    results["of shares"] = results["robust"].shares().contrast({"apart": {"explained": 1, "unexplained": -1}})
    agrees(results, svy, tmp_path)


def elements() -> llo.Survey:
    """People drawn one by one in strata, who are dealt to the folds in order of what they say."""
    return llo.Survey(people(), weights="w", strata="h")


def in_letters() -> llo.Survey:
    """Units whose labels are text, in another order than R's own."""
    frame = people().assign(unit=lambda d: np.where(d["psu"] % 2, "é", "z") + d["psu"].astype(str))
    return llo.Survey(frame.assign(h=frame["h"].astype("category")), weights="w", strata="h", psu="unit")


def in_strata() -> llo.Survey:
    """A producer's replicate weights beside strata and units."""
    names = [f"rw{r}" for r in range(1, 31)]
    return llo.Survey(replicated().frame, weights="w", strata="h", replicate_weights=names, replicate_method="jk1")


FURTHER: dict[str, Callable[[], llo.Survey]] = {"elements": elements, "letters": in_letters, "in strata": in_strata}


@r_with()
@pytest.mark.parametrize("design", [*DESIGNS, *FURTHER])
def test_treatments(design: str, tmp_path: Path) -> None:
    svy = (DESIGNS | FURTHER)[design]()
    results = {
        "closed": of.gap_closing("hours ~ age + C(region)", svy, **GROUPS, intervene="training"),
        "condition": of.gap_closing(
            "training ~ age + C(region)", svy.where("age > 22"), **GROUPS, intervene="hours > 10", to=True, folds=3
        ),
        "levels": of.gap_closing("training ~ age", svy, **GROUPS, intervene="education", to="minus", folds=1),
        "a level": of.gap_closing("training ~ age", svy, **GROUPS, intervene="education", to="high", folds=2),
        "parts": of.four_parts("hours ~ age + C(education)", svy, **GROUPS, treatment="training"),
        "folds": of.four_parts("training ~ age", svy, of="sex == 'm'", minus="sex == 'f'", treatment="region", folds=4),
    }
    results["shares"], results["shares of four"] = results["closed"].shares(), results["parts"].shares()
    results["contrast"] = results["parts"].contrast({"apart": {"effect": 1, "baseline": -1}})
    agrees(results, svy, tmp_path)


@r_with()
@pytest.mark.parametrize("design", DESIGNS)
def test_pairs_by_rank(design: str, tmp_path: Path) -> None:
    svy = DESIGNS[design]().assign(
        old=lambda d: np.where(d["age"] > 40, 1.0, 0.0), many=lambda d: (d["visits"] > 1).astype(float)
    )
    model, short = "training ~ age + C(education) + region", "training ~ old + C(education)"
    fit = llo.glm(f"{short} + hours + sex", svy, family="logit")

    def fairlie(formula: str, data: llo.Survey, **options: Any) -> Any:
        return of.oaxaca_blinder(formula, data, **{**GROUPS, "family": "logit", "nonlinear": "fairlie", **options})

    results = {
        "minus": fairlie(model, svy, reference="minus"),
        "pooled": fairlie(model, svy, reference="pooled", subsets={"who": ["age", "region"]}),
        "normalized": fairlie(
            "training ~ age + C(education)", svy.where("age > 22"), reference="cotton", normalize="education"
        ),
        "probit": fairlie("training ~ age + C(education)", svy, family="probit", reference="of"),
        "poisson": fairlie("visits ~ age + hours", svy, family="poisson", reference=0.3),
        "alike": fairlie(short, svy, reference="neumark"),
        "by": fairlie("many ~ old + C(region)", svy, by="h"),
        "totals": fairlie(short, svy, detail=False),
        "fit": fairlie(short, svy, reference=fit),
    }
    assert results["alike"].meta["rows_alike"] and not results["minus"].meta["rows_alike"]
    results["shares"] = results["pooled"].shares()
    agrees(results, svy, tmp_path)


def test_folds_that_r_cannot_deal_are_told() -> None:
    svy = DESIGNS["clusters"]()
    closed = of.gap_closing("hours ~ age", svy, **GROUPS, intervene="training", seed=1)
    assert "numbers that Python draws" in closed.receipt()["programs"]["R"]["cannot"]
    weighted = llo.calibrate(elements(), {"sex": {"m": 50_000, "f": 45_000}})
    parts = of.four_parts("hours ~ age", weighted, **GROUPS, treatment="training", folds=2)
    assert "last digits are others" in parts.receipt()["programs"]["R"]["cannot"]
    assert "glm.fit" not in parts.to_r()


@r_with()
def test_several_together_and_plausible_values(tmp_path: Path) -> None:
    svy = DESIGNS["calibrated"]()
    rng = np.random.default_rng(1)
    drawn = {f"PV{m}": svy.frame["hours"] + rng.normal(size=len(svy)) for m in (1, 2)}
    svy = svy.assign(**drawn)
    closed = {**GROUPS, "intervene": "training"}
    parts = {
        "rif": of.rif("hours ~ age", svy, **GROUPS, measure="gini"),
        "median": of.rif("hours ~ age", svy, **GROUPS),
        "reweighted": of.reweight("hours ~ age", svy, **GROUPS, measures=["gini", "q50"]),
        "closed": of.gap_closing("hours ~ age", svy, **closed),
        "pairs": of.oaxaca_blinder("training ~ age + C(region)", svy, **GROUPS, family="logit", nonlinear="fairlie"),
    }
    results = {
        "joint": llo.joint(parts),
        "apart": llo.joint(parts).contrast({"apart": {"rif:gap": 1, "closed:closed": -1}}),
        "pv rif": of.rif("PV* ~ age", svy, **GROUPS, plausible=True),
        "pv reweighted": of.reweight("PV* ~ age", svy, **GROUPS, measures=["mean", "gini"], plausible=True).shares(),
        "pv closed": of.gap_closing("PV* ~ age", svy, **closed, plausible=True),
    }
    agrees(results, svy, tmp_path)

"""Proves that R gives the same decompositions of gaps from the scripts that results write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from tests.results.receipts.decomposed import DESIGNS, GROUPS, furthest
from tests.results.receipts.r_runs import answers, r_with

oaxaca = llo.decomposition.oaxaca_blinder
# R's glm.fit stops where the deviance no longer moves; of linear models all digits agree
LINEAR, NEWTON = 1e-10, 1e-8
# Fisher scoring of a probit ends linearly, a few steps after the deviance stands still
SCORING = 1e-7
MODEL = "training ~ age + C(education) + region"


def linear(svy: llo.Survey) -> dict[str, Any]:
    """Linear models, every reference."""
    out = {str(r): oaxaca(MODEL, svy, **GROUPS, reference=r) for r in ("of", "minus", "pooled", "neumark", "cotton")}
    out |= {str(r): oaxaca("hours ~ age", svy, **GROUPS, reference=r, detail=False) for r in ("reimers", 0.3)}
    out["by"] = oaxaca("hours ~ age + region", svy.where("hours > 3"), **GROUPS, by="h", kind="threefold")
    out["conditions"] = oaxaca(
        "age >= 40 ~ hours", svy, of="sex == 'm' & hours > 8", minus="sex == 'f' & hours > 8", reference="minus"
    )
    named = {"who": ["age", "region"]}
    out["subsets"] = oaxaca(MODEL, svy, **GROUPS, subsets=named, normalize="education")
    out["interaction"] = oaxaca("hours ~ age * C(education)", svy, **GROUPS, normalize="education")
    out["shares"] = out["subsets"].shares()
    return out


def nonlinear(svy: llo.Survey) -> dict[str, Any]:
    """Models with a link, Yun's weights."""
    out = {f"logit {r}": oaxaca(MODEL, svy, **GROUPS, family="logit", reference=r) for r in ("of", "pooled", "cotton")}
    out["logit threefold"] = oaxaca(MODEL, svy, **GROUPS, family="logit", kind="threefold", subsets={"a": ["age"]})
    out["poisson"] = oaxaca("visits ~ age + C(education)", svy, **GROUPS, family="poisson", reference=0.4)
    out["normalized"] = oaxaca(MODEL, svy, **GROUPS, family="logit", normalize=["education", "region"], by="h")
    return out


def probit(svy: llo.Survey) -> dict[str, Any]:
    """Models whose mean prediction is not the mean."""
    out = {f"probit {r}": oaxaca(MODEL, svy, **GROUPS, family="probit", reference=r) for r in ("minus", "neumark")}
    out["probit threefold"] = oaxaca("training ~ age", svy, **GROUPS, family="probit", kind="threefold", detail=False)
    return out


@r_with()
@pytest.mark.parametrize("design", DESIGNS)
def test_gaps(design: str, tmp_path: Path) -> None:
    svy = DESIGNS[design]()
    kinds: dict[Callable[[llo.Survey], dict[str, Any]], float] = {linear: LINEAR, nonlinear: NEWTON, probit: SCORING}
    made = {name: (result, digits) for kind, digits in kinds.items() for name, result in kind(svy).items()}
    found = answers({name: result for name, (result, _) in made.items()}, svy, tmp_path)
    off = {name: furthest(result, found[name]) for name, (result, digits) in made.items()}
    print({name: f"{far:.0e}" for name, far in off.items()})
    assert all(off[name] < digits for name, (_, digits) in made.items()), off

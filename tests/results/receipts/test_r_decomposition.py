"""Proves that R gives the same decompositions of gaps from the scripts that results write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.results.receipts.decomposed import DESIGNS, GROUPS, furthest
from tests.results.receipts.r_runs import answers, in_r, r_with

oaxaca = llo.decomposition.oaxaca_blinder
# R's glm.fit stops where the deviance no longer moves; of linear models all digits agree
LINEAR, NEWTON = 1e-10, 1e-8
# Fisher scoring of a probit ends linearly, a few steps after the deviance stands still
SCORING = 1e-7
# published with seven decimals
PRINTED = 6e-8
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
    kinds: dict[Callable[[llo.Survey], dict[str, Any]], float] = {linear: LINEAR}
    if design in ("clusters", "replicates"):  # the others differ in the covariance of totals alone
        kinds |= {nonlinear: NEWTON, probit: SCORING}
    made = {name: (result, digits) for kind, digits in kinds.items() for name, result in kind(svy).items()}
    found = answers({name: result for name, (result, _) in made.items()}, svy, tmp_path)
    off = {name: furthest(result, found[name]) for name, (result, digits) in made.items()}
    print({name: f"{far:.0e}" for name, far in off.items()})
    assert all(off[name] < digits for name, (_, digits) in made.items()), off


def delta(svy: llo.Survey) -> dict[str, Any]:
    """Classical errors, of linear models and others."""
    options: dict[str, Any] = {**GROUPS, "vcov": "delta"}
    kinds = (("gaussian", "of"), ("gaussian", "pooled"), ("logit", "cotton"), ("poisson", "neumark"), ("probit", 0.3))
    out = {f"{family} {r}": oaxaca(MODEL, svy, **options, family=family, reference=r) for family, r in kinds}
    out["by"] = oaxaca(MODEL, svy.where("hours > 4"), **options, family="logit", kind="threefold", by="h")
    first, second = out["by"].labels[3], out["by"].labels[-1]
    out["contrast"] = out["by"].contrast({"apart": {first: 1, second: -1}})
    return out


def fitted(svy: llo.Survey) -> dict[str, Any]:
    """Valued by a model of other people and further terms."""
    kinds = {"gaussian": {}, "logit": {"family": "binomial"}, "probit": {"family": "binomial", "link": "probit"}}
    out = {}
    for family, options in kinds.items():
        fit = llo.glm(f"{MODEL} + hours", svy.where("hours > 3"), **options)
        out[f"fit {family}"] = oaxaca(MODEL, svy, **GROUPS, reference=fit, family=family)
    return out


def trimmed(svy: llo.Survey) -> dict[str, Any]:
    """Categories that one group does not have, alone and crossed, until all are shared."""
    first = oaxaca("hours ~ age + C(education) + odd", svy, **GROUPS, support="trim", by="h")
    second = oaxaca("hours ~ age + C(education) * rare", svy, **GROUPS, support="trim", reference="of")
    assert min(first.meta["trimmed"].values()) > 0 and max(second.meta["trimmed"].values()) > 0
    return {"trim": first, "trim crossed": second}


def drawn(svy: llo.Survey) -> dict[str, Any]:
    """Plausible values as outcome and as regressor, contrasts and joint results."""
    of = llo.decomposition
    first = oaxaca("hours ~ age + C(education)", svy, **GROUPS)
    nested = of.gelbach("hours ~ age + C(education)", svy, focal="age", groups={"e": ["C(education)"]})
    out = {
        "outcome": oaxaca("PV* ~ age + C(education)", svy, **GROUPS, plausible=True),
        "regressor": oaxaca("hours ~ age + PV*", svy, **GROUPS, plausible=True, reference="of", by="h"),
        "gelbach": of.gelbach("hours ~ age + PV*", svy, focal="age", groups={"e": ["PV"]}, plausible=True),
        "shapley": of.shapley_r2("PV* ~ age + C(education)", svy, plausible=True),
        "standardise": of.standardise("PV*", svy, cells=["education", "region"], over="h", plausible=True),
        "difference": first.contrast({"d": {first.labels[3]: 1, first.labels[-1]: -1}}),
        "quotient": first.contrast({"d": f"`{first.labels[3]}` / `{first.labels[2]}`"}),
        "joint": llo.joint({"gap": first, "nested": nested, "mean": llo.mean("hours", svy)}),
    }
    out["shares"] = out["outcome"].shares()
    return out


@r_with("mitools")
@pytest.mark.parametrize("design", ["clusters", "replicates"])
def test_references_support_and_draws(design: str, tmp_path: Path) -> None:
    svy = DESIGNS[design]()
    rng, n = np.random.default_rng(3), len(svy)
    men = (svy.frame["sex"] == "m").to_numpy()
    there = np.arange(n)
    region = svy.frame["region"].to_numpy()
    odd = np.where(men & (there % 40 == 3), "men only", np.where(~men & (there % 50 < 2), "women only", region))
    high = men & (svy.frame["education"] == "high").to_numpy() & (region == "south")
    values = {f"PV{i}": svy.frame["hours"] * 3 + 4 * rng.normal(size=n) for i in range(1, 5)}
    svy = svy.assign(odd=odd, rare=np.where(high, "north", region), **values)
    made = {**fitted(svy), **trimmed(svy), **drawn(svy), **(delta(svy) if design == "clusters" else {})}
    found = answers(made, svy, tmp_path)
    off = {name: furthest(result, found[name]) for name, result in made.items()}
    print({name: f"{far:.0e}" for name, far in off.items()})
    assert max(off.values()) < NEWTON, off


@r_with()
def test_published_numbers(reference_dir: Path, tmp_path: Path) -> None:
    """The scripts themselves print what was published (Jann 2008; Gelbach's b1x2), whatever we compute."""
    known = pd.read_csv(reference_dir / "decomposition" / "expected.csv").set_index(["case", "stat", "term"])["value"]
    frame = pd.read_csv(reference_dir / "decomposition" / "oaxaca_slms1998.csv")
    frame = frame[frame["lnwage"].notna()].assign(one=1.0)
    plain = llo.Survey(frame, weights="one")
    wages: dict[str, Any] = {"group": "female", "of": 0, "minus": 1, "detail": False}
    model = "lnwage ~ educ + exper + tenure"
    made = {
        "jann_threefold": oaxaca(model, plain, **wages, kind="threefold", vcov="delta"),
        "jann_pooled_design": oaxaca(model, plain, **wages),
        "jann_pooled_wt": oaxaca(model, llo.Survey(frame, weights="wt"), **wages),
    }
    made |= {
        f"jann_twofold_{r}": oaxaca(model, plain, **wages, reference=r) for r in ("of", "minus", "cotton", "neumark")
    }
    frame.to_csv(tmp_path / "data.csv", index=False)
    nested = pd.read_csv(reference_dir / "decomposition" / "gelbach.csv").assign(one=1.0)
    nested.to_csv(tmp_path / "nested.csv", index=False)
    groups = {"g1": ["x21", "x22"], "g2": ["x23"]}
    blocks = llo.decomposition.gelbach(
        "y ~ x1 + x21 + x22 + x23", llo.Survey(nested, weights="one"), focal="x1", groups=groups
    )
    scripts = {name: result.to_r(str(tmp_path / "data.csv")) for name, result in made.items()}
    found = in_r({**scripts, "gelbach": blocks.to_r(str(tmp_path / "nested.csv"))}, tmp_path)
    checked = 0
    for name in made:
        answer = found[name]
        assert isinstance(answer, pd.DataFrame), answer
        for (stat, term), value in known[name].items():
            if ":" in term:
                continue
            column = "std_error" if stat.startswith("std_error") else "estimate"
            assert abs(answer.set_index("component")[column][term] - float(value)) < PRINTED, (name, stat, term)
            checked += 1
    assert checked == 22
    table = found["gelbach"]
    assert isinstance(table, pd.DataFrame), table
    assert np.allclose(table["estimate"][2:], [3.439520, 2.432692, 1.006828], atol=5e-7)


@r_with()
def test_functions_that_learn_from_the_rows(tmp_path: Path) -> None:
    """Polynomials, and columns less their mean: what they learn comes from the rows of both groups."""
    svy = DESIGNS["clusters"]()
    known = svy.where("age > 25")
    made = {
        "scaled": oaxaca("hours ~ scale(age) + education", known, **GROUPS),
        "polynomial": oaxaca("hours ~ poly(age, 2) + education", svy, **GROUPS),
        "centred": llo.decomposition.gelbach(
            "hours ~ sex + center(age) + education",
            svy,
            focal="sex",
            groups={"age": ["center(age)"], "education": ["education"]},
        ),
    }
    found = answers(made, svy, tmp_path)
    assert {name: far for name in made if (far := furthest(made[name], found[name])) > LINEAR} == {}

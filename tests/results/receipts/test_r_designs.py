"""Proves that R has the same weights, standard errors and degrees of freedom for every design and weighting step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import llo_research as llo
from tests.results.receipts import r_designs
from tests.results.receipts.r_runs import differences, in_r, r_with

pytestmark = pytest.mark.filterwarnings("ignore::llo_research.LloWarning")  # weights that are all 1

# R sums in another order; iterations stop at a relative miss of 1e-12 in a total, which an estimate magnifies
DIGITS = 1e-9
# weights relative to the largest
WEIGHTS = 1e-9
_BY_CHANCE = 20
_WITH_WEIGHTS = '\nanswer <- data.frame(answer, weight_in_r = as.numeric(weights(design, "sampling")))\n'
# survey before 4.2 does not centre totals under lonely.psu = "adjust"; 4.5 gives ours (docs/decisions/0004)
_NOT_HERE = {("lonely: adjust", "total")}


def check(surveys: Mapping[str, llo.Survey], folder: Path) -> None:
    """Mean (with all weights) and total of each survey in R, in one session."""
    results, scripts = {}, {}
    for number, (name, svy) in enumerate(surveys.items()):
        path = folder / f"data {number}.csv"
        svy.to_file(path)
        kinds = ["mean", "total"] if svy.weight_kind == "expansion" else ["mean"]
        for kind in kinds:
            results[name, kind] = getattr(llo, kind)("y", svy)
            scripts[f"{name}/{kind}"] = results[name, kind].to_r(str(path)) + _WITH_WEIGHTS * (kind == "mean")
    found = in_r(scripts, folder)
    wrong = {}
    for (name, kind), result in results.items():
        answer = found[f"{name}/{kind}"]
        if isinstance(answer, str):
            wrong[name, kind] = answer
            continue
        if kind == "mean":
            weights = result_weights(surveys[name], result)
            there = answer["weight_in_r"].to_numpy()[: len(weights)]
            off = np.abs(there - weights).max() / weights.max()
            if off > WEIGHTS:
                wrong[name, "weights"] = f"{off:.2e}"
            answer = answer.head(1)
        most = differences(result, answer)
        if max(most.values()) > DIGITS and (name, kind) not in _NOT_HERE:
            wrong[name, kind] = str(most)
    assert not wrong, "\n".join(f"{key}: {value}" for key, value in wrong.items())


def result_weights(svy: llo.Survey, result: llo.Result) -> np.ndarray:
    """The weights of the call: those of the survey, or of the half that was asked."""
    name = result.meta["weight"]
    own = svy if name in (None, svy.weights.name) else svy.use_weights(name)
    return own.weights.to_numpy()


@r_with()
def test_designs(tmp_path: Path) -> None:
    check(r_designs.designs(), tmp_path)


@r_with()
def test_replicate_weights(tmp_path: Path) -> None:
    check(r_designs.replicated(), tmp_path)


@r_with()
@pytest.mark.parametrize("kind", ["sampled", "zero weights", "replicate weights", "replicated afterwards"])
def test_weighting_steps(kind: str, tmp_path: Path) -> None:
    """Weights, standard errors and degrees of freedom after each step."""
    start = {
        "sampled": r_designs.plain,
        "zero weights": r_designs.zeros,
        "replicate weights": lambda: llo.replicate(r_designs.plain(), "bootstrap", replicates=12, seed=4),
        "replicated afterwards": r_designs.plain,
    }[kind]()
    narrow = {"truncated"} if kind == "replicate weights" else set()
    made = {name: step(start) for name, step in r_designs.steps().items() if name not in narrow}
    if kind == "replicated afterwards":
        made = {name: llo.replicate(made[name], "bootstrap", replicates=12, seed=4) for name in ("twice", "parts")}
    check(made, tmp_path)


@r_with()
def test_estimated_totals(tmp_path: Path) -> None:
    """V + B' cov B, from rows without weight that carry the errors of the totals."""
    svy, two = r_designs.plain(), r_designs.designs()["two stages, counts"]
    size = float(two.weights.sum())
    sexes = llo.EstimatedTotals(
        {"sex": {"f": size / 2, "m": size / 2}}, (0.01 * size) ** 2 * np.array([[1, -1], [-1, 1]])
    )
    known = r_designs.totals(svy)["education"]
    made = {
        "linear": llo.calibrate(svy, r_designs.errors(svy)),
        "by half": llo.calibrate(svy, {1: r_designs.errors(svy), 2: known}, by="half", method="raking"),
        "two stages": llo.calibrate(two, sexes),
    }
    made["then known ones"] = llo.calibrate(made["linear"], r_designs.totals(svy)["income"])
    check(made, tmp_path)
    plain = llo.mean("y", llo.calibrate(svy, known)).std_error[0]
    assert llo.mean("y", made["linear"]).std_error[0] > 1.001 * plain, (
        "the covariance of the totals makes no difference"
    )


@r_with()
def test_steps_that_are_no_regression(tmp_path: Path) -> None:
    """Attrition; clusters of a calibration that lie in several sampling units; both before other steps."""
    panel, svy = r_designs.leaving(), llo.Survey(r_designs.people(), weights="w", strata="h")
    weigh, formula = llo.panel.attrition_weights, "stays ~ C(year) + income + education"
    known = r_designs.totals(svy)
    replicated = llo.replicate(panel, "bootstrap", replicates=12, seed=5)
    made = {
        "attrition": weigh(formula, panel),
        "attrition, replicates": weigh(formula, replicated),
        "houses in several units": llo.calibrate(svy, known["income"], cluster="house", scale="q", method="raking"),
    }
    made["attrition, raked"] = llo.calibrate(made["attrition"], known["education"], method="raking")
    made["houses, trimmed"] = llo.trim(made["houses in several units"], upper=250, preserve=["sex"])
    check(made, tmp_path)


@r_with()
def test_stacks(tmp_path: Path) -> None:
    """Steps of one survey of a stack leave the rows of the others alone."""
    one, two = r_designs.plain(), r_designs.designs()["two stages, counts"]
    small = llo.Survey(r_designs.stages(), weights="w")
    step = r_designs.steps()
    made = {name: llo.stack({"a": step[name](one), "b b": two}) for name in ("raking", "trimmed, total", "parts")}
    made |= {
        name: llo.stack({"b": llo.trim(small, upper=12), "a": step[name](one)})
        for name in ("response by class", "response by formula", "trimmed, margins", "scale", "one for a house")
    }
    made["replicates"] = llo.stack(
        {
            "a": llo.replicate(one, "bootstrap", replicates=12, seed=6),
            "b": r_designs.produced("jk1"),
        }
    )
    check(made, tmp_path)


@r_with()
def test_results_of_a_stack_of_replicates(tmp_path: Path) -> None:
    """Rows of one survey, of both, side by side, and models: R builds weights from those of the own survey."""
    svy = llo.stack(
        {
            "a": llo.replicate(r_designs.plain(), "bootstrap", replicates=12, seed=6),
            "b": r_designs.produced("jk1"),
            "c": r_designs.produced("brr"),
        }
    )
    two = svy.where("survey in ['a', 'b']")
    results = {
        "by survey": llo.mean("y", svy, by="survey"),
        "some": llo.mean("y", two.where("income > 1500")),
        "joint": llo.joint({"all": llo.mean("y", svy), "gap": llo.gap("y", svy, group="sex", of="f", minus="m")}),
        "contrast": llo.mean("y", svy, by="survey").contrast("b - a"),
        "model": llo.glm("y ~ income", two),
        "models": llo.joint({"one": llo.glm("y ~ income", two), "other": llo.mean("y", svy)}),
        "margins": llo.glm("came ~ income", two, family="binomial").margins(["income"]),
        "apart": llo.decomposition.oaxaca_blinder("y ~ income", two, group="survey", of="a", minus="b"),
    }
    path = tmp_path / "data.csv"
    svy.to_file(path)
    found = in_r({name: result.to_r(str(path)) for name, result in results.items()}, tmp_path)
    apart = {name: differences(result, found[name]) for name, result in results.items()}
    assert {name: one for name, one in apart.items() if max(one.values()) > DIGITS} == {}


@r_with()
def test_designs_composed_by_chance(tmp_path: Path) -> None:
    check({f"seed {seed}": r_designs.by_chance(seed) for seed in range(_BY_CHANCE)}, tmp_path)

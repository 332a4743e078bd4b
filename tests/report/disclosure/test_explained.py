"""Proves that models, decompositions, ratios and contrasts count as numbers about the people whom they explain."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide
from llo_research.results.result import Result
from tests.report.disclosure.test_differences import people, rules_of, survey

OAXACA = llo.decomposition.oaxaca_blinder
SIDES = {"group": "sex", "of": "m", "minus": "f"}
FEW, MANY = 3, 40  # persons without an answer, or left out


def with_missing(k: int) -> pd.DataFrame:
    """The people, of whom the first k did not say `z`."""
    frame = people()
    rng = np.random.default_rng(2)
    frame["sex"] = rng.choice(["m", "f"], len(frame))
    frame["z"] = np.where(np.arange(len(frame)) < k, np.nan, rng.normal(size=len(frame)))
    frame["id"] = np.arange(len(frame))
    return frame


def found(results: dict[str, Result]) -> set[str]:
    """The rules that are broken together, of results that pass alone."""
    return rules_of(results) & {"difference", "secondary"}


@pytest.mark.parametrize(("k", "rules"), [(1, {"difference"}), (FEW, {"difference"}), (MANY, set())])
@pytest.mark.parametrize("beside", ["model", "mean"])
def test_models_of_nearly_the_same_people(k: int, rules: set[str], beside: str) -> None:
    svy = survey(with_missing(k))
    other = llo.glm("income ~ age", svy) if beside == "model" else llo.mean("income", svy)
    assert found({"few": llo.glm("income ~ age + z", svy), "all": other}) == rules


@pytest.mark.parametrize("left", ["yes", "log(income)"])
def test_models_of_a_share_and_of_what_is_made_of_a_column(left: str) -> None:
    svy = survey(with_missing(FEW))
    mean = llo.mean("yes" if left == "yes" else "income", svy)
    assert found({"model": llo.glm(f"{left} ~ age + z", svy), "mean": mean}) == {"difference"}
    assert not found({"model": llo.glm(f"{left} ~ age + z", svy), "mean": llo.mean("other", svy)})


def test_the_mean_of_what_is_explained_does_not_leave(tmp_path: Path) -> None:
    svy = survey(with_missing(MANY))
    llo.report.export({"m": llo.glm("income ~ age + z", svy)}, tmp_path / "out")
    meta = json.loads((tmp_path / "out" / "m.json").read_text("utf-8"))["meta"]
    assert "mean_y" not in meta and meta["nobs"] == len(svy) - MANY
    own = tmp_path / "own.toml"
    rules = "units = 10\ncomplement = 10\nlargest_share = 0.5\n[export]\nrounding = 50\n"
    own.write_text(f"[rules.restricted]\n{rules}", "utf-8")
    llo.report.export({"m": llo.glm("income ~ age + z", svy)}, tmp_path / "rounded", str(own))
    meta = json.loads((tmp_path / "rounded" / "m.json").read_text("utf-8"))["meta"]
    assert meta["nobs"] % 50 == 0 and meta["nobs"] != len(svy) - MANY


@pytest.mark.parametrize(("k", "rules"), [(1, {"difference"}), (MANY, set())])
def test_decompositions_beside_means(k: int, rules: set[str]) -> None:
    svy = survey(with_missing(k))
    whole, means = OAXACA("income ~ age", svy, **SIDES), llo.mean("income", svy, by="sex")
    assert found({"o": OAXACA("income ~ age + z", svy, **SIDES), "m": means}) == rules
    assert not found({"o": whole, "m": means})
    assert found({"o": whole, "m": llo.mean("income", svy.where(f"id >= {k}"), by="sex")}) == rules
    rif = llo.decomposition.rif("income ~ age", svy, **SIDES, measure="mean")
    assert found({"o": rif, "m": llo.mean("income", svy.where(f"id >= {k}"), by="sex")}) == rules


@pytest.mark.parametrize(("k", "rules"), [(1, {"difference"}), (MANY, set())])
@pytest.mark.parametrize("of", ["income", "age", "squared"])
def test_ratios_and_functions_beside_means_of_all_but_a_few(k: int, rules: set[str], of: str) -> None:
    frame = with_missing(k)
    frame["squared"] = frame["income"] ** 2
    svy = survey(frame)
    every = llo.variance("income", svy) if of == "squared" else llo.ratio("income", "age", svy)
    results = {"all": every, "mean": llo.mean("income" if of == "squared" else "age", svy)}
    assert not found(results)
    assert found({**results, "but": llo.mean(of, svy.where(f"id >= {k}"))}) == rules


@pytest.mark.parametrize(("k", "rules"), [(FEW, {"difference"}), (MANY, set())])
def test_a_contrast_of_nearly_the_same_people(k: int, rules: set[str]) -> None:
    svy = survey(with_missing(k))
    both = llo.joint({"a": llo.mean("yes", svy), "b": llo.mean("yes", svy.where(f"id >= {k}"))})
    apart = both.contrast({"a": len(svy), "b": k - len(svy)})
    assert set(decide({"c": apart}).findings["rule"]) == rules
    decision = decide({"j": both, "c": apart})
    assert set(decision.findings["rule"]) == rules and bool(decision.hidden["c"].all()) == bool(rules)


def test_a_contrast_of_a_row_that_is_withheld() -> None:
    frame = with_missing(MANY)
    frame.loc[(frame["region"] == "H") & (np.cumsum(frame["region"] == "H") > FEW), "yes"] = 0
    shares = llo.mean("yes", survey(frame), by="region")
    decision = decide({"m": shares, "h": shares.contrast({"H": 2}), "a": shares.contrast({"A": 1, "B": -1})})
    assert decision.hidden["h"].all() and not decision.hidden["a"].any()


def test_a_contrast_of_a_row_that_is_withheld_beside_another() -> None:
    frame = with_missing(MANY)
    few = frame["region"].eq("H") & (frame["region"].eq("H").cumsum() > FEW)
    frame.loc[few, "region"] = "G"  # three persons of H are left: another region must go beside the total
    svy = survey(frame)
    shares = llo.mean("yes", svy, by="region")
    joint = llo.joint({"m": shares, "all": llo.mean("yes", svy)})
    names = [label for label in joint.labels if "all" not in label]
    twice = shares.contrast({f"twice {label}": {label: 2} for label in shares.labels})
    again = joint.contrast({f"twice {label}": {label: 2} for label in names})
    hidden = decide({"j": joint, "twice": twice, "again": again}).hidden
    gone = hidden["j"][[label in names for label in joint.labels]]
    assert 2 <= gone.sum() < len(gone)
    assert (hidden["twice"] == gone).all() and (hidden["again"] >= gone).all()


def test_a_table_with_one_rare_level_keeps_most_of_its_cells() -> None:
    frame = people()
    frame.loc[:2, "region"] = "town"  # of three persons
    table = llo.crosstab("region", "edu", survey(frame))
    hidden = decide({"t": table, **{of: shares() for of, shares in table.conditional.items()}}).hidden
    assert all(3 <= own.sum() <= len(own) / 2 for own in hidden.values())


@pytest.mark.parametrize("model", ["fixed_effects", "conditional_logit", "first_difference", "fixed_effects_poisson"])
@pytest.mark.parametrize(("k", "hidden"), [(4, True), (60, False)])
def test_numbers_that_change_for_few_people_only(model: str, k: int, hidden: bool) -> None:
    rng = np.random.default_rng(3)
    pid, wave = np.repeat(np.arange(300), 3), np.tile([1, 2, 3], 300)
    frame = pd.DataFrame({"pid": pid, "wave": wave, "w": 1.0, "yes": rng.integers(0, 2, 900)})
    frame["income"] = rng.lognormal(7.5, 0.4, 900).round()
    frame["hours"] = rng.normal(size=900)
    frame["hourly"] = np.where(pid < k, frame["hours"], 20 + pid // 2)  # for all others the same in each wave
    svy = llo.Survey(frame, weights="w", unit="pid", time="wave")
    left = "yes" if model == "conditional_logit" else "income"
    fit = getattr(llo.panel, model)(f"{left} ~ hourly + hours", svy)
    gone = dict(zip(fit.labels, decide({"m": fit}).hidden["m"], strict=True))
    assert gone["hourly"] == hidden and hidden >= gone["hours"]
    assert k / 2 < fit.cells["n_nonzero"].iloc[0] <= k  # whose answer changes as well, in a conditional logit


def test_a_model_of_a_rare_answer_leaves_where_enough_gave_it() -> None:
    frame = pd.concat([people()] * 8, ignore_index=True)
    frame["rare"] = (np.arange(len(frame)) % 25 == 0).astype(int)
    svy = survey(frame)
    assert not decide({"fit": llo.glm("rare ~ age", svy, family="binomial")}).hidden["fit"].any()
    assert decide({"share": llo.share("rare", svy)}, "strict").hidden["share"].all()  # 4 % of them all
    frame["rare"] = (np.arange(len(frame)) % 600 == 0).astype(int)
    few = decide({"fit": llo.glm("rare ~ age", survey(frame), family="binomial")})
    assert few.hidden["fit"].all() and "complement" in set(few.findings["rule"])

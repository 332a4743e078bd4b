"""Every estimator has a script for each program and a receipt; one that says nothing is left out prints every row."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.monitor.figures import said_once
from llo_research.results.receipts.r import write as r
from llo_research.results.receipts.spss import write as spss
from llo_research.results.receipts.stata import write as stata
from llo_research.results.receipts.told import told_of
from tests.results.receipts import golden
from tests.results.receipts.r_runs import answers, differences, r_with

_P, _D = llo.panel, llo.decomposition
_SEX = golden.decomposed.GROUPS
_SINCE: dict[str, Any] = {"time": "year", "base": 2011}
# what golden.py has no file of: further options, tests, and tables of several results
OTHERS: dict[str, Callable[[], Any]] = {
    "covariance": lambda: llo.covariance(["hours", "age"], golden.clusters()),
    "quantile by rule": lambda: llo.quantile("hours", golden.clusters(), q=0.5, rule="school", interval="xlogit"),
    "share likelihood": lambda: llo.share("education", golden.clusters(), interval="likelihood"),
    "mean joint ends": lambda: llo.mean("hours", golden.clusters(), by="sex", simultaneous=True, level=0.9),
    "plausible condition": lambda: llo.mean("PV* > 50", golden.recorded(), by="education", plausible=True),
    "plausible model": lambda: llo.glm("PV* ~ education", golden.recorded(), plausible=True),
    "joint contrast": lambda: llo.joint(
        {"a": llo.mean("hours", golden.clusters()), "b": llo.mean("age", golden.clusters())}
    ).contrast({"a": 1, "b": -1}),
    "equivalence": lambda: llo.gap("hours", golden.clusters(), **_SEX).equivalence(2.0),
    "banner": lambda: llo.banner(["hours", "training"], golden.clusters(), by=["sex", "education"]),
    "glm probit": lambda: llo.glm("training ~ age", golden.clusters(), family="binomial", link="probit"),
    "glm gamma": lambda: llo.glm("hours ~ age", golden.clusters(), family="gamma", link="log"),
    "glm condition": lambda: llo.glm("(hours > 30) ~ age", golden.clusters(), family="binomial"),
    **{
        f"glm {vcov}": lambda vcov=vcov, more=more: llo.glm("hours ~ age", golden.panel(), vcov=vcov, **more)
        for vcov, more in {
            "hc1": {},
            "iid": {},
            "driscoll-kraay": {},
            "two-way": {"cluster": ["person", "year"]},
            "wild": {"seed": 1, "draws": 99},
        }.items()
    },
    "logit two-way": lambda: llo.glm(
        "training ~ age", golden.panel(), family="binomial", vcov="two-way", cluster=["person", "year"]
    ),
    "margins by": lambda: llo.glm("hours ~ age + region", golden.clusters()).margins("age", by="region"),
    "margins at": lambda: llo.glm("hours ~ age + region", golden.clusters()).margins(at={"region": ["north"]}),
    "margins of text": lambda: llo.glm("hours ~ age + region", golden.clusters()).margins("region"),
    "margins ordered": lambda: llo.ordered("education ~ age", golden.clusters()).margins("age"),
    "first_difference cluster": lambda: _P.first_difference("hours ~ age", golden.panel(), vcov="cluster"),
    "between hc1": lambda: _P.between("hours ~ age", golden.panel(), vcov="hc1"),
    "random_effects iid": lambda: _P.random_effects("hours ~ age", golden.panel(), vcov="iid"),
    "hybrid": lambda: _P.hybrid("hours ~ age", golden.panel()),
    "correlated_random_effects": lambda: _P.correlated_random_effects("training ~ age", golden.panel()),
    "conditional_logit": lambda: _P.conditional_logit("training ~ age", golden.panel()),
    "fixed_effects_ordered": lambda: _P.fixed_effects_ordered(
        "scale ~ age", golden.panel().assign(scale=lambda d: d["education"].cat.codes.astype(int))
    ),
    "fixed_effects_poisson": lambda: _P.fixed_effects_poisson("training ~ age", golden.panel()),
    "fixed_effects_iv": lambda: _P.fixed_effects_iv("hours ~ [training ~ age]", golden.panel()),
    "correlated_random_effects ordered": lambda: _P.correlated_random_effects(
        "scale ~ age", golden.panel().assign(scale=lambda d: d["education"].cat.codes.astype(int)), family="ordered"
    ),
    "correlated_random_effects ordered margins": lambda: _P.correlated_random_effects(
        "scale ~ age", golden.panel().assign(scale=lambda d: d["education"].cat.codes.astype(int)), family="ordered"
    ).margins(["age"]),
    "age_period_cohort": lambda: _P.age_period_cohort(
        "hours", golden.panel().assign(years=lambda d: d["age"].round()), age="years", period="year"
    ),
    "pseudo_panel": lambda: _P.pseudo_panel("hours ~ age", golden.panel(), cohort="education", correction=None),
    "oaxaca logit": lambda: _D.oaxaca_blinder("training ~ age", golden.clusters(), **_SEX, family="logit"),
    "oaxaca by": lambda: _D.oaxaca_blinder("hours ~ age", golden.clusters(), **_SEX, by="education"),
    "oaxaca cotton": lambda: _D.oaxaca_blinder("hours ~ age", golden.clusters(), **_SEX, reference="cotton"),
    "oaxaca fairlie": lambda: _D.oaxaca_blinder(
        "training ~ age + education", golden.clusters(), **_SEX, family="logit", nonlinear="fairlie"
    ),
    "shapley nested": lambda: _D.shapley_r2("hours ~ age + education", golden.clusters(), {"a": {"b": ["age"]}}),
    "rif": lambda: _D.rif("hours ~ age", golden.clusters(), **_SEX, measure="gini"),
    "reweight": lambda: _D.reweight("hours ~ age", golden.clusters(), **_SEX, trim=0.01),
    "inequality": lambda: _D.inequality("hours", golden.clusters(), by="education"),
    "gap_closing": lambda: _D.gap_closing("hours ~ age", golden.clusters(), **_SEX, intervene="training", folds=1),
    "four_parts": lambda: _D.four_parts("hours ~ age", golden.clusters(), **_SEX, treatment="training"),
    "oaxaca_change kim": lambda: _D.oaxaca_change("hours ~ age", golden.panel(), **_SEX, **_SINCE, method="kim"),
    "oaxaca_change smith-welch": lambda: _D.oaxaca_change(
        "hours ~ age", golden.panel(), **_SEX, **_SINCE, method="smith-welch"
    ),
}
# program -> method of a result, module of its scripts, sign of a comment
PROGRAMS: dict[str, tuple[str, Any, str]] = {
    "R": ("to_r", r, "#"),
    "Stata": ("to_stata", stata, "*"),
    "SPSS": ("to_spss", spss, "*"),
}


def _made(name: str) -> Any:
    """The result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return OTHERS[name]() if name in OTHERS else golden.case(name)[1]


def _words(text: str) -> str:
    """Words of a text, without signs that comments or programs drop."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


# sums in another order
DIGITS = 1e-9
# Stata prints a table of its own
_OWN_TABLES = ("margins", "kitagawa", "das_gupta")


@pytest.mark.parametrize("name", [*golden.CASES, *golden.MADE_OF, *OTHERS])
def test_scripts_and_receipts_of_all(name: str) -> None:
    result = _made(name)
    receipt = result.receipt()
    for program, (method, _, comment) in PROGRAMS.items():
        text = getattr(result, method)()
        assert text.startswith(comment), (program, text[:80])
        if name == "compare":
            continue
        first = _words(text.split("\n\n")[0].replace(f"\n{comment}", " "))
        missing = receipt["programs"][program]["cannot"]
        if missing is not None:
            assert len(missing) > len("no"), (program, missing)
            assert _words(missing) in first, (program, missing)
        elif program == "Stata" and isinstance(result, llo.Result) and told_of(result).function not in _OWN_TABLES:
            printed = sum(line.startswith(("row ", "shown_row ", 'display as text "')) for line in text.splitlines())
            assert printed >= len(result.labels), name
    assert str(receipt)
    assert str(result.receipt(language="nl"))


# what is shown as a frame but is no estimate
NO_RESULTS = {
    "Naive": "a line of the receipt itself: our errors beside those of WEIGHT BY",
    "WeightReport": "facts of the weights, which svy.to_file writes as final_weight; it has a receipt",
}


def test_every_kind_of_result_has_a_receipt_and_all_scripts() -> None:
    found = {}
    for room in ("results", "estimation", "regression", "decomposition"):
        package = importlib.import_module(f"llo_research.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"llo_research.{room}."):
            for kind in vars(importlib.import_module(module.name)).values():
                if isinstance(kind, type) and kind.__module__.startswith("llo_research") and hasattr(kind, "to_frame"):
                    found[kind.__name__] = kind
    wanted = ("receipt", "to_r", "to_stata", "to_spss")
    lacking = {name for name, kind in found.items() if not all(hasattr(kind, method) for method in wanted)}
    assert lacking == set(NO_RESULTS)
    assert {"Ranks", "MetaAnalysis", "Narrowing", "HypothesisTest", "Sensitivity", "Comparison"} < set(found)


def test_every_public_estimator_is_among_them() -> None:
    cases = (*golden.CASES, "narrowing")
    functions = {golden.case(name)[1].meta["call"]["function"] for name in cases} | {*OTHERS}
    told = {name.removeprefix("panel.") for name in functions}
    assert {name.removeprefix("panel.") for name in {*stata.WRITERS, *stata.NEAREST}} <= told


def test_rows_that_lost_their_cells_are_refused_in_words() -> None:
    """A result whose year was taken off after the call: no script finds its cells, and the receipt says so."""
    whole = llo.mean("hours", golden.panel().where("year == 2011"), by=["year", "sex"])
    lost = replace(whole, rows=whole.rows.drop(columns="year"), labels=("m", "f"))
    for one in (lost, lost.contrast({"f": 1, "m": -1})):
        assert all("no longer tell the cells" in own["cannot"] for own in one.receipt()["programs"].values())
        for method, *_ in PROGRAMS.values():
            with pytest.raises(llo.DataError, match="no longer tell the cells"):
                getattr(one, method)()


@r_with()
def test_estimates_without_their_year_have_scripts(tmp_path: Path) -> None:
    svy = golden.panel()
    whole = llo.mean("hours", svy.where("year == 2011"), by=["year", "sex"])
    undated = llo.monitor.undated(whole)
    once, year = said_once(whole)
    assert year == "2011" and "year" not in once.rows and once.labels == whole.labels
    other = llo.monitor.undated(llo.mean("age", svy.where("year == 2011"), by="year"))
    made = {
        "undated": undated,
        "in a figure": once,
        "contrast": undated.contrast({"f": 1, "m": -1}),
        "joint": llo.joint({"two": undated, "one": other}).contrast({"x": "`two:f` / one"}),
    }
    assert set(undated.labels) == {"f", "m"} and "year" not in undated.rows
    found = answers(made, svy, tmp_path)
    assert {name: own for name in made if max((own := differences(made[name], found[name])).values()) > DIGITS} == {}
    assert llo.monitor.undated(undated).to_r() == undated.to_r()
    assert undated.to_stata().count("row lincom") == whole.to_stata().count("row lincom") == 2
    assert "/SUBPOP TABLE=people BY year BY sex" in undated.to_spss()


@pytest.mark.parametrize("program", ["Stata", "SPSS"])
def test_a_script_that_lacks_the_command_is_towards_the_numbers(program: str) -> None:
    """Its first line promised the same numbers, and its next lines that there is no command for them."""
    method, _, sign = PROGRAMS[program]
    assert getattr(_made("rif"), method)().startswith(f"{sign} Towards the numbers of")
    assert _made("rif").to_r().startswith("# The same numbers in R")

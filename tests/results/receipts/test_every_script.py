"""Every estimator has a script for each program and a receipt; one that says nothing is left out prints every row."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import llo_research as llo
from llo_research.results.receipts.r import write as r
from llo_research.results.receipts.spss import write as spss
from llo_research.results.receipts.stata import write as stata
from llo_research.results.receipts.told import told_of
from tests.results.receipts import golden

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
    "narrowing": lambda: llo.narrowing(
        "hours", golden.panel().where("year in [2011, 2022]"), **_SEX, by="education", **_SINCE
    ),
    "ranks": lambda: llo.ranks(llo.mean("hours", golden.clusters(), by="education")),
    "meta_analysis": lambda: llo.meta_analysis(llo.mean("hours", golden.clusters(), by="education")),
    "break_robustness": lambda: llo.break_robustness(llo.change("hours", golden.panel(), **_SINCE)),
    "crosstab test": lambda: llo.crosstab("education", "sex", golden.clusters()).test("F"),
    "glm test": lambda: llo.glm("hours ~ education", golden.clusters()).test("education"),
    "compare": lambda: llo.compare([llo.glm(f"hours ~ {x}", golden.clusters()) for x in ("age", "age + sex")]),
    "omitted_variable_bias": lambda: _P.omitted_variable_bias(
        llo.glm("hours ~ age + education", golden.clusters()), treatment="age", benchmark="education"
    ),
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
    "pseudo_panel": lambda: _P.pseudo_panel("hours ~ age", golden.panel(), cohort="education", correction=None),
    "hausman": lambda: _P.hausman("hours ~ age", golden.panel()),
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
PROGRAMS: dict[str, tuple[str, Callable[[Any], str | None], str]] = {
    "r": ("to_r", r.cannot, "#"),
    "stata": ("to_stata", stata.cannot, "*"),
    "spss": ("to_spss", spss.cannot, "*"),
}


def _made(name: str) -> Any:
    """The result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return OTHERS[name]() if name in OTHERS else golden.case(name)[1]


def _words(text: str) -> str:
    """Words of a text, without signs that comments or programs drop."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


@pytest.mark.parametrize("name", [*golden.CASES, *OTHERS])
def test_scripts_and_receipts_of_all(name: str) -> None:
    result = _made(name)
    for program, (method, cannot, comment) in PROGRAMS.items():
        if not hasattr(result, method):
            continue
        text = getattr(result, method)()
        assert text.startswith(comment), (program, text[:80])
        if not isinstance(result, llo.Result):
            continue
        first = _words(text.split("\n\n")[0].replace(f"\n{comment}", " "))
        missing = cannot(told_of(result))
        if missing is not None:
            assert len(missing) > len("no"), (program, missing)
            assert _words(missing)[:60] in first, (program, missing)
        elif program == "stata" and result.meta["call"]["function"] not in ("margins", "kitagawa", "das_gupta"):
            printed = sum(line.startswith(("row ", "shown_row ", 'display as text "')) for line in text.splitlines())
            assert printed >= len(result.labels), name
    if hasattr(result, "receipt"):
        assert str(result.receipt())
        assert str(result.receipt(language="nl"))


def test_every_public_estimator_is_among_them() -> None:
    functions = {golden.case(name)[1].meta["call"]["function"] for name in golden.CASES} | {*OTHERS}
    told = {name.removeprefix("panel.") for name in functions}
    assert {name.removeprefix("panel.") for name in {*stata.WRITERS, *stata.NEAREST}} <= told


def test_rows_that_lost_their_cells_are_refused_in_words() -> None:
    """A result whose year was taken off after the call: no script finds its cells, and the receipt says so."""
    nea = llo.synthetic("nea", years=2022, n=2000)
    result = llo.monitor.undated(llo.monitor.estimates("1", surveys={"nea": nea}, by="education"))
    for one in (result, result.contrast({"high": 1, "low": -1})):
        told = one.receipt()["programs"]
        if all(program["cannot"] is None for program in told.values()):
            continue
        for method in ("to_r", "to_stata", "to_spss"):
            with pytest.raises(llo.DataError, match="no longer tell the cells"):
                getattr(one, method)()
        break
    else:
        raise AssertionError("no result lost its cells")

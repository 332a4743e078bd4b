"""One call of each kind, whose scripts for Stata and SPSS are kept as files, to be read: nobody here can run them.

``python -m tests.results.receipts.golden write`` writes them anew.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo
from tests import recorded_calls
from tests.results.receipts import decomposed

FOLDER = Path(__file__).parent / "golden"
# program -> method of a result, ending of its scripts, file that they read
PROGRAMS = {"stata": ("to_stata", "do", "data.dta"), "spss": ("to_spss", "sps", "data.sav")}
Case = tuple[llo.Survey, Any]


@cache
def clusters() -> llo.Survey:
    """Clusters in strata."""
    return decomposed.clusters()


@cache
def panel() -> llo.Survey:
    """Waves of the same persons."""
    return decomposed.panel()


@cache
def recorded() -> llo.Survey:
    """Three waves with plausible values."""
    return recorded_calls.surveys()["clusters"]()


def events() -> llo.Survey:
    """Waves, with the year in which every other person moved."""
    frame = panel().frame
    frame = frame.assign(moved=np.where(frame["person"] % 2 == 0, 2014.0, np.nan))
    return llo.Survey(frame, weights="w", strata="h", psu="person", unit="person", time="year")


def odd_names() -> llo.Survey:
    """Names and texts that other programs do not take."""
    frame = clusters().frame.assign(**{"hours of work": clusters().frame["hours"], "if": clusters().frame["age"]})
    frame["firm"] = np.where(frame["region"] == "north", "it's `a' $b", 'the "b"')
    return llo.Survey(frame, weights="w", strata="h", psu="psu")


def no_weights() -> llo.Survey:
    """Weights from the fractions of two stages."""
    frame = decomposed.two_stages().frame.drop(columns="w")
    design: dict[str, Any] = {"strata": "h", "psu": ["psu", "person"], "fpc": ["n_psu", "n_people"]}
    return llo.Survey(frame, **design, lonely_psu="adjust")


def on(make: Callable[[], llo.Survey], call: Callable[[llo.Survey], Any]) -> Callable[[], Case]:
    """A survey and a result of it."""

    def made() -> Case:
        svy = make()
        return svy, call(svy)

    return made


_SIDES = decomposed.GROUPS
_D = llo.decomposition
_LOGIT: dict[str, Any] = {"family": "binomial"}
_RATES = pd.DataFrame({"then": [0.1, 0.2], "now": [0.2, 0.3]}, index=["low", "high"])
_PEOPLE = pd.DataFrame({"then": [10.0, 20.0], "now": [20.0, 15.0]}, index=["low", "high"])
CASES: dict[str, Callable[[], Case]] = {
    "mean": on(clusters, lambda s: llo.mean(["training", "hours"], s, by=["education", "region"])),
    "mean_of_domain": on(
        clusters,
        lambda s: llo.mean("hours", s.where("(age >= 30 & training != 1) | not (education in ['low', 'high'])")),
    ),
    "mean_of_condition": on(odd_names, lambda s: llo.mean("`if` > 40", s.where("""firm != 'the "b"'"""), by="sex")),
    "mean_available": on(clusters, lambda s: llo.mean(["training", "hours"], s, missing="available")),
    "mean_two_stages": on(decomposed.two_stages, lambda s: llo.mean("hours", s, by="sex")),
    "mean_weights_of_fractions": on(no_weights, lambda s: llo.mean("hours", s)),
    "mean_replicates": on(decomposed.replicated, lambda s: llo.mean("hours", s, by="sex")),
    "mean_calibrated": on(decomposed.calibrated, lambda s: llo.mean("hours", s)),
    "mean_trimmed": on(lambda: llo.trim(clusters(), upper=180.0), lambda s: llo.mean("hours", s)),
    "mean_plausible": on(recorded, recorded_calls.CALLS["plausible"]),
    "mean_contrast": on(
        clusters, lambda s: llo.mean("hours", s, by="education").contrast({"d": {"high": 1, "low": -1}})
    ),
    "mean_contrast_smooth": on(clusters, lambda s: llo.mean("hours", s, by="education").contrast("log(high / low)")),
    "share": on(clusters, lambda s: llo.share("education", s, by="sex")),
    "share_beta": on(clusters, lambda s: llo.share("region", s, interval="beta")),
    "total": on(clusters, lambda s: llo.total("visits", s, by="sex")),
    "ratio": on(clusters, lambda s: llo.ratio("hours", "age", s, by="sex")),
    "correlation": on(clusters, lambda s: llo.correlation(["hours", "age"], s)),
    "variance": on(clusters, lambda s: llo.variance("hours", s, by="sex")),
    "quantile": on(clusters, lambda s: llo.quantile("hours", s, q=[0.25, 0.5], by="sex")),
    "gap": on(clusters, lambda s: llo.gap("hours", s, **_SIDES, by="education")),
    "gap_odds": on(clusters, lambda s: llo.gap("training", s, of="age >= 50", minus="age < 30", scale="odds")),
    "change": on(panel, lambda s: llo.change("hours", s, by="sex", time="year", base=2011)),
    "gap_change": on(panel, lambda s: llo.gap_change("hours", s, **_SIDES, time="year", base=2011)),
    "trend": on(panel, lambda s: llo.trend("hours", s, time="year", by="sex")),
    "crosstab": on(clusters, lambda s: llo.crosstab("education", "sex", s)),
    "joint": on(
        clusters, lambda s: llo.joint({"hours": llo.mean("hours", s), "old": llo.total("visits", s.where("age > 50"))})
    ),
    "glm": on(clusters, lambda s: llo.glm("hours ~ C(education) * sex + np.log(age)", s)),
    "glm_logit": on(clusters, lambda s: llo.glm("training ~ education + age", s, **_LOGIT)),
    "glm_cluster": on(clusters, lambda s: llo.glm("training ~ education + age", s, **_LOGIT, vcov="cluster")),
    "margins": on(clusters, lambda s: llo.glm("training ~ education + age", s, **_LOGIT).margins("education")),
    "ordered": on(clusters, lambda s: llo.ordered("education ~ age + sex", s)),
    "fixed_effects": on(
        panel, lambda s: llo.panel.fixed_effects("hours ~ age + education", s, effects=["person", "year"])
    ),
    "fixed_effects_cluster": on(panel, lambda s: llo.panel.fixed_effects("hours ~ age + education", s, vcov="cluster")),
    "first_difference": on(panel, lambda s: llo.panel.first_difference("hours ~ age", s)),
    "between": on(panel, lambda s: llo.panel.between("hours ~ age + sex", s)),
    "random_effects": on(panel, lambda s: llo.panel.random_effects("hours ~ age + sex", s)),
    "mundlak": on(panel, lambda s: llo.panel.mundlak("hours ~ age + education", s)),
    "event_time": on(events, lambda s: llo.panel.event_time("hours ~ age", s, event="moved", window=(-3, 4))),
    "oaxaca": on(clusters, lambda s: _D.oaxaca_blinder("hours ~ education + age", s, **_SIDES)),
    "oaxaca_threefold": on(
        clusters,
        lambda s: _D.oaxaca_blinder("hours ~ education + age", s, **_SIDES, kind="threefold", normalize=["education"]),
    ),
    "oaxaca_change": on(
        panel, lambda s: _D.oaxaca_change("hours ~ education + age", s, **_SIDES, time="year", base=2011)
    ),
    "gelbach": on(
        clusters,
        lambda s: _D.gelbach(
            "hours ~ sex + age + education", s, focal="sex", groups={"a": ["age"], "e": ["education"]}
        ),
    ),
    "sequential": on(
        clusters,
        lambda s: _D.sequential(
            "hours ~ sex + age + education", s, focal="sex", blocks={"a": ["age"], "e": ["education"]}
        ),
    ),
    "shapley": on(clusters, lambda s: _D.shapley_r2("hours ~ age + education", s)),
    "standardise": on(panel, lambda s: _D.standardise("hours", s, cells=["education"], over="year", base=2011)),
    "rank_gap": on(clusters, lambda s: llo.rank_gap("hours", s, rank="age")),
    "kitagawa": on(clusters, lambda s: _D.kitagawa(_RATES, _PEOPLE)),
    "das_gupta": on(
        clusters, lambda s: _D.das_gupta({"x": {"a": 1.0, "b": 2.0}, "y": {"a": 3.0, "b": 2.5}}, ["a", "b"])
    ),
}
# what is made of a result
MADE_OF: dict[str, Callable[[], Case]] = {
    "narrowing": on(
        panel,
        lambda s: llo.narrowing(
            "hours", s.where("year in [2011, 2022]"), **_SIDES, by="education", time="year", base=2011
        ),
    ),
    "ranks": on(clusters, lambda s: llo.ranks(llo.mean("hours", s, by="education"))),
    "meta_analysis": on(clusters, lambda s: llo.meta_analysis(llo.mean("hours", s, by="education"))),
    "break_robustness": on(panel, lambda s: llo.break_robustness(llo.change("hours", s, time="year", base=2011))),
    "crosstab_test": on(clusters, lambda s: llo.crosstab("education", "sex", s).test("chisq")),
    "glm_test": on(
        clusters,
        lambda s: llo.glm("hours ~ education + age", s).test("`education[T.high]` = 2 * age, `education[T.middle]`"),
    ),
    "glm_ratio": on(clusters, lambda s: llo.glm("training ~ age", s, **_LOGIT).test("age", method="lr")),
    "compare": on(clusters, lambda s: llo.compare([llo.glm(f"hours ~ {x}", s) for x in ("age", "age + sex")])),
    "omitted_variable_bias": on(
        clusters,
        lambda s: llo.panel.omitted_variable_bias(
            llo.glm("hours ~ age + education", s), treatment="age", benchmark="education"
        ),
    ),
    "hausman": on(panel, lambda s: llo.panel.hausman("hours ~ age", s)),
    "hausman_of_two_models": on(panel, lambda s: llo.panel.hausman("hours ~ age", s, robust=False)),
}


def case(name: str) -> Case:
    """A survey and a result, without warnings of what is left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {**CASES, **MADE_OF}[name]()


def script(name: str, program: str) -> str:
    """The script of a case."""
    method, _, path = PROGRAMS[program]
    return str(getattr(case(name)[1], method)(path))


def place(name: str, program: str) -> Path:
    """Where the script of a case is kept."""
    return FOLDER / program / f"{name}.{PROGRAMS[program][1]}"


def write() -> None:
    """Writes the scripts of all programs that results have."""
    for program, (method, ending, _) in PROGRAMS.items():
        if not hasattr(llo.Result, method):
            continue
        (FOLDER / program).mkdir(parents=True, exist_ok=True)
        for old in (FOLDER / program).glob(f"*.{ending}"):
            old.unlink()
        for name in (*CASES, *MADE_OF):
            place(name, program).write_text(script(name, program), encoding="utf-8")


if __name__ == "__main__" and sys.argv[1:] == ["write"]:
    write()

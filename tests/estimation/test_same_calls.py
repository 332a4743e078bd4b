"""Proves which results are imputations of one another: the same call, but for a number at the end of names."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.estimation import Result
from llo_research.results.imputed_names import common_group, common_name, common_text
from tests.survey import samples

Results = Callable[[llo.Survey], Any]
DRAWS = (1, 2, 3)


@cache
def _svy() -> llo.Survey:
    frame, rng = samples.people(1), np.random.default_rng(5)
    n = len(frame)
    made: dict[str, Any] = {"w2": frame["w"] * 1.1, "y2014": frame["y"], "y2018": frame["hours"], "a1": 1.0, "a2": 2.0}
    for m in DRAWS:
        made[f"P{m}"], made[f"Q{m}"] = (frame["y"] + rng.normal(size=n) for _ in range(2))
        made[f"imp{m}"] = rng.integers(0, 2, n)
        made[f"c{m}"] = rng.choice(["k", "l"], n)
        made[f"N {m}"] = frame["hours"] + rng.normal(size=n)
        made[f"PV{m}READ"] = frame["hours"] + rng.normal(size=n)
        made[f"level{m}"] = np.where(frame["older"], f"old{m}", "young")
    return llo.Survey(frame.assign(**made), weights="w", strata="stratum", psu="place")


def _each(call: Callable[[llo.Survey, int], Result]) -> Results:
    return lambda s: [call(s, m) for m in DRAWS]


COMBINED: dict[str, tuple[Results, tuple[str, ...]]] = {
    "names": (_each(lambda s, m: llo.mean(f"P{m}", s)), ("P",)),
    "a name with a blank": (_each(lambda s, m: llo.mean(f"N {m}", s)), ("N",)),
    "a number within": (_each(lambda s, m: llo.mean(f"PV{m}READ", s)), ("PVREAD",)),
    "two variables": (_each(lambda s, m: llo.mean([f"P{m}", f"Q{m}", "y"], s)), ("P", "Q", "y")),
    "domains": (_each(lambda s, m: llo.mean("y", s.where(f"imp{m} == 1"))), ("y",)),
    "domains and names": (_each(lambda s, m: llo.mean(f"P{m}", s.where(f"imp{m} == 1 & older"))), ("P",)),
    "one domain as a Series": (_each(lambda s, m: llo.mean(f"P{m}", s.where(s.frame["older"]))), ("P",)),
    "cells": (_each(lambda s, m: llo.mean("y", s, by=f"c{m}")), ("k", "l")),
    "levels": (_each(lambda s, m: llo.share(f"c{m}", s, by="region")), ("k:north", "l:north", "k:south", "l:south")),
    "ratios": (_each(lambda s, m: llo.ratio(f"P{m}", f"Q{m}", s)), ("P / Q",)),
    "groups": (_each(lambda s, m: llo.gap("y", s, of=f"imp{m} == 1", minus=f"imp{m} == 0")), ("y",)),
    "contrasts": (
        _each(lambda s, m: llo.mean([f"P{m}", f"Q{m}"], s).contrast({f"P{m}": 1, f"Q{m}": -1})),
        ("P - Q",),
    ),
    "expressions": (
        _each(lambda s, m: llo.mean([f"P{m}", f"N {m}"], s).contrast(f"P{m} - 2 * `N {m}`")),
        ("P - 2 * `N`",),
    ),
    "contrasts of cells": (
        _each(lambda s, m: llo.mean(f"P{m}", s, by="region").contrast("north - south")),
        ("north - south",),
    ),
    "contrasts of ratios": (
        _each(lambda s, m: llo.joint({"r": llo.ratio(f"P{m}", f"Q{m}", s), "y": llo.mean("y", s)}).contrast("r - y")),
        ("r - y",),
    ),
    "contrasts with labels of two parts": (
        _each(lambda s, m: llo.mean([f"P{m}", f"Q{m}"], s, by="region").contrast(f"`P{m}:north` - `Q{m}:north`")),
        ("`P:north` - `Q:north`",),
    ),
    "changes": (_each(lambda s, m: llo.change(f"P{m}", s, time="year", base=2014)), ("P",)),
    "a generator": (lambda s: (llo.mean(f"P{m}", s) for m in DRAWS), ("P",)),
}


@pytest.mark.parametrize("name", COMBINED)
def test_results_of_numbered_names_are_combined(name: str) -> None:
    make, labels = COMBINED[name]
    combined, parts = llo.combine_imputations(make(_svy())), list(make(_svy()))
    assert combined.labels == labels
    assert combined.estimate == pytest.approx(np.mean([p.estimate for p in parts], axis=0), rel=1e-12)
    between = np.cov(np.array([p.estimate for p in parts]).T, ddof=1).reshape(len(labels), -1)
    within = np.mean([p.covariance for p in parts], axis=0)
    assert combined.covariance == pytest.approx(within + 4 / 3 * between, rel=1e-9, abs=1e-15)
    assert all(
        combined.contrast({label: 1}).df == pytest.approx([df]) for label, df in zip(labels, combined.df, strict=True)
    )


def _two(one: Callable[[llo.Survey], Any], other: Callable[[llo.Survey], Any]) -> Results:
    return lambda s: [one(s), other(s)]


def _survey_of(m: int, **changes: Any) -> llo.Survey:
    frame = samples.people(1).assign(w2=1.0, w1=2.0)
    frame["y"] += np.random.default_rng(m).normal(size=len(frame))
    return llo.Survey(frame, **{"weights": "w", "strata": "stratum", "psu": "place", **changes})


P = {m: (lambda s, m=m: llo.mean(f"P{m}", s)) for m in DRAWS}
REFUSED: dict[str, tuple[Results, str]] = {
    "a mean with a total": (_two(P[1], lambda s: llo.total("P2", s)), "the function differs"),
    "a mean with a share": (_two(lambda s: llo.mean("c1", s), lambda s: llo.share("c2", s)), "differs"),
    "other variables": (_two(lambda s: llo.mean("y", s), lambda s: llo.mean("hours", s)), "same rows"),
    "variables in another order": (
        _two(lambda s: llo.mean(["P1", "Q1"], s), lambda s: llo.mean(["Q2", "P2"], s)),
        "same rows",
    ),
    "other domains": (
        _two(lambda s: P[1](s.where("older")), lambda s: P[2](s.where("~older"))),
        "the domain differs",
    ),
    "other numbers in a domain": (
        _two(lambda s: P[1](s.where("person > 10")), lambda s: P[2](s.where("person > 11"))),
        "the domain differs",
    ),
    "numbers of the other notation": (
        _two(lambda s: P[1](s.where("person > 1E1")), lambda s: P[2](s.where("person > 1E2"))),
        "empty|the domain differs",
    ),
    "other levels in a domain": (
        _two(lambda s: P[1](s.where("level1 == 'old1'")), lambda s: P[2](s.where("level2 == 'old2'"))),
        "the domain differs",
    ),
    "a domain and none": (_two(lambda s: P[1](s.where("older")), P[2]), "the domain differs"),
    "other domains as Series": (
        _each(lambda s, m: llo.mean("y", s.where(s.frame[f"imp{m}"] == 1))),
        "different domains, or nobody can tell",
    ),
    "another weight": (_two(P[1], lambda s: llo.mean("P2", s.use_weights("w2"))), "weight differs"),
    "a numbered weight": (
        lambda s: [llo.mean("y", _survey_of(m, weights=f"w{m}")) for m in (1, 2)],
        "weight differs",
    ),
    "another design": (
        lambda s: [llo.mean("y", _survey_of(1)), llo.mean("y", _survey_of(2, strata=None, psu=None))],
        "the design differs",
    ),
    "another weighting": (
        lambda s: [
            llo.mean("y", _survey_of(1)),
            llo.mean("y", llo.calibrate(_survey_of(2), {"region": {"north": 150.0, "south": 200.0}})),
        ],
        "the weighting differs",
    ),
    "another instrument": (
        lambda s: [llo.mean("y", _survey_of(m, source={"instrument": name})) for m, name in ((1, "nea"), (2, "zea"))],
        "source's instrument",
    ),
    "another level": (_two(P[1], lambda s: llo.mean("P2", s, level=0.9)), "level differs"),
    "another interval": (
        _two(lambda s: llo.share("c1", s), lambda s: llo.share("c2", s, interval="beta")),
        "interval differs",
    ),
    "joint and single intervals": (_two(P[1], lambda s: llo.mean("P2", s, simultaneous=True)), "simultaneous differs"),
    "another rule": (
        _two(lambda s: llo.quantile("P1", s, q=0.5, rule="hf1"), lambda s: llo.quantile("P2", s, q=0.5, rule="hf2")),
        "rule in the call",
    ),
    "other quantiles": (
        _two(lambda s: llo.quantile("P1", s, q=0.1), lambda s: llo.quantile("P2", s, q=0.2)),
        "same rows",
    ),
    "another scale": (
        _two(
            *(
                (
                    lambda s, m=m, scale=scale: llo.gap(
                        f"P{m}", s, group="region", of="north", minus="south", scale=scale
                    )
                )
                for m, scale in ((1, "ratio"), (2, "difference"))
            )
        ),
        "same rows",
    ),
    "another way with missing values": (
        _two(P[1], lambda s: llo.mean("P2", s, missing="available")),
        "missing in the call",
    ),
    "numbered levels of a gap": (
        _each(lambda s, m: llo.gap("y", s, group=f"level{m}", of=f"old{m}", minus="young")),
        "same rows",
    ),
    "numbered levels of a contrast": (
        lambda s: [
            llo.mean("y", s, by="level1").contrast("old1 - young"),
            llo.mean("y", s, by="level2").contrast("old2 - young"),
        ],
        "different levels",
    ),
    "another contrast": (
        _two(
            *(
                (lambda s, m=m, t=t: llo.mean(f"P{m}", s, by="region").contrast(t))
                for m, t in ((1, "north - south"), (2, "south - north"))
            )
        ),
        "same rows",
    ),
    "another contrast of the same name": (
        _two(
            *(
                (lambda s, m=m, t=t: llo.mean(f"P{m}", s, by="region").contrast({"d": t}))
                for m, t in ((1, "north - south"), (2, "south - north"))
            )
        ),
        "d in the contrast",
    ),
    "another number in a contrast": (
        _two(*((lambda s, m=m: llo.mean(f"P{m}", s).contrast({"d": f"P{m} * {m}"})) for m in (1, 2))),
        "d in the contrast",
    ),
    "another contrast below": (
        _two(
            *(
                (lambda s, m=m, t=t: llo.mean(f"P{m}", s, by="region").contrast({"d": t}).contrast("d"))
                for m, t in ((1, "north"), (2, "south"))
            )
        ),
        "d in the contrast",
    ),
    "other numbers in one result": (
        _each(lambda s, m: llo.mean([f"P{m}", f"Q{4 - m}"], s)),
        "not carry the same number",
    ),
    "a domain of another imputation": (
        _each(lambda s, m: llo.mean(f"P{m}", s.where(f"imp{4 - m} == 1"))),
        "not carry the same number",
    ),
    "years": (lambda s: [llo.mean("y2014", s), llo.mean("y2018", s)], "differ in a year"),
    "other levels": (
        lambda s: [llo.share("c1", s), llo.share("c2", s.where("c2 == 'k'"))],
        "same rows|domain differs",
    ),
    "one result twice": (lambda s: [r := llo.mean("P1", s), r], "there twice"),
    "one call twice": (lambda s: [llo.mean("P1", s), llo.mean("P1", s)], "there twice"),
    "one of three twice": (lambda s: [llo.mean(f"P{m}", s) for m in (1, 2, 1)], "results 1 and 3"),
    "one data set twice": (lambda s: [llo.mean("y", _survey_of(1)), llo.mean("y", _survey_of(1))], "there twice"),
    "one data set under another name": (
        lambda s: [llo.mean("y", s.where("older")), llo.mean("y", s.assign(z=1.0).where("older"))],
        "there twice",
    ),
    "numbered names in two data sets": (
        lambda s: [llo.mean(f"P{m}", t) for t in (s, s.assign(P1=1.5, P2=2.0)) for m in (1, 2)],
        "there twice",
    ),
    "combined results": (lambda s: [llo.mean("P*", s, plausible=True), llo.mean("Q*", s, plausible=True)], "already"),
    "one": (lambda s: [llo.mean("P1", s)], "at least two"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_unlike_results_are_not_combined(name: str) -> None:
    make, words = REFUSED[name]
    with pytest.raises(DataError, match=words) as caught:
        llo.combine_imputations(make(_svy()))
    assert len(str(caught.value)) < 900
    assert "what to do" in str(caught.value) or name.startswith("numbers of")


def test_imputed_data_sets_and_variables_without_missing_values() -> None:
    surveys = [_survey_of(m) for m in DRAWS]
    combined = llo.combine_imputations([llo.mean("y", svy) for svy in surveys])
    assert combined.labels == ("y",) and "imputed_variables" not in combined.meta
    whole = llo.combine_imputations([llo.mean("hours", svy) for svy in surveys])
    alone = llo.mean("hours", surveys[0])
    assert whole.std_error == pytest.approx(alone.std_error, rel=1e-12) and whole.df.tolist() == alone.df.tolist()


def test_results_read_back_from_files(tmp_path: Path) -> None:
    paths = [llo.mean(f"P{m}", _svy()).save(tmp_path / f"r{m}") for m in DRAWS]
    combined = llo.combine_imputations([llo.read_result(path) for path in paths])
    wanted = llo.combine_imputations([llo.mean(f"P{m}", _svy()) for m in DRAWS])
    assert combined.estimate == pytest.approx(wanted.estimate) and combined.df == pytest.approx(wanted.df)
    sets = [llo.mean("y", _survey_of(m)).save(tmp_path / f"s{m}") for m in (1, 2)]
    assert llo.combine_imputations([llo.read_result(path) for path in sets]).labels == ("y",)
    with pytest.raises(DataError, match="there twice"):
        llo.combine_imputations([llo.read_result(sets[0]), llo.read_result(sets[0])])


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["P1", "P2"], "P"),
        (["P_01", "P_02"], "P"),
        (["P1 - Q1", "P2 - Q2"], "P - Q"),
        (["`P 1` - 2 * x", "`P 2` - 2 * x"], "`P` - 2 * x"),
        (["P1 - 1", "P2 - 2"], None),
        (["P1 > 1e5", "P2 > 1e6"], None),
        (["x == 'a1'", "x == 'a2'"], None),
        (['x == "a1"', 'x == "a2"'], None),
        (["x1_2", "x3_4"], None),
        (["1", "2"], None),
        (["x", "x2"], None),
        (["imp1 == 1", "imp2 == 2"], None),
        (["Été1", "Été2"], "Été"),
    ],
)
def test_common_names_of_texts(texts: list[str], wanted: str | None) -> None:
    assert common_text(texts, []) == wanted


def test_levels_are_not_names() -> None:
    assert common_group(["old1", "old2"], []) is None and common_group(["a1 > 2", "a2 > 2"], []) == "a > 2"
    assert common_name(["PV1READ", "PV2MATH"], []) is None


# pattern, columns, what is found
PATTERNS: list[tuple[str, list[str], list[str]]] = [
    ("PV*", ["PV10", "PV9", "PV8"], ["PV8", "PV9", "PV10"]),
    ("PV[01-03]", ["PV03", "PV01", "PV02"], ["PV01", "PV02", "PV03"]),
    ("PV[08-11]", ["PV08", "PV09", "PV10", "PV11"], ["PV08", "PV09", "PV10", "PV11"]),
    ("PV*", ["PV03", "PV01", "PV02"], ["PV01", "PV02", "PV03"]),
    ("PV*", ["PV0", "PV1", "PVx", "PV", "PV_flag", "xPV2"], ["PV0", "PV1"]),
    ("PV*READ", ["PV1READ", "PV2READ", "PV1MATH"], ["PV1READ", "PV2READ"]),
    ("P.V*", ["P.V1", "P.V2", "PxV3"], ["P.V1", "P.V2"]),
    ("P(a)+*", ["P(a)+1", "P(a)+2", "Paa1"], ["P(a)+1", "P(a)+2"]),
    ("P[a]*", ["P[a]1", "P[a]2", "Pa3"], ["P[a]1", "P[a]2"]),
    ("P?*", ["P?1", "P?2", "Px3"], ["P?1", "P?2"]),
]


@pytest.mark.parametrize(
    ("pattern", "columns", "wanted"), PATTERNS, ids=[f"{p[0]} {i}" for i, p in enumerate(PATTERNS)]
)
def test_patterns_of_plausible_values(pattern: str, columns: list[str], wanted: list[str]) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.normal(size=20) for name in columns}).assign(w=1.0)
    frame[7] = 1.0  # a name that is no text
    svy = llo.Survey(frame, weights="w")
    assert llo.mean(pattern, svy, plausible=True).meta["plausible_values"] == {pattern: wanted}
    for order in (columns[::-1], sorted(columns)):
        again = llo.mean(pattern, llo.Survey(frame[[*order, "w"]], weights="w"), plausible=True)
        assert again.estimate[0] == llo.mean(pattern, svy, plausible=True).estimate[0]


BAD_PATTERNS: list[tuple[Any, list[str], str]] = [
    ("PV*", ["PV1", "PV2", "PV4"], "numbers with a gap"),
    ("PV*", ["PV1", "PV2", "PV2014"], "numbers with a gap"),
    ("PV*", ["PV1", "PV2", "PV01"], "a number twice"),
    ("PV[1-3]", ["PV01", "PV02", "PV03"], "no column 'PV1'"),
    ("PV[01-03]", ["PV1", "PV2", "PV3"], "no column 'PV01'"),
    ("PV[1-3]", ["PV1", "PV3"], "no column 'PV2'"),
    (["PV*", "PV[1-2]"], ["PV1", "PV2"], "same plausible values"),
    (["P*", "Q*"], ["P1", "P2", "Q2", "Q3"], "different values of plausible values"),
    (["P*", "Q*"], ["P1", "P2", "Q1", "Q2", "Q3"], "different numbers of plausible values"),
    ("PV*", ["PV1", "PVx"], "finds 1 columns"),
    ("P**", ["P1", "P2"], "finds 0 columns"),
]


@pytest.mark.parametrize(("pattern", "columns", "words"), BAD_PATTERNS)
def test_patterns_that_do_not_say_which_values(pattern: Any, columns: list[str], words: str) -> None:
    frame = pd.DataFrame({name: np.arange(8.0) + i for i, name in enumerate(columns)}).assign(w=1.0)
    with pytest.raises(DataError, match=words):
        llo.mean(pattern, llo.Survey(frame, weights="w"), plausible=True)


def test_a_column_of_text_among_plausible_values_is_named() -> None:
    svy = llo.Survey(pd.DataFrame({"PV1": [1.0, 2.0], "PV2": ["a", "b"], "w": 1.0}), weights="w")
    with pytest.raises(DataError, match="column 'PV2'"):
        llo.mean("PV*", svy, plausible=True)

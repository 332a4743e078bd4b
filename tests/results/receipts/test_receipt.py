"""A receipt tells the call so that it can be typed again, and of restricted data nothing that may not be told."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.results.profiles.profile import Profile
from llo_research.results.rules import profile
from tests import recorded_calls
from tests.results.receipts import golden

# the same call on the same data
SAME = 1e-12
SURVEYS = ("clusters", "domain", "calibrated", "jkn", "stack", "halves")
SECRETS = ("ASML", "secret_folder", "f1e2d3c4b5", "1234", "617", "2019")


@pytest.mark.parametrize("kind", SURVEYS)
def test_the_call_can_be_typed_again(kind: str) -> None:
    made = recorded_calls.surveys()
    svy = made[kind]()
    whole = made["clusters"]() if kind == "domain" else svy
    told = 0
    for name, call in recorded_calls.CALLS.items():
        if "flagged" in name:  # on a survey of its own
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                result = call(svy)
            except llo.LloError:
                continue
            receipt = result.receipt()
            again = eval(receipt["call"], {"llo": llo, "svy": whole})
        assert np.allclose(again.estimate, result.estimate, rtol=SAME, equal_nan=True), (name, receipt["call"])
        assert np.allclose(again.ends[0], result.ends[0], rtol=SAME, equal_nan=True), (name, receipt["call"])
        _is_whole(result)
        told += 1
    assert told > 25


def _is_whole(result: Any) -> dict[str, Any]:
    """The receipt as JSON; its text is short."""
    receipt = result.receipt()
    assert len(str(receipt).splitlines()) <= 32, str(receipt)
    assert str(result.receipt(language="nl")) != str(receipt)
    back: dict[str, Any] = json.loads(json.dumps(dict(receipt), allow_nan=False))
    assert back == dict(receipt)
    return back


def _others() -> dict[str, Callable[[llo.Survey], Any]]:
    """Results of every other kind."""
    decompose = llo.decomposition
    logit = {"formula": "training ~ sex + education", "family": "binomial"}
    sides = {"group": "sex", "of": "v", "minus": "m"}
    high = {"group": "education", "of": "high", "minus": "low"}
    blocks = {"e": ["education"], "w": ["worked"]}
    return {
        "glm": lambda s: llo.glm(svy=s, **logit),
        "probit": lambda s: llo.glm("training ~ sex", s, family="probit"),
        "clustered": lambda s: llo.glm("hours ~ sex", s, vcov="cluster", cluster="psu"),
        "ordered": lambda s: llo.ordered("education ~ sex + hours", s),
        "margins": lambda s: llo.glm(svy=s, **logit).margins("sex"),
        "oaxaca": lambda s: decompose.oaxaca_blinder("hours ~ education", s, **sides, reference="minus"),
        "oaxaca change": lambda s: decompose.oaxaca_change("hours ~ education", s, **sides, time="year", base=2014),
        "gelbach": lambda s: decompose.gelbach("hours ~ sex + education + worked", s, focal="sex", groups=blocks),
        "sequential": lambda s: decompose.sequential("hours ~ sex + education + worked", s, focal="sex", blocks=blocks),
        "shapley": lambda s: decompose.shapley_r2("hours ~ sex + education", s),
        "owen": lambda s: decompose.shapley_r2(
            "hours ~ sex + education", s, {"who": {"a": ["sex"], "b": ["education"]}}
        ),
        "kim": lambda s: decompose.oaxaca_change(
            "hours ~ education", s, **sides, time="year", base=2014, method="kim", normalize="education"
        ),
        "fairlie": lambda s: decompose.oaxaca_blinder(
            "training ~ education", s, **sides, family="logit", nonlinear="fairlie", reference="minus"
        ),
        "rif": lambda s: decompose.rif("hours ~ education", s, **sides, measure="variance", reference=0.25),
        "reweight": lambda s: decompose.reweight("hours ~ education", s, **sides, measures=["mean", "gini"], trim=0.05),
        "inequality": lambda s: decompose.inequality("hours", s, by="education", measure="atkinson", aversion=0.5),
        "concentration": lambda s: decompose.inequality("hours ~ sex", s, measure="concentration", rank="education"),
        "gap closing": lambda s: decompose.gap_closing("hours ~ education", s, **sides, intervene="training", to=1),
        "four parts": lambda s: decompose.four_parts("hours ~ education", s, **sides, treatment="training"),
        "standardise": lambda s: decompose.standardise("hours", s, cells="education", over="year", base=2014),
        "rank gap": lambda s: llo.rank_gap("training", s, rank="hours", share=0.25),
        "banner": lambda s: llo.banner(["training", "contract"], s, by=["sex", "education"]),
        "correlation": lambda s: llo.correlation(["hours", "worked"], s),
        "adjusted": lambda s: llo.gap("hours", s, **high, by="year").adjusted(),
        "equivalence": lambda s: llo.gap("hours", s, **high, by="year").equivalence(2.0),
        "contrast of a contrast": lambda s: (
            llo.mean("hours", s, by="education").contrast({"a": "high - low", "b": "middle - low"}).contrast("a - b")
        ),
    }


@pytest.mark.parametrize("name", list(_others()))
def test_every_kind_of_result_has_one(name: str) -> None:
    svy = recorded_calls.surveys()["clusters"]()
    result = _others()[name](svy)
    told = _is_whole(result)
    again = eval(told["call"], {"llo": llo, "svy": svy})
    assert np.allclose(again.estimate, result.estimate, rtol=SAME, equal_nan=True), told["call"]
    assert len(told["weight_by"]["rows"]) == len(result.estimate)


def test_what_is_made_of_results_has_that_of_its_result() -> None:
    svy = recorded_calls.surveys()["clusters"]()
    means = llo.mean("hours", svy, by="education")
    ranks, pooled = llo.ranks(means), llo.meta_analysis(means)
    assert ranks.receipt()["call"] == "llo.ranks(llo.mean('hours', svy, by='education'))"
    assert pooled.receipt()["call"] == "llo.meta_analysis(llo.mean('hours', svy, by='education'))"
    told = str(pooled.receipt())  # its degrees of freedom and errors are others than those of the means within
    assert "sampling units minus strata" not in told and "WEIGHT BY" not in told
    programs = pooled.receipt()["programs"]
    assert "meta takes the estimates for independent" in programs["Stata"]["cannot"] and programs["R"]["cannot"] is None
    narrowed = llo.narrowing(
        "hours",
        svy.where("year in [2014, 2018]"),
        group="education",
        of="high",
        minus="low",
        by="sex",
        time="year",
        base=2014,
    )
    assert narrowed.receipt()["call"] == (
        "llo.narrowing('hours', svy.where('year in [2014, 2018]'), group='education', of='high', minus='low', "
        "by='sex', time='year', base=2014)"
    )
    classical = golden.case("hausman_of_two_models")[1].receipt()
    assert classical["call"] == "llo.panel.hausman('hours ~ age', svy, robust=False)" and classical["data"]["rows"]
    models = {"short": llo.glm("hours ~ sex", svy), "long": llo.glm("hours ~ sex + education", svy)}
    both = llo.compare(models).receipt()
    assert list(both["results"]) == ["short", "long"] and "llo.glm('hours ~ sex', svy)" in str(both)


def test_a_weight_report_tells_its_steps(restricted: llo.Survey) -> None:
    svy = llo.calibrate(recorded_calls.surveys()["clusters"](), {"sex": {"v": 600, "m": 500}})
    receipt = llo.weight_report(svy, ["hours"]).receipt()
    assert receipt["call"] == "llo.weight_report(svy, ['hours'])" and receipt["version"]
    assert receipt["weighting_steps"][0]["margins"] == ["sex"] and "calibrate" in str(receipt)
    closed = llo.weight_report(restricted).receipt(language="nl")
    text = str(closed) + json.dumps(dict(closed))
    assert "withheld" in closed and [secret for secret in SECRETS if secret in text] == []


def test_tables_have_no_people_behind_them() -> None:
    rates = pd.DataFrame({"then": [0.1, 0.2], "now": [0.2, 0.3]}, index=["x", "y"])
    parts = pd.DataFrame({"then": [0.5, 0.5], "now": [0.4, 0.6]}, index=["x", "y"])
    told = llo.decomposition.kitagawa(rates, parts).receipt()
    assert told["degrees_of_freedom"] == {"rule": "none: made of tables"} and "absent" in told["weight_by"]


def test_read_from_a_file(tmp_path: Any) -> None:
    svy = recorded_calls.surveys()["clusters"]()
    result = llo.mean("hours", svy.where("worked >= 20"), by="education")
    read = llo.read_result(result.save(tmp_path / "kept")).receipt()
    own = result.receipt()
    same = [name for name in own if name != "weight_by"]
    assert {name: read[name] for name in same} == {name: own[name] for name in same}
    assert read["weight_by"] == {"absent": "not known here: a result that was read from a file"}


def test_weight_by_stands_beside_our_errors() -> None:
    result = llo.mean("hours", recorded_calls.surveys()["clusters"](), by="education")
    told, naive = result.receipt()["weight_by"], result.naive()
    assert told["as_counts"] == list(naive.counts) and told["std_error"] == list(result.std_error)
    assert told["why"] == naive.reason("en")


@pytest.fixture
def restricted() -> llo.Survey:
    """A restricted file of 1234 people, with a path, a checksum and a domain that nobody outside may see."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {"w": rng.gamma(4, 25, 1234), "y": rng.random(1234) < 0.4, "sex": rng.choice(["m", "v"], 1234)}
    )
    frame["firm"], frame["year"] = np.where(np.arange(1234) < 617, "ASML", "Philips"), 2019
    file = {"path": "secret_folder/own.sav", "sha256": "f1e2d3c4b5" * 4, "rows": 1234}
    source = {"kind": "restricted", "restricted": True, "title": "A file", "files": [file]}
    return llo.Survey(frame, weights="w", source=source)


def _several(svy: llo.Survey) -> dict[str, Any]:
    """Results that name the domain and its values in every way."""
    own = svy.where("firm == 'ASML' & year == 2019")
    firms = llo.mean("y", svy.where("firm in ['ASML', 'Philips']"), by="firm")
    return {
        "mean": llo.mean("y", own, by="sex"),
        "condition": llo.mean("firm == 'ASML'", svy.where("year == 2019")),
        "gap": llo.gap("y", svy.where("year == 2019"), of="firm == 'ASML'", minus="firm != 'ASML'"),
        "contrast": firms.contrast("ASML - Philips"),
        "joint": llo.joint({"a": llo.mean("y", own), "b": llo.mean("y", svy)}),
        "glm": llo.glm("y ~ sex", own),
        "ranks": llo.ranks(firms),
        "clusters": llo.glm("y ~ sex", svy, vcov="hc1"),
    }


def test_restricted_data_tell_nothing_until_disclosure_has_passed(restricted: llo.Survey) -> None:
    for name, result in _several(restricted).items():
        for language in ("en", "nl"):
            receipt = result.receipt(language=language)
            text = str(receipt) + json.dumps(dict(receipt))
            found = [secret for secret in SECRETS if secret in text]
            assert not found, (name, found, str(receipt))
            assert "withheld" in receipt and receipt["call"].startswith("llo.")
    everything = str(dict(_several(restricted)["mean"].receipt(disclosure="off")))
    assert [secret for secret in SECRETS if secret not in everything] == []


def test_the_name_of_a_restricted_file_is_no_title(tmp_path: Any) -> None:
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 5.0], "x": [1.0, 2.0, 2.0, 1.0], "w": [1.0, 1.0, 2.0, 1.0]})
    frame["h"] = [1, 1, 2, 2]
    frame.to_csv(tmp_path / "secret_cbs.csv", index=False)
    svy = llo.read_file(tmp_path / "secret_cbs.csv", weights="w")
    for result in (llo.mean("y", svy), llo.glm("y ~ x", svy, vcov="cluster", cluster="h")):
        receipt = result.receipt()
        text = str(receipt) + json.dumps(dict(receipt))
        assert "secret_cbs" not in text and "n=4" not in text and "G=2" not in text
    assert "G/(G-1)" in receipt["degrees_of_freedom"]["rule"]


def test_all_is_told_under_a_dated_profile_that_shows_every_row(
    restricted: llo.Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = profile("cbs")
    dated = Profile(own.name, own.title, "2026-11-27", own.rules)
    monkeypatch.setattr("llo_research.results.rules.profile", lambda name: dated)
    passed = _several(restricted)["mean"].receipt()
    assert "withheld" not in passed and passed["data"]["rows"] == 1234
    few = llo.mean("y", restricted.assign(cell=np.arange(1234) < 3), by="cell").receipt()
    assert "withheld" in few and "f1e2d3c4b5" not in str(dict(few))


def test_an_unknown_language_is_refused() -> None:
    result = llo.mean("hours", recorded_calls.surveys()["clusters"]())
    with pytest.raises(llo.DataError, match="language"):
        result.receipt(language="fr")


def test_a_receipt_does_not_tell_that_a_withheld_group_is_all_alike() -> None:
    """Ends at 0 and 100 % are made another way, of which programs say something."""
    frame = pd.DataFrame({"group": ["a"] * 60 + ["b"] * 6, "answer": ["p", "q"] * 33, "w": 1.0})
    told = []
    for answers in (["p", "q"] * 3, ["p"] * 6):
        frame.loc[60:, "answer"] = answers
        survey = llo.Survey(frame, weights="w", source={"kind": "restricted", "title": "file"})
        told.append(str(llo.share("answer", survey, by="group").receipt()))
    assert told[0] == told[1]
    frame.loc[:59, "answer"] = "p"  # of a group that is shown it is told
    opened = llo.share("answer", llo.Survey(frame, weights="w"), by="group").receipt()
    assert opened["interval"]["methods"] != ["logit"]

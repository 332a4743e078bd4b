"""Proves that a stack of independent surveys gives each survey's own numbers, and sums of variances between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.estimation import Result
from tests.survey import samples

EXACT = 1e-10  # of the largest covariance; the same sums beside others
EDUCATION = {"low": 140, "middle": 190, "high": 120}
Call = Callable[[llo.Survey, list[str]], Result]
CALLS: dict[str, Call] = {
    "mean": lambda s, by: llo.mean(["y", "hours"], s, by=[*by, "region"]),
    "share": lambda s, by: llo.share("education", s, by=by or None, interval="beta"),
    "total": lambda s, by: llo.total("hours", s, by=by or None),
    "ratio": lambda s, by: llo.ratio("y", "hours", s, by=by or None),
    "variance": lambda s, by: llo.variance("hours", s, by=by or None),
    "quantile": lambda s, by: llo.quantile("hours", s, q=[0.25, 0.5], by=by or None),
    "gap": lambda s, by: llo.gap("trained", s, group="region", of="north", minus="south", by=by or None),
    "missing": lambda s, by: llo.mean("gappy", s, by=by or None),
}


def _calibrated(svy: llo.Survey) -> llo.Survey:
    """Two weighting steps: calibration, then trimming."""
    return llo.trim(llo.calibrate(svy, {"education": EDUCATION}, method="raking"), upper=9.0, preserve="total")


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(education=frame["education"].cat.remove_unused_categories())


def _parts(kind: str) -> dict[str, llo.Survey]:
    one, other = _tidy(samples.people(1)), _tidy(samples.people(2, strata=4, places=3, size=8))
    if kind == "replicates":
        options: dict[str, Any] = {"weights": "w", "replicate_weights": "r[1-12]"}
        first = llo.Survey(samples.with_replicates(one), replicate_method="sdr", **options)
        second = samples.with_replicates(other, seed=9)
        return {"a": first, "b": llo.Survey(second, replicate_method="bootstrap", mse=False, **options)}
    designs = {
        "stages": ({"strata": "stratum"}, samples.DESIGNS["two stages"]),
        "fpc": (samples.DESIGNS["with fpc"], samples.DESIGNS["psu"]),
        "elements": ({}, {"strata": "stratum"}),
        "steps": (samples.DESIGNS["clusters"], samples.DESIGNS["two stages"]),
        "domains": (samples.DESIGNS["clusters"], samples.DESIGNS["clusters"]),
        "made replicates": (samples.DESIGNS["clusters"], samples.DESIGNS["clusters"]),
    }[kind]
    parts = {
        "a": llo.Survey(one, weights="w", **designs[0]),
        "b": llo.Survey(other, weights="w", **designs[1]),
    }
    if kind == "steps":
        parts = {"a": _calibrated(parts["a"]), "b": llo.calibrate(parts["b"], {"education": EDUCATION})}
    if kind == "domains":
        parts = {"a": parts["a"].where("hours > 3"), "b": parts["b"]}
    if kind == "made replicates":
        made = llo.replicate(parts["b"], "bootstrap", replicates=30, seed=1)
        parts = {"a": llo.replicate(_calibrated(parts["a"]), "jkn"), "b": made}
    return parts


KINDS = ["stages", "fpc", "elements", "steps", "domains", "replicates", "made replicates"]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("kind", KINDS)
def test_by_survey_gives_each_survey_alone(kind: str, name: str) -> None:
    parts = _parts(kind)
    both = CALLS[name](llo.stack(parts), ["survey"])
    start, largest = 0, np.abs(both.covariance).max()
    for part in parts.values():
        alone = CALLS[name](part, [])
        rows = slice(start, start + len(alone.estimate))
        outside = np.delete(both.covariance[rows], np.r_[rows], axis=1)
        assert both.estimate[rows] == pytest.approx(alone.estimate, rel=1e-12)
        assert np.abs(both.covariance[rows, rows] - alone.covariance).max() <= EXACT * largest
        assert np.abs(outside).max() <= EXACT * largest
        assert both.df[rows].tolist() == alone.df.tolist()
        assert both.n is not None
        assert alone.n is not None
        assert both.n[rows].tolist() == alone.n.tolist()
        assert np.array(both.ends)[:, rows] == pytest.approx(np.array(alone.ends), rel=1e-7, nan_ok=True)
        start = rows.stop
    assert start == len(both.estimate)


@pytest.mark.parametrize("kind", KINDS)
def test_differences_between_surveys_add_their_variances(kind: str) -> None:
    parts = _parts(kind)
    stacked = llo.stack(parts)
    a, b = (llo.mean("y", part) for part in parts.values())
    difference = llo.gap("y", stacked, group="survey", of="b", minus="a").to_frame().iloc[0]
    assert difference["estimate"] == pytest.approx(b.estimate[0] - a.estimate[0], rel=1e-10)
    assert difference["std_error"] == pytest.approx(np.hypot(a.std_error[0], b.std_error[0]), rel=1e-10)
    assert difference["df"] == a.df[0] + b.df[0]
    contrast = llo.mean("y", stacked, by="survey").contrast({"b": 1, "a": -1}).to_frame().iloc[0]
    assert contrast[["std_error", "df"]].tolist() == pytest.approx(difference[["std_error", "df"]].tolist(), rel=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_a_total_over_all_adds_up(kind: str) -> None:
    parts = _parts(kind)
    one, other = (llo.total("hours", part) for part in parts.values())
    both = llo.total("hours", llo.stack(parts))
    assert both.estimate[0] == pytest.approx(one.estimate[0] + other.estimate[0], rel=1e-12)
    assert both.std_error[0] == pytest.approx(np.hypot(one.std_error[0], other.std_error[0]), rel=1e-10)


@pytest.mark.parametrize("rule", ["remove", "adjust", "average", "certainty"])
@pytest.mark.parametrize("other", ["remove", "adjust", "average"])
def test_each_survey_keeps_its_rule_for_lonely_psus(rule: str, other: str) -> None:
    one, two = samples.people(3), samples.people(4)
    one = one[(one["stratum"] != "s0") | (one["place"] == 0)]
    two = two[(two["stratum"] != "s2") | (two["place"] == 1)]
    parts = {
        "a": llo.Survey(one, weights="w", strata="stratum", psu="place", lonely_psu=rule),
        "b": llo.Survey(two, weights="w", strata="stratum", psu="place", lonely_psu=other),
    }
    both = llo.mean("y", llo.stack(parts), by="survey")
    assert both.std_error == pytest.approx([llo.mean("y", part).std_error[0] for part in parts.values()], rel=1e-10)


def test_a_lonely_psu_without_a_rule_is_refused_with_the_survey_s_name() -> None:
    one = samples.people(3)
    lonely = one[(one["stratum"] != "s0") | (one["place"] == 0)]
    parts = {
        "fine": llo.Survey(one, weights="w", strata="stratum", psu="place"),
        "lonely": llo.Survey(lonely, weights="w", strata="stratum", psu="place"),
    }
    with pytest.raises(llo.DesignError, match="lonely: s0"):
        llo.mean("y", llo.stack(parts)).to_frame()


def test_a_stack_can_be_weighted_and_replicated() -> None:
    parts = _parts("steps")
    stacked = llo.stack(parts)
    assert [step["survey"] for step in stacked.design.facts()["steps"]] == ["a", "a", "b"]
    totals = {"region": {"north": 400, "south": 500}}
    weighted = llo.calibrate(stacked, totals)
    assert llo.total("region", weighted).estimate.tolist() == pytest.approx([400, 500], rel=1e-10)
    assert llo.total("region", weighted).std_error.max() <= 1e-6
    by_survey = {"a": totals, "b": {"region": {"north": 300, "south": 200}}}
    apart = llo.calibrate(stacked, by_survey, by="survey")
    alone = llo.calibrate(parts["b"], by_survey["b"])
    assert apart.weights[-len(alone) :].tolist() == pytest.approx(alone.weights.tolist(), rel=1e-12)
    both = llo.mean("y", apart, by="survey")
    assert both.std_error[1] == pytest.approx(llo.mean("y", alone).std_error[0], rel=1e-10)


def test_replicates_made_of_a_stack_redo_each_survey_s_steps() -> None:
    one, other = _tidy(samples.people(1)), _tidy(samples.people(2, strata=4, places=3, size=8))
    design = samples.DESIGNS["clusters"]
    parts = {
        "a": llo.calibrate(llo.Survey(one, weights="w", **design), {"education": EDUCATION}),
        "b": llo.Survey(other, weights="w", **design),
    }
    both = llo.mean("y", llo.replicate(llo.stack(parts), "jkn"), by="survey")
    alone = [llo.mean("y", llo.replicate(part, "jkn")).std_error[0] for part in parts.values()]
    assert both.std_error == pytest.approx(alone, rel=1e-10)


def test_columns_levels_and_types() -> None:
    one = pd.DataFrame(
        {
            "w": [1.0, 2.0],
            "trained": [1, 0],
            "only": [True, False],
            "id": [2**60, 2**60 + 1],
            "level": pd.Categorical(["low", "high"], categories=["low", "high"], ordered=True),
            "text": ["x", "y"],
            "age": [20, 30],
        }
    )
    other = pd.DataFrame(
        {
            "w": [3.0],
            "trained": [1.0],
            "level": pd.Categorical(["middle"], categories=["low", "middle", "high", "top"], ordered=True),
            "text": pd.Categorical(["b"], categories=["c", "b"]),
        }
    )
    frame = llo.stack({"a": llo.Survey(one, weights="w"), "b": llo.Survey(other, weights="w")}).frame
    assert list(frame) == ["survey", "w", "trained", "only", "id", "level", "text", "age"]
    assert frame["survey"].tolist() == ["a", "a", "b"]
    assert list(frame["level"].cat.categories) == ["low", "middle", "high", "top"]
    assert frame["level"].cat.ordered
    assert list(frame["text"].cat.categories) == ["c", "b", "x", "y"]
    assert frame["id"].tolist()[:2] == [2**60, 2**60 + 1]
    assert frame["only"].tolist()[:2] == [True, False]
    assert frame["only"].isna()[2]
    assert frame["age"].dtype == float
    assert frame["w"].tolist() == [1.0, 2.0, 3.0]


def test_people_numbered_in_one_survey_and_named_in_another_stand_as_text() -> None:
    base = pd.DataFrame({"w": [1.0, 1.0, 1.0], "y": [1.0, 0.0, 1.0]})
    people: dict[str, Any] = {
        "text": ["0007", "a", None],
        "whole": [2**60 + 1, 7, 8],
        "gaps": [1.0, np.nan, 3.0],
        "codes": pd.array([2**60, None, 5], dtype="Int64"),
    }
    surveys = {key: llo.Survey(base.assign(person=own), weights="w") for key, own in people.items()}
    svy = llo.stack(surveys, breaks="flag")
    told = svy.frame["person"].astype(object).where(svy.frame["person"].notna(), None).tolist()
    assert told == ["0007", "a", None, str(2**60 + 1), "7", "8", "1", None, "3", str(2**60), None, "5"]
    assert llo.mean("y", svy, by="survey").estimate.tolist() == [2 / 3] * 4
    for wrong, words in (([1.5, np.inf, 3.0], "of another kind"), ([2.0**60, 1.0, 2.0], "cannot be written as text")):
        with pytest.raises(llo.DataError, match=words):
            llo.stack({"a": surveys["text"], "b": llo.Survey(base.assign(person=wrong), weights="w")})
    units = {"whole": llo.Survey(surveys["whole"].frame, weights="w", unit="person")}
    units["named"] = llo.Survey(base.assign(person=["7", "8", "9"]), weights="w", unit="person")
    assert set(llo.stack(units).frame["survey:person"].dropna()) >= {"whole:7", "named:7"}


def test_columns_of_another_kind_or_order_are_refused() -> None:
    base = pd.DataFrame({"w": [1.0, 1.0], "x": [1, 2]})
    for x, text in ((["a", "b"], "of another kind"), ([True, False], "of another kind")):
        with pytest.raises(llo.DataError, match=text) as error:
            llo.stack({"a": llo.Survey(base, weights="w"), "b": llo.Survey(base.assign(x=x), weights="w")})
        assert "numbers" in str(error.value)
    ordered = [pd.Categorical(["u", "v"], categories=levels) for levels in (["u", "v"], ["v", "u"])]
    with pytest.raises(llo.DataError, match="another order"):
        llo.stack({k: llo.Survey(base.assign(x=x), weights="w") for k, x in zip("ab", ordered, strict=True)})


def _item(name: str, seed: int, **options: Any) -> llo.Survey:
    frame = samples.people(seed)
    half = frame.assign(**{name: (frame["w"] * 2).where(frame["person"] % 2 == 0)})
    half["skills"] = half["y"].where(half["person"] % 2 == 0)
    return llo.Survey(half, weights="w", strata="stratum", item_weights={"skills": name}, **options)


def test_item_weights_of_each_survey() -> None:
    one = _item("w_part", 1)
    for other in (
        _item("w_part", 2),
        _item("w_half", 2),
        llo.Survey(samples.people(2).assign(skills=1.5), weights="w"),
    ):
        both = llo.mean("skills", llo.stack({"a": one, "b": other}), by="survey")
        alone = [llo.mean("skills", part) for part in (one, other)]
        assert both.estimate == pytest.approx([part.estimate[0] for part in alone], rel=1e-12)
        assert both.std_error == pytest.approx([part.std_error[0] for part in alone], rel=1e-10)
        assert both.n.tolist() == [part.n[0] for part in alone]
        whole = llo.mean("y", llo.stack({"a": one, "b": other}), by="survey")
        assert whole.estimate[0] == pytest.approx(llo.mean("y", one).estimate[0], rel=1e-12)


def test_people_of_two_surveys_with_the_same_number_are_two_people() -> None:
    frame, second = samples.people(1), samples.people(2)
    options: dict[str, Any] = {"weights": "w", "strata": "stratum", "unit": "person", "time": "year"}
    stacked = llo.stack({"a": llo.Survey(frame, **options), "b": llo.Survey(second, **options)})
    assert stacked.time == "year"
    assert stacked._arguments["unit"] == "survey:person"
    assert stacked.frame["survey:person"].nunique() == 2 * len(frame)
    other = llo.Survey(second.assign(person=frame["person"] + 1000), **options)
    assert llo.stack({"a": llo.Survey(frame, **options), "b": other})._arguments["unit"] == "person"
    without = llo.stack({"a": llo.Survey(frame, **options), "b": llo.Survey(second, weights="w", strata="stratum")})
    assert without.time is None
    assert any(
        "time is not the same column" in str(note.get("stack")) for note in llo.mean("y", without).meta["domain"]
    )


def test_source_labels_and_notes() -> None:
    frame = samples.people(1)
    shift = {"time": 2018, "what": "new", "series": ["y"], "shift": 0.3, "shift_se": 0.1, "uniform": True}
    one = llo.Survey(
        frame,
        weights="w",
        labels={"y": "of a", "hours": "Hours"},
        source={"title": "A", "kind": "public", "country": "nld", "breaks": [shift]},
    )
    other = llo.Survey(
        frame, weights="w", labels={"y": "of b"}, source={"title": "B", "kind": "restricted", "country": "nld"}
    )
    synthetic = llo.Survey(frame, weights="w", source={"synthetic": True})
    stacked = llo.stack({"a": one.where("hours > 2"), "b": other})
    assert stacked.labels == {"y": "of a", "hours": "Hours"}
    assert (stacked.source["kind"], stacked.source["country"]) == ("restricted", "nld")
    assert stacked.source["title"]["en"] == "a: A; b: B"
    assert stacked.source["surveys"]["b"]["title"] == "B"
    (known,) = stacked.source["breaks"]
    assert known["survey"] == "a"
    assert known["shifts"] == [{"variable": "y", "survey": "a", "shift": 0.3, "shift_se": 0.1}]
    assert {"shift", "uniform"} & set(known) == set()
    meta = llo.mean("y", stacked).meta
    assert not meta["synthetic"]
    assert meta["domain"][0]["survey"] == "a"
    assert meta["design"]["stacked"] == ["a", "b"]
    assert llo.mean("y", llo.stack({"b": other, "s": synthetic})).meta["synthetic"]


def test_what_cannot_be_stacked(tmp_path: Path) -> None:
    plain, replicated = samples.survey(), samples.replicate_survey()
    with pytest.raises(llo.DesignError, match="with and without replicate weights"):
        llo.stack({"a": plain, "b": replicated})
    proportional = llo.Survey(samples.people(), weights="w", weight_kind="proportional")
    with pytest.raises(llo.DesignError, match="different kinds of weights"):
        llo.stack({"a": plain, "b": proportional})
    with pytest.raises(llo.DataError, match="'survey' already"):
        llo.stack({"a": plain, "b": llo.stack({"c": samples.survey(), "d": samples.survey(seed=1)})})
    for wrong in ({"a": plain}, [plain, plain], {"a": plain, "b": samples.people()}, {1: plain, 2: plain}, None):
        with pytest.raises(llo.DataError, match="at least two surveys by name"):
            llo.stack(wrong)  # type: ignore[arg-type]  # what a careless user may pass
    with pytest.raises(llo.DataError, match="not saved as one"):
        llo.stack({"a": plain, "b": samples.survey(seed=1)}).save(tmp_path / "both")


def test_domains_of_a_stack_and_of_its_parts() -> None:
    parts = _parts("elements")
    stacked = llo.stack({"a": parts["a"].where("older"), "b": parts["b"].where("older")})
    after = llo.stack(parts).where("older")
    one, other = (llo.mean("y", svy, by="survey") for svy in (stacked, after))
    assert one.estimate.tolist() == other.estimate.tolist()
    assert one.covariance == pytest.approx(other.covariance, rel=1e-12)
    assert len(stacked) == len(parts["a"]) + len(parts["b"])


def test_three_surveys_and_a_crosstab_between_them() -> None:
    parts = {name: samples.survey("clusters", seed) for seed, name in enumerate("abc")}
    table = llo.crosstab("survey", "trained", llo.stack(parts))
    assert table.test("F").df <= 2.0
    assert len(table.estimate) == 6


# -- rows of one survey are no independent samples ---------------------------------------------------------------


def _large(seed: int) -> pd.DataFrame:
    return samples.people(seed, strata=5, places=20, size=12)


_FILES = {"files": [{"path": "nea.csv", "sha256": "a1"}]}
ONE_SURVEY: dict[str, Any] = {
    "domains": lambda s, f: (s.where("trained == 1"), s.where("trained == 0")),
    "domains of a copy": lambda s, f: (s.assign(z=1).where("trained == 1"), s.where("trained == 0")),
    "times": lambda s, f: (s.where("year == 2014"), s.where("year == 2018")),
    "itself": lambda s, f: (s, s),
    "two weightings": lambda s, f: (s, s.use_weights("hours")),
    "calibrated and not": lambda s, f: (s, llo.calibrate(s, {"trained": {0: 900.0, 1: 800.0}})),
    "joined": lambda s, f: (s, s.join(pd.DataFrame({"person": [0], "q": [1.0]}), on="person")),
    "two surveys of one frame": lambda s, f: (llo.Survey(f, weights="w"), llo.Survey(f, weights="hours")),
    "one frame with another design": lambda s, f: (llo.Survey(f, weights="w"), llo.Survey(f, weights="w", psu="place")),
    "the same rows read twice": lambda s, f: (s, llo.Survey(_large(1), weights="w")),
    "the same file read twice": lambda s, f: (
        llo.Survey(f.head(50), weights="w", source=_FILES),
        llo.Survey(f.head(50).copy().assign(w=lambda d: d["w"] * 1), weights="w", source=_FILES),
    ),
    "years of one file that overlap": lambda s, f: (
        llo.Survey(f.head(50), weights="w", source={**_FILES, "years": [2014, 2016]}),
        llo.Survey(f.tail(70), weights="w", source={**_FILES, "years": [2016, 2018]}),
    ),
}


@pytest.mark.parametrize("name", ONE_SURVEY)
def test_parts_of_one_survey_are_refused(name: str) -> None:
    frame = _large(1)
    one, other = ONE_SURVEY[name](llo.Survey(frame, weights="w", strata="stratum", psu="place"), frame)
    with pytest.raises(llo.DesignError, match="rows of one survey") as caught:
        llo.stack({"a": one, "b": other})
    assert "by=" in str(caught.value.todo)


SAMPLES: dict[str, Any] = {
    "other people": lambda f: (llo.Survey(f, weights="w"), llo.Survey(_large(2), weights="w")),
    "two waves of one file": lambda f: tuple(
        llo.Survey(f[f["year"] == year].reset_index(drop=True), weights="w", source={**_FILES, "years": [year]})
        for year in (2014, 2018)
    ),
    "halves of equal size": lambda f: tuple(
        llo.Survey(half.reset_index(drop=True), weights="w") for half in (f.iloc[:600], f.iloc[600:])
    ),
    "only a counter and weights in common": lambda f: (
        llo.Survey(f[["person", "y"]].assign(w=1.0), weights="w"),
        llo.Survey(_large(2)[["person", "hours", "trained"]].assign(w=1.0), weights="w"),
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_drawn_apart_are_not(name: str) -> None:
    one, other = SAMPLES[name](_large(1))
    stacked = llo.stack({"a": one, "b": other})
    assert len(stacked) == len(one) + len(other)
    both, *apart = (llo.total("one", svy.assign(one=1.0)) for svy in (stacked, one, other))
    assert both.estimate[0] == pytest.approx(sum(part.estimate[0] for part in apart), rel=1e-12)
    assert both.covariance[0, 0] == pytest.approx(sum(part.covariance[0, 0] for part in apart), rel=1e-12, abs=1e-9)


def test_levels_that_no_survey_shares_stand_in_the_order_of_the_surveys() -> None:
    parts = {
        name: llo.Survey(pd.DataFrame({"c": pd.Categorical([name] * 3, [name]), "w": 1.0}), weights="w")
        for name in ("bel", "nor", "aut")
    }
    assert list(llo.stack(parts).frame["c"].cat.categories) == ["bel", "nor", "aut"]


def test_surveys_are_called_as_pages_write_them() -> None:
    two = {"nea": llo.synthetic("nea", years=2021), "zea": llo.synthetic("zea", years=2021)}
    told = llo.stack(two).source["population"]["en"]
    assert told.startswith("NEA: employees") and "; ZEA: " in told
    named = llo.stack({"of staff": two["nea"], "zea": two["zea"]}).source["population"]["en"]
    assert named.startswith("of staff: employees"), "a name of one's own stays"

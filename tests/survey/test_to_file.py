"""Proves that the files of ``svy.to_file``, read again, give the estimates and errors that the survey gives."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import LloWarning
from tests.survey import samples

KINDS = ["csv", "dta", "sav", "parquet"]
SAME = 1e-12  # sums in another order of the groups: rounding of the last digits
TOTALS = {"region": {"north": 300.0, "south": 420.0}}


def rows(result: llo.Result) -> dict[tuple[str, ...], np.ndarray]:
    """Estimate, standard error and degrees of freedom by the names of the groups."""
    frame = result.to_frame()
    names = [tuple(str(part) for part in row) for row in frame[list(result.meta["by"])].itertuples(index=False)]
    return dict(zip(names, frame[["estimate", "std_error", "df"]].to_numpy(float), strict=True))


def same(one: llo.Result, other: llo.Result) -> None:
    """Two results with the same groups and the same numbers."""
    first, second = rows(one), rows(other)
    assert set(first) == set(second)
    for name, numbers in first.items():
        np.testing.assert_allclose(second[name], numbers, rtol=SAME, err_msg=str(name))


def read(path: Path, **design: Any) -> llo.Survey:
    """The file as our own reader takes it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*mean of 1.*", category=LloWarning)
        return llo.read_file(path, restricted=False, **design)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("design", samples.DESIGNS)
def test_each_design_comes_back(design: str, kind: str, tmp_path: Path) -> None:
    svy = samples.survey(design)
    again = read(svy.to_file(tmp_path / f"own.{kind}"), weights="w", **samples.DESIGNS[design])
    for by in (None, "education", ["region", "year"]):
        same(llo.mean("gappy", svy, by=by), llo.mean("gappy", again, by=by))
    same(llo.quantile("hours", svy, q=0.5), llo.quantile("hours", again, q=0.5))
    assert len(again) == len(svy)
    np.testing.assert_array_equal(again.frame["person"], svy.frame["person"])  # the order of the rows
    np.testing.assert_array_equal(again.frame["w"], svy.frame["w"])  # every digit


@pytest.mark.parametrize("kind", KINDS)
def test_a_domain_comes_back_as_a_column(kind: str, tmp_path: Path) -> None:
    whole = samples.survey()
    svy = whole.where((whole.frame["hours"] > 4) & whole.frame["older"])  # a Series, which no condition tells of
    again = read(svy.to_file(tmp_path / f"own.{kind}"), weights="w", **samples.DESIGNS["clusters"])
    np.testing.assert_array_equal(again.frame["in_domain"], svy.domain.astype(int))
    same(llo.mean("y", svy, by="region"), llo.mean("y", again.where("in_domain == 1"), by="region"))
    assert "in_domain" not in read(whole.to_file(tmp_path / f"w.{kind}"), weights="w").frame


@pytest.mark.parametrize("kind", KINDS)
def test_replicate_weights_of_the_producer(kind: str, tmp_path: Path) -> None:
    """A design of the form of PIAAC: a pattern of columns, a method, no strata."""
    design = {"weights": "w", "replicate_weights": "r[1-12]", "replicate_method": "jk2"}
    svy = llo.Survey(samples.with_replicates(samples.people()), **design)
    path = svy.to_file(tmp_path / f"own.{kind}", columns=["y", "education"])
    again = read(path, **design)
    assert list(again.frame.columns) == ["w", "y", "education", *(f"r{i + 1}" for i in range(12))]
    same(llo.mean("y", svy, by="education"), llo.mean("y", again, by="education"))


@pytest.mark.parametrize("kind", KINDS)
def test_replicate_weights_made_here(kind: str, tmp_path: Path) -> None:
    svy = llo.replicate(samples.survey(), "bootstrap", replicates=20, seed=1)
    replicates = svy.design.replicates
    again = read(
        svy.to_file(tmp_path / f"own.{kind}"),
        weights="w",
        replicate_weights="replicate_[1-20]",
        replicate_method="bootstrap",
        replicate_scale=replicates.scale,
        replicate_rscales=replicates.rscales,
    )
    np.testing.assert_array_equal(again.design.replicates.weights, replicates.weights)
    ours, theirs = llo.mean("y", svy, by="region"), llo.mean("y", again, by="region")
    np.testing.assert_allclose(theirs.std_error, ours.std_error[np.argsort(ours.to_frame()["region"])], rtol=SAME)


@pytest.mark.parametrize("kind", KINDS)
def test_a_calibrated_survey_can_be_calibrated_again(kind: str, tmp_path: Path) -> None:
    svy = llo.calibrate(samples.survey(), TOTALS)
    again = read(svy.to_file(tmp_path / f"own.{kind}", columns="gappy"), weights="w", **samples.DESIGNS["clusters"])
    np.testing.assert_allclose(again.frame["final_weight"], svy.weights, rtol=0)
    assert "region" in again.frame  # the step needs it
    same(llo.mean("gappy", svy), llo.mean("gappy", llo.calibrate(again, TOTALS)))


STEPS = {
    "calibrate": lambda svy: llo.calibrate(svy, TOTALS),
    "trim": lambda svy: llo.trim(svy, upper=8.5),
    "both": lambda svy: llo.trim(llo.calibrate(svy, TOTALS), upper=25.0, preserve=["region"]),
}


@pytest.mark.parametrize("first", ["replicate", "step"])
@pytest.mark.parametrize("step", STEPS)
def test_replicates_are_written_as_before_the_steps(step: str, first: str, tmp_path: Path) -> None:
    base = llo.replicate(samples.survey(), "jkn")
    svy = STEPS[step](base) if first == "replicate" else llo.replicate(STEPS[step](samples.survey()), "jkn")
    wanted = base.design.replicates.weights
    assert not np.array_equal(svy.design.replicates.weights, wanted)
    for own in (svy, llo.read_survey(svy.save(tmp_path / "kept"))):
        frame = pd.read_csv(own.to_file(tmp_path / "own.csv"))
        np.testing.assert_array_equal(frame[[f"replicate_{r + 1}" for r in range(wanted.shape[1])]], wanted)
        np.testing.assert_array_equal(frame["final_weight"], own.weights)
        assert own.design.degrees_of_freedom() == samples.survey().design.degrees_of_freedom()


@pytest.mark.parametrize("kind", KINDS)
def test_a_synthetic_survey_with_its_labels(kind: str, tmp_path: Path) -> None:
    """All columns of a survey as researchers have it: codes, labels, gaps, categories."""
    svy = llo.synthetic("nea", [2019, 2021], 2000)
    again = read(svy.to_file(tmp_path / f"nea.{kind}"), weights="weight", strata=["year", "stratum"], time="year")
    ours = llo.mean("autonomy", svy, by=["year", "education"]).to_frame()
    theirs = llo.mean("autonomy", again, by=["year", "education"]).to_frame()
    if kind in ("dta", "sav"):  # the names are the English labels, in the order of the categories
        words = svy.labels["education"]["values"]
        ours["education"] = [words[level]["en"] for level in ours["education"]]
        assert list(again.frame["education"].cat.categories) == [
            words[level]["en"] for level in svy.frame["education"].cat.categories
        ]
        assert again.labels["autonomy"]["en"] == svy.labels["autonomy"]["en"]
        assert list(theirs["education"]) == list(ours["education"])
    else:
        order = ["year", "education"]
        ours["education"], theirs["education"] = ours["education"].astype(str), theirs["education"].astype(str)
        ours, theirs = ours.sort_values(order), theirs.sort_values(order)
    numbers = ["estimate", "std_error", "df"]
    np.testing.assert_allclose(theirs[numbers].to_numpy(float), ours[numbers].to_numpy(float), rtol=SAME)
    for name in ("training", "learn_tasks", "hours", "training_code"):  # missing is missing, row by row
        np.testing.assert_array_equal(again.frame[name].isna(), svy.frame[name].isna())


def test_a_stack_has_its_own_weights_and_design(tmp_path: Path) -> None:
    one = llo.Survey(samples.people(1).rename(columns={"w": "w1"}), weights="w1", strata="stratum", psu="place")
    two = llo.Survey(samples.people(2), weights="w", psu="home", nest=False)
    svy = llo.stack({"one": llo.calibrate(one, TOTALS), "two": two})
    frame = pd.read_csv(svy.to_file(tmp_path / "both.csv"))
    again = llo.Survey(frame, weights="final_weight", strata="stack_stratum", psu="stack_psu")
    np.testing.assert_allclose(frame["stack_weight"], np.concatenate([one.frame["w1"], two.frame["w"]]), rtol=1e-15)
    plain = llo.stack({"one": one, "two": two})
    again = llo.Survey(frame, weights="stack_weight", strata="stack_stratum", psu="stack_psu")
    same(llo.mean("y", plain, by="survey"), llo.mean("y", again, by="survey"))


@pytest.mark.parametrize("by_unit", [True, False])
def test_a_stack_of_replicates_has_those_of_the_own_survey_in_each_row(by_unit: bool, tmp_path: Path) -> None:
    """At the replicates of the other survey a row has its full weight, which is not written a hundred times."""
    one = llo.replicate(samples.survey(), "bootstrap", replicates=20, seed=1)
    two = llo.replicate(samples.survey(), "jkn") if by_unit else samples.replicate_survey(3)
    svy = llo.stack({"one": one, "two": two})
    frame = pd.read_csv(svy.to_file(tmp_path / "both.csv"))
    numbers = [part.design.replicates.n_replicates for part in (one, two)]
    columns = [f"replicate_{r + 1}" for r in range(max(numbers))]
    assert [name for name in frame if name.startswith("replicate_")] == columns
    whole = np.repeat(frame[["stack_weight"]].to_numpy(), sum(numbers), axis=1)
    ends = np.cumsum([0, *numbers])
    for name, start, end in zip(("one", "two"), ends, ends[1:], strict=False):
        mine = (frame["survey"] == name).to_numpy()
        whole[mine, start:end] = frame.loc[mine, columns[: end - start]]
        assert frame.loc[mine, columns[end - start :]].isna().all(axis=None)
    np.testing.assert_allclose(whole, svy.design.replicates.weights, rtol=1e-15)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_survey_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    svy = llo.calibrate(samples.survey(), TOTALS).where("older")
    one = svy.to_file(tmp_path / f"one.{kind}")
    two = svy.to_file(tmp_path / "elsewhere" / f"two.{kind}")
    assert one.read_bytes() == two.read_bytes()
    clock = {"dta": b"01 Jan 2000 00:00", "sav": b"01 Jan 0000:00:00"}.get(kind, b"")  # in the header, not today's
    assert clock in one.read_bytes()[:400]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()].count(one.name) == 1
    assert not list(tmp_path.rglob("*.part"))


def test_columns_are_those_asked_for_and_those_of_the_design(tmp_path: Path) -> None:
    svy = samples.survey("two stages")
    frame = pd.read_csv(svy.to_file(tmp_path / "own.csv", columns=["gappy", "y"]))
    assert list(frame.columns) == ["stratum", "place", "home", "places", "homes", "w", "y", "gappy"]
    frame = pd.read_csv(
        llo.trim(svy, upper=8.5, preserve=[("region", "year")]).to_file(tmp_path / "t.csv", columns="y")
    )
    assert {"region", "year", "final_weight"} <= set(frame.columns)
    halves = llo.Survey(
        samples.people().assign(half=lambda d: d["w"].where(d["older"])), weights="w", item_weights={"y": "half"}
    )
    assert list(pd.read_csv(halves.to_file(tmp_path / "h.csv", columns="hours")).columns) == ["w", "hours", "half"]

"""Proves that whatever a weighting step holds can be named in a file, and that files name classes, not places.

Every step that a call can make is walked through to its last array; the classes met are those that files may name.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.survey import packing
from llo_research.survey.packing import pack, unpack
from tests.weighting import samples, test_chains, test_two_routes
from tests.weighting.samples import margin

Chain = Callable[[llo.Survey], llo.Survey]


def _totals(svy: llo.Survey) -> dict[str, Any]:
    return {"education": margin(svy, "education"), "sex": margin(svy, "sex")}


def _by_own(svy: llo.Survey, **options: Any) -> llo.Survey:
    """Each half has its own totals, on clusters too."""
    frame = svy.frame
    totals = {half: {"sex": rows.groupby("sex")["w"].sum() * 1.03} for half, rows in frame.groupby("half")}
    return llo.calibrate(svy, totals, by="half", **options)


OWN = llo.weighting.Distance(np.exp, np.exp, "mine")
CHAINS: dict[str, Chain] = {
    **test_two_routes.CHAINS,
    **test_chains.EXACT,
    **test_chains.TRIMMED,
    **test_chains.RAKED,
    "truncated": lambda s: llo.calibrate(s, _totals(s), method="truncated", bounds=(0.3, 3)),
    "scaled": lambda s: llo.calibrate(s, _totals(s), scale="x"),
    "clusters": lambda s: llo.calibrate(s, _totals(s), cluster="place"),
    "clusters, raking": lambda s: llo.calibrate(s, _totals(s), cluster="place", method="raking"),
    "trimmed, total": lambda s: llo.trim(s, upper=250.0, preserve="total"),
    "trimmed, numeric": lambda s: llo.trim(s, lower=60.0, upper=250.0, preserve=["x", "sex"]),
    "everybody came": lambda s: llo.adjust_nonresponse(s.assign(here="age > 0"), "here", formula="age"),
    "by": _by_own,
    "own distance": lambda s: llo.calibrate(s, _totals(s), method=OWN),
    "jackknife": lambda s: llo.replicate(llo.calibrate(s, _totals(s)), "jkn"),
    "bootstrap": lambda s: llo.trim(
        llo.replicate(s, "bootstrap", replicates=10, seed=1), upper=300.0, preserve="total"
    ),
}


def held(value: Any) -> Iterator[type]:
    """The classes of a value and of everything in it, arrays and what Python itself has aside."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from held(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from held(item)
    elif dataclasses.is_dataclass(value):
        yield type(value)
        if not hasattr(value, "packed"):
            for field in dataclasses.fields(value):
                yield from held(getattr(value, field.name))


@pytest.fixture(scope="module")
def surveys() -> dict[str, llo.Survey]:
    """A survey for each chain of steps."""
    return {name: chain(samples.survey(3, 200)) for name, chain in CHAINS.items()}


def _with_leavers() -> llo.Survey:
    """People followed over three waves, some of whom leave, weighted for it."""
    rng = np.random.default_rng(1)
    rows = [(i, t, float(rng.random()), 1.0, t < 2 and (i + t) % 4 > 0) for i in range(40) for t in range(3)]
    frame = pd.DataFrame(rows, columns=["who", "year", "x", "w", "stays"])
    gone = frame.assign(left=~frame["stays"]).groupby("who")["left"].cumsum().groupby(frame["who"]).shift(fill_value=0)
    svy = llo.Survey(frame[gone == 0], weights="w", unit="who", time="year")
    return llo.panel.attrition_weights("stays ~ x", svy)


def test_files_may_name_what_a_step_holds_and_nothing_else(surveys: dict[str, llo.Survey]) -> None:
    followed = [*surveys.values(), _with_leavers()]
    met = {kind for svy in followed for kind in held([svy.design.steps, svy.design.replicates])}
    assert {kind.__name__ for kind in met} == set(packing._PLACE_OF)
    assert {kind.__name__: kind.__module__ for kind in met} == packing._PLACE_OF


@pytest.mark.parametrize("name", [name for name in CHAINS if name != "own distance"])
def test_each_step_comes_back_from_a_file(name: str, surveys: dict[str, llo.Survey], tmp_path: Path) -> None:
    svy = surveys[name]
    again = llo.read_survey(svy.save(tmp_path / "s"))
    assert [type(step) for step in again.design.steps] == [type(step) for step in svy.design.steps]
    assert np.array_equal(again.weights, svy.weights)
    wanted = llo.mean("y", svy, by="sex").covariance
    assert np.array_equal(llo.mean("y", again, by="sex").covariance, wanted)


def test_a_class_that_moved_is_still_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file of a calibrated survey, after `Calibration` went to a module that was not there when it was written."""
    svy = CHAINS["margins"](samples.survey(3, 200))
    path = svy.save(tmp_path / "s")
    elsewhere = ModuleType("llo_research.weighting.elsewhere")
    step = type(svy.design.steps[0])
    moved = type(step.__name__, (step,), {"__module__": elsewhere.__name__})
    setattr(elsewhere, step.__name__, moved)
    monkeypatch.setitem(sys.modules, elsewhere.__name__, elsewhere)
    monkeypatch.setitem(packing._PLACE_OF, step.__name__, elsewhere.__name__)
    again = llo.read_survey(path)
    assert type(again.design.steps[0]) is moved
    assert np.array_equal(again.weights, svy.weights)
    assert b"llo_research." not in np.load(path)["head"].tobytes()


def _renamed(path: Path, old: str, new: str) -> Path:
    """The file with another name for a class."""
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    head = arrays["head"].tobytes().decode("utf-8")
    assert old in head
    arrays["head"] = np.frombuffer(head.replace(old, new).encode("utf-8"), dtype=np.uint8)
    with path.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    return path


@pytest.mark.parametrize("place", ["llo_research.weighting.calibration", "llo_research.gone", "os", ""])
def test_the_module_that_older_files_name_is_passed_over(place: str, tmp_path: Path) -> None:
    svy = CHAINS["margins"](samples.survey(3, 200))
    path = _renamed(svy.save(tmp_path / "s"), '"Calibration"', f'"{place}:Calibration"')
    assert np.array_equal(llo.read_survey(path).weights, svy.weights)


@pytest.mark.parametrize("name", ["os:system", "Popen", "llo_research.survey.survey:Survey", "", "Independence"])
def test_a_class_that_is_unknown_is_refused_in_clear_words(name: str, tmp_path: Path) -> None:
    path = CHAINS["margins"](samples.survey(3, 200)).save(tmp_path / "s")
    with pytest.raises(llo.DataError, match="a weighting step that this version does not have") as refused:
        llo.read_survey(_renamed(path, '"Calibration"', f'"{name}"'))
    assert refused.value.found == name
    assert "Calibration, ClassAdjustment" in str(refused.value)


def test_what_is_no_name_is_no_saved_survey(tmp_path: Path) -> None:
    path = CHAINS["margins"](samples.survey(3, 200)).save(tmp_path / "s")
    with pytest.raises(llo.DataError, match="not a saved survey"):
        llo.read_survey(_renamed(path, '"Calibration"', "7"))


def test_a_namesake_of_another_module_is_not_packed() -> None:
    @dataclasses.dataclass(frozen=True)
    class Calibration:
        x: int

    with pytest.raises(llo.DataError, match="cannot be saved"):
        pack(Calibration(1), "x", {})
    assert unpack(pack({(1, "a"): [None, 2.5]}, "x", {}), {}) == {(1, "a"): [None, 2.5]}


def test_each_name_is_a_class_where_it_is_said_to_be() -> None:
    for name, place in packing._PLACE_OF.items():
        assert dataclasses.is_dataclass(getattr(import_module(place), name))

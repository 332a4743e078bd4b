"""Proves that missing values leave rows out as a domain, are counted, and can be refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.survey import samples

EXACT = 1e-12


def _holes() -> pd.DataFrame:
    frame = samples.people(7)
    rng = np.random.default_rng(3)
    for name in ("hours", "region", "education", "trained"):
        frame[name] = frame[name].astype(object).where(rng.random(len(frame)) < 0.85)
    frame["hours"], frame["trained"] = frame["hours"].astype(float), frame["trained"].astype(float)
    frame["education"] = pd.Categorical(frame["education"], categories=samples.EDUCATION, ordered=True)
    return frame


def _svy(design: str = "clusters") -> llo.Survey:
    return llo.Survey(_holes(), weights="w", **samples.DESIGNS[design])


@pytest.mark.parametrize("design", ["clusters", "two stages"])
def test_missing_rows_are_a_domain(design: str) -> None:
    svy = _svy(design)
    known = svy.where("notna(gappy) & notna(hours)")
    pairs: list[tuple[Any, Any]] = [
        (llo.mean(["gappy", "hours"], svy), llo.mean(["gappy", "hours"], known)),
        (llo.ratio("gappy", "hours", svy), llo.ratio("gappy", "hours", known)),
        (llo.total(["gappy", "hours"], svy), llo.total(["gappy", "hours"], known)),
    ]
    for one, other in pairs:
        assert one.estimate == pytest.approx(other.estimate, rel=EXACT)
        assert one.covariance == pytest.approx(other.covariance, rel=EXACT)
        assert one.df.tolist() == other.df.tolist() and one.n.tolist() == other.n.tolist()


def test_several_variables_speak_of_the_same_people_unless_each_uses_its_own() -> None:
    svy = _svy()
    together = llo.mean(["gappy", "hours"], svy)
    own = llo.mean(["gappy", "hours"], svy, missing="available")
    apart = [llo.mean("gappy", svy), llo.mean("hours", svy)]
    assert together.n is not None and own.n is not None
    assert together.n[0] == together.n[1] < own.n.min()
    assert own.estimate == pytest.approx([a.estimate[0] for a in apart], rel=EXACT)
    assert own.std_error == pytest.approx([a.std_error[0] for a in apart], rel=EXACT)
    joint = llo.joint({"gappy": apart[0], "hours": apart[1]})
    assert own.covariance == pytest.approx(joint.covariance, rel=EXACT)


def test_available_rows_in_cells_with_replicates() -> None:
    frame = samples.with_replicates(_holes())
    svy = llo.Survey(frame, weights="w", replicate_weights="r[1-12]", replicate_method="jk1")
    own = llo.mean(["gappy", "hours"], svy, by="older", missing="available")
    joint = llo.joint({n: llo.mean(n, svy, by="older") for n in ("gappy", "hours")})
    order = [0, 2, 1, 3]
    assert own.covariance == pytest.approx(joint.covariance[np.ix_(order, order)], rel=EXACT)


def test_everything_left_out_is_counted() -> None:
    svy = _svy().where("older")
    frame = svy.frame[svy.frame["older"]]
    told = llo.mean(["gappy", "hours"], svy, by=["region", "education"]).meta["left_out"]
    assert told["region"] == frame["region"].isna().sum() > 0
    assert told["education"] == frame["education"].isna().sum() > 0
    inside = frame.dropna(subset=["region", "education"])
    assert told["gappy"] == inside["gappy"].isna().sum()
    assert told["hours"] == inside["hours"].isna().sum()
    told = llo.gap("gappy", svy, group="education", of="high", minus="low").meta["left_out"]
    assert told["education"] == frame["education"].isna().sum()
    told = llo.gap("y", svy, of="hours > 5", minus="hours <= 5").meta["left_out"]
    assert told["hours > 5 / hours <= 5"] == frame["hours"].isna().sum()


def test_rows_left_out_and_kept_add_up() -> None:
    svy = _svy()
    result = llo.share("region", svy)
    assert result.n is not None
    assert result.n[0] + result.meta["left_out"]["region"] == len(svy)
    assert "region" in result.summary() and str(result.meta["left_out"]["region"]) in result.summary()


CALLS: dict[str, Any] = {
    "mean": lambda s: llo.mean("gappy", s, missing="raise"),
    "cells": lambda s: llo.mean("y", s, by="region", missing="raise"),
    "share": lambda s: llo.share("education", s, missing="raise"),
    "total": lambda s: llo.total("gappy", s, missing="raise"),
    "ratio": lambda s: llo.ratio("y", "hours", s, missing="raise"),
    "gap": lambda s: llo.gap("gappy", s, group="older", of=True, minus=False, missing="raise"),
    "groups": lambda s: llo.gap("y", s, group="education", of="high", minus="low", missing="raise"),
    "conditions": lambda s: llo.gap("y", s, of="hours > 5", minus="hours <= 5", missing="raise"),
}


@pytest.mark.parametrize("name", CALLS)
def test_missing_values_can_be_refused(name: str) -> None:
    with pytest.raises(DataError, match="missing values"):
        CALLS[name](_svy())
    complete = _svy().where(" & ".join(f"notna({v})" for v in ("gappy", "region", "education", "hours")))
    assert len(CALLS[name](complete).estimate)


def test_a_variable_without_any_value_is_an_empty_row_with_a_flag() -> None:
    svy = samples.survey().assign(none=np.nan)
    frame = llo.mean(["none"], svy, by="region").to_frame()
    assert frame["flag"].tolist() == ["empty", "empty"]
    assert frame[["estimate", "std_error", "conf_low", "conf_high"]].isna().all(axis=None)
    assert frame["n"].tolist() == [0, 0]


def test_a_cell_without_a_value_does_not_touch_the_others() -> None:
    svy = samples.survey().assign(part=lambda d: d["y"].where(d["education"] != "middle"))
    result = llo.mean("part", svy, by="education")
    other = llo.mean("part", svy.where("education != 'middle'"), by="education")
    kept = [0, 2]
    assert result.covariance[np.ix_(kept, kept)] == pytest.approx(other.covariance, rel=EXACT)
    assert result.flags[1] == "empty" and np.isnan(result.estimate[1])
    contrast = result.contrast({"high": 1, "low": -1})
    assert contrast.std_error == pytest.approx(other.contrast({"high": 1, "low": -1}).std_error, rel=EXACT)
    with pytest.raises(DataError, match="not defined"):
        result.contrast("high - middle")


def test_a_gap_without_people_on_one_side_is_flagged_and_leaves_the_others() -> None:
    svy = samples.survey().assign(part=lambda d: d["y"].where(~((d["education"] == "low") & (d["region"] == "north"))))
    result = llo.gap("part", svy, group="education", of="high", minus="low", by="region")
    frame = result.to_frame()
    assert "empty" in frame["flag"][0].split() and np.isnan(frame["estimate"][0])
    south = llo.gap("part", svy.where("region == 'south'"), group="education", of="high", minus="low")
    assert frame["std_error"][1] == pytest.approx(south.std_error[0], rel=EXACT)
    assert result.contrast("south").std_error == pytest.approx(south.std_error, rel=EXACT)


@pytest.mark.parametrize("design", ["clusters", "replicates"])
def test_a_ratio_is_of_the_same_people(design: str) -> None:
    frame = samples.people(1)
    frame["less"] = frame["hours"].where(frame.index % 3 > 0)
    if design == "replicates":
        options: dict[str, Any] = {"replicate_weights": "r[1-12]", "replicate_method": "bootstrap"}
        svy = llo.Survey(samples.with_replicates(frame), weights="w", **options)
    else:
        svy = llo.Survey(frame, weights="w", **samples.DESIGNS[design])
    both = frame[frame["gappy"].notna() & frame["less"].notna()]
    for missing in ("omit", "available"):
        ratio = llo.ratio("gappy", "less", svy, by="region", missing=missing)
        for region, row in ratio.to_frame().set_index("region").iterrows():
            part = both[both["region"] == region]
            wanted = (part["w"] * part["gappy"]).sum() / (part["w"] * part["less"]).sum()
            assert row["estimate"] == pytest.approx(wanted, rel=EXACT)
            assert row["n"] == len(part) and row["sum_weights"] == pytest.approx(part["w"].sum(), rel=EXACT)
    assert ratio.covariance == pytest.approx(llo.ratio("gappy", "less", svy, by="region").covariance, rel=EXACT)
    assert ratio.meta["left_out"] == {
        "gappy": int(frame["gappy"].isna().sum()),
        "less": int(frame["less"].isna().sum()),
    }
    with pytest.raises(DataError, match="missing values"):
        llo.ratio("gappy", "less", svy, missing="raise")


AVAILABLE: dict[str, Any] = {
    "mean": lambda v, s, **k: llo.mean(v, s, by="region", **k),
    "share": lambda v, s, **k: llo.share(["trained" if x == "hours" else "holes" for x in v], s, **k),
    "variance": lambda v, s, **k: llo.variance(v, s, by="region", **k),
    "quantile": lambda v, s, **k: llo.quantile(v, s, q=0.4, by="region", **k),
    "change": lambda v, s, **k: llo.change(v, s, time="year", base=2014, **k),
}


@pytest.mark.parametrize("design", ["clusters", "replicates"])
@pytest.mark.parametrize("name", AVAILABLE)
def test_each_variable_has_its_own_people_and_all_their_covariances(name: str, design: str) -> None:
    frame = samples.people(1)
    frame["holes"] = frame["trained"].where(frame.index % 4 > 0)
    options: dict[str, Any] = samples.DESIGNS["clusters"]
    if design == "replicates":
        frame = samples.with_replicates(frame)
        options = {"replicate_weights": "r[1-12]", "replicate_method": "bootstrap"}
    svy = llo.Survey(frame, weights="w", **options)
    together = AVAILABLE[name](["gappy", "hours"], svy, missing="available")
    apart = llo.joint({v: AVAILABLE[name]([v], svy) for v in ("gappy", "hours")})
    place = {tuple(row): i for i, row in enumerate(_keys(apart))}
    order = [place[tuple(row)] for row in _keys(together)]
    assert together.covariance == pytest.approx(apart.covariance[np.ix_(order, order)], rel=1e-11, abs=1e-18)
    for column in ("estimate", "df", "n", "conf_low", "conf_high"):
        one, other = together.to_frame()[column].to_numpy(), apart.to_frame()[column].to_numpy()[order]
        assert one == pytest.approx(other, rel=1e-11), column


def _keys(result: llo.Result) -> list[list[str]]:
    names = [name for name in ("region", "year", "variable", "level", "quantile") if name in result.rows]
    return result.rows[names].astype(str).to_numpy().tolist()

"""Proves what disclosure control reads of each result: people behind it, behind a numerator, and the largest share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.survey import samples

EXACT = 1e-12


def _frame() -> pd.DataFrame:
    frame = samples.people(3)
    frame["low"] = (frame["education"] == "low").astype(int)
    frame["rare"] = (frame["low"] == 1) & (frame.index % 9 == 0)
    return frame


@pytest.fixture
def svy() -> llo.Survey:
    return llo.Survey(_frame(), weights="w", strata="stratum", psu="place")


def _part(svy: llo.Survey, region: str) -> pd.DataFrame:
    return svy.frame[svy.frame["region"] == region]


def test_of_shares_those_who_have_it_are_counted(svy: llo.Survey) -> None:
    for call in (llo.mean, llo.share):
        cells = call("education", svy, by="region").cells
        for row in cells.itertuples():
            part = _part(svy, row.region)
            there = part[part["education"] == row.level]
            assert (row.n, row.n_nonzero) == (len(part), len(there))
            if len(there):
                assert row.largest_share == pytest.approx(there["w"].max() / there["w"].sum(), rel=EXACT)


def test_a_ratio_rests_on_those_with_a_denominator(svy: llo.Survey) -> None:
    cells = llo.ratio("rare", "low", svy, by="region").cells
    for row in cells.itertuples():
        part = _part(svy, row.region)
        assert row.n == part["low"].sum() < len(part)
        assert row.n_nonzero == part["rare"].sum()
    plain = llo.ratio("hours", "y", svy).cells
    assert plain["n"][0] == len(svy)
    shares = [(svy.frame["w"] * svy.frame[name].abs()) for name in ("hours", "y")]
    assert plain["largest_share"][0] == pytest.approx(max(s.max() / s.sum() for s in shares), rel=EXACT)
    assert llo.ratio("rare", "low", svy, by="region").to_frame()["n"].tolist() == [
        len(_part(svy, r)) for r in ("north", "south")
    ]


def test_a_quantile_rests_on_the_fewer_on_one_side_of_it(svy: llo.Survey) -> None:
    result = llo.quantile(["hours", "y"], svy, q=[0.03, 0.5, 0.98], by="region")
    for row, cut in zip(result.cells.itertuples(), result.estimate, strict=True):
        values = _part(svy, row.region)[row.variable]
        assert row.n == len(values)
        assert row.n_nonzero == min((values <= cut).sum(), (values >= cut).sum())
        assert row.largest_share == pytest.approx(_part(svy, row.region)["w"].max() / _part(svy, row.region)["w"].sum())


def test_joint_results_keep_the_facts_of_their_parts(svy: llo.Survey) -> None:
    parts = {
        "gap": llo.gap("trained", svy, group="education", of="high", minus="low"),
        "ratio": llo.ratio("rare", "low", svy),
        "median": llo.quantile("hours", svy, q=0.5),
        "share": llo.share("education", svy),
        "table": llo.crosstab("region", "trained", svy),
        "change": llo.change("trained", svy, time="year", base=2014),
        "spread": llo.variance("y", svy),
    }
    together = llo.joint(parts).cells.set_index("result")
    for name, part in parts.items():
        for column in ("n", "n_nonzero", "largest_share"):
            np.testing.assert_array_equal(together.loc[[name], column], part.cells[column], err_msg=f"{name} {column}")
            assert np.isfinite(part.cells[column]).any(), (name, column)


def test_levels_with_a_colon_are_told_apart(svy: llo.Survey) -> None:
    odd = svy.assign(a=lambda d: np.where(d["older"], "x:y", "x"), b=lambda d: np.where(d["older"], "z", "y:z"))
    means = llo.mean("y", odd, by=["a", "b"])
    assert len(set(means.labels)) == 2
    older, younger = (llo.mean("y", odd.where(f"older == {value}")).estimate[0] for value in ("True", "False"))
    found = means.contrast({"a=x:y:b=z": 1, "a=x:b=y:z": -1})
    assert found.estimate[0] == pytest.approx(older - younger, rel=EXACT)
    with pytest.raises(llo.DataError, match="There is no row 'x:y:z'"):
        means.contrast({"x:y:z": 1})

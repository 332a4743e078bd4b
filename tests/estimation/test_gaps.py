"""Proves that a gap is of minus minus, never swapped, never of overlapping groups, with both sides' covariance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.survey import samples

EXACT = 1e-12
GROUP = {"group": "education", "of": "high", "minus": "low"}


@pytest.mark.parametrize("variable", ["y", "trained", "older"])
def test_the_sign_is_of_minus_minus(variable: str) -> None:
    svy = samples.survey()
    frame = svy.frame
    rows = {level: frame[frame["education"] == level] for level in ("high", "low")}
    mean = {level: np.average(part[variable], weights=part["w"]) for level, part in rows.items()}
    table = llo.gap(variable, svy, **GROUP).to_frame()
    assert table["estimate"][0] == pytest.approx(mean["high"] - mean["low"], rel=EXACT)
    assert table[["of", "minus", "measure"]].values.tolist() == [["high", "low", "difference"]]
    assert table["n"][0] == len(rows["high"]) + len(rows["low"])


def test_a_gap_of_a_category_has_a_row_for_each_level_and_they_add_up_to_zero() -> None:
    result = llo.gap("region", samples.survey(), **GROUP, by="older")
    table = result.to_frame()
    assert table["level"].tolist() == ["north", "south"] * 2
    assert table.groupby("older")["estimate"].sum().tolist() == pytest.approx([0, 0], abs=1e-14)
    assert result.labels == ("north:False", "south:False", "north:True", "south:True")


def test_people_in_shared_clusters_lower_the_variance_of_a_gap() -> None:
    svy = samples.survey("clusters", 4, places=12)
    gap = llo.gap("y", svy, group="region", of="north", minus="south")
    means = llo.mean("y", svy, by="region")
    v = means.covariance
    assert gap.std_error[0] ** 2 == pytest.approx(v[0, 0] + v[1, 1] - 2 * v[0, 1], rel=EXACT)
    assert v[0, 1] > 0
    assert gap.std_error[0] ** 2 < v[0, 0] + v[1, 1]


def test_gaps_in_cells_have_their_joint_covariance() -> None:
    svy = samples.survey("clusters", 4)
    gaps = llo.gap("y", svy, **GROUP, by="region")
    change = gaps.contrast({"north": 1, "south": -1})
    cells = llo.mean("y", svy, by=["region", "education"])
    weights = {"north:high": 1, "north:low": -1, "south:high": -1, "south:low": 1}
    other = cells.contrast(weights)
    assert change.estimate == pytest.approx(other.estimate, rel=EXACT)
    assert change.std_error == pytest.approx(other.std_error, rel=EXACT)
    assert change.df.tolist() == other.df.tolist()


CONDITIONS = [
    ("education == 'high'", "education == 'low'"),
    ("older", "~older"),
    ("hours > 8 & older", "hours <= 8 | ~older"),
    ("education in ['middle', 'high']", "education == 'low'"),
]


@pytest.mark.parametrize(("of", "minus"), CONDITIONS)
def test_conditions_are_two_domains(of: str, minus: str) -> None:
    svy = samples.survey()
    gap = llo.gap("y", svy, of=of, minus=minus)
    both = llo.joint({"a": llo.mean("y", svy.where(of)), "b": llo.mean("y", svy.where(minus))}).contrast("a - b")
    assert gap.estimate == pytest.approx(both.estimate, rel=EXACT)
    assert gap.std_error == pytest.approx(both.std_error, rel=EXACT)
    assert gap.df.tolist() == both.df.tolist()
    assert gap.to_frame()[["of", "minus"]].values.tolist() == [[of, minus]]


def test_overlap_is_judged_within_the_domain() -> None:
    svy = samples.survey()
    with pytest.raises(DataError, match=r"overlap: [0-9]+ rows"):
        llo.gap("y", svy, of="older", minus="region == 'north'")
    llo.gap("y", svy.where("~older | region == 'south'"), of="older", minus="region == 'north'")


def test_boolean_and_number_groups_are_named_by_their_values() -> None:
    svy = samples.survey()
    one = llo.gap("y", svy, group="older", of=True, minus=False)
    other = llo.gap("y", svy, of="older", minus="~older")
    assert one.estimate == pytest.approx(other.estimate, rel=EXACT)
    year = llo.gap("y", svy, group="year", of=2018, minus=2014)
    assert year.to_frame()[["of", "minus"]].astype(str).values.tolist() == [["2018", "2014"]]


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("unknown level", {**GROUP, "minus": "lo"}, "has no level 'lo'"),
    ("the same level", {**GROUP, "minus": "high"}, "are the same group"),
    ("an unused level", {**GROUP, "minus": "unknown"}, "'minus' is empty"),
    ("groups as cells", {**GROUP, "by": ["region", "education"]}, "cannot be its cells"),
    ("a level for a condition", {"of": "high", "minus": "low"}, "no column 'high'"),
    ("a constant", {"of": "1 == 1", "minus": "older"}, "is a condition on the data"),
    ("not text", {"of": True, "minus": False}, "is a condition on the data"),
    ("an empty condition", {"of": "older", "minus": "hours > 1000"}, "'minus' is empty"),
    ("a list as group", {**GROUP, "group": ["education"]}, "group is a column name"),
    ("an unknown scale", {**GROUP, "scale": "log"}, "scale has no option 'log'"),
    ("available", {**GROUP, "missing": "available"}, "no option 'available'"),
]


@pytest.mark.parametrize(("options", "words"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_groups_that_are_none_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        llo.gap("y", samples.survey(), **options)


def test_scales_that_have_no_meaning_are_refused() -> None:
    svy = samples.survey().assign(loss=lambda d: -d["y"], never=False)
    with pytest.raises(DataError, match="means above 0"):
        llo.gap("loss", svy, **GROUP, scale="ratio")
    with pytest.raises(DataError, match="strictly between 0 and 1"):
        llo.gap("never", svy, **GROUP, scale="odds")
    with pytest.raises(DataError, match="Odds are those of a share"):
        llo.gap("y", svy, **GROUP, scale="odds")
    llo.gap("y", svy, **GROUP, scale="ratio")


def test_disclosure_counts_the_smaller_group() -> None:
    svy = samples.survey()
    cells = llo.gap("trained", svy, **GROUP, by="region").cells
    counts = svy.frame.groupby(["region", "education"], observed=True).size().unstack()[["low", "high"]].min(axis=1)
    assert cells["n"].tolist() == counts.tolist()
    assert cells["largest_share"].between(0, 1).all()


@pytest.mark.parametrize("scale", ["ratio", "odds"])
def test_a_scale_without_meaning_names_the_cell(scale: str) -> None:
    years = np.repeat([2014, 2016, 2018], 4)
    frame = pd.DataFrame({"y": [1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1], "g": list("ab") * 6, "year": years, "w": 1.0})
    svy = llo.Survey(frame, weights="w")
    first = 2014 if scale == "odds" else 2016  # all of a have it in 2014
    with pytest.raises(DataError) as caught:
        llo.gap("y", svy, group="g", of="a", minus="b", by="year", scale=scale)
    assert f"scale='{scale}', year {first}, variable y" in str(caught.value)
    assert "year 2016, variable y: of 0, minus 0" in str(caught.value)
    with pytest.raises(DataError, match=rf"scale='{scale}', year 201[46], variable y"):
        llo.change("y", svy, time="year", base=2014, scale=scale)
    with pytest.raises(DataError, match="variable g, level b"):
        llo.gap("g", svy, of="year == 2014", minus="year == 2018", scale=scale, by="g")


def test_the_smaller_group_and_both_counts_stand_in_the_cells() -> None:
    svy = samples.survey()
    frame = svy.frame
    for scale in ("difference", "ratio", "odds"):
        cells = llo.gap("trained", svy, **GROUP, by="region", scale=scale).cells.set_index("region")
        for region, row in cells.iterrows():
            part = {e: frame[(frame["region"] == region) & (frame["education"] == e)] for e in ("high", "low")}
            n = {e: len(rows) for e, rows in part.items()}
            largest = [
                (rows["w"] * rows["trained"]).max() / (rows["w"] * rows["trained"]).sum() for rows in part.values()
            ]
            assert (row["n_of"], row["n_minus"], row["n"]) == (n["high"], n["low"], min(n.values()))
            assert row["n_nonzero"] == min(int(rows["trained"].sum()) for rows in part.values())
            assert row["largest_share"] == pytest.approx(max(largest), rel=EXACT)


@pytest.mark.parametrize("rest", [("c",), ("c", "d", "e", "f", "g", "h", "i", "j", "k", "l")])
def test_a_gap_from_a_mean_without_a_variance_has_none(rest: tuple[str, ...]) -> None:
    # cell "a" lies in strata of one unit only: "average" has nothing to lend from
    frame = pd.DataFrame({"cell": np.repeat(["a", "a", *rest, *rest], 2), "s": 3, "w": 1.0})
    frame["side"] = np.arange(len(frame)) % 2
    frame["y"] = np.random.default_rng(1).normal(size=len(frame))
    frame.loc[[0, 2], "s"] = [1, 2]
    svy = llo.Survey(frame, weights="w", strata="s", lonely_psu="average")
    gaps = llo.gap("y", svy, group="side", of=0, minus=1, by="cell")
    alone = llo.mean("y", svy, by=["cell", "side"])
    assert np.isnan(alone.std_error).tolist() == [True] + [False] * (2 * len(rest) + 1)
    assert np.isnan(gaps.std_error).tolist() == [True] + [False] * len(rest)
    side = llo.mean("y", svy.where("side == 0"), by="cell")
    assert np.isnan(side.contrast({"known": "c", "not known": "c - a"}).std_error).tolist() == [False, True]
    for place, cell in enumerate(rest, start=1):
        own = llo.gap("y", svy.where(f"cell == '{cell}'"), group="side", of=0, minus=1)
        assert gaps.std_error[place] == pytest.approx(own.std_error[0], rel=1e-12)

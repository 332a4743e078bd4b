"""Proves that cells of `by` and domains of `where` are the same thing, with R's degrees of freedom of a subset."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.survey import samples

EXACT = 1e-12
CALLS: dict[str, Any] = {
    "mean": lambda s, **k: llo.mean(["gappy", "hours"], s, **k),
    "share": lambda s, **k: llo.share("trained", s, **k),
    "total": lambda s, **k: llo.total("y", s, **k),
    "ratio": lambda s, **k: llo.ratio("y", "hours", s, **k),
    "gap": lambda s, **k: llo.gap("y", s, group="trained", of=1, minus=0, **k),
}


def _condition(row: pd.Series) -> str:
    return " & ".join(f"{name} == {value!r}" for name, value in row.items())


@pytest.mark.parametrize("by", [["education"], ["region", "older"], ["year", "education"]])
@pytest.mark.parametrize("design", ["elements", "clusters", "two stages", "replicates"])
@pytest.mark.parametrize("name", CALLS)
def test_a_cell_is_a_domain(name: str, design: str, by: list[str]) -> None:
    svy = samples.replicate_survey(1) if design == "replicates" else samples.survey(design, 1, size=10)
    cells = CALLS[name](svy, by=by).to_frame()
    for values, part in cells.groupby(by, observed=True):
        text = _condition(pd.Series(dict(zip(by, values, strict=True))))
        domain = CALLS[name](svy.where(text)).to_frame()
        for column in ("estimate", "std_error", "df", "conf_low", "conf_high", "n"):
            assert part[column].to_numpy() == pytest.approx(domain[column].to_numpy(), rel=EXACT, nan_ok=True), column
        assert part["flag"].tolist() == domain["flag"].tolist()


@pytest.mark.parametrize("design", ["elements", "strata", "psu", "clusters", "two stages"])
def test_df_are_units_minus_strata_among_the_rows_of_the_cell(design: str) -> None:
    svy = samples.survey(design, 2)
    frame = svy.frame.assign(
        stratum=lambda d: d["stratum"] if "strat" in samples.DESIGNS[design].get("strata", "") else 0
    )
    frame["unit"] = frame["place"] if "psu" in samples.DESIGNS[design] else frame["person"]
    for condition in (frame["older"], frame["hours"] > 8, frame["stratum"].isin(["s1", 0])):
        rows = frame[condition]
        units = len(rows[["stratum", "unit"]].drop_duplicates())
        wanted = units - rows["stratum"].nunique()
        assert llo.mean("y", svy.where(condition)).df.tolist() == [wanted]
        assert svy.where(condition).describe().df == wanted


def test_df_leave_out_rows_without_a_value_or_without_a_weight() -> None:
    frame = samples.people(2)
    frame.loc[frame["place"] == 0, "gappy"] = np.nan
    frame.loc[frame["place"] == 1, "w"] = 0.0
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place")
    assert llo.mean("gappy", svy).df.tolist() == [3 * 2 - 3]
    assert llo.mean("y", svy).df.tolist() == [3 * 3 - 3]
    assert llo.mean(["gappy", "y"], svy, missing="available").df.tolist() == [3, 6]


def test_df_of_a_contrast_are_those_of_the_union_of_its_cells() -> None:
    svy = samples.survey("clusters", 2).assign(cell=lambda d: d["stratum"] + d["older"].astype(str))
    means = llo.mean("y", svy, by="cell")
    for pair in (("s0True", "s0False"), ("s0True", "s1True"), ("s0False", "s2False")):
        union = svy.where(f"cell in ['{pair[0]}', '{pair[1]}']")
        assert means.contrast({pair[0]: 1, pair[1]: -1}).df.tolist() == llo.mean("y", union).df.tolist()


def test_n_counts_the_domain_and_influence_has_all_rows() -> None:
    svy = samples.survey().where("older")
    result = llo.mean("gappy", svy, by="education")
    frame = svy.frame[svy.frame["older"]].dropna(subset="gappy")
    assert result.to_frame()["n"].tolist() == frame["education"].value_counts().loc[samples.EDUCATION].tolist()
    assert len(result.influence) == 72
    w = frame.groupby("education", observed=True)["w"].sum()
    assert result.to_frame()["sum_weights"].to_numpy() == pytest.approx(w.to_numpy(), rel=EXACT)


def test_a_domain_keeps_the_design_and_dropping_rows_does_not() -> None:
    frame = samples.people(5)
    frame["rare"] = frame["place"].isin([0, 1])
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place")
    domain = llo.total("y", svy.where("rare"))
    dropped = llo.total("y", llo.Survey(frame[frame["rare"]], weights="w", strata="stratum", psu="place"))
    assert domain.estimate == pytest.approx(dropped.estimate, rel=EXACT)
    # how many units fall in the domain is itself a matter of the sample
    assert domain.std_error[0] > 1.2 * dropped.std_error[0]


def test_cells_stand_in_declared_order_and_empty_ones_are_left_out_and_counted() -> None:
    svy = samples.survey().where("education != 'middle'")
    result = llo.mean("y", svy, by=["education", "region"])
    frame = result.to_frame()
    assert list(zip(frame["education"], frame["region"], strict=True)) == [
        ("low", "north"),
        ("low", "south"),
        ("high", "north"),
        ("high", "south"),
    ]
    assert result.meta["empty_cells"] == 4
    assert result.labels == ("low:north", "low:south", "high:north", "high:south")


@pytest.mark.parametrize("by", ["older", "year", "trained", "region", "education"])
def test_cells_keep_the_values_of_their_column(by: str) -> None:
    frame = samples.people()
    column = llo.mean("y", samples.survey(), by=by).to_frame()[by]
    values = samples.EDUCATION if by == "education" else sorted(frame[by].unique())
    assert column.tolist() == values
    assert all(type(a) is type(b) or isinstance(a, int | float | bool) for a, b in zip(column, values, strict=True))


def test_numbers_as_cells_come_in_numerical_order() -> None:
    svy = samples.survey().assign(code=lambda d: np.where(d["older"], 10, np.where(d["trained"], 9, 100)))
    assert llo.mean("y", svy, by="code").to_frame()["code"].tolist() == [9, 10, 100]


def test_cells_of_a_continuous_variable_are_refused() -> None:
    with pytest.raises(DataError, match="numbers with decimals; cells need groups"):
        llo.mean("y", samples.survey(), by="hours")


def test_more_cells_than_a_covariance_can_hold_are_refused() -> None:
    frame = pd.DataFrame({"y": 1.0, "w": 1.0, "id": range(30_000)})
    with pytest.raises(DataError, match="too many cells"):
        llo.mean("y", llo.Survey(frame, weights="w"), by="id")


@pytest.mark.parametrize("name", ["variable", "level", "estimate", "n", "flag", "of", "df", "quantile"])
def test_cells_called_as_a_column_of_the_result_are_refused(name: str) -> None:
    svy = samples.survey().assign(**{name: lambda d: d["region"]})
    with pytest.raises(DataError, match=r"column .* of its own"):
        llo.mean("y", svy, by=name)


@pytest.mark.parametrize("make", [tuple, np.array, pd.Index, pd.Series])
def test_names_come_in_any_sequence(make: Any) -> None:
    svy = samples.survey()
    wanted = llo.mean(["y", "hours"], svy, by=["region", "older"])
    found = llo.mean(make(["y", "hours"]), svy, by=make(["region", "older"]))
    assert found.to_frame().equals(wanted.to_frame()) and found.labels == wanted.labels
    assert llo.mean(svy.frame.columns[svy.frame.columns == "y"], svy).labels == ("y",)


def test_the_data_of_a_column_are_not_its_name() -> None:
    svy = samples.survey()
    with pytest.raises(llo.DataError, match="the name of the column, not its data"):
        llo.mean("y", svy, by=svy.frame["region"])

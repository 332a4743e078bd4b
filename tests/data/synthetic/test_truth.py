"""Proves that the true values are those of the population, and that its parts agree with each other."""

from __future__ import annotations

import numpy as np
import pytest

import llo_research as llo
from llo_research.data.synthetic import superpopulation
from llo_research.data.synthetic.driver_truth import least_squares
from llo_research.data.synthetic.making_truth import DECIMALS, KEYS, table
from llo_research.data.synthetic.shifts import GROUPS, _shifts
from llo_research.data.synthetic.truth import COLUMNS

# Values are written with seven decimals.
_WRITTEN = 0.6 * 10.0**-DECIMALS


def test_shape() -> None:
    for instrument in ("nea", "zea"):
        values = llo.truth(instrument)
        assert list(values.columns) == COLUMNS
        assert values["value"].notna().all() and np.isfinite(values["value"]).all()
        assert not values.duplicated([name for name in COLUMNS if name != "value"]).any()
    quantities = set(llo.truth("nea")["quantity"])
    assert {"total", "mean", "gap", "gap_change", "gap_change, without break", "break"} <= quantities
    assert {"pooled", "pooled, education", "between", "within"} <= quantities


def test_stories_of_the_monitor() -> None:
    means = llo.truth("nea").query("quantity == 'mean' and variable == 'training' and group == ''").set_index("year")
    value = means["value"]
    assert value[2020] == pytest.approx(0.49, abs=5e-4) and value[2024] == pytest.approx(0.54, abs=5e-4)
    assert value[2021] == value.min() and value[2007] > value[2019] > value[2020]


def test_means_are_those_of_the_population() -> None:
    """Another route: the population as a frame, and pandas."""
    people = superpopulation(
        "nea", 2022, columns=["training", "long_training", "informal_learning", "supervisor_support"]
    )
    values = llo.truth("nea").query("quantity == 'mean' and year == 2022")
    for variable in ("training", "long_training", "informal_learning", "supervisor_support"):
        rows = values[values["variable"] == variable]
        whole = rows.loc[rows["group"] == "", "value"].item()
        assert people[variable].mean() == pytest.approx(whole, abs=_WRITTEN)
        for group in ("education", "contract10", "age_group"):
            known = rows[rows["group"] == group].set_index("level")["value"]
            found = people.groupby(group, observed=True)[variable].mean()
            assert found[known.index].to_numpy() == pytest.approx(known.to_numpy(), abs=_WRITTEN), (variable, group)


def test_slopes_are_those_of_the_population() -> None:
    drivers = ["autonomy", "variety", "supervisor_support"]
    people = superpopulation("nea", 2022, columns=["informal_scale", *drivers]).dropna()
    x = np.column_stack([np.ones(len(people)), people[drivers].to_numpy()])
    found = np.linalg.lstsq(x, people["informal_scale"].to_numpy(), rcond=None)[0]
    rows = llo.truth("nea").query(
        "quantity == 'pooled' and variable == 'informal_scale' and year == 2022 and group == ''"
    )
    known = rows.set_index("term")["value"]
    assert found == pytest.approx(known[["Intercept", *drivers]].to_numpy(), abs=1e-6)
    assert least_squares(people["informal_scale"].to_numpy(), x) == pytest.approx(found, abs=1e-9)


def test_a_change_of_a_gap_is_what_it_is_without_the_break_and_what_the_break_adds() -> None:
    values = llo.truth("nea")
    pair = (values["variable"] == "training") & (values["of"] == "high") & (values["minus"] == "low")
    pair &= (values["base"] == 2019) & (values["year"] == 2023)
    changes = values[pair].set_index("quantity")["value"]
    added = values.query("quantity == 'break' and variable == 'training' and group == 'education' and year == 2023")
    added = added.set_index("level")["value"]
    known = changes["gap_change, without break"] + added["high"] - added["low"]
    assert changes["gap_change"] == pytest.approx(known, abs=4 * _WRITTEN)
    assert added["low"] > added["middle"] > added["high"] > 0


def test_effects_between_persons_are_larger_than_within_unless_the_scenario_says_so() -> None:
    for scenario, least, most in (("default", 1.5, 20.0), ("no_within_between", 0.95, 1.08)):
        rows = llo.truth("nea", scenario).query("variable == 'informal_scale' and population == 'cohort 2007-2010'")
        rows = rows[rows["quantity"].isin(["pooled", "between", "within"])]
        slopes = rows.pivot(index="term", columns="quantity", values="value")
        ratio = slopes["between"] / slopes["within"]
        assert (ratio > least).all() and (ratio < most).all(), (scenario, ratio)
        assert (slopes["pooled"] > slopes["within"]).all() or scenario != "default"


def test_effects_differ_between_groups_and_move_over_the_years() -> None:
    rows = llo.truth("nea").query("quantity == 'pooled' and variable == 'informal_scale' and term == 'variety'")
    by_level = rows[(rows["group"] == "education") & (rows["year"] == 2020)].set_index("level")["value"]
    assert by_level["high"] > by_level["middle"] > by_level["low"]
    over_time = rows[rows["group"] == ""].set_index("year")["value"]
    assert over_time[2024] - over_time[2014] > 0.02


def test_without_the_break_there_is_none() -> None:
    assert not (llo.truth("nea", "no_break")["quantity"] == "break").any()
    with pytest.raises(llo.DataError, match="scenario has no option"):
        llo.truth("nea", "no")
    with pytest.raises(llo.DataError, match="no synthetic version"):
        llo.truth("roa")


@pytest.mark.slow
@pytest.mark.parametrize(("instrument", "year"), [("nea", 2007), ("zea", 2019)])
def test_the_shipped_values_are_what_the_generator_gives(instrument: str, year: int) -> None:
    from llo_research.data.synthetic.truth import _stored

    made = table(instrument, [year]).set_index(KEYS).sort_index()
    shipped = _stored(instrument)
    shipped = shipped[shipped["year"] == year].set_index(KEYS).sort_index()
    assert made.index.equals(shipped.index)
    assert made.to_numpy() == pytest.approx(shipped[made.columns].to_numpy(), abs=_WRITTEN)


def test_the_sizes_of_the_break_are_those_of_the_true_values() -> None:
    """They are told without the true values, which need not be there."""
    told = {
        (r["variable"], *(r.get(g, "") for g in GROUPS)): r["shift"] for r in _shifts("nea") if not r.get("uniform")
    }
    values = llo.truth("nea").query("quantity == 'break' and year == 2022")
    values = values[values["group"].isin(["", *GROUPS])]
    expected = {
        (row["variable"], *(row["level"] if row["group"] == g else "" for g in GROUPS)): row["value"]
        for row in values.to_dict("records")
    }
    assert list(told) == list(expected) and len(told) > 100
    assert max(abs(told[key] - expected[key]) for key in told) < 0.6e-6

"""Proves that the synthetic WEA counts establishments and employees, recovers its truth, and lacks the wave of 2018."""

from __future__ import annotations

import numpy as np
import pytest

import llo_research as llo
from llo_research.data.synthetic import establishments

ROUNDING = 0.005  # an intercept of six decimals: half a hundredth of a percentage point of 400,000 establishments
SEEDS = range(15)
# 15 samples x 3 years of establishments and of employees: 90 intervals of 95 %, of which 4.5 miss; in binomial trials
# more than 12 miss once in a thousand
MOST_MISSED = 12


def test_targets_in_the_fit_hold_in_the_population() -> None:
    for target in (one for one in establishments.raw()["targets"] if one.get("fit")):
        true = 100 * (establishments.establishments(target["year"]).trained >= 5).mean()
        assert true == pytest.approx(target["value"], abs=ROUNDING), target["year"]


def test_targets_are_published() -> None:
    known = llo.published(["WEA_75", "WEA_75_agri"], breaks="flag")
    for target in establishments.raw()["targets"]:
        rows = known[(known["series"] == target["series"]) & (known["year"] == target["year"])]
        assert set(rows["value"]) == {target["value"]}


def test_stored_intercepts_are_those_of_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    one = [target for target in establishments.raw()["targets"] if target.get("fit")][:1]
    whole, year = establishments.raw(), str(one[0]["year"])
    monkeypatch.setattr(establishments, "raw", lambda: {**whole, "targets": one})
    assert establishments.fitted() == {year: whole["intercepts"][year]}


def test_small_establishments_are_nineteen_of_twenty_and_a_minority_of_the_workers() -> None:
    for year in establishments.years():
        whole = establishments.establishments(year)
        assert 0.93 < (whole.size < 2).mean() < 0.97
        assert 0.25 < whole.workers[whole.size < 2].sum() / whole.workers.sum() < 0.75


def test_weights_add_up_to_establishments_and_to_their_workers() -> None:
    svy = llo.synthetic("wea", years=2021)
    truth = llo.truth("wea").query("quantity == 'total' and group == '' and year == 2021").set_index("population")
    cents = 0.005 * len(svy)  # weights have two decimals
    assert svy.frame["weight"].sum() == pytest.approx(truth.loc["establishments", "value"], abs=cents)
    workers = truth.loc["employees", "value"]
    assert svy.frame["weight_employees"].sum() == pytest.approx(workers, rel=0.05)  # a sample of them
    np.testing.assert_allclose(svy.frame["weight_employees"], svy.frame["weight"] * svy.frame["employees"], atol=0.006)
    by_stratum = svy.frame.groupby(["sector", "firm_size"], observed=True)["weight"].sum()
    counts = establishments.cells(2021)
    np.testing.assert_allclose(by_stratum.to_numpy(), counts.ravel(), atol=cents)


def test_intervals_hold_the_truth() -> None:
    truth = llo.truth("wea").query("variable == 'trained_over_75' and group == ''").set_index("year")
    missed = total = 0
    for seed in SEEDS:
        svy = llo.synthetic("wea", n=2000, seed=seed)
        for population, counted in (("establishments", svy), ("employees", svy.use_weights("weight_employees"))):
            frame = llo.mean("trained_over_75", counted, by="year").to_frame()
            true = truth.loc[truth["population"] == population, "value"].loc[frame["year"]].to_numpy()
            missed += int(((frame["conf_low"] > true) | (true > frame["conf_high"])).sum())
            total += len(frame)
    assert total == 2 * 3 * len(SEEDS)
    assert missed <= MOST_MISSED


def test_a_year_and_a_sample_are_drawn_by_themselves() -> None:
    alone, both = llo.synthetic("wea", years=2021), llo.synthetic("wea", years=[2016, 2021])
    later = both.frame[both.frame["year"] == 2021].reset_index(drop=True)
    assert alone.frame["weight"].tolist() == later["weight"].tolist()
    assert llo.synthetic("wea", years=2021, seed=1).frame["employees"].tolist() != alone.frame["employees"].tolist()
    assert alone.source["synthetic"] and alone.source["seed"] == 0


def test_the_wave_of_2018_was_withdrawn() -> None:
    with pytest.raises(llo.DataError, match="WEA of 2018 was withdrawn: its sample was drawn wrongly"):
        llo.synthetic("wea", years=[2016, 2018])
    with pytest.raises(llo.DataError, match="no synthetic wea of these years"):
        llo.synthetic("wea", years=2019)
    with pytest.raises(llo.DataError, match="scenario has no option 'no_break'"):
        llo.synthetic("wea", scenario="no_break")


def test_load_takes_it_where_no_real_file_is() -> None:
    with pytest.warns(llo.LloWarning, match="No real file of wea"):
        svy = llo.load("wea", years=2024, n=2000)
    assert svy.source["synthetic"] and set(svy.frame["year"]) == {2024}

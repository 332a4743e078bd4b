"""Series breaks follow the people and what a variable was made from, whatever domains and columns are called.

The oracle is a loop over persons: a comparison straddles a break when its two sides differ in whether all of their
people answered before the break, all after it, or some of each.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.estimation import rotating

BROKEN = [rotating.BREAK]
SHIFT = {**rotating.BREAK, "shift": 0.05, "shift_se": 0.01}
EXACT = 1e-12


def made(breaks: Any = None, **keywords: Any) -> llo.Survey:
    """The rotating panel with columns made of its year and its variables."""
    years = {2014: "early", 2018: "early", 2022: "late"}
    return rotating.survey(breaks=BROKEN if breaks is None else breaks, **keywords).assign(
        jaar=lambda d: d["year"],
        since=lambda d: d["year"] - 2014,
        period=lambda d: pd.Categorical(d["year"].map(years), ["early", "late"], ordered=True),
        mixed=lambda d: pd.Categorical(np.where(d["year"] == 2014, "first", "rest"), ["first", "rest"], ordered=True),
        course=lambda d: d["trained"],
        again=lambda d: d["course"],
        condition="trained == 1",
        double=lambda d: 2 * d["trained"],
        score=lambda d: d["trained"] + d["hours"],
    )


def flags(result: llo.Result) -> list[bool]:
    """Which rows are flagged."""
    return ["break" in flag.split() for flag in result.flags]


def pair(one: llo.Result, other: llo.Result) -> llo.Result:
    """The difference of two results of one row each."""
    return llo.joint({"a": one, "b": other}).contrast("b - a")


ESTIMATORS: dict[str, Callable[[str, llo.Survey], llo.Result]] = {
    "mean": llo.mean,
    "total": llo.total,
    "variance": llo.variance,
    "ratio": lambda name, svy: llo.ratio(name, "hours", svy),
    "quantile": lambda name, svy: llo.quantile(name, svy, q=0.6),
    "gap": lambda name, svy: llo.gap(name, svy, group="sex", of="m", minus="f"),
}
OF_TRAINED = ["trained", "course", "again", "double", "score"]


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("variable", OF_TRAINED)
def test_two_domains_on_two_sides(name: str, variable: str) -> None:
    svy, estimate = made(), ESTIMATORS[name]
    before, same = (estimate(variable, svy.where(f"year == {year}")) for year in (2018, 2014))
    after = estimate(variable, svy.where("jaar == 2022"))
    assert flags(pair(before, after)) == [True]
    assert flags(pair(before, same)) == [False]


@pytest.mark.parametrize("variable", ["hours", "since"])
def test_other_series_are_not_flagged(variable: str) -> None:
    svy = made()
    one, other = (llo.mean(variable, svy.where(f"year == {year}")) for year in (2014, 2022))
    assert flags(pair(one, other)) == [False]


def test_a_domain_of_a_series_of_booleans_is_found_as_well() -> None:
    svy = made()
    one, other = (llo.mean("course", svy.where(svy.frame["year"] == year)) for year in (2018, 2022))
    assert flags(pair(one, other)) == [True]


@pytest.mark.parametrize("make", [rotating.survey, rotating.replicated])
@pytest.mark.parametrize("seed", range(6))
def test_contrasts_of_cells_and_domains_against_a_loop(make: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = rotating.frame(persons=120)
    data["cell"] = rng.integers(0, 8, len(data))
    # some cells lie on one side of the break
    one_sided = {0: [2014], 1: [2014, 2018], 2: [2022], 3: [2018, 2022]}
    data = data[[row.year in one_sided.get(row.cell, rotating.YEARS) for row in data.itertuples()]]
    data["w"] = data["w"].where((data["cell"] != 4) | (data["year"] != 2022), 0.0)  # nobody who counts
    means = llo.mean("trained", make(data.reset_index(drop=True), breaks=BROKEN), by="cell")
    for one in range(8):
        for other in range(one):
            kinds, shares = [], []
            for cell in (one, other):
                rows = data[(data["cell"] == cell) & (data["w"] > 0)]
                late = [row.year >= 2022 for row in rows.itertuples()]
                kinds.append((any(late), all(late)))
                shares.append(sum(w for w, is_late in zip(rows["w"], late, strict=True) if is_late) / rows["w"].sum())
            wanted = kinds[0] != kinds[1] or abs(shares[0] - shares[1]) > 0.2
            assert flags(means.contrast(f"`{one}` - `{other}`")) == [wanted], (one, other, kinds)


def test_pooled_estimates_are_no_comparison_of_times() -> None:
    svy = made()
    for by in ("education", "mixed"):
        assert not any(flags(llo.mean("trained", svy, by=by)))
    assert flags(llo.mean("trained", svy, by="education").contrast("high - low")) == [False]
    assert flags(llo.gap("trained", svy, group="education", of="high", minus="low")) == [False]
    assert flags(llo.mean("course", svy, by="mixed").contrast("rest - first")) == [True]


def test_classes_of_years_and_groups_in_them(tmp_path: Path) -> None:
    svy = made()
    means = llo.mean("course", svy, by=["period", "sex"])
    told = {
        "late": "`late:m` - `early:m`",
        "gap": "`late:m` - `late:f`",
        "change of the gap": "(`late:m` - `late:f`) - (`early:m` - `early:f`)",
    }
    assert flags(means.contrast(told)) == [True, False, True]
    again = llo.read_result(means.save(tmp_path / "means"))
    assert flags(again.contrast(told)) == [True, False, True]
    alone = again.contrast({"a": "`late:m`", "b": "`early:m`", "c": "`late:f`"})
    assert flags(alone) == [False, False, False]
    assert flags(alone.contrast(["a - b", "a - c"])) == [True, False]
    assert flags(means.contrast({"a": "`late:m`", "b": "`early:m`"}).contrast("a - b")) == [True]


def test_the_pace_of_a_change_is_free_of_a_break_that_cancels() -> None:
    """What is added to two times of one side and taken off two of the other is nothing in a sum of both."""
    data = rotating.frame().assign(later=lambda d: d["year"] + 1)
    data = pd.concat([data, data.assign(year=data["later"])], ignore_index=True)
    svy = llo.Survey(data, weights="w", strata="year", time="year", source={"breaks": BROKEN})
    means = llo.mean("trained", svy, by="year")
    pace = "(`2023` - `2022`) - (`2015` - `2014`)"
    assert flags(means.contrast([pace, "`2023` - `2015`"])) == [False, True]


def test_a_saved_joint_result_knows_its_sides(tmp_path: Path) -> None:
    svy = made()
    parts = {str(year): llo.mean("again", svy.where(f"year == {year}")) for year in rotating.YEARS}
    both = llo.joint(parts)
    again = llo.read_result(both.save(tmp_path / "joint"))
    for result in (both, again):
        assert flags(result.contrast(["`2022` - `2018`", "`2018` - `2014`"])) == [True, False]


def test_a_result_saved_by_an_older_version_has_its_column_of_times(tmp_path: Path) -> None:
    means = llo.mean("trained", rotating.survey(breaks=BROKEN), by="year")
    path = means.save(tmp_path / "means")
    told = path.read_text("utf-8")
    assert '"break_sides"' in told
    path.write_text(told.replace('"break_sides"', '"not_known"'), encoding="utf-8", newline="\n")
    assert flags(llo.read_result(path).contrast(["`2022` - `2018`", "`2018` - `2014`"])) == [True, False]


def test_a_saved_result_that_lies_about_its_sides_is_refused(tmp_path: Path) -> None:
    path = llo.mean("trained", rotating.survey(breaks=BROKEN), by="year").save(tmp_path / "means")
    told = json.loads(path.read_text("utf-8"))
    for wrong in ({"after": [[0.0]], "times": [[None]]}, {"after": "early"}, [1, 2]):
        told["meta"]["break_sides"] = wrong
        path.write_text(json.dumps(told), encoding="utf-8", newline="\n")
        with pytest.raises(DataError, match="does not tell where its rows stand"):
            llo.read_result(path).contrast("`2022` - `2018`")


def test_joint_results_of_surveys_with_and_without_the_made_column() -> None:
    plain = rotating.survey(breaks=BROKEN)
    late = llo.mean("course", plain.assign(course=lambda d: d["trained"]).where("year == 2022"))
    early = llo.mean("trained", plain.where("year == 2018"))
    hours = llo.mean("hours", plain.where("year == 2018"))
    assert flags(pair(early, late)) == flags(pair(late, early)) == [True]
    assert flags(llo.joint({"a": hours, "b": late}).contrast("b / a")) == [False]  # of one series on one side


@pytest.mark.parametrize("scale", ["difference", "ratio"])
def test_gaps_over_a_break(scale: str) -> None:
    svy = made()
    conditions = {"of": "jaar == 2022", "minus": "since == 4", "scale": scale}
    assert flags(llo.gap("course", svy, **conditions)) == [True]
    assert flags(llo.gap("hours", svy, **conditions)) == [False]
    classes = {"group": "mixed", "of": "rest", "minus": "first", "scale": scale}
    assert flags(llo.gap("condition", svy, **classes, by="sex")) == [True, True]
    assert flags(llo.gap("condition", svy.where("year < 2022"), **classes)) == [False]


def test_in_some_cells_only() -> None:
    """Men were asked in 2018 and 2022, women in 2014 and 2018."""
    data = rotating.frame()
    data = data[(data["year"] != np.where(data["sex"] == "m", 2014, 2022))].reset_index(drop=True)
    svy = rotating.survey(data, breaks=BROKEN).assign(
        last=lambda d: d.groupby("sex")["year"].transform("max") == d["year"]
    )
    found = llo.gap("trained", svy, group="last", of=True, minus=False, by="sex")
    assert dict(zip(found.labels, flags(found), strict=True)) == {"f": False, "m": True}


@pytest.mark.parametrize("time", ["year", "jaar"])
def test_crosstabs_over_times(time: str, tmp_path: Path) -> None:
    """A cell is a share of all people, of all years; it is the row that names the year."""
    svy = made()
    for table in (llo.crosstab(time, "course", svy), llo.joint({"a": llo.crosstab("course", time, svy)})):
        of = {row._asdict()[time]: label for row, label in zip(table.rows.itertuples(), table.labels, strict=True)}
        told = [{of[2022]: 1, of[2018]: -1}, {of[2018]: 1, of[2014]: -1}]
        for result in (table, llo.read_result(table.save(tmp_path / "table"))):
            assert [flags(result.contrast(one))[0] for one in told] == [True, False]


def test_crosstabs() -> None:
    svy = made()
    table = llo.crosstab("condition", "sex", svy, by="period")
    late, early = (
        next(label for label in table.labels if side in label and "True" in label) for side in ("late", "early")
    )
    assert flags(table.contrast({late: 1, early: -1})) == [True]


# -- changes and trends ---------------------------------------------------------------------------------------------

TIMES: dict[str, dict[str, Any]] = {
    "jaar": {"time": "jaar", "base": 2014},
    "since": {"time": "since", "base": 0},
    "period": {"time": "period", "base": "early"},
    "mixed": {"time": "mixed", "base": "first"},
}


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("variable", OF_TRAINED)
def test_changes_under_other_names_are_refused_and_flagged(time: str, variable: str) -> None:
    svy, times = made(), TIMES[time]
    with pytest.raises(DataError, match="straddles a series break") as caught:
        llo.change(variable, svy, **times)
    if variable != "trained":
        assert f"{variable} (from trained" in str(caught.value)
    with pytest.raises(DataError, match="straddles a series break"):
        llo.gap_change(variable, svy, group="sex", of="m", minus="f", **times)
    found = llo.change(variable, svy, breaks="flag", **times)
    assert flags(found) == [str(time) in ("2022", "8", "late", "rest") for time in found.rows[times["time"]]]
    assert not any(flags(llo.change("hours", svy, **times)))
    early = "period == 'early'"
    if time in ("jaar", "since", "mixed"):
        assert not any(flags(llo.change(variable, svy.where(early), **times)))


def test_a_time_that_is_no_role_is_placed_by_the_column_year() -> None:
    data = rotating.frame().assign(wave=lambda d: rotating.number_of(d["year"]) + 1)
    for time in (None, "wave"):
        svy = llo.Survey(data, weights="w", strata="year", time=time, source={"breaks": BROKEN})
        with pytest.raises(DataError, match="straddles a series break"):
            llo.change("trained", svy, time="wave", base=1)
        assert flags(llo.mean("trained", svy, by="wave").contrast("`3` - `2`")) == [True]
    waves = llo.Survey(data.drop(columns="year"), weights="w", strata="wave", time="wave", source={"breaks": BROKEN})
    for refused in (
        lambda: llo.change("trained", waves, time="wave", base=1),
        lambda: llo.mean("trained", waves, by="wave").contrast("`3` - `2`"),
        lambda: llo.gap("trained", waves, group="wave", of=3, minus=2),
    ):
        with pytest.raises(DataError, match="2022 cannot be placed among the times"):
            refused()
    assert not any(flags(llo.change("hours", waves, time="wave", base=1)))
    assert flags(llo.gap("trained", waves, group="sex", of="m", minus="f")) == [False]


def test_a_break_dated_in_waves() -> None:
    data = rotating.frame().assign(wave=lambda d: rotating.number_of(d["year"]) + 1)
    svy = llo.Survey(data, weights="w", strata="wave", time="wave", source={"breaks": [{**BROKEN[0], "time": 3}]})
    assert flags(llo.change("trained", svy, time="wave", base=1, breaks="flag")) == [False, True]
    assert flags(llo.change("trained", svy, time="year", base=2014, breaks="flag")) == [False, True]


@pytest.mark.parametrize("variable", ["course", "again", "condition"])
@pytest.mark.parametrize("time", ["year", "jaar"])
def test_a_known_shift_is_that_of_a_copy(variable: str, time: str) -> None:
    svy = made([SHIFT])
    plain = llo.change("trained", svy, time="year", base=2014, breaks="flag")
    found = llo.change(variable, svy, time=time, base=2014, breaks="adjust")
    assert found.estimate == pytest.approx(plain.estimate - [0, 0.05], rel=EXACT)
    assert found.std_error == pytest.approx(np.hypot(plain.std_error, [0, 0.01]), rel=EXACT)
    chosen = llo.change(variable, svy.where("jaar in [2018, 2022]"), time=time, base=2018, breaks="adjust")
    assert chosen.estimate[0] == pytest.approx(found.estimate[1] - found.estimate[0], rel=1e-9)


def test_a_known_shift_of_groups_under_another_name() -> None:
    rows = [
        {"variable": "trained", "sex": sex, "shift": size, "shift_se": 0.0} for sex, size in (("m", 0.1), ("f", 0.0))
    ]
    svy = made([{**rotating.BREAK, "shifts": rows}]).assign(geslacht=lambda d: d["sex"])
    plain = llo.change("trained", svy, by="sex", time="year", base=2014, breaks="flag")
    found = llo.change("course", svy, by="geslacht", time="year", base=2014, breaks="adjust")
    taken = [0.1 if label == "m:2022" else 0.0 for label in found.labels]
    assert found.estimate == pytest.approx(plain.estimate - taken, rel=EXACT)


@pytest.mark.parametrize("variable", ["double", "score"])
def test_a_known_shift_is_not_that_of_what_is_made_from_it(variable: str) -> None:
    with pytest.raises(DataError, match="size of the series break of 2022 is not known") as caught:
        llo.change(variable, made([SHIFT]), time="year", base=2014, breaks="adjust")
    if variable == "double":
        assert "a shift of trained, which is not that of what is made from it" in str(caught.value)


def test_a_copy_with_other_missing_values_is_no_copy() -> None:
    svy = rotating.survey(breaks=[SHIFT]).assign(course=lambda d: d["trained"].where(d["hours"] > 9))
    with pytest.raises(DataError, match="size of the series break of 2022 is not known"):
        llo.change("course", svy, time="year", base=2014, breaks="adjust")


def test_a_class_that_pools_both_sides_is_not_adjusted() -> None:
    with pytest.raises(DataError, match="A time pools people before and after the series break of 2022"):
        llo.change("trained", made([SHIFT]), breaks="adjust", **TIMES["mixed"])


def test_a_cell_without_people_before_a_break_is_empty_and_no_comparison() -> None:
    """Nothing is refused, and no shift is asked for, where there is nothing to compare."""
    data = rotating.frame()
    data = data[(data["sex"] == "m") & (data["year"] < 2022) | (data["sex"] == "f") & (data["year"] > 2014)]
    svy = rotating.survey(data.reset_index(drop=True), breaks=[{**SHIFT, "shift": {}, "shift_se": {}}])
    for breaks in ("refuse", "adjust"):
        found = llo.change("trained", svy, by="sex", time="year", base=2014, breaks=breaks)
        assert dict(zip(found.labels, found.flags, strict=True)) == {
            "f:2018": "empty",
            "f:2022": "empty",
            "m:2018": "",
            "m:2022": "empty",
        }
    with pytest.raises(DataError, match="straddles"):
        llo.change("trained", svy, by="sex", time="year", base=2018)


def test_rows_without_weight_stand_on_no_side() -> None:
    data = rotating.frame()
    data["w"] = data["w"].where(data["year"] < 2022, 0.0)
    svy = rotating.survey(data, breaks=BROKEN)
    found = llo.change("trained", svy, time="year", base=2014)
    assert found.flags == ["", "empty"]


@pytest.mark.parametrize("time", ["jaar", "since"])
@pytest.mark.parametrize("variable", ["trained", "course", "double"])
def test_a_trend_under_other_names_has_its_step(time: str, variable: str) -> None:
    svy = made()
    plain = llo.trend("trained", svy, time="year")
    found = llo.trend(variable, svy, time=time)
    assert found.rows["term"].tolist() == plain.rows["term"].tolist() == ["slope", "slope", "step 2022"]
    assert found.estimate == pytest.approx(plain.estimate * (2 if variable == "double" else 1), rel=1e-9)
    assert flags(found) == [True, False, False]
    with pytest.raises(DataError, match="The trend straddles"):
        llo.trend(variable, svy, time=time, breaks="refuse")


def test_robustness_tells_of_the_break_of_a_made_variable() -> None:
    change = llo.change("again", made([SHIFT]), time="jaar", base=2014, breaks="flag")
    found = llo.break_robustness(change).to_frame()
    assert found["breaks"].tolist() == ["", "2022"]
    assert found["known_shift"].tolist()[1] == 0.05
    assert found["net_of_shift"][1] == pytest.approx(change.estimate[1] - 0.05, rel=EXACT)


# -- stacks, plausible values ---------------------------------------------------------------------------------------


def test_a_break_of_one_survey_of_a_stack() -> None:
    both = llo.stack({"nea": rotating.survey(breaks=BROKEN), "zea": rotating.survey()})
    both = both.assign(course=lambda d: d["trained"], period=lambda d: pd.Categorical(d["year"] > 2020, ordered=True))
    means = llo.mean("course", both, by=["survey", "period"])
    nea, zea = (f"`{name}:True` - `{name}:False`" for name in ("nea", "zea"))
    assert flags(means.contrast([nea, zea, "`nea:False` - `zea:True`"])) == [True, False, False]
    apart = llo.gap("course", both, of="year == 2022", minus="year == 2018", by="survey")
    assert flags(apart) == [True, False]


def test_waves_of_one_instrument_that_are_stacked_have_its_break() -> None:
    """Each file tells of the same break; none of them has people on both sides of it."""
    data = rotating.frame()
    waves = {}
    for year in rotating.YEARS:
        part = data[data["year"] == year].reset_index(drop=True)
        waves[f"in{year}"] = rotating.survey(part, unit=None, breaks=[{**SHIFT, "known_size": "a parallel run"}])
    every = llo.stack(waves).assign(course=lambda d: d["trained"])
    means = llo.mean("course", every, by="survey")
    assert flags(means.contrast(["in2022 - in2018", "in2018 - in2014"])) == [True, False]
    assert flags(llo.gap("course", every, group="survey", of="in2022", minus="in2018")) == [True]
    assert flags(llo.gap("course", every, group="survey", of="in2018", minus="in2014")) == [False]
    with pytest.raises(DataError, match="straddles"):
        llo.change("course", every, time="year", base=2018)
    found = llo.change("course", every, time="year", base=2014, breaks="flag")
    assert flags(found) == [False, True] and len(found.meta["breaks"]["straddled"]) == 1
    names = {2014: "in2014", 2018: "in2018", 2022: "in2022"}
    other = [{**rotating.BREAK, "what": "other words", "series": ["hours"]}]
    mixed = llo.stack({**waves, "zea": rotating.survey(breaks=other)})
    assert flags(llo.mean("trained", mixed, by="survey").contrast([f"zea - {names[2014]}", "in2022 - in2014"])) == [
        False,
        True,
    ]


def test_plausible_values_keep_their_sides(tmp_path: Path) -> None:
    data = rotating.frame()
    rng = np.random.default_rng(5)
    for number in range(1, 4):
        data[f"pv{number}"] = data["hours"] + rng.normal(size=len(data))
    svy = rotating.survey(data, breaks=[{"time": 2022, "what": "new test", "series": ["pv1", "pv2", "pv3"]}])
    means = llo.mean("pv*", svy, by="year", plausible=True)
    apart = llo.combine_imputations([llo.mean(f"pv{i}", svy, by="year") for i in range(1, 4)])
    for result in (means, apart, llo.read_result(means.save(tmp_path / "means"))):
        assert flags(result.contrast(["`2022` - `2018`", "`2018` - `2014`"])) == [True, False]

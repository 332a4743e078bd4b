"""Changes and changes of gaps: laws of overlap, chains, domains, replicates, breaks; and what is refused, in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.estimation.rotating import BREAK, frame, replicated, survey

EXACT = 1e-9
GROUPS: dict[str, Any] = {"group": "education", "of": "high", "minus": "low"}
TIMES: dict[str, Any] = {"time": "year", "base": 2014}
SHIFT = {**BREAK, "shift": 0.03, "shift_se": 0.01}


def _shifts(**both: tuple[float, float]) -> dict[str, Any]:
    """A break with a shift for each level of education."""
    rows = [{"variable": "trained", "education": k, "shift": s, "shift_se": e} for k, (s, e) in both.items()]
    return {**BREAK, "shifts": rows}


# -- the covariance of the waves ------------------------------------------------------------------------------------


def test_full_overlap_is_the_paired_difference() -> None:
    data = frame(persons=90)
    first = data[data["year"] == 2014].assign(w=1.0)
    second = first.assign(year=2018, hours=first["hours"] * 0.7 + 5 + np.sin(first["person"]))
    svy = llo.Survey(pd.concat([second, first]), weights="w", unit="person", time="year")
    found = llo.change("hours", svy, **TIMES)
    paired = second["hours"].to_numpy() - first["hours"].to_numpy()
    assert found.estimate[0] == pytest.approx(paired.mean(), rel=EXACT)
    assert found.std_error[0] == pytest.approx(paired.std(ddof=1) / np.sqrt(len(paired)), rel=EXACT)
    assert found.df[0] == len(paired) - 1


def test_no_overlap_is_the_sum_of_variances() -> None:
    data = frame(overlap=False)
    svy = llo.Survey(data, weights="w", strata=["year", "stratum"], time="year")
    found = llo.change("hours", svy, **TIMES).to_frame().set_index("year")
    alone = {
        year: llo.mean("hours", llo.Survey(part, weights="w", strata="stratum")).to_frame().iloc[0]
        for year, part in data.groupby("year")
    }
    for year in (2018, 2022):
        wanted = np.hypot(alone[year]["std_error"], alone[2014]["std_error"])
        assert found["estimate"][year] == pytest.approx(alone[year]["estimate"] - alone[2014]["estimate"], rel=EXACT)
        assert found["std_error"][year] == pytest.approx(wanted, rel=EXACT)
        assert found["df"][year] == alone[year]["df"] + alone[2014]["df"]


def test_overlap_lowers_the_standard_error_of_a_change() -> None:
    data = frame()
    together = llo.change("hours", survey(data), **TIMES)
    apart = llo.change("hours", llo.Survey(data, weights="w", strata=["year", "stratum"]), **TIMES)
    assert together.std_error[0] < 0.95 * apart.std_error[0]
    assert together.std_error[1] == pytest.approx(apart.std_error[1], rel=0.05)  # nobody is in 2014 and 2022


def test_changes_chain() -> None:
    svy = survey()
    long = llo.change("hours", svy, **TIMES)
    second = llo.change("hours", svy, time="year", base=2018)
    both = llo.joint({"first": long, "second": second})
    labels = both.labels
    assert labels == ("first:2018", "first:2022", "second")
    rest = both.contrast({"first:2018": 1, "second": 1, "first:2022": -1})
    assert rest.estimate[0] == pytest.approx(0, abs=1e-12)
    assert rest.std_error[0] == pytest.approx(0, abs=1e-8)
    assert long.contrast({"2022": 1, "2018": -1}).std_error[0] == pytest.approx(second.std_error[0], rel=EXACT)


@pytest.mark.parametrize("make", [survey, replicated])
@pytest.mark.parametrize("by", [None, "sex"])
def test_gap_change_is_the_difference_of_gaps(make: Callable[..., llo.Survey], by: str | None) -> None:
    svy = make()
    cells = [*([by] if by else []), "year"]
    gaps = llo.gap("trained", svy, by=cells, **GROUPS)
    found = llo.gap_change("trained", svy, by=by, **GROUPS, **TIMES)
    for i, label in enumerate(found.labels):
        base = label.replace("2018", "2014").replace("2022", "2014")
        wanted = gaps.contrast({label: 1, base: -1})
        assert found.estimate[i] == pytest.approx(wanted.estimate[0], rel=EXACT)
        assert found.std_error[i] == pytest.approx(wanted.std_error[0], rel=EXACT)
        assert found.df[i] == wanted.df[0]
        assert found.n is not None and found.n[i] == wanted.n[0]


@pytest.mark.parametrize("make", [survey, replicated])
@pytest.mark.parametrize(("scale", "text"), [("ratio", "b / a"), ("odds", "b / (1 - b) / (a / (1 - a))")])
def test_scales_are_those_of_a_contrast(make: Callable[..., llo.Survey], scale: str, text: str) -> None:
    svy = make()
    found = llo.change("trained", svy, scale=scale, **TIMES)
    means = llo.mean("trained", svy, by="year")
    wanted = means.contrast(text.replace("a", "`2014`").replace("b", "`2022`"))
    assert found.estimate[1] == pytest.approx(wanted.estimate[0], rel=EXACT)
    assert found.std_error[1] == pytest.approx(wanted.std_error[0], rel=EXACT)
    shown = found.to_frame().iloc[1]
    assert shown["conf_low"] == pytest.approx(
        shown["estimate"] * np.exp(-found.critical[1] * shown["std_error"] / shown["estimate"]), rel=EXACT
    )
    assert shown["statistic"] == pytest.approx(
        np.log(shown["estimate"]) * shown["estimate"] / shown["std_error"], rel=EXACT
    )


def test_gap_change_on_the_odds_scale_is_a_ratio_of_odds_ratios() -> None:
    svy = survey()
    found = llo.gap_change("trained", svy, scale="odds", **GROUPS, **TIMES)
    gaps = llo.gap("trained", svy, by="year", scale="odds", **GROUPS)
    wanted = gaps.contrast("`2022` / `2014`")
    assert found.estimate[1] == pytest.approx(wanted.estimate[0], rel=EXACT)
    assert found.std_error[1] == pytest.approx(wanted.std_error[0], rel=EXACT)


# -- invariances, domains, shapes -----------------------------------------------------------------------------------


CALLS: dict[str, Callable[[llo.Survey], Any]] = {
    "change": lambda svy: llo.change(["hours", "trained"], svy, by="sex", **TIMES),
    "categories": lambda svy: llo.change("contract", svy, **TIMES),
    "ratio": lambda svy: llo.change("hours", svy, scale="ratio", **TIMES),
    "gap": lambda svy: llo.gap_change("hours", svy, **GROUPS, **TIMES),
    "odds": lambda svy: llo.gap_change("trained", svy, scale="odds", by="sex", **GROUPS, **TIMES),
    "trend": lambda svy: llo.trend("hours", svy, time="year", by="sex"),
}


@pytest.mark.parametrize("name", CALLS)
def test_order_of_rows_and_scale_of_weights_do_not_matter(name: str) -> None:
    data = frame()
    found, shuffled = (CALLS[name](survey(d)) for d in (data, data.sample(frac=1, random_state=3)))
    assert shuffled.labels == found.labels
    assert shuffled.estimate == pytest.approx(found.estimate, rel=1e-12, abs=1e-12)
    assert shuffled.covariance == pytest.approx(found.covariance, rel=1e-9, abs=1e-14)
    scaled = CALLS[name](survey(data.assign(w=data["w"] * 1000)))
    assert scaled.estimate == pytest.approx(found.estimate, rel=1e-12, abs=1e-12)
    assert scaled.covariance == pytest.approx(found.covariance, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("name", CALLS)
def test_influence_is_the_derivative_in_the_weights(name: str) -> None:
    data = frame(persons=60)
    found = CALLS[name](survey(data))
    influence = found.influence
    for row in range(0, len(data), 17):
        step = 1e-5 * data["w"].iloc[row]
        up, down = data.copy(), data.copy()
        up.loc[row, "w"] += step
        down.loc[row, "w"] -= step
        slope = (CALLS[name](survey(up)).estimate - CALLS[name](survey(down)).estimate) / (2 * step)
        assert influence[row] == pytest.approx(data["w"].iloc[row] * slope, rel=1e-5, abs=1e-9)


def test_influence_gives_the_covariance() -> None:
    svy = survey()
    for call in CALLS.values():
        found = call(svy)
        assert svy.design.covariance(found.influence) == pytest.approx(found.covariance, rel=1e-9, abs=1e-15)


def test_a_domain_is_a_cell() -> None:
    svy = survey()
    cells = llo.change("hours", svy, by="sex", **TIMES).to_frame()
    domain = llo.change("hours", svy.where("sex == 'f'"), **TIMES).to_frame()
    for name in ("estimate", "std_error", "df", "n", "conf_low"):
        assert domain[name].tolist() == pytest.approx(cells.loc[cells["sex"] == "f", name].tolist(), rel=EXACT)


def test_calibrated_by_wave_is_the_contrast_of_the_calibrated_means() -> None:
    svy = survey()
    totals = {year: {"education": {"low": 300.0, "middle": 310.0, "high": 290.0}} for year in (2014, 2018, 2022)}
    svy = llo.calibrate(svy, totals, by="year")
    means = llo.mean("hours", svy, by="year")
    found = llo.change("hours", svy, **TIMES)
    plain = llo.change("hours", survey(svy.frame.assign(w=svy.weights)), **TIMES)
    assert found.std_error[0] == pytest.approx(means.contrast({"2018": 1, "2014": -1}).std_error[0], rel=EXACT)
    assert plain.estimate == pytest.approx(found.estimate, rel=EXACT)
    assert (abs(plain.std_error / found.std_error - 1) > 1e-3).all()


def test_replicates_are_those_of_the_change() -> None:
    svy = replicated()
    found, means = llo.change("hours", svy, **TIMES), llo.mean("hours", svy, by="year")
    assert found.replicates is not None and means.replicates is not None
    assert found.replicates[:, 0] == pytest.approx(means.replicates[:, 1] - means.replicates[:, 0], rel=EXACT)
    deviation = found.replicates - found.estimate
    assert found.covariance == pytest.approx(39 / 40 * deviation.T @ deviation, rel=EXACT)
    assert found.df.tolist() == [39, 39]


def test_columns_and_labels() -> None:
    found = llo.change(["hours", "trained"], survey(), by="sex", **TIMES)
    shown = found.to_frame()
    head = ["sex", "year", "variable", "measure", "of", "minus", "estimate", "std_error", "statistic", "df", "p_value"]
    assert shown.columns.tolist() == [*head, "conf_low", "conf_high", "n", "flag"]
    assert shown["of"].tolist() == shown["year"].tolist() == [2018, 2018, 2022, 2022] * 2
    assert set(shown["minus"]) == {2014}
    assert found.labels[:3] == ("hours:f:2018", "trained:f:2018", "hours:f:2022")
    assert llo.change("hours", survey().where("year < 2020"), **TIMES).labels == ("hours",)
    gaps = llo.gap_change("contract", survey(), **GROUPS, **TIMES)
    assert gaps.labels == tuple(f"{level}:{year}" for year in (2018, 2022) for level in ("fixed", "flex", "none"))
    assert gaps.rows["of"].unique().tolist() == ["high"] and gaps.meta["base"] == 2014
    assert (gaps.cells["n"] < gaps.to_frame()["n"]).all()


def test_simultaneous_intervals_are_wider() -> None:
    one, joint = (llo.change("hours", survey(), simultaneous=s, **TIMES).to_frame() for s in (False, True))
    assert ((joint["conf_high"] - joint["conf_low"]) > (one["conf_high"] - one["conf_low"])).all()


def test_earlier_times_are_left_out_and_counted() -> None:
    data = frame()
    data.loc[data["year"] == 2014, "hours"] = np.nan
    found = llo.change("hours", survey(data), time="year", base=2018, missing="raise")
    assert found.rows["year"].tolist() == [2022]
    assert found.meta["earlier_times"] == {"2014": 240}
    assert found.meta["left_out"].get("hours", 0) == 0


def test_missing_values_leave_a_row_out_at_its_own_time() -> None:
    data = frame()
    data.loc[3, "hours"] = np.nan
    data.loc[300, "trained"] = np.nan
    svy = survey(data)
    found = llo.change(["hours", "trained"], svy, **TIMES)
    assert found.meta["left_out"] == {"hours": 1, "trained": 1}
    own = llo.change(["hours", "trained"], svy, missing="available", **TIMES)
    alone = llo.change("trained", svy, **TIMES)
    assert own.estimate[1::2] == pytest.approx(alone.estimate, rel=EXACT)
    assert own.std_error[1::2] == pytest.approx(alone.std_error, rel=EXACT)
    assert own.df[1::2].tolist() == alone.df.tolist()
    with pytest.raises(DataError, match="missing values"):
        llo.change(["hours", "trained"], svy, missing="raise", **TIMES)


def test_a_cell_without_its_base_is_flagged_empty() -> None:
    data = frame()
    data = data[~((data["sex"] == "m") & (data["year"] == 2014))]
    shown = llo.change("hours", survey(data), by="sex", **TIMES).to_frame().set_index(["sex", "year"])
    assert shown.loc["m", "flag"].tolist() == ["empty", "empty"]
    assert shown.loc["m", "estimate"].isna().all() and shown.loc["m", "std_error"].isna().all()
    assert shown.loc["f", "flag"].tolist() == ["", ""]
    gaps = llo.gap_change("hours", survey(data), group="sex", of="m", minus="f", **TIMES).to_frame()
    assert gaps["flag"].tolist() == ["empty", "empty"]


def test_ordered_categories_are_times() -> None:
    data = frame()
    names = {2014: "before", 2018: "during", 2022: "after"}
    wave = pd.Categorical(data["year"].map(names), categories=list(names.values()), ordered=True)
    found = llo.change("hours", survey(data.assign(wave=wave)), time="wave", base="before")
    assert found.rows["wave"].tolist() == ["during", "after"]
    assert found.estimate == pytest.approx(llo.change("hours", survey(data), **TIMES).estimate, rel=EXACT)


# -- series breaks --------------------------------------------------------------------------------------------------


def test_a_straddled_break_is_refused_and_named() -> None:
    with pytest.raises(DataError) as caught:
        llo.change("trained", survey(breaks=[BREAK]), **TIMES)
    message = str(caught.value)
    for word in ("straddles a series break", "trained", "2014", "2022", "new questionnaire", "breaks='flag'"):
        assert word in message
    with pytest.raises(DataError, match="change of the gap straddles a series break"):
        llo.gap_change("trained", survey(breaks=[BREAK]), **GROUPS, **TIMES)


@pytest.mark.parametrize(
    ("known", "flags"),
    [
        ({"time": 2022}, ["", "break"]),
        ({"time": 2018}, ["break", "break"]),
        ({"time": 2016}, ["break", "break"]),
        ({"time": 2014}, ["", ""]),
        ({"time": 2025}, ["", ""]),
        ({"time": "2020"}, ["", "break"]),
        ({"time": 2022, "series": ["hours"]}, ["", "break"]),
        ({"time": 2022, "series": ["other"]}, ["", ""]),
        ({"time": 2022, "what": {"nl": "nieuw", "en": "new"}}, ["", "break"]),
    ],
)
def test_a_break_lies_before_its_time(known: dict[str, Any], flags: list[str]) -> None:
    found = llo.change("hours", survey(breaks=[known]), breaks="flag", **TIMES)
    assert found.flags == flags
    plain = llo.change("hours", survey(), **TIMES)
    assert found.estimate.tolist() == plain.estimate.tolist()
    if "break" not in flags:
        assert llo.change("hours", survey(breaks=[known]), **TIMES).flags == flags


def test_only_the_variables_of_a_broken_series_are_flagged() -> None:
    found = llo.change(["hours", "trained"], survey(breaks=[BREAK]), breaks="flag", **TIMES)
    assert dict(zip(found.labels, found.flags, strict=True)) == {
        "hours:2018": "",
        "trained:2018": "",
        "hours:2022": "",
        "trained:2022": "break",
    }
    (told,) = found.meta["breaks"]["straddled"]
    assert told["time"] == 2022 and told["what"] == "new questionnaire" and told["rows"] == ["trained:2022"]


@pytest.mark.parametrize("make", [survey, replicated])
def test_adjusting_takes_off_the_measured_shift_with_its_error(make: Callable[..., llo.Survey]) -> None:
    plain = llo.change("trained", make(), **TIMES)
    found = llo.change("trained", make(breaks=[SHIFT]), breaks="adjust", **TIMES)
    assert found.flags == ["", "break_adjusted"]
    assert found.estimate.tolist() == pytest.approx([plain.estimate[0], plain.estimate[1] - 0.03], rel=EXACT)
    assert found.std_error[0] == pytest.approx(plain.std_error[0], rel=EXACT)
    assert found.std_error[1] == pytest.approx(np.hypot(plain.std_error[1], 0.01), rel=EXACT)
    assert found.contrast({"2022": 1}).std_error[0] == pytest.approx(found.std_error[1], rel=EXACT)


def test_a_contrast_carries_the_flag_of_its_rows() -> None:
    found = llo.change("trained", survey(breaks=[BREAK]), by="sex", breaks="flag", **TIMES)
    assert found.contrast({"f:2018": 1, "m:2018": -1}).flags == [""]
    assert found.contrast({"f:2022": 1, "m:2022": -1}).flags == ["break"]
    assert found.contrast({"a": "`f:2018`", "b": "`f:2022` - `f:2018`"}).flags == ["", "break"]
    assert llo.joint({"a": found, "b": found}).contrast({"a:f:2022": 1, "b:m:2018": -1}).flags == ["break"]


def test_changes_over_one_break_share_the_error_of_its_shift() -> None:
    early = {**SHIFT, "time": 2018}
    plain = llo.change("trained", survey(), **TIMES)
    found = llo.change("trained", survey(breaks=[early]), breaks="adjust", **TIMES)
    assert found.covariance - plain.covariance == pytest.approx(np.full((2, 2), 1e-4), rel=1e-6)


def test_two_breaks_add_up() -> None:
    both = [{**SHIFT, "time": 2018}, {**SHIFT, "shift": 0.05, "shift_se": 0.02}]
    plain = llo.change("trained", survey(), **TIMES)
    found = llo.change("trained", survey(breaks=both), breaks="adjust", **TIMES)
    assert found.estimate.tolist() == pytest.approx([plain.estimate[0] - 0.03, plain.estimate[1] - 0.08], rel=EXACT)
    assert found.std_error[1] == pytest.approx(np.sqrt(plain.std_error[1] ** 2 + 1e-4 + 4e-4), rel=EXACT)


def test_a_shift_of_all_people_is_not_that_of_a_group() -> None:
    svy = survey(breaks=[SHIFT])
    with pytest.raises(DataError, match="size of the series break of 2022 is not known") as caught:
        llo.change("trained", svy, by="education", breaks="adjust", **TIMES)
    assert "education low" in str(caught.value)
    with pytest.raises(DataError, match="is not known"):
        llo.change("trained", svy.where("sex == 'f'"), breaks="adjust", **TIMES)
    with pytest.raises(DataError, match="is not known"):
        llo.gap_change("trained", svy, breaks="adjust", **GROUPS, **TIMES)
    uniform = survey(breaks=[{**SHIFT, "uniform": True}])
    plain = llo.change("trained", survey(), by="education", **TIMES)
    found = llo.change("trained", uniform, by="education", breaks="adjust", **TIMES)
    assert (found.estimate - plain.estimate).tolist() == pytest.approx([0, -0.03] * 3, abs=1e-12)


def test_a_uniform_shift_leaves_a_gap_and_shifts_of_groups_move_it() -> None:
    plain = llo.gap_change("trained", survey(), **GROUPS, **TIMES)
    uniform = llo.gap_change("trained", survey(breaks=[{**SHIFT, "uniform": True}]), breaks="adjust", **GROUPS, **TIMES)
    assert uniform.estimate == pytest.approx(plain.estimate, rel=EXACT)
    assert uniform.std_error == pytest.approx(plain.std_error, rel=EXACT)
    known = _shifts(high=(0.05, 0.01), low=(0.02, 0.02))
    found = llo.gap_change("trained", survey(breaks=[known]), breaks="adjust", **GROUPS, **TIMES)
    assert found.estimate[1] == pytest.approx(plain.estimate[1] - 0.03, rel=EXACT)
    assert found.std_error[1] == pytest.approx(np.sqrt(plain.std_error[1] ** 2 + 5e-4), rel=EXACT)


def test_a_break_of_one_survey_of_a_stack_concerns_its_people_only() -> None:
    both = llo.stack({"nea": survey(breaks=[SHIFT]), "zea": survey()})
    found = llo.change("trained", both, by="survey", breaks="flag", **TIMES)
    assert dict(zip(found.labels, found.flags, strict=True)) == {
        "nea:2018": "",
        "nea:2022": "break",
        "zea:2018": "",
        "zea:2022": "",
    }
    assert llo.change("trained", both.where("survey == 'zea'"), **TIMES).flags == ["", ""]
    with pytest.raises(DataError, match="straddles"):
        llo.change("trained", both, **TIMES)
    gaps = llo.gap_change("trained", both, group="survey", of="nea", minus="zea", breaks="adjust", **TIMES)
    plain = llo.gap_change("trained", both, group="survey", of="nea", minus="zea", breaks="flag", **TIMES)
    assert gaps.estimate[1] == pytest.approx(plain.estimate[1] - 0.03, rel=EXACT)
    assert gaps.std_error[1] == pytest.approx(np.hypot(plain.std_error[1], 0.01), rel=EXACT)
    lines = llo.trend("trained", both, time="year", by="survey").to_frame()
    assert lines.groupby("survey", observed=True).size().to_dict() == {"nea": 3, "zea": 1}


def test_a_saved_change_keeps_its_flags(tmp_path: Path) -> None:
    found = llo.change("trained", survey(breaks=[BREAK]), breaks="flag", **TIMES)
    found.save(tmp_path / "change")
    back = llo.read_result(tmp_path / "change")
    assert back.flags == found.flags == ["", "break"]
    assert back.to_frame()["estimate"].tolist() == found.estimate.tolist()


# -- what is refused ------------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("no such time column", {"time": "jaar"}, "no column 'jaar'"),
    ("base not among the times", {"base": 2016}, "base 2016 is not one of the times"),
    ("base of another type", {"base": "2014"}, "base '2014' is not one of the times"),
    ("base is the last time", {"base": 2022}, "no time after the base 2022"),
    ("time as a cell", {"by": ["sex", "year"]}, "times cannot be cells"),
    ("unknown breaks", {"breaks": "ignore"}, "breaks has no option 'ignore'"),
    ("unknown scale", {"scale": "relative"}, "scale has no option 'relative'"),
    ("unknown missing", {"missing": "drop"}, "missing has no option 'drop'"),
    ("adjusted ratio", {"breaks": "adjust", "scale": "ratio"}, "adjusted change is a difference"),
    ("odds of hours", {"scale": "odds"}, "Odds are those of a share"),
    ("level", {"level": 95}, "level is a probability"),
]
REFUSED_GAPS: list[tuple[str, dict[str, Any], str]] = [
    ("of is minus", {"of": "low"}, "same group"),
    ("unknown level", {"of": "hoog"}, "no level 'hoog'"),
    ("group is time", {"group": "year", "of": 2018, "minus": 2014}, "groups of a gap cannot be times"),
    ("group is a cell", {"by": "education"}, "cannot be its cells"),
    ("overlapping conditions", {"group": None, "of": "hours > 9", "minus": "hours > 10"}, "overlap"),
    ("equal conditions", {"group": None, "of": "hours > 9", "minus": "hours > 9"}, "overlap"),
    ("base not among the times", {"base": 1999}, "base 1999 is not one of the times"),
    ("available", {"missing": "available"}, "missing has no option 'available'"),
]


@pytest.mark.parametrize(("given", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_change_refuses(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        llo.change("hours", survey(), **{**TIMES, **given})


@pytest.mark.parametrize(("given", "message"), [r[1:] for r in REFUSED_GAPS], ids=[r[0] for r in REFUSED_GAPS])
def test_a_change_of_a_gap_refuses(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        llo.gap_change("hours", survey(), **{**GROUPS, **TIMES, **given})


def test_one_time_only_is_refused() -> None:
    with pytest.raises(DataError, match="only one time"):
        llo.change("hours", survey().where("year == 2014"), **TIMES)


def test_a_base_at_which_nobody_was_asked_is_refused() -> None:
    data = frame()
    data.loc[data["year"] == 2014, "hours"] = np.nan
    with pytest.raises(DataError, match="Nobody has a value at the base") as caught:
        llo.change("hours", survey(data), **TIMES)
    assert "values at 2018, 2022" in str(caught.value)
    data = frame()
    data["w_hours"] = data["w"].where(data["year"] > 2014)
    own = survey(data, item_weights={"hours": "w_hours"})
    with pytest.raises(DataError, match="Nobody has a value at the base"):
        llo.change("hours", own, **TIMES)
    found = llo.change("hours", own, time="year", base=2018.0)
    assert found.meta["weight"] == "w_hours"
    assert found.rows["minus"].tolist() == [2018] and type(found.meta["base"]) is int


def test_the_first_arguments_are_a_name_and_a_survey() -> None:
    with pytest.raises(DataError, match="The data of an estimator are a Survey"):
        llo.change("hours", frame(), **TIMES)  # what a careless user does
    with pytest.raises(DataError, match="no column 'uren'"):
        llo.change("uren", survey(), **TIMES)


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ("2022", "cannot be read"),
        ({"time": 2022}, "cannot be read"),
        ([{"what": "no time"}], "cannot be read"),
        ([{"time": 2022, "shift": 0.1, "shift_se": 0.1}], "does not say which variable"),
        ([{**BREAK, "shift": "much"}], "is a variable, a number"),
        ([{**BREAK, "shift": 0.1, "shift_se": -1}], "is a variable, a number"),
        ([BREAK], "size of the series break of 2022 is not known"),
        ([{**BREAK, "shift": 0.1}], "without shift_se"),
        ([{**SHIFT, "shifts": [{"variable": "trained", "shift": 1, "shift_se": 1}]}], "Two shifts"),
        ([{**BREAK, "time": "spring"}], "cannot be placed among the times"),
    ],
)
def test_breaks_that_cannot_be_adjusted_for_are_refused(known: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        llo.change("trained", survey(breaks=known), breaks="adjust", **TIMES)


def test_choosing_times_is_no_domain_of_people_for_a_known_shift() -> None:
    frame = pd.DataFrame({"wave": [2020, 2020, 2021, 2021, 2022, 2022] * 5, "y": np.arange(30.0), "w": 1.0})
    told = [{"time": 2022, "what": "new questions", "shifts": [{"variable": "y", "shift": 2.0, "shift_se": 0.0}]}]
    svy = llo.Survey(frame, weights="w", strata="wave", time="wave", source={"breaks": told})
    options: dict[str, Any] = {"time": "wave", "base": 2021, "breaks": "adjust"}
    whole = llo.change("y", svy, **options)
    chosen = llo.change("y", svy.where("wave in [2021, 2022]"), **options)
    np.testing.assert_allclose(chosen.estimate, whole.estimate)
    with pytest.raises(llo.DataError, match="not known"):
        llo.change("y", svy.where("y > 3"), **options)

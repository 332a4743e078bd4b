"""Trends: slopes and steps are least squares on the waves with the design's variance; joint tests; what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import llo_research as llo
from llo_research.errors import DataError
from tests.estimation.rotating import BREAK, frame, replicated, survey

EXACT = 1e-9
YEARS = np.array([2014.0, 2016.0, 2018.0, 2020.0, 2022.0, 2024.0])


def six_waves(*, step: float = 0.0, seed: int = 11) -> pd.DataFrame:
    """Six waves of 80 persons, of whom half stay; `step` is added from 2022 on."""
    rng = np.random.default_rng(seed)
    parts = [pd.DataFrame({"year": int(y), "person": np.arange(i * 40, i * 40 + 80)}) for i, y in enumerate(YEARS)]
    data = pd.concat(parts, ignore_index=True)
    own = rng.normal(size=data["person"].max() + 1)[data["person"]]
    data["hours"] = 5 + own + rng.normal(size=len(data)) + 0.1 * (data["year"] - 2014) + step * (data["year"] >= 2022)
    data["trained"] = (data["hours"] > 5).astype(int)
    data["sex"] = np.where(data["person"] % 2 == 0, "f", "m")
    return data.assign(stratum=data["person"] % 3, w=1 + data["person"] % 4)


def _by_hand(means: llo.estimation.Result, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least squares of the waves on a constant and these columns: coefficients and their covariance."""
    x = np.column_stack([np.ones(len(columns)), columns])
    solve = np.linalg.solve(x.T @ x, x.T)
    return (solve @ means.estimate)[1:], (solve @ means.covariance @ solve.T)[1:, 1:]


def _wald(means: llo.estimation.Result, c: np.ndarray, d: float) -> tuple[float, float]:
    """F statistic and p-value of C m = 0."""
    r = len(c)
    deviation = c @ means.estimate
    statistic = (d - r + 1) / (d * r) * deviation @ np.linalg.inv(c @ means.covariance @ c.T) @ deviation
    return float(statistic), float(stats.f.sf(statistic, r, d - r + 1))


@pytest.mark.parametrize("make", [survey, replicated])
def test_slope_is_least_squares_with_the_variance_of_the_design(make: Callable[..., llo.Survey]) -> None:
    svy = make(six_waves())
    found, means = llo.trend("hours", svy, time="year"), llo.mean("hours", svy, by="year")
    slope, variance = _by_hand(means, YEARS[:, None] - 2019)
    assert found.estimate == pytest.approx(slope, rel=EXACT)
    assert found.estimate[0] == pytest.approx(np.polyfit(YEARS - 2019, means.estimate, 1)[0], rel=EXACT)
    assert found.covariance == pytest.approx(variance, rel=EXACT)
    assert found.rows["measure"].tolist() == ["without break term"] and found.rows["term"].tolist() == ["slope"]


@pytest.mark.parametrize("make", [survey, replicated])
def test_model_with_steps_beside_the_plain_one(make: Callable[..., llo.Survey]) -> None:
    known = [{"time": 2018, "what": "first"}, {"time": 2022, "what": "second"}]
    svy = make(six_waves(step=2.0), breaks=known)
    found, means = llo.trend("hours", svy, time="year"), llo.mean("hours", svy, by="year")
    columns = np.column_stack([YEARS - 2019, YEARS >= 2018, YEARS >= 2022])
    terms, variance = _by_hand(means, columns)
    assert found.rows["term"].tolist() == ["slope", "slope", "step 2018", "step 2022"]
    assert found.estimate[1:] == pytest.approx(terms, rel=1e-8)
    assert found.covariance[1:, 1:] == pytest.approx(variance, rel=1e-7, abs=1e-12)
    assert found.flags == ["break", "", "", ""]
    assert [item["time"] for item in found.meta["breaks"]["straddled"]] == [2018, 2022]


def test_a_step_is_found_and_a_plain_slope_takes_it_for_growth() -> None:
    data = six_waves()
    exact = data.assign(hours=1 + 0.1 * (data["year"] - 2014) + 2.0 * (data["year"] >= 2022))
    found = llo.trend("hours", survey(exact, breaks=[{"time": 2022}]), time="year").to_frame()
    assert found["estimate"].iloc[1:].tolist() == pytest.approx([0.1, 2.0], rel=1e-8)
    assert found["estimate"].iloc[0] > 0.25


@pytest.mark.parametrize("make", [survey, replicated])
def test_joint_tests(make: Callable[..., llo.Survey]) -> None:
    svy = make(six_waves(step=1.0), breaks=[BREAK | {"series": ["hours"]}])
    found, means = llo.trend("hours", svy, time="year"), llo.mean("hours", svy, by="year")
    d = svy.design.degrees_of_freedom()
    differences = np.diff(np.eye(6), axis=0)
    bends = np.diff(differences, axis=0)
    no_bend_at_the_step = np.array([bends[0], bends[1], [0, 0, 0, 0, 0, 0]])
    no_bend_at_the_step[2] = [0, 0, 1, -1, -1, 1]  # the growth of 2022-2024 is that of 2018-2020
    tests = found.tests.set_index("test")
    for name, c in {
        "any change": differences,
        "straight line": bends,
        "straight line with steps": no_bend_at_the_step,
    }.items():
        statistic, p_value = _wald(means, c, d)
        assert tests.loc[name, "statistic"] == pytest.approx(statistic, rel=1e-7)
        assert tests.loc[name, "p_value"] == pytest.approx(p_value, rel=1e-6)
        assert tests.loc[name, ["df", "df_denominator"]].tolist() == [len(c), d - len(c) + 1]
    assert "straight line" in found.summary()


def test_two_waves_are_a_change_a_unit_of_time() -> None:
    svy = survey().where("year < 2020")
    found = llo.trend("hours", svy, time="year")
    changed = llo.change("hours", svy, time="year", base=2014)
    assert found.estimate * 4 == pytest.approx(changed.estimate, rel=EXACT)
    assert found.std_error * 4 == pytest.approx(changed.std_error, rel=EXACT)
    any_change = found.tests.set_index("test").loc["any change"]
    assert any_change["statistic"] == pytest.approx(changed.to_frame()["statistic"].iloc[0] ** 2, rel=EXACT)
    assert any_change["p_value"] == pytest.approx(changed.to_frame()["p_value"].iloc[0], rel=EXACT)
    assert np.isnan(found.tests.set_index("test").loc["straight line", "statistic"])


@pytest.mark.parametrize("people", [2, 3, 4, 5, 6, 7])
def test_more_waves_than_sampling_units_are_not_tested(people: int) -> None:
    """Six waves of the same few people: the covariance of the means has their number less one as its rank."""
    rng = np.random.default_rng(people)
    data = pd.DataFrame({"year": np.repeat(YEARS.astype(int), people), "person": np.tile(np.arange(people), 6)})
    data = data.assign(hours=rng.normal(5, 1, len(data)), stratum=0, w=1.0)
    found = llo.trend("hours", survey(data), time="year")
    tests, d = found.tests.set_index("test"), people - 1
    assert found.df.tolist() == [d]
    for name, restrictions in {"any change": 5, "straight line": 4}.items():
        enough = restrictions <= d
        assert np.isfinite(tests.loc[name, ["statistic", "p_value"]].astype(float)).all() == enough
        assert tests.loc[name, "flag"] == ("" if enough else "no_test")


def test_cells_are_lines_of_their_own_waves() -> None:
    data = six_waves()
    data = data[~((data["sex"] == "m") & data["year"].isin([2014, 2020]))]
    svy = survey(data)
    found = llo.trend(["hours", "trained"], svy, time="year", by="sex")
    assert found.labels == ("hours:f", "trained:f", "hours:m", "trained:m")
    alone = llo.trend("hours", svy.where("sex == 'm'"), time="year")
    assert found.estimate[2] == pytest.approx(alone.estimate[0], rel=EXACT)
    assert found.std_error[2] == pytest.approx(alone.std_error[0], rel=EXACT)
    assert found.df[2] == alone.df[0]
    assert len(found.tests) == 2 * 2 * 2


def test_terms_that_the_waves_cannot_tell_apart_are_flagged() -> None:
    svy = survey(breaks=[BREAK]).where("year > 2014")
    found = llo.trend("trained", svy, time="year").to_frame()
    assert found["flag"].tolist() == ["break saturated", "not_identified", "not_identified"]
    assert found["estimate"].isna().tolist() == [False, True, True]
    data = frame()
    data = data[(data["sex"] == "f") | (data["year"] == 2014)]
    one = llo.trend("hours", survey(data), time="year", by="sex").to_frame().set_index("sex")
    assert one["flag"].to_dict() == {"f": "", "m": "not_identified"}


@pytest.mark.parametrize(
    ("years", "broken", "saturated"),
    [
        ([2014, 2016, 2018, 2020, 2022], 2022, []),
        ([2014, 2018, 2022], 2022, ["slope", "step 2022"]),  # one wave after the break: the step is all of it
        ([2014, 2018, 2022], 2018, ["slope", "step 2018"]),
        ([2014, 2016, 2018, 2022], 2022, []),
        ([2014, 2018, 2022], None, []),
        ([2018, 2022], None, ["slope"]),
    ],
)
def test_a_model_with_as_many_terms_as_waves_is_flagged(
    years: list[int], broken: int | None, saturated: list[str]
) -> None:
    data = six_waves()
    told = None if broken is None else [{**BREAK, "time": broken, "series": []}]
    svy = survey(data, breaks=told).where(f"year in {years}")
    found = llo.trend("hours", svy, time="year")
    shown = found.to_frame()
    hit = shown["flag"].str.contains("saturated")
    assert shown.loc[hit, "term"].tolist() == saturated
    assert set(shown.loc[hit, "measure"]) <= {"without break term" if broken is None else "with break term"}
    # what saturated means: the fitted line goes through every wave, and the test of the line has nothing to test
    tests = found.tests.set_index("test")["statistic"]
    last = "straight line" if broken is None else "straight line with steps"
    assert np.isnan(tests[last]) == bool(saturated)


def test_the_flag_of_a_saturated_model_is_saved(tmp_path: Path) -> None:
    found = llo.trend("trained", survey(breaks=[BREAK]), time="year")
    assert found.flags == ["break", "saturated", "saturated"]
    assert llo.read_result(found.save(tmp_path / "trend")).flags == found.flags


def test_every_wave_counts_also_one_in_the_middle() -> None:
    data = frame()  # three waves: the plain slope gives the middle one the weight 0
    svy = survey(data)
    found = llo.trend("hours", svy, time="year")
    assert found.n is not None and found.n.tolist() == [len(data)]
    assert found.df[0] == svy.design.degrees_of_freedom()


def test_a_break_outside_the_waves_or_of_another_series_adds_nothing() -> None:
    for known in ({"time": 2014}, {"time": 2030}, {"time": 2022, "series": ["trained"]}):
        found = llo.trend("hours", survey(six_waves(), breaks=[known]), time="year", breaks="refuse")
        assert found.rows["term"].tolist() == ["slope"] and found.flags == [""]


def test_a_break_before_a_question_was_asked_adds_nothing() -> None:
    data = six_waves()
    data.loc[data["year"] < 2018, "hours"] = np.nan
    found = llo.trend("hours", survey(data, breaks=[{"time": 2018}]), time="year", breaks="refuse")
    assert found.rows["term"].tolist() == ["slope"] and found.flags == [""]
    short = llo.trend("hours", survey(data).where("year >= 2018"), time="year")
    assert found.estimate == pytest.approx(short.estimate, rel=EXACT)
    assert found.std_error == pytest.approx(short.std_error, rel=EXACT)


def test_adjusting_takes_the_known_shift_off_all_waves_after_it() -> None:
    known = {"time": 2022, "series": ["hours"], "shift": 2.0, "shift_se": 0.3}
    plain = llo.trend("hours", survey(six_waves(step=2.0), breaks=[known]), time="year")
    found = llo.trend("hours", survey(six_waves(step=2.0), breaks=[known]), time="year", breaks="adjust")
    clean = llo.trend("hours", survey(six_waves(), breaks=[known]), time="year")
    assert found.flags == ["break_adjusted", "", ""]
    assert found.estimate == pytest.approx(clean.estimate, rel=EXACT, abs=1e-9)
    weight = plain.estimate - clean.estimate  # what a step of 2 adds to each term
    wanted = np.sqrt(plain.std_error**2 + (0.15 * weight) ** 2)
    assert found.std_error == pytest.approx(wanted, rel=1e-8)
    assert found.std_error[1] == pytest.approx(plain.std_error[1], rel=EXACT)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("no such time column", {"time": "jaar"}, "no column 'jaar'"),
    ("time that is no number", {"time": "sex"}, "times that are numbers"),
    ("time as a cell", {"by": "year"}, "times cannot be cells"),
    ("unknown breaks", {"breaks": "both"}, "breaks has no option 'both'"),
    ("break refused", {"breaks": "refuse"}, "The trend straddles a series break"),
    ("break of unknown size", {"breaks": "adjust"}, "is not known"),
]


@pytest.mark.parametrize(("given", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_trend_refuses(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        llo.trend("trained", survey(breaks=[BREAK]), **{"time": "year", **given})


def test_one_wave_only_is_refused() -> None:
    with pytest.raises(DataError, match="only one time"):
        llo.trend("hours", survey().where("year == 2018"), time="year")
    data = frame()
    data = data[(data["sex"] == "f") == (data["year"] == 2014)]
    with pytest.raises(DataError, match="No cell has two waves"):
        llo.trend("hours", survey(data[data["year"] < 2020]), time="year", by="sex")

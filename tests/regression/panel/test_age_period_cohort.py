"""Age, period and cohort: what any constraint leaves alone, bounds by a grid, laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.age_period_cohort import WAYS

SAME = 1e-8  # cells here, dummies of rows there
DERIVATIVE = 1e-6
APC = llo.panel.age_period_cohort


def people(seed: int = 1, n: int = 900, slopes: tuple[float, float, float] = (0.3, 0.1, -0.2)) -> Any:
    """Ages 25 to 50 in classes of five, periods five years apart; bends of all three."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.choice(range(25, 51, 5), n), "year": rng.choice(range(2005, 2021, 5), n)})
    frame["cohort"] = frame["year"] - frame["age"]
    frame["h"], frame["psu"] = np.arange(n) % 3, np.arange(n) // 6
    a, p, c = ((frame[name] - frame[name].mean()) / 5 for name in ("age", "year", "cohort"))
    frame["y"] = slopes[0] * a + slopes[1] * p + slopes[2] * c + 0.1 * a**2 - 0.15 * p**2 + 0.05 * c**2
    frame["y"] += rng.normal(size=n)
    frame["w"] = rng.gamma(4, 1, n)
    return frame


def survey(frame: Any) -> llo.Survey:
    return llo.Survey(frame, weights="w", strata="h", psu="psu", nest=True)


def made(frame: Any) -> Any:
    return APC("y", survey(frame), age="age", period="year")


def rows_of(result: Any, measure: str, variable: str) -> np.ndarray:
    return np.flatnonzero((result.rows["measure"] == measure) & (result.rows["variable"] == variable))


def test_any_constraint_leaves_it_alone() -> None:
    # dummies of all three with two neighbouring cohorts made one: a constraint, and an arbitrary one
    frame = people()
    result = made(frame)
    for joined in ((1960, 1965), (1975, 1980)):
        own = frame.assign(born=frame["cohort"].replace(joined[1], joined[0]))
        fit = llo.glm("y ~ C(age) + C(year) + C(born)", survey(own))
        at = {name: j for j, name in enumerate(fit.labels)}

        def effect(column: str, value: int, joined: tuple[int, int] = joined, at: dict[str, int] = at) -> np.ndarray:
            out = np.zeros(len(at))
            name = f"C({column})[T.{joined[0] if (column, value) == ('born', joined[1]) else value}]"
            if name in at:
                out[at[name]] = 1
            return out

        maps, rows = [], []
        for variable, column in (("age", "age"), ("period", "year"), ("cohort", "born")):
            for row in rows_of(result, "bend", variable):
                value = int(result.rows["level"][row])
                parts = [effect(column, value + step) for step in (-5, 0, 5)]
                maps.append((parts[0] - 2 * parts[1] + parts[2]) / 5)
                rows.append(row)
        maps_ = np.array(maps)
        assert result.estimate[rows] == pytest.approx(maps_ @ fit.estimate, rel=SAME, abs=1e-10)
        expected = maps_ @ fit.covariance @ maps_.T
        assert result.covariance[np.ix_(rows, rows)] == pytest.approx(expected, rel=SAME, abs=1e-12)
        # slopes of lines through the levels, each level once, added up
        slope = {}
        for variable, column in (("age", "age"), ("period", "year"), ("cohort", "born")):
            values = np.unique(frame["cohort" if column == "born" else column])
            line = (values - values.mean()) / ((values - values.mean()) ** 2).sum()
            slope[variable] = sum(one * effect(column, int(value)) for one, value in zip(line, values, strict=True))
        sums = np.array(
            [slope["age"] + slope["period"], slope["cohort"] + slope["period"], slope["age"] - slope["cohort"]]
        )
        assert result.estimate[:3] == pytest.approx(sums @ fit.estimate, rel=SAME)
        assert result.covariance[:3, :3] == pytest.approx(sums @ fit.covariance @ sums.T, rel=SAME)


def test_lines_move_nothing_but_their_sums() -> None:
    frame = people()
    before = made(frame)
    after = made(frame.assign(y=frame["y"] + 0.7 * frame["age"] - 0.4 * frame["year"] + 0.2 * frame["cohort"]))
    assert after.estimate[:3] - before.estimate[:3] == pytest.approx([0.3, -0.2, 0.5], rel=1e-9)
    assert after.estimate[3:] == pytest.approx(before.estimate[3:], abs=1e-9)
    assert after.covariance == pytest.approx(before.covariance, abs=1e-10)


def test_deviations_have_no_sum_and_no_slope() -> None:
    result = made(people())
    for variable in WAYS:
        at = rows_of(result, "deviation", variable)
        values = result.rows["level"][at].to_numpy(dtype=float)
        own = result.estimate[at]
        assert own.sum() == pytest.approx(0, abs=1e-10)
        assert own @ (values - values.mean()) == pytest.approx(0, abs=1e-9)


def test_influence_is_the_derivative_and_replicates_are_the_estimates() -> None:
    frame = people(n=300)
    result = made(frame)
    assert result.influence.shape == (300, len(result.labels))
    for row in (0, 77, 299):
        sides = []
        for sign in (1, -1):
            moved = frame.copy()
            moved.loc[row, "w"] *= 1 + sign * 1e-4
            sides.append(made(moved).estimate)
        found = (sides[0] - sides[1]) / 2e-4
        assert result.influence[row] == pytest.approx(found, rel=DERIVATIVE, abs=1e-8)
    again = llo.replicate(survey(frame), "jkn")
    replicated = APC("y", again, age="age", period="year")
    weights = again.design.replicates.weights
    for r in (0, 5):
        own = frame.assign(w=weights[:, r])
        assert replicated.replicates[r] == pytest.approx(made(own[own["w"] > 0]).estimate, rel=1e-7, abs=1e-9)


def test_bounds_by_a_grid_of_slopes() -> None:
    result = made(people(seed=3, slopes=(0.3, 0.4, -0.2)))
    effects = {}
    for variable in WAYS:
        at = rows_of(result, "deviation", variable)
        effects[variable] = (result.rows["level"][at].to_numpy(dtype=float), result.estimate[at])
    grid = np.linspace(-1, 1, 200_001)
    slopes = {"age": result.estimate[0] - grid, "period": grid, "cohort": result.estimate[1] - grid}
    for assumed in ({"age": "up"}, {"age": "up", "cohort": "down"}, {"period": "up", "cohort": "up"}, {"age": "down"}):
        fits = np.ones(len(grid), dtype=bool)
        for variable, direction in assumed.items():
            values, deviation = effects[variable]
            rises = np.diff(deviation) / np.diff(values)
            signed = slopes[variable][:, None] + rises
            fits &= ((signed if direction == "up" else -signed) >= 0).all(axis=1)
        told = result.bounds(**assumed)
        for row in told.itertuples():
            if not fits.any():
                assert row.kind == "contradicted"
                continue
            mine = slopes[row.variable][fits]
            for end, found in ((row.low, mine.min()), (row.high, mine.max())):
                if np.isfinite(end):
                    assert end == pytest.approx(found, abs=2e-5)
                else:
                    assert abs(found - slopes[row.variable][[0, -1]]).min() < 1e-9
            assert row.conf_low <= row.low <= row.high <= row.conf_high
    assert result.bounds()["kind"].tolist() == ["nothing known"] * 3
    assert result.bounds(age="up").attrs["assumed"] == "age never falls"


def test_contradictions_are_told() -> None:
    frame = people(slopes=(0.3, 0.1, -0.2))
    frame["y"] += 2 * np.abs(frame["age"] - 37) / 5  # falls, then rises: monotone under no line with a flat period
    result = made(frame)
    told = result.bounds(age="up", period="up", cohort="up")
    assert (told["kind"] == "contradicted").all() and (told["low"] > told["high"]).all()


@pytest.mark.slow
def test_intervals_hold_the_bounds() -> None:
    truth = {"age": 0.06, "period": 0.02, "cohort": -0.04}  # by year
    held = dict.fromkeys(WAYS, 0)
    samples = 300
    whole = made(people(seed=999, n=400_000)).bounds(age="up", period="up").set_index("variable")
    for seed in range(samples):
        told = made(people(seed=seed)).bounds(age="up", period="up").set_index("variable")
        for variable in WAYS:
            low, high = whole.loc[variable, ["low", "high"]]
            held[variable] += bool(told.loc[variable, "conf_low"] <= low and high <= told.loc[variable, "conf_high"])
    assert set(truth) == set(WAYS)
    assert all(count / samples > 0.95 - 3.5 * np.sqrt(0.05 * 0.95 / samples) for count in held.values())


CASES = {
    "text": (
        lambda f: APC("y", survey(f.assign(age=f["age"].astype(str))), age="age", period="year"),
        DataError,
        "numbers",
    ),
    "two periods": (
        lambda f: APC("y", survey(f).where("year < 2012"), age="age", period="year"),
        IdentificationError,
        "2 levels",
    ),
    "apart": (
        lambda f: APC("y", survey(f.assign(year=2000 + np.arange(len(f)) % 4)), age="age", period="year"),
        IdentificationError,
        "apart",
    ),
    "direction": (lambda f: made(f).bounds(age="rising"), DataError, "age"),
    "many": (
        lambda f: APC("y", survey(f.assign(day=np.arange(len(f)))), age="day", period="year"),
        DataError,
        "levels",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_refused(name: str) -> None:
    call, error, words = CASES[name]
    with pytest.raises(error, match=words):
        call(people())


def test_kept_in_a_file(tmp_path: Any) -> None:
    result = made(people())
    result.save(tmp_path / "apc.json")
    back = llo.read_result(tmp_path / "apc.json")
    assert back.estimate == pytest.approx(result.estimate, rel=1e-12)
    with pytest.raises(DataError, match="read from a file"):
        back.bounds(age="up")


def test_of_a_condition_and_of_cells_that_are_not_all_there() -> None:
    frame = people(n=2000)
    svy = survey(frame).where("not (age == 25 and year == 2020)")
    result = APC("y > 0.5", svy, age="age", period="year")
    assert result.meta["n_cells"] == 23 and result.meta["cohorts_of_one_cell"] == 1
    assert result.to_frame()["std_error"].notna().all()

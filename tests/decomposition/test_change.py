"""Changes of a gap: definitions by hand, derivatives, refits at replicates, overlap of waves, series breaks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.decomposition import oracle
from tests.decomposition.people import GROUPS, frame

EXACT = 1e-10  # sums in another order
DERIVATIVE = 2e-8  # central differences with steps of 1e-5
TIMES = {"time": "year", "base": 2014}
oaxaca_change = llo.decomposition.oaxaca_change


def waves(family: str = "gaussian", n: int = 220) -> pd.DataFrame:
    """Three waves in which half of the people come back."""
    parts = []
    for number, year in enumerate((2014, 2016, 2018)):
        one = frame(family, n, seed=20 + number)
        one["year"], one["person"] = year, np.arange(n) + number * n // 2
        one["x"] += 0.2 * number
        parts.append(one)
    out = pd.concat(parts, ignore_index=True)
    out["c"] = pd.Categorical(out["c"], list("pqr"))
    out["g"] = np.random.default_rng(3).choice(["a", "b"], n * 2 + 2 * n)[out["person"]]
    return out


def survey(data: pd.DataFrame, **more: Any) -> llo.Survey:
    return llo.Survey(data, weights="w", unit="person", time="year", **more)


def at(data: pd.DataFrame, year: int, level: str) -> tuple[np.ndarray, np.ndarray]:
    """Means of the columns, and coefficients, of one group at one time."""
    rows = ((data["year"] == year) & (data["g"] == level)).to_numpy()
    x, w = oracle.matrix(data[rows]), data["w"].to_numpy()[rows]
    return w @ x / w.sum(), oracle.fitted(x, data["y"].to_numpy(float)[rows], w, "gaussian")


@pytest.mark.parametrize("family", ["gaussian", "logit", "probit", "poisson"])
def test_difference_is_one_decomposition_less_the_other(family: str) -> None:
    data = waves(family)
    svy = survey(data)
    made = oaxaca_change("y ~ x + C(c)", svy, **GROUPS, **TIMES, family=family).to_frame()
    options = {**GROUPS, "reference": "minus", "family": family}
    alone = {
        year: llo.decomposition.oaxaca_blinder("y ~ x + C(c)", svy.where(f"year == {year}"), **options).to_frame()
        for year in (2014, 2016, 2018)
    }
    for year in (2016, 2018):
        own = made[made["year"] == year]
        expected = alone[year]["estimate"].to_numpy()[2:] - alone[2014]["estimate"].to_numpy()[2:]
        assert own["estimate"].to_numpy() == pytest.approx(expected, abs=EXACT)
        assert own["component"].iloc[0] == "gap_change"


def test_smith_welch_of_the_definitions() -> None:
    data = waves()
    made = oaxaca_change("y ~ x + C(c)", survey(data), **GROUPS, **TIMES, method="smith-welch").to_frame()
    for year in (2016, 2018):
        (xa1, ba1), (xb1, bb1), (xa0, ba0), (xb0, bb0) = (at(data, t, g) for t in (year, 2014) for g in "ab")
        expected = {
            "main": ((xa1 - xb1) - (xa0 - xb0)) * bb0,
            "group": (xa1 - xa0) * (ba0 - bb0),
            "time": (xa1 - xb1) * (bb1 - bb0),
            "group_time": xa1 * ((ba1 - bb1) - (ba0 - bb0)),
        }
        own = made[made["year"] == year].set_index(["component", "term"])["estimate"]
        for component, parts in expected.items():
            assert own[component, "total"] == pytest.approx(parts.sum(), abs=EXACT)
            assert own[component, "x"] == pytest.approx(parts[1], abs=EXACT)
        total = sum(parts.sum() for parts in expected.values())
        assert own["gap_change", "total"] == pytest.approx(total, abs=EXACT)


PRODUCTS = ["smith-welch", "kim", "makepeace", "interventionist"]


def by_hand(method: str, later: list[tuple], earlier: list[tuple]) -> dict[str, list[float]]:
    """The parts of a change, coefficient by coefficient; the first one is the constant's."""
    ((xa1, ba1), (xb1, bb1)), ((xa0, ba0), (xb0, bb0)) = later, earlier
    out: dict[str, list[float]] = {}
    for j in range(len(xa1)):
        a1, b1, a0, b0, p1, q1, p0, q0 = (float(v[j]) for v in (xa1, xb1, xa0, xb0, ba1, bb1, ba0, bb0))
        if method == "kim":
            mean = ((a1 + b1) / 2 + (a0 + b0) / 2) / 2
            pure = ((p1 - q1) - (p0 - q0)) * mean
            parts = {
                "intercept": pure if j == 0 else 0.0,
                "coefficients": 0.0 if j == 0 else pure,
                "coefficients_interaction": ((a1 + b1) / 2 - (a0 + b0) / 2) * ((p1 - q1) + (p0 - q0)) / 2,
                "endowments": ((a1 - b1) - (a0 - b0)) * ((p1 + q1) / 2 + (p0 + q0) / 2) / 2,
                "endowments_interaction": ((p1 + q1) / 2 - (p0 + q0) / 2) * ((a1 - b1) + (a0 - b0)) / 2,
            }
        elif method == "makepeace":
            # as xtoaxaca has it (Kroeger and Hartmann, Stata Journal 21-2): E_pure, E_price, U_price, U_pure
            parts = {
                "explained_quantity": ((a1 - b1) - (a0 - b0)) * p1,
                "explained_price": (a0 - b0) * (p1 - p0),
                "unexplained_quantity": (b1 - b0) * (p0 - q0),
                "unexplained_price": b1 * ((p1 - q1) - (p0 - q0)),
            }
        else:
            parts = {
                "endowments": (a1 - a0) * p0 - (b1 - b0) * q0,
                "coefficients": a0 * (p1 - p0) - b0 * (q1 - q0),
                "interaction": (a1 - a0) * (p1 - p0) - (b1 - b0) * (q1 - q0),
            }
        for name, value in parts.items():
            out.setdefault(name, []).append(value)
    return out


@pytest.mark.parametrize("method", PRODUCTS[1:])
@pytest.mark.parametrize("chain", [False, True])
def test_parts_of_the_definitions(method: str, chain: bool) -> None:
    data = waves()
    made = oaxaca_change("y ~ x + C(c)", survey(data), **GROUPS, **TIMES, method=method, chain=chain).to_frame()
    for year, before in ((2016, 2014), (2018, 2016 if chain else 2014)):
        later, earlier = ([at(data, t, g) for g in "ab"] for t in (year, before))
        expected = by_hand(method, later, earlier)
        own = made[made["year"] == year].set_index(["component", "term"])["estimate"]
        assert own.index.get_level_values(0).unique().tolist() == ["gap_change", *expected]
        for component, parts in expected.items():
            assert own[component, "total"] == pytest.approx(sum(parts), abs=EXACT)
            if component != "intercept":
                assert own[component, "x"] == pytest.approx(parts[1], abs=EXACT)
        assert own["gap_change", "total"] == pytest.approx(sum(map(sum, expected.values())), abs=EXACT)


def test_kim_does_not_depend_on_which_group_or_time_comes_first_nor_on_base_levels() -> None:
    data = waves()
    other = data.assign(c=pd.Categorical(data["c"], list("rqp")))
    first, second = (
        oaxaca_change("y ~ x + C(c)", survey(d), **GROUPS, **TIMES, method="kim", normalize="c") for d in (data, other)
    )
    assert dict(zip(first.labels, first.estimate, strict=True)) == pytest.approx(
        dict(zip(second.labels, second.estimate, strict=True)), abs=EXACT
    )
    turned = oaxaca_change(
        "y ~ x + C(c)", survey(data), group="g", of="b", minus="a", **TIMES, method="kim", normalize="c"
    )
    assert turned.estimate == pytest.approx(-first.estimate, abs=EXACT)


@pytest.mark.parametrize("method", ["difference", *PRODUCTS])
def test_the_change_is_that_of_gap_change(method: str) -> None:
    svy = survey(waves())
    made = oaxaca_change("y ~ x + C(c)", svy, **GROUPS, **TIMES, method=method)
    rows = [i for i, component in enumerate(made.rows["component"]) if component == "gap_change"]
    change = llo.gap_change("y", svy, **GROUPS, **TIMES)
    assert made.estimate[rows] == pytest.approx(change.estimate, abs=1e-12)
    assert made.covariance[np.ix_(rows, rows)] == pytest.approx(change.covariance, rel=1e-9)
    assert made.df[rows].tolist() == change.df.tolist()


@pytest.mark.parametrize(
    "options", [{}, *({"method": method} for method in PRODUCTS), {"family": "logit", "reference": "pooled"}]
)
def test_influence_is_the_derivative_in_the_weights(options: dict[str, Any]) -> None:
    data = waves(options.get("family", "gaussian"))
    influence = oaxaca_change("y ~ x + C(c)", survey(data), **GROUPS, **TIMES, **options).influence
    for row in (1, 250, 600):
        ends = []
        for sign in (1, -1):
            moved = data.copy()
            moved.loc[row, "w"] *= 1 + sign * 1e-5
            ends.append(oaxaca_change("y ~ x + C(c)", survey(moved), **GROUPS, **TIMES, **options).estimate)
        assert np.abs((ends[0] - ends[1]) / 2e-5 - influence[row]).max() < DERIVATIVE * max(1, np.abs(influence).max())


@pytest.mark.parametrize("options", [{}, {"method": "smith-welch"}, {"method": "kim"}, {"family": "logit"}])
def test_replicates_are_refits(options: dict[str, Any]) -> None:
    data = waves(options.get("family", "gaussian"))
    svy = llo.replicate(survey(data), "bootstrap", replicates=8, seed=4)
    made = oaxaca_change("y ~ x + C(c)", svy, **GROUPS, **TIMES, **options)
    weights = svy.design.replicates.weights
    for r in range(8):
        kept = data.assign(w=weights[:, r])
        alone = oaxaca_change("y ~ x + C(c)", survey(kept[kept["w"] > 0]), **GROUPS, **TIMES, **options)
        assert made.replicates[r] == pytest.approx(alone.estimate, abs=1e-9)
    deviation = made.replicates - made.estimate
    scale = svy.design.replicates.scale
    assert made.covariance == pytest.approx(scale * deviation.T @ deviation, abs=1e-12)


def test_overlap_enters_the_errors() -> None:
    """People who come back in the same group lower the error of a change; the waves taken apart do not know them."""
    data = waves()
    data["y"] += np.random.default_rng(9).normal(scale=3, size=data["person"].max() + 1)[data["person"]]
    data["x"] = np.random.default_rng(7).normal(size=data["person"].max() + 1)[data["person"]]
    first_two = data[data["year"] < 2018]
    joint = oaxaca_change("y ~ x", survey(first_two), **GROUPS, **TIMES)
    apart = oaxaca_change("y ~ x", llo.Survey(first_two, weights="w", strata="year", time="year"), **GROUPS, **TIMES)
    row = joint.labels.index("unexplained:2016")
    assert joint.std_error[row] < 0.9 * apart.std_error[row]


def test_chained_changes_add_up_to_the_whole() -> None:
    svy = survey(waves())
    steps = oaxaca_change("y ~ x + C(c)", svy, **GROUPS, **TIMES, chain=True, reference="pooled").to_frame()
    whole = oaxaca_change("y ~ x + C(c)", svy, **GROUPS, **TIMES, reference="pooled").to_frame()
    sums = steps.groupby(["component", "term"])["estimate"].sum()
    last = whole[whole["year"] == 2018].set_index(["component", "term"])["estimate"]
    pd.testing.assert_series_equal(sums.sort_index(), last.sort_index(), atol=EXACT, rtol=0, check_names=False)
    assert steps["base"].tolist() == [2014] * (len(steps) // 2) + [2016] * (len(steps) // 2)


def test_known_shifts_leave_the_gap_and_what_is_not_explained() -> None:
    entry = {"time": 2018, "what": "new mode", "series": ["y"]}
    entry["shifts"] = [
        {"variable": "y", "g": "a", "shift": 0.05, "shift_se": 0.02},
        {"variable": "y", "g": "b", "shift": 0.02, "shift_se": 0.01},
    ]
    svy = survey(waves(), source={"breaks": [entry]})
    with pytest.raises(llo.DataError, match="straddles a series break"):
        oaxaca_change("y ~ x", svy, **GROUPS, **TIMES)
    plain, off = (oaxaca_change("y ~ x", svy, **GROUPS, **TIMES, breaks=word) for word in ("flag", "adjust"))
    moved = plain.estimate - off.estimate
    later = plain.rows["year"] == 2018
    constant = plain.rows["component"].eq("unexplained") & plain.rows["term"].isin(["total", "Intercept"])
    expected = np.where(later & (constant | plain.rows["component"].eq("gap_change")), 0.03, 0.0)
    assert moved == pytest.approx(expected, abs=1e-12)
    added = np.diag(off.covariance) - np.diag(plain.covariance)
    assert added == pytest.approx(np.where(expected > 0, 0.02**2 + 0.01**2, 0.0), abs=1e-12)
    assert all("break" in flag.split() for flag in plain.to_frame()["flag"][later])
    change = llo.gap_change("y", svy, **GROUPS, **TIMES, breaks="adjust")
    row = off.labels.index("gap_change:2018")
    assert (off.estimate[row], off.std_error[row]) == (
        pytest.approx(change.estimate[1]),
        pytest.approx(change.std_error[1], rel=1e-9),
    )


def test_formulas_with_one_shift_share_its_error() -> None:
    """Two formulas, and the gap itself, take off the same shift: their differences do not have its error."""
    entry = {"time": 2018, "what": "new mode", "series": ["y"], "shifts": []}
    for level, size, error in (("a", 0.05, 0.2), ("b", 0.02, 0.1)):
        entry["shifts"].append({"variable": "y", "g": level, "shift": size, "shift_se": error})
    svy = survey(waves(), source={"breaks": [entry]})

    def distance(word: str) -> list[Any]:
        first, second = (oaxaca_change(text, svy, **GROUPS, **TIMES, breaks=word) for text in ("y ~ x", "y ~ x + C(c)"))
        gap = llo.gap_change("y", svy, **GROUPS, **TIMES, breaks=word)
        both = llo.joint({"first": first, "second": second, "gap": gap})
        rows = [
            next(label for label in both.labels if label.startswith(name) and label.endswith(last))
            for name, last in (("first", "unexplained:2018"), ("second", "unexplained:2018"), ("gap", "2018"))
        ]
        return [both.contrast(f"`{rows[0]}` - `{other}`") for other in rows[1:]]

    for plain, off in zip(distance("flag"), distance("adjust"), strict=True):
        assert off.estimate == pytest.approx(plain.estimate, abs=1e-10)
        assert off.std_error == pytest.approx(plain.std_error, rel=1e-8)


def test_a_break_in_a_regressor_refuses_too() -> None:
    svy = survey(waves(), source={"breaks": [{"time": 2018, "what": "new question", "series": ["x"]}]})
    with pytest.raises(llo.DataError, match="straddles a series break"):
        oaxaca_change("y ~ x", svy, **GROUPS, **TIMES)


def test_flags_are_those_of_the_gap_itself() -> None:
    """Classes of years that pool both sides of a break are placed as gap_change places them, by their people."""
    data = waves()
    data["class"] = data["year"].replace({2014: 1, 2016: 2, 2018: 2})
    for first in (2015, 2016, 2017, 2018):
        for series in (["y"], ["x"]):
            svy = survey(data, source={"breaks": [{"time": first, "what": "new mode", "series": series}]})
            for time, base, chain in (("year", 2014, False), ("year", 2014, True), ("class", 1, False)):
                options = {**GROUPS, "time": time, "base": base, "breaks": "flag"}
                parts = oaxaca_change("y ~ x", svy, **options, chain=chain)
                if chain:
                    hit = {2016: first <= 2016, 2018: first > 2016}
                else:
                    gap = llo.gap_change(series, svy, **options)
                    hit = dict(zip(gap.rows[time], [flag == "break" for flag in gap.flags], strict=True))
                assert ["break" in flag.split() for flag in parts.flags] == [hit[value] for value in parts.rows[time]]
                told = parts.meta.get("breaks", {}).get("straddled", [])
                assert bool(told) == any(hit.values())
                assert all(set(item["rows"]) <= set(parts.labels) for item in told)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base": 2013}, "is not one of the times"),
        ({"method": "wellington"}, "method has no option"),
        ({"method": "kim", "family": "logit"}, "linear models"),
        ({"method": "smith-welch", "family": "logit"}, "linear models"),
        ({"group": "year", "of": 2014, "minus": 2016}, "cannot be times"),
        ({"breaks": "ignore"}, "breaks has no option"),
    ],
)
def test_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(llo.LloError, match=message):
        oaxaca_change("y ~ x", survey(waves()), **{**GROUPS, **TIMES, **options})

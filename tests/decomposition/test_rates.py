"""Rates: all orders by hand, closed forms, microdata against tables, derivatives and refits at replicates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.decomposition import oracle

EXACT = 1e-12  # sums in another order
DERIVATIVE = 1e-9  # central differences with steps of 1e-5
kitagawa, das_gupta, standardise = (getattr(llo.decomposition, n) for n in ("kitagawa", "das_gupta", "standardise"))


def people(n: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    out = pd.DataFrame({"year": rng.choice([2014, 2016, 2018], n), "w": rng.uniform(0.5, 2, n)})
    out["age"], out["sex"] = rng.choice(["young", "mid", "old"], n), rng.choice(["m", "f"], n)
    out["y"] = rng.uniform(size=n) + 0.1 * (out["age"] == "old") * (out["year"] - 2013)
    out["unit"] = np.arange(n) % 50
    return out


def survey(data: pd.DataFrame) -> llo.Survey:
    return llo.Survey(data, weights="w", psu="unit")


def tables(data: pd.DataFrame, cells: list[str], years: tuple[int, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rates and people by cell at two times."""
    rates, counts = {}, {}
    for year in years:
        grouped = data[data["year"] == year].assign(wy=lambda d: d["w"] * d["y"]).groupby(cells)[["w", "wy"]].sum()
        rates[year], counts[year] = grouped["wy"] / grouped["w"], grouped["w"]
    return pd.DataFrame(rates), pd.DataFrame(counts)


def test_two_factors_are_kitagawas() -> None:
    rates, counts = tables(people(), ["age"], (2014, 2018))
    made = kitagawa(rates, counts)
    shares = counts / counts.sum()
    factors = {"rate": dict(rates), "share": dict(shares)}
    assert made.estimate[[1, 2, 0]] == pytest.approx(das_gupta(factors, [2014, 2018]).estimate, abs=EXACT)
    assert list(made.to_frame()["component"]) == ["gap", "rate", "composition"]
    assert made.to_frame()["std_error"].isna().all()


def test_published_effects_of_das_gupta() -> None:
    """Table 2.1 of the manual: earners and earnings."""
    factors = {"earners": {1: 10930, 2: 16591}, "earnings": {1: 0.717892, 2: 0.825974}}
    assert das_gupta(factors, [1, 2]).estimate == pytest.approx([4369.912713, 1487.262361, 5857.175074], abs=5e-7)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_effects_are_averages_over_all_orders(n: int) -> None:
    rng = np.random.default_rng(n)
    values = {f"f{i}": {1: rng.uniform(1, 2, 3), 2: rng.uniform(1, 2, 3)} for i in range(n)}

    def rate(*factors: Any) -> Any:
        return np.log(np.sum(np.prod(factors, axis=0))) + factors[0][0] / factors[-1][1]

    def at(members: frozenset[int]) -> float:
        return float(rate(*(values[f"f{i}"][2 if i in members else 1] for i in range(n))))

    made = das_gupta(values, [1, 2], rate=rate)
    assert made.estimate[:-1] == pytest.approx(oracle.orders(at, n), abs=EXACT)
    assert made.estimate[:-1].sum() == pytest.approx(made.estimate[-1], abs=EXACT)


def test_many_populations_agree_with_each_other() -> None:
    rng = np.random.default_rng(4)
    factors = {name: {p: float(rng.uniform(1, 3)) for p in "wxyz"} for name in ("a", "b", "c")}
    made = das_gupta(factors, list("wxyz")).to_frame().set_index(["of", "minus", "term"])["estimate"]
    for term in ("a", "b", "c"):
        assert made["x", "w", term] + made["y", "x", term] == pytest.approx(made["y", "w", term], abs=EXACT)
    for later, earlier in (("x", "w"), ("z", "x")):
        parts = sum(made[later, earlier, term] for term in ("a", "b", "c"))
        assert parts == pytest.approx(made[later, earlier, "total"], abs=EXACT)
        rate = [np.prod([factors[name][p] for name in factors]) for p in (later, earlier)]
        assert made[later, earlier, "total"] == pytest.approx(rate[0] - rate[1], abs=EXACT)


@pytest.mark.parametrize("cells", [["age"], ["age", "sex"]])
def test_microdata_give_the_numbers_of_their_tables(cells: list[str]) -> None:
    data = people()
    made = standardise("y", survey(data), cells=cells, over="year", base=2016).to_frame()
    for year in (2014, 2018):
        table = kitagawa(*tables(data, cells, (2016, year)))
        own = made[(made["year"] == year) & (made["term"] == "total")]
        assert own["estimate"].to_numpy() == pytest.approx(table.estimate, abs=EXACT)
    assert set(made["term"]) == ({"total"} if len(cells) == 1 else {"total", *cells})


def test_composition_of_two_columns_by_das_guptas_factors() -> None:
    data = people()
    made = standardise("y", survey(data), cells=["age", "sex"], over="year").to_frame()
    rates, counts = tables(data, ["age", "sex"], (2014, 2018))
    share = counts / counts.sum()
    by_age, by_sex = (share.groupby(level=name).transform("sum") for name in ("age", "sex"))
    factor = np.sqrt(share / by_sex * by_age)
    other = np.sqrt(share / by_age * by_sex)
    expected = (rates.mean(axis=1) * (factor[2018] - factor[2014]) * other.mean(axis=1)).sum()
    row = made[(made["year"] == 2018) & (made["component"] == "composition") & (made["term"] == "age")]
    assert row["estimate"].item() == pytest.approx(expected, abs=EXACT)


def test_the_change_is_that_of_change() -> None:
    data = people().sort_values("year", kind="stable").reset_index(drop=True)
    svy = llo.Survey(data, weights="w", strata="year", time="year")
    made = standardise("y", svy, cells=["age", "sex"], over="year")
    rows = [i for i, component in enumerate(made.rows["component"]) if component == "change"]
    change = llo.change("y", svy, time="year", base=2014)
    assert made.estimate[rows] == pytest.approx(change.estimate, abs=EXACT)
    assert made.covariance[np.ix_(rows, rows)] == pytest.approx(change.covariance, rel=1e-9)
    assert made.df[rows].tolist() == change.df.tolist()


CALLS = {
    "standardise": lambda svy: standardise("y", svy, cells=["age", "sex"], over="year"),
    "rank_gap": lambda svy: llo.rank_gap("y", svy, rank="rank", share=0.3, by="sex"),
}


@pytest.mark.parametrize("call", CALLS)
def test_influence_is_the_derivative_in_the_weights(call: str) -> None:
    data = people().assign(rank=lambda d: d["age"].map({"young": 1, "mid": 2, "old": 3}))
    influence = CALLS[call](survey(data)).influence
    for row in (0, 100, 400):
        ends = []
        for sign in (1, -1):
            moved = data.copy()
            moved.loc[row, "w"] *= 1 + sign * 1e-5
            ends.append(CALLS[call](survey(moved)).estimate)
        assert np.abs((ends[0] - ends[1]) / 2e-5 - influence[row]).max() < DERIVATIVE


@pytest.mark.parametrize("call", CALLS)
def test_replicates_are_the_same_call_at_other_weights(call: str) -> None:
    data = people().assign(rank=lambda d: d["age"].map({"young": 1, "mid": 2, "old": 3}))
    svy = llo.replicate(survey(data), "bootstrap", replicates=6, seed=2)
    made, weights = CALLS[call](svy), svy.design.replicates.weights
    for r in range(6):
        alone = CALLS[call](survey(data.assign(w=weights[:, r]))).estimate
        assert made.replicates[r] == pytest.approx(alone, abs=EXACT)


def test_fifths_of_people_counted_one_by_one() -> None:
    """Whole weights are people: the lowest and highest fifth are counted off, the border class in part."""
    rng = np.random.default_rng(11)
    data = pd.DataFrame({"rank": rng.integers(0, 4, 60), "y": rng.integers(0, 2, 60), "w": rng.integers(1, 4, 60)})
    made = llo.rank_gap("y", llo.Survey(data, weights="w"), rank="rank")
    several = data.loc[data.index.repeat(data["w"])].sort_values("rank")
    size = 0.2 * len(several)

    def end(ordered: pd.DataFrame) -> float:
        total, left = 0.0, size
        for _, group in ordered.groupby("rank", sort=False):
            part = min(1.0, left / len(group))
            total += part * group["y"].sum()
            left -= part * len(group)
        return total / size

    assert made.estimate[0] == pytest.approx(end(several.iloc[::-1]) - end(several), abs=EXACT)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kitagawa(pd.DataFrame({1: [0.1]}), pd.DataFrame({1: [1], 2: [2]})), "two populations"),
        (lambda: kitagawa(pd.DataFrame({1: [0.1], 2: [0.2]}), pd.DataFrame({1: [1], 3: [2]})), "same cells"),
        (lambda: kitagawa(pd.DataFrame({1: [0.1], 2: [0.2]}), pd.DataFrame({1: [-1], 2: [2]})), "from 0 up"),
        (lambda: kitagawa(pd.DataFrame({1: [0.1], 2: [None]}), pd.DataFrame({1: [1], 2: [2]})), "hold numbers"),
        (lambda: das_gupta({"a": {1: 2.0}}, [1, 2]), "not known in a population"),
        (lambda: das_gupta({"a": {1: 2.0, 2: 1.0}}, [1]), "At least two"),
        (lambda: das_gupta({f"f{i}": {1: 1.0, 2: 2.0} for i in range(13)}, [1, 2]), "too many factors"),
        (lambda: das_gupta({"a": {1: 2.0, 2: 1.0}}, [1, 2], rate=lambda a: [a, a]), "one finite number"),
        (lambda: standardise("y", survey(people()), cells="year", over="year"), "different columns"),
        (lambda: standardise("y", survey(people()), cells="age", over="year", base=1999), "not one of the times"),
        (lambda: standardise("age", survey(people()), cells="sex", over="year"), "have no mean"),
        (
            lambda: standardise("y", survey(people().query("year < 2018 or age != 'old'")), cells="age", over="year"),
            "its mean is unknown there",
        ),
        (lambda: llo.rank_gap("y", survey(people()), rank="age"), "has an order"),
        (lambda: llo.rank_gap("y", survey(people()), rank="year", share=0.7), "share is the size"),
    ],
)
def test_refused(call: Any, message: str) -> None:
    with pytest.raises(llo.LloError, match=message):
        call()


def test_a_series_break_is_refused_or_flagged_also_under_another_name_of_the_year() -> None:
    entry = {"time": 2018, "what": "new mode", "series": ["y"]}
    svy = llo.Survey(people(), weights="w", strata="year", time="year", source={"breaks": [entry]})
    svy = svy.assign(wave=lambda d: d["year"] - 2000)
    for over in ("year", "wave"):
        with pytest.raises(llo.DataError, match="straddles a series break"):
            standardise("y", svy, cells="age", over=over, breaks="refuse")
        made = standardise("y", svy, cells="age", over=over)
        late = (made.rows[over] % 2000 >= 18).to_numpy()
        assert late.any()
        assert ["break" in flag.split() for flag in made.flags] == late.tolist()

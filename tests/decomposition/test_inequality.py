"""Inequality within and between groups and along rankings: loops over pairs, laws, derivatives, replicates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.decomposition import oracle
from tests.decomposition.people import frame, replicated, survey

EXACT = 1e-11  # sums in another order
DERIVATIVE = 2e-8  # central differences with steps of 1e-5
MEASURES = ("theil", "mld", "atkinson", "gini")
# Ten incomes, in order, and Gini's coefficient by 2 sum i y_i / (n sum y) - (n + 1) / n, on a pocket calculator.
TEN = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]
TEN_GINI = 0.4620911
inequality = llo.decomposition.inequality


def people(n: int = 160) -> pd.DataFrame:
    """Amounts above zero, a share, a ranking with ties."""
    out = frame(n=n)
    out["y"] = np.exp(out["y"])
    out["yes"] = (out["y"] > 1.5).astype(float)
    return out.assign(pay=np.round(out["x"] + 0.3 * np.log(out["y"]), 1))


def measured(y: np.ndarray, w: np.ndarray, measure: str, aversion: float = 1.0) -> float:
    """A measure by its definition, one person or pair at a time."""
    total, mean = w.sum(), float(w @ y / w.sum())
    if measure == "theil":
        return sum(wi * v / mean * math.log(v / mean) for wi, v in zip(w, y, strict=True) if v > 0) / total
    if measure == "mld":
        return sum(wi * math.log(mean / v) for wi, v in zip(w, y, strict=True)) / total
    if measure == "gini":
        apart = sum(wi * wj * abs(a - b) for wi, a in zip(w, y, strict=True) for wj, b in zip(w, y, strict=True))
        return apart / total**2 / (2 * mean)
    return 1 - equal(y, w, aversion) / mean


def equal(y: np.ndarray, w: np.ndarray, aversion: float) -> float:
    """The equally distributed equivalent."""
    if aversion == 1:
        return math.exp(sum(wi * math.log(v) for wi, v in zip(w, y, strict=True)) / w.sum())
    return (sum(wi * v ** (1 - aversion) for wi, v in zip(w, y, strict=True)) / w.sum()) ** (1 / (1 - aversion))


def by_loops(data: pd.DataFrame, w: np.ndarray, measure: str, aversion: float = 1.0) -> list[float]:
    """Total, within, between, and of Gini's coefficient overlap."""
    y = data["y"].to_numpy(float)
    total, mean = measured(y, w, measure, aversion), float(w @ y / w.sum())
    groups = [(data["g"] == level).to_numpy() for level in "abz"]
    f = [w[g].sum() / w.sum() for g in groups]
    mu = [float(w[g] @ y[g] / w[g].sum()) for g in groups]
    own = [measured(y[g], w[g], measure, aversion) for g in groups]
    if measure == "atkinson":
        kept = sum(fk * equal(y[g], w[g], aversion) for fk, g in zip(f, groups, strict=True)) / mean
        return [total, 1 - kept, kept - equal(y, w, aversion) / mean]
    s = [fk * m / mean for fk, m in zip(f, mu, strict=True)]
    share = {"theil": s, "mld": f, "gini": [a * b for a, b in zip(f, s, strict=True)]}[measure]
    within = sum(a * b for a, b in zip(share, own, strict=True))
    smooth = np.concatenate([np.full(g.sum(), m) for g, m in zip(groups, mu, strict=True)])
    between = measured(smooth, np.concatenate([w[g] for g in groups]), measure)
    return [total, within, between, total - within - between][: 4 if measure == "gini" else 3]


@pytest.mark.parametrize("measure", MEASURES)
def test_plain_loops_give_every_row(measure: str) -> None:
    data = people()
    made = inequality("y", survey(data), by="g", measure=measure)
    expected = by_loops(data, data["w"].to_numpy(), measure)
    assert made.estimate == pytest.approx(expected, abs=EXACT)
    assert made.estimate[1:].sum() == pytest.approx(made.estimate[0], abs=EXACT)
    alone = inequality("y", survey(data), measure=measure)
    assert alone.rows["component"].tolist() == ["total"]
    assert (alone.estimate[0], alone.std_error[0]) == (
        pytest.approx(made.estimate[0], abs=EXACT),
        pytest.approx(made.std_error[0], rel=1e-9),
    )
    for told, level in zip(made.meta["groups"], "abz", strict=True):
        own = data[data["g"] == level]
        assert told["measure"] == pytest.approx(measured(own["y"].to_numpy(), own["w"].to_numpy(), measure), abs=EXACT)


@pytest.mark.parametrize("aversion", [0.5, 1.0, 2.0])
def test_atkinson_at_several_aversions(aversion: float) -> None:
    data = people()
    made = inequality("y", survey(data), by="g", measure="atkinson", aversion=aversion)
    assert made.estimate == pytest.approx(by_loops(data, data["w"].to_numpy(), "atkinson", aversion), abs=EXACT)


def test_a_number_by_the_formula_of_ranks() -> None:
    svy = llo.Survey(pd.DataFrame({"y": TEN, "w": 1.0}), weights="w")
    assert inequality("y", svy, measure="gini").estimate[0] == pytest.approx(TEN_GINI, abs=5e-8)


def along(x: np.ndarray, w: np.ndarray, rank: np.ndarray) -> float:
    """2 cov(x, fractional rank), pair by pair."""
    out = 0.0
    for i in range(len(x)):
        below = sum(w[j] * (1.0 if rank[j] < rank[i] else 0.5 if rank[j] == rank[i] else 0.0) for j in range(len(x)))
        out += 2 * w[i] * x[i] * (below / w.sum() - 0.5)
    return float(out / w.sum())


@pytest.mark.parametrize(
    ("measure", "outcome"), [("concentration", "y"), ("erreygers", "yes"), ("wagstaff", "yes"), ("erreygers", "y")]
)
def test_plain_loops_give_concentration_and_its_parts(measure: str, outcome: str) -> None:
    data = people()
    high = 1.0 if outcome == "yes" else 50.0
    bounds = None if outcome == "yes" or measure == "concentration" else (0, 50)
    made = inequality(f"{outcome} ~ x + C(c)", survey(data), measure=measure, rank="pay", bounds=bounds)
    w, rank, y = (data[name].to_numpy(float) for name in ("w", "pay", outcome))
    x, mean = oracle.matrix(data), float(w @ y / w.sum())
    beta = oracle.fitted(x, y, w, "gaussian")
    factor = {"concentration": 1 / mean, "erreygers": 4 / high, "wagstaff": high / ((high - mean) * mean)}[measure]
    parts = [factor * beta[j] * along(x[:, j], w, rank) for j in (1, 2, 3)]
    expected = [factor * along(y, w, rank), sum(parts), *parts, factor * along(y - x @ beta, w, rank)]
    assert made.estimate == pytest.approx(expected, abs=EXACT)
    assert made.rows["component"].tolist() == ["total", "explained", *["explained"] * 3, "residual"]
    alone = inequality(outcome, survey(data), measure=measure, rank="pay", bounds=bounds)
    assert alone.estimate[0] == pytest.approx(expected[0], abs=EXACT)
    assert alone.std_error[0] == pytest.approx(made.std_error[0], rel=1e-8)


def test_along_its_own_ranking_it_is_gini() -> None:
    svy = survey(people())
    one, other = inequality("y", svy, measure="gini"), inequality("y", svy, measure="concentration", rank="y")
    assert one.estimate[0] == pytest.approx(other.estimate[0], abs=EXACT)
    assert one.std_error[0] == pytest.approx(other.std_error[0], rel=1e-9)


CALLS: dict[str, Any] = {
    **{name: ("y", {"by": "g", "measure": name}) for name in MEASURES},
    "atkinson .5": ("y", {"by": ["g", "c"], "measure": "atkinson", "aversion": 0.5}),
    "concentration": ("y", {"measure": "concentration", "rank": "pay"}),
    "terms": ("y ~ x + C(c)", {"measure": "concentration", "rank": "pay"}),
    "erreygers": ("yes ~ x + C(c)", {"measure": "erreygers", "rank": "pay"}),
    "wagstaff": ("yes ~ x + C(c)", {"measure": "wagstaff", "rank": "pay"}),
}


@pytest.mark.parametrize("call", CALLS)
def test_influence_is_the_derivative_in_the_weights(call: str) -> None:
    data, (variable, options) = people(), CALLS[call]
    influence = inequality(variable, survey(data), **options).influence
    for row in (0, 33, 101):
        ends = []
        for sign in (1, -1):
            moved = data.copy()
            moved.loc[row, "w"] *= 1 + sign * 1e-5
            ends.append(inequality(variable, survey(moved), **options).estimate)
        assert np.abs((ends[0] - ends[1]) / 2e-5 - influence[row]).max() < DERIVATIVE


@pytest.mark.parametrize("call", CALLS)
def test_replicates_are_estimates_at_their_weights(call: str) -> None:
    data, (variable, options) = people(), CALLS[call]
    svy, weights = replicated(data, 4)
    made = inequality(variable, svy, **options)
    for r in range(4):
        alone = inequality(variable, survey(data.assign(w=weights[:, r])), **options)
        assert made.replicates[r] == pytest.approx(alone.estimate, abs=1e-10)


def test_a_group_that_a_replicate_lacks_adds_nothing() -> None:
    data = people()
    svy = llo.replicate(survey(data.assign(g=np.where(np.arange(160) == 5, "rare", data["g"]))), "jkn")
    for measure in MEASURES:
        assert np.isfinite(inequality("y", svy, by="g", measure=measure).std_error).all()


@pytest.mark.parametrize("call", CALLS)
def test_scale_changes_nothing(call: str) -> None:
    data, (variable, options) = people(), CALLS[call]
    first = inequality(variable, survey(data), **options)
    for other in (data.assign(y=10 * data["y"]), data.assign(w=3 * data["w"]), data.sample(frac=1.0, random_state=1)):
        made = inequality(variable, survey(other), **options)
        assert made.estimate == pytest.approx(first.estimate, abs=1e-10)
        assert made.std_error == pytest.approx(first.std_error, rel=1e-8)


def test_an_ordered_category_ranks_and_a_domain_restricts(tmp_path: Any) -> None:
    data = people(400)
    order = pd.Categorical(np.where(data["x"] < 0, "low", "high"), ["low", "high"], ordered=True)
    data = data.assign(order=order, high=(data["x"] >= 0).astype(float))
    one, other = (inequality("y", survey(data), measure="concentration", rank=name) for name in ("order", "high"))
    assert one.estimate[0] == pytest.approx(other.estimate[0], abs=EXACT)
    inside = survey(data).where("g == 'a'")
    alone = inequality("y", survey(data[data["g"] == "a"]), by="c", measure="theil")
    made = inequality("y", inside, by="c", measure="theil")
    assert made.estimate == pytest.approx(alone.estimate, abs=EXACT)
    assert made.influence.shape[0] == 400 and not made.influence[(data["g"] != "a").to_numpy()].any()
    made.save(tmp_path / "made")
    pd.testing.assert_frame_equal(llo.read_result(tmp_path / "made").to_frame(), made.to_frame())
    assert "inequality" in str(made.receipt())
    assert "apart" not in made.to_r() and "ineqdeco" in made.to_stata() and "no measures" in made.to_spss()


BAD = [
    ({"y": lambda d: d["y"].mask(d.index == 3, 0.0)}, {"measure": "mld"}, "Zeros have no logarithm"),
    ({"y": lambda d: d["y"].mask(d.index == 3, 0.0)}, {"measure": "atkinson"}, "Zeros have no logarithm"),
    ({"y": lambda d: d["y"].mask(d.index == 3, -1.0)}, {"measure": "gini"}, "not negative"),
    ({"y": lambda d: 0 * d["y"]}, {"measure": "theil"}, "not negative, of which some are above zero"),
    ({}, {"measure": "concentration"}, "belongs to the concentration"),
    ({}, {"measure": "theil", "rank": "pay"}, "belongs to the concentration"),
    ({}, {"measure": "concentration", "rank": "g"}, "has an order"),
    ({"pay": lambda d: 1.0}, {"measure": "concentration", "rank": "pay"}, "same rank"),
    ({}, {"measure": "concentration", "rank": "pay", "by": "g"}, "laid to terms, not to groups"),
    ({}, {"measure": "erreygers", "rank": "pay"}, "bounds of the outcome must be told"),
    ({}, {"measure": "erreygers", "rank": "pay", "bounds": (0, 1)}, "within its bounds"),
    ({}, {"measure": "gini", "bounds": (0, 1)}, "have bounds"),
    ({}, {"measure": "atkinson", "aversion": 0}, "above 0"),
    ({}, {"measure": "hoover"}, "measure has no option"),
]


@pytest.mark.parametrize(("change", "options", "message"), BAD)
def test_what_is_refused(change: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(llo.LloError, match=message):
        inequality("y", survey(people().assign(**change)), **options)


def test_zeros_are_taken_where_they_can_be() -> None:
    data = people().assign(y=lambda d: d["y"].mask(d.index % 3 == 0, 0.0))
    for options in ({"measure": "theil"}, {"measure": "gini"}, {"measure": "atkinson", "aversion": 0.5}):
        assert np.isfinite(inequality("y", survey(data), by="g", **options).std_error).all()
    with pytest.raises(llo.DataError, match="A formula lays"):
        inequality("y ~ x", survey(data))
    with pytest.raises(llo.DataError, match="not a number"):
        inequality("g", survey(data))


def test_an_index_alone_has_a_figure_and_shares_are_of_the_total() -> None:
    svy = survey(people())
    alone = inequality("y", svy, measure="concentration", rank="pay")
    assert llo.report.figure(alone, language="en").kind == "dots"
    parts = inequality("y", svy, by="g", measure="theil")
    assert llo.report.figure(parts, language="en").kind == "waterfall"
    assert "Share of the total (%)" in llo.report.table(parts, language="en").to_markdown()


@pytest.mark.parametrize(("aversion", "factor"), [(200.0, 1.0), (120.0, 1e-6), (60.0, 1e6)])
def test_powers_out_of_range_are_refused(aversion: float, factor: float) -> None:
    """They gave minus infinity."""
    people = pd.DataFrame({"pay": factor * np.linspace(900.0, 4000.0, 50), "w": 1.0})
    with np.errstate(over="ignore"), pytest.raises(llo.DataError, match="aversion to inequality is too large"):
        llo.decomposition.inequality("pay", llo.Survey(people, weights="w"), measure="atkinson", aversion=aversion)

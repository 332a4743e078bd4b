"""Gelbach, blocks in order and Shapley values: least squares, all orders, derivatives, refits at replicates."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.decomposition import oracle

EXACT = 1e-11  # solved in other columns
DERIVATIVE = 1e-8  # central differences with steps of 1e-5
gelbach, sequential, shapley_r2 = (getattr(llo.decomposition, n) for n in ("gelbach", "sequential", "shapley_r2"))
CALLS = {
    "gelbach": lambda svy: gelbach("y ~ f + a + C(c) + d", svy, focal="f", groups={"job": ["a", "c"], "firm": ["d"]}),
    "sequential": lambda svy: sequential("y ~ f", svy, focal="f", blocks={"job": ["a", "C(c)"], "firm": ["d"]}),
    "shapley": lambda svy: shapley_r2("y ~ f + a + C(c) + d", svy),
    "owen": lambda svy: shapley_r2("y ~ f + a + C(c) + d", svy, groups={"job": {"one": ["a"], "two": ["c", "d"]}}),
}


CALLS_OF = {"gelbach": gelbach, "sequential": sequential}


def people(n: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(12)
    out = pd.DataFrame(rng.normal(size=(n, 3)), columns=["f", "a", "d"])
    out["c"] = rng.choice(["p", "q", "r"], n)
    out["a"] += 0.5 * out["f"]
    out["d"] -= 0.3 * out["f"]
    out["y"] = 1000 + out["f"] + 0.7 * out["a"] + out["d"] + (out["c"] == "q") + rng.normal(size=n)
    return out.assign(w=rng.uniform(0.5, 2, n), unit=np.arange(n) % 30)


def survey(data: pd.DataFrame) -> llo.Survey:
    return llo.Survey(data, weights="w", psu="unit")


def columns(data: pd.DataFrame, *names: str) -> np.ndarray:
    """Constant and columns; c stands for its dummies."""
    parts = [np.ones(len(data))]
    for name in names:
        parts += [data["c"] == "q", data["c"] == "r"] if name == "c" else [data[name]]
    return np.column_stack(parts).astype(float)


def fit(data: pd.DataFrame, *names: str) -> np.ndarray:
    root = np.sqrt(data["w"].to_numpy())
    return np.linalg.lstsq(columns(data, *names) * root[:, None], data["y"].to_numpy() * root, rcond=None)[0]


def r2(data: pd.DataFrame, *names: str) -> float:
    w, left = data["w"].to_numpy(), data["y"].to_numpy() - columns(data, *names) @ fit(data, *names)
    centred = data["y"] - np.average(data["y"], weights=w)
    return float(1 - w @ left**2 / (w @ centred**2))


def test_gelbach_of_the_definitions() -> None:
    data = people()
    made = CALLS["gelbach"](survey(data)).to_frame()
    full, base = fit(data, "f", "a", "c", "d"), fit(data, "f")
    root = np.sqrt(data["w"].to_numpy())[:, None]
    through = np.linalg.lstsq(columns(data, "f") * root, columns(data, "a", "c", "d")[:, 1:] * root, rcond=None)[0][1]
    expected = [base[1], full[1], base[1] - full[1], through[:3] @ full[2:5], through[3] * full[5]]
    assert made["estimate"].to_numpy() == pytest.approx(expected, abs=EXACT)
    assert made["term"].tolist()[3:] == ["job", "firm"]


def test_sequential_of_the_definitions() -> None:
    data = people()
    made = CALLS["sequential"](survey(data)).to_frame()
    path = [fit(data, *names)[1] for names in (["f"], ["f", "a", "c"], ["f", "a", "c", "d"])]
    expected = [path[0], path[2], path[0] - path[2], path[0] - path[1], path[1] - path[2]]
    assert made["estimate"].to_numpy() == pytest.approx(expected, abs=EXACT)


def test_sequential_follows_its_order_and_gelbach_does_not() -> None:
    svy = survey(people())
    turned = sequential("y ~ f", svy, focal="f", blocks={"firm": ["d"], "job": ["a", "C(c)"]}).to_frame()
    plain = CALLS["sequential"](svy).to_frame()
    assert turned["estimate"][2] == pytest.approx(plain["estimate"][2], abs=EXACT)
    assert abs(turned["estimate"][3] - plain["estimate"][4]) > 1e-4
    one = CALLS["gelbach"](svy).to_frame().set_index("term")["estimate"]
    other = gelbach("y ~ d + C(c) + a + f", svy, focal="f", groups={"firm": ["d"], "job": ["c", "a"]}).to_frame()
    assert other.set_index("term")["estimate"][["job", "firm"]].to_numpy() == pytest.approx(
        one[["job", "firm"]], abs=EXACT
    )


def test_shapley_values_are_averages_over_all_orders() -> None:
    data = people()
    names = ["f", "a", "c", "d"]
    made = CALLS["shapley"](survey(data))
    expected = oracle.orders(lambda some: r2(data, *(names[i] for i in sorted(some))), 4)
    assert made.estimate == pytest.approx([*expected, r2(data, *names)], abs=EXACT)
    grouped = shapley_r2("y ~ f + a + C(c) + d", survey(data), groups={"job": ["a", "c"]})
    assert grouped.rows["term"].tolist() == ["f", "job", "d", "total"]
    assert grouped.estimate[-1] == pytest.approx(made.estimate[-1], abs=EXACT)


def test_owen_values_are_averages_over_the_orders_that_keep_groups_together() -> None:
    data = people()
    names, unions = ["f", "a", "c", "d"], [{0}, {1, 2}, {3}]
    nested = {"job": {"autonomy": ["a"], "contract": ["c"]}}
    made = shapley_r2("y ~ f + a + C(c) + d", survey(data), groups=nested)
    assert made.rows["term"].tolist() == ["f", "autonomy", "contract", "d", "total"]
    expected, number = np.zeros(4), 0
    for order in permutations(range(4)):
        if any(max(order.index(i) for i in u) - min(order.index(i) for i in u) >= len(u) for u in unions):
            continue
        number += 1
        for place, j in enumerate(order):
            before = order[:place]
            expected[j] += r2(data, *(names[i] for i in sorted((*before, j)))) - r2(
                data, *(names[i] for i in sorted(before))
            )
    assert made.estimate[:-1] == pytest.approx(expected / number, abs=EXACT)
    flat = shapley_r2("y ~ f + a + C(c) + d", survey(data), groups={"job": ["a", "c"]})
    own = made.contrast({"job": {"autonomy": 1, "contract": 1}})
    assert own.estimate[0] == pytest.approx(flat.estimate[1], abs=EXACT)
    assert own.std_error[0] == pytest.approx(flat.std_error[1], rel=1e-8)
    assert made.estimate[:-1].sum() == pytest.approx(made.estimate[-1], abs=EXACT)
    assert made.meta["call"]["groups"] == nested


@pytest.mark.parametrize("call", CALLS)
def test_influence_is_the_derivative_in_the_weights(call: str) -> None:
    data = people()
    influence = CALLS[call](survey(data)).influence
    for row in (0, 70, 149):
        ends = []
        for sign in (1, -1):
            moved = data.copy()
            moved.loc[row, "w"] *= 1 + sign * 1e-5
            ends.append(CALLS[call](survey(moved)).estimate)
        assert np.abs((ends[0] - ends[1]) / 2e-5 - influence[row]).max() < DERIVATIVE


@pytest.mark.parametrize("call", CALLS)
def test_replicates_are_refits(call: str) -> None:
    data = people()
    svy = llo.replicate(survey(data), "bootstrap", replicates=6, seed=3)
    made, weights = CALLS[call](svy), svy.design.replicates.weights
    for r in range(6):
        kept = data.assign(w=weights[:, r])
        alone = CALLS[call](survey(kept[kept["w"] > 0]))
        assert made.replicates[r] == pytest.approx(alone.estimate, abs=1e-10)


@pytest.mark.parametrize("call", CALLS)
def test_scaled_weights_change_nothing(call: str) -> None:
    data = people()
    one, other = (CALLS[call](survey(data.assign(w=data["w"] * scale))) for scale in (1, 500))
    assert one.estimate == pytest.approx(other.estimate, abs=EXACT)
    assert one.std_error == pytest.approx(other.std_error, rel=1e-9)


def test_coefficients_have_the_errors_of_models() -> None:
    """Base and full are the coefficients of two models: their errors are those of llo.glm."""
    svy = survey(people())
    made = CALLS["gelbach"](svy)
    for row, formula in ((0, "y ~ f"), (1, "y ~ f + a + C(c) + d")):
        fitted = llo.glm(formula, svy).to_frame().set_index("term")
        assert made.estimate[row] == pytest.approx(fitted.loc["f", "estimate"], abs=1e-9)
        assert made.std_error[row] == pytest.approx(fitted.loc["f", "std_error"], rel=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: gelbach("y ~ f + a", s, focal="C(c)", groups={"x": ["a"]}), "focal is one column"),
        (lambda s: gelbach("y ~ f + a", s, focal="f", groups={"x": ["d"]}), "names no term"),
        (lambda s: gelbach("y ~ f + a + d", s, focal="f", groups={"x": ["a"], "z": ["a"]}), "in two groups"),
        (lambda s: gelbach("y ~ f + a + d", s, focal="f", groups={"x": ["f"]}), "the focal one"),
        (lambda s: gelbach("y ~ f + a", s, focal="f", groups={}), "mapping of names"),
        (lambda s: sequential("y ~ f", s, focal="f", blocks={}), "mapping of names"),
        (lambda s: sequential("y ~ f", s, focal="f", blocks={"x": ["nothing"]}), "nothing"),
        (lambda s: shapley_r2("y ~ f + a", s, groups={"x": {"f": ["f"]}, "f": ["a"]}), "have the same name"),
        (lambda s: shapley_r2("y ~ f + a", s, groups={"x": {"f": []}}), "mapping of names to terms"),
        (lambda s: shapley_r2("y ~ f + a", s, groups={"x": {"f": ["z"]}}), "names no term"),
        (lambda s: shapley_r2("y ~ 0 + f + a", s), "a model with a constant"),
        (lambda s: shapley_r2("y ~ f + I(2 * f)", s), "combination of the others"),
        (lambda s: shapley_r2("y ~ " + " + ".join(f"I(f ** {i})" for i in range(1, 14)), s), "too many|combination"),
    ],
)
def test_refused(call: Any, message: str) -> None:
    with pytest.raises(llo.LloError, match=message):
        call(survey(people()))


def of_a_share(focal_size: int = 60, n: int = 150) -> llo.Survey:
    """A 0/1 outcome, and a 0/1 focal column with this many people, of restricted files."""
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"f": np.where(np.arange(n) < focal_size, 1.0, 0.0), "a": rng.normal(size=n)})
    data["y"] = rng.integers(0, 2, n)
    data.loc[: focal_size - 1 : 2, "y"] = 1
    data.loc[1 : focal_size - 1 : 2, "y"] = 0
    labels = {"y": {"nl": "opleiding", "en": "training"}}
    return llo.Survey(data.assign(w=1.0), weights="w", labels=labels, source={"restricted": True})


@pytest.mark.parametrize("name", ["gelbach", "sequential"])
def test_parts_of_a_share_are_points_and_numbers_of_anything_else(name: str) -> None:
    def made(svy: llo.Survey) -> Any:
        how = {"groups": {"job": ["a"]}} if name == "gelbach" else {"blocks": {"job": ["a"]}}
        return CALLS_OF[name]("y ~ f + a" if name == "gelbach" else "y ~ f", svy, focal="f", **how)

    assert {(q.unit, q.null) for q in made(of_a_share()).quantity} == {("points", 0.0)}
    assert {q.unit for q in CALLS[name](survey(people())).quantity} == {"number"}
    assert "y" in made(of_a_share()).meta["labels"]
    for size, shown in ((60, True), (9, False), (141, False), (16, False)):  # 16: eight on either side of the outcome
        cells = made(of_a_share(size)).to_frame(), llo.report.table(made(of_a_share(size)), language="en").to_frame()
        assert cells[0]["estimate"].notna().all()
        assert (not (cells[1] == "withheld").any(axis=None)) is shown, (size, cells[1])


def test_r2_is_a_number_of_a_share_too() -> None:
    assert {q.unit for q in shapley_r2("y ~ f + a", of_a_share()).quantity} == {"number"}


def test_standardise_tells_its_labels() -> None:
    data = people().assign(year=np.repeat([2014, 2018], 75))
    svy = llo.Survey(data, weights="w", labels={"y": {"nl": "uren", "en": "hours"}})
    meta = llo.decomposition.standardise("y", svy, cells="c", over="year").meta
    assert meta["labels"]["y"]["nl"] == "uren"

"""What a variable is, by its values in a cell: planted ways to a few persons that a mean was held to and others not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import Decision, decide
from llo_research.report.disclosure.digits import COARSE, STEP, relative_step
from llo_research.report.disclosure.few_values import NO_ERROR, NOTHING, ROUNDED, WHOLE, Moments, may_leave

N = 600
D = llo.decomposition
SIDES = {"group": "sex", "of": "m", "minus": "v"}


def survey(**columns: Any) -> llo.Survey:
    """Persons of equal weight."""
    rng = np.random.default_rng(8)
    frame = {
        "w": 1.0,
        "sex": rng.choice(["m", "v"], N),
        "x": rng.normal(size=N),
        "region": rng.choice(list("ABC"), N),
        "income": rng.lognormal(7.5, 0.4, N).round(0),
    }
    return llo.Survey(pd.DataFrame({**frame, **columns}), weights="w")


def but(few: int) -> dict[str, np.ndarray]:
    """A number that all but a few have in common, and a code of two values that the same few have."""
    rare = np.random.default_rng(3).permutation(N) < few
    return {"courses": np.where(rare, np.arange(N) % 7 + 3.0, 1.0), "code": np.where(rare, 2, 1)}


USES: dict[str, Callable[[str, llo.Survey], llo.Result]] = {
    "mean": lambda v, s: llo.mean(v, s),
    "numerator": lambda v, s: llo.ratio(v, "income", s),
    "denominator": lambda v, s: llo.ratio("income", v, s),
    "variance": lambda v, s: llo.variance(v, s),
    "correlation": lambda v, s: llo.correlation([v, "x"], s),
    "inequality": lambda v, s: D.inequality(v, s, measure="gini"),
    "response": lambda v, s: llo.glm(f"{v} ~ x", s),
    "transformed": lambda v, s: llo.glm(f"log({v}) ~ x", s),
    "regressor": lambda v, s: llo.glm(f"income ~ {v} + x", s),
    "margins": lambda v, s: llo.glm(f"{v} ~ x", s).margins("x"),
    "gelbach": lambda v, s: D.gelbach(f"{v} ~ sex + x", s, focal="sex", groups={"x": ["x"]}),
    "control": lambda v, s: D.gelbach(f"income ~ sex + {v}", s, focal="sex", groups={"c": [v]}),
    "shapley": lambda v, s: D.shapley_r2(f"{v} ~ sex + x", s),
    "explained": lambda v, s: D.oaxaca_blinder(f"{v} ~ x", s, **SIDES),
    "contrast": lambda v, s: llo.mean(["income", v], s).contrast({"income": 1, v: -1}),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("variable", ["courses", "code"])
@pytest.mark.parametrize("few, shut", [(3, True), (200, False)])
def test_a_number_that_all_but_a_few_have_in_common(use: str, variable: str, few: int, shut: bool) -> None:
    hidden = decide({"r": USES[use](variable, survey(**but(few)))}).hidden["r"]
    assert hidden.all() if shut else not hidden.any()


def three(few: int, n: int = N) -> np.ndarray:
    """A number of three values, of which few have the largest."""
    return np.r_[np.full(few, 2), np.ones(n // 5, dtype=int), np.zeros(n - few - n // 5, dtype=int)]


def told(decision: Decision, name: str) -> str:
    """How a result leaves."""
    found = decision.covariances[name]
    if decision.hidden[name].all():
        return "nothing"
    return "no error" if found.ends.all() else "rounded" if found.coarse.all() else "whole"


@pytest.mark.parametrize("few, how", [(3, "no error"), (60, "whole")])
def test_a_mean_of_three_values_and_its_error_count_each(few: int, how: str) -> None:
    svy = survey(number=three(few))
    made = {"mean": llo.mean("number", svy), "total": llo.total("number", svy), "glm": llo.glm("number ~ x", svy)}
    assert {name: told(decide({name: one}), name) for name, one in made.items()} == dict.fromkeys(made, how)


@pytest.mark.parametrize("few, how", [(3, "no error"), (60, "whole")])
def test_squares_of_a_regressor_of_three_values(few: int, how: str) -> None:
    svy = survey(number=three(few))
    assert told(decide({"iid": llo.glm("income ~ number", svy, vcov="iid")}), "iid") == how


@pytest.mark.parametrize("few, how", [(3, "nothing"), (60, "whole")])
def test_a_variance_of_three_values(few: int, how: str) -> None:
    assert told(decide({"v": llo.variance("number", survey(number=three(few)))}), "v") == how


def test_where_a_region_has_few_the_mean_of_all_is_rounded_too(tmp_path: Path) -> None:
    region, number = np.repeat(list("ABC"), N // 3), np.r_[three(3, 200), three(40, 200), three(40, 200)]
    svy = survey(region=region, number=number)
    results = {"all": llo.mean("number", svy), "by": llo.mean("number", svy, by="region"), "x": llo.mean("x", svy)}
    decision = decide(results)
    assert decision.covariances["by"].ends.tolist() == [True, False, False]
    assert told(decision, "all") == "rounded" and told(decision, "x") == "whole"
    llo.report.export(results, tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "all.csv")
    error = results["all"].std_error[0]
    assert table["std_error"][0] == float(f"{error:.1e}")
    assert table["estimate"][0] == pytest.approx(results["all"].estimate[0], abs=0.05 * error)


def fitting(values: np.ndarray, counts: np.ndarray, mean_step: float, error_step: float) -> set[int]:
    """By trying all: the numbers who may have the first value, of all counts that fit n, mean and error."""
    n = int(counts.sum())

    def moments(c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = c @ values / n
        return mean, np.sqrt((c @ values**2 / n - mean**2) / (n - 1))

    mean, error = (np.round(one / step) for one, step in zip(moments(counts), (mean_step, error_step), strict=True))
    some = np.array([c for c in product(range(n + 1), repeat=len(values) - 1) if sum(c) <= n])
    every = np.column_stack([some, n - some.sum(axis=1)])
    own = moments(every)
    fits = (np.round(own[0] / mean_step) == mean) & (np.round(own[1] / error_step) == error)
    return set(every[fits, 0].tolist())


@pytest.mark.parametrize(
    "counts", [(3, 0, 47), (2, 18, 40), (3, 20, 17), (3, 8, 22, 17), (1, 12, 30, 7), (2, 3, 20, 25), (2, 12, 14, 8, 4)]
)
def test_what_leaves_fits_many_counts(counts: tuple[int, ...]) -> None:
    """By brute force: the rare value's count may be as far apart as the programme finds, and what fits one is shut."""
    count = np.array([c for c in counts if c])
    values = np.arange(1.0, len(counts) + 1)[np.array(counts) > 0]
    n = count.sum()
    mean = count @ values / n
    error = float(np.sqrt((count @ values**2 / n - mean**2) / (n - 1)))
    width = 4
    state = may_leave(tuple(values), tuple(count), (0,), Moments(1, 2), error, width)
    if len(values) == 2:
        assert state == NOTHING
        return
    fine = fitting(values, count, relative_step(error, STEP) * error, relative_step(error, 1e-3) * error)
    coarse = fitting(values, count, relative_step(error, COARSE) * error, relative_step(error, 1e-1) * error)
    assert max(coarse) - min(coarse) >= max(fine) - min(fine)
    if state == WHOLE:
        assert max(fine) - min(fine) >= width
    elif state == ROUNDED:
        assert max(coarse) - min(coarse) >= width
    else:
        assert state in (NO_ERROR, NOTHING) and max(fine) - min(fine) < width


def test_a_scale_of_five_points_leaves_whole_with_its_error() -> None:
    scale = np.repeat([1, 2, 3, 4, 5], [4, 72, 105, 88, 31])
    svy = llo.Survey(pd.DataFrame({"scale": scale, "w": 1.0}), weights="w")
    assert told(decide({"m": llo.mean("scale", svy)}), "m") == "whole"


@pytest.mark.parametrize("few, shut", [(4, True), (60, False)])
def test_four_moments_of_a_scale_of_five_points(few: int, shut: bool) -> None:
    scale = np.repeat([1, 2, 3, 4, 5], [few, 140, 185, 148, 71])
    svy = llo.Survey(pd.DataFrame({"scale": scale, "w": 1.0}), weights="w")
    decision = decide({"j": llo.joint({"m": llo.mean("scale", svy), "v": llo.variance("scale", svy)})})
    assert not decision.hidden["j"].any()
    assert decision.covariances["j"].ends.tolist() == [False, shut] and decision.covariances["j"].pairs[0, 1] == shut


SPANS: dict[str, Callable[[int], dict[str, Any]]] = {
    "a * b * c": lambda few: {},
    "k + I(k**2)": lambda few: {"k": np.where(np.arange(N) < few, 2, np.arange(N) % 2)},
    "num + I(num**2) + I(num**3) + I(num**4)": lambda few: {
        "num": np.where(np.arange(N) < few, 5, np.arange(N) % 4 + 1)
    },
    "p + a": lambda few: {"p": np.where(np.arange(N) < 2 * few, 1, np.arange(N) % 2)},
}


@pytest.mark.parametrize("formula", SPANS)
@pytest.mark.parametrize("few, shut", [(3, True), (60, False)])
def test_the_regressors_span_the_few_of_a_cell(formula: str, few: int, shut: bool) -> None:
    a, b = np.arange(N) % 2, np.arange(N) // 2 % 2
    both = np.flatnonzero(a & b)
    c = np.random.default_rng(5).integers(0, 2, N)
    c[both] = np.arange(len(both)) < few
    svy = survey(a=a, b=b, c=c, **SPANS[formula](few))
    assert decide({"m": llo.glm(f"income ~ {formula} + x", svy)}).hidden["m"].all() == shut


@pytest.mark.parametrize("few, shut", [(3, True), (60, False)])
def test_what_a_few_make_up_in_a_region_follows_from_no_others(few: int, shut: bool) -> None:
    region, own = np.repeat(list("ABC"), N // 3), np.arange(N) % (N // 3)
    courses = np.where((region == "A") & (own >= few), 0.0, own % 9 + 2.0)
    svy = survey(region=region, courses=courses)
    hidden = decide({"all": llo.mean("courses", svy), "by": llo.mean("courses", svy, by="region")}).hidden
    assert hidden["by"][0] == shut and (hidden["all"][0] or hidden["by"][1:].any()) == shut


@pytest.mark.parametrize("top, shut", [(98765.0, True), (4000.0, False)])
def test_one_outlier_hides_the_variance_and_the_error_and_leaves_the_mean(top: float, shut: bool) -> None:
    income = np.r_[top, np.random.default_rng(1).lognormal(7.5, 0.4, N - 1)]
    svy = survey(income=income)
    decision = decide({"v": llo.variance("income", svy), "m": llo.mean("income", svy), "x": llo.mean("x", svy)})
    assert decision.hidden["v"].all() == shut and not decision.hidden["m"].any()
    assert told(decision, "m") == ("no error" if shut else "whole") and told(decision, "x") == "whole"


@pytest.mark.parametrize("n, gave, shut", [(800, 41, True), (3000, 700, False)])
def test_a_ratio_of_two_answers_is_held_to_the_rules_of_either(n: int, gave: int, shut: bool) -> None:
    frame = pd.DataFrame({"w": 1.0, "a": (np.arange(n) < gave) * 1, "b": ((np.arange(n) - 1) % n < n // 3) * 1})
    svy = llo.Survey(frame, weights="w")
    decision = decide({"r": llo.ratio("a", "b", svy), "m": llo.mean(["a", "b"], svy)})
    assert decision.hidden["m"].tolist() == [shut, False] and decision.hidden["r"].all() == shut


def test_columns_of_a_result_are_not_written(tmp_path: Path) -> None:
    result = llo.mean("x", survey())
    assert "values" in result.meta["survey"]
    assert "values" not in llo.read_result(result.save(tmp_path / "x.json")).meta["survey"]


def three_levels(few: int, sex: np.ndarray | None = None) -> np.ndarray:
    """A category of which few, of all or of the women alone, have one level."""
    level = np.random.default_rng(2).choice(["lo", "mid", "hi"], N)
    own = np.flatnonzero((level == "hi") & (True if sex is None else sex == "v"))
    level[own[few:]] = "lo"
    return level


ALONE = "counterfactual", "explained", "unexplained", "interaction"  # rows that hold the coefficients of a group
OF_GROUPS: dict[str, Callable[[str, llo.Survey], llo.Result]] = {
    "reweight": lambda f, s: D.reweight(f, s, **SIDES),
    "doubly robust": lambda f, s: D.reweight(f, s, **SIDES, method="doubly-robust"),
    "oaxaca": lambda f, s: D.oaxaca_blinder(f, s, **SIDES),
    "oaxaca without terms": lambda f, s: D.oaxaca_blinder(f, s, **SIDES, detail=False),
    "variance": lambda f, s: D.rif(f, s, **SIDES, measure="variance"),
}


@pytest.mark.parametrize("use", OF_GROUPS)
@pytest.mark.parametrize("formula", ["income ~ level", "income ~ C(level) + x"])
@pytest.mark.parametrize("few, shut", [(3, True), (40, False)])
def test_a_level_that_few_of_one_group_have(use: str, formula: str, few: int, shut: bool) -> None:
    svy = survey()
    svy = svy.assign(level=three_levels(few, svy._frame["sex"].to_numpy()))
    result = OF_GROUPS[use](formula, svy)
    hidden = decide({"r": result}).hidden["r"]
    alone = (result.rows["component"].isin(ALONE) & (result.rows["term"] == "total")).to_numpy()
    assert hidden[alone].all() if shut else not hidden.any()


@pytest.mark.parametrize("few, shut", [(3, True), (40, False)])
def test_persons_of_a_level_are_counted_not_their_rows(few: int, shut: bool) -> None:
    frame = survey(id=np.arange(N))._frame
    frame = frame.assign(level=three_levels(few, frame["sex"].to_numpy()))
    waves = pd.concat([frame.assign(year=year) for year in range(4)], ignore_index=True)
    svy = llo.Survey(waves, weights="w", unit="id", time="year")
    assert decide({"r": D.reweight("income ~ level", svy, **SIDES)}).hidden["r"][2:3].all() == shut


OF_ALL: dict[str, Callable[[str, llo.Survey], llo.Result]] = {
    "gelbach": lambda v, s: D.gelbach(f"income ~ sex + {v}", s, focal="sex", groups={"own": [v]}),
    "sequential": lambda v, s: D.sequential(f"income ~ sex + {v}", s, focal="sex", blocks={"own": [v]}),
    "shapley": lambda v, s: D.shapley_r2(f"income ~ sex + {v}", s),
}


@pytest.mark.parametrize("use", OF_ALL)
@pytest.mark.parametrize("term", ["level", "C(level)", "level:region"])
@pytest.mark.parametrize("few, shut", [(3, True), (100, False)])
def test_a_level_that_few_have_behind_a_decomposition(use: str, term: str, few: int, shut: bool) -> None:
    hidden = decide({"r": OF_ALL[use](term, survey(level=three_levels(few)))}).hidden["r"]
    assert hidden.all() if shut else not hidden.any()

"""Four parts and closed gaps: loops, laws, folds, replicates, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.decomposition.oaxaca import asked_of
from llo_research.decomposition.sides import sides_of
from llo_research.decomposition.treated import folds_of
from tests.decomposition import oracle

EXACT = 1e-9  # sums in another order, and Newton's steps to 1e-14
GROUPS: dict[str, Any] = {"group": "g", "of": "a", "minus": "b"}
four_parts, gap_closing = llo.decomposition.four_parts, llo.decomposition.gap_closing


def people(n: int = 300, seed: int = 4) -> pd.DataFrame:
    """Two groups that get a treatment of three levels by x, which does more for one of them."""
    rng = np.random.default_rng(seed)
    out = pd.DataFrame({"g": rng.choice(["a", "b"], n), "w": rng.uniform(0.5, 2, n), "x": rng.normal(size=n)})
    first = (out["g"] == "a").to_numpy()
    out["d"] = (rng.uniform(size=n) < 1 / (1 + np.exp(-0.3 - 0.5 * out["x"] - 0.6 * first))).astype(int)
    out["t"] = np.where(out["d"] == 1, rng.choice(["mid", "high"], n), "low")
    out["t"] = pd.Categorical(out["t"], ["low", "mid", "high"], ordered=True)
    out["y"] = 1 + out["x"] + out["d"] * (0.5 + 0.4 * first) + 0.3 * first + rng.normal(size=n)
    out["yes"] = (out["y"] > 1.5).astype(float)
    return out.assign(stratum=np.arange(n) % 4, unit=np.arange(n) % 60)


def survey(data: pd.DataFrame) -> llo.Survey:
    return llo.Survey(data, weights="w", strata="stratum", psu="unit")


def by_loops(data: pd.DataFrame, w: np.ndarray, levels: list[Any], column: str, outcome: str) -> dict[Any, float]:
    """psi by level and group, with models of everybody: a fit at each level, and a logit of being there."""
    x = np.column_stack([np.ones(len(data)), data["g"] == "a", data["x"]]).astype(float)
    y, out = data[outcome].to_numpy(float), {}
    family = "logit" if outcome == "yes" else "gaussian"
    for level in levels:
        here = (data[column] == level).to_numpy()
        beta = oracle.fitted(x[here], y[here], w[here], family)
        gamma = oracle.fitted(x, here.astype(float), w, "logit")
        mean = np.array([oracle.mean(float(row @ beta), family) for row in x])
        chance = np.array([oracle.mean(float(row @ gamma), "logit") for row in x])
        ratio = here / chance
        ratio = ratio / (w @ ratio / w.sum())
        value = mean + ratio * (y - mean)
        for group in "ab":
            inside = (data["g"] == group).to_numpy()
            out[level, group] = float(w[inside] @ value[inside] / w[inside].sum())
    return out


def mean_in(data: pd.DataFrame, w: np.ndarray, values: Any, group: str) -> float:
    inside = (data["g"] == group).to_numpy()
    return float(w[inside] @ np.asarray(values, dtype=float)[inside] / w[inside].sum())


@pytest.mark.parametrize("outcome", ["y", "yes"])
def test_four_parts_by_loops(outcome: str) -> None:
    data = people()
    w = data["w"].to_numpy()
    made = four_parts(f"{outcome} ~ x", survey(data), **GROUPS, treatment="d")
    psi = by_loops(data, w, [0, 1], "d", outcome)
    share = {g: mean_in(data, w, data["d"], g) for g in "ab"}
    tau = {g: psi[1, g] - psi[0, g] for g in "ab"}
    gap = mean_in(data, w, data[outcome], "a") - mean_in(data, w, data[outcome], "b")
    first = [psi[0, "a"] - psi[0, "b"], (share["a"] - share["b"]) * tau["b"], share["a"] * (tau["a"] - tau["b"])]
    assert made.estimate[2:] == pytest.approx([gap, *first, gap - sum(first)], abs=EXACT)
    assert made.estimate[3:].sum() == pytest.approx(made.estimate[2], abs=EXACT)


@pytest.mark.parametrize("to", ["of", "minus", "low", "high"])
def test_closed_gaps_by_loops(to: str) -> None:
    data = people()
    w, levels = data["w"].to_numpy(), ["low", "mid", "high"]
    made = gap_closing("y ~ x", survey(data), **GROUPS, intervene="t", to=to, folds=1)
    psi = by_loops(data, w, levels, "t", "y")
    source = {"of": "a", "minus": "b"}.get(to)
    share = {t: mean_in(data, w, data["t"] == t, source) if source else float(t == to) for t in levels}
    left = [sum(share[t] * psi[t, g] for t in levels) for g in "ab"]
    gap = mean_in(data, w, data["y"], "a") - mean_in(data, w, data["y"], "b")
    assert made.estimate[2:] == pytest.approx([gap, *left, left[0] - left[1], gap - left[0] + left[1]], abs=EXACT)


def test_the_gap_is_that_of_gap_and_a_treatment_that_does_nothing_leaves_it() -> None:
    data = people(2000)
    svy = survey(data)
    gap = llo.gap("y", svy, **GROUPS)
    for made in (
        four_parts("y ~ x", svy, **GROUPS, treatment="d"),
        gap_closing("y ~ x", svy, **GROUPS, intervene="d"),
    ):
        assert made.estimate[2] == pytest.approx(gap.estimate[0], abs=1e-11)
        assert made.std_error[2] == pytest.approx(gap.std_error[0], rel=1e-9)
    idle = survey(data.assign(y=np.random.default_rng(2).normal(size=2000) + (data["g"] == "a")))
    closed = gap_closing("y ~ x", idle, **GROUPS, intervene="d")
    assert abs(closed.estimate[-1]) < 3 * closed.std_error[-1]


def test_influence_is_the_derivative_with_the_models_held() -> None:
    """psi is a mean over people of numbers that are held: moving a weight moves the mean."""
    data = people()
    made = four_parts("y ~ x", survey(data), **GROUPS, treatment="d")
    w = data["w"].to_numpy()
    x = np.column_stack([np.ones(len(data)), data["g"] == "a", data["x"]]).astype(float)
    here = (data["d"] == 0).to_numpy()
    beta = oracle.fitted(x[here], data["y"].to_numpy()[here], w[here], "gaussian")
    gamma = oracle.fitted(x, here.astype(float), w, "logit")
    mean = x @ beta
    ratio = here / (1 / (1 + np.exp(-x @ gamma)))
    value = mean + ratio / (w @ ratio / w.sum()) * (data["y"].to_numpy() - mean)
    expected = np.zeros(len(data))
    for group, sign in (("a", 1), ("b", -1)):
        inside = (data["g"] == group).to_numpy()
        expected[inside] = sign * w[inside] * (value[inside] - mean_in(data, w, value, group)) / w[inside].sum()
    assert made.influence[:, 3] == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("folds", [1, 3])
def test_errors_agree_with_a_bootstrap_that_fits_anew(folds: int) -> None:
    svy = survey(people(1200))
    boot = llo.replicate(svy, "bootstrap", replicates=300, seed=3)
    for call in (
        lambda s: four_parts("y ~ x", s, **GROUPS, treatment="d", folds=folds),
        lambda s: gap_closing("y ~ x", s, **GROUPS, intervene="d", folds=folds),
    ):
        assert call(svy).std_error == pytest.approx(call(boot).std_error, rel=0.2)


def test_replicates_are_refits() -> None:
    data = people()
    svy = llo.replicate(survey(data), "bootstrap", replicates=4, seed=5)
    made, weights = four_parts("y ~ x", svy, **GROUPS, treatment="d"), svy.design.replicates.weights
    for r in range(4):
        kept = data.assign(w=weights[:, r])
        alone = four_parts("y ~ x", survey(kept[kept["w"] > 0]), **GROUPS, treatment="d")
        assert made.replicates[r] == pytest.approx(alone.estimate, abs=1e-8)


def test_folds_depend_on_seed_alone_and_units_stay_whole() -> None:
    data = people()
    calls = [{"folds": 4}, {"folds": 4, "seed": 1}, {"folds": 4, "seed": 2}]
    first = [gap_closing("y ~ x", survey(data), **GROUPS, intervene="d", **options) for options in calls]
    turned = data.sample(frac=1.0, random_state=8)
    again = [gap_closing("y ~ x", survey(turned), **GROUPS, intervene="d", **options) for options in calls]
    for one, other in zip(first, again, strict=True):
        assert one.estimate == pytest.approx(other.estimate, abs=1e-10)
        assert one.std_error == pytest.approx(other.std_error, rel=1e-8)
    assert first[1].estimate[5] != first[2].estimate[5]
    simple = [gap_closing("y ~ x", llo.Survey(d, weights="w"), **GROUPS, intervene="d") for d in (data, turned)]
    assert simple[0].estimate == pytest.approx(simple[1].estimate, abs=1e-10)


@pytest.mark.parametrize("to", ["of", "minus", 1, 0])
def test_what_those_with_a_treatment_bring_with_them_is_the_sensitivity_of_what_closes(to: Any) -> None:
    """The treatment does nothing, and who has it is better off by 0.7 at either level: then that is what undoes it."""
    data = people(1000)
    data["y"] = data["x"] + 0.7 * data["d"]
    made = gap_closing("y ~ x", survey(data), **GROUPS, intervene="d", to=to, folds=1)
    assert made.meta["sensitivity"]["closed"] == pytest.approx(0.7, abs=1e-8)
    still = float(made.estimate[5])
    w = data["w"].to_numpy()
    apart = mean_in(data, w, data["d"], "a") - mean_in(data, w, data["d"], "b")
    assert made.meta["sensitivity"]["counterfactual_gap"] == pytest.approx(-still / apart, abs=1e-8)


def test_what_must_be_assumed_is_printed_and_kept(tmp_path: Path) -> None:
    for made in (
        four_parts("y ~ x", survey(people()), **GROUPS, treatment="d"),
        gap_closing("y ~ x", survey(people()), **GROUPS, intervene="t", to="high"),
    ):
        assert "only if" in made.summary() and "alike in x" in made._repr_html_()
        made.save(tmp_path / made.meta["call"]["function"])
        again = llo.read_result(tmp_path / made.meta["call"]["function"])
        assert "only if" in again.summary()
        pd.testing.assert_frame_equal(again.to_frame(), made.to_frame())
        assert set(made.meta["sensitivity"]) <= set(made.rows["component"])
        assert made.meta["call"]["function"] in str(made.receipt())
        assert "llo_research" in made.to_r() and "Not to be had" not in made.to_r()
        assert made.to_stata() and made.to_spss()


def test_sensitivity_is_the_bias_that_undoes_a_part() -> None:
    """Those with the treatment are better off by d whatever they get: taken off, baseline and prevalence vanish."""
    data = people(1000)
    made = four_parts("y ~ x", survey(data), **GROUPS, treatment="d")
    w = data["w"].to_numpy()
    apart = mean_in(data, w, data["d"], "a") - mean_in(data, w, data["d"], "b")
    assert made.estimate[3] + made.meta["sensitivity"]["baseline"] * apart == pytest.approx(0, abs=1e-12)
    assert made.estimate[4] - made.meta["sensitivity"]["prevalence"] * apart == pytest.approx(0, abs=1e-12)


BAD: list[tuple[Any, str]] = [
    (lambda s: four_parts("y ~ x", s, **GROUPS, treatment="t"), "two values"),
    (lambda s: four_parts("y ~ x + d", s, **GROUPS, treatment="d"), "neither the group nor"),
    (lambda s: four_parts("y ~ x", s, **GROUPS, treatment="g"), "neither the group nor"),
    (lambda s: four_parts("y ~ x", s, **GROUPS, treatment="nothing"), "nothing"),
    (lambda s: four_parts("y ~ x", s, **GROUPS, treatment="x > 99"), "same treatment"),
    (lambda s: gap_closing("y ~ x", s, **GROUPS, intervene="unit"), "too many levels"),
    (lambda s: gap_closing("y ~ x", s, **GROUPS, intervene="t", to="medium"), "no level 'medium'"),
    (lambda s: gap_closing("y ~ x", s, **GROUPS, intervene="d", folds=0), "whole number"),
    (lambda s: gap_closing("y ~ x", s, **GROUPS, intervene="d", folds=61), "fewer sampling units than folds"),
    (lambda s: four_parts("y ~ x", s, **GROUPS, treatment=["d"]), "a column, or a condition"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_what_is_refused(call: Any, message: str) -> None:
    with pytest.raises(llo.LloError, match=message):
        call(survey(people()))


def test_a_group_without_people_at_a_level_is_refused() -> None:
    data = people()
    svy = survey(data[~((data["g"] == "b") & (data["t"] == "high"))])
    with pytest.raises(llo.IdentificationError, match=r"(?s)nobody with a level.*'high', minus='b'"):
        gap_closing("y ~ x", svy, **GROUPS, intervene="t", to="high")


def test_a_level_that_nobody_has_is_refused() -> None:
    data = people()
    levels = [*sorted(data["t"].unique()), "higher still"]
    svy = survey(data.assign(t=pd.Categorical(data["t"], levels)))
    with pytest.raises(llo.IdentificationError, match="Nobody has the level that all would get"):
        gap_closing("y ~ x", svy, **GROUPS, intervene="t", to="higher still")


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "Alleen te lezen als gevolgen van d als"), ("en", "To be read as effects of d only if")],
)
def test_a_table_says_what_must_be_assumed_in_both_languages(language: str, words: str) -> None:
    made = four_parts("y ~ x", survey(people()), **GROUPS, treatment="d")
    assert words in llo.report.table(made, language=language).to_markdown()
    closing = gap_closing("y ~ x", survey(people()), **GROUPS, intervene="d")
    assert words in llo.report.table(closing, language=language).to_markdown()
    assert llo.report.figure(closing, language=language).kind == "waterfall"


def test_a_figure_of_a_share_steps_from_group_to_group_by_what_closes_and_what_is_left() -> None:
    """Levels after the intervention are no steps; in percentages they shared no axis with percentage points."""
    closing = gap_closing("yes ~ x", survey(people()), **GROUPS, intervene="d", to=1, folds=1)
    drawn = llo.report.figure(closing, language="en")
    drawn.plot()
    of = dict(zip(closing.rows["component"], 100 * closing.estimate, strict=True))
    rows = ("mean_minus", "counterfactual_gap", "closed", "mean_of")
    assert drawn.kind == "waterfall"
    assert drawn.frame["estimate"].tolist() == pytest.approx([of[name] for name in rows])
    moved = llo.decomposition.reweight("yes ~ x", survey(people()), **GROUPS)
    assert llo.report.figure(moved, language="en").frame["estimate"].iloc[[0, -1]].tolist() == pytest.approx(
        [100 * moved.estimate[1], 100 * moved.estimate[0]]
    )


def test_who_is_in_several_waves_is_in_one_fold() -> None:
    """Waves drawn by themselves: a person's other rows must not teach the model that predicts the person."""
    data = pd.concat([people(120, seed) for seed in (1, 2, 3)], ignore_index=True)
    data = data.assign(who=np.tile(np.arange(120), 3), year=np.repeat([1, 2, 3], 120))
    data["g"] = np.where(data["who"] % 2, "a", "b")
    data["stratum"] = (data["who"] + data["year"]) % 3  # people move
    svy = llo.Survey(data, weights="w", strata=["stratum", "year"], unit="who", time="year")
    sides = sides_of("y ~ x", svy, asked_of("g", "a", "b", None, "omit", "raise"), (), also=["d"])
    fold = folds_of(sides, 4, None)
    assert np.bincount(fold).min() > 60
    assert pd.Series(fold).groupby(data["who"].to_numpy()[sides.groups.rows]).nunique().eq(1).all()
    turned = data.sample(frac=1, random_state=3).reset_index(drop=True)
    again = llo.Survey(turned, weights="w", strata=["stratum", "year"], unit="who", time="year")
    one, two = (gap_closing("y ~ x", own, **GROUPS, intervene="d", folds=4) for own in (svy, again))
    assert two.estimate == pytest.approx(one.estimate, abs=1e-11)

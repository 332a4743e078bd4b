"""Decompositions of measures of distributions against loops, derivatives with the width held, and replicates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.decomposition import oracle
from tests.decomposition.people import GROUPS, frame, replicated, survey

EXACT = 1e-9  # sums in another order of numbers that are divided by a density
DERIVATIVE = 1e-6  # central differences with steps of 1e-4 of numbers of the size of a variance
MEASURES = ("mean", "q10", "q50", "q62.5", "variance", "gini", "iqr")
rif = llo.decomposition.rif


def people(n: int = 160) -> pd.DataFrame:
    """A skewed outcome that is never negative."""
    out = frame(n=n)
    return out.assign(y=np.exp(out["y"]))


def quantile(y: np.ndarray, w: np.ndarray, tau: float) -> float:
    """The smallest value with this share at or below it, one by one."""
    below = 0.0
    for i in np.argsort(y):
        below += w[i] / w.sum()
        if below >= tau - 1e-10:
            return float(y[i])
    raise AssertionError


def width(y: np.ndarray, w: np.ndarray) -> float:
    mean = (w @ y) / w.sum()
    sd = math.sqrt(w @ (y - mean) ** 2 / w.sum())
    return math.sqrt(5) * 0.9 * min(sd, (quantile(y, w, 0.75) - quantile(y, w, 0.25)) / 1.349) * len(y) ** -0.2


def steepness(y: np.ndarray, w: np.ndarray, tau: float) -> float:
    """The rise of the shares from two standard errors of the share below the quantile to two above it."""
    share = w / w.sum()
    off = max(2 * math.sqrt(tau * (1 - tau) * share @ share), share[y == quantile(y, w, tau)].sum())
    low, high = max(tau - off, 0), min(tau + off, 1)
    return (high - low) / (quantile(y, w, high) - quantile(y, w, low))


def recentered(y: np.ndarray, w: np.ndarray, measure: str, h: float) -> np.ndarray:
    """The recentered influence function by its definition."""
    total = w.sum()
    mean = (w @ y) / total
    if measure == "mean":
        return y
    if measure == "variance":
        return np.array([(value - mean) ** 2 for value in y])
    if measure == "gini":
        apart = [sum(wj * abs(value - yj) for wj, yj in zip(w, y, strict=True)) / total for value in y]
        gini = sum(wi * a for wi, a in zip(w, apart, strict=True)) / total / (2 * mean)
        return np.array([(a - gini * value) / mean for a, value in zip(apart, y, strict=True)])
    out = np.zeros(len(y))
    at_each = ((0.75, 1), (0.25, -1)) if measure == "iqr" else ((float(measure[1:]) / 100, 1),)
    for tau, sign in at_each:
        at = quantile(y, w, tau)
        kernel = [0.75 * (1 - ((v - at) / h) ** 2) if abs(v - at) < h else 0.0 for v in y]
        density = sum(wi * k for wi, k in zip(w, kernel, strict=True)) / total / h
        out += [sign * (at + (tau - (v <= at)) / density) for v in y]
    return out


def by_loops(data: pd.DataFrame, weights: np.ndarray, measure: str, widths: dict[str, float]) -> dict[str, float]:
    """Means, gap, and parts with the coefficients of `minus`."""
    x, b, mean = {}, {}, {}
    for level in "ab":
        rows = ((data["g"] == level) & (weights > 0)).to_numpy()
        w, z = weights[rows], oracle.matrix(data[rows])
        values = recentered(data["y"].to_numpy(float)[rows], w, measure, widths[level])
        x[level], mean[level] = w @ z / w.sum(), float(w @ values / w.sum())
        b[level] = oracle.fitted(z, values, w, "gaussian")
    out = {"mean_of": mean["a"], "mean_minus": mean["b"], "gap": mean["a"] - mean["b"]}
    names = ["Intercept", "x", "C(c)[T.q]", "C(c)[T.r]"]
    explained, unexplained = (x["a"] - x["b"]) * b["b"], x["a"] * (b["a"] - b["b"])
    out["explained"] = explained.sum()
    out |= {f"explained:{n}": v for n, v in zip(names[1:], explained[1:], strict=True)}
    out["unexplained"] = unexplained.sum()
    return out | {f"unexplained:{n}": v for n, v in zip(names, unexplained, strict=True)}


def widths_of(data: pd.DataFrame) -> dict[str, float]:
    found = {level: data[data["g"] == level] for level in "ab"}
    return {level: width(own["y"].to_numpy(), own["w"].to_numpy()) for level, own in found.items()}


@pytest.mark.parametrize("measure", MEASURES)
def test_plain_loops_give_every_row(measure: str) -> None:
    data = people()
    made = rif("y ~ x + C(c)", survey(data), **GROUPS, measure=measure)
    expected = by_loops(data, data["w"].to_numpy(), measure, widths_of(data))
    assert list(made.labels) == list(expected)
    assert made.estimate == pytest.approx(list(expected.values()), abs=EXACT)
    assert (made.rows["measure"] == measure).all()


def smoothly(y: np.ndarray, w: np.ndarray, now: np.ndarray, measure: str) -> np.ndarray:
    """The recentered values of weights w, moved to weights `now`: the quantile by one step of its estimating equation,
    who is below it by the kernel's cumulative distribution, and the density at it found anew, all at the width of w.
    As many go below it as the step takes: those whom the kernel counts, times how steep the shares are by it."""
    h, out = width(y, w), recentered(y, w, measure, width(y, w))

    def density(at: float, v: np.ndarray) -> float:
        return float(v @ np.where(np.abs(y - at) < h, 0.75 * (1 - ((y - at) / h) ** 2), 0.0) / v.sum() / h)

    def below(at: float) -> np.ndarray:
        away = np.clip((at - y) / h, -1, 1)
        return 0.5 + 0.75 * (away - away**3 / 3)

    for tau, sign in ((0.75, 1), (0.25, -1)) if measure == "iqr" else ((float(measure[1:]) / 100, 1),):
        q = quantile(y, w, tau)
        low = np.asarray(y <= q, dtype=float)
        share, f = w @ low / w.sum(), density(q, w)
        rises = steepness(y, w, tau)
        moved = q + (share - now @ low / now.sum()) / rises
        who = share - low - (below(moved) - below(q)) * rises / f
        out = out + sign * (moved - q + who / density(moved, now) - (share - low) / f)
    return out


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("reference", ["minus", "cotton"])
def test_influence_is_the_derivative_with_the_width_held(measure: str, reference: str) -> None:
    """Of quantiles by the regression of values that move smoothly; of the others with everything found anew."""
    data = people()
    influence = rif("y ~ x + C(c)", survey(data), **GROUPS, measure=measure, reference=reference).influence

    def at(moved: pd.DataFrame) -> np.ndarray:
        if measure[0] in "qi":
            values = moved.copy()
            for level in "ab":
                own = data["g"] == level
                y, w, now = (f.loc[own, name].to_numpy() for f, name in ((data, "y"), (data, "w"), (moved, "w")))
                values.loc[own, "y"] = smoothly(y, w, now, measure)
            made = llo.decomposition.oaxaca_blinder("y ~ x + C(c)", survey(values), **GROUPS, reference=reference)
            return made.estimate
        return rif("y ~ x + C(c)", survey(moved), **GROUPS, measure=measure, reference=reference).estimate

    for row in (0, 33, 101):
        ends = []
        for sign in (1, -1):
            moved = data.copy()
            moved.loc[row, "w"] *= 1 + sign * 1e-4
            ends.append(at(moved))
        assert np.abs((ends[0] - ends[1]) / 2e-4 - influence[row]).max() < DERIVATIVE * max(1, np.abs(influence).max())


def test_the_measure_of_each_group_is_that_of_the_estimators() -> None:
    data = people(400)
    svy = survey(data)
    mean, variance = (rif("y ~ x", svy, **GROUPS, measure=name) for name in ("mean", "variance"))
    gap = llo.gap("y", svy, **GROUPS)
    assert mean.estimate[2] == pytest.approx(gap.estimate[0], abs=1e-12)
    assert mean.std_error[2] == pytest.approx(gap.std_error[0], rel=1e-10)
    own = llo.variance("y", svy.where("g == 'a'"))
    n = int((data["g"] == "a").sum())
    assert variance.estimate[0] == pytest.approx(own.estimate[0] * (n - 1) / n, rel=1e-10)
    assert variance.std_error[0] == pytest.approx(own.std_error[0] * (n - 1) / n, rel=1e-8)
    median = rif("y ~ x", svy, **GROUPS, measure="q50")
    values = np.sort(data.loc[data["g"] == "a", "y"])
    at = int(np.searchsorted(values, llo.quantile("y", svy.where("g == 'a'"), q=0.5).estimate[0]))
    assert values[at - 1] < median.estimate[0] <= values[at + 1]


@pytest.mark.parametrize("measure", ["q50", "gini"])
def test_replicates_find_everything_anew_but_the_width(measure: str) -> None:
    data = people()
    svy, weights = replicated(data, 5)
    made = rif("y ~ x + C(c)", svy, **GROUPS, measure=measure)
    for r in range(5):
        expected = by_loops(data, weights[:, r], measure, widths_of(data))
        assert made.replicates[r] == pytest.approx(list(expected.values()), abs=1e-8)


@pytest.mark.parametrize("measure", ["variance", "gini"])
def test_errors_agree_with_a_jackknife(measure: str) -> None:
    svy = survey(people(800))
    one, other = (rif("y ~ x + C(c)", s, **GROUPS, measure=measure) for s in (svy, llo.replicate(svy, "jkn")))
    assert one.std_error == pytest.approx(other.std_error, rel=0.2)


@pytest.mark.parametrize("measure", ["q50", "iqr"])
def test_errors_of_terms_of_quantiles_agree_with_a_bootstrap(measure: str) -> None:
    """With the quantile held they were two thirds to half of it."""
    svy = survey(frame(n=1500))
    both = (svy, llo.replicate(svy, "bootstrap", replicates=200, seed=3))
    one, other = (rif("y ~ x + C(c)", own, **GROUPS, measure=measure) for own in both)
    at = [list(one.labels).index(name) for name in ("explained", "explained:x", "unexplained", "unexplained:x")]
    ratio = other.std_error[at] / one.std_error[at]
    assert ratio.min() > 0.8 and ratio.max() < 1.25


@pytest.mark.parametrize("measure", ["q10", "q50", "iqr"])
def test_parts_of_quantiles_move_as_the_gap_does(measure: str) -> None:
    made = rif("y ~ x + C(c)", survey(people()), **GROUPS, measure=measure)
    of = dict(zip(made.labels, made.influence.T, strict=True))
    assert of["explained"] + of["unexplained"] == pytest.approx(of["gap"], abs=1e-12)
    assert made.influence.sum(axis=0) == pytest.approx(0, abs=1e-12)


def test_scale_and_shift() -> None:
    """A quantile moves with its unit, a variance with its square, Gini's coefficient not at all."""
    data = people()
    for measure, power in (("q50", 1), ("variance", 2), ("iqr", 1), ("gini", 0)):
        turned = data.assign(y=3 * data["y"], w=5 * data["w"])
        one, other = (rif("y ~ x", survey(d), **GROUPS, measure=measure) for d in (data, turned))
        assert other.estimate == pytest.approx(one.estimate * 3**power, rel=1e-8, abs=1e-10)
        assert other.std_error == pytest.approx(one.std_error * 3**power, rel=1e-7)


def test_cells_subsets_and_a_reading_back(tmp_path: Any) -> None:
    data = people(400).assign(half=lambda d: np.arange(len(d)) % 2)
    made = rif("y ~ x + C(c)", survey(data), **GROUPS, by="half", subsets={"job": ["C(c)"]}, normalize="c")
    table = made.to_frame()
    for _, own in table.groupby("half"):
        parts = own.set_index(["component", "term"])["estimate"]
        assert parts["explained", "x"] + parts["explained", "job"] == pytest.approx(
            parts["explained", "total"], abs=EXACT
        )
        assert parts["explained", "total"] + parts["unexplained", "total"] == pytest.approx(parts["gap", "total"])
    made.save(tmp_path / "rif")
    pd.testing.assert_frame_equal(llo.read_result(tmp_path / "rif").to_frame(), table)
    assert "rif" in str(made.receipt())
    assert "recentered" in made.to_r()


def test_what_is_refused() -> None:
    data = people(400)
    heap = data.assign(y=np.where(np.arange(400) % 3 == 0, 0.0, data["y"]))
    svy = survey(heap)
    with pytest.raises(llo.IdentificationError, match=r"(?s)Too many people have the value.*% of the weight at 0"):
        rif("y ~ x", svy, **GROUPS, measure="q20")
    assert np.isfinite(rif("y ~ x", svy, **GROUPS, measure="q80").estimate).all()
    with pytest.raises(llo.DataError, match="not negative"):
        rif("y ~ x", survey(data.assign(y=data["y"] - 1)), **GROUPS, measure="gini")
    for measure in ("q0", "q100", "median", 50, "theil", "p50"):
        with pytest.raises(llo.DataError, match="no such measure"):
            rif("y ~ x", svy, **GROUPS, measure=measure)
    for reference in ("pooled", "neumark", llo.glm("y ~ x", svy)):
        with pytest.raises(llo.DataError, match="belongs to one distribution"):
            rif("y ~ x", svy, **GROUPS, reference=reference)
    with pytest.raises(llo.DataError, match="column of the groups"):
        rif("y ~ x + C(g)", svy, **GROUPS)


def test_a_table_names_the_measure() -> None:
    for measure, words in (
        ("q50", "mediaan van a"),
        ("q10", "10e percentiel van a"),
        ("gini", "Gini-coëfficiënt van a"),
    ):
        made = rif("y ~ x", survey(people()), **GROUPS, measure=measure)
        assert words in llo.report.table(made).to_markdown(), measure
    mean = llo.report.table(rif("y ~ x", survey(people()), **GROUPS, measure="mean")).to_markdown()
    assert "gemiddelde van a" in mean

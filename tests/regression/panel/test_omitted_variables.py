"""Robustness values and Oster's delta: published numbers, and regressions in which the omitted variable is known."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from scipy import stats

import llo_research as llo
from tests.regression.panel.panels import frame, survey

CLOSE = 1e-9
module = import_module("llo_research.regression.panel.omitted_variable_bias")


def told(fit: Any, **options: Any) -> Any:
    return (
        llo.panel.omitted_variable_bias(fit, **options).to_frame().set_index(["measure", "term", "times"])["estimate"]
    )


def value(table: Any, measure: str, term: str = "", times: float | None = None) -> float:
    rows = table.reset_index()
    rows = rows[(rows["measure"] == measure) & (rows["term"] == term)]
    return float((rows if times is None else rows[rows["times"] == times])["estimate"].iloc[0])


def test_published_robustness_values() -> None:
    # Cinelli and Hazlett (2020), table 1: Darfur, t = 4.18, df = 783: partial R2 2.2 %, RV 13.9 %, RV at 5 % 7.6 %
    t, df = 4.184445, 783
    f = t / np.sqrt(df)
    assert f**2 / (1 + f**2) == pytest.approx(0.022, abs=5e-4)
    assert module._rv(f) == pytest.approx(0.139, abs=5e-4)
    reduced = f - stats.t.ppf(0.975, df - 1) / np.sqrt(df - 1)
    assert module._rv(reduced) == pytest.approx(0.076, abs=5e-4)


def test_values_from_the_t_statistic_of_classical_errors() -> None:
    fit = llo.glm("y ~ x + u + fixed", survey(frame()), vcov="iid")
    t, df = fit.estimate[1] / fit.std_error[1], fit.df[1]
    table = told(fit, treatment="x")
    assert value(table, "partial_r2") == pytest.approx(t**2 / (t**2 + df), rel=CLOSE)
    f = abs(t) / np.sqrt(df)
    assert value(table, "rv") == pytest.approx((np.sqrt(f**4 + 4 * f**2) - f**2) / 2, rel=CLOSE)
    reduced = f - stats.t.ppf(0.975, df - 1) / np.sqrt(df - 1)
    assert value(table, "rv_interval") == pytest.approx(module._rv(reduced), rel=CLOSE)


def test_a_confounder_as_strong_as_the_bound_does_what_it_says() -> None:
    # z with the partial R2 of the bound moves the estimate by as much: the identity of omitted variable bias
    data = frame(complete=True)
    short, long = (llo.glm(f"y ~ x + u{more}", survey(data), vcov="iid") for more in ("", " + fixed"))
    columns = np.column_stack([long.models[0].data.x, long.models[0].data.y])
    weights = data["w"].to_numpy()
    square = (columns * weights[:, None]).T @ columns
    at = square[0, 1:] / square[0, 0]
    centred = square[1:, 1:] - square[0, 0] * np.outer(at, at)
    with_treatment = module._partial(centred, 0, [2], [1])
    with_outcome = module._partial(centred, 3, [2], [0, 1])
    f = np.sqrt(value(told(short, treatment="x"), "partial_r2") / (1 - value(told(short, treatment="x"), "partial_r2")))
    bias = abs(short.estimate[1]) / f * np.sqrt(with_outcome * with_treatment / (1 - with_treatment))
    assert abs(short.estimate[1] - long.estimate[1]) == pytest.approx(bias, rel=1e-7)


def test_bounds_of_benchmarks_grow() -> None:
    fit = llo.glm("y ~ x + u + fixed + C(level)", survey(frame()))
    table = told(fit, treatment="x", benchmark=["fixed", "level"])
    for name in ("fixed", "level"):
        strong = [value(table, "bound_outcome", name, k) for k in (1.0, 2.0, 3.0)]
        assert strong == sorted(strong)
        adjusted = [value(table, "adjusted", name, k) for k in (1.0, 2.0, 3.0)]
        assert adjusted == sorted(adjusted, reverse=bool(fit.estimate[1] > 0))


def test_delta_and_beta_agree() -> None:
    # at the estimate that delta = 1 gives, delta computed towards it is 1
    fit = llo.glm("y ~ x + u + fixed", survey(frame()))
    square, names = module._products(fit)
    d, others = names.index("x"), [j for j, name in enumerate(names) if name != "x"]
    found = module._oster(square, d, others, float(fit.estimate[1]), None)
    beta, star = float(fit.estimate[1]), found["oster_beta"]
    total, treated = square[-1, -1], square[d, d]
    tau = float(module._residual(square, [d], others)[0, 0]) / treated
    gap, v = square[d, -1] / treated - beta, beta - star
    moved = (found["r2_full"] - found["r2_short"]) * total / treated
    beyond = (found["r2_max"] - found["r2_full"]) * total / treated
    cube = v**3 * (tau - tau**2)
    above = v * moved * tau + v * tau * gap**2 + 2 * v**2 * tau * gap + cube
    below = beyond * gap + v * beyond * (1 - tau) + v**2 * tau * gap + cube
    assert above / below == pytest.approx(1.0, rel=1e-8)
    assert np.sign(v) == np.sign(gap)


def test_controls_that_change_nothing_leave_no_room() -> None:
    rng = np.random.default_rng(4)
    data = frame(complete=True)
    data["z"] = rng.normal(size=len(data))
    fit = llo.glm("y ~ x + z", survey(data))
    assert abs(value(told(fit, treatment="x"), "oster_delta")) > 1


def test_within_units_it_is_the_model_of_transformed_rows() -> None:
    data = frame(complete=True)
    within = llo.panel.fixed_effects("y ~ x + u", survey(data))
    codes = data["who"].to_numpy()
    moved = data.copy()
    for name in ("y", "x", "u"):
        sums = (data[name] * data["w"]).groupby(codes).transform("sum") / data["w"].groupby(codes).transform("sum")
        moved[name] = data[name] - sums
    plain = llo.glm("y ~ 0 + x + u", survey(moved))
    one, other = (told(fit, treatment="x", benchmark="u") for fit in (within, plain))
    for measure in ("partial_r2", "rv", "oster_delta"):
        assert value(one, measure) == pytest.approx(value(other, measure), rel=1e-8)
    assert value(one, "adjusted", "u", 1.0) == pytest.approx(value(other, "adjusted", "u", 1.0), rel=1e-8)

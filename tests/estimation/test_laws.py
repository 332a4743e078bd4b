"""Proves laws that hold whatever the numbers: kernel of influence, order of rows, scale, parts that add up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import llo_research as llo
from llo_research.estimation import Result
from tests.reference import oracle
from tests.survey import samples

EXACT = 1e-12  # the same sums in another order
LOOPS = 1e-10  # against plain loops over the whole influence array, of the largest covariance
Call = Callable[[llo.Survey], Result]
GROUP = {"group": "education", "of": "high", "minus": "low"}
CALLS: dict[str, Call] = {
    "mean": lambda s: llo.mean(["y", "hours"], s, by="education"),
    "mean, available": lambda s: llo.mean(["gappy", "hours"], s, by="education", missing="available"),
    "share": lambda s: llo.share("education", s, by="region", interval="beta"),
    "total": lambda s: llo.total("y", s, by=["education", "older"]),
    "ratio": lambda s: llo.ratio("y", "hours", s, by="region"),
    "gap": lambda s: llo.gap("trained", s, **GROUP, by="region"),
    "gap as a ratio": lambda s: llo.gap("hours", s, **GROUP, scale="ratio"),
    "gap as odds": lambda s: llo.gap("trained", s, **GROUP, scale="odds"),
    "contrast": lambda s: llo.mean("hours", s, by="education").contrast({"a": "high - low", "b": "log(high / low)"}),
    "joint": lambda s: llo.joint({"y": llo.mean("y", s, by="region"), "sum": llo.total("hours", s.where("older"))}),
}
INVARIANT = [name for name in CALLS if name not in ("total", "joint")]


def _same(one: Result, other: Result, tolerance: float = EXACT, *, df: bool = True) -> None:
    """Estimates and covariances agree, relative to the size of each result."""
    size = max(float(np.abs(one.estimate).max()), 1e-300)
    spread = max(float(np.abs(one.covariance).max()), 1e-300)
    assert np.abs(one.estimate - other.estimate).max() <= tolerance * size
    assert np.abs(one.covariance - other.covariance).max() <= tolerance * spread
    assert not df or one.df.tolist() == other.df.tolist()


@pytest.mark.parametrize("design", samples.DESIGNS)
@pytest.mark.parametrize("name", CALLS)
def test_covariance_is_the_kernel_of_the_influence_values(name: str, design: str) -> None:
    svy = samples.survey(design, 5)
    result, frame, roles = CALLS[name](svy), svy.frame, samples.DESIGNS[design]
    units = [frame[u].tolist() for u in ([roles["psu"]] if isinstance(roles.get("psu"), str) else roles.get("psu", []))]
    counts = [
        frame[c].tolist() for c in ([roles["fpc"]] if isinstance(roles.get("fpc"), str) else roles.get("fpc", []))
    ]
    strata = frame["stratum"].tolist() if "strata" in roles else None
    wanted = np.array(oracle.covariance(result.influence.tolist(), units=units, strata=strata, counts=counts))
    assert np.abs(result.covariance - wanted).max() <= LOOPS * np.abs(wanted).max()
    again = svy.design.covariance(result.influence)
    assert np.abs(result.covariance - again).max() <= LOOPS * np.abs(wanted).max()


@pytest.mark.parametrize("name", CALLS)
def test_the_order_of_rows_does_not_matter(name: str) -> None:
    frame = samples.people(2)
    shuffled = frame.sample(frac=1, random_state=7)
    for keywords in samples.DESIGNS.values():
        one = CALLS[name](llo.Survey(frame, weights="w", **keywords))
        other = CALLS[name](llo.Survey(shuffled, weights="w", **keywords))
        _same(one, other)
        assert one.labels == other.labels


def test_the_order_of_rows_does_not_matter_with_replicate_weights() -> None:
    frame = samples.with_replicates(samples.people(2))
    options = {"weights": "w", "replicate_weights": "r[1-12]", "replicate_method": "sdr"}
    for call in CALLS.values():
        _same(call(llo.Survey(frame, **options)), call(llo.Survey(frame.sample(frac=1, random_state=3), **options)))


@pytest.mark.parametrize("name", INVARIANT)
@pytest.mark.parametrize("factor", [1e-6, 7.0, 1e9])
def test_the_scale_of_the_weights_does_not_matter(name: str, factor: float) -> None:
    frame = samples.people(4)
    options = {"strata": "stratum", "psu": "place", "weights": "w"}
    one = CALLS[name](llo.Survey(frame, **options))
    _same(one, CALLS[name](llo.Survey(frame.assign(w=frame["w"] * factor), **options)), 1e-11)


def test_totals_grow_with_the_weights() -> None:
    frame = samples.people(4)
    one = llo.total("y", llo.Survey(frame, weights="w"), by="education")
    other = llo.total("y", llo.Survey(frame.assign(w=frame["w"] * 3), weights="w"), by="education")
    assert other.estimate == pytest.approx(3 * one.estimate, rel=EXACT)
    assert other.covariance == pytest.approx(9 * one.covariance, rel=1e-11)


@pytest.mark.parametrize("name", CALLS)
def test_a_record_split_in_two_within_its_psu_changes_nothing(name: str) -> None:
    frame = samples.people(6)
    halves = pd.concat([frame.assign(w=frame["w"] * 0.3), frame.assign(w=frame["w"] * 0.7)], ignore_index=True)
    options = {"strata": "stratum", "psu": "place", "weights": "w"}
    _same(CALLS[name](llo.Survey(frame, **options)), CALLS[name](llo.Survey(halves, **options)), 1e-11)


@pytest.mark.parametrize("name", CALLS)
def test_rows_with_weight_zero_add_nothing_to_the_estimates(name: str) -> None:
    frame = samples.people(6)
    ghosts = pd.concat([frame, frame.assign(w=0.0, y=1e6, hours=1e6, trained=1)], ignore_index=True)
    options = {"strata": "stratum", "psu": "place", "weights": "w"}
    one, other = CALLS[name](llo.Survey(frame, **options)), CALLS[name](llo.Survey(ghosts, **options))
    _same(one, other)
    assert one.n is not None and other.n is not None
    assert one.n.tolist() == other.n.tolist()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    y=st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=4, max_size=30),
    seed=st.integers(0, 10_000),
    factor=st.floats(-50, 50),
    shift=st.floats(-1e3, 1e3),
)
def test_means_follow_their_variable(y: list[float], seed: int, factor: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"y": y, "w": rng.uniform(0.5, 20, len(y)), "s": np.arange(len(y)) % 2})
    frame["z"] = factor * frame["y"] + shift
    svy = llo.Survey(frame, weights="w", strata="s")
    one, other = llo.mean("y", svy), llo.mean("z", svy)
    scale = max(np.abs(y).max() * abs(factor), abs(shift), 1e-9)
    assert abs(other.estimate[0] - (factor * one.estimate[0] + shift)) <= 1e-11 * scale
    # a spread that drowns in the size of the numbers keeps few digits
    assert abs(other.std_error[0] - abs(factor) * one.std_error[0]) <= 1e-9 * scale
    slack = 1e-12 * np.abs(y).max()
    assert min(y) - slack <= one.estimate[0] <= max(y) + slack


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    levels=st.lists(st.sampled_from(["a", "b", "c", None]), min_size=6, max_size=40),
    seed=st.integers(0, 10_000),
)
def test_shares_add_up_to_one_and_their_covariances_to_zero(levels: list[str | None], seed: int) -> None:
    if not any(levels):
        return
    rng = np.random.default_rng(seed)
    n = len(levels)
    frame = pd.DataFrame({"v": pd.Series(levels, dtype=object), "w": rng.uniform(0.5, 20, n), "s": np.arange(n) % 3})
    result = llo.share("v", llo.Survey(frame, weights="w", strata="s"))
    assert result.estimate.sum() == pytest.approx(1, abs=1e-12)
    assert np.abs(result.covariance.sum(axis=1)).max() <= 1e-12
    assert np.linalg.eigvalsh(result.covariance).min() >= -1e-12


@pytest.mark.parametrize("by", ["education", ["region", "older"], ["education", "region", "older"]])
def test_totals_of_a_partition_add_up(by: Any) -> None:
    svy = samples.survey("two stages", 8)
    parts, whole = llo.total(["y", "trained"], svy, by=by), llo.total(["y", "trained"], svy)
    ones = np.tile(np.eye(2), len(parts.estimate) // 2)
    assert ones @ parts.estimate == pytest.approx(whole.estimate, rel=EXACT)
    assert ones @ parts.covariance @ ones.T == pytest.approx(whole.covariance, rel=1e-10)
    assert parts.n is not None and parts.n[::2].sum() == len(svy)


def test_a_mean_is_the_ratio_of_two_totals_and_a_share_the_mean_of_its_indicator() -> None:
    svy = samples.survey("clusters", 9).assign(one=1.0, high=lambda d: d["education"] == "high")
    mean, ratio = llo.mean("y", svy, by="region"), llo.ratio("y", "one", svy, by="region")
    _same(mean, ratio)
    share = llo.share("education", svy).contrast("high")
    indicator = llo.mean("high", svy)
    assert share.estimate == pytest.approx(indicator.estimate, rel=EXACT)
    assert share.std_error == pytest.approx(indicator.std_error, rel=EXACT)


def test_a_gap_is_the_contrast_of_two_means_on_each_scale() -> None:
    svy = samples.survey("clusters", 10)
    means = llo.mean("trained", svy, by="education")
    expressions = {
        "difference": "high - low",
        "ratio": "high / low",
        "odds": "high / (1 - high) / (low / (1 - low))",
    }
    for scale, expression in expressions.items():
        gap, contrast = llo.gap("trained", svy, **GROUP, scale=scale), means.contrast(expression)
        assert gap.estimate == pytest.approx(contrast.estimate, rel=EXACT)
        assert gap.std_error == pytest.approx(contrast.std_error, rel=EXACT)
        assert gap.df.tolist() == contrast.df.tolist()


def test_a_gap_changes_sign_with_its_groups() -> None:
    svy = samples.survey("clusters", 10)
    one = llo.gap("y", svy, group="education", of="high", minus="low")
    other = llo.gap("y", svy, group="education", of="low", minus="high")
    assert one.estimate.tolist() == (-other.estimate).tolist()
    assert one.std_error == pytest.approx(other.std_error, rel=EXACT)
    assert one.to_frame()[["of", "minus"]].values.tolist() == [["high", "low"]]


def test_levels_and_conditions_give_the_same_gap() -> None:
    svy = samples.survey("clusters", 10)
    one = llo.gap("y", svy, **GROUP)
    _same(one, llo.gap("y", svy, of="education == 'high'", minus="education == 'low'"))


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("design", ["clusters", "replicates"])
def test_covariances_are_symmetric_and_not_negative(name: str, design: str) -> None:
    svy = samples.replicate_survey(11) if design == "replicates" else samples.survey(design, 11)
    result = CALLS[name](svy)
    assert (result.covariance == result.covariance.T).all()
    assert np.linalg.eigvalsh(result.covariance).min() >= -1e-12 * np.abs(result.covariance).max()
    assert result.cov.index.tolist() == list(result.labels) == result.cov.columns.tolist()


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e9])
def test_a_huge_constant_in_the_variable_leaves_the_covariance(offset: float) -> None:
    frame = samples.people(12)
    shifted = frame.assign(y=frame["y"] + offset)
    for keywords in samples.DESIGNS.values():
        one = llo.mean("y", llo.Survey(frame, weights="w", **keywords), by="education")
        other = llo.mean("y", llo.Survey(shifted, weights="w", **keywords), by="education")
        # the values themselves keep 16 digits, of which the offset takes log10(offset)
        assert other.covariance == pytest.approx(one.covariance, rel=1e-11 + 1e-14 * offset, abs=1e-15)

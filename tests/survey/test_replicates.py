"""Proves each replicate method against a loop over its replicates, and that what is undefined at one is not silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DesignError
from llo_research.estimation import Result
from tests.survey import samples

R = 12
RAMP = [(r + 1) / 8 for r in range(R)]
# method: the factor of the squared deviations that its literature gives, with R replicates
FACTORS: dict[str, tuple[float, dict[str, Any]]] = {
    "jk1": ((R - 1) / R, {}),
    "jk2": (1.0, {}),
    "jkn": (1.0, {"replicate_rscales": RAMP}),
    "brr": (1 / R, {}),
    "fay": (1 / (R * 0.7**2), {"fay": 0.3}),
    "bootstrap": (1 / (R - 1), {}),
    "sdr": (4 / R, {}),
}
GROUP = {"group": "education", "of": "high", "minus": "low"}
CALLS: dict[str, Callable[[llo.Survey], Result]] = {
    "mean": lambda s: llo.mean(["gappy", "hours"], s, by="education"),
    "share": lambda s: llo.share("education", s.where("older"), by="region"),
    "total": lambda s: llo.total(["y", "hours"], s, by="region"),
    "ratio": lambda s: llo.ratio("y", "hours", s, by="region"),
    "gap": lambda s: llo.gap("hours", s, **GROUP, scale="ratio"),
    "contrast": lambda s: llo.mean("hours", s, by="education").contrast({"a": "log(high / low)", "b": "high - low"}),
    "joint": lambda s: llo.joint({"a": llo.mean("y", s), "b": llo.gap("trained", s, **GROUP)}),
}


def _loop(call: Callable[[llo.Survey], Result], frame: pd.DataFrame) -> np.ndarray:
    """The estimate at each replicate weight in turn, as if it were the only weight."""
    rows = [call(llo.Survey(frame.assign(w=frame[f"r{r + 1}"]), weights="w")).estimate for r in range(R)]
    return np.array(rows)


def _covariance(theta: np.ndarray, full: np.ndarray, factor: float, rscales: list[float], mse: bool) -> np.ndarray:
    centre = full if mse else theta.mean(axis=0)
    return factor * sum(a * np.outer(t - centre, t - centre) for a, t in zip(rscales, theta, strict=True))


@pytest.mark.parametrize("mse", [True, False])
@pytest.mark.parametrize("method", FACTORS)
@pytest.mark.parametrize("name", CALLS)
def test_a_method_is_a_loop_over_its_replicates(name: str, method: str, mse: bool) -> None:
    factor, options = FACTORS[method]
    svy = samples.replicate_survey(3, replicate_method=method, mse=mse, **options)
    result = CALLS[name](svy)
    theta = _loop(CALLS[name], svy.frame)
    assert result.replicates == pytest.approx(theta, rel=1e-12)
    wanted = _covariance(theta, result.estimate, factor, options.get("replicate_rscales", [1.0] * R), mse)
    assert np.abs(result.covariance - wanted).max() <= 1e-11 * np.abs(wanted).max()
    assert (result.df <= R - 1).all()
    assert result.meta["design"]["replicates"]["method"] == method


@pytest.mark.parametrize("method", FACTORS)
def test_the_producers_factors_win(method: str) -> None:
    options = {**FACTORS[method][1], "replicate_scale": 0.37, "replicate_rscales": RAMP}
    svy = samples.replicate_survey(3, replicate_method=method, **options)
    result = llo.mean("y", svy, by="region")
    theta = _loop(lambda s: llo.mean("y", s, by="region"), svy.frame)
    wanted = _covariance(theta, result.estimate, 0.37, RAMP, True)
    assert result.covariance == pytest.approx(wanted, rel=1e-11)


def test_df_is_the_rank_of_the_replicate_weights_minus_one() -> None:
    frame = samples.with_replicates(samples.people(3))
    frame["r5"], frame["r6"], frame["r7"] = frame["r1"] * 2, frame["r1"] + frame["r2"], frame["r3"]
    svy = llo.Survey(frame, weights="w", replicate_weights="r[1-12]", replicate_method="bootstrap")
    wanted = np.linalg.matrix_rank(frame[[f"r{r + 1}" for r in range(R)]].to_numpy()) - 1
    assert wanted == R - 4
    assert llo.mean("y", svy, by="education").df.tolist() == [wanted] * 3
    assert svy.describe().df == wanted


def _rank_of(svy: llo.Survey, rows: pd.Series | np.ndarray) -> int:
    """Rank of the replicate weights of some rows by singular values, minus one."""
    columns = svy.frame.loc[rows, [c for c in svy.frame if c.startswith("r") and c[1:].isdigit()]].to_numpy()
    return max(int(np.linalg.matrix_rank(columns / columns.max(axis=0), tol=1e-5)) - 1, 0)


def test_df_of_a_domain_is_the_rank_of_its_rows() -> None:
    """As R's degf of a subset; gaps and contrasts over the rows of both sides."""
    svy = samples.replicate_survey(3)
    frame = svy.frame
    for by in (["stratum"], ["stratum", "place"], ["education", "region"]):
        result = llo.mean("y", svy, by=by)
        cells = [
            (frame[by].astype(object) == list(row)).all(axis=1) for row in result.to_frame()[by].itertuples(index=False)
        ]
        assert result.df.tolist() == [_rank_of(svy, cell) for cell in cells]
    one_place = llo.mean("y", svy, by=["stratum", "place"])
    assert (one_place.df == 0).all() and one_place.to_frame()["flag"].str.contains("no_df").all()
    inside = (frame["stratum"] == "s1") & (frame["place"] < 3)
    assert llo.total("y", svy.where("stratum == 's1' & place < 3")).df.tolist() == [_rank_of(svy, inside)] == [2]
    assert llo.mean("gappy", svy.where("stratum == 's1'")).df.tolist() == [3]
    both = frame["stratum"].isin(["s0", "s2"])
    gap = llo.gap("y", svy, group="stratum", of="s0", minus="s2")
    contrast = llo.mean("y", svy, by="stratum").contrast({"s0": 1, "s2": -1})
    assert gap.df.tolist() == contrast.df.tolist() == [_rank_of(svy, both)] == [7]
    assert svy.design.degrees_of_freedom(np.zeros(len(svy), dtype=bool)) == 0


def test_df_does_not_know_of_weighting_steps() -> None:
    """Calibrated replicate weights have a larger rank than the places that they come from."""
    svy = samples.replicate_survey(3)
    sums = svy.weights.groupby(svy.frame["region"]).sum()
    calibrated = llo.calibrate(svy, {"region": sums * [1.05, 0.95], "hours": float(svy.weights @ svy.frame["hours"])})
    inside = "stratum == 's1' & place < 3"
    assert (
        np.linalg.matrix_rank(calibrated.where(inside).design.replicates.weights[calibrated.where(inside).domain]) > 3
    )
    for step in (calibrated, llo.trim(calibrated, upper=float(calibrated.weights.max()) * 0.9)):
        assert llo.mean("y", step.where(inside)).df.tolist() == [2]
        assert llo.mean("y", step).df.tolist() == [R - 1]
        assert llo.mean("y", step, by="stratum").df.tolist() == [3, 3, 3]


def test_df_of_rows_without_a_weight_is_not_counted() -> None:
    frame = samples.with_replicates(samples.people(3))
    gone = (frame["stratum"] == "s1") & (frame["place"] == 0)
    svy = llo.Survey(frame.assign(w=frame["w"].mask(gone, 0.0)), weights="w", replicate_weights="r[1-12]",
                     replicate_method="bootstrap")  # fmt: skip
    assert llo.mean("y", svy, by="stratum").df.tolist() == [3, 2, 3]


def test_df_of_large_cells_is_found_from_some_of_their_rows() -> None:
    """Thousands of rows in cells, one of which has rows of few places only."""
    rng = np.random.default_rng(5)
    n, r, places = 6000, 20, 40
    place, cell = rng.integers(0, places, n), rng.integers(0, 3, n)
    place = np.where(cell == 2, place % 7, place)
    factors = rng.gamma(2, 0.5, (places, r))
    w = rng.uniform(1, 3, n)
    frame = pd.DataFrame({"w": w, "cell": cell, "y": rng.normal(size=n)})
    weights = pd.DataFrame(w[:, None] * factors[place], columns=[f"r{k}" for k in range(1, r + 1)])
    svy = llo.Survey(pd.concat([frame, weights], axis=1), weights="w", replicate_weights=f"r[1-{r}]",
                     replicate_method="bootstrap")  # fmt: skip
    assert llo.mean("y", svy, by="cell").df.tolist() == [19, 19, 6]
    low = svy.frame.assign(**{f"r{k}": weights[f"r{k % 5 + 1}"] for k in range(1, r + 1)})
    few = llo.Survey(low, weights="w", replicate_weights=f"r[1-{r}]", replicate_method="bootstrap")
    assert llo.mean("y", few, by="cell").df.tolist() == [4, 4, 4]


def test_df_of_a_stack_is_added_up_by_survey() -> None:
    one, other = samples.replicate_survey(3), samples.replicate_survey(4)
    made = llo.replicate(samples.survey("clusters", 5), "jkn")
    for stacked, parts in ((llo.stack({"a": one, "b": other}), (one, other)),
                           (llo.stack({"a": one, "b": made}), (one, made))):  # fmt: skip
        for inside in ("stratum == 's1'", "stratum == 's1' & survey == 'b'", "stratum != 's1' & place < 3"):
            wanted = sum(
                llo.mean("y", part.where(inside.replace(" & survey == 'b'", ""))).df[0]
                for name, part in zip("ab", parts, strict=True)
                if name == "b" or "survey" not in inside
            )
            assert llo.mean("y", stacked.where(inside)).df.tolist() == [wanted]


def test_a_list_and_a_pattern_name_the_same_columns() -> None:
    frame = samples.with_replicates(samples.people(3))
    options = {"weights": "w", "replicate_method": "jk1"}
    one = llo.Survey(frame, replicate_weights="r[1-12]", **options)
    other = llo.Survey(frame, replicate_weights=[f"r{r + 1}" for r in range(R)], **options)
    assert llo.mean("y", one).std_error.tolist() == llo.mean("y", other).std_error.tolist()
    some = llo.Survey(frame, replicate_weights="r[3-7]", **options)
    assert llo.mean("y", some).replicates is not None
    assert llo.mean("y", some).replicates.shape == (5, 1)


def _emptied() -> llo.Survey:
    """At replicate 4, nobody in the south has a weight."""
    frame = samples.with_replicates(samples.people(3))
    frame.loc[frame["region"] == "south", "r4"] = 0.0
    return llo.Survey(frame, weights="w", replicate_weights="r[1-12]", replicate_method="jk1")


UNDEFINED: dict[str, Callable[[llo.Survey], Result]] = {
    "mean": lambda s: llo.mean("y", s, by="region"),
    "share": lambda s: llo.share("trained", s, by="region"),
    "ratio": lambda s: llo.ratio("y", "hours", s, by="region"),
    "gap": lambda s: llo.gap("y", s, **GROUP, by="region"),
    "ratio gap": lambda s: llo.gap("trained", s, **GROUP, by="region", scale="ratio"),
    "plausible": lambda s: llo.mean("PV*", s, by="region", plausible=True),
    "imputations": lambda s: llo.combine_imputations([llo.mean(f"PV{m}", s, by="region") for m in (1, 2)]),
    "contrast": lambda s: llo.mean("y", s, by="region").contrast({"0:north": "north", "1:south": "south - north"}),
    "joint": lambda s: llo.joint({"x": llo.mean("y", s, by="region")}),
}


@pytest.mark.parametrize("mse", [True, False])
@pytest.mark.parametrize("name", UNDEFINED)
def test_a_domain_undefined_at_one_replicate_has_a_flag_and_no_standard_error(name: str, mse: bool) -> None:
    frame = UNDEFINED[name](_emptied()).to_frame()
    south = frame.astype(str).apply(lambda row: row.str.contains("south").any(), axis=1)
    assert frame.loc[south, "std_error"].isna().all()
    assert frame.loc[south, "conf_low"].isna().all()
    assert frame.loc[south, "flag"].str.contains("replicate_undefined").all()
    assert frame.loc[~south, "std_error"].notna().all()
    assert not frame.loc[~south, "flag"].str.contains("replicate_undefined").any()
    assert frame["estimate"].notna().all()


def test_a_ratio_of_zero_at_one_replicate_is_flagged_too() -> None:
    frame = samples.with_replicates(samples.people(3))
    frame.loc[(frame["education"] == "low") & (frame["trained"] == 1), "r4"] = 0.0
    svy = llo.Survey(frame, weights="w", replicate_weights="r[1-12]", replicate_method="jk1")
    for scale in ("ratio", "odds"):
        result = llo.gap("trained", svy, **GROUP, scale=scale)
        assert "replicate_undefined" in result.flags[0]
        assert np.isnan(result.std_error[0])


def test_replicates_that_repeat_the_full_weight_have_no_spread() -> None:
    frame = samples.people(3)
    frame = frame.assign(**{f"r{r + 1}": frame["w"] for r in range(4)})
    svy = llo.Survey(frame, weights="w", replicate_weights="r[1-4]", replicate_method="jk1")
    result = llo.mean("y", svy)
    assert result.std_error == pytest.approx([0.0], abs=1e-14)
    assert result.df.tolist() == [0.0]
    assert "no_df" in result.flags[0]


@pytest.mark.parametrize("method", ["jk1", "brr", "sdr"])
def test_fay_with_another_method_is_refused(method: str) -> None:
    with pytest.raises(DesignError, match="fay has no meaning"):
        samples.replicate_survey(3, replicate_method=method, fay=0.5)

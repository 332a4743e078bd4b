"""Proves Rubin's rules worked out by hand, for imputed data sets and for plausible values, with Barnard-Rubin df."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import llo_research as llo
from llo_research.errors import DataError
from tests.survey import samples

EXACT = 1e-12


def _rubin(estimates: np.ndarray, variances: np.ndarray, nu: float) -> tuple[float, float, float]:
    """Estimate, variance and df of one quantity (Rubin 1987; Barnard and Rubin 1999)."""
    m = len(estimates)
    between = estimates.var(ddof=1)
    total = variances.mean() + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    observed = (nu + 1) / (nu + 3) * nu * (1 - share)
    return estimates.mean(), total, 1 / (share**2 / (m - 1) + 1 / observed)


@pytest.mark.parametrize("design", ["clusters", "replicates"])
def test_rubins_rules(design: str) -> None:
    svy = samples.replicate_survey(1) if design == "replicates" else samples.survey(design, 1)
    parts = [llo.mean(f"PV{m}", svy, by="education") for m in (1, 2, 3)]
    for combined in (llo.combine_imputations(parts), llo.mean("PV*", svy, by="education", plausible=True)):
        for i in range(3):
            theta, variance, df = _rubin(
                np.array([p.estimate[i] for p in parts]), np.array([p.std_error[i] ** 2 for p in parts]), parts[0].df[i]
            )
            assert combined.estimate[i] == pytest.approx(theta, rel=EXACT)
            assert combined.std_error[i] ** 2 == pytest.approx(variance, rel=1e-11)
            assert combined.df[i] == pytest.approx(df, rel=1e-10)


def test_the_sampling_variance_is_averaged_over_all_values() -> None:
    svy = samples.survey()
    parts = [llo.mean(f"PV{m}", svy) for m in (1, 2, 3)]
    combined = llo.mean("PV[1-3]", svy, plausible=True)
    within = np.mean([p.std_error[0] ** 2 for p in parts])
    between = np.var([p.estimate[0] for p in parts], ddof=1)
    assert combined.std_error[0] ** 2 == pytest.approx(within + 4 / 3 * between, rel=1e-11)
    share = combined.meta["imputation_share_of_variance"]
    assert share == pytest.approx([4 / 3 * between / (within + 4 / 3 * between)], rel=1e-10)


def test_values_that_agree_add_no_variance() -> None:
    svy = samples.survey().assign(**{f"same{m}": lambda d: d["y"] for m in range(1, 6)})
    combined, mean = llo.mean("same*", svy, plausible=True), llo.mean("y", svy)
    assert combined.estimate == pytest.approx(mean.estimate, rel=EXACT)
    assert combined.std_error == pytest.approx(mean.std_error, rel=EXACT)


def test_several_sets_of_plausible_values_and_cells() -> None:
    frame = samples.people()
    svy = samples.survey().assign(**{f"N{m}": frame[f"PV{m}"] * 2 + frame["hours"] for m in (1, 2, 3)})
    both = llo.mean(["PV*", "N*"], svy, by=["region", "older"], plausible=True)
    assert both.to_frame()["variable"].tolist() == ["PV", "N"] * 4
    assert both.labels[:2] == ("PV:north:False", "N:north:False")
    for name, rows in (("PV*", slice(0, None, 2)), ("N*", slice(1, None, 2))):
        alone = llo.mean(name, svy, by=["region", "older"], plausible=True)
        assert both.estimate[rows] == pytest.approx(alone.estimate, rel=EXACT)
        assert both.std_error[rows] == pytest.approx(alone.std_error, rel=1e-10)


def test_contrasts_and_domains_of_plausible_values() -> None:
    svy = samples.survey().where("hours > 2")
    means = llo.mean("PV*", svy, by="region", plausible=True)
    gap = means.contrast("north - south")
    parts = [llo.gap(f"PV{m}", svy, group="region", of="north", minus="south") for m in (1, 2, 3)]
    combined = llo.combine_imputations(parts)
    assert gap.estimate == pytest.approx(combined.estimate, rel=1e-11)
    assert gap.std_error == pytest.approx(combined.std_error, rel=1e-10)


def test_numerical_order_of_plausible_values() -> None:
    svy = samples.survey().assign(**{f"Q{m}": float(m) for m in range(1, 12)})
    assert llo.mean("Q*", svy, plausible=True).meta["plausible_values"]["Q*"] == [f"Q{m}" for m in range(1, 12)]


def test_missing_plausible_values_leave_the_row_out_of_all() -> None:
    frame = samples.people(1)
    frame.loc[3, "PV2"] = np.nan
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place")
    result = llo.mean("PV*", svy, plausible=True)
    assert result.n is not None and result.n.tolist() == [71.0]
    assert result.meta["left_out"]["PV2"] == 1


def test_design_effects_of_imputed_values_are_not_reported() -> None:
    table = llo.mean("PV*", samples.survey(), by="region", plausible=True).to_frame()
    assert "deff" not in table and "n_eff" not in table
    assert table["sum_weights"].gt(0).all() and table["n"].sum() == 72


REFUSED: list[tuple[str, Any, str]] = [
    ("one result", lambda s: llo.combine_imputations([llo.mean("y", s)]), "at least two"),
    ("a result", lambda s: llo.combine_imputations(llo.mean("y", s)), "at least two"),
    ("not results", lambda s: llo.combine_imputations([llo.mean("y", s), 5]), "at least two"),
    (
        "other rows",
        lambda s: llo.combine_imputations([llo.mean("y", s), llo.mean("y", s, by="region")]),
        "same rows",
    ),
    (
        "other cells",
        lambda s: llo.combine_imputations(
            [llo.mean("y", s.where("region == 'north'"), by=v) for v in ("region", "year")]
        ),
        "same rows",
    ),
    ("no pattern", lambda s: llo.mean("y", s, plausible=True), "finds 1 columns"),
    ("nothing found", lambda s: llo.mean("XY*", s, plausible=True), "finds 0 columns"),
    ("a hole", lambda s: llo.mean("PV[1-4]", s, plausible=True), "no column 'PV4'"),
    ("backwards", lambda s: llo.mean("PV[3-1]", s, plausible=True), "finds 0 columns"),
    ("other lengths", lambda s: llo.mean(["PV[1-2]", "PV*"], s, plausible=True), "different numbers"),
    ("a category", lambda s: llo.mean("T*", s.assign(T1="a", T2="b"), plausible=True), "are numbers"),
]


@pytest.mark.parametrize(("call", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_cannot_be_combined_is_refused(call: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        call(samples.survey())


@pytest.mark.parametrize(
    ("names", "wanted"),
    [(["PV1", "PV2", "PV3"], "PV"), (["y_1", "y_2"], "y"), (["PV1READ", "PV2READ"], "PVREAD"), (["a 1", "a 2"], "a")],
)
def test_a_combined_row_is_named_for_all_its_imputations(names: list[str], wanted: str) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({name: rng.normal(size=30) for name in names} | {"g": list("ab") * 15, "w": 1.0})
    svy = llo.Survey(frame, weights="w")
    one = llo.combine_imputations([llo.mean(name, svy) for name in names])
    assert one.labels == (wanted,) and one.rows["variable"].tolist() == [wanted]
    assert one.meta["imputed_variables"] == {wanted: names} and one.meta["imputations"] == len(names)
    by = llo.combine_imputations([llo.mean(name, svy, by="g") for name in names])
    assert by.labels == ("a", "b") and by.contrast("a - b").df[0] > 0


GROUP = {"group": "education", "of": "high", "minus": "low"}


def _with_levels(seed: int = 1) -> pd.DataFrame:
    """Plausible levels 3 to 7, of which some columns lack one; and their words as declared categories."""
    frame = samples.people(seed)
    for m in range(1, 4):
        frame[f"PVL{m}"] = np.clip(frame[f"PV{m}"].round(), 3, 6 if m == 2 else 7).astype(int)
        words = frame[f"PVL{m}"].map({3: "low", 4: "low", 5: "mid", 6: "high", 7: "high"})
        frame[f"PVC{m}"] = pd.Categorical(words, categories=["low", "mid", "high"], ordered=True)
        frame[f"PVB{m}"] = frame[f"PV{m}"] > 5
    return frame


@pytest.mark.parametrize("design", ["clusters", "replicates"])
@pytest.mark.parametrize("pattern", ["PVL*", "PVC*", "PVB[1-3]"])
def test_shares_of_plausible_levels(pattern: str, design: str) -> None:
    frame = _with_levels()
    options: dict[str, Any] = samples.DESIGNS["clusters"]
    if design == "replicates":
        frame = samples.with_replicates(frame)
        options = {"replicate_weights": "r[1-12]", "replicate_method": "bootstrap"}
    svy = llo.Survey(frame, weights="w", **options)
    result = llo.share(pattern, svy, by="region", plausible=True)
    table, stem = result.to_frame(), pattern[:3]
    levels = {"PVL": [3, 4, 5, 6, 7], "PVC": ["low", "mid", "high"], "PVB": [False, True]}[stem]
    assert table["level"].tolist() == levels * 2 and set(table["variable"]) == {stem}
    assert table.groupby("region")["estimate"].sum().tolist() == pytest.approx([1, 1], rel=EXACT)
    for i, row in enumerate(table.itertuples()):
        parts = []
        for m in range(1, 4):
            one = svy.assign(there=lambda d, m=m, level=row.level: d[f"{stem}{m}"].astype(object) == level)
            parts.append(llo.mean("there", one.where(f"region == '{row.region}'")))
        estimates, variances = (
            np.array(v) for v in zip(*[(p.estimate[0], p.covariance[0, 0]) for p in parts], strict=True)
        )
        theta, total, df = _rubin(estimates, variances, parts[0].df[0])
        assert (row.estimate, row.std_error) == pytest.approx((theta, np.sqrt(total)), rel=1e-11)
        assert row.df == pytest.approx(df, rel=1e-9)
        assert result.cells["n_nonzero"][i] == min(round(p.cells["n_nonzero"][0]) for p in parts)
    assert result.interval == "logit" and table["conf_low"].between(0, 1).all()
    assert result.meta["imputations"] == 3 and result.meta["call"]["function"] == "share"


@pytest.mark.parametrize("design", ["clusters", "replicates"])
@pytest.mark.parametrize("scale", ["difference", "ratio", "odds"])
def test_gaps_of_plausible_values(scale: str, design: str) -> None:
    svy = samples.replicate_survey(1) if design == "replicates" else samples.survey(design, 1)
    if scale == "odds":
        svy = svy.assign(PV1=lambda d: d["PV1"] > 5, PV2=lambda d: d["PV2"] > 5, PV3=lambda d: d["PV3"] > 5)
    result = llo.gap("PV[1-3]", svy, **GROUP, by="older", scale=scale, plausible=True)
    parts = [llo.gap(f"PV{m}", svy, **GROUP, by="older", scale=scale) for m in (1, 2, 3)]
    for i in range(2):
        estimates = np.array([part.estimate[i] for part in parts])
        variances = np.array([part.covariance[i, i] for part in parts])
        theta, total, df = _rubin(estimates, variances, parts[0].df[i])
        row = result.to_frame().iloc[i]
        assert (row["estimate"], row["std_error"]) == pytest.approx((theta, np.sqrt(total)), rel=1e-11)
        assert row["df"] == pytest.approx(df, rel=1e-9)
        t = stats.t.ppf(0.975, df)
        if scale == "difference":
            assert row["conf_high"] == pytest.approx(theta + t * np.sqrt(total), rel=1e-10)
        else:
            assert np.log(row["conf_high"]) == pytest.approx(np.log(theta) + t * np.sqrt(total) / theta, rel=1e-10)
    assert result.interval == ("wald" if scale == "difference" else "log")
    assert result.rows["variable"].tolist() == ["PV", "PV"] and result.rows["of"].tolist() == ["high", "high"]
    assert result.cells[["n_of", "n_minus"]].equals(parts[0].cells[["n_of", "n_minus"]])
    conditions = llo.gap(
        "PV[1-3]", svy, of="education == 'high'", minus="education == 'low'", by="older", scale=scale, plausible=True
    )
    assert conditions.estimate == pytest.approx(result.estimate, rel=EXACT)


def test_plausible_levels_that_are_declared_differently_are_refused() -> None:
    frame = _with_levels()
    frame["PVC2"] = frame["PVC2"].cat.reorder_categories(["high", "mid", "low"])
    svy = llo.Survey(frame, weights="w")
    with pytest.raises(DataError, match="do not have the same levels"):
        llo.share("PVC*", svy, plausible=True)
    with pytest.raises(DataError, match="Plausible values are numbers"):
        llo.gap("PVC*", svy, **GROUP, plausible=True)
    with pytest.raises(DataError, match="Two patterns stand for the same plausible values"):
        llo.mean(["PV[1-3]", "PV*"], svy.where("older"), plausible=True)
    with pytest.raises(DataError, match="plausible is True or False"):
        llo.share("PVC*", svy, plausible="no")


@pytest.mark.parametrize("condition", ["PV{} > 0", "0 < PV{} < 1", "PV{} >= 0 & education == 'high'"])
def test_a_condition_on_plausible_values_is_that_on_each(condition: str) -> None:
    draw = np.random.default_rng(5)
    frame = pd.DataFrame({f"PV{m}": draw.normal(size=60) for m in (1, 2, 3)})
    frame = frame.assign(education=draw.choice(["high", "low"], 60), w=draw.uniform(1, 3, 60))
    frame.loc[3, ["PV1", "PV2", "PV3"]] = np.nan
    svy = llo.Survey(frame, weights="w")
    each = llo.combine_imputations([llo.mean(condition.format(m), svy) for m in (1, 2, 3)])
    at_once = llo.mean(condition.format("*"), svy, plausible=True)
    assert at_once.labels == each.labels == (condition.format(""),)
    pd.testing.assert_frame_equal(at_once.to_frame(), each.to_frame())
    assert at_once.to_frame()["conf_low"].iloc[0] > 0

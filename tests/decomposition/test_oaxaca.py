"""Oaxaca-Blinder decompositions against plain loops, numerical derivatives and refits at every replicate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.decomposition import oracle
from tests.decomposition.people import GROUPS, frame, replicated, survey

EXACT = 1e-10  # sums in another order, and Newton's steps to 1e-14
DERIVATIVE = 2e-8  # central differences with steps of 1e-5: h^2 and rounding / h
REFERENCES = ["of", "minus", "pooled", "neumark", "cotton", "reimers", 0.3]
FAMILIES = ["gaussian", "logit", "probit", "poisson"]
oaxaca = llo.decomposition.oaxaca_blinder


def by_label(result: Any) -> dict[str, float]:
    return dict(zip(result.labels, result.estimate, strict=True))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("reference", REFERENCES)
def test_plain_loops_give_every_row(family: str, reference: Any) -> None:
    data = frame(family)
    made = by_label(oaxaca("y ~ x + C(c)", survey(data), **GROUPS, reference=reference, family=family))
    expected = oracle.twofold(data, data["w"].to_numpy(), reference, family)
    assert set(made) == set(expected)
    for label, value in expected.items():
        assert made[label] == pytest.approx(value, abs=EXACT), label


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("reference", ["minus", "pooled", "cotton"])
def test_influence_is_the_derivative_in_the_weights(family: str, reference: Any) -> None:
    data = frame(family)
    options = {**GROUPS, "reference": reference, "family": family, "normalize": "c"}
    influence = oaxaca("y ~ x * C(c)", survey(data), **options).influence
    for row in (0, 33, 101):
        ends = []
        for sign in (1, -1):
            moved = data.copy()
            moved.loc[row, "w"] *= 1 + sign * 1e-5
            ends.append(oaxaca("y ~ x * C(c)", survey(moved), **options).estimate)
        assert np.abs((ends[0] - ends[1]) / 2e-5 - influence[row]).max() < DERIVATIVE * max(1, np.abs(influence).max())


def test_calibrated_weights_enter_by_their_residuals() -> None:
    """The variance after calibration is that of a jackknife that calibrates anew, to the jackknife's own order."""
    data = frame(n=400)
    totals = {"c": data.groupby("c", observed=True)["w"].sum() * 1.1}
    plain = llo.calibrate(survey(data), totals)
    jackknife = llo.calibrate(llo.replicate(survey(data), "jkn"), totals)
    options = {**GROUPS, "reference": "pooled"}
    one, other = (oaxaca("y ~ x + C(c)", svy, **options) for svy in (plain, jackknife))
    assert one.estimate == pytest.approx(other.estimate, abs=EXACT)
    assert one.std_error == pytest.approx(other.std_error, rel=0.1)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("reference", ["of", "pooled", "cotton"])
def test_replicates_are_refits(family: str, reference: Any) -> None:
    data = frame(family)
    svy, weights = replicated(data)
    made = oaxaca("y ~ x + C(c)", svy, **GROUPS, reference=reference, family=family)
    refits = np.array([list(oracle.twofold(data, w, reference, family).values()) for w in weights.T])
    order = [list(oracle.twofold(data, data["w"].to_numpy(), reference, family)).index(one) for one in made.labels]
    assert made.replicates == pytest.approx(refits[:, order], abs=1e-9)
    deviation = refits[:, order] - made.estimate
    assert made.covariance == pytest.approx(deviation.T @ deviation / len(refits), abs=1e-10)


@pytest.mark.parametrize("reference", ["of", "pooled", "neumark"])
def test_replicates_of_units_equal_columns_of_weights(reference: Any) -> None:
    data = frame(n=400)
    svy = llo.replicate(survey(data), "jkn")
    design = svy.design.replicates
    columns = {f"r{i + 1}": design.weights[:, i] for i in range(design.n_replicates)}
    wide = llo.Survey(
        pd.concat([data, pd.DataFrame(columns)], axis=1),
        weights="w",
        replicate_weights=f"r[1-{design.n_replicates}]",
        replicate_method="jkn",
        replicate_scale=design.scale,
        replicate_rscales=list(design.rscales),
    )
    one, other = (oaxaca("y ~ x + C(c)", s, **GROUPS, reference=reference) for s in (svy, wide))
    assert one.replicates == pytest.approx(other.replicates, abs=EXACT)
    assert one.covariance == pytest.approx(other.covariance, abs=EXACT)


@pytest.mark.parametrize("replicates", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_gap_is_that_of_gap(family: str, replicates: bool) -> None:
    svy = replicated(frame(family))[0] if replicates else survey(frame(family))
    made = oaxaca("y ~ x + C(c)", svy, **GROUPS, family=family)
    gap = llo.gap("y", svy, **GROUPS)
    row = made.labels.index("gap")
    assert made.estimate[row] == pytest.approx(gap.estimate[0], abs=1e-13)
    assert made.std_error[row] == pytest.approx(gap.std_error[0], rel=1e-11)
    assert (made.df == gap.df[0]).all()


def test_gap_of_people_with_a_value() -> None:
    data = frame()
    data.loc[3:20, "x"] = np.nan
    made = oaxaca("y ~ x + C(c)", survey(data), **GROUPS)
    gap = llo.gap("y", survey(data).where("x > -100"), **GROUPS)
    row = made.labels.index("gap")
    assert (made.estimate[row], made.df[row]) == (pytest.approx(gap.estimate[0]), gap.df[0])
    assert made.std_error[row] == pytest.approx(gap.std_error[0], rel=1e-11)
    assert made.meta["left_out"]["x"] == int(data.loc[3:20, "g"].isin(["a", "b"]).sum())


def test_threefold_of_the_definitions() -> None:
    data = frame()
    made = by_label(oaxaca("y ~ x + C(c)", survey(data), **GROUPS, kind="threefold"))
    x, b = {}, {}
    for level in "ab":
        rows = (data["g"] == level).to_numpy()
        own, w = oracle.matrix(data[rows]), data["w"].to_numpy()[rows]
        x[level], b[level] = w @ own / w.sum(), oracle.fitted(own, data["y"].to_numpy()[rows], w, "gaussian")
    difference, change = x["a"] - x["b"], b["a"] - b["b"]
    assert made["endowments"] == pytest.approx(difference @ b["b"], abs=EXACT)
    assert made["coefficients"] == pytest.approx(x["b"] @ change, abs=EXACT)
    assert made["interaction"] == pytest.approx(difference @ change, abs=EXACT)
    assert made["interaction:x"] == pytest.approx(difference[1] * change[1], abs=EXACT)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", ["twofold", "threefold"])
def test_parts_add_up(family: str, kind: str) -> None:
    table = oaxaca("y ~ x * C(c)", survey(frame(family)), **GROUPS, family=family, kind=kind).to_frame()
    totals = table[table["term"] == "total"].set_index("component")["estimate"]
    parts = [name for name in totals.index if name not in ("mean_of", "mean_minus", "gap")]
    assert totals[parts].sum() == pytest.approx(totals["gap"], abs=EXACT)
    for name in parts:
        own = table[(table["component"] == name) & (table["term"] != "total")]["estimate"]
        assert own.sum() == pytest.approx(totals[name], abs=EXACT)


@pytest.mark.parametrize("formula", ["y ~ x + C(c) + C(d)", "y ~ x * C(c) + C(c) : C(d) + C(d)", "y ~ C(d) * C(c)"])
@pytest.mark.parametrize("family", ["gaussian", "logit"])
def test_normalised_parts_do_not_depend_on_the_base_level(formula: str, family: str) -> None:
    data = frame(family, n=500)
    data["d"] = pd.Categorical(np.random.default_rng(8).choice(["m", "n", "o"], len(data)))
    other = data.assign(
        c=data["c"].cat.reorder_categories(["r", "p", "q"]), d=data["d"].cat.reorder_categories(list("onm"))
    )
    options = {**GROUPS, "normalize": ["c", "C(d)"], "family": family}
    one, two = (oaxaca(formula, survey(d), **options) for d in (data, other))

    def table(result: Any) -> pd.DataFrame:
        made = result.to_frame()
        made["term"] = [":".join(sorted(term.split(":"))) for term in made["term"]]
        return made.set_index(["component", "term"])[["estimate", "std_error"]].sort_index()

    pd.testing.assert_frame_equal(table(one), table(two), atol=1e-9, rtol=0)
    assert {"c[p]", "c[q]", "c[r]"} <= set(one.to_frame()["term"])


def test_normalised_coefficients_are_deviations_from_their_mean() -> None:
    data = frame()
    made = by_label(oaxaca("y ~ x + C(c)", survey(data), **GROUPS, reference="minus", normalize="c"))
    rows = (data["g"] == "b").to_numpy()
    beta = oracle.fitted(oracle.matrix(data[rows]), data["y"].to_numpy()[rows], data["w"].to_numpy()[rows], "gaussian")
    levels = np.array([0.0, beta[2], beta[3]])
    share = {}
    for level in "ab":
        own = data[data["g"] == level]
        share[level] = [own.loc[own["c"] == one, "w"].sum() / own["w"].sum() for one in "pqr"]
    for j, level in enumerate("pqr"):
        expected = (share["a"][j] - share["b"][j]) * (levels[j] - levels.mean())
        assert made[f"explained:c[{level}]"] == pytest.approx(expected, abs=EXACT)


def test_swapping_the_groups_flips_the_signs() -> None:
    svy, swapped = survey(frame()), {"group": "g", "of": "b", "minus": "a"}
    for one, other in (("of", "minus"), ("pooled", "pooled"), (0.3, 0.7), ("neumark", "neumark"), ("cotton", "cotton")):
        first = oaxaca("y ~ x + C(c)", svy, **GROUPS, reference=one)
        second = oaxaca("y ~ x + C(c)", svy, **swapped, reference=other)
        rows = [i for i, label in enumerate(first.labels) if not label.startswith("mean")]
        assert first.estimate[rows] == pytest.approx(-second.estimate[rows], abs=EXACT)
        assert first.std_error[rows] == pytest.approx(second.std_error[rows], rel=1e-8)


def test_scaled_weights_and_the_order_of_rows_change_nothing() -> None:
    data = frame()
    options = {**GROUPS, "reference": "cotton"}
    one = oaxaca("y ~ x + C(c)", survey(data), **options)
    scaled = oaxaca("y ~ x + C(c)", survey(data.assign(w=data["w"] * 1000)), **options)
    shuffled = data.sample(frac=1, random_state=3)
    mixed = oaxaca("y ~ x + C(c)", survey(shuffled), **options)
    for other in (scaled, mixed):
        assert other.estimate == pytest.approx(one.estimate, abs=1e-12)
        assert other.std_error == pytest.approx(one.std_error, rel=1e-10)


def test_equal_groups_have_no_gap_and_no_shares() -> None:
    data = frame()
    twins = pd.concat([data[data["g"] == "a"], data[data["g"] == "a"].assign(g="b")], ignore_index=True)
    for family in FAMILIES:
        twins["y"] = (twins["x"] > 0.2).astype(float) if family in ("logit", "probit") else np.abs(twins["y"]).round(1)
        twins["y"] = np.where(np.tile(np.arange(len(twins) // 2) % 3 == 0, 2), 1 - twins["y"].clip(0, 1), twins["y"])
        made = oaxaca("y ~ x + C(c)", survey(twins), **GROUPS, family=family)
        table = made.to_frame().set_index("component")
        assert table.loc[["gap", "explained", "unexplained"], "estimate"].abs().max() < 1e-12
        assert table["share_of_gap"].isna().all()
        assert made.shares().to_frame()["estimate"].isna().all()


def test_cells_are_separate_calls_with_one_covariance() -> None:
    data = frame(n=600)
    data["year"] = np.where(np.arange(600) < 300, 1, 2)
    svy = survey(data)
    options = {**GROUPS, "reference": "pooled"}
    both = oaxaca("y ~ x + C(c)", svy, by="year", **options)
    k = len(both.labels) // 2
    for place, year in enumerate((1, 2)):
        alone = oaxaca("y ~ x + C(c)", svy.where(f"year == {year}"), **options)
        mine = slice(place * k, (place + 1) * k)
        assert both.estimate[mine] == pytest.approx(alone.estimate, abs=EXACT)
        assert both.covariance[mine, mine] == pytest.approx(alone.covariance, abs=EXACT)
        assert (both.df[mine] == alone.df).all()
    between = both.influence[:, :k].reshape(-1, k), both.influence[:, k:].reshape(-1, k)
    stacked = svy.design.covariance(np.hstack(between))
    assert both.covariance == pytest.approx(stacked, abs=EXACT)
    assert np.abs(both.covariance[:k, k:]).max() > 0


def test_subsets_are_sums_of_terms_with_their_covariance() -> None:
    svy = survey(frame())
    whole = oaxaca("y ~ x + C(c)", svy, **GROUPS)
    some = oaxaca("y ~ x + C(c)", svy, **GROUPS, subsets={"class": ["c"]})
    rows = [whole.labels.index(f"explained:C(c)[T.{level}]") for level in "qr"]
    made = some.labels.index("explained:class")
    assert some.estimate[made] == pytest.approx(whole.estimate[rows].sum(), abs=EXACT)
    assert some.covariance[made, made] == pytest.approx(whole.covariance[np.ix_(rows, rows)].sum(), abs=EXACT)
    assert "explained:x" in some.labels


def test_shares_by_the_delta_method() -> None:
    made = oaxaca("y ~ x + C(c)", survey(frame()), **GROUPS)
    shares = made.shares()
    contrast = made.contrast("explained / gap")
    row = shares.labels.index("explained")
    assert shares.estimate[row] == pytest.approx(contrast.estimate[0], abs=EXACT)
    assert shares.std_error[row] == pytest.approx(contrast.std_error[0], rel=1e-9)
    assert made.to_frame()["share_of_gap"][made.labels.index("explained")] == shares.estimate[row]


@pytest.mark.parametrize("family", ["gaussian", "logit"])
def test_a_fitted_model_is_a_reference_with_its_own_errors(family: str) -> None:
    """A model of everybody is the pooled one without a term for the group, in numbers and in errors."""
    data = frame(family)
    svy = survey(data[data["g"] != "z"].reset_index(drop=True))
    fit = llo.glm("y ~ x + C(c)", svy, family=family)
    one = oaxaca("y ~ x + C(c)", svy, **GROUPS, reference=fit, family=family)
    other = oaxaca("y ~ x + C(c)", svy, **GROUPS, reference="neumark", family=family)
    assert one.estimate == pytest.approx(other.estimate, abs=1e-9)
    assert one.covariance == pytest.approx(other.covariance, abs=1e-9)
    assert (one.df == other.df).all()


def test_a_fitted_reference_is_of_this_survey_and_family() -> None:
    data = frame("logit")
    svy = survey(data)
    for fit, message in (
        (llo.glm("y ~ x + C(c)", svy, family="logit"), "another family"),
        (llo.glm("y ~ x", svy), "lacks terms"),
        (llo.glm("y ~ x + C(c)", llo.Survey(data, weights="w")), "not one of this survey"),
        (llo.glm("y ~ x + C(c)", survey(data.iloc[:150])), "not one of this survey"),
    ):
        with pytest.raises(llo.DataError, match=message):
            oaxaca("y ~ x + C(c)", svy, **GROUPS, reference=fit)


def test_joint_with_other_results_and_differences_of_parts() -> None:
    svy = survey(frame())
    parts, gap = oaxaca("y ~ x + C(c)", svy, **GROUPS), llo.gap("y", svy, **GROUPS)
    both = llo.joint({"parts": parts, "gap": gap})
    rows = [both.labels.index(label) for label in both.labels if label.endswith("gap")]
    assert both.covariance[rows[0], -1] == pytest.approx(gap.covariance[0, 0], rel=1e-9)
    difference = parts.contrast({"explained": 1, "unexplained": -1})
    cov = parts.cov
    expected = cov.loc["explained", "explained"] + cov.loc["unexplained", "unexplained"]
    assert difference.std_error[0] ** 2 == pytest.approx(expected - 2 * cov.loc["explained", "unexplained"], rel=1e-9)


def test_saved_and_read_back(tmp_path: Any) -> None:
    made = oaxaca("y ~ x + C(c)", survey(frame()), **GROUPS)
    again = llo.read_result(made.save(tmp_path / "parts"))
    assert isinstance(again, llo.decomposition.Decomposition)
    pd.testing.assert_frame_equal(again.to_frame(), made.to_frame(), check_dtype=False)
    assert again.support.to_dict("list") == made.support.to_dict("list")


def test_support_counts_both_groups() -> None:
    data = frame()
    table = oaxaca("y ~ x + C(c)", survey(data), **GROUPS).support.set_index("level")
    for level in "pqr":
        for side, group in (("of", "a"), ("minus", "b")):
            own = data[(data["g"] == group) & (data["c"] == level)]["w"]
            assert table.loc[level, f"n_{side}"] == len(own)
            assert table.loc[level, f"n_eff_{side}"] == pytest.approx(own.sum() ** 2 / (own**2).sum())


def test_plausible_values_are_combined_by_rubins_rules() -> None:
    data = frame()
    rng = np.random.default_rng(2)
    for m in (1, 2, 3):
        data[f"PV{m}"] = data["y"] + rng.normal(scale=0.3, size=len(data))
    svy = survey(data)
    made = oaxaca("PV* ~ x + C(c)", svy, **GROUPS, plausible=True)
    draws = [oaxaca(f"PV{m} ~ x + C(c)", svy, **GROUPS) for m in (1, 2, 3)]
    values = np.array([draw.estimate for draw in draws])
    within = np.mean([np.diag(draw.covariance) for draw in draws], axis=0)
    assert made.estimate == pytest.approx(values.mean(axis=0), abs=EXACT)
    assert np.diag(made.covariance) == pytest.approx(within + 4 / 3 * values.var(axis=0, ddof=1), abs=EXACT)
    assert made.shares().estimate[1] == pytest.approx(np.mean([draw.share_of_gap[3] for draw in draws]), abs=EXACT)

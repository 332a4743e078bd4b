"""What is refused, and whether the message names the place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.decomposition.people import GROUPS, frame, survey

oaxaca = llo.decomposition.oaxaca_blinder


def without(level: str, group: str, family: str = "gaussian") -> pd.DataFrame:
    """Nobody of a group has a level."""
    data = frame(family, n=300)
    return data[~((data["g"] == group) & (data["c"] == level))].reset_index(drop=True)


@pytest.mark.parametrize("reference", ["of", "pooled", "neumark", "cotton", 0.5])
@pytest.mark.parametrize("family", ["gaussian", "logit"])
def test_a_category_that_is_empty_where_its_coefficient_is_used(reference: Any, family: str) -> None:
    with pytest.raises(llo.IdentificationError, match=r"(?s)empty.*C\(c\), level 'r', group of \(a\)"):
        oaxaca("y ~ x + C(c)", survey(without("r", "a", family)), **GROUPS, reference=reference, family=family)


@pytest.mark.parametrize("family", ["gaussian", "logit"])
def test_a_category_that_is_empty_where_nothing_asks_for_it(family: str) -> None:
    """The coefficients of `minus` value everything; that nobody of `of` has the level is a difference like others."""
    data = without("r", "a", family)
    made = oaxaca("y ~ x + C(c)", survey(data), **GROUPS, reference="minus", family=family)
    parts = dict(zip(made.labels, made.estimate, strict=True))
    assert parts["unexplained:C(c)[T.r]"] == pytest.approx(0, abs=1e-12)
    assert parts["explained"] + parts["unexplained"] == pytest.approx(parts["gap"], abs=1e-12)
    rows = (data["g"] == "b").to_numpy()
    if family == "gaussian":
        own = data[rows]
        x = np.column_stack([np.ones(len(own)), own["x"], own["c"] == "q", own["c"] == "r"]).astype(float)
        root = np.sqrt(own["w"].to_numpy())
        beta = np.linalg.lstsq(x * root[:, None], own["y"].to_numpy() * root, rcond=None)[0]
        other = data[data["g"] == "a"]
        z = np.column_stack([np.ones(len(other)), other["x"], other["c"] == "q", other["c"] == "r"]).astype(float)
        difference = np.average(z, axis=0, weights=other["w"]) - np.average(x, axis=0, weights=own["w"])
        assert parts["explained"] == pytest.approx(difference @ beta, abs=1e-11)


def test_trimming_leaves_out_whom_the_other_group_does_not_have() -> None:
    data = without("r", "a")
    made = oaxaca("y ~ x + C(c)", survey(data), **GROUPS, support="trim")
    assert made.meta["trimmed"] == {"of": 0, "minus": int(((data["g"] == "b") & (data["c"] == "r")).sum())}
    same = oaxaca("y ~ x + C(c)", survey(data).where("c != 'r'"), **GROUPS)
    assert made.estimate == pytest.approx(same.estimate, abs=1e-12)
    assert made.support["level"].tolist() == ["p", "q"]


def test_an_empty_base_level_is_named() -> None:
    with pytest.raises(llo.IdentificationError, match=r"(?s)level 'p', group of"):
        oaxaca("y ~ x + C(c)", survey(without("p", "a")), **GROUPS, reference="minus")


def test_an_empty_level_cannot_be_averaged_over() -> None:
    with pytest.raises(llo.IdentificationError, match=r"(?s)level 'r'.*averaged"):
        oaxaca("y ~ x + C(c)", survey(without("r", "a")), **GROUPS, reference="minus", normalize="c")


def test_an_empty_cell_of_an_interaction_is_named() -> None:
    data = frame(n=400)
    data["d"] = np.where(np.arange(400) % 2, "m", "n")
    data = data[~((data["g"] == "a") & (data["c"] == "q") & (data["d"] == "n"))]
    with pytest.raises(llo.IdentificationError, match=r"(?s)C\(c\):C\(d\).*group of \(a\)"):
        oaxaca("y ~ x + C(c) * C(d)", survey(data), **GROUPS)


@pytest.mark.parametrize("support", ["raise", "trim"])
@pytest.mark.parametrize("reference", ["pooled", "neumark"])
def test_a_cell_that_neither_group_has_is_named_where_a_model_of_both_needs_it(reference: str, support: str) -> None:
    data = frame(n=400)
    data["d"] = np.where(np.arange(400) % 2, "m", "n")
    data = data[~((data["c"] == "q") & (data["d"] == "n"))].reset_index(drop=True)
    asked: dict[str, Any] = {**GROUPS, "support": support}
    with pytest.raises(llo.IdentificationError, match=r"(?s)both groups.*C\(c\):C\(d\)"):
        oaxaca("y ~ x + C(c) * C(d)", survey(data), reference=reference, **asked)
    found = oaxaca("y ~ x + C(c) * C(d)", survey(data), reference="minus", **asked)
    assert np.isfinite(found.estimate).all()


def few(data: pd.DataFrame, group: str, number: int) -> pd.DataFrame:
    """A group of so many rows."""
    rows = np.flatnonzero(data["g"] == group)
    return data.drop(index=rows[number:]).reset_index(drop=True)


@pytest.mark.parametrize(
    ("formula", "options", "message"),
    [
        ("y ~ x + g", {}, "groups stands in the formula"),
        ("y ~ x", {"minus": "a"}, "same group"),
        ("y ~ x", {"of": "nobody"}, "nobody"),
        ("y ~ x", {"group": None}, r"condition|no column"),
        ("y ~ x + I(2 * x)", {}, r"(?s)combination.*group of \(a\)"),
        ("y ~ 0 + x", {}, "no constant"),
        ("y ~ x", {"family": "logit"}, "cannot be that of family"),
        ("y ~ x", {"family": "gamma"}, "family has no option"),
        ("y ~ x", {"kind": "fourfold"}, "kind has no option"),
        ("y ~ x", {"reference": "omega"}, "reference has no option 'omega'"),
        ("y ~ x", {"reference": 1.5}, "no reference"),
        ("y ~ x", {"kind": "threefold", "reference": "of"}, "viewpoint of `minus`"),
        ("y ~ x", {"normalize": "x"}, "can be normalised"),
        ("y ~ x", {"subsets": {"s": ["z"]}}, "names no term"),
        ("y ~ x + C(c)", {"subsets": {"s": ["x"], "t": ["x"]}}, "in two subsets"),
        ("y ~ x", {"support": "relax"}, "support has no option"),
        ("y ~ x", {"vcov": "robust"}, "vcov has no option"),
        ("y ~ x", {"by": "g"}, "other columns"),
        ("y ~ nothing", {}, "nothing"),
    ],
)
def test_refused(formula: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(llo.LloError, match=message):
        oaxaca(formula, survey(frame()), **{**GROUPS, **options})


@pytest.mark.parametrize(("number", "error"), [(1, "as few rows"), (2, "as few rows")])
def test_a_group_of_one_or_two(number: int, error: str) -> None:
    with pytest.raises(llo.IdentificationError, match=rf"(?s){error}.*group of \(a\)"):
        oaxaca("y ~ x", survey(few(frame(), "a", number)), **GROUPS)


def test_a_group_of_five_has_wide_intervals_and_no_error() -> None:
    made = oaxaca("y ~ x", survey(few(frame(), "a", 5)), **GROUPS).to_frame()
    assert made["n"].iloc[0] == 5
    assert np.isfinite(made["std_error"]).all()


def test_separated_answers_name_group_and_term() -> None:
    data = frame("logit")
    data["sure"] = np.where(data["g"] == "a", data["y"], np.arange(len(data)) % 2)
    with pytest.raises(llo.IdentificationError, match=r"(?s)separation.*sure.*group of \(a\)"):
        oaxaca("y ~ x + sure", survey(data), **GROUPS, family="logit")


def test_a_cell_without_one_of_the_groups() -> None:
    data = frame()
    data["year"] = np.where((data["g"] == "a") | (np.arange(len(data)) % 2 == 0), 1, 2)
    with pytest.raises(llo.LloError, match=r"(?s)no row.*of=a, year 2"):
        oaxaca("y ~ x", survey(data), **GROUPS, by="year")


def test_duplicated_index_unused_levels_and_nullable_numbers() -> None:
    data = frame()
    plain = oaxaca("y ~ x + C(c)", survey(data), **GROUPS)
    odd = data.copy()
    odd.index = [0] * len(odd)
    odd["c"] = odd["c"].cat.add_categories(["unused"])
    odd["x"], odd["g"] = odd["x"].astype("Float64"), odd["g"].astype("string")
    other = oaxaca("y ~ x + C(c)", survey(odd), **GROUPS)
    assert other.estimate == pytest.approx(plain.estimate, abs=1e-12)
    assert other.labels == plain.labels


def test_a_third_group_says_nothing() -> None:
    data = frame()
    others = data.copy()
    rows = others["g"] == "z"
    others.loc[rows, ["x", "y"]] = 1e6
    one, two = (oaxaca("y ~ x + C(c)", survey(d), **GROUPS) for d in (data, others))
    assert one.estimate.tolist() == two.estimate.tolist()
    assert one.std_error == pytest.approx(two.std_error, rel=1e-12)


def test_groups_that_are_conditions() -> None:
    svy = survey(frame())
    one = oaxaca("y ~ x + C(c)", svy, **GROUPS)
    other = oaxaca("y ~ x + C(c)", svy, of="g == 'a'", minus="g == 'b'")
    assert other.estimate == pytest.approx(one.estimate, abs=1e-13)


def test_single_unit_strata_raise() -> None:
    data = frame()
    data.loc[0, "stratum"], data.loc[0, "unit"], data.loc[0, "g"] = 99, 999, "a"
    with pytest.raises(llo.DesignError, match=r"(?i)stratum"):
        oaxaca("y ~ x", survey(data), **GROUPS)


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.int64(1)])
def test_numbers_of_numpy_are_references(number: Any) -> None:
    data = frame()
    made, plain = (oaxaca("y ~ x + C(c)", survey(data), **GROUPS, reference=r) for r in (number, float(number)))
    assert made.estimate.tolist() == plain.estimate.tolist()
    assert type(made.meta["call"]["reference"]) is float


def treated_people() -> pd.DataFrame:
    """Groups with a treatment and amounts."""
    data = frame(n=300)
    rng = np.random.default_rng(8)
    return data.assign(d=rng.integers(0, 2, 300), amount=np.exp(data["y"]), one=1.0)


def test_everybody_the_same_has_no_inequality_and_no_ranking_of_bounds() -> None:
    """Theil's index stopped with an error of the library's own; Wagstaff's divided by rounding."""
    svy = survey(treated_people())
    for measure in ("theil", "mld", "gini", "atkinson"):
        made = llo.decomposition.inequality("one", svy, by="c", measure=measure)
        assert made.estimate == pytest.approx(0, abs=1e-12) and (made.std_error < 1e-12).all()
    with pytest.raises(llo.DataError, match="not all of it on one"):
        llo.decomposition.inequality("one", svy, measure="wagstaff", rank="x")
    with pytest.raises(llo.IdentificationError, match="does not vary"):
        llo.decomposition.shapley_r2("one ~ x", survey(treated_people().assign(w=1.37)))


@pytest.mark.parametrize("seed", ["a", 1.5, True, -1])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    svy = survey(treated_people())
    with pytest.raises(llo.DataError, match="seed is a whole number"):
        llo.decomposition.gap_closing("amount ~ x", svy, **GROUPS, intervene="d", seed=seed)
    with pytest.raises(llo.DataError, match="seed is a whole number"):
        llo.glm("y ~ x", svy, vcov="wild", seed=seed)


def test_a_group_is_not_called_after_the_sum() -> None:
    with pytest.raises(llo.DataError, match="name of the sum"):
        llo.decomposition.shapley_r2("y ~ x + C(c)", survey(frame()), groups={"total": ["x"]})


@pytest.mark.parametrize("method", ["smith-welch", "kim", "makepeace", "interventionist"])
def test_a_reference_that_a_change_does_not_take_is_refused(method: str) -> None:
    data = frame(n=300).assign(year=np.arange(300) % 2)
    change: dict[str, Any] = {**GROUPS, "time": "year", "base": 0, "method": method}
    with pytest.raises(llo.DataError, match=r"(?s)says itself at which coefficients.*'pooled'"):
        llo.decomposition.oaxaca_change("y ~ x", survey(data), **change, reference="pooled")


def test_what_few_people_carry_is_flagged() -> None:
    """A weight on one person has a standard error of next to nothing, and no meaning."""
    data = treated_people()
    data["k"] = 5.0 * (data["g"] == "a") + np.random.default_rng(0).normal(size=300)
    made = llo.decomposition.reweight("amount ~ k", survey(data), **GROUPS)
    assert made.meta["propensity"]["n_eff"] < 10
    told = dict(zip(made.rows["component"], made.flags, strict=True))
    assert all("few_carry" in told[name] for name in ("counterfactual", "explained", "unexplained"))
    assert not any("few_carry" in told[name] for name in ("mean_of", "mean_minus", "gap"))
    alike = llo.decomposition.reweight("amount ~ x", survey(data), **GROUPS)
    assert not any("few_carry" in flag for flag in alike.flags)
    twelve = survey(few(treated_people(), "a", 12))
    parts = llo.decomposition.four_parts("amount ~ x", twelve, **GROUPS, treatment="d")
    assert parts.meta["n_eff_at_a_level"] < 10
    assert ["few_carry" in flag for flag in parts.flags] == [False] * 3 + [True] * 4

"""Proves that what cannot be weighted is refused in words that name margin, level or row, and nothing is returned."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.weighting import samples
from tests.weighting.samples import margin

SVY = samples.survey(1, 120)
FRAME = SVY.frame
FAR = margin(SVY, "education") * [1.6, 0.5, 1.0]
NEAR = {"education": margin(SVY, "education")}
BOTH = {**NEAR, "sex": margin(SVY, "sex")}
NEGATIVE = llo.calibrate(SVY, {"age": 1.6 * float(SVY.weights @ FRAME["age"]), **NEAR})
HALVES = llo.calibrate(SVY, {1: NEAR, 2: NEAR}, by="half")


def gone(column: str) -> pd.Series:
    """A column with its first four values missing."""
    return FRAME[column].astype(object).where(FRAME.index > 3)


def calibrate(totals: Any, **options: Any) -> Callable[[], Any]:
    return lambda: llo.calibrate(SVY, totals, **options)


def trim(**options: Any) -> Callable[[], Any]:
    return lambda: llo.trim(SVY, **options)


def respond(column: str = "came", *, svy: llo.Survey = SVY, **options: Any) -> Callable[[], Any]:
    return lambda: llo.adjust_nonresponse(svy, column, **options)


CASES: dict[str, tuple[Callable[[], Any], type[llo.LloError], list[str]]] = {
    # totals
    "a level without people": (
        calibrate({"education": {**margin(SVY, "education"), "unknown": 4}}),
        llo.CalibrationError,
        ["Nobody in the survey has this level", "'unknown'", "0 people, total 4"],
    ),
    "a level without a total": (
        calibrate({"education": {"low": 5e3, "high": 9e3}}),
        llo.CalibrationError,
        ["a level that the totals do not know", "'middle'"],
    ),
    "a level misspelt": (
        calibrate({"education": {"low": 5e3, "middle": 5e3, "High": 9e3}}),
        llo.CalibrationError,
        ["'high'; did you mean 'High'?"],
    ),
    "margins of different populations": (
        calibrate({**NEAR, "sex": {"m": 1e4, "v": 2e4}}),
        llo.CalibrationError,
        ["contradict each other", "'education' and 'sex'", "30000"],
    ),
    "a number that follows from the margins": (
        lambda: llo.calibrate(SVY.assign(one=1.0), {**NEAR, "one": 5}),
        llo.CalibrationError,
        ["one follows from the others", "wanted 5"],
    ),
    "a total of zero": (calibrate({"sex": {"m": 0, "v": 2e4}}), llo.CalibrationError, ["total of zero", "52 people"]),
    "a negative total": (calibrate({"sex": {"m": -1, "v": 2e4}}), llo.CalibrationError, ["negative or missing", "'m'"]),
    "a missing total": (calibrate({"sex": {"m": np.nan, "v": 2e4}}), llo.CalibrationError, ["negative or missing"]),
    "a total in words": (calibrate({"sex": {"m": "many", "v": 2}}), llo.CalibrationError, ["numbers", "'many'"]),
    "totals of text": (
        calibrate({"sex": {"m": "12.000", "v": "12.500"}}),
        llo.CalibrationError,
        ["Totals are numbers", "margin 'sex', level 'm'", "'12.000', '12.500'", "may be twelve thousand or twelve"],
    ),
    "totals of text in a Series": (
        calibrate({"sex": pd.Series(["7000", "7500"], index=["m", "v"], dtype="string")}),
        llo.CalibrationError,
        ["Totals are numbers", "'7000'"],
    ),
    "a total that is a truth": (calibrate({"sex": {"m": True, "v": 2}}), llo.CalibrationError, ["numbers", "True"]),
    "a crossing with one of its names in another place": (
        calibrate({("sex", "education"): margin(SVY, "education", "sex").rename_axis(["education", "gender"])}),
        llo.CalibrationError,
        ["names in another order", "('education', 'gender')"],
    ),
    "shares": (calibrate({"sex": {"m": 0.5, "v": 0.5}}), llo.CalibrationError, ["add up to 1", "shares, not totals"]),
    "percentages": (calibrate({"sex": {"m": 48, "v": 52}}), llo.CalibrationError, ["add up to 100"]),
    "a level twice": (
        calibrate({"sex": pd.Series([1.0, 2.0, 3.0], index=["m", "v", "v"])}),
        llo.CalibrationError,
        ["given twice", "'sex'"],
    ),
    "one number for a category": (calibrate({"sex": 100}), llo.CalibrationError, ["is a category", "'m', 'v'"]),
    "no totals": (calibrate({}), llo.CalibrationError, ["mapping of margins"]),
    "an unknown column": (calibrate({"educaton": {}}), llo.DataError, ["'educaton'", "did you mean 'education'"]),
    "a crossing with levels of one": (
        calibrate({("sex", "education"): {"m": 1e4, "v": 1e4}}),
        llo.CalibrationError,
        ["wrong length", "sex x education"],
    ),
    "a margin missing for some": (
        lambda: llo.calibrate(SVY.assign(gone=gone("sex")), {"gone": margin(SVY, "sex")}),
        llo.CalibrationError,
        ["missing for people with a weight", "first at row 0", "4 rows"],
    ),
    "a number missing for some": (
        lambda: llo.calibrate(SVY.assign(gone=FRAME["x"].where(FRAME.index > 3)), {"gone": 9e4}),
        llo.CalibrationError,
        ["auxiliary is missing", "4 rows"],
    ),
    "a covariance of another size": (
        calibrate(llo.EstimatedTotals(NEAR, np.eye(2))),
        llo.CalibrationError,
        ["shape (2, 2)", "(3, 3)"],
    ),
    "a covariance with negative variances": (
        calibrate(llo.EstimatedTotals(NEAR, -np.eye(3))),
        llo.CalibrationError,
        ["negative variance"],
    ),
    "a covariance of text": (
        calibrate(llo.EstimatedTotals(NEAR, np.eye(3).astype(str))),
        llo.CalibrationError,
        ["EstimatedTotals", "(3, 3)"],
    ),
    "a covariance with labels of others": (
        calibrate(llo.EstimatedTotals(NEAR, pd.DataFrame(np.eye(3), index=list("abc"), columns=list("abc")))),
        llo.CalibrationError,
        ["other labels than the totals", "'a', 'b', 'c'", "'low', 'middle', 'high'"],
    ),
    "a covariance that lacks a label": (
        calibrate(llo.EstimatedTotals(BOTH, pd.DataFrame(np.eye(5), index=[*"mv", *"abc"], columns=[*"mv", *"abc"]))),
        llo.CalibrationError,
        ["without 'low', 'middle', 'high'", "unknown 'a', 'b', 'c'"],
    ),
    "negative weights raked": (
        lambda: llo.calibrate(NEGATIVE, NEAR, method="raking"),
        llo.CalibrationError,
        ["weights are negative", "method='raking'", "rows, first at row"],
    ),
    "negative weights in a response model": (
        respond(svy=NEGATIVE, formula="age"),
        llo.CalibrationError,
        ["weights are negative", "adjust_nonresponse"],
    ),
    "a cluster in two groups": (
        calibrate({1: NEAR, 2: NEAR}, by="half", cluster="place"),
        llo.CalibrationError,
        ["lies in several groups", "cluster='place', by='half'", "cluster 0"],
    ),
    "post-stratification to two margins": (
        lambda: llo.poststratify(SVY, BOTH),
        llo.CalibrationError,
        ["takes one margin", "calibrate"],
    ),
    # options
    "bounds that cannot be met": (
        calibrate({"education": FAR}, method="logit", bounds=(0.9, 1.2)),
        llo.CalibrationError,
        ["No weights within these bounds", "margin education, level 'middle'", "reached 4916.7", "wanted 2752.98"],
    ),
    "bounds that cannot be met in a group": (
        calibrate({1: {"education": FAR / 2}, 2: NEAR}, by="half", method="truncated", bounds=(0.5, 1.5)),
        llo.CalibrationError,
        ["group 1: margin education, level 'middle', bounds=(0.5, 1.5)", "reached", "wanted 1376.49", "0.44"],
    ),
    "bounds that cannot be met with one g in a place": (
        calibrate({"education": FAR}, method="truncated", bounds=(0.9, 1.2), cluster="place"),
        llo.CalibrationError,
        ["margin education, level 'middle', bounds=(0.9, 1.2)", "reached", "wanted", "at least as wide as"],
    ),
    "ages that no positive weights add up to": (
        calibrate({**NEAR, "age": 3e6}, method="raking"),
        llo.CalibrationError,
        ["No weights above zero", "margin age", "reached 1087352.1", "wanted 3000000", "not negative"],
    ),
    "margins of different populations in a group": (
        calibrate({1: NEAR, 2: {**NEAR, "sex": {"m": 1e4, "v": 2e4}}}, by="half"),
        llo.CalibrationError,
        ["group 2: margins 'education' and 'sex'", "14738.37", "30000"],
    ),
    "a total beyond floats": (calibrate({"sex": {"m": 10**400, "v": 1}}), llo.CalibrationError, ["too large", "sex"]),
    "an infinite total": (calibrate({"sex": {"m": np.inf, "v": 1}}), llo.CalibrationError, ["infinite", "'m'"]),
    "numbers written as text": (
        calibrate({"half": {"1": 7e3, "2": 7e3}}),
        llo.CalibrationError,
        ["1 is not text, '1' in the totals is text"],
    ),
    "groups written as text": (
        calibrate({"1": NEAR, "2": NEAR}, by="half"),
        llo.CalibrationError,
        ["A group has no totals", "1 is not text, '1' in the totals is text"],
    ),
    "totals of groups in a Series": (calibrate(pd.Series({1: 3}), by="half"), llo.CalibrationError, ["a Series"]),
    "whole numbers that a float holds no longer": (
        lambda: llo.calibrate(
            SVY.assign(code=np.where(FRAME["sex"] == "m", 2**53, 2**53 + 1)),
            {"code": {float(2**53): 7e3, float(2**53 + 2): 7e3}},
        ),
        llo.CalibrationError,
        ["totals do not know", "9007199254740993"],
    ),
    "a formula without terms": (respond(formula="0"), llo.DataError, ["no terms", "'1' for one propensity"]),
    "too few steps": (
        calibrate(BOTH, method="raking", max_iter=1),
        llo.CalibrationError,
        ["not reached in 1 steps", "margin education, level", "reached", "wanted"],
    ),
    "an unknown method": (calibrate(NEAR, method="rake"), llo.CalibrationError, ["linear, raking, logit, truncated"]),
    "bounds for linear": (calibrate(NEAR, bounds=(0.5, 2)), llo.CalibrationError, ["takes no bounds"]),
    "no bounds for logit": (calibrate(NEAR, method="logit"), llo.CalibrationError, ["needs bounds", "low < 1 < high"]),
    "bounds in words": (calibrate(NEAR, method="truncated", bounds="ab"), llo.CalibrationError, ["needs bounds"]),
    "a tolerance in words": (calibrate(NEAR, tol="small"), llo.CalibrationError, ["tol='small'"]),
    "a negative q": (calibrate(NEAR, scale=-np.ones(120)), llo.CalibrationError, ["scale must be a positive number"]),
    "a q of text": (calibrate(NEAR, scale="sex"), llo.CalibrationError, ["scale must be a positive number"]),
    "a cluster missing for some": (
        lambda: llo.calibrate(SVY.assign(home=FRAME["place"].where(FRAME.index > 3)), NEAR, cluster="home"),
        llo.CalibrationError,
        ["cluster is missing", "4 rows"],
    ),
    "a group without totals": (calibrate({1: NEAR}, by="half"), llo.CalibrationError, ["group has no totals", "2"]),
    "totals without a group": (
        calibrate({1: NEAR, 2: NEAR, 3: NEAR}, by="half"),
        llo.CalibrationError,
        ["a group without people", "3"],
    ),
    "a domain": (lambda: llo.calibrate(SVY.where("age > 40"), NEAR), llo.DesignError, ["domain", "by=..."]),
    "a frame": (lambda: llo.calibrate(FRAME, NEAR), llo.DataError, ["is a Survey", "DataFrame"]),
    "missing weights": (
        lambda: llo.calibrate(llo.Survey(FRAME.assign(w=FRAME["w"].where(FRAME.index > 3)), weights="w"), NEAR),
        llo.DesignError,
        ["4 weights are missing", "first at row 0"],
    ),
    # trimming
    "nothing to trim at": (trim(), llo.DesignError, ["lower, upper or both"]),
    "bounds in the wrong order": (trim(lower=5, upper=2), llo.DesignError, ["not in order"]),
    "a bound in words": (trim(upper="99%"), llo.DesignError, ["upper is a number"]),
    "a total that cannot be kept": (
        trim(upper=50, preserve="total"),
        llo.CalibrationError,
        ["same total", "mean weight of 122.8", "upper at least 122.8"],
    ),
    "margins that cannot be kept": (
        trim(lower=100, upper=125, preserve=["education", "sex"]),
        llo.CalibrationError,
        ["keep the margins", "upper at least", "margin education, level", "reached", "wanted"],
    ),
    "an unknown word": (trim(upper=200, preserve="totals"), llo.CalibrationError, ["'totals'", "'total', or a list"]),
    "an unknown margin": (trim(upper=200, preserve=["eduction"]), llo.DataError, ["did you mean 'education'"]),
    "a domain trimmed": (lambda: llo.trim(SVY.where("age > 40"), upper=200), llo.DesignError, ["domain"]),
    # nonresponse
    "responded is a number": (respond("age"), llo.DataError, ["must be boolean", "'age'"]),
    "responded is text": (respond("sex"), llo.DataError, ["must be boolean", "'m', 'v'"]),
    "responded is not known": (
        respond("c", svy=SVY.assign(c=FRAME["came"].astype("boolean").where(FRAME.index > 3))),
        llo.DataError,
        ["not known of everybody", "4 rows, first at row 0"],
    ),
    "nobody responded": (respond("c", svy=SVY.assign(c=False)), llo.CalibrationError, ["Nobody responded", "120"]),
    "a class without respondents": (
        respond("c", svy=SVY.assign(c=FRAME["came"] & (FRAME["education"] != "low")), classes=["education"]),
        llo.CalibrationError,
        ["no respondents", "education='low'"],
    ),
    "a class missing for some": (
        respond(svy=SVY.assign(k=gone("sex")), classes="k"),
        llo.DataError,
        ["class is missing", "4 rows"],
    ),
    "classes and a formula": (respond(classes="sex", formula="age"), llo.CalibrationError, ["not both"]),
    "a formula with a left side": (respond(formula="came ~ age"), llo.DataError, ["left-hand side"]),
    "a level in which everybody responded": (
        respond("c", svy=SVY.assign(c=FRAME["came"] | (FRAME["education"] == "high")), formula="education"),
        llo.CalibrationError,
        ["separation", "education[T.high]"],
    ),
    "response that follows from age": (
        respond("c", svy=SVY.assign(c=FRAME["age"] > 40), formula="age"),
        llo.CalibrationError,
        ["separation", "age"],
    ),
    "collinear regressors": (
        respond(svy=SVY.assign(twice=FRAME["age"] * 2), formula="age + twice"),
        llo.IdentificationError,
        ["combination of the others", "twice"],
    ),
    "a regressor missing for some": (
        respond(svy=SVY.assign(k=FRAME["age"].where(FRAME.index > 3)), formula="k"),
        llo.DataError,
        ["regressor is missing", "k: 4 rows"],
    ),
    "an unknown regressor": (respond(formula="agee"), llo.DataError, ["'agee'", "did you mean 'age'"]),
    "a formula that is none": (respond(formula="age +* sex"), llo.DataError, ["cannot be read"]),
    # parts
    "parts of different populations": (
        lambda: llo.combine_parts(SVY, "half"),
        llo.CalibrationError,
        ["different populations", "by='half'"],
    ),
    "one part": (lambda: llo.combine_parts(SVY.assign(p=1), "p"), llo.DataError, ["one part only"]),
    "a part missing for some": (
        lambda: llo.combine_parts(SVY.assign(p=gone("half")), "p"),
        llo.DataError,
        ["part is missing", "4 rows"],
    ),
    "an unknown size": (
        lambda: llo.combine_parts(HALVES, "half", proportional_to="size"),
        llo.CalibrationError,
        ["'size'", "n, n_eff, or a mapping of parts to shares"],
    ),
    "shares above one": (
        lambda: llo.combine_parts(HALVES, "half", proportional_to={1: 0.5, 2: 0.6}),
        llo.CalibrationError,
        ["add up to 1", "1.1"],
    ),
    "a part without a share": (
        lambda: llo.combine_parts(HALVES, "half", proportional_to={1: 1.0}),
        llo.CalibrationError,
        ["no share", "[2]"],
    ),
    # report
    "an unknown outcome": (lambda: llo.weight_report(SVY, "yy"), llo.DataError, ["no column 'yy'"]),
    "a level of 95": (lambda: llo.weight_report(SVY, "y", level=95), llo.DataError, ["0 < level < 1"]),
    "a domain reported": (lambda: llo.weight_report(SVY.where("age > 40")), llo.DesignError, ["domain"]),
}


@pytest.mark.parametrize("case", CASES)
def test_refused_in_words(case: str) -> None:
    call, kind, words = CASES[case]
    before = SVY.weights.copy(), SVY.frame.copy()
    with pytest.raises(kind) as refused:
        call()
    assert type(refused.value) is kind
    message = str(refused.value)
    assert [word for word in words if word not in message] == [], message
    assert (SVY.weights == before[0]).all() and SVY.frame.equals(before[1])


def test_levels_and_totals_of_many_kinds_are_read() -> None:
    """Numbers of numpy and Decimal, truths, large whole numbers, levels with ':', a total of zero."""
    large = SVY.assign(
        code=np.where(FRAME["sex"] == "m", 2**53, 2**53 + 1), k=np.where(FRAME["sex"] == "m", "a:b", "c")
    )
    for totals in (
        {"sex": {"m": Decimal("7000"), "v": np.float32(7500)}},
        {"code": {2**53: 7000, 2**53 + 1: 7500, None: 0, 1.5: 0}},
        {"code": pd.Series([7500.0, 7000.0], index=[2**53 + 1, 2**53])},
        {"k": {"a:b": 7000, "c": 7500}},
        {"half": {1.0: 7000, 2.0: 7500}},
        {"trained": {np.True_: 7000, np.False_: 7500}},
        {"sex": {"m": 7000, "v": 7500, "unknown": 0}},
    ):
        name = next(iter(totals))
        weights = llo.calibrate(large, totals).weights
        assert sorted(weights.groupby(large.frame[name]).sum()) == pytest.approx([7000, 7500], rel=1e-12)
    ages = llo.calibrate(SVY, {**NEAR, "age": Decimal("660000")}).weights
    assert ages @ FRAME["age"] == pytest.approx(660_000, rel=1e-12)
    balanced = llo.calibrate(SVY.assign(centred=FRAME["age"] - 45), {**NEAR, "centred": 0})
    assert abs(balanced.weights @ (FRAME["age"] - 45)) < 1e-9 * float(balanced.weights @ FRAME["age"])


def test_advised_bounds_of_calibration_are_the_narrowest() -> None:
    """With the bounds of the message there are weights, with slightly narrower ones there are none."""
    with pytest.raises(llo.CalibrationError) as refused:
        llo.calibrate(SVY, {"education": FAR}, method="truncated", bounds=(0.9, 1.2))
    low, high = (float(v) for v in str(refused.value.expected).rpartition("(")[2].rstrip(")").split(", "))
    g = (
        llo.calibrate(SVY, {"education": FAR}, method="truncated", bounds=(low - 1e-4, high + 1e-4)).weights
        / SVY.weights
    )
    assert g.min() >= low - 1e-4 and g.max() <= high + 1e-4
    with pytest.raises(llo.CalibrationError):
        llo.calibrate(SVY, {"education": FAR}, method="truncated", bounds=(low + 1e-3, high - 1e-3))


@pytest.mark.parametrize("bounds", [(0.3, 1.2), (0.9, 3.0)])
def test_one_bound_is_advised_where_it_suffices(bounds: tuple[float, float]) -> None:
    def calibrated(low: float, high: float) -> pd.Series:
        return llo.calibrate(SVY, {"education": FAR}, method="truncated", bounds=(low, high)).weights

    with pytest.raises(llo.CalibrationError, match="infeasible") as refused:
        calibrated(*bounds)
    low, high = (float(v) for v in str(refused.value.expected).rpartition("(")[2].rstrip(")").split(", "))
    assert (low == bounds[0]) != (high == bounds[1])
    assert calibrated(low, high).min() > 0
    with pytest.raises(llo.CalibrationError):
        calibrated(low + 1e-3 * (low != bounds[0]), high - 1e-3 * (high != bounds[1]))


def test_no_bounds_are_advised_that_make_weights_negative() -> None:
    """A total of ages that only negative weights reach; four times a level, which a wider upper bound alone reaches."""
    with pytest.raises(llo.CalibrationError, match="no weights that are not negative"):
        llo.calibrate(SVY, {"age": 3e6, **NEAR}, method="truncated", bounds=(0.5, 2))
    more = {"education": margin(SVY, "education") * [4.0, 1.0, 1.0]}
    with pytest.raises(llo.CalibrationError, match=r"at least as wide as \(0\.5, 4\.\d+\)") as refused:
        llo.calibrate(SVY, more, method="logit", bounds=(0.5, 2))
    assert "-" not in str(refused.value.expected)


def test_advised_bounds_of_trimming_are_the_narrowest() -> None:
    def trimmed(upper: float) -> pd.Series:
        return llo.trim(SVY, lower=100, upper=upper, preserve=["education", "sex"]).weights

    with pytest.raises(llo.CalibrationError) as refused:
        trimmed(125)
    upper = float(str(refused.value.expected).split("upper at least ")[1].split(";")[0])
    assert trimmed(upper * 1.0001).max() <= upper * 1.0001
    with pytest.raises(llo.CalibrationError):
        trimmed(upper * 0.999)


def test_proportional_weights_calibrated_to_a_population_expand() -> None:
    frame = FRAME.assign(w=FRAME["w"] / FRAME["w"].mean())
    svy = llo.Survey(frame, weights="w", weight_kind="proportional")
    with pytest.raises(llo.DesignError, match="Proportional"):
        llo.total("y", svy)
    expanded = llo.calibrate(svy, NEAR)
    assert expanded.weight_kind == "expansion" and svy.weight_kind == "proportional"
    assert llo.total("y", expanded).estimate[0] == pytest.approx((expanded.weights * frame["y"]).sum())
    same = llo.calibrate(svy, {"sex": {"m": 60, "v": 60}})
    assert same.weight_kind == "proportional"


def test_a_crossing_is_read_by_the_names_of_its_index() -> None:
    frame = FRAME.assign(first=FRAME["sex"], second=np.where(FRAME["half"] == 1, "m", "v"))
    svy = llo.Survey(frame.assign(drawn=FRAME["drawn"]), weights="w")
    series = margin(svy, "first", "second")
    wanted = llo.calibrate(svy, {("first", "second"): series}).weights
    turned = series.reorder_levels(["second", "first"])
    assert (llo.calibrate(svy, {("first", "second"): turned}).weights - wanted).abs().max() < 1e-9
    assert (llo.calibrate(svy, {("second", "first"): series}).weights - wanted).abs().max() < 1e-9
    unnamed = llo.calibrate(svy, {("first", "second"): series.rename_axis(["a", "b"])}).weights
    assert (unnamed == wanted).all()


@pytest.mark.parametrize("form", ["levels", "margins", "pairs", "numbers"])
def test_a_labelled_covariance_goes_by_its_labels(form: str) -> None:
    """Shuffled rows and columns give the errors of the array in order; mere row numbers stay in place."""
    root = np.random.default_rng(1).normal(size=(3, 3)) * 100
    root -= root.mean(axis=0)
    known = np.zeros((5, 5))
    known[2:, 2:] = root @ root.T
    totals = {"sex": margin(SVY, "sex"), **NEAR}
    keys = [*[("sex", level) for level in "mv"], *[("education", level) for level in ("low", "middle", "high")]]
    labels: dict[str, list[Any]] = {
        "levels": [level for _, level in keys],
        "margins": [f"{name}:{level}" for name, level in keys],
        "pairs": keys,
        "numbers": list(range(5)),
    }
    index = pd.MultiIndex.from_tuples(labels[form]) if form == "pairs" else pd.Index(labels[form])
    frame = pd.DataFrame(known, index=index, columns=index)
    if form != "numbers":
        frame = frame.iloc[[3, 1, 0, 4, 2], [2, 0, 1, 4, 3]]
    found, wanted = (
        llo.total(["y", "x"], llo.calibrate(SVY, llo.EstimatedTotals(totals, cov))).std_error for cov in (frame, known)
    )
    assert found == pytest.approx(wanted, rel=1e-12)


def test_the_covariance_of_a_result_fits() -> None:
    shares = llo.total("education", SVY)
    told = dict(zip(shares.to_frame()["level"], shares.estimate, strict=True))
    again = llo.calibrate(SVY, llo.EstimatedTotals({"education": told}, shares.cov))
    assert llo.total("education", again).std_error == pytest.approx(shares.std_error, rel=1e-9)


def test_where_everybody_responded_weights_stay() -> None:
    svy = SVY.assign(c=True)
    by_model, by_class = (llo.adjust_nonresponse(svy, "c", **how) for how in ({"formula": "age"}, {"classes": "sex"}))
    for adjusted in (by_model, by_class):
        assert (adjusted.weights - SVY.weights).abs().max() < 1e-12
        assert llo.total("y", adjusted).std_error == pytest.approx(llo.total("y", SVY).std_error, rel=1e-12)
        jackknife = llo.total("y", llo.replicate(adjusted, "jkn")).std_error
        assert jackknife == pytest.approx(llo.total("y", SVY).std_error, rel=1e-9)
    with pytest.raises(llo.DataError, match="agee"):
        llo.adjust_nonresponse(svy, "c", formula="agee")


def test_items_of_half_a_sample_are_weighted_with_their_own_weight() -> None:
    halves = {f"w{k}": FRAME["w"].where(FRAME["half"] == k) * 2 for k in (1, 2)}
    svy = llo.Survey(FRAME.assign(**halves), weights="w", strata="stratum", item_weights={"trained": "w1"})
    with pytest.raises(llo.DesignError, match=r"svy\.use_weights\('w1'\); then calibrate"):
        llo.share("trained", llo.calibrate(svy, NEAR))
    part = llo.calibrate(svy.use_weights("w1"), NEAR)
    assert part.weights.groupby(FRAME["education"], observed=True).sum().to_numpy() == pytest.approx(
        NEAR["education"].to_numpy()
    )
    linear, jackknife = (llo.share("trained", s).std_error for s in (part, llo.replicate(part, "jkn")))
    assert jackknife == pytest.approx(linear, rel=0.1)

"""What every estimator of decompositions does with odd data: the numbers of clean data, or one error that names it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.decomposition.every_estimator import CALLS, GROUPS, frame, survey

kitagawa, das_gupta, decomposition = llo.decomposition.kitagawa, llo.decomposition.das_gupta, llo.decomposition
ROWS = np.arange(480)
Change = Callable[[pd.DataFrame], pd.DataFrame]


def nullable(data: pd.DataFrame) -> pd.DataFrame:
    """Every column in pandas' nullable types."""
    types = {"x": "Float64", "f": "Float64", "y": "Float64", "w": "Float64", "yes": "boolean", "times": "Int64"}
    return data.astype({**types, "g": "string", "year": "Int64", "stratum": "Int64", "unit": "Int64"})


SAME: dict[str, Change] = {
    "duplicated index": lambda d: d.set_axis([0] * len(d)),
    "unused levels": lambda d: d.assign(
        c=d["c"].cat.add_categories(["never"]), rank=d["rank"].cat.add_categories(["top"])
    ),
    "nullable types": nullable,
    "text for a category": lambda d: d.assign(c=d["c"].astype(object)),
    "rows in another order": lambda d: d.sample(frac=1.0, random_state=3),
    "a group that nobody asks for": lambda d: d.assign(g=pd.Categorical(d["g"], ["a", "b", "z"])),
}


@pytest.mark.parametrize("odd", SAME)
def test_the_same_numbers(odd: str) -> None:
    clean, other = survey(frame()), survey(SAME[odd](frame()))
    for name, call in CALLS.items():
        one, two = call(clean), call(other)
        assert two.labels == one.labels, name
        assert two.estimate == pytest.approx(one.estimate, abs=1e-10), name
        assert two.std_error == pytest.approx(one.std_error, rel=1e-8, abs=1e-12), name
        assert two.df.tolist() == one.df.tolist(), name


def few(d: pd.DataFrame) -> pd.DataFrame:
    """Five people of group a in each year."""
    number = d[d["g"] == "a"].groupby("year").cumcount().reindex(d.index, fill_value=0)
    return d[number < 5].reset_index(drop=True)


# What is done to the data; then, by the names of the calls, the error that it gets; all others give finite numbers.
ODD: dict[str, tuple[Change, dict[str, str]]] = {
    "an empty category of one group": (
        lambda d: d[~((d["g"] == "a") & (d["c"] == "r"))],
        {
            r"oaxaca_blinder .* minus|oaxaca_change (?!smith|kim|makepeace|interventionist)": "",
            "oaxaca|reweight": r"category is empty.*C\(c\), level 'r', group (of )?\(?.*a",
        },
    ),
    "an empty category of one group at one time": (
        lambda d: d[~((d["g"] == "a") & (d["c"] == "r") & (d["year"] == 2018))],
        {
            "oaxaca_blinder by|smith|kim|makepeace|interventionist": r"category is empty.*level 'r'.*a, year 2018",
            "standardise": r"none at another.*year 2018.*nobody in the cell c r, g a",
        },
    ),
    "five people in a group": (
        few,
        {
            "logit|probit": r"separation.*group of \(a",
            "change poisson": "separation",
        },
    ),
    "an outcome that answers follow from": (
        lambda d: d.assign(x=np.where(d["g"] == "a", 2 * d["yes"], d["x"])),
        {"logit|probit": r"separation.*term x, group of \(a"},
    ),
    "a stratum of one unit": (
        lambda d: d.assign(stratum=d["stratum"].mask(d["unit"] == 0, 99)),
        {"delta": "", "": "single sampling unit.*stratum 99"},
    ),
    "an outcome that is the same for all": (
        lambda d: d.assign(y=3.0, yes=1.0),
        {
            "logit|probit": "same answer.*response 'yes'.*1 in all",
            "shapley": "does not vary.*response 'y'.*3 in all",
            "rif q50": r"Too many people have the value.*100.0 % of the weight at 3",
        },
    ),
    "an outcome that is the same in one group": (
        lambda d: d.assign(yes=d["yes"].mask(d["g"] == "a", 1.0), times=d["times"].mask(d["g"] == "a", 0.0)),
        {"logit|probit|poisson": r"same answer.*group of \(a"},
    ),
    "an outcome that nobody has": (
        lambda d: d.assign(y=np.nan, yes=np.nan, times=np.nan),
        {"rank_gap": "empty", "inequality$": "Nobody has a value", "": "No row has values.*(y|yes|times)'?: 480"},
    ),
    "a regressor that nobody has": (
        lambda d: d.assign(x=np.nan),
        {"standardise|rank_gap|inequality": "", "": "No row has values.*'x': 480"},
    ),
    "a regressor that one group does not have": (
        lambda d: d.assign(x=d["x"].mask(d["g"] == "a")),
        {"oaxaca|rif|reweight|four|closing": r"no row with values.*of=a.*'x': 246"},
    ),
    "a regressor that is the same for all": (
        lambda d: d.assign(x=1.0, f=2.0),
        {
            "standardise|rank_gap|inequality$": "",
            "four_parts|gap_closing": "same treatment.*f > 0.6|cannot be fitted",
            "": r"combination of the others.*term '(x|f)'",
        },
    ),
    "a regressor that is the group": (
        lambda d: d.assign(x=(d["g"] == "a").astype(float)),
        {
            "oaxaca|rif": r"combination of the others.*term 'x', group of \(a",
            "reweight": "separation.*term x",
            "four|closing": "cannot be fitted",
        },
    ),
    "an infinite number": (
        lambda d: d.assign(**{name: d[name].mask(ROWS == 5, np.inf) for name in ("y", "yes", "times")}),
        {"": "infinite.*first at row 5"},
    ),
    "text for the outcome": (
        lambda d: d.assign(y=d["y"].round().astype(str), yes=d["yes"].astype(str), times=d["times"].astype(str)),
        {
            "standardise": "have no mean",
            "rank_gap": "",
            "inequality$": "not a number",
            "": "not categories.*response",
        },
    ),
    "one wave": (
        lambda d: d[d["year"] == 2014],
        {"oaxaca_change|standardise": "only one time.*2014"},
    ),
    "times that are text": (lambda d: d.assign(year=d["year"].astype(str)), {"oaxaca_change": "no order|not one of"}),
    "a negative weight": (lambda d: d.assign(w=d["w"].mask(ROWS == 3, -1.0)), {"": "negative.*'w', first at row 3"}),
    "a missing weight": (lambda d: d.assign(w=d["w"].mask(ROWS == 3)), {"": "missing.*'w', first at row 3"}),
    "weights of 0": (lambda d: d.assign(w=d["w"].mask(ROWS % 10 == 0, 0.0)), {}),
    "a group of weight 0": (
        lambda d: d.assign(w=d["w"].mask(d["g"] == "a", 0.0)),
        {"oaxaca|rif|reweight|four|closing": "group 'of' is empty.*of='a'"},
    ),
    "missing values here and there": (
        lambda d: d.assign(x=d["x"].mask(ROWS % 40 == 3), c=d["c"].mask(ROWS % 50 == 7), y=d["y"].mask(ROWS % 60 == 1)),
        {},
    ),
    "a ranking in which all are alike": (
        lambda d: d.assign(rank=d["rank"].where(d["rank"] == "mid")),
        {"rank_gap": "same rank.*rank='rank', year 2014.*one class", "ranked": "same rank.*rank='rank'.*one class"},
    ),
}


def told(error: llo.LloError) -> None:
    """An error says what, where, and what was found or expected or to do."""
    assert error.what, error
    assert error.where, error
    assert error.found is not None or error.expected or error.todo, error


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.filterwarnings("error")
def test_one_error_that_names_it_or_finite_numbers(odd: str) -> None:
    change, errors = ODD[odd]
    for name, call in CALLS.items():
        message = next((text for pattern, text in errors.items() if re.search(pattern, name)), "")
        if message == "empty":
            assert call(survey(change(frame()))).flags == ["empty"] * 2, name
        elif message:
            with pytest.raises(llo.LloError, match=f"(?s){message}") as caught:
                call(survey(change(frame())))
            told(caught.value)
        else:
            made = call(survey(change(frame())))
            assert np.isfinite(made.estimate).all(), name
            assert np.isfinite(made.std_error).all(), name


def made(function: str, *given: Any, **options: Any) -> Callable[[llo.Survey], llo.Result]:
    """A call of an estimator with what all calls of it need."""
    needed: dict[str, dict[str, Any]] = {
        "oaxaca_blinder": {**GROUPS},
        "oaxaca_change": {**GROUPS, "time": "year", "base": 2014},
        "standardise": {"cells": "c", "over": "year"},
        "gelbach": {"focal": "f", "groups": {"one": ["x"]}},
        "sequential": {"focal": "f", "blocks": {"one": ["x"]}},
        "rank_gap": {"rank": "rank"},
    }
    return lambda svy: getattr(decomposition, function)(*given, svy, **{**needed.get(function, {}), **options})


BOTH = ("oaxaca_blinder", "oaxaca_change")
MODELS = (*BOTH, "gelbach", "shapley_r2")
CARELESS: list[tuple[tuple[str, ...], str, dict[str, Any], str]] = [
    (MODELS, "y ~ f + nothing", {}, "no column 'nothing'"),
    (MODELS, "nothing ~ f + x", {}, "no column 'nothing'"),
    (MODELS, "y", {}, "has a response"),
    (MODELS, "~ f + x", {}, "has a response"),
    (MODELS, "", {}, "has a response"),
    (MODELS, "y ~ f +", {}, "cannot be read"),
    (MODELS, "y ~ f + (x", {}, "cannot be read"),
    (MODELS, "y + yes ~ f + x", {}, "one number a row"),
    (MODELS, "y ~ f + x + y", {}, "among the regressors"),
    (MODELS, "y ~ f + x + log(zero)", {}, r"not a number for some rows.*log\(zero\)"),
    (MODELS, "log(zero) ~ f + x", {}, r"not a number for some rows.*log\(zero\)"),
    (MODELS, "y ~ f + x + I(2 * x)", {}, "combination of the others"),
    (BOTH, "y ~ x - 1", {}, "no constant"),
    (BOTH, "y ~ 0", {}, "no constant"),
    (("shapley_r2",), "y ~ x - 1", {}, "with a constant"),
    (("shapley_r2",), "y ~", {}, "no term to attribute"),
    (("shapley_r2",), "y ~ 1", {}, "no term to attribute"),
    (("shapley_r2",), "y ~ x", {"groups": {"one": ["nothing"]}}, "names no term.*nothing"),
    (("gelbach", "sequential"), "y ~", {}, "focal is one column"),
    (("gelbach", "sequential"), "y ~ f + x", {"focal": "nothing"}, "focal is one column|combination|two groups"),
    (BOTH, "y ~ x + C(g)", {}, "groups stands in the formula"),
    (BOTH, "y ~ x + I(g == 'a')", {}, "groups stands in the formula"),
    (BOTH, "yes ~ x", {"group": "yes", "of": 1, "minus": 0}, "groups stands in the formula"),
    (BOTH, "y ~ x", {"group": None, "of": "y > 0", "minus": "y <= 0"}, "made of the outcome.*'y'"),
    (
        BOTH,
        "log(1 + times) ~ x",
        {"group": "often", "of": True, "minus": False},
        "made of the outcome.*made from 'times'",
    ),
    (BOTH, "yes ~ x", {"by": "yes"}, "made of the outcome.*by"),
    (BOTH, "y ~ x", {"of": "b"}, "same group"),
    (BOTH, "y ~ x", {"of": "c"}, "no level 'c'"),
    (BOTH, "y ~ x", {"of": None}, "no level None"),
    (BOTH, "y ~ x", {"group": "nothing"}, "no column 'nothing'"),
    (BOTH, "y ~ x", {"group": ["g"]}, "group is a column name"),
    (BOTH, "y ~ x", {"group": None, "of": "x > 1", "minus": "x < 3"}, "overlap"),
    (BOTH, "y ~ x", {"group": None, "of": "nothing > 1", "minus": "x < 3"}, "no column 'nothing'"),
    (BOTH, "y ~ x", {"by": "nothing"}, "no column 'nothing'"),
    (BOTH, "y ~ x", {"subsets": ["x"]}, "subsets is a mapping"),
    (BOTH, "y ~ x", {"subsets": {"one": []}}, "subsets is a mapping"),
    (BOTH, "y ~ x", {"missing": "drop"}, "missing has no option"),
    (BOTH, "y ~ x", {"level": 95}, "level is a probability"),
    (("oaxaca_change",), "y ~ x", {"time": "nothing"}, "no column 'nothing'"),
    (("oaxaca_change",), "y ~ x", {"base": "2014"}, "not one of the times.*is text"),
    (("oaxaca_change",), "y ~ x", {"base": 2018}, "no time after the base"),
    (("oaxaca_change",), "y ~ x", {"by": "year"}, "cannot be cells"),
    (("oaxaca_change",), "y ~ x + year", {}, "combination of the others.*year"),
    (("gelbach",), "y ~ f + x", {"groups": {"one": []}}, "groups is a mapping"),
    (("gelbach",), "y ~ f + x", {"groups": ["x"]}, "groups is a mapping"),
    (("sequential",), "y ~ f", {"blocks": {"one": []}}, "blocks is a mapping"),
    (("sequential",), "y ~ f", {"blocks": {"one": ["x"], "two": ["x"]}}, "in two groups"),
    (("sequential",), "y ~ f", {"blocks": {"one": ["y"]}}, "among the regressors"),
    (("standardise",), "y", {"cells": "nothing"}, "no column 'nothing'"),
    (("standardise",), "y", {"over": "nothing"}, "no column 'nothing'"),
    (("standardise",), "nothing", {}, "no column 'nothing'"),
    (("standardise",), "yes", {"cells": "yes"}, "different columns.*'yes'"),
    (("standardise",), "year", {}, "different columns.*'year'"),
    (("standardise",), "y", {"cells": "x"}, "decimals"),
    (("standardise",), "y", {"base": "2014"}, "not one of the times.*is text"),
    (("rank_gap",), "nothing", {}, "no column 'nothing'"),
    (("rank_gap",), "y", {"rank": "nothing"}, "no column 'nothing'"),
    (("rank_gap",), "y", {"rank": "y"}, "not among the variables"),
    (("rank_gap",), "y", {"rank": "g"}, "has an order"),
    (("rank_gap",), "y", {"by": "rank"}, "same rank.*rank low"),
    (("rank_gap",), "y", {"share": "0.2"}, "share is the size"),
]


@pytest.mark.parametrize(
    ("function", "what", "options", "message"),
    [(name, what, options, message) for names, what, options, message in CARELESS for name in names],
)
def test_careless_calls(function: str, what: str, options: dict[str, Any], message: str) -> None:
    svy = survey(frame().assign(zero=lambda d: d["x"].where(ROWS % 9 > 0, 0.0).abs())).assign(often="times > 1")
    with pytest.raises(llo.LloError, match=f"(?s){message}") as caught:
        made(function, what, **options)(svy)
    told(caught.value)


@pytest.mark.parametrize("name", CALLS)
def test_a_frame_is_no_survey(name: str) -> None:
    with pytest.raises(llo.DataError, match=r"(?s)data of an estimator are a Survey.*DataFrame"):
        CALLS[name](frame())  # type: ignore[arg-type]  # the mistake itself


RATES = pd.DataFrame({1: [0.1, 0.2], 2: [0.3, 0.4]}, index=["low", "high"])
PEOPLE = pd.DataFrame({1: [10, 20], 2: [15, 15]}, index=["low", "high"])


def test_tables_that_say_the_same() -> None:
    plain = kitagawa(RATES, PEOPLE).estimate.tolist()
    levels = pd.CategoricalIndex(["low", "high"], ["low", "high", "never"])
    for rates, people in (
        (RATES.astype("Float64"), PEOPLE.astype("Int64")),
        (RATES.set_axis(levels), PEOPLE),
        (RATES, PEOPLE.iloc[::-1]),
    ):
        assert kitagawa(rates, people).estimate == pytest.approx(plain, abs=1e-15)
    factors = {"rate": dict(RATES), "people": dict(PEOPLE)}
    other = {"rate": dict(RATES.astype("Float64")), "people": dict(PEOPLE.astype("Int64"))}
    assert das_gupta(factors, [1, 2]).estimate.tolist() == das_gupta(other, [1, 2]).estimate.tolist()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kitagawa(RATES.set_axis(["low", "low"]), PEOPLE), "there twice.*low"),
        (lambda: kitagawa(RATES.set_axis([1, 1], axis=1), PEOPLE), "same name"),
        (lambda: kitagawa(RATES, PEOPLE[[2, 1]]), "same cells and populations"),
        (lambda: kitagawa(RATES[1], PEOPLE), "two populations.*Series"),
        (lambda: kitagawa(RATES.astype("Float64").mask(RATES > 0.35), PEOPLE), "hold numbers.*missing"),
        (lambda: kitagawa(RATES, PEOPLE * 0), "nobody"),
        (lambda: das_gupta({"a": dict(RATES), "b": dict(PEOPLE.iloc[::-1])}, [1, 2]), "same order.*'b'.*population 1"),
        (lambda: das_gupta({"a": {1: None, 2: 1.0}}, [1, 2]), "holds numbers.*'a'.*population 1"),
        (lambda: das_gupta({"a": {1: "much", 2: 1.0}}, [1, 2]), "holds numbers"),
        (lambda: das_gupta({"a": {1: [], 2: []}}, [1, 2]), "holds numbers"),
        (lambda: das_gupta({"a": {1: [1, 2], 2: [1, 2, 3]}}, [1, 2]), "other cells.*1: .2,., 2: .3,"),
        (lambda: das_gupta({"a": {1: [1, 2], 2: [1, 2]}, "b": {1: [1] * 3, 2: [1] * 3}}, [1, 2]), "same cells"),
        (lambda: das_gupta({"a": {1: 1.0, 2: 2.0}}, [1, 1]), "two different populations"),
        (lambda: das_gupta({"a": {1: 1.0, 2: 2.0}}, 2), "populations is a list"),  # type: ignore[arg-type]  # the mistake itself
        (lambda: das_gupta({"a": {1: 1.0, 2: 2.0}}, [1, 2], rate="product"), "rate is a function"),  # type: ignore[arg-type]  # the mistake itself
        (lambda: das_gupta({}, [1, 2]), "mappings of populations"),
    ],
)
def test_tables_that_are_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(llo.DataError, match=f"(?s){message}") as caught:
        call()
    told(caught.value)

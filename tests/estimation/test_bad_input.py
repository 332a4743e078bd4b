"""Proves that wrong calls get an error of ours that says what, where, found or expected, and what to do.

``python -m tests.estimation.test_bad_input`` writes the table to ``docs/explanation/errors.md``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, DesignError, LloError
from tests.survey import samples

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "errors.md"


def _frame() -> pd.DataFrame:
    frame = samples.with_replicates(samples.people(1), count=4)
    n = len(frame)
    frame["w_text"], frame["w_negative"], frame["w_zero"] = frame["w"].astype(str), -frame["w"], 0.0
    frame["w_missing"] = frame["w"].where(frame["person"] != 3)
    frame["w_infinite"] = frame["w"].where(frame["person"] != 5, np.inf)
    frame["w_part"] = (2 * frame["w"]).where(frame["person"] % 2 == 0)
    frame["alone"] = np.where(frame["person"] == 7, "alone", "rest")
    frame["few"], frame["zero"], frame["nothing"] = 2.0, 0.0, np.nan
    frame["mixture"] = np.where(frame["older"], 100.0, 0.5)
    frame["none"] = pd.Series([None] * n, dtype=object)
    frame["many"] = [f"name {i}" for i in range(n)]
    frame["date"] = pd.Timestamp("2024-01-01")
    frame["endless"] = frame["y"].where(frame["person"] != 5, np.inf)
    frame["odd"] = [1, "a"] * (n // 2)
    frame["level"] = frame["region"]
    return frame


FRAME = _frame()
SVY = llo.Survey(FRAME, weights="w", strata="stratum", psu="place")
MEANS = llo.mean("hours", SVY, by="education")
GROUP: dict[str, Any] = {"group": "education", "of": "high", "minus": "low"}
REPLICATES: dict[str, Any] = {"weights": "w", "replicate_weights": "r[1-4]", "replicate_method": "jk1"}


def survey(**options: Any) -> llo.Survey:
    """A Survey of the frame, with weights unless said otherwise."""
    return llo.Survey(FRAME, **{"weights": "w", **options})


def twice(name: str) -> pd.DataFrame:
    """The frame with one column name occurring twice."""
    return pd.concat([FRAME, FRAME[[name]]], axis=1)


Case = tuple[str, Callable[[], Any], type[LloError], list[str]]
# what the user types, the call, the error, words that the message must hold
CASES: dict[str, list[Case]] = {
    "Making a survey": [
        ('llo.Survey({"y": [1, 2]})', lambda: llo.Survey({"y": [1, 2]}), DataError, ["pandas DataFrame", "a dict"]),
        ("llo.Survey(frame[:0], weights='w')", lambda: llo.Survey(FRAME[:0], weights="w"), DataError, ["no rows"]),
        ("weights='W'", lambda: survey(weights="W"), DataError, ["no column 'W'", "did you mean", "weights"]),
        ("weights=frame['w']", lambda: survey(weights=FRAME["w"]), DataError, ["name of one column", "a Series"]),
        ("weights=['w']", lambda: survey(weights=["w"]), DataError, ["name of one column", "a list"]),
        ("weights='w_text' (text)", lambda: survey(weights="w_text"), DesignError, ["not numbers", "to_numeric"]),
        ("weights='older' (booleans)", lambda: survey(weights="older"), DesignError, ["not numbers", "bool"]),
        ("weights='w_negative'", lambda: survey(weights="w_negative"), DesignError, ["negative", "first at row 0"]),
        ("weights='w_missing'", lambda: survey(weights="w_missing"), DesignError, ["1 weights are missing", "row 3"]),
        ("weights='w_infinite'", lambda: survey(weights="w_infinite"), DesignError,
         ["1 weights are infinite", "row 5"]),
        ("weights='w_zero'", lambda: survey(weights="w_zero"), DesignError, ["All weights are zero", "w_zero"]),
        ("weights='w', a column that occurs twice", lambda: llo.Survey(twice("w"), weights="w"), DataError,
         ["2 times"]),
        ("weight_kind='mean1'", lambda: survey(weight_kind="mean1"), DesignError, ["weight_kind", "proportional"]),
        ("strata='stratumm'", lambda: survey(strata="stratumm"), DataError, ["did you mean 'stratum'", "strata"]),
        ("strata=5", lambda: survey(strata=5), DataError, ["strata takes the name", "a int"]),
        ("strata=frame['stratum']", lambda: survey(strata=FRAME["stratum"]), DataError, ["strata takes the name"]),
        ("strata='nothing' (all missing)", lambda: survey(strata="nothing"), DesignError,
         ["missing values", "72 missing of 72"]),
        ("psu='place' across strata, nest=False",
         lambda: survey(strata="stratum", psu="place", nest=False), DesignError,
         ["more than one stratum", "nest=True", "'0'"]),
        ("nest='no'", lambda: survey(psu="place", nest="no"), DataError, ["nest is True or False", "'no'"]),
        ("lonely_psu='fail'", lambda: survey(lonely_psu="fail"), DesignError, ["lonely_psu", "adjust, average"]),
        ("fpc='w_negative'", lambda: survey(fpc="w_negative"), DesignError, ["missing, zero or negative", "row 0"]),
        ("fpc='few', fewer than the sample", lambda: survey(fpc="few"), DesignError,
         ["More units were sampled", "72 sampled units, population 2"]),
        ("fpc='w', varies in the stratum", lambda: survey(fpc="w"), DesignError,
         ["varies within a stratum", "(all rows)"]),
        ("fpc='mixture' of counts and fractions", lambda: survey(strata="older", fpc="mixture"), DesignError,
         ["mixes counts and fractions", "from 0.5 to 100"]),
        ("fpc='region' (text)", lambda: survey(fpc="region"), DesignError, ["not numbers"]),
        ("fpc for two stages, one psu", lambda: survey(psu="place", fpc=["places", "homes"]), DesignError,
         ["more finite population corrections than stages"]),
        ("unit in two strata", lambda: survey(strata="stratum", unit="home"), DesignError, ["first wave", "unit"]),
        ("unit in two psus", lambda: survey(strata="stratum", psu="place", unit="home"), DesignError,
         ["more than one psu", "first wave"]),
        ("time without unit, strata span it", lambda: survey(strata="stratum", time="year"), DesignError,
         ["span several times", "strata=['year', 'stratum']"]),
        ("time=['year']", lambda: survey(unit="person", time=["year"]), DataError,
         ["time takes the name of one column"]),
        ("item_weights='w_part'", lambda: survey(item_weights="w_part"), DataError, ["item_weights is a mapping"]),
        ("item_weights for an unknown item", lambda: survey(item_weights={"skils": "w_part"}), DataError, ["'skils'"]),
        ("item_weights with an unknown weight", lambda: survey(item_weights={"y": "w_prt"}), DataError,
         ["did you mean 'w_part'"]),
    ],
    "Replicate weights": [
        ("a pattern with a hole, 'r[1-6]'", lambda: survey(replicate_weights="r[1-6]", replicate_method="jk1"),
         DesignError, ["2 of 6", "'r5'", "every column of the range"]),
        ("a pattern that runs backwards", lambda: survey(replicate_weights="r[4-1]", replicate_method="jk1"),
         DesignError, ["backwards", "[1-4]"]),
        ("a star for a range, 'r*'", lambda: survey(replicate_weights="r*", replicate_method="jk1"), DesignError,
         ["no column 'r*'", "SPFWT[1-80]"]),
        ("a column named twice", lambda: survey(replicate_weights=["r1", "r1"], replicate_method="jk1"), DesignError,
         ["'r1' is named twice"]),
        ("one column", lambda: survey(replicate_weights=["r1"], replicate_method="jk1"), DesignError, ["at least two"]),
        ("no method", lambda: survey(replicate_weights="r[1-4]"), DesignError, ["need the method", "jk1, jk2"]),
        ("replicate_method='jackknife'", lambda: survey(**{**REPLICATES, "replicate_method": "jackknife"}), DesignError,
         ["'jackknife'", "jk1, jk2"]),
        ("jkn without rscales", lambda: survey(**{**REPLICATES, "replicate_method": "jkn"}), DesignError,
         ["replicate_rscales", "(n_h - 1) / n_h"]),
        ("fay without its coefficient", lambda: survey(**{**REPLICATES, "replicate_method": "fay"}), DesignError,
         ["Fay's coefficient", "0 <= rho < 1"]),
        ("brr with fay=0.3", lambda: survey(**{**REPLICATES, "replicate_method": "brr", "fay": 0.3}), DesignError,
         ["fay has no meaning", "replicate_method='fay'"]),
        ("rscales of the wrong length", lambda: survey(**REPLICATES, replicate_rscales=[1, 1]), DesignError,
         ["wrong length", "found: 2", "4"]),
        ("rscales with a missing value", lambda: survey(**REPLICATES, replicate_rscales=[1, 1, 1, float("nan")]),
         DesignError, ["must be positive", "none missing"]),
        ("replicate_scale=-1", lambda: survey(**REPLICATES, replicate_scale=-1), DesignError,
         ["must be positive", "-1"]),
        ("replicate_scale='x'", lambda: survey(**REPLICATES, replicate_scale="x"), DesignError, ["must be positive"]),
        ("mse='no'", lambda: survey(**REPLICATES, mse="no"), DataError, ["mse is True or False"]),
        ("text among the columns",
         lambda: survey(replicate_weights=["r1", "region"], replicate_method="jk1"), DesignError,
         ["not numbers", "'region'"]),
        ("a missing replicate weight", lambda: survey(replicate_weights=["r1", "w_missing"], replicate_method="jk1"),
         DesignError, ["'w_missing', row 3", "VENREPS"]),
        ("options without the weights", lambda: survey(replicate_method="jk1"), DesignError,
         ["no replicate weights", "replicate_method='jk1'"]),
        ("use_weights on replicates", lambda: survey(**REPLICATES).use_weights("hours"), DesignError,
         ["belong to the weight", "new Survey"]),
    ],
    "Domains, columns, weights of a survey": [
        ('svy.where("yy > 5")', lambda: SVY.where("yy > 5"), DataError, ["no column 'yy'", "condition"]),
        ("svy.where(\"education == 'hihg'\")", lambda: SVY.where("education == 'hihg'"), DataError,
         ["no level 'hihg'", "did you mean 'high'", "'low', 'middle'"]),
        ('svy.where("y > 1000")', lambda: SVY.where("y > 1000"), DataError, ["domain is empty", "0 of 72 rows"]),
        ('svy.where("y")', lambda: SVY.where("y"), DataError, ["not a condition by itself", "compare it"]),
        ("svy.where(\"region < 'south'\")", lambda: SVY.where("region < 'south'"), DataError, ["no declared order"]),
        ("svy.where(\"y > 'a'\")", lambda: SVY.where("y > 'a'"), DataError, ["not a number", "'a'"]),
        ('svy.where("y == None")', lambda: SVY.where("y == None"), DataError, ["not a number", "isna(x)"]),
        ('svy.where("y > 1 / 0")', lambda: SVY.where("y > 1 / 0"), DataError, ["undefined or too large"]),
        ('svy.where("education == y")', lambda: SVY.where("education == y"), DataError, ["compared with numbers"]),
        ('svy.where("y = 1")', lambda: SVY.where("y = 1"), DataError, ["cannot be read", "equality is =="]),
        ('svy.where("y > 1 # & older")', lambda: SVY.where("y > 1 # & older"), DataError, ["comment"]),
        ("svy.where(\"__import__('os')\")", lambda: SVY.where("__import__('os')"), DataError, ["outside the grammar"]),
        ('svy.where("y.values > 1")', lambda: SVY.where("y.values > 1"), DataError,
         ["outside the grammar", "y.values"]),
        ("svy.where(\"~\" * 5000 + 'older')", lambda: SVY.where("~" * 5000 + "older"), DataError, ["deeply nested"]),
        ("svy.where([True, False])", lambda: SVY.where([True, False]), DataError, ["another length", "72 rows"]),
        ("svy.where(other_frame['old'])", lambda: SVY.where(FRAME.set_index("many")["older"]), DataError,
         ["index is not that of the data", "mixed up"]),
        ("svy.where(lambda d: d['older'])", lambda: SVY.where(lambda d: d["older"]), DataError, ["text, or a boolean"]),
        ("svy.where(frame['y'])", lambda: SVY.where(FRAME["y"]), DataError, ["not boolean", "compare"]),
        ("svy.where(5)", lambda: SVY.where(5), DataError, ["text, or a boolean", "a int"]),
        ("svy.assign(stratum=1)", lambda: SVY.assign(stratum=1), DesignError, ["makes the design", "another name"]),
        ("svy.assign(z=[1, 2])", lambda: SVY.assign(z=[1, 2]), DataError, ["one value for each row", "72 values"]),
        ("svy.assign(z=a Series of another index)", lambda: SVY.assign(z=pd.Series([1.0, 2.0])), DataError,
         ["index of the new column", "mixed up"]),
        ("svy.assign(z=lambda d: d['nope'])", lambda: SVY.assign(z=lambda d: d["nope"]), DataError, ["'nope'"]),
        ("svy.join(a list)", lambda: SVY.join([1], on="person"), DataError, ["takes a pandas DataFrame"]),
        ("svy.join with repeated keys",
         lambda: SVY.join(pd.DataFrame({"person": [1, 1], "q": 1}), on="person"), DataError,
         ["1 keys of the frame are repeated", "one row for each key"]),
        ("svy.join with a key of text for numbers",
         lambda: SVY.join(pd.DataFrame({"person": ["1"], "q": 1}), on="person"),
         DataError, ["another type", "int64"]),
        ("svy.join with a missing key",
         lambda: SVY.join(pd.DataFrame({"region": [None], "q": 1}), on="region"), DataError,
         ["keys of the frame are missing"]),
        ("svy.join, a column in both", lambda: SVY.join(FRAME[["person", "y"]], on="person"), DataError,
         ["'y' is in both"]),
        ("svy.join(..., validate='1:m')", lambda: SVY.join(pd.DataFrame({"person": [1]}), on="person", validate="1:m"),
         DataError, ["no option '1:m'", "change the sample"]),
        ("svy.use_weights('w_prt')", lambda: SVY.use_weights("w_prt"), DataError, ["did you mean 'w_part'"]),
    ],
    "Means, shares, totals, ratios": [
        ("llo.mean(svy, 'y')", lambda: llo.mean(SVY, "y"), DataError, ["a Survey", "the variable comes first"]),
        ("llo.mean('y', frame)", lambda: llo.mean("y", FRAME), DataError, ["are a Survey", "a DataFrame"]),
        ("llo.mean('Hours', svy)", lambda: llo.mean("Hours", SVY), DataError, ["did you mean 'hours'", "variables"]),
        ("llo.mean([], svy)", lambda: llo.mean([], SVY), DataError, ["column name or a list"]),
        ("llo.mean(5, svy)", lambda: llo.mean(5, SVY), DataError, ["column name or a list", "5"]),
        ("llo.mean(['y', 'y'], svy)", lambda: llo.mean(["y", "y"], SVY), DataError, ["named twice"]),
        ("llo.mean('date', svy)", lambda: llo.mean("date", SVY), DataError,
         ["neither numbers nor categories", "datetime"]),
        ("llo.mean('odd', svy) (numbers and text)", lambda: llo.mean("odd", SVY), DataError,
         ["neither numbers", "mixed"]),
        ("llo.mean('none', svy) (nothing in it)", lambda: llo.mean("none", SVY), DataError, ["no levels", "'none'"]),
        ("llo.mean('endless', svy) (infinite)", lambda: llo.mean("endless", SVY), DataError,
         ["1 values are infinite", "row 5"]),
        ("llo.mean('y', svy, by='educatoin')", lambda: llo.mean("y", SVY, by="educatoin"), DataError,
         ["did you mean 'education'", "by"]),
        ("by='hours' (continuous)", lambda: llo.mean("y", SVY, by="hours"), DataError, ["decimals", "pandas.cut"]),
        ("by='nothing' (all missing)", lambda: llo.mean("y", SVY, by="nothing"), DataError,
         ["No row of the domain", "72"]),
        ("by='level' (a column of the result)", lambda: llo.mean("y", SVY, by="level"), DataError,
         ["of its own", "svy.assign"]),
        ("by=5", lambda: llo.mean("y", SVY, by=5), DataError, ["by is a column name"]),
        ("level=95", lambda: llo.mean("y", SVY, level=95), DataError, ["level is a probability", "95", "0.95"]),
        ("missing='drop'", lambda: llo.mean("y", SVY, missing="drop"), DataError, ["omit, raise, available"]),
        ("missing='raise' and there are some", lambda: llo.mean("gappy", SVY, missing="raise"), DataError,
         ["missing values", "gappy: "]),
        ("simultaneous='yes'", lambda: llo.mean("y", SVY, simultaneous="yes"), DataError,
         ["simultaneous is True or False"]),
        ("plausible=True without a pattern", lambda: llo.mean("y", SVY, plausible=True), DataError,
         ["at least two", "PVLIT*"]),
        ("a stratum with one unit", lambda: llo.mean("y", survey(strata="alone")), DesignError,
         ["1 stratum has a single sampling unit", "alone", "lonely_psu"]),
        ("variables of different item weights", lambda: llo.mean(["y", "hours"], survey(item_weights={"y": "w_part"})),
         DesignError, ["different weights", "y: w_part", "use_weights"]),
        ("llo.mean('y', svy), y occurs twice", lambda: llo.mean("y", llo.Survey(twice("y"), weights="w")), DataError,
         ["'y' occurs 2 times"]),
        ("llo.share('y', svy) (decimals)", lambda: llo.share("y", SVY), DataError, ["decimals", "llo.mean"]),
        ("llo.share with more levels than a table holds",
         lambda: llo.share("name", llo.Survey(pd.DataFrame({"name": [f"n{i}" for i in range(300)], "w": 1.0}),
         weights="w")),
         DataError, ["300 levels", "1 to 200"]),
        ("interval='exact'", lambda: llo.share("trained", SVY, interval="exact"), DataError, ["logit, wald, beta"]),
        ("llo.total with proportional weights", lambda: llo.total("y", survey(weight_kind="proportional")), DesignError,
         ["sum to the sample", "expansion weights"]),
        ("llo.total(..., missing='available')", lambda: llo.total("y", SVY, missing="available"), DataError,
         ["omit, raise", "llo.joint"]),
        ("llo.ratio('y', 'zero', svy)", lambda: llo.ratio("y", "zero", SVY), DataError,
         ["denominator sums to zero", "'zero'"]),
        ("llo.ratio('y', 'education', svy)", lambda: llo.ratio("y", "education", SVY), DataError, ["not a number"]),
        ("llo.ratio(['y', 'hours'], 'w', svy)", lambda: llo.ratio(["y", "hours"], "w", SVY), DataError,
         ["one numerator and one denominator"]),
    ],
    "Gaps": [
        ("minus='lo'", lambda: llo.gap("y", SVY, **{**GROUP, "minus": "lo"}), DataError,
         ["no level 'lo'", "did you mean"]),
        ("of='high', minus='high'", lambda: llo.gap("y", SVY, **{**GROUP, "minus": "high"}), DataError, ["same group"]),
        ("group='educatoin'", lambda: llo.gap("y", SVY, **{**GROUP, "group": "educatoin"}), DataError, ["'education'"]),
        ("levels without group", lambda: llo.gap("y", SVY, of="high", minus="low"), DataError, ["no column 'high'"]),
        ("of=True without group", lambda: llo.gap("y", SVY, of=True, minus=False), DataError, ["group='education'"]),
        ("groups that overlap", lambda: llo.gap("y", SVY, of="older", minus="region == 'north'"), DataError,
         ["overlap", "rows are in both"]),
        ("a group without people", lambda: llo.gap("y", SVY, **{**GROUP, "minus": "unknown"}), DataError, ["is empty"]),
        ("by the group itself", lambda: llo.gap("y", SVY, **GROUP, by="education"), DataError, ["cannot be its cells"]),
        ("scale='log'", lambda: llo.gap("y", SVY, **GROUP, scale="log"), DataError, ["difference, ratio, odds"]),
        ("scale='odds' of a number", lambda: llo.gap("hours", SVY, **GROUP, scale="odds"), DataError,
         ["those of a share"]),
        ("scale='ratio' of means below zero", lambda: llo.gap("w_negative", SVY, **GROUP, scale="ratio"), DataError,
         ["means above 0", "scale='difference'"]),
    ],
    "Contrasts, joint results, imputations, files": [
        ("est.contrast({'hihg': 1, 'low': -1})", lambda: MEANS.contrast({"hihg": 1, "low": -1}), DataError,
         ["no row 'hihg'", "did you mean 'high'", "low, middle, high"]),
        ("est.contrast('high / 0')", lambda: MEANS.contrast("high / 0"), DataError, ["not defined", "high = "]),
        ("est.contrast('high ** low')", lambda: MEANS.contrast("high ** low"), DataError, ["exp(b * log(a))"]),
        ("est.contrast('1 + 1')", lambda: MEANS.contrast("1 + 1"), DataError, ["speaks of no row"]),
        ("est.contrast(\"__import__('os')\")", lambda: MEANS.contrast("__import__('os')"), DataError, ["grammar"]),
        ("est.contrast('high.real')", lambda: MEANS.contrast("high.real"), DataError, ["outside the grammar"]),
        ("est.contrast('(lambda: 1)()')", lambda: MEANS.contrast("(lambda: 1)()"), DataError, ["outside the grammar"]),
        ("est.contrast(\"f'{high}'\")", lambda: MEANS.contrast("f'{high}'"), DataError, ["outside the grammar"]),
        ("est.contrast([])", lambda: MEANS.contrast([]), DataError, ["mapping of labels"]),
        ("llo.joint([a, b])", lambda: llo.joint([MEANS, MEANS]), DataError, ["mapping of names", "a list"]),
        ("joint of two surveys", lambda: llo.joint({"a": MEANS, "b": llo.mean("y", survey())}), DesignError,
         ["different surveys", "svy.where"]),
        ("joint of other numbers of imputations",
         lambda: llo.joint({n: llo.mean(f"PV[1-{n}]", SVY, plausible=True) for n in (2, 3)}), DataError,
         ["different numbers of imputations"]),
        ("llo.combine_imputations([est])", lambda: llo.combine_imputations([MEANS]), DataError, ["at least two"]),
        ("imputations with other rows", lambda: llo.combine_imputations([MEANS, llo.mean("y", SVY)]), DataError,
         ["same rows", "low"]),
        ("llo.read_result('nowhere')", lambda: llo.read_result("nowhere"), DataError, ["no such file", "nowhere.json"]),
        ("llo.read_survey('nowhere')", lambda: llo.read_survey("nowhere"), DataError, ["no such file", "nowhere"]),
    ],
}  # fmt: skip
ALL = [case for cases in CASES.values() for case in cases]


@contextmanager
def as_a_user(call: Callable[[], Any], error: type[LloError]) -> Iterator[LloError]:
    """Run a wrong call: nothing but the error of ours may reach the user, not even a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(LloError) as caught:
            call()
    assert type(caught.value) is error
    yield caught.value


def test_the_table_is_long_enough() -> None:
    assert len(ALL) >= 60
    assert len({case[0] for case in ALL}) == len(ALL)


@pytest.mark.parametrize(("call", "error", "words"), [c[1:] for c in ALL], ids=[c[0] for c in ALL])
def test_a_wrong_call_is_answered_in_words(call: Callable[[], Any], error: type[LloError], words: list[str]) -> None:
    with as_a_user(call, error) as caught:
        message = str(caught)
        for word in words:
            assert word in message
        assert len(message) < 900
        assert not any(sign in message for sign in ("dtype=", "array(", "<class", "object at 0x", "np.float64"))
        # what is wrong ends as a sentence; where, and what stands there or should, are said
        assert caught.what.endswith(".")
        assert caught.where is not None
        assert (caught.found is not None) + (caught.expected is not None) + (caught.todo is not None) >= 1


def test_a_saved_result_cannot_be_joined(tmp_path: Path) -> None:
    again = llo.read_result(MEANS.save(tmp_path / "r"))
    with as_a_user(lambda: llo.joint({"a": again, "b": MEANS}), DesignError) as caught:
        assert "read from a file" in str(caught)


def page() -> str:
    """The table as a page: what is typed, and what the library answers."""
    lines = [
        "# What goes wrong, and what the library says",
        "",
        "Each message says what is wrong and, as far as it helps, where, what was found, what was expected and what",
        "to do.",
        "All errors are kinds of `llo.LloError`. The calls below are tests, and this page is written from them.",
    ]
    for title, cases in CASES.items():
        lines += ["", f"## {title}", ""]
        for typed, call, _, _ in cases:
            try:
                call()
            except LloError as caught:
                message = str(caught).split("\n")
                lines += [f"`{typed}`" if "`" not in typed else typed, ""]
                lines += ["```text", f"{type(caught).__name__}: {message[0]}", *message[1:], "```", ""]
        lines.pop()
    return "\n".join(lines) + "\n"


def test_the_page_of_errors_holds_every_call_and_its_answer() -> None:
    written = PAGE.read_text(encoding="utf-8")
    for typed, call, error, _ in ALL:
        assert typed in written
        with as_a_user(call, error) as caught:
            assert f"{type(caught).__name__}: {caught.what}" in written, "python -m tests.estimation.test_bad_input"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


@pytest.mark.parametrize("call", [llo.mean, llo.total, llo.variance])
def test_values_that_no_computer_squares_are_refused(call: Any) -> None:
    frame = pd.DataFrame({"x": [1.0, 1e308, np.nan], "w": 1.0})
    with pytest.raises(DataError, match=r"(?s)too large.*row 1.*1e\+308.*what to do"):
        call("x", llo.Survey(frame, weights="w"))


def test_numbers_written_as_text_are_told_apart() -> None:
    frame = pd.DataFrame({"year": [2014, 2018], "y": [1.0, 2.0], "w": 1.0, 0: 1.0})
    svy = llo.Survey(frame, weights="w", strata="year", time="year")
    for broken in (
        lambda: llo.change("y", svy, time="year", base="2014"),
        lambda: llo.gap("y", svy, group="year", of="2014", minus=2018),
        lambda: llo.mean("0", svy),
        lambda: svy.where("year == 2014").where("y in ['1']"),
    ):
        with pytest.raises(DataError) as told:
            broken()
        assert "did you mean" not in str(told.value) and "what to do" in str(told.value)
    with pytest.raises(DataError, match="'2014' is text, 2014 in the data is not"):
        llo.change("y", svy, time="year", base="2014")


@pytest.mark.parametrize(
    "options", [{"level": 95}, {"missing": "drop"}, {"simultaneous": "no"}, {"by": ["g", "g"]}, {"interval": "exact"}]
)
def test_a_wrong_option_says_what_to_do(options: dict[str, Any]) -> None:
    svy = llo.Survey(pd.DataFrame({"g": ["a", "b"], "w": 1.0}), weights="w")
    with pytest.raises(DataError) as told:
        llo.share("g", svy, **options)
    assert told.value.todo

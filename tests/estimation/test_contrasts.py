"""Proves that contrasts are column algebra and the delta method, labels are as documented, and no code runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import llo_research as llo
from llo_research.errors import DataError
from llo_research.estimation import Result
from tests.survey import samples

EXACT = 1e-12


def _means(**options: Any) -> Result:
    return llo.mean("hours", samples.survey("clusters", 1), by="education", **options)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(-100, 100), min_size=3, max_size=3).filter(any))
def test_linear_contrasts_are_column_algebra(weights: list[float]) -> None:
    means = _means()
    result = means.contrast(dict(zip(samples.EDUCATION, weights, strict=True)))
    a = np.array(weights)
    size = np.abs(a).max()
    assert result.estimate[0] == pytest.approx(a @ means.estimate, abs=1e-12 * size * means.estimate.max())
    assert result.covariance[0, 0] == pytest.approx(a @ means.covariance @ a, rel=1e-9, abs=1e-14 * size**2)


# expression, its value, its slopes in low, middle, high
SMOOTH: list[tuple[str, Any, Any]] = [
    ("high - low", lambda a, b, c: c - a, lambda a, b, c: [-1, 0, 1]),
    ("-high + +low", lambda a, b, c: a - c, lambda a, b, c: [1, 0, -1]),
    ("log(high / low)", lambda a, b, c: np.log(c / a), lambda a, b, c: [-1 / a, 0, 1 / c]),
    ("high / (low + middle)", lambda a, b, c: c / (a + b), lambda a, b, c: [-c / (a + b) ** 2] * 2 + [1 / (a + b)]),
    ("exp(-low / 10) * 2", lambda a, b, c: 2 * np.exp(-a / 10), lambda a, b, c: [-np.exp(-a / 10) / 5, 0, 0]),
    ("sqrt(high * low)", lambda a, b, c: np.sqrt(a * c), lambda a, b, c: [(c / a) ** 0.5 / 2, 0, (a / c) ** 0.5 / 2]),
    ("middle ** 3", lambda a, b, c: b**3, lambda a, b, c: [0, 3 * b**2, 0]),
    ("middle ** -0.5", lambda a, b, c: b**-0.5, lambda a, b, c: [0, -0.5 * b**-1.5, 0]),
    ("logit(low / 100)", lambda a, b, c: np.log(a / (100 - a)), lambda a, b, c: [1 / a + 1 / (100 - a), 0, 0]),
    (
        "expit(high - 5)",
        lambda a, b, c: 1 / (1 + np.exp(5 - c)),
        lambda a, b, c: [0, 0, np.exp(5 - c) / (1 + np.exp(5 - c)) ** 2],
    ),
    ("1.5e0 * (`high` - 2) - 1", lambda a, b, c: 1.5 * (c - 2) - 1, lambda a, b, c: [0, 0, 1.5]),
]


@pytest.mark.parametrize(("text", "value", "slopes"), SMOOTH, ids=[s[0] for s in SMOOTH])
def test_smooth_contrasts_follow_the_delta_method(text: str, value: Any, slopes: Any) -> None:
    means = _means()
    result = means.contrast(text)
    gradient = np.array(slopes(*means.estimate), dtype=float)
    assert result.estimate == pytest.approx([value(*means.estimate)], rel=EXACT)
    assert result.covariance[0, 0] == pytest.approx(gradient @ means.covariance @ gradient, rel=1e-10)
    assert result.to_frame()["term"].tolist() == [text] == list(result.labels)


def test_several_contrasts_have_their_joint_covariance() -> None:
    means = _means()
    both = means.contrast({"first": "high - low", "second": {"middle": 1, "low": -1}})
    assert both.labels == ("first", "second")
    a = np.array([[-1.0, 0, 1], [-1, 1, 0]])
    assert both.covariance == pytest.approx(a @ means.covariance @ a.T, rel=1e-11)
    listed = means.contrast(["high - low", "middle - low"])
    assert listed.covariance == pytest.approx(both.covariance, rel=1e-12)
    again = both.contrast("first - second")
    assert again.std_error == pytest.approx(means.contrast("high - middle").std_error, rel=1e-10)


def test_a_linear_contrast_is_named_in_words() -> None:
    named = _means().contrast({"high": 1, "low": -0.5, "middle": -0.5})
    assert named.labels == ("high - 0.5 * low - 0.5 * middle",)


@pytest.mark.parametrize("name", ["log", "exp", "sqrt", "logit", "expit"])
def test_a_label_may_be_called_as_a_function(name: str) -> None:
    svy = samples.survey().assign(group=lambda d: np.where(d["older"], name, "other"))
    means = llo.mean("y", svy, by="group")
    wanted = means.estimate[means.labels.index(name)] - means.estimate[means.labels.index("other")]
    for text in (f"{name} - other", f"`{name}` - other"):
        assert means.contrast(text).estimate == pytest.approx([wanted], rel=EXACT)
    assert means.contrast(f"exp({name} / 100)").estimate[0] > 0


def test_labels_that_are_not_names_stand_in_backticks() -> None:
    svy = samples.survey().assign(group=lambda d: np.where(d["older"], "55 or over", "under 55"))
    means = llo.mean("y", svy, by=["group", "year"])
    assert means.labels == ("55 or over:2014", "55 or over:2018", "under 55:2014", "under 55:2018")
    text = "log(`55 or over:2018` / `55 or over:2014`)"
    weights = {"55 or over:2018": 1, "55 or over:2014": -1}
    assert means.contrast(text).estimate[0] == pytest.approx(np.log(means.estimate[1] / means.estimate[0]), rel=EXACT)
    assert means.contrast(weights).estimate[0] == pytest.approx(means.estimate[1] - means.estimate[0], rel=1e-11)


LABELS: list[tuple[str, Any, tuple[str, ...]]] = [
    ("one row", lambda s: llo.mean("y", s), ("y",)),
    ("two variables", lambda s: llo.mean(["y", "hours"], s), ("y", "hours")),
    ("cells", lambda s: llo.mean("y", s, by="education"), ("low", "middle", "high")),
    ("two columns of cells", lambda s: llo.mean("y", s.where("year == 2014"), by=["year", "older"]), ()),
    ("levels", lambda s: llo.share("region", s), ("north", "south")),
    ("levels of booleans", lambda s: llo.share("older", s), ("False", "True")),
    ("levels in cells", lambda s: llo.share("region", s, by="older"), ()),
    (
        "variables, levels and cells",
        lambda s: llo.share(["region", "older"], s.where("education != 'middle'"), by="education"),
        (),
    ),
    ("total", lambda s: llo.total("y", s), ("y",)),
    ("ratio", lambda s: llo.ratio("y", "hours", s), ("y / hours",)),
    ("gap", lambda s: llo.gap("y", s, group="older", of=True, minus=False), ("y",)),
    ("gaps in cells", lambda s: llo.gap("y", s, group="older", of=True, minus=False, by="region"), ("north", "south")),
]
LABELS[3] = (*LABELS[3][:2], ("2014:False", "2014:True"))
LABELS[6] = (*LABELS[6][:2], ("north:False", "south:False", "north:True", "south:True"))
LABELS[7] = (
    *LABELS[7][:2],
    (
        *("region:north:low", "region:south:low", "older:False:low", "older:True:low"),
        *("region:north:high", "region:south:high", "older:False:high", "older:True:high"),
    ),
)


@pytest.mark.parametrize(("call", "labels"), [case[1:] for case in LABELS], ids=[case[0] for case in LABELS])
def test_labels_join_what_tells_rows_apart(call: Any, labels: tuple[str, ...]) -> None:
    result = call(samples.survey())
    assert result.labels == labels
    assert result.cov.index.tolist() == list(labels)
    for i, label in enumerate(labels):
        assert result.contrast({label: 1}).estimate == pytest.approx([result.estimate[i]], rel=1e-14)


def test_level_and_tests_of_contrasts() -> None:
    means = _means(level=0.9)
    narrow, wide = means.contrast("high - low"), means.contrast("high - low", level=0.99)
    assert narrow.level == 0.9 and wide.level == 0.99
    assert wide.ends[0][0] < narrow.ends[0][0]
    assert narrow.to_frame()["p_value"][0] == wide.to_frame()["p_value"][0]


def test_replicates_evaluate_a_smooth_contrast_at_each() -> None:
    svy = samples.replicate_survey(2, mse=False)
    means = llo.mean("hours", svy, by="education")
    result = means.contrast("log(high / low)")
    assert means.replicates is not None and result.replicates is not None
    wanted = np.log(means.replicates[:, 2] / means.replicates[:, 0])
    assert result.replicates[:, 0] == pytest.approx(wanted, rel=EXACT)


def test_a_contrast_undefined_at_a_replicate_is_flagged_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    svy = samples.replicate_survey(2).assign(centred=lambda d: d["y"] - d["y"].mean() + 0.001)
    means = llo.mean("centred", svy)
    assert means.replicates is not None and (means.replicates < 0).any() and means.estimate[0] > 0
    result = means.contrast("log(centred)")
    assert result.flags == ["replicate_undefined"]
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]


NUMBERS = {"year": [2010, 2014, 2018], "quantile": [0.25, 0.5, 0.75], "code": [-1, 1, 2], "text": ["08", "9", "wave 2"]}


def _numbered(kind: str) -> Result:
    if kind == "quantile":
        return llo.quantile("y", samples.survey(), q=NUMBERS[kind])
    levels = NUMBERS[kind]
    return llo.mean("y", samples.survey().assign(cell=lambda d: [levels[i % 3] for i in d["person"]]), by="cell")


@pytest.mark.parametrize(
    ("kind", "text", "named"),
    [
        ("year", "`2014` - 2010", "`2010`"),
        ("year", "2014 - 2010", "`2014`"),
        ("year", "`2014` - 2_010.0", "`2010`"),
        ("year", "log(`2014` / 2018)", "`2018`"),
        ("quantile", "`0.75` - 0.25", "`0.25`"),
        ("quantile", "`0.75` - .250", "`0.25`"),
        ("quantile", "0.5 * `0.75`", "`0.5`"),
        ("code", "`2` - -1", "`-1`"),
        ("code", "`1` - 2", "`2`"),
        ("code", "2 * `1`", "`2`"),
        ("code", "1 - `2`", "`1`"),
        ("code", "`2` / 2", "`2`"),
        ("code", "(`2` + `1`) / 2", "`2`"),
        ("code", "`2` / 1 - `1`", "`1`"),
        ("year", "(`2014` - 2010) / `2010`", "`2010`"),
        ("year", "`2014` * `2018` / `2010` - 2010", "`2010`"),
        ("text", "`9` - 8", "`08`"),
    ],
)
def test_a_number_that_is_also_a_label_is_refused(kind: str, text: str, named: str) -> None:
    with pytest.raises(DataError, match="also the label of a row") as caught:
        _numbered(kind).contrast(text)
    assert named in str(caught.value) and "backticks" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("`2` / `1` - 1", lambda a, b, c: c / b - 1),
        ("1 - `2` / `-1`", lambda a, b, c: 1 - c / a),
        ("log(`2`) - 1 + `1` / `2`", lambda a, b, c: np.log(c) - 1 + b / c),
        ("`1` ** 2", lambda a, b, c: b**2),
        ("(`1` ** 2 / `2` ** 2 - 1) * 3", lambda a, b, c: (b**2 / c**2 - 1) * 3),
        ("`2` ** -1", lambda a, b, c: 1 / c),
    ],
)
def test_a_number_for_which_no_row_can_stand_is_a_number(text: str, value: Any) -> None:
    """Relative changes of waves 1 and 2: a ratio less a row would be no number at all."""
    result = _numbered("code")
    assert result.contrast(text).estimate == pytest.approx([value(*result.estimate)], rel=EXACT)


@pytest.mark.parametrize(
    ("kind", "text", "weights"),
    [
        ("year", "2 * `2014` - 0.5 * `2010`", [-0.5, 2, 0]),
        ("year", "`2014` - `2010`", [-1, 1, 0]),
        ("quantile", "(`0.75` - `0.25`) / 1.349", [-1 / 1.349, 0, 1 / 1.349]),
        ("code", "`2` - `-1` - 3 * `1`", [-1, -3, 1]),
        ("text", "2 * `wave 2` - `08`", [-1, 0, 2]),
    ],
)
def test_other_numbers_stay_numbers(kind: str, text: str, weights: list[float]) -> None:
    result = _numbered(kind)
    made = result.contrast(text)
    assert made.estimate == pytest.approx([np.dot(weights, result.estimate)], rel=1e-11)
    by_label = result.contrast({label: w for label, w in zip(result.labels, weights, strict=True) if w})
    assert made.std_error == pytest.approx(by_label.std_error, rel=1e-11)
    assert made.df.tolist() == by_label.df.tolist()


REFUSED: list[tuple[str, Any, str]] = [
    ("unknown label", {"hi": 1, "low": -1}, "no row 'hi'"),
    ("unknown name", "hihg - low", "did you mean 'high'"),
    ("nothing", {}, "mapping of labels"),
    ("no contrast", 5, "mapping of labels"),
    ("an empty list", [], "mapping of labels"),
    ("mixed list", ["high", 3], "mapping of labels"),
    ("text as weight", {"all": {"high": "a"}}, "weight of a contrast is a number"),
    ("all zero", {"high": 0, "low": 0}, "speaks of no row"),
    ("only constants", "1 + 1", "speaks of no row"),
    ("True", "True", "outside the grammar"),
    ("division by zero", "high / 0", "not defined"),
    ("log of a negative number", "log(low - 1000)", "not defined"),
    ("slope without bound", "sqrt(low - low)", "not defined"),
    ("overflow", "exp(high * 10000)", "not defined"),
    ("huge power", "high ** 100000", "not defined"),
    ("huge number", "high + 1" + "0" * 400, "too large"),
    ("power of an estimate", "high ** low", "power of a contrast is a number"),
    ("not a number", {"high": float("nan")}, "'high' has one that is not finite"),
    ("infinite", {"high": 1, "low": -np.inf}, "'low' has one that is not finite"),
    ("a switch", {"high": True, "low": -1}, "'high' has one that is no number"),
    ("numpy's switch", {"high": 1, "low": np.False_}, "'low' has one that is no number"),
    ("a complex weight", {"all": {"high": 1 + 2j}}, "is no number"),
    ("one name twice", ["high - low", "middle", "high - low"], "named twice"),
    ("one name in two types", {1: "high - low", "1": "middle"}, "Two names of a contrast are '1'"),
    ("one label in two types", {"all": {1: 1, "1": -1}}, "Two names of a contrast are '1'"),
    ("no name", {" ": "high - low"}, "name of a contrast is empty"),
    ("an empty inner mapping", {"all": {}}, "speaks of no row"),
    ("zero times a row", "0 * high + 3", "speaks of no row"),
    ("comparison", "high > low", "outside the grammar"),
    ("and", "high and low", "outside the grammar"),
    ("matrix product", "high @ low", "outside the grammar"),
    ("whole division", "high // low", "outside the grammar"),
    ("unfinished", "high -", "cannot be read"),
    ("open bracket", "(high - low", "cannot be read"),
    ("open backtick", "`high - low", "backtick is not closed"),
    ("assignment", "high := 3", "cannot be read"),
    ("statement", "import os", "cannot be read"),
    ("two statements", "high; import os", "cannot be read"),
    ("null byte", "high\x00", "cannot be read"),
    ("import", "__import__('os').system('true')", "no row '__import__'|outside the grammar"),
    ("attribute", "high.real", "outside the grammar"),
    ("class", "high.__class__.__mro__", "outside the grammar"),
    ("lambda", "(lambda: high)()", "outside the grammar"),
    ("f-string", "f'{high}'", "outside the grammar"),
    ("subscript", "high[0]", "outside the grammar"),
    ("comprehension", "[high for high in low]", "outside the grammar|no row"),
    ("condition", "high if low else 1", "outside the grammar"),
    ("other function", "abs(high)", "outside the grammar"),
    ("two arguments", "log(high, low)", "outside the grammar"),
    ("named argument", "log(x=high)", "outside the grammar"),
    ("starred argument", "log(*high)", "outside the grammar"),
    ("complex number", "high * 1j", "outside the grammar"),
    ("text", "high + 'a'", "outside the grammar"),
    ("brackets", "(" * 3000 + "high" + ")" * 3000, "cannot be read|too deeply"),
    ("signs", "-" * 5000 + "high", "too deeply"),
    ("sums", "+".join(["high"] * 3000), "too deeply"),
]


@pytest.mark.parametrize(("what", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_contrasts_that_are_none_are_refused(what: Any, words: str, recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(DataError, match=words) as caught:
        _means().contrast(what)
    assert len(str(caught.value)) < 1200
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]

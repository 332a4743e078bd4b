"""Proves that formulas become the columns that were meant: declared levels, missing rows, plain words for mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.survey import formulas
from llo_research.survey.formulas import matrices, new_values

FRAME = pd.DataFrame(
    {
        "y": [1.0, 2.0, 3.0, 5.0],
        "flag": [True, False, True, False],
        "level": pd.Categorical(["x", "y", None, "y"], categories=["y", "x", "never"]),
        "text": ["u", "v", "v", "u"],
        "count": pd.array([1, 2, None, 4], dtype="Int64"),
        "two words": [1.0, np.nan, 3.0, 4.0],
        "maybe": pd.array([True, None, False, True], dtype="boolean"),
    }
)
COLUMNS: dict[str, tuple[list[str], list[list[float]]]] = {
    "y ~ flag": (["Intercept", "flag"], [[1, 1], [1, 0], [1, 1], [1, 0]]),
    "~ level": (["Intercept", "level[T.x]"], [[1, 1], [1, 0], [0, 0], [1, 0]]),
    "~ 0 + text": (["text[u]", "text[v]"], [[1, 0], [0, 1], [0, 1], [1, 0]]),
    "~ C(count)": (["Intercept", "C(count)[T.2]", "C(count)[T.4]"], [[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 0, 1]]),
    "~ `two words`": (["Intercept", "two words"], [[1, 1], [0, 0], [1, 3], [1, 4]]),
    "~ maybe": (["Intercept", "maybe"], [[1, 1], [0, 0], [1, 0], [1, 1]]),
    "~ y:text": (["Intercept", "y:text[u]", "y:text[v]"], [[1, 1, 0], [1, 0, 2], [1, 0, 3], [1, 5, 0]]),
}


@pytest.mark.parametrize("formula", COLUMNS)
def test_columns(formula: str) -> None:
    names, values = COLUMNS[formula]
    right = matrices(formula, FRAME).right
    assert list(right.names) == names
    assert right.values.tolist() == values
    assert right.complete.tolist() == [any(row) for row in values]


def test_base_levels_are_the_first_declared_ones() -> None:
    assert matrices("~ level + text", FRAME).right.base == {"level": "y", "text": "u"}
    assert matrices("~ C(text, contr.treatment('v'))", FRAME).right.base == {"C(text, contr.treatment('v'))": "v"}


def test_missing_values_are_counted_by_column() -> None:
    sides = matrices("y ~ log(`two words`) + scale(count)", FRAME)
    assert sides.right.missing == {"two words": 1, "count": 1}
    assert sides.left is not None and sides.left.complete.tolist() == [True, False, False, True]


def test_rows_that_do_not_matter_may_be_missing() -> None:
    rows = np.array([True, True, False, True])
    right = matrices("~ level + count", FRAME, rows).right
    assert right.missing == {} and right.complete.tolist() == rows.tolist() and (right.values[2] == 0).all()


def test_new_values_have_the_same_columns() -> None:
    right = matrices("~ text + y", FRAME).right
    assert new_values(right, pd.DataFrame({"text": ["v"], "y": [9.0]})).tolist() == [[1.0, 1.0, 9.0]]


REFUSED: dict[str, tuple[Any, list[str]]] = {
    "unknown column": ("~ agee", ["no column 'agee'"]),
    "unknown inside a function": ("~ log(zz)", ["'zz'"]),
    "not a formula": ("y ~ (", ["cannot be read"]),
    "code": ("~ __import__('os').getcwd()", ["cannot be read"]),
    "no text": (3, ["A formula is text"]),
    "two parts": ("y ~ count | text", ["several parts"]),
    "infinite": ("~ log(y - 1)", ["not a number for some rows", "first at row 0"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_words(case: str) -> None:
    formula, words = REFUSED[case]
    with pytest.raises(llo.DataError) as refused:
        matrices(formula, FRAME)
    assert [word for word in words if word not in str(refused.value)] == []


@pytest.mark.parametrize("text", ["y ~ x + `two words` + whole", "y ~ 0 + x + yes", "~ x + gaps", "y ~ x:whole + x"])
def test_columns_that_stand_in_the_data_are_formulaics(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # columns of numbers are written side by side without formulaic: the same numbers, names and terms as with it
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(size=20_000), "two words": rng.normal(size=20_000).astype("float32")})
    frame["whole"], frame["yes"] = np.arange(20_000, dtype="uint16"), frame["x"] > 0
    frame["gaps"], frame["y"] = frame["x"].where(frame["x"] < 1), rng.normal(size=20_000)
    made = formulas.matrices(text, frame)
    monkeypatch.setattr(formulas, "_plain", lambda side, inside: None)
    known = formulas.matrices(text, frame)
    assert np.array_equal(made.right.values, known.right.values)
    assert (made.right.names, made.right.terms, made.right.missing) == (
        known.right.names,
        known.right.terms,
        known.right.missing,
    )
    assert np.array_equal(made.right.complete, known.right.complete)
    data = frame.iloc[30:40].fillna(0.0)
    assert np.array_equal(formulas.new_values(made.right, data), formulas.new_values(known.right, data))

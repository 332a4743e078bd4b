"""Proves that whole numbers above 2^53 are never taken for their neighbours: against fractions of Python, by row."""

from __future__ import annotations

import operator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import llo_research as llo
from llo_research.errors import DataError
from llo_research.survey.condition import evaluate
from llo_research.survey.formulas import matrices

BIG = 2**53
IDS = [BIG - 1, BIG, BIG + 1, BIG + 2, BIG + 3, -BIG - 1, 0, 2**63 - 1]
SIGNS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TYPES = ["int64", "Int64", "object", "int64[pyarrow]"]


def _column(values: list[Any], dtype: str) -> pd.Series:
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    return pd.Series(values, dtype=dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    "constant", [BIG + 1, BIG, -BIG - 1, 2**63 - 1, 2**63, 2**70, -(2**70), 0, 2.5, -0.5, 4.0, float(2**54), True]
)
def test_whole_numbers_against_a_constant(dtype: str, sign: str, constant: Any) -> None:
    frame = pd.DataFrame({"x": _column(IDS, dtype)})
    text = f"x {sign} {constant!r}"
    if isinstance(constant, float) and abs(constant) >= BIG and sign in ("==", "!="):
        with pytest.raises(DataError, match="decimal point"):
            evaluate(text, frame)
        return
    truth = evaluate(text, frame)
    assert truth.true.tolist() == [SIGNS[sign](Fraction(value), Fraction(constant)) for value in IDS]
    assert not truth.unknown.any()
    mirrored = f"{constant!r} {sign} x"
    assert evaluate(mirrored, frame).true.tolist() == [SIGNS[sign](Fraction(constant), Fraction(v)) for v in IDS]


_WHOLE = st.one_of(
    st.integers(-5, 5), st.integers(BIG - 4, BIG + 4), st.integers(-(2**63), 2**63 - 1), st.just(2**63 - 1)
)
_ANY = st.one_of(st.none(), _WHOLE)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(st.tuples(_ANY, st.one_of(st.none(), st.integers(0, 2**64 - 1), st.integers(0, 3))), min_size=1))
@example([(2**63 - 1, 2**64 - 1), (-(2**63), 0)])
def test_signed_and_unsigned_columns_row_by_row(rows: list[tuple[Any, Any]]) -> None:
    a, b = [row[0] for row in rows], [row[1] for row in rows]
    frame = pd.DataFrame({"a": pd.Series(a, dtype="Int64"), "b": pd.Series(b, dtype="UInt64")})
    for sign, truth in SIGNS.items():
        found = evaluate(f"a {sign} b", frame)
        known = [x is not None and y is not None for x, y in rows]
        assert found.unknown.tolist() == [not k for k in known]
        assert found.true.tolist() == [k and truth(x, y) for k, (x, y) in zip(known, rows, strict=True)]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(st.tuples(_WHOLE, st.one_of(st.integers(-BIG + 1, BIG - 1).map(float), st.floats(-1e6, 1e6)))))
def test_whole_numbers_against_a_column_of_floats(rows: list[tuple[int, float]]) -> None:
    frame = pd.DataFrame(
        {"a": pd.Series([row[0] for row in rows], dtype="int64"), "b": pd.Series([row[1] for row in rows], dtype=float)}
    )
    for sign, truth in SIGNS.items():
        assert evaluate(f"a {sign} b", frame).true.tolist() == [truth(Fraction(x), Fraction(y)) for x, y in rows]


ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(_WHOLE, _WHOLE), min_size=1), st.sampled_from(sorted(ARITHMETIC)), _WHOLE)
def test_arithmetic_of_whole_numbers_is_exact(rows: list[tuple[int, int]], sign: str, constant: int) -> None:
    frame = pd.DataFrame(list(rows), columns=["a", "b"], dtype="int64")
    function = ARITHMETIC[sign]
    wanted = [None if sign == "%" and y == 0 else function(x, y) == constant for x, y in rows]
    found = evaluate(f"a {sign} b == {constant}", frame)
    assert found.true.tolist() == [bool(value) for value in wanted]
    assert found.unknown.tolist() == [value is None for value in wanted]
    wanted = [None if sign == "%" and constant == 0 else function(x, constant) < y for x, y in rows]
    found = evaluate(f"a {sign} {constant} < b", frame)
    assert found.true.tolist() == [bool(value) for value in wanted]
    assert found.unknown.tolist() == [value is None for value in wanted]


def test_constants_minus_and_in_are_exact() -> None:
    frame = pd.DataFrame({"x": IDS})
    assert evaluate(f"x == {BIG} + 1", frame).true.tolist() == [v == BIG + 1 for v in IDS]
    assert evaluate(f"-x == {-BIG - 1}", frame).true.tolist() == [v == BIG + 1 for v in IDS]
    assert evaluate(f"x in [{BIG + 1}, {BIG + 3}]", frame).true.tolist() == [v in (BIG + 1, BIG + 3) for v in IDS]
    assert evaluate(f"x not in [{BIG + 1}, 2.5]", frame).true.tolist() == [v != BIG + 1 for v in IDS]
    assert evaluate(f"{BIG} < x <= {BIG + 2}", frame).true.tolist() == [BIG < v <= BIG + 2 for v in IDS]


REFUSED: dict[str, tuple[str, Any, str]] = {
    "a float column of ids": (f"f == {BIG + 1}", {"f": [BIG + 1.0, 1.0]}, "as floats"),
    "in": (f"f in [{BIG + 1}]", {"f": [BIG + 1.0, 1.0]}, "as floats"),
    "order": (f"f >= {BIG + 1}", {"f": [BIG + 1.0, 1.0]}, "as floats"),
    "two columns": ("f == i", {"f": [BIG + 1.0, 1.0], "i": [BIG + 1, 1]}, "as floats"),
    "division": ("i / 2 == 1", {"i": [BIG + 1, 1]}, "cannot be divided"),
    "fraction": ("i + 0.5 > 1", {"i": [BIG + 1, 1]}, "fractions"),
    "float constant": (f"i == {BIG + 2}.0", {"i": [BIG + 2, 1]}, "decimal point"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_floats_have_lost_is_refused_in_words(name: str) -> None:
    text, columns, words = REFUSED[name]
    with pytest.raises(DataError, match=words) as caught:
        evaluate(text, pd.DataFrame(columns))
    assert caught.value.todo


def test_large_floats_keep_their_meaning() -> None:
    frame = pd.DataFrame({"f": [1e17, 5.0, np.nan], "i": [BIG + 1, 5, 6]})
    assert evaluate("f > 1e16", frame).true.tolist() == [True, False, False]
    assert evaluate("f < 1e300 & f > i", frame.assign(i=[1, 5, 6])).true.tolist() == [True, False, False]
    assert evaluate("i > 1e15", frame).true.tolist() == [True, False, False]
    assert evaluate("i / 2 > 2", frame.assign(i=[1, 5, 6])).true.tolist() == [False, True, True]


@pytest.mark.parametrize("dtype", ["object", "decimal"])
def test_decimals(dtype: str) -> None:
    values = [Decimal("0.1"), Decimal("2.50"), Decimal(BIG + 1), None]
    series = pd.Series(values, dtype=object)
    if dtype == "decimal":
        pa = pytest.importorskip("pyarrow")
        series = pd.Series(values, dtype=pd.ArrowDtype(pa.decimal128(20, 2)))
    frame = pd.DataFrame({"d": series})
    assert evaluate("d == 0.1", frame).true.tolist() == [True, False, False, False]
    assert evaluate("d >= 2.5", frame).true.tolist() == [False, True, True, False]
    assert evaluate(f"d == {BIG + 1}", frame).true.tolist() == [False, False, True, False]
    assert evaluate(f"d == {BIG}", frame).true.tolist() == [False, False, False, False]
    assert evaluate("d > 0", frame).unknown.tolist() == [False, False, False, True]
    whole = pd.DataFrame({"d": series.where(pd.Series([False, False, True, True])), "w": 1.0})
    svy = llo.Survey(whole, weights="w")
    assert llo.share("d", svy).to_frame()["level"].tolist() == [BIG + 1]


# -- cells, levels, groups, design ------------------------------------------------------------------------------


def _firms(dtype: str, missing: bool = False) -> pd.DataFrame:
    ids: list[Any] = [BIG + i % 4 for i in range(40)]
    if missing:
        ids[0] = None
    return pd.DataFrame({"firm": _column(ids, dtype), "y": np.arange(40.0), "w": 1.0})


_KINDS = [(dtype, missing) for dtype in [*TYPES, "UInt64", "category"] for missing in (False, True)]


@pytest.mark.parametrize(("dtype", "missing"), [kind for kind in _KINDS if kind != ("int64", True)])
def test_cells_levels_and_groups_of_large_whole_numbers(dtype: str, missing: bool) -> None:
    frame = _firms("Int64", missing).astype({"firm": "category"}) if dtype == "category" else _firms(dtype, missing)
    svy = llo.Survey(frame, weights="w")
    by_hand = {f: [i for i in range(int(missing), 40) if BIG + i % 4 == f] for f in range(BIG, BIG + 4)}
    by = llo.mean("y", svy, by="firm").to_frame()
    assert [int(f) for f in by["firm"]] == list(by_hand)
    if missing:
        by_hand[BIG] = list(range(4, 40, 4))
    assert by["estimate"].tolist() == [float(np.mean(rows)) for rows in by_hand.values()]
    share = llo.share("firm", svy).to_frame()
    assert [int(level) for level in share["level"]] == list(by_hand)
    gap = llo.gap("y", svy, group="firm", of=BIG + 1, minus=BIG + 2)
    assert gap.estimate.tolist() == [-1.0]
    texts = llo.gap("y", svy, of=f"firm == {BIG + 1}", minus=f"firm == {BIG + 2}")
    assert texts.estimate.tolist() == [-1.0]


@pytest.mark.parametrize("role", ["strata", "psu", "unit"])
def test_units_and_strata_of_large_whole_numbers(role: str) -> None:
    svy = llo.Survey(_firms("int64"), weights="w", **{role: "firm"})
    small = llo.Survey(_firms("int64").assign(firm=lambda d: d["firm"] - BIG), weights="w", **{role: "firm"})
    assert llo.mean("y", svy).covariance.tolist() == llo.mean("y", small).covariance.tolist()
    assert svy.describe().df == small.describe().df
    with pytest.raises(DataError, match="as floats"):
        llo.Survey(_firms("float64"), weights="w", **{role: "firm"})


CODES: dict[str, Any] = {
    "by": lambda s: llo.mean("y", s, by="firm"),
    "share": lambda s: llo.share("firm", s),
    "group": lambda s: llo.gap("y", s, group="firm", of=BIG, minus=BIG + 2),
}


@pytest.mark.parametrize("name", CODES)
def test_floats_of_that_size_are_no_codes(name: str) -> None:
    with pytest.raises(DataError, match="as floats"):
        CODES[name](llo.Survey(_firms("float64"), weights="w"))


def test_formulas_keep_neighbouring_numbers_apart() -> None:
    frame = _firms("Int64", missing=True)
    matrix = matrices("y ~ C(firm)", frame).right
    assert matrix.names == ("Intercept", *(f"C(firm)[T.{BIG + i}]" for i in (1, 2, 3)))
    rows = frame["firm"].notna().to_numpy()
    for i in (1, 2, 3):
        assert matrix.values[rows, i].tolist() == [float(f == BIG + i) for f in frame["firm"][rows]]

"""Conditions of a scan hold for the same rows as those of a Survey, and are refused in the same words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import llo_research as llo

LABELS = {
    "sector": {"nl": "Sector", "values": {"1": {"nl": "zorg", "en": "care"}, "2": {"nl": "bouw", "en": "building"}}}
}


def frame_of(seed: int) -> pd.DataFrame:
    """Rows with every kind of column, all with missing values."""
    rng = np.random.default_rng(seed)
    n = 300
    return pd.DataFrame(
        {
            "row": np.arange(n),
            "w": rng.gamma(2, 1, n),
            "education": pd.Categorical(
                rng.choice(["low", "middle", "high", None], n),
                categories=["low", "middle", "high", "other"],
                ordered=True,
            ),
            "former": pd.Categorical(
                rng.choice(["low", "middle", "high", None], n),
                categories=["low", "middle", "high", "other"],
                ordered=True,
            ),
            "contract": rng.choice(np.array(["fixed", "flex", "own", None], dtype=object), n),
            "age": pd.array(np.where(rng.random(n) < 0.1, None, rng.integers(-4, 70, n)), dtype="Int64"),
            "sector": pd.array(np.where(rng.random(n) < 0.1, None, rng.integers(1, 5, n)), dtype="Int64"),
            "hours": np.where(rng.random(n) < 0.2, np.nan, rng.integers(-6, 9, n) / 2),
            "trained": rng.choice([0.0, 1.0, np.nan], n),
            "member": pd.array(rng.choice(np.array([True, False, None], dtype=object), n), dtype="boolean"),
        }
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[llo.Survey, object]:
    """The same rows in memory and in two files."""
    folder: Path = tmp_path_factory.mktemp("scan")
    frame = frame_of(3)
    frame[:120].to_parquet(folder / "a.parquet")
    frame[120:].to_parquet(folder / "b.parquet")
    return llo.Survey(frame, weights="w", labels=LABELS), llo.scan(
        str(folder / "*.parquet"), weights="w", labels=LABELS, source={"restricted": False}
    )


SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
EQUAL = st.sampled_from(["==", "!="])
NUMBERS = st.sampled_from(["0", "1", "2", "-3", "2.5", "-0.5", "1e20", "9223372036854775808", "40"])


@st.composite
def numbers(draw: st.DrawFn, depth: int = 2) -> str:
    """A column of numbers, or arithmetic with at least one."""
    name = draw(st.sampled_from(["age", "hours", "sector", "trained"]))
    if depth == 0 or draw(st.booleans()):
        return name
    other = draw(st.one_of(numbers(depth - 1), st.sampled_from(["2", "3", "-2", "0.5", "0", "member"])))
    return f"({name} {draw(st.sampled_from(['+', '-', '*', '/', '%']))} {other})"


@st.composite
def links(draw: st.DrawFn) -> str:
    """One comparison."""
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return f"education {draw(SIGNS)} {draw(st.sampled_from(['low', 'middle', 'high', 'other']))!r}"
    if kind == 1:
        return f"education {draw(SIGNS)} former"
    if kind == 2:
        return f"contract {draw(EQUAL)} {draw(st.sampled_from(['fixed', 'flex', 'own']))!r}"
    if kind == 3:
        chosen = draw(st.lists(st.sampled_from(["fixed", "flex", "own"]), max_size=3))
        return f"contract {draw(st.sampled_from(['in', 'not in']))} {chosen}"
    if kind == 4:
        asked = draw(st.sampled_from(["age", "contract", "education", "member", "hours"]))
        return f"{draw(st.sampled_from(['isna', 'notna']))}({asked})"
    if kind == 5:
        return draw(
            st.sampled_from(
                [
                    "member",
                    "trained",
                    "member == True",
                    "member != False",
                    "member < True",
                    "sector == 'care'",
                    "sector != 'bouw'",
                ]
            )
        )
    if kind == 6:
        return f"{draw(NUMBERS)} {draw(SIGNS)} {draw(numbers())} {draw(SIGNS)} {draw(NUMBERS)}"
    if kind == 7:
        return f"{draw(numbers())} {draw(SIGNS)} {draw(numbers())}"
    if kind == 8:
        chosen = draw(st.lists(st.sampled_from([1, 2, 2.5, 30, -1]), max_size=3))
        return f"{draw(numbers())} {draw(st.sampled_from(['in', 'not in']))} {chosen}"
    return f"-{draw(numbers())} {draw(SIGNS)} {draw(NUMBERS)}"


CONDITIONS = st.recursive(
    links(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" & ", " | ", " and ", " or "]), inner).map(
            lambda t: f"({t[0]}{t[1]}{t[2]})"
        ),
        inner.map(lambda text: f"~({text})"),
        inner.map(lambda text: f"not {text}"),
    ),
    max_leaves=4,
)


@settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(condition=CONDITIONS)
def test_a_random_condition_holds_for_the_same_rows(both: tuple[llo.Survey, object], condition: str) -> None:
    svy, scan = both
    try:
        wanted = svy.assign(found=condition).frame["found"].astype(object).where(lambda s: s.notna(), None)
    except llo.DataError as error:
        with pytest.raises(llo.DataError) as refused:
            scan.assign(found=condition)
        assert refused.value.what == error.what
        return
    table = scan.assign(found=condition)._table
    found = table.select("row", "found").to_pandas().sort_values("row")["found"].astype(object)
    found = found.where(found.notna(), None)
    assert found.tolist() == wanted.tolist(), condition


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("agee > 3", "There is no column 'agee' in the data."),
        ("education == 'hihg'", "'education' has no level 'hihg'."),
        ("contract == 'perm'", "'contract' has no level 'perm'."),
        ("contract > 'fixed'", "'contract' has no declared order, so that < and > mean nothing."),
        ("age == 'old'", "Numbers are compared with something that is not a number."),
        ("contract == 3", "'contract' has no level 3."),
        ("age", "'age' is not a condition by itself."),
        ("education == contract", "'education' and 'contract' have different levels."),
        ("contract + 1 > 2", "Only numbers can be added or multiplied."),
        ("age > 1 / 0", "A number is undefined or too large."),
        ("open('x') == 3", "The expression uses something outside the grammar."),
        ("age >", "The expression cannot be read."),
    ],
)
def test_what_a_survey_refuses_is_refused_in_the_same_words(
    both: tuple[llo.Survey, object], condition: str, what: str
) -> None:
    svy, scan = both
    for data in (svy, scan):
        with pytest.raises(llo.DataError) as error:
            data.where(condition)
        assert error.value.what == what

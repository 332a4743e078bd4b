"""Proves that a formula in blocks of rows has the columns and numbers that it has at once, whatever the blocks."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.survey.formula_blocks import formula_blocks
from llo_research.survey.formulas import matrices

# Splines and orthogonal polynomials are worked out from the same learned numbers.
AGREE = 1e-12


def people(n: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "y": rng.normal(size=n),
            "x": rng.normal(5, 1, n),
            "z": rng.normal(size=n),
            "g": pd.Categorical(rng.choice(["low", "high", "mid"], n), categories=["low", "mid", "never", "high"]),
            "k": rng.integers(0, 4, n),
            "h": rng.choice(["u", "v"], n),
            "flag": rng.random(n) < 0.5,
            "two words": rng.gamma(2, size=n),
        },
        index=rng.permutation(n) * 3,
    )
    frame["count"] = pd.array(np.where(rng.random(n) < 0.1, None, rng.integers(0, 9, n)), dtype="Int64")
    return frame.assign(x=frame["x"].mask(rng.random(n) < 0.1))


FORMULAS = [
    "y ~ x + C(k) * g",
    "y ~ scale(x) + g:h + poly(z, 2)",
    "~ 0 + g + bs(x, df=4):h",
    "log(y ** 2) ~ C(k, contr.sum) + center(z) * h + flag",
    "y ~ count + {x ** 2} + log(`two words`)",
    "flag ~ C(count) + g",
    "~ 1",
]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("length", [5, 37, None])
def test_blocks_are_the_matrix(formula: str, length: int | None) -> None:
    frame = people()
    rows = np.random.default_rng(2).random(len(frame)) < 0.7
    whole, made = matrices(formula, frame, rows), formula_blocks(formula, frame, rows)
    assert made.names == whole.right.names
    assert made.base == whole.right.base
    assert made.missing == whole.right.missing
    assert (made.complete == whole.right.complete).all()
    x, y, seen = np.zeros_like(whole.right.values), np.zeros(len(frame)), []
    for block in made.blocks(length=length):
        x[block.rows] = block.x
        if block.y is not None:
            y[block.rows] = block.y
        seen.append(block.rows)
    assert np.abs(x - whole.right.values).max() <= AGREE * np.abs(whole.right.values).max()
    assert np.concatenate(seen).tolist() == np.flatnonzero(made.complete).tolist()
    if whole.left is None:
        assert made.response is None
    else:
        assert made.response == whole.left.names[0]
        assert np.abs(y - whole.left.values[:, 0]).max() <= AGREE * np.abs(y).max()


def test_terms_tell_their_columns() -> None:
    made = formula_blocks("y ~ x + g * flag", people())
    assert made.terms == matrices("y ~ x + g * flag", people()).right.terms
    assert {term: made.names[place] for term, place in made.terms.items()} == {
        "1": ("Intercept",),
        "x": ("x",),
        "g": ("g[T.mid]", "g[T.high]"),
        "flag": ("flag",),
        "g:flag": ("g[T.mid]:flag", "g[T.high]:flag"),
    }


def test_groups_share_columns_and_empty_categories_have_no_support() -> None:
    frame = people().assign(x=1.0)
    group = (frame["h"] == "v").to_numpy(np.intp)
    frame.loc[(frame["h"] == "u") & (frame["g"] == "high"), "g"] = "low"
    made = formula_blocks("y ~ g", frame)
    counts = made.support(group, 2)
    assert counts[0, made.names.index("g[T.high]")] == 0
    assert counts[1, made.names.index("g[T.high]")] == ((frame["h"] == "v") & (frame["g"] == "high")).sum()
    assert counts[:, 0].tolist() == [(group == 0).sum(), (group == 1).sum()]
    for number in (0, 1):
        one = next(iter(made.blocks(group == number, length=10_000)))
        assert one.x.shape == ((group == number).sum(), 3)


REFUSED: dict[str, tuple[str, list[str]]] = {
    "a typo": ("y ~ x + agee", ["no column 'agee'"]),
    "inside a function": ("y ~ log(zz)", ["'zz'"]),
    "another row": ("y ~ lag(z)", ["looks at other rows", "lag(z)"]),
    "a running sum": ("y ~ np.cumsum(z)", ["looks at other rows"]),
    "a mean of these rows": ("y ~ I(z - np.mean(z))", ["looks at other rows"]),
    "no formula": ("y ~ (", ["cannot be read"]),
    "two parts": ("y ~ x | g", ["several parts"]),
    "categories on the left": ("g ~ x", ["not one column", "g["]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_words(case: str) -> None:
    formula, words = REFUSED[case]
    with pytest.raises(llo.DataError) as caught:
        formula_blocks(formula, people())
    for word in words:
        assert word in str(caught.value)


def test_a_term_without_a_number_names_its_row() -> None:
    frame = people()
    frame["z"] = np.where(np.arange(len(frame)) == 123, 0.0, np.abs(frame["z"]) + 1)
    frame["x"] = 1.0
    with pytest.raises(llo.DataError, match="row 123"):
        list(formula_blocks("y ~ log(z)", frame).blocks(length=50))
    with pytest.raises(llo.DataError, match="No row has values"):
        formula_blocks("y ~ x", frame, np.zeros(len(frame), dtype=bool))


def test_memory_stays_with_the_block() -> None:
    n = 60_000
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": rng.normal(size=n), "k": rng.integers(0, 120, n), "x": rng.normal(size=n)})
    frame["k"] = pd.Categorical(frame["k"])
    made = formula_blocks("y ~ k * x", frame)
    assert len(made.names) == 240
    tracemalloc.start()
    for block in made.blocks(length=2_000):
        assert block.x.shape == (2_000, 240)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < n * 240 * 8 / 4  # the whole matrix would take 115 MB

"""Proves which rows of a formula count as alike: those equal in all its columns, and none where a function may look."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from llo_research.survey.alike import alike, firsts
from llo_research.survey.formulas import matrices

N = 400


@pytest.fixture
def frame() -> pd.DataFrame:
    """Two categories and a scale of few values, a scale of many, an outcome."""
    rng = np.random.default_rng(11)
    levels = pd.Categorical.from_codes(rng.integers(0, 3, N), ["low", "middle", "high"], ordered=True)
    columns = {"educ": levels, "scale": rng.integers(0, 5, N) / 4, "many": rng.normal(size=N), "y": rng.random(N)}
    return pd.DataFrame({**columns, "a b": rng.choice(["x", "z"], N)})


@pytest.mark.parametrize(
    "text",
    [
        "C(educ) + scale",
        "C(educ, contr.sum) * scale",
        "educ:scale + C(`a b`)",
        "0 + C(educ, contr.treatment('high')) + C(scale)",
    ],
)
def test_columns_are_those_of_all_rows(text: str, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    for rows in (None, np.arange(N) % 7 > 0):
        few = matrices(f"y ~ {text}", frame, rows).right
        assert few.place is not None and len(few.table) <= 31
        with monkeypatch.context() as patch:
            patch.setattr("llo_research.survey.formulas.alike", lambda *arguments: None)
            every = matrices(f"y ~ {text}", frame, rows).right
        assert every.place is None and few.names == every.names and few.base == every.base
        assert few.values.tolist() == every.values.tolist()
        assert few.at(np.array([5, 2])).tolist() == every.at(np.array([5, 2])).tolist()


@pytest.mark.parametrize("text", ["C(educ) + center(scale)", "C(educ) + exp(scale)", "C(educ) + many", "bs(scale, 4)"])
def test_functions_and_many_values_keep_all_rows(text: str, frame: pd.DataFrame) -> None:
    assert matrices(f"y ~ {text}", frame).right.place is None


def test_rows_are_alike_when_every_column_is(frame: pd.DataFrame) -> None:
    spec = matrices("y ~ C(educ) + scale", frame).right.spec
    place = alike(spec.formula, frame)
    assert place is not None
    told = list(zip(frame["educ"], frame["scale"], strict=True))
    assert len(set(place)) == len(set(told)) == len(set(zip(place, told, strict=True)))
    assert all(place[: first + 1].tolist().index(number) == first for number, first in enumerate(firsts(place)))

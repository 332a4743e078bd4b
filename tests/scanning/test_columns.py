"""Columns of every type, as files and engines have them, are those of a Survey of the same rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

N = 400
RNG = np.random.default_rng(8)
MISSING = RNG.random(N) < 0.2


def _gaps(values: Any) -> Any:
    """Values with some of them missing."""
    return np.where(MISSING, None, np.asarray(values, dtype=object))


COLUMNS: dict[str, Any] = {
    "int8": RNG.integers(0, 4, N).astype(np.int8),
    "uint64": RNG.integers(0, 4, N).astype(np.uint64),
    "large": RNG.choice([2**60, 2**60 + 1], N),
    "Int64": pd.array(_gaps(RNG.integers(1, 5, N)), dtype="Int64"),
    "codes": RNG.choice([1101, 25303, 99999], N),
    "float32": RNG.choice([0.0, 1.0, np.nan], N).astype(np.float32),
    "bool": RNG.random(N) < 0.5,
    "boolean": pd.array(_gaps(RNG.random(N) < 0.5), dtype="boolean"),
    "text": _gaps(RNG.choice(["a", "b", "ä"], N)),
    "unordered": pd.Categorical(_gaps(RNG.choice(["z", "a"], N)), categories=["z", "a", "never"]),
    "all missing": pd.array([None] * N, dtype="Int64"),
}
NUMBERS: dict[str, Any] = {
    "income": pd.array(_gaps(RNG.integers(0, 90_000, N)), dtype="Int64"),
    "far": 1e6 + RNG.random(N),
    "decimal": [Decimal(int(value)) / 100 for value in RNG.integers(0, 99_999, N)],
    "one value": np.full(N, 2.5),
    "negative": -RNG.gamma(2, 3, N),
}
FRAME = pd.DataFrame({**COLUMNS, **NUMBERS, "half": RNG.integers(0, 2, N), "w": RNG.gamma(2, 1, N)})


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The rows in two files."""
    folder: Path = tmp_path_factory.mktemp("scan")
    FRAME[:150].to_parquet(folder / "a.parquet")
    FRAME[150:].to_parquet(folder / "b.parquet")
    return llo.scan(str(folder / "*.parquet"), weights="w", strata="half")


SVY = llo.Survey(FRAME, weights="w", strata="half")


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "all missing"])
def test_groups_and_variables(big: Any, name: str) -> None:
    for call in (lambda s: llo.share(name, s), lambda s: llo.mean("bool", s, by=name), lambda s: llo.mean(name, s)):
        pd.testing.assert_frame_equal(call(big).to_frame(), call(SVY).to_frame(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_many_values(big: Any, name: str) -> None:
    for call in (lambda s: llo.mean(name, s, by="bool"), lambda s: llo.total(name, s)):
        pd.testing.assert_frame_equal(call(big).to_frame(), call(SVY).to_frame(), rtol=1e-9, atol=1e-12)


def test_a_column_of_nothing_is_refused_as_by_a_survey(big: Any) -> None:
    for data in (big, SVY):
        with pytest.raises(llo.DataError, match="No row of the domain has a value"):
            llo.mean("bool", data, by="all missing")


def test_unordered_categories_that_differ_are_text(tmp_path: Path) -> None:
    parts = []
    for name, levels in (("a", ["x", "y"]), ("b", ["y", "z"])):
        own = pd.DataFrame({"kind": pd.Categorical(levels * 3, categories=levels), "w": [1.0, 2, 3, 4, 5, 6]})
        own.to_parquet(tmp_path / f"{name}.parquet")
        parts.append(own)
    wanted = llo.share("kind", llo.Survey(pd.concat(parts, ignore_index=True).astype({"kind": str}), weights="w"))
    found = llo.share("kind", llo.scan(str(tmp_path / "*.parquet"), weights="w"))
    pd.testing.assert_frame_equal(found.to_frame(), wanted.to_frame(), rtol=1e-12)


def test_no_weights_warn_and_count_one(big: Any, tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "a.parquet")
    with pytest.warns(llo.LloWarning, match="No weights were given"):
        found = llo.mean("bool", llo.scan(tmp_path / "a.parquet", source={"restricted": False})).to_frame()
    assert found["estimate"].iloc[0] == pytest.approx(FRAME["bool"].mean(), rel=1e-14)
    assert found["n"].iloc[0] == N


def test_functions_of_the_table_make_columns(big: Any) -> None:
    found = llo.mean("double", big.assign(double=lambda t: t.far * 2)).to_frame()
    wanted = llo.mean("double", SVY.assign(double=lambda d: d["far"] * 2)).to_frame()
    pd.testing.assert_frame_equal(found, wanted, rtol=1e-9)

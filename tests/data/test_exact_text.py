"""Proves that text becomes a number only when it converts back to the same text, in every kind of file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.exact_text import numbers_or_text, tidy

TYPED = ("a.parquet", "a.dta", "a.sav")
# text in a file -> what it is in a CSV file, and in a file that has numbers of its own (None: the same)
CODES: dict[str, tuple[list[str], list[Any], list[Any] | None]] = {
    "leading zero": (["011", "11", "110"], ["011", "11", "110"], None),
    "exponent": (["1E1", "10", "11"], ["1E1", "10", "11"], None),
    "17 digits": (
        ["90071992547409931", "90071992547409932", "90071992547409933"],
        [90071992547409931, 90071992547409932, 90071992547409933],
        ["90071992547409931", "90071992547409932", "90071992547409933"],
    ),
    "beyond 64 bits": (["18446744073709551617", "18446744073709551618", "1"],) * 2 + (None,),
    "infinity": (["inf", "1", "2"], ["inf", "1", "2"], None),
    "underscore": (["1_000", "1", "2"], ["1_000", "1", "2"], None),
    "other digits": (["０１", "1", "2"], ["０１", "1", "2"], None),
    "plus": (["+5", "5", "6"], ["+5", "5", "6"], None),
    "sections": (["1.1", "1.10", "2.5"], ["1.1", "1.10", "2.5"], None),
    "spellings of yes": (["TRUE", "True", "FALSE"], ["TRUE", "True", "FALSE"], None),
    "blanks at the end": (["a ", "a", "b  "], ["a", "a", "b"], None),
    "a country": (["NL", "BE", "NL"], ["NL", "BE", "NL"], None),
    "whole numbers": (["1", "2", "-3"], [1, 2, -3], None),
    "decimals": (["0.5", "2", "-1.25"], [0.5, 2, -1.25], None),
    "fixed decimals": (["1.50", "2.25", "3.00"], [1.5, 2.25, 3.0], ["1.50", "2.25", "3.00"]),
    "small numbers": (["1e-05", "1", "2.5"], [1e-05, 1, 2.5], ["1e-05", "1", "2.5"]),
    "yes and no": (["True", "False", "True"], [True, False, True], ["True", "False", "True"]),
    "blank before": ([" 7", "8", "9"], [7, 8, 9], [" 7", "8", "9"]),
}


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The same text in every kind of file, read."""
    pyreadstat = pytest.importorskip("pyreadstat")
    pytest.importorskip("pyarrow")
    folder: Path = tmp_path_factory.mktemp("codes")
    frame = pd.DataFrame({f"c{i}": given for i, (given, _, _) in enumerate(CODES.values())}).assign(w=[1.0, 2.0, 3.0])
    frame.to_csv(folder / "a.csv", index=False)
    frame.to_parquet(folder / "a.parquet")
    frame.to_stata(folder / "a.dta", write_index=False, version=118)
    pyreadstat.write_sav(frame, str(folder / "a.sav"))
    return {name: llo.read_file(folder / name, weights="w").frame for name in ("a.csv", *TYPED)}


@pytest.mark.parametrize("name", ["a.csv", *TYPED])
@pytest.mark.parametrize("case", CODES)
def test_text_that_looks_like_numbers(case: str, name: str, frames: dict[str, pd.DataFrame]) -> None:
    _, written, typed = CODES[case]
    expected = written if name == "a.csv" or typed is None else typed
    found = frames[name][f"c{list(CODES).index(case)}"].tolist()
    assert found == expected
    assert [isinstance(value, str) for value in found] == [isinstance(value, str) for value in expected]


def test_every_number_made_from_text_converts_back() -> None:
    rng = np.random.default_rng(7)
    alphabet = list("0123456789.-+eE _")
    for _ in range(2000):
        texts = ["".join(rng.choice(alphabet, rng.integers(1, 6))).rstrip() or "x" for _ in range(3)]
        column = numbers_or_text(pd.Series(texts, dtype=object), (), written=False)
        if column.dtype.kind in "if":
            back = [str(int(x)) if float(x).is_integer() else repr(float(x)) for x in column]
            assert back == texts


def test_different_whole_numbers_never_become_one() -> None:
    near = [str(2**53 + k) for k in range(4)]
    for written in (True, False):
        column = numbers_or_text(pd.Series([*near, None], dtype=object), (), written=written)
        assert [str(value) for value in column[:4]] == near and pd.isna(column[4])


def test_a_token_is_missing_among_numbers_and_a_code_among_text() -> None:
    numbers = numbers_or_text(pd.Series(["NA", "1", "2"]), ["NA"], written=False)
    assert np.isnan(numbers[0]) and numbers.tolist()[1:] == [1.0, 2.0]
    assert numbers_or_text(pd.Series(["NA", "NL"]), ["NA"], written=False).tolist() == ["NA", "NL"]
    assert numbers_or_text(pd.Series([".", "NL"]), ["."], written=False, missing=["."]).isna().tolist() == [True, False]


def test_na_in_a_column_of_text_is_a_code_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("land,x,w\nNA,NA,1\nNL,2,1\n", encoding="utf-8", newline="\n")
    with pytest.warns(llo.LloWarning, match=r"'NA' in columns of text \(land\)"):
        frame = llo.read_file(tmp_path / "a.csv", weights="w").frame
    assert frame["land"].tolist() == ["NA", "NL"] and frame["x"].isna().tolist() == [True, False]


def test_na_of_an_instrument_is_a_code_in_typed_files_only(piaac: Any, write: Any) -> None:
    raw = piaac().assign(region=["NA", "NL"] * 6)
    typed = llo.read_microdata(write(raw, "nld.dta"), instrument="piaac").frame
    assert typed["region"].tolist() == ["NA", "NL"] * 6


def test_blanks_are_tidied_once_for_each_value() -> None:
    column = pd.Series(["a ", "a", "  ", None, "b"])
    assert tidy(column).fillna("-").tolist() == ["a", "a", "-", "-", "b"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1,5", "2,25", "3"], [1.5, 2.25, 3.0]),
        (["1,234", "2,345"], ["1,234", "2,345"]),  # thousands, or three decimals: not for a reader to say
        (["1,5", "2.5"], ["1,5", "2.5"]),
        (["1,2,3", "1"], ["1,2,3", "1"]),
    ],
)
def test_a_decimal_comma(texts: list[str], expected: list[Any]) -> None:
    assert numbers_or_text(pd.Series(texts), (), written=True, comma=True).tolist() == expected
    assert numbers_or_text(pd.Series(texts), (), written=True).tolist() == texts

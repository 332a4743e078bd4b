"""Proves that a column of a text file becomes what its values, taken one by one as text, become."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from llo_research.data import textfile
from llo_research.data.exact_text import numbers_or_text, tidy
from llo_research.data.readers import read_table

# Values that programs misread, by what is odd about them.
POOLS: dict[str, list[str]] = {
    "leading zeros": ["011", "11", "07", "7", "0", "-01"],
    "17 digits": ["90071992547409931", "90071992547409932", "90071992547409933", "5"],
    "above 64 bits": ["18446744073709551617", "18446744073709551618", "1"],
    "decimals": ["3106.1972", "0.1", "2.675", "1.005", "-1.25", "284.30000000000001", ".5", "6."],
    "many digits": ["0.30000000000000004", "123456789.123456789", "9007199254740993.5", "1.2345678901234567e+300"],
    "exponents": ["1e-05", "1.5e+10", "1E1", "10", "1e400", "4e-320"],
    "exponents as programs write them": ["1e-05", "2.5e-07", "1.5"],
    "sections": ["1.1", "1.10", "2.5", "2.50"],
    "reserved": ["1", "2", "9995", "9996", "9997", "9998", "9999"],
    "points": [".", "1", "2", ".n", ".d"],
    "nothing but points": [".", "", " "],
    "letters": ["1", "2", "N", "D", "V"],
    "comma decimals": ["1,5", "2,25", "3"],
    "plus": ["+5", "5", "6"],
    "words": ["inf", "nan", "NA", "1"],
    "yes": ["TRUE", "FALSE"],
    "yes and Yes": ["TRUE", "True", "FALSE"],
    "blanks": ["a ", "a", " b", "  "],
    "blanks behind": ["5 ", "5", "6"],
    "dates": ["2012-01-05", "2012-11-30"],
    "sectors": ["A", "B", "Q"],
    "other digits": ["０１", "1", "2"],
    "underscores": ["1_000", "1", "2"],
}
CODED = ["011", "12"]  # a column of codes beside another must not change what that one becomes
MISSING = {"tokens": [".", ".n", ".d"], "letters": ["D", "N", "V"]}


def _by_value(texts: list[str]) -> pd.Series:
    """A column as text, converted by the rule for text: no parser of numbers has a hand in it."""
    tokens = [*MISSING["tokens"], ""]
    text = pd.Series([None if value.strip(" ") in tokens else value.lstrip(" ") for value in texts], dtype=object)
    return numbers_or_text(tidy(text), [*MISSING["letters"], *tokens], written=True)


def _same(found: pd.Series, expected: pd.Series, name: str) -> None:
    """The same values, bit by bit where they are numbers, and of the same sort; a column of nothing has no sort."""
    assert found.isna().tolist() == expected.isna().tolist(), name
    known = found.notna().to_numpy()
    sorts = [found.dtype.kind, expected.dtype.kind] if known.any() else ["", ""]
    if known.any() and sorts[0] in "if":
        assert sorts[0] == sorts[1], name
        assert found.to_numpy()[known].tobytes() == expected.to_numpy()[known].tobytes(), name
    else:
        assert [repr(v) for v in found[known].tolist()] == [repr(v) for v in expected[known].tolist()], name


def _write(path: Path, columns: dict[str, list[str]], separator: str, *, quoted: bool) -> Path:
    """A text file of these columns as they stand."""
    stream = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(stream, delimiter=separator, lineterminator="\n", quoting=quoting)
    writer.writerows([list(columns), *zip(*columns.values(), strict=True)])
    content = stream.getvalue().encode("utf-8")
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
@pytest.mark.parametrize("pool", POOLS)
def test_a_column_is_what_its_values_are(pool: str, name: str, coded: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    texts = [str(value) for value in [*POOLS[pool], *rng.choice(POOLS[pool], 40)]]
    beside = {"code": [str(value) for value in rng.choice(CODED, len(texts))]} if coded else {}
    columns = {"k": [str(i + 1) for i in range(len(texts))], **beside, "x": texts, "y": texts[::-1]}
    frame = read_table(_write(tmp_path / name, columns, ",", quoted=False), MISSING).frame
    for column, values in columns.items():
        _same(frame[column], _by_value(values), f"{pool}, {column}")


@pytest.mark.parametrize("quoted", [False, True])
def test_all_odd_columns_in_one_file(quoted: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    columns = {f"c{i}": [str(value) for value in rng.choice(pool, 60)] for i, pool in enumerate(POOLS.values())}
    path = _write(tmp_path / "a.csv", columns, ",", quoted=quoted)
    if quoted:  # blanks inside quotation marks are kept as they are by the rule for blanks before a text
        columns = {name: values for name, values in columns.items() if not any(v.startswith(" ") for v in values)}
    frame = read_table(path, MISSING).frame
    for column, values in columns.items():
        _same(frame[column], _by_value(values), f"{list(POOLS)[int(column[1:])]}, {column}")


def test_floats_are_the_nearest_ones(tmp_path: Path) -> None:
    """As Python reads them: a parser that is one unit off in the last place would show here."""
    rng = np.random.default_rng(7)
    texts = [repr(float(x)) for x in rng.lognormal(6, 3, 5000)] + [f"{x:.5f}" for x in rng.uniform(0, 9e4, 5000)]
    path = _write(tmp_path / "a.csv", {"x": texts, "k": ["1"] * len(texts)}, ",", quoted=False)
    found = read_table(path, {}).frame["x"].to_numpy()
    assert found.tobytes() == np.array([float(text) for text in texts]).tobytes()


def test_only_columns_with_codes_are_named(tmp_path: Path) -> None:
    def named(content: str) -> list[str]:
        return textfile.columns_with_codes(textfile.split(content, "utf-8", tmp_path / "a.csv"))

    assert named("a,b,c\n1,011,2\n1,12,+3\n") == ["b", "c"]
    assert named("a,b,c\n1,10,2.05\n0,0.1,-0.5\n") == []
    assert named('a,b,c\n"x,07",01,2\n1,12,3\n') == ["a", "b"]
    assert named('a,b,c\n"two\nlines",1,1E5\n1,12,3\n') == ["c"]
    assert named("a,b,c\n1,2,3\n\n1,02,3\n") == ["a", "b", "c"]  # an empty line: all, to be sure
    assert named('a,b,c\n5" pipe,02,3\n1,2,3\n') == ["a", "b", "c"]  # a mark inside a text: all, to be sure
    assert named('a,b,c\n5" pipe,02,3\n6" pipe,2,3\n') == ["a", "b", "c"]
    assert named('a,b,c\n"5"" pipe, long",02,3\n1,2,3\n') == ["b"]
    wide = ",".join(f"c{i}" for i in range(300))
    rows = "\n".join(",".join("1" if i != 217 else "05" for i in range(300)) for _ in range(3000))
    assert named(f"{wide}\n{rows}") == ["c217"]  # beyond one block of bytes, and no end of line

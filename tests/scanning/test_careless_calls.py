"""Arguments and columns that a careless user gives: what a Survey does with them, or words."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import llo_research as llo

N = 240
RNG = np.random.default_rng(8)
FRAME = pd.DataFrame(
    {
        "year": np.repeat([2014, 2015, 2016], N // 3),
        "hours": RNG.gamma(2, 10, N),
        "contract": RNG.choice(["a", "A", "b"], N),
        "truth": RNG.integers(0, 2, N).astype(float),
        "w": RNG.gamma(2, 1, N),
    }
)
FRAME.loc[FRAME["year"] == 2014, "truth"] = np.nan


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The rows as a file."""
    FRAME.to_parquet(tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


def numbers(svy: Any, variable: str = "truth", by: Any = None) -> np.ndarray:
    """Estimates with their standard errors."""
    return np.asarray(llo.mean(variable, svy, by=by).to_frame()[["estimate", "std_error"]].to_numpy())


ARGUMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "weights of a list": ({"weights": ["w"]}, "weights takes the name of one column."),
    "a unit of a list": ({"unit": ["year"]}, "unit takes the name of one column."),
    "no unit in a list": ({"unit": []}, "unit takes the name of one column."),
    "labels of text": ({"labels": "x"}, "labels is a mapping."),
    "a source of text": ({"source": "x"}, "source is a mapping."),
    "yes in words": ({"source": {"restricted": "yes"}}, "restricted is True or False."),
    "a kind that there is not": ({"source": {"kind": "restriced"}}, "source has no kind 'restriced'."),
    "waves of nobody": (
        {"time": "year"},
        "Strata span several times, and neither unit nor psu says which rows belong together.",
    ),
    "waves of nobody, in strata": (
        {"time": "year", "strata": "contract"},
        "Strata span several times, and neither unit nor psu says which rows belong together.",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments_that_are_refused(file: Path, case: str) -> None:
    given, what = ARGUMENTS[case]
    with pytest.raises(llo.LloError) as error:
        numbers(llo.scan(file, **{"weights": "w", **given}))
    assert error.value.what == what


def test_no_sampling_units_in_a_list_are_none(file: Path) -> None:
    empty: dict[str, Any] = {"psu": [], "strata": []}
    np.testing.assert_allclose(numbers(llo.scan(file, weights="w", **empty)), numbers(llo.Survey(FRAME, weights="w")))


CALLS: dict[str, tuple[Callable[[Any], object], str]] = {
    "names that differ in capitals": (lambda s: s.assign(HOURS="hours > 3"), "Two columns are called alike."),
    "conditions that do": (
        lambda s: llo.mean(["contract == 'a'", "contract == 'A'"], s),
        "Two columns are called alike.",
    ),
    "random numbers": (
        lambda s: s.assign(x=lambda t: ibis.random()),
        "A column of random numbers would be another at each pass.",
    ),
    "a product of nothing": (
        lambda s: s.collapse(["year"], ["hours"], [("hours", "nope")]),
        "Products are of two of the numbers.",
    ),
    "a product of text": (lambda s: s.collapse(["year"], ["hours"], "hours"), "Products are of two of the numbers."),
}


@pytest.mark.parametrize("case", CALLS)
def test_calls_that_are_refused(file: Path, case: str) -> None:
    call, what = CALLS[case]
    with pytest.raises(llo.DataError) as error:
        call(llo.scan(file, weights="w"))
    assert error.value.what == what


def test_domains_whose_words_differ_in_capitals(file: Path) -> None:
    def both(svy: Any) -> np.ndarray:
        return numbers(svy.where("contract != 'a'").where("contract != 'A'"), "hours")

    np.testing.assert_allclose(both(llo.scan(file, weights="w")), both(llo.Survey(FRAME, weights="w")))


def test_a_name_alone_stands_for_a_list_of_one(file: Path) -> None:
    scan = llo.scan(file, weights="w")
    one, other = scan.collapse("year", numbers="hours"), scan.collapse(["year"], numbers=["hours"])
    np.testing.assert_array_equal(numbers(one, "hours", "year"), numbers(other, "hours", "year"))


def test_a_column_called_truth_beside_waves(file: Path) -> None:
    design = {"weights": "w", "time": "year", "strata": "year"}
    told = [
        numbers(svy.assign(x="truth == 1 or hours > 20"), "x", "year")
        for svy in (llo.scan(file, **design), llo.Survey(FRAME, **design))
    ]
    np.testing.assert_allclose(told[0], told[1])
    assert np.isnan(told[0][0]).all()


def test_categories_that_differ_between_parts_of_a_file(tmp_path: Path) -> None:
    tables = [
        pa.table({"e": pa.array(levels * 9).dictionary_encode(), "w": [1.0, 2.0] * 9, "x": [0, 1, 1] * 6})
        for levels in (["low", "mid"], ["high", "mid"])
    ]
    with parquet.ParquetWriter(tmp_path / "a.parquet", tables[0].schema) as writer:
        for table in tables:
            writer.write_table(table)
    found = llo.mean("x", llo.scan(tmp_path / "a.parquet", weights="w"), by="e").to_frame()
    whole = llo.mean("x", llo.Survey(pd.read_parquet(tmp_path / "a.parquet"), weights="w"), by="e").to_frame()
    assert found.set_index("e")["estimate"].to_dict() == pytest.approx(whole.set_index("e")["estimate"].to_dict())


def test_a_scan_is_not_kept(file: Path) -> None:
    with pytest.raises(TypeError, match=r"keep the call of llo\.scan"):
        pickle.dumps(llo.scan(file, weights="w"))


def test_threads_take_turns(file: Path) -> None:
    scan = llo.scan(file, weights="w")
    found: dict[int, Any] = {}

    def one(number: int) -> None:
        found[number] = numbers(scan.where(f"year == {2014 + number % 3}"), "hours")

    threads = [threading.Thread(target=one, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(9):
        survey = llo.Survey(FRAME, weights="w").where(f"year == {2014 + number % 3}")
        np.testing.assert_allclose(found[number], numbers(survey, "hours"), rtol=1e-10)


@pytest.mark.parametrize(("language", "title"), [("en", "restricted microdata"), ("nl", "besloten microdata")])
def test_the_receipt_of_restricted_files_says_so_in_words(file: Path, language: Any, title: str) -> None:
    result = llo.mean("truth", llo.scan(file, weights="w"))
    assert title in str(result.receipt(language=language))
    assert "{" not in str(result.receipt(language=language)).split("\n")[1]


def test_who_stops_a_call_is_told_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise RuntimeError("Query interrupted")

    scan = llo.scan(file, weights="w")
    monkeypatch.setattr("ibis.expr.types.Table.to_pyarrow", stopped)
    with pytest.raises(KeyboardInterrupt):
        numbers(scan)


# -- engines ----------------------------------------------------------------------------------------------------------


def test_a_connection_of_duckdb_itself(file: Path) -> None:
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW people AS SELECT * FROM '{file}'")
    for data in ("people", file):
        found = numbers(llo.scan(data, weights="w", engine=connection), "hours")
        np.testing.assert_allclose(found, numbers(llo.Survey(FRAME, weights="w"), "hours"), rtol=1e-12)


def test_a_connection_of_ones_own_puts_nothing_in_the_working_directory(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data_raw").mkdir()
    monkeypatch.chdir(tmp_path)
    where = []
    for given in ({}, {"temp_directory": str(tmp_path / "own")}):
        engine = ibis.duckdb.connect(memory_limit="600MB", **given)
        numbers(llo.scan(file, weights="w", engine=engine))
        where.append(Path(engine.con.execute("SELECT current_setting('temp_directory')").fetchone()[0]))
    assert where[0].is_relative_to(tmp_path / "data_processed" / "restricted" / "tmp")
    assert where[1] == tmp_path / "own"


def test_files_for_an_engine_that_does_not_read_them_here(file: Path, tmp_path: Path) -> None:
    engine = ibis.sqlite.connect(tmp_path / "a.sqlite")
    with pytest.raises(llo.DataError, match=r"Files are read by DuckDB or Spark\."):
        llo.scan(file, weights="w", engine=engine)


def test_a_connection_that_was_closed(file: Path) -> None:
    engine = ibis.duckdb.connect()
    scan = llo.scan(file, weights="w", engine=engine)
    engine.disconnect()
    for call in (lambda: numbers(scan), scan.describe, lambda: llo.scan(file, weights="w", engine=engine)):
        with pytest.raises(llo.DataError, match=r"The connection to the engine is closed\."):
            call()


def test_a_table_whose_names_differ_in_capitals() -> None:
    table = ibis.memtable(pa.table({"w": [1.0, 2.0], "x": [1, 0], "X": [0, 1]}))
    with pytest.raises(llo.DataError, match="called alike"):
        llo.scan(table, weights="w")

"""Every way in gives the same: files, lists, CSV, a table, a connection; whatever threads and order of rows."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

import llo_research as llo

DESIGN: dict[str, Any] = {"weights": "w", "strata": ["year", "region"], "unit": "person", "time": "year"}


def people(n: int = 6000) -> pd.DataFrame:
    """Waves of persons, some of whom return."""
    rng = np.random.default_rng(5)
    person = rng.integers(0, n // 2, n)
    frame = pd.DataFrame(
        {
            "year": rng.integers(2014, 2018, n),
            "person": person,
            "region": person % 3,
            "education": rng.choice(["low", "middle", "high"], n),
            "trained": rng.choice([True, False], n),
            "hours": rng.gamma(2, 10, n),
            "w": rng.gamma(2, 1, n),
        }
    )
    return frame.drop_duplicates(["year", "person"], ignore_index=True)


FRAME = people()


def numbers(big: Any) -> pd.DataFrame:
    """Means with their standard errors."""
    return llo.mean("trained", big, by=["year", "education"]).to_frame()[["estimate", "std_error", "df"]]


@pytest.fixture(scope="module")
def wanted() -> pd.DataFrame:
    """The same in memory."""
    return numbers(llo.Survey(FRAME, **DESIGN))


def _parquet(folder: Path) -> Any:
    FRAME.to_parquet(folder / "a.parquet")
    return llo.scan(folder / "a.parquet", **DESIGN)


def _shuffled(folder: Path) -> Any:
    mixed = FRAME.sample(frac=1, random_state=3)
    for number, part in enumerate(np.array_split(np.arange(len(mixed)), 7)):
        mixed.iloc[part].to_parquet(folder / f"part-{number}.parquet")
    return llo.scan(str(folder / "*.parquet"), **DESIGN)


def _by_year(folder: Path) -> Any:
    for year, part in FRAME.groupby("year"):
        (folder / f"year={year}").mkdir()
        part.drop(columns="year").to_parquet(folder / f"year={year}" / "part.parquet")
    return llo.scan(str(folder / "*" / "*.parquet"), **DESIGN)


def _csv(folder: Path) -> Any:
    FRAME[:3000].to_csv(folder / "a.csv", index=False)
    FRAME[3000:].to_csv(folder / "b.csv.gz", index=False)
    return llo.scan([folder / "a.csv", folder / "b.csv.gz"], **DESIGN)


def _table(folder: Path) -> Any:
    return llo.scan(ibis.memtable(FRAME), **DESIGN)


def _connection(folder: Path) -> Any:
    connection = ibis.duckdb.connect()
    FRAME.to_parquet(folder / "a.parquet")
    connection.con.execute(f"CREATE TABLE people AS SELECT * FROM '{folder / 'a.parquet'}'")
    return llo.scan("people", engine=connection, **DESIGN)


@pytest.mark.parametrize("way", [_parquet, _shuffled, _by_year, _csv, _table, _connection], ids=lambda f: f.__name__)
def test_every_way_in_gives_the_numbers_of_a_survey(tmp_path: Path, wanted: pd.DataFrame, way: Any) -> None:
    pd.testing.assert_frame_equal(numbers(way(tmp_path)), wanted, rtol=1e-12, atol=0)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_change_no_digit(tmp_path: Path, wanted: pd.DataFrame, threads: int) -> None:
    FRAME.to_parquet(tmp_path / "a.parquet", row_group_size=500)
    connection = ibis.duckdb.connect(threads=threads)
    big = llo.scan(tmp_path / "a.parquet", engine=connection, **DESIGN)
    pd.testing.assert_frame_equal(numbers(big), wanted, rtol=1e-12, atol=0)


def test_a_table_that_is_not_there_is_refused() -> None:
    with pytest.raises(llo.DataError, match="The engine has no table 'peple'"):
        llo.scan("peple", engine=ibis.duckdb.connect(), weights="w")


def test_a_result_says_what_was_read(tmp_path: Path) -> None:
    big = _parquet(tmp_path)
    told = llo.mean("trained", big, by="year").meta["read"]
    assert told["files"] == ["a.parquet"]
    assert told["engine"] == "duckdb"
    assert told["rows"] == len(FRAME)
    assert told["passes"] == len(told["read"]) >= 2
    assert told["seconds"] >= 0


def test_describe_tells_what_a_survey_tells(tmp_path: Path) -> None:
    told = _parquet(tmp_path).where("education == 'high'").describe()
    wanted = llo.Survey(FRAME, **DESIGN).where("education == 'high'").describe()
    for name in ("n", "n_domain", "n_zero_weight", "strata", "df", "columns", "weight", "weight_kind"):
        assert getattr(told, name) == getattr(wanted, name), name
    assert told.sum_weights == pytest.approx(wanted.sum_weights, rel=1e-12)
    assert told.deff_weighting == pytest.approx(wanted.deff_weighting, rel=1e-12)


def test_files_are_restricted_unless_their_source_says_otherwise(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "a.parquet")
    assert llo.scan(tmp_path / "a.parquet", weights="w").source["restricted"] is True
    assert llo.scan(tmp_path / "a.parquet", weights="w", source={"restricted": False}).source["kind"] == "own"


def test_what_a_scan_puts_aside_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data_raw").mkdir()
    monkeypatch.chdir(tmp_path)
    big = _parquet(tmp_path)
    aside = tmp_path / "data_processed" / "restricted" / "tmp"
    assert [path.name for path in aside.glob("*/*")] == [next(aside.glob("*/*")).name]
    del big
    gc.collect()
    assert list(aside.glob("*/*")) == []


def test_importing_the_library_imports_no_engine() -> None:
    code = "import sys, llo_research as llo; llo.Survey; print({'ibis', 'duckdb', 'pyspark'} & set(sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert told.stdout.strip() == "set()"

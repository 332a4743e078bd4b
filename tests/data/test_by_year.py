"""Proves that a scan reads what `llo data --format parquet` writes, and that a stopped run leaves nothing half-made."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo
from llo_research.cli import main
from llo_research.data.by_year import by_year, write_by_year

FRAME = pd.DataFrame(
    {"year": [2014, 2014, 2015, 2015], "trained": [True, False, True, True], "w": [1.0, 2.0, 3.0, 4.0]}
)


def test_a_scan_reads_what_was_written(tmp_path: Path) -> None:
    write_by_year(FRAME, tmp_path / "nea")
    assert sorted(path.name for path in (tmp_path / "nea").iterdir()) == ["year=2014", "year=2015"]
    big = llo.scan(str(tmp_path / "nea" / "**" / "*.parquet"), weights="w")
    svy = llo.Survey(FRAME, weights="w")
    found, expected = (llo.mean("trained", data, by="year").to_frame()["estimate"] for data in (big, svy))
    assert found.tolist() == pytest.approx(expected.tolist(), rel=1e-12)


def test_without_years_it_is_one_file(tmp_path: Path) -> None:
    write_by_year(FRAME.drop(columns="year"), tmp_path / "one")
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["rows.parquet"]


def test_a_run_that_is_stopped_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_by_year(FRAME, tmp_path / "nea")
    before = sorted((tmp_path / "nea").rglob("*.parquet"))

    def stopped(self: pd.DataFrame, path: Path, **how: object) -> None:
        path.write_bytes(b"PAR1 half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_parquet", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_by_year(FRAME[:2], tmp_path / "nea")
    assert sorted((tmp_path / "nea").rglob("*.parquet")) == before
    monkeypatch.undo()
    write_by_year(FRAME[:2], tmp_path / "nea")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nea"], "the half-made folder is gone"
    assert [path.name for path in (tmp_path / "nea").iterdir()] == ["year=2014"]


def test_too_little_disk_is_told_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 9, 1))
    with pytest.raises(llo.DataError, match="too little disk space"):
        write_by_year(FRAME, tmp_path / "nea")
    assert list(tmp_path.iterdir()) == []


def test_what_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "nea.parquet")
    entry = {"file": "nea.parquet", "made": True}
    assert by_year(tmp_path, [entry]) == ["nea_by_year/**/*.parquet"]
    first = next((tmp_path / "nea_by_year").rglob("*.parquet")).stat().st_mtime_ns
    by_year(tmp_path, [{**entry, "made": False}])
    assert next((tmp_path / "nea_by_year").rglob("*.parquet")).stat().st_mtime_ns == first


def test_the_command_knows_the_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["data", "--format", "arrow"])
    assert stop.value.code == 2 and "parquet" in capsys.readouterr().err

"""Proves that a damaged file, whatever it claims, ends in words: no raw error, no hang, no lost session."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data import reading_child, sealed_reading
from llo_research.data.readers import read_table

FILES = ("a.csv", "a.csv.gz", "a.sav", "a.dta", "a.parquet")
PER_FORMAT = 40
ROWS = np.arange(60)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small file of each format."""
    pyreadstat = pytest.importorskip("pyreadstat")
    pytest.importorskip("pyarrow")
    folder: Path = tmp_path_factory.mktemp("whole")
    frame = pd.DataFrame({"w": 1.0 + ROWS, "y": ROWS % 5, "t": np.array(["a", "bb", "ë"])[ROWS % 3]})
    frame["day"] = pd.date_range("2019-01-01", periods=60)
    frame.to_csv(folder / "a.csv", index=False)
    frame.to_csv(folder / "a.csv.gz", index=False)
    frame.assign(c=frame["t"].astype("category")).to_parquet(folder / "a.parquet")
    frame.to_stata(folder / "a.dta", write_index=False, version=118)
    frame["day"] = frame["day"].dt.date
    pyreadstat.write_sav(frame, str(folder / "a.sav"), variable_value_labels={"y": {1: "een", 2: "twee"}})
    return folder


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Bytes changed, cut, doubled or put in."""
    data, kind = bytearray(content), rng.choice(["flip", "head", "cut", "repeat", "insert"])
    at = rng.randrange(len(data))
    if kind in ("flip", "head"):
        for _ in range(rng.choice([1, 3, 20])):
            data[rng.randrange(len(data) if kind == "flip" else min(300, len(data)))] = rng.randrange(256)
    elif kind == "cut":
        data = data[:at]
    elif kind == "repeat":
        data = data[:at] + data[max(0, at - rng.randrange(1, 200)) :]
    else:
        data = data[:at] + bytes(rng.randrange(256) for _ in range(rng.choice([1, 4, 16]))) + data[at:]
    return bytes(data)


@pytest.mark.parametrize("name", FILES)
def test_damaged_bytes_end_in_words(name: str, whole: Path, tmp_path: Path) -> None:
    rng, content, path = random.Random(20), (whole / name).read_bytes(), tmp_path / name
    refused = 0
    for _ in range(PER_FORMAT):
        path.write_bytes(damaged(content, rng))
        try:
            read_table(path, {})
        except llo.DataError as error:
            refused += 1
            assert error.found or error.where
    assert refused > PER_FORMAT // 4


def test_an_spss_header_that_claims_more_or_fewer_rows(whole: Path, tmp_path: Path) -> None:
    for rows in (2**31 - 1, 10**6, 59):
        data = bytearray((whole / "a.sav").read_bytes())
        data[80:84] = struct.pack("<i", rows)
        (tmp_path / "a.sav").write_bytes(data)
        with pytest.raises(llo.DataError, match=r"damaged(.|\n)*its header claims"):
            read_table(tmp_path / "a.sav", {})


def test_a_stata_header_that_claims_more_rows(whole: Path, tmp_path: Path) -> None:
    data = (whole / "a.dta").read_bytes()
    at = data.index(b"<N>") + 3
    (tmp_path / "a.dta").write_bytes(data[:at] + struct.pack("<q", 2**40) + data[at + 8 :])
    with pytest.raises(llo.DataError, match=r"damaged(.|\n)*its header claims 1,099,511,627,776 rows"):
        read_table(tmp_path / "a.dta", {})


def test_a_gzip_file_that_unpacks_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    from llo_research.data import textfile

    monkeypatch.setattr(textfile, "_UNPACKED", 10_000_000)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,1\n" * 5_000_000, 9))
    with pytest.raises(llo.DataError, match="damaged"):
        read_table(tmp_path / "a.csv.gz", {})


# -- the process that reads -----------------------------------------------------------------------------------------


def child() -> Any:
    """The process that is kept."""
    sealed_reading.start()
    assert sealed_reading._PLACE.child is not None
    return sealed_reading._PLACE.child


def test_the_process_is_kept_and_replaced_when_it_is_gone(whole: Path) -> None:
    read_table(whole / "a.sav", {})
    first = child().process.pid
    read_table(whole / "a.parquet", {})
    assert child().process.pid == first
    child().process.kill()
    child().process.wait()
    assert len(read_table(whole / "a.sav", {}).frame) == 60
    assert child().process.pid != first


def test_a_relative_path_is_ours_not_that_of_the_process(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child()
    monkeypatch.chdir(whole)
    for name in FILES:
        assert len(read_table(Path(name), {}).frame) == 60


def test_a_file_that_ends_the_process_is_refused_in_words(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = sealed_reading.inspect.getsource(reading_child)
    deadly = text.replace("reader = {", "os._exit(7)\n    reader = {", 1)
    monkeypatch.setattr(sealed_reading.inspect, "getsource", lambda module: deadly)
    sealed_reading._PLACE.drop()
    with pytest.raises(llo.DataError, match=r"damaged(.|\n)*broke down \(code 7\)"):
        read_table(whole / "a.sav", {})
    monkeypatch.undo()
    assert len(read_table(whole / "a.sav", {}).frame) == 60


def test_a_file_that_takes_too_long_is_refused_in_words(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = sealed_reading.inspect.getsource(reading_child)
    endless = text.replace("reader = {", "while True: pass\n    reader = {", 1)
    monkeypatch.setattr(sealed_reading.inspect, "getsource", lambda module: endless)
    monkeypatch.setattr(sealed_reading, "_limits", lambda size, cells: {"seconds": 1, "cpu": 60, "memory": 1 << 32})
    sealed_reading._PLACE.drop()
    began = time.monotonic()
    with pytest.raises(llo.DataError, match=r"damaged(.|\n)*took too long"):
        read_table(whole / "a.sav", {})
    assert time.monotonic() - began < 30
    monkeypatch.undo()
    sealed_reading._PLACE.drop()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory hold on Linux only")
def test_a_file_that_eats_memory_is_refused_in_words(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = sealed_reading.inspect.getsource(reading_child)
    greedy = text.replace(
        "    import pyreadstat\n\n    _, told", "    b'x' * (1 << 40)\n    import pyreadstat\n\n    _, told"
    )
    assert greedy != text
    monkeypatch.setattr(sealed_reading.inspect, "getsource", lambda module: greedy)
    sealed_reading._PLACE.drop()
    with pytest.raises(llo.DataError, match=r"damaged(.|\n)*MemoryError"):
        read_table(whole / "a.sav", {})
    monkeypatch.undo()
    sealed_reading._PLACE.drop()


def test_without_an_interpreter_files_are_read_here_with_a_warning(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {name: read_table(whole / name, {}).frame for name in ("a.sav", "a.parquet")}
    monkeypatch.setattr(sealed_reading, "_PLACE", sealed_reading._Place())
    monkeypatch.setattr(sys, "executable", "")
    monkeypatch.setattr(sys, "_base_executable", "", raising=False)
    for name, frame in expected.items():
        with pytest.warns(llo.LloWarning, match="without a process beside this one"):
            pd.testing.assert_frame_equal(read_table(whole / name, {}).frame, frame)


def test_no_process_is_left_behind(whole: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from llo_research.data import sealed_reading\n"
        "from llo_research.data.readers import read_table\n"
        "read_table(Path(sys.argv[1]), {}); print(sealed_reading._PLACE.child.process.pid)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(whole / "a.sav")], capture_output=True, text=True, env=env
    )
    assert done.returncode == 0 and done.stderr == ""
    if os.name == "posix":
        with pytest.raises(ProcessLookupError):
            os.kill(int(done.stdout), 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_copy_of_our_process_gets_a_process_of_its_own(whole: Path) -> None:
    read_table(whole / "a.sav", {})
    ours = child().process.pid
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        same = child().process.pid == ours
        rows = len(read_table(whole / "a.sav", {}).frame)
        os.write(into, f"{same} {rows}".encode())
        sealed_reading._PLACE.drop()
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(out, 100) == b"False 60"
    assert child().process.pid == ours and len(read_table(whole / "a.sav", {}).frame) == 60


def test_the_same_from_the_process_and_from_here(whole: Path) -> None:
    for name, kind in (("a.sav", "sav"), ("a.parquet", "parquet")):
        names = ["w", "y", "t", "day"]
        job = {"kind": kind, "ask": "columns", "path": str(whole / name), "names": names, "encoding": None}
        here, there = list(reading_child.run(job)), sealed_reading.ask(job, size=5000, cells=0)
        for (told, arrays), (told_there, arrays_there) in zip(here, there, strict=True):
            assert told == told_there
            assert [a.tolist() for a in arrays] == [a.tolist() for a in arrays_there]

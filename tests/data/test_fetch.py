"""Proves that downloads resume, are whole or refused, and record their checksum (against a server on this computer)."""

from __future__ import annotations

import errno
import functools
import hashlib
import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

import llo_research as llo
from llo_research.data import fetch
from llo_research.data.fetch import download, fetch_piaac
from llo_research.data.fetch_countries import fetch_countries
from llo_research.data.provenance import read_sums
from llo_research.data.statline import fetch_statline

CONTENT = b"CNTRYID,SEQID\n" + b"".join(b"528,%d\n" % k for k in range(50_000))


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT with ranges, can break off half-way, and a StatLine table of seven rows in pages."""

    requests: ClassVar[list[tuple[str, str | None]]] = []
    break_at: ClassVar[int | None] = None
    version: ClassVar[str] = '"one"'
    files: ClassVar[tuple[str, ...]] = ("prgnldp1.csv", "prgnldp2.csv")

    def do_GET(self) -> None:
        path = urllib.parse.urlsplit(self.path)
        self.requests.append((path.path, self.headers.get("Range")))
        if path.path.endswith(self.files):
            self._file()
        elif path.path.endswith("prgbelp1.csv"):
            self._send(200, b"<!DOCTYPE html><html>Please sign in</html>")
        elif path.path.startswith("/odata/12345NED/"):
            self._table(path.path.rsplit("/", 1)[1], dict(urllib.parse.parse_qsl(path.query)))
        else:
            self._send(404, b"no")

    def _send(self, code: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _file(self) -> None:
        start, wanted = 0, self.headers.get("Range")
        if wanted and self.headers.get("If-Range") == self.version:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        body = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", self.version)
        self.end_headers()
        self.wfile.write(body if self.break_at is None else body[: self.break_at])

    def _table(self, part: str, query: dict[str, str]) -> None:
        rows: dict[str, list[dict[str, Any]]] = {
            "TableInfos": [{"Title": "Leven lang ontwikkelen; één tabel", "Modified": "2026-01-01"}],
            "DataProperties": [{"Key": "Sex", "Type": "Dimension"}, {"Key": "Rate_1", "Type": "Topic"}],
            "Sex": [{"Key": "T001038", "Title": "Total"}],
            "TypedDataSet": [{"ID": k, "Sex": "T001038", "Rate_1": None if k == 3 else 20 + k / 10} for k in range(7)],
        }
        skip = int(query["$skip"])
        page = rows[part][skip : skip + int(query["$top"])]
        self._send(200, json.dumps({"odata.metadata": "x", "value": page}).encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Handler.requests, Handler.break_at, Handler.version = [], None, '"one"'
    Handler.files = ("prgnldp1.csv", "prgnldp2.csv")
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=functools.partial(httpd.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}/"
    httpd.shutdown()
    httpd.server_close()
    thread.join(timeout=5)


def test_a_file_is_fetched_once_with_its_checksum(server: str, tmp_path: Path, capsys: Any) -> None:
    path = fetch_piaac("nld", 1, folder=tmp_path, base=server, timeout=5)
    assert path.read_bytes() == CONTENT and path.name == "prgnldp1.csv"
    assert Handler.requests[0][0] == "/cy1-puf-data/CSV/prgnldp1.csv"
    assert read_sums(tmp_path) == {"prgnldp1.csv": hashlib.sha256(CONTENT).hexdigest()}
    sums = (tmp_path / "SHA256SUMS").read_bytes()
    assert sums.startswith(b"# prgnldp1.csv: %d bytes from %s" % (len(CONTENT), server.encode())) and b"\r" not in sums
    out, err = capsys.readouterr()
    assert out == "" and "100 %" in err and f"{len(CONTENT):,} bytes" in err
    fetch_piaac("nld", 1, folder=tmp_path, base=server, timeout=5, quiet=True)
    assert len(Handler.requests) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["SHA256SUMS", "prgnldp1.csv"]


def test_a_download_cut_off_is_resumed(server: str, tmp_path: Path) -> None:
    Handler.break_at = 100_000
    with pytest.raises(llo.DataError, match=r"cut off|cannot be reached"):
        fetch_piaac("nld", 2, folder=tmp_path, base=server, timeout=5, quiet=True)
    part = tmp_path / "prgnldp2.csv.part"
    assert part.stat().st_size == 100_000 and not (tmp_path / "prgnldp2.csv").exists()
    Handler.break_at = None
    path = fetch_piaac("nld", 2, folder=tmp_path, base=server, timeout=5, quiet=True)
    assert path.read_bytes() == CONTENT
    assert Handler.requests[-1] == ("/cy2-puf-data/CSV/prgnldp2.csv", "bytes=100000-")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["SHA256SUMS", "prgnldp2.csv"]


def test_a_file_that_changed_at_the_source_starts_anew(server: str, tmp_path: Path) -> None:
    Handler.break_at = 100_000
    with pytest.raises(llo.DataError):
        fetch_piaac("nld", 1, folder=tmp_path, base=server, timeout=5, quiet=True)
    Handler.break_at, Handler.version = None, '"two"'
    path = fetch_piaac("nld", 1, folder=tmp_path, base=server, timeout=5, quiet=True)
    assert path.read_bytes() == CONTENT


def test_what_is_not_the_file_is_refused(server: str, tmp_path: Path) -> None:
    with pytest.raises(llo.DataError, match="web page or nothing"):
        fetch_piaac("bel", 1, folder=tmp_path, base=server, timeout=5, quiet=True)
    with pytest.raises(llo.DataError, match="no such file"):
        fetch_piaac("swe", 1, folder=tmp_path, base=server, timeout=5, quiet=True)
    with pytest.raises(llo.DataError, match="say which"):
        fetch_piaac("xyz", 1, folder=tmp_path, base=server, timeout=5, quiet=True)
    assert not list(tmp_path.glob("*.csv"))


def test_a_file_that_is_not_what_was_recorded_is_refused(server: str, tmp_path: Path) -> None:
    path = fetch_piaac("nld", 1, folder=tmp_path, base=server, timeout=5, quiet=True)
    path.write_bytes(CONTENT[:-10])
    with pytest.raises(llo.DataError, match="not the file that was recorded"):
        fetch_piaac("nld", 1, folder=tmp_path, base=server, timeout=5, quiet=True)


def test_offline_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(llo.DataError, match="no internet connection") as caught:
        download("http://127.0.0.1:9/prgnldp1.csv", tmp_path / "piaac" / "prgnldp1.csv", timeout=2, quiet=True)
    assert "piaac/prgnldp1.csv of the data folder" in str(caught.value)
    with pytest.raises(llo.DataError, match="StatLine cannot be reached"):
        fetch_statline("12345NED", folder=tmp_path, base="http://127.0.0.1:9/", timeout=2, quiet=True)


def test_a_full_disk_and_a_closed_folder_are_not_told_as_offline(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")  # as write() says it: without a name

    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(llo.DataError, match=r"prgnldp1\.csv cannot be written"):
        fetch_piaac("nld", 1, folder=tmp_path / "file", base=server, timeout=5, quiet=True)
    for place in ("_progress", "record_sum"):
        with monkeypatch.context() as patched, pytest.raises(llo.DataError, match="cannot be written") as caught:
            patched.setattr(fetch, place, full)
            fetch_piaac("nld", 1, folder=tmp_path / place, base=server, timeout=5, quiet=True)
        assert "No space left on device" in str(caught.value) and "online" not in str(caught.value)
    for lost in (OSError(errno.ENETUNREACH, "Network is unreachable"), TimeoutError("timed out")):
        monkeypatch.setattr(fetch, "_progress", lambda *_, lost=lost: (_ for _ in ()).throw(lost))
        with pytest.raises(llo.DataError, match="cannot be reached"):
            fetch_piaac("nld", 1, folder=tmp_path / "lost", base=server, timeout=5, quiet=True)


def test_without_a_folder_for_data_nothing_is_fetched(away: Path) -> None:
    with pytest.raises(llo.DataError, match="no folder to put the data in"):
        fetch_piaac("nld", 1, base="http://127.0.0.1:9/", quiet=True)


def test_statline_comes_in_pages_with_its_description(server: str, tmp_path: Path) -> None:
    folder = fetch_statline("12345NED", folder=tmp_path, base=f"{server}odata/", timeout=5, page=3, quiet=True)
    lines = (folder / "TypedDataSet.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "ID,Sex,Rate_1" and len(lines) == 8 and lines[4] == "3,T001038," and lines[7].endswith("20.6")
    assert "één tabel" in (folder / "TableInfos.csv").read_text(encoding="utf-8")
    names = ["DataProperties.csv", "SHA256SUMS", "Sex.csv", "TableInfos.csv", "TypedDataSet.csv"]
    assert sorted(p.name for p in folder.iterdir()) == names
    digest = hashlib.sha256((folder / "TypedDataSet.csv").read_bytes()).hexdigest()
    assert read_sums(folder)["TypedDataSet.csv"] == digest
    with pytest.raises(llo.DataError, match="no such table"):
        fetch_statline("99999NED", folder=tmp_path, base=f"{server}odata/", timeout=5, quiet=True)
    with pytest.raises(llo.DataError, match="not an identifier"):
        fetch_statline("../../x", folder=tmp_path, base=f"{server}odata/", timeout=5, quiet=True)


def test_countries_come_one_a_line_with_one_manifest(server: str, tmp_path: Path, capsys: Any) -> None:
    Handler.files = ("prgnldp1.csv", "prgswep1.csv", "prgfrap1.csv")
    told = fetch_countries(["nld", "SWE", "fra"], folder=tmp_path, base=server, timeout=5)
    assert [path.name for path in told.files] == ["prgnldp1.csv", "prgswep1.csv", "prgfrap1.csv"] and not told.without
    assert set(read_sums(tmp_path)) == {path.name for path in told.files}
    out, err = capsys.readouterr()
    lines = [line.rsplit("\r", 1)[-1] for line in err.strip().split("\n")]
    assert out == "" and [line.split(" bytes")[0] for line in lines] == [
        f"{k} of 3, {code}: prg{code}p1.csv: {len(CONTENT):,}" for k, code in enumerate(("nld", "swe", "fra"), 1)
    ]


def test_an_interruption_costs_no_file_that_is_there(server: str, tmp_path: Path) -> None:
    Handler.files = ("prgnldp1.csv", "prgswep1.csv", "prgfrap1.csv")
    fetch_countries(["nld"], folder=tmp_path, base=server, timeout=5, quiet=True)
    Handler.break_at = 100_000
    with pytest.raises(llo.DataError, match="It stopped at swe; 1 of 3 files are there"):
        fetch_countries(["nld", "swe", "fra"], folder=tmp_path, base=server, timeout=5, quiet=True)
    assert (tmp_path / "prgswep1.csv.part").stat().st_size == 100_000
    Handler.break_at, Handler.requests = None, []
    told = fetch_countries(["nld", "swe", "fra"], folder=tmp_path, base=server, timeout=5, quiet=True)
    assert [path.read_bytes() == CONTENT for path in told.files] == [True] * 3
    assert [wanted for _, wanted in Handler.requests] == ["bytes=100000-", None], "nld is not asked for again"
    (tmp_path / "prgfrap1.csv").write_bytes(CONTENT[:-1])
    with pytest.raises(llo.DataError, match="is not the file that was recorded"):
        fetch_countries(["nld", "swe", "fra"], folder=tmp_path, base=server, timeout=5, quiet=True)


def test_a_named_country_without_a_file_is_an_error_after_the_others(server: str, tmp_path: Path) -> None:
    Handler.files = ("prgnldp1.csv", "prgfrap1.csv")
    with pytest.raises(llo.DataError, match="no file of swe, cycle 1") as caught:
        fetch_countries(["nld", "swe", "fra"], folder=tmp_path, base=server, timeout=5, quiet=True)
    assert "the other 2 of 3 are there" in str(caught.value)
    assert {path.name for path in tmp_path.glob("*.csv")} == {"prgnldp1.csv", "prgfrap1.csv"}


def test_all_passes_over_what_is_not_open_and_says_so(server: str, tmp_path: Path, capsys: Any) -> None:
    Handler.files = ("prgbelp1.csv", "prgnldp1.csv", "prgfrap1.csv")
    told = fetch_countries(folder=tmp_path, base=server, timeout=5)
    assert [path.name for path in told.files] == ["prgbelp1.csv", "prgfrap1.csv", "prgnldp1.csv"]
    assert len(told.without) == 38 - 3
    err = capsys.readouterr().err
    assert "no file of usa: files of 2012 and 2017; Say which: llo data fetch piaac --country usa --year 2012" in err
    assert "no file of swe: " in err and "HTTP 404" in err


def test_all_of_nothing_is_an_error(server: str, tmp_path: Path) -> None:
    Handler.files = ()
    with pytest.raises(llo.DataError, match="no file of any country, cycle 2") as caught:
        fetch_countries(None, 2, folder=tmp_path, base=f"{server}moved/", timeout=5, quiet=True)
    assert "HTTP 404" in str(caught.value) and f"{server}moved/" in str(caught.value)


def test_bad_countries_are_refused_before_anything_is_fetched(server: str, tmp_path: Path) -> None:
    for codes, cycle, words in [
        (["nld", "xyz"], 1, "say which"),
        (["nld", "prt"], 1, "prt took no part in cycle 1"),
        (["nld", "usa"], 1, "several files of usa"),
        (["nld"], 3, "no cycle 3"),
    ]:
        with pytest.raises(llo.DataError, match=words):
            fetch_countries(codes, cycle, folder=tmp_path, base=server, timeout=5, quiet=True)
    assert not Handler.requests


@pytest.mark.parametrize("base", ["", "http://127.0.0.1:9/"])
def test_the_dutch_file_of_cycle_2_says_why_there_is_none(server: str, base: str, tmp_path: Path) -> None:
    Handler.files = ("prgbelp2.csv",)
    with pytest.raises(llo.DataError, match="pending national authorisation") as caught:
        fetch_piaac("nld", 2, folder=tmp_path, base=base or server, timeout=5, quiet=True)
    assert "country='bel'" in str(caught.value)
    if base:
        return
    with pytest.raises(llo.DataError, match="pending national authorisation"):
        fetch_countries(["bel", "nld"], 2, folder=tmp_path, base=server, timeout=5, quiet=True)
    assert (tmp_path / "prgbelp2.csv").is_file()


def test_who_took_part_is_known_by_its_code() -> None:
    from llo_research.data.instrument import instrument_of

    item = instrument_of("piaac")
    known = set(item.identify["countries"])
    took = {cycle: item.cycle(cycle)["took_part"] for cycle in (1, 2)}
    assert {cycle: len(set(codes)) for cycle, codes in took.items()} == {1: 38, 2: 31}
    assert set(took[1]) | set(took[2]) == known
    for cycle, codes in took.items():
        rounds = [code for name in ("round2", "round3") for code in item.cycle(cycle)[name]]
        assert set(rounds) <= set(codes)

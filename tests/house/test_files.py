"""Proves that tracked text is UTF-8 with LF; no microdata, large file, machine path or registry address."""

from __future__ import annotations

import gzip
import re
from pathlib import Path, PurePosixPath

import pytest

GZIP = b"\x1f\x8b"
LARGEST = 5_000_000
BINARY = {".png", ".gz", ".npz", ".sav", ".dta", ".parquet", ".xlsx", ".ico", ".woff2"}
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:work|tmp|root|farm)/|(?<![\w.])/(?:home|Users)/(?!you\b)\w+/|C:\\Users\\(?!you\b)\w"
)
REGISTRY = re.compile(r"https?://\S*(?:py[p]i|python[h]osted|conda\.an[a]conda|npm[j]s)")
# Where data files may be tracked: published figures, synthetic data, made-up fixtures and reference numbers.
DATA_SUFFIXES = {".csv", ".gz", ".sav", ".dta", ".parquet", ".xlsx", ".tsv", ".feather", ".rds", ".por"}
DATA_FOLDERS = ("data_raw/published/", "data_raw/synthetic/", "tests/", "docs/", "notebooks/")
NOT_DATA = {"README.md", "SHA256SUMS"}
# Weights of known microdata: a table with one of these columns and this many rows is no made-up fixture.
TELLTALE = {"SPFWT0", "WTSSALL", "GEWICHT", "WEEGFACTOR"}
FIXTURE_ROWS = 300


def is_misplaced(name: str) -> bool:
    """Whether a tracked file is a data file where none belongs."""
    path = PurePosixPath(name)
    if name.startswith(("data_raw/", "data_processed/")):
        return path.name not in NOT_DATA and not name.startswith(DATA_FOLDERS)
    return path.suffix.lower() in DATA_SUFFIXES and not name.startswith(DATA_FOLDERS)


def is_microdata(content: bytes) -> bool:
    """Whether a text table holds the weights of known microdata for more rows than a fixture has."""
    header, _, rest = content.decode("utf-8", errors="replace").upper().partition("\n")
    columns = {name.strip().strip('"') for name in re.split(r"[,;\t]", header)}
    return bool(columns & TELLTALE) and rest.count("\n") > FIXTURE_ROWS


@pytest.fixture(scope="module")
def names(tracked: list[Path], root: Path) -> dict[str, Path]:
    return {path.relative_to(root).as_posix(): path for path in tracked}


def test_text_is_utf8_with_lf(names: dict[str, Path]) -> None:
    problems = []
    for name, path in names.items():
        if path.suffix.lower() in BINARY:
            continue
        content = path.read_bytes()
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as problem:
            problems.append(f"{name}: {problem}")
        if b"\r\n" in content:
            problems.append(f"{name}: CRLF")
        if content.startswith(b"\xef\xbb\xbf"):
            problems.append(f"{name}: byte order mark")
    assert problems == []


def test_no_large_file(names: dict[str, Path]) -> None:
    assert {name: path.stat().st_size for name, path in names.items() if path.stat().st_size > LARGEST} == {}


def test_no_microdata(names: dict[str, Path]) -> None:
    assert [name for name in names if is_misplaced(name)] == []
    for name, path in names.items():
        if path.suffix.lower() in {".csv", ".tsv", ".gz"}:
            content = path.read_bytes()
            if content.startswith(GZIP):
                try:
                    content = gzip.decompress(content)
                except (EOFError, OSError):  # a fixture that is broken on purpose
                    continue
            assert not is_microdata(content), name


def test_no_machine_path_or_registry_address(names: dict[str, Path]) -> None:
    found = []
    for name, path in names.items():
        if path.suffix.lower() in BINARY or name == "tests/house/test_files.py":
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1):
            if MACHINE_PATH.search(line) or REGISTRY.search(line):
                found.append(f"{name}:{number}: {line.strip()[:80]}")
    assert found == []


def test_the_rules_can_fail() -> None:
    folder = "".join(["/", "tmp", "/x"])
    assert MACHINE_PATH.search(f"open('{folder}')")
    assert not MACHINE_PATH.search("/".join(("src", "work", "x")))
    assert REGISTRY.search("https://" + "py" + "pi.org/simple")
    assert is_misplaced("data_raw/piaac/nld.csv.gz")
    assert is_misplaced("data_raw/nea.csv")
    assert is_misplaced("nea2023.sav")
    assert not is_misplaced("data_raw/published/published.csv")
    assert not is_misplaced("data_raw/README.md")
    assert is_microdata(b"SEQID;SPFWT0\n" + b"1;2.5\n" * 301)
    assert not is_microdata(b"SEQID;SPFWT0\n" + b"1;2.5\n" * 30)

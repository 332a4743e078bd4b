"""Proves that checksums are recorded beside the files, in the format of sha256sum, and that a change is seen."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import llo_research as llo
from llo_research.data.provenance import check_sum, read_sums, record_sum, sha256_of


def test_sums_are_kept_per_file_and_replaced(tmp_path: Path) -> None:
    for name, content in (("b.csv", b"1"), ("a.csv", b"2"), ("b.csv", b"33")):
        (tmp_path / name).write_bytes(content)
        record_sum(tmp_path / name, sha256_of(tmp_path / name), "https://example.org/" + name)
    lines = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "# a.csv: 1 bytes from https://example.org/a.csv",
        f"{hashlib.sha256(b'2').hexdigest()}  a.csv",
        "# b.csv: 2 bytes from https://example.org/b.csv",
        f"{hashlib.sha256(b'33').hexdigest()}  b.csv",
    ]
    assert read_sums(tmp_path)["b.csv"] == hashlib.sha256(b"33").hexdigest()
    check_sum(tmp_path / "a.csv", hashlib.sha256(b"2").hexdigest())
    with pytest.raises(llo.DataError, match="not the file that was recorded"):
        check_sum(tmp_path / "a.csv", hashlib.sha256(b"3").hexdigest())


def test_a_file_of_sha256sum_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text(f"{'a' * 64} *x y.csv\n\n{'b' * 64}  z.csv\n", encoding="utf-8")
    assert read_sums(tmp_path) == {"x y.csv": "a" * 64, "z.csv": "b" * 64}

"""Proves that --complete turns each kind of skip into a failure, also under several workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SKIPS = """
import pytest
def test_runs(): pass
def test_skips(): pytest.skip("no data")
@pytest.fixture
def absent(): pytest.skip("no folder")
def test_fixture_skips(absent): pass
@pytest.mark.xfail(reason="later")
def test_expected_to_fail(): assert False
"""
MODULE = 'import pytest\npytest.skip("whole module", allow_module_level=True)\n'


ALONE, WORKERS = ["-p", "no:xdist"], ["-n", "2", "--dist", "loadfile"]


@pytest.mark.parametrize(
    ("workers", "complete", "summary"),
    [
        (ALONE, False, "1 passed, 3 skipped, 1 xfailed"),
        (ALONE, True, "2 failed, 1 passed, 2 errors"),
        (WORKERS, True, "2 failed, 1 passed, 2 errors"),
    ],
)
def test_skips_fail(root: Path, tmp_path: Path, workers: list[str], complete: bool, summary: str) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_some.py").write_text(SKIPS, encoding="utf-8")
    (tmp_path / "test_module.py").write_text(MODULE, encoding="utf-8")
    plugin = ["-p", "tests.house.complete", "--continue-on-collection-errors"] if complete else []
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c",
        str(tmp_path / "pytest.ini"),
        *workers,
        *plugin,
        str(tmp_path),
    ]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True)
    last = answer.stdout.strip().splitlines()[-1]
    assert (answer.returncode == 0) is not complete, answer.stdout
    assert summary in last, answer.stdout

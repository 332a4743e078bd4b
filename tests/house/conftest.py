"""Fixtures of the house tests: the root of the project and the files that belong to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the project."""
    return ROOT


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Every file under version control; skipped where the project is not a git clone."""
    try:
        answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git clone: which files belong to the project is not known")
    paths = [ROOT / name for name in answer.stdout.decode("utf-8").split("\0") if name]
    return [path for path in paths if path.is_file()]

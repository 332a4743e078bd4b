"""Fixtures shared by all tests: where real data and reference numbers lie, if they do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time: a test that passes today passes tomorrow.
settings.register_profile("same", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("same")


def _folder(variable: str, purpose: str) -> Path:
    value = os.environ.get(variable)
    if not value or not Path(value).is_dir():
        pytest.skip(f"{variable} is not set to a folder: {purpose}")
    return Path(value).resolve()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder with real microdata (PIAAC, GSS)."""
    return _folder("LLO_DATA", "tests on real microdata are skipped")


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    """Folder with numbers that other programs computed."""
    return _folder("LLO_REFERENCE", "comparisons with reference numbers are skipped")

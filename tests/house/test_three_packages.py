"""Proves that numpy, pandas and scipy alone give the same numbers, and that what needs more says which package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llo_research.packages import USES, Package, need

NEEDS = {
    "glm": "formulaic",
    "ordered": "formulaic",
    "fixed_effects": "formulaic",
    "oaxaca_blinder": "formulaic",
    "adjust_nonresponse": "formulaic",
    "excel": "openpyxl",
    "figure": "matplotlib",
}


def _lines(root: Path, *arguments: str) -> dict[str, str]:
    command = [sys.executable, "tests/house/on_three_packages.py", *arguments]
    env = dict(os.environ, PYTHONPATH=str(root))
    answer = subprocess.run(command, cwd=root, env=env, capture_output=True, encoding="utf-8")
    assert answer.returncode == 0, answer.stderr
    return dict(line.split("\t") for line in answer.stdout.splitlines() if "\t" in line)  # not what a call prints


def test_three_packages_give_the_numbers_of_all_of_them(root: Path) -> None:
    alone, all_of_them = _lines(root), _lines(root, "everything")
    assert len(all_of_them) > 20
    assert not [said for said in all_of_them.values() if "Error" in said]
    assert {name: alone[name] for name in all_of_them} == all_of_them, "to the last digit"
    assert set(alone) - set(all_of_them) == set(NEEDS)
    for name, package in NEEDS.items():
        assert alone[name].startswith("DataError: "), alone[name]
        assert f"needs the package {package}, which is not installed" in alone[name]
        assert f"pip install {package}" in alone[name] and "full bundle" in alone[name]


def test_what_a_package_is_for_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    need("matplotlib")
    assert Package("formulaic").Formula.__name__ == "Formula"
    monkeypatch.setattr("llo_research.packages.find_spec", lambda name: None)
    for name, use in USES.items():
        with pytest.raises(Exception, match=f"{use} needs the package {name}"):
            _ = Package(name).anything

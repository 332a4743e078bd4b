"""A pytest plugin that writes docs/reference/_certified.md: what was held against which reference, and how close.

    python -m pytest -q -p tests.certify tests/estimation

It counts every comparison with `pytest.approx` in modules named `test_against_*.py`: one line a test, the reference
in the words of the module's first line. Numbers that agree to the last bit count as 15 digits.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ApproxScalar = type(pytest.approx(1.0))  # where pytest keeps the class differs between its versions
TARGET = Path(__file__).resolve().parents[1] / "docs" / "reference" / "_certified.md"
MOST_DIGITS = 15
HEAD = "| statistic | numbers | tolerance | digits agreed, at least |\n|---|---:|---:|---:|\n"


@dataclass
class Line:
    """One test: how many numbers, the widest tolerance, the worst relative deviation."""

    reference: str
    numbers: int = 0
    tolerance: float = 0.0
    worst: float = 0.0


# How a module's reference is called on the page; another module is called by the first line of its docstring.
REFERENCES = {
    "test_against_r_own": "R survey 4.1.1, on invented samples of every design",
    "test_against_r_api": "R survey 4.5, on its own example data and a rotating panel",
}
SKIPPED: list[str] = []
LINES: dict[str, Line] = {}
RUNNING: list[Line] = []
_compare = ApproxScalar.__eq__


def _recorded(self: ApproxScalar, actual: Any) -> bool:
    """Compare as pytest does, and keep how far the numbers are apart."""
    if RUNNING and isinstance(self.expected, int | float) and math.isfinite(self.expected) and self.expected:
        line = RUNNING[-1]
        apart = abs(float(actual) - self.expected) / abs(self.expected)
        small = abs(float(actual) - self.expected) <= (self.abs or 0.0)
        line.numbers += 1
        line.tolerance = max(line.tolerance, float(self.rel or 0.0))
        line.worst = line.worst if small and apart > line.tolerance else max(line.worst, apart)
    return _compare(self, actual)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Record what a test of a `test_against_*` module compares."""
    if item.path.stem.startswith("test_against_") and isinstance(item, pytest.Function):
        name = item.originalname.removeprefix("test_").replace("_", " ")
        said = (item.module.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        reference = REFERENCES.get(item.path.stem, said)
        RUNNING.append(LINES.setdefault(f"{item.path.stem}:{name}", Line(reference)))
    ApproxScalar.__eq__ = _recorded
    yield
    ApproxScalar.__eq__ = _compare
    RUNNING.clear()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what was skipped: the page would leave it out in silence."""
    if report.skipped and "test_against_" in report.nodeid:
        SKIPPED.append(report.nodeid)


def pytest_sessionfinish(exitstatus: int) -> None:
    """Write the page, when every test passed and none was skipped."""
    lines = {name: line for name, line in LINES.items() if line.numbers}
    if SKIPPED:
        print(f"\n{TARGET.name} not written: {len(SKIPPED)} tests skipped (are LLO_DATA and LLO_REFERENCE set?)")
    if exitstatus or SKIPPED or not lines:
        return
    text = []
    for reference in sorted({line.reference for line in lines.values()}):
        rows = [_row(name, line) for name, line in sorted(lines.items()) if line.reference == reference]
        text += [f"## {reference}\n\n{HEAD}" + "\n".join(rows) + "\n\n"]
    total = sum(line.numbers for line in lines.values())
    with TARGET.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("".join(text) + f"{total:,} numbers in all.\n")


def _row(name: str, line: Line) -> str:
    """One line of the table."""
    what = name.partition(":")[2].capitalize()
    tolerance = f"{line.tolerance:.0e}".replace("e-0", "e-")
    return f"| {what} | {line.numbers:,} | {tolerance} | {digits(line)} |"


def digits(line: Line) -> int:
    """Significant digits on which the worst number agrees."""
    return MOST_DIGITS if not line.worst else min(MOST_DIGITS, math.floor(-math.log10(line.worst)))

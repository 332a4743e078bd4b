"""A pytest plugin that writes docs/reference/_certified.md: what was held against which reference, and how close.

    python -m pytest -q -p tests.certify tests/estimation tests/weighting tests/regression tests/decomposition \
        -k "against or decomposition and (published or replicates)"

It counts every comparison with `pytest.approx` in modules named `test_against_*.py` and in those of ALSO: one line a
test, the reference in the words of the module's first line. Numbers that agree to the last bit count as 15 digits;
those that are held against printed decimals by an absolute tolerance have a line of their own, that counts decimals.
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
HEAD = "| statistic | numbers | tolerance | agreed, at least |\n|---|---:|---:|---:|\n"
ABSOLUTE = " in decimals"


@dataclass
class Line:
    """One test: how many numbers, the widest tolerance, the worst deviation, relative or absolute."""

    reference: str
    absolute: bool = False
    numbers: int = 0
    tolerance: float = 0.0
    worst: float = 0.0


# How a module's reference is called on the page; another module is called by the first line of its docstring.
REFERENCES = {
    "test_against_r_own": "R survey 4.1.1, on invented samples of every design",
    "test_against_r_api": "R survey 4.5, on its own example data and a rotating panel",
}
# Modules of other names that count.
ALSO = ("decomposition/test_published", "decomposition/test_with_replicates")
SKIPPED: list[str] = []
LINES: dict[str, Line] = {}
RUNNING: list[tuple[str, str]] = []
_compare = ApproxScalar.__eq__


def _recorded(self: ApproxScalar, actual: Any) -> bool:
    """Compare as pytest does, and keep how far the numbers are apart."""
    if RUNNING and isinstance(self.expected, int | float) and math.isfinite(self.expected):
        name, reference = RUNNING[-1]
        apart = abs(float(actual) - self.expected)
        if self.rel is None and self.abs is not None:
            _note(LINES.setdefault(name + ABSOLUTE, Line(reference, absolute=True)), apart, float(self.abs))
        elif self.expected:
            line = LINES.setdefault(name, Line(reference))
            relative, tolerance = apart / abs(self.expected), float(self.rel or 0.0)
            small = apart <= (self.abs or 0.0) and relative > max(line.tolerance, tolerance)
            _note(line, 0.0 if small else relative, tolerance)
    return _compare(self, actual)


def _note(line: Line, apart: float, tolerance: float) -> None:
    """One more number of a test."""
    line.numbers += 1
    line.tolerance, line.worst = max(line.tolerance, tolerance), max(line.worst, apart)


def _counts(path: Path) -> bool:
    """Whether a module holds numbers against a reference."""
    return path.stem.startswith("test_against_") or f"{path.parent.name}/{path.stem}" in ALSO


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Record what a test of a `test_against_*` module compares."""
    if _counts(item.path) and isinstance(item, pytest.Function):
        name = item.originalname.removeprefix("test_").replace("_", " ")
        said = (item.module.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        reference = REFERENCES.get(item.path.stem, said)
        RUNNING.append((f"{item.path.stem}:{name}", reference))
    ApproxScalar.__eq__ = _recorded
    yield
    ApproxScalar.__eq__ = _compare
    RUNNING.clear()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what was skipped: the page would leave it out in silence."""
    if report.skipped and _counts(Path(report.nodeid.partition("::")[0])):
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
    return f"| {what} | {line.numbers:,} | {tolerance} | {digits(line)}{' decimals' if line.absolute else ''} |"


def digits(line: Line) -> int:
    """Significant digits on which the worst number agrees."""
    return MOST_DIGITS if not line.worst else min(MOST_DIGITS, math.floor(-math.log10(line.worst)))

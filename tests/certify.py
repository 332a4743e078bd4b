"""A pytest plugin that writes docs/reference/_certified.md: what was held against which reference, and how close.

    python -m pytest -q -p tests.certify tests/estimation tests/weighting tests/regression tests/decomposition \
        tests/results/receipts tests/monitor/test_verify_in_r.py \
        -k "against or decomposition and (published or replicates) or test_r_ or verify_in_r"

Receipts read the same from llo_research/results/receipts/certified.json, with the estimators of each line and the kinds
of design on which they were compared: of the results that a test made, those whose function its module calls.

It counts every comparison with `pytest.approx` in modules named `test_against_*.py` and in those of ALSO: one line a
test, the reference in the words of the module's first line. Numbers that agree to the last bit count as 15 digits;
those that are held against printed decimals by an absolute tolerance have a line of their own, that counts decimals.
"""

from __future__ import annotations

import json
import math
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import llo_research
from llo_research.results.receipts.certified import kind_of_design
from llo_research.results.result import Result
from tests.results.receipts import r_runs

ApproxScalar = type(pytest.approx(1.0))  # where pytest keeps the class differs between its versions
TARGET = Path(__file__).resolve().parents[1] / "docs" / "reference" / "_certified.md"
FOR_RECEIPTS = Path(llo_research.__file__).parent / "results" / "receipts" / "certified.json"
MOST_DIGITS = 15
APART = 1e-3  # what differs by more is known to be R's fault, or was made wrong; its test says so
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
    functions: dict[str, set[str]] = field(default_factory=dict)


# How a module's reference is called on the page; another module is called by the first line of its docstring.
REFERENCES = {
    "test_against_r_own": "R survey 4.1.1, on invented samples of every design",
    "test_against_r_api": "R survey 4.5, on its own example data and a rotating panel",
}
SCRIPTS = "R's own answer to the script that a result writes (R 4.2, survey 4.1.1; run by our tests)"
# Modules of other names that count.
ALSO = ("decomposition/test_published", "decomposition/test_with_replicates")
SKIPPED: list[str] = []
LINES: dict[str, Line] = {}
RUNNING: list[tuple[str, str]] = []
# of the test that runs, and of the module: functions of the results that were made, with the kinds of their designs
MADE: dict[str, set[str]] = {}
MADE_BY_MODULE: dict[str, dict[str, set[str]]] = {}
_compare, _made, _differences = ApproxScalar.__eq__, Result.__post_init__, r_runs.differences


def _recorded(self: ApproxScalar, actual: Any) -> bool:
    """Compare as pytest does, and keep how far numbers are apart that agree: some tests count what does not."""
    same = _compare(self, actual)
    if same and RUNNING and isinstance(self.expected, int | float) and math.isfinite(self.expected):
        name, reference = RUNNING[-1]
        apart = abs(float(actual) - self.expected)
        if self.rel is None and self.abs is not None:
            _note(LINES.setdefault(name + ABSOLUTE, Line(reference, absolute=True)), apart, float(self.abs))
        elif self.expected:
            line = LINES.setdefault(name, Line(reference))
            relative, tolerance = apart / abs(self.expected), float(self.rel or 0.0)
            small = apart <= (self.abs or 0.0) and relative > max(line.tolerance, tolerance)
            _note(line, 0.0 if small else relative, tolerance)
    return same


def _noting(self: Result) -> None:
    """Make a result as ever, and keep of which estimator it is."""
    _made(self)
    for function, kind in _functions(self.meta):
        MADE.setdefault(function, set()).add(kind)


Result.__post_init__ = _noting  # type: ignore[method-assign]  # while this plugin runs


def _functions(meta: dict[str, Any]) -> Generator[tuple[str, str]]:
    """The estimators behind a result, each with its kind of design."""
    call = meta.get("call") or {}
    for inner in (call.get("results") or {"": call}).values():
        if inner and inner.get("function"):
            yield str(inner["function"]), kind_of_design(meta)


def _differing(result: Any, answer: Any) -> dict[str, float]:
    """Compare with R as ever, and keep how far the numbers are apart."""
    found = _differences(result, answer)
    numbers = sum(len(answer) for name in found if name in answer)
    if max(found.values(), default=0.0) > APART:
        return found
    held(numbers, max(found.values(), default=0.0), r_runs_tolerance(found), dict(_functions(result.meta)))
    return found


r_runs.differences = _differing


def r_runs_tolerance(found: dict[str, float]) -> float:
    """The power of ten that the largest difference stays under."""
    worst = max(found.values(), default=0.0)
    return 10.0 ** math.ceil(math.log10(worst)) if worst else 10.0**-MOST_DIGITS


def held(numbers: int, worst: float, tolerance: float, functions: dict[str, str]) -> None:
    """Keep numbers that a test compared by other means than `pytest.approx`."""
    if not RUNNING:
        return
    line = LINES.setdefault(RUNNING[-1][0], Line(SCRIPTS))
    line.numbers += numbers
    line.tolerance, line.worst = max(line.tolerance, tolerance), max(line.worst, worst)
    for function, kind in functions.items():
        line.functions.setdefault(function, set()).add(kind)


def _note(line: Line, apart: float, tolerance: float) -> None:
    """One more number of a test."""
    line.numbers += 1
    line.tolerance, line.worst = max(line.tolerance, tolerance), max(line.worst, apart)


def _counts(path: Path) -> bool:
    """Whether a module holds numbers against a reference."""
    return (
        path.stem.startswith(("test_against_", "test_r_", "test_verify_in_r"))
        or f"{path.parent.name}/{path.stem}" in ALSO
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Record what a test of a `test_against_*` module compares."""
    if _counts(item.path) and isinstance(item, pytest.Function):
        name = item.originalname.removeprefix("test_").replace("_", " ")
        said = (item.module.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        reference = SCRIPTS if item.path.stem.startswith("test_r_") else REFERENCES.get(item.path.stem, said)
        RUNNING.append((f"{item.path.stem}:{name}", reference))
    ApproxScalar.__eq__ = _recorded
    yield
    ApproxScalar.__eq__ = _compare
    if RUNNING and isinstance(item, pytest.Function):
        _keep_functions(item, RUNNING[-1][0])
    RUNNING.clear()


def _keep_functions(item: pytest.Function, name: str) -> None:
    """The functions of the results that this test made, or else its module before it, where the module calls them."""
    source = item.path.read_text(encoding="utf-8")
    before = MADE_BY_MODULE.setdefault(str(item.path), {})
    own = {function: kinds for function, kinds in MADE.items() if f"{function.rpartition('.')[2]}(" in source}
    for line in (LINES.get(name), LINES.get(name + ABSOLUTE)):
        if line is not None and not line.functions:
            line.functions = {function: set(kinds) for function, kinds in (own or before).items()}
        elif line is not None and line.reference != SCRIPTS:
            for function, kinds in own.items():
                line.functions.setdefault(function, set()).update(kinds)
    for function, kinds in own.items():
        before.setdefault(function, set()).update(kinds)
    MADE.clear()


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
    kept = [_for_receipts(name, line) for name, line in sorted(lines.items()) if line.functions]
    with FOR_RECEIPTS.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in kept) + "\n]\n")
    total = sum(line.numbers for line in lines.values())
    with TARGET.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("".join(text) + f"{total:,} numbers in all.\n")


def _for_receipts(name: str, line: Line) -> dict[str, Any]:
    """One line of what receipts read."""
    return {
        "reference": line.reference,
        "statistic": name.partition(":")[2].removesuffix(ABSOLUTE),
        "numbers": line.numbers,
        "decimals" if line.absolute else "digits": digits(line),
        "functions": {function: sorted(kinds) for function, kinds in sorted(line.functions.items())},
    }


def _row(name: str, line: Line) -> str:
    """One line of the table."""
    what = name.partition(":")[2].capitalize()
    tolerance = f"{line.tolerance:.0e}".replace("e-0", "e-")
    return f"| {what} | {line.numbers:,} | {tolerance} | {digits(line)}{' decimals' if line.absolute else ''} |"


def digits(line: Line) -> int:
    """Significant digits on which the worst number agrees."""
    return MOST_DIGITS if not line.worst else min(MOST_DIGITS, math.floor(-math.log10(line.worst)))

"""Which modules are changed, which fast tests must notice, what nobody can; the one place that knows their paths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "llo_research"

_KERNEL = (
    "test_variance_routes.py",
    "test_pieces.py",
    "test_maps_of_estimates.py",
    "tests/design",
    "test_occasions.py",
    "test_lonely_domains.py",
)
_MAPS = ("test_maps_of_estimates.py", "tests/results", "test_contrast_df.py", "test_joint.py")
# Of a module that moves the first path that is there counts; test files are found by name, wherever they are.
_HEART: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    *(
        ((f"design/{name}.py",), _KERNEL)
        for name in ("kernel", "components", "lonely", "moments", "sparse_sums", "stages", "unit_sums", "occasions")
    ),
    (("design/scores.py",), ("test_maps_of_estimates.py", "tests/design", "test_joint.py", "test_pieces.py")),
    (("design/residuals.py",), ("test_pieces.py", "test_two_routes.py", "test_dependent_totals.py")),
    *(((f"results/{name}.py",), _MAPS) for name in ("estimates", "inference", "freedom", "vcov")),
    (
        ("results/contrasts.py", "estimation/contrasts.py"),
        ("test_contrasts.py", "test_contrast_df.py", "test_contrasts_of_imputations.py", "test_behind.py"),
    ),
    (("numerics/calibration.py",), ("tests/numerics/test_calibration.py", "test_two_routes.py", "test_bad_input.py")),
)


def _found(name: str) -> list[str]:
    """Test files of a name, or a folder of tests."""
    if "/" in name:
        return [name] if (ROOT / name).exists() else []
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob(name))


def _tests() -> dict[str, tuple[str, ...]]:
    """Module to test files, of the modules that are there."""
    out = {}
    for places, names in _HEART:
        there = [place for place in places if (ROOT / PACKAGE / place).exists()]
        if there:
            out[there[0]] = tuple(path for name in names for path in _found(name))
    return out


TESTS = _tests()


@dataclass(frozen=True)
class Unseen:
    """A line of which no change, or this one, can be seen in any number.

    before : part of the line.
    after : part of the line as changed; empty for every change of it.
    """

    module: str
    before: str
    reason: str
    after: str = ""


UNSEEN: tuple[Unseen, ...] = ()

"""Proves that what is announced to go still works and warns, at the user's line, and that nothing stays overdue."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

import llo_research as llo
from llo_research.deprecation import DEPRECATED, Deprecated, deprecated, overdue, tell

ROOT = Path(__file__).resolve().parents[1]
OLD = Deprecated("llo.average", "1.1", "llo.mean")
OPTION = Deprecated("llo.average(digits=)", "1.2", "llo.report.table(digits=)")


@deprecated(OLD)
def average(numbers: list[float], *, digits: int | None = None) -> float:
    """The mean of numbers."""
    if digits is not None:
        tell(OPTION)
    return sum(numbers) / len(numbers)


def test_what_is_deprecated_works_and_says_what_instead() -> None:
    said = "llo.average is deprecated since 1.1, and may be gone in 1.3. Instead: llo.mean"
    with pytest.warns(llo.LloDeprecationWarning, match=f"^{re.escape(said)}$") as caught:
        assert average([1.0, 2.0]) == 1.5
    assert Path(caught[0].filename) == Path(__file__), "the line of who called it"
    assert (average.__name__, average.__doc__) == ("average", "The mean of numbers.")


def test_an_option_warns_only_when_it_is_used() -> None:
    with pytest.warns(llo.LloDeprecationWarning) as caught:
        average([1.0], digits=1)
    assert [str(one.message).partition(" is")[0] for one in caught] == ["llo.average", "llo.average(digits=)"]


def test_python_shows_it_to_everybody() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        for category in (DeprecationWarning, PendingDeprecationWarning):  # what Python hides by itself
            warnings.simplefilter("ignore", category)
        average([1.0])
    assert [one.category for one in caught] == [llo.LloDeprecationWarning]


@pytest.mark.parametrize(
    ("version", "late"),
    [("1.1.0", 0), ("1.2.9", 0), ("1.3.0", 1), ("1.4.0", 2), ("1.10.0", 2), ("2.0.0", 2), ("1.3.0.dev1", 1)],
)
def test_what_is_older_than_two_minor_versions_is_found(version: str, late: int) -> None:
    assert len(overdue(version, (OLD, OPTION))) == late


def test_nothing_is_overdue() -> None:
    assert overdue(llo.__version__) == []


def test_what_is_announced_stands_in_the_changelog_and_is_there() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for one in DEPRECATED:
        assert one.name in changelog
        found = llo
        for part in one.name.partition("(")[0].removeprefix("llo.").split("."):
            found = getattr(found, part)


def test_a_version_is_checked() -> None:
    with pytest.raises(ValueError, match=r"'one' is no version"):
        overdue("one", (OLD,))

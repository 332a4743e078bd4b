"""What will go: since which version it warns, when it may be gone, and what takes its place. The only list of it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from llo_research.errors import LloDeprecationWarning

WARNS_IN = 2  # minor versions: what warns since 1.1 works in 1.1 and 1.2, and may be gone in 1.3

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Deprecated:
    """A name, option or column that will go.

    name : as users write it: ``llo.mean``, or ``llo.mean(level=)`` for an option.
    since : the minor version, such as ``1.1``, that warns first.
    instead : what to write, in words or code.
    """

    name: str
    since: str
    instead: str

    @property
    def until(self) -> str:
        """The first minor version in which it may be gone."""
        major, minor = _minor(self.since)
        return f"{major}.{minor + WARNS_IN}"

    def __str__(self) -> str:
        """The warning."""
        return f"{self.name} is deprecated since {self.since}, and may be gone in {self.until}. Instead: {self.instead}"


# What warns now; taken out together with what it names. A new major version does not shorten it.
DEPRECATED: tuple[Deprecated, ...] = ()


def deprecated(what: Deprecated) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function work as before, and warn each time that it is called."""

    def around(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*arguments: P.args, **options: P.kwargs) -> R:
            tell(what)
            return function(*arguments, **options)

        return call

    return around


def tell(what: Deprecated) -> None:
    """Warn of an option or column that will go, in the name of the line that called the function which tells it."""
    warnings.warn(str(what), LloDeprecationWarning, stacklevel=3)


def overdue(version: str, announced: Iterable[Deprecated] = DEPRECATED) -> list[str]:
    """What should be gone in a version of the library, and is still announced."""
    return [str(one) for one in announced if _minor(version) >= _minor(one.until)]


def _minor(version: str) -> tuple[int, int]:
    """Major and minor as numbers that compare."""
    found = re.match(r"(\d+)\.(\d+)", version)
    if found is None:
        raise ValueError(f"{version!r} is no version such as 1.1")
    return int(found[1]), int(found[2])

"""What R, Stata and SPSS give of a result."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from llo_research.errors import DataError
from llo_research.results.receipts.told import Told, check_rows

# program -> the package that writes its scripts, and the method of a result
PROGRAMS = {"R": ("r", "to_r"), "Stata": ("stata", "to_stata"), "SPSS": ("spss", "to_spss")}


def programs(told: Told) -> dict[str, dict[str, Any]]:
    """Of each program the method that writes its script, and what it cannot do (null: nothing)."""
    found = {}
    for program, (package, method) in PROGRAMS.items():
        place = f"{__package__}.{package}"
        if find_spec(place) is None:
            continue
        cannot: Callable[[Told], str | None] = getattr(import_module(f"{place}.write"), "cannot", lambda told: None)
        try:
            reason = cannot(check_rows(told))
        except DataError as lost:
            reason = " ".join(str(lost).split())
        found[program] = {"script": method, "cannot": reason}
    return found

"""What R, Stata and SPSS give of a result."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from llo_research.errors import DataError
from llo_research.results.receipts.in_dutch import said
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.receipts.told import Told, check_rows

# program -> the package that writes its scripts, and the method of a result
PROGRAMS = {"R": ("r", "to_r"), "Stata": ("stata", "to_stata"), "SPSS": ("spss", "to_spss")}


def programs(told: Told, language: str, made: MadeOf | None = None) -> dict[str, dict[str, Any]]:
    """Of each program the method that writes its script, and what it cannot do (null: nothing).

    made : what was made of the result that `told` is of.
    """
    found = {}
    for program, (package, method) in PROGRAMS.items():
        module = import_module(f"{__package__}.{package}.{'write' if made is None else 'made_of'}")
        try:
            reasons = module.cannot(check_rows(told) if made is None else made)
        except DataError as lost:
            reasons = [f"{lost.what} ({lost.found})"]
        found[program] = {"script": method, "cannot": " ".join(said(one, language) for one in reasons) or None}
    return found

"""What the method break is known to add, as the survey's source tells it to the comparisons over time."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from llo_research.data.synthetic.indicators import available
from llo_research.data.synthetic.parameters import Parameters, parameters

# Groups for which the size of the break is told; for others it follows from the true values.
GROUPS = ("education", "contract", "age_group", "sex", "firm_size")
# What stands there for everybody.
ALL = "everybody"


def with_shifts(given: Parameters, breaks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The instrument's breaks, with the size of the one that the generator makes; without that one under `no_break`."""
    year = given.raw.get("break", {}).get("year")
    kept = [dict(entry) for entry in breaks if entry["time"] != year or given.scenario != "no_break"]
    for entry in kept:
        if entry["time"] == year:
            entry["shifts"] = [dict(shift) for shift in _shifts(given.instrument)]
            entry["known_size"] = {
                "nl": "hoe groot de breuk is, is bekend: de gegevens zijn synthetisch (llo.truth)",
                "en": "its size is known: these data are synthetic (llo.truth)",
            }
    return kept


def file_of(instrument: str) -> Path:
    """Where the sizes stand: of the true values, which need not be there."""
    return Path(__file__).parent / f"{instrument}_break.toml"


@cache
def _shifts(instrument: str) -> tuple[dict[str, Any], ...]:
    """What the new method adds to each mean in its first year; nothing for variables that it leaves alone."""
    sizes = tomllib.loads(file_of(instrument).read_text(encoding="utf-8"))
    made = list(_told(sizes))
    still = [name for name in available(parameters(instrument)) if name not in sizes]
    return (*made, *({"variable": v, "shift": 0.0, "shift_se": 0.0, "uniform": True} for v in still))


def _told(sizes: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """A shift as comparisons read it; its standard error is 0, for the same people answered both ways."""
    for variable, by in sizes.items():
        for group, found in by.items():
            for level, size in [("", found)] if group == ALL else found.items():
                groups = {group: level} if level else {}
                yield {"variable": variable, **groups, "shift": size, "shift_se": 0.0}

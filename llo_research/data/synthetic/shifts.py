"""What the method break is known to add, as the survey's source tells it to the comparisons over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from llo_research.data.synthetic.indicators import available
from llo_research.data.synthetic.parameters import Parameters, parameters
from llo_research.data.synthetic.truth import truth

# Groups for which the size of the break is told; for others it follows from the true values.
GROUPS = ("education", "contract", "age_group", "sex", "firm_size")
_DECIMALS = 6


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


@cache
def _shifts(instrument: str) -> tuple[dict[str, Any], ...]:
    """What the new method adds to each mean in its first year; nothing for variables that it leaves alone."""
    values = truth(instrument)
    year = parameters(instrument).raw["break"]["year"]
    rows = values[(values["quantity"] == "break") & (values["year"] == year)]
    moved = list(dict.fromkeys(rows["variable"]))
    made = list(_told(rows[rows["group"].isin(["", *GROUPS])].to_dict("records")))
    still = [name for name in available(parameters(instrument)) if name not in moved]
    return (*made, *({"variable": v, "shift": 0.0, "shift_se": 0.0, "uniform": True} for v in still))


def _told(rows: Sequence[Mapping[Any, Any]]) -> Iterator[dict[str, Any]]:
    """A shift as comparisons read it; its standard error is 0, for the same people answered both ways."""
    for row in rows:
        groups = {row["group"]: row["level"]} if row["group"] else {}
        yield {"variable": row["variable"], **groups, "shift": round(row["value"], _DECIMALS), "shift_se": 0.0}

"""Which question an instrument asks in which cycle, and whether its cycles may be set beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.data.instrument import Instrument, cycle2_status, in_english, table_of
from llo_research.data.rules import columns_of

CYCLES = "cycle1 cycle2 cycle2_label cycle2_status comparable"
# The least sure first: what is made of several columns is as sure as the least sure of them.
_STATUS = ("unverified", "inferred", "name only", "verified")


def over_cycles(item: Instrument, name: str) -> dict[str, str]:
    """Columns of both cycles from which a variable comes, label and status in cycle 2, and what is comparable."""
    variables = table_of(item.raw, "variables")
    if name in item.harmonised:
        one, two = (_sources(item, name, cycle) for cycle in (1, 2))
    elif name.removesuffix("_own") in variables:
        one, two = (_own(variables[name.removesuffix("_own")], name.removesuffix("_own"), cycle) for cycle in (1, 2))
    else:
        return dict.fromkeys(CYCLES.split(), "")
    known = [variables[ours] for ours in two if ours in variables]
    told = [entry for entry in known if "cycle2_status" in entry]
    return {
        "cycle1": ", ".join(one),
        "cycle2": ", ".join(variables[ours].get("cycle2", ours) for ours in two if ours in variables),
        "cycle2_label": "; ".join(_label(entry) for entry in known if _label(entry)),
        "cycle2_status": min(map(cycle2_status, told or known), key=_STATUS.index, default=""),
        "comparable": _comparable(item, name, one, two),
    }


def _own(entry: Mapping[str, Any], name: str, cycle: int) -> list[str]:
    """A column of the file, where this cycle has it as far as is known."""
    here = entry.get("years") != "cycle 2" if cycle == 1 else "cycle2" in entry or entry.get("years") == "cycle 2"
    return [name] if here else []


def _sources(item: Instrument, name: str, cycle: int) -> list[str]:
    """Codebook names of what a harmonised variable is made of in a cycle, by the first rule that holds there."""
    entry = item.harmonised[name]
    rule = next((rule for rule in entry["rules"] if rule.get("cycle", cycle) == cycle), None)
    names = [] if rule is None else columns_of(rule, {})
    variables = table_of(item.raw, "variables")
    return [ours for ours in names if cycle == 2 or variables.get(ours, {}).get("years") != "cycle 2"]


def _label(entry: Mapping[str, Any]) -> str:
    """The label in cycle 2: its own, or that of a column of this cycle only."""
    return str(entry.get("cycle2_label") or (entry["en"] if entry.get("years") == "cycle 2" else ""))


def _comparable(item: Instrument, name: str, one: list[str], two: list[str]) -> str:
    """Whether cycle 2 may be set beside cycle 1."""
    entry = table_of(item.raw, "variables").get(name, {})
    broken = [known for known in item.design.get("breaks", ()) if name in known.get("series", ())]
    if broken:
        return f"no, a break: {in_english(broken[0]['what'])}"
    if not one or not two:
        own = str(entry.get("comparable", ""))
        return own or ("cycle 2 only" if two else "cycle 1 only" if one else "")
    return "no break known"

"""An instrument's TOML file in full: entries taken from another instrument, and scales written out as rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from llo_research.errors import DataError

Raw = dict[str, Any]
_INHERITED = ("value_sets", "variables", "harmonised", "scales", "groups")
# What is known of a question in one survey says nothing about another.
_OWN = ("years", "published", "half", "wording", "source")


def expand(raw: Mapping[str, Any], other: Mapping[str, Any] | None = None) -> Raw:
    """The tables of an instrument with what it inherits and with its scales as harmonised variables.

    Parameters
    ----------
    raw : mapping
        The instrument's own file.
    other : mapping, optional
        The file of the instrument named in ``[inherit]``, not expanded.
    """
    full = {name: dict(table) if isinstance(table, Mapping) else table for name, table in raw.items()}
    if other is not None:
        full |= _inherited(raw, other)
    harmonised: Raw = dict(full.get("harmonised", {}))
    for name, entry in harmonised.items():
        if "values_from" in entry and other is not None:
            harmonised[name] = {**entry, "values": other["harmonised"][name]["values"]}
    for name, scale in full.get("scales", {}).items():
        harmonised |= _scale(name, scale)
    full["harmonised"] = harmonised
    return full


def _inherited(raw: Mapping[str, Any], other: Mapping[str, Any]) -> Raw:
    """Tables with the named entries of the other instrument first; what the instrument itself says wins."""
    inherit = raw["inherit"]
    told = {key: inherit[key] for key in ("wording", "source") if key in inherit}
    tables: Raw = {}
    for table in _INHERITED:
        entries: Raw = {}
        for name in inherit.get(table, ()):
            entry = other[table][name]
            if table in ("variables", "harmonised", "scales"):
                entry = {**{key: value for key, value in entry.items() if key not in _OWN}, **told}
            if table == "scales":
                cuts = entry.get("cuts", ())
                entry["cuts"] = [{**cut, "wording": told.get("wording", "unverified")} for cut in cuts]
            entries[name] = entry
        own = raw.get(table, {})
        tables[table] = {**{name: entry for name, entry in entries.items() if name not in own}, **own}
    return tables


def _scale(name: str, scale: Mapping[str, Any]) -> Raw:
    """A scale and its cuts as harmonised variables."""
    items, minimum = list(scale["items"]), int(scale["minimum"])
    answered = "all answered" if minimum == len(items) else f"at least {minimum} of {len(items)} answered"
    listed = f"{', '.join(items[:-1])} and {items[-1]}"
    shared = {key: scale[key] for key in ("group", "asked_of", "universe", "source") if key in scale}
    wording = scale.get("wording", "unverified")
    rule = {"mean": items, "minimum": minimum}
    entry = {**shared, "nl": scale["nl"], "en": scale["en"], "wording": wording, "rules": [rule]}
    made: Raw = {name: {**entry, "definition": f"mean of {listed}, {answered}"}}
    for cut in scale.get("cuts", ()):
        side = "below" if "below" in cut else "at_least"
        words = f"{name} {'below' if side == 'below' else 'at or above'} {cut[side]:g}"
        note = f"; {cut['note']}" if "note" in cut else ""
        made[cut["name"]] = {
            **shared,
            "nl": cut["nl"],
            "en": cut["en"],
            "wording": cut["wording"],
            "definition": f"1 when {words}, else 0{note}",
            "rules": [{**rule, side: cut[side]}],
        }
    return made


def adjust(raw: Mapping[str, Any], choices: Mapping[str, Mapping[str, Any]], where: str) -> Raw:
    """The file with a user's choices: ``cuts`` (of a variable made by a cut), ``minimum`` (of a scale), ``halves``.

    Raises
    ------
    DataError
        When a choice names something that the instrument does not have, or has an impossible value.
    """
    full = {name: dict(table) if isinstance(table, Mapping) else table for name, table in raw.items()}
    scales: Raw = {name: dict(scale) for name, scale in full.get("scales", {}).items()}
    by_cut = {cut["name"]: name for name, scale in scales.items() for cut in scale.get("cuts", ())}
    for name, value in choices.get("cuts", {}).items():
        _known(name, by_cut, "cuts", where)
        _number(value, f"[cuts] {name}", where)
        scale = scales[by_cut[name]]
        scale["cuts"] = [
            {**cut, ("below" if "below" in cut else "at_least"): value, "wording": "chosen by the user"}
            if cut["name"] == name
            else cut
            for cut in scale["cuts"]
        ]
    for name, value in choices.get("minimum", {}).items():
        _known(name, scales, "minimum", where)
        if isinstance(value, bool) or value not in range(1, len(scales[name]["items"]) + 1):
            raise _wrong(f"[minimum] {name}", value, f"a whole number from 1 to {len(scales[name]['items'])}", where)
        scales[name]["minimum"] = value
    variables: Raw = dict(full.get("variables", {}))
    for name, value in choices.get("halves", {}).items():
        _known(name, variables, "halves", where)
        if isinstance(value, bool) or value not in (0, 1, 2):
            raise _wrong(f"[halves] {name}", value, "1, 2, or 0 for both halves", where)
        variables[name] = {**variables[name], "half": value}
    return {**full, "scales": scales, "variables": variables}


def _known(name: str, known: Mapping[str, Any], table: str, where: str) -> None:
    """A choice is about something that there is."""
    if name not in known:
        raise _wrong(f"[{table}]", name, ", ".join(known) or "nothing: this instrument has none", where)


def _number(value: object, what: str, where: str) -> None:
    """A cut is a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _wrong(what, value, "a number", where)


def _wrong(what: str, found: object, expected: str, where: str) -> DataError:
    """The message for a choice that cannot be followed."""
    return DataError("The mapping file cannot be followed.", where=f"{where}, {what}", found=found, expected=expected)

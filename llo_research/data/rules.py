"""What a declarative rule for a harmonised variable reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Rule = Mapping[str, Any]
_KINDS = ("constant", "copy", "recode", "cases", "any", "count", "mean", "band", "key")


def kind_of(rule: Rule) -> str:
    """Which kind of rule this is."""
    return next(kind for kind in _KINDS if kind in rule)


def columns_of(rule: Rule, universe: Mapping[str, Any]) -> list[str]:
    """Codebook names of the columns that a rule and its universe read."""
    kind = kind_of(rule)
    source = rule[kind]
    if kind == "constant":
        names: list[str] = []
    elif kind == "cases":
        names = [name for case in source for name in case["when"]]
    else:
        names = [source] if isinstance(source, str) else list(source)
    return list(dict.fromkeys([*names, *universe]))


def numbers_of(entry: Mapping[str, Any]) -> dict[int, dict[str, str]] | None:
    """The only numbers that a harmonised variable of yes and no may have, with their labels; None for all others."""
    found: set[Any] = set()
    for rule in entry.get("rules", ()):
        kind = kind_of(rule)
        if kind == "cases":
            found |= {case["value"] for case in rule["cases"]}
        elif kind == "any" or (kind == "mean" and ("below" in rule or "at_least" in rule)):
            found |= {0, 1}
        else:
            return None
    return {1: {"nl": "ja", "en": "yes"}, 0: {"nl": "nee", "en": "no"}} if found == {0, 1} else None

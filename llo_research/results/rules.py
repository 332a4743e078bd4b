"""Profiles: how many people must stand behind a number before it is shown, by kind of source."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from llo_research.errors import DataError

GUARDED = ("restricted", "registered")
AUTO, OFF = "auto", "off"
_CHOSEN = {AUTO: "cbs"}


@dataclass(frozen=True)
class Rules:
    """What a number must meet to be shown.

    units : unweighted persons in its cell, at least.
    complement : persons with the answer, and persons without it, at least.
    largest_share : of the cell's weighted total by one person, at most.
    """

    units: int
    complement: int
    largest_share: float


@dataclass(frozen=True)
class Profile:
    """A named set of rules.

    rules : by kind of source, ``restricted`` and ``registered``.
    confirmed : the date on which somebody checked them against the rules in force; empty when nobody did.
    """

    name: str
    title: Mapping[str, str]
    confirmed: str
    rules: Mapping[str, Rules]

    def strictest(self, kinds: Iterable[str]) -> Rules:
        """The rules that hold for all of these kinds together; those of restricted files where there is none."""
        found = [self.rules[kind] for kind in kinds if kind in self.rules] or [self.rules["restricted"]]
        return Rules(
            max(rules.units for rules in found),
            max(rules.complement for rules in found),
            min(rules.largest_share for rules in found),
        )


@cache
def names() -> tuple[str, ...]:
    """The profiles that there are."""
    folder = files("llo_research.results") / "profiles"
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def profile(name: str) -> Profile:
    """A profile by its name."""
    told = tomllib.loads((files("llo_research.results") / "profiles" / f"{name}.toml").read_text(encoding="utf-8"))
    rules = {kind: Rules(**entry) for kind, entry in told["rules"].items()}
    return Profile(name, told["title"], told["confirmed"], rules)


def check_disclosure_option(disclosure: Any) -> str:
    """``auto``, ``off``, or the name of a profile."""
    allowed = (AUTO, OFF, *names())
    if not isinstance(disclosure, str) or disclosure not in allowed:
        raise DataError(
            f"disclosure has no option {disclosure!r}.",
            where="disclosure",
            found=repr(disclosure)[:60],
            expected=", ".join(allowed),
            todo="'auto' withholds cells of restricted files only; a profile's name those of any data",
        )
    return disclosure


def use_for_auto(name: str) -> None:
    """Let ``auto`` mean this profile, in this process: what the monitor does for its pages."""
    if name not in names():
        raise DataError("There is no such profile.", where="disclosure", found=repr(name), expected=", ".join(names()))
    _CHOSEN[AUTO] = name


def guarded_kinds(source: Any) -> tuple[str, ...]:
    """The kinds of a source, or of any of the sources stacked in it, that are shown with care."""
    if not isinstance(source, Mapping):
        return ()
    said = "restricted" if source.get("restricted") is True else ""
    own = source["kind"] if source.get("kind") in GUARDED else said
    inner = [kind for part in (source.get("surveys") or {}).values() for kind in guarded_kinds(part)]
    return tuple(dict.fromkeys([*([own] if own else []), *inner]))


def profile_for(meta: Mapping[str, Any], disclosure: str) -> tuple[Profile, Rules] | None:
    """The profile and rules that hold for data with this meta; None where everything may be shown."""
    check_disclosure_option(disclosure)
    kinds = guarded_kinds(meta.get("source"))
    if disclosure == OFF or (disclosure == AUTO and not kinds):
        return None
    chosen = profile(_CHOSEN.get(disclosure, disclosure))
    return chosen, chosen.strictest(kinds)

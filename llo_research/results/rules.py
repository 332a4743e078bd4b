"""Profiles: how many people must stand behind a number before it is shown, by kind of source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.results.profiles.profile import Profile, Rules
from llo_research.results.profiles.read import profile_from

GUARDED = ("restricted", "registered")
AUTO, OFF = "auto", "off"
_CHOSEN = {AUTO: "cbs"}


@cache
def names() -> tuple[str, ...]:
    """The profiles that there are."""
    folder = files("llo_research.results") / "profiles"
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml")))


def profile(name: str | Path) -> Profile:
    """A profile by its name, or one of the user's own by the path of its file."""
    if is_file(name):
        path = Path(name)
        if not path.is_file():
            raise DataError(
                "There is no file with this profile.",
                where="profile",
                found=str(name),
                expected=f"{', '.join(names())}, or the path of a TOML file",
                todo="check the path",
            )
        return profile_from(path.read_bytes(), path.stem, path.name)
    return _ours(str(name))


@cache
def _ours(name: str) -> Profile:
    """A profile of the library."""
    return profile_from((files("llo_research.results") / "profiles" / f"{name}.toml").read_bytes(), name, name)


def is_file(name: Any) -> bool:
    """Whether a profile is told by the path of its file."""
    return isinstance(name, Path) or (isinstance(name, str) and name.endswith(".toml"))


def check_profile(name: Any) -> Profile:
    """A profile by name or path, for what leaves."""
    if not is_file(name) and name not in names():
        raise DataError(
            "There is no such profile.",
            where="profile",
            found=repr(name)[:60],
            expected=f"{', '.join(names())}, or the path of a TOML file",
            todo="profile='cbs', or write your own file and give its path",
        )
    return profile(name)


def check_disclosure_option(disclosure: Any) -> str:
    """``auto``, ``off``, the name of a profile, or the path of one."""
    allowed = (AUTO, OFF, *names())
    if is_file(disclosure):
        profile(disclosure)
        return str(disclosure)
    if not isinstance(disclosure, str) or disclosure not in allowed:
        raise DataError(
            f"disclosure has no option {disclosure!r}.",
            where="disclosure",
            found=repr(disclosure)[:60],
            expected=", ".join(allowed) + ", or the path of a profile of your own",
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


def names_of_source(source: Any) -> tuple[str, ...]:
    """The names of a source, or of any of the sources stacked in it, for which a profile may have rules of its own."""
    if not isinstance(source, Mapping):
        return ()
    inner = [name for part in (source.get("surveys") or {}).values() for name in names_of_source(part)]
    own = [str(source[role]) for role in ("instrument", "name") if source.get(role)]
    return tuple(dict.fromkeys([*own, *(source.get("surveys") or {}), *inner]))


def rules_for(source: Any, chosen: Profile) -> Rules:
    """The rules of a profile that hold for a source."""
    return chosen.strictest((*(guarded_kinds(source) or ("restricted",)), *names_of_source(source)))


def profile_for(meta: Mapping[str, Any], disclosure: str) -> tuple[Profile, Rules] | None:
    """The profile and rules that hold for data with this meta; None where everything may be shown."""
    check_disclosure_option(disclosure)
    source = meta.get("source")
    if disclosure == OFF or (disclosure == AUTO and not guarded_kinds(source)):
        return None
    chosen = profile(_CHOSEN.get(disclosure, disclosure))
    return chosen, rules_for(source, chosen)

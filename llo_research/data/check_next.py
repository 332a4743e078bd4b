"""What a check says beyond what is wrong: what is not there, what a mapping would add, and what to do next."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from llo_research.data.harmonised_file import HarmonisedFile
from llo_research.data.instrument import Instrument
from llo_research.data.suggestions import Suggestion
from llo_research.data.yearly import is_yearly
from llo_research.errors import DataError

_LONG = 12  # names that are listed in full, at most
_SHOWN, _FEW = 8, 3


def wrapped(start: str, text: str) -> list[str]:
    """A long list over several lines."""
    return textwrap.wrap(start + text, width=110, subsequent_indent="  ")


def missing_lines(names: Sequence[str], item: Instrument, found: Sequence[Suggestion]) -> list[str]:
    """Variables of the codebook that the file does not have: by name when few, else by group and number.

    Those that a column may be, and those of which it may be the classes, are not counted.
    """
    likely = {one.variable for one in found}
    likely |= {source for name in likely if name in item.harmonised for source in item.sources_of(name)}
    absent = [name for name in names if name not in likely]
    if not absent:
        return []
    start = f"missing: {len(absent)} {'variable' if len(absent) == 1 else 'variables'} of the codebook"
    start += f" {'is' if len(absent) == 1 else 'are'} {'like no column of' if found else 'not in'} the file: "
    groups: dict[str, list[str]] = {}
    for name in absent:
        variable = item.variable(name)
        groups.setdefault(variable.group if variable is not None else "", []).append(name)
    if len(absent) <= _LONG or set(groups) == {""}:
        return wrapped(start, ", ".join(absent))
    told = []
    for group, names in groups.items():
        shown = ", ".join(names if len(names) <= _FEW or not found else [*names[:_FEW], "..."])
        told.append(f"{len(names)} of {group or 'no group'} ({shown})")
    return wrapped(start, "; ".join(told) + (f". All of them: llo.codebook({item.name!r})" if found else ""))


def not_carried_lines(part: HarmonisedFile, item: Instrument) -> list[str]:
    """Harmonised variables that the file cannot carry, and why; those of which a yearly file has nothing together."""
    reasons = part.not_carried
    there = set(part.layout.columns)
    lacking = [name for name, why in reasons.items() if is_yearly(item) and why.startswith("not in the file")]
    lacking = [name for name in lacking if not there & set(item.sources_of(name))]
    together = set(lacking if len(lacking) > _FEW else ())
    lines: list[str] = []
    for reason in dict.fromkeys(reasons.values()):
        names = [name for name, why in reasons.items() if why == reason and name not in together]
        groups = [", ".join(names)] if is_yearly(item) and names else names
        lines += [f"not carried: {group} ({reason})" for group in groups]
    if together:
        lines += wrapped("not carried: ", f"{', '.join(lacking)} (no column of theirs is in the file)")
    return lines


def declared_lines(part: HarmonisedFile) -> list[str]:
    """Values that the file itself declares missing."""
    counts = part.table.user_missing
    if not counts:
        return []
    values, columns = sum(counts.values()), len(counts)
    names = ", ".join([*list(counts)[:4], *(["..."] if columns > 4 else [])])
    where = "1 column" if columns == 1 else f"{columns} columns"
    return wrapped("  no answer   ", f"{values:,} values that the file declares missing, in {where} ({names})")


def proposed(found: Sequence[Suggestion], item: Instrument) -> list[str]:
    """The proposal in words, the columns of the design first."""
    if not found:
        return []
    sure = [one for one in found if one.sure]
    needed = {*item.identify.get("required", ()), *item.identify.get("weights", ()), item.identify.get("year")}
    sure.sort(key=lambda one: one.variable not in needed)
    pairs = [f"{one.column} = {one.variable}" for one in sure]
    shown = ", ".join(pairs if len(pairs) <= _LONG else [*pairs[:_SHOWN], f"and {len(pairs) - _SHOWN} more"])
    many = "1 column is surely ours" if len(sure) == 1 else f"{len(sure) or 'no'} columns are surely ours"
    lines = wrapped("to map: ", f"{many} under {'another name' if len(sure) == 1 else 'other names'}: {shown}")
    if not sure:
        lines = []
    asked = [f"{one.column} ({one.variable}?)" for one in found if not one.sure]
    if asked:
        few = asked if len(asked) <= _LONG else [*asked[:_SHOWN], f"and {len(asked) - _SHOWN} more"]
        lines += wrapped("to ask: ", f"{len(asked)} may be: {', '.join(few)}")
    for one in found:
        lines += wrapped(f"  {one.column} is like {one.variable}, but ", one.why) if one.why else []
    return lines


def next_step(part: HarmonisedFile, found: Sequence[Suggestion]) -> list[str]:
    """The commands that write the mapping and look again."""
    path, item = part.table.path, part.layout.instrument
    if not found:
        return []
    to = path.with_name("mapping.toml")
    to = path.with_name(f"{path.name.split('.')[0]}.mapping.toml") if to.exists() else to
    again = f"llo check {_told(path)} --instrument {item.name}"
    return [
        f"next: {again} --template {_told(to)}",
        f"  writes the mapping; look at it, then: {again}",
    ]


def how_to_use(path: Path, item: Instrument, mapping: object) -> list[str]:
    """The line that reads the file."""
    if not is_yearly(item):
        return []
    also = f", mapping={str(mapping)!r}" if isinstance(mapping, (str, Path)) else ""
    return [f"to use: llo.read_microdata({str(path)!r}, {item.name!r}{also})"]


def verdict(problems: Sequence[DataError], found: Sequence[Suggestion]) -> list[str]:
    """The problems, or that there are none; those that the proposed mapping solves in brief."""
    if not problems:
        return ["no problems: the file can be used"]
    solved: dict[str | None, str] = {one.variable: one.column for one in found if one.sure}
    lines = [f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}:"]
    for number, problem in enumerate(problems, 1):
        first, *rest = str(problem).splitlines()
        lacks = "column names" in str(problem.where)
        words = re.findall(r"\w+", str(problem.expected)) if lacks else []
        ours = next((word for word in words if word in solved), None)
        short = [f'  what to do: map it, "{solved.get(ours)}" = "{ours}"; the template has that line.']
        lines += [f"{number}. {first}", *(rest if ours is None else short)]
    return lines


def _told(path: Path) -> str:
    """A path as a shell takes it."""
    return f'"{path}"' if " " in str(path) else str(path)

"""One name for what M imputations call by numbered ones: PV1, PV2 are PV; ``P1 - Q1``, ``P2 - Q2`` are ``P - Q``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# quoted text (a level: it may not differ), a name in backticks, a name
_TOKEN = re.compile(r"""('[^']*'|"[^"]*"|`[^`]*`|(?<![\w.])[^\W\d][\w.]*)""")
_PLAIN_NAME = re.compile(r"[^\W\d][\w .-]*")
_CONDITION = re.compile("[=<>&|]")


@dataclass(frozen=True)
class Numbered:
    """A name of each imputation, and the number in which it differs from the others."""

    names: tuple[str, ...]
    numbers: tuple[int, ...]


def common_name(names: Sequence[str], seen: list[Numbered]) -> str | None:
    """The stem of names that differ in one number after a letter; None where they differ otherwise.

    What differs is added to `seen`. A number may stand within a name (PV1READ).
    """
    if len(set(names)) == 1:
        return names[0]
    parts = [re.split(r"(\d+)", name) for name in names]
    first = parts[0]
    if any(len(part) != len(first) or part[::2] != first[::2] for part in parts):
        return None
    differ = [i for i in range(1, len(first), 2) if len({part[i] for part in parts}) > 1]
    if len(differ) != 1 or not first[differ[0] - 1]:
        return None
    (place,) = differ
    seen.append(Numbered(tuple(names), tuple(int(part[place]) for part in parts)))
    head = "".join(first[: place - 1]) + re.sub(r"[_ .-]$", "", first[place - 1])
    return head + "".join(first[place + 1 :]) or None


def common_text(texts: Sequence[str], seen: list[Numbered]) -> str | None:
    """The same for names, conditions and contrasts: only names in them may differ, not numbers or quoted levels."""
    if len(set(texts)) == 1:
        return texts[0]
    known = len(seen)
    split = [_TOKEN.split(text) for text in texts]
    if all(len(tokens) == len(split[0]) and tokens[::2] == split[0][::2] for tokens in split):
        stems = [_token([tokens[i] for tokens in split], seen) for i in range(1, len(split[0]), 2)]
        if None not in stems:
            between = split[0][::2]
            return between[0] + "".join(f"{stem}{text}" for stem, text in zip(stems, between[1:], strict=True))
    del seen[known:]
    return common_name(texts, seen) if all(map(_PLAIN_NAME.fullmatch, texts)) else None


def common_group(texts: Sequence[str], seen: list[Numbered]) -> str | None:
    """The same for `of` and `minus`: conditions may differ in their names, levels may not differ."""
    if len(set(texts)) == 1:
        return texts[0]
    return common_text(texts, seen) if all(map(_CONDITION.search, texts)) else None


def _token(tokens: Sequence[str], seen: list[Numbered]) -> str | None:
    """The common form of one name, or of one quoted level."""
    mark = tokens[0][0]
    if any((token[0] == "`") != (mark == "`") for token in tokens):
        return None
    if mark in "'\"":
        return tokens[0] if len(set(tokens)) == 1 else None
    if mark != "`":
        return common_name(tokens, seen)
    inner = common_text([token[1:-1] for token in tokens], seen)
    return None if inner is None else f"`{inner}`"


def names_in(value: Any) -> set[str]:
    """All names in the arguments of a call: whole texts, and the names in conditions; keys of mappings as well."""
    if isinstance(value, str):
        return {value, *(token.strip("`") for token in _TOKEN.findall(value))}
    if isinstance(value, dict):
        return {name for item in value.items() for name in names_in(list(item))}
    if isinstance(value, list | tuple):
        return {name for item in value for name in names_in(item)}
    return set()

"""One minus on all pages: the sign itself, which is read aloud and never parted from its number."""

from __future__ import annotations

import re

MINUS = "\u2212"
# What is typed, run or drawn as it stands, and the inside of tags.
_APART = re.compile(r"(<(?:pre|code|script|style|math)\b.*?</(?:pre|code|script|style|math)>|<[^>]*>)", re.S)
_SIGN = re.compile(r"(?<![\w.,)\]%/–-])-(?=\d)")  # before a number, and not between two or in a name
_GOES_ON = re.compile(r"</(?:a|b|em|i|span|strong|sub|sup)>")


def with_minus(page: str) -> str:
    """The page with a minus before each number below zero, where it had a hyphen; code and data stay as they are.

    Tables, sentences and figures of the library have the hyphen, which every console can show.
    """
    parts = _APART.split(page)
    for k in range(0, len(parts), 2):
        inside = k > 0 and _GOES_ON.fullmatch(parts[k - 1])  # "<em>2011</em>-12" is no number below zero
        text = f"x{parts[k]}" if inside else parts[k]
        parts[k] = _SIGN.sub(MINUS, text)[bool(inside) :]
    return "".join(parts)

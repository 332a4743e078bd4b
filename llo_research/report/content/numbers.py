"""Numbers as people read them: Dutch or English, rounded, without a negative zero, never by the machine's locale."""

from __future__ import annotations

import math

from llo_research.report.content.labels import word

NO_BREAK = "\u00a0"
_MOST_DECIMALS = 6
SMALLEST_P = 0.001


# Dutch and English write each other's signs between thousands and before decimals.
_DUTCH = str.maketrans(",.", ".,")


def number(value: float, decimals: int, language: str) -> str:
    """A number with this many decimals; empty when it is not a number.

    Halves are rounded as the decimal text of the number says (73.25 to 73.3, -0.04 to 0.0), by the same rule in both
    languages.
    """
    from decimal import ROUND_HALF_UP, Decimal

    if value is None or not math.isfinite(value):
        return ""
    rounded = Decimal(repr(float(f"{value:.12g}"))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    rounded = abs(rounded) if rounded == 0 else rounded
    text = f"{rounded:,.{max(decimals, 0)}f}"
    return text.translate(_DUTCH) if language == "nl" else text


def with_unit(value: float, decimals: int, unit: str, language: str) -> str:
    """A number with its unit in running text: ``73,3%``, ``73.3%``, ``28,3 procentpunt``."""
    text = number(value, decimals, language)
    if not text:
        return word("no_data", language)
    return text + unit_after(unit, language)


def unit_after(unit: str, language: str) -> str:
    """What follows a number of this unit."""
    if unit == "percent":
        return "%"
    shown = unit_text(unit, language)
    return f"{NO_BREAK}{shown}" if shown else ""


def unit_text(unit: str, language: str) -> str:
    """A unit by itself; nothing for plain numbers."""
    return "" if unit in ("number", "ratio", "odds") else word(unit, language)


def interval(low: float, high: float, decimals: int, language: str) -> str:
    """An interval; empty when it is not defined."""
    ends = [number(end, decimals, language) for end in (low, high)]
    return f" {word('to', language)} ".join(ends) if all(ends) else ""


def decimals_for(std_error: float, least: int) -> int:
    """Decimals that show at least the first digit of a standard error."""
    if not (std_error is not None and math.isfinite(std_error) and std_error > 0):
        return least
    return min(max(least, math.ceil(-math.log10(std_error))), _MOST_DECIMALS)


def p_text(value: float, language: str) -> str:
    """A p-value with three decimals, ``< 0,001`` for smaller ones; empty when there is none."""
    if value < SMALLEST_P:
        return f"< {number(SMALLEST_P, 3, language)}"
    return number(value, 3, language)


def level_text(level: float, language: str) -> str:
    """A confidence level as a percentage without needless decimals: ``95``, ``99,5``."""
    text = f"{100 * level:.6g}"
    return text.replace(".", ",") if language == "nl" else text

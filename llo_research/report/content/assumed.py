"""What must be true for parts of a gap to be effects, and how wrong it may be before they vanish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.report.content.conditions import row_head
from llo_research.report.content.decompositions import component_text
from llo_research.report.content.labels import said
from llo_research.report.content.numbers import with_unit

_TWO = 2  # with a treatment and without
_WORDS: dict[str, tuple[str, str]] = {
    "assumed": (
        "Alleen te lezen als gevolgen van {treatment} als onder mensen van dezelfde groep die gelijk zijn in {columns} "
        "verder niets met de uitkomst te maken heeft wie welk niveau heeft; als iedereen elk niveau kon hebben; en als "
        "wat de een heeft niets verandert voor anderen.",
        "To be read as effects of {treatment} only if, among people of the same group who are alike in {columns}, who "
        "has which level has nothing more to do with the outcome; if all could have each level; and if what one has "
        "changes nothing for others.",
    ),
    "off at a level": (
        "Hoe fout mag dat zijn? Waren wie op een niveau zijn daar zoveel beter af dan anderen er zouden zijn, gelijk "
        "in dit alles, dan werd nul: {rows}.",
        "How wrong may that be? Were those at a level so much better off there than others would be, alike in all "
        "this, then nothing would be left of: {rows}.",
    ),
    "off with and without": (
        "Hoe fout mag dat zijn? Waren wie het hebben, ermee en zonder, zoveel beter af dan wie het niet hebben, gelijk "
        "in dit alles, dan werd nul: {rows}.",
        "How wrong may that be? Were those who have it so much better off, with it and without, than those who do not, "
        "alike in all this, then nothing would be left of: {rows}.",
    ),
}


def assumed_text(meta: Mapping[str, Any], language: str) -> str:
    """Nothing of what claims no effects."""
    told = meta.get("assumed")
    if not told:
        return ""
    labels = {**(meta.get("spoken") or {}), **(meta.get("labels") or {})}
    treatment, *columns = (row_head(name, labels, language) for name in (told["treatment"], *told["columns"]))
    text = said(_WORDS, "assumed", language).format(treatment=treatment, columns=", ".join(columns))
    return " ".join(filter(None, [text, _how_wrong(meta, str(told.get("unit", "")), language)]))


def _how_wrong(meta: Mapping[str, Any], unit: str, language: str) -> str:
    """How far off the first assumption must be for a part to be nothing."""
    off = {name: value for name, value in (meta.get("sensitivity") or {}).items() if value is not None}
    if not off:
        return ""
    factor, shown, decimals = (100.0, "points", 1) if unit == "share" else (1.0, "number", 2)
    rows = [
        f"{component_text(name, {}, language)} ({with_unit(factor * value, decimals, shown, language)})"
        for name, value in off.items()
    ]
    key = "off with and without" if meta["assumed"].get("levels") == _TWO else "off at a level"
    return said(_WORDS, key, language).format(rows="; ".join(rows))

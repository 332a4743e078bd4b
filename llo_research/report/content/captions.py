"""The caption of a result: what is estimated, of which variable, against whom, since when, by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from llo_research.report.content import identifiers
from llo_research.report.content.labels import capital, lowered, plain, variable_label, word
from llo_research.report.content.sides import side
from llo_research.results.quantities import Quantity

_SIDES = ("measure", "of", "minus")
_ON_LOGS = ("ratio", "odds")
_PLURALS = {"coefficient": "coefficients", "effect": "effects"}


def caption(
    frame: pd.DataFrame,
    meta: Mapping[str, Any],
    chosen: identifiers.Identifiers,
    rows: Sequence[Quantity],
    language: str,
) -> str:
    """The first sentence of a table or figure: ``Followed training: share by education``."""
    crossed = crossed_variables(meta, language)
    if crossed and "contrast" not in meta:
        return _crossed(crossed, meta, language)
    subject = ", ".join(identifiers.variables(frame, meta, language))
    by = [lowered(text) for text in chosen.by]
    kind, head = _kind(frame, meta, chosen, rows, language)
    since = kind in ("change", "gap_change")
    call = meta.get("call", {})
    base = call.get("base") if since else None
    sides = [name for name in _SIDES if name in frame and name not in chosen.names]
    parts = "component" in frame or identifiers.of_populations(meta)
    if (len(sides) == 3 or (parts and len(sides) == 2 and "over" not in call)) and kind != "change":
        own = {
            **meta,
            "call": identifiers.call_of(meta.get("call") or {}, frame.get("result", pd.Series([None])).iloc[0]),
        }
        of, minus = (side(frame[name].iloc[0], own, language) for name in ("of", "minus"))
        head = f"{head}, {of} {word('against', language)} {minus}" + ("," if by else "")
    if base is not None:
        head = f"{head.rstrip(',')} {word('since', language)} {plain(base)}" + ("," if by and kind != "change" else "")
    grouped = f" {word('by', language)} {joined(by, language)}" if by else ""
    text = f"{subject}: {head}{grouped}" if subject else f"{head}{grouped}"
    return capital(text)


def _kind(
    frame: pd.DataFrame,
    meta: Mapping[str, Any],
    chosen: identifiers.Identifiers,
    rows: Sequence[Quantity],
    language: str,
) -> tuple[str, str]:
    """What all rows are, and that in words; a ratio of two times is a change."""
    kinds = {row.kind for row in rows}
    kind = kinds.pop() if len(kinds) == 1 else "estimate"
    head = word("decomposition" if "component" in chosen.names else kind, language)
    head = word(_PLURALS[kind], language) if kind in _PLURALS and len(rows) > 1 else head
    call = meta.get("call", {})
    if kind in _ON_LOGS and "time" in call:
        kind = "change" if call.get("group") is None else "gap_change"
        head = f"{word(kind, language)} ({head})"
    return kind, head


def crossed_variables(meta: Mapping[str, Any], language: str) -> str:
    """Both variables of a crosstab: ``Contract and followed training``; nothing of anything else."""
    call, labels = meta.get("call", {}), meta.get("labels", {})
    if "row" not in call or "column" not in call:
        return ""
    pair = [variable_label(str(call[name]), labels, language) for name in ("row", "column")]
    return joined([pair[0], lowered(pair[1])], language)


def _crossed(pair: str, meta: Mapping[str, Any], language: str) -> str:
    """The caption of a crosstab: joint shares, which add up to all people, or to each cell of `by`."""
    call, labels = meta["call"], meta.get("labels", {})
    by = [call["by"]] if isinstance(call["by"], str) else call["by"] or []
    cells = [lowered(variable_label(str(name), labels, language)) for name in by]
    within = f"{word('within cells', language)} {joined(cells, language)}" if cells else word("of all", language)
    return capital(f"{pair}: {word('share', language)} {within}")


def joined(names: list[str], language: str) -> str:
    """``a, b and c``."""
    ands = [", ".join(names[:-1]), names[-1]] if len(names) > 1 else names
    return f" {word('and', language)} ".join(ands)

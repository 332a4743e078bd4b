"""The labels that conditions and weights need to be told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llo_research.errors import DataError
from llo_research.expression import parse


def labels_told(labels: Mapping[str, Any], texts: Iterable[Any]) -> dict[str, Any]:
    """The labels of columns named by these texts, or inside them where they are conditions."""
    names: list[str] = []
    for text in texts:
        names += [text] if text in labels else _named(text) if isinstance(text, str) else []
    return {name: labels[name] for name in dict.fromkeys(names) if name in labels}


def _named(text: str) -> list[str]:
    """The columns of a condition; none of what is no condition."""
    try:
        return parse(text, logical=True).names()
    except DataError:
        return []


def labelled(known: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Labels with those given, for both languages where one text is; the names of values stay."""
    labels = dict(known)
    for name, text in given.items():
        entry = known.get(name)
        values = {"values": entry["values"]} if isinstance(entry, Mapping) and "values" in entry else {}
        labels[name] = {**(text if isinstance(text, Mapping) else dict.fromkeys(("nl", "en"), text)), **values}
    return labels

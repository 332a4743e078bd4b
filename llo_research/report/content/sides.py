"""The two sides of a comparison in words: levels of the group by their labels, ends of a ranking by their size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from llo_research.report.content.labels import lowered, said, value_label, variable_label
from llo_research.report.content.numbers import number, unit_after

# An end of a ranking, as llo.rank_gap calls it.
_RANKED = re.compile(r"(?P<end>highest|lowest) (?P<share>[\d.]+) of (?P<rank>.+)")
_ENDS: dict[str, tuple[str, str]] = {
    "highest": ("{the} hoogste {share} naar {rank}", "the highest {share} by {rank}"),
    "lowest": ("{the} laagste {share} naar {rank}", "the lowest {share} by {rank}"),
}
_SHARES: dict[str, tuple[str, str]] = {
    "0.5": ("helft", "half"),
    "0.333333": ("derde deel", "third"),
    "0.25": ("kwart", "quarter"),
    "0.2": ("vijfde deel", "fifth"),
    "0.1": ("tiende deel", "tenth"),
}


def side(value: Any, meta: Mapping[str, Any], language: str) -> str:
    """The label of `of` or `minus`."""
    call = meta.get("call") or {}
    labels = meta.get("labels") or {}
    group = call.get("group")
    if isinstance(group, str):
        return value_label(group, value, labels, language)
    if end := _RANKED.fullmatch(str(value)):
        rank = lowered(variable_label(end["rank"], labels, language))
        share = _share(float(end["share"]), language)
        the = "het" if share.endswith(("deel", "kwart")) else "de"
        return said(_ENDS, end["end"], language).format(the=the, share=share, rank=rank)
    return str(value)


def _share(share: float, language: str) -> str:
    """A share of the people by its name."""
    key = f"{share:.6g}"
    return (
        said(_SHARES, key, language)
        if key in _SHARES
        else number(100 * share, 0, language) + unit_after("percent", language)
    )
